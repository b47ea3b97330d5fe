"""What the options of ``vcf bench`` may be, and what they mean."""

from __future__ import annotations

import math
import os
import wave
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import OutputError, UsageError
from ..judge.workload import LEAST_SECONDS, MOST_STEPS
from ..paths import expanded, resolved
from ..plain import shown

if TYPE_CHECKING:
    from ..bench.corpus import Script
    from ..bench.kit import Clip
    from .bench_asked import BenchArguments

MOST_THREADS, MOST_RUNS = 1024, 1000
MOST_SECONDS, LONGEST_CLIP = 60.0, 600.0
DAY = 86_400.0
MOST_BYTES = 1 << 20
"""Of a text file that are read."""
CLIP_GUESS = 10.0
"""Seconds of a clip that is no WAV file; the package tells how long it is."""


def valid(arguments: BenchArguments) -> BenchArguments:
    """The arguments, if each of them can be.

    Raises UsageError.
    """
    _whole("--threads", arguments.threads, MOST_THREADS)
    _whole("--runs", arguments.runs, MOST_RUNS)
    _whole("--steps", arguments.steps, MOST_STEPS)
    _within("--max-seconds", arguments.max_seconds, 0.001, DAY)
    _within("--text-seconds", arguments.text_seconds, LEAST_SECONDS, MOST_SECONDS)
    if arguments.text is not None and arguments.text_file is not None:
        raise UsageError("--text contradicts --text-file", "give one of them")
    if arguments.quick and arguments.runs is not None:
        raise UsageError("--quick contradicts --runs", "give one of them")
    if arguments.reference_text is not None and arguments.reference is None:
        raise UsageError("--reference-text needs the clip that says it", "add --reference WAV")
    _possible(arguments.save_audio)
    if arguments.output is not None and arguments.output != "-":
        _writable(arguments.output)
    return arguments


def _whole(option: str, value: int | None, most: int) -> None:
    if value is not None and not 1 <= value <= most:
        raise UsageError(f"{option}: {value} is out of range", f"between 1 and {most}")


def _within(option: str, value: float | None, least: float, most: float) -> None:
    if value is not None and (not math.isfinite(value) or not least <= value <= most):
        raise UsageError(f"{option}: {value:g} is out of range", f"between {least:g} and {most:g}")


def _writable(name: str) -> None:
    """Raises OutputError now, not after minutes of measuring."""
    file = Path(name)
    try:
        wrong = "is a folder" if file.is_dir() else None
        if not resolved(name, "--output").parent.is_dir():
            wrong = "there is no such folder"
    except (OSError, ValueError) as error:
        wrong = str(getattr(error, "strerror", None) or error)
    if wrong is not None:
        raise OutputError(f"{shown(name, 200)}: {wrong}", "nothing was measured; name a file")


def _possible(name: str | None) -> None:
    """Raises UsageError where a folder can't be made; it is not made yet."""
    if name is None:
        return
    if not name.strip():
        raise UsageError("--save-audio is empty", "name a folder")
    wrong = None
    try:
        place = resolved(name, "--save-audio")
        there = next(each for each in (place, *place.parents) if each.exists())
        if not there.is_dir():
            wrong = f"{shown(str(there), 200)} is no folder"
        elif not os.access(there, os.W_OK):
            wrong = f"{shown(str(there), 200)} may not be written to"
    except (OSError, ValueError) as error:
        wrong = str(getattr(error, "strerror", None) or error)
    if wrong is not None:
        raise UsageError(f"--save-audio {shown(name, 200)}: {wrong}", "name a folder")


def make_folder(name: str | None) -> None:
    """The folder of ``--save-audio``. Raises UsageError: it can't be made."""
    if name is None:
        return
    try:
        expanded(name, "--save-audio").mkdir(parents=True, exist_ok=True)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"--save-audio {shown(name, 200)}: {why}", "name a folder") from None


def script_of(arguments: BenchArguments) -> Script | None:
    """The user's own text; None: one of the packaged ones. Raises UsageError."""
    from ..bench.corpus import LONGEST, own

    text = arguments.text
    if arguments.text_file is not None:
        text = _read(arguments.text_file)
    if text is None:
        return None
    text = " ".join(text.split())
    if not text:
        raise UsageError("the text is empty", "give something to say")
    if len(text) > LONGEST:  # also where it was not read to its end
        raise UsageError(
            f"the text has {len(text)} characters, more than {LONGEST}", "a part of it will do"
        )
    return own(text.encode("utf-8", "replace").decode())


def _read(name: str) -> str:
    place = expanded(name, "--text-file")
    try:
        if place.exists() and not (place.is_file() or place.is_dir()):  # a pipe would wait for ever
            raise UsageError(f"--text-file {shown(name, 200)}: is no file", "save the text as one")
        with place.open("rb") as file:
            text = file.read(MOST_BYTES + 1)
        whole = len(text) <= MOST_BYTES
        return text.decode("utf-8-sig", "strict" if whole else "replace")
    except OSError as error:
        raise UsageError(f"--text-file {shown(name, 200)}: {error.strerror}", "") from None
    except ValueError:
        raise UsageError(f"--text-file {shown(name, 200)}: is not UTF-8", "save it so") from None


def clip_of(arguments: BenchArguments) -> Clip | None:
    """The reference clip; None without one. Raises UsageError."""
    from ..bench.kit import Clip

    if arguments.reference is None:
        return None
    name = shown(arguments.reference, 200)
    file = expanded(arguments.reference, "--reference")
    try:
        if not file.is_file():
            what = "is no file" if file.exists() else "no such file"
            raise UsageError(f"--reference {name}: {what}", "name a WAV file of 3 to 30 s")
        if file.stat().st_size == 0:
            raise UsageError(f"--reference {name}: is empty", "name a WAV file of 3 to 30 s")
        seconds = _seconds(file)
    except OSError as error:
        raise UsageError(f"--reference {name}: {error.strerror}", "") from None
    if seconds is not None and not 0.1 <= seconds <= LONGEST_CLIP:
        raise UsageError(
            f"--reference {name}: has {seconds:.1f} s of sound", "3 to 30 s are what models expect"
        )
    return Clip(
        path=resolved(arguments.reference, "path"),  # whatever folder the child works in
        seconds=CLIP_GUESS if seconds is None else seconds,
        text=arguments.reference_text,
    )


def _seconds(file: Path) -> float | None:
    """Length of a WAV file; None for other kinds of sound and of WAV."""
    try:
        with file.open("rb") as stream, wave.open(stream) as sound:
            return float(sound.getnframes() / sound.getframerate())
    except (wave.Error, EOFError, ZeroDivisionError):
        with file.open("rb") as stream:
            start = stream.read(4)
        if file.suffix.lower() == ".wav" and start not in (b"RIFF", b"RF64"):
            raise UsageError(
                f"--reference {shown(str(file), 200)}: is no WAV file", "is it complete?"
            ) from None
        return None
