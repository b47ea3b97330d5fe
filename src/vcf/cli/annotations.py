"""Options that many commands take, as typer reads them."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from .options import LangChoice

Lang = Annotated[
    Optional[LangChoice],
    typer.Option("--lang", envvar="VCF_LANG", help="Language (default: the locale's)."),
]
Json = Annotated[bool, typer.Option("--json", help="JSON on standard output.")]
Output = Annotated[
    Optional[str],
    typer.Option("--output", "-o", metavar="FILE", help="Write there instead, atomically."),
]
Traceback = Annotated[bool, typer.Option("--traceback", hidden=True)]
