"""The report as Markdown: GitHub's, readable as it stands."""

from __future__ import annotations

from .report_document import Choice, ReportDocument, Step, Upgrade
from .report_markdown_model import cell, model_section, said
from .report_marks import bullets, fence, heading, line, rich, sideways, span, table
from .rows import stars_text


def report_markdown(document: ReportDocument) -> str:
    """The whole report, drawn from the document alone."""
    lines = [f"# {rich(document.title)}", ""]
    lines += [line(document.machine_line), "", rich(document.workload_text), ""]
    written = said(
        document, "written", date=document.date, version=document.vcf, data=document.data
    )
    lines += [f"*{rich(written)}*", ""]
    lines += _contents(document)
    lines += _overview(document)
    lines += _machine(document)
    for number, model in enumerate(document.models, 1):
        lines += model_section(document, model, f"model-{number}")
    lines += _compare(document)
    lines += _advice(document)
    lines += _measured(document)
    lines += _limits(document)
    lines += _sources(document)
    return "\n".join(lines).rstrip() + "\n"


def _contents(document: ReportDocument) -> list[str]:
    entries = [("overview", "overview"), ("machine", "machine")]
    named = [(anchor, said(document, f"h-{key}")) for anchor, key in entries]
    named += [(f"model-{n}", model.name) for n, model in enumerate(document.models, 1)]
    last = [("compare", bool(document.criteria)), ("advice", bool(_advice(document)))]
    last += [("measurements", bool(document.measurements)), ("limits", bool(document.limits))]
    last += [("sources", bool(document.sources))]
    named += [(key, said(document, f"h-{key}")) for key, there in last if there]
    lines = [f"{n}. [{rich(name)}](#{anchor})" for n, (anchor, name) in enumerate(named, 1)]
    return [*heading(2, said(document, "h-contents")), *lines, ""]


def _overview(document: ReportDocument) -> list[str]:
    lines = heading(2, said(document, "h-overview"), "overview")
    for paragraph in document.overview:
        lines += [line(paragraph), ""]
    heads = [cell(document, key) for key in ("model", "verdict", "stars")]
    rows = [
        [
            f"[{rich(model.name)}](#model-{number})",
            rich(model.headline),
            stars_text(model.stars) if model.mode is not None else "–",
        ]
        for number, model in enumerate(document.models, 1)
    ]
    return [*lines, *table(heads, rows)]


def _machine(document: ReportDocument) -> list[str]:
    lines = heading(2, said(document, "h-machine"), "machine")
    heads = [said(document, f"c-{key}") for key in ("part", "value", "status", "note")]
    rows = [
        [
            f"**{rich(part.name)}**",
            rich(part.value),
            said(document, f"status-{part.status}"),
            rich(part.note or ""),
        ]
        for part in document.environment
    ]
    lines += table([rich(head) for head in heads], rows)
    if document.findings:
        lines += heading(3, said(document, "h-findings"))
        marks = {"good": "✅", "limit": "⚠️", "bad": "❌", "unknown": "❔", "none": "•"}
        lines += [f"- {marks[each.status]} {rich(each.text)}" for each in document.findings]
        lines.append("")
    return lines


def _compare(document: ReportDocument) -> list[str]:
    if not document.criteria:
        return []
    lines = heading(2, said(document, "h-compare"), "compare")
    names = [model.name for model in document.models]
    columns = [(each.name, each.cells) for each in document.criteria]
    return [*lines, *sideways(cell(document, "model"), names, columns)]


def _advice(document: ReportDocument) -> list[str]:
    lines: list[str] = []
    if document.first is not None:
        lines += _choice(document, document.first, "first")
    if document.second is not None:
        lines += _choice(document, document.second, "second")
    if document.now:
        lines += heading(3, said(document, "h-now"))
        for number, step in enumerate(document.now, 1):
            lines += _step(document, step, f"{number}. ")
    if document.software:
        lines += heading(3, said(document, "h-software"))
        for step in document.software:
            lines += _step(document, step, "- ")
    if document.upgrades:
        lines += heading(3, said(document, "h-upgrades"))
        for upgrade in document.upgrades:
            lines += _upgrade(document, upgrade)
    if document.conclusion:
        lines += heading(3, said(document, "h-conclusion"))
        gap = "" if document.lang == "zh" else " "
        lines += [line(gap.join(document.conclusion)), ""]
    return [*heading(2, said(document, "h-advice"), "advice"), *lines] if lines else []


def _choice(document: ReportDocument, choice: Choice, key: str) -> list[str]:
    lines = heading(3, said(document, f"h-{key}", title=choice.title))
    effort = said(document, "effort", grade=choice.difficulty_word)
    lines += [f"{stars_text(choice.stars)} · {rich(effort)}", ""]
    if choice.link is not None:
        lines += [rich(choice.link), ""]
    for name, texts in (("why", choice.why), ("expect", choice.expect)):
        if texts:
            lines += [f"**{said(document, name)}**", "", *bullets(texts)]
    return lines


def _step(document: ReportDocument, step: Step, mark: str) -> list[str]:
    indent = " " * len(mark)
    lines = [mark + rich(step.text)]
    lines += [f"{indent}{rich(text)}" for text in (step.why, step.effect) if text]
    if step.link is not None and step.link not in step.text:
        lines.append(indent + rich(step.link))
    if step.command:
        lines.append("")
        lines += [indent + each if each else "" for each in fence(step.command, shell(document))]
    else:
        lines.append("")
    return lines


def shell(document: ReportDocument) -> str:
    """The language of command lines here."""
    return "powershell" if document.machine.os == "windows" else "sh"


def _upgrade(document: ReportDocument, upgrade: Upgrade) -> list[str]:
    worth = said(document, "worth" if upgrade.worth else "not-worth")
    head = f"**{rich(upgrade.part_word)}** ({worth})"
    if document.lang == "zh":
        head = f"**{rich(upgrade.part_word)}**（{worth}）"
    colon = "：" if document.lang == "zh" else ": "
    lines = [head + colon + rich(upgrade.text), ""]
    lines += bullets(upgrade.unlocks)
    if upgrade.command:
        see = cell(document, "report-see")
        lines += [see.format(command=span(upgrade.command)), ""]
    return lines


def _measured(document: ReportDocument) -> list[str]:
    if not document.measurements:
        return []
    lines = heading(2, said(document, "h-measurements"), "measurements")
    heads = [
        said(document, "c-date"), cell(document, "model"), cell(document, "mode"), "RTF",
        cell(document, "source"),
    ]  # fmt: skip
    rows = [
        [rich(each.date), rich(each.model), rich(each.mode),
         f"{each.rtf.mid:.2f} ({each.rtf.low:.2f}–{each.rtf.high:.2f})", rich(each.source)]
        for each in document.measurements
    ]  # fmt: skip
    return [*lines, *table(heads, rows)]


def _limits(document: ReportDocument) -> list[str]:
    if not document.limits:
        return []
    return [*heading(2, said(document, "h-limits"), "limits"), *bullets(document.limits)]


def _sources(document: ReportDocument) -> list[str]:
    if not document.sources:
        return []
    lines = heading(2, said(document, "h-sources"), "sources")
    for source in document.sources:
        parts = [rich(source.title)]
        if source.url is not None and source.url != source.title:
            parts.append(rich(source.url))
        parts += [rich(source.date), rich(source.kind)]
        lines.append(f'{source.number}. <a id="source-{source.number}"></a>' + " · ".join(parts))
    return [*lines, ""]
