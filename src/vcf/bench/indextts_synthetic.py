"""Random weights of IndexTTS in a folder of vcf's own, whole or not at all.

The checkout's own modules are built by its interpreter (``child/indextts_weights.py``); config and
tokenizer are written here. Nothing in the checkout is touched.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec

from ..drafts import left_behind
from ..errors import MeasureError, OutputError, UsageError
from ..units import gib
from . import indextts_config
from .checkout import Checkout, file_names, models_folder, read_config
from .checkpoint import MARKER, SPARE_BYTES
from .child_talk import environment
from .conversation import Conversation
from .indextts_config import Version
from .indextts_vocabulary import TIKTOKEN, bpe_model, tiktoken_file
from .places import cache_folder

SCRIPT = Path(__file__).with_name("child") / "indextts_weights.py"
SECONDS = 3600.0
"""For all of them: gigabytes on a slow disk."""
VERSION = 1
"""Rises when the same checkout makes other files."""
BYTES = {"2.5": 6_680_000_000, "2": 6_880_000_000}
"""Of all files, about."""


class Written(msgspec.Struct, frozen=True, kw_only=True):
    """What the marker in such a folder says."""

    model: str
    size: str
    """``full``."""
    version: int
    checkout: str
    """Version and commit of the code that made them."""
    files: dict[str, int]
    """Path → bytes, of all but the marker."""
    weights: list[str]
    """Those that hold tensors."""


def place(model: str) -> Path:
    """Where they lie or will lie."""
    return cache_folder() / "weights" / f"{model}-synthetic"


def read_written(folder: Path) -> Written | None:
    """What the marker says; None where there is none or files are not its own."""
    try:
        found = msgspec.json.decode((folder / MARKER).read_bytes(), type=Written)
        sizes = {name: (folder / name).stat().st_size for name in found.files}
    except (OSError, ValueError, msgspec.ValidationError):
        return None
    return found if sizes == found.files and found.version == VERSION else None


def write(checkout: Checkout, model: str, told: Callable[[int, int], None]) -> Written:
    """Write them, unless they are there. ``told``: bytes written, bytes in all.

    Raises OutputError: the disk is short or fails, something else stands there; MeasureError: the
    checkout's modules can't be built; UsageError: its Python can't be started.
    """
    folder = place(model)
    there = read_written(folder)
    if there is not None and there.model == model:
        return there
    if folder.exists() and any(folder.iterdir()) and not (folder / MARKER).is_file():
        raise OutputError(f"{folder} holds something else", "move it away")
    text, said = _config(checkout)
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        part = _part(folder, checkout.version)
        try:
            files = _texts(part, text, said, checkout.version)
            weights = _weights(checkout, part, said, told)
            made = Written(
                model=model, size="full", version=VERSION, checkout=checkout.told,
                files=_sizes(part), weights=weights,
            )  # fmt: skip
            assert set(files) <= set(made.files)
            (part / MARKER).write_bytes(msgspec.json.format(msgspec.json.encode(made)))
            if folder.exists():
                shutil.rmtree(folder)
            part.rename(folder)
        finally:  # also when the user interrupts; nothing is left there after the renaming
            shutil.rmtree(part, ignore_errors=True)
    except OSError as error:
        raise OutputError(
            f"{folder}: {error.strerror or error}", "VCF_CACHE_DIR=FOLDER names another place"
        ) from error
    return made


def _config(checkout: Checkout) -> tuple[str, dict[str, Any]]:
    """The text of config.yaml and what it says: the user's, where there is one."""
    try:
        own = models_folder(checkout)
        said = read_config(own)
        file_names(own, said, checkout.version)
        return (own / "config.yaml").read_text(encoding="utf-8"), said
    except (UsageError, OSError):
        import yaml

        said = indextts_config.config(checkout.version)
        return yaml.safe_dump(said, sort_keys=False), said


def _part(folder: Path, version: Version) -> Path:
    """A new folder beside, after what a vcf that was killed has left is gone. Raises OutputError:
    too little room."""
    for old in folder.parent.glob(f".{folder.name}.*.part"):
        if left_behind(old.name.split(".")[-2]) or old.name.split(".")[-2] == str(os.getpid()):
            shutil.rmtree(old, ignore_errors=True)
    free = shutil.disk_usage(folder.parent).free
    if free < BYTES[version] + SPARE_BYTES:
        raise OutputError(
            f"{folder}: random weights take {gib(BYTES[version])}, and {gib(free)} are free",
            "free some space; VCF_CACHE_DIR=FOLDER names another disk",
        )
    part = folder.with_name(f".{folder.name}.{os.getpid()}.part")
    part.mkdir()
    return part


def _texts(part: Path, text: str, said: dict[str, Any], version: Version) -> list[str]:
    (part / "config.yaml").write_text(text, encoding="utf-8", newline="\n")
    name, content = TIKTOKEN, b""
    if version == "2.5":
        content = tiktoken_file()
    else:
        name, content = file_names(part, said, version)["bpe_model"], bpe_model()
    (part / name).parent.mkdir(parents=True, exist_ok=True)
    (part / name).write_bytes(content)
    return ["config.yaml", name]


def _weights(
    checkout: Checkout, part: Path, said: dict[str, Any], told: Callable[[int, int], None]
) -> list[str]:
    asked = {"repo": str(checkout.repo), "folder": str(part), "version": checkout.version,
             "config": said}  # fmt: skip
    command = [checkout.python, "-W", "ignore", str(SCRIPT), json.dumps(asked)]
    files, done, total = list[str](), 0, BYTES[checkout.version]
    why: str | None = None
    disk = False
    with Conversation(command, seconds=SECONDS, environment=environment({})) as talk:
        for event in talk:
            if event["event"] == "written":
                files.append(str(event["file"]))
                done += int(event["bytes"])
                told(min(done, total), total)
            elif event["event"] == "failed":
                why, disk = str(event.get("text")), event.get("disk") is True
            elif event["event"] == "done":
                told(total, total)
                return files
        why = why or talk.how_it_ended()
    if disk:
        raise OutputError(
            f"{part.parent}: a file could not be written to its end: {' '.join(why.split())[:200]}",
            "is the disk full, or a quota reached? VCF_CACHE_DIR=FOLDER names another place",
        )
    raise MeasureError(
        f"random weights of IndexTTS-{checkout.version} can't be made by this checkout: "
        + " ".join(why.split())[:300],
        "is its environment whole (`uv sync`)? Or name real weights: --weights FOLDER",
    )


def _sizes(part: Path) -> dict[str, int]:
    found = (file for file in sorted(part.rglob("*")) if file.is_file())
    return {file.relative_to(part).as_posix(): file.stat().st_size for file in found}
