"""Every tensor of a VoxCPM checkpoint: name, shape and what to fill it with. Arithmetic only.

The names and shapes are those of the state dict of voxcpm 2.0.3's modules; the tests hold the
two against each other. The fills keep activations near 1 at any depth, so that float16 neither
overflows nor turns to NaN: weights are normal with a spread that falls with the width, norms
are 1, biases 0.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Literal

import msgspec

from .architectures import Architecture, Stack

SPREAD = 0.64
"""A weight's standard deviation times the root of its inputs: 0.02 for 1024 inputs."""


class Tensor(msgspec.Struct, frozen=True):
    """One entry of a state dict."""

    name: str
    shape: tuple[int, ...]
    fill: Literal["normal", "constant", "stop", "bins"] = "constant"
    value: float = 0.0
    """Standard deviation for normal; the value for constant; the size for stop."""
    trained: bool = True
    """False: a buffer, which is no parameter."""

    @property
    def count(self) -> int:
        """Numbers in it."""
        return math.prod(self.shape)


def model_tensors(arch: Architecture) -> Iterator[Tensor]:
    """All but the AudioVAE, as in model.safetensors."""
    width = arch.lm.width
    yield Tensor("base_lm.embed_tokens.weight", (arch.vocabulary, width), "normal", SPREAD)
    yield from _stack("base_lm", arch.lm)
    residual = msgspec.structs.replace(arch.lm, layers=arch.residual_layers)
    yield from _stack("residual_lm", residual)

    encoder = arch.encoder.width
    yield Tensor("feat_encoder.special_token", (1, 1, 1, encoder), "normal", 1.0)
    yield from _linear("feat_encoder.in_proj", arch.latent, encoder)
    yield from _stack("feat_encoder.encoder", arch.encoder)

    dit = arch.dit.width
    estimator = "feat_decoder.estimator"
    yield from _linear(f"{estimator}.in_proj", arch.latent, dit)
    yield from _linear(f"{estimator}.cond_proj", arch.latent, dit)
    yield from _linear(f"{estimator}.out_proj", dit, arch.latent)
    for mlp in ("time_mlp", "delta_time_mlp"):
        yield from _linear(f"{estimator}.{mlp}.linear_1", dit, dit)
        yield from _linear(f"{estimator}.{mlp}.linear_2", dit, dit)
    yield from _stack(f"{estimator}.decoder", arch.dit)

    yield from _linear("fsq_layer.in_proj", width, arch.fsq)
    yield from _linear("fsq_layer.out_proj", arch.fsq, width)
    yield from _linear("enc_to_lm_proj", encoder, width)
    yield from _linear("lm_to_dit_proj", width, dit)
    yield from _linear("res_to_dit_proj", width, dit)
    if arch.kind == "voxcpm2":
        yield from _linear("fusion_concat_proj", 2 * width, width)
    yield from _stop(width)


def _stop(width: int) -> Iterator[Tensor]:
    """A stop predictor that wants to stop at every step.

    The package asks it only after ``min_len``, so a take has ``min_len + 2`` patches unless
    ``max_len`` ends it before. Its first half is near its bias, 1, whatever it is given; the
    second half, which has no bias, weighs that for stopping.
    """
    yield Tensor("stop_proj.weight", (width, width), "normal", 0.05 / math.sqrt(width))
    yield Tensor("stop_proj.bias", (width,), value=1.0)
    yield Tensor("stop_head.weight", (2, width), "stop", 0.02)


def _stack(prefix: str, stack: Stack) -> Iterator[Tensor]:
    width, inner = stack.width, stack.heads * stack.head
    kv = stack.kv_heads * stack.head
    for layer in range(stack.layers):
        at = f"{prefix}.layers.{layer}"
        yield _weight(f"{at}.self_attn.q_proj", width, inner)
        yield _weight(f"{at}.self_attn.k_proj", width, kv)
        yield _weight(f"{at}.self_attn.v_proj", width, kv)
        yield _weight(f"{at}.self_attn.o_proj", inner, width)
        yield _weight(f"{at}.mlp.gate_proj", width, stack.ffn)
        yield _weight(f"{at}.mlp.up_proj", width, stack.ffn)
        yield _weight(f"{at}.mlp.down_proj", stack.ffn, width)
        yield Tensor(f"{at}.input_layernorm.weight", (width,), value=1.0)
        yield Tensor(f"{at}.post_attention_layernorm.weight", (width,), value=1.0)
    yield Tensor(f"{prefix}.norm.weight", (width,), value=1.0)


def _weight(name: str, inputs: int, outputs: int) -> Tensor:
    return Tensor(f"{name}.weight", (outputs, inputs), "normal", SPREAD / math.sqrt(inputs))


def _linear(name: str, inputs: int, outputs: int) -> Iterator[Tensor]:
    yield _weight(name, inputs, outputs)
    yield Tensor(f"{name}.bias", (outputs,))


def vae_tensors(arch: Architecture) -> Iterator[Tensor]:
    """The AudioVAE, as in audiovae.safetensors; always float32 but for the bins (int32)."""
    yield from _vae_encoder(arch)
    yield from _vae_decoder(arch)


def _vae_encoder(arch: Architecture) -> Iterator[Tensor]:
    channels = arch.vae.encoder
    yield from _conv("encoder.block.0", 1, channels, 7)
    for index, rate in enumerate(arch.vae.encoder_rates, 1):
        at = f"encoder.block.{index}.block"
        for unit in range(3):
            yield from _residual(f"{at}.{unit}", channels)
        yield _snake(f"{at}.3", channels)
        yield from _conv(f"{at}.4", channels, 2 * channels, 2 * rate)
        channels *= 2
    yield from _conv("encoder.fc_mu", channels, arch.latent, 3)
    yield from _conv("encoder.fc_logvar", channels, arch.latent, 3)


def _vae_decoder(arch: Architecture) -> Iterator[Tensor]:
    vae = arch.vae
    yield from _conv("decoder.model.0", arch.latent, arch.latent, 7, depthwise=True)
    yield from _conv("decoder.model.1", arch.latent, vae.decoder, 1)
    for index, rate in enumerate(vae.decoder_rates):
        inputs, outputs = vae.decoder // 2**index, vae.decoder // 2 ** (index + 1)
        at = f"decoder.model.{index + 2}.block"
        yield _snake(f"{at}.0", inputs)
        yield from _upsample(f"{at}.1", inputs, outputs, rate)
        for unit in range(3):
            yield from _residual(f"{at}.{unit + 2}", outputs)
        if vae.rate_bins:
            bins = (len(vae.rate_bins) + 1, inputs)
            condition = f"decoder.sr_cond_model.{index + 2}"
            yield Tensor(f"{condition}.scale_embed.weight", bins, value=1.0)
            yield Tensor(f"{condition}.bias_embed.weight", bins)
    last = len(vae.decoder_rates) + 2
    outputs = vae.decoder // 2 ** len(vae.decoder_rates)
    yield _snake(f"decoder.model.{last}", outputs)
    yield from _conv(f"decoder.model.{last + 1}", outputs, 1, 7)
    if vae.rate_bins:
        yield Tensor("decoder.sr_bin_boundaries", (len(vae.rate_bins),), "bins", trained=False)


def _residual(at: str, channels: int) -> Iterator[Tensor]:
    """A depthwise and a pointwise convolution, added to their input: kept small."""
    yield _snake(f"{at}.block.0", channels)
    yield from _conv(f"{at}.block.1", channels, channels, 7, depthwise=True)
    yield _snake(f"{at}.block.2", channels)
    yield from _conv(f"{at}.block.3", channels, channels, 1, gain=0.2)


def _snake(at: str, channels: int) -> Tensor:
    return Tensor(f"{at}.alpha", (1, channels, 1), value=1.0)


def _conv(
    at: str, inputs: int, outputs: int, kernel: int, *, depthwise: bool = False, gain: float = 0.7
) -> Iterator[Tensor]:
    """A convolution with weight norm: a direction (v), and a length (g) for each output."""
    yield Tensor(f"{at}.weight_g", (outputs, 1, 1), value=gain)
    shape = (outputs, 1 if depthwise else inputs, kernel)
    yield Tensor(f"{at}.weight_v", shape, "normal", 1.0)
    yield Tensor(f"{at}.bias", (outputs,))


def _upsample(at: str, inputs: int, outputs: int, rate: int) -> Iterator[Tensor]:
    """A transposed convolution with weight norm, whose lengths are one for each input.

    Two taps of every input meet in an output: this length keeps the power as it is.
    """
    yield Tensor(f"{at}.weight_g", (inputs, 1, 1), value=math.sqrt(rate * outputs / inputs))
    yield Tensor(f"{at}.weight_v", (inputs, outputs, 2 * rate), "normal", 1.0)
    yield Tensor(f"{at}.bias", (outputs,))
