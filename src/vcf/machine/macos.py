"""Facts that macOS tells: sysctl and diskutil."""

from __future__ import annotations

import re
from typing import Any

from .ask import ask, python_fact, whole
from .blocks import Kind
from .findings import Findings
from .host import Host, Unanswered

_INTEL = {
    "AVX1.0": "avx", "AVX2": "avx2", "FMA": "fma", "F16C": "f16c", "AVX512F": "avx512f",
    "AVX512VNNI": "avx512_vnni", "AVX512_BF16": "avx512_bf16",
}  # fmt: skip
_ARM = {"FEAT_BF16": "bf16", "FEAT_I8MM": "i8mm", "FEAT_DotProd": "dotprod"}
_SOLID = re.compile(r"<key>SolidState</key>\s*<(true|false)/>")
_BUS = re.compile(r"<key>BusProtocol</key>\s*<string>([^<]*)</string>")
NVME_BUSES = ("Apple Fabric", "PCI-Express", "NVMe")


def find_cpu(host: Host, found: Findings) -> None:
    """Model, cores and instruction sets."""
    model = ask(host.call, "sysctl", "machdep.cpu.brand_string")
    if isinstance(model, str) and model.strip():
        found.know(" ".join(model.split()), "sysctl: machdep.cpu.brand_string", "cpu", "model")
    found.miss(_reason(model, "sysctl: no brand_string"), "cpu", "model")
    _find_number(host, found, "hw.physicalcpu", "cpu", "physical_cores")
    _find_number(host, found, "hw.logicalcpu", "cpu", "logical_cores")
    _find_number(host, found, "hw.logicalcpu", "cpu", "usable_cores")
    if python_fact(host, "machine") == "arm64":
        _find_isa_arm(host, found)
    else:
        _find_isa_intel(host, found)


def _reason(answer: object, otherwise: str) -> str:
    return str(answer) if isinstance(answer, Unanswered) else otherwise


def _find_number(host: Host, found: Findings, name: str, *path: str) -> None:
    answer = ask(host.call, "sysctl", name)
    number = whole(answer)
    if number is not None:
        found.know(number, f"sysctl: {name}", *path)
    found.miss(_reason(answer, f"sysctl: {name} is no number"), *path)


def _find_isa_arm(host: Host, found: Findings) -> None:
    """Every Apple chip has NEON; macOS before 12 does not tell of the rest."""
    isa = ["neon"]
    for feature, name in _ARM.items():
        answer = whole(ask(host.call, "sysctl", f"hw.optional.arm.{feature}"))
        if answer == 1:
            isa.append(name)
        elif answer is None:
            found.miss(f"sysctl: no hw.optional.arm.{feature}", "cpu", "isa", name)
    found.know(sorted(isa), "sysctl: hw.optional.arm", "cpu", "isa")


def _find_isa_intel(host: Host, found: Findings) -> None:
    """Under Rosetta these are the features that it translates."""
    words: set[str] = set()
    for name in ("machdep.cpu.features", "machdep.cpu.leaf7_features"):
        answer = ask(host.call, "sysctl", name)
        if isinstance(answer, str):
            words |= set(answer.upper().split())
        elif name.endswith(".features"):
            found.miss(_reason(answer, f"sysctl: {name} is no text"), "cpu", "isa")
            return
    isa = sorted(_INTEL[word] for word in words if word in _INTEL)
    found.know(isa, "sysctl: machdep.cpu.features, leaf7_features", "cpu", "isa")


def find_memory(host: Host, found: Findings) -> None:
    """Sizes; macOS has no container limit."""
    _find_number(host, found, "hw.memsize", "memory", "total_bytes")
    sizes: Any = ask(host.call, "psutil_memory")
    told = sizes if isinstance(sizes, dict) else {}
    for field, key in (("available_bytes", "available"), ("swap_bytes", "swap")):
        number = whole(told.get(key))
        if number is not None:
            found.know(number, "psutil", "memory", field)
        found.miss(_reason(sizes, "psutil does not tell"), "memory", field)
    found.know(None, "macOS has no container limits", "memory", "limit_bytes")
    for field in ("speed", "channels"):
        found.miss("macOS tells it only through system_profiler", "memory", field)


def find_version(host: Host, found: Findings) -> None:
    """``macOS 14.5``; a Python built for old systems is told 10.16 for everything after 10.15."""
    answer = ask(host.call, "sysctl", "kern.osproductversion")
    version = answer.strip() if isinstance(answer, str) else ""
    source = "sysctl: kern.osproductversion"
    if not version or version.startswith("10.16"):
        darwin = ask(host.call, "sysctl", "kern.osrelease")
        version = release_of(darwin if isinstance(darwin, str) else "") or ""
        source = "sysctl: kern.osrelease"
    if version:
        found.know(f"macOS {version}", source, "os_version")
    found.miss(_reason(answer, "sysctl: no version"), "os_version")


def release_of(darwin: str) -> str | None:
    """The macOS release of a Darwin version: 23.5.0 is macOS 14, 25 is macOS 26."""
    major = whole(darwin.partition(".")[0])
    if major is None or major < 20:
        return None
    return str(major - 9) if major < 25 else str(major + 1)


def find_rosetta(host: Host, found: Findings) -> None:
    """Whether this Python is translated; Intel Macs do not know the question."""
    answer = whole(ask(host.call, "sysctl", "sysctl.proc_translated"))
    found.know(answer == 1, "sysctl: sysctl.proc_translated", "rosetta")


def parse_diskutil(text: str) -> Kind:
    """The kind out of ``diskutil info -plist``."""
    solid, bus = _SOLID.search(text), _BUS.search(text)
    if solid is None:
        return Kind(None, "diskutil: does not tell whether it is solid state")
    if solid[1] == "false":
        return Kind("hdd", "diskutil: SolidState")
    if bus is not None and bus[1] in NVME_BUSES:
        return Kind("nvme", f"diskutil: SolidState, {bus[1]}")
    return Kind("ssd", "diskutil: SolidState")


def disk_kind(host: Host, folder: str) -> Kind:
    """The kind of the drive that holds a folder."""
    parts = folder.split("/")
    volume = "/" + "/".join(parts[1:3]) if parts[1:2] == ["Volumes"] else "/"
    text = ask(host.run, "diskutil", "info", "-plist", volume)
    return Kind(None, str(text)) if isinstance(text, Unanswered) else parse_diskutil(text)
