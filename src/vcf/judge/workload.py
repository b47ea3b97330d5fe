"""What is asked of a model: how much speech, after how long a reference clip, in how many steps."""

from __future__ import annotations

from math import ceil

import msgspec

from ..catalogue.model import Mode, Model, Stage
from ..errors import UsageError

LEAST_SECONDS, MOST_SECONDS, MOST_STEPS = 0.1, 36_000.0, 100
"""Ten hours: an audio book. voxcpm takes a hundred steps at the most."""


class WorkError(UsageError, ValueError):
    """Work that cannot be asked for. A ValueError too, so that documents with it are refused."""


SPEECH_SECONDS = 10.0
REFERENCE_SECONDS = 10.0


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """One call of a model. Verdicts are for the standard one unless something else is asked."""

    speech_seconds: float = SPEECH_SECONDS
    """Length of the speech to be made."""
    reference_seconds: float = REFERENCE_SECONDS
    """Length of the clip whose voice is taken; 0 without one."""
    steps: int | None = None
    """Diffusion steps; None: the model's own number."""
    emotion: bool = False
    """With the model beside the model that takes emotion from words."""

    def __post_init__(self) -> None:
        """Raises WorkError for what cannot be asked for."""
        _check("speech_seconds", self.speech_seconds, LEAST_SECONDS, MOST_SECONDS)
        _check("reference_seconds", self.reference_seconds, 0.0, MOST_SECONDS)
        if self.steps is not None:
            _check("steps", self.steps, 1, MOST_STEPS)
            if not isinstance(self.steps, int):
                raise WorkError(f"steps: {self.steps!r} is not a whole number")


def _check(name: str, value: object, least: float, most: float) -> None:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not least <= value <= most:  # type: ignore[operator]
        raise WorkError(f"{name}: {value!r} is out of range", f"between {least:g} and {most:g}")


STANDARD = Workload()


def steps_of(model: Model, mode: Mode, workload: Workload) -> int | None:
    """Diffusion steps that will be made; None where the model has none."""
    if model.steps is None:
        return None
    asked = workload.steps if model.steps.adjustable else None
    return asked or mode.steps or model.steps.default


def reference_of(model: Model, workload: Workload) -> float:
    """Seconds of the clip that are used: some code cuts long ones."""
    most = model.growth.reference_seconds_max if model.growth is not None else None
    return workload.reference_seconds if most is None else min(workload.reference_seconds, most)


def pieces(model: Model, workload: Workload) -> int:
    """Pieces into which the text is cut."""
    longest = model.segment_seconds
    return max(1, ceil(workload.speech_seconds / longest)) if longest else 1


def amount(stage: Stage, model: Model, mode: Mode, workload: Workload) -> float:
    """What a stage's figures are multiplied with for one call."""
    speech = workload.speech_seconds
    passes = _passes(model, mode, workload) if stage.diffusion else 1.0
    if stage.per == "speech":
        return speech * passes
    if stage.per == "reference":
        return reference_of(model, workload) * passes
    if stage.per == "prompt":
        return (pieces(model, workload) * reference_of(model, workload) + speech) * passes
    return (pieces(model, workload) if stage.per == "segment" else 1) * passes


def squares(stage: Stage, model: Model, mode: Mode, workload: Workload) -> float:
    """Square seconds of clip and speech together, over all pieces."""
    count = pieces(model, workload)
    passes = _passes(model, mode, workload) if stage.diffusion else 1.0
    return count * (reference_of(model, workload) + workload.speech_seconds / count) ** 2 * passes


def _passes(model: Model, mode: Mode, workload: Workload) -> float:
    steps = steps_of(model, mode, workload)
    if model.steps is None or steps is None:
        return 1.0
    skipped = model.steps.skipped
    return max(0, steps - skipped) / max(1, model.steps.default - skipped)
