"""Cards proposed for buying, put into a machine in thought, and what each would do."""

from __future__ import annotations

from ..machine.complete import complete
from ..machine.model import Gpu, Machine, Memory, Os
from ..units import GIB
from .assess import judge
from .context import Context
from .model import Assessment
from .subject import Subject

CARDS: tuple[tuple[str, int], ...] = (
    ("NVIDIA GeForce RTX 3050", 8),
    ("NVIDIA GeForce RTX 3060", 12),
    ("NVIDIA GeForce RTX 4060 Ti", 16),
    ("NVIDIA GeForce RTX 3090", 24),
)
"""Cards proposed for buying, from cheap to dear, with their VRAM in GiB. Second-hand ones count:
the question is the smallest class that is enough."""


def card_name(name: str, size: int) -> str:
    """``GeForce RTX 3060 12 GB``."""
    return f"{name.removeprefix('NVIDIA ')} {size} GB"


def on_cards(context: Context, subject: Subject) -> list[tuple[str, Assessment]]:
    """What a mode would do in this machine on each of the cards, nothing installed; only those
    on which it would run."""
    system: Os = "windows" if context.os == "windows" else "linux"
    found = []
    for name, size in CARDS:
        machine = with_card(context, whole_gib(context), name, size, system)
        judged = judge(Context(machine.machine, context.workload), subject)
        if judged.verdict in ("good", "slow", "tight"):
            found.append((card_name(name, size), judged))
    return found


def whole_gib(context: Context) -> Memory:
    """Usable RAM in whole GiB: advice needs no finer grain, and a fleet shares it."""
    have = context.host_have
    if have is None:
        return Memory()
    return Memory(total_bytes=have // GIB * GIB, available_bytes=have // GIB * GIB)


def with_card(context: Context, memory: Memory, name: str, size: int, system: Os) -> Context:
    """The machine with that card and nothing installed. Its disk is left open: it can be
    exchanged as well."""
    gpu = Gpu(name=name, vendor="nvidia", vram_total_bytes=size * GIB, laptop=False)
    machine = Machine(os=system, arch="x86_64", cpu=context.machine.cpu, memory=memory, gpus=[gpu])
    return Context(complete(machine, "what-if", filled=True))
