"""The door: live, recorded and replayed answers are the same."""

from __future__ import annotations

import platform
import sys
from pathlib import Path
from typing import Any

import pytest

from vcf.machine import host as door
from vcf.machine.host import LiveHost, Recording, ReplayHost, Unanswered, python_facts


def failing() -> None:
    raise ValueError("oh no")


def test_live_answers(tmp_path: Path) -> None:
    live = LiveHost({"double": lambda x: 2 * x, "failing": failing})
    file = tmp_path / "a"
    file.write_bytes(b"text\xff")
    (tmp_path / "b").symlink_to(file)
    assert live.read(str(file)) == "text\ufffd"
    assert live.listdir(str(tmp_path)) == ["a", "b"]
    assert live.readlink(str(tmp_path / "b")) == str(file.resolve())
    assert live.call("double", 4) == 8
    assert live.run(sys.executable, "-c", "print('yes')").strip() == "yes"
    for question in (live.read, live.listdir, live.readlink):
        with pytest.raises(Unanswered, match="No such file"):
            question(str(tmp_path / "none"))
    with pytest.raises(Unanswered, match="not offered on"):
        live.call("unknown")
    with pytest.raises(Unanswered, match="failing: ValueError: oh no"):
        live.call("failing")


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (["/no/such/program"], "not found"),
        ([sys.executable, "-c", "raise SystemExit(3)"], "exit status 3"),
        ([sys.executable, "-c", "import time; time.sleep(9)"], "no answer in 0.2 s"),
        (["/"], "ermission denied"),
    ],
)
def test_commands_that_fail(
    command: list[str], words: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(door, "COMMAND_SECONDS", 0.2 if "sleep" in str(command) else 3.0)
    with pytest.raises(Unanswered, match=words):
        LiveHost({}).run(*command)


def test_a_recording_replays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VCF_TEST", "1")
    recording = Recording(LiveHost({"sum": lambda a, b: a + b}))

    def ask(host: Any) -> list[Any]:
        return [
            host.listdir(str(tmp_path)), host.readlink(str(tmp_path)), host.env("VCF_TEST"),
            host.env("VCF_NONE"), host.call("sum", 1, 2),
            host.run(sys.executable, "-c", "print(5)"),
        ]  # fmt: skip

    (tmp_path / "file").write_text("x")
    answers = ask(recording)
    assert recording.read(str(tmp_path / "file")) == "x"
    with pytest.raises(Unanswered):
        recording.read(str(tmp_path / "none"))
    replay = ReplayHost(recording.answers)
    assert ask(replay) == answers and replay.env("OTHER") is None
    with pytest.raises(Unanswered, match="No such file"):
        replay.read(str(tmp_path / "none"))
    with pytest.raises(Unanswered, match="not in the record"):
        replay.read("/elsewhere")


def test_python_facts_on_windows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    for version, machine in (
        ("3.11.9 [MSC v.1938 64 bit (AMD64)]", "AMD64"),
        ("3.11.9 [MSC v.1938 64 bit (ARM64)]", "ARM64"),
        ("3.11.9 [MSC v.1938 32 bit (Intel)]", "x86"),
    ):
        monkeypatch.setattr(sys, "version", version)
        assert door._machine() == machine
    monkeypatch.undo()
    facts = python_facts()
    assert facts["platform"] == sys.platform and facts["machine"] == platform.machine()
    assert facts["version"] == platform.python_version()
    assert facts["implementation"] == platform.python_implementation()
