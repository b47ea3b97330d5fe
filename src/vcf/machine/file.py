"""The shape of a machine file: what people may write, with units; every field is optional."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from .model import DiskKind, Os, Vendor

MOST_GPUS = 64

Count = Annotated[int, msgspec.Meta(ge=1, le=4096)]
Bytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Capability = Annotated[str, msgspec.Meta(pattern=r"^\d{1,2}\.\d$")]
Version = Annotated[str, msgspec.Meta(pattern=r"^\d")]
Gfx = Annotated[str, msgspec.Meta(pattern=r"^gfx[0-9a-f]{3,5}$")]

ISA = frozenset(
    {
        "avx", "avx2", "fma", "f16c", "avx512f", "avx512_bf16", "avx_vnni", "avx512_vnni",
        "amx_bf16", "amx_int8", "neon", "sve", "sve2", "bf16", "i8mm", "dotprod",
    }
)  # fmt: skip


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base: a field that vcf does not know is an error, not a silent loss."""


class CpuFile(_Section, frozen=True, kw_only=True):
    model: str | None = None
    cores: Count | None = None
    """Short for physical_cores."""
    threads: Count | None = None
    """Short for logical_cores."""
    physical_cores: Count | None = None
    logical_cores: Count | None = None
    usable_cores: Count | None = None
    isa: list[str] | None = None


class MemoryFile(_Section, frozen=True, kw_only=True):
    total: str | None = None
    """With a unit: 32GiB. So are available, limit and swap."""
    available: str | None = None
    limit: str | None = None
    swap: str | None = None
    total_bytes: Bytes | None = None
    available_bytes: Bytes | None = None
    limit_bytes: Bytes | None = None
    swap_bytes: Bytes | None = None
    speed: str | None = None
    channels: Count | None = None


class GpuFile(_Section, frozen=True, kw_only=True):
    name: str | None = None
    vendor: Vendor | None = None
    vram: str | None = None
    """With a unit: 12GiB. So is vram_free."""
    vram_free: str | None = None
    vram_total_bytes: Bytes | None = None
    vram_free_bytes: Bytes | None = None
    integrated: bool | None = None
    laptop: bool | None = None
    unified: bool | None = None
    compute_capability: Capability | None = None
    gfx: Gfx | None = None
    driver: str | None = None
    cuda_ceiling: Version | None = None
    pci_id: str | None = None
    bandwidth_bytes_s: Bytes | None = None
    asleep: bool | None = None
    mig: bool | None = None
    hidden_by: str | None = None


class DiskFile(_Section, frozen=True, kw_only=True):
    path: str | None = None
    total: str | None = None
    """With a unit: 500GB. So are free and temp_free."""
    free: str | None = None
    temp_free: str | None = None
    total_bytes: Bytes | None = None
    free_bytes: Bytes | None = None
    temp_free_bytes: Bytes | None = None
    kind: DiskKind | None = None


class MachineFile(_Section, frozen=True, kw_only=True):
    """What a machine file may say (``vcf schema machine``). Everything is optional."""

    schema: Literal["vcf.machine/1"] | None = None
    name: str | None = None
    description: str | None = None
    """For people; not read."""
    source: str | list[str] | None = None
    """Where the figures come from; for people."""
    os: Os | None = None
    os_version: str | None = None
    arch: str | None = None
    container: str | None = None
    wsl: str | int | None = None
    jetson: str | None = None
    rosetta: bool | None = None
    cpu: CpuFile = CpuFile()
    memory: MemoryFile = MemoryFile()
    gpus: Annotated[list[GpuFile], msgspec.Meta(max_length=MOST_GPUS)] | None = None
    disk: DiskFile = DiskFile()
    software: dict[str, str | None] | None = None
    settings: dict[str, str | int] | None = None
    """Environment variables and switches of the system, as ``vcf probe`` writes them."""
    sources: dict[str, str] = {}
    unknown: dict[str, str] = {}
