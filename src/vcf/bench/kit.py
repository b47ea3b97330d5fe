"""What is there to be measured: a package in some Python, a checkout, a program with a file.

A kit answers for one of them before anything is begun; when its weights lie ready it makes the
engine. A new runtime is a kit, an engine in ``child/``, and the class that starts it.
"""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import msgspec

from ..errors import UsageError
from ..judge.subject import Subject
from ..machine.model import Machine
from .cells import Cell
from .engines import Engine
from .record import WeightsKind
from .sources import Source, Told


class Clip(msgspec.Struct, frozen=True, kw_only=True):
    """A reference clip."""

    path: Path
    seconds: float
    """Its length; a guess where it is no WAV file."""
    text: str | None = None
    """What it says."""


class Kit(Protocol):
    """One way of running models."""

    name: str
    """Of its engine: ``voxcpm``, ``indextts``, ``voxcpm-cpp``."""
    machine: Machine
    """As seen from where it computes, with the software there."""
    takes: frozenset[str]
    """Of ``steps``, ``compile``, ``clip``, ``stream``: what can be asked of it."""
    also: frozenset[str]
    """What it can use beside the plain way, each a cell of its own: ``accel``, ``compile`` …"""
    usual: str | None
    """The mode that is taken where none is asked for; None: the best here."""

    @property
    def models(self) -> tuple[str, ...]:
        """That are to be measured."""
        ...

    def runs(self, subject: Subject) -> bool:
        """Whether it runs a mode."""
        ...

    def source(self, model: str) -> Source:
        """Where its weights come from; nothing is written yet. Raises UsageError: they are
        damaged, or not all there."""
        ...

    def clip(self, model: str) -> Clip | None:
        """The clip that is taken where nobody names one; None: none is needed. Raises UsageError
        where one must be named."""
        ...

    def wants_words(self, model: str) -> bool:
        """Whether a clip is of use only together with what it says."""
        ...

    def missing(self, cell: Cell) -> UsageError | None:
        """What stands in the way of beginning, and the command that mends it."""
        ...

    def ready(self, model: str, told: Told) -> Engine:
        """The engine, its weights written, fetched and read. Raises VcfError."""
        ...


def noisy(kind: WeightsKind) -> bool:
    """Weights that make noise and never stop by themselves."""
    return kind in ("synthetic", "tiny")
