"""Memory of a measuring process and of all that it starts, watched from outside.

A thread looks every 50 ms and takes less than a hundredth of one core, so that it does not change
what is measured: what costs more than its share is done less often.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Literal

from .nvml import GpuMeter
from .processes import tree_of

INTERVAL_S = 0.05
TREE_S = 2.0
"""Between two looks for new processes."""
HIGH_WATER_S = 0.5
POWER_S = 0.5
ALLOWANCE_S = 0.02
"""Core seconds that each task may be ahead of its share."""
SHARES = {"resident": 0.004, "tree": 0.0015, "high": 0.001, "vram": 0.002, "power": 0.001}
"""Of one core, for each task."""
JOIN_S = 5.0
"""A driver that hangs holds up nothing for longer."""


class _Task:
    """Something done regularly that may take only a share of a core."""

    def __init__(self, do: Callable[[], None], every_s: float, share: float) -> None:
        self._do, self._every, self._share = do, every_s, share
        self._due = 0.0
        self._spent = 0.0

    def turn(self, elapsed: float, clock: float) -> float:
        """Do it if it is due, ``elapsed`` seconds after the start. ``clock``: core seconds of
        this thread so far; they are returned as they are then."""
        if elapsed < self._due or self._spent > self._share * elapsed + ALLOWANCE_S:
            return clock
        self._due = elapsed + self._every - min(self._every, INTERVAL_S) / 2
        self._do()
        now = time.thread_time()
        self._spent += now - clock
        return now


def next_tick(tick: int, elapsed: float, interval: float) -> int:
    """The tick to wait for after one that is done; those that are past are left out."""
    return max(tick, int(elapsed / interval)) + 1


class Sampler:
    """A context around the life of a child. Its results may be asked for at any time."""

    def __init__(
        self,
        pid: int,
        gpu: GpuMeter | None = None,
        interval: float = INTERVAL_S,
    ) -> None:
        """``pid``: the child. ``gpu``: the card it uses, whose memory is watched as well.
        ``interval``: seconds between two looks at the memory."""
        self._pid, self._gpu, self._interval = pid, gpu, interval
        self._tree = tree_of(pid)
        self._rss: int | None = None
        self._high: dict[int, int] = {}
        self._vram: dict[str, int] = {}
        self._tasks = [
            _Task(self._tree.refresh, TREE_S, SHARES["tree"]),
            _Task(self._see_resident, interval, SHARES["resident"]),
            _Task(self._see_high_water, HIGH_WATER_S, SHARES["high"]),
        ]
        if gpu is not None:
            self._tasks.append(_Task(lambda: self._see_vram(gpu), interval, SHARES["vram"]))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="vcf-sampler", daemon=True)
        self.cpu_seconds = 0.0
        """Core seconds that the sampling took."""

    def __enter__(self) -> Sampler:
        if self._gpu is not None:
            self._gpu.mark_start()
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        self._thread.join(JOIN_S)
        if not self._thread.is_alive():
            self._look()
            self._tree.close()

    @property
    def rss_peak_bytes(self) -> int | None:
        """Highest sum of resident memory seen; memory that processes share counts for each.
        None: it could never be read."""
        return self._rss

    def high_water(self, pid: int | None = None) -> int | None:
        """The most resident memory that one process, the child if none is named, ever had by
        the system's own books. None: unknown, as on macOS."""
        return self._high.get(self._pid if pid is None else pid)

    @property
    def vram_peak_bytes(self) -> int | None:
        """Highest use of GPU memory seen. None: it could never be read."""
        return None if self.vram_source is None else self._vram[self.vram_source]

    @property
    def vram_source(self) -> Literal["process", "device", "torch"] | None:
        """Whether that is of the processes or, where it is not told, of the whole device."""
        if "process" in self._vram:
            return "process"
        return "device" if "device" in self._vram else None

    def also(self, do: Callable[[], None]) -> None:
        """Have something else done every half second. It raises nothing."""
        self._tasks.append(_Task(do, POWER_S, SHARES["power"]))

    def _look(self) -> None:
        self._tree.refresh()
        self._see_resident()
        self._see_high_water()
        if self._gpu is not None:
            self._see_vram(self._gpu)

    def _loop(self) -> None:
        start, tick = time.monotonic(), 0
        while True:
            tick = next_tick(tick, time.monotonic() - start, self._interval)
            if self._stop.wait(start + tick * self._interval - time.monotonic()):
                return
            elapsed = time.monotonic() - start
            clock = time.thread_time()
            for task in tuple(self._tasks):
                clock = task.turn(elapsed, clock)
            self.cpu_seconds = clock

    def _see_resident(self) -> None:
        now = self._tree.resident()
        if now is not None:
            self._rss = max(self._rss or 0, now)

    def _see_high_water(self) -> None:
        for pid, most in self._tree.high_water().items():
            self._high[pid] = max(self._high.get(pid, 0), most)

    def _see_vram(self, gpu: GpuMeter) -> None:
        now = gpu.vram_of(self._tree.pids)
        if now is not None:
            self._vram[now.source] = max(self._vram.get(now.source, 0), now.used_bytes)
