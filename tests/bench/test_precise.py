"""A checkpoint in another precision by links."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from vcf.bench.precise import in_precision
from vcf.errors import OutputError, UsageError


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder with weights in bf16, a folder in it, and hidden files."""
    folder = tmp_path / "model"
    (folder / "assets").mkdir(parents=True)
    (folder / "config.json").write_text('{"dtype": "bfloat16", "patch_size": 2, "name": "声"}')
    (folder / "model.safetensors").write_bytes(b"weights")
    (folder / "assets" / "voice.txt").write_text("voice")
    (folder / ".cache").write_text("hidden")
    return folder


@pytest.fixture
def beside(tmp_path: Path) -> Path:
    """Need not exist."""
    return tmp_path / "cache" / "vcf"


def content(folder: Path) -> dict[str, str]:
    return {
        str(file.relative_to(folder)): file.read_text()
        for file in folder.rglob("*")
        if file.is_file()
    }


@pytest.mark.parametrize(
    ("stated", "precision"),
    [
        ({"dtype": "bfloat16"}, "bf16"),
        ({"dtype": "bf16"}, "bf16"),
        ({"dtype": "float32"}, "fp32"),
        ({"dtype": "fp16"}, "fp16"),
        ({}, "bf16"),  # as the package takes it
    ],
)
def test_the_folder_itself(
    model: Path, beside: Path, stated: dict[str, str], precision: str
) -> None:
    (model / "config.json").write_text(json.dumps(stated))
    with in_precision(model, precision, beside) as found:
        assert found == model
    assert not beside.exists()


@pytest.mark.parametrize(("precision", "dtype"), [("fp32", "float32"), ("fp16", "float16")])
def test_links(model: Path, beside: Path, precision: str, dtype: str) -> None:
    before = content(model)
    with in_precision(model, precision, beside) as found:
        assert found.parent == beside
        config = json.loads((found / "config.json").read_text(encoding="utf-8"))
        assert config == {"dtype": dtype, "patch_size": 2, "name": "声"}
        assert (found / "model.safetensors").samefile(model / "model.safetensors")
        assert (found / "assets" / "voice.txt").read_text() == "voice"
        assert not (found / ".cache").exists()
        assert not (found / "config.json").is_symlink()
    assert list(beside.iterdir()) == []
    assert content(model) == before


def test_links_in_a_cache_of_a_hub(tmp_path: Path, beside: Path) -> None:
    """Files there are links themselves, relative to their folder."""
    blobs, folder = tmp_path / "hub" / "blobs", tmp_path / "hub" / "snapshots" / "abc"
    blobs.mkdir(parents=True)
    folder.mkdir(parents=True)
    for name, text in (("config.json", "{}"), ("model.safetensors", "weights")):
        (blobs / f"sum-{name}").write_text(text)
        (folder / name).symlink_to(f"../../blobs/sum-{name}")
    with in_precision(folder, "fp32", beside) as found:
        assert (found / "model.safetensors").read_text() == "weights"
        assert (found / "model.safetensors").resolve() == (
            blobs / "sum-model.safetensors"
        ).resolve()
    assert (folder / "config.json").read_text() == "{}"


@pytest.mark.parametrize("error", [RuntimeError, KeyboardInterrupt, SystemExit])
def test_gone_whatever_happens(model: Path, beside: Path, error: type[BaseException]) -> None:
    before = content(model)
    with pytest.raises(error), in_precision(model, "fp32", beside):
        raise error
    assert list(beside.iterdir()) == []
    assert content(model) == before


def test_two_at_once(model: Path, beside: Path) -> None:
    with in_precision(model, "fp32", beside) as one, in_precision(model, "fp32", beside) as other:
        assert one != other
        assert len(list(beside.iterdir())) == 2
    assert list(beside.iterdir()) == []


def test_what_a_killed_vcf_has_left_goes(model: Path, beside: Path) -> None:
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    alive = f".links-{os.getpid()}-abc"
    for name in (f".links-{ended.pid}-abc", ".links-odd", alive, "other"):
        (beside / name).mkdir(parents=True)
        (beside / name / "config.json").write_text("{}")
    with in_precision(model, "fp32", beside):
        pass
    assert sorted(path.name for path in beside.iterdir()) == [alive, "other"]


def refused(*_: Any, **__: Any) -> None:
    raise OSError(1, "Operation not permitted")


def test_hard_links_where_others_are_not_allowed(
    model: Path, beside: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (model / "assets" / "voice.txt").unlink()
    (model / "assets").rmdir()
    monkeypatch.setattr(Path, "symlink_to", refused)
    with in_precision(model, "fp32", beside) as found:
        file = found / "model.safetensors"
        assert file.samefile(model / "model.safetensors") and not file.is_symlink()
        assert os.stat(file).st_nlink == 2
    assert (model / "model.safetensors").read_bytes() == b"weights"
    assert list(beside.iterdir()) == []


def test_no_links_at_all(model: Path, beside: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "symlink_to", refused)
    monkeypatch.setattr(os, "link", refused)
    with (
        pytest.raises(OutputError, match=r"no links to .*: Operation not permitted") as caught,
        in_precision(model, "fp32", beside),
    ):
        pytest.fail("nothing to go on with")
    assert str(model) in caught.value.message and str(beside) in caught.value.message
    assert "VCF_CACHE_DIR" in caught.value.hint
    assert list(beside.iterdir()) == []


def test_nowhere_to_put_them(model: Path, tmp_path: Path) -> None:
    file = tmp_path / "file"
    file.write_text("")
    with (
        pytest.raises(OutputError, match=f"^{file}/x: Not a directory") as caught,
        in_precision(model, "fp32", file / "x"),
    ):
        pytest.fail("nothing to go on with")
    assert "VCF_CACHE_DIR" in caught.value.hint


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("{", "can't be read"),
        ("[]", "is no JSON object"),
        ("7", "is no JSON object"),
        ("\ufeff{", "can't be read"),
        (None, "can't be read: .*No such file"),
    ],
)
def test_a_broken_config(model: Path, beside: Path, text: str | None, words: str) -> None:
    if text is None:
        (model / "config.json").unlink()
    else:
        (model / "config.json").write_text(text, encoding="utf-8")
    with (
        pytest.raises(UsageError, match=f"config.json: {words}") as caught,
        in_precision(model, "fp32", beside),
    ):
        pytest.fail("nothing to go on with")
    assert "complete" in caught.value.hint
    assert "\n" not in caught.value.message


def test_a_config_that_is_no_text(model: Path, beside: Path) -> None:
    (model / "config.json").write_bytes(b"\xff\xfe{}")
    with (
        pytest.raises(UsageError, match=r"config\.json: can't be read"),
        in_precision(model, "fp32", beside),
    ):
        pytest.fail("nothing to go on with")
