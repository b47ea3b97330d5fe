"""A model that someone adds is judged by the conditions that its file states."""

from __future__ import annotations

from pathlib import Path

import pytest
from judging import CATALOGUE, desktop, gate_with, machine_of

from vcf.catalogue.load import load_catalogue
from vcf.catalogue.model import Catalogue, Text
from vcf.errors import UsageError
from vcf.judge import context as preparing
from vcf.judge import memory
from vcf.judge.assess import assess
from vcf.judge.context import Context
from vcf.judge.subject import subjects

MODEL = """
updated: 2026-01-01
sources:
  mine: {title: measured here, date: 2026-01-01, kind: measured}
runtimes:
  mine:
    name: {en: Mine, zh: 我的}
    needs: {isa: [avx2, fma], packages: [{name: mine, below: "2.0"}], source: mine}
    speed: {cpu: {bandwidth_share: 0.5, arithmetic_share: 0.1, low: 0.5, high: 2, source: mine}}
models:
  mine:
    name: Mine
    family: mine
    hf_id: me/mine
    released: 2026-01-01
    summary: {en: A model, zh: 模型}
    parameters: [{id: all, millions: 100, source: mine}]
    sample_rate_hz: 24000
    steps_s: 25
    work: [{id: lm, reads_gparam_s: 2, work_gflop_s: 4, source: mine}]
    languages: [en]
    emotion: {en: none, zh: 无}
    cloning: {transcript: unused, text: {en: five seconds, zh: 五秒}, source: mine}
    licence: {code: MIT, weights: MIT, commercial: "yes", notice: {en: Nice, zh: 好}, source: mine}
    links: {code: https://example.com}
    modes:
      cpu-fp32: {runtime: mine}
      gpu-fp32: {runtime: mine}
"""


@pytest.fixture(scope="module")
def mine(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    path = tmp_path_factory.mktemp("models") / "mine.yaml"
    path.write_text(MODEL, encoding="utf-8")
    return load_catalogue(path)


ZERO = "reads_gparam_s: 0, work_gflop_s: 0"
CPU = "os: linux\narch: {}\ncpu: {{cores: 4, isa: [{}]}}\nmemory: {{total: 8GiB}}\ngpus: []"


def test_missing_instruction_sets_are_named(mine: Catalogue) -> None:
    judged = assess(machine_of(CPU.format("x86_64", "avx")), "mine", "cpu-fp32", catalogue=mine)
    gate = gate_with(judged, "software-isa")
    assert (judged.verdict, gate.have, gate.need) == ("no", "avx", "avx2, fma")
    missing = gate.text.values["missing"]
    assert isinstance(missing, Text)
    assert (missing.en, missing.zh) == ("avx2, fma", "avx2、fma")
    none = assess(machine_of(CPU.format("x86_64", "")), "mine", "cpu-fp32", catalogue=mine)
    assert gate_with(none, "software-isa").have == "-"


@pytest.mark.parametrize(("arch", "isa"), [("x86_64", "avx2, fma"), ("arm64", "neon")])
def test_instruction_sets_that_are_there_or_not_meant_say_nothing(
    mine: Catalogue, arch: str, isa: str
) -> None:
    judged = assess(machine_of(CPU.format(arch, isa)), "mine", "cpu-fp32", catalogue=mine)
    assert judged.verdict in ("good", "slow")


def test_unknown_instruction_sets_are_a_doubt_and_no_refusal(mine: Catalogue) -> None:
    text = CPU.format("x86_64", "").replace(", isa: []", "")
    judged = assess(machine_of(text), "mine", "cpu-fp32", catalogue=mine)
    assert judged.verdict in ("good", "slow")
    assert "doubt-isa" in [doubt.id for doubt in judged.doubts]


def test_a_package_that_is_too_new_is_named_with_the_command(mine: Catalogue) -> None:
    machine = desktop(software='python: "3.11", mine: "2.1"')
    gate = gate_with(assess(machine, "mine", "cpu-fp32", catalogue=mine), "package-version")
    assert (gate.need, gate.remedy.values["command"]) == ("< 2.0", 'pip install "mine<2.0"')


def test_needs_that_are_not_stated_are_unknown_on_the_gpu_and_nothing_on_the_cpu(
    mine: Catalogue,
) -> None:
    machine = desktop("name: NVIDIA GeForce RTX 3060, vram: 12GiB")
    on_cpu = assess(machine, "mine", "cpu-fp32", catalogue=mine)
    assert on_cpu.memory.host.need_bytes is on_cpu.memory.disk.need_bytes is None
    assert not {"memory", "disk"} & {gate.gate for gate in on_cpu.gates}
    on_gpu = assess(machine, "mine", "gpu-fp32", catalogue=mine)
    assert (on_gpu.verdict, on_gpu.limit) == ("unknown", "memory")
    assert gate_with(on_gpu, "memory-need-unknown").part == "device"


def test_next_to_no_work_is_very_fast_and_still_a_number(tmp_path: Path) -> None:
    path = tmp_path / "idle.yaml"
    path.write_text(MODEL.replace("reads_gparam_s: 2, work_gflop_s: 4", ZERO), encoding="utf-8")
    judged = assess(desktop(), "mine", "cpu-fp32", catalogue=load_catalogue(path))
    assert (judged.verdict, judged.score) == ("good", 100)
    assert judged.rtf.low == judged.rtf.mid == 0.0001


def test_no_gpu_and_needs_that_are_not_stated(mine: Catalogue) -> None:
    judged = assess(desktop(), "mine", "gpu-fp32", catalogue=mine)
    gate = gate_with(judged, "no-gpu")
    assert (judged.verdict, gate.need, gate.source) == ("no", None, None)


def test_a_notice_of_a_free_licence_is_no_warning(mine: Catalogue) -> None:
    judged = assess(desktop(), "mine", "cpu-fp32", catalogue=mine)
    assert gate_with(judged, "licence").status == "pass"


def test_an_unknown_model_or_mode_is_a_usage_error() -> None:
    with pytest.raises(UsageError, match="voxcpm-2 has no mode 'gpu-q3'"):
        assess(desktop(), "voxcpm-2", "gpu-q3", catalogue=CATALOGUE)


def test_subjects_are_made_once_per_catalogue(mine: Catalogue) -> None:
    assert subjects(mine) is subjects(mine)
    assert subjects(mine) is not subjects(CATALOGUE)
    assert ("mine", "cpu-fp32") in subjects(mine).by_key


def test_forgetting_identities_never_changes_an_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    before = assess(desktop(), "voxcpm-0.5b", "cpu-fp32", catalogue=CATALOGUE)
    monkeypatch.setattr(preparing, "MOST_IDS", 1)
    seen = {preparing.identity(("some", number)) for number in range(5)}
    assert len(seen) == 5
    after = assess(desktop(), "voxcpm-0.5b", "cpu-fp32", catalogue=CATALOGUE)
    assert (after.verdict, after.gates, after.rtf) == (before.verdict, before.gates, before.rtf)


def test_a_full_memory_of_judgements_is_cleared_and_filled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vcf.judge.verdict.MOST_KEPT", 2)
    monkeypatch.setattr("vcf.judge.memory.MOST_KEPT", 2)
    subject = subjects(CATALOGUE).by_key["voxcpm-0.5b", "cpu-fp32"]
    subject.memo.clear()
    memory._kept.clear()
    software = ("", 'python: "3.13"', "torch: 2.8.0", "torch: 2.1.0", "voxcpm: 1.0.0")
    machines = [desktop(software=installed) for installed in software]
    first = [assess(m, *subject.key, catalogue=CATALOGUE) for m in machines]
    assert len(subject.memo) <= 2
    assert [assess(m, *subject.key, catalogue=CATALOGUE) for m in machines] == first
    assert len({str(judged.gates) for judged in first}) == 5


@pytest.mark.parametrize(
    ("text", "os", "arch"),
    [
        ("jetson: R36.3", "linux", "arm64"),
        ("cpu: {isa: [neon]}", "linux", "arm64"),
        ("cpu: {isa: [avx2]}", "linux", "x86_64"),
        ("cpu: {model: Apple M3}", "macos", "arm64"),
        ("os: macos", "macos", "arm64"),
        ("os: macos\ncpu: {model: Intel Core i5}", "macos", "x86_64"),
        ("gpus: [{vendor: apple}]", "macos", "arm64"),
        ("os: windows\narch: ARM64", "windows", "arm64"),
    ],
)
def test_system_and_architecture_follow_from_what_is_known(text: str, os: str, arch: str) -> None:
    context = Context(machine_of(text))
    assert (context.os, context.arch, context.platform) == (os, arch, f"{os}-{arch}")
