"""torchaudio against torch: what has been compiled for another torch can't be imported."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue.installed import build_of
from ..catalogue.wheel_table import release_of
from ..catalogue.wheels import INDEX, parse_version, split_local, table, torchaudio_for
from .context import Card, Context
from .model import Gate, Message
from .packages import is_cuda
from .subject import Subject, own_package
from .torch import cure_of, wheel_for
from .versions import software

OWN_TORCH = "2.11"
"""From this release on torchaudio works with every later torch; before, with one only."""


def audio_gates(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """A torchaudio that is missing beside the package that imports it, or does not fit."""
    torch, audio = context.software.get("torch"), context.software.get("torchaudio")
    wanted = subject.needs.torch
    if wanted is None or not wanted.audio or torch is None:
        return
    build = build_of(torch, context.platform)
    text = None
    if audio is None:
        if _missing(subject, context):
            text = "audio-missing"
    elif _other_torch(torch, audio):
        text = "audio-torch"
    elif _tag(audio).startswith("cu") and build == "cpu":
        text = "audio-cuda-cpu"
    elif _tag(audio).startswith("cu") and is_cuda(build or "") and _tag(audio) != build:
        text = "audio-cuda"
    if text is None:
        return
    command = audio_command(torch, build, context.platform)
    cure = Message("remedy-command", {"command": command}) if command is not None else None
    yield software(
        "fail", Message(text, {"torch": torch, "audio": audio or "–"}),
        have=f"torchaudio {audio}" if audio is not None else None, need=f"torch {torch}",
        source=_source(text),
        remedy=cure or cure_of(wheel_for(subject, context, card), subject, context, card),
    )  # fmt: skip


def _missing(subject: Subject, context: Context) -> bool:
    """Known not to be there, in an environment in which the model's package is."""
    known = context.machine.software or {}
    if "torchaudio" not in known or "software.torchaudio" in context.machine.unknown:
        return False
    return own_package(subject) in context.software


def _other_torch(torch: str, audio: str) -> bool:
    """Made for another torch; what can't be read is not held against it."""
    try:
        one, other = parse_version(split_local(torch)[0]), parse_version(split_local(audio)[0])
    except ValueError:
        return False
    return other[:2] > one[:2] or (other < parse_version(OWN_TORCH) and other[:2] != one[:2])


def _tag(version: str) -> str:
    return split_local(version)[1] or ""


def audio_command(torch: str, build: str | None, platform: str) -> str | None:
    """The command that puts the fitting torchaudio in place; None where none is known to fit.

    pip takes ``2.11.0+cu130`` for ``2.11.0`` and would leave it, hence the force.
    """
    public = split_local(torch)[0]
    try:
        version = torchaudio_for(public, build, platform) if build is not None else None
    except ValueError:
        return None
    if version is None or build is None or release_of(public) is None:
        return None
    index = "" if build == "mps" else f" --index-url {INDEX}/{build}"
    return f"pip install --force-reinstall --no-deps torchaudio=={version}{index}"


def _source(text: str) -> str:
    if text == "audio-torch":
        return table().sources["ta_docs"].partition(" ")[0]
    return "https://github.com/pytorch/audio/blob/v2.11.0/src/torchaudio/_extension/__init__.py"
