"""The JSON of ``vcf plan`` (schema ``vcf.plan/1``), in words of one language."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Literal

import msgspec

from .._version import __version__
from ..judge.advise import HOW_TO_TELL, online_of
from ..judge.at_best import OnCard
from ..judge.cards import fits_in
from ..judge.change import Change, Option, Plan, Price, Target
from ..judge.context import Context
from ..judge.model import Assessment, Rtf, Verdict
from ..judge.subject import Subjects
from ..judge.words import span
from ..judge.workload import STANDARD, Workload
from ..machine.model import Machine
from ..shell import command
from .effects import changed
from .rows import reason
from .words import Lang, joined, label, say, tell

SWITCHES = ("--idle", "--fresh", "--emotion")
"""Flags without a value."""


class StandView(msgspec.Struct, frozen=True, kw_only=True):
    """A verdict on a model in one mode."""

    model: str
    mode: str
    verdict: Verdict
    score: int
    stars: int
    rtf: Rtf | None
    reason: str


class ChangeView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to change."""

    kind: str
    text: str
    effort: int
    """0 a flag · 1 minutes · 2 an afternoon · 3 open the computer · 4 another computer."""
    buys: bool
    price: Price | None
    examples: tuple[str, ...]


class UnlockView(msgspec.Struct, frozen=True, kw_only=True):
    """What it does for another model."""

    model: str
    before: Verdict
    after: Verdict
    mode: str
    """The best local one then."""
    text: str


class OptionView(msgspec.Struct, frozen=True, kw_only=True):
    """A change, or a smallest set of them."""

    changes: list[ChangeView]
    after: StandView
    effect: str
    """From → to, in words."""
    effort: int
    buys: bool
    usd: int | None
    """Launch prices together; 0 where nothing is bought, null where one is not known."""
    cost: str
    """The same in words."""
    unlocks: list[UnlockView]
    check: str
    """The command that judges it."""


class OnlineView(msgspec.Struct, frozen=True, kw_only=True):
    """A hosted demonstration."""

    text: str
    url: str


class PlanView(msgspec.Struct, frozen=True, kw_only=True):
    """What must change for one model."""

    model: str
    name: str
    modes: tuple[str, ...]
    target: Target
    reached: bool
    now: StandView
    text: str
    """Where it stands, in a sentence."""
    missing: list[str]
    """Facts without which nothing can be said, and how to give them."""
    options: list[OptionView]
    nearest: OptionView | None
    online: OnlineView | None


class OnCardView(msgspec.Struct, frozen=True, kw_only=True):
    """The best that each model does on one card."""

    card: str
    """With its memory."""
    other_computer: bool
    """No card can be put into this machine."""
    verdicts: list[StandView]
    check: str
    """The command that judges it."""


class PlanDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer."""

    schema: Literal["vcf.plan/1"] = "vcf.plan/1"
    vcf: str = __version__
    machine: Machine
    workload: Workload | msgspec.UnsetType = msgspec.UNSET
    """What the verdicts are for, where it is not the standard work."""
    budget_usd: int | None
    plans: list[PlanView]
    at_best: list[OnCardView]
    """With --at-best: the slowest and the fastest card of the size."""
    notes: list[str]


class Words:
    """Puts plans into words; ``base`` are the flags that name machine and work."""

    def __init__(self, known: Subjects, lang: Lang, base: Sequence[str]) -> None:
        self._known = known
        self._lang = lang
        self._base = tuple(base)

    def document(
        self, machine: Machine, workload: Workload, plans: Sequence[Plan], budget: int | None
    ) -> PlanDocument:
        """The answer for one machine."""
        options = [option for plan in plans for option in plan.options]
        notes = []
        if budget is not None and not all(plan.reached for plan in plans):
            notes.append(label("plan-budget-note", self._lang))
        if any(change.price for option in options for change in option.changes):
            notes.append(label("plan-price-note", self._lang))
        return PlanDocument(
            machine=machine,
            workload=workload if workload != STANDARD else msgspec.UNSET,
            budget_usd=budget,
            plans=[self.plan(plan) for plan in plans],
            at_best=[],
            notes=notes,
        )

    def at_best(
        self, machine: Machine, workload: Workload, found: Sequence[OnCard]
    ) -> PlanDocument:
        """What cards of one size do in this machine, or in another where none can be put in."""
        other = not fits_in(machine, Context(machine))
        return PlanDocument(
            machine=machine,
            workload=workload if workload != STANDARD else msgspec.UNSET,
            budget_usd=None,
            plans=[],
            at_best=[
                OnCardView(
                    card=f"{each.card} {each.gib} GB",
                    other_computer=other,
                    verdicts=[self._stand(given) for given in each.verdicts],
                    check=command(("vcf", "check", *_without(self._base, ("", *each.flags)))),
                )
                for each in found
            ],
            notes=[label("plan-size-note", self._lang)],
        )

    def plan(self, given: Plan) -> PlanView:
        """One model's plan."""
        name = self._known.catalogue.models[given.model].name
        helped = given.reached or any(not option.buys for option in given.options)
        return PlanView(
            model=given.model,
            name=name,
            modes=given.modes,
            target=given.target,
            reached=given.reached,
            now=self._stand(given.now),
            text=self._standing(given, name),
            missing=self._missing(given.now),
            options=[self.option(option) for option in given.options],
            nearest=self.option(given.best) if given.best is not None else None,
            online=None if helped else self._online(given.model),
        )

    def option(self, given: Option) -> OptionView:
        """One way."""
        return OptionView(
            changes=[self._change(change) for change in given.changes],
            after=self._stand(given.after),
            effect=changed(given.before, given.after, self._lang),
            effort=given.effort,
            buys=given.buys,
            usd=given.usd,
            cost=self._cost(given.changes, given.usd),
            unlocks=[
                UnlockView(
                    model=unlock.model,
                    before=unlock.before.verdict,
                    after=unlock.after.verdict,
                    mode=unlock.after.mode,
                    text=label("plan-unlock", self._lang).format(
                        model=self._known.catalogue.models[unlock.model].name,
                        before=label(unlock.before.verdict, self._lang),
                        after=label(unlock.after.verdict, self._lang),
                    ),
                )
                for unlock in given.unlocks
            ],
            check=command(("vcf", "check", given.check[0], *_without(self._base, given.check))),
        )

    def _change(self, given: Change) -> ChangeView:
        return ChangeView(
            kind=given.kind,
            text=say(given.text, self._lang),
            effort=given.effort,
            buys=given.buys,
            price=given.price,
            examples=given.examples,
        )

    def _cost(self, changes: Iterable[Change], usd: int | None) -> str:
        if usd == 0:
            return label("plan-free", self._lang)
        known = [change.price for change in changes if change.price is not None]
        told = [
            label("plan-price", self._lang).format(usd=price.usd, date=price.date)
            for price in known
        ]
        if usd is None:
            told.append(
                label("plan-price-unknown" if not told else "plan-rest-unknown", self._lang)
            )
        return joined(told, self._lang)

    def _stand(self, given: Assessment) -> StandView:
        return StandView(
            model=given.model,
            mode=given.mode,
            verdict=given.verdict,
            score=given.score,
            stars=given.stars,
            rtf=given.rtf,
            reason=reason(given, self._lang),
        )

    def _standing(self, given: Plan, name: str) -> str:
        lang, now = self._lang, given.now
        values = {"model": name, "mode": now.mode, "verdict": label(now.verdict, lang)}
        if not given.reached:
            return label("plan-now", lang).format(**values, reason=reason(now, lang))
        speed = ""
        if now.rtf is not None:
            time = tell(span(30 * now.rtf.low, 30 * now.rtf.high), lang)
            speed = label("plan-speed", lang).format(time=time)
        return label("plan-reached", lang).format(**values, speed=speed)

    def _missing(self, now: Assessment) -> list[str]:
        if now.verdict != "unknown":
            return []
        said: dict[str, None] = {}
        for gate in now.gates:
            if gate.status == "unknown":
                said[say(gate.text, self._lang)] = None
                flag = HOW_TO_TELL.get(gate.text.id.removesuffix("-load").removesuffix("-run"))
                if flag is not None:
                    said[label("plan-tell", self._lang).format(flag=flag)] = None
        return list(said)

    def _online(self, model: str) -> OnlineView | None:
        hosted = self._known.by_key.get((model, "online"))
        demo = online_of(hosted) if hosted is not None else None
        if demo is None:
            return None
        name = self._known.catalogue.models[model].name
        text = label("plan-online", self._lang).format(model=name)
        return OnlineView(text=text, url=demo)


def _without(base: Sequence[str], words: Sequence[str]) -> list[str]:
    """The flags of an option after those of the machine that they leave standing: a new card
    has a memory and a driver of its own."""
    own = set(words)
    if "--gpu" in own:
        own |= {"--vram", "--driver"}
    kept: list[str] = []
    rest = list(base)
    while rest:
        flag = rest.pop(0)
        value = [] if flag in SWITCHES else [rest.pop(0)]
        if flag not in own:
            kept += [flag, *value]
    return [*kept, *words[1:]]
