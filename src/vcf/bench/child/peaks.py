"""The most memory that this program ever had, as the system remembers it."""

from __future__ import annotations

import contextlib
import sys


def high_water() -> int | None:
    """Resident bytes; None where the system does not tell."""
    with contextlib.suppress(Exception):  # a figure beside others: never the end of them
        if sys.platform.startswith("linux"):
            return _linux()
        if sys.platform == "darwin":
            return _macos()
        if sys.platform == "win32":
            return _windows()
    return None


def _linux() -> int | None:
    # ru_maxrss would hold what the parent had before the program was replaced
    with open("/proc/self/status", encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) * 1024
    return None


def _macos() -> int:
    import resource

    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss  # bytes here, KiB on Linux


def _windows() -> int | None:
    import ctypes
    from ctypes import wintypes

    class Counters(ctypes.Structure):
        """PROCESS_MEMORY_COUNTERS."""

        _fields_ = [
            ("cb", wintypes.DWORD), ("PageFaultCount", wintypes.DWORD),
            *((name, ctypes.c_size_t) for name in (
                "PeakWorkingSetSize", "WorkingSetSize", "QuotaPeakPagedPoolUsage",
                "QuotaPagedPoolUsage", "QuotaPeakNonPagedPoolUsage", "QuotaNonPagedPoolUsage",
                "PagefileUsage", "PeakPagefileUsage")),
        ]  # fmt: skip

    windll = getattr(ctypes, "windll")  # noqa: B009  (there is none elsewhere)
    counters = Counters(cb=ctypes.sizeof(Counters))
    process = windll.kernel32.GetCurrentProcess
    process.restype = wintypes.HANDLE
    ask = windll.psapi.GetProcessMemoryInfo
    ask.argtypes = [wintypes.HANDLE, ctypes.POINTER(Counters), wintypes.DWORD]
    if not ask(process(), ctypes.byref(counters), counters.cb):
        return None
    return int(counters.PeakWorkingSetSize)
