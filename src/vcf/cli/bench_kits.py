"""From the command line to what is measured: a package, a checkout, a program with its files."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import UsageError
from ..paths import expanded
from ..plain import shown
from .python import examined, hidden

if TYPE_CHECKING:
    from ..bench.kit import Kit
    from ..bench.kit_ggml import GgufKit
    from ..bench.kit_voxcpm import VoxcpmKit
    from ..bench.programs import Examined
    from ..catalogue.model import Catalogue
    from ..machine.model import Machine
    from .bench_asked import BenchArguments

CHOOSE = "choose 0.5b, 1.5 or 2"
FIRST = "voxcpm-0.5b"
"""What ``voxcpm`` alone means here: the smallest."""
GUIDES = {"voxcpm.cpp": "docs/bench-gguf.md", "audio.cpp": "docs/bench-programs.md"}
PROGRAMS = tuple(GUIDES)
"""What ``--runtime`` may be."""


def kits_of(arguments: BenchArguments, catalogue: Catalogue) -> list[Kit]:
    """What a command measures with. Raises UsageError."""
    if arguments.what == "matrix":
        from .bench_found import found_kits

        return found_kits(arguments, catalogue)
    if arguments.what != "voxcpm":
        return [_checkout(arguments)]
    if arguments.runtime is not None:
        return _programs(arguments)
    if arguments.binaries or arguments.ggufs:
        raise UsageError(
            "--binary and --gguf are of a program: which one?", "--runtime " + " or ".join(PROGRAMS)
        )
    return [package(arguments, models_of(arguments.models, catalogue), catalogue)]


def package(arguments: BenchArguments, models: Sequence[str], catalogue: Catalogue) -> VoxcpmKit:
    """The voxcpm package. Raises UsageError: no such Python."""
    from ..bench.kit_voxcpm import VoxcpmKit

    python, machine = examined(arguments.python, verbose=arguments.verbose)
    return VoxcpmKit(models, arguments.weights, python, machine, catalogue, hidden(python))


def _checkout(arguments: BenchArguments) -> Kit:
    """IndexTTS in a folder of the user's. Raises UsageError."""
    if len(arguments.repos) != 1:
        raise UsageError(
            "--repo is missing: the folder of your checkout of index-tts"
            if not arguments.repos
            else "--repo is there more than once",
            "git clone https://github.com/index-tts/index-tts; then --repo index-tts",
        )
    return checkout(arguments, arguments.what, arguments.repos[0])


def checkout(arguments: BenchArguments, model: str, repo: str) -> Kit:
    """A checkout of index-tts for one of its models. Raises UsageError."""
    from ..bench.checkout import examine
    from ..bench.kit_indextts import IndexttsKit

    found = examine(expanded(repo, "--repo"), model, arguments.python)
    _, machine = examined(found.python, verbose=arguments.verbose)
    return IndexttsKit(model, found, arguments.weights, machine)


def _programs(arguments: BenchArguments) -> list[Kit]:
    """A program, with each of the files. Raises UsageError."""
    runtime = (arguments.runtime or "").lower()
    if runtime not in PROGRAMS:
        raise UsageError(
            f"--runtime {arguments.runtime!r} is not known", "one of: " + ", ".join(PROGRAMS)
        )
    if len(arguments.binaries) != 1:
        raise UsageError(
            f"--runtime {runtime} needs one program: --binary PATH",
            f"{GUIDES[runtime]} tells how to build it",
        )
    if not arguments.ggufs:
        raise UsageError(
            f"--runtime {runtime} needs weights: --gguf FILE", "again for several of them"
        )
    if arguments.python is not None:
        raise UsageError("--python means nothing to a program", "leave it out")
    binary = binary_of(arguments.binaries[0])
    asked = tuple(model_name(word) for word in arguments.models)
    there = look_at(runtime, binary)
    _, machine = examined(None, verbose=arguments.verbose)
    kits = [
        program(arguments, runtime, there, file, machine, asked) for file in named_files(arguments)
    ]
    seen: dict[str, Path] = {}
    for kit in kits:
        other = seen.setdefault(f"{kit.models} {kit.usual}", kit.file)
        if other != kit.file:
            raise UsageError(
                f"{shown(other.name, 80)} and {shown(kit.file.name, 80)} are both "
                f"{kit.models[0]}:{kit.usual}",
                "their records could not be told apart: measure one after the other",
            )
    return [*kits]


def named_files(arguments: BenchArguments) -> list[Path]:
    """Those of ``--gguf``, none twice."""
    from ..bench.found import once

    return once(expanded(name, "--gguf") for name in arguments.ggufs)


def look_at(runtime: str, binary: Path) -> Examined:
    """A program that can be started and is the right one. Raises UsageError."""
    from ..bench.audio_cpp import AUDIOCPP_CLI
    from ..bench.kit_ggml import VOXCPM_TTS
    from ..bench.programs import examine

    return examine(binary, AUDIOCPP_CLI if runtime == "audio.cpp" else VOXCPM_TTS)


def binary_of(name: str) -> Path:
    """A program by its path or, where that is a bare name that is not here, on the PATH."""
    path = expanded(name, "--binary")
    if path.name == name and not path.exists():
        return Path(shutil.which(name) or path)
    return path


def runtime_of(binary: str) -> str:
    """What a program is, by its name. Raises UsageError."""
    name = binary.replace("\\", "/").rsplit("/", 1)[-1].lower()
    for start, runtime in (("voxcpm_tts", "voxcpm.cpp"), ("audiocpp", "audio.cpp")):
        if name.startswith(start):
            return runtime
    raise UsageError(
        f"--binary {shown(binary, 200)}: what program is that?",
        "voxcpm_tts or audiocpp_cli by its name; another name: `vcf bench voxcpm --runtime …`",
    )


def program(
    arguments: BenchArguments,
    runtime: str,
    where: Examined,
    weights: Path,
    machine: Machine,
    asked: tuple[str, ...] = (),
) -> GgufKit:
    """A program with one file. ``asked``: models; none: whichever the file holds. Raises
    UsageError."""
    if runtime == "audio.cpp":
        from ..bench.audio_cpp import AudioCppKit

        return AudioCppKit(where, weights, arguments.weights, machine, asked)
    from ..bench.kit_ggml import GgmlKit

    return GgmlKit(where, weights, arguments.weights, machine, asked)


def model_name(word: str) -> str:
    """``0.5b`` stands for ``voxcpm-0.5b``."""
    given = f"voxcpm-{word}" if word.lower() in ("0.5b", "0.5", "1.5", "2") else word
    return f"{given}b" if given.endswith("-0.5") else given


def models_of(words: Sequence[str], catalogue: Catalogue) -> list[str]:
    """Model ids; ``0.5b``, ``1.5`` and ``2`` do as well. Raises UsageError."""
    from ..bench.cells import modes_of
    from ..bench.kit_voxcpm import PACKAGE, runs_in_package
    from ..catalogue.names import find_models

    found: list[str] = []
    for word in words or [FIRST]:
        given = model_name(word)
        try:
            names = [FIRST] if given.lower() == PACKAGE else find_models(given, catalogue)
        except UsageError as error:
            raise UsageError(f"--model: {error.message}", CHOOSE) from None
        for name in names:
            if not modes_of(name, runs_in_package, catalogue):
                raise UsageError(f"--model {word}: the {PACKAGE} package does not run it", CHOOSE)
        found += [name for name in names if name not in found]
    return found
