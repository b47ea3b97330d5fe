"""``vcf bench matrix`` and the GGUF program through the command line.

The voxcpm package is the stand-in for the measuring program; VoxCPM.cpp is the real measuring
program with a stand-in for ``voxcpm_tts``.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

BENCH = Path(__file__).parents[1] / "bench"
sys.path.insert(0, str(BENCH))

import gguf_files  # noqa: E402
import program_stand_in  # noqa: E402

from vcf.bench import child_talk, measure  # noqa: E402
from vcf.bench import conditions as vcf_conditions  # noqa: E402
from vcf.bench.checkpoint import write_checkpoint  # noqa: E402
from vcf.bench.database import all_records  # noqa: E402
from vcf.bench.record import BenchDocument  # noqa: E402
from vcf.cli import bench_matrix  # noqa: E402
from vcf.machine import probe as probe_module  # noqa: E402
from vcf.machine.load import read_machine  # noqa: E402

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="programs with a shebang")

DESK = """
os: linux
cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [avx2, avx512_bf16]}
memory: {total: 32GiB}
gpus: []
disk: {free: 200GB}
software: {python: "3.11.7", torch: 2.13.0+cpu, voxcpm: 2.0.3}
"""
RUN = """
import runpy, sys
place = {stand_in!r} if sys.argv[1] == "voxcpm" else {real!r}
sys.argv[0] = place
sys.path[0] = place.rsplit("/", 1)[0]
runpy.run_path(place, run_name="__main__")
"""


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of nobody, and a computer on which nothing else runs."""
    run = tmp_path / "run.py"
    real = Path(child_talk.__file__).with_name("child") / "run.py"
    run.write_text(RUN.format(stand_in=str(BENCH / "bench_stand_in.py"), real=str(real)))
    monkeypatch.setattr(child_talk, "RUN", run)
    monkeypatch.setitem(measure.measure.__kwdefaults__, "busy", lambda: (0.0, 4))
    monkeypatch.setattr(vcf_conditions, "_load", lambda: 0.25)
    for variable, name in (
        ("VCF_CACHE_DIR", "cache"), ("VCF_DATA_DIR", "data"), ("HF_HUB_CACHE", "hf"),
        ("MODELSCOPE_CACHE", "ms"), ("HOME", "home"), ("PATH", "bin"), ("STAND_IN_LOG", "log"),
        ("PROGRAM_LOG", "calls"),
    ):  # fmt: skip
        monkeypatch.setenv(variable, str(tmp_path / name))
    for name in ("STAND_IN_FAULT", "STAND_IN_ONLY", "STAND_IN_SECONDS", "PROGRAM_FAULT",
                 "PROGRAM_STREAMS"):  # fmt: skip
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "here").mkdir()
    monkeypatch.chdir(tmp_path / "here")
    machine(monkeypatch, DESK)
    return tmp_path


def machine(monkeypatch: pytest.MonkeyPatch, text: str) -> None:
    found = read_machine(text, "desk.yaml")
    monkeypatch.setattr(probe_module, "probe", lambda *_, **__: found)


@pytest.fixture
def program(places: Path) -> Path:
    """VoxCPM.cpp, built below this folder."""
    folder = places / "here" / "VoxCPM.cpp" / "build" / "examples"
    folder.mkdir(parents=True)
    return program_stand_in.put(folder)


@pytest.fixture
def files(program: Path) -> list[Path]:
    """Two files beside it."""
    folder = program.parents[2] / "models"
    folder.mkdir()
    return [
        gguf_files.write_voxcpm(folder / f"voxcpm-0.5b-{kind}.gguf", kind=kind)
        for kind in ("Q8_0", "F16")
    ]


def matrix(vcf: Any, *arguments: object) -> Any:
    return vcf("bench", "matrix", "--runs", 1, "--no-streaming", *arguments)


# ---- all that is there ------------------------------------------------------------------------


def test_everything_is_measured_and_ranked(vcf: Any, files: list[Path]) -> None:
    done = matrix(vcf, "--text-seconds", 1)
    assert done.code == 0, done.err
    names = {(record.engine.name, record.mode) for record in all_records()}
    assert names == {("voxcpm-cpp", "gguf-cpu-q8"), ("voxcpm-cpp", "gguf-cpu-f16")}
    assert "passed over: voxcpm-0.5b, voxcpm-1.5, voxcpm-2 in the voxcpm package" in done.err
    assert "2 cells, by the forecast " in done.err
    assert done.out.startswith("With voxcpm-0.5b:gguf-cpu-")
    assert "1  voxcpm-0.5b:gguf-cpu-" in done.out and "2  voxcpm-0.5b:gguf-cpu-" in done.out


def test_random_weights_where_there_are_none(vcf: Any, files: list[Path]) -> None:
    """A file has the weights that it has."""
    done = matrix(vcf, "--weights", "tiny", "--model", "0.5b", "--text-seconds", 1)
    assert done.code == 0, done.err
    kinds = {(record.engine.name, record.weights.kind) for record in all_records()}
    assert kinds == {("voxcpm", "tiny"), ("voxcpm-cpp", "path")}
    assert "speed of no meaning: voxcpm-0.5b:cpu-" in done.out


def test_package_and_program_together(vcf: Any, files: list[Path], places: Path) -> None:
    write_checkpoint(places / "model", "voxcpm-0.5b", "tiny")
    hub = places / "hf" / "models--openbmb--VoxCPM-0.5B"
    (hub / "snapshots").mkdir(parents=True)
    (hub / "refs").mkdir()
    (places / "model").rename(hub / "snapshots" / ("a" * 40))
    (hub / "refs" / "main").write_text("a" * 40)
    done = matrix(vcf, "--text-seconds", 1, "--model", "0.5b")
    assert done.code == 0, done.err
    found = [(record.engine.name, record.mode) for record in all_records()]
    assert {("voxcpm", "cpu-fp32"), ("voxcpm", "cpu-bf16"), ("voxcpm-cpp", "gguf-cpu-q8")} <= set(
        found
    )
    expected = [record.predicted.mid for record in all_records() if record.predicted is not None]
    assert expected == sorted(expected), "the quickest by the forecast first"


def test_only_some_modes(vcf: Any, files: list[Path]) -> None:
    done = matrix(vcf, "--mode", "gguf-cpu-q8", "--text-seconds", 1)
    assert done.code == 0, done.err
    assert [record.mode for record in all_records()] == ["gguf-cpu-q8"]
    other = matrix(vcf, "--mode", "gguf-cpu-q4")
    assert other.code == 2 and "can't be measured in 'gguf-cpu-q4'" in other.err
    matrix(vcf, "--model", "voxcpm-9").refused("unknown model")


def test_nothing_is_there(vcf: Any) -> None:
    done = matrix(vcf)
    assert done.code == 2 and "nothing was found that could be measured here" in done.err
    matrix(vcf, "--model", "indextts-2").refused("nothing was found")


def test_a_program_without_files(vcf: Any, program: Path) -> None:
    done = matrix(vcf)
    assert done.code == 2 and "nothing was found" in done.err
    assert "no GGUF file of VoxCPM was found" in done.err


def test_what_was_found_but_is_no_such_thing_is_passed_over(
    vcf: Any, files: list[Path], places: Path
) -> None:
    bad = files[0].with_name("voxcpm-broken.gguf")
    bad.write_bytes(b"<html>")
    done = matrix(vcf, "--text-seconds", 1)
    assert done.code == 0 and "passed over: " in done.err and "voxcpm-broken.gguf" in done.err
    assert len(all_records()) == 2


def test_what_was_named_and_is_no_such_thing_is_refused(vcf: Any, files: list[Path]) -> None:
    bad = files[0].with_name("broken.gguf")
    bad.write_bytes(b"<html>")
    done = matrix(vcf, "--binary", files[0].parents[1] / "build/examples/voxcpm_tts", "--gguf", bad)
    done.refused("broken.gguf")
    matrix(vcf, "--binary", files[0]).refused("what program is that?")
    assert all_records() == []


def test_a_checkout_that_is_not_complete(vcf: Any, places: Path, files: list[Path]) -> None:
    import checkout_stand_in

    repo = checkout_stand_in.checkout(places / "here" / "index-tts")
    done = matrix(vcf, "--text-seconds", 1)
    assert done.code == 0 and "passed over: " in done.err and "index-tts" in done.err
    matrix(vcf, "--repo", repo).refused("has no environment of its own")


# ---- how long ---------------------------------------------------------------------------------


def test_the_plan_says_how_long_it_takes(vcf: Any, files: list[Path]) -> None:
    done = matrix(vcf, "--dry-run", "--text-seconds", 2)
    assert done.code == 0 and "2 cells, by the forecast " in done.out
    assert "Nothing has been measured, written or downloaded." in done.out
    plan = matrix(vcf, "--dry-run", "--json", "--text-seconds", 2).json
    times = [(cell["seconds_low"] * cell["seconds_high"]) for cell in plan["cells"]]
    assert times == sorted(times) and all_records() == []
    zh = matrix(vcf, "--dry-run", "--lang", "zh")
    assert "共 2 项，预测总耗时" in zh.out


def test_time_is_over_before_the_last_cell(
    vcf: Any, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bench_matrix, "LOAD_GUESS_S", 0.0)
    clock = iter([0.0, *[1.0] * 2, *[1e4] * 50])
    monkeypatch.setattr(bench_matrix, "time", SimpleNamespace(monotonic=lambda: next(clock)))
    done = matrix(vcf, "--text-seconds", 1, "--max-seconds", 9000)
    assert done.code == 0, done.err
    assert "skipped: too little time is left" in done.out
    assert [record.status for record in all_records()] == ["ok"], "what is skipped is not kept"


def test_no_time_at_all(vcf: Any, files: list[Path]) -> None:
    done = matrix(vcf, "--text-seconds", 5, "--max-seconds", 0.5)
    assert done.code == 1 and done.out.count("too little time is left") == 2
    assert done.out.startswith("Nothing was measured.")


def test_json(vcf: Any, files: list[Path], valid: Any) -> None:
    done = matrix(vcf, "--text-seconds", 1, "--json")
    valid("bench", json.loads(done.out))
    document = msgspec.json.decode(done.out, type=BenchDocument)
    assert len(document.results) == 2
    assert {record.weights.quantisation for record in document.results} == {"Q8_0", "F16"}


# ---- modes of cards ---------------------------------------------------------------------------


def test_cards_that_are_not_there_are_no_failure(vcf: Any, files: list[Path]) -> None:
    done = matrix(vcf, "--text-seconds", 1)
    assert "no GPU" not in done.out + done.err
    asked = matrix(vcf, "--text-seconds", 1, "--mode", "gguf-gpu")
    assert asked.code == 1 and "there is no GPU here" in asked.err


# ---- one program ------------------------------------------------------------------------------


@pytest.fixture
def bench(vcf: Any, program: Path, files: list[Path]) -> Callable[..., Any]:
    """``vcf bench voxcpm --runtime voxcpm.cpp`` with the first file and further arguments."""
    return lambda *more: vcf(
        "bench", "voxcpm", "--runtime", "voxcpm.cpp", "--binary", program, "--gguf", files[0],
        "--runs", 1, "--text-seconds", 1, *more,
    )  # fmt: skip


def test_a_program_is_measured(bench: Any, places: Path) -> None:
    done = bench("--no-streaming", "--threads", 3, "--steps", 6)
    assert done.code == 0, done.err
    assert "voxcpm-0.5b" in done.out and "gguf-cpu-q8" in done.out and "of a run: " in done.out
    (kept,) = all_records()
    assert (kept.engine.name, kept.engine.threads) == ("voxcpm-cpp", 3)
    assert kept.protocol.threads_asked == 3 and kept.workload.steps == 6
    calls = [json.loads(line) for line in (places / "calls").read_text().splitlines()]
    assert all("3" in str(call) for call in calls) and len(calls) >= 3


def test_several_files(bench: Any, files: list[Path]) -> None:
    done = bench("--gguf", files[1], "--no-streaming", "--mode", "cpu")
    assert done.code == 0, done.err
    assert [record.mode for record in all_records()] == ["gguf-cpu-q8", "gguf-cpu-f16"]


@pytest.mark.parametrize(
    ("more", "words"),
    [
        (("--compile",), "--compile: voxcpm-cpp can't be told that"),
        (("--python", "python3"), "--python means nothing to a program"),
        (("--mode", "cpu-fp32"), "can't be measured in 'cpu-fp32'"),
        (("--mode", "gguf-cpu-q4"), "can't be measured in 'gguf-cpu-q4'"),
        (("--model", "1.5"), "holds voxcpm-0.5b"),
        (("--binary", "other"), "needs one program: --binary PATH"),
        (("--runtime", "llama"), "--runtime 'llama' is not known"),
        (("--weights", "hub"), "--weights hub means nothing here"),
    ],
)
def test_refused(bench: Any, more: tuple[str, ...], words: str) -> None:
    bench(*more).refused(words)


def test_refused_without_one_of_them(vcf: Any, program: Path, files: list[Path]) -> None:
    vcf("bench", "voxcpm", "--gguf", files[0]).refused("are of a program: which one?")
    asked = ("bench", "voxcpm", "--runtime", "voxcpm.cpp")
    vcf(*asked).refused("needs one program")
    vcf(*asked, "--binary", program).refused("needs weights: --gguf FILE")
    vcf(*asked, "--binary", program, "--gguf", "none.gguf").refused("none.gguf")
    vcf(*asked, "--binary", "none", "--gguf", files[0]).refused("none")


def test_a_clip_needs_its_words(bench: Any, places: Path) -> None:
    import checkout_stand_in

    clip = checkout_stand_in.clip(places / "a.wav", 2.0)
    bench("--reference", clip).refused("takes a clip only together with its words")
    done = bench("--reference", clip, "--reference-text", "Hello.", "--no-streaming")
    assert done.code == 0, done.err
    assert all_records()[0].workload.reference_seconds == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        ("SIGSEGV@2", "error", "ended by SIGSEGV"),
        ("memory@1", "oom", "out of memory"),
        ("without=Saved audio@2", "error", "another than vcf knows"),
        ("backend@1", "error", "otherwise than was asked for"),
    ],
)
def test_endings(
    bench: Any, monkeypatch: pytest.MonkeyPatch, fault: str, status: str, words: str
) -> None:
    monkeypatch.setenv("PROGRAM_FAULT", fault)
    done = bench("--no-streaming")
    (kept,) = all_records()
    assert (done.code, kept.status) == (1, status)
    assert words in " ".join(done.out.split())


def test_it_hangs(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PROGRAM_FAULT", "hang@2")
    done = bench("--no-streaming", "--max-seconds", 1)
    (kept,) = all_records()
    assert (done.code, kept.status) == (1, "timeout")


# ---- what a new user stumbled over ------------------------------------------------------------


def test_a_program_on_the_path(
    vcf: Any, program: Path, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(program.parent))
    asked = ("bench", "voxcpm", "--runtime", "voxcpm.cpp", "--gguf", files[0], "--dry-run")
    assert vcf(*asked, "--binary", "voxcpm_tts").code == 0
    vcf(*asked, "--binary", "other_tts").refused("other_tts")


def test_a_plan_tells_the_limit_of_all(vcf: Any, files: list[Path]) -> None:
    done = matrix(vcf, "--dry-run", "--max-seconds", 90)
    assert "What is not over after 90 s, all in all, is not begun." in " ".join(done.out.split())
    assert matrix(vcf, "--dry-run", "--max-seconds", 90, "--json").json["limit_seconds"] == 90
    assert matrix(vcf, "--dry-run", "--json").json["limit_seconds"] is None


def test_one_cell_is_one(vcf: Any, files: list[Path]) -> None:
    done = matrix(vcf, "--text-seconds", 1, "--mode", "gguf-cpu-q8")
    assert "One cell, by the forecast " in done.err


def test_a_clip_without_its_words(vcf: Any, files: list[Path], places: Path) -> None:
    import checkout_stand_in

    clip = checkout_stand_in.clip(places / "a.wav", 2.0)
    done = matrix(vcf, "--dry-run", "--reference", clip)
    assert done.code == 0
    assert done.err.count("voxcpm-0.5b: without the clip") == 1, "said once for both files"


def test_where_the_sound_is(bench: Any, places: Path) -> None:
    done = bench("--no-streaming", "--save-audio", places / "sound")
    assert done.code == 0 and f"sound: {places / 'sound'}" in done.err
    assert [file.suffix for file in (places / "sound").iterdir()] == [".wav"]


def test_real_weights_of_a_file_are_not_advertised(bench: Any, files: list[Path]) -> None:
    done = bench("--dry-run", "--weights", "tiny")
    done.refused("--weights tiny means nothing here")
    assert "--weights hub" not in bench("--dry-run").out


# ---- what an attack found ---------------------------------------------------------------------


def test_the_same_file_twice_is_one(bench: Any, files: list[Path]) -> None:
    done = bench("--gguf", files[0], "--no-streaming", "--dry-run", "--json")
    assert len(done.json["cells"]) == 1


def test_files_that_could_not_be_told_apart(bench: Any, vcf: Any, files: list[Path]) -> None:
    other = gguf_files.write_voxcpm(files[0].with_name("voxcpm-other.gguf"), kind="Q8_0")
    bench("--gguf", other).refused("are both voxcpm-0.5b:gguf-cpu-q8")
    done = matrix(vcf, "--dry-run")
    assert (
        done.code == 0 and "voxcpm-other.gguf: voxcpm-0.5b:gguf-cpu-q8 is measured with" in done.err
    )


def test_a_program_is_looked_at_once(
    vcf: Any, files: list[Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    from vcf.bench import programs

    real, calls = programs.examine, list[Path]()

    def examine(path: Path, known: Any) -> Any:
        calls.append(path)
        return real(path, known)

    monkeypatch.setattr(programs, "examine", examine)
    assert matrix(vcf, "--dry-run").code == 0
    assert len(calls) == 1


def test_a_program_that_is_found_and_does_not_run(
    vcf: Any, program: Path, files: list[Path]
) -> None:
    program.write_text("#!/bin/sh\necho hello\n")
    done = matrix(vcf, "--dry-run")
    assert done.code == 2 and "voxcpm_tts" in done.err and "nothing was found" in done.err
    matrix(vcf, "--dry-run", "--binary", program).refused("voxcpm_tts")


def test_a_pipe_is_no_file(bench: Any, places: Path) -> None:
    os.mkfifo(places / "pipe")
    bench("--text-file", places / "pipe").refused("pipe: is no file")
    bench("--reference", places / "pipe").refused("pipe: is no file")


def test_a_synthesis_that_took_no_time(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    from vcf.bench.session import Session

    real = Session._quietly

    def quietly(self: Any, order: str, watch: Any) -> Any:
        told, window, repeats = real(self, order, watch)
        return {**told, "seconds": -1.0}, window, repeats

    monkeypatch.setattr(Session, "_quietly", quietly)
    done = bench("--no-streaming")
    (kept,) = all_records()
    assert (done.code, kept.status) == (1, "error")
    assert kept.reason is not None and "a synthesis of -1 s" in kept.reason.detail
