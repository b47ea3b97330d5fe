"""Container limits: cgroup v1 and v2, the smallest over the own group and every ancestor.

A limit often stands on the pod or slice and not on the leaf; inside a private namespace the own
path is ``/``, and without one the path that /proc/self/cgroup tells may not exist below the
mount. So every level that can be read counts, and the root always does.
https://github.com/Comfy-Org/ComfyUI/pull/15788, https://github.com/ollama/ollama/issues/15474
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from .ask import ask, text_of
from .host import Host, Unanswered
from .mounts import Mount, parse_mountinfo

OWN = "/proc/self/cgroup"
MOUNTS = "/proc/self/mountinfo"
_NO_LIMIT = 1 << 60
"""v1 writes about 9.2e18 (LONG_MAX rounded to pages) for no limit."""


class Membership(NamedTuple):
    """One line of /proc/self/cgroup. No controllers: the v2 hierarchy."""

    controllers: tuple[str, ...]
    path: str


class Limit(NamedTuple):
    """A memory limit and, where the group tells it, what is still free below it."""

    size: int
    free: int | None
    source: str


class Quota(NamedTuple):
    """A CPU quota, in cores rounded up."""

    cores: int
    source: str


def parse_proc_cgroup(text: str) -> list[Membership]:
    """The lines ``4:memory:/a/b`` and ``0::/a/b``; anything else is skipped."""
    found = []
    for line in text.splitlines():
        number, _, rest = line.partition(":")
        controllers, colon, path = rest.partition(":")
        if number.isdigit() and colon and path.startswith("/"):
            names = tuple(name for name in controllers.split(",") if name)
            found.append(Membership(names, path))
    return found


def parse_limit(text: str | None) -> int | None:
    """Bytes of memory.max or memory.limit_in_bytes; None for ``max``, 9.2e18 and rubbish."""
    if text is None or not text.isdigit():
        return None
    value = int(text)
    return value if value < _NO_LIMIT else None


def parse_stat(text: str | None) -> dict[str, int]:
    """The pairs of memory.stat."""
    pairs = (line.split() for line in (text or "").splitlines())
    return {pair[0]: int(pair[1]) for pair in pairs if len(pair) == 2 and pair[1].isdigit()}


def cores_of(quota: str | None, period: str | None) -> int | None:
    """Cores of a quota and a period in microseconds, rounded up; None where there is none."""
    if quota is None or period is None or not quota.isdigit() or not period.isdigit():
        return None  # v1 says -1, v2 says max
    if int(period) == 0 or int(quota) == 0:
        return None
    return -(-int(quota) // int(period))


def levels(path: str, root: str) -> list[str]:
    """The group and its ancestors as paths below a mount, deepest first, ending with ``""``."""
    if root != "/" and (path + "/").startswith(root + "/"):
        path = path[len(root) :]
    parts = [part for part in path.split("/") if part]
    if ".." in parts:  # a process outside of its cgroup namespace
        parts = []
    return ["/" + "/".join(parts[:count]) for count in range(len(parts), 0, -1)] + [""]


class Groups:
    """The groups that this process is in, as folders."""

    def __init__(self, host: Host, members: list[Membership], mounts: list[Mount]) -> None:
        self._host = host
        self._members = members
        self._mounts = mounts

    def _folders(self, controller: str) -> Iterator[tuple[int, str]]:
        """Version and folder of every level that may limit a controller."""
        for mount in self._mounts:
            if mount.kind == "cgroup2":
                version, own = 2, [m.path for m in self._members if not m.controllers]
            elif mount.kind == "cgroup" and controller in mount.options:
                version, own = 1, [m.path for m in self._members if controller in m.controllers]
            else:
                continue
            for level in levels(own[0] if own else "/", mount.root):
                yield version, mount.point.rstrip("/") + level

    def _read(self, path: str) -> str | None:
        return text_of(self._host, path)

    def memory_limits(self) -> list[Limit]:
        """Every memory limit that holds for this process."""
        found = []
        for version, folder in self._folders("memory"):
            found += self._limits_v2(folder) if version == 2 else self._limits_v1(folder)
        return found

    def _limits_v2(self, folder: str) -> list[Limit]:
        found = []
        for name in ("memory.max", "memory.high"):
            size = parse_limit(self._read(f"{folder}/{name}"))
            if size is not None:
                used = parse_limit(self._read(f"{folder}/memory.current"))
                stat = parse_stat(self._read(f"{folder}/memory.stat"))
                free = _free(size, used, stat.get("inactive_file", 0))
                found.append(Limit(size, free, f"{folder}/{name}"))
        return found

    def _limits_v1(self, folder: str) -> list[Limit]:
        found = []
        size = parse_limit(self._read(f"{folder}/memory.limit_in_bytes"))
        stat = parse_stat(self._read(f"{folder}/memory.stat"))
        if size is not None:
            used = parse_limit(self._read(f"{folder}/memory.usage_in_bytes"))
            free = _free(size, used, stat.get("total_inactive_file", 0))
            found.append(Limit(size, free, f"{folder}/memory.limit_in_bytes"))
        # Also tells of ancestors that a container can't see.
        above = stat.get("hierarchical_memory_limit", _NO_LIMIT)
        if above < _NO_LIMIT and above != size:
            source = f"{folder}/memory.stat: hierarchical_memory_limit"
            found.append(Limit(above, None, source))
        return found

    def swap_limit(self) -> tuple[int, str] | None:
        """The smallest swap limit and its source (v2 only; v1 counts memory and swap as one)."""
        found = []
        for version, folder in self._folders("memory"):
            if version == 2:
                size = parse_limit(self._read(f"{folder}/memory.swap.max"))
                if size is not None:
                    found.append((size, f"{folder}/memory.swap.max"))
        return min(found, default=None)

    def cpu_quota(self) -> Quota | None:
        """The smallest CPU quota."""
        found = []
        for version, folder in self._folders("cpu"):
            if version == 2:
                source = f"{folder}/cpu.max"
                quota, _, period = (self._read(source) or "").partition(" ")
                cores = cores_of(quota, period)
            else:
                source = f"{folder}/cpu.cfs_quota_us"
                quota_us = self._read(source)
                limited = quota_us is not None and quota_us.isdigit()
                period_us = self._read(f"{folder}/cpu.cfs_period_us") if limited else None
                cores = cores_of(quota_us, period_us)
            if cores is not None:
                found.append(Quota(cores, source))
        return min(found, default=None)


def _free(size: int, used: int | None, inactive: int) -> int | None:
    """What may still be allocated: the page cache that can be dropped is not in use."""
    return None if used is None else max(0, size - max(0, used - inactive))


def read_groups(host: Host) -> Groups:
    """The groups of this process; without any where the system tells of none."""
    members = ask(host.read, OWN)
    mounts = ask(host.read, MOUNTS)
    if isinstance(members, Unanswered) or isinstance(mounts, Unanswered):
        return Groups(host, [], [])
    return Groups(host, parse_proc_cgroup(members), parse_mountinfo(mounts))
