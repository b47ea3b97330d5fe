"""Tables of GGUF files: what is read out of them, and what is refused."""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import Any

import pytest
from gguf_files import Tensors, gguf_bytes, text, voxcpm_metadata, write_voxcpm
from hypothesis import given, settings
from hypothesis import strategies as st

from vcf.bench import gguf_voxcpm
from vcf.bench.checkpoint import Count
from vcf.bench.gguf import TYPES, read_gguf
from vcf.bench.gguf_voxcpm import mode_end, model_of, parameters, patches_s, random_numbers
from vcf.bench.vocabulary import tokenizer_files
from vcf.errors import UsageError

TENSOR: Tensors = {"a": ((32, 2), "F32")}


def refused(path: Path) -> UsageError:
    with pytest.raises(UsageError) as caught:
        read_gguf(path)
    assert "\n" not in caught.value.message and str(path) in caught.value.message
    assert caught.value.hint
    return caught.value


def written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "model.gguf"


def test_a_file(file: Path) -> None:
    found = read_gguf(write_voxcpm(file))
    assert (found.path, found.version, found.size_bytes) == (file, 3, file.stat().st_size)
    assert (found.architecture, found.name, found.quantisation) == ("llama", "VoxCPM", "Q8_0")
    assert found.metadata["voxcpm_audio_vae_config_encoder_rates"] == [2, 5, 8, 8]
    assert found.metadata["voxcpm_lm_config_scale_emb"] == 12.0
    assert found.text("nothing") == found.text("voxcpm_patch_size") == ""
    assert found.types() == {"Q8_0": 512, "F32": 320}
    tensor = found.tensors["token_embd.weight"]
    assert (tensor.shape, tensor.type, tensor.offset, tensor.bytes) == ((256, 2), "Q8_0", 0, 544)
    assert tensor.count == 512
    assert parameters(found) == 768


def test_versions_and_values(file: Path) -> None:
    told = {"yes": True, "words": ["a", "b"], "general.alignment": 64}
    file.write_bytes(gguf_bytes(told, TENSOR, version=2, alignment=64))
    found = read_gguf(file)
    assert (found.version, found.metadata) == (2, told)


@pytest.mark.parametrize("model", ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"])
def test_models(file: Path, model: str) -> None:
    assert model_of(read_gguf(write_voxcpm(file, model))) == model
    assert patches_s(model) > 0


def test_other_models(file: Path) -> None:
    assert model_of(read_gguf(write_voxcpm(file, voxcpm_patch_size=3))) is None
    file.write_bytes(gguf_bytes({"general.architecture": "llama"}, TENSOR))
    assert model_of(read_gguf(file)) is None


@pytest.mark.parametrize(
    ("kind", "end"),
    [("F32", "f32"), ("F16", "f16"), ("BF16", "f16"), ("Q8_0", "q8"), ("Q4_K", "q4")],
)
def test_modes(file: Path, kind: str, end: str) -> None:
    assert mode_end(read_gguf(write_voxcpm(file, kind=kind))) == end


def test_a_precision_without_a_mode(file: Path) -> None:
    with pytest.raises(UsageError, match="Q5_K") as caught:
        mode_end(read_gguf(write_voxcpm(file, kind="Q5_K")))
    assert "Q8_0" in caught.value.hint


def test_random_numbers_are_known_by_the_tokenizer(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokens = list(tokenizer_files(5000)["tokenizer.json"]["model"]["vocab"])
    found = read_gguf(write_voxcpm(file, tokens=tokens))
    assert random_numbers(found, "voxcpm-0.5b") == "tiny"
    monkeypatch.setattr(gguf_voxcpm, "count_parameters", lambda *_: Count(770, 0))
    assert random_numbers(found, "voxcpm-0.5b") == "synthetic"
    tokens[4000] = "other"
    other = read_gguf(write_voxcpm(file, tokens=tokens))
    assert random_numbers(other, "voxcpm-0.5b") is None
    assert random_numbers(read_gguf(write_voxcpm(file)), "voxcpm-0.5b") is None


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:1", "only points"),
        (b"<!DOCTYPE html><html>", "a web page"),
        (b"\n<HTML>", "a web page"),
        (b"\xef\xbb\xbf<!DOCTYPE html>", "a web page"),
        (b" \r\n" * 100 + b"<html>", "a web page"),
        (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code>', "an XML page"),
        (b'{"error":"Repository not found"}', "a JSON text"),
        (b"   ", "no GGUF file"),
        (b"PK\x03\x04", "no GGUF file"),
        (b"GGUF", "cut short within its table, at 4 bytes"),
        (b"GGUF" + struct.pack("<I", 1), "version 1"),
        (b"GGUF" + struct.pack(">I", 3), "big-endian"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 0), "no tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 1 << 40, 0), "tensors"),
        (b"GGUF" + struct.pack("<IQQ", 3, 0, 1 << 40), "keys"),
        (b"GGUF" + struct.pack("<IQQQ", 3, 0, 1, 1 << 50), "bytes of text"),
    ],
)
def test_other_files(file: Path, content: bytes, words: str) -> None:
    assert words in refused(written(file, content)).message


def test_no_file(file: Path) -> None:
    for error, words in (
        (refused(file), "is missing"), (refused(file.parent), "is not a file"),
    ):  # fmt: skip
        assert words in error.message and "hub" not in error.hint


def test_a_name_that_is_right_already(file: Path) -> None:
    assert refused(written(file, b"PK\x03\x04")).hint == "fetch or convert the file again"
    other = refused(written(file.with_suffix(".bin"), b"PK\x03\x04"))
    assert other.hint == "name a file that ends in .gguf"


def test_absurd_sizes_are_short(file: Path) -> None:
    most = (1 << 39,) * 4
    message = refused(written(file, head() + entry(shape=most))).message
    assert message.endswith("bytes of > 1 EB are there")
    message = refused(written(file, head() + entry(shape=((1 << 64) - 1,) * 4))).message
    assert message.endswith("a tensor of shape > 1e15x> 1e15x> 1e15x> 1e15 in F32")


@pytest.mark.skipif(sys.platform == "win32", reason="rights")
def test_a_file_that_may_not_be_read(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_voxcpm(file)

    def stop(*_: Any, **__: Any) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", stop)
    assert "can't be read" in refused(file).message


def head(count: int = 1, keys: int = 0) -> bytes:
    return b"GGUF" + struct.pack("<IQQ", 3, count, keys)


def entry(name: str = "a", shape: tuple[int, ...] = (32,), kind: int = 0, at: int = 0) -> bytes:
    return text(name) + struct.pack(f"<I{len(shape)}QIQ", len(shape), *shape, kind, at)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (head() + entry(shape=()), "0 dimensions"),
        (head() + entry(shape=(1,) * 5), "5 dimensions"),
        (head() + entry(shape=(0,)), "shape 0"),
        (head() + entry(shape=(1 << 50,)), "shape"),
        (head() + entry(shape=(33,), kind=8), "shape 33 in Q8_0"),
        (head() + entry(kind=4), "type 4"),
        (head() + entry(at=5) + bytes(999), "askew"),
        (head(2) + entry("a") + entry("b") + bytes(999), "overlap"),
        (head(2) + entry("a") + entry("a"), "tensor a twice"),
        (head(2) + entry("") + entry(""), "tensor '' twice"),
        (head(0, 1) + text("k") + struct.pack("<I", 77), "type 77"),
        (head(0, 1) + text("k") + struct.pack("<IIQ", 9, 9, 1), "type 9"),
        (head(0, 1) + text("k") + struct.pack("<IIQ", 9, 0, 1 << 40), "items of an array"),
        (head(0, 2) + (text("k") + struct.pack("<IB", 0, 1)) * 2, "key k twice"),
        (gguf_bytes({"general.alignment": 0}, TENSOR), "alignment"),
        (gguf_bytes({"general.alignment": "x"}, TENSOR), "alignment"),
    ],
)
def test_damaged_tables(file: Path, content: bytes, words: str) -> None:
    message = refused(written(file, content)).message
    assert "its table is damaged" in message and words in message


def test_a_table_without_end(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("vcf.bench.gguf.LARGEST_TABLE", 100)
    assert "too long" in refused(write_voxcpm(file)).message


def test_a_download_that_broke_off(file: Path) -> None:
    whole = write_voxcpm(file).read_bytes()
    message = refused(written(file, whole[:-300])).message
    assert "is cut short" in message and f"{len(whole) - 300:,} bytes of" in message
    assert "is too long" in refused(written(file, whole + bytes(9999))).message


@settings(max_examples=200, deadline=None)
@given(at=st.integers(0, 400), byte=st.integers(0, 255), length=st.integers(0, 2000))
def test_whatever_stands_in_it(
    tmp_path_factory: pytest.TempPathFactory, at: int, byte: int, length: int
) -> None:
    """A changed byte, a cut: an answer or a refusal, nothing else."""
    file = tmp_path_factory.mktemp("gguf") / "model.gguf"
    whole = bytearray(gguf_bytes(voxcpm_metadata(), TENSOR))
    whole[at] = byte
    file.write_bytes(whole[:length])
    try:
        found = read_gguf(file)
    except UsageError as error:
        assert str(file) in error.message
    else:
        assert found.tensors and model_of(found) in (None, "voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2")


def test_types_are_those_of_records() -> None:
    assert all(name.replace("_", "").isalnum() and name.isupper() for name, _, _ in TYPES.values())
