"""The memory and disk gates: what a mode needs at its peak against what is free."""

from __future__ import annotations

from ..catalogue.model import Need
from ..units import GB, GIB, gb, gib
from .context import Card, Context
from .model import Amounts, Gate, Message, Part, Status
from .need import host_total
from .subject import MARGIN, Subject

Extra = tuple[int, int]
"""Bytes beyond the catalogue's figures: on the device, in RAM; see need.py."""
NOTHING: Extra = (0, 0)


def _bytes(need: Need) -> int:
    return int(need.need_gib * GIB)


def fits(need: int, have: int) -> Status:
    """pass with a tenth to spare, warn within a tenth of the need, fail below."""
    if have >= need * (1 + MARGIN):
        return "pass"
    return "warn" if have >= need * (1 - MARGIN) else "fail"


def device_gate(subject: Subject, card: Card, extra: int = 0) -> tuple[Gate, Amounts]:
    """VRAM (or the GPU's part of unified memory) at run; ``extra`` bytes beyond the catalogue."""
    wanted = subject.mode.memory.device
    if wanted is None:
        text = Message("memory-need-unknown", {"mode": subject.mode_id})
        return _gate("unknown", text, "device"), Amounts(total_bytes=card.total.high)
    need = _bytes(wanted) + extra
    low, high = card.total.low, card.total.high
    total = low if low == high else None
    have = card.free
    if have is None and total is not None:
        have = max(0, total - card.reserve)
    amounts = Amounts(need_bytes=need, have_bytes=have, total_bytes=total)
    values: dict[str, str] = {"gpu": card.label, "need": gib(need)}
    if have is None or (low is None and card.free is None):
        return _unsure(need, low, high, values, wanted, card), amounts
    values |= {"have": gib(have), "total": gib(total if total is not None else have)}
    return _known(need, have, total, values, wanted, card), amounts


def _known(
    need: int, have: int, total: int | None, values: dict[str, str], wanted: Need, card: Card
) -> Gate:
    # What programs hold can be freed; what the desktop holds can't.
    most = total - card.reserve if total is not None else have
    now, ever = fits(need, have), fits(need, most)
    freed = _free_vram(need, most, card)
    status: Status
    remedy: Message | None
    if now == "pass":
        text, status, remedy = "vram-fits", "pass", None
    elif ever == "pass":
        text, status, remedy = "vram-blocked", "warn", freed
    elif now == "warn" or ever == "warn":
        text, status, remedy = "vram-tight", "warn", freed
    else:
        text, status, remedy = "vram-short", "fail", None
    if card.unified and status != "pass":
        text = text.replace("vram", "shared")
    return _gate(
        status, Message(text, values), "device",
        have=values["have"], need=values["need"], source=wanted.sources[0], remedy=remedy,
    )  # fmt: skip


def _free_vram(need: int, most: int, card: Card) -> Message | None:
    """What to free, as far as it can be; None where all of it would not be enough."""
    if most < need:
        return None
    values = {"need": gib(min(need * (1 + MARGIN), most))}
    if card.unified:
        return Message("remedy-free-ram", values)
    nvidia = card.gpu.vendor == "nvidia"
    return Message("remedy-free-vram-nvidia" if nvidia else "remedy-free-vram", values)


def _free_ram(need: int, context: Context) -> Message | None:
    most = max(context.host_most, context.host_have or 0)
    if most < need:
        return None
    return Message("remedy-free-ram", {"need": gib(min(need * (1 + MARGIN), most))})


def _unsure(
    need: int, low: int | None, high: int | None, values: dict[str, str], wanted: Need, card: Card
) -> Gate:
    """The card's size is not known: the sizes that exist may still decide."""
    source = wanted.sources[0]
    if low is None or high is None:
        return _gate(
            "unknown", Message("vram-unknown", values), "device", need=values["need"], source=source
        )
    values |= {"low": gib(low), "high": gib(high)}
    span = f"{values['low']} – {values['high']}"
    low, high = low - card.reserve, high - card.reserve
    if fits(need, low) == fits(need, high):
        status = fits(need, low)
        text = {"pass": "vram-any-fits", "warn": "vram-tight-any", "fail": "vram-any-short"}
        message = Message(text[status], values)
    else:
        status, message = "unknown", Message("vram-depends", values)
    return _gate(status, message, "device", have=span, need=values["need"], source=source)


def host_gates(
    subject: Subject, context: Context, card: Card | None, extra: Extra = NOTHING
) -> tuple[Gate, ...]:
    """RAM while loading and while running; the larger need first decides."""
    memory = subject.mode.memory
    gates = []
    parts: tuple[tuple[Part, Need | None], ...] = (
        ("host-load", memory.host_load),
        ("host-run", memory.host_run),
    )
    for part, wanted in parts:
        if wanted is not None:
            need = host_need(subject, wanted, context, card, extra)
            gates.append(_host_gate(part, need, wanted, context))
    return tuple(gates)


def host_need(
    subject: Subject, wanted: Need, context: Context, card: Card | None, extra: Extra = NOTHING
) -> int:
    """RAM needed; where the GPU shares it, what the GPU takes stands in the same memory."""
    return host_total(subject, context, card, _bytes(wanted) + extra[1])


def _host_gate(part: Part, need: int, wanted: Need, context: Context) -> Gate:
    memory = context.machine.memory
    have = context.host_have
    values: dict[str, str] = {"need": gib(need), "part": part}
    source = wanted.sources[0]
    if have is None:
        return _gate("unknown", Message("ram-unknown", values), part, need=gib(need), source=source)
    total = memory.total_bytes if memory.total_bytes is not None else have
    values |= {"have": gib(have), "total": gib(total)}
    status, text, remedy = fits(need, have), "ram-fits", None
    if status != "pass":
        ever = fits(need, max(have, context.host_most))
        remedy = _free_ram(need, context)
        if ever == "pass" and memory.available_bytes is not None:
            status, text = "warn", "ram-blocked"
        elif status == "warn" or ever != "fail":
            status, text = "warn", "ram-tight"
        elif total + (memory.swap_bytes or 0) >= need:
            status, text = "warn", "ram-swap"
        else:
            text, remedy = "ram-short", None
    return _gate(
        status, Message(f"{text}-{part[5:]}", values), part,
        have=values["have"], need=values["need"], source=source, remedy=remedy,
    )  # fmt: skip


def host_amounts(
    subject: Subject, context: Context, card: Card | None, extra: Extra = NOTHING
) -> Amounts:
    """The larger of the RAM needs against what there is."""
    memory = subject.mode.memory
    needs = [w for w in (memory.host_load, memory.host_run) if w is not None]
    return Amounts(
        need_bytes=max(
            (host_need(subject, wanted, context, card, extra) for wanted in needs), default=None
        ),
        have_bytes=context.host_have,
        total_bytes=context.machine.memory.total_bytes,
    )


def disk_gate(subject: Subject, context: Context) -> tuple[Gate, Amounts] | None:
    """Disk for weights and packages, standing and while installing; None for online modes.

    Modes with the same needs share one gate.
    """
    wanted = subject.disk_key
    if wanted is None:
        return None
    software = context.software
    installed = bool(software) and not subject.packages.isdisjoint(software)
    key = (wanted, installed)
    made: tuple[Gate, Amounts] | None = context.cache.get(key)
    if made is None:
        weights, environment, extra, source = wanted
        standing = weights + (0.0 if installed else environment)
        peak = standing + (0.0 if installed else extra)
        made = context.cache[key] = _disk_gate(standing, peak, source, context)
    return made


def _disk_gate(standing: float, peak: float, source: str, context: Context) -> tuple[Gate, Amounts]:
    disk = context.machine.disk
    amounts = Amounts(
        need_bytes=int(peak * GB), have_bytes=disk.free_bytes, total_bytes=disk.total_bytes
    )
    values: dict[str, str] = {"need": gb(peak * GB), "standing": gb(standing * GB)}
    status, text = _disk_status(standing * GB, peak * GB, disk.free_bytes, disk.total_bytes)
    if disk.free_bytes is not None:
        values["have"] = gb(disk.free_bytes)
    elif disk.total_bytes is not None:
        values["have"] = gb(disk.total_bytes)
    remedy = None
    if status == "warn":
        remedy = Message("remedy-free-disk", {"need": gb(peak * GB)})
    gate = _gate(
        status,
        Message(text, values),
        None,
        have=values.get("have"),
        need=values["need"],
        source=source,
        remedy=remedy,
    )
    return gate, amounts


def _disk_status(
    standing: float, peak: float, free: int | None, total: int | None
) -> tuple[Status, str]:
    if free is not None:
        if free >= peak:
            return "pass", "disk-fits"
        if free >= standing:
            return "warn", "disk-install"
        if total is None or total >= peak:
            return "warn", "disk-blocked"
        return "fail", "disk-short"
    if total is None:
        return "unknown", "disk-unknown"
    # The size says only that it could fit; what is free lowers the confidence, not the verdict.
    return ("unknown", "disk-free-unknown") if total >= peak else ("fail", "disk-short")


MOST_KEPT = 20_000
_kept: dict[tuple[object, ...], Gate] = {}
"""Gates by everything they say, so that equal ones are one object: views put each into words
once for a whole fleet."""


def _gate(
    status: Status,
    text: Message,
    part: Part | None,
    *,
    have: str | None = None,
    need: str | None = None,
    source: str | None = None,
    remedy: Message | None = None,
) -> Gate:
    cure = tuple(remedy.values.values()) if remedy is not None else None
    key = (text.id, status, part, source, have, need, cure, *text.values.values())
    gate = _kept.get(key)
    if gate is None:
        if len(_kept) >= MOST_KEPT:
            _kept.clear()
        gate = _kept[key] = Gate(
            gate="disk" if part is None else "memory",
            part=part,
            status=status,
            text=text,
            have=have,
            need=need,
            source=source,
            remedy=remedy,
        )
    return gate
