"""The changes that could be made to a machine, each with its levels from cheap to dear."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import msgspec
from msgspec.structs import replace

from ..catalogue.drivers import System, newer_drivers
from ..catalogue.model import Text
from ..machine.whatif import WhatIf
from ..units import GIB, gib
from .bits import BITS
from .cards import CARDS, Offer, card_flags, fits_in
from .change import Change
from .context import Context
from .model import Assessment, Message
from .subject import Subject
from .torch import nvidia_driver

RAM_GIB = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256)
"""Sizes that are sold."""
DISK_GB = (5, 10, 15, 20, 30, 40, 50, 75, 100)
FEWEST_STEPS = 4
"""Diffusion steps below which nobody has reported to work: what was measured publicly goes down to
4 of 10."""


class Level(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One change to a certain extent."""

    change: Change
    what_if: WhatIf = WhatIf()
    steps: int | None = None
    subjects: tuple[Subject, ...] = ()
    """Modes that are tried in place of those asked for; empty: the same."""


class Dimension(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One kind of change."""

    levels: tuple[Level, ...]
    rising: bool
    """Each level is at least as good as the one before; else they are alternatives."""
    alone: bool = False
    """Tried by itself only."""


def dimensions(
    context: Context,
    idle: Context,
    asked: Sequence[Subject],
    now: Sequence[Assessment],
    budget: int | None,
) -> list[Dimension]:
    """What could be changed here. ``idle``: the machine with other programs closed; ``now``: the
    verdicts on what was asked for as the machine is; ``budget``: as in ``Planner.plan``."""
    made = [
        _memory(context, idle),
        _disk(context, now),
        _software(context),
        _driver(context),
        _steps(context, asked),
        _ram(context, budget),
        _cards(context, budget),
    ]
    return [
        *(Dimension(levels=levels, rising=rising) for levels, rising in made if levels),
        *_modes(asked),
        *_models(asked),
    ]


_Levels = tuple[tuple[Level, ...], bool]


def _memory(context: Context, idle: Context) -> _Levels:
    """Closing other programs, where it is known that they hold something."""
    ram = (idle.host_have or 0) > (context.host_have or 0)
    before = {card.index: card.free for card in context.cards or ()}
    freed = [c for c in idle.cards or () if (c.free or 0) > (before.get(c.index) or 0)]
    if not ram and not freed:
        return (), True
    values = {"ram": gib(idle.host_have or 0), "vram": gib(freed[0].free or 0) if freed else ""}
    text = "change-free-both" if ram and freed else "change-free-ram" if ram else "change-free-vram"
    change = Change(kind="free-memory", text=Message(text, values), flags=("--idle",), effort=1)
    return (Level(change=change, what_if=WhatIf(idle=True)),), True


def _disk(context: Context, now: Sequence[Assessment]) -> _Levels:
    free = context.machine.disk.free_bytes
    short = any(g.gate == "disk" and g.status in ("warn", "fail") for a in now for g in a.gates)
    if free is None or not short:
        return (), True
    levels = []
    for size in DISK_GB:
        if size * 10**9 <= free:
            continue
        flag = f"{size}GB"
        change = Change(
            kind="free-disk", text=Message("change-disk", {"size": f"{size} GB"}),
            flags=("--disk", flag), effort=1,
        )  # fmt: skip
        levels.append(Level(change=change, what_if=WhatIf(disk=flag)))
    return tuple(levels), True


def _software(context: Context) -> _Levels:
    if context.machine.software is None:
        return (), True
    change = Change(kind="software", text=Message("change-software"), flags=("--fresh",), effort=1)
    return (Level(change=change, what_if=WhatIf(fresh=True)),), True


def _driver(context: Context) -> _Levels:
    cards = [c.gpu for c in context.cards or () if c.gpu.vendor == "nvidia"]
    # What another driver (nouveau) calls its version is none.
    gpu = next((g for g in cards if g.driver is None or nvidia_driver(g) is not None), None)
    if gpu is None:
        return (), True
    system: System = "windows" if context.os == "windows" else "linux"
    newer = newer_drivers(gpu.driver, gpu.compute_capability, system)
    levels = [
        Level(
            change=Change(
                kind="driver", text=Message("change-driver", {"driver": version}),
                flags=("--driver", version), effort=2,
            ),
            what_if=WhatIf(driver=version),
        )
        for version in newer
    ]  # fmt: skip
    return tuple(levels), True


def _steps(context: Context, asked: Sequence[Subject]) -> _Levels:
    able = [s for s in asked if s.takes_steps and s.model.steps and s.model.steps.adjustable]
    if not able:
        return (), True
    steps = able[0].model.steps
    usual = context.workload.steps or (steps.default if steps is not None else 0)
    levels = [
        Level(
            change=Change(
                kind="steps", text=Message("change-steps", {"steps": count, "usual": usual}),
                flags=("--steps", str(count)), effort=0,
            ),
            steps=count,
        )
        for count in range(usual - 1, FEWEST_STEPS - 1, -1)
    ]  # fmt: skip
    return tuple(levels), True


def _ram(context: Context, budget: int | None) -> _Levels:
    """Its price is not known, so none within a budget."""
    total = context.machine.memory.total_bytes
    if total is None or budget is not None:
        return (), True
    limit = context.machine.memory.limit_bytes is not None
    soldered = not limit and any(g.unified for g in context.machine.gpus or ())
    fixed = soldered or (context.arch != "x86_64" and not limit)
    text = "change-ram-limit" if limit else "change-ram-computer" if fixed else "change-ram"
    levels = []
    for size in RAM_GIB:
        if size * GIB <= total:
            continue
        change = Change(
            kind="computer" if fixed else "ram",
            text=Message(text, {"size": f"{size} GiB"}),
            flags=("--ram", f"{size}GiB"),
            effort=1 if limit else 4 if fixed else 3,
            buys=not limit,
        )
        levels.append(Level(change=change, what_if=WhatIf(ram=f"{size}GiB")))
    return tuple(levels), True


def _cards(context: Context, budget: int | None) -> _Levels:
    fits = fits_in(context.machine, context)
    if budget is not None and not fits:
        return (), False  # what another computer costs is not known
    affordable = [o for o in CARDS if budget is None or o.price.usd <= budget]
    return tuple(_card(context, offer, fits) for offer in affordable), False


def _card(context: Context, offer: Offer, fits: bool) -> Level:
    what_if = card_flags(context, offer)
    values: dict[str, str | int | float | Text] = {"card": offer.name}
    flags = ["--gpu", offer.card, "--vram", f"{offer.gib}GiB"]
    if what_if.os is not None:
        flags += ["--os", what_if.os]
    if what_if.arch is not None:
        flags += ["--arch", what_if.arch]
    change = Change(
        kind="card" if fits else "computer",
        text=Message("change-card" if fits else "change-computer", values),
        flags=tuple(flags),
        effort=3 if fits else 4,
        buys=True,
        price=offer.price if fits else None,
    )
    return Level(change=change, what_if=what_if)


def one_computer(changes: Iterable[Change]) -> tuple[Change, ...]:
    """Where a card asks for another computer, RAM is part of it."""
    made = list(changes)
    card = next((c for c in made if c.text.id == "change-computer"), None)
    ram = next((c for c in made if c.text.id in ("change-ram", "change-ram-computer")), None)
    if card is None or ram is None:
        return tuple(made)
    values = {**card.text.values, **ram.text.values}
    both = replace(
        card, text=Message("change-computer-ram", values), flags=(*card.flags, *ram.flags)
    )
    return tuple(both if change is card else change for change in made if change is not ram)


def _modes(asked: Sequence[Subject]) -> Iterator[Dimension]:
    """The model's other ways to run, the easiest first."""
    model = asked[0].model_id
    have = {subject.mode_id for subject in asked}
    others = [
        s
        for key, s in asked[0].others.items()
        if key[0] == model and s.device != "online" and s.mode_id not in have
    ]
    others.sort(key=lambda s: (s.runtime.effort, -BITS[s.precision]))
    levels = [
        Level(
            change=Change(
                kind="mode",
                text=Message("change-mode", {"mode": s.mode_id, "runtime": s.runtime.name}),
                effort=s.runtime.effort,
            ),
            subjects=(s,),
        )
        for s in others
    ]
    if levels:
        yield Dimension(levels=tuple(levels), rising=False)


def _models(asked: Sequence[Subject]) -> Iterator[Dimension]:
    """Smaller models, those of the same family first, then the largest."""
    size, family = asked[0].parameters_m, asked[0].model.family
    others: dict[str, list[Subject]] = {}
    for subject in asked[0].others.values():
        if subject.parameters_m < size and subject.device != "online":
            others.setdefault(subject.model_id, []).append(subject)
    ordered = sorted(
        others.values(),
        key=lambda found: (found[0].model.family != family, -found[0].parameters_m),
    )
    levels = [
        Level(
            change=Change(
                kind="model", text=Message("change-model", {"model": found[0].model.name}),
                effort=min(subject.runtime.effort for subject in found),
            ),
            subjects=tuple(found),
        )
        for found in ordered
    ]  # fmt: skip
    if levels:
        yield Dimension(levels=tuple(levels), rising=False, alone=True)
