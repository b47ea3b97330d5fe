"""What installed packages require of each other and do not get, by their metadata alone.

pip checks this too (``pip check``), for everything installed; here only what the packages asked
about pull in counts, and nothing has to be importable.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

import msgspec

from .metadata import normal, parse_entry, parse_version
from .model import Unmet

if TYPE_CHECKING:
    from packaging.requirements import Requirement

    from .interpreter import Interpreter

MOST = 1 << 20
"""Bytes of one METADATA file read; what follows the fields is the description."""


class _Dist(msgspec.Struct, frozen=True, kw_only=True):
    version: str
    requires: tuple[str, ...]


def unmet(python: Interpreter, roots: Sequence[str]) -> list[Unmet]:
    """Unmet requirements of the roots and of all they pull in, without extras.

    A package whose metadata can't be read requires nothing: this looks for certain faults.
    """
    dists = _installed(python.path)
    environment = _environment(python)
    found: dict[tuple[str, str], Unmet] = {}
    seen: set[str] = set()
    for root in roots:
        queue = [normal(root)]
        while queue:
            name = queue.pop()
            dist = dists.get(name)
            if dist is None or name in seen:
                continue
            seen.add(name)
            for requirement in _requirements(dist, environment):
                wanted = normal(requirement.name)
                have = dists[wanted].version if wanted in dists else None
                if have is None or not _meets(requirement, have):
                    text = f"{requirement.name}{requirement.specifier}"
                    found.setdefault(
                        (name, wanted),
                        Unmet(package=name, version=dist.version, requirement=text,
                              have=have, root=root),
                    )  # fmt: skip
                queue.append(wanted)
    return list(found.values())


def _meets(requirement: Requirement, have: str) -> bool:
    """Whether a version is within; one that is no version can't be told and counts as within."""
    from packaging.version import InvalidVersion, Version

    try:
        return requirement.specifier.contains(Version(have), prereleases=True)
    except InvalidVersion:
        return True


def _requirements(dist: _Dist, environment: dict[str, str]) -> Iterable[Requirement]:
    from packaging.markers import UndefinedComparison, UndefinedEnvironmentName
    from packaging.requirements import InvalidRequirement, Requirement

    unclear = (InvalidRequirement, UndefinedComparison, UndefinedEnvironmentName)
    for line in dist.requires:
        try:
            requirement = Requirement(line)
            if requirement.marker is None or requirement.marker.evaluate(environment):
                yield requirement
        except unclear:  # pip of its time took it; nothing certain follows
            continue


def _environment(python: Interpreter) -> dict[str, str]:
    """What markers ask about, of the Python that the packages are for."""
    systems = {"win32": "Windows", "darwin": "Darwin", "linux": "Linux"}
    return {
        "extra": "",
        "python_version": ".".join(python.version.split(".")[:2]),
        "python_full_version": python.version,
        "sys_platform": python.platform,
        "platform_system": systems.get(python.platform, python.platform),
        "platform_machine": python.machine,
        "os_name": "nt" if python.platform == "win32" else "posix",
        "implementation_name": python.implementation.lower(),
        "platform_python_implementation": python.implementation,
        "implementation_version": python.version,
    }


def _installed(folders: Iterable[str]) -> dict[str, _Dist]:
    """Every distribution; as in imports, the first folder that has one wins."""
    found: dict[str, _Dist] = {}
    for folder in folders:
        try:
            names = sorted(os.listdir(folder or "."))
        except OSError:
            continue
        for entry in names:
            named = parse_entry(entry) if entry.endswith((".dist-info", ".egg-info")) else None
            if named is None or named[0] in found:
                continue
            dist = _read(os.path.join(folder or ".", entry))
            # It is there, whatever its metadata look like; then it requires nothing.
            found[named[0]] = dist or _Dist(version=named[1], requires=())
    return found


def _read(path: str) -> _Dist | None:
    for name in ("METADATA", "PKG-INFO"):
        try:
            with open(os.path.join(path, name), "rb") as file:
                head = file.read(MOST).decode("utf-8", "replace").partition("\n\n")[0]
        except OSError:
            continue
        requires = tuple(
            line.partition(":")[2].strip()
            for line in head.splitlines()
            if line.startswith("Requires-Dist:")
        )
        version = parse_version(head)
        return None if version is None else _Dist(version=version, requires=requires)
    return None
