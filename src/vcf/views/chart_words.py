"""What is read out in place of a chart: the same figures in a sentence."""

from __future__ import annotations

from collections.abc import Sequence

from ..judge.words import number
from ..units import gib
from .charts import memory_rows, running
from .report_document import Measurement, ModelReport
from .words import Lang, label


def speed(model: ModelReport, lang: Lang) -> str:
    """The chart of a model's speed."""
    one = label("page-chart-speed-row", lang)
    rows = [
        one.format(
            mode=row.mode,
            rtf=f"{number(row.rtf.low)}–{number(row.rtf.high)}",
            verdict=row.verdict_word,
        )
        for row in running(model)
        if row.rtf
    ]
    return _told("page-chart-speed", lang, rows, model.name)


def memory(model: ModelReport, lang: Lang) -> str:
    """The chart of what a model's modes need."""
    one = label("page-chart-memory-row", lang)
    rows = [
        one.format(
            mode=row.mode,
            part=label(word, lang),
            need=gib(amount.need_bytes or 0),
            have=gib(amount.have_bytes or 0),
        )
        for word, group in memory_rows(model)
        for row, amount in group
    ]
    return _told("page-chart-memory", lang, rows, model.name)


def history(measured: Sequence[Measurement], lang: Lang) -> str:
    """The chart of the measurements."""
    rows = [f"{m.date} {m.model} {m.mode} {number(m.rtf.mid)}" for m in measured]
    return _told("page-chart-history", lang, rows)


def _told(key: str, lang: Lang, rows: Sequence[str], name: str = "") -> str:
    comma = "；" if lang == "zh" else "; "
    return label(key, lang).format(name=name, rows=comma.join(rows))
