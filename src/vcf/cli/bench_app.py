"""``vcf bench``: the command line of measuring and of what was measured."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from .annotations import Json, Lang, Output, Traceback
from .options import LangChoice

bench_app = typer.Typer(
    help="Measure real synthesis on this computer, and look at what was measured.",
    rich_markup_mode=None,
)

EPILOG = (
    "Exit codes: 0 something was measured · 1 nothing was: no GPU, too little memory, it failed · "
    "2 usage, or a package is missing · 130 interrupted, what was measured is kept."
)
COMPARE_EPILOG = (
    "Exit codes: 0 compared, within the limits · 1 beyond one · 2 not comparable, or no such "
    "record · 3 a limit could not be told."
)

TextLang = Annotated[
    Optional[LangChoice],
    typer.Option(
        "--lang", envvar="VCF_LANG", help="Language of the answer and of the packaged text."
    ),
]


@bench_app.callback(invoke_without_command=True)
def bench(context: typer.Context) -> None:
    """Measure real synthesis on this computer, and look at what was measured."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


@bench_app.command(epilog=EPILOG)
def voxcpm(
    mode: Annotated[
        Optional[list[str]],
        typer.Option(
            "--mode",
            "-m",
            metavar="MODE",
            help="cpu, gpu, fp16, cpu-bf16 …; again for several (the best here).",
        ),
    ] = None,
    model: Annotated[
        Optional[list[str]],
        typer.Option(metavar="0.5b|1.5|2", help="Model; again for several (voxcpm-0.5b)."),
    ] = None,
    weights: Annotated[
        Optional[str],
        typer.Option(
            metavar="PATH|hub|synthetic|tiny",
            help="Yours; the hub's; random in true, or in small size (the hub's cache, else "
            "synthetic).",
        ),
    ] = None,
    steps: Annotated[
        Optional[int], typer.Option(metavar="N", help="Diffusion steps (the model's own number).")
    ] = None,
    threads: Annotated[
        Optional[int], typer.Option(metavar="N", help="Processor threads (torch's own choice).")
    ] = None,
    compile: Annotated[
        Optional[bool],
        typer.Option("--compile/--no-compile", help="torch.compile (as the package does)."),
    ] = None,
    reference: Annotated[
        Optional[str], typer.Option(metavar="WAV", help="Clone this voice; without: no clip.")
    ] = None,
    reference_text: Annotated[
        Optional[str], typer.Option(metavar="T", help="What the clip says.")
    ] = None,
    text: Annotated[Optional[str], typer.Option(metavar="T", help="Speak this.")] = None,
    text_file: Annotated[
        Optional[str], typer.Option(metavar="FILE", help="Speak what this file says (UTF-8).")
    ] = None,
    text_seconds: Annotated[
        Optional[float],
        typer.Option(metavar="S", help="Force this length of speech (random weights: 2 or 8)."),
    ] = None,
    streaming: Annotated[
        bool, typer.Option("--streaming/--no-streaming", help="Time the first audio as well.")
    ] = True,
    quick: Annotated[bool, typer.Option("--quick", help="Two runs, no streaming.")] = False,
    runs: Annotated[
        Optional[int],
        typer.Option(metavar="N", help="So many runs (CPU 3; GPU 5 and 20 s at the least)."),
    ] = None,
    max_seconds: Annotated[
        Optional[float],
        typer.Option(metavar="S", help="Begin no synthesis after this time (CPU 600, GPU 120)."),
    ] = None,
    save_audio: Annotated[
        Optional[str], typer.Option(metavar="DIR", help="Keep the sound there as WAV.")
    ] = None,
    python: Annotated[
        Optional[str],
        typer.Option(metavar="PATH", help="Another Python, or the folder of its environment."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Try it also where memory looks too small.")
    ] = False,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only say what would be done, with the forecast.")
    ] = False,
    json: Json = False,
    output: Output = None,
    lang: TextLang = None,
    verbose: Annotated[
        bool, typer.Option("--verbose", "-v", help="Say on stderr what was passed over.")
    ] = False,
    traceback: Traceback = False,
) -> Any:
    """Time the voxcpm package: loading, synthesis, first audio, memory."""
    from .bench import run
    from .bench_asked import BenchArguments

    arguments = BenchArguments(
        models=tuple(model or ()), modes=tuple(mode or ()), weights=weights, steps=steps,
        threads=threads, compile=compile, reference=reference, reference_text=reference_text,
        text=text, text_file=text_file, text_seconds=text_seconds, streaming=streaming,
        quick=quick, runs=runs, max_seconds=max_seconds, save_audio=save_audio, python=python,
        force=force, dry_run=dry_run, as_json=json, output=output,
        lang=lang.value if lang else None, verbose=verbose,
    )  # fmt: skip
    raise typer.Exit(run(arguments))


@bench_app.command("list")
def bench_list(
    every: Annotated[bool, typer.Option("--all", help="Not only the newest 40.")] = False,
    json: Json = False,
    output: Output = None,
    lang: Lang = None,
    traceback: Traceback = False,
) -> Any:
    """What was measured on this computer, oldest first."""
    from .bench_records import run_list

    raise typer.Exit(run_list(every=every, as_json=json, output=output, lang=lang))


Record = Annotated[
    str, typer.Argument(metavar="ID", help="Its id or the start of it, latest, or a file.")
]


@bench_app.command("show")
def bench_show(
    record: Record,
    json: Json = False,
    output: Output = None,
    lang: Lang = None,
    traceback: Traceback = False,
) -> Any:
    """One record: everything in it."""
    from .bench_records import run_show

    raise typer.Exit(run_show(record, as_json=json, output=output, lang=lang))


@bench_app.command("compare", epilog=COMPARE_EPILOG)
def bench_compare(
    a: Annotated[str, typer.Argument(metavar="A", help="Before: id, latest, or a file.")],
    b: Annotated[str, typer.Argument(metavar="B", help="After.")],
    fail_over: Annotated[
        Optional[list[str]],
        typer.Option(metavar="METRIC:N%", help="Exit 1 where B is worse by more: rtf:10%."),
    ] = None,
    force: Annotated[
        bool, typer.Option("--force", help="Also where machine, weights or protocol differ.")
    ] = False,
    json: Json = False,
    output: Output = None,
    lang: Lang = None,
    traceback: Traceback = False,
) -> Any:
    """Two records side by side."""
    from .bench_records import run_compare

    code = run_compare(
        a, b, limits=fail_over or (), force=force, as_json=json, output=output, lang=lang
    )
    raise typer.Exit(code)


@bench_app.command("export")
def bench_export(
    record: Annotated[
        Optional[list[str]], typer.Argument(metavar="[ID]...", help="Which (all of them).")
    ] = None,
    markdown: Annotated[
        bool, typer.Option("--markdown", help="A table instead of JSON lines.")
    ] = False,
    output: Output = None,
    traceback: Traceback = False,
) -> Any:
    """Records for others: hardware, versions, figures; no names, folders or texts."""
    from .bench_records import run_export

    raise typer.Exit(run_export(record or (), as_markdown=markdown, output=output))
