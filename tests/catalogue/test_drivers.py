"""Driver floors, ceilings and last branches."""

from __future__ import annotations

from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.catalogue import drivers
from vcf.catalogue.drivers import System, cuda_ceiling, driver_floor, driver_ok, last_branch

numbers = st.lists(st.integers(0, 999), min_size=1, max_size=4)
systems = st.sampled_from(["linux", "windows"])


@pytest.mark.parametrize(
    ("cuda", "os", "floor"),
    [
        ("12.6", "windows", "528.33"),
        ("12.6", "linux", "525.60.13"),
        ("12", "linux", "525.60.13"),
        ("11.8", "linux", "450.80.02"),
        ("11.8", "windows", "452.39"),
        ("13.2", "linux", "580"),
        ("13.2", "windows", "580"),
        ("10.2", "linux", "440.33"),
    ],
)
def test_floor(cuda: str, os: System, floor: str) -> None:
    assert driver_floor(cuda, os) == floor


@pytest.mark.parametrize("cuda", ["14.0", "10", "cu126", "", "12.6.3"])
def test_floor_of_an_unknown_cuda_is_an_error(cuda: str) -> None:
    with pytest.raises(ValueError, match="no driver floor"):
        driver_floor(cuda, "linux")


@pytest.mark.parametrize(
    ("driver", "os", "ceiling"),
    [
        ("572.16", "windows", "12.8"),
        ("572.61", "windows", "12.8"),
        ("576.02", "windows", "12.9"),
        ("581.57", "windows", "13.0"),
        ("591.44", "windows", "13.1"),
        ("561.09", "windows", "12.6"),
        ("566.36", "windows", "12.6"),
        ("535.104.05", "linux", "12.2"),
        ("470.256.02", "linux", "11.4"),
        ("580.159.03", "linux", "13.0"),
        ("615.10", "linux", "13.4"),
        ("390.157", "linux", "9.1"),
        ("340.108", "linux", None),
    ],
)
def test_ceiling(driver: str, os: System, ceiling: str | None) -> None:
    assert cuda_ceiling(driver, os) == ceiling


def test_ok() -> None:
    assert driver_ok("528.33", "12.6", "windows")
    assert not driver_ok("528.02", "12.6", "windows")
    assert driver_ok("470.256.02", "11.8", "linux")
    assert not driver_ok("470.256.02", "12.1", "linux")
    assert not driver_ok("450.80", "11.8", "linux")


@pytest.mark.parametrize(
    ("cc", "branch"),
    [
        ("2.1", "R390"),
        ("3.5", "R470"),
        ("3.7", "R470"),
        ("5.0", "R580"),
        ("6.1", "R580"),
        ("7.0", "R580"),
        ("7.5", None),
        ("12.0", None),
        ("5.3", None),
    ],
)
def test_last_branch(cc: str, branch: str | None) -> None:
    assert last_branch(cc) == branch


@pytest.mark.parametrize("text", ["", "abc", "572.", "572.16b", "N/A", "-1"])
def test_rubbish_is_not_a_driver(text: str) -> None:
    with pytest.raises(ValueError, match="not a driver version"):
        drivers.parse_driver(text)


@given(numbers)
def test_parse_driver_reads_back(parts: list[int]) -> None:
    assert drivers.parse_driver(" " + ".".join(map(str, parts))) == tuple(parts)


@given(numbers, numbers, systems)
def test_a_newer_driver_never_does_less(
    one: list[int], two: list[int], os: Literal["linux", "windows"]
) -> None:
    old, new = sorted([one, two])
    older, newer = (".".join(map(str, parts)) for parts in (old, new))
    low, high = cuda_ceiling(older, os), cuda_ceiling(newer, os)
    if low is not None:
        assert high is not None
        assert drivers.parse_driver(low) <= drivers.parse_driver(high)
    for cuda in ("11.8", "12.6", "13.0"):
        assert driver_ok(newer, cuda, os) or not driver_ok(older, cuda, os)


def test_every_row_keeps_its_sources() -> None:
    table = drivers.table()
    keys: set[str] = set()
    for rows in (table.floors, table.toolkits, table.branches):
        for row in rows:
            assert row.sources
            keys.update(row.sources)
    assert keys == set(table.sources)
    for toolkit in table.toolkits:
        drivers.parse_driver(toolkit.linux)
        drivers.parse_driver(toolkit.windows or "0")
