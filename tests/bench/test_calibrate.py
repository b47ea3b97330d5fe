"""The parent of the measuring child: what it makes of answers, crashes, silence and rubbish."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest
from calibration_child import (
    CARD,
    CPU,
    HELLO,
    MEASURES,
    RESULT,
    busy,
    desk,
    document,
    program,
    says,
)

from vcf.bench import conversation
from vcf.bench.calibrate import NoTorch, calibrate, command, gpu_name, thread_counts
from vcf.bench.conversation import Conversation, ending, parse
from vcf.errors import MeasureError, UsageError
from vcf.judge.calibrated import best_threads
from vcf.machine.model import Cpu, Gpu, Machine

QUIET = busy(0.0)


def test_what_the_child_found(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[tuple[str, int, int]] = []
    found = calibrate(
        desk(),
        program(says("chatter", 7, HELLO), "print('not JSON {')", MEASURES, says(RESULT)),
        progress=lambda part, number, count: seen.append((part, number, count)),
        busy=QUIET,
    )
    assert seen == [("CPU: part 0", 1, 2), ("CPU: part 1", 2, 2), ("CPU: part 2", 3, 3)]
    (device,) = found.calibration.devices
    assert (device.device, device.name, device.threads) == ("cpu", "Intel Core i5-12600K", 10)
    assert device.linear_rate("fp32", 1) == 5.0
    assert (device.conv_gflop_s, device.copy_gb_s, device.launch_us) == (34.0, 32.0, 9.5)
    assert (found.torch, found.python) == ("2.13.0+cpu", "3.11.7")
    assert (found.foreign_share, found.disturbed) == (0.0, False)
    assert found.machine.cpu == "Intel Core i5-12600K"
    assert found.machine.memory_gib == 32
    assert found.date.endswith("+00:00") and len(found.date) == 25
    assert found.key == document().key
    assert best_threads(found) is None


def test_a_card_has_the_name_of_the_probe() -> None:
    result = {**RESULT, "devices": [CPU, CARD]}
    found = calibrate(desk(), program(says(HELLO, result)), busy=QUIET)
    assert found.calibration.of("gpu", "NVIDIA GeForce RTX 3060") is not None


def test_names_of_cards() -> None:
    amd = Gpu(name="Navi 31 [Radeon RX 7900 XTX]", vendor="amd")
    apple = Gpu(name="Apple M2", vendor="apple")
    one = Machine(gpus=[amd, apple])
    assert gpu_name("cuda:0", "AMD Radeon RX 7900 XTX", one) == amd.name
    assert gpu_name("mps", "mps", one) == "Apple M2"
    assert gpu_name("xpu:0", "Intel(R) Arc(TM) A770", one) == "Intel(R) Arc(TM) A770"
    assert gpu_name("cuda:0", "x", Machine(gpus=[amd, amd])) == "x"
    assert gpu_name("cuda:0", "x", Machine()) == "x"


@pytest.mark.parametrize(
    ("cpu", "counts"),
    [
        (Cpu(physical_cores=10, logical_cores=16, usable_cores=16), [1, 5, 10, 16]),
        (Cpu(physical_cores=8, logical_cores=16, usable_cores=4), [1, 2, 4]),
        (Cpu(physical_cores=2, logical_cores=2, usable_cores=2), [1, 2]),
        (Cpu(logical_cores=8), [1, 4, 8]),
        (Cpu(), [1]),
    ],
)
def test_threads_worth_trying(cpu: Cpu, counts: list[int]) -> None:
    assert thread_counts(Machine(cpu=cpu)) == counts


def test_the_command_names_the_child() -> None:
    python, *_, script, option, counts = command("/opt/python", desk())
    assert (python, option, counts) == ("/opt/python", "--threads", "1,5,10,16")
    assert Path(script).is_file()


# ---- foreign load -----------------------------------------------------------------------------

TELLS = "result = %r\nresult['left_out'] = [{'part': str(times), 'reason': 'x'}]\nsay(result)"


def test_a_disturbed_part_is_repeated_and_then_told() -> None:
    """Each part three times, until it is clear that the load stays."""
    steps = program(says(HELLO), MEASURES.replace("range(3)", "range(5)"), TELLS % RESULT)
    found = calibrate(desk(), steps, busy=busy(9.0))
    assert found.left_out[0].part == "[3, 3, 3, 1, 1]"
    assert found.disturbed
    assert found.foreign_share > 0.05


def test_the_measurement_itself_is_no_foreign_load() -> None:
    own = MEASURES.replace("part {n}'", "part {n}', 9.0")
    found = calibrate(desk(), program(says(HELLO), own, TELLS % RESULT), busy=busy(9.0))
    assert found.left_out[0].part == "[1, 1, 1]"
    assert (found.disturbed, found.foreign_share) == (False, 0.0)


def test_rubbish_in_place_of_the_time_used_counts_as_none() -> None:
    strange = MEASURES.replace("part {n}'", "part {n}', 'much'")
    assert calibrate(
        desk(), program(says(HELLO), strange, TELLS % RESULT), busy=busy(9.0)
    ).disturbed


# ---- what goes wrong --------------------------------------------------------------------------


def broken(*steps: str, seconds: float = 60.0) -> MeasureError:
    with pytest.raises(MeasureError) as caught:
        calibrate(desk(), program(*steps), busy=QUIET, seconds=seconds)
    assert caught.value.exit_code == 4
    assert "\n" not in caught.value.message
    return caught.value


def test_no_torch() -> None:
    gone = {"event": "error", "kind": "no-torch", "text": "ModuleNotFoundError"}
    with pytest.raises(NoTorch, match="has no torch") as caught:
        calibrate(desk(), program(says(gone)))
    assert (caught.value.exit_code, caught.value.hint) == (2, "")
    ill = {"event": "error", "kind": "torch-fails", "text": "OSError: libcudart.so.12\x1b[31m"}
    with pytest.raises(NoTorch, match="can't be imported: OSError: libcudart") as caught:
        calibrate(desk(), program(says(ill)))
    assert "doctor" in caught.value.hint
    assert "\x1b" not in caught.value.message


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_a_crash() -> None:
    error = broken(
        says(HELLO),
        "ask({'event': 'ready', 'part': 'CPU: bf16, 1 row'})",
        f"os.kill(os.getpid(), {signal.SIGILL:d})",
    )
    assert error.message == (
        "the measurement broke off while measuring CPU: bf16, 1 row: ended by SIGILL: an "
        "instruction that this processor lacks: this torch is not built for it"
    )
    assert (
        "out of memory, said someone"
        in broken(
            says(HELLO),
            "sys.stderr.write('first\\nout of memory, said someone\\n\\n'); sys.exit(3)",
        ).message
    )
    assert broken("sys.exit(3)").message == "the measurement broke off: exit status 3"


def test_how_programs_end() -> None:
    assert ending(0xC000001D, []).startswith("ended by SIGILL: an instruction")
    assert ending(-1073741795, []).startswith("ended by SIGILL: an instruction")
    assert "memory was used up" in ending(-9, ["noise"])
    assert ending(-200, []) == "ended by signal 200"
    assert ending(1, ["a", " b ", ""]) == "b"


def test_a_child_that_hangs_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    start = time.monotonic()
    error = broken(says(HELLO), "time.sleep(60)", seconds=0.3)
    assert time.monotonic() - start < 20
    assert error.message == "the measurement did not end in 0.3 s"
    assert not psutil.Process().children(recursive=True)


def test_a_child_that_only_closes_its_output() -> None:
    error = broken(says(HELLO), "os.close(1); time.sleep(60)")
    assert error.message.endswith("it closed its output and went on")


@pytest.mark.parametrize(
    "result",
    [
        {"event": "result"},
        {**RESULT, "devices": [{**CPU, "conv_gflop_s": -1.0}]},
        {**RESULT, "devices": [{**CPU, "copy_gb_s": None}]},
        {**RESULT, "devices": [{**CPU, "linear": [{"precision": "fp12"}]}]},
        {**RESULT, "threads": "many"},
    ],
)
def test_a_result_that_can_not_be(result: Any) -> None:
    assert "can't be used" in broken(says(HELLO, result)).message


def test_a_result_without_a_hello() -> None:
    assert "can't be used" in broken(says(RESULT)).message


def test_nothing_could_be_measured() -> None:
    left = [{"part": "CPU: copy", "reason": "out of memory"}]
    error = broken(says(HELLO, {**RESULT, "devices": [], "left_out": left}))
    assert error.message == "nothing could be measured: CPU: copy: out of memory"


def test_no_such_interpreter() -> None:
    with pytest.raises(UsageError, match="No such file"):
        Conversation(["/no/such/python"], seconds=1)


@pytest.mark.parametrize("line", [b"", b"x", b"[1]", b"{}", b'{"event": 1}', b"[" * 100_000])
def test_lines_that_are_no_events(line: bytes) -> None:
    assert parse(line) is None


def test_an_answer_to_one_who_is_gone() -> None:
    with Conversation([sys.executable, "-c", ""], seconds=60) as talk:
        assert list(talk) == []
        talk.answer("go")


def test_an_output_that_fails_ends_it(monkeypatch: pytest.MonkeyPatch) -> None:
    with Conversation([sys.executable, "-c", ""], seconds=60) as talk:
        assert list(talk) == []

        class Broken:
            def readline(self, most: int) -> bytes:
                raise ValueError("closed")

        monkeypatch.setattr(talk._child, "stdout", Broken())
        talk._read()
        assert talk._next() == b""
        monkeypatch.undo()


def test_interrupted(monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C ends the child with it."""
    monkeypatch.setattr(conversation, "WAKE_S", 0.05)

    def interrupt(part: str, number: int, count: int) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        calibrate(desk(), program(says(HELLO), MEASURES, "time.sleep(60)"), progress=interrupt)
    assert not psutil.Process().children(recursive=True)
    assert threading.active_count() < 20


@pytest.mark.skipif(sys.platform == "win32", reason="signals")
def test_the_child_ends_when_its_parent_is_killed(tmp_path: Path) -> None:
    """Nobody answers any more."""
    mark = tmp_path / "pid"
    inside = program(
        says(HELLO), f"open({str(mark)!r}, 'w').write(str(os.getpid()))", MEASURES, MEASURES
    )
    parent = (
        f"import sys, time; sys.path[:0] = {[str(Path(__file__).parent)]!r}\n"
        "from calibration_child import desk\n"
        "from vcf.bench.calibrate import calibrate\n"
        f"calibrate(desk(), {inside!r}, progress=lambda *_: time.sleep(60))"
    )
    child = subprocess.Popen([sys.executable, "-c", parent], env={**os.environ})
    end = time.monotonic() + 30
    while not (mark.exists() and mark.read_text()) and time.monotonic() < end:
        time.sleep(0.02)
    child.kill()
    child.wait()
    while psutil.pid_exists(int(mark.read_text())) and time.monotonic() < end:
        time.sleep(0.02)
    assert not psutil.pid_exists(int(mark.read_text())) or (
        psutil.Process(int(mark.read_text())).status() == psutil.STATUS_ZOMBIE
    )


def test_advice_on_threads() -> None:
    one = calibrate(desk(), program(says({**HELLO, "threads": 16}, RESULT)), busy=QUIET)
    found = best_threads(one)
    assert found is not None
    assert (found[0].threads, round(found[1], 2)) == (10, 1.33)
    assert best_threads(msgspec.structs.replace(one, threads=[])) is None
    card = calibrate(desk(), program(says(HELLO, {**RESULT, "devices": [CARD]})), busy=QUIET)
    assert best_threads(card) is None
