"""How the parts of a machine stand to what the models want, read off the gates."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

import msgspec

from ..judge.model import Amounts, Assessment, Gate
from ..units import gb, gib
from .report_document import Status
from .report_scope import (
    Scope,
    able,
    device_gate,
    disk_gate,
    foreign,
    host_gate,
    software_gates,
    unsupported,
)

INSTALLED = ("torch-", "package-", "audio-", "codec-")
"""Beginnings of the texts about what is installed; the rest is about the machine."""
NOT_INSTALLED = ("torch-for-card", "torch-last-for-card", "torch-to-install", "torch-old-driver")


class Fit(msgspec.Struct, frozen=True, kw_only=True):
    """How many modes one part is enough for, and what they need."""

    fits: int
    tight: int
    blocked: int
    """Those of the tight ones that fit when memory or disk is freed."""
    unknown: int
    count: int
    low: int
    high: int
    """Bytes that the least and the most demanding of them need."""
    tight_high: int
    """Bytes that the most demanding of the tight ones needs; 0 where none is."""

    @property
    def status(self) -> Status:
        """Enough for all, for some, for none; not known."""
        if self.unknown == self.count:
            return "unknown"
        if self.fits == self.count:
            return "good"
        return "limit" if self.fits or self.tight else "bad"


def fit_of(rows: Iterable[tuple[Gate | None, Amounts | None]]) -> Fit | None:
    """Of gates with their amounts; None where no mode asks for the part."""
    found = [
        (gate, amounts.need_bytes)
        for gate, amounts in rows
        if gate is not None and amounts is not None and amounts.need_bytes is not None
    ]
    if not found:
        return None
    statuses = Counter(gate.status for gate, _ in found)
    needs = [need for _, need in found]
    return Fit(
        fits=statuses["pass"],
        tight=statuses["warn"],
        blocked=sum(gate.status == "warn" and "blocked" in gate.text.id for gate, _ in found),
        unknown=statuses["unknown"],
        count=len(found),
        low=min(needs),
        high=max(needs),
        tight_high=max((need for gate, need in found if gate.status == "warn"), default=0),
    )


def offered(given: Iterable[Assessment]) -> list[Assessment]:
    """Local modes whose programs are made for this system."""
    return [a for a in given if a.mode != "online" and not foreign(a)]


def ram_fit(given: Iterable[Assessment]) -> Fit | None:
    """Of the RAM, at the peak of loading and speaking."""
    return fit_of((host_gate(a), a.memory.host) for a in offered(given))


def disk_fit(given: Iterable[Assessment]) -> Fit | None:
    """Of the disk, while installing."""
    return fit_of((disk_gate(a), a.memory.disk) for a in offered(given))


def vram_fit(given: Iterable[Assessment]) -> Fit | None:
    """Of the GPU's memory, over the programs that have code for it."""
    kept = [a for a in offered(given) if not unsupported(a)]
    return fit_of((device_gate(a), a.memory.device) for a in kept)


def fit_text(scope: Scope, fit: Fit, part: str) -> str:
    """The consequence in a sentence, with figures. ``part``: ``ram``, ``vram`` or ``disk``."""
    size = gb if part == "disk" else gib
    low, high = size(fit.low), size(fit.high)
    values: dict[str, str | int] = {
        "fits": fit.fits, "count": fit.count, "tight": fit.tight, "low": low, "high": high,
        "range": low if low == high else scope.told("range", low=low, high=high),
    }  # fmt: skip
    if part == "disk" and fit.tight:
        key = "fit-disk-some" if fit.fits else "fit-disk-none"
        return scope.told(key, gap=to_clear(scope, fit), **values)
    kind = {"good": "all", "bad": "none", "unknown": "unknown"}.get(fit.status, "some")
    if fit.tight and fit.blocked == fit.tight:
        kind = "blocked" if fit.fits else "blocked-all"
    elif fit.count == 1:
        kind = {"some": "one-tight", "all": "one", "none": "one-none"}.get(kind, kind)
    elif kind == "some" and not fit.fits:
        kind = "tight"
    elif kind == "some" and fit.tight:
        kind = "some-tight"
    return scope.told(f"fit-{kind}", **values)


def to_clear(scope: Scope, fit: Fit) -> str:
    """How much disk must be cleared for the most demanding of the modes that ask for it."""
    return gb(max(0, fit.tight_high - (scope.machine.disk.free_bytes or 0)))


def fastest(given: Iterable[Assessment]) -> Assessment | None:
    """The one with the least RTF by its middle, then by its low end; None where none has one.
    Other than ``best``, which weighs how sure a verdict is."""
    timed = [(a.rtf.mid, a.rtf.low, index, a) for index, a in enumerate(given) if a.rtf is not None]
    return min(timed)[-1] if timed else None


def about_installed(gate: Gate) -> bool:
    """Whether a software gate speaks of what is installed, not of what could be."""
    return gate.text.id.startswith(INSTALLED) and gate.text.id not in NOT_INSTALLED


def stopped_by_installed(given: Iterable[Assessment]) -> list[tuple[Assessment, Gate]]:
    """Modes that what is installed stops, each with the gate that says so."""
    return [
        (a, gate)
        for a in given
        for gate in software_gates(a, "fail")[:1]
        if about_installed(gate) or gate.text.id == "software-python"
    ]


def stopped_on_card(given: Iterable[Assessment]) -> list[tuple[Assessment, Gate]]:
    """GPU modes that fail on this card's software: no kernels, too old a driver."""
    return [
        (a, gate)
        for a in given
        if a.gpu is not None and not unsupported(a)
        for gate in software_gates(a, "fail")[:1]
        if not about_installed(gate) and gate.text.id not in ("software-python", "call-too-long")
    ]


def gpu_modes(scope: Scope, given: Iterable[Assessment]) -> list[Assessment]:
    """Those that compute on the GPU, by programs that are made for this system and maker."""
    return [a for a in given if scope.subject(a).device == "gpu" and not unsupported(a)]


def cpu_modes(scope: Scope, given: Iterable[Assessment]) -> list[Assessment]:
    """Those that compute on the processor."""
    return [a for a in given if scope.subject(a).device == "cpu" and not foreign(a)]


def gpu_status(modes: list[Assessment]) -> Status:
    """Of the card over its modes: enough where its memory holds all of them, no software stops
    one, and one is faster than real time."""
    if not modes:
        return "none"
    if not any(able(a) for a in modes):
        return "unknown" if any(a.verdict == "unknown" for a in modes) else "bad"
    quick = any(a.verdict == "good" for a in modes)
    return "good" if quick and holds_all(modes) else "limit"


def holds_all(modes: list[Assessment]) -> bool:
    """Whether a card's memory is enough for all modes and its software stops none."""
    fit = vram_fit(modes)
    return (fit is None or fit.status == "good") and not stopped_on_card(modes)


def cpu_status(modes: list[Assessment], *, quick: bool) -> Status:
    """Of the processor; ``quick``: a GPU makes speech faster than real time, so that the
    processor need not."""
    if not modes:
        return "none"
    if any(a.verdict == "good" for a in modes):
        return "good"
    if any(able(a) for a in modes):
        return "good" if quick else "limit"
    return "unknown" if any(a.verdict == "unknown" for a in modes) else "bad"
