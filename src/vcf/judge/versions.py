"""Versions in texts, and the software gate's shape: what its modules share."""

from __future__ import annotations

from ..catalogue.model import Needs
from ..catalogue.wheels import parse_version
from .model import Gate, Message, Status


def software(
    status: Status,
    text: Message,
    *,
    have: str | None = None,
    need: str | None = None,
    source: str | None = None,
    remedy: Message | None = None,
) -> Gate:
    """A gate of the software."""
    return Gate(
        gate="software",
        status=status,
        text=text,
        have=have,
        need=need,
        source=source,
        remedy=remedy,
    )


def python_fits(needs: Needs, python: str) -> bool:
    span, have = needs.python, numbers_in(python)
    if span is None or have is None:
        return True
    above = span.min is None or have >= parse_version(span.min)
    return above and (span.below is None or have < parse_version(span.below))


def before(version: str) -> str:
    """``3.12`` for a bound below 3.13."""
    numbers = parse_version(version)
    return ".".join(str(n) for n in (*numbers[:-1], numbers[-1] - 1))


def minor(python: str | None) -> str | None:
    numbers = numbers_in(python) if python else None
    return None if numbers is None else ".".join(str(n) for n in numbers[:2])


def numbers_in(text: str) -> tuple[int, ...] | None:
    """The version in a text such as ``macOS 14.5``; None when there is none."""
    for word in text.replace("+", " ").split():
        try:
            return parse_version(word)
        except ValueError:
            continue
    return None
