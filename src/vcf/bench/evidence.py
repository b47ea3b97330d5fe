"""All that was measured on a machine, as a judgement takes it."""

from __future__ import annotations

from ..errors import UsageError
from ..judge.model import Evidence
from ..judge.verdict import NO_EVIDENCE
from ..machine.model import Machine
from .records import load_records
from .store import Note, load_calibration


def evidence_for(machine: Machine, note: Note | None = None) -> Evidence:
    """Calibration and measured syntheses of this machine; NO_EVIDENCE, the object itself, where
    there are none. ``note`` is told of files that can't be read, a line each."""
    try:
        calibration = load_calibration(machine, note)
        records = load_records(machine, note)
    except UsageError as error:  # no home folder: nothing can have been kept in it
        if note is not None:
            note(error.message)
        return NO_EVIDENCE
    if calibration is None and not records:
        return NO_EVIDENCE
    return Evidence(calibration=calibration, records=records)
