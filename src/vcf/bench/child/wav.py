"""WAV files that programs write, read with the standard library: 16 bits, one channel."""

from __future__ import annotations

import stat
import struct
import sys
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from .engine import Sound, WrongVersion

WHOLE_NUMBERS, EXTENSIBLE = 1, 0xFFFE
"""Formats of samples; the second tells its true one further on."""
HIGHEST_HZ = 400_000
MOST_PIECES = 1000
"""Of a file."""


@dataclass(frozen=True)
class _Header:
    """What stands before the samples."""

    format: int
    channels: int
    rate: int
    """Hz."""
    bits: int
    begin: int
    """Where the samples begin."""
    claimed: int
    """Their bytes, as the header has it: 0 or 0xFFFFFFFF while some programs still write."""


class _CutShort(Exception):
    """The file ends before the samples."""


def read_wav(path: Path) -> Sound:
    """The samples. Raises WrongVersion: no such file, cut short, or not one of 16 bits and one
    channel."""
    try:
        known = path.stat()
        if not stat.S_ISREG(known.st_mode):  # a pipe would block
            raise WrongVersion(f"{path.name} is no regular file")
        with path.open("rb") as stream:
            header = _header(path, stream)
            _check(path, header)
            stream.seek(header.begin)
            content = stream.read(min(header.claimed, known.st_size))
    except FileNotFoundError:
        raise WrongVersion(f"the program wrote no {path.name}") from None
    except _CutShort:
        raise WrongVersion(
            f"{path.name} is no WAV file of whole numbers: cut short within its header"
        ) from None
    frames, claimed = len(content) // 2, header.claimed // 2
    if frames < claimed:
        raise WrongVersion(f"{path.name} is cut short: {frames:,} of {claimed:,} frames are there")
    if not claimed and known.st_size > header.begin:
        there = (known.st_size - header.begin) // 2
        raise WrongVersion(
            f"{path.name} was not finished: its header says 0 frames, {there:,} follow it"
        )
    samples = array("h")
    samples.frombytes(content[: 2 * frames])
    if sys.byteorder == "big":
        samples.byteswap()
    return Sound(array("f", (one / 32768 for one in samples)), header.rate)


def _check(path: Path, header: _Header) -> None:
    if header.format != WHOLE_NUMBERS:
        raise WrongVersion(
            f"{path.name} is no WAV file of whole numbers: its format is {header.format}"
        )
    wrong: list[str] = []
    if header.channels != 1:
        wrong.append(f"{header.channels} channels, one was expected")
    if header.bits != 16:
        wrong.append(f"samples of {header.bits} bits, 16 were expected")
    if not 0 < header.rate <= HIGHEST_HZ:
        wrong.append(f"a rate of {header.rate:,} Hz, which can't be")
    if wrong:
        raise WrongVersion(f"{path.name} has {'; '.join(wrong)}")


def _header(path: Path, stream: BinaryIO) -> _Header:
    """Up to the samples. The size at the very beginning is not looked at: the samples count."""
    start = stream.read(12)
    if start[:4] != b"RIFF"[: len(start)] or start[8:] != b"WAVE"[: max(0, len(start) - 8)]:
        raise WrongVersion(f"{path.name} is no WAV file of whole numbers: it begins otherwise")
    told: tuple[int, ...] | None = None
    for _ in range(MOST_PIECES):
        piece = stream.read(8)
        if len(piece) < 8:
            raise _CutShort
        name, size = piece[:4], struct.unpack("<I", piece[4:])[0]
        if name == b"data" and told is not None:
            kind, channels, rate, _, _, bits = told
            return _Header(kind, channels, rate, bits, stream.tell(), size)
        content = stream.read(min(size, 40)) if name == b"fmt " else b""
        if name == b"fmt ":
            if len(content) < 16:
                raise _CutShort
            told = struct.unpack("<HHIIHH", content[:16])
            if told[0] == EXTENSIBLE and len(content) >= 26:
                told = (*struct.unpack("<H", content[24:26]), *told[1:])
        stream.seek(size - len(content) + size % 2, 1)
    raise WrongVersion(f"{path.name} is no WAV file of whole numbers: it has no samples")


def whole(path: Path) -> bool:
    """Whether a file is there to its last sample, as its header says: one that says 0, or more
    than there is, is still being written."""
    try:
        known = path.stat()
        if not stat.S_ISREG(known.st_mode):
            return False
        with path.open("rb") as stream:
            size = struct.unpack("<I", stream.read(8)[4:])[0]
            stream.seek(0)
            header = _header(path, stream)
    except (OSError, _CutShort, WrongVersion, struct.error):
        return False
    return header.claimed > 0 and known.st_size >= max(8 + size, header.begin + header.claimed)
