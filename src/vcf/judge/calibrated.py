"""A calibration with the machine that it was made on: the document ``vcf.calibration/1``."""

from __future__ import annotations

from hashlib import blake2b
from typing import Annotated, Literal

import msgspec

from .._version import __version__
from ..machine.model import Machine
from ..units import GIB
from .calibration import Calibration, Positive, Rows

WORTH_SAYING = 1.1
"""How much quicker another number of threads must be to be recommended."""
MEMORY_SLACK = 1
"""GiB by which the memory may differ: systems keep more or less of it for themselves."""
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]


class GpuFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a measurement depends on of a card."""

    name: str | None
    driver: str | None
    """None: no driver, or it was asleep when asked."""


class MachineFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What a measurement depends on of a machine."""

    cpu: str | None
    """Model of the processor."""
    usable_cores: int | None
    """Hardware threads that may be used."""
    memory_gib: int | None
    """In all, rounded to GiB."""
    gpus: list[GpuFacts]


class ThreadRate(msgspec.Struct, frozen=True, kw_only=True):
    """Linear layers in fp32 with 10 rows, by number of threads."""

    threads: Rows
    gparam_s: Positive
    """10^9 parameters worked through a second."""


class LeftOut(msgspec.Struct, frozen=True, kw_only=True):
    """What could not be measured."""

    part: str
    reason: str


class CalibrationDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer of ``vcf calibrate``, and what it stores."""

    schema: Literal["vcf.calibration/1"] = "vcf.calibration/1"
    vcf: str = __version__
    date: str
    """When it was measured: ISO 8601, UTC."""
    key: str
    """Of machine and torch; the name of the file."""
    machine: MachineFacts
    torch: str
    python: str
    foreign_share: Share
    """Of the processor that other programs took: the highest share in one measurement."""
    disturbed: bool
    """Others took too much of it; such a calibration is not stored."""
    threads: list[ThreadRate]
    """Rates by number of threads, fewest first."""
    left_out: list[LeftOut]
    calibration: Calibration


def facts_of(machine: Machine) -> MachineFacts:
    """What measurements on a machine depend on."""
    total = machine.memory.total_bytes
    return MachineFacts(
        cpu=machine.cpu.model,
        usable_cores=machine.cpu.usable_cores,
        memory_gib=None if total is None else round(total / GIB),
        gpus=[GpuFacts(name=gpu.name, driver=gpu.driver) for gpu in machine.gpus or ()],
    )


def key_of(facts: MachineFacts, torch: str | None = None) -> str:
    """16 hex digits that stand for a machine, or for a torch on it."""
    text = msgspec.json.encode([facts, torch])
    return blake2b(text, digest_size=8).hexdigest()


def same_machine(one: MachineFacts, other: MachineFacts) -> bool:
    """Whether a measurement on one holds for the other. A driver that is not known is no other
    driver: a card that sleeps does not tell it."""
    if (one.cpu, one.usable_cores) != (other.cpu, other.usable_cores):
        return False
    if not _near(one.memory_gib, other.memory_gib):
        return False
    if [gpu.name for gpu in one.gpus] != [gpu.name for gpu in other.gpus]:
        return False
    drivers = zip(one.gpus, other.gpus, strict=True)
    return all(a.driver == b.driver or None in (a.driver, b.driver) for a, b in drivers)


def _near(one: int | None, other: int | None) -> bool:
    if one is None or other is None:
        return one is other
    return abs(one - other) <= MEMORY_SLACK


def best_threads(document: CalibrationDocument) -> tuple[ThreadRate, float] | None:
    """The number of threads that is quicker than torch's own choice by enough to say so, and how
    many times as quick; None: there is none."""
    cpu = document.calibration.of("cpu", None)
    rates = {each.threads: each for each in document.threads}
    own = rates.get(cpu.threads) if cpu is not None else None
    if own is None:
        return None
    best = max(document.threads, key=lambda each: (each.gparam_s, -each.threads))
    gain = best.gparam_s / own.gparam_s
    return (best, gain) if gain >= WORTH_SAYING else None
