"""Exit codes, each by a case."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from vcf.cli import check, main

SMALL = "cloud-vm-2-core-4gb"
LAPTOP = "asus-gl552vw"
BIG = "desktop-rtx-4090-24gb"


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["voxcpm-2:gpu", "--machine", BIG], 0),
        (["voxcpm-2:gpu", "--machine", LAPTOP], 1),
        (["voxcpm-2:gpu", "voxcpm-0.5b:cpu", "--machine", LAPTOP], 0),
        (["--machine", "no-such-machine"], 2),
        # slow counts, also with --strict; tight only without
        (["voxcpm-0.5b:cpu", "--machine", LAPTOP], 0),
        (["voxcpm-0.5b:cpu", "--machine", LAPTOP, "--strict"], 0),
        # within an RTF
        (["voxcpm-2:gpu", "--machine", BIG, "--max-rtf", "1"], 0),
        (["voxcpm-2:gpu", "--machine", BIG, "--max-rtf", "0.001"], 1),
        (["voxcpm-0.5b:cpu", "--machine", LAPTOP, "--max-rtf", "1"], 1),
        # online counts when it is asked for
        (["indextts-2", "--machine", "raspberry-pi-4b-2gb"], 1),
        (["indextts-2:online", "--machine", "raspberry-pi-4b-2gb"], 0),
        (["indextts-2", "--mode", "online", "--machine", "raspberry-pi-4b-2gb"], 0),
        (["indextts-2:online", "--machine", "raspberry-pi-4b-2gb", "--max-rtf", "1"], 1),
    ],
)
def test_codes(arguments, code, vcf) -> None:
    done = vcf("check", *arguments)
    assert done.code == code, done.out
    assert vcf("check", "--json", *arguments).code == code


def test_tight_is_not_strict(vcf, tmp_path) -> None:
    file = tmp_path / "tight.yaml"
    file.write_text(
        "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 64GiB}\n"
        "gpus: [{name: RTX 3060, vram: 6GiB, vram_free: 6GiB}]\ndisk: {free: 900GB}\n"
    )
    done = vcf("check", "--json", "voxcpm-2:gpu-bf16", "--machine", file)
    [assessment] = done.json["results"][0]["assessments"]
    assert assessment["verdict"] == "tight"
    assert done.code == 0
    assert vcf("check", "voxcpm-2:gpu-bf16", "--machine", file, "--strict").code == 1


def test_could_not_tell(vcf, tmp_path) -> None:
    file = tmp_path / "little.yaml"
    file.write_text("cpu: {model: Intel Core i5-12600K}\n")
    done = vcf("check", "--machine", file)
    assert done.code == 3
    assert done.out.startswith("It can't be told whether this machine can run any of it")
    assert vcf("check", "--machine", file, "--json").code == 3
    assert vcf("check", "--machine", file, "--mode", "online").code == 0


def test_a_processor_s_name_is_enough_for_cpu_modes(vcf, tmp_path) -> None:
    file = tmp_path / "little.yaml"
    file.write_text("cpu: {model: Intel Core i5-12600K}\nmemory: {total: 32GiB}\n")
    done = vcf("check", "voxcpm-0.5b:cpu", "--machine", file, "--json")
    verdicts = {a["verdict"] for a in done.json["results"][0]["assessments"]}
    assert verdicts and "unknown" not in verdicts


def test_one_of_several_is_enough(vcf, tmp_path) -> None:
    (tmp_path / "a.yaml").write_text("cpu: {model: x}\n")
    (tmp_path / "b.yaml").write_text("memory: {total: 1GiB}\ngpus: []\n")
    arguments = ("check", "voxcpm-2", "--machine", tmp_path)
    assert vcf(*arguments).code == 3
    assert vcf(*arguments, "--json").code == 3
    (tmp_path / "c.yaml").write_text("memory: {total: 64GiB}\ncpu: {cores: 8}\n")
    assert vcf(*arguments).code == 0
    assert vcf(*arguments, "--json").code == 0


def test_broken_file_of_a_folder(vcf, tmp_path, desk) -> None:
    (tmp_path / "broken.yaml").write_text("gpus: [{vram: 3}]\n")
    for form in ("table", "markdown", "csv", "junit"):
        done = vcf("check", "voxcpm-2:cpu", "--machine", tmp_path, "--format", form)
        assert done.code == 2
        assert "voxcpm-2" in done.out  # the others are judged all the same
        [line] = done.err.splitlines()
        assert line.startswith("vcf: ")
        assert "broken.yaml: gpus[" in line


def explode(*_: object) -> None:
    raise RuntimeError("unforeseen\nand long")


def test_internal_failure(vcf, monkeypatch, desk) -> None:
    monkeypatch.setattr(check, "check_machine", explode)
    done = vcf("check", "--machine", desk)
    assert done.code == 4
    assert done.out == ""
    first, second = done.err.splitlines()
    assert first == "vcf: vcf failed: RuntimeError: unforeseen and long"
    assert "--traceback" in second
    assert "vcf probe --raw" in second
    error = vcf("check", "--machine", desk, "--json").error
    assert error["kind"] == "internal"


@pytest.mark.parametrize("place", [["--traceback", "check"], ["check", "--traceback"]])
def test_traceback(place, vcf, monkeypatch, desk) -> None:
    monkeypatch.setattr(check, "check_machine", explode)
    with pytest.raises(RuntimeError, match="unforeseen"):
        vcf(*place, "--machine", desk)


def interrupt(*_: object) -> None:
    raise KeyboardInterrupt


def test_interrupted(vcf, monkeypatch, desk) -> None:
    monkeypatch.setattr(check, "check_machine", interrupt)
    assert vcf("check", "--machine", desk).code == 130


def test_interrupted_early(vcf, monkeypatch) -> None:
    monkeypatch.setattr(main, "_dispatch", interrupt)
    done = vcf("check")
    assert done.code == 130
    assert done.err == "vcf: interrupted\n"


@pytest.mark.parametrize(
    "arguments",
    [
        ["check"],
        ["check", "--json"],
        ["check", "-f", "csv"],
        ["schema", "check"],
        ["models", "list"],
    ],
)
def test_reader_is_gone(arguments) -> None:
    """``vcf check | head -0``: nobody listens, which says nothing about the machine."""
    machine = ["--machine", LAPTOP] if arguments[0] == "check" else []
    child = subprocess.Popen(
        [sys.executable, "-m", "vcf", *arguments, *machine],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert child.stdout is not None
    child.stdout.close()
    _, err = child.communicate(timeout=60)
    assert err == b""
    assert child.returncode == 0


def gone(*_: object) -> None:
    raise BrokenPipeError(errno.EPIPE, "Broken pipe")


def stop(*_: object) -> None:
    sys.exit(7)


def test_reader_is_gone_in_this_process(monkeypatch, capfd) -> None:
    ended = []
    monkeypatch.setattr(main, "_broken_pipe", lambda: ended.append(1) or 0)
    monkeypatch.setattr(check, "run", gone)
    assert main.run(["check"]) == 0
    monkeypatch.setattr(main, "_dispatch", gone)
    assert main.run(["check"]) == 0
    assert ended == [1, 1]
    assert capfd.readouterr().err == ""


def test_pipe_is_put_aside(monkeypatch, tmp_path) -> None:
    """What is still to be flushed goes nowhere."""
    with open(tmp_path / "out", "w", encoding="utf-8") as file:
        monkeypatch.setattr(sys, "stdout", file)
        assert main._broken_pipe() == 0
        file.write("lost")
    assert Path(tmp_path / "out").read_text() == ""


def test_other_exits_pass(monkeypatch) -> None:
    monkeypatch.setattr(check, "run", stop)
    with pytest.raises(SystemExit) as end:
        main.run(["check"])
    assert end.value.code == 7


def test_as_a_program(tmp_path) -> None:
    def code(*arguments: str) -> int:
        return subprocess.run(
            [sys.executable, "-m", "vcf", *arguments], capture_output=True, check=False
        ).returncode

    assert code("--version") == 0
    assert code("check", "voxcpm-2:gpu", "--machine", BIG) == 0
    assert code("check", "voxcpm-2:gpu", "--machine", LAPTOP) == 1
    assert code("check", "nothing") == 2


def test_main_exits(monkeypatch, capsys) -> None:
    monkeypatch.setattr(sys, "argv", ["vcf", "--version"])
    with pytest.raises(SystemExit) as end:
        main.main()
    assert end.value.code == 0
    assert capsys.readouterr().out.startswith("vcf 0.")
