"""What was measured, for the terminal: the answer, a table for each model, and what to know."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text as Line

from ..judge.words import number
from ..plain import shown
from .bench_record import list_screen, show_screen
from .bench_sheet import Column, Dotted, Sheet, items
from .bench_words import (
    NOTHING,
    cell,
    duration,
    ending,
    factor,
    figure,
    findings,
    forecast_text,
    joined,
    mode,
    outcome_text,
    seconds,
    size,
    stages_text,
    takes,
    tiny,
    told,
    usual,
    warnings,
)
from .facts import machine_line
from .words import Lang

if TYPE_CHECKING:
    from ..bench.record import BenchRecord

__all__ = ["advice", "list_screen", "result_screen", "show_screen"]

SPOKEN_S = 30
"""Seconds of speech that the answer speaks of."""
MORE = 1.1
"""How much more memory is worth a word."""


def result_screen(records: list[BenchRecord], lang: Lang) -> RenderableType:
    """What was just measured, cell by cell. An empty list is answered with a sentence."""
    parts: list[RenderableType] = []
    best = best_of(records)
    if best is not None and best.conditions.disturbed:
        parts.append(Line(told("no-figure", lang), style="bold yellow"))
        best = None
    elif best is not None:
        parts.append(Line(_takes(best, records, lang), style="bold"))
    elif not _measured(records) and not any(record.runs for record in records):
        parts.append(Line(told("nothing", lang), style="bold"))
    if best is not None and best.streaming is not None:
        parts.append(Line(_streams(best, lang)))
    if records:
        parts.append(Dotted(machine_line(records[0].machine, lang).split(" · "), "dim"))
    for block in blocks(records):
        parts += [Line(), *_block(block, lang)]
    return Group(*parts)


def best_of(records: Iterable[BenchRecord]) -> BenchRecord | None:
    """The quickest measurement that says something of the model; an undisturbed one where there
    is one. None: there is none at all."""
    good = [
        record
        for record in _measured(records)
        if not tiny(record) and (record.quality is None or record.quality.status != "fail")
    ]
    return min(good, key=lambda each: (each.conditions.disturbed, usual(each)), default=None)


def blocks(records: Iterable[BenchRecord]) -> list[list[BenchRecord]]:
    """Records of one model and one kind of weights together, in their order."""
    made: dict[tuple[str, str], list[BenchRecord]] = {}
    for record in records:
        made.setdefault((record.model, record.weights.kind), []).append(record)
    return list(made.values())


def _measured(records: Iterable[BenchRecord]) -> list[BenchRecord]:
    return [each for each in records if each.status == "ok" and each.summary is not None]


def _takes(best: BenchRecord, records: list[BenchRecord], lang: Lang) -> str:
    time = duration(takes(best, SPOKEN_S), lang)
    if len(records) == 1:
        return told("takes", lang, time=time)
    several = len({each.model for each in records}) > 1
    return told("takes-with", lang, cell=cell(best) if several else mode(best), time=time)


def _streams(best: BenchRecord, lang: Lang) -> str:
    stream = best.streaming
    assert stream is not None
    first = seconds(stream.first_audio_s, lang)
    if not stream.underruns:
        return told("smooth", lang, first=first)
    return told(
        "stalls", lang, first=first, count=str(stream.underruns),
        speech=seconds(best.workload.speech_seconds, lang),
        buffer=duration(stream.buffer_s, lang),
    )  # fmt: skip


def _block(records: list[BenchRecord], lang: Lang) -> list[RenderableType]:
    """Heading, what its weights mean, table, cells that failed, and what to know."""
    parts: list[RenderableType] = [_heading(records, lang)]
    kind = records[0].weights.kind
    if kind in ("synthetic", "tiny"):
        parts.append(Line(told(kind, lang), style="yellow" if kind == "synthetic" else "bold red"))
    good = _measured(records)
    if good:
        parts.append(Sheet(_columns(good, lang)))
    lines = [failure(each, mode(each), lang) for each in records if each not in good]
    lines += _stages(good, len(records) > 1, lang)
    lines += _remarks(good, len(records) > 1, lang)
    if lines:
        parts.append(items(lines))
    return parts


def _heading(records: list[BenchRecord], lang: Lang) -> Dotted:
    """``voxcpm-0.5b · real weights · 10 steps · 10 s of speech · threads: 10 · torch 2.13.0``"""

    def of(values: Iterable[object]) -> str:
        return "/".join(dict.fromkeys(shown(str(each), 40) for each in values if each is not None))

    torch = of(each.versions.get("torch") for each in records)
    spoken = of(_whole(each.workload.speech_seconds) for each in records)
    threads = of(each.engine.threads for each in records)
    steps = of(each.workload.steps for each in records)
    parts = [
        told(f"weights-{records[0].weights.kind}", lang),
        told("steps", lang, steps=steps) if steps else "",
        told("speech", lang, seconds=spoken),
        told("threads", lang, threads=threads) if threads else "",
        told("torch", lang, torch=torch) if torch else "",
    ]
    name = shown(records[0].model)
    return Dotted([name, *(part for part in parts if part)], first="bold cyan")


def _whole(value: float) -> str:
    return f"{value:.0f}" if value == round(value) else number(value)


CELLS: tuple[tuple[str, bool, Callable[[BenchRecord, Lang], str]], ...] = (
    ("rtf", False, lambda record, lang: figure(record.summary.rtf) if record.summary else NOTHING),
    ("range", False, lambda record, lang: _range(record)),
    ("speed", False, lambda record, lang: _speed(record)),
    ("first", False, lambda record, lang: first_audio(record, lang)),
    ("load", False, lambda record, lang: seconds(record.phases.load_s, lang)),
    ("ram", False, lambda record, lang: size(record.memory.rss_peak_bytes)),
    ("vram", False, lambda record, lang: size(record.memory.vram_peak_bytes)),
    ("forecast", True, lambda record, lang: forecast_text(record)),
    ("outcome", True, lambda record, lang: outcome_text(record, lang)),
)
"""Heading, whether it may go into a table of its own, and text."""


def _columns(records: list[BenchRecord], lang: Lang) -> list[Column]:
    """Mode and figures; a column in which nobody has a value is left out."""
    modes = [mode(each) for each in records]
    made = [Column(head=told("mode", lang), cells=modes, right=False)]
    for key, beside, text in CELLS:
        cells = [text(each, lang) for each in records]
        if any(each != NOTHING for each in cells):
            right = key != "outcome"
            made.append(Column(head=told(key, lang), cells=cells, beside=beside, right=right))
    return made


def _range(record: BenchRecord) -> str:
    found = record.summary
    if found is None or len(record.runs) < 2:
        return NOTHING
    return f"{figure(found.rtf_min)}–{figure(found.rtf_max)}"


def _speed(record: BenchRecord) -> str:
    return f"{factor(record.summary.rtfx)}×" if record.summary is not None else NOTHING


def first_audio(record: BenchRecord, lang: Lang) -> str:
    """When the first chunk of a stream came; a dash where nothing streamed."""
    return seconds(record.streaming.first_audio_s if record.streaming is not None else None, lang)


def failure(record: BenchRecord, name: str, lang: Lang) -> tuple[str, str, str]:
    """Sign, colour and sentence for a cell that did not end ok; its runs are not lost."""
    sign, colour = ("–", "dim") if record.status == "skipped" else ("✗", "red")
    how = ending(record, lang)
    if record.summary is not None:
        count, rtf = str(len(record.runs)), figure(record.summary.rtf)
        how = told("some-runs", lang, ending=how, rtf=rtf, count=count)
    elif record.phases.cold is not None:
        how = told("cold-only", lang, ending=how, rtf=figure(record.phases.cold.rtf))
    return sign, colour, told("colon", lang, first=name, second=how)


def _stages(records: list[BenchRecord], several: bool, lang: Lang) -> list[tuple[str, str, str]]:
    """What the time of a run went into, and what a new clip costs besides."""
    made = []
    for record in records:
        text = stages_text(record, lang)
        if text is None:
            continue
        clip = record.phases.reference_s
        if clip is not None:
            text = told("stages-clip", lang, stages=text, clip=seconds(clip, lang))
        else:
            text = told("stages", lang, stages=text)
        named = told("colon", lang, first=mode(record), second=text)
        made.append(("·", "dim", named if several else text))
    return made


def _remarks(records: list[BenchRecord], several: bool, lang: Lang) -> list[tuple[str, str, str]]:
    """Warnings, then findings; what holds for several modes is said once."""
    made = []
    kinds: tuple[tuple[str, str, Callable[[BenchRecord, Lang], list[str]]], ...] = (
        ("!", "yellow", warnings),
        ("·", "dim", findings),
    )
    for sign, colour, texts in kinds:
        by_text: dict[str, list[str]] = {}
        for record in records:
            for text in texts(record, lang):
                by_text.setdefault(text, []).append(mode(record))
        for text, modes in by_text.items():
            named = told("colon", lang, first=joined(modes, lang), second=text)
            made.append((sign, colour, named if several else text))
    return made


def advice(records: list[BenchRecord], lang: Lang) -> RenderableType | None:
    """Which of fp32 and bf16 to use on the processor, for each model of which both were measured
    alike and undisturbed. None: there is nothing to say."""
    lines = []
    for block in blocks(records):
        found = {mode(each): each for each in _measured(block) if tells(each)}
        one, other = found.get("cpu-fp32"), found.get("cpu-bf16")
        if one is not None and other is not None and one.workload == other.workload:
            lines.append(Line(_advised(one, other, lang)))
    return Group(*lines) if lines else None


def tells(record: BenchRecord) -> bool:
    """Whether its speed says something of the model."""
    bad = record.quality is not None and record.quality.status == "fail"
    return not tiny(record) and not record.conditions.disturbed and not bad


def _advised(one: BenchRecord, other: BenchRecord, lang: Lang) -> str:
    if not _overlap(one, other):
        quick, slow = sorted((one, other), key=usual)
        return told(
            "quicker", lang, quick=_precision(quick), slow=_precision(slow),
            factor=factor(usual(slow) / usual(quick)), command=_command(quick),
        )  # fmt: skip
    text = told("as-quick", lang, one=_precision(one), other=_precision(other))
    a, b = one.memory.rss_peak_bytes, other.memory.rss_peak_bytes
    if not a or not b or max(a, b) < MORE * min(a, b):
        return text
    small = one if a < b else other
    less = told(
        "less-memory", lang, one=_precision(small), size=size(min(a, b)), more=size(max(a, b)),
        command=_command(small),
    )  # fmt: skip
    return f"{text}{' ' if lang == 'en' else ''}{less}"


def _precision(record: BenchRecord) -> str:
    return record.mode.removeprefix("cpu-")


def _command(record: BenchRecord) -> str:
    return f"vcf check {cell(record)} -v"


def _overlap(one: BenchRecord, other: BenchRecord) -> bool:
    """Whether the runs of two records lie among each other: no difference is shown."""
    middle = (usual(one), usual(one)), (usual(other), usual(other))
    low_a, high_a = one.rtf_quartiles() or middle[0]
    low_b, high_b = other.rtf_quartiles() or middle[1]
    return low_a <= high_b and low_b <= high_a
