"""A measuring program without torch: the real ``child/serve.py`` around an engine that imitates
the voxcpm one, in the place of ``child/run.py``.

It imitates: the orders and answers of the protocol; an engine that can encode, stream and force a
length; precision as the folder's config.json states it; threads as the environment sets them; a
tone in place of speech, 0.1 s in a piece when it streams. Seconds are not waited for: they are
those of the settings below. It does not imitate torch's use of memory and of the processor.

    python bench_stand_in.py voxcpm

Settings are in the environment:

STAND_IN_FAULT    ``KIND@ORDER`` or ``KIND@ORDER:N``, for the Nth time an order is given (the
                  first); several with blanks between. Kinds: ``SIGSEGV`` or another signal; hang,
                  slow (0.3 s); oom, error, missing (a package), broken
                  (weights), wrong-length; garbage (before the
                  answer); exit (status 3, with a complaint), silent (status 0); bad_alloc (as C++
                  ends); closed (its output, and it goes on); mute (silence), empty (no sample).
                  ``start`` is an order too, given before the program is ready.
STAND_IN_ONLY     The faults are for this precision alone: bf16. Known from ``load`` on.
STAND_IN_SECONDS  Seconds of each synthesis in turn, the last for all that follow: 0.5 0.4
STAND_IN_LOG      A file to which every order is added as a line of JSON.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
import time
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from vcf.bench.child.engine import BrokenWeights, Settings, Sound, Times, WrongLength
from vcf.bench.child.serve import Server, lines_of, talk

RATE = 16_000
PIECE_S = 0.1
NATURAL_S = 2.4
"""Length of the sound where none is forced."""
LOAD_S, ENCODE_S = 0.75, 0.125
DTYPES = {"float32": "fp32", "float16": "fp16", "bfloat16": "bf16"}
GARBAGE = 'warning: {"event": 7}\n{"event": ["done"]}\n[1]\n\x1b[31mnot JSON {\n\n'


class StandIn:
    """The engine, with a clock of its own."""

    can = frozenset({"encode", "stream", "fixed-length", "seed"})

    def __init__(self) -> None:
        self.now = 0.0
        self.precision = ""
        self._given: Counter[str] = Counter()
        self._settings: Settings = {}
        self._seconds = [float(each) for each in os.environ.get("STAND_IN_SECONDS", "0.5").split()]
        self._faults = [
            each.partition("@") for each in os.environ.get("STAND_IN_FAULT", "").split()
        ]
        self._sound = ""

    def prepare(self, settings: Settings) -> dict[str, Any]:
        self._settings = settings
        self.fault("prepare")
        self.now += 1.5
        versions = {"python": "3.11.7", "torch": "2.13.0+cpu", "voxcpm": "2.0.3"}
        return {"versions": versions, "findings": ["torchaudio-spared"]}

    def load(self) -> dict[str, Any]:
        config = json.loads(Path(self._settings["folder"], "config.json").read_text("utf-8"))
        self.precision = DTYPES[config["dtype"]]
        self.fault("load")
        self.now += LOAD_S
        device = "cuda:0" if self._settings["device"] == "gpu" else "cpu"
        return {
            "device": device, "precision": self.precision, "compiled": device != "cpu",
            "threads": int(os.environ.get("OMP_NUM_THREADS", "4")), "parameters": 652_300_000,
            "sample_rate_hz": RATE,
        }  # fmt: skip

    def encode(self) -> dict[str, Any]:
        self.fault("encode")
        self.now += ENCODE_S
        return {"clip_s": 3.2, "findings": ["soundfile-reads-clips"]}

    def speak(self, seconds: float | None, seed: int) -> array[float]:
        self.fault("speak")
        self.now += self._seconds.pop(0) if len(self._seconds) > 1 else self._seconds[0]
        return self._made(seconds or NATURAL_S)

    def stream(self, seconds: float | None, seed: int) -> Iterator[array[float]]:
        self.fault("stream")
        made = self._made(seconds or NATURAL_S)
        piece = round(PIECE_S * RATE)
        for start in range(0, len(made), piece):
            self.now += 0.05
            yield made[start : start + piece]

    def _made(self, seconds: float) -> array[float]:
        if self._sound == "empty":
            return array("f")
        height = 0.0 if self._sound == "mute" else 0.3
        count = round(seconds * RATE)
        return array("f", (height * math.sin(n / 10) for n in range(count)))

    def sound(self, piece: array[float]) -> Sound:
        return Sound(piece, RATE)

    def check(self, made: float, seconds: float | None) -> None:
        if self._sound == "wrong-length":
            raise WrongLength(f"{made:.3f} s of sound came where {seconds} s were forced")

    def times(self) -> Times:
        return Times()

    def settle(self) -> None:
        """Nothing is computed behind the program's back."""

    def memory(self) -> dict[str, int | None]:
        return {}

    def close(self) -> None:
        self.fault("close")

    def abandon(self) -> None:
        pass

    def fault(self, order: str) -> None:
        """What the environment wants to go wrong now."""
        self._given[order] += 1
        only = os.environ.get("STAND_IN_ONLY", "")
        self._sound = ""
        for kind, _, place in self._faults:
            name, _, number = place.partition(":")
            due = name == order and self._given[order] == int(number or 1)
            if due and only in ("", self.precision):
                self._fail(kind)

    def _fail(self, kind: str) -> None:
        if kind.startswith("SIG"):
            os.kill(os.getpid(), getattr(signal, kind))
            time.sleep(60)
        elif kind in ("mute", "empty", "wrong-length"):
            self._sound = kind
        elif kind == "garbage":
            sys.stdout.write(GARBAGE)
        elif kind == "slow":
            time.sleep(0.3)
        else:
            FAULTS[kind]()


def hang() -> None:
    time.sleep(600)


def oom() -> None:
    raise RuntimeError("CUDA out of memory. Tried to allocate 20.00 MiB")


def error() -> None:
    raise ValueError(f"{Path.home()}/models:\nno such voice")


def missing() -> None:
    raise ModuleNotFoundError("No module named 'voxcpm'")


def broken() -> None:
    raise BrokenWeights("the files lack 3 tensors of the model")


def leave() -> None:
    print("RuntimeError: it broke\n", file=sys.stderr, flush=True)
    os._exit(3)


def silent() -> None:
    os._exit(0)


def bad_alloc() -> None:
    print("terminate called after throwing an instance of 'std::bad_alloc'", file=sys.stderr)
    sys.stderr.flush()
    os.abort()


def closed() -> None:
    os.close(1)
    hang()


FAULTS = {
    "hang": hang, "oom": oom, "error": error, "missing": missing, "broken": broken, "exit": leave,
    "silent": silent, "bad_alloc": bad_alloc, "closed": closed,
}  # fmt: skip


def logged(orders: Iterable[str]) -> Iterator[str]:
    """The orders as they come, each kept in the log."""
    log = os.environ.get("STAND_IN_LOG")
    for line in orders:
        if log is not None:
            with open(log, "a", encoding="utf-8") as file:
                file.write(line)
        yield line


def main() -> None:
    engine = StandIn()
    engine.fault("start")
    orders = lines_of(sys.stdin, lambda: os._exit(1))
    talk(Server(engine, lambda: engine.now), logged(orders), sys.stdout)
    sys.stdout.flush()
    os._exit(0)


if __name__ == "__main__":
    main()
