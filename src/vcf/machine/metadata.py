"""Installed distributions by their folders, without importing anything.

importlib.metadata would do the same; its import alone costs more than all probes together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable

from .host import Unanswered

_ENTRY = re.compile(r"(?P<name>[^-]+)-(?P<version>[^-]+)(?:-py[\d.]+)?\.(?:dist|egg)-info")
_VERSION = re.compile(r"^Version:[ \t]*(\S+)", re.MULTILINE)
_HEAD = 4096
"""The version stands among the first lines of METADATA."""


def normal(name: str) -> str:
    """A distribution's name as the packaging specification compares it."""
    return re.sub(r"[-_.]+", "-", name).lower()


def parse_entry(entry: str) -> tuple[str, str] | None:
    """Name and version out of ``flash_attn-2.7.4.post1.dist-info`` and its like."""
    match = _ENTRY.fullmatch(entry)
    if match is not None:
        return normal(match["name"]), match["version"]
    stem, dot, _ = entry.partition(".egg-info")
    return (normal(stem), "") if dot and stem else None


def parse_version(text: str) -> str | None:
    """The version out of METADATA or PKG-INFO."""
    match = _VERSION.search(text)
    return None if match is None else match[1]


def installed(folders: Iterable[str], wanted: Collection[str]) -> dict[str, str]:
    """Versions of the wanted distributions; as in imports, the first folder that has one wins."""
    found: dict[str, str] = {}
    for folder in folders:
        here: dict[str, str] = {}
        for entry in _info_entries(folder or "."):
            named = parse_entry(entry)
            if named is not None and named[0] in wanted:
                version = _told(os.path.join(folder or ".", entry)) or named[1]
                if version:
                    here[named[0]] = version
        found = {**here, **found}
    return found


def _info_entries(folder: str) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return sorted(e.name for e in entries if e.name.endswith((".dist-info", ".egg-info")))
    except OSError:
        return []


def _told(path: str) -> str | None:
    """The version by METADATA; some builders shorten it in the name of the folder."""
    for place in (os.path.join(path, "METADATA"), os.path.join(path, "PKG-INFO"), path):
        try:
            with open(place, "rb") as file:
                return parse_version(file.read(_HEAD).decode("utf-8", "replace"))
        except OSError:
            continue
    return None


def find_file(folders: Iterable[str], *parts: str) -> str:
    """Text of the first such file below the folders of packages; raises Unanswered."""
    for folder in folders:
        try:
            with open(os.path.join(folder or ".", *parts), "rb") as file:
                return file.read(_HEAD).decode("utf-8", "replace")
        except OSError:
            continue
    raise Unanswered("/".join(parts) + ": not found")
