"""The words of a comparison: sentences, names that no two machines share, facts in short."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import PurePath
from typing import Literal

import msgspec

from ..machine.model import Gpu, Machine
from ..plain import shown
from ..units import gb, gib
from .facts import machine_line, os_name
from .words import Lang, label

LONGEST = 40
"""Characters of a name; ``machine_line`` shows as many."""
MOST_GPUS = 2

FactKey = Literal["os", "cpu", "memory", "gpu", "disk"]
"""What is said of a machine above its column."""


def told(key: str, lang: Lang, **values: str | int) -> str:
    """A sentence of ``texts_compare`` with its blanks filled."""
    return label(f"compare-{key}", lang).format_map(values)


def names_for(machines: Sequence[tuple[Machine, str]], lang: Lang) -> list[str]:
    """What to call each machine. Those of one name get their file's name behind it, then the
    path's end, at last a number. The second of a pair: the path, empty where there is none."""
    names = [shown(machine.name.strip(), LONGEST) for machine, _ in machines]
    for parts in (1, 2):
        taken = Counter(name.casefold() for name in names)
        names = [
            name if name and taken[name.casefold()] == 1 else _longer(machine, path, parts, lang)
            for name, (machine, path) in zip(names, machines, strict=True)
        ]
    return list(_numbered(names))


def _longer(machine: Machine, path: str, parts: int, lang: Lang) -> str:
    """``desktop (b.yaml)``: both cut so that both are seen."""
    name = shown(machine.name.strip(), LONGEST // 2 - 2)
    end = "/".join(PurePath(path).parts[-parts:])
    if not end:
        return name or "?"
    if len(end) > LONGEST // 2 - 1:
        end = "…" + end[-(LONGEST // 2 - 2) :]
    end = shown(end, LONGEST // 2)
    return told("named", lang, name=name, more=end) if name else end


def _numbered(names: Sequence[str]) -> Iterator[str]:
    counts = Counter(name.casefold() for name in names)
    taken = {name for name, count in counts.items() if count == 1}
    for name in names:
        free, number = name, 0
        while counts[name.casefold()] > 1 and (not number or free.casefold() in taken):
            number += 1
            free = f"{name[: LONGEST - 5]} #{number}"
        taken.add(free.casefold())
        yield free


def line_of(name: str, machine: Machine, lang: Lang) -> str:
    """``machine_line`` under the name that tells the machine from the others."""
    return machine_line(msgspec.structs.replace(machine, name=name), lang)


def facts_of(machine: Machine, lang: Lang) -> Iterator[tuple[FactKey, str]]:
    """System, processor, memory, graphics and disk in words; unknown where it is not known."""
    unknown = label("unknown", lang)
    total, free = machine.memory.total_bytes, machine.disk.free_bytes
    yield "os", shown(machine.os_version or (os_name(machine) if machine.os else unknown))
    yield "cpu", _cpu(machine, lang)
    yield "memory", gib(total) if total is not None else unknown
    yield "gpu", _gpus(machine, lang)
    yield "disk", label("free", lang).format(size=gb(free)) if free is not None else unknown


def _cpu(machine: Machine, lang: Lang) -> str:
    model, cores = machine.cpu.model, machine.cpu.physical_cores
    name = shown(model.strip()) if model else label("unknown", lang)
    if cores is None:
        return name
    return told("core" if cores == 1 else "cores", lang, cpu=name, cores=cores)


def _gpus(machine: Machine, lang: Lang) -> str:
    gpus = machine.gpus
    if gpus is None:
        return label("unknown", lang)
    if not gpus:
        return label("none", lang)
    parts = [_gpu(gpu, lang) for gpu in gpus[:MOST_GPUS]]
    if len(gpus) > MOST_GPUS:
        parts.append(f"+{len(gpus) - MOST_GPUS}")
    return " · ".join(parts)


def _gpu(gpu: Gpu, lang: Lang) -> str:
    name = shown((gpu.name or gpu.pci_id or "GPU").strip())
    size = gpu.vram_total_bytes
    return f"{name} {gib(size)}" if size is not None else told("vram-unknown", lang, gpu=name)
