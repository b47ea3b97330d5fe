"""The child of ``--deep`` imports packages that fail, crash, chatter or hang."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import pytest

from vcf.machine.deep import ask_torch

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals of POSIX")

TORCH = """
class cuda:
    is_available = staticmethod(lambda: False)
    device_count = staticmethod(lambda: 0)
    get_arch_list = staticmethod(lambda: [])
class backends:
    class cpu:
        get_cpu_capability = staticmethod(lambda: "AVX2")
class version:
    cuda = None
__version__ = "2.13.0+cpu"
"""
NAMES = ("torchaudio", "torchcodec", "voxcpm", "indextts")


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts modules in the child's way and asks it."""

    def ask(seconds: float = 60.0, torch: str = TORCH, **modules: str) -> dict[str, Any]:
        for name, text in {"torch": torch, **modules}.items():
            folder = tmp_path / name
            folder.mkdir(exist_ok=True)
            (folder / "__init__.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        return ask_torch(seconds=seconds, imports=NAMES)

    return ask


def test_versions_and_what_is_not_installed(asked: Any) -> None:
    answer = asked(torchaudio="__version__ = '2.11.0+cu130'", voxcpm="")
    assert answer["imports"] == {"torchaudio": {"version": "2.11.0+cu130"},
                                 "voxcpm": {"version": ""}}  # fmt: skip
    assert (answer["torch"], answer["cuda"], answer["hip"]) == ("2.13.0+cpu", None, None)
    assert (answer["available"], answer["devices"], answer["arch_list"]) == (False, [], [])
    assert asked()["imports"].keys() == {"torchaudio", "voxcpm"}


def test_without_imports_nothing_is_imported(tmp_path: Path, monkeypatch: Any) -> None:
    (tmp_path / "torch.py").write_text(TORCH)
    (tmp_path / "voxcpm.py").write_text("raise SystemExit(9)")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    answer = ask_torch()
    assert "imports" not in answer
    assert answer["cpu_capability"] == "AVX2"


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("import no_such_module_of_vcf",
         "ModuleNotFoundError: No module named 'no_such_module_of_vcf'"),
        ("from torch import nothing",
         "ImportError: cannot import name 'nothing' from 'torch'"),
        ("raise OSError('libcudart.so.13: cannot open shared object file')",
         "OSError: libcudart.so.13: cannot open shared object file"),
        ("raise RuntimeError('built for CUDA 13.0\\nand more')",
         "RuntimeError: built for CUDA 13.0\nand more"),
        ("1 +", "SyntaxError: invalid syntax"),
        ("raise ValueError('x' * 5000)", "ValueError: " + "x" * 288),
    ],
)  # fmt: skip
def test_errors_at_import(text: str, error: str, asked: Any) -> None:
    """The error of one package, and the answers of the others."""
    answer = asked(torchaudio=text, voxcpm="__version__ = '2.0.3'")
    assert answer["torch"] == "2.13.0+cpu"
    assert answer["imports"]["voxcpm"] == {"version": "2.0.3"}
    told = answer["imports"]["torchaudio"]["error"]
    assert told.startswith(error)
    assert len(told) <= 300


def test_rubbish_on_standard_output(asked: Any) -> None:
    chatter = (
        "import sys\nprint('no newline at the end', end='')\nprint('vcf-deep', file=sys.stderr)"
    )
    answer = asked(torchaudio=chatter, voxcpm="print('\\xff\\0' * 5, flush=True)")
    assert answer["imports"] == {"torchaudio": {"version": ""}, "voxcpm": {"version": ""}}


def test_rubbish_after_the_answer(asked: Any) -> None:
    answer = asked(voxcpm="import atexit\natexit.register(print, 'bye')")
    assert answer["imports"] == {"voxcpm": {"version": ""}}


def test_torch_itself_fails(asked: Any) -> None:
    error = "OSError: libcudnn.so.9: cannot open shared object file"
    told = asked(torch="raise OSError('libcudnn.so.9: cannot open shared object file')")
    assert told == {"error": error}


def test_torch_crashes(asked: Any) -> None:
    answer = asked(torch="import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert answer == {"error": "torch ended the process by signal 11 (SIGSEGV)"}


def test_a_hang_ends_in_time(asked: Any) -> None:
    start = time.monotonic()
    answer = asked(1.5, voxcpm="import time\ntime.sleep(60)")
    assert answer["torch"] == "2.13.0+cpu"
    assert answer["imports"] == {"voxcpm": {"error": "no answer in 1.5 s"}}
    assert time.monotonic() - start < 15


@pytest.mark.parametrize("text", ["raise SystemExit('no GPU')", "import sys\nsys.exit(0)"])
def test_a_package_that_exits_at_import(text: str, asked: Any) -> None:
    answer = asked(torchaudio=text, voxcpm="__version__ = '2.0.3'")
    assert answer.get("torch") == "2.13.0+cpu", answer
    assert answer["imports"]["torchaudio"]["error"].startswith("SystemExit")
    assert answer["imports"]["voxcpm"] == {"version": "2.0.3"}


def test_a_package_that_crashes_is_named(asked: Any) -> None:
    answer = asked(torchaudio="import os, signal\nos.kill(os.getpid(), signal.SIGSEGV)")
    assert answer.get("torch") == "2.13.0+cpu", answer
    assert "SIGSEGV" in answer["imports"]["torchaudio"]["error"]
