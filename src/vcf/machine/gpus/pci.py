"""Every GPU on the PCI bus of a Linux machine, with or without a driver."""

from __future__ import annotations

from ..host import Host, Unanswered
from . import sysfs
from .found import GpuFound, vendor_of
from .table import by_pci

SOURCE = "PCI bus (/sys)"
DISPLAY = "0x03"
ACCELERATOR = "0x1200"
"""Instinct cards call themselves processing accelerators; so do NPUs of others."""
UNUSABLE = {
    "nouveau": "the free nouveau driver has the card and can't run CUDA",
    "nova_core": "the free nova driver has the card and can't run CUDA",
    "vfio-pci": "the card is given to a virtual machine (vfio-pci)",
    "radeon": "the old radeon driver has the card; ROCm needs amdgpu",
}
VERSIONED = {"nvidia": "/sys/module/nvidia/version", "amdgpu": "/sys/module/amdgpu/version"}
CHASSIS = "/sys/class/dmi/id/chassis_type"


def driver_facts(host: Host, found: GpuFound, driver: str | None) -> None:
    """Name or version of the kernel driver that has the card."""
    if driver is None or driver in UNUSABLE or driver == "pci-stub":
        reason = UNUSABLE.get(driver or "", "no driver has the card")
        found.know("driver", None, reason)
        for field in ("vram_free_bytes", "vram_total_bytes", "bandwidth_bytes_s"):
            found.miss(field, f"no usable driver: {reason}" if driver else reason)
        return
    path = VERSIONED.get(driver)
    version = sysfs.text(host, path) if path else None
    if version and path:
        found.know("driver", version, path)
    else:
        found.know("driver", driver, "driver of the Linux kernel, without a version of its own")


def _bound_driver(host: Host, bus: str) -> str | None:
    try:
        return host.readlink(f"{sysfs.DEVICES}/{bus}/driver").rpartition("/")[2]
    except Unanswered:
        return None


def lspci_name(line: str) -> str | None:
    """The name in a line of ``lspci -mm``, without the chip's code name where both are given."""
    fields = line.split('"')
    if len(fields) < 6:
        return None
    device = fields[5].strip()
    if device.startswith("Device ") or not device:
        return None
    _, bracket, tail = device.partition("[")
    return tail.rstrip("] ") if bracket and tail.endswith("]") else device


def _name(host: Host, found: GpuFound, bus: str, pci_id: str) -> None:
    """Ask lspci about a card that the own table does not know, if it is installed."""
    if by_pci(pci_id) is not None:
        return
    try:
        name = lspci_name(host.run("lspci", "-mm", "-s", bus).partition("\n")[0])
    except Unanswered:
        name = None
    if name is None:
        found.miss("name", f"PCI id {pci_id} is not in the table")
    else:
        found.know("name", name, f"lspci, by PCI id {pci_id}")


def _card(host: Host, bus: str, pci_id: str) -> GpuFound:
    found = GpuFound(bus)
    found.driver_name = False
    found.know("vendor", vendor_of(pci_id), SOURCE)
    found.know("pci_id", pci_id, SOURCE)
    driver = _bound_driver(host, bus)
    driver_facts(host, found, driver)
    asleep = sysfs.asleep(host, bus)
    if driver is not None and asleep is not None:
        found.know("asleep", asleep, "power/runtime_status of the PCI device")
    found.chassis = sysfs.number(host, CHASSIS)
    return found


def _devices(host: Host) -> list[str]:
    try:
        return host.listdir(sysfs.DEVICES)
    except Unanswered:
        if sysfs.exists(host, "/sys/bus"):
            return []  # a board without a PCI bus
        raise


def cards(host: Host, vendor: str | None = None) -> list[tuple[str, str]]:
    """PCI address and id of the GPUs on the bus, of one vendor or of all that vcf knows."""
    found = []
    for bus in _devices(host):
        kind = sysfs.text(host, f"{sysfs.DEVICES}/{bus}/class") or ""
        if not kind.startswith((DISPLAY, ACCELERATOR)):
            continue
        pci_id = sysfs.pci_id(host, bus)
        maker = None if pci_id is None else vendor_of(pci_id)
        if pci_id is None or maker is None or vendor not in (None, maker):
            continue
        if kind.startswith(DISPLAY) or maker == "amd":
            found.append((bus, pci_id))
    return found


def probe(host: Host) -> list[GpuFound]:
    """NVIDIA, AMD and Intel GPUs on the bus. Emulated and server-console cards are left out."""
    founds = []
    for bus, pci_id in cards(host):
        found = _card(host, bus, pci_id)
        _name(host, found, bus, pci_id)
        founds.append(found)
    return founds
