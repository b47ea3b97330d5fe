"""VoxCPM's architectures in numbers: true size, and tiny with the same code paths.

The full numbers are those of ``config.json`` of openbmb/VoxCPM-0.5B, openbmb/VoxCPM1.5 and
openbmb/VoxCPM2 on Hugging Face; what they leave out is the default of the voxcpm 2.0.3 package
(the AudioVAE of 0.5B, for one). The parameters that follow, AudioVAE left out, are 652.3 M,
801.7 M and 2290.0 M; the weight file of VoxCPM2, 4 580 080 592 bytes in bfloat16, agrees.

The factors of LongRoPE are 1 here: the published ones cost the same and change nothing but the
sound, which is noise anyway.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Literal, get_args

import msgspec

from ..errors import UsageError

Model = Literal["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"]
Size = Literal["tiny", "full"]
Dtype = Literal["bfloat16", "float16", "float32"]


class Stack(msgspec.Struct, frozen=True, kw_only=True):
    """A transformer of MiniCPM4 layers."""

    layers: int
    width: int
    """Hidden size."""
    ffn: int
    """Width of the gated feed-forward part."""
    heads: int
    kv_heads: int = 2
    head_width: int | None = None
    """``kv_channels`` of config.json; None: width / heads."""

    @property
    def head(self) -> int:
        """Width of one head."""
        return self.head_width or self.width // self.heads


class Vae(msgspec.Struct, frozen=True, kw_only=True):
    """The AudioVAE: audio to latents and back."""

    encoder: int
    """Channels after the first convolution; they double at each rate."""
    encoder_rates: tuple[int, ...]
    """Downsampling of each block; their product is the samples in one latent."""
    decoder: int
    """Channels before the first block; they halve at each rate."""
    decoder_rates: tuple[int, ...]
    rate_hz: int
    """Of the audio it reads."""
    out_hz: int
    """Of the audio it writes."""
    rate_bins: tuple[int, ...] = ()
    """VoxCPM2: borders in Hz between the output rates its decoder is conditioned on."""


class Architecture(msgspec.Struct, frozen=True, kw_only=True):
    """One VoxCPM model in one size."""

    kind: Literal["voxcpm", "voxcpm2"]
    """``architecture`` of config.json: which class of the package loads it."""
    vocabulary: int
    lm: Stack
    """The base LM, over text and patches."""
    residual_layers: int
    """Layers of the residual LM, of the same width."""
    encoder: Stack
    """The local encoder, over the latents of one patch."""
    dit: Stack
    """The LocDiT, over the latents of one patch."""
    fsq: int
    """Width between the two halves of the scalar quantisation."""
    patch: int
    """Latents in a patch; a patch is one step of the LM."""
    vae: Vae
    positions: int
    """``max_length``: positions of the KV cache, allocated at load."""
    rope_positions: int = 32768
    """``max_position_embeddings``: rows of the table of cosines that each stack keeps."""
    latent: int = 64
    """Width of a latent."""

    @property
    def patches_s(self) -> float:
        """Patches (steps of the LM) in a second of audio."""
        return self.vae.rate_hz / math.prod(self.vae.encoder_rates) / self.patch


_VAE_05 = Vae(
    encoder=128,
    encoder_rates=(2, 5, 8, 8),
    decoder=1536,
    decoder_rates=(8, 8, 5, 2),
    rate_hz=16000,
    out_hz=16000,
)
_VAE_15 = Vae(
    encoder=64,
    encoder_rates=(2, 3, 6, 7, 7),
    decoder=2048,
    decoder_rates=(7, 7, 6, 3, 2),
    rate_hz=44100,
    out_hz=44100,
)
_VAE_2 = Vae(
    encoder=128,
    encoder_rates=(2, 5, 8, 8),
    decoder=2048,
    decoder_rates=(8, 6, 5, 2, 2, 2),
    rate_hz=16000,
    out_hz=48000,
    rate_bins=(20000, 30000, 40000),
)

_LM_1 = Stack(layers=24, width=1024, ffn=4096, heads=16)
_LM_2 = Stack(layers=28, width=2048, ffn=6144, heads=16, head_width=128)


def _local(layers: int, head_width: int | None = None) -> Stack:
    return Stack(layers=layers, width=1024, ffn=4096, heads=16, head_width=head_width)


_FULL: Mapping[str, Architecture] = {
    "voxcpm-0.5b": Architecture(
        kind="voxcpm",
        vocabulary=73448,
        lm=_LM_1,
        residual_layers=6,
        encoder=_local(4),
        dit=_local(4),
        fsq=256,
        patch=2,
        vae=_VAE_05,
        positions=4096,
    ),
    "voxcpm-1.5": Architecture(
        kind="voxcpm",
        vocabulary=73448,
        lm=_LM_1,
        residual_layers=8,
        encoder=_local(8),
        dit=_local(8),
        fsq=256,
        patch=4,
        vae=_VAE_15,
        positions=4096,
    ),
    "voxcpm-2": Architecture(
        kind="voxcpm2",
        vocabulary=73448,
        lm=_LM_2,
        residual_layers=8,
        encoder=_local(12, 128),
        dit=_local(12, 128),
        fsq=512,
        patch=4,
        vae=_VAE_2,
        positions=8192,
    ),
}

MODELS: tuple[Model, ...] = get_args(Model)


def architecture(model: str, size: str) -> Architecture:
    """The numbers of a model in a size.

    Raises UsageError: a model or size that there is none of.
    """
    full = _FULL.get(model)
    if full is None:
        raise UsageError(f"no architecture of {model!r} is known", "known: " + ", ".join(MODELS))
    if size not in get_args(Size):
        raise UsageError(f"no size {size!r}", "known: " + ", ".join(get_args(Size)))
    return full if size == "full" else _tiny(full)


def _tiny(full: Architecture) -> Architecture:
    """Few layers and narrow ones; patches, rates and optional parts stay as they are.

    Widths differ between the LM and the local stacks where they do in the full size, and heads
    keep a width of their own where config.json gives one: mix-ups of the two would show.
    """
    lm = Stack(layers=3, width=64, ffn=128, heads=4, head_width=full.lm.head_width and 32)
    same = full.lm.width == full.encoder.width
    head = full.encoder.head_width and 16
    local = Stack(layers=2, width=64 if same else 32, ffn=96, heads=4, head_width=head)
    return msgspec.structs.replace(
        full,
        vocabulary=5632,
        lm=lm,
        residual_layers=2,
        encoder=local,
        dit=local,
        fsq=16,
        # the last of VoxCPM2's six blocks still has a channel
        vae=msgspec.structs.replace(full.vae, encoder=4, decoder=64),
        positions=1024,
        rope_positions=2048,
    )


def config_json(arch: Architecture, dtype: Dtype) -> dict[str, Any]:
    """``config.json`` as the voxcpm package reads it."""
    lm = {
        "bos_token_id": 1,
        "eos_token_id": 2,
        "hidden_size": arch.lm.width,
        "intermediate_size": arch.lm.ffn,
        "max_position_embeddings": arch.rope_positions,
        "num_attention_heads": arch.lm.heads,
        "num_hidden_layers": arch.lm.layers,
        "num_key_value_heads": arch.lm.kv_heads,
        "rms_norm_eps": 1e-5,
        "rope_theta": 10000.0,
        "rope_scaling": {
            "type": "longrope",
            # one factor for a pair of dimensions; the local stacks use the same list
            "long_factor": [1.0] * _rope_factors(arch),
            "short_factor": [1.0] * _rope_factors(arch),
            "original_max_position_embeddings": arch.rope_positions,
        },
        "vocab_size": arch.vocabulary,
        "use_mup": False,
        "scale_emb": 12,  # VoxCPM.cpp reads no other kind of number here
        "dim_model_base": 256,
        "scale_depth": 1.4,
        **_head_width(arch.lm),
    }
    cfm = {
        "sigma_min": 1e-6, "solver": "euler", "t_scheduler": "log-norm",
        "inference_cfg_rate": 2.0,
    }  # fmt: skip
    config: dict[str, Any] = {
        "architecture": arch.kind,
        "lm_config": lm,
        "patch_size": arch.patch,
        "feat_dim": arch.latent,
        "scalar_quantization_latent_dim": arch.fsq,
        "scalar_quantization_scale": 9,
        "residual_lm_num_layers": arch.residual_layers,
        "encoder_config": _local_json(arch.encoder),
        "dit_config": {**_local_json(arch.dit), "cfm_config": cfm},
        "audio_vae_config": _vae_json(arch),
        "max_length": arch.positions,
        "device": "cuda",
        "dtype": dtype,
    }
    if arch.kind == "voxcpm2":
        config["residual_lm_no_rope"] = True
    return config


def _rope_factors(arch: Architecture) -> int:
    """Half a head; 1, which broadcasts, where the stacks that share the list differ in it."""
    heads = {arch.lm.head, arch.encoder.head, arch.dit.head}
    return heads.pop() // 2 if len(heads) == 1 else 1


def _head_width(stack: Stack) -> dict[str, int]:
    return {"kv_channels": stack.head_width} if stack.head_width else {}


def _local_json(stack: Stack) -> dict[str, int]:
    return {
        "hidden_dim": stack.width,
        "ffn_dim": stack.ffn,
        "num_heads": stack.heads,
        "num_layers": stack.layers,
        **_head_width(stack),
    }


def _vae_json(arch: Architecture) -> dict[str, Any]:
    vae = arch.vae
    config = {
        "encoder_dim": vae.encoder,
        "encoder_rates": list(vae.encoder_rates),
        "latent_dim": arch.latent,
        "decoder_dim": vae.decoder,
        "decoder_rates": list(vae.decoder_rates),
        "depthwise": True,
        "sample_rate": vae.rate_hz,
        "use_noise_block": False,
    }
    if arch.kind == "voxcpm2":
        config |= {
            "out_sample_rate": vae.out_hz,
            "sr_bin_boundaries": list(vae.rate_bins),
            "cond_type": "scale_bias",
        }
    return config
