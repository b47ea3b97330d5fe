"""Bench records of this machine, as the forecast takes them; and the machine as they keep it."""

from __future__ import annotations

import os
import re

import msgspec

from ..judge.calibrated import facts_of, key_of, same_machine
from ..judge.model import Measured
from ..machine.model import Gpu, Machine
from .store import Note, data_folder

DATABASE = "bench.sqlite3"
"""File of the records in the data folder."""
PACKAGES = frozenset((
    "python", "torch", "torchaudio", "torchcodec", "triton", "voxcpm", "indextts", "numpy",
    "transformers", "soundfile", "librosa", "ffmpeg", "driver",
))  # fmt: skip
"""Software that speed may depend on; what else is installed is nobody's business."""
PROGRAMS = frozenset(("voxcpm-cpp", "audio-cpp"))
"""What is told by the commit it was built from."""

_LEFT_OUT = re.compile(r"(name|disk\.path|settings)(?![\w])|gpus\[\d+\]\.hidden_by$")
"""Paths of facts that a record does not keep."""
_PRIVATE = re.compile(r"~|[/\\](home|users|root)(?![\w])|hidden by", re.IGNORECASE)
"""In words about facts: a home folder, or a setting, which may hold the serial of a card."""


def load_records(
    machine: Machine, note: Note | None = None
) -> dict[tuple[str, str], tuple[Measured, ...]]:
    """The measured syntheses of this machine by (model, mode), oldest first. Only those that
    count and are of this machine; ``note`` is told of what can't be read. Changes nothing."""
    if not os.path.exists(data_folder() / DATABASE):  # noqa: PTH110 (raises nothing)
        return {}
    from .database import counting

    facts = facts_of(machine)
    found: dict[tuple[str, str], list[Measured]] = {}
    for record in counting(note):
        if not record.counts or not same_machine(facts_of(record.machine), facts):
            continue
        try:
            measured = record.measured()
        except (ValueError, ArithmeticError):  # no run that was undisturbed
            continue
        found.setdefault((record.model, record.mode), []).append(measured)
    return {key: tuple(each) for key, each in found.items()}


def machine_key(machine: Machine) -> str:
    """What records call a machine."""
    return key_of(facts_of(machine))


def reduced(machine: Machine) -> Machine:
    """The machine as it goes into a record: its facts, without label, folders, settings and
    software that speed does not depend on. It stays the same machine for ``facts_of``."""
    gpus = machine.gpus and [_without_setting(gpu) for gpu in machine.gpus]
    return msgspec.structs.replace(
        machine,
        name=Machine().name,
        disk=msgspec.structs.replace(machine.disk, path=None),
        gpus=gpus,
        software=machine.software and _only(machine.software),
        settings=None,
        sources=_kept(machine.sources),
        unknown=_kept(machine.unknown),
    )


def _without_setting(gpu: Gpu) -> Gpu:
    """With the name of the setting that hides it, not its value."""
    if gpu.hidden_by is None:
        return gpu
    return msgspec.structs.replace(gpu, hidden_by=gpu.hidden_by.partition("=")[0])


def _only(software: dict[str, str | None]) -> dict[str, str | None]:
    return {name: version for name, version in software.items() if name in PACKAGES}


def _kept(texts: dict[str, str]) -> dict[str, str]:
    """The words about facts that are kept, without those that name a home folder."""
    home = os.path.expanduser("~").rstrip("/\\")  # noqa: PTH111 (raises nothing)
    return {
        path: text
        for path, text in texts.items()
        if _is_kept(path)
        and not _PRIVATE.search(text)
        and not (home and home.lower() in text.lower())
    }


def _is_kept(path: str) -> bool:
    section, _, package = path.partition(".")
    if section == "software":
        return not package or package in PACKAGES
    return _LEFT_OUT.match(path) is None
