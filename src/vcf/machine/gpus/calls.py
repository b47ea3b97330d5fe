"""The live calls of the GPU probes, by the name under which a recording keeps their answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any


def nvml() -> Any:
    """Every NVIDIA GPU, by the driver's management library."""
    from . import nvml_call

    return nvml_call.call()


def windows_display_adapters() -> Any:
    """Every display adapter, by the registry."""
    from . import winapi

    return winapi.call()


def may_open(path: str) -> bool | None:
    """May this user read and write a device file? None: there is no such file."""
    if not os.access(path, os.F_OK):
        return None
    return os.access(path, os.R_OK | os.W_OK)


GPU_CALLS: dict[str, Callable[..., Any]] = {
    "nvml": nvml,
    "windows_display_adapters": windows_display_adapters,
    "may_open": may_open,
}
