"""An explanation as headings, tables and lines, before a terminal or Markdown draws them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal, TypeAlias

import msgspec

from ..catalogue.model import Catalogue
from ..judge.explain import Explanation
from ..judge.forecast import TimeSum
from ..judge.nearby import Neighbour
from ..judge.need import MemorySum
from ..judge.timing import TimeTerm
from ..judge.words import number
from ..plain import shown
from ..units import GIB
from .explain import ConstantView, ExplanationView, MemoryView, explanation_view, origin_source
from .explain_words import LONG, device_kind, heading, named, told, work
from .words import Lang


class Heading(msgspec.Struct, frozen=True):
    """1 for the whole, 2 for a section, 3 for a part of one."""

    text: str
    level: Literal[1, 2, 3] = 2


class Words(msgspec.Struct, frozen=True):
    """A paragraph."""

    text: str
    dim: bool = False
    strong: bool = False


class Grid(msgspec.Struct, frozen=True, kw_only=True):
    """A table; columns named in ``left`` hold words, the others figures."""

    heads: tuple[str, ...]
    left: frozenset[int]
    rows: Sequence[tuple[str, ...]]
    total: tuple[str, ...] | None = None


class Item(msgspec.Struct, frozen=True):
    """A line with a remark under it."""

    text: str
    note: str


class Place(msgspec.Struct, frozen=True):
    """A source: its number on this page, title with date, and address."""

    mark: str
    title: str
    url: str | None


Block: TypeAlias = "Heading | Words | Grid | Item | Place"


class Sources:
    """Numbers sources in the order in which they are first named."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._marks: dict[tuple[str, str | None], str] = {}

    def mark(self, key: str | None) -> str:
        """``[3]`` for a source key or an address; empty where there is none."""
        if key is None:
            return ""
        source = self._catalogue.sources.get(key)
        if source is not None:
            return self.place(f"{source.title}, {source.date}", source.url)
        return self.place(key, None) if "://" not in key else self.place("", key)

    def place(self, title: str, url: str | None) -> str:
        """``[3]`` for a title and an address."""
        if not title and url is None:
            return ""
        found = (shown(title, LONG), shown(url, LONG) if url is not None else None)
        return self._marks.setdefault(found, f"[{len(self._marks) + 1}]")

    def listed(self) -> list[Place]:
        """All that were named."""
        return [Place(mark, *found) for found, mark in self._marks.items()]


def page(given: Explanation, catalogue: Catalogue, lang: Lang, *, full: bool) -> list[Block]:
    """All that is shown. ``full``: with the columns for which 80 columns have no room."""
    view = explanation_view(given, catalogue, lang)
    sources = Sources(catalogue)
    asked = work(given.workload, given.steps, given.reference_seconds, lang)
    blocks: list[Block] = [Heading(heading(given, lang), 1), Words(told("work", lang, what=asked))]
    if given.runs_as is not None:
        blocks.append(Words(told("runs-as", lang, mode=given.runs_as)))
    if view.replaced_text is not None:
        blocks.append(Words(view.replaced_text, strong=True))
    blocks += _memory(given, view, sources, lang)
    blocks += _time(given, view, sources, lang, full=full)
    blocks += _constants(given, view, catalogue, sources, lang)
    blocks += _others(given, view, sources, lang)
    listed = sources.listed()
    return [*blocks, Heading(told("sources", lang)), *listed] if listed else blocks


def _memory(given: Explanation, view: ExplanationView, sources: Sources, lang: Lang) -> list[Block]:
    blocks: list[Block] = [Heading(told("memory", lang))]
    for whole, seen in zip(given.memory, view.memory, strict=True):
        blocks += _need(whole, seen, sources, lang)
    if not given.memory:
        blocks.append(Words(told("no-memory", lang)))
    return blocks


def _need(whole: MemorySum, seen: MemoryView, sources: Sources, lang: Lang) -> list[Block]:
    heads = (named("part", seen.part, lang), "GiB", told("source", lang))
    rows = [
        (each.text, _gib(each.bytes), sources.mark(term.source))
        for term, each in zip(whole.terms, seen.terms, strict=True)
    ]
    total = (told("need", lang), _gib(seen.need_bytes), "")
    grid = Grid(heads=heads, left=frozenset({0, 2}), rows=rows, total=total)
    basis = named("basis", seen.basis, lang)
    text = told("named", lang, name=basis, value=seen.how) if seen.how else basis
    return [grid, Words(text, True)]


def _gib(size: int) -> str:
    return f"{size / GIB:.2f}".replace("-", "−")


def _time(
    given: Explanation, view: ExplanationView, sources: Sources, lang: Lang, *, full: bool
) -> list[Block]:
    title = "time-compare" if given.record is not None and given.time is not None else "time"
    blocks: list[Block] = [Heading(told(title, lang))]
    if given.time is None:
        return [*blocks, Words(view.time_unknown or "")]
    total = given.time
    blocks.append(_stages(total, sources, lang, full=full))
    blocks += [Words(told(f"legend-{each}", lang), True) for each in ("work", "limit", "units")]
    if total.compiled:
        blocks.append(Words(told("compiled", lang)))
    low, high = total.spread.low, total.spread.high
    mid = f"{total.rtf:.3g}"
    seconds, speech = number(total.seconds), f"{total.speech_seconds:g}"
    blocks.append(Words(told("mid", lang, seconds=seconds, speech=speech, mid=mid), strong=True))
    ends = {"low": number(total.rtf * low), "high": number(total.rtf * high)}
    factors = {"low_factor": f"{low:.3g}", "high_factor": f"{high:.3g}"}
    blocks.append(Words(told("range", lang, mid=mid, **factors, **ends), strong=True))
    blocks.append(Words(_width(total, lang)))
    return [*blocks, *_final(given, total, lang)]


def _final(given: Explanation, total: TimeSum, lang: Lang) -> list[Block]:
    """What the verdict says, where it is not what the sum gives."""
    rtf = given.rtf
    if rtf is None:
        return []
    ends = {"low": number(rtf.low), "high": number(rtf.high)}
    if rtf.basis == "bench":
        return [Words(told("final-measured", lang, **ends), strong=True)]
    if rtf.high > total.rtf * total.spread.high * 1.01:
        return [Words(told("final-spill", lang, **ends), strong=True)]
    return []


def _width(total: TimeSum, lang: Lang) -> str:
    """What the width of the range rests on."""
    count = total.spread.reports
    if total.basis == "calibrated":
        return told("calibrated-width", lang)
    if count == 1:
        return told("report-one", lang)
    return told("reports", lang, count=str(count)) if count else told("report-none", lang)


STAGE_COLUMNS = (
    "stage", "shape", "precision", "bound", "gb", "gflop", "launches", "seconds", "starting",
)  # fmt: skip
WORDS = frozenset({"stage", "shape", "precision", "bound"})


def _stages(total: TimeSum, sources: Sources, lang: Lang, *, full: bool) -> Grid:
    digits = places(total.seconds)
    columns = [name for name in STAGE_COLUMNS if full or name != "precision"]
    rows = [_stage(term, sources, lang, digits) for term in total.terms]
    rows.append({"stage": told("request", lang), "seconds": f"{total.request_seconds:.{digits}f}"})
    if total.factor != 1:
        rows.append({"stage": told("factor", lang), "seconds": f"× {total.factor:.3g}"})
    last = {"stage": told("sum", lang), "seconds": f"{total.seconds:.{digits}f}"}
    return Grid(
        heads=tuple(told(name, lang) for name in columns),
        left=frozenset(i for i, name in enumerate(columns) if name in WORDS),
        rows=[tuple(row.get(name, "") for name in columns) for row in rows],
        total=tuple(last.get(name, "") for name in columns),
    )


def _stage(term: TimeTerm, sources: Sources, lang: Lang, digits: int) -> dict[str, str]:
    works = bool(term.gb or term.gflop)
    return {
        "stage": f"{named('stage', term.id, lang)} {sources.mark(term.source)}".rstrip(),
        "shape": named("shape", term.shape, lang) if works else "–",
        "precision": term.precision,
        "bound": named("bound", term.bound, lang) if works else "–",
        "gb": figure(term.gb),
        "gflop": figure(term.gflop),
        "launches": figure(round(term.launches)),
        "seconds": f"{term.seconds:.{digits}f}",
        "starting": f"{term.launch_seconds:.{digits}f}",
    }


def places(total: float) -> int:
    """Decimals with which seconds of a sum are written: four digits of the sum."""
    return 3 if total <= 0 else min(6, max(0, 3 - math.floor(math.log10(total))))


def figure(value: float) -> str:
    """Three digits where there are that many: 0.12, 9.42, 22.4, 1444; ``–`` for nothing."""
    if value == 0:
        return "–"
    if value >= 1e8:
        return f"{value:.1e}"
    if value == round(value) or value >= 99.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 9.995 else f"{value:.2f}" if value >= 0.1 else f"{value:.1g}"


def _constants(
    given: Explanation,
    view: ExplanationView,
    catalogue: Catalogue,
    sources: Sources,
    lang: Lang,
) -> list[Block]:
    if not given.constants:
        return []
    rows = []
    for constant, seen in zip(given.constants, view.constants, strict=True):
        mark = sources.mark(origin_source(constant, catalogue))
        origin = f"{_origin(seen, lang)} {mark}".rstrip()
        rows.append((seen.text, f"{seen.value:.4g}", shown(seen.unit, 12), origin))
    heads = (told("name", lang), told("value", lang), "", told("origin", lang))
    grid = Grid(heads=heads, left=frozenset({0, 2, 3}), rows=rows)
    return [Heading(told("constants", lang)), grid]


def _origin(seen: ConstantView, lang: Lang) -> str:
    known = named("origin", seen.origin, lang)
    return known if known != seen.origin or seen.source is None else told("origin-source", lang)


def _others(given: Explanation, view: ExplanationView, sources: Sources, lang: Lang) -> list[Block]:
    pairs = list(zip(given.neighbours, view.neighbours, strict=True))
    if not pairs:
        return [Heading(told("others", lang)), Words(told("no-others", lang))]
    kind = "others-cpu" if device_kind(given.mode) == "cpu" else "others-gpu"
    blocks: list[Block] = []
    for same, key in ((True, kind), (False, "others-near")):
        items = [
            Item(f"{seen.text} {_link(each, sources)}".rstrip(), shown(seen.note, LONG))
            for each, seen in pairs
            if each.same_device is same
        ]
        if items:
            blocks += [Heading(told(key, lang)), *items]
    return blocks


def _link(given: Neighbour, sources: Sources) -> str:
    report = given.report
    title = report.source if report.date is None else f"{report.source}, {report.date}"
    return sources.place(title, report.url)
