"""NVIDIA GPUs: NVML where there is a sign of the driver, else nvidia-smi, else why not."""

from __future__ import annotations

from ..host import Host, Unanswered
from . import filters, jetson, pci, sysfs
from .found import GpuFound, Unseen

SIGNS = ("/proc/driver/nvidia/version", "/dev/nvidiactl")
WSL_DEVICE = "/dev/dxg"
WSL_SMI = "/usr/lib/wsl/lib/nvidia-smi"
ASLEEP = "asleep; not woken to ask"
_ASKED = (
    "vram_total_bytes",
    "vram_free_bytes",
    "compute_capability",
    "cuda_ceiling",
    "bandwidth_bytes_s",
)


def probe_linux(host: Host) -> list[GpuFound]:
    """NVIDIA GPUs of a Linux system, WSL and Jetson included.

    Without a sign of NVIDIA's driver nothing is loaded; cards without it are for ``pci``.
    """
    board = jetson.probe(host)
    wsl = sysfs.exists(host, WSL_DEVICE)
    if not (board or wsl or any(sysfs.exists(host, sign) for sign in SIGNS)):
        return []
    sleeping = [bus for bus in sysfs.bound_to(host, "nvidia") if sysfs.asleep(host, bus)]
    if sleeping:
        return filters.mark(host, _not_asked(host, sleeping), filters.NVIDIA)
    programs = [WSL_SMI, "nvidia-smi"] if wsl else ["nvidia-smi"]
    try:
        founds = _ask(host, programs)
    except Unanswered as error:
        if board is None:
            return filters.mark(host, _only_seen(host, str(error), wsl), filters.NVIDIA)
        founds = []
    if board is not None:
        founds = _with_board(board, founds)
    return filters.mark(host, founds, filters.NVIDIA)


def probe_windows(host: Host) -> list[GpuFound]:
    """NVIDIA GPUs of a Windows system; nothing is loaded where no adapter is NVIDIA's."""
    try:
        listed = "VEN_10DE" in str(host.call("windows_display_adapters")).upper()
        if not listed:
            return []
    except Unanswered:
        listed = False
    root = host.env("SystemRoot") or r"C:\Windows"
    files = host.env("ProgramFiles") or r"C:\Program Files"
    programs = [
        rf"{root}\System32\nvidia-smi.exe",
        rf"{files}\NVIDIA Corporation\NVSMI\nvidia-smi.exe",
    ]
    try:
        return filters.mark(host, _ask(host, programs), filters.NVIDIA)
    except Unanswered:
        if listed:
            raise
        return []  # no sign of NVIDIA at all


def _ask(host: Host, programs: list[str]) -> list[GpuFound]:
    """NVML's answer, or nvidia-smi's. Raises Unanswered with NVML's reason."""
    from . import nvml, smi

    try:
        return nvml.parse(host.call("nvml"))
    except Unanswered as error:
        # Without the kernel driver, or with one of another version, the program fails alike.
        if str(error) in ("DriverNotLoaded", "LibRmVersionMismatch"):
            raise Unanswered(nvml.reason(str(error))) from None
        why = str(error)
    try:
        return smi.probe(host, programs)
    except Unanswered as error:
        raise Unanswered(f"{nvml.reason(why)}; {error}") from None


def _with_board(board: GpuFound, founds: list[GpuFound]) -> list[GpuFound]:
    """The Jetson's own GPU; NVML calls it ``Orin (nvgpu)`` on every board."""
    own = [found for found in founds if found.value("pci_id") is None or len(founds) == 1]
    for found in own[:1]:
        found.unknown.pop("pci_id", None)
        found.bus = None
        for field in ("compute_capability", "driver", "cuda_ceiling"):
            if field in found.facts:
                board.facts[field] = found.facts[field]
                board.unknown.pop(field, None)
        board.absorb(found)
    return [board, *(found for found in founds if found not in own[:1])]


def _card(bus: str, pci_id: str | None, host: Host) -> GpuFound:
    found = GpuFound(bus)
    found.driver_name = False
    found.know("vendor", "nvidia", pci.SOURCE)
    if pci_id is not None:
        found.know("pci_id", pci_id, pci.SOURCE)
    version = sysfs.text(host, pci.VERSIONED["nvidia"])
    if version:
        found.know("driver", version, pci.VERSIONED["nvidia"])
    return found


def _not_asked(host: Host, sleeping: list[str]) -> list[GpuFound]:
    """Cards of a driver that was not asked since that would wake a sleeping one."""
    founds = []
    for bus in sysfs.bound_to(host, "nvidia"):
        found = _card(bus, sysfs.pci_id(host, bus), host)
        asleep = bus in sleeping
        found.know("asleep", asleep, "power/runtime_status of the PCI device")
        why = ASLEEP if asleep else "not asked: that would wake the other NVIDIA card"
        for field in _ASKED:
            found.miss(field, why)
        founds.append(found)
    return founds


def _only_seen(host: Host, why: str, wsl: bool) -> list[GpuFound]:
    """Cards that the kernel shows though the driver does not answer."""
    founds = []
    for bus in sysfs.bound_to(host, "nvidia"):
        found = _card(bus, sysfs.pci_id(host, bus), host)
        for field in _ASKED:
            found.miss(field, why)
        founds.append(found)
    if wsl and not founds:
        return [
            Unseen(f"WSL: Windows lends a GPU, and it does not answer as an NVIDIA one ({why})")
        ]
    return founds or [Unseen(f"there is an NVIDIA driver, but it does not answer ({why})")]
