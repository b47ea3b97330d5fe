"""Fit the forecast's constants to public reports and our own records, and cross-validate them.

    python scripts/fit_forecast.py            fit, write src/vcf/catalogue/forecast.json
    python scripts/fit_forecast.py --check    fail when a new fit would give other constants
    python scripts/fit_forecast.py --print    constants beside what they were set to before

Each constant has a value that physics or a measurement suggests, and a doubt about it (a standard
deviation of its logarithm). The fit moves it only as far as reports pull: least squares of the
logarithm of forecast over report, plus the distance from what was suggested. Reports of a device
count together as the square root of their number, so that no card decides alone. Cross-validation
leaves out all reports of one device at a time. Needs scipy.
"""

from __future__ import annotations

import argparse
import math
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from check_readme import differences as page_differs
from check_readme import replace_block
from ledger import Case, case_of, measured_cases
from scipy.optimize import least_squares

from vcf.api import load_catalogue
from vcf.catalogue import constants as module
from vcf.catalogue.constants import Constants, Kernels, Spread
from vcf.catalogue.reports import Report, load_reports
from vcf.judge import device, forecast
from vcf.judge.model import Evidence
from vcf.judge.subject import subjects

PAGE = Path(__file__).resolve().parents[1] / "docs" / "forecast.md"
FITTED_ON = "2026-11-23"
NOISE = 0.4
"""Standard deviation of the logarithm of a report, other things equal: host, clocks, text."""


SCALE = 1.5
"""Deviations from which a report pulls less."""


@dataclass(frozen=True)
class Prior:
    """What a constant is taken to be before any report is looked at."""

    value: float
    doubt: float
    """Standard deviation of its logarithm; 0: not fitted."""
    why: str


PRIORS: dict[str, Prior] = {
    "bandwidth.nvidia": Prior(0.65, 0.2, "copies reach 0.8 to 0.9, matrix-vector kernels less"),
    "bandwidth.apple": Prior(0.6, 0.25, "as NVIDIA"),
    "bandwidth.cpu": Prior(0.75, 0.15, "measured here: 1 row fp32 16.5 GB/s of 22 assumed"),
    "arithmetic.torch.nvidia": Prior(0.3, 0.4, "skinny and fp32 layers; tensor cores idle often"),
    "arithmetic.ggml.nvidia": Prior(0.2, 0.4, "as PyTorch, less tuned"),
    "arithmetic.graph.nvidia": Prior(0.3, 0.4, "as PyTorch"),
    "arithmetic.torch.apple": Prior(0.25, 0.4, "MPS kernels"),
    "arithmetic.ggml.apple": Prior(0.2, 0.4, "Metal kernels"),
    "arithmetic.mlx.apple": Prior(0.35, 0.4, "MLX kernels"),
    "arithmetic.torch.cpu": Prior(0.3, 0.15, "measured here: 22 rows fp32 73 of 240 GFLOPS"),
    "arithmetic.ggml.cpu": Prior(
        0.35, 0.35, "LocDiT in VoxCPM.cpp here, with AVX-512: 0.40 (Q4_K) to 0.55 (F16)"
    ),
    "arithmetic.onnx.cpu": Prior(0.25, 0.35, "as PyTorch"),
    "conv.cpu": Prior(0.08, 0.2, "measured here: AudioVAE of 10 s at 17 to 24 of 240 GFLOPS"),
    "conv.ggml.cpu": Prior(0.06, 0.2, "AudioVAE in VoxCPM.cpp and audio.cpp here: 0.05 to 0.07"),
    "conv.ggml": Prior(0.02, 0.5, "VoxCPM.cpp on an RTX 4060 Ti: 0.32 without, 0.60 with AudioVAE"),
    "conv.gpu": Prior(0.15, 0.4, "long signals, few channels: bandwidth decides"),
    "cache.cpu.bf16": Prior(
        1200.0, 0.4, "7.3 ms a layer on a processor without bf16 units: 1670; less with them"
    ),
    "cache.gpu": Prior(10000.0, 0.5, "SDPA's math kernel: many small kernels"),
    "launch.torch.nvidia": Prior(9.0, 0.4, "PyTorch's eager mode, 5 to 15 µs an operation"),
    "compiled.torch.nvidia": Prior(4.0, 0.5, "fused kernels, CUDA graphs for part of them"),
    "launch.ggml.nvidia": Prior(4.0, 0.5, "one thread issuing, no Python"),
    "launch.graph.nvidia": Prior(1.2, 0.5, "recorded graphs"),
    "launch.torch.apple": Prior(25.0, 0.5, "MPS encodes every operation"),
    "launch.ggml.apple": Prior(8.0, 0.5, "Metal command buffers"),
    "launch.mlx.apple": Prior(8.0, 0.5, "Metal command buffers, lazily fused"),
    "launch.torch.cpu": Prior(10.0, 0.2, "measured here: 0.5 ms a layer of 46 operations"),
    "launch.ggml.cpu": Prior(2.0, 0.5, "a barrier of the threads"),
    "launch.onnx.cpu": Prior(4.0, 0.5, "an operation of ONNX Runtime"),
    "request.gpu": Prior(0.1, 0.6, "text front end, first kernels"),
    "request.cpu": Prior(0.3, 0.6, "text front end"),
    "host": Prior(0.35, 0.3, "fast cards sit in fast computers; starting kernels is their work"),
    "windows": Prior(1.8, 0.4, "VoxCPM2 uncompiled: 1.54 on an RTX 3060, 0.84 on an RTX 3080"),
    "emulated": Prior(0.06, 0.4, "one report of an RTX 2060, one of a V100"),
}  # fmt: skip
RUNTIME_DOUBT = 0.3
"""How far a program may be from its kernels: beams, Python between layers, copies."""
OTHER_VENDORS = {"amd": (0.85, 0.6, 1.5), "intel": (0.7, 0.45, 2.0)}
"""No report of a speed: shares of NVIDIA's bandwidth and arithmetic, factor on launches. Set."""
COMMON = {"torch": 20.0, "ggml": 1.0, "onnx": 8.0}
"""Rows that a tile of a processor's matrix kernel holds: measured for torch (2 to 22 rows of an
fp32 layer take the same time), set for the others."""


def constants_from(values: Mapping[str, float], spreads: dict[str, Spread]) -> Constants:
    """The constants that a set of parameters stands for."""
    kernels: dict[str, dict[str, Kernels]] = defaultdict(dict)
    for name in values:
        group, _, rest = name.partition(".")
        if group != "arithmetic":
            continue
        kind, kin = rest.split(".")
        kernels[kind][kin] = _kernels(kind, kin, values)
    for vendor, (bandwidth, arithmetic, launches) in OTHER_VENDORS.items():
        for kind in ("torch", "ggml", "graph"):
            like = kernels[kind]["nvidia"]
            kernels[kind][vendor] = msgspec.structs.replace(
                like,
                bandwidth=round(like.bandwidth * bandwidth, 4),
                skinny=round(like.skinny * arithmetic, 4),
                wide=round(like.wide * arithmetic, 4),
                conv=round(like.conv * arithmetic, 4),
                dense=round(like.dense * arithmetic, 4),
                launch_us=round(like.launch_us * launches, 3),
                compiled_us=round(like.compiled_us * launches, 3) if like.compiled_us else None,
            )
    factors = {
        name.partition(".")[2]: round(value, 3)
        for name, value in values.items()
        if name.startswith("runtime.")
    }
    return Constants(
        fitted=FITTED_ON, reports=0, windows_launch=round(values["windows"], 3),
        host_exponent=round(values["host"], 3),
        emulated_bf16=round(values["emulated"], 4), kernels=dict(kernels),  # type: ignore[arg-type]
        factors=factors, spreads=spreads, origins={},
    )  # fmt: skip


def _kernels(kind: str, kin: str, values: Mapping[str, float]) -> Kernels:
    arithmetic = values[f"arithmetic.{kind}.{kin}"]
    cpu = kin == "cpu"
    ggml = "conv.ggml.cpu" if cpu else "conv.ggml"
    conv = values[ggml if kind == "ggml" else "conv.cpu" if cpu else "conv.gpu"]
    torch = kind == "torch"
    compiled = values.get(f"compiled.{kind}.{kin}")
    return Kernels(
        bandwidth=round(values[f"bandwidth.{kin}"], 4),
        skinny=round(arithmetic, 4),
        tile_rows=COMMON[kind] if cpu else 16,
        wide=round(min(0.9, arithmetic * (2 if cpu else 1.3)), 4),
        conv=round(conv, 4),
        # measured with PyTorch; what GGML makes of them nobody has, so it counts as the others
        dense=round(conv if kind == "ggml" else min(0.9, arithmetic * (2 if cpu else 1.3)), 4),
        cache_bytes=CACHE_BYTES if torch and not cpu else 0.2,
        cache_ops=_cache_ops(values, cpu=cpu) if torch else {},
        launch_us=round(values[f"launch.{kind}.{kin}"], 3),
        compiled_us=round(compiled, 3) if compiled else None,
        request_s=round(values["request.cpu" if cpu else "request.gpu"], 4),
    )


def _cache_ops(values: Mapping[str, float], *, cpu: bool) -> dict[str, float]:
    if cpu:
        half = round(values["cache.cpu.bf16"])
        return {"fp32": CACHE_FP32, "bf16": half, "fp16": half}
    return dict.fromkeys(("fp32", "bf16", "fp16"), round(values["cache.gpu"]))


CACHE_BYTES = 100.0
"""On GPUs PyTorch takes SDPA's math kernel here (a mask and grouped heads at once): keys and values
are expanded eightfold, widened to fp32 and scaled, each copy written and read. Derived."""
CACHE_FP32 = 320.0
"""Operations an element of the cache costs PyTorch on a processor in fp32, measured here: 4096
positions in 1.4 ms; in bf16 it took 7.3 ms without units for it. Programs other than PyTorch attend
over what is filled only: about a twentieth of what is allocated."""


class Fit:
    """Reports and parameters of one fit."""

    def __init__(self, cases: Sequence[Case], free: Mapping[str, Prior]) -> None:
        self.cases = list(cases)
        self.free = dict(free)
        self.names = [name for name, prior in free.items() if prior.doubt]
        counts = Counter(case.device for case in cases)
        self.weights = [counts[case.device] ** -0.25 for case in cases]

    def values(self, theta: Sequence[float]) -> dict[str, float]:
        """Parameters from their distances, in doubts, from what was suggested."""
        found = {name: prior.value for name, prior in self.free.items()}
        for name, distance in zip(self.names, theta, strict=True):
            prior = self.free[name]
            found[name] = prior.value * math.exp(distance * prior.doubt)
        return found

    def residuals(self, theta: Sequence[float]) -> list[float]:
        """Of reports, then of distances."""
        table = constants_from(self.values(theta), {})
        misses = [
            weight * math.log(mid / case.report.rtf) / NOISE  # type: ignore[operator]
            for case, weight in zip(self.cases, self.weights, strict=True)
            if (mid := middle(case, table)) is not None
        ]
        return [*(_soft(miss) for miss in misses), *theta]

    def run(self) -> dict[str, float]:
        """The parameters with the least squares."""
        # scipy's steps are relative: around one, not around nought
        found = least_squares(
            lambda x: self.residuals(x - 1.0), [1.0] * len(self.names), diff_step=0.01, xtol=1e-5
        )
        return self.values(found.x - 1.0)


def _soft(miss: float) -> float:
    """Cauchy's loss: a report far off pulls less the further it is, for its cause is another."""
    return math.copysign(math.sqrt(SCALE**2 * math.log1p((miss / SCALE) ** 2)), miss)


def middle(case: Case, table: Constants) -> float | None:
    """RTF in the middle of the forecast with these constants."""
    with_table(table)
    context = case.context
    card = (context.cards or [None])[0] if case.subject.device == "gpu" else None
    subject = case.subject.runs_on(card.gpu.vendor if card else None)
    total = forecast.time_sum(subject, context, card, Evidence())
    return total.rtf if total is not None else None


def with_table(table: Constants) -> None:
    """Let vcf forecast with other constants than those it ships."""
    spread = Spread(low=0.5, high=2)
    kinds = ("cpu", "nvidia", "amd", "intel", "apple", "unlisted")
    full = table.spreads or dict.fromkeys(kinds, spread)
    table = msgspec.structs.replace(table, spreads=full)
    for place in (forecast, device):
        place.constants = lambda: table  # type: ignore[attr-defined]


def usable(reports: Sequence[Report]) -> list[Case]:
    """The reports that serve the comparison of speeds."""
    known = subjects(load_catalogue())
    cases = [case_of(report, known) for report in reports if report.serves("rtf")]
    return [case for case in cases if case is not None]


def everything() -> list[Case]:
    """The public reports, and what vcf itself measured."""
    return [*usable(load_reports()), *measured_cases(subjects(load_catalogue()))]


def priors(cases: Sequence[Case]) -> dict[str, Prior]:
    """All parameters: those above and one for each program with a report."""
    runtimes = sorted({case.subject.mode.runtime for case in cases})
    own = {f"runtime.{name}": Prior(1.0, RUNTIME_DOUBT, "as its kernels") for name in runtimes}
    return {**PRIORS, **own}


@dataclass(frozen=True)
class Miss:
    """A report beside the forecast that was made without any report of its device."""

    case: Case
    mid: float
    family: str
    """Class of evidence, ``torch.nvidia``."""

    @property
    def log(self) -> float:
        """Logarithm of forecast over report."""
        return math.log(self.mid / self.case.report.rtf)  # type: ignore[operator]


def family_of(case: Case) -> str:
    """Kind of kernels and class of device."""
    cards = case.context.cards
    on_cpu = case.subject.device == "cpu" or not cards
    rates = case.context.cpu if on_cpu else cards[0].rates  # type: ignore[index]
    return f"{case.subject.runtime.kernels}.{rates.kind if rates else 'cpu'}"


def cross_validate(cases: Sequence[Case]) -> list[Miss]:
    """Each report beside a forecast made without any report of its device."""
    found: dict[str, Miss] = {}
    for name in sorted({case.device for case in cases}):
        rest = [case for case in cases if case.device != name]
        table = constants_from(Fit(rest, priors(rest) | priors(cases)).run(), {})
        for case in cases:
            if case.device == name:
                mid = middle(case, table)
                assert mid is not None, case.report.id
                found[case.report.id] = Miss(case, mid, family_of(case))
    return [found[case.report.id] for case in cases]


INSIDE = 0.9
"""Share of reports that a range is to hold."""
NORMAL = 1.645 * 1.4826
"""Half the width that holds nine tenths of normal misses, over their median distance."""
POOL = 8.0
"""So many devices' worth of the pool of all reports enter the spread of each class."""
FEW, WIDER = 4, 1.15
"""With fewer devices than the first, a class's range is so much wider (in logarithms). Set."""
NO_REPORTS = 1.3
"""The same for classes of devices that nobody has reported a speed of, and for cards of which
only the generation is known. Set."""
DEVICES = ("cpu", "nvidia", "amd", "intel", "apple")


def spreads_of(misses: Sequence[Miss]) -> dict[str, Spread]:
    """The range of each class: its own misses, drawn towards those of all reports and
    never narrower: a class that did well so far has met few devices."""
    pool = _quantile(misses)
    found: dict[str, Spread] = {}
    for family in sorted({miss.family for miss in misses}):
        own = [miss for miss in misses if miss.family == family]
        votes = len({miss.case.device for miss in own})
        half = max(pool, (votes * _typical(own) + POOL * pool) / (votes + POOL))
        public = public_of([miss.case for miss in own])
        found[family] = _spread(half * (WIDER if votes < FEW else 1.0), public)
    for kind in DEVICES:
        found[kind] = _spread(pool * (NO_REPORTS if kind in OTHER_VENDORS else WIDER), 0)
    found["unlisted"] = _spread(pool * NO_REPORTS, 0)
    return found


def _spread(half: float, reports: int) -> Spread:
    return Spread(low=round(math.exp(-half), 3), high=round(math.exp(half), 3), reports=reports)


def _typical(misses: Sequence[Miss]) -> float:
    """Half a range from the median distance: one report far off does not widen a small class."""
    return NORMAL * statistics.median(abs(miss.log) for miss in misses)


def _quantile(misses: Sequence[Miss]) -> float:
    """Distance, in logarithms, within which the wanted share of reports lies; the reports of a
    device together count as the square root of their number."""
    counts = Counter(miss.case.device for miss in misses)
    ordered = sorted((abs(miss.log), counts[miss.case.device] ** -0.5) for miss in misses)
    total, passed = sum(weight for _, weight in ordered), 0.0
    for distance, weight in ordered:
        passed += weight
        if passed >= INSIDE * total:
            return distance
    return ordered[-1][0]


def held_out_spreads(misses: Sequence[Miss]) -> dict[str, dict[str, Spread]]:
    """For each device, the ranges as they come out without its own misses."""
    names = {miss.case.device for miss in misses}
    return {
        name: spreads_of([miss for miss in misses if miss.case.device != name]) for name in names
    }


def fitted(cases: Sequence[Case], misses: Sequence[Miss]) -> tuple[Constants, Fit]:
    """All constants, from all reports."""
    fit = Fit(cases, priors(cases))
    table = constants_from(fit.run(), spreads_of(misses))
    origins = {}
    for kind, kinds in table.kernels.items():
        for kin in kinds:
            for field in (
                "bandwidth",
                "skinny",
                "wide",
                "conv",
                "dense",
                "launch_us",
                "compiled_us",
                "request_s",
            ):
                origins[f"{kind}.{kin}.{field}"] = "set" if kin in OTHER_VENDORS else "fitted"
            origins[f"{kind}.{kin}.cache_ops"] = "measured" if kin == "cpu" else "fitted"
    return msgspec.structs.replace(table, reports=public_of(cases), origins=origins), fit


def public_of(cases: Sequence[Case]) -> int:
    """How many of them are public reports."""
    return sum(not case.own for case in cases)


def told(fit: Fit) -> str:
    """Constants beside what they were before any report was looked at."""
    values = fit.run()
    lines = [f"{'constant':34} {'before':>9} {'fitted':>9}  moved by"]
    for name, prior in fit.free.items():
        moved = math.log(values[name] / prior.value) / prior.doubt if prior.doubt else 0.0
        lines.append(f"{name:34} {prior.value:9.4g} {values[name]:9.4g}  {moved:+.2f} doubts")
    return "\n".join(lines)


def constants_page(fit: Fit) -> str:
    """The constants as Markdown: what they were taken to be, why, and where the fit moved them."""
    values = fit.run()
    lines = [
        "| Constant | Suggested | Doubt | Fitted | Moved by | Because |",
        "|---|---|---|---|---|---|",
    ]
    for name, prior in fit.free.items():
        moved = math.log(values[name] / prior.value) / prior.doubt if prior.doubt else 0.0
        lines.append(
            f"| `{name}` | {prior.value:g} | × {math.exp(prior.doubt):.2f} | {values[name]:.4g} "
            f"| {moved:+.1f} doubts | {prior.why} |"
        )
    lines += [
        "",
        f"Fitted to {public_of(fit.cases)} public reports and "
        f"{len(fit.cases) - public_of(fit.cases)} [measurements of our own]"
        "(bench-full-size.md#all-that-there-is), which are one device. `arithmetic` and "
        "`bandwidth` are shares of the peak, "
        "`launch` and `compiled` µs, `request` seconds, `cache` operations an element, the rest "
        "plain factors. `wide` work takes 1.3 times the share of `skinny`, twice on processors.",
    ]
    return "\n".join(lines)


def differences(old: Constants, new: Constants) -> list[str]:
    """Constants that moved by more than a hundredth."""
    before, after = _flat(msgspec.to_builtins(old)), _flat(msgspec.to_builtins(new))
    return [
        f"{key}: {before.get(key)} in forecast.json, {after.get(key)} from this fit"
        for key in sorted(before | after)
        if not _close(before.get(key), after.get(key))
    ]


def _close(old: object, new: object) -> bool:
    if isinstance(old, float | int) and isinstance(new, float | int):
        return abs(old - new) <= 0.01 * max(abs(old), abs(new))
    return old == new


def _flat(data: object, place: str = "") -> dict[str, object]:
    if not isinstance(data, dict):
        return {place: data}
    found: dict[str, object] = {}
    for key, value in data.items():
        found |= _flat(value, f"{place}.{key}" if place else str(key))
    return found


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--check", action="store_true", help="fail when a new fit differs")
    group.add_argument("--print", action="store_true", help="what the fit moved, nothing written")
    arguments = parser.parse_args()
    cases = everything()
    if arguments.print:
        print(told(Fit(cases, priors(cases))))
        return 0
    table, fit = fitted(cases, cross_validate(cases))
    page = PAGE.read_text(encoding="utf-8")
    new = replace_block(page, "constants", constants_page(fit))
    if arguments.check:
        old = msgspec.json.decode(module.PATH.read_bytes(), type=Constants)
        found = differences(old, table)
        for line in found:
            print(line, file=sys.stderr)
        if found:
            print("run: python scripts/fit_forecast.py", file=sys.stderr)
        behind = page_differs(page, new, PAGE, "python scripts/fit_forecast.py")
        return 1 if found or behind else 0
    PAGE.write_text(new, encoding="utf-8", newline="\n")
    text = msgspec.json.format(msgspec.json.encode(table), indent=1)
    module.PATH.write_bytes(text + b"\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
