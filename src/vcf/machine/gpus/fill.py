"""Fills what follows from the facts that the probes found, and gives reasons for the rest."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ...units import GIB
from . import table
from .found import GpuFound

if TYPE_CHECKING:
    from ...catalogue.gpus import GpuSpec

LAPTOP_CHASSIS = (8, 9, 10, 14, 30, 31, 32)
"""SMBIOS: portable, laptop, notebook, sub notebook, tablet, convertible, detachable."""
DESKTOP_CHASSIS = (3, 4, 5, 6, 7, 17, 23)
"""SMBIOS: desktop and tower shapes, main server chassis, rack."""

_REASONS = {
    "name": "no source tells it",
    "vendor": "no source tells it",
    "integrated": "neither the driver nor the GPU table tells it",
    "laptop": "neither its name nor the GPU table tells it",
    "unified": "neither the driver nor the GPU table tells it",
    "vram_total_bytes": "no source tells it",
    "vram_free_bytes": "no source tells it",
    "driver": "no source tells it",
    "pci_id": "no source tells it",
    "bandwidth_bytes_s": "no source tells bus width and memory clock",
    "asleep": "the system does not tell it",
}
_NVIDIA_REASONS = {
    "compute_capability": "only the driver or the GPU table can tell it",
    "cuda_ceiling": "only the driver can tell it",
    "mig": "only the driver can tell it",
}
_AMD_REASONS = {"gfx": "neither KFD nor the GPU table tells it"}


def fill(gpu: GpuFound) -> None:
    """Complete one GPU in place."""
    pci_id, name = gpu.value("pci_id"), gpu.value("name")
    spec = table.by_pci(pci_id)
    row = f"PCI id {pci_id} in the GPU table"
    if spec is not None and table.several(spec.name) and name:
        spec = table.by_name(name, gpu.value("vram_total_bytes"), _in_laptop(gpu)) or spec
    if spec is not None:
        spec = table.narrowed(spec, gpu.value("vram_total_bytes"), _in_laptop(gpu))
    if spec is not None and not name:
        gpu.know("name", spec.name, f"PCI id {pci_id}")
        gpu.driver_name = False
    _laptop(gpu, spec, row)
    if spec is None and name:
        spec = table.by_name(name, gpu.value("vram_total_bytes"), gpu.value("laptop"))
        row = f"{spec.name} in the GPU table" if spec else row
    if spec is not None and spec.vendor == gpu.value("vendor"):
        _from_table(gpu, spec, row)
    _own_memory(gpu)
    _reasons(gpu)
    if gpu.hidden_by and "name" in gpu.facts:
        value, source = gpu.facts["name"]
        gpu.facts["name"] = (value, f"{source}; hidden by {gpu.hidden_by} for this process")
        gpu.know("hidden_by", gpu.hidden_by, "environment")


def _in_laptop(gpu: GpuFound) -> bool | None:
    if gpu.chassis in LAPTOP_CHASSIS:
        return True
    return False if gpu.chassis in DESKTOP_CHASSIS else None


def _laptop(gpu: GpuFound, spec: GpuSpec | None, row: str) -> None:
    name = str(gpu.value("name") or "")
    by_name = None if gpu.value("integrated") else table.laptop_by_name(name)
    if by_name is not None and gpu.driver_name:
        gpu.know("laptop", by_name, "its name")
    by_row = table.laptop_by_row(spec) if spec else None
    if by_row is not None:
        gpu.know("laptop", by_row, row)
    if by_name is not None:
        gpu.know("laptop", by_name, "its name")
    if not table.name_shared(name):
        return
    in_laptop = _in_laptop(gpu)
    if in_laptop is not None:
        kind = "a laptop" if in_laptop else "no laptop"
        gpu.know("laptop", in_laptop, f"chassis type {gpu.chassis}: the computer is {kind}")
    gpu.miss("laptop", "a desktop card and a laptop's share this name")


def _from_table(gpu: GpuFound, spec: GpuSpec, row: str) -> None:
    by_row = table.laptop_by_row(spec)
    if by_row is not None and "laptop" not in gpu.unknown:
        gpu.know("laptop", by_row, row)
    gpu.know("integrated", spec.integrated, row)
    if gpu.value("vendor") != "amd" or not spec.integrated:
        gpu.know("unified", spec.unified, row)
    if spec.cc is not None:
        gpu.know("compute_capability", spec.cc, row)
    elif spec.cc_variants:
        listed = " and ".join(spec.cc_variants)
        gpu.miss("compute_capability", f"chips of {listed} share this name: only a driver can tell")
    if spec.gfx is not None:
        gpu.know("gfx", spec.gfx, row)
    sizes = sorted({float(size) for size in spec.vram_gib})
    if not sizes or gpu.value("unified") or gpu.value("mig") or "vram_total_bytes" in gpu.facts:
        return
    if len(sizes) == 1:
        gpu.know("vram_total_bytes", int(sizes[0] * GIB), f"{row}: the only size of this card")
        return
    listed = ", ".join(f"{size:g}" for size in sizes[:-1]) + f" and {sizes[-1]:g} GiB"
    why = gpu.unknown.get("vram_total_bytes", "no driver")
    gpu.unknown["vram_total_bytes"] = f"{why}; this card exists with {listed}"


def _own_memory(gpu: GpuFound) -> None:
    """A card whose driver reports memory of its own is neither integrated nor unified."""
    if gpu.value("vendor") == "nvidia" and "vram_total_bytes" in gpu.facts:
        gpu.know("unified", False, "its driver reports memory of its own")
        gpu.know("integrated", False, "its driver reports memory of its own")
    if gpu.value("vendor") == "nvidia" and gpu.value("unified"):
        gpu.know("integrated", True, "it has no memory of its own")
    if gpu.value("integrated") is False:
        gpu.know("unified", False, "a card of its own")


def _reasons(gpu: GpuFound) -> None:
    """What such a GPU must have and nobody told is unknown, not absent."""
    reasons = dict(_REASONS)
    if gpu.value("vendor") == "nvidia":
        reasons |= _NVIDIA_REASONS
    if gpu.value("vendor") == "amd":
        reasons |= _AMD_REASONS
    if gpu.value("driver") is None and "driver" in gpu.facts:
        reasons |= dict.fromkeys(_NVIDIA_REASONS.keys() & reasons.keys(), "no driver")
        reasons["asleep"] = "no driver"
    for field, why in reasons.items():
        gpu.miss(field, why)
