"""VoxCPM.cpp with a file as something to be measured: what it answers, what it refuses, and what
its engine is told."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import msgspec
import program_stand_in
import pytest
from gguf_files import gguf_bytes, write_voxcpm

import vcf
from vcf.bench import gguf_voxcpm
from vcf.bench.cells import Cell, modes_of, plan
from vcf.bench.checkpoint import Count
from vcf.bench.child_talk import RUN
from vcf.bench.engines import Work
from vcf.bench.ggml import VoxcpmCpp, backend, default_threads, precision
from vcf.bench.gguf import read_gguf
from vcf.bench.kit import Kit
from vcf.bench.kit_ggml import GgmlKit
from vcf.bench.vocabulary import tokenizer_files
from vcf.catalogue.model import Catalogue
from vcf.errors import UsageError
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import Workload
from vcf.machine.model import Cpu, Machine

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="scripts that are executed")
WORK = Workload(speech_seconds=2.0, reference_seconds=0.0)


@pytest.fixture
def machine() -> Machine:
    return vcf.load_machine("desktop-rtx-3060-12gb")


@pytest.fixture
def program(tmp_path: Path) -> Path:
    (tmp_path / "bin").mkdir()
    return program_stand_in.put(tmp_path / "bin")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_voxcpm(tmp_path / "model.gguf")


def work(**more: Any) -> Work:
    given: dict[str, Any] = {
        "text": "hi", "length": 2.0, "seed": 7, "steps": None, "clip": None, "clip_text": None,
        "threads": None, "compile": None, **more,
    }  # fmt: skip
    return Work(**given)


def cell_of(kit: GgmlKit, mode: str, catalogue: Catalogue) -> Cell:
    asked = {"cpu": WORK, "gpu": WORK}
    return plan(kit.models, (mode,), kit.runs, catalogue, kit.machine, asked, NO_EVIDENCE)[0]


def test_what_it_answers(program: Path, file: Path, machine: Machine, catalogue: Catalogue) -> None:
    kit = GgmlKit(program, file, None, machine, ("voxcpm-0.5b",))
    same: Kit = kit
    assert (same.name, same.models, same.machine) == ("voxcpm-cpp", ("voxcpm-0.5b",), machine)
    assert (kit.takes, kit.also, kit.usual) == (
        frozenset({"steps", "clip", "stream"}), frozenset(), "gguf-cpu-q8",
    )  # fmt: skip
    modes = [s.mode_id for s in modes_of("voxcpm-0.5b", kit.runs, catalogue)]
    assert modes == ["gguf-cpu-q8", "gguf-gpu-q8"]
    assert modes_of("voxcpm-1.5", kit.runs, catalogue) == []
    assert modes_of("voxcpm-2", kit.runs, catalogue) == []
    source = kit.source("voxcpm-0.5b")
    assert (source.kind, source.folder, source.ready) == ("path", file.parent, True)
    assert kit.clip("voxcpm-0.5b") is None and kit.wants_words("voxcpm-0.5b")
    assert kit.missing(cell_of(kit, "gguf-cpu-q8", catalogue)) is None


@pytest.mark.parametrize(("kind", "end"), [("F32", "f32"), ("F16", "f16"), ("Q4_K", "q4")])
@pytest.mark.parametrize("model", ["voxcpm-0.5b", "voxcpm-1.5"])
def test_files(
    kind: str, end: str, model: str, program: Path, tmp_path: Path, machine: Machine,
    catalogue: Catalogue,
) -> None:  # fmt: skip
    kit = GgmlKit(program, write_voxcpm(tmp_path / "a.gguf", model, kind), None, machine)
    modes = [s.mode_id for s in modes_of(model, kit.runs, catalogue)]
    assert modes == [f"gguf-cpu-{end}", f"gguf-gpu-{end}"]


def test_ready(program: Path, file: Path, machine: Machine) -> None:
    told: list[tuple[str, int, int]] = []
    kit = GgmlKit(program, file, None, machine)
    engine = kit.ready("voxcpm-0.5b", lambda *what: told.append(what))
    size = file.stat().st_size
    assert told == [("read", size, size)]
    assert msgspec.structs.asdict(engine.weights) == {
        "kind": "path", "repo": None, "revision": None, "quantisation": "Q8_0",
        "sha256": hashlib.sha256(file.read_bytes()).hexdigest(), "size_bytes": size,
    }  # fmt: skip
    assert engine.command() == [sys.executable, "-W", "ignore", str(RUN), "voxcpm-cpp"]


def test_settings(program: Path, file: Path, machine: Machine, catalogue: Catalogue) -> None:
    kit = GgmlKit(program, file, None, machine)
    engine = kit.ready("voxcpm-0.5b", lambda *_: None)
    with engine.settings(cell_of(kit, "gguf-cpu-q8", catalogue), work(clip="me.wav")) as told:
        place = Path(told["place"])
        assert place.is_dir() and not list(place.iterdir())
        assert (told["program"], told["gguf"]) == (str(program), str(file))
        assert (told["backend"], told["threads"], told["patches_s"]) == ("cpu", 6, 12.5)
        assert (told["precision"], told["parameters"]) == ("q8", 768)
        assert told["clip"] == str(Path("me.wav").absolute())
        (place / "left.wav").write_bytes(b"x")
    assert not place.exists()
    with engine.settings(cell_of(kit, "gguf-gpu-q8", catalogue), work(threads=3)) as told:
        assert (told["backend"], told["threads"], told["clip"]) == ("cuda", 3, None)


def test_backends_and_cards(
    program: Path, file: Path, machine: Machine, catalogue: Catalogue,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    kit = GgmlKit(program, file, None, machine)
    processor = cell_of(kit, "gguf-cpu-q8", catalogue)
    card = cell_of(kit, "gguf-gpu-q8", catalogue)
    engine = kit.ready("voxcpm-0.5b", lambda *_: None)
    assert machine.gpus is not None
    two = msgspec.structs.replace(machine, gpus=[*machine.gpus, *machine.gpus])
    assert engine.environment(processor, work(), two) == {}
    assert engine.environment(card, work(), machine) == {}
    assert engine.environment(card, work(), two)["CUDA_VISIBLE_DEVICES"] == "0"
    assert (backend(processor, machine), backend(card, machine)) == ("cpu", "cuda")
    radeon = msgspec.structs.replace(machine.gpus[0], vendor="amd")
    assert backend(card, msgspec.structs.replace(machine, gpus=[radeon])) == "vulkan"
    assert backend(card, msgspec.structs.replace(machine, gpus=None)) == "cuda"


@pytest.mark.parametrize(
    ("cpu", "threads"),
    [
        (Cpu(physical_cores=8, logical_cores=16, usable_cores=16), 8),
        (Cpu(physical_cores=8, logical_cores=16, usable_cores=2), 2),
        (Cpu(physical_cores=8), 8), (Cpu(logical_cores=4), 4), (Cpu(), 4),
    ],
)  # fmt: skip
def test_threads(cpu: Cpu, threads: int) -> None:
    assert default_threads(cpu) == threads


@pytest.mark.parametrize(("kind", "told"), [("BF16", "bf16"), ("F16", "fp16"), ("F32", "fp32")])
def test_precisions(kind: str, told: str, tmp_path: Path) -> None:
    assert precision(read_gguf(write_voxcpm(tmp_path / "a.gguf", kind=kind))) == told


# ---- weights ----------------------------------------------------------------------------------


def test_random_numbers_say_so(
    program: Path, tmp_path: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = list(tokenizer_files(5000)["tokenizer.json"]["model"]["vocab"])
    file = write_voxcpm(tmp_path / "a.gguf", tokens=tokens)
    assert GgmlKit(program, file, None, machine).source("voxcpm-0.5b").kind == "tiny"
    monkeypatch.setattr(gguf_voxcpm, "count_parameters", lambda *_: Count(768, 0))
    for wish in (None, "synthetic"):
        assert GgmlKit(program, file, wish, machine).source("voxcpm-0.5b").kind == "synthetic"


def test_the_user_says_that_they_are_random(
    program: Path, file: Path, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="not of the true size"):
        GgmlKit(program, file, "synthetic", machine)
    monkeypatch.setattr(gguf_voxcpm, "count_parameters", lambda *_: Count(768, 0))
    assert GgmlKit(program, file, "synthetic", machine).source("").kind == "synthetic"


@pytest.mark.parametrize("wish", ["hub", "tiny", "/some/folder"])
def test_other_weights_mean_nothing(wish: str, program: Path, file: Path, machine: Machine) -> None:
    with pytest.raises(UsageError, match="means nothing here") as caught:
        GgmlKit(program, file, wish, machine)
    assert "leave it out" in caught.value.hint


# ---- refused ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("model", "asked", "words"),
    [
        ("voxcpm-2", (), "holds voxcpm-2, which VoxCPM.cpp does not run"),
        ("voxcpm-0.5b", ("voxcpm-1.5",), "holds voxcpm-0.5b, asked was voxcpm-1.5"),
    ],
)
def test_other_models(
    model: str, asked: tuple[str, ...], words: str, program: Path, tmp_path: Path,
    machine: Machine,
) -> None:  # fmt: skip
    with pytest.raises(UsageError, match=words):
        GgmlKit(program, write_voxcpm(tmp_path / "a.gguf", model), None, machine, asked)


def test_other_files(program: Path, tmp_path: Path, machine: Machine) -> None:
    other = tmp_path / "llama.gguf"
    other.write_bytes(gguf_bytes({"general.architecture": "llama"}, {"a": ((32,), "F32")}))
    with pytest.raises(UsageError, match="holds no VoxCPM"):
        GgmlKit(program, other, None, machine)
    with pytest.raises(UsageError, match="is missing"):
        GgmlKit(program, tmp_path / "none.gguf", None, machine)
    with pytest.raises(UsageError, match="Q5_K"):
        GgmlKit(program, write_voxcpm(tmp_path / "b.gguf", kind="Q5_K"), None, machine)


def test_no_program(file: Path, tmp_path: Path, machine: Machine) -> None:
    with pytest.raises(UsageError, match="does not exist") as caught:
        GgmlKit(tmp_path / "none", file, None, machine)
    assert "docs/bench-gguf.md" in caught.value.hint


def test_changed_meanwhile(program: Path, file: Path, machine: Machine) -> None:
    kit = GgmlKit(program, file, None, machine)
    with file.open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(UsageError, match="changed meanwhile"):
        kit.ready("voxcpm-0.5b", lambda *_: None)
    file.unlink()
    with pytest.raises(UsageError, match="can't be read"):
        kit.ready("voxcpm-0.5b", lambda *_: None)


def test_the_engine_is_named_after_its_module() -> None:
    from vcf.bench.child.serve import ENGINES

    assert ENGINES[VoxcpmCpp.name] == "voxcpm_cpp_engine"
