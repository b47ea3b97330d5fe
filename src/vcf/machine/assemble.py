"""Findings become a Machine: every fact known with its source or unknown with the reason."""

from __future__ import annotations

from typing import Any

import msgspec

from .findings import Findings, Path, path_text
from .model import Cpu, Disk, Machine, Memory
from .owner import Owner
from .software import PATHS as SOFTWARE

_NO_FACTS = frozenset((
    "schema", "name", "cpu", "memory", "gpus", "disk", "software", "settings", "sources",
    "unknown",
))  # fmt: skip
_SECTIONS: tuple[tuple[str, type[msgspec.Struct]], ...] = (
    ("cpu", Cpu), ("memory", Memory), ("disk", Disk),
)  # fmt: skip
LEAVES: tuple[Path, ...] = (
    *((field,) for field in Machine.__struct_fields__ if field not in _NO_FACTS),
    *((section, field) for section, struct in _SECTIONS for field in struct.__struct_fields__),
    *SOFTWARE,
)
"""Every fact of the contract that does not belong to one GPU."""


def assemble(found: Findings, owner: Owner) -> Machine:
    """The machine; paths below the home folder are written with ``~`` in every text."""
    for path in LEAVES:
        if path not in found.values:
            found.miss("no probe told", *path)
    facts: dict[str, Any] = {"cpu": {}, "memory": {}, "disk": {}, "software": {}, "settings": {}}
    facts["software"] = {name: None for _, name in SOFTWARE}
    gpus: dict[str | int, dict[str, Any]] = {}
    for path, value in found.values.items():
        match path:
            case ("gpus", int(index), str(field)):
                gpus.setdefault(index, {})[field] = value
            case (str(section), str(field)):
                facts[section][field] = value
            case _:
                facts[str(path[0])] = value
    indexes = sorted(gpus.keys() | {p[1] for p in found.unknown if len(p) == 3 and p[0] == "gpus"})
    if ("settings",) in found.unknown:
        facts["settings"] = None
    known = found.gpus_known or bool(indexes)
    if known:
        facts["gpus"] = [gpus.get(index, {}) for index in indexes]
    else:
        found.miss("no probe told", "gpus")
    facts["sources"] = _texts(found.sources, owner)
    facts["unknown"] = _texts(found.unknown, owner)
    if known:
        facts["unknown"].pop("gpus", None)
    return msgspec.convert(facts, Machine)


def _texts(texts: dict[Path, str], owner: Owner) -> dict[str, str]:
    """By path as text; each text in one clean line."""
    return {path_text(path): clean(owner.hide_home(text)) for path, text in texts.items()}


def clean(text: str, longest: int = 300) -> str:
    """One line without control characters, not longer than people read."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    return line if len(line) <= longest else line[: longest - 1] + "…"
