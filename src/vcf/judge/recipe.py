"""The commands and code that run a mode here: the catalogue's recipe with its blanks filled."""

from __future__ import annotations

from ..catalogue.model import Recipe
from ..catalogue.stack import triton_for
from ..catalogue.wheels import NoWheel, split_local
from .context import Card, Context
from .happens import compiles_on, device_name, happens
from .model import ResolvedRecipe, Status
from .packages import codec_requirement, reads_with_codec
from .subject import Subject
from .torch import wheel_for

EMPTY = ResolvedRecipe()


SYSTEM = "{system}"
DROPPED = ("{torch}", "{triton}")
"""Lines that are left out where nothing is to be installed for them."""
BACKENDS = {"nvidia": "cuda", "apple": "metal", "amd": "vulkan", "intel": "vulkan"}
"""What GGML programs compute with on a maker's GPUs, as their build options call it."""


def recipe_for(
    subject: Subject, context: Context | None, card: Card | None, software: Status = "warn"
) -> ResolvedRecipe:
    """Install lines for the machine's system, with the torch that has kernels for its GPU.

    Where the software gate passes with what is installed, torch is not installed again.
    """
    recipe = subject.recipe
    if recipe is None and not subject.mode.notes:
        return EMPTY
    blanks = {
        "{hf_id}": subject.model.hf_id,
        "{name}": subject.model.name,
        "{device}": device_name(card),
        "{optimize}": str(compiles_on(card)),
        **_backend(context, card),
    }
    lines: list[str] = []
    code, notes = "", tuple(subject.mode.notes)
    if recipe is not None:
        lines = _lines(recipe, context)
        if context is not None and not (software == "pass" and "torch" in context.software):
            blanks["{torch}"] = _torch(subject, context, card)
        if context is not None and _wants_triton(context, card):
            blanks["{triton}"] = _triton(subject, context, card)
        code, notes = recipe.code, (*recipe.notes, *notes)
    kept = [line for line in lines if line.strip() not in DROPPED or line.strip() in blanks]
    return ResolvedRecipe(
        install=tuple(_fill(line, blanks) for line in kept),
        code=_fill(code, blanks),
        notes=notes,
        happens=happens(subject, context, card) if context is not None else (),
    )


def _lines(recipe: Recipe, context: Context | None) -> list[str]:
    """The lines for every system with those of this one after them, or where {system} stands."""
    own = recipe.install.get(context.os, []) if context is not None else []
    lines: list[str] = []
    for line in recipe.install.get("any", []):
        lines.extend(own if line == SYSTEM else [line])
    return lines if SYSTEM in recipe.install.get("any", []) else [*lines, *own]


def _backend(context: Context | None, card: Card | None) -> dict[str, str]:
    backend = BACKENDS.get(card.gpu.vendor or "", "cpu") if card is not None else "cpu"
    if card is not None and context is not None and context.os == "macos":
        backend = "metal"  # whoever made the GPU
    return {"{backend}": backend, "{BACKEND}": backend.upper()}


def _torch(subject: Subject, context: Context, card: Card | None) -> str:
    if subject.needs.torch is None:
        return ""
    choice = wheel_for(subject, context, card)
    if isinstance(choice, NoWheel):
        return "pip install torch"
    if choice.index_url is None or context.os != "linux" or not reads_with_codec(subject):
        return choice.install
    # PyPI's torchcodec for Linux is built for the CUDA of PyPI's torch and loads beside no other.
    codec = codec_requirement(choice.torch, context.platform)
    return choice.install.replace(" --index-url", f" {codec} --index-url")


def _triton(subject: Subject, context: Context, card: Card | None) -> str:
    """triton-windows of the series that goes with the torch there is, or is to be installed."""
    torch = context.software.get("torch")
    choice = wheel_for(subject, context, card)
    if torch is None and not isinstance(choice, NoWheel):
        torch = f"{choice.torch}+{choice.variant}"
    public, build = split_local(torch or "")
    try:
        part = triton_for(public, build or "", context.platform)
    except ValueError:
        part = None
    return f'pip install "{part.requirement}"' if part is not None else "pip install triton-windows"


def _wants_triton(context: Context, card: Card | None) -> bool:
    """Elsewhere it comes with torch."""
    return (
        context.os == "windows"
        and compiles_on(card)
        and card is not None
        and card.gpu.vendor == "nvidia"
        and "triton" not in context.software
    )


def _fill(line: str, blanks: dict[str, str]) -> str:
    for blank, value in blanks.items():
        line = line.replace(blank, value)
    return line
