"""The disk below the place where model weights would really land, and below the temp folder."""

from __future__ import annotations

import ntpath
import posixpath
from types import ModuleType
from typing import Any

from . import blocks, macos, windows
from .ask import ask, platform_of, whole
from .findings import Findings
from .host import Host, Unanswered
from .owner import Owner, owner_of

PATHS = (
    ("disk", "path"),
    ("disk", "total_bytes"),
    ("disk", "free_bytes"),
    ("disk", "kind"),
    ("disk", "temp_free_bytes"),
)

_PLACES = (
    ("HF_HUB_CACHE", ()),
    ("HUGGINGFACE_HUB_CACHE", ()),
    ("HF_HOME", ("hub",)),
    ("MODELSCOPE_CACHE", ()),
    ("XDG_CACHE_HOME", ("huggingface", "hub")),
)
"""Variables that move the model cache, and the folders below; the first one that is set wins.
ModelScope's counts only where nobody moved the cache of Hugging Face."""


def cache_place(host: Host, home: str | None, paths: ModuleType) -> tuple[str, str] | None:
    """Folder of the model cache and what told it; None without variables and home folder."""
    for name, below in _PLACES:
        value = host.env(name)
        if value:
            if value.startswith("~") and home is not None:
                value = home + value[1:]
            return str(paths.join(value, *below)), name
    if home is None:
        return None
    return str(paths.join(home, ".cache", "huggingface", "hub")), "default of Hugging Face"


def temp_place(host: Host, windows_paths: bool, home: str | None) -> str | None:
    """Folder for temporary files, by the rules of Python's tempfile."""
    for name in ("TMPDIR", "TEMP", "TMP"):
        value = host.env(name)
        if value:
            return value
    if windows_paths:
        return None if home is None else ntpath.join(home, "AppData", "Local", "Temp")
    return "/tmp"  # noqa: S108 - where Python looks first; nothing is written


def measure(host: Host, path: str, paths: ModuleType) -> tuple[str, int, int] | Unanswered:
    """Total and free bytes at the nearest folder that exists, and that folder."""
    folder = path
    while True:
        answer: Any = ask(host.call, "disk_usage", folder)
        if not isinstance(answer, Unanswered):
            sizes = answer if isinstance(answer, dict) else {}
            total, free = whole(sizes.get("total")), whole(sizes.get("free"))
            if total is None or free is None:
                return Unanswered("disk_usage: not two sizes")
            return folder, total, free
        # The parent of a relative folder is the working folder.
        parent = paths.dirname(folder) or "."
        if parent == folder:
            return answer
        folder = parent


def probe_disk(host: Host) -> Findings:
    """Sizes and kind of the disk."""
    system = platform_of(host)
    paths: ModuleType = ntpath if system == "windows" else posixpath
    found = Findings()
    owner = owner_of(host)
    place = cache_place(host, owner.home, paths)
    if place is None:
        for path in PATHS:
            found.miss("no home folder and no HF_HOME", *path)
        return found
    found.know(owner.hide(place[0]), place[1], "disk", "path")
    sizes = measure(host, place[0], paths)
    if isinstance(sizes, Unanswered):
        for path in PATHS:
            found.miss(owner.hide(str(sizes)), *path)
        return found
    folder, total, free = sizes
    source = f"file system of {owner.hide(folder)}"
    found.know(total, source, "disk", "total_bytes")
    found.know(free, source, "disk", "free_bytes")
    _find_kind(host, found, system, folder)
    _find_temp(host, found, system, folder, owner)
    return found


def _find_kind(host: Host, found: Findings, system: str, folder: str) -> None:
    if system == "windows":
        answer = windows.disk_kind(host, folder)
    elif system == "macos":
        answer = macos.disk_kind(host, folder)
    elif system == "linux":
        answer = blocks.disk_kind(host, folder)
    else:
        answer = blocks.Kind(None, f"vcf does not know how to ask {system}")
    if answer.kind is None:
        found.miss(answer.reason, "disk", "kind")
    else:
        found.know(answer.kind, answer.reason, "disk", "kind")


def _find_temp(host: Host, found: Findings, system: str, folder: str, owner: Owner) -> None:
    """Free bytes at the temp folder, None when it shares the file system of the weights."""
    field = ("disk", "temp_free_bytes")
    paths: ModuleType = ntpath if system == "windows" else posixpath
    temp = temp_place(host, system == "windows", owner.home)
    if temp is None:
        found.miss("no temp folder is set", *field)
        return
    sizes = measure(host, temp, paths)
    if isinstance(sizes, Unanswered):
        found.miss(owner.hide(str(sizes)), *field)
        return
    if _file_system(host, system, folder) == _file_system(host, system, sizes[0]):
        found.know(None, f"{owner.hide(temp)} lies on the same file system", *field)
    else:
        found.know(sizes[2], f"file system of {owner.hide(sizes[0])}", *field)


def _file_system(host: Host, system: str, folder: str) -> str:
    """A word for the file system of a folder. On Windows the number would be a serial number."""
    if system == "windows":
        return ntpath.splitdrive(folder)[0].lower()
    answer = ask(host.call, "device_of", folder)
    return folder if isinstance(answer, Unanswered) else str(answer)
