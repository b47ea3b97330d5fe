"""What the tests of calibration share: programs that stand in for the measuring child, and
documents as it leads to."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from typing import Any

from vcf.judge.calibrated import CalibrationDocument, facts_of, key_of
from vcf.judge.calibration import CacheRate, Calibration, DeviceCalibration, LinearRate
from vcf.machine.load import read_machine
from vcf.machine.model import Machine

DESK = """
os: linux
cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [avx2]}
memory: {total: 32GiB}
gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: "570.133"}]
disk: {free: 200GB}
software: {python: "3.11.7", torch: 2.13.0+cpu}
"""

CPU = {
    "device": "cpu", "place": "cpu", "name": "",
    "linear": [{"precision": "fp32", "rows": rows, "gparam_s": rate}
               for rows, rate in ((1, 5.0), (10, 3.0), (256, 0.3))]
    + [{"precision": "bf16", "rows": 1, "gparam_s": 8.0}],
    "cache": [{"precision": "fp32", "positions": 4096, "gelement_s": 1.5}],
    "conv_gflop_s": 34.0, "copy_gb_s": 32.0, "launch_us": 9.5,
}  # fmt: skip
CARD = {**CPU, "device": "gpu", "place": "cuda:0", "name": "NVIDIA GeForce RTX 3060",
        "linear": [{"precision": "fp16", "rows": 256, "gparam_s": 99.0}]}  # fmt: skip
RESULT: dict[str, Any] = {
    "event": "result", "devices": [CPU],
    "threads": [{"threads": 1, "gparam_s": 2.0}, {"threads": 10, "gparam_s": 4.0},
                {"threads": 16, "gparam_s": 3.0}],
    "left_out": [],
}  # fmt: skip
HELLO = {"event": "hello", "torch": "2.13.0+cpu", "python": "3.11.7", "threads": 10, "parts": 2}

_BODY = """
import json, os, sys, time
def say(event):
    print(json.dumps(event), flush=True)
def ask(event):
    say(event)
    line = sys.stdin.readline()
    if not line:
        sys.exit(1)
    return line.strip()
def measure(part, cpu_s=0.0):
    times = 0
    while True:
        assert ask({"event": "ready", "part": part}) == "go"
        times += 1
        if ask({"event": "done", "part": part, "cpu_s": cpu_s}) == "keep":
            return times
"""
MEASURES = "times = [measure(f'CPU: part {n}') for n in range(3)]\n"


def program(*steps: str) -> list[str]:
    """The command of a stand-in whose Python is ``steps``."""
    return [sys.executable, "-c", _BODY + "\n".join(steps)]


def says(*events: Any) -> str:
    """The code that prints these events."""
    return "\n".join(f"say(json.loads({json.dumps(event)!r}))" for event in events)


def desk(**changes: str) -> Machine:
    """The machine of the tests; ``changes`` replace words of its file."""
    text = DESK
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    return read_machine(text, "desk.yaml")


def busy(step: float, cores: int = 16) -> Callable[[], tuple[float, int]]:
    """Books of a processor that was busy for ``step`` core seconds between two looks."""
    total = 0.0

    def look() -> tuple[float, int]:
        nonlocal total
        total += step
        return total, cores

    return look


def document(
    machine: Machine | None = None, torch: str = "2.13.0+cpu", **more: Any
) -> CalibrationDocument:
    """A calibration of a machine."""
    facts = facts_of(machine or desk())
    device = DeviceCalibration(
        device="cpu", name="Intel Core i5-12600K", threads=10,
        linear=[LinearRate(precision="fp32", rows=1, gparam_s=5.0)],
        cache=[CacheRate(precision="fp32", positions=4096, gelement_s=1.5)],
        conv_gflop_s=34.0, copy_gb_s=32.0, launch_us=9.5,
    )  # fmt: skip
    given: dict[str, Any] = {
        "date": "2026-11-23T05:00:00+00:00", "key": key_of(facts, torch), "machine": facts,
        "torch": torch, "python": "3.11.7", "foreign_share": 0.01, "disturbed": False,
        "threads": [], "left_out": [], "calibration": Calibration(devices=[device]),
    }  # fmt: skip
    return CalibrationDocument(**{**given, **more})
