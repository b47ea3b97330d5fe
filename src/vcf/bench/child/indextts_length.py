"""How long IndexTTS speaks, and how it is made to speak for exactly so long.

A token of the GPT becomes 1.72 frames of the mel spectrogram in version 2, whose codec makes 50
of them a second; that of 2.5 joins two. A frame is a hop of 256 samples at 22050 Hz. So there are
22050 / 256 / 1.72 = 50.08 tokens in a second of sound, half as many in 2.5. ``max_mel_tokens``
ends a segment there, and the stop token is suppressed. A text of several segments is forced in
equal parts, with no silence between them.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from typing import Any

from .engine import WrongLength

FRAMES = 1.72
"""Of the mel spectrogram for a token of 50 Hz; a number of the code."""
LOW_VRAM_CHARACTERS = 40
"""A longer text is split where the card has less than 10 GiB; a number of the code (2.5)."""
NEVER = -1e4
"""Logit of a token that shall not come; float16 holds it."""


def is_split(tts: Any, text: str) -> bool:
    """Whether the code speaks a text in pieces because the card is small."""
    return bool(getattr(tts, "low_vram", False)) and len(text) > LOW_VRAM_CHARACTERS


def rate(tts: Any) -> int:
    """Samples in a second."""
    return int(tts.cfg.s2mel["preprocess_params"]["sr"])


def hop(tts: Any) -> int:
    """Samples of a frame."""
    return int(tts.cfg.s2mel["preprocess_params"]["spect_params"]["hop_length"])


class Length:
    """Of one text, spoken by one model."""

    def __init__(self, tts: Any, version: str, text: str, segments: int) -> None:
        """``segments``: those that the text has on a card that is large enough."""
        self._tts = tts
        self._codes = 1 if version == "2" else int(tts.semantic_codec.downsample_scale or 1)
        """50 Hz codes that a token stands for."""
        self._pieces = segments
        if is_split(tts, text):
            parts = tts.split_text_by_punctuation(text, max_chars=LOW_VRAM_CHARACTERS)
            self._pieces = len(parts)
        self.tokens_s = rate(tts) / hop(tts) / FRAMES / self._codes
        """Tokens in a second."""

    def tokens(self, seconds: float) -> int:
        """Of each segment. Raises WrongLength: more than the model has room for."""
        tokens = max(1, round(seconds * self.tokens_s / self._pieces))
        most = int(self._tts.cfg.gpt.max_mel_tokens)
        if tokens > most:
            raise WrongLength(
                f"{seconds:g} s take {tokens} tokens in each of {self._pieces} segments of the "
                f"text, and the model has room for {most}: a longer text has more segments"
            )
        return tokens

    def check(self, made: float, seconds: float) -> None:
        """Raises WrongLength: a sound of ``made`` seconds is none of ``seconds`` to half a
        token."""
        frames = int(self.tokens(seconds) * self._codes * FRAMES) * self._pieces
        wanted = frames * hop(self._tts) / rate(self._tts)
        if abs(made - wanted) > 0.5 / self.tokens_s:
            raise WrongLength(
                f"{made:.3f} s of sound came where {wanted:.3f} s were forced: this index-tts "
                "counts otherwise"
            )

    @contextlib.contextmanager
    def forced(self, seconds: float | None) -> Iterator[dict[str, Any]]:
        """Arguments of ``infer`` that force a length; none where none is asked for."""
        if seconds is None:
            yield {}
            return
        limits: dict[str, Any] = {"max_mel_tokens": self.tokens(seconds), "interval_silence": 0}
        stop = int(self._tts.stop_mel_token)
        if getattr(self._tts.gpt, "accel_engine", None) is None:
            yield {**limits, "suppress_tokens": [stop]}
            return
        bias = self._tts.gpt.mel_head.bias.data  # accel knows of no tokens to suppress
        before = float(bias[stop])
        bias[stop] = NEVER
        try:
            yield limits
        finally:
            bias[stop] = before
