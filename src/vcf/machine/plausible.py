"""What a probe can't have meant: wrong types, negative sizes, more available than there is."""

from __future__ import annotations

from typing import Any

import msgspec

from .findings import Findings, Path, path_text
from .model import Cpu, Disk, Gpu, Machine, Memory

LARGEST = 1 << 53
"""8 PiB: no machine is that large, and doubles hold every whole number up to it."""
MOST = {"physical_cores": 4096, "logical_cores": 4096, "usable_cores": 4096, "channels": 64}
LONGEST_TEXT = 300
LONGEST_PATH = 4096
SLACK = 1.05
"""Two figures that were read one after the other may disagree by this much."""

_SECTIONS: dict[str, type[msgspec.Struct]] = {"cpu": Cpu, "memory": Memory, "disk": Disk}
_PAIRS = (("memory", "available_bytes", "total_bytes"), ("disk", "free_bytes", "total_bytes"))


def _fact(path: Path) -> tuple[type[msgspec.Struct], str, Any] | None:
    """Struct and field of a path, and what makes a value fit into the field."""
    match path:
        case (str(field),) if field in Machine.__struct_fields__:
            return Machine, field, None
        case ("software" | "settings" as table, str(name)):
            return Machine, table, name
        case ("gpus", int(), str(field)) if field in Gpu.__struct_fields__:
            return Gpu, field, None
        case (str(section), str(field)) if section in _SECTIONS:
            struct = _SECTIONS[section]
            return (struct, field, None) if field in struct.__struct_fields__ else None
    return None


def doubt(path: Path, value: Any) -> str | None:
    """Why a value can't be right by itself; None when it may be."""
    fact = _fact(path)
    if fact is None:
        return "no such fact"
    struct, field, name = fact
    try:
        msgspec.convert({field: value if name is None else {name: value}}, struct)
    except msgspec.ValidationError as error:
        return str(error).partition(" - at ")[0]
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return _doubt_number(field, value)
    if isinstance(value, str):
        return _doubt_text(field, value)
    return None


def _doubt_number(field: str, value: int) -> str | None:
    least = 1 if field in MOST or field == "total_bytes" else 0
    most = MOST.get(field, LARGEST)
    return None if least <= value <= most else f"{value} is not between {least} and {most}"


def _doubt_text(field: str, value: str) -> str | None:
    if not value.strip():
        return "an empty text"
    if len(value) > (LONGEST_PATH if field == "path" else LONGEST_TEXT):
        return f"a text of {len(value)} characters"
    return None if value.isprintable() and "\ufffd" not in value else "a text with rubbish in it"


def sift(found: Findings) -> list[str]:
    """Turn values that can't be right into unknown facts; a line of talk for each."""
    dropped = {
        path: reason for path, value in found.values.items() if (reason := doubt(path, value))
    }
    _drop(found, dropped)
    excess = _excess(found)
    _drop(found, excess)
    return [f"{path_text(path)}: {reason}" for path, reason in {**dropped, **excess}.items()]


def _excess(found: Findings) -> dict[Path, str]:
    """Parts that are larger than their wholes."""
    pairs: list[tuple[Path, Path]] = [((a, b), (a, c)) for a, b, c in _PAIRS]
    pairs += [
        (path, (*path[:2], "vram_total_bytes"))
        for path in found.values
        if len(path) == 3 and path[2] == "vram_free_bytes"
    ]
    doubts: dict[Path, str] = {}
    for part, whole in pairs:
        have, total = found.values.get(part), found.values.get(whole)
        if have is not None and total is not None and have > total * SLACK:
            doubts[part] = f"{have} is more than the {total} of {path_text(whole)}"
    return doubts


def _drop(found: Findings, doubts: dict[Path, str]) -> None:
    for path, reason in doubts.items():
        source = found.sources.pop(path)
        del found.values[path]
        if _fact(path) is not None:
            found.miss(f"{source}: answered rubbish: {reason}", *path)
