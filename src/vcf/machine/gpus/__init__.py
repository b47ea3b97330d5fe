"""Finding GPUs: one probe per source, joined by PCI address into one entry a card."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from ..host import Host
from .found import GpuFound
from .join import join

__all__ = ["GpuFound", "GpuProbe", "gpu_probes", "join"]

GpuProbe = Callable[[Host], list[GpuFound]]
"""Asks one source. Raises Unanswered when the source has no answer."""


def gpu_probes(platform: str) -> Sequence[tuple[str, GpuProbe]]:
    """The probes for a system (``sys.platform`` style), the most trusted source first."""
    if platform == "linux":
        from . import amd, intel, nvidia, pci

        return (
            ("nvidia", nvidia.probe_linux),
            ("amd", amd.probe),
            ("intel", intel.probe),
            ("pci", pci.probe),
        )
    if platform == "win32":
        from . import nvidia, windows

        return (("nvidia", nvidia.probe_windows), ("adapters", windows.probe))
    if platform == "darwin":
        from . import apple

        return (("apple", apple.probe),)
    return ()
