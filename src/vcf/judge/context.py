"""A machine prepared for judging: what is assumed where it does not say, rates of its devices."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import count
from typing import Any

import msgspec

from ..catalogue.gpus import GpuSpec
from ..machine.complete import spec_of
from ..machine.model import Gpu, Machine, Os
from ..machine.shares import desktop_share, gpu_share, host_most, system_of
from ..plain import shown
from ..units import GIB
from .device import Rates, cpu_rates, gpu_rates
from .model import Message
from .workload import STANDARD, Workload

_ids: dict[Hashable, int] = {}
_next_id = count(1)
MOST_IDS = 200_000


def identity(facts: Hashable) -> int:
    """A number that stands for some facts: equal facts, equal number.

    Machines of a fleet share most of their facts; gates are kept under these numbers.
    """
    found = _ids.get(facts)
    if found is None:
        if len(_ids) >= MOST_IDS:
            _ids.clear()  # numbers are never given twice, so what was kept is only not found
        found = _ids[facts] = next(_next_id)
    return found


class Bounds(msgspec.Struct, frozen=True, kw_only=True):
    """Bytes that are known exactly (low == high), within bounds, or not at all (None)."""

    low: int | None = None
    high: int | None = None


class Card(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One GPU prepared for judging."""

    index: int
    gpu: Gpu
    spec: GpuSpec | None
    rates: Rates | None
    total: Bounds
    """Memory that it has, or may take of the RAM where it shares it."""
    free: int | None
    """Free now; None where not known."""
    unified: bool
    no_driver: bool
    """Known to have no driver loaded."""
    reserve: int
    """Bytes that the desktop is taken to hold where free memory is not known."""
    label: str
    """Its name for people."""
    id: int
    """Stands for what software and speed depend on: everything but amounts of memory."""
    memory_id: int
    """Stands for its amounts of memory."""


class Context:
    """A machine and everything about it that does not depend on the model."""

    def __init__(self, machine: Machine, workload: Workload = STANDARD) -> None:
        self.machine = machine
        self.workload = workload
        """What is asked of the models."""
        self.os: Os = system_of(machine)
        self.arch = machine.arch or _arch(machine, self.os)
        self.platform = f"{self.os}-{self.arch}"
        """As the wheel table names it."""
        self.software: dict[str, str] = {
            name: version for name, version in (machine.software or {}).items() if version
        }
        """Installed packages."""
        self.host_have = _host_have(machine, self.os)
        """RAM in bytes that can be used: free, or the total less the system's share."""
        self.host_most = host_most(machine.memory, self.os)
        """RAM in bytes that could be used with everything else closed; 0 where not known."""
        self.cpu = cpu_rates(machine, self.arch)
        self.cards = _cards(machine, self.os)
        self.doubts: tuple[Message, ...] = ()
        """What had to be assumed for every mode."""
        if machine.os is None:
            self.doubts = (Message("doubt-os", {"os": self.os}),)
        cpu = machine.cpu
        memory = machine.memory
        self.ram_id = identity(
            (
                self.host_have,
                self.host_most,
                memory.total_bytes,
                memory.available_bytes is None,
                memory.swap_bytes,
            )
        )
        """Stands for the amounts of RAM."""
        self.system_id = identity(
            (
                self.platform,
                machine.os is None,
                machine.os_version if self.os == "macos" else None,
                machine.rosetta,
                tuple(cpu.isa) if cpu.isa is not None else None,
                tuple(sorted((machine.software or {}).items())),
                "software.ffmpeg" in machine.unknown,
                tuple(sorted((machine.settings or {}).items())),
            )
        )
        """Stands for what software gates depend on, the GPU aside."""
        self.cards_id = identity(
            tuple(
                (card.label, card.gpu.vendor, card.no_driver, card.gpu.hidden_by)
                for card in self.cards or ()
            )
        )
        """Stands for the GPUs that a program left alone could pick."""
        self.cpu_id = identity(
            None
            if self.cpu is None
            else (
                self.cpu.gb_s,
                self.cpu.tflops["fp32"],
                self.cpu.tflops["bf16"],
                *(doubt.id for doubt in self.cpu.doubts),
            )
        )
        self.workload_id = identity(
            (
                workload.speech_seconds,
                workload.reference_seconds,
                workload.steps,
                workload.emotion,
            )
        )
        """Stands for the work asked for."""
        self.cache: dict[Any, Any] = {}
        """Answers that several modes share."""


def _host_have(machine: Machine, system: Os) -> int | None:
    if machine.memory.available_bytes is not None:
        return machine.memory.available_bytes
    return None if machine.memory.total_bytes is None else host_most(machine.memory, system)


def _arch(machine: Machine, system: Os) -> str:
    if machine.jetson is not None:
        return "arm64"
    if system == "macos":
        intel = "Intel" in (machine.cpu.model or "")
        return "x86_64" if intel else "arm64"
    arm = {"neon", "sve"} & set(machine.cpu.isa or ())
    return "arm64" if arm else "x86_64"


def _cards(machine: Machine, system: Os) -> list[Card] | None:
    """The machine's distinct GPUs; None where it is not known which it has.

    Equal cards are judged once: memory of two cards is never summed for a one-GPU program.
    """
    if machine.gpus is None:
        return None
    cards: list[Card] = []
    for index, gpu in enumerate(machine.gpus):
        if all(card.gpu != gpu for card in cards):
            cards.append(_card(index, gpu, machine, system))
    return cards


def _card(index: int, gpu: Gpu, machine: Machine, system: Os) -> Card:
    spec = spec_of(gpu)
    unified = bool(gpu.unified)
    total, free = gpu.vram_total_bytes, gpu.vram_free_bytes
    if unified and free is None:
        free = machine.memory.available_bytes
        if free is not None and total is not None:
            free = min(free, total)
    if total is not None:
        bounds = Bounds(low=total, high=total)
    elif unified:
        share = gpu_share(gpu, machine.memory)
        bounds = Bounds(low=share, high=share)
    elif spec is not None and spec.vram_gib and not gpu.mig:
        sizes = [int(size * GIB) for size in spec.vram_gib]
        bounds = Bounds(low=min(sizes), high=max(sizes))
    else:
        bounds = Bounds()
    label = shown(gpu.name or (spec.name if spec else None) or gpu.pci_id or f"GPU {index}")
    reserve = desktop_share(gpu, system)
    no_driver = gpu.driver is None and f"gpus[{index}].driver" not in machine.unknown
    rates = gpu_rates(gpu)
    figures = (rates.gb_s, rates.tflops["fp32"], rates.tflops["fp16"]) if rates else None
    bare = msgspec.structs.replace(gpu, vram_total_bytes=None, vram_free_bytes=None)
    return Card(
        index=index,
        gpu=gpu,
        spec=spec,
        rates=rates,
        total=bounds,
        free=free,
        unified=unified,
        reserve=reserve,
        no_driver=no_driver,
        label=label,
        memory_id=identity((label, gpu.vendor, bounds.low, bounds.high, free, reserve, unified)),
        id=identity((msgspec.structs.astuple(bare), index, no_driver, free is None, figures)),
    )
