"""What is set: environment variables, NVIDIA's module, WSL's driver, long paths of Windows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml

from vcf.cli.probe import write_machine
from vcf.cli.schema import schema_of
from vcf.machine.findings import Findings
from vcf.machine.host import Recording, ReplayHost, Unanswered
from vcf.machine.load import load_machine, read_machine
from vcf.machine.model import Machine
from vcf.machine.probe import PROBES, probe
from vcf.machine.raw import Scrubber, clean_answers
from vcf.machine.settings import parse_module, probe_settings
from vcf.machine.variables import LONGEST, VARIABLES, clean

MACHINES = Path(__file__).parent.parent / "machines"
PYTHON = {"version": "3.11.9", "implementation": "CPython", "bits": "64"}
LINUX = {"call python": {"ok": {**PYTHON, "platform": "linux", "machine": "x86_64"}}}
WINDOWS = {"call python": {"ok": {**PYTHON, "platform": "win32", "machine": "AMD64"}}}
MAC = {"call python": {"ok": {**PYTHON, "platform": "darwin", "machine": "arm64"}}}
WSL = {**LINUX, "read /proc/sys/kernel/osrelease": {"ok": "5.15.153.1-microsoft-standard-WSL2\n"}}
LONG_PATHS = r"call registry HKLM\SYSTEM\CurrentControlSet\Control\FileSystem LongPathsEnabled"
VERSION = "/proc/driver/nvidia/version"
DEBIAN, FEDORA = "/usr/lib/x86_64-linux-gnu", "/usr/lib64"


def settings_of(answers: dict[str, Any]) -> dict[str, str]:
    """The settings by name; each of them has a source."""
    found = probe_settings(ReplayHost(answers))
    assert set(found.values) == set(found.sources)
    assert not found.unknown
    assert all(path[0] == "settings" for path in found.values)
    return {str(path[1]): value for path, value in found.values.items()}


# ---- environment variables --------------------------------------------------------------------


@pytest.mark.parametrize("name", VARIABLES)
@pytest.mark.parametrize("system", [LINUX, WINDOWS, MAC], ids=["linux", "windows", "macos"])
def test_each_variable(name: str, system: dict[str, Any]) -> None:
    found = settings_of({**system, f"env {name}": {"ok": " 1,0 "}, LONG_PATHS: {"error": "?"}})
    assert found == {name: "1,0"}


def test_the_variables_are_those_of_the_programs() -> None:
    assert set(VARIABLES) >= {
        "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "HF_ENDPOINT", "HF_HUB_OFFLINE",
        "VOXCPM_MPS_DTYPE", "TORCHDYNAMO_DISABLE", "OMP_NUM_THREADS",
    }  # fmt: skip
    assert len(set(VARIABLES)) == len(VARIABLES)


def test_nothing_set_is_an_empty_table() -> None:
    assert settings_of(LINUX) == {}
    assert settings_of(MAC) == {}
    assert settings_of({**LINUX, "env HF_ENDPOINT": {"ok": None}}) == {}
    assert probe(ReplayHost(LINUX)).settings == {}


def test_set_to_nothing_is_set() -> None:
    """CUDA_VISIBLE_DEVICES= hides every GPU."""
    assert settings_of({**LINUX, "env CUDA_VISIBLE_DEVICES": {"ok": ""}}) == {
        "CUDA_VISIBLE_DEVICES": ""
    }


def test_the_source_is_named() -> None:
    found = probe_settings(ReplayHost({**LINUX, "env HF_ENDPOINT": {"ok": "https://x.org"}}))
    assert found.sources == {("settings", "HF_ENDPOINT"): "environment variable"}


def test_a_failed_probe_leaves_the_settings_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(host: object) -> Findings:
        raise RuntimeError("no luck")

    probes = [(n, broken if n == "settings" else p, paths) for n, p, paths in PROBES]
    monkeypatch.setattr("vcf.machine.probe.PROBES", tuple(probes))
    machine = probe(ReplayHost(LINUX))
    assert machine.settings is None
    assert "no luck" in machine.unknown["settings"]


def test_python_that_does_not_tell_its_platform() -> None:
    with pytest.raises(Unanswered, match="not in the record"):
        probe_settings(ReplayHost({}))


# ---- nobody's password ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://hf-mirror.com", "https://hf-mirror.com"),
        ("https://me:secret@mirror.example/hf", "https://mirror.example/hf"),
        ("http://token@mirror.example", "http://mirror.example"),
        ("https://mirror.example/a@b", "https://mirror.example/a@b"),
        (" https://mirror.example\n", "https://mirror.example"),
        ("x" * 500, "x" * LONGEST),
    ],
)
def test_addresses_lose_user_and_password(value: str, kept: str) -> None:
    assert clean(value) == kept
    assert settings_of({**LINUX, "env HF_ENDPOINT": {"ok": value}}) == {"HF_ENDPOINT": kept}


def test_a_password_with_an_at_sign() -> None:
    assert clean("https://me:se@cret@mirror.example/hf") == "https://mirror.example/hf"


def test_raw_records_lose_the_password_too() -> None:
    recording = Recording(
        ReplayHost({**LINUX, "env HF_ENDPOINT": {"ok": "https://me:secret@mirror.example/hf"}})
    )
    probe(recording)
    answers = clean_answers(recording.answers, Scrubber({}))
    assert answers["env HF_ENDPOINT"] == {"ok": "https://mirror.example/hf"}
    assert answers["env HF_HUB_OFFLINE"] == {"ok": None}
    assert "secret" not in str(answers)
    assert probe(ReplayHost(answers)).settings == {"HF_ENDPOINT": "https://mirror.example/hf"}


# ---- Windows ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        ({"ok": 1}, {"long_paths": "on"}),
        ({"ok": "1"}, {"long_paths": "on"}),
        ({"ok": 0}, {"long_paths": "off"}),
        ({"ok": "rubbish"}, {"long_paths": "off"}),
        # the value is not there until somebody makes it
        ({"error": r"registry: no LongPathsEnabled in HKLM\SYSTEM"}, {"long_paths": "off"}),
        # the question itself failed
        ({"error": r"registry: no HKLM\SYSTEM\CurrentControlSet\Control\FileSystem"}, {}),
        ({"error": "registry: not offered on win32"}, {}),
    ],
)
def test_long_paths(answer: dict[str, Any], told: dict[str, str]) -> None:
    assert settings_of({**WINDOWS, LONG_PATHS: answer}) == told


def test_an_older_record_says_nothing_of_long_paths() -> None:
    assert settings_of(WINDOWS) == {}


def test_long_paths_are_asked_of_windows_only() -> None:
    assert settings_of({**LINUX, LONG_PATHS: {"ok": 1}}) == {}
    assert settings_of({**MAC, LONG_PATHS: {"ok": 1}}) == {}


# ---- NVIDIA's kernel module -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "version"),
    [
        (
            "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.07  Sat Feb 17 22:55:48 UTC "
            "2024\nGCC version:  gcc version 12.3.0 (Ubuntu 12.3.0-1ubuntu1~22.04)\n",
            "535.161.07",
        ),
        (
            "NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  550.90.07  Release Build  "
            "(dvs-builder@U16-I1-N08-05-1)  Fri May 31 09:30:47 UTC 2024\n"
            "GCC version:  gcc version 13.2.0 (Ubuntu 13.2.0-23ubuntu4)\n",
            "550.90.07",
        ),
        (
            "NVRM version: NVIDIA UNIX Open Kernel Module for aarch64  540.4.0  Release Build  "
            "(buildbrain@mobile-u64-6519-d7000)\nGCC version:  collect2: error: ld returned 1\n",
            "540.4.0",
        ),
        (
            "NVRM version: NVIDIA UNIX aarch64 Kernel Module  470.256.02  Thu May  2 14:37:44 UTC "
            "2024\n",
            "470.256.02",
        ),
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  390.157  Wed Oct 12 2022\n", "390.157"),
        ("GCC version:  gcc version 12.3.0\n", None),
        ("", None),
        ("NVRM version: NVIDIA UNIX x86_64 Kernel Module  rubbish\n", None),
    ],
)
def test_module_versions(text: str, version: str | None) -> None:
    assert parse_module(text) == version
    told = {} if version is None else {"nvidia_module": version}
    assert settings_of({**LINUX, f"read {VERSION}": {"ok": text}}) == told


def test_the_module_is_asked_of_linux_only() -> None:
    text = "NVRM version: NVIDIA UNIX x86_64 Kernel Module  535.161.07  Sat Feb 17 2024"
    assert settings_of({**MAC, f"read {VERSION}": {"ok": text}}) == {}


# ---- WSL --------------------------------------------------------------------------------------


def libraries(folder: str, **links: str) -> dict[str, Any]:
    """The answers about libraries in a folder: name, with _ for its dots, and where it leads."""
    real = {name.replace("_", "."): target for name, target in links.items()}
    answers: dict[str, Any] = {f"call names {folder} libcuda.so.": {"ok": list(real)}}
    return answers | {f"readlink {folder}/{name}": {"ok": to} for name, to in real.items()}


@pytest.mark.parametrize("folder", [DEBIAN, "/usr/lib/aarch64-linux-gnu", FEDORA])
def test_a_linux_driver_inside_wsl(folder: str) -> None:
    real = f"{folder}/libcuda.so.535.183.01"
    found = probe_settings(ReplayHost({**WSL, **libraries(folder, libcuda_so_1=real)}))
    assert found.values == {("settings", "wsl_driver"): "libcuda.so.535.183.01"}
    assert found.sources == {("settings", "wsl_driver"): folder}


def test_links_to_the_driver_of_windows_are_fine() -> None:
    lent = {"libcuda_so_1": "/usr/lib/wsl/lib/libcuda.so.1", "libcuda_so_1_1": "/usr/lib/wsl/x"}
    assert settings_of({**WSL, **libraries(DEBIAN, **lent)}) == {}
    both = {**lent, "libcuda_so_550": f"{FEDORA}/libcuda.so.550.54.14"}
    assert settings_of({**WSL, **libraries(DEBIAN, **lent), **libraries(FEDORA, **both)}) == {
        "wsl_driver": "libcuda.so.550.54.14"
    }


def test_folders_and_links_that_do_not_answer() -> None:
    nowhere = {
        f"call names {DEBIAN} libcuda.so.": {"ok": ["libcuda.so.1"]},
        f"readlink {DEBIAN}/libcuda.so.1": {"error": "No such file or directory"},
        f"call names {FEDORA} libcuda.so.": {"error": "names: FileNotFoundError"},
    }
    assert settings_of({**WSL, **nowhere}) == {}
    assert settings_of(WSL) == {}


def test_without_wsl_the_driver_belongs_there() -> None:
    real = libraries(DEBIAN, libcuda_so_1=f"{DEBIAN}/libcuda.so.535.183.01")
    kernel = {"read /proc/sys/kernel/osrelease": {"ok": "6.1.0-28-amd64\n"}}
    for answers in ({**LINUX, **real}, {**LINUX, **real, **kernel}):
        recording = Recording(ReplayHost(answers))
        assert probe_settings(recording).values == {}
        assert not [question for question in recording.answers if "libcuda" in question]


# ---- machine files ----------------------------------------------------------------------------

SET = {"HF_ENDPOINT": "https://hf-mirror.com", "long_paths": "off", "OMP_NUM_THREADS": "3"}


def test_settings_in_a_machine_file() -> None:
    assert read_machine("settings: {HF_ENDPOINT: a, long_paths: 'off'}", "d.yaml").settings == {
        "HF_ENDPOINT": "a", "long_paths": "off",
    }  # fmt: skip
    assert read_machine("settings: {}", "d.yaml").settings == {}
    assert read_machine("settings: null", "d.yaml").settings is None
    assert read_machine("os: linux", "d.yaml").settings is None


@pytest.mark.parametrize("suffix", [".yaml", ".json"])
def test_what_is_saved_is_read_again(suffix: str, tmp_path: Path) -> None:
    for told in (SET, {}, None):
        machine = Machine(name="x", gpus=[], settings=told)
        write_machine(machine, str(tmp_path / f"m{suffix}"))
        assert load_machine(tmp_path / f"m{suffix}") == machine


@pytest.mark.parametrize("case", ["os-wsl2-linux-driver-inside", "os-windows-11-long-paths-off"])
def test_recorded_settings_fit_the_schema(case: str, tmp_path: Path) -> None:
    record = yaml.load((MACHINES / case / "raw.yaml").read_text("utf-8"), yaml.CSafeLoader)
    machine = probe(ReplayHost(record["answers"]))
    write_machine(machine, str(tmp_path / "m.yaml"))
    again = load_machine(tmp_path / "m.yaml")
    assert again.settings == machine.settings
    assert len(again.settings) >= 2
    jsonschema.Draft202012Validator(schema_of("probe")).validate(msgspec.to_builtins(machine))


def test_the_schema_of_machine_files_names_settings() -> None:
    made = schema_of("machine")
    fields = made["$defs"]["MachineFile"]["properties"]
    kinds = {kind.get("type") for kind in fields["settings"]["anyOf"]}
    assert kinds == {"object", "null"}
    check = jsonschema.Draft202012Validator(made)
    check.validate({"settings": SET})
    with pytest.raises(jsonschema.ValidationError):
        check.validate({"settings": {"OMP_NUM_THREADS": [3]}})


# ---- settings written by hand -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "kept"),
    [
        ("https://me:secret@mirror.example/hf", "https://mirror.example/hf"),
        ("me:secret@mirror.example", "mirror.example"),
        ("https://mirror.example/hf?token=abcd#x", "https://mirror.example/hf"),
        ("0,1", "0,1"),
        ("what?", "what?"),
    ],
)
def test_secrets_are_not_kept_wherever_they_come_from(value: str, kept: str) -> None:
    assert clean(value) == kept
    written = read_machine(f'settings: {{HF_ENDPOINT: "{value}"}}', "desk.yaml")
    assert written.settings == {"HF_ENDPOINT": kept}


def test_numbers_need_no_quotes() -> None:
    machine = read_machine("wsl: 2\nsettings: {OMP_NUM_THREADS: 1}", "desk.yaml")
    assert (machine.wsl, machine.settings) == ("2", {"OMP_NUM_THREADS": "1"})


@pytest.mark.parametrize(
    ("card", "settings", "hidden"),
    [
        ("RTX 3060", 'CUDA_VISIBLE_DEVICES: "-1"', "CUDA_VISIBLE_DEVICES=-1"),
        ("RTX 3060", 'CUDA_VISIBLE_DEVICES: ""', "CUDA_VISIBLE_DEVICES="),
        ("RTX 3060", 'CUDA_VISIBLE_DEVICES: "1,0"', None),
        ("AMD Radeon RX 7900 XTX", 'ROCR_VISIBLE_DEVICES: "none"', "ROCR_VISIBLE_DEVICES=none"),
        ("AMD Radeon RX 7900 XTX", "HF_HUB_OFFLINE: 1", None),
        ("Intel Arc A770", 'CUDA_VISIBLE_DEVICES: "-1"', None),
    ],
)
def test_a_hidden_card_is_hidden_in_a_file_too(card: str, settings: str, hidden: str) -> None:
    vendor = "intel" if "Arc" in card else "amd" if "AMD" in card else "nvidia"
    text = f"gpus: [{{name: {card}, vendor: {vendor}}}]\nsettings: {{{settings}}}"
    assert read_machine(text, "desk.yaml").gpus[0].hidden_by == hidden


def test_a_file_may_say_itself_what_hides_a_card() -> None:
    text = 'gpus: [{name: RTX 3060, hidden_by: mine}]\nsettings: {CUDA_VISIBLE_DEVICES: "-1"}'
    assert read_machine(text, "desk.yaml").gpus[0].hidden_by == "mine"
