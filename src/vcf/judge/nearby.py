"""What others with hardware like this saw: the public reports nearest to a machine and a mode."""

from __future__ import annotations

import math
from collections.abc import Sequence

import msgspec

from ..catalogue.gpus import GpuSpec, find_typed
from ..catalogue.reports import Report
from .context import Card, Context
from .subject import Subject, device_of

MOST = 5
FAR = 3.0
"""Reports further away say nothing about this machine."""


class Neighbour(msgspec.Struct, frozen=True, kw_only=True):
    """One report and how near it is."""

    report: Report
    same_device: bool
    """The very card or processor."""
    same_mode: bool
    distance: float
    """0 for the same mode on the same device; 1 is about twice the bandwidth apart."""


def neighbours(
    subject: Subject, context: Context, card: Card | None, reports: Sequence[Report]
) -> tuple[Neighbour, ...]:
    """The nearest reports of the model that say something of speed, memory or failure."""
    found = []
    for report in reports:
        if report.model != subject.model_id or report.mode is None:
            continue
        near = _near(report, subject, context, card)
        if near is not None and near.distance <= FAR:
            found.append(near)
    found.sort(key=lambda each: (each.distance, each.report.rtf is None, each.report.id))
    return tuple(found[:MOST])


def _near(
    report: Report, subject: Subject, context: Context, card: Card | None
) -> Neighbour | None:
    kind = _kind_distance(report, subject)
    if kind is None:
        return None
    apart = _cpu_distance(report, context) if card is None else _gpu_distance(report, card)
    if apart is None:
        return None
    return Neighbour(
        report=report,
        same_device=apart == 0.0,
        same_mode=kind == 0.0,
        distance=apart + kind + (0.0 if report.confidence == "high" else 0.3),
    )


def _kind_distance(report: Report, subject: Subject) -> float | None:
    """0 for the same mode, more for another precision; None for another kind of device."""
    mode, own = str(report.mode), str(subject.mode_id)
    if mode == own:
        return 0.0
    unstated = mode in ("gpu", "cpu")
    if (mode if unstated else device_of(mode)) != subject.device:  # type: ignore[arg-type]
        return None
    if unstated:  # the program of its makers, in a precision of its choice
        return 0.0 if subject.runtime.kernels == "torch" else 1.5
    kind, _, precision = mode.rpartition("-")
    return 0.5 if precision and kind and kind == own.rpartition("-")[0] else 1.5


def _gpu_distance(report: Report, card: Card) -> float | None:
    spec = _spec(report)
    if spec is None or card.rates is None or spec.vendor != card.gpu.vendor:
        return None
    if card.spec is not None and spec.name == card.spec.name:
        return 0.0
    bandwidth = abs(math.log2(spec.bandwidth_gb_s / card.rates.gb_s))
    rate = abs(math.log2(spec.fp32_tflops / card.rates.tflops["fp32"]))
    return 0.2 + (bandwidth + rate) / 2


def _cpu_distance(report: Report, context: Context) -> float | None:
    model = context.machine.cpu.model
    if report.gpu is not None and report.cpu is None and report.cores is None:
        return None
    if report.cpu is not None and model is not None and report.cpu.lower() in model.lower():
        return 0.0
    own = context.machine.cpu.physical_cores or context.machine.cpu.usable_cores
    if report.cores is None or own is None:
        return 1.5
    return 0.3 + abs(math.log2(report.cores / own))


def _spec(report: Report) -> GpuSpec | None:
    return find_typed(report.gpu) if report.gpu is not None else None
