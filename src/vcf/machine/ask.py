"""Small forms of asking a Host: an answer or the reason, a number, the platform."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from .host import Host, Unanswered

T = TypeVar("T")


def ask(question: Callable[..., T], *arguments: Any) -> T | Unanswered:
    """The answer, or the reason why there is none, as a value."""
    try:
        return question(*arguments)
    except Unanswered as reason:
        return reason


def text_of(host: Host, path: str) -> str | None:
    """A file's text without surrounding blanks and NULs; None when it can't be read."""
    answer = ask(host.read, path)
    return None if isinstance(answer, Unanswered) else answer.strip(" \t\r\n\0")


def exists(host: Host, path: str) -> bool:
    """Whether a file is there and readable."""
    return not isinstance(ask(host.read, path), Unanswered)


def whole(answer: Any) -> int | None:
    """A whole number out of a call's or file's answer, None for anything else."""
    if isinstance(answer, bool):
        return None
    if isinstance(answer, int):
        return answer
    if isinstance(answer, str):
        try:
            return int(answer.strip())
        except ValueError:
            return None
    return None


def python_fact(host: Host, name: str) -> str:
    """One of the facts of the call ``python``; raises Unanswered when it is not told."""
    facts = host.call("python")
    value = facts.get(name) if isinstance(facts, dict) else None
    if not isinstance(value, str):
        raise Unanswered(f"python: does not tell its {name}")
    return value


def python_origin(host: Host) -> str:
    """Which Python the facts are of, in words."""
    facts = ask(host.call, "python")
    told = facts.get("origin") if isinstance(facts, dict) else None
    return told if isinstance(told, str) else "running Python"


def platform_of(host: Host) -> str:
    """``linux``, ``windows``, ``macos`` or what Python calls any other system."""
    platform = python_fact(host, "platform")
    return {"win32": "windows", "darwin": "macos"}.get(platform, platform)


def not_asked(system: str) -> str:
    """The reason for facts of a system that vcf does not know."""
    return f"vcf does not know how to ask {system}"
