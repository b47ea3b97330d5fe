"""The live call ``nvml`` against a stand-in for NVIDIA's bindings."""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from vcf.machine.gpus import nvml, nvml_call
from vcf.machine.gpus.calls import GPU_CALLS, may_open
from vcf.machine.host import LiveHost, Unanswered


class NVMLError(Exception):
    """Base, as in the bindings."""


class NVMLError_NotSupported(NVMLError):
    pass


class NVMLError_LibRmVersionMismatch(NVMLError):
    pass


class NVMLError_NotFound(NVMLError):
    pass


def refuse(error: type[NVMLError] = NVMLError_NotSupported) -> Callable[..., Any]:
    def function(*_: Any) -> Any:
        raise error

    return function


class Fake:
    """One ordinary card at first; tests replace functions."""

    NVMLError = NVMLError
    nvmlMemory_v2 = 0x02000028

    def __init__(self) -> None:
        self.open = 0

    def nvmlInit(self) -> None:
        self.open += 1

    def nvmlShutdown(self) -> None:
        self.open -= 1

    def nvmlDeviceGetCount(self) -> int:
        return 1

    def nvmlSystemGetDriverVersion(self) -> bytes:
        return b"570.133.07"

    def nvmlSystemGetCudaDriverVersion_v2(self) -> int:
        return 12080

    def nvmlDeviceGetHandleByIndex(self, index: int) -> str:
        return f"card{index}"

    def nvmlDeviceGetName(self, handle: str) -> str:
        return "NVIDIA GeForce RTX 3060" if handle.startswith("card") else "NVIDIA H100 MIG 1g.10gb"

    def nvmlDeviceGetPciInfo(self, _: str) -> Any:
        ids = {"pciDeviceId": 0x250310DE, "pciSubSystemId": 0x881D1043}
        return SimpleNamespace(busId=b"00000000:01:00.0", **ids)

    def nvmlDeviceGetMemoryInfo(self, handle: str, version: int | None = None) -> Any:
        if version is None:
            return SimpleNamespace(total=12 << 30, free=11 << 30, used=1 << 30)
        return SimpleNamespace(total=12 << 30, free=11 << 30, used=1 << 29, reserved=1 << 29)

    def nvmlDeviceGetCudaComputeCapability(self, _: str) -> tuple[int, int]:
        return (8, 6)

    def nvmlDeviceGetMemoryBusWidth(self, _: str) -> int:
        return 192

    def nvmlDeviceGetMaxClockInfo(self, _: str, clock: int) -> int:
        assert clock == 2
        return 7501

    nvmlDeviceGetMigMode = staticmethod(refuse())

    def nvmlDeviceGetMaxMigDeviceCount(self, _: str) -> int:
        return 3

    def nvmlDeviceGetMigDeviceHandleByIndex(self, _: str, slot: int) -> str:
        if slot == 1:
            raise NVMLError_NotFound
        return f"mig{slot}"


@pytest.fixture
def fake(monkeypatch: pytest.MonkeyPatch) -> Fake:
    bindings = Fake()
    monkeypatch.setitem(sys.modules, "pynvml", bindings)
    return bindings


def test_one_card(fake: Fake) -> None:
    answer = nvml_call.call()
    assert answer["driver"] == "570.133.07"
    assert answer["cuda"] == 12080
    (card,) = answer["devices"]
    assert card["pci_device_id"] == "10de:2503"
    assert card["pci_subsystem"] == "1043:881d"
    assert card["memory"] == {
        "total": 12 << 30, "free": 11 << 30, "used": 1 << 29, "reserved": 1 << 29,
    }  # fmt: skip
    assert card["mig"] is False
    assert fake.open == 0
    (found,) = nvml.parse(answer)
    assert found.bus == "0000:01:00.0"
    assert found.value("vram_total_bytes") == (12 << 30) - (1 << 29)
    assert found.value("bandwidth_bytes_s") == 360_048_000_000


def test_old_driver_without_version_2(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    def memory(handle: str, version: int | None = None) -> Any:
        if version is not None:
            raise NVMLError_NotSupported
        return Fake().nvmlDeviceGetMemoryInfo(handle)

    monkeypatch.setattr(fake, "nvmlDeviceGetMemoryInfo", memory)
    assert "reserved" not in nvml_call.call()["devices"][0]["memory"]
    monkeypatch.delattr(Fake, "nvmlMemory_v2")
    assert "reserved" not in nvml_call.call()["devices"][0]["memory"]


def test_each_failing_query_stands_for_itself(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("MemoryInfo", "PciInfo", "CudaComputeCapability"):
        monkeypatch.setattr(fake, f"nvmlDeviceGet{name}", refuse())
    monkeypatch.delattr(Fake, "nvmlDeviceGetMemoryBusWidth")
    (card,) = nvml_call.call()["devices"]
    error = {"error": "NotSupported"}
    assert card["memory"] == card["bus"] == card["cc"] == card["pci_device_id"] == error
    assert card["bus_width"] == {"error": "AttributeError"}
    assert card["name"] == "NVIDIA GeForce RTX 3060"


def test_handle_that_is_lost(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "nvmlDeviceGetHandleByIndex", refuse())
    answer = nvml_call.call()
    assert answer["devices"] == [{"index": 0, "error": "NotSupported"}]
    (found,) = nvml.parse(answer)
    assert "does not support" in found.unknown["vram_total_bytes"]


def test_mig_instances(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "nvmlDeviceGetMigMode", lambda _: [1, 1])
    cards = nvml_call.call()["devices"]
    assert [card["name"] for card in cards] == ["NVIDIA H100 MIG 1g.10gb"] * 2
    assert all(card["mig"] for card in cards)
    monkeypatch.setattr(fake, "nvmlDeviceGetMaxMigDeviceCount", refuse())
    assert nvml_call.call()["devices"][0]["mig_instances"] == 0
    monkeypatch.setattr(fake, "nvmlDeviceGetMigMode", lambda _: [0, 0])
    assert "mig_instances" not in nvml_call.call()["devices"][0]


def test_init_that_fails(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "nvmlInit", refuse(NVMLError_LibRmVersionMismatch))
    with pytest.raises(Unanswered, match=r"^LibRmVersionMismatch$"):
        nvml_call.call()


def test_count_that_fails_shuts_down(fake: Fake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fake, "nvmlDeviceGetCount", refuse())
    with pytest.raises(Unanswered, match="NotSupported"):
        nvml_call.call()
    assert fake.open == 0


def test_wsl_library_is_loaded_by_its_path(
    fake: Fake, monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    library = tmp_path / "libnvidia-ml.so.1"
    library.touch()
    loaded: list[str] = []
    monkeypatch.setattr(ctypes, "CDLL", loaded.append)
    monkeypatch.setattr(sys, "platform", "linux")
    assert nvml_call._load(str(library)) is fake
    assert loaded == [str(library)]
    nvml_call._load(str(tmp_path / "none"))
    assert loaded == [str(library)]


def test_real_bindings_answer_or_say_why() -> None:
    pytest.importorskip("pynvml")
    try:
        answer = LiveHost(GPU_CALLS).call("nvml")
    except Unanswered as error:
        assert " " not in str(error)
    else:
        assert isinstance(answer["devices"], list)


def test_may_open(tmp_path: Any) -> None:
    device = tmp_path / "kfd"
    assert may_open(str(device)) is None
    device.touch()
    assert may_open(str(device)) is True
