"""The best that each model can do with a card of so much memory: on the slowest and on the
fastest card that has it."""

from __future__ import annotations

import msgspec

from ..catalogue.gpus import GpuSpec, gpus
from ..catalogue.wheels import parse_version
from ..machine.whatif import WhatIf
from ..units import GIB
from .model import Assessment
from .plan import Planner

OLDEST_CC = "7.5"
"""Older cards are not proposed while newer ones have the memory: they lack half precision that
computes, and the newest PyTorch."""


DESKTOP = ("GeForce ", "TITAN ", "RTX ", "Quadro ")
"""Cards for desktops; the others of the table are for servers."""


class OnCard(msgspec.Struct, frozen=True, kw_only=True):
    """One card of that size, and every model on it."""

    card: str
    """As ``--gpu`` takes it."""
    gib: int
    flags: tuple[str, ...]
    """Flags of ``vcf check`` that put it in."""
    verdicts: tuple[Assessment, ...]
    """The best local mode of each model, in the catalogue's order."""


def at_best(planner: Planner, size_bytes: int, models: tuple[str, ...]) -> tuple[OnCard, ...]:
    """The slowest and the fastest desktop card with the most memory that is not above the size;
    one where there is but one; none where no card is that small."""
    found = _cards(size_bytes)
    if not found:
        return ()
    size, cards = found
    ends = dict.fromkeys((cards[0].name, cards[-1].name))
    return tuple(_on(planner, name, size, models) for name in ends)


def _cards(size_bytes: int) -> tuple[int, list[GpuSpec]] | None:
    """The largest size within reach, and its cards from slow to fast."""
    desktop = [
        spec
        for spec in gpus()
        if spec.name.startswith(DESKTOP) and not (spec.laptop or spec.integrated or spec.unified)
    ]
    sizes = sorted({size for spec in desktop for size in spec.vram_gib}, reverse=True)
    size = next((size for size in sizes if size * GIB <= size_bytes), None)
    if size is None:
        return None
    having = [spec for spec in desktop if size in spec.vram_gib]
    newer = [s for s in having if s.cc and parse_version(s.cc) >= parse_version(OLDEST_CC)]
    return size, sorted(newer or having, key=lambda spec: spec.bandwidth_gb_s)


def _on(planner: Planner, name: str, size: int, models: tuple[str, ...]) -> OnCard:
    context = planner.context()
    system = "linux" if context.os == "macos" else None
    arch = None if context.arch == "x86_64" else "x86_64"
    what_if = WhatIf(gpu=name, vram=f"{size}GiB", os=system, arch=arch)
    flags = ["--gpu", name, "--vram", f"{size}GiB"]
    flags += ["--os", system] if system else []
    flags += ["--arch", arch] if arch else []
    local = (planner.local(model) for model in models)
    verdicts = tuple(planner.judge(subjects, what_if) for subjects in local if subjects)
    return OnCard(card=name, gib=size, flags=tuple(flags), verdicts=verdicts)
