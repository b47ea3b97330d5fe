"""A checkpoint in another precision, without a copy of it: voxcpm takes the precision from
``config.json`` alone, so a folder of links with a config.json of its own is enough."""

from __future__ import annotations

import errno
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ..drafts import left_behind
from ..errors import OutputError, UsageError

DTYPES = {"fp32": "float32", "fp16": "float16", "bf16": "bfloat16"}
CONFIG = "config.json"


@contextmanager
def in_precision(folder: Path, precision: str, beside: Path) -> Iterator[Path]:
    """The folder itself where it has the precision (``fp32``, ``fp16``, ``bf16``), else a folder
    of links in ``beside`` that is gone afterwards. The original is not touched.

    Raises UsageError: no config.json that can be read; OutputError: no links can be made.
    """
    config = _config(folder)
    wanted = DTYPES[precision]
    stated = str(config.get("dtype", "bfloat16"))
    if DTYPES.get(stated, stated) == wanted:
        yield folder
        return
    try:
        beside.mkdir(parents=True, exist_ok=True)
        _sweep(beside)
        made = Path(tempfile.mkdtemp(prefix=f".links-{os.getpid()}-", dir=beside))
    except OSError as error:
        raise OutputError(
            f"{beside}: {error.strerror}", "VCF_CACHE_DIR=FOLDER names another"
        ) from None
    try:
        _fill(made, folder, {**config, "dtype": wanted})
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _sweep(beside: Path) -> None:
    """Folders of links that a vcf which was killed has left."""
    for old in beside.glob(".links-*"):
        if left_behind(old.name.split("-")[1]):
            shutil.rmtree(old, ignore_errors=True)


def _config(folder: Path) -> dict[str, object]:
    file = folder / CONFIG
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UsageError(f"{file}: can't be read: {error}", "is the download complete?") from None
    if not isinstance(found, dict):
        raise UsageError(f"{file}: is no JSON object", "is the download complete?")
    return found


def _fill(made: Path, folder: Path, config: dict[str, object]) -> None:
    try:
        for entry in folder.iterdir():
            if entry.name != CONFIG and not entry.name.startswith("."):
                _link(entry.resolve(), made / entry.name)
        (made / CONFIG).write_text(json.dumps(config), encoding="utf-8")
    except (OSError, RuntimeError) as error:  # RuntimeError: a loop of links, before 3.13
        full = getattr(error, "errno", None) in (errno.ENOSPC, errno.EFBIG, errno.EDQUOT)
        raise OutputError(
            f"no links to {folder} can be made in {made.parent}: "
            f"{getattr(error, 'strerror', None) or error}",
            "free some space; VCF_CACHE_DIR=FOLDER names another place"
            if full
            else "put the weights on the drive of VCF_CACHE_DIR, or allow links (Developer Mode)",
        ) from None


def _link(real: Path, place: Path) -> None:
    """A symbolic link; where Windows does not allow it, a second name of the same file."""
    try:
        place.symlink_to(real, target_is_directory=real.is_dir())
    except OSError:
        os.link(real, place)
