"""What is to be measured: words for modes, the best of them, and what is not begun."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import vcf
from vcf.bench.cells import Cell, modes_of, plan
from vcf.bench.corpus import packaged
from vcf.bench.engines import Work
from vcf.bench.kit_voxcpm import runs_in_package
from vcf.bench.measure import Ask
from vcf.bench.planned import BenchPlan, planned
from vcf.bench.record import WeightsKind
from vcf.bench.rules import rules_for
from vcf.bench.sources import Source
from vcf.catalogue.model import Catalogue
from vcf.errors import UsageError
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import Workload
from vcf.machine.model import Machine

WORK = {
    "cpu": Workload(speech_seconds=2.0, reference_seconds=0.0),
    "gpu": Workload(speech_seconds=8.0, reference_seconds=0.0),
}
BIG = """
os: linux
cpu: {model: %s, cores: 10, threads: 16, isa: [%s]}
memory: {total: 64GiB}
gpus: [%s]
disk: {free: 200GB}
"""
I5 = "Intel Core i5-12600K"
PLAIN = "avx, avx2, fma, f16c"
AMX = f"{PLAIN}, avx512f, avx512_bf16, amx_bf16"


@pytest.fixture
def planned_cells(catalogue: Catalogue) -> Callable[..., list[Cell]]:
    """The cells of ``modes`` of models on a machine."""

    def call(machine: Machine, *modes: str, models: tuple[str, ...] = ("voxcpm-0.5b",)) -> Any:
        return plan(models, modes, runs_in_package, catalogue, machine, WORK, NO_EVIDENCE)

    return call


def names(cells: list[Cell]) -> list[str]:
    return [cell.name.removeprefix("voxcpm-0.5b:") for cell in cells]


@pytest.fixture
def desk(machine_of: Callable[[str], Machine]) -> Machine:
    """A processor that emulates bf16, and one card."""
    return machine_of(BIG % (I5, PLAIN, "{name: NVIDIA GeForce RTX 3060, vram: 12GiB}"))


@pytest.fixture
def server(machine_of: Callable[[str], Machine]) -> Machine:
    """A processor with units for bf16, and no card."""
    return machine_of(BIG % ("Intel Xeon Platinum 8480+", AMX, ""))


# ---- words ------------------------------------------------------------------------------------


def test_modes_that_the_package_runs(catalogue: Catalogue) -> None:
    known = [subject.mode_id for subject in modes_of("voxcpm-0.5b", runs_in_package, catalogue)]
    assert known == ["cpu-fp32", "cpu-bf16", "gpu-fp32", "gpu-fp16", "gpu-bf16"]
    assert modes_of("indextts-2", runs_in_package, catalogue) == []
    assert modes_of("none", runs_in_package, catalogue) == []


@pytest.mark.parametrize(
    ("word", "mode"),
    [
        ("cpu-fp32", "cpu-fp32"), ("CPU-BF16", "cpu-bf16"), ("fp16", "gpu-fp16"),
        ("bf16", "gpu-bf16"), ("fp32", "gpu-fp32"), ("gpu-fp32", "gpu-fp32"),
    ],
)  # fmt: skip
def test_a_word_for_one_mode(planned_cells: Any, desk: Machine, word: str, mode: str) -> None:
    (cell,) = planned_cells(desk, word)
    assert cell.subject.mode_id == mode
    assert cell.quick is False
    assert cell.name == f"voxcpm-0.5b:{mode}"


def test_gpu_means_what_check_says(planned_cells: Any, desk: Machine) -> None:
    (cell,) = planned_cells(desk, "gpu")
    assert cell.subject.mode_id == vcf.assess(desk, "voxcpm-0.5b", "gpu", workload=WORK["gpu"]).mode


def test_gpu_is_one_mode_on_the_card(planned_cells: Any, desk: Machine) -> None:
    (cell,) = planned_cells(desk, "gpu")
    assert cell.subject.mode_id in ("gpu-bf16", "gpu-fp16")
    assert (cell.gpu, cell.gpu_name, cell.skip) == (0, "NVIDIA GeForce RTX 3060", None)


def test_without_modes_the_best_here(planned_cells: Any, desk: Machine, server: Machine) -> None:
    (cell,) = planned_cells(desk)
    assert cell.subject.device == "gpu" and not cell.quick
    (cell,) = planned_cells(server)
    assert cell.subject.device == "cpu" and cell.skip is None


def test_cpu_where_bf16_is_emulated(planned_cells: Any, desk: Machine) -> None:
    """No forecast tells which is quicker: both are tried, shortly."""
    cells = planned_cells(desk, "cpu")
    assert names(cells) == ["cpu-fp32", "cpu-bf16"]
    assert all(cell.quick and cell.gpu is None and cell.gpu_name is None for cell in cells)


def test_cpu_with_units_for_bf16(planned_cells: Any, server: Machine) -> None:
    (cell,) = planned_cells(server, "cpu")
    assert cell.subject.mode_id == "cpu-bf16"
    assert cell.quick is False


def test_cpu_of_the_reference_laptop(planned_cells: Any) -> None:
    cells = planned_cells(vcf.load_machine("asus-gl552vw"), "cpu")
    assert names(cells) == ["cpu-fp32", "cpu-bf16"]


def test_nothing_of_the_processor_is_known(planned_cells: Any, machine_of: Any) -> None:
    cells = planned_cells(machine_of("os: linux\nmemory: {total: 64GiB}\ngpus: []\n"), "cpu")
    assert names(cells) == ["cpu-fp32", "cpu-bf16"]
    assert all(cell.quick for cell in cells)


def test_none_twice(planned_cells: Any, desk: Machine) -> None:
    (card,) = names(planned_cells(desk, "gpu"))
    assert names(planned_cells(desk, "gpu", card, card.removeprefix("gpu-"))) == [card]
    assert names(planned_cells(desk, "cpu-bf16", "cpu")) == ["cpu-bf16", "cpu-fp32"]


def test_models_times_modes(planned_cells: Any, desk: Machine) -> None:
    cells = planned_cells(desk, "gpu", "cpu-fp32", models=("voxcpm-0.5b", "voxcpm-1.5"))
    assert [(cell.subject.model_id, cell.subject.device) for cell in cells] == [
        ("voxcpm-0.5b", "gpu"), ("voxcpm-0.5b", "cpu"), ("voxcpm-1.5", "gpu"), ("voxcpm-1.5", "cpu")
    ]  # fmt: skip


@pytest.mark.parametrize("word", ["gpy", "fp33", "cpu fp32", "\x1b[31m"])
def test_a_word_that_means_nothing(planned_cells: Any, desk: Machine, word: str) -> None:
    with pytest.raises(UsageError, match="unknown mode"):
        planned_cells(desk, "cpu-fp32", word)


@pytest.mark.parametrize("word", ["gguf", "onnx", "deepspeed", "mlx", "online"])
def test_a_mode_that_the_package_does_not_have(
    planned_cells: Any, desk: Machine, word: str
) -> None:
    with pytest.raises(UsageError, match=f"voxcpm-0.5b can't be measured in '{word}'") as caught:
        planned_cells(desk, word)
    assert "cpu-fp32, cpu-bf16, gpu-fp32" in caught.value.hint


# ---- not begun --------------------------------------------------------------------------------


@pytest.mark.parametrize("word", ["gpu", "fp16", "gpu-fp32"])
def test_no_card(planned_cells: Any, server: Machine, word: str) -> None:
    (cell,) = planned_cells(server, word)
    assert cell.skip is not None and cell.skip.id == "no-gpu"
    assert (cell.gpu, cell.gpu_name) == (None, None)


def test_cards_that_are_not_known(planned_cells: Any, machine_of: Any) -> None:
    machine = machine_of("os: linux\nmemory: {total: 64GiB}\ndisk: {free: 90GB}\n")
    assert machine.gpus is None
    (cell,) = planned_cells(machine, "gpu")
    assert cell.skip is not None and cell.skip.id == "gpu-unknown"


def test_too_little_memory(planned_cells: Any, machine_of: Any) -> None:
    text = BIG.replace("64GiB", "2GiB") % (I5, PLAIN, "")
    (cell,) = planned_cells(machine_of(text), "cpu-fp32", models=("voxcpm-2",))
    assert cell.skip is not None and cell.skip.id == "too-little-memory"
    need, have = cell.skip.detail.split(" > ")
    assert need.endswith("GiB") and have == "1.0 GiB"  # the system takes 1


def test_too_little_memory_on_the_card(planned_cells: Any) -> None:
    (cell,) = planned_cells(vcf.load_machine("asus-gl552vw"), "gpu-fp32", models=("voxcpm-2",))
    assert cell.skip is not None and cell.skip.id == "too-little-memory"
    assert cell.gpu_name == "NVIDIA GeForce GTX 960M"


def test_memory_that_is_not_known(planned_cells: Any, machine_of: Any) -> None:
    text = f"os: linux\ncpu: {{model: {I5}, cores: 10, isa: [avx2]}}\ngpus: []\n"
    (cell,) = planned_cells(machine_of(text), "cpu-fp32")
    assert cell.skip is not None and cell.skip.id == "memory-unknown"
    assert cell.skip.detail and ">" not in cell.skip.detail


def test_missing_software_forbids_nothing(planned_cells: Any, machine_of: Any) -> None:
    """Trying tells more than a table."""
    text = BIG % (I5, PLAIN, "") + 'software: {python: "3.9.1", torch: 1.9.0}\n'
    (cell,) = planned_cells(machine_of(text), "cpu-fp32")
    assert cell.skip is None


# ---- the forecast, and the plan ---------------------------------------------------------------


def test_what_was_predicted(planned_cells: Any, desk: Machine) -> None:
    (cell,) = planned_cells(desk, "cpu-fp32")
    told = cell.predicted
    assert told is not None
    assert 0 < told.low <= told.mid <= told.high
    assert told.host_bytes is not None and told.host_bytes > 2 << 30
    assert told.device_bytes is None
    (card,) = planned_cells(desk, "gpu-fp32")
    assert card.predicted is not None and card.predicted.device_bytes is not None


def test_nothing_was_predicted(planned_cells: Any, machine_of: Any) -> None:
    (cell,) = planned_cells(machine_of("os: linux\ngpus: []\n"), "gpu")
    assert cell.assessment.rtf is None
    assert cell.predicted is None


def ask(length: float | None = 2.0) -> Ask:
    script = packaged("short", "en")
    work = Work(
        text=script.text, length=length, seed=1, steps=None, clip=None, clip_text=None,
        threads=None, compile=None,
    )  # fmt: skip
    return Ask(script=script, work=work, reference_seconds=0.0, quick=False, streaming=True)


def source(kind: WeightsKind, *, ready: bool = False) -> Source:
    return Source(kind=kind, folder=None, repo="openbmb/VoxCPM-0.5B", ready=ready)


def test_a_plan_on_the_processor(planned_cells: Any, desk: Machine) -> None:
    (cell,) = planned_cells(desk, "cpu-fp32")
    rules = rules_for(gpu=False, quick=False, streaming=True, runs=None, most=None)
    told = planned(cell, ask(), rules, source("synthetic"))
    assert (told.model, told.mode, told.gpu) == ("voxcpm-0.5b", "cpu-fp32", None)
    assert (told.syntheses, told.speech_seconds, told.max_seconds) == (5, 2.0, 600.0)
    assert told.predicted is not None
    assert told.seconds_low == pytest.approx(2.0 * told.predicted.low * 5.5)
    assert told.seconds_high == pytest.approx(min(600.0, 2.0 * told.predicted.high * 5.5))
    assert told.write_bytes is not None and 1e9 < told.write_bytes < 2e9
    assert BenchPlan(cells=[told]).schema == "vcf.bench-plan/1"


def test_a_plan_on_a_card(planned_cells: Any, desk: Machine) -> None:
    (cell,) = planned_cells(desk, "gpu")
    rules = rules_for(gpu=True, quick=False, streaming=False, runs=None, most=None)
    told = planned(cell, ask(8.0), rules, source("hub"))
    assert told.gpu == "NVIDIA GeForce RTX 3060"
    assert told.write_bytes is None and told.ready is False
    assert told.predicted is not None and told.seconds_low is not None
    assert told.seconds_low >= 20.0  # so long at the least
    assert told.seconds_high is not None and told.seconds_high <= 120.0


def test_a_plan_has_a_limit(planned_cells: Any, desk: Machine) -> None:
    (cell,) = planned_cells(desk, "cpu-fp32")
    rules = rules_for(gpu=False, quick=False, streaming=True, runs=1000, most=30.0)
    told = planned(cell, ask(), rules, source("path", ready=True))
    assert told.seconds_low == told.seconds_high == told.max_seconds == 30.0
    assert (told.ready, told.write_bytes) == (True, 0)


def test_small_weights_have_no_forecast(planned_cells: Any, desk: Machine) -> None:
    (cell,) = planned_cells(desk, "cpu-fp32")
    rules = rules_for(gpu=False, quick=True, streaming=False, runs=None, most=None)
    told = planned(cell, ask(None), rules, source("tiny"))
    assert (told.predicted, told.seconds_low, told.seconds_high) == (None, None, None)
    assert told.syntheses == 3
    assert told.speech_seconds == packaged("short", "en").seconds
    assert told.write_bytes is not None and told.write_bytes < 5e6
