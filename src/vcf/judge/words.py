"""Numbers as people read them; the same in every language."""

from __future__ import annotations


def number(value: float) -> str:
    """Two significant digits: 0.35, 4.2, 12."""
    if value >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"


def span(low: float, high: float) -> str:
    """A range of seconds as people say it: ``9.0–30 s``, ``16 s – 1.7 min``, ``2.0–6.0 min``."""
    if high < 100:
        return f"{number(low)}–{number(high)} s"
    if low < 60:
        return f"{number(low)} s – {number(high / 60)} min"
    return f"{number(low / 60)}–{number(high / 60)} min"
