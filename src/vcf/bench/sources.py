"""Weights for a measurement: a folder of somebody's, the hub's, or random numbers written here."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import msgspec

from ..catalogue.model import Model
from ..errors import UsageError
from ..paths import expanded
from .architectures import Size
from .checkpoint import MARKER, read_checkpoint
from .places import cache_folder
from .record import Weights, WeightsKind
from .snapshots import Snapshot, cached, digest, examine

Told = Callable[[str, int, int], None]
"""Told what is done (``write``, ``download``, ``read``), bytes done and bytes in all."""
WORDS = ("hub", "synthetic", "tiny")


class Loaded(msgspec.Struct, frozen=True, kw_only=True):
    """Weights that lie ready."""

    folder: Path
    weights: Weights


class Source(msgspec.Struct, frozen=True, kw_only=True):
    """Where weights will come from; nothing is written or fetched yet."""

    kind: WeightsKind
    folder: Path | None
    """Where they lie or will be written; None: to be downloaded."""
    repo: str
    ready: bool
    """They need not be made or fetched."""
    origin: str = ""
    """``huggingface``, ``modelscope``, ``path``."""
    write_bytes: int | None = None
    """That would be written, where that is known; None: by the shapes of the model, or not."""


def choose(wish: str | None, model_id: str, model: Model) -> Source:
    """The source that ``--weights`` means; without it the cache of a hub where it has them, else
    random numbers. Raises UsageError: a folder that can't be loaded."""
    repo = model.hf_id
    if wish in ("synthetic", "tiny"):
        return _written("tiny" if wish == "tiny" else "synthetic", model_id, repo)
    if wish is None or wish == "hub":
        found = cached(repo, model_id)
        if found is not None:
            return _of_snapshot(found, "hub", repo)
        if wish is None:
            return _written("synthetic", model_id, repo)
        return Source(kind="hub", folder=None, repo=repo, ready=False)
    if not wish.strip():
        raise UsageError("--weights is empty", "a folder, or " + ", ".join(WORDS))
    folder = expanded(wish, "--weights")
    return _of_snapshot(examine(folder, model_id), _kind_of(folder), repo)


def _kind_of(folder: Path) -> WeightsKind:
    """Random numbers that vcf wrote are that wherever they lie."""
    marker = folder / MARKER
    if not marker.is_file():
        return "path"
    known = read_checkpoint(folder)
    text = known.size if known is not None else marker.read_text("utf-8", errors="replace")
    return "tiny" if "tiny" in text else "synthetic"


def _of_snapshot(found: Snapshot, kind: WeightsKind, repo: str) -> Source:
    return Source(kind=kind, folder=found.folder, repo=repo, ready=True, origin=found.origin)


def _written(kind: WeightsKind, model_id: str, repo: str) -> Source:
    folder = cache_folder() / "weights" / f"{model_id}-{kind}"
    known = read_checkpoint(folder) if folder.is_dir() else None
    return Source(kind=kind, folder=folder, repo=repo, ready=known is not None)


def size_of(kind: WeightsKind) -> Size:
    """Of a checkpoint that is written."""
    return "tiny" if kind == "tiny" else "full"


def make_ready(source: Source, model_id: str, python: str, told: Told) -> Loaded:
    """Write or download what is not there, and read all of it once: for its SHA-256, and so that
    loading finds it in memory as far as there is room.

    Raises OutputError: disk full …; UsageError: damaged files, no numpy; hub.DownloadError.
    """
    if source.folder is None:
        from .hub import download

        found = download(
            python, source.repo, model_id,
            progress=lambda done, total: told("download", done, total),
        )  # fmt: skip
    elif source.kind in ("synthetic", "tiny") and source.origin != "path":
        _write(source, model_id, told)
        found = examine(source.folder, model_id)
    else:
        found = examine(source.folder, model_id)
        if source.kind == "hub":
            found = cached(source.repo, model_id) or found
    sha256, size = digest(found, lambda done, total: told("read", done, total))
    return Loaded(
        folder=found.folder,
        weights=Weights(
            kind=source.kind,
            repo=source.repo if source.kind == "hub" else None,
            revision=found.revision,
            sha256=sha256,
            size_bytes=size,
        ),
    )


def _write(source: Source, model_id: str, told: Told) -> None:
    from .checkpoint import write_checkpoint

    assert source.folder is not None
    try:
        write_checkpoint(
            source.folder, model_id, size_of(source.kind),
            progress=lambda done, total: told("write", done, total),
        )  # fmt: skip
    except ImportError:
        raise UsageError(
            "writing random weights needs numpy beside vcf",
            "pip install numpy; or name real weights: --weights PATH",
        ) from None
