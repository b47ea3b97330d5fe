"""The one door to the outside: every question a probe asks goes through a Host.

``LiveHost`` asks the running system. ``Recording`` wraps it and notes each question with its
answer, which is what ``vcf probe --raw`` prints. ``ReplayHost`` answers from such notes, so that
a Windows laptop or a card we don't own is a text file in ``tests/machines/``.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from typing import Any, Protocol

COMMAND_SECONDS = 3.0
"""Time limit of one external command."""
TEXT_LIMIT = 1 << 20
"""Bytes read of one file or command at most; /proc and sysfs files are far smaller."""


class Unanswered(Exception):
    """The host has no answer: no such file, command, key or call. The text says why."""


class Host(Protocol):
    """What a probe may ask. Every method raises Unanswered when there is no answer."""

    def read(self, path: str) -> str:
        """Text of a small file, undecodable bytes replaced."""

    def listdir(self, path: str) -> list[str]:
        """Sorted names in a folder."""

    def readlink(self, path: str) -> str:
        """Resolved absolute path of a symbolic link."""

    def run(self, *command: str) -> str:
        """Standard output of a program that exits 0 within COMMAND_SECONDS."""

    def env(self, name: str) -> str | None:
        """An environment variable; None when it is not set."""

    def call(self, name: str, *arguments: str | int) -> Any:
        """A named system call whose answer is plain data (JSON types)."""


class LiveHost:
    """The running system."""

    def __init__(self, calls: Mapping[str, Callable[..., Any]]) -> None:
        self._calls = calls

    def read(self, path: str) -> str:
        try:
            with open(path, "rb") as file:
                return file.read(TEXT_LIMIT).decode("utf-8", "replace")
        except OSError as error:
            raise Unanswered(f"{path}: {error.strerror}") from None

    def listdir(self, path: str) -> list[str]:
        try:
            return sorted(os.listdir(path))
        except OSError as error:
            raise Unanswered(f"{path}: {error.strerror}") from None

    def readlink(self, path: str) -> str:
        try:
            return os.path.realpath(path, strict=True)
        except OSError as error:
            raise Unanswered(f"{path}: {error.strerror}") from None

    def run(self, *command: str) -> str:
        import subprocess  # 6 ms: only where a program must really be asked

        try:
            done = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                capture_output=True,
                timeout=COMMAND_SECONDS,
                check=False,
            )
        except FileNotFoundError:
            raise Unanswered(f"{command[0]}: not found") from None
        except subprocess.TimeoutExpired:
            raise Unanswered(f"{command[0]}: no answer in {COMMAND_SECONDS:g} s") from None
        except OSError as error:
            raise Unanswered(f"{command[0]}: {error.strerror}") from None
        if done.returncode != 0:
            raise Unanswered(f"{command[0]}: exit status {done.returncode}")
        # PowerShell 5.1 and others answer in the OEM code page.
        return done.stdout[:TEXT_LIMIT].decode("utf-8", "replace")

    def env(self, name: str) -> str | None:
        return os.environ.get(name)

    def call(self, name: str, *arguments: str | int) -> Any:
        function = self._calls.get(name)
        if function is None:
            raise Unanswered(f"{name}: not offered on {sys.platform}")
        try:
            return function(*arguments)
        except Unanswered:
            raise
        except Exception as error:
            raise Unanswered(f"{name}: {type(error).__name__}: {error}") from None


def _key(kind: str, *parts: str | int) -> str:
    return " ".join([kind, *(str(part) for part in parts)])


class ReplayHost:
    """A recorded machine: ``{"read /proc/cpuinfo": {"ok": "…"}, "env X": {"ok": null}}``.

    A question that was never asked when the record was made is Unanswered, except for
    environment variables, which are then not set.
    """

    def __init__(self, answers: Mapping[str, Mapping[str, Any]]) -> None:
        self._answers = answers

    def _answer(self, key: str) -> Any:
        answer = self._answers.get(key)
        if answer is None:
            raise Unanswered(f"{key}: not in the record")
        if "ok" not in answer:
            raise Unanswered(str(answer.get("error", f"{key}: no answer recorded")))
        return answer["ok"]

    def read(self, path: str) -> str:
        return str(self._answer(_key("read", path)))

    def listdir(self, path: str) -> list[str]:
        return [str(name) for name in self._answer(_key("listdir", path))]

    def readlink(self, path: str) -> str:
        return str(self._answer(_key("readlink", path)))

    def run(self, *command: str) -> str:
        return str(self._answer(_key("run", *command)))

    def env(self, name: str) -> str | None:
        key = _key("env", name)
        return None if key not in self._answers else self._answer(key)

    def call(self, name: str, *arguments: str | int) -> Any:
        return self._answer(_key("call", name, *arguments))


class Recording:
    """Passes every question on and keeps the answers, for ``probe --raw``."""

    def __init__(self, host: Host) -> None:
        self._host = host
        self.answers: dict[str, dict[str, Any]] = {}
        """What ReplayHost takes."""

    def _note(self, key: str, ask: Callable[[], Any]) -> Any:
        try:
            answer = ask()
        except Unanswered as error:
            self.answers[key] = {"error": str(error)}
            raise
        self.answers[key] = {"ok": answer}
        return answer

    def read(self, path: str) -> str:
        return str(self._note(_key("read", path), lambda: self._host.read(path)))

    def listdir(self, path: str) -> list[str]:
        return list(self._note(_key("listdir", path), lambda: self._host.listdir(path)))

    def readlink(self, path: str) -> str:
        return str(self._note(_key("readlink", path), lambda: self._host.readlink(path)))

    def run(self, *command: str) -> str:
        return str(self._note(_key("run", *command), lambda: self._host.run(*command)))

    def env(self, name: str) -> str | None:
        answer = self._note(_key("env", name), lambda: self._host.env(name))
        return None if answer is None else str(answer)

    def call(self, name: str, *arguments: str | int) -> Any:
        return self._note(_key("call", name, *arguments), lambda: self._host.call(name, *arguments))


def _machine() -> str:
    """What this Python was built for. On Windows the platform module would ask WMI, which may
    take seconds and tells of the processor instead: an x86 Python runs on ARM too."""
    if sys.platform != "win32":
        return os.uname().machine
    return next((word for word in ("AMD64", "ARM64", "ARM") if f"({word})" in sys.version), "x86")


def python_facts() -> dict[str, str]:
    """The call ``python``: what the interpreter knows about itself without asking anyone.

    The platform module knows it too, but imports subprocess on Python 3.10.
    """
    implementation = sys.implementation.name
    return {
        "platform": sys.platform,
        "machine": _machine(),
        "version": sys.version.split()[0],
        "implementation": {"cpython": "CPython", "pypy": "PyPy"}.get(
            implementation, implementation
        ),
        "bits": "64" if sys.maxsize > 1 << 32 else "32",
    }
