"""One mode on one device: all gates but the disk's, the forecast, and what they add up to.

Everything here depends on few facts, which the machines of a fleet share; so a judgement is kept
under the identities of those facts and made once for all of them.
"""

from __future__ import annotations

from itertools import count

import msgspec

from ..catalogue.model import ModeId
from .context import Card, Context
from .device import Rates
from .forecast import forecast, spilled
from .memory import device_gate, host_amounts, host_gates
from .model import Amounts, Evidence, Gate, GateId, Message, ResolvedRecipe, Rtf, Verdict
from .precision import hidden_gate, precision_gate
from .recipe import EMPTY, recipe_for
from .score import score_of, stars_of
from .software import NAMES, software_gate
from .subject import Subject
from .words import number

CLEAR = 0.75
"""A need is missed clearly when less than this share of it is there."""
MINOR_DOUBTS = ("doubt-free-ram", "doubt-free-vram")
"""Doubts about what is in use just now; they hardly move a forecast."""
MOST_KEPT = 1024
"""Judgements kept per subject."""
NO_EVIDENCE = Evidence()
_next_id = count(1)

FREE_VRAM = Message("doubt-free-vram")
FREE_RAM = Message("doubt-free-ram")
DERIVED = Message("doubt-derived")


class Core(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a judgement is before the disk is looked at."""

    verdict: Verdict
    limit: GateId | None
    rtf: Rtf | None
    """As forecast."""
    shown: Rtf | None
    """As told: widened where memory is tight, None where the mode won't run."""
    gates: tuple[Gate, ...]
    """Software and memory."""
    after: tuple[Gate, ...]
    """Speed and licence."""
    device: Amounts | None
    host: Amounts | None
    doubts: tuple[Message, ...]
    serious: int
    """Doubts that are more than minor."""
    clear: bool
    """A refusal by a clear margin."""
    score: int
    stars: int
    recipe: ResolvedRecipe
    id: int
    """Told apart from every other core."""


def core_of(subject: Subject, context: Context, card: Card | None, evidence: Evidence) -> Core:
    """The judgement without the disk, kept for every machine with the same facts."""
    if evidence is not NO_EVIDENCE:
        return _judge(subject, context, card, evidence)
    key = (context.system_id, context.ram_id, card.id if card is not None else -context.cpu_id)
    made: Core | None = subject.memo.get(key)
    if made is None:
        if len(subject.memo) >= MOST_KEPT:
            subject.memo.clear()
        made = subject.memo[key] = _judge(subject, context, card, evidence)
    return made


def _judge(asked: Subject, context: Context, card: Card | None, evidence: Evidence) -> Core:
    subject, runs_as = _what_really_runs(asked, context, card)
    gates = [software_gate(subject, context, card)]
    for notice in (runs_as, precision_gate(subject, context, card), hidden_gate(card)):
        if notice is not None:
            gates.append(notice)
    device = None
    if card is not None:
        gate, device = device_gate(subject, card)
        gates.append(gate)
    gates.extend(host_gates(subject, context, card))
    rates = card.rates if card is not None else context.cpu
    rtf = forecast(subject, rates, evidence)
    verdict, limit = add_up(gates, rtf)
    shown = _told(rtf, verdict, limit)
    host = host_amounts(subject, context, card)
    doubts = _doubts(asked, context, card, rates)
    score = score_of(verdict, shown)
    software = any(gate.status == "fail" and gate.gate == "software" for gate in gates)
    return Core(
        verdict=verdict,
        limit=limit,
        rtf=rtf,
        shown=shown,
        gates=tuple(gates),
        after=(_speed(shown or rtf, subject, rates), *licence_gates(subject)),
        device=device,
        host=host,
        doubts=doubts,
        serious=sum(doubt.id not in MINOR_DOUBTS for doubt in doubts),
        clear=software or clearly_missed(device) or clearly_missed(host),
        score=score,
        stars=stars_of(score),
        id=next(_next_id),
        recipe=EMPTY if verdict == "no" else recipe_for(asked, context, card),
    )


def clearly_missed(amounts: Amounts | None) -> bool:
    """Whether much less is there than is needed, whatever the forecast's error."""
    if amounts is None or amounts.need_bytes is None:
        return False
    have = amounts.total_bytes if amounts.total_bytes is not None else amounts.have_bytes
    return have is not None and have < amounts.need_bytes * CLEAR


def _told(rtf: Rtf | None, verdict: Verdict, limit: GateId | None) -> Rtf | None:
    if rtf is None or verdict in ("no", "unknown"):
        return None
    return spilled(rtf) if verdict == "tight" and limit == "memory" else rtf


def _what_really_runs(
    asked: Subject, context: Context, card: Card | None
) -> tuple[Subject, Gate | None]:
    """Some packages silently run another mode on some makers' GPUs: that one is judged."""
    vendor = card.gpu.vendor if card is not None else None
    other: ModeId | None = asked.mode.runs_as.get(vendor) if vendor is not None else None
    if vendor is None or other is None:
        return asked, None
    values: dict[str, str] = {"mode": asked.mode_id, "other": other, "vendor": NAMES[vendor]}
    text = Message("runs-as", values)
    gate = Gate(gate="software", status="warn", text=text, source=asked.mode.source)
    return asked.others[asked.model_id, other], gate


def add_up(gates: list[Gate], rtf: Rtf | None) -> tuple[Verdict, GateId | None]:
    """The first failing gate decides; then what is unknown; then what is tight; then speed.

    An unknown speed comes before tight memory: more memory must not turn tight into unknown.
    """
    for gate in gates:
        if gate.status == "fail":
            return "no", gate.gate
    for gate in gates:
        if gate.status == "unknown":
            return "unknown", gate.gate
    if rtf is None:
        return "unknown", "speed"
    for gate in gates:
        if gate.status == "warn" and gate.gate == "memory":
            return "tight", gate.gate
    return ("good", None) if rtf.mid <= 1 else ("slow", "speed")


def _speed(rtf: Rtf | None, subject: Subject, rates: Rates | None) -> Gate:
    if rtf is None:
        return Gate(gate="speed", status="unknown", text=Message("speed-unknown"), need="RTF ≤ 1")
    values: dict[str, str] = {
        "low": number(rtf.low),
        "high": number(rtf.high),
        "rtfx": number(1 / rtf.mid),
    }
    speed = subject.runtime.speed.get(rates.kind) if rates is not None else None
    quick = rtf.mid <= 1
    return Gate(
        gate="speed",
        status="pass" if quick else "warn",
        text=Message(_SPEED[quick, rtf.high <= 1], values),
        have=f"RTF {values['low']} – {values['high']}",
        need="RTF ≤ 1",
        source=speed.source if speed is not None and rtf.basis == "roofline" else None,
    )


_SPEED = {
    (True, True): "speed-good",
    (True, False): "speed-likely",
    (False, False): "speed-slow",
}


def licence_gates(subject: Subject) -> tuple[Gate, ...]:
    """A notice where the terms ask something of the user; never a block."""
    kept: tuple[Gate, ...] | None = subject.memo.get("licence")
    if kept is None:
        licence = subject.model.licence
        kept = ()
        if licence.notice is not None:
            gate = Gate(
                gate="licence",
                status="warn" if licence.commercial != "yes" else "pass",
                text=Message("licence", {"notice": licence.notice}),
                source=licence.source,
            )
            kept = (gate,)
        subject.memo["licence"] = kept
    return kept


def _doubts(
    subject: Subject, context: Context, card: Card | None, rates: Rates | None
) -> tuple[Message, ...]:
    doubts = list(context.doubts)
    if rates is not None:
        doubts.extend(rates.doubts)
    if card is not None and card.free is None:
        doubts.append(FREE_VRAM)
    if context.machine.memory.available_bytes is None:
        doubts.append(FREE_RAM)
    memory = subject.mode.memory
    needs = (memory.device, memory.host_load, memory.host_run)
    if any(need is not None and need.basis == "derived" for need in needs):
        doubts.append(DERIVED)
    return tuple(doubts)
