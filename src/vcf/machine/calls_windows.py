"""Live calls of Windows: registry by winreg, the rest by ctypes without administrator rights."""

from __future__ import annotations

import os
from importlib import import_module
from typing import Any

from .host import Unanswered

_FEATURE_NUMBERS = range(80)
_FIRMWARE = 0x52534D42  # 'RSMB'
_SHARE, _OPEN_EXISTING = 3, 3
_QUERY_PROPERTY = 0x2D1400
_DEVICE, _SEEK_PENALTY = 0, 7


def _kernel32() -> Any:
    return import_module("ctypes").WinDLL("kernel32", use_last_error=True)


def _key(winreg: Any, path: str) -> Any:
    root, _, rest = path.partition("\\")
    roots = {"HKLM": winreg.HKEY_LOCAL_MACHINE, "HKCU": winreg.HKEY_CURRENT_USER}
    try:
        return winreg.OpenKey(roots[root], rest)
    except (KeyError, OSError):
        raise Unanswered(f"registry: no {path}") from None


def registry(path: str, value: str) -> str | int | list[str]:
    """A value; binary ones as hexadecimal digits."""
    winreg: Any = import_module("winreg")
    with _key(winreg, path) as key:
        try:
            data, _ = winreg.QueryValueEx(key, value)
        except OSError:
            raise Unanswered(f"registry: no {value} in {path}") from None
    if isinstance(data, bytes):
        return data.hex()
    if isinstance(data, (str, int)):
        return data
    return [str(item) for item in data or ()]


def registry_keys(path: str) -> list[str]:
    """Names of the keys below a key."""
    winreg: Any = import_module("winreg")
    with _key(winreg, path) as key:
        count = winreg.QueryInfoKey(key)[0]
        return [str(winreg.EnumKey(key, index)) for index in range(count)]


def affinity() -> int:
    """Hardware threads of the affinity mask; it covers one group of 64, so more means all."""
    total = os.cpu_count() or 0
    ctypes: Any = import_module("ctypes")
    kernel32 = _kernel32()
    kernel32.GetCurrentProcess.restype = ctypes.c_void_p
    mask, system = ctypes.c_size_t(0), ctypes.c_size_t(0)
    done = kernel32.GetProcessAffinityMask(
        ctypes.c_void_p(kernel32.GetCurrentProcess()), ctypes.byref(mask), ctypes.byref(system)
    )
    if total > 64 or not done or not mask.value:
        if not total:
            raise Unanswered("affinity: the number of CPUs is not known")
        return total
    return bin(mask.value).count("1")


def processor_features() -> dict[str, Any]:
    """Numbers that IsProcessorFeaturePresent says yes to, and the enabled register states."""
    ctypes: Any = import_module("ctypes")
    kernel32 = _kernel32()
    present = [n for n in _FEATURE_NUMBERS if kernel32.IsProcessorFeaturePresent(n)]
    xstate = None
    if hasattr(kernel32, "GetEnabledXStateFeatures"):
        kernel32.GetEnabledXStateFeatures.restype = ctypes.c_uint64
        xstate = int(kernel32.GetEnabledXStateFeatures())
    return {"present": present, "xstate": xstate}


def smbios() -> bytes:
    """The SMBIOS table, without the header that Windows puts before it."""
    ctypes: Any = import_module("ctypes")
    ask = _kernel32().GetSystemFirmwareTable
    size = ask(_FIRMWARE, 0, None, 0)
    buffer = ctypes.create_string_buffer(max(1, size))
    if not size or ask(_FIRMWARE, 0, buffer, size) != size:
        raise Unanswered("SMBIOS: Windows does not hand it out")
    raw: bytes = buffer.raw
    return raw[8 : 8 + int.from_bytes(raw[4:8], "little")]


def storage(drive: str) -> dict[str, Any]:
    """Bus type and seek penalty of a drive such as ``C:``; each None where it is not told."""
    ctypes: Any = import_module("ctypes")
    kernel32 = _kernel32()
    kernel32.CreateFileW.restype = ctypes.c_void_p
    handle = kernel32.CreateFileW(f"\\\\.\\{drive}", 0, _SHARE, None, _OPEN_EXISTING, 0, None)
    if handle is None or handle == ctypes.c_void_p(-1).value:
        raise Unanswered(f"storage: {drive} can't be opened")
    try:
        device = _property(ctypes, kernel32, handle, _DEVICE)
        penalty = _property(ctypes, kernel32, handle, _SEEK_PENALTY)
    finally:
        kernel32.CloseHandle(ctypes.c_void_p(handle))
    return {
        "bus": int.from_bytes(device[28:32], "little") if len(device) >= 32 else None,
        "seek_penalty": bool(penalty[8]) if len(penalty) >= 9 else None,
    }


def _property(ctypes: Any, kernel32: Any, handle: int, number: int) -> bytes:
    """A STORAGE_PROPERTY_QUERY; empty when the driver does not answer."""
    query = number.to_bytes(4, "little") + bytes(8)
    answer, got = ctypes.create_string_buffer(1024), ctypes.c_uint32(0)
    done = kernel32.DeviceIoControl(
        ctypes.c_void_p(handle), _QUERY_PROPERTY, query, len(query),
        answer, len(answer), ctypes.byref(got), None,
    )  # fmt: skip
    raw: bytes = answer.raw
    return raw[: got.value] if done else b""
