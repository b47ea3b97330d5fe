"""docs/reference-report.md names the sections of `vcf report`: they stand in it."""

from __future__ import annotations

import io
import re
import sys
from pathlib import Path

import pytest

from vcf.cli.main import run
from vcf.views.labels import LABELS

PAGE = Path(__file__).parents[2] / "docs" / "reference-report.md"


def headings_named() -> list[str]:
    text = PAGE.read_text(encoding="utf-8")
    table = text.partition("## Section by section")[2].partition("\n[v2509]")[0]
    return re.findall(r"`(#{2,3} [^`]+)`", table)


@pytest.fixture(scope="module")
def written() -> str:
    out, sys.stdout = sys.stdout, io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    try:
        code = run(
            ["report", "VoxCPM-0.5B", "indextts-2", "--machine", "asus-gl552vw", "--lang", "en"]
        )
        sys.stdout.flush()
        text = sys.stdout.buffer.getvalue().decode()  # type: ignore[attr-defined]
    finally:
        sys.stdout = out
    assert code == 0
    return text


def test_every_section_that_is_named_is_written(written: str) -> None:
    named = headings_named()
    assert len(named) >= 18
    lines = written.splitlines()
    for heading in named:
        if heading == f"### {LABELS['report-h-software'][0]}":
            continue  # only where another setting changes a verdict
        assert any(line == heading or line.startswith(heading + ":") for line in lines), heading


def test_each_model_has_all_its_parts(written: str) -> None:
    parts = ("What it is", "How each mode fares here", "For and against", "How to run it")
    for part in parts:
        assert written.count(f"\n### {part}\n") == 2
