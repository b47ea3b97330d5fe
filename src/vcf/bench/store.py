"""Where measurements of this machine are kept: JSON files in the user's data folder."""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar

import msgspec

from ..drafts import draft_of
from ..errors import OutputError
from ..judge.calibrated import CalibrationDocument, facts_of, same_machine
from ..judge.calibration import Calibration
from ..machine.model import Machine
from ..paths import expanded, home_based
from ..plain import shown

VARIABLE = "VCF_DATA_DIR"
"""Environment variable that names another folder."""
LARGEST = 1 << 20
"""Bytes of a file that is read; real ones have some 4000."""
MOST = 1000
"""Files of a folder that are read."""

Note = Callable[[str], None]
T = TypeVar("T")


def data_folder() -> Path:
    """The folder of what vcf keeps; it need not exist."""
    own = os.environ.get(VARIABLE)
    if own:
        return expanded(own, VARIABLE)
    import platformdirs

    return home_based(lambda: platformdirs.user_data_dir("vcf", appauthor=False), VARIABLE)


def calibration_folder() -> Path:
    """The folder of calibrations."""
    return data_folder() / "calibration"


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """A stored calibration of this machine."""

    document: CalibrationDocument
    path: Path
    same_torch: bool
    """False: it was made with another torch than the one installed; None is known of that."""


def store(document: CalibrationDocument) -> Path:
    """Keep a calibration in place of the last one of this machine and torch.

    Raises OutputError; what was there before is then untouched.
    """
    path = calibration_folder() / f"{document.key}.json"
    write_atomic(path, msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n")
    return path


def find_calibration(machine: Machine, note: Note | None = None) -> Found | None:
    """The last calibration of this machine with the torch installed, else with any torch."""
    facts = facts_of(machine)
    installed = (machine.software or {}).get("torch")
    found = [
        Found(document=each, path=path, same_torch=installed in (None, each.torch))
        for path, each in read_all(calibration_folder(), CalibrationDocument, note)
        if same_machine(each.machine, facts) and not each.disturbed
    ]
    return max(found, key=lambda each: (each.same_torch, each.document.date), default=None)


def load_calibration(machine: Machine, note: Note | None = None) -> Calibration | None:
    """What was measured on this machine, for the forecast. ``note`` is told of broken files."""
    found = find_calibration(machine, note)
    return None if found is None else found.document.calibration


def read_all(folder: Path, kind: type[T], note: Note | None = None) -> Iterator[tuple[Path, T]]:
    """The documents of a folder; none where there is no folder. Files that can't be read or are
    something else are passed over, and ``note`` is told."""
    try:
        with os.scandir(folder) as entries:
            names = sorted(entry.name for entry in entries if entry.name.endswith(".json"))
    except OSError:
        return
    for name in names[:MOST]:
        path = folder / name
        try:
            yield path, msgspec.json.decode(_read(path), type=kind)
        except (OSError, ValueError, RecursionError) as error:  # msgspec's are ValueErrors
            if note is not None:
                note(f"{shown(name)}: passed over: {shown(' '.join(str(error).split()), 200)}")


def _read(path: Path) -> bytes:
    with open(os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0)), "rb") as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise ValueError("not a file")
        text = file.read(LARGEST + 1)
    if len(text) > LARGEST:
        raise ValueError("too long")
    return text


def write_atomic(path: Path, text: bytes) -> None:
    """Write a file whole or not at all. Raises OutputError."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with draft_of(path) as file:
            file.write(text)
    except OSError as error:
        raise OutputError(
            f"{path}: {error.strerror}", f"{VARIABLE}=FOLDER names another folder"
        ) from None
