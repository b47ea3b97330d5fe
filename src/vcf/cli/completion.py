"""Words that a shell can complete. What costs time is imported when a shell asks."""

from __future__ import annotations


def complete_models(incomplete: str) -> list[str]:
    """Models and families; after a colon the model's modes."""
    from ..catalogue.load import load_catalogue
    from ..catalogue.names import GROUPS, find_models
    from ..errors import UsageError

    catalogue = load_catalogue()
    name, colon, mode = incomplete.partition(":")
    if not colon:
        families = {model.family for model in catalogue.models.values()}
        return [word for word in [*catalogue.models, *sorted(families)] if word.startswith(name)]
    try:
        models = find_models(name, catalogue)
    except UsageError:
        return []
    modes = dict.fromkeys(m for model in models for m in catalogue.models[model].modes)
    return [f"{name}:{word}" for word in [*modes, *GROUPS] if word.startswith(mode)]


def complete_modes(incomplete: str) -> list[str]:
    """Modes and the words for groups of them."""
    from ..catalogue.names import GROUPS, SHORT, all_modes

    return [word for word in [*GROUPS, *SHORT, *all_modes()] if word.startswith(incomplete)]


def complete_machines(incomplete: str) -> list[str]:
    """Names of the machines shipped with vcf; files are the shell's business."""
    from ..machine.load import profile_names

    return [name for name in profile_names() if name.startswith(incomplete)]


def complete_compared(incomplete: str) -> list[str]:
    """What ``vcf compare`` takes: the shipped machines and the word for this computer."""
    return [word for word in ["here", *complete_machines("")] if word.startswith(incomplete)]


def complete_gpus(incomplete: str) -> list[str]:
    """Cards of the table."""
    from ..catalogue.gpus import gpus

    return [card.name for card in gpus() if card.name.lower().startswith(incomplete.lower())]
