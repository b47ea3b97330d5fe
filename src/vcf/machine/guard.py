"""Runs probes so that one that raises or hangs costs its own facts only."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from .host import Unanswered

PATIENCE_SECONDS = 0.02
"""How long one thread may be busy before another takes over what still waits."""


class Failure:
    """A job that gave no answer, with the reason."""

    def __init__(self, reason: str) -> None:
        self.reason = reason


class _Jobs:
    """Jobs that wait, and the answers of those that are done."""

    def __init__(self, jobs: Sequence[Callable[[], Any]]) -> None:
        self.waiting = deque(enumerate(jobs))
        self.answers: dict[int, Any] = {}
        self.done = threading.Semaphore(0)

    def work(self) -> None:
        """Do what waits until nothing does."""
        while True:
            try:
                number, job = self.waiting.popleft()
            except IndexError:
                return
            try:
                self.answers[number] = attempt(job)
            except BaseException as error:  # sys.exit() ends a thread without a word
                self.answers[number] = Failure(type(error).__name__)
            self.done.release()

    def help(self) -> None:
        """Another thread; one that is late does not keep the program from ending."""
        threading.Thread(target=self.work, daemon=True).start()


def run_all(jobs: Sequence[Callable[[], Any]], seconds: float) -> list[Any]:
    """The answers in order, a Failure for each job that raised or was not done in time.

    Quick jobs share one thread, since starting a thread costs more than most probes; only while
    a job keeps its thread busy do others start. A late answer goes nowhere.
    """
    todo = _Jobs(jobs)
    deadline = time.monotonic() + seconds
    todo.help()
    missing = len(jobs)
    while missing and (rest := deadline - time.monotonic()) > 0:
        if todo.done.acquire(timeout=min(rest, PATIENCE_SECONDS)):
            missing -= 1
        elif todo.waiting:
            todo.help()
    late = Failure(f"no answer in {seconds:.2g} s")
    return [todo.answers.get(number, late) for number in range(len(jobs))]


def attempt(job: Callable[[], Any]) -> Any:
    """The answer of a job, or a Failure with the error in one line."""
    try:
        return job()
    except Unanswered as error:
        return Failure(str(error))
    except Exception as error:
        return Failure(f"{type(error).__name__}: {error}".rstrip(": "))
