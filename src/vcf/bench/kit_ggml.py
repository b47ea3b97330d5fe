"""VoxCPM.cpp's program with a GGUF file, as something to be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

from ..errors import UsageError
from ..judge.subject import Subject
from ..machine.model import Machine
from ..plain import shown
from .cells import Cell
from .engines import Engine
from .ggml import VoxcpmCpp
from .gguf import read_gguf
from .gguf_voxcpm import mode_end, model_of, random_numbers, true_size
from .kit import Clip
from .programs import Known, examine
from .record import Weights, WeightsKind
from .snapshot_files import named, unreadable
from .sources import Source, Told

RUNTIME = "voxcpm-cpp"
"""In the catalogue."""
VOXCPM_TTS = Known(
    runtime="voxcpm.cpp",
    file="voxcpm_tts",
    options=("--model-path", "--inference-timesteps", "--backend", "--threads", "--stream-dir"),
    build="docs/bench-gguf.md",
)
MODELS = ("voxcpm-0.5b", "voxcpm-1.5")
"""That the program knows."""
BLOCK = 4 << 20


class GgmlKit:
    """One file in one program: one model in one precision."""

    name = VoxcpmCpp.name
    takes = frozenset({"steps", "clip", "stream"})
    also: frozenset[str] = frozenset()

    def __init__(
        self,
        program: Path,
        gguf: Path,
        weights: str | None,
        machine: Machine,
        asked: Sequence[str] = (),
    ) -> None:
        """``weights``: as the user said it; ``synthetic`` means that the file holds random
        numbers. ``asked``: models that the user named.

        Raises UsageError: of the program or the file.
        """
        self.machine = machine
        self._program = examine(program, VOXCPM_TTS)
        self._file = read_gguf(gguf)
        model = model_of(self._file)
        _check_model(gguf, model, asked)
        assert model is not None
        self._model, self._end = model, mode_end(self._file)
        self.models = (model,)
        self.usual: str | None = f"gguf-cpu-{self._end}"
        self._kind = self._kind_of(weights)

    def _kind_of(self, wish: str | None) -> WeightsKind:
        found = random_numbers(self._file, self._model)
        if wish is None or wish == found:
            return found or "path"
        if wish == "synthetic" and found is None:
            if true_size(self._file, self._model):
                return "synthetic"
            raise UsageError(
                f"{named(self._file.path)} is not of the true size of {self._model}",
                "random numbers in other sizes say nothing of the model",
            )
        raise UsageError(
            f"--weights {shown(wish)} means nothing here: the file is {named(self._file.path)}",
            "leave it out; or --weights synthetic for a file of random numbers",
        )

    def runs(self, subject: Subject) -> bool:
        """The modes of the file's model and precision, on processor and card."""
        ends = (f"gguf-cpu-{self._end}", f"gguf-gpu-{self._end}")
        return (
            subject.model_id == self._model
            and subject.mode.runtime == RUNTIME
            and subject.mode_id in ends
        )

    def source(self, model: str) -> Source:
        """The file."""
        return Source(
            kind=self._kind, folder=self._file.path.parent, repo="", ready=True, origin="path"
        )

    def clip(self, model: str) -> Clip | None:
        """None is needed."""
        return None

    def wants_words(self, model: str) -> bool:
        """The program takes a clip with its words only."""
        return True

    def missing(self, cell: Cell) -> UsageError | None:
        """Nothing: program and file were looked at when this was made."""
        return None

    def ready(self, model: str, told: Told) -> Engine:
        """The engine; the file is read once: for its SHA-256, and so that it lies in memory.
        Raises UsageError: it can't be read, or was changed meanwhile."""
        sha256, size = file_digest(self._file.path, self._file.size_bytes, told)
        weights = Weights(
            kind=self._kind, sha256=sha256, size_bytes=size, quantisation=self._file.quantisation
        )
        return VoxcpmCpp(self._program, self._file, self._model, weights, self.machine)


def _check_model(path: Path, model: str | None, asked: Sequence[str]) -> None:
    if model is None:
        raise UsageError(
            f"{named(path)} holds no VoxCPM that VoxCPM.cpp wrote",
            "take a file of bluryar/VoxCPM-GGUF, or make one: docs/bench-gguf.md",
        )
    if model not in MODELS:
        raise UsageError(
            f"{named(path)} holds {model}, which VoxCPM.cpp does not run",
            "it runs " + " and ".join(MODELS),
        )
    others = [name for name in asked if name.lower() != model]
    if others:
        raise UsageError(
            f"{named(path)} holds {model}, asked was {shown(others[0])}",
            f"--model {model}, or name another file",
        )


def file_digest(path: Path, total: int, told: Told) -> tuple[str, int]:
    """SHA-256 of a file and its bytes. Raises UsageError: unreadable, or not of ``total`` bytes."""
    hashed, done = hashlib.sha256(), 0
    try:
        with path.open("rb", buffering=0) as stream:
            while block := stream.read(BLOCK):
                hashed.update(block)
                done += len(block)
                told("read", done, total)
    except OSError as error:
        raise unreadable(path, error) from None
    if done != total:
        raise UsageError(f"{named(path)} was changed meanwhile", "try again")
    return hashed.hexdigest(), done
