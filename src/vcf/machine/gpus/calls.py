"""The live calls of the GPU probes, by the name under which a recording keeps their answers."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any

from . import nvml_call, winapi


def may_open(path: str) -> bool | None:
    """May this user read and write a device file? None: there is no such file."""
    if not os.path.exists(path):
        return None
    return os.access(path, os.R_OK | os.W_OK)


GPU_CALLS: dict[str, Callable[..., Any]] = {
    "nvml": nvml_call.call,
    "windows_display_adapters": winapi.call,
    "may_open": may_open,
}
