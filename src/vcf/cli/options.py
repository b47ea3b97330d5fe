"""Choices of options, as enums that typer can offer for completion."""

from __future__ import annotations

from enum import Enum


class Format(str, Enum):
    table = "table"
    json = "json"
    markdown = "markdown"
    csv = "csv"
    junit = "junit"


class LangChoice(str, Enum):
    en = "en"
    zh = "zh"


class OsChoice(str, Enum):
    linux = "linux"
    windows = "windows"
    macos = "macos"


class SchemaName(str, Enum):
    check = "check"
    probe = "probe"
    doctor = "doctor"
    calibration = "calibration"
    bench = "bench"
    bench_plan = "bench-plan"
    machine = "machine"
    models = "models"
