"""audio.cpp's program with a GGUF file of VoxCPM2, as something to be measured."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from ..errors import UsageError
from ..machine.model import Machine
from ..plain import shown
from .architectures import architecture
from .cells import Cell
from .checkpoint import count_parameters
from .ggml import GgufProgram
from .gguf import Gguf, read_gguf
from .gguf_voxcpm import SAME_SIZE, mode_end
from .kit_ggml import GgufKit
from .programs import Examined, Known, examine
from .record import WeightsKind
from .snapshot_files import named
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


class AudioCpp(GgufProgram):
    """The program ``audiocpp_cli``."""

    name = "audio-cpp"

    def own_settings(self, cell: Cell) -> dict[str, Any]:
        """Backends to be tried, and the file's parameters."""
        return {"backends": backends(cell, self._machine), "parameters": parameters(self._file)}


class AudioCppKit(GgufKit):
    """A file of VoxCPM2 in audio.cpp."""

    name = AudioCpp.name
    runtime = RUNTIME
    engine = AudioCpp

    def __init__(
        self,
        program: Path | Examined,
        gguf: Path,
        weights: str | None,
        machine: Machine,
        asked: Sequence[str] = (),
    ) -> None:
        """``asked``: models that the user named. Raises UsageError: of the program or the file."""
        there = program if isinstance(program, Examined) else examine(program, AUDIOCPP_CLI)
        file = read_gguf(gguf)
        _check_model(file, asked)
        if mode_end(file) not in ENDS:
            raise UsageError(
                f"{named(gguf)} is in {file.quantisation}, of which vcf knows nothing in audio.cpp",
                "convert it with --type f16, bf16, q8_0 or q4_k",
            )
        super().__init__(there, file, MODEL, weights, machine)

    def random_numbers(self) -> WeightsKind | None:
        """By the tokenizer."""
        return random_numbers(self._file)

    def true_size(self) -> bool:
        """By the table."""
        return true_size(self._file)


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
