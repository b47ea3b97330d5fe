"""The models side by side."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from ..catalogue.model import Model
from ..judge.assess import best
from ..judge.model import Assessment
from ..units import gib
from .report_document import Criterion
from .report_names import commercial, languages, parameters
from .report_parts import cpu_modes, gpu_modes
from .report_scope import Scope
from .rows import stars_text

NAMED = 4
"""Languages that a cell names."""


def criteria(scope: Scope) -> list[Criterion]:
    """A line for each property, a cell for each model; nothing where there is only one."""
    if len(scope.by_model) < 2:
        return []
    made: tuple[tuple[str, Callable[[Scope, str], str]], ...] = (
        (scope.word("parameters"), _parameters),
        (scope.word("released"), lambda s, m: s.catalogue.models[m].released),
        (scope.told("crit-vram"), _vram),
        (scope.told("crit-ram"), _ram),
        (scope.word("output"), lambda s, m: f"{s.catalogue.models[m].sample_rate_hz / 1000:g} kHz"),
        (scope.told("crit-commercial"), _commercial),
        (scope.word("languages"), _languages),
        (scope.word("emotion"), lambda s, m: s.tell(s.catalogue.models[m].emotion)),
        (scope.word("cloning"), lambda s, m: cloning(s, s.catalogue.models[m])),
        (scope.told("crit-verdict"), _verdict),
        (scope.told("crit-time"), lambda s, m: _of(s, m, lambda a: s.time(a.rtf))),
        (scope.word("stars"), lambda s, m: _of(s, m, lambda a: stars_text(a.stars))),
    )
    return [
        Criterion(name=name, cells=[cell(scope, model) for model in scope.by_model])
        for name, cell in made
    ]


def _parameters(scope: Scope, model: str) -> str:
    known = scope.catalogue.models[model].parameters
    return parameters(sum(part.millions for part in known), scope.lang)


def _least(scope: Scope, found: Iterable[tuple[int | None, str]]) -> str:
    known = [(size, mode) for size, mode in found if size is not None]
    if not known:
        return "–"
    size, mode = min(known)
    return scope.told("crit-least", size=gib(size), mode=mode)


def _vram(scope: Scope, model: str) -> str:
    modes = gpu_modes(scope, scope.by_model[model])
    return _least(
        scope, ((a.memory.device.need_bytes, a.mode) for a in modes if a.memory.device is not None)
    )


def _ram(scope: Scope, model: str) -> str:
    modes = cpu_modes(scope, scope.by_model[model])
    return _least(scope, ((a.memory.host.need_bytes, a.mode) for a in modes))


def _commercial(scope: Scope, model: str) -> str:
    return commercial(scope.catalogue.models[model].licence, scope.lang)


def _languages(scope: Scope, model: str) -> str:
    known = scope.catalogue.models[model]
    told = languages(known.languages, scope.lang, NAMED)
    if not known.dialects:
        return told
    return scope.told("crit-dialects", languages=told, count=len(known.dialects))


def cloning(scope: Scope, model: Model) -> str:
    """How long a clip, and whether its words must be given."""
    given = model.cloning
    low, high = given.reference_seconds_min, given.reference_seconds_max
    if low is not None and high is not None:
        seconds = scope.told("clip-range", low=f"{low:g}", high=f"{high:g}")
    elif high is not None:
        seconds = scope.told("clip-most", high=f"{high:g}")
    else:
        seconds = scope.told("clip-any")
    return scope.told("cloning", seconds=seconds, words=scope.told(f"words-{given.transcript}"))


def _top(scope: Scope, model: str) -> Assessment | None:
    local = [a for a in scope.by_model[model] if a.mode != "online"]
    return best(local) if local else None


def _of(scope: Scope, model: str, cell: Callable[[Assessment], str | None]) -> str:
    top = _top(scope, model)
    return (cell(top) if top is not None else None) or "–"


def _verdict(scope: Scope, model: str) -> str:
    top = _top(scope, model)
    if top is None:
        return scope.told("crit-online")
    return scope.told("crit-mode", verdict=scope.word(top.verdict), mode=top.mode)
