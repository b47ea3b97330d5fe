"""The probes on small recorded hosts: what the recorded machines do not show."""

from __future__ import annotations

import sys
import time
from typing import Any

import pytest

from vcf.machine.gpus import amd, apple, filters, gpu_probes, intel, nvidia, pci, sysfs, windows
from vcf.machine.gpus.calls import GPU_CALLS
from vcf.machine.gpus.found import GpuFound, Unseen
from vcf.machine.gpus.join import join
from vcf.machine.host import LiveHost, ReplayHost, Unanswered
from vcf.units import GIB

BUS = "0000:03:00.0"
PATH = f"{sysfs.DEVICES}/{BUS}"


def replay(answers: dict[str, Any]) -> ReplayHost:
    return ReplayHost({key: {"ok": value} for key, value in answers.items()})


def found(bus: str | None = None, **facts: Any) -> GpuFound:
    gpu = GpuFound(bus)
    for field, value in facts.items():
        gpu.know(field, value, "test")
    return gpu


# ---- which probes, and what they cost


def test_platforms() -> None:
    names = {system: [name for name, _ in gpu_probes(system)] for system in ("linux", "win32")}
    assert names == {
        "linux": ["nvidia", "amd", "intel", "pci"],
        "win32": ["nvidia", "adapters"],
    }
    assert [name for name, _ in gpu_probes("darwin")] == ["apple"]
    assert gpu_probes("freebsd14") == ()


def test_nothing_is_loaded_without_a_sign_of_nvidia(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert nvidia.probe_linux(replay({})) == []
    assert nvidia.probe_windows(replay({"call windows_display_adapters": []})) == []


@pytest.mark.skipif(sys.platform != "linux", reason="needs /sys")
def test_probes_without_a_gpu_are_cheap() -> None:
    live = LiveHost({"nvml": lambda: pytest.fail("asked"), "may_open": GPU_CALLS["may_open"]})
    if nvidia.SIGNS and any(sysfs.exists(live, sign) for sign in nvidia.SIGNS):
        pytest.skip("this computer has an NVIDIA driver")
    best = []
    for _ in range(5):
        start = time.perf_counter()
        nvidia.probe_linux(live)
        best.append(time.perf_counter() - start)
    assert min(best) < 0.005


# ---- sysfs


def test_bound_devices_are_told_from_the_other_files() -> None:
    names = ["0000:01:00.0", "bind", "module", "new_id", "01:00.0"]
    assert sysfs.bound_to(replay({"listdir /sys/bus/pci/drivers/xe": names}), "xe") == [names[0]]


@pytest.mark.parametrize(
    ("status", "asleep"),
    [
        ("active", False),
        ("suspended", True),
        ("suspending", True),
        ("unsupported", None),
        ("", None),
    ],
)
def test_asleep(status: str, asleep: bool | None) -> None:
    assert sysfs.asleep(replay({f"read {PATH}/power/runtime_status": status}), BUS) is asleep


def test_pci_id_of_a_device_that_went_away() -> None:
    assert sysfs.pci_id(replay({f"read {PATH}/vendor": "0x10de\n"}), BUS) is None


# ---- NVIDIA


def test_one_of_two_cards_sleeps() -> None:
    two = [BUS, "0000:04:00.0"]
    founds = nvidia.probe_linux(
        replay(
            {
                "readlink /dev/nvidiactl": "/dev/nvidiactl",
                "listdir /sys/bus/pci/drivers/nvidia": two,
                f"read {PATH}/power/runtime_status": "suspended",
            }
        )
    )
    assert [gpu.value("asleep") for gpu in founds] == [True, False]
    assert founds[0].unknown["vram_free_bytes"] == "asleep; not woken to ask"
    assert "would wake" in founds[1].unknown["vram_free_bytes"]


def test_driver_that_does_not_answer_and_shows_no_card() -> None:
    answers = {"readlink /dev/nvidiactl": {"ok": "x"}, "call nvml": {"error": "DriverNotLoaded"}}
    (unseen,) = nvidia.probe_linux(ReplayHost(answers))
    assert isinstance(unseen, Unseen)
    assert "not loaded" in unseen.reason


def test_jetson_beside_a_card() -> None:
    card = {"name": "NVIDIA RTX A2000", "bus": "0000:01:00.0", "pci_device_id": "10de:2531"}
    own = {"name": "Orin (nvgpu)", "bus": {"error": "NotSupported"}, "cc": [8, 7]}
    board, other = nvidia.probe_linux(
        replay(
            {
                "read /proc/device-tree/compatible": "board\0nvidia,tegra234\0nvidia,tegra999",
                "call nvml": {"devices": [own, card], "driver": "540.4.0"},
            }
        )
    )
    assert board.value("name") == "Orin (nvgpu)"
    assert board.value("unified") is True
    assert other.value("pci_id") == "10de:2531"


def test_windows_without_a_list_of_adapters_asks_nvml() -> None:
    device = {"name": "Tesla T4", "cc": [7, 5]}
    (gpu,) = nvidia.probe_windows(replay({"call nvml": {"devices": [device]}}))
    assert gpu.value("compute_capability") == "7.5"


def test_windows_without_any_list_and_without_nvml() -> None:
    assert nvidia.probe_windows(replay({})) == []
    adapters = {"call windows_display_adapters": [{"Device": "VEN_10DE&DEV_139B"}]}
    with pytest.raises(Unanswered, match="not in the record"):
        nvidia.probe_windows(replay(adapters))


# ---- filters


@pytest.mark.parametrize(
    ("value", "hidden"),
    [("-1", True), ("", True), ("none", True), ("NoDevFiles", True), ("-1,0", True), ("0", False)],
)
def test_hidden_by_environment(value: str, hidden: bool) -> None:
    setting = filters.hides_all(replay({"env CUDA_VISIBLE_DEVICES": value}), filters.NVIDIA)
    assert (setting is not None) is hidden


def test_nothing_to_hide() -> None:
    assert filters.mark(replay({}), [], filters.AMD) == []
    (gpu,) = filters.mark(replay({"env HIP_VISIBLE_DEVICES": "-1"}), [found()], filters.AMD)
    assert gpu.hidden_by == "HIP_VISIBLE_DEVICES=-1"


# ---- AMD and Intel


def amd_card(**files: str) -> dict[str, Any]:
    answers: dict[str, Any] = {"listdir /sys/bus/pci/drivers/amdgpu": [BUS]}
    return answers | {f"read {PATH}/{name}": text for name, text in files.items()}


def test_amd_driver_that_tells_nothing() -> None:
    (gpu,) = amd.probe(replay(amd_card()))
    assert "mem_info_vram_total" in gpu.unknown["vram_total_bytes"]
    assert "rocm-smi" in gpu.unknown["name"]
    assert "pci_id" not in gpu.facts


def test_amd_without_kfd_and_with_rubbish_numbers() -> None:
    answers = amd_card(mem_info_vram_total=f"{8 * GIB}", mem_info_vram_used=f"{9 * GIB}")
    (gpu,) = amd.probe(replay(answers | {"call may_open /dev/kfd": None}))
    assert "no /dev/kfd" in gpu.facts["driver"][1]
    assert "mem_info_vram_used" in gpu.unknown["vram_free_bytes"]
    assert gpu.value("vram_total_bytes") == 8 * GIB


def test_amd_processor_with_most_memory_set_aside() -> None:
    answers = amd_card(
        vendor="0x1002", device="0x1586",
        mem_info_vram_total=f"{96 * GIB}", mem_info_gtt_total=f"{16 * GIB}",
    )  # fmt: skip
    (gpu,) = amd.probe(replay(answers))
    assert gpu.value("unified") is False
    assert gpu.value("integrated") is True
    assert gpu.value("vram_total_bytes") == 96 * GIB


def test_kfd_node_without_a_render_device() -> None:
    nodes = {
        f"listdir {amd.NODES}": ["0"],
        f"read {amd.NODES}/0/properties": "gfx_target_version 100300\n",
        f"listdir {PATH}/drm": ["card0", "renderDx", "renderD128"],
    }
    (gpu,) = amd.probe(replay(amd_card() | nodes))
    assert "gfx" not in gpu.facts


def test_intel_card_that_tells_nothing() -> None:
    answers = {
        "listdir /sys/bus/pci/drivers/i915": [BUS, "0000:00:02.0"],
        f"listdir {PATH}": ["tile0", "tilex"],
        f"listdir {PATH}/drm": ["card0"],
    }
    card, own = intel.probe(replay(answers))
    assert "does not tell" in card.unknown["vram_total_bytes"]
    assert own.value("unified") is True


def test_board_without_a_pci_bus() -> None:
    assert pci.probe(replay({"readlink /sys/bus": "/sys/bus"})) == []
    with pytest.raises(Unanswered):
        pci.probe(replay({}))


def test_pci_device_that_hides_its_id() -> None:
    answers = {
        f"listdir {sysfs.DEVICES}": [BUS, "0000:04:00.0"],
        f"read {PATH}/class": "0x030000",
        f"read {sysfs.DEVICES}/0000:04:00.0/class": "0x030000",
        f"read {sysfs.DEVICES}/0000:04:00.0/vendor": "0x8086",
        f"read {sysfs.DEVICES}/0000:04:00.0/device": "0xfffe",
    }
    named = '04:00.0 "VGA" "Intel Corporation" "Next Lake [Arc C900]"\n'
    (gpu,) = pci.probe(replay(answers | {"run lspci -mm -s 0000:04:00.0": named}))
    assert gpu.facts["name"] == ("Arc C900", "lspci, by PCI id 8086:fffe")
    (gpu,) = pci.probe(replay(answers))
    assert gpu.value("pci_id") == "8086:fffe"
    assert "not in the table" in gpu.unknown["name"]
    assert pci.cards(replay(answers), "nvidia") == []


# ---- Windows and Mac


def test_windows_falls_back_to_powershell() -> None:
    key = "run " + " ".join(windows.CIM)
    assert windows.probe(replay({key: "[]"})) == []
    with pytest.raises(Unanswered):
        windows.probe(replay({}))


def test_rosetta_of_big_sur_hides_the_name() -> None:
    (gpu,) = apple.probe(replay({"call sysctl machdep.cpu.brand_string": "VirtualApple @ 2.50GHz"}))
    assert "Rosetta" in gpu.unknown["name"]
    assert gpu.value("unified") is True
    assert "hw.memsize" in gpu.unknown["vram_total_bytes"]


def test_intel_mac_without_an_answer() -> None:
    with pytest.raises(Unanswered):
        apple.probe(replay({"call sysctl machdep.cpu.brand_string": "Intel(R) Core(TM) i7"}))


# ---- join


def test_no_probe_answered() -> None:
    assert not join([]).gpus_known
    assert join([[]]).gpus_known


def test_the_more_trusted_source_wins() -> None:
    first, second = found(BUS, name="A", vendor="nvidia"), found(BUS, name="B", laptop=True)
    findings = join([[first], [second]])
    assert findings.values[("gpus", 0, "name")] == "A"
    assert findings.values[("gpus", 0, "laptop")] is True
    assert ("gpus", 1, "name") not in findings.values


def test_cards_without_anything_in_common_stay_apart() -> None:
    findings = join([[found(name="A")], [found(vendor="amd")]])
    assert findings.values[("gpus", 1, "vendor")] == "amd"


def test_equal_cards_join_one_to_one_by_pci_id() -> None:
    def cards() -> list[GpuFound]:
        return [found(pci_id="10de:2204", vendor="nvidia") for _ in range(2)]

    findings = join([cards(), [*cards(), *cards()]])
    assert {path[1] for path in findings.values} == {0, 1, 2, 3}


def test_slices_of_one_card_share_what_the_bus_tells() -> None:
    slices = [found(BUS, mig=True, vendor="nvidia") for _ in range(2)]
    findings = join([slices, [found(BUS, pci_id="10de:2330")]])
    assert [findings.values[("gpus", i, "pci_id")] for i in (0, 1)] == ["10de:2330"] * 2


def test_unseen_counts_only_where_nothing_is_seen() -> None:
    assert not join([[Unseen("why")]]).gpus_known
    findings = join([[Unseen("why")], [found(BUS, vendor="intel")]])
    assert findings.gpus_known
    assert ("gpus",) not in findings.unknown


def test_shared_name_without_a_chassis_is_unknown() -> None:
    card = found(name="NVIDIA GeForce RTX 2070", vendor="nvidia", vram_total_bytes=8 * GIB)
    findings = join([[card]])
    assert "share this name" in findings.unknown[("gpus", 0, "laptop")]
    assert findings.values[("gpus", 0, "compute_capability")] == "7.5"


@pytest.mark.parametrize(("chassis", "laptop"), [(3, False), (31, True)])
def test_shared_name_by_chassis(chassis: int, laptop: bool) -> None:
    card = found(name="NVIDIA GeForce RTX 2070", vendor="nvidia", vram_total_bytes=8 * GIB)
    card.chassis = chassis
    assert join([[card]]).values[("gpus", 0, "laptop")] is laptop


def test_shared_pci_id_is_narrowed_by_memory() -> None:
    card = found(BUS, pci_id="1002:744c", vendor="amd", vram_total_bytes=20 * GIB)
    assert join([[card]]).values[("gpus", 0, "name")] == "Radeon RX 7900 XT"


def test_name_of_another_makers_card_is_not_believed() -> None:
    card = found(name="GeForce RTX 3090", vendor="amd", vram_total_bytes=8 * GIB)
    assert ("gpus", 0, "compute_capability") not in join([[card]]).values


def test_nvidia_memory_of_its_own_means_a_card() -> None:
    card = found(name="NVIDIA A10-8Q", vendor="nvidia", vram_total_bytes=8 * GIB)
    values = join([[card]]).values
    assert values[("gpus", 0, "unified")] is False
    assert values[("gpus", 0, "integrated")] is False


def test_every_absent_fact_has_a_reason() -> None:
    findings = join([[found(vendor="nvidia")]])
    told = {path[2] for path in (*findings.values, *findings.unknown)}
    assert told >= {
        "name", "vendor", "integrated", "laptop", "unified", "vram_total_bytes", "pci_id",
        "vram_free_bytes", "compute_capability", "driver", "cuda_ceiling", "bandwidth_bytes_s",
        "asleep", "mig",
    }  # fmt: skip
