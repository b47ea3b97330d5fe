"""Options of ``vcf bench voxcpm`` that can't be: one line, exit 2, and nothing done."""

from __future__ import annotations

import os
import sys
import wave
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from vcf.bench import child_talk
from vcf.bench.cells import plan
from vcf.bench.kit_voxcpm import install_command, runs_in_package
from vcf.catalogue.model import Catalogue
from vcf.cli.bench_asked import BenchArguments
from vcf.cli.bench_options import (
    CLIP_GUESS,
    clip_of,
    make_folder,
    script_of,
    valid,
)
from vcf.errors import UsageError
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import Workload
from vcf.machine import probe as probe_module
from vcf.machine.load import load_machine
from vcf.machine.model import Machine

SMALL = "voxcpm-0.5b"


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, probed: Machine) -> Path:
    """A fixed machine, folders of nobody, and no program to measure with."""
    machine = msgspec.structs.replace(
        probed, software={"python": "3.11.7", "torch": "2.13.0", "voxcpm": "2.0.3"}
    )
    monkeypatch.setattr(probe_module, "probe", lambda *_, **__: machine)
    monkeypatch.setattr(child_talk, "RUN", tmp_path / "nothing")
    for variable, name in (
        ("VCF_CACHE_DIR", "cache"), ("VCF_DATA_DIR", "data"), ("HF_HUB_CACHE", "hf"),
        ("MODELSCOPE_CACHE", "ms"),
    ):  # fmt: skip
        monkeypatch.setenv(variable, str(tmp_path / name))
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def refused(vcf: Any, places: Path) -> Callable[..., str]:
    """Called with arguments that can't be: what was said of them."""

    def call(*arguments: object) -> str:
        before = sorted(places.iterdir())
        for more in (("--dry-run",), ()):
            done = vcf("bench", "voxcpm", *arguments, *more)
            done.refused()
        error = vcf("bench", "voxcpm", *arguments, "--json").error
        assert (error["kind"], error["message"]) == ("usage", done.err.splitlines()[0][5:])
        assert sorted(places.iterdir()) == before
        return str(done.err)

    return call


# ---- numbers ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("option", "value", "words"),
    [
        ("--threads", "0", "--threads: 0 is out of range"),
        ("--threads", "-1", "out of range"),
        ("--threads", "1025", "out of range"),
        ("--runs", "0", "--runs: 0 is out of range"),
        ("--runs", "1001", "out of range"),
        ("--steps", "0", "--steps: 0 is out of range"),
        ("--steps", "101", "--steps: 101 is out of range"),
        ("--max-seconds", "nan", "--max-seconds: nan is out of range"),
        ("--max-seconds", "inf", "--max-seconds: inf is out of range"),
        ("--max-seconds", "0", "out of range"),
        ("--max-seconds", "-5", "out of range"),
        ("--max-seconds", "86401", "out of range"),
        ("--text-seconds", "nan", "--text-seconds: nan is out of range"),
        ("--text-seconds", "0.05", "out of range"),
        ("--text-seconds", "61", "out of range"),
        ("--threads", "two", "--threads"),
        ("--runs", "1.5", "--runs"),
        ("--max-seconds", "long", "--max-seconds"),
    ],
)
def test_numbers(refused: Any, option: str, value: str, words: str) -> None:
    assert words in refused(option, value)


@pytest.mark.parametrize(
    "good",
    [
        {"threads": 1}, {"threads": 1024}, {"runs": 1}, {"runs": 1000}, {"steps": 100},
        {"max_seconds": 0.001}, {"max_seconds": 86_400.0}, {"text_seconds": 0.1},
        {"text_seconds": 60.0}, {"quick": True}, {},
    ],
)  # fmt: skip
def test_numbers_that_can_be(good: dict[str, Any]) -> None:
    arguments = BenchArguments(**good)
    assert valid(arguments) is arguments


# ---- options that contradict each other -------------------------------------------------------


def test_contradictions(refused: Any) -> None:
    assert "--text contradicts --text-file" in refused("--text", "a", "--text-file", "b")
    assert "--quick contradicts --runs" in refused("--quick", "--runs", 3)
    assert "needs the clip that says it" in refused("--reference-text", "Hi.")
    assert "--reference WAV" in refused("--reference-text", "Hi.")


def test_options_that_do_not_exist(refused: Any) -> None:
    assert "--fast" in refused("--fast")


# ---- the text ---------------------------------------------------------------------------------


def test_texts_that_say_nothing(refused: Any, places: Path) -> None:
    for text in ("", "   ", "\n\t\u3000"):
        assert "the text is empty" in refused("--text", text)
    (places / "empty").write_bytes(b"\xef\xbb\xbf \n")
    assert "the text is empty" in refused("--text-file", "empty")


def test_texts_that_are_too_long(refused: Any, places: Path) -> None:
    assert "has 5001 characters, more than 5000" in refused("--text", "x" * 5001)
    (places / "long").write_text("水" * 6000, encoding="utf-8")
    assert "has 6000 characters" in refused("--text-file", "long")


def test_files_that_are_no_text(refused: Any, places: Path) -> None:
    assert "--text-file none: No such file" in refused("--text-file", "none")
    assert "Is a directory" in refused("--text-file", places)
    (places / "binary").write_bytes(b"\xff\xfe\x00\x01")
    assert "--text-file binary: is not UTF-8" in refused("--text-file", "binary")
    refused("--text-file", "")
    said = refused("--text-file", "a\x1b[31m")
    assert "\x1b" not in said


def test_a_file_that_is_much_too_long(refused: Any, places: Path) -> None:
    (places / "long").write_text("水" * 400_000, encoding="utf-8")
    assert "characters, more than 5000" in refused("--text-file", "long")


def test_what_is_said() -> None:
    assert script_of(BenchArguments()) is None
    found = script_of(BenchArguments(text=" a\n b "))
    assert found is not None and (found.text, found.name) == ("a b", "own")
    broken = script_of(BenchArguments(text="a\udcffb"))  # an undecodable byte of the command line
    assert broken is not None and broken.text == "a?b"
    assert len(broken.sha256) == 64


# ---- the clip ---------------------------------------------------------------------------------


def clip(file: Path, seconds: float, rate: int = 8000) -> Path:
    with wave.open(str(file), "wb") as sound:
        sound.setparams((1, 2, rate, 0, "NONE", ""))
        sound.writeframes(bytes(2 * round(seconds * rate)))
    return file


def test_clips_that_can_not_be(refused: Any, places: Path) -> None:
    words = ("--reference-text", "Hi.")
    assert "--reference none.wav: no such file" in refused("--reference", "none.wav", *words)
    assert "is no file" in refused("--reference", places, *words)
    assert "is no file" in refused("--reference", "", *words)
    (places / "empty.wav").write_bytes(b"")
    assert "empty.wav: is empty" in refused("--reference", "empty.wav", *words)
    (places / "text.wav").write_text("no sound")
    assert "is no WAV file" in refused("--reference", "text.wav", *words)
    clip(places / "short.wav", 0.05)
    assert "has 0.1 s of sound" in refused("--reference", "short.wav", *words)
    clip(places / "none.WAV", 0.0)
    assert "has 0.0 s of sound" in refused("--reference", "none.WAV", *words)
    clip(places / "long.wav", 601, rate=100)
    assert "has 601.0 s of sound" in refused("--reference", "long.wav", *words)


@pytest.mark.skipif(sys.platform == "win32" or os.geteuid() == 0, reason="may read everything")
def test_a_clip_that_may_not_be_read(refused: Any, places: Path) -> None:
    clip(places / "a.wav", 1.0).chmod(0)
    assert "Permission denied" in refused("--reference", "a.wav", "--reference-text", "Hi.")


def test_a_clip_without_its_words(refused: Any, vcf: Any, places: Path) -> None:
    """The two older models need them."""
    clip(places / "a.wav", 4.0)
    for words in ((), ("--reference-text", " ")):
        said = refused("--reference", "a.wav", *words)
        assert "voxcpm-0.5b takes a clip only together with its words" in said
        assert "--reference-text" in said.splitlines()[1]
    assert "voxcpm-1.5 takes a clip only" in refused(
        "--reference", "a.wav", "--model", "2", "--model", "1.5"
    )
    done = vcf("bench", "voxcpm", "--model", "2", "--reference", "a.wav", "--dry-run", "-m", "cpu")
    assert done.code == 0, done.err


def length(file: Path) -> float | None:
    found = clip_of(BenchArguments(reference=str(file), reference_text="Hi."))
    return None if found is None else found.seconds


def test_how_long_a_clip_is(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert clip_of(BenchArguments()) is None
    assert length(clip(places / "a.wav", 3.5)) == 3.5
    assert length(clip(places / "a.flac", 3.5)) == 3.5  # by what it holds, not by its name
    (places / "b.flac").write_bytes(b"fLaC")
    assert length(places / "b.flac") == CLIP_GUESS
    (places / "float.wav").write_bytes(clip(places / "a.wav", 1.0).read_bytes().replace(
        b"fmt \x10\x00\x00\x00\x01\x00", b"fmt \x10\x00\x00\x00\x03\x00"))  # fmt: skip
    assert length(places / "float.wav") == CLIP_GUESS
    (places / "cut.wav").write_bytes(b"RIFF")
    assert length(places / "cut.wav") == CLIP_GUESS
    monkeypatch.setenv("HOME", str(places))
    assert length(Path("~/a.wav")) == 1.0


def test_a_folder_with_the_users_name(vcf: Any, places: Path, monkeypatch: Any) -> None:
    """``~`` means the home folder wherever the clip is named."""
    from vcf.cli.bench_asked import Bench

    clip(places / "a.wav", 1.0)
    monkeypatch.setenv("HOME", str(places))
    arguments = BenchArguments(
        reference="~/a.wav", reference_text="Hi.", modes=("cpu-fp32",), weights="tiny"
    )
    bench = Bench(arguments)
    bench.plan()
    assert bench.ask(bench.jobs[0]).work.clip == str(places / "a.wav")


# ---- models, modes, weights -------------------------------------------------------------------


def test_models(refused: Any) -> None:
    assert "unknown model 'voxcpm-9'" in refused("--model", "voxcpm-9")
    assert "unknown model" in refused("--model", "")
    assert "the voxcpm package does not run it" in refused("--model", "indextts-2")
    assert "choose 0.5b, 1.5 or 2" in refused("--model", "0.5b", "--model", "indextts")


def test_modes(refused: Any) -> None:
    assert "unknown mode 'gpy'" in refused("--mode", "gpy")
    assert "can't be measured in 'gguf'" in refused("-m", "cpu", "-m", "gguf")


def test_an_empty_mode(refused: Any) -> None:
    assert "unknown mode ''" in refused("--mode", "")


def test_weights(refused: Any, places: Path) -> None:
    assert "does not exist" in refused("--weights", places / "none")
    assert "--weights is empty" in refused("--weights", "")
    (places / "folder").mkdir()
    assert "is empty" in refused("--weights", "folder")
    (places / "file").write_text("")
    assert "is a file" in refused("--weights", "file")


def test_no_such_python(refused: Any) -> None:
    assert "no such interpreter" in refused("--python", "/no/such/python")


def test_names_of_models(vcf: Any) -> None:
    for names, models in (
        ([], ["voxcpm-0.5b"]),
        (["voxcpm"], ["voxcpm-0.5b"]),
        (["VoxCPM2"], ["voxcpm-2"]),
        (["2", "0.5", "0.5B"], ["voxcpm-2", "voxcpm-0.5b"]),
        (["openbmb/VoxCPM1.5", "1.5"], ["voxcpm-1.5"]),
    ):
        words = [part for name in names for part in ("--model", name)]
        told = vcf("bench", "voxcpm", *words, "-m", "cpu-fp32", "--dry-run", "--json").json
        assert [cell["model"] for cell in told["cells"]] == models


# ---- the folder of the sound ------------------------------------------------------------------


def test_sound_can_not_be_kept_there(refused: Any, places: Path) -> None:
    (places / "file").write_text("")
    assert "file is no folder" in refused("--save-audio", "file")
    refused("--save-audio", "file/below")
    assert "--save-audio" in refused("--save-audio", "a" * 300)


def test_the_folder_is_made_when_it_is_asked(places: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    valid(BenchArguments(save_audio=str(places / "a" / "b")))
    assert not (places / "a").exists()
    make_folder(str(places / "a" / "b"))
    assert (places / "a" / "b").is_dir()
    monkeypatch.setenv("HOME", str(places))
    make_folder("~/c")
    assert (places / "c").is_dir()
    with pytest.raises(UsageError, match="--save-audio"):
        valid(BenchArguments(save_audio="a\0b"))


# ---- what installs the package ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "mode", "words"),
    [
        ("desktop-rtx-3060-12gb", "gpu-bf16", "pip install"),
        ("office-pc-i5-4590", "cpu-fp32", "pip install"),
        ("macbook-air-m2-16gb", "cpu-fp32", "pip install"),
    ],
)
def test_the_command_that_installs_it(
    catalogue: Catalogue, profile: str, mode: str, words: str
) -> None:
    machine = load_machine(profile)
    asked = {"cpu": Workload(), "gpu": Workload()}
    (cell,) = plan((SMALL,), (mode,), runs_in_package, catalogue, machine, asked, NO_EVIDENCE)
    bare = install_command(cell, machine)
    assert words in bare and "voxcpm" in bare and "\n" not in bare
    known = msgspec.structs.replace(machine, software={"torch": None, "voxcpm": None})
    assert install_command(cell, known) == bare


# ---- in Chinese -------------------------------------------------------------------------------


def test_refusals_are_the_same_in_chinese(vcf: Any) -> None:
    done = vcf("bench", "voxcpm", "--threads", 0, "--lang", "zh")
    done.refused("--threads: 0 is out of range")
    vcf("bench", "voxcpm", "--lang", "fr").refused("fr")


def test_help(vcf: Any) -> None:
    done = vcf("bench", "voxcpm", "--help")
    assert (done.code, done.err) == (0, "")
    for option in ("--mode", "--weights", "--dry-run", "--force", "--save-audio", "--max-seconds"):
        assert option in done.out
    assert "130 interrupted" in " ".join(done.out.split())
    assert "voxcpm" in vcf("bench", "--help").out
