"""IndexTTS measured in the real child, with a stand-in for the checkout: every way that it can
end. And what is read from what the real program prints."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import psutil
import pytest
from checkout_stand_in import checkout, clip

import vcf
from vcf.bench.cells import Cell, plan
from vcf.bench.checkout import examine
from vcf.bench.child import indextts_checks, indextts_loading, indextts_output, torch_common
from vcf.bench.child.engine import NotAsAsked, WrongLength, WrongVersion
from vcf.bench.child.indextts_length import Length
from vcf.bench.corpus import packaged
from vcf.bench.engines import Work
from vcf.bench.indextts import Indextts
from vcf.bench.measure import Ask, measure
from vcf.bench.record import BenchRecord, Weights
from vcf.bench.rules import rules_for
from vcf.catalogue.model import Catalogue
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import Workload
from vcf.machine.model import Machine

TRANSCRIPTS = Path(__file__).with_name("transcripts")
WORK = Workload(speech_seconds=2.0, reference_seconds=5.0)
VERSIONS = ("2", "2.5")
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture
def machine() -> Machine:
    return vcf.load_machine("desktop-rtx-3060-12gb")


@pytest.fixture
def measured(
    catalogue: Catalogue, machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., BenchRecord]:
    """The record of a cell."""
    monkeypatch.setenv("VCF_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr("vcf.bench.nvml.nvml_call._load", lambda: 1 / 0)
    models = tmp_path / "models"
    models.mkdir()
    (models / "config.yaml").write_text("version: 2.0\n")

    def call(
        version: str = "2.5", *, fault: str = "", mode: str = "cpu-fp32",
        length: float | None = 2.0, option: str | None = None, most: float | None = None,
        seconds: float = 5.0, old: bool = False, text: str | None = None,
    ) -> BenchRecord:  # fmt: skip
        monkeypatch.setenv("CHECKOUT_FAULT", fault)
        repo = checkout(tmp_path / "index tts", old=old)
        model = f"indextts-{version}"
        there = examine(repo, model, sys.executable)
        voice = clip(tmp_path / "voice.wav", seconds)
        script = packaged("short", "en")
        work = Work(
            text=text or script.text, length=length, seed=7, steps=None, clip=str(voice),
            clip_text=None, threads=None, compile=None,
        )  # fmt: skip
        asked = {"cpu": WORK, "gpu": WORK}
        runs = lambda subject: subject.mode.runtime == "indextts"  # noqa: E731
        [cell] = plan((model,), (mode,), runs, catalogue, machine, asked, NO_EVIDENCE)
        found = measure(
            msgspec.structs.replace(cell, option=option),
            Indextts(there, models, Weights(kind="path", size_bytes=7)),
            Ask(script=script, work=work, quick=False, streaming=True, reference_seconds=5.0),
            rules_for(gpu=False, quick=False, streaming=True, runs=None, most=most),
            machine, tell=lambda *_: None, busy=lambda: (0.0, 4),
        )  # fmt: skip
        assert not psutil.Process().children(recursive=True)
        return found

    return call


# ---- measured ---------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_a_record(measured: Any, version: str) -> None:
    found = measured(version)
    assert (found.reason, found.status) == (None, "ok")
    assert (found.engine.name, found.engine.device, found.engine.precision) == (
        "indextts", "cpu", "fp32",
    )  # fmt: skip
    assert found.engine.compiled is None
    assert found.engine.parameters == 812 + 1 + 580 + 50 + 103 + 7 + 112
    assert found.engine.sample_rate_hz == 22050
    assert found.versions["indextts"] == "2.0.0+0123456789ab"
    assert found.versions["torch"] == "2.99.0+stand.in"
    assert found.streaming is None and len(found.runs) == 3
    assert found.phases.reference_s is not None
    assert found.workload.reference_seconds == pytest.approx(4.992, abs=1e-3)


def test_the_stages_are_those_that_it_prints(measured: Any) -> None:
    assert measured("2").runs[0].stages == {"gpt": 1.75, "s2mel": 0.75, "vocoder": 0.5}
    run = measured("2.5").runs[0]
    assert run.stages == {"gpt": 1.5, "s2mel": 0.75, "vocoder": 0.5}


@pytest.mark.parametrize(("version", "codes"), [("2", 100), ("2.5", 50 * 2)])
def test_the_length_is_forced_to_the_token(measured: Any, version: str, codes: int) -> None:
    run = measured(version, length=2.0).runs[0]
    assert run.audio_s == pytest.approx(int(codes * 1.72) * 256 / 22050, abs=1e-3)


def test_a_length_of_its_own(measured: Any) -> None:
    found = measured("2", length=None)
    assert found.status == "ok" and found.protocol.fixed_seconds is None
    assert found.runs[0].audio_s == pytest.approx(172 * 256 / 22050, abs=1e-3)


def test_a_long_clip_is_cut(measured: Any) -> None:
    assert "clip-cut" in measured(seconds=16.0).findings
    assert "clip-cut" not in measured(seconds=15.0).findings


def test_a_small_card_splits_the_text(measured: Any) -> None:
    found = measured(fault="split@load", text="Word " * 10)
    assert found.status == "ok" and "low-vram-split" in found.findings
    assert found.runs[0].stages["gpt"] == 3.0  # of both pieces
    assert found.runs[0].audio_s == pytest.approx(2 * int(25 * 2 * 1.72) * 256 / 22050, abs=1e-3)
    assert "low-vram-split" not in measured(fault="split@load", text="Short.").findings


# ---- it ends otherwise ------------------------------------------------------------------------


@unix
@pytest.mark.parametrize("place", ["import", "load", "reference", "speak"])
def test_a_crash(measured: Any, place: str) -> None:
    found = measured(fault=f"abort@{place}")
    assert (found.status, found.reason.id, found.reason.signal) == ("error", "signal", "SIGABRT")


@pytest.mark.parametrize("place", ["load", "reference", "speak"])
def test_no_memory(measured: Any, place: str) -> None:
    found = measured(fault=f"oom@{place}")
    assert (found.status, found.reason.id) == ("oom", "out-of-memory")
    assert "DefaultCPUAllocator" in found.reason.detail


def test_it_hangs(measured: Any) -> None:
    found = measured(fault="hang@speak", most=2.0)
    assert (found.status, found.reason.id) == ("timeout", "time-limit")


@pytest.mark.parametrize(
    ("version", "fault", "words"),
    [
        ("2", "renamed@speak", "does not print '>> s2mel_time"),
        ("2.5", "quiet@speak", "does not print '>> gpt_gen_time"),
        ("2", "quiet@speak", "does not print '>> gpt_gen_time"),
        ("2.5", "uncounted@reference", "'segments count: …'"),
        ("2.5", "never@reference", "without merge_emovec"),
        ("2.5", "forgets@reference", "does not keep what it made of the clip"),
        ("2.5", "anew@speak", "processed the same clip anew"),
        ("2", "other@speak", "does not give its rate and samples"),
    ],
)
def test_it_behaves_or_says_otherwise(measured: Any, version: str, fault: str, words: str) -> None:
    found = measured(version, fault=fault)
    assert (found.status, found.reason.id) == ("error", "wrong-version")
    assert words in found.reason.detail


def test_an_older_checkout(measured: Any) -> None:
    found = measured(old=True)
    assert found.reason.id == "wrong-version"
    assert "IndexTTS2.__init__ of this checkout takes no use_accel" in found.reason.detail


@pytest.mark.parametrize(
    ("fault", "more", "words"),
    [
        ("deepspeed@load", {"option": "deepspeed"}, "DeepSpeed does not load here: no module"),
        ("", {"option": "deepspeed"}, "deepspeed was asked for and is not used on cpu"),
        ("kernel@load", {"option": "cuda-kernel"}, "the CUDA kernel of BigVGAN can't be built"),
        ("", {"option": "accel"}, "accel was asked for and is not used on cpu"),
        ("eager@load", {"option": "compile"}, "compile was asked for and is not used"),
        ("cpu@load", {}, "asked was cpu, it computes on cpu:0"),
    ],
)
def test_it_goes_on_otherwise(measured: Any, fault: str, more: Any, words: str) -> None:
    found = measured(fault=fault, **more)
    assert (found.status, found.reason.id) == ("error", "not-as-asked")
    assert words in found.reason.detail


def test_compiled(measured: Any) -> None:
    found = measured(option="compile")
    assert found.status == "ok" and found.engine.compiled is True
    assert found.protocol.options == ["compile"]


def test_no_card(measured: Any) -> None:
    found = measured(mode="gpu-bf16")
    assert (found.status, found.reason.id) == ("error", "engine-error")
    assert "torch sees no GPU here" in found.reason.detail


@pytest.mark.parametrize(
    ("fault", "words"),
    [("lost", "lack 1 tensors of the model, layer1"), ("unloaded", "s2mel: length_regulator"),
     ("logged", "codec: up.weight")],
)  # fmt: skip
def test_tensors_that_the_files_lack(measured: Any, fault: str, words: str) -> None:
    found = measured(fault=f"{fault}@load")
    assert (found.status, found.reason.id) == ("error", "broken-weights")
    assert words in found.reason.detail


def test_a_sound_of_another_length(measured: Any) -> None:
    assert measured(fault="short@speak").reason.id == "wrong-length"


def test_a_length_that_the_model_has_no_room_for(measured: Any) -> None:
    found = measured("2", length=60.0)
    assert found.reason.id == "wrong-length" and "room for 1815" in found.reason.detail


def test_no_sound(measured: Any) -> None:
    found = measured(fault="none@speak")
    assert found.reason.id == "engine-error" and "IndexError" in found.reason.detail


def test_nothing_is_downloaded(measured: Any) -> None:
    found = measured(fault="fetch@reference")
    assert found.reason.id == "engine-error"
    assert "wants to fetch a file that is not there: facebook/w2v-bert-2.0" in found.reason.detail


# ---- what it prints ---------------------------------------------------------------------------


def spoken(version: str, part: str) -> str:
    """A part of what the real program printed."""
    text = (TRANSCRIPTS / f"indextts-{version}.txt").read_text(encoding="utf-8")
    return re.split(r"^== \w+\n", text, flags=re.M)[1:][["load", "reference", "speak"].index(part)]


def test_stages_of_the_real_program() -> None:
    for version in VERSIONS:
        text = spoken(version, "speak")
        found = indextts_output.stages_of(text, version)
        total = float(re.findall(r">> Total inference time: ([\d.]+)", text)[0])
        assert set(found) == {"gpt", "s2mel", "vocoder"} and min(found.values()) > 0
        assert sum(found.values()) == pytest.approx(total, abs=0.5)


def test_each_line_is_needed() -> None:
    for version in VERSIONS:
        text = spoken(version, "speak")
        for names in indextts_output.STAGES[version].values():
            for name in names:
                with pytest.raises(WrongVersion, match=f">> {name}"):
                    indextts_output.stages_of(text.replace(name, "other"), version)


def test_segments_of_the_real_program() -> None:
    for version in VERSIONS:
        assert indextts_output.segments_of(spoken(version, "reference")) == 1
        with pytest.raises(WrongVersion, match="segments count"):
            indextts_output.segments_of(spoken(version, "speak"))


def test_the_real_program_loaded_all_parts_and_fell_back_on_nothing() -> None:
    for version in VERSIONS:
        text = spoken(version, "load")
        indextts_output.refuse_fallbacks(text)
        parts = {"cfm": 1, "length_regulator": 1, **({"gpt_layer": 1} if version == "2" else {})}
        tts = SimpleNamespace(s2mel=SimpleNamespace(models=parts))
        assert indextts_checks.unloaded(tts, text) == []


@pytest.mark.parametrize("version", VERSIONS)
def test_the_stand_in_prints_what_the_real_program_prints(
    version: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Line by line but for figures and folders; it leaves out only what verbose shows of text
    and tokens."""
    import subprocess

    monkeypatch.setenv("CHECKOUT_FAULT", "")
    repo = checkout(tmp_path, version)
    module = "infer_v2" if version == "2" else "infer_v2_5"
    lang = "" if version == "2" else ", lang='EN'"
    text = packaged("short", "en").text
    (repo / "config.yaml").write_text("")
    calls = (
        f"from indextts.{module} import IndexTTS2\nt = IndexTTS2('config.yaml', 'MODELS', "
        f"device='cpu')\nprint('== reference')\nt.infer('CLIP', {text!r}, None{lang}, verbose=True"
        f")\nprint('== speak')\nt.infer('CLIP', {text!r}, None{lang}, max_mel_tokens=13, "
        "suppress_tokens=[8193])"
    )
    done = subprocess.run(
        [sys.executable, "-c", calls], cwd=repo, capture_output=True, text=True, check=True
    )
    load, rest = done.stdout.split("== reference\n")
    reference, speak = rest.split("== speak\n")
    until = reference.index("Use the specified")  # the engine breaks it off there
    for part, said in (("load", load), ("reference", reference[:until]), ("speak", speak)):
        real = [_bare(line) for line in spoken(version, part).splitlines()]
        for line in said.splitlines():
            assert _bare(line) in real, line
        if part != "reference":
            assert [_bare(line) for line in said.splitlines()] == real


def _bare(line: str) -> str:
    return re.sub(r"\d+(\.\d+)?", "N", line).replace("\\", "/")


# ---- parts ------------------------------------------------------------------------------------


def test_what_is_heard_is_passed_on(capsys: pytest.CaptureFixture[str]) -> None:
    with indextts_output.heard() as ear:
        print("one")
        sys.stdout.flush()
    print("two")
    assert ear.text == "one\n"
    assert capsys.readouterr().out == "one\ntwo\n"


def test_lines_of_times() -> None:
    text = ">> gpt_gen_time: 1.00 seconds\n>> s2mel_time: 2 seconds\n>> bigvgan_time: 3.5\n"
    found = indextts_output.stages_of(text + text, "2.5")
    assert found == {"gpt": 2.0, "s2mel": 4.0, "vocoder": 7.0}
    with pytest.raises(WrongVersion, match="gpt_forward_time"):
        indextts_output.stages_of(text, "2")
    with pytest.raises(WrongVersion, match="gpt_gen_time"):
        indextts_output.stages_of("x >> gpt_gen_time: 1.00 seconds", "2.5")


class Layer:
    """A module of torch as far as it is asked for."""

    def named_parameters(self) -> Any:
        return iter([("weight", None)])

    def load_state_dict(self, *_: Any) -> Any:
        return SimpleNamespace(missing_keys=["weight", "positions"])


def test_tensors_that_matter() -> None:
    names = ["weight", "positions"]
    assert indextts_checks.lacked(Layer(), names, "indextts.utils.checkpoint") == ["weight"]
    assert indextts_checks.lacked(Layer(), names, "transformers.modeling_utils") == []
    other = type("Copy", (Layer,), {"__module__": "indextts.accel.gpt2_accel"})
    assert indextts_checks.lacked(other(), names, "indextts.gpt.model_v2") == []


def test_missing_tensors_are_noticed_while_it_lasts() -> None:
    torch = SimpleNamespace(nn=SimpleNamespace(Module=Layer))
    real = Layer.load_state_dict
    with torch_common.missing_noticed(torch) as missing:
        Layer().load_state_dict()
    assert missing == ["weight", "positions"] and Layer.load_state_dict is real
    with torch_common.missing_noticed(torch, indextts_checks.lacked) as missing:
        Layer().load_state_dict()
    assert missing == ["weight"]


def test_tensors_that_transformers_logs() -> None:
    text = (
        "Some weights of Wav2Vec2BertModel were not initialized from the model checkpoint at x and "
        "are newly initialized: ['encoder.a', 'masked_spec_embed']\nYou should train it."
    )
    assert indextts_checks.lost_of(indextts_checks.W2V, text) == ["w2v-bert: encoder.a"]
    assert indextts_checks.lost_of(indextts_checks.W2V, "another warning") == []
    assert indextts_checks.lost_of(indextts_checks.CODEC, "another warning") == []


class Bias(dict[int, float]):
    """``mel_head.bias.data``."""


def fake(**more: Any) -> Any:
    spect = {"sr": 22050, "spect_params": {"hop_length": 256}}
    cfg = SimpleNamespace(
        s2mel={"preprocess_params": spect}, gpt=SimpleNamespace(max_mel_tokens=1815)
    )
    given = {"gpt": SimpleNamespace(), "stop_mel_token": 8193, **more}
    return SimpleNamespace(cfg=cfg, semantic_codec=SimpleNamespace(downsample_scale=2), **given)


def test_tokens_in_a_second() -> None:
    assert Length(fake(), "2", "x", 1).tokens_s == pytest.approx(50.08, abs=0.005)
    assert Length(fake(), "2.5", "x", 1).tokens_s == pytest.approx(25.04, abs=0.005)


def test_segments_share_a_length() -> None:
    length = Length(fake(), "2.5", "x", 4)
    assert length.tokens(8.0) == 50
    length.check(4 * int(50 * 2 * 1.72) * 256 / 22050, 8.0)
    with pytest.raises(WrongLength):
        length.check(3 * int(50 * 2 * 1.72) * 256 / 22050, 8.0)
    assert length.tokens(0.001) == 1


def test_accel_is_kept_from_stopping() -> None:
    bias = Bias({8193: 0.5})
    gpt = SimpleNamespace(
        accel_engine=object(), mel_head=SimpleNamespace(bias=SimpleNamespace(data=bias))
    )
    with Length(fake(gpt=gpt), "2.5", "x", 1).forced(2.0) as limits:
        assert limits == {"max_mel_tokens": 50, "interval_silence": 0}
        assert bias[8193] < -1000
    assert bias[8193] == 0.5


def test_where_it_computes() -> None:
    def torch(cuda: bool = False, xpu: bool = False, mps: bool = False) -> Any:
        def is_there(there: bool) -> Any:
            return SimpleNamespace(is_available=lambda: there)

        return SimpleNamespace(
            cuda=is_there(cuda), xpu=is_there(xpu), backends=SimpleNamespace(mps=is_there(mps))
        )

    assert indextts_loading.place(torch(cuda=True), "cpu") == "cpu"
    assert indextts_loading.place(torch(cuda=True), "gpu") == "cuda:0"
    assert indextts_loading.place(torch(xpu=True), "gpu") == "xpu"
    assert indextts_loading.place(torch(mps=True), "gpu") == "mps"


def test_half_precision_that_a_version_does_not_know() -> None:
    settings = {"version": "2.5", "folder": "x", "precision": "fp16", "options": []}
    with pytest.raises(NotAsAsked, match=r"version 2\.5 knows bf16, not fp16"):
        indextts_loading.loaded(None, None, "cuda:0", settings)


def test_waiting_and_memory() -> None:
    calls: list[str] = []

    def kind(name: str) -> Any:
        return SimpleNamespace(
            synchronize=lambda: calls.append(name), max_memory_reserved=lambda: 2,
            max_memory_allocated=lambda: 1, driver_allocated_memory=lambda: 3,
        )  # fmt: skip

    torch = SimpleNamespace(cuda=kind("cuda"), mps=kind("mps"), xpu=kind("xpu"))
    for device in ("cpu", "cuda:0", "mps", "xpu"):
        torch_common.settle(torch, device)
    torch_common.settle(None, "cuda:0")
    assert calls == ["cuda", "mps", "xpu"]
    assert torch_common.memory(torch, "cpu") == torch_common.memory(None, "cuda:0") == {}
    assert torch_common.memory(torch, "mps") == {"torch_reserved_bytes": 3}
    for device in ("cuda:0", "xpu"):
        found = torch_common.memory(torch, device)
        assert found == {"torch_reserved_bytes": 2, "torch_allocated_bytes": 1}


def test_a_cell_of_options(cell_of_gpu: Cell, tmp_path: Path) -> None:
    repo = checkout(tmp_path)
    engine = Indextts(
        examine(repo, "indextts-2.5", sys.executable), tmp_path / "m", Weights(kind="path")
    )
    work = Work(
        text="x", length=None, seed=1, steps=None, clip="a.wav", clip_text=None, threads=3,
        compile=None, options=("compile",),
    )  # fmt: skip
    with engine.settings(msgspec.structs.replace(cell_of_gpu, option="accel"), work) as told:
        assert told["options"] == ["accel", "compile"] and told["deepspeed"] is True
        assert (told["device"], told["precision"], told["version"]) == ("gpu", "fp16", "2.5")
    chosen = engine.environment(cell_of_gpu, work, vcf.load_machine("desktop-rtx-3060-12gb"))
    assert chosen["OMP_NUM_THREADS"] == "3"


@pytest.fixture
def cell_of_gpu(catalogue: Catalogue, machine: Machine) -> Cell:
    runs = lambda subject: subject.mode.runtime == "indextts"  # noqa: E731
    [found] = plan(
        ("indextts-2.5",), ("gpu-fp16-deepspeed",), runs, catalogue, machine,
        {"cpu": WORK, "gpu": WORK}, NO_EVIDENCE,
    )  # fmt: skip
    return found
