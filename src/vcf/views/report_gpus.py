"""The graphics cards of a machine: what each has, what runs on it, what keeps others from it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from ..judge.model import Assessment
from ..machine.model import Gpu
from ..plain import shown
from ..units import gib
from .report_document import Line, Status
from .report_facts import known, source_of
from .report_parts import gpu_modes, gpu_status, stopped_on_card, vram_fit
from .report_scope import Scope, able, bare

MOST_GPUS = 4
"""Kinds of cards that get a line of their own."""


def gpu_lines(scope: Scope) -> Iterator[Line]:
    """A line for each kind of card; one that says so where there is none."""
    machine, name = scope.machine, scope.told("part-gpu")
    modes = gpu_modes(scope, scope.local)
    if not machine.gpus:
        unknown = machine.gpus is None
        value = known(scope, "gpus", None) if unknown else scope.word("none")
        status: Status = "unknown" if unknown else "limit"
        note = scope.told("gpu-unknown" if unknown else "gpu-none", count=len(modes))
        yield Line(
            name=name, value=value, status=status if modes else "none",
            note=note if modes else None, source=source_of(machine, "gpus"),
        )  # fmt: skip
        return
    kinds = _kinds(machine.gpus)
    judged = {a.gpu for a in modes}
    kinds.sort(key=lambda indexes: not judged & set(indexes))
    for indexes in kinds[:MOST_GPUS]:
        yield _gpu_line(scope, indexes, [a for a in modes if a.gpu in indexes])
    if len(kinds) > MOST_GPUS:
        yield Line(name=name, value=scope.told("gpu-more", count=len(kinds) - MOST_GPUS))


def _kinds(gpus: list[Gpu]) -> list[list[int]]:
    """Indexes of equal cards together."""
    found: dict[object, list[int]] = {}
    for index, gpu in enumerate(gpus):
        key = (gpu.name, gpu.vram_total_bytes, gpu.compute_capability, gpu.driver, gpu.hidden_by)
        found.setdefault(key, []).append(index)
    return list(found.values())


def _gpu_line(scope: Scope, indexes: list[int], modes: list[Assessment]) -> Line:
    gpu = scope.machine.gpus[indexes[0]] if scope.machine.gpus else Gpu()
    path = f"gpus[{indexes[0]}]"
    return Line(
        name=scope.told("part-gpu"),
        value=_gpu_value(scope, gpu, path, len(indexes)),
        status=gpu_status(modes),
        note=gpu_note(scope, modes, len(indexes)),
        source=source_of(scope.machine, f"{path}.name", f"{path}.vram_total_bytes", "gpus"),
    )


def _gpu_value(scope: Scope, gpu: Gpu, path: str, count: int) -> str:
    name = shown(gpu.name or gpu.pci_id or "GPU", 80)
    parts = [f"{count} × {name}" if count > 1 else name]
    size = gib(gpu.vram_total_bytes) if gpu.vram_total_bytes is not None else None
    key = "shared" if gpu.unified else "vram"
    parts.append(scope.told(key, size=known(scope, f"{path}.vram_total_bytes", size)))
    if gpu.vram_free_bytes is not None:
        parts.append(scope.word("free").format(size=gib(gpu.vram_free_bytes)))
    if gpu.compute_capability is not None:
        parts.append(scope.told("capability", cc=gpu.compute_capability))
    if gpu.gfx is not None:
        parts.append(shown(gpu.gfx, 20))
    if gpu.driver is not None:
        parts.append(scope.told("driver", version=gpu.driver))
    if gpu.hidden_by is not None:
        parts.append(scope.told("hidden", setting=gpu.hidden_by))
    return scope.joined(parts)


def gpu_note(scope: Scope, modes: list[Assessment], count: int = 1) -> str | None:
    """What runs on a card, how far its memory goes, what its software stops."""
    if not modes:
        return scope.told("gpu-unused") if gpu_modes(scope, scope.local) else None
    running = sum(able(a) for a in modes)
    if gpu_status(modes) == "unknown":
        key = "gpu-unknown"
    else:
        key = "gpu-runs" + ("-none" if not running else "-all" if running == len(modes) else "")
    told = [scope.told(key, fits=running, count=len(modes)), *gpu_limits(scope, modes)]
    if count > 1:
        told.append(scope.told("gpu-single"))
    return scope.sentences(*told)


def gpu_limits(scope: Scope, modes: list[Assessment]) -> Iterator[str]:
    """What keeps GPU modes from running on a card: its memory, its software."""
    fit = vram_fit(modes)
    if fit is not None and fit.status != "good":
        sizes = [a.memory.device.have_bytes for a in modes if a.memory.device is not None]
        known = [size for size in sizes if size is not None]
        low, high = gib(fit.low), gib(fit.high)
        span = low if low == high else scope.told("range", low=low, high=high)
        barely = fit.tight and fit.fits + fit.tight == fit.count
        if known:
            key = "find-vram-barely" if barely else "find-vram"
            yield scope.told(
                key, have=gib(max(known)), range=span, tight=fit.tight, count=fit.count
            )
        else:
            yield scope.told("find-vram-unknown", range=span, count=fit.count)
    stopped = stopped_on_card(modes)
    if stopped:
        texts = Counter(bare(scope.say(gate.text)) for _, gate in stopped)
        text = texts.most_common(1)[0][0]
        models = [a.model for a, gate in stopped if bare(scope.say(gate.text)) == text]
        names = scope.listed([scope.name(model) for model in dict.fromkeys(models)])
        yield scope.told("gpu-software", models=names, text=text)
