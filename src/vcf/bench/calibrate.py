"""Starts the measuring child, watches what else the computer does, and makes the document."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import msgspec

from ..errors import MeasureError, UsageError
from ..judge.calibrated import CalibrationDocument, LeftOut, ThreadRate, facts_of, key_of
from ..judge.calibration import CacheRate, Calibration, DeviceCalibration, LinearRate
from ..machine.model import Gpu, Machine, Vendor
from ..plain import shown
from .conversation import Conversation, Event
from .foreign import Watch, Window, busy_seconds

CHILD = Path(__file__).with_name("calibrate_child.py")
IMPORT_SECONDS = 60.0
"""For importing torch: from a slow disk it takes half a minute."""
MEASURE_SECONDS = 60.0
"""For everything after it; the child begins nothing new after 45."""
REPEAT_SECONDS = 30.0
"""After these nothing is repeated."""

Clock = Callable[[], float]
Busy = Callable[[], tuple[float, int]]
Progress = Callable[[str, int, int], None]
"""Told the part that begins, its number and how many there are, about."""


class NoTorch(UsageError):
    """The Python asked has no torch, or one that can't be imported."""


class ChildDevice(msgspec.Struct, kw_only=True):
    """One device in the child's answer."""

    device: str
    place: str
    name: str
    linear: list[LinearRate]
    cache: list[CacheRate]
    conv_gflop_s: float
    copy_gb_s: float
    launch_us: float


class Answer(msgspec.Struct, kw_only=True):
    """The child's ``result``."""

    devices: list[ChildDevice]
    threads: list[ThreadRate] = []
    left_out: list[LeftOut] = []


def command(python: str, machine: Machine) -> list[str]:
    """What starts the child."""
    counts = ",".join(str(count) for count in thread_counts(machine))
    return [python, "-W", "ignore", str(CHILD), "--threads", counts]


def thread_counts(machine: Machine) -> list[int]:
    """Numbers of threads worth trying: one, half of the cores, all cores, all hardware threads,
    as far as they may be used."""
    cpu = machine.cpu
    usable = cpu.usable_cores or cpu.logical_cores or cpu.physical_cores or 1
    physical = min(cpu.physical_cores or usable, usable)
    return sorted({1, max(1, physical // 2), physical, usable})


def calibrate(
    machine: Machine,
    started: Sequence[str],
    *,
    progress: Progress | None = None,
    busy: Busy | None = None,
    seconds: float = MEASURE_SECONDS,
) -> CalibrationDocument:
    """Measure the machine with the child that ``started`` starts; ``seconds`` are given to it.

    ``busy`` tells the core seconds that the processors have worked, and their number.

    Raises NoTorch; MeasureError where the child crashed, hung or answered rubbish.
    """
    watch = Watch()
    with Conversation(started, seconds=max(IMPORT_SECONDS, seconds)) as talk:
        hello: Event = {}
        listener = _Listener(talk, watch, progress, busy or busy_seconds)
        for event in talk:
            if event["event"] == "hello":
                hello = event
                talk.limit(seconds)
                listener.begin(event)
            elif event["event"] == "error":
                raise _no_torch(event)
            elif event["event"] == "result":
                return _document(machine, hello, event, watch)
            else:
                listener.hear(event)
        why = talk.how_it_ended()
    during = f" while measuring {shown(listener.part, 80)}" if listener.part else ""
    raise MeasureError(
        f"the measurement broke off{during}: {why}", "`vcf doctor --deep` tries torch"
    )


class _Listener:
    """Answers the child's questions, and takes the time and the processor's books meanwhile."""

    def __init__(
        self, talk: Conversation, watch: Watch, progress: Progress | None, busy: Busy
    ) -> None:
        self._talk, self._watch, self._progress, self._busy = talk, watch, progress, busy
        self._parts, self._number = 0, 0
        self._late = 0.0
        self._from: tuple[float, float, float] = (0.0, 0.0, 0.0)
        self.part = ""
        """What is being measured."""

    def begin(self, hello: Event) -> None:
        """The child has torch and says how much there is to measure."""
        parts = hello.get("parts")
        self._parts = parts if isinstance(parts, int) else 0
        self._late = time.monotonic() + REPEAT_SECONDS

    def hear(self, event: Event) -> None:
        """A part is ready to be measured, or was measured."""
        if event["event"] == "ready":
            part = str(event.get("part"))
            if part != self.part:
                self.part, self._number = part, self._number + 1
                if self._progress is not None:
                    self._progress(part, self._number, max(self._parts, self._number))
            self._from = (time.monotonic(), self._busy()[0], time.process_time())
            self._talk.answer("go")
        elif event["event"] == "done":
            self._talk.answer("again" if self._repeat(event) else "keep")

    def _repeat(self, event: Event) -> bool:
        start, busy, own = self._from
        now, cores = self._busy()
        used = event.get("cpu_s")
        window = Window(
            seconds=time.monotonic() - start,
            busy_s=now - busy,
            own_s=(float(used) if isinstance(used, int | float) else 0.0)
            + time.process_time() - own,
            cores=cores,
        )  # fmt: skip
        return self._watch.again(window, late=time.monotonic() > self._late)


def _no_torch(event: Event) -> NoTorch:
    text = shown(str(event.get("text")), 300)
    if event.get("kind") == "no-torch":
        return NoTorch("this Python has no torch")
    return NoTorch(f"torch can't be imported: {text}", "`vcf doctor --deep` looks into it")


def _document(machine: Machine, hello: Event, result: Event, watch: Watch) -> CalibrationDocument:
    """What the child found, named as the probe names it. Raises MeasureError for rubbish."""
    facts = facts_of(machine)
    torch, threads = str(hello.get("torch")), hello.get("threads")
    try:
        answer = msgspec.convert(result, Answer)
        devices = [_device(each, machine, threads) for each in answer.devices]
        document = CalibrationDocument(
            date=datetime.now(timezone.utc).isoformat(timespec="seconds"),
            key=key_of(facts, torch),
            machine=facts,
            torch=torch,
            python=str(hello.get("python")),
            foreign_share=round(watch.share, 4),
            disturbed=watch.disturbed,
            threads=answer.threads,
            left_out=answer.left_out,
            calibration=Calibration(devices=devices),
        )
        # the limits of numbers are those of its schema
        document = msgspec.json.decode(msgspec.json.encode(document), type=CalibrationDocument)
    except ValueError as error:
        raise MeasureError(
            f"the measuring program's answer can't be used: {error}", "measure again"
        ) from None
    if not devices:
        reasons = "; ".join(f"{each.part}: {each.reason}" for each in answer.left_out)
        raise MeasureError(f"nothing could be measured: {shown(reasons, 400)}")
    return document


def _device(found: ChildDevice, machine: Machine, threads: Any) -> DeviceCalibration:
    cpu = found.device == "cpu"
    return DeviceCalibration(
        device="cpu" if cpu else "gpu",
        name=(machine.cpu.model or "CPU") if cpu else gpu_name(found.place, found.name, machine),
        threads=threads,
        linear=found.linear,
        cache=found.cache,
        conv_gflop_s=found.conv_gflop_s,
        copy_gb_s=found.copy_gb_s,
        launch_us=found.launch_us,
    )


PLACES: dict[str, tuple[Vendor, ...]] = {
    "cuda": ("nvidia", "amd"), "mps": ("apple",), "xpu": ("intel",),
}  # fmt: skip


def gpu_name(place: str, name: str, machine: Machine) -> str:
    """The name by which the probe knows the card that torch calls ``place`` and ``name``; torch's
    where it can't be told."""
    gpus = machine.gpus or []
    if any(gpu.name == name for gpu in gpus):
        return name
    vendors = PLACES.get(place.partition(":")[0], ())
    fitting: list[Gpu] = [gpu for gpu in gpus if gpu.vendor in vendors and gpu.name]
    return fitting[0].name or name if len(fitting) == 1 else name
