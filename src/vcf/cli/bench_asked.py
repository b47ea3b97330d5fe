"""What one call of ``vcf bench voxcpm`` asks for: models, modes, texts, weights, and the plan."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import UsageError
from ..judge.model import Evidence
from ..judge.verdict import NO_EVIDENCE
from ..judge.workload import LEAST_SECONDS, Workload
from ..paths import resolved
from .output import language
from .python import examined

if TYPE_CHECKING:
    from ..bench.cells import Cell
    from ..bench.corpus import Script
    from ..bench.measure import Ask
    from ..bench.rules import Rules
    from ..bench.sources import Source
    from ..catalogue.model import Catalogue
    from ..machine.model import Machine
    from ..views.words import Lang

PACKAGE = "voxcpm"
CHOOSE = "choose 0.5b, 1.5 or 2"
FIRST = "voxcpm-0.5b"
"""What ``voxcpm`` alone means here: the smallest."""
SEED = 1234
CPU_SECONDS, GPU_SECONDS = 2.0, 8.0
"""Of speech, where nothing else is asked: processors are some ten times slower than real time."""
NOISE = ("synthetic", "tiny")
"""Weights that never stop by themselves."""
MOST_SECONDS = 60.0
"""Of speech in one synthesis."""


class BenchArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf bench voxcpm`` says."""

    models: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    weights: str | None = None
    steps: int | None = None
    threads: int | None = None
    compile: bool | None = None
    reference: str | None = None
    reference_text: str | None = None
    text: str | None = None
    text_file: str | None = None
    text_seconds: float | None = None
    streaming: bool = True
    quick: bool = False
    runs: int | None = None
    max_seconds: float | None = None
    save_audio: str | None = None
    python: str | None = None
    force: bool = False
    dry_run: bool = False
    as_json: bool = False
    output: str | None = None
    lang: str | None = None
    verbose: bool = False


class Bench:
    """One call: what is measured on which machine, and how."""

    def __init__(self, arguments: BenchArguments) -> None:
        """Raises UsageError and its like for what can't be asked for."""
        from ..catalogue.load import load_catalogue
        from .bench_options import clip_of, script_of, valid

        self.arguments = valid(arguments)
        self.lang: Lang = language(arguments.lang)
        self.catalogue: Catalogue = load_catalogue(None)
        self.models = _models(arguments.models, self.catalogue)
        self.own: Script | None = script_of(arguments)
        self.clip_s = clip_of(arguments, self.models)
        self.python, self.machine = examined(arguments.python, verbose=arguments.verbose)
        self.sources: dict[str, Source] = {}
        self.cells: list[Cell] = []
        self.kept: list[str] = []
        """Ids of the records in the store."""

    def plan(self) -> None:
        """The cells and where their weights come from. Raises UsageError."""
        from ..bench.cells import plan
        from ..bench.sources import choose

        arguments = self.arguments
        for model in self.models:
            known = self.catalogue.models[model]
            self.sources[model] = choose(arguments.weights, model, known)
        asked = {device: self._workload(device) for device in ("cpu", "gpu")}
        found = plan(
            self.models, arguments.modes, PACKAGE, self.catalogue, self.machine,
            asked, _evidence(self.machine),
        )  # fmt: skip
        self.cells = [self._allowed(cell) for cell in found]

    def _allowed(self, cell: Cell) -> Cell:
        """Small weights fit anywhere, and ``--force`` tries it whatever memory there is."""
        small = self.sources[cell.subject.model_id].kind == "tiny"
        if (
            cell.skip is None
            or cell.skip.id in ("no-gpu", "gpu-unknown")
            or not (small or self.arguments.force)
        ):
            return cell
        return msgspec.structs.replace(cell, skip=None)

    def _workload(self, device: str) -> Workload:
        noise = any(source.kind in NOISE for source in self.sources.values())
        seconds = self._length(device, fixed=noise) or self.script(device).seconds
        return Workload(
            speech_seconds=max(LEAST_SECONDS, seconds),
            reference_seconds=self.clip_s or 0.0,
            steps=self.arguments.steps,
        )

    def _length(self, device: str, *, fixed: bool) -> float | None:
        """Seconds that are forced. Random weights never stop by themselves."""
        if self.arguments.text_seconds is not None:
            return self.arguments.text_seconds
        if not fixed:
            return None
        if self.own is not None:
            return min(MOST_SECONDS, max(1.0, self.own.seconds))
        return CPU_SECONDS if device == "cpu" else GPU_SECONDS

    def script(self, device: str) -> Script:
        """What is spoken on a device."""
        from ..bench.corpus import long_enough

        if self.own is not None:
            return self.own
        seconds = self.arguments.text_seconds
        usual = CPU_SECONDS if device == "cpu" else GPU_SECONDS
        return long_enough(usual if seconds is None else seconds, self.lang)

    def ask(self, cell: Cell) -> Ask:
        """How a cell is measured."""
        from ..bench.engines import Work
        from ..bench.measure import Ask

        arguments, device = self.arguments, cell.subject.device
        noise = self.sources[cell.subject.model_id].kind in NOISE
        script = self.script(device)
        quick = arguments.quick or cell.quick
        clip = None if arguments.reference is None else str(place_of(arguments.reference))
        return Ask(
            script=script,
            work=Work(
                text=script.text,
                length=self._length(device, fixed=noise),
                seed=SEED,
                steps=arguments.steps,
                clip=clip,
                clip_text=arguments.reference_text,
                threads=arguments.threads,
                compile=arguments.compile,
            ),
            reference_seconds=self.clip_s or 0.0,
            quick=quick,
            streaming=arguments.streaming and not quick,
        )

    def rules(self, cell: Cell, ask: Ask) -> Rules:
        """When a cell is over."""
        from ..bench.rules import rules_for

        return rules_for(
            gpu=cell.subject.device == "gpu",
            quick=ask.quick,
            streaming=ask.streaming,
            runs=self.arguments.runs,
            most=self.arguments.max_seconds,
        )


def _models(words: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Model ids; ``0.5b``, ``1.5`` and ``2`` do as well."""
    from ..bench.cells import modes_of
    from ..catalogue.names import find_models

    found: list[str] = []
    for word in words or [FIRST]:
        given = f"{PACKAGE}-{word}" if word.lower() in ("0.5b", "0.5", "1.5", "2") else word
        given = f"{given}b" if given.endswith("-0.5") else given
        try:
            names = [FIRST] if given.lower() == PACKAGE else find_models(given, catalogue)
        except UsageError as error:
            raise UsageError(f"--model: {error.message}", CHOOSE) from None
        for name in names:
            if not modes_of(name, PACKAGE, catalogue):
                raise UsageError(
                    f"--model {word}: the {PACKAGE} package does not run it",
                    CHOOSE,
                )
        found += [name for name in names if name not in found]
    return found


def _evidence(machine: Machine) -> Evidence:
    """What the forecast before a run rests on: calibration, but no earlier benchmark."""
    from ..bench.store import load_calibration

    found = load_calibration(machine)
    return NO_EVIDENCE if found is None else Evidence(calibration=found)


def place_of(name: str) -> Path:
    """Where a file is, whatever folder the child works in."""
    return resolved(name, "path")
