"""Does what it is told, and says how long it took: a line of JSON for each order and answer.

    → {"do": "prepare", "settings": {…}}     ← {"event": "done", "do": "prepare", "seconds": …, …}
    → {"do": "load"}                         ← {"event": "done", "do": "load", "seconds": …, …}
    → {"do": "encode"}
    → {"do": "speak", "length": 2.0, "seed": 0}
    → {"do": "stream", "length": 2.0, "seed": 0}      chunks: [[seconds since the call, audio], …]
    → {"do": "save", "path": …}              the last sound
    → {"do": "close"}                        and it ends

What fails is answered with ``{"event": "failed", "do": …, "kind": …, "text": …}``; kinds are those
of ``faults``. Every answer tells the processor time used (``cpu_s``) and the peaks of memory.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, TextIO

from . import faults
from .engine import Engine, Sound
from .peaks import high_water
from .sound import facts, write_wav

ENGINES = {
    "voxcpm": "voxcpm_engine",
    "indextts": "indextts_engine",
    "voxcpm-cpp": "voxcpm_cpp_engine",
    "audio-cpp": "audio_cpp_engine",
}
"""Modules of this folder, by the name of their engine."""

Order = dict[str, Any]


class Server:
    """One engine and what was made with it last."""

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.perf_counter) -> None:
        self._engine = engine
        self._clock = clock
        self._last: Sound | None = None
        self._orders: dict[str, Callable[[Order], dict[str, Any]]] = {
            "prepare": self._prepare,
            "load": lambda _: self._timed(engine.load),
            "encode": lambda _: self._timed(engine.encode),
            "speak": self._speak,
            "stream": self._stream,
            "save": self._save,
            "close": self._close,
        }

    def answer(self, order: Order) -> dict[str, Any]:
        """What comes of an order; never raises but for what must end the program."""
        name = str(order.get("do"))
        before = cpu_seconds()
        try:
            told = {"event": "done", "do": name, **self._orders[name](order)}
        except Exception as error:
            traceback.print_exc()
            kind, text = faults.kind_of(error), faults.line_of(error)
            told = {"event": "failed", "do": name, "kind": kind, "text": text}
            if kind in ("killed", "crashed"):
                told["signal"] = error.signal  # type: ignore[attr-defined]
        told["cpu_s"] = round(cpu_seconds() - before, 4)
        told["memory"] = self._memory()
        return told

    def _prepare(self, order: Order) -> dict[str, Any]:
        told = self._timed(lambda: self._engine.prepare(order["settings"]))
        return {**told, "can": sorted(self._engine.can)}

    def _timed(self, call: Callable[[], Any]) -> dict[str, Any]:
        start = self._clock()
        found = call()
        self._engine.settle()
        seconds = self._clock() - start
        return {"seconds": seconds, **(found or {})}  # an engine may know it better

    def _speak(self, order: Order) -> dict[str, Any]:
        engine, length = self._engine, order["length"]
        engine.settle()
        start = self._clock()
        made = engine.speak(length, order["seed"])
        engine.settle()
        seconds, times = self._clock() - start, engine.times()
        if times.began is not None:
            seconds = (times.ended or start + seconds) - times.began
        self._last = engine.sound(made)
        engine.check(self._last.seconds, length)
        told = {"seconds": seconds, "sound": facts(self._last), "stages": times.stages}
        return {**told, "findings": list(times.findings)} if times.findings else told

    def _stream(self, order: Order) -> dict[str, Any]:
        engine, length = self._engine, order["length"]
        came: list[tuple[float, Any]] = []
        engine.settle()
        start = self._clock()
        for piece in engine.stream(length, order["seed"]):
            came.append((self._clock() - start, piece))
        engine.settle()
        seconds, times = self._clock() - start, engine.times()
        late = 0.0 if times.began is None else times.began - start
        seconds = (start + seconds if times.ended is None else times.ended) - start - late
        sounds = [engine.sound(piece) for _, piece in came]
        engine.check(sum(sound.seconds for sound in sounds), length)
        chunks = [(at - late, sound.seconds) for (at, _), sound in zip(came, sounds, strict=True)]
        return {"seconds": seconds, "chunks": chunks}

    def _save(self, order: Order) -> dict[str, Any]:
        if self._last is None:
            raise ValueError("nothing was spoken yet")
        write_wav(order["path"], self._last)
        return {}

    def _close(self, _: Order) -> dict[str, Any]:
        self._last = None
        self._engine.close()
        return {}

    def _memory(self) -> dict[str, int | None]:
        try:
            device = self._engine.memory()
        except Exception:  # a device that failed can't be asked
            device = {}
        marks = [device.get("rss_high_water_bytes"), high_water()]
        highest = max((mark for mark in marks if mark is not None), default=None)
        return {**device, "rss_high_water_bytes": highest}


def cpu_seconds() -> float:
    """Seconds of processor that this program and children it waited for have used."""
    return sum(os.times()[:4])


def talk(server: Server, orders: Iterable[str], answers: TextIO) -> None:
    """Answer orders until there are no more, or one closes the engine."""
    print(json.dumps({"event": "ready"}), file=answers, flush=True)
    for line in orders:
        order = json.loads(line)
        print(json.dumps(server.answer(order)), file=answers, flush=True)
        if order.get("do") == "close":
            return


def lines_of(stream: TextIO, gone: Callable[[], object]) -> Iterator[str]:
    """The lines of a stream. At its end, even while the last order is worked on, ``gone`` is
    called unless that was to close: whoever gave orders is no more, and nobody waits for minutes
    of synthesis."""
    found: queue.SimpleQueue[str] = queue.SimpleQueue()

    def read() -> None:
        line = ""
        for line in stream:
            found.put(line)
        if '"close"' not in line:  # an orderly end is worked off
            gone()

    threading.Thread(target=read, daemon=True).start()
    while True:
        yield found.get()


def main(arguments: Sequence[str]) -> None:
    """Serve on standard input and output. What packages print goes to standard error."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    module = importlib.import_module(f"{__package__}.{ENGINES[arguments[0]]}")
    engine = module.engine()

    def gone() -> None:
        with contextlib.suppress(Exception):
            engine.abandon()
        os._exit(1)

    talk(Server(engine), lines_of(sys.stdin, gone), answers)
    answers.flush()
    os._exit(0)  # threads of drivers and the unloading of gigabytes are nobody's business
