"""What a checkup finds."""

from __future__ import annotations

from typing import Literal

import msgspec

from .model import Message

Level = Literal["ok", "notice", "risk", "stops", "unknown"]
"""stops: a mode can't run · risk: something may fail, or be slower than it could · notice: good
to know · unknown: could not tell · ok: looked at, nothing wrong."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    id: str
    """What it is about, the same in every language: ``torch-cpu-build``."""
    level: Level
    text: Message
    """What is."""
    effect: Message | None = None
    """What it will cause."""
    command: str | None = None
    """What mends it, ready to paste."""
    remedy: Message | None = None
    """What mends it where that is no command."""
    source: str | None = None
    """Source key of the catalogue, or a URL."""
    modes: tuple[str, ...] = ()
    """The modes that it stops, as ``model:mode``."""
