"""A foreign program run once: its lines and their times, and each way of ending."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import psutil
import pytest

from vcf.bench.child import faults, program
from vcf.bench.child.engine import ProgramCrashed, ProgramKilled
from vcf.bench.child.program import Ending, Runner, out_of_memory

unix = pytest.mark.skipif(sys.platform == "win32", reason="signals")
SLOW = """
import sys, time
for number in range(3):
    sys.stderr.write("\\r")
    sys.stderr.flush()
    sys.stderr.write(f"step {number}")
    sys.stderr.flush()
    time.sleep(0.2)
sys.stderr.write("\\nend\\n\\n")
"""


def run(code: str, **more: Any) -> Ending:
    return Runner().run([sys.executable, "-c", code], environment=os.environ, **more)


def ending(status: int, *said: str) -> Ending:
    return Ending(status=status, began=0.0, ended=1.0, rss_peak_bytes=None, said=said)


def test_lines_and_when_they_came() -> None:
    """A piece is stamped when it begins: the carriage return that ends it is the next one's."""
    came: list[tuple[str, float]] = []
    found = run(SLOW, on_line=lambda text, at: came.append((text, at)))
    assert [text for text, _ in came] == ["step 0", "step 1", "step 2", "end"]
    first, second, third, last = (at for _, at in came)
    assert found.began < first < second < third < last <= found.ended
    assert second - first > 0.15 and third - second > 0.15 and last - third > 0.15
    assert (found.status, found.signal, found.said) == (0, None, tuple(text for text, _ in came))
    assert (found.complaint, found.last) == ("", "end")


def test_both_streams_and_what_is_no_text() -> None:
    found = run(
        "import os; os.write(1, b'out \\xff\\n'); os.write(2, b'a' * 9000 + b'\\n' + b'rest')"
    )
    assert "out \N{REPLACEMENT CHARACTER}" in found.said and "rest" in found.said
    assert sum(text.count("a") for text in found.said) == 9000
    assert max(map(len, found.said)) <= program.LONGEST


def test_a_flood_is_read_to_its_end() -> None:
    count = 0

    def hear(_: str, __: float) -> None:
        nonlocal count
        count += 1

    found = run("for number in range(20000): print(number)", on_line=hear)
    assert count == 20000
    assert (len(found.said), found.said[-1]) == (program.KEPT, "19999")


@unix
def test_memory_of_the_programs() -> None:
    runner = Runner()
    assert runner.rss_peak_bytes is None
    command = [sys.executable, "-c", "held = bytearray(60 << 20); held[::4096] = b'x' * 15360"]
    found = runner.run(command, environment=os.environ)
    assert found.rss_peak_bytes is not None and 60 << 20 < found.rss_peak_bytes < 400 << 20
    runner.run([sys.executable, "-c", ""], environment=os.environ)
    assert runner.rss_peak_bytes == found.rss_peak_bytes


def test_environment_and_folder(tmp_path: Path) -> None:
    found = Runner().run(
        [sys.executable, "-c", "import os; print(os.environ['X'], os.getcwd())"],
        environment={**os.environ, "X": "7"}, cwd=str(tmp_path),
    )  # fmt: skip
    assert found.said == (f"7 {tmp_path.resolve()}",)


@pytest.mark.parametrize(
    ("code", "kind", "text"),
    [
        ("import sys; print('x'); sys.exit('Error: no such file')", "error", "Error: no such file"),
        ("import sys; sys.exit(3)", "error", "exit status 3"),
        ("import sys; sys.exit('Error: std::bad_alloc')", "oom", "std::bad_alloc"),
        ("import sys; sys.exit('Error: Failed to allocate buffer')", "oom", "Failed to allocate"),
    ],
)
def test_failures(code: str, kind: str, text: str) -> None:
    with pytest.raises((RuntimeError, MemoryError), match=text) as caught:
        run(code, name="voxcpm_tts")
    assert faults.kind_of(caught.value) == kind


@unix
@pytest.mark.parametrize(
    ("name", "raised", "kind"),
    [
        ("SIGSEGV", ProgramCrashed, "crashed"), ("SIGILL", ProgramCrashed, "crashed"),
        ("SIGABRT", ProgramCrashed, "crashed"), ("SIGKILL", ProgramKilled, "killed"),
        ("SIGTERM", ProgramKilled, "killed"),
    ],
)  # fmt: skip
def test_signals(name: str, raised: type[ProgramKilled], kind: str) -> None:
    code = f"import os, signal; print('so far', flush=True); os.kill(os.getpid(), signal.{name})"
    with pytest.raises(raised, match="voxcpm_tts: ") as caught:
        run(code, name="voxcpm_tts")
    assert (caught.value.signal, faults.kind_of(caught.value)) == (name, kind)
    assert ("so far" in str(caught.value)) == (kind == "crashed")


@unix
def test_cpp_gives_up_for_want_of_memory() -> None:
    with pytest.raises(MemoryError, match="bad_alloc"):
        run("import os; os.write(2, b\"instance of 'std::bad_alloc'\\n\"); os.abort()")


def test_signals_have_names() -> None:
    assert ending(0xC0000005).signal == "SIGSEGV"
    assert ending(-250).signal == "signal 250"
    assert ending(1).signal is None


def test_the_line_that_says_why() -> None:
    assert ending(1, "Error: a", "Error: b", "failed", "x").complaint == "Error: b"
    assert ending(-6, "one", "GGML_ASSERT(x) failed", "#1 main", "detached").complaint == (
        "GGML_ASSERT(x) failed"
    )
    assert (ending(1, "one", "two").complaint, ending(1, "one", "two").last) == ("", "two")
    assert (ending(1).complaint, ending(1).last) == ("", "")
    assert out_of_memory(["fine", "CUDA error 2: x"]) == "CUDA error 2: x"
    assert out_of_memory(["fine"]) is None


@pytest.mark.parametrize(
    ("said", "message"),
    [
        ((), "voxcpm_tts: exit status 9"),
        (
            ("Saved audio to o.wav",),
            "voxcpm_tts: exit status 9; the last that it said: Saved audio to o.wav",
        ),
        (("Error: no", "Saved audio to o.wav"), "voxcpm_tts: Error: no"),
    ],
)
def test_success_is_no_reason(said: tuple[str, ...], message: str) -> None:
    with pytest.raises(RuntimeError) as caught:
        ending(9, *said).check("voxcpm_tts")
    assert str(caught.value) == message


def test_a_failure_may_be_looked_at() -> None:
    assert run("import sys; sys.exit(3)", check=False).status == 3


def test_what_can_not_be_started(tmp_path: Path) -> None:
    with pytest.raises(OSError):
        Runner().run([str(tmp_path / "none")], environment=os.environ)


def test_a_limit() -> None:
    begin = time.monotonic()
    with pytest.raises(TimeoutError, match=r"voxcpm_tts did not end in 0.2 s"):
        run("import time; time.sleep(60)", limit_s=0.2, name="voxcpm_tts")
    assert time.monotonic() - begin < 30
    assert not psutil.Process().children(recursive=True)


def test_whoever_listens_may_stop_it() -> None:
    def hear(text: str, _: float) -> None:
        raise ValueError(text)

    with pytest.raises(ValueError, match="first"):
        run("import time; print('first', flush=True); time.sleep(60)", on_line=hear)
    assert not psutil.Process().children(recursive=True)


def test_abandoned() -> None:
    runner = Runner()
    runner.abandon()  # nothing runs
    timer = threading.Timer(0.3, runner.abandon)
    timer.start()
    with pytest.raises(ProgramKilled):
        runner.run([sys.executable, "-c", "import time; time.sleep(60)"], environment=os.environ)
    timer.join()
    assert not psutil.Process().children(recursive=True)
    runner.abandon()


def test_one_that_is_over_is_not_killed() -> None:
    runner = Runner()
    running = runner.start([sys.executable, "-c", "print(1)"], environment=os.environ)
    assert runner.finish(running).status == 0
    running.kill()
    assert running.next() is None


def test_nothing_came_in_time() -> None:
    runner = Runner()
    running = runner.start(
        [sys.executable, "-c", "import time; time.sleep(60)"], environment=os.environ
    )
    assert running.next(0.05) is None and not running.over
    runner.stop(running)
    assert running.over


@unix
def test_somebody_else_holds_its_output_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(program, "AFTERWARDS_S", 0.1)
    code = "import subprocess as s; p = s.Popen(['sleep', '60']); print(p.pid, flush=True)"
    found = run(code)
    assert found.status == 0
    psutil.Process(int(found.said[0])).kill()


def test_windows_has_no_books_of_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    class Process:
        returncode = 0
        killed = False

        def wait(self) -> int:
            return 0

        def kill(self) -> None:
            self.killed = True

    running = Runner().start([sys.executable, "-c", ""], environment=os.environ)
    running.finish()
    monkeypatch.setattr("vcf.bench.child.program.sys.platform", "win32")
    running._process = process = Process()  # type: ignore[assignment]
    running._peak = None
    running._gone.clear()
    running.kill()
    running._wait()
    assert process.killed and running.finish().rss_peak_bytes is None


def test_subprocess_does_not_complain() -> None:
    """Waited for by hand, its Popen must know that it is over."""
    code = (
        "import os, sys, gc; from vcf.bench.child.program import Runner; "
        "Runner().run([sys.executable, '-c', ''], environment=os.environ); gc.collect()"
    )
    found = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], capture_output=True, text=True, check=True
    )
    assert (found.stdout, found.stderr) == ("", "")


def test_a_line_without_end() -> None:
    code = (
        "import os, time\nfor _ in range(3):\n    os.write(2, b'a' * 9000)\n    time.sleep(0.1)\n"
        "os.write(2, b'z')"
    )
    found = run(code)
    assert "".join(found.said) == "a" * 27000 + "z"
    assert max(map(len, found.said)) <= program.LONGEST
