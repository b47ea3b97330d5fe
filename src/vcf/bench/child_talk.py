"""The measuring child, order by order: what it answers, and how it fails."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from ..plain import shown
from .child.faults import FROM_OUTSIDE, MEMORY
from .conversation import CRASHES, Conversation, Ended, TimeOver
from .record import Reason, Status

RUN = Path(__file__).with_name("child") / "run.py"
START_SECONDS = 60.0
"""For a Python to start: from a cold disk behind a virus scanner it takes seconds."""
MEMORY_KILL = "the system ended it because memory was used up"
SIGNAL = re.compile(r"SIG[A-Z0-9+-]{1,12}|signal \d{1,3}")
LAST = 6
"""Lines in which a program says why it gives up."""
REASONS = {
    "oom": "out-of-memory",
    "wrong-length": "wrong-length",
    "broken-weights": "broken-weights",
    "missing": "package-missing",
    "killed": "killed",
    "crashed": "signal",
    "wrong-version": "wrong-version",
    "not-as-asked": "not-as-asked",
}
STATUS: dict[str, Status] = {"oom": "oom", "killed": "killed"}
"""Of what the engine tells of; else ``error``."""


class Failed(Exception):
    """A cell ended without a result."""

    def __init__(self, status: Status, reason: Reason, *, told: bool = False) -> None:
        """``told``: the child itself said so, and listens still."""
        super().__init__(reason.id)
        self.status: Status = status
        self.reason = reason
        self.told = told


def command(python: str, engine: str) -> list[str]:
    """What starts the child."""
    return [python, "-W", "ignore", str(RUN), engine]


def environment(more: Mapping[str, str]) -> dict[str, str]:
    """Ours, nothing fetched from a hub, and ``more``."""
    quiet = {"TOKENIZERS_PARALLELISM": "false", "PYTHONUTF8": "1", "PYTHONUNBUFFERED": "1"}
    return {**os.environ, **quiet, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1", **more}


class Child:
    """One engine in a process of its own. Leaving the context ends it with all it started."""

    def __init__(self, started: Sequence[str], more: Mapping[str, str] | None = None) -> None:
        """Raises UsageError where the program can't be started."""
        self._talk = Conversation(
            started, seconds=START_SECONDS, environment=environment(more or {})
        )
        self._events = iter(self._talk)
        self._kills = oom_kills()
        self.pid = self._talk.pid

    def __enter__(self) -> Child:
        return self

    def __exit__(self, *_: object) -> None:
        self._talk.__exit__()

    def begin(self) -> None:
        """Wait until it listens. Raises Failed."""
        self._next(START_SECONDS)

    def order(self, name: str, seconds: float, **more: Any) -> dict[str, Any]:
        """Have something done within so many seconds; the answer. Raises Failed."""
        import json

        self._talk.answer(json.dumps({"do": name, **more}))
        event = self._next(seconds)
        if event["event"] == "done":
            return event
        kind, signal = str(event.get("kind")), event.get("signal")
        text = event.get("text")
        if kind == "killed" and signal == "SIGKILL" and self._memory_kills():
            text = MEMORY_KILL
        reason = Reason(
            id=REASONS.get(kind, "engine-error"),
            detail=_line(text),
            signal=signal if isinstance(signal, str) and SIGNAL.fullmatch(signal) else None,
        )
        raise Failed(STATUS.get(kind, "error"), reason, told=True)

    def _next(self, seconds: float) -> dict[str, Any]:
        self._talk.limit(seconds)
        try:
            for event in self._events:
                return event
        except TimeOver:
            detail = f"no answer in {seconds:.3g} s"
            raise Failed("timeout", Reason(id="time-limit", detail=detail)) from None
        raise failure(self._talk.ended(), self._memory_kills())

    def _memory_kills(self) -> bool | None:
        """Whether the system has ended a program for want of memory since the start."""
        now = oom_kills()
        return None if now is None or self._kills is None else now > self._kills


def failure(ended: Ended, memory: bool | None) -> Failed:
    """How a child that said nothing more came to its end. ``memory``: meanwhile the system has
    ended a program because memory was used up; None: it does not tell."""
    name, text = ended.signal, "\n".join(ended.said[-LAST:]).lower()
    last = next((line.strip() for line in reversed(ended.said) if line.strip()), "")
    short = any(words in text for words in MEMORY)
    if name in FROM_OUTSIDE:
        why = "ended from outside"
        if name == "SIGKILL" and memory is not False:
            why = MEMORY_KILL if memory else CRASHES[name]
        return Failed("killed", Reason(id="killed", detail=_line(why), signal=name))
    if short:
        return Failed("oom", Reason(id="out-of-memory", detail=_line(last), signal=name))
    if name is not None:
        return Failed("error", Reason(id="signal", detail=CRASHES.get(name, ""), signal=name))
    if ended.status is None:
        last = "it closed its output and went on"
    return Failed("error", Reason(id="engine-error", detail=_line(last or "it ended early")))


def _line(text: object) -> str:
    """One line without the folders of this user."""
    home = os.path.expanduser("~")  # noqa: PTH111
    plain = " ".join(str(text).split())
    return shown(plain.replace(home, "~") if len(home) > 1 else plain, 400)


def oom_kills(root: Path = Path("/")) -> int | None:
    """Programs that Linux has ended for want of memory since its start, and in this container;
    None where that is not told."""
    total: int | None = None
    for place in ("proc/vmstat", "sys/fs/cgroup/memory.events"):
        try:
            lines = (root / place).read_text(encoding="ascii", errors="replace").splitlines()
        except OSError:
            continue
        for line in lines:
            name, _, value = line.partition(" ")
            if name == "oom_kill" and value.strip().isdigit():
                total = (total or 0) + int(value)
    return total
