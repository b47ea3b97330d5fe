"""What new hardware, other software or other settings would change, read off the plans."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

import msgspec

from ..judge.change import Change, Option
from ..units import gb, gib
from .effects import changed
from .report_document import Step, Upgrade
from .report_parts import disk_fit, ram_fit
from .report_remedies import option_command, option_text
from .report_scope import Scope

Part = Literal["gpu", "ram", "disk", "computer"]
MOST_STEPS = 6
"""Changes of software and settings that are told."""


class Chance:
    """An option and the models that it serves."""

    def __init__(self, scope: Scope, option: Option) -> None:
        self.option = option
        stands = {option.before.model: (option.before, option.after)}
        stands |= {u.model: (u.before, u.after) for u in option.unlocks}
        self.serves = {
            model: scope.told(
                "unlock",
                model=scope.name(model),
                effect=changed(*stands[model], scope.lang),
            )
            for model in scope.by_model
            if model in stands
        }
        """A sentence for each model asked for that it serves."""
        self.price = option.usd
        self.kinds = {change.kind for change in option.changes}


def upgrades(scope: Scope) -> list[Upgrade]:
    """Graphics card or computer, RAM, disk: each with what it changes, or that it changes
    nothing."""
    found = _chances(scope)
    bought = [chance for chance in found if chance.option.buys]
    made = list(_cards(scope, [c for c in bought if c.kinds & {"card", "computer"}]))
    others = (_ram(scope, [c for c in bought if c.kinds == {"ram"}]), _disk(scope))
    return [*made, *(each for each in others if each is not None)]


def _chances(scope: Scope) -> list[Chance]:
    return [
        Chance(scope, option)
        for plans in scope.plans.values()
        for plan in plans
        for option in plan.options
    ]


def _cards(scope: Scope, found: list[Chance]) -> Iterator[Upgrade]:
    """The cheapest that helps at all, and the one that helps most where it is another."""
    if not found:
        return
    order = {_name(chance): index for index, chance in enumerate(_by_price(found))}
    cheapest = max(
        (c for c in found if order[_name(c)] == min(order.values())), key=lambda c: len(c.serves)
    )
    most = max(found, key=lambda c: (len(c.serves), -order[_name(c)]))
    yield _upgrade(scope, cheapest)
    if most.serves.keys() > cheapest.serves.keys():
        yield _upgrade(scope, most)


def _by_price(found: list[Chance]) -> list[Chance]:
    """Fewer served is taken for cheaper where the price is not known: plans name the smallest
    card that does."""
    return sorted(found, key=lambda c: (c.price is None, c.price or 0, _size(c), len(c.serves)))


def _name(chance: Chance) -> str:
    return " ".join(flag for change in chance.option.changes for flag in change.flags)


def _size(chance: Chance) -> float:
    """GiB of the card."""
    for change in chance.option.changes:
        flags = list(change.flags)
        if "--vram" in flags:
            return float(flags[flags.index("--vram") + 1].removesuffix("GiB"))
    return 0.0


def _upgrade(scope: Scope, chance: Chance) -> Upgrade:
    option = chance.option
    part: Part = "computer" if "computer" in chance.kinds else "gpu"
    told = [option_text(scope, option) + scope.told("stop")]
    for change in option.changes:
        told.extend(_of_change(scope, change))
    return Upgrade(
        part=part,
        part_word=scope.told(f"part-{part}"),
        worth=True,
        text=scope.sentences(*told),
        unlocks=list(chance.serves.values()),
        command=option_command(scope, option),
    )


def _of_change(scope: Scope, change: Change) -> Iterator[str]:
    if change.price is not None:
        number = scope.cite(change.price.source, change.price.date)
        yield scope.told(
            "price", usd=f"{change.price.usd:,}", date=change.price.date, source=number or 0
        )
    if change.examples:
        yield scope.told("examples", cards=scope.listed(change.examples))


def _ram(scope: Scope, found: list[Chance]) -> Upgrade | None:
    part_word = scope.told("part-ram")
    if found:
        chance = max(found, key=lambda c: len(c.serves))
        return Upgrade(
            part="ram", part_word=part_word, worth=True,
            text=option_text(scope, chance.option) + scope.told("stop"),
            unlocks=list(chance.serves.values()),
            command=option_command(scope, chance.option),
        )  # fmt: skip
    fit = ram_fit(scope.local)
    total = scope.machine.memory.total_bytes
    if fit is None or total is None:
        return None
    elif fit.status == "good":
        text = scope.told("up-ram-enough", have=gib(total), high=gib(fit.high), count=fit.count)
    else:
        text = scope.told("up-ram-useless", fits=fit.fits, count=fit.count, high=gib(fit.high))
    return Upgrade(
        part="ram", part_word=part_word, worth=False, text=text, unlocks=[], command=None
    )


def _disk(scope: Scope) -> Upgrade | None:
    fit = disk_fit(scope.local)
    if fit is None:
        return None
    disk = scope.machine.disk
    values: dict[str, str | int] = {
        "low": gb(fit.low), "high": gb(fit.high), "have": "?", "count": fit.count,
    }  # fmt: skip
    if disk.free_bytes is not None:
        values["have"] = gb(disk.free_bytes)
        key = {"good": "enough", "bad": "short", "limit": "some"}.get(fit.status, "some")
        key = "none" if key == "some" and not fit.fits else key
    elif disk.total_bytes is not None:
        values["have"] = gb(disk.total_bytes)
        key = "size" if fit.status == "unknown" else "small"
    else:
        return None
    return Upgrade(
        part="disk",
        part_word=scope.told("part-disk"),
        worth=key in ("short", "small", "some", "none"),
        text=scope.told(f"up-disk-{key}", **values),
        unlocks=[],
        command=None,
    )


FREE_KINDS = ("software", "driver", "free-memory", "free-disk", "steps", "mode")


def software_steps(scope: Scope) -> list[Step]:
    """Changes that cost nothing and lift a verdict."""
    made: dict[str, Step] = {}
    served: dict[str, list[str]] = {}
    for chance in _chances(scope):
        option = chance.option
        if option.buys or not chance.kinds <= set(FREE_KINDS):
            continue
        text = option_text(scope, option) + scope.told("stop")
        served.setdefault(text, []).append(chance.serves[option.before.model])
        made.setdefault(
            text,
            Step(
                text=text, why=None, effect=None, command=option_command(scope, option), link=None
            ),
        )
    return [
        msgspec.structs.replace(step, effect=scope.sentences(*dict.fromkeys(served[text])))
        for text, step in list(made.items())[:MOST_STEPS]
    ]


def _end(count: int, of: int) -> str:
    if count == 1:
        return "end-upgrade-one"
    return "end-upgrade-all" if count == of else "end-upgrade"


def _inside(scope: Scope, text: str) -> str:
    """A change within a sentence."""
    return text[:1].lower() + text[1:] if scope.lang == "en" else text


def upgrade_sentence(scope: Scope) -> str | None:
    """The upgrade that changes most, for the conclusion; None where none changes anything."""
    bought = [c for c in _chances(scope) if c.option.buys]
    if not bought:
        return None
    most = max(bought, key=lambda c: (len(c.serves), -len(c.option.changes)))
    told = scope.told(
        _end(len(most.serves), len(scope.by_model)),
        change=_inside(scope, option_text(scope, most.option)),
        count=len(most.serves), of=len(scope.by_model),
        models=scope.listed([scope.name(model) for model in most.serves]),
    )  # fmt: skip
    return told
