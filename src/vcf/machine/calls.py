"""The live calls behind ``host.call``: plain data in, plain data out.

What needs ctypes, winreg or psutil is imported inside the call, on the system that has it.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

from .host import Unanswered, python_facts
from .metadata import find_file, installed
from .modules import parse_smbios
from .software import DISTRIBUTIONS

_DMI = "/sys/firmware/dmi/tables/DMI"


def affinity() -> int:
    """Hardware threads that this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    if sys.platform == "win32":
        return int(_late("calls_windows", "affinity")())
    count = os.cpu_count()
    if count is None:
        raise Unanswered("affinity: the number of CPUs is not known")
    return count


def cores() -> dict[str, int | None]:
    """Physical and logical cores by psutil; not asked on Linux."""
    psutil = import_module("psutil")
    return {"physical": psutil.cpu_count(logical=False), "logical": psutil.cpu_count()}


def psutil_memory() -> dict[str, int]:
    """Total, available and swap bytes; not asked on Linux."""
    psutil = import_module("psutil")
    memory, swap = psutil.virtual_memory(), psutil.swap_memory()
    return {"total": memory.total, "available": memory.available, "swap": swap.total}


def disk_usage(path: str) -> dict[str, int]:
    """Total bytes, and those free to this user, of the file system that a folder lies on."""
    if hasattr(os, "statvfs"):
        sizes = os.statvfs(path)
        return {"total": sizes.f_blocks * sizes.f_frsize, "free": sizes.f_bavail * sizes.f_frsize}
    usage = import_module("shutil").disk_usage(path)
    return {"total": usage.total, "free": usage.free}


def device_of(path: str) -> str:
    """``MAJ:MIN`` of the file system that a folder lies on."""
    device = Path(path).stat().st_dev
    return f"{os.major(device)}:{os.minor(device)}"


def home() -> str:
    """The home folder where the environment does not tell it; raises where nobody knows it."""
    return str(Path.home())


def identity() -> dict[str, str]:
    """Names that no output may hold; ``probe --raw`` asks it and does not record it."""
    platform = import_module("platform")
    names = [os.environ.get(name) for name in ("USER", "LOGNAME", "USERNAME")]
    folder = Path.home()
    return {
        "user": next(filter(None, names), folder.name),
        "other": os.environ.get("SUDO_USER", ""),
        "host": os.environ.get("COMPUTERNAME") or platform.node(),
        "home": str(folder),
    }


def metadata() -> dict[str, str]:
    """Versions of those of the wanted distributions that are installed for this Python."""
    return installed(sys.path, DISTRIBUTIONS)


def torch_version_file() -> str:
    """Text of torch/version.py, which is not imported."""
    return find_file(sys.path, "torch", "version.py")


def version_file(package: str) -> str:
    """Text of the version.py of a package, which is not imported."""
    return find_file(sys.path, package, "version.py")


def which(program: str) -> str | None:
    """Path of a program on PATH, None when there is none."""
    suffixes = ("", ".exe") if sys.platform == "win32" else ("",)
    for folder in os.environ.get("PATH", "").split(os.pathsep):
        for suffix in suffixes:
            path = os.path.join(folder, program + suffix)
            if folder and Path(path).is_file() and os.access(path, os.X_OK):
                return path
    return None


def names(folder: str, prefix: str) -> list[str]:
    """Names in a folder that begin with a prefix; the others are nobody's business."""
    with os.scandir(folder) as entries:
        return sorted(entry.name for entry in entries if entry.name.startswith(prefix))


def memory_modules() -> list[dict[str, Any]]:
    """Memory modules by SMBIOS; on Linux only root may read it."""
    if sys.platform == "win32":
        return parse_smbios(_late("calls_windows", "smbios")())
    try:
        with open(_DMI, "rb") as file:
            return parse_smbios(file.read())
    except PermissionError:
        raise Unanswered("SMBIOS: only root may read it") from None
    except OSError as error:
        raise Unanswered(f"SMBIOS: {error.strerror}") from None


def _late(module: str, function: str) -> Callable[..., Any]:
    """A function of a module that is imported when it is called."""

    def call(*arguments: str | int) -> Any:
        return getattr(import_module(f".{module}", __package__), function)(*arguments)

    return call


CALLS: dict[str, Callable[..., Any]] = {
    "python": python_facts,
    "affinity": affinity,
    "cores": cores,
    "psutil_memory": psutil_memory,
    "disk_usage": disk_usage,
    "device_of": device_of,
    "home": home,
    "identity": identity,
    "metadata": metadata,
    "torch_version_file": torch_version_file,
    "version_file": version_file,
    "which": which,
    "names": names,
    "memory_modules": memory_modules,
    "registry": _late("calls_windows", "registry"),
    "registry_keys": _late("calls_windows", "registry_keys"),
    "processor_features": _late("calls_windows", "processor_features"),
    "storage": _late("calls_windows", "storage"),
    "sysctl": _late("calls_macos", "sysctl"),
}
"""Every call by name. A call of another system answers with an error, which is Unanswered."""
