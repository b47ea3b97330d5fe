"""What a processor or card can do at best: memory bandwidth and arithmetic by precision."""

from __future__ import annotations

import re
from typing import Literal

import msgspec

from ..catalogue.constants import constants
from ..catalogue.gpus import GpuSpec, bf16_native, find, floor_for, fp16_native
from ..catalogue.model import Precision
from ..machine.complete import spec_of
from ..machine.model import Cpu, Gpu, Machine
from ..units import GIB
from .model import Message

SpeedClass = Literal["cpu", "nvidia", "amd", "intel", "apple"]

EMULATED_BF16_APPLE = 0.7
"""On Apple's M1 and M2, whose Metal compiler widens bf16 to fp32: little more than a conversion."""
EMULATED_BF16_CPU = 0.33
"""The same for CPUs without bf16 units: linear layers with 12 rows ran at 10 GFLOPS in bf16 and at
31 in fp32 on a 2-core AVX2 machine."""

NATIVE_BF16_CPU = 2.5
"""And for CPUs with them: linear layers of 1024 x 4096 with 2 to 24 rows ran 3 to 4 times
faster in bf16 than in fp32 on a 2-core EPYC with AVX512-BF16 (torch 2.13), 256 rows 2.5 times."""
CORE_EXPONENT = 0.85
"""Cores help less than in proportion: batch-1 synthesis is many small steps with a barrier each.
VoxCPM2 on 8 desktop cores is reported at RTF 6.6, a quarter of what 2 cores take."""

APPLE_MATRIX_TFLOPS = 1.2
"""fp32 rate of the matrix unit of Apple's chips, which PyTorch's linear layers reach through
Accelerate: 1.2 to 1.5 on an M1 (https://github.com/corsix/amx), more on later ones."""
CLOCK_GHZ = 3.0
"""Sustained all-core clock taken where none is known; laptops hold less, desktops more."""
CORE_GB_S = 11.0
"""What one core can stream from memory on its own, 8 to 15 GB/s on x86 and Arm of 2013-2025."""
USUAL_GB_S: dict[str, float] = {"x86_64": 38.0, "arm64": 17.0}
"""Memory bandwidth where speed and channels are not known: two channels of DDR4-2400; one
32-bit channel of LPDDR4X-4267, as on small Arm boards."""

_TRANSFERS = re.compile(r"(?:DDR|LPDDR)\dX?-(\d{3,5})", re.IGNORECASE)


class Rates(msgspec.Struct, frozen=True, kw_only=True):
    """Peak figures of one device."""

    kind: SpeedClass
    gb_s: float
    """Memory bandwidth, 10^9 bytes a second."""
    tflops: dict[Precision, float]
    """10^12 operations a second by precision, units that the hardware lacks counted as
    emulated."""
    native: frozenset[Precision]
    """Precisions with arithmetic of their own."""
    doubts: tuple[Message, ...] = ()
    """Assumptions that entered."""
    listed: bool = True
    """False where only the generation of a card is known, not its figures."""


def strength(rates: Rates) -> float:
    """How strong a device is where many small kernels count rather than one figure: fp32 rate
    (10^12/s), for GPUs the mean with the bandwidth that goes with it, 20 GB/s to a TFLOPS."""
    fp32 = rates.tflops["fp32"]
    return fp32 if rates.kind == "cpu" else float((fp32 * rates.gb_s / 20) ** 0.5)


def flops_per_cycle(isa: frozenset[str] | None, arch: str | None) -> tuple[float, bool]:
    """fp32 operations per core and cycle, and whether that is known rather than assumed.

    Two multiply-add pipes of the widest vectors, as on Intel from Haswell and AMD from Zen 2
    on (https://www.agner.org/optimize/microarchitecture.pdf); Arm cores have two 128-bit ones.
    """
    if isa is None:
        return (16.0, True) if arch == "arm64" else (32.0, False)
    if "avx512f" in isa:
        return 40.0, True  # 64 at best; clocks and Zen 4's double pumping cost part of it
    if "fma" in isa or "avx2" in isa:
        return 32.0, True
    if "avx" in isa:
        return 16.0, True
    if "neon" in isa or arch == "arm64":
        return 16.0, True
    return 8.0, True


def memory_gb_s(speed: str | None, channels: int | None) -> float | None:
    """Bandwidth of ``DDR4-2133`` in so many 64-bit channels; None when not told."""
    match = _TRANSFERS.match(speed or "")
    return None if match is None else int(match[1]) * 8e-3 * (channels or 2)


def cpu_rates(machine: Machine, arch: str | None) -> Rates | None:
    """Peak figures of the processor; None when its cores are not known."""
    cpu = machine.cpu
    if cpu.usable_cores is None:
        return None
    cores = min(cpu.usable_cores, cpu.physical_cores or cpu.usable_cores)
    doubts = []
    isa = frozenset(cpu.isa or ())
    per_cycle, known = flops_per_cycle(isa if cpu.isa is not None else None, arch)
    if not known:
        doubts.append(Message("doubt-isa"))
    chip = _apple_chip(cpu)
    gb_s = chip.bandwidth_gb_s if chip is not None else None
    if gb_s is None:
        gb_s = memory_gb_s(machine.memory.speed, machine.memory.channels)
    if gb_s is None:
        gb_s = USUAL_GB_S.get(arch or "x86_64", 38.0)
        doubts.append(Message("doubt-ram-speed", {"gb_s": f"{gb_s:.0f} GB/s"}))
    vectors = cores**CORE_EXPONENT * per_cycle * CLOCK_GHZ * 1e-3
    fp32 = vectors if chip is None else max(vectors, APPLE_MATRIX_TFLOPS)
    tflops: dict[Precision, float] = dict.fromkeys(("fp16", "q8", "q4", "int8"), vectors)
    tflops["fp32"] = fp32
    # Apple's cores have the instructions, PyTorch there has no kernels that use them.
    bf16 = chip is None and bool(isa & {"avx512_bf16", "amx_bf16", "bf16"})
    tflops["bf16"] = vectors * (NATIVE_BF16_CPU if bf16 else EMULATED_BF16_CPU)
    native: set[Precision] = {"fp32", "bf16"} if bf16 else {"fp32"}
    return Rates(
        kind="cpu",
        gb_s=min(gb_s, cores * CORE_GB_S),
        tflops=tflops,
        native=frozenset(native),
        doubts=tuple(doubts),
    )


def _apple_chip(cpu: Cpu) -> GpuSpec | None:
    return find(cpu.model) if cpu.model and cpu.model.startswith("Apple ") else None


def _of_its_size(spec: GpuSpec | None, vram: int | None) -> GpuSpec | None:
    """A size that no card of the name has (what if?) counts as the next smaller one: more memory
    must not make a card slower."""
    if spec is None or not spec.variants or vram is None:
        return spec
    sizes = [v.vram_gib for v in spec.variants if v.vram_gib and v.vram_gib * GIB <= vram]
    return find(spec.name, vram_bytes=max(sizes) * GIB) if sizes else spec


def _emulated_bf16(vendor: str) -> float:
    return EMULATED_BF16_APPLE if vendor == "apple" else constants().emulated_bf16


def gpu_rates(gpu: Gpu) -> Rates | None:
    """Peak figures of a GPU; None when neither its name nor its generation is known."""
    doubts: list[Message] = []
    spec = _of_its_size(spec_of(gpu), gpu.vram_total_bytes)
    if spec is None:
        if gpu.vendor is None:
            return None
        spec = floor_for(gpu.vendor, gpu.compute_capability, gpu.gfx, gpu.vram_total_bytes)
        if spec is None:
            return None
        doubts.append(Message("doubt-gpu-unlisted", {"like": spec.name}))
    bandwidth = spec.bandwidth_gb_s
    if gpu.bandwidth_bytes_s is not None:
        bandwidth = gpu.bandwidth_bytes_s / 1e9
    fp32 = spec.fp32_tflops
    if gpu.mig:
        doubts.append(Message("doubt-mig"))
    fp16 = max(spec.matrix_tflops or 0.0, spec.fp16_tflops or 0.0, fp32)
    cc = gpu.compute_capability
    bf16 = spec.bf16 or (cc is not None and bf16_native(cc))
    half = (spec.fp16_tflops or 0.0) >= fp32 or (cc is not None and fp16_native(cc))
    native: set[Precision] = {"fp32"}
    native |= {"bf16"} if bf16 else set()
    native |= {"fp16"} if half else set()
    return Rates(
        kind=spec.vendor,
        listed=all(doubt.id != "doubt-gpu-unlisted" for doubt in doubts),
        gb_s=bandwidth,
        tflops={
            "fp32": fp32,
            "fp16": fp16,
            "bf16": fp16 if bf16 else fp32 * _emulated_bf16(spec.vendor),
            "q8": fp32,
            "q4": fp32,
            "int8": fp32,
        },
        native=frozenset(native),
        doubts=tuple(doubts),
    )
