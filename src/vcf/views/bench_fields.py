"""Every field of a benchmark record as a name and a value in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from ..plain import shown
from ..units import gb
from . import bench_words as words
from .bench_words import NOTHING, factor, figure, told, word
from .calibrate import percent
from .facts import machine_line
from .words import Lang, label

if TYPE_CHECKING:
    from ..bench.record import BenchRecord

Fields = list[tuple[str, str]]


class _Part:
    """Collects the fields of one part."""

    def __init__(self, lang: Lang) -> None:
        self.lang = lang
        self.made: Fields = []

    def text(self, key: str, value: object, form: str = "{}") -> None:
        """A name, a number or nothing."""
        self.put(key, None if value is None else form.format(shown(str(value), 200)))

    def put(self, key: str, value: str | None) -> None:
        """A text that is ready."""
        known = told("unknown", self.lang) if value in (None, NOTHING) else value
        self.made.append((told(f"field-{key}", self.lang), known or ""))

    def yes(self, key: str, value: bool | None) -> None:
        """Yes, no or unknown."""
        self.put(key, None if value is None else told("yes" if value else "no", self.lang))

    def seconds(self, key: str, value: float | None) -> None:
        """A time."""
        self.put(key, words.seconds(value, self.lang))

    def share(self, key: str, value: float | None) -> None:
        """A percentage."""
        self.put(key, None if value is None else f"{percent(value)} %")

    def size(self, key: str, value: int | None, source: str | None = None) -> None:
        """Memory, and what told it."""
        text = words.size(value)
        if value is not None and source is not None:
            text = told("brackets", self.lang, first=text, second=source)
        self.put(key, text)

    def figure(self, key: str, value: float | None, form: str = "{}") -> None:
        """A measured number."""
        self.put(key, None if value is None else form.format(_figure(value)))

    def both(self, key: str, before: float | None, after: float | None, unit: str) -> None:
        """A reading before and one after."""
        if before is None and after is None:
            self.put(key, None)
            return
        one, other = ("?" if each is None else f"{each:g}" for each in (before, after))
        self.put(key, f"{one} → {other} {unit}")


def fields(record: BenchRecord, lang: Lang) -> Iterator[tuple[str, Fields]]:
    """Id and fields of each part of a record, in the order in which one asks; a part without
    fields was not measured."""
    for ident, fill in PARTS.items():
        part = _Part(lang)
        fill(part, record)
        yield ident, part.made


def _what(part: _Part, record: BenchRecord) -> None:
    engine, weights, lang = record.engine, record.weights, part.lang
    part.put("status", told(f"status-{record.status}", lang))
    if record.reason is not None:
        detail = shown(record.reason.detail, words.DETAIL)
        why = words.reason_text(record, lang)
        part.put("reason", told("colon", lang, first=why, second=detail) if detail else why)
    part.put("created", words.moment(record))
    part.yes("counts", record.counts)
    part.text("model", record.model)
    part.text("mode", record.mode)
    part.put("gpu", shown(record.gpu) if record.gpu else told("on-processor", lang))
    part.text("engine", engine.name)
    part.text("device", engine.device)
    part.text("precision", engine.precision)
    if not _program(record):
        part.yes("compiled", engine.compiled)
    part.text("threads", engine.threads)
    millions = None if engine.parameters is None else f"{engine.parameters / 1e6:.0f} M"
    part.put("parameters", millions)
    part.text("rate", engine.sample_rate_hz, "{} Hz")
    part.put("weights", told(f"weights-{weights.kind}", lang))
    if weights.kind == "hub":
        part.text("repo", weights.repo)
        part.text("revision", weights.revision)
    if weights.quantisation is not None:
        part.text("quantisation", weights.quantisation)
    part.text("sha256", weights.sha256)
    part.put("size", None if weights.size_bytes is None else gb(weights.size_bytes))


def _program(record: BenchRecord) -> bool:
    """Whether no torch was at work, but a program with a GGUF file."""
    return record.engine.name.endswith("-cpp")


def _protocol(part: _Part, record: BenchRecord) -> None:
    asked, work, lang = record.protocol, record.workload, part.lang
    part.put("steps", str(work.steps) if work.steps else told("own-steps", lang))
    part.seconds("speech", work.speech_seconds)
    part.seconds("clip", work.reference_seconds)
    part.put(
        "text",
        told(
            "text-is", lang, text=told(f"text-{asked.text}", lang), spoken=asked.lang,
            count=str(asked.text_characters), sha256=asked.text_sha256[:8],
        ),
    )  # fmt: skip
    fixed = asked.fixed_seconds
    part.put("fixed", told("not-forced", lang) if fixed is None else words.seconds(fixed, lang))
    part.text("seed", asked.seed)
    part.text("warmups", asked.warmups)
    least, most = words.seconds(asked.seconds_min, lang), words.seconds(asked.max_seconds, lang)
    runs = str(asked.runs_min)
    key = "goal-is" if asked.seconds_min else "goal-runs"
    part.put("goal", told(key, lang, runs=runs, seconds=least, limit=most))
    part.yes("quick", asked.quick)
    part.yes("streaming", asked.streaming)
    threads = asked.threads_asked
    own = "each-core" if _program(record) else "own-choice"
    part.put("threads-asked", told(own, lang) if threads is None else str(threads))
    if _program(record):
        pass
    elif asked.compile_asked is None:
        part.put("compile-asked", told("own-way", lang))
    else:
        part.yes("compile-asked", asked.compile_asked)
    if asked.options:
        part.put("options", words.joined(asked.options, lang))


def _summary(part: _Part, record: BenchRecord) -> None:
    found = record.summary
    if found is None:
        return
    part.figure("rtf", found.rtf)
    part.put("rtfx", f"{factor(found.rtfx)}×")
    part.put("rtf-range", f"{figure(found.rtf_min)}–{figure(found.rtf_max)}")
    part.figure("rtf-p90", found.rtf_p90)
    part.figure("rtf-iqr", found.rtf_iqr)
    part.figure("rtf-total", found.rtf_total)
    if len(record.runs) > 1:
        part.yes("stable", not found.unstable)
    stages = words.stages_text(record, part.lang)
    if stages is not None:
        part.put("stages", stages)


def _forecast(part: _Part, record: BenchRecord) -> None:
    guess, lang = record.predicted, part.lang
    if guess is None:
        return
    low, mid, high = factor(guess.low), factor(guess.mid), factor(guess.high)
    part.put("forecast", told("forecast-is", lang, low=low, mid=mid, high=high))
    part.put("outcome", words.outcome_text(record, lang))
    part.put("basis", told(f"basis-{guess.basis}", lang))
    part.put("verdict", label(guess.verdict, lang))
    if guess.device_bytes is not None:
        part.size("forecast-vram", guess.device_bytes)
    part.size("forecast-ram", guess.host_bytes)


def _phases(part: _Part, record: BenchRecord) -> None:
    found, lang = record.phases, part.lang
    part.seconds("import", found.import_s)
    part.seconds("load", found.load_s)
    if found.reference_s is not None or record.workload.reference_seconds:
        part.seconds("reference", found.reference_s)
    cold = None
    if found.cold is not None:
        time = words.seconds(found.cold.synthesis_s, lang)
        cold = told("cold-is", lang, seconds=time, rtf=figure(found.cold.rtf))
    part.put("cold", cold)


def _streaming(part: _Part, record: BenchRecord) -> None:
    found, lang = record.streaming, part.lang
    if found is None:
        return
    part.seconds("first", found.first_audio_s)
    if found.first_audio_runs:
        ends = (min(found.first_audio_runs), max(found.first_audio_runs))
        part.put("first-runs", " – ".join(words.seconds(each, lang) for each in ends))
    part.figure("rtf", found.rtf)
    part.text("chunks", found.chunks)
    part.text("underruns", found.underruns)
    part.seconds("buffer", found.buffer_s)


def _memory(part: _Part, record: BenchRecord) -> None:
    found = record.memory
    part.size("rss", found.rss_peak_bytes)
    part.size("high-water", found.rss_high_water_bytes)
    if record.gpu is None and found.vram_peak_bytes is None:
        return
    source = found.vram_source
    part.size("vram", found.vram_peak_bytes, source and word("source", source, part.lang))
    part.size("reserved", found.torch_reserved_bytes)
    part.size("allocated", found.torch_allocated_bytes)


def _power(part: _Part, record: BenchRecord) -> None:
    found, lang = record.power, part.lang
    energy = None
    if found.energy_j is not None:
        energy = f"{_figure(found.energy_j)} J"
        if found.energy_source is not None:
            source = word("energy", found.energy_source, lang)
            energy = told("brackets", lang, first=energy, second=source)
    part.put("energy", energy)
    part.figure("energy-audio", found.energy_per_audio_j, "{} J")
    if record.gpu is not None:
        _gpu_power(part, record)
    before, after = found.cpu_clock_mhz_before, found.cpu_clock_mhz_after
    part.both("cpu-clock", before, after, "MHz")
    part.both("cpu-celsius", found.cpu_celsius_before, found.cpu_celsius_after, "°C")


def _gpu_power(part: _Part, record: BenchRecord) -> None:
    found, lang = record.power, part.lang
    held = None
    if found.throttle is not None:
        held = words.held_back(found.throttle, lang) if found.throttle else ""
    part.put("throttle", held or (held if held is None else told("nothing-held", lang)))
    clock = None
    lowest, median = found.gpu_clock_mhz_min, found.gpu_clock_mhz_median
    if lowest is not None or median is not None:
        texts = ["?" if each is None else str(each) for each in (lowest, median)]
        clock = told("clock-is", lang, lowest=texts[0], median=texts[1])
    part.put("gpu-clock", clock)
    part.both("gpu-celsius", found.gpu_celsius_before, found.gpu_celsius_after, "°C")


def _conditions(part: _Part, record: BenchRecord) -> None:
    found = record.conditions
    part.text("load-average", found.load_average)
    part.text("governor", found.governor)
    part.yes("on-battery", found.on_battery)
    part.text("foreign-gpu", found.foreign_gpu_processes)
    part.share("foreign", found.foreign_share)
    part.yes("disturbed", found.disturbed)


def _quality(part: _Part, record: BenchRecord) -> None:
    found, lang = record.quality, part.lang
    if found is None:
        return
    result = told(f"quality-{found.status}", lang)
    if found.failed:
        failed = words.joined((word("failed", each, lang) for each in found.failed), lang)
        result = told("brackets", lang, first=result, second=failed)
    part.put("quality", result)
    part.figure("rms", found.rms)
    part.share("clipped", found.clipped_share)
    part.seconds("silence", found.silence_s)
    part.figure("length", found.length_ratio)


def _machine(part: _Part, record: BenchRecord) -> None:
    part.put("machine", machine_line(record.machine, part.lang))
    part.text("os", record.machine.os_version or record.machine.os)
    part.text("key", record.machine_key)


def _versions(part: _Part, record: BenchRecord) -> None:
    part.made.append(("vcf", shown(record.vcf)))
    for name, version in sorted(record.versions.items()):
        part.made.append((shown(name, 30), shown(version)))


def _figure(value: float) -> str:
    return "0" if value == 0 else figure(value)


PARTS: dict[str, Callable[[_Part, BenchRecord], None]] = {
    "what": _what,
    "summary": _summary,
    "forecast": _forecast,
    "phases": _phases,
    "streaming": _streaming,
    "memory": _memory,
    "power": _power,
    "conditions": _conditions,
    "quality": _quality,
    "protocol": _protocol,
    "machine": _machine,
    "versions": _versions,
}
"""What fills each part; the warm runs stand after the phases as a table."""
