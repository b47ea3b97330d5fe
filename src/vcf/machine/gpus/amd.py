"""AMD GPUs on Linux, through the files of the amdgpu and KFD drivers."""

from __future__ import annotations

import re

from ...units import GIB, gib
from ..host import Host, Unanswered
from . import filters, sysfs
from .found import GpuFound
from .pci import driver_facts
from .table import by_pci

NODES = "/sys/class/kfd/kfd/topology/nodes"
KFD = "/dev/kfd"
_PROPERTY = re.compile(r"^(\w+) (\d+)$", re.MULTILINE)


def gfx_name(version: int) -> str | None:
    """``gfx90a`` of 90010, ``gfx1030`` of 100300; None for 0, which processors have."""
    if version <= 0:
        return None
    major, minor, step = version // 10_000, version // 100 % 100, version % 100
    return f"gfx{major}{minor:x}{step:x}"


def shares_ram(vram: int, gtt: int) -> bool:
    """Is this the small carve-out of a processor's GPU, with most of its memory in RAM?"""
    return vram <= 4 * GIB and gtt >= 8 * GIB and gtt >= 4 * vram


def _gfx_by_minor(host: Host) -> dict[int, str]:
    """Compute targets by the number of the render device, ``renderD128``."""
    found = {}
    for node in sysfs.names(host, NODES):
        text = sysfs.text(host, f"{NODES}/{node}/properties") or ""
        values = {key: int(value) for key, value in _PROPERTY.findall(text)}
        gfx = gfx_name(values.get("gfx_target_version", 0))
        if gfx is not None and "drm_render_minor" in values:
            found[values["drm_render_minor"]] = gfx
    return found


def _keep_gfx(host: Host, found: GpuFound, path: str, by_minor: dict[int, str]) -> None:
    for name in sysfs.names(host, f"{path}/drm"):
        minor = name.removeprefix("renderD")
        if minor.isdecimal() and int(minor) in by_minor:
            found.know("gfx", by_minor[int(minor)], "KFD")


def _keep_memory(host: Host, found: GpuFound, path: str) -> None:
    """VRAM of a card; for a processor's GPU what the driver may take of RAM (GTT)."""
    vram = sysfs.number(host, f"{path}/mem_info_vram_total")
    gtt = sysfs.number(host, f"{path}/mem_info_gtt_total")
    spec = by_pci(found.value("pci_id"))
    if vram is None:
        found.miss("vram_total_bytes", "amdgpu has no mem_info_vram_total")
        found.miss("vram_free_bytes", "amdgpu has no mem_info_vram_total")
        return
    integrated = spec.integrated if spec else gtt is not None and shares_ram(vram, gtt)
    found.know("integrated", integrated, "GPU table" if spec else "rule: VRAM small beside GTT")
    if integrated and gtt is not None and gtt > vram:
        found.know("unified", True, f"rule: VRAM {gib(vram)} is a carve-out, GTT {gib(gtt)}")
        pool, size = "gtt", gtt
    else:
        why = "its memory is set aside and no part of the system's RAM"
        found.know("unified", False, f"amdgpu: {why}" if integrated else "a card of its own")
        pool, size = "vram", vram
    found.know("vram_total_bytes", size, f"amdgpu mem_info_{pool}_total")
    used = None
    if found.value("asleep"):
        found.miss("vram_free_bytes", "asleep; not woken to ask")
    else:
        used = sysfs.number(host, f"{path}/mem_info_{pool}_used")
    if used is not None and used <= size:
        found.know("vram_free_bytes", size - used, f"amdgpu mem_info_{pool}_used")
    found.miss("vram_free_bytes", f"amdgpu has no mem_info_{pool}_used")


def _card(host: Host, bus: str, by_minor: dict[int, str]) -> GpuFound:
    path = f"{sysfs.DEVICES}/{bus}"
    found = GpuFound(bus)
    found.know("vendor", "amd", "amdgpu")
    pci_id = sysfs.pci_id(host, bus)
    if pci_id is not None:
        found.know("pci_id", pci_id, "PCI bus (/sys)")
    name = sysfs.text(host, f"{path}/product_name")
    if name is not None:
        found.know("name", name, "amdgpu product_name")
    driver_facts(host, found, "amdgpu")
    asleep = sysfs.asleep(host, bus)
    if asleep is not None:
        found.know("asleep", asleep, "power/runtime_status of the PCI device")
    _keep_gfx(host, found, path, by_minor)
    _keep_memory(host, found, path)
    return found


def _note_access(host: Host, founds: list[GpuFound]) -> None:
    """Tell beside the driver when ROCm could not be used through it."""
    try:
        allowed = host.call("may_open", KFD)
    except Unanswered:
        return
    if allowed is None:
        note = "there is no /dev/kfd, so ROCm can't run"
    elif not allowed:
        note = "this user may not open /dev/kfd: join the groups render and video"
    else:
        return
    for found in founds:
        value, source = found.facts["driver"]
        found.facts["driver"] = (value, f"{source}; {note}")


def probe(host: Host) -> list[GpuFound]:
    """The cards that amdgpu drives."""
    buses = sysfs.bound_to(host, "amdgpu")
    if not buses:
        return []
    by_minor = _gfx_by_minor(host)
    founds = [_card(host, bus, by_minor) for bus in buses]
    _note_access(host, founds)
    if any("name" not in found.facts and not by_pci(found.value("pci_id")) for found in founds):
        from . import rocm

        rocm.fill_names(host, founds)
    return filters.mark(host, founds, filters.AMD)
