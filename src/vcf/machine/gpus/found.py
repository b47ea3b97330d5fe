"""What one probe found about one GPU, before the probes are joined."""

from __future__ import annotations

import re
from typing import Any

from ..host import Unanswered

_BUS = re.compile(r"(?:([0-9a-f]{4,8}):)?([0-9a-f]{1,2}):([0-9a-f]{1,2})\.([0-7])")
_PCI_VENDORS = {"10de": "nvidia", "1002": "amd", "8086": "intel", "106b": "apple"}


def normal_bus(bus: str | None) -> str | None:
    """``00000000:01:00.0``, ``01:00.0`` and ``0000:01:00.0`` as ``0000:01:00.0``; rubbish: None."""
    match = _BUS.fullmatch(bus.strip().lower()) if bus else None
    if match is None:
        return None
    domain = int(match[1] or "0", 16)
    return f"{domain:04x}:{int(match[2], 16):02x}:{int(match[3], 16):02x}.{match[4]}"


def vendor_of(pci_id: str) -> str | None:
    """Who makes the GPU with this ``vendor:device``, None for everyone else's devices."""
    return _PCI_VENDORS.get(pci_id.partition(":")[0])


class GpuFound:
    """Facts about one GPU with their sources, and what the probe could not learn.

    ``facts`` and ``unknown`` go by the field names of ``model.Gpu``.
    """

    def __init__(self, bus: str | None = None) -> None:
        self.bus = normal_bus(bus)
        """PCI address, by which two probes that saw the same card are joined."""
        self.facts: dict[str, tuple[Any, str]] = {}
        self.unknown: dict[str, str] = {}
        self.hidden_by: str | None = None
        """The environment setting that hides it from programs, such as
        ``CUDA_VISIBLE_DEVICES=-1``."""
        self.chassis: int | None = None
        """SMBIOS chassis type of the computer around it."""
        self.driver_name = True
        """False when the name comes from a list of PCI ids, not from driver or system."""

    def know(self, field: str, value: Any, source: str) -> None:
        """Keep a fact; the first source to know it wins."""
        if field not in self.facts:
            self.facts[field] = (value, source)
            self.unknown.pop(field, None)

    def miss(self, field: str, reason: str | Unanswered) -> None:
        """Say why a fact is not known; a fact that is known stays known."""
        if field not in self.facts:
            self.unknown.setdefault(field, str(reason))

    def value(self, field: str) -> Any:
        """The fact, None where it is not known."""
        return self.facts[field][0] if field in self.facts else None

    def absorb(self, other: GpuFound) -> None:
        """Take over what a less trusted probe found about the same GPU."""
        if "name" not in self.facts:
            self.driver_name = other.driver_name
        for field, (value, source) in other.facts.items():
            self.know(field, value, source)
        for field, reason in other.unknown.items():
            self.miss(field, reason)
        self.bus = self.bus or other.bus
        self.hidden_by = self.hidden_by or other.hidden_by
        self.chassis = self.chassis or other.chassis


class Unseen(GpuFound):
    """A sign that there may be a GPU about which nothing can be told, with the reason."""

    def __init__(self, reason: str) -> None:
        super().__init__()
        self.reason = reason
