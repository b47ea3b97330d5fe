"""A child process that measures, and the talk with it: a line of JSON for each event, and an
answer where it asks for one."""

from __future__ import annotations

import contextlib
import json
import queue
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..errors import MeasureError, UsageError
from ..machine.child import end, start
from ..plain import shown
from .child.faults import signal_of

Event = dict[str, Any]

LONGEST = 1 << 20
"""Bytes of a line; the result has about 5000."""
WAITING = 10_000
"""Lines that are read ahead; a program that floods its output waits."""
WAKE_S = 0.5
"""Ctrl-C does not end a longer wait under Windows."""
CRASHES = {
    "SIGILL": "an instruction that this processor lacks: this torch is not built for it",
    "SIGKILL": "killed, most likely because the memory was used up",
    "SIGSEGV": "a crash inside torch or a driver",
    "SIGBUS": "a crash inside torch or a driver",
    "SIGABRT": "torch or a driver gave up",
}


class TimeOver(MeasureError):
    """The child did not say anything in time."""


class Ended(msgspec.Struct, frozen=True, kw_only=True):
    """How a child came to its end."""

    status: int | None
    """As subprocess tells it; None: it closed its output and went on."""
    said: list[str]
    """What it complained of, line by line."""

    @property
    def signal(self) -> str | None:
        """``SIGSEGV``; None where no signal and no crash ended it."""
        return None if self.status is None else signal_of(self.status)


class Conversation:
    """Iterating gives the events. Leaving the context ends the child with all that it started."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        seconds: float,
        environment: Mapping[str, str] | None = None,
    ) -> None:
        """``seconds``: until the first event; ``limit`` sets a new limit. ``environment``: the
        whole of it; None: ours.

        Raises UsageError where the program can't be started.
        """
        self._errors = tempfile.TemporaryFile()  # noqa: SIM115  (a pipe nobody reads would fill)
        try:
            self._child = start(command, self._errors, subprocess.PIPE, environment)
        except OSError as error:
            self._errors.close()
            raise UsageError(
                f"{shown(command[0], 200)}: {error.strerror}", "is it an interpreter?"
            ) from None
        self._lines: queue.Queue[bytes] = queue.Queue(WAITING)
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.limit(seconds)

    def limit(self, seconds: float) -> None:
        """The child may go on for so long from now."""
        self._seconds, self._end = seconds, time.monotonic() + seconds

    def __enter__(self) -> Conversation:
        return self

    def __exit__(self, *_: object) -> None:
        end(self._child)
        self._errors.close()

    def __iter__(self) -> Iterator[Event]:
        """The events, until the child closes its output. What is no event is passed over.

        Raises TimeOver where the time is over.
        """
        while True:
            line = self._next()
            if not line:
                return
            event = parse(line)
            if event is not None:
                yield event

    def answer(self, word: str) -> None:
        """One line for the child; where it is gone, the end of its output tells."""
        pipe = self._child.stdin
        assert pipe is not None
        with contextlib.suppress(OSError):
            pipe.write(f"{word}\n".encode())
            pipe.flush()

    def how_it_ended(self) -> str:
        """Why there is no result: the crash, or the last line of what it complained of."""
        found = self.ended()
        if found.status is None:
            return "it closed its output and went on"
        return ending(found.status, found.said)

    def ended(self) -> Ended:
        """How the child ended; to be asked when there are no more events."""
        try:
            status = self._child.wait(1)
        except subprocess.TimeoutExpired:
            return Ended(status=None, said=[])
        size = self._errors.seek(0, 2)
        self._errors.seek(max(0, size - LONGEST))
        said = self._errors.read(LONGEST).decode("utf-8", "replace").splitlines()
        return Ended(status=status, said=said)

    @property
    def pid(self) -> int:
        """Of the child."""
        return self._child.pid

    def _next(self) -> bytes:
        while True:
            left = self._end - time.monotonic()
            if left <= 0:
                raise TimeOver(
                    f"the measurement did not end in {self._seconds:g} s",
                    "a driver may hang: try torch by hand, or `vcf doctor --deep`",
                )
            with contextlib.suppress(queue.Empty):
                return self._lines.get(timeout=min(left, WAKE_S))

    def _read(self) -> None:
        out = self._child.stdout
        assert out is not None
        line = b"begin"
        while line:
            try:
                line = out.readline(LONGEST)
            except (OSError, ValueError):  # closed when the child was ended
                line = b""
            self._lines.put(line)


def parse(line: bytes) -> Event | None:
    """The event in a line; None where there is none: packages print what they like."""
    try:
        event = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return event if isinstance(event, dict) and isinstance(event.get("event"), str) else None


def ending(status: int, said: Sequence[str]) -> str:
    """Why a child ended that gave no result, in one line."""
    name = signal_of(status)
    if name is not None:
        why = CRASHES.get(name)
        return f"ended by {name}" + (f": {why}" if why else "")
    last = next((line.strip() for line in reversed(said) if line.strip()), "")
    return shown(last, 300) or f"exit status {status}"
