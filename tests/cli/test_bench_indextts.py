"""``vcf bench indextts-2`` and ``indextts-2.5`` through the command line: the real measuring
program with a stand-in for the checkout."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "bench"))

import checkout_stand_in
from test_kit_indextts import writer

from vcf.bench import conditions as vcf_conditions
from vcf.bench import indextts_synthetic, measure
from vcf.bench.database import all_records
from vcf.machine import probe as probe_module
from vcf.machine.load import read_machine

DESK = """
os: linux
cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [avx2]}
memory: {total: 64GiB}
gpus: [{name: NVIDIA GeForce RTX 4090, vram: 24GiB, driver: "570.133"}]
disk: {free: 200GB}
"""
unix = pytest.mark.skipif(sys.platform == "win32", reason="signals")


@pytest.fixture(autouse=True)
def places(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Folders of nobody, and a computer on which nothing else runs."""
    monkeypatch.setitem(measure.measure.__kwdefaults__, "busy", lambda: (0.0, 4))
    monkeypatch.setattr(vcf_conditions, "_load", lambda: 0.25)
    monkeypatch.setattr(indextts_synthetic, "SPARE_BYTES", 0)
    monkeypatch.setattr("vcf.bench.nvml.nvml_call._load", lambda: 1 / 0)
    for variable, name in (("VCF_CACHE_DIR", "cache"), ("VCF_DATA_DIR", "data")):
        monkeypatch.setenv(variable, str(tmp_path / name))
    monkeypatch.delenv("CHECKOUT_FAULT", raising=False)
    writer(tmp_path, monkeypatch)
    found = read_machine(DESK, "desk.yaml")
    monkeypatch.setattr(probe_module, "probe", lambda *_, **__: found)
    monkeypatch.chdir(tmp_path)
    return tmp_path


@pytest.fixture
def repo(places: Path) -> Path:
    return checkout_stand_in.checkout(places / "index-tts")


@pytest.fixture
def bench(vcf: Any, repo: Path) -> Callable[..., Any]:
    """``vcf bench indextts-2.5`` with random weights and further arguments."""

    def call(*more: object, version: str = "2.5") -> Any:
        return vcf(
            "bench", f"indextts-{version}", "--repo", repo, "--python", sys.executable,
            "--weights", "synthetic", "--runs", 1, *more,
        )  # fmt: skip

    return call


@pytest.mark.parametrize("version", ["2", "2.5"])
def test_it_is_measured(bench: Any, places: Path, version: str) -> None:
    done = bench("--mode", "cpu", version=version)
    assert done.code == 0, done.err
    assert f"indextts-{version} · random weights" in done.out
    assert "of a run: GPT " in done.out and "a new clip takes " in done.out
    (kept,) = all_records()
    assert (kept.engine.name, kept.mode, kept.weights.kind) == ("indextts", "cpu-fp32", "synthetic")
    assert kept.versions["indextts"] == "2.0.0+0123456789ab"
    assert set(kept.runs[0].stages) == {"gpt", "s2mel", "vocoder"}
    assert kept.workload.reference_seconds == pytest.approx(5.0, abs=0.1)
    assert kept.phases.reference_s is not None and kept.streaming is None
    assert not any((places / "index-tts").glob("checkpoints*")), "nothing is written there"


def test_in_chinese(bench: Any) -> None:
    done = bench("--mode", "cpu", "--lang", "zh")
    assert done.code == 0 and "每次合成：GPT " in done.out and "声码器 " in done.out


def test_a_plan_writes_nothing(bench: Any, places: Path) -> None:
    done = bench("--dry-run", "--mode", "cpu")
    assert done.code == 0 and "indextts-2.5:cpu-fp32" in done.out
    assert "--weights hub" not in done.out
    assert not (places / "cache").exists() and all_records() == []


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ((), "--repo is missing"),
        (("--repo", "none"), "does not exist"),
        (("--repo", "a", "--repo", "b"), "--repo is there more than once"),
        (("--repo", "."), "is no checkout of index-tts"),
    ],
)
def test_no_checkout(vcf: Any, given: tuple[str, ...], words: str) -> None:
    vcf("bench", "indextts-2.5", *given).refused(words)


def test_what_it_can_not_do(bench: Any) -> None:
    bench("--mode", "cpu", "--also", "accel").refused("--also accel: only on a GPU")
    bench("--mode", "gpu", "--also", "magic").refused("--also magic: indextts has no such thing")
    bench("--mode", "gguf-cpu").refused("can't be measured in 'gguf-cpu'")
    bench("--mode", "cpu-bf16").refused("can't be measured in 'cpu-bf16'")


def test_files_that_are_missing_are_named(vcf: Any, repo: Path) -> None:
    done = vcf("bench", "indextts-2.5", "--repo", repo, "--python", sys.executable)
    assert done.code == 2 and "--weights synthetic" in done.err
    assert "gpt.pth" in done.err and "GB" in done.err and "IndexTeam/IndexTTS-2.5" in done.err
    assert all_records() == []


def test_further_cells(bench: Any) -> None:
    """Torch of the stand-in sees no card: each of the cells says so."""
    done = bench("--mode", "gpu-bf16", "--also", "accel", "--also", "cuda-kernel")
    assert done.code == 1
    assert [record.protocol.options for record in all_records()] == [[], ["accel"], ["cuda-kernel"]]
    assert "gpu-bf16+accel: failed" in done.out and "torch sees no GPU here" in done.out


@pytest.mark.parametrize(
    ("fault", "status", "words"),
    [
        pytest.param("abort@speak", "error", "ended by SIGABRT", marks=unix),
        ("oom@load", "oom", "out of memory"),
        ("renamed@speak", "error", "another than vcf knows"),
        ("short@speak", "error", "did not get the length"),
    ],
)
def test_endings(
    bench: Any, monkeypatch: pytest.MonkeyPatch, fault: str, status: str, words: str
) -> None:
    monkeypatch.setenv("CHECKOUT_FAULT", fault)
    done = bench("--mode", "cpu")
    (kept,) = all_records()
    assert (done.code, kept.status) == (1, status), done.out
    assert words in " ".join(done.out.split())


def test_it_hangs(bench: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHECKOUT_FAULT", "hang@speak")
    done = bench("--mode", "cpu", "--max-seconds", 2)
    (kept,) = all_records()
    assert (done.code, kept.status) == (1, "timeout")
