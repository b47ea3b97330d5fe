"""The short form of a report: less, and nothing that leads nowhere."""

from __future__ import annotations

import re

import msgspec
import pytest
from msgspec.structs import replace
from page_checks import Page, faults
from report_samples import sample_report

from vcf.views import page
from vcf.views.report_document import ReportDocument, Upgrade
from vcf.views.report_markdown import report_markdown
from vcf.views.report_short import shortened
from vcf.views.words import Lang


def cited(document: ReportDocument) -> set[int]:
    """Numbers of sources that the document names."""
    lines = {int(line.source) for m in document.models for line in m.profile if line.source}
    texts = " ".join(upgrade.text for upgrade in document.upgrades)
    return lines | {int(each) for each in re.findall(r"\[(\d+)\]", texts)}


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_what_is_left_out(lang: Lang) -> None:
    full = sample_report(lang)
    made = shortened(full)
    assert full == sample_report(lang)
    for before, model in zip(full.models, made.models, strict=True):
        assert (model.requirements, model.problems, model.remedies) == ([], [], [])
        refused = [row.mode for row in before.modes if row.verdict == "no"]
        assert [row.mode for row in model.modes] == [
            row.mode for row in before.modes if row.mode not in refused
        ]
        assert (model.refused is None) == (not refused)
        assert all(mode in (model.refused or "") for mode in refused)
    choices = {(c.model, c.mode) for c in (made.first, made.second) if c is not None}
    kept = {(model.model, recipe.mode) for model in made.models for recipe in model.recipes}
    assert kept <= choices
    assert "--short" in made.limits[-1]


def test_sources_are_numbered_again() -> None:
    full = sample_report("en")
    price = Upgrade(
        part="gpu", part_word="Card", worth=True, unlocks=[], command=None,
        text=f"Launch price [{full.sources[-1].number}].",
    )  # fmt: skip
    made = shortened(replace(full, upgrades=[price]))
    numbers = [source.number for source in made.sources]
    assert numbers == list(range(1, len(numbers) + 1))
    assert cited(made) == set(numbers)
    assert made.sources[-1].title == full.sources[-1].title
    assert made.upgrades[0].text == f"Launch price [{numbers[-1]}]."
    by_title = {source.title: source.number for source in made.sources}
    old = {source.number: source.title for source in full.sources}
    for before, model in zip(full.models, made.models, strict=True):
        for line, other in zip(before.profile, model.profile, strict=True):
            if line.source:
                assert by_title[old[int(line.source)]] == int(other.source or 0)


def test_equal_reasons_share_a_place() -> None:
    full = sample_report("en", 1)
    rows = [
        replace(full.models[0].modes[0], mode=mode, verdict="no", reason=why)
        for mode, why in (("a", "Too big."), ("b", "Too old."), ("c", "Too big."), ("d", ""))
    ]
    one = shortened(replace(full, models=[replace(full.models[0], modes=rows)])).models[0]
    assert one.modes == []
    assert one.refused == "Modes that do not run here: a, c (Too big); b (Too old); d."


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_all_formats_follow(lang: Lang) -> None:
    made = shortened(sample_report(lang))
    text = report_markdown(made)
    places = set(re.findall(r'<a id="([^"]+)"></a>', text))
    assert set(re.findall(r"\]\(#([^)]+)\)", text)) <= places
    heads = [line for line in text.split("\n") if line.startswith("#")]
    followed = re.findall(r"^(#+) .+\n+(?:<a id.+\n+)?(?=(#+) )", text, re.MULTILINE)
    assert all(len(below) > len(head) for head, below in followed), heads
    assert len(text) < 0.8 * len(report_markdown(sample_report(lang)))
    assert msgspec.json.decode(msgspec.json.encode(made), type=ReportDocument) == made


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_page_follows(lang: Lang) -> None:
    pytest.importorskip("jinja2")
    pytest.importorskip("vl_convert")
    made = shortened(sample_report(lang))
    drawn = Page(page.report_page(made))
    assert faults(drawn) == []
    for model in made.models:
        assert model.refused is None or model.refused in drawn.text


def test_nothing_at_all() -> None:
    """Sections without content have no heading and no place in the contents."""
    full = sample_report("en", 1)
    empty = {name: [] for name in full.__struct_fields__ if isinstance(getattr(full, name), list)}
    text = report_markdown(replace(full, first=None, second=None, **empty))
    assert "#advice" not in text and "#limits" not in text
    bare = replace(full.models[0], profile=[], modes=[])
    text = report_markdown(replace(full, models=[bare]))
    assert "### What it is\n" not in text and "### How each mode fares" not in text
