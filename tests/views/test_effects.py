"""From → to, in words."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from vcf.catalogue.load import load_catalogue
from vcf.judge.assess import assess
from vcf.judge.model import Assessment, Effect
from vcf.machine.load import load_machine
from vcf.views.effects import changed, effect_text

CATALOGUE = load_catalogue()


def given(machine: str, model: str, mode: str) -> Assessment:
    return assess(load_machine(machine), model, mode, catalogue=CATALOGUE)


SLOW = given("desktop-gtx-1060-6gb", "voxcpm-2", "gguf-gpu-q4")
GOOD = given("desktop-rtx-4090-24gb", "voxcpm-2", "gpu-bf16")
SAME = given("desktop-rtx-4090-24gb", "voxcpm-2", "gguf-gpu-q4")
OTHER = given("desktop-rtx-4090-24gb", "indextts-2", "gpu-fp16")
ONLINE = given("desktop-rtx-4090-24gb", "voxcpm-2", "online")


def test_the_mode_is_named_where_it_changes() -> None:
    assert (SLOW.verdict, GOOD.verdict, SAME.verdict) == ("slow", "good", "good")
    assert changed(SLOW, GOOD, "en").startswith("slow in gguf-gpu-q4 → good in gpu-bf16, RTF ")
    assert changed(SLOW, SAME, "en").startswith("slow → good in gguf-gpu-q4, RTF 1.0–3.0 → ")
    assert changed(SLOW, GOOD, "zh").startswith("可用偏慢（gguf-gpu-q4） → 流畅（gpu-bf16），RTF ")


def test_another_model_is_named() -> None:
    assert "indextts-2:gpu-fp16" in changed(SLOW, OTHER, "en")
    assert changed(SLOW, SAME, "en", named=True).startswith("voxcpm-2: slow → good in gguf-gpu-q4")
    assert changed(SLOW, SAME, "zh", named=True).startswith("voxcpm-2：可用偏慢 → ")


@pytest.mark.parametrize(("lang", "word"), [("en", "not installed"), ("zh", "未安装")])
def test_what_is_not_installed_has_no_speed_yet(lang, word) -> None:
    told = effect_text(Effect(before=None, after=SAME), lang)
    assert told.startswith(f"{word} → ")
    assert told.count("RTF") == 1 and told.count("→") == 1


def test_online_has_no_speed_and_no_mode_before() -> None:
    assert changed(SLOW, ONLINE, "en") == "slow → good in online"
    stopped = replace(SLOW, verdict="no", rtf=None)
    assert changed(stopped, SAME, "en").startswith("no → good in gguf-gpu-q4, RTF ")
