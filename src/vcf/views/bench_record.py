"""Stored benchmark records: a list of them, and one with everything that is in it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, Group, RenderableType, RenderResult
from rich.padding import Padding
from rich.text import Text as Line

from ..plain import shown
from .bench_fields import fields
from .bench_sheet import Column, Sheet, items, pairs, stacked, table_of, width_of
from .bench_words import (
    NOTHING,
    cell,
    day,
    factor,
    figure,
    findings,
    seconds,
    tiny,
    told,
    warnings,
)
from .calibrate import percent
from .words import Lang

if TYPE_CHECKING:
    from ..bench.record import BenchRecord

MOST_RUNS = 40
"""Runs that are shown one by one."""
IDS = 100
"""Characters of a record's name."""


def list_screen(records: list[BenchRecord], lang: Lang) -> RenderableType:
    """Stored records in the order given, a line each; an empty list is answered with a sentence."""
    if not records:
        return Line(told("none", lang))
    texts = {
        "id": [shown(each.id, IDS) for each in records],
        "date": [day(each) for each in records],
        "cell": [cell(each) for each in records],
        "weights": [told(f"kind-{each.weights.kind}", lang) for each in records],
        "result": [result_text(each, lang) for each in records],
        "forecast": [
            NOTHING if each.predicted is None or tiny(each) else factor(each.predicted.mid)
            for each in records
        ],
    }
    return _Listing(
        [
            Column(head=told(key, lang), cells=cells, right=key == "forecast")
            for key, cells in texts.items()
        ]
    )


def result_text(record: BenchRecord, lang: Lang) -> str:
    """``RTF 12.5``, or how it ended."""
    if record.status != "ok" or record.summary is None:
        return told(f"status-{record.status}", lang)
    result = told("rtf-is", lang, rtf=figure(record.summary.rtf))
    disturbed = record.conditions.disturbed
    return told("disturbed-mark", lang, result=result) if disturbed else result


class _Listing:
    """Names are to be copied: where they have no room beside the rest, each has a line above."""

    def __init__(self, columns: list[Column]) -> None:
        self._columns = columns

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        names, *rest = self._columns
        if width_of(self._columns) <= options.max_width:
            yield table_of(self._columns)
        elif width_of(rest) + INDENT <= options.max_width:
            heads = [column.head for column in rest]
            yield from self._below(names, rest, heads)
        else:
            yield from stacked(self._columns)

    def _below(self, names: Column, rest: list[Column], heads: list[str]) -> RenderResult:
        yield Padding(Line(_line(rest, heads), style="bold"), (0, 0, 0, INDENT))
        for index, name in enumerate(names.cells):
            yield Line(name)
            values = [column.cells[index] for column in rest]
            yield Padding(Line(_line(rest, values)), (0, 0, 0, INDENT))


INDENT = 2


def _line(columns: list[Column], texts: list[str]) -> str:
    """Texts padded to the width of their columns."""
    made = []
    for column, text in zip(columns, texts, strict=True):
        blank = " " * (column.width - cell_len(text))
        made.append(blank + text if column.right else text + blank)
    return "  ".join(made).rstrip()


def show_screen(record: BenchRecord, lang: Lang) -> RenderableType:
    """All that a record holds; what is not known says so."""
    parts: list[RenderableType] = [Line(shown(record.id, IDS), style="bold cyan")]
    if record.weights.kind in ("synthetic", "tiny"):
        parts.append(Line(told(record.weights.kind, lang), style="yellow"))
    notes = [("!", "yellow", text) for text in warnings(record, lang)]
    notes += [("·", "dim", text) for text in findings(record, lang)]
    if notes:
        parts.append(items(notes))
    for part, values in fields(record, lang):
        parts += [Line(), Line(told(f"part-{part}", lang), style="bold")]
        if values:
            parts.append(pairs(values))
        else:
            parts.append(Padding(Line(told("not-measured", lang), style="dim"), (0, 0, 0, INDENT)))
        if part == "phases":
            parts += [Line(), Line(told("part-runs", lang), style="bold"), _runs(record, lang)]
    return Group(*parts)


def _runs(record: BenchRecord, lang: Lang) -> RenderableType:
    if not record.runs:
        return Padding(Line(told("not-measured", lang), style="dim"), (0, 0, 0, INDENT))
    runs = record.runs[:MOST_RUNS]

    def column(key: str, cells: Iterable[str]) -> Column:
        return Column(head=told(key, lang), cells=list(cells))

    table: RenderableType = Sheet(
        [
            column("run", (str(number) for number in range(1, len(runs) + 1))),
            column("run-synthesis", (seconds(run.synthesis_s, lang) for run in runs)),
            column("run-audio", (seconds(run.audio_s, lang) for run in runs)),
            column("rtf", (figure(run.rtf) for run in runs)),
            column("run-foreign", (_share(run.foreign_share) for run in runs)),
            column("run-repeats", (str(run.repeats) for run in runs)),
            column("run-counts", (told("no" if run.disturbed else "yes", lang) for run in runs)),
        ]
    )
    left = len(record.runs) - len(runs)
    if left > 0:
        table = Group(table, Line(told("runs-left", lang, count=str(left)), style="dim"))
    return Padding(table, (0, 0, 0, INDENT))


def _share(value: float | None) -> str:
    return NOTHING if value is None else f"{percent(value)} %"
