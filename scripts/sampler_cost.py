"""Show what watching a child's memory costs it, and the core that the watching runs on.

    python scripts/sampler_cost.py                      trees of 1, 5 and 20 processes
    python scripts/sampler_cost.py --seconds 4 --times 10

A child does the same work over and over and times it by itself, with and without the sampler by
turns. On a noisy computer the ratio of two such times says little; the processor time of the
sampler's own thread is exact. Takes two minutes.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

from vcf.bench.sampler import Sampler

SIZES = (1, 5, 20)
ALLOWED = 1.0
"""Percent of a core."""
CHILD = """
import hashlib, subprocess, sys, time
others, rounds = int(sys.argv[1]), int(sys.argv[2])
idle = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
pipes = dict(stdin=subprocess.PIPE, stdout=subprocess.PIPE)
started = [subprocess.Popen(idle, **pipes) for _ in range(others)]
for one in started:
    one.stdout.readline()
block = bytes(1 << 20)
print("ready", flush=True)
for line in sys.stdin:
    begun = time.perf_counter()
    for _ in range(rounds if line.strip() == "work" else 20):
        hashlib.sha256(block).digest()
    print(time.perf_counter() - begun, flush=True)
for one in started:
    one.stdin.close()
    one.wait()
"""


class Worker:
    """A child with so many idle processes below it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.pid = process.pid
        self._process = process
        self._line()

    def seconds(self, word: str) -> float:
        """How long the child says that its work took."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{word}\n")
        self._process.stdin.flush()
        return float(self._line())

    def _line(self) -> str:
        assert self._process.stdout is not None
        return self._process.stdout.readline()


@contextmanager
def worker(size: int, rounds: int) -> Iterator[Worker]:
    """A tree of so many processes that works; ends it at last."""
    command = [sys.executable, "-c", CHILD, str(size - 1), str(rounds)]
    process = subprocess.Popen(
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    try:
        yield Worker(process)
    finally:
        process.communicate()


def rounds_for(seconds: float) -> int:
    """How much work takes about so long."""
    with worker(1, 0) as child:
        child.seconds("try")
        return max(1, round(20 * seconds / child.seconds("try")))


def compare(size: int, rounds: int, times: int) -> tuple[float, float, float]:
    """Seconds of the work without and with the sampler, and its share of a core in percent."""
    without, watched = [], []
    used = span = 0.0
    with worker(size, rounds) as child:
        child.seconds("work")
        for turn in range(2 * times):
            sampler = Sampler(child.pid) if turn % 4 in (1, 2) else None  # off on on off
            begun = time.perf_counter()
            with sampler or nullcontext():
                seconds = child.seconds("work")
            if sampler is None:
                without.append(seconds)
                continue
            watched.append(seconds)
            used += sampler.cpu_seconds
            span += time.perf_counter() - begun
    return statistics.median(without), statistics.median(watched), 100 * used / span


def main() -> int:
    """Print the table; 1 where the sampler takes too much."""
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=3.0, help="of work at a time")
    parser.add_argument("--times", type=int, default=6, help="with and without each")
    options = parser.parse_args()
    rounds = rounds_for(options.seconds)
    print("processes  without s  with s   ratio   sampler % of a core")
    worst = 0.0
    for size in SIZES:
        off, on, percent = compare(size, rounds, options.times)
        worst = max(worst, percent)
        print(f"{size:9}  {off:9.3f}  {on:6.3f}  {on / off:6.3f}   {percent:6.2f}", flush=True)
    return int(worst > ALLOWED)


if __name__ == "__main__":
    sys.exit(main())
