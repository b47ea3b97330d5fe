"""Facts of a machine as the report shows them: known, or unknown with the reason."""

from __future__ import annotations

from ..machine.model import Machine
from ..plain import shown
from .report_scope import Scope


def known(scope: Scope, path: str, value: str | None) -> str:
    """A value, or that it is not known, with the reason."""
    if value is not None:
        return value
    why = scope.machine.unknown.get(path)
    return scope.told("unknown-why", why=why) if why else scope.word("unknown")


def source_of(machine: Machine, *paths: str) -> str | None:
    """Where the first of these facts was read."""
    found = next((machine.sources[path] for path in paths if path in machine.sources), None)
    return shown(found, 120) if found is not None else None
