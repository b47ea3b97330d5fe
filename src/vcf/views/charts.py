"""The charts of the HTML page, drawn by Vega-Lite: speed, memory and measurements as SVG.

Every chart is 340 units wide, so that a phone shows its 11-unit text nearly at full size. Colours
are variables of the page's style sheet; words on a chart are labels, ids and numbers of ours.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..judge.words import number
from ..units import gib
from .chart_frame import TITLE, TOP, WIDTH, Spec, chart, figures, frame, line, ticks
from .report_document import Amount, Measurement, ModelReport, ModeRow
from .words import Lang, label

SHAPES = {
    "good": "circle",
    "slow": "diamond",
    "tight": "triangle-up",
    "no": "cross",
    "unknown": "square",
}
"""A verdict is told by shape too, the same as in the page's marks."""
SERIES = ("circle", "diamond", "triangle-up", "square", "cross", "triangle-down")
"""Shapes of measured modes; more modes than these share them in turn, and differ by name."""
FASTEST, SLOWEST = 0.001, 10_000.0
"""Beyond them no RTF is drawn."""
MOST_SHARE = 2.0
"""A need is drawn up to twice of what is there."""


def speed_domain(models: Iterable[ModelReport]) -> tuple[float, float]:
    """The RTFs that every speed chart of a page spans, so that models compare: all of them and
    real time."""
    rows = [row.rtf for model in models for row in running(model) if row.rtf]
    low = min([0.5, *(rtf.low for rtf in rows)])
    high = max([2.0, *(rtf.high for rtf in rows)])
    return max(low * 0.9, FASTEST), min(high * 1.1, SLOWEST)


def running(model: ModelReport) -> list[ModeRow]:
    """The modes with a speed that can be drawn."""
    return [
        row
        for row in model.modes
        if row.rtf and row.verdict != "no" and FASTEST < row.rtf.low <= row.rtf.high < SLOWEST
    ]


def speed_spec(model: ModelReport, domain: tuple[float, float], lang: Lang) -> Spec | None:
    """RTF of each mode that runs: a bar from low to high, a mark in the middle, a line at real
    time. Measured bars are full and framed. None where no mode has a speed."""
    values = [
        {
            "mode": row.mode,
            "low": row.rtf.low,
            "mid": row.rtf.mid,
            "high": row.rtf.high,
            "verdict": row.verdict,
            "measured": row.rtf.basis == "bench",
            "text": f"{number(row.rtf.low)}–{number(row.rtf.high)}",
        }
        for row in running(model)
        if row.rtf
    ]
    if not values:
        return None
    x: Spec = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": list(domain), "nice": False},
        "axis": {"values": ticks(*domain), "format": "~g", "title": "RTF", "grid": True},
    }
    order = [value["mode"] for value in values]
    y = {"field": "mode", "type": "nominal", "sort": order, "title": None}
    measured = {"condition": {"test": "datum.measured", "value": 1}, "value": 0.45}
    framed = {"condition": {"test": "datum.measured", "value": 1.5}, "value": 0}
    layers: list[Spec] = [
        *line(1, label("real-time", lang)),
        {
            "mark": {"type": "bar", "height": 9, "cornerRadius": 2, "stroke": "var(--ink)"},
            "encoding": {
                "x": {"field": "low", **x},
                "x2": {"field": "high"},
                "fillOpacity": measured,
                "strokeWidth": framed,
                "fill": _by_verdict("var(--{}-mark)"),
            },
        },
        {
            "mark": {"type": "point", "filled": True, "size": 62, "strokeWidth": 1.2,
                     "stroke": "var(--paper)", "opacity": 1},
            "encoding": {
                "x": {"field": "mid", **x},
                "fill": _by_verdict("var(--{}-mark)"),
                "shape": {"field": "verdict", "type": "nominal", "legend": None,
                          "scale": {"domain": list(SHAPES), "range": list(SHAPES.values())}},
            },
        },
        figures(),
    ]  # fmt: skip
    return chart(layers, y, len(values), values, TITLE)


def memory_rows(model: ModelReport) -> list[tuple[str, list[tuple[ModeRow, Amount]]]]:
    """What the memory chart shows: VRAM of GPU modes; RAM of the others and of those short of
    it. Only where both need and what is there are known."""
    local = [row for row in model.modes if row.mode != "online"]
    vram = [(row, row.vram) for row in local if row.vram and _known(row.vram)]
    ram = [
        (row, row.ram) for row in local if _known(row.ram) and (row.vram is None or _short(row.ram))
    ]
    return [("of-vram", vram), ("of-ram", ram)]


def memory_spec(model: ModelReport, lang: Lang) -> Spec | None:
    """What modes need as a share of what is there, a line at all of it. GPU modes show VRAM,
    the others, and GPU modes short of it, RAM. None where nothing can be told."""
    values: list[Spec] = []
    for word, group in memory_rows(model):
        if group:
            head = {"row": f"{word}|{label(word, lang)}", "need": 0, "within": 0, "text": ""}
            values += [head, *(_share(word, row.mode, amount) for row, amount in group)]
    if not values:
        return None
    x: Spec = {
        "type": "quantitative",
        "scale": {"domain": [0, MOST_SHARE], "nice": False, "clamp": True},
        "axis": {"values": [0, 0.5, 1, 1.5, 2], "format": ".0%", "title": None, "grid": True},
    }
    y = {
        "field": "row",
        "type": "nominal",
        "sort": [value["row"] for value in values],
        "title": None,
        "axis": {
            "labelExpr": "split(datum.value, '|')[1]",
            "labelFontWeight": {
                "condition": {"test": "indexof(datum.value, 'of-') === 0", "value": "bold"},
                "value": "normal",
            },
        },
    }
    bar: Spec = {"type": "bar", "height": 9, "cornerRadius": 2}
    layers: list[Spec] = [
        {
            "mark": {**bar, "fill": "var(--need)"},
            "encoding": {"x": {"field": "within", **x}, "x2": {"datum": 0}},
        },
        {
            "transform": [{"filter": "datum.need > 1"}],
            "mark": {**bar, "fill": "var(--no-bg)", "stroke": "var(--no-mark)",
                     "strokeWidth": 1.4, "strokeDash": [3, 2]},
            "encoding": {"x": {"field": "within", **x}, "x2": {"field": "need"}},
        },
        *line(1, label("page-there", lang)),
        figures(),
    ]  # fmt: skip
    return chart(layers, y, len(values), values)


def history_spec(measured: Sequence[Measurement]) -> Spec | None:
    """RTF of each measured mode over the days: a mark in the middle, a line from low to high.
    None without a measurement."""
    values = [
        {
            "cell": _cell(each),
            "date": each.date[:16],
            "low": each.rtf.low,
            "mid": each.rtf.mid,
            "high": each.rtf.high,
        }
        for each in _drawable(measured)
    ]
    if not values:
        return None
    cells = history_cells(measured)
    low = min(each.rtf.low for each in _drawable(measured)) * 0.8
    high = max(each.rtf.high for each in _drawable(measured)) * 1.25
    x: Spec = {
        "field": "date",
        "type": "ordinal",
        "axis": {"labelAngle": 0, "labelOverlap": True, "title": None, "labelExpr":
                 "slice(datum.value, 0, 10)", "grid": False},
    }  # fmt: skip
    y = {
        "type": "quantitative",
        "scale": {"type": "log", "domain": [low, high], "nice": False},
        "axis": {"values": ticks(low, high), "format": "~g", "title": "RTF", "titleAngle": 0,
                 "titleAlign": "left", "titleX": -34, "titleY": -9, "labels": True},
    }  # fmt: skip
    series = {"field": "cell", "type": "nominal", "sort": None, "legend": None}
    shapes = {"domain": cells, "range": [SERIES[i % len(SERIES)] for i in range(len(cells))]}
    colours = {"domain": cells, "range": [f"var(--series-{i % 3})" for i in range(len(cells))]}
    colour = {**series, "scale": colours}
    layers: list[Spec] = [
        {
            "mark": {"type": "rule", "strokeWidth": 5, "opacity": 0.35},
            "encoding": {"y": {"field": "low", **y}, "y2": {"field": "high"}, "stroke": colour},
        },
        {
            "mark": {"type": "line", "strokeWidth": 1.3},
            "encoding": {"y": {"field": "mid", **y}, "stroke": colour},
        },
        {
            "mark": {"type": "point", "filled": True, "size": 70, "opacity": 1,
                     "stroke": "var(--paper)", "strokeWidth": 1.2},
            "encoding": {"y": {"field": "mid", **y}, "fill": colour,
                         "shape": {**series, "scale": shapes}},
        },
    ]  # fmt: skip
    padding = {"left": 42, "right": 18, "top": TOP, "bottom": 24}
    return {**frame(padding, WIDTH - 60, 150, values), "encoding": {"x": x}, "layer": layers}


def history_cells(measured: Sequence[Measurement]) -> list[str]:
    """The series of the chart, in its order: model and mode."""
    return list(dict.fromkeys(_cell(each) for each in _drawable(measured)))


def _drawable(measured: Iterable[Measurement]) -> list[Measurement]:
    return [each for each in measured if FASTEST < each.rtf.low <= each.rtf.high < SLOWEST]


def _cell(each: Measurement) -> str:
    return f"{each.model} {each.mode}"


def _by_verdict(colour: str) -> Spec:
    names = list(SHAPES)
    scale = {"domain": names, "range": [colour.format(name) for name in names]}
    return {"field": "verdict", "type": "nominal", "legend": None, "scale": scale}


def _share(kind: str, mode: str, amount: Amount) -> Spec:
    share = (amount.need_bytes or 0) / (amount.have_bytes or 1)
    return {
        "row": f"{kind[3:]}|{mode}",
        "need": min(share, MOST_SHARE),
        "within": min(share, 1.0),
        "text": gib(amount.need_bytes or 0),
    }


def _known(amount: Amount) -> bool:
    return amount.need_bytes is not None and bool(amount.have_bytes)


def _short(amount: Amount) -> bool:
    need, have = amount.need_bytes, amount.have_bytes
    return need is not None and have is not None and need > have
