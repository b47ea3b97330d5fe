"""Models in words."""

from __future__ import annotations

import io

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

from vcf.catalogue.load import load_catalogue
from vcf.catalogue.model import Need
from vcf.views.models import _need, list_models, show_model
from vcf.views.words import tell

MODELS = list(load_catalogue().models)


def drawn(what, width=4000) -> str:
    screen = Console(
        file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False,
        color_system=None,
    )  # fmt: skip
    screen.print(what)
    return screen.file.getvalue()


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("width", [40, 80, 200])
def test_width(lang, width, shipped) -> None:
    for what in (list_models(shipped, lang), *(show_model(m, shipped, lang) for m in MODELS)):
        assert max(cell_len(line) for line in drawn(what, width).splitlines()) <= width


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_list(lang, shipped) -> None:
    told = drawn(list_models(shipped, lang))
    for key, model in shipped.models.items():
        [line] = [line for line in told.splitlines() if line.startswith(f"{key} ")]
        assert tell(model.summary, lang) in line
        assert model.released in line


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("key", MODELS)
def test_show(key, lang, shipped) -> None:
    model = shipped.models[key]
    told = drawn(show_model(key, shipped, lang))
    assert told.startswith(f"{model.name} ({key})")
    for requirement in model.requirements:
        assert tell(requirement.value, lang) in told
        assert shipped.sources[requirement.source].title in told
        if requirement.remark is not None:
            assert tell(requirement.remark, lang) in told
    for mode in model.modes:
        assert f"\n{mode} " in told
    for link in (*model.links.weights, *model.links.demos):
        assert link.url in told
    assert model.licence.code in told
    if model.licence.notice is not None:
        assert tell(model.licence.notice, lang) in told
    for dialect in model.dialects:
        assert tell(dialect, lang) in told


def test_a_model_with_little(shipped) -> None:
    """Optional parts may be missing."""
    model = shipped.models["voxcpm-2"]
    links = msgspec.structs.replace(model.links, weights=[], demos=[])
    bare = msgspec.structs.replace(model, dialects=[], requirements=[], links=links)
    catalogue = msgspec.structs.replace(shipped, models={"bare": bare})
    told = drawn(show_model("bare", catalogue, "en"))
    assert "Dialects" not in told
    assert "VoxCPM2 (bare)" in told


def test_needs() -> None:
    def need(low: float, high: float) -> Need:
        return Need(need_gib=5.94, low_gib=low, high_gib=high, basis="measured", sources=["x"])

    assert _need(None) == "–"
    assert _need(need(5.94, 5.94)) == "5.9 GiB"
    assert _need(need(5, 7.25)) == "5.9 (5.0–7.2) GiB"
