"""Measurements of the machine: what they outrank, what they are carried over to, what they are not
used for."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import LOCAL, desktop, first_card, gates, machine_of, verdict_on
from msgspec.structs import replace

from vcf.catalogue.model import Precision, Speed, Stage
from vcf.judge.assess import judge
from vcf.judge.calibration import (
    SPREAD,
    CacheRate,
    Calibration,
    DeviceCalibration,
    LinearRate,
)
from vcf.judge.context import Context
from vcf.judge.forecast import CARRIED, MOSTLY, TimeSum, forecast, time_sum, unreported
from vcf.judge.model import Evidence, Measured, Rtf
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import STANDARD, Workload
from vcf.machine.model import Machine

RTX = "NVIDIA GeForce RTX 3060"
CARD = desktop(f"name: {RTX}, vram: 12GiB")
PLAIN = desktop()
OFF = {"TORCHDYNAMO_DISABLE": "1"}


def rates(precision: Precision, *pairs: tuple[int, float]) -> list[LinearRate]:
    return [LinearRate(precision=precision, rows=rows, gparam_s=rate) for rows, rate in pairs]


CPU = DeviceCalibration(
    device="cpu", name="Intel Core i7-12700K", threads=8,
    linear=[*rates("fp32", (1, 4.0), (10, 3.0), (20, 2.5), (256, 0.5)), *rates("bf16", (1, 2.0))],
    cache=[
        CacheRate(precision="fp32", positions=1024, gelement_s=2.0),
        CacheRate(precision="fp32", positions=4096, gelement_s=4.0),
        CacheRate(precision="bf16", positions=4096, gelement_s=1.0),
    ],
    conv_gflop_s=50, copy_gb_s=30, launch_us=8,
)  # fmt: skip
GPU = replace(
    CPU, device="gpu", name=RTX, conv_gflop_s=2000,
    linear=[*rates("fp32", (1, 70), (10, 60)), *rates("bf16", (1, 140)), *rates("fp16", (1, 140))],
)  # fmt: skip
BOTH = Evidence(calibration=Calibration(devices=[CPU, GPU]))


def measured(mid: float, **more: Any) -> Measured:
    fields = {"low": mid * 0.9, "mid": mid, "high": mid * 1.2, "source": "record.json",
              "date": "2026-11-23"}  # fmt: skip
    return Measured(**(fields | more))


def of(name: str, *records: Measured, **more: Any) -> Evidence:
    """Evidence of one subject."""
    model, _, mode = name.partition(":")
    return Evidence(records={(model, mode): records}, **more)


def total_of(machine: Machine, name: str, evidence: Evidence = BOTH) -> TimeSum:
    subject, context = LOCAL[name], Context(machine)
    total = time_sum(subject, context, first_card(subject, context), evidence)
    assert total is not None
    return total


def said(
    machine: Machine, name: str, evidence: Evidence, workload: Workload = STANDARD
) -> Rtf | None:
    subject, context = LOCAL[name], Context(machine, workload)
    return forecast(subject, context, first_card(subject, context), evidence)


# ---- rates between the rows that were measured ------------------------------------------------

ROWS = [(1, 4.0), (10, 3.0), (20, 2.5), (256, 0.5)]


@pytest.mark.parametrize(("rows", "rate"), ROWS)
def test_rates_are_exact_where_they_were_measured(rows: int, rate: float) -> None:
    assert CPU.linear_rate("fp32", rows) == pytest.approx(rate)


def test_between_two_rows_it_is_the_time_that_is_shared() -> None:
    assert CPU.linear_rate("fp32", 15) == pytest.approx(1 / ((1 / 3 + 1 / 2.5) / 2))
    assert CPU.linear_rate("fp32", 4) == pytest.approx(1 / (2 / 3 / 4 + 1 / 3 / 3))


def test_before_the_first_row_it_is_the_first_and_beyond_the_last_time_grows_with_the_rows() -> (
    None
):
    assert CPU.linear_rate("fp32", 0.5) == 4.0
    assert CPU.linear_rate("fp32", 512) == pytest.approx(0.25)
    assert CPU.linear_rate("fp32", 2560) == pytest.approx(0.05)


def test_a_precision_that_was_not_measured_has_no_rate() -> None:
    assert CPU.linear_rate("fp16", 1) is None
    assert replace(CPU, linear=[]).linear_rate("fp32", 1) is None


@given(st.floats(0.1, 1000), st.floats(1, 10))
def test_more_rows_are_never_worked_through_faster(rows: float, factor: float) -> None:
    one, other = CPU.linear_rate("fp32", rows), CPU.linear_rate("fp32", rows * factor)
    assert other <= one * (1 + 1e-12)
    # and take at most so many times as long
    assert one / other <= factor * (1 + 1e-9) or rows < 1


def test_the_order_of_rows_does_not_matter() -> None:
    mixed = replace(CPU, linear=CPU.linear[::-1])
    assert mixed.linear_rate("fp32", 15) == CPU.linear_rate("fp32", 15)
    assert mixed.seconds(stage(work_gflop_s=500), "fp32", "wide", 1, 500) == pytest.approx(
        CPU.seconds(stage(work_gflop_s=500), "fp32", "wide", 1, 500)
    )


# ---- seconds of a stage -----------------------------------------------------------------------


def stage(**figures: Any) -> Stage:
    return Stage(**({"id": "one", "source": "here", "reads_gparam_s": 1} | figures))


@pytest.mark.parametrize(
    ("shape", "precision", "gflop", "seconds"),
    [
        ("matvec", "fp32", 2, 1 / 4),
        ("skinny", "fp32", 20, 1 / 3),
        ("skinny", "fp32", 2000, 1000 / 256 / 0.5),
        ("wide", "fp32", 256, 1.0),  # 0.5 G parameters x 256 rows x 2 a second
        ("wide", "fp16", 256, None),
        ("matvec", "bf16", 2, 1 / 2),
        ("matvec", "fp16", 2, None),
        ("conv", "fp32", 100, 2.0),
        ("conv", "fp16", 100, 2.0),
        ("cache", "fp32", 0, 1 / 3),  # the mean of what was measured
        ("cache", "bf16", 0, 1.0),
        ("cache", "fp16", 0, None),
    ],
)
def test_seconds_of_a_stage(
    shape: Any, precision: Precision, gflop: float, seconds: float | None
) -> None:
    found = CPU.seconds(stage(shape=shape), precision, shape, 1, gflop)
    assert found == (None if seconds is None else pytest.approx(seconds))
    if found is not None:  # ten seconds of it
        assert CPU.seconds(stage(), precision, shape, 10, gflop * 10) == pytest.approx(10 * found)


def test_a_stage_without_parameters_takes_no_time_of_layers() -> None:
    idle = stage(reads_gparam_s=0)
    assert CPU.seconds(idle, "fp32", "matvec", 10, 0) == 0


def test_devices_are_found_by_kind_and_name() -> None:
    known = Calibration(devices=[CPU, GPU])
    assert known.of("cpu", None) is CPU and known.of("gpu", RTX) is GPU
    assert known.of("gpu", "NVIDIA GeForce RTX 4090") is None
    assert known.of("cpu", RTX) is CPU  # a machine has one processor
    assert known.of("gpu", None) is None
    assert Calibration(devices=[]).of("cpu", None) is None


# ---- the calibrated forecast ------------------------------------------------------------------


def test_a_calibrated_forecast_says_so_and_is_narrow() -> None:
    rtf = said(PLAIN, "voxcpm-2:cpu-fp32", BOTH)
    assert rtf.basis == "calibrated"
    assert rtf.low / rtf.mid == pytest.approx(SPREAD[0], rel=1e-3)
    assert rtf.high / rtf.mid == pytest.approx(SPREAD[1], rel=1e-3)
    judged = verdict_on(PLAIN, "voxcpm-2", "cpu-fp32", BOTH)
    assert judged.rtf == rtf
    assert gates(judged, "speed")[0].source is None
    assert verdict_on(PLAIN, "voxcpm-2", "cpu-fp32").rtf.basis == "roofline"


def test_every_measured_stage_takes_what_was_measured() -> None:
    total = total_of(PLAIN, "voxcpm-2:cpu-fp32")
    model = LOCAL["voxcpm-2:cpu-fp32"].model
    by_id = {term.id: term for term in total.terms}
    assert {term.bound for term in total.terms} == {"measured"}
    assert total.basis == "calibrated"
    works = {stage.id: stage for stage in model.work}
    base = works["base-lm"]  # a vector: 8.258 G parameters x 10 s
    starting = base.launches_s * 10 * 8e-6
    assert by_id["base-lm"].launch_seconds == pytest.approx(starting)
    assert by_id["base-lm"].seconds == pytest.approx(
        base.reads_gparam_s * 10 / CPU.linear_rate("fp32", 1) + starting, rel=1e-3
    )
    cache = works["lm-attention"]
    assert by_id["lm-attention"].seconds == pytest.approx(cache.reads_gparam_s * 10 / 3)
    decode = works["audiovae-decode"]
    assert by_id["audiovae-decode"].seconds == pytest.approx(
        decode.work_gflop_s * 10 / 50 + decode.launches_s * 10 * 8e-6
    )


def test_the_rate_is_taken_at_the_rows_of_the_stage() -> None:
    works = {stage.id: stage for stage in LOCAL["voxcpm-2:cpu-fp32"].model.work}
    encoder = works["local-encoder"]
    rows = encoder.work_gflop_s / (2 * encoder.reads_gparam_s)
    assert 4 < rows < 6
    term = {term.id: term for term in total_of(PLAIN, "voxcpm-2:cpu-fp32").terms}["local-encoder"]
    busy = encoder.reads_gparam_s * 10 / CPU.linear_rate("fp32", rows)
    assert term.seconds - term.launch_seconds == pytest.approx(busy)


def test_what_was_not_measured_is_forecast_beside_it() -> None:
    """bf16 was measured with one row alone and without a cache in it."""
    part = replace(CPU, cache=CPU.cache[:2])
    evidence = Evidence(calibration=Calibration(devices=[part]))
    plain = {term.id: term for term in total_of(PLAIN, "voxcpm-2:cpu-bf16", NO_EVIDENCE).terms}
    total = total_of(PLAIN, "voxcpm-2:cpu-bf16", evidence)
    share = sum(t.seconds for t in total.terms if t.bound == "measured")
    share /= sum(t.seconds for t in total.terms)
    assert 0 < share < 1
    assert (total.basis == "calibrated") == (share >= MOSTLY)
    by_id = {term.id: term for term in total.terms}
    assert by_id["lm-attention"].bound != "measured"
    assert by_id["lm-attention"].seconds == pytest.approx(plain["lm-attention"].seconds)
    assert by_id["base-lm"].bound == "measured"


@pytest.mark.parametrize(
    ("name", "used"),
    [
        ("voxcpm-2:cpu-fp32", True), ("voxcpm-0.5b:cpu-bf16", True), ("indextts-2:cpu-fp32", True),
        ("voxcpm-2:gguf-cpu-q8", False), ("voxcpm-2:onnx-cpu", False),
        ("indextts-2:gpu-fp16", True), ("indextts-2:gpu-fp32", True), ("indextts-2:vllm", False),
        ("voxcpm-2:gguf-gpu-q8", False), ("voxcpm-2:nano-vllm", False),
        ("voxcpm-2:gpu-bf16", False),  # compiled
    ],
)  # fmt: skip
def test_calibration_is_for_torch_uncompiled(name: str, used: bool) -> None:
    with_, without = (said(CARD, name, each) for each in (BOTH, NO_EVIDENCE))
    assert with_.basis == ("calibrated" if used else "roofline")
    assert (with_ == without) != used


def test_calibration_is_used_where_compilation_is_off() -> None:
    off = replace(CARD, settings=OFF)
    assert said(off, "voxcpm-2:gpu-bf16", BOTH).basis == "calibrated"
    assert not total_of(off, "voxcpm-2:gpu-bf16").compiled


def test_calibration_of_another_card_is_not_used() -> None:
    other = desktop("name: NVIDIA GeForce RTX 4090, vram: 24GiB")
    assert said(other, "indextts-2:gpu-fp16", BOTH) == said(
        other, "indextts-2:gpu-fp16", NO_EVIDENCE
    )
    only = Evidence(calibration=Calibration(devices=[CPU]))
    assert said(CARD, "indextts-2:gpu-fp16", only).basis == "roofline"
    assert said(CARD, "indextts-2:cpu-fp32", only).basis == "calibrated"


def test_a_faster_calibration_is_never_slower() -> None:
    quick = replace(
        CPU, conv_gflop_s=100, launch_us=4,
        linear=[replace(rate, gparam_s=2 * rate.gparam_s) for rate in CPU.linear],
        cache=[replace(rate, gelement_s=2 * rate.gelement_s) for rate in CPU.cache],
    )  # fmt: skip
    evidence = Evidence(calibration=Calibration(devices=[quick]))
    for name in ("voxcpm-0.5b:cpu-fp32", "voxcpm-2:cpu-bf16", "indextts-2:cpu-fp32"):
        slow, fast = total_of(PLAIN, name), total_of(PLAIN, name, evidence)
        assert fast.seconds < slow.seconds
        for one, other in zip(slow.terms, fast.terms, strict=True):
            assert other.seconds == pytest.approx(one.seconds / 2)


def test_a_calibrated_forecast_follows_the_work() -> None:
    long = Workload(speech_seconds=60, steps=4)
    short, other = (said(PLAIN, "voxcpm-2:cpu-fp32", BOTH, work) for work in (STANDARD, long))
    assert other.basis == "calibrated" and other.mid < short.mid


# ---- records of synthesis ---------------------------------------------------------------------

SPEAK = "voxcpm-2:cpu-fp32"


def test_a_record_outranks_calibration() -> None:
    evidence = of(SPEAK, measured(5.0), calibration=BOTH.calibration)
    assert said(PLAIN, SPEAK, evidence) == Rtf(low=4.5, mid=5.0, high=6.0, basis="bench")
    assert said(PLAIN, "voxcpm-2:cpu-bf16", evidence).basis == "calibrated"
    judged = verdict_on(PLAIN, "voxcpm-2", "cpu-fp32", evidence)
    assert judged.rtf == Rtf(low=4.5, mid=5.0, high=6.0, basis="bench")


def test_the_last_record_counts() -> None:
    assert said(PLAIN, SPEAK, of(SPEAK, measured(5.0), measured(7.0))).mid == 7.0
    assert of(SPEAK).record_of(("voxcpm-2", "cpu-fp32"), None) is None


def test_what_is_given_outranks_records_and_calibration() -> None:
    given_ = Rtf(low=1, mid=2, high=3, basis="reported")
    evidence = of(
        SPEAK, measured(5.0), calibration=BOTH.calibration,
        rtf={("voxcpm-2", "cpu-fp32"): given_},
    )  # fmt: skip
    assert said(PLAIN, SPEAK, evidence) is given_
    assert said(PLAIN, SPEAK, evidence, Workload(speech_seconds=60)) is given_
    assert verdict_on(PLAIN, "voxcpm-2", "cpu-fp32", evidence).rtf == given_


@pytest.mark.parametrize(
    "there",
    [
        Workload(speech_seconds=60), Workload(speech_seconds=2), Workload(steps=4),
        Workload(reference_seconds=60),
    ],
)  # fmt: skip
def test_a_record_of_other_work_is_carried_over_in_proportion(there: Workload) -> None:
    context = Context(PLAIN)
    sums = [time_sum(LOCAL[SPEAK], context, None, NO_EVIDENCE, work) for work in (there, STANDARD)]
    factor = sums[1].rtf / sums[0].rtf
    assert factor != pytest.approx(1)
    rtf = said(PLAIN, SPEAK, of(SPEAK, measured(5.0, workload=there)))
    assert rtf.basis == "bench"
    assert (rtf.low, rtf.mid, rtf.high) == pytest.approx(
        (5 * factor / CARRIED, 5 * factor, 5 * factor * CARRIED), abs=1e-4
    )
    # and back: for the work that was measured it is the measurement itself
    same = said(PLAIN, SPEAK, of(SPEAK, measured(5.0, workload=there)), there)
    assert (same.low, same.mid, same.high) == (4.5, 5.0, 6.0)


def test_a_record_of_work_that_can_not_be_compared_stands_as_it_is() -> None:
    unknown = replace(PLAIN, cpu=replace(PLAIN.cpu, usable_cores=None))
    record = measured(5.0, workload=Workload(speech_seconds=60))
    assert said(unknown, SPEAK, of(SPEAK, record)).mid == 5.0
    assert said(unknown, SPEAK, NO_EVIDENCE) is None


def test_records_are_of_one_card_or_of_the_processor() -> None:
    name = "voxcpm-2:gpu-bf16"
    plain = said(CARD, name, NO_EVIDENCE)
    assert said(CARD, name, of(name, measured(5.0, gpu="NVIDIA GeForce RTX 4090"))) == plain
    assert said(CARD, name, of(name, measured(5.0))) == plain
    both = of(name, measured(0.4, gpu=RTX), measured(5.0, gpu="NVIDIA GeForce RTX 4090"))
    assert said(CARD, name, both).mid == 0.4
    assert said(PLAIN, SPEAK, of(SPEAK, measured(5.0, gpu=RTX))).basis == "roofline"


def test_of_two_cards_each_has_its_own_record() -> None:
    two = machine_of(
        "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB}\ndisk: {free: 500GB}\n"
        "gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB}, {name: RTX 4090, vram: 24GiB}]"
    )
    name = "voxcpm-2:gpu-bf16"
    assert judge(Context(two), LOCAL[name]).gpu == 1
    # measured, the smaller card is the faster one here
    evidence = of(name, measured(0.05, gpu=RTX))
    judged = judge(Context(two), LOCAL[name], evidence)
    assert (judged.gpu, judged.rtf.mid, judged.rtf.basis) == (0, 0.05, "bench")


MAC = machine_of(
    "os: macos\nos_version: macOS 15.1\narch: arm64\ncpu: {model: Apple M3 Pro, cores: 12}\n"
    "memory: {total: 36GiB}\ngpus: [{name: Apple M3 Pro}]\ndisk: {free: 200GB}"
)


def test_a_record_of_the_mode_that_really_runs_counts() -> None:
    record = measured(0.8, gpu="Apple M3 Pro")
    for asked in ("gpu-bf16", "gpu-fp32"):
        judged = verdict_on(MAC, "voxcpm-0.5b", asked, of("voxcpm-0.5b:gpu-fp32", record))
        assert (judged.rtf.mid, judged.rtf.basis) == (0.8, "bench")


def test_a_record_of_the_mode_that_was_asked_for_counts() -> None:
    record = measured(0.8, gpu="Apple M3 Pro")
    judged = verdict_on(MAC, "voxcpm-0.5b", "gpu-bf16", of("voxcpm-0.5b:gpu-bf16", record))
    assert (judged.rtf.mid, judged.rtf.basis) == (0.8, "bench")


def test_measurements_are_trusted_and_never_kept_for_other_machines() -> None:
    machine = machine_of(
        "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB, speed: DDR4-3200}\n"
        "gpus: []\ndisk: {free: 500GB}"
    )
    name = "voxcpm-0.5b:cpu-fp32"
    known = LOCAL[name]
    needs = known.mode.memory
    sure = replace(
        needs,
        host_load=replace(needs.host_load, basis="measured"),
        host_run=replace(needs.host_run, basis="measured"),
    )
    subject = replace(known, mode=replace(known.mode, memory=sure), memo={}, fits={})
    plain = judge(Context(machine), subject)
    for evidence in (of(name, measured(3.0)), BOTH):
        judged = judge(Context(machine), subject, evidence)
        assert (judged.confidence, plain.confidence) == ("high", "medium")
        assert judged.rtf != plain.rtf
    assert judge(Context(machine), subject) == plain


# ---- speeds that nobody has reported ----------------------------------------------------------

RADEON = "name: AMD Radeon RX 7900 XTX, vram: 24GiB"


@pytest.mark.parametrize(
    ("machine", "name", "told"),
    [
        (desktop(RADEON), "voxcpm-2:gpu-bf16", True),
        (desktop(RADEON), "voxcpm-2:gguf-gpu-q8", True),
        (desktop("name: Intel Arc A770, vram: 16GiB"), "indextts-2:gguf-gpu-q8", True),
        (CARD, "voxcpm-2:gpu-bf16", False), (CARD, "voxcpm-2:nano-vllm", False),
        (PLAIN, "voxcpm-2:cpu-fp32", False), (MAC, "voxcpm-2:mlx", False),
    ],
)  # fmt: skip
def test_a_speed_that_nobody_reported_is_a_doubt(machine: Machine, name: str, told: bool) -> None:
    judged = judge(Context(machine), LOCAL[name])
    assert ("doubt-unreported" in [doubt.id for doubt in judged.doubts]) == told


def test_what_was_measured_needs_no_reports() -> None:
    name = "voxcpm-2:gpu-bf16"
    gpu = desktop(RADEON).gpus[0].name
    judged = judge(Context(desktop(RADEON)), LOCAL[name], of(name, measured(0.5, gpu=gpu)))
    assert judged.rtf.basis == "bench"
    assert "doubt-unreported" not in [doubt.id for doubt in judged.doubts]


def test_a_models_file_that_states_a_speed_needs_no_reports() -> None:
    known = LOCAL["voxcpm-2:gpu-bf16"]
    own = Speed(bandwidth_share=0.5, arithmetic_share=0.1, low=0.5, high=2, source="me")
    stated = replace(known, runtime=replace(known.runtime, speed={"amd": own}), memo={}, fits={})
    for subject, told in ((known, True), (stated, False)):
        judged = judge(Context(desktop(RADEON)), subject)
        assert ("doubt-unreported" in [doubt.id for doubt in judged.doubts]) == told
    (card,) = Context(desktop(RADEON)).cards
    assert not unreported(stated, card.rates) and not unreported(known, None)
    nobody = replace(known, runtime=replace(known.runtime, kernels=None))
    assert not unreported(nobody, card.rates)
