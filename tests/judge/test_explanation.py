"""The sum behind a verdict says what the verdict says."""

from __future__ import annotations

from typing import Any

import pytest
from judging import GIB, LOCAL, desktop, first_card, machine_of
from msgspec.structs import replace

from vcf.catalogue.constants import constants
from vcf.catalogue.model import Speed
from vcf.catalogue.reports import reports
from vcf.judge.assess import judge
from vcf.judge.calibration import Calibration, DeviceCalibration, LinearRate
from vcf.judge.context import Context
from vcf.judge.explain import Explanation, explain
from vcf.judge.forecast import SPILL, forecast
from vcf.judge.model import Evidence, Measured
from vcf.judge.subject import Subject
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import STANDARD, Workload
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Machine

RTX = "name: NVIDIA GeForce RTX 3060, vram: 12GiB"
WORK = (STANDARD, Workload(speech_seconds=60, reference_seconds=30, steps=5, emotion=True))
MAC = load_machine("macbook-pro-m4-max-64gb")


def why(
    machine: Machine,
    subject: Subject,
    evidence: Evidence = NO_EVIDENCE,
    workload: Workload = STANDARD,
) -> Explanation:
    context = Context(machine, workload)
    return explain(subject, context, judge(context, subject, evidence), evidence, reports())


def named(machine: Machine, name: str, *more: Any) -> Explanation:
    return why(machine, LOCAL[name], *more)


def ids(found: Explanation) -> list[str]:
    return [constant.id for constant in found.constants]


def value(found: Explanation, name: str) -> tuple[float, str]:
    (constant,) = [each for each in found.constants if each.id == name]
    return constant.value, constant.origin


@pytest.mark.parametrize("profile", profile_names())
def test_every_verdict_can_be_explained(profile: str) -> None:
    machine = load_machine(profile)
    for subject in LOCAL.values():
        for workload in WORK:
            context = Context(machine, workload)
            judged = judge(context, subject)
            found = explain(subject, context, judged, NO_EVIDENCE, reports())
            assert (found.model, found.mode, found.workload) == (*subject.key, workload)
            assert (found.rtf, found.record) == (judged.rtf, None)
            consistent(found, subject, context)
            if judged.gpu is None and subject.device == "gpu":
                assert found.time is None and found.memory == found.neighbours == ()
                continue
            assert found.memory
            for each in found.memory:
                amounts = judged.memory.device if each.part == "device" else judged.memory.host
                most = [m.need_bytes for m in found.memory
                        if (m.part == "device") == (each.part == "device")]  # fmt: skip
                assert max(most) == amounts.need_bytes
            if judged.rtf is not None:
                spill = judged.verdict == "tight" and judged.limit == "memory"
                assert found.time is not None
                assert judged.rtf.mid == round(found.time.rtf, 4)
                high = found.time.rtf * found.time.spread.high * (SPILL if spill else 1)
                assert judged.rtf.high == pytest.approx(high, abs=0.002)


def consistent(found: Explanation, subject: Subject, context: Context) -> None:
    """What must hold of every explanation on its own."""
    assert len(found.neighbours) <= 5
    assert len(set(ids(found))) == len(found.constants)
    assert (found.time is None) == (found.constants == ())
    if found.time is None:
        return
    assert {constant.origin for constant in found.constants} <= {
        "fitted", "measured", "set", "table", "assumed", "format", "cross-validation",
        *([subject.mode.speed_source] if subject.mode.speed_source else []),
    }  # fmt: skip
    assert {"device-bandwidth", "device-rate", "bits", "request_s", "spread-low"} <= set(ids(found))
    assert value(found, "bandwidth")[0] == found.time.kernels.bandwidth
    assert value(found, "spread-high")[0] == found.time.spread.high
    assert ("windows-launch" in ids(found)) == found.time.windows
    cards = context.cards or []
    assert found.device in {context.machine.cpu.model or "", *(card.label for card in cards)}


# ---- device -----------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["gpu-bf16", "gpu-fp16"])
def test_on_apple_the_mode_that_really_runs_is_explained(mode: str) -> None:
    found, real = named(MAC, f"voxcpm-2:{mode}"), named(MAC, "voxcpm-2:gpu-fp32")
    assert (found.mode, found.runs_as, real.runs_as) == (mode, "gpu-fp32", None)
    assert (found.time, found.memory, found.constants) == (real.time, real.memory, real.constants)
    assert value(found, "bits") == (32, "format")
    # elsewhere it is what it says
    card = named(desktop(RTX), f"voxcpm-2:{mode}")
    assert card.runs_as is None and value(card, "bits")[0] == 16


def test_without_a_card_nothing_is_summed() -> None:
    for machine in (desktop(), replace(desktop(), gpus=None)):
        found = named(machine, "voxcpm-2:gpu-bf16")
        assert (found.device, found.time, found.memory) == ("", None, ())
        assert (found.constants, found.neighbours, found.record) == ((), (), None)
        assert found.steps == 10
        assert found.rtf is None


def test_the_card_that_was_judged_is_explained() -> None:
    machine = machine_of(
        "os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB}\ndisk: {free: 500GB}\n"
        "gpus: [{name: GTX 1650, vram: 4GiB}, {name: RTX 4090, vram: 24GiB}]"
    )
    found = named(machine, "voxcpm-2:gpu-bf16")
    assert "4090" in found.device
    assert value(found, "device-bandwidth") == (1008.0, "table")


def test_a_speed_that_is_not_known_is_left_out() -> None:
    mystery = named(desktop("name: Mystery 9000, vram: 16GiB"), "voxcpm-2:gpu-bf16")
    assert mystery.time is None and mystery.constants == () and mystery.rtf is None
    assert [each.part for each in mystery.memory] == ["device", "host-load", "host-run"]
    assert mystery.neighbours == ()
    machine = desktop()
    silent = replace(machine, cpu=replace(machine.cpu, usable_cores=None))
    assert named(silent, "voxcpm-2:cpu-fp32").time is None


def test_a_processor_without_a_name_has_none() -> None:
    machine = machine_of("os: linux\ncpu: {cores: 4}\nmemory: {total: 32GiB}\ngpus: []")
    found = named(machine, "voxcpm-2:cpu-fp32")
    assert found.device == "" and found.time is not None and found.memory


# ---- work -------------------------------------------------------------------------------------


def test_steps_and_clips_as_they_are_used() -> None:
    asked = Workload(speech_seconds=60, reference_seconds=30, steps=5)
    found = why(desktop(RTX), LOCAL["voxcpm-2:gpu-bf16"], NO_EVIDENCE, asked)
    assert (found.steps, found.reference_seconds) == (5, 30)
    cut = why(desktop(RTX), LOCAL["indextts-2:gpu-fp16"], NO_EVIDENCE, asked)
    assert (cut.steps, cut.reference_seconds) == (25, 15)
    none = why(desktop(RTX), LOCAL["indextts-1.5:gpu-fp16"], NO_EVIDENCE, asked)
    assert (none.steps, none.reference_seconds) == (None, 30)
    own = why(MAC, LOCAL["indextts-2.5:mlx"])
    assert own.steps == 15


# ---- constants --------------------------------------------------------------------------------


def test_constants_name_where_they_come_from() -> None:
    card, cpu = named(desktop(RTX), "voxcpm-2:gpu-bf16"), named(desktop(), "voxcpm-2:cpu-fp32")
    table = constants()
    assert value(card, "bandwidth") == (table.kernels["torch"]["nvidia"].bandwidth, "fitted")
    assert value(cpu, "bandwidth") == (table.kernels["torch"]["cpu"].bandwidth, "fitted")
    assert value(cpu, "device-bandwidth")[1] == "assumed"
    assert value(card, "runtime-factor") == (table.factors["voxcpm-pytorch"], "fitted")
    assert value(card, "spread-low")[1] == "cross-validation"
    assert value(card, "compiled_us")[0] == table.kernels["torch"]["nvidia"].compiled_us
    assert "host-factor" in ids(card) and "host-factor" not in ids(cpu)
    assert "compiled_us" not in ids(cpu)
    amd = named(desktop("name: AMD Radeon RX 7900 XTX, vram: 24GiB"), "voxcpm-2:gguf-gpu-q8")
    assert value(amd, "bandwidth")[1] == "set"
    assert "cache_ops" not in ids(amd)  # other programs attend over what is filled only


def test_stages_that_stay_in_fp32_have_a_rate_of_their_own() -> None:
    half, full = (named(desktop(RTX), f"voxcpm-2:gpu-{kind}") for kind in ("bf16", "fp32"))
    (card,) = Context(desktop(RTX)).cards
    assert value(half, "device-rate")[0] == card.rates.tflops["bf16"]
    assert value(half, "device-rate-fp32")[0] == card.rates.tflops["fp32"]
    assert value(full, "device-rate")[0] == card.rates.tflops["fp32"]
    assert "device-rate-fp32" not in ids(full)


def test_windows_is_named_where_it_matters() -> None:
    for name, told in (("voxcpm-2:gpu-bf16", True), ("voxcpm-2:gguf-gpu-q8", False)):
        found = named(desktop(RTX, os="windows"), name)
        assert ("windows-launch" in ids(found)) == told


def test_a_factor_of_the_mode_is_named_with_its_source() -> None:
    known = LOCAL["indextts-2.5:gpu-bf16"]
    found = why(desktop(RTX), known)
    assert value(found, "mode-factor") == (known.mode.speed_factor, known.mode.speed_source)
    bare = replace(known, mode=replace(known.mode, speed_source=None), memo={})
    assert value(why(desktop(RTX), bare), "mode-factor")[1] == "set"
    assert "mode-factor" not in ids(named(desktop(RTX), "voxcpm-2:gpu-bf16"))


def test_constants_of_a_models_file_name_their_source() -> None:
    known = LOCAL["voxcpm-2:cpu-fp32"]
    own = Speed(
        bandwidth_share=0.5, arithmetic_share=0.1, launch_us=3, low=0.5, high=2, source="me"
    )
    bare = replace(known, runtime=replace(known.runtime, speed={"cpu": own}), memo={}, fits={})
    found = why(desktop(), bare)
    assert value(found, "bandwidth") == (0.5, "me")
    assert value(found, "wide") == value(found, "conv") == (0.1, "me")
    assert value(found, "launch_us") == (3, "me")
    assert (value(found, "spread-low")[0], value(found, "spread-high")[0]) == (0.5, 2)
    assert "host-factor" not in ids(found)


# ---- measurements -----------------------------------------------------------------------------

LINEAR = [
    LinearRate(precision="fp32", rows=1, gparam_s=4),
    LinearRate(precision="fp32", rows=64, gparam_s=1),
]
CPU = DeviceCalibration(
    device="cpu", name="x", threads=8, linear=LINEAR, cache=[], conv_gflop_s=50, copy_gb_s=30,
    launch_us=8,
)  # fmt: skip


def test_a_calibrated_sum_is_explained_by_what_was_measured() -> None:
    evidence = Evidence(calibration=Calibration(devices=[CPU]))
    found = named(desktop(), "indextts-1.5:cpu-fp32", evidence)
    assert {term.bound for term in found.time.terms} == {"measured"}
    assert found.rtf.basis == found.time.basis == "calibrated"
    assert "bandwidth" not in ids(found) and "runtime-factor" not in ids(found)
    assert value(found, "spread-low") == (0.8, "set")
    assert value(found, "measured-conv")[1] == "calibrated"
    # the cache was not measured: the constants that stand for it are named
    part = named(desktop(), "voxcpm-2:cpu-fp32", evidence)
    assert value(part, "cache_ops")[1] == "measured" and "bandwidth" in ids(part)
    assert "runtime-factor" in ids(part)  # of the stages that were not measured


def record(gpu: str | None = None) -> Measured:
    return Measured(low=4, mid=5, high=6, gpu=gpu, source="r.json", date="2026-11-23")


def test_the_record_that_outranks_the_sum_is_named() -> None:
    evidence = Evidence(records={("voxcpm-2", "cpu-fp32"): (record(),)})
    found = named(desktop(), "voxcpm-2:cpu-fp32", evidence)
    assert found.record == record() and found.rtf.basis == "bench"
    assert found.time is not None  # beside it
    assert named(desktop(), "voxcpm-2:cpu-bf16", evidence).record is None
    other = Evidence(records={("voxcpm-2", "gpu-bf16"): (record("NVIDIA GeForce RTX 4090"),)})
    assert named(desktop(RTX), "voxcpm-2:gpu-bf16", other).record is None


def test_the_record_of_the_mode_that_really_runs_is_named() -> None:
    measured = record(Context(MAC).cards[0].gpu.name)
    evidence = Evidence(records={("voxcpm-2", "gpu-fp32"): (measured,)})
    found = named(MAC, "voxcpm-2:gpu-bf16", evidence)
    assert found.rtf.basis == "bench"
    assert found.record == measured


def test_explaining_changes_nothing() -> None:
    context = Context(desktop(RTX))
    subject = LOCAL["voxcpm-2:gpu-bf16"]
    before = judge(context, subject)
    explain(subject, context, before, NO_EVIDENCE, reports())
    assert judge(context, subject) == before
    assert forecast(subject, context, first_card(subject, context), NO_EVIDENCE) == before.rtf
    assert before.memory.device.need_bytes < 12 * GIB
