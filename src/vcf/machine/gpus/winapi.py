"""The live call ``windows_display_adapters``: the registry keys of the adapters present."""

from __future__ import annotations

import importlib
import re
from typing import Any

CLASS_GUID = "{4d36e968-e325-11ce-bfc1-08002be10318}"
CLASS_KEY = rf"SYSTEM\CurrentControlSet\Control\Class\{CLASS_GUID}"
ENUM_KEY = r"SYSTEM\CurrentControlSet\Enum"
VALUES = (
    "DriverDesc",
    "MatchingDeviceId",
    "HardwareInformation.qwMemorySize",
    "HardwareInformation.MemorySize",
    "DriverVersion",
    "ProviderName",
)
_PRESENT_OF_CLASS = 0x100 | 0x200  # CM_GETIDLIST_FILTER_PRESENT | CM_GETIDLIST_FILTER_CLASS
_LOCATION = re.compile(r"\((\d+),(\d+),(\d+)\)\s*$")


def plain(value: Any) -> Any:
    """A registry value as JSON: binary numbers are little-endian, text ends at the first NUL."""
    if isinstance(value, bytes):
        return int.from_bytes(value, "little") if len(value) <= 8 else None
    return value.partition("\0")[0] if isinstance(value, str) else value


def bus_of(location: Any) -> str | None:
    """``0000:01:00.0`` of ``@pci.sys,#65536;PCI bus %1, device %2, function %3;(1,0,0)``."""
    match = _LOCATION.search(location) if isinstance(location, str) else None
    if match is None:
        return None
    bus, device, function = (int(part) for part in match.groups())
    return f"0000:{bus:02x}:{device:02x}.{function}"


def _value(winreg: Any, key: Any, name: str) -> Any:
    try:
        return plain(winreg.QueryValueEx(key, name)[0])
    except OSError:
        return None


def _values(winreg: Any, path: str, names: tuple[str, ...]) -> dict[str, Any]:
    """The named values of a key that are there; none where the key can't be opened."""
    try:
        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
            found = {name: _value(winreg, key, name) for name in names}
    except OSError:
        return {}
    return {name: value for name, value in found.items() if value is not None}


def _present(ctypes: Any) -> list[str] | None:
    """Instance paths of the display devices in the computer now; None when Windows won't say.

    The registry alone keeps the keys of cards that were taken out.
    """
    try:
        manager = ctypes.WinDLL("cfgmgr32")
        size = ctypes.c_ulong(0)
        flags = ctypes.c_ulong(_PRESENT_OF_CLASS)
        if manager.CM_Get_Device_ID_List_SizeW(ctypes.byref(size), CLASS_GUID, flags):
            return None
        buffer = ctypes.create_unicode_buffer(size.value)
        if manager.CM_Get_Device_ID_ListW(CLASS_GUID, buffer, size, flags):
            return None
        return [path for path in buffer[: size.value].split("\0") if path]
    except (OSError, AttributeError):
        return None


def _by_instance(winreg: Any, instances: list[str]) -> list[dict[str, Any]]:
    adapters = []
    for instance in instances:
        where = _values(winreg, rf"{ENUM_KEY}\{instance}", ("Driver", "LocationInformation"))
        driver = where.get("Driver")
        values = _values(winreg, rf"{CLASS_KEY[: -len(CLASS_GUID)]}{driver}", VALUES)
        # The instance path ends in a part that tells one computer from another: left out.
        device = instance.split("\\")[1] if instance.upper().startswith("PCI\\") else ""
        key = str(driver).rpartition("\\")[2]
        bus = bus_of(where.get("LocationInformation"))
        adapters.append({"key": key, "Device": device[:17], "bus": bus, **values})
    return adapters


def _by_key(winreg: Any) -> list[dict[str, Any]]:
    adapters = []
    for index in range(64):
        key = f"{index:04d}"
        values = _values(winreg, rf"{CLASS_KEY}\{key}", VALUES)
        if values:
            adapters.append({"key": key, **values})
    return adapters


def call() -> list[dict[str, Any]]:
    """What the registry knows of every display adapter in the computer."""
    winreg: Any = importlib.import_module("winreg")
    instances = _present(importlib.import_module("ctypes"))
    return _by_key(winreg) if instances is None else _by_instance(winreg, instances)
