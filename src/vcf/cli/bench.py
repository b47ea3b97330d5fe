"""``vcf bench voxcpm``: real synthesis with the real package, measured and kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import OutputError, UsageError, VcfError
from ..judge.model import Evidence
from ..judge.verdict import NO_EVIDENCE
from ..judge.workload import LEAST_SECONDS, Workload
from .output import console, emit, language, sink, talk
from .python import examined, hidden

if TYPE_CHECKING:
    from ..bench.cells import Cell
    from ..bench.corpus import Script
    from ..bench.measure import Ask
    from ..bench.record import BenchRecord
    from ..bench.rules import Rules
    from ..bench.sources import Loaded, Source
    from ..catalogue.model import Catalogue
    from ..machine.model import Machine
    from ..views.words import Lang
    from .bench_progress import Progress

PACKAGE = "voxcpm"
FIRST = "voxcpm-0.5b"
"""What ``voxcpm`` alone means here: the smallest."""
SEED = 1234
CPU_SECONDS, GPU_SECONDS = 2.0, 8.0
"""Of speech, where nothing else is asked: processors are some ten times slower than real time."""
MOST_SECONDS = 60.0
"""Of speech in one synthesis."""
EXIT_NONE, EXIT_INTERRUPTED = 1, 130


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
        seconds = self._length(device, fixed=True) if self.own is None else None
        script = self.script(device)
        return Workload(
            speech_seconds=max(LEAST_SECONDS, seconds or script.seconds),
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
        noise = self.sources[cell.subject.model_id].kind in ("synthetic", "tiny")
        script = self.script(device)
        quick = arguments.quick or cell.quick
        clip = None if arguments.reference is None else str(_place(arguments.reference))
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


def run(arguments: BenchArguments) -> int:
    """Measure, keep and show. 0: something was measured · 1: nothing was · 130: interrupted."""
    from .bench_options import make_folder

    bench = Bench(arguments)
    bench.plan()
    if arguments.dry_run:
        return _show_plan(bench)
    _refuse_without_packages(bench)
    make_folder(arguments.save_audio)
    _tell_skipped(bench)
    with _ended_like_interrupted():
        records, interrupted = _measure_all(bench)
    _show(bench, records)
    if interrupted:
        talk("interrupted; what was measured is kept")
        return EXIT_INTERRUPTED
    return 0 if any(record.status == "ok" for record in records) else EXIT_NONE


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Whoever ends vcf politely gets what Ctrl-C gets: the child ended, links removed, a record."""

    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    names = ("SIGTERM", "SIGHUP")
    known = [getattr(signal, name) for name in names if hasattr(signal, name)]
    chosen = [each for each in known if signal.getsignal(each) is not signal.SIG_IGN]  # nohup
    try:
        before = [(each, signal.signal(each, stop)) for each in chosen]
    except ValueError:  # not in the main thread: nobody can be told
        before = []
    try:
        yield
    finally:
        for each, handler in before:
            signal.signal(each, handler)


def _models(words: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Model ids; ``0.5b``, ``1.5`` and ``2`` do as well."""
    from ..bench.cells import modes_of
    from ..catalogue.names import find_models

    found: list[str] = []
    for word in words or [FIRST]:
        given = f"{PACKAGE}-{word}" if word.lower() in ("0.5b", "0.5", "1.5", "2") else word
        given = f"{given}b" if given.endswith("-0.5") else given
        names = [FIRST] if given.lower() == PACKAGE else find_models(given, catalogue)
        for name in names:
            if not modes_of(name, PACKAGE, catalogue):
                raise UsageError(
                    f"--model {word}: the {PACKAGE} package does not run it",
                    "choose voxcpm-0.5b, voxcpm-1.5 or voxcpm-2",
                )
        found += [name for name in names if name not in found]
    return found


def _evidence(machine: Machine) -> Evidence:
    """What the forecast before a run rests on: calibration, but no earlier benchmark."""
    from ..bench.store import load_calibration

    found = load_calibration(machine)
    return NO_EVIDENCE if found is None else Evidence(calibration=found)


def _refuse_without_packages(bench: Bench) -> None:
    """Raises UsageError with the one command that installs what is missing."""
    error = _missing(bench)
    if error is not None:
        raise error


def _missing(bench: Bench) -> UsageError | None:
    from .bench_options import install_command

    software = bench.machine.software or {}
    missing = [name for name in ("torch", PACKAGE) if name in software and software[name] is None]
    if not missing:
        return None
    wanted = next((cell for cell in bench.cells if cell.skip is None), bench.cells[0])
    return UsageError(
        f"{hidden(bench.python)} has no {' and no '.join(missing)}",
        f"{install_command(wanted, bench.machine)}; or name a Python that has it: --python PATH",
    )


def _tell_skipped(bench: Bench) -> None:
    from ..views.bench_plan import skipped_lines

    for cell in bench.cells:
        if cell.skip is not None:
            for line in skipped_lines(cell, bench.machine, bench.lang):
                talk(line)


def _measure_all(bench: Bench) -> tuple[list[BenchRecord], bool]:
    """Every cell in its turn, each kept as soon as it is measured; whether Ctrl-C ended it.

    Raises VcfError where the first cell can't be begun: for others what was measured counts.
    """
    from .bench_progress import Progress

    records: list[BenchRecord] = []
    ready: dict[str, Loaded] = {}
    with Progress(bench.lang) as progress:
        try:
            for cell in bench.cells:
                try:
                    records.append(_next(bench, cell, ready, progress))
                except VcfError as error:
                    if not any(record.status == "ok" for record in records):
                        raise
                    talk(f"{cell.name}: {error.message}")
                    records.append(_not_begun(bench, cell, error))
                reason = records[-1].reason
                if reason is not None and reason.id == "interrupted":
                    return records, True
        except KeyboardInterrupt:
            return records, True
    return records, False


def _not_begun(bench: Bench, cell: Cell, error: VcfError | None = None) -> BenchRecord:
    from ..bench.measure import not_begun
    from ..bench.record import Reason, Weights

    ask, source = bench.ask(cell), bench.sources[cell.subject.model_id]
    why = None if error is None else Reason(id="not-begun", detail=error.message)
    rules, none = bench.rules(cell, ask), Weights(kind=source.kind)
    return not_begun(cell, PACKAGE, none, ask, rules, bench.machine, why)


def _next(bench: Bench, cell: Cell, ready: dict[str, Loaded], progress: Progress) -> BenchRecord:
    if cell.skip is not None:
        return _not_begun(bench, cell)
    ask = bench.ask(cell)
    progress.cell(cell)
    # the cell before, or writing the weights, was our own load
    busy = bool(ready) or not bench.sources[cell.subject.model_id].ready
    loaded = _loaded(bench, cell, ready, progress)
    return _one(bench, cell, loaded, ask, bench.rules(cell, ask), progress, busy)


def _loaded(bench: Bench, cell: Cell, ready: dict[str, Loaded], progress: Progress) -> Loaded:
    from ..bench.sources import make_ready

    model = cell.subject.model_id
    if model not in ready:
        ready[model] = make_ready(bench.sources[model], model, bench.python, progress.weights)
    return ready[model]


def _one(
    bench: Bench, cell: Cell, loaded: Loaded, ask: Ask, rules: Rules, progress: Progress, busy: bool
) -> BenchRecord:
    """Measure one cell and keep its record."""
    from ..bench.database import add
    from ..bench.engines import Voxcpm
    from ..bench.measure import measure

    save = _wav(bench.arguments.save_audio, cell)
    engine = Voxcpm(bench.python, loaded)
    record = measure(
        cell, engine, ask, rules, bench.machine, tell=progress.tell, save=save, after_own=busy
    )
    try:
        add(record)
    except OutputError as error:  # what was measured is shown nevertheless
        talk(f"not kept: {error.message}" + (f" ({error.hint})" if error.hint else ""))
    return record


def _place(name: str) -> Path:
    """Where a file is, whatever folder the child works in."""
    return Path(name).expanduser().resolve()


def _wav(folder: str | None, cell: Cell) -> str | None:
    if folder is None:
        return None
    return str(_place(folder) / f"{cell.name.replace(':', '-')}.wav")


def _show(bench: Bench, records: list[BenchRecord]) -> None:
    from ..bench.record import BenchDocument
    from ..views.bench import advice, result_screen

    arguments = bench.arguments
    if arguments.as_json:
        document = BenchDocument(results=records)
        text = msgspec.json.format(msgspec.json.encode(document), indent=2) + b"\n"
    else:
        if all(record.status == "skipped" for record in records):
            return  # why is told already
        printer = console(arguments.output)
        emit(printer, result_screen(records, bench.lang))
        told = advice(records, bench.lang)
        if told is not None:
            emit(printer, told)
        if arguments.output is None:
            return
        text = printer.file.getvalue().encode()  # type: ignore[attr-defined]
    with sink(arguments.output) as file:
        file.write(text)


def _show_plan(bench: Bench) -> int:
    """What would be done; nothing is written, fetched or begun."""
    from ..bench.planned import BenchPlan, planned
    from ..views.bench_plan import plan_screen

    arguments, cells = bench.arguments, []
    for cell in bench.cells:
        ask = bench.ask(cell)
        source = bench.sources[cell.subject.model_id]
        cells.append(planned(cell, ask, bench.rules(cell, ask), source))
    told = BenchPlan(cells=cells)
    if arguments.as_json:
        text = msgspec.json.format(msgspec.json.encode(told), indent=2) + b"\n"
    else:
        printer = console(arguments.output)
        emit(printer, plan_screen(told, bench.lang))
        text = b"" if arguments.output is None else printer.file.getvalue().encode()  # type: ignore[attr-defined]
    if arguments.as_json or arguments.output is not None:
        with sink(arguments.output) as file:
            file.write(text)
    _tell_skipped(bench)
    error = _missing(bench)
    if error is not None:
        talk(error.message)
        talk(error.hint, "     ")
    return 0 if any(cell.skip is None for cell in bench.cells) else EXIT_NONE
