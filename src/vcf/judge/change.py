"""Changes to a machine or to what is asked of it, and what they would do. Types of the planner."""

from __future__ import annotations

from typing import Literal

import msgspec

from .model import Assessment, Message

ChangeKind = Literal[
    "free-memory", "free-disk", "steps", "mode", "model", "software", "driver",
    "ram", "card", "computer",
]  # fmt: skip
"""Close programs · clear disk · fewer diffusion steps · another precision or runtime · another
model · mend what is installed · update the driver · more RAM · a card · another computer."""

Target = Literal["good", "slow"]
"""Faster than real time (by the middle of the forecast), or that it runs at all."""


class Price(msgspec.Struct, frozen=True, kw_only=True):
    """A launch price; what shops ask today is not known here."""

    usd: int
    source: str
    """Address."""
    date: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that would be different."""

    kind: ChangeKind
    text: Message
    """What to do."""
    flags: tuple[str, ...] = ()
    """Flags with which ``vcf check`` judges it; none where the mode or the model is exchanged."""
    effort: int
    """0 a flag · 1 minutes · 2 an afternoon · 3 open the computer · 4 another computer."""
    buys: bool = False
    """Whether it costs money."""
    price: Price | None = None
    """None where it costs nothing, or where the price is not known (``buys``)."""
    examples: tuple[str, ...] = ()
    """Other cards that do it as well, with their memory: ``GeForce RTX 5070 12 GB``."""


class Unlock(msgspec.Struct, frozen=True, kw_only=True):
    """What a change does for another model."""

    model: str
    before: Assessment
    after: Assessment
    """The best local mode before and after; their verdicts differ."""


class Option(msgspec.Struct, frozen=True, kw_only=True):
    """One change, or the smallest set of several, and what it leads to."""

    changes: tuple[Change, ...]
    before: Assessment
    """The best of what was asked for, as the machine is."""
    after: Assessment
    """The same with the changes: what ``assess`` says, nothing else."""
    check: tuple[str, ...]
    """Arguments of ``vcf check`` that give this verdict on this machine."""
    unlocks: tuple[Unlock, ...] = ()

    @property
    def effort(self) -> int:
        """Of all its changes."""
        return sum(change.effort for change in self.changes)

    @property
    def buys(self) -> bool:
        """Whether anything must be bought."""
        return any(change.buys for change in self.changes)

    @property
    def usd(self) -> int | None:
        """Launch prices together; 0 where nothing is bought, None where one is not known."""
        bought = [change.price for change in self.changes if change.buys]
        known = [price.usd for price in bought if price is not None]
        return sum(known) if len(known) == len(bought) else None


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What must change so that what was asked for reaches a verdict on this machine."""

    model: str
    modes: tuple[str, ...]
    """The modes asked for."""
    target: Target
    now: Assessment
    """The best of them as the machine is."""
    options: tuple[Option, ...] = ()
    """Single changes and smallest sets that reach the target: what costs nothing first, then by
    price, effort and number of changes. Empty where it is reached already, or can't be."""
    best: Option | None = None
    """Where nothing reaches the target: what comes nearest, if anything gets better at all."""

    @property
    def reached(self) -> bool:
        """Whether nothing need change."""
        return meets(self.now, self.target)


def meets(given: Assessment, target: Target) -> bool:
    """Whether a verdict is what was aimed at."""
    return given.verdict == "good" or (target == "slow" and given.verdict == "slow")
