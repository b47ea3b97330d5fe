"""What must hold in the shipped models.yaml."""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest

from vcf.catalogue.constants import constants
from vcf.catalogue.load import load_catalogue
from vcf.catalogue.model import Need, Text
from vcf.catalogue.wheels import parse_version
from vcf.judge.recipe import SYSTEM
from vcf.judge.subject import device_of
from vcf.judge.verdict import FITTED

CATALOGUE = load_catalogue()
MODELS = CATALOGUE.models
MODES = [(model, mode) for model, entry in MODELS.items() for mode in entry.modes]
LOCAL = [(model, mode) for model, mode in MODES if mode != "online"]


def walk(value: Any, place: str = "") -> Iterator[tuple[str, Any]]:
    """Every struct, list element and leaf below a value, with its place."""
    yield place, value
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from walk(getattr(value, field), f"{place}.{field}")
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from walk(item, f"{place}.{key}")
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from walk(item, f"{place}[{index}]")


EVERYTHING = list(walk(CATALOGUE))


@pytest.mark.parametrize(
    ("model", "millions"), [("voxcpm-0.5b", 652.3), ("voxcpm-1.5", 801.7), ("voxcpm-2", 2290.0)]
)
def test_parameters_of_voxcpm_without_its_vae(model: str, millions: float) -> None:
    parts = [part for part in MODELS[model].parameters if "vae" not in part.id]
    assert len(parts) < len(MODELS[model].parameters)
    assert sum(part.millions for part in parts) == pytest.approx(millions, rel=0.001)


def test_every_need_lies_within_its_range() -> None:
    needs = [(place, value) for place, value in EVERYTHING if isinstance(value, Need)]
    assert len(needs) > 100
    wrong = [p for p, need in needs if not need.low_gib <= need.need_gib <= need.high_gib]
    assert wrong == []
    assert all(need.need_gib > 0 for _, need in needs)


def need(model: str, mode: str) -> float:
    memory = MODELS[model].modes[mode].memory
    wanted = memory.device or memory.host_run
    assert wanted is not None
    return wanted.need_gib


@pytest.mark.parametrize("model", MODELS)
def test_more_bits_never_need_less_memory(model: str) -> None:
    modes = MODELS[model].modes
    orders = [
        ("gpu-bf16", "gpu-fp32"),
        ("gpu-fp16", "gpu-fp32"),
        ("cpu-bf16", "cpu-fp32"),
        *[
            (f"gguf-{device}-{low}", f"gguf-{device}-{high}")
            for device in ("cpu", "gpu")
            for low, high in (("q4", "q8"), ("q8", "f16"), ("f16", "f32"))
        ],
    ]
    compared = 0
    for low, high in orders:
        if low in modes and high in modes:
            assert need(model, low) <= need(model, high), (low, high)
            compared += 1
    assert compared
    if "gpu-bf16" in modes:
        assert need(model, "gpu-bf16") < need(model, "gpu-fp32")


@pytest.mark.parametrize(("model", "mode"), LOCAL)
def test_every_local_mode_can_be_judged(model: str, mode: str) -> None:
    entry = MODELS[model].modes[mode]
    kernels = CATALOGUE.runtimes[entry.runtime].kernels
    assert kernels is not None
    kinds = set(constants().kernels[kernels])
    assert ("cpu" in kinds) if device_of(mode) == "cpu" else (kinds - {"cpu"})
    vendors = CATALOGUE.runtimes[entry.runtime].needs.vendors
    assert device_of(mode) == "cpu" or (vendors and set(vendors) <= kinds)
    assert (entry.memory.device is not None) == (device_of(mode) == "gpu")
    if mode != "mlx":  # there the GPU's memory is all of it
        assert entry.memory.host_run is not None and entry.memory.host_load is not None
    assert entry.disk is not None and entry.disk.weights_gb > 0
    assert entry.recipe is not None or entry.notes
    assert MODELS[model].work


def is_python(code: str) -> bool:
    return any(line.startswith(("import ", "from ")) for line in code.splitlines())


BLANKS = re.compile(r"\{(torch|triton|hf_id|name|backend|BACKEND|device|optimize)\}")
PYTHON = sorted(key for key, recipe in CATALOGUE.recipes.items() if is_python(recipe.code))


@pytest.mark.parametrize("key", PYTHON)
def test_python_of_a_recipe_compiles(key: str) -> None:
    code = BLANKS.sub("blank", CATALOGUE.recipes[key].code)
    assert any(isinstance(node, ast.Import | ast.ImportFrom) for node in ast.parse(code).body)
    assert compile(code, key, "exec")


@pytest.mark.parametrize("key", sorted(set(CATALOGUE.recipes) - set(PYTHON)))
def test_commands_of_a_recipe_are_whole(key: str) -> None:
    """Every quote is closed and every broken line goes on."""
    code = BLANKS.sub("blank", CATALOGUE.recipes[key].code)
    assert not code.rstrip().endswith("\\")
    words = shlex.split(code, comments=True)
    assert words or "online" in key
    assert re.search(r"\{\w+\}", code) is None


@pytest.mark.parametrize("key", sorted(CATALOGUE.recipes))
def test_install_lines_are_single_commands(key: str) -> None:
    recipe = CATALOGUE.recipes[key]
    lines = [line for group in recipe.install.values() for line in group]
    assert lines or "online" in key
    for line in lines:
        assert line and line == line.strip() and "\n" not in line
        assert line == SYSTEM or re.search(r"\{\w+\}", BLANKS.sub("blank", line)) is None


def test_every_pytorch_mode_of_voxcpm_is_run_from_python() -> None:
    keys = {
        entry.recipe
        for model in MODELS.values()
        for entry in model.modes.values()
        if entry.runtime == "voxcpm-pytorch"
    }
    assert keys and keys <= set(PYTHON)


def test_every_recipe_is_used() -> None:
    used = {entry.recipe for model in MODELS.values() for entry in model.modes.values()}
    assert used - {None} == set(CATALOGUE.recipes)


def test_every_text_is_there_in_both_languages() -> None:
    texts = [(place, value) for place, value in EVERYTHING if isinstance(value, Text)]
    assert len(texts) > 100
    assert [place for place, text in texts if not (text.en.strip() and text.zh.strip())] == []
    chinese = [place for place, text in texts if any("\u4e00" <= c <= "\u9fff" for c in text.en)]
    assert chinese == []


def test_every_figure_has_a_source_and_every_source_is_real() -> None:
    for place, value in EVERYTHING:
        fields = getattr(value, "__struct_fields__", ())
        for field in ("source", "sources"):
            if field not in fields:
                continue
            cited = getattr(value, field)
            if isinstance(cited, dict):
                continue  # the section of sources itself
            keys = cited if isinstance(cited, list) else [cited]
            if cited is not None:
                assert keys and set(keys) <= set(CATALOGUE.sources), f"{place}.{field}"
    for key, source in CATALOGUE.sources.items():
        assert source.title.strip(), key
        assert source.url is None or source.url.startswith("https://"), key
        assert source.url is not None or source.kind in ("derived", "measured", "reference-report")


def test_every_source_is_cited() -> None:
    cited = {FITTED}  # by the forecast itself
    for place, value in EVERYTHING:
        if place.rpartition(".")[2] in ("source", "speed_source") and isinstance(value, str):
            cited.add(value)
        elif place.endswith(".sources") and isinstance(value, list):
            cited.update(value)
    assert set(CATALOGUE.sources) - cited == set()


def test_every_runtime_is_used() -> None:
    used = {entry.runtime for model in MODELS.values() for entry in model.modes.values()}
    assert used == set(CATALOGUE.runtimes)


@pytest.mark.parametrize("model", MODELS)
def test_a_model_says_where_it_is_and_under_which_terms(model: str) -> None:
    entry = MODELS[model]
    assert entry.links.code.startswith("https://")
    assert {link.place for link in entry.links.weights} >= {"huggingface"}
    assert any(link.official for link in entry.links.demos)
    assert entry.licence.weights and entry.licence.code
    assert entry.requirements
    assert entry.cloning.reference_seconds_min is not None or entry.cloning.text.en
    assert "online" in entry.modes and "cpu-fp32" in entry.modes
    assert {"en", "zh"} <= set(entry.languages)


def test_bounds_of_versions_are_in_order() -> None:
    spans = [
        (place, value)
        for place, value in EVERYTHING
        if {"min", "below"} <= set(getattr(value, "__struct_fields__", ()))
    ]
    assert len(spans) > 10
    for place, span in spans:
        if span.min is not None and span.below is not None:
            assert parse_version(span.min) < parse_version(span.below), place


def test_dates_are_not_in_the_future_of_the_file() -> None:
    assert all(source.date <= CATALOGUE.updated for source in CATALOGUE.sources.values())
    assert all(model.released <= CATALOGUE.updated for model in MODELS.values())
