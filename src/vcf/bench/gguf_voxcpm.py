"""Which VoxCPM a GGUF file holds, as VoxCPM.cpp's converter writes them."""

from __future__ import annotations

from typing import Literal

from ..errors import UsageError
from .architectures import MODELS, Architecture, architecture
from .checkpoint import count_parameters
from .gguf import Gguf
from .snapshot_files import named
from .vocabulary import tokenizer_files

VAE = "audio_vae."
"""How names of the AudioVAE's tensors begin."""
MODE_OF = {
    "F32": "f32", "F16": "f16", "BF16": "f16", "Q8_0": "q8",
    "Q4_0": "q4", "Q4_1": "q4", "Q4_K": "q4",
}  # fmt: skip
"""End of a mode's id by the type of most numbers."""
SAME_SIZE = 0.01
"""Share by which the parameters may differ from the model's."""


def model_of(file: Gguf) -> str | None:
    """``voxcpm-0.5b``, ``voxcpm-1.5`` or ``voxcpm-2``; None: none of them."""
    told = file.metadata
    if "voxcpm_patch_size" not in told:
        return None
    kind = file.text("voxcpm_architecture") or "voxcpm"
    found = (kind, told["voxcpm_patch_size"], told.get("voxcpm_audio_vae_config_sample_rate"))
    for model in MODELS:
        known = architecture(model, "full")
        if found == (known.kind, known.patch, known.vae.rate_hz):
            return model
    return None


def mode_end(file: Gguf) -> str:
    """``q4``, ``q8``, ``f16`` or ``f32``: how the ids of its modes end.

    Raises UsageError: the catalogue knows no mode for its precision.
    """
    found = MODE_OF.get(file.quantisation)
    if found is None:
        raise UsageError(
            f"{named(file.path)} is in {file.quantisation}, of which vcf knows nothing",
            "take a file in F32, F16, Q8_0 or Q4_K",
        )
    return found


def parameters(file: Gguf) -> int:
    """Those of the model, its AudioVAE left out."""
    return sum(file.types(without=VAE).values())


def patches_s(model: str) -> float:
    """Steps of the LM in a second of sound."""
    return architecture(model, "full").patches_s


def random_numbers(file: Gguf, model: str) -> Literal["synthetic", "tiny"] | None:
    """Whether it was made from weights that vcf wrote, told by the tokenizer: in true size, or
    tiny; None: from others."""
    tokens = file.metadata.get("tokenizer.ggml.tokens")
    if not isinstance(tokens, list) or not _same(tokens, architecture(model, "full")):
        return None
    return "synthetic" if true_size(file, model) else "tiny"


def _same(tokens: list[object], known: Architecture) -> bool:
    if len(tokens) < 5000 or tokens[3] != "<|reserved_3|>" or len(tokens) > 2 * known.vocabulary:
        return False
    vocabulary = tokenizer_files(len(tokens))["tokenizer.json"]["model"]["vocab"]
    return list(vocabulary) == tokens


def true_size(file: Gguf, model: str) -> bool:
    """Whether it has as many parameters as the model."""
    return abs(parameters(file) / count_parameters(model, "full").model - 1) <= SAME_SIZE
