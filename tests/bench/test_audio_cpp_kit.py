"""audio.cpp as something to be measured: which programs and files are taken, what they are found
to be, and what the measuring child is told."""

from __future__ import annotations

import hashlib
import json
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from gguf_files import Tensors, gguf_bytes

import vcf
from vcf.bench import audio_cpp
from vcf.bench.audio_cpp import AudioCpp, AudioCppKit, backends
from vcf.bench.cells import Cell, plan
from vcf.bench.corpus import packaged
from vcf.bench.engines import Work
from vcf.bench.gguf import read_gguf
from vcf.bench.kit import Kit
from vcf.bench.measure import Ask, measure
from vcf.bench.rules import rules_for
from vcf.bench.vocabulary import tokenizer_files
from vcf.catalogue.load import load_catalogue
from vcf.errors import UsageError
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import STANDARD
from vcf.machine.model import Machine

STAND_IN = Path(__file__).with_name("audio_cpp_stand_in.py")
pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script's")
LONG = "weights/feat_decoder.estimator.decoder.layers.11.self_attn.q_proj.weight"
"""Longer than names in GGUF may be."""


def written(path: Path, kind: str = "Q8_0", family: str = "voxcpm2", **more: Any) -> Path:
    """A small file as audio.cpp's converter makes them: 768 numbers of the model."""
    tensors: Tensors = {
        "weights/base_lm.norm.weight": ((256,), "F32"),
        "_audiocpp_1": ((256, 2), kind),
        "audiovae_weights/decoder.model.0.weight_v": ((16, 4), "F32"),
    }
    names = list(tensors)
    names[1] = LONG
    metadata = {
        "general.architecture": "audiocpp", "audiocpp.model_spec.family": family,
        "audiocpp.tensor_names": names, **more,
    }  # fmt: skip
    path.write_bytes(gguf_bytes(metadata, tensors))
    return path


def tokenizer(
    pieces: int, name: str = "tokenizer.json", text: bytes | None = None
) -> dict[str, Any]:
    """Metadata of a file that lies within, after a short one."""
    data = text or json.dumps(tokenizer_files(pieces)["tokenizer.json"]).encode()
    return {
        "audiocpp.embedded_files.names": ["config.json", name],
        "audiocpp.embedded_files.offsets": [0, 2, 2 + len(data)],
        "audiocpp.embedded_files.data": [*b"{}", *data],
    }


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """The stand-in as a program, in a checkout."""
    git = tmp_path / "audio.cpp" / ".git"
    git.mkdir(parents=True)
    (git / "HEAD").write_text("f8fb0c19739193adfad0d9e58da99f25eda65256\n")
    place = git.parent / "build" / "audiocpp_cli"
    place.parent.mkdir()
    place.write_text(f'#!/bin/sh\nexec "{sys.executable}" "{STAND_IN}" "$@"\n')
    place.chmod(0o755)
    return place


@pytest.fixture
def machine() -> Machine:
    """With one NVIDIA card."""
    return vcf.load_machine("desktop-rtx-3060-12gb")


def cells(kit: Kit, machine: Machine, *modes: str) -> list[Cell]:
    """What would be measured."""
    asked = {"cpu": STANDARD, "gpu": STANDARD}
    return plan(kit.models, modes, kit.runs, load_catalogue(), machine, asked, NO_EVIDENCE)


def work(**more: Any) -> Work:
    """Something to say."""
    given: dict[str, Any] = {
        "text": "Good morning.", "length": 2.0, "seed": 0, "steps": None, "clip": None,
        "clip_text": None, "threads": None, "compile": None, **more,
    }  # fmt: skip
    return Work(**given)


def refused(program: Path, file: Path, machine: Machine, weights: str | None = None) -> UsageError:
    """What is said of a program or a file."""
    with pytest.raises(UsageError) as caught:
        AudioCppKit(program, file, weights, machine)
    return caught.value


@pytest.mark.parametrize(("kind", "end"), [("Q8_0", "q8"), ("F16", "f16"), ("BF16", "f16"),
                                           ("Q4_K", "q4")])  # fmt: skip
def test_a_file_and_what_it_is(
    program: Path, machine: Machine, tmp_path: Path, kind: str, end: str
) -> None:
    file = written(tmp_path / "m.gguf", kind)
    kit: Kit = AudioCppKit(program, file, None, machine)
    assert (kit.name, kit.models, kit.usual) == ("audio-cpp", ("voxcpm-2",), f"gguf-cpu-{end}")
    assert kit.takes == {"steps", "clip", "stream"} and not kit.also
    found = [cell.subject.mode_id for cell in cells(kit, machine, "cpu", "gpu")]
    assert found == [f"gguf-cpu-{end}", f"gguf-gpu-{end}"]
    assert kit.source("voxcpm-2").kind == "path" and kit.source("voxcpm-2").ready
    assert kit.clip("voxcpm-2") is None and not kit.wants_words("voxcpm-2")
    assert kit.missing(cells(kit, machine, "cpu")[0]) is None
    told: list[tuple[str, int, int]] = []
    engine = kit.ready("voxcpm-2", lambda *step: told.append(step))
    size = file.stat().st_size
    assert engine.weights.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert (engine.weights.size_bytes, engine.weights.quantisation) == (size, kind)
    assert told == [("read", size, size)]


def test_what_the_child_is_told(program: Path, machine: Machine, tmp_path: Path) -> None:
    file = written(tmp_path / "m.gguf")
    kit = AudioCppKit(program, file, None, machine)
    engine = kit.ready("voxcpm-2", lambda *_: None)
    assert isinstance(engine, AudioCpp) and engine.command()[-1] == "audio-cpp"
    cpu, gpu = cells(kit, machine, "cpu", "gpu")
    with engine.settings(cpu, work(clip="me.wav", clip_text="me", steps=4)) as told:
        place = Path(told["place"])
        assert place.is_dir() and not list(place.iterdir())
        assert (told["backends"], told["device"], told["precision"]) == (["cpu"], "cpu", "q8")
        assert told["threads"] == machine.cpu.physical_cores
        assert (told["parameters"], told["patches_s"]) == (768, 6.25)
        assert told["versions"]["audio-cpp"] == "f8fb0c197391"
        assert Path(told["clip"]).is_absolute() and told["clip_text"] == "me"
        assert told["steps"] == 4 and told["gguf"] == str(file)
        json.dumps(told)
    assert not place.exists()
    with engine.settings(gpu, work(threads=2)) as told:
        assert (told["backends"], told["threads"], told["clip"]) == (["cuda", "vulkan"], 2, None)
    assert engine.environment(cpu, work(), machine) == {}
    assert engine.environment(gpu, work(), machine) == {}


@pytest.mark.parametrize(("vendor", "wanted"), [
    ("nvidia", ["cuda", "vulkan"]), ("amd", ["vulkan"]), ("intel", ["vulkan"]),
    ("apple", ["metal"]),
])  # fmt: skip
def test_backends(
    program: Path, machine: Machine, tmp_path: Path, vendor: str, wanted: list[str]
) -> None:
    kit = AudioCppKit(program, written(tmp_path / "m.gguf"), None, machine)
    (cell,) = cells(kit, machine, "gpu")
    (card,) = machine.gpus or []
    other = msgspec.structs.replace(card, vendor=vendor)
    assert backends(cell, msgspec.structs.replace(machine, gpus=[other])) == wanted


def test_random_numbers_are_told_by_the_tokenizer(
    program: Path, machine: Machine, tmp_path: Path, monkeypatch: Any
) -> None:
    file = written(tmp_path / "tiny.gguf", **tokenizer(6000))
    assert AudioCppKit(program, file, None, machine).source("voxcpm-2").kind == "tiny"
    assert "synthetic means nothing" in refused(program, file, machine, "synthetic").message
    monkeypatch.setattr(audio_cpp, "count_parameters", lambda *_: Count(768))
    assert AudioCppKit(program, file, "synthetic", machine).source("voxcpm-2").kind == "synthetic"
    plain = written(tmp_path / "plain.gguf")
    assert AudioCppKit(program, plain, "synthetic", machine).source("voxcpm-2").kind == "synthetic"


class Count:
    """Parameters of the model."""

    def __init__(self, model: int) -> None:
        self.model = model


@pytest.mark.parametrize("within", [
    {}, tokenizer(6000, "other.json"), tokenizer(0, text=b"{"), tokenizer(0, text=b"[1]"),
    tokenizer(0, text=b'{"model": {"vocab": {"a": 1}}}'),
    tokenizer(0, text=json.dumps(
        {"model": {"vocab": {f"t{n}": n for n in range(6000)}}}).encode()),
    tokenizer(6000) | {"audiocpp.embedded_files.offsets": [0]},
    tokenizer(6000) | {"audiocpp.embedded_files.data": [1, 2, 300]},
    tokenizer(6000) | {"audiocpp.embedded_files.names": "tokenizer.json"},
])  # fmt: skip
def test_other_tokenizers_are_of_other_weights(tmp_path: Path, within: dict[str, Any]) -> None:
    assert audio_cpp.random_numbers(read_gguf(written(tmp_path / "m.gguf", **within))) is None


def test_files_that_are_refused(program: Path, machine: Machine, tmp_path: Path) -> None:
    file = written(tmp_path / "m.gguf")
    error = refused(program, file, machine, "synthetic")
    assert "not of the true size" in error.message
    assert "means nothing here" in refused(program, file, machine, "hub").message
    error = refused(program, written(tmp_path / "i.gguf", family="index_tts2"), machine)
    assert "index_tts2" in error.message and "bench-programs" in (error.hint or "")
    other = tmp_path / "other.gguf"
    other.write_bytes(gguf_bytes({"general.architecture": "llama"}, {"a": ((32,), "F32")}))
    assert "holds no model that audio.cpp" in refused(program, other, machine).message
    assert "in F32" in refused(program, written(tmp_path / "f.gguf", "F32"), machine).message
    assert "is missing" in refused(program, tmp_path / "none.gguf", machine).message
    file.write_bytes(file.read_bytes()[:-64])
    assert "cut short" in refused(program, file, machine).message


def test_other_models_that_were_asked_for(program: Path, machine: Machine, tmp_path: Path) -> None:
    file = written(tmp_path / "m.gguf")
    assert AudioCppKit(program, file, None, machine, ["voxcpm-2"]).models == ("voxcpm-2",)
    with pytest.raises(UsageError, match=r"asked was voxcpm-0\.5b"):
        AudioCppKit(program, file, None, machine, ["voxcpm-2", "voxcpm-0.5b"])


def test_programs_that_are_refused(
    program: Path, machine: Machine, tmp_path: Path, monkeypatch: Any
) -> None:
    file = written(tmp_path / "m.gguf")
    assert "does not exist" in refused(tmp_path / "none", file, machine).message
    monkeypatch.setenv("AUDIO_CPP_FAULT", "no-help")
    error = refused(program, file, machine)
    assert "is no audiocpp_cli that vcf knows" in error.message
    assert "docs/bench-programs.md" in (error.hint or "")


def test_a_name_is_counted_by_its_true_length(tmp_path: Path) -> None:
    assert audio_cpp.parameters(read_gguf(written(tmp_path / "m.gguf"))) == 768
    names: dict[str, Any] = {"audiocpp.tensor_names": ["weights/a"]}
    short = written(tmp_path / "s.gguf", **names)
    assert audio_cpp.parameters(read_gguf(short)) == 256


def test_a_record(program: Path, machine: Machine, tmp_path: Path) -> None:
    kit = AudioCppKit(program, written(tmp_path / "m.gguf"), None, machine)
    script = packaged("short", "en")
    ask = Ask(
        script=script, work=work(text=script.text, steps=4), quick=False, streaming=True,
        reference_seconds=0.0,
    )  # fmt: skip
    found = measure(
        cells(kit, machine, "cpu")[0], kit.ready("voxcpm-2", lambda *_: None), ask,
        rules_for(gpu=False, quick=False, streaming=True, runs=2, most=None), machine,
        tell=lambda *_: None, busy=lambda: (0.0, 4),
    )  # fmt: skip
    assert (found.status, found.mode) == ("ok", "gguf-cpu-q8"), found.reason
    assert (found.engine.name, found.engine.device, found.engine.precision) == (
        "audio-cpp", "cpu", "q8",
    )  # fmt: skip
    assert found.versions["audio-cpp"] == "f8fb0c197391" and "loads-each-time" in found.findings
    assert found.weights.quantisation == "Q8_0" and found.weights.sha256
    patches = round(2.0 / 0.16)
    assert [run.audio_s for run in found.runs] == pytest.approx([patches * 0.16] * 2)
    assert found.runs[0].synthesis_s == pytest.approx(patches * 0.003)
    assert found.runs[0].stages == pytest.approx({"model": patches * 0.002, "vae": patches / 1e3})
    assert found.phases.cold is not None
    assert found.phases.cold.synthesis_s == pytest.approx(patches * 0.003 + 0.010)
    assert found.streaming is not None and found.streaming.chunks == patches
    assert found.memory.rss_high_water_bytes
