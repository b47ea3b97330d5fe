"""The JSON of ``vcf check`` (schema ``vcf.check/1``): the contract that others test against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar, cast

import msgspec

from .._version import __version__
from ..catalogue.model import Catalogue
from ..judge.model import (
    Amounts,
    Assessment,
    Confidence,
    Gate,
    GateId,
    MemoryUse,
    Part,
    Recommendation,
    ResolvedRecipe,
    Rtf,
    Status,
    Verdict,
)
from ..machine.model import Machine
from .words import Lang, say, source_text, tell

T = TypeVar("T")
MOST_KEPT = 8_000
"""Encoded verdicts kept, 4 kB each."""
MOST_DISKS = 200
"""Encoded disk gates kept: those of a few machines."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged on one machine, before it is put into words."""

    machine: Machine
    recommendation: Recommendation
    assessments: list[Assessment]


class GateView(msgspec.Struct, frozen=True, kw_only=True):
    """One condition of a verdict."""

    gate: GateId
    part: Part | None
    status: Status
    have: str | None
    need: str | None
    text: str
    source: str | None
    remedy: str | None


class RecipeView(msgspec.Struct, frozen=True, kw_only=True):
    """How to install and run the mode here."""

    install: tuple[str, ...]
    code: str
    notes: list[str]


class AssessmentView(msgspec.Struct, frozen=True, kw_only=True):
    """The verdict on one model in one mode."""

    model: str
    mode: str
    verdict: Verdict
    score: int
    stars: int
    confidence: Confidence
    rtf: Rtf | None
    memory: MemoryUse
    gates: list[GateView]
    recipe: RecipeView
    limit: GateId | None
    gpu: int | None
    doubts: list[str]


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do next."""

    kind: str
    text: str
    command: str | None


class RecommendationView(msgspec.Struct, frozen=True, kw_only=True):
    """The answer for one machine."""

    model: str | None
    mode: str | None
    why: str
    actions: list[ActionView]


class ResultView(msgspec.Struct, frozen=True, kw_only=True):
    """One machine with its verdicts."""

    machine: Machine
    recommendation: RecommendationView
    assessments: list[AssessmentView]
    """When written, their JSON stands in the place of the structs."""


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """What went wrong: with one machine file of a folder, or with the whole call."""

    kind: str
    message: str
    hint: str


class CheckDocument(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=False):
    """The whole answer."""

    schema: Literal["vcf.check/1"] = "vcf.check/1"
    vcf: str = __version__
    results: list[ResultView]
    errors: list[Failure] | msgspec.UnsetType = msgspec.UNSET
    """Machine files of a folder that could not be read; absent when all could."""


class Wording:
    """Turns results into views of one language; keeps the words of equal gates."""

    def __init__(self, catalogue: Catalogue, lang: Lang) -> None:
        self._lang = lang
        self._sources = {key: source_text(key, catalogue) for key in catalogue.sources}
        self._kept: dict[int, tuple[object, msgspec.Raw]] = {}
        self._pieces: dict[tuple[int, str, str], tuple[bytes, bytes, bytes]] = {}
        self._disks: dict[int, tuple[Gate, tuple[bytes, bytes, bytes]]] = {}
        self._encode = msgspec.json.Encoder().encode

    def result(self, result: Result) -> ResultView:
        """One machine with its verdicts in words."""
        return ResultView(
            machine=result.machine,
            recommendation=self.recommendation(result.recommendation),
            assessments=cast("Any", [self.encoded(a) for a in result.assessments]),
        )

    def recommendation(self, given: Recommendation) -> RecommendationView:
        """The answer in words."""
        return RecommendationView(
            model=given.model,
            mode=given.mode,
            why=say(given.why, self._lang),
            actions=[
                ActionView(
                    kind=action.kind, text=say(action.text, self._lang), command=action.command
                )
                for action in given.actions
            ],
        )

    def assessment(self, given: Assessment) -> AssessmentView:
        """One verdict in words."""
        return AssessmentView(
            model=given.model,
            mode=given.mode,
            verdict=given.verdict,
            score=given.score,
            stars=given.stars,
            confidence=given.confidence,
            rtf=_rounded(given.rtf),
            memory=given.memory,
            gates=[self.gate(gate) for gate in given.gates],
            recipe=self._recipe(given.recipe),
            limit=given.limit,
            gpu=given.gpu,
            doubts=[say(doubt, self._lang) for doubt in given.doubts],
        )

    def encoded(self, given: Assessment) -> msgspec.Raw:
        """``assessment`` as JSON; what machines share is put into words and encoded once."""
        if given.memory.disk is None:
            return self._once(given, self.assessment)
        disk = next((gate for gate in given.gates if gate.gate == "disk"), None)
        if not given.twin or disk is None:
            return msgspec.Raw(self._encode(self.assessment(given)))
        key = (given.twin, given.verdict, given.confidence)
        pieces = self._pieces.get(key)
        if pieces is None:
            if len(self._pieces) >= MOST_KEPT:
                self._pieces.clear()
            pieces = self._pieces[key] = self._cut(given, disk)
        before, between, after = pieces
        amounts, gate, doubt = self._disk(disk, given.memory.disk)
        if disk.status == "unknown" and not after.endswith(b"["):
            after += b","
        return msgspec.Raw(b"".join((before, amounts, between, gate, after, doubt)))

    def _cut(self, given: Assessment, disk: Gate) -> tuple[bytes, bytes, bytes]:
        """The JSON of a verdict without its disk: before the amounts, between, after the gate.

        Disk figures are the last of ``memory``; the doubt about the disk is the last of all.
        """
        at = given.gates.index(disk)
        doubts = given.doubts[:-1] if disk.status == "unknown" else given.doubts
        view = self.assessment(msgspec.structs.replace(given, doubts=doubts))
        gates = view.gates
        fields = msgspec.structs.asdict(view)
        head = {key: fields[key] for key in ("model", "mode", "verdict", "score", "stars")}
        head |= {"confidence": view.confidence, "rtf": view.rtf}
        memory = {"device": given.memory.device, "host": given.memory.host}
        before = self._encode(head)[:-1] + b',"memory":' + self._encode(memory)[:-1] + b',"disk":'
        between = b'},"gates":[' + b"".join(self._encode(g) + b"," for g in gates[:at])
        after = b"".join(b"," + self._encode(g) for g in gates[at + 1 :]) + b"],"
        tail = {"recipe": view.recipe, "limit": view.limit, "gpu": view.gpu, "doubts": view.doubts}
        return before, between, after + self._encode(tail)[1:-2]

    def _disk(self, disk: Gate, amounts: Amounts) -> tuple[bytes, bytes, bytes]:
        """Amounts, gate and doubt (with the brackets that end the verdict) of a machine's disk."""
        kept = self._disks.get(id(disk))
        if kept is None or kept[0] is not disk:
            if len(self._disks) >= MOST_DISKS:
                self._disks.clear()
            view = self.gate(disk)
            doubt = b"]}"
            if disk.status == "unknown":
                doubt = self._encode(view.text) + b"]}"
            kept = (disk, (self._encode(amounts), self._encode(view), doubt))
            self._disks[id(disk)] = kept
        return kept[1]

    def gate(self, given: Gate) -> GateView:
        """One condition in words."""
        source = given.source
        return GateView(
            gate=given.gate,
            part=given.part,
            status=given.status,
            have=given.have,
            need=given.need,
            text=say(given.text, self._lang),
            source=self._sources.get(source, source) if source is not None else None,
            remedy=say(given.remedy, self._lang) if given.remedy is not None else None,
        )

    def _recipe(self, given: ResolvedRecipe) -> RecipeView:
        return RecipeView(
            install=given.install,
            code=given.code,
            notes=[tell(note, self._lang) for note in given.notes],
        )

    def _once(self, given: T, view: Callable[[T], object]) -> msgspec.Raw:
        """Gates and recipes that many verdicts share are put into words and encoded once."""
        kept = self._kept.get(id(given))
        if kept is not None and kept[0] is given:
            return kept[1]
        raw = msgspec.Raw(self._encode(view(given)))
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[id(given)] = (given, raw)
        return raw


def _rounded(rtf: Rtf | None) -> Rtf | None:
    """Four digits after the point: more would pretend."""
    if rtf is None:
        return None
    return Rtf(
        low=round(rtf.low, 4), mid=round(rtf.mid, 4), high=round(rtf.high, 4), basis=rtf.basis
    )


__all__ = [
    "ActionView",
    "Amounts",
    "AssessmentView",
    "CheckDocument",
    "Failure",
    "GateView",
    "RecipeView",
    "RecommendationView",
    "Result",
    "ResultView",
    "Wording",
]
