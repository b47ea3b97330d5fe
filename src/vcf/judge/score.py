"""Score and stars: one monotone number to rank by."""

from __future__ import annotations

import math

from .model import Rtf, Verdict

RANK: dict[Verdict, int] = {"good": 4, "slow": 3, "tight": 2, "unknown": 1, "no": 0}
"""Verdicts from best to worst."""


def score_of(verdict: Verdict, rtf: Rtf | None) -> int:
    """0 to 100. Good 60–100, slow 20–59, tight 8–19, else 0; within a class by speed.

    Good reaches 100 at ten times real time; slow falls to 20 at RTF 30.
    """
    if verdict in ("no", "unknown"):
        return 0
    if rtf is None:  # online: somebody else's hardware
        return 60
    speed = -math.log10(max(rtf.mid, 1e-6))  # 0 at real time, 1 at ten times real time
    if verdict == "good":
        return 60 + round(40 * min(1.0, max(0.0, speed)))
    if verdict == "slow":
        return 20 + round(39 * max(0.0, 1 + min(0.0, speed) / math.log10(30)))
    return 8 + round(11 * min(1.0, max(0.0, (speed + 1.5) / 2.5)))


def stars_of(score: int) -> int:
    """1 to 5 from the score."""
    return 1 + (score >= 8) + (score >= 35) + (score >= 60) + (score >= 80)
