"""Why a forecast says what it says: every term, every constant, and what others saw."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..catalogue.constants import Constants, Origin, constants
from ..catalogue.reports import Report
from .bits import BITS
from .context import Card, Context
from .device import Rates, strength
from .forecast import TimeSum, for_program, host_factor, record_for, time_sum
from .model import Assessment, Evidence, Measured, Rtf
from .nearby import Neighbour, neighbours
from .need import MemorySum, memory_sum
from .subject import Subject
from .workload import Workload, reference_of, steps_of


class Constant(msgspec.Struct, frozen=True, kw_only=True):
    """One figure that entered the sum."""

    id: str
    """Key of the label tables: ``bandwidth``, ``launch_us`` …"""
    value: float
    unit: str
    """Empty for plain factors and shares."""
    origin: Origin | str
    """``fitted``, ``measured``, ``set``; or where a device's figure comes from."""


class Explanation(msgspec.Struct, frozen=True, kw_only=True):
    """The whole sum for one mode on one machine."""

    model: str
    mode: str
    runs_as: str | None
    """The mode that the program really runs on this device, where it is another."""
    device: str
    """Name of the card or processor, empty where it has none."""
    workload: Workload
    steps: int | None
    reference_seconds: float
    """Of the clip that are used."""
    memory: tuple[MemorySum, ...]
    rtf: Rtf | None
    """What the assessment says in the end: measurements carried over, spilling counted."""
    time: TimeSum | None
    """None where the speed is not known."""
    record: Measured | None
    """The measurement that outranks the sum."""
    constants: tuple[Constant, ...]
    neighbours: tuple[Neighbour, ...]


def explain(
    subject: Subject,
    context: Context,
    assessment: Assessment,
    evidence: Evidence,
    reports: Sequence[Report],
) -> Explanation:
    """The sum behind an assessment that ``judge`` made of the subject."""
    card = _card(context, assessment) if subject.device == "gpu" else None
    runs = subject.runs_on(card.gpu.vendor if card is not None else None)
    known = subject.device == "cpu" or card is not None
    total = time_sum(runs, context, card, evidence) if known else None
    rates = card.rates if card is not None else context.cpu if subject.device == "cpu" else None
    sums = (
        memory_sum(runs, part, context, card) for part in ("device", "host-load", "host-run")
    )  # fmt: skip
    name = card.label if card is not None else context.machine.cpu.model or ""
    return Explanation(
        model=subject.model_id,
        mode=subject.mode_id,
        runs_as=runs.mode_id if runs is not subject else None,
        device=name if known else "",
        workload=context.workload,
        steps=steps_of(runs.model, runs.mode, for_program(runs, context.workload)),
        reference_seconds=reference_of(runs.model, context.workload),
        memory=tuple(each for each in sums if each is not None) if known else (),
        rtf=assessment.rtf,
        time=total,
        record=record_for(subject, runs, card, evidence),
        constants=_constants(total, rates, runs) if total is not None and rates else (),
        neighbours=neighbours(runs, context, card, reports) if known else (),
    )


def _card(context: Context, assessment: Assessment) -> Card | None:
    return next((card for card in context.cards or () if card.index == assessment.gpu), None)


def _constants(total: TimeSum, rates: Rates, subject: Subject) -> tuple[Constant, ...]:
    table = constants()
    device = "table" if rates.kind != "cpu" else "assumed"
    precision = subject.precision
    roofline = total.basis == "roofline" or any(t.bound != "measured" for t in total.terms)
    found = [
        Constant(id="device-bandwidth", value=rates.gb_s, unit="GB/s", origin=device),
        Constant(id="device-rate", value=rates.tflops[precision], unit="TFLOPS", origin=device),
    ]
    if precision != "fp32" and any(term.precision == "fp32" for term in total.terms):
        fp32 = rates.tflops["fp32"]
        found.append(Constant(id="device-rate-fp32", value=fp32, unit="TFLOPS", origin=device))
    if rates.kind != "cpu" and any(term.shape == "cache" for term in total.terms):
        found.append(
            Constant(id="device-strength", value=strength(rates), unit="TFLOPS", origin=device)
        )
    found.append(Constant(id="bits", value=BITS[precision], unit="bit", origin="format"))
    found += _calibrated(total, subject)
    if roofline:
        found += _shares(total, table, subject, rates)
    origin = table.origins.get(f"{total.family}.request_s", "set")
    found.append(Constant(id="request_s", value=total.request_seconds, unit="s", origin=origin))
    if roofline:
        found += _factors(total, table, subject, rates)
    if total.factor != 1:
        stated = subject.mode.speed_source or "set"
        found.append(Constant(id="mode-factor", value=total.factor, unit="", origin=stated))
    range_from = "cross-validation" if total.basis == "roofline" else "set"
    found += [
        Constant(id="spread-low", value=total.spread.low, unit="", origin=range_from),
        Constant(id="spread-high", value=total.spread.high, unit="", origin=range_from),
    ]
    return tuple(found)


def _calibrated(total: TimeSum, subject: Subject) -> list[Constant]:
    """What calibration measured, in the units of the sum."""
    known = total.calibration
    if known is None:
        return []
    found = [
        Constant(
            id=f"measured-rows-{rows}", value=round(rate, 3), unit="10^9/s", origin="calibrated"
        )
        for rows in (1, 10, 256)
        if (rate := known.linear_rate(subject.precision, rows)) is not None
    ]
    found += [
        Constant(id="measured-cache", value=each.gelement_s, unit="10^9/s", origin="calibrated")
        for each in known.cache[:1]
        if each.precision == subject.precision
    ]
    return [
        *found,
        Constant(id="measured-conv", value=known.conv_gflop_s, unit="GFLOPS", origin="calibrated"),
        Constant(id="measured-launch", value=known.launch_us, unit="µs", origin="calibrated"),
    ]


def _factors(total: TimeSum, table: Constants, subject: Subject, rates: Rates) -> list[Constant]:
    """Factors on the time of the stages; none where calibration measured the device."""
    if rates.kind in subject.runtime.speed or all(t.bound == "measured" for t in total.terms):
        return []
    found = []
    runtime = table.factors.get(subject.mode.runtime)
    if runtime is not None:
        found.append(Constant(id="runtime-factor", value=runtime, unit="", origin="fitted"))
    if total.windows:
        found.append(
            Constant(id="windows-launch", value=table.windows_launch, unit="", origin="fitted")
        )
    if rates.kind not in ("cpu", "apple"):
        host = host_factor(table, rates)
        found.append(Constant(id="host-factor", value=round(host, 3), unit="", origin="fitted"))
    return found


def _shares(total: TimeSum, table: Constants, subject: Subject, rates: Rates) -> list[Constant]:
    kernels = total.kernels
    own = subject.runtime.speed.get(rates.kind)
    values: list[tuple[str, float, str]] = [
        ("bandwidth", kernels.bandwidth, ""),
        ("skinny", kernels.skinny, ""),
        ("tile_rows", kernels.tile_rows, "rows"),
        ("wide", kernels.wide, ""),
        ("conv", kernels.conv, ""),
        ("launch_us", kernels.launch_us, "µs"),
    ]
    if any(term.shape == "dense" for term in total.terms):
        values.append(("dense", kernels.dense, ""))
    if total.compiled and kernels.compiled_us:
        values.append(("compiled_us", kernels.compiled_us, "µs"))
    if any(term.shape == "cache" for term in total.terms):
        values.append(("cache_bytes", kernels.cache_bytes, "B"))
        ops = kernels.cache_ops.get(subject.precision)
        if ops:
            values.append(("cache_ops", ops, ""))
    return [
        Constant(
            id=name,
            value=value,
            unit=unit,
            origin=own.source if own else table.origins.get(f"{total.family}.{name}", "set"),
        )
        for name, value, unit in values
    ]
