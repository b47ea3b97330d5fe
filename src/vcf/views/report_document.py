"""The JSON of ``vcf report`` (schema ``vcf.report/1``): every section in words of one language.

Markdown and HTML are drawn from this document and from nothing else, so the three cannot differ.
"""

from __future__ import annotations

from typing import Literal

import msgspec

from .._version import __version__
from ..judge.model import Basis, Confidence, Verdict
from ..judge.workload import Workload
from ..machine.model import Machine

Status = Literal["good", "limit", "bad", "unknown", "none"]
"""How a part stands to what the models want: enough, what limits, too little, not known, or
nothing to be said of it."""
Grade = Literal["high", "medium", "low", "none", "unknown"]


class Line(msgspec.Struct, frozen=True, kw_only=True):
    """A part of the machine, or a property of a model."""

    name: str
    """What it is, in words: ``RAM``."""
    value: str
    """With its unit; what is not known says so, with the reason."""
    status: Status = "none"
    note: str | None = None
    """What follows from it."""
    source: str | None = None
    """Where it was read; for models a number of ``sources``, as text."""


class Finding(msgspec.Struct, frozen=True, kw_only=True):
    """One key finding: what is enough, what limits."""

    status: Status
    text: str


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What one source says that a model needs."""

    value: str
    remark: str | None
    """What is known for or against it."""
    source: int
    """Number in ``sources``."""


class RequirementRow(msgspec.Struct, frozen=True, kw_only=True):
    """One kind of requirement: GPU, RAM, disk … Sources that disagree stand side by side."""

    of: str
    """In words."""
    minimum: list[Claim]
    recommended: list[Claim]
    measured: list[Claim]


class Amount(msgspec.Struct, frozen=True, kw_only=True):
    """Need against what is there, in bytes; None: not known."""

    need_bytes: int | None
    have_bytes: int | None


class Speed(msgspec.Struct, frozen=True, kw_only=True):
    """RTF: seconds of work for a second of speech. Lower is faster."""

    low: float
    mid: float
    high: float
    basis: Basis


class ModeRow(msgspec.Struct, frozen=True, kw_only=True):
    """One way to run a model, judged."""

    mode: str
    runtime: str
    """The program, in words."""
    verdict: Verdict
    verdict_word: str
    score: int
    stars: int
    confidence: Confidence
    rtf: Speed | None
    rtf_text: str
    """``4.0–14``; a dash where there is none."""
    time: str | None
    """For 30 s of speech: ``2.0–6.9 min``; None where it won't run or nobody knows."""
    reason: str
    vram: Amount | None
    """None where no GPU is used."""
    ram: Amount
    disk: Amount


class GapRow(msgspec.Struct, frozen=True, kw_only=True):
    """Need against what is there, for the easiest way to run the model on one kind of device."""

    part: str
    """In words: ``VRAM (gpu-bf16)``."""
    need: str
    have: str
    missing: str | None
    """How much is missing; None where nothing is."""
    status: Status
    text: str


class Remedy(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could be done so that a model runs, or runs faster."""

    text: str
    feasibility: Grade
    feasibility_word: str
    complexity: Grade
    complexity_word: str
    stars: int
    """Of the verdict that it leads to."""
    effect: str
    """In words: the verdict on another way to run it, from → to for a change."""
    command: str | None
    """A vcf command that shows it."""


class RecipeBlock(msgspec.Struct, frozen=True, kw_only=True):
    """How to run a mode here, ready to paste."""

    mode: str
    title: str
    install: tuple[str, ...]
    code: str
    """Python, or a command line."""
    language: Literal["python", "sh", "powershell", "text"]
    good: list[str]
    """What speaks for it."""
    bad: list[str]
    """What speaks against it."""
    notes: list[str]
    """What the program does here without being asked, and what to know."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """What is likely to go wrong."""

    text: str
    remedy: str | None
    source: int | None


class ModelReport(msgspec.Struct, frozen=True, kw_only=True):
    """One model on this machine."""

    model: str
    """Its id."""
    name: str
    verdict: Verdict
    """The best of its local modes."""
    mode: str | None
    """That mode; None where it has no local one."""
    headline: str
    """The verdict in one sentence."""
    stars: int
    summary: str
    profile: list[Line]
    requirements: list[RequirementRow]
    modes: list[ModeRow]
    """From best to worst."""
    refused: str | None = None
    """In a short report: which modes do not run and are left out, and why."""
    advantages: list[str]
    challenges: list[str]
    gaps: list[GapRow]
    remedies: list[Remedy]
    recipes: list[RecipeBlock]
    problems: list[Problem]


class Criterion(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the comparison: a cell for each model."""

    name: str
    cells: list[str]


class Choice(msgspec.Struct, frozen=True, kw_only=True):
    """The first or the second choice."""

    model: str
    mode: str
    title: str
    """``VoxCPM-0.5B in cpu-fp32``."""
    why: list[str]
    expect: list[str]
    """What the user will see."""
    difficulty: Grade
    difficulty_word: str
    stars: int
    link: str | None
    """Of a hosted demonstration."""


class Step(msgspec.Struct, frozen=True, kw_only=True):
    """One thing to do."""

    text: str
    why: str | None
    effect: str | None
    """From → to, in words."""
    command: str | None
    link: str | None


class Upgrade(msgspec.Struct, frozen=True, kw_only=True):
    """What new hardware would change."""

    part: Literal["gpu", "ram", "disk", "computer"]
    part_word: str
    worth: bool
    """Whether it changes a verdict."""
    text: str
    unlocks: list[str]
    """One sentence a model, from → to."""
    command: str | None


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """A synthesis measured on this machine."""

    date: str
    model: str
    mode: str
    rtf: Speed
    source: str


class SourceRow(msgspec.Struct, frozen=True, kw_only=True):
    """Where figures come from."""

    number: int
    title: str
    url: str | None
    date: str
    kind: str
    """In words: official, measured …"""


class ReportDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The whole report."""

    schema: Literal["vcf.report/1"] = "vcf.report/1"
    vcf: str = __version__
    lang: Literal["en", "zh"]
    date: str
    """Day of the report, ``2026-11-23``."""
    data: str
    """Day of the table of models."""
    title: str
    machine: Machine
    machine_line: str
    workload: Workload
    """What the verdicts are for."""
    workload_text: str
    overview: list[str]
    """Paragraphs."""
    environment: list[Line]
    findings: list[Finding]
    models: list[ModelReport]
    criteria: list[Criterion]
    """The comparison; its cells stand in the order of ``models``."""
    first: Choice | None
    second: Choice | None
    conclusion: list[str]
    now: list[Step]
    """What can be done at once, in order."""
    upgrades: list[Upgrade]
    software: list[Step]
    """What other software or settings would change."""
    measurements: list[Measurement]
    """From the oldest to the newest."""
    sources: list[SourceRow]
    limits: list[str]
    """What the reader should know of the report itself."""
