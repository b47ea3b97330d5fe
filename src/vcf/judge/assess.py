"""The judgement: facts about a machine meet knowledge about a model. The only source of verdicts.

Gates in order: software, memory, disk, speed; the licence is a notice. The verdict names the gate
that limits it. Pure: no I/O, no clock; what is kept between calls never changes an answer.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TypeAlias

from ..catalogue.model import Catalogue
from ..errors import UsageError
from ..machine.model import Machine
from ..units import GIB
from .bits import BITS
from .context import Card, Context
from .memory import device_gate, disk_gate, host_amounts, host_gates
from .model import (
    Amounts,
    Assessment,
    Confidence,
    Evidence,
    Gate,
    GateId,
    MemoryUse,
    Message,
    Status,
    Verdict,
)
from .need import extras
from .recipe import EMPTY, recipe_for
from .score import RANK, score_of, stars_of
from .subject import PRECISION, Subject, subjects
from .verdict import NO_EVIDENCE, Core, add_up, clearly_missed, core_of, licence_gates
from .workload import STANDARD, Workload

SEVERITY: dict[Status, int] = {"pass": 0, "warn": 1, "unknown": 2, "fail": 3}


def assess(
    machine: Machine,
    model: str,
    mode: str,
    *,
    catalogue: Catalogue,
    evidence: Evidence = NO_EVIDENCE,
    workload: Workload = STANDARD,
) -> Assessment:
    """The verdict on one model (id) in one mode (id) on one machine.

    Raises UsageError when the catalogue has no such model or the model no such mode.
    """
    subject = subjects(catalogue).by_key.get((model, mode))
    if subject is None:
        raise UsageError(f"{model} has no mode {mode!r}")
    return judge(Context(machine, workload), subject, evidence)


def judge(context: Context, subject: Subject, evidence: Evidence = NO_EVIDENCE) -> Assessment:
    """``assess`` over a prepared machine and subject; the best of the machine's GPUs counts."""
    if subject.device == "online":
        return _online(subject)
    if subject.device == "cpu":
        return _judge_on(context, subject, None, evidence)
    if context.cards is None:
        return _without_card(subject, context, "unknown", "gpus-unknown")
    if not context.cards:
        return _without_card(subject, context, "fail", "no-gpu")
    judged = [_judge_on(context, subject, card, evidence) for card in context.cards]
    return judged[0] if len(judged) == 1 else best(judged)


def best(assessments: Iterable[Assessment]) -> Assessment:
    """The best of several: by verdict, then score; of equals the most precise that runs, or the
    one that needs the least where none does. Where all say no, one that more memory would help
    says more than one that has no program at all."""
    return max(
        assessments,
        key=lambda a: (
            RANK[a.verdict],
            a.score,
            a.limit != "software",
            min(16, BITS[PRECISION[a.mode]]) if a.score else 0,  # nobody hears more than 16 bits
            -_memory_need(a),
        ),
    )


def _memory_need(given: Assessment) -> int:
    device = given.memory.device
    need = device.need_bytes or 0 if device is not None else 0
    return need + (given.memory.host.need_bytes or 0)


def _online(subject: Subject) -> Assessment:
    """Somebody else's hardware: always possible, never forecast. The same for every machine."""
    kept: Assessment | None = subject.memo.get("online")
    if kept is None:
        score = score_of("good", None)
        speed = Gate(gate="speed", status="unknown", text=Message("online-speed"))
        kept = subject.memo["online"] = Assessment(
            model=subject.model_id,
            mode=subject.mode_id,
            verdict="good",
            score=score,
            stars=stars_of(score),
            confidence="low",
            rtf=None,
            memory=MemoryUse(device=None, host=Amounts(), disk=Amounts()),
            gates=(speed, *licence_gates(subject)),
            recipe=recipe_for(subject, None, None),
            doubts=(Message("doubt-online"),),
        )
    return kept


def _without_card(subject: Subject, context: Context, status: Status, text: str) -> Assessment:
    """A GPU mode where there is no GPU, or where it is not known whether there is one."""
    kept: tuple[Gate, Amounts] | None = subject.memo.get(text)
    if kept is None:
        kept = subject.memo[text] = _no_card_gate(subject, status, text)
    gate, device = kept
    disk = disk_gate(subject, context)
    gates = (gate, disk[0]) if disk is not None else (gate,)
    # Too small a disk decides even where no GPU is known.
    verdict, limit = add_up("pass", status, gates[-1].status if disk is not None else "pass", None)
    return Assessment(
        model=subject.model_id,
        mode=subject.mode_id,
        verdict=verdict,
        score=0,
        stars=1,
        confidence="high" if status == "fail" else "low" if verdict == "unknown" else "medium",
        rtf=None,
        memory=MemoryUse(
            device=device,
            host=host_amounts(subject, context, None),
            disk=disk[1] if disk is not None else Amounts(),
        ),
        gates=(*gates, *licence_gates(subject)),
        recipe=EMPTY,
        limit=limit,
    )


def _no_card_gate(subject: Subject, status: Status, text: str) -> tuple[Gate, Amounts]:
    wanted = subject.mode.memory.device
    none = status == "fail"
    gate = Gate(
        gate="memory",
        part="device",
        status=status,
        text=Message(text),
        have="0 GiB" if none else None,
        need=f"{wanted.need_gib:.1f} GiB" if wanted is not None else None,
        source=wanted.sources[0] if wanted is not None else None,
    )
    device = Amounts(
        need_bytes=int(wanted.need_gib * GIB) if wanted is not None else None,
        have_bytes=0 if none else None,
    )
    return gate, device


def _judge_on(
    context: Context, subject: Subject, card: Card | None, evidence: Evidence
) -> Assessment:
    core = core_of(subject, context, card, evidence)
    memory_gates, memory_status, device, host, missed = _memory(core.subject, context, card)
    gates = core.gates + memory_gates
    doubts, serious = core.doubts, core.serious
    disk_status: Status = "pass"
    amounts = Amounts()
    disk = disk_gate(subject, context)
    if disk is not None:
        gate, amounts = disk
        gates, disk_status = (*gates, gate), gate.status
        if disk_status == "unknown":
            doubts, serious = (*doubts, gate.text), serious + 1
    verdict, limit = add_up(core.software, memory_status, disk_status, core.rtf)
    spill = verdict == "tight" and limit == "memory"
    shown = None if verdict in ("no", "unknown") else core.spilled if spill else core.rtf
    score = score_of(verdict, shown)
    clear = core.software == "fail" or missed or clearly_missed(amounts)
    return Assessment(
        model=subject.model_id,
        mode=subject.mode_id,
        verdict=verdict,
        score=score,
        stars=stars_of(score),
        confidence=_confidence(verdict, core, serious, clear),
        rtf=shown,
        memory=MemoryUse(device=device, host=host, disk=amounts),
        gates=gates + _after(core, verdict, limit),
        recipe=EMPTY if verdict == "no" else core.recipe,
        limit=limit,
        gpu=card.index if card is not None else None,
        doubts=doubts,
    )


_Memory: TypeAlias = "tuple[tuple[Gate, ...], Status, Amounts | None, Amounts, bool]"
"""Gates, the worst of them, VRAM, RAM, and whether a need is missed clearly."""
MOST_KEPT = 256
"""Memory judgements kept per subject: many machines of a fleet have the same amounts."""


def _memory(subject: Subject, context: Context, card: Card | None) -> _Memory:
    extra = extras(subject, context, card)
    key = (context.ram_id, card.memory_id if card is not None else 0, extra)
    kept: _Memory | None = subject.fits.get(key)
    if kept is not None:
        return kept
    if len(subject.fits) >= MOST_KEPT:
        subject.fits.clear()
    gates: tuple[Gate, ...] = ()
    worst: Status = "pass"
    device = None
    if card is not None:
        gate, device = device_gate(subject, card, extra[0])
        gates, worst = (gate,), gate.status
    for gate in host_gates(subject, context, card, extra):
        gates, worst = (*gates, gate), _worse(worst, gate.status)
    host = host_amounts(subject, context, card, extra)
    missed = clearly_missed(device) or clearly_missed(host)
    made = subject.fits[key] = (gates, worst, device, host, missed)
    return made


def _after(core: Core, verdict: Verdict, limit: GateId | None) -> tuple[Gate, ...]:
    """Speed and licence. What won't run, or nobody knows whether it will, has no speed."""
    if verdict == "no" or (verdict == "unknown" and limit != "speed"):
        return core.after[1:]
    return core.after_spilled if verdict == "tight" and limit == "memory" else core.after


def _worse(one: Status, other: Status) -> Status:
    return one if SEVERITY[one] >= SEVERITY[other] else other


def _confidence(verdict: Verdict, core: Core, serious: int, clear: bool) -> Confidence:
    """How far the verdict may be trusted.

    A ``no`` by a clear margin stands whatever is doubtful; a measurement is trusted; a forecast
    is medium at best.
    """
    if verdict == "no":
        return "high" if clear else "medium"
    if verdict == "unknown":
        return "low"
    if core.rtf is not None and core.rtf.basis in ("bench", "calibrated") and not serious:
        return "high"
    return "medium" if serious <= 1 else "low"
