"""What people asked of tools like this one, as tests: one for each complaint."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from judging import GIB, desktop, everything, gate_with, gates, machine_of, verdict_on
from msgspec.structs import replace

from vcf.judge.forecast import SPILL
from vcf.judge.model import Assessment, Evidence, Rtf
from vcf.judge.score import RANK
from vcf.machine.complete import complete
from vcf.machine.host import ReplayHost
from vcf.machine.model import Machine
from vcf.machine.probe import probe

RECORDED = Path(__file__).parent.parent / "machines"


def recorded(case: str) -> Machine:
    text = (RECORDED / case / "raw.yaml").read_text(encoding="utf-8")
    return probe(ReplayHost(yaml.load(text, yaml.CSafeLoader)["answers"]))


def rtx(number: str, size: str) -> str:
    return f"name: NVIDIA GeForce RTX {number}, vram: {size}"


# ---- the list of demands ----------------------------------------------------------------------


def test_1_a_small_carve_out_with_much_shared_memory_is_judged_as_unified_memory() -> None:
    judged = verdict_on(recorded("gpu-strix-halo-gtt"), "voxcpm-2", "gpu-bf16")
    assert judged.memory.device.total_bytes == 120 * GIB
    (gate,) = gates(judged, "memory", "device")
    assert gate.status == "pass"
    assert "no-gpu" not in [g.text.id for g in judged.gates]
    # the GPU's part stands in the same memory as everything else
    assert judged.memory.host.need_bytes > judged.memory.device.need_bytes


@pytest.mark.parametrize("case", ["gpu-gb10", "gpu-smi-na-memory"])
def test_2_memory_that_the_driver_does_not_tell_is_unknown_with_the_reason(case: str) -> None:
    machine = recorded(case)
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16")
    assert judged.verdict == "unknown"
    assert judged.limit == "memory"
    (gate,) = gates(judged, "memory", "device")
    assert (gate.status, gate.text.id) == ("unknown", "vram-unknown")
    reason = machine.unknown["gpus[0].vram_total_bytes"]
    assert "NotSupported" in reason or "[N/A]" in reason


def test_3_two_gpus_are_never_summed() -> None:
    one = desktop(rtx("3060", "12GiB"))
    card = one.gpus[0]
    two = complete(
        Machine(os="linux", arch="x86_64", cpu=one.cpu, memory=one.memory, gpus=[card, card]), ""
    )
    tight = desktop("name: NVIDIA GeForce GTX 1650, vram: 4GiB")
    pair = machine_of(
        "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB}\n"
        "gpus: [{name: GTX 1650, vram: 4GiB}, {name: GTX 1650, vram: 4GiB}]"
    )
    for single, double in ((one, two), (tight, pair)):
        for mode in ("gpu-fp32", "gpu-bf16", "gguf-gpu-q8"):
            alone = verdict_on(single, "voxcpm-2", mode)
            both = verdict_on(double, "voxcpm-2", mode)
            assert alone.verdict == both.verdict
            assert alone.memory.device == both.memory.device
    assert verdict_on(pair, "voxcpm-2", "gpu-bf16").verdict == "no"


def test_3_of_two_different_gpus_the_better_one_counts() -> None:
    machine = machine_of(
        "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB}\n"
        "gpus: [{name: GTX 1650, vram: 4GiB}, {name: RTX 4090, vram: 24GiB}]"
    )
    judged = verdict_on(machine, "voxcpm-2", "gpu-bf16")
    assert (judged.verdict, judged.gpu) == ("good", 1)


def test_4_a_wheel_without_kernels_for_the_new_card_blocks_the_gpu_and_not_the_cpu() -> None:
    machine = desktop(
        rtx("5070", "12GiB"), software='python: "3.11", torch: 2.5.1+cu124, driver: "572.16"'
    )
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16")
    assert (judged.verdict, judged.limit, judged.confidence) == ("no", "software", "high")
    gate = gate_with(judged, "torch-no-kernels")
    assert (gate.have, gate.need) == ("torch 2.5.1+cu124", "nvidia 12.0")
    command = gate.remedy.values["command"]
    assert command.startswith("pip install torch==2.")
    assert "--index-url https://download.pytorch.org/whl/cu12" in command
    on_cpu = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32")
    assert on_cpu.verdict in ("good", "slow")
    assert on_cpu.score > 0


def test_5_memory_in_use_is_told_as_blocked_now() -> None:
    machine = desktop(rtx("4090", "24GiB, vram_free: 3GiB"))
    judged = verdict_on(machine, "voxcpm-2", "gpu-bf16")
    assert (judged.verdict, judged.limit) == ("tight", "memory")
    gate = gate_with(judged, "vram-blocked")
    assert (gate.have, gate.text.values["total"]) == ("3.0 GiB", "24.0 GiB")
    assert gate.remedy.id == "remedy-free-vram-nvidia"
    assert verdict_on(desktop(rtx("4090", "24GiB")), "voxcpm-2", "gpu-bf16").verdict == "good"


def test_5_ram_in_use_is_told_as_blocked_now() -> None:
    machine = desktop(ram="total: 32GiB, available: 2GiB")
    judged = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32")
    assert (judged.verdict, judged.limit) == ("tight", "memory")
    assert gate_with(judged, "ram-blocked-load").remedy.id == "remedy-free-ram"


MAC = """
os: macos
os_version: macOS 15.1
cpu: {model: Apple M2, cores: 8}
memory: {total: 16GiB}
gpus: [{name: Apple M2}]
disk: {free: 200GB}
"""


def test_6_bf16_on_apple_is_judged_as_the_fp32_that_really_runs() -> None:
    machine = machine_of(MAC)
    asked = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16")
    real = verdict_on(machine, "voxcpm-0.5b", "gpu-fp32")
    gate = gate_with(asked, "runs-as")
    assert gate.status == "warn"
    assert (gate.text.values["mode"], gate.text.values["other"]) == ("gpu-bf16", "gpu-fp32")
    assert (asked.mode, asked.rtf, asked.memory) == ("gpu-bf16", real.rtf, real.memory)
    assert asked.verdict == real.verdict


def test_7_within_a_tenth_of_the_need_it_may_spill_and_the_slow_end_is_far_slower() -> None:
    need = verdict_on(desktop(rtx("4070", "12GiB")), "indextts-2", "gpu-fp16")
    size = need.memory.device.need_bytes
    roomy = verdict_on(
        desktop(f"name: RTX 4070, vram: 12GiB, vram_free: {size * 1.2 / GIB:.3f}GiB"),
        "indextts-2", "gpu-fp16",
    )  # fmt: skip
    assert roomy.verdict == "good"
    assert SPILL >= 10
    for share in (0.91, 1.0, 1.09):
        card = f"name: RTX 4070, vram: {size * share / GIB:.3f}GiB"
        judged = verdict_on(desktop(card), "indextts-2", "gpu-fp16")
        assert (judged.verdict, judged.limit) == ("tight", "memory")
        assert gate_with(judged, "vram-tight").status == "warn"
        assert (judged.rtf.low, judged.rtf.mid) == (roomy.rtf.low, roomy.rtf.mid)
        assert judged.rtf.high == pytest.approx(SPILL * roomy.rtf.high)
    short = desktop(f"name: RTX 4070, vram: {size * 0.89 / GIB:.3f}GiB")
    assert verdict_on(short, "indextts-2", "gpu-fp16").verdict == "no"


def test_8_a_container_is_judged_by_its_limits_and_not_by_the_host() -> None:
    machine = recorded("container-4gb-2cpus-on-64-cores")
    judged = verdict_on(machine, "voxcpm-2", "cpu-fp32")
    assert judged.memory.host.total_bytes == 4 * GIB
    assert (judged.verdict, judged.limit) == ("no", "memory")
    host = replace(machine, cpu=replace(machine.cpu, usable_cores=64))
    limited, whole = (verdict_on(m, "voxcpm-0.5b", "gguf-cpu-q4") for m in (machine, host))
    assert limited.verdict == "slow"
    assert limited.rtf.mid > 3 * whole.rtf.mid


def test_8_of_a_container_limit_only_a_little_is_taken_for_the_system() -> None:
    text = "os: linux\ncpu: {cores: 2}\ngpus: []\nmemory: {total: 4GiB%s}"
    free = verdict_on(machine_of(text % ""), "voxcpm-0.5b", "cpu-fp32").memory.host.have_bytes
    limit = ", limit: 4GiB"
    inside = verdict_on(machine_of(text % limit), "voxcpm-0.5b", "cpu-fp32").memory.host.have_bytes
    assert (free, inside) == (3 * GIB, 15 * GIB // 4)


# ---- memory -----------------------------------------------------------------------------------


def test_the_windows_desktop_keeps_part_of_the_card() -> None:
    windows = verdict_on(desktop(rtx("3050", "6GiB"), os="windows"), "indextts-2", "gpu-fp16")
    linux = verdict_on(desktop(rtx("3050", "6GiB")), "indextts-2", "gpu-fp16")
    assert linux.memory.device.have_bytes == 6 * GIB
    assert 0.3 * GIB < linux.memory.device.have_bytes - windows.memory.device.have_bytes < GIB / 2
    assert RANK[windows.verdict] <= RANK[linux.verdict]


def test_known_free_memory_needs_no_allowance_for_the_desktop() -> None:
    card = rtx("3050", "6GiB, vram_free: 5.9GiB")
    judged = verdict_on(desktop(card, os="windows"), "indextts-2", "gpu-fp16")
    assert judged.memory.device.have_bytes == int(5.9 * GIB + 0.5)


def test_a_card_of_several_sizes_is_judged_where_every_size_agrees() -> None:
    machine = desktop("name: NVIDIA GeForce RTX 3060")
    small = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16")
    assert small.verdict in ("good", "slow")
    assert gates(small, "memory", "device")[0].text.id == "vram-any-fits"
    large = verdict_on(machine, "voxcpm-2", "gpu-fp32")
    assert (large.verdict, large.limit) == ("unknown", "memory")
    gate = gate_with(large, "vram-depends")
    assert (gate.have, gate.status) == ("8.0 GiB – 12.0 GiB", "unknown")
    giant = verdict_on(machine, "indextts-2", "vllm")
    assert gate_with(giant, "vram-any-short").status == "fail"


def test_a_gpu_mode_is_judged_without_the_processor() -> None:
    silent = machine_of(
        f"os: linux\nmemory: {{total: 32GiB}}\ngpus: [{{{rtx('4090', '24GiB')}}}]\n"
        "disk: {free: 500GB}"
    )
    told = desktop(rtx("4090", "24GiB"))
    for mode in ("gpu-fp32", "gpu-bf16", "gguf-gpu-q8"):
        one, other = verdict_on(silent, "voxcpm-2", mode), verdict_on(told, "voxcpm-2", mode)
        assert (one.verdict, one.rtf, one.confidence) == (
            other.verdict,
            other.rtf,
            other.confidence,
        )
        assert one.verdict == "good"
    assert verdict_on(silent, "voxcpm-2", "cpu-fp32").verdict == "unknown"


def test_swap_makes_short_memory_tight_and_no_more() -> None:
    machine = desktop(ram="total: 4GiB, swap: 32GiB")
    judged = verdict_on(machine, "voxcpm-2", "cpu-fp32")
    assert judged.verdict == "tight"
    assert gate_with(judged, "ram-swap-load").status == "warn"
    assert verdict_on(desktop(ram="total: 4GiB"), "voxcpm-2", "cpu-fp32").verdict == "no"


def test_shared_memory_is_not_called_vram() -> None:
    text = MAC.replace("16GiB", "8GiB")
    ids = [g.text.id for a in everything(machine_of(text)) for g in gates(a, "memory", "device")]
    assert {i for i in ids if i.startswith("shared-")}
    assert not {"vram-tight", "vram-short", "vram-blocked"} & set(ids)


def test_free_unified_memory_is_what_the_system_has_free() -> None:
    busy = machine_of(MAC.replace("total: 16GiB", "total: 16GiB, available: 3GiB"))
    judged = verdict_on(busy, "voxcpm-0.5b", "gpu-fp32")
    assert judged.memory.device.have_bytes == 3 * GIB
    assert judged.limit == "memory"
    text = MAC.replace("{name: Apple M2}", "{name: Apple M2, vram: 2GiB}")
    small = machine_of(text.replace("total: 16GiB", "total: 16GiB, available: 9GiB"))
    assert verdict_on(small, "voxcpm-0.5b", "gpu-fp32").memory.device.have_bytes == 2 * GIB


# ---- disk -------------------------------------------------------------------------------------

PLAIN = (
    "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB, available: 30GiB}\ngpus: []\n"
)


def on_disk(disk: str, more: str = "") -> Assessment:
    return verdict_on(machine_of(f"{PLAIN}disk: {disk}\n{more}"), "voxcpm-0.5b", "cpu-fp32")


def test_disk_of_known_size_but_unknown_free_space_lowers_the_confidence_only() -> None:
    free, unsure = (
        verdict_on(machine_of(f"{PLAIN}disk: {disk}"), "voxcpm-0.5b", "gguf-cpu-q8")
        for disk in ("{total: 500GB, free: 400GB}", "{total: 500GB}")
    )
    assert unsure.verdict == free.verdict == "slow"
    assert (free.confidence, unsure.confidence) == ("medium", "low")
    assert unsure.score == free.score
    assert gate_with(unsure, "disk-free-unknown").status == "unknown"
    assert "disk-free-unknown" in [doubt.id for doubt in unsure.doubts]


@pytest.mark.parametrize(
    ("disk", "verdict", "text"),
    [
        ("{total: 500GB, free: 400GB}", "slow", "disk-fits"),
        ("{total: 500GB, free: 5.1GB}", "tight", "disk-install"),
        ("{total: 500GB, free: 1GB}", "tight", "disk-blocked"),
        ("{free: 1GB}", "tight", "disk-blocked"),
        ("{total: 4GB, free: 1GB}", "no", "disk-short"),
        ("{total: 4GB}", "no", "disk-short"),
        ("{}", "slow", "disk-unknown"),
    ],
)
def test_disk(disk: str, verdict: str, text: str) -> None:
    judged = on_disk(disk)
    assert (judged.verdict, gate_with(judged, text).gate) == (verdict, "disk")
    if verdict == "no":
        assert (judged.limit, judged.recipe.install, judged.rtf) == ("disk", (), None)
    if verdict == "tight":
        assert gate_with(judged, text).remedy.id == "remedy-free-disk"


def test_an_installed_package_needs_no_more_disk_for_itself() -> None:
    fresh = on_disk("{free: 400GB}")
    there = on_disk("{free: 400GB}", 'software: {python: "3.11", voxcpm: 2.0.4}')
    assert there.memory.disk.need_bytes < fresh.memory.disk.need_bytes


def test_short_disk_does_not_hide_that_memory_is_short() -> None:
    machine = machine_of(PLAIN.replace("32GiB, available: 30GiB", "1GiB") + "disk: {total: 1GB}")
    judged = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32")
    assert (judged.verdict, judged.limit) == ("no", "memory")


# ---- systems ----------------------------------------------------------------------------------


def test_an_unknown_system_counts_as_linux_and_lowers_the_confidence() -> None:
    unknown = verdict_on(machine_of(PLAIN.replace("os: linux\n", "")), "voxcpm-0.5b", "cpu-fp32")
    known = verdict_on(machine_of(PLAIN), "voxcpm-0.5b", "cpu-fp32")
    assert unknown.verdict == known.verdict
    assert unknown.doubts[0].id == "doubt-os"
    assert unknown.doubts[0].values == {"os": "linux"}
    assert len(unknown.doubts) == len(known.doubts) + 1


def test_an_apple_chip_without_a_system_is_a_mac() -> None:
    machine = machine_of(MAC.replace("os: macos\n", ""))
    judged = verdict_on(machine, "voxcpm-0.5b", "mlx")
    assert judged.doubts[0].values == {"os": "macos"}
    assert judged.verdict != "no"


def test_an_intel_mac_has_no_torch_new_enough() -> None:
    mac = (
        "os: macos\ncpu: {model: Intel Core i7-9750H, cores: 6, isa: [avx2]}\n"
        "memory: {total: 16GiB}\ngpus: []"
    )
    judged = verdict_on(machine_of(mac), "voxcpm-0.5b", "cpu-fp32")
    assert (judged.verdict, judged.limit) == ("no", "software")
    assert gate_with(judged, "wheel-platform").text.values["platform"] == "macos-x86_64"
    assert verdict_on(machine_of(mac), "voxcpm-0.5b", "gguf-cpu-q8").verdict == "slow"


def test_python_under_rosetta_is_told_to_use_a_native_one() -> None:
    machine = machine_of(MAC + "arch: x86_64\nrosetta: true")
    judged = verdict_on(machine, "voxcpm-0.5b", "mlx")
    gate = gate_with(judged, "software-arch")
    assert (judged.verdict, gate.have, gate.remedy.id) == ("no", "x86_64", "remedy-rosetta")


def test_a_32_bit_system_runs_nothing_local() -> None:
    machine = machine_of(PLAIN.replace("os: linux", "os: linux\narch: i686"))
    local = [a for a in everything(machine) if a.mode != "online"]
    assert {a.verdict for a in local} == {"no"}
    judged = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32")
    assert gate_with(judged, "software-arch").remedy is None


def test_an_old_macos_is_named_with_the_release_it_needs() -> None:
    judged = verdict_on(machine_of(MAC.replace("15.1", "12.7")), "voxcpm-0.5b", "mlx")
    gate = gate_with(judged, "software-macos")
    assert (gate.have, gate.need, gate.remedy.id) == ("macOS 12.7", "14.0", "remedy-macos")
    torch = verdict_on(machine_of(MAC.replace("15.1", "10.15")), "voxcpm-0.5b", "gpu-fp32")
    assert gate_with(torch, "wheel-macos").remedy.id == "remedy-macos"
    vague = verdict_on(machine_of(MAC.replace("macOS 15.1", "Sequoia")), "voxcpm-0.5b", "mlx")
    assert vague.verdict != "no"


def test_a_linux_program_on_windows_is_told_of_wsl() -> None:
    judged = verdict_on(desktop(rtx("4090", "24GiB"), os="windows"), "indextts-2", "vllm")
    assert gate_with(judged, "software-os").remedy.id == "remedy-wsl"
    on_mac = verdict_on(machine_of(MAC), "indextts-2", "vllm")
    assert gate_with(on_mac, "software-os").remedy is None


# ---- Python and torch -------------------------------------------------------------------------


def test_a_python_that_is_too_new_is_only_a_notice_while_nothing_is_installed() -> None:
    judged = verdict_on(desktop(software='python: "3.13"'), "voxcpm-0.5b", "cpu-fp32")
    gate = gate_with(judged, "software-python-other")
    assert (judged.verdict, gate.status, gate.need) == ("slow", "warn", "3.10–3.12")
    assert gate.remedy.values == {"need": "3.12"}


def test_a_python_that_is_too_new_is_a_warning_where_the_package_is_installed_on_it() -> None:
    judged = verdict_on(
        desktop(software='python: "3.13", voxcpm: 2.0.4'), "voxcpm-0.5b", "cpu-fp32"
    )
    gate = gate_with(judged, "software-python-tried")
    assert (judged.verdict, gate.status) == ("slow", "warn")
    assert gate.remedy.values == {"need": "3.12"}


def test_a_python_that_is_too_new_blocks_the_environment_that_is_used() -> None:
    machine = desktop(software='python: "3.13", torch: 2.8.0')
    judged = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32")
    assert (judged.verdict, judged.limit) == ("no", "software")
    assert gate_with(judged, "software-python").remedy.values == {"need": "3.12"}


def test_a_python_that_can_t_be_read_is_not_held_against_it() -> None:
    judged = verdict_on(desktop(software='python: "three"'), "voxcpm-0.5b", "cpu-fp32")
    assert judged.verdict == "slow"


def test_a_python_without_an_upper_bound_is_named_by_its_lower_one() -> None:
    machine = machine_of(MAC + 'software: {python: "3.9", mlx-audio: 0.4.4}')
    gate = gate_with(verdict_on(machine, "voxcpm-0.5b", "mlx"), "software-python")
    assert (gate.need, gate.remedy.values["need"]) == ("≥ 3.10", "≥ 3.10")


@pytest.mark.parametrize(
    ("version", "need"),
    [("1.0.4", "≥ 1.0.5"), ("1.0.5", None), ("strange", None), ("2.0.4", None)],
)
def test_the_installed_package_must_be_new_enough(version: str, need: str | None) -> None:
    judged = verdict_on(
        desktop(software=f'python: "3.11", voxcpm: "{version}"'), "voxcpm-0.5b", "cpu-fp32"
    )
    found = [g for g in judged.gates if g.text.id == "package-version"]
    assert [g.need for g in found] == ([need] if need else [])
    if need:
        assert found[0].remedy.values == {"command": "pip install -U voxcpm"}


@pytest.mark.parametrize(
    ("version", "model", "verdict"),
    [
        ("1.0.5", "voxcpm-0.5b", "slow"), ("1.0.5", "voxcpm-1.5", "no"),
        ("1.5.0", "voxcpm-1.5", "slow"), ("1.5.0", "voxcpm-2", "no"), ("2.0.0", "voxcpm-2", "slow"),
    ],
)  # fmt: skip
def test_which_release_loads_which_model(version: str, model: str, verdict: str) -> None:
    machine = desktop(software=f'python: "3.11", torch: 2.8.0+cpu, voxcpm: "{version}"')
    judged = verdict_on(machine, model, "cpu-fp32")
    assert judged.verdict == verdict
    advised = [g for g in judged.gates if g.text.id == "package-advised"]
    assert len(advised) == (verdict != "no")
    assert all(g.remedy.values == {"command": "pip install -U voxcpm"} for g in advised)


def test_a_cpu_build_of_torch_beside_a_good_card_is_named() -> None:
    machine = desktop(rtx("3060", "12GiB"), software='python: "3.11", torch: 2.8.0+cpu')
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16")
    gate = gate_with(judged, "torch-cpu-build")
    assert (judged.verdict, judged.limit) == ("no", "software")
    assert gate.remedy.values["command"].startswith("pip install torch==2.")
    assert verdict_on(machine, "voxcpm-0.5b", "cpu-fp32").verdict == "slow"


def test_a_project_that_brings_its_own_torch_is_not_judged_by_the_installed_one() -> None:
    machine = desktop(rtx("4070", "12GiB"), software='python: "3.13", torch: 2.8.0+cpu')
    judged = verdict_on(machine, "indextts-2", "gpu-fp16")
    assert judged.verdict == "good"
    assert "2.8.0+cu128" in gates(judged, "software")[0].text.values.get("build", "2.8.0+cu128")


def test_a_torch_newer_than_the_table_is_unknown() -> None:
    machine = desktop(rtx("3060", "12GiB"), software="torch: 9.9.0+cu130")
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16")
    assert (judged.verdict, judged.limit) == ("unknown", "software")
    assert gate_with(judged, "torch-unknown").have == "torch 9.9.0+cu130"


@pytest.mark.parametrize(
    ("torch", "model", "text"),
    [
        ("2.1.0", "voxcpm-0.5b", "torch-old"),
        ("2.14.0", "indextts-1.5", "torch-new"),
        ("main", "voxcpm-0.5b", "torch-strange"),
        ("2.8.0+rocm6.3", "voxcpm-0.5b", "torch-wrong-vendor"),
        ("2.8.0+cu128", "voxcpm-0.5b", "torch-runs"),
    ],
)
def test_installed_torch(torch: str, model: str, text: str) -> None:
    machine = desktop(rtx("3060", "12GiB"), software=f'python: "3.11", torch: "{torch}"')
    gate = gate_with(verdict_on(machine, model, "gpu-fp32"), text)
    assert torch in str(gate.have)


def test_a_driver_too_old_for_the_installed_torch_is_named_with_the_one_it_needs() -> None:
    machine = desktop(rtx("3060", "12GiB"), software='torch: 2.8.0+cu128, driver: "470.256.02"')
    gate = gate_with(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "torch-driver")
    assert gate.remedy.id == "remedy-driver-or"
    assert gate.remedy.values["driver"].startswith("525")
    assert "2.7.1" in gate.remedy.values["command"]  # cu118 runs on this driver


def test_a_driver_too_old_for_every_wheel_is_named_with_the_one_it_needs() -> None:
    machine = desktop("name: NVIDIA GeForce GTX 1080", software='driver: "390.157"')
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-fp32")
    gate = gate_with(judged, "wheel-driver")
    assert (judged.verdict, gate.remedy.id) == ("no", "remedy-driver")
    assert gate.remedy.values["driver"] == gate.text.values["floor"]


@pytest.mark.parametrize("mode", ["gpu-bf16", "vllm", "gguf-gpu-q8"])
def test_a_driver_older_than_the_card_stops_whatever_computes_on_it(mode: str) -> None:
    machine = desktop(rtx("3060", "12GiB"), software='driver: "390.157"')
    judged = verdict_on(machine, "voxcpm-2", mode)
    gate = gate_with(judged, "gpu-driver")
    assert (judged.verdict, judged.limit, gate.status) == ("no", "software", "fail")
    assert (gate.remedy.id, gate.remedy.values) == ("remedy-driver", {"driver": "455"})


def test_a_driver_name_that_is_no_version_is_not_held_against_the_card() -> None:
    odd = desktop(rtx("3060", "12GiB") + ", driver: unknown-9")
    plain = desktop(rtx("3060", "12GiB") + ', driver: "580.95"')
    for software in (None, {"torch": "2.8.0+cu128"}):
        machines = [
            Machine(os="linux", arch="x86_64", memory=m.memory, gpus=m.gpus, software=software)
            for m in (odd, plain)
        ]
        one, other = (verdict_on(m, "voxcpm-0.5b", "gpu-bf16") for m in machines)
        assert one.verdict == other.verdict == "good"


def test_a_card_without_a_driver_is_told_which_to_install() -> None:
    machine = desktop(rtx("3060", "12GiB"))
    assert machine.unknown["gpus[0].driver"]
    assert gates(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "software")[0].remedy is None
    text = (
        "schema: vcf.machine/1\nos: linux\narch: x86_64\nmemory: {total_bytes: 34359738368}\n"
        "gpus: [{name: GeForce RTX 3060, vendor: nvidia, vram_total_bytes: 12884901888}]"
    )
    gate = gates(verdict_on(machine_of(text), "voxcpm-0.5b", "gpu-bf16"), "software")[0]
    assert gate.remedy.id == "remedy-driver"
    asleep = machine_of(text.replace("}]", ", asleep: true}]"))
    assert gates(verdict_on(asleep, "voxcpm-0.5b", "gpu-bf16"), "software")[0].remedy is None


# ---- makers and generations -------------------------------------------------------------------


def test_amd_on_windows_is_sent_to_the_builds_that_exist_elsewhere() -> None:
    card = "name: AMD Radeon RX 7900 XTX"
    windows = verdict_on(desktop(card, os="windows"), "voxcpm-0.5b", "gpu-bf16")
    gate = gate_with(windows, "wheel-elsewhere")
    assert gate.status == "warn" and gate.text.values["where"]
    linux = verdict_on(desktop(card), "voxcpm-0.5b", "gpu-bf16")
    assert "rocm" in gate_with(linux, "torch-to-install").text.values["build"]
    old = verdict_on(desktop("name: AMD Radeon RX 580", os="windows"), "voxcpm-0.5b", "gpu-bf16")
    assert old.verdict == "no"


def test_intel_arc() -> None:
    arc = desktop("name: Intel Arc A770, vram: 16GiB")
    assert gate_with(verdict_on(arc, "voxcpm-0.5b", "gpu-bf16"), "software-vendor").have == "Intel"
    judged = verdict_on(arc, "indextts-2", "gpu-fp16")
    assert gate_with(judged, "wheel-xpu").remedy.values["command"].endswith("/whl/xpu")
    assert verdict_on(arc, "indextts-2", "gguf-gpu-q8").verdict in ("good", "slow")
    old = verdict_on(desktop("name: Intel UHD Graphics 630"), "indextts-2", "gpu-fp16")
    assert gate_with(old, "wheel-xpu-old").status == "fail"
    odd = desktop("name: Intel Wonder, vendor: intel, vram: 16GiB")
    assert gate_with(verdict_on(odd, "indextts-2", "gpu-fp16"), "wheel-gpu-unknown")


@pytest.mark.parametrize("card", ["Tesla P100-PCIE-16GB", "NVIDIA GeForce GTX 1060 6GB"])
def test_the_pinned_wheel_of_indextts_lacks_pascal_on_linux(card: str) -> None:
    linux = verdict_on(desktop(f"name: {card}"), "indextts-2", "gpu-fp16")
    gate = gate_with(linux, "wheel-none-pinned")
    assert (linux.verdict, linux.limit) == ("no", "software")
    assert gate.text.values["variant"] == "cu128"
    assert gate.text.values["newest"].endswith("+cu126")
    other = verdict_on(desktop(f"name: {card}"), "voxcpm-0.5b", "gpu-fp32")
    assert other.verdict in ("good", "slow")


def test_the_pinned_wheel_of_indextts_has_the_gtx_1060_on_windows_but_not_the_p100() -> None:
    gtx = verdict_on(
        desktop("name: NVIDIA GeForce GTX 1060 6GB", os="windows"), "indextts-2", "gpu-fp16"
    )
    assert gates(gtx, "software")[0].status == "pass"
    p100 = verdict_on(desktop("name: Tesla P100-PCIE-16GB", os="windows"), "indextts-2", "gpu-fp16")
    assert p100.limit == "software"


def test_gtx_960m_on_windows_10_gets_the_last_wheel_and_driver_branch() -> None:
    machine = machine_of(
        "os: windows\nos_version: Windows 10\ncpu: {cores: 4}\nmemory: {total: 16GiB}\n"
        "gpus: [{name: NVIDIA GeForce GTX 960M, vram: 4GiB}]"
    )
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-fp32")
    values = gate_with(judged, "torch-last-for-card").text.values
    assert (values["build"], values["driver"], values["branch"], values["cc"]) == (
        "2.14.1+cu126", "528.33", "R580", "5.0",
    )  # fmt: skip


def test_a_card_of_an_unknown_maker_or_generation_cannot_be_told() -> None:
    nobody = desktop("name: Mystery 9000, vram: 16GiB")
    assert gate_with(verdict_on(nobody, "voxcpm-0.5b", "gpu-bf16"), "software-vendor-unknown")
    new = desktop("vendor: nvidia, vram: 16GiB")
    assert gate_with(verdict_on(new, "voxcpm-0.5b", "gpu-bf16"), "wheel-gpu-unknown")
    assert gate_with(verdict_on(new, "voxcpm-0.5b", "nano-vllm"), "software-cc-unknown")


def test_a_torch_that_can_t_serve_the_card_has_no_cure_where_no_wheel_does() -> None:
    machine = desktop("name: NVIDIA GeForce GTX 680, vram: 4GiB", software="torch: 2.8.0+cu128")
    gate = gate_with(verdict_on(machine, "voxcpm-0.5b", "gpu-fp32"), "torch-no-kernels")
    assert (gate.status, gate.remedy) == ("fail", None)


def test_a_runtime_with_a_lowest_generation_says_so() -> None:
    old = desktop("name: NVIDIA GeForce RTX 2060, vram: 6GiB")
    gate = gate_with(verdict_on(old, "voxcpm-0.5b", "nano-vllm"), "software-cc")
    assert (gate.have, gate.need) == ("7.5", "8.0")


def test_a_generation_without_any_wheel_is_no() -> None:
    judged = verdict_on(
        desktop("name: NVIDIA GeForce GTX 680, vram: 4GiB"), "voxcpm-0.5b", "gpu-fp32"
    )
    assert gate_with(judged, "wheel-none").status == "fail"


def test_a_generation_that_only_runs_by_translation_is_unconfirmed() -> None:
    texts = set()
    for cc in ("10.3", "12.1", "11.0", "13.0"):
        machine = desktop(f'vendor: nvidia, vram: 16GiB, compute_capability: "{cc}"')
        texts.add(gates(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "software")[0].text.id)
    assert "wheel-unconfirmed" in texts


def test_precisions_that_the_card_only_emulates_are_named() -> None:
    old = desktop("name: NVIDIA GeForce GTX 1080")
    half = verdict_on(old, "voxcpm-0.5b", "gpu-fp16")
    assert gate_with(half, "fp16-gpu-emulated").text.values["cc"].en.endswith("6.1")
    brain = verdict_on(old, "voxcpm-0.5b", "gpu-bf16")
    assert gate_with(brain, "bf16-gpu-emulated").status == "warn"
    assert brain.rtf.mid > half.rtf.mid
    new = verdict_on(desktop(rtx("3060", "12GiB")), "voxcpm-0.5b", "gpu-bf16")
    assert not [g for g in new.gates if "emulated" in g.text.id]


def test_a_card_hidden_from_programs_is_named() -> None:
    machine = desktop(rtx("3060", "12GiB") + ", hidden_by: CUDA_VISIBLE_DEVICES=-1")
    gate = gate_with(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "gpu-hidden")
    assert gate.text.values["setting"] == "CUDA_VISIBLE_DEVICES=-1"


# ---- licence, evidence, DeepSpeed -------------------------------------------------------------


def test_a_licence_is_a_notice_and_never_blocks() -> None:
    judged = verdict_on(desktop(rtx("4090", "24GiB")), "indextts-2", "gpu-fp16")
    (gate,) = gates(judged, "licence")
    assert (gate.status, judged.verdict, judged.limit) == ("warn", "good", None)
    assert gate.text.values["notice"].en and gate.text.values["notice"].zh
    free = verdict_on(desktop(rtx("4090", "24GiB")), "voxcpm-2", "gpu-bf16")
    assert gates(free, "licence") == []


def measured(low: float, mid: float, high: float, basis: str = "bench") -> Rtf:
    return Rtf(low=low, mid=mid, high=high, basis=basis)


def test_a_measurement_outranks_the_forecast() -> None:
    machine = desktop(ram="total: 32GiB, available: 28GiB")
    forecast = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32")
    assert (forecast.verdict, forecast.rtf.basis) == ("slow", "roofline")
    bench = Evidence(rtf={("voxcpm-0.5b", "cpu-fp32"): measured(0.7, 0.8, 0.9)})
    judged = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32", bench)
    assert (judged.verdict, judged.rtf) == ("good", measured(0.7, 0.8, 0.9))
    assert gates(judged, "speed")[0].source is None
    assert judged.score > forecast.score
    other = verdict_on(machine, "voxcpm-1.5", "cpu-fp32", bench)
    assert other.rtf.basis == "roofline"


def test_a_measurement_of_what_really_runs_counts() -> None:
    """Apple's GPUs run bf16 as fp32: measured once, both are known."""
    machine = machine_of(
        "os: macos\nos_version: macOS 15.1\narch: arm64\ncpu: {model: Apple M3 Pro, cores: 12}\n"
        "memory: {total: 36GiB}\ngpus: [{name: Apple M3 Pro}]\ndisk: {free: 200GB}"
    )
    bench = Evidence(rtf={("voxcpm-0.5b", "gpu-fp32"): measured(0.7, 0.8, 0.9)})
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16", bench)
    assert judged.rtf == measured(0.7, 0.8, 0.9)


def test_a_measurement_without_serious_doubts_is_trusted_highly() -> None:
    text = "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB, speed: DDR4-3200}\n"
    machine = machine_of(text + "gpus: []\ndisk: {free: 500GB}")
    bench = Evidence(rtf={("voxcpm-0.5b", "gguf-cpu-q8"): measured(2, 3, 4)})
    assert verdict_on(machine, "voxcpm-0.5b", "gguf-cpu-q8", bench).confidence == "high"
    assert verdict_on(machine, "voxcpm-0.5b", "gguf-cpu-q8").confidence != "high"


@pytest.mark.parametrize(
    ("rtf", "text"),
    [
        ((0.4, 0.5, 0.6), "speed-good"),
        ((0.5, 0.7, 1.4), "speed-likely"),
        ((0.5, 0.9, 1.4), "speed-about"),
        ((0.8, 2, 3), "speed-nearly"),
        ((1.1, 2, 3), "speed-slow"),
    ],
)
def test_the_speed_is_told_by_its_whole_range(rtf: tuple[float, float, float], text: str) -> None:
    bench = Evidence(rtf={("voxcpm-0.5b", "cpu-fp32"): measured(*rtf)})
    judged = verdict_on(desktop(), "voxcpm-0.5b", "cpu-fp32", bench)
    assert gates(judged, "speed")[0].text.id == text


def test_deepspeed_is_judged_with_its_own_needs() -> None:
    machine = desktop(rtx("4090", "24GiB"))
    plain = verdict_on(machine, "indextts-2", "gpu-fp16")
    fast = verdict_on(machine, "indextts-2", "gpu-fp16-deepspeed")
    assert fast.memory.device.need_bytes > plain.memory.device.need_bytes
    assert fast.verdict == "good"
    mac = verdict_on(machine_of(MAC), "indextts-2", "gpu-fp16-deepspeed")
    assert (mac.verdict, mac.limit) == ("no", "software")
    assert any("DeepSpeed" in note.en for note in fast.recipe.notes)


def test_an_old_processor_is_slower_and_never_refused_without_need() -> None:
    old, new = (
        machine_of(
            f"os: linux\ncpu: {{cores: 4, isa: [{isa}]}}\nmemory: {{total: 16GiB}}\ngpus: []"
        )
        for isa in ("", "avx, avx2, fma")
    )
    one, other = (verdict_on(m, "voxcpm-0.5b", "cpu-fp32") for m in (old, new))
    assert one.verdict == other.verdict == "slow"
    assert one.rtf.mid > other.rtf.mid


def test_too_small_a_disk_decides_even_where_no_gpu_is_known() -> None:
    text = "os: linux\nmemory: {total: 32GiB}\ndisk: {total: 4GB}\n"
    judged = verdict_on(machine_of(text), "voxcpm-2", "gpu-bf16")
    assert (judged.verdict, judged.limit, judged.confidence) == ("no", "disk", "medium")
    none = verdict_on(machine_of(text + "gpus: []"), "voxcpm-2", "gpu-bf16")
    assert (none.verdict, none.limit, none.confidence) == ("no", "memory", "high")
