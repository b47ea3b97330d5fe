"""GPUs of a Mac: Apple silicon, or the cards of an Intel Mac."""

from __future__ import annotations

import json
import re
from typing import Any

from ..host import Host, Unanswered
from ..shares import wired_default
from . import intel
from .found import GpuFound, vendor_of

COMMAND = ("system_profiler", "-json", "-detailLevel", "mini", "SPDisplaysDataType")
"""The detail level ``mini`` leaves out the serial numbers of displays."""
_SIZE = re.compile(r"(\d+(?:\.\d+)?)\s*(MB|GB)")
_FACTORS = {"MB": 1 << 20, "GB": 1 << 30}
_VENDOR_IDS = {"nvidia": "10de", "amd": "1002", "ati": "1002", "intel": "8086"}


def _silicon(host: Host, brand: str) -> GpuFound:
    found = GpuFound()
    found.know("vendor", "apple", "sysctl machdep.cpu.brand_string")
    if brand.startswith("VirtualApple"):
        found.miss("name", "Rosetta hides the chip's name from this Python")
    else:
        found.know("name", brand, "sysctl machdep.cpu.brand_string")
    found.know("integrated", True, "Apple silicon")
    found.know("unified", True, "Apple silicon")
    found.miss("driver", "the driver is part of macOS")
    found.miss("pci_id", "the GPU is not a PCI device")
    found.miss("vram_free_bytes", "macOS does not tell it; free RAM is the bound")
    found.miss("bandwidth_bytes_s", "macOS does not tell it")
    found.know("asleep", False, "Apple silicon")
    _keep_budget(host, found)
    return found


def _keep_budget(host: Host, found: GpuFound) -> None:
    try:
        limit = host.call("sysctl", "iogpu.wired_limit_mb")
    except Unanswered:
        limit = 0  # before macOS 14, and where it was never set
    if isinstance(limit, int) and limit > 0:
        found.know("vram_total_bytes", limit << 20, "sysctl iogpu.wired_limit_mb")
        return
    try:
        ram = host.call("sysctl", "hw.memsize")
        found.know("vram_total_bytes", *wired_default(int(ram)))
    except (Unanswered, ValueError, TypeError) as error:
        found.miss(
            "vram_total_bytes", f"macOS lends the GPU 2/3 to 3/4 of RAM; hw.memsize: {error}"
        )


def probe(host: Host) -> list[GpuFound]:
    """The GPU of Apple silicon, or what system_profiler lists on an Intel Mac."""
    brand = str(host.call("sysctl", "machdep.cpu.brand_string")).strip()
    if brand.startswith(("Apple", "VirtualApple")):
        return [_silicon(host, brand)]
    return parse_profile(host.run(*COMMAND))


def _vendor(item: dict[str, Any]) -> str | None:
    text = str(item.get("spdisplays_vendor", "")).lower()
    for word, vendor_id in _VENDOR_IDS.items():
        if re.search(rf"\b{word}\b|_{word}\b|{vendor_id}", text):
            return vendor_id
    return None


def _profile_gpu(item: dict[str, Any]) -> GpuFound | None:
    vendor_id = _vendor(item)
    if vendor_id is None:
        return None
    found = GpuFound()
    source = "system_profiler"
    found.know("vendor", vendor_of(f"{vendor_id}:"), source)
    name = str(item.get("sppci_model") or item.get("_name") or "")
    if name:
        found.know("name", name, source)
    found.miss("name", "system_profiler does not tell it")
    device = re.fullmatch(r"0x([0-9a-f]{4})", str(item.get("spdisplays_device-id", "")).lower())
    if device:
        found.know("pci_id", f"{vendor_id}:{device[1]}", source)
    found.miss("driver", "the driver is part of macOS")
    found.miss("vram_free_bytes", "macOS does not tell it")
    if vendor_id == "8086":
        intel.share_ram(found, "processor graphics of an Intel Mac")
        return found
    size = _SIZE.search(str(item.get("spdisplays_vram") or item.get("_spdisplays_vram") or ""))
    if size:
        found.know("vram_total_bytes", int(float(size[1]) * _FACTORS[size[2]]), source)
    found.miss("vram_total_bytes", "system_profiler does not tell it")
    found.know("integrated", False, "a card beside the processor")
    found.know("unified", False, "a card beside the processor")
    return found


def parse_profile(text: str) -> list[GpuFound]:
    """GPUs in ``system_profiler -json SPDisplaysDataType``. Raises Unanswered on rubbish."""
    try:
        items = json.loads(text)["SPDisplaysDataType"]
        founds = [_profile_gpu(item) for item in items]
    except (ValueError, KeyError, TypeError, AttributeError):
        raise Unanswered(f"system_profiler: output not understood: {text!r}"[:120]) from None
    return [found for found in founds if found is not None]
