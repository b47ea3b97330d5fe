"""What an engine is: something that can be prepared, loaded, and made to speak.

An engine module has a function ``engine()`` that makes one. Its methods are called one after the
other in one thread: prepare, load, perhaps encode, speak and stream any number of times, close.
Each may raise what it likes; ``faults`` tells memory that is used up from other failures.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Protocol

Settings = dict[str, Any]
"""The same for every engine as far as it applies:

folder: of the weights, whose files state the precision wanted; device: ``cpu`` or ``gpu``, the
first that the program sees; compile: true, false or null, as the engine does by itself; text;
lang: ``en`` or ``zh``; streams: whether streaming will be asked for; steps: null for the model's
own number; clip: path of the reference clip or null; clip_text: what it says or null. The number
of threads is in the environment. What else an engine wants stands in its own docstring.
"""


@dataclass(frozen=True)
class Sound:
    """Samples between -1 and 1, one channel."""

    samples: array[float]
    """Of type ``f``."""
    rate: int
    """Hz: that of the model."""

    @property
    def seconds(self) -> float:
        """Its length."""
        return len(self.samples) / self.rate


@dataclass(frozen=True)
class Times:
    """What an engine itself tells of its last ``speak`` or ``stream``."""

    began: float | None = None
    """When the synthesis began, by ``time.perf_counter``, where the call does more before it (a
    program that loads its weights anew for each text); None: with the call."""
    ended: float | None = None
    """When it was over, likewise; None: with the call."""
    stages: dict[str, float] = field(default_factory=dict)
    """Seconds by stage, as the engine's own clock says: ``gpt``, ``s2mel``, ``vocoder`` …"""
    findings: tuple[str, ...] = ()
    """What is worth knowing of it."""


class WrongLength(Exception):
    """The sound is not as long as was asked for."""


class BrokenWeights(Exception):
    """The files were loaded, but are not all of the model."""


class WrongVersion(Exception):
    """The package or program is another than this engine was written for: it takes other
    arguments, or does not say what it should."""


class NotAsAsked(Exception):
    """It would run, but otherwise than was asked for: without DeepSpeed, on another device."""


class ProgramKilled(Exception):
    """A program was ended by a signal that nothing ends itself by. ``signal``: its name."""

    def __init__(self, text: str, signal: str) -> None:
        super().__init__(text)
        self.signal = signal


class ProgramCrashed(ProgramKilled):
    """A program ended by a signal of its own making, a crash."""


class Engine(Protocol):
    """What the measuring program calls. Times are taken around these calls."""

    can: frozenset[str]
    """What can be measured: ``encode``, ``stream``, ``fixed-length``, ``seed``."""

    def prepare(self, settings: Settings) -> dict[str, Any]:
        """Import what is needed. Answers ``versions`` (by package) and ``findings``."""
        ...

    def load(self) -> dict[str, Any]:
        """From the files to a model on its device, ready to speak. Answers the fields of a
        record's ``engine`` as far as they are known."""
        ...

    def encode(self) -> dict[str, Any]:
        """Read the clip and turn it into what speaking needs; kept for all that follows.
        Answers ``findings``."""
        ...

    def speak(self, seconds: float | None, seed: int) -> Any:
        """The sound of the text, as the engine hands it over; ``seconds``: exactly so long."""
        ...

    def stream(self, seconds: float | None, seed: int) -> Iterator[Any]:
        """The same in pieces, as they come."""
        ...

    def sound(self, piece: Any) -> Sound:
        """What ``speak`` or ``stream`` handed over, as samples. Not timed."""
        ...

    def check(self, made: float, seconds: float | None) -> None:
        """Raises WrongLength where a length was asked for and the sound has another; both in
        seconds."""
        ...

    def times(self) -> Times:
        """What it tells of the last ``speak`` or ``stream``."""
        ...

    def settle(self) -> None:
        """Wait until the device has done all that it was given."""
        ...

    def memory(self) -> dict[str, int | None]:
        """``torch_reserved_bytes``, ``torch_allocated_bytes``: peaks on the device;
        ``rss_high_water_bytes``: of programs that it has started."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...

    def abandon(self) -> None:
        """Whoever gave orders is gone: end what was started. Called in another thread."""
        ...
