"""Which of the machines compared serves best, in words; where that can't be told, why."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .compare_words import told
from .words import Lang, listed

if TYPE_CHECKING:
    from .compare import CompareMachine

MOST_NAMED = 3
"""Machines named in a sentence."""
MOST_FACTS = 6
"""Missing facts named in a sentence."""


def best_of(machines: Sequence[CompareMachine], lang: Lang) -> tuple[list[int], str]:
    """The best machines, several where they come out even, and a sentence. None where nothing
    runs, or where a machine of which facts are missing could be good on more models.

    Most models good, then the highest sum of scores.
    """
    keys = [(each.counts.good, each.score) for each in machines]
    order = sorted(range(len(machines)), key=lambda i: keys[i], reverse=True)
    first, second = (machines[i] for i in order[:2])
    even = [i for i in order if keys[i] == keys[order[0]]]
    if any(
        machines[i].counts.good + machines[i].counts.unknown > first.counts.good
        for i in (order if len(even) > 1 else order[1:])
    ) or (not first.score and first.counts.unknown):
        return [], _untold(machines, first if len(even) == 1 else None, lang)
    if not first.score:  # what can run has a score
        return [], told("none", lang)
    if len(even) > 1:
        names = _spaced(_named([machines[i].name for i in even], len(machines), lang), lang)
        return even, told("even", lang, names=names, counts=first.summary, score=first.score)
    if not second.score and not any(each.counts.unknown for each in machines):
        return order[:1], told("only", lang, name=first.name, counts=first.summary)
    why = told(
        "best", lang,
        name=first.name, counts=first.summary, next=second.name, next_counts=second.summary,
    )  # fmt: skip
    if first.counts.good == second.counts.good:
        key = "scores" if first.counts.good else "scores-none"
        scores = told(key, lang, score=first.score, next_score=second.score)
        why = told("both", lang, first=why, second=scores)
    return order[:1], why


def _untold(machines: Sequence[CompareMachine], ahead: CompareMachine | None, lang: Lang) -> str:
    """That it can't be told, the facts that are missing, and who is ahead without them."""
    lacking = [each for each in machines if each.counts.unknown]
    facts = list(dict.fromkeys(item.text for each in lacking for item in each.missing))
    why = told("unknown", lang)
    if facts:
        more = ["…"] if len(facts) > MOST_FACTS else []
        names = _named([each.name for each in lacking], len(machines), lang)
        shown_facts = listed([*facts[:MOST_FACTS], *more], lang)
        why = told(
            "unknown-facts", lang, names=_spaced(names, lang, before=True), facts=shown_facts
        )
    if ahead is None or not ahead.score:
        return why
    leads = told("ahead", lang, name=ahead.name, counts=ahead.summary)
    return told("both", lang, first=why, second=leads)


def _named(names: Sequence[str], of: int, lang: Lang) -> str:
    if len(names) <= MOST_NAMED:
        return listed(names, lang)
    if len(names) == of:
        return told("all", lang, count=of)
    count = len(names) - (MOST_NAMED if lang == "en" else 0)  # "A, B and 2 more", "A、B 等 4 台"
    return told("more", lang, names=listed(names[:MOST_NAMED], lang), count=count)


def _spaced(names: str, lang: Lang, *, before: bool = False) -> str:
    """Names with characters after them, and ``before`` them: Chinese sets a space between these
    and Latin letters."""
    if lang != "zh":
        return names
    start = " " if before and names[0].isascii() else ""
    return f"{start}{names}{' ' if names[-1].isascii() else ''}"
