"""The processor: model, cores, instruction sets. Linux is asked here, others in their module."""

from __future__ import annotations

from typing import NamedTuple

from . import arm, macos, windows
from .ask import ask, not_asked, platform_of, text_of, whole
from .cgroup import read_groups
from .findings import Findings
from .host import Host, Unanswered

CPUINFO = "/proc/cpuinfo"
TOPOLOGY = "/sys/devices/system/cpu"
PATHS = (
    ("cpu", "model"),
    ("cpu", "physical_cores"),
    ("cpu", "logical_cores"),
    ("cpu", "usable_cores"),
    ("cpu", "isa"),
    ("rosetta",),
)

_X86 = {
    name: name
    for name in (
        "avx", "avx2", "fma", "f16c", "avx512f", "avx512_bf16", "avx_vnni", "avx512_vnni",
        "amx_bf16", "amx_int8",
    )
}  # fmt: skip
_ARM = {
    "asimd": "neon", "neon": "neon", "sve": "sve", "sve2": "sve2", "bf16": "bf16",
    "i8mm": "i8mm", "asimddp": "dotprod",
}  # fmt: skip
_MODEL_KEYS = ("model name", "cpu model", "cpu", "uarch")


class CpuInfo(NamedTuple):
    """What /proc/cpuinfo says."""

    model: str | None
    vendor: str | None
    logical: int
    physical: int | None
    """Different pairs of socket and core; None where the kernel does not number them."""
    isa: list[str] | None
    """None where there is no line of flags or features."""
    chips: list[tuple[int, int]]
    """Implementer and part of each ARM core design, in order of appearance."""
    hypervisor: bool
    """The processor says that it belongs to a virtual machine."""


def _blocks(text: str) -> list[dict[str, str]]:
    """One dictionary a block, keys in lower case; the first value of a key counts."""
    blocks: list[dict[str, str]] = [{}]
    for line in text.splitlines():
        key, colon, value = line.partition(":")
        if not line.strip():
            blocks.append({})
        elif colon:
            blocks[-1].setdefault(key.strip().lower(), value.strip())
    return [block for block in blocks if block]


def _isa(blocks: list[dict[str, str]]) -> list[str] | None:
    for block in blocks:
        if "flags" in block or "features" in block:
            flags = block.get("flags", "").split()
            features = block.get("features", "").split()
            known = {_X86[flag] for flag in flags if flag in _X86}
            return sorted(known | {_ARM[word] for word in features if word in _ARM})
    return None


def _chips(blocks: list[dict[str, str]]) -> list[tuple[int, int]]:
    chips: list[tuple[int, int]] = []
    for block in blocks:
        try:
            chip = int(block["cpu implementer"], 16), int(block["cpu part"], 16)
        except (KeyError, ValueError):
            continue
        if chip not in chips:
            chips.append(chip)
    return chips


def _first(blocks: list[dict[str, str]], keys: tuple[str, ...]) -> str | None:
    for key in keys:
        for block in blocks:
            value = " ".join(block.get(key, "").split())
            if value and not value.isdigit():
                return value
    return None


def parse_cpuinfo(text: str) -> CpuInfo:
    """Facts of a /proc/cpuinfo of x86, ARM, POWER or RISC-V."""
    blocks = _blocks(text)
    units = [block for block in blocks if block.get("processor", "").isdigit()]
    cores = {(unit.get("physical id"), unit.get("core id")) for unit in units}
    numbered = bool(units) and all(None not in core for core in cores)
    return CpuInfo(
        model=_first(blocks, _MODEL_KEYS),
        vendor=_first(blocks, ("vendor_id",)),
        logical=len(units),
        physical=len(cores) if numbered else None,
        isa=_isa(blocks),
        chips=_chips(blocks),
        hypervisor=any("hypervisor" in block.get("flags", "").split() for block in blocks),
    )


def probe_cpu(host: Host) -> Findings:
    """Model, cores and instruction sets."""
    system = platform_of(host)
    found = Findings()
    if system == "windows":
        windows.find_cpu(host, found)
    elif system == "macos":
        macos.find_cpu(host, found)
    elif system == "linux":
        _find_linux(host, found)
    else:
        for path in PATHS:
            found.miss(not_asked(system), *path)
    return found


def _find_linux(host: Host, found: Findings) -> None:
    text = ask(host.read, CPUINFO)
    if isinstance(text, Unanswered):
        for path in PATHS:
            if path != ("cpu", "usable_cores"):
                found.miss(text, *path)
        _find_usable(host, found, None)
        return
    info = parse_cpuinfo(text)
    _find_model(host, found, info)
    _find_cores(host, found, info)
    _find_usable(host, found, info.logical or None)
    if info.isa is not None:
        found.know(info.isa, CPUINFO, "cpu", "isa")
    found.miss(f"{CPUINFO}: no line of flags or features", "cpu", "isa")
    # Rosetta also runs x86 containers on Apple silicon.
    found.know(info.vendor == "VirtualApple", f"{CPUINFO}: vendor_id", "rosetta")


def _find_model(host: Host, found: Findings, info: CpuInfo) -> None:
    if info.model is not None:
        found.know(info.model, CPUINFO, "cpu", "model")
        return
    board = text_of(host, "/proc/device-tree/model")
    names = [arm.core_name(implementer, part) for implementer, part in info.chips]
    known = [name for name in names if name is not None]
    if known and len(known) == len(names):
        suffix = f" ({board})" if board else ""
        source = f"{CPUINFO}: implementer and part" + (", device tree" if board else "")
        found.know(" + ".join(known) + suffix, source, "cpu", "model")
    elif board:
        found.know(board, "/proc/device-tree/model", "cpu", "model")
    else:
        codes = ", ".join(f"{a:#04x}/{b:#05x}" for a, b in info.chips)
        found.miss(
            f"{CPUINFO}: no model name" + (f", core design {codes} not known" if codes else ""),
            "cpu", "model",
        )  # fmt: skip


def _find_cores(host: Host, found: Findings, info: CpuInfo) -> None:
    if info.logical:
        found.know(info.logical, CPUINFO, "cpu", "logical_cores")
    if info.physical is not None:
        found.know(info.physical, f"{CPUINFO}: physical id, core id", "cpu", "physical_cores")
        return
    names = ask(host.listdir, TOPOLOGY)
    numbers = [] if isinstance(names, Unanswered) else names
    cpus = [name for name in numbers if name.startswith("cpu") and name[3:].isdigit()]
    groups = {text_of(host, f"{TOPOLOGY}/{cpu}/topology/thread_siblings_list") for cpu in cpus}
    groups.discard(None)
    if groups:
        source = f"{TOPOLOGY}/cpu*/topology/thread_siblings_list"
        found.know(len(groups), source, "cpu", "physical_cores")
        found.know(len(cpus), TOPOLOGY, "cpu", "logical_cores")
    found.miss(f"{CPUINFO}: cores are not numbered", "cpu", "physical_cores")
    found.miss(f"{CPUINFO}: lists no processor", "cpu", "logical_cores")


def _find_usable(host: Host, found: Findings, logical: int | None) -> None:
    answer = ask(host.call, "affinity")
    allowed = None if isinstance(answer, Unanswered) else whole(answer)
    cores, source = (allowed, "CPU affinity") if allowed else (logical, CPUINFO)
    if cores is None:
        reason = answer if isinstance(answer, Unanswered) else "affinity: not a number of cores"
        found.miss(reason, "cpu", "usable_cores")
        return
    quota = read_groups(host).cpu_quota()
    if quota is not None and max(1, quota.cores) < cores:
        cores, source = max(1, quota.cores), quota.source
    found.know(cores, source, "cpu", "usable_cores")
