"""The JSON of ``vcf check`` (schema ``vcf.check/1``): the contract that others test against."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal, TypeVar

import msgspec

from .._version import __version__
from ..catalogue.model import Catalogue
from ..judge.explain import Explanation
from ..judge.model import (
    Action,
    Amounts,
    Assessment,
    Confidence,
    Gate,
    GateId,
    MemoryUse,
    Message,
    Part,
    Recommendation,
    ResolvedRecipe,
    Rtf,
    Status,
    Verdict,
)
from ..judge.workload import STANDARD, Workload
from ..machine.model import Machine
from .effects import effect_text
from .explain import ExplanationView, explanation_view
from .words import Lang, say, source_text, tell

T = TypeVar("T")
MOST_KEPT = 20_000
"""Encoded gates and recipes kept, 0.4 kB each."""


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """What was judged on one machine, before it is put into words."""

    machine: Machine
    workload: Workload = STANDARD
    recommendation: Recommendation
    assessments: list[Assessment]
    explanations: dict[tuple[str, str], Explanation] = {}
    """The sums behind assessments, where they were asked for."""


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
    happens: list[str]
    """What the program does here without being asked."""


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
    explanation: ExplanationView | msgspec.UnsetType = msgspec.UNSET
    """The sum behind it; with --explain only."""


class StandingView(msgspec.Struct, frozen=True, kw_only=True):
    """Where a mode stands before or after an action."""

    model: str
    mode: str
    verdict: Verdict
    rtf: Rtf | None


class EffectView(msgspec.Struct, frozen=True, kw_only=True):
    """What an action changes."""

    before: StandingView | None
    """Null: not installed yet."""
    after: StandingView
    text: str
    """The same in words."""


class ActionView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do next."""

    kind: str
    text: str
    command: str | None
    why: str | None
    effect: EffectView | None
    link: str | None


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
    workload: Workload | msgspec.UnsetType = msgspec.UNSET
    """What the verdicts are for, where it is not the standard work."""


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


def _standing(given: Assessment) -> StandingView:
    return StandingView(model=given.model, mode=given.mode, verdict=given.verdict, rtf=given.rtf)


class Wording:
    """Turns results into views of one language; keeps the words of equal gates."""

    def __init__(self, catalogue: Catalogue, lang: Lang) -> None:
        self._lang = lang
        self._catalogue = catalogue
        self._sources = {key: source_text(key, catalogue) for key in catalogue.sources}
        self._kept: dict[int, tuple[object, msgspec.Raw]] = {}
        self._encode = msgspec.json.Encoder().encode

    def result(self, result: Result) -> ResultView:
        """One machine with its verdicts in words."""
        return ResultView(
            machine=result.machine,
            workload=result.workload if result.workload != STANDARD else msgspec.UNSET,
            recommendation=self.recommendation(result.recommendation),
            assessments=[self._explained(a, result) for a in result.assessments],
        )

    def _explained(self, given: Assessment, result: Result) -> AssessmentView:
        view = self.encoded(given)
        found = result.explanations.get((given.model, given.mode))
        if found is None:
            return view
        sums = explanation_view(found, self._catalogue, self._lang)
        return msgspec.structs.replace(view, explanation=sums)

    def recommendation(self, given: Recommendation) -> RecommendationView:
        """The answer in words."""
        return RecommendationView(
            model=given.model,
            mode=given.mode,
            why=say(given.why, self._lang),
            actions=[self._action(action) for action in given.actions],
        )

    def _action(self, given: Action) -> ActionView:
        effect = given.effect
        return ActionView(
            kind=given.kind,
            text=say(given.text, self._lang),
            command=given.command,
            why=say(given.why, self._lang) if given.why is not None else None,
            effect=EffectView(
                before=_standing(effect.before) if effect.before is not None else None,
                after=_standing(effect.after),
                text=effect_text(effect, self._lang, named=given.kind == "buy"),
            )
            if effect is not None
            else None,
            link=given.link,
        )

    def assessment(self, given: Assessment) -> AssessmentView:
        """One verdict in words."""
        return self._view(given, lambda part, view: view(part))

    def encoded(self, given: Assessment) -> AssessmentView:
        """``assessment`` with its parts as JSON already: gates, recipes and doubts that many
        verdicts share are put into words and encoded once."""
        return self._view(given, self._once)

    def _view(
        self, given: Assessment, put: Callable[[Any, Callable[[Any], Any]], Any]
    ) -> AssessmentView:
        """The one list of fields; ``put`` turns a part into words."""
        return AssessmentView(
            model=given.model,
            mode=given.mode,
            verdict=given.verdict,
            score=given.score,
            stars=given.stars,
            confidence=given.confidence,
            rtf=given.rtf,
            memory=given.memory,
            gates=[put(gate, self.gate) for gate in given.gates],
            recipe=put(given.recipe, self._recipe),
            limit=given.limit,
            gpu=given.gpu,
            doubts=[put(doubt, self._doubt) for doubt in given.doubts],
        )

    def _doubt(self, given: Message) -> str:
        return say(given, self._lang)

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
            happens=[say(message, self._lang) for message in given.happens],
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
