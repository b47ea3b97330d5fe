"""Where Hugging Face and ModelScope keep the models that they downloaded, in all their layouts."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal, Optional, cast

from ..machine.disk import cache_place
from ..machine.host import Host

COMMIT = re.compile(r"[0-9a-f]{40}")

Origin = Literal["path", "huggingface", "modelscope"]
"""Who keeps a model: the user, or a cache."""
Place = tuple[Path, Origin, Optional[str]]
"""A folder that may hold a model, who keeps it, and its revision where that is known."""


class _Environment:
    """As much of a Host as the search for the cache asks for."""

    def __init__(self, environ: Mapping[str, str]) -> None:
        self._environ = environ

    def env(self, name: str) -> str | None:
        """ModelScope's cache is another one, and is looked for by itself."""
        return None if name == "MODELSCOPE_CACHE" else self._environ.get(name)


def hub_cache(environ: Mapping[str, str]) -> Path:
    """Where huggingface_hub keeps what it downloads."""
    place = cache_place(cast(Host, _Environment(environ)), _home(environ), cast(Any, os.path))
    assert place is not None  # there is a home
    return Path(os.path.expandvars(place[0]))


def modelscope_cache(environ: Mapping[str, str]) -> Path:
    """Where the modelscope package does."""
    set_to = environ.get("MODELSCOPE_CACHE")
    if set_to:
        return Path(os.path.expanduser(set_to))  # noqa: PTH111
    return Path(_home(environ), ".cache", "modelscope")


def _home(environ: Mapping[str, str]) -> str:
    name = "USERPROFILE" if os.name == "nt" else "HOME"
    return environ.get(name) or os.path.expanduser("~")  # noqa: PTH111


def huggingface(cache: Path, owner: str, name: str) -> Iterator[Place]:
    """The snapshot of the branch main first, then the newest ones."""
    for repo in _below(cache, f"models--{owner}--{name}"):
        try:
            main = (repo / "refs" / "main").read_text(encoding="utf-8").strip()
        except (OSError, ValueError):
            main = ""
        snapshots = _newest(repo / "snapshots")
        snapshots.sort(key=lambda folder: folder.name != main)
        for folder in snapshots:
            known = COMMIT.fullmatch(folder.name) is not None
            yield folder, "huggingface", folder.name if known else None


def modelscope(cache: Path, owner: str, name: str) -> Iterator[Place]:
    """The layouts of its packages, new ones first; a dot in a name may be written ``___``."""
    for repo in _below(cache / "models", f"{owner}--{name}"):
        snapshots = _newest(repo / "snapshots")
        snapshots.sort(key=lambda folder: folder.name not in ("master", "main"))
        for folder in snapshots:
            yield folder, "modelscope", folder.name
    for root in (cache / "models", cache / "hub" / "models", cache, cache / "hub"):
        for place in _below(root, owner):
            for folder in _below(place, name):
                yield folder, "modelscope", None


def _below(folder: Path, name: str) -> list[Path]:
    """The folders that have this name in any case: ids on the hubs know no case."""
    try:
        names = sorted(os.listdir(folder))
    except OSError:
        return []
    wanted = name.lower()
    fitting = [each for each in names if each.replace("___", ".").lower() == wanted]
    return [folder / each for each in sorted(fitting, key=lambda each: each != name)]


def _newest(folder: Path) -> list[Path]:
    """What lies in a folder, the newest first."""
    try:
        return sorted(folder.iterdir(), key=lambda each: each.lstat().st_mtime_ns, reverse=True)
    except OSError:
        return []
