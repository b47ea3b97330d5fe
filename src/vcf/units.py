"""Sizes: RAM and VRAM are spoken of in GiB (2^30), disk and downloads in GB (10^9)."""

from __future__ import annotations

import re

GIB = 1 << 30
MIB = 2**20
GB = 10**9

_FACTORS = {
    "b": 1,
    "kb": 10**3, "mb": 10**6, "gb": 10**9, "tb": 10**12,
    "kib": 1 << 10, "mib": 1 << 20, "gib": 1 << 30, "tib": 1 << 40,
}  # fmt: skip
_SIZE = re.compile(r"\s*(\d+(?:\.\d+)?)\s*([A-Za-z]+)\s*")
_LARGEST = 1 << 53
"""8 PiB: above it a JSON reader with doubles would lose bytes, and no machine is that large."""


def parse_size(text: str) -> int:
    """Bytes of a written size such as ``16GiB``, ``16 GB``, ``2048MiB``.

    Raises ValueError, with a message for people, when the unit is missing or unknown, or the
    number is negative, zero digits or beyond 8 PiB.
    """
    match = _SIZE.fullmatch(text)
    if match is None:
        raise ValueError(f"{text!r} is not a size: write a number and a unit, such as 16GiB")
    factor = _FACTORS.get(match[2].lower())
    if factor is None:
        units = "B, kB, MB, GB, TB, KiB, MiB, GiB or TiB"
        if match[2][0].upper() in "KMGT":
            units = f"{match[2][0].upper()}iB or {match[2][0].upper()}B"
        raise ValueError(f"{text!r} has an unknown unit {match[2]!r}: use {units}")
    size = float(match[1]) * factor  # hundreds of digits become infinite
    if size > _LARGEST:
        raise ValueError(f"{text!r} is beyond 8 PiB")
    return round(size)


def gib(size: float) -> str:
    """``5.9 GiB``: memory as people read it."""
    value = size / GIB
    return f"{value:.1f} GiB" if value < 99.95 else f"{value:.0f} GiB"


def gb(size: float) -> str:
    """``5.0 GB``: disk and downloads as people read them."""
    value = size / GB
    return f"{value:.1f} GB" if value < 99.95 else f"{value:.0f} GB"
