"""The texts that are spoken."""

from __future__ import annotations

import hashlib

import pytest

from vcf.bench.corpus import SECONDS, Script, long_enough, own, packaged


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("length", ["short", "medium", "long"])
def test_packaged_texts(length: str, lang: str) -> None:
    script = packaged(length, lang)  # type: ignore[arg-type]
    assert (script.name, script.lang) == (length, lang)
    assert script.seconds == SECONDS[length]  # type: ignore[index]
    assert script.sha256 == hashlib.sha256(script.text.encode()).hexdigest()
    assert script.text == " ".join(script.text.split())
    assert ("\u4e00" <= script.text[0] <= "\u9fff") is (lang == "zh")


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_packaged_texts_are_about_as_long_as_they_say(lang: str) -> None:
    """By the rule of thumb for texts of one's own, within a half."""
    for length, seconds in SECONDS.items():
        thumb = own(packaged(length, lang).text).seconds  # type: ignore[arg-type]
        assert 0.5 < thumb / seconds < 1.5, (length, thumb)


def test_the_six_texts_differ() -> None:
    texts = {packaged(length, lang).sha256 for length in SECONDS for lang in ("en", "zh")}  # type: ignore[arg-type]
    assert len(texts) == 6


def test_own_text() -> None:
    english = own("x" * 28)
    assert english == Script(name="own", lang="en", text="x" * 28, seconds=2.0)
    chinese = own("水" * 9)
    assert (chinese.lang, chinese.seconds) == ("zh", 2.0)


@pytest.mark.parametrize(
    ("text", "lang"),
    [
        ("水水 ab", "en"),  # half of the letters: not most
        ("水水 a", "zh"),
        ("水 水 水   ab", "zh"),  # blanks are no letters
        ("こんにちは", "en"),
        ("", "en"),
    ],
)
def test_the_language_of_an_own_text(text: str, lang: str) -> None:
    assert own(text).lang == lang


@pytest.mark.parametrize(
    ("seconds", "name"),
    [(0.1, "short"), (2.0, "short"), (2.1, "medium"), (8.0, "medium"), (8.1, "long"), (25, "long")],
)
def test_the_shortest_text_that_is_long_enough(seconds: float, name: str) -> None:
    for lang in ("en", "zh"):
        assert long_enough(seconds, lang) == packaged(name, lang)  # type: ignore[arg-type]


@pytest.mark.parametrize(("seconds", "times"), [(25.1, 2), (49.9, 2), (50.0, 3), (60.0, 3)])
def test_beyond_the_longest_it_is_repeated(seconds: float, times: int) -> None:
    long = packaged("long", "zh")
    script = long_enough(seconds, "zh")
    assert script.text.split(" ") == [long.text] * times
    assert script.sha256 != long.sha256
    assert (script.name, script.lang) == ("long", "zh")
    assert times * SECONDS["long"] >= seconds


def test_a_repeated_text_takes_as_long_as_its_repetitions() -> None:
    """What is expected of a text decides whether the sound can be speech."""
    assert long_enough(60.0, "en").seconds >= 60.0
