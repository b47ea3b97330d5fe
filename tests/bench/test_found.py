"""Where checkouts, programs and files are looked for."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from vcf.bench.found import FOLDERS, MOST, bases, checkouts, gguf_files, programs

NAME = "voxcpm_tts.exe" if os.name == "nt" else "voxcpm_tts"


def made(path: Path, text: str = "") -> Path:
    """A file, with the folders above it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


@pytest.fixture(autouse=True)
def nowhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No program on the PATH and no cache of a hub."""
    monkeypatch.setenv("PATH", str(tmp_path / "bin"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))


def test_places(tmp_path: Path) -> None:
    here, home = tmp_path / "a" / "b", tmp_path / "home"
    found = bases(here, home)
    assert found[:3] == [here, tmp_path / "a", home]
    assert home / "Downloads" in found and len(found) == len(FOLDERS) + 2
    assert bases(here, None) == [here, tmp_path / "a"]
    assert bases(home, tmp_path).count(home) == 1, "none twice"


def test_checkouts_in_and_below_the_places(tmp_path: Path) -> None:
    inside = tmp_path / "one"
    below = tmp_path / "two" / "index-tts"
    for repo in (inside, below):
        made(repo / "indextts" / "infer_v2.py")
    made(tmp_path / "two" / "other" / "indextts" / "infer_v2.py")
    made(tmp_path / "three" / "index-tts" / "README.md")
    places = [tmp_path / name for name in ("one", "two", "three", "none")]
    assert checkouts(places) == [inside, below]


def test_a_checkout_under_two_names_is_one(tmp_path: Path) -> None:
    repo = tmp_path / "index-tts"
    made(repo / "indextts" / "infer_v2.py")
    (tmp_path / "IndexTTS").symlink_to(repo)
    assert checkouts([tmp_path, repo]) == [repo]


def test_programs_on_the_path_come_first(tmp_path: Path) -> None:
    built = made(tmp_path / "VoxCPM.cpp" / "build" / "examples" / NAME)
    assert programs([tmp_path]) == [("voxcpm.cpp", built)]
    on_path = made(tmp_path / "bin" / NAME)
    on_path.chmod(0o755)
    assert programs([tmp_path]) == [("voxcpm.cpp", on_path), ("voxcpm.cpp", built)]
    assert programs([tmp_path / "VoxCPM.cpp"])[1] == ("voxcpm.cpp", built), "in the tree itself"


def test_files_beside_a_program_in_the_cache_and_here(tmp_path: Path) -> None:
    program = made(tmp_path / "VoxCPM.cpp" / "build" / "examples" / NAME)
    beside = made(tmp_path / "VoxCPM.cpp" / "models" / "voxcpm-0.5b-q8_0.gguf")
    snapshot = tmp_path / "hub" / "models--bluryar--VoxCPM-GGUF" / "snapshots" / "1"
    cached = made(snapshot / "voxcpm-1.5-q4_k.gguf")
    made(tmp_path / "hub" / "models--other--llama" / "snapshots" / "1" / "voxcpm.gguf")
    here = made(tmp_path / "here" / "VoxCPM2.GGUF")
    made(tmp_path / "here" / "llama-7b.gguf")
    (tmp_path / "here" / "voxcpm-folder.gguf").mkdir()
    found = gguf_files([tmp_path / "here"], [program])
    assert sorted(found) == sorted([beside, cached, here])


def test_a_folder_with_very_many_entries_is_not_read_to_its_end(tmp_path: Path) -> None:
    for number in range(MOST + 50):
        made(tmp_path / f"voxcpm-{number}.gguf")
    assert len(gguf_files([tmp_path], [])) == MOST


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no")

    monkeypatch.setattr(Path, "iterdir", refuse)
    monkeypatch.setattr(Path, "is_file", refuse)
    assert gguf_files([tmp_path], []) == []
    assert checkouts([tmp_path]) == []
