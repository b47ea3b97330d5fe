"""How fast a mode will be: the time of its stages on a device, as an honest range."""

from __future__ import annotations

import msgspec

from ..catalogue.constants import HOST_TFLOPS, Constants, Kernels, Spread, constants
from ..catalogue.model import Speed
from .calibration import SPREAD, DeviceCalibration
from .context import Card, Context
from .device import Rates, strength
from .happens import compiled_here
from .model import Basis, Evidence, Measured, Rtf
from .subject import Subject
from .timing import Pace, TimeTerm, time_terms
from .workload import Workload

SPILL = 20.0
"""Factor on the slow end where memory may spill. Memory that spills is a cliff: public reports say
10 to 40 times slower, IndexTTS issue 585 about 14."""

AGAIN, CARRIED = 1.1, 1.25
"""Factors on a measured middle that a range spans at least: the same work on another day, and work
that was not measured."""

MOSTLY = 0.7
"""Share of the seconds that calibration must have measured for a sum to be called calibrated."""

LEAST = 0.0001
"""RTF at the least: a model file may state next to no work, and 1/RTF must stay a number."""


class TimeSum(msgspec.Struct, frozen=True, kw_only=True):
    """Where the seconds of one call go."""

    terms: tuple[TimeTerm, ...]
    request_seconds: float
    """What every call costs, however short the text."""
    factor: float
    """Time of the mode against its runtime; see ``speed_factor``."""
    seconds: float
    """All of it."""
    speech_seconds: float
    spread: Spread
    kernels: Kernels
    family: str
    """Key of the constants: ``torch.nvidia``."""
    basis: Basis
    compiled: bool
    windows: bool
    """Launches are dearer under Windows."""
    calibration: DeviceCalibration | None = None
    """What was measured on the device, where the sum rests on it."""

    @property
    def rtf(self) -> float:
        """The middle of the forecast."""
        return max(LEAST, self.seconds / self.speech_seconds)


def time_sum(
    subject: Subject,
    context: Context,
    card: Card | None,
    evidence: Evidence,
    workload: Workload | None = None,
) -> TimeSum | None:
    """The sum for a subject on a device; None when device, work or constants are unknown.

    ``workload`` is the context's unless another is given.
    """
    rates = card.rates if card is not None else context.cpu
    if rates is None or not subject.model.work:
        return None
    table = constants()
    found = _kernels(subject, rates, table)
    if found is None:
        return None
    kernels, spread, family = found
    asked = for_program(subject, workload or context.workload)
    compiled = compiled_here(subject, context, card)
    measured = None if compiled else _calibration(subject, card, evidence)
    windows = context.os == "windows" and subject.runtime.kernels == "torch" and card is not None
    pace = Pace(
        kernels=kernels,
        compiled=compiled,
        launch_factor=_launch_factor(table, rates, windows=windows),
        factor=table.factors.get(subject.mode.runtime, 1.0),
    )
    terms = time_terms(subject.model, subject.mode, subject.precision, rates, pace, asked, measured)
    factor = subject.mode.speed_factor
    seconds = (sum(term.seconds for term in terms) + kernels.request_s) * factor
    known = _measured_share(terms)
    calibrated = measured is not None and known >= MOSTLY
    if calibrated:
        spread = _mixed(spread, known)
    return TimeSum(
        terms=terms, request_seconds=kernels.request_s, factor=factor, seconds=seconds,
        speech_seconds=asked.speech_seconds, spread=spread, kernels=kernels, family=family,
        basis="calibrated" if calibrated else "roofline", compiled=pace.compiled,
        windows=windows, calibration=measured if calibrated else None,
    )  # fmt: skip


def _measured_share(terms: tuple[TimeTerm, ...]) -> float:
    """Share of the stages' time that calibration measured."""
    total = sum(term.seconds for term in terms)
    return sum(term.seconds for term in terms if term.bound == "measured") / total if total else 0.0


def _mixed(spread: Spread, known: float) -> Spread:
    """The range of a sum of which a share was measured on the device."""
    return Spread(
        low=round(SPREAD[0] ** known * spread.low ** (1 - known), 3),
        high=round(SPREAD[1] ** known * spread.high ** (1 - known), 3),
        reports=spread.reports,
    )


def for_program(subject: Subject, asked: Workload) -> Workload:
    """The work as the program will do it: exports to ONNX hold the number of steps."""
    if asked.steps is None or subject.runtime.kernels != "onnx":
        return asked
    return msgspec.structs.replace(asked, steps=None)


def record_for(
    asked: Subject, runs: Subject, card: Card | None, evidence: Evidence
) -> Measured | None:
    """The last measurement of a mode, by its own name or that of the mode that it really runs."""
    gpu = card.gpu.name if card is not None else None
    return evidence.record_of(asked.key, gpu) or evidence.record_of(runs.key, gpu)


def forecast(
    subject: Subject,
    context: Context,
    card: Card | None,
    evidence: Evidence,
    *,
    asked: Subject | None = None,
) -> Rtf | None:
    """RTF of a subject on a device; None when device, work or constants are unknown.

    A measurement in ``evidence`` wins: as it is for the same work, in proportion for other work.
    ``asked`` is the subject that was asked for, where another really runs.
    """
    asked = asked or subject
    known = evidence.rtf.get(asked.key) or evidence.rtf.get(subject.key)
    if known is not None:
        return known
    record = record_for(asked, subject, card, evidence)
    if record is not None:
        return _of_record(record, subject, context, card, evidence)
    total = time_sum(subject, context, card, evidence)
    if total is None:
        return None
    return Rtf(
        low=max(LEAST, round(total.rtf * total.spread.low, 4)),
        mid=round(total.rtf, 4),
        high=round(total.rtf * total.spread.high, 4),
        basis=total.basis,
    )


def unreported(subject: Subject, rates: Rates | None) -> bool:
    """Whether nobody has reported a speed of this kind of kernels on this kind of device."""
    if rates is None or rates.kind in subject.runtime.speed:
        return False
    family = f"{subject.runtime.kernels}.{rates.kind}"
    return subject.runtime.kernels is not None and family not in constants().spreads


def _of_record(
    record: Measured, subject: Subject, context: Context, card: Card | None, evidence: Evidence
) -> Rtf:
    """The measured range, carried over to the work asked for by what the forecast says of both."""
    factor, doubt = 1.0, AGAIN
    if record.workload != context.workload:
        there = time_sum(subject, context, card, evidence, record.workload)
        here = time_sum(subject, context, card, evidence)
        if there is not None and here is not None:
            factor, doubt = here.rtf / there.rtf, CARRIED
    mid = record.mid * factor
    return Rtf(
        low=round(min(record.low * factor, mid / doubt), 4),
        mid=round(mid, 4),
        high=round(max(record.high * factor, mid * doubt), 4),
        basis="bench",
    )


def host_factor(table: Constants, rates: Rates) -> float:
    """Time of a launch in the computer that goes with a card of such strength."""
    return float((strength(rates) / HOST_TFLOPS) ** -table.host_exponent)


def _launch_factor(table: Constants, rates: Rates, *, windows: bool) -> float:
    if rates.kind in ("cpu", "apple"):  # their constants are of their own
        return 1.0
    return host_factor(table, rates) * (table.windows_launch if windows else 1.0)


def _calibration(
    subject: Subject, card: Card | None, evidence: Evidence
) -> DeviceCalibration | None:
    """Of the device, for programs that compute as calibration does: through torch."""
    if evidence.calibration is None or subject.runtime.kernels != "torch":
        return None
    if card is None:
        return evidence.calibration.of("cpu", None)
    return evidence.calibration.of("gpu", card.gpu.name)


def _kernels(
    subject: Subject, rates: Rates, table: Constants
) -> tuple[Kernels, Spread, str] | None:
    own = subject.runtime.speed.get(rates.kind)
    if own is not None:
        return _of_speed(own), Spread(low=own.low, high=own.high), own.source
    kind = subject.runtime.kernels
    kernels = table.kernels.get(kind or "", {}).get(rates.kind)
    if kind is None or kernels is None:
        return None
    spread = table.spread(kind, rates.kind, listed=rates.listed)
    return kernels, spread, f"{kind}.{rates.kind}"


def _of_speed(own: Speed) -> Kernels:
    """Constants that a models file states itself: the same for every shape of work."""
    share = own.arithmetic_share
    return Kernels(
        bandwidth=own.bandwidth_share,
        skinny=share,
        wide=share,
        conv=share,
        dense=share,
        launch_us=own.launch_us,
    )


def spilled(rtf: Rtf) -> Rtf:
    """The range where the mode may spill into slower memory."""
    return Rtf(low=rtf.low, mid=rtf.mid, high=round(rtf.high * SPILL, 4), basis=rtf.basis)
