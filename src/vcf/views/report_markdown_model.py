"""A model's section of the Markdown."""

from __future__ import annotations

from ..plain import shown
from ..units import gb, gib
from .report_document import (
    Claim,
    Line,
    ModelReport,
    ModeRow,
    RecipeBlock,
    ReportDocument,
    RequirementRow,
)
from .report_marks import bullets, fence, heading, line, rich, span, table
from .rows import stars_text
from .words import label

LONG = 600


def said(document: ReportDocument, key: str, **values: str) -> str:
    """A word or sentence of the report in its language."""
    text = label(f"report-{key}", document.lang)
    return text.format_map({name: shown(value, LONG) for name, value in values.items()})


def cell(document: ReportDocument, key: str) -> str:
    """A word of the user interface in its language."""
    return label(key, document.lang)


def model_section(document: ReportDocument, model: ModelReport, anchor: str) -> list[str]:
    """Everything about one model."""
    lines = heading(2, model.name, anchor)
    mark = f" {stars_text(model.stars)}" if model.mode is not None else ""
    lines += [f"**{line(model.headline)}**{mark}", "", line(model.summary), ""]
    if model.profile:
        lines += heading(3, said(document, "h-profile"))
        lines += _profile(document, model.profile)
    lines += _requirements(document, model.requirements)
    if model.modes or model.refused:
        lines += heading(3, said(document, "h-modes"))
        lines += _modes(document, model.modes)
    if model.refused:
        lines += [line(model.refused), ""]
    lines += _standing(document, model)
    lines += _gaps(document, model)
    lines += _remedies(document, model)
    if model.recipes:
        lines += heading(3, said(document, "h-recipes"))
        for recipe in model.recipes:
            lines += _recipe(document, recipe)
    return [*lines, *_problems(document, model)]


def _cite(number: int | str | None) -> str:
    return f" [\\[{number}\\]](#source-{number})" if number else ""


def _profile(document: ReportDocument, profile: list[Line]) -> list[str]:
    heads = [said(document, "c-property"), cell(document, "value")]
    rows = []
    for each in profile:
        told = rich(each.value) + _cite(each.source)
        if each.note:
            told += f"<br>{rich(each.note)}"
        rows.append([f"**{rich(each.name)}**", told])
    return table(heads, rows)


def _requirements(document: ReportDocument, given: list[RequirementRow]) -> list[str]:
    if not given:
        return []
    lines = heading(3, said(document, "h-needs"))
    heads = [said(document, f"c-{key}") for key in ("part", "level", "claim", "remark")]
    rows = []
    for row in given:
        levels: tuple[tuple[str, list[Claim]], ...] = (
            ("minimum", row.minimum),
            ("recommended", row.recommended),
            ("measured", row.measured),
        )
        for level, claims in levels:
            rows += [
                [
                    rich(row.of),
                    cell(document, level),
                    rich(claim.value) + _cite(claim.source),
                    rich(claim.remark or ""),
                ]
                for claim in claims
            ]
    return [*lines, *table(heads, rows)]


def _modes(document: ReportDocument, modes: list[ModeRow]) -> list[str]:
    heads = [
        cell(document, "mode"), cell(document, "verdict"), cell(document, "stars"), "RTF",
        said(document, "c-time"), said(document, "c-needs"), said(document, "c-note"),
    ]  # fmt: skip
    rows = [
        [
            span(row.mode),
            rich(row.verdict_word),
            stars_text(row.stars),
            rich(row.rtf_text),
            rich(row.time or "–"),
            _needs(row),
            rich(row.reason if row.time is None or row.verdict == "tight" else row.runtime),
        ]
        for row in modes
    ]
    return table(heads, rows)


def _needs(row: ModeRow) -> str:
    vram = row.vram.need_bytes if row.vram is not None else None
    told = [gib(need) if need is not None else "–" for need in (vram, row.ram.need_bytes)]
    told.append(gb(row.disk.need_bytes) if row.disk.need_bytes is not None else "–")
    return " / ".join(told) if set(told) != {"–"} else "–"


def _standing(document: ReportDocument, model: ModelReport) -> list[str]:
    lines: list[str] = []
    for key, texts in (("for", model.advantages), ("against", model.challenges)):
        if texts:
            lines += [f"**{said(document, f'h-{key}')}**", "", *bullets(texts)]
    return [*heading(3, said(document, "h-standing")), *lines] if lines else []


def _gaps(document: ReportDocument, model: ModelReport) -> list[str]:
    if not model.gaps:
        return []
    keys = ("part", "need", "have", "missing", "status", "note")
    heads = [said(document, f"c-{key}") for key in keys]
    rows = [
        [
            rich(row.part),
            rich(row.need),
            rich(row.have),
            rich(row.missing or "–"),
            said(document, f"status-{row.status}"),
            rich(row.text),
        ]
        for row in model.gaps
    ]
    return [*heading(3, said(document, "h-gaps")), *table(heads, rows)]


def _remedies(document: ReportDocument, model: ModelReport) -> list[str]:
    if not model.remedies:
        return []
    heads = [said(document, f"c-{key}") for key in ("remedy", "feasible", "effort")]
    heads += [cell(document, "stars"), said(document, "c-effect")]
    rows = [
        [
            rich(each.text),
            rich(each.feasibility_word),
            rich(each.complexity_word),
            stars_text(each.stars),
            rich(each.effect),
        ]
        for each in model.remedies
    ]
    return [*heading(3, said(document, "h-remedies")), *table(heads, rows)]


def _recipe(document: ReportDocument, recipe: RecipeBlock) -> list[str]:
    lines = heading(4, recipe.title)
    if recipe.install:
        shell = "powershell" if document.machine.os == "windows" else "sh"
        lines += [said(document, "install"), "", *fence("\n".join(recipe.install), shell)]
    if recipe.code and recipe.language == "text":
        lines += bullets(recipe.code.split("\n"))
    elif recipe.code:
        lines += [said(document, "run"), "", *fence(recipe.code, recipe.language)]
    lines += [f"- ✅ {rich(text)}" for text in recipe.good]
    lines += [f"- ⚠️ {rich(text)}" for text in recipe.bad]
    if recipe.good or recipe.bad:
        lines.append("")
    if recipe.notes:
        lines += [f"**{said(document, 'notes')}**", "", *bullets(recipe.notes)]
    return lines


def _problems(document: ReportDocument, model: ModelReport) -> list[str]:
    if not model.problems:
        return []
    lines = heading(3, said(document, "h-problems"))
    for each in model.problems:
        told = f"- {line(each.text)}{_cite(each.source)}"
        if each.remedy:
            told += " " + rich(said(document, "remedy", text=each.remedy))
        lines.append(told)
    return [*lines, ""]
