"""What can be said of a sound without listening, and how it is kept. Standard library only."""

from __future__ import annotations

import contextlib
import math
import os
import sys
import wave
from array import array
from collections.abc import Sequence
from typing import Any

from .engine import Sound

CLIPPED = 0.999
"""Of full scale."""
QUIET = 0.001
"""-60 dB: below it there is silence."""


def facts(sound: Sound) -> dict[str, Any]:
    """``audio_s``, ``samples``, ``finite``, ``rms``, ``clipped_share``, ``silence_s``."""
    samples = sound.samples
    count = len(samples)
    power = _power(samples)
    finite = math.isfinite(power)
    told: dict[str, Any] = {
        "audio_s": sound.seconds, "samples": count, "rate": sound.rate, "finite": finite,
        "rms": None, "clipped_share": None, "silence_s": None,
    }  # fmt: skip
    if finite and count:
        told["rms"] = math.sqrt(power / count)
        told["clipped_share"] = sum(1 for one in samples if abs(one) >= CLIPPED) / count
        told["silence_s"] = (_quiet(samples) + _quiet(samples[::-1])) / sound.rate
    return told


def _power(samples: Sequence[float]) -> float:
    return math.fsum(one * one for one in samples) if all(map(math.isfinite, samples)) else math.nan


def _quiet(samples: Sequence[float]) -> int:
    """Samples before the first that can be heard; of silence alone, half of them, since it is
    asked from both ends."""
    first = next((index for index, one in enumerate(samples) if abs(one) > QUIET), None)
    return len(samples) // 2 if first is None else first


def write_wav(path: str, sound: Sound) -> None:
    """A WAV file of 16 bits, one channel, whole or not at all. Raises OSError."""
    scaled = array("h", (_whole(one) for one in sound.samples))
    if sys.byteorder == "big":
        scaled.byteswap()
    draft = f"{path}.part"
    try:
        with open(draft, "wb") as stream, wave.open(stream, "wb") as file:
            file.setnchannels(1)
            file.setsampwidth(2)
            file.setframerate(sound.rate)
            file.writeframes(scaled.tobytes())
        os.replace(draft, path)
    except OSError:
        with contextlib.suppress(OSError):
            os.unlink(draft)  # noqa: PTH108
        raise


def _whole(one: float) -> int:
    return int(max(-1.0, min(1.0, one)) * 32767) if math.isfinite(one) else 0
