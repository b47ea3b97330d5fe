"""When a measurement is over, how a player fares, and whether the sound can be speech."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.bench.record import WeightsKind
from vcf.bench.rules import (
    LONGEST,
    MOST_RUNS,
    SHORTEST,
    Rules,
    enough,
    play,
    quality,
    rules_for,
    runs_ahead,
)


def rules(*, gpu: bool = False, **more: Any) -> Rules:
    given: dict[str, Any] = {"quick": False, "streaming": True, "runs": None, "most": None}
    return rules_for(gpu=gpu, **{**given, **more})


# ---- which rules ------------------------------------------------------------------------------


def test_a_processor_makes_three_runs() -> None:
    found = rules()
    assert (found.runs_min, found.seconds_min, found.max_seconds) == (3, 0.0, 600.0)
    assert (found.streams, found.warmups) == (1, 1)


def test_a_card_makes_five_runs_of_twenty_seconds_together() -> None:
    found = rules(gpu=True)
    assert (found.runs_min, found.seconds_min, found.max_seconds) == (5, 20.0, 120.0)
    assert found.streams == 3


@pytest.mark.parametrize("gpu", [True, False])
def test_quick(gpu: bool) -> None:
    found = rules(gpu=gpu, quick=True, streaming=False)
    assert (found.runs_min, found.seconds_min, found.streams) == (2, 0.0, 0)
    assert rules(gpu=gpu, quick=True).streams == 1


@pytest.mark.parametrize("gpu", [True, False])
@pytest.mark.parametrize("quick", [True, False])
def test_so_many_runs_and_no_others(gpu: bool, quick: bool) -> None:
    found = rules(gpu=gpu, quick=quick, runs=7)
    assert (found.runs_min, found.seconds_min) == (7, 0.0)
    assert not enough(found, [50.0] * 6)
    assert enough(found, [0.0] * 7)


def test_so_many_seconds_at_the_most() -> None:
    assert rules(most=3.5).max_seconds == 3.5
    assert rules(gpu=True, most=300.0).max_seconds == 300.0


def test_no_streaming() -> None:
    assert rules(streaming=False).streams == 0
    assert rules(gpu=True, streaming=False).streams == 0


# ---- enough -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("times", "over"),
    [
        ([], False),
        ([10.0, 10.0], False),  # seconds alone do not do
        ([1.0] * 5, False),  # neither do runs
        ([4.0] * 4, False),
        ([4.0] * 5, True),  # just
        ([3.99] * 5, False),
        ([3.99] * 6, True),
    ],
)
def test_runs_and_seconds(times: list[float], over: bool) -> None:
    assert enough(rules(gpu=True), times) is over


def test_there_is_an_end_to_it() -> None:
    never = Rules(runs_min=5, seconds_min=20.0, max_seconds=1e9, streams=0)
    assert not enough(never, [1e-6] * (MOST_RUNS - 1))
    assert enough(never, [1e-6] * MOST_RUNS)


@pytest.mark.parametrize(
    ("times", "expected", "ahead"),
    [
        ([], 1.0, 20),
        ([], 100.0, 5),
        ([1.0] * 4, 1.0, 16),
        ([1.0] * 19, 1.0, 1),
        ([1.0] * 19, 0.4, 3),  # 1 s is short of 20: 3 × 0.4
        ([5.0] * 4, 5.0, 1),
        ([5.0] * 5, 5.0, 0),
        ([1.0] * 6, 0.0, 1),  # nothing is known of the next one
        ([], 0.0, 5),
    ],
)
def test_runs_that_are_still_to_come(times: list[float], expected: float, ahead: int) -> None:
    assert runs_ahead(rules(gpu=True), times, expected) == ahead


@given(st.floats(0.01, 60.0), st.booleans(), st.booleans())
def test_so_many_are_made_as_are_foretold(each: float, gpu: bool, quick: bool) -> None:
    found = rules(gpu=gpu, quick=quick)
    times: list[float] = []
    foretold = runs_ahead(found, times, each)
    while not enough(found, times):
        times.append(each)
    assert abs(len(times) - min(foretold, MOST_RUNS)) <= 1  # a sum is rounded


# ---- the player -------------------------------------------------------------------------------


def test_chunks_in_time() -> None:
    """The second comes when half of the first was heard."""
    played = play([(0.5, 1.0), (1.0, 1.0), (2.0, 1.0)])
    assert (played.underruns, played.buffer_s) == (0, 0.0)


def test_a_single_chunk() -> None:
    played = play([(3.0, 2.0)])
    assert (played.underruns, played.buffer_s) == (0, 0.0)


def test_twice_as_slow_as_it_is_heard() -> None:
    """1 s of sound every 2 s: each but the first is waited for during 1 s."""
    played = play([(2.0, 1.0), (4.0, 1.0), (6.0, 1.0), (8.0, 1.0)])
    assert (played.underruns, played.buffer_s) == (3, 3.0)


def test_one_late_chunk_that_an_earlier_stall_does_not_excuse() -> None:
    """Heard 0–1, waits until 3, heard 3–4 and 4–5 (it came early), waits until 5.5."""
    played = play([(0.0, 1.0), (3.0, 1.0), (3.5, 1.0), (5.5, 1.0)])
    assert (played.underruns, played.buffer_s) == (2, 2.5)
    assert played.buffer_s == 2.5  # the last must be heard at 5.5 at the earliest: 3 + 2.5


def test_sound_ahead_makes_up_for_a_late_chunk() -> None:
    """5 s are there at once; the next comes after 4.9."""
    played = play([(1.0, 5.0), (5.9, 1.0), (7.0, 1.0)])
    assert (played.underruns, played.buffer_s) == (0, 0.0)


def test_short_waits_are_not_heard_but_counted_in_seconds() -> None:
    played = play([(0.0, 1.0), (1.0625, 1.0), (2.125, 1.0)])
    assert (played.underruns, played.buffer_s) == (0, 0.125)


chunks = st.lists(
    st.tuples(st.floats(0.0, 5.0), st.floats(0.001, 3.0)), min_size=1, max_size=30
).map(
    lambda gaps: [
        (sum(gap for gap, _ in gaps[: index + 1]), length) for index, (_, length) in enumerate(gaps)
    ]
)


@given(chunks)
def test_a_player_that_starts_later_by_the_buffer_never_waits(
    found: list[tuple[float, float]],
) -> None:
    played = play(found)
    start = found[0][0] + played.buffer_s
    later = play([(start, found[0][1]), *found[1:]])
    assert later.buffer_s == pytest.approx(0.0, abs=1e-9)
    assert later.underruns == 0


@given(chunks)
def test_a_smaller_buffer_is_not_enough(found: list[tuple[float, float]]) -> None:
    played = play(found)
    if played.buffer_s < 0.02:
        return
    start = found[0][0] + played.buffer_s - 0.01
    assert play([(start, found[0][1]), *found[1:]]).buffer_s > 0.005


@given(chunks)
def test_what_can_be_said_of_any_player(found: list[tuple[float, float]]) -> None:
    played = play(found)
    assert 0 <= played.underruns < len(found)
    assert played.underruns * 0.1 <= played.buffer_s
    assert played.buffer_s <= found[-1][0]
    assert played.buffer_s <= found[-1][0] - found[0][0] + 1e-9


# ---- quality ----------------------------------------------------------------------------------

GOOD: dict[str, Any] = {
    "audio_s": 8.0, "finite": True, "rms": 0.08, "clipped_share": 0.0, "silence_s": 0.4,
}  # fmt: skip


def test_sound_that_can_be_speech() -> None:
    found = quality(GOOD, "hub", 8.0)
    assert (found.status, found.failed, found.finite) == ("pass", [], True)
    assert (found.rms, found.clipped_share, found.silence_s) == (0.08, 0.0, 0.4)
    assert found.length_ratio == 1.0


UNKNOWN = {"finite": False, "rms": None, "clipped_share": None, "silence_s": None}


@pytest.mark.parametrize(
    ("change", "failed"),
    [
        (UNKNOWN, ["not-finite"]),
        ({"rms": 0.00099}, ["silent"]),
        ({"rms": 0.001}, []),
        ({"rms": 0.0}, ["silent"]),
        ({"clipped_share": 0.01}, []),
        ({"clipped_share": 0.0101}, ["clipped"]),
        ({"audio_s": 8.0 * SHORTEST}, []),
        ({"audio_s": 2.39}, ["too-short"]),
        ({"audio_s": 8.0 * LONGEST}, []),
        ({"audio_s": 24.1}, ["too-long"]),
        ({**UNKNOWN, "audio_s": 0.0}, ["not-finite", "too-short"]),
        ({"rms": 0.0, "audio_s": 100.0}, ["silent", "too-long"]),
    ],
)
@pytest.mark.parametrize("kind", ["hub", "path"])
def test_sound_that_can_not(kind: WeightsKind, change: dict[str, Any], failed: list[str]) -> None:
    found = quality({**GOOD, **change}, kind, 8.0)
    assert found.failed == failed
    assert found.status == ("fail" if failed else "pass")


@pytest.mark.parametrize("kind", ["synthetic", "tiny"])
@pytest.mark.parametrize("change", [{}, UNKNOWN, {"rms": 0.0, "audio_s": 100.0}])
def test_noise_never_passes(kind: WeightsKind, change: dict[str, Any]) -> None:
    found = quality({**GOOD, **change}, kind, 8.0)
    assert (found.status, found.failed) == ("not-applicable", [])
    assert found.rms == {**GOOD, **change}["rms"]
