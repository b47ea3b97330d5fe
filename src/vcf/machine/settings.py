"""Settings that change what programs do: environment variables and switches of the system.

Only what decides about running models is read, and only what is set: a machine whose settings
were read and where nothing is set has an empty table.
"""

from __future__ import annotations

import re

from .ask import ask, platform_of, text_of, whole
from .blocks import OSRELEASE
from .findings import Findings
from .host import Host, Unanswered
from .system import parse_wsl
from .variables import LONG_PATHS, MODULE, VARIABLES, WSL_DRIVER, clean

_MODULE_FILE = "/proc/driver/nvidia/version"
_MODULE = re.compile(r"(?:Kernel Module|x86_64|aarch64)\s+(\d+(?:\.\d+)+)")
_FILESYSTEM_KEY = r"HKLM\SYSTEM\CurrentControlSet\Control\FileSystem"
_LIBRARIES = ("/usr/lib/x86_64-linux-gnu", "/usr/lib/aarch64-linux-gnu", "/usr/lib64")


def parse_module(text: str) -> str | None:
    """``550.90.07`` out of /proc/driver/nvidia/version."""
    match = _MODULE.search(text)
    return None if match is None else match[1]


def probe_settings(host: Host) -> Findings:
    """What is set."""
    found = Findings()
    for name in VARIABLES:
        value = host.env(name)
        if value is not None:
            found.know(clean(value), "environment variable", "settings", name)
    platform = platform_of(host)
    if platform == "windows":
        _long_paths(host, found)
    elif platform == "linux":
        module = parse_module(text_of(host, _MODULE_FILE) or "")
        if module is not None:
            found.know(module, _MODULE_FILE, "settings", MODULE)
        _wsl_driver(host, found)
    return found


def _long_paths(host: Host, found: Findings) -> None:
    answer = ask(host.call, "registry", _FILESYSTEM_KEY, "LongPathsEnabled")
    # A Windows on which nobody has touched the switch has no such value.
    on = whole(answer) == 1
    absent = isinstance(answer, Unanswered) and "no LongPathsEnabled" in str(answer)
    if absent or not isinstance(answer, Unanswered):
        found.know("on" if on else "off", "registry: LongPathsEnabled", "settings", LONG_PATHS)


def _wsl_driver(host: Host, found: Findings) -> None:
    """A libcuda that a Linux driver package put into WSL; the one lent by Windows lies below
    /usr/lib/wsl, and only links lead to it."""
    if parse_wsl(text_of(host, OSRELEASE) or "") is None:
        return
    for folder in _LIBRARIES:
        names = ask(host.call, "names", folder, "libcuda.so.")
        if isinstance(names, Unanswered):
            continue
        for name in names:
            real = ask(host.readlink, f"{folder}/{name}")
            if isinstance(real, str) and not real.startswith("/usr/lib/wsl/"):
                found.know(real.rpartition("/")[2], folder, "settings", WSL_DRIVER)
                return
