"""``vcf check``: which models run, in which way, how fast."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from .._version import __version__
from ..catalogue.load import load_catalogue
from ..errors import UsageError, VcfError
from ..judge.advise import recommend
from ..judge.assess import best, judge
from ..judge.context import Context
from ..judge.model import Assessment, Evidence
from ..judge.score import RANK
from ..judge.subject import Subjects, subjects
from ..judge.verdict import NO_EVIDENCE
from ..judge.workload import STANDARD, Workload
from ..machine.model import Machine
from ..machine.whatif import WhatIf, apply
from ..paths import is_folder
from ..views.document import Failure, Result, Wording
from ..views.words import Lang
from .asked import Ask, asked_for
from .flags import base_flags
from .options import Format
from .output import console, emit, language, sink, talk, write_text

if TYPE_CHECKING:
    from ..catalogue.model import Catalogue
    from .folder import Chunk


class CheckArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf check`` says."""

    what: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    machine: str | None = None
    what_if: WhatIf = WhatIf()
    workload: Workload = STANDARD
    explain: bool = False
    max_rtf: float | None = None
    strict: bool = False
    format: Format = Format.table
    output: str | None = None
    models: str | None = None
    lang: str | None = None
    verbose: bool = False


class Outcome:
    """What the exit code depends on, gathered over all machines."""

    def __init__(self, arguments: CheckArguments, online_asked: bool) -> None:
        self._arguments = arguments
        self._online = online_asked
        self.can = False
        self.unsure = False
        self.able = False
        """Something can run, whatever the limits asked for say."""
        self.failures: list[Failure] = []

    def note(self, assessments: Iterable[Assessment]) -> None:
        """Take one machine's verdicts into account."""
        for assessment in assessments:
            if assessment.mode == "online" and not self._online:
                continue
            self.can = self.can or self.counts(assessment)
            self.able = self.able or RANK[assessment.verdict] >= RANK["tight"]
            self.unsure = self.unsure or assessment.verdict == "unknown"

    def fail(self, error: VcfError) -> None:
        """Take a machine file that can't be read into account."""
        self.failures.append(Failure(kind=error.kind, message=error.message, hint=error.hint))

    def add(self, chunk: Chunk) -> None:
        """Take what another process found into account."""
        self.can = self.can or chunk.can
        self.able = self.able or chunk.able
        self.unsure = self.unsure or chunk.unsure
        self.failures.extend(chunk.failures)

    def counts(self, given: Assessment) -> bool:
        """Whether a verdict is what was asked for, limits included."""
        least = "slow" if self._arguments.strict else "tight"
        if RANK[given.verdict] < RANK[least]:  # type: ignore[index]
            return False
        limit = self._arguments.max_rtf
        return limit is None or (given.rtf is not None and given.rtf.mid <= limit)

    @property
    def code(self) -> int:
        """The exit code."""
        if self.failures:
            return 2
        return 0 if self.can else 3 if self.unsure else 1


def run(arguments: CheckArguments) -> int:
    """Judge and show; the exit code says what was found."""
    folder = arguments.machine is not None and is_folder(arguments.machine)
    _refuse_contradictions(arguments, folder)
    lang = language(arguments.lang)
    catalogue = load_catalogue(arguments.models)
    known = subjects(catalogue)
    asks, online = asked_for(arguments.what, arguments.modes, known)
    outcome = Outcome(arguments, online)
    if arguments.format is Format.json and folder:
        _write_folder(arguments, outcome)
        _tell_limits(outcome, arguments)
        return outcome.code
    results = _results(arguments, asks, outcome, known)
    if arguments.format is Format.json:
        _write_json(next(results), Wording(catalogue, lang), arguments.output)
    else:
        _write_text(results, outcome, arguments, catalogue, lang)
    for failure in outcome.failures:
        talk(failure.message)
    _tell_limits(outcome, arguments)
    return outcome.code


def _tell_limits(outcome: Outcome, arguments: CheckArguments) -> None:
    """Why the exit code says no where the verdicts say yes."""
    if outcome.code != 1 or not outcome.able:
        return
    limits = []
    if arguments.max_rtf is not None:
        limits.append(f"--max-rtf {arguments.max_rtf:g} (the middle of the forecast counts)")
    if arguments.strict:
        limits.append("--strict")
    talk(f"something can run, but nothing within {' and '.join(limits)}: exit code 1")


def _refuse_contradictions(arguments: CheckArguments, folder: bool) -> None:
    if arguments.machine is not None and not arguments.machine.strip():
        raise UsageError("--machine is empty", "name a file, a folder, a profile, or - for stdin")
    if arguments.max_rtf is not None and not 0 < arguments.max_rtf < 1e6:
        raise UsageError(
            f"--max-rtf: {arguments.max_rtf:g} is no RTF", "real time is 1; smaller is faster"
        )
    if arguments.explain and arguments.format in (Format.csv, Format.junit):
        raise UsageError(f"--explain: not in {arguments.format.value}", "table, markdown or json")
    if folder and arguments.explain:
        raise UsageError("--explain is for one machine, not for a folder of them")
    if folder and arguments.what_if.given:
        raise UsageError("what-if flags change one machine, not a folder of them")


def check_machine(
    machine: Machine,
    asks: Sequence[Ask],
    workload: Workload = STANDARD,
    evidence: Evidence = NO_EVIDENCE,
    flags: Sequence[str] = (),
) -> Result:
    """The verdicts on one machine and what to do. ``flags`` name it to other commands."""
    context = Context(machine, workload)
    assessments = [_best_of(context, ask, evidence) for ask in asks]
    wanted = [subject for ask in asks for subject in ask.subjects]
    return Result(
        machine=machine,
        workload=workload,
        recommendation=recommend(context, wanted, assessments, flags),
        assessments=assessments,
    )


def _best_of(context: Context, ask: Ask, evidence: Evidence) -> Assessment:
    if len(ask.subjects) == 1:
        return judge(context, ask.subjects[0], evidence)
    return best(judge(context, subject, evidence) for subject in ask.subjects)


def explained(result: Result, known: Subjects, evidence: Evidence, *, asked: bool) -> Result:
    """The result with the sums behind it: of all that was asked for, or of what is recommended
    where nothing was."""
    from ..catalogue.reports import reports
    from ..judge.explain import explain

    context = Context(result.machine, result.workload)
    chosen = [
        given
        for given in result.assessments
        if asked
        or (given.model, given.mode) == (result.recommendation.model, result.recommendation.mode)
    ]
    made = {
        (given.model, given.mode): explain(
            known.by_key[given.model, given.mode], context, given, evidence, reports()
        )
        for given in chosen
        if given.mode != "online"
    }
    return msgspec.structs.replace(result, explanations=made)


def _machines(arguments: CheckArguments, outcome: Outcome) -> Iterator[tuple[str | None, Machine]]:
    """The machines to judge, one after the other, with what names them (None: this one). A broken
    file of a folder is noted and the rest goes on; anything else that is wrong raises."""
    from ..machine import load

    name = arguments.machine
    if name is None:
        from ..machine.probe import probe

        note = talk if arguments.verbose else None
        yield None, apply(arguments.what_if, probe(note=note))
        return
    if is_folder(name):
        for file in load.machine_files(Path(name)):
            try:
                yield str(file), load.load_listed(file)
            except VcfError as error:
                outcome.fail(error)
        return
    yield name, apply(arguments.what_if, load.load_machine(name))


def _results(
    arguments: CheckArguments, asks: Sequence[Ask], outcome: Outcome, known: Subjects
) -> Iterator[Result]:
    asked = bool(arguments.what or arguments.modes)
    for name, machine in _machines(arguments, outcome):
        flags = base_flags(name, arguments.what_if, arguments.workload, arguments.models)
        evidence = _evidence(arguments, machine)
        result = check_machine(machine, asks, arguments.workload, evidence, flags)
        outcome.note(result.assessments)
        if arguments.explain:
            result = explained(result, known, evidence, asked=asked)
        yield result


def _evidence(arguments: CheckArguments, machine: Machine) -> Evidence:
    """What was measured on this very machine; nothing where another is judged, or one with
    imagined devices."""
    if arguments.machine is not None or not arguments.what_if.keeps_devices:
        return NO_EVIDENCE
    from ..bench.evidence import evidence_for

    return evidence_for(machine)


HEAD = f'{{"schema": "vcf.check/1", "vcf": "{__version__}", "results": [\n'.encode()


def _write_json(result: Result, wording: Wording, output: str | None) -> None:
    text = msgspec.json.format(msgspec.json.encode(wording.result(result)), indent=1)
    with sink(output) as file:
        file.write(HEAD + text + b"\n]}\n")


def _write_folder(arguments: CheckArguments, outcome: Outcome) -> None:
    """One document, streamed: memory does not grow with the number of machines."""
    from .folder import judge_folder

    chunks = judge_folder(arguments)
    first = next(chunks)  # a folder without machine files must not leave half a document
    with sink(arguments.output) as file:
        file.write(HEAD)
        separator = b""
        for chunk in chain((first,), chunks):
            outcome.add(chunk)
            if chunk.text:
                file.write(separator + chunk.text)
                separator = b",\n"
        tail = b"\n]"
        if outcome.failures:
            tail += b', "errors": ' + msgspec.json.encode(outcome.failures)
        file.write(tail + b"}\n")


def _pages(results: Sequence[Result], catalogue: Catalogue, lang: Lang) -> Iterator[str]:
    """Markdown of each machine, with the sums that were asked for after it."""
    from ..views.explain_markdown import explained_markdown
    from ..views.text import markdown

    for result in results:
        yield markdown(result, lang)
        for explanation in result.explanations.values():
            yield explained_markdown(explanation, catalogue, lang)


def _write_text(
    results: Iterator[Result],
    outcome: Outcome,
    arguments: CheckArguments,
    catalogue: Catalogue,
    lang: Lang,
) -> None:
    chosen, output = arguments.format, arguments.output
    if chosen is Format.table:
        from ..views.table import answer

        screen = console(output)
        asked = bool(arguments.what or arguments.modes)
        for index, result in enumerate(results):
            if index:
                screen.print()
            told = answer(
                result, catalogue, lang, screen.width, asked=asked, verbose=arguments.verbose
            )
            emit(screen, told)
            for explanation in result.explanations.values():
                from ..views.explain_table import explained as drawn

                screen.print()
                emit(screen, drawn(explanation, catalogue, lang, screen.width))
        if output is not None:
            write_text(screen.file.getvalue(), output)  # type: ignore[attr-defined]
        return
    from ..views import text

    kept = list(results)
    if chosen is Format.markdown:
        write_text("\n".join(_pages(kept, catalogue, lang)), output)
    elif chosen is Format.csv:
        write_text(text.csv_rows(kept, lang), output)
    else:
        broken = [failure.message for failure in outcome.failures]
        write_text(text.junit(kept, lang, outcome.counts, broken), output)
