"""Synthetic checkpoints: written whole or not at all, and what the real package loads."""

from __future__ import annotations

import errno
import json
import shutil
import subprocess
import sys
from collections import namedtuple
from pathlib import Path

import pytest
from voxcpm_child import answer, needs_voxcpm

from vcf.bench.architectures import MODELS, architecture
from vcf.bench.checkpoint import (
    MARKER,
    count_parameters,
    read_checkpoint,
    write_checkpoint,
)
from vcf.bench.tensors import model_tensors, vae_tensors
from vcf.bench.vocabulary import tokenizer_files
from vcf.errors import OutputError, UsageError

MILLIONS = {"voxcpm-0.5b": 652.3, "voxcpm-1.5": 801.7, "voxcpm-2": 2290.0}
VAE_MILLIONS = {"voxcpm-0.5b": 75.36, "voxcpm-1.5": 86.48, "voxcpm-2": 94.21}
RATES = {"voxcpm-0.5b": 16000, "voxcpm-1.5": 44100, "voxcpm-2": 48000}


# --- without torch ------------------------------------------------------------------------


@pytest.mark.parametrize("model", MODELS)
def test_a_full_checkpoint_has_the_published_number_of_parameters(model: str) -> None:
    count = count_parameters(model, "full")
    assert count.model / 1e6 == pytest.approx(MILLIONS[model], rel=1e-3)
    assert count.vae / 1e6 == pytest.approx(VAE_MILLIONS[model], rel=1e-3)


def test_the_catalogue_says_the_same_numbers(catalogue) -> None:
    for model in MODELS:
        parts = {part.id: part.millions for part in catalogue.models[model].parameters}
        vae = parts.pop("audiovae")
        count = count_parameters(model, "full")
        assert count.model / 1e6 == pytest.approx(sum(parts.values()), rel=1e-3)
        assert count.vae / 1e6 == pytest.approx(vae, rel=1e-3)


@pytest.mark.parametrize("model", MODELS)
def test_a_tiny_one_is_tiny_and_keeps_rates_and_patches(model: str) -> None:
    tiny, full = architecture(model, "tiny"), architecture(model, "full")
    count = count_parameters(model, "tiny")
    assert count.model + count.vae < 2e6
    assert tiny.patches_s == full.patches_s
    assert tiny.vae.out_hz == full.vae.out_hz == RATES[model]
    names = {t.name.split(".layers.")[0] for t in model_tensors(tiny)}
    assert names == {t.name.split(".layers.")[0] for t in model_tensors(full)}
    assert {t.name for t in vae_tensors(tiny)} == {t.name for t in vae_tensors(full)}


def test_unknown_models_and_sizes_are_refused(tmp_path) -> None:
    with pytest.raises(UsageError, match="voxcpm-9"):
        count_parameters("voxcpm-9", "tiny")
    with pytest.raises(UsageError, match="huge"):
        count_parameters("voxcpm-2", "huge")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="int4"):
        write_checkpoint(tmp_path / "x", "voxcpm-2", "tiny", dtype="int4")  # type: ignore[arg-type]
    assert list(tmp_path.iterdir()) == []


def test_importing_it_imports_neither_torch_nor_numpy() -> None:
    code = (
        "import sys, vcf.bench.checkpoint as c; c.count_parameters('voxcpm-2', 'full');"
        "print([m for m in ('torch', 'numpy', 'safetensors', 'transformers') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


@pytest.mark.parametrize("size", [5632, 73448])
def test_the_vocabulary_has_the_size_asked_for(size: int) -> None:
    model = tokenizer_files(size)["tokenizer.json"]["model"]
    pieces = model["vocab"]
    assert sorted(pieces.values()) == list(range(size))
    assert [pieces[f"<0x{byte:02X}>"] for byte in (0, 255)]
    assert pieces["<|audio_start|>"] == 101
    assert "你" in pieces
    for merge in model["merges"]:
        left, right = merge.split(" ")
        assert left in pieces
        assert right in pieces
        assert left + right in pieces


# --- written ------------------------------------------------------------------------------


@pytest.fixture
def numpy() -> object:
    """Numbers can be drawn."""
    return pytest.importorskip("numpy")


def content(folder: Path) -> dict[str, bytes]:
    """All files of a folder."""
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_the_seed_alone_decides(tmp_path, numpy) -> None:
    for name, seed in (("a", 1), ("b", 1), ("c", 2)):
        write_checkpoint(tmp_path / name, "voxcpm-2", "tiny", seed=seed)
    a, b, c = (content(tmp_path / name) for name in "abc")
    assert a == b
    assert a["model.safetensors"] != c["model.safetensors"]
    assert a["config.json"] == c["config.json"]


def test_the_marker_says_what_it_is(tmp_path, numpy) -> None:
    made = write_checkpoint(tmp_path / "x", "voxcpm-1.5", "tiny", dtype="float16", seed=7)
    marker = json.loads((tmp_path / "x" / MARKER).read_text(encoding="utf-8"))
    assert (marker["model"], marker["size"], marker["seed"]) == ("voxcpm-1.5", "tiny", 7)
    assert marker["version"] == 1
    assert str(tmp_path) not in json.dumps(marker)
    assert read_checkpoint(tmp_path / "x") == made
    assert {f.name: f.stat().st_size for f in (tmp_path / "x").iterdir() if f.name != MARKER} == (
        made.files
    )
    assert made.sample_rate_hz == 44100
    assert made.patches_s == 6.25


def test_progress_ends_at_all_bytes(tmp_path, numpy) -> None:
    seen: list[tuple[int, int]] = []
    made = write_checkpoint(
        tmp_path / "x", "voxcpm-2", "tiny", progress=lambda done, total: seen.append((done, total))
    )
    total = sum(made.files.values())
    assert seen[-1] == (total, total)
    assert seen == sorted(seen)


def test_the_same_one_again_is_not_written_again(tmp_path, numpy) -> None:
    write_checkpoint(tmp_path / "x", "voxcpm-2", "tiny")
    calls: list[int] = []
    write_checkpoint(tmp_path / "x", "voxcpm-2", "tiny", progress=lambda *_: calls.append(1))
    assert calls == []
    (tmp_path / "x" / "config.json").write_text("{}")  # no longer as written
    assert read_checkpoint(tmp_path / "x") is None
    write_checkpoint(tmp_path / "x", "voxcpm-2", "tiny", progress=lambda *_: calls.append(1))
    assert calls
    assert read_checkpoint(tmp_path / "x") is not None


def test_another_synthetic_one_is_replaced(tmp_path, numpy) -> None:
    write_checkpoint(tmp_path / "x", "voxcpm-2", "tiny")
    made = write_checkpoint(tmp_path / "x", "voxcpm-0.5b", "tiny")
    assert read_checkpoint(tmp_path / "x") == made
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_what_is_not_synthetic_is_never_overwritten(tmp_path, numpy) -> None:
    folder = tmp_path / "VoxCPM2"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"the real one")
    with pytest.raises(OutputError, match="something else"):
        write_checkpoint(folder, "voxcpm-2", "tiny")
    with pytest.raises(OutputError, match="is a file"):
        write_checkpoint(folder / "model.safetensors", "voxcpm-2", "tiny")
    assert content(folder) == {"model.safetensors": b"the real one"}


def test_an_interrupted_write_leaves_nothing(tmp_path, numpy) -> None:
    def interrupt(done: int, total: int) -> None:
        if done > total / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        write_checkpoint(tmp_path / "x", "voxcpm-2", "tiny", progress=interrupt)
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_replacement_leaves_the_old_one(tmp_path, numpy) -> None:
    old = write_checkpoint(tmp_path / "x", "voxcpm-2", "tiny")

    def fail(done: int, total: int) -> None:
        if done > total / 2:
            raise OSError(errno.ENOSPC, "No space left on device")

    with pytest.raises(OutputError, match="No space left") as caught:
        write_checkpoint(tmp_path / "x", "voxcpm-1.5", "tiny", progress=fail)
    assert "free some space" in caught.value.hint
    assert read_checkpoint(tmp_path / "x") == old
    assert [file.name for file in tmp_path.iterdir()] == ["x"]


def test_a_short_disk_is_refused_before_anything_is_written(tmp_path, monkeypatch) -> None:
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage(10**12, 10**12, 10**9))
    with pytest.raises(OutputError, match=r"takes 4\.6 GiB, and 0\.9 GiB are free"):
        write_checkpoint(tmp_path / "x", "voxcpm-2", "full")
    assert list(tmp_path.iterdir()) == []


# --- with the real package ----------------------------------------------------------------

LOAD = """
import json, sys
from vcf.bench.checkpoint import write_checkpoint
from pathlib import Path
import numpy as np
from voxcpm import VoxCPM

dtype, patches = {dtype!r}, {patches}
made = write_checkpoint(Path("ck"), {model!r}, "tiny", dtype=dtype)
model = VoxCPM.from_pretrained("ck", load_denoiser=False, optimize=False, device="cpu")
text = "AI speech technology is developing quickly."
wav = model.generate(text=text, min_len=patches - 1, max_len=patches, retry_badcase=False)
short = model.generate(text=text)
rate = model.tts_model.sample_rate
lm = [p for n, p in model.tts_model.named_parameters() if not n.startswith("audio_vae.")]
print(json.dumps({{
    "rate": rate,
    "patches": len(wav) / rate * made.patches_s,
    "natural": len(short) / rate * made.patches_s,
    "finite": bool(np.isfinite(wav).all()),
    "loud": float(wav.std()),
    "types": sorted({{str(p.dtype) for p in lm}}),
    "count": sum(p.numel() for p in lm),
    "pieces": len(model.tts_model.text_tokenizer.tokenizer),
    "tokens": model.tts_model.text_tokenizer.tokenize("speech 你好 龘"),
}}))
"""


@needs_voxcpm
@pytest.mark.parametrize(
    ("model", "dtype"),
    [
        ("voxcpm-0.5b", "bfloat16"),
        ("voxcpm-1.5", "float32"),
        ("voxcpm-2", "bfloat16"),
        ("voxcpm-2", "float16"),
    ],
)
def test_the_package_loads_it_and_makes_so_many_patches(model, dtype, tmp_path) -> None:
    said = answer(LOAD.format(model=model, dtype=dtype, patches=7), tmp_path)
    assert said["rate"] == RATES[model]
    assert said["patches"] == pytest.approx(7)
    assert said["natural"] == pytest.approx(4)  # min_len + 2, min_len being 2
    assert said["finite"]
    assert 0.01 < said["loud"] < 0.9
    assert said["types"] == [f"torch.{dtype}"]
    assert said["count"] == count_parameters(model, "tiny").model
    assert said["pieces"] == 5632
    # a rare character falls back to its bytes
    assert said["tokens"][-7:] == ["▁", "你", "好", "▁", "<0xE9>", "<0xBE>", "<0x98>"]


META = """
import json, sys
import torch
from vcf.bench.architectures import architecture, config_json
from vcf.bench.tensors import model_tensors, vae_tensors
from voxcpm.model.voxcpm import VoxCPMConfig as Config1, VoxCPMModel
from voxcpm.model.voxcpm2 import VoxCPMConfig as Config2, VoxCPM2Model
from voxcpm.modules.audiovae import AudioVAE, AudioVAEV2

class NoTokenizer:
    vocab = {}

said = {}
for name in ("voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"):
    for size in ("tiny", "full"):
        arch = architecture(name, size)
        v2 = arch.kind == "voxcpm2"
        config = (Config2 if v2 else Config1).model_validate(config_json(arch, "bfloat16"))
        with torch.device("meta"):
            vae = (AudioVAEV2 if v2 else AudioVAE)(config=config.audio_vae_config)
            model = (VoxCPM2Model if v2 else VoxCPMModel)(config, NoTokenizer(), vae, device="cpu")
        real = {k: list(v.shape) for k, v in model.state_dict().items()}
        ours = {t.name: list(t.shape) for t in model_tensors(arch)}
        ours |= {"audio_vae." + t.name: list(t.shape) for t in vae_tensors(arch)}
        said[name + " " + size] = {
            "differ": sorted(k for k in real.keys() | ours.keys() if real.get(k) != ours.get(k)),
            "count": sum(
                p.numel() for n, p in model.named_parameters() if not n.startswith("audio_vae.")
            ),
            "vae": sum(p.numel() for p in vae.parameters()),
        }
print(json.dumps(said))
"""


@needs_voxcpm
def test_names_and_shapes_are_those_of_the_real_modules(tmp_path) -> None:
    said = answer(META, tmp_path)
    assert len(said) == 6
    for key, real in said.items():
        model, size = key.split()
        assert real["differ"] == [], key
        count = count_parameters(model, size)
        assert (real["count"], real["vae"]) == (count.model, count.vae), key
        if size == "full":
            assert real["count"] / 1e6 == pytest.approx(MILLIONS[model], rel=1e-3)
