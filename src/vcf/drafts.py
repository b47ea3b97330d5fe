"""Files that appear whole or not at all."""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO


def left_behind(pid: str) -> bool:
    """Whether what carries this process number in its name has no owner any more."""
    import psutil

    return not pid.isdigit() or not psutil.pid_exists(int(pid[:9]))


@contextlib.contextmanager
def draft_of(target: Path) -> Iterator[BinaryIO]:
    """A file beside ``target`` that takes its place when all of it is on the disk. Raises
    OSError; what stood there before is then untouched."""
    draft = target.with_name(f".vcf.{os.getpid()}.tmp")
    try:
        with open(draft, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        with contextlib.suppress(OSError):  # who may read it stays as it was
            draft.chmod(target.stat().st_mode & 0o7777)
        os.replace(draft, target)
    finally:
        with contextlib.suppress(OSError):
            draft.unlink(missing_ok=True)
