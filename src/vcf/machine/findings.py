"""What one probe found: facts with their sources, and what stayed unknown with the reason."""

from __future__ import annotations

from typing import Any

from .host import Unanswered

Path = tuple[str | int, ...]


def path_text(path: Path) -> str:
    """``("gpus", 0, "name")`` as ``gpus[0].name``."""
    text = ""
    for part in path:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text


class Findings:
    """Facts by path. A path is known, unknown with a reason, or absent; never two of these."""

    def __init__(self) -> None:
        self.values: dict[Path, Any] = {}
        self.sources: dict[Path, str] = {}
        self.unknown: dict[Path, str] = {}
        self.gpus_known = False
        """Set when a probe has looked everywhere that it can for GPUs."""

    def know(self, value: Any, source: str, *path: str | int) -> None:
        """Keep a fact; the first source to know it wins. A None means: there is none."""
        if path in self.values:
            return
        self.values[path] = value
        self.sources[path] = source
        self.unknown.pop(path, None)

    def miss(self, reason: str | Unanswered, *path: str | int) -> None:
        """Say why a fact is not known; a fact that is known stays known."""
        if path not in self.values:
            self.unknown.setdefault(path, str(reason))

    def merge(self, other: Findings) -> None:
        """Take over what another probe found, where this one does not know better."""
        for path, value in other.values.items():
            self.know(value, other.sources[path], *path)
        for path, reason in other.unknown.items():
            self.miss(reason, *path)
        self.gpus_known = self.gpus_known or other.gpus_known
