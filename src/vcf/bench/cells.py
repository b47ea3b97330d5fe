"""What is to be measured: cells of model and mode, each judged before anything is begun."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import msgspec

from ..catalogue.model import Catalogue
from ..catalogue.names import find_modes
from ..errors import UsageError
from ..judge.assess import best, judge
from ..judge.context import Context
from ..judge.model import Assessment, Evidence
from ..judge.subject import Subject, subjects
from ..judge.workload import Workload
from ..machine.model import Gpu, Machine
from .record import Predicted, Reason

NO_GPU = {"no-gpu": "no-gpu", "gpus-unknown": "gpu-unknown"}
"""Texts of the gate that says that a mode has no card to run on, and the reason that they are."""


class Cell(msgspec.Struct, frozen=True, kw_only=True):
    """One model in one mode on one device."""

    subject: Subject
    assessment: Assessment
    """The judgement before the run, from everything but benchmarks."""
    gpu: int | None = None
    """Index among the machine's GPUs."""
    gpu_name: str | None = None
    quick: bool = False
    skip: Reason | None = None
    """Why it is not begun."""
    option: str | None = None
    """What is used beside the plain way: ``accel``; a cell of its own."""

    @property
    def name(self) -> str:
        """``voxcpm-0.5b:cpu-fp32``; ``indextts-2.5:gpu-bf16+accel``."""
        return self.subject.name if self.option is None else f"{self.subject.name}+{self.option}"

    @property
    def predicted(self) -> Predicted | None:
        """The forecast, for the record."""
        found = self.assessment
        if found.rtf is None:
            return None
        device, host = found.memory.device, found.memory.host
        return Predicted(
            low=found.rtf.low,
            mid=found.rtf.mid,
            high=found.rtf.high,
            basis=found.rtf.basis,
            verdict=found.verdict,
            device_bytes=device.need_bytes if device is not None else None,
            host_bytes=host.need_bytes,
        )


Runs = Callable[[Subject], bool]
"""Whether what is there runs a mode."""


def modes_of(model: str, runs: Runs, catalogue: Catalogue) -> list[Subject]:
    """The modes of a model that something runs, in the catalogue's order."""
    return [
        subject
        for (name, _), subject in subjects(catalogue).by_key.items()
        if name == model and runs(subject)
    ]


def plan(
    models: Sequence[str],
    modes: Sequence[str],
    runs: Runs,
    catalogue: Catalogue,
    machine: Machine,
    workloads: Mapping[str, Workload],
    evidence: Evidence,
) -> list[Cell]:
    """The cells of models times modes, none twice; without modes the best of each model here.
    ``workloads``: what is asked of ``cpu`` and of ``gpu``.

    Raises UsageError: a mode that means nothing or that is not run.
    """
    contexts = {device: Context(machine, asked) for device, asked in workloads.items()}
    found: dict[tuple[str, str], Cell] = {}
    for model in models:
        known = modes_of(model, runs, catalogue)
        words: Sequence[str | None] = modes or [None]
        for word in words:
            for cell in _cells(word, model, known, contexts, evidence):
                found.setdefault(cell.subject.key, cell)
    return list(found.values())


def _cells(
    word: str | None,
    model: str,
    known: Sequence[Subject],
    contexts: Mapping[str, Context],
    evidence: Evidence,
) -> list[Cell]:
    if word is None:
        wanted = list(known)
    else:  # in the order of the word: of equals the first is taken
        wanted = [s for mode in _ids(word, known) for s in known if s.mode_id == mode]
        if not wanted and word.lower() in ("cpu", "gpu"):  # of a program with a GGUF file
            wanted = [s for s in known if s.mode_id.startswith(f"gguf-{word.lower()}-")]
    if not wanted:
        raise UsageError(f"{model} can't be measured in {word!r}", f"it can in: {_have(known)}")
    if len(wanted) == 1:
        return [cell_of(wanted[0], contexts[wanted[0].device], evidence)]
    judged = {s.mode_id: judged_here(contexts[s.device], s, evidence) for s in wanted}
    winner = best(judged.values())
    chosen = next(subject for subject in wanted if subject.mode_id == winner.mode)
    processor = [subject for subject in wanted if subject.device == "cpu"]
    if chosen.device == "cpu" and len(processor) > 1 and not _bf16_units(contexts["cpu"]):
        # a forecast can't tell which is quicker where bf16 is emulated: measuring can
        return [cell_of(s, contexts["cpu"], evidence, quick=True) for s in processor]
    return [cell_of(chosen, contexts[chosen.device], evidence)]


def _ids(word: str, known: Sequence[Subject]) -> tuple[str, ...]:
    try:
        return find_modes(word)
    except UsageError as error:
        raise UsageError(error.message, f"choose one of: {_have(known)}") from None


def _have(known: Sequence[Subject]) -> str:
    return ", ".join(subject.mode_id for subject in known)


def judged_here(context: Context, subject: Subject, evidence: Evidence) -> Assessment:
    """The judgement; where only what is installed says no, that of the hardware: the bench gets
    round some of it (torchaudio), and trying tells about the rest."""
    judged = judge(context, subject, evidence)
    if judged.verdict != "no" or judged.limit != "software" or not context.software:
        return judged
    bare = msgspec.structs.replace(context.machine, software=None)
    return judge(Context(bare, context.workload), subject, evidence)


def _bf16_units(context: Context) -> bool:
    return context.cpu is not None and "bf16" in context.cpu.native


def cell_of(subject: Subject, context: Context, evidence: Evidence, *, quick: bool = False) -> Cell:
    """One cell, judged, with the reason for which it should not be begun."""
    judged = judged_here(context, subject, evidence)
    card: Gpu | None = None
    if subject.device == "gpu" and judged.gpu is not None and context.machine.gpus:
        card = context.machine.gpus[judged.gpu]
    return Cell(
        subject=subject,
        assessment=judged,
        gpu=judged.gpu if card is not None else None,
        gpu_name=card.name if card is not None else None,
        quick=quick,
        skip=_skip(judged),
    )


def _skip(judged: Assessment) -> Reason | None:
    """What forbids it by the judgement. Software does not: trying tells more than a table."""
    for gate in judged.gates:
        if gate.text.id in NO_GPU:
            return Reason(id=NO_GPU[gate.text.id])
    for gate in judged.gates:
        if gate.gate == "memory" and gate.status == "fail":
            return Reason(id="too-little-memory", detail=_amounts(gate.need, gate.have))
    for gate in judged.gates:
        if gate.gate == "memory" and gate.status == "unknown":
            return Reason(id="memory-unknown", detail=_amounts(gate.need, gate.have))
    return None


def _amounts(need: str | None, have: str | None) -> str:
    return f"{need or '?'} > {have}" if have else need or ""
