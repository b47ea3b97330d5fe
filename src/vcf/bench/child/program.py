"""A foreign program, run once: what it prints and when, how it ends, how much memory it took.

The program stays in the process group of the measuring child, so that the parent, which ends the
whole group, ends it too; if the parent itself is gone, ``Runner.abandon`` does. (A signal at the
parent's death, PR_SET_PDEATHSIG, would add nothing but a hook between fork and exec.)

    runner = Runner()
    ending = runner.run([program, "--text", …], environment=…, on_line=lambda text, at: …)

Pieces end with a line feed or a carriage return. A piece is stamped by ``time.perf_counter`` when
its first byte comes: programs that draw their progress print the carriage return before the text,
so its end would tell of the next step.
"""

from __future__ import annotations

import contextlib
import os
import queue
import re
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import IO

from .engine import ProgramCrashed, ProgramKilled
from .faults import FROM_OUTSIDE, MEMORY, signal_of

ALSO_MEMORY = (
    "insufficient memory",
    "failed to allocate",
    "outofdevicememory",
    "outofhostmemory",
    "cuda error 2:",
)
"""How GGML, Vulkan and their like say that memory is used up, beside the words of ``faults``."""
WHY = {
    "SIGKILL": "ended from outside, most likely because the memory was used up",
    "SIGILL": "an instruction that this processor lacks: built for another one",
    "SIGABRT": "it gave up",
}
KEPT = 200
"""Last pieces that are kept."""
LAST = 40
"""Of these: in which a program says why it gives up; GGML lets a backtrace follow."""
WRONG = re.compile(r"error|fail|fatal|abort|assert|what\(\):|exception", re.IGNORECASE)
LONGEST = 4000
"""Bytes of a piece; what follows is a piece of its own."""
AFTERWARDS_S = 1.0
"""So long output is waited for after the end, if somebody else holds it open."""
ENDS = re.compile(rb"[\r\n]+")

OnLine = Callable[[str, float], None]


@dataclass(frozen=True)
class Ending:
    """How a program ended."""

    status: int
    """As subprocess tells it: negative for a signal."""
    began: float
    """When it was started, by ``time.perf_counter``."""
    ended: float
    """When it was over."""
    rss_peak_bytes: int | None
    """The most resident memory it had; None where the system does not tell (Windows)."""
    said: tuple[str, ...]
    """The last pieces that it printed, on both streams, in the order of their coming."""

    @property
    def signal(self) -> str | None:
        """``SIGSEGV``; None where no signal and no crash ended it."""
        return signal_of(self.status)

    @property
    def complaint(self) -> str:
        """The line in which it says what is wrong: the last ``Error: …``, else the first of the
        last ones that sounds like one (a backtrace follows it); empty where none does."""
        last = self.said[-LAST:]
        plain = [text for text in last if text.lower().startswith("error:")]
        wrong = [text for text in last if WRONG.search(text)]
        return next(iter([*reversed(plain), *wrong]), "")

    @property
    def last(self) -> str:
        """The last line, whatever it says; empty where there is none."""
        return self.said[-1] if self.said else ""

    def check(self, name: str = "the program") -> None:
        """Raises what its failure means: ProgramKilled, MemoryError, ProgramCrashed, RuntimeError;
        nothing for status 0."""
        if self.status == 0:
            return
        ended_by, short = self.signal, out_of_memory(self.said[-LAST:])
        if ended_by in FROM_OUTSIDE:
            raise ProgramKilled(_why(name, ended_by, ""), ended_by)
        if short is not None:
            raise MemoryError(short)
        if ended_by is not None:
            raise ProgramCrashed(_why(name, ended_by, self.complaint or self.last), ended_by)
        if self.complaint:
            raise RuntimeError(f"{name}: {self.complaint}")
        raise RuntimeError(f"{name}: exit status {self.status}{_ending(self.last)}")


def _why(name: str, ended_by: str, last: str) -> str:
    why = WHY.get(ended_by, "a crash in it or in a driver")
    if ended_by in FROM_OUTSIDE and ended_by not in WHY:
        why = "ended from outside"
    return f"{name}: {why}{_ending(last)}"


def _ending(last: str) -> str:
    return f"; the last that it said: {last}" if last else ""


def out_of_memory(said: Sequence[str]) -> str | None:
    """The line that says that memory is used up; None: there is none."""
    for text in said:
        plain = text.lower()
        if any(words in plain for words in (*MEMORY, *ALSO_MEMORY)):
            return text
    return None


class Running:
    """A program that was started. ``next`` gives what it prints; ``finish`` its end."""

    def __init__(
        self, command: Sequence[str], environment: Mapping[str, str], cwd: str | None = None
    ) -> None:
        """Raises OSError where it can't be started."""
        self.began = time.perf_counter()
        self._process = subprocess.Popen(
            list(command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=dict(environment),
            cwd=cwd,
        )
        self.over = False
        """It has ended, and all that it printed was given."""
        self._said: deque[str] = deque(maxlen=KEPT)
        self._found: queue.Queue[tuple[str, float] | None] = queue.Queue(1000)
        """Pieces, and None for the end of each stream and of the program."""
        self._open = 3
        self._gone = threading.Event()
        self._ended, self._peak = 0.0, None if sys.platform == "win32" else 0
        for pipe in (self._process.stdout, self._process.stderr):
            assert pipe is not None
            threading.Thread(target=self._read, args=(pipe,), daemon=True).start()
        threading.Thread(target=self._wait, daemon=True).start()

    def next(self, seconds: float | None = None) -> tuple[str, float] | None:
        """The next piece and when it came; None: none came in so many seconds, or it is over."""
        until = None if seconds is None else time.monotonic() + seconds
        while not self.over:
            wait = 0.5 if until is None else until - time.monotonic()
            try:
                found = self._found.get(timeout=max(0.0, min(wait, 0.5)))
            except queue.Empty:
                self._look_after()
                if until is not None and time.monotonic() >= until:
                    return None
                continue
            if found is not None:
                self._said.append(found[0])
                return found
            self._open -= 1
            self.over = self._open == 0
        return None

    def _look_after(self) -> None:
        """Another program may hold the output open for ever."""
        if self._gone.is_set() and time.perf_counter() - self._ended > AFTERWARDS_S:
            self.over = True

    def finish(self) -> Ending:
        """Wait for the end; what it still prints is kept."""
        while not self.over:
            self.next()
        self._gone.wait()
        return Ending(
            status=self._process.returncode,
            began=self.began,
            ended=self._ended,
            rss_peak_bytes=self._peak or None,
            said=tuple(self._said),
        )

    def kill(self) -> None:
        """End it at once; nothing where it has ended."""
        if self._gone.is_set():
            return
        with contextlib.suppress(OSError):
            if sys.platform == "win32":
                self._process.kill()
            else:  # Popen.kill would reap it, and its memory would never be known
                os.kill(self._process.pid, signal.SIGKILL)

    def _wait(self) -> None:
        process = self._process
        if sys.platform == "win32":
            process.wait()
        else:
            # exec counts what this Python had before: tens of megabytes, less than any model
            _, status, used = os.wait4(process.pid, 0)
            process.returncode = os.waitstatus_to_exitcode(status)
            self._peak = used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)
        self._ended = time.perf_counter()
        self._gone.set()
        self._found.put(None)

    def _read(self, pipe: IO[bytes]) -> None:
        """Cut a stream into pieces; each is stamped when its first byte comes."""
        rest, since = b"", 0.0
        with pipe:
            while True:
                try:
                    block = os.read(pipe.fileno(), 1 << 16)
                except OSError:
                    block = b""
                at = time.perf_counter()
                if not rest:
                    since = at
                *whole, rest = ENDS.split(rest + block)
                for piece in whole:
                    self._give(piece, since)
                    since = at
                if not block:
                    break
                while len(rest) > LONGEST:
                    self._give(rest[:LONGEST], since)
                    rest, since = rest[LONGEST:], at
        self._give(rest, since)
        self._found.put(None)

    def _give(self, piece: bytes, at: float) -> None:
        text = piece.decode("utf-8", "replace").rstrip()
        for start in range(0, len(text), LONGEST):
            self._found.put((text[start : start + LONGEST], at))


class Runner:
    """Runs programs one after the other and remembers the one that is running."""

    def __init__(self) -> None:
        self.rss_peak_bytes: int | None = None
        """The most that any of them had."""
        self._running: Running | None = None

    def start(
        self, command: Sequence[str], *, environment: Mapping[str, str], cwd: str | None = None
    ) -> Running:
        """Start one; to be given to ``finish``. Raises OSError where it can't be started."""
        self._running = Running(command, environment, cwd)
        return self._running

    def finish(self, running: Running, name: str = "the program", check: bool = True) -> Ending:
        """Wait for its end. Raises as ``Ending.check``, unless it shall not ``check``."""
        ending = running.finish()
        self._running = None
        marks = [self.rss_peak_bytes, ending.rss_peak_bytes]
        self.rss_peak_bytes = max((mark for mark in marks if mark is not None), default=None)
        if check:
            ending.check(name)
        return ending

    def run(
        self,
        command: Sequence[str],
        *,
        environment: Mapping[str, str],
        cwd: str | None = None,
        on_line: OnLine | None = None,
        limit_s: float | None = None,
        name: str = "the program",
        check: bool = True,
    ) -> Ending:
        """Run one to its end; ``on_line`` is told each piece and when it came, in this thread, and
        may raise: the program is ended then.

        Raises OSError: it can't be started; TimeoutError: it took longer than ``limit_s``;
        and as ``Ending.check``, unless it shall not ``check``.
        """
        running = self.start(command, environment=environment, cwd=cwd)
        until = None if limit_s is None else time.monotonic() + limit_s
        try:
            while not running.over:
                left = None if until is None else max(0.0, until - time.monotonic())
                found = running.next(left)
                if found is not None and on_line is not None:
                    on_line(*found)
                if until is not None and time.monotonic() >= until and not running.over:
                    raise TimeoutError(f"{name} did not end in {limit_s:g} s")
        except BaseException:
            self.stop(running)
            raise
        return self.finish(running, name, check)

    def stop(self, running: Running) -> None:
        """End one whose result is of no use, and wait until it is gone."""
        running.kill()
        self.finish(running, check=False)

    def abandon(self) -> None:
        """End the one that is running, from any thread."""
        running = self._running
        if running is not None:
            running.kill()
