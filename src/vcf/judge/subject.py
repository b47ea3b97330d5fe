"""A model in one mode, prepared once for judging any number of machines."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import msgspec

from ..catalogue.model import Catalogue, Mode, ModeId, Model, Needs, Precision, Recipe, Runtime

DeviceKind = str
"""cpu, gpu or online."""

PRECISION: dict[ModeId, Precision] = {
    "cpu-fp32": "fp32", "cpu-bf16": "bf16",
    "gpu-fp32": "fp32", "gpu-fp16": "fp16", "gpu-bf16": "bf16", "gpu-fp16-deepspeed": "fp16",
    "gguf-cpu-q4": "q4", "gguf-cpu-q8": "q8", "gguf-cpu-f16": "fp16", "gguf-cpu-f32": "fp32",
    "gguf-gpu-q4": "q4", "gguf-gpu-q8": "q8", "gguf-gpu-f16": "fp16", "gguf-gpu-f32": "fp32",
    "mlx": "bf16", "nano-vllm": "bf16", "vllm": "bf16", "onnx-cpu": "fp32", "online": "fp32",
}  # fmt: skip


MARGIN = 0.10
"""Within this share of the need a mode may fit or spill: drivers, desktops and allocators differ
by as much."""


class Subject(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """One model in one mode with everything the catalogue says of it. Compared by identity."""

    model_id: str
    model: Model
    mode_id: ModeId
    mode: Mode
    runtime: Runtime
    needs: Needs
    """The runtime's conditions with the mode's own put over them."""
    device: DeviceKind
    precision: Precision
    parameters_m: float
    """All parameters in millions."""
    recipe: Recipe | None
    """How the catalogue says to run it."""
    others: dict[tuple[str, str], Subject]
    """All subjects of the catalogue, by (model, mode)."""
    packages: frozenset[str]
    """Names of the packages that it runs on."""
    disk_key: tuple[float, float, float, str] | None
    """Weights, environment, extra while installing (GB), source; None for online modes."""
    takes_steps: bool
    """Whether its recipe says how the number of diffusion steps is set."""
    fits: dict[Any, Any]
    """Memory gates kept by the amounts of memory; see assess.py."""
    memo: dict[Any, Any]
    """Judgements kept by what they depend on; see verdict.py."""

    def __repr__(self) -> str:
        """Its name alone: the struct holds the whole catalogue."""
        return f"<{self.name}>"

    def runs_on(self, vendor: str | None) -> Subject:
        """What really runs on a maker's GPUs: some packages silently take another mode there."""
        other = self.mode.runs_as.get(vendor) if vendor is not None else None  # type: ignore[call-overload]
        return self if other is None else self.others[self.model_id, other]

    @property
    def name(self) -> str:
        """``model:mode``, as people write it."""
        return f"{self.model_id}:{self.mode_id}"

    @property
    def key(self) -> tuple[str, str]:
        """(model, mode), as evidence names it."""
        return self.model_id, self.mode_id


def own_package(subject: Subject) -> str | None:
    """The package that a mode's runtime is: the first of those it needs."""
    packages = subject.needs.packages
    return packages[0].name if packages else None


def device_of(mode: ModeId) -> DeviceKind:
    """Where a mode computes: ``cpu``, ``gpu`` or ``online``."""
    if mode == "online":
        return "online"
    return "cpu" if mode.startswith(("cpu", "gguf-cpu", "onnx")) else "gpu"


def _join(runtime: Needs, mode: Needs) -> Needs:
    own = {k: v for k, v in msgspec.structs.asdict(mode).items() if v is not None}
    return msgspec.structs.replace(runtime, **own) if own else runtime


def _disk_key(mode: Mode) -> tuple[float, float, float, str] | None:
    disk = mode.disk
    if disk is None:
        return None
    return disk.weights_gb, disk.environment_gb, disk.install_extra_gb, disk.sources[0]


STEPS_IN_CODE = re.compile(r"(inference[_-]timesteps(?:=|\", \"|\s))\d+")
"""Where a recipe states the number of steps: Python's argument or a program's option."""


def _takes_steps(catalogue: Catalogue, mode: Mode) -> bool:
    recipe = catalogue.recipes[mode.recipe] if mode.recipe else None
    return recipe is not None and STEPS_IN_CODE.search(recipe.code) is not None


class Subjects:
    """All subjects of a catalogue, in its order."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue
        self.by_key: dict[tuple[str, str], Subject] = {}
        for model_id, model in catalogue.models.items():
            total = sum(part.millions for part in model.parameters)
            for mode_id, mode in model.modes.items():
                runtime = catalogue.runtimes[mode.runtime]
                needs = _join(runtime.needs, mode.needs)
                self.by_key[model_id, mode_id] = Subject(
                    model_id=model_id,
                    model=model,
                    mode_id=mode_id,
                    mode=mode,
                    runtime=runtime,
                    needs=needs,
                    device=device_of(mode_id),
                    precision=PRECISION[mode_id],
                    parameters_m=total,
                    recipe=catalogue.recipes[mode.recipe] if mode.recipe else None,
                    others=self.by_key,
                    packages=frozenset(p.name for p in needs.packages or ()),
                    disk_key=_disk_key(mode),
                    takes_steps=_takes_steps(catalogue, mode),
                    fits={},
                    memo={},
                )


class _Held:
    """Catalogue by identity, so that lru_cache can key on it."""

    def __init__(self, catalogue: Catalogue) -> None:
        self.catalogue = catalogue

    def __hash__(self) -> int:
        return id(self.catalogue)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Held) and other.catalogue is self.catalogue


@lru_cache(maxsize=4)
def _subjects(held: _Held) -> Subjects:
    return Subjects(held.catalogue)


def subjects(catalogue: Catalogue) -> Subjects:
    """The catalogue's subjects; made once per catalogue."""
    return _subjects(_Held(catalogue))
