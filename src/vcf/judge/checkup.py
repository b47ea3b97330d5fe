"""What ``vcf doctor`` says: findings about an environment, each with effect, cure and source.

The software gate judges modes; a checkup turns its answers round: what is installed here, what
is wrong with it, and which modes that stops. Whether a mode is stopped is told by ``judge`` alone:
it says no for its software here, and would not with nothing installed.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from copy import copy
from typing import Any, Literal

import msgspec

from ..machine.model import Disk, Machine, Unmet
from .assess import judge
from .context import Card, Context
from .deep import deep_findings
from .finding import Finding
from .gather import ORDER, Gathered
from .model import Assessment, Gate, Message
from .packages import codec_gates
from .precision import hidden_gate
from .software import environment_gates
from .subject import Subject, own_package
from .surroundings import surroundings

Exit = Literal[0, 1, 3]


class Checkup(msgspec.Struct, frozen=True, kw_only=True):
    """The state of one environment."""

    machine: Machine
    examined: tuple[str, ...]
    """The modes it was examined for, as ``model:mode``: those that the hardware could run."""
    findings: tuple[Finding, ...]
    """The gravest first."""

    @property
    def stopped(self) -> tuple[str, ...]:
        """Modes that what is installed, or missing, keeps from running."""
        return tuple(dict.fromkeys(mode for f in self.findings for mode in f.modes))

    @property
    def exit_code(self) -> Exit:
        """0 clean, 1 something stops a mode, 3 could not tell."""
        levels = {finding.level for finding in self.findings}
        return 1 if "stops" in levels else 3 if "unknown" in levels else 0


def relevant(
    subjects: Iterable[Subject], machine: Machine, *, named: bool, modes: Collection[str] = ()
) -> list[Subject]:
    """The modes that run in a Python environment and that matter here.

    Those asked for by their own name (``modes``); of models asked for (``named``) those that one
    pip install or the project's own checkout brings; and those whose own package is installed.
    With nothing asked for, torch alone is taken for the beginning of a plain install, and a
    project that brings its own environment is only looked at where it is installed here.
    """
    subjects = list(subjects)
    installed = {name for name, have in (machine.software or {}).items() if have}
    alone = "torch" in installed and not any(own_package(s) in installed for s in subjects)
    chosen = []
    for subject in subjects:
        torch = subject.needs.torch
        if torch is None and not subject.packages:
            continue
        own = torch is not None and torch.variant is not None
        plain = (subject.runtime.effort == 1 and not own) or (named and own)
        wanted = named or (torch is not None and alone)
        if subject.name in modes or own_package(subject) in installed or (plain and wanted):
            chosen.append(subject)
    return chosen


def checkup(
    machine: Machine,
    subjects: Sequence[Subject],
    *,
    named: bool = False,
    modes: Collection[str] = (),
    conflicts: Sequence[Unmet] = (),
    deep: Mapping[str, Any] | None = None,
) -> Checkup:
    """Examine the environment of a machine for some modes.

    ``named``: the user asked for these models, so what they lack stops them; ``modes``: those
    asked for by their own name. ``conflicts``: what package metadata contradict. ``deep``: what
    torch itself said, see ``machine.deep``.
    """
    chosen = relevant(subjects, machine, named=named, modes=modes)
    here, bare = Context(machine), Context(_bare(machine))
    found = Gathered()
    if not chosen:
        found.add(_nothing(machine))
    possible: list[Subject] = []
    # GPU modes first: where several modes meet one problem, the cure is the one for the GPU.
    for subject in sorted(chosen, key=lambda subject: subject.device != "gpu"):
        could = judge(bare, subject)
        there = _on(here, could.gpu)
        now, card = judge(there, subject), _card(there, subject)
        if could.verdict != "no":
            possible.append(subject)
            found.missing(subject, here, named=named, exact=subject.name in modes)
        if subject.device != "gpu" or card is not None:
            found.gates(subject, _gates(subject, there, card), _is_stopped(now, could))
            found.disk(subject, now)
    if chosen and not possible:
        found.add(_hardware(chosen if named else ()))
    for finding in surroundings(here, possible, conflicts):
        found.add(finding)
    findings = found.all()
    if deep is not None:
        findings = deep_findings(deep, findings, possible, here)
    order = {subject.name: place for place, subject in enumerate(subjects)}
    return Checkup(
        machine=machine,
        examined=tuple(sorted((s.name for s in possible), key=order.__getitem__)),
        findings=tuple(sorted(findings, key=lambda f: ORDER[f.level])),
    )


def _nothing(machine: Machine) -> Finding:
    probed = "software.python" in machine.sources
    return Finding(
        id="nothing",
        level="unknown",
        text=Message("doctor-nothing"),
        effect=Message("effect-nothing" if probed else "effect-nothing-file"),
    )


def _hardware(asked: Sequence[Subject]) -> Finding:
    """What was asked for by name and can't run is stopped; otherwise it is only said."""
    return Finding(
        id="hardware",
        level="stops" if asked else "notice",
        text=Message("doctor-hardware"),
        effect=Message("effect-hardware"),
        modes=tuple(subject.name for subject in asked),
    )


def _bare(machine: Machine) -> Machine:
    """The same hardware and system with an up-to-date driver, room on the disk, nothing installed
    and nothing set."""
    gpus = [msgspec.structs.replace(gpu, driver=None, hidden_by=None) for gpu in machine.gpus or ()]
    drivers = {f"gpus[{index}].driver": "as if up to date" for index in range(len(gpus))}
    return msgspec.structs.replace(
        machine,
        software=None,
        settings=None,
        disk=Disk(),
        gpus=None if machine.gpus is None else gpus,
        unknown={**machine.unknown, **drivers},
    )


def _is_stopped(now: Assessment, could: Assessment) -> bool:
    return now.verdict == "no" and now.limit == "software" and could.verdict != "no"


def _on(context: Context, index: int | None) -> Context:
    """The machine as if it had this GPU alone: the one that the mode would use once all is
    mended. Another that could never run it would otherwise speak for both."""
    if index is None or context.cards is None:
        return context
    narrowed = copy(context)
    narrowed.cards = [card for card in context.cards if card.index == index]
    return narrowed if narrowed.cards else context


def _card(context: Context, subject: Subject) -> Card | None:
    """The first GPU of a machine for a mode that uses one."""
    return context.cards[0] if subject.device == "gpu" and context.cards else None


def _gates(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    yield from environment_gates(subject, context, card)
    yield from codec_gates(subject, context, card)
    hidden = hidden_gate(card)
    if hidden is not None:
        yield hidden
