"""Reports that nobody made, for the scripts that compare reports with forecasts."""

from __future__ import annotations

import importlib
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from vcf.catalogue.constants import constants
from vcf.catalogue.load import load_catalogue
from vcf.catalogue.reports import Report
from vcf.judge import device, forecast
from vcf.judge.subject import Subjects, subjects

ROOT = Path(__file__).resolve().parents[2]


def load(name: str, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """A script as a module. What it sets in vcf is put back after the test."""
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    for place in (forecast, device):
        monkeypatch.setattr(place, "constants", constants)
    return importlib.import_module(name)


@cache
def known() -> Subjects:
    """Every subject of the shipped catalogue."""
    return subjects(load_catalogue())


def report(name: str, **more: Any) -> Report:
    """VoxCPM2 in bf16 on an RTX 3060 under Linux where nothing else is said."""
    fields: dict[str, Any] = {
        "model": "voxcpm-2", "mode": "gpu-bf16", "outcome": "works", "confidence": "high",
        "gpu": None if "cpu" in more or "cores" in more else "RTX 3060", "os": "linux",
    }  # fmt: skip
    return Report(id=name, **(fields | more))
