"""Machines side by side as Markdown: for issues, notes and wikis."""

from __future__ import annotations

from collections.abc import Sequence

from .compare import (
    CompareCell,
    CompareDocument,
    CompareRow,
    cells_line,
    folded,
    made_line,
    work_of,
)
from .compare_words import told
from .rows import rtf_text, stars_text
from .text import md
from .words import Lang, label


def compare_markdown(document: CompareDocument, lang: Lang, *, verbose: bool = False) -> str:
    """The answer, a table with a column for each machine, what is recommended on each.

    ``verbose``: also rows that are the same on all machines.
    """
    rows, sentences = folded(document, lang, whole=verbose)
    machines = document.machines
    lines = [f"## {told('title', lang)}", "", f"**{md(document.best.why)}**", ""]
    work = work_of(document, lang)
    if work is not None:
        lines += [md(work), ""]
    names = [md(machine.name) for machine in machines]
    lines += [_line(["", *names])]
    lines += ["|---" * (len(machines) + 1) + "|"]
    for index, fact in enumerate(machines[0].facts):
        lines.append(_line([fact.name, *(md(each.facts[index].value) for each in machines)]))
    if rows:
        told_cells = f"*{md(cells_line(document, lang))}*"
        lines += ["", told_cells, "", _line([label("model", lang), *names])]
        lines += ["|---" * (len(machines) + 1) + "|"]
    for row in rows:
        cells = [md(_cell(cell, row, lang)) for cell in row.cells]
        lines.append(_line([f"**{md(row.name)}**", *cells]))
    for sentence in sentences:
        lines += ["", md(sentence)]
    lines += ["", f"### {told('each', lang)}", "", f"*{md(told('each-means', lang))}*", ""]
    for machine in machines:
        why = md(machine.recommendation.why)
        lines.append(f"- **{md(machine.name)}** · {md(machine.summary)} · {why}")
    for note in (*document.notes, told("rule", lang), told("rtf", lang)):
        lines += ["", md(note)]
    made = made_line(document, lang)
    if made is not None:
        lines += ["", md(made)]
    return "\n".join([*lines, ""])


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cell(cell: CompareCell, row: CompareRow, lang: Lang) -> str:
    """``good ★★★★★ RTF 0.18–0.53 nano-vllm``; what does not run: the reason."""
    verdict = label(cell.verdict, lang)
    if cell.verdict in ("no", "unknown"):
        return told("limit", lang, verdict=verdict, limit=cell.reason) if cell.reason else verdict
    parts = [verdict, stars_text(cell.stars)]
    if cell.rtf is not None:
        parts.append(f"RTF {rtf_text(cell.rtf)}")
    if cell.mode != row.mode:
        parts.append(cell.mode)
    return " ".join(parts)
