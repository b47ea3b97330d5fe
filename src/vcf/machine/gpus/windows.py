"""GPUs of a Windows system, from the registry of display adapters or, failing that, from CIM."""

from __future__ import annotations

import json
import re
from typing import Any

from ...units import GIB, gib
from ..host import Host, Unanswered
from . import intel
from .found import GpuFound, vendor_of
from .table import by_pci

CIM = (
    "powershell.exe",
    "-NoProfile",
    "-NonInteractive",
    "-Command",
    "[Console]::OutputEncoding=[Text.Encoding]::UTF8;"
    "@(Get-CimInstance Win32_VideoController|Select-Object Name,DriverVersion,AdapterRAM,"
    "@{n='Device';e={($_.PNPDeviceID -split '\\\\')[1]}})|ConvertTo-Json",
)
"""The last part of PNPDeviceID tells one computer from another; it is cut off in the question."""
QWORD = "HardwareInformation.qwMemorySize"
DWORD = "HardwareInformation.MemorySize"
BASIC = "Microsoft Basic Display"
_DEVICE = re.compile(r"VEN_([0-9A-F]{4})&DEV_([0-9A-F]{4})", re.IGNORECASE)
_PAGE = 1 << 20
_AMD_PROCESSOR = re.compile(
    r"\bRadeon(?:\(TM\))?(?: RX)?(?: Vega)?(?: \d{1,2})? Graphics\b|\b\d{3}M\b"
)


def nvidia_version(windows: str) -> str | None:
    """``572.16`` of Windows' ``32.0.15.7216``; None when it has another shape."""
    parts = windows.split(".")
    if len(parts) != 4 or not all(part.isdecimal() for part in parts):
        return None
    digits = (parts[2] + parts[3].zfill(4))[-5:]
    return f"{int(digits[:-2])}.{digits[-2:]}" if len(digits) == 5 else None


def sensible_size(value: Any) -> int | None:
    """A 32-bit memory size as the registry or CIM holds it; None for 0, rubbish and the values
    at which 2 and 4 GiB saturate (4293918720, 2147479552)."""
    if isinstance(value, str):
        value = int(value) if value.lstrip("-").isdecimal() else None
    elif isinstance(value, list) and all(
        isinstance(byte, int) and 0 <= byte < 256 for byte in value
    ):
        value = int.from_bytes(bytes(value), "little")
    if not isinstance(value, int) or isinstance(value, bool):
        return None
    size = value & 0xFFFFFFFF if value < 0 else value
    if size == 0 or 4 * GIB - _PAGE <= size < 4 * GIB or 2 * GIB - _PAGE <= size < 2 * GIB:
        return None
    return size


def _memory(found: GpuFound, adapter: dict[str, Any]) -> None:
    exact = adapter.get(QWORD)
    if isinstance(exact, int) and 0 < exact < 1 << 50:
        found.know("vram_total_bytes", exact, f"registry {QWORD}")
        return
    for key, source in ((DWORD, f"registry {DWORD}"), ("AdapterRAM", "Win32_VideoController")):
        if adapter.get(key) is not None:
            size = sensible_size(adapter[key])
            if size is not None:
                found.know("vram_total_bytes", size, source)
            else:
                why = "0, saturated at 2 or 4 GiB, or rubbish"
                found.miss("vram_total_bytes", f"{source} is {adapter[key]}: {why}")
    found.miss("vram_total_bytes", "the driver left no memory size in the registry")


def _shared(found: GpuFound, adapter: dict[str, Any]) -> bool:
    """Is it part of the processor? Notes so, and what that means for its memory."""
    vendor, name = found.value("vendor"), str(found.value("name") or "")
    spec = by_pci(found.value("pci_id"))
    if vendor == "intel":
        shared = spec.integrated if spec else not intel.discrete_by_name(name)
    elif vendor == "amd":
        shared = spec.integrated if spec else bool(_AMD_PROCESSOR.search(name))
    else:
        return False
    found.know("integrated", shared, "GPU table" if spec else "its name")
    if not shared:
        return False
    size = adapter.get(QWORD)
    if vendor == "amd" and isinstance(size, int) and size > 4 * GIB:
        # Set aside by the firmware: it is no part of the RAM that Windows counts.
        found.know("unified", False, f"{gib(size)} set aside for it by the firmware")
        return False
    found.know("unified", True, "part of the processor")
    note = f", beside {gib(size)} set aside" if isinstance(size, int) and size > 0 else ""
    found.miss("vram_total_bytes", f"Windows lends it up to half of RAM{note}")
    return True


def _driver(found: GpuFound, adapter: dict[str, Any], source: str) -> None:
    version = str(adapter.get("DriverVersion") or "")
    if found.value("vendor") == "nvidia" and version:
        found.know("driver", nvidia_version(version) or version, f"{source}, written NVIDIA's way")
    elif version:
        found.know("driver", version, source)
    found.miss("driver", f"{source} does not tell it")


def _gpu(adapter: dict[str, Any], source: str) -> GpuFound | None:
    """The GPU of one adapter; None for remote, virtual and foreign ones."""
    device = next(
        (
            m
            for key in ("MatchingDeviceId", "Device")
            if (m := _DEVICE.search(str(adapter.get(key))))
        ),
        None,
    )
    pci_id = f"{device[1]}:{device[2]}".lower() if device else ""
    vendor = vendor_of(pci_id)
    if vendor is None:
        return None
    found = GpuFound(adapter.get("bus") if isinstance(adapter.get("bus"), str) else None)
    found.know("vendor", vendor, source)
    found.know("pci_id", pci_id, source)
    name = str(adapter.get("DriverDesc") or adapter.get("Name") or "").strip()
    if name.startswith(BASIC):
        found.driver_name = False
        found.know("driver", None, f"{name} has the card: no driver of its maker is installed")
        for field in ("vram_total_bytes", "vram_free_bytes"):
            found.miss(field, "no driver of its maker is installed")
        return found
    if name:
        found.know("name", name, source)
    _driver(found, adapter, source)
    if not _shared(found, adapter):
        _memory(found, adapter)
    found.miss("vram_free_bytes", "only the maker's own tools tell it on Windows")
    return found


def parse(adapters: Any, source: str = "registry") -> list[GpuFound]:
    """The GPUs among the display adapters. Raises Unanswered when it is no list."""
    if not isinstance(adapters, list):
        raise Unanswered(f"{source}: display adapters not understood: {adapters!r}"[:120])
    founds = (_gpu(adapter, source) for adapter in adapters if isinstance(adapter, dict))
    return [found for found in founds if found is not None]


def parse_cim(text: str) -> list[GpuFound]:
    """The GPUs in the JSON of Win32_VideoController; one adapter may come without its list."""
    try:
        rows = json.loads(text.lstrip("\ufeff"))
    except ValueError:
        raise Unanswered(f"PowerShell: output not understood: {text!r}"[:120]) from None
    return parse(rows if isinstance(rows, list) else [rows], "Win32_VideoController")


def probe(host: Host) -> list[GpuFound]:
    """Display adapters by the registry; by PowerShell, which costs a second, if that fails."""
    try:
        return parse(host.call("windows_display_adapters"))
    except Unanswered:
        return parse_cim(host.run(*CIM))
