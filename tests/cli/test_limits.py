"""What a caller in CI relies on: limits are said, nothing widens a question by accident."""

from __future__ import annotations

import os

import pytest

LAPTOP = ("--machine", "laptop-rtx-4060-8gb")


def test_a_limit_that_decides_is_told(vcf) -> None:
    done = vcf("check", "voxcpm-2:gpu", *LAPTOP, "--max-rtf", "0.01", "--strict")
    assert done.code == 1
    assert "--max-rtf 0.01" in done.err and "--strict" in done.err
    junit = vcf("check", "voxcpm-2:gpu", *LAPTOP, "--max-rtf", "0.01", "--format", "junit")
    assert (junit.code, junit.out.count("<failure")) == (1, 1)


def test_without_a_limit_nothing_is_told(vcf) -> None:
    assert vcf("check", "voxcpm-2:gpu", *LAPTOP).err == ""
    none = vcf("check", "voxcpm-2:mlx", *LAPTOP)
    assert (none.code, none.err) == (1, "")


def test_limits_over_a_folder(vcf, tmp_path) -> None:
    (tmp_path / "m.yaml").write_text(
        "memory: {total: 64GiB}\ncpu: {cores: 16}\ndisk: {free: 1TB}\n"
    )
    done = vcf("check", "voxcpm-2:cpu", "--machine", tmp_path, "--json", "--max-rtf", "0.01")
    assert done.code == 1
    assert "--max-rtf 0.01" in done.err


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["voxcpm-2:"], "no mode after the colon"),
        (["voxcpm-2:gpu", "--mode", "cpu"], "names its mode already"),
        (["--machine", ""], "--machine is empty"),
        (["--machine", "  "], "--machine is empty"),
    ],
)
def test_nothing_widens_the_question(arguments, words, vcf) -> None:
    done = vcf("check", *arguments)
    assert done.code == 2
    assert words in done.err


def test_a_mode_may_stand_beside_models_that_name_none(vcf) -> None:
    done = vcf("check", "voxcpm-2:gpu", "voxcpm-1.5", "--mode", "cpu", *LAPTOP, "--format", "csv")
    assert ",voxcpm-1.5,cpu-" in done.out and ",voxcpm-2,gpu-" in done.out


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="pipes are POSIX")
def test_a_pipe_in_a_folder_is_not_waited_for(vcf, tmp_path) -> None:
    (tmp_path / "a.yaml").write_text("memory: {total: 64GiB}\n")
    os.mkfifo(tmp_path / "z.yaml")
    (tmp_path / "gone.yaml").symlink_to(tmp_path / "nowhere")
    for form in ("csv", "json"):
        done = vcf("check", "voxcpm-2:cpu", "--machine", tmp_path, "--format", form)
        assert done.code == 2
        assert (done.err + done.out).count("is no regular file") == 2


def test_commands_are_never_broken(vcf, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    done = vcf("check", "voxcpm-0.5b:cpu", "--machine", "cloud-vm-2-core-8gb")
    line = next(line for line in done.out.splitlines() if "--index-url" in line)
    assert line.strip().startswith("pip install torch==")
    assert line.endswith("https://download.pytorch.org/whl/cpu")


def test_no_columns_at_all(vcf, monkeypatch) -> None:
    monkeypatch.setenv("COLUMNS", "0")
    assert "voxcpm" in vcf("check", "voxcpm-2", *LAPTOP).out.lower()


def test_a_full_disk_is_a_fair_question(vcf) -> None:
    done = vcf("check", "voxcpm-2:cpu", *LAPTOP, "--disk", "0GB")
    assert done.code == 0  # some of it must be cleared first
    assert vcf("check", "voxcpm-2:cpu", *LAPTOP, "--disk", "0GB", "--strict").code == 1
