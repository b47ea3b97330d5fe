"""A benchmark before and while it runs: the plan, why cells are not begun, and how far it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType
from rich.text import Text as Line

from ..judge.cards import on_cards
from ..judge.context import Context
from ..judge.words import number
from ..plain import shown
from ..units import gb, gib
from .bench_sheet import Column, Sheet
from .bench_words import NOTHING, duration
from .words import Lang, label, say

if TYPE_CHECKING:
    from ..bench.cells import Cell
    from ..bench.planned import BenchPlan, PlannedCell
    from ..machine.model import Machine

HEADS = ("cell", "forecast", "time", "memory", "weights")
MOST_CARDS = 3
MODELS = ("voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2")
"""Whose weights vcf can download."""
NEXT_TO_NOTHING = 10**8
"""Bytes below which it is not worth saying what is written."""


def plan_screen(plan: BenchPlan, lang: Lang) -> RenderableType:
    """The cells with forecast, memory, time and weights."""
    table = Sheet(
        [
            Column(head=label(f"plan-{key}", lang), cells=list(cells), right=False)
            for key, cells in zip(HEADS, zip(*(_row(c, lang) for c in plan.cells), strict=True),
                                  strict=True)
        ]
    )  # fmt: skip
    parts: list[RenderableType] = [table, Line()]
    begun = [cell for cell in plan.cells if cell.skip is None]
    if len(begun) > 1:
        spans = [
            (c.seconds_low, c.seconds_high)
            for c in begun
            if c.seconds_low is not None and c.seconds_high is not None
        ]
        parts.append(Line(total_line(len(begun), spans, lang)))
    if plan.limit_seconds is not None:
        limit = duration(plan.limit_seconds, lang)
        parts.append(Line(label("plan-limit", lang).format(time=limit)))
    for count, seconds in sorted({(c.syntheses, c.speech_seconds) for c in begun}):
        told = label("plan-speech", lang).format(count=count, seconds=f"{seconds:.3g}")
        parts.append(Line(told))
    kinds = {cell.weights for cell in begun}
    if "synthetic" in kinds:
        parts.append(Line(label("plan-random-note", lang)))
    downloaded = (cell for cell in begun if not cell.mode.startswith("gguf"))
    if any(cell.weights == "synthetic" and cell.model in MODELS for cell in downloaded):
        parts.append(Line(label("plan-hub-note", lang)))
    if "tiny" in kinds:
        parts.append(Line(label("plan-tiny-note", lang), style="yellow"))
    parts.append(Line(label("plan-head", lang), style="dim"))
    return Group(*parts)


def total_line(count: int, spans: Sequence[tuple[float, float]], lang: Lang) -> str:
    """How many cells there are, and how long they take together. ``spans``: the least and the
    most seconds of those that have a forecast."""
    ends = (
        duration(sum(low for low, _ in spans), lang),
        duration(sum(high for _, high in spans), lang),
    )
    time = "–".join(dict.fromkeys(ends)) if spans else NOTHING
    text = label("plan-total" if count != 1 else "plan-total-one", lang).format(
        count=count, time=time
    )
    without = count - len(spans)
    if not without:
        return text
    return text + (" " if lang == "en" else "") + label("plan-unknown", lang).format(count=without)


def _row(cell: PlannedCell, lang: Lang) -> list[str]:
    rtf, time, memory = NOTHING, NOTHING, NOTHING
    if cell.predicted is not None:
        rtf = f"{number(cell.predicted.low)}–{number(cell.predicted.high)}"
        need = cell.predicted.device_bytes or cell.predicted.host_bytes
        memory = NOTHING if need is None else gib(need)
    if cell.seconds_low is not None and cell.seconds_high is not None:
        ends = (duration(cell.seconds_low, lang), duration(cell.seconds_high, lang))
        time = "–".join(dict.fromkeys(ends))
    name = f"{cell.model}:{cell.mode}" + (f"+{cell.option}" if cell.option else "")
    if cell.skip is not None:
        return [name, rtf, label("plan-skip", lang), memory, ""]
    return [name, rtf, time, memory, _weights(cell, lang)]


def _weights(cell: PlannedCell, lang: Lang) -> str:
    if cell.weights == "path":
        return label("plan-path", lang)
    if cell.weights == "hub":
        return label("plan-hub" if cell.ready else "plan-hub-download", lang)
    key = f"plan-{cell.weights}" + ("-ready" if cell.ready else "")
    return label(key, lang).format(size=gb(cell.write_bytes or 0))


def skipped_lines(cell: Cell, machine: Machine, lang: Lang) -> list[str]:
    """Why a cell is not begun; without a GPU also what the forecast says of cards."""
    assert cell.skip is not None
    gates = [gate for gate in cell.assessment.gates if gate.gate == "memory"]
    worst = next((gate for gate in gates if gate.status in ("fail", "unknown")), None)
    detail = say(worst.text, lang) if worst is not None else shown(cell.skip.detail)
    lines = [label(f"skip-{cell.skip.id}", lang).format(cell=cell.name, detail=detail)]
    if cell.skip.id == "no-gpu":
        cards = on_cards(Context(machine), cell.subject)
        told = [
            label("skip-card", lang).format(
                card=offer.name, low=number(found.rtf.low), high=number(found.rtf.high)
            )
            for offer, found in cards[:MOST_CARDS]
            if found.rtf is not None
        ]
        if told:
            gap = "；" if lang == "zh" else "; "
            lines.append(label("skip-nearest", lang).format(cards=gap.join(told)))
    return lines


def weights_line(what: str, done: int, total: int, lang: Lang) -> str:
    """How far writing, downloading or reading is."""
    size = gb if total >= NEXT_TO_NOTHING else (lambda count: f"{count / 1e6:.1f} MB")
    return label(f"weights-{what}", lang).format(done=size(done), total=size(total))


def phase_line(
    cell: str, phase: str, run: int, of: int, rtf: float | None, left_s: float | None, lang: Lang
) -> str:
    """``voxcpm-0.5b:cpu-fp32: run 2 of 3 · RTF 8.9 so far · about 1 min 10 s left``."""
    parts = [label(f"phase-{phase}", lang).format(run=run, of=of)]
    if rtf is not None:
        parts.append(label("phase-rtf", lang).format(rtf=number(rtf)))
    if left_s is not None and left_s >= 1:
        parts.append(label("phase-left", lang).format(time=duration(round(left_s), lang)))
    return f"{cell}: " + " · ".join(parts)
