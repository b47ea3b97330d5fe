"""Writes a checkpoint of VoxCPM's true architecture with random weights.

For timing and memory on a machine without the download, and for tests: the voxcpm package loads
it as it loads the published one, and does the same work with it. What comes out is noise.

The true checkpoints of 0.5B and of all AudioVAEs are PyTorch pickles; here everything is
safetensors, which voxcpm 2.0.3 prefers (1.0.5 reads pickles only, so not these).
"""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any, get_args

import msgspec

from ..drafts import left_behind
from ..errors import OutputError, UsageError
from ..units import gib
from .architectures import Architecture, Dtype, Size, architecture, config_json
from .tensors import Tensor, model_tensors, vae_tensors
from .vocabulary import tokenizer_files
from .weights import file_bytes, write_weights

MARKER = "vcf-synthetic.json"
"""Stands in every such folder, and in no other: records made with one are synthetic."""

VERSION = 1
"""Rises when the same arguments make other files."""

SPARE_BYTES = 64 << 20
"""Must stay free on the disk."""


class Checkpoint(msgspec.Struct, frozen=True, kw_only=True):
    """What stands in a folder that write_checkpoint made; all but ``folder`` is its marker."""

    folder: Path
    model: str
    size: Size
    dtype: Dtype
    seed: int
    version: int
    parameters: int
    """Without the AudioVAE."""
    vae_parameters: int
    sample_rate_hz: int
    """Of the audio it makes."""
    patches_s: float
    """Steps of the LM in a second of audio."""
    files: dict[str, int]
    """Name → bytes."""


class Count(msgspec.Struct, frozen=True):
    """Parameters of an architecture."""

    model: int
    """Without the AudioVAE."""
    vae: int


def count_parameters(model: str, size: Size) -> Count:
    """How many parameters a checkpoint would have; writes nothing and needs no torch.

    Raises UsageError: no such model or size.
    """
    arch = architecture(model, size)
    return Count(_count(model_tensors(arch)), _count(vae_tensors(arch)))


def weight_bytes(model: str, size: Size, dtype: Dtype = "bfloat16") -> int:
    """Bytes of the weight files that write_checkpoint makes. Raises UsageError as it does."""
    kinds = _weights(architecture(model, size), dtype).values()
    return sum(file_bytes(tensors, kind) for tensors, kind in kinds)


def write_checkpoint(
    folder: Path,
    model: str,
    size: Size,
    *,
    dtype: Dtype = "bfloat16",
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
) -> Checkpoint:
    """Write the checkpoint to ``folder``, whole or not at all.

    A folder that holds the very same one is left as it is; another synthetic one is replaced;
    anything else is refused. ``progress`` is called with the bytes written and all bytes.
    Raises UsageError: no such model, size or dtype; OutputError: something else stands there,
    the disk is short or fails; ImportError: no numpy.
    """
    if dtype not in get_args(Dtype):
        raise UsageError(f"no dtype {dtype!r}", "known: " + ", ".join(get_args(Dtype)))
    arch = architecture(model, size)
    texts = _texts(arch, dtype)
    wanted = _plan(folder, model, size, dtype, seed, texts)
    if _may_replace(folder) == wanted:
        return wanted
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        _sweep(folder)
        _check_space(folder, sum(wanted.files.values()))
        temporary = _beside(folder)
        try:
            _fill(temporary, arch, wanted, texts, progress)
            _put(temporary, folder)
        finally:  # also when the user interrupts; nothing is left there after _put
            shutil.rmtree(temporary, ignore_errors=True)
    except OSError as error:
        raise OutputError(f"{folder}: {error.strerror or error}", _hint(error)) from error
    return wanted


def read_checkpoint(folder: Path) -> Checkpoint | None:
    """What the marker in a folder says; None where there is none or files are not its own.

    A file whose size has changed (an edited config.json) is not its own any more.
    """
    try:
        known = json.loads((folder / MARKER).read_text(encoding="utf-8"))
        found = msgspec.convert({**known, "folder": str(folder)}, Checkpoint, dec_hook=_path)
        sizes = {name: (folder / name).stat().st_size for name in found.files}
    except (OSError, ValueError, TypeError, RecursionError, msgspec.ValidationError):
        return None
    return found if sizes == found.files else None


def _path(kind: type, value: Any) -> Any:
    return kind(value)


def _count(tensors: Any) -> int:
    return sum(tensor.count for tensor in tensors if tensor.trained)


def _texts(arch: Architecture, dtype: Dtype) -> dict[str, str]:
    """File name → content of all that is not weights."""
    documents = {"config.json": config_json(arch, dtype), **tokenizer_files(arch.vocabulary)}
    return {
        name: json.dumps(document, ensure_ascii=False, indent=None) + "\n"
        for name, document in documents.items()
    }


def _weights(arch: Architecture, dtype: Dtype) -> dict[str, tuple[list[Tensor], Dtype]]:
    """File name → tensors and their type; the AudioVAE is float32 always."""
    return {
        "model.safetensors": (list(model_tensors(arch)), dtype),
        "audiovae.safetensors": (list(vae_tensors(arch)), "float32"),
    }


def _plan(
    folder: Path, model: str, size: Size, dtype: Dtype, seed: int, texts: dict[str, str]
) -> Checkpoint:
    arch = architecture(model, size)
    count = count_parameters(model, size)
    files = {name: len(text.encode()) for name, text in texts.items()}
    for name, (tensors, kind) in _weights(arch, dtype).items():
        files[name] = file_bytes(tensors, kind)
    return Checkpoint(
        folder=folder,
        model=model,
        size=size,
        dtype=dtype,
        seed=seed,
        version=VERSION,
        parameters=count.model,
        vae_parameters=count.vae,
        sample_rate_hz=arch.vae.out_hz,
        patches_s=arch.patches_s,
        files=files,
    )


def _may_replace(folder: Path) -> Checkpoint | None:
    """What stands there, if it is a checkpoint as written.

    Raises OutputError: a file, or a folder with something in it and no marker.
    """
    if not folder.exists():
        return None
    if not folder.is_dir():
        raise OutputError(f"{folder} is a file", "name a folder that does not exist yet")
    if any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise OutputError(
            f"{folder} holds something else than a synthetic checkpoint",
            "name a folder that is empty or does not exist yet",
        )
    return read_checkpoint(folder)


def _check_space(folder: Path, needed: int) -> None:
    """Raises OutputError where the files would not fit. What is replaced goes only at the end."""
    free = shutil.disk_usage(folder.parent).free
    if free < needed + SPARE_BYTES:
        raise OutputError(
            f"{folder}: the checkpoint takes {gib(needed)}, and {gib(free)} are free",
            "free some space or name a folder on another disk",
        )


def _fill(
    folder: Path,
    arch: Architecture,
    wanted: Checkpoint,
    texts: dict[str, str],
    progress: Callable[[int, int], None] | None,
) -> None:
    total, done = sum(wanted.files.values()), 0

    def written(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, total)

    for name, text in texts.items():
        (folder / name).write_text(text, encoding="utf-8", newline="\n")
        written(wanted.files[name])
    for name, (tensors, kind) in _weights(arch, wanted.dtype).items():
        write_weights(
            folder / name,
            tensors,
            dtype=kind,
            seed=wanted.seed,
            bins=arch.vae.rate_bins,
            written=written,
        )
    marker = msgspec.to_builtins(wanted, enc_hook=str)
    del marker["folder"]
    (folder / MARKER).write_text(json.dumps(marker, indent=2) + "\n", encoding="utf-8")


def _sweep(folder: Path) -> None:
    """Gigabytes that a vcf which was killed has left."""
    for old in folder.parent.glob(f".{folder.name}.*.*"):
        if left_behind(old.name.split(".")[-2]):
            shutil.rmtree(old, ignore_errors=True)


def _beside(folder: Path) -> Path:
    """A new empty folder on the same disk, as open to others as any: mkdtemp's are not."""
    made = folder.parent / f".{folder.name}.{os.getpid()}.{secrets.token_hex(4)}"
    made.mkdir()
    return made


def _put(made: Path, folder: Path) -> None:
    """Rename into place; an old one steps aside first and is put back if that fails."""
    if not folder.exists():
        made.rename(folder)
        return
    aside = _beside(folder)
    try:
        folder.rename(aside / "old")
        try:
            made.rename(folder)
        except OSError:
            (aside / "old").rename(folder)
            raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)


def _hint(error: OSError) -> str:
    if error.errno == errno.ENOSPC:
        return "free some space or name a folder on another disk"
    return "name a folder that you may write to"
