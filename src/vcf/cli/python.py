"""The Python that a measurement runs in, and the machine as seen from it."""

from __future__ import annotations

import sys

from ..machine.model import Machine
from ..machine.owner import owner_of
from .output import talk


def examined(python: str | None, *, verbose: bool) -> tuple[str, Machine]:
    """The interpreter to measure with, and the machine with the software of its environment.

    Raises UsageError: no interpreter there.
    """
    from ..machine.probe import live_host, probe

    note = talk if verbose else None
    if python is None:
        return sys.executable, probe(note=note)
    from ..machine.interpreter import calls_of, interpreter

    found = interpreter(python)
    return found.executable, probe(live_host(calls_of(found)), note=note)


def hidden(path: str) -> str:
    """A path, the home folder written as ``~``."""
    from ..machine.probe import live_host

    return owner_of(live_host()).hide_home(path)
