"""One cell from the start of its child to its record, with the stand-in for the child."""

from __future__ import annotations

import json
import re
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import psutil
import pytest

import vcf
from vcf.bench import child_talk, session
from vcf.bench import measure as module
from vcf.bench.cells import Cell, plan
from vcf.bench.corpus import packaged
from vcf.bench.engines import Voxcpm, Work, visible
from vcf.bench.kit_voxcpm import runs_in_package
from vcf.bench.measure import Ask, measure, not_begun
from vcf.bench.record import BenchRecord, Reason, Weights, WeightsKind
from vcf.bench.rules import Rules, rules_for
from vcf.bench.sources import Loaded
from vcf.catalogue.model import Catalogue
from vcf.errors import OutputError, UsageError
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import Workload
from vcf.machine.model import Gpu, Machine

STAND_IN = Path(__file__).with_name("bench_stand_in.py")
WORK = Workload(speech_seconds=2.0, reference_seconds=0.0)
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


def idle() -> tuple[float, int]:
    """Books of a processor on which nobody else works."""
    return 0.0, 4


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The stand-in, and a cache of nobody."""
    monkeypatch.setattr(child_talk, "RUN", STAND_IN)
    monkeypatch.setenv("VCF_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("STAND_IN_LOG", str(tmp_path / "log"))
    monkeypatch.setattr("vcf.bench.nvml.nvml_call._load", lambda: 1 / 0)
    for name in ("STAND_IN_FAULT", "STAND_IN_ONLY", "STAND_IN_SECONDS", "OMP_NUM_THREADS"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "model").mkdir()
    (tmp_path / "model" / "config.json").write_text('{"dtype": "bfloat16"}')
    return tmp_path


@pytest.fixture
def machine() -> Machine:
    return vcf.load_machine("desktop-rtx-3060-12gb")


@pytest.fixture
def cell(catalogue: Catalogue, machine: Machine) -> Callable[[str], Cell]:
    """The cell of a mode."""

    def call(mode: str) -> Cell:
        asked = {"cpu": WORK, "gpu": WORK}
        found = plan(
            ("voxcpm-0.5b",), (mode,), runs_in_package, catalogue, machine, asked, NO_EVIDENCE
        )
        return found[0]

    return call


def asked(*, length: float | None = 2.0, **more: Any) -> Ask:
    script = packaged("short", "en")
    given: dict[str, Any] = {
        "text": script.text, "length": length, "seed": 7, "steps": None, "clip": None,
        "clip_text": None, "threads": None, "compile": None, **more,
    }  # fmt: skip
    return Ask(
        script=script, work=Work(**given), quick=False, streaming=True,
        reference_seconds=10.0 if given["clip"] else 0.0,
    )  # fmt: skip


def rules(**more: Any) -> Rules:
    given: dict[str, Any] = {"quick": False, "streaming": True, "runs": None, "most": None}
    return rules_for(gpu=False, **{**given, **more})


@pytest.fixture
def measured(cell: Any, machine: Machine, places: Path) -> Callable[..., BenchRecord]:
    """The record of a cell. ``kind``: of its weights."""

    def call(
        mode: str = "cpu-fp32", ask: Ask | None = None, *, kind: WeightsKind = "path",
        save: str | None = None, tell: Any = None, ruled: Rules | None = None,
        python: str = sys.executable,
    ) -> BenchRecord:  # fmt: skip
        loaded = Loaded(folder=places / "model", weights=Weights(kind=kind, size_bytes=7))
        found = measure(
            cell(mode), Voxcpm(python, loaded), ask or asked(), ruled or rules(), machine,
            tell=tell or (lambda *_: None), save=save, busy=idle,
        )  # fmt: skip
        assert not psutil.Process().children(recursive=True)
        assert not list((places / "cache").glob(".links-*"))
        msgspec.json.decode(msgspec.json.encode(found), type=BenchRecord)
        return found

    return call


def orders(places: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (places / "log").read_text().splitlines()]


# ---- measured ---------------------------------------------------------------------------------


def test_a_record(measured: Any, machine: Machine, places: Path) -> None:
    phases: list[str] = []
    found = measured(tell=lambda phase, *_: phases.append(phase))
    assert phases == ["import", "load", "cold", "warm", "warm", "warm", "stream"]
    assert (found.status, found.reason) == ("ok", None)
    assert (found.model, found.mode, found.gpu) == ("voxcpm-0.5b", "cpu-fp32", None)
    assert re.fullmatch(r"\d{8}T\d{6}-voxcpm-0\.5b-cpu-fp32-[0-9a-f]{4}", found.id)
    assert found.id[:8] == found.created[:10].replace("-", "")
    engine = found.engine
    assert (engine.name, engine.device, engine.precision, engine.compiled) == (
        "voxcpm", "cpu", "fp32", False,
    )  # fmt: skip
    assert (engine.threads, engine.parameters, engine.sample_rate_hz) == (4, 652_300_000, 16_000)
    assert found.versions["voxcpm"] == "2.0.3"
    assert found.findings == ["torchaudio-spared"]
    assert (found.phases.import_s, found.phases.load_s) == (1.5, 0.75)
    assert found.phases.reference_s is None and found.phases.cold is not None
    assert [run.rtf for run in found.runs] == [0.25] * 3
    assert found.summary is not None and (found.summary.rtf, found.summary.rtfx) == (0.25, 4.0)
    assert found.streaming is not None and found.streaming.chunks == 20
    assert found.quality is not None and found.quality.status == "pass"
    assert found.memory.rss_peak_bytes is not None and found.memory.rss_peak_bytes > 1 << 20
    assert (found.memory.vram_peak_bytes, found.memory.vram_source) == (None, None)
    assert found.workload == Workload(speech_seconds=2.0, reference_seconds=0.0)
    assert found.predicted is not None and found.predicted.host_bytes is not None
    assert found.machine.name == "this-machine" and found.machine.cpu == machine.cpu
    assert (found.conditions.disturbed, found.conditions.foreign_share) == (False, 0.0)
    assert found.counts


def test_the_protocol(measured: Any) -> None:
    told = measured(ruled=rules(runs=2, most=99.0)).protocol
    script = packaged("short", "en")
    assert (told.text, told.lang, told.text_sha256) == ("short", "en", script.sha256)
    assert (told.text_characters, told.seed, told.fixed_seconds) == (len(script.text), 7, 2.0)
    assert (told.warmups, told.runs_min, told.seconds_min, told.max_seconds) == (1, 2, 0.0, 99.0)
    assert (told.quick, told.streaming, told.retries) == (False, True, False)
    assert (told.threads_asked, told.compile_asked) == (None, None)


def test_the_high_water_is_not_below_what_was_seen(measured: Any) -> None:
    memory = measured().memory
    if memory.rss_high_water_bytes is not None:
        assert memory.rss_high_water_bytes > 1 << 20


def test_what_the_child_is_told(measured: Any, places: Path, monkeypatch: Any) -> None:
    ask = asked(steps=4, clip="/a.wav", clip_text="Hi.", threads=3, compile=True)
    found = measured("cpu-bf16", ask)
    assert found.engine.precision == "bf16"
    log = orders(places)
    assert [each["do"] for each in log] == [
        "prepare", "load", "encode", *["speak"] * 4, "stream", "close"
    ]  # fmt: skip
    assert log[0]["settings"] == {
        "folder": str(places / "model"), "device": "cpu", "compile": True, "text": ask.work.text,
        "lang": "en", "steps": 4, "clip": "/a.wav", "clip_text": "Hi.",
    }  # fmt: skip
    assert found.engine.threads == 3
    assert (found.workload.reference_seconds, found.workload.steps) == (3.2, 4)
    assert (found.protocol.threads_asked, found.protocol.compile_asked) == (3, True)
    assert found.findings[:2] == ["torchaudio-spared", "soundfile-reads-clips"]
    assert not found.counts, "not as everybody would run it"


def test_another_precision(measured: Any, places: Path) -> None:
    """By links, gone afterwards; the folder is as it was."""
    found = measured("cpu-fp32")
    folder = Path(orders(places)[0]["settings"]["folder"])
    assert folder.parent == places / "cache" and not folder.exists()
    assert found.engine.precision == "fp32"
    assert (places / "model" / "config.json").read_text() == '{"dtype": "bfloat16"}'


def test_a_precision_that_is_not_the_one_asked_for(
    measured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = session.Session._speak

    def speak(self: Any, watch: Any) -> Any:
        self.draft.engine["precision"] = "fp16"
        return real(self, watch)

    monkeypatch.setattr(session.Session, "_speak", speak)
    found = measured("cpu-bf16")
    assert found.engine.precision == "fp16"
    assert found.findings[-1] == "precision-changed"


def test_a_precision_that_the_processor_only_emulates(measured: Any) -> None:
    assert "bf16-emulated" in measured("cpu-bf16").findings
    assert "bf16-emulated" not in measured("cpu-fp32").findings


def test_a_card_for_which_nothing_was_compiled(
    measured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = session.Session._speak

    def speak(self: Any, watch: Any) -> Any:
        self.draft.engine["compiled"] = False
        return real(self, watch)

    assert "not-compiled" not in measured("gpu-bf16").findings
    monkeypatch.setattr(session.Session, "_speak", speak)
    assert "not-compiled" in measured("gpu-bf16").findings
    assert "not-compiled" not in measured("gpu-bf16", asked(compile=False)).findings
    assert "not-compiled" not in measured("cpu-fp32").findings


def test_a_natural_length(measured: Any) -> None:
    found = measured(ask=asked(length=None))
    assert found.protocol.fixed_seconds is None
    assert found.workload.speech_seconds == 2.4
    assert found.quality.length_ratio == pytest.approx(1.2)


def test_tiny_weights_have_no_forecast(measured: Any) -> None:
    found = measured(kind="tiny")
    assert found.predicted is None
    assert found.quality.status == "not-applicable"
    assert not found.counts


def test_tiny_weights_have_no_time_left_by_a_forecast(measured: Any) -> None:
    left: list[Any] = []
    measured(kind="tiny", tell=lambda phase, run, of, rtf, left_s: left.append(left_s))
    assert left[0] is None


def test_the_sound_is_kept(measured: Any, tmp_path: Path) -> None:
    file = tmp_path / "a.wav"
    assert measured(save=str(file)).status == "ok"
    assert file.stat().st_size == 44 + 2 * 32_000


def test_silence_fails(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "mute@speak:4")
    found = measured()
    assert (found.status, found.quality.status, found.quality.failed) == ("ok", "fail", ["silent"])
    assert not found.counts


# ---- a card -----------------------------------------------------------------------------------


class Meter:
    """A card that tells its memory."""

    def __init__(self) -> None:
        self.closed = 0

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None

    def close(self) -> None:
        self.closed += 1


def test_on_a_card(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    meters, asked_for = [Meter()], list[Any]()

    def gpu_meter(name: str, index: int) -> Any:
        asked_for.append((name, index))
        return meters[0]

    monkeypatch.setattr(module, "gpu_meter", gpu_meter)
    found = measured("gpu-bf16")
    assert (found.gpu, found.engine.device) == ("NVIDIA GeForce RTX 3060", "cuda:0")
    assert found.engine.compiled is True
    assert asked_for == [("NVIDIA GeForce RTX 3060", 0)]
    assert meters[0].closed == 1
    assert found.power.throttle is None and found.power.energy_source != "nvml"


def test_which_card_of_the_same_name(cell: Any, machine: Machine, monkeypatch: Any) -> None:
    asked_for: list[Any] = []
    monkeypatch.setattr(module, "gpu_meter", lambda *given: asked_for.append(given))
    (card,) = machine.gpus or []
    several = msgspec.structs.replace(machine, gpus=[Gpu(name="Other"), card, card])
    module._meter(msgspec.structs.replace(cell("gpu-bf16"), gpu=2), several)
    assert asked_for == [(card.name, 1)]
    assert module._meter(cell("cpu-fp32"), several) is None


def test_memory_that_only_torch_tells(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    real = session.Draft.hear

    def hear(self: Any, answer: dict[str, Any]) -> Any:
        more = {"torch_reserved_bytes": 300, "torch_allocated_bytes": 200}
        return real(self, {**answer, "memory": {**answer["memory"], **more}})

    monkeypatch.setattr(session.Draft, "hear", hear)
    memory = measured("gpu-bf16").memory
    assert (memory.vram_peak_bytes, memory.vram_source) == (300, "torch")
    assert (memory.torch_reserved_bytes, memory.torch_allocated_bytes) == (300, 200)


def nvidia(name: str = "NVIDIA GeForce RTX 3060") -> Gpu:
    return Gpu(name=name, vendor="nvidia")


@pytest.mark.parametrize(
    ("gpus", "index", "seen"),
    [
        ([nvidia()], 0, None),
        ([Gpu(name="Iris", vendor="intel"), nvidia()], 1, None),
        ([Gpu(name="Iris", vendor="intel"), nvidia(), nvidia("B")], 2, "1"),
        ([nvidia(), nvidia("B"), nvidia("C")], 0, "0"),
        ([nvidia(), nvidia("B"), Gpu(name="Iris", vendor="intel")], 2, None),
        ([], 0, None),
    ],
)
def test_the_one_card_that_is_to_be_seen(
    gpus: list[Gpu], index: int, seen: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    found = visible(gpus, index)
    assert found.get("CUDA_VISIBLE_DEVICES") == seen
    assert (found.get("CUDA_DEVICE_ORDER") == "PCI_BUS_ID") is (seen is not None)
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert visible(gpus, index) == {}


def test_the_environment_of_the_child(cell: Any, machine: Machine, places: Path) -> None:
    engine = Voxcpm("python", Loaded(folder=places, weights=Weights(kind="path")))
    assert engine.environment(cell("cpu-fp32"), asked().work, machine) == {}
    threads = engine.environment(cell("gpu-bf16"), asked(threads=3).work, machine)
    assert threads == {"OMP_NUM_THREADS": "3", "MKL_NUM_THREADS": "3"}
    no_gpus = msgspec.structs.replace(machine, gpus=None)
    assert engine.environment(cell("gpu-bf16"), asked().work, no_gpus) == {}
    assert engine.command()[0] == "python" and engine.command()[-1] == "voxcpm"


# ---- failed -----------------------------------------------------------------------------------


def test_streaming_that_fails_does_not_undo_the_runs(
    measured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "error@stream")
    found = measured()
    assert (found.status, len(found.runs), found.streaming) == ("ok", 3, None)
    assert "streaming-failed" in found.findings and found.counts


@unix
@pytest.mark.parametrize(
    ("fault", "status", "reason", "runs"),
    [
        ("oom@load", "oom", "out-of-memory", 0),
        ("bad_alloc@speak:3", "oom", "out-of-memory", 1),
        ("SIGKILL@speak:4", "killed", "killed", 2),
        ("SIGSEGV@speak", "error", "signal", 0),
        ("SIGILL@prepare", "error", "signal", 0),
        ("wrong-length@speak:2", "error", "wrong-length", 0),
        ("missing@prepare", "error", "package-missing", 0),
        ("exit@start", "error", "engine-error", 0),
    ],
)
def test_a_record_of_what_failed(
    measured: Any, monkeypatch: pytest.MonkeyPatch, fault: str, status: str, reason: str, runs: int
) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", fault)
    found = measured()
    assert (found.status, found.reason.id, len(found.runs)) == (status, reason, runs)
    assert (found.summary is None) is (not found.runs) and not found.counts
    assert found.memory.rss_peak_bytes is None or found.memory.rss_peak_bytes > 0
    assert (found.engine.precision is None) is (fault.split("@")[1] in ("start", "prepare", "load"))
    assert found.predicted is not None


def test_it_hangs(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "hang@speak:2")
    found = measured(ruled=rules(most=1.5))
    assert (found.status, found.reason.id) == ("timeout", "time-limit")
    assert found.phases.cold is not None and found.runs == []


def test_only_the_cold_run_fits(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_SECONDS", "99")
    found = measured(ruled=rules(most=30.0))
    assert (found.status, found.reason.id) == ("timeout", "time-limit")
    assert "the first synthesis took 99.0 s" in found.reason.detail
    assert found.phases.cold.synthesis_s == 99.0


def test_interrupted(measured: Any) -> None:
    def tell(phase: str, run: int, *_: Any) -> None:
        if (phase, run) == ("warm", 2):
            raise KeyboardInterrupt

    found = measured(tell=tell)
    assert (found.status, found.reason) == (
        "killed", Reason(id="interrupted", signal="SIGINT"),
    )  # fmt: skip
    assert len(found.runs) == 1 and found.summary is not None and not found.counts
    assert found.memory.rss_peak_bytes is not None


def test_no_such_python(measured: Any) -> None:
    with pytest.raises(UsageError, match="/no/such/python"):
        measured(python="/no/such/python")


def test_no_links_can_be_made(measured: Any, places: Path) -> None:
    (places / "cache").write_text("a file")
    with pytest.raises(OutputError, match="cache"):
        measured("cpu-fp32")


def test_a_bug_is_no_result(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """And leaves no child behind."""
    monkeypatch.setattr(session.Session, "_synthesise", lambda self: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        measured()
    assert not psutil.Process().children(recursive=True)


def test_no_sound_at_all(measured: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN_FAULT", "empty@speak")
    assert measured().status == "error"


# ---- not begun --------------------------------------------------------------------------------


def test_a_record_of_what_was_not_begun(cell: Any, machine: Machine, places: Path) -> None:
    asleep = msgspec.structs.replace(cell("gpu-bf16"), skip=Reason(id="no-gpu"), gpu_name=None)
    found = not_begun(
        asleep, "voxcpm", Weights(kind="synthetic"), asked(length=None), rules(), machine
    )
    assert (found.status, found.reason) == ("skipped", Reason(id="no-gpu"))
    assert (found.engine.device, found.engine.precision) == ("gpu", None)
    assert (found.runs, found.summary, found.quality) == ([], None, None)
    assert found.workload.speech_seconds == packaged("short", "en").seconds
    assert found.memory.rss_peak_bytes is None and found.findings == []
    assert not (places / "log").exists()
    msgspec.json.decode(msgspec.json.encode(found), type=BenchRecord)


@pytest.mark.parametrize("count", [652_300_000, 655_000_000, 700_000, 2_290_000_000])
def test_a_model_of_another_size_never_counts(measured: Any, count: int) -> None:
    """Without vcf's marker small weights are a folder like any other."""
    cell = types.SimpleNamespace(subject=types.SimpleNamespace(model_id="voxcpm-0.5b"))
    other = module._other_size(cell, {"parameters": count})
    assert other is (count not in (652_300_000, 655_000_000))
    found = measured()
    assert found.findings == ["torchaudio-spared"]
    kept = msgspec.structs.replace(
        found, weights=Weights(kind="path"), findings=["other-size"] if other else []
    )
    assert kept.counts is not other


def test_answers_that_are_rubbish_end_in_a_record(
    measured: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = session.Session._synthesise

    def odd(self: Any) -> None:
        real(self)
        self.draft.versions = {"torch": "\ud800"}

    monkeypatch.setattr(session.Session, "_synthesise", odd)
    found = measured()
    assert (found.status, found.reason.id, found.runs) == ("error", "rubbish", [])
    monkeypatch.setattr(session.Session, "_synthesise", lambda self: {}["seconds"])
    found = measured()
    assert (found.status, found.reason.id) == ("error", "rubbish")
    assert found.reason.detail == "KeyError: 'seconds'" and found.phases.load_s is not None
