"""What a change does, in words: from → to."""

from __future__ import annotations

from ..judge.model import Assessment, Effect
from .rows import rtf_text
from .words import Lang, joined, label


def effect_text(effect: Effect, lang: Lang) -> str:
    """``slow → good in gpu-bf16, RTF 4.0–14 → 0.4–1.1``; with the model's id where it is another
    one, or the change is to a card."""
    return changed(effect.before, effect.after, lang)


def changed(before: Assessment | None, after: Assessment, lang: Lang) -> str:
    """From one verdict to another. ``before``: None where it is not installed yet."""
    same = before is not None and before.model == after.model
    mode = after.mode if same or before is None else f"{after.model}:{after.mode}"
    start = label(before.verdict, lang) if before is not None else label("not-installed", lang)
    verdicts = label("effect-verdict", lang).format(
        before=start, after=label(after.verdict, lang), mode=mode
    )
    if after.rtf is None:
        return verdicts
    speed = f"RTF {rtf_text(after.rtf)}"
    if before is not None and before.rtf is not None:
        speed = f"RTF {rtf_text(before.rtf)} → {rtf_text(after.rtf)}"
    return joined((verdicts, speed), lang)
