"""A machine in one line, and fact by fact."""

from __future__ import annotations

import pytest

from vcf.machine.load import load_machine, read_machine
from vcf.machine.model import Gpu, Machine
from vcf.units import GIB
from vcf.views.facts import Fact, facts, machine_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("name: x", "x: CPU ? · RAM ? · GPU ? · ?"),
        ("{name: x, gpus: [], os: linux}", "x: CPU ? · RAM ? · GPU: none · Linux"),
        (
            "{cpu: {model: Core i5}, memory: {total: 32GiB}, os: windows,"
            " gpus: [{name: RTX 3060, vram: 12GiB}]}",
            "desk: Core i5 · RAM 32.0 GiB · RTX 3060 12.0 GiB · Windows",
        ),
        (
            "gpus: [{name: RTX 3060}, {pci_id: '10de:ffff'}, {}, {}]",
            "desk: CPU ? · RAM ? · RTX 3060 · 10de:ffff · +2 · ?",
        ),
        ("gpus: [{}]", "desk: CPU ? · RAM ? · GPU · ?"),
    ],
)
def test_line(text, line) -> None:
    assert machine_line(read_machine(text, "desk.yaml"), "en") == line


def test_line_in_chinese() -> None:
    machine = read_machine("gpus: []", "desk.yaml")
    assert machine_line(machine, "zh") == "desk：处理器 ? · 内存 ? · 显卡：无 · ?"


def found(machine: Machine) -> dict[str, Fact]:
    return {fact.path: fact for fact in facts(machine)}


def test_facts() -> None:
    machine = load_machine("asus-gl552vw")
    known = found(machine)
    assert known["memory.total_bytes"].value == "24.0 GiB"
    assert known["disk.total_bytes"].value == "120 GB"
    assert known["gpus[0].name"].value == "NVIDIA GeForce GTX 960M"
    assert known["gpus[0].name"].source == "file asus-gl552vw.yaml"
    assert known["cpu.isa"].value == "avx avx2 f16c fma"
    free = known["disk.free_bytes"]
    assert (free.known, free.value, free.source) == (False, None, "not said in the file")
    assert "container" not in known  # there is none, which is no fact to miss
    assert "schema" not in known


def test_forms() -> None:
    machine = Machine(
        gpus=[Gpu(name="x", bandwidth_bytes_s=448_000_000_000, vram_free_bytes=GIB, mig=False)],
        software={"python": "3.11", "torch": None},
    )
    known = found(machine)
    assert known["gpus[0].bandwidth_bytes_s"].value == "448 GB/s"
    assert known["gpus[0].vram_free_bytes"].value == "1.0 GiB"
    assert known["gpus[0].mig"].value == "False"
    assert known["software.python"].value == "3.11"
    assert "software.torch" not in known
    assert found(Machine(gpus=[]))["gpus"].value == "–"
    unknown = found(Machine(unknown={"gpus": "no answer"}))["gpus"]
    assert (unknown.known, unknown.source) == (False, "no answer")


def test_order() -> None:
    paths = [fact.path for fact in facts(load_machine("asus-gl552vw"))]
    assert paths[0] == "name"
    assert paths.index("os") < paths.index("cpu.model") < paths.index("gpus[0].name")
    assert len(paths) == len(set(paths))
