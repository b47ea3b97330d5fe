"""Sizes with units, read and written."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.units import GB, GIB, gb, gib, parse_size


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("16GiB", 16 * GIB),
        ("16 GB", 16 * GB),
        ("2048MiB", 2 * GIB),
        ("  1.5 gib ", 3 * GIB // 2),
        ("512 B", 512),
        ("3kB", 3000),
        ("3KiB", 3072),
        ("4mb", 4 * 10**6),
        ("1TB", 10**12),
        ("1TiB", 1 << 40),
        ("0GiB", 0),
        ("8192TiB", 1 << 53),
        ("0.1B", 0),
        ("0.6B", 1),
    ],
)
def test_a_written_size_is_understood(text: str, size: int) -> None:
    assert parse_size(text) == size


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("16", "'16' is not a size: write a number and a unit, such as 16GiB"),
        ("", "'' is not a size"),
        ("GiB", "is not a size"),
        ("-1GiB", "is not a size"),
        ("+1GiB", "is not a size"),
        ("1e3GiB", "is not a size"),
        ("1,5GiB", "is not a size"),
        ("1.GiB", "is not a size"),
        ("1 GiB x", "is not a size"),
        ("nan GiB", "is not a size"),
        ("1 bananas", "has an unknown unit 'bananas': use B, kB, MB, GB, TB, KiB, MiB, GiB or TiB"),
        ("8193TiB", "is beyond 8 PiB"),
        ("9" * 400 + "B", "is beyond 8 PiB"),
    ],
)
def test_anything_else_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(ValueError) as caught:
        parse_size(text)
    assert words in str(caught.value)


@given(st.integers(0, 1 << 53))
def test_every_number_of_bytes_is_read_exactly(size: int) -> None:
    assert parse_size(f"{size}B") == size


@given(st.text(max_size=30))
def test_no_text_raises_anything_but_a_value_error(text: str) -> None:
    try:
        size = parse_size(text)
    except ValueError as problem:
        assert repr(text) in str(problem)
    else:
        assert 0 <= size <= 1 << 53


@pytest.mark.parametrize(
    ("size", "told"), [(0, "0.0 GiB"), (5.94 * GIB, "5.9 GiB"), (99.9 * GIB, "99.9 GiB"),
                       (99.96 * GIB, "100 GiB"), (128 * GIB, "128 GiB")]
)  # fmt: skip
def test_memory_is_told_in_gib(size: float, told: str) -> None:
    assert gib(size) == told


@pytest.mark.parametrize(
    ("size", "told"), [(5 * GB, "5.0 GB"), (99.96 * GB, "100 GB"), (500 * GB, "500 GB")]
)
def test_disk_is_told_in_gb(size: float, told: str) -> None:
    assert gb(size) == told


@given(st.integers(0, 1 << 50))
def test_a_told_size_reads_back_within_its_digits(size: int) -> None:
    for told, unit in ((gib(size), GIB), (gb(size), GB)):
        assert abs(parse_size(told) - size) <= max(unit / 20, size * 0.006) + 1
