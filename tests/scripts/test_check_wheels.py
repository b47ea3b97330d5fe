"""scripts/check_wheels.py: the wheel matrix against a torch made of files."""

from __future__ import annotations

import importlib
import json
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]
CU130 = (
    'cuda-toolkit[cublas,cudart]==13.0.3; platform_system == "Linux"',
    'nvidia-cudnn-cu13==9.24.0.43; platform_system == "Linux"',
    'triton~=3.8.0; platform_system == "Linux" and python_version < "3.15"',
    'optree>=0.13.0; extra == "optree"',
)
FLAGS_CU130 = "sm_75 sm_80 sm_86 sm_90 sm_100 sm_120"


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("check_wheels")


def package(
    site: Path,
    version: str,
    *,
    name: str = "torch",
    tag: str = "cp311-cp311-manylinux_2_28_x86_64",
    built: str | None = None,
    cuda: str | None = None,
    hip: str | None = None,
    requires: tuple[str, ...] = (),
    python: str = ">=3.10",
    flags: str = "",
) -> Path:
    """A package as pip leaves it, without its programs."""
    info = site / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    lines = [f"Name: {name}", f"Version: {version}", f"Requires-Python: {python}"]
    lines += [f"Requires-Dist: {line}" for line in requires]
    (info / "METADATA").write_text("Metadata-Version: 2.1\n" + "\n".join(lines) + "\n", "utf-8")
    (info / "WHEEL").write_text(f"Wheel-Version: 1.0\nTag: {tag}\n", "utf-8")
    folder = site / name
    (folder / "lib").mkdir(parents=True)
    (folder / "version.py").write_text(
        f"from typing import Optional\n__version__ = '{built or version}'\n"
        f"cuda: Optional[str] = {cuda!r}\nhip: Optional[str] = {hip!r}\n",
        "utf-8",
    )
    if flags:
        (folder / "lib" / "libtorch_python.so").write_bytes(b"\0ELF\0" + flags.encode() + b"\0")
    return site


def pypi_cu130(site: Path, **changes: object) -> Path:
    """torch 2.14.1 as plain PyPI gives it on Linux."""
    fields: dict[str, object] = {
        "built": "2.14.1+cu130",
        "cuda": "13.0",
        "requires": CU130,
        "flags": FLAGS_CU130,
    }
    return package(site, "2.14.1", **(fields | changes))  # type: ignore[arg-type]


def states(script: ModuleType, site: Path) -> dict[str, str]:
    found = script.installed([str(site)])
    rows, _ = script._judge(found, None)
    return {row.what: row.state for row in rows}


def test_the_wheel_of_plain_pypi(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    site = pypi_cu130(tmp_path)
    package(site, "2.11.0", name="torchaudio", built="2.11.0+cu130")
    assert script.main(["--site", str(site)]) == 0
    told = capsys.readouterr().out
    assert "torch 2.14.1+cu130 for linux-x86_64, Python 3.11" in told
    assert "differs" not in told and "not checked" not in told
    assert "7.5 8.0 8.6 9.0 10.0 12.0" in told and "~=3.8.0" in told


@pytest.mark.parametrize(
    ("changes", "what"),
    [
        ({"built": "2.14.1+cu126", "cuda": "12.6"}, "build of plain PyPI"),
        ({"tag": "cp315-cp315-manylinux_2_28_x86_64"}, "Python"),
        ({"python": ">=3.11"}, "Python"),
        ({"requires": CU130[:2]}, "triton"),
        ({"requires": CU130[:1] + CU130[2:]}, "cuDNN"),
        ({"requires": ("nvidia-cuda-runtime-cu12 (==12.8.90)",)}, "CUDA runtime"),
        ({"cuda": "13.2"}, "torch.version.cuda"),
        ({"flags": "sm_80 sm_90"}, "architectures"),
        ({"flags": FLAGS_CU130 + " compute_120"}, "PTX"),
    ],
)
def test_what_differs_is_told(
    script: ModuleType, tmp_path: Path, changes: dict[str, object], what: str
) -> None:
    site = pypi_cu130(tmp_path, **changes)
    assert states(script, site)[what] == "differs"
    assert script.main(["--site", str(site)]) == 1


@pytest.mark.parametrize(
    ("audio", "state"),
    [("2.11.0+cu130", "same"), ("2.11.0+cpu", "differs"), ("2.10.0", "differs")],
)
def test_torchaudio(script: ModuleType, tmp_path: Path, audio: str, state: str) -> None:
    site = pypi_cu130(tmp_path)
    package(site, audio.partition("+")[0], name="torchaudio", built=audio)
    assert states(script, site)["torchaudio"] == state


def test_a_build_from_an_index_is_judged_by_its_own_row(script: ModuleType, tmp_path: Path) -> None:
    requires = ("nvidia-cudnn-cu12==9.10.2.21", "triton~=3.8.0")
    flags = "sm_50 sm_60 sm_70 sm_75 sm_80 sm_86 sm_90"
    site = package(tmp_path, "2.14.1+cu126", cuda="12.6", requires=requires, flags=flags)
    assert states(script, site) == {
        "release": "same",
        "build tag": "same",
        "Python": "same",
        "triton": "same",
        "cuDNN": "same",
        "CUDA runtime": "not checked",
        "torch.version.cuda": "same",
        "architectures": "same",
        "PTX": "same",
        "torchaudio": "not checked",
    }


def test_a_build_that_the_table_lacks(script: ModuleType, tmp_path: Path) -> None:
    found = states(script, package(tmp_path, "2.14.1+cu128", cuda="12.8"))
    assert (found["build tag"], found["architectures"]) == ("differs", "not checked")


@pytest.mark.parametrize(
    ("version", "tag", "variant"),
    [
        ("2.15.0", "cp312-none-macosx_14_0_arm64", "mps"),
        ("2.5.1", "cp312-cp312-manylinux2014_aarch64", "cpu"),
        ("2.2.2", "cp311-none-macosx_10_9_x86_64", "cpu"),
        ("2.14.1+cpu", "cp311-cp311-win_amd64", "cpu"),
    ],
)
def test_builds_without_cuda(
    script: ModuleType, tmp_path: Path, version: str, tag: str, variant: str
) -> None:
    site = package(tmp_path, version, tag=tag, python=">=3.8")
    assert script.installed([str(site)]).variant == variant
    assert script.main(["--site", str(site)]) == 0


@pytest.mark.parametrize(("hip", "state"), [("7.2.53211-e1a6bc", "same"), ("7.1.1", "differs")])
def test_rocm(script: ModuleType, tmp_path: Path, hip: str, state: str) -> None:
    found = states(script, package(tmp_path, "2.14.1+rocm7.2", hip=hip))
    assert (found["build tag"], found["torch.version.hip"]) == ("same", state)


@pytest.mark.parametrize(
    ("version", "why"),
    [("9.9.0", "newer than the table"), ("2.14.7", "not in the table")],
)
def test_an_unknown_torch_names_the_newest_known_row(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], version: str, why: str
) -> None:
    assert script.main(["--site", str(package(tmp_path, version))]) == 3
    told = capsys.readouterr().out
    assert f"newest {script.newest_release().newest}" in told and why in told


def test_an_unknown_platform_cannot_be_told(script: ModuleType, tmp_path: Path) -> None:
    site = package(tmp_path, "2.14.1", tag="cp311-cp311-win_arm64")
    assert script.main(["--site", str(site)]) == 3


def test_no_torch(script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert script.main(["--site", str(tmp_path)]) == 2
    assert capsys.readouterr().out.startswith("no torch installed in ")


def test_an_interpreter_that_is_none(
    script: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert script.main(["--python", str(tmp_path / "python")]) == 3
    assert "can't be asked" in capsys.readouterr().err


def test_another_interpreter(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    assert script.site_folders(sys.executable)

    def none(folders: list[str]) -> None:
        assert folders

    monkeypatch.setattr(script, "installed", none)
    assert script.main([]) == 2


def asked(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: object
) -> tuple[list[str] | None, str]:
    """What comes of asking an interpreter that answers so, beside a torch without a library."""

    def run(command: list[str], **_: object) -> object:
        if isinstance(answer, Exception):
            raise answer
        return subprocess.CompletedProcess(command, 0, stdout=answer)

    torch = script.installed([str(pypi_cu130(tmp_path, flags=""))])
    monkeypatch.setattr(script.subprocess, "run", run)
    flags: tuple[list[str] | None, str] = script.arch_flags(torch, "python")
    return flags


def test_architectures_are_asked_of_torch(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    answer = 'a warning\n"sm_75 sm_120"\n'
    assert asked(script, monkeypatch, tmp_path, answer) == (["sm_75", "sm_120"], "")


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (subprocess.TimeoutExpired("python", 1), "took longer"),
        (subprocess.CalledProcessError(1, "python"), "importing torch failed"),
        ("", "importing torch failed"),
        ("null\n", "names none"),
    ],
)
def test_architectures_that_cannot_be_asked(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, answer: object, why: str
) -> None:
    flags, told = asked(script, monkeypatch, tmp_path, answer)
    assert flags is None and why in told


# --- PyPI -----------------------------------------------------------------------------------------


def index(tmp_path: Path, *versions: str) -> str:
    file = tmp_path / "index.json"
    file.write_text(json.dumps({"versions": versions}), "utf-8")
    return file.as_uri()


def test_a_table_as_new_as_pypi(script: ModuleType, tmp_path: Path) -> None:
    row = script.pypi_row(index(tmp_path, "1.13.1", "2.10.0", "2.9.1", "2.16.0rc1"))
    assert row.state == "same"


def test_a_stale_table_says_so(script: ModuleType, tmp_path: Path) -> None:
    row = script.pypi_row(index(tmp_path, "2.9.1", "9.10.0", "9.9.0"))
    assert (row.state, row.found) == ("differs", "stale table, newer: 9.9.0 9.10.0")
    missing = script.pypi_row(index(tmp_path, "2.9.7"))
    assert (missing.state, missing.found) == ("differs", "missing: 2.9.7")


def test_pypi_out_of_reach(script: ModuleType, tmp_path: Path) -> None:
    assert script.pypi_row((tmp_path / "nothing").as_uri()).state == "not checked"


@pytest.mark.parametrize(("state", "code"), [("same", 0), ("differs", 1), ("not checked", 0)])
def test_pypi_counts_for_the_exit_code(
    script: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, state: str, code: int
) -> None:
    monkeypatch.setattr(script, "pypi_row", lambda: script.Row("releases", state, "a", "b"))
    assert script.main(["--site", str(pypi_cu130(tmp_path)), "--pypi"]) == code
