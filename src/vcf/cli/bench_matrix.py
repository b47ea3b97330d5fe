"""``vcf bench matrix``: in which order, and for how long."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import msgspec

from .output import talk

if TYPE_CHECKING:
    from .bench_asked import Bench, Job

LOAD_GUESS_S = 5.0
"""For starting and loading, which no forecast tells."""
NO_HARDWARE = ("no-gpu", "gpu-unknown")


def arranged(bench: Bench) -> list[Job]:
    """What can be begun, the quickest by the forecast first. What misses a package is told and
    left out; modes of cards that are not there are left out unless they were asked for."""
    found: list[Job] = []
    told: set[str] = set()
    for job in bench.jobs:
        skip = job.cell.skip
        if skip is not None and skip.id in NO_HARDWARE and not bench.arguments.modes:
            continue
        error = job.kit.missing(job.cell) if skip is None else None
        if error is None:
            found.append(job)
        elif error.message not in told:
            told.add(error.message)
            talk(f"passed over: {job.cell.name}: {error.message}")
            talk(error.hint, "     ")
    return sorted(found, key=lambda job: (job.cell.skip is not None, _middle(bench, job)))


def times(bench: Bench) -> list[tuple[float, float]]:
    """The least and the most seconds of each cell that will be begun and has a forecast."""
    return [span for job in bench.jobs if (span := _span(bench, job)) is not None]


def _span(bench: Bench, job: Job) -> tuple[float, float] | None:
    from ..bench.planned import expected

    if job.cell.skip is not None:
        return None
    ask = bench.ask(job)
    return expected(job.cell, ask, bench.rules(job, ask), job.source)


def _middle(bench: Bench, job: Job) -> float:
    """Expected seconds; what has no forecast comes last."""
    span = _span(bench, job)
    return float("inf") if span is None else (span[0] * span[1]) ** 0.5


class Clock:
    """The time that is left of ``--max-seconds`` of a matrix; elsewhere there is no such end."""

    def __init__(self, bench: Bench) -> None:
        most = bench.arguments.max_seconds if bench.arguments.what == "matrix" else None
        self._bench = bench
        self._end = None if most is None else time.monotonic() + most

    def left(self, job: Job) -> float | None:
        """Seconds for the syntheses of a cell: its own limit, or less. None: its own."""
        if self._end is None:
            return None
        own = self._bench.rules(job, self._bench.ask(job)).max_seconds
        return min(own, max(0.001, self._end - time.monotonic()))

    def kept(self, job: Job) -> Job:
        """The job, skipped where not even two syntheses would be over in time."""
        from ..bench.record import Reason

        if self._end is None or job.cell.skip is not None:
            return job
        left = self._end - time.monotonic()
        one = 0.0
        if job.cell.predicted is not None and job.source.kind != "tiny":
            ask = self._bench.ask(job)
            one = job.cell.predicted.low * (ask.work.length or ask.script.seconds)
        need = 2 * one + (LOAD_GUESS_S if one else 0.0)
        if left > need:
            return job
        skip = Reason(id="no-time-left", detail=f"{max(0.0, left):.0f} s / {need:.0f} s")
        return msgspec.structs.replace(job, cell=msgspec.structs.replace(job.cell, skip=skip))
