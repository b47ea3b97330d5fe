"""One NVIDIA GPU while something is measured on it: memory, clock, throttling, energy.

Everything is None where the driver does not tell it, never 0.
"""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path
from typing import Any, Literal

import msgspec

from ..machine.gpus import nvml_call

THROTTLING = {
    0x4: "power-cap",
    0x8: "hw-slowdown",
    0x10: "sync-boost",
    0x20: "thermal",
    0x40: "hw-thermal",
    0x80: "power-brake",
}
"""Bits for which a GPU is slower than it could be. Being idle (0x1), clocks that an application
or the display asked for (0x2, 0x100) are none."""
SM_CLOCK = 1
GPU_SENSOR = 0
HIGHEST = 1 << 53
"""Sizes beyond it are NVML's way to say that it does not know."""
FIRST_NAMESPACE = "pid:[4026531836]"
"""How Linux calls the namespace in which process ids are those that the driver knows."""


class Vram(msgspec.Struct, frozen=True):
    """GPU memory in use."""

    used_bytes: int
    source: Literal["process", "device"]
    """device: of the whole GPU, less what it held at the start."""


def gpu_meter(name: str, index: int = 0) -> GpuMeter | None:
    """The GPU of a name, as the probe names it, and its place among those of the same name.

    NVML stays open until ``close``: a laptop's card does not fall asleep meanwhile. None where
    NVML is missing or knows no such GPU.
    """
    try:
        nvml = nvml_call._load()
        nvml.nvmlInit()
    except Exception:  # no bindings, no library, no driver: each has its own class
        return None
    try:
        handles = [handle for known, handle in _handles(nvml) if known == name]
    except Exception:
        handles = []
    if not 0 <= index < len(handles):
        _shut(nvml)
        return None
    return GpuMeter(nvml, handles[index])


def _handles(nvml: Any) -> list[tuple[str, Any]]:
    """Name and handle of each GPU or MIG instance, in the driver's order."""
    found = []
    for index in range(nvml.nvmlDeviceGetCount()):
        try:
            card = nvml.nvmlDeviceGetHandleByIndex(index)
            instances = nvml_call._instances(nvml, card)
            handles = [card] if instances is None else instances
            names = [nvml.nvmlDeviceGetName(handle) for handle in handles]
        except nvml.NVMLError:
            continue  # a lost card is none to measure on
        for name, handle in zip(names, handles, strict=True):
            text = name.decode("utf-8", "replace") if isinstance(name, bytes) else str(name)
            found.append((text, handle))
    return found


def _shut(nvml: Any) -> None:
    try:
        nvml.nvmlShutdown()
    except nvml.NVMLError:
        return


class GpuMeter:
    """Questions to one GPU; a context that closes NVML at its end. May be asked from several
    threads."""

    def __init__(self, nvml: Any, handle: Any) -> None:
        self._nvml, self._handle = nvml, handle
        self._open = True
        self._held: int | None = None
        self.mark_start()

    def __enter__(self) -> GpuMeter:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close NVML; afterwards every answer is None."""
        if self._open:
            self._open = False
            _shut(self._nvml)

    def mark_start(self) -> None:
        """What the GPU holds now is not the measurement's own."""
        self._held = self._device_used()

    def vram_of(self, pids: Collection[int]) -> Vram | None:
        """Memory of these processes, or of the device since ``mark_start`` where the driver
        does not tell processes apart: under Windows, and in containers that hide them."""
        used = self._used_by(pids)
        if used is not None:
            return Vram(used, "process")
        now = self._device_used()
        if now is None or self._held is None or now <= self._held:
            return None
        return Vram(now - self._held, "device")

    def foreign_processes(self, pids: Collection[int] = ()) -> int | None:
        """Programs other than these that compute on the GPU.

        What also draws is left out: every desktop has such programs. In a container process ids
        may be those of the host, so ask before own processes use the GPU.
        """
        listed = self._processes("Compute")
        if listed is None:
            return None
        drawing = self._processes("Graphics") or {}
        if not listed and not _sees_processes():
            return None
        return sum(pid not in pids and pid not in drawing for pid in listed)

    def throttle(self) -> set[str] | None:
        """Reasons for which its clock is lower now; empty: none."""
        bits = self._ask("nvmlDeviceGetCurrentClocksThrottleReasons")
        if bits is None:
            bits = self._ask("nvmlDeviceGetCurrentClocksEventReasons")
        if not isinstance(bits, int):
            return None
        return {word for bit, word in THROTTLING.items() if bits & bit}

    def clock_mhz(self) -> int | None:
        """Clock of the multiprocessors now."""
        return _positive(self._ask("nvmlDeviceGetClockInfo", SM_CLOCK))

    def celsius(self) -> int | None:
        """Temperature of the chip."""
        return _positive(self._ask("nvmlDeviceGetTemperature", GPU_SENSOR))

    def energy_j(self) -> float | None:
        """Joules since the driver was loaded; from Volta on."""
        millijoules = _positive(self._ask("nvmlDeviceGetTotalEnergyConsumption"))
        return None if millijoules is None else millijoules / 1000

    def power_w(self) -> float | None:
        """Watts drawn now."""
        milliwatts = _positive(self._ask("nvmlDeviceGetPowerUsage"))
        return None if milliwatts is None else milliwatts / 1000

    def _used_by(self, pids: Collection[int]) -> int | None:
        """None also where none of them is listed: it may be hidden."""
        sizes: dict[int, int | None] = {}
        for kind in ("Graphics", "Compute"):
            for pid, size in (self._processes(kind) or {}).items():
                if pid in pids:  # who computes and draws stands in both lists with all it uses
                    sizes[pid] = max(size or 0, sizes.get(pid) or 0) or None
        if not sizes:
            return None
        total = 0
        for size in sizes.values():
            if size is None:
                return None
            total += size
        return total

    def _processes(self, kind: str) -> dict[int, int | None] | None:
        """Bytes by process id, None for each size that is not told; None: no list."""
        listed = self._ask(f"nvmlDeviceGet{kind}RunningProcesses")
        if listed is None:  # drivers before 510
            listed = self._ask(f"nvmlDeviceGet{kind}RunningProcesses_v2")
        if not isinstance(listed, list):
            return None
        return {int(one.pid): _positive(one.usedGpuMemory) for one in listed}

    def _device_used(self) -> int | None:
        memory = self._ask("nvmlDeviceGetMemoryInfo")
        return _positive(getattr(memory, "used", None))

    def _ask(self, function: str, *arguments: Any) -> Any:
        if not self._open:
            return None
        try:
            return getattr(self._nvml, function)(self._handle, *arguments)
        except (self._nvml.NVMLError, AttributeError, OSError, ValueError):
            return None


def _positive(number: Any) -> int | None:
    known = isinstance(number, int) and not isinstance(number, bool) and 0 < number < HIGHEST
    return int(number) if known else None


def _sees_processes(link: str = "/proc/self/ns/pid") -> bool:
    """Whether the driver's list of processes is complete here: not inside a container."""
    if sys.platform != "linux":
        return True
    try:
        return str(Path(link).readlink()) == FIRST_NAMESPACE
    except OSError:
        return False
