"""Intel GPUs on Linux, through the files of the xe and i915 drivers."""

from __future__ import annotations

import re

from ..host import Host
from . import sysfs
from .found import GpuFound
from .pci import driver_facts

IN_PROCESSOR = "0000:00:02.0"
"""Where every processor graphics of Intel sits on the PCI bus."""
_DISCRETE = re.compile(r"\bArc.*\b[AB]\d{2,3}M?\b|\bIris.*\bMAX\b|Data Center GPU|\bDG[12]\b")


def discrete_by_name(name: str) -> bool:
    """Is this the name of a card, not of processor graphics?"""
    return bool(_DISCRETE.search(name.replace("(R)", "").replace("(TM)", "")))


def share_ram(found: GpuFound, source: str) -> None:
    """Note that this GPU is part of the processor and takes its memory from RAM."""
    found.know("integrated", True, source)
    found.know("unified", True, source)
    for field in ("vram_total_bytes", "vram_free_bytes"):
        found.miss(field, "it shares the computer's RAM, and the driver tells no limit")


def _vram(host: Host, path: str) -> tuple[int, str] | None:
    tiles = [name for name in sysfs.names(host, path) if re.fullmatch(r"tile\d+", name)]
    sizes = [sysfs.number(host, f"{path}/{tile}/physical_vram_size_bytes") for tile in tiles]
    total = sum(size for size in sizes if size)
    if total:
        return total, "xe physical_vram_size_bytes"
    for card in sysfs.names(host, f"{path}/drm"):
        size = sysfs.number(host, f"{path}/drm/{card}/lmem_total_bytes")
        if size:
            return size, "i915 lmem_total_bytes"
    return None


def _card(host: Host, bus: str, driver: str) -> GpuFound:
    found = GpuFound(bus)
    found.know("vendor", "intel", driver)
    pci_id = sysfs.pci_id(host, bus)
    if pci_id is not None:
        found.know("pci_id", pci_id, "PCI bus (/sys)")
    driver_facts(host, found, driver)
    asleep = sysfs.asleep(host, bus)
    if asleep is not None:
        found.know("asleep", asleep, "power/runtime_status of the PCI device")
    if bus == IN_PROCESSOR:
        share_ram(found, "PCI address 00:02.0: processor graphics")
        return found
    found.know("integrated", False, "not at PCI address 00:02.0")
    found.know("unified", False, "a card of its own")
    vram = _vram(host, f"{sysfs.DEVICES}/{bus}")
    if vram is not None:
        found.know("vram_total_bytes", *vram)
    found.miss("vram_total_bytes", f"the {driver} driver does not tell it")
    found.miss("vram_free_bytes", f"the {driver} driver does not tell it")
    return found


def probe(host: Host) -> list[GpuFound]:
    """The GPUs that xe or i915 drives."""
    return [_card(host, bus, name) for name in ("xe", "i915") for bus in sysfs.bound_to(host, name)]
