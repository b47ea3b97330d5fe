"""What the views of benchmarks share: numbers, and ids of a record put into words."""

from __future__ import annotations

import statistics
from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from ..judge.words import number
from ..plain import shown
from ..units import gib
from .calibrate import percent
from .labels import LABELS
from .words import Lang, label, listed

if TYPE_CHECKING:
    from ..bench.record import BenchRecord

NOTHING = "–"
DETAIL = 300
"""Characters of a program's complaint that are shown."""
SAME = {("oom", "out-of-memory"), ("timeout", "time-limit")}
"""Status and reason that say one thing."""
Outcome = Literal["inside", "faster", "slower"]


def word(kind: str, ident: str, lang: Lang, **values: str) -> str:
    """An id such as ``no-gpu`` in words; one that is not known, as it is."""
    key = f"bench-{kind}-{ident}"
    return label(key, lang).format_map(values) if key in LABELS else shown(ident)


def told(key: str, lang: Lang, **values: str) -> str:
    """A label of the benchmark with its blanks filled."""
    return label(f"bench-{key}", lang).format_map(values)


def joined(parts: Iterable[str], lang: Lang) -> str:
    """``a, b, c``; a dash for none."""
    return listed(parts, lang) or NOTHING


def figure(value: float) -> str:
    """A measured number with three significant digits: 0.312, 1.25, 12.5, 125."""
    for least, digits in ((99.95, 0), (9.995, 1), (0.9995, 2), (0.09995, 3)):
        if value >= least:
            return f"{value:.{digits}f}"
    return f"{value:.3g}"


def factor(value: float) -> str:
    """A ratio with two significant digits, however small: 1.2, 0.85, 0.0034."""
    return number(value) if value >= 0.0995 else f"{value:.2g}"


def seconds(value: float | None, lang: Lang) -> str:
    """``0.21 s``, ``35 s``, ``12 min``; a dash where it was not measured."""
    if value is None:
        return NOTHING
    if value >= 600:
        return told("minute", lang, number=number(value / 60))
    return told("second", lang, number="0" if value == 0 else factor(value))


def duration(value: float, lang: Lang) -> str:
    """Seconds as people say them: ``4.2 s``, ``38 s``, ``6 min 15 s``, ``1 h 20 min``."""
    if value < 99.5:
        return told("second", lang, number=factor(value))
    if value < 3597.5:
        minutes, left = divmod(round(value / 5) * 5, 60)
        if left == 0:
            return told("minute", lang, number=str(minutes))
        return told("minutes", lang, minutes=str(minutes), seconds=str(left))
    hours, minutes = divmod(round(value / 60), 60)
    return told("hours", lang, hours=str(hours), minutes=str(minutes))


def size(value: int | None) -> str:
    """``4.4 GiB``; a dash where it was not measured."""
    return NOTHING if value is None else gib(value)


def cell(record: BenchRecord) -> str:
    """``voxcpm-0.5b:cpu-fp32``"""
    return f"{shown(record.model)}:{shown(record.mode)}"


def mode(record: BenchRecord) -> str:
    """``gpu-bf16``; ``gpu-bf16+accel`` where something else was used as well."""
    return "+".join(shown(each) for each in (record.mode, *record.protocol.options))


def stages(record: BenchRecord) -> dict[str, float]:
    """Seconds of each stage, the median of the runs that count, in their order; what takes no
    time is left out."""
    runs = [run for run in record.runs if not run.disturbed] or record.runs
    names = dict.fromkeys(name for run in runs for name in run.stages)
    found = {
        name: statistics.median(run.stages[name] for run in runs if name in run.stages)
        for name in names
    }
    return {name: value for name, value in found.items() if value > 0}


def stages_text(record: BenchRecord, lang: Lang) -> str | None:
    """``GPT 12 s, S2Mel 30 s, vocoder 4.0 s``; None: the engine tells of no stages."""
    found = stages(record)
    if not found:
        return None
    parts = (
        word("stage", name, lang, time=seconds(each, lang))
        if f"bench-stage-{name}" in LABELS
        else f"{shown(name)} {seconds(each, lang)}"
        for name, each in found.items()
    )
    return joined(parts, lang)


def day(record: BenchRecord) -> str:
    """``2026-11-23``"""
    return shown(record.created[:10])


def moment(record: BenchRecord) -> str:
    """``2026-11-23 10:11:12 UTC``"""
    stamp = shown(record.created.replace("T", " "))
    return f"{stamp[:19]} UTC" if stamp.endswith("Z") else stamp


def tiny(record: BenchRecord) -> bool:
    """Whether it says nothing of the model."""
    return record.weights.kind == "tiny"


def middle(record: BenchRecord) -> float | None:
    """RTF of the middle run, the clip's encoding in it, as a forecast counts. None: no run
    counts."""
    rtfs = record.call_rtfs()
    return statistics.median(rtfs) if rtfs else None


def usual(record: BenchRecord) -> float:
    """RTF that people will see, disturbed or not: the record must have a summary."""
    assert record.summary is not None
    return middle(record) or record.summary.rtf


def takes(record: BenchRecord, speech_s: float) -> float:
    """Seconds for so much speech with a new clip, which is paid for once."""
    assert record.summary is not None
    runs = [run.rtf for run in record.runs if not run.disturbed]
    rtf = statistics.median(runs) if runs else record.summary.rtf
    return speech_s * rtf + (record.phases.reference_s or 0.0)


def outcome(record: BenchRecord) -> tuple[Outcome, float] | None:
    """How the measurement stands to its forecast, and measured / middle of the forecast. None:
    there is no forecast, no run that counts, or nothing that the forecast was for."""
    guess, rtf = record.predicted, middle(record)
    if guess is None or rtf is None or record.status != "ok" or tiny(record) or guess.mid <= 0:
        return None
    if guess.low <= rtf <= guess.high:
        return "inside", rtf / guess.mid
    return ("faster" if rtf < guess.low else "slower"), rtf / guess.mid


def outcome_text(record: BenchRecord, lang: Lang) -> str:
    """``inside (1.1×)``; a dash where it can't be told."""
    found = outcome(record)
    return NOTHING if found is None else told(found[0], lang, factor=factor(found[1]))


def forecast_text(record: BenchRecord) -> str:
    """``9.0–30``; a dash where there is none, or none of a model of such shapes."""
    guess = record.predicted
    if guess is None or tiny(record):
        return NOTHING
    return f"{factor(guess.low)}–{factor(guess.high)}"


def ending(record: BenchRecord, lang: Lang) -> str:
    """Status, reason and what the program said, in one line."""
    status = told(f"status-{record.status}", lang)
    why = record.reason
    if why is None:
        return status
    if (record.status, why.id) not in SAME:
        status = told("colon", lang, first=status, second=reason_text(record, lang))
    if not why.detail:
        return status
    return told("colon", lang, first=status, second=shown(why.detail, DETAIL))


def reason_text(record: BenchRecord, lang: Lang) -> str:
    """Why it did not end ok, without what the program said."""
    why = record.reason
    if why is None:
        return NOTHING
    if why.id == "signal" and why.signal is None:
        return told("reason-signal-unknown", lang)
    asked = why.id == "interrupted" and why.signal not in (None, "SIGINT")
    ident = "signal" if asked else why.id
    text = word("reason", ident, lang, signal=shown(why.signal or ""))
    if why.signal is None or why.id in ("signal", "interrupted"):
        return text
    return told("brackets", lang, first=text, second=shown(why.signal))


def warnings(record: BenchRecord, lang: Lang) -> list[str]:
    """What makes a measurement doubtful, a sentence each."""
    made: list[str] = []
    state, summary, quality = record.conditions, record.summary, record.quality
    if quality is not None and quality.status == "fail":
        failed = joined((word("failed", each, lang) for each in quality.failed), lang)
        made.append(told("not-speech", lang, failed=failed))
    if state.disturbed and state.foreign_share is None:
        made.append(told("disturbed-unknown", lang))
    elif state.disturbed:
        made.append(told("disturbed", lang, share=percent(state.foreign_share or 0)))
    if summary is not None and summary.unstable:
        made.append(told("unstable", lang, share=percent(summary.rtf_iqr / summary.rtf)))
    governor = shown(state.governor or "?")
    made += [word("warning", each, lang, governor=governor) for each in state.warnings]
    if record.power.throttle:
        reasons = held_back(record.power.throttle, lang)
        made.append(told("throttled", lang, reasons=reasons))
    if quality is not None and quality.silence_s is not None and quality.silence_s > 1:
        made.append(told("silence", lang, seconds=seconds(quality.silence_s, lang)))
    return made


def held_back(reasons: list[str], lang: Lang) -> str:
    """Why a GPU lowered its clock; one word for reasons that mean the same."""
    return joined(dict.fromkeys(word("throttle", each, lang) for each in reasons), lang)


def findings(record: BenchRecord, lang: Lang) -> list[str]:
    """What had to be worked round, a sentence each."""
    precision = shown(record.engine.precision or "?")
    return [word("finding", each, lang, precision=precision) for each in record.findings]
