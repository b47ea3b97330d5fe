"""The commit that a checkout is at, read from git's files.

Git itself is not run: a checkout may have it run other programs. The files are a stranger's: only
regular ones of a sensible size are opened.
"""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path

LONGEST = 100_000
"""Bytes of HEAD and its like, which have some forty."""
LONGEST_PACKED = 16 << 20
"""Bytes of packed-refs."""
COMMIT = re.compile(r"[0-9a-f]{40}")


def small_text(file: Path, most: int = LONGEST) -> str | None:
    """A small text; None where there is none, or something else (a pipe would block)."""
    try:
        known = file.stat()
        if not stat.S_ISREG(known.st_mode) or known.st_size > most:
            return None
        with file.open("rb") as stream:
            return stream.read(most).decode("utf-8", "replace")
    except (OSError, ValueError):
        return None


def commit_in(repo: Path) -> str | None:
    """What is checked out in a folder that has a ``.git``; also of a worktree or a submodule,
    where ``.git`` is a file that tells where git's files are. None: not understood."""
    git = _git(repo)
    if git is None:
        return None
    head = _line(git / "HEAD")
    if COMMIT.fullmatch(head):
        return head
    word, _, name = head.partition(": ")
    name = name.strip()
    if word != "ref" or not name.startswith("refs/") or ".." in name.split("/") or "\0" in name:
        return None
    common = _line(git / "commondir")
    for home in [git, git / common] if common else [git]:
        if os.path.lexists(home / name):  # it holds, whatever packed-refs says
            found = _line(home / name)
            return found if COMMIT.fullmatch(found) else None
        packed = _packed(home / "packed-refs", name)
        if packed is not None:
            return packed
    return None


def _git(repo: Path) -> Path | None:
    """The folder of git's files."""
    place = repo / ".git"
    if place.is_dir():
        return place
    word, _, where = _line(place).partition(":")
    return repo / where.strip() if word == "gitdir" and where.strip() else None


def _packed(file: Path, name: str) -> str | None:
    for line in (small_text(file, LONGEST_PACKED) or "").splitlines():
        commit, _, known = line.partition(" ")
        if known.strip() == name and COMMIT.fullmatch(commit):
            return commit
    return None


def _line(file: Path) -> str:
    """The first line; empty where there is none."""
    return next(iter((small_text(file) or "").splitlines()), "").strip()
