"""Options that the measuring commands of ``vcf bench`` share, as typer reads them."""

from __future__ import annotations

from typing import Annotated, Optional

import typer

from .options import LangChoice

TextLang = Annotated[
    Optional[LangChoice],
    typer.Option(
        "--lang", envvar="VCF_LANG", help="Language of the answer and of the packaged text."
    ),
]
Mode = Annotated[
    Optional[list[str]],
    typer.Option(
        "--mode",
        "-m",
        metavar="MODE",
        help="cpu, gpu, fp16, cpu-bf16 …; again for several (the best here).",
    ),
]
Steps = Annotated[
    Optional[int], typer.Option(metavar="N", help="Diffusion steps (the model's own number).")
]
Threads = Annotated[
    Optional[int], typer.Option(metavar="N", help="Processor threads (the engine's own choice).")
]
Compile = Annotated[
    Optional[bool],
    typer.Option("--compile/--no-compile", help="torch.compile (as the package does)."),
]
Reference = Annotated[
    Optional[str], typer.Option(metavar="WAV", help="Clone this voice; without: no clip.")
]
OwnReference = Annotated[
    Optional[str],
    typer.Option(metavar="WAV", help="Clone this voice (the checkout's example)."),
]
MatrixReference = Annotated[
    Optional[str],
    typer.Option(metavar="WAV", help="Clone this voice wherever one is cloned."),
]
ReferenceText = Annotated[Optional[str], typer.Option(metavar="T", help="What the clip says.")]
Text = Annotated[Optional[str], typer.Option(metavar="T", help="Speak this.")]
TextFile = Annotated[
    Optional[str], typer.Option(metavar="FILE", help="Speak what this file says (UTF-8).")
]
TextSeconds = Annotated[
    Optional[float],
    typer.Option(metavar="S", help="Force this length of speech (random weights: 2 or 8)."),
]
Streaming = Annotated[
    bool, typer.Option("--streaming/--no-streaming", help="Time the first audio as well.")
]
Quick = Annotated[bool, typer.Option("--quick", help="Two runs, no streaming.")]
Runs = Annotated[
    Optional[int],
    typer.Option(metavar="N", help="So many runs (CPU 3; GPU 5 and 20 s at the least)."),
]
MaxSeconds = Annotated[
    Optional[float],
    typer.Option(metavar="S", help="Begin no synthesis after this time (CPU 600, GPU 120)."),
]
AllSeconds = Annotated[
    Optional[float],
    typer.Option(metavar="S", help="Begin nothing that is not over after so long, all in all."),
]
SaveAudio = Annotated[
    Optional[str], typer.Option(metavar="DIR", help="Keep the sound there as WAV.")
]
Python = Annotated[
    Optional[str],
    typer.Option(metavar="PATH", help="Another Python, or the folder of its environment."),
]
Force = Annotated[bool, typer.Option("--force", help="Try it also where memory looks too small.")]
DryRun = Annotated[
    bool, typer.Option("--dry-run", help="Only say what would be done, with the forecast.")
]
Verbose = Annotated[
    bool, typer.Option("--verbose", "-v", help="Say on stderr what was passed over.")
]
Binary = Annotated[
    Optional[list[str]],
    typer.Option(metavar="PATH", help="The program itself: voxcpm_tts, audiocpp_cli …"),
]
Gguf = Annotated[
    Optional[list[str]],
    typer.Option(metavar="FILE", help="Its weights; again for several files."),
]
Repo = Annotated[
    Optional[list[str]],
    typer.Option(metavar="DIR", help="Your checkout of index-tts."),
]
Also = Annotated[
    Optional[list[str]],
    typer.Option(
        metavar="accel|compile|cuda-kernel",
        help="Measure it with this as well; again for several.",
    ),
]
