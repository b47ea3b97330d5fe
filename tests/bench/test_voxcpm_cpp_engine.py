"""VoxCPM.cpp's program as an engine: what it heard in recorded transcripts, and whole cells
measured with a program that stands in for it, whatever becomes of them."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import threading
import time
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import program_stand_in
import psutil
import pytest
from gguf_files import write_voxcpm

import vcf
from vcf.bench import session
from vcf.bench.cells import Cell, plan
from vcf.bench.child import voxcpm_cpp_engine as module
from vcf.bench.child.engine import NotAsAsked, ProgramKilled, WrongLength, WrongVersion
from vcf.bench.child.program import Ending
from vcf.bench.child.voxcpm_cpp_engine import VoxcpmCppEngine
from vcf.bench.child.voxcpm_cpp_lines import Heard
from vcf.bench.child.wav import read_wav, whole
from vcf.bench.child_talk import command
from vcf.bench.corpus import packaged
from vcf.bench.engines import Work
from vcf.bench.kit_ggml import GgmlKit
from vcf.bench.measure import Ask, measure
from vcf.bench.record import BenchRecord
from vcf.bench.rules import rules_for
from vcf.catalogue.model import Catalogue
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import Workload
from vcf.machine.model import Machine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts that are executed")
TRANSCRIPTS = Path(__file__).with_name("transcripts")
WORK = Workload(speech_seconds=0.4, reference_seconds=0.0)


@pytest.fixture(autouse=True)
def quiet(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PROGRAM_FAULT", "PROGRAM_STREAMS", module.STEPS, module.IGNORE):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("PROGRAM_LOG", str(tmp_path / "log"))
    monkeypatch.setattr("vcf.bench.nvml.nvml_call._load", lambda: 1 / 0)


def pieces(name: str) -> list[str]:
    """Of a transcript, as the program printed them."""
    text = (TRANSCRIPTS / f"voxcpm-cpp-{name}.txt").read_bytes().decode()
    return [piece for piece in re.split(r"[\r\n]+", text) if piece.strip()]


def heard(name: str, said: list[str] | None = None) -> Heard:
    """A second between two pieces."""
    found = Heard("cpu")
    for at, piece in enumerate(said or pieces(name)):
        found.hear(piece, float(at))
    return found


# ---- transcripts of the real program ----------------------------------------------------------


def test_a_transcript() -> None:
    found = heard("normal")
    found.complete()
    assert found.load_s == 1.0
    assert found.seconds == {"encode": 0.0, "model": 15.798, "vae": 2.055, "Total:": 17.852}
    assert found.stages() == {"encode": 0.0, "model": 15.798, "vae": 2.055, "first-patch": 3.0}
    found.seconds["Total:"] = 15.0  # 13 pieces follow the one that says that it is loaded
    assert found.clock_differs() is False
    found.seconds["Total:"] = 17.0
    assert found.clock_differs() is True


@pytest.mark.parametrize("name", ["prompt", "natural"])
def test_other_transcripts(name: str) -> None:
    found = heard(name)
    found.complete()
    assert (found.seconds["encode"] > 0) == (name == "prompt")


@pytest.mark.parametrize(
    ("start", "named"),
    [
        ("Using backend", "Using backend: …"), ("Loading GGUF", "Loading GGUF from …"),
        ("Tokenizer loaded", "Tokenizer loaded …"), ("Running prefill", "Running prefill …"),
        ("Saved audio", "Saved audio to …"), ("[decode]", "[decode] 1/…"),
        ("  AudioVAE encode", "AudioVAE encode: …s"), ("  Model inference", "Model inference: …s"),
        ("  AudioVAE decode", "AudioVAE decode: …s"), ("  Total", "Total: …s"),
    ],
)  # fmt: skip
def test_every_line_is_needed(start: str, named: str) -> None:
    found = heard("", [piece for piece in pieces("normal") if not piece.startswith(start)])
    with pytest.raises(WrongVersion) as caught:
        found.complete()
    assert named in str(caught.value) and "9b54b80" in str(caught.value)


def moved(start: str, before: str) -> list[str]:
    """The normal transcript, a line earlier than it came."""
    said = pieces("normal")
    line = next(piece for piece in said if piece.startswith(start))
    said.remove(line)
    said.insert(next(at for at, one in enumerate(said) if one.startswith(before)), line)
    return said


@pytest.mark.parametrize(
    ("start", "before"),
    [
        ("Saved audio", "Tokenizer loaded"), ("Saved audio", "Running prefill"),
        ("Running prefill", "Loading GGUF"), ("Tokenizer loaded", "Loading GGUF"),
        ("[decode] 1/", "Running prefill"),
    ],
)  # fmt: skip
def test_lines_come_in_their_order(start: str, before: str) -> None:
    found = heard("", moved(start, before))
    with pytest.raises(WrongVersion, match="another version") as caught:
        found.complete()
    assert f"said '{start}" in str(caught.value) and f"before '{before}" in str(caught.value)


def all_at_once(one: int, other: int) -> Heard:
    found = Heard("cpu")
    for at, piece in enumerate(pieces("normal")):
        found.hear(piece, float(one if one <= at <= other else at))
    return found


def test_nothing_is_spoken_in_no_time() -> None:
    with pytest.raises(WrongVersion, match=re.escape("'Saved audio to …' at the same time")):
        all_at_once(2, 15).complete()


def test_a_small_file_may_be_loaded_between_two_looks() -> None:
    found = all_at_once(1, 2)
    found.complete()
    assert found.load_s == 0.0


@pytest.mark.parametrize("figure", ["-1", "nan", "inf", "1000000", "9" * 400, "1.2.3"])
@pytest.mark.parametrize("start", ["  AudioVAE decode", "  Total"])
def test_figures_that_can_not_be(start: str, figure: str) -> None:
    said = [
        re.sub(r"\d+\.\d+s", f"{figure}s", piece) if piece.startswith(start) else piece
        for piece in pieces("normal")
    ]
    found = heard("", said)
    with pytest.raises(WrongVersion, match="says what can't be") as caught:
        found.complete()
    assert start.strip() in str(caught.value) and figure in str(caught.value)


def test_chunks_come_after_the_loading(engine: VoxcpmCppEngine) -> None:
    with pytest.raises(WrongVersion, match="wrote its last chunk before"):
        engine._take(heard("normal"), 0.5)


def test_another_backend() -> None:
    with pytest.raises(NotAsAsked, match="asked was cuda"):
        Heard("cuda").hear("Using backend: cpu (CPU | CPU backend)", 0.0)


@pytest.mark.parametrize(
    ("name", "status", "raised", "words"),
    [
        ("memory", 1, MemoryError, "insufficient memory"),
        ("bad-alloc", 1, MemoryError, "std::bad_alloc"),
        ("missing", 1, RuntimeError, "Error: --model-path must point to an existing GGUF file"),
        ("no-gguf", 1, RuntimeError, "Error: Failed to load GGUF: bad.gguf"),
        ("cut-gguf", 1, RuntimeError, "Error: Failed to load GGUF: cut.gguf"),
        ("unknown-option", 1, RuntimeError, "Unknown argument: --colour"),
        ("no-backend", 1, RuntimeError, "Failed to initialize CUDA backend"),
        ("stream-crash", -6, ProgramKilled, "double free"),
    ],
)
def test_how_it_says_that_it_fails(
    name: str, status: int, raised: type[Exception], words: str
) -> None:
    ending = Ending(status=status, began=0, ended=1, rss_peak_bytes=None, said=tuple(pieces(name)))
    with pytest.raises(raised, match=re.escape(words)):
        ending.check()
    assert bool(module.NO_BACKEND.search("\n".join(pieces(name)))) == (name == "no-backend")


def plain(text: str) -> list[str]:
    """Pieces without what differs from run to run; steps told once."""
    found: list[str] = []
    for piece in re.split(r"[\r\n]+", text):
        piece = re.sub(r"(from|to) \S+( with| \()", r"\1 FILE\2", piece.rstrip())
        piece = re.sub(r"seq_len=\d+|\d+\.\d+|\d+(?= threads)|\d:\d\d", "N", piece)
        piece = re.sub(r"\d+ latent", "N latent", piece)
        if piece:
            found.append(piece)
    return found


@pytest.mark.parametrize(
    ("name", "more", "steps"),
    [
        ("normal", [], "5"), ("natural", [], ""), ("prompt", ["--prompt-audio", "{clip}"], "5"),
        ("stream-crash", ["--stream", "--stream-dir", "chunks"], "5"),
        ("no-backend", ["--backend", "cuda"], ""), ("missing", ["--model-path", "none"], ""),
        ("help", ["--help"], ""),
    ],
)  # fmt: skip
def test_the_stand_in_speaks_as_recorded(
    name: str, more: list[str], steps: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    program = program_stand_in.put(tmp_path)
    model = write_voxcpm(tmp_path / "model.gguf")
    if steps:
        monkeypatch.setenv(module.STEPS, steps)
    if name == "natural":  # the real one came to its end early
        text = program.read_text().replace("NATURAL = 30", "NATURAL = 4").replace("208", "16")
        program.write_text(text)
    command = [
        str(program), "--model-path", str(model), "--text", "hi", "--output", "o.wav",
        "--backend", "cpu", "--threads", "2", *(one.format(clip=model) for one in more),
    ]  # fmt: skip
    found = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    recorded = (TRANSCRIPTS / f"voxcpm-cpp-{name}.txt").read_bytes().decode()
    recorded = recorded.replace("PROGRAM", str(program))
    # what the backends say of themselves depends on the machine
    wanted = [one for one in plain(recorded) if not one.startswith("register_")]
    assert [one for one in plain(found.stderr) if not one.startswith("register_")] == wanted
    assert found.stdout == ""


# ---- whole cells ------------------------------------------------------------------------------


@pytest.fixture
def machine() -> Machine:
    return vcf.load_machine("desktop-rtx-3060-12gb")


@pytest.fixture
def kit(tmp_path: Path, machine: Machine) -> GgmlKit:
    (tmp_path / "bin").mkdir()
    program = program_stand_in.put(tmp_path / "bin")
    return GgmlKit(program, write_voxcpm(tmp_path / "model.gguf"), None, machine)


@pytest.fixture
def cell(catalogue: Catalogue, machine: Machine, kit: GgmlKit) -> Callable[[str], Cell]:
    def call(mode: str) -> Cell:
        asked = {"cpu": WORK, "gpu": WORK}
        return plan(kit.models, (mode,), kit.runs, catalogue, machine, asked, NO_EVIDENCE)[0]

    return call


@pytest.fixture
def measured(
    cell: Callable[[str], Cell], machine: Machine, kit: GgmlKit, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., BenchRecord]:
    """The record of a cell, with a fault of the program."""

    def call(
        fault: str = "", mode: str = "gguf-cpu-q8", save: str | None = None, **more: Any
    ) -> BenchRecord:
        if fault:
            monkeypatch.setenv("PROGRAM_FAULT", fault)
        script = packaged("short", "en")
        given: dict[str, Any] = {
            "text": script.text, "length": 0.4, "seed": 7, "steps": None, "clip": None,
            "clip_text": None, "threads": 2, "compile": None, **more,
        }  # fmt: skip
        ask = Ask(
            script=script, work=Work(**given), quick=False, streaming=True,
            reference_seconds=2.0 if given["clip"] else 0.0,
        )  # fmt: skip
        found = measure(
            cell(mode), kit.ready("voxcpm-0.5b", lambda *_: None), ask,
            rules_for(gpu=False, quick=False, streaming=True, runs=2, most=None), machine,
            tell=lambda *_: None, save=save, busy=lambda: (0.0, 4),
        )  # fmt: skip
        assert not psutil.Process().children(recursive=True)
        msgspec.json.decode(msgspec.json.encode(found), type=BenchRecord)
        return found

    return call


def calls(tmp_path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (tmp_path / "log").read_text().splitlines()]


def test_a_record(measured: Any, tmp_path: Path) -> None:
    found = measured(save=str(tmp_path / "kept.wav"), steps=4)
    assert (found.status, found.reason) == ("ok", None)
    assert (found.engine.name, found.engine.device) == ("voxcpm-cpp", "cpu")
    assert (found.engine.precision, found.engine.threads) == ("q8", 2)
    assert (found.engine.parameters, found.engine.sample_rate_hz) == (768, 16_000)
    assert found.weights.quantisation == "Q8_0" and found.weights.sha256 is not None
    assert found.versions["voxcpm-cpp"] == "unknown" and found.versions["voxcpm-cpp-sha256"]
    assert set(found.findings) == {
        "loads-each-time", "no-seed", "streaming-crashes", "other-size",
    }  # fmt: skip
    assert found.streaming is None
    assert found.phases.load_s is not None and found.phases.load_s > 0.01
    assert found.phases.cold is not None and len(found.runs) == 2
    for run in (found.phases.cold, *found.runs):
        assert run.audio_s == 0.4 and run.synthesis_s > 0.02
        assert set(run.stages) == {"encode", "model", "vae", "first-patch"}
        assert run.stages["first-patch"] < run.stages["model"] < run.synthesis_s
    assert found.memory.rss_high_water_bytes is not None
    assert found.quality is not None and found.quality.status == "pass"
    assert read_wav(tmp_path / "kept.wav").seconds == 0.4
    tried, loaded, *spoken = calls(tmp_path)
    assert "--stream" in tried["arguments"] and tried["environment"][module.STEPS] == "3"
    assert loaded["environment"] == {module.STEPS: "1", module.IGNORE: "1"}
    assert [call["environment"][module.STEPS] for call in spoken] == ["5", "5", "5"]
    told = dict(zip(spoken[0]["arguments"], spoken[0]["arguments"][1:], strict=False))
    assert (told["--threads"], told["--inference-timesteps"], told["--cfg-value"]) == (
        "2", "4", "2.0",
    )  # fmt: skip
    assert told["--text"] == packaged("short", "en").text
    assert not Path(told["--output"]).parent.exists()


def test_the_loading_is_no_part_of_the_synthesis(
    measured: Any, monkeypatch: pytest.MonkeyPatch, kit: GgmlKit
) -> None:
    program = kit._program.path
    program.write_text(
        program.read_text().replace(
            "LOAD_S, DECODE_S, ENCODE_S = 0.004, 0.02", "LOAD_S, DECODE_S, ENCODE_S = 0.004, 1.0"
        )
    )
    found = measured()
    assert found.phases.load_s > 0.9
    assert all(run.synthesis_s < 0.9 for run in found.runs)


def test_a_natural_length(measured: Any, tmp_path: Path) -> None:
    found = measured(length=None)
    assert found.status == "ok" and found.runs[0].audio_s == 2.4
    assert calls(tmp_path)[-1]["environment"] == {}


def test_a_clip_is_encoded_in_each_call(measured: Any, tmp_path: Path) -> None:
    clip = tmp_path / "me.wav"
    clip.write_bytes(b"RIFF")
    found = measured(clip=str(clip), clip_text="What I say")
    assert found.status == "ok" and "clip-in-each-call" in found.findings
    assert found.phases.reference_s is None
    assert all(run.stages["encode"] >= 0.02 for run in found.runs)
    assert all(
        run.synthesis_s > sum(map(run.stages.get, ("encode", "model"))) for run in found.runs
    )
    tried, *others = calls(tmp_path)
    assert "--prompt-audio" not in tried["arguments"]
    for call in others:
        at = call["arguments"].index("--prompt-audio")
        assert call["arguments"][at + 1 : at + 4] == [str(clip), "--prompt-text", "What I say"]


def test_streaming(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAM_STREAMS", "1")
    found = measured()
    assert found.status == "ok" and "streaming-crashes" not in found.findings
    assert found.streaming is not None and found.streaming.chunks == 5
    assert 0 < found.streaming.first_audio_s < found.streaming.rtf * 0.4


@pytest.mark.parametrize(
    ("fault", "status", "reason", "signal", "words"),
    [
        ("error", "error", "engine-error", None, "Error: Failed to load GGUF"),
        ("SIGSEGV@3", "error", "signal", "SIGSEGV", "a crash"),
        ("assert@4", "error", "signal", "SIGABRT", "GGML_ASSERT"),
        ("SIGKILL@4", "killed", "killed", "SIGKILL", "memory"),
        ("SIGTERM@2", "killed", "killed", "SIGTERM", "outside"),
        ("bad_alloc@3", "oom", "out-of-memory", None, "bad_alloc"),
        ("memory@2", "oom", "out-of-memory", None, "Failed to allocate buffer"),
        ("usage", "error", "wrong-version", None, "takes no --threads"),
        ("without=Running prefill@2", "error", "wrong-version", None, "Running prefill"),
        ("without=Saved audio@3", "error", "wrong-version", None, "Saved audio to"),
        ("without=[decode]@4", "error", "wrong-version", None, "[decode] 1/"),
        ("no-file@3", "error", "wrong-version", None, "no file"),
        ("float@3", "error", "wrong-version", None, "no WAV file of whole numbers"),
        ("backend", "error", "not-as-asked", None, "asked was cpu"),
        ("longer@3", "error", "wrong-length", None, "0.480 s of sound"),
    ],
)
def test_what_can_become_of_it(
    fault: str, status: str, reason: str, signal: str | None, words: str, measured: Any
) -> None:
    found = measured(fault)
    assert found.reason is not None
    assert (found.status, found.reason.id, found.reason.signal) == (status, reason, signal)
    assert words in found.reason.detail
    assert found.weights.sha256 is not None


def test_a_backend_that_it_was_not_built_for(measured: Any, cell: Any, tmp_path: Path) -> None:
    found = measured(mode="gguf-gpu-q8")
    assert (found.status, found.reason.id) == ("error", "not-as-asked")
    assert "VOXCPM_CUDA=ON" in found.reason.detail
    assert "cuda" in calls(tmp_path)[0]["arguments"]


def test_a_file_that_went_missing(measured: Any, kit: GgmlKit, tmp_path: Path) -> None:
    moved = tmp_path / "elsewhere.gguf"

    def gone(mode: str) -> Any:
        kit._file.path.rename(moved)

    engine = kit.ready("voxcpm-0.5b", lambda *_: None)
    kit.ready = lambda *_: (gone(""), engine)[1]  # type: ignore[method-assign]
    found = measured()
    assert (found.status, found.reason.id) == ("error", "engine-error")
    assert "must point to an existing GGUF file" in found.reason.detail


def test_a_program_that_went_missing(measured: Any, kit: GgmlKit) -> None:
    kit._program.path.unlink()
    with pytest.raises(FileNotFoundError):
        kit._program.path.stat()
    found = measured()
    assert (found.status, found.reason.id) == ("error", "engine-error")
    assert "can't be started" in found.reason.detail


def test_its_own_clock_differs(measured: Any) -> None:
    found = measured("clock@2")
    assert found.status == "ok" and "program-clock-differs" in found.findings


def test_a_hang(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "LOAD_SECONDS", 2.0)
    found = measured("hang@2")
    assert (found.status, found.reason.id) == ("timeout", "time-limit")


def test_usage_without_end(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "IMPORT_SECONDS", 2.0)
    assert measured("help-hangs").status == "timeout"


# ---- the engine itself ------------------------------------------------------------------------


@pytest.fixture
def engine(kit: GgmlKit, tmp_path: Path) -> VoxcpmCppEngine:
    place = tmp_path / "place"
    place.mkdir()
    found = module.engine()
    found.prepare({
        "program": str(kit._program.path), "versions": {"x": "1"}, "gguf": str(kit._file.path),
        "place": str(place), "backend": "cpu", "threads": 2, "text": "hi", "patches_s": 12.5,
    })  # fmt: skip
    return found


def test_what_it_can(engine: VoxcpmCppEngine) -> None:
    assert engine.can == {"fixed-length"}
    with pytest.raises(RuntimeError, match="in each call"):
        engine.encode()
    engine.settle()
    engine.close()
    engine.abandon()


def test_natural_sound_has_no_length_to_check(engine: VoxcpmCppEngine) -> None:
    engine.check(99.0, None)
    with pytest.raises(WrongLength, match=r"0.400 s were forced"):
        engine.check(0.48, 0.4)


def test_help_that_does_not_end(engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAM_FAULT", "help-hangs")
    monkeypatch.setattr(module, "HELP_S", 0.2)
    with pytest.raises(WrongVersion, match="does not end"):
        engine.prepare(engine._settings)


def test_streams_without_chunks(engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAM_STREAMS", "1")
    monkeypatch.setenv("PROGRAM_FAULT", "no-chunks")
    with pytest.raises(WrongVersion, match="chunk_0000"):
        list(engine.stream(0.4, 0))


def test_nobody_wants_the_rest(engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAM_STREAMS", "1")
    pieces = engine.stream(60.0, 0)
    assert engine.sound(next(pieces)).seconds == 0.08
    pieces.close()  # type: ignore[attr-defined]
    assert not psutil.Process().children(recursive=True)


def test_abandoned(engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAM_FAULT", "hang")
    timer = threading.Timer(0.5, engine.abandon)
    timer.start()
    begin = time.monotonic()
    with pytest.raises(ProgramKilled):
        engine.speak(0.4, 0)
    assert time.monotonic() - begin < 60
    timer.join()


def test_other_variables_are_passed_on(
    engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(module.STEPS, "77")
    monkeypatch.setenv("SOMETHING", "x")
    found = engine._environment(None)
    assert module.STEPS not in found and found["SOMETHING"] == "x"
    assert found["GGML_NO_BACKTRACE"] == "1" and found["PATH"] == os.environ["PATH"]


def test_wav_files(tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    with pytest.raises(WrongVersion, match=r"wrote no a\.wav"):
        read_wav(file)
    for content in (b"", b"RIFF", b"RIFF\0\0\0\0WAVEfmt \0\0"):
        file.write_bytes(content)
        assert not whole(file)
        with pytest.raises(WrongVersion, match="no WAV file"):
            read_wav(file)
    with wave.open(str(file), "wb") as out:
        out.setnchannels(2)
        out.setsampwidth(2)
        out.setframerate(8000)
        out.writeframes(bytes(8))
    assert whole(file)
    with pytest.raises(WrongVersion, match=r"has 2 channels, one was expected$"):
        read_wav(file)
    file.write_bytes(file.read_bytes()[:-1])
    assert not whole(file)
    assert not whole(tmp_path / "none")


def test_its_calls_one_after_the_other(
    engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = engine.load()
    assert (told["device"], told["threads"], told["sample_rate_hz"]) == ("cpu", 2, 16_000)
    assert told["seconds"] > 0 and told["findings"] == []
    begin = time.perf_counter()
    made = engine.sound(engine.speak(0.4, 0))
    times = engine.times()
    assert made.seconds == 0.4 and times.began is not None and times.ended is not None
    assert begin < times.began < times.ended < time.perf_counter()
    assert (engine.memory()["rss_high_water_bytes"] or 0) > 1 << 20
    monkeypatch.setenv("PROGRAM_STREAMS", "1")
    pieces = list(engine.stream(0.4, 0))
    assert [engine.sound(piece).seconds for piece in pieces] == [0.08] * 5
    assert engine.times() != times
    monkeypatch.setenv("PROGRAM_FAULT", "no-file")
    with pytest.raises(WrongVersion, match="there is no file"):
        engine.speak(0.4, 0)


def test_what_can_not_be_started(engine: VoxcpmCppEngine, kit: GgmlKit) -> None:
    kit._program.path.chmod(0o644)
    with pytest.raises(RuntimeError, match="can't be started: Permission denied"):
        engine.prepare(engine._settings)


@pytest.mark.parametrize(("fault", "can"), [("", True), ("SIGSEGV", False), ("error", False)])
def test_streaming_is_tried_first(
    fault: str, can: bool, engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROGRAM_STREAMS", "1")
    monkeypatch.setenv("PROGRAM_FAULT", fault)
    found = engine.prepare({**engine._settings, "clip": "me.wav", "clip_text": "x"})
    assert ("stream" in engine.can) == can
    assert ("streaming-crashes" in found["findings"]) == (fault == "SIGSEGV")
    assert engine._settings["clip"] == "me.wav"


def test_other_failures_are_passed_on(
    engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PROGRAM_FAULT", "error")
    with pytest.raises(RuntimeError, match="Failed to load GGUF"):
        engine.load()
    engine._settings = {**engine._settings, "backend": "vulkan"}
    with pytest.raises(NotAsAsked, match="VOXCPM_VULKAN=ON"):
        engine.load()


def test_nobody_gives_orders_any_more(
    engine: VoxcpmCppEngine, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """The parent is gone without a word: neither the child nor its program go on."""
    monkeypatch.setenv("PROGRAM_FAULT", "hang@3")  # the engine's own call was the first
    child = subprocess.Popen(
        command(sys.executable, "voxcpm-cpp"), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL, text=True,
    )  # fmt: skip
    assert child.stdin is not None and child.stdout is not None
    orders = [
        {"do": "prepare", "settings": engine._settings},
        {"do": "speak", "length": 0.4, "seed": 0},
    ]
    for order in orders:
        child.stdin.write(json.dumps(order) + "\n")
    child.stdin.flush()
    assert json.loads(child.stdout.readline()) == {"event": "ready"}
    assert json.loads(child.stdout.readline())["event"] == "done"
    until = time.monotonic() + 30
    while len(calls(tmp_path)) < 3 and time.monotonic() < until:
        time.sleep(0.02)
    [program] = psutil.Process(child.pid).children()
    child.stdin.close()
    assert child.wait(30) == 1
    child.stdout.close()
    program.wait(30)
