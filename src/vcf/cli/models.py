"""``vcf models``: what vcf knows about the models."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..catalogue.load import load_catalogue
from ..catalogue.model import Catalogue
from ..catalogue.names import find_models
from .output import console, emit, language, write_text

if TYPE_CHECKING:
    from .options import LangChoice


def _print_json(data: object) -> None:
    write_text(msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n", None)


def run_list(*, as_json: bool, models: str | None, lang: LangChoice | None) -> int:
    """Every model in a line."""
    catalogue = load_catalogue(models)
    if as_json:
        _print_json(_only(catalogue, list(catalogue.models)))
        return 0
    from ..views.models import list_models

    emit(console(), list_models(catalogue, language(lang)))
    return 0


def run_show(name: str, *, as_json: bool, models: str | None, lang: LangChoice | None) -> int:
    """One model, or each of a family."""
    catalogue = load_catalogue(models)
    names = find_models(name, catalogue)
    if as_json:
        _print_json(_only(catalogue, names))
        return 0
    from ..views.models import show_model

    screen = console()
    for key in names:
        emit(screen, show_model(key, catalogue, language(lang)))
    return 0


def _only(catalogue: Catalogue, names: list[str]) -> Catalogue:
    """A models document of some models, with all its sources, runtimes and recipes."""
    chosen = {key: model for key, model in catalogue.models.items() if key in names}
    return msgspec.structs.replace(catalogue, models=chosen)
