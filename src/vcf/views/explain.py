"""The whole sum behind a forecast as JSON: the view of ``vcf check MODEL:MODE --explain``."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..catalogue.model import Catalogue
from ..judge.explain import Constant, Explanation
from ..judge.forecast import TimeSum
from ..judge.model import Basis, Measured, Part, Rtf
from ..judge.nearby import Neighbour
from ..judge.need import MemorySum
from .explain_words import named, replaced, report_text, term_text, why_no_time
from .words import Lang, source_text, tell

FIT = "speed-fit"
"""The catalogue's source for figures that were fitted or cross-validated."""
ORIGINS = (
    "fitted",
    "measured",
    "set",
    "table",
    "assumed",
    "format",
    "cross-validation",
    "calibrated",
)
"""Other origins are keys of the catalogue's sources."""


class WorkView(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked of the model."""

    speech_seconds: float
    reference_seconds: float
    """Of the clip; 0 without one."""
    reference_used_seconds: float
    """Some code cuts long clips."""
    steps: int | None
    """Diffusion steps; None where the model has none."""
    emotion: bool


class MemoryTermView(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a need."""

    id: str
    detail: str
    """Which component and precision, where one is meant."""
    bytes: int
    """Negative where the figure judged is below what the parts sum to."""
    text: str
    source: str | None


class MemoryView(msgspec.Struct, frozen=True, kw_only=True):
    """A need with its parts, which add up to it."""

    part: Part
    need_bytes: int
    terms: list[MemoryTermView]
    how: str | None
    """How the catalogue's figure came about."""
    basis: Literal["measured", "official", "derived"]


class TimeTermView(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of one call."""

    id: str
    seconds: float
    launch_seconds: float
    """Of these for starting kernels."""
    bound: str
    """``memory``, ``arithmetic`` or ``measured``."""
    gb: float
    """10^9 bytes moved."""
    gflop: float
    """10^9 operations."""
    launches: float
    precision: str
    shape: str
    """``matvec``, ``skinny``, ``wide``, ``conv``, ``dense`` or ``cache``."""
    text: str
    source: str | None


class TimeView(msgspec.Struct, frozen=True, kw_only=True):
    """The sum: seconds = (those of the terms + request_s) x factor."""

    basis: Basis
    """What counts: ``bench`` where a measurement outranks this sum."""
    seconds: float
    speech_seconds: float
    rtf_mid: float
    """Of the sum: seconds of work for a second of speech."""
    low_factor: float
    high_factor: float
    """Ends of the range as factors on the middle."""
    reports: int
    """Public reports that the range rests on."""
    compiled: bool
    """Whether torch.compile is reckoned with."""
    terms: list[TimeTermView]
    request_s: float
    """Seconds of every call, however short."""
    factor: float
    """Time of the mode against its runtime."""


class RecordView(msgspec.Struct, frozen=True, kw_only=True):
    """The measurement that outranks the sum; low, mid and high are RTF."""

    source: str
    date: str
    low: float
    mid: float
    high: float
    gpu: str | None
    """The card it ran on; None on the processor."""
    speech_seconds: float
    reference_seconds: float
    steps: int | None
    """None: the model's own number."""
    emotion: bool
    same_work: bool
    """Whether this is the work asked for; else it is carried over in proportion."""


class ConstantView(msgspec.Struct, frozen=True, kw_only=True):
    """One figure that entered the sum."""

    id: str
    text: str
    value: float
    unit: str
    """Empty for factors and shares."""
    origin: str
    """``fitted``, ``measured``, ``set``, ``table``, ``assumed``, ``format``,
    ``cross-validation``, or a key of the catalogue's sources."""
    source: str | None


class NeighbourView(msgspec.Struct, frozen=True, kw_only=True):
    """A public report of hardware like this. None: it does not say."""

    id: str
    text: str
    same_device: bool
    same_mode: bool
    gpu: str | None
    cpu: str | None
    mode: str | None
    outcome: str
    """``works``, ``works-slow``, ``oom`` or ``fails``."""
    rtf: float | None
    peak_vram_gb: float | None
    """GiB, as memory is sold, whatever the name."""
    peak_ram_gb: float | None
    """GiB likewise."""
    note: str
    """In English, as the collection of reports has it."""
    url: str | None
    source: str
    date: str | None


class ExplanationView(msgspec.Struct, frozen=True, kw_only=True):
    """The whole sum for one mode on one machine."""

    model: str
    mode: str
    runs_as: str | None
    """The mode that the program really runs on this device, where it is another."""
    device: str
    """Name of the card or processor; empty where it is not known."""
    workload: WorkView
    memory: list[MemoryView]
    rtf: Rtf | None
    """What the assessment says in the end: measurements carried over, spilling counted."""
    time: TimeView | None
    time_unknown: str | None
    """Why there is no sum of the time."""
    record: RecordView | None
    replaced: Literal["bench", "calibrated"] | None
    """What outranks the sum, or constants of it."""
    replaced_text: str | None
    constants: list[ConstantView]
    neighbours: list[NeighbourView]


def explanation_view(given: Explanation, catalogue: Catalogue, lang: Lang) -> ExplanationView:
    """An explanation in words."""
    calibrated = given.time is not None and given.time.basis == "calibrated"
    return ExplanationView(
        model=given.model,
        mode=given.mode,
        runs_as=given.runs_as,
        device=given.device,
        workload=WorkView(
            speech_seconds=given.workload.speech_seconds,
            reference_seconds=given.workload.reference_seconds,
            reference_used_seconds=given.reference_seconds,
            steps=given.steps,
            emotion=given.workload.emotion,
        ),
        memory=[_memory(each, catalogue, lang) for each in given.memory],
        rtf=given.rtf,
        time=_time(given.time, given.record, catalogue, lang) if given.time is not None else None,
        time_unknown=why_no_time(given, catalogue, lang) if given.time is None else None,
        record=_record(given.record, given) if given.record is not None else None,
        replaced="bench" if given.record is not None else "calibrated" if calibrated else None,
        replaced_text=replaced(given, lang),
        constants=[_constant(each, catalogue, lang) for each in given.constants],
        neighbours=[_neighbour(each, lang) for each in given.neighbours],
    )


def _memory(given: MemorySum, catalogue: Catalogue, lang: Lang) -> MemoryView:
    return MemoryView(
        part=given.part,
        need_bytes=given.need_bytes,
        terms=[
            MemoryTermView(
                id=term.id,
                detail=term.detail,
                bytes=term.bytes,
                text=term_text(term, given, lang),
                source=source_text(term.source, catalogue),
            )
            for term in given.terms
        ],
        how=tell(given.wanted.how, lang) if given.wanted.how is not None else None,
        basis=given.wanted.basis,
    )


def _time(given: TimeSum, record: Measured | None, catalogue: Catalogue, lang: Lang) -> TimeView:
    return TimeView(
        basis="bench" if record is not None else given.basis,
        seconds=given.seconds,
        speech_seconds=given.speech_seconds,
        rtf_mid=given.rtf,
        low_factor=given.spread.low,
        high_factor=given.spread.high,
        reports=given.spread.reports,
        compiled=given.compiled,
        terms=[
            TimeTermView(
                id=term.id, seconds=term.seconds, launch_seconds=term.launch_seconds,
                bound=term.bound, gb=term.gb, gflop=term.gflop, launches=term.launches,
                precision=term.precision, shape=term.shape,
                text=named("stage", term.id, lang), source=source_text(term.source, catalogue),
            )
            for term in given.terms
        ],
        request_s=given.request_seconds,
        factor=given.factor,
    )  # fmt: skip


def _record(given: Measured, whole: Explanation) -> RecordView:
    return RecordView(
        source=given.source,
        date=given.date,
        low=given.low,
        mid=given.mid,
        high=given.high,
        gpu=given.gpu,
        speech_seconds=given.workload.speech_seconds,
        reference_seconds=given.workload.reference_seconds,
        steps=given.workload.steps,
        emotion=given.workload.emotion,
        same_work=given.workload == whole.workload,
    )


def origin_source(given: Constant, catalogue: Catalogue) -> str | None:
    """Key of the source that backs a constant; None where there is none to open."""
    if given.origin in ("fitted", "cross-validation"):
        return FIT if FIT in catalogue.sources else None
    return None if given.origin in ORIGINS else given.origin


def _constant(given: Constant, catalogue: Catalogue, lang: Lang) -> ConstantView:
    return ConstantView(
        id=given.id,
        text=named("constant", given.id, lang),
        value=given.value,
        unit=given.unit,
        origin=given.origin,
        source=source_text(origin_source(given, catalogue), catalogue),
    )


def _neighbour(given: Neighbour, lang: Lang) -> NeighbourView:
    report = given.report
    return NeighbourView(
        id=report.id,
        text=report_text(report, lang),
        same_device=given.same_device,
        same_mode=given.same_mode,
        gpu=report.gpu,
        cpu=report.cpu,
        mode=report.mode,
        outcome=report.outcome,
        rtf=report.rtf,
        peak_vram_gb=report.peak_vram_gb,
        peak_ram_gb=report.peak_ram_gb,
        note=report.note,
        url=report.url,
        source=report.source,
        date=report.date,
    )
