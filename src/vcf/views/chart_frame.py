"""What the charts of the page share: size, style, and how a spec becomes an SVG."""

from __future__ import annotations

import json
import math
import re
from typing import Any

Spec = dict[str, Any]

WIDTH, LEFT, RIGHT = 340, 132, 56
"""Of a chart, of the names on its left and of the figures on its right."""
PLOT = WIDTH - LEFT - RIGHT
ROW = 19
TOP, BOTTOM, TITLE = 20, 20, 14


def chart(layers: list[Spec], y: Spec, rows: int, values: list[Spec], below: int = 0) -> Spec:
    """A chart with a row for each mode; ``below``: room for the name of its scale."""
    padding = {"left": LEFT, "right": RIGHT, "top": TOP, "bottom": BOTTOM + below}
    return {
        **frame(padding, PLOT, rows * ROW, values),
        "encoding": {"y": y},
        "layer": layers,
    }


def frame(padding: Spec, width: int, height: int, values: list[Spec]) -> Spec:
    """What all charts share. Sizes are fixed: fonts of the machine that draws don't count."""
    return {
        "$schema": "https://vega.github.io/schema/vega-lite/v5.json",
        "width": width,
        "height": height,
        "autosize": "none",
        "padding": padding,
        "background": None,
        "data": {"values": json.loads(json.dumps(values))},
        "config": {
            "font": "sans-serif",
            "view": {"stroke": None},
            "scale": {"bandPaddingInner": 0.1, "bandPaddingOuter": 0.05},
            "axis": {
                "labelFontSize": 11, "titleFontSize": 11, "titleFontWeight": "normal",
                "labelColor": "var(--ink)", "titleColor": "var(--soft)",
                "gridColor": "var(--line)", "domain": False, "ticks": False,
                "labelPadding": 6, "labelLimit": 0, "labelOverlap": False,
                "labelBound": False, "labelFlush": False,
            },
            "axisY": {"grid": False},
        },
    }  # fmt: skip


def line(at: float, text: str) -> list[Spec]:
    """A line across all rows, with its name above."""
    one: Spec = {"values": [{}]}
    return [
        {
            "data": one,
            "mark": {"type": "rule", "stroke": "var(--ink)", "strokeWidth": 1.2,
                     "strokeDash": [1, 0]},
            "encoding": {"x": {"datum": at}, "y": {"value": -4}, "y2": {"value": "height"}},
        },
        {
            "data": one,
            "mark": {"type": "text", "fontSize": 11, "fill": "var(--ink)", "text": text},
            "encoding": {"x": {"datum": at}, "y": {"value": -11}},
        },
    ]  # fmt: skip


def figures() -> Spec:
    """The numbers on the right."""
    return {
        "mark": {"type": "text", "align": "left", "fontSize": 11, "fill": "var(--ink)"},
        "encoding": {"x": {"value": PLOT + 7}, "text": {"field": "text", "type": "nominal"}},
    }


def svg(spec: Spec, *, name: str, title: str) -> str:
    """A spec drawn. ``name`` makes its inner ids unique in a page, ``title`` is read in its place.

    The same spec gives the same bytes.
    """
    import vl_convert
    from markupsafe import escape

    return tidy(str(vl_convert.vegalite_to_svg(spec)), name, str(escape(title)))


def tidy(drawn: str, name: str, title: str) -> str:
    """What Vega draws, as one image: no roles and labels of its parts, which would be read one by
    one in English, no hidden parts, short numbers, ids that are unique in a page."""
    found = re.search(r'viewBox="([^"]*)"', drawn)
    box = found[1] if found else f"0 0 {WIDTH} {WIDTH}"
    body = drawn[drawn.index(">") + 1 :]
    body = re.sub(r' (?:role|aria-[a-z]+|class|pointer-events)="[^"]*"', "", body)
    body = re.sub(r'<path[^>]* d=""[^>]*/>|<path[^>]*d="M0,0h0v0h0Z"[^>]*/>', "", body)
    body = re.sub(r' opacity="1"| font-family="sans-serif"| transform="translate\(0,0\)"', "", body)
    body = re.sub(r"\d+\.\d{3,}", lambda figure: f"{float(figure[0]):.2f}", body)
    # Vega counts its clips from the start of the process.
    clips = list(dict.fromkeys(re.findall(r'id="([^"]+)"', body)))
    for index, clip in enumerate(clips):
        body = re.sub(rf"(?<=[\"#]){re.escape(clip)}(?=[\")])", f"{name}-{index}", body)
    return (
        f'<svg class="chart" xmlns="http://www.w3.org/2000/svg" viewBox="{box}" role="img" '
        f'aria-label="{title}" focusable="false">{body}'
    )


def ticks(low: float, high: float) -> list[float]:
    """1, 2 and 5 times powers of ten within a range; powers of ten alone where it is wide."""
    span = math.log10(high / low)
    steps: tuple[int, ...] = (1, 2, 5) if span <= 2.2 else (1, 3) if span <= 3 else (1,)
    powers = range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)
    found = [float(f"{step}e{power}") for power in powers for step in steps]
    return [tick for tick in found if low <= tick <= high]
