"""Folders of models: what is wrong with one is said by name, and the caches are searched."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vcf.bench.caches import hub_cache, modelscope_cache
from vcf.bench.checkpoint import write_checkpoint
from vcf.bench.hub import DownloadError, Remote, check_space, download, needed
from vcf.bench.snapshots import Snapshot, blob_of, cached, digest, examine
from vcf.errors import UsageError

pytest.importorskip("numpy")

COMMIT, OTHER = "a" * 40, "b" * 40
REPO = "openbmb/VoxCPM-0.5B"


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """A tiny checkpoint of a model, written once."""
    root = tmp_path_factory.mktemp("originals")
    return lambda model: write_checkpoint(root / model, model, "tiny").folder


@pytest.fixture
def folder(original, tmp_path) -> Path:
    """A copy of VoxCPM-0.5B to spoil."""
    return Path(shutil.copytree(original("voxcpm-0.5b"), tmp_path / "model"))


def refusal(folder: Path, model: str = "voxcpm-0.5b") -> UsageError:
    """What is said of a folder."""
    with pytest.raises(UsageError) as caught:
        examine(folder, model)
    assert caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint
    return caught.value


def configure(folder: Path, **changes: Any) -> None:
    """Change config.json; None takes a field out."""
    file = folder / "config.json"
    config = {**json.loads(file.read_text(encoding="utf-8")), **changes}
    config = {key: value for key, value in config.items() if value is not None}
    file.write_text(json.dumps(config), encoding="utf-8")


@pytest.mark.parametrize("model", ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"])
def test_a_complete_folder(model, original) -> None:
    place = original(model)
    assert examine(place, model) == Snapshot(
        folder=place,
        origin="path",
        weight_files=(place / "model.safetensors", place / "audiovae.safetensors"),
    )


@pytest.mark.parametrize("model", ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"])
@pytest.mark.parametrize("asked", ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"])
def test_another_model_is_named(model, asked, original) -> None:
    if model == asked:
        assert examine(original(model), asked)
        return
    error = refusal(original(model), asked)
    assert f"holds {model}, asked was {asked}" in error.message
    assert f"--model {model}" in error.hint


def test_an_unknown_model(original) -> None:
    error = refusal(original("voxcpm-2"), "voxcpm-3")
    assert "voxcpm-3" in error.message


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        ("config.json", "has no config.json"),
        ("tokenizer.json", "has no tokenizer.json and no tokenizer.model"),
        ("model.safetensors", "has no model.safetensors and no pytorch_model.bin"),
        ("audiovae.safetensors", "has no audiovae.safetensors and no audiovae.pth"),
    ],
)
def test_a_missing_file(folder, missing, said) -> None:
    (folder / missing).unlink()
    assert refusal(folder).message == f"{folder} {said}"


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_folder_in_place_of_a_file(folder, name) -> None:
    (folder / name).unlink()
    (folder / name).mkdir()
    assert refusal(folder).message == f"{folder / name} is not a file"


def test_no_folder(tmp_path) -> None:
    assert refusal(tmp_path / "none").message == f"{tmp_path / 'none'} does not exist"
    assert refusal(tmp_path).message == f"{tmp_path} is empty"
    file = tmp_path / "model.safetensors"
    file.write_bytes(b"")
    error = refusal(file)
    assert error.message == f"{file} is a file"
    assert str(tmp_path) in error.hint
    assert "can't be read" in refusal(Path("a\0b")).message


def test_the_folder_above_the_snapshots(tmp_path) -> None:
    (tmp_path / "snapshots").mkdir()
    assert str(tmp_path / "snapshots") in refusal(tmp_path).hint


def link(place: Path, target: Path | str) -> None:
    """A symbolic link, or no test where the system has none."""
    try:
        place.symlink_to(target)
    except OSError:
        pytest.skip("no symbolic links here")


def test_links(folder, tmp_path) -> None:
    link(tmp_path / "there", folder)
    assert examine(tmp_path / "there", "voxcpm-0.5b")
    link(tmp_path / "round", "round")
    assert "can't be read" in refusal(tmp_path / "round").message
    for name in ("config.json", "model.safetensors", "tokenizer.json", "audiovae.safetensors"):
        (folder / name).rename(tmp_path / name)
        link(folder / name, name)
        assert refusal(folder).message.startswith(f"{folder / name} can't be read")
        (folder / name).unlink()
        link(folder / name, tmp_path / "gone")
        assert refusal(folder).message == f"{folder / name} is a link to a file that is gone"
        (folder / name).unlink()
        link(folder / name, tmp_path / name)
        assert examine(folder, "voxcpm-0.5b")


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is no valid JSON in line 1"),
        (b'{\n"a": }', "is no valid JSON in line 2"),
        (b"[" * 100_000, "is no valid JSON"),
        (b"\xef\xbb\xbf{}", "is no valid JSON"),
        ('{"Name": "Größe"}'.encode("latin-1"), "is not UTF-8"),
        (b"[1]", "holds no JSON object"),
        (b"null", "holds no JSON object"),
    ],
)
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json", "tokenizer_config.json"])
def test_broken_json(folder, name, content, said) -> None:
    (folder / name).write_bytes(content)
    assert refusal(folder).message.startswith(f"{folder / name} {said}")


def test_endless_json(folder, monkeypatch) -> None:
    monkeypatch.setattr("vcf.bench.snapshot_files.LARGEST_JSON", 1000)
    assert "is too long" in refusal(folder).message


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"architecture": "llama"}, "architecture 'llama'"),
        ({"architecture": ["voxcpm"]}, "describes no VoxCPM that vcf knows"),
        ({"patch_size": 3}, "patch_size 3"),
        ({"patch_size": [2]}, "patch_size [2]"),
        ({"audio_vae_config": {"sample_rate": 8000}}, "sample_rate 8000"),
        ({"lm_config": None}, "has no lm_config"),
        ({"encoder_config": 3}, "has no encoder_config"),
        ({"dit_config": {"hidden_dim": 1}}, "has no dit_config.cfm_config"),
        ({"lm_config": {"vocab_size": 3}}, "has no lm_config.bos_token_id, lm_config.eos_token_id"),
    ],
)
def test_a_config_that_the_package_does_not_take(folder, changes, said) -> None:
    configure(folder, **changes)
    assert said in refusal(folder).message


def test_what_config_json_may_leave_out(folder) -> None:
    configure(folder, architecture=None, patch_size=None, audio_vae_config=None)
    assert examine(folder, "voxcpm-0.5b")
    configure(folder, architecture="VoxCPM")  # case does not matter
    assert examine(folder, "voxcpm-0.5b")


@pytest.mark.parametrize("name", ["model.safetensors", "audiovae.safetensors"])
@pytest.mark.parametrize("share", [0.0, 1e-6, 1e-4, 0.5, 0.999999])
def test_a_file_that_is_cut_short(folder, name, share) -> None:
    file = folder / name
    size = file.stat().st_size
    left = int(size * share)
    os.truncate(file, left)
    message = refusal(folder).message
    assert message.startswith(str(file))
    if share >= 0.5:
        assert message == f"{file} is cut short: {left:,} bytes of {size:,} bytes are there"


def test_sizes_are_told_apart(folder, monkeypatch) -> None:
    from vcf.bench.snapshot_files import sizes

    assert sizes(7, 10**50) == ("7 bytes", "> 1 EB")
    assert sizes(2 * 10**9, 10**18) == ("2.0 GB", "> 1 EB")

    assert sizes(3_100_000_000, 4_600_000_000) == ("3.1 GB", "4.6 GB")
    assert sizes(4_600_000_000, 4_600_000_001) == ("4,600,000,000 bytes", "4,600,000,001 bytes")
    with (folder / "model.safetensors").open("ab") as stream:
        stream.write(b"more")
    assert "is too long" in refusal(folder).message


def table(entries: Any, *, length: int | None = None, data: int = 0) -> bytes:
    """A safetensors file of zeros with any table."""
    text = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + bytes(data)


def entry(start: Any, end: Any, shape: Any = (2,), dtype: str = "F32") -> dict[str, Any]:
    """One tensor of a table."""
    return {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}


@pytest.mark.parametrize(
    "content",
    [
        table({}),
        table({"__metadata__": {"format": "pt"}}),
        table([]),
        table(b"{" * 50_000),
        table(b"\xff\xfe" * 10),
        table({"a": entry(0, 8)}, length=1 << 40, data=8),
        table({"a": entry(0, 8)}, length=0),
        table({"a": entry(8, 0)}, data=8),
        table({"a": entry(4, 12)}, data=12),
        table({"a": entry(0, 8), "b": entry(4, 12)}, data=12),
        table({"a": entry(0, 12)}, data=12),
        table({"a": entry(0, 8, (-2,))}, data=8),
        table({"a": entry(0, 8.0)}, data=8),
        table({"a": entry("0", 8)}, data=8),
        table({"a": {"dtype": "F32"}}, data=8),
        table({"a": 3}, data=8),
        b"<!DOCTYPE html><html>not found</html>" * 100,
        b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 3\n",
    ],
)
def test_no_safetensors(folder, content) -> None:
    (folder / "audiovae.safetensors").write_bytes(content)
    assert refusal(folder).message.startswith(str(folder / "audiovae.safetensors"))


def test_types_unknown_here_are_left_to_the_package(folder) -> None:
    (folder / "audiovae.safetensors").write_bytes(table({"a": entry(0, 9, dtype="F9")}, data=9))
    assert examine(folder, "voxcpm-0.5b")


def test_weights_of_another_model(folder, original) -> None:
    shutil.copy(original("voxcpm-2") / "model.safetensors", folder)
    configure(folder, lm_config={**config_of(folder)["lm_config"], "hidden_size": 1024})
    assert "does not belong to the config.json" in refusal(folder).message


def config_of(folder: Path) -> Any:
    """config.json."""
    return json.loads((folder / "config.json").read_text(encoding="utf-8"))


def test_layers_that_are_missing(folder) -> None:
    lm = config_of(folder)["lm_config"]
    configure(folder, lm_config={**lm, "num_hidden_layers": lm["num_hidden_layers"] + 1})
    assert "does not belong to the config.json" in refusal(folder).message


def pickle(place: Path) -> None:
    """A file as torch.save makes one, as far as it is looked at."""
    with zipfile.ZipFile(place, "w") as archive:
        archive.writestr("archive/data.pkl", bytes(1000))


def as_published(folder: Path) -> None:
    """As openbmb/VoxCPM-0.5B is: pickles."""
    (folder / "model.safetensors").unlink()
    (folder / "audiovae.safetensors").unlink()
    pickle(folder / "pytorch_model.bin")
    pickle(folder / "audiovae.pth")


def test_pickles(folder) -> None:
    as_published(folder)
    files = folder / "pytorch_model.bin", folder / "audiovae.pth"
    assert examine(folder, "voxcpm-0.5b").weight_files == files
    (folder / "audiovae.pth").write_bytes(b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.")  # of old
    assert examine(folder, "voxcpm-0.5b").weight_files == files


@pytest.mark.parametrize("name", ["pytorch_model.bin", "audiovae.pth"])
def test_damaged_pickles(folder, name) -> None:
    as_published(folder)
    os.truncate(folder / name, 600)
    assert refusal(folder).message.startswith(f"{folder / name} is cut short or damaged")
    (folder / name).write_bytes(b"")
    assert refusal(folder).message == f"{folder / name} is empty"
    (folder / name).write_bytes(b"<html>")
    assert refusal(folder).message == f"{folder / name} holds no weights of torch"
    (folder / name).write_bytes(b"version https://git-lfs.github.com/spec/v1\n")
    assert refusal(folder).hint == "run: git lfs pull"


def test_safetensors_come_first_as_in_the_package(folder) -> None:
    pickle(folder / "pytorch_model.bin")
    assert examine(folder, "voxcpm-0.5b").weight_files[0] == folder / "model.safetensors"
    os.truncate(folder / "model.safetensors", 1000)  # the package does not fall back
    assert "cut short" in refusal(folder).message


def test_a_model_in_several_files(folder) -> None:
    (folder / "model.safetensors").rename(folder / "model-00001-of-00001.safetensors")
    (folder / "model.safetensors.index.json").write_text("{}", encoding="utf-8")
    assert "in several files, which voxcpm does not load" in refusal(folder).message


def test_a_tokenizer_of_sentencepiece(folder) -> None:
    (folder / "tokenizer.json").unlink()
    (folder / "tokenizer_config.json").unlink()
    (folder / "tokenizer.model").write_bytes(b"\n\x0e")
    assert examine(folder, "voxcpm-0.5b")
    (folder / "tokenizer.model").write_bytes(b"")
    assert refusal(folder).message == f"{folder / 'tokenizer.model'} is empty"


# --- caches -------------------------------------------------------------------------------


def in_hub_cache(cache: Path, source: Path, commit: str = COMMIT, repo: str = REPO) -> Path:
    """Puts the files where huggingface_hub does: blobs, and links to them."""
    place = cache / ("models--" + repo.replace("/", "--"))
    snapshot = place / "snapshots" / commit
    snapshot.mkdir(parents=True)
    (place / "blobs").mkdir(exist_ok=True)
    for file in source.iterdir():
        content = file.read_bytes()
        name = hashlib.sha256(content).hexdigest()
        name = name if file.suffix == ".safetensors" else name[:40]
        (place / "blobs" / name).write_bytes(content)
        link(snapshot / file.name, f"../../blobs/{name}")
    (place / "refs").mkdir(exist_ok=True)
    (place / "refs" / "main").write_text(commit, encoding="utf-8")
    return snapshot


def places(home: Path, **more: str) -> dict[str, str]:
    """An environment with a home."""
    return {"HOME": str(home), "USERPROFILE": str(home), **more}


def test_the_place_of_the_caches(tmp_path) -> None:
    assert hub_cache(places(tmp_path)) == tmp_path / ".cache" / "huggingface" / "hub"
    assert hub_cache(places(tmp_path, HF_HOME="/b")) == Path("/b/hub")
    assert hub_cache(places(tmp_path, HF_HOME="/b", HF_HUB_CACHE="~/c")) == tmp_path / "c"
    assert hub_cache(places(tmp_path, MODELSCOPE_CACHE="/m", XDG_CACHE_HOME="/x")) == Path(
        "/x/huggingface/hub"
    )
    assert modelscope_cache(places(tmp_path)) == tmp_path / ".cache" / "modelscope"
    assert modelscope_cache(places(tmp_path, MODELSCOPE_CACHE="/m")) == Path("/m")


def test_nothing_cached(tmp_path) -> None:
    assert cached(REPO, "voxcpm-0.5b", places(tmp_path)) is None
    with pytest.raises(UsageError):
        cached(REPO, "voxcpm-3", places(tmp_path))


def test_the_cache_of_hugging_face(original, tmp_path) -> None:
    environ = places(tmp_path, HF_HUB_CACHE=str(tmp_path / "hub"))
    snapshot = in_hub_cache(tmp_path / "hub", original("voxcpm-0.5b"))
    found = cached(REPO, "voxcpm-0.5b", environ)
    assert found == Snapshot(
        folder=snapshot,
        origin="huggingface",
        repo=REPO,
        revision=COMMIT,
        weight_files=(snapshot / "model.safetensors", snapshot / "audiovae.safetensors"),
    )
    assert cached("OpenBMB/VoxCPM-0.5B", "voxcpm-0.5b", environ) is not None
    assert cached("openbmb/VoxCPM2", "voxcpm-0.5b", environ) is None
    assert cached(REPO, "voxcpm-2", environ) is None


def test_an_older_snapshot_where_the_newest_is_incomplete(original, tmp_path) -> None:
    environ = places(tmp_path, HF_HUB_CACHE=str(tmp_path))
    old = in_hub_cache(tmp_path, original("voxcpm-0.5b"), OTHER)
    new = in_hub_cache(tmp_path, original("voxcpm-0.5b"), COMMIT)
    for snapshot, seconds in ((old, 1000), (new, 2000)):
        os.utime(snapshot, (seconds, seconds))
    assert cached(REPO, "voxcpm-0.5b", environ).folder == new
    refs = tmp_path / "models--openbmb--VoxCPM-0.5B" / "refs" / "main"
    refs.write_text(OTHER, encoding="utf-8")
    assert cached(REPO, "voxcpm-0.5b", environ).folder == old  # what main is
    refs.write_bytes(b"\xff../..")
    assert cached(REPO, "voxcpm-0.5b", environ).folder == new
    (new / "model.safetensors").unlink()
    assert cached(REPO, "voxcpm-0.5b", environ).revision == OTHER
    (old / "tokenizer.json").resolve().unlink()  # the blob both link to
    assert cached(REPO, "voxcpm-0.5b", environ) is None


LAYOUTS = [
    ("models/OpenBMB--VoxCPM-0.5B/snapshots/master", "master"),
    ("models/OpenBMB/VoxCPM-0___5B", None),
    ("models/OpenBMB/VoxCPM-0.5B", None),
    ("hub/models/OpenBMB/VoxCPM-0___5B", None),
    ("hub/models/OpenBMB/VoxCPM-0.5B", None),
    ("hub/OpenBMB/VoxCPM-0___5B", None),
    ("hub/OpenBMB/VoxCPM-0.5B", None),
    ("OpenBMB/VoxCPM-0___5B", None),
    ("openbmb/VoxCPM-0.5B", None),
]


@pytest.mark.parametrize(("layout", "revision"), LAYOUTS)
@pytest.mark.parametrize("moved", [False, True])
def test_the_cache_of_modelscope(original, tmp_path, layout, revision, moved) -> None:
    root = tmp_path / "ms" if moved else tmp_path / ".cache" / "modelscope"
    environ = places(tmp_path, **({"MODELSCOPE_CACHE": str(root)} if moved else {}))
    shutil.copytree(original("voxcpm-0.5b"), root / layout)
    found = cached(REPO, "voxcpm-0.5b", environ)
    assert (found.folder, found.origin) == (root / layout, "modelscope")
    assert (found.repo, found.revision) == (REPO, revision)
    os.truncate(root / layout / "audiovae.safetensors", 2000)
    assert cached(REPO, "voxcpm-0.5b", environ) is None


def test_hugging_face_comes_first(original, tmp_path) -> None:
    shutil.copytree(
        original("voxcpm-0.5b"), tmp_path / ".cache/modelscope/hub/models/OpenBMB/VoxCPM-0___5B"
    )
    environ = places(tmp_path)
    assert cached(REPO, "voxcpm-0.5b", environ).origin == "modelscope"
    in_hub_cache(tmp_path / ".cache/huggingface/hub", original("voxcpm-0.5b"))
    assert cached(REPO, "voxcpm-0.5b", environ).origin == "huggingface"


# --- digest -------------------------------------------------------------------------------


def test_the_digest(folder) -> None:
    snapshot = examine(folder, "voxcpm-0.5b")
    steps: list[tuple[int, int]] = []
    found, size = digest(snapshot, lambda done, total: steps.append((done, total)))
    lines = []
    for name in ("audiovae.safetensors", "model.safetensors"):
        content = (folder / name).read_bytes()
        lines.append(f"{name} {len(content)} {hashlib.sha256(content).hexdigest()}\n")
    assert found == hashlib.sha256("".join(lines).encode()).hexdigest()
    assert size == sum((folder / name).stat().st_size for name in
                       ("audiovae.safetensors", "model.safetensors"))  # fmt: skip
    assert steps[-1] == (size, size)
    assert steps == sorted(steps)
    assert digest(snapshot) == (found, size)
    configure(folder, dtype="float32")  # no weight
    assert digest(snapshot) == (found, size)
    spoil(folder / "model.safetensors")
    assert digest(snapshot)[0] != found


def spoil(file: Path) -> None:
    """Another last byte."""
    with file.open("r+b") as stream:
        stream.seek(-1, os.SEEK_END)
        last = stream.read(1)[0]
        stream.seek(-1, os.SEEK_END)
        stream.write(bytes([last ^ 1]))


def test_a_damaged_blob(original, tmp_path) -> None:
    snapshot = in_hub_cache(tmp_path, original("voxcpm-0.5b"))
    environ = places(tmp_path, HF_HUB_CACHE=str(tmp_path))
    found = cached(REPO, "voxcpm-0.5b", environ)
    plain = examine(original("voxcpm-0.5b"), "voxcpm-0.5b")
    assert digest(found) == digest(plain)
    blob = (snapshot / "model.safetensors").resolve()
    spoil(blob)
    for each in (found, examine(snapshot, "voxcpm-0.5b")):
        with pytest.raises(UsageError) as caught:
            digest(each)
        assert caught.value.message.startswith(f"damaged: {blob} ")
        assert "delete that file and download it again" in caught.value.hint


def test_a_blob_in_a_store_that_models_share_has_another_name(original, tmp_path) -> None:
    snapshot = in_hub_cache(tmp_path / "hub", original("voxcpm-0.5b"))
    found = examine(snapshot, "voxcpm-0.5b")
    before = digest(found)
    blob = blob_of(snapshot / "model.safetensors")
    shared = tmp_path / "hub" / "blobs" / "ab" / ("ab" * 32)  # a hash of another kind
    shared.parent.mkdir(parents=True)
    blob.rename(shared)
    link(blob, shared)
    assert blob_of(snapshot / "model.safetensors") == blob
    assert digest(found) == before


def test_weights_that_are_gone(folder) -> None:
    snapshot = examine(folder, "voxcpm-0.5b")
    (folder / "model.safetensors").unlink()
    with pytest.raises(UsageError, match="is missing"):
        digest(snapshot)


# --- what a download takes, without the client --------------------------------------------

OFFERED = [
    ".gitattributes", "README.md", "assets/config.json", "assets/model.png", "config.json",
    "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "tokenizer/x.json",
    "pytorch_model.bin", "audiovae.pth",
]  # fmt: skip


def files(*names: str) -> list[Remote]:
    """Files on a hub."""
    return [Remote(name=name, size=10) for name in names]


def test_only_what_is_loaded_is_taken() -> None:
    texts = {"config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json"}
    pickles = {"pytorch_model.bin", "audiovae.pth"}
    taken = [file.name for file in needed(files(*OFFERED), REPO)]
    assert set(taken) == texts | pickles
    assert len(taken) == len(set(taken))
    taken = [file.name for file in needed(files(*OFFERED, "model.safetensors"), REPO)]
    assert set(taken) == texts | {"model.safetensors", "audiovae.pth"}


@pytest.mark.parametrize(
    "missing", ["config.json", "tokenizer.json", "pytorch_model.bin", "audiovae.pth"]
)
def test_a_repository_of_something_else(missing) -> None:
    with pytest.raises(DownloadError, match=missing):
        needed(files(*(name for name in OFFERED if name != missing)), REPO)


def test_the_disk_is_looked_at_where_the_cache_will_be(tmp_path, monkeypatch) -> None:
    monkeypatch.setattr("vcf.bench.hub.free_bytes", lambda folder: 6_500_000_000)
    check_space(REPO, 4_400_000_000, tmp_path)
    with pytest.raises(UsageError) as caught:
        check_space(REPO, 4_600_000_000, tmp_path)
    assert "needs 4.6 GB and 2.0 GB to spare; 6.5 GB are free" in caught.value.message
    monkeypatch.undo()
    check_space(REPO, 0, tmp_path / "not" / "yet")
    with pytest.raises(UsageError):
        check_space(REPO, 1 << 60, tmp_path / "not" / "yet")


@pytest.mark.parametrize("name", ["HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"])
def test_offline_is_said(name) -> None:
    with pytest.raises(DownloadError, match=f"{name} is set") as caught:
        download("no-such-python", REPO, "voxcpm-0.5b", environ={name: "yes"})
    assert name in caught.value.hint
    assert (caught.value.kind, caught.value.exit_code) == ("download", 2)


def test_no_python() -> None:
    with pytest.raises(UsageError, match="no-such-python"):
        download("no-such-python", REPO, "voxcpm-0.5b", environ=dict(os.environ))
