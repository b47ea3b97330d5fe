"""The commands and code that run a mode here: the catalogue's recipe with its blanks filled."""

from __future__ import annotations

from ..catalogue.model import Recipe
from ..catalogue.wheels import INDEX, NoWheel
from .audio import audio_gates
from .context import Card, Context
from .happens import compiles_on, device_name, happens, room_to_compile
from .model import ResolvedRecipe
from .packages import (
    codec_requirement,
    install_line,
    reads_with_codec,
    triton_command,
)
from .subject import STEPS_IN_CODE, Subject
from .torch import XPU, torch_gates, wheel_for
from .workload import STANDARD

EMPTY = ResolvedRecipe()


SYSTEM = "{system}"
DROPPED = ("{torch}", "{triton}")
"""Lines that are left out where nothing is to be installed for them."""
BACKENDS = {"nvidia": "cuda", "apple": "metal", "amd": "vulkan", "intel": "vulkan"}
"""What GGML programs compute with on a maker's GPUs, as their build options call it."""


def recipe_for(subject: Subject, context: Context | None, card: Card | None) -> ResolvedRecipe:
    """Install lines for the machine's system, with the torch that has kernels for its GPU.

    A torch that is installed and will do is not installed again.
    """
    recipe = subject.recipe
    if recipe is None and not subject.mode.notes:
        return EMPTY
    blanks = {
        "{hf_id}": subject.model.hf_id,
        "{name}": subject.model.name,
        "{device}": device_name(card),
        "{optimize}": str(compiles_on(card) and _room(subject, context, card)),
        **_backend(context, card),
    }
    lines: list[str] = []
    code, notes = "", tuple(subject.mode.notes)
    if recipe is not None:
        lines = _lines(recipe, context)
        if context is not None and not _torch_stays(subject, context, card):
            blanks["{torch}"] = _torch(subject, context, card)
        if context is not None and _wants_triton(context, card):
            blanks["{triton}"] = _triton(subject, context, card, fresh="{torch}" in blanks)
        code, notes = recipe.code, (*recipe.notes, *notes)
    kept = [line for line in lines if line.strip() not in DROPPED or line.strip() in blanks]
    return ResolvedRecipe(
        install=tuple(part for line in kept for part in _fill(line, blanks).split("\n")),
        code=_for_work(_fill(code, blanks), subject, context),
        notes=notes,
        happens=happens(subject, context, card) if context is not None else (),
    )


def _room(subject: Subject, context: Context | None, card: Card | None) -> bool:
    return context is None or room_to_compile(subject, context, card)


def _for_work(code: str, subject: Subject, context: Context | None) -> str:
    """Code that does the work that was asked for: steps and emotion model where they are set."""
    if context is None or context.workload == STANDARD:
        return code
    if context.workload.steps is not None:
        code = STEPS_IN_CODE.sub(rf"\g<1>{context.workload.steps}", code)
    if context.workload.emotion and subject.model.emotion_model is not None:
        code = code.replace("use_qwen_emo=False", "use_qwen_emo=True")
    return code


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
    if card is not None and card.gpu.vendor == "intel":
        return XPU
    choice = wheel_for(subject, context, card)
    if isinstance(choice, NoWheel):
        # A plain `pip install torch` would bring a build that can't use the GPU.
        where = choice.params.get("elsewhere")
        return f"# PyTorch: {where}" if where is not None else "pip install torch"
    command = install_line(choice, subject, context)
    if choice.variant.startswith("rocm") and reads_with_codec(subject):
        # torchcodec is not built for ROCm; that for the CPU reads clips as well
        codec = codec_requirement(choice.torch, context.platform)
        command += f"\npip install {codec} --index-url {INDEX}/cpu"
    return command


def _torch_stays(subject: Subject, context: Context, card: Card | None) -> bool:
    """Whether the torch that is installed will do, with its torchaudio."""
    if "torch" not in context.software:
        return False
    checks = (torch_gates, audio_gates)
    return all(gate.status == "pass" for check in checks for gate in check(subject, context, card))


def _triton(subject: Subject, context: Context, card: Card | None, *, fresh: bool) -> str:
    """For the torch that is installed, or is to be (``fresh``)."""
    torch = None if fresh else context.software.get("torch")
    choice = wheel_for(subject, context, card)
    if torch is None and not isinstance(choice, NoWheel):
        torch = f"{choice.torch}+{choice.variant}"
    return triton_command(torch or "", context.platform)


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
