"""The commands and code that run a mode here: the catalogue's recipe with its blanks filled."""

from __future__ import annotations

from ..catalogue.wheels import NoWheel
from .context import Card, Context
from .model import ResolvedRecipe
from .subject import Subject
from .torch import wheel_for

EMPTY = ResolvedRecipe()


def recipe_for(subject: Subject, context: Context | None, card: Card | None) -> ResolvedRecipe:
    """Install lines for the machine's system, with the torch that has kernels for its GPU."""
    recipe = subject.recipe
    if recipe is None and not subject.mode.notes:
        return EMPTY
    system = context.os if context is not None else None
    torch = _torch(subject, context, card)
    lines: list[str] = []
    code, notes = "", tuple(subject.mode.notes)
    if recipe is not None:
        lines = list(recipe.install.get("any", []))
        if system is not None:
            lines += recipe.install.get(system, [])
        code, notes = recipe.code, (*recipe.notes, *notes)
    return ResolvedRecipe(
        install=tuple(_fill(line, subject, torch) for line in lines),
        code=_fill(code, subject, torch),
        notes=notes,
    )


def _torch(subject: Subject, context: Context | None, card: Card | None) -> str:
    if context is None or subject.needs.torch is None:
        return ""
    choice = wheel_for(subject, context, card)
    return "pip install torch" if isinstance(choice, NoWheel) else choice.install


def _fill(line: str, subject: Subject, torch: str) -> str:
    return (
        line.replace("{torch}", torch)
        .replace("{hf_id}", subject.model.hf_id)
        .replace("{name}", subject.model.name)
    )
