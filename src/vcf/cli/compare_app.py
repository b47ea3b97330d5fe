"""The command line of ``vcf compare``, as typer reads it."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from .annotations import (
    Emotion,
    Json,
    Lang,
    Models,
    Output,
    ReferenceSeconds,
    Steps,
    TextSeconds,
    Traceback,
)
from .completion import complete_compared, complete_models, complete_modes
from .options import CompareFormat


def compare(
    machines: Annotated[
        list[str],
        typer.Argument(
            metavar="MACHINE MACHINE...",
            help="Machine files, folders, profiles, - for stdin, or here: this computer.",
            autocompletion=complete_compared,
        ),
    ],
    model: Annotated[
        Optional[list[str]],
        typer.Option(
            metavar="MODEL[:MODE]",
            help="Model or family; all if left out. May be repeated.",
            autocompletion=complete_models,
        ),
    ] = None,
    mode: Annotated[
        Optional[list[str]],
        typer.Option(
            "--mode",
            "-m",
            metavar="MODE",
            help="A row for this mode, or cpu, gpu, gguf, fp16 … May be repeated.",
            autocompletion=complete_modes,
        ),
    ] = None,
    text_seconds: TextSeconds = None,
    reference_seconds: ReferenceSeconds = None,
    steps: Steps = None,
    emotion: Emotion = False,
    format: Annotated[
        Optional[CompareFormat],
        typer.Option("--format", "-f", help="Output format (default: by the suffix, else table)."),
    ] = None,
    json: Json = False,
    output: Output = None,
    models: Models = None,
    lang: Lang = None,
    verbose: Annotated[
        bool,
        typer.Option("--verbose", "-v", help="A row for every mode, also where all are the same."),
    ] = False,
    traceback: Traceback = False,
) -> Any:
    """Put machines side by side: the best way to run each model on each, and which serves best."""
    from .compare import CompareArguments, format_of, run
    from .work import workload

    if json and format not in (None, CompareFormat.table, CompareFormat.json):
        raise typer.BadParameter("--json contradicts --format " + format.value)
    arguments = CompareArguments(
        machines=tuple(machines),
        what=tuple(model or ()),
        modes=tuple(mode or ()),
        workload=workload(text_seconds, reference_seconds, steps, emotion=emotion),
        format=CompareFormat.json if json else format_of(format, output),
        output=output,
        models=models,
        lang=lang.value if lang else None,
        verbose=verbose,
    )
    raise typer.Exit(run(arguments))
