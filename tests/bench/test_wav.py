"""WAV files of others: what is read, what is refused, and when one is whole."""

from __future__ import annotations

import os
import struct
import sys
from pathlib import Path

import pytest

from vcf.bench.child.engine import WrongVersion
from vcf.bench.child.wav import read_wav, whole

GROWING = 0xFFFFFFFF


def chunk(name: bytes, content: bytes, size: int | None = None) -> bytes:
    told = len(content) if size is None else size
    return name + struct.pack("<I", told) + content + b"\0" * (len(content) % 2)


def wav(
    samples: bytes = bytes(8), *, kind: int = 1, channels: int = 1, rate: int = 8000,
    bits: int = 16, data: int | None = None, riff: int | None = None, before: bytes = b"",
    more: bytes = b"", after: bytes = b"",
) -> bytes:  # fmt: skip
    each = channels * bits // 8
    told = struct.pack("<HHIIHH", kind, channels, rate, min(rate * each, GROWING), each, bits)
    body = before + chunk(b"fmt ", told + more) + chunk(b"data", samples, data) + after
    return chunk(b"RIFF", b"WAVE" + body, riff)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "a.wav"


def refused(file: Path, content: bytes) -> str:
    file.write_bytes(content)
    with pytest.raises(WrongVersion) as caught:
        read_wav(file)
    return str(caught.value)


def test_a_file(file: Path) -> None:
    file.write_bytes(wav(struct.pack("<3h", 0, 16384, -32768)))
    found = read_wav(file)
    assert (list(found.samples), found.rate, whole(file)) == ([0.0, 0.5, -1.0], 8000, True)


def test_other_pieces_and_the_long_way_to_say_it(file: Path) -> None:
    more = struct.pack("<HHIH", 22, 16, 4, 1) + bytes(14)
    file.write_bytes(
        wav(kind=0xFFFE, more=more, before=chunk(b"LIST", b"odd"), after=chunk(b"LIST", b"x"))
    )
    assert len(read_wav(file).samples) == 4 and whole(file)


def test_an_empty_one(file: Path) -> None:
    file.write_bytes(wav(b""))
    assert len(read_wav(file).samples) == 0 and not whole(file)


@pytest.mark.parametrize("riff", [0, GROWING, None])
@pytest.mark.parametrize("data", [0, GROWING])
def test_one_that_still_grows(file: Path, riff: int | None, data: int) -> None:
    message = refused(file, wav(bytes(2000), riff=riff, data=data))
    assert not whole(file)
    assert message == (
        "a.wav was not finished: its header says 0 frames, 1,000 follow it"
        if data == 0
        else "a.wav is cut short: 1,000 of 2,147,483,647 frames are there"
    )


def test_a_size_at_the_beginning_that_was_not_filled_in(file: Path) -> None:
    file.write_bytes(wav(riff=0))
    assert len(read_wav(file).samples) == 4 and whole(file)


def test_cut_short(file: Path) -> None:
    assert refused(file, wav()[:-3]) == "a.wav is cut short: 2 of 4 frames are there"
    assert not whole(file)


@pytest.mark.parametrize("length", range(44))
def test_cut_short_in_the_header(file: Path, length: int) -> None:
    message = refused(file, wav()[:length])
    assert message == "a.wav is no WAV file of whole numbers: cut short within its header"
    assert not whole(file)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (wav(rate=0), "a.wav has a rate of 0 Hz, which can't be"),
        (wav(rate=400_001), "a.wav has a rate of 400,001 Hz, which can't be"),
        (wav(bits=24), "a.wav has samples of 24 bits, 16 were expected"),
        (wav(channels=0, bits=8), "a.wav has 0 channels, one was expected; samples of 8 bits, 16 "
         "were expected"),
        (wav(kind=3, bits=32), "a.wav is no WAV file of whole numbers: its format is 3"),
        (b"OggS" + bytes(99), "a.wav is no WAV file of whole numbers: it begins otherwise"),
        (b"RIFF\0\0\0\0AVI " + bytes(99),
         "a.wav is no WAV file of whole numbers: it begins otherwise"),
        (chunk(b"RIFF", b"WAVE" + chunk(b"fmt ", b"x")) + bytes(99),
         "a.wav is no WAV file of whole numbers: cut short within its header"),
        (chunk(b"RIFF", b"WAVE" + chunk(b"junk", b"") * 1001),
         "a.wav is no WAV file of whole numbers: it has no samples"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_named(file: Path, content: bytes, words: str) -> None:
    assert refused(file, content) == words


@pytest.mark.skipif(sys.platform == "win32", reason="pipes")
def test_a_pipe_is_not_waited_for(file: Path) -> None:
    os.mkfifo(file)
    with pytest.raises(WrongVersion, match=r"a\.wav is no regular file"):
        read_wav(file)
    assert not whole(file)
    with pytest.raises(WrongVersion, match="is no regular file"):
        read_wav(file.parent)
