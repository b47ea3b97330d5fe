"""The terminal view: the answer first, nothing wider than the terminal, no colour in a pipe."""

from __future__ import annotations

import io
import re

import pytest
from rich.cells import cell_len
from rich.console import Console

from vcf.machine.load import profile_names
from vcf.views.table import answer
from vcf.views.words import say

LANGS = ("en", "zh")


def drawn(result, catalogue, lang="en", *, width=100, asked=False, verbose=False, colour=False):
    screen = Console(
        file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False,
        force_terminal=colour, color_system="truecolor" if colour else None,
        legacy_windows=False,
    )  # fmt: skip
    screen.print(answer(result, catalogue, lang, width, asked=asked, verbose=verbose))
    return screen.file.getvalue()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("name", profile_names()[::3])
def test_width(name, width, lang, judged, shipped) -> None:
    result = judged(name, "voxcpm-2", "indextts-1.5")
    for asked, verbose in ((False, False), (True, False), (True, True)):
        told = drawn(result, shipped, lang, width=width, asked=asked, verbose=verbose)
        for line in told.splitlines():
            assert cell_len(line) <= width, line


@pytest.mark.parametrize("width", [1, 5, 20, 66, 1000])
def test_strange_widths(width, judged, shipped) -> None:
    told = drawn(judged("asus-gl552vw", "voxcpm-2"), shipped, width=width, asked=True, verbose=True)
    assert max(map(cell_len, told.splitlines())) <= max(width, 2)


@pytest.mark.parametrize("lang", LANGS)
def test_the_answer_comes_first(lang, every_result, shipped) -> None:
    for result in every_result[::29]:
        told = drawn(result, shipped, lang, width=1000)
        first, second, *_ = told.splitlines()
        assert first.rstrip() == say(result.recommendation.why, lang)
        colon = "：" if lang == "zh" else ": "
        assert second.startswith(result.machine.name + colon)


def test_all_models_and_modes_are_there(judged, shipped) -> None:
    result = judged("desktop-rtx-3060-12gb")
    told = drawn(result, shipped)
    for model_id, model in shipped.models.items():
        assert f"\n{model_id}" in told
        for mode in model.modes:
            assert mode in told


def test_reasons_follow_for_what_was_asked(judged, shipped) -> None:
    result = judged("asus-gl552vw", "voxcpm-2:gpu-fp16")
    plain = drawn(result, shipped, asked=False)
    asked = drawn(result, shipped, asked=True)
    verbose = drawn(result, shipped, asked=True, verbose=True)
    assert "✗ VRAM: " not in plain
    assert "✗ VRAM: " in asked
    assert "voxcpm-2:gpu-fp16  no" in asked
    assert len(plain) < len(asked) < len(verbose)


def test_verbose(judged, shipped) -> None:
    result = judged("desktop-rtx-3060-12gb", "voxcpm-2:gpu-bf16", "indextts-2:gpu-fp16")
    told = drawn(result, shipped, asked=True, verbose=True, width=2000)
    quiet = drawn(result, shipped, asked=True, width=2000)
    for assessment in result.assessments:
        for gate in assessment.gates:
            assert say(gate.text, "en") in told
            if gate.source in shipped.sources:
                assert shipped.sources[gate.source].title in told
        for doubt in assessment.doubts:
            assert say(doubt, "en") in told
        assert assessment.recipe.install
        for command in assessment.recipe.install:
            assert command in told
        for line in assessment.recipe.code.splitlines():
            assert line.strip() in told
        for note in assessment.recipe.notes:
            assert f"· {note.en}" in told
    assert "How to run it" in told
    assert "How to run it" not in quiet
    assert "What lowers the confidence" in told


def test_verbose_about_a_refusal_has_no_recipe(judged, shipped) -> None:
    told = drawn(judged("asus-gl552vw", "voxcpm-2:gpu-fp16"), shipped, verbose=True)
    assert "How to run it" not in told


def test_licence_is_told_once_a_model(judged, shipped) -> None:
    result = judged("desktop-rtx-4090-24gb", "indextts-2")
    notice = shipped.models["indextts-2"].licence.notice
    assert notice is not None
    told = drawn(result, shipped, asked=True, width=4000)
    assert told.count(notice.en) == 1
    refused = judged("asus-gl552vw", "indextts-2:vllm")
    assert notice.en not in drawn(refused, shipped, asked=True, width=4000)
    assert notice.en in drawn(refused, shipped, asked=True, verbose=True, width=4000)


def test_remedies_and_steps(judged, shipped) -> None:
    machine = (
        "{os: linux, memory: {total: 64GiB},"
        " gpus: [{name: RTX 3060, vram: 12GiB, vram_free: 1GiB}]}"
    )
    result = judged(machine, "voxcpm-2:gpu-bf16")
    told = drawn(result, shipped, asked=True, width=300)
    assert "→ Close programs that use the GPU" in told
    assert "What to do" in told
    assert re.search(r"^1\. ", told, re.MULTILINE)
    assert "pip install" in told


def test_nothing_to_do(judged, shipped) -> None:
    import msgspec

    result = judged("desktop-rtx-4090-24gb", "voxcpm-2:gpu-bf16")
    bare = msgspec.structs.replace(result.recommendation, actions=())
    told = drawn(msgspec.structs.replace(result, recommendation=bare), shipped)
    assert "What to do" not in told
    assert "RTF: seconds of work" in told


def test_colour_only_on_terminals(judged, shipped) -> None:
    result = judged("asus-gl552vw")
    assert "\x1b[" in drawn(result, shipped, colour=True)
    assert "\x1b" not in drawn(result, shipped)


def test_no_colour_is_honoured(judged, shipped, monkeypatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    told = drawn(judged("asus-gl552vw"), shipped, colour=True)
    assert not re.search(r"\x1b\[[0-9;]*3[0-9]", told)


def test_long_reasons_are_cut_where_nothing_was_asked(judged, shipped) -> None:
    result = judged("desktop-rtx-3060-12gb", "voxcpm-2:online")
    assert "…" in drawn(result, shipped, width=80)
    told = drawn(result, shipped, width=80, asked=True)
    assert "…" not in told.split("What to do")[0]


def test_online_has_no_forecast(judged, shipped) -> None:
    told = drawn(judged("asus-gl552vw", "voxcpm-2:online"), shipped, asked=True)
    line = next(line for line in told.splitlines() if line.startswith("voxcpm-2:online"))
    assert "RTF" not in line


def test_refusals_of_many_modes_are_one_sentence(judged, shipped) -> None:
    told = drawn(judged("cloud-vm-2-core-4gb", "voxcpm-2"), shipped, width=1000)
    assert told.count("This machine has no GPU.") == 1
