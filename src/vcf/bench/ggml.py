"""Programs with a GGUF file, as the parent knows them; VoxCPM.cpp's."""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..machine.model import Cpu, Machine
from .cells import Cell
from .child_talk import command
from .engines import Work, visible
from .gguf import Gguf
from .gguf_voxcpm import MODE_OF, parameters, patches_s
from .programs import Examined
from .record import Weights

PRECISION = {"f32": "fp32", "f16": "fp16", "q8": "q8", "q4": "q4"}
"""Of a file, by the end of its mode."""


class GgufProgram:
    """A program with one file, driven by the Python that runs vcf."""

    name: str

    def __init__(
        self, program: Examined, file: Gguf, model: str, weights: Weights, machine: Machine
    ) -> None:
        self._program, self._file, self._model = program, file, model
        self._machine = machine
        self.weights = weights

    def command(self) -> list[str]:
        """The measuring program in our own Python."""
        return command(sys.executable, self.name)

    def environment(self, cell: Cell, work: Work, machine: Machine) -> dict[str, str]:
        """The one card that is to be seen; the threads are told to the program itself."""
        return {} if cell.gpu is None else visible(machine.gpus or [], cell.gpu)

    @contextmanager
    def settings(self, cell: Cell, work: Work) -> Iterator[dict[str, Any]]:
        """The program, the file and the work, and a folder that is removed afterwards, however
        the child ends."""
        with tempfile.TemporaryDirectory(
            prefix=f"vcf-{self.name}-", ignore_cleanup_errors=True
        ) as place:
            yield {
                "program": str(self._program.path), "versions": self._program.versions,
                "gguf": str(self._file.path.absolute()), "place": place,
                "device": cell.subject.device,
                "threads": work.threads or default_threads(self._machine.cpu),
                "steps": work.steps, "text": work.text, "lang": work.lang, "streams": work.streams,
                "clip": None if work.clip is None else str(Path(work.clip).absolute()),
                "clip_text": work.clip_text, "patches_s": patches_s(self._model),
                "precision": precision(self._file), **self.own_settings(cell),
            }  # fmt: skip

    def own_settings(self, cell: Cell) -> dict[str, Any]:
        """What only this program wants."""
        raise NotImplementedError


class VoxcpmCpp(GgufProgram):
    """The program ``voxcpm_tts``."""

    name = "voxcpm-cpp"

    def own_settings(self, cell: Cell) -> dict[str, Any]:
        """Its backend, and the file's parameters."""
        return {"backend": backend(cell, self._machine), "parameters": parameters(self._file)}


def precision(file: Gguf) -> str:
    """As records name it; BF16 runs in the modes of F16, but is not that."""
    found = file.quantisation
    return "bf16" if found == "BF16" else PRECISION[MODE_OF[found]]


def backend(cell: Cell, machine: Machine) -> str:
    """CUDA for NVIDIA's cards, Vulkan for others."""
    if cell.subject.device == "cpu":
        return "cpu"
    gpus = machine.gpus or []
    card = gpus[cell.gpu] if cell.gpu is not None and cell.gpu < len(gpus) else None
    nvidia = card is None or card.vendor in (None, "nvidia")
    return "cuda" if nvidia else "vulkan"


def default_threads(cpu: Cpu) -> int:
    """One for each core that may be used: two on one core only wait for each other, and more than
    there are wait for ever."""
    usable = cpu.usable_cores or cpu.logical_cores
    counts = [count for count in (cpu.physical_cores, usable) if count]
    return max(1, min(counts)) if counts else 4
