"""Live calls: on this system for real, those of Windows and macOS against fakes of their APIs."""

from __future__ import annotations

import ctypes
import os
import sys
import types
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from vcf.machine import calls, calls_macos, calls_windows, metadata
from vcf.machine.host import LiveHost, Unanswered

LINUX = pytest.mark.skipif(sys.platform != "linux", reason="asks Linux")


@LINUX
def test_this_system(tmp_path: Path) -> None:
    assert calls.affinity() == len(os.sched_getaffinity(0))
    assert calls.disk_usage(str(tmp_path))["total"] > calls.disk_usage(str(tmp_path))["free"]
    assert calls.device_of("/proc").startswith("0:")
    assert calls.home() and set(calls.identity()) == {"user", "other", "host", "home"}
    assert calls.cores()["logical"] == os.cpu_count()
    assert calls.psutil_memory()["total"] > 0
    assert calls.names("/proc", "meminfo") == ["meminfo"]
    for name in ("registry", "storage", "processor_features"):
        with pytest.raises(Unanswered):
            LiveHost(calls.CALLS).call(name, *(["x"] * 2 if name == "registry" else []))


def test_affinity_elsewhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 6)
    assert calls.affinity() == 6
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    with pytest.raises(Unanswered):
        calls.affinity()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(calls_windows, "affinity", lambda: 4)
    assert calls.affinity() == 4


def test_disk_usage_without_statvfs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    import shutil

    monkeypatch.setattr(shutil, "disk_usage", lambda _: types.SimpleNamespace(total=5, free=3))
    monkeypatch.delattr(os, "statvfs", raising=False)
    assert calls.disk_usage(str(tmp_path)) == {"total": 5, "free": 3}


def test_no_home(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.setattr(Path, "home", nowhere)
    for name in ("home", "identity"):
        with pytest.raises(Unanswered, match="Could not determine"):
            LiveHost(calls.CALLS).call(name)


def test_which(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    tool = tmp_path / "ffmpeg.exe"
    tool.write_text("")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", os.pathsep.join(["", str(tmp_path / "none"), str(tmp_path)]))
    assert calls.which("ffmpeg") is None and calls.which("ffmpeg.exe") == str(tool)
    monkeypatch.setattr(sys, "platform", "win32")
    assert calls.which("ffmpeg") == str(tool)


def test_metadata(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    for folder, entry, name, text in (
        (first, "torch-2.8.0.dist-info", "METADATA", "Name: torch\nVersion: 2.8.0+cu128\n"),
        (first, "voxcpm-1.0-py3.11.egg-info", "PKG-INFO", "Name: voxcpm\nVersion: 1.0.3\n"),
        (first, "empty.egg-info", "x", ""),
        (second, "torch-1.0.dist-info", "METADATA", "Version: 1.0\n"),
        (second, "vllm-0.9.dist-info", "x", ""),
        (second, "other-1.dist-info", "METADATA", "Version: 1\n"),
    ):
        (folder / entry).mkdir(parents=True)
        (folder / entry / name).write_text(text)
    (second / "indextts.egg-info").write_text("Name: indextts\nVersion: 2.0\n")
    folders = [str(first), str(tmp_path / "none"), str(second)]
    wanted = {"torch", "voxcpm", "vllm", "indextts", "empty"}
    assert metadata.installed(folders, wanted) == {
        "torch": "2.8.0+cu128", "voxcpm": "1.0.3", "vllm": "0.9", "indextts": "2.0",
    }  # fmt: skip
    (second / "torch").mkdir()
    (second / "torch" / "version.py").write_text("__version__ = '1.0'")
    monkeypatch.setattr(sys, "path", folders)
    assert calls.torch_version_file() == calls.version_file("torch") == "__version__ = '1.0'"
    assert calls.metadata()["torch"] == "2.8.0+cu128"
    monkeypatch.setattr(sys, "path", [])
    with pytest.raises(Unanswered):
        calls.torch_version_file()


def test_memory_modules(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    table = tmp_path / "DMI"
    monkeypatch.setattr(calls, "_DMI", str(table))
    with pytest.raises(Unanswered, match="No such file"):
        calls.memory_modules()
    table.write_bytes(b"\x7f\x04\0\0\0\0")
    assert calls.memory_modules() == []

    def forbidden(*_: Any) -> Any:
        raise PermissionError

    monkeypatch.setattr("builtins.open", forbidden)
    with pytest.raises(Unanswered, match="only root"):
        calls.memory_modules()
    monkeypatch.setattr(sys, "platform", "win32")
    monkeypatch.setattr(calls_windows, "smbios", lambda: b"")
    assert calls.memory_modules() == []


class Winreg(types.ModuleType):
    """Enough of winreg for one key."""

    HKEY_LOCAL_MACHINE, HKEY_CURRENT_USER = 1, 2
    VALUES: dict[str, Any] = {
        "Text": "t",
        "Number": 5,
        "Bytes": b"\x01\xff",
        "List": ["a"],
        "None": None,
    }

    class Key:
        def __enter__(self) -> Winreg.Key:
            return self

        def __exit__(self, *_: object) -> None:
            return None

    def OpenKey(self, root: int, path: str) -> Key:
        if path != "A\\B":
            raise OSError
        return self.Key()

    def QueryValueEx(self, key: Key, name: str) -> tuple[Any, int]:
        if name not in self.VALUES:
            raise OSError
        return self.VALUES[name], 1

    def QueryInfoKey(self, key: Key) -> tuple[int, int, int]:
        return 2, 0, 0

    def EnumKey(self, key: Key, index: int) -> str:
        return f"000{index}"


def test_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "winreg", Winreg("winreg"))
    ask = calls.CALLS["registry"]
    assert [ask("HKLM\\A\\B", n) for n in ("Text", "Number", "Bytes", "List", "None")] == [
        "t", 5, "01ff", ["a"], [],
    ]  # fmt: skip
    assert calls.CALLS["registry_keys"]("HKCU\\A\\B") == ["0000", "0001"]
    for path, name in (("HKLM\\A\\B", "X"), ("HKLM\\C", "X"), ("HKXX\\A\\B", "X")):
        with pytest.raises(Unanswered):
            ask(path, name)


class Function:
    """A C function: something to call that takes a restype."""

    def __init__(self, body: Callable[..., Any]) -> None:
        self.body = body
        self.restype: Any = None

    def __call__(self, *arguments: Any) -> Any:
        return self.body(*arguments)


def kernel32(monkeypatch: pytest.MonkeyPatch, **functions: Callable[..., Any]) -> None:
    library = types.SimpleNamespace(**{name: Function(body) for name, body in functions.items()})
    monkeypatch.setattr(ctypes, "WinDLL", lambda *_, **__: library, raising=False)


def test_windows_affinity(monkeypatch: pytest.MonkeyPatch) -> None:
    def masks(_: Any, mask: Any, system: Any) -> int:
        mask._obj.value = 0b1011
        return 1

    monkeypatch.setattr(os, "cpu_count", lambda: 8)
    kernel32(monkeypatch, GetCurrentProcess=lambda: -1, GetProcessAffinityMask=masks)
    assert calls_windows.affinity() == 3
    monkeypatch.setattr(os, "cpu_count", lambda: 128)
    assert calls_windows.affinity() == 128
    kernel32(monkeypatch, GetCurrentProcess=lambda: -1, GetProcessAffinityMask=lambda *_: 0)
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    with pytest.raises(Unanswered):
        calls_windows.affinity()


def test_windows_features(monkeypatch: pytest.MonkeyPatch) -> None:
    kernel32(monkeypatch, IsProcessorFeaturePresent=lambda n: n in (39, 40),
             GetEnabledXStateFeatures=lambda: 7)  # fmt: skip
    assert calls_windows.processor_features() == {"present": [39, 40], "xstate": 7}
    kernel32(monkeypatch, IsProcessorFeaturePresent=lambda n: False)
    assert calls_windows.processor_features() == {"present": [], "xstate": None}


def test_windows_smbios(monkeypatch: pytest.MonkeyPatch) -> None:
    raw = bytes(4) + (3).to_bytes(4, "little") + b"abc"

    def table(provider: int, number: int, buffer: Any, size: int) -> int:
        if buffer is not None:
            buffer.raw = raw
        return len(raw)

    kernel32(monkeypatch, GetSystemFirmwareTable=table)
    assert calls_windows.smbios() == b"abc"
    kernel32(monkeypatch, GetSystemFirmwareTable=lambda *_: 0)
    with pytest.raises(Unanswered):
        calls_windows.smbios()


def test_windows_storage(monkeypatch: pytest.MonkeyPatch) -> None:
    closed: list[Any] = []

    def control(handle: Any, code: int, query: bytes, size: int, answer: Any, *rest: Any) -> int:
        number = int.from_bytes(query[:4], "little")
        bus = bytes(28) + (17).to_bytes(4, "little")
        data = bus if number == 0 else bytes(8) + b"\x01"
        answer[: len(data)] = data
        rest[1]._obj.value = len(data)
        return 1

    kernel32(monkeypatch, CreateFileW=lambda *_: 5, DeviceIoControl=control,
             CloseHandle=closed.append)  # fmt: skip
    assert calls_windows.storage("C:") == {"bus": 17, "seek_penalty": True} and len(closed) == 1
    kernel32(monkeypatch, CreateFileW=lambda *_: 5, DeviceIoControl=lambda *_: 0,
             CloseHandle=closed.append)  # fmt: skip
    assert calls_windows.storage("C:") == {"bus": None, "seek_penalty": None}
    kernel32(monkeypatch, CreateFileW=lambda *_: None)
    with pytest.raises(Unanswered):
        calls_windows.storage("C:")


def sysctl_of(
    monkeypatch: pytest.MonkeyPatch, values: dict[str, bytes], breaks: bool = False
) -> None:
    def by_name(key: bytes, buffer: Any, size: Any, *_: Any) -> int:
        value = values.get(key.decode())
        if value is None or (breaks and buffer is not None):
            return -1
        size._obj.value = len(value)
        if buffer is not None:
            buffer.raw = value
        return 0

    library = types.SimpleNamespace(sysctlbyname=by_name)
    monkeypatch.setattr(ctypes, "CDLL", lambda _: library)


def test_sysctl(monkeypatch: pytest.MonkeyPatch) -> None:
    values = {
        "machdep.cpu.brand_string": b"Apple M3\0",
        "hw.physicalcpu": (8).to_bytes(4, "little"),
        "hw.memsize": (1 << 34).to_bytes(8, "little"),
        "kern.boottime": bytes(16),
    }
    sysctl_of(monkeypatch, values)
    ask = calls.CALLS["sysctl"]
    assert ask("machdep.cpu.brand_string") == "Apple M3"
    assert ask("hw.physicalcpu") == 8 and ask("hw.memsize") == 1 << 34
    for name in ("hw.none", "kern.boottime"):
        with pytest.raises(Unanswered):
            ask(name)
    sysctl_of(monkeypatch, values, breaks=True)
    with pytest.raises(Unanswered):
        calls_macos.sysctl("hw.memsize")
