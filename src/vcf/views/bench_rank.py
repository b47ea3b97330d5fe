"""All that was measured in one call as one ranking: what to use here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text as Line

from ..plain import shown
from . import bench_words as words
from .bench import SPOKEN_S, failure, first_audio, tells
from .bench_sheet import Column, Dotted, Sheet, items
from .bench_words import NOTHING, duration, figure, told
from .facts import machine_line
from .words import Lang

if TYPE_CHECKING:
    from ..bench.record import BenchRecord


def rank_screen(records: list[BenchRecord], lang: Lang) -> RenderableType:
    """The answer, the ranking, what failed, and what to know of the figures."""
    good = ranked(records)
    parts: list[RenderableType] = []
    if good or not any(record.runs for record in records):
        parts.append(_answer(good, lang))
    if records:
        parts.append(Dotted(machine_line(records[0].machine, lang).split(" · "), "dim"))
    if good:
        parts += [Line(), Sheet(_columns(good, lang))]
    lines = [failure(each, _name(each), lang) for each in records if each not in good]
    lines += [("!", "yellow", each) for each in _doubts(good, lang)]
    lines += [("·", "dim", each) for each in _notes(good, lang)]
    if lines:
        parts += [Line(), items(lines)]
    if good and tells(good[0]):
        parts += [
            Line(),
            Line(told("rank-how", lang, command=f"vcf check {words.cell(good[0])} -v")),
        ]
    return Group(*parts)


def ranked(records: list[BenchRecord]) -> list[BenchRecord]:
    """What was measured, the quickest first; disturbed ones, sound that can't be speech, and
    models of no size after the others."""
    good = [each for each in records if each.status == "ok" and each.summary is not None]
    return sorted(good, key=lambda each: (not tells(each), words.takes(each, SPOKEN_S)))


def _answer(good: list[BenchRecord], lang: Lang) -> Line:
    if not good:
        return Line(told("nothing", lang), style="bold")
    best = good[0]
    if not tells(best):
        key = "no-figure" if best.conditions.disturbed else "rank-no-figure"
        return Line(told(key, lang), style="bold yellow")
    time = duration(words.takes(best, SPOKEN_S), lang)
    return Line(told("takes-with", lang, cell=_name(best), time=time), style="bold")


def _name(record: BenchRecord) -> str:
    return f"{shown(record.model)}:{words.mode(record)}"


def _columns(good: list[BenchRecord], lang: Lang) -> list[Column]:
    def column(key: str, cells: list[str], *, right: bool = True, beside: bool = False) -> Column:
        return Column(head=told(key, lang), cells=cells, right=right, beside=beside)

    width = len(str(len(good)))
    names = [f"{index:>{width}}  {_name(each)}" for index, each in enumerate(good, 1)]
    made = [
        column("rank-cell", names, right=False),
        column("rtf", [figure(each.summary.rtf) if each.summary else NOTHING for each in good]),
        column("rank-thirty", [duration(words.takes(each, SPOKEN_S), lang) for each in good]),
        column("first", [first_audio(each, lang) for each in good]),
        column("load", [words.seconds(each.phases.load_s, lang) for each in good]),
        column("ram", [words.size(each.memory.rss_peak_bytes) for each in good]),
        column("vram", [words.size(each.memory.vram_peak_bytes) for each in good]),
        column("forecast", [words.forecast_text(each) for each in good], beside=True),
        column(
            "outcome", [words.outcome_text(each, lang) for each in good], right=False, beside=True
        ),
    ]
    return [each for each in made if any(cell != NOTHING for cell in each.cells)]


def _doubts(good: list[BenchRecord], lang: Lang) -> list[str]:
    """Each warning with the cells that it is of."""
    by_text: dict[str, list[str]] = {}
    for record in good:
        for text in words.warnings(record, lang):
            by_text.setdefault(text, []).append(_name(record))
    return [
        told("colon", lang, first=words.joined(names, lang), second=text)
        for text, names in by_text.items()
    ]


def _notes(good: list[BenchRecord], lang: Lang) -> list[str]:
    """What can't be compared here: the sound, and voices that were not cloned."""
    cloned = {each.workload.reference_seconds > 0 for each in good}
    heard = any(each.weights.kind in ("path", "hub") for each in good)
    made = [told("rank-sound", lang)] if heard else []
    for kind in ("synthetic", "tiny"):
        names = [_name(each) for each in good if each.weights.kind == kind]
        if names:
            which = words.joined(names, lang) if len(names) < len(good) else told("rank-all", lang)
            made.append(told(f"rank-{kind}", lang, cells=which))
    if len(cloned) > 1:
        names = [_name(each) for each in good if each.workload.reference_seconds]
        made.append(told("rank-clips", lang, cells=words.joined(names, lang)))
    return made
