"""What a recipe says will really happen: device, precision, compilation, retries, downloads."""

from __future__ import annotations

from typing import Any

import pytest
from judging import GIB, SUBJECTS, desktop, gate_with, machine_of, verdict_on
from msgspec.structs import replace

from vcf.catalogue.model import Habits
from vcf.judge.context import Context
from vcf.judge.happens import (
    TRITON_CC,
    compiled_here,
    compiles_on,
    device_name,
    happens,
    room_to_compile,
)
from vcf.judge.model import Message
from vcf.judge.recipe import recipe_for
from vcf.judge.subject import MARGIN, Subject
from vcf.machine.model import Machine
from vcf.views.texts import TEXTS
from vcf.views.words import say

MAC = machine_of(
    "os: macos\nos_version: macOS 15.1\ncpu: {model: Apple M2, cores: 8}\n"
    "memory: {total: 32GiB}\ngpus: [{name: Apple M2}]\ndisk: {free: 200GB}"
)
RTX = "name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: '570.133'"
STACK = 'python: "3.11.7", torch: 2.8.0+cu126, torchaudio: 2.8.0+cu126, voxcpm: "2.0.3"'


def subject(model: str, mode: str) -> Subject:
    return next(s for s in SUBJECTS if s.key == (model, mode))


def told(machine: Machine, model: str = "voxcpm-2", mode: str = "gpu-bf16") -> dict[str, Message]:
    """What is said of a mode on the machine's first GPU, by id."""
    context, wanted = Context(machine), subject(model, mode)
    card = context.cards[0] if wanted.device == "gpu" else None
    said = happens(wanted, context, card)
    for message in said:
        for lang in ("en", "zh"):
            words = say(message, lang)
            assert words
            assert "{" not in words
    return {message.id: message for message in said}


def compile_words(machine: Machine, **more: Any) -> list[str]:
    return [key for key in told(machine, **more) if key.startswith("happens-compile")]


# ---- device and precision ---------------------------------------------------------------------


def test_the_gpu() -> None:
    said = told(desktop(RTX))
    assert next(iter(said)) == "happens-gpu"
    assert dict(said["happens-gpu"].values) == {
        "device": "cuda", "precision": "bf16", "gpu": "NVIDIA GeForce RTX 3060",
    }  # fmt: skip
    assert say(said["happens-gpu"], "en") == (
        "Runs on NVIDIA GeForce RTX 3060 as device cuda, in bf16."
    )


def test_amd_goes_by_the_name_cuda() -> None:
    said = told(desktop("name: AMD Radeon RX 7900 XTX, vram: 24GiB"), mode="gpu-fp32")
    assert (said["happens-gpu"].values["device"], said["happens-gpu"].values["precision"]) == (
        "cuda", "fp32",
    )  # fmt: skip


def test_intel_goes_by_the_name_xpu() -> None:
    arc = desktop("name: Intel Arc A770, vram: 16GiB")
    said = told(arc, "indextts-2", "gpu-fp16")
    assert said["happens-gpu"].values["device"] == "xpu"
    assert device_name(None) == "cpu"
    assert not compiles_on(None)


@pytest.mark.parametrize("mode", ["gpu-bf16", "gpu-fp16", "gpu-fp32"])
def test_apple_runs_in_full_precision_whatever_was_asked(mode: str) -> None:
    said = told(MAC, mode=mode)
    values = said["happens-gpu"].values
    assert (values["device"], values["precision"]) == ("mps", "fp32")


def test_the_cpu_where_nothing_else_is_there() -> None:
    said = told(desktop(""), mode="cpu-fp32")
    assert dict(said["happens-cpu"].values) == {"device": "cpu", "precision": "fp32"}
    assert "happens-cpu-asked" not in said
    unknown = replace(desktop(""), gpus=None)
    assert "happens-cpu" in told(unknown, mode="cpu-bf16")


@pytest.mark.parametrize(
    ("machine", "gpu", "other"),
    [
        (desktop(RTX), "NVIDIA GeForce RTX 3060", "cuda"),
        (MAC, "Apple M2", "mps"),
        (desktop("name: AMD Radeon RX 7900 XTX, vram: 24GiB"), "AMD Radeon RX 7900 XTX", "cuda"),
    ],
)
def test_the_cpu_although_a_gpu_would_be_picked(machine: Machine, gpu: str, other: str) -> None:
    said = told(machine, mode="cpu-bf16")
    values = said["happens-cpu-asked"].values
    assert (values["gpu"], values["other"], values["precision"]) == (gpu, other, "bf16")
    assert "happens-cpu" not in said


def test_a_gpu_that_the_package_does_not_look_for() -> None:
    """voxcpm looks for cuda and mps, IndexTTS for xpu too."""
    arc = desktop("name: Intel Arc A770, vram: 16GiB")
    assert "happens-cpu" in told(arc, mode="cpu-fp32")
    said = told(arc, "indextts-2", "cpu-fp32")
    assert said["happens-cpu-asked"].values["other"] == "xpu"


def two(first: str, second: str) -> Machine:
    return machine_of(
        "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB}\n"
        f"gpus: [{{{first}}}, {{{second}}}]\ndisk: {{free: 200GB}}"
    )


ARC = "name: Intel Arc A770, vram: 16GiB, driver: xe"


def test_of_several_the_first_that_the_package_looks_for() -> None:
    said = told(two(ARC, RTX), "indextts-2", "cpu-fp32")
    assert said["happens-cpu-asked"].values["other"] == "cuda"
    assert said["happens-cpu-asked"].values["gpu"] == "NVIDIA GeForce RTX 3060"


def without_driver(machine: Machine, index: int) -> Machine:
    """Known to have none: neither a version nor a reason why there is no version."""
    gpus = list(machine.gpus)
    gpus[index] = replace(gpus[index], driver=None)
    unknown = {k: v for k, v in machine.unknown.items() if k != f"gpus[{index}].driver"}
    return replace(machine, gpus=gpus, unknown=unknown)


def test_a_card_without_driver_is_not_picked() -> None:
    assert "happens-cpu" in told(without_driver(desktop(RTX), 0), mode="cpu-fp32")


@pytest.mark.parametrize("dead", [0, 1])
def test_of_two_the_one_with_a_driver_is_picked(dead: int) -> None:
    cards = (RTX, ARC) if dead == 0 else (ARC, RTX)
    said = told(without_driver(two(*cards), dead), "indextts-2", "cpu-fp32")
    assert said["happens-cpu-asked"].values["other"] == "xpu"


def test_a_cpu_build_of_torch_picks_no_gpu() -> None:
    machine = desktop(RTX, software=STACK.replace("cu126", "cpu"))
    assert "happens-cpu" in told(machine, mode="cpu-fp32")


# ---- compilation ------------------------------------------------------------------------------


def test_compile_on() -> None:
    machine = desktop(RTX, software=f'{STACK}, triton: "3.4.0"')
    said = told(machine)
    assert compile_words(machine) == ["happens-compile-on"]
    low, high = subject("voxcpm-2", "gpu-bf16").runtime.habits.compile_gain
    assert said["happens-compile-on"].values["gain"] == f"{low:g}–{high:g}"
    assert "torch.compile will be active" in say(said["happens-compile-on"], "en")


def test_compile_comes_with_the_wheel() -> None:
    assert compile_words(desktop(RTX)) == ["happens-compile-wheel"]
    # torch is there, of triton nothing is known
    assert compile_words(desktop(RTX, software=STACK)) == ["happens-compile-wheel"]
    assert compile_words(desktop(RTX, software='python: "3.11", triton: null')) == [
        "happens-compile-wheel"
    ]


def test_triton_is_missing() -> None:
    assert compile_words(desktop(RTX, software=f"{STACK}, triton: null")) == [
        "happens-compile-triton"
    ]


def test_windows() -> None:
    assert compile_words(desktop(RTX, os="windows")) == ["happens-compile-windows"]
    there = desktop(RTX, os="windows", software=f'{STACK}, triton: "3.4.0"')
    assert compile_words(there) == ["happens-compile-on"]


@pytest.mark.parametrize("name", ["TORCHDYNAMO_DISABLE", "TORCH_COMPILE_DISABLE"])
def test_switched_off(name: str) -> None:
    machine = desktop(RTX, software=f'{STACK}, triton: "3.4.0"')
    off = replace(machine, settings={name: "1"})
    assert compile_words(off) == ["happens-compile-off"]
    assert told(off)["happens-compile-off"].values["setting"] == f"{name}=1"
    for value in ("0", ""):
        assert compile_words(replace(machine, settings={name: value})) == ["happens-compile-on"]


def small_card(gib: float) -> Machine:
    """A card that could compile with so much memory, everything installed."""
    gpu = f"{RTX}, vram_free: {gib}GiB"
    return desktop(gpu, software=f'{STACK}, triton: "3.4.0"')


def test_no_memory_to_compile_in() -> None:
    """The model fits with a tenth to spare; with what torch.compile takes it would not."""
    known = subject("voxcpm-2", "gpu-bf16")
    need, more = known.mode.memory.device.need_gib, known.runtime.compiled_gib
    assert more > 0
    low, high = need * (1 + MARGIN), (need + more) * (1 + MARGIN)
    machine = small_card(round((low + high) / 2, 2))
    assert compile_words(machine) == ["happens-compile-memory"]
    assert told(machine)["happens-compile-memory"].values["more"] == f"{more:.1f} GiB"
    context = Context(machine)
    assert not room_to_compile(known, context, context.cards[0])
    assert not compiled_here(known, context, context.cards[0])
    judged = verdict_on(machine, "voxcpm-2", "gpu-bf16")
    assert judged.verdict in ("good", "slow")
    assert judged.memory.device.need_bytes == int(need * GIB)
    assert "optimize=False" in judged.recipe.code
    assert "happens-compile-memory" in [message.id for message in judged.recipe.happens]


def test_memory_enough_to_compile_in() -> None:
    known = subject("voxcpm-2", "gpu-bf16")
    need, more = known.mode.memory.device.need_gib, known.runtime.compiled_gib
    machine = small_card(round((need + more) * (1 + MARGIN) + 0.01, 2))
    assert compile_words(machine) == ["happens-compile-on"]
    judged = verdict_on(machine, "voxcpm-2", "gpu-bf16")
    assert judged.memory.device.need_bytes == int(need * GIB) + int(more * GIB)
    assert gate_with(judged, "vram-fits").status == "pass"
    assert "optimize=True" in judged.recipe.code


@pytest.mark.parametrize("machine", [desktop("vendor: nvidia"), desktop("name: Mystery 9000")])
def test_memory_that_is_not_known_is_not_held_against_compiling(machine: Machine) -> None:
    context = Context(machine)
    (card,) = context.cards
    assert (card.free, card.total.low) == (None, None)
    assert room_to_compile(subject("voxcpm-2", "gpu-bf16"), context, card)


def test_a_need_that_nobody_states_is_no_reason_not_to_compile() -> None:
    known = subject("voxcpm-2", "gpu-bf16")
    memory = replace(known.mode.memory, device=None)
    silent = replace(known, mode=replace(known.mode, memory=memory))
    context = Context(small_card(1))
    (card,) = context.cards
    assert room_to_compile(silent, context, card) and not room_to_compile(known, context, card)
    assert room_to_compile(known, context, None)


def test_room_is_counted_without_what_windows_keeps() -> None:
    known = subject("voxcpm-2", "gpu-bf16")
    wanted = (known.mode.memory.device.need_gib + known.runtime.compiled_gib) * (1 + MARGIN)
    gpu = f"name: NVIDIA GeForce RTX 3060, vram: {wanted + 0.1:.2f}GiB"
    for system, room in (("linux", True), ("windows", False)):
        context = Context(desktop(gpu, os=system))
        (card,) = context.cards
        assert room_to_compile(known, context, card) is room


def test_never_on_mps() -> None:
    said = told(MAC)
    assert compile_words(MAC) == ["happens-compile-device"]
    assert said["happens-compile-device"].values["device"] == "mps"


def test_not_a_word_of_it_on_the_cpu_or_where_it_is_never_done() -> None:
    assert compile_words(desktop(RTX), mode="cpu-fp32") == []
    assert compile_words(desktop(RTX), model="indextts-2", mode="gpu-fp16") == []


OLD = [
    ("name: NVIDIA GeForce GTX 960M, vram: 4GiB", "5.0"),
    ("name: Tesla P100-PCIE-16GB, vram: 16GiB", "6.0"),
    ("name: NVIDIA GeForce GTX 1060, vram: 6GiB", "6.1"),
]


@pytest.mark.parametrize(("gpu", "cc"), OLD)
@pytest.mark.parametrize("system", ["linux", "windows"])
def test_old_cards_can_not(gpu: str, cc: str, system: str) -> None:
    machine = desktop(gpu, os=system)
    said = told(machine, "voxcpm-0.5b")
    assert compile_words(machine, model="voxcpm-0.5b") == ["happens-compile-old"]
    values = said["happens-compile-old"].values
    assert (values["cc"], values["need"]) == (cc, TRITON_CC)


@pytest.mark.parametrize(
    ("cc", "able"), [("6.1", False), ("6.2", False), ("7.0", True), ("7.5", True), ("12.0", True)]
)
def test_the_oldest_that_triton_compiles_for(cc: str, able: bool) -> None:
    card = Context(desktop(f"name: Mystery, vendor: nvidia, compute_capability: '{cc}'")).cards[0]
    assert compiles_on(card) is able


def test_an_unknown_capability_is_not_held_against_a_card() -> None:
    machine = desktop("name: Mystery, vendor: nvidia, vram: 12GiB")
    assert compiles_on(Context(machine).cards[0])
    assert told(machine)["happens-compile-wheel"].values["cc"] == "?"


def test_a_gain_that_nobody_measured() -> None:
    known = subject("voxcpm-2", "gpu-bf16")
    habits = replace(known.runtime.habits, compile_gain=None)
    other = replace(known, runtime=replace(known.runtime, habits=habits))
    context = Context(desktop(RTX))
    said = {m.id: m for m in happens(other, context, context.cards[0])}
    assert said["happens-compile-wheel"].values["gain"] == "?"


# ---- the recipe -------------------------------------------------------------------------------


def recipe(machine: Machine, model: str, mode: str) -> tuple[tuple[str, ...], str]:
    context = Context(machine)
    made = recipe_for(subject(model, mode), context, context.cards[0])
    assert "{" not in "".join(made.install)
    return made.install, made.code


@pytest.mark.parametrize(("gpu", "cc"), OLD)
@pytest.mark.parametrize("system", ["linux", "windows"])
def test_old_cards_compile_nothing_and_get_no_triton(gpu: str, cc: str, system: str) -> None:
    install, code = recipe(desktop(gpu, os=system), "voxcpm-0.5b", "gpu-bf16")
    assert "optimize=False" in code
    assert not [line for line in install if "triton" in line]


def test_newer_cards_compile_and_get_triton_on_windows() -> None:
    install, code = recipe(desktop(RTX, os="windows"), "voxcpm-2", "gpu-bf16")
    assert "optimize=True" in code
    assert [line for line in install if "triton" in line] == ["pip install triton-windows"]
    install, code = recipe(desktop(RTX), "voxcpm-2", "gpu-bf16")
    assert "optimize=True" in code
    assert not [line for line in install if "triton" in line]
    there = desktop(RTX, os="windows", software=f'{STACK}, triton: "3.4.0"')
    assert not [line for line in recipe(there, "voxcpm-2", "gpu-bf16")[0] if "triton" in line]


def test_apple_compiles_nothing() -> None:
    _, code = recipe(MAC, "voxcpm-2", "gpu-bf16")
    assert "optimize=False" in code
    assert 'device="mps"' in code


# ---- retries, downloads, nothing --------------------------------------------------------------


def test_retries() -> None:
    assert told(desktop(RTX))["happens-tries"].values["tries"] == 3
    assert "happens-tries" not in told(desktop(RTX), "indextts-2", "gpu-fp16")


def test_downloads_beside_the_weights() -> None:
    said = told(desktop(RTX), "indextts-2", "gpu-fp16")
    assert "w2v-BERT" in say(said["happens-download"], "en")
    assert "w2v-BERT" in say(said["happens-download"], "zh")
    assert "首次使用" in say(said["happens-download"], "zh")


@pytest.mark.parametrize(
    ("model", "mode"), [("voxcpm-2", "gguf-gpu-q8"), ("voxcpm-2", "gguf-cpu-q8"),
                        ("indextts-2", "gguf-gpu-q8"), ("voxcpm-2", "onnx-cpu")],
)  # fmt: skip
def test_nothing_is_known_of_other_programs(model: str, mode: str) -> None:
    assert told(desktop(RTX), model, mode) == {}


def test_habits_that_are_the_default_say_the_device_only() -> None:
    known = subject("voxcpm-2", "cpu-fp32")
    other = replace(known, runtime=replace(known.runtime, habits=Habits()))
    said = happens(other, Context(desktop(RTX)), None)
    assert [message.id for message in said] == ["happens-cpu"]


def test_every_text_is_used() -> None:
    used = {key for key in TEXTS if key.startswith("happens-")}
    assert used == {
        "happens-gpu", "happens-cpu", "happens-cpu-asked", "happens-tries", "happens-download",
        "happens-compile-on", "happens-compile-wheel", "happens-compile-windows",
        "happens-compile-triton", "happens-compile-old", "happens-compile-off",
        "happens-compile-device", "happens-compile-memory",
    }  # fmt: skip


# ---- judgements are kept; what they say must not be another machine's --------------------------


def test_settings_of_another_machine_do_not_stick() -> None:
    machine = desktop(RTX, software=f'{STACK}, triton: "3.4.0", numpy: "2.3.1"')
    off = replace(machine, settings={"TORCHDYNAMO_DISABLE": "1"})
    for one, text in ((machine, "happens-compile-on"), (off, "happens-compile-off")):
        said = verdict_on(one, "voxcpm-2", "gpu-bf16").recipe.happens
        assert text in [message.id for message in said]


def test_the_gpu_of_another_machine_does_not_stick() -> None:
    software = f'{STACK}, numpy: "2.3.2"'
    for one, text in (
        (desktop(RTX, software=software), "happens-cpu-asked"),
        (desktop("", software=software), "happens-cpu"),
    ):
        said = verdict_on(one, "voxcpm-2", "cpu-fp32").recipe.happens
        assert text in [message.id for message in said]


def test_what_another_machine_did_not_say_does_not_stick() -> None:
    software = f'{STACK}, numpy: "2.3.3"'
    for one, text in (
        (desktop(RTX, software=software), "happens-compile-wheel"),
        (desktop(RTX, software=f"{software}, triton: null"), "happens-compile-triton"),
    ):
        said = verdict_on(one, "voxcpm-2", "gpu-bf16").recipe.happens
        assert text in [message.id for message in said]
