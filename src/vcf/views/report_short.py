"""The short form of a report: what a colleague reads, without what only the curious need."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from .report_document import Choice, Line, ModelReport, ModeRow, ReportDocument, SourceRow, Upgrade
from .words import Lang, label, listed

_CITED = re.compile(r"\[(\d{1,4})\]")


def shortened(document: ReportDocument) -> ReportDocument:
    """The document without requirements by source, modes that are ``no`` (a line says which and
    why), problems, remedies, recipes other than those of the two choices, and sources that are
    no longer cited; the others are numbered again from 1."""
    models = [_model(document, model) for model in document.models]
    numbers = _numbers(models, document.upgrades, document.sources)
    return replace(
        document,
        models=[
            replace(model, profile=[_line(line, numbers) for line in model.profile])
            for model in models
        ],
        upgrades=[_upgrade(upgrade, numbers) for upgrade in document.upgrades],
        sources=[
            replace(source, number=numbers[source.number])
            for source in document.sources
            if source.number in numbers
        ],
        limits=[*document.limits, label("report-limit-short", document.lang)],
    )


def _model(document: ReportDocument, model: ModelReport) -> ModelReport:
    return replace(
        model,
        requirements=[],
        modes=[row for row in model.modes if row.verdict != "no"],
        refused=_refused([row for row in model.modes if row.verdict == "no"], document.lang),
        remedies=[],
        recipes=[
            recipe
            for recipe in model.recipes
            if any(_is(choice, model, recipe.mode) for choice in (document.first, document.second))
        ],
        problems=[],
    )


def _is(choice: Choice | None, model: ModelReport, mode: str) -> bool:
    return choice is not None and (choice.model, choice.mode) == (model.model, mode)


def _refused(rows: list[ModeRow], lang: Lang) -> str | None:
    """Which modes do not run, grouped by the reason."""
    if not rows:
        return None
    by_reason: dict[str, list[str]] = {}
    for row in rows:
        by_reason.setdefault(row.reason.strip().rstrip(".。"), []).append(row.mode)
    group = label("report-refused-group", lang)
    told = [
        group.format_map({"modes": listed(modes, lang), "why": why}) if why else listed(modes, lang)
        for why, modes in by_reason.items()
    ]
    between = "；" if lang == "zh" else "; "
    return label("report-refused", lang).format_map({"groups": between.join(told)})


def _numbers(
    models: Sequence[ModelReport], upgrades: Sequence[Upgrade], sources: Sequence[SourceRow]
) -> dict[int, int]:
    """The new number of each source that is still cited, by its old one."""
    cited = {int(line.source or 0) for m in models for line in m.profile if _numbered(line)}
    cited |= {int(found) for upgrade in upgrades for found in _CITED.findall(upgrade.text)}
    kept = [source.number for source in sources if source.number in cited]
    return {old: new for new, old in enumerate(kept, 1)}


def _numbered(line: Line) -> bool:
    return line.source is not None and line.source.isdecimal()


def _line(line: Line, numbers: dict[int, int]) -> Line:
    if not _numbered(line):
        return line
    return replace(line, source=str(numbers[int(line.source or 0)]))


def _upgrade(upgrade: Upgrade, numbers: dict[int, int]) -> Upgrade:
    def renumbered(found: re.Match[str]) -> str:
        return f"[{numbers.get(int(found[1]), found[1])}]"

    return replace(upgrade, text=_CITED.sub(renumbered, upgrade.text))
