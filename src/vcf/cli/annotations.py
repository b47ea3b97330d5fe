"""Options that many commands take, as typer reads them."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from .completion import complete_gpus, complete_machines, complete_models
from .options import ArchChoice, LangChoice, OsChoice

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

What = Annotated[
    Optional[list[str]],
    typer.Argument(
        metavar="[MODEL[:MODE]]...",
        help="Models or families; all if left out.",
        autocompletion=complete_models,
    ),
]
OneMachine = Annotated[
    Optional[str],
    typer.Option(
        "--machine",
        metavar="FILE|NAME|-",
        help="Machine file, profile or stdin.",
        autocompletion=complete_machines,
    ),
]
Models = Annotated[
    Optional[str],
    typer.Option(
        "--models", envvar="VCF_MODELS", metavar="FILE", help="Models file that adds or overrides."
    ),
]

# What if: single facts of the machine put in the place of its own.
Gpu = Annotated[
    Optional[str],
    typer.Option(
        "--gpu", metavar="NAME", help="What if: this GPU (or none).", autocompletion=complete_gpus
    ),
]
Vram = Annotated[
    Optional[str], typer.Option("--vram", metavar="SIZE", help="What if: its memory, 12GiB.")
]
Ram = Annotated[
    Optional[str], typer.Option("--ram", metavar="SIZE", help="What if: this much RAM, 16GiB.")
]
Cores = Annotated[
    Optional[int], typer.Option("--cores", metavar="N", help="What if: so many CPU cores.")
]
System = Annotated[Optional[OsChoice], typer.Option("--os", help="What if: this system.")]
Disk = Annotated[
    Optional[str],
    typer.Option("--disk", metavar="SIZE", help="What if: this much disk free, 50GB."),
]
Driver = Annotated[
    Optional[str],
    typer.Option("--driver", metavar="VERSION", help="What if: this NVIDIA driver."),
]
Arch = Annotated[
    Optional[ArchChoice], typer.Option("--arch", help="What if: another kind of processor.")
]
Idle = Annotated[bool, typer.Option("--idle", help="What if: all other programs closed.")]
Fresh = Annotated[
    bool, typer.Option("--fresh", help="What if: a new environment, nothing installed.")
]

# What is asked of the models.
TextSeconds = Annotated[
    Optional[float],
    typer.Option("--text-seconds", metavar="S", help="Speech to make, in seconds (10)."),
]
ReferenceSeconds = Annotated[
    Optional[float],
    typer.Option(
        "--reference-seconds", metavar="S", help="Reference clip, in seconds; 0 without one (10)."
    ),
]
Steps = Annotated[
    Optional[int],
    typer.Option("--steps", metavar="N", help="Diffusion steps (the model's own number)."),
]
Emotion = Annotated[
    bool,
    typer.Option(
        "--emotion/--no-emotion", help="With the model that takes emotion from words (IndexTTS)."
    ),
]
