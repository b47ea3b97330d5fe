"""Live calls of macOS."""

from __future__ import annotations

from importlib import import_module
from typing import Any

from .host import Unanswered

_TEXTS = frozenset((
    "brand_string", "vendor", "features", "leaf7_features", "extfeatures", "osproductversion",
    "osversion", "osrelease", "version", "model", "machine", "targettype",
))  # fmt: skip
"""Last parts of the names whose values are text; the others are numbers of 4 or 8 bytes."""


def sysctl(name: str) -> str | int:
    """A value of sysctlbyname."""
    ctypes: Any = import_module("ctypes")
    ask = ctypes.CDLL(None).sysctlbyname
    size = ctypes.c_size_t(0)
    key = name.encode()
    if ask(key, None, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        raise Unanswered(f"sysctl: no {name}")
    buffer = ctypes.create_string_buffer(max(1, size.value))
    if ask(key, buffer, ctypes.byref(size), None, ctypes.c_size_t(0)) != 0:
        raise Unanswered(f"sysctl: no {name}")
    raw: bytes = buffer.raw[: size.value]
    if name.rsplit(".", 1)[-1] in _TEXTS:
        return raw.split(b"\0")[0].decode("utf-8", "replace")
    if len(raw) not in (4, 8):
        raise Unanswered(f"sysctl: {name} is no number")
    return int.from_bytes(raw, "little", signed=True)
