"""What a change does, in words: from → to."""

from __future__ import annotations

from ..judge.model import Assessment, Effect
from .rows import rtf_text
from .words import Lang, colon, joined, label


def effect_text(effect: Effect, lang: Lang, *, named: bool = False) -> str:
    """``slow → good in gpu-bf16, RTF 4.0–14 → 0.4–1.1``; ``named``: with the model's id, where
    the change serves several."""
    return changed(effect.before, effect.after, lang, named=named)


def changed(
    before: Assessment | None, after: Assessment, lang: Lang, *, named: bool = False
) -> str:
    """From one verdict to another; where the mode changes with it, both are named. ``before``:
    None where it is not installed yet."""
    same = before is None or before.model == after.model
    mode = after.mode if same else f"{after.model}:{after.mode}"
    start = label("not-installed", lang)
    if before is not None:
        start = label(before.verdict, lang)
        if before.mode != after.mode and after.mode != "online":
            start = label("effect-from", lang).format(verdict=start, mode=before.mode)
    verdicts = label("effect-verdict", lang).format(
        before=start, after=label(after.verdict, lang), mode=mode
    )
    if named and same:
        verdicts = colon(after.model, verdicts, lang)
    if after.rtf is None:
        return verdicts
    speed = f"RTF {rtf_text(after.rtf)}"
    if before is not None and before.rtf is not None:
        speed = f"RTF {rtf_text(before.rtf)} → {rtf_text(after.rtf)}"
    return joined((verdicts, speed), lang)
