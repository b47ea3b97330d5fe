"""``vcf compare``: machines side by side, for choosing what to buy or where to run."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import msgspec

from ..catalogue.load import load_catalogue
from ..catalogue.names import find_models, find_modes
from ..errors import MachineError, UsageError, VcfError
from ..judge.model import Evidence
from ..judge.subject import Subject, Subjects, subjects
from ..judge.verdict import NO_EVIDENCE
from ..judge.workload import STANDARD, Workload
from ..machine.model import Machine
from ..paths import is_folder
from ..plain import shown
from ..views.compare import CompareDocument, Wanted, compare_document
from ..views.compare_words import names_for, told
from ..views.document import Failure
from ..views.words import Lang, listed
from .asked import Ask, asked_for
from .check import CheckArguments, Outcome, check_machine
from .options import CompareFormat
from .output import by_suffix, language, refuse_page_on_screen, show, show_json, talk, write_text

HERE = "here"
"""The word for this computer; a file or folder of this name is ``./here``."""


class CompareArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf compare`` says."""

    machines: tuple[str, ...]
    what: tuple[str, ...] = ()
    modes: tuple[str, ...] = ()
    workload: Workload = STANDARD
    format: CompareFormat = CompareFormat.table
    output: str | None = None
    models: str | None = None
    lang: str | None = None
    verbose: bool = False


class Candidate(msgspec.Struct, frozen=True, kw_only=True):
    """A machine to compare."""

    machine: Machine
    path: str = ""
    """The file that describes it; empty for this computer and standard input."""
    evidence: Evidence = NO_EVIDENCE
    """What was measured on it; nothing unless it is this computer."""


def run(arguments: CompareArguments) -> int:
    """Judge all machines and show them; the exit code is that of ``vcf check`` over all."""
    lang = language(arguments.lang)
    catalogue = load_catalogue(arguments.models)
    known = subjects(catalogue)
    asks, online = asked_for(arguments.what, arguments.modes, known)
    wanted, left_out = rows_of(arguments, asks, known)
    if not wanted:
        raise UsageError(
            f"{', '.join(left_out)}: online only, the same on every machine",
            "--mode online shows it nevertheless",
        )
    outcome = Outcome(CheckArguments(), online)
    candidates, twice = gather(arguments, outcome)
    names = names_for([(each.machine, each.path) for each in candidates], lang)
    results = []
    for name, each in zip(names, candidates, strict=True):
        result = check_machine(each.machine, asks, arguments.workload, each.evidence)
        outcome.note(result.assessments)
        results.append((name, result))
    notes = [told("note-twice", lang, name=shown(name)) for name in twice]
    if left_out:
        notes.append(told("note-online", lang, models=listed(left_out, lang)))
    document = compare_document(
        results, wanted, lang, notes=notes, failures=[_safe(each) for each in outcome.failures],
        date=_today(arguments.format), data=catalogue.updated,
    )  # fmt: skip
    _write(document, arguments, lang)
    for failure in outcome.failures:
        talk(failure.message)
    return outcome.code


def rows_of(
    arguments: CompareArguments, asks: Sequence[Ask], known: Subjects
) -> tuple[list[Wanted], list[str]]:
    """The rows, and the models that have none as they only run online and nobody asked for that.

    A model named without a mode gets one row, the best of its local modes; with ``verbose`` one
    for each. Modes that were named get a row each, a group such as gpu one together.
    """
    places = {ask.subjects: index for index, ask in enumerate(asks)}
    rows: dict[tuple[str, str | None], tuple[int, ...]] = {}
    left_out = []
    for item in arguments.what or tuple(known.catalogue.models):
        name, _, own = item.partition(":")
        for model in find_models(name, known.catalogue):
            words = [own] if own else arguments.modes
            if words:
                rows.update(_named(model, words, places, known))
                continue
            local = [key for key in known.by_key if key[0] == model and key[1] != "online"]
            if not local:
                left_out.append(model)
            elif arguments.verbose:
                for key in local:
                    rows[key] = (places[known.by_key[key],],)
            else:
                rows[model, None] = tuple(places[known.by_key[key],] for key in local)
    wanted = [Wanted(model=key[0], mode=key[1], places=found) for key, found in rows.items()]
    return wanted, list(dict.fromkeys(left_out))


def _named(
    model: str, words: Sequence[str], places: dict[tuple[Subject, ...], int], known: Subjects
) -> Iterator[tuple[tuple[str, str | None], tuple[int, ...]]]:
    """Rows of the modes of a model that were named; a model without such a mode has none."""
    for word in words:
        if not any((model, mode) in known.by_key for mode in find_modes(word)):
            continue
        for ask in asked_for([f"{model}:{word}"], (), known)[0]:
            several = len(ask.subjects) > 1
            mode = word.lower() if several else ask.subjects[0].mode_id
            yield (model, mode), (places[ask.subjects],)


def gather(arguments: CompareArguments, outcome: Outcome) -> tuple[list[Candidate], list[str]]:
    """The machines in the order in which they were named, and the names given more than once.

    Raises UsageError: fewer than two; MachineError: one that was named can't be read. What can't
    be read of a folder is noted in ``outcome``, and the rest goes on.
    """
    found: dict[str, Candidate] = {}
    twice: dict[str, None] = {}
    for name in arguments.machines:
        for key, read in _readers(name, arguments, outcome):
            if key in found:
                twice[Path(key).name if name != HERE and is_folder(name) else name] = None
                continue
            candidate = read()
            if candidate is not None:
                found[key] = candidate
    if len(found) < 2:
        if outcome.failures:
            first = outcome.failures[0]
            raise MachineError(first.message, first.hint or "two machines are needed at least")
        hint = "a machine file, a folder of them, a profile (vcf profiles list), or here"
        told = f"{shown(next(iter(twice)))} twice is one machine" if twice else "one machine"
        raise UsageError(f"{told}: nothing to compare it with", f"name another: {hint}")
    return list(found.values()), list(twice)


Reader = Callable[[], "Candidate | None"]


def _readers(
    name: str, arguments: CompareArguments, outcome: Outcome
) -> Iterator[tuple[str, Reader]]:
    """What a name on the command line stands for: keys that tell machines apart, and what reads
    each."""
    from ..machine import load

    if not name.strip():
        raise UsageError("an empty name is no machine", "name a file, a folder, a profile or here")
    if name == HERE:
        yield HERE, lambda: _here(verbose=arguments.verbose)
    elif name == "-":
        yield "-", lambda: Candidate(machine=load.load_machine("-"))
    elif is_folder(name):
        for file in load.machine_files(Path(name)):
            yield _real(file), lambda file=file: _listed(file, outcome)  # type: ignore[misc]
    else:
        path = load.resolve(name)
        yield (
            _real(path),
            lambda: Candidate(machine=load.load_machine(path), path=path),
        )


def _here(*, verbose: bool) -> Candidate:
    from ..bench.evidence import evidence_for
    from ..machine.probe import probe

    note = talk if verbose else None
    machine = probe(note=note)
    return Candidate(machine=machine, evidence=evidence_for(machine, note))


def _listed(file: Path, outcome: Outcome) -> Candidate | None:
    from ..machine.load import load_listed

    try:
        return Candidate(machine=load_listed(file), path=str(file))
    except VcfError as error:
        outcome.fail(error)
        return None


def _today(format: CompareFormat) -> str | None:
    """The day, for what is kept; the table is read now, and draws none."""
    if format is CompareFormat.table:
        return None
    from .report import today

    return today().isoformat()


def _safe(failure: Failure) -> Failure:
    """Without the lone surrogates that stand for undecodable bytes of a file name."""
    message = failure.message.encode("utf-8", "replace").decode()
    return msgspec.structs.replace(failure, message=message)


def _write(document: CompareDocument, arguments: CompareArguments, lang: Lang) -> None:
    if arguments.format is CompareFormat.json:
        show_json(arguments.output, document)
    elif arguments.format is CompareFormat.markdown:
        from ..views.compare_markdown import compare_markdown

        told = compare_markdown(document, lang, verbose=arguments.verbose)
        write_text(told, arguments.output)
    elif arguments.format is CompareFormat.html:
        write_text(_page(document, lang), arguments.output)
    else:
        from ..views.compare_table import Comparison

        show(arguments.output, Comparison(document, lang, verbose=arguments.verbose))


def format_of(chosen: CompareFormat | None, output: str | None) -> CompareFormat:
    """As asked for, else by the suffix of the file. Raises UsageError: a page for a terminal."""
    chosen = chosen or CompareFormat(by_suffix(output) or "table")
    if chosen is CompareFormat.html:
        refuse_page_on_screen(output, "machines.html")
    return chosen


def _real(path: str | Path) -> str:
    """What tells files apart; the name itself where the working folder is gone."""
    try:
        return os.path.realpath(path)
    except OSError:
        return str(path)


def _page(document: CompareDocument, lang: Lang) -> str:
    try:
        from ..views.page import compare_page

        return compare_page(document, lang)
    except ImportError as error:
        if error.name is None or error.name.partition(".")[0] != "jinja2":
            raise
        raise UsageError(
            "--format html needs jinja2", "pip install jinja2 vl-convert-python"
        ) from None
