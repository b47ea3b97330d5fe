"""What the tests of the views share: judged machines of every kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path

import pytest
import yaml

from vcf.catalogue.load import load_catalogue
from vcf.catalogue.model import Catalogue
from vcf.cli.asked import asked_for
from vcf.cli.check import check_machine
from vcf.judge.subject import subjects
from vcf.machine.host import ReplayHost
from vcf.machine.load import load_machine, profile_names, read_machine
from vcf.machine.model import Machine
from vcf.machine.probe import probe
from vcf.machine.whatif import WhatIf, apply
from vcf.views.document import Result

SHIPPED = load_catalogue()

WRITTEN = (
    "name: nothing",
    "{memory: {total: 1GiB}, gpus: []}",
    "{memory: {total: 10GiB, swap: 64GiB}, gpus: [], disk: {total: 10GB}}",
    "{memory: {total: 32GiB, available: 3GiB}, gpus: [], disk: {total: 500GB, free: 1GB}}",
    "{memory: {total: 32GiB}, gpus: [{name: RTX 3060}], disk: {free: 9GB, total: 90GB}}",
    "{memory: {total: 32GiB}, gpus: [{name: Strange 9000, vendor: nvidia, vram: 24GiB}]}",
    "{memory: {total: 32GiB}, gpus: [{name: Strange 9000}]}",
    "{memory: {total: 32GiB}, gpus: [{name: RTX 3060, vram: 12GiB, vram_free: 2GiB}]}",
    "{memory: {total: 32GiB}, gpus: [{name: RTX 3060, vram: 12GiB, driver: '390.10'}]}",
    "{os: windows, memory: {total: 64GiB}, gpus: [{name: RTX 4090, vram: 24GiB}],"
    " software: {python: '3.9', torch: 1.9.0}}",
    "{os: linux, memory: {total: 64GiB}, gpus: [{name: RTX 5090, vram: 32GiB}],"
    " software: {python: '3.11', torch: 2.5.1+cu121, voxcpm: 0.0.1, driver: '575.10'}}",
    "{os: linux, memory: {total: 64GiB}, gpus: [{name: RTX 3060, vram: 12GiB}],"
    " software: {python: '3.11', torch: 2.8.0+cpu}}",
    "{os: linux, memory: {total: 64GiB}, gpus: [{name: RTX 3060, vram: 12GiB}],"
    " software: {python: '3.14', torch: rubbish}}",
    "{os: linux, memory: {total: 64GiB}, gpus: [{name: Radeon RX 7900 XTX, vram: 24GiB}],"
    " software: {python: '3.11', torch: 2.8.0+cu128}}",
    "{os: windows, memory: {total: 64GiB}, gpus: [{name: Radeon RX 7900 XTX, vram: 24GiB}]}",
    "{os: macos, os_version: macOS 11, arch: arm64, memory: {total: 16GiB}, rosetta: true,"
    " gpus: [{name: Apple M1, vendor: apple, unified: true, vram: 10GiB}]}",
    "{os: macos, arch: x86_64, rosetta: true, memory: {total: 8GiB}, cpu: {model: Apple M2},"
    " gpus: [{name: Apple M2, vendor: apple, unified: true, vram: 5GiB, vram_free: 2GiB}]}",
    "{os: linux, memory: {total: 64GiB}, gpus: [{name: NVIDIA A100, vram: 10GiB, mig: true,"
    " hidden_by: CUDA_VISIBLE_DEVICES=-1}]}",
    "{os: linux, memory: {total: 64GiB}, cpu: {isa: [avx], cores: 4}, gpus: []}",
)


@lru_cache(maxsize=1)
def all_machines() -> list[Machine]:
    """The profiles, recorded machines, some written ones, and some of them with flags."""
    found = [load_machine(name) for name in profile_names()]
    for file in sorted((Path(__file__).parents[1] / "machines").glob("*/raw.yaml")):
        record = yaml.load(file.read_text(encoding="utf-8"), yaml.CSafeLoader)
        found.append(probe(ReplayHost(record["answers"])))
    found += [read_machine(text, f"written-{i}.yaml") for i, text in enumerate(WRITTEN)]
    flags = (WhatIf(disk="3GB"), WhatIf(disk="12GB"), WhatIf(ram="9GiB"), WhatIf(os="macos"))
    found += [apply(flag, machine) for machine in found[::4] for flag in flags]
    return found


@lru_cache(maxsize=1)
def all_results() -> list[Result]:
    """Every machine judged in every mode."""
    asks, _ = asked_for((), (), subjects(SHIPPED))
    return [check_machine(machine, asks) for machine in all_machines()]


@pytest.fixture
def every_result() -> list[Result]:
    return all_results()


@pytest.fixture
def shipped() -> Catalogue:
    return SHIPPED


@pytest.fixture
def judged() -> Callable[..., Result]:
    """One machine (a profile's name or a machine file's text) judged as asked."""

    def judge(machine: str, *what: str, modes: tuple[str, ...] = ()) -> Result:
        known = subjects(SHIPPED)
        asks, _ = asked_for(what, modes, known)
        text = ":" in machine
        return check_machine(
            read_machine(machine, "desk.yaml") if text else load_machine(machine), asks
        )

    return judge


@pytest.fixture(autouse=True)
def no_width(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for name in ("COLUMNS", "NO_COLOR", "FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.delenv(name, raising=False)
    yield
