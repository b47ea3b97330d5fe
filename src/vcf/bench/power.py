"""What the hardware did during the warm runs: energy, clocks, temperatures, throttling.

The processor tells it in files of Linux only; other systems' clocks are nominal.
"""

from __future__ import annotations

import re
import statistics
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from .nvml import GpuMeter
from .record import Power

if TYPE_CHECKING:
    from .sampler import Sampler

Reading = tuple[float, ...]

POWERCAP = "sys/class/powercap"
PACKAGE = re.compile(r"intel-rapl:\d+")
"""Parts of a package are named ``intel-rapl:0:1``; AMD's packages are named like Intel's."""
SENSORS = {
    "coretemp": ("Package",),
    "k10temp": ("Tdie", "Tctl"),
    "zenpower": ("Tdie", "Tctl"),
    "cpu_thermal": (),
    "cpu-thermal": (),
}
"""Chips that measure the processor, and how the labels begin that stand for all of it."""
COUNTED = "aperfmperf"
"""Without these counters, as in most virtual machines, /proc/cpuinfo has the nominal clock."""


class Energy:
    """Joules of the spans between ``begin`` and ``end``, added up."""

    def __init__(
        self,
        read: Callable[[], Reading | None],
        between: Callable[[Reading, Reading], float | None],
    ) -> None:
        self._read, self._between = read, between
        self._last: Reading | None = None
        self._span = 0.0
        self._sum = 0.0
        self._lost = False

    def begin(self) -> None:
        """A span begins. One that did not end is forgotten."""
        self._span, self._last = 0.0, self._read()
        self._lost = self._lost or self._last is None

    def step(self) -> bool:
        """Add what was used so far. False: nothing was read; the next reading makes up for it."""
        now = self._read()
        if now is None or self._last is None:
            return False
        used = self._between(self._last, now)
        self._lost = self._lost or used is None
        self._span += used or 0.0
        self._last = now
        return True

    def end(self) -> None:
        """The span ends, and counts."""
        self._lost = not self.step() or self._lost
        self._sum += self._span

    @property
    def joules(self) -> float | None:
        """None: a span was not measured to its end, or the counter stood still."""
        return None if self._lost or self._sum <= 0 else self._sum


def counted(before: Reading, after: Reading) -> float | None:
    """Between two readings of a counter of joules; None where it began anew."""
    used = after[0] - before[0]
    return used if used >= 0 else None


def integrated(before: Reading, after: Reading) -> float:
    """Between two readings of time and watts, as if the watts changed evenly."""
    return (after[0] - before[0]) * (after[1] + before[1]) / 2


def unwrapped(before: Reading, after: Reading, ranges: Reading) -> float | None:
    """Joules between readings of counters of microjoules that begin anew at their range."""
    total = 0.0
    for first, second, most in zip(before, after, ranges, strict=True):
        used = second - first if second >= first else second - first + most
        if used < 0:
            return None
        total += used
    return total / 1e6


def gpu_energy(gpu: GpuMeter) -> Energy | None:
    """By the GPU's counter, else by the power it draws; None where it tells neither."""
    if gpu.energy_j() is not None:

        def counter() -> Reading | None:
            joules = gpu.energy_j()
            return None if joules is None else (joules,)

        return Energy(counter, counted)
    if gpu.power_w() is not None:

        def power() -> Reading | None:
            watts = gpu.power_w()
            return None if watts is None else (time.monotonic(), watts)

        return Energy(power, integrated)
    return None


def rapl_energy(root: str | Path = "/") -> Energy | None:
    """By the counters of every processor package; None where one may not be read, as is usual
    without being root."""
    folders = sorted(
        folder
        for folder in (Path(root) / POWERCAP).glob("intel-rapl:*")
        if PACKAGE.fullmatch(folder.name) and (_text(folder / "name") or "").startswith("package")
    )  # psys, beside the packages, holds them
    ranges = _numbers([folder / "max_energy_range_uj" for folder in folders])
    files = [folder / "energy_uj" for folder in folders]
    if not ranges or _numbers(files) is None:
        return None
    return Energy(lambda: _numbers(files), lambda a, b: unwrapped(a, b, ranges))


def cpu_clock_mhz(root: str | Path = "/") -> int | None:
    """Clock of the fastest core now; None where the system only knows the nominal one."""
    policies = Path(root) / "sys/devices/system/cpu/cpufreq"
    texts = [_text(file) for file in sorted(policies.glob("policy*/scaling_cur_freq"))]
    clocks = [int(text) / 1000 for text in texts if text is not None and text.isdigit()]
    if not clocks:
        told = _text(Path(root) / "proc/cpuinfo") or ""
        if COUNTED in told:
            clocks = [float(one) for one in re.findall(r"^cpu MHz\s*: ([\d.]+)$", told, re.M)]
    return round(max(clocks, default=0)) or None


def cpu_celsius(root: str | Path = "/") -> float | None:
    """Temperature of the hottest processor package."""
    found: list[float] = []
    for chip in sorted((Path(root) / "sys/class/hwmon").glob("hwmon*")):
        labels = SENSORS.get(_text(chip / "name") or "")
        if labels is None:
            continue
        heat = {}
        for file in sorted(chip.glob("temp*_input")):
            value = _text(file) or ""
            if re.fullmatch(r"\d+", value) and 0 < int(value) < 150_000:
                name = _text(file.with_name(file.name.replace("_input", "_label"))) or file.name
                heat[name] = int(value) / 1000
        whole = [value for name, value in heat.items() if labels and name.startswith(labels)]
        if "Tdie" in heat:  # Tctl is up to 27 degrees more on some processors, for the fans
            whole = [heat["Tdie"]]
        found += whole or heat.values()
    return max(found, default=None)


class Heat(msgspec.Struct, frozen=True, kw_only=True):
    """Temperatures and clock at one moment."""

    gpu_celsius: float | None = None
    cpu_clock_mhz: int | None = None
    cpu_celsius: float | None = None


class PowerWatch:
    """Is told when warm runs begin and end; the sampler's thread looks meanwhile."""

    def __init__(
        self,
        gpu: GpuMeter | None = None,
        sampler: Sampler | None = None,
        *,
        root: str | Path = "/",
    ) -> None:
        """``gpu``: the card of the cell; without it the processor's energy is counted.
        ``sampler``: calls ``sample`` every half second. ``root``: the folder for ``/``."""
        self._gpu, self._root = gpu, root
        self._lock = threading.Lock()
        self._energy = rapl_energy(root) if gpu is None else gpu_energy(gpu)
        self._running = self._begun = False
        self._clocks: list[int] = []
        self._sampled = False
        self._reasons: set[str] | None = None
        self._audio_s = 0.0
        self._before = self._after = Heat()
        if sampler is not None:
            sampler.also(self.sample)

    def begin(self) -> None:
        """A run begins."""
        with self._lock:
            if not self._begun:
                self._before, self._begun = self._state(), True
            self._running, self._sampled = True, False
            if self._energy is not None:
                self._energy.begin()

    def sample(self) -> None:
        """Look at the hardware; outside of a run nothing is kept."""
        with self._lock:
            if self._running:
                self._look()
                if self._energy is not None:
                    self._energy.step()

    def end(self, audio_s: float) -> Power:
        """Runs have ended that made so many seconds of speech. What all since the first
        ``begin`` took."""
        with self._lock:
            if self._running:
                self._running = False
                self._audio_s += audio_s
                if self._energy is not None:
                    self._energy.end()
                if not self._sampled:  # shorter than the time between samples
                    self._look()
                self._after = self._state()
            return self._power()

    def _power(self) -> Power:
        joules = None if self._energy is None else self._energy.joules
        before, after, clocks = self._before, self._after, self._clocks
        each = joules / self._audio_s if joules is not None and self._audio_s > 0 else None
        return Power(
            energy_j=joules,
            energy_source=None if joules is None else "nvml" if self._gpu else "rapl",
            energy_per_audio_j=each,
            throttle=None if self._reasons is None else sorted(self._reasons),
            gpu_clock_mhz_min=min(clocks, default=None),
            gpu_clock_mhz_median=round(statistics.median(clocks)) if clocks else None,
            gpu_celsius_before=before.gpu_celsius,
            gpu_celsius_after=after.gpu_celsius,
            cpu_clock_mhz_before=before.cpu_clock_mhz,
            cpu_clock_mhz_after=after.cpu_clock_mhz,
            cpu_celsius_before=before.cpu_celsius,
            cpu_celsius_after=after.cpu_celsius,
        )

    def _look(self) -> None:
        self._sampled = True
        if self._gpu is None:
            return
        reasons, clock = self._gpu.throttle(), self._gpu.clock_mhz()
        if reasons is not None:
            self._reasons = reasons | (self._reasons or set())
        if clock is not None:
            self._clocks.append(clock)

    def _state(self) -> Heat:
        return Heat(
            gpu_celsius=None if self._gpu is None else self._gpu.celsius(),
            cpu_clock_mhz=cpu_clock_mhz(self._root),
            cpu_celsius=cpu_celsius(self._root),
        )


def _text(file: Path) -> str | None:
    try:
        return file.read_text(encoding="utf-8", errors="replace").strip()
    except OSError:
        return None


def _numbers(files: list[Path]) -> Reading | None:
    """The number in each file; None where one has none."""
    texts = [_text(file) for file in files]
    if not all(text is not None and text.isdigit() for text in texts):
        return None
    return tuple(float(text) for text in texts if text is not None)
