"""What was asked for: models, families, modes, groups."""

from __future__ import annotations

import pytest

from vcf.catalogue.load import load_catalogue
from vcf.cli.asked import asked_for
from vcf.errors import UsageError
from vcf.judge.subject import subjects

KNOWN = subjects(load_catalogue())


def asked(*what: str, modes: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    asks, _ = asked_for(what, modes, KNOWN)
    return [tuple(":".join(s.key) for s in ask.subjects) for ask in asks]


def test_everything() -> None:
    assert len(asked()) == len(KNOWN.by_key)


def test_a_model() -> None:
    found = asked("VoxCPM2")
    assert len(found) == len(KNOWN.catalogue.models["voxcpm-2"].modes)
    assert all(len(group) == 1 and group[0].startswith("voxcpm-2:") for group in found)


def test_a_family() -> None:
    assert {group[0].split(":")[0] for group in asked("indextts")} == {
        "indextts-1.5", "indextts-2", "indextts-2.5",
    }  # fmt: skip


def test_modes() -> None:
    assert asked("voxcpm-2:gpu-bf16") == [("voxcpm-2:gpu-bf16",)]
    assert asked("voxcpm-2:bf16") == [("voxcpm-2:gpu-bf16",)]
    assert asked("voxcpm-2", modes=("cpu-fp32", "bf16")) == [
        ("voxcpm-2:cpu-fp32",), ("voxcpm-2:gpu-bf16",),
    ]  # fmt: skip


def test_groups_are_one_question() -> None:
    [group] = asked("voxcpm-2:gpu")
    assert set(group) == {f"voxcpm-2:gpu-{precision}" for precision in ("fp32", "fp16", "bf16")}
    assert len(asked("voxcpm:CPU")) == 3


def test_own_mode_beats_the_common_one() -> None:
    assert asked("voxcpm-2:gpu-fp16", "voxcpm-0.5b", modes=("cpu-fp32",)) == [
        ("voxcpm-2:gpu-fp16",), ("voxcpm-0.5b:cpu-fp32",),
    ]  # fmt: skip


def test_asked_twice_is_asked_once() -> None:
    assert asked("voxcpm-2:gpu-bf16", "voxcpm2:bf16") == [("voxcpm-2:gpu-bf16",)]


def test_models_without_the_mode_are_left_out() -> None:
    found = asked(modes=("nano-vllm",))
    assert found
    assert all(group[0].startswith("voxcpm") for group in found)
    have = [key for key, model in KNOWN.catalogue.models.items() if "vllm" in model.modes]
    assert 0 < len(have) < len(KNOWN.catalogue.models)
    assert asked(modes=("vllm",)) == [(f"{key}:vllm",) for key in have]


def test_online() -> None:
    assert asked_for((), (), KNOWN)[1] is False
    assert asked_for(("voxcpm-2:online",), (), KNOWN)[1] is True
    assert asked_for((), ("online",), KNOWN)[1] is True
    assert asked_for(("voxcpm-2:gpu",), (), KNOWN)[1] is False


@pytest.mark.parametrize(
    ("what", "modes"),
    [
        (("nothing",), ()),
        (("voxcpm-2:nothing",), ()),
        (("voxcpm-0.5b:vllm",), ()),
        ((), ("nothing",)),
        (("indextts",), ("nano-vllm",)),
        (("voxcpm-2:gpu",), ("cpu",)),
    ],
)
def test_errors(what, modes) -> None:
    with pytest.raises(UsageError):
        asked_for(what, modes, KNOWN)
