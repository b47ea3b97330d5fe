"""How much of the processor other programs took while something was measured."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
import psutil

LIMIT = 0.05
"""Of the machine's capacity; above it a measurement is repeated."""
RESOLUTION_S = 0.03
"""Core seconds by which the system's books are wrong in a short measurement: it counts in ticks
of 10 to 16 ms."""
TRIES = 3
"""Times that one part is measured at the most."""
STEADY = 3
"""Parts that stayed disturbed, after which nothing is repeated: the load does not go away."""
IDLE = ("idle", "iowait")
COUNTED_TWICE = ("guest", "guest_nice", "interrupt", "dpc")
"""Linux counts what virtual machines use as user time too, Windows interrupts as system time."""


class Window(msgspec.Struct, frozen=True, kw_only=True):
    """A time in which something was measured."""

    seconds: float
    busy_s: float
    """Core seconds that the processor worked."""
    own_s: float
    """Core seconds of these that the measurement itself used."""
    cores: int

    @property
    def foreign_s(self) -> float:
        """Core seconds that others took."""
        return max(0.0, self.busy_s - self.own_s)

    @property
    def share(self) -> float:
        """Of the capacity that others took, 0 to 1; what the books can't tell is not counted."""
        taken = max(0.0, self.foreign_s - RESOLUTION_S)
        return min(1.0, taken / (self.seconds * self.cores)) if self.seconds > 0 else 0.0


class Watch:
    """Decides for each measurement whether it counts, and keeps what it saw."""

    def __init__(self) -> None:
        self._tries = 0
        self._stayed = 0
        self._kept: list[Window] = []
        self._worst = 0.0

    def again(self, window: Window, *, late: bool = False) -> bool:
        """Whether to measure once more. ``late``: there is no time for it."""
        self._tries += 1
        above = window.share > LIMIT
        if above and not late and self._tries < TRIES and self._stayed < STEADY:
            return True
        self._stayed += above
        self._tries = 0
        self._kept.append(window)
        self._worst = max(self._worst, window.share)
        return False

    @property
    def share(self) -> float:
        """The highest share that others took in what counts. Over all of it together the books
        are right."""
        capacity = sum(window.seconds * window.cores for window in self._kept)
        taken = sum(window.busy_s - window.own_s for window in self._kept)
        whole = max(0.0, taken / capacity) if capacity else 0.0
        return min(1.0, max(self._worst, whole))

    @property
    def disturbed(self) -> bool:
        """Whether others took too much."""
        return self.share > LIMIT


def busy_of(times: dict[str, float]) -> float:
    """Core seconds worked since the start, out of one processor's counters. Time that a host
    gave to others (``steal``) counts: it was not ours."""
    return sum(times.values()) - sum(times.get(name, 0.0) for name in (*IDLE, *COUNTED_TWICE))


def busy_seconds() -> tuple[float, int]:
    """Core seconds that the processors we may use have worked since the start, and their number."""
    each = [times._asdict() for times in psutil.cpu_times(percpu=True)]
    chosen = _ours(len(each))
    return sum(busy_of(each[index]) for index in chosen), len(chosen)


def _ours(count: int) -> Sequence[int]:
    """Which of so many processors this program may use."""
    affinity = getattr(psutil.Process(), "cpu_affinity", None)  # not on macOS
    ours = sorted(affinity()) if affinity is not None else []
    return ours if ours and ours[-1] < count else range(count)
