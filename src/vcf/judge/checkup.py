"""What ``vcf doctor`` says: findings about an environment, each with effect, cure and source.

The software gate judges modes; a checkup turns its answers round: what is installed here, what
is wrong with it, and which modes that stops. Whether a mode is stopped is told by ``judge`` alone:
it says no for its software here, and would not with nothing installed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Literal

import msgspec

from ..machine.model import Machine
from .assess import judge
from .context import Card, Context
from .deep import deep_findings
from .finding import Conflict, Finding, Level
from .model import Assessment, Gate, Message
from .packages import codec_gates
from .precision import hidden_gate
from .software import environment_gates
from .subject import Subject
from .surroundings import surroundings

Exit = Literal[0, 1, 3]

_LEVELS: dict[str, Level] = {"pass": "ok", "warn": "risk", "fail": "notice", "unknown": "unknown"}
"""A failing gate is only a notice until a mode is found that it stops."""
_ORDER: dict[Level, int] = {"stops": 0, "unknown": 1, "risk": 2, "notice": 3, "ok": 4}

EFFECTS = {
    "software-python": "effect-python",
    "software-python-other": "effect-python",
    "torch-old": "effect-torch-range",
    "torch-new": "effect-torch-range",
    "torch-strange": "effect-unknown",
    "torch-unknown": "effect-unknown",
    "torch-no-kernels": "effect-no-kernels",
    "torch-cpu-build": "effect-on-cpu",
    "torch-wrong-vendor": "effect-on-cpu",
    "torch-driver": "effect-driver",
    "torch-macos": "effect-macos",
    "package-version": "effect-package",
    "package-advised": "effect-advised",
    "audio-torch": "effect-import",
    "audio-cuda-cpu": "effect-import",
    "audio-cuda": "effect-import",
    "codec-missing": "effect-codec",
    "codec-build": "effect-codec",
    "codec-ffmpeg": "effect-codec",
    "codec-torch": "effect-codec",
    "codec-ffmpeg-version": "effect-codec",
    "gpu-hidden": "effect-hidden",
}
"""What each problem of the software gate will cause."""


INSTALLABLE = frozenset(
    ("torch-to-install", "torch-for-card", "torch-last-for-card", "torch-old-driver")
)
"""What could be installed is no finding about what is."""


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


def relevant(subjects: Iterable[Subject], machine: Machine, *, named: bool) -> list[Subject]:
    """The modes that run in a Python environment: those asked for by name, else those of which
    something is installed. A project that brings its own environment is only looked at where
    it is installed here."""
    software = {name: have for name, have in (machine.software or {}).items() if have}
    chosen = []
    for subject in subjects:
        torch = subject.needs.torch
        if torch is None and not subject.packages:
            continue
        own = torch is not None and torch.variant is not None
        here = bool(subject.packages & software.keys())
        plain = (
            not own and torch is not None and "torch" in software and subject.runtime.effort == 1
        )
        if named or here or plain:
            chosen.append(subject)
    return chosen


def checkup(
    machine: Machine,
    subjects: Sequence[Subject],
    *,
    named: bool = False,
    conflicts: Sequence[Conflict] = (),
    deep: dict[str, Any] | None = None,
) -> Checkup:
    """Examine the environment of a machine for some modes.

    ``named``: the user asked for these modes, so what they lack stops them. ``conflicts``: what
    package metadata contradict. ``deep``: what torch itself said, see ``machine.deep``.
    """
    chosen = relevant(subjects, machine, named=named)
    here, bare = Context(machine), Context(_bare(machine))
    found = _Found()
    if not chosen:
        found.add(Finding(id="nothing", level="unknown", text=Message("doctor-nothing"),
                          effect=Message("effect-nothing")))  # fmt: skip
    possible: list[Subject] = []
    for subject in chosen:
        now, could = judge(here, subject), judge(bare, subject)
        if could.verdict != "no":
            possible.append(subject)
        card = _card(here, subject, now, could)
        if subject.device == "gpu" and card is None:
            continue
        found.gates(subject, _gates(subject, here, card), _is_stopped(now, could))
        found.missing(subject, here, named=named, possible=could.verdict != "no")
        found.disk(subject, now)
    if chosen and not possible:
        found.add(Finding(id="hardware", level="notice", text=Message("doctor-hardware"),
                          effect=Message("effect-hardware")))  # fmt: skip
    for finding in surroundings(here, possible, conflicts):
        found.add(finding)
    findings = found.all()
    if deep is not None:
        findings = deep_findings(deep, findings, possible, here)
    return Checkup(
        machine=machine,
        examined=tuple(f"{s.model_id}:{s.mode_id}" for s in possible),
        findings=tuple(sorted(findings, key=lambda f: _ORDER[f.level])),
    )


def _bare(machine: Machine) -> Machine:
    """The same computer with nothing installed and nothing set."""
    return msgspec.structs.replace(machine, software=None, settings=None)


def _is_stopped(now: Assessment, could: Assessment) -> bool:
    return now.verdict == "no" and now.limit == "software" and could.verdict != "no"


def _card(context: Context, subject: Subject, now: Assessment, could: Assessment) -> Card | None:
    """The GPU that the mode would use once all is mended."""
    index = could.gpu if could.gpu is not None else now.gpu
    if subject.device != "gpu" or index is None:
        return None
    return next((card for card in context.cards or () if card.index == index), None)


def _gates(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    yield from environment_gates(subject, context, card)
    yield from codec_gates(subject, context, card)
    hidden = hidden_gate(card)
    if hidden is not None:
        yield hidden


class _Found:
    """Findings by what they say; many modes meet the same one."""

    def __init__(self) -> None:
        self._by_text: dict[str, Finding] = {}

    def all(self) -> list[Finding]:
        """Every finding, in the order in which it was met."""
        return list(self._by_text.values())

    def add(self, finding: Finding) -> None:
        """Keep a finding; of two that say the same, the graver with the modes of both."""
        text = finding.text
        key = f"{text.id} {sorted((k, str(v)) for k, v in text.values.items())}"
        old = self._by_text.get(key)
        if old is not None:
            worse = min(old, finding, key=lambda f: _ORDER[f.level])
            modes = tuple(dict.fromkeys((*old.modes, *finding.modes)))
            finding = msgspec.structs.replace(worse, modes=modes)
        self._by_text[key] = finding

    def gates(self, subject: Subject, gates: Iterable[Gate], stopped: bool) -> None:
        """What the gates of a mode say."""
        for gate in gates:
            if gate.text.id in INSTALLABLE:
                continue
            stops = stopped and gate.status == "fail"
            effect = EFFECTS.get(gate.text.id)
            remedy = gate.remedy
            command = remedy.values.get("command") if remedy is not None else None
            self.add(
                Finding(
                    id=gate.text.id,
                    level="stops" if stops else _LEVELS[gate.status],
                    text=gate.text,
                    effect=Message(effect, gate.text.values) if effect is not None else None,
                    remedy=None if command is not None else remedy,
                    command=str(command) if command is not None else None,
                    source=gate.source,
                    modes=(f"{subject.model_id}:{subject.mode_id}",) if stops else (),
                )
            )

    def disk(self, subject: Subject, now: Assessment) -> None:
        """Too little room where the weights would land."""
        for gate in now.gates:
            if gate.gate != "disk" or gate.status not in ("warn", "fail"):
                continue
            stops = gate.status == "fail" and now.limit == "disk"
            self.add(
                Finding(
                    id="disk",
                    level="stops" if stops else "risk",
                    text=gate.text,
                    effect=Message("effect-disk"),
                    remedy=gate.remedy or Message("remedy-cache"),
                    source=gate.source,
                    modes=(f"{subject.model_id}:{subject.mode_id}",) if stops else (),
                )
            )

    def missing(self, subject: Subject, context: Context, *, named: bool, possible: bool) -> None:
        """Packages that the mode runs on and that are not installed here."""
        names = [p.name for p in subject.needs.packages or ()]
        if subject.needs.torch is not None:
            names.insert(0, "torch")
        lacking = [name for name in names if name not in context.software]
        if not lacking or not possible:
            return
        self.add(
            Finding(
                id="missing",
                level="stops" if named else "notice",
                text=Message("doctor-missing", {"names": ", ".join(lacking)}),
                effect=Message("effect-missing"),
                remedy=Message("remedy-install", {"what": f"{subject.model_id}:{subject.mode_id}"}),
                modes=(f"{subject.model_id}:{subject.mode_id}",) if named else (),
            )
        )
