"""What a machine is: facts, each known with its source or unknown with the reason.

The fields are those of the JSON schema ``vcf.machine/1``. A fact that is not known is None and
stands in ``Machine.unknown`` with its reason, keyed by its path (``gpus[0].vram_total_bytes``).
None without an entry there means that there is none: no container, no limit, not installed.
"""

from __future__ import annotations

from typing import Literal

import msgspec

SCHEMA = "vcf.machine/1"

Os = Literal["linux", "windows", "macos"]
Vendor = Literal["nvidia", "amd", "intel", "apple"]
DiskKind = Literal["nvme", "ssd", "hdd", "flash", "network"]


class _Facts(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the parts of a machine."""


class Cpu(_Facts, frozen=True, kw_only=True):
    """The processor, as this process may use it."""

    model: str | None = None
    """Marketing name, as the system tells it."""
    physical_cores: int | None = None
    """Cores of the whole computer."""
    logical_cores: int | None = None
    """Hardware threads of the whole computer."""
    usable_cores: int | None = None
    """Hardware threads that this process may use: affinity and container quota applied,
    a fraction of a core rounded up."""
    isa: list[str] | None = None
    """Instruction sets that matter here, lower case, sorted: avx avx2 fma f16c avx512f
    avx512_bf16 avx_vnni avx512_vnni amx_bf16 amx_int8 neon sve sve2 bf16 i8mm dotprod."""


class Memory(_Facts, frozen=True, kw_only=True):
    """Main memory in bytes, container limits already applied."""

    total_bytes: int | None = None
    """What this process could ever use: the smaller of RAM and container limit."""
    available_bytes: int | None = None
    """What could be allocated now without swapping."""
    limit_bytes: int | None = None
    """The container (cgroup) limit, None where there is none."""
    swap_bytes: int | None = None
    """Swap or page file, total."""
    speed: str | None = None
    """Kind and transfer rate, such as ``DDR4-2133``."""
    channels: int | None = None
    """Memory channels in use."""


class Gpu(_Facts, frozen=True, kw_only=True):
    """One graphics processor that a program could compute on."""

    name: str | None = None
    """As its driver or the system tells it."""
    vendor: Vendor | None = None
    """Who makes it."""
    integrated: bool | None = None
    """Part of the processor, sharing its memory."""
    laptop: bool | None = None
    """A mobile part: slower than the desktop card of the same name."""
    unified: bool | None = None
    """Takes its memory out of the machine's RAM: Apple, Jetson, GB10, APUs."""
    vram_total_bytes: int | None = None
    """Its own memory; for unified memory the part of RAM it may use."""
    vram_free_bytes: int | None = None
    """What is free now."""
    compute_capability: str | None = None
    """NVIDIA only, such as ``8.6``."""
    gfx: str | None = None
    """AMD only, such as ``gfx1100``."""
    driver: str | None = None
    """Driver version, None when no driver is loaded."""
    cuda_ceiling: str | None = None
    """Highest CUDA version whose API the driver speaks, such as ``12.8``; no toolkit."""
    pci_id: str | None = None
    """``vendor:device`` in hex, such as ``10de:139b``: a model number, not a serial."""
    bandwidth_bytes_s: int | None = None
    """Peak memory bandwidth where the driver tells bus width and clock."""
    asleep: bool | None = None
    """Powered down; it was not woken to ask."""
    mig: bool | None = None
    """A slice of a partitioned card."""
    hidden_by: str | None = None
    """The environment setting that hides it from programs: ``CUDA_VISIBLE_DEVICES=-1``."""


class Disk(_Facts, frozen=True, kw_only=True):
    """The place where model weights would really land."""

    path: str | None = None
    """Folder of the model cache, the home folder written as ``~``."""
    total_bytes: int | None = None
    free_bytes: int | None = None
    kind: DiskKind | None = None
    """nvme, ssd, hdd, flash (SD card, eMMC) or network."""
    temp_free_bytes: int | None = None
    """Free where pip and torch put temporary files, if that is another file system."""


class Unmet(_Facts, frozen=True, kw_only=True):
    """A requirement of an installed package that nothing installed meets, by its metadata."""

    package: str
    version: str
    requirement: str
    """As the metadata say it: ``numpy<2.4``."""
    have: str | None
    """The installed version; None: not installed."""
    root: str
    """The package asked about that pulls it in: voxcpm, indextts, torch."""


class Machine(_Facts, frozen=True, kw_only=True):
    """Facts about one computer. ``vcf.probe()`` and ``vcf.load_machine()`` make it."""

    schema: Literal["vcf.machine/1"] = "vcf.machine/1"
    name: str = "this-machine"
    """A label for people; never the host name unless someone wrote it into a file."""
    os: Os | None = None
    os_version: str | None = None
    """Distribution and release, Windows build or macOS version, such as ``Debian 12``."""
    arch: str | None = None
    """x86_64, arm64 …, of the running Python."""
    container: str | None = None
    """docker, podman, kubernetes, lxc … or None."""
    wsl: str | None = None
    """``1`` or ``2`` inside the Windows Subsystem for Linux."""
    jetson: str | None = None
    """L4T or JetPack release on an NVIDIA Jetson."""
    rosetta: bool | None = None
    """An x86 Python translated on Apple silicon."""
    cpu: Cpu = Cpu()
    memory: Memory = Memory()
    gpus: list[Gpu] | None = None
    """Empty: there is none. None: not known."""
    disk: Disk = Disk()
    software: dict[str, str | None] | None = None
    """Installed versions by package (python, torch, voxcpm, ffmpeg …); None value: not
    installed. None for the whole: nothing is known to be installed, judge what could be."""
    settings: dict[str, str] | None = None
    """Environment variables (CUDA_VISIBLE_DEVICES, HF_ENDPOINT …) and switches of the system
    (long_paths …) that change what programs do; those that are set. None: not known."""
    sources: dict[str, str] = {}
    """Where each known fact came from, by path."""
    unknown: dict[str, str] = {}
    """Why each unknown fact is unknown, by path."""
