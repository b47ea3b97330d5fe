"""``vcf doctor``'s findings: which, how grave, what they stop; never at odds with ``vcf check``."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import GB, GIB, SUBJECTS, desktop, machine_of, machines
from msgspec.structs import replace

from vcf.judge.assess import judge
from vcf.judge.checkup import Checkup, checkup, relevant
from vcf.judge.context import Context
from vcf.judge.deep import LONGEST
from vcf.judge.finding import Finding
from vcf.judge.gather import EFFECTS
from vcf.judge.model import Message
from vcf.judge.packages import triton_command
from vcf.judge.subject import Subject, own_package
from vcf.judge.surroundings import RULES, surroundings
from vcf.machine.host import ReplayHost
from vcf.machine.model import Disk, Machine, Unmet
from vcf.machine.probe import probe
from vcf.views.texts import TEXTS
from vcf.views.words import say

RECORDED = Path(__file__).parent.parent / "machines"
GRAVITY = ("stops", "unknown", "risk", "notice", "ok")
BY_NAME = {f"{s.model_id}:{s.mode_id}": s for s in SUBJECTS}
RTX = "name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: '570.133'"
FITS = 'python: "3.11.7", torch: 2.8.0+cu126, torchaudio: 2.8.0+cu126, voxcpm: "2.0.3"'
ON_CPU = FITS.replace("cu126", "cpu")
ELSEWHERE = ("missing", "disk", "hardware", "driver-mismatch")
"""Findings that stop modes and are no gate of the software."""


def recorded(case: str, software: str) -> Machine:
    """A recorded machine with other software than it had."""
    text = (RECORDED / case / "raw.yaml").read_text(encoding="utf-8")
    machine = probe(ReplayHost(yaml.load(text, yaml.CSafeLoader)["answers"]))
    return replace(machine, software=yaml.safe_load(f"{{{software}}}"))


def of(*names: str) -> list[Subject]:
    """The subjects of models (``voxcpm-2``) and modes (``voxcpm-2:mlx``)."""
    return [s for name, s in BY_NAME.items() if name in names or s.model_id in names]


NO_CURE = ("hardware", "torch-wrong-vendor", "torch-no-kernels", "torch-old", "torch-new",
           "torch-cpu-build", "audio-torch", "audio-cuda", "audio-cuda-cpu")  # fmt: skip
"""Has none, or has none where no official wheel serves the machine at all."""


def checked(checkup: Checkup) -> Checkup:
    """Whatever the findings are, they hold together and can be said."""
    levels = [GRAVITY.index(finding.level) for finding in checkup.findings]
    assert levels == sorted(levels)
    for finding in checkup.findings:
        assert (finding.level == "stops") == bool(finding.modes), finding
        assert set(finding.modes) <= set(BY_NAME)
        assert len(set(finding.modes)) == len(finding.modes)
        assert finding.command is None or finding.remedy is None, finding
        if finding.level == "stops" and finding.id not in NO_CURE:
            assert finding.command or finding.remedy, finding
        for text in (finding.text, finding.effect, finding.remedy):
            if text is not None:
                spoken(text)
    stops = any(finding.level == "stops" for finding in checkup.findings)
    assert (checkup.exit_code == 1) == stops == bool(checkup.stopped)
    if not stops:
        unsure = any(finding.level == "unknown" for finding in checkup.findings)
        assert checkup.exit_code == (3 if unsure else 0)
    return checkup


def spoken(text: Message) -> None:
    for lang in ("en", "zh"):
        words = say(text, lang)
        assert words.strip(), text
        assert "{" not in words, text
    assert say(text, "en") != say(text, "zh") or TEXTS[text.id][0] == TEXTS[text.id][1]


def examine(machine: Machine, *names: str, **more: Any) -> Checkup:
    return checked(checkup(machine, of(*names) if names else SUBJECTS, **more))


def finding(given: Checkup, id: str) -> Finding:
    found = [f for f in given.findings if f.id == id]
    assert len(found) == 1, [f.id for f in given.findings]
    return found[0]


def ids(given: Checkup, *levels: str) -> list[str]:
    return [f.id for f in given.findings if not levels or f.level in levels]


# ---- never at odds with check -----------------------------------------------------------------

versions = st.sampled_from(["2.4.1+cpu", "2.8.0+cu128", "2.8.0", "2.11.0+cu130", "2.13.0+cpu",
                            "2.13.0+cu130", "2.14.1+cu126", "2.15.0", "2.11.0+rocm7.2", "main",
                            "2.13.0a0+git1234567"])  # fmt: skip
software_tables = st.fixed_dictionaries(
    {"python": st.sampled_from(["3.10.2", "3.11.9", "3.13.1", "three"])},
    optional={
        "torch": versions,
        "torchaudio": versions,
        "torchcodec": st.sampled_from([None, "0.7.0", "0.9.1", "0.16.0+cu130", "rubbish"]),
        "ffmpeg": st.sampled_from([None, "6.1", "installed", "8.0"]),
        "triton": st.sampled_from([None, "3.4.0"]),
        "voxcpm": st.sampled_from(["1.0.0", "1.5.0", "2.0.3", "dev"]),
        "indextts": st.sampled_from(["1.5.0", "2.0.0"]),
        "mlx-audio": st.sampled_from(["0.4.0", "0.4.4"]),
        "onnxruntime": st.just("1.22.0"),
        "vllm": st.just("0.19.0"),
        "pynvml": st.just("12.0.0"),
    },
)
values = st.sampled_from(["", "0", "1", "-1", "0,1", "true", "bf16", "https://hf-mirror.com",
                          "hf-mirror.com", "\x1b[31m", "9" * 300])  # fmt: skip
settings_tables = st.dictionaries(
    st.sampled_from(
        ["CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "HSA_OVERRIDE_GFX_VERSION",
         "HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE", "VOXCPM_MPS_DTYPE",
         "TORCHDYNAMO_DISABLE", "OMP_NUM_THREADS", "wsl_driver", "long_paths"]
    ),
    values | st.sampled_from(["on", "off"]),
)  # fmt: skip
devices = st.fixed_dictionaries(
    {}, optional={"name": st.just("Card"), "cc": st.sampled_from([None, "5.0", "8.6", "x", "?"]),
                  "gfx": st.sampled_from([None, "gfx1100"])},
)  # fmt: skip
imports = st.one_of(
    st.just("rubbish"), st.builds(lambda v: {"version": v}, versions), st.just({"error": "no\x1b"})
)
answers = st.none() | st.fixed_dictionaries(
    {},
    optional={
        "error": st.sampled_from(["No module named 'torch'", "no answer in 60 s"]),
        "torch": versions,
        "cuda": st.sampled_from([None, "12.8"]),
        "available": st.sampled_from([True, False, {"error": "x"}]),
        "devices": st.lists(devices | st.just(None), max_size=2) | st.just({"error": "x"}),
        "arch_list": st.sampled_from([[], ["sm_86"], ["sm_90", "compute_90"], {"error": "x"}]),
        "imports": st.just("x") | st.dictionaries(
            st.sampled_from(["torchaudio", "torchcodec", "voxcpm", "indextts"]), imports),
    },
)  # fmt: skip
conflicts = st.lists(
    st.builds(Unmet, package=st.just("voxcpm"), version=st.just("2.0.3"),
              requirement=st.just("numpy<2.4"), have=st.sampled_from([None, "2.4.1"]),
              root=st.sampled_from(["voxcpm", "torch"])),
    max_size=2,
)  # fmt: skip


@st.composite
def environments(draw: st.DrawFn) -> Machine:
    """Any machine with any software and settings."""
    machine = draw(machines())
    if draw(st.booleans()):
        machine = replace(machine, software=draw(software_tables))
    machine = replace(machine, settings=draw(st.none() | settings_tables))
    if draw(st.integers(0, 4)) == 0:
        reason = "NVML: LibRmVersionMismatch: restart the computer"
        machine = replace(machine, unknown={**machine.unknown, "gpus[0].driver": reason})
    if machine.gpus and draw(st.integers(0, 4)) == 0:
        hidden = replace(machine.gpus[0], hidden_by="CUDA_VISIBLE_DEVICES=-1")
        machine = replace(machine, gpus=[hidden, *machine.gpus[1:]])
    return machine


@settings(max_examples=40)
@given(environments(), st.booleans())
def test_what_is_stopped_is_what_check_calls_no(machine: Machine, named: bool) -> None:
    given_ = checked(checkup(machine, SUBJECTS, named=named))
    drivers = {f"gpus[{i}].driver": "new" for i in range(len(machine.gpus or ()))}
    gpus = [replace(gpu, driver=None) for gpu in machine.gpus or ()]
    bare = Context(
        replace(
            machine, software=None, disk=Disk(), gpus=machine.gpus and gpus,
            unknown={**machine.unknown, **drivers},
        )
    )  # fmt: skip
    here = Context(machine)
    for found in given_.findings:
        if found.id in ELSEWHERE:
            continue
        for name in found.modes:
            assert judge(here, BY_NAME[name]).verdict == "no", (found.id, name)
            assert judge(bare, BY_NAME[name]).verdict != "no", (found.id, name)
    for name in given_.examined:
        now = judge(here, BY_NAME[name])
        assert judge(bare, BY_NAME[name]).verdict != "no", name
        if (now.verdict, now.limit) == ("no", "software"):
            assert name in given_.stopped, name


@settings(max_examples=40)
@given(environments(), answers, conflicts, st.booleans())
def test_whatever_is_found_can_be_said(
    machine: Machine, deep: dict[str, Any] | None, unmet: list[Unmet], named: bool
) -> None:
    given_ = checkup(machine, SUBJECTS, named=named, deep=deep, conflicts=unmet)
    checked(given_)
    assert given_.machine is machine
    assert {f.id for f in given_.findings if f.id.startswith(("doctor-", "effect-"))} == set()


def test_every_effect_has_words() -> None:
    for text, effect in EFFECTS.items():
        assert text in TEXTS, text
        assert effect in TEXTS, effect


# ---- what is examined -------------------------------------------------------------------------


def test_nothing_installed() -> None:
    for software in ("", 'python: "3.11.7"', "torch: null"):
        given_ = examine(desktop(RTX, software=software))
        assert (given_.exit_code, given_.examined, given_.stopped) == (3, (), ())
        nothing = finding(given_, "nothing")
        assert nothing.level == "unknown"
        assert nothing.text.id == "doctor-nothing"
        assert "software:" in say(nothing.effect, "en")  # of a machine file
    probed = replace(desktop(RTX), sources={"software.python": "running Python"})
    assert "--python" in say(finding(examine(probed), "nothing").effect, "en")


def test_a_model_asked_for_that_is_not_installed() -> None:
    given_ = examine(desktop(RTX), "voxcpm-2:gpu-bf16", "voxcpm-2:cpu-fp32", named=True)
    assert given_.exit_code == 1
    missing = finding(given_, "missing")
    assert missing.level == "stops"
    assert missing.text.values["names"] == "torch, voxcpm"
    assert set(missing.modes) == {"voxcpm-2:cpu-fp32", "voxcpm-2:gpu-bf16"}
    assert given_.stopped == missing.modes
    assert given_.examined == ("voxcpm-2:cpu-fp32", "voxcpm-2:gpu-bf16")  # catalogue's order
    assert "vcf check voxcpm-2:gpu-bf16 -v" in say(missing.remedy, "en")


def test_half_installed_is_only_worth_a_note_unless_it_was_asked_for() -> None:
    machine = desktop(RTX, software='python: "3.11.7", torch: 2.8.0+cu126')
    given_ = examine(machine)
    assert given_.exit_code == 0
    missing = finding(given_, "missing")
    assert (missing.level, missing.text.values["names"]) == ("notice", "voxcpm")
    assert missing.modes == ()
    asked = examine(machine, "voxcpm-2", named=True)
    levels = {f.text.values["names"]: f.level for f in asked.findings if f.id == "missing"}
    assert levels["voxcpm"] == "stops"


def test_what_runs_outside_of_python_is_not_looked_at() -> None:
    machine = desktop(RTX, software=FITS)
    for named in (False, True):
        chosen = relevant(SUBJECTS, machine, named=named)
        assert not [s for s in chosen if s.mode_id.startswith("gguf") or s.mode_id == "online"]
    assert relevant(of("voxcpm-2:gguf-gpu-q8", "voxcpm-2:online"), machine, named=True) == []


def test_a_project_with_its_own_environment_counts_where_it_is_installed() -> None:
    plain = desktop(RTX, software=FITS)
    assert not [m for m in examine(plain).examined if m.startswith("indextts")]
    there = desktop(RTX, software='python: "3.11.7", torch: 2.8.0+cu128, indextts: "2.0.0"')
    found = [m for m in examine(there).examined if m.startswith("indextts")]
    assert "indextts-2:gpu-fp16" in found
    assert "indextts-2:cpu-fp32" in found


def test_a_package_without_its_torch_stops_its_modes() -> None:
    """Its own package is there, so somebody means to run it."""
    given_ = examine(desktop(RTX, software='python: "3.11.7", voxcpm: "2.0.3"'), *ALL)
    found = finding(given_, "missing")
    assert (found.level, found.text.values["names"], given_.exit_code) == ("stops", "torch", 1)
    assert set(found.modes) == ALL
    assert own_package(BY_NAME["voxcpm-2:gpu-bf16"]) == "voxcpm"
    assert own_package(BY_NAME["indextts-1.5:cpu-fp32"]) is None


def test_what_was_asked_for_decides() -> None:
    """A model brings its plain installs, a mode itself, however hard to install."""
    machine = desktop(RTX)

    def chosen(**asked: Any) -> set[str]:
        return {s.name for s in relevant(of("voxcpm-2", "indextts-2"), machine, **asked)}

    assert chosen(named=False) == set()
    own = {"indextts-2:gpu-fp16", "indextts-2:gpu-fp32", "indextts-2:gpu-fp16-deepspeed"}
    assert chosen(named=True) - {"indextts-2:mlx"} == ALL | {"voxcpm-2:mlx"} | own
    hard = {"voxcpm-2:nano-vllm", "indextts-2:gpu-fp16", "voxcpm-2:gguf-gpu-q8"}
    assert chosen(named=False, modes=hard) == {"voxcpm-2:nano-vllm", "indextts-2:gpu-fp16"}


def test_hardware_that_does_not_run_what_was_asked_for() -> None:
    given_ = examine(desktop(ram="total: 2GiB"), "voxcpm-2:cpu-fp32", named=True)
    found = finding(given_, "hardware")
    assert (found.level, found.modes) == ("stops", ("voxcpm-2:cpu-fp32",))
    assert (given_.exit_code, given_.examined) == (1, ())
    assert "missing" not in ids(given_)  # installing it would not help


def test_hardware_that_runs_nothing() -> None:
    small = machine_of(
        "os: linux\ncpu: {cores: 2, isa: [avx2]}\nmemory: {total: 1GiB}\ngpus: []\n"
        f"disk: {{total: 100GB, free: 50GB}}\nsoftware: {{{ON_CPU}}}"
    )
    given_ = examine(small)
    assert (given_.exit_code, given_.examined, given_.stopped) == (0, (), ())
    assert finding(given_, "hardware").level == "notice"
    broken = replace(small, software={**small.software, "torchaudio": "2.8.0+cu128"})
    given_ = examine(broken)
    assert given_.exit_code == 0
    # known to be wrong, but nothing would run here without it either
    assert (finding(given_, "audio-cuda-cpu").level, given_.stopped) == ("notice", ())


def test_a_system_that_runs_nothing_is_not_laid_to_the_hardware() -> None:
    given_ = examine(
        desktop(RTX, os="windows"), "voxcpm-2:vllm", named=True, modes={"voxcpm-2:vllm"}
    )
    assert "this hardware" not in say(finding(given_, "hardware").text, "en")


# ---- the software gate turned round -----------------------------------------------------------


def test_all_is_well() -> None:
    given_ = examine(desktop(RTX, software=FITS), "voxcpm-2")
    assert given_.exit_code == 0
    assert set(ids(given_)) == {"torch-installed", "torch-runs"} | set(ids(given_, "notice"))
    assert given_.stopped == ()
    assert "voxcpm-2:gpu-bf16" in given_.examined
    assert "voxcpm-2:cpu-fp32" in given_.examined


CPU_MODES = {"voxcpm-2:cpu-fp32", "voxcpm-2:cpu-bf16"}
GPU_MODES = {"voxcpm-2:gpu-fp32", "voxcpm-2:gpu-fp16", "voxcpm-2:gpu-bf16"}
ALL = CPU_MODES | GPU_MODES
FAULTS = {
    "software-python": (FITS.replace("3.11.7", "3.9.1"), ALL, "effect-python"),
    "torch-old": (FITS.replace("2.8.0", "2.4.1"), ALL, "effect-torch-range"),
    "torch-cpu-build": (ON_CPU, GPU_MODES, "effect-on-cpu"),
    "torch-wrong-vendor": (FITS.replace("cu126", "rocm6.3"), GPU_MODES, "effect-on-cpu"),
    "package-version": (FITS.replace("2.0.3", "1.0.0"), ALL, "effect-package"),
    "audio-torch": (FITS.replace("torch: 2.8.0", "torch: 2.13.0"), ALL, "effect-import"),
    "audio-cuda": (FITS.replace("audio: 2.8.0+cu126", "audio: 2.8.0+cu128"), ALL, "effect-import"),
}


@pytest.mark.parametrize("id", FAULTS)
def test_faults_that_stop(id: str) -> None:
    software, modes, effect = FAULTS[id]
    given_ = examine(desktop(RTX, software=software), *ALL)
    assert given_.exit_code == 1
    found = finding(given_, id)
    assert (found.level, set(found.modes), found.effect.id) == ("stops", modes, effect)
    assert set(given_.stopped) == modes
    assert set(given_.examined) == ALL
    assert found.source
    if id == "software-python":
        assert (found.command, found.remedy.id) == (None, "remedy-python")
    else:
        assert found.command.startswith("pip install ")
        assert found.remedy is None


def test_a_cpu_build_stops_no_cpu_mode() -> None:
    given_ = examine(desktop(RTX, software=ON_CPU), *CPU_MODES)
    assert (given_.exit_code, given_.stopped) == (0, ())
    assert ids(given_) == ["torch-installed"]


def test_no_kernels_for_an_old_card() -> None:
    old = "name: NVIDIA GeForce GTX 960M, vram: 4GiB, driver: '570.133'"
    given_ = examine(desktop(old, software=FITS.replace("cu126", "cu128")), "voxcpm-0.5b")
    found = finding(given_, "torch-no-kernels")
    assert found.level == "stops"
    assert "voxcpm-0.5b:gpu-bf16" in found.modes
    assert "no kernel image" in say(found.effect, "en")
    assert "cu126" in found.command


def test_the_driver_is_too_old() -> None:
    newer = 'python: "3.11.7", torch: 2.13.0+cu130, torchaudio: 2.11.0+cu130, voxcpm: "2.0.3"'
    machine = desktop(RTX.replace("570.133", "535.161.07"), software=newer)
    found = finding(examine(machine, *ALL), "torch-driver")
    assert (found.level, set(found.modes)) == ("stops", GPU_MODES)
    assert (found.command, found.remedy.id) == (None, "remedy-driver-or")
    assert "cu126" in found.remedy.values["command"]


def test_a_driver_that_is_too_old_for_any_wheel_is_no_hardware() -> None:
    given_ = examine(desktop(RTX.replace("570.133", "450.80"), software=FITS), *GPU_MODES)
    assert finding(given_, "gpu-driver").remedy.id == "remedy-driver"
    assert set(given_.stopped) == GPU_MODES
    assert "hardware" not in ids(given_)
    assert given_.exit_code == 1


@pytest.mark.parametrize(
    ("torch", "id"),
    [("main", "torch-strange"), ("9.9.9+cu999", "torch-unknown"),
     ("2.13.0a0+git1234567", "torch-unknown")],
)  # fmt: skip
def test_what_can_not_be_told(torch: str, id: str) -> None:
    software = f'python: "3.11.7", torch: {torch}, voxcpm: "2.0.3"'
    given_ = examine(desktop(RTX, software=software), *GPU_MODES)
    assert given_.exit_code == 3
    found = finding(given_, id)
    assert (found.level, found.effect.id) == ("unknown", "effect-unknown")


def test_a_doubtful_risk_is_told_with_its_effect() -> None:
    given_ = examine(desktop(RTX, software=FITS.replace("2.0.3", "2.0.0")), *ALL)
    found = finding(given_, "package-advised")
    assert (found.level, found.command) == ("risk", "pip install -U voxcpm")
    assert "device=" in say(found.effect, "en")
    assert given_.exit_code == 0


def test_one_finding_for_many_modes() -> None:
    """What two modes say alike is told once; the graver level stays."""
    given_ = examine(desktop(RTX, software=ON_CPU))
    texts = [say(f.text, "en") for f in given_.findings]
    assert len(texts) == len(set(texts))


def test_what_goes_with_a_torch_that_is_replaced_comes_with_the_new_one() -> None:
    """Two commands would contradict each other."""
    software = FITS.replace("torch: 2.8.0+cu126", "torch: 2.8.0+cpu")
    given_ = examine(desktop(RTX, software=software), *ALL)
    assert finding(given_, "torch-cpu-build").command.startswith("pip install torch==")
    audio = finding(given_, "audio-cuda-cpu")
    assert (audio.level, audio.command, audio.remedy.id) == ("stops", None, "remedy-with-torch")
    alone = examine(desktop("", software=software), *CPU_MODES)
    assert "--force-reinstall" in finding(alone, "audio-cuda-cpu").command


TWO = (
    "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB}\ndisk: {free: 500GB}\n"
    "gpus: [{name: NVIDIA GeForce GTX 1050, vram: 2GiB}, "
    "{name: AMD Radeon RX 7900 XTX, vram: 24GiB}]\n"
)


def test_the_card_that_could_run_it_counts() -> None:
    machine = machine_of(f"{TWO}software: {{{FITS}}}")
    subject = BY_NAME["voxcpm-2:gpu-bf16"]
    assert judge(Context(machine), subject).verdict == "no"
    assert judge(Context(replace(machine, software=None)), subject).verdict != "no"
    given_ = examine(machine, "voxcpm-2:gpu-bf16")
    assert finding(given_, "torch-wrong-vendor").modes == ("voxcpm-2:gpu-bf16",)


# ---- disk, hidden cards, drivers --------------------------------------------------------------


def with_disk(total: int, free: int) -> Machine:
    return replace(
        desktop(RTX, software=FITS), disk=Disk(total_bytes=total * GB, free_bytes=free * GB)
    )


def test_a_disk_that_is_full_now() -> None:
    found = finding(examine(with_disk(500, 1), "voxcpm-2:gpu-bf16"), "disk")
    assert (found.level, found.modes) == ("risk", ())
    assert (found.effect.id, found.remedy is not None) == ("effect-disk", True)


def test_a_disk_that_is_too_small() -> None:
    given_ = examine(with_disk(3, 1), "voxcpm-2:gpu-bf16")
    found = finding(given_, "disk")
    assert (found.level, found.modes) == ("stops", ("voxcpm-2:gpu-bf16",))
    assert found.remedy.id == "remedy-cache"
    assert given_.exit_code == 1


def test_a_mode_that_the_disk_stops_is_among_those_examined() -> None:
    given_ = examine(with_disk(3, 1), "voxcpm-2:gpu-bf16")
    assert set(given_.stopped) <= set(given_.examined)
    assert "hardware" not in ids(given_)


def test_a_hidden_card() -> None:
    machine = recorded("gpu-hidden-by-env", FITS)
    given_ = examine(machine, *ALL)
    found = finding(given_, "gpu-hidden")
    assert (found.level, found.effect.id, found.modes) == ("risk", "effect-hidden", ())
    assert "CUDA_VISIBLE_DEVICES=-1" in say(found.text, "en")
    assert machine.settings == {"CUDA_VISIBLE_DEVICES": "-1"}
    assert "devices-chosen" not in ids(given_)  # said once is enough


def test_driver_and_library_differ() -> None:
    machine = recorded("gpu-driver-library-mismatch", FITS)
    given_ = examine(machine)
    found = finding(given_, "driver-mismatch")
    assert (found.level, found.command) == ("stops", "sudo reboot")
    assert "voxcpm-0.5b:gpu-bf16" in found.modes
    assert not [mode for mode in found.modes if BY_NAME[mode].device != "gpu"]
    assert given_.exit_code == 1
    # nothing of what is examined uses the GPU: worth knowing, no more
    alone = examine(machine, "voxcpm-0.5b:cpu-fp32")
    assert (finding(alone, "driver-mismatch").level, alone.exit_code) == ("risk", 0)


CASES = sorted(path.parent.name for path in RECORDED.glob("*/raw.yaml"))


@pytest.mark.parametrize("case", CASES)
def test_recorded_machines(case: str) -> None:
    """What is found on real systems holds together, with a fitting stack and with a CPU build."""
    for software in (FITS, ON_CPU):
        given_ = examine(recorded(case, software))
        here = Context(given_.machine)
        for name in given_.examined:
            now = judge(here, BY_NAME[name])
            if (now.verdict, now.limit) == ("no", "software"):
                assert name in given_.stopped


# ---- surroundings -----------------------------------------------------------------------------

WINDOWS = desktop(RTX, os="windows", software=f"{FITS}, triton: null")
MAC = machine_of(
    "os: macos\nos_version: macOS 15.1\ncpu: {model: Apple M2, cores: 8}\n"
    "memory: {total: 16GiB}\ngpus: [{name: Apple M2}]\ndisk: {free: 200GB}\n"
    'software: {python: "3.11.7", mlx-audio: "0.4.4"}'
)
LINUX = desktop(RTX, software=FITS)


def around(machine: Machine, *names: str) -> dict[str, Finding]:
    found = surroundings(Context(machine), of(*(names or ("voxcpm-2",))), ())
    by_id = {}
    for one in found:
        assert one.id not in by_id
        by_id[one.id] = one
    return by_id


def set_to(machine: Machine = LINUX, **given_: str) -> dict[str, Finding]:
    return around(replace(machine, settings=given_))


def test_nothing_set_nothing_found() -> None:
    assert list(around(LINUX)) == []
    assert list(set_to()) == ["mirror-none"]


def test_a_linux_driver_inside_wsl() -> None:
    found = set_to(wsl_driver="libcuda.so.535.183.01")["wsl-driver"]
    assert found.level == "risk"
    assert found.text.values["library"] == "libcuda.so.535.183.01"
    assert found.command.startswith("sudo apt purge ")
    assert "wsl-driver" not in set_to()


@pytest.mark.parametrize(
    "name", ["CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES"]
)
def test_some_devices_are_chosen(name: str) -> None:
    mine = LINUX if name.startswith("CUDA") else desktop("name: AMD Radeon RX 7900 XTX")
    found = set_to(mine, **{name: "1"})["devices-chosen"]
    assert (found.level, found.text.values["setting"]) == ("notice", f"{name}=1")
    assert "devices-chosen" not in set_to(mine, **{name: ""})
    hidden = [replace(mine.gpus[0], hidden_by=f"{name}=1")]
    assert "devices-chosen" not in set_to(replace(mine, gpus=hidden), **{name: "1"})
    other = [replace(mine.gpus[0], hidden_by="ONEAPI_DEVICE_SELECTOR=*:cpu")]
    assert "devices-chosen" in set_to(replace(mine, gpus=other), **{name: "1"})
    assert "devices-chosen" not in set_to(desktop("name: Intel Arc A770"), **{name: "1"})
    assert "devices-chosen" in set_to(replace(LINUX, gpus=None), **{name: "1"})


def test_a_pretended_gfx() -> None:
    amd = desktop("name: AMD Radeon RX 6600, vram: 8GiB")
    found = set_to(amd, HSA_OVERRIDE_GFX_VERSION="10.3.0")["gfx-override"]
    assert (found.level, found.text.values["value"]) == ("risk", "10.3.0")
    assert "gfx-override" not in set_to(amd, HSA_OVERRIDE_GFX_VERSION="")
    for other in (LINUX, replace(LINUX, gpus=None)):  # ROCm has nothing to pretend
        assert "gfx-override" not in set_to(other, HSA_OVERRIDE_GFX_VERSION="10.3.0")


def test_the_deprecated_pynvml() -> None:
    found = around(replace(LINUX, software={**LINUX.software, "pynvml": "12.0.0"}))["pynvml"]
    assert (found.level, found.text.values["version"]) == ("notice", "12.0.0")
    assert "nvidia-ml-py" in found.command


def test_triton_on_windows() -> None:
    found = around(WINDOWS)["triton-windows"]
    assert (found.level, found.command) == ("risk", triton_command("2.8.0+cu126", "windows-x86_64"))
    assert "triton-windows" in found.command


@pytest.mark.parametrize(
    "machine",
    [
        replace(WINDOWS, software={**WINDOWS.software, "triton": "3.4.0"}),
        desktop(RTX, os="windows", software=FITS),  # of triton nothing is known
        desktop(RTX, os="windows", software='python: "3.11.7", triton: null'),  # no torch either
        replace(WINDOWS, os="linux"),
        replace(WINDOWS, gpus=[]),
        replace(WINDOWS, gpus=None),
    ],
)
def test_where_triton_is_no_matter(machine: Machine) -> None:
    assert "triton-windows" not in around(machine)


def test_triton_is_for_what_compiles() -> None:
    assert "triton-windows" not in around(WINDOWS, "indextts-2", "voxcpm-2:cpu-fp32")
    assert "triton-windows" not in around(WINDOWS, "voxcpm-2:gguf-gpu-q8")


def test_triton_is_not_for_old_cards() -> None:
    old = "name: NVIDIA GeForce GTX 960M, vram: 4GiB, driver: '570.133'"
    machine = desktop(old, os="windows", software=f"{FITS}, triton: null")
    assert "triton-windows" not in around(machine, "voxcpm-0.5b")


@pytest.mark.parametrize("name", ["TORCHDYNAMO_DISABLE", "TORCH_COMPILE_DISABLE"])
def test_compile_is_switched_off(name: str) -> None:
    found = set_to(**{name: "1"})["compile-off"]
    assert (found.level, found.remedy.values["name"]) == ("risk", name)
    assert found.text.values["setting"] == f"{name}=1"
    assert "compile-off" not in set_to(**{name: "0"})
    assert "compile-off" not in set_to(**{name: ""})


@pytest.mark.parametrize("gpu", ["", "name: NVIDIA GeForce GTX 960M, vram: 4GiB"])
def test_compile_switched_off_where_it_never_was(gpu: str) -> None:
    """On an old card it is even what keeps the warm-up from failing."""
    assert "compile-off" not in set_to(desktop(gpu, software=FITS), TORCHDYNAMO_DISABLE="1")


def test_only_a_one_switches_compile_off() -> None:
    assert "compile-off" not in set_to(TORCHDYNAMO_DISABLE="true")


@pytest.mark.parametrize(
    ("value", "cores", "told"),
    [("1", 16, True), ("3", 16, True), ("4", 16, False), ("1", 2, True), ("2", 2, False),
     ("0", 16, False), ("", 16, False), ("4,2", 16, False), ("-1", 16, False), ("1", None, False)],
)  # fmt: skip
def test_few_threads(value: str, cores: int | None, told: bool) -> None:
    machine = replace(LINUX, cpu=replace(LINUX.cpu, usable_cores=cores))
    found = set_to(machine, OMP_NUM_THREADS=value)
    assert ("threads" in found) is told
    if told:
        assert found["threads"].level == "risk"
        assert dict(found["threads"].text.values) == {"value": value, "cores": cores}


@pytest.mark.parametrize("value", ["²", "9" * 5000])
def test_threads_that_are_no_number(value: str) -> None:
    assert "threads" not in set_to(OMP_NUM_THREADS=value)


@pytest.mark.parametrize(
    ("value", "told"),
    [("bfloat16", True), ("BF16", True), ("float16", True), ("fp16", True), ("float32", False),
     ("", False)],
)  # fmt: skip
def test_half_precision_on_apple(value: str, told: bool) -> None:
    found = set_to(MAC, VOXCPM_MPS_DTYPE=value)
    assert ("mps-dtype" in found) is told
    if told:
        assert (found["mps-dtype"].level, found["mps-dtype"].remedy.id) == ("risk", "remedy-unset")


def test_half_precision_without_apple() -> None:
    assert "mps-dtype" not in set_to(LINUX, VOXCPM_MPS_DTYPE="bf16")


@pytest.mark.parametrize(
    ("value", "id", "level"),
    [
        ("https://hf-mirror.com", "mirror", "notice"),
        ("http://10.0.0.1:8080", "mirror", "notice"),
        ("hf-mirror.com", "mirror-broken", "risk"),
        ("ftp://hf-mirror.com", "mirror-broken", "risk"),
        ("https://huggingface.co/", "mirror-none", "ok"),
        ("", "mirror-none", "ok"),
    ],
)
def test_mirrors(value: str, id: str, level: str) -> None:
    found = set_to(HF_ENDPOINT=value)
    assert list(found) == [id]
    assert found[id].level == level
    if level == "risk":
        assert found[id].remedy.values["url"] == "https://hf-mirror.com"


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline(name: str) -> None:
    for value in ("1", "ON", "yes", "True"):
        found = set_to(**{name: value})["offline"]
        assert (found.level, found.text.values["setting"]) == ("risk", f"{name}={value}")
        assert found.remedy.values["name"] == name
    for value in ("0", "", "false"):
        assert "offline" not in set_to(**{name: value})


def test_long_paths() -> None:
    found = set_to(WINDOWS, long_paths="off")["long-paths"]
    assert found.level == "risk"
    assert "LongPathsEnabled" in found.command
    assert "long-paths" not in set_to(WINDOWS, long_paths="on")


def test_the_page_file() -> None:
    def machine(swap: int | None, total: int | None = 8) -> Machine:
        memory = replace(
            WINDOWS.memory,
            total_bytes=None if total is None else total * GIB,
            swap_bytes=None if swap is None else swap * GIB,
        )
        return replace(WINDOWS, memory=memory)

    need = BY_NAME["voxcpm-2:gpu-bf16"].mode.memory.host_load.need_gib
    found = around(machine(2), "voxcpm-2:gpu-bf16")["page-file"]
    assert found.level == "risk"
    assert dict(found.text.values) == {"swap": "2.0 GiB", "limit": "10.0 GiB"}
    assert found.effect.values["need"] == f"{need:.1f} GiB"
    assert "1455" in say(found.effect, "en")
    assert found.remedy.values["size"] == f"{need + 4:.0f} GiB"
    for fine in (machine(16), machine(None), machine(2, None), replace(machine(2), os="linux")):
        assert "page-file" not in around(fine, "voxcpm-2:gpu-bf16")
    assert "page-file" not in around(machine(2), "voxcpm-2:online")
    assert "page-file" not in around(machine(2), "voxcpm-2:gguf-cpu-q4")


def conflict(requirement: str, have: str | None, root: str = "voxcpm") -> Unmet:
    return Unmet(package=root, version="2.0.3", requirement=requirement, have=have, root=root)


def unmet(*conflicts: Unmet) -> list[Finding]:
    given_ = examine(LINUX, *ALL, conflicts=conflicts)
    return [f for f in given_.findings if f.id.startswith("requirement")]


def test_a_wrong_version() -> None:
    (found,) = unmet(conflict("numpy<2.4", "2.4.1"))
    assert say(found.text, "en") == "voxcpm 2.0.3 wants numpy<2.4; 2.4.1 is installed."
    assert (found.level, found.command, found.modes) == ("risk", 'pip install "numpy<2.4"', ())
    assert found.source == "https://pypi.org/project/voxcpm/"


def test_what_is_missing_is_one_finding_with_one_command() -> None:
    (found,) = unmet(conflict("tokenizers>=0.22", None), conflict("inflect", None))
    assert "lacks packages" in say(found.text, "en")
    assert found.text.values["names"] == "inflect, tokenizers"
    assert (found.level, found.modes) == ("risk", ())
    assert found.command == 'pip install "voxcpm==2.0.3"'


def test_what_is_imported_at_once_stops_every_mode() -> None:
    (found,) = unmet(conflict("transformers>=4.36.2", None), conflict("inflect", None))
    assert (found.level, set(found.modes)) == ("stops", ALL)


def test_what_gates_judge_is_left_to_them() -> None:
    names = ("torchaudio>=2.5.0", "torchcodec", "torch>=2.5.0")
    assert unmet(*(conflict(name, None) for name in names)) == []


def test_no_command_holds_what_a_shell_would_run() -> None:
    (found,) = unmet(conflict("numpy===$(reboot)", "1.0"))
    assert found.command is None


def test_the_rules_are_all_there() -> None:
    assert len(RULES) == len(set(RULES)) == 10


# ---- deep -------------------------------------------------------------------------------------

TORCH: dict[str, Any] = {
    "torch": "2.8.0+cu126", "cuda": "12.6", "hip": None, "available": True,
    "devices": [{"name": "NVIDIA GeForce RTX 3060", "cc": "8.6", "gfx": None}],
    "arch_list": ["sm_80", "sm_86", "sm_90a"], "cpu_capability": "AVX2",
}  # fmt: skip


def asked(machine: Machine = LINUX, names: set[str] = ALL, **changes: Any) -> Checkup:
    return examine(machine, *sorted(names), deep={**TORCH, **changes})


def test_torch_answers() -> None:
    given_ = asked()
    assert given_.exit_code == 0
    found = finding(given_, "torch-answers")
    assert found.level == "ok"
    assert dict(found.text.values) == {
        "torch": "2.8.0+cu126", "devices": 1, "capability": "AVX2",
    }  # fmt: skip
    nothing = finding(asked(devices={"error": "x"}, cpu_capability=None), "torch-answers")
    assert (nothing.text.values["devices"], nothing.text.values["capability"]) == (0, "?")


def test_torch_does_not_import() -> None:
    given_ = examine(LINUX, *ALL, deep={"error": "no answer in 60 s"})
    found = finding(given_, "import-torch")
    assert (found.level, set(found.modes), given_.exit_code) == ("stops", ALL, 1)
    assert "no answer in 60 s" in say(found.text, "en")
    # nothing examined uses it
    given_ = examine(MAC, "voxcpm-2:mlx", deep={"error": "no answer in 60 s"})
    assert (finding(given_, "import-torch").level, given_.exit_code) == ("risk", 0)
    absent = {"error": "ModuleNotFoundError: No module named 'torch'"}
    assert "import-torch" not in ids(examine(MAC, "voxcpm-2:mlx", deep=absent))
    assert "import-torch" in ids(examine(LINUX, *ALL, deep=absent))  # the metadata say it is


def test_imports() -> None:
    given_ = asked(imports={"voxcpm": {"error": "ImportError: x" * 99},
                            "torchaudio": {"version": "2.8.0+cu126"},
                            "torchcodec": {"error": "RuntimeError: no FFmpeg"},
                            "indextts": "rubbish", "other": {"version": None}})  # fmt: skip
    voxcpm = finding(given_, "import-voxcpm")
    assert (voxcpm.level, set(voxcpm.modes)) == ("stops", ALL)
    assert len(voxcpm.text.values["error"]) == LONGEST
    assert finding(given_, "import-torchaudio").level == "ok"
    assert "2.8.0+cu126" in say(finding(given_, "import-torchaudio").text, "en")
    codec = finding(given_, "import-torchcodec")
    assert (codec.level, codec.effect.id, codec.modes) == ("risk", "effect-codec", ())
    assert finding(given_, "import-other").text.values["version"] == "?"
    assert "import-indextts" not in ids(given_)


@pytest.mark.parametrize("imports", [None, "x", []])
def test_imports_that_are_none(imports: Any) -> None:
    assert not [id for id in ids(asked(imports=imports)) if id.startswith("import-")]


def test_an_import_that_works_refutes_the_metadata() -> None:
    machine = desktop(RTX, software=FITS.replace("audio: 2.8.0+cu126", "audio: 2.8.0+cu128"))
    given_ = asked(machine, imports={"torchaudio": {"version": "2.8.0"}})
    found = finding(given_, "audio-cuda")
    assert (found.level, found.modes, given_.exit_code) == ("notice", (), 0)
    assert say(found.effect, "en") == "`import torchaudio` works all the same here."
    for imports in (
        {},
        {"torchaudio": {"error": "RuntimeError"}},
        {"torchcodec": {"version": "1"}},
    ):
        assert finding(asked(machine, imports=imports), "audio-cuda").level == "stops"


def test_an_import_that_fails_confirms_the_metadata() -> None:
    machine = desktop(RTX, software=FITS.replace("audio: 2.8.0+cu126", "audio: 2.8.0+cu128"))
    error = {"error": "RuntimeError: torchaudio built for CUDA 12.8"}
    given_ = asked(machine, imports={"torchaudio": error, "voxcpm": error})
    found = finding(given_, "audio-cuda")
    assert (found.level, set(found.modes)) == ("stops", ALL)
    assert "built for CUDA 12.8" in say(found.effect, "en")
    # one fault, told once
    assert not [id for id in ids(given_) if id.startswith("import-")]
    own = asked(machine, imports={"voxcpm": {"error": "ImportError: soundfile"}})
    assert finding(own, "import-voxcpm").level == "stops"


def test_ffmpeg_is_not_refuted_by_an_import() -> None:
    """torchcodec imports without it and fails at the first clip."""
    software = ('python: "3.11.7", torch: 2.13.0+cu130, torchaudio: 2.11.0+cu130, voxcpm: "2.0.3", '
                'torchcodec: "0.5.0+cu126", ffmpeg: null')  # fmt: skip
    machine = desktop(RTX, software=software)
    names = {"voxcpm-0.5b:gpu-bf16"}
    told = asked(machine, names, imports={"torchcodec": {"version": "0.5.0"}})
    assert finding(told, "codec-ffmpeg").level == "risk"
    (other,) = [f for f in told.findings if f.id in ("codec-build", "codec-torch")]
    assert (other.level, other.effect.id) == ("notice", "effect-refuted")


def test_torch_is_blind() -> None:
    given_ = asked(available=False, devices=[])
    found = finding(given_, "torch-blind")
    assert (found.level, set(found.modes), given_.exit_code) == ("stops", GPU_MODES, 1)
    assert "RTX 3060" in say(found.text, "en")
    assert finding(asked(names=CPU_MODES, available=False), "torch-blind").level == "risk"
    for changes in ({"cuda": None}, {"available": True}, {"available": {"error": "x"}}):
        assert "torch-blind" not in ids(asked(**{"available": False, **changes}))
    assert "torch-blind" not in ids(asked(desktop("", software=FITS), available=False))
    bare = {k: v for k, v in LINUX.unknown.items() if k != "gpus[0].driver"}
    driverless = replace(LINUX, gpus=[replace(LINUX.gpus[0], driver=None)], unknown=bare)
    assert "torch-blind" not in ids(asked(driverless, available=False))


@pytest.mark.parametrize(
    ("archs", "cc", "runs"),
    [
        (["sm_80", "sm_86"], "8.6", True),
        (["sm_80"], "8.9", True),
        (["sm_90a", "sm_100f"], "9.0", True),
        (["sm_90", "sm_120"], "8.6", False),
        (["sm_50", "compute_70"], "8.6", True),  # PTX is compiled for newer cards
        (["compute_90"], "8.6", False),
        (["sm_120"], "12.0", True),
        (["sm_75"], "5.0", False),
        ([], "8.6", True),  # torch says nothing
        (["gfx1100", "sm_", "sm_x", "sm_9"], "8.6", True),  # nothing that can be read
        (["sm_90"], "rubbish", True),
        (["sm_90"], None, True),
    ],
)
def test_kernels_by_what_torch_says(archs: list[str], cc: str | None, runs: bool) -> None:
    given_ = asked(arch_list=archs, devices=[{"name": "Card", "cc": cc, "gfx": None}])
    if runs:
        assert "torch-no-kernels-deep" not in ids(given_)
        return
    found = finding(given_, "torch-no-kernels-deep")
    assert (found.level, set(found.modes), given_.exit_code) == ("stops", GPU_MODES, 1)
    assert (found.text.values["cc"], found.text.values["archs"]) == (cc, " ".join(archs))
    alone = asked(names=CPU_MODES, arch_list=archs, devices=[{"name": "Card", "cc": cc}])
    assert finding(alone, "torch-no-kernels-deep").level == "risk"


def test_rocm_devices_are_not_measured_by_cuda() -> None:
    radeon = {"name": "Radeon", "cc": "11.0", "gfx": "gfx1100"}
    devices = [radeon, "rubbish", None]
    given_ = asked(arch_list=["gfx90a", "sm_90"], cuda=None, hip="6.3", devices=devices)
    assert "torch-no-kernels-deep" not in ids(given_)
    assert "torch-answers" in ids(given_)
    assert "torch-answers" not in ids(asked(arch_list={"error": "x"}))
    assert "torch-no-kernels-deep" not in ids(asked(arch_list={"error": "x"}))


def test_deep_answers_what_metadata_could_not_tell() -> None:
    machine = desktop(RTX, software=FITS.replace("torch: 2.8.0+cu126", "torch: 2.8.0a0+gitabc"))
    given_ = asked(machine, torch="2.8.0a0+gitabc")
    assert "--deep" not in " ".join(say(f.effect, "en") for f in given_.findings if f.effect)


@settings(max_examples=60)
@given(environments(), st.sampled_from(["572.16", "470.256.02", "525.60.13", None]))
def test_what_stops_a_mode_can_be_mended(machine: Machine, driver: str | None) -> None:
    """On a machine that official wheels serve, every stop comes with its cure."""
    card = f", driver: '{driver}'" if driver else ""
    served = desktop(f"name: NVIDIA GeForce RTX 3060, vram: 12GiB{card}")
    software = {**(machine.software or {}), "python": "3.11.9"}
    given_ = checkup(replace(served, software=software, settings=machine.settings), SUBJECTS)
    for found in given_.findings:
        if found.level == "stops" and found.id != "hardware":
            assert found.command or found.remedy, found
