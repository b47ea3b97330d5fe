"""Programs of others that are to be measured: whether one can be started here, what it is and of
which version, before anything is begun.

It is started once, with ``--help``.
"""

from __future__ import annotations

import errno
import hashlib
import os
import re
import stat
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..errors import UsageError
from ..machine.child import end, start
from ..plain import shown
from .conversation import signal_of
from .snapshot_files import named, unreadable

HELP_S = 60.0
"""For the usage: from a cold disk behind a virus scanner it takes seconds."""
LONGEST = 1 << 20
"""Bytes of a usage text."""
ENDS_S = 5.0
"""After the end of its output."""
UPWARDS = 6
"""Folders above the program in which its checkout is looked for."""
COMMIT = re.compile(r"[0-9a-f]{40}")
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z0-9_-]*")
BLOCK = 4 << 20


class Known(msgspec.Struct, frozen=True, kw_only=True):
    """A program that vcf can drive."""

    runtime: str
    """As ``--runtime`` names it: ``voxcpm.cpp``."""
    file: str
    """Name of the program itself: ``voxcpm_tts``."""
    options: tuple[str, ...]
    """That its usage text must hold, or it is another program."""
    build: str
    """Where in docs/ it is told how to build it."""


class Examined(msgspec.Struct, frozen=True, kw_only=True):
    """A program that starts and is the one it should be."""

    path: Path
    """Absolute."""
    known: Known
    usage: str
    sha256: str
    commit: str | None
    """Of the checkout that it lies in, where it lies in one: what was checked out when it was
    built is not told."""

    @property
    def versions(self) -> dict[str, str]:
        """For the record: the checkout's commit, and the program's own SHA-256, shortened."""
        name = self.known.runtime.replace(".", "-")
        commit = self.commit[:12] if self.commit else "unknown"
        return {name: commit, f"{name}-sha256": self.sha256[:12]}


def examine(path: Path, known: Known) -> Examined:
    """Look at a program, and ask it for its usage. Raises UsageError: it is missing, can't be
    started here, or is another one."""
    place = Path(os.path.abspath(path))  # noqa: PTH100  (links are kept: the user knows that name)
    _check_file(place, known)
    usage = _usage(place, known)
    options = set(OPTION.findall(usage))
    lacking = [option for option in known.options if option not in options]
    if lacking:
        raise UsageError(
            f"{named(place)} is no {known.file} that vcf knows: its --help names no {lacking[0]}",
            f"{known.build} tells which version to build",
        )
    return Examined(
        path=place, known=known, usage=usage, sha256=_sha256(place), commit=commit_of(place)
    )


def _check_file(place: Path, known: Known) -> None:
    hint = f"{known.build} tells how to build it"
    try:
        mode = place.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        raise UsageError(f"{named(place)} does not exist", hint) from None
    except (OSError, ValueError) as error:
        raise unreadable(place, error) from None
    if stat.S_ISDIR(mode):
        raise UsageError(
            f"{named(place)} is a folder", f"name the program itself, {known.file}; {hint}"
        )
    if not stat.S_ISREG(mode):
        raise UsageError(f"{named(place)} is not a file", hint)
    if not os.access(place, os.X_OK):
        raise UsageError(f"{named(place)} may not be executed", f"chmod +x {named(place)}")


def _usage(place: Path, known: Known) -> str:
    """What it prints on both streams."""
    try:
        child = start([str(place), "--help"], stderr=subprocess.STDOUT)
    except OSError as error:
        why = error.strerror or str(error)
        if error.errno == errno.ENOEXEC:
            why = "it is not made for this system or processor"
        raise UsageError(
            f"{named(place)} can't be started: {why}", f"{known.build} tells how to build it"
        ) from None
    said: list[bytes] = []
    out = child.stdout
    assert out is not None
    reader = threading.Thread(target=lambda: said.append(out.read(LONGEST)), daemon=True)
    reader.start()
    reader.join(HELP_S)
    status: int | None = None
    if not reader.is_alive():
        try:
            status = child.wait(ENDS_S)
        except subprocess.TimeoutExpired:
            status = None
    end(child)
    if status is None:
        raise UsageError(f"{named(place)} --help does not end", "try it by hand")
    text = said[0].decode("utf-8", "replace")
    _check_status(place, known, status, text)
    return text


def _check_status(place: Path, known: Known, status: int, text: str) -> None:
    """Usage texts may come with any status; crashes and libraries that lack may not."""
    name = signal_of(status)
    if name is not None:
        why = {"SIGILL": "an instruction that this processor lacks"}.get(name, "a crash")
        raise UsageError(
            f"{named(place)} --help ended by {name}: {why}", f"build it here: {known.build}"
        )
    if status == 127 or "error while loading shared libraries" in text:
        line = next((line for line in text.splitlines() if line.strip()), "")
        raise UsageError(
            f"{named(place)} can't be started: {shown(line.strip(), 200)}",
            "its libraries must lie where they were built",
        )


def _sha256(place: Path) -> str:
    hashed = hashlib.sha256()
    try:
        with place.open("rb") as stream:
            while block := stream.read(BLOCK):
                hashed.update(block)
    except OSError as error:
        raise unreadable(place, error) from None
    return hashed.hexdigest()


def commit_of(place: Path) -> str | None:
    """The commit that is checked out where a file lies; git itself is not run: a checkout may
    have it run other programs. None: no checkout, or none that is understood."""
    for folder in place.resolve().parents[:UPWARDS]:
        git = folder / ".git"
        if not git.exists():
            continue
        try:
            return _head(git)
        except (OSError, ValueError):
            return None
    return None


def _head(git: Path) -> str | None:
    if git.is_file():  # of a worktree or a submodule
        word, _, where = _first_line(git).partition(": ")
        if word != "gitdir":
            return None
        git = git.parent / where
    head = _first_line(git / "HEAD")
    if COMMIT.fullmatch(head):
        return head
    word, _, name = head.partition(": ")
    if word != "ref" or not name.startswith("refs/") or ".." in name:
        return None
    shared = git / "commondir"
    homes: Sequence[Path] = [git]
    if shared.is_file():
        homes = [git, git / _first_line(shared)]
    for home in homes:
        if (home / name).is_file():
            found = _first_line(home / name)
            return found if COMMIT.fullmatch(found) else None
        packed = _packed(home / "packed-refs", name)
        if packed is not None:
            return packed
    return None


def _packed(file: Path, name: str) -> str | None:
    if not file.is_file():
        return None
    with file.open(encoding="utf-8", errors="replace") as lines:
        for line in lines:
            commit, _, known = line.rstrip("\n").partition(" ")
            if known == name and COMMIT.fullmatch(commit):
                return commit
    return None


def _first_line(file: Path) -> str:
    with file.open(encoding="utf-8", errors="replace") as stream:
        return stream.readline(4096).strip()
