"""Engines as the parent knows them: what starts one, and what it is told about a cell.

A new one is a module in ``child/`` with the engine itself, its name in ``child/serve.py``, and a
class here. Protocol, record and views stay as they are.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

import msgspec

from ..machine.model import Gpu, Machine
from .cells import Cell
from .child_talk import command
from .places import cache_folder
from .precise import in_precision
from .record import Weights
from .sources import Loaded


class Work(msgspec.Struct, frozen=True, kw_only=True):
    """What a cell is asked to do, whatever computes it."""

    text: str
    length: float | None
    """Seconds of sound that are forced."""
    seed: int
    steps: int | None
    clip: str | None
    clip_text: str | None
    threads: int | None
    compile: bool | None
    lang: str = "en"
    """Language of the text: ``en`` or ``zh``."""
    streams: bool = True
    """Whether streaming will be asked for."""
    options: tuple[str, ...] = ()
    """What else the engine is to use: ``accel``, ``cuda-kernel``, ``compile``."""


class Engine(Protocol):
    """What measures one model."""

    name: str
    weights: Weights

    def command(self) -> list[str]:
        """What starts the child."""
        ...

    def environment(self, cell: Cell, work: Work, machine: Machine) -> dict[str, str]:
        """Variables set for the child."""
        ...

    def settings(self, cell: Cell, work: Work) -> Any:
        """A context that gives what ``prepare`` is told, see ``child/engine.py``."""
        ...


class Voxcpm:
    """The voxcpm package in a Python that has it."""

    name = "voxcpm"

    def __init__(self, python: str, loaded: Loaded) -> None:
        self._python, self._folder = python, loaded.folder
        self.weights = loaded.weights

    def command(self) -> list[str]:
        """The measuring program in that Python."""
        return command(self._python, self.name)

    def environment(self, cell: Cell, work: Work, machine: Machine) -> dict[str, str]:
        """Threads, and the one card that is to be seen."""
        return for_torch(cell, work, machine)

    @contextmanager
    def settings(self, cell: Cell, work: Work) -> Iterator[dict[str, Any]]:
        """The weights in the cell's precision, and the work."""
        with in_precision(self._folder, cell.subject.precision, cache_folder()) as folder:
            yield {
                "folder": str(folder), "device": cell.subject.device, "compile": work.compile,
                "text": work.text, "lang": work.lang, "steps": work.steps,
                "clip": work.clip, "clip_text": work.clip_text,
            }  # fmt: skip


def for_torch(cell: Cell, work: Work, machine: Machine) -> dict[str, str]:
    """Variables that tell torch its threads, and show it the one card of a cell."""
    chosen: dict[str, str] = {}
    if work.threads is not None:
        chosen |= dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS"), str(work.threads))
    if cell.gpu is not None:
        chosen |= visible(machine.gpus or [], cell.gpu)
    return chosen


def visible(gpus: list[Gpu], index: int) -> dict[str, str]:
    """What lets a program see one NVIDIA card of several alone; nothing where the user has
    already said which."""
    chosen = [number for number, gpu in enumerate(gpus) if gpu.vendor == "nvidia"]
    if index not in chosen or len(chosen) < 2 or "CUDA_VISIBLE_DEVICES" in os.environ:
        return {}
    return {
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": str(chosen.index(index)),
    }
