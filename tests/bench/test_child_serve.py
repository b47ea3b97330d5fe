"""The measuring program inside: orders and answers, failures by kind, the engine of voxcpm with
packages that stand in for torch and voxcpm, and the program as it is really started."""

from __future__ import annotations

import errno
import importlib.metadata
import io
import json
import os
import subprocess
import sys
import threading
import types
import wave
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from vcf.bench import child_talk
from vcf.bench.child import faults, peaks, serve, voxcpm_engine
from vcf.bench.child.engine import (
    BrokenWeights,
    NotAsAsked,
    ProgramCrashed,
    ProgramKilled,
    Settings,
    Sound,
    Times,
    WrongLength,
    WrongVersion,
)
from vcf.bench.child.serve import Server, talk

RATE = 1000


class Fake:
    """An engine whose clock is moved by what it does, also by what it only settles."""

    can = frozenset({"stream", "seed"})

    def __init__(self, fails: BaseException | None = None) -> None:
        self.now, self.fails, self.calls = 0.0, fails, list[Any]()
        self.length: int | None = None
        self.told = Times()

    def _does(self, seconds: float, *what: Any) -> None:
        self.calls.append(what)
        self.now += seconds
        if self.fails is not None:
            raise self.fails

    def prepare(self, settings: Settings) -> dict[str, Any]:
        self._does(3.0, "prepare", settings)
        return {"versions": {"torch": "2"}, "findings": ["x"]}

    def load(self) -> dict[str, Any]:
        self._does(5.0, "load")
        return {"precision": "fp32"}

    def encode(self) -> dict[str, Any]:
        self._does(1.0, "encode")
        return {}

    def speak(self, seconds: float | None, seed: int) -> list[float]:
        self._does(2.0, "speak", seconds, seed)
        return [0.5] * (self.length or int((seconds or 4.0) * RATE))

    def stream(self, seconds: float | None, seed: int) -> Iterator[list[float]]:
        pieces = 3 if self.length is None else self.length // 250
        for _ in range(pieces):
            self._does(0.5, "stream", seconds, seed)
            yield [0.5] * 250

    def sound(self, piece: list[float]) -> Sound:
        self.now += 100.0  # must not be timed
        return Sound(array("f", piece), RATE)

    def check(self, made: float, seconds: float | None) -> None:
        if seconds is not None and abs(made - seconds) > 1e-6:
            raise WrongLength(f"{made} s")

    def times(self) -> Times:
        return self.told

    def settle(self) -> None:
        self.now += 0.25

    def memory(self) -> dict[str, int | None]:
        return {"torch_reserved_bytes": 7}

    def abandon(self) -> None:
        self._does(0.0, "abandon")

    def close(self) -> None:
        self._does(0.0, "close")


def server(fails: BaseException | None = None) -> tuple[Server, Fake]:
    engine = Fake(fails)
    return Server(engine, lambda: engine.now), engine


# ---- orders and answers -----------------------------------------------------------------------


def test_prepare_and_load() -> None:
    one, engine = server()
    told = one.answer({"do": "prepare", "settings": {"text": "x"}})
    assert (told["event"], told["do"], told["seconds"]) == ("done", "prepare", 3.25)
    assert (told["versions"], told["findings"]) == ({"torch": "2"}, ["x"])
    assert told["can"] == ["seed", "stream"]
    told = one.answer({"do": "load"})
    assert (told["seconds"], told["precision"]) == (5.25, "fp32")
    assert one.answer({"do": "encode"})["seconds"] == 1.25
    assert engine.calls == [("prepare", {"text": "x"}), ("load",), ("encode",)]


def test_speak_is_timed_from_a_settled_device_to_a_settled_device() -> None:
    one, engine = server()
    told = one.answer({"do": "speak", "length": 2.0, "seed": 7})
    assert told["seconds"] == 2.25
    assert (told["sound"]["audio_s"], told["sound"]["rms"]) == (2.0, 0.5)
    assert engine.calls == [("speak", 2.0, 7)]
    assert one.answer({"do": "speak", "length": None, "seed": 7})["sound"]["audio_s"] == 4.0


def test_stream() -> None:
    one, engine = server()
    told = one.answer({"do": "stream", "length": 0.75, "seed": 7})
    assert told["seconds"] == 1.75
    assert told["chunks"] == [(0.5, 0.25), (1.0, 0.25), (1.5, 0.25)]
    assert engine.calls[0] == ("stream", 0.75, 7)


def test_an_engine_that_knows_its_times_better() -> None:
    """A program that loads its weights anew for each text: loading is no synthesis."""
    one, engine = server()
    engine.told = Times(began=1.0, ended=1.75, stages={"model": 0.5})
    told = one.answer({"do": "speak", "length": 2.0, "seed": 7})
    assert (told["seconds"], told["stages"]) == (0.75, {"model": 0.5})
    one, engine = server()
    engine.told = Times(began=0.75)
    told = one.answer({"do": "speak", "length": 2.0, "seed": 7})
    assert (told["seconds"], told["stages"]) == (1.75, {}), "until the call was over"


def test_chunks_are_counted_from_where_the_synthesis_began() -> None:
    one, engine = server()
    engine.told = Times(began=0.5, ended=1.5)  # the clock is at 0.25 when it is ordered
    told = one.answer({"do": "stream", "length": 0.75, "seed": 7})
    assert told["seconds"] == 1.0
    assert told["chunks"] == [(0.25, 0.25), (0.75, 0.25), (1.25, 0.25)]


def test_a_load_time_that_the_engine_tells(monkeypatch: pytest.MonkeyPatch) -> None:
    one, engine = server()
    monkeypatch.setattr(engine, "load", lambda: {"seconds": 1.5, "precision": "q8"})
    assert one.answer({"do": "load"})["seconds"] == 1.5


def test_the_peak_of_programs_counts_where_it_is_higher(monkeypatch: pytest.MonkeyPatch) -> None:
    one, engine = server()
    monkeypatch.setattr(engine, "memory", lambda: {"rss_high_water_bytes": 1 << 50})
    assert one.answer({"do": "load"})["memory"]["rss_high_water_bytes"] == 1 << 50
    monkeypatch.setattr(engine, "memory", lambda: {"rss_high_water_bytes": 1})
    assert one.answer({"do": "load"})["memory"]["rss_high_water_bytes"] != 1


@pytest.mark.parametrize(
    ("error", "kind", "signal"),
    [
        (ProgramKilled("ended from outside", "SIGKILL"), "killed", "SIGKILL"),
        (ProgramCrashed("a crash", "SIGSEGV"), "crashed", "SIGSEGV"),
        (WrongVersion("no --threads in its usage"), "wrong-version", None),
        (NotAsAsked("DeepSpeed was not loaded"), "not-as-asked", None),
    ],
)
def test_endings_of_programs(error: Exception, kind: str, signal: str | None) -> None:
    told = server(error)[0].answer({"do": "load"})
    assert (told["event"], told["kind"], told.get("signal")) == ("failed", kind, signal)
    assert str(error) in told["text"]


def test_every_answer_tells_what_was_used() -> None:
    one, _ = server()
    told = one.answer({"do": "load"})
    assert told["cpu_s"] >= 0
    assert told["memory"]["torch_reserved_bytes"] == 7
    assert set(told["memory"]) == {"torch_reserved_bytes", "rss_high_water_bytes"}


def test_processor_time_is_that_of_the_order(monkeypatch: pytest.MonkeyPatch) -> None:
    books = iter([10.0, 12.5])
    monkeypatch.setattr(serve, "cpu_seconds", lambda: next(books))
    assert server()[0].answer({"do": "load"})["cpu_s"] == 2.5


def test_processor_time_counts_upwards() -> None:
    before = serve.cpu_seconds()
    while serve.cpu_seconds() < before + 0.02:
        sum(range(1000))
    assert serve.cpu_seconds() > before


def test_save(tmp_path: Path) -> None:
    one, _ = server()
    file = tmp_path / "a.wav"
    told = one.answer({"do": "save", "path": str(file)})
    assert (told["event"], told["kind"]) == ("failed", "error")
    assert "nothing was spoken" in told["text"] and not file.exists()
    one.answer({"do": "speak", "length": 2.0, "seed": 7})
    assert one.answer({"do": "save", "path": str(file)})["event"] == "done"
    with wave.open(str(file), "rb") as sound:
        assert (sound.getnframes(), sound.getframerate()) == (2000, RATE)
    one.answer({"do": "close"})
    assert one.answer({"do": "save", "path": str(file)})["event"] == "failed"


def test_a_sound_of_another_length() -> None:
    one, engine = server()
    engine.length = 1500
    told = one.answer({"do": "speak", "length": 2.0, "seed": 7})
    assert (told["event"], told["kind"]) == ("failed", "wrong-length")
    assert told["text"] == "1.5 s"
    told = one.answer({"do": "stream", "length": 2.0, "seed": 7})
    assert (told["event"], told["kind"]) == ("failed", "wrong-length")


@pytest.mark.parametrize("order", [{"do": "sing"}, {}, {"do": None}, {"do": "speak"}])
def test_orders_that_are_none(order: dict[str, Any]) -> None:
    told = server()[0].answer(order)
    assert (told["event"], told["kind"]) == ("failed", "error")
    assert told["text"].startswith("KeyError")


def test_a_device_that_can_not_be_asked_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    one, engine = server(RuntimeError("CUDA error: device-side assert"))

    def fails() -> Any:
        raise RuntimeError("CUDA error")

    monkeypatch.setattr(engine, "memory", fails)
    told = one.answer({"do": "load"})
    assert (told["event"], list(told["memory"])) == ("failed", ["rss_high_water_bytes"])


@pytest.mark.parametrize("end", [SystemExit(3), KeyboardInterrupt()])
def test_what_must_end_the_program_ends_it(end: BaseException) -> None:
    with pytest.raises(type(end)):
        server(end)[0].answer({"do": "load"})


# ---- failures ---------------------------------------------------------------------------------


def chained(first: BaseException, last: BaseException) -> BaseException:
    last.__cause__ = first
    return last


def during(first: BaseException, last: BaseException) -> BaseException:
    last.__context__ = first
    return last


class OutOfMemoryError(RuntimeError):
    """As torch calls it."""


OOM = [
    MemoryError(),
    OutOfMemoryError("x"),
    OSError(errno.ENOMEM, "x"),
    RuntimeError("[enforce fail at alloc_cpu.cpp] DefaultCPUAllocator: can't allocate memory"),
    RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate(handle)"),
    RuntimeError("MPS backend out of memory (MPS allocated: 9.07 GB)"),
    RuntimeError("can't start new thread"),
    ImportError("libcublas.so.12: failed to map segment from shared object"),
    chained(MemoryError(), RuntimeError("loading failed")),
    during(RuntimeError("std::bad_alloc"), ValueError("then this")),
    chained(chained(OutOfMemoryError(), KeyError("a")), ValueError("b")),
    RuntimeError("OpenBLAS error: Memory allocation still failed after 10 retries, giving up."),
]


@pytest.mark.parametrize("error", OOM, ids=repr)
def test_memory(error: BaseException) -> None:
    told = server(error)[0].answer({"do": "load"})
    assert (told["event"], told["do"], told["kind"]) == ("failed", "load", "oom")


@pytest.mark.parametrize(
    ("error", "kind", "text"),
    [
        (ModuleNotFoundError("No module named 'voxcpm'"), "missing", None),
        (ImportError("cannot import name"), "error", "ImportError: cannot import name"),
        (ValueError("a\n  b\tc"), "error", "ValueError: a b c"),
        (ValueError(), "error", "ValueError"),
        (chained(ModuleNotFoundError("x"), ValueError("y")), "error", "ValueError: y"),
        (OSError(errno.ENOENT, "No such file"), "error", None),
        (RuntimeError("x" * 9000), "error", "x" * 500),
        (RuntimeError(), "error", "RuntimeError"),
        (KeyError("x" * 9000), "error", ("KeyError: '" + "x" * 9000)[:500]),
    ],
    ids=lambda value: type(value).__name__,
)
def test_other_failures(error: Exception, kind: str, text: str | None) -> None:
    told = server(error)[0].answer({"do": "speak", "length": 1.0, "seed": 1})
    assert told["kind"] == kind
    assert text is None or told["text"] == text
    assert "\n" not in told["text"]


def test_broken_weights() -> None:
    told = server(BrokenWeights("3 tensors"))[0].answer({"do": "load"})
    assert (told["kind"], told["text"]) == ("broken-weights", "3 tensors")


def test_what_is_at_the_bottom_of_it_is_told() -> None:
    error = chained(RuntimeError("CUDA out of memory."), ValueError("loading failed"))
    assert faults.line_of(error) == "CUDA out of memory."
    assert faults.line_of(chained(KeyError("a"), ValueError("b"))) == "ValueError: b"


def test_exceptions_in_a_ring() -> None:
    one, other = ValueError("a"), ValueError("b")
    one.__cause__, other.__cause__ = other, one
    assert faults.chain(one) == [one, other]
    assert faults.kind_of(one) == "error"
    assert faults.chain(None) == []


# ---- the talk ---------------------------------------------------------------------------------


def talked(*orders: dict[str, Any]) -> list[dict[str, Any]]:
    answers = io.StringIO()
    talk(server()[0], io.StringIO("".join(json.dumps(each) + "\n" for each in orders)), answers)
    return [json.loads(line) for line in answers.getvalue().splitlines()]


def test_lines_until_nobody_is_there() -> None:
    """The end is noticed while the last line is worked on."""
    gone = threading.Event()
    lines = serve.lines_of(io.StringIO("a\nb\n"), gone.set)
    assert [next(lines), next(lines)] == ["a\n", "b\n"]
    assert gone.wait(30)


def test_the_talk() -> None:
    told = talked(
        {"do": "prepare", "settings": {}}, {"do": "sing"}, {"do": "close"}, {"do": "load"}
    )
    assert [each["event"] for each in told] == ["ready", "done", "failed", "done"]
    assert told[-1]["do"] == "close"


def test_it_ends_when_nobody_orders_any_more() -> None:
    assert [each["event"] for each in talked({"do": "load"})] == ["ready", "done"]
    assert talked() == [{"event": "ready"}]


# ---- the most memory --------------------------------------------------------------------------


def test_the_most_memory_that_this_program_had() -> None:
    found = peaks.high_water()
    assert found is None or 1 << 20 < found < 1 << 45
    if sys.platform.startswith("linux"):
        assert found is not None


@pytest.mark.skipif(sys.platform == "win32", reason="no resource")
def test_the_most_memory_as_macos_counts_it() -> None:
    assert peaks._macos() > 0


def test_the_most_memory_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "freebsd14")
    assert peaks.high_water() is None
    monkeypatch.setattr(sys, "platform", "darwin")
    monkeypatch.setattr(peaks, "_macos", lambda: 12345)
    assert peaks.high_water() == 12345
    monkeypatch.setattr(sys, "platform", "win32")

    def fails() -> int:
        raise OSError("no psapi")

    monkeypatch.setattr(peaks, "_windows", fails)
    assert peaks.high_water() is None


# ---- the engine of voxcpm ---------------------------------------------------------------------


class Parameter:
    """As much of a tensor as the engine asks for."""

    def __init__(self, count: int, dtype: str) -> None:
        self.count, self.dtype = count, dtype

    def numel(self) -> int:
        return self.count


class Samples(list[float]):
    """As much of a tensor, and of an array, as the engine asks for."""

    def squeeze(self, _: int) -> Samples:
        return self

    def cpu(self) -> Samples:
        return self

    def numpy(self) -> Samples:
        return self

    def reshape(self, _: int) -> Samples:
        return self

    def astype(self, kind: str, copy: bool) -> array[float]:
        assert (kind, copy) == ("float32", False)
        return array("f", self)


class Inner:
    """``tts_model``."""

    device, sample_rate, patch_size, chunk_size = "cpu", 16_000, 2, 640
    audio_vae = types.SimpleNamespace(sample_rate=16_000)

    class OptimizedModule:
        """As torch.compile calls what it makes."""

    feat_decoder = types.SimpleNamespace(estimator=OptimizedModule())

    def __init__(self, calls: list[Any]) -> None:
        self._calls = calls

    def named_parameters(self) -> Iterator[tuple[str, Parameter]]:
        yield "audio_vae.decoder", Parameter(9, "float32")
        yield "base_lm.layers", Parameter(1000, "bfloat16")
        yield "residual_lm.layers", Parameter(10, "bfloat16")

    def build_prompt_cache(self, **given: Any) -> dict[str, Any]:
        self._calls.append(("cache", given))
        return {"ref_audio_feat": types.SimpleNamespace(shape=(25, 2)), "mode": None}

    def generate_with_prompt_cache(self, **given: Any) -> tuple[Samples, None, None]:
        self._calls.append(("cached", given))
        return Samples([0.5] * 1280 * given["max_len"]), None, None

    def generate_with_prompt_cache_streaming(self, **given: Any) -> Iterator[Any]:
        self._calls.append(("cached-stream", given))
        yield Samples([0.5] * 1280), None, None


class VoxCPM:
    """The class of the package."""

    calls: list[Any] = []

    @classmethod
    def from_pretrained(
        cls, folder: str, load_denoiser: bool, optimize: bool, device: str
    ) -> VoxCPM:
        cls.calls.append(("load", folder, load_denoiser, optimize, device))
        assert Module().load_state_dict({}, strict=False).unexpected_keys == ["x"]
        made = cls()
        made.tts_model = Inner(cls.calls)  # type: ignore[attr-defined]
        return made

    def _generate(
        self, text: str, min_len: int, max_len: int, retry_badcase: bool, inference_timesteps: int
    ) -> None:
        raise NotImplementedError

    def generate(self, **given: Any) -> Samples:
        self.calls.append(("generate", given))
        return Samples([0.5] * 1280 * given.get("max_len", 20))

    def generate_streaming(self, **given: Any) -> Iterator[Samples]:
        self.calls.append(("stream", given))
        yield from [Samples([0.5] * 1280)] * 2


class Module:
    """As torch loads tensors into one; ``missing`` are those that no file has."""

    missing: list[str] = []

    def load_state_dict(self, state: Any, strict: bool) -> Any:
        return types.SimpleNamespace(missing_keys=self.missing, unexpected_keys=["x"])


class Torch(types.ModuleType):
    """A torch with cards or without."""

    float32, float16, bfloat16, __version__ = "float32", "float16", "bfloat16", "2.13.0+cu128"

    def __init__(self, cuda: bool = False, mps: bool = False) -> None:
        super().__init__("torch")
        self.settled: list[str] = []
        self.seeds: list[int] = []
        self.cuda = types.SimpleNamespace(
            is_available=lambda: cuda, synchronize=lambda: self.settled.append("cuda"),
            max_memory_reserved=lambda: 300, max_memory_allocated=lambda: 200,
        )  # fmt: skip
        self.mps = types.SimpleNamespace(
            synchronize=lambda: self.settled.append("mps"), driver_allocated_memory=lambda: 400
        )
        self.backends = types.SimpleNamespace(mps=types.SimpleNamespace(is_available=lambda: mps))
        self.manual_seed = self.seeds.append
        self.nn = types.SimpleNamespace(Module=Module)
        self.get_num_threads = lambda: 6


@pytest.fixture
def packages(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Puts a torch and a voxcpm in place; call it with the torch."""

    def version(name: str) -> str:
        if name in ("voxcpm", "torch"):
            return "2.0.3"
        raise importlib.metadata.PackageNotFoundError(name)

    def put(torch: Torch, kind: type = VoxCPM) -> Any:
        monkeypatch.setattr(VoxCPM, "calls", [])
        module = types.ModuleType("voxcpm")
        module.VoxCPM = kind  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "torch", torch)
        monkeypatch.setitem(sys.modules, "voxcpm", module)
        monkeypatch.setattr(voxcpm_engine, "spare_torchaudio", lambda soundfile: None)
        monkeypatch.setattr(voxcpm_engine, "is_spared", lambda: True)
        monkeypatch.setattr(voxcpm_engine, "soundfile_stood_in", lambda: True)
        monkeypatch.setattr(importlib.metadata, "version", version)
        return voxcpm_engine.engine()

    return put


def wanted(**changes: Any) -> Settings:
    given = {
        "folder": "/models/x", "device": "cpu", "compile": None, "text": "Hello.", "steps": None,
        "clip": None, "clip_text": None,
    }  # fmt: skip
    return {**given, **changes}


def test_voxcpm_on_the_processor(packages: Any) -> None:
    torch = Torch(cuda=True)
    engine = packages(torch)
    engine.settle()
    assert engine.memory() == {}
    told = engine.prepare(wanted())
    assert told["versions"] == {
        "python": sys.version.split()[0], "voxcpm": "2.0.3", "torch": "2.13.0+cu128"
    }  # fmt: skip
    assert told["findings"] == ["torchaudio-spared"]
    assert engine.load() == {
        "device": "cpu", "precision": "bf16", "compiled": True, "threads": 6, "parameters": 1010,
        "sample_rate_hz": 16_000,
    }  # fmt: skip
    assert VoxCPM.calls == [("load", "/models/x", False, False, "cpu")]
    engine.settle()
    assert (engine.memory(), torch.settled) == ({}, [])
    engine.close()
    assert engine._model is None


@pytest.mark.parametrize(
    ("asked", "device", "optimize"),
    [(None, "gpu", True), (False, "gpu", False), (True, "gpu", True), (True, "cpu", True)],
)
def test_compilation(packages: Any, asked: bool | None, device: str, optimize: bool) -> None:
    engine = packages(Torch(cuda=True))
    engine.prepare(wanted(device=device, compile=asked))
    engine.load()
    assert VoxCPM.calls[0][3:] == (optimize, "cuda" if device == "gpu" else "cpu")


def test_voxcpm_on_cards(packages: Any) -> None:
    torch = Torch(cuda=True)
    engine = packages(torch)
    engine.prepare(wanted(device="gpu"))
    engine.settle()
    assert torch.settled == ["cuda"]
    assert engine.memory() == {"torch_reserved_bytes": 300, "torch_allocated_bytes": 200}
    torch = Torch(mps=True)
    engine = packages(torch)
    engine.prepare(wanted(device="gpu"))
    engine.settle()
    assert torch.settled == ["mps"]
    assert engine.memory() == {"torch_reserved_bytes": 400}
    with pytest.raises(RuntimeError, match="sees no GPU"):
        packages(Torch()).prepare(wanted(device="gpu"))


def test_weights_that_are_not_all_of_the_model(
    packages: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The package would not mind."""
    engine = packages(Torch())
    engine.prepare(wanted())
    real = Module.load_state_dict
    monkeypatch.setattr(Module, "missing", ["lm.a", "lm.b"])
    with pytest.raises(BrokenWeights, match=r"lack 2 tensors of the model, lm\.a for one"):
        engine.load()
    assert Module.load_state_dict is real
    monkeypatch.setattr(Module, "missing", [])
    assert engine.load()["precision"] == "bf16"


@pytest.mark.parametrize(
    ("config", "clip", "woken"),
    [
        ('{"architecture": "voxcpm2"}', "/a.wav", 1),
        ('{"architecture": "voxcpm2"}', None, 0),
        ('{"architecture": "voxcpm"}', "/a.wav", 0),
        ("{}", "/a.wav", 0),
    ],
)
def test_librosa_is_woken_before_the_clip_is_timed(
    packages: Any, tmp_path: Path, monkeypatch: Any, config: str, clip: str | None, woken: int
) -> None:
    lengths: list[int] = []

    def load(file: Any, sr: int, mono: bool) -> None:
        with wave.open(file, "rb") as sound:
            lengths.append(sound.getnframes())

    librosa = types.ModuleType("librosa")
    librosa.load = load  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "librosa", librosa)
    (tmp_path / "config.json").write_text(config)
    packages(Torch()).prepare(wanted(folder=str(tmp_path), clip=clip))
    assert len(lengths) == woken and all(length > 0 for length in lengths)


class Old(VoxCPM):
    """A release that takes fewer arguments."""

    def _generate(self, text: str, max_len: int) -> None:  # type: ignore[override]
        raise NotImplementedError


class Older(VoxCPM):
    """And one that takes no device."""

    @classmethod
    def from_pretrained(cls, folder: str) -> VoxCPM:  # type: ignore[override]
        raise NotImplementedError


def test_older_packages(packages: Any) -> None:
    engine = packages(Torch(), Old)
    engine.prepare(wanted())
    with pytest.raises(RuntimeError, match="takes no min_len, retry_badcase, inference_timesteps"):
        engine.load()
    engine = packages(Torch(), Older)
    engine.prepare(wanted())
    with pytest.raises(RuntimeError, match=r"2\.0\.3 or newer"):
        engine.load()


@pytest.fixture
def loaded(packages: Any, tmp_path: Path) -> Any:
    """An engine with a model; ``changes`` of what is asked."""
    (tmp_path / "config.json").write_text("{}")

    def call(**changes: Any) -> Any:
        engine = packages(Torch())
        changes = {"folder": str(tmp_path), **changes}
        engine.prepare(wanted(**changes))
        engine.load()
        del VoxCPM.calls[:]
        return engine

    return call


def test_a_forced_length(loaded: Any) -> None:
    """12.5 patches a second."""
    engine = loaded(steps=4)
    sound = engine.sound(engine.speak(2.0, 7))
    assert VoxCPM.calls == [
        ("generate", {"text": "Hello.", "retry_badcase": False, "inference_timesteps": 4,
                      "min_len": 24, "max_len": 25}),
    ]  # fmt: skip
    assert (sound.seconds, sound.rate, sound.samples[0]) == (2.0, 16_000, 0.5)
    assert engine._torch.seeds == [7]
    engine.check(sound.seconds, 2.0)
    engine.check(sound.seconds, None)
    with pytest.raises(WrongLength, match=r"2\.000 s of sound came where 3\.040 s were forced"):
        engine.check(sound.seconds, 3.0)


def test_the_least_length_is_two_patches(loaded: Any) -> None:
    engine = loaded()
    engine.check(engine.sound(engine.speak(0.1, 7)).seconds, 0.1)
    assert VoxCPM.calls[0][1]["min_len"] == 1 and VoxCPM.calls[0][1]["max_len"] == 2


def test_no_length_is_forced(loaded: Any) -> None:
    engine = loaded()
    engine.speak(None, 7)
    assert VoxCPM.calls == [("generate", {"text": "Hello.", "retry_badcase": False})]


def test_streaming(loaded: Any) -> None:
    engine = loaded()
    assert len(list(engine.stream(2.0, 7))) == 2
    assert VoxCPM.calls[0][0] == "stream" and VoxCPM.calls[0][1]["max_len"] == 25
    assert engine._torch.seeds == [7]


@pytest.mark.parametrize(
    ("error", "words"), [(ValueError("no sound"), "ValueError: no sound"), (OSError(), "OSError$")]
)
def test_a_clip_that_can_not_be_encoded(
    loaded: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, words: str
) -> None:
    def fails(self: Any, **_: Any) -> Any:
        raise error

    monkeypatch.setattr(Inner, "build_prompt_cache", fails)
    with pytest.raises(RuntimeError, match=rf"the clip a\.wav can't be encoded: {words}"):
        loaded(clip="/clips/a.wav").encode()


@pytest.mark.parametrize(
    ("words", "given"),
    [
        ("Hi.", {"prompt_text": "Hi.", "prompt_wav_path": "/a.wav"}),
        (None, {"reference_wav_path": "/a.wav"}),
    ],
)
def test_a_clip(loaded: Any, words: str | None, given: dict[str, str]) -> None:
    engine = loaded(clip="/a.wav", clip_text=words)
    assert engine.encode() == {"clip_s": 2.0, "findings": ["soundfile-reads-clips"]}
    assert VoxCPM.calls == [("cache", given)]
    assert engine.sound(engine.speak(2.0, 7)).seconds == 2.0
    name, kept = VoxCPM.calls[1]
    assert (name, kept["target_text"], kept["max_len"]) == ("cached", "Hello.", 25)
    assert set(kept["prompt_cache"]) == {"ref_audio_feat", "mode"}
    assert len(list(engine.stream(2.0, 7))) == 1
    assert VoxCPM.calls[2][0] == "cached-stream"


# ---- the program ------------------------------------------------------------------------------


def asked(
    *options: str, orders: list[dict[str, Any]], **more: str
) -> tuple[list[dict[str, Any]], str, int]:
    """What the program answers to orders given one after the other, what it complains of, and
    its exit status."""
    program = subprocess.Popen(
        [sys.executable, *options, str(child_talk.RUN), "voxcpm"],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
        env={**os.environ, **more},
    )  # fmt: skip
    assert program.stdin is not None and program.stdout is not None
    told = [json.loads(program.stdout.readline())]
    for order in orders:
        program.stdin.write(json.dumps(order) + "\n")
        program.stdin.flush()
        told.append(json.loads(program.stdout.readline()))
    out, complaints = program.communicate(timeout=60)
    assert out == ""
    return told, complaints, program.returncode


def test_it_starts_in_a_python_that_has_nothing() -> None:
    """Neither vcf nor any package is there."""
    orders = [{"do": "load"}, {"do": "prepare", "settings": wanted()}, {"do": "close"}]
    told, complaints, status = asked("-I", "-S", orders=orders)
    assert [each["event"] for each in told] == ["ready", "failed", "failed", "done"]
    assert (told[2]["kind"], told[2]["text"]) == (
        "missing", "ModuleNotFoundError: No module named 'torch'",
    )  # fmt: skip
    assert "Traceback" in complaints, "what happened is told in full there"
    assert status == 0


def test_it_ends_when_whoever_ordered_is_gone() -> None:
    told, _, status = asked("-I", "-S", orders=[{"do": "load"}])
    assert [each["event"] for each in told] == ["ready", "failed"]
    assert status == 1


PRINTS = """
import os, sys
print("torch says hello")
os.system("echo a child says hello")
class Refused(ModuleNotFoundError): pass
raise Refused("that will do")
"""


def test_what_packages_print_is_no_answer(tmp_path: Path) -> None:
    """A torch that prints; it must be found although a module of the program's own folder has
    the name of another package."""
    (tmp_path / "torch.py").write_text(PRINTS)
    orders = [{"do": "prepare", "settings": wanted()}]
    told, complaints, _ = asked("-S", orders=orders, PYTHONPATH=str(tmp_path))
    assert [each["event"] for each in told] == ["ready", "failed"]
    assert told[1]["text"] == "Refused: that will do"
    assert "torch says hello" in complaints
    if os.name == "posix":
        assert "a child says hello" in complaints


def test_an_engine_that_does_not_exist(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(child_talk.RUN), "none"],
        input="", capture_output=True, text=True, timeout=60,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (1, "")
    assert "KeyError: 'none'" in done.stderr
