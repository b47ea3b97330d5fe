"""The options that say what is asked of a model."""

from __future__ import annotations

import math

from ..errors import UsageError
from ..judge.workload import LEAST_SECONDS, MOST_SECONDS, MOST_STEPS, STANDARD, Workload


def workload(
    text_seconds: float | None,
    reference_seconds: float | None,
    steps: int | None,
    *,
    emotion: bool = False,
) -> Workload:
    """The work that options ask for; the standard one where none is given.

    Raises UsageError for lengths and steps that make no sense.
    """
    speech = _seconds("--text-seconds", text_seconds, least=LEAST_SECONDS)
    clip = _seconds("--reference-seconds", reference_seconds, least=0.0)
    if steps is not None and not 1 <= steps <= MOST_STEPS:
        raise UsageError(f"--steps: {steps} is out of range", f"between 1 and {MOST_STEPS}")
    if speech is None and clip is None and steps is None and not emotion:
        return STANDARD
    return Workload(
        speech_seconds=STANDARD.speech_seconds if speech is None else speech,
        reference_seconds=STANDARD.reference_seconds if clip is None else clip,
        steps=steps,
        emotion=emotion,
    )


def _seconds(option: str, value: float | None, *, least: float) -> float | None:
    if value is None:
        return None
    if not math.isfinite(value) or not least <= value <= MOST_SECONDS:
        raise UsageError(
            f"{option}: {value:g} is out of range",
            f"seconds between {least:g} and {MOST_SECONDS:g}",
        )
    return value
