"""NVIDIA Jetson boards: the GPU is part of the chip and no PCI device."""

from __future__ import annotations

from ..host import Host
from . import sysfs
from .found import GpuFound

COMPATIBLE = "/proc/device-tree/compatible"
MODEL = "/proc/device-tree/model"
_CHIPS = {
    "nvidia,tegra210": "5.3",
    "nvidia,tegra186": "6.2",
    "nvidia,tegra194": "7.2",
    "nvidia,tegra234": "8.7",
    "nvidia,tegra264": "11.0",
}
_DROPPED = ("developer kit", "engineering reference", "super", "devkit")


def board_name(model: str) -> str:
    """``NVIDIA Jetson AGX Orin`` of ``NVIDIA Jetson AGX Orin Developer Kit``."""
    name = model.replace("\0", "").strip()
    for word in _DROPPED:
        at = name.lower().find(f" {word}")
        if at > 0:
            name = name[:at]
    return name


def probe(host: Host) -> GpuFound | None:
    """The board's GPU, None on anything that is not a Jetson."""
    chips = (sysfs.text(host, COMPATIBLE) or "").replace("\0", " ").split()
    tegra = [chip for chip in chips if chip.startswith("nvidia,tegra")]
    if not tegra:
        return None
    found = GpuFound()
    found.know("vendor", "nvidia", COMPATIBLE)
    model = sysfs.text(host, MODEL)
    if model:
        found.know("name", board_name(model), MODEL)
    found.know("integrated", True, "Jetson")
    found.know("unified", True, "Jetson")
    found.know("laptop", False, "Jetson")
    found.know("mig", False, "Jetson")
    for chip in tegra:
        if chip in _CHIPS:
            found.know("compute_capability", _CHIPS[chip], f"chip {chip.partition(',')[2]}")
    release = sysfs.text(host, "/sys/module/nvidia/version")
    if release:
        found.know("driver", release, "/sys/module/nvidia/version")
    found.miss("driver", "part of the Jetson system image")
    found.miss("pci_id", "the GPU is not a PCI device")
    for field in ("vram_total_bytes", "vram_free_bytes"):
        found.miss(field, "Jetson: the GPU shares the board's RAM")
    return found
