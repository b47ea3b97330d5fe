"""One mode on one device: software, forecast, recipe; and what all gates add up to.

What does not depend on amounts of memory and disk depends on few facts, which the machines of a
fleet share; it is kept under the identities of those facts and made once for all of them.
"""

from __future__ import annotations

import msgspec

from .context import Card, Context
from .device import Rates
from .forecast import for_program, forecast, spilled, unreported
from .happens import room_to_compile
from .model import (
    Amounts,
    Evidence,
    Gate,
    GateId,
    Message,
    ResolvedRecipe,
    Rtf,
    Status,
    Verdict,
)
from .packages import codec_gates
from .precision import hidden_gate, precision_gate
from .recipe import recipe_for
from .software import NAMES, software_gate
from .subject import Subject
from .words import number, pace
from .workload import steps_of

CLEAR = 0.75
"""A need is missed clearly when less than this share of it is there."""
MINOR_DOUBTS = (
    "doubt-free-ram", "doubt-free-vram", "doubt-steps", "doubt-steps-how", "doubt-no-steps",
    "doubt-no-emotion",
)  # fmt: skip
"""Doubts about what is in use just now; they hardly move a forecast."""
MOST_KEPT = 1024
"""Judgements kept per subject."""
NO_EVIDENCE = Evidence()

FREE_VRAM = Message("doubt-free-vram")
FREE_RAM = Message("doubt-free-ram")
DERIVED = Message("doubt-derived")
UNREPORTED = Message("doubt-unreported")


class Core(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """What a judgement is before memory and disk are looked at."""

    subject: Subject
    """What really runs: some packages silently run another mode on some makers' GPUs."""
    gates: tuple[Gate, ...]
    """Software and notices about the hardware."""
    software: Status
    """The worst of them."""
    rtf: Rtf | None
    """The forecast."""
    spilled: Rtf | None
    """The forecast where memory may spill."""
    after: tuple[Gate, ...]
    """Speed and licence."""
    after_spilled: tuple[Gate, ...]
    doubts: tuple[Message, ...]
    serious: int
    """Doubts that are more than minor."""
    recipe: ResolvedRecipe


def core_of(subject: Subject, context: Context, card: Card | None, evidence: Evidence) -> Core:
    """The judgement without memory and disk, kept for every machine with the same facts."""
    if evidence is not NO_EVIDENCE:
        return _judge(subject, context, card, evidence)
    free_ram = context.machine.memory.available_bytes is not None
    device = card.id if card is not None else -context.cpu_id
    # What a package left alone would pick is told of CPU modes, where its habits are known.
    others = context.cards_id if card is None and subject.runtime.habits is not None else 0
    room = (
        card is None or not subject.runtime.compiled_gib or room_to_compile(subject, context, card)
    )
    key = (context.system_id, device, free_ram, others, context.workload_id, room)
    made: Core | None = subject.memo.get(key)
    if made is None:
        if len(subject.memo) >= MOST_KEPT:
            subject.memo.clear()
        made = subject.memo[key] = _judge(subject, context, card, evidence)
    return made


def _judge(asked: Subject, context: Context, card: Card | None, evidence: Evidence) -> Core:
    subject, runs_as = _what_really_runs(asked, context, card)
    notices = (
        runs_as,
        precision_gate(subject, context, card),
        hidden_gate(card),
        *codec_gates(subject, context, card),
    )
    first = software_gate(subject, context, card)
    rates = card.rates if card is not None else context.cpu
    rtf = forecast(subject, context, card, evidence, asked=asked)
    wide = spilled(rtf) if rtf is not None else None
    measured = rtf is not None and rtf.basis in ("bench", "calibrated")
    doubts = _doubts(asked, context, card, None if measured else rates)
    if rtf is not None and rtf.basis == "bench":  # it has run here: its memory is no question
        doubts = tuple(doubt for doubt in doubts if doubt is not DERIVED)
    if rtf is not None and rtf.basis == "roofline" and unreported(subject, rates):
        doubts = (*doubts, UNREPORTED)
    doubts = (*doubts, *_unheeded(subject, context))
    licence = licence_gates(subject)
    return Core(
        subject=subject,
        gates=(first, *(notice for notice in notices if notice is not None)),
        software=first.status,
        rtf=rtf,
        spilled=wide,
        after=(_speed(rtf, subject, rates), *licence),
        after_spilled=(_speed(wide, subject, rates), *licence),
        doubts=doubts,
        serious=sum(doubt.id not in MINOR_DOUBTS for doubt in doubts),
        recipe=recipe_for(asked, context, card),
    )


def clearly_missed(amounts: Amounts | None) -> bool:
    """Whether much less is there than is needed, whatever the forecast's error."""
    if amounts is None or amounts.need_bytes is None:
        return False
    have = amounts.total_bytes if amounts.total_bytes is not None else amounts.have_bytes
    return have is not None and have < amounts.need_bytes * CLEAR


def _what_really_runs(
    asked: Subject, context: Context, card: Card | None
) -> tuple[Subject, Gate | None]:
    """Some packages silently run another mode on some makers' GPUs: that one is judged."""
    vendor = card.gpu.vendor if card is not None else None
    runs = asked.runs_on(vendor)
    if vendor is None or runs is asked:
        return asked, None
    values: dict[str, str] = {"mode": asked.mode_id, "other": runs.mode_id, "vendor": NAMES[vendor]}
    text = Message("runs-as", values)
    gate = Gate(gate="software", status="warn", text=text, source=asked.mode.source)
    return runs, gate


def add_up(
    software: Status, memory: Status, disk: Status, rtf: Rtf | None
) -> tuple[Verdict, GateId | None]:
    """The first failing gate decides; then what is unknown; then what is tight; then speed.

    An unknown speed comes before tight memory: more memory must not turn tight into unknown. An
    unknown disk decides nothing: disk can be freed.
    """
    named: tuple[tuple[GateId, Status], ...] = (
        ("software", software),
        ("memory", memory),
        ("disk", disk),
    )
    for gate, status in named:
        if status == "fail":
            return "no", gate
    for gate, status in named[:2]:
        if status == "unknown":
            return "unknown", gate
    if rtf is None:
        return "unknown", "speed"
    for gate, status in named[1:]:
        if status == "warn":
            return "tight", gate
    return ("good", None) if rtf.mid <= 1 else ("slow", "speed")


FITTED = "speed-fit"
"""Source of the constants that vcf ships: a key of models.yaml."""


def _speed(rtf: Rtf | None, subject: Subject, rates: Rates | None) -> Gate:
    if rtf is None:
        no_cpu = subject.device == "cpu" and rates is None
        text = Message("speed-unknown-cpu" if no_cpu else "speed-unknown")
        return Gate(gate="speed", status="unknown", text=text, need="RTF ≤ 1")
    values: dict[str, str] = {
        "low": number(rtf.low),
        "high": number(rtf.high),
        "rtfx": number(1 / rtf.mid),
    }
    quick = rtf.mid <= 1
    return Gate(
        gate="speed",
        status="pass" if quick else "warn",
        text=Message(f"speed-{pace(rtf)}", values),
        have=f"RTF {values['low']} – {values['high']}",
        need="RTF ≤ 1",
        source=_source(rtf, subject, rates),
    )


def _source(rtf: Rtf, subject: Subject, rates: Rates | None) -> str | None:
    """Of the constants of a forecast; None for what was measured."""
    if rtf.basis != "roofline" or rates is None:
        return None
    own = subject.runtime.speed.get(rates.kind)
    return own.source if own is not None else FITTED


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


def _unheeded(subject: Subject, context: Context) -> tuple[Message, ...]:
    """A word where the program does other work than is asked for."""
    model, asked = subject.model, context.workload
    said = []
    if asked.emotion and (model.emotion_model is None or subject.runtime.kernels != "torch"):
        said.append(Message("doubt-no-emotion"))
    if asked.steps is not None and model.steps is None:
        said.append(Message("doubt-no-steps"))
    elif asked.steps is not None:
        made = steps_of(model, subject.mode, for_program(subject, asked))
        if made != asked.steps:
            said.append(Message("doubt-steps", {"steps": made or 0}))
        elif not subject.takes_steps:
            said.append(Message("doubt-steps-how"))
    return tuple(said)


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
