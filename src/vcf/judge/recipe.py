"""The commands and code that run a mode here: the catalogue's recipe with its blanks filled."""

from __future__ import annotations

from ..catalogue.wheels import NoWheel
from .context import Card, Context
from .model import ResolvedRecipe
from .software import wheel_for
from .subject import Subject

EMPTY = ResolvedRecipe()


def recipe_for(subject: Subject, context: Context | None, card: Card | None) -> ResolvedRecipe:
    """Install lines for the machine's system, with the torch that has kernels for its GPU."""
    recipe = subject.recipe
    if recipe is None and not subject.mode.notes:
        return EMPTY
    system = context.os if context is not None else None
    torch = _torch(subject, context, card)
    key = ("recipe", subject.key, torch)
    if context is not None and key in context.cache:
        return context.cache[key]  # type: ignore[no-any-return]
    lines: list[str] = []
    code, notes = "", tuple(subject.mode.notes)
    if recipe is not None:
        lines = [*recipe.install.get("any", []), *recipe.install.get(system or "any", [])]
        if system is None:
            lines = list(recipe.install.get("any", []))
        code, notes = recipe.code, (*recipe.notes, *notes)
    made = ResolvedRecipe(
        install=tuple(_fill(line, subject, torch) for line in lines),
        code=_fill(code, subject, torch),
        notes=notes,
    )
    if context is not None:
        context.cache[key] = made
    return made


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
