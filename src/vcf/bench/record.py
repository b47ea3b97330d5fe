"""What a benchmark leaves behind: the record ``vcf.bench/1``, one for each model in one mode.

A value that could not be measured is null, never 0. Times are wall-clock seconds with the device
synchronised before each reading of the clock; sizes are bytes.
"""

from __future__ import annotations

import statistics
from typing import Annotated, Literal

import msgspec

from .._version import __version__
from ..judge.model import Basis, Measured, Verdict
from ..judge.workload import Workload
from ..machine.model import Machine

SCHEMA = "vcf.bench/1"

Status = Literal["ok", "oom", "killed", "timeout", "error", "skipped"]
"""ok: measured. oom: memory of the device or the computer was used up, and the program said so.
killed: ended from outside, by the system for want of memory, by a person, by Ctrl-C. timeout: not
done in time. error: the program or its files failed, or it crashed. skipped: not begun."""
WeightsKind = Literal["path", "hub", "synthetic", "tiny"]
"""path, hub: real weights. synthetic: random numbers in the true shapes. tiny: random numbers in
small shapes, for trying vcf; its speed says nothing of the model."""

Seconds = Annotated[float, msgspec.Meta(ge=0, le=1e6)]
Ratio = Annotated[float, msgspec.Meta(ge=1e-5, le=1e6)]
Share = Annotated[float, msgspec.Meta(ge=0, le=1)]
Bytes = Annotated[int, msgspec.Meta(ge=0, le=1 << 53)]
Count = Annotated[int, msgspec.Meta(ge=0, le=1_000_000)]
Word = Annotated[str, msgspec.Meta(pattern=r"^[a-z][a-z0-9-]{0,40}$")]
Stamp = Annotated[
    str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}T[0-9:.]{5,15}(Z|[+-]\d{2}:\d{2})$")
]
Id = Annotated[str, msgspec.Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$")]


class _Part(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the parts of a record."""


class Reason(_Part, frozen=True, kw_only=True):
    """Why a cell did not end ok."""

    id: Word
    """What kind: ``out-of-memory``, ``signal``, ``time-limit``, ``no-gpu`` …; put into words by
    the views."""
    detail: str = ""
    """What the program said, in one line; not exported."""
    signal: str | None = None
    """``SIGSEGV``, where a signal ended it."""


class Engine(_Part, frozen=True, kw_only=True):
    """What computed, and how."""

    name: Word
    """``voxcpm``."""
    device: str
    """As torch calls it: ``cpu``, ``cuda:0``, ``mps``."""
    precision: str | None = None
    """``fp32``, ``bf16``, ``fp16``: what the loaded weights really have."""
    compiled: bool | None = None
    """Whether torch.compile was at work."""
    threads: Annotated[int, msgspec.Meta(ge=1, le=4096)] | None = None
    """Threads that torch used."""
    parameters: Annotated[int, msgspec.Meta(ge=0, le=10**12)] | None = None
    """Of what is loaded; of VoxCPM without its AudioVAE."""
    sample_rate_hz: Annotated[int, msgspec.Meta(ge=1000, le=400_000)] | None = None


class Weights(_Part, frozen=True, kw_only=True):
    """What was loaded."""

    kind: WeightsKind
    repo: str | None = None
    """Model id on the hub, for those from there."""
    revision: str | None = None
    """Commit on the hub."""
    sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")] | None = None
    """Over name, size and SHA-256 of each weight file."""
    size_bytes: Bytes | None = None
    """Of the weight files."""
    quantisation: Annotated[str, msgspec.Meta(pattern=r"^[A-Z0-9_]{1,20}$")] | None = None
    """Type of most of the numbers in a GGUF file: ``F16``, ``Q8_0``, ``Q4_K``."""


class Protocol(_Part, frozen=True, kw_only=True):
    """How it was measured. Only records of one protocol are compared."""

    version: Literal[1] = 1
    text: Literal["short", "medium", "long", "own"]
    text_sha256: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{64}$")]
    text_characters: Count
    lang: Literal["en", "zh"]
    """Language of the packaged text."""
    seed: Count
    fixed_seconds: Ratio | None
    """Length that was forced; None: the model stopped where it liked."""
    warmups: Count
    runs_min: Count
    seconds_min: Seconds
    """Runs go on until both are reached."""
    max_seconds: Seconds
    """No run begins after so long."""
    quick: bool
    streaming: bool
    retries: Literal[False] = False
    """The package's own second tries at bad sound are off."""
    threads_asked: Annotated[int, msgspec.Meta(ge=1, le=4096)] | None = None
    """None: torch's own choice."""
    compile_asked: bool | None = None
    """None: as the package does by itself."""
    options: Annotated[list[Word], msgspec.Meta(max_length=10)] = []
    """What else the engine was asked to use: ``accel``, ``cuda-kernel``."""


class Run(_Part, frozen=True, kw_only=True):
    """One synthesis, from the call with text and clip in memory to the last sample on the host."""

    synthesis_s: Seconds
    audio_s: Seconds
    """Samples divided by the rate of the model."""
    rtf: Ratio
    foreign_share: Share | None = None
    """Of the processor that other programs took meanwhile."""
    disturbed: bool = False
    """They took too much, also when it was repeated."""
    repeats: Count = 0
    """How often it was measured anew because of them."""
    stages: Annotated[dict[Word, Seconds], msgspec.Meta(max_length=20)] = {}
    """Seconds of each stage by the engine's own clock, where it tells: ``gpt``, ``s2mel``,
    ``vocoder``; ``model``, ``vae`` …"""


class Phases(_Part, frozen=True, kw_only=True):
    """What happens before the warm runs, each timed apart. None: it did not come to that."""

    import_s: Seconds | None = None
    """Importing the package, torch included."""
    load_s: Seconds | None = None
    """From the files to a model on its device; the package's own warm-up included."""
    reference_s: Seconds | None = None
    """Reading and encoding the clip; None without one."""
    cold: Run | None = None
    """The first synthesis. It is the warm-up and counts for nothing else."""


class Streaming(_Part, frozen=True, kw_only=True):
    """Synthesis that hands over sound as it comes, played by a simulated player."""

    first_audio_s: Seconds
    """From the call to the first chunk: median."""
    first_audio_runs: Annotated[list[Seconds], msgspec.Meta(max_length=1000)]
    rtf: Ratio
    """Median, the whole synthesis."""
    chunks: Count
    underruns: Count
    """Times that a player which starts with the first chunk waits for more than 0.1 s."""
    buffer_s: Seconds
    """Waits of that player in all; so much later it would have to start to play without one."""


class Summary(_Part, frozen=True, kw_only=True):
    """The warm runs. Lower RTF is faster, below 1 is faster than real time."""

    rtf: Ratio
    """Median."""
    rtfx: Ratio
    """1 / rtf: times real time."""
    rtf_p90: Ratio
    rtf_min: Ratio
    rtf_max: Ratio
    rtf_iqr: Annotated[float, msgspec.Meta(ge=0)]
    """Distance between the quartiles."""
    rtf_total: Ratio
    """All seconds of synthesis divided by all seconds of audio."""
    unstable: bool
    """The quartiles are more than a tenth of the median apart."""


class MemoryPeaks(_Part, frozen=True, kw_only=True):
    """Highest use from the start of the child to its end."""

    rss_peak_bytes: Bytes | None = None
    """Resident memory of the child and all its children, sampled from outside."""
    rss_high_water_bytes: Bytes | None = None
    """What the system itself remembers of the child."""
    vram_peak_bytes: Bytes | None = None
    """GPU memory of these processes; of the whole device less what it held before where the
    driver does not tell processes apart."""
    vram_source: Literal["process", "device", "torch"] | None = None
    torch_reserved_bytes: Bytes | None = None
    torch_allocated_bytes: Bytes | None = None


class Power(_Part, frozen=True, kw_only=True):
    """What the hardware did during the warm runs."""

    energy_j: Annotated[float, msgspec.Meta(ge=0)] | None = None
    energy_source: Literal["nvml", "rapl"] | None = None
    """nvml: of the GPU, by its counter or by its power over time. rapl: of the processor."""
    energy_per_audio_j: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Joule for a second of speech."""
    throttle: Annotated[list[Word], msgspec.Meta(max_length=20)] | None = None
    """Reasons for which the GPU lowered its clock; empty: none. None: it does not tell."""
    gpu_clock_mhz_min: Count | None = None
    gpu_clock_mhz_median: Count | None = None
    gpu_celsius_before: float | None = None
    gpu_celsius_after: float | None = None
    cpu_clock_mhz_before: Count | None = None
    cpu_clock_mhz_after: Count | None = None
    cpu_celsius_before: float | None = None
    cpu_celsius_after: float | None = None


class Conditions(_Part, frozen=True, kw_only=True):
    """The state of the computer when the cell began."""

    load_average: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Of the last minute, in programs that wanted to run."""
    governor: str | None = None
    on_battery: bool | None = None
    foreign_gpu_processes: Count | None = None
    foreign_share: Share | None = None
    """The highest share that others took during a run that counts."""
    disturbed: bool = False
    """They took too much: the record is never the basis of a verdict."""
    warnings: Annotated[list[Word], msgspec.Meta(max_length=20)] = []
    """What may have slowed it down: ``on-battery``, ``governor``, ``busy``, ``gpu-shared`` …"""


class Quality(_Part, frozen=True, kw_only=True):
    """Whether the sound can be speech: speed without it is void."""

    status: Literal["pass", "fail", "not-applicable"]
    """not-applicable: random weights make noise."""
    failed: Annotated[list[Word], msgspec.Meta(max_length=10)] = []
    """``not-finite``, ``silent``, ``clipped``, ``too-short``, ``too-long``."""
    finite: bool
    rms: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Root of the mean square; full scale is 1."""
    clipped_share: Share | None = None
    silence_s: Seconds | None = None
    """Of silence at both ends together: more than 1 s flatters the RTF."""
    length_ratio: Annotated[float, msgspec.Meta(ge=0)] | None = None
    """Seconds made, divided by those expected of the text."""


class Predicted(_Part, frozen=True, kw_only=True):
    """The forecast made before the run, from everything but benchmarks."""

    low: float
    mid: float
    high: float
    basis: Basis
    verdict: Verdict
    device_bytes: Bytes | None = None
    host_bytes: Bytes | None = None


class BenchRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One model in one mode, measured on one machine: a row of the accuracy ledger by itself."""

    schema: Literal["vcf.bench/1"] = "vcf.bench/1"
    id: Id
    vcf: str = __version__
    created: Stamp
    """UTC."""
    status: Status
    reason: Reason | None = None
    machine: Machine
    """Its facts, without label, folders and settings."""
    machine_key: Annotated[str, msgspec.Meta(pattern=r"^[0-9a-f]{16}$")]
    model: str
    mode: str
    gpu: str | None = None
    """The card it ran on, as the probe names it; None: the processor."""
    engine: Engine
    versions: dict[str, str] = {}
    """Packages that computed, by name: python, torch, voxcpm …"""
    weights: Weights
    workload: Workload
    """What was asked, in the terms of a forecast."""
    protocol: Protocol
    phases: Phases = Phases()
    runs: Annotated[list[Run], msgspec.Meta(max_length=10_000)] = []
    """The warm runs, in their order."""
    streaming: Streaming | None = None
    summary: Summary | None = None
    memory: MemoryPeaks = MemoryPeaks()
    power: Power = Power()
    conditions: Conditions = Conditions()
    quality: Quality | None = None
    predicted: Predicted | None = None
    findings: Annotated[list[Word], msgspec.Meta(max_length=20)] = []
    """What had to be worked round or is worth knowing: ``torchaudio-spared`` …"""

    @property
    def counts(self) -> bool:
        """Whether a verdict may rest on it: undisturbed, of true size, as everybody would run
        it, and with sound that can be speech."""
        return (
            self.status == "ok"
            and self.summary is not None
            and not self.conditions.disturbed
            and self.weights.kind != "tiny"
            and "other-size" not in self.findings
            and self.protocol.threads_asked is None
            and self.protocol.compile_asked is None
            and not self.protocol.options
            and (self.quality is None or self.quality.status != "fail")
        )

    def call_rtfs(self) -> list[float]:
        """RTF of each undisturbed run with the encoding of the clip in it, as a forecast counts."""
        clip = self.phases.reference_s or 0.0
        return [(run.synthesis_s + clip) / run.audio_s for run in self.runs if not run.disturbed]

    def rtf_quartiles(self) -> tuple[float, float] | None:
        """Lower and upper quartile of the runs that the summary is made of; None without one."""
        return quartiles([run.rtf for run in counting(self.runs)])

    def measured(self) -> Measured:
        """As the forecast takes it. Raises ValueError: no run counts."""
        rtfs = self.call_rtfs()
        if not rtfs:
            raise ValueError("no undisturbed run")
        return Measured(
            low=min(rtfs),
            mid=statistics.median(rtfs),
            high=max(rtfs),
            gpu=self.gpu,
            workload=self.workload,
            source=self.id,
            date=self.created,
        )


def counting(runs: list[Run]) -> list[Run]:
    """The runs that a summary is made of: disturbed ones only where there are no others."""
    return [run for run in runs if not run.disturbed] or runs


def quartiles(values: list[float]) -> tuple[float, float] | None:
    """Lower and upper quartile of numbers in any order (type 7); None: there is no number."""
    if len(values) < 2:
        return (values[0], values[0]) if values else None
    lower, _, upper = statistics.quantiles(values, n=4, method="inclusive")
    return lower, upper


class BenchDocument(msgspec.Struct, frozen=True, kw_only=True):
    """The answer of ``vcf bench``: what was measured, in its order."""

    schema: Literal["vcf.bench/1"] = "vcf.bench/1"
    vcf: str = __version__
    results: list[BenchRecord]
