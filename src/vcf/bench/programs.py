"""Programs of others that are to be measured: whether one can be started here, what it is and of
which version, before anything is begun.

It is started once, with ``--help``.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import stat
import subprocess
import threading
from pathlib import Path

import msgspec

from ..errors import UsageError
from ..machine.child import end, start
from ..plain import shown
from .child.faults import signal_of
from .git_commit import commit_in
from .snapshot_files import named, unreadable

HELP_S = 60.0
"""For the usage: from a cold disk behind a virus scanner it takes seconds."""
LONGEST = 1 << 20
"""Bytes of a usage text."""
ENDS_S = 5.0
"""After the end of its output."""
UPWARDS = 6
"""Folders above the program in which its checkout is looked for."""
OPTION = re.compile(r"(?<![\w-])--?[a-z][a-z0-9_-]*")
ENV = re.compile(r"(\S*/)?env: ")
"""How env begins to say that it does not find an interpreter."""
LONGEST_LINE = 4096
"""Bytes of a script's first line."""
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
        raise _unstarted(place, known, error) from None
    said: list[bytes] = []
    status: int | None = None
    try:  # whatever comes, Ctrl-C too: it is not left running
        out = child.stdout
        assert out is not None
        reader = threading.Thread(target=lambda: said.append(out.read(LONGEST)), daemon=True)
        reader.start()
        reader.join(HELP_S)
        if not reader.is_alive():
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = child.wait(ENDS_S)
    finally:
        end(child)
    if status is None:
        raise UsageError(f"{named(place)} --help does not end", "try it by hand")
    text = said[0].decode("utf-8", "replace")
    _check_status(place, known, status, text)
    return text


def _unstarted(place: Path, known: Known, error: OSError) -> UsageError:
    why, hint = error.strerror or str(error), f"{known.build} tells how to build it"
    if error.errno == errno.ENOEXEC:
        why = "it is not made for this system or processor"
    elif error.errno == errno.ENOENT:  # it is there: what it names in its beginning is not
        why, hint = _no_interpreter(place) or (
            "what loads it is not there: it was built for another system", hint
        )  # fmt: skip
    return UsageError(f"{named(place)} can't be started: {why}", hint)


def _no_interpreter(place: Path) -> tuple[str, str] | None:
    """Why a script finds no interpreter, and how to mend it; None: it is no script."""
    try:
        with place.open("rb") as stream:
            line = stream.read(LONGEST_LINE).split(b"\n")[0]
    except OSError:
        return None
    if not line.startswith(b"#!"):
        return None
    words = line[2:].decode("utf-8", "replace").split() or [""]
    name = words[0] if Path(words[0]).name != "env" else words[-1]
    if line.endswith(b"\r"):
        why = f"its lines end as on Windows, so its interpreter {shown(name, 200)} is not found"
        return why, "save it with line ends of Unix (LF)"
    return f"its interpreter {shown(name, 200)} is not there", "name one that is in its first line"


def _check_status(place: Path, known: Known, status: int, text: str) -> None:
    """Usage texts may come with any status; crashes and libraries that lack may not."""
    name = signal_of(status)
    if name is not None:
        why = {"SIGILL": "an instruction that this processor lacks"}.get(name, "a crash")
        raise UsageError(
            f"{named(place)} --help ended by {name}: {why}", f"build it here: {known.build}"
        )
    lacks = _no_interpreter(place) if status == 127 and ENV.match(text) else None
    if lacks is not None:
        raise UsageError(f"{named(place)} can't be started: {lacks[0]}", lacks[1])
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
    """The commit that is checked out where a file lies. None: no checkout, or none that is
    understood."""
    try:
        folders = place.resolve().parents[:UPWARDS]
    except (OSError, RuntimeError):  # RuntimeError: a loop of links, before 3.13
        return None
    within = next((one for one in folders if os.path.lexists(one / ".git")), None)
    return None if within is None else commit_in(within)
