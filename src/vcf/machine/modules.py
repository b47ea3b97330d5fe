"""Memory modules as the firmware lists them: SMBIOS structures of type 17.

Serial and part numbers stand in the same table; they are never taken out of it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

_KINDS = {
    0x12: "DDR", 0x13: "DDR2", 0x18: "DDR3", 0x1A: "DDR4", 0x1B: "LPDDR", 0x1C: "LPDDR2",
    0x1D: "LPDDR3", 0x1E: "LPDDR4", 0x20: "HBM", 0x21: "HBM2", 0x22: "DDR5", 0x23: "LPDDR5",
}  # fmt: skip
_CHANNEL = re.compile(r"channel[\s_-]*([A-P0-9])(?![A-Z0-9])", re.IGNORECASE)
_CONTROLLER = re.compile(r"(?:controller|\bP|cpu|node)[\s_-]*(\d)", re.IGNORECASE)
_SLOT = re.compile(r"^DIMM[\s_-]*([A-P])\d?$", re.IGNORECASE)


def parse_smbios(table: bytes) -> list[dict[str, Any]]:
    """``kind``, ``speed`` (MT/s), ``locator`` and ``bank`` of every module that is plugged in."""
    modules = []
    for body, strings in _structures(table):
        if body[0] != 17 or len(body) < 0x17:
            continue
        if body[0x0C:0x0E] == b"\0\0":  # an empty slot
            continue
        rated = int.from_bytes(body[0x15:0x17], "little")
        actual = int.from_bytes(body[0x20:0x22], "little") if len(body) >= 0x22 else 0
        modules.append(
            {
                "kind": _KINDS.get(body[0x12]),
                "speed": actual or rated,
                "locator": _string(strings, body[0x10]),
                "bank": _string(strings, body[0x11]),
            }
        )
    return modules


def _structures(table: bytes) -> Iterator[tuple[bytes, list[bytes]]]:
    """Formatted part and strings of each structure; stops where the table is broken."""
    start = 0
    while start + 4 <= len(table) and table[start + 1] >= 4:
        end = start + table[start + 1]
        after = table.find(b"\0\0", end)
        if after < 0:
            return
        yield table[start:end], table[end:after].split(b"\0")
        start = after + 2


def _string(strings: list[bytes], index: int) -> str:
    if not 0 < index <= len(strings):
        return ""
    return strings[index - 1].decode("latin-1").strip()


def speed_of(modules: Iterable[Any]) -> str | None:
    """``DDR4-2133``: kind and the slowest rate, None when modules differ in kind or are silent."""
    kinds, speeds = set(), set()
    for module in modules:
        if not isinstance(module, dict):
            return None
        kinds.add(module.get("kind"))
        speeds.add(module.get("speed"))
    kind = next(iter(kinds), None)
    rates = [speed for speed in speeds if isinstance(speed, int) and 100 <= speed <= 20_000]
    if len(kinds) != 1 or not isinstance(kind, str) or len(rates) != len(speeds):
        return None
    return f"{kind}-{min(rates)}"


def channels_of(modules: Iterable[Any]) -> int | None:
    """Channels with a module; None where a locator does not name its channel.

    LPDDR counts channels of 16 or 32 bits, which would mislead beside those of 64.
    """
    channels = set()
    for module in modules:
        if not isinstance(module, dict) or str(module.get("kind")).startswith("LPDDR"):
            return None
        texts = (str(module.get("locator", "")), str(module.get("bank", "")))
        named = _first(_CHANNEL, texts) or _first(_SLOT, texts)
        if named is None:
            return None
        channels.add((_first(_CONTROLLER, texts), named.upper()))
    return len(channels) or None


def _first(pattern: re.Pattern[str], texts: Iterable[str]) -> str | None:
    for text in texts:
        match = pattern.search(text)
        if match is not None:
            return match[1]
    return None
