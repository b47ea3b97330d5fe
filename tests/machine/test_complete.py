"""What follows from a name is filled in; what does not has its reason."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from msgspec.structs import replace

from vcf.machine.complete import NOT_SAID, complete, spec_of
from vcf.machine.load import read_machine
from vcf.machine.model import Cpu, Gpu, Machine

GIB = 1 << 30


def completed(**facts: object) -> tuple[Gpu, Machine]:
    machine = complete(Machine(gpus=[Gpu(**facts)]), "file desk.yaml")
    return machine.gpus[0], machine


def test_a_known_name_tells_generation_and_size() -> None:
    gpu, machine = completed(name="NVIDIA GeForce RTX 4090")
    assert (gpu.vendor, gpu.compute_capability, gpu.vram_total_bytes) == ("nvidia", "8.9", 24 * GIB)
    assert (gpu.laptop, gpu.integrated, gpu.unified) == (False, False, False)
    assert machine.sources["gpus[0].compute_capability"] == "GPU table: GeForce RTX 4090"
    assert machine.sources["gpus[0].vram_total_bytes"].endswith("the only size made")
    assert machine.sources["gpus[0].vendor"] == "its name"
    assert "gpus[0].vram_total_bytes" not in machine.unknown


def test_a_name_of_several_sizes_leaves_the_size_unknown_and_lists_them() -> None:
    gpu, machine = completed(name="RTX 3060")
    assert gpu.vram_total_bytes is None
    reason = machine.unknown["gpus[0].vram_total_bytes"]
    assert reason == "GeForce RTX 3060 exists with 8 and 12 GiB"


def test_a_reason_that_the_file_gives_stays() -> None:
    given_ = Machine(
        gpus=[Gpu(name="RTX 3060")], unknown={"gpus[0].vram_total_bytes": "the driver sleeps"}
    )
    machine = complete(given_, "file desk.yaml")
    assert machine.unknown["gpus[0].vram_total_bytes"] == "the driver sleeps"


def test_what_the_file_says_wins_over_the_table() -> None:
    gpu, machine = completed(name="RTX 3060", vram_total_bytes=8 * GIB, compute_capability="9.9")
    assert (gpu.vram_total_bytes, gpu.compute_capability) == (8 * GIB, "9.9")
    assert machine.sources["gpus[0].vram_total_bytes"] == "file desk.yaml"


@pytest.mark.parametrize(
    ("name", "vendor"),
    [
        ("Quadro Mystery 1", "nvidia"),
        ("Radeon Mystery", "amd"),
        ("Intel(R) Mystery Graphics", "intel"),
        ("Apple M99", "apple"),
        ("Mystery 9000", None),
        ("", None),
        (None, None),
    ],
)
def test_the_maker_of_an_unlisted_card_follows_from_its_name(
    name: str | None, vendor: str | None
) -> None:
    gpu, machine = completed(name=name)
    assert gpu.vendor == vendor
    assert gpu.compute_capability is None and gpu.vram_total_bytes is None
    assert ("gpus[0].vendor" in machine.unknown) == (vendor is None)


def test_a_maker_that_is_told_is_not_guessed_again() -> None:
    gpu, _ = completed(name="Radeon Mystery", vendor="intel")
    assert gpu.vendor == "intel"


def test_a_name_that_another_maker_uses_is_not_looked_up() -> None:
    assert spec_of(Gpu(name="GeForce RTX 3060")) is not None
    assert spec_of(Gpu(name="GeForce RTX 3060", vendor="amd")) is None


def test_a_card_without_a_listed_name_is_found_by_its_pci_id() -> None:
    found = spec_of(Gpu(name="Graphics Device", vendor="nvidia", pci_id="10de:139b"))
    assert found is not None and "960M" in found.name
    assert spec_of(Gpu(name="Graphics Device", pci_id="10de:139b")) is None
    assert spec_of(Gpu(name="Graphics Device", vendor="nvidia", pci_id="10de:ffff")) is None
    assert spec_of(Gpu(vendor="nvidia", pci_id="10de:139b")) is None


@pytest.mark.parametrize("typed", ["rtx3060", "4060 Ti 16GB", "RTX 3070 laptop", "7900xtx"])
def test_names_as_people_type_them_are_understood(typed: str) -> None:
    assert spec_of(Gpu(name=typed)) is not None


def test_a_laptop_of_a_shared_name_gets_the_mobile_card() -> None:
    desk, laptop = spec_of(Gpu(name="RTX 3060")), spec_of(Gpu(name="RTX 3060", laptop=True))
    assert laptop.laptop and not desk.laptop
    assert laptop.bandwidth_gb_s <= desk.bandwidth_gb_s_max


def test_unified_memory_is_not_filled_with_a_card_s_size() -> None:
    gpu, _ = completed(name="Apple M2")
    assert (gpu.vendor, gpu.unified, gpu.vram_total_bytes) == ("apple", True, None)


def test_amd_cards_get_their_target() -> None:
    gpu, machine = completed(name="AMD Radeon RX 7900 XTX")
    assert gpu.gfx == "gfx1100"
    assert "gpus[0].compute_capability" not in machine.unknown


def test_every_fact_has_a_source_or_a_reason(machine_of: Callable[[str], Machine]) -> None:
    machine = machine_of("os: linux\ncpu: {cores: 4}\ngpus: [{name: RTX 4090}]")
    assert machine.sources["os"] == machine.sources["cpu.physical_cores"] == "file desk.yaml"
    for path in ("arch", "cpu.model", "memory.total_bytes", "disk.kind", "gpus[0].driver"):
        assert machine.unknown[path] == NOT_SAID
    assert not set(machine.sources) & set(machine.unknown)


def test_a_machine_without_gpus_is_accounted_for() -> None:
    assert complete(Machine(), "file").unknown["gpus"] == NOT_SAID
    assert complete(Machine(gpus=[]), "file").sources["gpus"] == "file"


def test_a_saved_machine_is_not_accounted_for_again() -> None:
    machine = complete(Machine(gpus=[]), "file", filled=True)
    assert (machine.sources, machine.unknown) == ({}, {})


def test_completing_twice_changes_nothing() -> None:
    for name in ("RTX 3060", "Apple M2", "Mystery", "RX 7900 XTX", "Intel Arc A770", None):
        _, once = completed(name=name)
        assert complete(once, "file desk.yaml") == once


def test_the_given_machine_is_left_as_it_is() -> None:
    given_ = Machine(gpus=[Gpu(name="RTX 4090")])
    before = replace(given_)
    complete(given_, "file")
    assert given_ == before and given_.sources == {}


def test_a_slice_of_a_card_is_not_given_the_whole_card_s_memory() -> None:
    whole, _ = completed(name="NVIDIA H100 PCIe")
    part, machine = completed(name="NVIDIA H100 PCIe", mig=True)
    assert whole.vram_total_bytes == 80 * GIB
    assert part.vram_total_bytes is None
    assert machine.unknown["gpus[0].vram_total_bytes"] == NOT_SAID


def cpu_of(machine: Machine) -> tuple[int | None, int | None, int | None]:
    return machine.cpu.physical_cores, machine.cpu.logical_cores, machine.cpu.usable_cores


CPU_FACTS = ("physical_cores", "logical_cores", "usable_cores", "isa")


def test_a_processor_known_by_name_has_cores_and_instruction_sets() -> None:
    machine = complete(Machine(cpu=Cpu(model="Intel Core i5-12600K")), "file desk.yaml")
    assert cpu_of(machine) == (10, 16, 16)
    assert machine.cpu.isa == ["avx", "avx2", "avx_vnni", "f16c", "fma"]
    for field in CPU_FACTS:
        assert machine.sources[f"cpu.{field}"] == "CPU table: Intel Core i5-12600K"
        assert f"cpu.{field}" not in machine.unknown
    assert machine.sources["cpu.model"] == "file desk.yaml"


def test_a_reason_goes_where_the_table_knows() -> None:
    given_ = Machine(
        cpu=Cpu(model="Ryzen 5 3600"), unknown={"cpu.isa": "not asked", "cpu.x": "stays"}
    )
    machine = complete(given_, "file")
    assert "cpu.isa" not in machine.unknown and machine.unknown["cpu.x"] == "stays"


@pytest.mark.parametrize(
    ("said", "cores", "source"),
    [
        ("cores: 10", (10, 16, 10), "file desk.yaml"),
        ("threads: 16", (10, 16, 16), "CPU table: Intel Core i5-12600K"),
        ("usable_cores: 4", (10, 16, 4), "CPU table: Intel Core i5-12600K"),
        ("cores: 4", (4, None, 4), "file desk.yaml"),
        ("threads: 20", (None, 20, 20), None),
        ("usable_cores: 64", (None, None, 64), None),
    ],
)
def test_stated_cores_stay_and_others_than_the_part_has_are_not_added_to(
    machine_of: Callable[[str], Machine],
    said: str,
    cores: tuple[int | None, ...],
    source: str | None,
) -> None:
    machine = machine_of(f"cpu: {{model: Intel Core i5-12600K, {said}}}")
    assert cpu_of(machine) == cores
    assert machine.sources.get("cpu.physical_cores") == source
    assert (machine.unknown.get("cpu.physical_cores") == NOT_SAID) == (source is None)
    assert machine.sources["cpu.isa"] == "CPU table: Intel Core i5-12600K"


def test_stated_instruction_sets_stay(machine_of: Callable[[str], Machine]) -> None:
    machine = machine_of("cpu: {model: Intel Core i5-12600K, isa: [avx]}")
    assert machine.cpu.isa == ["avx"] and machine.sources["cpu.isa"] == "file desk.yaml"
    assert cpu_of(machine) == (10, 16, 16)


def test_a_name_with_several_core_counts_gives_the_fewest() -> None:
    machine = complete(Machine(cpu=Cpu(model="Apple M3 Pro")), "file")
    assert cpu_of(machine) == (11, 11, 11)
    assert machine.sources["cpu.usable_cores"] == "CPU table: Apple M3 Pro, the fewest cores sold"
    assert machine.sources["cpu.isa"] == "CPU table: Apple M3 Pro"


def test_of_a_part_that_is_not_listed_only_the_instruction_sets_are_known() -> None:
    machine = complete(Machine(cpu=Cpu(model="AMD EPYC 7R32")), "file")
    assert cpu_of(machine) == (None, None, None)
    assert machine.cpu.isa == ["avx", "avx2", "f16c", "fma"]
    assert machine.sources["cpu.isa"] == "CPU table: AMD EPYC, 1st to 3rd generation"
    assert machine.unknown["cpu.physical_cores"] == NOT_SAID


@pytest.mark.parametrize("model", ["Mystery 9000", "", None])
def test_a_processor_that_is_not_known_stays_unknown(model: str | None) -> None:
    machine = complete(Machine(cpu=Cpu(model=model)), "file")
    assert machine.cpu == Cpu(model=model)
    assert all(machine.unknown[f"cpu.{field}"] == NOT_SAID for field in CPU_FACTS)


@pytest.mark.parametrize("said", ["rosetta: true", "arch: x86_64", "arch: amd64"])
def test_a_program_for_another_processor_has_not_its_instruction_sets(
    machine_of: Callable[[str], Machine], said: str
) -> None:
    machine = machine_of(f"{said}\ncpu: {{model: Apple M2}}")
    assert machine.cpu.isa is None and machine.unknown["cpu.isa"] == NOT_SAID
    assert cpu_of(machine) == (8, 8, 8)


def test_what_a_probe_did_not_find_is_not_looked_up() -> None:
    given_ = Machine(cpu=Cpu(model="Intel Core i5-12600K"), unknown={"cpu.isa": "not asked"})
    assert complete(given_, "what-if", filled=True) == given_


def test_completing_a_processor_twice_changes_nothing() -> None:
    for name in ("i5-12600K", "Apple M3 Pro", "AMD EPYC 7R32", "Mystery", None):
        once = complete(Machine(cpu=Cpu(model=name)), "file desk.yaml")
        assert complete(once, "file desk.yaml") == once


def test_an_apple_processor_has_its_gpu_on_the_chip() -> None:
    mini = read_machine(
        "os: macos\ncpu: {model: Apple M4}\nmemory: {total: 16GiB}\ndisk: {free: 60GB}", "mini.yaml"
    )
    assert mini.gpus is not None
    (gpu,) = mini.gpus
    assert (gpu.name, gpu.vendor, gpu.unified) == ("Apple M4", "apple", True)
    assert mini.sources["gpus"].startswith("the processor")
    none = read_machine("os: macos\ncpu: {model: Apple M4}\ngpus: []", "mini.yaml")
    assert none.gpus == []
    intel = read_machine("os: macos\ncpu: {model: Intel Core i7-8750H}", "mini.yaml")
    assert intel.gpus is None
