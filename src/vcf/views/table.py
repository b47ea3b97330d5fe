"""The terminal view: the answer in one sentence, the table, the reasons, the next steps."""

from __future__ import annotations

from rich.console import Console, Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from ..catalogue.model import Catalogue
from ..judge.model import Assessment, Gate, Status, Verdict
from ..plain import shown
from .document import Result
from .facts import machine_line
from .rows import ranked, rows, rtf_text, rtfx_text, stars_text
from .words import Lang, label, say, source_text, tell

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


def show(
    console: Console,
    result: Result,
    catalogue: Catalogue,
    lang: Lang,
    *,
    asked: bool,
    verbose: bool,
) -> None:
    """Print one machine's answer.

    ``asked``: certain models or modes were asked for, so their reasons follow. ``verbose``: every
    gate, its source, doubts and the recipe.
    """
    parts: list[RenderableType] = [Line(say(result.recommendation.why, lang), style="bold")]
    parts.append(Line(machine_line(result.machine, lang), style="dim"))
    parts.append(_overview(result, lang, whole=asked))
    if asked or verbose:
        for assessment in ranked(result.assessments):
            parts.append(_reasons(assessment, catalogue, lang, verbose=verbose))
    parts.append(_actions(result, lang))
    parts.append(Line(label("rtf-note", lang), style="dim"))
    console.print(Group(*parts))


def _overview(result: Result, lang: Lang, *, whole: bool) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    table.add_column(label("mode", lang), overflow="fold", width=19)
    table.add_column(label("verdict", lang), no_wrap=True)
    table.add_column("RTF", no_wrap=True)
    table.add_column(label("stars", lang), no_wrap=True)
    table.add_column(
        label("reason", lang), ratio=1, no_wrap=not whole, overflow="fold" if whole else "ellipsis"
    )
    ordered = Result(
        machine=result.machine,
        recommendation=result.recommendation,
        assessments=ranked(result.assessments),
    )
    model = None
    for row in rows(ordered, lang, merge=True):
        if row.model != model:
            model = row.model
            table.add_row(Line(model, style="bold cyan"))
        table.add_row(
            Line("  " + "\n  ".join(row.modes)),
            Line(label(row.verdict, lang), style=COLOURS[row.verdict]),
            Line(row.rtf),
            Line(row.stars, style="yellow"),
            Line(row.reason),
        )
    return table


def _reasons(
    assessment: Assessment, catalogue: Catalogue, lang: Lang, *, verbose: bool
) -> RenderableType:
    head = Line()
    head.append(f"{assessment.model}:{assessment.mode}", style="bold")
    head.append("  ")
    head.append(label(assessment.verdict, lang), style=COLOURS[assessment.verdict])
    head.append(f"  {stars_text(assessment.stars)}", style="yellow")
    if assessment.rtf is not None:
        head.append(f"  RTF {rtf_text(assessment.rtf)} ({rtfx_text(assessment.rtf)} ")
        head.append(label("real-time", lang) + ")")
    confidence = label(assessment.confidence, lang)
    head.append(f"  {label('confidence', lang)}: {confidence}", style="dim")
    lines: list[RenderableType] = [Line(), head]
    for gate in assessment.gates:
        lines.extend(_gate(gate, catalogue, lang, verbose=verbose))
    if verbose:
        lines.extend(_details(assessment, lang))
    return Group(*lines)


def _gate(
    gate: Gate, catalogue: Catalogue, lang: Lang, *, verbose: bool
) -> list[RenderableType]:
    sign, colour = SIGNS[gate.status]
    part = label(gate.part, lang) if gate.part else label(f"{gate.gate}-gate", lang)
    line = Line()
    line.append(f"{sign} ", style=colour)
    line.append(f"{part}: ")
    line.append(say(gate.text, lang))
    lines: list[RenderableType] = [Padding(line, (0, 0, 0, 2))]
    if gate.remedy is not None:
        remedy = Line("→ " + say(gate.remedy, lang), style="cyan")
        lines.append(Padding(remedy, (0, 0, 0, 4)))
    source = source_text(gate.source, catalogue)
    if source is not None and (verbose or gate.status != "pass"):
        told = Line(f"{label('source', lang)}: {source}", style="dim", overflow="fold")
        lines.append(Padding(told, (0, 0, 0, 4)))
    return lines


def _details(assessment: Assessment, lang: Lang) -> list[RenderableType]:
    lines: list[RenderableType] = []
    if assessment.doubts:
        told = "; ".join(say(doubt, lang) for doubt in assessment.doubts)
        lines.append(Padding(Line(f"{label('doubts', lang)}: {told}", style="dim"), (0, 0, 0, 2)))
    recipe = assessment.recipe
    if assessment.verdict == "no" or not (recipe.install or recipe.code or recipe.notes):
        return lines
    lines.append(Padding(Line(label("recipe", lang), style="bold"), (0, 0, 0, 2)))
    for command in recipe.install:
        lines.append(Padding(Line(command, style="cyan", overflow="fold"), (0, 0, 0, 4)))
    if recipe.code:
        lines.append(Padding(Line(recipe.code.rstrip(), overflow="fold"), (0, 0, 0, 4)))
    lines.extend(Padding(Line(f"· {tell(note, lang)}"), (0, 0, 0, 4)) for note in recipe.notes)
    return lines


def _actions(result: Result, lang: Lang) -> RenderableType:
    actions = result.recommendation.actions
    if not actions:
        return Line()
    lines: list[RenderableType] = [Line(), Line(label("todo", lang), style="bold")]
    for number, action in enumerate(actions, 1):
        lines.append(Line(f"{number}. {say(action.text, lang)}"))
        if action.command:
            command = Line(shown(action.command, 2000), style="cyan", overflow="fold")
            lines.append(Padding(command, (0, 0, 0, 3)))
    lines.append(Line())
    return Group(*lines)
