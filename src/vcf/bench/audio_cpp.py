"""audio.cpp's program with a GGUF file of VoxCPM2, as something to be measured."""

from __future__ import annotations

import json
import sys
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from ..errors import UsageError
from ..judge.subject import Subject
from ..machine.model import Machine
from ..plain import shown
from .architectures import architecture
from .cells import Cell
from .checkpoint import count_parameters
from .child_talk import command
from .engines import Engine, Work, visible
from .ggml import default_threads, precision
from .gguf import Gguf, read_gguf
from .gguf_voxcpm import SAME_SIZE, mode_end, patches_s
from .kit import Clip
from .kit_ggml import file_digest
from .programs import Examined, Known, examine
from .record import Weights, WeightsKind
from .snapshot_files import named
from .sources import Source, Told
from .vocabulary import tokenizer_files

RUNTIME = "voxcpm2-gguf"
"""In the catalogue."""
GUIDE = "docs/bench-programs.md"
AUDIOCPP_CLI = Known(
    runtime="audio.cpp",
    file="audiocpp_cli",
    options=("--family", "--threads", "--log", "--request-sequence", "--list-loaders"),
    build=GUIDE,
)
MODEL = "voxcpm-2"
"""The one model that can be measured in it."""
FAMILIES = {"voxcpm2": MODEL}
"""Models as its files name them."""
ENDS = ("q4", "q8", "f16")
"""Of modes that the catalogue has of it."""
INNER = "weights/"
"""How the names of the model's tensors begin; those of its AudioVAE begin otherwise."""
EMBEDDED = "audiocpp.embedded_files."


def parameters(file: Gguf) -> int:
    """Those of the model, its AudioVAE left out. The table holds short names where the true ones
    are too long for GGUF; those stand in a list of their own."""
    names = file.metadata.get("audiocpp.tensor_names")
    if not isinstance(names, list) or len(names) != len(file.tensors):
        names = list(file.tensors)
    pairs = zip(names, file.tensors.values(), strict=True)
    return sum(tensor.count for name, tensor in pairs if str(name).startswith(INNER))


def embedded(file: Gguf, name: str) -> bytes | None:
    """A small file that lies within; None: there is none such."""
    names, offsets, data = (
        file.metadata.get(EMBEDDED + part) for part in ("names", "offsets", "data")
    )
    try:
        at = names.index(name)  # type: ignore[union-attr]
        return bytes(data[offsets[at] : offsets[at + 1]])  # type: ignore[index]
    except (AttributeError, TypeError, ValueError, IndexError):
        return None


def random_numbers(file: Gguf) -> Literal["synthetic", "tiny"] | None:
    """Whether it was made from weights that vcf wrote, told by the tokenizer: in true size, or
    tiny; None: from others."""
    try:
        vocabulary = list(json.loads(embedded(file, "tokenizer.json") or b"")["model"]["vocab"])
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if not 5000 <= len(vocabulary) <= 2 * architecture(MODEL, "full").vocabulary:
        return None
    own = tokenizer_files(len(vocabulary))["tokenizer.json"]["model"]["vocab"]
    if vocabulary != list(own):
        return None
    return "synthetic" if true_size(file) else "tiny"


def true_size(file: Gguf) -> bool:
    """Whether it has as many parameters as the model."""
    return abs(parameters(file) / count_parameters(MODEL, "full").model - 1) <= SAME_SIZE


def backends(cell: Cell, machine: Machine) -> list[str]:
    """Those to be tried, in this order: a program is built with one or two of them, and says so
    only when it is to use one."""
    if cell.subject.device == "cpu":
        return ["cpu"]
    gpus = machine.gpus or []
    card = gpus[cell.gpu] if cell.gpu is not None and cell.gpu < len(gpus) else None
    vendor = None if card is None else card.vendor
    if vendor == "apple":
        return ["metal"]
    return ["cuda", "vulkan"] if vendor in (None, "nvidia") else ["vulkan"]


class AudioCpp:
    """The program ``audiocpp_cli``, driven by the Python that runs vcf."""

    name = "audio-cpp"

    def __init__(self, program: Examined, file: Gguf, weights: Weights, machine: Machine) -> None:
        self._program, self._file, self._machine = program, file, machine
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
            prefix="vcf-audio-cpp-", ignore_cleanup_errors=True
        ) as place:
            yield {
                "program": str(self._program.path), "versions": self._program.versions,
                "gguf": str(self._file.path.absolute()), "place": place,
                "device": cell.subject.device, "backends": backends(cell, self._machine),
                "threads": work.threads or default_threads(self._machine.cpu),
                "steps": work.steps, "text": work.text, "lang": work.lang, "streams": work.streams,
                "clip": None if work.clip is None else str(Path(work.clip).absolute()),
                "clip_text": work.clip_text,
                "patches_s": patches_s(MODEL),
                "precision": precision(self._file), "parameters": parameters(self._file),
            }  # fmt: skip


class AudioCppKit:
    """One file in one program: VoxCPM2 in one precision."""

    name = AudioCpp.name
    takes = frozenset({"steps", "clip", "stream"})
    also: frozenset[str] = frozenset()
    models = (MODEL,)

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
        self._program = examine(program, AUDIOCPP_CLI)
        self._file = read_gguf(gguf)
        _check_model(self._file, asked)
        self._end = mode_end(self._file)
        if self._end not in ENDS:
            raise UsageError(
                f"{named(gguf)} is in {self._file.quantisation}, of which vcf knows nothing "
                "in audio.cpp",
                "convert it with --type f16, bf16, q8_0 or q4_k",
            )
        self.usual: str | None = f"gguf-cpu-{self._end}"
        self._kind = self._kind_of(weights)

    def _kind_of(self, wish: str | None) -> WeightsKind:
        found = random_numbers(self._file)
        if wish is None or wish == found:
            return found or "path"
        if wish == "synthetic" and found is None:
            if true_size(self._file):
                return "synthetic"
            raise UsageError(
                f"{named(self._file.path)} is not of the true size of {MODEL}",
                "random numbers in other sizes say nothing of the model",
            )
        raise UsageError(
            f"--weights {shown(wish)} means nothing here: the file is {named(self._file.path)}",
            "leave it out; or --weights synthetic for a file of random numbers",
        )

    def runs(self, subject: Subject) -> bool:
        """The modes of the file's precision, on processor and card."""
        return (
            subject.model_id == MODEL
            and subject.mode.runtime == RUNTIME
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
        """It takes a clip alone, as VoxCPM2 does."""
        return False

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
        return AudioCpp(self._program, self._file, weights, self.machine)


def _check_model(file: Gguf, asked: Sequence[str]) -> None:
    family = file.text("audiocpp.model_spec.family")
    if not family:
        raise UsageError(
            f"{named(file.path)} holds no model that audio.cpp's converter wrote",
            f"take a file of audio.cpp's, or make one: {GUIDE}",
        )
    if family not in FAMILIES:
        raise UsageError(
            f"{named(file.path)} holds {shown(family, 40)}, which vcf can't measure in audio.cpp",
            f"it measures {MODEL}; {GUIDE} says why nothing else",
        )
    others = [name for name in asked if name.lower() != FAMILIES[family]]
    if others:
        raise UsageError(
            f"{named(file.path)} holds {MODEL}, asked was {shown(others[0])}",
            f"--model {MODEL}, or name another file",
        )
