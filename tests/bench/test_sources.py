"""Where weights come from: a folder, the cache of a hub, or random numbers."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vcf.bench import checkpoint, hub, sources
from vcf.bench.checkpoint import write_checkpoint
from vcf.bench.places import cache_folder
from vcf.bench.snapshots import examine
from vcf.bench.sources import Source, choose, make_ready, size_of
from vcf.catalogue.model import Catalogue, Model
from vcf.errors import OutputError, UsageError

ID = "voxcpm-0.5b"
COMMIT = "bd4b1b9c" * 5


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Caches of nobody."""
    monkeypatch.setenv("VCF_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hf"))
    monkeypatch.setenv("MODELSCOPE_CACHE", str(tmp_path / "ms"))
    for name in ("HF_HOME", "HUGGINGFACE_HUB_CACHE", "TRANSFORMERS_CACHE"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


@pytest.fixture
def model(catalogue: Catalogue) -> Model:
    return catalogue.models[ID]


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint that looks like somebody's own."""
    folder = tmp_path_factory.mktemp("weights") / "model"
    write_checkpoint(folder, ID, "tiny")
    (folder / checkpoint.MARKER).unlink()
    return folder


@pytest.fixture
def in_cache(tmp_path: Path, weights: Path, model: Model) -> Path:
    """The same in the cache of Hugging Face."""
    repo = tmp_path / "hf" / f"models--{model.hf_id.replace('/', '--')}"
    shutil.copytree(weights, repo / "snapshots" / COMMIT)
    (repo / "refs").mkdir()
    (repo / "refs" / "main").write_text(COMMIT)
    return repo / "snapshots" / COMMIT


class Told:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.all: list[tuple[str, int, int]] = []

    def __call__(self, what: str, done: int, total: int) -> None:
        self.all.append((what, done, total))

    @property
    def words(self) -> list[str]:
        return list(dict.fromkeys(what for what, _, _ in self.all))


# ---- which ------------------------------------------------------------------------------------


@pytest.mark.parametrize("wish", ["tiny", "synthetic", None])
def test_random_numbers(model: Model, places: Path, wish: str | None) -> None:
    kind = wish or "synthetic"
    found = choose(wish, ID, model)
    assert found == Source(
        kind=kind,  # type: ignore[arg-type]
        folder=places / "cache" / "weights" / f"{ID}-{kind}",
        repo=model.hf_id,
        ready=False,
    )
    assert not (places / "cache").exists()


def test_they_are_there_already(model: Model) -> None:
    folder = choose("tiny", ID, model).folder
    assert folder is not None
    write_checkpoint(folder, ID, "tiny")
    assert choose("tiny", ID, model).ready
    (folder / "config.json").write_text("{}")
    assert not choose("tiny", ID, model).ready


@pytest.mark.parametrize("wish", ["hub", None])
def test_what_a_hub_left(model: Model, in_cache: Path, wish: str | None) -> None:
    found = choose(wish, ID, model)
    assert (found.kind, found.folder, found.ready) == ("hub", in_cache, True)
    assert found.origin == "huggingface"


def test_the_hub(model: Model) -> None:
    found = choose("hub", ID, model)
    assert found == Source(kind="hub", folder=None, repo=model.hf_id, ready=False)


def test_an_incomplete_download(model: Model, in_cache: Path) -> None:
    (in_cache / "model.safetensors").unlink()
    found = choose(None, ID, model)
    assert (found.kind, found.ready) == ("synthetic", False)


def test_a_folder(model: Model, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    found = choose(str(weights), ID, model)
    assert (found.kind, found.folder, found.ready, found.origin) == ("path", weights, True, "path")
    monkeypatch.setenv("HOME", str(weights.parent))
    assert choose("~/model", ID, model).folder == weights


@pytest.mark.parametrize("size", ["tiny", "full"])
def test_random_numbers_are_that_wherever_they_lie(model: Model, tmp_path: Path, size: str) -> None:
    folder = tmp_path / "mine"
    write_checkpoint(folder, ID, "tiny")
    marker = folder / checkpoint.MARKER
    marker.write_text(marker.read_text().replace('"tiny"', f'"{size}"'))
    kind = "tiny" if size == "tiny" else "synthetic"
    found = choose(str(folder), ID, model)
    assert (found.kind, found.folder, found.ready) == (kind, folder, True)
    told = Told()
    loaded = make_ready(found, ID, sys.executable, told)
    assert (loaded.weights.kind, loaded.folder, told.words) == (kind, folder, ["read"])
    (folder / "tokenizer_config.json").write_text("{ }")  # not as written any more
    assert choose(str(folder), ID, model).kind == kind


@pytest.mark.parametrize("wish", ["", "   "])
def test_no_folder_is_named(model: Model, wish: str) -> None:
    with pytest.raises(UsageError, match="--weights is empty") as caught:
        choose(wish, ID, model)
    assert caught.value.hint == "a folder, or hub, synthetic, tiny"


def test_folders_that_can_not_be_loaded(model: Model, places: Path, weights: Path) -> None:
    with pytest.raises(UsageError, match="does not exist"):
        choose(str(places / "none"), ID, model)
    with pytest.raises(UsageError, match=r"holds voxcpm-0\.5b, asked was voxcpm-2"):
        choose(str(weights), "voxcpm-2", model)


def test_sizes() -> None:
    assert [size_of(kind) for kind in ("tiny", "synthetic", "hub")] == ["tiny", "full", "full"]


# ---- made ready -------------------------------------------------------------------------------


def test_written_and_read(model: Model) -> None:
    told = Told()
    source = choose("tiny", ID, model)
    loaded = make_ready(source, ID, sys.executable, told)
    assert loaded.folder == source.folder
    assert told.words == ["write", "read"]
    for what in told.words:
        last = [(done, total) for name, done, total in told.all if name == what][-1]
        assert last[0] == last[1] > 0
    weights = loaded.weights
    assert (weights.kind, weights.repo, weights.revision) == ("tiny", None, None)
    assert weights.sha256 is not None and weights.size_bytes == last[1]


def test_they_are_written_once(model: Model) -> None:
    first = make_ready(choose("tiny", ID, model), ID, sys.executable, Told())
    told = Told()
    again = make_ready(choose("tiny", ID, model), ID, sys.executable, told)
    assert (told.words, again) == (["read"], first)


def test_random_numbers_are_the_same_everywhere(
    model: Model, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    first = make_ready(choose("tiny", ID, model), ID, sys.executable, Told())
    monkeypatch.setenv("VCF_CACHE_DIR", str(tmp_path / "other"))
    again = make_ready(choose("tiny", ID, model), ID, sys.executable, Told())
    assert again.folder != first.folder and again.weights == first.weights


def test_changed_weights_are_written_anew(model: Model) -> None:
    first = make_ready(choose("tiny", ID, model), ID, sys.executable, Told())
    with (first.folder / "model.safetensors").open("ab") as file:
        file.write(b"x")
    told = Told()
    again = make_ready(choose("tiny", ID, model), ID, sys.executable, told)
    assert told.words == ["write", "read"] and again == first


def test_a_folder_is_read(model: Model, weights: Path) -> None:
    told = Told()
    loaded = make_ready(choose(str(weights), ID, model), ID, sys.executable, told)
    assert (loaded.folder, told.words) == (weights, ["read"])
    assert (loaded.weights.kind, loaded.weights.repo) == ("path", None)
    (weights / "README.md").write_text("not weights")
    again = make_ready(choose(str(weights), ID, model), ID, sys.executable, told)
    assert again.weights.sha256 == loaded.weights.sha256


def test_what_a_hub_left_has_a_revision(model: Model, in_cache: Path) -> None:
    loaded = make_ready(choose("hub", ID, model), ID, sys.executable, Told())
    assert (loaded.weights.kind, loaded.weights.repo) == ("hub", model.hf_id)
    assert loaded.weights.revision == COMMIT


def test_a_download(model: Model, weights: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[Any] = []

    def download(python: str, repo: str, model_id: str, progress: Callable[..., None]) -> Any:
        calls.append((python, repo, model_id))
        progress(5, 10)
        return examine(weights, ID)

    monkeypatch.setattr(hub, "download", download)
    told = Told()
    loaded = make_ready(choose("hub", ID, model), ID, "/opt/python", told)
    assert calls == [("/opt/python", model.hf_id, ID)]
    assert told.all[0] == ("download", 5, 10) and told.words == ["download", "read"]
    assert (loaded.weights.kind, loaded.weights.repo) == ("hub", model.hf_id)


def test_no_numpy(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(UsageError, match="needs numpy") as caught:
        make_ready(choose("tiny", ID, model), ID, sys.executable, Told())
    assert "pip install numpy" in caught.value.hint
    assert list((cache_folder() / "weights").iterdir()) == []


def test_the_disk_is_short(model: Model, monkeypatch: pytest.MonkeyPatch) -> None:
    usage = shutil.disk_usage("/")._replace(free=0)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage)
    with pytest.raises(OutputError, match=r"takes .* free"):
        make_ready(choose("tiny", ID, model), ID, sys.executable, Told())


def test_weights_that_are_gone_meanwhile(model: Model, weights: Path, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    shutil.copytree(weights, folder)
    source = choose(str(folder), ID, model)
    (folder / "model.safetensors").unlink()
    with pytest.raises(UsageError, match=r"has no model\.safetensors"):
        make_ready(source, ID, sys.executable, Told())


# ---- the cache folder -------------------------------------------------------------------------


def test_the_cache_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/somebody")
    monkeypatch.setenv("VCF_CACHE_DIR", "~/vcf")
    assert cache_folder() == Path("/home/somebody/vcf")
    monkeypatch.setenv("VCF_CACHE_DIR", "")
    assert cache_folder().name == "vcf" or "vcf" in cache_folder().parts
    assert sources.WORDS == ("hub", "synthetic", "tiny")
