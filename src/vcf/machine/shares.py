"""What a system and its desktop keep of a machine's memory where nobody has measured it."""

from __future__ import annotations

from ..units import GIB
from .model import Gpu, Machine, Memory, Os

SYSTEM_SHARE: dict[Os, float] = {"windows": 2.5 * GIB, "macos": 2.5 * GIB, "linux": 1.0 * GIB}
"""RAM that the system and its desktop keep, taken where only the total is known. Idle systems
show 2 to 3 GiB on Windows 10/11 and macOS, 0.5 to 1.5 GiB on Linux."""

DESKTOP_SHARE = int(0.4 * GIB)
"""VRAM that the Windows desktop keeps on a card, taken where free VRAM is not known: 0.2 to 0.6
GiB in reports; on Linux it may be nothing (servers) and is not taken off."""


def system_of(machine: Machine) -> Os:
    """Its system; where it does not say, macOS on Apple chips and otherwise Linux."""
    if machine.os is not None:
        return machine.os
    apple = any(gpu.vendor == "apple" for gpu in machine.gpus or ())
    return "macos" if apple or (machine.cpu.model or "").startswith("Apple ") else "linux"


def host_most(memory: Memory, system: Os) -> int:
    """RAM in bytes that could be used with everything else closed; 0 where not known."""
    if memory.total_bytes is None:
        return 0
    share = GIB // 4 if memory.limit_bytes is not None else SYSTEM_SHARE[system]
    return max(0, int(memory.total_bytes - share))


def gpu_share(gpu: Gpu, memory: Memory) -> int | None:
    """What a GPU that shares the RAM may take of it where nobody says; None where the RAM is
    not known. Others than Apple's take all."""
    ram = memory.total_bytes
    return ram if ram is None or gpu.vendor != "apple" else wired_default(ram)[0]


def wired_default(ram: int) -> tuple[int, str]:
    """What macOS lends the GPU unless told otherwise (``iogpu.wired_limit_mb``)."""
    if ram <= 36 * GIB:
        return ram * 2 // 3, "rule: macOS lends the GPU 2/3 of RAM up to 36 GiB"
    return ram * 3 // 4, "rule: macOS lends the GPU 3/4 of RAM above 36 GiB"


def desktop_share(gpu: Gpu, system: Os) -> int:
    """Bytes of a card that the desktop is taken to hold."""
    return DESKTOP_SHARE if system == "windows" and not gpu.unified else 0
