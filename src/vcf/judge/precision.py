"""Notices about the hardware: a precision it only emulates, a card hidden from programs."""

from __future__ import annotations

from ..catalogue.model import Text
from ..plain import shown
from .context import Card, Context
from .model import Gate, Message
from .subject import Subject


def hidden_gate(card: Card | None) -> Gate | None:
    """A warning where an environment variable hides the card from programs started here."""
    if card is None or card.gpu.hidden_by is None:
        return None
    setting = shown(card.gpu.hidden_by)
    values: dict[str, str] = {
        "gpu": card.label, "setting": setting, "name": setting.partition("=")[0],
    }  # fmt: skip
    return Gate(
        gate="software",
        status="warn",
        text=Message("gpu-hidden", values),
        remedy=Message("remedy-hidden", values),
    )


def precision_gate(subject: Subject, context: Context, card: Card | None) -> Gate | None:
    """A warning where the mode's precision is emulated; None where nothing is to be said."""
    precision = subject.precision
    if precision not in ("fp16", "bf16") or subject.mode_id.startswith("gguf"):
        return None
    if card is not None and card.gpu.vendor == "apple":
        return None  # widened on the way: nothing that a user would notice
    rates = card.rates if card is not None else context.cpu
    if rates is None or precision in rates.native:
        return None
    if card is None:
        apple = context.os == "macos" and context.arch == "arm64"
        text = Message("bf16-cpu-apple" if apple else "bf16-cpu-emulated")
    else:
        cc, gfx = card.gpu.compute_capability, card.gpu.gfx or "?"
        kind = Text(en=f"compute capability {cc}", zh=f"计算能力 {cc}") if cc else gfx
        text = Message(f"{precision}-gpu-emulated", {"gpu": card.label, "cc": kind})
    return Gate(gate="software", status="warn", text=text, have="-", need=precision)
