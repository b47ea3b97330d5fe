"""The smallest card that is worth buying for a machine, and what it would do there."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from ..catalogue.model import Text
from .assess import best, judge
from .cards import CARDS, Offer, fits_in, with_card
from .context import Context
from .model import Action, Assessment, Effect, Message
from .subject import Subject


def upgrade(
    context: Context, subjects: Iterable[Subject], local: Sequence[Assessment]
) -> list[Action]:
    """The smallest card with which most of the models asked for are faster than real time."""
    gpu_modes = tuple(s for s in subjects if s.device == "gpu")
    models = {s.model_id for s in gpu_modes}
    if not models:
        return []
    offer, quick = _smallest_card(context, gpu_modes)
    if offer is None:
        return []
    values: dict[str, str | int | float | Text] = {
        "card": offer.name, "count": len(quick), "of": len(models),
        "model": gpu_modes[0].model.name,
    }  # fmt: skip
    fits = fits_in(context.machine, context)
    if len(models) == 1:
        text = "action-buy-one" if fits else "action-buy-other-one"
    elif len(quick) == len(models):
        text = "action-buy-all" if fits else "action-buy-other-all"
    else:
        text = "action-buy" if fits else "action-buy-other"
    price: dict[str, str | int | float | Text] = {
        "usd": offer.price.usd, "date": offer.price.date,
    }  # fmt: skip
    largest = max(quick, key=lambda a: _size_of(gpu_modes, a))
    before = best(a for a in local if a.model == largest.model)
    return [
        Action(
            kind="buy",
            text=Message(text, values),
            why=Message("why-price", price) if fits else None,
            effect=Effect(before=before, after=largest),
        )
    ]


def _size_of(subjects: Iterable[Subject], given: Assessment) -> float:
    """Parameters of the model of a verdict, in millions."""
    return max(s.parameters_m for s in subjects if s.model_id == given.model)


def _smallest_card(
    context: Context, gpu_modes: tuple[Subject, ...]
) -> tuple[Offer | None, tuple[Assessment, ...]]:
    """The card, and of each model that is faster than real time on it the easiest mode that is."""
    models: dict[str, list[Subject]] = {}
    for subject in gpu_modes:
        models.setdefault(subject.model_id, []).append(subject)
    most: tuple[Offer | None, tuple[Assessment, ...]] = (None, ())
    for offer in CARDS:
        machine = with_card(context, offer)
        ample = with_card(context, offer, ample=True)
        tried = (_easiest_good(machine, ample, offer, found) for found in models.values())
        quick = tuple(given for given in tried if given is not None)
        if len(quick) > len(most[1]):
            most = (offer, quick)
        if len(quick) == len(models):
            break
    return most


def _easiest_good(
    machine: Context, ample: Context, offer: Offer, subjects: Sequence[Subject]
) -> Assessment | None:
    """Of one model's modes that are faster than real time on a card the easiest, then the
    fastest. Where RAM and disk do not limit (``ample``) is kept for all machines alike."""
    settings = tuple(sorted((ample.machine.settings or {}).items()))
    for effort in sorted({subject.runtime.effort for subject in subjects}):
        alike = tuple(s for s in subjects if s.runtime.effort == effort)
        key = ("card", offer.name, ample.os, settings, ample.workload_id, alike)
        kept: tuple[Subject, ...] | None = alike[0].memo.get(key)
        if kept is None:
            judged = [(judge(ample, subject), subject) for subject in alike]
            good = [pair for pair in judged if pair[0].verdict == "good"]
            good.sort(key=lambda pair: -pair[0].score)
            kept = alike[0].memo[key] = tuple(subject for _, subject in good)
        for subject in kept:
            given = judge(machine, subject)
            if given.verdict == "good":
                return given
    return None
