"""What the table, Markdown, CSV and JUnit views share: one row per verdict, in short words."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

import msgspec

from ..judge.model import Assessment, Gate, Rtf, Verdict
from ..judge.words import number, span
from .words import Lang, colon, label, say, tell

if TYPE_CHECKING:
    from .document import Result

STARS = "★★★★★☆☆☆☆☆"


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One line of a table: a verdict, or several equal ones of one model."""

    model: str
    modes: tuple[str, ...]
    verdict: Verdict
    rtf: str
    rtfx: str
    stars: str
    score: int
    confidence: str
    reason: str


def stars_text(stars: int) -> str:
    """``★★★☆☆``"""
    return STARS[5 - stars : 10 - stars]


def rtf_text(rtf: Rtf | None) -> str:
    """``0.35–1.2``, a dash where there is none."""
    return "–" if rtf is None else f"{number(rtf.low)}–{number(rtf.high)}"


def rtfx_text(rtf: Rtf | None) -> str:
    """Times real time, ``0.8–2.9×``."""
    return "–" if rtf is None else f"{number(1 / rtf.high)}–{number(1 / rtf.low)}×"


def deciding(assessment: Assessment) -> Gate | None:
    """The gate that decides the verdict: the first as bad as the verdict says."""
    wanted = {"no": "fail", "unknown": "unknown", "tight": "warn"}.get(assessment.verdict)
    for gate in assessment.gates:
        if gate.status == wanted and gate.gate == assessment.limit:
            return gate
    return next((gate for gate in assessment.gates if gate.gate == "speed"), None)


def reason(assessment: Assessment, lang: Lang) -> str:
    """Why, as short as it can be said."""
    gate = deciding(assessment)
    if gate is None:
        return ""
    if gate.text.id != "no-gpu" and gate.part and gate.status == "fail" and gate.have:
        total = str(gate.text.values.get("total", gate.have))
        words = "needs" if total == gate.have else "needs-of"
        text = label(words, lang).format(need=gate.need, have=gate.have, total=total)
        return colon(label(gate.part, lang), text, lang)
    if gate.gate == "speed" and assessment.rtf is not None:
        time = tell(span(30 * assessment.rtf.low, 30 * assessment.rtf.high), lang)
        key = "takes-measured" if assessment.rtf.basis == "bench" else "takes"
        return label(key, lang).format(time=time)
    return say(gate.text, lang)


def rows(result: Result, lang: Lang, *, merge: bool) -> list[Row]:
    """A row for each verdict; with ``merge``, equal refusals of one model share a row."""
    made: list[Row] = []
    for assessment in result.assessments:
        row = _row(assessment, lang)
        if merge and assessment.verdict in ("no", "unknown"):
            twin = next((i for i, other in enumerate(made) if _equal(other, row)), None)
            if twin is not None:
                modes = (*made[twin].modes, *row.modes)
                made[twin] = msgspec.structs.replace(made[twin], modes=modes)
                continue
        made.append(row)
    return made


def _row(assessment: Assessment, lang: Lang) -> Row:
    return Row(
        model=assessment.model,
        modes=(assessment.mode,),
        verdict=assessment.verdict,
        rtf=rtf_text(assessment.rtf),
        rtfx=rtfx_text(assessment.rtf),
        stars=stars_text(assessment.stars),
        score=assessment.score,
        confidence=assessment.confidence,
        reason=reason(assessment, lang),
    )


def _equal(one: Row, other: Row) -> bool:
    return (one.model, one.verdict, one.reason) == (other.model, other.verdict, other.reason)


def ranked(assessments: Iterable[Assessment]) -> list[Assessment]:
    """By model as the catalogue orders them, within a model from best to worst."""
    kept = list(assessments)
    order = {model: index for index, model in enumerate(dict.fromkeys(a.model for a in kept))}
    return sorted(kept, key=lambda a: (order[a.model], a.mode == "online", -a.score))
