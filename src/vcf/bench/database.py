"""The store of bench records: one SQLite file in the data folder.

Each record goes in by a transaction of its own, so a program killed at any point leaves all that
was acknowledged. The document is the truth; the other columns are there to be searched.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

import msgspec

from ..errors import NothingStored, OutputError, UsageError, VcfError
from ..plain import shown
from .database_file import (
    COLUMNS,
    LAYOUT,
    OTHER_FOLDER,
    Damaged,
    check,
    laid_out,
    mended,
    one_line,
    opened,
)
from .record import BenchRecord
from .records import DATABASE
from .store import Note, data_folder

LATEST = "latest"
NAMED = 10
"""Records named in an error at the most."""

_CREATE = (
    "CREATE TABLE records(id TEXT PRIMARY KEY, created TEXT, machine_key TEXT, model TEXT,"
    " mode TEXT, status TEXT, document TEXT)"
)
_INSERT = "INSERT INTO records VALUES (?, ?, ?, ?, ?, ?, ?)"


def database() -> Path:
    """The file of records; it need not exist."""
    return data_folder() / DATABASE


def add(record: BenchRecord, note: Note | None = None) -> Path:
    """Keep a record; returns the database.

    A damaged database is set aside first, and ``note`` is told where. Raises OutputError: the
    folder can't be written, the disk is full, another program writes for longer than
    PATIENCE_S, or the record would not be read again; what was kept before is then untouched.
    """
    path = database()
    row = (*(getattr(record, name) for name in COLUMNS[:-1]), _document(record))
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"{path.parent}: {error.strerror}", OTHER_FOLDER) from None
    mended(path, lambda: _insert(path, row), note)
    return path


def _document(record: BenchRecord) -> str:
    """As it is kept. A record that could not be read again must fail now, not be lost later."""
    try:
        text = msgspec.json.encode(record)
        msgspec.json.decode(text, type=BenchRecord)
    except (ValueError, TypeError) as error:  # msgspec's are ValueErrors
        raise OutputError(f"{shown(record.id)}: not a record: {one_line(error)}") from None
    return text.decode()


def all_records(note: Note | None = None) -> list[BenchRecord]:
    """Every record, oldest first. ``note`` is told of rows that can't be read, and of a damaged
    database, which is set aside.

    Raises OutputError: the database can't be read, or is damaged and can't be set aside.
    """
    path = database()
    return mended(path, lambda: _read(path, note), note)


def counting(note: Note | None = None) -> list[BenchRecord]:
    """The records with status ok, oldest first, for a verdict. Nothing is changed and nothing is
    raised: ``note`` is told what is wrong."""
    path = database()
    try:
        return _read(path, note, "WHERE status = 'ok'")
    except Damaged as error:
        told = f"damaged: {error}"
    except VcfError as error:
        told = error.message.removeprefix(f"{path}: ")
    if note is not None:
        note(f"{path.name}: passed over: {told}")
    return []


def find(text: str, note: Note | None = None) -> BenchRecord:
    """A record by its id, by the beginning of one, or the last one: ``latest``.

    Raises NothingStored: there is none. UsageError: no or more than one is meant. OutputError as
    all_records.
    """
    records = all_records(note)
    if not records:
        raise NothingStored("no benchmark is stored", "`vcf bench voxcpm` makes one")
    for record in records:
        if record.id == text:
            return record
    if text == LATEST:
        return records[-1]
    meant = [record for record in records if text and record.id.startswith(text)]
    if len(meant) == 1:
        return meant[0]
    if meant:
        raise UsageError(
            f"{shown(text)!r} is the beginning of {len(meant)} records", _names(meant, "one of")
        )
    raise UsageError(f"no record is named {shown(text)!r}", _names(records, "there is"))


def _names(records: Sequence[BenchRecord], lead: str) -> str:
    """The newest of them, newest first."""
    names = [record.id for record in reversed(records)]
    more = [f"and {len(names) - NAMED} more"] if len(names) > NAMED else []
    return f"{lead}: {', '.join(names[:NAMED] + more)}"


# ---- reading and writing ----------------------------------------------------------------------


def _insert(path: Path, row: tuple[str, ...]) -> None:
    import sqlite3

    with opened(path, "rwc") as connection:
        connection.execute("BEGIN IMMEDIATE")
        if laid_out(connection, path):
            check(connection)
        else:
            connection.execute(_CREATE)
            connection.execute(f"PRAGMA user_version = {LAYOUT}")
        try:
            connection.execute(_INSERT, row)
        except sqlite3.IntegrityError:
            raise OutputError(f"{path}: holds a record {shown(row[0])} already") from None
        connection.execute("COMMIT")


def _read(path: Path, note: Note | None, where: str = "") -> list[BenchRecord]:
    if not os.path.exists(path):  # noqa: PTH110 (raises nothing)
        return []
    # Not read-only: what a killed program left half written has to be undone first. SQLite
    # itself falls back to reading where the file can't be written.
    with opened(path, "rw") as connection:
        if not laid_out(connection, path):
            return []
        query = f"SELECT id, document FROM records {where} ORDER BY created, rowid"  # noqa: S608
        rows = connection.execute(query).fetchall()
    decoder = msgspec.json.Decoder(BenchRecord)
    found = []
    for name, document in rows:
        try:
            found.append(decoder.decode(document))
        except (ValueError, TypeError, RecursionError) as error:
            if note is not None:
                text = name.decode(errors="replace") if isinstance(name, bytes) else str(name)
                note(f"{path.name}: {shown(text)}: passed over: {one_line(error)}")
    return found
