"""The command line of ``vcf plan``, as typer reads it."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from .annotations import (
    Arch,
    Cores,
    Disk,
    Driver,
    Emotion,
    Fresh,
    Gpu,
    Idle,
    Json,
    Lang,
    Models,
    OneMachine,
    Output,
    Ram,
    ReferenceSeconds,
    Steps,
    System,
    TextSeconds,
    Traceback,
    Vram,
    What,
)
from .options import TargetChoice

EPILOG = (
    "Exit codes: 0 nothing need change, or there is a way · 1 there is none · 2 usage or bad "
    "input · 3 could not tell · 4 vcf failed."
)


def plan(
    what: What = None,
    target: Annotated[
        TargetChoice,
        typer.Option(help="good: faster than real time; slow: that it runs."),
    ] = TargetChoice.good,
    budget: Annotated[
        Optional[int],
        typer.Option(
            metavar="USD", min=0, help="Spend at most this, by launch prices; 0 buys nothing."
        ),
    ] = None,
    at_best: Annotated[
        Optional[str],
        typer.Option(
            "--at-best", metavar="SIZE", help="Instead: the best that cards of so much VRAM do."
        ),
    ] = None,
    machine: OneMachine = None,
    gpu: Gpu = None,
    vram: Vram = None,
    ram: Ram = None,
    cores: Cores = None,
    os: System = None,
    disk: Disk = None,
    driver: Driver = None,
    arch: Arch = None,
    idle: Idle = False,
    fresh: Fresh = False,
    text_seconds: TextSeconds = None,
    reference_seconds: ReferenceSeconds = None,
    steps: Steps = None,
    emotion: Emotion = False,
    json: Json = False,
    output: Output = None,
    models: Models = None,
    lang: Lang = None,
    traceback: Traceback = False,
) -> Any:
    """What must change so that a model runs here: memory, precision, steps, driver, RAM, card."""
    from ..machine.whatif import WhatIf
    from .plan import PlanArguments, run
    from .work import workload

    arguments = PlanArguments(
        what=tuple(what or ()),
        target=target.value,
        budget=budget,
        at_best=at_best,
        machine=machine,
        what_if=WhatIf(
            gpu=gpu, vram=vram, ram=ram, cores=cores, os=os.value if os else None,
            disk=disk, driver=driver, arch=arch.value if arch else None, idle=idle, fresh=fresh,
        ),
        workload=workload(text_seconds, reference_seconds, steps, emotion=emotion),
        as_json=json,
        output=output,
        models=models,
        lang=lang.value if lang else None,
    )  # fmt: skip
    raise typer.Exit(run(arguments))
