"""Machines side by side (schema ``vcf.compare/1``): built once, in words of one language, for the
table, Markdown, the web page and JSON alike.

Nothing is judged here: every cell is an assessment of ``vcf check``, and machines are ranked by
verdicts and scores alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import msgspec

from .._version import __version__
from ..judge.assess import best
from ..judge.model import Assessment, Confidence, GateId, Rtf, Verdict
from ..judge.workload import STANDARD, Workload
from .compare_best import best_of
from .compare_missing import CompareMissing, missing_note, missing_of
from .compare_words import FactKey, facts_of, line_of, told
from .document import Failure, Result
from .explain_words import asked_for
from .rows import deciding, reason
from .words import Lang, colon, joined, label, listed, say


class CompareFact(msgspec.Struct, frozen=True, kw_only=True):
    """One fact about a machine, in words."""

    key: FactKey
    name: str
    value: str


class CompareCounts(msgspec.Struct, frozen=True, kw_only=True):
    """On how many models a machine gets which verdict, the best way to run each counting."""

    good: int = 0
    slow: int = 0
    tight: int = 0
    unknown: int = 0
    no: int = 0


class CompareRecommendation(msgspec.Struct, frozen=True, kw_only=True):
    """What ``vcf check`` recommends on a machine."""

    model: str | None
    mode: str | None
    why: str


class CompareMachine(msgspec.Struct, frozen=True, kw_only=True):
    """One column: a machine."""

    name: str
    """Unlike that of any other machine of the document; 40 characters at most."""
    line: str
    """Name, processor, memory, graphics and system in one line."""
    facts: list[CompareFact]
    counts: CompareCounts
    score: int
    """Sum of the scores of the best way to run each model; 100 a model at most."""
    summary: str
    """The counts in words."""
    recommendation: CompareRecommendation
    missing: list[CompareMissing] = []
    """Facts that are not known and that verdicts rest on."""


class CompareCell(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one machine, as ``vcf check`` gives it."""

    machine: int
    """Index into ``machines``."""
    mode: str
    verdict: Verdict
    score: int
    stars: int
    confidence: Confidence
    rtf: Rtf | None
    limit: GateId | None
    limit_name: str | None
    """What decides the verdict, in a word or two: VRAM, software."""
    reason: str


class CompareRow(msgspec.Struct, frozen=True, kw_only=True):
    """A model in the best way to run it, or in one mode, on every machine."""

    model: str
    mode: str | None
    """The mode, or the group of modes such as gpu; None: the best of all local modes."""
    same: bool
    """Every machine has the same verdict for the same reason."""
    cells: list[CompareCell]
    """One for each machine, in their order."""

    @property
    def name(self) -> str:
        """``model`` or ``model:mode``."""
        return self.model if self.mode is None else f"{self.model}:{self.mode}"


class CompareBest(msgspec.Struct, frozen=True, kw_only=True):
    """Which machine serves best."""

    machines: list[int]
    """Several where they come out even; none where nothing runs on any, or where it can't be
    told for want of facts."""
    why: str


class CompareDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    schema: Literal["vcf.compare/1"] = "vcf.compare/1"
    vcf: str = __version__
    best: CompareBest
    machines: list[CompareMachine]
    rows: list[CompareRow]
    notes: list[str]
    workload: Workload | msgspec.UnsetType = msgspec.UNSET
    """What the verdicts are for, where it is not the standard work."""
    date: str | msgspec.UnsetType = msgspec.UNSET
    """The day on which it was made, where it is kept as a file: not in the table."""
    data: str | msgspec.UnsetType = msgspec.UNSET
    """The day of the catalogue's data."""
    errors: list[Failure] | msgspec.UnsetType = msgspec.UNSET
    """Machine files of a folder that could not be read; absent when all could."""

    @property
    def several(self) -> bool:
        """A cell holds the best of several modes, not the mode that its row names."""
        return any(cell.mode != row.mode for row in self.rows for cell in row.cells)


class Wanted(msgspec.Struct, frozen=True, kw_only=True):
    """A row that was asked for."""

    model: str
    mode: str | None
    places: tuple[int, ...]
    """Where its assessments stand in each result; the best of them counts."""


def compare_document(
    results: Sequence[tuple[str, Result]],
    wanted: Sequence[Wanted],
    lang: Lang,
    *,
    notes: Sequence[str] = (),
    failures: Sequence[Failure] = (),
    date: str | None = None,
    data: str | None = None,
) -> CompareDocument:
    """Two or more machines with their results, which hold the same assessments in the same
    order, side by side. Their names are unlike each other (``compare_words.names_for``).
    ``date``: today; ``data``: the catalogue's day; both as ISO dates."""
    rows = [_row(each, results, lang) for each in wanted]
    machines = [_machine(name, result, wanted, lang) for name, result in results]
    workload = results[0][1].workload
    first, why = best_of(machines, lang)
    return CompareDocument(
        best=CompareBest(machines=first, why=why),
        machines=machines,
        rows=rows,
        notes=[*notes, *_notes(machines, rows, lang)],
        workload=workload if workload != STANDARD else msgspec.UNSET,
        date=date or msgspec.UNSET,
        data=data or msgspec.UNSET,
        errors=list(failures) or msgspec.UNSET,
    )


def work_of(document: CompareDocument, lang: Lang) -> str | None:
    """The work that the verdicts are for, as a line; None for the standard work."""
    workload = document.workload
    return None if workload is msgspec.UNSET else asked_for(workload, lang)


def made_line(document: CompareDocument, lang: Lang) -> str | None:
    """When and by which version it was made, and of which day its data are; None: not told."""
    date, data = document.date, document.data
    if date is msgspec.UNSET or data is msgspec.UNSET:
        return None
    return label("page-made", lang).format(date=date, vcf=document.vcf, data=data)


def cells_line(document: CompareDocument, lang: Lang) -> str:
    """What the cells stand for."""
    return told("cells" if document.several else "cells-mode", lang)


def folded(
    document: CompareDocument, lang: Lang, *, whole: bool = False
) -> tuple[list[CompareRow], list[str]]:
    """The rows to draw, and a sentence for those that every machine refuses (or can't be judged
    for) with one reason. ``whole``: all rows are to be drawn."""
    kept: list[CompareRow] = []
    refused: dict[tuple[Verdict, str], list[str]] = {}
    for row in document.rows:
        cell = row.cells[0]
        if row.same and not whole and cell.verdict in ("no", "unknown"):
            refused.setdefault((cell.verdict, cell.reason), []).append(row.name)
        else:
            kept.append(row)
    sentences = [
        told(
            "fold",
            lang,
            verdict=label(verdict, lang),
            rows=listed(rows, lang),
            reason=why,
        )
        for (verdict, why), rows in refused.items()
    ]
    return kept, [sentence[0].upper() + sentence[1:] for sentence in sentences]


def _chosen(wanted: Wanted, result: Result) -> Assessment:
    return best(result.assessments[place] for place in wanted.places)


def _row(wanted: Wanted, results: Sequence[tuple[str, Result]], lang: Lang) -> CompareRow:
    cells = [
        _cell(index, _chosen(wanted, result), lang) for index, (_, result) in enumerate(results)
    ]
    same = len({(cell.verdict, cell.reason) for cell in cells}) == 1
    return CompareRow(model=wanted.model, mode=wanted.mode, same=same, cells=cells)


def _cell(index: int, given: Assessment, lang: Lang) -> CompareCell:
    return CompareCell(
        machine=index,
        mode=given.mode,
        verdict=given.verdict,
        score=given.score,
        stars=given.stars,
        confidence=given.confidence,
        rtf=given.rtf,
        limit=given.limit,
        limit_name=_limit_name(given, lang),
        reason=reason(given, lang),
    )


def _limit_name(given: Assessment, lang: Lang) -> str | None:
    if given.limit is None:
        return None
    gate = deciding(given)
    part = gate.part if gate is not None and gate.gate == given.limit else None
    return label(part or f"{given.limit}-gate", lang)


def _machine(name: str, result: Result, wanted: Sequence[Wanted], lang: Lang) -> CompareMachine:
    chosen: dict[str, Assessment] = {}
    for each in wanted:
        found = _chosen(each, result)
        kept = chosen.get(each.model)
        chosen[each.model] = found if kept is None else best((kept, found))
    verdicts = [given.verdict for given in chosen.values()]
    counts = CompareCounts(**{each: verdicts.count(each) for each in set(verdicts)})
    given = result.recommendation
    return CompareMachine(
        name=name,
        line=line_of(name, result.machine, lang),
        facts=[
            CompareFact(key=key, name=label(key, lang), value=value)
            for key, value in facts_of(result.machine, lang)
        ],
        counts=counts,
        score=sum(each.score for each in chosen.values()),
        summary=_summary(counts, lang),
        recommendation=CompareRecommendation(
            model=given.model, mode=given.mode, why=say(given.why, lang)
        ),
        missing=list(missing_of(result.machine, lang)),
    )


def _of(counts: CompareCounts) -> int:
    return sum(msgspec.structs.astuple(counts))


def _summary(counts: CompareCounts, lang: Lang) -> str:
    """``6 models: 4 good, 2 slow``."""
    found = {key: count for key, count in msgspec.structs.asdict(counts).items() if count}
    if _of(counts) == 1:
        return told("counts-one", lang, counts=label(next(iter(found)), lang))
    parts = [
        told("count", lang, count=count, verdict=label(key, lang)) for key, count in found.items()
    ]
    return told("counts", lang, of=_of(counts), counts=joined(parts, lang))


def _notes(machines: Sequence[CompareMachine], rows: Sequence[CompareRow], lang: Lang) -> list[str]:
    """What a reader must know to take the comparison rightly."""
    made = []
    for index, machine in enumerate(machines):
        count, of = machine.counts.unknown, _of(machine.counts)
        parts = []
        if count:
            parts.append(told("unjudged", lang, count=count, of=of))
        if machine.missing:
            lacking = missing_note(machine.missing, lang)
            parts.append(lacking[0].upper() + lacking[1:] if parts else lacking)
        if parts:
            text = (
                parts[0] if len(parts) == 1 else told("both", lang, first=parts[0], second=parts[1])
            )
            made.append(colon(machine.name, text, lang))
        bases = [row.cells[index].rtf for row in rows]
        known = sum(rtf is not None and rtf.basis in ("bench", "calibrated") for rtf in bases)
        if known:
            made.append(told("note-measured", lang, name=machine.name, count=known))
    return made
