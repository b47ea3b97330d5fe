"""Programs of others before they are measured: what is refused, and what is told of one."""

from __future__ import annotations

import hashlib
import os
import sys
from pathlib import Path

import program_stand_in
import psutil
import pytest

from vcf.bench import programs
from vcf.bench.kit_ggml import VOXCPM_TTS
from vcf.bench.programs import commit_of, examine
from vcf.errors import UsageError

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts that are executed")
COMMIT = "9b54b80bf8e67db8ce0c6c3f3b4be5e6e33353ba"


def refused(path: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        examine(path, VOXCPM_TTS)
    assert "\n" not in caught.value.message and caught.value.hint
    assert not psutil.Process().children(recursive=True)
    return caught.value


def script(path: Path, text: str) -> Path:
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_a_program(tmp_path: Path) -> None:
    path = program_stand_in.put(tmp_path)
    found = examine(path, VOXCPM_TTS)
    assert (found.path, found.commit) == (path, None)
    assert found.usage == program_stand_in.USAGE.format(program=path)
    assert found.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert found.versions == {
        "voxcpm-cpp": "unknown", "voxcpm-cpp-sha256": found.sha256[:12],
    }  # fmt: skip


def test_a_name_from_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program_stand_in.put(tmp_path)
    monkeypatch.chdir(tmp_path)
    assert examine(Path("voxcpm_tts"), VOXCPM_TTS).path == tmp_path / "voxcpm_tts"


def test_another_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAM_FAULT", "usage")
    error = refused(program_stand_in.put(tmp_path))
    assert "names no --threads" in error.message and "docs/bench-gguf.md" in error.hint


def test_another_program(tmp_path: Path) -> None:
    assert "is no voxcpm_tts" in refused(script(tmp_path / "x", "echo hello")).message


def test_missing_and_folders(tmp_path: Path) -> None:
    assert "does not exist" in refused(tmp_path / "none").message
    assert "is a folder" in refused(tmp_path).message
    (tmp_path / "file").write_text("")
    assert "does not exist" in refused(tmp_path / "file" / "x").message
    assert "can't be read" in refused(tmp_path / ("x" * 5000)).message
    assert "is not a file" in refused(Path("/dev/null")).message


def test_not_executable(tmp_path: Path) -> None:
    path = program_stand_in.put(tmp_path)
    path.chmod(0o644)
    error = refused(path)
    assert "may not be executed" in error.message and error.hint == f"chmod +x {path}"


def test_for_another_system(tmp_path: Path) -> None:
    path = tmp_path / "x"
    path.write_bytes(b"MZ\0\0 not for here")
    path.chmod(0o755)
    assert "not made for this system" in refused(path).message
    elf = Path(sys.executable).read_bytes()
    if elf[:4] == b"\x7fELF" and b"/lib64/ld-linux-x86-64.so.2\0" in elf:
        path.write_bytes(
            elf.replace(b"/lib64/ld-linux-x86-64.so.2\0", b"/lib64/ld-linux-x86-64.so.9\0")
        )
        assert "can't be started: what loads it is not there" in refused(path).message


@pytest.mark.parametrize(
    ("first", "words"),
    [
        ("#!/nowhere/at/all\n", "its interpreter /nowhere/at/all is not there"),
        ("#! /nowhere/at/all -x\n", "its interpreter /nowhere/at/all is not there"),
        ("#!/bin/sh\r\n", "its lines end as on Windows, so its interpreter /bin/sh is not found"),
        ("#!/usr/bin/env nowhere3\n", "its interpreter nowhere3 is not there"),
        ("#!/usr/bin/env sh\r\n", "its lines end as on Windows, so its interpreter sh"),
    ],
)
def test_scripts_without_interpreter(tmp_path: Path, first: str, words: str) -> None:
    path = tmp_path / "x"
    path.write_bytes(first.encode())
    path.chmod(0o755)
    assert f"can't be started: {words}" in refused(path).message


def test_a_script_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "x"
    path.write_text("#!/nowhere/at/all\n")
    path.chmod(0o755)

    def stop(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", stop)
    assert "what loads it is not there" in refused(path).message


def test_a_signal_leaves_no_child(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object) -> None:
        raise KeyboardInterrupt

    path = script(tmp_path / "x", "sleep 60")
    monkeypatch.setattr(programs.threading.Thread, "join", stop)
    with pytest.raises(KeyboardInterrupt):
        examine(path, VOXCPM_TTS)
    assert not psutil.Process().children(recursive=True)


def test_libraries_that_lack(tmp_path: Path) -> None:
    line = "x: error while loading shared libraries: libggml.so.0: cannot open"
    error = refused(script(tmp_path / "x", f"echo '{line}' >&2; exit 127"))
    assert "libggml.so.0" in error.message


@pytest.mark.parametrize(
    ("name", "words"), [("ILL", "this processor lacks"), ("SEGV", "SIGSEGV: a crash")]
)
def test_crashes(tmp_path: Path, name: str, words: str) -> None:
    assert words in refused(script(tmp_path / "x", f"kill -{name} $$")).message


def test_a_hang(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(programs, "HELP_S", 0.3)
    monkeypatch.setenv("PROGRAM_FAULT", "help-hangs")
    assert "does not end" in refused(program_stand_in.put(tmp_path)).message
    closed = script(tmp_path / "x", "exec >&- 2>&-; sleep 60")
    monkeypatch.setattr(programs, "ENDS_S", 0.3)
    assert "does not end" in refused(closed).message


def test_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = program_stand_in.put(tmp_path)

    def stop(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", stop)
    assert "can't be read" in refused(path).message


# ---- commits ----------------------------------------------------------------------------------


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """In a checkout's build folder."""
    place = tmp_path / "VoxCPM.cpp" / "build" / "examples"
    place.mkdir(parents=True)
    return program_stand_in.put(place)


def git(program: Path) -> Path:
    found = program.parents[2] / ".git"
    found.mkdir()
    return found


def test_commit_of_a_branch(program: Path) -> None:
    place = git(program)
    (place / "HEAD").write_text("ref: refs/heads/main\n")
    assert commit_of(program) is None
    (place / "packed-refs").write_text(f"# pack\n{COMMIT} refs/heads/main\n")
    assert commit_of(program) == COMMIT
    (place / "refs" / "heads").mkdir(parents=True)
    (place / "refs" / "heads" / "main").write_text("a" * 40 + "\n")
    assert commit_of(program) == "a" * 40
    (place / "refs" / "heads" / "main").write_text("rubbish\n")
    assert commit_of(program) is None


def test_commit_without_a_branch(program: Path) -> None:
    (git(program) / "HEAD").write_text(COMMIT + "\n")
    assert commit_of(program) == COMMIT
    assert examine(program, VOXCPM_TTS).versions["voxcpm-cpp"] == COMMIT[:12]


def test_commit_of_a_worktree(program: Path, tmp_path: Path) -> None:
    home = tmp_path / "main" / ".git" / "worktrees" / "other"
    home.mkdir(parents=True)
    (program.parents[2] / ".git").write_text(f"gitdir: {home}\n")
    (home / "HEAD").write_text("ref: refs/heads/other\n")
    (home / "commondir").write_text("../..\n")
    (tmp_path / "main" / ".git" / "packed-refs").write_text(f"{COMMIT} refs/heads/other\n")
    assert commit_of(program) == COMMIT


@pytest.mark.parametrize(
    "head", ["", "ref: ../../etc/passwd", "ref: refs/../../x", "\0", "ref: refs/\0"]
)
def test_no_commit(program: Path, head: str) -> None:
    (git(program) / "HEAD").write_text(head)
    assert commit_of(program) is None


def test_nothing_of_git(program: Path) -> None:
    place = program.parents[2] / ".git"
    place.write_text("rubbish")
    assert commit_of(program) is None
    os.unlink(place)
    place.mkdir()
    assert commit_of(program) is None


@pytest.mark.parametrize("name", ["HEAD", "packed-refs", "commondir", "refs/heads/main"])
def test_pipes_and_giants_of_git_are_not_opened(program: Path, name: str) -> None:
    place = git(program)
    (place / "refs" / "heads").mkdir(parents=True)
    (place / "HEAD").write_text("ref: refs/heads/main\n")
    (place / name).unlink(missing_ok=True)
    os.mkfifo(place / name)
    assert commit_of(program) is None
    os.unlink(place / name)
    with (place / name).open("wb") as stream:
        stream.write(f"{COMMIT}\n".encode())
        stream.truncate(5 << 30)
    assert commit_of(program) is None


def test_git_itself_is_a_pipe(program: Path) -> None:
    os.mkfifo(program.parents[2] / ".git")
    assert commit_of(program) is None


def test_a_loop_of_links(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def stop(*_: object, **__: object) -> None:
        raise RuntimeError("Symlink loop")

    monkeypatch.setattr(Path, "resolve", stop)
    assert commit_of(tmp_path / "x") is None
