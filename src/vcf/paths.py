"""Paths as people and environment variables name them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from .errors import MachineError, UsageError
from .plain import shown


def expanded(name: str, what: str) -> Path:
    """``~`` put in its place. Raises UsageError: no home folder is known; ``what`` named it."""
    try:
        return Path(name).expanduser()
    except RuntimeError:
        raise UsageError(
            f"{what} {shown(name, 200)}: no such home folder is known", "write the whole path"
        ) from None


def resolved(name: str, what: str) -> Path:
    """Expanded, absolute, links followed. Raises UsageError: a link that leads to itself …"""
    try:
        return expanded(name, what).resolve()
    except (OSError, RuntimeError, ValueError) as error:  # RuntimeError: a loop, before 3.13
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{what} {shown(name, 200)}: {shown(str(why), 200)}", "") from None


def is_folder(name: str) -> bool:
    """Whether a folder of machine files is named. Raises MachineError: the name is too long, or
    not ours to look at."""
    try:
        return Path(name).is_dir()
    except OSError as problem:
        raise MachineError(f"{shown(name, 200)}: {problem.strerror}") from None


def home_based(ask: Callable[[], str], variable: str) -> Path:
    """A folder in the home folder. Raises UsageError: there is none; ``variable`` may name one."""
    try:
        return Path(ask())
    except RuntimeError:
        raise UsageError("no home folder is known", f"{variable}=FOLDER names a folder") from None
