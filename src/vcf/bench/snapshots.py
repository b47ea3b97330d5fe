"""Folders with the files of a VoxCPM model: whether they are complete, where the caches of
Hugging Face and ModelScope keep them, and what exactly was loaded.

Nothing of torch, voxcpm or huggingface_hub is needed here.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..errors import UsageError
from .architectures import MODELS, Architecture, architecture
from .caches import Origin, hub_cache, huggingface, modelscope, modelscope_cache
from .snapshot_files import (
    AGAIN,
    Shapes,
    check_weights,
    file_size,
    named,
    read_object,
    unreadable,
)

CONFIG = "config.json"
MODEL_FILES = ("model.safetensors", "pytorch_model.bin")
"""voxcpm 2.0.3 loads the first that is there; several files of one model it does not know."""
VAE_FILES = ("audiovae.safetensors", "audiovae.pth")
"""As MODEL_FILES, of the AudioVAE."""
TOKENIZER_FILES = ("tokenizer.json", "tokenizer.model")
"""One of them is needed."""
NEEDED: Mapping[str, tuple[str, ...]] = {
    "lm_config": (
        "bos_token_id", "eos_token_id", "hidden_size", "intermediate_size",
        "max_position_embeddings", "num_attention_heads", "num_hidden_layers",
        "num_key_value_heads", "rms_norm_eps", "rope_scaling", "vocab_size", "scale_emb",
        "dim_model_base", "scale_depth", "rope_theta",
    ),
    "encoder_config": (),
    "dit_config": ("cfm_config",),
}  # fmt: skip
"""Parts of config.json without which the package does not load, and what they must hold."""
PATCH = {"voxcpm": 2, "voxcpm2": 4}
"""``patch_size`` where config.json leaves it out."""
RATE_HZ = 16000
"""``sample_rate`` of the AudioVAE where config.json leaves it out."""
SHA256 = re.compile(r"[0-9a-f]{64}")
BLOCK = 4 << 20


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """A folder that voxcpm can load a model from."""

    folder: Path
    origin: Origin
    """Who keeps it: the user, or a cache."""
    repo: str | None = None
    """Model id, of those in a cache."""
    revision: str | None = None
    """Commit on Hugging Face, branch or tag on ModelScope."""
    weight_files: tuple[Path, ...]
    """Those that are loaded: of the model, of the AudioVAE."""


def examine(folder: Path, model: str) -> Snapshot:
    """Look at a folder as voxcpm 2.0.3 loads it; of the weights only size and tables are read.

    Raises UsageError: a file is missing or damaged, or it is another model.
    """
    asked = architecture(model, "full")
    place = Path(os.path.expanduser(folder))  # noqa: PTH111  (never raises)
    _check_folder(place)
    config = read_object(place / CONFIG)
    _check_model(place, config, asked, model)
    _check_fields(place, config)
    _check_tokenizer(place)
    weights, vae = _first(place, MODEL_FILES), _first(place, VAE_FILES)
    shapes = check_weights(weights)
    check_weights(vae)
    if shapes is not None:
        _check_shapes(weights, shapes, config["lm_config"])
    return Snapshot(folder=place, origin="path", weight_files=(weights, vae))


def _check_folder(place: Path) -> None:
    try:
        names = os.listdir(place)
    except NotADirectoryError:
        hint = f"name the folder that it lies in: {named(place.parent)}"
        raise UsageError(f"{named(place)} is a file", hint) from None
    except FileNotFoundError:
        raise UsageError(f"{named(place)} does not exist", "check the path") from None
    except (OSError, ValueError) as error:
        raise unreadable(place, error) from None
    if CONFIG not in names:
        hint = "name the folder with config.json and the weights, or use --weights hub"
        if "snapshots" in names:
            hint = f"name one of the folders in {named(place / 'snapshots')}"
        what = f"has no {CONFIG}" if names else "is empty"
        raise UsageError(f"{named(place)} {what}", hint)


def _check_model(place: Path, config: Mapping[str, Any], asked: Architecture, model: str) -> None:
    found = _features(config)
    if found == (asked.kind, asked.patch, asked.vae.rate_hz):
        return
    for other in MODELS:
        known = architecture(other, "full")
        if found == (known.kind, known.patch, known.vae.rate_hz):
            raise UsageError(
                f"{named(place)} holds {other}, asked was {model}",
                f"--model {other} measures it; or name a folder with {model}",
            )
    kind, patch, rate = found
    raise UsageError(
        f"{named(place / CONFIG)} describes no VoxCPM that vcf knows: "
        f"architecture {kind!r}, patch_size {patch!r}, sample_rate {rate!r}",
        f"name a folder with {model}, or use --weights hub",
    )


def _features(config: Mapping[str, Any]) -> tuple[object, object, object]:
    """What tells the models apart: architecture, patch size, rate of the audio read."""
    kind = str(config.get("architecture", "voxcpm")).lower()[:60]
    vae = config.get("audio_vae_config")
    rate = vae.get("sample_rate", RATE_HZ) if isinstance(vae, dict) else RATE_HZ
    return kind, config.get("patch_size", PATCH.get(kind)), rate


def _check_fields(place: Path, config: Mapping[str, Any]) -> None:
    for part, fields in NEEDED.items():
        found = config.get(part)
        if not isinstance(found, dict):
            raise UsageError(f"{named(place / CONFIG)} has no {part}", AGAIN)
        missing = [field for field in fields if found.get(field) is None]
        if missing:
            what = ", ".join(f"{part}.{field}" for field in missing)
            raise UsageError(f"{named(place / CONFIG)} has no {what}", AGAIN)


def _check_tokenizer(place: Path) -> None:
    tokenizer = _first(place, TOKENIZER_FILES)
    if tokenizer.suffix == ".json":
        if "model" not in read_object(tokenizer):
            raise UsageError(f"{named(tokenizer)} holds no tokenizer", AGAIN)
    elif not file_size(tokenizer):
        raise UsageError(f"{named(tokenizer)} is empty", AGAIN)
    config = place / "tokenizer_config.json"
    if os.path.lexists(config):
        read_object(config)


def _first(place: Path, names: tuple[str, ...]) -> Path:
    """The first of the files that is there. Raises UsageError: none."""
    for name in names:
        if os.path.exists(place / name):  # noqa: PTH110  (never raises)
            return place / name
        if os.path.lexists(place / name):
            file_size(place / name)  # says what is wrong with the link
    if os.path.lexists(place / f"{names[0]}.index.json"):
        raise UsageError(
            f"{named(place)} holds the model in several files, which voxcpm does not load",
            f"join them into {names[0]}, or use --weights hub",
        )
    raise UsageError(f"{named(place)} has no {' and no '.join(names)}", AGAIN)


def _check_shapes(weights: Path, shapes: Shapes, lm: Mapping[str, Any]) -> None:
    """The package does not mind tensors that are missing: random numbers then take their place."""
    wanted = (lm["vocab_size"], lm["hidden_size"])
    found = shapes.get("base_lm.embed_tokens.weight")
    layers = {name.split(".")[2] for name in shapes if name.startswith("base_lm.layers.")}
    if found != wanted or len(layers) != lm["num_hidden_layers"]:
        raise UsageError(
            f"{named(weights)} does not belong to the config.json beside it: other tensors",
            "take all files from one repository, or use --weights hub",
        )


def cached(repo: str, model: str, environ: Mapping[str, str] = os.environ) -> Snapshot | None:
    """A complete snapshot of ``repo`` (``openbmb/VoxCPM2``) in the cache of Hugging Face, else of
    ModelScope. None: there is none; incomplete and damaged ones do not count.

    Raises UsageError: no such model.
    """
    architecture(model, "full")
    owner, _, name = repo.partition("/")
    for folder, origin, revision in (
        *huggingface(hub_cache(environ), owner, name),
        *modelscope(modelscope_cache(environ), owner, name),
    ):
        try:
            found = examine(folder, model)
        except UsageError:
            continue
        return msgspec.structs.replace(found, origin=origin, repo=repo, revision=revision)
    return None


def digest(
    snapshot: Snapshot, progress: Callable[[int, int], None] | None = None
) -> tuple[str, int]:
    """SHA-256 over name, size and SHA-256 of each weight file, and their bytes. Every file is
    read once, so it lies in the page cache afterwards. ``progress`` is told the bytes read and
    all bytes.

    Raises UsageError: a file can't be read, or its content is not the one that it is named after
    in the cache of Hugging Face.
    """
    whole = hashlib.sha256()
    total = sum(file_size(file) for file in snapshot.weight_files)
    done = 0

    def read(count: int) -> None:
        nonlocal done
        done += count
        if progress is not None:
            progress(done, total)

    for file in sorted(snapshot.weight_files, key=lambda file: file.name):
        before = done
        found = _sha256(file, read)
        blob = blob_of(file)
        if blob is not None and SHA256.fullmatch(blob.name) and blob.name != found:
            raise UsageError(
                f"damaged: {named(blob)} is not what was downloaded ({file.name})",
                "delete that file and download it again: --weights hub",
            )
        whole.update(f"{file.name} {done - before} {found}\n".encode())
    return whole.hexdigest(), done


def _sha256(file: Path, read: Callable[[int], None]) -> str:
    hashed = hashlib.sha256()
    try:
        with file.open("rb", buffering=0) as stream:
            while block := stream.read(BLOCK):
                hashed.update(block)
                read(len(block))
    except OSError as error:
        raise unreadable(file, error) from None
    return hashed.hexdigest()


def blob_of(file: Path) -> Path | None:
    """What a link in a snapshot of Hugging Face's cache points to; None: it is no such link.

    Only the first link counts: behind it may be another one, to a store that all models share,
    and names there are no SHA-256.
    """
    try:
        target = file.parent / file.readlink()
    except (OSError, ValueError):
        return None
    blob = Path(os.path.normpath(target))
    return blob if blob.parent.name == "blobs" else None
