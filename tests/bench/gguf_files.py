"""GGUF files for tests, written from the format's description: small, or wrong on purpose."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

CODES = {"F32": (0, 1, 4), "F16": (1, 1, 2), "Q8_0": (8, 32, 34), "Q4_K": (12, 256, 144),
         "Q5_K": (13, 256, 176), "BF16": (30, 1, 2)}  # fmt: skip
MODELS = {"voxcpm-0.5b": ("voxcpm", 2, 16000), "voxcpm-1.5": ("voxcpm", 4, 44100),
          "voxcpm-2": ("voxcpm2", 4, 16000)}  # fmt: skip
"""Architecture, patch size and rate, by which the models are told apart."""


Tensors = dict[str, tuple[tuple[int, ...], str]]
"""Shape and type by name."""


def text(value: str) -> bytes:
    """A text with its length."""
    found = value.encode()
    return struct.pack("<Q", len(found)) + found


def value(given: Any) -> bytes:
    """A value with its type."""
    if isinstance(given, bool):
        return struct.pack("<I?", 7, given)
    if isinstance(given, int):
        return struct.pack("<II", 4, given)
    if isinstance(given, float):
        return struct.pack("<If", 6, given)
    if isinstance(given, str):
        return struct.pack("<I", 8) + text(given)
    if given and isinstance(given[0], str):
        return struct.pack("<IIQ", 9, 8, len(given)) + b"".join(text(one) for one in given)
    return struct.pack(f"<IIQ{len(given)}I", 9, 4, len(given), *given)


def gguf_bytes(
    metadata: dict[str, Any],
    tensors: Tensors,
    *,
    version: int = 3,
    alignment: int = 32,
) -> bytes:
    """A whole file; tensors: shape and type by name."""
    head = b"GGUF" + struct.pack("<IQQ", version, len(tensors), len(metadata))
    for key, given in metadata.items():
        head += text(key) + value(given)
    at = 0
    for name, (shape, kind) in tensors.items():
        code, block, each = CODES[kind]
        head += text(name) + struct.pack(f"<I{len(shape)}Q", len(shape), *shape)
        head += struct.pack("<IQ", code, at)
        count = 1
        for size in shape:
            count *= size
        at += -(-(count // block * each) // alignment) * alignment
    return head + bytes(-len(head) % alignment) + bytes(at)


def voxcpm_metadata(model: str = "voxcpm-0.5b", **more: Any) -> dict[str, Any]:
    """What tells a model, as VoxCPM.cpp's converter writes it."""
    kind, patch, rate = MODELS[model]
    return {
        "general.architecture": "llama", "general.name": "VoxCPM", "voxcpm_architecture": kind,
        "voxcpm_patch_size": patch, "voxcpm_audio_vae_config_sample_rate": rate,
        "voxcpm_audio_vae_config_encoder_rates": [2, 5, 8, 8], "voxcpm_lm_config_scale_emb": 12.0,
        **more,
    }  # fmt: skip


def write_voxcpm(
    path: Path, model: str = "voxcpm-0.5b", kind: str = "Q8_0", tokens: list[str] | None = None,
    **more: Any,
) -> Path:  # fmt: skip
    """A small file that tells of a model: 768 numbers of it, most in one type, and the
    AudioVAE's."""
    if tokens is not None:
        more["tokenizer.ggml.tokens"] = tokens
    tensors: Tensors = {
        "token_embd.weight": ((256, 2), kind),
        "blk.0.attn_q.weight": ((256,), "F32" if kind == "Q8_0" else kind),
        "audio_vae.decoder.weight": ((16, 4), "F32"),
    }
    path.write_bytes(gguf_bytes(voxcpm_metadata(model, **more), tensors))
    return path
