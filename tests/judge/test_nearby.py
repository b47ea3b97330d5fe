"""What others with such hardware saw: the nearest reports first, and none of something else."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest
from judging import LOCAL, desktop, first_card, machine_of
from msgspec.structs import replace

from vcf.catalogue.gpus import find_typed
from vcf.catalogue.reports import Report, reports
from vcf.judge.context import Context
from vcf.judge.nearby import FAR, MOST, Neighbour, neighbours
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Machine


def near(
    machine: Machine, name: str, given: Sequence[Report] | None = None
) -> tuple[Neighbour, ...]:
    subject, context = LOCAL[name], Context(machine)
    card = first_card(subject, context)
    return neighbours(subject, context, card, reports() if given is None else given)


def report(name: str, mode: str, **more: Any) -> Report:
    fields = {"model": "voxcpm-2", "outcome": "works", "rtf": 1.0, "confidence": "high"}
    return Report(id=name, mode=mode, **(fields | more))  # type: ignore[arg-type]


RTX = desktop("name: NVIDIA GeForce RTX 3060, vram: 12GiB")


@pytest.mark.parametrize("profile", profile_names())
def test_of_every_machine(profile: str) -> None:
    machine = load_machine(profile)
    context = Context(machine)
    for name, subject in LOCAL.items():
        card = first_card(subject, context)
        if subject.device == "gpu" and card is None:
            continue
        found = near(machine, name)
        assert len(found) <= MOST
        assert [each.distance for each in found] == sorted(each.distance for each in found)
        assert len({each.report.id for each in found}) == len(found)
        for each in found:
            assert each.report.model == subject.model_id
            assert 0 <= each.distance <= FAR
            if card is not None:
                spec = find_typed(each.report.gpu or "")
                assert spec is not None and spec.vendor == card.gpu.vendor
                assert each.same_device == (card.spec is not None and spec.name == card.spec.name)
        certain = [e for e in found if e.same_mode and e.report.confidence == "high"]
        order = [each.same_device for each in certain]
        assert order == sorted(order, reverse=True)  # the same card first


def test_a_model_without_reports_has_no_neighbours() -> None:
    assert near(RTX, "voxcpm-2:gpu-bf16", []) == ()
    others = [each for each in reports() if each.model != "voxcpm-2"]
    assert others and near(RTX, "voxcpm-2:gpu-bf16", others) == ()
    nameless = [replace(each, mode=None) for each in reports()]
    assert near(RTX, "voxcpm-2:gpu-bf16", nameless) == ()


def test_the_same_mode_on_the_same_card_comes_first() -> None:
    given = [
        report("far", "gpu-bf16", gpu="RTX 5090"),
        report("half", "gpu-fp16", gpu="RTX 3060"),
        report("other", "gguf-gpu-q8", gpu="RTX 3060"),
        report("same", "gpu-bf16", gpu="RTX 3060"),
        report("doubtful", "gpu-bf16", gpu="RTX 3060", confidence="low"),
        report("unstated", "gpu", gpu="RTX 3060"),
        report("like", "gpu-bf16", gpu="RTX 4060"),
    ]
    found = near(RTX, "voxcpm-2:gpu-bf16", given)
    assert len(found) == MOST
    assert [each.report.id for each in found[:4]] == ["same", "unstated", "doubtful", "half"]
    assert [each.distance for each in found[:4]] == [0, 0, 0.3, 0.5]
    assert [each.same_mode for each in found[:4]] == [True, True, True, False]
    assert all(each.same_device for each in found[:4])


def test_a_speed_comes_before_none_at_the_same_distance() -> None:
    given = [report("a", "gpu-bf16", gpu="RTX 3060", rtf=None),
             report("b", "gpu-bf16", gpu="RTX 3060")]  # fmt: skip
    assert [each.report.id for each in near(RTX, "voxcpm-2:gpu-bf16", given)] == ["b", "a"]


@pytest.mark.parametrize("gpu", ["RX 7900 XTX", "Apple M2", "Arc A770", "no such card", None])
def test_cards_of_others_say_nothing(gpu: str | None) -> None:
    given = [report("one", "gpu-bf16", gpu=gpu)]
    assert near(RTX, "voxcpm-2:gpu-bf16", given) == ()


def test_a_card_of_which_nothing_is_known_has_no_neighbours() -> None:
    given = [report("one", "gpu-bf16", gpu="RTX 3060")]
    assert near(desktop("name: Mystery 9000, vram: 12GiB"), "voxcpm-2:gpu-bf16", given) == ()
    # of a generation that is known by its like something can be said
    like = desktop("vendor: nvidia, vram: 12GiB, compute_capability: '8.6'")
    (found,) = near(like, "voxcpm-2:gpu-bf16", given)
    assert not found.same_device and found.distance > 0


def test_too_far_away_says_nothing() -> None:
    given = [report("big", "gpu-bf16", gpu="H100")]
    small = desktop("name: NVIDIA GeForce GTX 1050, vram: 4GiB")
    assert near(small, "voxcpm-2:gpu-bf16", given) == ()
    assert near(desktop("name: NVIDIA H100 PCIe, vram: 80GiB"), "voxcpm-2:gpu-bf16", given)


# ---- processors -------------------------------------------------------------------------------


def test_processors_by_name_then_by_cores() -> None:
    given = [
        report("other", "cpu-fp32", cpu="AMD Ryzen 7 7840HS", cores=8),
        report("many", "cpu-fp32", cores=64),
        report("name", "cpu-fp32", cpu="i7-12700K"),
        report("bare", "cpu-fp32"),
        report("graphics", "cpu-fp32", gpu="RTX 3060"),  # whose processor nobody knows
        report("beside", "cpu-fp32", gpu="RTX 3060", cores=16),
        report("card", "gpu-fp32", gpu="RTX 3060", cores=8),
    ]
    found = near(desktop(), "voxcpm-2:cpu-fp32", given)
    assert [each.report.id for each in found] == ["name", "other", "beside", "bare"]
    assert [each.distance for each in found] == pytest.approx([0, 0.3, 1.3, 1.5])
    assert [each.same_device for each in found] == [True, False, False, False]


def test_cores_that_are_not_known_are_not_compared() -> None:
    silent = machine_of("os: linux\nmemory: {total: 32GiB}\ngpus: []")
    (found,) = near(silent, "voxcpm-2:cpu-fp32", [report("many", "cpu-fp32", cores=64)])
    assert (found.distance, found.same_device) == (1.5, False)


@pytest.mark.parametrize(
    ("own", "mode", "distance"),
    [
        ("voxcpm-2:gpu-bf16", "gpu-bf16", 0.0),
        ("voxcpm-2:gpu-bf16", "gpu", 0.0),
        ("voxcpm-2:gpu-bf16", "gpu-fp32", 0.5),
        ("voxcpm-2:gpu-bf16", "gguf-gpu-q8", 1.5),
        ("voxcpm-2:gpu-bf16", "nano-vllm", 1.5),
        ("voxcpm-2:gpu-bf16", "cpu-fp32", None),
        ("voxcpm-2:gpu-bf16", "onnx-cpu", None),
        ("voxcpm-2:gpu-bf16", "gguf-cpu-q8", None),
        ("voxcpm-2:gguf-gpu-q8", "gguf-gpu-q4", 0.5),
        ("voxcpm-2:cpu-bf16", "cpu", 0.0),
        ("voxcpm-2:cpu-bf16", "cpu-fp32", 0.5),
        ("voxcpm-2:cpu-bf16", "gpu", None),
        ("voxcpm-2:cpu-bf16", "gpu-bf16", None),
        ("voxcpm-2:cpu-bf16", "gguf-cpu-q8", 1.5),
    ],
)
def test_modes(own: str, mode: str, distance: float | None) -> None:
    given = [report("one", mode, gpu="RTX 3060", cpu="i7-12700K")]
    found = near(RTX, own, given)
    assert [each.distance for each in found] == ([] if distance is None else [distance])


@pytest.mark.parametrize("own", ["voxcpm-2:vllm", "indextts-2:vllm"])
def test_a_processor_says_nothing_of_a_server_on_a_card(own: str) -> None:
    given = [report("one", "cpu", gpu="RTX 3060", model=own.partition(":")[0])]
    assert near(RTX, own, given) == ()


@pytest.mark.parametrize(
    ("own", "mode"),
    [("gguf-gpu-q8", "gpu"), ("vllm", "gpu"), ("nano-vllm", "gpu"), ("onnx-cpu", "cpu"),
     ("gguf-cpu-q8", "cpu")],
)  # fmt: skip
def test_an_unstated_precision_is_of_the_official_program(own: str, mode: str) -> None:
    given = [report("one", mode, program="voxcpm", gpu="RTX 3060", cpu="i7-12700K")]
    (found,) = near(RTX, f"voxcpm-2:{own}", given)
    assert not found.same_mode
    assert found.distance == 1.5
