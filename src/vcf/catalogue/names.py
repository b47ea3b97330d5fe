"""What people call models and modes, resolved to ids."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import get_args

from ..documents import nearest
from ..errors import UsageError
from .model import Catalogue, ModeId

GROUPS: dict[str, tuple[ModeId, ...]] = {
    "cpu": ("cpu-fp32", "cpu-bf16"),
    "gpu": ("gpu-bf16", "gpu-fp16", "gpu-fp32"),
    "gguf-cpu": ("gguf-cpu-q4", "gguf-cpu-q8", "gguf-cpu-f16", "gguf-cpu-f32"),
    "gguf-gpu": ("gguf-gpu-q4", "gguf-gpu-q8", "gguf-gpu-f16", "gguf-gpu-f32"),
}
"""A word that means the best mode of a kind for the machine at hand."""
GROUPS["gguf"] = GROUPS["gguf-cpu"] + GROUPS["gguf-gpu"]

SHORT: dict[str, ModeId] = {
    "fp32": "gpu-fp32",
    "fp16": "gpu-fp16",
    "bf16": "gpu-bf16",
    "deepspeed": "gpu-fp16-deepspeed",
    "onnx": "onnx-cpu",
}


def _plain(name: str) -> str:
    """Spelling without case, blanks and punctuation: VoxCPM-0.5B, voxcpm 0.5b → voxcpm05b."""
    return re.sub(r"[^\w/]|_", "", name.lower())


@lru_cache(maxsize=4)
def _spellings(names: tuple[tuple[str, tuple[str, ...]], ...]) -> dict[str, str]:
    return {_plain(name): model_id for model_id, known in names for name in known}


def find_models(text: str, catalogue: Catalogue) -> list[str]:
    """Ids of the model or family that a person names.

    Raises UsageError when there is none.
    """
    word = _plain(text)
    family = [key for key, model in catalogue.models.items() if _plain(model.family) == word]
    if family:
        return family
    names = tuple(
        (key, (key, model.name, model.hf_id, model.hf_id.split("/")[-1], *model.aliases))
        for key, model in catalogue.models.items()
    )
    found = _spellings(names).get(word)
    if found is not None:
        return [found]
    families = sorted({model.family for model in catalogue.models.values()})
    hint = nearest(text.lower(), [*catalogue.models, *families])
    known = ", ".join([*catalogue.models, *families])
    raise UsageError(f"unknown model {text!r}", hint or f"known: {known}")


def all_modes() -> tuple[ModeId, ...]:
    """Every mode id that exists."""
    return get_args(ModeId)


def find_modes(text: str) -> tuple[ModeId, ...]:
    """Mode ids that a word means; several for a group such as ``gpu``.

    Raises UsageError when the word means nothing.
    """
    word = text.lower()
    if word in GROUPS:
        return GROUPS[word]
    if word in SHORT:
        return (SHORT[word],)
    known = all_modes()
    for mode in known:
        if mode == word:
            return (mode,)
    hint = nearest(word, [*known, *GROUPS, *SHORT])
    raise UsageError(f"unknown mode {text!r}", hint or "known: " + ", ".join([*GROUPS, *known]))
