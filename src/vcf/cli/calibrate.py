"""``vcf calibrate``: what this computer reaches through torch, measured and kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import msgspec

from ..errors import NothingStored
from ..machine.model import Machine
from .output import language, show, show_json, talk
from .python import examined, hidden

if TYPE_CHECKING:
    from ..bench.calibrate import NoTorch
    from ..judge.calibrated import CalibrationDocument
    from ..views.calibrate import Place
    from ..views.words import Lang

CPU_TORCH = "pip install torch --index-url https://download.pytorch.org/whl/cpu"
EXIT_DISTURBED = 1


class CalibrateArguments(msgspec.Struct, frozen=True, kw_only=True):
    """What the command line of ``vcf calibrate`` says."""

    python: str | None = None
    show: bool = False
    as_json: bool = False
    output: str | None = None
    lang: str | None = None
    verbose: bool = False


def run(arguments: CalibrateArguments) -> int:
    """Measure, keep and show. 0: done, 1: disturbed and not stored."""
    lang = language(arguments.lang)
    python, machine = examined(arguments.python, verbose=arguments.verbose)
    if arguments.show:
        return _show_stored(arguments, machine, lang)
    from ..bench.calibrate import NoTorch, calibrate, command
    from ..bench.store import store
    from ..views.calibrate import Place

    if (machine.software or {}).get("torch", "") is None:
        raise _advised(NoTorch("this Python has no torch"), python, machine)
    try:
        with _progress(lang) as progress:
            document = calibrate(machine, command(python, machine), progress=progress)
    except NoTorch as error:
        raise _advised(error, python, machine) from None
    place = None
    if not document.disturbed:
        place = Place(path=hidden(str(store(document))), fresh=True)
    _show(arguments, document, place, lang)
    return 0 if place is not None else EXIT_DISTURBED


def _advised(error: NoTorch, python: str, machine: Machine) -> NoTorch:
    """The error with the command that installs the torch for this machine."""
    if error.hint:
        return error
    from ..judge.context import Context
    from ..judge.wheels import card_wheels

    fitting = [wheels.install for wheels in card_wheels(Context(machine)) if wheels.install]
    install = fitting[0] if fitting else CPU_TORCH
    hint = f"{install}; or name a Python that has it: --python PATH"
    return type(error)(f"{hidden(python)}: {error.message}", hint)


@contextmanager
def _progress(lang: Lang) -> Iterator[Callable[[str, int, int], None] | None]:
    """What is measured, on one line; none where nobody looks."""
    from ..views.calibrate import progress_line
    from ..views.words import label
    from .progress import overwritten

    with overwritten() as line:
        if line is None:
            yield None
            return
        line(label("calibrate-import", lang))
        yield lambda part, count, of: line(progress_line(part, count, of, lang))


def _show_stored(arguments: CalibrateArguments, machine: Machine, lang: Lang) -> int:
    from ..bench.store import find_calibration
    from ..views.calibrate import Place

    found = find_calibration(machine, talk if arguments.verbose else None)
    if found is None:
        raise NothingStored("no calibration of this machine is stored", "`vcf calibrate` makes one")
    installed = (machine.software or {}).get("torch")
    other = None if found.same_torch else installed
    place = Place(path=hidden(str(found.path)), fresh=False, installed=other)
    _show(arguments, found.document, place, lang)
    return 0


def _show(
    arguments: CalibrateArguments, document: CalibrationDocument, place: Place | None, lang: Lang
) -> None:
    if arguments.as_json:
        show_json(arguments.output, document)
        return
    from ..views.calibrate import screen

    show(arguments.output, screen(document, place, lang))
