"""What engines on torch have in common: where they compute, what they wait for, which tensors the
files lack."""

from __future__ import annotations

import importlib
import importlib.metadata
import io
import platform
import sys
import wave
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any


def versions_of(packages: Iterable[str], torch: Any) -> dict[str, str]:
    """Of Python and the packages that are there; torch's with its build: ``+cu128``."""
    versions = {"python": platform.python_version()}
    for name in packages:
        try:
            versions[name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            continue
    return {**versions, "torch": str(torch.__version__)}


def wake_librosa() -> None:
    """It imports numba and more at its first use: that takes seconds, and is no part of reading
    a clip."""
    clip = io.BytesIO()
    with wave.open(clip, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(22050)
        file.writeframes(bytes(4410))
    clip.seek(0)
    importlib.import_module("librosa").load(clip, sr=16000, mono=True)


def settle(torch: Any, device: str) -> None:
    """Devices compute behind the program's back: wait for them."""
    if torch is None:
        return
    for kind in ("cuda", "mps", "xpu"):
        if device.startswith(kind):
            getattr(torch, kind).synchronize()


def memory(torch: Any, device: str) -> dict[str, int | None]:
    """Peaks of torch's own allocator; MPS tells what the driver has given it now."""
    if torch is None or device == "cpu":
        return {}
    if device == "mps":
        return {"torch_reserved_bytes": int(torch.mps.driver_allocated_memory())}
    place = torch.xpu if device.startswith("xpu") else torch.cuda
    return {
        "torch_reserved_bytes": int(place.max_memory_reserved()),
        "torch_allocated_bytes": int(place.max_memory_allocated()),
    }


Count = Callable[[Any, list[str], str], list[str]]
"""Of a module that was loaded, the names it missed, and of the Python module that loaded it: the
names that matter."""


def all_of_them(module: Any, names: list[str], caller: str) -> list[str]:
    """Every one."""
    return names


@contextmanager
def missing_noticed(torch: Any, count: Count = all_of_them) -> Iterator[list[str]]:
    """Names of tensors that torch asked for in vain meanwhile: packages load with
    ``strict=False`` and look at none of them."""
    missing: list[str] = []
    module = torch.nn.Module
    real = module.load_state_dict

    def noticing(self: Any, *args: Any, **kwargs: Any) -> Any:
        found = real(self, *args, **kwargs)
        caller = str(sys._getframe(1).f_globals.get("__name__"))
        missing.extend(count(self, list(found.missing_keys), caller))
        return found

    module.load_state_dict = noticing
    try:
        yield missing
    finally:
        module.load_state_dict = real
