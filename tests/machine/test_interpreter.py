"""Another Python: found by folder, path or name, asked once, its packages read unimported."""

from __future__ import annotations

import json
import os
import platform
import stat
import sys
import time
from pathlib import Path
from typing import Any

import pytest

from vcf.errors import UsageError
from vcf.machine.host import Unanswered, python_facts
from vcf.machine.interpreter import (
    Interpreter,
    calls_of,
    interpreter,
    locate,
    parse,
    running,
)
from vcf.machine.probe import live_host, probe

scripts = pytest.mark.skipif(sys.platform == "win32", reason="the fakes are shell scripts")

ANSWER: dict[str, Any] = {
    "platform": "linux", "machine": "x86_64", "version": "3.12.1", "implementation": "CPython",
    "bits": "64", "build": "3.12.1 (main)", "executable": "/x/python", "prefix": "/x",
    "path": ["/x/lib"],
}  # fmt: skip


def told(**changes: Any) -> str:
    return "chatter\nvcf-python:" + json.dumps({**ANSWER, **changes}) + "\n"


def program(file: Path, text: str) -> Path:
    """A file that can be started."""
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)
    file.chmod(file.stat().st_mode | stat.S_IXUSR)
    return file


# ---- where it is ------------------------------------------------------------------------------


@pytest.mark.parametrize("base", ["", ".venv", "venv"])
@pytest.mark.parametrize(
    "name", ["bin/python", "bin/python3", "Scripts/python.exe", "python.exe", "python"]
)
def test_an_environment_by_its_folder(base: str, name: str, tmp_path: Path) -> None:
    file = program(tmp_path / base / name, "")
    assert locate(str(tmp_path)) == str(file)


def test_the_folder_itself_comes_before_one_in_it(tmp_path: Path) -> None:
    program(tmp_path / ".venv/bin/python", "")
    own = program(tmp_path / "bin/python3", "")
    assert locate(str(tmp_path)) == str(own)


def test_a_path_and_a_path_in_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = program(tmp_path / "bin/python", "")
    assert locate(str(file)) == str(file)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert locate("~/bin/python") == str(file)
    assert locate("~") == str(file)


@scripts
def test_a_name_on_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = program(tmp_path / "bin/snake3", "#!/bin/sh\n")
    monkeypatch.setenv("PATH", str(file.parent))
    monkeypatch.chdir(tmp_path)
    assert locate("snake3") == str(file)
    with pytest.raises(UsageError, match="snake4: no such interpreter"):
        locate("snake4")


def test_nothing_there(tmp_path: Path) -> None:
    missing = str(tmp_path / "bin" / "python")
    with pytest.raises(UsageError) as caught:
        locate(missing)
    assert caught.value.message == f"{missing}: no such interpreter"
    assert "environment" in caught.value.hint
    with pytest.raises(UsageError) as caught:
        locate(str(tmp_path))
    assert caught.value.message == f"{tmp_path}: holds no Python"
    assert "folder" in caught.value.hint


@pytest.mark.parametrize(
    "path",
    [
        "~nobody-of-this-name/bin/python",
        "x" * 5000,
        "nul\0l",
    ],
)
def test_paths_that_can_not_be(path: str) -> None:
    with pytest.raises(UsageError):
        locate(path)


@scripts
def test_a_file_in_this_folder_is_the_one_that_is_asked(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path / "bin/snake3", "#!/bin/sh\necho 'the one on PATH'")
    program(tmp_path / "snake3", f"#!/bin/sh\ncat <<'E'\n{told()}E\n")
    monkeypatch.setenv("PATH", f"{tmp_path / 'bin'}{os.pathsep}{os.environ['PATH']}")
    monkeypatch.chdir(tmp_path)
    assert interpreter("./snake3").version == "3.12.1"


# ---- what it answers --------------------------------------------------------------------------


def test_this_python_asked_from_outside() -> None:
    found, own = interpreter(sys.executable), running()
    assert found.executable == own.executable == sys.executable
    assert found.version == own.version == platform.python_version()
    assert found.prefix == own.prefix == sys.prefix
    for name in ("platform", "machine", "version", "implementation", "bits"):
        assert found.facts()[name] == own.facts()[name] == python_facts()[name]
    assert all(os.path.isabs(folder) for folder in found.path)
    assert any(folder.endswith("site-packages") for folder in found.path)
    assert own.path == tuple(sys.path)


@scripts
def test_an_answer_among_chatter(tmp_path: Path) -> None:
    file = program(tmp_path / "bin/python", f"#!/bin/sh\ncat <<'E'\n{told()}bye\nE\n")
    found = interpreter(str(tmp_path))
    assert found == Interpreter(
        executable=str(file), version="3.12.1", platform="linux", machine="x86_64",
        implementation="CPython", bits="64", prefix="/x", path=("/x/lib",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("build", "machine"),
    [
        ("3.11.9 (tags/v3.11.9:de54cf5) [MSC v.1938 64 bit (AMD64)]", "AMD64"),
        ("3.12.1 (tags/v3.12.1:2305ca5) [MSC v.1937 64 bit (ARM64)]", "ARM64"),
        ("3.10.0 [MSC v.1929 32 bit (Intel)]", "x86"),
    ],
)
def test_windows_tells_the_machine_by_its_build(build: str, machine: str) -> None:
    out = told(platform="win32", machine="", build=build, implementation="CPython")
    found = parse("python.exe", out, 0)
    assert (found.machine, found.platform, found.executable) == (machine, "win32", "python.exe")


@pytest.mark.parametrize(
    "out",
    [
        "", "hello\n", "vcf-python:\n", "vcf-python:{\n", "vcf-python:null\n", "vcf-python:{}\n",
        told(version=3), told(path="/x"), told(machine="", build=None).replace('"build"', '"b"'),
        "vcf-python:[1]\n",
        "vcf-python:5\n",
    ],
)  # fmt: skip
def test_rubbish(out: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse("some/python", out, 7)
    assert caught.value.message == ("some/python: does not answer like a Python 3 (exit status 7)")
    assert "interpreter" in caught.value.hint


@scripts
@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("#!/bin/sh\necho hello\n", "does not answer like a Python 3 (exit status 0)"),
        ("#!/bin/sh\nprintf '\\377\\376 rubbish'; exit 3\n", "(exit status 3)"),
        # Python 2 has no sys.implementation
        ("#!/bin/sh\necho AttributeError: implementation >&2; exit 1\n", "(exit status 1)"),
        ("#!/bin/sh\nkill -SEGV $$\n", "(exit status -11)"),
        ("#!/no/such/program\n", "No such file or directory"),
        ("not a program at all\n", "Exec format error"),
    ],
)
def test_programs_that_are_no_python(text: str, words: str, tmp_path: Path) -> None:
    file = program(tmp_path / "python", text)
    with pytest.raises(UsageError) as caught:
        interpreter(str(file))
    assert caught.value.message.startswith(f"{file}: ")
    assert words in caught.value.message


@scripts
def test_a_file_that_can_not_be_started(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("no program")
    with pytest.raises(UsageError) as caught:
        interpreter(str(file))
    assert caught.value.message == f"{file}: Permission denied"
    assert caught.value.hint == "is it an interpreter?"


@scripts
def test_one_that_hangs(tmp_path: Path) -> None:
    file = program(tmp_path / "python", "#!/bin/sh\nexec sleep 30\n")
    start = time.monotonic()
    with pytest.raises(UsageError, match=r"no answer in 0\.3 s"):
        interpreter(str(file), seconds=0.3)
    assert time.monotonic() - start < 10


# ---- its packages -----------------------------------------------------------------------------


def dist(folder: Path, name: str, version: str) -> None:
    info = folder / f"{name}-{version}.dist-info"
    info.mkdir(parents=True)
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n")


@pytest.fixture
def other(tmp_path: Path) -> Interpreter:
    """A Python with packages that are only folders, of which nothing can be imported."""
    site = tmp_path / "site-packages"
    for name, version in (("torch", "2.13.0"), ("torchaudio", "2.11.0"), ("voxcpm", "2.0.3"),
                          ("nanovllm_voxcpm", "2.0.0"), ("requests", "2.0")):  # fmt: skip
        dist(site, name, version)
    dist(tmp_path / "later", "torch", "1.0")
    for name, text in (
        ("torch", "__version__ = '2.13.0+cpu'\ncuda = None\n"),
        ("torchaudio", "__version__ = '2.11.0+cu130'\ngit_version = 'x'\n"),
        ("torchcodec", ""),
    ):
        (site / name).mkdir()
        (site / name / "version.py").write_text(text)
    return Interpreter(
        executable="/x/python", version="3.12.1", platform=sys.platform,
        machine=python_facts()["machine"],
        path=(str(tmp_path / "missing"), str(site), str(tmp_path / "later")),
    )  # fmt: skip


def test_calls_answer_for_the_other_python(other: Interpreter) -> None:
    calls = calls_of(other)
    assert calls["python"]() == other.facts()
    assert calls["metadata"]() == {
        "torch": "2.13.0", "torchaudio": "2.11.0", "voxcpm": "2.0.3", "nanovllm-voxcpm": "2.0.0",
    }  # fmt: skip
    assert "2.13.0+cpu" in calls["torch_version_file"]()
    assert "2.11.0+cu130" in calls["version_file"]("torchaudio")
    assert calls["version_file"]("torchcodec") == ""
    with pytest.raises(Unanswered, match=r"voxcpm/version\.py: not found"):
        calls["version_file"]("voxcpm")


def test_the_probe_finds_the_software_of_the_other_python(other: Interpreter) -> None:
    machine = probe(live_host(calls_of(other)))
    software = {name: have for name, have in machine.software.items() if have and name != "ffmpeg"}
    assert software == {
        "python": "3.12.1", "torch": "2.13.0+cpu", "torchaudio": "2.11.0+cu130",
        "voxcpm": "2.0.3", "nano-vllm-voxcpm": "2.0.0",
    }  # fmt: skip
    assert machine.sources["software.torch"] == "package metadata, torch/version.py"
    assert machine.sources["software.torchaudio"] == "package metadata, torchaudio/version.py"


@scripts
def test_a_flood_is_not_read_to_its_end(tmp_path: Path) -> None:
    flood = program(tmp_path / "flood", "#!/bin/sh\nexec yes vcf-python:")
    start = time.monotonic()
    with pytest.raises(UsageError, match="does not answer like a Python"):
        interpreter(str(flood), 10)
    assert time.monotonic() - start < 8


@scripts
def test_a_hang_ends_with_what_it_started(tmp_path: Path) -> None:
    left = tmp_path / "left"
    hang = program(tmp_path / "hang", f"#!/bin/sh\n(sleep 2; touch {left}) &\nsleep 60")
    with pytest.raises(UsageError, match=r"no answer in 0\.5 s"):
        interpreter(str(hang), 0.5)
    time.sleep(2.5)
    assert not left.exists()


@pytest.mark.parametrize(
    "out",
    [
        told(version="3." + "1" * 500), told(path=["/x\0y"]),
        "vcf-python:" + "[" * 100_000, "vcf-python:\"\\u0000\"",
    ],
)  # fmt: skip
def test_forged_answers(out: str) -> None:
    with pytest.raises(UsageError, match="does not answer like a Python"):
        parse("some/python", out, 0)
