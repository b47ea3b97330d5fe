"""A process and all that it started: who they are and how much memory they hold.

Under Linux a look costs a few microseconds for each process: of each one file stays open and is
read anew.
"""

from __future__ import annotations

import contextlib
import os
import re
import sys
from collections.abc import Collection
from typing import Protocol

import psutil

MOST = 400
"""Processes that are watched, each with a file open; a program may have 1024 open."""
PEAK = re.compile(rb"^VmHWM:\s*(\d+) kB", re.MULTILINE)


class Tree(Protocol):
    """A process and all that it started."""

    @property
    def pids(self) -> Collection[int]:
        """Those known to live."""
        ...

    def refresh(self) -> None:
        """Look for new processes."""
        ...

    def resident(self) -> int | None:
        """Bytes of resident memory of all together; None: nothing could be read."""
        ...

    def high_water(self) -> dict[int, int]:
        """The most that each process ever had, in bytes, where the system keeps that."""
        ...

    def close(self) -> None:
        """Let go of what is open."""
        ...


class ProcTree:
    """Under Linux. An open file of a process that has ended stays its own: another process with
    the same number is never taken for it."""

    def __init__(self, pid: int, proc: str = "/proc") -> None:
        self._root, self._proc = pid, proc
        self._page = os.sysconf("SC_PAGE_SIZE")
        self._open: dict[int, int] = {}
        self._strangers: set[int] = set()
        self._add(pid)

    @property
    def pids(self) -> Collection[int]:
        return self._open.keys()

    def refresh(self) -> None:
        """Who is no relative when first seen never becomes one, and is not read again."""
        try:
            listed = {int(name) for name in os.listdir(self._proc) if name.isdigit()}
        except OSError:
            return
        self._strangers &= listed
        new = {}
        for pid in listed - self._strangers - self._open.keys():
            origin = self._origin(pid)
            if origin is not None:
                new[pid] = origin
        family = {*self._open, self._root}
        while True:
            ours = [
                pid
                for pid, (parent, session) in new.items()
                # the session keeps those together whose parent has ended
                if parent in family or session == self._root
            ]
            if not ours:
                break
            for pid in ours:
                del new[pid]
                family.add(pid)
                self._add(pid)
        self._strangers.update(new)

    def resident(self) -> int | None:
        pages = 0
        gone = []
        for pid, file in self._open.items():
            try:
                pages += int(os.pread(file, 64, 0).split(None, 2)[1])
            except OSError:
                gone.append(pid)
            except (ValueError, IndexError):
                continue
        for pid in gone:
            os.close(self._open.pop(pid))
        return pages * self._page or None

    def high_water(self) -> dict[int, int]:
        found = {}
        for pid in self._open:
            match = PEAK.search(_read(f"{self._proc}/{pid}/status", 4096))
            if match is not None:
                found[pid] = int(match[1]) * 1024
        return found

    def close(self) -> None:
        while self._open:
            os.close(self._open.popitem()[1])

    def _add(self, pid: int) -> None:
        if len(self._open) < MOST:
            with contextlib.suppress(OSError):
                self._open[pid] = os.open(f"{self._proc}/{pid}/statm", os.O_RDONLY)

    def _origin(self, pid: int) -> tuple[int, int] | None:
        """Parent and session of a process."""
        try:
            # the name, in brackets, may hold brackets and blanks
            fields = _read(f"{self._proc}/{pid}/stat", 512).rpartition(b")")[2].split(None, 4)
            return int(fields[1]), int(fields[3])
        except (ValueError, IndexError):
            return None


def _read(path: str, size: int) -> bytes:
    """The beginning of a file; empty where it is gone."""
    try:
        file = os.open(path, os.O_RDONLY)
    except OSError:
        return b""
    try:
        return os.read(file, size)
    except OSError:
        return b""
    finally:
        os.close(file)


class PsutilTree:
    """Under Windows and macOS."""

    def __init__(self, pid: int) -> None:
        self._known: dict[int, psutil.Process] = {}
        self._high: dict[int, int] = {}
        self._root: psutil.Process | None = None
        with contextlib.suppress(psutil.Error, OSError):
            self._root = self._known[pid] = psutil.Process(pid)

    @property
    def pids(self) -> Collection[int]:
        return self._known.keys()

    def refresh(self) -> None:
        if self._root is None:
            return
        with contextlib.suppress(psutil.Error, OSError):
            for child in self._root.children(recursive=True):
                if self._known.get(child.pid) != child:  # the number may be another's now
                    self._known[child.pid] = child

    def resident(self) -> int | None:
        total = 0
        for pid, process in list(self._known.items()):
            try:
                memory = process.memory_info()
            except psutil.NoSuchProcess:
                del self._known[pid]
                continue
            except (psutil.Error, OSError):
                continue
            total += memory.rss
            peak = getattr(memory, "peak_wset", None)  # Windows
            if peak is not None:
                self._high[pid] = int(peak)
        return total or None

    def high_water(self) -> dict[int, int]:
        return dict(self._high)

    def close(self) -> None:
        self._known.clear()


def tree_of(pid: int) -> Tree:
    """The cheapest way that this system has."""
    return ProcTree(pid) if sys.platform == "linux" else PsutilTree(pid)
