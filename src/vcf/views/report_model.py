"""A model's section: what it is, what it is said to need, how each way to run it fares here."""

from __future__ import annotations

from ..catalogue.model import Requirement
from ..judge.assess import best
from ..judge.model import Amounts, Assessment
from ..plain import shown
from .explain_words import component
from .report_document import Amount, Claim, Line, ModelReport, ModeRow, RequirementRow, Speed
from .report_headline import headline
from .report_names import commercial, languages, parameters
from .report_recipes import problems, recipes
from .report_remedies import remedies
from .report_scope import Scope
from .report_standing import advantages, challenges, gaps
from .rows import ranked, reason, rtf_text

OF = ("gpu", "vram", "ram", "cpu", "disk", "cuda", "driver", "python")
"""Kinds of requirements in the order in which people ask for them."""
PLACES = {"huggingface": "Hugging Face", "modelscope": "ModelScope", "colab": "Colab"}


def model_report(scope: Scope, model: str) -> ModelReport:
    """One model on this machine."""
    given = scope.by_model[model]
    local = [a for a in given if a.mode != "online"]
    top = best(local) if local else None
    known = scope.catalogue.models[model]
    return ModelReport(
        model=model,
        name=scope.name(model),
        verdict=top.verdict if top else "unknown",
        mode=top.mode if top else None,
        headline=headline(scope, top),
        stars=top.stars if top else 1,
        summary=scope.tell(known.summary),
        profile=_profile(scope, model),
        requirements=_requirements(scope, model),
        modes=[_mode(scope, a) for a in ranked(given)],
        advantages=advantages(scope, model),
        challenges=challenges(scope, model),
        gaps=gaps(scope, model),
        remedies=remedies(scope, model),
        recipes=recipes(scope, model),
        problems=problems(scope, model),
    )


def _cited(scope: Scope, key: str | None) -> str | None:
    number = scope.cite(key)
    return str(number) if number is not None else None


def _profile(scope: Scope, model: str) -> list[Line]:
    known = scope.catalogue.models[model]
    total = sum(part.millions for part in known.parameters)
    parts = [
        f"{component(part.id, scope.lang)} {part.millions:,.0f} M" for part in known.parameters
    ]
    sources = list(dict.fromkeys(part.source for part in known.parameters))
    told = scope.told("parameters", total=parameters(total, scope.lang), parts=scope.listed(parts))
    lines = [
        _line(scope, "parameters", told, sources[0]),
        _line(scope, "released", known.released, None),
        _line(scope, "languages", languages(known.languages, scope.lang), None),
    ]
    if known.dialects:
        dialects = scope.listed([scope.tell(each) for each in known.dialects])
        lines.append(_line(scope, "dialects", dialects, None))
    lines.append(_line(scope, "emotion", scope.tell(known.emotion), None))
    lines.append(_line(scope, "cloning", scope.tell(known.cloning.text), known.cloning.source))
    lines.append(_line(scope, "output", f"{known.sample_rate_hz / 1000:g} kHz", None))
    return [*lines, _licence(scope, model), *_links(scope, model)]


def _line(scope: Scope, key: str, value: str, source: str | None) -> Line:
    return Line(name=scope.word(key), value=value, source=_cited(scope, source))


def _licence(scope: Scope, model: str) -> Line:
    licence = scope.catalogue.models[model].licence
    code, weights = shown(licence.code, 200), shown(licence.weights, 200)
    terms = code if code == weights else scope.told("licence-two", code=code, weights=weights)
    return Line(
        name=scope.word("licence"),
        value=scope.told("licence", terms=terms, commercial=commercial(licence, scope.lang)),
        status={"yes": "good", "conditions": "limit", "no": "bad"}[licence.commercial],  # type: ignore[arg-type]
        note=scope.tell(licence.notice) if licence.notice is not None else None,
        source=_cited(scope, licence.source),
    )


def _links(scope: Scope, model: str) -> list[Line]:
    links = scope.catalogue.models[model].links
    lines = [Line(name=_capital(scope.word("code")), value=shown(links.code, 300))]
    named = [*(("weights", link) for link in links.weights), *(("demo", x) for x in links.demos)]
    for key, link in named:
        name = _capital(scope.word(key))
        if link.place in PLACES:
            name = scope.told("gap-part", part=name, mode=PLACES[link.place])
        elif key == "demo":
            name = scope.told("samples")
        note = scope.tell(link.note) if link.note is not None else None
        lines.append(Line(name=name, value=shown(link.url, 300), note=note))
    return lines


def _capital(word: str) -> str:
    return word[:1].upper() + word[1:]


def _requirements(scope: Scope, model: str) -> list[RequirementRow]:
    asked = {a.mode for a in scope.by_model[model]}
    kept = [
        each
        for each in scope.catalogue.models[model].requirements
        if not each.modes or not asked.isdisjoint(each.modes)
    ]
    rows = []
    for of in OF:
        mine = [each for each in kept if each.of == of]
        if mine:
            rows.append(
                RequirementRow(
                    of=scope.word(f"of-{of}"),
                    minimum=_claims(scope, mine, "minimum"),
                    recommended=_claims(scope, mine, "recommended"),
                    measured=_claims(scope, mine, "measured"),
                )
            )
    return rows


def _claims(scope: Scope, given: list[Requirement], level: str) -> list[Claim]:
    return [
        Claim(
            value=scope.tell(each.value),
            remark=scope.tell(each.remark) if each.remark is not None else None,
            source=scope.cite(each.source) or 0,
        )
        for each in given
        if each.level == level
    ]


def _mode(scope: Scope, given: Assessment) -> ModeRow:
    rtf = given.rtf
    speed = None
    if rtf is not None:
        speed = Speed(low=rtf.low, mid=rtf.mid, high=rtf.high, basis=rtf.basis)
    memory = given.memory
    return ModeRow(
        mode=given.mode,
        runtime=scope.tell(scope.subject(given).runtime.name),
        verdict=given.verdict,
        verdict_word=scope.word(given.verdict),
        score=given.score,
        stars=given.stars,
        confidence=given.confidence,
        rtf=speed,
        rtf_text=rtf_text(rtf),
        time=scope.time(rtf),
        reason=reason(given, scope.lang),
        vram=_amount(memory.device) if memory.device is not None else None,
        ram=_amount(memory.host),
        disk=_amount(memory.disk),
    )


def _amount(given: Amounts) -> Amount:
    return Amount(need_bytes=given.need_bytes, have_bytes=given.have_bytes)
