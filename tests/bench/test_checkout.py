"""Checkouts of index-tts: what is seen in them, and every file that can be missing."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from checkout_stand_in import COMMIT, checkout, models, table

from vcf.bench.checkout import (
    check_files,
    commit_of,
    examine,
    file_names,
    held,
    models_folder,
    read_config,
)
from vcf.bench.checkout_files import expected
from vcf.bench.indextts_config import Version, config
from vcf.errors import UsageError

VERSIONS: tuple[Version, ...] = ("2", "2.5")


def seen(repo: Path, version: str = "2.5", python: str | None = sys.executable) -> Any:
    return examine(repo, f"indextts-{version}", python)


def filled(folder: Path, version: Version) -> Path:
    """A complete models' folder."""
    said = config(version)
    models(folder, expected(version, file_names(folder, said, version)))
    (folder / "config.yaml").write_text(yaml.safe_dump(said))
    return folder


def refused(call: Any, *given: Any) -> str:
    with pytest.raises(UsageError) as caught:
        call(*given)
    assert "\n" not in caught.value.message
    return f"{caught.value.message} | {caught.value.hint}"


# ---- the code ---------------------------------------------------------------------------------


def test_a_checkout(tmp_path: Path) -> None:
    found = seen(checkout(tmp_path / "index-tts"))
    assert (found.version, found.project, found.commit) == ("2.5", "2.0.0", COMMIT)
    assert found.told == "2.0.0+0123456789ab"
    assert found.repo == tmp_path / "index-tts"


def test_no_checkout(tmp_path: Path) -> None:
    assert "does not exist" in refused(seen, tmp_path / "no")
    (tmp_path / "file").write_text("")
    assert "is no folder" in refused(seen, tmp_path / "file")
    (tmp_path / "empty").mkdir()
    text = refused(seen, tmp_path / "empty")
    assert "is no checkout of index-tts" in text and "git clone https://" in text
    assert "does not run indextts-1.5" in refused(examine, tmp_path, "indextts-1.5", None)


def test_a_checkout_that_is_too_old(tmp_path: Path) -> None:
    repo = checkout(tmp_path / "a", "2")
    text = refused(seen, repo, "2.5")
    assert "too old for indextts-2.5" in text and "measure indextts-2" in text
    assert seen(repo, "2").version == "2"


def test_its_own_python(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repo = checkout(tmp_path / "a")
    text = refused(seen, repo, "2.5", None)
    assert "uv sync" in text and "--python PATH" in text
    for system, inside in (("linux", "bin/python"), ("win32", "Scripts/python.exe")):
        monkeypatch.setattr(sys, "platform", system)
        own = repo / ".venv" / inside
        own.parent.mkdir(parents=True)
        own.write_text("")
        assert Path(seen(repo, "2.5", None).python) == own


@pytest.mark.parametrize(
    ("head", "files", "commit"),
    [
        (COMMIT, {}, COMMIT),
        ("ref: refs/heads/main", {"refs/heads/main": COMMIT}, COMMIT),
        ("ref: refs/heads/a/b", {"packed-refs": f"# x\n{COMMIT} refs/heads/a/b\n"}, COMMIT),
        ("ref: refs/heads/main", {}, None),
        ("ref: refs/heads/main", {"refs/heads/main": "nonsense"}, None),
        ("ref: ../../secret", {"../secret": COMMIT}, None),
        ("nonsense", {}, None),
        ("", {}, None),
    ],
)
def test_the_commit(tmp_path: Path, head: str, files: dict[str, str], commit: str | None) -> None:
    git = tmp_path / "repo" / ".git"
    for name, text in {"HEAD": head, **files}.items():
        (git / name).parent.mkdir(parents=True, exist_ok=True)
        (git / name).write_text(text + "\n")
    assert commit_of(tmp_path / "repo") == commit


def test_the_commit_of_a_worktree(tmp_path: Path) -> None:
    main = tmp_path / "main" / ".git"
    place = main / "worktrees" / "w"
    place.mkdir(parents=True)
    (place / "HEAD").write_text("ref: refs/heads/x\n")
    (place / "commondir").write_text("../..\n")
    (main / "packed-refs").write_text(f"{COMMIT} refs/heads/x\n")
    (tmp_path / "w").mkdir()
    (tmp_path / "w" / ".git").write_text(f"gitdir: {place}\n")
    assert commit_of(tmp_path / "w") == COMMIT
    assert commit_of(tmp_path / "nowhere") is None


def test_what_is_not_known(tmp_path: Path) -> None:
    repo = checkout(tmp_path / "a")
    shutil.rmtree(repo / ".git")
    (repo / "pyproject.toml").write_text("[project]\nname = 'x'\n[other]\nversion = '3'\n")
    assert seen(repo).told == "0+unknown"
    (repo / "pyproject.toml").unlink()
    assert seen(repo).project is None


# ---- the models -------------------------------------------------------------------------------


@pytest.mark.parametrize("version", VERSIONS)
def test_all_files_are_there(tmp_path: Path, version: Version) -> None:
    found = seen(checkout(tmp_path / "a"), version)
    folder = filled(tmp_path / "a" / "checkpoints", version)
    assert models_folder(found) == folder and held(folder) == version
    files = check_files(found, folder)
    assert {file.path for file in files} >= {
        "config.yaml",
        "gpt.pth",
        "hf_cache/bigvgan/config.json",
    }
    assert not [file for file in files if file.least > file.size > 0]


def test_version_2_lies_in_a_folder_of_its_own(tmp_path: Path) -> None:
    repo = checkout(tmp_path / "a")
    filled(repo / "checkpoints", "2.5")
    filled(repo / "checkpoints_2", "2")
    assert models_folder(seen(repo, "2")) == repo / "checkpoints_2"
    assert models_folder(seen(repo, "2.5")) == repo / "checkpoints"


def test_the_other_version(tmp_path: Path) -> None:
    repo = checkout(tmp_path / "a")
    filled(repo / "checkpoints", "2")
    text = refused(models_folder, seen(repo, "2.5"))
    assert "holds IndexTTS-2, asked was 2.5" in text
    assert "`vcf bench indextts-2` measures it" in text
    assert "hf download IndexTeam/IndexTTS-2.5" in text


def test_no_models(tmp_path: Path) -> None:
    found = seen(checkout(tmp_path / "a"))
    folder = found.repo / "checkpoints"
    for _ in range(2):
        assert models_folder(found) == folder
        text = refused(check_files, found, folder)
        assert "14 of the 14 files of IndexTTS-2.5 are missing" in text
        assert "from https://huggingface.co/funasr/campplus: hf_cache/campplus_cn" in text
        assert "hf download IndexTeam/IndexTTS-2.5" in text and "--weights synthetic" in text
        folder.mkdir(exist_ok=True)
        (folder / "pinyin.vocab").write_text("a")
    (found.repo / "checkpoints_25").mkdir()
    (found.repo / "checkpoints_25" / "config.yaml").write_text("a: 1")
    assert models_folder(found) == found.repo / "checkpoints_25"


@pytest.mark.parametrize("version", VERSIONS)
def test_each_missing_file_is_named(tmp_path: Path, version: Version) -> None:
    found = seen(checkout(tmp_path / "a"), version)
    folder = filled(tmp_path / "a" / "checkpoints", version)
    for file in expected(version, file_names(folder, config(version), version)):
        kept = tmp_path / "kept"
        (folder / file.path).rename(kept)
        text = refused(check_files, found, folder)
        assert f"{file.path}" in text and "is missing" in text
        assert f"from https://huggingface.co/{file.repo}" in text
        assert "--weights synthetic" in text and ": 1 of the " in text
        kept.rename(folder / file.path)


def test_all_faults_at_once(tmp_path: Path) -> None:
    found = seen(checkout(tmp_path / "a"))
    folder = filled(tmp_path / "a" / "checkpoints", "2.5")
    (folder / "gpt.pth").unlink()
    (folder / "s2mel.pth").write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0")
    (folder / "codec.pth").write_text("<!DOCTYPE html><html>not found</html>")
    w2v = folder / "hf_cache/w2v-bert-2.0/model.safetensors"
    w2v.write_bytes(table(2_322_063_736) + b"cut")
    bigvgan = folder / "hf_cache/bigvgan/bigvgan_generator.pt"
    with bigvgan.open("r+b") as stream:
        stream.truncate(1_000_000)
    (folder / "feat1.pt").unlink()
    (folder / "feat1.pt").mkdir()
    text = refused(check_files, found, folder)
    for part in (
        ": 6 of the 14 files of IndexTTS-2.5",
        "from https://huggingface.co/IndexTeam/IndexTTS-2.5: gpt.pth (3.3 GB) is missing, ",
        "s2mel.pth only points to the weights (0.4 GB)",
        "codec.pth holds no weights of torch (0.6 GB)",
        "model.safetensors is cut short",
        "from https://huggingface.co/nvidia/bigvgan_v2_22khz_80band_256x: "
        "hf_cache/bigvgan/bigvgan_generator.pt has only 1,000,000 bytes of 0.4 GB",
        "feat1.pt is not a file (57,170 bytes)",
    ):
        assert part in text


def test_half_precision_files_do(tmp_path: Path) -> None:
    found = seen(checkout(tmp_path / "a"))
    folder = filled(tmp_path / "a" / "checkpoints", "2.5")
    with (folder / "gpt.pth").open("r+b") as stream:
        stream.truncate(1_630_000_000)
    assert check_files(found, folder)


def test_config_names_the_files(tmp_path: Path) -> None:
    found = seen(checkout(tmp_path / "a"))
    folder = filled(tmp_path / "a" / "checkpoints", "2.5")
    (folder / "config.yaml").write_text(
        yaml.safe_dump({**config("2.5"), "gpt_checkpoint": "b.pth"})
    )
    assert "b.pth (3.3 GB) is missing" in refused(check_files, found, folder)
    (folder / "gpt.pth").rename(folder / "b.pth")
    assert [file.path for file in check_files(found, folder)][1] == "b.pth"


@pytest.mark.parametrize(
    "text",
    [
        "- a\n", "x\n", "", "a: [1\n", "a: &a 1\nb: *a\n", "\x00", "a: 1\n",
        *(f"gpt_checkpoint: {name!r}\n" for name in
          ("../gpt.pth", "/etc/passwd", "C:\\x", "a//b", "", "a\x1b[31mb", "x" * 300, ".")),
        "gpt_checkpoint: [1]\n", "[" * 5000, "a: " + "x" * 200_000,
    ],
    ids=lambda text: repr(text)[:30],
)  # fmt: skip
def test_a_config_that_is_none(tmp_path: Path, text: str) -> None:
    found = seen(checkout(tmp_path / "a"))
    folder = filled(tmp_path / "a" / "checkpoints", "2.5")
    known = "" if text.startswith(("-", "[", "x", "\x00")) else yaml.safe_dump(
        {name: value for name, value in config("2.5").items() if name != "gpt_checkpoint"}
    )  # fmt: skip
    (folder / "config.yaml").write_text(text + (known if text.startswith("gpt") else ""))
    assert "config.yaml" in refused(check_files, found, folder)


def test_a_config_that_is_no_file(tmp_path: Path) -> None:
    (tmp_path / "config.yaml").mkdir()
    assert "is not a file" in refused(read_config, tmp_path)


def test_version_2_names_its_vocabulary(tmp_path: Path) -> None:
    said = config("2")
    assert file_names(tmp_path, said, "2")["bpe_model"] == "bpe.model"
    assert "bpe_model" in refused(file_names, tmp_path, {**said, "dataset": 7}, "2")
