"""Seconds of one call, stage by stage: the larger of bytes over bandwidth and operations over
rate, plus the starting of kernels."""

from __future__ import annotations

from typing import Literal

import msgspec

from ..catalogue.constants import Kernels
from ..catalogue.model import Mode, Model, Precision, Shape, Stage
from .bits import BITS
from .calibration import DeviceCalibration
from .device import Rates, strength
from .workload import Workload, amount, squares

SKINNY_ROWS, WIDE_ROWS = 1.5, 64.0
NEVER_COMPILED = ("conv", "dense")
"""Codecs and vocoders are left out of torch.compile."""
"""Operations per parameter, halved: up to the first a vector, up to the second few rows."""
Bound = Literal["memory", "arithmetic", "measured"]


class TimeTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One stage of one call."""

    id: str
    seconds: float
    """In all."""
    launch_seconds: float
    """Of these for starting kernels."""
    bound: Bound
    """What the rest is limited by; ``measured`` where calibration says how long it takes."""
    gb: float
    """10^9 bytes moved, all copies counted."""
    gflop: float
    """10^9 operations, as the kernels do them: full tiles, widened numbers."""
    launches: float
    precision: Precision
    shape: Shape
    source: str


class Pace(msgspec.Struct, frozen=True, kw_only=True):
    """How a runtime works on a device."""

    kernels: Kernels
    compiled: bool = False
    launch_factor: float = 1.0
    factor: float = 1.0
    """Time of the runtime against its kernels alone."""


def shape_of(stage: Stage) -> Shape:
    """As stated, or by operations per parameter."""
    if stage.shape is not None:
        return stage.shape
    rows = rows_of(stage)
    return "matvec" if rows <= SKINNY_ROWS else "skinny" if rows <= WIDE_ROWS else "wide"


def rows_of(stage: Stage) -> float:
    """Rows that each parameter meets."""
    return stage.work_gflop_s / (2 * stage.reads_gparam_s) if stage.reads_gparam_s else 1.0


def launch_us(pace: Pace, shape: Shape) -> float:
    """Microseconds for starting a kernel of a stage."""
    kernels = pace.kernels
    compiled = pace.compiled and kernels.compiled_us is not None and shape not in NEVER_COMPILED
    each = kernels.compiled_us if compiled and kernels.compiled_us else kernels.launch_us
    return each * pace.launch_factor


def time_terms(
    model: Model,
    mode: Mode,
    precision: Precision,
    rates: Rates,
    pace: Pace,
    workload: Workload,
    measured: DeviceCalibration | None = None,
) -> tuple[TimeTerm, ...]:
    """The stages of one call of a model on a device, and last what every call costs."""
    terms = []
    for stage in model.work:
        own = precision if stage.precision == "mode" else "fp32"
        times = amount(stage, model, mode, workload)
        gb = stage.reads_gparam_s * BITS[own] / 8 * times
        gflop = stage.work_gflop_s * times
        if stage.work_gflop_s2:
            gflop += stage.work_gflop_s2 * squares(stage, model, mode, workload)
        shape = shape_of(stage)
        worked = gflop
        busy, bound, gb, gflop = _roofline(stage, own, shape, rates, pace.kernels, times, gb, gflop)
        each = launch_us(pace, shape)
        known = measured.seconds(stage, own, shape, times, worked) if measured else None
        if known is not None and measured is not None:
            busy, bound, each = known, "measured", measured.launch_us
        starting = stage.launches_s * times * each * 1e-6
        factor = 1.0 if bound == "measured" else pace.factor
        terms.append(
            TimeTerm(
                id=stage.id, seconds=(busy + starting) * factor,
                launch_seconds=starting * factor, bound=bound, gb=gb, gflop=gflop,
                launches=stage.launches_s * times, precision=own, shape=shape,
                source=stage.source,
            )
        )  # fmt: skip
    return tuple(terms)


def _roofline(
    stage: Stage, precision: Precision, shape: Shape, rates: Rates, kernels: Kernels,
    times: float, gb: float, gflop: float,
) -> tuple[float, Bound, float, float]:  # fmt: skip
    """Seconds, what limits them, and bytes and operations as the kernels do them (10^9)."""
    rate = rates.tflops[precision] * 1e3
    if shape == "cache":
        elements = stage.reads_gparam_s * times
        gb = elements * kernels.cache_bytes
        gflop = elements * kernels.cache_ops.get(precision, 0.0)
        rate = strength(rates) * 1e3
    else:
        if shape == "skinny":
            gflop = max(gflop, 2 * stage.reads_gparam_s * times * kernels.tile_rows)
        rate *= kernels.share(shape)
    memory, arithmetic = gb / (rates.gb_s * kernels.bandwidth), gflop / rate
    bound: Bound = "memory" if memory >= arithmetic else "arithmetic"
    return max(memory, arithmetic), bound, gb, gflop
