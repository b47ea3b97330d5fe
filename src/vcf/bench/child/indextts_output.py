"""What IndexTTS prints, and what is read from it: seconds of the stages, fallbacks, segments.

The lines are those of index-tts at ee40fa7::

    >> gpt_gen_time: 26.36 seconds
    >> gpt_forward_time: 0.51 seconds        (version 2 alone)
    >> s2mel_time: 10.02 seconds
    >> bigvgan_time: 3.10 seconds

Where a text is split because the card is small they come once for each piece.
"""

from __future__ import annotations

import contextlib
import io
import re
import sys
from collections.abc import Iterator
from typing import TextIO

from .engine import NotAsAsked, WrongVersion

LINE = re.compile(r"^>> ([\w ]+): (\d+(?:\.\d+)?)(?=\s|$)", re.MULTILINE)
STAGES: dict[str, dict[str, tuple[str, ...]]] = {
    "2": {"gpt": ("gpt_gen_time", "gpt_forward_time"), "s2mel": ("s2mel_time",),
          "vocoder": ("bigvgan_time",)},
    "2.5": {"gpt": ("gpt_gen_time",), "s2mel": ("s2mel_time",), "vocoder": ("bigvgan_time",)},
}  # fmt: skip
"""Version → stage → lines whose seconds are its own."""
SEGMENTS = re.compile(r"^segments count: (\d+)$", re.MULTILINE)
FALLBACKS = {
    ">> Failed to load DeepSpeed": "DeepSpeed does not load here",
    ">> Failed to load custom CUDA kernel": "the CUDA kernel of BigVGAN can't be built here",
}
"""How it says that it goes on without."""
UNKNOWN = ">> Warning: input text contains"
"""How version 2 says that its vocabulary lacks some of the text."""


class Heard(io.TextIOBase):
    """Takes what is printed, and passes it on."""

    def __init__(self, onwards: TextIO) -> None:
        self._onwards, self._parts = onwards, list[str]()

    def write(self, text: str) -> int:
        """As any stream."""
        self._parts.append(text)
        return self._onwards.write(text)

    def flush(self) -> None:
        """As any stream."""
        self._onwards.flush()

    @property
    def text(self) -> str:
        """All of it so far."""
        return "".join(self._parts)


@contextlib.contextmanager
def heard() -> Iterator[Heard]:
    """What Python prints to standard output meanwhile."""
    ear = Heard(sys.stdout)
    with contextlib.redirect_stdout(ear):
        yield ear


def stages_of(text: str, version: str) -> dict[str, float]:
    """Seconds by stage. Raises WrongVersion: a line is not there."""
    found: dict[str, float] = {}
    for name, value in LINE.findall(text):
        found[name] = found.get(name, 0.0) + float(value)
    wanted = STAGES[version]
    lost = [name for names in wanted.values() for name in names if name not in found]
    if lost:
        raise WrongVersion(
            f"this index-tts does not print '>> {lost[0]}: … seconds': the time of its stages "
            "can't be told"
        )
    return {stage: sum(found[name] for name in names) for stage, names in wanted.items()}


def refuse_fallbacks(text: str) -> None:
    """Raises NotAsAsked: it says that it goes on otherwise than asked for."""
    for line in text.splitlines():
        for start, why in FALLBACKS.items():
            if line.startswith(start):
                _, _, detail = line.partition("Error: ")
                raise NotAsAsked(why + (f": {detail[:200]}" if detail else ""))


def segments_of(text: str) -> int:
    """Pieces that the text is spoken in. Raises WrongVersion: it does not say."""
    found = SEGMENTS.search(text)
    if found is None:
        raise WrongVersion("this index-tts does not print 'segments count: …' when verbose")
    return int(found[1])
