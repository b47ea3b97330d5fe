"""``vcf bench matrix``: all that this computer has, made ready to be measured."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import UsageError
from ..plain import shown
from .output import talk
from .python import examined, hidden

if TYPE_CHECKING:
    from ..bench.kit import Kit
    from ..bench.kit_ggml import GgufKit
    from ..catalogue.model import Catalogue
    from .bench_asked import BenchArguments

Notes = list[tuple[str, str]]
"""What was found and can't be measured, each with a hint."""
LONGEST_NOTE = 120
INDEXTTS = ("indextts-2.5", "indextts-2")
NOTHING = (
    "nothing was found that could be measured here",
    "install the voxcpm package and add --weights synthetic, or name what you have: --repo DIR, "
    "--binary PATH --gguf FILE",
)


def found_kits(arguments: BenchArguments, catalogue: Catalogue) -> list[Kit]:
    """Everything that is there, or that was named. Raises UsageError: something that was named
    can't be measured, or there is nothing at all."""
    from ..bench import found

    here = found.bases(Path.cwd(), _home())
    wanted = _wanted(arguments, catalogue)
    notes: Notes = []
    kits: list[Kit] = []
    # what was named is refused before anything is told of what was not
    kits += _checkouts(arguments, found.checkouts(here), wanted, notes)
    kits += _programs(arguments, here, wanted, notes)
    kits += _packages(arguments, catalogue, wanted, notes)
    for message, hint in notes:
        talk(f"passed over: {message}")
        if hint:
            talk(hint.splitlines()[0], "     ")
    if not kits:
        raise UsageError(*NOTHING)
    return kits


def _home() -> Path | None:
    try:
        return Path.home()
    except RuntimeError:
        return None


def _wanted(arguments: BenchArguments, catalogue: Catalogue) -> frozenset[str]:
    """Models that are asked for: all, where none is. Raises UsageError."""
    from ..catalogue.names import find_models
    from .bench_kits import model_name

    if not arguments.models:
        return frozenset(catalogue.models)
    found: set[str] = set()
    for word in arguments.models:
        found |= set(find_models(model_name(word), catalogue))
    return frozenset(found)


def _packages(
    arguments: BenchArguments, catalogue: Catalogue, wanted: frozenset[str], notes: Notes
) -> list[Kit]:
    """The voxcpm package, with each model whose weights lie ready or may be random."""
    from ..bench.cells import modes_of
    from ..bench.kit_voxcpm import PACKAGE, runs_in_package
    from .bench_kits import package

    models = [m for m in catalogue.models if modes_of(m, runs_in_package, catalogue)]
    models = [model for model in models if model in wanted]
    kit = package(arguments, models, catalogue)
    software = kit.machine.software or {}
    if not software.get(PACKAGE) or not software.get("torch"):
        if arguments.python is not None:
            raise UsageError(f"{hidden(arguments.python)} has no {PACKAGE}", "name another Python")
        return []
    ready = [model for model in models if arguments.weights or kit.source(model).ready]
    without = [model for model in models if model not in ready]
    if without:
        notes.append((
            f"{', '.join(without)} in the {PACKAGE} package: no weights here",
            "--weights synthetic measures them with random numbers",
        ))  # fmt: skip
    kit.models = tuple(ready)
    return [kit] if ready else []


def _checkouts(
    arguments: BenchArguments, lying: list[Path], wanted: frozenset[str], notes: Notes
) -> list[Kit]:
    """Checkouts of index-tts, each with the models whose weights it has."""
    from .bench_kits import checkout

    own = msgspec.structs.replace(arguments, python=None)  # each has an environment of its own
    kits: list[Kit] = []
    for repo in arguments.repos or [str(each) for each in lying]:
        errors: list[UsageError] = []
        before = len(kits)
        for model in (each for each in INDEXTTS if each in wanted):
            try:
                kit = checkout(own, model, repo)
                kit.source(model)
                kits.append(kit)
            except UsageError as error:
                errors.append(error)
        if errors and len(kits) == before:
            if arguments.repos:
                raise errors[0]
            why = shown(errors[0].message, LONGEST_NOTE)
            model = next(each for each in INDEXTTS if each in wanted)
            hint = f"all of it: vcf bench {model} --repo {hidden(repo)} --dry-run"
            notes.append((f"{hidden(repo)}: {why}", hint))
    return kits


def _programs(
    arguments: BenchArguments, here: list[Path], wanted: frozenset[str], notes: Notes
) -> list[Kit]:
    """Each program with each file that it can read."""
    from ..bench import found
    from .bench_kits import binary_of, look_at, named_files, program, runtime_of

    programs = [(runtime_of(name), binary_of(name)) for name in arguments.binaries]
    programs = programs or found.programs(here)
    files = named_files(arguments) or found.gguf_files(here, [path for _, path in programs])
    if arguments.ggufs and not programs:
        raise UsageError("--gguf needs a program that reads it", "add --binary PATH")
    own = msgspec.structs.replace(arguments, weights=None)  # a file has the weights it has
    kits: dict[tuple[str, str | None], GgufKit] = {}
    errors: dict[Path, UsageError] = {}
    read: set[Path] = set()
    if not programs:
        return []
    _, machine = examined(None, verbose=arguments.verbose)
    for runtime, path in programs:
        try:
            there = look_at(runtime, path)
        except UsageError as error:
            if arguments.binaries:
                raise
            notes.append((error.message, error.hint))
            continue
        fits = 0
        for file in files:
            try:
                kit = program(own, runtime, there, file, machine)
            except UsageError as error:
                errors.setdefault(file, error)
                continue
            read.add(file)
            fits += 1
            if not set(kit.models) & wanted:
                continue
            first = kits.setdefault((kit.models[0], kit.usual), kit)
            if first is not kit:
                notes.append((
                    f"{shown(file.name, 80)}: {kit.models[0]}:{kit.usual} is measured with "
                    f"{shown(first.file.name, 80)}",
                    "--gguf FILE names the one that is wanted",
                ))  # fmt: skip
        if not fits:
            what = "none of the files is for it" if files else "no GGUF file of VoxCPM was found"
            notes.append((f"{hidden(str(path))}: {what}", "--gguf FILE names one"))
    for file, problem in errors.items():
        if file in read:
            continue
        if arguments.ggufs and arguments.binaries:
            raise problem
        notes.append((f"{shown(file.name, 80)}: {problem.message}", problem.hint))
    return list(kits.values())
