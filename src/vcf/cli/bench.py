"""``vcf bench``: real synthesis with the real programs, measured and kept."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ..errors import OutputError, UsageError, VcfError
from ..paths import resolved
from ..plain import shown
from .bench_asked import Bench, BenchArguments, Job
from .output import show, show_json, talk

if TYPE_CHECKING:
    from ..bench.cells import Cell
    from ..bench.engines import Engine
    from ..bench.measure import Ask
    from ..bench.record import BenchRecord
    from ..bench.rules import Rules
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
    if any(job.cell.skip is None for job in bench.jobs):
        if arguments.what == "matrix":
            _tell_total(bench)
        else:
            _refuse_what_is_missing(bench)
        make_folder(arguments.save_audio)
        _tell_busy(bench)
    with _ended_like_interrupted():
        records, interrupted = _measure_all(bench)
    _show(bench, records)
    if arguments.save_audio is not None and any(record.runs for record in records):
        talk(f"sound: {shown(arguments.save_audio, 200)}")
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
    for error in _missing(bench):
        raise error


def _missing(bench: Bench) -> Iterator[UsageError]:
    """What stands in the way of beginning, once for each kit."""
    told: set[str] = set()
    for job in bench.jobs:
        error = job.kit.missing(job.cell) if job.cell.skip is None else None
        if error is not None and error.message not in told:
            told.add(error.message)
            yield error


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


def _tell_skipped(bench: Bench) -> None:
    from ..views.bench_plan import skipped_lines

    told: set[tuple[str, str]] = set()
    for job in bench.jobs:
        if job.cell.skip is not None and job.cell.subject.key not in told:
            told.add(job.cell.subject.key)
            for line in skipped_lines(job.cell, job.kit.machine, bench.lang):
                talk(line)


def _measure_all(bench: Bench) -> tuple[list[BenchRecord], bool]:
    """Every cell in its turn, each kept as soon as it is measured; whether Ctrl-C ended it.

    Raises VcfError where the first cell can't be begun: for others what was measured counts.
    """
    from .bench_matrix import Clock
    from .bench_progress import Progress

    records: list[BenchRecord] = []
    ready: dict[tuple[int, str], Engine] = {}
    clock = Clock(bench)
    with Progress(bench.lang) as progress:
        try:
            for job in map(clock.kept, bench.jobs):
                try:
                    records.append(_next(bench, job, ready, progress, clock.left(job)))
                except VcfError as error:
                    if not any(record.status == "ok" for record in records):
                        raise
                    talk(f"{job.cell.name}: {error.message}")
                    records.append(_not_begun(bench, job, error))
                reason = records[-1].reason
                if reason is not None and reason.id == "interrupted":
                    return records, True
        except KeyboardInterrupt:
            return records, True
    return records, False


def _not_begun(bench: Bench, job: Job, error: VcfError | None = None) -> BenchRecord:
    from ..bench.measure import not_begun
    from ..bench.record import Reason, Weights

    ask = bench.ask(job)
    why = None if error is None else Reason(id="not-begun", detail=error.message)
    rules, none = bench.rules(job, ask), Weights(kind=job.source.kind)
    return not_begun(job.cell, job.kit.name, none, ask, rules, job.kit.machine, why)


def _next(
    bench: Bench,
    job: Job,
    ready: dict[tuple[int, str], Engine],
    progress: Progress,
    left: float | None,
) -> BenchRecord:
    if job.cell.skip is not None:
        return _not_begun(bench, job)
    ask = bench.ask(job)
    progress.cell(job.cell)
    # the cell before, or writing the weights, was our own load
    busy = bool(ready) or not job.source.ready
    key = id(job.kit), job.cell.subject.model_id
    if key not in ready:
        ready[key] = job.kit.ready(job.cell.subject.model_id, progress.weights)
    return _one(bench, job, ready[key], ask, bench.rules(job, ask, left), progress, busy)


def _one(
    bench: Bench, job: Job, engine: Engine, ask: Ask, rules: Rules, progress: Progress, busy: bool
) -> BenchRecord:
    """Measure one cell and keep its record."""
    from ..bench.database import add
    from ..bench.measure import measure

    save = _wav(bench.arguments.save_audio, job.cell)
    record = measure(
        job.cell, engine, ask, rules, job.kit.machine,
        tell=progress.tell, save=save, after_own=busy,
    )  # fmt: skip
    try:
        add(record, talk)
        bench.kept.append(record.id)
    except OutputError as error:  # what was measured is shown nevertheless
        talk(f"not kept: {error.message}" + (f" ({error.hint})" if error.hint else ""))
    return record


def _wav(folder: str | None, cell: Cell) -> str | None:
    if folder is None:
        return None
    return str(resolved(folder, "path") / f"{cell.name.replace(':', '-')}.wav")


def _tell_total(bench: Bench) -> None:
    from ..views.bench_plan import total_line
    from .bench_matrix import times

    count = sum(job.cell.skip is None for job in bench.jobs)
    talk(total_line(count, times(bench), bench.lang))


def _show(bench: Bench, records: list[BenchRecord]) -> None:
    from ..bench.record import BenchDocument
    from ..views.bench import advice, result_screen
    from ..views.bench_rank import rank_screen

    arguments = bench.arguments
    if arguments.as_json:
        show_json(arguments.output, BenchDocument(results=records))
    elif arguments.what == "matrix":
        show(arguments.output, rank_screen(records, bench.lang))
    elif not all(record.status == "skipped" for record in records):  # why is told already
        told = advice(records, bench.lang)
        show(arguments.output, result_screen(records, bench.lang), *([told] if told else []))


def _show_plan(bench: Bench) -> int:
    """What would be done; nothing is written, fetched or begun."""
    from ..bench.planned import BenchPlan, planned
    from ..views.bench_plan import plan_screen

    arguments, cells = bench.arguments, []
    for job in bench.jobs:
        ask = bench.ask(job)
        cells.append(planned(job.cell, ask, bench.rules(job, ask), job.source))
    limit = arguments.max_seconds if arguments.what == "matrix" else None
    told = BenchPlan(cells=cells, limit_seconds=limit)
    if arguments.as_json:
        show_json(arguments.output, told)
    else:
        show(arguments.output, plan_screen(told, bench.lang))
    _tell_skipped(bench)
    for error in _missing(bench):
        talk(error.message)
        talk(error.hint, "     ")
    return 0 if any(job.cell.skip is None for job in bench.jobs) else EXIT_NONE
