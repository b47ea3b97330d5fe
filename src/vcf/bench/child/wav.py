"""WAV files that programs write, read with the standard library: 16 bits, one channel."""

from __future__ import annotations

import struct
import sys
import wave
from array import array
from pathlib import Path

from .engine import Sound, WrongVersion

HEADER = 44
"""Bytes before the samples in the shortest WAV file."""


def read_wav(path: Path) -> Sound:
    """The samples. Raises WrongVersion: no such file, or not one of 16 bits and one channel."""
    try:
        with path.open("rb") as stream, wave.open(stream, "rb") as file:
            channels, width, rate = file.getnchannels(), file.getsampwidth(), file.getframerate()
            frames = file.readframes(file.getnframes())
    except FileNotFoundError:
        raise WrongVersion(f"the program wrote no {path.name}") from None
    except (wave.Error, EOFError, struct.error) as error:
        why = str(error) or "cut short"
        raise WrongVersion(f"{path.name} is no WAV file of whole numbers: {why}") from None
    if (channels, width) != (1, 2) or rate <= 0:
        raise WrongVersion(
            f"{path.name} has {channels} channels of {8 * width} bits at {rate} Hz: "
            "one of 16 bits was expected"
        )
    samples = array("h")
    samples.frombytes(frames[: len(frames) // 2 * 2])
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(array("f", (one / 32768 for one in samples)), rate)


def whole(path: Path) -> bool:
    """Whether a file is there to its last byte, as its beginning says."""
    try:
        with path.open("rb") as stream:
            start = stream.read(8)
        return (
            len(start) == 8
            and start[:4] == b"RIFF"
            and path.stat().st_size >= max(HEADER, struct.unpack("<I", start[4:])[0] + 8)
        )
    except OSError:
        return False
