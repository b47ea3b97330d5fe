"""Facts that Windows tells: registry, processor features, storage properties."""

from __future__ import annotations

import ntpath
import re
from typing import Any

from .ask import ask, python_fact, whole
from .blocks import Kind
from .findings import Findings
from .host import Host, Unanswered

CPU_KEY = r"HKLM\HARDWARE\DESCRIPTION\System\CentralProcessor\0"
VERSION_KEY = r"HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion"
FEATURES = "IsProcessorFeaturePresent"

_X86 = {39: "avx", 40: "avx2", 41: "avx512f"}
_ARM = {19: "neon", 43: "dotprod", 46: "sve", 47: "sve2", 66: "i8mm", 68: "bf16"}
"""PF_… numbers of winnt.h."""
_AVX_STATE = 1 << 2
"""XSTATE_MASK_AVX: Windows saves the AVX registers."""
_FEATURES_FILLED = 19041
"""Windows 10 2004: earlier kernels do not fill the AVX numbers in."""
_BUS_NVME, _BUS_USB = 17, 7
_BUSES_FLASH = (12, 13)
_BUSES_VIRTUAL = (14, 15, 16)
"""STORAGE_BUS_TYPE of ntddstor.h: SD and MMC; Virtual, FileBackedVirtual, Spaces."""


def find_cpu(host: Host, found: Findings) -> None:
    """Model, cores and instruction sets."""
    name = ask(host.call, "registry", CPU_KEY, "ProcessorNameString")
    if isinstance(name, str) and name.strip():
        found.know(" ".join(name.split()), "registry: ProcessorNameString", "cpu", "model")
    found.miss(_reason(name, "registry: ProcessorNameString is no text"), "cpu", "model")
    cores: Any = ask(host.call, "cores")
    counts = cores if isinstance(cores, dict) else {}
    for field, key in (("physical_cores", "physical"), ("logical_cores", "logical")):
        number = whole(counts.get(key))
        if number is not None:
            found.know(number, "psutil", "cpu", field)
        found.miss(_reason(cores, "psutil does not tell"), "cpu", field)
    allowed = ask(host.call, "affinity")
    number = whole(allowed)
    if number is not None:
        found.know(number, "CPU affinity", "cpu", "usable_cores")
    found.miss(_reason(allowed, "affinity: not a number"), "cpu", "usable_cores")
    found.know(False, "running Python: windows", "rosetta")
    _find_isa(host, found)


def _reason(answer: object, otherwise: str) -> str:
    return str(answer) if isinstance(answer, Unanswered) else otherwise


def _find_isa(host: Host, found: Findings) -> None:
    answer: Any = ask(host.call, "processor_features")
    features = answer if isinstance(answer, dict) else {}
    present, xstate = features.get("present"), whole(features.get("xstate"))
    if not isinstance(present, list):
        found.miss(_reason(answer, f"{FEATURES}: no list"), "cpu", "isa")
        return
    if python_fact(host, "machine").lower() in ("arm64", "aarch64"):
        names = sorted(_ARM[number] for number in present if number in _ARM)
        found.know(names, FEATURES, "cpu", "isa")
        return
    isa = {_X86[number] for number in present if number in _X86}
    avx_off = xstate is not None and not xstate & _AVX_STATE
    if not isa and not avx_off and (build_of(host) or 0) < _FEATURES_FILLED:
        found.miss(f"{FEATURES}: this Windows is too old to tell of AVX", "cpu", "isa")
        return
    source = FEATURES
    maker = ask(host.call, "registry", CPU_KEY, "VendorIdentifier")
    if "avx2" in isa and maker in ("GenuineIntel", "AuthenticAMD"):
        isa |= {"fma", "f16c"}
        source += "; fma and f16c: every Intel and AMD CPU with AVX2 has them"
    found.know(sorted(isa), source, "cpu", "isa")
    silent = {"avx_vnni"} if "avx2" in isa else set()
    if "avx512f" in isa:
        silent |= {"avx512_bf16", "avx512_vnni", "amx_bf16", "amx_int8"}
    for name in sorted(silent):
        found.miss("Windows has no call that tells", "cpu", "isa", name)


def find_memory(host: Host, found: Findings) -> None:
    """Sizes; kind and speed of the modules come from SMBIOS as on Linux."""
    sizes: Any = ask(host.call, "psutil_memory")
    told = sizes if isinstance(sizes, dict) else {}
    for field, key in (
        ("total_bytes", "total"), ("available_bytes", "available"), ("swap_bytes", "swap"),
    ):  # fmt: skip
        number = whole(told.get(key))
        if number is not None:
            found.know(number, "psutil", "memory", field)
        found.miss(_reason(sizes, "psutil does not tell"), "memory", field)
    found.know(None, "vcf reads no job limits on Windows", "memory", "limit_bytes")


def build_of(host: Host) -> int | None:
    """The build number, such as 19045."""
    return whole(ask(host.call, "registry", VERSION_KEY, "CurrentBuild"))


def version_text(build: int, product: str, display: str) -> str:
    """``Windows 11 23H2 (build 22631)``: the product name says 10 on Windows 11 too."""
    if "Server" in product:
        name = product
    else:
        match = re.search(r"Windows (\S+)", product)
        name = "Windows 11" if build >= 22_000 else f"Windows {match[1] if match else 10}"
    return " ".join(part for part in (name, display, f"(build {build})") if part)


def find_version(host: Host, found: Findings) -> None:
    """Release and build."""
    build = build_of(host)
    if build is None:
        found.miss("registry: no CurrentBuild", "os_version")
        return
    product = ask(host.call, "registry", VERSION_KEY, "ProductName")
    display = ask(host.call, "registry", VERSION_KEY, "DisplayVersion")
    text = version_text(
        build,
        product if isinstance(product, str) else "",
        display if isinstance(display, str) else "",
    )
    found.know(text, "registry: CurrentVersion", "os_version")


def disk_kind(host: Host, folder: str) -> Kind:
    """The kind of the drive that holds a folder."""
    drive = ntpath.splitdrive(folder)[0]
    if drive.startswith("\\\\"):
        return Kind("network", "a network path")
    answer: Any = ask(host.call, "storage", drive)
    if not isinstance(answer, dict):
        return Kind(None, _reason(answer, "storage: no properties"))
    bus, seeks = whole(answer.get("bus")), answer.get("seek_penalty")
    source = "IOCTL_STORAGE_QUERY_PROPERTY"
    if bus == _BUS_NVME:
        return Kind("nvme", f"{source}: bus {bus}")
    if bus in _BUSES_FLASH:
        return Kind("flash", f"{source}: bus {bus}")
    if seeks is False:
        return Kind("ssd", f"{source}: no seek penalty")
    if seeks is not True:
        return Kind(None, f"{source}: does not tell of a seek penalty")
    if bus in _BUSES_VIRTUAL or bus == _BUS_USB:
        return Kind(None, f"{source}: seek penalty, but so say virtual and USB disks (bus {bus})")
    return Kind("hdd", f"{source}: seek penalty")
