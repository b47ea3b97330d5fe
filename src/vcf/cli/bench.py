"""``vcf bench voxcpm``: real synthesis with the real package, measured and kept."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import OutputError, UsageError, VcfError
from .bench_asked import PACKAGE, Bench, BenchArguments, place_of
from .output import show, show_json, talk
from .python import hidden

if TYPE_CHECKING:
    from ..bench.cells import Cell
    from ..bench.measure import Ask
    from ..bench.record import BenchRecord
    from ..bench.rules import Rules
    from ..bench.sources import Loaded
    from .bench_progress import Progress

EXIT_NONE, EXIT_INTERRUPTED = 1, 130


def run(arguments: BenchArguments) -> int:
    """Measure, keep and show. 0: something was measured · 1: nothing was · 130: interrupted."""
    from .bench_options import make_folder

    bench = Bench(arguments)
    bench.plan()
    if arguments.dry_run:
        return _show_plan(bench)
    _tell_skipped(bench)
    if any(cell.skip is None for cell in bench.cells):
        _refuse_what_is_missing(bench)
        make_folder(arguments.save_audio)
        _tell_busy(bench)
    with _ended_like_interrupted():
        records, interrupted = _measure_all(bench)
    _show(bench, records)
    for name in bench.kept:
        talk(f"kept: vcf bench show {name}")
    if interrupted:
        talk("interrupted; what was measured is kept")
        return EXIT_INTERRUPTED
    return 0 if any(record.status == "ok" for record in records) else EXIT_NONE


@contextmanager
def _ended_like_interrupted() -> Iterator[None]:
    """Whoever ends vcf politely gets what Ctrl-C gets, once: child ended, links gone, a record."""

    stopping: list[int] = []

    def stop(number: int, _: object) -> None:
        if stopping:  # the first one is obeyed already: the record is being written
            return
        stopping.append(number)
        raise KeyboardInterrupt(signal.Signals(number).name)

    names = ("SIGINT", "SIGTERM", "SIGHUP")
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


def _refuse_what_is_missing(bench: Bench) -> None:
    """Raises UsageError with the one command that installs what is missing."""
    error = _missing(bench) or _no_numpy(bench)
    if error is not None:
        raise error


def _tell_busy(bench: Bench) -> None:
    """A warning before minutes are spent on figures that won't count."""
    from ..bench.conditions import conditions

    cores = bench.machine.cpu.usable_cores
    state = conditions(cores)
    if "busy" in state.warnings:
        talk(
            f"the computer is busy: load {state.load_average:g} on {cores} cores in the last minute"
        )
        talk("other programs spoil a measurement: close them, or wait a minute", "     ")


def _no_numpy(bench: Bench) -> UsageError | None:
    """Random weights are written by the Python that runs vcf, whatever Python measures."""
    from importlib.util import find_spec

    sources = [bench.sources[cell.subject.model_id] for cell in bench.cells if cell.skip is None]
    write = any(source.kind in ("synthetic", "tiny") and not source.ready for source in sources)
    if not write or find_spec("numpy") is not None:
        return None
    return UsageError(
        "writing random weights needs numpy in the Python that runs vcf",
        f"{hidden(sys.executable)} -m pip install numpy; or name real weights: --weights PATH",
    )


def _missing(bench: Bench) -> UsageError | None:
    from .bench_options import install_command

    software = bench.machine.software or {}
    missing = [name for name in ("torch", PACKAGE) if name in software and software[name] is None]
    if not missing:
        return None
    wanted = next((cell for cell in bench.cells if cell.skip is None), None)
    if wanted is None:
        return None
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
        add(record, talk)
        bench.kept.append(record.id)
    except OutputError as error:  # what was measured is shown nevertheless
        talk(f"not kept: {error.message}" + (f" ({error.hint})" if error.hint else ""))
    return record


def _wav(folder: str | None, cell: Cell) -> str | None:
    if folder is None:
        return None
    return str(place_of(folder) / f"{cell.name.replace(':', '-')}.wav")


def _show(bench: Bench, records: list[BenchRecord]) -> None:
    from ..bench.record import BenchDocument
    from ..views.bench import advice, result_screen

    arguments = bench.arguments
    if arguments.as_json:
        show_json(arguments.output, BenchDocument(results=records))
    elif not all(record.status == "skipped" for record in records):  # why is told already
        told = advice(records, bench.lang)
        show(arguments.output, result_screen(records, bench.lang), *([told] if told else []))


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
        show_json(arguments.output, told)
    else:
        show(arguments.output, plan_screen(told, bench.lang))
    _tell_skipped(bench)
    for error in filter(None, (_missing(bench), _no_numpy(bench))):
        talk(error.message)
        talk(error.hint, "     ")
    return 0 if any(cell.skip is None for cell in bench.cells) else EXIT_NONE
