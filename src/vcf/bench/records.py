"""Measured syntheses: records of ``vcf bench``, read for the forecast (schema ``vcf.bench/1``)."""

from __future__ import annotations

import re
import statistics
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec

from ..errors import OutputError
from ..judge.calibrated import MachineFacts, facts_of, key_of, same_machine
from ..judge.model import Measured
from ..judge.workload import Workload
from ..machine.model import Machine
from .store import Note, data_folder, read_all, write_atomic

Run = Annotated[float, msgspec.Meta(ge=1e-4, le=1e5)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
Stamp = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T[0-9:.]{5,15}(Z|[+-]\d{2}:\d{2})$")
]
_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")


class Rtfs(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of work for a second of speech, run by run."""

    runs: Annotated[list[Run], msgspec.Meta(min_length=1, max_length=10_000)]


class BenchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One mode measured on one machine. Files may hold further fields."""

    schema: Literal["vcf.bench/1"] = "vcf.bench/1"
    id: str
    """Its name, and that of its file."""
    date: Stamp
    """ISO 8601, UTC."""
    machine: MachineFacts
    machine_key: str
    """Of these facts."""
    model: str
    mode: str
    gpu: str | None = None
    """The card it ran on, as the probe names it; None: the processor."""
    workload: Workload
    rtf: Rtfs
    disturbed: bool = False
    """Other programs took too much of the processor: it does not count."""
    weights: Word
    """``real``, or ``synthetic``: random numbers of the same shape."""
    torch: str | None = None
    package: str | None = None
    """What ran it, with its version: ``voxcpm 2.0.3``."""

    def measured(self) -> Measured:
        """As the forecast takes it."""
        return Measured(
            low=min(self.rtf.runs),
            mid=statistics.median(self.rtf.runs),
            high=max(self.rtf.runs),
            gpu=self.gpu,
            workload=self.workload,
            source=self.id,
            date=self.date,
        )


def records_folder() -> Path:
    """The folder of records."""
    return data_folder() / "records"


def load_records(
    machine: Machine, note: Note | None = None
) -> dict[tuple[str, str], tuple[Measured, ...]]:
    """The measured syntheses of this machine by (model, mode), oldest first. Disturbed ones and
    those of other machines don't count; ``note`` is told of broken files."""
    facts = facts_of(machine)
    found: dict[tuple[str, str], list[Measured]] = {}
    for _, record in read_all(records_folder(), BenchRecord, note):
        if not record.disturbed and same_machine(record.machine, facts):
            found.setdefault((record.model, record.mode), []).append(record.measured())
    return {
        key: tuple(sorted(each, key=lambda one: (one.date, one.source)))
        for key, each in found.items()
    }


def machine_key(machine: Machine) -> str:
    """What records call a machine."""
    return key_of(facts_of(machine))


def write_record(record: BenchRecord, more: Mapping[str, Any] | None = None) -> Path:
    """Write a record, with further fields if there are any.

    Raises OutputError; a record of that name is then untouched.
    """
    if not _ID.fullmatch(record.id):
        raise OutputError(f"{record.id!r} is no name for a record")
    path = records_folder() / f"{record.id}.json"
    document = {**(more or {}), **msgspec.to_builtins(record)}
    write_atomic(path, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    return path
