"""What VoxCPM.cpp's program prints, and when: all on standard error, at commit 9b54b80."""

from __future__ import annotations

import re

from .engine import NotAsAsked, WrongVersion

NAME = "voxcpm_tts"
BACKEND, LOADING, LOADED = "Using backend: ", "Loading GGUF from ", "Tokenizer loaded"
PREFILL, SAVED = "Running prefill", "Saved audio to "
LINES = (BACKEND, LOADING, LOADED, PREFILL, SAVED)
"""How the lines begin that are needed, in their order."""
STAGES = {"encode": "AudioVAE encode:", "model": "Model inference:", "vae": "AudioVAE decode:"}
TOTAL = "Total:"
FIRST_PATCH = "[decode] 1/"
SECONDS = re.compile(r":\s*(\d+(?:\.\d+)?)s\b")
DIFFERS_SHARE, DIFFERS_S = 0.2, 0.5
"""The program's own clock differs from ours if by more than both."""


class Heard:
    """What the program printed, and when."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self.at: dict[str, float] = {}
        """Arrival of each line that is needed."""
        self.seconds: dict[str, float] = {}
        """Its own figures."""
        self.first_patch: float | None = None

    def hear(self, text: str, at: float) -> None:
        """Take note of a piece. Raises NotAsAsked: another backend than was asked for."""
        plain = text.strip()
        for start in LINES:
            if plain.startswith(start):
                self.at.setdefault(start, at)
        if plain.startswith(BACKEND):
            self._check_backend(plain[len(BACKEND) :])
        if plain.startswith(FIRST_PATCH) and self.first_patch is None:
            self.first_patch = at
        for name, start in (*STAGES.items(), (TOTAL, TOTAL)):
            found = SECONDS.search(plain) if plain.startswith(start) else None
            if found is not None:
                self.seconds[name] = float(found[1])

    def _check_backend(self, told: str) -> None:
        found = told.split(" ")[0].lower()
        if found != self._backend:
            raise NotAsAsked(f"{NAME} computes on {told!r}, asked was {self._backend}")

    def complete(self) -> None:
        """Raises WrongVersion: something is missing that it should have said."""
        for start in LINES:
            if start not in self.at:
                raise _silent(f"{start.strip()} …")
        if self.first_patch is None:
            raise _silent("[decode] 1/… | elapsed …")
        for name, start in (*STAGES.items(), (TOTAL, TOTAL)):
            if name not in self.seconds:
                raise _silent(f"{start} …s")

    @property
    def load_s(self) -> float:
        """From the first byte of the file to the tokenizer."""
        return self.at[LOADED] - self.at[LOADING]

    def clock_differs(self) -> bool:
        """Whether its own sum is far from the time between its lines."""
        ours = self.at[SAVED] - self.at[LOADED]
        return abs(self.seconds[TOTAL] - ours) > max(DIFFERS_S, DIFFERS_SHARE * ours)

    def stages(self) -> dict[str, float]:
        """Its own, and the first patch by the arrival of the line."""
        assert self.first_patch is not None
        own = {name: self.seconds[name] for name in STAGES}
        return {**own, "first-patch": self.first_patch - self.at[LOADED]}


def _silent(line: str) -> WrongVersion:
    return WrongVersion(
        f"{NAME} did not say {line!r}: another version than this was written for (9b54b80)"
    )
