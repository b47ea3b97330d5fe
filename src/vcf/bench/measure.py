"""One cell from the start of its child to its record, however it ends."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from datetime import datetime, timezone
from typing import Any

import msgspec

from ..judge.workload import STANDARD, Workload, steps_of
from ..machine.model import Machine
from ..plain import shown
from .architectures import MODELS
from .cells import Cell
from .checkpoint import count_parameters
from .child_talk import Child, Failed
from .conditions import conditions
from .corpus import Script
from .engines import Engine, Work
from .foreign import busy_seconds
from .nvml import GpuMeter, gpu_meter
from .power import PowerWatch
from .record import (
    BenchRecord,
    Conditions,
    MemoryPeaks,
    Power,
    Protocol,
    Reason,
    Status,
    Weights,
)
from .record import Engine as EngineTold
from .records import machine_key, reduced
from .rules import Rules
from .sampler import Sampler
from .session import Busy, Draft, Session
from .summary import summarise

Tell = Callable[[str, int, int, float | None, float | None], None]


class Ask(msgspec.Struct, frozen=True, kw_only=True):
    """How all cells of one call are measured."""

    script: Script
    work: Work
    reference_seconds: float
    """Length of the clip; 0 without one."""
    quick: bool
    streaming: bool


def measure(
    cell: Cell,
    engine: Engine,
    ask: Ask,
    rules: Rules,
    machine: Machine,
    *,
    tell: Tell,
    save: str | None = None,
    after_own: bool = False,
    busy: Busy = busy_seconds,
) -> BenchRecord:
    """Run the cell; its record, whatever its end. A KeyboardInterrupt becomes a record too, with
    the reason ``interrupted``: whoever called looks for it. ``after_own``: vcf itself has kept
    the computer busy until now."""
    meter = _meter(cell, machine)
    try:
        state = conditions(machine.cpu.usable_cores, meter, after_own=after_own)
        return _measure(cell, engine, ask, rules, machine, meter, state, tell, save, busy)
    finally:
        if meter is not None:
            meter.close()


def _measure(
    cell: Cell, engine: Engine, ask: Ask, rules: Rules, machine: Machine,
    meter: GpuMeter | None, state: Conditions, tell: Tell, save: str | None, busy: Busy,
) -> BenchRecord:  # fmt: skip
    watcher = _Watcher(tell, meter)
    status: Status = "ok"
    reason: Reason | None = None
    memory, draft = MemoryPeaks(), Draft()
    work = ask.work
    try:
        with (
            engine.settings(cell, work) as settings,
            Child(engine.command(), engine.environment(cell, work, machine)) as child,
            Sampler(child.pid, meter) as sampler,
        ):
            session = Session(
                child, rules, ask.script, length=work.length, seed=work.seed,
                kind=engine.weights.kind, observer=watcher, busy=busy,
                expected_rtf=_expected(cell, engine.weights),
            )  # fmt: skip
            draft, watcher.sampler = session.draft, sampler
            try:
                session.measure(settings, save)
            finally:
                memory = _peaks(sampler, child.pid, draft)
    except Failed as failed:
        status, reason = failed.status, failed.reason
    except RUBBISH as error:
        status, reason = "error", _rubbish(error)
    except KeyboardInterrupt as stopped:
        name = str(stopped) or "SIGINT"
        status, reason = "killed", Reason(id="interrupted", signal=name)

    def made(draft: Draft, status: Status, reason: Reason | None) -> BenchRecord:
        record = assembled(
            cell, engine.name, engine.weights, ask, rules, machine, draft=draft, status=status,
            reason=reason, memory=memory, power=watcher.power, state=state,
        )  # fmt: skip
        msgspec.json.decode(msgspec.json.encode(record), type=BenchRecord)
        return record

    try:
        return made(draft, status, reason)
    except RUBBISH as error:  # nothing of what the child told is taken
        return made(Draft(), "error", _rubbish(error))


RUBBISH = (ValueError, TypeError, KeyError, AttributeError)
"""What comes of answers that hold something else than they should; msgspec's are ValueErrors."""


def _rubbish(error: Exception) -> Reason:
    why = shown(f"{type(error).__name__}: {' '.join(str(error).split())}", 200)
    return Reason(id="rubbish", detail=why)


def _expected(cell: Cell, weights: Weights) -> float | None:
    """RTF by the forecast, which says nothing of small shapes."""
    return None if cell.predicted is None or weights.kind == "tiny" else cell.predicted.mid


class _Watcher:
    """Passes on what the session tells, and has the power watched during the warm runs."""

    def __init__(self, tell: Tell, meter: GpuMeter | None) -> None:
        self._tell, self._meter = tell, meter
        self._power: PowerWatch | None = None
        self.sampler: Sampler | None = None
        self.power = Power()

    def tell(self, phase: str, run: int, of: int, rtf: float | None, left_s: float | None) -> None:
        self._tell(phase, run, of, rtf, left_s)

    def warm_begin(self) -> None:
        assert self.sampler is not None
        self._power = PowerWatch(self._meter, self.sampler)
        self._power.begin()

    def warm_end(self, audio_s: float) -> None:
        if self._power is not None:
            self.power = self._power.end(audio_s)


def _meter(cell: Cell, machine: Machine) -> GpuMeter | None:
    if cell.gpu is None or cell.gpu_name is None:
        return None
    before = (machine.gpus or [])[: cell.gpu]
    return gpu_meter(cell.gpu_name, sum(gpu.name == cell.gpu_name for gpu in before))


def _peaks(sampler: Sampler, pid: int, draft: Draft) -> MemoryPeaks:
    told = draft.memory
    marks = [sampler.high_water(pid), told.get("rss_high_water_bytes")]
    vram, source = sampler.vram_peak_bytes, sampler.vram_source
    if vram is None and "torch_reserved_bytes" in told:
        vram, source = told["torch_reserved_bytes"], "torch"
    return MemoryPeaks(
        rss_peak_bytes=sampler.rss_peak_bytes,
        rss_high_water_bytes=max((mark for mark in marks if mark is not None), default=None),
        vram_peak_bytes=vram,
        vram_source=source,
        torch_reserved_bytes=told.get("torch_reserved_bytes"),
        torch_allocated_bytes=told.get("torch_allocated_bytes"),
    )


def assembled(
    cell: Cell, engine: str, weights: Weights, ask: Ask, rules: Rules, machine: Machine, *,
    draft: Draft, status: Status, reason: Reason | None,
    memory: MemoryPeaks, power: Power, state: Conditions,
) -> BenchRecord:  # fmt: skip
    """The record of what is known."""
    now = datetime.now(timezone.utc)
    told, steps = draft.engine, _steps(cell, ask)
    clip = draft.clip_s or ask.reference_seconds
    return BenchRecord(
        id=f"{now:%Y%m%dT%H%M%S}-{cell.subject.model_id}-{cell.subject.mode_id}-"
        + secrets.token_hex(2),
        created=now.isoformat(timespec="seconds"),
        status=status,
        reason=reason,
        machine=reduced(machine),
        machine_key=machine_key(machine),
        model=cell.subject.model_id,
        mode=cell.subject.mode_id,
        gpu=cell.gpu_name,
        engine=EngineTold(
            name=engine,
            device=str(told.get("device") or cell.subject.device),
            **{name: told.get(name) for name in _ENGINE},
        ),
        versions=draft.versions,
        weights=weights,
        workload=Workload(speech_seconds=_speech(draft, ask), reference_seconds=clip, steps=steps),
        protocol=_protocol(cell, ask, rules),
        phases=draft.phases_told(),
        runs=draft.runs,
        streaming=draft.streaming,
        summary=summarise(draft.runs),
        memory=memory,
        power=power,
        conditions=msgspec.structs.replace(
            state, foreign_share=draft.foreign_share, disturbed=draft.disturbed
        ),
        quality=draft.quality,
        predicted=None if weights.kind == "tiny" else cell.predicted,
        findings=[*draft.findings, *_own_findings(cell, ask, told, weights)],
    )


_ENGINE = ("precision", "compiled", "threads", "parameters", "sample_rate_hz")


SAME_SIZE = 0.01
"""Share by which the parameters may differ from the model's."""


def _other_size(cell: Cell, told: dict[str, Any]) -> bool:
    """A folder may hold a model of the same kind in other sizes: its speed is its own."""
    count, model = told.get("parameters"), cell.subject.model_id
    if count is None or model not in MODELS:
        return False
    true = count_parameters(model, "full").model
    return bool(abs(count / true - 1) > SAME_SIZE)


def _steps(cell: Cell, ask: Ask) -> int | None:
    """None for the model's own number, however it was asked for: equal work, equal records."""
    asked = ask.work.steps
    own = steps_of(cell.subject.model, cell.subject.mode, STANDARD)
    return None if asked == own else asked


def _speech(draft: Draft, ask: Ask) -> float:
    """Seconds of sound that a run really made, else those expected."""
    if draft.runs:
        return max(0.1, round(sum(run.audio_s for run in draft.runs) / len(draft.runs), 3))
    return ask.work.length or ask.script.seconds


EMULATED = ("bf16-cpu-emulated", "bf16-cpu-apple", "bf16-gpu-emulated")
"""Texts of the gate that says so."""


def _own_findings(cell: Cell, ask: Ask, told: dict[str, Any], weights: Weights) -> list[str]:
    """What the loaded model shows: another precision, one that the hardware lacks, no compiling."""
    found = []
    if told.get("precision") not in (None, cell.subject.precision):
        found.append("precision-changed")
    elif told and any(gate.text.id in EMULATED for gate in cell.assessment.gates):
        found.append("bf16-emulated")
    if weights.kind in ("path", "hub") and _other_size(cell, told):
        found.append("other-size")
    compiles = cell.gpu is not None and ask.work.compile is not False
    if compiles and told.get("compiled") is False:
        found.append("not-compiled")
    return found


def _protocol(cell: Cell, ask: Ask, rules: Rules) -> Protocol:
    work = ask.work
    return Protocol(
        text=ask.script.name,
        text_sha256=ask.script.sha256,
        text_characters=len(ask.script.text),
        lang=ask.script.lang,
        seed=work.seed,
        fixed_seconds=work.length,
        warmups=rules.warmups,
        runs_min=rules.runs_min,
        seconds_min=rules.seconds_min,
        max_seconds=rules.max_seconds,
        quick=ask.quick,
        streaming=ask.streaming,
        threads_asked=work.threads,
        compile_asked=work.compile,
        options=[] if cell.option is None else [cell.option],
    )


def not_begun(
    cell: Cell, engine: str, weights: Weights, ask: Ask, rules: Rules, machine: Machine,
    error: Reason | None = None,
) -> BenchRecord:  # fmt: skip
    """The record of a cell that is skipped, or of which an error stood in the way."""
    return assembled(
        cell, engine, weights, ask, rules, machine, draft=Draft(),
        status="skipped" if error is None else "error", reason=error or cell.skip,
        memory=MemoryPeaks(), power=Power(), state=Conditions(),
    )  # fmt: skip
