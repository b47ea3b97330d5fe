"""Facts of a machine as the report shows them: known, or unknown with the reason."""

from __future__ import annotations

from ..machine.model import Machine
from ..plain import shown
from .report_scope import Scope

REASONS = {
    "not said in the file": "文件中未写明",
    "left open by the what-if": "what-if 选项未给出",
}
"""The fixed reasons for which a fact is not known; others come from probes and stay as they are."""


def known(scope: Scope, path: str, value: str | None) -> str:
    """A value, or that it is not known, with the reason."""
    if value is not None:
        return value
    why = why_unknown(scope, path)
    return scope.told("unknown-why", why=why) if why else scope.word("unknown")


def why_unknown(scope: Scope, path: str) -> str | None:
    """The reason, in the words of the report where it is one of the fixed ones."""
    why = scope.machine.unknown.get(path)
    return REASONS.get(why, why) if why is not None and scope.lang == "zh" else why


def source_of(machine: Machine, *paths: str) -> str | None:
    """Where the first of these facts was read."""
    found = next((machine.sources[path] for path in paths if path in machine.sources), None)
    return shown(found, 120) if found is not None else None
