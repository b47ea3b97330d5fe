"""Choices of options, as enums that typer can offer for completion."""

from __future__ import annotations

from enum import Enum


class Format(str, Enum):
    table = "table"
    json = "json"
    markdown = "markdown"
    csv = "csv"
    junit = "junit"


class CompareFormat(str, Enum):
    table = "table"
    markdown = "markdown"
    html = "html"
    json = "json"


class ReportFormat(str, Enum):
    md = "md"
    markdown = "markdown"
    html = "html"
    json = "json"


class LangChoice(str, Enum):
    en = "en"
    zh = "zh"


class OsChoice(str, Enum):
    linux = "linux"
    windows = "windows"
    macos = "macos"


class ArchChoice(str, Enum):
    x86_64 = "x86_64"
    arm64 = "arm64"


class TargetChoice(str, Enum):
    good = "good"
    slow = "slow"


class SchemaName(str, Enum):
    check = "check"
    probe = "probe"
    doctor = "doctor"
    calibration = "calibration"
    compare = "compare"
    plan = "plan"
    report = "report"
    bench = "bench"
    bench_plan = "bench-plan"
    machine = "machine"
    models = "models"
