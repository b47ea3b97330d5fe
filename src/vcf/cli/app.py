"""The command table. A command's module is imported when it is called."""

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
from .bench_app import bench_app
from .compare_app import compare
from .completion import complete_machines, complete_models, complete_modes
from .options import Format, SchemaName
from .plan_app import EPILOG as PLAN_EPILOG
from .plan_app import plan
from .report_app import report

app = typer.Typer(
    name="vcf",
    help="Can this computer run local voice-cloning models, how fast, and what to do next?",
    no_args_is_help=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
models_app = typer.Typer(help="The models vcf knows.", rich_markup_mode=None)
profiles_app = typer.Typer(help="Machines to check without owning them.", rich_markup_mode=None)
app.add_typer(models_app, name="models")
app.add_typer(profiles_app, name="profiles")
app.add_typer(bench_app, name="bench")

EPILOG = (
    "Exit codes: 0 something asked for can run · 1 nothing can · 2 usage or bad input · "
    "3 could not tell · 4 vcf failed. Online modes count only when asked for."
)

DOCTOR_EPILOG = (
    "Exit codes: 0 nothing stops a mode · 1 something does · 2 usage or bad input · "
    "3 could not tell · 4 vcf failed."
)

CALIBRATE_EPILOG = (
    "Exit codes: 0 measured · 1 not stored: other programs disturbed it, or --show found nothing · "
    "2 usage, or no torch · 4 the measurement broke off."
)


@app.callback(invoke_without_command=True)
def root(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", help="Show the version.")] = False,
    traceback: Traceback = False,
) -> Any:
    """Can this computer run local voice-cloning models, how fast, and what to do next?

    Without a command: vcf check.
    """
    if version:
        from .. import __version__

        typer.echo(f"vcf {__version__}")
        raise typer.Exit
    if context.invoked_subcommand is None:
        # as if it had been written out: environment variables count as they do there
        raise typer.Exit(context.command.main(["check"], "vcf", standalone_mode=False))


@app.command(epilog=EPILOG)
def check(
    what: What = None,
    mode: Annotated[
        Optional[list[str]],
        typer.Option(
            "--mode",
            "-m",
            metavar="MODE",
            help="Mode, or cpu, gpu, gguf, fp16 …",
            autocompletion=complete_modes,
        ),
    ] = None,
    machine: Annotated[
        Optional[str],
        typer.Option(
            metavar="FILE|DIR|NAME|-",
            help="Machine file, folder, profile or stdin.",
            autocompletion=complete_machines,
        ),
    ] = None,
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
    explain: Annotated[
        bool, typer.Option("--explain", help="The sum behind the forecast, and what others saw.")
    ] = False,
    max_rtf: Annotated[
        Optional[float], typer.Option(metavar="X", help="Exit 0 only within this RTF.")
    ] = None,
    strict: Annotated[bool, typer.Option(help="Exit 0 only for good or slow, not tight.")] = False,
    format: Annotated[Format, typer.Option("--format", "-f", help="Output format.")] = Format.table,
    json: Json = False,
    output: Output = None,
    models: Models = None,
    lang: Lang = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="All gates, sources and recipes.")
    ] = False,
    traceback: Traceback = False,
) -> Any:
    """Judge models and modes on this machine, another, or an imagined one."""
    from ..machine.whatif import WhatIf
    from .check import CheckArguments, run
    from .work import workload

    arguments = CheckArguments(
        what=tuple(what or ()),
        modes=tuple(mode or ()),
        machine=machine,
        what_if=WhatIf(
            gpu=gpu, vram=vram, ram=ram, cores=cores, os=os.value if os else None,
            disk=disk, driver=driver, arch=arch.value if arch else None, idle=idle, fresh=fresh,
        ),
        workload=workload(text_seconds, reference_seconds, steps, emotion=emotion),
        explain=explain,
        max_rtf=max_rtf,
        strict=strict,
        format=Format.json if json else format,
        output=output,
        models=models,
        lang=lang.value if lang else None,
        verbose=verbose,
    )  # fmt: skip
    if json and format not in (Format.table, Format.json):
        raise typer.BadParameter("--json contradicts --format " + format.value)
    raise typer.Exit(run(arguments))


app.command(epilog=EPILOG)(compare)
app.command(epilog=PLAN_EPILOG)(plan)
app.command(epilog=EPILOG)(report)


@app.command()
def probe(
    save: Annotated[
        Optional[str],
        typer.Option(metavar="FILE", help="Write a machine file for check --machine."),
    ] = None,
    raw: Annotated[
        bool, typer.Option("--raw", help="Raw answers of the system, for a bug report.")
    ] = False,
    deep: Annotated[
        bool, typer.Option("--deep", help="Ask torch itself, in a child process.")
    ] = False,
    json: Json = False,
    lang: Lang = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr which probes failed.")
    ] = False,
    traceback: Traceback = False,
) -> Any:
    """Show the facts about this machine, each with its source."""
    from .probe import run

    raise typer.Exit(run(save=save, raw=raw, deep=deep, as_json=json, lang=lang, verbose=verbose))


@app.command(epilog=DOCTOR_EPILOG)
def doctor(
    what: Annotated[
        Optional[list[str]],
        typer.Argument(
            metavar="[MODEL[:MODE]]...",
            help="Models to examine it for; those installed if left out.",
            autocompletion=complete_models,
        ),
    ] = None,
    python: Annotated[
        Optional[str],
        typer.Option(metavar="PATH", help="Another Python, or the folder of its environment."),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="Import torch and the packages, in a child process.")
    ] = False,
    machine: Annotated[
        Optional[str],
        typer.Option(
            metavar="FILE|NAME|-",
            help="Examine the software that a machine file names.",
            autocompletion=complete_machines,
        ),
    ] = None,
    json: Json = False,
    output: Output = None,
    models: Models = None,
    lang: Lang = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Also what is fine, and the wheels that fit.")
    ] = False,
    traceback: Traceback = False,
) -> Any:
    """Examine what is installed: torch against GPU and driver, packages, settings; say what
    is wrong, what it will cause and which command mends it."""
    from .doctor import DoctorArguments, run

    arguments = DoctorArguments(
        what=tuple(what or ()),
        python=python,
        machine=machine,
        deep=deep,
        as_json=json,
        output=output,
        models=models,
        lang=lang.value if lang else None,
        verbose=verbose,
    )
    raise typer.Exit(run(arguments))


@app.command(epilog=CALIBRATE_EPILOG)
def calibrate(
    python: Annotated[
        Optional[str],
        typer.Option(metavar="PATH", help="Another Python, or the folder of its environment."),
    ] = None,
    show: Annotated[
        bool, typer.Option("--show", help="Show what is stored for this machine.")
    ] = False,
    json: Json = False,
    output: Output = None,
    lang: Lang = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr what was passed over.")
    ] = False,
    traceback: Traceback = False,
) -> Any:
    """Measure for 15 seconds what this computer reaches through torch, for better forecasts."""
    from .calibrate import CalibrateArguments, run

    arguments = CalibrateArguments(
        python=python,
        show=show,
        as_json=json,
        output=output,
        lang=lang.value if lang else None,
        verbose=verbose,
    )
    raise typer.Exit(run(arguments))


@models_app.command("list")
def models_list(
    json: Json = False, models: Models = None, lang: Lang = None, traceback: Traceback = False
) -> Any:
    """The models in one table."""
    from .models import run_list

    raise typer.Exit(run_list(as_json=json, models=models, lang=lang))


@models_app.command("show")
def models_show(
    model: Annotated[
        str, typer.Argument(help="Model id or a usual spelling.", autocompletion=complete_models)
    ],
    json: Json = False,
    models: Models = None,
    lang: Lang = None,
    traceback: Traceback = False,
) -> Any:
    """One model: parameters, requirements by source, modes, licence, links."""
    from .models import run_show

    raise typer.Exit(run_show(model, as_json=json, models=models, lang=lang))


@profiles_app.command("list")
def profiles_list(json: Json = False, lang: Lang = None, traceback: Traceback = False) -> Any:
    """The machines shipped with vcf."""
    from .profiles import run_list

    raise typer.Exit(run_list(as_json=json, lang=lang))


@profiles_app.command("show")
def profiles_show(
    name: Annotated[
        str,
        typer.Argument(
            help="A name from profiles list, or a machine file.", autocompletion=complete_machines
        ),
    ],
    json: Json = False,
    lang: Lang = None,
    traceback: Traceback = False,
) -> Any:
    """One machine's facts."""
    from .profiles import run_show

    raise typer.Exit(run_show(name, as_json=json, lang=lang))


@app.command()
def schema(
    name: Annotated[SchemaName, typer.Argument(help="Which document.")],
    traceback: Traceback = False,
) -> Any:
    """Print the JSON Schema of a document that vcf writes or reads."""
    from .schema import run

    raise typer.Exit(run(name.value))


def command_line(application: typer.Typer) -> Any:
    """The click command behind a typer application."""
    return typer.main.get_command(application)
