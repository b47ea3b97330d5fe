"""What one call of ``vcf bench`` asks for: kits, modes, texts, weights, and the plan of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import msgspec

from ..errors import UsageError
from ..judge.model import Evidence
from ..judge.verdict import NO_EVIDENCE
from ..judge.workload import LEAST_SECONDS, Workload
from ..plain import shown
from .output import language, talk

if TYPE_CHECKING:
    from ..bench.cells import Cell
    from ..bench.corpus import Script
    from ..bench.kit import Clip, Kit
    from ..bench.measure import Ask
    from ..bench.rules import Rules
    from ..bench.sources import Source
    from ..catalogue.model import Catalogue
    from ..machine.model import Machine
    from ..views.words import Lang

SEED = 1234
CPU_SECONDS, GPU_SECONDS = 2.0, 8.0
"""Of speech, where nothing else is asked: processors are some ten times slower than real time."""
MOST_SECONDS = 60.0
"""Of speech in one synthesis."""
GPU_ONLY = ("accel", "cuda-kernel")
"""What can be used on a card alone."""


class BenchArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf bench voxcpm``, ``indextts-…`` or ``matrix`` says."""

    what: str = "voxcpm"
    """The command's own name."""
    models: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    weights: str | None = None
    runtime: str | None = None
    binaries: tuple[str, ...] = ()
    ggufs: tuple[str, ...] = ()
    repos: tuple[str, ...] = ()
    also: tuple[str, ...] = ()
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


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """One cell, and what will run it."""

    kit: Kit
    cell: Cell
    source: Source
    clip: Clip | None


class Bench:
    """One call: what is measured, with what, and how."""

    def __init__(self, arguments: BenchArguments) -> None:
        """Raises UsageError and its like for what can't be asked for."""
        from ..catalogue.load import load_catalogue
        from .bench_kits import kits_of
        from .bench_options import clip_of, script_of, valid

        self.arguments = valid(arguments)
        self.lang: Lang = language(arguments.lang)
        self.catalogue: Catalogue = load_catalogue(None)
        self.own: Script | None = script_of(arguments)
        self._clip = clip_of(arguments)
        self.kits = kits_of(arguments, self.catalogue)
        self.jobs: list[Job] = []
        self._without_clip: set[str] = set()
        self.kept: list[str] = []
        """Ids of the records in the store."""

    @property
    def machine(self) -> Machine:
        """This one, as seen from where the first kit computes."""
        return self.kits[0].machine

    def plan(self) -> None:
        """What is to be done, in its order. Raises UsageError."""
        found: list[Job] = []
        unfit: dict[str, UsageError] = {}
        fit: set[str] = set()
        for kit in self.kits:
            self._refuse_what_it_lacks(kit)
            for model in kit.models:
                jobs, words = self._jobs(kit, model, unfit)
                found += jobs
                fit |= words
        wrong = next((error for word, error in unfit.items() if word not in fit), None)
        if wrong is not None:
            raise wrong
        self.jobs = found
        if self.arguments.what == "matrix":
            from .bench_matrix import arranged

            self.jobs = arranged(self)

    def _jobs(
        self, kit: Kit, model: str, unfit: dict[str, UsageError]
    ) -> tuple[list[Job], set[str]]:
        """Cells of one model of one kit, and the mode words that meant something for it."""
        from ..bench.cells import plan

        source, clip = kit.source(model), self._clip_for(kit, model)
        asked = {device: self._workload(device, source, clip) for device in ("cpu", "gpu")}
        words, evidence = self._words(kit, model), evidence_of(kit.machine)
        cells: dict[str, Cell] = {}
        fit: set[str] = set()
        for word in words:
            try:
                made = plan(
                    [model], [] if word is None else [word], kit.runs, self.catalogue, kit.machine,
                    asked, evidence,
                )  # fmt: skip
            except UsageError as error:
                unfit.setdefault(word or "", error)
                continue
            fit.add(word or "")
            for cell in made:
                cells.setdefault(cell.name, cell)
        allowed = [self._allowed(cell, source) for cell in cells.values()]
        jobs = [
            Job(kit=kit, cell=each, source=source, clip=clip)
            for cell in allowed
            for each in self._with_options(kit, cell)
        ]
        return jobs, fit

    def _words(self, kit: Kit, model: str) -> Sequence[str | None]:
        """Modes that are asked for; None: the best here."""
        from ..bench.cells import modes_of

        if self.arguments.modes:
            return self.arguments.modes
        if self.arguments.what == "matrix" and kit.usual is None:
            return [subject.mode_id for subject in modes_of(model, kit.runs, self.catalogue)]
        return [kit.usual]

    def _with_options(self, kit: Kit, cell: Cell) -> list[Cell]:
        """The cell, and one more for each of ``--also``. Raises UsageError."""
        for option in self.arguments.also:
            if option in GPU_ONLY and cell.subject.device == "cpu":
                raise UsageError(f"--also {option}: only on a GPU", "--mode gpu")
        more = dict.fromkeys(self.arguments.also)
        return [cell, *(msgspec.structs.replace(cell, option=option) for option in more)]

    def _refuse_what_it_lacks(self, kit: Kit) -> None:
        """Raises UsageError: an option that means nothing to it."""
        for option in self.arguments.also:
            if option not in kit.also:
                known = ", ".join(sorted(kit.also))
                raise UsageError(
                    f"--also {shown(option)}: {kit.name} has no such thing",
                    f"one of: {known}" if known else "leave it out",
                )
        asked = {"steps": self.arguments.steps, "compile": self.arguments.compile}
        for name, value in asked.items():
            if value is not None and name not in kit.takes and self.arguments.what != "matrix":
                raise UsageError(
                    f"--{name}: {kit.name} can't be told that", "leave it out: its own is taken"
                )

    def _clip_for(self, kit: Kit, model: str) -> Clip | None:
        """The user's clip, or that of the kit. Raises UsageError."""
        if self._clip is None:
            return kit.clip(model)
        if kit.wants_words(model) and not (self._clip.text or "").strip():
            if self.arguments.what == "matrix":
                if model not in self._without_clip:
                    talk(f"{model}: without the clip, which it takes only with --reference-text")
                self._without_clip.add(model)
                return kit.clip(model)
            raise UsageError(
                f"{model} takes a clip only together with its words",
                '--reference-text "what is said in it"',
            )
        return self._clip

    def _allowed(self, cell: Cell, source: Source) -> Cell:
        """Small weights fit anywhere, and ``--force`` tries it whatever memory there is."""
        if (
            cell.skip is None
            or cell.skip.id in ("no-gpu", "gpu-unknown")
            or not (source.kind == "tiny" or self.arguments.force)
        ):
            return cell
        return msgspec.structs.replace(cell, skip=None)

    def _workload(self, device: str, source: Source, clip: Clip | None) -> Workload:
        seconds = self._length(device, source) or self.script(device).seconds
        return Workload(
            speech_seconds=max(LEAST_SECONDS, seconds),
            reference_seconds=0.0 if clip is None else clip.seconds,
            steps=self.arguments.steps,
        )

    def _length(self, device: str, source: Source) -> float | None:
        """Seconds that are forced. Random weights never stop by themselves."""
        from ..bench.kit import noisy

        if self.arguments.text_seconds is not None:
            return self.arguments.text_seconds
        if not noisy(source.kind):
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

    def ask(self, job: Job) -> Ask:
        """How a cell is measured."""
        from ..bench.engines import Work
        from ..bench.measure import Ask

        arguments, device, clip = self.arguments, job.cell.subject.device, job.clip
        script = self.script(device)
        quick = arguments.quick or job.cell.quick
        return Ask(
            script=script,
            work=Work(
                text=script.text,
                length=self._length(device, job.source),
                seed=SEED,
                steps=arguments.steps if "steps" in job.kit.takes else None,
                clip=None if clip is None else str(clip.path),
                clip_text=None if clip is None else clip.text,
                threads=arguments.threads,
                compile=arguments.compile,
                lang=script.lang,
                streams=arguments.streaming and not quick,
                options=() if job.cell.option is None else (job.cell.option,),
            ),
            reference_seconds=0.0 if clip is None else clip.seconds,
            quick=quick,
            streaming=arguments.streaming and not quick,
        )

    def rules(self, job: Job, ask: Ask, most: float | None = None) -> Rules:
        """When a cell is over. ``most``: seconds that it may take at the most."""
        from ..bench.rules import rules_for

        return rules_for(
            gpu=job.cell.subject.device == "gpu",
            quick=ask.quick,
            streaming=ask.streaming,
            runs=self.arguments.runs,
            most=most if self.arguments.what == "matrix" else self.arguments.max_seconds,
        )


def evidence_of(machine: Machine) -> Evidence:
    """What the forecast before a run rests on: calibration, but no earlier benchmark."""
    from ..bench.store import load_calibration

    found = load_calibration(machine)
    return NO_EVIDENCE if found is None else Evidence(calibration=found)
