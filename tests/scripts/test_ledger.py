"""scripts/ledger.py: reports as machines and work."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest
from made_up import known, load, report

from vcf.catalogue.reports import Conditions, reports
from vcf.judge.workload import STANDARD, Workload

GIB = 1 << 30


@pytest.fixture
def ledger(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("ledger", monkeypatch)


def test_what_a_report_does_not_say_is_usual(ledger: ModuleType) -> None:
    machine = ledger.machine_of(report("one"))
    assert (machine.name, machine.os) == ("one", "linux")
    assert machine.memory.total_bytes == 64 * GIB
    assert machine.disk.free_bytes == 200 * 10**9
    assert machine.software is None and machine.settings is None
    (card,) = machine.gpus
    assert (card.name, card.vendor, card.vram_total_bytes) == ("RTX 3060", "nvidia", None)


def test_what_a_report_says_counts(ledger: ModuleType) -> None:
    machine = ledger.machine_of(
        report("one", vram_gb=8, ram_gb=16, os="windows", cores=6, gpu="RTX 4060", cpu="i5-12400",
               program="voxcpm", software={"torch": "2.8.0+cu128", "triton": None},
               conditions=Conditions(compiled=False))
    )  # fmt: skip
    assert machine.gpus[0].vram_total_bytes == 8 * GIB
    assert machine.memory.total_bytes == 16 * GIB
    assert (machine.os, machine.cpu.usable_cores) == ("windows", 6)
    # the package was there, since the program ran
    assert machine.software == {"voxcpm": "2.0.3", "torch": "2.8.0+cu128", "triton": None}
    assert machine.settings == {"TORCHDYNAMO_DISABLE": "1"}


def test_a_processor_alone_has_no_card(ledger: ModuleType) -> None:
    machine = ledger.machine_of(report("one", cores=4, mode="cpu-fp32"))
    assert machine.gpus is None
    assert machine.cpu.usable_cores == machine.cpu.physical_cores == 4


def test_memory_alone_is_a_card_too(ledger: ModuleType) -> None:
    (card,) = ledger.machine_of(report("one", gpu=None, vram_gb=6)).gpus
    assert (card.name, card.vram_total_bytes) == (None, 6 * GIB)


@pytest.mark.parametrize(
    ("conditions", "work"),
    [
        ({}, STANDARD),
        ({"speech_seconds": 30, "reference_seconds": 5, "steps": 4, "emotion": True},
         Workload(speech_seconds=30, reference_seconds=5, steps=4, emotion=True)),
        ({"short_clip": True}, Workload(speech_seconds=2.5)),
        ({"short_clip": True, "speech_seconds": 1.5}, Workload(speech_seconds=1.5)),
        ({"emotion": False}, STANDARD),
    ],
)  # fmt: skip
def test_work(ledger: ModuleType, conditions: dict[str, Any], work: Workload) -> None:
    assert ledger.workload_of(report("one", conditions=Conditions(**conditions))) == work


@pytest.mark.parametrize(
    ("model", "said", "mode"),
    [
        ("voxcpm-2", "gpu", "gpu-bf16"), ("voxcpm-2", "cpu", "cpu-bf16"),
        ("indextts-2", "gpu", "gpu-fp32"), ("indextts-1.5", "gpu", "gpu-fp16"),
        ("voxcpm-2", "gguf-gpu-q8", "gguf-gpu-q8"),
    ],
)  # fmt: skip
def test_a_precision_that_is_not_stated_is_the_program_s_own(
    ledger: ModuleType, model: str, said: str, mode: str
) -> None:
    case = ledger.case_of(report("one", model=model, mode=said), known())
    assert case.subject.key == (model, mode)


@pytest.mark.parametrize(
    ("model", "mode"),
    [("indextts-1.0", "gpu"), ("voxcpm-2", None), ("indextts-1.5", "gpu-bf16"), ("nobody", "cpu")],
)
def test_what_vcf_does_not_have_is_no_case(
    ledger: ModuleType, model: str, mode: str | None
) -> None:
    assert ledger.case_of(report("one", model=model, mode=mode), known()) is None


def test_a_case_is_judged_with_its_work(ledger: ModuleType) -> None:
    case = ledger.case_of(report("one", conditions=Conditions(reference_seconds=180)), known())
    assert case.compiled is None
    assert case.context.workload.reference_seconds == 180
    usual = ledger.case_of(report("two"), known())
    assert case.judged().memory.device.need_bytes > usual.judged().memory.device.need_bytes
    assert (usual.judged().model, usual.judged().mode) == ("voxcpm-2", "gpu-bf16")


def test_devices(ledger: ModuleType) -> None:
    names = [
        ledger.case_of(each, known()).device
        for each in (
            report("one", cpu="i5-12400", gpu="RTX 3060"),
            report("two", cpu="i5-12400", mode="cpu"),
            report("three", cores=10, mode="cpu"),
        )
    ]
    assert names == ["RTX 3060", "i5-12400", "10 cores"]


def test_every_shipped_report_of_a_known_model_can_be_judged(ledger: ModuleType) -> None:
    cases = [ledger.case_of(each, known()) for each in reports() if each.serves("fit")]
    assert None not in cases
    assert {case.judged().verdict for case in cases} <= {"good", "slow", "tight", "no", "unknown"}
