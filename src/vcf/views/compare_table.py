"""Machines side by side in the terminal: a column each where they have room, else a line each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from .bench_sheet import GAP, Dotted
from .compare import (
    CompareCell,
    CompareDocument,
    CompareMachine,
    CompareRow,
    cells_line,
    folded,
    work_of,
)
from .compare_words import told
from .rows import rtf_text, stars_text
from .table import COLOURS
from .words import Lang, colon, label

NARROWEST = 16
"""Columns below which a machine's facts can't be read below its name."""
LONGEST_FACT = 44
"""Columns of a machine at most, unless its verdicts need more."""
FACT_STYLE = "dim"


class Comparison:
    """The best machine in a sentence, the table, what is recommended on each machine.

    ``verbose``: rows that are the same on all machines, and whole reasons.
    """

    def __init__(self, document: CompareDocument, lang: Lang, *, verbose: bool = False) -> None:
        self._document = document
        self._lang = lang
        self._verbose = verbose

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        document, lang, width = self._document, self._lang, options.max_width
        rows, sentences = folded(document, lang, whole=self._verbose)
        yield Line(document.best.why, style="bold")
        work = work_of(document, lang)
        if work is not None:
            yield Line(work, style="dim")
        columns = columns_of(document, rows, lang, width)
        yield Line()
        if columns is not None:
            yield columns
        else:
            yield Line(told("each", lang), style="bold")
            yield Line(told("each-means", lang), style="dim")
            yield from _machines(document.machines, lang, whole=True)
            if rows:
                yield Line()
                yield Line(cells_line(document, lang), style="bold")
            yield from lines_of(document, rows, lang, width, whole=self._verbose)
        if sentences:
            yield Line()
            yield from (Line(sentence) for sentence in sentences)
        if columns is not None:
            yield Line()
            yield Line(told("each", lang), style="bold")
            yield Line(told("each-means", lang), style="dim")
            yield from _machines(document.machines, lang, whole=False)
        yield Line()
        yield from (Line(f"! {note}", style="yellow") for note in document.notes)
        yield Line(told("rule", lang), style="dim")
        yield Line(told("rtf", lang), style="dim")


def _machines(
    machines: Sequence[CompareMachine], lang: Lang, *, whole: bool
) -> Iterator[RenderableType]:
    """Each machine's counts and recommendation; with ``whole`` its facts too."""
    for machine in machines:
        if whole:
            rest = machine.line.removeprefix(colon(machine.name, "", lang)).split(" · ")
            yield Line(machine.name, style="bold")
            yield Padding(Dotted(rest, "dim"), (0, 0, 0, 2))
            yield Padding(Line(machine.summary), (0, 0, 0, 2))
        else:
            yield Dotted([machine.name, machine.summary], first="cyan")
        yield Padding(Line(machine.recommendation.why), (0, 0, 0, 2))


class _Part(msgspec.Struct, frozen=True):
    text: str
    style: str = ""


def parts_of(cell: CompareCell, row: CompareRow, lang: Lang) -> list[_Part]:
    """Verdict, stars, RTF and mode, as far as there is something to say."""
    colour = COLOURS[cell.verdict]
    verdict = label(cell.verdict, lang)
    if cell.verdict in ("no", "unknown"):
        if cell.limit_name is not None:
            verdict = told("limit", lang, verdict=verdict, limit=cell.limit_name)
        return [_Part(verdict, colour)]
    parts = [_Part(verdict, colour), _Part(stars_text(cell.stars), "yellow")]
    if cell.rtf is not None:
        parts.append(_Part(f"RTF {rtf_text(cell.rtf)}"))
    if cell.mode != row.mode:
        parts.append(_Part(cell.mode, "cyan"))
    return parts


def _flat(parts: Sequence[_Part], sizes: Sequence[int]) -> Line:
    """All in one line, each part so wide."""
    padded = [
        Line(part.text + " " * (size - cell_len(part.text)), style=part.style)
        for part, size in zip(parts, sizes, strict=False)
    ]
    line = Line(" ").join(padded)
    line.rstrip()
    return line


def _tall(parts: Sequence[_Part]) -> Line:
    """Verdict and stars, below them the RTF and the mode."""
    lines = [_flat(parts[:2], (0, 0)), *(Line(part.text, style=part.style) for part in parts[2:])]
    return Line("\n").join(lines)


def _drawn(
    rows: Sequence[CompareRow], lang: Lang, room: int
) -> tuple[list[list[Line]], int, bool] | None:
    """The cells, the columns that each machine needs, and whether they are several lines high;
    None where so many columns are too few."""
    table = [[parts_of(cell, row, lang) for cell in row.cells] for row in rows]
    # What does not run is one part alone: the parts of others need not stand behind it.
    able = [parts for cells in table for parts in cells if len(parts) > 1]
    sizes = [max((_size(parts, at) for parts in able), default=0) for at in range(4)]
    for high in (False, True):
        cells = [[_tall(p) if high else _flat(p, sizes) for p in each] for each in table]
        lines = [line for each in cells for cell in each for line in cell.plain.split("\n")]
        need = max((cell_len(line) for line in lines), default=0)
        if need <= room:
            return cells, need, high
    return None


def _size(parts: Sequence[_Part], at: int) -> int:
    return cell_len(parts[at].text) if at < len(parts) else 0


def columns_of(
    document: CompareDocument, rows: Sequence[CompareRow], lang: Lang, width: int
) -> Group | None:
    """A column for each machine, its facts on top; None where there is no room for all."""
    names = _row_names(rows)
    heads = [fact.name for fact in document.machines[0].facts]
    first = max(cell_len(text) for text in (*heads, *(name for name, _ in names)))
    room = (width - first) // len(document.machines) - GAP
    found = _drawn(rows, lang, room) if room >= NARROWEST else None
    if found is None:
        return None
    cells, need, high = found
    most = max(need, min(_widest(document.machines), LONGEST_FACT))
    size = max(NARROWEST, min(room, most))
    facts, verdicts = (_columned(first, size, len(document.machines)) for _ in range(2))
    _facts(facts, document.machines, size)
    if not rows:
        return Group(facts)
    drawn = dict(zip((row.name for row in rows), cells, strict=True))
    headed = True
    for index, (name, row) in enumerate(names):
        if index and (row is None or (high and not headed)):
            verdicts.add_row()
        headed = row is None
        style = "" if name.startswith(" ") else "bold cyan"
        verdicts.add_row(Line(name, style=style), *(drawn[row.name] if row is not None else ()))
    head = Line(cells_line(document, lang), style="bold")
    return Group(facts, Line(), head, verdicts)


def _columned(first: int, size: int, machines: int) -> Table:
    """An empty table: a column for what stands before each row, and one for each machine."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    table.add_column(width=first, no_wrap=True)
    for _ in range(machines):
        table.add_column(width=size, overflow="fold")
    return table


def _row_names(rows: Sequence[CompareRow]) -> list[tuple[str, CompareRow | None]]:
    """What stands before each row; modes stand below their model, which has a line of its own."""
    made: list[tuple[str, CompareRow | None]] = []
    model = None
    for row in rows:
        if row.mode is None:
            made.append((row.model, row))
            continue
        if row.model != model:
            made.append((row.model, None))
        model = row.model
        made.append((f"  {row.mode}", row))
    return made


def _widest(machines: Sequence[CompareMachine]) -> int:
    return max(
        cell_len(text)
        for machine in machines
        for text in (machine.name, *(fact.value for fact in machine.facts))
    )


def _facts(table: Table, machines: Sequence[CompareMachine], size: int) -> None:
    table.add_row("", *(Line(_broken(machine.name, size), style="bold") for machine in machines))
    for index, fact in enumerate(machines[0].facts):
        values = [_broken(machine.facts[index].value, size) for machine in machines]
        table.add_row(
            Line(fact.name, style=FACT_STYLE), *(Line(value, style=FACT_STYLE) for value in values)
        )


def _broken(text: str, size: int) -> str:
    """Lines of so many columns, broken behind blanks and hyphens where there are any."""
    lines = [""]
    for piece in re.findall(r".+?(?:[-_/](?=\S)|\s|$)|\s", text, re.DOTALL):
        if lines[-1] and cell_len(lines[-1] + piece.rstrip()) > size:
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.rstrip() for line in lines)


HEADS = ("machine", "verdict", "stars", "rtf", "mode")
INDENT = 2
REASON = 24
"""Columns from which on a reason is worth its place."""
WITH_REASON = ("tight", "no", "unknown")


def lines_of(
    document: CompareDocument,
    rows: Sequence[CompareRow],
    lang: Lang,
    width: int,
    *,
    whole: bool = False,
) -> Iterator[RenderableType]:
    """For each row a line for each machine; two lines where they have no room for one."""
    names = [machine.name for machine in document.machines]
    heads = [label(key, lang) for key in HEADS]
    table = [[_fields(cell, row, lang) for cell in row.cells] for row in rows]
    sizes = [max(map(cell_len, (heads[0], *names)))]
    for at, head in enumerate(heads[1:]):
        texts = (cells[at].text for fields in table for cells in fields)
        sizes.append(max(map(cell_len, (head, *texts))))
    rest = width - INDENT - sum(sizes) - GAP * len(sizes)
    if rest < -GAP:
        for row in rows:
            yield from _narrow(names, row, lang)
        return
    yield Line()
    yield _grid([[Line(head, style="bold") for head in heads]], sizes, rest, whole=whole)
    for row, fields in zip(rows, table, strict=True):
        drawn = [
            [Line(name), *(Line(part.text, style=part.style) for part in cells)]
            + ([Line(cell.reason)] if rest >= REASON and cell.verdict in WITH_REASON else [])
            for name, cells, cell in zip(names, fields, row.cells, strict=True)
        ]
        yield Line(row.name, style="bold cyan")
        yield _grid(drawn, sizes, rest, whole=whole)


def _grid(
    lines: Sequence[Sequence[Line]], sizes: Sequence[int], rest: int, *, whole: bool
) -> RenderableType:
    """Columns of these sizes and, where there is room, one for reasons: cut unless ``whole``."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), show_header=False)
    for size in sizes:
        table.add_column(width=size, no_wrap=True)
    if rest >= REASON:
        table.add_column(width=rest, no_wrap=not whole, overflow="fold" if whole else "ellipsis")
    for line in lines:
        table.add_row(*line)
    return Padding(table, (0, 0, 0, INDENT), expand=False)


def _fields(cell: CompareCell, row: CompareRow, lang: Lang) -> list[_Part]:
    """Verdict, stars, RTF, and the mode or what stands in the way."""
    parts = [
        _Part(label(cell.verdict, lang), COLOURS[cell.verdict]),
        _Part(stars_text(cell.stars), "yellow"),
        _Part(rtf_text(cell.rtf)),
    ]
    if cell.verdict in ("no", "unknown"):
        return [*parts, _Part(cell.limit_name or "")]
    return [*parts, _Part(cell.mode if cell.mode != row.mode else "", "cyan")]


def _narrow(names: Sequence[str], row: CompareRow, lang: Lang) -> Iterator[RenderableType]:
    """A row where a machine's name and verdict have no room in one line."""
    yield Line()
    yield Line(row.name, style="bold cyan")
    for name, cell in zip(names, row.cells, strict=True):
        yield Padding(Line(name), (0, 0, 0, 2))
        texts = [part.text for part in parts_of(cell, row, lang)]
        yield Padding(Dotted(texts, first=COLOURS[cell.verdict]), (0, 0, 0, 4))
