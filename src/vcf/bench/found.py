"""What lies on this computer that could be measured: checkouts, programs and their files.

Only well-known places are looked into, one folder deep: a search of whole disks would take
longer than it is worth, and would look where nobody asked it to.
"""

from __future__ import annotations

import itertools
import os
import shutil
from collections.abc import Iterable, Iterator
from pathlib import Path

from .caches import hub_cache

FOLDERS = (
    "", "src", "code", "git", "repos", "projects", "workspace", "dev", "Documents", "Downloads",
)  # fmt: skip
"""Below the home folder."""
CHECKOUTS = ("index-tts", "index-tts-main", "IndexTTS", "IndexTTS2", "IndexTTS-2.5")
"""What people call it."""
PROGRAM_TREES = {
    "voxcpm.cpp": (
        ("voxcpm_tts",),
        ("VoxCPM.cpp", "voxcpm.cpp"),
        ("build/examples", "build/bin", "build/examples/Release", "build/bin/Release", "build"),
    ),
    "audio.cpp": (
        ("audiocpp_cli",),
        ("audio.cpp",),
        ("build/bin", "build", "build/bin/Release", "build/app/cli"),
    ),
}
"""By runtime: names of the program, of its source tree, and where builds put it."""
MODELS = ("", "models", "weights", "gguf", "checkpoints")
"""Where files lie beside a program."""
MOST = 200
"""Entries of a folder that are looked at."""


def bases(here: Path, home: Path | None) -> list[Path]:
    """Folders that are looked into: this one and the one above, and some of the user's."""
    below = [] if home is None else [home / name if name else home for name in FOLDERS]
    return list(dict.fromkeys([here, here.parent, *below]))


def checkouts(places: Iterable[Path]) -> list[Path]:
    """Checkouts of index-tts."""
    named = [place / name if name else place for place in places for name in ("", *CHECKOUTS)]
    return once(each for each in named if _is_file(each / "indextts" / "infer_v2.py"))


def programs(places: Iterable[Path]) -> list[tuple[str, Path]]:
    """Programs by their runtime: those on the PATH first."""
    suffix = ".exe" if os.name == "nt" else ""
    found: list[tuple[str, Path]] = []
    places = list(places)
    for runtime, (names, trees, builds) in PROGRAM_TREES.items():
        on_path = [Path(each) for name in names if (each := shutil.which(name)) is not None]
        built = [
            place / tree / build / f"{name}{suffix}"
            for place in places
            for tree in ("", *trees)
            for build in builds
            for name in names
        ]
        every = once(itertools.chain(on_path, (each for each in built if _is_file(each))))
        found += [(runtime, each) for each in every]
    return found


def gguf_files(places: Iterable[Path], beside: Iterable[Path]) -> list[Path]:
    """GGUF files of VoxCPM by their names: in the hub's cache, in the given folders, and in the
    source trees of the programs."""
    trees = [parent for program in beside for parent in list(program.parents)[:4]]
    folders = [each / name if name else each for each in [*places, *trees] for name in MODELS]
    found = [*_of_hub(hub_cache(os.environ)), *(each for one in folders for each in _gguf(one))]
    return once(found)


def _of_hub(cache: Path) -> Iterator[Path]:
    for repo in _entries(cache):
        name = repo.name.lower()
        if name.startswith("models--") and "voxcpm" in name:
            for snapshot in _entries(repo / "snapshots"):
                yield from _gguf(snapshot)


def _gguf(folder: Path) -> list[Path]:
    return [
        each
        for each in _entries(folder)
        if each.suffix.lower() == ".gguf" and "voxcpm" in each.name.lower() and _is_file(each)
    ]


def _entries(folder: Path) -> list[Path]:
    """Sorted; none where it can't be read."""
    try:
        return sorted(itertools.islice(folder.iterdir(), MOST))
    except OSError:
        return []


def _is_file(path: Path) -> bool:
    try:
        return path.is_file()
    except OSError:
        return False


def once(paths: Iterable[Path]) -> list[Path]:
    """Each real file or folder once, under the first of its names."""
    found: dict[str, Path] = {}
    for each in paths:
        found.setdefault(os.path.realpath(each), each)
    return list(found.values())
