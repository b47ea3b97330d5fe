"""audio.cpp as an engine: what the real program printed is understood, and every way in which a
program that speaks like it can end becomes what it should in the answer of the child."""

from __future__ import annotations

import json
import re
import sys
from pathlib import Path
from typing import Any

import psutil
import pytest

from vcf.bench.child import audio_cpp_engine as module
from vcf.bench.child.audio_cpp_engine import AudioCppEngine, Log
from vcf.bench.child.engine import NotAsAsked, WrongVersion
from vcf.bench.child.program import Ending
from vcf.bench.child.serve import Server
from vcf.bench.child.wav import read_wav
from vcf.bench.child_talk import Child, Failed, command

HERE = Path(__file__).parent
STAND_IN = HERE / "audio_cpp_stand_in.py"
SECONDS = 60.0
PATCH_S = 0.16
unix = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script's")


def transcript(name: str) -> tuple[int, list[tuple[str, float]], list[str]]:
    """Exit status, lines of standard output with their arrival, and of standard error."""
    text = (HERE / "transcripts" / f"audio-cpp-{name}.txt").read_text("utf-8")
    status = int(re.findall(r"^exit (-?\d+)", text, re.MULTILINE)[0])
    out, error = text.split("--- stdout")[1].split("--- stderr")
    line = re.compile(r"^ *(\d+\.\d+) (.*)$", re.MULTILINE)
    return (
        status,
        [(words, float(at)) for at, words in line.findall(out)],
        [words for _, words in line.findall(error)],
    )


def heard(name: str) -> Log:
    """A recorded run, as the engine hears it."""
    log = Log()
    for text, at in transcript(name)[1]:
        log.hear(text, at)
    return log


def ending(name: str) -> Ending:
    """How a recorded run ended."""
    status, out, error = transcript(name)
    said = (*error, *(text for text, _ in out))  # what was held back comes after the complaint
    return Ending(status=status, began=0.0, ended=1.0, rss_peak_bytes=None, said=said)


def test_a_recorded_list_of_requests() -> None:
    first, second = heard("sequence").requests
    assert second.ended > first.ended
    assert first.ms["session.wall_ms"] / 1000 == pytest.approx(first.ended - first.began)
    for request in (first, second):
        parts = sum(request.times.stages.values())
        assert set(request.times.stages) == {"model", "vae"}
        assert parts == pytest.approx(request.ended - request.began, rel=0.01)
    assert first.began > 0  # what comes before it is the loading
    assert second.began == pytest.approx(first.ended, abs=1.0)


def test_a_recorded_clip_is_read_once() -> None:
    first, second = heard("clip").requests
    assert first.clip_s > 0.1 and second.clip_s == 0
    assert sum(first.times.stages.values()) == pytest.approx(first.ended - first.began, rel=0.01)


def test_a_recorded_stream() -> None:
    log = heard("streaming")
    (request,) = log.requests
    assert request.ms["voxcpm2.streaming_chunks"] == 3
    # times of several patches are added up
    assert request.ms["voxcpm2.audiovae.decoder.graph.reused"] == 2
    assert sum(request.times.stages.values()) == pytest.approx(
        request.ended - request.began, rel=0.01
    )


def test_recorded_complaints() -> None:
    with pytest.raises(module._NoDevice, match="CUDA backend requested but no CUDA device found"):
        module._check(ending("no-cuda"))
    with pytest.raises(WrongVersion, match="unsupported model family hint"):
        module._check(ending("other-family"))
    with pytest.raises(WrongVersion, match="requires text input"):
        module._check(ending("no-requests"))
    with pytest.raises(RuntimeError, match=r"model path does not exist: missing\.gguf"):
        module._check(ending("no-file"))
    with pytest.raises(MemoryError):
        module._check(ending("no-memory"))


def test_the_recorded_list_of_models() -> None:
    _, out, _ = transcript("list")
    assert out[0][0].startswith("registered_loaders=")
    assert out[-1][0] == "voxcpm2: tts (offline|streaming)"


def test_what_is_no_number_is_passed_over() -> None:
    log = Log()
    log.hear("[TIMING ts=1] voxcpm2.generator_ms soon", 1.0)
    log.hear("[TIMING] request.speech.wall_ms 3", 1.0)
    log.hear("[TIMING ts=1] session.wall_ms 5.5e+01", 2.0)
    (request,) = log.requests
    assert request.ms == {"session.wall_ms": 55.0}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("voxcpm2.generator_ms", "nan"), ("voxcpm2.generator_ms", "-1"),
        ("voxcpm2.prompt_encode_ms", "inf"), ("session.wall_ms", "0"),
        ("session.wall_ms", "-3"), ("session.wall_ms", "nan"), ("session.wall_ms", "1.1e9"),
    ],
)  # fmt: skip
def test_times_that_can_not_be(name: str, value: str) -> None:
    log = Log()
    log.hear("[TIMING ts=1] voxcpm2.generator_ms 0", 1.0)
    with pytest.raises(WrongVersion, match=f"{name} {value}") as caught:
        log.hear(f"[TIMING ts=1] {name} {value} {'x' * 900}", 1.0)
    assert not log.requests and len(str(caught.value)) < 300


def test_other_figures_may_be_anything() -> None:
    log = Log()
    log.hear("[TIMING ts=1] other.seed -1", 1.0)
    log.hear("[TIMING ts=1] other.rate inf", 1.0)
    log.hear("[TIMING ts=1] session.wall_ms 5", 2.0)
    assert log.requests[0].ms == {"other.seed": -1, "session.wall_ms": 5}


def test_a_clip_is_only_a_part() -> None:
    log = Log()
    log.hear("[TIMING ts=1] voxcpm2.prompt_encode_ms 50", 1.0)
    with pytest.raises(WrongVersion, match="the clip alone took longer"):
        log.hear("[TIMING ts=1] session.wall_ms 50", 2.0)


class Driven:
    """The child with the stand-in in it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.log = place / "starts.jsonl"
        self.program = place / "audiocpp_cli"
        self.program.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
        self.program.chmod(0o755)
        self.model = place / "m.gguf"
        self.model.write_bytes(b"GGUF")
        (place / "work").mkdir()

    def settings(self, **more: Any) -> dict[str, Any]:
        """What ``prepare`` is told."""
        return {
            "program": str(self.program), "versions": {"audio-cpp": "f8fb0c197391"},
            "gguf": str(self.model), "place": str(self.place / "work"), "device": "cpu",
            "backends": ["cpu"], "threads": 3, "steps": None, "text": "Good morning.",
            "lang": "en", "clip": None, "clip_text": None, "patches_s": 1 / PATCH_S,
            "precision": "q8", "parameters": 7, **more,
        }  # fmt: skip

    def child(self, fault: str = "", **more: str) -> Child:
        """A child whose program has a fault."""
        chosen = {"AUDIO_CPP_FAULT": fault, "AUDIO_CPP_LOG": str(self.log), **more}
        return Child(command(sys.executable, "audio-cpp"), chosen)

    def starts(self) -> list[dict[str, Any]]:
        """Options and requests of each start."""
        return [json.loads(line) for line in self.log.read_text("utf-8").splitlines()]

    def broken(self, fault: str, *orders: str, seconds: float = SECONDS, **more: Any) -> Failed:
        """What the last of the orders ends with."""
        with pytest.raises(Failed) as caught, self.child(fault) as one:
            one.begin()
            one.order("prepare", SECONDS, settings=self.settings(**more))
            for order in orders:
                spoken = {"length": 0.8, "seed": 1} if order in ("speak", "stream") else {}
                one.order(order, seconds, **spoken)
        return caught.value


@pytest.fixture
def driven(tmp_path: Path) -> Driven:
    """A folder with the program and a file."""
    return Driven(tmp_path)


@unix
def test_everything_is_measured(driven: Driven) -> None:
    with driven.child() as one:
        one.begin()
        told = one.order("prepare", SECONDS, settings=driven.settings())
        assert told["versions"] == {"audio-cpp": "f8fb0c197391"}
        assert told["findings"] == ["loads-each-time"]
        assert told["can"] == ["encode", "fixed-length", "seed", "stream"]
        told = one.order("load", SECONDS)
        assert (told["device"], told["precision"], told["threads"]) == ("cpu", "q8", 3)
        assert (told["sample_rate_hz"], told["parameters"]) == (48_000, 7)
        assert 0 <= told["seconds"] < SECONDS
        cold = one.order("speak", SECONDS, length=0.8, seed=1)
        warm = one.order("speak", SECONDS, length=0.8, seed=1)
        assert cold["seconds"] == pytest.approx(0.025)  # 5 patches, and what is built once
        assert warm["seconds"] == pytest.approx(0.015)
        assert warm["stages"] == pytest.approx({"model": 0.010, "vae": 0.005})
        assert warm["sound"]["audio_s"] == pytest.approx(0.8) and warm["sound"]["rate"] == 48_000
        assert warm["memory"]["rss_high_water_bytes"] > 1 << 20
        told = one.order("stream", SECONDS, length=0.8, seed=1)
        assert [length for _, length in told["chunks"]] == pytest.approx([PATCH_S] * 5)
        assert told["chunks"][-1][0] <= told["seconds"] < SECONDS, "what the program says"
        one.order("close", SECONDS)
    _, first, second, streamed = driven.starts()
    assert [request["id"] for request in first["requests"]] == ["speech"]
    short, long = second["requests"]
    assert (short["id"], short["max_tokens"], short["min_tokens"]) == ("warm-up", 2, "2")
    assert (long["id"], long["max_tokens"], long["min_tokens"]) == ("speech", 5, "5")
    assert long["seed"] == 1 and long["retry_badcase"] == "false"
    assert "num_inference_steps" not in long
    given = streamed["given"]
    assert given[given.index("--threads") + 1] == "3" and "--log" in given
    assert given[given.index("--max-tokens") + 1] == "5" and "min_tokens=5" in given


@unix
def test_a_clip_is_read_apart_and_its_words_make_it_a_prompt(driven: Driven) -> None:
    clip = driven.place / "me.wav"
    clip.write_bytes(b"RIFF")
    for words in (None, "What I say."):
        with driven.child() as one:
            one.begin()
            settings = driven.settings(clip=str(clip), clip_text=words, steps=4)
            one.order("prepare", SECONDS, settings=settings)
            one.order("load", SECONDS)
            assert one.order("encode", SECONDS)["seconds"] == pytest.approx(0.0045)
            cold = one.order("speak", SECONDS, length=0.8, seed=1)
            warm = one.order("speak", SECONDS, length=0.8, seed=1)
            streamed = one.order("stream", SECONDS, length=0.8, seed=1)
        assert cold["seconds"] == pytest.approx(0.025)  # without the clip
        assert cold["stages"] == pytest.approx({"model": 0.020, "vae": 0.005})
        assert warm["seconds"] == pytest.approx(0.015)
        assert 0 < streamed["seconds"] < SECONDS
        load, encode, *_, last = driven.starts()[-5:]
        assert "voice_ref" not in load["requests"][0] and "audio" not in load["requests"][0]
        (asked,) = encode["requests"]
        assert asked["num_inference_steps"] == 4
        assert (asked.get("voice_ref"), asked.get("audio")) == (
            (str(clip), None) if words is None else (None, str(clip))
        )
        assert asked.get("reference_text") == words
        assert ("--voice-ref" if words is None else "--audio") in last["given"]


@unix
def test_without_a_length_the_model_stops_where_it_likes(driven: Driven) -> None:
    with driven.child() as one:
        one.begin()
        one.order("prepare", SECONDS, settings=driven.settings())
        one.order("load", SECONDS)
        told = one.order("speak", SECONDS, length=None, seed=1)
        assert told["sound"]["audio_s"] == pytest.approx(12 * PATCH_S)
    asked = driven.starts()[-1]["requests"][0]
    assert "max_tokens" not in asked and "min_tokens" not in asked
    assert asked["retry_badcase"] == "false"


@unix
def test_the_first_backend_that_finds_a_device_is_taken(driven: Driven) -> None:
    settings = driven.settings(device="gpu", backends=["cuda", "vulkan"])
    with driven.child(AUDIO_CPP_DEVICES="cpu vulkan") as one:
        one.begin()
        one.order("prepare", SECONDS, settings=settings)
        assert one.order("load", SECONDS)["device"] == "vulkan"
        one.order("speak", SECONDS, length=0.8, seed=1)
    chosen = [start["given"][start["given"].index("--backend") + 1] for start in driven.starts()]
    assert chosen == ["cuda", "vulkan", "vulkan"]


@unix
def test_no_backend_is_silently_replaced_by_the_processor(driven: Driven) -> None:
    failed = driven.broken("", "load", device="gpu", backends=["cuda", "vulkan"])
    assert (failed.status, failed.reason.id) == ("error", "not-as-asked")
    assert "no Vulkan device found" in failed.reason.detail


@unix
@pytest.mark.parametrize(
    ("fault", "status", "reason", "words"),
    [
        ("oom", "oom", "out-of-memory", "bad_alloc"),
        ("oom-cuda", "oom", "out-of-memory", "memory"),
        ("SIGKILL", "killed", "killed", "memory"),
        ("SIGSEGV", "error", "signal", "crash"),
        ("damaged", "error", "engine-error", "out of range"),
        ("quiet", "error", "wrong-version", "session.wall_ms"),
        ("renamed", "error", "wrong-version", "session.wall_ms"),
        ("no-sound", "error", "wrong-version", "no "),
        ("short", "error", "wrong-length", "0.640 s"),
        ("stereo", "error", "wrong-version", "2 channels"),
        ("old", "error", "wrong-version", "requires text input"),
    ],
)
@pytest.mark.parametrize("order", ["speak", "stream"])
def test_every_end(
    driven: Driven, fault: str, order: str, status: str, reason: str, words: str
) -> None:
    if (fault, order) == ("old", "stream"):
        return  # it is given no list then
    failed = driven.broken(f"{fault}:2", "load", order)
    assert (failed.status, failed.reason.id) == (status, reason)
    assert words in failed.reason.detail
    assert failed.reason.signal == (fault if fault.startswith("SIG") else None)


@unix
def test_a_short_sound_is_found_out_also_while_loading(driven: Driven) -> None:
    assert driven.broken("quiet", "load").reason.id == "wrong-version"
    assert driven.broken("oom", "load").status == "oom"


@unix
@pytest.mark.parametrize("order", ["speak", "stream"])
def test_a_program_that_hangs_is_ended_with_the_child(driven: Driven, order: str) -> None:
    failed = driven.broken("hang:2", "load", order, seconds=4.0)
    assert (failed.status, failed.reason.id) == ("timeout", "time-limit")
    left = (one.info["cmdline"] or [] for one in psutil.process_iter(["cmdline"]))
    assert not [words for words in left if str(driven.model) in words]


@unix
def test_another_program_is_no_engine(driven: Driven) -> None:
    assert driven.broken("other").reason.id == "wrong-version"
    driven.program.write_text("#!/bin/sh\necho hello\n")
    failed = driven.broken("")
    assert failed.reason.id == "wrong-version" and "lists no models" in failed.reason.detail
    driven.program.write_text("#!/bin/sh\nkill -SEGV $$\n")
    assert driven.broken("").reason.signal == "SIGSEGV"
    driven.program.unlink()
    failed = driven.broken("")
    assert (failed.status, failed.reason.id) == ("error", "engine-error")
    assert "can't be started" in failed.reason.detail


@unix
def test_a_file_that_has_gone(driven: Driven) -> None:
    driven.model.unlink()
    failed = driven.broken("", "load")
    assert failed.reason.id == "engine-error" and "does not exist" in failed.reason.detail


@unix
def test_a_list_of_models_that_does_not_end(driven: Driven, monkeypatch: Any) -> None:
    driven.program.write_text("#!/bin/sh\nexec sleep 60\n")
    monkeypatch.setattr(module, "LIST_S", 0.2)
    with pytest.raises(WrongVersion, match="does not end"):
        AudioCppEngine().prepare(driven.settings())


def answers(driven: Driven, monkeypatch: Any, fault: str, *orders: str, **more: Any) -> list[Any]:
    """The same without a process of its own: what is answered to prepare and to the orders."""
    monkeypatch.setenv("AUDIO_CPP_LOG", str(driven.log))
    monkeypatch.setenv("AUDIO_CPP_FAULT", fault)
    server = Server(module.engine())
    given: list[dict[str, Any]] = [{"do": "prepare", "settings": driven.settings(**more)}]
    given += [{"do": order, "length": 0.8, "seed": 1} for order in orders]
    return [server.answer(order) for order in given]


@unix
def test_orders_in_this_process(driven: Driven, monkeypatch: Any) -> None:
    clip = driven.place / "me.wav"
    clip.write_bytes(b"RIFF")
    told = answers(
        driven, monkeypatch, "", "load", "encode", "speak", "speak", "stream", "close",
        clip=str(clip), clip_text="me", steps=4,
    )  # fmt: skip
    assert [one["event"] for one in told] == ["done"] * 7
    assert told[2]["seconds"] == pytest.approx(0.0045)
    seconds = [one["seconds"] for one in told[3:6]]
    assert seconds[:2] == pytest.approx([0.025, 0.015]) and seconds[2] > 0


@unix
@pytest.mark.parametrize(("fault", "order", "kind"), [
    ("oom", "speak", "oom"), ("old", "speak", "wrong-version"), ("damaged", "stream", "error"),
    ("no-sound", "stream", "wrong-version"), ("quiet", "stream", "wrong-version"),
    ("short", "speak", "wrong-length"), ("SIGSEGV", "speak", "crashed"),
])  # fmt: skip
def test_failures_in_this_process(
    driven: Driven, monkeypatch: Any, fault: str, order: str, kind: str
) -> None:
    told = answers(driven, monkeypatch, f"{fault}:2", "load", order)
    assert [one["event"] for one in told] == ["done", "done", "failed"]
    assert told[2]["kind"] == kind


@unix
def test_a_stream_that_nobody_wants_any_more_ends_the_program(
    driven: Driven, monkeypatch: Any
) -> None:
    monkeypatch.setenv("AUDIO_CPP_LOG", str(driven.log))
    engine = AudioCppEngine()
    engine.prepare(driven.settings())
    engine.load()
    pieces = engine.stream(160.0, 1)
    assert read_wav(next(iter(pieces))).seconds == pytest.approx(PATCH_S)
    pieces.close()  # type: ignore[attr-defined]
    assert engine.times().began is None


@unix
def test_what_the_program_leaves_out(driven: Driven, monkeypatch: Any) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(module, "STAGES", {"voxcpm2.other_ms": "model"})
        told = answers(driven, patch, "", "load")
        assert told[1]["kind"] == "wrong-version" and "voxcpm2.other_ms" in told[1]["text"]
    told = answers(driven, monkeypatch, "", "encode", clip=None, backends=["cpu"])
    assert told[1]["kind"] == "wrong-version" and "prompt_encode_ms" in told[1]["text"]


@unix
def test_devices_and_ends_in_this_process(driven: Driven, monkeypatch: Any) -> None:
    """What it does when it is given up, and without a device."""
    monkeypatch.setenv("AUDIO_CPP_LOG", str(driven.log))
    engine = module.engine()
    engine.prepare(driven.settings(clip="me.wav", backends=["cuda", "cpu"]))
    assert engine.load()["device"] == "cpu"
    with pytest.raises(RuntimeError, match="could not open"):
        engine.encode()
    engine.abandon()
    engine.settle()
    engine.close()
    assert engine.memory()["rss_high_water_bytes"]
    engine.check(1.23, None)
    for chosen, words in ((["vulkan"], "no Vulkan device"), ([], "no backend")):
        engine.prepare(driven.settings(backends=chosen))
        with pytest.raises(NotAsAsked, match=words):
            engine.load()


@unix
def test_other_programs_in_this_process(driven: Driven, monkeypatch: Any) -> None:
    assert answers(driven, monkeypatch, "other")[0]["kind"] == "wrong-version"
    for script, kind in (("echo hello", "wrong-version"), ("kill -SEGV $$", "crashed")):
        driven.program.write_text(f"#!/bin/sh\n{script}\n")
        assert answers(driven, monkeypatch, "")[0]["kind"] == kind
    driven.program.unlink()
    assert "can't be started" in answers(driven, monkeypatch, "")[0]["text"]
