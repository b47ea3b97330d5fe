"""The devices that torch can measure on, and how to take the time of work on them.

Runs in the Python of ``calibrate_child.py``: the standard library, nothing of vcf.
"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from typing import Any

CPU_SECONDS, GPU_SECONDS = 0.1, 0.08
"""Of one measurement, at the least."""
MOST_CARDS = 2


class Device:
    """Where is measured."""

    def __init__(self, kind: str, place: str, name: str, backend: Any = None) -> None:
        self.kind, self.place, self.name = kind, place, name
        """``cpu`` or ``gpu``; what torch calls it: ``cuda:0``; the card's name."""
        self._backend = backend
        """``torch.cuda``; None: the processor, which is never ahead of its work."""
        self.seconds = CPU_SECONDS if backend is None else GPU_SECONDS

    def once(self, run: Callable[[], Any]) -> float:
        """Seconds of one run, all of its work done."""
        self._wait()
        start = time.perf_counter()
        run()
        self._wait()
        return time.perf_counter() - start

    def _wait(self) -> None:
        if self._backend is not None:
            place = () if self.place == "mps" else (self.place,)
            self._backend.synchronize(*place)

    def clear(self) -> None:
        """Give memory back."""
        gc.collect()
        if self._backend is not None:
            self._backend.empty_cache()


def devices(torch: Any) -> list[Device]:
    """The processor, and at most two distinct cards that torch sees."""
    cards: dict[str, Device] = {}
    for place in ("cuda", "xpu"):
        api = getattr(torch, place, None)
        if api is not None and api.is_available():
            for index in range(api.device_count()):
                name = str(api.get_device_name(index))
                cards.setdefault(name, Device("gpu", f"{place}:{index}", name, api))
    mps = getattr(torch.backends, "mps", None)
    if mps is not None and mps.is_available():
        cards["mps"] = Device("gpu", "mps", "mps", torch.mps)
    return [Device("cpu", "cpu", ""), *list(cards.values())[:MOST_CARDS]]
