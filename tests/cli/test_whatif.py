"""What-if flags: a fact is replaced, what it makes meaningless goes, the rest stays."""

from __future__ import annotations

import msgspec
import pytest

from vcf.errors import UsageError
from vcf.machine.load import load_machine, profile_names, read_machine
from vcf.machine.whatif import SOURCE, WhatIf, apply
from vcf.units import GIB

LAPTOP = load_machine("asus-gl552vw")
DESK = load_machine("desktop-rtx-3060-12gb")


def test_nothing_given() -> None:
    assert not WhatIf().given
    assert apply(WhatIf(), LAPTOP) is LAPTOP


def test_gpu() -> None:
    made = apply(WhatIf(gpu="RTX 4090"), DESK)
    assert made.gpus is not None
    [gpu] = made.gpus
    assert gpu.name == "NVIDIA GeForce RTX 4090"
    assert gpu.vram_total_bytes == 24 * GIB
    assert gpu.compute_capability == "8.9"
    assert made.sources["gpus"] == SOURCE
    assert made.software is None
    assert "gpus[0].vram_free_bytes" in made.unknown
    assert made.cpu == DESK.cpu
    assert not [path for path in made.sources if path.startswith("software")]


@pytest.mark.parametrize(
    ("typed", "vram", "name", "size"),
    [
        ("rtx3060", None, "NVIDIA GeForce RTX 3060", None),
        ("RTX 3060 8GB", None, "NVIDIA GeForce RTX 3060", 8),
        ("RTX 3060", "12GiB", "NVIDIA GeForce RTX 3060", 12),
        ("RTX 3060 12GB", "12GiB", "NVIDIA GeForce RTX 3060", 12),
        ("RX 7900 XTX", None, "AMD Radeon RX 7900 XTX", 24),
        ("Arc A770", "16GiB", "Intel Arc A770", 16),
        ("Apple M1", None, "Apple M1", None),
        ("M1", "12GiB", "Apple M1", 12),
    ],
)
def test_names(typed, vram, name, size) -> None:
    made = apply(WhatIf(gpu=typed, vram=vram), LAPTOP)
    assert made.gpus is not None
    [gpu] = made.gpus
    assert gpu.name == name
    if size is not None:
        assert gpu.vram_total_bytes == size * GIB
    assert gpu.vendor is not None


def test_no_gpu() -> None:
    for word in ("none", "None", "NONE"):
        made = apply(WhatIf(gpu=word), LAPTOP)
        assert made.gpus == []
        assert made.sources["gpus"] == SOURCE
        assert not [path for path in made.unknown if path.startswith("gpus")]


def test_driver_of_the_new_gpu() -> None:
    made = apply(WhatIf(gpu="RTX 3060", driver="572.16"), LAPTOP)
    assert made.gpus is not None
    assert made.gpus[0].driver == "572.16"
    assert "gpus[0].driver" not in made.unknown


def test_vram_of_this_gpu() -> None:
    machine = read_machine(
        "gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, vram_free: 3GiB}, {name: T4}]",
        "m.yaml",
    )
    made = apply(WhatIf(vram="8GiB"), machine)
    assert made.gpus is not None
    assert machine.gpus is not None
    assert made.gpus[0].vram_total_bytes == 8 * GIB
    assert made.gpus[0].vram_free_bytes is None
    assert made.gpus[1] == machine.gpus[1]
    assert made.sources["gpus[0].vram_total_bytes"] == SOURCE
    assert made.unknown["gpus[0].vram_free_bytes"] == "left open by the what-if"
    # what is known and unknown of the rest stays so
    assert made.sources["gpus[0].name"] == machine.sources["gpus[0].name"]
    assert made.unknown["gpus[0].driver"] == machine.unknown["gpus[0].driver"]
    assert made.unknown["gpus[1].driver"] == machine.unknown["gpus[1].driver"]


def test_driver_of_this_gpu() -> None:
    made = apply(WhatIf(driver="470"), DESK)
    assert made.gpus is not None
    assert made.gpus[0].driver == "470"
    assert made.sources["gpus[0].driver"] == SOURCE
    assert "gpus[0].driver" not in made.unknown


def test_ram() -> None:
    made = apply(WhatIf(ram="6 GB"), DESK)
    assert made.memory.total_bytes == 6 * 10**9
    assert made.memory.available_bytes is None
    assert made.memory.limit_bytes is None
    assert made.memory.swap_bytes == DESK.memory.swap_bytes
    assert made.sources["memory.total_bytes"] == SOURCE
    assert made.unknown["memory.available_bytes"] == "left open by the what-if"


def test_cores() -> None:
    made = apply(WhatIf(cores=3), DESK)
    assert (made.cpu.physical_cores, made.cpu.logical_cores, made.cpu.usable_cores) == (3, 3, 3)
    assert made.cpu.model == DESK.cpu.model
    assert made.sources["cpu.usable_cores"] == SOURCE


def test_disk() -> None:
    machine = read_machine("disk: {total: 100GB, free: 50GB, temp_free: 1GB}", "m.yaml")
    less = apply(WhatIf(disk="20GB"), machine)
    assert (less.disk.free_bytes, less.disk.total_bytes) == (20 * 10**9, 100 * 10**9)
    assert less.disk.temp_free_bytes is None
    more = apply(WhatIf(disk="2TB"), machine)
    assert (more.disk.free_bytes, more.disk.total_bytes) == (2 * 10**12, None)
    nothing = apply(WhatIf(disk="5GB"), read_machine("os: linux", "m.yaml"))
    assert (nothing.disk.free_bytes, nothing.disk.total_bytes) == (5 * 10**9, None)


def test_os() -> None:
    machine = read_machine(
        "{os: linux, os_version: Debian 12, wsl: '2', software: {python: '3.11', torch: 2.8.0}, "
        "sources: {software.torch: somewhere}}",
        "m.yaml",
    )
    made = apply(WhatIf(os="windows"), machine)
    assert (made.os, made.os_version, made.wsl, made.container) == ("windows", None, None, None)
    assert made.software is None
    assert "software.torch" not in made.sources
    same = apply(WhatIf(os="linux"), machine)
    assert same.os_version == "Debian 12"
    assert same.software is not None


def test_several_at_once() -> None:
    what = WhatIf(gpu="RTX 3060", vram="12GiB", ram="64GiB", cores=16, os="linux", disk="1TB")
    made = apply(what, LAPTOP)
    assert made.gpus is not None
    assert made.gpus[0].vram_total_bytes == 12 * GIB
    assert made.memory.total_bytes == 64 * GIB
    assert made.cpu.usable_cores == 16
    assert made.os == "linux"
    assert made.disk.free_bytes == 10**12


@pytest.mark.parametrize("name", profile_names())
def test_facts_have_a_source_or_a_reason(name) -> None:
    """Where the profile accounts for a fact, the changed machine does."""
    machine = load_machine(name)
    what = [WhatIf(ram="8GiB"), WhatIf(cores=2), WhatIf(disk="9GB"), WhatIf(gpu="RTX 3060")]
    if machine.gpus:
        what.append(WhatIf(vram="8GiB"))
    for flags in what:
        made = apply(flags, machine)
        assert not set(made.sources) & set(made.unknown)
        for path in (*machine.sources, *machine.unknown):
            gone = path.startswith("gpus") and flags.gpu is not None
            assert gone or path in made.sources or path in made.unknown, path
        assert msgspec.convert(msgspec.to_builtins(made), type(made)) == made


@pytest.mark.parametrize(
    "what",
    [
        WhatIf(ram="0GiB"), WhatIf(ram="16"), WhatIf(disk="-1GB"), WhatIf(cores=0),
        WhatIf(cores=4097), WhatIf(gpu="Voodoo 2"), WhatIf(gpu="none", vram="1GiB"),
        WhatIf(gpu="none", driver="572.16"), WhatIf(gpu="RTX 3060", driver="v1"),
        WhatIf(gpu="RTX 3060 8GB", vram="12GiB"), WhatIf(gpu="GTX 960M", vram="16GiB"),
        WhatIf(driver="572,16"), WhatIf(vram="2"),
    ],
)  # fmt: skip
def test_errors(what) -> None:
    with pytest.raises(UsageError):
        apply(what, LAPTOP)


def test_it_changes_the_verdict(vcf) -> None:
    def verdict(*flags: str) -> str:
        done = vcf("check", "voxcpm-2:gpu", "--machine", "asus-gl552vw", "--json", *flags)
        [assessment] = done.json["results"][0]["assessments"]
        return assessment["verdict"]

    assert verdict() == "no"
    assert verdict("--gpu", "RTX 4090") == "good"
    assert verdict("--gpu", "RTX 4090", "--disk", "1GB", "--ram", "4GiB") == "no"
    assert verdict("--gpu", "none") == "no"


def test_all_flags_reach_it(vcf, probed) -> None:
    done = vcf(
        "check", "voxcpm-2", "--json", "--gpu", "RTX 3060", "--vram", "12GiB", "--ram", "24GiB",
        "--cores", "6", "--os", "linux", "--disk", "77GB", "--driver", "550.54",
    )  # fmt: skip
    machine = done.json["results"][0]["machine"]
    assert machine["gpus"][0]["vram_total_bytes"] == 12 * GIB
    assert machine["gpus"][0]["driver"] == "550.54"
    assert machine["memory"]["total_bytes"] == 24 * GIB
    assert machine["cpu"]["usable_cores"] == 6
    assert machine["os"] == "linux"
    assert machine["disk"]["free_bytes"] == 77 * 10**9


PROBED = """
os: %s
cpu: {model: Intel Core i5-12600K, cores: 10}
memory: {total: 32GiB, available: %s}
gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, vram_free: %s, driver: "535.54"}]
software: {python: "3.11", torch: 2.8.0+cpu}
"""


def test_idle_frees_what_others_hold() -> None:
    busy = read_machine(PROBED % ("windows", "4GiB", "2GiB"), "desk.yaml")
    made = apply(WhatIf(idle=True), busy)
    assert made.memory.available_bytes == int(29.5 * GIB)
    assert made.sources["memory.available_bytes"] == SOURCE
    assert made.gpus[0].vram_free_bytes == 12 * GIB - int(0.4 * GIB)
    assert made.sources["gpus[0].vram_free_bytes"] == SOURCE
    assert made.software == busy.software


def test_idle_takes_nothing_away() -> None:
    free = read_machine(PROBED % ("linux", "31.9GiB", "12GiB"), "desk.yaml")
    made = apply(WhatIf(idle=True), free)
    assert made.memory == free.memory
    assert made.gpus == free.gpus
    assert apply(WhatIf(idle=True), LAPTOP).memory == LAPTOP.memory, "nothing known of it"
    empty = read_machine("name: empty", "desk.yaml")
    assert apply(WhatIf(idle=True), empty).memory == empty.memory


def test_idle_knows_the_limit_of_a_container() -> None:
    busy = read_machine(PROBED % ("linux", "1GiB", "2GiB"), "desk.yaml")
    memory = msgspec.structs.replace(busy.memory, total_bytes=8 * GIB, limit_bytes=8 * GIB)
    made = apply(WhatIf(idle=True), msgspec.structs.replace(busy, memory=memory))
    assert made.memory.available_bytes == int(7.75 * GIB)


def test_fresh_forgets_what_is_installed() -> None:
    busy = read_machine(PROBED % ("linux", "4GiB", "2GiB"), "desk.yaml")
    made = apply(WhatIf(fresh=True), busy)
    assert made.software is None
    assert not [path for path in made.sources if path.startswith("software")]
    assert made.gpus == busy.gpus


def test_another_kind_of_processor_is_another_computer() -> None:
    mac = load_machine("macbook-air-m1-8gb")
    made = apply(WhatIf(arch="x86_64", os="linux", gpu="RTX 3060"), mac)
    assert (made.arch, made.os) == ("x86_64", "linux")
    assert made.cpu.model is None and made.cpu.isa is None
    assert "cpu.model" in made.unknown and "cpu.model" not in made.sources
    assert made.memory.total_bytes == mac.memory.total_bytes
    same = apply(WhatIf(arch=mac.arch), mac)
    assert same.cpu == mac.cpu


def test_a_new_driver_for_every_nvidia_card_and_no_other() -> None:
    both = read_machine(
        "os: linux\n"
        "gpus:\n"
        "  - {name: Intel UHD Graphics 770, vendor: intel}\n"
        "  - {name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: '450.80.02'}\n"
        "  - {name: NVIDIA GeForce RTX 3090, vram: 24GiB, driver: '450.80.02'}\n",
        "desk.yaml",
    )
    gpus = [msgspec.structs.replace(gpu, cuda_ceiling="11.0") for gpu in both.gpus]
    made = apply(WhatIf(driver="580.65"), msgspec.structs.replace(both, gpus=gpus))
    assert [gpu.driver for gpu in made.gpus] == [None, "580.65", "580.65"]
    assert made.gpus[0].cuda_ceiling == "11.0"
    assert made.gpus[1].cuda_ceiling is None, "the old driver's ceiling"
    with pytest.raises(UsageError, match="no NVIDIA GPU"):
        apply(WhatIf(driver="580.65"), load_machine("desktop-rx-7900-xtx-24gb"))


def test_more_ram_is_more_for_a_gpu_that_shares_it() -> None:
    mac = load_machine("macbook-air-m1-8gb")
    gpu = msgspec.structs.replace(mac.gpus[0], vram_total_bytes=5 * GIB, vram_free_bytes=4 * GIB)
    made = apply(WhatIf(ram="32GiB"), msgspec.structs.replace(mac, gpus=[gpu]))
    assert made.gpus[0].vram_total_bytes is None
    assert made.gpus[0].vram_free_bytes is None


def test_what_was_measured_holds_while_the_devices_stay() -> None:
    for kept in (WhatIf(), WhatIf(ram="8GiB"), WhatIf(idle=True), WhatIf(disk="9GB", fresh=True)):
        assert kept.keeps_devices
    for other in (
        WhatIf(gpu="none"), WhatIf(vram="1GiB"), WhatIf(cores=2), WhatIf(os="linux"),
        WhatIf(driver="580.65"), WhatIf(arch="arm64"),
    ):  # fmt: skip
        assert not other.keeps_devices
