"""A checkup as JSON (schema ``vcf.doctor/1``) and for the terminal."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Literal

import msgspec
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from .._version import __version__
from ..catalogue.model import Catalogue
from ..judge.checkup import Checkup
from ..judge.finding import Finding, Level
from ..judge.wheels import CardWheels
from ..machine.model import Machine
from ..plain import shown
from .table import Command
from .words import Lang, label, say, source_text

SIGNS: dict[Level, tuple[str, str]] = {
    "stops": ("✗", "bold red"),
    "unknown": ("?", "magenta"),
    "risk": ("!", "yellow"),
    "notice": ("·", "cyan"),
    "ok": ("✓", "green"),
}
COLON: dict[Lang, str] = {"en": ": ", "zh": "："}
SHOWN = ("torch", "torchaudio", "torchcodec", "triton", "voxcpm", "indextts", "mlx-audio",
         "transformers", "numpy", "ffmpeg")  # fmt: skip
"""Packages named in the head line."""


class FindingView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that was looked at."""

    id: str
    level: Level
    text: str
    effect: str | None
    command: str | None
    remedy: str | None
    source: str | None
    modes: tuple[str, ...]


class PythonView(msgspec.Struct, frozen=True, kw_only=True):
    """The interpreter whose environment was examined."""

    executable: str | None
    """None: a machine file does not say."""
    version: str | None


class DoctorDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole answer of ``vcf doctor``."""

    schema: Literal["vcf.doctor/1"] = "vcf.doctor/1"
    vcf: str = __version__
    machine: Machine
    python: PythonView
    deep: bool
    """Whether torch itself was asked."""
    examined: tuple[str, ...]
    """The modes it was examined for, as ``model:mode``."""
    stopped: tuple[str, ...]
    """Those of them that the findings keep from running."""
    findings: list[FindingView]
    wheels: tuple[CardWheels, ...]


def view(
    finding: Finding, catalogue: Catalogue, lang: Lang, python: str | None = None
) -> FindingView:
    """One finding in words. ``python``: the interpreter whose pip is meant, where it is not the
    one that runs vcf."""
    command = finding.command
    if command is not None and python is not None and command.startswith("pip "):
        command = f"{_quoted(python)} -m {command}"
    return FindingView(
        id=finding.id,
        level=finding.level,
        text=say(finding.text, lang),
        effect=say(finding.effect, lang) if finding.effect is not None else None,
        command=command,
        remedy=say(finding.remedy, lang) if finding.remedy is not None else None,
        source=source_text(finding.source, catalogue),
        modes=finding.modes,
    )


def document(
    given: Checkup,
    wheels: tuple[CardWheels, ...],
    catalogue: Catalogue,
    lang: Lang,
    *,
    executable: str | None,
    deep: bool,
    other: bool = False,
) -> DoctorDocument:
    """What ``vcf doctor --json`` writes. ``other``: another Python than the running one."""
    software = given.machine.software or {}
    return DoctorDocument(
        machine=given.machine,
        python=PythonView(executable=executable, version=software.get("python")),
        deep=deep,
        examined=given.examined,
        stopped=given.stopped,
        findings=[
            view(finding, catalogue, lang, executable if other else None)
            for finding in given.findings
        ],
        wheels=wheels,
    )


def _quoted(path: str) -> str:
    """A path for a shell; ``~`` only counts outside of quotes."""
    return f'"{path}"' if any(c in path for c in " ()&;'$`") else path


def screen(told: DoctorDocument, lang: Lang, *, verbose: bool) -> RenderableType:
    """For a terminal: the answer, what is wrong with its cure, what was fine in one line."""
    parts: list[RenderableType] = [Line(_answer(told, lang), style="bold")]
    head = _head(told.machine, told.python)
    if head:
        parts.append(Line(head, style="dim"))
    fine = [finding for finding in told.findings if finding.level == "ok"]
    for finding in told.findings:
        if finding.level != "ok" or verbose:
            parts += [Line(), *_finding(finding, lang)]
    if fine and not verbose:
        said = label("doctor-fine", lang).format(count=len(fine))
        parts += [Line(), Line.assemble((SIGNS["ok"][0], SIGNS["ok"][1]), f" {said}")]
    if verbose:
        for wheels in told.wheels:
            parts += [Line(), *_wheels(wheels, lang)]
    if not told.deep and told.python.executable is not None:
        parts += [Line(), Line(label("doctor-deep", lang), style="dim")]
    return Group(*parts)


def _answer(told: DoctorDocument, lang: Lang) -> str:
    levels = [finding.level for finding in told.findings]
    words: tuple[tuple[Level, str], ...] = (
        ("stops", "doctor-stops"), ("unknown", "doctor-unknown"), ("risk", "doctor-risks"),
    )  # fmt: skip
    word = next((word for level, word in words if level in levels), "doctor-clean")
    if any(finding.id == "hardware" for finding in told.findings):
        word = "doctor-hardware"
    return label(word, lang).format(
        count=levels.count("risk"), stopped=len(told.stopped), modes=len(told.examined)
    )


def _head(machine: Machine, python: PythonView) -> str:
    """``Python 3.11.7 · torch 2.13.0+cpu · voxcpm 2.0.3 · /home/…/python``."""
    software = machine.software or {}
    parts = [f"Python {shown(python.version, 30)}"] if python.version is not None else []
    parts += [f"{name} {shown(software[name] or '', 40)}" for name in SHOWN if software.get(name)]
    if python.executable is not None:
        parts.append(shown(python.executable, 120))
    return " · ".join(parts)


def _finding(finding: FindingView, lang: Lang) -> list[RenderableType]:
    sign, style = SIGNS[finding.level]
    word = label(f"level-{finding.level}", lang)
    colon = COLON[lang]
    head = Table.grid(padding=(0, 1))
    head.add_column(no_wrap=True)
    head.add_column(overflow="fold")
    head.add_row(
        Line(f"{sign} {word}{colon.rstrip()}", style=style), Line(finding.text, overflow="fold")
    )
    lines: list[RenderableType] = [head]

    def under(text: str, style: str = "") -> None:
        lines.append(Padding(Line(text, style=style, overflow="fold"), (0, 0, 0, 4)))

    if finding.effect:
        under(finding.effect)
    if finding.remedy:
        under(f"→ {finding.remedy}")
    if finding.command:
        lines.append(Command(finding.command, 4))
    if finding.modes:
        under(f"{label('doctor-modes', lang)}{colon}{_modes(finding.modes)}")
    if finding.source and finding.level != "ok":
        told = f"{label('source', lang)}{colon}{finding.source}"
        if "://" in finding.source:
            lines.append(Command(told, 4, "dim"))  # an address is to be copied: never broken
        else:
            under(told, "dim")
    return lines


def _modes(modes: Iterable[str]) -> str:
    """``voxcpm-2 gpu-bf16, gpu-fp16; voxcpm-1.5 gpu-bf16``."""
    by_model: dict[str, list[str]] = {}
    for mode in modes:
        model, _, name = mode.partition(":")
        by_model.setdefault(model, []).append(name)
    return "; ".join(f"{model} {', '.join(names)}" for model, names in by_model.items())


def _wheels(wheels: CardWheels, lang: Lang) -> list[RenderableType]:
    name = f"{wheels.gpu} ({wheels.target})" if wheels.gpu is not None else "CPU"
    colon = COLON[lang]
    lines: list[RenderableType] = [
        Line.assemble((f"{label('doctor-wheels', lang)}{colon}", "bold"), shown(name, 80))
    ]

    def under(key: str, value: str | None) -> None:
        if value:
            lines.append(Padding(Line(f"{label(key, lang)}{colon}{value}"), (0, 0, 0, 4)))

    if wheels.install is None:
        under("doctor-none", wheels.why_not)
    else:
        lines.append(Command(wheels.install, 4))
        under("doctor-driver", wheels.driver_min)
        under("doctor-audio", wheels.torchaudio or label("none", lang))
        under("doctor-codec", wheels.torchcodec)
        under("doctor-triton", wheels.triton)
        under("doctor-cudnn", wheels.cudnn)
        under("doctor-python", f"{wheels.python_min}–{wheels.python_max}")
    under("doctor-last", wheels.driver_last)
    under("doctor-builds", ", ".join(wheels.builds))
    return lines
