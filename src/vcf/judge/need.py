"""What a mode needs of memory: the catalogue's figure, and what the work asked for adds."""

from __future__ import annotations

import msgspec

from ..catalogue.model import Need
from ..units import GIB
from .bits import BITS
from .context import Card, Context
from .growth import covered, emotion, longer
from .happens import compiled_here
from .model import Part
from .subject import Subject
from .workload import STANDARD


class MemoryTerm(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a need."""

    id: str
    """``weights``, ``kv-cache``, ``activations``, ``rest``; ``compiled``, ``longer``, ``emotion``,
    ``shared``."""
    bytes: int
    detail: str = ""
    """Which component, where one is meant."""
    source: str | None = None


class MemorySum(msgspec.Struct, frozen=True, kw_only=True):
    """A need and its parts; parts that are measured together stand as the ``rest``."""

    part: Part
    terms: tuple[MemoryTerm, ...]
    need_bytes: int
    wanted: Need


def extras(subject: Subject, context: Context, card: Card | None) -> tuple[int, int]:
    """Bytes that the work asked for and this machine add: on the device, and in RAM.

    The catalogue's figures cover the standard work, uncompiled, without an emotion model.
    """
    asked = context.workload
    on_gpu = card is not None
    device = host = 0
    if asked != STANDARD:
        more = longer(subject, asked) + emotion(subject, asked)
        device, host = (more, 0) if on_gpu else (0, more)
    if on_gpu and subject.runtime.compiled_gib and compiled_here(subject, context, card):
        device += int(subject.runtime.compiled_gib * GIB)
    return device, host


def memory_sum(
    subject: Subject, part: Part, context: Context, card: Card | None
) -> MemorySum | None:
    """The parts of a need; None where the catalogue states none."""
    memory = subject.mode.memory
    wanted = {
        "device": memory.device, "host-load": memory.host_load, "host-run": memory.host_run,
    }[part]  # fmt: skip
    if wanted is None or (part == "device" and card is None):
        return None
    base = int(wanted.need_gib * GIB)
    terms = list(_known_parts(subject)) if _holds_weights(part, card) else []
    if subject.runtime.kernels != "torch" and sum(term.bytes for term in terms) > base:
        terms = []  # its files hold other precisions than its mode is named after
    rest = base - sum(term.bytes for term in terms)
    terms.append(MemoryTerm(id="rest", bytes=rest, source=wanted.sources[0]))
    terms.extend(_added(subject, part, context, card))
    if part != "device" and card is not None:
        terms.extend(_shared(subject, context, card, sum(term.bytes for term in terms)))
    total = sum(term.bytes for term in terms)
    return MemorySum(part=part, terms=tuple(terms), need_bytes=total, wanted=wanted)


def _shared(subject: Subject, context: Context, card: Card, own: int) -> list[MemoryTerm]:
    """What a GPU without memory of its own takes of the RAM, beyond what stands there already."""
    wanted = host_total(subject, context, card, own)
    return [MemoryTerm(id="shared", bytes=wanted - own)] if wanted > own else []


def host_total(subject: Subject, context: Context, card: Card | None, own: int) -> int:
    """RAM needed in all: where the GPU shares it, what the GPU takes stands in the same memory."""
    device = subject.mode.memory.device
    if card is None or not card.unified or device is None:
        return own
    return max(own, int(device.need_gib * GIB) + extras(subject, context, card)[0] + GIB)


def _holds_weights(part: Part, card: Card | None) -> bool:
    """Where the weights are while it speaks."""
    return part == "device" or (part == "host-run" and card is None)


def _known_parts(subject: Subject) -> list[MemoryTerm]:
    """Weights by component, cache and activations as far as they can be worked out."""
    model = subject.model
    beside = model.emotion_model
    terms = []
    for part in model.parameters:
        if beside is not None and part.id == beside.component:
            continue
        ours = subject.runtime.kernels != "torch"
        precision = subject.precision if part.precision == "mode" or ours else part.precision
        size = int(part.millions * 1e6 * BITS[precision] / 8)
        detail = f"{part.id}, {precision}"
        terms.append(MemoryTerm(id="weights", bytes=size, detail=detail, source=part.source))
    if subject.runtime.kernels == "torch":
        for stage in model.work:
            if stage.shape == "cache" and model.steps_s:
                elements = stage.reads_gparam_s * 1e9 / model.steps_s
                size = int(elements * BITS[subject.precision] / 8)
                terms.append(MemoryTerm(id="kv-cache", bytes=size, source=stage.source))
        if model.growth is not None:
            size = covered(model.growth)
            terms.append(MemoryTerm(id="activations", bytes=size, source=model.growth.source))
    return terms


def _added(subject: Subject, part: Part, context: Context, card: Card | None) -> list[MemoryTerm]:
    """What this machine and the work asked for add to the catalogue's figure."""
    terms = []
    if part == "device" and subject.runtime.compiled_gib and compiled_here(subject, context, card):
        size = int(subject.runtime.compiled_gib * GIB)
        habits = subject.runtime.habits
        source = habits.source if habits is not None else None
        terms.append(MemoryTerm(id="compiled", bytes=size, source=source))
    if part == "device" or card is None:
        growth, beside = subject.model.growth, subject.model.emotion_model
        more, feeling = longer(subject, context.workload), emotion(subject, context.workload)
        if more and growth is not None:
            terms.append(MemoryTerm(id="longer", bytes=more, source=growth.source))
        if feeling and beside is not None:
            terms.append(MemoryTerm(id="emotion", bytes=feeling, source=beside.source))
    return terms
