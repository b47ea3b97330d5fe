"""The options of the commands of ``vcf bench`` that measure."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Optional

import typer

from .annotations import Json, Output, Traceback
from .bench_annotations import (
    AllSeconds,
    Also,
    Binary,
    Compile,
    DryRun,
    Force,
    Gguf,
    MatrixReference,
    MaxSeconds,
    Mode,
    OwnReference,
    Python,
    Quick,
    Reference,
    ReferenceText,
    Repo,
    Runs,
    SaveAudio,
    Steps,
    Streaming,
    Text,
    TextFile,
    TextLang,
    TextSeconds,
    Threads,
    Verbose,
)
from .options import LangChoice

EPILOG = (
    "Exit codes: 0 something was measured · 1 nothing was: no GPU, too little memory, it failed · "
    "2 usage, or something is missing · 130 interrupted, what was measured is kept."
)


def _begin(lang: Optional[LangChoice], **given: Any) -> None:
    """Raises typer.Exit with the exit code."""
    from .bench import run
    from .bench_asked import BenchArguments

    raise typer.Exit(run(BenchArguments(lang=lang.value if lang else None, **given)))


def voxcpm(
    mode: Mode = None,
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
    runtime: Annotated[
        Optional[str],
        typer.Option(metavar="voxcpm.cpp|audio.cpp", help="This program, not the package."),
    ] = None,
    binary: Binary = None,
    gguf: Gguf = None,
    steps: Steps = None,
    threads: Threads = None,
    compile: Compile = None,
    reference: Reference = None,
    reference_text: ReferenceText = None,
    text: Text = None,
    text_file: TextFile = None,
    text_seconds: TextSeconds = None,
    streaming: Streaming = True,
    quick: Quick = False,
    runs: Runs = None,
    max_seconds: MaxSeconds = None,
    save_audio: SaveAudio = None,
    python: Python = None,
    force: Force = False,
    dry_run: DryRun = False,
    json: Json = False,
    output: Output = None,
    lang: TextLang = None,
    verbose: Verbose = False,
    traceback: Traceback = False,
) -> Any:
    """Time VoxCPM, in its package or in a GGUF program."""
    _begin(
        lang, what="voxcpm", models=tuple(model or ()), modes=tuple(mode or ()), weights=weights,
        runtime=runtime, binaries=tuple(binary or ()), ggufs=tuple(gguf or ()), steps=steps,
        threads=threads, compile=compile, reference=reference, reference_text=reference_text,
        text=text, text_file=text_file, text_seconds=text_seconds, streaming=streaming,
        quick=quick, runs=runs, max_seconds=max_seconds, save_audio=save_audio, python=python,
        force=force, dry_run=dry_run, as_json=json, output=output, verbose=verbose,
    )  # fmt: skip


def indextts(model: str) -> Callable[..., Any]:
    """The command of one IndexTTS model."""

    def command(
        repo: Repo = None,
        mode: Mode = None,
        weights: Annotated[
            Optional[str],
            typer.Option(
                metavar="PATH|synthetic",
                help="Another folder of weights; or random in true size (the checkout's).",
            ),
        ] = None,
        also: Also = None,
        threads: Threads = None,
        reference: OwnReference = None,
        text: Text = None,
        text_file: TextFile = None,
        text_seconds: TextSeconds = None,
        quick: Quick = False,
        runs: Runs = None,
        max_seconds: MaxSeconds = None,
        save_audio: SaveAudio = None,
        python: Python = None,
        force: Force = False,
        dry_run: DryRun = False,
        json: Json = False,
        output: Output = None,
        lang: TextLang = None,
        verbose: Verbose = False,
        traceback: Traceback = False,
    ) -> Any:
        _begin(
            lang, what=model, repos=tuple(repo or ()), modes=tuple(mode or ()), weights=weights,
            also=tuple(also or ()), threads=threads, reference=reference, text=text,
            text_file=text_file, text_seconds=text_seconds, quick=quick, runs=runs,
            max_seconds=max_seconds, save_audio=save_audio, python=python, force=force,
            dry_run=dry_run, as_json=json, output=output, verbose=verbose,
        )  # fmt: skip

    name = {"indextts-2": "IndexTTS2"}.get(model, "IndexTTS-2.5")
    command.__doc__ = f"Time {name} in your checkout of it."
    return command


def matrix(
    repo: Repo = None,
    binary: Binary = None,
    gguf: Gguf = None,
    model: Annotated[
        Optional[list[str]], typer.Option(metavar="MODEL", help="Only these models.")
    ] = None,
    mode: Annotated[
        Optional[list[str]],
        typer.Option("--mode", "-m", metavar="MODE", help="Only these modes: cpu, gguf-cpu …"),
    ] = None,
    weights: Annotated[
        Optional[str],
        typer.Option(metavar="synthetic", help="Random weights where there are none."),
    ] = None,
    threads: Threads = None,
    reference: MatrixReference = None,
    reference_text: ReferenceText = None,
    text: Text = None,
    text_file: TextFile = None,
    text_seconds: TextSeconds = None,
    streaming: Streaming = True,
    quick: Quick = False,
    runs: Runs = None,
    max_seconds: AllSeconds = None,
    save_audio: SaveAudio = None,
    python: Python = None,
    force: Force = False,
    dry_run: DryRun = False,
    json: Json = False,
    output: Output = None,
    lang: TextLang = None,
    verbose: Verbose = False,
    traceback: Traceback = False,
) -> Any:
    """Time all that this computer has, and rank it."""
    _begin(
        lang, what="matrix", repos=tuple(repo or ()), binaries=tuple(binary or ()),
        ggufs=tuple(gguf or ()), models=tuple(model or ()), modes=tuple(mode or ()),
        weights=weights, threads=threads, reference=reference, reference_text=reference_text,
        text=text, text_file=text_file, text_seconds=text_seconds, streaming=streaming,
        quick=quick, runs=runs, max_seconds=max_seconds, save_audio=save_audio, python=python,
        force=force, dry_run=dry_run, as_json=json, output=output, verbose=verbose,
    )  # fmt: skip


def add_to(app: typer.Typer) -> None:
    """Put the measuring commands into ``vcf bench``."""
    app.command("voxcpm", epilog=EPILOG)(voxcpm)
    for model in ("indextts-2.5", "indextts-2"):
        app.command(model, epilog=EPILOG)(indextts(model))
    app.command("matrix", epilog=EPILOG)(matrix)
