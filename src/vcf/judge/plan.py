"""What must change so that a model runs here: the inverse question, by judging changed machines.

Nothing is derived: a change is a what-if of ``vcf check``, other steps or another mode, and every
promise is what ``judge`` says of the changed machine. Of the sets of changes that reach the target
only the smallest are kept: none of them reaches it with one change less.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from itertools import combinations, product

import msgspec
from msgspec.structs import replace

from ..machine.model import Machine
from ..machine.whatif import WhatIf, apply, merged
from .assess import best, judge
from .change import Option, Plan, Target, Unlock, meets
from .changes import Dimension, Level, dimensions, one_computer
from .context import Context
from .model import Assessment, Evidence
from .score import RANK
from .subject import Subject, Subjects
from .verdict import NO_EVIDENCE
from .workload import STANDARD, Workload

MOST_CHANGES = 3
"""Changes of a set at most."""
MOST_SETS = 4
"""Sets of several changes that are kept."""
MOST_MODELS = 2
"""Smaller models that are named."""
MOST_EXAMPLES = 2
"""Other cards that are named beside the cheapest."""

AS_IS = WhatIf()


class Planner:
    """One machine, asked many times: what was judged once is not judged again."""

    def __init__(
        self,
        machine: Machine,
        known: Subjects,
        workload: Workload = STANDARD,
        evidence: Evidence = NO_EVIDENCE,
        base: WhatIf = AS_IS,
    ) -> None:
        """``base``: what is to be taken as given, before anything is changed."""
        self.machine = machine
        self._base = base
        self.known = known
        self.workload = workload
        self._evidence = evidence
        self._contexts: dict[tuple[WhatIf, Workload], Context] = {}
        self._judged: dict[tuple[WhatIf, Workload, Subject], Assessment] = {}

    def context(self, what_if: WhatIf = AS_IS, workload: Workload | None = None) -> Context:
        """The machine with changes, prepared for judging."""
        key = (what_if, workload or self.workload)
        made = self._contexts.get(key)
        if made is None:
            machine = apply(merged(self._base, what_if), self.machine)
            made = self._contexts[key] = Context(machine, key[1])
        return made

    def judge(
        self, subjects: Iterable[Subject], what_if: WhatIf = AS_IS, steps: int | None = None
    ) -> Assessment:
        """The best of some modes with changes: what ``vcf check`` says with the same flags."""
        work = self.workload if steps is None else replace(self.workload, steps=steps)
        return best(self._judge(subject, what_if, work) for subject in subjects)

    def _judge(self, subject: Subject, what_if: WhatIf, work: Workload) -> Assessment:
        key = (what_if, work, subject)
        made = self._judged.get(key)
        if made is None:
            keeps = merged(self._base, what_if).keeps_devices
            evidence = self._evidence if keeps else NO_EVIDENCE
            made = judge(self.context(what_if, work), subject, evidence)
            self._judged[key] = made
        return made

    def easiest(
        self,
        subjects: Iterable[Subject],
        target: Target,
        what_if: WhatIf = AS_IS,
        steps: int | None = None,
    ) -> Assessment:
        """Of the modes that reach a target the one that is easiest to set up, then the fastest;
        where none does, the best."""
        all_of = [(self.judge((s,), what_if, steps), s) for s in subjects]
        enough = [(given, s) for given, s in all_of if meets(given, target)]
        if not enough:
            return best(given for given, _ in all_of)
        return max(enough, key=lambda pair: (-pair[1].runtime.effort, pair[0].score))[0]

    def now(self, subjects: Iterable[Subject]) -> Assessment:
        """The best of some modes as the machine is."""
        return self.judge(subjects)

    def local(self, model: str) -> list[Subject]:
        """The modes of a model that run on one's own machine."""
        found = self.known.by_key.items()
        return [s for key, s in found if key[0] == model and s.device != "online"]

    def plan(
        self, subjects: Sequence[Subject], target: Target = "good", *, budget: int | None = None
    ) -> Plan:
        """What must change so that the best of some modes of one model reaches a verdict.

        ``subjects``: of one model, at least one of them local. ``budget``: US dollars by launch
        prices; what has no known price is left out; 0 buys nothing, None looks at everything.
        """
        asked = [subject for subject in subjects if subject.device != "online"]
        now = self.now(asked)
        modes = tuple(subject.mode_id for subject in asked)
        made = Plan(model=now.model, modes=modes, target=target, now=now)
        if meets(now, target):
            return made
        verdicts = [self.now([subject]) for subject in asked]
        idle = self.context(WhatIf(idle=True))
        able = dimensions(self.context(), idle, asked, verdicts, budget)
        search = Search(self, asked, now, target)
        found = sorted(search.smallest(able), key=_order)
        if not found:
            return replace(made, best=search.nearest(able))
        several = [trial for trial in found if len(trial.levels) > 1][MOST_SETS:]
        smaller = [trial for trial in found if trial.levels[0].change.kind == "model"][MOST_MODELS:]
        kept = [trial for trial in found if trial not in several and trial not in smaller]
        return replace(made, options=tuple(search.option(trial) for trial in kept))


class Trial(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Some changes together, and the verdict with them."""

    levels: tuple[Level, ...]
    after: Assessment
    examples: tuple[str, ...] = ()
    """Other cards with which it holds as well."""


class Search:
    """For one question, the smallest sets of changes."""

    def __init__(
        self, planner: Planner, asked: Sequence[Subject], now: Assessment, target: Target
    ) -> None:
        self._planner = planner
        self._asked = tuple(asked)
        self._now = now
        self._target = target

    def smallest(self, able: Sequence[Dimension]) -> Iterator[Trial]:
        """Sets that reach the target, none of which does so with one change less."""
        solved: list[frozenset[int]] = []
        for size in range(1, MOST_CHANGES + 1):
            for chosen in combinations(range(len(able)), size):
                kinds = [able[index] for index in chosen]
                if size > 1 and any(kind.alone for kind in kinds):
                    continue
                if any(smaller <= set(chosen) for smaller in solved):
                    continue
                found = self._cheapest(kinds)
                if found:
                    solved.append(frozenset(chosen))
                    yield from found

    def _cheapest(self, kinds: Sequence[Dimension]) -> list[Trial]:
        """As little of each kind as reaches the target. Of other modes or models by themselves
        each that does; of cards the cheapest, with the next ones as examples."""
        ranges = [kind.levels[-1:] if kind.rising else kind.levels for kind in kinds]
        found: list[Trial] = []
        for levels in product(*ranges):
            trial = self._try(levels)
            if trial is None:
                continue
            trial = self._lowered(trial, kinds)
            if len(kinds) > 1 or trial.levels[0].what_if.gpu:
                return [self._with_examples(trial, kinds)]
            found.append(trial)
            if kinds[0].rising:
                break
        return found

    def _with_examples(self, trial: Trial, kinds: Sequence[Dimension]) -> Trial:
        """With the names of dearer cards that do as well."""
        names: list[str] = []
        for at, kind in enumerate(kinds):
            if not trial.levels[at].what_if.gpu:
                continue
            place = kind.levels.index(trial.levels[at])
            for level in kind.levels[place + 1 :]:
                levels = (*trial.levels[:at], level, *trial.levels[at + 1 :])
                if len(names) < MOST_EXAMPLES and self._try(levels) is not None:
                    names.append(str(level.change.text.values["card"]))
        return replace(trial, examples=tuple(names))

    def _lowered(self, trial: Trial, kinds: Sequence[Dimension]) -> Trial:
        """With each rising change made as small as still reaches the target."""
        for at, kind in enumerate(kinds):
            if not kind.rising:
                continue
            before, after = trial.levels[:at], trial.levels[at + 1 :]
            smaller = (self._try((*before, level, *after)) for level in kind.levels)
            trial = next(found for found in smaller if found is not None)  # the last one is
        return trial

    def _try(self, levels: Sequence[Level]) -> Trial | None:
        after = self._judged(levels)
        return Trial(levels=tuple(levels), after=after) if self._counts(levels, after) else None

    def _counts(self, levels: Sequence[Level], after: Assessment) -> bool:
        """Whether the target is reached; not by steps that nobody says how to set."""
        if not meets(after, self._target):
            return False
        fewer = any(level.steps is not None for level in levels)
        return not fewer or self._planner.known.by_key[after.model, after.mode].takes_steps

    def _judged(self, levels: Sequence[Level]) -> Assessment:
        subjects = next((level.subjects for level in levels if level.subjects), self._asked)
        steps = next((level.steps for level in levels if level.steps is not None), None)
        return self._planner.easiest(subjects, self._target, _together(levels), steps)

    def nearest(self, able: Sequence[Dimension]) -> Option | None:
        """What gets furthest where nothing reaches the target: of everything together, without
        the changes that add nothing. None where nothing makes it any better."""
        kinds = [kind for kind in able if not kind.alone]
        ranges = [kind.levels[-1:] if kind.rising else kind.levels for kind in kinds]
        best_of = max(
            (Trial(levels=levels, after=self._judged(levels)) for levels in product(*ranges)),
            key=lambda trial: _rank(trial.after),
        )
        for level in best_of.levels:
            rest = tuple(other for other in best_of.levels if other is not level)
            after = self._judged(rest)
            if _rank(after) >= _rank(best_of.after):
                best_of = Trial(levels=rest, after=after)
        if _rank(best_of.after) <= _rank(self._now):
            return None
        return self.option(best_of)

    def option(self, trial: Trial) -> Option:
        """The changes in full, with what they do for other models."""
        changes = one_computer(
            replace(level.change, examples=trial.examples) if level.what_if.gpu else level.change
            for level in trial.levels
        )
        flags = [flag for change in changes for flag in change.flags]
        after = trial.after
        return Option(
            changes=changes,
            before=self._now,
            after=after,
            check=(f"{after.model}:{after.mode}", *flags),
            unlocks=tuple(self._unlocked(_together(trial.levels), after.model)),
        )

    def _unlocked(self, what_if: WhatIf, model: str) -> Iterator[Unlock]:
        if not what_if.given:
            return
        planner = self._planner
        for other in dict.fromkeys(key[0] for key in planner.known.by_key):
            local = planner.local(other)
            if other == model or not local:
                continue
            before, after = planner.now(local), planner.easiest(local, "good", what_if)
            if RANK[after.verdict] > RANK[before.verdict]:
                yield Unlock(model=other, before=before, after=after)


def _together(levels: Sequence[Level]) -> WhatIf:
    """One what-if of several."""
    return reduce(merged, (level.what_if for level in levels), AS_IS)


def _rank(given: Assessment) -> tuple[int, int]:
    return RANK[given.verdict], given.score


def _order(trial: Trial) -> tuple[bool, float, bool, int, int, int]:
    """What costs nothing first, then by price (unknown ones after known), effort and number;
    another model after all that keeps the one asked for."""
    changes = [level.change for level in trial.levels]
    bought = [change.price for change in changes if change.buys]
    price = sum(float("inf") if each is None else each.usd for each in bought)
    effort = sum(change.effort for change in changes)
    other = changes[0].kind == "model"
    return bool(bought), price, other, effort, len(changes), -trial.after.score
