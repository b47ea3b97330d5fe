"""What a benchmark would do, before anything is written, fetched or begun."""

from __future__ import annotations

from typing import Literal

import msgspec

from .cells import Cell
from .checkpoint import weight_bytes
from .measure import Ask
from .record import Predicted, Reason, WeightsKind
from .rules import STREAM_FACTOR, Rules, runs_ahead
from .sources import Source, size_of


class PlannedCell(msgspec.Struct, frozen=True, kw_only=True):
    """One model in one mode."""

    model: str
    mode: str
    option: str | None = None
    """What is used beside the plain way."""
    gpu: str | None
    """The card; None: the processor."""
    skip: Reason | None
    """Why it would not be begun."""
    predicted: Predicted | None
    speech_seconds: float
    """Of each synthesis, about."""
    syntheses: int
    """Cold, warm and streamed ones, at the least."""
    seconds_low: float | None
    """That they take by the forecast, loading left out; None: there is no forecast."""
    seconds_high: float | None
    max_seconds: float
    """No synthesis begins after so long."""
    weights: WeightsKind
    ready: bool
    """The weights need not be written or fetched."""
    write_bytes: int | None
    """To be written; None: not known before the hub is asked."""


class BenchPlan(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``vcf bench --dry-run``."""

    schema: Literal["vcf.bench-plan/1"] = "vcf.bench-plan/1"
    cells: list[PlannedCell]
    limit_seconds: float | None = None
    """For all of them together; None: there is no such limit."""


def planned(cell: Cell, ask: Ask, rules: Rules, source: Source) -> PlannedCell:
    """One cell as it would be measured."""
    speech = ask.work.length or ask.script.seconds
    rtf = None if source.kind == "tiny" else cell.predicted
    low, high = expected(cell, ask, rules, source) or (None, None)
    return PlannedCell(
        model=cell.subject.model_id,
        mode=cell.subject.mode_id,
        option=cell.option,
        gpu=cell.gpu_name,
        skip=cell.skip,
        predicted=rtf,
        speech_seconds=speech,
        syntheses=rules.warmups + rules.runs_min + rules.streams,
        seconds_low=low,
        seconds_high=high,
        max_seconds=rules.max_seconds,
        weights=source.kind,
        ready=source.ready,
        write_bytes=_bytes(cell, source),
    )


def expected(cell: Cell, ask: Ask, rules: Rules, source: Source) -> tuple[float, float] | None:
    """Seconds that a cell takes by the forecast, loading left out: the least and the most. None:
    there is no forecast."""
    rtf, speech = cell.predicted, ask.work.length or ask.script.seconds
    if rtf is None or source.kind == "tiny":
        return None
    return _seconds(rules, speech * rtf.low), _seconds(rules, speech * rtf.high)


def _seconds(rules: Rules, one: float) -> float:
    runs = rules.warmups + runs_ahead(rules, [], one)
    return min(rules.max_seconds, one * (runs + STREAM_FACTOR * rules.streams))


def _bytes(cell: Cell, source: Source) -> int | None:
    if source.ready:
        return 0
    if source.kind not in ("synthetic", "tiny"):
        return None
    if source.write_bytes is not None:
        return source.write_bytes
    size = size_of(source.kind)
    return weight_bytes(cell.subject.model_id, size)
