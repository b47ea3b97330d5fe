"""``vcf report``: the whole answer for one machine as a document to read, keep or send."""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timezone
from pathlib import Path

import msgspec

from ..catalogue.load import load_catalogue
from ..catalogue.model import Catalogue
from ..catalogue.names import find_models
from ..errors import UsageError
from ..judge.change import Plan, meets
from ..judge.plan import Planner
from ..judge.subject import subjects
from ..judge.workload import STANDARD, Workload
from ..machine.whatif import WhatIf
from ..plain import shown
from ..views.document import Result
from ..views.report import build_report
from ..views.report_document import ReportDocument
from ..views.report_names import tame
from ..views.report_short import shortened
from .asked import asked_for
from .check import CheckArguments, Outcome, check_machine
from .flags import base_flags
from .options import ReportFormat
from .output import by_suffix, language, refuse_page_on_screen, show_json, write_text
from .plan import machine_and_evidence


class ReportArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf report`` says."""

    what: tuple[str, ...] = ()
    machine: str | None = None
    what_if: WhatIf = WhatIf()
    workload: Workload = STANDARD
    format: ReportFormat | None = None
    output: str | None = None
    models: str | None = None
    lang: str | None = None
    short: bool = False
    """Without what only the curious need."""


def run(arguments: ReportArguments) -> int:
    """Judge, plan and write; the exit code is that of ``vcf check``."""
    chosen = _format(arguments)
    lang = language(arguments.lang)
    catalogue, what, own = _catalogue(arguments)
    known = subjects(catalogue)
    asks, online = asked_for(what, (), known)
    own_machine, evidence = machine_and_evidence(
        arguments.machine, arguments.what_if, many="vcf compare"
    )
    planner = Planner(own_machine, known, arguments.workload, evidence, arguments.what_if)
    flags = base_flags(
        arguments.machine, arguments.what_if, arguments.workload,
        arguments.models if own else None,
    )  # fmt: skip
    machine = tame(planner.context().machine)
    result = check_machine(machine, asks, arguments.workload, evidence, flags)
    outcome = Outcome(CheckArguments(), online)
    outcome.note(result.assessments)
    document = build_report(
        result,
        plans_of(result, planner),
        catalogue,
        lang,
        date=today(),
        evidence=evidence,
        flags=flags,
    )
    if arguments.short:
        document = shortened(document)
    _write(document, chosen, arguments.output)
    return outcome.code


def _format(arguments: ReportArguments) -> ReportFormat:
    """As asked for, else by the suffix of the file, else Markdown.

    Raises UsageError where HTML would go to a terminal.
    """
    chosen = arguments.format or ReportFormat(by_suffix(arguments.output) or "md")
    if chosen is ReportFormat.html:
        refuse_page_on_screen(arguments.output, "report.html")
    return ReportFormat.md if chosen is ReportFormat.markdown else chosen


def _catalogue(arguments: ReportArguments) -> tuple[Catalogue, tuple[str, ...], bool]:
    """The models, which of them are asked for, and whether a file of the user's has some:
    ``--models`` names a file, or models with commas between."""
    given = arguments.models
    if given is None:
        return load_catalogue(), arguments.what, False
    shipped = load_catalogue()
    names = [name.strip() for name in given.split(",") if name.strip()]
    strange = [name for name in names if not _is_model(name, shipped)]
    if not names:
        raise UsageError("--models is empty", "name a models file, or models: voxcpm,indextts-2")
    if len(names) > 1 and strange and not _is_file(given):
        raise UsageError(
            f"--models: {shown(strange[0], 60)} is no model and {shown(given, 60)} no file",
            "the models: " + ", ".join(shipped.models),
        )
    if strange or _is_file(given):
        return load_catalogue(given), arguments.what, True
    if arguments.what:
        raise UsageError("--models: models are named twice", "name them once, as arguments")
    return shipped, tuple(names), False


def _is_file(name: str) -> bool:
    try:
        return Path(name).exists()
    except OSError:  # too long, or not ours to look at: reading it will tell
        return True


def _is_model(name: str, catalogue: Catalogue) -> bool:
    try:
        return bool(find_models(name.partition(":")[0], catalogue))
    except UsageError:
        return False


def plans_of(result: Result, planner: Planner) -> Mapping[str, Sequence[Plan]]:
    """For each model what would make it faster than real time, and what would make it run at all
    where it does not."""
    asked: dict[str, list[tuple[str, str]]] = {}
    for given in result.assessments:
        if given.mode != "online":
            asked.setdefault(given.model, []).append((given.model, given.mode))
    made: dict[str, list[Plan]] = {}
    for model, keys in asked.items():
        chosen = [planner.known.by_key[key] for key in keys]
        first = planner.plan(chosen, "good")
        made[model] = [first]
        if not meets(first.now, "slow"):
            made[model].append(planner.plan(chosen, "slow"))
    return made


def today() -> date:
    """The day on the report; that of SOURCE_DATE_EPOCH where it is set, so that the same input
    gives the same file. Raises UsageError: not a number of seconds."""
    given = os.environ.get("SOURCE_DATE_EPOCH")
    if not given:
        return date.today()
    try:
        return datetime.fromtimestamp(int(given), timezone.utc).date()
    except (ValueError, OverflowError, OSError):
        raise UsageError(
            f"SOURCE_DATE_EPOCH: {given[:40]!r} is no time", "seconds since 1970, a whole number"
        ) from None


def _write(document: ReportDocument, chosen: ReportFormat, output: str | None) -> None:
    if chosen is ReportFormat.json:
        show_json(output, document)
    elif chosen is ReportFormat.html:
        from ..views.page import report_page

        write_text(report_page(document), output)
    else:
        from ..views.report_markdown import report_markdown

        write_text(report_markdown(document), output)
