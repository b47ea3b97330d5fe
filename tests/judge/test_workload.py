"""What is asked of a model, in the amounts that its stages are multiplied with."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import CATALOGUE, SUBJECTS
from msgspec.structs import replace

from vcf.catalogue.model import Mode, Stage
from vcf.errors import UsageError
from vcf.judge.workload import (
    STANDARD,
    Workload,
    amount,
    pieces,
    reference_of,
    squares,
    steps_of,
)

MODELS = CATALOGUE.models
LOCAL = sorted(s.key for s in SUBJECTS if s.device != "online")


def mode_of(model: str) -> Mode:
    """A mode that leaves the steps to the model."""
    return next(mode for mode in MODELS[model].modes.values() if mode.steps is None)


def stage(per: str, **more: Any) -> Stage:
    return Stage(id="one", per=per, source="here", **more)  # type: ignore[arg-type]


def times(per: str, model: str, *, diffusion: bool = False, **asked: Any) -> float:
    one = stage(per, diffusion=diffusion)
    return amount(one, MODELS[model], mode_of(model), Workload(**asked))


def test_the_standard_work() -> None:
    assert Workload() == STANDARD
    assert (STANDARD.speech_seconds, STANDARD.reference_seconds) == (10, 10)
    assert (STANDARD.steps, STANDARD.emotion) == (None, False)


@pytest.mark.parametrize(
    ("per", "seconds"), [("speech", 20), ("reference", 8), ("prompt", 28), ("segment", 1),
                         ("request", 1)],
)  # fmt: skip
def test_amounts_of_a_model_that_speaks_in_one_piece(per: str, seconds: float) -> None:
    assert times(per, "voxcpm-2", speech_seconds=20, reference_seconds=8) == seconds


@pytest.mark.parametrize(
    ("speech", "count"), [(0.1, 1), (24.9, 1), (25, 1), (25.1, 2), (50, 2), (50.1, 3), (600, 24)]
)
@pytest.mark.parametrize("model", ["indextts-1.5", "indextts-2", "indextts-2.5"])
def test_indextts_speaks_long_texts_in_pieces_of_25_s(
    model: str, speech: float, count: int
) -> None:
    assert pieces(MODELS[model], Workload(speech_seconds=speech)) == count
    asked = {"speech_seconds": speech, "reference_seconds": 8}
    assert times("segment", model, **asked) == count
    assert times("request", model, **asked) == 1
    assert times("speech", model, **asked) == speech
    # the clip stands before every piece, its features are taken once
    assert times("reference", model, **asked) == 8
    assert times("prompt", model, **asked) == pytest.approx(8 * count + speech)


def test_voxcpm_speaks_in_one_piece_however_long() -> None:
    for model in ("voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"):
        assert MODELS[model].segment_seconds is None
        assert pieces(MODELS[model], Workload(speech_seconds=3600)) == 1


# ---- clips ------------------------------------------------------------------------------------


@pytest.mark.parametrize(("clip", "used"), [(0, 0), (5, 5), (15, 15), (15.1, 15), (180, 15)])
def test_indextts_2_cuts_clips_at_15_s(clip: float, used: float) -> None:
    for model in ("indextts-2", "indextts-2.5"):
        assert reference_of(MODELS[model], Workload(reference_seconds=clip)) == used
        assert times("reference", model, reference_seconds=clip) == used


def test_others_take_clips_as_they_are() -> None:
    for model in ("voxcpm-0.5b", "voxcpm-2", "indextts-1.5"):
        assert reference_of(MODELS[model], Workload(reference_seconds=180)) == 180


def test_a_model_of_which_nothing_is_known_cuts_nothing() -> None:
    bare = replace(MODELS["indextts-2"], growth=None)
    assert reference_of(bare, Workload(reference_seconds=180)) == 180


def test_attention_goes_with_the_square_of_clip_and_piece() -> None:
    model, mode = MODELS["indextts-2"], mode_of("indextts-2")
    one = stage("prompt", work_gflop_s2=1)

    def square(speech: float, clip: float) -> float:
        return squares(one, model, mode, Workload(speech_seconds=speech, reference_seconds=clip))

    assert square(10, 10) == 400
    assert square(20, 10) == 900
    assert square(10, 180) == square(10, 15) == 625
    assert square(50, 15) == 2 * (15 + 25) ** 2
    assert square(60, 10) == pytest.approx(3 * (10 + 20) ** 2)
    alone = squares(one, MODELS["voxcpm-2"], mode_of("voxcpm-2"), Workload(speech_seconds=60))
    assert alone == 70**2


# ---- steps ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("steps", "passes"), [(None, 9), (10, 9), (4, 3), (5, 4), (2, 1), (1, 0), (19, 18), (100, 99)]
)
@pytest.mark.parametrize("model", ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"])
def test_the_first_step_of_voxcpm_evaluates_nothing(
    model: str, steps: int | None, passes: int
) -> None:
    assert times("speech", model, diffusion=True, steps=steps) == pytest.approx(10 * passes / 9)
    assert times("speech", model, steps=steps) == 10
    assert times("request", model, diffusion=True, steps=steps) == pytest.approx(passes / 9)
    one = stage("speech", diffusion=True)
    asked = Workload(steps=steps)
    assert squares(one, MODELS[model], mode_of(model), asked) == pytest.approx(400 * passes / 9)


@pytest.mark.parametrize("steps", [None, 1, 5, 25, 100])
def test_steps_that_the_code_fixes_can_not_be_asked_for(steps: int | None) -> None:
    for model in ("indextts-2", "indextts-2.5"):
        known = MODELS[model]
        assert known.steps is not None and not known.steps.adjustable
        assert steps_of(known, mode_of(model), Workload(steps=steps)) == 25
        assert times("speech", model, diffusion=True, steps=steps) == 10


def test_a_program_may_make_another_number_of_steps_by_itself() -> None:
    model = MODELS["indextts-2.5"]
    mode = model.modes["mlx"]
    assert mode.steps == 15
    assert steps_of(model, mode, STANDARD) == 15
    assert amount(stage("speech", diffusion=True), model, mode, STANDARD) == pytest.approx(6)
    # where a caller can choose, what is asked for counts
    free = MODELS["voxcpm-2"]
    fast = Mode(runtime="voxcpm-pytorch", steps=4)
    assert steps_of(free, fast, STANDARD) == 4
    assert steps_of(free, fast, Workload(steps=7)) == 7


def test_a_model_without_diffusion_has_no_steps() -> None:
    model, mode = MODELS["indextts-1.5"], mode_of("indextts-1.5")
    assert steps_of(model, mode, Workload(steps=7)) is None
    assert times("speech", "indextts-1.5", diffusion=True, steps=7) == 10


# ---- more is more -----------------------------------------------------------------------------

PERS = ("speech", "reference", "prompt", "segment", "request")
seconds = st.floats(0.1, 600)


@given(
    st.sampled_from(LOCAL), st.sampled_from(PERS), st.booleans(), seconds, st.floats(0, 200),
    st.integers(1, 20), st.floats(1, 5),
    st.sampled_from(["speech_seconds", "reference_seconds", "steps"]),
)  # fmt: skip
def test_more_work_is_never_less(
    key: tuple[str, str], per: str, diffusion: bool, speech: float, clip: float, steps: int,
    factor: float, grown: str,
) -> None:  # fmt: skip
    model = MODELS[key[0]]
    mode, one = model.modes[key[1]], stage(per, diffusion=diffusion)  # type: ignore[index]
    asked = {"speech_seconds": speech, "reference_seconds": clip, "steps": steps}
    larger = asked | {grown: type(asked[grown])(asked[grown] * factor)}
    less, more = (amount(one, model, mode, Workload(**each)) for each in (asked, larger))
    assert 0 <= less <= more


@pytest.mark.parametrize(
    "asked",
    [
        {"speech_seconds": 0}, {"speech_seconds": -1}, {"speech_seconds": float("nan")},
        {"speech_seconds": "x"}, {"speech_seconds": True}, {"reference_seconds": -1},
        {"reference_seconds": float("inf")}, {"steps": 0}, {"steps": 101}, {"steps": 1.5},
    ],
)  # fmt: skip
def test_work_that_cannot_be_asked_for(asked: dict[str, object]) -> None:
    with pytest.raises(UsageError, match=next(iter(asked))):
        Workload(**asked)  # type: ignore[arg-type]
    if "x" not in asked.values() and True not in asked.values():
        with pytest.raises(msgspec.ValidationError):  # a document with it is refused
            msgspec.convert(asked, Workload)


def test_a_subject_shows_its_name_alone() -> None:
    known = next(s for s in SUBJECTS if s.key == ("voxcpm-2", "cpu-fp32"))
    assert repr(known) == "<voxcpm-2:cpu-fp32>"
