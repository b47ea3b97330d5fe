"""What VoxCPM.cpp's program prints, and when: all on standard error, at commit 9b54b80."""

from __future__ import annotations

import math
import re

from .engine import NotAsAsked, WrongVersion

NAME, COMMIT = "voxcpm_tts", "9b54b80"
BACKEND, LOADING, LOADED = "Using backend: ", "Loading GGUF from ", "Tokenizer loaded"
PREFILL, SAVED = "Running prefill", "Saved audio to "
FIRST_PATCH = "[decode] 1/"
LINES = (BACKEND, LOADING, LOADED, PREFILL, SAVED)
"""How the lines begin that are needed."""
ORDER = (LOADING, LOADED, PREFILL, FIRST_PATCH, SAVED)
"""In which they come."""
STAGES = {"encode": "AudioVAE encode:", "model": "Model inference:", "vae": "AudioVAE decode:"}
TOTAL = "Total:"
SECONDS = re.compile(r":\s*([-+\w.]+)s\b")
MOST_S = 1e6
"""Its figures are below: eleven days."""
DIFFERS_SHARE, DIFFERS_S = 0.2, 0.5
"""The program's own clock differs from ours if by more than both."""


class Heard:
    """What the program printed, and when."""

    def __init__(self, backend: str) -> None:
        self._backend = backend
        self.at: dict[str, float] = {}
        """Arrival of each line that is needed, in the order of their coming."""
        self.seconds: dict[str, float] = {}
        """Its own figures."""
        self._texts: dict[str, str] = {}

    def hear(self, text: str, at: float) -> None:
        """Take note of a piece. Raises NotAsAsked: another backend than was asked for."""
        plain = text.strip()
        for start in (*LINES, FIRST_PATCH):
            if plain.startswith(start):
                self.at.setdefault(start, at)
        if plain.startswith(BACKEND):
            self._check_backend(plain[len(BACKEND) :])
        for name, start in (*STAGES.items(), (TOTAL, TOTAL)):
            found = SECONDS.search(plain) if plain.startswith(start) else None
            if found is not None:
                self.seconds[name], self._texts[name] = _number(found[1]), plain

    def _check_backend(self, told: str) -> None:
        found = told.split(" ")[0].lower()
        if found != self._backend:
            raise NotAsAsked(f"{NAME} computes on {told!r}, asked was {self._backend}")

    def complete(self) -> None:
        """Raises WrongVersion: something is missing that it should have said, came too early, or
        can't be."""
        for start in LINES:
            if start not in self.at:
                raise _silent(f"{start.strip()} …")
        if FIRST_PATCH not in self.at:
            raise _silent("[decode] 1/… | elapsed …")
        for name, start in (*STAGES.items(), (TOTAL, TOTAL)):
            if name not in self.seconds:
                raise _silent(f"{start} …s")
            if not 0 <= self.seconds[name] < MOST_S:  # nan is not, either
                raise WrongVersion(f"{NAME} says what can't be: {self._texts.get(name, start)!r}")
        self._check_order()

    def _check_order(self) -> None:
        came = [start for start in self.at if start in ORDER]
        for start, wanted in zip(came, ORDER, strict=True):
            if start != wanted:
                raise WrongVersion(
                    f"{NAME} said '{start.strip()} …' before '{wanted.strip()} …': another "
                    f"version than this was written for ({COMMIT})"
                )
        # a small file is loaded between two looks at the output; nothing is spoken in no time
        if self.at[SAVED] <= self.at[LOADED]:
            raise WrongVersion(
                f"{NAME} said '{SAVED.strip()} …' at the same time as '{LOADED.strip()} …': "
                "it holds back what it prints, so that no times can be taken"
            )

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
        own = {name: self.seconds[name] for name in STAGES}
        return {**own, "first-patch": self.at[FIRST_PATCH] - self.at[LOADED]}


def _silent(line: str) -> WrongVersion:
    return WrongVersion(
        f"{NAME} did not say {line!r}: another version than this was written for ({COMMIT})"
    )


def _number(text: str) -> float:
    try:
        return float(text)
    except ValueError:
        return math.nan
