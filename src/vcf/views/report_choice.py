"""Which model to take: the first choice, the second, the steps to take now, the conclusion."""

from __future__ import annotations

from collections.abc import Iterator

from ..judge.assess import best
from ..judge.model import Action, Assessment
from ..plain import shown
from ..units import gb, gib
from .effects import effect_text
from .report_criteria import cloning
from .report_document import Choice, Step
from .report_missing import missing, nothing_known
from .report_parts import fastest
from .report_recipes import PLACES
from .report_remedies import effort_grade, grade_word
from .report_scope import Scope, able


def first_choice(scope: Scope) -> Choice | None:
    """What is recommended; None where nothing is."""
    given = recommended(scope)
    return _choice(scope, given, first=True) if given is not None else None


def recommended(scope: Scope) -> Assessment | None:
    """The verdict that the recommendation names; None where it names none, or what was not asked
    for, as a demonstration where nothing else is left."""
    advice = scope.result.recommendation
    found = (
        a for a in scope.result.assessments if (a.model, a.mode) == (advice.model, advice.mode)
    )
    return next(found, None)


def second_choice(scope: Scope) -> Choice | None:
    """The best of another model, of another family if there is one; its demonstration where that
    serves better than this machine."""
    first = recommended(scope)
    if first is None:
        return None
    given = _second(scope, first)
    return _choice(scope, given, first=False) if given is not None else None


def _second(scope: Scope, first: Assessment) -> Assessment | None:
    family = scope.model(first).family
    others = [model for model in scope.by_model if model != first.model]
    far = [model for model in others if scope.catalogue.models[model].family != family] or others
    local = [a for m in far for a in scope.by_model[m] if a.mode != "online" and able(a)]
    if local and best(local).verdict == "good":
        return best(local)
    hosted = [
        a
        for model in sorted(far, key=lambda m: scope.catalogue.models[m].released, reverse=True)
        for a in scope.by_model[model]
        if a.mode == "online" and demo(scope, a) is not None
    ]
    if hosted:
        return hosted[0]
    return best(local) if local else None


def demo(scope: Scope, given: Assessment) -> str | None:
    """Where a model can be tried in the browser: the maker's page, ModelScope for Chinese."""
    links = [x for x in scope.model(given).links.demos if x.place in PLACES and x.official]
    if scope.lang == "zh":
        links.sort(key=lambda link: link.place != "modelscope")
    return shown(links[0].url, 300) if links else None


def _choice(scope: Scope, given: Assessment, *, first: bool) -> Choice:
    online = given.mode == "online"
    effort = 1 if online else scope.subject(given).runtime.effort
    difficulty = effort_grade(effort)
    why = _why_online(scope, given) if online else _why(scope, given, first=first)
    return Choice(
        model=given.model,
        mode=given.mode,
        title=scope.told(
            "choice-online" if online else "choice", model=scope.name(given), mode=given.mode
        ),
        why=list(dict.fromkeys(why)),
        expect=list(_expect_online(scope) if online else _expect(scope, given)),
        difficulty=difficulty,
        difficulty_word=grade_word(scope, difficulty),
        stars=given.stars,
        link=demo(scope, given) if online else None,
    )


def _why(scope: Scope, given: Assessment, *, first: bool) -> Iterator[str]:
    running = [a for a in scope.local if able(a)]
    quick = [a for a in running if a.verdict == "good"]
    if given.verdict == "good":
        models = {a.model for a in quick}
        sizes = {m: sum(p.millions for p in scope.catalogue.models[m].parameters) for m in models}
        largest = max(sizes, key=lambda m: sizes[m])
        if len(models) > 1 and largest == given.model:
            yield scope.told("why-largest", count=len(models))
        else:
            yield scope.told("why-quick")
    elif first and running:
        yield from _why_slow(scope, given, running)
    device, host = given.memory.device, given.memory.host
    if device is not None and device.need_bytes and device.have_bytes:
        yield scope.told("why-vram", need=gib(device.need_bytes), have=gib(device.have_bytes))
    if host.need_bytes and host.have_bytes:
        yield scope.told("why-ram", need=gib(host.need_bytes), have=gib(host.have_bytes))
    if scope.subject(given).runtime.effort == 1:
        yield scope.told("good-easy")
    if scope.model(given).licence.commercial == "yes":
        yield scope.told("adv-licence", licence=scope.model(given).licence.code)


def _why_slow(scope: Scope, given: Assessment, running: list[Assessment]) -> Iterator[str]:
    """Fastest of all, or why not the fastest."""
    ample = [a for a in running if a.verdict != "tight"] or running
    top = fastest(ample)
    if top is None or not _slower(given, top):
        key = "why-fastest" if len(ample) == len(running) else "why-fastest-ample"
        yield scope.told(key, count=len(ample))
        return
    effort = scope.subject(given).runtime.effort
    easy = fastest(a for a in ample if scope.subject(a).runtime.effort <= effort)
    if not _slower(given, easy) and scope.subject(top).runtime.effort > effort:
        yield scope.told("why-easiest", model=scope.name(top), mode=top.mode,
                         time=scope.time(top.rtf) or "–")  # fmt: skip


def _slower(given: Assessment, other: Assessment | None) -> bool:
    """Whether the other is faster by the middle of its range."""
    if given.rtf is None or other is None or other.rtf is None:
        return False
    return given.rtf.mid > other.rtf.mid


def _expect(scope: Scope, given: Assessment) -> Iterator[str]:
    if given.rtf is not None:
        yield scope.told(
            "expect-time",
            half=scope.time(given.rtf) or "–",
            minute=scope.time(given.rtf, 60) or "–",
        )
    disk = scope.subject(given).mode.disk
    if disk is not None:
        yield scope.told(
            "expect-disk", weights=gb(disk.weights_gb * 1e9), rest=gb(disk.environment_gb * 1e9)
        )
    yield scope.told("expect-clip", cloning=cloning(scope, scope.model(given)))


def _why_online(scope: Scope, given: Assessment) -> Iterator[str]:
    local = [a for a in scope.by_model[given.model] if a.mode != "online"]
    if local:
        top = best(local)
        key = "why-local" if able(top) else "why-no-local"
        yield scope.told(key, model=scope.name(given), state=scope.state(top), mode=top.mode)
    yield scope.told("why-emotion", text=scope.tell(scope.model(given).emotion))


def _expect_online(scope: Scope) -> Iterator[str]:
    yield scope.told("good-online")
    yield scope.told("bad-online")


def steps_now(scope: Scope) -> list[Step]:
    """What to do at once, in order; what must be bought stands among the upgrades."""
    return [
        _step(scope, action)
        for action in scope.result.recommendation.actions
        if action.kind != "buy"
    ]


def _step(scope: Scope, action: Action) -> Step:
    return Step(
        text=scope.say(action.text),
        why=scope.say(action.why) if action.why is not None else None,
        effect=effect_text(action.effect, scope.lang) if action.effect is not None else None,
        command=action.command,
        link=shown(action.link, 300) if action.link is not None else None,
    )


def conclusion(scope: Scope, upgrade: str | None) -> list[str]:
    """Two to four sentences: what runs, what to take, what else, what would change it."""
    facts = missing(scope)
    dark = facts is not None and nothing_known(scope)
    told = [each for each in (None if dark else _runs(scope), facts) if each is not None]
    first, second = recommended(scope), None
    if first is not None:
        second = _second(scope, first)
        key = "end-first-online" if first.mode == "online" else "end-first"
        told.append(scope.told(key, model=scope.name(first), mode=first.mode))
    if second is not None:
        key = "end-second-online" if second.mode == "online" else "end-second"
        told.append(scope.told(key, model=scope.name(second), mode=second.mode))
    if upgrade is not None:
        told.append(upgrade)
    return [each for each in told if each]


def _runs(scope: Scope) -> str:
    tops = [
        best(local)
        for given in scope.by_model.values()
        if (local := [a for a in given if a.mode != "online"])
    ]
    if not tops:
        return scope.told("head-online")
    groups = (
        ("good", [a for a in tops if a.verdict == "good"]),
        ("slow", [a for a in tops if a.verdict == "slow"]),
        ("tight", [a for a in tops if a.verdict == "tight"]),
        ("no", [a for a in tops if a.verdict == "no"]),
        ("unknown", [a for a in tops if a.verdict == "unknown"]),
    )
    same = [(verdict, found) for verdict, found in groups if len(found) == len(tops) > 1]
    if same:
        return scope.told(f"end-{same[0][0]}-all", count=len(tops))
    return scope.sentences(
        *(
            scope.told(
                f"end-{verdict}" if len(found) > 1 else f"end-{verdict}-one",
                models=scope.listed([scope.name(a) for a in found]),
            )
            for verdict, found in groups
            if found
        )
    )
