"""Shares of the processor that others take."""

from __future__ import annotations

from types import SimpleNamespace
from typing import NamedTuple

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.bench import foreign
from vcf.bench.foreign import RESOLUTION_S, Watch, Window, busy_of, busy_seconds


def window(foreign_s: float, seconds: float = 1.0, cores: int = 2, own: float = 2.0) -> Window:
    return Window(seconds=seconds, busy_s=own + foreign_s, own_s=own, cores=cores)


def test_shares() -> None:
    assert window(0.0).share == 0
    assert window(0.2 + RESOLUTION_S).share == pytest.approx(0.1)
    assert window(RESOLUTION_S / 2).share == 0, "within what the system's books can tell"
    assert window(-1.0).share == 0
    assert window(99.0).share == 1
    assert window(1.0, seconds=0.0).share == 0


def test_a_quiet_machine() -> None:
    watch = Watch()
    assert (watch.share, watch.disturbed) == (0, False)
    assert not watch.again(window(0.01))
    assert watch.share == pytest.approx(0.005)
    assert not watch.disturbed


def test_a_short_disturbance_is_measured_away() -> None:
    watch = Watch()
    assert watch.again(window(1.0))
    assert not watch.again(window(0.0))
    assert (watch.share, watch.disturbed) == (0, False)


def test_a_load_that_stays() -> None:
    watch = Watch()
    asked = [watch.again(window(0.6)) for _ in range(11)]
    assert asked == [True, True, False] * 3 + [False, False]
    assert watch.disturbed
    assert watch.share == pytest.approx(0.3)


def test_late_nothing_is_repeated() -> None:
    watch = Watch()
    assert not watch.again(window(1.0), late=True)
    assert watch.disturbed


def test_a_steady_small_load_shows_in_all_of_it() -> None:
    """In none of these short windows could the books tell it."""
    watch = Watch()
    for _ in range(50):
        assert not watch.again(window(0.03, seconds=0.2, own=0.3))
    assert watch.disturbed
    assert watch.share == pytest.approx(0.075)


@given(st.floats(0, 100), st.floats(0.01, 10), st.integers(1, 256), st.floats(0, 100))
def test_a_share_is_one(busy: float, seconds: float, cores: int, own: float) -> None:
    one = Window(seconds=seconds, busy_s=busy, own_s=own, cores=cores)
    assert 0 <= one.share <= 1
    watch = Watch()
    watch.again(one, late=True)
    assert 0 <= watch.share <= 1


def test_what_counts_as_busy() -> None:
    linux = {"user": 10.0, "nice": 1.0, "system": 2.0, "idle": 50.0, "iowait": 3.0, "irq": 0.5,
             "softirq": 0.5, "steal": 4.0, "guest": 6.0, "guest_nice": 0.0}  # fmt: skip
    assert busy_of(linux) == pytest.approx(18.0)
    windows = {"user": 10.0, "system": 2.0, "idle": 50.0, "interrupt": 0.25, "dpc": 0.25}
    assert busy_of(windows) == pytest.approx(12.0)


class Times(NamedTuple):
    user: float
    idle: float


def test_only_the_processors_that_may_be_used_count(monkeypatch: pytest.MonkeyPatch) -> None:
    each = [Times(1.0, 9.0), Times(2.0, 8.0), Times(4.0, 6.0)]

    def system(ours: list[int] | None) -> SimpleNamespace:
        process = SimpleNamespace() if ours is None else SimpleNamespace(cpu_affinity=lambda: ours)
        return SimpleNamespace(cpu_times=lambda percpu: each, Process=lambda: process)

    for ours, answer in (([0, 2], (5.0, 2)), (None, (7.0, 3)), ([], (7.0, 3)), ([64], (7.0, 3))):
        monkeypatch.setattr(foreign, "psutil", system(ours))
        assert busy_seconds() == answer


def test_the_running_system() -> None:
    first, cores = busy_seconds()
    assert first > 0 and cores >= 1
    assert busy_seconds()[0] >= first - 1e-6  # sums of floats
