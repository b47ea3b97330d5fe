"""What an engine is: something that can be prepared, loaded, and made to speak.

An engine module has a function ``engine()`` that makes one. Its methods are called one after the
other in one thread: prepare, load, perhaps encode, speak and stream any number of times, close.
Each may raise what it likes; ``faults`` tells memory that is used up from other failures.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Protocol

Settings = dict[str, Any]
"""The same for every engine as far as it applies:

folder: of the weights, whose files state the precision wanted; device: ``cpu`` or ``gpu``, the
first that the program sees; compile: true, false or null, as the engine does by itself; text;
steps: null for the model's own number; clip: path of the reference clip or null; clip_text: what
it says or null. The number of threads is in the environment.
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


class WrongLength(Exception):
    """The sound is not as long as was asked for."""


class BrokenWeights(Exception):
    """The files were loaded, but are not all of the model."""


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

    def settle(self) -> None:
        """Wait until the device has done all that it was given."""
        ...

    def memory(self) -> dict[str, int | None]:
        """``torch_reserved_bytes``, ``torch_allocated_bytes``: peaks on the device."""
        ...

    def close(self) -> None:
        """Let go of everything."""
        ...
