"""Names from hardware and files can't act on a terminal or a page."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.plain import LONGEST, shown

MARK = "\N{REPLACEMENT CHARACTER}"


@pytest.mark.parametrize("name", ["NVIDIA GeForce RTX 4090", "酷睿 i7", "Ryzen™ 9", "", "é"])
def test_an_honest_name_stays_as_it_is(name: str) -> None:
    assert shown(name) == name


@pytest.mark.parametrize(
    ("name", "safe"),
    [
        ("a\x1b[31mb", f"a{MARK}[31mb"),
        ("a\nb\tc", f"a{MARK}b{MARK}c"),
        ("abc\u202edef", f"abc{MARK}def"),
        ("a\u200bb", f"a{MARK}b"),
        ("a\u00a0b", f"a{MARK}b"),
        ("a\u2028b", f"a{MARK}b"),
        ("\udc80", MARK),
        ("\x9b31m", f"{MARK}31m"),
        ("a\x7f", f"a{MARK}"),
    ],
)
def test_characters_that_act_are_replaced(name: str, safe: str) -> None:
    assert shown(name) == safe


def test_a_long_name_is_cut() -> None:
    assert shown("x" * LONGEST) == "x" * LONGEST
    assert shown("x" * (LONGEST + 1)) == "x" * (LONGEST - 1) + "…"
    assert shown("é" * 10_000_000) == "é" * (LONGEST - 1) + "…"
    assert shown("abcdef", longest=4) == "abc…"


@given(st.text(max_size=200), st.integers(1, 80))
def test_what_is_shown_is_short_and_inert(name: str, longest: int) -> None:
    told = shown(name, longest)
    assert len(told) <= longest
    assert all(c == " " or unicodedata.category(c)[0] not in "CZ" for c in told)
    assert shown(told, longest) == told
