"""One line on standard error that is written over; where nobody looks, none or a few."""

from __future__ import annotations

import contextlib
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Protocol


class Line(Protocol):
    """Shows a line in place of the last one."""

    def __call__(self, text: str | Callable[[], str]) -> None:
        """``text``, or what tells it once a second: time that is left changes by itself."""
        ...


@contextmanager
def overwritten(*, plainly: bool = False) -> Iterator[Line | None]:
    """A line on a terminal. Elsewhere None, or with ``plainly`` each text on a line of its own,
    as it begins."""
    if not sys.stderr.isatty():
        yield _plain if plainly else None
        return
    line = _Line()
    try:
        yield line
    finally:
        line.close()


def _plain(text: str | Callable[[], str]) -> None:
    with contextlib.suppress(OSError):  # nobody listens: no ground to stop measuring
        print("vcf: " + (text if isinstance(text, str) else text()), file=sys.stderr, flush=True)


class _Line:
    """Written by whoever calls, and once a second by a thread of its own."""

    def __init__(self) -> None:
        self._widest = 0
        self._text: str | Callable[[], str] = ""
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def __call__(self, text: str | Callable[[], str]) -> None:
        self._text = text
        if not isinstance(text, str) and self._thread is None:
            self._thread = threading.Thread(target=self._tick, daemon=True)
            self._thread.start()
        self._write()

    def _tick(self) -> None:
        while not self._over.wait(1.0):
            self._write()

    def _write(self) -> None:
        from shutil import get_terminal_size

        from rich.cells import cell_len, set_cell_size

        with self._lock:
            text = self._text if isinstance(self._text, str) else self._text()
            room = max(10, get_terminal_size().columns - 1)
            if cell_len(text) > room:
                text = set_cell_size(text, room)
            self._widest = max(self._widest, cell_len(text))
            with contextlib.suppress(OSError):
                sys.stderr.write("\r" + text + " " * (self._widest - cell_len(text)))
                sys.stderr.flush()

    def close(self) -> None:
        """Wipe it away."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        with contextlib.suppress(OSError):
            sys.stderr.write("\r" + " " * self._widest + "\r")
            sys.stderr.flush()


def left(seconds: float) -> Callable[[], float]:
    """Seconds that are left of so many, never below 0, as time goes on."""
    end = time.monotonic() + seconds
    return lambda: max(0.0, end - time.monotonic())
