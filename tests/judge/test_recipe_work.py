"""Recipes do the work that was asked for, and set up what the forecast counts on."""

from __future__ import annotations

import ast
import re
import shlex

import pytest
from judging import LOCAL, desktop, first_card
from msgspec.structs import replace

from vcf.judge.assess import judge
from vcf.judge.context import Context
from vcf.judge.happens import compiled_here
from vcf.judge.recipe import recipe_for
from vcf.judge.workload import STANDARD, Workload
from vcf.machine.load import load_machine
from vcf.machine.model import Machine

RTX = "name: NVIDIA GeForce RTX 4090, vram: 24GiB"
MAC = load_machine("macbook-pro-m4-max-64gb")
STEPS = re.compile(r'inference_timesteps=(\d+)|"--inference-timesteps", "(\d+)"')


def machine_for(name: str) -> Machine:
    return MAC if name.endswith(":mlx") else desktop(RTX)


def code_of(name: str, workload: Workload, machine: Machine | None = None) -> str:
    subject, context = LOCAL[name], Context(machine or machine_for(name), workload)
    return recipe_for(subject, context, first_card(subject, context)).code


def stated(code: str) -> list[int]:
    return [int(one or other) for one, other in STEPS.findall(code)]


FOLLOW = [name for name in LOCAL if stated(code_of(name, STANDARD))]
FREE = [name for name, subject in LOCAL.items()
        if subject.model.steps is not None and subject.model.steps.adjustable
        and subject.recipe is not None]  # fmt: skip


def test_both_ways_to_state_steps_are_there() -> None:
    """Were the pattern wrong, the tests below would pass on nothing."""
    codes = [code_of(name, STANDARD) for name in FOLLOW]
    assert any("inference_timesteps=10" in code for code in codes)
    assert any('"--inference-timesteps", "10"' in code for code in codes)
    assert len(FOLLOW) >= 30
    runtimes = {LOCAL[name].mode.runtime for name in FOLLOW}
    assert runtimes == {"voxcpm-pytorch", "voxcpm-cpp"}


@pytest.mark.parametrize("name", FOLLOW)
def test_code_follows_the_steps(name: str) -> None:
    plain = code_of(name, STANDARD)
    assert set(stated(plain)) == {LOCAL[name].model.steps.default}
    for steps in (4, 25):
        code = code_of(name, Workload(steps=steps))
        assert set(stated(code)) == {steps}
        assert STEPS.sub("", code) == STEPS.sub("", plain)
        assert ast.parse(code)
    # other work leaves them alone
    assert code_of(name, Workload(speech_seconds=60)) == plain


@pytest.mark.parametrize("name", sorted(set(FREE) - set(FOLLOW)))
def test_where_no_recipe_says_how_the_steps_are_set_it_is_said(name: str) -> None:
    subject = LOCAL[name]
    assert not subject.takes_steps
    work = Workload(steps=4)
    assert code_of(name, work) == code_of(name, STANDARD)
    for machine in (desktop(RTX), desktop()):
        told = {doubt.id for doubt in judge(Context(machine, work), subject).doubts}
        if told:  # a mode that there is no card for has none
            assert {"doubt-steps", "doubt-steps-how"} & told


def test_shell_options_follow_too() -> None:
    known = LOCAL["voxcpm-2:gpu-bf16"]
    for given, made in (
        ("voxcpm clone --inference-timesteps 10 -t x", "voxcpm clone --inference-timesteps 4 -t x"),
        ("voxcpm clone --inference-timesteps=10", "voxcpm clone --inference-timesteps=4"),
        ("run(timesteps=10, n=10)", "run(timesteps=10, n=10)"),
    ):
        subject = replace(known, recipe=replace(known.recipe, code=given))
        context = Context(desktop(RTX), Workload(steps=4))
        code = recipe_for(subject, context, first_card(subject, context)).code
        assert code == made
        assert shlex.split(code)


# ---- emotion ----------------------------------------------------------------------------------

EMOTION = [name for name, subject in LOCAL.items()
           if subject.model.emotion_model and subject.runtime.kernels == "torch"]  # fmt: skip


@pytest.mark.parametrize("name", EMOTION)
def test_code_loads_the_emotion_model_where_it_is_asked_for(name: str) -> None:
    plain, felt = (code_of(name, Workload(emotion=on, steps=7)) for on in (False, True))
    assert "use_qwen_emo=False" in plain and "use_qwen_emo=True" not in plain
    assert felt == plain.replace("use_qwen_emo=False", "use_qwen_emo=True")
    assert ast.parse(felt)


def test_others_have_no_emotion_model_to_load() -> None:
    for name in set(LOCAL) - set(EMOTION):
        assert code_of(name, Workload(emotion=True)) == code_of(name, STANDARD)


def test_a_recipe_for_no_machine_is_the_standard_one() -> None:
    subject = LOCAL["voxcpm-2:gpu-bf16"]
    assert stated(recipe_for(subject, None, None).code) == [10]


# ---- compilation ------------------------------------------------------------------------------

COMPILES = sorted(n for n, s in LOCAL.items() if s.runtime.habits and s.runtime.habits.compiles)
STACK = 'python: "3.11", torch: 2.13.0+cu130'
MACHINES = {
    "linux": desktop(RTX),
    "windows": desktop(RTX, os="windows"),
    "windows with triton": desktop(RTX, os="windows", software=f'{STACK}, triton: "3.8.0"'),
    "linux without triton": desktop(RTX, software=f"{STACK}, triton: null"),
    "small": desktop("name: NVIDIA GeForce RTX 3060, vram: 2.9GiB"),
    "old": desktop("name: NVIDIA GeForce GTX 1080, vram: 8GiB"),
    "mac": MAC,
    "amd": desktop("name: AMD Radeon RX 7900 XTX, vram: 24GiB"),
}


@pytest.mark.parametrize("place", MACHINES)
@pytest.mark.parametrize("name", COMPILES)
def test_what_the_forecast_takes_as_compiled_is_compiled(name: str, place: str) -> None:
    subject, context = LOCAL[name], Context(MACHINES[place])
    card = first_card(subject, context)
    if not compiled_here(subject, context, card):
        return
    made = recipe_for(subject, context, card)
    assert "optimize=True" in made.code
    brought = any("triton" in line for line in made.install)
    assert brought or context.os == "linux" or "triton" in context.software


def test_amd_under_windows_compiles_only_with_triton() -> None:
    machine = desktop("name: AMD Radeon RX 7900 XTX, vram: 24GiB", os="windows")
    subject, context = LOCAL["voxcpm-2:gpu-bf16"], Context(machine)
    card = first_card(subject, context)
    brought = any("triton" in line for line in recipe_for(subject, context, card).install)
    assert compiled_here(subject, context, card) == brought
