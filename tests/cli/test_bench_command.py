"""``vcf bench voxcpm`` through the command line, with a stand-in for the measuring program."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import signal
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import bench_records
import msgspec
import psutil
import pytest

from vcf.bench import child_talk, kit_voxcpm, measure, session
from vcf.bench import conditions as vcf_conditions
from vcf.bench.checkpoint import MARKER, write_checkpoint
from vcf.bench.database import add, all_records
from vcf.bench.record import BenchDocument, BenchRecord
from vcf.cli.bench_progress import Progress
from vcf.errors import OutputError
from vcf.machine import interpreter as interpreter_module
from vcf.machine import probe as probe_module
from vcf.machine.interpreter import running
from vcf.machine.load import read_machine
from vcf.machine.model import Machine

STAND_IN = Path(__file__).parents[1] / "bench" / "bench_stand_in.py"
DESK = """
os: linux
cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [avx2]}
memory: {total: 32GiB}
gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: "570.133"}]
disk: {free: 200GB}
software: {python: "3.11.7", torch: 2.13.0+cpu, voxcpm: 2.0.3}
"""
CARD = 'gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: "570.133"}]'
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in, and folders of nobody."""
    monkeypatch.setattr(child_talk, "RUN", STAND_IN)
    # books of a processor on which nobody else works: nothing is repeated
    monkeypatch.setitem(measure.measure.__kwdefaults__, "busy", lambda: (0.0, 4))
    monkeypatch.setattr(vcf_conditions, "_load", lambda: 0.25)
    for variable, name in (
        ("VCF_CACHE_DIR", "cache"), ("VCF_DATA_DIR", "data"), ("HF_HUB_CACHE", "hf"),
        ("MODELSCOPE_CACHE", "ms"), ("STAND_IN_LOG", "log"),
    ):  # fmt: skip
        monkeypatch.setenv(variable, str(tmp_path / name))
    for name in ("STAND_IN_FAULT", "STAND_IN_ONLY", "STAND_IN_SECONDS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def here(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Machine]:
    """Sets the machine that is probed; ``changes`` of its text are pairs of old and new."""

    def put(*changes: tuple[str, str]) -> Machine:
        text = DESK
        for old, new in changes:
            assert old in text
            text = text.replace(old, new)
        machine = read_machine(text, "desk.yaml")
        monkeypatch.setattr(probe_module, "probe", lambda *_, **__: machine)
        return machine

    put()
    return put


@pytest.fixture
def bench(vcf: Any, here: Any) -> Callable[..., Any]:
    """``vcf bench voxcpm --weights tiny`` with further arguments."""
    return lambda *arguments: vcf("bench", "voxcpm", "--weights", "tiny", *arguments)


def orders(places: Path) -> list[dict[str, Any]]:
    """What the measuring programs were told."""
    return [json.loads(line) for line in (places / "log").read_text().splitlines()]


def document(text: str) -> BenchDocument:
    return msgspec.json.decode(text, type=BenchDocument)


# ---- measured, kept, shown --------------------------------------------------------------------


def test_it_measures_keeps_and_shows(bench: Any, places: Path) -> None:
    done = bench("--mode", "cpu-fp32")
    assert done.code == 0
    assert "voxcpm-0.5b" in done.out and "tiny random weights" in done.out
    (row,) = [line for line in done.out.splitlines() if line.startswith("cpu-fp32")]
    assert "0.250" in row and "4.0×" in row and "0.75 s" in row
    (kept,) = all_records()
    assert (kept.status, kept.mode, kept.weights.kind) == ("ok", "cpu-fp32", "tiny")
    assert kept.predicted is None and len(kept.runs) == 3
    assert [path.name for path in (places / "cache" / "weights").iterdir()] == ["voxcpm-0.5b-tiny"]
    assert [path.name for path in (places / "cache").iterdir()] == ["weights"]


def test_progress_is_told_line_by_line(bench: Any) -> None:
    *lines, kept = bench("-m", "cpu-fp32").err.splitlines()
    assert kept == f"vcf: kept: vcf bench show {all_records()[0].id}"
    assert all(line.startswith("vcf: voxcpm-0.5b:cpu-fp32: ") for line in lines)
    told = [line.removeprefix("vcf: voxcpm-0.5b:cpu-fp32: ").split(" · ")[0] for line in lines]
    assert told[0].startswith("writing random weights ")
    assert told[1].startswith("reading weights ")
    assert told[2:] == [
        "importing", "loading", "first synthesis", "run 1 of 3", "run 2 of 3", "run 3 of 3",
        "streaming 1 of 1",
    ]  # fmt: skip
    assert "RTF 0.25 so far" in lines[7]


def test_progress_on_a_terminal(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen = Terminal()
    monkeypatch.setattr(sys, "stderr", screen)
    assert bench("-m", "cpu-fp32").code == 0
    progress, _, rest = screen.getvalue().partition("vcf: kept: ")
    lines = progress.split("\r")
    assert any("run 3 of 3" in line for line in lines)
    assert "\n" not in progress and rest.count("\n") == 1
    assert lines[-2].strip() == lines[-1] == ""


def test_json(bench: Any, valid: Any) -> None:
    done = bench("-m", "cpu-fp32", "--json")
    assert done.code == 0
    valid("bench", done.json)
    (told,) = document(done.out).results
    assert all_records() == [told]
    assert done.json["schema"] == "vcf.bench/1"
    assert told.streaming is not None and told.quality is not None


@pytest.mark.parametrize("flags", [["--json"], []])
def test_into_a_file(bench: Any, places: Path, flags: list[str]) -> None:
    file = places / "answer"
    done = bench("-m", "cpu-fp32", "--quick", "-o", file, *flags)
    assert (done.code, done.out) == (0, "")
    text = file.read_text(encoding="utf-8")
    if flags:
        assert document(text).results[0].status == "ok"
    else:
        assert "cpu-fp32" in text and "\x1b" not in text


def test_a_file_that_can_not_be_written(bench: Any, places: Path) -> None:
    """Said before minutes are spent."""
    done = bench("-m", "cpu-fp32", "--quick", "--json", "-o", places)
    assert (done.code, done.json["error"]["kind"]) == (2, "output")
    assert "is a folder" in done.json["error"]["message"]
    assert not all_records()


def test_where_records_can_not_be_kept(bench: Any, places: Path) -> None:
    (places / "data").write_text("a file")
    done = bench("-m", "cpu-fp32", "--quick")
    assert done.code == 0 and "cpu-fp32" in done.out
    (line,) = [line for line in done.err.splitlines() if "not kept" in line]
    assert line.startswith("vcf: not kept: ") and "VCF_DATA_DIR" in line


def test_chinese(bench: Any) -> None:
    done = bench("-m", "cpu-fp32", "--lang", "zh")
    assert done.code == 0
    assert "微型随机权重" in done.out and "× 实时" in done.out.replace("\n", " ")
    assert "首次合成" in done.err
    (kept,) = all_records()
    assert (kept.protocol.lang, kept.protocol.text) == ("zh", "short")


def test_list_and_show_know_it(vcf: Any, bench: Any) -> None:
    assert bench("-m", "cpu-fp32", "--quick").code == 0
    (kept,) = all_records()
    assert kept.id in vcf("bench", "list").out
    assert vcf("bench", "show", "latest").code == 0


# ---- what is asked for ------------------------------------------------------------------------


def measured(bench: Any, *arguments: object) -> BenchRecord:
    done = bench("-m", "cpu-fp32", "--json", *arguments)
    assert done.code == 0, done.err
    return document(done.out).results[0]


def test_quick(bench: Any) -> None:
    found = measured(bench, "--quick")
    assert (len(found.runs), found.streaming) == (2, None)
    assert (found.protocol.quick, found.protocol.streaming) == (True, False)


def test_so_many_runs(bench: Any, places: Path) -> None:
    found = measured(bench, "--runs", 5, "--no-streaming", "--max-seconds", 55.5)
    assert (len(found.runs), found.streaming) == (5, None)
    assert (found.protocol.runs_min, found.protocol.max_seconds) == (5, 55.5)
    assert [each["do"] for each in orders(places)].count("stream") == 0


def test_threads_compilation_and_steps(bench: Any, places: Path) -> None:
    found = measured(bench, "--quick", "--threads", 3, "--compile", "--steps", 4)
    assert (found.engine.threads, found.protocol.threads_asked) == (3, 3)
    assert found.protocol.compile_asked is True
    told = orders(places)[0]["settings"]
    assert (told["compile"], told["steps"], found.workload.steps) == (True, 4, 4)
    assert measured(bench, "--quick", "--no-compile").protocol.compile_asked is False


def test_a_length(bench: Any, places: Path) -> None:
    found = measured(bench, "--quick", "--text-seconds", 9)
    assert (found.protocol.text, found.protocol.fixed_seconds) == ("long", 9.0)
    assert found.workload.speech_seconds == 9.0
    assert {each["length"] for each in orders(places) if each["do"] == "speak"} == {9.0}


def test_an_own_text(bench: Any, places: Path) -> None:
    found = measured(bench, "--quick", "--text", "  One\n two  three four.  ")
    assert orders(places)[0]["settings"]["text"] == "One two three four."
    assert (found.protocol.text, found.protocol.text_characters) == ("own", 19)
    assert found.protocol.fixed_seconds == pytest.approx(19 / 14)
    (places / "text").write_bytes(b"\xef\xbb\xbf" + "水烧好了\n请坐吧".encode())
    found = measured(bench, "--quick", "--text-file", places / "text")
    assert (found.protocol.lang, found.protocol.text_characters) == ("zh", 8)


def test_a_clip(bench: Any, places: Path) -> None:
    with wave.open(str(places / "a.wav"), "wb") as sound:
        sound.setparams((1, 2, 8000, 0, "NONE", ""))
        sound.writeframes(bytes(16_000 * 3))
    found = measured(bench, "--quick", "--reference", "a.wav", "--reference-text", "Hi.")
    told = orders(places)[0]["settings"]
    assert (told["clip"], told["clip_text"]) == (str(places / "a.wav"), "Hi.")
    assert orders(places)[2] == {"do": "encode"}
    assert found.phases.reference_s == 0.125
    assert found.workload.reference_seconds == 3.2  # as the engine counts it


def test_the_sound_is_kept(bench: Any, places: Path) -> None:
    measured(bench, "--quick", "--save-audio", places / "new" / "sounds")
    with wave.open(str(places / "new" / "sounds" / "voxcpm-0.5b-cpu-fp32.wav")) as sound:
        assert sound.getnframes() == 32_000


def test_the_sound_can_not_be_kept(bench: Any, places: Path) -> None:
    """It is said, and the measurement is good nevertheless."""
    (places / "sounds" / "voxcpm-0.5b-cpu-fp32.wav").mkdir(parents=True)
    done = bench("-m", "cpu-fp32", "--quick", "--save-audio", "sounds")
    assert done.code == 0
    assert all_records()[0].findings[-1] == "sound-not-saved"
    assert "sound" in done.out and "sound-not-saved" not in done.out


def test_another_python(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def interpreter(path: str) -> Any:
        asked.append(path)
        return running()

    monkeypatch.setattr(interpreter_module, "interpreter", interpreter)
    assert measured(bench, "--quick", "--python", "voice").status == "ok"
    assert asked == ["voice"]


def test_models(bench: Any) -> None:
    done = bench("--model", "0.5", "--model", "1.5", "--model", "VoxCPM-0.5B", "-m", "cpu-fp32",
                 "--quick", "--json")  # fmt: skip
    assert done.code == 0
    assert [each.model for each in document(done.out).results] == ["voxcpm-0.5b", "voxcpm-1.5"]


def test_both_modes_of_the_processor(bench: Any) -> None:
    """Where bf16 is emulated the quicker one is found by trying both, shortly."""
    done = bench("-m", "cpu", "--json")
    assert [(each.mode, len(each.runs)) for each in document(done.out).results] == [
        ("cpu-fp32", 2), ("cpu-bf16", 2)
    ]  # fmt: skip


def test_on_a_card(bench: Any) -> None:
    done = bench("-m", "gpu-bf16", "--json", "--runs", 2)
    (found,) = document(done.out).results
    assert (found.gpu, found.engine.device) == ("NVIDIA GeForce RTX 3060", "cuda:0")
    assert found.protocol.fixed_seconds == 8.0 and found.protocol.text == "medium"


def test_small_weights_fit_anywhere(bench: Any, here: Any) -> None:
    here(("32GiB", "1GiB"))
    assert bench("-m", "cpu-fp32", "--quick").code == 0


# ---- weights of somebody's own ----------------------------------------------------------------


@pytest.fixture
def own(places: Path) -> Path:
    """Small weights that look like real ones."""
    folder = places / "model"
    write_checkpoint(folder, "voxcpm-0.5b", "tiny")
    (folder / MARKER).unlink()
    return folder


def basis(vcf: Any) -> str:
    """What ``vcf check`` rests on."""
    told = vcf("check", "voxcpm-0.5b:cpu-fp32", "--json").json["results"][0]["assessments"][0]
    return str(told["rtf"]["basis"])


def test_check_uses_what_was_measured(vcf: Any, here: Any, own: Path, places: Path) -> None:
    assert basis(vcf) == "roofline"
    done = vcf("bench", "voxcpm", "-m", "cpu-fp32", "--weights", own)
    assert done.code == 0
    assert "30 s of speech take about 6.2 s here." in done.out
    assert "a player never has to wait" in done.out
    (kept,) = all_records()
    assert (kept.weights.kind, kept.counts) == ("path", True)
    assert kept.protocol.fixed_seconds is None and kept.workload.speech_seconds == 2.4
    assert kept.predicted is not None and kept.predicted.basis == "roofline"
    assert basis(vcf) == "bench"
    assert [path.name for path in (places / "cache").iterdir()] == []


def test_sound_that_is_no_speech_counts_for_nothing(
    vcf: Any, here: Any, own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "mute@speak:2 mute@speak:3 mute@speak:4")
    done = vcf("bench", "voxcpm", "-m", "cpu-fp32", "--weights", own)
    assert "30 s of speech" not in done.out
    assert not all_records()[0].counts and basis(vcf) == "roofline"


def test_the_length_of_real_weights_is_their_own(vcf: Any, here: Any, own: Path) -> None:
    done = vcf("bench", "voxcpm", "-m", "cpu-fp32", "--weights", own, "--quick", "--json",
               "--text", "x" * 28)  # fmt: skip
    (found,) = document(done.out).results
    assert found.protocol.fixed_seconds is None
    assert found.quality is not None and found.quality.length_ratio == pytest.approx(1.2)


# ---- what fails -------------------------------------------------------------------------------


@unix
@pytest.mark.parametrize(
    ("fault", "status", "reason", "words"),
    [
        ("oom@load", "oom", "out-of-memory", "out of memory"),
        ("bad_alloc@load", "oom", "out-of-memory", "out of memory"),
        ("SIGKILL@speak:2", "killed", "killed", "stopped"),
        ("SIGSEGV@speak:2", "error", "signal", "SIGSEGV"),
        ("SIGILL@load", "error", "signal", "SIGILL"),
        ("exit@load", "error", "engine-error", "it broke"),
        ("error@speak", "error", "engine-error", "no such voice"),
        ("wrong-length@speak", "error", "wrong-length", "failed"),
        ("missing@prepare", "error", "package-missing", "No module named 'voxcpm'"),
        ("broken@load", "error", "broken-weights", "lack 3 tensors"),
        ("silent@start", "error", "engine-error", "it ended early"),
    ],
)
def test_a_failure_is_kept_and_told(
    bench: Any, monkeypatch: pytest.MonkeyPatch, fault: str, status: str, reason: str, words: str
) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", fault)
    done = bench("-m", "cpu-fp32")
    assert done.code == 1
    assert "Nothing was measured." in done.out
    assert words in " ".join(done.out.split())
    assert "Traceback" not in done.out + done.err and str(Path.home()) not in done.out
    (kept,) = all_records()
    assert kept.reason is not None
    assert (kept.status, kept.reason.id) == (status, reason)


def test_it_hangs(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "hang@speak:2")
    done = bench("-m", "cpu-fp32", "--max-seconds", 1.2)
    assert done.code == 1 and "timed out" in done.out
    assert all_records()[0].status == "timeout"
    assert not psutil.Process().children(recursive=True)


def test_no_time_at_all(bench: Any) -> None:
    done = bench("-m", "cpu-fp32", "--max-seconds", 0.001)
    assert done.code == 1 and "timed out" in done.out
    assert all_records()[0].phases.load_s == 0.75


def test_it_does_not_come_to_importing(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "hang@prepare")
    monkeypatch.setattr(session, "IMPORT_SECONDS", 0.3)
    assert bench("-m", "cpu-fp32").code == 1
    assert all_records()[0].status == "timeout"


def test_failures_in_json(bench: Any, valid: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "oom@load")
    done = bench("-m", "cpu-fp32", "--json")
    assert done.code == 1
    valid("bench", done.json)
    assert done.json["results"][0]["status"] == "oom"


@unix
@pytest.mark.parametrize("modes", [("cpu-fp32", "cpu-bf16"), ("cpu-bf16", "cpu-fp32")])
def test_one_of_two_crashes(
    bench: Any, monkeypatch: pytest.MonkeyPatch, modes: tuple[str, str]
) -> None:
    """The other one is measured, kept and shown."""
    monkeypatch.setenv("STAND_IN_FAULT", "SIGSEGV@speak:2")
    monkeypatch.setenv("STAND_IN_ONLY", "bf16")
    done = bench("-m", modes[0], "-m", modes[1], "--json")
    assert done.code == 0
    found = {each.mode: each for each in document(done.out).results}
    assert tuple(found) == modes
    assert {mode: each.status for mode, each in found.items()} == {
        "cpu-fp32": "ok", "cpu-bf16": "error"
    }  # fmt: skip
    assert all_records() == list(found.values())


@unix
def test_one_of_two_crashes_on_the_screen(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "SIGSEGV@speak:2")
    monkeypatch.setenv("STAND_IN_ONLY", "bf16")
    done = bench("-m", "cpu", "--lang", "zh")
    assert done.code == 0
    assert "cpu-fp32" in done.out and "SIGSEGV" in done.out


def broken_model(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    real = kit_voxcpm.make_ready

    def make_ready(source: Any, model_id: str, *more: Any) -> Any:
        if model_id == name:
            raise OutputError("weights: No space left on device", "free some")
        return real(source, model_id, *more)

    monkeypatch.setattr(kit_voxcpm, "make_ready", make_ready)


def test_weights_that_can_not_be_had(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    broken_model(monkeypatch, "voxcpm-0.5b")
    done = bench("-m", "cpu-fp32")
    assert (done.code, done.out) == (2, "")
    assert done.err.splitlines() == ["vcf: weights: No space left on device", "     free some"]
    assert all_records() == []


def test_weights_of_the_second_model_that_can_not_be_had(
    bench: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_model(monkeypatch, "voxcpm-1.5")
    done = bench("-m", "cpu-fp32", "--model", "0.5b", "--model", "1.5")
    assert len(all_records()) == 1
    assert "No space left on device" in done.err
    assert "cpu-fp32" in done.out


def test_no_sound_at_all(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "empty@speak")
    assert bench("-m", "cpu-fp32").code == 1
    assert all_records()[0].status == "error"


# ---- Ctrl-C -----------------------------------------------------------------------------------


def test_interrupted(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = Progress.tell

    def tell(self: Any, phase: str, run: int, *more: Any) -> None:
        if (phase, run) == ("warm", 3):
            raise KeyboardInterrupt
        real(self, phase, run, *more)

    monkeypatch.setattr(Progress, "tell", tell)
    done = bench("-m", "cpu-fp32", "-m", "cpu-bf16")
    assert done.code == 130
    assert done.err.splitlines()[-1] == "vcf: interrupted; what was measured is kept"
    (kept,) = all_records()
    assert kept.reason is not None and (kept.reason.id, len(kept.runs)) == ("interrupted", 2)
    assert "by Ctrl-C" in done.out
    assert not psutil.Process().children(recursive=True)


@pytest.mark.parametrize("flags", [[], ["--json"]])
def test_interrupted_while_weights_are_written(
    bench: Any, places: Path, monkeypatch: pytest.MonkeyPatch, flags: list[str]
) -> None:
    def weights(*_: Any) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Progress, "weights", weights)
    done = bench("-m", "cpu-fp32", *flags)
    assert done.code == 130
    assert done.json["results"] == [] if flags else done.out == ""
    assert all_records() == []
    assert list((places / "cache" / "weights").iterdir()) == []


PROGRAM = """
import signal, sys
from pathlib import Path
signal.signal(signal.SIGINT, signal.default_int_handler)
from vcf.bench import child_talk, measure
from vcf.machine import probe
from vcf.machine.load import read_machine
child_talk.RUN = Path({stand_in!r})
measure.measure.__kwdefaults__["busy"] = lambda: (0.0, 4)
probe.probe = lambda *_, **__: read_machine({desk!r}, "desk.yaml")
from vcf.cli.main import main
main()
"""


def began(places: Path, times: int) -> subprocess.Popen[bytes]:
    """A vcf of its own, whose measuring program was told to speak so often."""
    code = PROGRAM.format(stand_in=str(STAND_IN), desk=DESK)
    arguments = ["bench", "voxcpm", "-m", "cpu-fp32", "-m", "cpu-bf16", "--weights", "tiny"]
    started = subprocess.Popen(
        [sys.executable, "-c", code, *arguments, "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    end, log = time.monotonic() + 60, places / "log"
    while not (log.exists() and log.read_text().count('"speak"') == times):
        if time.monotonic() > end or started.poll() is not None:
            started.kill()
            pytest.fail(started.communicate()[1].decode())
        time.sleep(0.02)
    return started


@unix
@pytest.mark.parametrize("name", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_ended_from_outside(places: Path, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """A vcf of its own, ended politely while the measuring program does not answer."""
    monkeypatch.setenv("STAND_IN_FAULT", "hang@speak:3")
    started = began(places, 3)
    children = psutil.Process(started.pid).children(recursive=True)
    assert children
    os.kill(started.pid, getattr(signal, name))
    out, err = started.communicate(timeout=60)
    assert started.returncode == 130, err.decode()
    assert err.decode().splitlines()[-1] == "vcf: interrupted; what was measured is kept"
    assert "Traceback" not in err.decode()
    (kept,) = all_records()
    assert document(out.decode()).results == [kept]
    assert (kept.status, len(kept.runs)) == ("killed", 1)
    assert kept.reason is not None and kept.reason.id == "interrupted"
    _, left = psutil.wait_procs(children, timeout=10)
    assert left == []
    assert [path.name for path in (places / "cache").iterdir()] == ["weights"], "no links left"


@unix
def test_vcf_is_killed(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody gives orders any more: the measuring program ends by itself."""
    monkeypatch.setenv("STAND_IN_FAULT", "hang@speak:2")
    started = began(places, 2)
    children = psutil.Process(started.pid).children(recursive=True)
    started.kill()
    started.communicate(timeout=60)
    gone, left = psutil.wait_procs(children, timeout=30)
    assert len(gone) == 1 and left == []


def test_what_ended_vcf_before_ends_it_afterwards(bench: Any) -> None:
    before = signal.getsignal(signal.SIGTERM)
    assert bench("-m", "cpu-fp32", "--quick").code == 0
    assert signal.getsignal(signal.SIGTERM) is before


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="no SIGHUP")
def test_nohup(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is ignored stays ignored: the terminal may be closed."""
    seen: list[Any] = []
    monkeypatch.setattr(Progress, "cell", lambda *_: seen.append(signal.getsignal(signal.SIGHUP)))
    before = signal.signal(signal.SIGHUP, signal.SIG_IGN)
    try:
        assert bench("-m", "cpu-fp32", "--quick").code == 0
    finally:
        signal.signal(signal.SIGHUP, before)
    assert seen == [signal.SIG_IGN]


def test_not_in_the_main_thread(bench: Any) -> None:
    """Nobody can be told there, and nothing breaks."""
    codes: list[int] = []
    thread = threading.Thread(target=lambda: codes.append(bench("-m", "cpu-fp32", "--quick").code))
    thread.start()
    thread.join(60)
    assert codes == [0]


# ---- not begun --------------------------------------------------------------------------------


def test_no_card(bench: Any, here: Any, places: Path, valid: Any) -> None:
    here((CARD, "gpus: []"))
    done = bench("-m", "gpu")
    assert (done.code, done.out) == (1, "")
    assert "there is no GPU here" in done.err.splitlines()[0]
    assert "RTF" in done.err, "what the forecast says of cards"
    assert not (places / "log").exists() and not (places / "cache").exists()
    done = bench("-m", "gpu", "--json")
    assert done.code == 1
    valid("bench", done.json)
    (found,) = document(done.out).results
    assert found.reason is not None
    assert (found.status, found.reason.id) == ("skipped", "no-gpu")


def test_cards_are_not_known(bench: Any, here: Any) -> None:
    here((CARD, ""))
    done = bench("-m", "gpu")
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("vcf: voxcpm-0.5b:gpu-")
    assert "there is no GPU" not in done.err


def test_cards_that_are_not_known_beside_what_was_measured(bench: Any, here: Any) -> None:
    here((CARD, ""))
    done = bench("-m", "gpu-bf16", "-m", "cpu-fp32", "--quick")
    assert done.code == 0
    assert "gpu-bf16" in done.out and "gpu-unknown" not in done.out


def test_one_of_two_is_not_begun(bench: Any, here: Any) -> None:
    here((CARD, "gpus: []"))
    done = bench("-m", "gpu-bf16", "-m", "cpu-fp32", "--quick", "--json")
    assert done.code == 0
    assert [each.status for each in document(done.out).results] == ["skipped", "ok"]


def test_too_little_memory(vcf: Any, here: Any, places: Path) -> None:
    here(("32GiB", "1GiB"), (CARD, "gpus: []"))
    done = vcf("bench", "voxcpm", "-m", "cpu-fp32", "--weights", "synthetic")
    assert (done.code, done.out) == (1, "")
    assert "memory is too small" in done.err and "--force" in done.err
    assert not (places / "cache").exists()
    done = vcf("bench", "voxcpm", "-m", "cpu-fp32", "--lang", "zh", "--weights", "synthetic")
    assert "内存不足" in done.err


def test_memory_is_not_known(vcf: Any, here: Any) -> None:
    here(("memory: {total: 32GiB}\n", ""), (CARD, "gpus: []"))
    arguments = ("bench", "voxcpm", "-m", "cpu-fp32", "--weights", "synthetic", "--dry-run")
    done = vcf(*arguments)
    assert done.code == 1
    assert "it is not known whether memory is enough" in done.err
    done = vcf(
        "bench", "voxcpm", "-m", "cpu-fp32", "--weights", "synthetic", "--dry-run", "--force"
    )
    assert (done.code, done.err) == (0, "")


def test_no_card_can_be_forced(vcf: Any, here: Any) -> None:
    here((CARD, "gpus: []"))
    assert vcf("bench", "voxcpm", "-m", "gpu", "--dry-run", "--force").code == 1


# ---- the package is missing -------------------------------------------------------------------


@pytest.mark.parametrize(
    ("software", "words"),
    [
        ('{python: "3.11.7", torch: null, voxcpm: null}', "has no torch and no voxcpm"),
        ('{python: "3.11.7", torch: 2.13.0, voxcpm: null}', "has no voxcpm"),
        ('{python: "3.11.7", torch: null, voxcpm: 2.0.3}', "has no torch"),
    ],
)
def test_without_the_package(
    bench: Any, here: Any, places: Path, software: str, words: str
) -> None:
    machine = here()
    told = dict(pair.split(": ") for pair in software.strip("{}").replace('"', "").split(", "))
    known = {name: None if version == "null" else version for name, version in told.items()}
    replaced = msgspec.structs.replace(machine, software=known)
    probe_module.probe = lambda *_, **__: replaced  # undone with what ``here`` put
    done = bench("-m", "cpu-fp32")
    done.refused(words, hint="pip install ")
    assert "voxcpm" in done.err and "--python PATH" in done.err
    assert bench("-m", "cpu-fp32", "--json").error["kind"] == "usage"
    assert not (places / "cache").exists() and not (places / "data").exists()
    assert bench("-m", "cpu-fp32", "--dry-run").code == 0


def test_nothing_is_known_of_the_software(bench: Any, here: Any) -> None:
    """It is tried."""
    here(('software: {python: "3.11.7", torch: 2.13.0+cpu, voxcpm: 2.0.3}\n', ""))
    assert bench("-m", "cpu-fp32", "--quick").code == 0


# ---- only told --------------------------------------------------------------------------------


def test_a_plan(vcf: Any, here: Any, places: Path, valid: Any) -> None:
    arguments = ("bench", "voxcpm", "-m", "cpu", "-m", "gpu", "--dry-run")
    before = sorted(places.iterdir())
    done = vcf(*arguments)
    assert (done.code, done.err) == (0, "")
    assert "voxcpm-0.5b:cpu-fp32" in done.out and "voxcpm-0.5b:gpu-" in done.out
    assert "Nothing has been measured, written or downloaded." in done.out
    assert "random, " in done.out
    zh = vcf(*arguments, "--lang", "zh")
    assert "尚未测量、写入或下载任何内容。" in zh.out
    told = vcf(*arguments, "--json").json
    valid("bench-plan", told)
    assert [cell["mode"] for cell in told["cells"]][:2] == ["cpu-fp32", "cpu-bf16"]
    assert all(cell["weights"] == "synthetic" and not cell["ready"] for cell in told["cells"])
    assert sorted(places.iterdir()) == before


def test_a_plan_in_a_file(vcf: Any, here: Any, places: Path) -> None:
    arguments = ("bench", "voxcpm", "-m", "cpu", "--dry-run", "-o", places / "plan")
    assert vcf(*arguments).out == ""
    assert "voxcpm-0.5b:cpu-fp32" in (places / "plan").read_text("utf-8")
    assert vcf(*arguments, "--json").out == ""
    assert json.loads((places / "plan").read_text("utf-8"))["schema"] == "vcf.bench-plan/1"


def test_a_plan_of_weights_that_are_there(vcf: Any, bench: Any) -> None:
    told = bench("-m", "cpu-fp32", "--dry-run", "--json").json["cells"][0]
    assert (told["weights"], told["ready"], told["predicted"]) == ("tiny", False, None)
    assert 0 < told["write_bytes"] < 5e6
    assert bench("-m", "cpu-fp32", "--quick").code == 0
    told = bench("-m", "cpu-fp32", "--dry-run", "--json").json["cells"][0]
    assert (told["ready"], told["write_bytes"]) == (True, 0)
    told = vcf("bench", "voxcpm", "-m", "cpu-fp32", "--weights", "hub", "--dry-run", "--json")
    cell = told.json["cells"][0]
    assert (cell["weights"], cell["ready"], cell["write_bytes"]) == ("hub", False, None)


def test_nothing_could_be_begun(vcf: Any, here: Any) -> None:
    here((CARD, "gpus: []"))
    done = vcf("bench", "voxcpm", "-m", "gpu", "--dry-run")
    assert done.code == 1
    assert "not begun" in done.out and "there is no GPU here" in done.err


def test_a_plan_makes_no_folder(vcf: Any, here: Any, places: Path) -> None:
    assert vcf("bench", "voxcpm", "-m", "cpu", "--dry-run", "--save-audio", "sounds").code == 0
    assert not (places / "sounds").exists()


def test_the_forecast_knows_no_benchmark(vcf: Any, here: Any) -> None:
    """Else it would be compared with itself."""
    machine = here()
    arguments = ("bench", "voxcpm", "-m", "cpu-fp32", "--dry-run", "--json")
    before = vcf(*arguments).json
    add(bench_records.record(machine=machine))
    check = vcf("check", "voxcpm-0.5b:cpu-fp32", "--json").json["results"][0]["assessments"][0]
    assert check["rtf"]["basis"] == "bench"
    assert vcf(*arguments).json == before


def test_verbose(bench: Any, here: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    machine = here()

    def probe(*_: Any, note: Any = None, **__: Any) -> Machine:
        if note is not None:
            note("cpu probe: no answer in 3 s")
        return machine

    monkeypatch.setattr(probe_module, "probe", probe)
    assert "no answer" in bench("-m", "cpu-fp32", "--dry-run", "-v").err
    assert "no answer" not in bench("-m", "cpu-fp32", "--dry-run").err


def test_a_busy_computer_is_told_before(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vcf_conditions, "_load", lambda: 99.0)
    done = bench("-m", "cpu-fp32", "--quick")
    assert done.err.startswith("vcf: the computer is busy: load 99 on ")


def test_random_weights_need_numpy_and_say_so_at_once(
    bench: Any, monkeypatch: pytest.MonkeyPatch, places: Path
) -> None:
    """Beside vcf, whatever Python measures; a plan tells it as well."""
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    done = bench("-m", "cpu-fp32")
    assert done.code == 2 and "needs numpy in the Python that runs vcf" in done.err
    assert not (places / "cache").exists()
    done = bench("-m", "cpu-fp32", "--dry-run")
    assert done.code == 0 and "-m pip install numpy" in done.err


def test_no_gpu_is_told_before_packages_are_asked_for(bench: Any, here: Any) -> None:
    here((CARD, "gpus: []"), ("torch: 2.13.0+cpu, voxcpm: 2.0.3", "torch: null, voxcpm: null"))
    done = bench("-m", "fp16")
    assert done.code == 1 and "there is no GPU here" in done.err and "pip" not in done.err


def test_help_without_a_command(vcf: Any) -> None:
    done = vcf("bench")
    assert done.code == 0 and "compare" in done.out and not done.err
