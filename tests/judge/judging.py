"""What the tests of the judgement share: machines in few words, every subject, random machines."""

from __future__ import annotations

from hypothesis import strategies as st
from msgspec.structs import replace

from vcf.catalogue.gpus import GpuSpec, gpus
from vcf.catalogue.load import load_catalogue
from vcf.judge.assess import assess, judge
from vcf.judge.context import Card, Context
from vcf.judge.model import Assessment, Evidence, Gate
from vcf.judge.subject import Subject, subjects
from vcf.judge.verdict import NO_EVIDENCE
from vcf.machine.complete import complete
from vcf.machine.load import read_machine
from vcf.machine.model import Cpu, Disk, Gpu, Machine, Memory

GIB = 1 << 30
GB = 10**9
CATALOGUE = load_catalogue()
SUBJECTS = tuple(subjects(CATALOGUE).by_key.values())
LOCAL = {subject.name: subject for subject in SUBJECTS if subject.device != "online"}
"""Subjects that compute on the machine, by ``model:mode``."""


def machine_of(text: str) -> Machine:
    """The machine of a hand-written file."""
    return read_machine(text, "desk.yaml")


def desktop(
    gpu: str = "",
    *,
    os: str = "linux",
    ram: str = "total: 32GiB",
    software: str = "",
) -> Machine:
    """An ordinary eight-core computer; ``gpu`` holds the fields of its card in YAML."""
    lines = [
        f"os: {os}",
        "cpu: {model: Intel Core i7-12700K, cores: 8, threads: 16, isa: [avx, avx2, fma]}",
        f"memory: {{{ram}}}",
        f"gpus: [{{{gpu}}}]" if gpu else "gpus: []",
        "disk: {total: 1000GB, free: 500GB}",
    ]
    if software:
        lines.append(f"software: {{{software}}}")
    return machine_of("\n".join(lines))


def verdict_on(
    machine: Machine, model: str, mode: str, evidence: Evidence = NO_EVIDENCE
) -> Assessment:
    """The judgement with the shipped catalogue."""
    return assess(machine, model, mode, catalogue=CATALOGUE, evidence=evidence)


def first_card(subject: Subject, context: Context) -> Card | None:
    """The first GPU where the subject computes on one."""
    return (context.cards or [None])[0] if subject.device == "gpu" else None


def everything(machine: Machine) -> list[Assessment]:
    """Every subject judged on one machine."""
    context = Context(machine)
    return [judge(context, subject) for subject in SUBJECTS]


def gates(assessment: Assessment, kind: str, part: str | None = None) -> list[Gate]:
    """The gates of one kind, in order."""
    return [g for g in assessment.gates if g.gate == kind and part in (None, g.part)]


def gate_with(assessment: Assessment, text: str) -> Gate:
    """The gate that says ``text``."""
    found = [g for g in assessment.gates if g.text.id == text]
    assert len(found) == 1, [g.text.id for g in assessment.gates]
    return found[0]


# ---- random machines --------------------------------------------------------------------------

X86 = ("avx", "avx2", "fma", "f16c", "avx512f", "avx512_bf16", "avx_vnni", "amx_bf16")
ARM = ("neon", "sve", "bf16", "i8mm", "dotprod")
SYSTEMS = (
    ("linux", "x86_64"), ("windows", "x86_64"), ("linux", "arm64"), ("macos", "arm64"),
    ("macos", "x86_64"), ("windows", "arm64"),
)  # fmt: skip
TABLE = gpus()

sizes = st.floats(0.25, 512, allow_nan=False).map(lambda gib: int(gib * GIB))
small_sizes = st.floats(0.25, 48, allow_nan=False).map(lambda gib: int(gib * GIB))
stacks = st.sampled_from(
    [
        None,
        None,
        {"python": "3.11.9"},
        {"python": "3.13.1"},
        {"python": "3.11.9", "torch": "2.8.0+cu128"},
        {"python": "3.12.1", "torch": "2.14.1+cu126", "voxcpm": "2.0.4", "indextts": "2.0.0"},
        {"python": "3.10.2", "torch": "2.4.1+cpu", "voxcpm": "1.0.0"},
        {"torch": "2.7.0+rocm6.3", "triton": None},
        {"torch": "9.9.9+cu999"},
        {"torch": "main", "python": "three"},
    ]
)


@st.composite
def instruction_sets(draw: st.DrawFn, arch: str) -> list[str] | None:
    names = X86 if arch == "x86_64" else ARM
    return draw(st.none() | st.lists(st.sampled_from(names), unique=True).map(sorted))


@st.composite
def cards(draw: st.DrawFn, system: str) -> Gpu:
    """A card of the table, or one that is not in it."""
    makers = {"macos": ("apple", "amd", "intel")}.get(system, ("nvidia", "amd", "intel"))
    spec: GpuSpec | None = draw(
        st.none() | st.sampled_from([row for row in TABLE if row.vendor in makers])
    )
    listed = [int(size * GIB) for size in spec.vram_gib] if spec else []
    total = draw(st.none() | small_sizes | (st.sampled_from(listed) if listed else st.none()))
    free = draw(st.none() | st.integers(0, total)) if total is not None else None
    vendor = spec.vendor if spec else draw(st.sampled_from([None, *makers]))
    cc = None
    if spec is None and vendor == "nvidia":
        cc = draw(st.none() | st.sampled_from(["3.5", "5.0", "6.1", "7.5", "8.6", "9.0", "12.0"]))
    return Gpu(
        name=f"{spec.name}" if spec else draw(st.sampled_from([None, "Mystery 9000"])),
        vendor=vendor,
        vram_total_bytes=total,
        vram_free_bytes=free,
        compute_capability=cc,
        gfx="gfx1100" if spec is None and vendor == "amd" else None,
        driver=draw(st.sampled_from([None, "535.161.07", "528.33", "470.256", "amdgpu"])),
        bandwidth_bytes_s=draw(st.none() | st.integers(10 * GB, 3000 * GB)),
        mig=draw(st.sampled_from([None, False, True])),
    )


@st.composite
def machines(
    draw: st.DrawFn,
    *,
    card: bool = False,
    size: bool = False,
    ram: bool = False,
    cores: bool = False,
) -> Machine:
    """Any machine, with any of its facts missing.

    ``card``: it has one; ``size``: whose memory is known, all of it and what is free; ``ram``,
    ``cores``: its RAM, its usable cores are known. Drawn here, not filtered by the tests:
    hypothesis gives up on tests that throw most of what they are given away.
    """
    machine = draw(_any_machine(card))
    if ram and machine.memory.total_bytes is None:
        least = machine.memory.available_bytes or 0
        total = least + draw(st.integers(1, 64 * GIB))
        machine = replace(machine, memory=replace(machine.memory, total_bytes=total))
    if cores and machine.cpu.usable_cores is None:
        usable = draw(st.integers(1, machine.cpu.logical_cores or 128))
        machine = replace(machine, cpu=replace(machine.cpu, usable_cores=usable))
    if draw(st.booleans()):  # often enough one on which something runs
        machine = replace(
            machine,
            os="linux",
            arch="x86_64",
            jetson=None,
            memory=replace(machine.memory, total_bytes=64 * GIB, available_bytes=48 * GIB),
            software=None,
        )
    if card:
        gpu = machine.gpus[0]
        if size:
            total = gpu.vram_total_bytes or draw(small_sizes)
            gpu = replace(gpu, vram_total_bytes=total, vram_free_bytes=draw(st.integers(0, total)))
        machine = replace(machine, gpus=[gpu, *machine.gpus[1:]])
    return complete(machine, "file random.yaml")


@st.composite
def _any_machine(draw: st.DrawFn, card: bool) -> Machine:
    system, arch = draw(st.sampled_from(SYSTEMS))
    cores = draw(st.none() | st.integers(1, 128))
    total = draw(st.none() | sizes)
    available = draw(st.none() | st.integers(0, total if total is not None else 64 * GIB))
    disk = draw(st.none() | st.integers(0, 2000 * GB))
    return Machine(
        name="random",
        os=draw(st.sampled_from([system, system, system, None])),
        os_version=draw(st.sampled_from([None, "macOS 13.6", "macOS 15.1", "Windows 10", "?"])),
        arch=draw(st.sampled_from([arch, arch, arch, None, "riscv64"])),
        rosetta=draw(st.sampled_from([None, False, True])),
        jetson=draw(st.sampled_from([None, None, None, "R36.3.0"])),
        cpu=Cpu(
            model=draw(st.sampled_from([None, "Intel Core i5", "Apple M2", "Cortex-A76"])),
            physical_cores=cores,
            logical_cores=cores,
            usable_cores=draw(st.none() | st.integers(1, cores)) if cores else None,
            isa=draw(instruction_sets(arch)),
        ),
        memory=Memory(
            total_bytes=total,
            available_bytes=available,
            limit_bytes=draw(st.sampled_from([None, None, total])),
            swap_bytes=draw(st.none() | sizes),
            speed=draw(st.sampled_from([None, "DDR4-3200", "strange"])),
            channels=draw(st.none() | st.integers(1, 8)),
        ),
        gpus=draw(
            st.lists(cards(system), min_size=1, max_size=2)
            if card
            else st.none() | st.lists(cards(system), max_size=3)
        ),
        disk=Disk(
            total_bytes=disk,
            free_bytes=draw(st.none() | st.integers(0, disk if disk is not None else 500 * GB)),
        ),
        software=draw(stacks),
    )
