"""Two benchmark records side by side, for the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text as Line

from ..plain import shown
from ..units import gib
from .bench_sheet import Column, Dotted, Sheet, items, pairs
from .bench_words import NOTHING, cell, figure, joined, moment, seconds, told, word
from .words import Lang

if TYPE_CHECKING:
    from ..bench.compare import Comparison, Difference, Metric
    from ..bench.record import BenchRecord

MUCH = 3.0
"""From this ratio on it is given as such, not in percent."""
TRUTHS = {"true": "yes", "false": "no"}
WITHOUT = {
    "gpu": "on-processor",
    "steps": "own-steps",
    "fixed-seconds": "not-forced",
    "threads-asked": "own-choice",
    "compile-asked": "own-way",
}
"""What it means where one of these has no value."""


def comparison_screen(
    comparison: Comparison, a: BenchRecord, b: BenchRecord, lang: Lang
) -> RenderableType:
    """What got better or worse from record a to record b. Of records that were not measured
    alike it says so first, with what is different."""
    parts: list[RenderableType] = [
        _verdict(comparison, lang),
        _named("A", a),
        _named("B", b),
    ]
    if comparison.differences:
        parts += [Line(), *_differing("differences", comparison.differences, lang)]
    if comparison.metrics:
        parts += [Line(), _table(comparison.metrics, lang)]
    notes = [
        ("!", "yellow", told("compare-disturbed", lang, which=which))
        for which, record in (("A", a), ("B", b))
        if record.conditions.disturbed
    ]
    if len(a.runs) == 1 or len(b.runs) == 1:
        notes.append(("!", "yellow", told("compare-single", lang)))
    if notes:
        parts.append(items(notes))
    if comparison.changes:
        parts += [Line(), *_differing("changes", comparison.changes, lang)]
    return Group(*parts)


def refusal(comparison: Comparison, lang: Lang) -> str:
    """Why two records can't be compared, in one line."""
    found = [
        told("colon", lang, first=name, second=values)
        for name, values in _rows(comparison.differences, lang)
    ]
    return told("compare-why", lang, why=joined(found, lang))


def _named(which: str, record: BenchRecord) -> Dotted:
    return Dotted([f"{which}  {shown(record.id, 100)}", cell(record), moment(record)], "dim")


def _verdict(comparison: Comparison, lang: Lang) -> Line:
    """The answer in one sentence: of the RTF."""
    if comparison.differences:
        return Line(told("compare-refused", lang), style="bold red")
    rtf = next((each for each in comparison.metrics if each.id == "rtf"), None)
    if rtf is None or rtf.outcome is None:
        return Line(told("nothing", lang), style="bold")
    one, other = value(rtf, rtf.a, lang), value(rtf, rtf.b, lang)
    text = told(f"compare-{rtf.outcome}", lang, a=one, b=other, change=change(rtf.ratio or 1))
    return Line(text, style="bold")


def _table(metrics: Sequence[Metric], lang: Lang) -> Sheet:
    names = [told(f"metric-{each.id}", lang) for each in metrics]
    return Sheet(
        [
            Column(head=told("metric", lang), cells=names, right=False),
            Column(head="A", cells=[value(each, each.a, lang) for each in metrics]),
            Column(head="B", cells=[value(each, each.b, lang) for each in metrics]),
            Column(
                head=told("change", lang),
                cells=[_changed(each, lang) for each in metrics],
                right=False,
            ),
        ]
    )


def value(metric: Metric, found: float | None, lang: Lang) -> str:
    """``12.5``, ``3.2 s``, ``4.4 GiB``, ``500 J``; a dash where it was not measured."""
    if found is None:
        return NOTHING
    if metric.id in ("ram", "vram"):
        return gib(found)
    if metric.id in ("first-audio", "load", "import"):
        return seconds(found, lang)
    text = "0" if found == 0 else figure(found)
    return f"{text} J" if metric.id == "energy" else text


def change(ratio: float) -> str:
    """``+20 %``, ``−2.4 %``, ``4.2 ×``."""
    if ratio >= MUCH:
        return f"{figure(ratio)}×"
    share = 100 * (ratio - 1)
    text = f"{abs(share):.0f}" if abs(share) >= 9.95 else f"{abs(share):.1f}"
    return f"{'+' if share > 0 else '−' if share < 0 else '±'}{text} %"


def _changed(metric: Metric, lang: Lang) -> str:
    missing = [which for which, found in (("A", metric.a), ("B", metric.b)) if found is None]
    if missing:
        return told("change-missing", lang, which=missing[0])
    if metric.ratio is None:
        return told("change-otherwise", lang)
    if metric.outcome == "same":
        return told("change-same" if metric.overlap else "change-equal", lang)
    return told(f"change-{metric.outcome}", lang, change=change(metric.ratio))


def _differing(key: str, found: Sequence[Difference], lang: Lang) -> list[RenderableType]:
    return [Line(told(key, lang), style="bold"), pairs(_rows(found, lang))]


def _rows(found: Sequence[Difference], lang: Lang) -> list[tuple[str, str]]:
    """What is different, and both its values."""
    rows = []
    for each in found:
        name = shown(each.name, 30) if each.name else told(f"differs-{each.id}", lang)
        one, other = (_known(each.id, text, lang) for text in (each.a, each.b))
        rows.append((name, f"{one} → {other}"))
    return rows


def _known(ident: str, text: str | None, lang: Lang) -> str:
    if text is None:
        return told(WITHOUT.get(ident, "unknown"), lang)
    if ident in ("status", "quality"):
        return word(ident, text, lang)
    return told(TRUTHS[text], lang) if text in TRUTHS else shown(text, 200)
