"""A plan on the terminal: where a model stands, and what leads further, the cheapest first."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from ..judge.workload import STANDARD
from .bench_sheet import Column, Sheet
from .explain_words import asked_for
from .facts import machine_line
from .plan import OnCardView, OptionView, PlanDocument, PlanView
from .rows import rtf_text, stars_text
from .table import COLOURS, Command
from .words import Lang, label, listed


def drawn(document: PlanDocument, lang: Lang) -> RenderableType:
    """The whole answer."""
    parts: list[RenderableType] = [Line(machine_line(document.machine, lang), style="dim")]
    if document.workload and document.workload != STANDARD:
        parts.append(Line(asked_for(document.workload, lang), style="dim"))
    for plan in document.plans:
        parts += [Line(), *_plan(plan, document.budget_usd, lang)]
    for each in document.at_best:
        parts += [Line(), *_on_card(each, lang)]
    if document.notes:
        parts.append(Line())
    parts.extend(Line(note, style="dim") for note in document.notes)
    return Group(*parts)


def _on_card(given: OnCardView, lang: Lang) -> list[RenderableType]:
    key = "plan-size-title-other" if given.other_computer else "plan-size-title"
    title = label(key, lang).format(card=given.card)
    heads = [label(key, lang) for key in ("model", "mode", "verdict", "rtf", "stars")]
    rows = [
        (s.model, s.mode, label(s.verdict, lang), rtf_text(s.rtf), stars_text(s.stars))
        for s in given.verdicts
    ]
    columns = [
        Column(head=head, cells=[row[at] for row in rows], right=False)
        for at, head in enumerate(heads)
    ]
    made: list[RenderableType] = []
    made += (Line(title, style="bold"), Sheet(columns), Command(given.check, 0))
    return made


def _plan(given: PlanView, budget: int | None, lang: Lang) -> list[RenderableType]:
    parts: list[RenderableType] = [Line(given.text, style="bold")]
    parts.extend(
        Padding(Line(f"? {told}", style="magenta"), (0, 0, 0, 2)) for told in given.missing
    )
    if given.reached:
        return parts
    target = label(f"plan-target-{given.target}", lang)
    if given.options:
        parts.append(Line(label("plan-ways", lang).format(target=target)))
        for number, option in enumerate(given.options, 1):
            parts.extend(_option(f"{number}. ", option, lang))
    else:
        key = "plan-none" if budget is None else "plan-none-budget"
        told = label("plan-unknown" if given.missing else key, lang)
        parts.append(Line(told.format(target=target, budget=budget)))
        if given.nearest is not None:
            parts.append(Line(label("plan-nearest", lang)))
            parts.extend(_option("· ", given.nearest, lang))
        elif not given.missing:
            parts.append(Line(label("plan-nothing-helps", lang)))
    if given.online is not None:
        parts += [Line(given.online.text), Command(given.online.url, 3, "")]
    return parts


def _option(sign: str, given: OptionView, lang: Lang) -> list[RenderableType]:
    """Its changes, what they lead to, what they cost and what else they do."""
    text = " + ".join(change.text for change in given.changes)
    head = Line(label("plan-cost", lang).format(text=text, cost=given.cost))
    first = Table.grid()
    first.add_column(width=3)
    first.add_column(overflow="fold")
    first.add_row(Line(sign), head)
    effect = Line("→ ", style=COLOURS[given.after.verdict])
    effect.append(given.effect)
    below: list[RenderableType] = [effect]
    also = [name for change in given.changes for name in change.examples]
    if also:
        told = label("plan-also", lang).format(cards=listed(also, lang))
        below.append(Line(told, style="dim"))
    if given.unlocks:
        what = listed((unlock.text for unlock in given.unlocks), lang)
        below.append(Line(label("plan-unlocks", lang).format(what=what), style="dim"))
    lines: list[RenderableType] = [first]
    lines += [Padding(line, (0, 0, 0, 3)) for line in below]
    return [*lines, Command(given.check, 3)]
