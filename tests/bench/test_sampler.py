"""The memory of real processes, and of made-up trees of /proc."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from vcf.bench import processes, sampler
from vcf.bench.nvml import Vram
from vcf.bench.processes import ProcTree, PsutilTree, tree_of
from vcf.bench.sampler import Sampler, _Task, next_tick

MB = 1 << 20
PATIENCE_S = 60
linux = pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
unix = pytest.mark.skipif(sys.platform == "win32", reason="no pread")

CHILD = """
import subprocess, sys
held = []
for line in sys.stdin:
    word = line.strip()
    if word == "take":
        held = bytearray(b"x" * (200 << 20))
    elif word == "free":
        held = []
    elif word.startswith("start"):
        own = word == "start-own"
        code = "import sys; a = bytearray(b'x' * (120 << 20)); print(flush=True); sys.stdin.read()"
        grandchild = subprocess.Popen([sys.executable, "-c", code], start_new_session=own,
                                      stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        grandchild.stdout.readline()
        word = str(grandchild.pid)
    elif word == "stop":
        grandchild.communicate()
    print(word, flush=True)
"""


@contextmanager
def child() -> Iterator[tuple[int, Callable[[str], str], Callable[[], None]]]:
    """Its number, a way to have it do something and wait until it is done, and to kill it."""
    process = subprocess.Popen(
        [sys.executable, "-c", CHILD], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )
    assert process.stdin is not None
    assert process.stdout is not None
    pipe, out = process.stdin, process.stdout

    def tell(word: str) -> str:
        pipe.write(f"{word}\n")
        pipe.flush()
        return out.readline().strip()

    def kill() -> None:
        process.kill()
        process.wait()

    try:
        tell("awake")
        yield process.pid, tell, kill
    finally:
        kill()
        out.close()
        try:
            pipe.close()
        except OSError:
            return


def wait_for(holds: Callable[[], bool]) -> None:
    """Until it holds; a failure after a minute."""
    end = time.monotonic() + PATIENCE_S
    while not holds():
        assert time.monotonic() < end, "it never held"
        time.sleep(0.01)


@pytest.fixture(params=[pytest.param(ProcTree, marks=linux), PsutilTree])
def any_tree(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> type:
    """Both ways to look, on every system that has them."""
    monkeypatch.setattr(sampler, "tree_of", request.param)
    chosen: type = request.param
    return chosen


def test_a_peak_that_is_freed_again_is_kept(any_tree: type) -> None:
    with child() as (pid, tell, _), Sampler(pid) as watch:
        before = watch.rss_peak_bytes
        assert before is not None
        assert 0 < before < 200 * MB
        tell("take")
        wait_for(lambda: (watch.rss_peak_bytes or 0) > before + 190 * MB)
        tell("free")
        high = watch.rss_peak_bytes
    assert high is not None
    assert watch.rss_peak_bytes == high
    if any_tree is ProcTree or sys.platform == "win32":
        assert (watch.high_water(pid) or 0) > before + 190 * MB
        assert watch.high_water() == watch.high_water(pid)
    else:
        assert watch.high_water(pid) is None
    assert watch.cpu_seconds > 0 or sys.platform == "win32", "its clock has large ticks there"


@pytest.mark.parametrize("word", ["start", "start-own"])
def test_a_grandchild_counts(any_tree: type, word: str) -> None:
    with child() as (pid, tell, _), Sampler(pid) as watch:
        before = watch.rss_peak_bytes
        assert before is not None
        grandchild = int(tell(word))
        wait_for(lambda: (watch.rss_peak_bytes or 0) > before + 110 * MB)
        if any_tree is ProcTree:
            wait_for(lambda: (watch.high_water(grandchild) or 0) > 110 * MB)
        tell("stop")
    assert (watch.rss_peak_bytes or 0) > before + 110 * MB


@linux
def test_a_grandchild_whose_parent_is_gone_counts() -> None:
    """It is init's child then, and known by its session."""
    code = (
        "import os, sys, time\n"
        "if os.fork() == 0:\n"
        "    if os.fork() == 0:\n"
        "        held = bytearray(b'x' * (120 << 20)); print(os.getpid(), flush=True)\n"
        "        time.sleep(600)\n"
        "    os._exit(0)\n"
        "os.wait(); time.sleep(600)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, start_new_session=True
    )
    assert process.stdout is not None
    orphan = int(process.stdout.readline())
    try:
        tree = ProcTree(process.pid)
        tree.refresh()
        assert orphan in tree.pids
        assert (tree.resident() or 0) > 120 * MB
        tree.close()
    finally:
        os.killpg(process.pid, 9)
        process.wait()
        process.stdout.close()


def test_a_child_killed_meanwhile_leaves_its_peaks(any_tree: type) -> None:
    with child() as (pid, tell, kill):
        with Sampler(pid) as watch:
            tell("take")
            wait_for(lambda: (watch.rss_peak_bytes or 0) > 200 * MB)
            if any_tree is ProcTree:
                wait_for(lambda: (watch.high_water(pid) or 0) > 200 * MB)
            kill()
            if any_tree is ProcTree:
                wait_for(lambda: not watch._tree.pids)
        assert (watch.rss_peak_bytes or 0) > 200 * MB
        assert (watch.high_water(pid) is not None) == (
            any_tree is ProcTree or sys.platform == "win32"
        )


def test_a_child_that_is_gone_before_is_unknown(any_tree: type) -> None:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    with Sampler(process.pid) as watch:
        pass
    assert (watch.rss_peak_bytes, watch.high_water(process.pid)) == (None, None)
    assert (watch.vram_peak_bytes, watch.vram_source) == (None, None)


@linux
def test_no_file_stays_open() -> None:
    before = len(os.listdir("/proc/self/fd"))
    with child() as (pid, _, _), Sampler(pid):
        pass
    assert len(os.listdir("/proc/self/fd")) == before


def test_which_way_to_look(monkeypatch: pytest.MonkeyPatch) -> None:
    for system, kind in (("win32", PsutilTree), ("darwin", PsutilTree)):
        monkeypatch.setattr(sys, "platform", system)
        assert isinstance(tree_of(os.getpid()), kind)
    monkeypatch.setattr(sys, "platform", "linux")
    if hasattr(os, "pread"):
        tree = tree_of(os.getpid())
        assert isinstance(tree, ProcTree)
        tree.close()


# --- /proc made up


def put(proc: Path, pid: int, parent: int, session: int = 0, pages: int = 10, **more: str) -> None:
    folder = proc / str(pid)
    folder.mkdir(exist_ok=True)
    name = more.get("name", "a program) (x")
    (folder / "stat").write_text(f"{pid} ({name}) S {parent} 7 {session} 0 -1 more\n")
    (folder / "statm").write_text(f"{9 * pages} {pages} 3 1 0 5 0\n")
    (folder / "status").write_text(
        more.get("status", f"Name:\tx\nVmHWM:\t    {pages} kB\nVmRSS:\t")
    )


@unix
def test_who_belongs_to_the_tree(tmp_path: Path) -> None:
    page = os.sysconf("SC_PAGE_SIZE")
    (tmp_path / "uptime").touch()
    put(tmp_path, 1, 0, pages=1000)
    put(tmp_path, 50, 1)
    put(tmp_path, 40, 51, pages=3)  # a grandchild with a lower number than its parent
    put(tmp_path, 51, 50, pages=2)
    put(tmp_path, 60, 1, session=50, pages=4)
    put(tmp_path, 61, 1, session=1, pages=500)
    tree = ProcTree(50, str(tmp_path))
    assert (set(tree.pids), tree.resident()) == ({50}, 10 * page)
    tree.refresh()
    assert set(tree.pids) == {50, 51, 40, 60}
    assert tree.resident() == 19 * page
    assert tree.high_water() == {50: 10240, 51: 2048, 40: 3072, 60: 4096}
    put(tmp_path, 70, 40, pages=1)
    (tmp_path / "61" / "stat").unlink()  # known as a stranger: not read again
    tree.refresh()
    assert 70 in tree.pids
    assert 61 not in tree.pids
    tree.close()
    assert tree.resident() is None


@unix
def test_a_number_that_comes_again_is_looked_at_anew(tmp_path: Path) -> None:
    put(tmp_path, 50, 1)
    put(tmp_path, 61, 1)
    tree = ProcTree(50, str(tmp_path))
    tree.refresh()
    assert set(tree.pids) == {50}
    for file in (tmp_path / "61").iterdir():
        file.unlink()
    (tmp_path / "61").rmdir()
    tree.refresh()
    put(tmp_path, 61, 50)
    tree.refresh()
    assert set(tree.pids) == {50, 61}
    tree.close()


@unix
@pytest.mark.parametrize("text", ["", "1", "x y z", "5 0 0 0 0 0 0"])
def test_a_process_that_holds_nothing_is_unknown(tmp_path: Path, text: str) -> None:
    """Such as one that has ended, whose parent has not asked for its status."""
    put(tmp_path, 50, 1, status="Name:\tx\n")
    (tmp_path / "50" / "statm").write_text(text)
    tree = ProcTree(50, str(tmp_path))
    assert (tree.resident(), tree.high_water()) == (None, {})
    tree.close()


@unix
def test_proc_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tree = ProcTree(50, str(tmp_path / "none"))
    tree.refresh()
    assert (tree.resident(), tree.high_water(), set(tree.pids)) == (None, {}, set())
    put(tmp_path, 50, 1)
    put(tmp_path, 51, 50)
    (tmp_path / "51" / "stat").write_text("rubbish")
    tree = ProcTree(50, str(tmp_path))
    tree.refresh()
    assert set(tree.pids) == {50}

    def refuse(*_: object) -> bytes:
        raise PermissionError

    monkeypatch.setattr(os, "read", refuse)
    tree.refresh()
    assert tree.high_water() == {}
    monkeypatch.setattr(os, "pread", refuse)
    assert tree.resident() is None
    assert not tree.pids, "the file that fails is closed"


@unix
def test_not_every_process_of_a_flood_is_watched(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processes, "MOST", 3)
    put(tmp_path, 50, 1)
    for pid in range(51, 60):
        put(tmp_path, pid, 50)
    tree = ProcTree(50, str(tmp_path))
    tree.refresh()
    assert len(tree.pids) == 3
    tree.close()


# --- other systems


class FakeProcess:
    """As psutil's, with the sizes and errors that a test sets."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.memory: Any = SimpleNamespace(rss=pid * MB)
        self.family: Any = []

    def memory_info(self) -> Any:
        if isinstance(self.memory, Exception):
            raise self.memory
        return self.memory

    def children(self, recursive: bool) -> Any:
        assert recursive
        if isinstance(self.family, Exception):
            raise self.family
        return self.family


def test_psutil_tree(monkeypatch: pytest.MonkeyPatch) -> None:
    root, first, second = FakeProcess(5), FakeProcess(6), FakeProcess(7)
    monkeypatch.setattr(psutil, "Process", lambda _: root)
    tree = PsutilTree(5)
    root.family = [first, second]
    tree.refresh()
    assert tree.resident() == 18 * MB
    assert tree.high_water() == {}
    first.memory = psutil.NoSuchProcess(6)
    second.memory = SimpleNamespace(rss=MB, peak_wset=70 * MB)
    assert tree.resident() == 6 * MB
    assert set(tree.pids) == {5, 7}
    assert tree.high_water() == {7: 70 * MB}
    second.memory = psutil.AccessDenied(7)
    root.family = psutil.AccessDenied(5)
    tree.refresh()
    assert tree.resident() == 5 * MB
    assert set(tree.pids) == {5, 7}, "what is refused now may be told later"
    again = FakeProcess(7)
    root.family = [again]
    tree.refresh()
    assert tree.resident() == 12 * MB
    root.memory = OSError()
    again.memory = psutil.ZombieProcess(7)
    assert tree.resident() is None
    tree.close()
    assert not tree.pids


# --- schedule


def test_ticks_that_are_past_are_left_out() -> None:
    assert next_tick(0, 0.0, 0.05) == 1
    assert next_tick(1, 0.051, 0.05) == 2
    assert next_tick(1, 0.049, 0.05) == 2, "a clock that is early does not make a second tick 1"
    assert next_tick(2, 0.36, 0.05) == 8


def test_a_task_waits_for_its_time_and_its_share(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = SimpleNamespace(now=100.0)
    monkeypatch.setattr(time, "thread_time", lambda: clock.now)
    done: list[float] = []
    cost = 0.001

    def do() -> None:
        clock.now += cost

    task = _Task(do, 0.5, 0.01)
    for tick in range(200):
        before = clock.now
        assert task.turn(tick * 0.05, before) == clock.now
        if clock.now > before:
            done.append(tick * 0.05)
    assert done == pytest.approx([0.5 * turn for turn in range(20)])
    dear = _Task(do, 0.5, 0.01)
    done, cost = [], 0.1
    for tick in range(1200):
        before = clock.now
        dear.turn(tick * 0.05, before)
        if clock.now > before:
            done.append(tick * 0.05)
    assert done == pytest.approx([0, 8, 18, 28, 38, 48, 58]), "a tenth of a second each"


# --- GPU


class FakeMeter:
    """Answers in turn, the last for ever."""

    def __init__(self, *answers: Vram | None) -> None:
        self.answers = list(answers)
        self.marked = 0
        self.asked: list[set[int]] = []

    def mark_start(self) -> None:
        self.marked += 1

    def vram_of(self, pids: Any) -> Vram | None:
        self.asked.append(set(pids))
        return self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]


def watched(meter: FakeMeter) -> Sampler:
    watch = Sampler(os.getpid(), meter, interval=0.01)  # type: ignore[arg-type]
    with watch:
        wait_for(lambda: len(meter.asked) > 5)
    return watch


def test_vram_of_the_processes_is_preferred() -> None:
    device, process = Vram(9 * MB, "device"), Vram(5 * MB, "process")
    meter = FakeMeter(None, device, process, Vram(4 * MB, "process"))
    watch = watched(meter)
    assert (watch.vram_peak_bytes, watch.vram_source) == (5 * MB, "process")
    assert meter.marked == 1
    assert all(os.getpid() in pids for pids in meter.asked)
    watch = watched(FakeMeter(device, None))
    assert (watch.vram_peak_bytes, watch.vram_source) == (9 * MB, "device")
    watch = watched(FakeMeter(None))
    assert (watch.vram_peak_bytes, watch.vram_source) == (None, None)


def test_something_else_is_done_too() -> None:
    turns: list[int] = []
    with Sampler(os.getpid()) as watch:
        watch.also(lambda: turns.append(1))
        wait_for(lambda: bool(turns))
    assert turns


def test_a_driver_that_hangs_does_not_hold_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampler, "JOIN_S", 0.05)
    go_on, begun = [False], [False]

    def hang() -> None:
        begun[0] = True
        wait_for(lambda: go_on[0])

    watch = Sampler(os.getpid())
    with watch:
        watch.also(hang)
        wait_for(lambda: begun[0])
    assert watch._thread.is_alive()
    go_on[0] = True
    watch._thread.join(PATIENCE_S)
    assert watch.rss_peak_bytes is not None
    watch._tree.close()
