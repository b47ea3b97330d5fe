"""Main memory: total, available, container limit, swap; kind and speed of the modules."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from . import macos, windows
from .ask import ask, not_asked, platform_of, text_of
from .cgroup import Groups, read_groups
from .findings import Findings
from .host import Host, Unanswered
from .modules import channels_of, speed_of

MEMINFO = "/proc/meminfo"
ARCSTATS = "/proc/spl/kstat/zfs/arcstats"
PATHS = (
    ("memory", "total_bytes"),
    ("memory", "available_bytes"),
    ("memory", "limit_bytes"),
    ("memory", "swap_bytes"),
    ("memory", "speed"),
    ("memory", "channels"),
)


def parse_meminfo(text: str) -> dict[str, int]:
    """Bytes by name; lines of another form are skipped."""
    sizes = {}
    for line in text.splitlines():
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            sizes[name.strip()] = int(words[0]) * (1024 if words[1:] == ["kB"] else 1)
    return sizes


def parse_arcstats(text: str) -> int:
    """Bytes that the ZFS cache would give back: its size above its minimum."""
    rows = (line.split() for line in text.splitlines())
    sizes = {row[0]: int(row[2]) for row in rows if len(row) == 3 and row[2].isdigit()}
    return max(0, sizes.get("size", 0) - sizes.get("c_min", 0))


def available(sizes: Mapping[str, int]) -> tuple[int, str] | None:
    """What can be allocated without swapping, and its source; None when nothing makes sense.

    LXCFS mixes figures of host and container, so that more is available than there is; kernels
    before 3.14 do not tell. https://github.com/ollama/ollama/issues/13782
    """
    total = sizes.get("MemTotal", 0)
    told = sizes.get("MemAvailable")
    if told is not None and told <= total:
        return told, f"{MEMINFO}: MemAvailable"
    if "MemFree" not in sizes:
        return None
    parts = ("MemFree", "Buffers", "Cached", "SReclaimable")
    guess = sum(sizes.get(part, 0) for part in parts) - sizes.get("Shmem", 0)
    if 0 <= guess <= total:
        return guess, f"{MEMINFO}: MemFree, Buffers, Cached, SReclaimable less Shmem"
    return None


def probe_memory(host: Host) -> Findings:
    """Sizes, limits and modules."""
    system = platform_of(host)
    found = Findings()
    if system == "windows":
        windows.find_memory(host, found)
        _find_modules(host, found)
    elif system == "macos":
        macos.find_memory(host, found)
    elif system == "linux":
        _find_linux(host, found)
        _find_modules(host, found)
    else:
        for path in PATHS:
            found.miss(not_asked(system), *path)
    return found


def _find_linux(host: Host, found: Findings) -> None:
    text = ask(host.read, MEMINFO)
    sizes = {} if isinstance(text, Unanswered) else parse_meminfo(text)
    total = sizes.get("MemTotal", 0)
    groups = read_groups(host)
    limits = groups.memory_limits()
    smallest = min(limits, default=None, key=lambda limit: limit.size)
    if smallest is not None and (smallest.size < total or not total):
        found.know(smallest.size, smallest.source, "memory", "limit_bytes")
        found.know(smallest.size, smallest.source, "memory", "total_bytes")
    else:
        found.know(None, "cgroups: no limit below the memory of the machine",
                   "memory", "limit_bytes")  # fmt: skip
    if total:
        found.know(total, f"{MEMINFO}: MemTotal", "memory", "total_bytes")
    missing = text if isinstance(text, Unanswered) else f"{MEMINFO}: no such line"
    found.miss(missing, "memory", "total_bytes")
    choices = [(limit.free, limit.source) for limit in limits if limit.free is not None]
    told = _with_zfs(host, available(sizes), total)
    choices += [] if told is None else [told]
    if choices:
        found.know(*min(choices), "memory", "available_bytes")
    elif "MemAvailable" in sizes:
        missing = f"{MEMINFO}: more available than there is"
    found.miss(missing, "memory", "available_bytes")
    _find_swap(groups, found, sizes, missing)


def _with_zfs(host: Host, told: tuple[int, str] | None, total: int) -> tuple[int, str] | None:
    """The kernel counts the ZFS cache as used, although it shrinks on demand."""
    text = text_of(host, ARCSTATS)
    cache = parse_arcstats(text) if text else 0
    if told is None or not cache:
        return told
    return min(total, told[0] + cache), f"{told[1]}; {ARCSTATS}: what its cache gives back"


def _find_swap(
    groups: Groups, found: Findings, sizes: Mapping[str, int], missing: str | Unanswered
) -> None:
    swap = sizes.get("SwapTotal")
    if swap is None:
        found.miss(missing, "memory", "swap_bytes")
        return
    limit = groups.swap_limit() if swap else None
    choice = (swap, f"{MEMINFO}: SwapTotal")
    found.know(*(choice if limit is None else min(choice, limit)), "memory", "swap_bytes")


def _find_modules(host: Host, found: Findings) -> None:
    answer: Any = ask(host.call, "memory_modules")
    if isinstance(answer, Unanswered) or not isinstance(answer, list):
        reason = answer if isinstance(answer, Unanswered) else "SMBIOS: not a list of modules"
        found.miss(reason, "memory", "speed")
        found.miss(reason, "memory", "channels")
        return
    speed, channels = speed_of(answer), channels_of(answer)
    if speed is not None:
        found.know(speed, "SMBIOS", "memory", "speed")
    if channels is not None:
        found.know(channels, "SMBIOS: locators of the modules", "memory", "channels")
    found.miss("SMBIOS: does not tell kind and speed", "memory", "speed")
    found.miss("SMBIOS: does not name channels", "memory", "channels")
