"""VoxCPM.cpp's program with a GGUF file, as something to be measured."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from ..errors import UsageError
from ..judge.subject import Subject
from ..machine.model import Machine
from ..plain import shown
from .cells import Cell
from .engines import Engine
from .ggml import GgufProgram, VoxcpmCpp
from .gguf import Gguf, read_gguf
from .gguf_voxcpm import mode_end, model_of, random_numbers, true_size
from .kit import Clip
from .programs import Examined, Known, examine
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


class GgufKit:
    """One file in one program: one model in one precision."""

    name: str
    takes = frozenset({"steps", "clip", "stream"})
    also: frozenset[str] = frozenset()
    runtime: ClassVar[str]
    """Of the catalogue."""
    engine: ClassVar[type[GgufProgram]]

    def __init__(
        self, program: Examined, file: Gguf, model: str, weights: str | None, machine: Machine
    ) -> None:
        """``weights``: as the user said it; ``synthetic`` means that the file holds random
        numbers. Raises UsageError: it does not."""
        self.machine, self.models = machine, (model,)
        self._program, self._file, self._model = program, file, model
        self._end = mode_end(file)
        self.usual: str | None = f"gguf-cpu-{self._end}"
        self._kind = self._kind_of(weights)

    @property
    def file(self) -> Path:
        """Of the weights."""
        return self._file.path

    def random_numbers(self) -> WeightsKind | None:
        """Whether the file was made from weights that vcf wrote, and of which size."""
        raise NotImplementedError

    def true_size(self) -> bool:
        """Whether the file has as many parameters as the model."""
        raise NotImplementedError

    def _kind_of(self, wish: str | None) -> WeightsKind:
        found = self.random_numbers()
        if wish is None or wish == found:
            return found or "path"
        if wish == "synthetic" and found is None:
            if self.true_size():
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
        return (
            subject.model_id == self._model
            and subject.mode.runtime == self.runtime
            and subject.mode_id in (f"gguf-cpu-{self._end}", f"gguf-gpu-{self._end}")
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
        """Only VoxCPM2 takes a clip alone."""
        return model != "voxcpm-2"

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
        return self.engine(self._program, self._file, self._model, weights, self.machine)


class GgmlKit(GgufKit):
    """A file in VoxCPM.cpp."""

    name = VoxcpmCpp.name
    runtime = RUNTIME
    engine = VoxcpmCpp

    def __init__(
        self,
        program: Path | Examined,
        gguf: Path,
        weights: str | None,
        machine: Machine,
        asked: Sequence[str] = (),
    ) -> None:
        """``asked``: models that the user named. Raises UsageError: of the program or the file."""
        there = program if isinstance(program, Examined) else examine(program, VOXCPM_TTS)
        file = read_gguf(gguf)
        model = model_of(file)
        _check_model(gguf, model, asked)
        assert model is not None
        super().__init__(there, file, model, weights, machine)

    def random_numbers(self) -> WeightsKind | None:
        """By the tokenizer."""
        return random_numbers(self._file, self._model)

    def true_size(self) -> bool:
        """By the table."""
        return true_size(self._file, self._model)


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
