"""Seconds of a call, stage by stage: what must hold of every sum."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import LOCAL, desktop, first_card, machine_of
from msgspec.structs import replace

from vcf.catalogue.constants import HOST_TFLOPS, Kernels, constants
from vcf.catalogue.model import Precision, Stage
from vcf.judge.context import Context
from vcf.judge.device import Rates, strength
from vcf.judge.forecast import LEAST, TimeSum, time_sum
from vcf.judge.model import Evidence
from vcf.judge.subject import Subject
from vcf.judge.timing import Pace, TimeTerm, launch_us, rows_of, shape_of, time_terms
from vcf.judge.verdict import NO_EVIDENCE
from vcf.judge.workload import STANDARD, Workload
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Machine

PROFILES = {name: load_machine(name) for name in profile_names()}
NAMES = sorted(LOCAL)
FAMILIES = [(name, kind) for name, kinds in constants().kernels.items() for kind in kinds]
RTX = "name: NVIDIA GeForce RTX 3060, vram: 12GiB"


def total_of(
    machine: Machine, name: str, workload: Workload = STANDARD, evidence: Evidence = NO_EVIDENCE
) -> TimeSum | None:
    """The sum of a subject on a machine's first card."""
    subject, context = LOCAL[name], Context(machine, workload)
    card = first_card(subject, context)
    if subject.device == "gpu" and card is None:
        return None
    return time_sum(subject, context, card, evidence)


def known(machine: Machine, name: str, **asked: Any) -> TimeSum:
    total = total_of(machine, name, Workload(**asked))
    assert total is not None
    return total


WORK = {
    "standard": STANDARD,
    "short": Workload(speech_seconds=1),
    "long": Workload(speech_seconds=300, reference_seconds=60, steps=25, emotion=True),
    "bare": Workload(reference_seconds=0, steps=1),
}


@pytest.mark.parametrize("profile", PROFILES)
def test_the_stages_add_up_to_the_whole(profile: str) -> None:
    found = 0
    for name, subject in LOCAL.items():
        for workload in WORK.values():
            total = total_of(PROFILES[profile], name, workload)
            if total is None:
                continue
            found += 1
            assert [term.id for term in total.terms] == [stage.id for stage in subject.model.work]
            for term in total.terms:
                assert 0 <= term.launch_seconds <= term.seconds, (name, term.id)
                assert term.gb >= 0 and term.gflop >= 0 and term.launches >= 0
            summed = sum(term.seconds for term in total.terms) + total.request_seconds
            assert total.seconds == pytest.approx(summed * total.factor)
            assert total.request_seconds > 0
            assert total.rtf == total.seconds / workload.speech_seconds
            assert total.speech_seconds == workload.speech_seconds
            assert total.basis == "roofline"
    assert found


def test_what_is_not_known_has_no_sum() -> None:
    machine = desktop()
    subject, context = LOCAL["voxcpm-2:cpu-fp32"], Context(machine)
    assert time_sum(subject, context, None, NO_EVIDENCE) is not None
    silent = Context(replace(machine, cpu=replace(machine.cpu, usable_cores=None)))
    assert time_sum(subject, silent, None, NO_EVIDENCE) is None
    idle = replace(subject, model=replace(subject.model, work=[]))
    assert time_sum(idle, context, None, NO_EVIDENCE) is None
    for kernels in (None, "mlx"):  # nobody's, and such as there are for no processor
        other = replace(subject, runtime=replace(subject.runtime, kernels=kernels))
        assert time_sum(other, context, None, NO_EVIDENCE) is None


def test_a_sum_is_never_nought() -> None:
    total = known(desktop(), "voxcpm-2:cpu-fp32")
    assert replace(total, seconds=0.0).rtf == LEAST


# ---- more work, less time for each second -----------------------------------------------------

MACHINES = {
    "cpu": desktop(),
    "card": desktop(RTX),
    "windows": desktop(RTX, os="windows"),
    "amd": desktop("name: AMD Radeon RX 7900 XTX, vram: 24GiB"),
    "old": desktop("name: NVIDIA GeForce GTX 1060, vram: 6GiB"),
    "mac": machine_of(
        "os: macos\nos_version: macOS 15.1\ncpu: {model: Apple M2, cores: 8}\n"
        "memory: {total: 32GiB}\ngpus: [{name: Apple M2}]\ndisk: {free: 200GB}"
    ),
}


@settings(max_examples=200)
@given(
    st.sampled_from(sorted(MACHINES)), st.sampled_from(NAMES), st.floats(0.1, 300),
    st.floats(10, 180), st.floats(1, 10),
)  # fmt: skip
def test_longer_speech_never_takes_less_time(
    machine: str, name: str, speech: float, clip: float, factor: float
) -> None:
    """Clips of 10 s and more: before shorter ones a cut costs less than the attention it saves."""
    asked = Workload(speech_seconds=speech, reference_seconds=clip)
    short = total_of(MACHINES[machine], name, asked)
    long = total_of(MACHINES[machine], name, replace(asked, speech_seconds=speech * factor))
    if short is not None and long is not None:
        assert short.seconds <= long.seconds * (1 + 1e-12)


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(MACHINES)), st.sampled_from(NAMES), st.floats(0.1, 100),
    st.floats(0, 60), st.floats(0, 100), st.integers(1, 50), st.integers(0, 50),
)  # fmt: skip
def test_more_of_the_clip_or_more_steps_are_never_faster(
    machine: str, name: str, speech: float, clip: float, more: float, steps: int, added: int
) -> None:
    asked = Workload(speech_seconds=speech, reference_seconds=clip, steps=steps)
    one = total_of(MACHINES[machine], name, asked)
    if one is None:
        return
    for grown in (
        replace(asked, reference_seconds=clip + more), replace(asked, steps=steps + added),
    ):  # fmt: skip
        other = total_of(MACHINES[machine], name, grown)
        assert other is not None and one.seconds <= other.seconds * (1 + 1e-12)


@pytest.mark.parametrize("machine", MACHINES)
def test_short_texts_cost_more_for_each_second(machine: str) -> None:
    """Fixed costs: the clip is encoded and the call made however short the text."""
    for name in NAMES:
        totals = [
            total_of(MACHINES[machine], name, Workload(speech_seconds=seconds))
            for seconds in (0.5, 2, 10)
        ]
        if None not in totals:
            rates = [total.rtf for total in totals if total is not None]
            assert rates == sorted(rates, reverse=True) and len(set(rates)) == 3, name


def test_steps_go_into_the_diffusion_alone() -> None:
    ten, four = (known(desktop(RTX), "voxcpm-2:gpu-bf16", steps=steps) for steps in (None, 4))
    for one, other in zip(ten.terms, four.terms, strict=True):
        share = 1 / 3 if one.id == "locdit" else 1
        assert other.seconds == pytest.approx(one.seconds * share)
    assert 1 / 3 < four.seconds / ten.seconds < 1
    fixed = [known(desktop(RTX), "indextts-2:gpu-fp32", steps=steps) for steps in (None, 5)]
    assert fixed[0] == fixed[1]


def test_a_clip_longer_than_the_code_takes_costs_nothing_more() -> None:
    lengths = [known(desktop(), "indextts-2:cpu-fp32", reference_seconds=s) for s in (15, 600)]
    assert lengths[0].seconds == lengths[1].seconds


# ---- faster hardware --------------------------------------------------------------------------

figures = st.floats(0.5, 5000)
shares = st.floats(0.01, 1)
PRECISIONS: tuple[Precision, ...] = ("fp32", "fp16", "bf16", "q8", "q4", "int8")


@st.composite
def kernels(draw: st.DrawFn) -> Kernels:
    return Kernels(
        bandwidth=draw(shares), skinny=draw(shares), wide=draw(shares), conv=draw(shares),
        dense=draw(shares),
        tile_rows=draw(st.floats(1, 32)), cache_bytes=draw(st.floats(0, 200)),
        cache_ops=dict.fromkeys(PRECISIONS, draw(st.floats(0, 10_000))),
        launch_us=draw(st.floats(0, 50)), request_s=0.1,
    )  # fmt: skip


def seconds(
    subject: Subject, pace: Pace, gb_s: float, tflops: dict[Precision, float]
) -> list[TimeTerm]:
    rates = Rates(kind="nvidia", gb_s=gb_s, tflops=tflops, native=frozenset({"fp32"}))
    return list(time_terms(subject.model, subject.mode, subject.precision, rates, pace, STANDARD))


@settings(max_examples=200)
@given(
    st.sampled_from(NAMES), kernels(), figures, figures, st.floats(1, 50),
    st.sampled_from(["bandwidth", "rate", "skinny", "wide", "conv", "share"]),
)  # fmt: skip
def test_more_bandwidth_rate_or_share_is_never_slower(
    name: str, slow: Kernels, gb_s: float, rate: float, factor: float, what: str
) -> None:
    fast, quick = slow, [gb_s, rate]
    if what in ("bandwidth", "rate"):
        quick[what == "rate"] *= factor
    else:
        field = "bandwidth" if what == "share" else what
        fast = replace(slow, **{field: min(1, getattr(slow, field) * factor)})
    subject = LOCAL[name]
    before = seconds(subject, Pace(kernels=slow), gb_s, dict.fromkeys(PRECISIONS, rate))
    after = seconds(subject, Pace(kernels=fast), quick[0], dict.fromkeys(PRECISIONS, quick[1]))
    for one, other in zip(before, after, strict=True):
        assert other.seconds <= one.seconds
        assert other.launch_seconds == one.launch_seconds
    assert sum(term.seconds for term in after) > 0


@settings(max_examples=100)
@given(st.sampled_from(NAMES), st.sampled_from(FAMILIES), figures, figures, st.floats(1, 5))
def test_dearer_launches_and_slower_programs_are_never_faster(
    name: str, family: tuple[str, str], gb_s: float, rate: float, factor: float
) -> None:
    rates = dict.fromkeys(PRECISIONS, rate)
    pace = Pace(kernels=constants().kernels[family[0]][family[1]])
    plain = seconds(LOCAL[name], pace, gb_s, rates)
    for slower in (replace(pace, launch_factor=factor), replace(pace, factor=factor)):
        for one, other in zip(plain, seconds(LOCAL[name], slower, gb_s, rates), strict=True):
            assert one.seconds <= other.seconds <= one.seconds * factor * (1 + 1e-12)


@settings(max_examples=100)
@given(st.sampled_from(NAMES), st.sampled_from(FAMILIES), figures, figures)
def test_compiled_is_never_slower_than_eager(
    name: str, family: tuple[str, str], gb_s: float, rate: float
) -> None:
    given_ = constants().kernels[family[0]][family[1]]
    rates = dict.fromkeys(PRECISIONS, rate)
    eager, compiled = (
        seconds(LOCAL[name], Pace(kernels=given_, compiled=on), gb_s, rates) for on in (False, True)
    )
    for one, other in zip(eager, compiled, strict=True):
        assert other.seconds <= one.seconds
        if one.shape == "conv" or given_.compiled_us is None:  # the AudioVAE is left as it is
            assert other == one


@pytest.mark.parametrize(
    ("gpu", "quicker"), [(RTX, True), ("name: NVIDIA GeForce GTX 1060, vram: 6GiB", False)]
)
def test_compilation_that_is_switched_off(gpu: str, quicker: bool) -> None:
    machine = desktop(gpu)
    off = replace(machine, settings={"TORCHDYNAMO_DISABLE": "1"})
    on, eager = (known(each, "voxcpm-0.5b:gpu-fp32") for each in (machine, off))
    assert (on.compiled, eager.compiled) == (quicker, False)
    assert (on.seconds < eager.seconds) == quicker


CARDS = [name for name, machine in PROFILES.items()
         if machine.gpus and machine.gpus[0].vendor in ("nvidia", "amd")]  # fmt: skip


@pytest.mark.parametrize("profile", CARDS)
def test_windows_is_never_faster_than_linux(profile: str) -> None:
    machine = PROFILES[profile]
    dearer = 0
    for name in NAMES:
        linux, windows = (
            total_of(replace(machine, os=system, software=None), name)  # type: ignore[arg-type]
            for system in ("linux", "windows")
        )
        if linux is None or windows is None:  # no constants for Apple's kernels here
            assert linux is windows and name.endswith(":mlx")
            continue
        assert not linux.windows
        assert windows.windows == (name.split(":")[1].startswith("gpu-"))
        assert linux.seconds <= windows.seconds
        dearer += linux.seconds < windows.seconds
    assert dearer > 10


def test_a_program_built_on_windows_pays_nothing_for_it() -> None:
    for name in ("voxcpm-2:gguf-gpu-q8", "voxcpm-2:cpu-fp32"):
        linux, windows = (known(desktop(RTX, os=system), name) for system in ("linux", "windows"))
        assert linux.seconds == windows.seconds and not windows.windows


# ---- precisions -------------------------------------------------------------------------------


@pytest.mark.parametrize("model", ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"])
def test_bf16_that_is_emulated_is_slower_than_bf16_and_than_fp16(model: str) -> None:
    turing = desktop("name: NVIDIA GeForce RTX 2060, vram: 12GiB")
    (card,) = Context(turing).cards
    assert "bf16" not in card.rates.native
    halves = [known(turing, f"{model}:gpu-{kind}").seconds for kind in ("fp16", "bf16")]
    assert halves[0] < halves[1]
    # the same card with units for it
    subject, context = LOCAL[f"{model}:gpu-bf16"], Context(turing)
    rates = replace(card.rates, tflops=card.rates.tflops | {"bf16": card.rates.tflops["fp16"]})
    real = time_sum(subject, context, replace(card, rates=rates), NO_EVIDENCE)
    assert real.seconds < halves[1]


@pytest.mark.parametrize("isa", [["avx2"], ["avx2", "avx512f"]])
def test_bf16_that_a_processor_emulates_is_slower_than_with_units_for_it(isa: list[str]) -> None:
    machine = desktop()
    plain, native = (
        replace(machine, cpu=replace(machine.cpu, isa=sorted({*isa, *more})))
        for more in ([], ["avx512_bf16"])
    )
    for model in ("voxcpm-0.5b", "voxcpm-2"):
        name = f"{model}:cpu-bf16"
        assert known(native, name).seconds < known(plain, name).seconds
        assert known(plain, f"{model}:cpu-fp32").seconds < known(plain, name).seconds


# ---- single stages ----------------------------------------------------------------------------


def stage(**figures: Any) -> Stage:
    return Stage(id="one", source="here", **figures)


@pytest.mark.parametrize(
    ("reads", "work", "rows", "shape"),
    [(1, 2, 1, "matvec"), (1, 3, 1.5, "matvec"), (1, 4, 2, "skinny"), (1, 128, 64, "skinny"),
     (1, 130, 65, "wide"), (0, 50, 1, "matvec")],
)  # fmt: skip
def test_the_shape_follows_from_operations_for_each_parameter(
    reads: float, work: float, rows: float, shape: str
) -> None:
    one = stage(reads_gparam_s=reads, work_gflop_s=work)
    assert (rows_of(one), shape_of(one)) == (rows, shape)
    assert shape_of(replace(one, shape="conv")) == "conv"


PLAIN = Kernels(
    bandwidth=0.5, skinny=0.1, tile_rows=20, wide=0.2, conv=0.05, dense=0.15, cache_bytes=100,
    cache_ops={"fp32": 320, "bf16": 1670}, launch_us=10, compiled_us=4, request_s=0.1,
)  # fmt: skip


def term_of(one: Stage, precision: Precision = "fp32", **pace: Any) -> TimeTerm:
    """A stage alone, for 10 s, on a device of 100 GB/s and 1 TFLOPS, in bf16 10."""
    subject = LOCAL["voxcpm-2:cpu-fp32"]
    rates = Rates(
        kind="cpu", gb_s=100, tflops=dict.fromkeys(PRECISIONS, 1.0) | {"bf16": 10.0},
        native=frozenset({"fp32"}),
    )  # fmt: skip
    (term,) = time_terms(
        replace(subject.model, work=[one]), subject.mode, precision, rates,
        Pace(kernels=PLAIN, **pace), STANDARD,
    )  # fmt: skip
    return term


@pytest.mark.parametrize(
    ("figures", "precision", "seconds", "bound"),
    [
        # 10 s x 1 G parameters x 4 bytes over 50 GB/s; 20 GFLOP over 1000 x 0.1
        ({"reads_gparam_s": 1, "work_gflop_s": 2}, "fp32", 0.8, "memory"),
        ({"reads_gparam_s": 1, "work_gflop_s": 2}, "bf16", 0.4, "memory"),
        ({"reads_gparam_s": 1, "work_gflop_s": 20}, "bf16", 0.4, "memory"),
        # 10 rows cost as much as a tile of 20: 400 GFLOP over 1000 x 0.1
        ({"reads_gparam_s": 1, "work_gflop_s": 20}, "fp32", 4.0, "arithmetic"),
        ({"reads_gparam_s": 1, "work_gflop_s": 40}, "fp32", 4.0, "arithmetic"),
        ({"reads_gparam_s": 1, "work_gflop_s": 60}, "fp32", 6.0, "arithmetic"),
        ({"reads_gparam_s": 1, "work_gflop_s": 400}, "fp32", 20.0, "arithmetic"),
        ({"work_gflop_s": 5, "shape": "conv"}, "fp32", 1.0, "arithmetic"),
        # 2.5 G elements x 100 bytes over 50 GB/s; x 320 or 1670 operations at the fp32 peak
        ({"reads_gparam_s": 0.25, "shape": "cache"}, "fp32", 5.0, "memory"),
        ({"reads_gparam_s": 0.25, "shape": "cache"}, "bf16", 5.0, "memory"),
        ({"reads_gparam_s": 0.25, "shape": "cache"}, "fp16", 5.0, "memory"),
        # stays in fp32 whatever the mode
        ({"reads_gparam_s": 1, "work_gflop_s": 2, "precision": "fp32"}, "bf16", 0.8, "memory"),
        # 20 square seconds squared: 400 x 2 GFLOP over 1000 x 0.2
        ({"work_gflop_s2": 2, "shape": "wide"}, "fp32", 4.0, "arithmetic"),
    ],
)  # fmt: skip
def test_the_larger_of_bytes_and_operations(
    figures: dict[str, Any], precision: Precision, seconds: float, bound: str
) -> None:
    term = term_of(stage(**figures), precision)
    assert term.seconds == pytest.approx(seconds)
    assert (term.bound, term.launch_seconds, term.source) == (bound, 0, "here")
    assert term.precision == figures.get("precision", precision)


def test_attention_over_a_cache_may_be_arithmetic() -> None:
    one = stage(reads_gparam_s=1, shape="cache")
    quick = replace(PLAIN, cache_bytes=0.2)
    assert quick.cache_ops["bf16"] > quick.cache_ops["fp32"]
    subject = LOCAL["voxcpm-2:cpu-fp32"]
    rates = Rates(kind="cpu", gb_s=100, tflops=dict.fromkeys(PRECISIONS, 1.0),
                  native=frozenset({"fp32"}))  # fmt: skip
    (term,) = time_terms(
        replace(subject.model, work=[one]), subject.mode, "bf16", rates, Pace(kernels=quick),
        STANDARD,
    )  # fmt: skip
    assert (term.bound, term.seconds) == ("arithmetic", pytest.approx(16.7))


@pytest.mark.parametrize(
    ("pace", "shape", "each"),
    [
        ({}, "matvec", 10), ({"compiled": True}, "matvec", 4), ({"compiled": True}, "conv", 10),
        ({"launch_factor": 3}, "matvec", 30), ({"compiled": True, "launch_factor": 2}, "wide", 8),
    ],
)  # fmt: skip
def test_launches(pace: dict[str, Any], shape: str, each: float) -> None:
    assert launch_us(Pace(kernels=PLAIN, **pace), shape) == each  # type: ignore[arg-type]
    term = term_of(stage(launches_s=1000, shape=shape), **pace)
    assert term.launches == 10_000
    assert term.seconds == term.launch_seconds == pytest.approx(10_000 * each * 1e-6)


def test_the_factor_of_a_program_is_on_all_of_its_stages() -> None:
    one = stage(reads_gparam_s=1, work_gflop_s=2, launches_s=1000)
    plain, twice = term_of(one), term_of(one, factor=2)
    assert (twice.seconds, twice.launch_seconds) == (2 * plain.seconds, 2 * plain.launch_seconds)


def test_fast_cards_sit_in_fast_computers() -> None:
    """The same work in launches takes longer on the slower of two cards."""
    each = []
    for name in ("RTX 3060", "RTX 4090"):
        machine = desktop(f"name: NVIDIA GeForce {name}")
        total = known(replace(machine, settings={"TORCHDYNAMO_DISABLE": "1"}), "voxcpm-2:gpu-fp16")
        launched = sum(term.launch_seconds for term in total.terms)
        each.append(launched / sum(term.launches for term in total.terms))
        (card,) = Context(machine).cards
        host = (strength(card.rates) / HOST_TFLOPS) ** -constants().host_exponent
        factor = constants().factors["voxcpm-pytorch"]
        assert each[-1] * 1e6 == pytest.approx(total.kernels.launch_us * host * factor)
    assert each[0] > each[1]


def test_a_mode_may_be_slower_than_its_program() -> None:
    subject, context = LOCAL["voxcpm-2:gpu-fp32"], Context(desktop(RTX))
    odd = replace(subject, mode=replace(subject.mode, speed_factor=2.0))
    one, other = (time_sum(s, context, context.cards[0], NO_EVIDENCE) for s in (subject, odd))
    assert other.seconds == pytest.approx(2 * one.seconds)
    assert (one.factor, other.factor) == (1, 2)
    assert sum(t.seconds for t in other.terms) == sum(t.seconds for t in one.terms)


def test_memory_does_not_enter_the_sum() -> None:
    """Only whether there is enough to compile in does."""
    sums = [
        known(desktop(f"name: NVIDIA GeForce RTX 4090, vram: 24GiB, vram_free: {free}GiB"),
              "voxcpm-2:gpu-bf16")
        for free in (1, 5, 12, 24)
    ]  # fmt: skip
    assert [total.compiled for total in sums] == [False, False, True, True]
    assert sums[0].seconds == sums[1].seconds > sums[2].seconds == sums[3].seconds
