"""Streams that are closed, full or gone: no answer is taken for one."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a POSIX shell is asked")

VCF = f"{sys.executable} -m vcf"
CHECK = f"{VCF} check voxcpm-0.5b:cpu --machine asus-gl552vw"


def shell(line: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(line, shell=True, capture_output=True, text=True, timeout=60, check=False)


@pytest.mark.parametrize("command", [CHECK, f"{CHECK} --json", f"{VCF} --help", f"{VCF} --version"])
def test_a_full_device_is_no_answer(command: str) -> None:
    done = shell(f"{command} > /dev/full")
    assert done.returncode == 2
    assert done.stderr.strip() == "vcf: standard output: No space left on device"


def test_closed_streams_take_nothing_along() -> None:
    assert shell(f"{CHECK} >&-").returncode == 0
    asked = shell(f"{VCF} check --machine - <&-")
    assert (asked.returncode, "is empty" in asked.stderr) == (2, True)
    quiet = shell(f"{VCF} check --machine nope 2>&-")
    assert (quiet.returncode, quiet.stdout) == (2, "")


def test_a_reader_who_has_had_enough() -> None:
    done = shell(f"{CHECK} -v | head -1; echo ${{PIPESTATUS[0]}}".replace("${PIPESTATUS[0]}", ""))
    assert "VoxCPM-0.5B" in done.stdout
    assert "Traceback" not in done.stderr
