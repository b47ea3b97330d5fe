"""The command line of ``vcf report``, as typer reads it."""

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
    OneMachine,
    Ram,
    ReferenceSeconds,
    Steps,
    System,
    TextSeconds,
    Traceback,
    Vram,
    What,
)
from .options import ReportFormat


def report(
    what: What = None,
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
    format: Annotated[
        Optional[ReportFormat],
        typer.Option("--format", "-f", help="Output format (default: by the suffix, else md)."),
    ] = None,
    json: Json = False,
    output: Annotated[
        Optional[str],
        typer.Option(
            "--output",
            "-o",
            metavar="FILE",
            help="Write there instead, atomically: report.html, report.md, report.json.",
        ),
    ] = None,
    short: Annotated[
        bool,
        typer.Option(
            "--short",
            help="Only what a colleague needs: no modes that don't run, no requirements by source, "
            "recipes of the two choices alone.",
        ),
    ] = False,
    models: Annotated[
        Optional[str],
        typer.Option(
            "--models",
            envvar="VCF_MODELS",
            metavar="FILE|NAMES",
            help="Models file that adds or overrides; or which models: voxcpm,indextts-2.",
        ),
    ] = None,
    lang: Lang = None,
    traceback: Traceback = False,
) -> Any:
    """Write a report on one machine: what it has, how each model fares on it and why, how to run
    it, what to do next and what an upgrade would bring, with the sources."""
    from ..machine.whatif import WhatIf
    from .report import ReportArguments, run
    from .work import workload

    if json and format not in (None, ReportFormat.json):
        raise typer.BadParameter("--json contradicts --format " + format.value)
    arguments = ReportArguments(
        what=tuple(what or ()),
        machine=machine,
        what_if=WhatIf(
            gpu=gpu, vram=vram, ram=ram, cores=cores, os=os.value if os else None,
            disk=disk, driver=driver, arch=arch.value if arch else None, idle=idle, fresh=fresh,
        ),
        workload=workload(text_seconds, reference_seconds, steps, emotion=emotion),
        format=ReportFormat.json if json else format,
        output=output,
        short=short,
        models=models,
        lang=lang.value if lang else None,
    )  # fmt: skip
    raise typer.Exit(run(arguments))
