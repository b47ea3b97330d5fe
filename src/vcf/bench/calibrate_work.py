"""The shapes of work that VoxCPM consists of, with random numbers: what ``vcf calibrate`` times.

Runs in the Python of ``calibrate_child.py``: torch and the standard library, nothing of vcf.
Widths are those of VoxCPM-0.5B; all its transformers have layers of one kind.
"""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from typing import Any

Run = Callable[[], Any]

torch: Any = None
"""The module, once ``load`` was called."""

WIDTH, FFN, HEADS, KV_HEADS, HEAD = 1024, 4096, 16, 2, 64
"""Hidden size, width between the halves of the feed-forward part, heads, width of a head."""
_KV = KV_HEADS * HEAD
LINEARS = (
    (WIDTH, WIDTH), (_KV, WIDTH), (_KV, WIDTH), (WIDTH, WIDTH),  # q, k, v, o
    (FFN, WIDTH), (FFN, WIDTH), (WIDTH, FFN),  # gate, up, down
)  # fmt: skip
"""Outputs and inputs of the linear layers in one layer of a transformer."""
PARAMETERS = sum(outputs * inputs for outputs, inputs in LINEARS)
LAUNCHES = 46
"""Operations that models.yaml counts for a layer, linear ones and attention included."""
POSITIONS = 4096
"""Of the KV cache, allocated at load."""
SEEN = 100
"""Positions of the cache that are not masked: a sentence after a clip."""
DECODER, RATES, LATENT, LATENT_RATE = 1536, (8, 8, 5, 2), 64, 25
"""AudioVAE of VoxCPM-0.5B: channels, upsampling, width of a latent, latents in a second."""
DECODE_GFLOP_S = 11.34
"""10^9 operations for a second of speech: ``audiovae-decode`` of models.yaml."""


def load() -> Any:
    """Import torch. Raises ImportError or OSError as the import does."""
    global torch
    torch = importlib.import_module("torch")
    return torch


def weights(place: str, dtype: Any, layers: int) -> list[list[Any]]:
    """The linear layers of so many layers; every one lies at a place of its own."""
    first = [_random(place, dtype, shape, 0.02) for shape in LINEARS]
    return [first, *([each.clone() for each in first] for _ in range(layers - 1))]


def linear(layers: list[list[Any]], rows: int) -> Run:
    """All linear layers with so many rows, one after the other."""
    of_width = {
        width: _random(layers[0][0].device, layers[0][0].dtype, (rows, width), 1.0)
        for width in (WIDTH, FFN)
    }
    apply = torch.nn.functional.linear
    pairs = [(of_width[shape[1]], each) for layer in layers for each, shape in zip(layer, LINEARS)]  # noqa: B905

    def run() -> None:
        for given, each in pairs:
            apply(given, each)

    return run


def attention(place: str, dtype: Any, width: int, positions: int, layers: int) -> Run:
    """Attention of one token over the cache of each layer, which is longer than what is seen."""
    query = _random(place, dtype, (1, HEADS, 1, width), 1.0)
    first = _random(place, dtype, (1, KV_HEADS, positions, width), 1.0)
    caches = [(first.clone(), first.clone()) for _ in range(layers)]
    mask = (torch.arange(positions, device=place) < SEEN).view(1, 1, 1, -1)

    def run() -> None:
        for keys, values in caches:
            attend_grouped(query, keys, values, mask)

    return run


def attend_grouped(query: Any, keys: Any, values: Any, mask: Any) -> Any:
    """Attention whose heads share keys and values in groups."""
    attend = torch.nn.functional.scaled_dot_product_attention
    try:
        return attend(query, keys, values, attn_mask=mask, enable_gqa=True)
    except TypeError:  # before torch 2.5
        times = HEADS // KV_HEADS
        keys, values = (each.repeat_interleave(times, 1) for each in (keys, values))
        return attend(query, keys, values, attn_mask=mask)


def elements(width: int, positions: int, layers: int) -> int:
    """Numbers in the caches that ``attention`` reads."""
    return 2 * KV_HEADS * positions * width * layers


def copy(place: str, size: int) -> Run:
    """Copying so many bytes."""
    source = torch.ones(size // 4, device=place)
    target = torch.zeros(size // 4, device=place)
    return lambda: target.copy_(source)


class Token:
    """One token on its way through some layers, as VoxCPM's ``forward_step`` does it."""

    def __init__(self, place: str, dtype: Any, layers: int) -> None:
        self._place, self._layers = place, weights(place, dtype, layers)
        self._hidden = _random(place, dtype, (1, WIDTH), 1.0)
        self._scale = _random(place, dtype, (WIDTH,), 1.0)
        self._turn = tuple(torch.ones(1, HEAD, device=place) for _ in range(2))
        shape = (1, KV_HEADS, POSITIONS, HEAD)
        self._caches = [
            tuple(torch.zeros(shape, device=place, dtype=dtype) for _ in range(2))
            for _ in range(layers)
        ]
        self._now = torch.tensor([SEEN], device=place)
        self.linears = linear(self._layers, 1)
        """Its linear layers alone."""
        self.attention = attention(place, dtype, HEAD, POSITIONS, layers)
        """Its attention alone."""

    def whole(self) -> None:
        """All of it."""
        self._through(torch.nn.functional.linear, attend_grouped)

    def rest(self) -> None:
        """All but linear layers and attention."""
        made = {each.shape[0]: each[:, 0].view(1, -1).clone() for each in self._layers[0]}
        self._through(lambda x, each: made[each.shape[0]], lambda query, *_: query)

    def _through(self, apply: Callable[..., Any], attend: Callable[..., Any]) -> None:
        hidden = self._hidden
        for layer, cache in zip(self._layers, self._caches):  # noqa: B905
            hidden = self._layer(hidden, layer, cache, apply, attend)

    def _layer(
        self, hidden: Any, layer: list[Any], cache: Any,
        apply: Callable[..., Any], attend: Callable[..., Any],
    ) -> Any:  # fmt: skip
        before = _norm(hidden, self._scale)
        query = apply(before, layer[0]).view(1, 1, HEADS, HEAD).transpose(1, 2)
        key, value = (
            apply(before, each).view(1, 1, KV_HEADS, HEAD).transpose(1, 2) for each in layer[1:3]
        )
        query, key = _turned(query, *self._turn), _turned(key, *self._turn)
        cache[0][:, :, self._now, :] = key
        cache[1][:, :, self._now, :] = value
        seen = torch.arange(POSITIONS, device=self._place) <= self._now
        keys, values = (each.contiguous() for each in cache)
        seen = attend(query.contiguous(), keys, values, seen.view(1, 1, 1, -1))
        seen = seen.transpose(1, 2).contiguous().reshape(1, WIDTH)
        hidden = hidden + apply(seen, layer[3]) * 0.3
        inner = _norm(hidden, self._scale)
        inner = torch.nn.functional.silu(apply(inner, layer[4])) * apply(inner, layer[5])
        return hidden + apply(inner, layer[6]) * 0.3


def _norm(hidden: Any, scale: Any) -> Any:
    """The RMS norm of MiniCPM."""
    old = hidden.dtype
    variance = hidden.to(torch.float32).pow(2).mean(dim=-1, keepdim=True)
    return (hidden * torch.rsqrt(variance + 1e-5)).to(old) * scale


def _turned(heads: Any, cosine: Any, sine: Any) -> Any:
    """Rotary position embedding."""
    wide = heads.to(torch.float32)
    low, high = wide.chunk(2, dim=-1)
    return (wide * cosine + torch.cat((-high, low), dim=-1) * sine).to(heads.dtype)


def snake(x, alpha):  # type: ignore[no-untyped-def]
    """The activation of the AudioVAE; without types, as TorchScript wants it."""
    shape = x.shape
    x = x.reshape(shape[0], shape[1], -1)
    x = x + (alpha + 1e-9).reciprocal() * torch.sin(alpha * x).pow(2)
    return x.reshape(shape)


class Decoder:
    """The decoder of the AudioVAE: the layers of VoxCPM-0.5B, in fp32."""

    def __init__(self, place: str) -> None:
        self._place = place
        self._snake: Any = snake
        try:  # as voxcpm does it
            self._snake = torch.jit.script(snake)
        except Exception:  # gone from newer releases, and not for every Python
            self._snake = snake
        self._steps: list[Run | Callable[[Any], Any]] = []
        self._convolve(LATENT, LATENT, 7, groups=LATENT)
        self._convolve(LATENT, DECODER, 1)
        for index, rate in enumerate(RATES):
            self._block(DECODER >> index, DECODER >> (index + 1), rate)
        self._bend(DECODER >> len(RATES))
        self._convolve(DECODER >> len(RATES), 1, 7)

    def _block(self, inputs: int, outputs: int, rate: int) -> None:
        self._bend(inputs)
        kernel = _random(self._place, torch.float32, (inputs, outputs, 2 * rate), 0.02)
        bias = torch.zeros(outputs, device=self._place)
        spare = 2 * math.ceil(rate / 2) - rate % 2
        up = torch.nn.functional.conv_transpose1d
        self._steps.append(lambda x: up(x, kernel, bias, stride=rate)[..., :-spare])
        for dilation in (1, 3, 9):
            outside, self._steps = self._steps, []
            self._bend(outputs)
            self._convolve(outputs, outputs, 7, dilation=dilation, groups=outputs)
            self._bend(outputs)
            self._convolve(outputs, outputs, 1)
            inside, self._steps = self._steps, outside
            self._steps.append(lambda x, inside=inside: x + _through(inside, x))

    def _bend(self, channels: int) -> None:
        alpha = torch.ones(1, channels, 1, device=self._place)
        self._steps.append(lambda x: self._snake(x, alpha))

    def _convolve(
        self, inputs: int, outputs: int, taps: int, *, dilation: int = 1, groups: int = 1
    ) -> None:
        kernel = _random(self._place, torch.float32, (outputs, inputs // groups, taps), 0.02)
        bias = torch.zeros(outputs, device=self._place)
        before = (taps - 1) * dilation
        pad, convolve = torch.nn.functional.pad, torch.nn.functional.conv1d

        def step(x: Any) -> Any:
            padded = pad(x, (before, 0))
            return convolve(padded, kernel, bias, dilation=dilation, groups=groups)

        self._steps.append(step)

    def decode(self, seconds: float) -> Run:
        """Decoding so many seconds of speech."""
        latents = _random(self._place, torch.float32, (1, LATENT, int(seconds * LATENT_RATE)), 1.0)
        return lambda: torch.tanh(_through(self._steps, latents))


def _through(steps: list[Any], x: Any) -> Any:
    for step in steps:
        x = step(x)
    return x


def _random(place: Any, dtype: Any, shape: tuple[int, ...], scale: float) -> Any:
    """Normally distributed numbers: cards take more power for them than for constants."""
    return (torch.randn(shape, device=place) * scale).to(dtype)
