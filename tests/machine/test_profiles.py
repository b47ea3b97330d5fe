"""The machines shipped with vcf: complete enough to judge, and open about their sources."""

from __future__ import annotations

from typing import Any

import pytest
import yaml

from vcf.documents import package_path
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Machine
from vcf.units import GB, GIB

NAMES = profile_names()
MACS = [name for name in NAMES if name.startswith("mac")]
LONGEST = 30
"""Lines of a profile: what does not fit is no fact about the machine."""

profiles = pytest.mark.parametrize("name", NAMES)


def written(name: str) -> dict[str, Any]:
    """The file as it stands, before vcf completes it."""
    data = yaml.safe_load((package_path("profiles") / f"{name}.yaml").read_text("utf-8"))
    assert isinstance(data, dict)
    return data


@pytest.fixture(scope="module")
def reference() -> Machine:
    """The laptop of the reference report."""
    return load_machine("asus-gl552vw")


def test_there_are_enough() -> None:
    assert len(NAMES) >= 25


@profiles
def test_name_is_kebab_case_and_the_machines_name(name: str) -> None:
    assert name.isascii()
    assert name == name.lower()
    assert not set(name) & set(" _.")
    assert load_machine(name).name == name


@profiles
def test_says_what_a_verdict_needs(name: str) -> None:
    machine = load_machine(name)
    assert machine.os
    assert machine.os_version
    assert machine.arch in ("x86_64", "arm64")
    assert machine.cpu.model
    assert machine.cpu.physical_cores
    assert machine.cpu.isa
    assert machine.memory.total_bytes
    assert machine.gpus is not None
    assert machine.disk.kind


@profiles
def test_says_what_it_is_and_where_its_figures_come_from(name: str) -> None:
    data = written(name)
    assert len(data["description"]) > 20
    source = data["source"]
    lines = [source] if isinstance(source, str) else source
    assert lines
    assert all(isinstance(line, str) and line for line in lines)
    assert any("https://" in line for line in lines)


@profiles
def test_is_short(name: str) -> None:
    text = (package_path("profiles") / f"{name}.yaml").read_text("utf-8")
    assert len(text.splitlines()) < LONGEST


@profiles
def test_has_nothing_installed(name: str) -> None:
    assert load_machine(name).software is None


@profiles
def test_a_free_disk_is_imagined_in_the_open(name: str) -> None:
    data = written(name)
    if "free" in data["disk"]:
        assert "free" in data["description"]


@profiles
def test_gpus_are_in_the_table(name: str) -> None:
    for gpu in load_machine(name).gpus or ():
        assert gpu.vendor, gpu.name
        assert gpu.vram_total_bytes, gpu.name
        if gpu.vendor == "nvidia":
            assert gpu.compute_capability, gpu.name
        if gpu.vendor == "amd":
            assert gpu.gfx, gpu.name


@profiles
def test_unified_memory_is_part_of_ram(name: str) -> None:
    machine = load_machine(name)
    total = machine.memory.total_bytes
    assert total
    for gpu in machine.gpus or ():
        if gpu.unified:
            assert gpu.vram_total_bytes
            assert gpu.vram_total_bytes < total


@pytest.mark.parametrize("name", MACS)
def test_macs_lend_their_gpu_what_macos_lets_them(name: str) -> None:
    machine = load_machine(name)
    assert machine.os == "macos"
    total = machine.memory.total_bytes
    (gpu,) = machine.gpus or ()
    assert total
    share = 2 / 3 if total <= 36 * GIB else 3 / 4
    assert gpu.vram_total_bytes == pytest.approx(total * share, rel=0.01)


def test_the_reference_laptop_is_the_reports(reference: Machine) -> None:
    assert (reference.os, reference.os_version) == ("windows", "Windows 10")
    assert reference.arch == "x86_64"
    assert reference.cpu.model == "Intel Core i7-6700HQ"
    assert (reference.cpu.physical_cores, reference.cpu.logical_cores) == (4, 8)
    assert reference.cpu.isa == ["avx", "avx2", "f16c", "fma"]
    assert reference.memory.total_bytes == 24 * GIB
    assert (reference.memory.speed, reference.memory.channels) == ("DDR4-2133", 2)
    assert (reference.disk.total_bytes, reference.disk.kind) == (120 * GB, "ssd")


def test_the_reference_laptops_gpu_is_a_laptop_960m_with_2_gib(reference: Machine) -> None:
    (gpu,) = reference.gpus or ()
    assert gpu.name == "NVIDIA GeForce GTX 960M"
    assert gpu.vram_total_bytes == 2 * GIB
    assert gpu.laptop is True
    assert gpu.compute_capability == "5.0"


def test_the_reference_laptops_free_disk_is_unknown_and_said_so(reference: Machine) -> None:
    assert reference.disk.free_bytes is None
    assert "disk.free_bytes" in reference.unknown
