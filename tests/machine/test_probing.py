"""``probe()``: failing, hanging and lying parts cost their own facts only."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from vcf.machine import assemble, guard, plausible
from vcf.machine import probe as probing
from vcf.machine.findings import Findings
from vcf.machine.host import ReplayHost, Unanswered
from vcf.machine.model import Machine
from vcf.machine.owner import Owner
from vcf.machine.probe import probe

LINUX = {"call python": {"ok": {"platform": "linux", "machine": "x86_64", "version": "3.11.9",
                                "implementation": "CPython", "bits": "64"}}}  # fmt: skip


def test_live() -> None:
    notes: list[str] = []
    machine = probe(note=notes.append)
    assert machine.os in ("linux", "windows", "macos") and not notes
    assert machine.cpu.usable_cores and machine.memory.total_bytes and machine.disk.free_bytes
    assert machine.software is not None and machine.software["python"]
    assert msgspec.convert(msgspec.to_builtins(machine), Machine) == machine


@pytest.mark.skipif(sys.platform != "linux", reason="the budget holds on Linux")
def test_light_imports() -> None:
    heavy = "psutil subprocess pynvml cpuinfo torch numpy rich yaml ctypes importlib.metadata"
    code = (
        "import sys, msgspec; before = set(sys.modules); "  # uuid brings subprocess on 3.10
        "from vcf.machine.probe import probe; probe(); "
        f"print([m for m in {heavy.split()} if m in set(sys.modules) - before])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_an_empty_record() -> None:
    notes: list[str] = []
    machine = probe(ReplayHost({}), note=notes.append)
    assert machine.os is None and machine.cpu.model is None and machine.gpus is None
    assert machine.unknown["os"].startswith("system probe: call python: not in the record")
    assert machine.unknown["gpus"] and len(notes) == 6
    assert machine.software is not None and set(machine.software.values()) == {None}


def test_an_unknown_system() -> None:
    record = {"call python": {"ok": {**LINUX["call python"]["ok"], "platform": "freebsd14"}}}
    machine = probe(ReplayHost(record))
    assert machine.arch == "x86_64" and "arch" in machine.sources
    for path in ("os", "cpu.isa", "memory.total_bytes"):
        assert machine.unknown[path] == "vcf does not know how to ask freebsd14"


def patch(monkeypatch: pytest.MonkeyPatch, name: str, function: Callable[[Any], Any]) -> None:
    probes = tuple((n, function if n == name else f, paths) for n, f, paths in probing.PROBES)
    monkeypatch.setattr(probing, "PROBES", probes)


def test_a_probe_that_raises(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> Findings:
        raise ZeroDivisionError("oh\nno /home/user/x")

    patch(monkeypatch, "cpu", broken)
    notes: list[str] = []
    machine = probe(ReplayHost({**LINUX, "env HOME": {"ok": "/home/user"}}), note=notes.append)
    assert machine.unknown["cpu.model"] == "cpu probe: ZeroDivisionError: oh no ~/x"
    assert notes[0] == "cpu probe: ZeroDivisionError: oh no ~/x"
    assert machine.arch == "x86_64"


def test_a_probe_that_ends_its_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    patch(monkeypatch, "memory", lambda _: sys.exit(3))
    machine = probe(ReplayHost(LINUX))
    assert machine.unknown["memory.total_bytes"] == "memory probe: SystemExit"


def test_a_probe_that_hangs(monkeypatch: pytest.MonkeyPatch) -> None:
    release = threading.Event()
    patch(monkeypatch, "disk", lambda _: release.wait(30))
    start = time.monotonic()
    machine = probe(ReplayHost(LINUX), seconds=0.3)
    assert time.monotonic() - start < 2
    release.set()
    assert machine.unknown["disk.path"] == "disk probe: no answer in 0.3 s"
    assert machine.arch == "x86_64" and machine.software is not None


def test_a_probe_that_answers_rubbish(monkeypatch: pytest.MonkeyPatch) -> None:
    patch(monkeypatch, "system", lambda _: "rubbish")
    assert probe(ReplayHost(LINUX)).unknown["os"] == "system probe: answered with str"


def test_a_host_that_raises_at_everything() -> None:
    class Broken:
        def __getattr__(self, name: str) -> Any:
            raise RuntimeError(name)

    machine = probe(Broken())
    assert machine.gpus == [] or machine.gpus is None
    assert machine.unknown["cpu.model"] == "cpu probe: RuntimeError: call"


def fake_gpus(monkeypatch: pytest.MonkeyPatch, *probes: tuple[str, Any]) -> None:
    monkeypatch.setattr("vcf.machine.gpus.gpu_probes", lambda platform: probes)


def test_gpu_probe_failures(monkeypatch: pytest.MonkeyPatch) -> None:
    from vcf.machine.gpus import GpuFound

    def broken(_: Any) -> list[GpuFound]:
        raise OSError("driver")

    def one(_: Any) -> list[GpuFound]:
        found = GpuFound("0000:01:00.0")
        found.know("name", "Card", "test")
        return [found]

    fake_gpus(monkeypatch, ("a", broken), ("b", lambda _: []))
    machine = probe(ReplayHost(LINUX))
    assert machine.gpus is None and machine.unknown["gpus"] == "a GPU probe: OSError: driver"
    notes: list[str] = []
    fake_gpus(monkeypatch, ("a", broken), ("b", one))
    machine = probe(ReplayHost(LINUX), note=notes.append)
    assert machine.gpus is not None and [gpu.name for gpu in machine.gpus] == ["Card"]
    assert "gpus" not in machine.unknown and notes == ["a GPU probe: OSError: driver"]
    fake_gpus(monkeypatch, ("b", lambda _: []))
    assert probe(ReplayHost(LINUX)).gpus == []


def test_joining_gpus_fails(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(_: Any) -> Findings:
        raise KeyError("x")

    fake_gpus(monkeypatch, ("a", lambda _: []))
    monkeypatch.setattr("vcf.machine.gpus.join", broken)
    machine = probe(ReplayHost(LINUX))
    assert machine.gpus is None and machine.unknown["gpus"] == "joining the GPUs: KeyError: 'x'"


def test_guard_keeps_order_and_starts_more_threads() -> None:
    gate = threading.Event()

    def slow() -> str:
        gate.wait(5)
        return "slow"

    def opener() -> str:
        gate.set()
        return "opener"

    def silent() -> None:
        raise Unanswered("no file")

    assert guard.run_all([slow, opener], 5) == ["slow", "opener"]
    (failure,) = guard.run_all([silent], 5)
    assert failure.reason == "no file"
    assert guard.run_all([], 5) == []


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (("cpu", "model"), 5, "Expected `str | null`"),
        (("cpu", "physical_cores"), True, "Expected `int | null`"),
        (("cpu", "usable_cores"), 0, "not between 1 and 4096"),
        (("cpu", "isa"), ["avx", 1], "Expected `str`"),
        (("memory", "total_bytes"), 0, "not between 1"),
        (("memory", "total_bytes"), (1 << 53) + 1, "not between"),
        (("memory", "swap_bytes"), -1, "not between 0"),
        (("memory", "channels"), 65, "not between"),
        (("cpu", "model"), "x" * 301, "301 characters"),
        (("cpu", "model"), " ", "empty"),
        (("cpu", "model"), "a\x00b", "rubbish"),
        (("cpu", "model"), "a\ufffdb", "rubbish"),
        (("os",), "beos", "Invalid enum"),
        (("disk", "kind"), "tape", "Invalid enum"),
        (("software", "torch"), 2, "Expected `str | null`"),
        (("gpus", 0, "vram_total_bytes"), -5, "not between"),
        (("gpus", 0, "colour"), "red", "no such fact"),
        (("cpu", "colour"), "red", "no such fact"),
        (("colour",), "red", "no such fact"),
        (("a", "b", "c", "d"), 1, "no such fact"),
    ],
)
def test_rubbish_becomes_unknown(path: tuple[str | int, ...], value: Any, words: str) -> None:
    found = Findings()
    found.know(value, "somewhere", *path)
    (line,) = plausible.sift(found)
    assert words in line and not found.values and not found.sources
    for reason in found.unknown.values():
        assert reason.startswith("somewhere: answered rubbish: ")
    assert isinstance(assemble.assemble(found, Owner(None)), Machine)


def test_sound_values_stay() -> None:
    found = Findings()
    found.know("/" + "x" * 1000, "s", "disk", "path")
    found.know(False, "s", "rosetta")
    found.know(None, "s", "memory", "limit_bytes")
    found.know(0, "s", "memory", "swap_bytes")
    found.know(105, "s", "memory", "available_bytes")
    found.know(100, "s", "memory", "total_bytes")
    assert plausible.sift(found) == [] and len(found.values) == 6


def test_parts_larger_than_their_wholes() -> None:
    found = Findings()
    for path in (
        ("memory", "available_bytes"),
        ("disk", "free_bytes"),
        ("gpus", 0, "vram_free_bytes"),
    ):
        found.know(106, "s", *path)
        found.know(
            100,
            "s",
            *path[:-1],
            str(path[-1]).replace("available", "total").replace("free", "total"),
        )
    lines = plausible.sift(found)
    assert len(lines) == 3 and "more than the 100 of memory.total_bytes" in lines[0]
    machine = assemble.assemble(found, Owner(None))
    assert machine.memory.available_bytes is None and machine.memory.total_bytes == 100
    assert machine.gpus is not None and machine.gpus[0].vram_total_bytes == 100


def test_texts_are_one_clean_line() -> None:
    assert assemble.clean("a\nb\x07  c") == "a b c"
    assert len(assemble.clean("x" * 400)) == 300


def test_a_gpu_of_which_nothing_is_known() -> None:
    found = Findings()
    found.miss("rubbish", "gpus", 0, "name")
    machine = assemble.assemble(found, Owner(None))
    assert machine.gpus is not None and len(machine.gpus) == 1
    assert machine.unknown["gpus[0].name"] == "rubbish"
