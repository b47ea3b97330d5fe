"""What ``vcf calibrate`` measured on a machine, as the forecast uses it."""

from __future__ import annotations

from bisect import bisect_left
from typing import Annotated, Literal

import msgspec

from ..catalogue.model import Precision, Shape, Stage

Positive = Annotated[float, msgspec.Meta(ge=1e-6, le=1e9)]
Rows = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
SPREAD = (0.8, 1.3)
"""Factors on the middle of a calibrated forecast; see docs/forecast.md for the comparison with
measured synthesis that they rest on."""


class LinearRate(msgspec.Struct, frozen=True, kw_only=True):
    """Linear layers of one transformer with so many rows."""

    precision: Precision
    rows: Rows
    gparam_s: Positive
    """10^9 parameters worked through a second."""


class CacheRate(msgspec.Struct, frozen=True, kw_only=True):
    """Attention of one token over a whole KV cache."""

    precision: Precision
    positions: Rows
    gelement_s: Positive
    """10^9 elements of the cache a second."""


class DeviceCalibration(msgspec.Struct, frozen=True, kw_only=True):
    """What one device was measured to reach through torch."""

    device: Literal["cpu", "gpu"]
    name: str
    """The processor or card, as the probe names it."""
    threads: Rows
    """CPU threads used."""
    linear: list[LinearRate]
    cache: list[CacheRate]
    conv_gflop_s: Positive
    """10^9 operations a second in the blocks of an AudioVAE, fp32."""
    copy_gb_s: Positive
    """10^9 bytes a second, read and written."""
    launch_us: Positive
    """Microseconds for starting an operation."""

    def seconds(
        self, stage: Stage, precision: Precision, shape: Shape, times: float, gflop: float
    ) -> float | None:
        """How long a stage takes without the starting of its operations; None: not measured."""
        if shape == "conv":
            return gflop / self.conv_gflop_s
        reads = stage.reads_gparam_s * times
        if shape == "cache":
            cached = self._cache_rate(precision)
            return None if cached is None else reads / cached
        known = [each for each in self.linear if each.precision == precision]
        if not known:
            return None
        if shape in ("wide", "dense"):
            widest = max(known, key=lambda each: each.rows)
            return gflop / (2 * widest.gparam_s * widest.rows)
        rate = self.linear_rate(precision, gflop / (2 * reads) if reads else 1.0)
        return None if rate is None else reads / rate

    def linear_rate(self, precision: Precision, rows: float) -> float | None:
        """10^9 parameters a second at so many rows, between the rows that were measured."""
        known = sorted((r.rows, r.gparam_s) for r in self.linear if r.precision == precision)
        if not known:
            return None
        place = bisect_left([r for r, _ in known], rows)
        if place == 0:
            return known[0][1]
        if place == len(known):  # beyond: arithmetic rules, time grows with the rows
            return known[-1][1] * known[-1][0] / rows
        (r0, g0), (r1, g1) = known[place - 1], known[place]
        share = (rows - r0) / (r1 - r0)
        return 1 / ((1 - share) / g0 + share / g1)

    def _cache_rate(self, precision: Precision) -> float | None:
        known = [r.gelement_s for r in self.cache if r.precision == precision]
        return sum(known) / len(known) if known else None


class Calibration(msgspec.Struct, frozen=True, kw_only=True):
    """All that was measured on one machine."""

    devices: list[DeviceCalibration]

    def of(self, device: Literal["cpu", "gpu"], name: str | None) -> DeviceCalibration | None:
        """What was measured on a device; None where it was not."""
        for each in self.devices:
            if each.device == device and (device == "cpu" or each.name == name):
                return each
        return None
