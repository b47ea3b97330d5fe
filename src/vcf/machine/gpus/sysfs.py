"""Small questions to Linux's /sys that several GPU probes ask."""

from __future__ import annotations

from ..host import Host, Unanswered
from .found import normal_bus

DEVICES = "/sys/bus/pci/devices"


def exists(host: Host, path: str) -> bool:
    """Is there such a file or folder?"""
    try:
        host.readlink(path)
    except Unanswered:
        return False
    return True


def text(host: Host, path: str) -> str | None:
    """The stripped text of a file; None when there is none or it is empty."""
    try:
        return host.read(path).strip() or None
    except Unanswered:
        return None


def names(host: Host, path: str) -> list[str]:
    """The names in a folder; empty when there is none."""
    try:
        return host.listdir(path)
    except Unanswered:
        return []


def number(host: Host, path: str) -> int | None:
    """A number written in decimal or as ``0x…``; None when there is none."""
    try:
        return int(text(host, path) or "", 0)
    except ValueError:
        return None


def pci_id(host: Host, bus: str) -> str | None:
    """``10de:139b`` of the device at a PCI address."""
    vendor = number(host, f"{DEVICES}/{bus}/vendor")
    device = number(host, f"{DEVICES}/{bus}/device")
    return None if vendor is None or device is None else f"{vendor:04x}:{device:04x}"


def bound_to(host: Host, driver: str) -> list[str]:
    """PCI addresses of the devices that a kernel driver has taken."""
    found = names(host, f"/sys/bus/pci/drivers/{driver}")
    return [name for name in found if normal_bus(name) == name]


def asleep(host: Host, bus: str) -> bool | None:
    """Is the device powered down? Asking does not wake it. None: the kernel does not tell."""
    status = text(host, f"{DEVICES}/{bus}/power/runtime_status")
    if status is None or status in ("unsupported", "error"):
        return None
    return status in ("suspended", "suspending")
