"""Times the work of ``calibrate_work.py`` with torch: a program of its own for any Python.

    python calibrate_child.py --alone             by hand: it waits for nobody
    python calibrate_child.py --threads 1,2,4

It prints JSON, a line for each event:

    {"event": "hello", "torch": …, "python": …, "threads": …, "parts": …}
    {"event": "ready", "part": …}              waits for a line: anything but "" begins
    {"event": "done", "part": …, "cpu_s": …}   waits for a line: "again" has it measured again
    {"event": "result", "devices": […], "threads": […], "left_out": […]}
    {"event": "error", "kind": "no-torch", "text": …}

So whoever started it can watch what else the computer does meanwhile. When that one is gone, it
ends. What fails, for want of memory or of kernels, is left out with the reason.
"""

from __future__ import annotations

import argparse
import importlib
import json
import os
import statistics
import sys
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from .calibrate_devices import Device


def _beside(name: str) -> Any:
    """A module of this folder, whether this file is run by itself or belongs to vcf. The folder
    does not stay on the path: its modules are not torch's business."""
    if __package__:
        return importlib.import_module(f"{__package__}.{name}")
    folder = os.path.dirname(os.path.abspath(__file__))  # noqa: PTH100, PTH120
    others = [place for place in sys.path if place != folder]
    sys.path[:] = [folder, *others]
    try:
        return importlib.import_module(name)
    finally:
        sys.path[:] = others


work, places = _beside("calibrate_work"), _beside("calibrate_devices")

ROWS = (1, 3, 10, 18, 22, 64, 256)
"""Rows that VoxCPM's layers meet: one token, the patches of LocDiT with and without guidance and
clip, and the clip and text read at the start."""
PRECISIONS = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}
FIRST = "fp32"
"""Measured first, and on processors once more at the end."""
CPU_FP16_ROWS = (10,)
"""No model uses fp16 on a processor."""
WEIGHT_BYTES = 200_000_000
"""Of the weights gone through with few rows: no cache of a usual processor holds them."""
CACHES = ((64, 4096, 24), (128, 8192, 8))
"""Width of a head, positions, layers: VoxCPM-0.5B, and some of VoxCPM2."""
LEAST = 3
"""Times that each is measured."""
SLOW_SECONDS, TOO_SLOW_SECONDS = 0.6, 3.0
"""One pass may take so long; one layer may, or is left out."""
SPEECH_SECONDS = (4.0, 5.6)
"""Of the decoding: on processors the longer one works on tensors beyond what allocators keep."""
SHORT_SPEECH, LONG_DECODE = 1.0, 10.0
"""Seconds of speech decoded first, and seconds of work above which the longer ones are not."""
CPU_COPY, GPU_COPY = 1 << 28, 1 << 29
"""Bytes."""
THREADS_SECONDS = 0.1
"""Of a measurement with another number of threads; each is measured twice."""
ALL_SECONDS = 45.0
"""After these nothing more is begun."""


class Left(Exception):
    """A part could not be measured; the text says why."""


class Talk:
    """The conversation with whoever started this."""

    def __init__(self, alone: bool) -> None:
        self._alone = alone
        self._end = time.perf_counter() + ALL_SECONDS
        self.left_out: list[dict[str, str]] = []

    def tell(self, event: str, **more: Any) -> None:
        """One line on standard output."""
        print(json.dumps({"event": event, **more}), flush=True)

    def ask(self, event: str, **more: Any) -> str:
        """One line, and the answer to it."""
        self.tell(event, **more)
        if self._alone:
            return "go"
        answer = sys.stdin.readline()
        if not answer:
            sys.exit(1)
        return answer.strip()

    def leave(self, part: str, why: object) -> None:
        """A part that is left out."""
        reason = " ".join(str(why).split())[:200]
        self.left_out.append({"part": part, "reason": reason or type(why).__name__})

    def guarded(self, part: str, measure: Callable[..., Any], *arguments: Any) -> Any:
        """What ``measure`` finds, or None with the reason noted: short of memory, no kernels …"""
        try:
            if time.perf_counter() > self._end:
                raise Left("the time is over")
            return measure(*arguments)
        except Exception as error:
            self.leave(part, error)
            return None

    def median(
        self, part: str, run: Callable[[], Any], device: Device, *, least: int = LEAST
    ) -> float:
        """Seconds that ``run`` takes, the median of several times."""
        while True:
            self.ask("ready", part=part)
            before, times = _cpu_seconds(), [device.once(run)]
            while len(times) < least or (sum(times) < device.seconds and least > 1):
                times.append(device.once(run))
            used = _cpu_seconds() - before
            if self.ask("done", part=part, cpu_s=round(used, 3)) != "again":
                return float(statistics.median(times))


def _cpu_seconds() -> float:
    """Seconds of processor that this program has used."""
    return sum(os.times()[:2])


def measure(device: Device, talk: Talk) -> dict[str, Any] | None:
    """Everything of one device; None where a part failed that a forecast needs."""
    cpu = device.kind == "cpu"
    where = "CPU" if cpu else device.name
    found: dict[str, Any] = {"device": device.kind, "place": device.place, "name": device.name}
    found["linear"], found["cache"] = [], []
    for precision in PRECISIONS:
        rows = CPU_FP16_ROWS if cpu and precision == "fp16" else ROWS
        _linear(device, talk, f"{where}: {precision}", precision, rows, found["linear"])
        device.clear()
        if not cpu or precision != "fp16":
            _cache(device, talk, f"{where}: {precision}", precision, found["cache"])
            device.clear()
    needed = (("copy", "copy_gb_s", _copy), ("small operations", "launch_us", _launch),
              ("AudioVAE", "conv_gflop_s", _conv))  # fmt: skip
    for part, key, ask in needed:
        value = talk.guarded(f"{where}: {part}", ask, device, talk, where)
        device.clear()
        if value is None:
            return None
        found[key] = value
    return found


def twice(device: Device, talk: Talk) -> dict[str, Any] | None:
    """``measure``, and on a processor the first part of it once more, the better of both: clocks
    and memory of a computer that was idle take seconds to come up."""
    found = measure(device, talk)
    if found is None or device.kind != "cpu":
        return found
    linear, cache = [], []  # type: ignore[var-annotated]
    rows = tuple(each["rows"] for each in found["linear"] if each["precision"] == FIRST)
    if rows:
        _linear(device, talk, f"CPU: {FIRST}", FIRST, rows, linear)
        device.clear()
        _cache(device, talk, f"CPU: {FIRST}", FIRST, cache)
        device.clear()
    _take_better(found["linear"], linear, "rows", "gparam_s")
    _take_better(found["cache"], cache, "positions", "gelement_s")
    return found


def _take_better(
    found: list[dict[str, Any]], again: list[dict[str, Any]], what: str, rate: str
) -> None:
    second = {(each["precision"], each[what]): each[rate] for each in again}
    for each in found:
        each[rate] = max(each[rate], second.get((each["precision"], each[what]), 0.0))


def _copy(device: Device, talk: Talk, where: str) -> float:
    size = CPU_COPY if device.kind == "cpu" else GPU_COPY
    run = work.copy(device.place, size)
    device.once(run)
    return 2 * size / 1e9 / talk.median(f"{where}: copy", run, device)


def _launch(device: Device, talk: Talk, where: str) -> float:
    """Microseconds an operation: what a layer takes for one token beyond its linear layers and
    its attention, shared among its operations as models.yaml counts them.

    In its place between them: weights that stream past leave nothing in the caches.
    """
    layers = 4
    dtype = work.torch.float32 if device.kind == "cpu" else work.torch.float16
    token = work.Token(device.place, dtype, layers)
    runs = (token.whole, token.linears, token.attention, token.rest)
    for run in runs:
        device.once(run)
    rounds: list[list[float]] = []

    def one_round() -> None:
        rounds.append([device.once(run) for run in runs])

    talk.median(f"{where}: small operations", one_round, device, least=7)
    beyond = statistics.median(whole - a - b for whole, a, b, _ in rounds)
    alone = statistics.median(rest for *_, rest in rounds)
    return float(max(alone, beyond) / layers / work.LAUNCHES * 1e6)


def _conv(device: Device, talk: Talk, where: str) -> float:
    """10^9 operations a second: the mean of the time for a second of speech."""
    decoder, cpu = work.Decoder(device.place), device.kind == "cpu"
    lengths: tuple[float, ...] = SPEECH_SECONDS
    first = device.once(decoder.decode(SHORT_SPEECH))
    if cpu and first / SHORT_SPEECH * sum(SPEECH_SECONDS) > LONG_DECODE:
        lengths = (SHORT_SPEECH,)
    each = []
    for length in lengths:
        run = decoder.decode(length)
        if not cpu:
            device.once(run)
        # on a processor once, without warming up: no two texts are of the same length
        part = f"{where}: AudioVAE, {length:g} s of speech"
        each.append(talk.median(part, run, device, least=1 if cpu else LEAST) / length)
    return float(work.DECODE_GFLOP_S / statistics.mean(each))


def _linear(
    device: Device, talk: Talk, where: str, precision: str, rows: tuple[int, ...],
    found: list[dict[str, Any]],
) -> None:  # fmt: skip
    """Linear layers with so many rows each; what is too slow ends the list."""
    dtype = getattr(work.torch, PRECISIONS[precision])
    bytes_each = 4 if precision == "fp32" else 2
    count = -(-WEIGHT_BYTES // (work.PARAMETERS * bytes_each))
    layers = talk.guarded(f"{where}, weights", work.weights, device.place, dtype, count)
    for number in rows if layers is not None else ():
        part = f"{where}, {number} rows" if number > 1 else f"{where}, 1 row"
        value = talk.guarded(part, _linear_rate, device, talk, part, layers, number)
        if value is None:
            break
        found.append({"precision": precision, "rows": number, "gparam_s": value})


def _linear_rate(device: Device, talk: Talk, part: str, layers: list[Any], number: int) -> float:
    """10^9 parameters a second; many rows need fewer layers, as they are bound by arithmetic."""
    one = work.linear(layers[:1], number)
    device.once(one)
    each = device.once(one)
    if each > TOO_SLOW_SECONDS:
        raise Left(f"{each:.1f} s for one layer")
    wanted = 1 if number > 64 else 2 if number > 22 else len(layers)
    wanted = max(1, min(wanted, int(SLOW_SECONDS / each)))
    run = work.linear(layers[:wanted], number)
    device.once(run)
    return float(wanted * work.PARAMETERS / 1e9 / talk.median(part, run, device))


def _cache(
    device: Device, talk: Talk, where: str, precision: str, found: list[dict[str, Any]]
) -> None:
    """Attention over caches of both lengths."""
    dtype = getattr(work.torch, PRECISIONS[precision])
    for width, positions, layers in CACHES:
        part = f"{where}, cache of {positions}"
        value = talk.guarded(part, _cache_rate, device, talk, part, dtype, width, positions, layers)
        if value is not None:
            found.append({"precision": precision, "positions": positions, "gelement_s": value})


def _cache_rate(
    device: Device, talk: Talk, part: str, dtype: Any, width: int, positions: int, layers: int
) -> float:
    run = work.attention(device.place, dtype, width, positions, layers)
    device.once(run)
    seconds = talk.median(part, run, device)
    return float(work.elements(width, positions, layers) / 1e9 / seconds)


def threads(counts: list[int], talk: Talk) -> list[dict[str, Any]]:
    """The rate of fp32 with 10 rows by number of threads, fewest first: the better of two rounds,
    as the difference is small."""
    torch, cpu = work.torch, places.Device("cpu", "cpu", "")
    cpu.seconds = THREADS_SECONDS
    own = torch.get_num_threads()
    layers = work.weights("cpu", torch.float32, 4)
    run = work.linear(layers, 10)
    amount = len(layers) * work.PARAMETERS / 1e9
    rates: dict[int, float] = {}
    for count in (*counts, *reversed(counts)):
        torch.set_num_threads(count)
        cpu.once(run)
        part = f"CPU: {count} threads" if count > 1 else "CPU: 1 thread"
        seconds = talk.guarded(part, talk.median, part, run, cpu)
        if seconds is not None:
            rates[count] = max(rates.get(count, 0.0), amount / seconds)
    torch.set_num_threads(own)
    return [{"threads": count, "gparam_s": rates[count]} for count in sorted(rates)]


def main() -> NoReturn:
    """Measure all devices and print what was found."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--threads", default="")
    parser.add_argument("--alone", action="store_true")
    given = parser.parse_args()
    talk = Talk(given.alone)
    try:
        torch = work.load()
    except (ImportError, OSError) as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "torch"
        text = " ".join(f"{type(error).__name__}: {error}".split())[:300]
        talk.tell("error", kind="no-torch" if missing else "torch-fails", text=text)
        sys.exit(1)
    own = torch.get_num_threads()
    counts = sorted({own, *(int(word) for word in given.threads.split(",") if word)})
    found = places.devices(torch)
    talk.tell(
        "hello", torch=str(torch.__version__), python=sys.version.split()[0],
        threads=own, parts=expected(len(found) - 1, len(counts)),
    )  # fmt: skip
    with torch.inference_mode():
        measured = [twice(device, talk) for device in found]
        rates = talk.guarded("CPU: threads", threads, counts, talk) or []
    talk.tell(
        "result", devices=[each for each in measured if each], threads=rates,
        left_out=talk.left_out,
    )  # fmt: skip
    sys.exit(0)


def expected(cards: int, counts: int) -> int:
    """Measurements that will be made, about."""
    needed = 2 + len(SPEECH_SECONDS)
    cpu = needed + 3 * (len(ROWS) + len(CACHES)) + len(CPU_FP16_ROWS) + 2 * counts
    return cpu + cards * (needed + len(PRECISIONS) * (len(ROWS) + len(CACHES)))


if __name__ == "__main__":
    main()
