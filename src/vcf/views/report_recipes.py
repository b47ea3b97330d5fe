"""How to run a model here, ready to paste, and what is likely to go wrong."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Literal

import msgspec

from ..judge.assess import best
from ..judge.model import Assessment
from ..judge.verdict import MINOR_DOUBTS
from ..plain import shown
from ..units import gb, gib
from .report_document import Problem, RecipeBlock
from .report_headline import pace_sentence
from .report_samples import in_chinese
from .report_scope import Scope, able, bare

MOST_RECIPES = 3
Language = Literal["python", "sh", "powershell", "text"]
PLACES = ("huggingface", "modelscope", "mirror", "colab")
"""Links under which something can be tried out; the others hold samples and texts."""


def chosen(scope: Scope, model: str) -> list[Assessment]:
    """The ways to show: what is recommended, then the best of each other program that runs."""
    running = [a for a in scope.by_model[model] if a.mode != "online" and able(a)]
    picked: list[Assessment] = []
    advice = scope.result.recommendation
    first = [a for a in running if (a.model, a.mode) == (advice.model, advice.mode)]
    by_runtime: dict[str, list[Assessment]] = {}
    for each in running:
        by_runtime.setdefault(scope.subject(each).mode.runtime, []).append(each)
    tops = sorted((best(group) for group in by_runtime.values()), key=lambda a: -a.score)
    for each in [*first, *tops]:
        if (each.recipe.code or each.recipe.install) and not _beaten(scope, each, picked):
            picked.append(each)
    return picked[:MOST_RECIPES]


def _beaten(scope: Scope, given: Assessment, others: list[Assessment]) -> bool:
    """Whether one of the others is as quick and takes no more effort."""
    effort = scope.subject(given).runtime.effort
    return any(
        other.score >= given.score and scope.subject(other).runtime.effort <= effort
        for other in others
    )


def recipes(scope: Scope, model: str) -> list[RecipeBlock]:
    """The ways that run here, and the hosted one where none of them is quick."""
    ways = chosen(scope, model)
    made = [_block(scope, each) for each in ways]
    given = scope.by_model[model]
    quick = any(a.verdict == "good" for a in given if a.mode != "online")
    online = next((a for a in given if a.mode == "online"), None)
    if online is not None and not quick:
        made.extend(_hosted(scope, online))
    return made


def language_of(scope: Scope, code: str) -> Language:
    """Of a recipe's code: Python where it imports, else the shell that it is written for."""
    if re.search(r"^(import|from) \w", code, re.MULTILINE):
        return "python"
    if re.search(r"\\$|^[A-Z_]+=", code, re.MULTILINE):
        return "sh"
    return "powershell" if scope.context.os == "windows" else "sh"


def _block(scope: Scope, given: Assessment) -> RecipeBlock:
    recipe = given.recipe
    runtime = scope.tell(scope.subject(given).runtime.name)
    notes = [scope.tell(note) for note in recipe.notes]
    return RecipeBlock(
        mode=given.mode,
        title=scope.told("recipe-title", mode=given.mode, runtime=runtime),
        install=recipe.install,
        code=in_chinese(recipe.code) if scope.lang == "zh" else recipe.code,
        language=language_of(scope, recipe.code),
        good=list(_good(scope, given)),
        bad=list(_bad(scope, given)),
        notes=[*notes, *(scope.say(each) for each in recipe.happens if not _minor(each.id))],
    )


def _minor(text: str) -> bool:
    """What is told among the problems instead."""
    return text == "happens-tries"


def _good(scope: Scope, given: Assessment) -> Iterator[str]:
    subject = scope.subject(given)
    if given.verdict == "good":
        yield pace_sentence(scope, given)
    if subject.runtime.effort == 1:
        yield scope.told("good-easy")
    if subject.device == "cpu":
        yield scope.told("good-cpu")
    fits = {gate.status for gate in given.gates if gate.gate == "memory"} <= {"pass"}
    need = given.memory.host.need_bytes if fits else None
    device = given.memory.device.need_bytes if given.memory.device is not None else None
    if device is not None and need is not None:
        yield scope.told("good-memory-gpu", vram=gib(device), ram=gib(need))
    elif need is not None:
        yield scope.told("good-memory", ram=gib(need))


def _bad(scope: Scope, given: Assessment) -> Iterator[str]:
    subject = scope.subject(given)
    if given.verdict != "good":
        yield pace_sentence(scope, given)
    if subject.runtime.effort == 2:
        yield scope.told("bad-build")
    elif subject.runtime.effort == 3:
        yield scope.told("bad-server")
    disk = given.memory.disk.need_bytes
    if disk is not None:
        yield scope.told("bad-disk", size=gb(disk))


def _hosted(scope: Scope, given: Assessment) -> Iterator[RecipeBlock]:
    links = [x for x in scope.model(given).links.demos if x.place in PLACES]
    if not links:
        return
    if scope.lang == "zh":
        links.sort(key=lambda link: link.place != "modelscope")
    yield RecipeBlock(
        mode="online",
        title=scope.told("recipe-online"),
        install=(),
        code="\n".join(shown(link.url, 300) for link in links),
        language="text",
        good=[scope.told("good-online")],
        bad=[scope.told("bad-online")],
        notes=[
            scope.told("note-link", url=link.url, note=scope.tell(link.note))
            for link in links
            if link.note is not None
        ],
    )


def problems(scope: Scope, model: str) -> list[Problem]:
    """What the gates of the ways shown warn of, and what makes the forecast doubtful."""
    found: dict[str, Problem] = {}
    modes: dict[str, list[str]] = {}
    for given in chosen(scope, model):
        for each in _of(scope, given):
            found.setdefault(each.text, each)
            modes.setdefault(each.text, []).append(given.mode)
    return [
        msgspec.structs.replace(
            each,
            text=scope.told("problem-mode", mode=scope.listed(modes[text]), text=text),
        )
        for text, each in found.items()
    ]


def _of(scope: Scope, given: Assessment) -> Iterator[Problem]:
    for gate in given.gates:
        if gate.status in ("warn", "unknown") and gate.gate not in ("speed", "licence"):
            yield Problem(
                text=scope.say(gate.text),
                remedy=scope.say(gate.remedy) if gate.remedy is not None else None,
                source=scope.cite(gate.source),
            )
    for each in given.recipe.happens:
        if _minor(each.id):
            yield Problem(text=scope.say(each), remedy=None, source=None)
    told = {gate.text.id for gate in given.gates}
    for doubt in given.doubts:
        if doubt.id not in told and doubt.id not in MINOR_DOUBTS:
            said = bare(scope.say(doubt))
            yield Problem(text=scope.told("problem-doubt", text=said), remedy=None, source=None)
