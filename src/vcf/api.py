"""The public Python functions."""

from __future__ import annotations

from pathlib import Path

from .catalogue.load import load_catalogue
from .catalogue.model import Catalogue
from .catalogue.names import find_models, find_modes
from .errors import UsageError
from .judge.assess import best, judge
from .judge.change import Plan, Target
from .judge.context import Context
from .judge.model import Assessment, Evidence
from .judge.plan import Planner
from .judge.subject import Subject, Subjects, subjects
from .judge.workload import STANDARD, Workload
from .machine.load import load_machine
from .machine.model import Machine


def probe() -> Machine:
    """Facts about the machine that this runs on. Takes about 0.05 s; never raises for want of
    facts: what can't be read stands in ``machine.unknown`` with its reason."""
    from .machine.probe import probe as ask

    return ask()


def assess(
    machine: Machine,
    model: str,
    mode: str,
    *,
    catalogue: Catalogue | str | Path | None = None,
    evidence: Evidence | None = None,
    workload: Workload = STANDARD,
) -> Assessment:
    """The verdict on one model in one mode on one machine.

    ``model`` is an id or a usual spelling (``VoxCPM2``); ``mode`` an id, or a group such as
    ``cpu`` or ``gguf``, of which the best for the machine is taken. ``catalogue`` is a loaded
    catalogue or the path of a models file that adds to the shipped one. ``workload`` is what is
    asked: seconds of speech and of reference clip, diffusion steps, the emotion model.
    Raises UsageError: unknown model or mode, several models meant; CatalogueError: bad file.
    """
    _, wanted = _wanted(model, mode, catalogue)
    context = Context(machine, workload)
    return best(judge(context, subject, evidence or Evidence()) for subject in wanted)


def plan(
    machine: Machine,
    model: str,
    mode: str | None = None,
    *,
    target: Target = "good",
    budget: int | None = None,
    catalogue: Catalogue | str | Path | None = None,
    evidence: Evidence | None = None,
    workload: Workload = STANDARD,
) -> Plan:
    """What must change on a machine so that a model reaches a verdict.

    ``mode``: as for ``assess``; None looks at all local modes. ``target``: ``good`` (faster than
    real time) or ``slow`` (that it runs). ``budget``: US dollars by launch prices; 0 buys
    nothing, None looks at everything. Every option's ``after`` is what ``assess`` says of the
    changed machine. Raises UsageError: unknown model or mode, several models or only a hosted
    service meant; CatalogueError: bad file.
    """
    known, wanted = _wanted(model, mode, catalogue)
    local = [subject for subject in wanted if subject.device != "online"]
    if not local:
        raise UsageError(f"{model!r} in {mode!r} runs on other people's computers")
    planner = Planner(machine, known, workload, evidence or Evidence())
    return planner.plan(local, target, budget=budget)


def _wanted(
    model: str, mode: str | None, catalogue: Catalogue | str | Path | None
) -> tuple[Subjects, list[Subject]]:
    """The subjects that model and mode mean. Raises UsageError, CatalogueError."""
    if catalogue is None or isinstance(catalogue, str | Path):
        catalogue = load_catalogue(catalogue)
    names = find_models(model, catalogue)
    if len(names) > 1:
        raise UsageError(f"{model!r} means several models", "choose one of: " + ", ".join(names))
    known = subjects(catalogue)
    modes = catalogue.models[names[0]].modes if mode is None else find_modes(mode)
    wanted = [known.by_key[names[0], m] for m in modes if (names[0], m) in known.by_key]
    if not wanted:
        has = ", ".join(catalogue.models[names[0]].modes)
        raise UsageError(f"{names[0]} has no mode {mode!r}", f"it has: {has}")
    return known, wanted


__all__ = ["Workload", "assess", "load_catalogue", "load_machine", "plan", "probe"]
