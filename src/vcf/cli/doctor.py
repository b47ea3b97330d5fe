"""``vcf doctor``: what is installed, what is wrong with it, and what mends it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import msgspec

from ..catalogue.load import load_catalogue
from ..errors import UsageError
from ..judge.checkup import checkup, relevant
from ..judge.context import Context
from ..judge.subject import Subjects, subjects
from ..judge.wheels import card_wheels
from ..machine.model import Machine, Unmet
from ..machine.owner import owner_of
from .asked import asked_for
from .output import language, show, show_json, talk

if TYPE_CHECKING:
    from ..machine.interpreter import Interpreter

ROOTS = ("voxcpm", "indextts", "mlx-audio", "nano-vllm-voxcpm", "torch", "torchaudio")
"""Packages whose requirements are looked into."""
IMPORTS = ("torchaudio", "torchcodec", "voxcpm", "indextts")
IMPORT_SECONDS = 180.0
"""The first import of voxcpm with all that it pulls in, from a slow disk."""


class DoctorArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf doctor`` says."""

    what: tuple[str, ...] = ()
    python: str | None = None
    machine: str | None = None
    deep: bool = False
    as_json: bool = False
    output: str | None = None
    models: str | None = None
    lang: str | None = None
    verbose: bool = False


def run(arguments: DoctorArguments) -> int:
    """Examine and show. 0: clean, 1: something stops a mode, 3: could not tell."""
    if arguments.machine is not None and (arguments.python is not None or arguments.deep):
        raise UsageError(
            "--machine describes another computer: it goes without --python and --deep"
        )
    lang = language(arguments.lang)
    catalogue = load_catalogue(arguments.models)
    asks, _ = asked_for(arguments.what, (), subjects(catalogue))
    wanted = [subject for ask in asks for subject in ask.subjects]
    python, machine = _examined(arguments)
    named = bool(arguments.what)
    modes = _modes(arguments.what, subjects(catalogue))
    if named and not relevant(wanted, machine, named=True, modes=modes):
        raise UsageError(
            f"{' '.join(arguments.what)}: runs outside of Python, there is nothing to examine",
            "`vcf check` judges it",
        )
    given = checkup(
        machine,
        wanted,
        named=named,
        modes=modes,
        conflicts=_conflicts(python),
        deep=_deep(python) if arguments.deep else None,
    )
    from ..views.doctor import document, screen

    told = document(
        given,
        card_wheels(Context(machine)),
        catalogue,
        lang,
        executable=_place(python),
        deep=arguments.deep,
        other=arguments.python is not None,
    )
    if arguments.as_json:
        show_json(arguments.output, told)
    else:
        show(arguments.output, screen(told, lang, verbose=arguments.verbose))
    return given.exit_code


def _modes(what: Sequence[str], known: Subjects) -> frozenset[str]:
    """The modes asked for by their own name: ``voxcpm-2:gpu-bf16``."""
    exact = [item for item in what if ":" in item]
    asks = asked_for(exact, (), known)[0] if exact else ()
    return frozenset(subject.name for ask in asks for subject in ask.subjects)


def _examined(arguments: DoctorArguments) -> tuple[Interpreter | None, Machine]:
    """The interpreter and the machine with the software of its environment."""
    if arguments.machine is not None:
        from ..machine.load import load_machine

        return None, load_machine(arguments.machine)
    from ..machine.interpreter import calls_of, interpreter, running
    from ..machine.probe import live_host, probe

    note = talk if arguments.verbose else None
    if arguments.python is None:
        return running(), probe(note=note)
    python = interpreter(arguments.python)
    return python, probe(live_host(calls_of(python)), note=note)


def _conflicts(python: Interpreter | None) -> Sequence[Unmet]:
    if python is None:
        return ()
    from ..machine.requirements import unmet

    return unmet(python, ROOTS)


def _deep(python: Interpreter | None) -> dict[str, Any]:
    from ..machine.deep import ask_torch

    assert python is not None
    talk("asking torch itself, which takes up to a minute …", "")
    answer = ask_torch(python.executable, IMPORT_SECONDS, imports=IMPORTS)
    return {key: _hidden(value) for key, value in answer.items()}


def _hidden(answer: Any) -> Any:
    """The answer with ``~`` for the home folder: errors name files."""
    from ..machine.probe import live_host

    owner = owner_of(live_host())

    def hide(value: Any) -> Any:
        if isinstance(value, str):
            return owner.hide_home(value)
        if isinstance(value, dict):
            return {key: hide(item) for key, item in value.items()}
        return [hide(item) for item in value] if isinstance(value, list) else value

    return hide(answer)


def _place(python: Interpreter | None) -> str | None:
    """The interpreter's path, the home folder written as ``~``."""
    if python is None:
        return None
    from ..machine.probe import live_host

    return owner_of(live_host()).hide_home(python.executable)
