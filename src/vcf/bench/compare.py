"""Two records side by side: what was measured alike, and what of it got better or worse."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from typing import Literal, cast, get_args

import msgspec

from ..errors import UsageError
from ..judge.calibrated import GpuFacts, MachineFacts, facts_of, same_machine
from .record import BenchRecord, counting, quartiles

MetricId = Literal["rtf", "first-audio", "load", "import", "ram", "vram", "energy"]
"""Lower is better for each of them."""
Outcome = Literal["better", "worse", "same"]
NEGLIGIBLE = 0.01
"""Share by which two values differ that were measured once, before one is called better."""
MOST_SHARE = 10.0
"""The largest limit: 1000 %."""
_LIMIT = re.compile(r"\s*([A-Za-z-]+)\s*:\s*(\d+(?:\.\d+)?)\s*%\s*")


class Difference(msgspec.Struct, frozen=True, kw_only=True):
    """Something that is not the same in both records."""

    id: str
    """What: ``model``, ``weights``, ``seed`` …"""
    name: str = ""
    """Of the package, for ``package``."""
    a: str | None
    """Its value in the first record; None: not known."""
    b: str | None


class Metric(msgspec.Struct, frozen=True, kw_only=True):
    """One figure of both records: seconds, bytes, or joule for a second of speech."""

    id: MetricId
    a: float | None
    """None: not measured."""
    b: float | None
    ratio: float | None
    """b / a. None: one is missing or 0, or they were measured in different ways."""
    overlap: bool | None = None
    """Whether the quartile intervals of the runs overlap, so that no difference is shown. None:
    there are no runs to tell it from."""

    @property
    def outcome(self) -> Outcome | None:
        """How b stands to a. None: can't be told."""
        if self.ratio is None:
            return None
        near = abs(self.ratio - 1) < NEGLIGIBLE if self.overlap is None else self.overlap
        if near or self.ratio == 1:
            return "same"
        return "better" if self.ratio < 1 else "worse"


class Comparison(msgspec.Struct, frozen=True, kw_only=True):
    """Record b against record a."""

    a: str
    """Id of the first record: what was."""
    b: str
    """Id of the second: what is now."""
    differences: list[Difference]
    """Why they can't be compared; empty: they can."""
    changes: list[Difference]
    """What else differs, such as the version of a package: what one wants to know the effect of."""
    metrics: list[Metric]
    """Each that one of the two has; RTF first."""

    @property
    def comparable(self) -> bool:
        """Whether the figures say something about each other."""
        return not self.differences


class Limit(msgspec.Struct, frozen=True, kw_only=True):
    """How much worse a metric may get."""

    metric: MetricId
    share: float
    """0.1: a tenth."""


def compare(a: BenchRecord, b: BenchRecord) -> Comparison:
    """What differs between two records, and how each metric of b stands to that of a."""
    return Comparison(
        a=a.id,
        b=b.id,
        differences=list(_differences(a, b)),
        changes=list(_changes(a, b)),
        metrics=list(_metrics(a, b)),
    )


def parse_limit(text: str) -> Limit:
    """The limit in ``rtf:10%`` or ``ram:5%``.

    Raises UsageError: no such metric, or no share above 0 % and up to 1000 %.
    """
    known = ", ".join(get_args(MetricId))
    form = "write a metric and by how much it may get worse, such as rtf:10% or ram:5%"
    match = _LIMIT.fullmatch(text)
    if match is None:
        raise UsageError(f"{text!r} is no limit", f"{form}; metrics: {known}")
    name, share = match[1].lower(), float(match[2]) / 100
    if name not in get_args(MetricId):
        raise UsageError(f"{text!r}: no metric is called {match[1]!r}", f"metrics: {known}")
    if not 0 < share <= MOST_SHARE:
        raise UsageError(f"{text!r}: the share is out of range", "above 0 % and up to 1000 %")
    return Limit(metric=cast(MetricId, name), share=share)


def failed(comparison: Comparison, limit: Limit) -> bool | None:
    """Whether b is worse than a by more than the limit, and the runs show it: where their
    quartile intervals overlap it is not. None: it can't be told, since the records are not
    comparable or a value is missing; a command then ends with exit code 3."""
    metric = next((each for each in comparison.metrics if each.id == limit.metric), None)
    if not comparison.comparable or metric is None or metric.ratio is None:
        return None
    return metric.ratio > 1 + limit.share and not metric.overlap


def overlap(a: list[float], b: list[float]) -> bool | None:
    """Whether the quartile intervals of two series overlap. None: one of them is empty."""
    one, other = quartiles(a), quartiles(b)
    if one is None or other is None:
        return None
    return one[0] <= other[1] and other[0] <= one[1]


def _differences(a: BenchRecord, b: BenchRecord) -> Iterator[Difference]:
    """Each for which figures of one record say nothing about the other."""
    if a.status != "ok" or b.status != "ok":
        yield Difference(id="status", a=a.status, b=b.status)
    elif a.summary is None or b.summary is None:
        yield Difference(id="runs", a=str(len(a.runs)), b=str(len(b.runs)))
    if "fail" in (_quality(a), _quality(b)):
        yield Difference(id="quality", a=_quality(a), b=_quality(b))
    one, other = _machine(a), _machine(b)
    if not same_machine(one, other):
        yield Difference(id="machine", a=_written(one), b=_written(other))
    if not _same_weights(a, b):
        yield Difference(id="weights", a=_weights(a), b=_weights(b))
    if a.protocol.text_sha256 != b.protocol.text_sha256:
        yield Difference(id="text", a=_spoken(a), b=_spoken(b))
    for ident, value in ASKED.items():
        if value(a) != value(b):
            yield Difference(id=ident, a=_text(value(a)), b=_text(value(b)))


ASKED: dict[str, Callable[[BenchRecord], object]] = {
    "model": lambda record: record.model,
    "mode": lambda record: record.mode,
    "gpu": lambda record: record.gpu,
    "engine": lambda record: record.engine.name,
    "quantisation": lambda record: record.weights.quantisation,
    "options": lambda record: ", ".join(sorted(record.protocol.options)) or None,
    "protocol": lambda record: record.protocol.version,
    "seed": lambda record: record.protocol.seed,
    "fixed-seconds": lambda record: record.protocol.fixed_seconds,
    "reference-seconds": lambda record: record.workload.reference_seconds,
    "steps": lambda record: record.workload.steps,
    "emotion": lambda record: record.workload.emotion,
    "threads-asked": lambda record: record.protocol.threads_asked,
    "compile-asked": lambda record: record.protocol.compile_asked,
}
"""What must be the same in both records."""


def _changes(a: BenchRecord, b: BenchRecord) -> Iterator[Difference]:
    for name in sorted({*a.versions, *b.versions}):
        one, other = a.versions.get(name), b.versions.get(name)
        if one != other:
            yield Difference(id="package", name=name, a=one, b=other)
    for ident, value in FOUND.items():
        if value(a) != value(b):
            yield Difference(id=ident, a=_text(value(a)), b=_text(value(b)))


FOUND: dict[str, Callable[[BenchRecord], object]] = {
    "driver": lambda record: " ".join(gpu.driver or "?" for gpu in record.machine.gpus or ()),
    "device": lambda record: record.engine.device,
    "precision": lambda record: record.engine.precision,
    "compiled": lambda record: record.engine.compiled,
    "threads": lambda record: record.engine.threads,
    "governor": lambda record: record.conditions.governor,
    "on-battery": lambda record: record.conditions.on_battery,
    "vcf": lambda record: record.vcf,
}
"""What may change from one measurement to the next, and explain it."""


def _metrics(a: BenchRecord, b: BenchRecord) -> Iterator[Metric]:
    same_gauge = {
        "vram": a.memory.vram_source == b.memory.vram_source,
        "energy": a.power.energy_source == b.power.energy_source,
    }
    for ident in get_args(MetricId):
        one, other = FIGURES[ident](a), FIGURES[ident](b)
        if one is None and other is None:
            continue
        known = one is not None and other is not None and same_gauge.get(ident, True)
        yield Metric(
            id=ident,
            a=one,
            b=other,
            ratio=_ratio(one, other) if known else None,
            overlap=overlap(SERIES[ident](a), SERIES[ident](b)) if ident in SERIES else None,
        )


FIGURES: dict[MetricId, Callable[[BenchRecord], float | None]] = {
    "rtf": lambda record: record.summary.rtf if record.summary else None,
    "first-audio": lambda record: record.streaming.first_audio_s if record.streaming else None,
    "load": lambda record: record.phases.load_s,
    "import": lambda record: record.phases.import_s,
    "ram": lambda record: record.memory.rss_peak_bytes,
    "vram": lambda record: record.memory.vram_peak_bytes,
    "energy": lambda record: record.power.energy_per_audio_j,
}
SERIES: dict[MetricId, Callable[[BenchRecord], list[float]]] = {
    "rtf": lambda record: [run.rtf for run in counting(record.runs)],
    "first-audio": lambda record: record.streaming.first_audio_runs if record.streaming else [],
}
"""Metrics that are measured several times."""


def _ratio(one: float | None, other: float | None) -> float | None:
    if one == other and one is not None:
        return 1.0
    return other / one if one and other is not None else None


def _machine(record: BenchRecord) -> MachineFacts:
    """The machine, its drivers left out: their effect is what is compared."""
    facts = facts_of(record.machine)
    gpus = [GpuFacts(name=gpu.name, driver=None) for gpu in facts.gpus]
    return msgspec.structs.replace(facts, gpus=gpus)


def _written(facts: MachineFacts) -> str:
    cores = None if facts.usable_cores is None else f"{facts.usable_cores} threads"
    memory = None if facts.memory_gib is None else f"{facts.memory_gib} GiB"
    parts = [facts.cpu, cores, memory, *(gpu.name for gpu in facts.gpus)]
    return " · ".join(part or "?" for part in parts)


def _same_weights(a: BenchRecord, b: BenchRecord) -> bool:
    """Real weights are told by their sum alone: a folder may hold what the hub has. Without a sum
    all else must agree."""
    one, other = a.weights, b.weights
    if one == other:
        return True
    kinds = one.kind == other.kind or {one.kind, other.kind} == REAL
    return kinds and one.sha256 is not None and one.sha256 == other.sha256


REAL = {"path", "hub"}


def _weights(record: BenchRecord) -> str:
    """``hub 3f2a9c01``"""
    sha256 = record.weights.sha256
    return record.weights.kind + (f" {sha256[:8]}" if sha256 else "")


def _spoken(record: BenchRecord) -> str:
    """``short en 3f2a9c01``"""
    protocol = record.protocol
    return f"{protocol.text} {protocol.lang} {protocol.text_sha256[:8]}"


def _quality(record: BenchRecord) -> str | None:
    return record.quality.status if record.quality else None


def _text(value: object) -> str | None:
    """A value as JSON writes it."""
    if value is None or isinstance(value, str):
        return value or None
    return msgspec.json.encode(value).decode()
