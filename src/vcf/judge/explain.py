"""Why a forecast says what it says: every term, every constant, and what others saw."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..catalogue.constants import HOST_TFLOPS, Constants, Origin, constants
from ..catalogue.reports import Report
from .bits import BITS
from .context import Card, Context
from .device import Rates
from .forecast import TimeSum, time_sum
from .model import Assessment, Evidence, Measured
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
    asked = subject
    vendor = card.gpu.vendor if card is not None else None
    other = asked.mode.runs_as.get(vendor) if vendor is not None else None
    runs = asked.others[asked.model_id, other] if other is not None else asked
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
        runs_as=other,
        device=name if known else "",
        workload=context.workload,
        steps=steps_of(runs.model, runs.mode, context.workload),
        reference_seconds=reference_of(runs.model, context.workload),
        memory=tuple(each for each in sums if each is not None) if known else (),
        time=total,
        record=evidence.record_of(subject.key, card.gpu.name if card is not None else None),
        constants=_constants(total, rates, runs) if total is not None and rates else (),
        neighbours=neighbours(runs, context, card, reports) if known else (),
    )


def _card(context: Context, assessment: Assessment) -> Card | None:
    return next((card for card in context.cards or () if card.index == assessment.gpu), None)


def _constants(total: TimeSum, rates: Rates, subject: Subject) -> tuple[Constant, ...]:
    table = constants()
    device = "table" if rates.kind != "cpu" else "assumed"
    precision = subject.precision
    found = [
        Constant(id="device-bandwidth", value=rates.gb_s, unit="GB/s", origin=device),
        Constant(id="device-rate", value=rates.tflops[precision], unit="TFLOPS", origin=device),
        Constant(id="bits", value=BITS[precision], unit="bit", origin="format"),
    ]
    if total.basis == "roofline":
        found += _shares(total, table)
    runtime = table.factors.get(subject.mode.runtime)
    if runtime is not None and total.basis == "roofline":
        found.append(Constant(id="runtime-factor", value=runtime, unit="", origin="fitted"))
    if subject.mode.speed_factor != 1:
        found.append(
            Constant(
                id="mode-factor", value=subject.mode.speed_factor, unit="",
                origin=subject.mode.speed_source or "set",
            )
        )  # fmt: skip
    if total.windows:
        found.append(
            Constant(id="windows-launch", value=table.windows_launch, unit="", origin="fitted")
        )
    if rates.kind not in ("cpu", "apple") and total.basis == "roofline":
        host = (rates.tflops["fp32"] / HOST_TFLOPS) ** -table.host_exponent
        found.append(Constant(id="host-factor", value=round(host, 3), unit="", origin="fitted"))
    found += [
        Constant(id="spread-low", value=total.spread.low, unit="", origin="cross-validation"),
        Constant(id="spread-high", value=total.spread.high, unit="", origin="cross-validation"),
    ]
    return tuple(found)


def _shares(total: TimeSum, table: Constants) -> list[Constant]:
    kernels = total.kernels
    launch = "compiled_us" if total.compiled and kernels.compiled_us else "launch_us"
    values = (
        ("bandwidth", kernels.bandwidth, ""),
        ("skinny", kernels.skinny, ""),
        ("wide", kernels.wide, ""),
        ("conv", kernels.conv, ""),
        (launch, getattr(kernels, launch), "µs"),
        ("request_s", kernels.request_s, "s"),
    )
    return [
        Constant(
            id=name, value=value, unit=unit,
            origin=table.origins.get(f"{total.family}.{name}", "set"),
        )
        for name, value, unit in values
    ]  # fmt: skip
