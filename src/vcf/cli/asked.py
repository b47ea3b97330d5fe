"""What a command line asks about: models and modes, each the best of several where a word means
several."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from ..catalogue.names import GROUPS, find_models, find_modes
from ..errors import UsageError
from ..judge.subject import Subject, Subjects


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """One thing asked for: a subject, or several of which the best for the machine counts."""

    subjects: tuple[Subject, ...]


def asked_for(what: Sequence[str], modes: Sequence[str], known: Subjects) -> tuple[list[Ask], bool]:
    """What was asked for, and whether an online mode was named.

    Raises UsageError: unknown model or mode, a mode that no model asked for has.
    """
    if modes and what and all(":" in item for item in what):
        raise UsageError("--mode: every model asked for names its mode already", "drop one")
    catalogue = known.catalogue
    asks: dict[tuple[Subject, ...], Ask] = {}
    online = False
    for item in what or tuple(catalogue.models):
        name, colon, own = item.partition(":")
        if colon and not name and not own:
            raise UsageError(f"{item!r} names no model", "write MODEL, or MODEL:MODE")
        if colon and not own:
            raise UsageError(f"{item!r}: no mode after the colon", f"write {name}, or {name}:MODE")
        words = [own] if own else list(modes)
        for model in find_models(name, catalogue):
            for ask in _asks(model, words, known):
                asks.setdefault(ask.subjects, ask)
        online = online or any("online" in find_modes(word) for word in words)
        if own and not any(_asks(m, [own], known) for m in find_models(name, catalogue)):
            has = ", ".join(catalogue.models[find_models(name, catalogue)[0]].modes)
            raise UsageError(f"{name} has no mode {own!r}", f"it has: {has}")
    for word in modes:
        if not any(s.mode_id in find_modes(word) for ask in asks.values() for s in ask.subjects):
            raise UsageError(f"none of the models asked for has a mode {word!r}")
    return list(asks.values()), online


def _asks(model: str, words: Sequence[str], known: Subjects) -> list[Ask]:
    if not words:
        return [
            Ask(subjects=(subject,)) for key, subject in known.by_key.items() if key[0] == model
        ]
    asks = []
    for word in words:
        found = [(model, mode) for mode in find_modes(word) if (model, mode) in known.by_key]
        group = tuple(known.by_key[key] for key in found)
        if not group:
            continue
        if word.lower() in GROUPS:
            asks.append(Ask(subjects=group))
        else:
            asks.extend(Ask(subjects=(subject,)) for subject in group)
    return asks
