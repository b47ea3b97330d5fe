"""How fast a mode will be: a roofline over the stages of a model, as an honest range."""

from __future__ import annotations

from ..catalogue.model import Speed
from .device import Rates
from .model import Evidence, Rtf
from .subject import BITS, Subject

SPILL = 10.0
"""Factor on the slow end where memory may spill: public reports say 10 to 40 times slower."""


LEAST = 0.0001
"""RTF at the least: a model file may state next to no work, and 1/RTF must stay a number."""

WINDOWS_LAUNCH = 1.8
"""Factor on kernel launches under Windows: its display driver model batches them, and without
Triton nothing is compiled into graphs. VoxCPM2 uncompiled: RTF 1.54 on an RTX 3060 under Windows,
0.84 on an RTX 3080 under Linux; compiling gave 2.15 times the speed there (YouDub issue 127)."""


def forecast(
    subject: Subject, rates: Rates | None, evidence: Evidence, *, windows: bool = False
) -> Rtf | None:
    """RTF of a subject on a device; None when device, work or runtime constants are unknown.

    Time for a second of speech = sum over stages of the larger of bytes over bandwidth and
    operations over arithmetic rate, plus kernel launches. A measurement in ``evidence`` wins.
    """
    known = evidence.rtf.get(subject.key)
    if known is not None:
        return known
    if rates is None or not subject.model.work:
        return None
    speed = subject.runtime.speed.get(rates.kind)
    if speed is None:
        return None
    launch = WINDOWS_LAUNCH if windows and subject.needs.torch is not None else 1.0
    mid = max(LEAST, stage_seconds(subject, rates, speed, launch) * subject.mode.speed_factor)
    return Rtf(
        low=max(LEAST, round(mid * speed.low, 4)),
        mid=round(mid, 4),
        high=round(mid * speed.high, 4),
        basis="roofline",
    )


def stage_seconds(
    subject: Subject, rates: Rates, speed: Speed, launch_factor: float = 1.0
) -> float:
    """Seconds of work for one second of speech."""
    bandwidth = rates.gb_s * 1e9 * speed.bandwidth_share
    total = 0.0
    for stage in subject.model.work:
        precision = subject.precision if stage.precision == "mode" else "fp32"
        read = stage.reads_gparam_s * 1e9 * BITS[precision] / 8
        rate = rates.tflops[precision] * 1e12 * speed.arithmetic_share
        total += max(read / bandwidth, stage.work_gflop_s * 1e9 / rate)
        total += stage.launches_s * speed.launch_us * launch_factor * 1e-6
    return total


def spilled(rtf: Rtf) -> Rtf:
    """The range where the mode may spill into slower memory."""
    return Rtf(low=rtf.low, mid=rtf.mid, high=round(rtf.high * SPILL, 4), basis=rtf.basis)
