"""The software cases that must be right: verdict, message, remedy, the sentence a user reads."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from judging import SUBJECTS, desktop, gate_with, gates, machine_of, verdict_on
from msgspec.structs import replace

from vcf.catalogue.wheels import NoWheel, WheelChoice, judge_installed, newest_wheel, table
from vcf.judge.checkup import checkup
from vcf.judge.model import Assessment, Gate
from vcf.machine.host import ReplayHost
from vcf.machine.load import read_machine
from vcf.machine.model import Machine
from vcf.machine.probe import probe
from vcf.views.words import say

ROOT = Path(__file__).resolve().parents[2]
LINUX, WINDOWS = "linux-x86_64", "windows-x86_64"
RTX_3060 = "name: NVIDIA GeForce RTX 3060, vram: 12GiB"
NEWEST = table().releases[0].newest
M4 = """
os: macos
os_version: macOS {version}
arch: arm64
cpu: {{model: Apple M4}}
memory: {{total: 16GiB}}
gpus: [{{name: Apple M4}}]
disk: {{total: 500GB, free: 200GB}}
"""


def profile(name: str, software: str = "") -> Machine:
    text = (ROOT / "profiles" / f"{name}.yaml").read_text("utf-8")
    return read_machine(text + (f"software: {{{software}}}\n" if software else ""), name)


def recorded(name: str) -> Machine:
    raw = yaml.safe_load((ROOT / "tests" / "machines" / name / "raw.yaml").read_text("utf-8"))
    return probe(ReplayHost(raw["answers"]))


def m4(version: str, torch: str | None = None) -> Machine:
    software = f'software: {{python: "3.11", torch: "{torch}"}}' if torch else ""
    return machine_of(M4.format(version=version) + software)


def with_torch(gpu: str, torch: str, *, os: str = "linux", more: str = "") -> Machine:
    return desktop(gpu, os=os, software=f'python: "3.11", torch: "{torch}"{more}')


def english(gate: Gate) -> str:
    return say(gate.text, "en")


def cure(gate: Gate) -> str:
    assert gate.remedy is not None, english(gate)
    return say(gate.remedy, "en")


def blocked(judged: Assessment, text: str) -> Gate:
    """The failing software gate that decides."""
    gate = gate_with(judged, text)
    assert (judged.verdict, judged.limit, gate.gate, gate.status) == (
        "no", "software", "software", "fail",
    )  # fmt: skip
    assert gate.source
    return gate


def build(answer: WheelChoice | NoWheel) -> str:
    assert isinstance(answer, WheelChoice), answer
    return f"{answer.torch}+{answer.variant}"


# ---- Maxwell, Pascal, Volta -------------------------------------------------------------------

GTX_960M = "name: NVIDIA GeForce GTX 960M, vram: 4GiB"


def test_gtx_960m_on_windows_10_gets_the_last_cu126_wheel_and_the_last_driver_branch() -> None:
    machine = replace(desktop(GTX_960M, os="windows"), os_version="Windows 10")
    gate = gates(verdict_on(machine, "voxcpm-0.5b", "gpu-fp32"), "software")[0]
    assert (gate.status, gate.text.id) == ("pass", "torch-last-for-card")
    assert english(gate) == (
        "torch 2.14.1+cu126 is the last with kernels for compute capability 5.0; driver 528.33 or "
        "newer, R580 is the last branch for this card."
    )


def test_a_laptop_with_two_gpus_is_judged_by_the_one_that_the_program_can_use() -> None:
    judged = verdict_on(recorded("gpu-win10-gtx960m"), "voxcpm-0.5b", "gpu-fp32")
    assert (judged.verdict, judged.limit) == ("no", "memory")  # 2 GiB on the GTX 960M


def test_gtx_960m_on_windows_is_not_given_2_8_which_left_it_out() -> None:
    def offer(low: str, below: str) -> WheelChoice | NoWheel:
        return newest_wheel(
            vendor="nvidia", cc="5.0", platform=WINDOWS, torch_min=low, torch_below=below
        )

    assert isinstance(offer("2.8", "2.9"), NoWheel)
    assert build(offer("2.5", "2.9")) == "2.7.1+cu126"
    judged = verdict_on(
        with_torch(GTX_960M, "2.8.0+cu126", os="windows"), "voxcpm-0.5b", "gpu-fp32"
    )
    gate = blocked(judged, "torch-no-kernels")
    assert cure(gate) == (
        "pip install torch==2.14.1 torchaudio==2.11.0"
        " --index-url https://download.pytorch.org/whl/cu126"
    )


def test_an_old_driver_does_not_make_an_old_wheel_the_last_for_the_card() -> None:
    machine = desktop(GTX_960M + ', driver: "512.15"', os="windows")
    gate = gates(verdict_on(machine, "voxcpm-0.5b", "gpu-fp32"), "software")[0]
    assert "2.7.1+cu118 is the last" not in english(gate)


def test_p100_with_a_cu128_torch_has_no_kernels_and_is_given_a_cu126_build() -> None:
    machine = with_torch("name: Tesla P100-PCIE-16GB", "2.8.0+cu128")
    gate = blocked(verdict_on(machine, "voxcpm-0.5b", "gpu-fp32"), "torch-no-kernels")
    assert english(gate) == (
        "torch 2.8.0+cu128 is installed but has no kernels for Tesla P100-PCIE-16GB (6.0)."
    )
    assert cure(gate).endswith("/whl/cu126")
    assert "torch==2.14.1 " in cure(gate)


def test_gtx_1060_has_the_pinned_wheel_of_indextts_on_windows_and_not_on_linux() -> None:
    card = "name: NVIDIA GeForce GTX 1060 6GB"
    windows = verdict_on(desktop(card, os="windows"), "indextts-2", "gpu-fp16")
    gate = gates(windows, "software")[0]
    assert (gate.status, gate.text.id) == ("pass", "torch-for-card")
    assert english(gate).startswith("torch 2.8.0+cu128 has kernels for compute capability 6.1")
    assert windows.verdict != "no"
    linux = verdict_on(desktop(card), "indextts-2", "gpu-fp16")
    assert english(blocked(linux, "wheel-none-pinned")) == (
        "The project pins PyTorch cu128, which has no kernels for NVIDIA GeForce GTX 1060 6GB"
        " (6.1) on linux-x86_64; the newest build that has them: 2.14.1+cu126."
    )
    for platform, status in ((WINDOWS, "ok"), (LINUX, "no_kernels")):
        assert judge_installed(torch="2.8.0+cu128", platform=platform, cc="6.1").status == status


def test_v100_with_a_cu130_torch_has_no_kernels() -> None:
    machine = with_torch("name: Tesla V100-PCIE-16GB", "2.11.0+cu130")
    gate = blocked(verdict_on(machine, "voxcpm-0.5b", "gpu-fp32"), "torch-no-kernels")
    assert "(7.0)" in english(gate) and cure(gate).endswith("/whl/cu126")


@pytest.mark.parametrize("os", ["linux", "windows"])
@pytest.mark.parametrize("card", ["GTX 980", "GTX 960M"])
def test_maxwell_cannot_run_the_official_indextts(os: str, card: str) -> None:
    machine = desktop(f"name: NVIDIA GeForce {card}", os=os)
    gate = blocked(verdict_on(machine, "indextts-2", "gpu-fp16"), "wheel-none-pinned")
    assert "newest build that has them: 2.14.1+cu126" in english(gate)


def test_nano_vllm_needs_ampere() -> None:
    turing = verdict_on(desktop("name: NVIDIA GeForce RTX 2080 Ti"), "voxcpm-0.5b", "nano-vllm")
    gate = blocked(turing, "software-cc")
    assert english(gate) == (
        "Needs compute capability 8.0 or newer; NVIDIA GeForce RTX 2080 Ti has 7.5."
    )
    ampere = verdict_on(desktop("name: NVIDIA GeForce RTX 3090"), "voxcpm-0.5b", "nano-vllm")
    assert all(gate.status != "fail" for gate in gates(ampere, "software"))


# ---- Blackwell --------------------------------------------------------------------------------


@pytest.mark.parametrize(("os", "index"), [("linux", None), ("windows", "cu130")])
def test_rtx_5060_with_a_cu124_torch_has_no_kernels_and_is_given_a_newer_cuda(
    os: str, index: str | None
) -> None:
    card = "name: NVIDIA GeForce RTX 5060, vram: 8GiB"
    judged = verdict_on(with_torch(card, "2.6.0+cu124", os=os), "voxcpm-0.5b", "gpu-bf16")
    command = cure(blocked(judged, "torch-no-kernels"))
    assert command.startswith("pip install torch==2.14.1 ")  # plain PyPI on Linux: cu130
    assert command.endswith(f"/whl/{index}" if index else "torchaudio==2.11.0")


def test_gb10_with_unknown_memory_is_unknown_and_says_which_fact_is_missing() -> None:
    machine = recorded("gpu-gb10")
    judged = verdict_on(machine, "voxcpm-0.5b", "gpu-bf16")
    assert (judged.verdict, judged.limit, judged.confidence) == ("unknown", "memory", "low")
    gate = gate_with(judged, "vram-unknown")
    assert english(gate).endswith("how much NVIDIA GB10 has is not known.")
    assert machine.unknown["gpus[0].vram_total_bytes"]
    wheel = gates(judged, "software")[0]
    assert english(wheel) == (
        "torch 2.14.1+cu130 has kernels for compute capability 12.1; driver 580 or newer."
    )


# ---- drivers ----------------------------------------------------------------------------------

RTX_4090 = 'name: NVIDIA GeForce RTX 4090, driver: "470.256.02"'
RTX_3090_OLD = 'name: NVIDIA GeForce RTX 3090, driver: "470.256.02"'


def test_driver_470_is_too_old_for_the_pinned_wheel() -> None:
    gate = blocked(verdict_on(desktop(RTX_3090_OLD), "indextts-2", "gpu-fp16"), "wheel-driver")
    assert english(gate) == (
        "Driver 470.256.02 is too old for every PyTorch build in question: 525.60.13 or newer."
    )
    assert cure(gate) == "Install NVIDIA driver 525.60.13 or newer."


def test_driver_470_is_too_old_for_the_installed_wheel() -> None:
    judged = verdict_on(with_torch(RTX_3090_OLD, "2.8.0+cu128"), "voxcpm-0.5b", "gpu-bf16")
    gate = blocked(judged, "torch-driver")
    assert english(gate) == (
        "torch 2.8.0+cu128 needs driver 525.60.13 or newer; 470.256.02 is installed."
    )
    assert cure(gate).startswith("Install NVIDIA driver 525.60.13 or newer, or a torch for this")
    assert "torch==2.7.1 " in cure(gate) and cure(gate).endswith("/whl/cu118")


@pytest.mark.parametrize("software", ["", 'python: "3.11", torch: 2.8.0+cu128'])
@pytest.mark.parametrize("mode", ["gpu-bf16", "vllm", "gguf-gpu-q8"])
def test_driver_470_is_older_than_a_4090(software: str, mode: str) -> None:
    judged = verdict_on(desktop(RTX_4090, software=software), "voxcpm-2", mode)
    gate = blocked(judged, "gpu-driver")
    assert english(gate) == (
        "Driver 470.256.02 is older than NVIDIA GeForce RTX 4090: 520 was the first to know it."
    )
    assert cure(gate) == "Install NVIDIA driver 520 or newer."


def test_driver_470_runs_cu118_where_the_project_lets_it() -> None:
    card = "name: NVIDIA GeForce RTX 3090, driver: '470.256.02'"
    gate = gates(verdict_on(desktop(card), "voxcpm-0.5b", "gpu-bf16"), "software")[0]
    assert (gate.status, gate.text.values["build"]) == ("pass", "2.7.1+cu118")
    newer = newest_wheel(
        vendor="nvidia", cc="8.6", platform=LINUX, driver="470.256.02", torch_min="2.8"
    )
    assert isinstance(newer, NoWheel)
    assert (newer.reason, newer.params["floor"]) == ("driver_too_old", "525.60.13")


def test_driver_470_does_not_drive_a_4090() -> None:
    assert verdict_on(desktop(RTX_4090), "voxcpm-0.5b", "gpu-bf16").verdict == "no"


def test_a_linux_driver_inside_wsl_is_found_by_the_checkup() -> None:
    machine = replace(desktop(RTX_3060), settings={"wsl_driver": "libcuda.so.535.183.01"})
    found = {finding.id: finding for finding in checkup(machine, SUBJECTS).findings}
    finding = found["wsl-driver"]
    assert finding.level == "risk"
    assert say(finding.text, "en") == (
        "A Linux NVIDIA driver is installed inside WSL (libcuda.so.535.183.01)."
    )
    assert "apt purge" in str(finding.command) and finding.source
    plain = checkup(desktop(RTX_3060), SUBJECTS).findings
    assert "wsl-driver" not in {finding.id for finding in plain}


# ---- AMD, Intel, Apple, Jetson ----------------------------------------------------------------


@pytest.mark.parametrize("torch", ["2.14.1+cu130", "2.14.1"])
def test_rx_7900_xtx_with_a_cuda_torch_would_run_on_the_cpu(torch: str) -> None:
    machine = profile("desktop-rx-7900-xtx-24gb", f'python: "3.11", torch: "{torch}"')
    gate = blocked(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "torch-wrong-vendor")
    assert english(gate) == (
        f"torch {torch} is built for another maker's GPUs and would run on the CPU."
    )
    assert cure(gate) == (
        "pip install torch==2.11.0 torchaudio==2.11.0"
        " --index-url https://download.pytorch.org/whl/rocm7.2"
    )


def test_rx_7900_xtx_with_a_cuda_torch_on_windows_is_told_where_builds_are() -> None:
    machine = with_torch("name: AMD Radeon RX 7900 XTX", "2.14.1+cu130", os="windows")
    gate = blocked(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "torch-wrong-vendor")
    assert gate.remedy is not None


def test_arc_a770_is_refused_by_voxcpm_and_a_warning_for_indextts() -> None:
    machine = profile("desktop-arc-a770-16gb")
    gate = blocked(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "software-vendor")
    assert english(gate) == (
        "This program has no code for Intel(R) Arc(TM) A770 Graphics: "
        "it runs on NVIDIA, AMD, Apple."
    )
    judged = verdict_on(machine, "indextts-2", "gpu-fp16")
    gate = gate_with(judged, "wheel-xpu")
    assert (gate.status, judged.verdict) == ("warn", "slow")
    assert cure(gate) == "pip install torch --index-url https://download.pytorch.org/whl/xpu"


def test_m4_on_macos_13_is_given_the_last_torch_for_it() -> None:
    gate = gates(verdict_on(m4("13.6"), "voxcpm-0.5b", "gpu-fp32"), "software")[0]
    assert english(gate) == "To install: torch 2.11.0+mps."
    new = gates(verdict_on(m4("14.5"), "voxcpm-0.5b", "gpu-fp32"), "software")[0]
    assert english(new) == f"To install: torch {NEWEST}+mps."
    no = newest_wheel(vendor="apple", platform="macos-arm64", macos="13.6", torch_min="2.12")
    assert isinstance(no, NoWheel)
    assert (no.reason, no.params["macos_min"]) == ("macos", "14.0")


@pytest.mark.parametrize(
    ("torch", "macos", "status"),
    [
        ("2.12.0", "13.6", "macos_too_old"),
        ("2.11.0", "13.6", "ok"),
        ("2.12.0", "14", "ok"),
        ("2.12.0", "15.1", "ok"),
        ("2.12.0", None, "ok"),
    ],
)
def test_an_installed_torch_that_needs_macos_14(torch: str, macos: str | None, status: str) -> None:
    found = judge_installed(torch=torch, platform="macos-arm64", vendor="apple", macos=macos)
    assert found.status == status
    assert found.macos_min == ("14.0" if status == "macos_too_old" else None)


@pytest.mark.parametrize("mode", ["gpu-fp32", "cpu-fp32"])
def test_m4_on_macos_13_with_torch_2_12_is_told_that_the_wheel_needs_macos_14(mode: str) -> None:
    gate = blocked(verdict_on(m4("13.6", "2.12.0"), "voxcpm-0.5b", mode), "torch-macos")
    assert english(gate) == "torch 2.12.0 needs macOS 14.0 or newer."
    assert cure(gate) == "pip install torch==2.11.0 torchaudio==2.11.0"
    fine = verdict_on(m4("14.5", "2.12.0"), "voxcpm-0.5b", mode)
    assert gates(fine, "software")[0].status == "pass"


def test_a_torch_that_runs_on_a_mac_is_told_without_a_question_mark() -> None:
    gate = gates(verdict_on(m4("15.1", "2.12.0"), "voxcpm-0.5b", "gpu-fp32"), "software")[0]
    assert gate.status == "pass" and "?" not in english(gate)


def test_mlx_runs_on_apple_silicon_only() -> None:
    for os in ("linux", "windows"):
        machine = desktop("name: NVIDIA GeForce RTX 3060, vram: 12GiB", os=os)
        gate = blocked(verdict_on(machine, "voxcpm-0.5b", "mlx"), "software-os")
        assert english(gate).startswith("Runs on macOS, not on ")
    old = blocked(verdict_on(m4("13.6"), "voxcpm-0.5b", "mlx"), "software-macos")
    assert cure(old) == "Update macOS to 14.0."


@pytest.mark.parametrize("name", ["jetson-orin-nano-8gb", "jetson-agx-orin-64gb"])
def test_desktop_wheels_do_not_run_on_a_jetson_orin(name: str) -> None:
    gate = gate_with(verdict_on(profile(name), "voxcpm-0.5b", "gpu-bf16"), "wheel-elsewhere")
    assert gate.status == "warn" and "JetPack" in english(gate)
    pinned = blocked(verdict_on(profile(name), "indextts-2", "gpu-fp16"), "wheel-none")
    assert "(8.7)" in english(pinned)
    installed = profile(name, 'python: "3.10", torch: 2.14.1+cu130')
    gate = blocked(verdict_on(installed, "voxcpm-0.5b", "gpu-bf16"), "torch-no-kernels")
    assert cure(gate).startswith("No official PyTorch wheel serves it; builds exist elsewhere")


# ---- Python and CPU builds --------------------------------------------------------------------


def test_python_3_13_with_voxcpm_installed_on_it_is_a_warning() -> None:
    machine = desktop(RTX_3060, software='python: "3.13", voxcpm: 2.0.3')
    gate = gate_with(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "software-python-tried")
    assert gate.status == "warn"
    assert english(gate) == (
        "Python 3.13 is outside 3.10–3.12, which the project supports; it is installed all the "
        "same."
    )
    assert cure(gate) == "Make the environment with Python 3.12."


def test_python_3_13_with_torch_waiting_for_voxcpm_is_no() -> None:
    environment = desktop(RTX_3060, software='python: "3.13", torch: 2.14.1')
    gate = blocked(verdict_on(environment, "voxcpm-0.5b", "gpu-bf16"), "software-python")
    assert english(gate) == "Python 3.13 is outside 3.10–3.12, for which the packages exist."
    assert cure(gate) == "Make the environment with Python 3.12."


def test_python_3_13_with_nothing_installed_is_a_warning() -> None:
    judged = verdict_on(desktop(RTX_3060, software='python: "3.13"'), "voxcpm-0.5b", "gpu-bf16")
    gate = gate_with(judged, "software-python-other")
    assert (judged.verdict, gate.status) == ("good", "warn")
    assert cure(gate) == "Make the environment with Python 3.12."


@pytest.mark.parametrize("torch", ["2.14.1", "2.14.1+cpu", "2.8.0"])
def test_windows_torch_of_plain_pypi_is_for_the_cpu_and_the_cure_names_an_index(torch: str) -> None:
    judged = verdict_on(with_torch(RTX_3060, torch, os="windows"), "voxcpm-0.5b", "gpu-bf16")
    gate = blocked(judged, "torch-cpu-build")
    assert english(gate) == (
        f"torch {torch} is a CPU build: NVIDIA GeForce RTX 3060 would stay unused."
    )
    assert cure(gate).endswith(" --index-url https://download.pytorch.org/whl/cu130")
    plain = newest_wheel(vendor="nvidia", cc="8.6", platform=WINDOWS)
    assert isinstance(plain, WheelChoice) and plain.index_url is not None


def test_the_cure_of_a_cpu_build_of_the_same_version_on_linux_replaces_it() -> None:
    judged = verdict_on(with_torch(RTX_3060, "2.14.1+cpu"), "voxcpm-0.5b", "gpu-bf16")
    command = cure(blocked(judged, "torch-cpu-build"))
    assert "--force-reinstall" in command or "torch==2.14.1+cu" in command


def test_the_cure_of_a_cpu_build_replaces_its_torchaudio_too() -> None:
    machine = with_torch(RTX_3060, "2.14.1+cpu", os="windows", more=", torchaudio: 2.11.0+cpu")
    command = cure(blocked(verdict_on(machine, "voxcpm-0.5b", "gpu-bf16"), "torch-cpu-build"))
    assert "--force-reinstall" in command or "torchaudio==2.11.0+cu130" in command


# ---- newer than the table ---------------------------------------------------------------------

TOO_NEW = [
    "9.9.0",
    "9.9.0+cu130",
    "2.14.7+cu130",  # a patch release
    "2.14.1+cu140",  # a CUDA
    "2.13.0+cu128",  # a build that the release does not have
    "2.15.0+cu134",  # only in a third-party pin
    "2.14.1+cu130.nv26.10",
]


@pytest.mark.parametrize("torch", TOO_NEW)
@pytest.mark.parametrize("os", ["linux", "windows"])
def test_a_torch_that_the_table_lacks_is_unknown_and_never_a_yes(torch: str, os: str) -> None:
    judged = verdict_on(with_torch(RTX_3060, torch, os=os), "voxcpm-0.5b", "gpu-bf16")
    gate = gate_with(judged, "torch-unknown")
    assert (judged.verdict, judged.limit, gate.status) == ("unknown", "software", "unknown")
    assert english(gate) == (
        f"It is not known whether torch {torch} has kernels for NVIDIA GeForce RTX 3060 (8.6); "
        f"the newest torch that vcf knows is {NEWEST}."
    )
    assert "torch==2.14.1" in cure(gate)
    platform = WINDOWS if os == "windows" else LINUX
    assert judge_installed(torch=torch, platform=platform, cc="8.6").status == "unknown"


@pytest.mark.parametrize("torch", ["9.9.0", "9.9.0+cu130"])
def test_a_torch_newer_than_the_table_is_told_with_the_newest_known_row(torch: str) -> None:
    judged = verdict_on(with_torch(RTX_3060, torch), "voxcpm-0.5b", "gpu-bf16")
    assert NEWEST in english(gate_with(judged, "torch-unknown"))


# ---- a torch newer than the one a project pins --------------------------------------------------


def indextts(torch: str, gpu: str = RTX_3060) -> Assessment:
    """IndexTTS-2 in an environment that is its own, with another torch."""
    return verdict_on(
        with_torch(gpu, torch, more=', indextts: "2.0.0", torchaudio: 2.11.0'),
        "indextts-2", "gpu-fp16",
    )  # fmt: skip


def test_a_torch_newer_than_the_pinned_one_is_a_warning() -> None:
    judged = indextts("2.11.0+cu128")
    gate = gate_with(judged, "torch-pinned")
    assert (gate.status, gate.have, gate.need) == ("warn", "2.11.0+cu128", "< 2.9")
    assert gate.remedy is None
    assert judged.verdict in ("good", "slow")
    for lang in ("en", "zh"):
        assert "{" not in say(gate.text, lang) and "2.11.0+cu128" in say(gate.text, lang)
    pinned = gates(indextts("2.8.0+cu128"), "software")[0]
    assert (pinned.status, pinned.text.id) == ("pass", "torch-runs")


def test_a_newer_torch_must_still_have_kernels_for_the_card() -> None:
    judged = indextts("2.11.0+cu130", "name: NVIDIA GeForce GTX 1080, vram: 8GiB")
    assert (judged.verdict, judged.limit) == ("no", "software")
    assert gate_with(judged, "torch-no-kernels").status == "fail"
    assert gate_with(indextts("2.11.0+cpu"), "torch-cpu-build").status == "fail"


@pytest.mark.parametrize("model", ["indextts-2", "indextts-2.5"])
def test_on_the_processor_a_newer_torch_is_a_warning_too(model: str) -> None:
    machine = with_torch("", "2.11.0+cpu", more=', indextts: "2.0.0"')
    judged = verdict_on(machine, model, "cpu-fp32")
    assert gate_with(judged, "torch-pinned").status == "warn"
    assert judged.verdict == "slow"


def test_where_no_newer_one_is_known_to_work_it_is_refused() -> None:
    judged = verdict_on(with_torch(RTX_3060, "2.11.0+cu128"), "indextts-1.5", "gpu-fp16")
    gate = gate_with(judged, "torch-new")
    assert (judged.verdict, gate.status) == ("no", "fail")
    assert gate.remedy is not None
