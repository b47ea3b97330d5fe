"""A calibration for the terminal; its JSON is the document itself."""

from __future__ import annotations

from typing import get_args

import msgspec
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text as Line

from ..catalogue.model import Precision
from ..judge.bits import BITS
from ..judge.calibrated import CalibrationDocument, best_threads
from ..judge.calibration import DeviceCalibration
from ..judge.words import number
from ..plain import shown
from .table import Command
from .words import Lang, label

SHOWN_ROWS = (10, 256)
"""Rows of the linear layers that the table shows beside one."""
MOST_LEFT_OUT = 3
"""Parts not measured that are named."""
NOTHING = "–"


class Place(msgspec.Struct, frozen=True, kw_only=True):
    """Where a calibration is stored, and how it came to be shown."""

    path: str
    fresh: bool
    """It was measured just now."""
    installed: str | None = None
    """The torch that is installed, where it is another."""


def screen(told: CalibrationDocument, place: Place | None, lang: Lang) -> RenderableType:
    """The figures in a table for each device, and what they are good for. ``place``: None where
    it was not stored."""
    parts: list[RenderableType] = []
    for device in told.calibration.devices:
        parts += [*_device(device, told, lang), Line()]
    parts += [Line(text) for text in _remarks(told, lang)]
    if place is None:
        share = percent(told.foreign_share)
        parts.append(_said("disturbed", lang, "yellow", share=share))
        return Group(*parts)
    if not place.fresh:
        date = shown(told.date, 40)
        vcf, python = shown(told.vcf, 20), shown(told.python, 20)
        parts.append(_said("date", lang, date=date, vcf=vcf, python=python))
    if place.installed is not None:
        torch, installed = shown(told.torch, 40), shown(place.installed, 40)
        parts.append(_said("other-torch", lang, "yellow", torch=torch, installed=installed))
    parts.append(Command(label("calibrate-stored", lang).format(path=place.path), 0, "dim"))
    parts.append(_said("used" if place.fresh else "uses", lang, "bold"))
    return Group(*parts)


def progress_line(part: str, count: int, of: int, lang: Lang) -> str:
    """What is being measured, for a line that is written over."""
    return label("calibrate-progress", lang).format(number=count, count=of, part=shown(part, 60))


def _said(key: str, lang: Lang, style: str = "", **values: str) -> Line:
    return Line(label(f"calibrate-{key}", lang).format_map(values), style=style)


def _device(
    device: DeviceCalibration, told: CalibrationDocument, lang: Lang
) -> list[RenderableType]:
    head = "head" if device.device == "cpu" else "head-gpu"
    threads, torch = str(device.threads), shown(told.torch, 40)
    parts: list[RenderableType] = [
        _said(head, lang, "bold", name=shown(device.name), threads=threads, torch=torch)
    ]
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(label("calibrate-precision", lang))
    heads = [label("calibrate-one-row", lang)]
    heads += [label("calibrate-rows", lang).format(rows=rows) for rows in SHOWN_ROWS]
    for name in (*heads, label("calibrate-attention", lang)):
        table.add_column(name, justify="right")
    for precision in get_args(Precision):
        cells = _cells(device, precision)
        if any(cell != NOTHING for cell in cells):
            table.add_row(precision, *cells)
    parts.append(table)
    parts.append(
        _said(
            "rest", lang, conv=flops(device.conv_gflop_s), copy=bytes_s(device.copy_gb_s),
            launch=number(device.launch_us),
        )
    )  # fmt: skip
    return parts


def _cells(device: DeviceCalibration, precision: Precision) -> list[str]:
    """One row: bytes a second of the weights, 10^9 operations a second, bytes of the cache."""
    size = BITS[precision] / 8
    by_rows = {each.rows: each.gparam_s for each in device.linear if each.precision == precision}
    cells = [bytes_s(by_rows[1] * size) if 1 in by_rows else NOTHING]
    cells += [flops(2 * by_rows[n] * n) if n in by_rows else NOTHING for n in SHOWN_ROWS]
    cache = [each.gelement_s for each in device.cache if each.precision == precision]
    return [*cells, bytes_s(sum(cache) / len(cache) * size) if cache else NOTHING]


def _remarks(told: CalibrationDocument, lang: Lang) -> list[str]:
    lines = []
    cpu = told.calibration.of("cpu", None)
    if cpu is not None and len(told.threads) > 1 and not told.disturbed:
        best = best_threads(told)
        own, tried = str(cpu.threads), ", ".join(str(each.threads) for each in told.threads)
        if best is None:
            lines.append(label("calibrate-threads-fine", lang).format(own=own, tried=tried))
        else:
            gain = f"{100 * (best[1] - 1):.0f}"
            text = label("calibrate-threads-more", lang)
            lines.append(text.format(threads=best[0].threads, gain=gain, own=own))
    if not told.disturbed:
        text = label("calibrate-foreign", lang)
        lines.append(text.format(share=percent(told.foreign_share)))
    for each in told.left_out[:MOST_LEFT_OUT]:
        text = label("calibrate-left-out", lang)
        lines.append(text.format(part=shown(each.part), reason=shown(each.reason, 120)))
    more = len(told.left_out) - MOST_LEFT_OUT
    if more > 0:
        lines.append(label("calibrate-left-more", lang).format(count=more))
    return lines


def percent(share: float) -> str:
    """``0``, ``2``, ``35``; ``<1`` for less."""
    return "<1" if 0 < share < 0.01 else f"{100 * share:.0f}"


def flops(giga: float) -> str:
    """``39 GFLOPS``, ``1.2 TFLOPS``."""
    return f"{number(giga)} GFLOPS" if giga < 1000 else f"{number(giga / 1000)} TFLOPS"


def bytes_s(giga: float) -> str:
    """``14 GB/s``, ``1.2 TB/s``."""
    return f"{number(giga)} GB/s" if giga < 1000 else f"{number(giga / 1000)} TB/s"
