"""One SQLite file of records: opened, examined, and set aside when it is damaged."""

from __future__ import annotations

import os
import stat
import urllib.parse
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from datetime import datetime, timezone
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..errors import OutputError
from ..plain import shown
from .store import VARIABLE, Note

if TYPE_CHECKING:
    from sqlite3 import Connection

LAYOUT = 1
"""``user_version`` of the database."""
PATIENCE_S = 10.0
"""How long another program that writes is waited for."""
COLUMNS = ("id", "created", "machine_key", "model", "mode", "status", "document")
OTHER_FOLDER = f"{VARIABLE}=FOLDER names another folder"

_BESIDE = ("-journal", "-wal", "-shm")
"""Files of SQLite beside the database."""

T = TypeVar("T")


class NewerStore(OutputError):
    """The database was written by a newer vcf."""


class Damaged(Exception):
    """The file is no database of records."""


@contextmanager
def opened(path: Path, mode: str) -> Iterator[Connection]:
    """The database, closed afterwards; what was not committed is then undone.

    ``mode`` rwc creates it. Text comes as bytes: it may be no UTF-8. Raises Damaged, OutputError.
    """
    try:
        import sqlite3
    except ImportError:
        raise OutputError(f"{path}: this Python comes without SQLite (module sqlite3)") from None
    _is_a_file(path)
    try:
        made = sqlite3.connect(
            _address(path, mode), uri=True, timeout=PATIENCE_S, isolation_level=None
        )
        with closing(made) as connection:
            connection.text_factory = bytes
            yield connection
    except sqlite3.Error as error:
        # Python's name for SQLITE_CORRUPT and SQLITE_NOTADB; all others are classes below it.
        if type(error) is sqlite3.DatabaseError or _odd(path):
            raise Damaged(one_line(error)) from None
        raise OutputError(f"{path}: {one_line(error)}", _hint(str(error))) from None
    except UnicodeDecodeError:  # in Python's making of the error, which quotes the file
        raise Damaged("its description of tables is no text") from None


def _is_a_file(path: Path) -> None:
    """Raises Damaged: something else stands there. A pipe would be waited for."""
    try:
        kind = path.stat().st_mode
    except OSError:
        return
    if not stat.S_ISREG(kind):
        raise Damaged("a folder" if stat.S_ISDIR(kind) else "not a file")


def _odd(path: Path) -> bool:
    """Whether the head of the file names versions that no SQLite writes: it then says ``readonly``
    or ``unsupported``. Not to be asked while a connection is open: its locks would go."""
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError:
        return False
    known = max(head[18:20], default=1) <= 2 and int.from_bytes(head[44:48], "big") <= 4
    return len(head) == 100 and not known


def _address(path: Path, mode: str) -> str:
    """The URI of a path as SQLite takes it: three slashes before a drive, four before a server."""
    plain = path.absolute().as_posix()
    quoted = urllib.parse.quote_from_bytes(os.fsencode(plain), safe="/:")
    return f"file://{'' if quoted.startswith('/') else '/'}{quoted}?mode={mode}"


def _hint(problem: str) -> str:
    return "try again when the other vcf is done" if "locked" in problem else OTHER_FOLDER


def one_line(error: Exception) -> str:
    """What an error says, safe to print."""
    return shown(" ".join(str(error).split()), 200)


def laid_out(connection: Connection, path: Path) -> bool:
    """Whether it holds the table; False: it is empty. Raises Damaged, NewerStore."""
    version = connection.execute("PRAGMA user_version").fetchone()[0]
    if version > LAYOUT:
        raise NewerStore(
            f"{path}: was written by a newer vcf (layout {version}, this one knows {LAYOUT})",
            "update vcf: pip install --upgrade vcf",
        )
    if not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]:
        return False  # made by a program that was killed before it wrote
    names = tuple(row[1] for row in connection.execute("PRAGMA table_info(records)"))
    if version != LAYOUT or names != tuple(name.encode() for name in COLUMNS):
        raise Damaged("a database of something else")
    return True


def check(connection: Connection) -> None:
    """Raises Damaged. A record must not go where the next reader finds nothing."""
    answer = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if answer != b"ok":
        raise Damaged(shown(" ".join(answer.decode(errors="replace").split()), 200))


def mended(path: Path, act: Callable[[], T], note: Note | None) -> T:
    """The act, with a damaged database set aside. Raises OutputError."""
    for _ in range(3):  # another program may be doing the same
        seen = _identity(path)
        try:
            return act()
        except Damaged as error:
            told = str(error)
            _set_aside(path, seen, told, note)
    raise OutputError(f"{path}: damaged: {told}", OTHER_FOLDER)


def _identity(path: Path) -> tuple[int, int] | None:
    """Which file it is; None: there is none. A renamed file keeps its number to itself."""
    try:
        found = path.lstat()
    except OSError:
        return None
    return found.st_dev, found.st_ino


def _set_aside(path: Path, seen: tuple[int, int] | None, why: str, note: Note | None) -> None:
    """Rename a damaged database. Raises OutputError."""
    with _alone(path):
        if seen is None or _identity(path) != seen:
            return  # meanwhile another program has set it aside: a new one stands there
        stamp = datetime.now(timezone.utc).strftime("%Y%m%dT%H%M%SZ")
        target = _free(path, f"{path.name}.damaged-{stamp}")
        try:
            # The database last: without its journal it is damaged still, but a journal without
            # its database would be taken for that of the next one.
            for ending in (*_BESIDE, ""):
                if os.path.lexists(f"{path}{ending}"):
                    os.rename(f"{path}{ending}", f"{target}{ending}")  # noqa: PTH104
        except OSError as error:
            told = f"{path}: damaged ({why}) and can't be set aside: {error.strerror}"
            raise OutputError(told, OTHER_FOLDER) from None
    if note is not None:
        note(f"{path.name}: damaged: {why}; set aside as {target}")


def _free(path: Path, name: str) -> Path:
    """A name in the folder that is not taken."""
    number, target = 1, path.with_name(name)
    while os.path.lexists(target):
        number += 1
        target = path.with_name(f"{name}-{number}")
    return target


@contextmanager
def _alone(path: Path) -> Iterator[None]:
    """No other program is in here meanwhile. An empty database is the lock: the system frees it
    when its holder dies, everywhere in the same way. Raises OutputError."""
    lock = path.with_name(f"{path.name}.lock")
    try:
        with opened(lock, "rwc") as connection:
            connection.execute("BEGIN EXCLUSIVE")
            yield
    except Damaged:
        raise OutputError(f"{lock}: not a lock", "delete it") from None
