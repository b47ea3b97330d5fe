"""A question written as flags again, for commands that vcf prints."""

from __future__ import annotations

import msgspec

from ..judge.workload import STANDARD, Workload
from ..machine.whatif import WhatIf


def base_flags(
    machine: str | None, what_if: WhatIf, work: Workload, models: str | None
) -> list[str]:
    """The flags of ``vcf check`` that name the same machine, work and models file."""
    flags: list[str] = []
    if machine is not None:
        flags += ["--machine", machine]
    flags += what_if_flags(what_if)
    if work.speech_seconds != STANDARD.speech_seconds:
        flags += ["--text-seconds", _exact(work.speech_seconds)]
    if work.reference_seconds != STANDARD.reference_seconds:
        flags += ["--reference-seconds", _exact(work.reference_seconds)]
    if work.steps is not None:
        flags += ["--steps", str(work.steps)]
    if work.emotion:
        flags.append("--emotion")
    if models is not None:
        flags += ["--models", models]
    return flags


def what_if_flags(what_if: WhatIf) -> list[str]:
    """What-ifs as they are written on the command line."""
    flags: list[str] = []
    for name, value in msgspec.structs.asdict(what_if).items():
        if value is True:
            flags.append(f"--{name}")
        elif value is not None and value is not False:
            flags += [f"--{name}", str(value)]
    return flags


def _exact(value: float) -> str:
    """As short as it can be written without another value coming of it."""
    return f"{value:g}" if float(f"{value:g}") == value else repr(value)
