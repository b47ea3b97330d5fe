"""The measuring child seen from outside: what it answers, and every way in which it ends."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from vcf.bench import child_talk
from vcf.bench.child.faults import WINDOWS
from vcf.bench.child_talk import Child, Failed, command, environment, failure, oom_kills
from vcf.bench.conversation import CRASHES, Ended
from vcf.errors import UsageError

STAND_IN = str(Path(__file__).with_name("bench_stand_in.py"))
SECONDS = 60.0
"""For answers that come."""
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture
def settings(tmp_path: Path) -> dict[str, Any]:
    """What ``prepare`` is told, with a folder to load from."""
    (tmp_path / "config.json").write_text('{"dtype": "bfloat16"}')
    return {"folder": str(tmp_path), "device": "cpu", "clip": None, "text": "x"}


def child(fault: str = "", **more: str) -> Child:
    """The stand-in with a fault."""
    return Child([sys.executable, STAND_IN, "voxcpm"], {"STAND_IN_FAULT": fault, **more})


def broken(fault: str, settings: dict[str, Any], seconds: float = SECONDS) -> Failed:
    """What comes of a fault in some order; the others are answered."""
    with pytest.raises(Failed) as caught, child(fault) as one:
        one.begin()
        one.order("prepare", seconds if fault.endswith("@prepare") else SECONDS, settings=settings)
        one.order("load", seconds if fault.endswith("@load") else SECONDS)
        one.order("speak", seconds, length=2.0, seed=1)
        one.order("close", seconds)
    assert not psutil.pid_exists(one.pid) or psutil.Process(one.pid).status() == "zombie"
    return caught.value


def test_every_order_is_answered(settings: dict[str, Any], tmp_path: Path) -> None:
    with child(OMP_NUM_THREADS="3", STAND_IN_SECONDS="0.5 0.25") as one:
        one.begin()
        told = one.order("prepare", SECONDS, settings=settings)
        assert told["versions"]["voxcpm"] == "2.0.3"
        assert told["can"] == ["encode", "fixed-length", "seed", "stream"]
        told = one.order("load", SECONDS)
        assert (told["precision"], told["threads"], told["seconds"]) == ("bf16", 3, 0.75)
        assert one.order("encode", SECONDS)["clip_s"] == 3.2
        told = one.order("speak", SECONDS, length=2.0, seed=1)
        assert (told["seconds"], told["sound"]["audio_s"]) == (0.5, 2.0)
        assert one.order("speak", SECONDS, length=2.0, seed=1)["seconds"] == 0.25
        told = one.order("stream", SECONDS, length=2.0, seed=1)
        assert len(told["chunks"]) == 20
        one.order("save", SECONDS, path=str(tmp_path / "a.wav"))
        assert (tmp_path / "a.wav").stat().st_size == 44 + 2 * 32_000
        assert one.order("close", SECONDS)["do"] == "close"
    assert not psutil.Process().children(recursive=True)


# ---- its end ----------------------------------------------------------------------------------


@unix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM"])
def test_ended_from_outside(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(child_talk, "oom_kills", lambda: 7)
    failed = broken(f"{name}@speak", settings)
    assert (failed.status, failed.reason.id, failed.reason.signal) == ("killed", "killed", name)
    assert failed.reason.detail == "ended from outside"
    assert str(failed) == "killed"


@unix
def test_killed_where_the_system_does_not_tell_why(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(child_talk, "oom_kills", lambda: None)
    failed = broken("SIGKILL@speak", settings)
    assert failed.reason.detail == "killed, most likely because the memory was used up"
    assert "memory" not in broken("SIGTERM@speak", settings).reason.detail


@unix
def test_ended_by_the_system_for_want_of_memory(
    settings: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    counts = iter([7, 8])
    monkeypatch.setattr(child_talk, "oom_kills", lambda: next(counts))
    failed = broken("SIGKILL@load", settings)
    assert (failed.status, failed.reason.id) == ("killed", "killed")
    assert failed.reason.detail == "the system ended it because memory was used up"


@unix
@pytest.mark.parametrize("name", ["SIGSEGV", "SIGILL", "SIGBUS", "SIGFPE"])
@pytest.mark.parametrize("order", ["load", "speak"])
def test_a_crash(settings: dict[str, Any], name: str, order: str) -> None:
    failed = broken(f"{name}@{order}", settings)
    assert (failed.status, failed.reason.id, failed.reason.signal) == ("error", "signal", name)
    assert failed.reason.detail == CRASHES.get(name, "")


@unix
def test_memory_that_cpp_could_not_get(settings: dict[str, Any]) -> None:
    failed = broken("bad_alloc@load", settings)
    assert (failed.status, failed.reason.id) == ("oom", "out-of-memory")
    assert (failed.reason.signal, "bad_alloc" in failed.reason.detail) == ("SIGABRT", True)


@pytest.mark.parametrize(
    ("fault", "status", "reason", "detail"),
    [
        ("oom@speak", "oom", "out-of-memory", "CUDA out of memory. Tried to"),
        ("error@speak", "error", "engine-error", "ValueError: ~/models: no such voice"),
        ("missing@prepare", "error", "package-missing", "ModuleNotFoundError: No module named"),
        ("broken@load", "error", "broken-weights", "the files lack 3 tensors"),
        ("wrong-length@speak", "error", "wrong-length", "2.000 s of sound came"),
        ("exit@load", "error", "engine-error", "RuntimeError: it broke"),
        ("silent@speak", "error", "engine-error", "it ended early"),
        ("exit@start", "error", "engine-error", "RuntimeError: it broke"),
        ("exit@close", "error", "engine-error", "RuntimeError: it broke"),
    ],
)
def test_other_failures(
    settings: dict[str, Any], fault: str, status: str, reason: str, detail: str
) -> None:
    failed = broken(fault, settings)
    assert (failed.status, failed.reason.id) == (status, reason)
    assert failed.reason.detail.startswith(detail)
    assert "\n" not in failed.reason.detail and str(Path.home()) not in failed.reason.detail
    assert failed.reason.signal is None


def test_it_hangs(settings: dict[str, Any]) -> None:
    start = time.monotonic()
    failed = broken("hang@speak", settings, seconds=0.3)
    assert time.monotonic() - start < 30
    assert (failed.status, failed.reason.id) == ("timeout", "time-limit")
    assert failed.reason.detail == "no answer in 0.3 s"


def test_it_does_not_begin(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(child_talk, "START_SECONDS", 0.3)
    with child("hang@start") as one, pytest.raises(Failed) as caught:
        one.begin()
    assert caught.value.status == "timeout"


def test_it_closes_its_output(settings: dict[str, Any]) -> None:
    failed = broken("closed@speak", settings)
    assert (failed.status, failed.reason.id) == ("error", "engine-error")
    assert failed.reason.detail == "it closed its output and went on"


def test_rubbish_between_the_answers(settings: dict[str, Any]) -> None:
    with child("garbage@start garbage@prepare garbage@speak") as one:
        one.begin()
        assert one.order("prepare", SECONDS, settings=settings)["do"] == "prepare"
        one.order("load", SECONDS)
        assert one.order("speak", SECONDS, length=2.0, seed=1)["do"] == "speak"


def test_a_failure_does_not_end_it(settings: dict[str, Any]) -> None:
    with child("oom@speak") as one:
        one.begin()
        one.order("prepare", SECONDS, settings=settings)
        one.order("load", SECONDS)
        with pytest.raises(Failed):
            one.order("speak", SECONDS, length=2.0, seed=1)
        assert one.order("speak", SECONDS, length=2.0, seed=1)["seconds"] == 0.5


def test_no_such_program() -> None:
    with pytest.raises(UsageError, match="/no/such/python: No such file"):
        Child(["/no/such/python"])


# ---- out of how it ended ----------------------------------------------------------------------


def ended(status: int | None, *said: str, memory: bool | None = False) -> Failed:
    return failure(Ended(status=status, said=list(said)), memory)


@pytest.mark.parametrize("code", sorted(WINDOWS))
def test_crashes_under_windows(code: int) -> None:
    failed = ended(code)
    assert (failed.status, failed.reason.id) == ("error", "signal")
    assert failed.reason.signal == WINDOWS[code]


def test_a_signal_without_a_name() -> None:
    failed = ended(-200)
    assert (failed.status, failed.reason.signal, failed.reason.detail) == (
        "error",
        "signal 200",
        "",
    )


@unix
@pytest.mark.parametrize("name", ["SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGXCPU"])
def test_nothing_ends_itself_by_these(name: str) -> None:
    """Whatever it said before."""
    failed = ended(-getattr(signal, name), "std::bad_alloc")
    assert (failed.status, failed.reason.id, failed.reason.signal) == ("killed", "killed", name)
    told = ended(-getattr(signal, name), memory=True).reason.detail
    used_up = "the system ended it because memory was used up"
    assert told == (used_up if name == "SIGKILL" else "ended from outside")


@pytest.mark.parametrize(
    "line",
    [
        "torch.OutOfMemoryError: CUDA out of memory.",
        "MemoryError: Unable to allocate 2.00 GiB",
        "DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 bytes",
        "DefaultCPUAllocator: not enough memory: you tried to allocate",
        "OSError: [Errno 12] Cannot allocate memory",
        "The paging file is too small for this operation to complete. (os error 1455)",
        "ImportError: libtorch_cpu.so: failed to map segment from shared object",
    ],
)
@pytest.mark.parametrize("status", [1, 134, -signal.SIGABRT])
def test_memory_by_what_it_said(line: str, status: int) -> None:
    failed = ended(status, "Traceback", line, "")
    assert (failed.status, failed.reason.id, failed.reason.detail) == ("oom", "out-of-memory", line)


def test_only_what_it_said_last_counts() -> None:
    """Some packages warn of memory when they begin."""
    failed = ended(1, "warning: out of memory is likely", *["line"] * 30, "ValueError: x")
    assert (failed.status, failed.reason.detail) == ("error", "ValueError: x")


def test_the_home_folder_is_nobodys_business(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    failed = ended(1, "OSError: /home/somebody/models/x: \x1b[31mno such file")
    assert failed.reason.detail.startswith("OSError: ~/models/x: ")
    assert "somebody" not in failed.reason.detail and "\x1b" not in failed.reason.detail
    monkeypatch.setenv("HOME", "/")
    assert ended(1, "OSError: /a/b").reason.detail == "OSError: /a/b"


def test_a_long_complaint_is_cut() -> None:
    assert len(ended(1, "x" * 5000).reason.detail) <= 400


# ---- what starts it ---------------------------------------------------------------------------


def test_the_command() -> None:
    python, *_, script, engine = command("/opt/python", "voxcpm")
    assert (python, engine) == ("/opt/python", "voxcpm")
    assert Path(script).is_file() and Path(script).name == "run.py"


def test_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOME_SETTING", "kept")
    monkeypatch.setenv("HF_HUB_OFFLINE", "0")
    found = environment({"OMP_NUM_THREADS": "3"})
    assert (found["SOME_SETTING"], found["OMP_NUM_THREADS"]) == ("kept", "3")
    assert (found["HF_HUB_OFFLINE"], found["TRANSFORMERS_OFFLINE"]) == ("1", "1")
    assert os.environ["HF_HUB_OFFLINE"] == "0"


# ---- the system's count -----------------------------------------------------------------------


def test_programs_ended_for_want_of_memory(tmp_path: Path) -> None:
    assert oom_kills(tmp_path) is None
    (tmp_path / "proc").mkdir()
    (tmp_path / "proc" / "vmstat").write_text("pgfault 12\noom_kill 3\nswap_ra 9\n")
    assert oom_kills(tmp_path) == 3
    (tmp_path / "sys/fs/cgroup").mkdir(parents=True)
    events = tmp_path / "sys/fs/cgroup/memory.events"
    events.write_text("low 0\noom 5\noom_kill 2\noom_group_kill 9\n")
    assert oom_kills(tmp_path) == 5
    events.write_bytes(b"oom_kill many\noom_kill \xff\noom_kill -3\noom_kill\n")
    assert oom_kills(tmp_path) == 3


def test_the_count_of_this_system() -> None:
    found = oom_kills()
    assert found is None or found >= 0
