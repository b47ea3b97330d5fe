"""What the answer of the call ``nvml`` says about each NVIDIA GPU."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..host import Unanswered
from .found import GpuFound

UNIFIED_NAMES = ("GB10", "(nvgpu)", "Thor", "Jetson", "Xavier")

REASONS = {
    "LibraryNotFound": "the NVIDIA driver library (NVML) is not installed",
    "DriverNotLoaded": "the NVIDIA kernel driver is not loaded",
    "LibRmVersionMismatch": "the NVIDIA kernel driver and its library differ in version: "
    "restart the computer after the update",
    "NoPermission": "the NVIDIA driver refused the question (no permission)",
    "NotSupported": "the NVIDIA driver does not support the question here",
    "GpuIsLost": "the GPU has fallen off the bus",
}


def reason(error: str) -> str:
    """An NVML error name in words."""
    return f"NVML: {error}: {REASONS[error]}" if error in REASONS else f"NVML: {error}"


def cuda_text(version: int) -> str:
    """``12080`` as ``12.8``."""
    return f"{version // 1000}.{version % 1000 // 10}"


def _fact(
    found: GpuFound, field: str, answer: Any, shape: type, make: Callable[[Any], Any]
) -> None:
    """Keep an answer of the right shape; note an error or rubbish as the reason."""
    if isinstance(answer, dict) and "error" in answer:
        found.miss(field, reason(str(answer["error"])))
    elif isinstance(answer, shape) and not isinstance(answer, bool) and answer:
        found.know(field, make(answer), "NVML")
    else:
        found.miss(field, f"NVML: answered {answer!r}"[:120])


def _keep_memory(found: GpuFound, memory: Any) -> None:
    if not isinstance(memory, dict) or "error" in memory:
        error = memory.get("error") if isinstance(memory, dict) else memory
        for field in ("vram_total_bytes", "vram_free_bytes"):
            found.miss(field, reason(str(error)))
        if error == "NotSupported" and any(
            name in str(found.value("name")) for name in UNIFIED_NAMES
        ):
            found.know("unified", True, "NVML has no memory of its own to report for this GPU")
        return
    total, free, reserved = (memory.get(key, 0) for key in ("total", "free", "reserved"))
    if not (isinstance(total, int) and isinstance(reserved, int) and 0 <= reserved < total):
        found.miss("vram_total_bytes", f"NVML: answered {memory!r}"[:120])
        found.miss("vram_free_bytes", "NVML: no sensible total")
        return
    source = "NVML, less what the driver reserves" if reserved else "NVML"
    found.know("vram_total_bytes", total - reserved, source)
    if isinstance(free, int) and 0 <= free <= total:
        found.know("vram_free_bytes", min(free, total - reserved), "NVML")
    else:
        found.miss("vram_free_bytes", f"NVML: answered {free!r} of {total!r}")


def _keep_bandwidth(found: GpuFound, width: Any, clock: Any) -> None:
    if found.value("mig"):
        found.miss("bandwidth_bytes_s", "a MIG instance has a part of the card's bandwidth")
    elif isinstance(width, int) and isinstance(clock, int) and width > 0 and clock > 0:
        rate = clock * 1_000_000 * 2 * width // 8
        found.know("bandwidth_bytes_s", rate, "NVML: memory clock x 2 x bus width")
    else:
        for answer in (width, clock):
            if isinstance(answer, dict) and "error" in answer:
                found.miss("bandwidth_bytes_s", reason(str(answer["error"])))
        found.miss("bandwidth_bytes_s", "NVML: no memory clock or bus width")


def _gpu(device: dict[str, Any], driver: Any, cuda: Any) -> GpuFound:
    bus, pci_id = device.get("bus"), device.get("pci_device_id")
    found = GpuFound(bus if isinstance(bus, str) else None)
    found.know("vendor", "nvidia", "NVML")
    _fact(found, "driver", driver, str, str)
    _fact(found, "cuda_ceiling", cuda, int, cuda_text)
    if "error" in device:
        for field in ("name", "vram_total_bytes", "vram_free_bytes", "compute_capability"):
            found.miss(field, reason(str(device["error"])))
        return found
    _fact(found, "name", device.get("name"), str, str)
    _fact(found, "pci_id", pci_id, str, str.lower)
    _fact(found, "compute_capability", device.get("cc"), list, lambda cc: ".".join(map(str, cc)))
    empty = device.get("mig_instances") == 0
    found.know("mig", empty or device.get("mig") is True, "NVML")
    found.know("asleep", False, "NVML answered")
    if empty:
        for field in ("vram_total_bytes", "vram_free_bytes"):
            found.miss(field, "the card is in MIG mode, and no instance has been made")
    else:
        _keep_memory(found, device.get("memory"))
    _keep_bandwidth(found, device.get("bus_width"), device.get("mem_clock_mhz"))
    return found


def parse(answer: Any) -> list[GpuFound]:
    """The GPUs in the answer of the call ``nvml``. Raises Unanswered when it is no answer."""
    devices = answer.get("devices") if isinstance(answer, dict) else None
    if not isinstance(devices, list):
        raise Unanswered(f"NVML: answered {answer!r}"[:120])
    driver, cuda = answer.get("driver"), answer.get("cuda")
    return [_gpu(device, driver, cuda) for device in devices if isinstance(device, dict)]
