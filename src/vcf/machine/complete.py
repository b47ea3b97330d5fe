"""Fill what follows from what is known: GPUs and CPU out of the tables, reasons for the rest."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from ..catalogue.gpus import GpuSpec, by_pci, find, find_typed
from ..units import GIB
from .model import Cpu, Gpu, Machine, Vendor

NOT_SAID = "not said in the file"

_APPLE = re.compile(r"Apple M\d")

_WORDS: dict[str, Vendor] = {
    "nvidia": "nvidia", "geforce": "nvidia", "quadro": "nvidia", "tesla": "nvidia",
    "amd": "amd", "radeon": "amd", "instinct": "amd",
    "intel": "intel", "intel(r)": "intel", "apple": "apple",
}  # fmt: skip


def complete(machine: Machine, source: str, *, filled: bool = False) -> Machine:
    """The machine with GPU and CPU facts from the tables, a source or reason for every fact.

    ``filled``: the file was written by ``vcf probe --save`` and already says everything. Its CPU
    was asked itself: what it did not tell, in a virtual machine say, its name does not tell either.
    """
    sources, unknown = dict(machine.sources), dict(machine.unknown)
    gpus = machine.gpus
    if gpus is None and not filled and _APPLE.match(machine.cpu.model or ""):
        # Every one of them has a GPU on the same chip, which goes by its name.
        gpus = [Gpu(name=machine.cpu.model, vendor="apple")]
        sources["gpus"] = "the processor: its GPU is on the same chip"
    if gpus is not None:
        gpus = [_gpu(gpu, f"gpus[{i}]", sources, unknown) for i, gpu in enumerate(gpus)]
    machine = msgspec.structs.replace(machine, gpus=gpus)
    if not filled:
        cpu = _cpu(machine, sources, unknown)
        machine = msgspec.structs.replace(machine, cpu=cpu)
        _account(machine, source, sources, unknown)
    return msgspec.structs.replace(machine, sources=sources, unknown=unknown)


def _account(
    machine: Machine, source: str, sources: dict[str, str], unknown: dict[str, str]
) -> None:
    """Note the file as the source of what it says, and that it does not say the rest."""
    for path in ("os", "arch", "gpus"):
        _note(path, getattr(machine, path), source, sources, unknown)
    sections: dict[str, tuple[Any, tuple[str, ...]]] = {
        "cpu": (machine.cpu, ("model", "physical_cores", "logical_cores", "usable_cores", "isa")),
        "memory": (machine.memory, ("total_bytes", "available_bytes", "swap_bytes")),
        "disk": (machine.disk, ("total_bytes", "free_bytes", "kind")),
    }
    for section, (facts, fields) in sections.items():
        for field in fields:
            _note(f"{section}.{field}", getattr(facts, field), source, sources, unknown)
    for index, gpu in enumerate(machine.gpus or ()):
        fields = ("name", "vendor", "vram_total_bytes", "vram_free_bytes", "driver")
        if gpu.vendor == "nvidia":
            fields += ("compute_capability",)
        for field in fields:
            _note(f"gpus[{index}].{field}", getattr(gpu, field), source, sources, unknown)


def _note(
    path: str, value: object, source: str, sources: dict[str, str], unknown: dict[str, str]
) -> None:
    if value is not None:
        sources.setdefault(path, source)
    else:
        unknown.setdefault(path, NOT_SAID)


def _vendor(gpu: Gpu, spec: GpuSpec | None) -> Vendor | None:
    if gpu.vendor is not None:
        return gpu.vendor
    if spec is not None:
        return spec.vendor
    for word in (gpu.name or "").lower().split():
        if word in _WORDS:
            return _WORDS[word]
    return None


def spec_of(gpu: Gpu) -> GpuSpec | None:
    """The table's row for a GPU, by whole name, with the figures of its memory size."""
    if gpu.name is None:
        return None
    return _spec_of(gpu.name, gpu.vendor, gpu.vram_total_bytes, gpu.laptop, gpu.pci_id)


@lru_cache(maxsize=1024)
def _spec_of(
    name: str, vendor: Vendor | None, vram: int | None, laptop: bool | None, pci_id: str | None
) -> GpuSpec | None:
    spec = find(name, vram_bytes=vram, laptop=laptop)
    if spec is None:
        typed = find_typed(name)
        if typed is not None:
            spec = find(typed.name, vram_bytes=vram, laptop=laptop)
    if spec is None and vendor is not None and pci_id is not None:
        spec = by_pci(vendor, pci_id.partition(":")[2])
    if spec is not None and vendor not in (None, spec.vendor):
        return None  # a name under which another maker sells something else
    return spec


def _gpu(gpu: Gpu, path: str, sources: dict[str, str], unknown: dict[str, str]) -> Gpu:
    spec = spec_of(gpu)
    filled: dict[str, Any] = {}

    def fill(field: str, value: object, source: str) -> None:
        if value is not None and getattr(gpu, field) is None:
            filled[field] = value
            sources[f"{path}.{field}"] = source
            unknown.pop(f"{path}.{field}", None)

    fill("vendor", _vendor(gpu, spec), "its name")
    if spec is None:
        return msgspec.structs.replace(gpu, **filled)
    row = f"GPU table: {spec.name}"
    fill("compute_capability", spec.cc, row)
    fill("gfx", spec.gfx, row)
    for field in ("laptop", "integrated", "unified"):
        fill(field, getattr(spec, field), row)
    # A slice has what its partition says, not what the card has.
    sizes = () if gpu.mig else spec.vram_gib
    if len(sizes) == 1 and not spec.unified:
        fill("vram_total_bytes", int(sizes[0] * GIB), f"{row}, the only size made")
    elif sizes and gpu.vram_total_bytes is None and f"{path}.vram_total_bytes" not in unknown:
        listed = ", ".join(f"{size:g}" for size in sizes[:-1]) + f" and {sizes[-1]:g}"
        unknown[f"{path}.vram_total_bytes"] = f"{spec.name} exists with {listed} GiB"
    return msgspec.structs.replace(gpu, **filled)


def _cpu(machine: Machine, sources: dict[str, str], unknown: dict[str, str]) -> Cpu:
    cpu = machine.cpu
    counts = ("physical_cores", "logical_cores", "usable_cores")
    if cpu.model is None or all(getattr(cpu, field) is not None for field in (*counts, "isa")):
        return cpu
    # Only here: most machines have told all of it, and `vcf check` is to start quickly.
    from ..catalogue.cpus import find_cpu

    spec = find_cpu(cpu.model)
    if spec is None:
        return cpu
    row, filled = f"CPU table: {spec.name}", dict[str, Any]()

    def fill(field: str, value: object, source: str) -> None:
        if value is not None and getattr(cpu, field) is None:
            filled[field] = value
            sources[f"cpu.{field}"] = source
            unknown.pop(f"cpu.{field}", None)

    # A program for another processor, translated by Rosetta say, has other instruction sets.
    if machine.arch in (None, spec.arch) and not machine.rosetta:
        fill("isa", list(spec.isa), row)
    told = (cpu.physical_cores in (None, spec.cores), cpu.logical_cores in (None, spec.threads))
    # Other counts than the part has: a virtual machine, two sockets, or cores switched off.
    if all(told) and (cpu.usable_cores or 0) <= (spec.threads or 0):
        fewest = f"{row}, the fewest cores sold" if spec.cores_max else row
        for field, value in zip(counts, (spec.cores, spec.threads, spec.threads), strict=True):
            fill(field, value, fewest)
    return msgspec.structs.replace(cpu, **filled)
