"""The live call ``windows_display_adapters`` against stand-ins for winreg and cfgmgr32."""

from __future__ import annotations

import ctypes
import sys
from typing import Any

import pytest

from vcf.machine.gpus import winapi
from vcf.machine.gpus.calls import GPU_CALLS

GUID = winapi.CLASS_GUID
INSTANCE = "PCI\\VEN_10DE&DEV_139B&SUBSYS_10801043&REV_A2\\4&1D81E16&0&0008"
REMOTE = "SWD\\REMOTEDISPLAYENUM\\RDPIDD_INDIRECTDISPLAY&SESSIONID_0001"
KEYS: dict[str, dict[str, Any]] = {
    rf"{winapi.CLASS_KEY}\0000": {
        "DriverDesc": "NVIDIA GeForce GTX 960M",
        "MatchingDeviceId": "pci\\ven_10de&dev_139b\0rubbish",
        "HardwareInformation.qwMemorySize": (2 << 30).to_bytes(8, "little"),
        "HardwareInformation.MemorySize": b"\x00\xf0\xff\x7f",
        "DriverVersion": "31.0.15.3623",
    },
    rf"{winapi.CLASS_KEY}\0003": {"DriverDesc": "A card that was taken out"},
    rf"{winapi.ENUM_KEY}\{INSTANCE}": {
        "Driver": rf"{GUID}\0000",
        "LocationInformation": "@System32\\drivers\\pci.sys,#65536;PCI bus %1 (1,0,0)",
    },
    rf"{winapi.ENUM_KEY}\{REMOTE}": {"Driver": rf"{GUID}\0009"},
}


class Key(dict[str, Any]):
    def __enter__(self) -> Key:
        return self

    def __exit__(self, *_: object) -> None:
        pass


class Registry:
    HKEY_LOCAL_MACHINE = 1

    @staticmethod
    def OpenKey(root: int, path: str) -> Key:
        assert root == 1
        if path not in KEYS:
            raise FileNotFoundError(path)
        return Key(KEYS[path])

    @staticmethod
    def QueryValueEx(key: Key, name: str) -> tuple[Any, int]:
        if name not in key:
            raise FileNotFoundError(name)
        return key[name], 1


class Manager:
    """cfgmgr32 with two devices."""

    text = f"{INSTANCE}\0{REMOTE}\0\0"
    failing = ""

    def CM_Get_Device_ID_List_SizeW(self, size: Any, guid: str, flags: Any) -> int:
        assert flags.value == 0x300
        size._obj.value = len(self.text)
        return int(self.failing == "size")

    def CM_Get_Device_ID_ListW(self, guid: str, buffer: Any, size: Any, flags: Any) -> int:
        assert guid == GUID
        buffer[: len(self.text)] = self.text
        return int(self.failing == "list")


@pytest.fixture
def manager(monkeypatch: pytest.MonkeyPatch) -> Manager:
    fake = Manager()
    monkeypatch.setitem(sys.modules, "winreg", Registry)
    monkeypatch.setattr(ctypes, "WinDLL", lambda _: fake, raising=False)
    return fake


def test_present_adapters(manager: Manager) -> None:
    card, remote = GPU_CALLS["windows_display_adapters"]()
    assert card == {
        "key": "0000",
        "Device": "VEN_10DE&DEV_139B",
        "bus": "0000:01:00.0",
        "DriverDesc": "NVIDIA GeForce GTX 960M",
        "MatchingDeviceId": "pci\\ven_10de&dev_139b",
        "HardwareInformation.qwMemorySize": 2 << 30,
        "HardwareInformation.MemorySize": 0x7FFFF000,
        "DriverVersion": "31.0.15.3623",
    }
    assert remote == {"key": "0009", "Device": "", "bus": None}


@pytest.mark.parametrize("failing", ["size", "list"])
def test_all_keys_where_windows_will_not_say(manager: Manager, failing: str) -> None:
    manager.failing = failing
    assert [adapter["key"] for adapter in winapi.call()] == ["0000", "0003"]


def test_no_cfgmgr(manager: Manager, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(ctypes, "WinDLL")
    assert len(winapi.call()) == 2


def test_plain_values() -> None:
    assert winapi.plain(b"\x01" * 9) is None
    assert winapi.plain(7) == 7
    assert winapi.bus_of("USB (somewhere)") is None
    assert winapi.bus_of(None) is None
