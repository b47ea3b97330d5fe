"""Numbers as people read them; the same in every language."""

from __future__ import annotations

from ..catalogue.model import Text
from .model import Rtf


def number(value: float) -> str:
    """Two significant digits: 0.35, 4.2, 12."""
    if value >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"


def listed(names: str) -> Text:
    """``a, b``, in Chinese ``a、b``."""
    return Text(en=names, zh=names.replace(", ", "、"))


def pace(rtf: Rtf) -> str:
    """How a forecast stands to real time: good (all of it faster), likely (its middle well
    below), about (its middle just below), nearly (its middle above, its quick end below) or
    slow."""
    if rtf.mid > 1:
        return "slow" if rtf.low > 1 else "nearly"
    if rtf.high <= 1:
        return "good"
    return "likely" if rtf.mid <= 0.8 else "about"


def span(low: float, high: float) -> Text:
    """A range of seconds as people say it: ``9.0–30 s``, ``16 s – 1.7 min``, ``2.0–6.0 min``."""
    if high < 100:
        told = f"{number(low)}–{number(high)}"
        return Text(en=f"{told} s", zh=f"{told} 秒")
    top = number(high / 60)
    if low < 60:
        return Text(en=f"{number(low)} s – {top} min", zh=f"{number(low)} 秒至 {top} 分钟")
    told = f"{number(low / 60)}–{top}"
    return Text(en=f"{told} min", zh=f"{told} 分钟")
