"""Every recorded machine of tests/machines/gpu-*: its GPUs come out as written beside it."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from vcf.machine.findings import Findings, path_text
from vcf.machine.gpus import gpu_probes, join
from vcf.machine.host import Host, ReplayHost, Unanswered

CASES = sorted((Path(__file__).parents[2] / "machines").glob("gpu-*"))


def find_gpus(host: Host, platform: str) -> Findings:
    answers = []
    for _, probe in gpu_probes(platform):
        try:
            answers.append(probe(host))
        except Unanswered:
            continue
    return join(answers)


def load(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_recorded_gpus(case: Path) -> None:
    answers, expected = load(case / "raw.yaml")["answers"], load(case / "expected.yaml")
    findings = find_gpus(ReplayHost(answers), answers["call python"]["ok"]["platform"])
    values = {path_text(path): value for path, value in findings.values.items()}
    unknown = {path_text(path): reason for path, reason in findings.unknown.items()}
    sources = {path_text(path): source for path, source in findings.sources.items()}
    indexes = {path[1] for path in findings.values if path[0] == "gpus"}

    assert len(indexes) == (expected["gpus"] or 0)
    assert findings.gpus_known == (expected["gpus"] is not None)
    for path, value in expected["facts"].items():
        assert path in values, f"{path} is unknown: {unknown.get(path)}"
        assert values[path] == value, path
    for path, reason in expected.get("unknown", {}).items():
        assert path in unknown, f"{path} is {values.get(path)!r}"
        assert reason in unknown[path]
    for path, source in expected.get("sources", {}).items():
        assert source in sources[path]
    assert not set(values) & set(unknown)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_no_serial_number_is_kept(case: Path) -> None:
    text = (case / "raw.yaml").read_text(encoding="utf-8").lower()
    assert "uuid" not in text
    assert not re.search(r"gpu-[0-9a-f]{8}-", text)
