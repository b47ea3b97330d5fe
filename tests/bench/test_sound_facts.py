"""What is said of a sound without listening, and the file it is kept in."""

from __future__ import annotations

import math
import wave
from array import array
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.bench.child.engine import Sound
from vcf.bench.child.sound import facts, write_wav

RATE = 1000


def sound(*samples: float, rate: int = RATE) -> Sound:
    return Sound(array("f", samples), rate)


def test_a_tone() -> None:
    told = facts(sound(*([0.5, -0.5] * 500)))
    assert told["audio_s"] == 1.0 and told["samples"] == 1000 and told["rate"] == RATE
    assert told["finite"] is True
    assert told["rms"] == pytest.approx(0.5)
    assert (told["clipped_share"], told["silence_s"]) == (0.0, 0.0)


def test_a_sine() -> None:
    told = facts(sound(*(0.8 * math.sin(2 * math.pi * n / 100) for n in range(1000))))
    assert told["rms"] == pytest.approx(0.8 / math.sqrt(2), rel=1e-6)


def test_silence_at_both_ends() -> None:
    told = facts(sound(*[0.0] * 100, *[0.5] * 300, *[0.0005] * 50))
    assert told["silence_s"] == pytest.approx(0.15)
    inside = facts(sound(0.5, *[0.0] * 500, 0.5))
    assert inside["silence_s"] == 0.0


def test_silence_alone() -> None:
    told = facts(sound(*[0.0] * 1000))
    assert (told["rms"], told["silence_s"], told["clipped_share"]) == (0.0, 1.0, 0.0)


def test_clipped() -> None:
    told = facts(sound(*[1.0, -1.0, 0.9995, 0.998] * 10))
    assert told["clipped_share"] == 0.75


@pytest.mark.parametrize("bad", [math.nan, math.inf, -math.inf])
def test_what_is_not_finite(bad: float) -> None:
    told = facts(sound(0.5, bad, 0.5))
    assert told["finite"] is False
    assert told["audio_s"] == 0.003
    assert (told["rms"], told["clipped_share"], told["silence_s"]) == (None, None, None)


def test_numbers_whose_squares_are_too_large_for_a_sample() -> None:
    told = facts(sound(3e38, -3e38))
    assert told["finite"] is True
    assert told["rms"] == pytest.approx(3e38)
    assert told["clipped_share"] == 1.0


def test_no_sample_at_all() -> None:
    told = facts(sound())
    assert (told["audio_s"], told["samples"], told["finite"]) == (0.0, 0, True)
    assert (told["rms"], told["clipped_share"], told["silence_s"]) == (None, None, None)


@given(st.lists(st.floats(width=32), max_size=200))
def test_any_samples(samples: list[float]) -> None:
    told = facts(sound(*samples))
    assert told["finite"] is all(math.isfinite(one) for one in samples)
    if told["finite"] and samples:
        assert told["rms"] >= 0 and 0 <= told["clipped_share"] <= 1
        assert 0 <= told["silence_s"] <= told["audio_s"] + 1e-9
    else:
        assert told["rms"] is None


def test_a_file(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    write_wav(str(file), sound(0.0, 0.5, -0.5, 1.0, -1.0, 7.0, -7.0, math.nan, math.inf))
    with wave.open(str(file), "rb") as read:
        assert (read.getnchannels(), read.getsampwidth(), read.getframerate()) == (1, 2, RATE)
        frames = read.readframes(read.getnframes())
    samples = [int.from_bytes(frames[n : n + 2], "little", signed=True) for n in range(0, 18, 2)]
    assert samples == [0, 16383, -16383, 32767, -32767, 32767, -32767, 0, 0]


def test_an_empty_file(tmp_path: Path) -> None:
    write_wav(str(tmp_path / "a.wav"), sound())
    with wave.open(str(tmp_path / "a.wav"), "rb") as read:
        assert (read.getnframes(), read.getframerate()) == (0, RATE)


# Python 3.11's wave complains when what it could not open is collected
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")
def test_no_such_folder(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        write_wav(str(tmp_path / "none" / "a.wav"), sound(0.5))
