"""What engines have in common that run a foreign program for each text."""

from __future__ import annotations

from pathlib import Path

from .engine import Settings, Sound, Times
from .program import Runner
from .wav import read_wav


class ProgramEngine:
    """Everything that needs no model."""

    def __init__(self) -> None:
        self._settings: Settings = {}
        self._runner = Runner()
        self._times = Times()

    def sound(self, piece: Path) -> Sound:
        """The samples of a file."""
        return read_wav(piece)

    def times(self) -> Times:
        """Of the last synthesis."""
        return self._times

    def settle(self) -> None:
        """The process has ended."""

    def memory(self) -> dict[str, int | None]:
        """The most that one of the processes had."""
        return {"rss_high_water_bytes": self._runner.rss_peak_bytes}

    def close(self) -> None:
        """No process is left; the folder is the parent's."""

    def abandon(self) -> None:
        """End the process that is running."""
        self._runner.abandon()
