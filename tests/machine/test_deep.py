"""Asking torch in a child process: it may hang, crash, chatter or answer."""

from __future__ import annotations

import os
import stat
import sys
import time
from pathlib import Path

import pytest

from vcf.machine.deep import ask_torch, parse_answer

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the fakes are shell scripts")


def fake(folder: Path, script: str) -> str:
    path = folder / "python"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return str(path)


def test_answer_among_chatter(tmp_path: Path) -> None:
    python = fake(tmp_path, """echo 'Warning: x'\necho 'vcf-deep:{"torch": "2.8.0"}'\necho bye\n""")
    assert ask_torch(python) == {"torch": "2.8.0"}


def test_rubbish(tmp_path: Path) -> None:
    assert ask_torch(fake(tmp_path, "echo 'vcf-deep:{{{'")) == {"error": "the answer is not JSON"}
    assert ask_torch(fake(tmp_path, "echo 'vcf-deep:[1]'")) == {"error": "the answer is not JSON"}
    assert ask_torch(fake(tmp_path, "echo hello; exit 3")) == {"error": "no answer, exit status 3"}


def test_crash(tmp_path: Path) -> None:
    answer = ask_torch(fake(tmp_path, "kill -SEGV $$"))
    assert answer == {"error": "torch ended the process by signal 11 (SIGSEGV)"}
    assert "unknown" in parse_answer("", "", -200)["error"]


def test_torch_is_not_installed(tmp_path: Path) -> None:
    script = (
        "echo 'Traceback' >&2; echo \"ModuleNotFoundError: No module named 'torch'\" >&2; exit 1"
    )
    answer = ask_torch(fake(tmp_path, script))
    assert answer == {"error": "ModuleNotFoundError: No module named 'torch'"}


def test_no_such_interpreter(tmp_path: Path) -> None:
    answer = ask_torch(str(tmp_path / "none"))
    assert answer["error"].endswith("No such file or directory")


def test_hang_ends_with_everything_it_started(tmp_path: Path) -> None:
    python = fake(tmp_path, f"sleep 60 & echo $! > {tmp_path}/pid\nwait")
    start = time.monotonic()
    assert ask_torch(python, 0.5) == {"error": "no answer in 0.5 s"}
    assert time.monotonic() - start < 10
    stray = int((tmp_path / "pid").read_text())
    for _ in range(50):
        try:
            state = Path(f"/proc/{stray}/stat").read_text().split()[2]
        except OSError:
            return
        if state == "Z":
            return
        time.sleep(0.05)
    os.kill(stray, 0)
    pytest.fail("the grandchild outlived its group")


TORCH = """
class Item:
    name, major, minor, total_memory, gcnArchName = "Card", 8, 6, 12 << 30, ""
class cuda:
    is_available = staticmethod(lambda: True)
    device_count = staticmethod(lambda: 1)
    get_device_properties = staticmethod(lambda index: Item)
    get_arch_list = staticmethod(lambda: ["sm_80", "sm_86"])
    @staticmethod
    def is_bf16_supported():
        raise RuntimeError("no driver")
class backends:
    class cpu:
        get_cpu_capability = staticmethod(lambda: "AVX2")
class version:
    cuda, hip = "12.8", None
__version__ = "2.8.0+cu128"
print("chatter")
"""


def test_the_child_asks_torch(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The real child, with a module that looks like torch and one like py-cpuinfo."""
    (tmp_path / "torch.py").write_text(TORCH)
    (tmp_path / "cpuinfo.py").write_text(
        "def get_cpu_info(): return {'brand_raw': 'CPU', 'flags': ['b', 'a']}\n"
    )
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = ask_torch(isa=True)
    assert answer.pop("compile") in (True, False)
    assert answer == {
        "torch": "2.8.0+cu128", "cuda": "12.8", "hip": None, "available": True,
        "devices": [{"name": "Card", "cc": "8.6", "gfx": None, "total_bytes": 12 << 30}],
        "arch_list": ["sm_80", "sm_86"], "bf16": {"error": "RuntimeError: no driver"},
        "mps": False, "xpu": [], "cpu_capability": "AVX2",
        "cpu": {"model": "CPU", "flags": ["a", "b"]},
    }  # fmt: skip
    assert "cpu" not in ask_torch()


def test_windows_ends_the_tree(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ran: list[list[str]] = []
    monkeypatch.delattr(os, "killpg")
    monkeypatch.setattr("subprocess.run", lambda command, **_: ran.append(command))
    assert "no answer" in ask_torch(fake(tmp_path, "exec sleep 20"), 0.2)["error"]
    assert ran[0][:4] == ["taskkill", "/F", "/T", "/PID"]
