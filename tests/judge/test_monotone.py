"""More memory, more cores, a faster card: never a worse verdict, never a lower score."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from judging import (
    ARM,
    GB,
    GIB,
    LOCAL,
    SUBJECTS,
    TABLE,
    X86,
    cards,
    everything,
    machine_of,
    machines,
    verdict_on,
)
from msgspec.structs import replace

from vcf.catalogue.constants import constants
from vcf.catalogue.gpus import GpuSpec
from vcf.judge.assess import judge
from vcf.judge.context import Context
from vcf.judge.device import Rates, gpu_rates
from vcf.judge.model import Rtf
from vcf.judge.score import RANK, score_of, stars_of
from vcf.judge.timing import Pace, time_terms
from vcf.judge.workload import STANDARD
from vcf.machine.complete import complete, spec_of
from vcf.machine.model import Gpu, Machine, Memory

SLOWER_WHEN_LARGER = {
    "GeForce GTX 1050", "GeForce GTX 1060", "GeForce RTX 3050 Laptop GPU",
    "RTX A1000 Laptop GPU", "RTX A2000 Laptop GPU",
}  # fmt: skip
"""Names under which the card with more memory is another, slower one: 3 GB GTX 1050."""

more_bytes = st.integers(0, 64 * GIB)


def never_worse(before: Machine, after: Machine) -> None:
    """Every subject of the shipped catalogue keeps or betters its verdict and its score."""
    for was, now in zip(everything(before), everything(after), strict=True):
        place = f"{was.model} {was.mode}: {was.verdict} {was.score} -> {now.verdict} {now.score}"
        assert RANK[now.verdict] >= RANK[was.verdict], place
        assert now.score >= was.score, place
        assert now.stars >= was.stars, place


@settings(max_examples=40)
@given(machines(ram=True), more_bytes)
def test_more_ram_is_never_worse(machine: Machine, more: int) -> None:
    memory = machine.memory
    grown = replace(memory, total_bytes=memory.total_bytes + more)
    never_worse(machine, replace(machine, memory=grown))
    if memory.available_bytes is not None:
        grown = replace(grown, available_bytes=memory.available_bytes + more)
        never_worse(machine, replace(machine, memory=grown))


@settings(max_examples=40)
@given(machines(), more_bytes, st.floats(0, 1))
def test_more_available_ram_is_never_worse(machine: Machine, more: int, share: float) -> None:
    memory = machine.memory
    most = memory.total_bytes if memory.total_bytes is not None else 1 << 45
    free = memory.available_bytes
    memory = replace(memory, available_bytes=free if free is not None else int(most * share))
    grown = replace(memory, available_bytes=min(most, memory.available_bytes + more))
    never_worse(replace(machine, memory=memory), replace(machine, memory=grown))


@settings(max_examples=40)
@given(machines(), more_bytes)
def test_more_swap_is_never_worse(machine: Machine, more: int) -> None:
    memory = machine.memory
    grown = replace(memory, swap_bytes=(memory.swap_bytes or 0) + more)
    never_worse(machine, replace(machine, memory=grown))


@settings(max_examples=40)
@given(machines(cores=True), st.integers(0, 64))
def test_more_cores_are_never_worse(machine: Machine, more: int) -> None:
    cpu = machine.cpu
    grown = replace(cpu, usable_cores=cpu.usable_cores + more)
    never_worse(machine, replace(machine, cpu=grown))
    if cpu.physical_cores is not None:
        grown = replace(grown, physical_cores=cpu.physical_cores + more)
        never_worse(machine, replace(machine, cpu=grown))


@settings(max_examples=40)
@given(machines(), st.data())
def test_more_instruction_sets_are_never_worse(machine: Machine, data: st.DataObject) -> None:
    isa = machine.cpu.isa or []
    arm = not set(isa).isdisjoint(ARM) or (not isa and machine.arch == "arm64")
    if arm and machine.arch is None:  # there they would also tell the architecture
        machine = replace(machine, arch="arm64")
    added = data.draw(st.lists(st.sampled_from(ARM if arm else X86)))
    known = replace(machine, cpu=replace(machine.cpu, isa=isa))
    grown = replace(machine.cpu, isa=sorted({*isa, *added}))
    never_worse(known, replace(machine, cpu=grown))


def with_card(machine: Machine, change: Callable[[Gpu], Gpu]) -> Machine:
    """The machine with its first card changed and what follows from it filled in."""
    first, *others = machine.gpus or []
    return complete(replace(machine, gpus=[change(first), *others]), "file random.yaml")


@settings(max_examples=60)
@given(machines(card=True, size=True), st.floats(0, 1))
def test_more_free_vram_is_never_worse(machine: Machine, share: float) -> None:
    total, free = machine.gpus[0].vram_total_bytes, machine.gpus[0].vram_free_bytes
    free += int((total - free) * share)
    never_worse(machine, with_card(machine, lambda gpu: replace(gpu, vram_free_bytes=free)))


@settings(max_examples=100)
@given(machines(card=True, size=True), more_bytes, st.booleans())
def test_more_vram_is_never_worse(machine: Machine, more: int, told: bool) -> None:
    if not told:
        machine = with_card(machine, lambda gpu: replace(gpu, vram_free_bytes=None))
    spec = spec_of(machine.gpus[0])
    assume(spec is None or spec.name not in SLOWER_WHEN_LARGER)
    total = machine.gpus[0].vram_total_bytes + more
    grown = with_card(machine, lambda gpu: replace(gpu, vram_total_bytes=total))
    never_worse(machine, grown)


@settings(max_examples=40)
@given(machines(card=True), st.integers(0, 3000 * GB))
def test_more_vram_bandwidth_is_never_worse(machine: Machine, more: int) -> None:
    rates = gpu_rates(machine.gpus[0])
    assume(rates is not None)
    start = int(rates.gb_s * 1e9) + 1
    never_worse(
        machine, with_card(machine, lambda gpu: replace(gpu, bandwidth_bytes_s=start + more))
    )


@settings(max_examples=40)
@given(machines(), more_bytes)
def test_more_disk_is_never_worse(machine: Machine, more: int) -> None:
    disk = machine.disk
    if disk.free_bytes is not None:
        total = disk.total_bytes + more if disk.total_bytes is not None else None
        grown = replace(disk, free_bytes=disk.free_bytes + more, total_bytes=total)
        never_worse(machine, replace(machine, disk=grown))
    if disk.total_bytes is not None:
        grown = replace(disk, total_bytes=disk.total_bytes + more)
        never_worse(machine, replace(machine, disk=grown))


@settings(max_examples=40)
@given(machines(), cards("linux"))
def test_another_card_beside_is_never_worse(machine: Machine, other: Gpu) -> None:
    gpus = machine.gpus or []
    both = replace(machine, gpus=[*gpus, other])
    never_worse(replace(machine, gpus=gpus), complete(both, "file random.yaml"))


def version(cc: str | None) -> tuple[int, ...]:
    return tuple(int(part) for part in (cc or "0.0").split("."))


def outclasses(new: GpuSpec, old: GpuSpec) -> bool:
    """Whether nothing about a card is worse: memory, bandwidth, arithmetic, generation."""
    rates = ("bandwidth_gb_s", "fp32_tflops", "fp16_tflops", "matrix_tflops")
    return (
        new.vendor == old.vendor
        and new.unified == old.unified
        and len(new.vram_gib) == len(old.vram_gib) == 1
        and new.vram_gib[0] >= old.vram_gib[0]
        and all((getattr(new, rate) or 0) >= (getattr(old, rate) or 0) for rate in rates)
        and new.bf16 >= old.bf16
        and version(new.cc) >= version(old.cc)
    )


def comparable(new: GpuSpec, old: GpuSpec) -> bool:
    """AMD's targets have no order: ROCm serves gfx1034 and not the older, faster gfx1010."""
    return new.vendor != "amd" or new.gfx == old.gfx


PAIRS = [
    (old, new)
    for old in TABLE
    for new in TABLE
    if old is not new and outclasses(new, old) and comparable(new, old)
]


@pytest.mark.parametrize("system", ["linux", "windows"])
def test_no_card_of_the_table_is_worse_than_one_it_outclasses(system: str) -> None:
    host = Machine(os=system, arch="x86_64", memory=Memory(total_bytes=64 * GIB))
    on_gpu = [subject for subject in SUBJECTS if subject.device == "gpu"]
    found = {}
    for spec in {id(spec): spec for pair in PAIRS for spec in pair}.values():
        card = Gpu(name=spec.name, vendor=spec.vendor)
        context = Context(complete(replace(host, gpus=[card]), "file desk.yaml"))
        judged = [judge(context, subject) for subject in on_gpu]
        found[spec.name] = [(RANK[a.verdict], a.score) for a in judged]
    worse = [
        (old.name, new.name, subject.key)
        for old, new in PAIRS
        for subject, was, now in zip(on_gpu, found[old.name], found[new.name], strict=True)
        if now[0] < was[0] or now[1] < was[1]
    ]
    assert worse == []
    assert len(PAIRS) > 5000


NVIDIA_PAIRS = [pair for pair in PAIRS if pair[0].vendor == "nvidia"]


@settings(max_examples=40)
@given(machines(), st.sampled_from(NVIDIA_PAIRS))
def test_a_better_card_is_never_worse(machine: Machine, pair: tuple[GpuSpec, GpuSpec]) -> None:
    old, new = (Gpu(name=spec.name, vendor=spec.vendor) for spec in pair)
    fresh = replace(machine, software=None)  # an installed torch may know only the old card
    before = complete(replace(fresh, gpus=[old]), "file random.yaml")
    after = complete(replace(fresh, gpus=[new]), "file random.yaml")
    never_worse(before, after)


STEPS = [size / 2 for size in range(1, 200)]


def rates_by_size(card: Gpu) -> list[tuple[float, ...]]:
    found = []
    for size in STEPS:
        rates = gpu_rates(replace(card, vram_total_bytes=int(size * GIB)))
        if rates is not None:
            found.append((rates.gb_s, *rates.tflops.values()))
    return found


@pytest.mark.parametrize(
    "spec", [s for s in TABLE if len(s.vram_gib) > 1], ids=lambda spec: spec.name
)
def test_more_memory_never_slows_a_named_card(spec: GpuSpec) -> None:
    found = rates_by_size(Gpu(name=spec.name, vendor=spec.vendor))
    assert len(found) == len(STEPS)
    falls = [(a, b) for a, b in pairwise(found) if any(y < x for x, y in zip(a, b, strict=True))]
    assert bool(falls) == (spec.name in SLOWER_WHEN_LARGER)


KINDS = sorted({(s.vendor, s.cc, s.gfx) for s in TABLE if s.cc or s.gfx}, key=str)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind[1] or kind[2])
def test_more_memory_never_slows_an_unlisted_card(
    kind: tuple[str, str | None, str | None],
) -> None:
    vendor, cc, gfx = kind
    found = rates_by_size(Gpu(vendor=vendor, compute_capability=cc, gfx=gfx))
    assert found
    assert all(x <= y for a, b in pairwise(found) for x, y in zip(a, b, strict=True))


figures = st.floats(0.5, 5000, allow_nan=False)
FAMILIES = [(name, kind) for name, kinds in constants().kernels.items() for kind in kinds]


@settings(max_examples=300)
@given(
    st.sampled_from(sorted(LOCAL)), st.sampled_from(FAMILIES), figures, figures, figures,
    st.floats(1, 50), st.integers(0, 2), st.booleans(),
)  # fmt: skip
def test_faster_rates_never_forecast_slower_speech(
    name: str,
    family: tuple[str, str],
    gb_s: float,
    fp32: float,
    half: float,
    factor: float,
    which: int,
    compiled: bool,
) -> None:
    subject = LOCAL[name]
    pace = Pace(kernels=constants().kernels[family[0]][family[1]], compiled=compiled)

    def at(*by: float) -> list[float]:
        plain = dict.fromkeys(("fp32", "q8", "q4", "int8"), fp32 * by[1])
        halves = dict.fromkeys(("fp16", "bf16"), half * by[2])
        rates = Rates(
            kind=family[1], gb_s=gb_s * by[0], tflops=plain | halves, native=frozenset({"fp32"})
        )
        terms = time_terms(subject.model, subject.mode, subject.precision, rates, pace, STANDARD)
        return [term.seconds for term in terms]

    slow, fast = at(1, 1, 1), at(*(factor if i == which else 1 for i in range(3)))
    assert all(quick <= long for quick, long in zip(fast, slow, strict=True))
    assert 0 < sum(fast) <= sum(slow)


def test_a_higher_rank_always_scores_higher() -> None:
    def rtf(mid: float) -> Rtf:
        return Rtf(low=mid, mid=mid, high=mid, basis="roofline")

    speeds = [rtf(10 ** (power / 10)) for power in range(-40, 60)]
    good = [score_of("good", r) for r in speeds if r.mid <= 1]
    slow = [score_of("slow", r) for r in speeds if r.mid > 1]
    tight = [score_of("tight", r) for r in speeds]
    assert min(good) == 60 and max(good) == 100
    assert min(slow) == 20 and max(slow) < 60
    assert min(tight) == 8 and max(tight) < 20
    for scores in (good, slow, tight):
        assert scores == sorted(scores, reverse=True)
    assert score_of("no", speeds[0]) == score_of("unknown", None) == 0
    assert [stars_of(s) for s in (0, 8, 34, 35, 59, 60, 80, 100)] == [1, 2, 2, 3, 3, 4, 5, 5]


def test_more_memory_does_not_turn_tight_into_unknown() -> None:
    """Where no speed can be forecast the verdict is unknown, tight memory or not."""
    ranks = []
    for ram in ("1.9GiB", "2.7GiB", "3GiB", "4GiB", "8GiB", "64GiB"):
        machine = machine_of(f"os: linux\nmemory: {{total: 64GiB, available: {ram}}}\ngpus: []")
        judged = verdict_on(machine, "voxcpm-0.5b", "cpu-fp32")
        ranks.append(judged.verdict)
    assert set(ranks) == {"unknown"}
    tight = machine_of("os: linux\nmemory: {total: 2GiB, available: 1GiB}\ngpus: []")
    assert verdict_on(tight, "voxcpm-0.5b", "cpu-fp32").verdict == "no"
