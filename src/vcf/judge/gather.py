"""Findings gathered over many modes: what several of them meet is said once."""

from __future__ import annotations

from collections.abc import Iterable

import msgspec

from .context import Context
from .finding import Finding, Level
from .model import Assessment, Gate, Message, Status, command_in
from .subject import Subject, own_package
from .versions import numbers_in

LEVELS: dict[Status, Level] = {"pass": "ok", "warn": "risk", "fail": "notice", "unknown": "unknown"}
"""A failing gate is only a notice until a mode is found that it stops."""
ORDER: dict[Level, int] = {"stops": 0, "unknown": 1, "risk": 2, "notice": 3, "ok": 4}
"""Gravest first."""
BY_PACKAGE = ("package-version", "package-advised")
"""Said once for a package: the highest of several needs meets them all."""
FOLLOWS = ("audio-", "codec-", "triton-windows")
"""What has to fit torch: where torch is replaced it is looked at again after that."""
FFMPEG = ("codec-ffmpeg", "codec-ffmpeg-version")
"""These do not depend on torch, and an import says nothing about them: FFmpeg is looked for
later."""
INSTALLABLE = frozenset(
    ("torch-to-install", "torch-for-card", "torch-last-for-card", "torch-old-driver")
)
"""What could be installed is no finding about what is."""

EFFECTS = {
    "software-python": "effect-python",
    "software-python-other": "effect-python",
    "software-python-tried": "effect-python-tried",
    "torch-old": "effect-torch-range",
    "torch-new": "effect-torch-range",
    "torch-pinned": "effect-pinned",
    "package-metal": "effect-metal",
    "torch-strange": "effect-unknown",
    "torch-unknown": "effect-unknown",
    "torch-no-kernels": "effect-no-kernels",
    "torch-cpu-build": "effect-on-cpu",
    "torch-wrong-vendor": "effect-on-cpu",
    "torch-driver": "effect-driver",
    "torch-macos": "effect-macos",
    "wheel-driver": "effect-driver",
    "package-version": "effect-package",
    "package-advised": "effect-advised",
    "gpu-driver": "effect-driver",
    "audio-missing": "effect-import",
    "audio-torch": "effect-import",
    "audio-cuda-cpu": "effect-import",
    "audio-cuda": "effect-import",
    "codec-missing": "effect-codec",
    "codec-build": "effect-codec",
    "codec-ffmpeg": "effect-codec",
    "codec-torch": "effect-codec",
    "codec-ffmpeg-version": "effect-codec",
    "gpu-hidden": "effect-hidden",
}
"""What each problem of the software gate will cause."""


class Gathered:
    """Findings by what they say."""

    def __init__(self) -> None:
        self._by_key: dict[str, Finding] = {}

    def all(self) -> list[Finding]:
        """Every finding, in the order in which it was met.

        Where torch itself is to be replaced, the command for that brings what goes with it:
        commands for the torch that goes away would only contradict it.
        """
        found = list(self._by_key.values())
        versions = {f.text.values["name"] for f in found if f.id == "package-version"}
        found = [
            f for f in found
            if f.id != "package-advised" or f.text.values["name"] not in versions
        ]  # fmt: skip
        # The one that replaces torch itself says what comes first.
        torch = next((f for f in found if _replaces_torch(f)), None)
        if torch is None:
            return found
        return [
            msgspec.structs.replace(f, command=None, remedy=Message("remedy-with-torch"))
            if f is not torch and f.id.startswith(FOLLOWS) and f.id not in FFMPEG
            else f
            for f in found
        ]

    def add(self, finding: Finding) -> None:
        """Keep a finding; of two that say the same, the graver with the modes of both."""
        key = _key(finding)
        old = self._by_key.get(key)
        if old is not None:
            modes = tuple(dict.fromkeys((*old.modes, *finding.modes)))
            level = min(old.level, finding.level, key=lambda level: ORDER[level])
            first = (
                max(old, finding, key=_need)
                if finding.id in BY_PACKAGE
                else (old if level == old.level else finding)
            )
            finding = msgspec.structs.replace(first, level=level, modes=modes)
        self._by_key[key] = finding

    def gates(self, subject: Subject, gates: Iterable[Gate], stopped: bool) -> None:
        """What the gates of a mode say."""
        for gate in gates:
            if gate.text.id in INSTALLABLE:
                continue
            stops = stopped and gate.status == "fail"
            effect = EFFECTS.get(gate.text.id)
            remedy = gate.remedy
            if gate.status == "unknown":
                remedy = None  # the effect says how to find out; nothing is to be replaced yet
            elif gate.status == "fail" and not stops:
                remedy = Message("remedy-in-vain")
            command = command_in(remedy)
            if remedy is not None and remedy.id == "remedy-driver-or":
                command = None  # the sentence holds it
            self.add(
                Finding(
                    id=gate.text.id,
                    level="stops" if stops else LEVELS[gate.status],
                    text=gate.text,
                    effect=Message(effect, gate.text.values) if effect is not None else None,
                    remedy=None if command is not None else remedy,
                    command=command,
                    source=gate.source,
                    modes=(subject.name,) if stops else (),
                )
            )

    def disk(self, subject: Subject, now: Assessment) -> None:
        """Too little room where the weights would land."""
        for gate in now.gates:
            if gate.gate != "disk" or gate.status not in ("warn", "fail"):
                continue
            stops = gate.status == "fail" and now.limit == "disk"
            self.add(
                Finding(
                    id="disk",
                    level="stops" if stops else "risk",
                    text=gate.text,
                    effect=Message("effect-disk"),
                    remedy=gate.remedy or Message("remedy-cache"),
                    source=gate.source,
                    modes=(subject.name,) if stops else (),
                )
            )

    def missing(self, subject: Subject, context: Context, *, named: bool, exact: bool) -> None:
        """Packages that the mode runs on and that are not installed here. They stop it where it
        was asked for, by its model (``named``) or itself (``exact``), or where its own package is
        there and torch is not."""
        own = own_package(subject)
        names = [p.name for p in subject.needs.packages or ()]
        if subject.needs.torch is not None:
            names.insert(0, "torch")
        lacking = [name for name in names if name not in context.software]
        if not lacking or not (exact or {"torch", own} & set(lacking)):
            return  # an accelerator that nobody asked for
        stops = named or exact or own in context.software
        self.add(
            Finding(
                id="missing",
                level="stops" if stops else "notice",
                text=Message("doctor-missing", {"names": ", ".join(lacking)}),
                effect=Message("effect-missing"),
                remedy=Message("remedy-install", {"what": subject.name}),
                modes=(subject.name,) if stops else (),
            )
        )


def _key(finding: Finding) -> str:
    text = finding.text
    if finding.id in BY_PACKAGE:
        return f"{text.id} {text.values.get('name')}"
    return f"{text.id} {sorted((k, str(v)) for k, v in text.values.items())}"


def _replaces_torch(finding: Finding) -> bool:
    return finding.command is not None and " torch==" in finding.command


def _need(finding: Finding) -> tuple[int, ...]:
    return numbers_in(str(finding.text.values.get("need"))) or ()
