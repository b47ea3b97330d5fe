"""Facts that a machine lacks and that its verdicts rest on, each with the way to give it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from ..machine.complete import NOT_SAID, spec_of
from ..machine.model import Cpu, Gpu, Machine
from ..plain import shown
from .compare_words import told
from .words import Lang, listed

MOST_GPUS = 2
"""Cards whose facts are named; a machine file may hold hundreds."""
LONGEST_REASON = 80


class CompareMissing(msgspec.Struct, frozen=True, kw_only=True):
    """One fact that is not known."""

    field: str
    """What to write into a machine file: ``memory.total``, ``gpus[0].vram``."""
    flag: str | None
    """What to give ``vcf check`` instead, with a value as an example: ``--ram 16GiB``."""
    text: str
    """What it is, and why it is not known where that says something: ``VRAM of RTX 3060 (8 or
    12 GiB)``."""


def missing_of(machine: Machine, lang: Lang) -> Iterator[CompareMissing]:
    """System, processor, RAM, GPUs and their VRAM, as far as they are not known. What a GPU
    shares with the processor is no fact of its own."""
    if machine.os is None:
        yield _lacking("os", "--os windows", told("miss-os", lang), machine, "os")
    yield from _cpu(machine.cpu, machine, lang)
    if machine.memory.total_bytes is None:
        path = "memory.total_bytes"
        yield _lacking("memory.total", "--ram 16GiB", told("miss-memory", lang), machine, path)
    if machine.gpus is None:
        yield _lacking("gpus", '--gpu "RTX 3060"', told("miss-gpus", lang), machine, "gpus")
    lacking = [item for at in range(len(machine.gpus or ())) for item in _gpu(machine, at, lang)]
    yield from lacking[:MOST_GPUS]


def _cpu(cpu: Cpu, machine: Machine, lang: Lang) -> Iterator[CompareMissing]:
    if cpu.physical_cores is not None or cpu.logical_cores is not None:
        return
    if cpu.model is None:
        yield _lacking("cpu.model", "--cores 8", told("miss-cpu", lang), machine, "cpu.model")
    else:
        text = told("miss-cores", lang)
        yield _lacking("cpu.cores", "--cores 8", text, machine, "cpu.physical_cores")


def _gpu(machine: Machine, at: int, lang: Lang) -> Iterator[CompareMissing]:
    gpu: Gpu = (machine.gpus or [])[at]
    name = shown((gpu.name or gpu.pci_id or "GPU").strip(), 40)
    if gpu.vendor is None:
        text = told("miss-vendor", lang, gpu=name)
        yield _lacking(f"gpus[{at}].vendor", None, text, machine, f"gpus[{at}].vendor")
    if gpu.vram_total_bytes is not None or gpu.integrated or gpu.unified:
        return
    field, text = f"gpus[{at}].vram", told("miss-vram", lang, gpu=name)
    spec = None if gpu.mig else spec_of(gpu)
    if spec is None or not spec.vram_gib:
        path = f"gpus[{at}].vram_total_bytes"
        yield _lacking(field, "--vram 12GiB", text, machine, path)
        return
    sizes = [f"{size:g}" for size in spec.vram_gib]
    made = f"{told('either', lang, first=listed(sizes[:-1], lang), last=sizes[-1])} GiB"
    yield CompareMissing(
        field=field,
        flag=f"--vram {sizes[0]}GiB",
        text=told("named", lang, name=text, more=made if sizes[1:] else f"{sizes[0]} GiB"),
    )


def _lacking(
    field: str, flag: str | None, text: str, machine: Machine, path: str
) -> CompareMissing:
    why = machine.unknown.get(path, NOT_SAID)
    if why != NOT_SAID:
        text = f"{text} ({shown(why, LONGEST_REASON)})"
    return CompareMissing(field=field, flag=flag, text=text)


def missing_note(missing: Sequence[CompareMissing], lang: Lang) -> str:
    """What is not known, and how to say it; a clause to stand behind a name and a colon."""
    facts = listed((item.text for item in missing), lang)
    fields = listed((item.field for item in missing), lang)
    flags = " ".join(dict.fromkeys(item.flag for item in missing if item.flag is not None))
    key = "missing-flags" if flags else "missing"
    return told(key, lang, facts=facts, fields=fields, flags=flags)
