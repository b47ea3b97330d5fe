"""What the state of a computer warns of."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import psutil
import pytest

from vcf.bench import conditions as module
from vcf.bench.conditions import State, conditions, judge, keeps_low, read_state
from vcf.bench.record import Conditions


def test_a_quiet_desktop() -> None:
    state = State(
        cores=8,
        load_average=0.4,
        governors=(("schedutil", "acpi-cpufreq"),) * 8,
        on_battery=False,
        foreign_gpu_processes=0,
    )
    assert judge(state) == Conditions(
        load_average=0.4, governor="schedutil", on_battery=False, foreign_gpu_processes=0
    )


def test_nothing_known_nothing_warned_of() -> None:
    assert judge(State()) == Conditions()


@pytest.mark.parametrize(
    ("state", "warnings"),
    [
        (State(on_battery=True), ["on-battery"]),
        (State(foreign_gpu_processes=1), ["gpu-shared"]),
        (State(load_average=4.01, cores=8), ["busy"]),
        (State(load_average=4.0, cores=8), []),
        (State(load_average=99.0), []),
        (State(load_average=0.6, cores=1), ["busy"]),
        (State(governors=(("powersave", "acpi-cpufreq"),)), ["governor"]),
        (
            State(
                load_average=9.0,
                cores=2,
                on_battery=True,
                foreign_gpu_processes=2,
                governors=(("userspace", None),),
            ),
            ["on-battery", "governor", "busy", "gpu-shared"],
        ),
    ],
)
def test_warnings(state: State, warnings: list[str]) -> None:
    assert judge(state).warnings == warnings


def test_own_load_is_no_ground_for_a_warning() -> None:
    found = judge(State(load_average=9.0, cores=2, on_battery=True), after_own=True)
    assert (found.load_average, found.warnings) == (9.0, ["on-battery"])


@pytest.mark.parametrize(
    ("governor", "driver", "low"),
    [
        ("powersave", "intel_pstate", False),
        ("powersave", "amd-pstate-epp", False),
        ("powersave", "intel_cpufreq", True),
        ("powersave", "amd-pstate", True),
        ("powersave", "cppc_cpufreq", True),
        ("powersave", None, False),
        ("performance", "acpi-cpufreq", False),
        ("ondemand", "acpi-cpufreq", False),
        ("schedutil", "intel_cpufreq", False),
        ("conservative", "acpi-cpufreq", True),
        ("userspace", None, True),
    ],
)
def test_governors(governor: str, driver: str | None, low: bool) -> None:
    assert keeps_low(governor, driver) is low


def test_one_slow_core_is_named() -> None:
    fast = (("performance", "acpi-cpufreq"),) * 3
    found = judge(State(governors=(*fast, ("powersave", "acpi-cpufreq"))))
    assert (found.governor, found.warnings) == ("powersave", ["governor"])


def governed(root: Path, core: int, governor: str, driver: str | None) -> None:
    folder = root / f"sys/devices/system/cpu/cpu{core}/cpufreq"
    folder.mkdir(parents=True)
    (folder / "scaling_governor").write_text(f"{governor}\n")
    if driver is not None:
        (folder / "scaling_driver").write_text(f"{driver}\n")


def test_only_our_cores_are_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    governed(tmp_path, 0, "powersave", "acpi-cpufreq")
    governed(tmp_path, 1, "schedutil", "acpi-cpufreq")
    governed(tmp_path, 3, "ondemand", None)
    governed(tmp_path, 4, "", None)
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: {1, 2, 3, 4}, raising=False)
    state = read_state(4, root=tmp_path)
    assert state.governors == (("schedutil", "acpi-cpufreq"), ("ondemand", None))
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert read_state(4, root=tmp_path).governors == (("powersave", "acpi-cpufreq"),)


def test_windows_has_no_load_average(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.delattr(os, "getloadavg", raising=False)
    state = read_state(4, root=tmp_path)
    assert (state.load_average, state.governors) == (None, ())


def test_load_average(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getloadavg", lambda: (1.5, 2.0, 3.0), raising=False)
    assert read_state(4).load_average == 1.5

    def refuse() -> Any:
        raise OSError

    monkeypatch.setattr(os, "getloadavg", refuse, raising=False)
    assert read_state(4).load_average is None


@pytest.mark.parametrize(
    ("battery", "expected"),
    [
        (None, None),
        (SimpleNamespace(power_plugged=True), False),
        (SimpleNamespace(power_plugged=False), True),
        (SimpleNamespace(power_plugged=None), None),
    ],
)
def test_battery(monkeypatch: pytest.MonkeyPatch, battery: Any, expected: bool | None) -> None:
    monkeypatch.setattr(psutil, "sensors_battery", lambda: battery, raising=False)
    assert read_state(4).on_battery is expected


def test_battery_that_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse() -> Any:
        raise FileNotFoundError

    monkeypatch.setattr(psutil, "sensors_battery", refuse, raising=False)
    assert read_state(4).on_battery is None
    monkeypatch.delattr(psutil, "sensors_battery")
    assert read_state(4).on_battery is None


def test_the_gpu_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_on_battery", lambda: None)
    monkeypatch.setattr(module, "_load", lambda: 9.0)
    meter: Any = SimpleNamespace(foreign_processes=lambda: 2)
    found = conditions(2, meter)
    assert found.foreign_gpu_processes == 2
    assert {"gpu-shared", "busy"} <= set(found.warnings)
    assert "busy" not in conditions(2, meter, after_own=True).warnings
    assert conditions(2).foreign_gpu_processes is None


def test_this_computer() -> None:
    found = conditions(os.cpu_count())
    if sys.platform != "win32":
        assert found.load_average is not None
    assert found.foreign_gpu_processes is None
