"""The machine, part by part: what it has and what follows from it."""

from __future__ import annotations

from collections import Counter

from ..judge.assess import best
from ..judge.model import Assessment
from ..judge.software import NAMES
from ..plain import shown
from ..units import gb, gib
from .report_document import Line, Status
from .report_facts import known, source_of
from .report_gpus import gpu_lines
from .report_parts import (
    cpu_modes,
    cpu_status,
    disk_fit,
    fastest,
    fit_text,
    gpu_modes,
    ram_fit,
    stopped_by_installed,
)
from .report_scope import Scope, able, bare, foreign

PACKAGES = ("python", "torch", "torchaudio", "voxcpm", "indextts", "mlx-audio", "ffmpeg")
"""Software worth a word."""


def environment(scope: Scope) -> list[Line]:
    """A line for each part, from the computer to its software."""
    return [
        _computer(scope),
        cpu_line(scope),
        ram_line(scope),
        *gpu_lines(scope),
        disk_line(scope),
        _system(scope),
        software_line(scope),
    ]


def _computer(scope: Scope) -> Line:
    machine = scope.machine
    imagined = "what-if" in machine.sources.values()
    return Line(
        name=scope.told("computer"),
        value=computer_name(scope),
        note=scope.told("imagined") if imagined else None,
        source=None,
    )


def computer_name(scope: Scope) -> str:
    """The label of the machine; ``this computer`` where nobody named it."""
    name = scope.machine.name
    return scope.told("this-computer") if name == "this-machine" else shown(name, 60)


def cpu_line(scope: Scope) -> Line:
    """Processor, cores, instruction sets."""
    cpu, parts = scope.machine.cpu, []
    parts.append(shown(known(scope, "cpu.model", cpu.model), 80))
    if cpu.physical_cores is not None:
        parts.append(scope.told("cores", count=cpu.physical_cores))
    if cpu.usable_cores is not None or cpu.logical_cores is not None:
        parts.append(scope.told("threads", count=cpu.usable_cores or cpu.logical_cores or 0))
    if cpu.isa:
        parts.append(" ".join(shown(name, 20).upper() for name in cpu.isa[:12]))
    modes = cpu_modes(scope, scope.local)
    quick = any(a.verdict == "good" for a in gpu_modes(scope, scope.local))
    return Line(
        name=scope.told("part-cpu"),
        value=scope.joined(parts),
        status=cpu_status(modes, quick=quick),
        note=_cpu_note(scope, modes),
        source=source_of(scope.machine, "cpu.model", "cpu.isa"),
    )


def _cpu_note(scope: Scope, modes: list[Assessment]) -> str | None:
    if not modes:
        return None
    running = [a for a in modes if able(a)]
    if not running:
        return scope.told(f"find-cpu-{cpu_status(modes, quick=False)}", count=len(modes))
    if best(running).verdict == "tight":
        return scope.told("find-cpu-tight", fits=len(running), count=len(modes))
    top = fastest(running) or best(running)
    whole = "-all" if len(running) == len(modes) else ""
    told = scope.told(
        ("cpu-best" if top.rtf else "cpu-best-unsure") + whole,
        fits=len(running), count=len(modes), model=scope.name(top), mode=top.mode,
        time=scope.time(top.rtf) or "–",
    )  # fmt: skip
    emulated = any(g.text.id == "bf16-cpu-emulated" for a in modes for g in a.gates)
    emulated &= "bf16" not in (name.lower() for name in scope.machine.cpu.isa or ())
    return scope.sentences(told, scope.told("cpu-bf16") if emulated else None)


def ram_line(scope: Scope) -> Line:
    """RAM, its kind, what is free."""
    memory = scope.machine.memory
    total = gib(memory.total_bytes) if memory.total_bytes is not None else None
    parts = [known(scope, "memory.total_bytes", total)]
    if memory.speed is not None:
        parts.append(shown(memory.speed, 40))
    if memory.available_bytes is not None:
        parts.append(scope.word("available").format(size=gib(memory.available_bytes)))
    elif total is not None and scope.context.host_have is not None:
        parts.append(scope.told("taken", size=gib(scope.context.host_have)))
    if memory.limit_bytes is not None:
        parts.append(scope.told("limited", size=gib(memory.limit_bytes)))
    fit = ram_fit(scope.local)
    return Line(
        name=scope.told("part-ram"),
        value=scope.joined(parts),
        status=fit.status if fit else "none",
        note=fit_text(scope, fit, "ram") if fit else None,
        source=source_of(scope.machine, "memory.total_bytes"),
    )


def disk_line(scope: Scope) -> Line:
    """The disk where weights land."""
    disk = scope.machine.disk
    total = gb(disk.total_bytes) if disk.total_bytes is not None else None
    parts = [] if total is None else [scope.told("in-all", size=total)]
    free = gb(disk.free_bytes) if disk.free_bytes is not None else None
    if free is not None:
        parts.append(scope.word("free").format(size=free))
    else:
        parts.append(scope.told("free-unknown", why=known(scope, "disk.free_bytes", None)))
    if disk.kind is not None:
        parts.append(scope.told(f"disk-{disk.kind}"))
    fit = disk_fit(scope.local)
    return Line(
        name=scope.told("part-disk"),
        value=scope.joined(parts),
        status=fit.status if fit else "none",
        note=fit_text(scope, fit, "disk") if fit else None,
        source=source_of(scope.machine, "disk.free_bytes", "disk.total_bytes"),
    )


def _system(scope: Scope) -> Line:
    machine = scope.machine
    name = machine.os_version or (NAMES[machine.os] if machine.os is not None else None)
    parts = [shown(known(scope, "os", name), 80)]
    if machine.arch is not None:
        parts.append(shown(machine.arch, 20))
    if machine.wsl is not None:
        parts.append(f"WSL{shown(machine.wsl, 5)}")
    if machine.container is not None:
        parts.append(scope.told("container", kind=machine.container))
    if machine.jetson is not None:
        parts.append(f"Jetson {shown(machine.jetson, 20)}")
    if machine.rosetta:
        parts.append("Rosetta")
    out = list(dict.fromkeys(a.mode for a in scope.local if foreign(a)))
    status: Status = "good"
    if machine.os is None:
        status = "unknown"
    elif not scope.local:
        status = "none"
    elif all(foreign(a) for a in scope.local):
        status = "bad"
    return Line(
        name=scope.told("part-os"),
        value=scope.joined(parts),
        status=status,
        note=scope.told("os-without", modes=scope.listed(out)) if out else None,
        source=source_of(machine, "os_version", "os"),
    )


def software_line(scope: Scope) -> Line:
    """What is installed, and what it stops."""
    name, installed = scope.told("part-software"), scope.machine.software
    if installed is None:
        value = known(scope, "software", None)
        return Line(name=name, value=value, note=scope.told("software-fresh"))
    there = [f"{key} {shown(installed[key] or '', 40)}" for key in PACKAGES if installed.get(key)]
    stopped = stopped_by_installed(scope.local)
    status: Status = "good"
    note = None
    if stopped:
        status = "bad" if len(stopped) == len(scope.local) else "limit"
        text = Counter(bare(scope.say(gate.text)) for _, gate in stopped).most_common(1)[0][0]
        note = scope.told("software-stops", count=len(stopped), text=text)
    value = scope.joined(there) if there else scope.word("not-installed")
    source = source_of(scope.machine, "software.python", "software")
    return Line(name=name, value=value, status=status, note=note, source=source)
