"""The sentences of an explanation: work, terms, what a measurement replaced, public reports."""

from __future__ import annotations

from typing import cast

from ..catalogue.model import Catalogue, ModeId
from ..catalogue.reports import Report
from ..judge.explain import Explanation
from ..judge.need import MemorySum, MemoryTerm
from ..judge.subject import DeviceKind, device_of
from ..judge.words import number
from ..judge.workload import Workload
from ..plain import shown
from .labels import LABELS
from .words import Lang, joined, label

LONG = 600
"""Characters that are shown of a sentence or a title; real ones have up to 350."""
PLAIN_OUTCOMES = ("works", "works-slow")


def told(key: str, lang: Lang, **values: str) -> str:
    """A sentence of ``texts_explain`` with its blanks filled; nothing in the values acts."""
    return label(f"explain-{key}", lang).format_map(
        {name: shown(value, LONG) for name, value in values.items()}
    )


def named(kind: str, ident: str, lang: Lang) -> str:
    """The name of an id; the id itself where there is none, as in a user's models file."""
    pair = LABELS.get(f"explain-{kind}-{ident}")
    return shown(ident) if pair is None else pair[lang == "zh"]


def device_kind(mode: str) -> DeviceKind:
    """Where a mode computes, one of the loose modes ``gpu`` and ``cpu`` of reports included."""
    return device_of(cast(ModeId, mode))


def heading(given: Explanation, lang: Lang) -> str:
    """``model:mode on device``."""
    name = f"{given.model}:{given.mode}"
    return told("on", lang, mode=name, device=shown(given.device)) if given.device else name


def asked_for(asked: Workload, lang: Lang) -> str:
    """The work that verdicts are for, as a line of its own."""
    what = work(asked, asked.steps, asked.reference_seconds, lang)
    return told("work", lang, what=what)


def work(asked: Workload, steps: int | None, used: float, lang: Lang) -> str:
    """The work in words. ``used``: seconds of the clip that are used."""
    clip, speech = f"{asked.reference_seconds:g}", f"{asked.speech_seconds:g}"
    if not asked.reference_seconds:
        parts = [told("work-plain", lang, speech=speech)]
    elif used < asked.reference_seconds:
        parts = [told("work-cut", lang, speech=speech, clip=clip, used=f"{used:g}")]
    else:
        parts = [told("work-clip", lang, speech=speech, clip=clip)]
    if steps is not None:
        key = "work-step" if steps == 1 else "work-steps"
        parts.append(told(key, lang, steps=str(steps)))
    if asked.emotion:
        parts.append(told("work-emotion", lang))
    return joined(parts, lang)


def component(detail: str, lang: Lang) -> str:
    """``base LM, fp32`` for ``base-lm, fp32``."""
    head, comma, precision = detail.rpartition(", ")
    ident = head if comma else detail
    kind = "component" if f"explain-component-{ident}" in LABELS else "stage"
    name = named(kind, ident, lang)
    return joined([name, shown(precision)], lang) if comma else name


def term_text(term: MemoryTerm, whole: MemorySum, lang: Lang) -> str:
    """A part of a need in words."""
    ident = term.id
    if ident == "rest" and len(whole.terms) == 1:
        ident = "rest-whole"
    elif ident == "rest" and term.bytes < 0:
        ident = "rest-less"
    name = named("term", ident, lang)
    if not term.detail:
        return name
    return told("named", lang, name=name, value=component(term.detail, lang))


def replaced(given: Explanation, lang: Lang) -> str | None:
    """What a measurement or calibration stands in place of."""
    record = given.record
    if record is None:
        calibrated = given.time is not None and given.time.basis == "calibrated"
        return told("replaced-calibrated", lang) if calibrated else None
    figures = {
        "low": number(record.low),
        "mid": number(record.mid),
        "high": number(record.high),
        "record": record.source,
        "date": record.date,
    }
    if record.workload == given.workload:
        return told("replaced-bench", lang, **figures)
    asked = record.workload
    other = work(asked, asked.steps, asked.reference_seconds, lang)
    return told("replaced-other", lang, work=other, **figures)


def why_no_time(given: Explanation, catalogue: Catalogue, lang: Lang) -> str:
    """Why the speed is not known."""
    model = catalogue.models.get(given.model)
    device = device_kind(given.mode)
    if device == "online":
        reason = "why-online"
    elif model is not None and not model.work:
        reason = "why-work"
    elif device == "gpu" and not given.device:
        reason = "why-device"
    else:
        reason = "why-figures"
    return told("no-time", lang, why=told(reason, lang))


def device_text(report: Report, lang: Lang) -> str:
    """The device that a report is of."""
    on_gpu = report.mode is None or device_kind(report.mode) == "gpu"
    name = report.gpu if on_gpu else report.cpu
    if name is not None:
        return shown(name)
    if on_gpu and report.vram_gb is not None:
        return told("device-vram", lang, size=f"{report.vram_gb:g}")
    if report.cores is not None:
        return told("device-cores", lang, count=str(report.cores))
    return told("device-unnamed", lang)


def report_text(report: Report, lang: Lang) -> str:
    """A report in one line: device, mode, RTF or outcome, peak memory, date."""
    mode = named("mode", report.mode or "none", lang)
    parts = [_outcome(report, lang)]
    if report.peak_vram_gb is not None:
        parts.append(told("peak-vram", lang, size=number(report.peak_vram_gb)))
    if report.peak_ram_gb is not None:
        parts.append(told("peak-ram", lang, size=number(report.peak_ram_gb)))
    text = told(
        "named", lang,
        name=joined([device_text(report, lang), mode], lang), value=joined(parts, lang),
    )  # fmt: skip
    return text if report.date is None else told("dated", lang, text=text, date=report.date)


def _outcome(report: Report, lang: Lang) -> str:
    if report.rtf is not None:
        return f"RTF {number(report.rtf)}"
    outcome = named("outcome", report.outcome, lang)
    if report.reason is None or report.outcome in PLAIN_OUTCOMES:
        return outcome
    return joined([outcome, shown(report.reason, LONG)], lang)
