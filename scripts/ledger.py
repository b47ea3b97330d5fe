"""Public reports as machines and work that vcf can judge; used by the fit and by the ledger."""

from __future__ import annotations

import statistics
from dataclasses import dataclass
from pathlib import Path

import msgspec

from vcf.bench.record import BenchDocument
from vcf.catalogue.reports import Report
from vcf.judge.assess import judge
from vcf.judge.context import Context
from vcf.judge.model import Assessment
from vcf.judge.score import RANK
from vcf.judge.subject import Subject, Subjects
from vcf.judge.workload import Workload
from vcf.machine.complete import complete
from vcf.machine.model import Cpu, Disk, Gpu, Machine, Memory
from vcf.units import GIB

RECORDS = Path(__file__).resolve().parents[1] / "docs" / "bench"
SHORT_CLIP_SECONDS = 2.5
"""Speech of a clip that a report calls very short without saying how short: the benchmark with
the most such rows speaks 12 characters."""
RAM_GIB = 64
"""RAM taken where a report does not say; that of Macs too. Free disk likewise: nothing is said of
either by those for whom it was enough."""
DISK_GB = 200
RAN = {"voxcpm": "2.0.3", "indextts": "2.0.0"}
"""Packages that were there since the program ran, where a report states some of its software."""
UNSTATED = {
    ("indextts-2", "gpu"): "gpu-fp32",
    ("indextts-2.5", "gpu"): "gpu-fp32",
    ("indextts-1.5", "gpu"): "gpu-fp16",
    ("indextts-2", "cpu"): "cpu-fp32",
    ("indextts-2.5", "cpu"): "cpu-fp32",
    ("indextts-1.5", "cpu"): "cpu-fp32",
    ("voxcpm-0.5b", "gpu"): "gpu-bf16",
    ("voxcpm-1.5", "gpu"): "gpu-bf16",
    ("voxcpm-2", "gpu"): "gpu-bf16",
    ("voxcpm-0.5b", "cpu"): "cpu-bf16",
    ("voxcpm-1.5", "cpu"): "cpu-bf16",
    ("voxcpm-2", "cpu"): "cpu-bf16",
}
"""What a program runs in when it is not told: its own default."""


@dataclass(frozen=True)
class Case:
    """A report ready to be judged."""

    report: Report
    subject: Subject
    machine: Machine
    workload: Workload
    compiled: bool | None
    """As stated; None where vcf has to tell itself."""
    own: bool = False
    """Measured by vcf itself."""

    @property
    def device(self) -> str:
        """What cross-validation leaves out together."""
        return self.report.gpu or self.report.cpu or f"{self.report.cores} cores"

    @property
    def context(self) -> Context:
        """The machine, prepared for the work."""
        return Context(self.machine, self.workload)

    def judged(self) -> Assessment:
        """What vcf says."""
        return judge(self.context, self.subject)


def case_of(report: Report, known: Subjects) -> Case | None:
    """None where the report is of no model and mode that vcf has."""
    mode = report.mode
    if mode in ("gpu", "cpu"):
        mode = UNSTATED.get((report.model, mode))  # type: ignore[assignment]
    subject = known.by_key.get((report.model, mode or ""))
    if subject is None:
        return None
    return Case(
        report, subject, machine_of(report), workload_of(report), report.conditions.compiled
    )


def measured_cases(known: Subjects) -> list[Case]:
    """What vcf itself measured at full size (``docs/bench``), as reports of its machines. What
    was disturbed or is not of true size is left out."""
    found = []
    for file in sorted(RECORDS.glob("*.json")):
        for record in msgspec.json.decode(file.read_bytes(), type=BenchDocument).results:
            subject, rtfs = known.by_key.get((record.model, record.mode)), record.call_rtfs()
            if subject is None or not record.counts or not rtfs:
                continue
            report = Report(
                id=record.id, model=record.model, mode=subject.mode_id, gpu=record.gpu,
                cpu=f"{record.machine.cpu.model} × {record.machine.cpu.usable_cores}",
                outcome="works", rtf=statistics.median(rtfs), confidence="high",
            )  # fmt: skip
            found.append(Case(report, subject, record.machine, record.workload, None, own=True))
    return found


def machine_of(report: Report) -> Machine:
    """The machine as far as the report tells, completed from vcf's tables."""
    gpus = None
    if report.gpu or report.vram_gb:
        vram = int(report.vram_gb * GIB) if report.vram_gb else None
        gpus = [Gpu(name=report.gpu, vram_total_bytes=vram)]
    software = dict(report.software)
    if software:
        ran = {"voxcpm": "voxcpm", "index-tts": "indextts"}.get(report.program or "")
        software = ({ran: RAN[ran]} if ran else {}) | software
    ram = int((report.ram_gb or RAM_GIB) * GIB)
    cores = report.cores
    machine = Machine(
        name=report.id,
        os=report.os,
        cpu=Cpu(model=report.cpu, physical_cores=cores, logical_cores=cores, usable_cores=cores),
        memory=Memory(total_bytes=ram),
        gpus=gpus,
        disk=Disk(free_bytes=DISK_GB * 10**9),
        software=software or None,
        settings={"TORCHDYNAMO_DISABLE": "1"} if report.conditions.compiled is False else None,
    )
    return complete(machine, "report")


def workload_of(report: Report) -> Workload:
    """The work as far as the report tells, the standard one for the rest."""
    said = report.conditions
    standard = Workload()
    short = SHORT_CLIP_SECONDS if said.short_clip else None
    return Workload(
        speech_seconds=said.speech_seconds or short or standard.speech_seconds,
        reference_seconds=said.reference_seconds or standard.reference_seconds,
        steps=said.steps,
        emotion=bool(said.emotion),
    )


__all__ = ["RANK", "Case", "case_of", "machine_of", "measured_cases", "workload_of"]
