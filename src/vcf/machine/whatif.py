"""What-if flags: single facts of a machine put in the place of its own."""

from __future__ import annotations

import re
from typing import Any

import msgspec

from ..catalogue.gpus import find_typed, gpus, split_size, suggest
from ..errors import UsageError
from ..units import GIB, parse_size
from .complete import complete
from .model import Cpu, Gpu, Machine
from .shares import desktop_share, host_most, system_of

SOURCE = "what-if"


class WhatIf(msgspec.Struct, frozen=True, kw_only=True):
    """Facts given on the command line, or tried by the planner; None: as the machine has it."""

    gpu: str | None = None
    vram: str | None = None
    ram: str | None = None
    cores: int | None = None
    os: str | None = None
    disk: str | None = None
    driver: str | None = None
    arch: str | None = None
    """Another kind of processor, so another computer: nothing of the processor stays."""
    idle: bool = False
    """Everything else closed: what the system and its desktop keep is all that is in use."""
    fresh: bool = False
    """A new environment: nothing is installed yet."""

    @property
    def given(self) -> bool:
        """Whether anything is to be changed."""
        values = msgspec.structs.astuple(self)
        return any(value is not None and value is not False for value in values)

    @property
    def keeps_devices(self) -> bool:
        """Whether what was measured on this machine still holds: its processor, graphics and
        system are the same."""
        return all(
            value is None
            for value in (self.gpu, self.vram, self.cores, self.os, self.driver, self.arch)
        )


def merged(first: WhatIf, second: WhatIf) -> WhatIf:
    """Both, as one command line has it: what the second says replaces the first; a card has a
    memory and a driver of its own."""
    facts = {k: v for k, v in msgspec.structs.asdict(first).items() if v not in (None, False)}
    if second.gpu is not None:
        facts.pop("vram", None)
        facts.pop("driver", None)
    facts |= {k: v for k, v in msgspec.structs.asdict(second).items() if v is not None and v}
    return WhatIf(**facts)


def apply(what_if: WhatIf, machine: Machine) -> Machine:
    """The machine with the facts that were given.

    Raises UsageError: not a size, unknown GPU, more VRAM than the card exists with, --vram or
    --driver where there is no GPU to have it.
    """
    if not what_if.given:
        return machine
    changes = _Changes(machine)
    if what_if.fresh:
        changes.software()
    if what_if.arch is not None and what_if.arch != machine.arch:
        changes.put("arch", what_if.arch)
        changes.drop("jetson", "rosetta")
        changes.another_processor()
        changes.software()
    if what_if.os is not None and what_if.os != machine.os:
        changes.put("os", what_if.os)
        changes.drop("os_version", "wsl", "container")
        changes.software()
    if what_if.cores is not None:
        _cores(what_if.cores, changes)
    if what_if.ram is not None:
        _ram(_size("--ram", what_if.ram), changes)
    if what_if.disk is not None:
        free = _size("--disk", what_if.disk, zero=True)
        total = machine.disk.total_bytes
        disk: dict[str, Any] = {"free_bytes": free, "temp_free_bytes": None}
        disk["total_bytes"] = None if total is not None and total < free else total
        changes.section("disk", machine.disk, disk)
    _gpu(what_if, changes)
    if what_if.idle:
        _idle(changes)
    return complete(changes.made(), SOURCE, filled=True)


class _Changes:
    """Facts to change, with their sources and what becomes known."""

    def __init__(self, machine: Machine) -> None:
        self.machine = machine
        self._fields: dict[str, Any] = {}
        self._sources = dict(machine.sources)
        self._unknown = dict(machine.unknown)

    def put(self, field: str, value: Any) -> None:
        """Change one fact of the machine."""
        self._fields[field] = value
        self._forget(field)
        self._sources[field] = SOURCE

    def drop(self, *fields: str) -> None:
        """Facts that the change makes meaningless."""
        for field in fields:
            self._fields[field] = None
            self._forget(field)

    def section(self, name: str, facts: Any, values: dict[str, Any]) -> None:
        """Change facts of one section."""
        facts = self._fields.get(name, facts)
        self._fields[name] = msgspec.structs.replace(facts, **values)
        self._account(name, values)

    def gpu(self, index: int, values: dict[str, Any]) -> None:
        """Change facts of one GPU; the rest of it stays as it is."""
        gpus = list(self.made().gpus or ())
        gpus[index] = msgspec.structs.replace(gpus[index], **values)
        self._fields["gpus"] = gpus
        self._account(f"gpus[{index}]", values)

    def another_processor(self) -> None:
        """Nothing of it is known but that it has this architecture."""
        self._fields["cpu"] = Cpu()
        self._forget("cpu")
        self.leave_open(*(f"cpu.{field}" for field in Cpu.__struct_fields__))

    def _account(self, name: str, values: dict[str, Any]) -> None:
        for field, value in values.items():
            path = f"{name}.{field}"
            self._forget(path)
            if value is not None:
                self._sources[path] = SOURCE
            else:
                self._unknown[path] = "left open by the what-if"

    def leave_open(self, *paths: str) -> None:
        """Facts of an imagined part that nobody has said."""
        for path in paths:
            self._unknown.setdefault(path, "left open by the what-if")

    def software(self) -> None:
        """Another system or card: what is installed here says nothing about it."""
        self._fields["software"] = None
        self._forget("software")

    def _forget(self, prefix: str) -> None:
        for table in (self._sources, self._unknown):
            for path in [
                p for p in table if p == prefix or p.startswith((f"{prefix}.", f"{prefix}["))
            ]:
                del table[path]

    def made(self) -> Machine:
        """The changed machine."""
        return msgspec.structs.replace(
            self.machine, **self._fields, sources=self._sources, unknown=self._unknown
        )


def _size(flag: str, text: str, *, zero: bool = False) -> int:
    try:
        size = parse_size(text)
    except ValueError as problem:
        raise UsageError(f"{flag}: {problem}") from None
    if size == 0 and not zero:
        raise UsageError(f"{flag}: zero leaves nothing to judge")
    return size


def _cores(cores: int, changes: _Changes) -> None:
    if not 1 <= cores <= 4096:
        raise UsageError(f"--cores: {cores} is not between 1 and 4096")
    values = {"physical_cores": cores, "logical_cores": cores, "usable_cores": cores}
    changes.section("cpu", changes.machine.cpu, values)


def _ram(size: int, changes: _Changes) -> None:
    values = {"total_bytes": size, "available_bytes": None, "limit_bytes": None}
    changes.section("memory", changes.machine.memory, values)
    for index, gpu in enumerate(changes.machine.gpus or ()):
        if gpu.unified and gpu.vram_total_bytes is not None:  # it takes its memory out of the RAM
            changes.gpu(index, {"vram_total_bytes": None, "vram_free_bytes": None})


def _idle(changes: _Changes) -> None:
    """Never less than is free already."""
    machine = changes.made()
    system, memory = system_of(machine), machine.memory
    most = host_most(memory, system)
    if memory.available_bytes is not None and most > memory.available_bytes:
        changes.section("memory", memory, {"available_bytes": most})
    for index, gpu in enumerate(machine.gpus or ()):
        if gpu.vram_free_bytes is None or gpu.vram_total_bytes is None:
            continue
        free = gpu.vram_total_bytes - desktop_share(gpu, system)
        if free > gpu.vram_free_bytes:
            changes.gpu(index, {"vram_free_bytes": free})


def _gpu(what_if: WhatIf, changes: _Changes) -> None:
    gpus = changes.machine.gpus
    vram = _size("--vram", what_if.vram) if what_if.vram is not None else None
    if what_if.gpu is not None:
        if what_if.gpu.lower() == "none":
            if vram is not None or what_if.driver is not None:
                raise UsageError("--gpu none contradicts --vram and --driver")
            changes.put("gpus", [])
            return
        gpu = _named(what_if.gpu, vram, what_if.driver)
        changes.put("gpus", [gpu])
        changes.software()
        changes.leave_open("gpus[0].vram_free_bytes")
        if gpu.driver is None:
            changes.leave_open("gpus[0].driver")
        return
    if vram is None and what_if.driver is None:
        return
    if vram is not None:
        if not gpus:
            raise UsageError("--vram: this machine has no GPU to change", "name one with --gpu")
        changes.gpu(0, {"vram_total_bytes": vram, "vram_free_bytes": None})
    if what_if.driver is not None:
        _new_driver(_driver(what_if.driver), changes)


def _new_driver(version: str, changes: _Changes) -> None:
    """For every NVIDIA GPU: they share one driver."""
    gpus = changes.made().gpus or []
    ours = [i for i, gpu in enumerate(gpus) if gpu.vendor in ("nvidia", None)]
    if not ours:
        raise UsageError(
            "--driver: this machine has no NVIDIA GPU to change", "name one with --gpu"
        )
    for index in ours:
        # The old driver's ceiling says nothing about the new one.
        changes.gpu(index, {"driver": version, "cuda_ceiling": None})


def _named(text: str, vram: int | None, driver: str | None) -> Gpu:
    _, size = split_size(text)
    spec = find_typed(text)
    if spec is None:
        word = text.lower().strip()
        like = [card for card in gpus() if word and word in card.name.lower().split()]
        like.sort(key=lambda card: (not card.name.startswith("GeForce"), card.laptop, -card.year))
        close = [card.name for card in like[:3]]
        close = close or suggest(text)
        hint = "did you mean " + " or ".join(close) + "?" if close else "see docs/gpu-table.md"
        raise UsageError(f"--gpu: no card is called {text!r}", hint)
    if size is not None and vram is not None and size != vram:
        raise UsageError(f"--gpu {text!r} contradicts --vram")
    vram = vram or size
    sizes = [round(s * GIB) for s in spec.vram_gib]
    exists = not sizes or spec.unified or vram is None
    if vram is not None and not exists and not any(abs(vram - s) <= s * 0.1 for s in sizes):
        listed = ", ".join(f"{s / GIB:g} GiB" for s in sizes)
        raise UsageError(
            f"--vram: {spec.name} does not exist with {vram / GIB:.3g} GiB",
            f"it exists with {listed}",
        )
    prefix = {"nvidia": "NVIDIA ", "amd": "AMD ", "intel": "Intel ", "apple": ""}[spec.vendor]
    full = spec.name if spec.name.startswith(prefix) else prefix + spec.name
    return Gpu(
        name=full,
        vendor=spec.vendor,
        vram_total_bytes=vram,
        driver=_driver(driver) if driver is not None else None,
    )


def _driver(text: str) -> str:
    if not re.fullmatch(r"\d{2,3}(\.\d+){0,2}", text):
        raise UsageError(f"--driver: {text!r} is no driver version", "such as 572.16")
    return text
