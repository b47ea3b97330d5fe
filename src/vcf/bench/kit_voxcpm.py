"""The voxcpm package in a Python, as something to be measured."""

from __future__ import annotations

import importlib.util
import sys
from collections.abc import Sequence

import msgspec

from ..catalogue.model import Catalogue
from ..errors import UsageError
from ..judge.assess import judge
from ..judge.context import Context
from ..judge.subject import Subject, own_package
from ..machine.model import Machine
from .cells import Cell
from .engines import Engine, Voxcpm
from .kit import Clip, noisy
from .sources import Source, Told, choose, make_ready

PACKAGE = "voxcpm"


def runs_in_package(subject: Subject) -> bool:
    """Whether the voxcpm package runs a mode."""
    return own_package(subject) == PACKAGE


class VoxcpmKit:
    """Any VoxCPM model in one Python."""

    name = PACKAGE
    takes = frozenset({"steps", "compile", "clip", "stream"})
    also: frozenset[str] = frozenset()
    usual: str | None = None

    def __init__(
        self,
        models: Sequence[str],
        weights: str | None,
        python: str,
        machine: Machine,
        catalogue: Catalogue,
        hidden: str = "",
    ) -> None:
        """``weights``: as the user said it; ``hidden``: the Python's path, for messages."""
        self.models, self.machine = tuple(models), machine
        self._weights, self._python, self._catalogue = weights, python, catalogue
        self._shown = hidden or python
        self._sources: dict[str, Source] = {}

    def runs(self, subject: Subject) -> bool:
        """Whether the package runs a mode."""
        return runs_in_package(subject)

    def source(self, model: str) -> Source:
        """A folder, the hub's cache, or random numbers. Raises UsageError."""
        if model not in self._sources:
            self._sources[model] = choose(self._weights, model, self._catalogue.models[model])
        return self._sources[model]

    def clip(self, model: str) -> Clip | None:
        """None is needed."""
        return None

    def wants_words(self, model: str) -> bool:
        """Only VoxCPM2 takes a clip alone."""
        return model != "voxcpm-2"

    def missing(self, cell: Cell) -> UsageError | None:
        """Packages that are not there, with the command of the recipe for this machine; numpy,
        where random weights are to be written: by the Python that runs vcf, whatever measures."""
        software = self.machine.software or {}
        missing = [name for name in ("torch", PACKAGE) if name in software and not software[name]]
        if missing:
            return UsageError(
                f"{self._shown} has no {' and no '.join(missing)}",
                f"{install_command(cell, self.machine)}; "
                "or name a Python that has it: --python PATH",
            )
        source = self.source(cell.subject.model_id)
        if not noisy(source.kind) or source.ready or importlib.util.find_spec("numpy") is not None:
            return None
        return UsageError(
            "writing random weights needs numpy in the Python that runs vcf",
            f"{_own_python()} -m pip install numpy; or name real weights: --weights PATH",
        )

    def ready(self, model: str, told: Told) -> Engine:
        """The package with its weights. Raises VcfError."""
        return Voxcpm(self._python, make_ready(self.source(model), model, self._python, told))


def _own_python() -> str:
    """The Python that runs vcf, as one types it."""
    from ..machine.owner import owner_of
    from ..machine.probe import live_host

    return owner_of(live_host()).hide_home(sys.executable)


def install_command(cell: Cell, machine: Machine) -> str:
    """What installs the package for a mode on this machine, as `vcf check -v` says it."""
    bare = Context(msgspec.structs.replace(machine, software=None))
    lines = judge(bare, cell.subject).recipe.install
    commands = [line for line in lines if line.startswith("pip ")]
    return " && ".join(commands) or "pip install voxcpm soundfile"
