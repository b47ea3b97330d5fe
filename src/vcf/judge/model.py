"""What a judgement is. Texts are Messages: an id and its values, put into words by views."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal

import msgspec

from ..catalogue.model import ModeId, Text
from .calibration import Calibration
from .workload import STANDARD, Workload

Verdict = Literal["good", "slow", "tight", "no", "unknown"]
Status = Literal["pass", "warn", "fail", "unknown"]
GateId = Literal["software", "memory", "disk", "speed", "licence"]
Part = Literal["device", "host-load", "host-run"]
Confidence = Literal["high", "medium", "low"]
Basis = Literal["bench", "calibrated", "roofline", "reported"]


class Message(msgspec.Struct, frozen=True):
    """A sentence not yet in words."""

    id: str
    """Key of the text tables in ``views/texts``."""
    values: Mapping[str, str | int | float | Text] = {}
    """What its placeholders stand for: sizes are already written out with their unit."""


def command_in(remedy: Message | None) -> str | None:
    """The command that a remedy holds, ready to paste; None where it holds none."""
    command = remedy.values.get("command") if remedy is not None else None
    return str(command) if command else None


class Rtf(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds of work for a second of speech, as a range. Lower is faster."""

    low: float
    mid: float
    high: float
    basis: Basis


class Amounts(msgspec.Struct, frozen=True, kw_only=True):
    """Need against what is there, in bytes. None: not known."""

    need_bytes: int | None = None
    have_bytes: int | None = None
    """What can be used now (free), or in all where free is not known."""
    total_bytes: int | None = None


class MemoryUse(msgspec.Struct, frozen=True, kw_only=True):
    """What a mode needs of each kind of memory."""

    device: Amounts | None
    """None where no GPU is used."""
    host: Amounts
    disk: Amounts


class Gate(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a verdict."""

    gate: GateId
    status: Status
    text: Message
    part: Part | None = None
    """Which memory a memory gate speaks of."""
    have: str | None = None
    need: str | None = None
    source: str | None = None
    """Source key of the catalogue, or a URL."""
    remedy: Message | None = None
    """What would mend it."""


class ResolvedRecipe(msgspec.Struct, frozen=True, kw_only=True):
    """How to install and run a mode on this machine, ready to paste."""

    install: tuple[str, ...] = ()
    code: str = ""
    notes: tuple[Text, ...] = ()
    happens: tuple[Message, ...] = ()
    """What the program does here without being asked: device, precision, compilation, retries."""


class Assessment(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one model in one mode on one machine."""

    model: str
    mode: ModeId
    verdict: Verdict
    score: int
    """0 to 100; better hardware never lowers it."""
    stars: int
    """1 to 5."""
    confidence: Confidence
    rtf: Rtf | None
    memory: MemoryUse
    gates: tuple[Gate, ...]
    recipe: ResolvedRecipe
    limit: GateId | None = None
    """The gate that decides the verdict, None when nothing limits."""
    gpu: int | None = None
    """Index of the GPU judged."""
    doubts: tuple[Message, ...] = ()
    """What lowers the confidence."""


class Effect(msgspec.Struct, frozen=True, kw_only=True):
    """What an action changes, as ``assess`` judges it before and after."""

    before: Assessment | None
    """None: it can't be run yet, as it is not installed."""
    after: Assessment


class Action(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do next."""

    kind: Literal["free", "install", "run", "online", "buy", "check"]
    text: Message
    command: str | None = None
    why: Message | None = None
    effect: Effect | None = None
    """None for what only finds out: a missing fact, what is wrong with the software."""
    link: str | None = None


class Recommendation(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one machine."""

    model: str | None
    """None: nothing that was asked for can be recommended."""
    mode: ModeId | None
    why: Message
    actions: tuple[Action, ...] = ()


class Measured(msgspec.Struct, frozen=True, kw_only=True):
    """A measured synthesis on this machine."""

    low: float
    mid: float
    high: float
    """RTF of the quickest, the middle and the slowest run."""
    gpu: str | None = None
    """The card it ran on; None on the processor."""
    workload: Workload = STANDARD
    """What was spoken."""
    source: str
    """Name of the record."""
    date: str


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Measurements of the machine that is judged: they outrank the forecast."""

    rtf: dict[tuple[str, str], Rtf] = {}
    """RTF as it shall be taken, by (model, mode)."""
    records: dict[tuple[str, str], tuple[Measured, ...]] = {}
    """Measured syntheses by (model, mode); the last of a device counts."""
    calibration: Calibration | None = None
    """What the devices reach in the shapes of work that the models consist of."""

    def record_of(self, key: tuple[str, str], gpu: str | None) -> Measured | None:
        """The last measurement of a (model, mode) on a card, or on the processor."""
        found = [each for each in self.records.get(key, ()) if each.gpu == gpu]
        return found[-1] if found else None
