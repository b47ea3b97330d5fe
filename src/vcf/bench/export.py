"""Bench records to hand on: JSON lines and a table in Markdown, without whose they are.

What goes out is named here field by field, with what its text may look like; whatever is not
named stays, so a field that is new in a record is not told before somebody decides so.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any, TypeAlias

import msgspec

from ..machine.file import ISA
from ..plain import shown
from ..units import gib
from .record import BenchRecord
from .records import PACKAGES, PROGRAMS

OTHER = "other"
"""In place of a text that has to be there and is not of the kind that is told."""
UNTOLD = "0" * 64
"""In place of the sum over a person's own text: short ones could be guessed from it."""

Rule: TypeAlias = Callable[[Any], Any]
"""Returns what of a value is told; None: nothing."""


def _number(value: Any) -> Any:
    return value if isinstance(value, int | float) else None  # bool is an int


def _name(value: Any) -> Any:
    """Of a processor, card or system: data from hardware, made safe to print."""
    return shown(value) if isinstance(value, str) else None


def _like(pattern: str, otherwise: str | None = None) -> Rule:
    form = re.compile(pattern)
    return lambda value: (
        value if isinstance(value, str) and form.fullmatch(value) is not None else otherwise
    )


def _one_of(*words: str) -> Rule:
    return lambda value: value if isinstance(value, str) and value in words else None


def _each(rule: Rule) -> Rule:
    def told(values: Any) -> Any:
        if values is None:
            return None
        return [one for one in map(rule, values) if one is not None]

    return told


def _fields(**rules: Rule) -> Rule:
    def told(part: Any) -> Any:
        if part is None:
            return None
        found = {name: rule(part.get(name)) for name, rule in rules.items()}
        return {name: value for name, value in found.items() if value is not None}

    return told


def _numbers(*names: str) -> dict[str, Rule]:
    return dict.fromkeys(names, _number)


_word = _like(r"[a-z][a-z0-9-]{0,40}")
_version = _like(
    r"(?:[nNvV]-?)?\d[0-9A-Za-z.!_-]{0,30}(\+(cpu|xpu|cu\d{2,4}|rocm[\d.]{1,8}|git[0-9a-f]{6,40}))?"
)
"""A build of one's own may carry any name behind the plus sign."""
_commit = _like(r"[0-9a-f]{7,40}")
_RULES: Mapping[str, Rule] = {
    **dict.fromkeys(PACKAGES, _version),
    **dict.fromkeys(PROGRAMS, _commit),
    "indextts": _like(r"\d[0-9A-Za-z.]{0,20}(\+[0-9a-f]{7,40})?"),  # and the commit of the checkout
}
"""How the version of each may look."""
_slug = _like(r"[a-z0-9][a-z0-9.-]{0,60}", OTHER)
_sha256 = _like(r"[0-9a-f]{64}")


def _versions(table: Any) -> Any:
    """Of packages that everybody may know to be installed."""
    if table is None:
        return None
    return {
        name: version
        for name, given in table.items()
        if (rule := _RULES.get(name)) is not None and (version := rule(given)) is not None
    }


def _figures(table: Any) -> Any:
    """Numbers by words."""
    if not table:
        return None
    return {
        name: value
        for name, given in table.items()
        if _word(name) is not None and (value := _number(given)) is not None
    }


_gpu = _fields(
    name=_name,
    vendor=_one_of("nvidia", "amd", "intel", "apple"),
    driver=_version,
    cuda_ceiling=_version,
    compute_capability=_like(r"\d{1,2}\.\d"),
    gfx=_like(r"gfx[0-9a-f]{3,5}"),
    pci_id=_like(r"[0-9a-f]{4}:[0-9a-f]{4}"),
    **_numbers(
        "integrated", "laptop", "unified", "vram_total_bytes", "vram_free_bytes",
        "bandwidth_bytes_s", "asleep", "mig",
    ),
)  # fmt: skip

_machine = _fields(
    os=_one_of("linux", "windows", "macos"),
    os_version=_name,
    arch=_one_of("x86_64", "AMD64", "arm64", "aarch64", "ARM64", "i686", "riscv64", "ppc64le"),
    container=_one_of("docker", "podman", "kubernetes", "lxc"),
    wsl=_one_of("1", "2"),
    rosetta=_number,
    cpu=_fields(
        model=_name,
        isa=_each(_one_of(*sorted(ISA))),
        **_numbers("physical_cores", "logical_cores", "usable_cores"),
    ),
    memory=_fields(
        speed=_like(r"(LP)?DDR\dX?(-\d{3,5})?"),
        **_numbers("total_bytes", "available_bytes", "limit_bytes", "swap_bytes", "channels"),
    ),
    gpus=_each(_gpu),
    software=_versions,
)

_engine = _fields(
    name=_word,
    device=_like(r"cpu|mps|(cuda|xpu)(:\d{1,2})?", OTHER),
    precision=_like(r"(fp|bf|int|q)\d{1,2}"),
    **_numbers("compiled", "threads", "parameters", "sample_rate_hz"),
)

_weights = _fields(
    kind=_one_of("path", "hub", "synthetic", "tiny"),
    repo=_like(r"(openbmb|IndexTeam)/[A-Za-z0-9._-]{1,80}"),  # a person's own names the person
    revision=_like(r"[0-9a-f]{7,64}"),
    sha256=_sha256,
    size_bytes=_number,
    quantisation=_like(r"[A-Z0-9_]{1,20}"),
)

_protocol = _fields(
    text=_one_of("short", "medium", "long", "own"),
    text_sha256=_sha256,
    lang=_one_of("en", "zh"),
    options=_each(_word),
    **_numbers(
        "version", "text_characters", "seed", "fixed_seconds", "warmups", "runs_min",
        "seconds_min", "max_seconds", "quick", "streaming", "retries", "threads_asked",
        "compile_asked",
    ),
)  # fmt: skip

_run = _fields(
    stages=_figures,
    **_numbers("synthesis_s", "audio_s", "rtf", "foreign_share", "disturbed", "repeats"),
)

_record = _fields(
    schema=_one_of("vcf.bench/1"),
    id=_like(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}"),
    vcf=_version,
    created=_like(r"\d{4}-\d{2}-\d{2}T[0-9:.]{5,15}(Z|[+-]\d{2}:\d{2})"),
    status=_one_of("ok", "oom", "killed", "timeout", "error", "skipped"),
    reason=_fields(id=_word, signal=_like(r"SIG[A-Z0-9+-]{1,12}")),
    machine=_machine,
    machine_key=_like(r"[0-9a-f]{16}"),
    model=_slug,
    mode=_slug,
    gpu=_name,
    engine=_engine,
    versions=_versions,
    weights=_weights,
    workload=_fields(**_numbers("speech_seconds", "reference_seconds", "steps", "emotion")),
    protocol=_protocol,
    phases=_fields(cold=_run, **_numbers("import_s", "load_s", "reference_s")),
    runs=_each(_run),
    streaming=_fields(
        first_audio_runs=_each(_number),
        **_numbers("first_audio_s", "rtf", "chunks", "underruns", "buffer_s"),
    ),
    summary=_fields(
        **_numbers(
            "rtf", "rtfx", "rtf_p90", "rtf_min", "rtf_max", "rtf_iqr", "rtf_total", "unstable"
        )
    ),
    memory=_fields(
        vram_source=_one_of("process", "device", "torch"),
        **_numbers(
            "rss_peak_bytes", "rss_high_water_bytes", "vram_peak_bytes",
            "torch_reserved_bytes", "torch_allocated_bytes",
        ),
    ),
    power=_fields(
        energy_source=_one_of("nvml", "rapl"),
        throttle=_each(_word),
        **_numbers(
            "energy_j", "energy_per_audio_j", "gpu_clock_mhz_min", "gpu_clock_mhz_median",
            "gpu_celsius_before", "gpu_celsius_after", "cpu_clock_mhz_before",
            "cpu_clock_mhz_after", "cpu_celsius_before", "cpu_celsius_after",
        ),
    ),
    conditions=_fields(
        governor=_one_of(
            "performance", "powersave", "schedutil", "ondemand", "conservative", "userspace"
        ),
        warnings=_each(_word),
        **_numbers(
            "load_average", "on_battery", "foreign_gpu_processes", "foreign_share", "disturbed"
        ),
    ),
    quality=_fields(
        status=_one_of("pass", "fail", "not-applicable"),
        failed=_each(_word),
        **_numbers("finite", "rms", "clipped_share", "silence_s", "length_ratio"),
    ),
    predicted=_fields(
        basis=_one_of("bench", "calibrated", "roofline", "reported"),
        verdict=_one_of("good", "slow", "tight", "no", "unknown"),
        **_numbers("low", "mid", "high", "device_bytes", "host_bytes"),
    ),
    findings=_each(_word),
)  # fmt: skip


def told(record: BenchRecord) -> dict[str, Any]:
    """The record as it may be handed on, in plain types: no user, computer, folder, serial
    number, setting or message. It is read as a record again."""
    found: dict[str, Any] = _record(msgspec.to_builtins(record))
    protocol = found["protocol"]
    protocol.setdefault("fixed_seconds", None)  # has no default
    if protocol.get("text") == "own":
        protocol["text_sha256"] = UNTOLD
    return found


def lines(records: Iterable[BenchRecord]) -> Iterator[str]:
    """A line of JSON for each record, without the end of the line."""
    for record in records:
        yield msgspec.json.encode(told(record)).decode()


# ---- the table --------------------------------------------------------------------------------

_HEADS = (
    "date", "model", "mode", "device", "steps", "weights", "RTF", "× real time", "first audio",
    "load", "peak RAM", "peak VRAM", "forecast RTF", "status",
)  # fmt: skip
_WORDS = 6
"""Columns at the left that hold words; the others hold figures."""
NOTHING = "–"


def markdown(records: Iterable[BenchRecord]) -> str:
    """A table with a row for each record. RTF: median (min–max); forecast: low–mid–high."""
    rules = ["---" if i < _WORDS else "---:" for i in range(len(_HEADS) - 1)]
    rows = [_row(_HEADS), f"|{'|'.join([*rules, '---'])}|"]
    rows += [_row(map(_cell, _cells(told(record)))) for record in records]
    return "\n".join(rows) + "\n"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _cells(record: Mapping[str, Any]) -> list[str]:
    summary, phases = record.get("summary") or {}, record.get("phases") or {}
    memory, forecast = record.get("memory") or {}, record.get("predicted") or {}
    processor = record["machine"]["cpu"].get("model") or "cpu"
    return [
        record["created"][:10],
        record["model"],
        record["mode"],
        record.get("gpu") or processor,
        str(record["workload"].get("steps") or "default"),
        record["weights"]["kind"],
        _spread(summary),
        _figure(summary.get("rtfx"), "×"),
        _figure((record.get("streaming") or {}).get("first_audio_s"), " s"),
        _figure(phases.get("load_s"), " s"),
        _size(memory.get("rss_peak_bytes")),
        _size(memory.get("vram_peak_bytes")),
        "–".join(_figure(forecast[part]) for part in ("low", "mid", "high"))
        if forecast
        else NOTHING,
        record["status"] + (", disturbed" if _disturbed(record) else ""),
    ]


def _disturbed(record: Mapping[str, Any]) -> bool:
    return bool((record.get("conditions") or {}).get("disturbed"))


def _spread(summary: Mapping[str, float]) -> str:
    if not summary:
        return NOTHING
    fastest, slowest = _figure(summary["rtf_min"]), _figure(summary["rtf_max"])
    return f"{_figure(summary['rtf'])} ({fastest}–{slowest})"


def _figure(value: float | None, unit: str = "") -> str:
    """Three digits: what a measurement is good for."""
    if value is None:
        return NOTHING
    digits = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    return f"{value:.{digits}f}{unit}"


def _size(value: float | None) -> str:
    return NOTHING if value is None else gib(value)


def _cell(text: str) -> str:
    """Text in which no Markdown or HTML takes effect and no table breaks."""
    return re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(text.split()))
