"""Recorded machines: the probes over ``raw.yaml`` find what ``expected.yaml`` says.

A new quirk is a new folder in tests/machines; nothing here needs to change.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import msgspec
import pytest
import yaml

from vcf.machine.host import ReplayHost
from vcf.machine.model import Machine
from vcf.machine.probe import probe

MACHINES = Path(__file__).parent.parent / "machines"
CASES = sorted(path.parent.name for path in MACHINES.glob("*/raw.yaml"))
_MISSING = object()


def load(path: Path) -> Any:
    return yaml.load(path.read_text(encoding="utf-8"), yaml.CSafeLoader)


def fact(machine: Any, path: str) -> Any:
    """The value at ``gpus[0].name``."""
    value: Any = machine
    for part in re.findall(r"[^.\[\]]+", path):
        key = int(part) if isinstance(value, list) else part
        try:
            value = value[key]
        except (KeyError, IndexError, TypeError):
            return _MISSING
    return value


def probed(case: str) -> Machine:
    return probe(ReplayHost(load(MACHINES / case / "raw.yaml")["answers"]))


def test_there_are_cases() -> None:
    assert len(CASES) >= 30


@pytest.mark.parametrize("case", CASES)
def test_case(case: str) -> None:
    expected = load(MACHINES / case / "expected.yaml")
    assert set(expected) <= {"facts", "unknown", "sources", "gpus"}
    machine = msgspec.to_builtins(probed(case))
    wrong = {
        path: (fact(machine, path), value)
        for path, value in expected.get("facts", {}).items()
        if fact(machine, path) != value
    }
    count = None if machine["gpus"] is None else len(machine["gpus"])
    if expected.get("gpus", count) != count:
        wrong["gpus"] = (machine["gpus"], expected["gpus"])
    for kind in ("unknown", "sources"):
        for path, words in expected.get(kind, {}).items():
            if words not in machine[kind].get(path, ""):
                wrong[f"{kind} {path}"] = (machine[kind].get(path), words)
    assert not wrong


@pytest.mark.parametrize("case", CASES)
def test_case_says_where_it_is_from(case: str) -> None:
    record = load(MACHINES / case / "raw.yaml")
    assert set(record) == {"description", "source", "answers"}
    assert len(record["description"]) > 5
    assert record["source"]


@pytest.mark.parametrize("case", CASES)
def test_every_fact_is_known_unknown_or_none(case: str) -> None:
    """No fact has both a source and a reason, none has neither."""
    machine = probed(case)
    assert not set(machine.sources) & set(machine.unknown)
    built = msgspec.to_builtins(machine)
    for section in ("cpu", "memory", "disk", "software"):
        for field in built[section]:
            path = f"{section}.{field}"
            assert (path in machine.sources) != (path in machine.unknown), path
    for path in ("os", "os_version", "arch", "container", "wsl", "jetson", "rosetta"):
        assert (path in machine.sources) != (path in machine.unknown), path
