"""A verdict in one sentence."""

from __future__ import annotations

from ..judge.model import Assessment
from ..judge.words import pace
from .report_scope import Scope, bare
from .rows import reason


def _clause(scope: Scope, given: Assessment) -> str | None:
    """How fast something that runs well is: ``slower than real time, 30 s of speech in …``."""
    if given.rtf is None or given.verdict not in ("good", "slow"):
        return None
    return scope.told(f"pace-{pace(given.rtf)}", time=scope.time(given.rtf) or "–")


def pace_sentence(scope: Scope, given: Assessment) -> str:
    """How well something runs."""
    text = _clause(scope, given)
    if text is None:
        return scope.told("pace-tight", why=_why(scope, given))
    return scope.told("sentence", text=text[:1].upper() + text[1:])


def headline(scope: Scope, top: Assessment | None) -> str:
    """The verdict on the best mode, with its mode."""
    if top is None:
        return scope.told("head-online")
    text = _clause(scope, top)
    if text is None:
        return scope.told(f"head-{top.verdict}", mode=top.mode, why=_why(scope, top))
    return scope.told("head", mode=top.mode, text=text)


def _why(scope: Scope, given: Assessment) -> str:
    return bare(reason(given, scope.lang)) or "–"
