"""The constants of the forecast: how much of a device's peak each kind of kernel reaches.

``forecast.json`` is written by ``scripts/fit_forecast.py``, which says where each figure comes
from: fitted to public reports, measured here, or set.
"""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Literal

import msgspec

from .model import Precision, Shape

Kind = Literal["cpu", "nvidia", "amd", "intel", "apple"]
"""Class of a device."""
Origin = Literal["fitted", "measured", "set"]


class Kernels(msgspec.Struct, frozen=True, kw_only=True):
    """What one kind of kernels reaches on one class of device."""

    bandwidth: float
    """Share of memory bandwidth."""
    skinny: float
    """Share of arithmetic with 2 to 64 rows."""
    tile_rows: float = 1
    """Fewer rows cost as much as so many: matrices are worked through in tiles."""
    wide: float
    """Share of arithmetic with more rows."""
    conv: float
    """Share of arithmetic in convolutions over long signals."""
    dense: float
    """The same where they join many channels."""
    cache_bytes: float = 0
    """Bytes moved for an element of the KV cache in one step, all copies counted."""
    cache_ops: dict[Precision, float] = {}
    """Operations, at the fp32 peak, that an element of the KV cache costs for one step."""
    launch_us: float = 0
    """Microseconds for starting a kernel (an operation, on CPUs)."""
    compiled_us: float | None = None
    """The same after torch.compile; None where nothing is compiled."""
    request_s: float = 0
    """Seconds that every call takes, however short the text."""

    def share(self, shape: Shape) -> float:
        """Share of arithmetic for a shape of work."""
        if shape in ("conv", "dense"):
            return self.conv if shape == "conv" else self.dense
        return self.wide if shape == "wide" else self.skinny


class Spread(msgspec.Struct, frozen=True, kw_only=True):
    """How far measurements lie from the forecast: factors on the middle, and from how many."""

    low: float
    high: float
    reports: int = 0
    """Public reports of this class that the factors rest on."""


HOST_TFLOPS = 36.0
"""Strength of a card in the middle of those reported of (an RTX 3080 or 3090)."""


class Constants(msgspec.Struct, frozen=True, kw_only=True):
    """The whole of ``forecast.json`` (schema ``vcf.forecast/1``)."""

    schema: Literal["vcf.forecast/1"] = "vcf.forecast/1"
    fitted: str
    """Day of the fit."""
    reports: int
    """Reports fitted to."""
    windows_launch: float
    """Factor on launches under Windows, whose display driver model batches them."""
    host_exponent: float
    """Fast cards sit in fast computers, and starting kernels is work for the processor: time of a
    launch goes with the card's strength over ``HOST_TFLOPS`` to the power of minus this."""
    emulated_bf16: float
    """Share of the fp32 rate at which GPUs without bf16 units compute in it."""
    kernels: dict[str, dict[Kind, Kernels]]
    """By kind of kernels and class of device."""
    factors: dict[str, float]
    """Time of a runtime against its kernels alone; 1 where nothing is known."""
    spreads: dict[str, Spread]
    """By ``kernels.device``, by device, and ``unlisted`` for devices known by generation only."""
    origins: dict[str, Origin]
    """Where the figures of ``kernels`` come from, by ``kernels.device.field``; set otherwise."""

    def spread(self, kernels: str, kind: Kind, *, listed: bool) -> Spread:
        """The range for a class of evidence, the most particular that is known."""
        own = self.spreads.get(f"{kernels}.{kind}") or self.spreads[kind]
        if listed:
            return own
        wide = self.spreads["unlisted"]
        return Spread(
            low=min(own.low, wide.low), high=max(own.high, wide.high), reports=own.reports
        )


PATH = Path(__file__).with_name("forecast.json")


@lru_cache(maxsize=1)
def constants() -> Constants:
    """The constants that vcf ships."""
    return msgspec.json.decode(PATH.read_bytes(), type=Constants)
