"""The terminal view: the answer in one sentence, the table, the reasons, the next steps."""

from __future__ import annotations

import msgspec
from rich.console import (
    Console,
    ConsoleOptions,
    Group,
    OverflowMethod,
    RenderableType,
    RenderResult,
)
from rich.padding import Padding
from rich.segment import Segment
from rich.table import Table
from rich.text import Text as Line

from ..catalogue.model import Catalogue
from ..judge.model import Assessment, Gate, Status, Verdict
from ..judge.workload import STANDARD
from ..plain import shown
from .document import Result
from .effects import effect_text
from .explain_words import asked_for
from .facts import machine_line
from .rows import Row, ranked, rows, rtf_text, rtfx_text, stars_text
from .words import Lang, colon, label, listed, say, source_text, tell

COLOURS: dict[Verdict, str] = {
    "good": "bold green",
    "slow": "yellow",
    "tight": "dark_orange3",
    "no": "red",
    "unknown": "magenta",
}
SIGNS: dict[Status, tuple[str, str]] = {
    "pass": ("✓", "green"),
    "warn": ("!", "yellow"),
    "fail": ("✗", "red"),
    "unknown": ("?", "magenta"),
}


class Command:
    """A line to paste: never broken, however narrow the terminal."""

    def __init__(self, text: str, indent: int, style: str = "cyan") -> None:
        self._text = " " * indent + shown(text, 2000)
        self._style = style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield Segment(self._text, console.get_style(self._style) if self._style else None)
        yield Segment.line()


def answer(
    result: Result,
    catalogue: Catalogue,
    lang: Lang,
    width: int,
    *,
    asked: bool,
    verbose: bool,
) -> RenderableType:
    """One machine's answer for a terminal of so many columns.

    ``asked``: certain models or modes were asked for, so their reasons follow. ``verbose``: every
    gate, its source, doubts and the recipe.
    """
    parts: list[RenderableType] = [Line(say(result.recommendation.why, lang), style="bold")]
    parts.append(Line(machine_line(result.machine, lang), style="dim"))
    if result.workload != STANDARD:
        parts.append(Line(asked_for(result.workload, lang), style="dim"))
    parts.append(_overview(result, lang, width, whole=asked))
    if asked or verbose:
        told: set[str] = set()
        for assessment in ranked(result.assessments):
            parts.append(_reasons(assessment, catalogue, lang, told, verbose=verbose))
    parts.append(_actions(result, lang))
    parts.append(Line(label("rtf-note", lang), style="dim"))
    return Group(*parts)


WIDTHS = (20, 8, 9, 5)
"""Columns for mode, verdict, RTF and stars; the reason takes the rest."""
MOST_STACKED = 2
"""Modes that share a row of the table."""


def _overview(result: Result, lang: Lang, width: int, *, whole: bool) -> RenderableType:
    """A block per model; whole reasons, or as much of them as fits the line."""
    ordered = msgspec.structs.replace(result, assessments=ranked(result.assessments))
    parts: list[RenderableType] = []
    table = _columns(width, whole=whole)
    heads = [label(key, lang) for key in ("mode", "verdict", "rtf", "stars", "reason")]
    table.add_row(*(Line(head, style="bold") for head in heads))
    model = None
    for row in rows(ordered, lang, merge=True):
        if row.model != model:
            parts.append(table)
            model = row.model
            parts.append(Line(model, style="bold cyan"))
            table = _columns(width, whole=whole)
        if len(row.modes) > MOST_STACKED:
            parts.extend((table, _together(row, lang)))
            table = _columns(width, whole=whole)
            continue
        table.add_row(
            Line("\n".join(f"  {mode}" for mode in row.modes), overflow="fold"),
            Line(label(row.verdict, lang), style=COLOURS[row.verdict]),
            Line(row.rtf),
            Line(row.stars, style="yellow"),
            Line(row.reason),
        )
    return Group(*parts, table)


def _together(row: Row, lang: Lang) -> RenderableType:
    """Many modes with one refusal: a sentence over the whole width."""
    verdict = label(row.verdict, lang)
    told = colon(verdict, listed(row.modes, lang), lang)
    dash = "——" if lang == "zh" else " – "
    line = Line(f"{told}{dash}{row.reason}")
    line.stylize(COLOURS[row.verdict], 0, len(verdict))
    return Padding(line, (0, 0, 0, 2))


def _columns(width: int, *, whole: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), show_header=False)
    for size in WIDTHS:
        table.add_column(width=size, overflow="fold")
    rest = max(20, width - sum(WIDTHS) - len(WIDTHS))
    overflow: OverflowMethod = "fold" if whole else "ellipsis"
    table.add_column(width=rest, no_wrap=not whole, overflow=overflow)
    return table


def _reasons(
    assessment: Assessment, catalogue: Catalogue, lang: Lang, told: set[str], *, verbose: bool
) -> RenderableType:
    """One verdict with its gates; ``told`` are the models whose licence has been spoken of."""
    head = Line()
    head.append(f"{assessment.model}:{assessment.mode}", style="bold")
    head.append("  ")
    head.append(label(assessment.verdict, lang), style=COLOURS[assessment.verdict])
    head.append(f"  {stars_text(assessment.stars)}", style="yellow")
    if assessment.rtf is not None:
        head.append(f"  RTF {rtf_text(assessment.rtf)} ({rtfx_text(assessment.rtf)} ")
        head.append(label("real-time", lang) + ")")
        if assessment.rtf.basis in ("bench", "calibrated"):
            head.append(" " + label(f"basis-{assessment.rtf.basis}", lang), style="green")
    confidence = label(assessment.confidence, lang)
    head.append("  " + colon(label("confidence", lang), confidence, lang), style="dim")
    lines: list[RenderableType] = [Line(), head]
    for gate in assessment.gates:
        if gate.gate == "licence" and not verbose:
            if assessment.verdict == "no" or assessment.model in told:
                continue  # terms of what does not run, or said already
            told.add(assessment.model)
        lines.extend(_gate(gate, catalogue, lang, verbose=verbose))
    if verbose:
        lines.extend(_details(assessment, lang))
    return Group(*lines)


def _gate(gate: Gate, catalogue: Catalogue, lang: Lang, *, verbose: bool) -> list[RenderableType]:
    sign, colour = SIGNS[gate.status]
    part = label(gate.part, lang) if gate.part else label(f"{gate.gate}-gate", lang)
    line = Line()
    line.append(f"{sign} ", style=colour)
    line.append(colon(part, say(gate.text, lang), lang))
    lines: list[RenderableType] = [Padding(line, (0, 0, 0, 2))]
    if gate.remedy is not None:
        remedy = Line("→ " + say(gate.remedy, lang), style="cyan")
        lines.append(Padding(remedy, (0, 0, 0, 4)))
    source = source_text(gate.source, catalogue)
    if source is not None and (verbose or gate.status != "pass"):
        told = Line(colon(label("source", lang), source, lang), style="dim", overflow="fold")
        lines.append(Padding(told, (0, 0, 0, 4)))
    return lines


def _details(assessment: Assessment, lang: Lang) -> list[RenderableType]:
    lines: list[RenderableType] = []
    if assessment.doubts:
        told = ("；" if lang == "zh" else "; ").join(
            say(doubt, lang) for doubt in assessment.doubts
        )
        doubts = Line(colon(label("doubts", lang), told, lang), style="dim")
        lines.append(Padding(doubts, (0, 0, 0, 2)))
    recipe = assessment.recipe
    if assessment.verdict == "no" or not (recipe.install or recipe.code or recipe.notes):
        return lines
    lines.append(Padding(Line(label("recipe", lang), style="bold"), (0, 0, 0, 2)))
    lines.extend(Command(command, 4) for command in recipe.install)
    if recipe.code:
        lines.append(Line())
        lines.extend(Command(line, 4, "") for line in recipe.code.rstrip().split("\n"))
    said = [*(say(m, lang) for m in recipe.happens), *(tell(note, lang) for note in recipe.notes)]
    lines.extend(Padding(Line(f"· {line}"), (0, 0, 0, 4)) for line in said)
    return lines


def _actions(result: Result, lang: Lang) -> RenderableType:
    actions = result.recommendation.actions
    if not actions:
        return Line()
    lines: list[RenderableType] = [Line(), Line(label("todo", lang), style="bold")]
    for number, action in enumerate(actions, 1):
        lines.append(Line(f"{number}. {say(action.text, lang)}"))
        if action.why is not None:
            lines.append(Padding(Line(say(action.why, lang), style="dim"), (0, 0, 0, 3)))
        if action.effect is not None:
            told = Line("→ ", style=COLOURS[action.effect.after.verdict])
            told.append(
                effect_text(action.effect, lang, named=action.kind == "buy"),
                style="not bold default",
            )
            lines.append(Padding(told, (0, 0, 0, 3)))
        if action.command:
            lines.extend(Command(command, 3) for command in action.command.split("\n"))
    lines.append(Line())
    return Group(*lines)
