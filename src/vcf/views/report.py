"""The report on one machine: every section put together from verdicts, catalogue and plans."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date as Date

from ..catalogue.model import Catalogue
from ..judge.change import Plan
from ..judge.model import Evidence
from ..judge.verdict import NO_EVIDENCE
from ..plain import shown
from .document import Result
from .explain_words import asked_for
from .facts import machine_line
from .report_choice import conclusion, first_choice, second_choice, steps_now
from .report_criteria import criteria
from .report_document import Measurement, ReportDocument, Speed
from .report_environment import computer_name, environment
from .report_findings import findings, overview
from .report_model import model_report
from .report_scope import Scope
from .report_upgrades import software_steps, upgrade_sentence, upgrades
from .words import Lang


def build_report(
    result: Result,
    plans: Mapping[str, Sequence[Plan]],
    catalogue: Catalogue,
    lang: Lang,
    *,
    date: Date,
    evidence: Evidence = NO_EVIDENCE,
    flags: Sequence[str] = (),
) -> ReportDocument:
    """The whole report in words of one language.

    ``plans``: for each model asked for, what would have to change. ``date``: the day on the
    report. ``flags``: those of the command line that say which machine and which work, for the
    commands in the report.
    """
    scope = Scope(result, plans, catalogue, lang, evidence=evidence, flags=flags)
    models = [model_report(scope, model) for model in scope.by_model]
    made = upgrades(scope)  # before the sources are listed: sections cite as they are made
    return ReportDocument(
        lang=lang,
        date=date.isoformat(),
        data=catalogue.updated,
        title=scope.told("title", machine=computer_name(scope)),
        machine=result.machine,
        machine_line=machine_line(result.machine, lang),
        workload=result.workload,
        workload_text=asked_for(result.workload, lang),
        overview=overview(scope),
        environment=environment(scope),
        findings=findings(scope),
        models=models,
        criteria=criteria(scope),
        first=first_choice(scope),
        second=second_choice(scope),
        conclusion=conclusion(scope, upgrade_sentence(scope)),
        now=steps_now(scope),
        upgrades=made,
        software=software_steps(scope),
        measurements=_measurements(scope),
        sources=scope.sources,
        limits=_limits(scope),
    )


def _measurements(scope: Scope) -> list[Measurement]:
    """Of the models asked for, from the oldest to the newest."""
    found = [
        Measurement(
            date=shown(each.date, 40),
            model=model,
            mode=mode,
            rtf=Speed(low=each.low, mid=each.mid, high=each.high, basis="bench"),
            source=shown(each.source, 120),
        )
        for (model, mode), records in scope.evidence.records.items()
        if model in scope.by_model
        for each in records
    ]
    return sorted(found, key=lambda each: each.date)


def _limits(scope: Scope) -> list[str]:
    """What the reader should know of the report itself."""
    told = [scope.told("limit-quality")]
    bases = {a.rtf.basis for a in scope.local if a.rtf is not None}
    if bases - {"bench"}:
        told.append(scope.told("limit-range"))
    if "calibrated" in bases:
        told.append(scope.told("limit-calibrated"))
    if "bench" in bases:
        told.append(scope.told("limit-measured"))
    if scope.evidence is NO_EVIDENCE and bases:
        told.append(scope.told("limit-forecast"))
    if any(c.price for p in scope.plans.values() for x in p for o in x.options for c in o.changes):
        told.append(scope.told("limit-prices"))
    told.append(scope.told("limit-data", date=scope.catalogue.updated))
    return told
