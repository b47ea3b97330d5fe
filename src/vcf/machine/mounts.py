"""What is mounted where: /proc/self/mountinfo."""

from __future__ import annotations

import re
from typing import NamedTuple

_ESCAPE = re.compile(r"\\([0-7]{3})")


class Mount(NamedTuple):
    """One line of mountinfo."""

    device: str
    """``MAJ:MIN``; major 0 for file systems without a device of their own."""
    root: str
    """The folder of the file system that is mounted."""
    point: str
    kind: str
    """File system type."""
    source: str
    """Device, share or any other word."""
    options: tuple[str, ...]
    """Options of the file system; for cgroup v1 they name the controllers."""


def _plain(text: str) -> str:
    """Blanks and backslashes are written in octal."""
    return _ESCAPE.sub(lambda match: chr(int(match[1], 8)), text)


def parse_mountinfo(text: str) -> list[Mount]:
    """The mounts in their order; lines of another form are skipped."""
    mounts = []
    for line in text.splitlines():
        before, dash, after = line.partition(" - ")
        left, right = before.split(), after.split()
        if not dash or len(left) < 6 or len(right) < 2:
            continue
        options = tuple(right[2].split(",")) if len(right) > 2 else ()
        root, point, source = _plain(left[3]), _plain(left[4]), _plain(right[1])
        mounts.append(Mount(left[2], root, point, right[0], source, options))
    return mounts


def mount_of(mounts: list[Mount], device: str, path: str) -> Mount | None:
    """The mount that a path lies on: by device number, else by the longest mount point.

    btrfs gives every subvolume a number of its own, which mountinfo does not show.
    """
    below = [mount for mount in mounts if (path + "/").startswith(mount.point.rstrip("/") + "/")]
    same = [mount for mount in below if mount.device == device]
    same = same or [mount for mount in mounts if mount.device == device] or below
    # Of two mounts at one point the later hides the earlier.
    return max(reversed(same), key=lambda mount: len(mount.point), default=None)
