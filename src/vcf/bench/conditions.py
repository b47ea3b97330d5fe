"""The state of the computer when a cell begins, and what of it may slow the cell down."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

import msgspec
import psutil

from .nvml import GpuMeter
from .record import Conditions

BUSY = 0.5
"""Programs that want to run, for each core we may use."""
SCALES_ITSELF = ("intel_pstate", "amd-pstate-epp")
"""Drivers whose ``powersave`` goes up to the full clock. Their passive forms, ``intel_cpufreq``
and ``amd-pstate``, keep the lowest with it, as all others do."""
SLOW = ("conservative", "userspace")


class State(msgspec.Struct, frozen=True, kw_only=True):
    """What the system tells; None: it does not."""

    cores: int | None = None
    """That we may use."""
    load_average: float | None = None
    """Of the last minute."""
    governors: tuple[tuple[str, str | None], ...] = ()
    """Governor of the clock and its driver, of each core we may use."""
    on_battery: bool | None = None
    foreign_gpu_processes: int | None = None
    """Other programs that compute on the GPU."""


def conditions(
    cores: int | None, gpu: GpuMeter | None = None, *, after_own: bool = False
) -> Conditions:
    """The conditions now. Ask before the child starts.

    ``cores``: that this program may use. ``after_own``: another cell has ended a moment ago, so
    the load of the last minute is our own and no ground for a warning.
    """
    return judge(read_state(cores, gpu), after_own=after_own)


def judge(state: State, *, after_own: bool = False) -> Conditions:
    """What of the state is kept, and what it warns of."""
    slow = [governor for governor, driver in state.governors if keeps_low(governor, driver)]
    names = Counter(slow or [governor for governor, _ in state.governors])
    busy = state.load_average is not None and state.load_average > BUSY * (state.cores or 1)
    warnings = {
        "on-battery": state.on_battery is True,
        "governor": bool(slow),
        "busy": busy and state.cores is not None and not after_own,
        "gpu-shared": bool(state.foreign_gpu_processes),
    }
    return Conditions(
        load_average=None if state.load_average is None else round(state.load_average, 2),
        governor=names.most_common(1)[0][0] if names else None,
        on_battery=state.on_battery,
        foreign_gpu_processes=state.foreign_gpu_processes,
        warnings=[word for word, holds in warnings.items() if holds],
    )


def keeps_low(governor: str, driver: str | None) -> bool:
    """Whether a governor may keep the clock low under load. Without a known driver
    ``powersave`` is not called slow: it is the usual one where it is not."""
    if governor == "powersave":
        return driver is not None and driver not in SCALES_ITSELF
    return governor in SLOW


def read_state(cores: int | None, gpu: GpuMeter | None = None, *, root: str | Path = "/") -> State:
    """Ask the system. ``root``: the folder that stands for ``/``."""
    return State(
        cores=cores,
        load_average=_load(),
        governors=tuple(_governors(Path(root), _our_cores())),
        on_battery=_on_battery(),
        foreign_gpu_processes=None if gpu is None else gpu.foreign_processes(),
    )


def _load() -> float | None:
    ask = getattr(os, "getloadavg", None)  # not under Windows
    try:
        return None if ask is None else float(ask()[0])
    except OSError:
        return None


def _on_battery() -> bool | None:
    """None also where there is no battery to be seen."""
    try:
        battery = psutil.sensors_battery()
    except Exception:  # not on every system, and odd drivers raise anything
        return None
    plugged = None if battery is None else battery.power_plugged
    return None if plugged is None else not plugged


def _our_cores() -> Iterable[int]:
    affinity = getattr(os, "sched_getaffinity", None)
    return sorted(affinity(0)) if affinity is not None else range(os.cpu_count() or 1)


def _governors(root: Path, cores: Iterable[int]) -> Iterable[tuple[str, str | None]]:
    for core in cores:
        folder = root / f"sys/devices/system/cpu/cpu{core}/cpufreq"
        governor = _text(folder / "scaling_governor")
        if governor:
            yield governor, _text(folder / "scaling_driver")


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip() or None
    except OSError:
        return None
