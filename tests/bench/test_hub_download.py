"""Downloads with the real huggingface_hub from a hub on this computer, and all that goes wrong."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub_server import Fault, HubServer

import vcf.bench.hub as module
from vcf.bench.checkpoint import write_checkpoint
from vcf.bench.hub import DownloadError
from vcf.bench.snapshots import Snapshot, cached, digest
from vcf.errors import UsageError, VcfError

pytestmark = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in ("huggingface_hub", "numpy")),
    reason="needs huggingface_hub and numpy",
)

REPO, MODEL = "openbmb/VoxCPM-0.5B", "voxcpm-0.5b"
WEIGHTS = "model.safetensors"
CHUNK = 1 << 18
"""Bytes that the child has the client write at once."""

Get = Callable[..., Snapshot]


@pytest.fixture(scope="session")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny checkpoint, and what else lies in a repository."""
    folder = tmp_path_factory.mktemp("source") / "model"
    write_checkpoint(folder, MODEL, "tiny")
    (folder / "README.md").write_text("A model.", encoding="utf-8")
    (folder / "assets").mkdir()
    (folder / "assets" / "logo.png").write_bytes(bytes(1000))
    return folder


@pytest.fixture
def hub(source: Path) -> Iterator[HubServer]:
    """A hub with it."""
    with HubServer({REPO: source}) as server:
        yield server


@pytest.fixture
def environ(hub: HubServer, tmp_path: Path) -> dict[str, str]:
    """What leads to the hub and to an empty cache."""
    known = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    return {**known, **hub.environment(tmp_path / "hf")}


@pytest.fixture
def get(environ: dict[str, str]) -> Get:
    """Downloads it with this Python."""

    def run(**more: object) -> Snapshot:
        return module.download(sys.executable, REPO, MODEL, **{"environ": environ, **more})

    return run


def refused(get: Get, **more: object) -> VcfError:
    """What is said of a download that fails."""
    with pytest.raises(VcfError) as caught:
        get(**more)
    assert caught.value.hint
    assert "\n" not in caught.value.message + caught.value.hint
    return caught.value


def fetched(hub: HubServer) -> list[str]:
    """Names of the files that were sent, wholly or in part."""
    return [
        path.rpartition("/")[2]
        for method, path in hub.requests
        if method == "GET" and "/resolve/" in path
    ]


def blob(tmp_path: Path, hub: HubServer, name: str = WEIGHTS) -> Path:
    """Where the client keeps a large file."""
    folder = tmp_path / "hf" / "hub" / "models--openbmb--VoxCPM-0.5B"
    return folder / "blobs" / str(hub.files(REPO)[name].sha256)


def check(found: Snapshot, source: Path, environ: dict[str, str]) -> None:
    """It is all there, right, and where it is looked for."""
    names = [WEIGHTS, "audiovae.safetensors", "config.json", "tokenizer.json"]
    for name in [*names, "tokenizer_config.json"]:
        assert (found.folder / name).read_bytes() == (source / name).read_bytes()
    assert cached(REPO, MODEL, environ) == found
    assert digest(found)[1] == sum((source / name).stat().st_size for name in names[:2])


def test_a_whole_download(get, hub, source, environ, tmp_path) -> None:
    steps: list[tuple[int, int]] = []
    found = get(progress=lambda done, total: steps.append((done, total)))
    check(found, source, environ)
    assert (found.origin, found.repo, found.revision) == ("huggingface", REPO, hub.commit(REPO))
    assert sorted(fetched(hub)) == [
        "audiovae.safetensors", "config.json", WEIGHTS, "tokenizer.json", "tokenizer_config.json",
    ]  # fmt: skip
    total = sum(hub.files(REPO)[name].size for name in set(fetched(hub)))
    assert steps[0] == (0, total)
    assert steps[-1] == (total, total)
    assert steps == sorted(steps)
    assert not list((tmp_path / "hf").rglob("*.incomplete"))


def test_what_is_there_is_not_fetched_again(get, hub, source, environ) -> None:
    get()
    hub.requests.clear()
    steps: list[tuple[int, int]] = []
    check(get(progress=lambda done, total: steps.append((done, total))), source, environ)
    assert fetched(hub) == []
    assert steps[0][0] == steps[0][1]


def test_it_is_as_if_the_client_had_done_it(get, hub, environ, tmp_path) -> None:
    """The client's own download afterwards finds everything."""
    import subprocess

    get()
    hub.requests.clear()
    code = f"import huggingface_hub as h; h.snapshot_download({REPO!r}, ignore_patterns='*.md')"
    subprocess.run([sys.executable, "-c", code], env=environ, check=True)
    assert sorted(fetched(hub)) == ["logo.png", "vcf-synthetic.json"]  # which vcf leaves out


def test_a_connection_that_breaks_once(get, hub, source, environ) -> None:
    hub.faults[WEIGHTS] = Fault(cut_after=3 * CHUNK + 1000)
    check(get(), source, environ)
    assert hub.ranges == [(WEIGHTS, f"bytes={3 * CHUNK}-")]


def test_a_connection_that_breaks_at_every_chunk(get, hub, source, environ) -> None:
    hub.faults[WEIGHTS] = Fault(cut_after=CHUNK + 1000, times=4)
    check(get(), source, environ)
    assert len(hub.ranges) == 4


def test_the_next_call_goes_on(get, hub, source, environ, tmp_path) -> None:
    hub.faults[WEIGHTS] = Fault(
        cut_after=3 * CHUNK + 1000, then=Fault(status=403)
    )  # no client tries that again
    error = refused(get)
    assert isinstance(error, DownloadError)
    assert WEIGHTS in error.message
    assert "403" in error.message
    assert "1.3 MB of 2.1 MB" in error.message  # the AudioVAE and three chunks
    assert "goes on where it stopped" in error.hint
    assert "HF_ENDPOINT=https://hf-mirror.com" in error.hint
    partial = blob(tmp_path, hub).with_suffix(".incomplete")
    assert partial.stat().st_size == 3 * CHUNK
    assert cached(REPO, MODEL, environ) is None
    hub.requests.clear()
    hub.ranges.clear()
    check(get(), source, environ)
    assert hub.ranges == [(WEIGHTS, f"bytes={3 * CHUNK}-")]
    assert "audiovae.safetensors" not in fetched(hub)


def test_ctrl_c_keeps_what_has_arrived(get, hub, source, environ, tmp_path) -> None:
    hub.faults[WEIGHTS] = Fault(hold_after=3 * CHUNK + 1000)
    vae = hub.files(REPO)["audiovae.safetensors"].size

    def interrupt(done: int, total: int) -> None:
        if done >= vae + 3 * CHUNK:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        get(progress=interrupt)
    assert blob(tmp_path, hub).with_suffix(".incomplete").stat().st_size >= 3 * CHUNK
    check(get(), source, environ)
    assert [name for name, _ in hub.ranges] == [WEIGHTS]


def test_nothing_comes_any_more(get, hub, source, environ) -> None:
    hub.faults[WEIGHTS] = Fault(hold_after=3 * CHUNK + 1000)
    error = refused(get, patience=2.0)
    assert "nothing came for 2 s" in error.message
    assert "goes on where it stopped" in error.hint
    check(get(), source, environ)
    assert [name for name, _ in hub.ranges] == [WEIGHTS]


@pytest.mark.parametrize("claim", [1000, -1000])
def test_another_size_than_the_hub_says(get, hub, source, environ, claim, tmp_path) -> None:
    hub.faults[WEIGHTS] = Fault(claim=claim, times=0)
    error = refused(get)
    assert isinstance(error, DownloadError)
    assert WEIGHTS in error.message
    assert "size that the hub says" in error.message or "damaged" in error.message
    assert not blob(tmp_path, hub).exists()
    assert cached(REPO, MODEL, environ) is None
    hub.faults.clear()
    check(get(), source, environ)


def test_another_content_than_the_hub_says(get, hub, source, environ, tmp_path) -> None:
    hub.faults[WEIGHTS] = Fault(alter=True)
    error = refused(get)
    assert isinstance(error, DownloadError)
    assert f"{WEIGHTS}: it arrived damaged" in error.message
    assert not blob(tmp_path, hub).exists()
    assert not list((tmp_path / "hf").rglob("*.incomplete"))
    assert cached(REPO, MODEL, environ) is None
    check(get(), source, environ)


def test_who_wants_xet_gets_the_client_alone_and_the_same_checks(
    get, hub, source, environ, tmp_path
) -> None:
    environ["HF_HUB_DISABLE_XET"] = "0"
    hub.faults[WEIGHTS] = Fault(alter=True)
    assert f"{WEIGHTS}: it arrived damaged" in refused(get).message
    assert not blob(tmp_path, hub).exists()
    check(get(), source, environ)


def test_a_wrong_beginning_is_thrown_away_at_once(get, hub, source, environ, tmp_path) -> None:
    partial = blob(tmp_path, hub).with_suffix(".incomplete")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(bytes(100_000))
    check(get(), source, environ)
    assert hub.ranges == [(WEIGHTS, "bytes=100000-")]
    assert fetched(hub).count(WEIGHTS) == 2


def test_a_beginning_that_is_all_of_it(get, hub, source, environ, tmp_path) -> None:
    partial = blob(tmp_path, hub).with_suffix(".incomplete")
    partial.parent.mkdir(parents=True)
    partial.write_bytes((source / WEIGHTS).read_bytes())
    check(get(), source, environ)
    assert WEIGHTS not in fetched(hub)


def test_a_beginning_longer_than_the_file(get, hub, source, environ, tmp_path) -> None:
    partial = blob(tmp_path, hub).with_suffix(".incomplete")
    partial.parent.mkdir(parents=True)
    partial.write_bytes(bytes(5_000_000))
    check(get(), source, environ)
    assert hub.ranges == []


@pytest.mark.parametrize("spoilt", ["content", "size", "link"])
def test_a_cache_that_was_damaged_is_mended(get, hub, source, environ, tmp_path, spoilt) -> None:
    found = get()
    place = blob(tmp_path, hub)
    content = place.read_bytes()
    if spoilt == "content":
        place.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
        with pytest.raises(UsageError, match="damaged"):
            digest(found)
    elif spoilt == "size":
        place.write_bytes(content[:1000])
        assert cached(REPO, MODEL, environ) is None
    else:
        (found.folder / WEIGHTS).unlink()
        assert cached(REPO, MODEL, environ) is None
    hub.requests.clear()
    check(get(), source, environ)
    assert fetched(hub) == ([] if spoilt == "link" else [WEIGHTS])


def test_a_small_file_of_the_wrong_size_is_mended(get, hub, source, environ) -> None:
    found = get()
    (found.folder / "tokenizer.json").resolve().write_text("{}", encoding="utf-8")
    hub.requests.clear()
    check(get(), source, environ)
    assert fetched(hub) == ["tokenizer.json"]


def test_where_there_are_no_links(get, hub, source, environ, tmp_path) -> None:
    """As under Windows: the files themselves lie in the snapshot, once."""
    if "HF_HUB_DISABLE_SYMLINKS" not in Path(
        str(importlib.util.find_spec("huggingface_hub.constants").origin)
    ).read_text(encoding="utf-8"):
        pytest.skip("this client always makes links")
    environ["HF_HUB_DISABLE_SYMLINKS"] = "1"
    found = get()
    check(found, source, environ)
    assert not (found.folder / WEIGHTS).is_symlink()
    assert not blob(tmp_path, hub).exists()
    hub.requests.clear()
    check(get(), source, environ)
    assert fetched(hub) == []


def test_a_small_disk_is_noticed_before_anything_is_fetched(get, hub, monkeypatch) -> None:
    monkeypatch.setattr(module, "free_bytes", lambda folder: 2_001_000_000)
    error = refused(get)
    assert isinstance(error, UsageError)
    assert f"the download of {REPO} needs 2.1 MB and 2.0 GB to spare" in error.message
    assert "HF_HOME" in error.hint
    assert fetched(hub) == []
    assert all(path.startswith("/api/") for _, path in hub.requests)


def test_a_small_disk_does_where_all_is_there(get, hub, source, environ, monkeypatch) -> None:
    get()
    monkeypatch.setattr(module, "free_bytes", lambda folder: 0)
    check(get(), source, environ)


def test_a_place_that_may_not_be_written(get, environ, tmp_path) -> None:
    (tmp_path / "hf").write_text("a file", encoding="utf-8")
    error = refused(get)
    assert isinstance(error, DownloadError)
    assert str(tmp_path / "hf") in error.message


def test_an_unknown_repository(hub, environ) -> None:
    with pytest.raises(DownloadError) as caught:
        module.download(sys.executable, "openbmb/VoxCPM9", MODEL, environ=environ)
    assert caught.value.message.startswith("openbmb/VoxCPM9 is not on the hub, or it is private")
    assert caught.value.hint


def test_a_repository_with_terms(get, hub) -> None:
    hub.refuse = (403, "GatedRepo")
    error = refused(get)
    assert "accept its terms" in error.message
    assert "hf auth login" in error.hint


def test_a_hub_that_refuses_everything(get, hub) -> None:
    hub.refuse = (500, None)
    error = refused(get)
    assert isinstance(error, DownloadError)
    assert "500" in error.message


def test_a_repository_of_another_model(hub, environ) -> None:
    with pytest.raises(UsageError, match=r"holds voxcpm-0\.5b, asked was voxcpm-2"):
        module.download(sys.executable, REPO, "voxcpm-2", environ=environ)


def test_no_hub(source, environ) -> None:
    with HubServer({REPO: source}) as gone:
        address = gone.url
    environ["HF_ENDPOINT"] = address.replace("http://", "http://name:secret@")
    with pytest.raises(DownloadError) as caught:
        module.download(sys.executable, REPO, MODEL, environ=environ)
    assert caught.value.message.startswith("127.0.0.1 does not answer: ")
    assert "secret" not in caught.value.message
    assert "hf-mirror" in caught.value.hint


def test_a_python_without_the_client(get, environ, tmp_path) -> None:
    (tmp_path / "huggingface_hub.py").write_text(
        "raise ModuleNotFoundError(\"No module named 'huggingface_hub'\", name='huggingface_hub')"
    )
    environ["PYTHONPATH"] = str(tmp_path)
    error = refused(get)
    assert "has no huggingface_hub" in error.message
    (tmp_path / "huggingface_hub.py").write_text("import os\nos._exit(3)\n")
    assert "exit status 3" in refused(get).message


def test_a_changed_repository(get, hub, source, environ, tmp_path) -> None:
    """Another commit: what stayed the same is not fetched again."""
    get()
    hub.requests.clear()
    with_more = tmp_path / "more"
    with_more.mkdir()
    for file in source.iterdir():
        if file.is_file():
            (with_more / file.name).write_bytes(file.read_bytes())
    (with_more / "special_tokens_map.json").write_text("{}", encoding="utf-8")
    with HubServer({REPO: with_more}) as newer:
        environ["HF_ENDPOINT"] = newer.url
        found = get()
        check(found, with_more, environ)
        assert found.revision == newer.commit(REPO) != hub.commit(REPO)
        assert fetched(newer) == ["special_tokens_map.json"]
