"""``vcf doctor`` through the command line: what it shows, writes, refuses and returns."""

from __future__ import annotations

import json
import os
import sys
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from msgspec.structs import replace
from rich.cells import cell_len

from vcf import __version__
from vcf.cli.schema import schema_of
from vcf.machine import deep
from vcf.machine import probe as probe_module
from vcf.machine.load import load_machine, profile_names

PROFILES = Path(__file__).parents[2] / "profiles"
FITS = {"python": "3.11.7", "torch": "2.8.0+cu126", "torchaudio": "2.8.0+cu126", "voxcpm": "2.0.3"}
WRONG = {**FITS, "torch": "2.13.0+cpu", "torchaudio": "2.11.0+cu130"}
CPU = {**FITS, "torch": "2.13.0+cpu", "torchaudio": "2.11.0+cpu"}


@pytest.fixture
def file(tmp_path: Path) -> Callable[..., Path]:
    """A machine file: a desktop with a GPU, and what a test says of it."""

    def write(**facts: Any) -> Path:
        document: dict[str, Any] = {
            "os": "linux",
            "cpu": {"model": "Intel Core i5-12600K", "cores": 10, "threads": 16, "isa": ["avx2"]},
            "memory": {"total": "32GiB"},
            "gpus": [{"name": "NVIDIA GeForce RTX 3060", "vram": "12GiB", "driver": "570.133"}],
            "disk": {"free": "200GB", "total": "1000GB"},
            **facts,
        }
        path = tmp_path / "desk.yaml"
        path.write_text(yaml.safe_dump(document, allow_unicode=True), encoding="utf-8")
        return path

    return write


def ids(document: dict[str, Any], *levels: str) -> list[str]:
    return [f["id"] for f in document["findings"] if not levels or f["level"] in levels]


# ---- what it shows ----------------------------------------------------------------------------

MACHINES: dict[str, dict[str, Any]] = {
    "fits": {"software": FITS},
    "wrong": {"software": WRONG},
    "nothing": {},
    "strange": {"software": {**FITS, "torch": "main"}},
    "windows": {
        "os": "windows",
        "memory": {"total": "8GiB", "swap": "1GiB"},
        "software": {**CPU, "triton": None, "torchcodec": None, "ffmpeg": None, "pynvml": "12.0"},
        "settings": {"long_paths": "off", "HF_ENDPOINT": "hf-mirror.com", "OMP_NUM_THREADS": "1"},
    },
    "settings": {
        "software": FITS,
        "settings": {"HF_ENDPOINT": "https://hf-mirror.com", "HF_HUB_OFFLINE": "1",
                     "CUDA_VISIBLE_DEVICES": "0", "TORCHDYNAMO_DISABLE": "1",
                     "VOXCPM_MPS_DTYPE": "bf16", "wsl_driver": "libcuda.so.535.183.01"},
    },
    "small": {"memory": {"total": "1GiB"}, "gpus": [], "software": CPU},
}  # fmt: skip


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("flags", [[], ["-v"]])
def test_nothing_is_wider_than_the_terminal(machine, lang, flags, vcf, file, monkeypatch) -> None:
    """80 columns; only what is to be copied, commands and addresses, is never broken."""
    monkeypatch.setenv("COLUMNS", "80")
    path = file(**MACHINES[machine])
    done = vcf("doctor", "--machine", path, "--lang", lang, *flags)
    document = vcf("doctor", "--machine", path, "--lang", lang, "--json").json
    assert done.err == ""
    commands = {f["command"] for f in document["findings"]}
    commands |= {wheels["install"] for wheels in document["wheels"]}
    for line in done.out.splitlines():
        if "://" in line or line.strip() in commands:
            continue
        assert cell_len(line) <= 80, line
    assert not any(line != line.rstrip() for line in done.out.splitlines())
    words = "".join(done.out.split())
    for finding in document["findings"]:
        if finding["level"] != "ok" or flags:
            for text in filter(None, (finding["text"], finding["effect"], finding["remedy"])):
                assert "".join(text.split()) in words
            if finding["command"]:
                assert f"    {finding['command']}\n" in done.out


def test_long_words_are_not_cut_off(vcf, file, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    address = "https://mirror.example.org/" + "x" * 50
    done = vcf("doctor", "--machine", file(software=FITS, settings={"HF_ENDPOINT": address}))
    assert address in "".join(done.out.split())


def test_the_answer_comes_first(vcf, file) -> None:
    first = {
        "fits": "The software stops none of the ",
        "wrong": "What is installed, or missing, stops ",
        "nothing": "It can't be told whether this environment works.",
        "small": "None of them runs on this computer",
    }
    for name, words in first.items():
        done = vcf("doctor", "--machine", file(**MACHINES[name]))
        assert done.out.startswith(words), name
    counted = vcf("doctor", "voxcpm-2", "--machine", file(software=WRONG))
    assert counted.out.startswith("What is installed, or missing, stops 5 of the 5 modes examined.")


def test_head_findings_and_cure(vcf, file) -> None:
    done = vcf("doctor", "voxcpm-2:cpu-fp32", "--machine", file(software=WRONG))
    lines = done.out.splitlines()
    assert lines[1] == "Python 3.11.7 · torch 2.13.0+cpu · torchaudio 2.11.0+cu130 · voxcpm 2.0.3"
    assert lines[3].startswith("✗ stops: torchaudio 2.11.0+cu130 is built for CUDA")
    assert (
        "    pip install --force-reinstall --no-deps torchaudio==2.11.0 "
        "--index-url https://download.pytorch.org/whl/cpu" in lines
    )
    assert "    Stops: voxcpm-2 cpu-fp32" in lines
    assert any(line.startswith("    Source: https://") for line in lines)


def test_verbose(vcf, file) -> None:
    path = file(software=FITS)
    plain, verbose = vcf("doctor", "--machine", path), vcf("doctor", "--machine", path, "-v")
    fine = len([1 for line in verbose.out.splitlines() if line.startswith("✓ ")])
    assert fine >= 2
    assert f"Fine: {fine} (-v shows them)" in plain.out
    assert "PyTorch for" not in plain.out
    assert "-v shows them" not in verbose.out
    assert "PyTorch for: NVIDIA GeForce RTX 3060 (8.6)" in verbose.out
    assert "builds with kernels: " in verbose.out
    assert "has kernels for NVIDIA GeForce RTX 3060" in verbose.out


def test_verbose_without_a_wheel(vcf, file) -> None:
    gpus = [{"name": "Mystery 9000", "vendor": "nvidia", "vram": "8GiB"}]
    done = vcf("doctor", "-v", "--machine", file(gpus=gpus, software=FITS))
    assert "PyTorch for: Mystery 9000" in done.out
    assert "no official wheel: " in done.out
    cpu = vcf("doctor", "-v", "--machine", file(gpus=[], software=CPU))
    assert "PyTorch for: CPU\n" in cpu.out


def test_chinese(vcf, file) -> None:
    done = vcf("doctor", "--machine", file(software=WRONG), "--lang", "zh", "-v")
    assert done.code == 1
    assert done.out.startswith("检查的 ")
    assert "✗ 阻止运行" in done.out
    assert "受影响的模式" in done.out
    assert "Stops" not in done.out
    assert "is built for" not in done.out


def test_language_changes_words_only(vcf, file) -> None:
    path = file(**MACHINES["windows"])
    en, zh = (
        vcf("doctor", "--machine", path, "--json", "--lang", lang).json for lang in ("en", "zh")
    )
    for one, other in zip(en["findings"], zh["findings"], strict=True):
        for key in ("id", "level", "command", "modes"):
            assert one[key] == other[key]
        assert one["text"] != other["text"]
    assert en["stopped"] == zh["stopped"]


# ---- JSON -------------------------------------------------------------------------------------


def test_the_schema(vcf) -> None:
    done = vcf("schema", "doctor")
    assert done.code == 0
    assert done.json == schema_of("doctor")
    assert done.json["$id"] == "vcf.doctor/1"
    jsonschema.Draft202012Validator.check_schema(done.json)


@pytest.mark.parametrize("machine", MACHINES)
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_json(machine, lang, vcf, file, valid) -> None:
    path = file(**MACHINES[machine])
    done = vcf("doctor", "--machine", path, "--json", "--lang", lang)
    document = done.json
    valid("doctor", document)
    assert list(document) == [
        "schema", "vcf", "machine", "python", "deep", "examined", "stopped", "findings", "wheels",
    ]  # fmt: skip
    assert (document["schema"], document["vcf"]) == ("vcf.doctor/1", __version__)
    assert document["machine"]["name"] == "desk"
    software = MACHINES[machine].get("software", {})
    assert document["python"] == {"executable": None, "version": software.get("python")}
    assert document["deep"] is False
    assert (done.code == 1) == bool(document["stopped"]) == bool(ids(document, "stops"))
    assert done.code == vcf("doctor", "--machine", path, "--lang", lang).code
    assert (done.code == 3) == (not ids(document, "stops") and bool(ids(document, "unknown")))


def test_output(vcf, file, tmp_path, valid) -> None:
    path = file(software=WRONG)
    screen, target = vcf("doctor", "--machine", path), tmp_path / "out.txt"
    done = vcf("doctor", "--machine", path, "--output", target)
    assert (done.code, done.out, done.err) == (1, "", "")
    assert target.read_text(encoding="utf-8") == screen.out
    assert vcf("doctor", "--machine", path, "--output", "-").out == screen.out
    done = vcf("doctor", "--machine", path, "--json", "--output", target)
    assert (done.code, done.out) == (1, "")
    valid("doctor", json.loads(target.read_text(encoding="utf-8")))
    refused = vcf("doctor", "--machine", path, "--output", tmp_path)
    refused.refused("is a folder", hint="name a file in it")


# ---- whose machine ----------------------------------------------------------------------------


def test_a_file_a_name_and_standard_input(vcf, file) -> None:
    path = file(software=WRONG)
    from_file = vcf("doctor", "--machine", path, "--json").json
    read = vcf("doctor", "--machine", "-", "--json", stdin=path.read_bytes()).json
    assert read["findings"] == from_file["findings"]
    assert read["machine"]["name"] == "stdin"
    named = vcf("doctor", "--machine", "desktop-rtx-3060-12gb", "voxcpm-2", "--json")
    assert named.json["machine"]["name"] == "desktop-rtx-3060-12gb"
    assert (named.code, ids(named.json, "stops")) == (1, ["missing"])


@pytest.mark.parametrize(
    ("facts", "arguments", "code"),
    [
        ({"software": FITS}, [], 0),
        ({"software": CPU, "gpus": []}, [], 0),
        ({"software": WRONG}, [], 1),
        ({"software": CPU}, ["voxcpm-2:gpu-bf16"], 1),
        ({"software": CPU}, ["voxcpm-2:cpu-bf16"], 0),
        ({}, ["voxcpm-2"], 1),
        ({}, [], 3),
        ({"software": {"python": "3.11.7"}}, [], 3),
        ({"software": {**FITS, "torch": "main"}}, [], 3),
        ({"software": {**FITS, "torch": "main"}}, ["no-such-model"], 2),
        ({"memory": {"total": "1GiB"}, "gpus": [], "software": CPU}, [], 0),
        ({"memory": {"total": "1GiB"}, "gpus": [], "software": CPU}, ["voxcpm-2"], 1),
    ],
)
def test_exit_codes(facts, arguments, code, vcf, file) -> None:
    assert vcf("doctor", *arguments, "--machine", file(**facts)).code == code


@pytest.mark.parametrize("name", profile_names())
def test_doctor_and_check_agree(name, vcf, tmp_path) -> None:
    """On every shipped profile, with the CPU build of torch installed."""
    document = yaml.safe_load((PROFILES / f"{name}.yaml").read_text(encoding="utf-8"))
    path = tmp_path / f"{name}.yaml"
    path.write_text(yaml.safe_dump({**document, "software": CPU}), encoding="utf-8")
    doctor = vcf("doctor", "--machine", path, "--json")
    check = vcf("check", "--machine", path, "--json").json["results"][0]["assessments"]
    stopped = set(doctor.json["stopped"])
    assert doctor.code == (1 if stopped else 0)
    assert stopped <= set(doctor.json["examined"])
    judged = {f"{a['model']}:{a['mode']}": a for a in check}
    for mode in doctor.json["examined"]:
        judgement = judged[mode]
        by_software = (judgement["verdict"], judgement["limit"]) == ("no", "software")
        assert by_software == (mode in stopped), mode
    for finding in doctor.json["findings"]:
        for mode in finding["modes"]:
            told = {gate["text"] for gate in judged[mode]["gates"]}
            assert finding["text"] in told, mode


# ---- another Python ---------------------------------------------------------------------------


@pytest.fixture
def fixed(monkeypatch) -> None:
    """The hardware of a profile with the software that is really found."""
    machine = load_machine("desktop-rtx-3060-12gb")
    real = probe_module.probe

    def probe(host: Any = None, *, note: Any = None, seconds: float = 3.0) -> Any:
        found = real(host, note=note, seconds=20.0)
        sources = {**machine.sources, "software.python": found.sources["software.python"]}
        return replace(machine, software=found.software, settings={}, sources=sources)

    monkeypatch.setattr(probe_module, "probe", probe)


PACKAGES = {
    "torch": ("2.13.0", []),
    "torchaudio": ("2.11.0", []),
    "voxcpm": ("2.0.3", ["numpy<2.4", "torch>=2.5", "soundfile; sys_platform == 'nowhere'"]),
    "numpy": ("2.4.1", []),
}


@pytest.fixture(scope="session")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A real environment with packages that are only metadata."""
    folder = tmp_path_factory.mktemp("someone") / "env"
    venv.create(folder, with_pip=False, symlinks=os.name != "nt")
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    site = folder / ("Lib" if os.name == "nt" else f"lib/{version}") / "site-packages"
    for name, (release, requires) in PACKAGES.items():
        info = site / f"{name}-{release}.dist-info"
        info.mkdir(parents=True)
        lines = [
            f"Name: {name}\nVersion: {release}\n",
            *(f"Requires-Dist: {r}\n" for r in requires),
        ]
        (info / "METADATA").write_text("".join(lines))
    for name, text in (("torch", "2.13.0+cpu"), ("torchaudio", "2.11.0+cu130")):
        (site / name).mkdir()
        (site / name / "version.py").write_text(f"__version__ = '{text}'\n")
    return folder


def test_another_python(vcf, environment, fixed, valid) -> None:
    done = vcf("doctor", "--python", environment, "--json")
    document = done.json
    valid("doctor", document)
    software = document["machine"]["software"]
    assert {name: software[name] for name in ("torch", "torchaudio", "voxcpm", "numpy")} == {
        "torch": "2.13.0+cpu", "torchaudio": "2.11.0+cu130", "voxcpm": "2.0.3", "numpy": "2.4.1",
    }  # fmt: skip
    assert document["python"]["executable"].endswith("python" if os.name != "nt" else "python.exe")
    assert document["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert "audio-cuda-cpu" in ids(document)
    (requirement,) = [f for f in document["findings"] if f["id"] == "requirement"]
    assert requirement["text"] == "voxcpm 2.0.3 wants numpy<2.4; 2.4.1 is installed."
    place = document["python"]["executable"]
    assert requirement["command"] == f'{place} -m pip install "numpy<2.4"'
    assert done.code == 1


def test_another_python_on_the_screen(vcf, environment, fixed) -> None:
    done = vcf("doctor", "voxcpm-2:cpu-bf16", "--python", environment)
    head = done.out.splitlines()[1]
    assert "torch 2.13.0+cpu · torchaudio 2.11.0+cu130 · voxcpm 2.0.3" in "".join(
        done.out.splitlines()[1:3]
    )
    assert head.startswith(f"Python {sys.version_info[0]}.")
    assert "--deep asks torch itself" in done.out  # here it could be asked
    assert "--deep" not in vcf("doctor", "--machine", "desktop-rtx-3060-12gb").out


def test_the_home_folder_is_a_tilde(vcf, environment, fixed, monkeypatch) -> None:
    monkeypatch.setenv("HOME", str(environment.parent))
    monkeypatch.setenv("USERPROFILE", str(environment.parent))
    for arguments in (["--json"], []):
        done = vcf("doctor", "--python", environment, *arguments)
        assert str(environment.parent) not in done.out
    executable = vcf("doctor", "--python", environment, "--json").json["python"]["executable"]
    assert executable.replace("\\", "/").startswith("~/env/")
    assert vcf("doctor", "--python", "~/env", "--json").json["python"]["executable"] == executable


def test_this_python(vcf, fixed, valid) -> None:
    done = vcf("doctor", "--json")
    valid("doctor", done.json)
    assert done.json["python"]["version"] == ".".join(map(str, sys.version_info[:3]))
    assert Path(done.json["python"]["executable"]).name == Path(sys.executable).name
    assert done.code in (0, 1, 3)


def test_probes_that_fail_are_told(vcf, probed) -> None:
    assert vcf("doctor", "voxcpm-2", "-v").err == "vcf: cpu probe: no answer in 3 s\n"
    assert vcf("doctor", "voxcpm-2").err == ""


# ---- deep -------------------------------------------------------------------------------------


def test_deep(vcf, environment, fixed, monkeypatch, valid) -> None:
    asked = []

    def ask_torch(python: str, seconds: float, *, imports: Any) -> dict[str, Any]:
        asked.append((python, imports))
        return {
            "torch": "2.13.0+cpu", "cuda": None, "available": False, "devices": [], "arch_list": [],
            "cpu_capability": "AVX2",
            "imports": {
                "torchaudio": {"error": f"OSError: {Path.home()}/x.so: cannot open"},
                "voxcpm": {"error": "OSError: \x1b[31mx"},
            },
        }  # fmt: skip

    monkeypatch.setattr(deep, "ask_torch", ask_torch)
    monkeypatch.setenv("HOME", str(environment.parent))
    monkeypatch.setenv("USERPROFILE", str(environment.parent))
    done = vcf("doctor", "--python", environment, "--deep", "--json")
    document = done.json
    valid("doctor", document)
    [(python, imports)] = asked
    assert Path(python).parent.parent == environment
    assert set(imports) == {"torchaudio", "torchcodec", "voxcpm", "indextts"}
    assert document["deep"] is True
    assert "torch-answers" in ids(document, "ok")
    assert str(environment.parent) not in done.out
    assert "~/x.so: cannot open" in done.out
    assert done.code == 1
    screen = vcf("doctor", "--python", environment, "--deep")
    assert screen.err.startswith("asking torch itself")
    assert "\x1b" not in screen.out + screen.err
    assert "nothing was imported" not in screen.out


def test_deep_asks_the_running_python(vcf, fixed, monkeypatch) -> None:
    asked = []
    answer = {"error": "ModuleNotFoundError: No module named 'torch'"}
    monkeypatch.setattr(
        deep, "ask_torch", lambda python, seconds, imports: asked.append(python) or answer
    )
    assert vcf("doctor", "--deep").code in (0, 1, 3)
    assert asked == [sys.executable]


# ---- what it refuses --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "word", "hint"),
    [
        (["--machine", "desktop-rtx-3060-12gb", "--deep"], "--machine describes another", ""),
        (["--machine", "desktop-rtx-3060-12gb", "--python", "x"], "--machine describes", ""),
        (["voxcmp-2", "--machine", "desktop-rtx-3060-12gb"], "voxcmp-2", "did you mean 'voxcpm"),
        (["voxcpm-2:warp", "--machine", "desktop-rtx-3060-12gb"], "warp", ""),
        (["voxcpm-2:online", "--machine", "desktop-rtx-3060-12gb"],
         "voxcpm-2:online: runs outside of Python", "`vcf check` judges it"),
        (["voxcpm-2:gguf-gpu-q8", "--machine", "desktop-rtx-3060-12gb"], "runs outside", "vcf"),
        (["--python", "nowhere-at-all"], "nowhere-at-all: no such interpreter", ".venv"),
        (["--python", "/no/such/folder/python"], "/no/such/folder/python: no such", ".venv"),
        (["--python", str(PROFILES)], "holds no Python", "environment"),
        (["--machine", "no-such-machine"], "no-such-machine", "vcf profiles list"),
        (["--models", "/no/file.yaml"], "/no/file.yaml", ""),
        (["--lang", "fr"], "fr", "vcf doctor --help"),
        (["--nonsense"], "--nonsense", "vcf doctor --help"),
    ],
)  # fmt: skip
def test_refused(arguments, word, hint, vcf, probed) -> None:
    vcf("doctor", *arguments).refused(word, hint=hint)
    told = vcf("doctor", *arguments, "--json")
    assert told.code == 2
    assert word in told.error["message"]
    assert hint in told.error["hint"]


@pytest.mark.parametrize(
    "path",
    [
        "~nobody-of-this-name/python",
        "x" * 5000,
    ],
)  # fmt: skip
def test_paths_that_can_not_be_are_refused(path, vcf, probed) -> None:
    vcf("doctor", "--python", path).refused("no such interpreter")


# ---- hostile names ----------------------------------------------------------------------------

EVIL = "\x1b[31m\x07\x08\x9b2J\u202eevil\u2066\u200f" + "A" * 10_000
BAD = ("\x1b", "\x07", "\x08", "\x9b", "\u202e", "\u2066", "\u200f")


@pytest.mark.parametrize("place", ["software", "settings", "gpu", "hidden", "all"])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_hostile_machine_files(place, lang, vcf, file, valid) -> None:
    everything = place == "all"
    software: dict[str, Any] = dict(WRONG)
    if place == "software" or everything:
        software = dict.fromkeys(
            ("python", "torch", "torchaudio", "torchcodec", "voxcpm", "pynvml", "ffmpeg"), EVIL
        )
        software |= {"torchaudio": f"2.9.0+{EVIL}", "torch": f"2.13.0+{EVIL}", "pynvml": EVIL}
    names = ("CUDA_VISIBLE_DEVICES", "HSA_OVERRIDE_GFX_VERSION", "HF_ENDPOINT", "wsl_driver",
             "TORCHDYNAMO_DISABLE", "OMP_NUM_THREADS", "long_paths", EVIL)  # fmt: skip
    settings = dict.fromkeys(names, EVIL) if place == "settings" or everything else {}
    gpu = {"name": "NVIDIA GeForce RTX 3060", "vram": "12GiB"}
    if place == "gpu" or everything:
        gpu = {"name": EVIL, "vendor": "nvidia", "vram": "12GiB", "driver": EVIL}
    if place == "hidden" or everything:
        gpu["hidden_by"] = EVIL
    path = file(software=software, settings=settings, gpus=[gpu])
    for flags in ([], ["-v"]):
        done = vcf("doctor", "--machine", path, "--lang", lang, *flags)
        assert done.code in (0, 1, 3)
        for bad in BAD:
            assert bad not in done.out + done.err
        assert len(done.out) < 40_000
    done = vcf("doctor", "--machine", path, "--lang", lang, "--json")
    valid("doctor", done.json)
    assert "\x1b" not in done.out
    assert "\x07" not in done.out


def test_hostile_numbers_of_threads(vcf, file) -> None:
    for value in ("²", "9" * 5000):
        done = vcf("doctor", "--machine", file(software=FITS, settings={"OMP_NUM_THREADS": value}))
        assert done.code == 0, done.err


def test_hostile_metadata(vcf, environment, fixed, monkeypatch) -> None:
    """What stands in the metadata of packages is data too."""
    from vcf.machine import requirements

    evil = requirements.Unmet(
        package="vox\x1b[31m",
        version="2\u202e",
        requirement="n<2\x9b",
        have="\x07" * 999,
        root="x\x08",
    )
    monkeypatch.setattr(requirements, "unmet", lambda python, roots: [evil])
    done = vcf("doctor", "--python", environment)
    for bad in BAD:
        assert bad not in done.out


# ---- settings ---------------------------------------------------------------------------------


def test_settings_are_saved_and_judged(vcf, monkeypatch, tmp_path, valid) -> None:
    """What ``probe --save`` writes, ``check`` and ``doctor`` read."""
    settings = {"TORCHDYNAMO_DISABLE": "1", "HF_ENDPOINT": "https://hf-mirror.com"}
    machine = replace(
        load_machine("desktop-rtx-3060-12gb"), settings=settings,
        software={**FITS, "triton": "3.4.0", "numpy": "2.3.9"},
    )  # fmt: skip
    monkeypatch.setattr(probe_module, "probe", lambda host=None, note=None, seconds=3.0: machine)
    saved = tmp_path / "saved.yaml"
    assert vcf("probe", "--save", saved).code == 0
    assert yaml.safe_load(saved.read_text(encoding="utf-8"))["settings"] == settings
    valid("machine", yaml.safe_load(saved.read_text(encoding="utf-8")))
    assert load_machine(saved) == machine
    check = vcf("check", "voxcpm-2:gpu-bf16", "--json", "--machine", saved)
    assert check.json["results"][0]["machine"]["settings"] == settings
    assert "TORCHDYNAMO_DISABLE=1" in check.out
    doctor = vcf("doctor", "--json", "--machine", saved)
    assert {"compile-off", "mirror"} <= set(ids(doctor.json))
