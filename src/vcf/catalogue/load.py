"""``models.yaml`` and files like it: read, joined, validated, every reference followed."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import msgspec

from ..documents import convert, explain, nearest, package_path, parse, read_text
from ..errors import CatalogueError
from .model import Catalogue, Mode, Model, Recipe, Runtime, Source

FILE_LIMIT = 4 << 20
"""Bytes of a models file at most."""
COMPILED = "models.compiled.json"
"""The wheel's copy of models.yaml as JSON, 30 times quicker to read; see hatch_build.py."""

_ACTING = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
"""Control and direction characters; line ends and tabs are none."""

_SECTIONS: dict[str, Any] = {
    "sources": Source,
    "runtimes": Runtime,
    "recipes": Recipe,
    "models": Model,
}


def load_catalogue(extra: str | Path | None = None) -> Catalogue:
    """The models that vcf ships, with those of ``extra`` added or overridden.

    An entry of the extra file replaces the shipped entry of the same key field by field; lists
    are replaced whole. Raises CatalogueError: unreadable file, unknown or missing field, wrong
    type, a source, runtime or recipe that no section defines; the message names the place.
    """
    if extra is None:
        shipped = _compiled()
        return shipped if shipped is not None else _shipped_catalogue()
    path = str(extra)
    document = parse(read_text(path, FILE_LIMIT, CatalogueError), path, CatalogueError)
    _refuse_acting(document, path, "")
    return build(_merge(_shipped_document(), document), path)


def _refuse_acting(data: Any, path: str, place: str) -> None:
    """Texts of a models file are printed as they are: characters that act on a terminal or turn
    a line round are refused."""
    if isinstance(data, str):
        found = _ACTING.search(data)
        if found is not None:
            raise CatalogueError(
                f"{path}: {place}: holds the control character U+{ord(found[0]):04X}", "remove it"
            )
    elif isinstance(data, dict):
        for key, value in data.items():
            _refuse_acting(key, path, place or "its keys")
            _refuse_acting(value, path, f"{place}.{key}" if place else str(key))
    elif isinstance(data, list):
        for index, value in enumerate(data):
            _refuse_acting(value, path, f"{place}[{index}]")


def build(document: dict[str, Any], path: str) -> Catalogue:
    """A validated catalogue from plain data; ``path`` stands in errors."""
    try:
        catalogue = msgspec.convert(document, Catalogue)
    except msgspec.ValidationError as problem:
        _locate(document, path)
        message, hint = explain(str(problem), Catalogue)
        raise CatalogueError(f"{path}{message}", hint) from None
    _check_references(catalogue, path)
    return catalogue


def digest(text: bytes) -> str:
    """What ties the compiled copy to the models.yaml it was made of."""
    return hashlib.blake2b(text, digest_size=16).hexdigest()


def _compiled() -> Catalogue | None:
    """The compiled copy, if there is one and models.yaml has not been edited since."""
    compiled = Path(__file__).parents[1] / "data" / COMPILED
    try:
        stamp, _, data = compiled.read_bytes().partition(b"\n")
        if stamp.decode() != digest(package_path("models.yaml").read_bytes()):
            return None
        return msgspec.json.decode(data, type=Catalogue)
    except (OSError, ValueError):
        return None


def _shipped_document() -> dict[str, Any]:
    path = str(package_path("models.yaml"))
    return parse(read_text(path, FILE_LIMIT, CatalogueError), path, CatalogueError)


def _shipped_catalogue() -> Catalogue:
    return build(_shipped_document(), "models.yaml")


def _merge(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        old = merged.get(key)
        both = isinstance(old, dict) and isinstance(value, dict)
        merged[key] = _merge(old, value) if both else value  # type: ignore[arg-type]
    return merged


def _locate(document: dict[str, Any], path: str) -> None:
    """Raise for the first entry that does not fit, naming its keys.

    msgspec's own path says ``[...]`` for the keys of a mapping.
    """
    for section, kind in _SECTIONS.items():
        entries = document.get(section)
        for key, entry in entries.items() if isinstance(entries, dict) else ():
            place = f"{path}: {section}.{key}"
            if kind is Model and isinstance(entry, dict):
                modes = entry.get("modes")
                for mode, body in modes.items() if isinstance(modes, dict) else ():
                    convert(body, Mode, f"{place}.modes.{mode}", CatalogueError)
            convert(entry, kind, place, CatalogueError)


def _check_references(catalogue: Catalogue, path: str) -> None:
    def check(key: str | None, known: Iterable[str], what: str, place: str) -> None:
        if key is not None and key not in known:
            hint = nearest(key, known) or f"define it under {what}s"
            raise CatalogueError(f"{path}: {place}: no {what} is called {key!r}", hint)

    for place, source in _cited(catalogue):
        check(source, catalogue.sources, "source", place)
    for model_id, model in catalogue.models.items():
        for mode_id, mode in model.modes.items():
            place = f"models.{model_id}.modes.{mode_id}"
            check(mode.runtime, catalogue.runtimes, "runtime", f"{place}.runtime")
            check(mode.recipe, catalogue.recipes, "recipe", f"{place}.recipe")
            for other in mode.runs_as.values():
                check(other, model.modes, "mode", f"{place}.runs_as")


def _cited(catalogue: Catalogue) -> Iterable[tuple[str, str | None]]:
    """Every (place, source key) of the document."""
    for key, runtime in catalogue.runtimes.items():
        yield f"runtimes.{key}.needs.source", runtime.needs.source
        if runtime.habits is not None:
            yield f"runtimes.{key}.habits.source", runtime.habits.source
        for device, speed in runtime.speed.items():
            yield f"runtimes.{key}.speed.{device}.source", speed.source
    for model_id, model in catalogue.models.items():
        yield from _cited_by_model(f"models.{model_id}", model)


def _cited_by_model(place: str, model: Model) -> Iterable[tuple[str, str | None]]:
    for part in model.parameters:
        yield f"{place}.parameters.{part.id}", part.source
    for stage in model.work:
        yield f"{place}.work.{stage.id}", stage.source
    yield f"{place}.cloning", model.cloning.source
    yield f"{place}.licence", model.licence.source
    for index, requirement in enumerate(model.requirements):
        yield f"{place}.requirements[{index}]", requirement.source
    for mode_id, mode in model.modes.items():
        here = f"{place}.modes.{mode_id}"
        yield f"{here}.source", mode.source
        yield f"{here}.speed_source", mode.speed_source
        yield f"{here}.needs.source", mode.needs.source
        memory = mode.memory
        for need in (memory.device, memory.host_load, memory.host_run, mode.disk):
            for source in need.sources if need is not None else ():
                yield f"{here}.sources", source
