"""IndexTTS as something to be measured: its weights, clip, packages; and random weights."""

from __future__ import annotations

import json
import sys
import wave
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import msgspec
import pytest
import yaml
from checkout_stand_in import checkout, clip, models

import vcf
from vcf.bench import indextts_synthetic, kit_indextts
from vcf.bench.cells import plan
from vcf.bench.checkout import examine, file_names
from vcf.bench.checkout_files import expected
from vcf.bench.checkpoint import MARKER
from vcf.bench.child import indextts_weights
from vcf.bench.indextts_config import Version, config
from vcf.bench.indextts_vocabulary import PIECES, RANKS, TIKTOKEN, bpe_model, tiktoken_file
from vcf.bench.kit_indextts import IndexttsKit, made_clip
from vcf.bench.sources import choose
from vcf.catalogue.model import Catalogue
from vcf.errors import MeasureError, OutputError, UsageError, VcfError
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import Workload
from vcf.machine.model import Machine

WRITER = """
import json, pathlib, sys
asked = json.loads(sys.argv[1])
folder = pathlib.Path(asked["folder"])
assert asked["config"]["version"] == float(asked["version"])
print("noise")
for name in ("gpt.pth", "hf_cache/x.bin"):
    (folder / name).parent.mkdir(exist_ok=True)
    (folder / name).write_bytes(b"abc")
    print(json.dumps({"event": "written", "file": name, "bytes": 3, "parameters": 1}))
END
"""
DONE = 'print(json.dumps({"event": "done"}))'


@pytest.fixture(autouse=True)
def repo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("VCF_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setattr(indextts_synthetic, "SPARE_BYTES", 0)
    monkeypatch.setattr(indextts_synthetic, "BYTES", {"2": 1000, "2.5": 1000})
    writer(tmp_path, monkeypatch)
    return checkout(tmp_path / "index-tts")


def writer(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str = DONE) -> None:
    """A program in the place of the one that needs torch."""
    script = tmp_path / "writer.py"
    script.write_text(WRITER.replace("END", end))
    monkeypatch.setattr(indextts_synthetic, "SCRIPT", script)


@pytest.fixture
def machine() -> Machine:
    return vcf.load_machine("desktop-rtx-3060-12gb")


def kit(repo: Path, wish: str | None, version: str = "2.5", machine: Any = None) -> IndexttsKit:
    model = f"indextts-{version}"
    machine = machine or vcf.load_machine("desktop-rtx-3060-12gb")
    return IndexttsKit(model, examine(repo, model, sys.executable), wish, machine)


def filled(folder: Path, version: Version = "2.5") -> Path:
    said = config(version)
    models(folder, expected(version, file_names(folder, said, version)))
    (folder / "config.yaml").write_text(yaml.safe_dump(said))
    return folder


def refused(call: Any, *given: Any, kind: type[VcfError] = UsageError) -> str:
    with pytest.raises(kind) as caught:
        call(*given)
    return f"{caught.value.message} | {caught.value.hint}"


def told(*_: Any) -> None:
    """Nobody."""


# ---- which weights ----------------------------------------------------------------------------


def test_the_models_of_the_checkout(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    filled(repo / "checkpoints")
    made = kit(repo, None)
    found = made.source("indextts-2.5")
    assert (found.kind, found.folder, found.ready) == ("path", repo / "checkpoints", True)
    read: list[Any] = []

    def digest(snapshot: Any, progress: Any) -> tuple[str, int]:
        read.extend(snapshot.weight_files)
        progress(1, 2)
        return "0" * 64, 5

    monkeypatch.setattr(kit_indextts, "digest", digest)
    heard: list[Any] = []
    engine = made.ready("indextts-2.5", lambda *what: heard.append(what))
    assert engine.weights.kind == "path" and engine.weights.size_bytes == 5
    assert repo / "checkpoints/hf_cache/campplus_cn_common.bin" in read and len(read) == 9
    assert heard == [("read", 1, 2)]
    assert engine.command()[0] == sys.executable and engine.command()[-1] == "indextts"


def test_a_folder_of_the_users(repo: Path, tmp_path: Path) -> None:
    folder = filled(tmp_path / "mine")
    assert kit(repo, str(folder)).source("indextts-2.5").folder == folder
    assert "holds IndexTTS-2.5, asked was 2" in refused(kit(repo, str(folder), "2").source, "")
    assert "is no folder" in refused(kit(repo, str(tmp_path / "no")).source, "")
    assert "--weights is empty" in refused(kit(repo, " ").source, "")
    (folder / "gpt.pth").unlink()
    assert "gpt.pth (3.3 GB) is missing" in refused(kit(repo, str(folder)).source, "")


@pytest.mark.parametrize("wish", ["hub", "tiny"])
def test_what_there_is_not(repo: Path, wish: str) -> None:
    text = refused(kit(repo, wish).source, "indextts-2.5")
    assert f"--weights {wish}" in text and "hf download" in text and "synthetic" in text


def test_of_another_model(repo: Path) -> None:
    found = examine(repo, "indextts-2", sys.executable)
    with pytest.raises(UsageError):
        IndexttsKit("indextts-2.5", found, None, vcf.load_machine("desktop-rtx-3060-12gb"))


# ---- random weights ---------------------------------------------------------------------------


@pytest.mark.parametrize(("version", "vocabulary"), [("2", "bpe.model"), ("2.5", TIKTOKEN)])
def test_they_are_written_once(repo: Path, version: str, vocabulary: str, tmp_path: Path) -> None:
    model = f"indextts-{version}"
    made = kit(repo, "synthetic", version)
    assert made.source(model).ready is False
    heard: list[Any] = []
    engine = made.ready(model, lambda *what: heard.append(what))
    folder = tmp_path / "cache" / "weights" / f"{model}-synthetic"
    assert {file.name for file in folder.iterdir()} == {
        MARKER, "config.yaml", "gpt.pth", "hf_cache", vocabulary,
    }  # fmt: skip
    assert (engine.weights.kind, engine.weights.size_bytes) == ("synthetic", 6)
    assert heard[0] == ("write", 3, 1000) and ("write", 1000, 1000) in heard
    assert yaml.safe_load((folder / "config.yaml").read_text()) == config(version)  # type: ignore[arg-type]
    again = kit(repo, "synthetic", version)
    assert again.source(model).ready is True
    heard.clear()
    assert again.ready(model, lambda *what: heard.append(what)).weights == engine.weights
    assert {what[0] for what in heard} == {"read"}
    assert not [file for file in folder.parent.iterdir() if file != folder]


def test_the_checkout_is_not_touched(repo: Path) -> None:
    before = sorted(repo.rglob("*"))
    kit(repo, "synthetic").ready("indextts-2.5", told)
    assert sorted(repo.rglob("*")) == before


def test_the_users_config_is_copied(repo: Path, tmp_path: Path) -> None:
    folder = filled(repo / "checkpoints")
    text = "# mine\n" + (folder / "config.yaml").read_text()
    (folder / "config.yaml").write_text(text)
    kit(repo, "synthetic").ready("indextts-2.5", told)
    there = tmp_path / "cache/weights/indextts-2.5-synthetic/config.yaml"
    assert there.read_text() == text


def test_they_are_known_wherever_they_lie(repo: Path, tmp_path: Path, catalogue: Catalogue) -> None:
    kit(repo, "synthetic").ready("indextts-2.5", told)
    folder = (tmp_path / "cache/weights/indextts-2.5-synthetic").rename(tmp_path / "moved")
    made = kit(repo, str(folder))
    assert made.source("indextts-2.5").kind == "synthetic"
    assert made.ready("indextts-2.5", told).weights.kind == "synthetic"
    assert "of indextts-2.5, asked was indextts-2" in refused(
        kit(repo, str(with_marker_of(folder)), "2").source, ""
    )
    (folder / "gpt.pth").write_bytes(b"other")
    assert "not whole any more" in refused(kit(repo, str(folder)).source, "")


def with_marker_of(folder: Path) -> Path:
    """The same, but for the file that tells the versions apart."""
    made = folder.with_name("other")
    made.mkdir()
    known = json.loads((folder / MARKER).read_text())
    (made / MARKER).write_text(json.dumps({**known, "files": {}}))
    return made


def test_remains_are_swept(repo: Path, tmp_path: Path) -> None:
    place = tmp_path / "cache" / "weights"
    old = place / ".indextts-2.5-synthetic.99999999.part"
    (old / "x").mkdir(parents=True)
    kit(repo, "synthetic").ready("indextts-2.5", told)
    assert not old.exists()


def test_damaged_ones_are_written_anew(repo: Path, tmp_path: Path) -> None:
    kit(repo, "synthetic").ready("indextts-2.5", told)
    file = tmp_path / "cache/weights/indextts-2.5-synthetic/gpt.pth"
    file.write_bytes(b"cut")
    file.write_bytes(b"c")
    made = kit(repo, "synthetic")
    assert made.source("indextts-2.5").ready is False
    made.ready("indextts-2.5", told)
    assert file.read_bytes() == b"abc"


@pytest.mark.parametrize(
    ("end", "words"),
    [
        (
            'print(json.dumps({"event": "failed", "text": "OSError:\\nno room"}))',
            "OSError: no room",
        ),
        ('sys.exit("no module named torch")', "no module named torch"),
        ("", "exit status 0"),
    ],
)
def test_they_can_not_be_made(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, end: str, words: str
) -> None:
    writer(tmp_path, monkeypatch, end)
    text = refused(kit(repo, "synthetic").ready, "indextts-2.5", told, kind=MeasureError)
    assert words in text and "uv sync" in text
    assert list((tmp_path / "cache" / "weights").iterdir()) == []


def test_no_room(repo: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(indextts_synthetic, "BYTES", {"2.5": 1 << 60})
    text = refused(kit(repo, "synthetic").ready, "indextts-2.5", told, kind=OutputError)
    assert "are free" in text and "VCF_CACHE_DIR" in text


def test_something_else_is_there(repo: Path, tmp_path: Path) -> None:
    folder = tmp_path / "cache/weights/indextts-2.5-synthetic"
    folder.mkdir(parents=True)
    (folder / "mine.txt").write_text("x")
    text = refused(kit(repo, "synthetic").ready, "indextts-2.5", told, kind=OutputError)
    assert "holds something else" in text and (folder / "mine.txt").is_file()


def test_a_disk_that_fills_meanwhile(
    repo: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    end = 'print(json.dumps({"event": "failed", "text": "unexpected pos 3", "disk": True}))'
    writer(tmp_path, monkeypatch, end)
    said = refused(kit(repo, "synthetic").ready, "indextts-2.5", told, kind=OutputError)
    assert "could not be written to its end" in said and "VCF_CACHE_DIR" in said
    assert not list((tmp_path / "cache" / "weights").iterdir()), "nothing is left"


def test_a_folder_that_can_not_be_made(repo: Path, tmp_path: Path) -> None:
    (tmp_path / "cache").write_text("")
    refused(kit(repo, "synthetic").ready, "indextts-2.5", told, kind=OutputError)
    refused(made_clip, tmp_path / "cache" / "clips" / "voice-5s.wav", kind=OutputError)


# ---- vocabularies -----------------------------------------------------------------------------


def test_the_tiktoken_file() -> None:
    import base64

    lines = tiktoken_file().decode().splitlines()
    tokens = [base64.b64decode(line.split()[0]) for line in lines]
    assert [int(line.split()[1]) for line in lines] == list(range(RANKS))
    assert len(set(tokens)) == RANKS
    known: set[bytes] = set()
    for token in tokens:  # each is joined from two that come before it
        assert len(token) == 1 or any(
            token[:at] in known and token[at:] in known for at in range(1, len(token))
        )
        known.add(token)


def test_the_bpe_model() -> None:
    model = bpe_model()
    assert model.count(b"\x18\x01") >= PIECES - 3  # pieces of the normal kind
    assert b"\n\x06<unk>" not in model and b"\n\x05<unk>" in model
    spm = pytest.importorskip("sentencepiece")
    found = spm.SentencePieceProcessor(model_proto=model)
    assert (found.GetPieceSize(), found.unk_id(), found.bos_id()) == (PIECES, 2, 0)


# ---- what makes them --------------------------------------------------------------------------


class Module:
    """A module of torch as far as it is asked for."""

    def __init__(self, *given: Any, **more: Any) -> None:
        self.given = more
        self.models = {"cfm": SimpleNamespace(state_dict=lambda: {})}

    def parameters(self) -> list[Any]:
        return [SimpleNamespace(numel=lambda: 7)]

    def state_dict(self) -> dict[str, Any]:
        return {"a": 1}

    def save_pretrained(self, place: Path, **_: Any) -> None:
        place.mkdir(parents=True, exist_ok=True)
        (place / "model.safetensors").write_bytes(b"x")


class Config(dict[str, Any]):
    """As OmegaConf makes it."""

    def __getattr__(self, name: str) -> Any:
        value = self[name]
        return Config(value) if isinstance(value, dict) else value


@pytest.mark.parametrize("version", ["2", "2.5"])
def test_the_writer(version: Version, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def save(content: Any, file: Any) -> None:
        Path(file).write_bytes(b"x")

    fakes: dict[str, dict[str, Any]] = {
        "torch": {"save": save, "manual_seed": told, "randn": lambda *_: 1.0,
                  "zeros": lambda _: 0, "ones": lambda _: 1},
        "omegaconf": {"OmegaConf": SimpleNamespace(create=Config)},
        "safetensors.torch": {"save_model": save},
        "indextts.gpt.model_v2": {"UnifiedVoice": Module},
        "indextts.s2mel.modules.commons": {"MyModel": Module},
        "indextts.codec.models": {"EnhancedCodec": Module},
        "indextts.codec.maskgct_codec": {"build_semantic_codec": Module},
        "indextts.s2mel.modules.bigvgan.bigvgan": {
            "BigVGAN": Module, "load_hparams_from_json": lambda file: Path(file).read_text()
        },
        "indextts.s2mel.modules.campplus.DTDNN": {"CAMPPlus": Module},
        "transformers": dict.fromkeys(
            ("SeamlessM4TFeatureExtractor", "Wav2Vec2BertModel", "Wav2Vec2BertConfig"), Module
        ),
    }  # fmt: skip
    for name, content in fakes.items():
        fake = ModuleType(name)
        vars(fake).update(content)
        monkeypatch.setitem(sys.modules, name, fake)
    events: list[dict[str, Any]] = []
    indextts_weights.write(tmp_path, version, config(version), lambda **e: events.append(e))
    names = file_names(tmp_path, config(version), version)
    wanted = {file.path for file in expected(version, names) if file.weights}
    assert {event["file"] for event in events} == wanted
    assert all((tmp_path / name).is_file() for name in wanted)
    assert json.loads((tmp_path / "hf_cache/bigvgan/config.json").read_text())["num_mels"] == 80


def test_the_writer_tells_what_fails(tmp_path: Path) -> None:
    import subprocess

    asked = {"repo": str(tmp_path), "folder": str(tmp_path), "version": "2.5", "config": {}}
    for name in ("torch", "omegaconf"):
        (tmp_path / f"{name}.py").write_text("raise ImportError('none here')")
    script = str(indextts_weights.__file__)
    done = subprocess.run(
        [sys.executable, script, json.dumps(asked)], capture_output=True, text=True, check=False
    )
    assert json.loads(done.stdout) == {
        "event": "failed", "text": "ImportError: none here", "disk": False,
    }  # fmt: skip
    assert done.returncode == 1


# ---- the rest ---------------------------------------------------------------------------------


def test_the_clip_for_random_weights(repo: Path) -> None:
    found = kit(repo, "synthetic").clip("indextts-2.5")
    assert found is not None and not found.path.exists(), "a plan writes nothing"
    assert made_clip(found.path) == found
    with wave.open(str(found.path)) as sound:
        assert (sound.getnchannels(), sound.getframerate()) == (1, 22050)
        assert sound.getnframes() == 5 * 22050
    before = found.path.read_bytes()
    found.path.unlink()
    assert made_clip(found.path) == found and found.path.read_bytes() == before


def test_the_clip_of_the_checkout(repo: Path) -> None:
    filled(repo / "checkpoints")
    made = kit(repo, None)
    assert "--reference" in refused(made.clip, "indextts-2.5")
    (repo / "examples").mkdir()
    clip(repo / "examples" / "voice_01.wav", 3.0)
    found = made.clip("indextts-2.5")
    assert found is not None and found.seconds == 3.0
    (repo / "examples" / "voice_01.wav").write_text("pointer")
    found = made.clip("indextts-2.5")
    assert found is not None and found.seconds == 5.0
    assert made.wants_words("indextts-2.5") is False


def test_packages_that_are_not_there(repo: Path, catalogue: Catalogue, machine: Machine) -> None:
    asked = Workload(speech_seconds=2.0, reference_seconds=5.0)
    bare = kit(repo, "synthetic", machine=machine)
    cells = plan(
        ("indextts-2.5",), ("cpu-fp32", "gpu-fp16-deepspeed"), bare.runs, catalogue, machine,
        {"cpu": asked, "gpu": asked}, NO_EVIDENCE,
    )  # fmt: skip
    assert [cell.subject.mode_id for cell in cells] == ["cpu-fp32", "gpu-fp16-deepspeed"]

    def with_software(**known: str | None) -> IndexttsKit:
        software = {name.replace("_", "-"): version for name, version in known.items()}
        return kit(repo, "synthetic", machine=msgspec.structs.replace(machine, software=software))

    whole = with_software(torch="2.8.0", torchaudio="2.8.0", transformers="4.52.1")
    assert whole.missing(cells[0]) is None
    for given, cell, command in (
        (with_software(torch=None), cells[0], "`uv sync` in"),
        (with_software(deepspeed=None), cells[1], "`uv sync --extra deepspeed` in"),
        (with_software(flash_attn=None), msgspec.structs.replace(cells[0], option="accel"),
         "`uv sync --extra accel` in"),
    ):  # fmt: skip
        error = given.missing(cell)
        assert error is not None and command in error.hint and "has no" in error.message


def test_a_marker_is_read_as_synthetic(repo: Path, catalogue: Catalogue, tmp_path: Path) -> None:
    """Also where voxcpm's folders are looked at."""
    kit(repo, "synthetic").ready("indextts-2.5", told)
    folder = tmp_path / "cache/weights/indextts-2.5-synthetic"
    with pytest.raises(UsageError):
        choose(str(folder), "voxcpm-0.5b", catalogue.models["voxcpm-0.5b"])
