"""``vcf bench``: the command line of measuring and of what was measured."""

from __future__ import annotations

from typing import Annotated, Any, Optional

import typer

from .annotations import Json, Lang, Output, Traceback
from .bench_measure_app import add_to

bench_app = typer.Typer(
    help="Measure real synthesis on this computer, and look at what was measured.",
    rich_markup_mode=None,
)

COMPARE_EPILOG = (
    "Exit codes: 0 compared, within the limits · 1 beyond one · 2 not comparable, or no such "
    "record · 3 a limit could not be told."
)


@bench_app.callback(invoke_without_command=True)
def bench(context: typer.Context) -> None:
    """Measure real synthesis on this computer, and look at what was measured."""
    if context.invoked_subcommand is None:
        typer.echo(context.get_help())


add_to(bench_app)


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
