"""Cards proposed for buying, put into a machine in thought, and what each would do."""

from __future__ import annotations

from functools import cache

import msgspec

from ..machine.complete import complete
from ..machine.model import Disk, Gpu, Machine, Memory, Os
from ..machine.whatif import WhatIf
from ..units import GIB
from .assess import judge
from .change import Price
from .context import Context
from .model import Assessment
from .subject import Subject


class Offer(msgspec.Struct, frozen=True, kw_only=True):
    """One card that could be bought."""

    card: str
    """As ``--gpu`` takes it."""
    gib: int
    """Its VRAM."""
    price: Price

    @property
    def name(self) -> str:
        """``GeForce RTX 3060 12 GB``."""
        return f"{self.card} {self.gib} GB"


def _offers() -> tuple[Offer, ...]:
    ces_2022 = (
        "https://www.techtimes.com/articles/270080/20220104/nvidia-3090-ti-3050.htm",
        "2022-01-04",
    )
    ampere = (
        "https://hothardware.com/news/nvidia-geforce-rtx-3060-launch-feb-25-what-expect",
        "2021-02-08",
    )
    series_60 = (
        "https://www.betweentwopixels.com/nvidia-unveils-geforce-rtx-5060-series-affordable-power-for-mainstream-gamers",
        "2025-04-15",
    )
    ces_2025 = (
        "https://techtwisted.com/news/nvidias-rtx-50-series-brings-ai-revolution-with-dollar1999-flagship-gpu",
        "2025-01",
    )
    listed = (
        ("GeForce RTX 3050", 8, 249, ces_2022),
        ("GeForce RTX 5060", 8, 299, series_60),
        ("GeForce RTX 3060", 12, 329, ampere),
        ("GeForce RTX 5060 Ti", 16, 429, series_60),
        ("GeForce RTX 4060 Ti", 16, 499, series_60),
        ("GeForce RTX 5070", 12, 549, ces_2025),
        ("GeForce RTX 3090", 24, 1499, ampere),
        ("GeForce RTX 5090", 32, 1999, ces_2025),
    )  # fmt: skip
    return tuple(
        Offer(card=card, gib=gib, price=Price(usd=usd, source=source, date=date))
        for card, gib, usd, (source, date) in listed
    )


CARDS: tuple[Offer, ...] = _offers()
"""Cards proposed for buying, from cheap to dear by launch price. Older ones count, second-hand:
the question is the smallest class that is enough. Shops ask other prices."""


def on_cards(context: Context, subject: Subject) -> list[tuple[Offer, Assessment]]:
    """What a mode would do in this machine on each of the cards, nothing installed; only those
    on which it would run."""
    found = []
    for offer in CARDS:
        judged = judge(with_card(context, offer), subject)
        if judged.verdict in ("good", "slow", "tight"):
            found.append((offer, judged))
    return found


def fits_in(machine: Machine, context: Context) -> bool:
    """Whether a graphics card can be put into the machine at all: not into laptops, nor into
    Apple's and other Arm computers."""
    built_in = any(gpu.laptop or gpu.vendor == "apple" for gpu in machine.gpus or ())
    return not built_in and context.arch == "x86_64"


def card_flags(context: Context, offer: Offer) -> WhatIf:
    """The what-if that puts a card into the machine, or into another computer with as much RAM
    where it can't be put in: what was installed is gone with the old card."""
    system: Os | None = "linux" if context.os == "macos" else None
    arch = None if context.arch == "x86_64" else "x86_64"
    return WhatIf(gpu=offer.card, vram=f"{offer.gib}GiB", os=system, arch=arch)


@cache
def _gpu(offer: Offer) -> Gpu:
    """The card with what the table says of it."""
    gpu = Gpu(name=f"NVIDIA {offer.card}", vendor="nvidia", vram_total_bytes=offer.gib * GIB)
    gpus = complete(Machine(gpus=[gpu]), "what-if", filled=True).gpus
    assert gpus is not None
    return gpus[0]


def with_card(context: Context, offer: Offer, *, ample: bool = False) -> Context:
    """The machine with that card and nothing installed, as far as GPU modes can tell: what
    ``card_flags`` makes of it. ``ample``: with more RAM and disk than any mode needs."""
    machine = context.machine
    system: Os = "windows" if context.os == "windows" else "linux"
    made = Machine(
        os=system,
        arch="x86_64",
        memory=Memory(total_bytes=1 << 50) if ample else machine.memory,
        disk=Disk(free_bytes=1 << 50) if ample else machine.disk,
        settings=machine.settings,
        gpus=[_gpu(offer)],
    )
    return Context(made, context.workload)


__all__ = ["CARDS", "Offer", "card_flags", "fits_in", "on_cards", "with_card"]
