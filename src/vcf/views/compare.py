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
from .compare_words import FactKey, facts_of, line_of, told
from .document import Failure, Result
from .explain_words import asked_for
from .rows import deciding, reason
from .words import Lang, joined, label, listed, say

MOST_NAMED = 3
"""Machines named in a sentence."""


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
    """Several where they come out even; none where nothing runs on any."""
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
    errors: list[Failure] | msgspec.UnsetType = msgspec.UNSET
    """Machine files of a folder that could not be read; absent when all could."""


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
) -> CompareDocument:
    """Two or more machines with their results, which hold the same assessments in the same
    order, side by side. Their names are unlike each other (``compare_words.names_for``)."""
    rows = [_row(each, results, lang) for each in wanted]
    machines = [_machine(name, result, wanted, lang) for name, result in results]
    workload = results[0][1].workload
    return CompareDocument(
        best=_best(machines, lang),
        machines=machines,
        rows=rows,
        notes=[*notes, *_notes(machines, rows, lang)],
        workload=workload if workload != STANDARD else msgspec.UNSET,
        errors=list(failures) or msgspec.UNSET,
    )


def work_of(document: CompareDocument, lang: Lang) -> str | None:
    """The work that the verdicts are for, as a line; None for the standard work."""
    workload = document.workload
    return None if workload is msgspec.UNSET else asked_for(workload, lang)


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


def _best(machines: Sequence[CompareMachine], lang: Lang) -> CompareBest:
    """Most models good, then the highest sum of scores."""
    unknown = any(each.counts.unknown for each in machines)
    if not any(each.score for each in machines):  # what can run has a score
        return CompareBest(machines=[], why=told("unknown" if unknown else "none", lang))
    keys = [(each.counts.good, each.score) for each in machines]
    order = sorted(range(len(machines)), key=lambda i: keys[i], reverse=True)
    first, second = (machines[i] for i in order[:2])
    even = [i for i in order if keys[i] == keys[order[0]]]
    if len(even) > 1:
        names = _named([machines[i].name for i in even], len(machines), lang)
        why = told("even", lang, names=names, counts=first.summary, score=first.score)
        return CompareBest(machines=even, why=why)
    if not second.score and not unknown:
        why = told("only", lang, name=first.name, counts=first.summary)
        return CompareBest(machines=order[:1], why=why)
    why = told(
        "best", lang,
        name=first.name, counts=first.summary, next=second.name, next_counts=second.summary,
    )  # fmt: skip
    if first.counts.good == second.counts.good:
        scores = told("scores", lang, score=first.score, next_score=second.score)
        why = told("both", lang, first=why, second=scores)
    return CompareBest(machines=order[:1], why=why)


def _named(names: Sequence[str], of: int, lang: Lang) -> str:
    if len(names) <= MOST_NAMED:
        return listed(names, lang)
    if len(names) == of:
        return told("all", lang, count=of)
    count = len(names) - (MOST_NAMED if lang == "en" else 0)  # "A, B and 2 more", "A，B 等 4 台"
    first = listed(names[:MOST_NAMED], lang)
    return told("more", lang, names=first, count=count)


def _notes(machines: Sequence[CompareMachine], rows: Sequence[CompareRow], lang: Lang) -> list[str]:
    """What a reader must know to take the comparison rightly."""
    made = []
    for index, machine in enumerate(machines):
        count, of = machine.counts.unknown, _of(machine.counts)
        if count:
            made.append(told("note-unknown", lang, name=machine.name, count=count, of=of))
        bases = [row.cells[index].rtf for row in rows]
        known = sum(rtf is not None and rtf.basis in ("bench", "calibrated") for rtf in bases)
        if known:
            made.append(told("note-measured", lang, name=machine.name, count=known))
    return made
