"""The judgement: facts about a machine meet knowledge about a model. The only source of verdicts.

Gates in order: software, memory, disk, speed; the licence is a notice. The verdict names the gate
that limits it. Pure: no I/O, no clock; what is kept between calls never changes an answer.
"""

from __future__ import annotations

from collections.abc import Iterable

from ..catalogue.model import Catalogue
from ..errors import UsageError
from ..machine.model import Machine
from ..units import GIB
from .context import Card, Context
from .memory import disk_gate
from .model import (
    Amounts,
    Assessment,
    Confidence,
    Evidence,
    Gate,
    GateId,
    MemoryUse,
    Message,
    Verdict,
)
from .recipe import EMPTY, recipe_for
from .score import RANK, score_of, stars_of
from .subject import BITS, PRECISION, Subject, subjects
from .verdict import NO_EVIDENCE, Core, clearly_missed, core_of, licence_gates


def assess(
    machine: Machine,
    model: str,
    mode: str,
    *,
    catalogue: Catalogue,
    evidence: Evidence = NO_EVIDENCE,
) -> Assessment:
    """The verdict on one model (id) in one mode (id) on one machine.

    Raises UsageError when the catalogue has no such model or the model no such mode.
    """
    subject = subjects(catalogue).by_key.get((model, mode))
    if subject is None:
        raise UsageError(f"{model} has no mode {mode!r}")
    return judge(Context(machine), subject, evidence)


def judge(context: Context, subject: Subject, evidence: Evidence = NO_EVIDENCE) -> Assessment:
    """``assess`` over a prepared machine and subject; the best of the machine's GPUs counts."""
    if subject.device == "online":
        return _online(subject)
    if subject.device == "cpu":
        return _judge_on(context, subject, None, evidence)
    if context.cards is None:
        return _without_card(subject, "unknown", "gpus-unknown")
    if not context.cards:
        return _without_card(subject, "no", "no-gpu")
    judged = [_judge_on(context, subject, card, evidence) for card in context.cards]
    return judged[0] if len(judged) == 1 else best(judged)


def best(assessments: Iterable[Assessment]) -> Assessment:
    """The best of several: by verdict, then score; of equals the most precise that runs, or the
    one that needs the least where none does."""
    return max(
        assessments,
        key=lambda a: (
            RANK[a.verdict],
            a.score,
            min(16, BITS[PRECISION[a.mode]]) if a.score else 0,  # nobody hears more than 16 bits
            -_memory_need(a),
        ),
    )


def _memory_need(given: Assessment) -> int:
    amounts = (given.memory.device, given.memory.host)
    return sum(a.need_bytes or 0 for a in amounts if a is not None)


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
            memory=MemoryUse(device=None, host=None, disk=None),
            gates=(speed, *licence_gates(subject)),
            recipe=recipe_for(subject, None, None),
            doubts=(Message("doubt-online"),),
        )
    return kept


def _without_card(subject: Subject, verdict: Verdict, text: str) -> Assessment:
    """A GPU mode where no GPU is known. The same for every such machine."""
    kept: Assessment | None = subject.memo.get(text)
    if kept is not None:
        return kept
    wanted = subject.mode.memory.device
    none = verdict == "no"
    gate = Gate(
        gate="memory",
        part="device",
        status="fail" if none else "unknown",
        text=Message(text),
        have="0 GiB" if none else None,
        need=f"{wanted.need_gib:.1f} GiB" if wanted is not None else None,
        source=wanted.sources[0] if wanted is not None else None,
    )
    device = Amounts(
        need_bytes=int(wanted.need_gib * GIB) if wanted is not None else None,
        have_bytes=0 if none else None,
    )
    kept = subject.memo[text] = Assessment(
        model=subject.model_id,
        mode=subject.mode_id,
        verdict=verdict,
        score=0,
        stars=1,
        confidence="high" if none else "low",
        rtf=None,
        memory=MemoryUse(device=device, host=None, disk=None),
        gates=(gate, *licence_gates(subject)),
        recipe=EMPTY,
        limit="memory",
    )
    return kept


def _judge_on(
    context: Context, subject: Subject, card: Card | None, evidence: Evidence
) -> Assessment:
    core = core_of(subject, context, card, evidence)
    gates, doubts, serious = core.gates, core.doubts, core.serious
    verdict, limit = core.verdict, core.limit
    score, stars, recipe, shown = core.score, core.stars, core.recipe, core.shown
    amounts = None
    disk = disk_gate(subject, context)
    if disk is not None:
        gate, amounts = disk
        gates = (*gates, gate)
        if gate.status == "unknown":
            # Disk can be freed: not knowing it lowers the confidence, not the verdict.
            doubts, serious = (*doubts, gate.text), serious + 1
        elif gate.status != "pass":
            verdict, limit = _with_disk(verdict, limit, gate)
            if verdict == "no":
                recipe, shown = EMPTY, None
            score = score_of(verdict, shown)
            stars = stars_of(score)
    return Assessment(
        model=subject.model_id,
        mode=subject.mode_id,
        verdict=verdict,
        score=score,
        stars=stars,
        confidence=_confidence(verdict, core, serious, amounts),
        rtf=shown,
        memory=MemoryUse(device=core.device, host=core.host, disk=amounts),
        gates=gates + core.after,
        recipe=recipe,
        limit=limit,
        gpu=card.index if card is not None else None,
        doubts=doubts,
        twin=core.id,
    )


def _with_disk(verdict: Verdict, limit: GateId | None, disk: Gate) -> tuple[Verdict, GateId | None]:
    """Disk comes after software and memory and before speed."""
    if disk.status == "fail" and verdict != "no":
        return "no", "disk"
    if disk.status == "warn" and verdict in ("good", "slow"):
        return "tight", "disk"
    return verdict, limit


def _confidence(verdict: Verdict, core: Core, serious: int, disk: Amounts | None) -> Confidence:
    """How far the verdict may be trusted.

    A ``no`` by a clear margin stands whatever is doubtful; a measurement is trusted; a forecast
    is medium at best.
    """
    if verdict == "no":
        return "high" if core.clear or clearly_missed(disk) else "medium"
    if verdict == "unknown":
        return "low"
    if core.rtf is not None and core.rtf.basis in ("bench", "calibrated") and not serious:
        return "high"
    return "medium" if serious <= 1 else "low"
