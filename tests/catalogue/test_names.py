"""What people call models and modes."""

from __future__ import annotations

from typing import get_args

import pytest

from vcf.catalogue.load import load_catalogue
from vcf.catalogue.model import Catalogue, ModeId
from vcf.catalogue.names import GROUPS, SHORT, all_modes, find_models, find_modes
from vcf.errors import UsageError

SPELLINGS = {
    "voxcpm-0.5b": ("VoxCPM-0.5B", "voxcpm 0.5b", "openbmb/VoxCPM-0.5B", "voxcpm05b"),
    "voxcpm-1.5": ("VoxCPM1.5", "voxcpm 1.5", "VOXCPM_1.5", "openbmb/VoxCPM1.5"),
    "voxcpm-2": ("VoxCPM2", "voxcpm 2", "voxcpm_2", "openbmb/VoxCPM2", "VoxCpm-2"),
    "indextts-1.5": ("IndexTTS-1.5", "index-tts-1.5", "indextts1.5"),
    "indextts-2": ("indextts2", "IndexTTS2", "IndexTTS-2", "index-tts2", "IndexTeam/IndexTTS-2"),
    "indextts-2.5": ("IndexTTS2.5", "indextts 2.5", "index_tts2_5"),
}


@pytest.mark.parametrize(
    ("spelling", "model"),
    [(spelling, model) for model, known in SPELLINGS.items() for spelling in (model, *known)],
)
def test_usual_spellings_are_understood(catalogue: Catalogue, spelling: str, model: str) -> None:
    assert find_models(spelling, catalogue) == [model]


@pytest.mark.parametrize(
    ("family", "count"),
    [("voxcpm", 3), ("VoxCPM", 3), ("indextts", 3), ("IndexTTS", 3), ("Index-TTS", 3)],
)
def test_a_family_is_all_its_models(catalogue: Catalogue, family: str, count: int) -> None:
    found = find_models(family, catalogue)
    assert len(found) == count
    assert {catalogue.models[model].family for model in found} == {found[0].split("-")[0]}


def test_no_spelling_means_two_models(catalogue: Catalogue) -> None:
    for key, model in catalogue.models.items():
        for name in (key, model.name, model.hf_id, *model.aliases):
            assert find_models(name, catalogue) == [key]


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("voxcmp-2", "did you mean 'voxcpm-2'?"),
        ("indexts", "did you mean 'indextts'?"),
        ("bark", "known: voxcpm-0.5b, "),
        ("", "known: "),
        ("声音克隆", "known: "),
        ("-", "known: "),
    ],
)
def test_an_unknown_model_gets_a_suggestion(catalogue: Catalogue, typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_models(typed, catalogue)
    assert caught.value.message == f"unknown model {typed!r}"
    assert caught.value.hint.startswith(hint)


def test_a_chinese_name_means_its_model_and_no_other(tmp_path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("models: {voxcpm-2: {aliases: [面壁语音]}}", encoding="utf-8")
    catalogue = load_catalogue(path)
    assert find_models("面壁 语音", catalogue) == ["voxcpm-2"]
    for other in ("声音", "", "。"):
        with pytest.raises(UsageError):
            find_models(other, catalogue)


@pytest.mark.parametrize("mode", get_args(ModeId))
def test_every_mode_id_means_itself_in_any_case(mode: str) -> None:
    assert find_modes(mode) == find_modes(mode.upper()) == (mode,)


@pytest.mark.parametrize("word", GROUPS)
def test_a_group_means_modes_of_its_kind(word: str) -> None:
    modes = find_modes(word.upper())
    assert len(modes) == len(set(modes)) > 1
    assert all(mode.startswith(word) for mode in modes)
    assert set(modes) <= set(all_modes())


@pytest.mark.parametrize(("word", "mode"), SHORT.items())
def test_a_short_word_means_one_mode(word: str, mode: str) -> None:
    assert find_modes(word) == (mode,)
    assert mode in all_modes()


def test_gguf_means_both_devices() -> None:
    assert {mode.split("-")[1] for mode in find_modes("gguf")} == {"cpu", "gpu"}


@pytest.mark.parametrize(
    ("typed", "hint"),
    [("gguf-cpu-q5", "did you mean 'gguf-cpu-q"), ("zzz", "known: cpu, gpu, "), ("", "known: ")],
)
def test_an_unknown_mode_gets_a_suggestion(typed: str, hint: str) -> None:
    with pytest.raises(UsageError) as caught:
        find_modes(typed)
    assert caught.value.message == f"unknown mode {typed!r}"
    assert caught.value.hint.startswith(hint)
