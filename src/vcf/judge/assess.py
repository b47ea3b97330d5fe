"""The judgement: facts about a machine meet knowledge about a model. The only source of verdicts.

Gates in order: software, memory, disk, speed; the licence is a notice. The verdict names the gate
that limits it. Pure: no I/O, no clock, no global state but caches.
"""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from ..catalogue.model import Catalogue, ModeId
from ..errors import UsageError
from ..machine.model import Machine
from ..units import GIB
from .context import Card, Context
from .device import Rates
from .forecast import forecast, spilled
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
    Rtf,
    Verdict,
)
from .precision import precision_gate
from .recipe import recipe_for
from .score import RANK, score_of, stars_of
from .software import NAMES, software_gate
from .subject import Subject, subjects

NO_EVIDENCE = Evidence()


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
        return _without_card(subject, context, "unknown", Message("gpus-unknown"))
    if not context.cards:
        return _without_card(subject, context, "no", Message("no-gpu"))
    judged = [_judge_on(context, subject, card, evidence) for card in context.cards]
    return judged[0] if len(judged) == 1 else best(judged)


def best(assessments: Iterable[Assessment]) -> Assessment:
    """The best of several: by verdict, then score, then the smaller need of memory."""
    return max(assessments, key=lambda a: (RANK[a.verdict], a.score, -_device_need(a)))


def _device_need(given: Assessment) -> int:
    device = given.memory.device
    return 0 if device is None else device.need_bytes or 0


def _online(subject: Subject) -> Assessment:
    """Somebody else's hardware: always possible, never forecast."""
    gates = (
        Gate(gate="speed", status="unknown", text=Message("online-speed")),
        *_licence(subject),
    )
    score = score_of("good", None)
    return Assessment(
        model=subject.model_id,
        mode=subject.mode_id,
        verdict="good",
        score=score,
        stars=stars_of(score),
        confidence="low",
        rtf=None,
        memory=MemoryUse(device=None, host=None, disk=None),
        gates=gates,
        recipe=recipe_for(subject, None, None),
        doubts=(Message("doubt-online"),),
    )


def _without_card(
    subject: Subject, context: Context, verdict: Verdict, text: Message
) -> Assessment:
    """A GPU mode where no GPU is known. The same for every such machine, so kept."""
    wanted = subject.mode.memory.device
    need = int(wanted.need_gib * GIB) if wanted is not None else None
    gate = Gate(
        gate="memory",
        part="device",
        status="fail" if verdict == "no" else "unknown",
        text=text,
        have="0 GiB" if verdict == "no" else None,
        need=f"{wanted.need_gib:.1f} GiB" if wanted is not None else None,
        source=wanted.sources[0] if wanted is not None else None,
    )
    device = Amounts(need_bytes=need, have_bytes=0 if verdict == "no" else None)
    return Assessment(
        model=subject.model_id,
        mode=subject.mode_id,
        verdict=verdict,
        score=0,
        stars=1,
        confidence="high" if verdict == "no" else "low",
        rtf=None,
        memory=MemoryUse(device=device, host=None, disk=None),
        gates=(gate, *_licence(subject)),
        recipe=recipe_for(subject, context, None),
        limit="memory",
    )


def _judge_on(
    context: Context, asked: Subject, card: Card | None, evidence: Evidence
) -> Assessment:
    subject, runs_as = _what_really_runs(asked, context, card)
    gates: list[Gate] = [software_gate(subject, context, card)]
    if runs_as is not None:
        gates.append(runs_as)
    precision = precision_gate(subject, context, card)
    if precision is not None:
        gates.append(precision)
    device = None
    if card is not None:
        gate, device = device_gate(subject, card)
        gates.append(gate)
    gates.extend(host_gates(subject, context, card))
    disk = disk_gate(subject, context)
    if disk is not None:
        gates.append(disk[0])
    rates = card.rates if card is not None else context.cpu
    rtf = forecast(subject, rates, evidence)
    verdict, limit = _verdict(gates, rtf)
    if verdict in ("no", "unknown"):
        shown = None
    else:
        shown = spilled(rtf) if verdict == "tight" and limit == "memory" and rtf else rtf
    gates.append(_speed(shown if shown is not None else rtf, _speed_source(subject, rates)))
    gates.extend(_licence(subject))
    doubts = _doubts(context, card, gates, asked)
    memory = MemoryUse(
        device=device,
        host=host_amounts(subject, context, card),
        disk=disk[1] if disk is not None else None,
    )
    score = score_of(verdict, shown)
    return Assessment(
        model=asked.model_id,
        mode=asked.mode_id,
        verdict=verdict,
        score=score,
        stars=stars_of(score),
        confidence=_confidence(verdict, shown, gates, doubts, memory),
        rtf=shown,
        memory=memory,
        gates=tuple(gates),
        recipe=recipe_for(subject, context, card),
        limit=limit,
        gpu=card.index if card is not None else None,
        doubts=doubts,
    )


def _what_really_runs(
    asked: Subject, context: Context, card: Card | None
) -> tuple[Subject, Gate | None]:
    """Some packages silently run another mode on some makers' GPUs: that one is judged."""
    vendor = card.gpu.vendor if card is not None else None
    other: ModeId | None = asked.mode.runs_as.get(vendor) if vendor is not None else None
    if other is None:
        return asked, None
    gate = Gate(
        gate="software",
        status="warn",
        text=Message("runs-as", {"mode": asked.mode_id, "other": other, "vendor": NAMES[vendor or ""]}),
        source=asked.mode.source,
    )
    return asked.others[asked.model_id, other], gate


def _verdict(gates: list[Gate], rtf: Rtf | None) -> tuple[Verdict, GateId | None]:
    """The first failing gate decides; then what is unknown; then what is tight; then speed."""
    for gate in gates:
        if gate.status == "fail":
            return "no", gate.gate
    for gate in gates:
        # Disk can be freed and cleared: not knowing it lowers the confidence only.
        if gate.status == "unknown" and gate.gate != "disk":
            return "unknown", gate.gate
    for gate in gates:
        if gate.status == "warn" and gate.gate in ("memory", "disk"):
            return "tight", gate.gate
    if rtf is None:
        return "unknown", "speed"
    return ("good", None) if rtf.mid <= 1 else ("slow", "speed")


def _speed_source(subject: Subject, rates: Rates | None) -> str | None:
    speed = subject.runtime.speed.get(rates.kind) if rates is not None else None
    return speed.source if speed is not None else None


def _speed(rtf: Rtf | None, source: str | None) -> Gate:
    if rtf is None:
        return Gate(gate="speed", status="unknown", text=Message("speed-unknown"), need="RTF ≤ 1")
    have = f"RTF {number(rtf.low)} – {number(rtf.high)}"
    values: dict[str, str] = {"low": number(rtf.low), "mid": number(rtf.mid),
                              "high": number(rtf.high), "rtfx": number(1 / rtf.mid),
                              "basis": rtf.basis}  # fmt: skip
    quick = rtf.mid <= 1
    return Gate(
        gate="speed",
        status="pass" if quick else "warn",
        text=Message("speed-good" if quick else "speed-slow", values),
        have=have,
        need="RTF ≤ 1",
        source=source,
    )


def number(value: float) -> str:
    """Two significant digits: 0.35, 4.2, 12."""
    if value >= 9.95:
        return f"{value:.0f}"
    return f"{value:.1f}" if value >= 0.995 else f"{value:.2f}"


def _licence(subject: Subject) -> tuple[Gate, ...]:
    """A notice where the terms ask something of the user; never a block."""
    licence = subject.model.licence
    if licence.notice is None:
        return ()
    return (
        Gate(
            gate="licence",
            status="warn" if licence.commercial != "yes" else "pass",
            text=Message("licence", {"licence": licence.weights, "notice": licence.notice}),
            source=licence.source,
        ),
    )


def _doubts(
    context: Context, card: Card | None, gates: list[Gate], subject: Subject
) -> tuple[Message, ...]:
    doubts = list(context.doubts)
    rates = card.rates if card is not None else context.cpu
    if rates is not None:
        doubts.extend(rates.doubts)
    if card is not None and card.free is None:
        doubts.append(Message("doubt-free-vram"))
    if context.machine.memory.available_bytes is None:
        doubts.append(Message("doubt-free-ram"))
    for gate in gates:
        if gate.gate == "disk" and gate.status == "unknown":
            doubts.append(gate.text)
    needs = subject.mode.memory
    for need in (needs.device, needs.host_load, needs.host_run):
        if need is not None and need.basis == "derived":
            doubts.append(Message("doubt-derived"))
            break
    return tuple(doubts)


def _confidence(
    verdict: Verdict,
    rtf: Rtf | None,
    gates: list[Gate],
    doubts: tuple[Message, ...],
    memory: MemoryUse,
) -> Confidence:
    """How far the verdict may be trusted.

    A ``no`` by a clear margin stands whatever is doubtful; a measurement is trusted; a forecast
    is medium at best.
    """
    if verdict == "no":
        return "high" if _clear(gates, memory) else "medium"
    if verdict == "unknown":
        return "low"
    serious = [d for d in doubts if d.id not in _MINOR_DOUBTS]
    if rtf is not None and rtf.basis in ("bench", "calibrated") and not serious:
        return "high"
    return "medium" if len(serious) <= 1 else "low"


_MINOR_DOUBTS = ("doubt-free-ram", "doubt-free-vram")
_CLEAR = 0.75
"""A need is missed clearly when less than this share of it is there."""


def _clear(gates: list[Gate], memory: MemoryUse) -> bool:
    if any(gate.status == "fail" and gate.gate == "software" for gate in gates):
        return True
    for amounts in (memory.device, memory.host, memory.disk):
        if amounts is None or amounts.need_bytes is None:
            continue
        have = amounts.total_bytes if amounts.total_bytes is not None else amounts.have_bytes
        if have is not None and have < amounts.need_bytes * _CLEAR:
            return True
    return False


def judge_all(
    context: Context, wanted: Iterable[Subject], evidence: Evidence = NO_EVIDENCE
) -> list[Assessment]:
    """The verdicts on several subjects, in their order."""
    return [judge(context, subject, evidence) for subject in wanted]


def with_machine(context: Context, **changes: object) -> Context:
    """The same machine with some facts changed, prepared for judging."""
    return Context(msgspec.structs.replace(context.machine, **changes))
