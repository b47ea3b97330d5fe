"""``vcf plan``: what must change so that a model runs here, or runs faster than real time."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

import msgspec

from ..catalogue.load import load_catalogue
from ..errors import UsageError
from ..judge.at_best import OnCard, at_best
from ..judge.change import Plan, Target
from ..judge.model import Evidence
from ..judge.plan import Planner
from ..judge.score import RANK
from ..judge.subject import Subject, Subjects, subjects
from ..judge.verdict import NO_EVIDENCE
from ..judge.workload import STANDARD, Workload
from ..machine.model import Machine
from ..machine.whatif import WhatIf
from ..paths import is_folder
from ..plain import shown
from ..units import parse_size
from ..views.plan import PlanDocument, Words
from .asked import asked_for
from .flags import base_flags
from .output import language, show, show_json


class PlanArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf plan`` says."""

    what: tuple[str, ...] = ()
    target: Target = "good"
    budget: int | None = None
    at_best: str | None = None
    machine: str | None = None
    what_if: WhatIf = WhatIf()
    workload: Workload = STANDARD
    as_json: bool = False
    output: str | None = None
    models: str | None = None
    lang: str | None = None


def run(arguments: PlanArguments) -> int:
    """Plan and show. 0: reached, or there is a way · 1: there is none · 3: a fact is missing."""
    lang = language(arguments.lang)
    known = subjects(load_catalogue(arguments.models))
    _refuse_contradictions(arguments)
    groups = list(_groups(arguments.what, known))
    machine, evidence = machine_and_evidence(arguments.machine, arguments.what_if)
    planner = Planner(machine, known, arguments.workload, evidence, arguments.what_if)
    machine = planner.context().machine
    flags = base_flags(arguments.machine, arguments.what_if, arguments.workload, arguments.models)
    words = Words(known, lang, flags)
    if arguments.at_best is not None:
        found = _at_best(arguments.at_best, planner, groups)
        _write(words.at_best(machine, arguments.workload, found), arguments)
        return (
            0 if any(RANK[a.verdict] >= RANK["tight"] for on in found for a in on.verdicts) else 1
        )
    plans = [planner.plan(group, arguments.target, budget=arguments.budget) for group in groups]
    _write(words.document(machine, arguments.workload, plans, arguments.budget), arguments)
    return _code(plans)


def _refuse_contradictions(arguments: PlanArguments) -> None:
    if arguments.at_best is not None and arguments.budget is not None:
        raise UsageError(
            "--at-best contradicts --budget", "one asks for a size, the other for a price"
        )
    if arguments.at_best is not None and any(":" in word for word in arguments.what):
        raise UsageError("--at-best looks for the best mode itself", "name models without modes")


def _at_best(size: str, planner: Planner, groups: Sequence[list[Subject]]) -> tuple[OnCard, ...]:
    try:
        # What makers call a GB of VRAM is a GiB.
        wanted = parse_size(re.sub(r"(?i)(?<=[\d\s])GB\s*$", "GiB", size))
    except ValueError as problem:
        raise UsageError(f"--at-best: {problem}") from None
    found = at_best(planner, wanted, tuple(group[0].model_id for group in groups))
    if not found:
        raise UsageError(f"--at-best: no card has {size} or less", "write it as 8GiB")
    return found


def _write(document: PlanDocument, arguments: PlanArguments) -> None:
    if arguments.as_json:
        show_json(arguments.output, document)
        return
    from ..views.plan_table import drawn

    show(arguments.output, drawn(document, language(arguments.lang)))


def _code(plans: Sequence[Plan]) -> int:
    if any(plan.reached or plan.options for plan in plans):
        return 0
    return 3 if any(plan.now.verdict == "unknown" for plan in plans) else 1


def _groups(what: Sequence[str], known: Subjects) -> Iterator[list[Subject]]:
    """For each model asked for the local modes asked for, joined over all that was said."""
    asks, _ = asked_for(what, (), known)
    found: dict[str, dict[Subject, None]] = {}
    for ask in asks:
        for subject in ask.subjects:
            if subject.device != "online":
                found.setdefault(subject.model_id, {})[subject] = None
    if not found:
        raise UsageError(
            "nothing to plan: what was asked for has no mode that runs on one's own computer",
            "ask for a model, or for one of its local modes",
        )
    return (list(group) for group in found.values())


def machine_and_evidence(
    name: str | None, what_if: WhatIf, *, many: str = "vcf check --machine"
) -> tuple[Machine, Evidence]:
    """The machine asked about, before what-ifs, and what was measured on it where it is this one
    and its devices stay. ``many``: the command for a folder of machines.

    Raises MachineError, UsageError.
    """
    if name is not None:
        if not name.strip():
            raise UsageError("--machine is empty", "name a file, a profile, or - for stdin")
        if is_folder(name):
            raise UsageError(
                f"--machine {shown(name, 200)}: one machine is asked about, this is a folder",
                f"many machines: {many} {shown(name, 200)}",
            )
        from ..machine.load import load_machine

        return load_machine(name), NO_EVIDENCE
    from ..machine.probe import probe

    machine = probe()
    if not what_if.keeps_devices:
        return machine, NO_EVIDENCE
    from ..bench.evidence import evidence_for

    return machine, evidence_for(machine)
