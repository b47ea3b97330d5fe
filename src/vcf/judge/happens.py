"""What will really happen when a recipe runs here: device, precision, compilation, retries.

Packages decide these things silently; users read afterwards, in a log, that their GPU was left
out. Nothing here changes a verdict: the gates have judged what matters.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue.installed import build_of
from ..catalogue.model import Habits, Text
from ..catalogue.wheels import parse_version
from ..units import GIB
from .context import Card, Context
from .growth import emotion, longer
from .model import Message
from .subject import MARGIN, PRECISION, Subject

TRITON_CC = "7.0"
"""Oldest compute capability that Triton compiles for: https://github.com/triton-lang/triton"""
_NAMES = {"nvidia": "cuda", "amd": "cuda", "apple": "mps", "intel": "xpu"}
"""What torch calls a maker's GPUs."""
OFF = ("TORCHDYNAMO_DISABLE", "TORCH_COMPILE_DISABLE")


def device_name(card: Card | None) -> str:
    """torch's name for the device of a mode: cuda, xpu, mps or cpu."""
    return _NAMES.get(card.gpu.vendor or "", "cuda") if card is not None else "cpu"


def compiles_on(card: Card | None) -> bool:
    """Whether torch.compile has a back end for the GPU; the first call fails where it has not."""
    if card is None or device_name(card) != "cuda":
        return False
    cc = card.gpu.compute_capability
    return cc is None or parse_version(cc) >= parse_version(TRITON_CC)


def room_to_compile(subject: Subject, context: Context, card: Card | None) -> bool:
    """Whether the card has the memory that torch.compile takes beyond the need; where it is not
    known how much there is, yes. Where it has not, the recipe leaves compilation off."""
    wanted = subject.mode.memory.device
    if card is None or wanted is None:
        return True
    have = card.free
    if have is None and card.total.low is not None:
        have = card.total.low - card.reserve
    need = (wanted.need_gib + subject.runtime.compiled_gib) * GIB
    need += longer(subject, context.workload) + emotion(subject, context.workload)
    return have is None or have >= need * (1 + MARGIN)


def compiled_here(subject: Subject, context: Context, card: Card | None) -> bool:
    """Whether the program's torch.compile will work here: the package asks for it, the GPU can
    and has the memory, nothing switches it off, and triton is there or comes with torch as it
    does under Linux."""
    habits = subject.runtime.habits
    if habits is None or not habits.compiles or not compiles_on(card):
        return False
    if not room_to_compile(subject, context, card):
        return False
    settings = context.machine.settings or {}
    if any(settings.get(name) == "1" for name in OFF):
        return False
    if "triton" in context.software:
        return True
    if "torch" not in context.software:  # the recipe brings both
        vendor = card.gpu.vendor if card is not None else None
        return context.os == "linux" or (context.os == "windows" and vendor == "nvidia")
    return context.os == "linux" and "triton" not in (context.machine.software or {})


def happens(subject: Subject, context: Context, card: Card | None) -> tuple[Message, ...]:
    """In the order in which it happens; empty where nothing is known of the program's habits."""
    habits = subject.runtime.habits
    if habits is None:
        return ()
    said = [*_device(habits, subject, context, card), *_compile(habits, subject, context, card)]
    if habits.tries > 1:
        said.append(Message("happens-tries", {"tries": habits.tries}))
    said += [Message("happens-download", {"what": what}) for what in habits.downloads]
    return tuple(said)


def _device(
    habits: Habits, subject: Subject, context: Context, card: Card | None
) -> Iterator[Message]:
    device = device_name(card)
    other = subject.mode.runs_as.get(card.gpu.vendor) if card and card.gpu.vendor else None
    precision = subject.precision if other is None else PRECISION[other]
    values: dict[str, str | Text] = {"device": device, "precision": precision}
    if card is not None:
        yield Message("happens-gpu", values | {"gpu": card.label})
        return
    order: list[str] = [name for name in habits.devices if name != "cpu"]
    seen = [other for other in context.cards or () if device_name(other) in order]
    seen = [other for other in seen if not other.no_driver and other.gpu.hidden_by is None]
    torch = context.software.get("torch")
    if seen and (torch is None or build_of(torch, context.platform) != "cpu"):
        first = min(seen, key=lambda other: order.index(device_name(other)))
        yield Message(
            "happens-cpu-asked", values | {"gpu": first.label, "other": device_name(first)}
        )
    else:
        yield Message("happens-cpu", values)


def _compile(
    habits: Habits, subject: Subject, context: Context, card: Card | None
) -> Iterator[Message]:
    if not habits.compiles or card is None:
        return
    gain = habits.compile_gain
    values: dict[str, str | Text] = {
        "gpu": card.label,
        "gain": f"{gain[0]:g}–{gain[1]:g}" if gain is not None else "?",
        "cc": card.gpu.compute_capability or "?",
        "need": TRITON_CC,
    }
    settings = context.machine.settings or {}
    off = next((name for name in OFF if settings.get(name) == "1"), None)
    known = context.machine.software or {}
    if device_name(card) != "cuda":
        yield Message("happens-compile-device", values | {"device": device_name(card)})
    elif not compiles_on(card):
        yield Message("happens-compile-old", values)
    elif not room_to_compile(subject, context, card):
        more = f"{subject.runtime.compiled_gib:.1f} GiB"
        yield Message("happens-compile-memory", values | {"more": more})
    elif off is not None:
        yield Message("happens-compile-off", values | {"setting": f"{off}={settings[off]}"})
    elif "triton" in context.software:
        yield Message("happens-compile-on", values)
    elif context.os == "windows":
        yield Message("happens-compile-windows", values)
    elif "torch" in context.software and "triton" in known:
        yield Message("happens-compile-triton", values)
    else:
        yield Message("happens-compile-wheel", values)
