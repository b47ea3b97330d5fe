"""The charts of the page: what they draw, and that the drawing is fit to stand in a page."""

from __future__ import annotations

import re
from xml.etree import ElementTree

import pytest
from msgspec.structs import replace
from report_samples import sample_report

from vcf.views import chart_frame, chart_words, charts
from vcf.views.report_document import Amount, Measurement, ModeRow, Speed

REPORT = sample_report("en", 2)
MODEL = REPORT.models[0]
DOMAIN = charts.speed_domain(REPORT.models)


def row(**changes: object) -> ModeRow:
    return replace(MODEL.modes[0], **changes)


def speed(low: float, high: float) -> Speed:
    return Speed(low=low, mid=(low + high) / 2, high=high, basis="roofline")


def drawn(spec: chart_frame.Spec | None, name: str = "a") -> str:
    pytest.importorskip("vl_convert")
    pytest.importorskip("markupsafe")
    assert spec is not None
    return chart_frame.svg(spec, name=name, title='RTF of <"one">')


def test_speed_shows_every_mode_that_runs_in_the_order_of_the_report() -> None:
    spec = charts.speed_spec(MODEL, DOMAIN, "en")
    assert spec is not None
    names = [value["mode"] for value in spec["data"]["values"]]
    expected = [r.mode for r in MODEL.modes if r.rtf and r.verdict != "no"]
    assert names == expected
    assert len(names) > 5
    assert spec["encoding"]["y"]["sort"] == names


def test_speed_spans_all_models_and_real_time() -> None:
    low, high = DOMAIN
    assert low < 1 < high
    for model in REPORT.models:
        for each in charts.running(model):
            assert each.rtf is not None
            assert low <= each.rtf.low <= each.rtf.high <= high


@pytest.mark.parametrize("pair", [(0.0, 1.0), (1.0, 1e9), (float("nan"), 1.0), (3.0, 2.0)])
def test_a_speed_that_no_scale_holds_is_left_out(pair: tuple[float, float]) -> None:
    model = replace(MODEL, modes=[row(rtf=speed(*pair))])
    assert charts.speed_spec(model, charts.speed_domain([model]), "en") is None


def test_measured_modes_are_told_from_forecasts() -> None:
    measured = row(rtf=Speed(low=2.0, mid=2.1, high=2.2, basis="bench"), mode="cpu-fp32")
    spec = charts.speed_spec(replace(MODEL, modes=[measured, MODEL.modes[1]]), DOMAIN, "en")
    assert spec is not None
    assert [v["measured"] for v in spec["data"]["values"]] == [True, False]
    assert 'stroke-width="1.5"' in drawn(spec)


def test_memory_shows_vram_of_gpu_modes_and_ram_of_the_others() -> None:
    rows = dict(charts.memory_rows(MODEL))
    assert {each.mode for each, _ in rows["of-vram"]} >= {"gpu-fp32", "gguf-gpu-q4"}
    assert all(each.vram is None for each, _ in rows["of-ram"])
    assert "online" not in {each.mode for group in rows.values() for each, _ in group}


def test_ram_of_a_gpu_mode_is_shown_where_it_is_short() -> None:
    model = replace(
        MODEL,
        modes=[
            row(vram=Amount(need_bytes=1, have_bytes=2), ram=Amount(need_bytes=9, have_bytes=4))
        ],
    )
    spec = charts.memory_spec(model, "en")
    assert spec is not None
    kinds = [(v["row"], v["need"], v["within"]) for v in spec["data"]["values"] if v["text"]]
    mode = model.modes[0].mode
    assert kinds == [(f"vram|{mode}", 0.5, 0.5), (f"ram|{mode}", charts.MOST_SHARE, 1.0)]


@pytest.mark.parametrize("amount", [(None, 5), (5, None), (5, 0)])
def test_memory_that_is_not_known_is_not_drawn(amount: tuple[int | None, int | None]) -> None:
    need, have = amount
    model = replace(MODEL, modes=[row(vram=None, ram=Amount(need_bytes=need, have_bytes=have))])
    assert charts.memory_spec(model, "en") is None


def test_history_has_a_series_for_each_mode() -> None:
    spec = charts.history_spec(REPORT.measurements)
    assert spec is not None
    assert len(spec["data"]["values"]) == len(REPORT.measurements) == 4
    assert charts.history_cells(REPORT.measurements) == [
        "voxcpm-0.5b cpu-fp32",
        "voxcpm-0.5b cpu-bf16",
    ]
    assert charts.history_spec([]) is None


def test_more_series_than_shapes_are_drawn() -> None:
    many = [
        Measurement(date="2026-11-01", model="m", mode=f"m{i}", rtf=speed(i + 1, i + 2), source="r")
        for i in range(9)
    ]
    assert drawn(charts.history_spec(many)).count("<path") >= 9


@pytest.mark.parametrize(
    ("span", "expected"),
    [
        ((0.5, 20), [0.5, 1, 2, 5, 10, 20]),
        ((0.09, 40), [0.1, 0.3, 1, 3, 10, 30]),
        ((0.001, 10_000), [0.001, 0.01, 0.1, 1, 10, 100, 1000, 10_000]),
    ],
)
def test_ticks_are_round_and_few(span: tuple[float, float], expected: list[float]) -> None:
    assert chart_frame.ticks(*span) == pytest.approx(expected)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_drawing_is_one_clean_image(lang: str) -> None:
    model = sample_report(lang, 2).models[0]  # type: ignore[arg-type]
    for spec in (charts.speed_spec(model, DOMAIN, lang), charts.memory_spec(model, lang)):  # type: ignore[arg-type]
        text = drawn(spec)
        root = ElementTree.fromstring(text)
        assert root.get("role") == "img"
        assert root.get("aria-label") == 'RTF of <"one">'
        inner = text[text.index(">") :]
        assert "aria-" not in inner
        assert "role=" not in inner
        assert "<script" not in inner
        assert "href" not in inner
        assert "undefined" not in inner
        assert "NaN" not in inner
        assert root.get("viewBox", "").split()[2] == str(chart_frame.WIDTH)
        sizes = [float(size) for size in re.findall(r'font-size="(\d+)px"', text)]
        assert min(sizes) >= 11  # shown at 328 of 340 on the narrowest phone


def test_colours_are_the_page_s_own() -> None:
    text = drawn(charts.speed_spec(MODEL, DOMAIN, "en")) + drawn(charts.memory_spec(MODEL, "en"))
    text += drawn(charts.history_spec(REPORT.measurements))
    painted = set(re.findall(r'(?:fill|stroke)="([^"]+)"', text))
    assert {each for each in painted if not each.startswith("var(")} <= {"none"}


def test_verdicts_have_shapes_of_their_own() -> None:
    verdicts = list(charts.SHAPES)
    rows = [row(verdict=v, mode=f"m-{v}", rtf=speed(1, 2)) for v in verdicts if v != "no"]
    text = drawn(charts.speed_spec(replace(MODEL, modes=rows), DOMAIN, "en"))
    for verdict in verdicts:
        if verdict != "no":
            assert f"var(--{verdict}-mark)" in text
    marks = re.findall(r'<path transform="[^"]*" d="([^"]*)"', text)
    assert len(set(marks)) == len(rows) == 4


def test_the_same_spec_gives_the_same_drawing_with_ids_of_its_name() -> None:
    spec = charts.memory_spec(MODEL, "en")
    assert drawn(spec) == drawn(spec)
    before = '<svg width="9" viewBox="0 0 9 9"><g clip-path="url(#clip7)"/><rect id="clip7"/></svg>'
    after = chart_frame.tidy(before, "speed1", "words")
    assert "url(#speed1-0)" in after
    assert 'id="speed1-0"' in after
    assert "clip7" not in after


def test_what_is_read_out_holds_the_figures() -> None:
    for lang in ("en", "zh"):
        model = sample_report(lang, 2).models[0]  # type: ignore[arg-type]
        told = chart_words.speed(model, lang)  # type: ignore[arg-type]
        assert "gguf-cpu-q4 1.8–6.1" in told
        assert model.modes[0].verdict_word in told
        assert "gpu-fp32" in chart_words.memory(model, lang)  # type: ignore[arg-type]
        assert "2026-11-20" in chart_words.history(REPORT.measurements, lang)  # type: ignore[arg-type]
