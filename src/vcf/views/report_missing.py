"""Which facts are missing where nothing can be told of a machine, with the flags that say them."""

from __future__ import annotations

from .report_scope import Scope


def missing(scope: Scope) -> str | None:
    """A sentence; None where something is recommended, or no flag would tell."""
    if scope.result.recommendation.why.id != "why-unknown":
        return None
    wanted = [scope.told(f"missing-{fact}") for fact in _facts(scope)]
    return scope.told("missing", facts=scope.listed(wanted)) if wanted else None


def nothing_known(scope: Scope) -> bool:
    """Whether no local mode has a verdict."""
    return all(given.verdict == "unknown" for given in scope.local)


def _facts(scope: Scope) -> list[str]:
    machine, cpu = scope.machine, scope.machine.cpu
    open_questions = {
        gate.text.id for given in scope.local for gate in given.gates if gate.status == "unknown"
    }
    found = []
    if machine.memory.total_bytes is None:
        found.append("ram")
    if machine.gpus is None:
        found.append("gpu")
    elif open_questions & {"vram-unknown", "vram-depends"}:
        found.append("vram")
    counts = (cpu.physical_cores, cpu.usable_cores, cpu.logical_cores)
    if "speed-unknown-cpu" in open_questions or counts == (None, None, None):
        found.append("cores")
    return found
