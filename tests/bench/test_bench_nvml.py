"""One GPU during a measurement against a stand-in for NVIDIA's bindings, and the power watch."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from vcf.bench import nvml, power
from vcf.bench.nvml import GpuMeter, Vram, gpu_meter
from vcf.bench.power import PowerWatch, cpu_celsius, cpu_clock_mhz, rapl_energy, unwrapped
from vcf.bench.record import Power
from vcf.bench.sampler import Sampler

GIB = 1 << 30
NAME = "NVIDIA GeForce RTX 3060"


class NVMLError(Exception):
    """Base, as in the bindings."""


class NotSupported(NVMLError):
    pass


class NoPermission(NVMLError):
    pass


class GpuIsLost(NVMLError):
    pass


class Uninitialized(NVMLError):
    pass


def refuse(error: type[Exception] = NotSupported) -> Callable[..., Any]:
    def function(*_: Any) -> Any:
        raise error

    return function


def process(pid: int, used: int | None = GIB) -> Any:
    return SimpleNamespace(pid=pid, usedGpuMemory=used)


class Fake:
    """Three cards, of which two share a name; tests set what they answer."""

    NVMLError = NVMLError

    def __init__(self) -> None:
        self.open = 0
        self.names: list[Any] = [NAME.encode(), "NVIDIA A100", NAME]
        self.asked: set[Any] = set()
        self.used: Any = 2 * GIB
        self.compute: Any = []
        self.graphics: Any = []
        self.reasons: Any = 0
        self.energy: Any = [1_000_000]
        self.watts: Any = 100_000

    def nvmlInit(self) -> None:
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return len(self.names)

    def nvmlDeviceGetHandleByIndex(self, index: int) -> int:
        return index

    def nvmlDeviceGetName(self, handle: Any) -> Any:
        return self.names[handle] if isinstance(handle, int) else f"MIG {handle}"

    def nvmlDeviceGetMigMode(self, handle: Any) -> Any:
        raise NotSupported

    def nvmlDeviceGetMaxMigDeviceCount(self, _: Any) -> int:
        return 2

    def nvmlDeviceGetMigDeviceHandleByIndex(self, _: Any, slot: int) -> str:
        return "1g" if slot == 0 else "2g"

    def nvmlDeviceGetMemoryInfo(self, handle: Any) -> Any:
        self.asked.add(handle)
        return SimpleNamespace(used=self._tell(self.used))

    def nvmlDeviceGetComputeRunningProcesses(self, _: Any) -> Any:
        return self._tell(self.compute)

    def nvmlDeviceGetGraphicsRunningProcesses(self, _: Any) -> Any:
        return self._tell(self.graphics)

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, _: Any) -> Any:
        return self._tell(self.reasons)

    def nvmlDeviceGetClockInfo(self, _: Any, kind: int) -> int:
        assert kind == 1
        return 1800

    def nvmlDeviceGetTemperature(self, _: Any, sensor: int) -> int:
        assert sensor == 0
        return 61

    def nvmlDeviceGetTotalEnergyConsumption(self, _: Any) -> Any:
        answer = self.energy
        return self._tell(answer.pop(0) if isinstance(answer, list) and answer[1:] else answer[0])

    def nvmlDeviceGetPowerUsage(self, _: Any) -> Any:
        return self._tell(self.watts)

    @staticmethod
    def _tell(answer: Any) -> Any:
        if isinstance(answer, type):
            raise answer
        return answer


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    bindings = Fake()
    monkeypatch.setitem(sys.modules, "pynvml", bindings)
    monkeypatch.setattr(nvml, "_sees_processes", lambda: True)
    return bindings


def metered(index: int = 0) -> GpuMeter:
    meter = gpu_meter(NAME, index)
    assert meter is not None
    return meter


def test_the_card_is_found_by_name_and_place(fake: Fake) -> None:
    with metered():
        assert fake.open == 1
    assert (fake.open, fake.asked) == (0, {0})
    with metered(1) as meter:
        assert fake.asked == {0, 2}
        meter.close()
        assert fake.open == 0
    assert fake.open == 0, "closed once"
    for name, index in ((NAME, 2), (NAME, -1), ("another", 0)):
        assert gpu_meter(name, index) is None
    assert fake.open == 0


def test_a_mig_instance_has_a_name_of_its_own(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "nvmlDeviceGetMigMode", lambda handle: [int(handle == 1), 0])
    meter = gpu_meter("MIG 2g")
    assert meter is not None
    assert fake.asked == {"2g"}
    assert gpu_meter("NVIDIA A100") is None
    meter.close()
    assert fake.open == 0


def test_no_driver_no_meter(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "nvmlDeviceGetHandleByIndex", refuse(GpuIsLost))
    assert gpu_meter(NAME) is None
    monkeypatch.setattr(fake, "nvmlDeviceGetCount", refuse())
    assert gpu_meter(NAME) is None
    assert fake.open == 0
    monkeypatch.setattr(fake, "nvmlShutdown", refuse(Uninitialized))
    assert gpu_meter(NAME) is None
    monkeypatch.setattr(fake, "nvmlInit", refuse(NoPermission))
    assert gpu_meter(NAME) is None
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert gpu_meter(NAME) is None


@pytest.mark.parametrize("error", [NotSupported, NoPermission, GpuIsLost, OSError])
def test_what_fails_is_unknown(fake: Fake, error: type[Exception]) -> None:
    fake.compute = fake.graphics = fake.used = fake.reasons = fake.watts = error
    fake.energy = [error]
    with metered() as meter:
        answers = (meter.vram_of([5]), meter.foreign_processes(), meter.throttle(),
                   meter.energy_j(), meter.power_w())  # fmt: skip
        assert answers == (None,) * 5


def test_zero_and_rubbish_are_unknown(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ClockInfo", "Temperature"):
        monkeypatch.setattr(fake, f"nvmlDeviceGet{name}", lambda *_: 0)
    fake.energy, fake.watts, fake.used = [0], (1 << 64) - 1, "much"
    fake.reasons = "some"
    with metered() as meter:
        assert (meter.clock_mhz(), meter.celsius(), meter.energy_j()) == (None, None, None)
        assert (meter.power_w(), meter.vram_of([5]), meter.throttle()) == (None, None, None)


def test_a_closed_meter_knows_nothing(fake: Fake) -> None:
    meter = metered()
    assert (meter.clock_mhz(), meter.celsius(), meter.energy_j()) == (1800, 61, 1000.0)
    meter.close()
    assert (meter.clock_mhz(), meter.celsius(), meter.energy_j()) == (None, None, None)


def test_bindings_without_a_function(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    """Newer and older ones name some otherwise."""
    monkeypatch.delattr(Fake, "nvmlDeviceGetCurrentClocksThrottleReasons")
    with metered() as meter:
        assert meter.throttle() is None
        other = "nvmlDeviceGetCurrentClocksEventReasons"
        monkeypatch.setattr(fake, other, lambda _: 0x4, raising=False)
        assert meter.throttle() == {"power-cap"}
        fake.compute = NotSupported
        v2 = "nvmlDeviceGetComputeRunningProcesses_v2"
        monkeypatch.setattr(fake, v2, lambda _: [process(5)], raising=False)
        assert meter.vram_of([5]) == Vram(GIB, "process")


def test_vram_of_processes(fake: Fake) -> None:
    with metered() as meter:
        fake.compute = [process(5), process(6, 3 * GIB), process(9, 30 * GIB)]
        fake.graphics = [process(5, 2 * GIB), process(8)]
        assert meter.vram_of({5, 6, 7}) == Vram(5 * GIB, "process"), "in both lists: once"
        assert meter.vram_of({8}) == Vram(GIB, "process")


@pytest.mark.parametrize("unknown", [None, (1 << 64) - 1, 0])
def test_vram_of_the_device_where_processes_are_not_told_apart(fake: Fake, unknown: Any) -> None:
    with metered() as meter:
        assert meter.vram_of([5]) is None, "it holds no more than at the start"
        fake.used = 6 * GIB
        assert meter.vram_of([5]) == Vram(4 * GIB, "device"), "hidden by a container"
        fake.compute = [process(5, unknown), process(6)]
        assert meter.vram_of([5, 6]) == Vram(4 * GIB, "device")
        meter.mark_start()
        assert meter.vram_of([5]) is None
        fake.used = 5 * GIB
        assert meter.vram_of([5]) is None, "others have let go of some"


def test_foreign_processes(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    with metered() as meter:
        assert meter.foreign_processes() == 0
        fake.compute = [process(5), process(6), process(7, None), process(8)]
        fake.graphics = [process(8), process(9)]
        assert meter.foreign_processes() == 3, "a desktop's programs draw"
        assert meter.foreign_processes({5}) == 2
        fake.graphics = NotSupported
        assert meter.foreign_processes() == 4
        monkeypatch.setattr(nvml, "_sees_processes", lambda: False)
        assert meter.foreign_processes() == 4
        fake.compute = []
        assert meter.foreign_processes() is None, "an empty list in a container says nothing"


def test_throttling(fake: Fake) -> None:
    with metered() as meter:
        for bits in (0, 0x1, 0x2, 0x100, 0x103):
            fake.reasons = bits
            assert meter.throttle() == set()
        fake.reasons = 0xFD
        assert meter.throttle() == {
            "power-cap", "hw-slowdown", "sync-boost", "thermal", "hw-thermal", "power-brake",
        }  # fmt: skip


def test_containers_are_known_by_their_namespace(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "platform", "win32")
    assert nvml._sees_processes(str(tmp_path / "none"))
    monkeypatch.setattr(sys, "platform", "linux")
    assert not nvml._sees_processes(str(tmp_path / "none"))
    for target, sees in (("pid:[4026531836]", True), ("pid:[4026532999]", False)):
        link = tmp_path / "pid"
        link.unlink(missing_ok=True)
        try:
            link.symlink_to(target)
        except OSError:
            pytest.skip("no links here")
        assert nvml._sees_processes(str(link)) is sees


# --- the power watch


def clocked(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    clock = SimpleNamespace(now=50.0)
    monkeypatch.setattr(power, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock


def test_a_gpu_with_a_counter(fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    clocks = iter([300, 1800, 1500, 1740])
    monkeypatch.setattr(fake, "nvmlDeviceGetClockInfo", lambda *_: next(clocks))
    heat = iter([50, 70, 72])
    monkeypatch.setattr(fake, "nvmlDeviceGetTemperature", lambda *_: next(heat))
    # looked for, begin, two samples, end; begin, end
    fake.energy = [1_000, 10_000, 20_000, 25_000, 40_000, 90_000, 96_000]
    with metered() as meter:
        watch = PowerWatch(meter, root=tmp_path)
        assert meter.clock_mhz() == 300
        watch.sample()  # before the runs: not kept
        watch.begin()
        fake.reasons = 0x1
        watch.sample()
        fake.reasons = 0x4
        watch.sample()
        assert watch.end(10.0).energy_j == pytest.approx(30.0)
        fake.reasons = 0x40
        watch.sample()
        watch.begin()  # a run too short for a sample
        fake.reasons = 0x20
        told = watch.end(2.0)
    assert told == Power(
        energy_j=36.0, energy_source="nvml", energy_per_audio_j=3.0,
        throttle=["power-cap", "thermal"],
        gpu_clock_mhz_min=1500, gpu_clock_mhz_median=1740,
        gpu_celsius_before=50, gpu_celsius_after=72,
    )  # fmt: skip


@pytest.mark.parametrize("energies", [[5000, 5000, NotSupported], [5000, 5000, 400], [5000]])
def test_a_counter_that_fails_is_unknown(fake: Fake, tmp_path: Path, energies: list[Any]) -> None:
    """Lost before the end, begun anew, or standing still."""
    fake.energy = energies
    with metered() as meter:
        watch = PowerWatch(meter, root=tmp_path)
        watch.begin()
        told = watch.end(1.0)
    assert (told.energy_j, told.energy_source, told.energy_per_audio_j) == (None, None, None)
    assert told.throttle == []


def test_a_counter_that_fails_once_between(fake: Fake, tmp_path: Path) -> None:
    fake.energy = [5000, 5000, NotSupported, 9000]
    with metered() as meter:
        watch = PowerWatch(meter, root=tmp_path)
        watch.begin()
        watch.sample()
        told = watch.end(0.0)
    assert (told.energy_j, told.energy_per_audio_j) == (4.0, None)


def test_a_gpu_without_a_counter_is_integrated(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    clock = clocked(monkeypatch)
    fake.energy = [NotSupported]
    with metered() as meter:
        watch = PowerWatch(meter, root=tmp_path)
        watch.begin()
        clock.now, fake.watts = 52.0, 200_000
        watch.sample()
        clock.now, fake.watts = 53.0, NotSupported
        watch.sample()
        clock.now, fake.watts = 54.0, 100_000
        told = watch.end(3.0)
    assert told.energy_j == pytest.approx(300 + 300)
    assert told.energy_source == "nvml"


def test_a_gpu_that_tells_nothing(fake: Fake, tmp_path: Path) -> None:
    fake.energy, fake.watts, fake.reasons = [NotSupported], NotSupported, NotSupported
    with metered() as meter:
        watch = PowerWatch(meter, root=tmp_path)
        watch.begin()
        watch.sample()
        told = watch.end(1.0)
    assert (told.energy_j, told.throttle) == (None, None)


def test_end_without_begin_and_begin_without_end(fake: Fake, tmp_path: Path) -> None:
    fake.energy = [1000, 2000, 5000, 7000]
    with metered() as meter:
        watch = PowerWatch(meter, root=tmp_path)
        assert watch.end(5.0) == Power()
        watch.begin()
        watch.begin()
        told = watch.end(1.0)
    assert (told.energy_j, told.energy_per_audio_j) == (2.0, 2.0)


def test_the_sampler_looks_meanwhile(fake: Fake, tmp_path: Path) -> None:
    looked = threading.Event()

    class Noticed(GpuMeter):
        def clock_mhz(self) -> int | None:
            if threading.current_thread() is not threading.main_thread():
                looked.set()
            return super().clock_mhz()

    meter = Noticed(fake, 0)
    with Sampler(os.getpid(), meter) as sampler:
        watch = PowerWatch(meter, sampler, root=tmp_path)
        watch.begin()
        assert looked.wait(60)
        assert watch.end(1.0).gpu_clock_mhz_median == 1800


# --- the processor's own books


def put(root: Path, path: str, text: str) -> None:
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(f"{text}\n")


def zone(root: Path, name: str, energy: int, kind: str, most: int = 1_000_000_000) -> None:
    folder = f"sys/class/powercap/{name}"
    put(root, f"{folder}/name", kind)
    put(root, f"{folder}/energy_uj", str(energy))
    put(root, f"{folder}/max_energy_range_uj", str(most))


no_colon = pytest.mark.skipif(sys.platform == "win32", reason="no colons in names of files")


@no_colon
def test_energy_of_the_packages(tmp_path: Path) -> None:
    zone(tmp_path, "intel-rapl:0", 900_000_000, "package-0")
    zone(tmp_path, "intel-rapl:1", 5_000_000, "package-1")
    zone(tmp_path, "intel-rapl:2", 0, "psys")
    zone(tmp_path, "intel-rapl:0:0", 0, "core")
    zone(tmp_path, "intel-rapl-mmio:0", 0, "package-0")
    watch = PowerWatch(root=tmp_path)
    watch.begin()
    zone(tmp_path, "intel-rapl:0", 100_000_000, "package-0")  # begun anew at 1000 J
    for name in ("2", "0:0"):
        zone(tmp_path, f"intel-rapl:{name}", 77_000_000, "psys" if name == "2" else "core")
    watch.sample()
    zone(tmp_path, "intel-rapl:0", 950_000_000, "package-0")
    watch.sample()
    zone(tmp_path, "intel-rapl:0", 50_000_000, "package-0")
    zone(tmp_path, "intel-rapl:1", 25_000_000, "package-1")
    told = watch.end(10.0)
    assert told.energy_j == pytest.approx(200 + 850 + 100 + 20)
    assert told.energy_source == "rapl"
    assert told.energy_per_audio_j == pytest.approx(117.0)
    assert (told.throttle, told.gpu_celsius_before) == (None, None)


@no_colon
def test_packages_that_may_not_be_read(tmp_path: Path) -> None:
    assert rapl_energy(tmp_path) is None
    zone(tmp_path, "intel-rapl:0", 5_000_000, "package-0")
    assert rapl_energy(tmp_path) is not None
    zone(tmp_path, "intel-rapl:1", 5_000_000, "package-1")
    file = tmp_path / "sys/class/powercap/intel-rapl:1/energy_uj"
    file.unlink()
    file.mkdir()  # cannot be read, as without permission
    assert rapl_energy(tmp_path) is None, "a part of the processors is not all"


def test_counters_that_begin_anew() -> None:
    assert unwrapped((5e6, 1e6), (7e6, 4e6), (9e6, 9e6)) == pytest.approx(5.0)
    assert unwrapped((8e6,), (1e6,), (9e6,)) == pytest.approx(2.0)
    assert unwrapped((80e6,), (1e6,), (9e6,)) is None, "no wrap explains it"


def test_clock_of_the_processor(tmp_path: Path) -> None:
    assert cpu_clock_mhz(tmp_path) is None
    put(tmp_path, "proc/cpuinfo", "flags\t\t: fpu hypervisor\ncpu MHz\t\t: 2200.000")
    assert cpu_clock_mhz(tmp_path) is None, "nominal"
    put(
        tmp_path,
        "proc/cpuinfo",
        "flags\t\t: fpu aperfmperf\ncpu MHz\t\t: 3300.4\n\ncpu MHz\t\t: 800.0",
    )
    assert cpu_clock_mhz(tmp_path) == 3300
    policies = "sys/devices/system/cpu/cpufreq"
    put(tmp_path, f"{policies}/policy0/scaling_cur_freq", "4100000")
    put(tmp_path, f"{policies}/policy1/scaling_cur_freq", "<unknown>")
    put(tmp_path, f"{policies}/policy2/scaling_cur_freq", "800000")
    assert cpu_clock_mhz(tmp_path) == 4100


def chip(root: Path, number: int, name: str, **sensors: tuple[str | None, object]) -> None:
    folder = f"sys/class/hwmon/hwmon{number}"
    put(root, f"{folder}/name", name)
    for sensor, (label, value) in sensors.items():
        put(root, f"{folder}/{sensor}_input", str(value))
        if label is not None:
            put(root, f"{folder}/{sensor}_label", label)


def test_temperature_of_the_processor(tmp_path: Path) -> None:
    assert cpu_celsius(tmp_path) is None
    chip(tmp_path, 0, "nvme", temp1=("Composite", 90_000))
    assert cpu_celsius(tmp_path) is None
    chip(tmp_path, 1, "coretemp", temp1=("Package id 0", 55_000), temp2=("Core 0", 60_000))
    assert cpu_celsius(tmp_path) == 55
    chip(tmp_path, 2, "coretemp", temp1=("Package id 1", 58_000), temp2=("Core 0", 40_000))
    assert cpu_celsius(tmp_path) == 58
    chip(tmp_path, 1, "k10temp", temp1=("Tctl", 95_000), temp2=("Tdie", 68_000))
    assert cpu_celsius(tmp_path) == 68
    chip(tmp_path, 1, "k10temp", temp1=("Tctl", 75_000), temp2=("Tccd1", 99_000))
    assert cpu_celsius(tmp_path) == 75


@pytest.mark.parametrize(("value", "celsius"), [("48312", 48.312), ("", None), ("-1", None)])
def test_temperature_of_a_small_board(tmp_path: Path, value: str, celsius: float | None) -> None:
    chip(tmp_path, 0, "cpu_thermal", temp1=(None, value))
    assert cpu_celsius(tmp_path) == celsius


def test_a_cpu_cell_where_nothing_is_told(tmp_path: Path) -> None:
    watch = PowerWatch(root=tmp_path)
    watch.begin()
    watch.sample()
    assert watch.end(3.0) == Power()


def test_a_cpu_cell_on_this_computer() -> None:
    watch = PowerWatch()
    watch.begin()
    told = watch.end(3.0)
    assert (told.energy_j is None) == (told.energy_source is None)
    assert told.cpu_clock_mhz_after is None or told.cpu_clock_mhz_after > 100
