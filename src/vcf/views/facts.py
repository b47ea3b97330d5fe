"""A machine in words: one line for ``check``, a table of facts for ``probe``."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec

from ..judge.software import NAMES
from ..machine.model import Gpu, Machine
from ..plain import shown
from ..units import gb, gib
from .words import Lang, colon, label


def machine_line(machine: Machine, lang: Lang) -> str:
    """``my-desktop: Intel Core i5-12600K · 32.0 GiB · RTX 3060 12.0 GiB · Windows``."""
    parts = [shown(machine.cpu.model or label("cpu", lang) + " ?", 40)]
    total = machine.memory.total_bytes
    parts.append(f"{label('memory', lang)} {gib(total) if total is not None else '?'}")
    if machine.gpus is None:
        parts.append(f"{label('gpu', lang)} ?")
    elif not machine.gpus:
        parts.append(colon(label("gpu", lang), label("none", lang), lang))
    else:
        parts.extend(_gpu(gpu) for gpu in machine.gpus[:2])
        if len(machine.gpus) > 2:
            parts.append(f"+{len(machine.gpus) - 2}")
    parts.append(os_name(machine))
    return colon(shown(machine.name, 40), " · ".join(parts), lang)


def os_name(machine: Machine) -> str:
    """Its system as people write it; a question mark where it is not known."""
    return NAMES[machine.os] if machine.os is not None else "?"


def _gpu(gpu: Gpu) -> str:
    name = shown(gpu.name or gpu.pci_id or "GPU", 40)
    size = gpu.vram_total_bytes
    return name if size is None else f"{name} {gib(size)}"


class Fact(msgspec.Struct, frozen=True):
    """One line of ``vcf probe``."""

    path: str
    value: str | None
    source: str
    """Where it came from, or why it is not known."""
    known: bool


_SIZES_GB = ("disk.",)


def facts(machine: Machine) -> Iterator[Fact]:
    """Every fact of a machine in the order of the schema, known or not."""
    data = msgspec.to_builtins(machine)
    sources, unknown = data.pop("sources"), data.pop("unknown")
    data.pop("schema")
    for path, value in _walk(data, ""):
        reason = unknown.get(path)
        if value is None and reason is None:
            continue
        if value is None:
            yield Fact(path, None, str(reason), False)
        else:
            yield Fact(path, _text(path, value), sources.get(path, ""), True)


def _walk(data: object, path: str) -> Iterator[tuple[str, object]]:
    if isinstance(data, dict):
        for key, value in data.items():
            yield from _walk(value, f"{path}.{key}" if path else key)
    elif isinstance(data, list) and any(isinstance(item, dict) for item in data):
        for index, item in enumerate(data):
            yield from _walk(item, f"{path}[{index}]")
    else:
        yield path, data


def _text(path: str, value: object) -> str:
    if path.endswith("_bytes") and isinstance(value, int):
        return gb(value) if path.startswith(_SIZES_GB) else gib(value)
    if path.endswith("_bytes_s") and isinstance(value, int):
        return f"{value / 1e9:.0f} GB/s"
    if isinstance(value, list):
        return shown(" ".join(str(item) for item in value), 400) or "–"
    return shown(str(value), 80)
