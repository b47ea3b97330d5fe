"""The ledger: every usable public report beside what vcf says of such a machine.

    python scripts/accuracy.py            write docs/accuracy.md and docs/accuracy.json
    python scripts/accuracy.py --check    fail when a target that was reached is missed now, or
                                          when the pages do not hold today's figures
    python scripts/accuracy.py --reports FILE    the same comparison over other reports, printed

Forecasts of speed in it are made without any report of the device they are for. Needs scipy.
"""

from __future__ import annotations

import argparse
import json
import math
import statistics
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from check_readme import differences, replace_block
from fit_forecast import Miss, cross_validate, family_of, held_out_spreads, middle, usable
from ledger import Case, case_of, measured_cases

from vcf.api import load_catalogue
from vcf.catalogue.constants import Spread, constants
from vcf.catalogue.reports import Report, load_reports
from vcf.judge import device, forecast
from vcf.judge.model import Assessment
from vcf.judge.subject import subjects
from vcf.judge.words import number
from vcf.units import GIB

ROOT = Path(__file__).resolve().parents[1]
PAGE, DATA = ROOT / "docs" / "accuracy.md", ROOT / "docs" / "accuracy.json"
WORST = 20
RUNS = ("good", "slow", "tight")


@dataclass(frozen=True)
class Row:
    """One report of a speed beside its forecast."""

    miss: Miss
    spread: Spread

    @property
    def case(self) -> Case:
        """The report as vcf judges it."""
        return self.miss.case

    @property
    def reported(self) -> float:
        """RTF that the report states."""
        assert self.case.report.rtf is not None
        return self.case.report.rtf

    @property
    def low(self) -> float:
        """RTF at the quick end."""
        return self.miss.mid * self.spread.low

    @property
    def high(self) -> float:
        """RTF at the slow end."""
        return self.miss.mid * self.spread.high

    @property
    def ratio(self) -> float:
        """Middle of the forecast over the report: below 1 where vcf is too hopeful."""
        return self.miss.mid / self.reported

    @property
    def inside(self) -> bool:
        """Whether the range holds it."""
        return self.low <= self.reported <= self.high

    @property
    def width(self) -> float:
        """Slow end over quick end."""
        return self.high / self.low


@dataclass(frozen=True)
class Target:
    """One promise about the forecast."""

    id: str
    text: str
    value: float
    limit: float
    least: bool
    """The value must be at least the limit; otherwise at most."""

    @property
    def reached(self) -> bool:
        """Whether it is kept."""
        return self.value >= self.limit if self.least else self.value <= self.limit


def speed_rows(cases: Sequence[Case]) -> list[Row]:
    """Each usable report with a forecast made without its device, ranges included."""
    own = measured_cases(subjects(load_catalogue()))  # known to the fit, no rows of this page
    misses = cross_validate([*cases, *own])
    held = held_out_spreads(misses)
    return [
        Row(miss, _spread(held[miss.case.device], miss.family))
        for miss in misses
        if not miss.case.own
    ]


def _spread(spreads: dict[str, Spread], family: str) -> Spread:
    return spreads.get(family) or spreads[family.partition(".")[2]]


def shipped_rows(cases: Sequence[Case]) -> list[Row]:
    """The same with the constants that vcf ships."""
    table = constants()
    rows = []
    for case in cases:
        mid = middle(case, table)
        family = family_of(case)
        kind, _, kin = family.partition(".")
        spread = table.spread(kind, kin, listed=True)  # type: ignore[arg-type]
        if mid is not None:
            rows.append(Row(Miss(case, mid, family), spread))
    return rows


@dataclass(frozen=True)
class Fit:
    """One report of running or failing beside the verdict."""

    case: Case
    verdict: Assessment

    @property
    def told(self) -> str:
        """``runs``, ``fails`` or ``not told``."""
        if self.verdict.verdict == "unknown":
            return "not told"
        return (
            "runs"
            if self.verdict.verdict in ("good", "slow")
            else ("tight" if self.verdict.verdict == "tight" else "fails")
        )

    @property
    def right(self) -> bool:
        """``tight`` says that it may fail, so it is right of both; silence is right of neither."""
        ran = self.case.report.outcome in ("works", "works-slow")
        return self.told in (("runs", "tight") if ran else ("fails", "tight"))


def fits(reports: Sequence[Report]) -> list[Fit]:
    """Reports of running or failing with vcf's verdicts."""
    known = subjects(load_catalogue())
    cases = [case_of(report, known) for report in reports if report.serves("fit")]
    return [Fit(case, case.judged()) for case in cases if case is not None]


@dataclass(frozen=True)
class Peak:
    """One report of a peak of memory beside the need that vcf judges."""

    case: Case
    what: str
    measured: float
    need: float

    @property
    def ratio(self) -> float:
        """Need over measurement: below 1 where vcf asks for too little."""
        return self.need / self.measured


def peaks(reports: Sequence[Report]) -> list[Peak]:
    """Reports of memory with vcf's needs, in GiB (sources mix GB and GiB)."""
    known = subjects(load_catalogue())
    found = []
    for report in reports:
        case = case_of(report, known) if report.serves("memory") else None
        if case is None:
            continue
        memory = case.judged().memory
        pairs = (
            ("VRAM", report.peak_vram_gb, memory.device),
            ("RAM", report.peak_ram_gb, memory.host),
        )
        for what, measured, amounts in pairs:
            if measured is not None and amounts is not None and amounts.need_bytes is not None:
                found.append(Peak(case, what, measured, amounts.need_bytes / GIB))
    return found


def targets(rows: Sequence[Row], found: Sequence[Fit]) -> list[Target]:
    """The promises, with what holds today."""
    ratios = sorted(row.ratio for row in rows)
    gpu = [row.width for row in rows if not row.miss.family.endswith(".cpu")]
    cpu = [row.width for row in rows if row.miss.family.endswith(".cpu")]
    right = sum(each.right for each in found) / len(found) if found else math.nan
    inside = sum(row.inside for row in rows) / len(rows) if rows else math.nan
    return [
        Target("fit", "verdicts on running or not that are right", right, 0.95, True),
        Target("p10", "forecast ÷ report, 10th percentile", quantile(ratios, 0.1), 0.6, True),
        Target("p90", "forecast ÷ report, 90th percentile", quantile(ratios, 0.9), 1.6, False),
        Target("inside", "reports inside the range", inside, 0.88, True),
        Target("width-gpu", "width of the range (slow end ÷ quick end), median over GPUs",
               median(gpu), 3.5, False),
        Target("width-cpu", "the same over processors, uncalibrated",
               median(cpu), 5.0, False),
    ]  # fmt: skip


def median(values: Sequence[float]) -> float:
    """The middle; not a number where there are none."""
    return statistics.median(values) if values else math.nan


def quantile(ordered: Sequence[float], share: float) -> float:
    """Linear between neighbours."""
    if not ordered:
        return math.nan
    place = share * (len(ordered) - 1)
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def document(rows: Sequence[Row], promises: Sequence[Target]) -> dict[str, Any]:
    """What docs/accuracy.json holds."""
    return {
        "schema": "vcf.accuracy/1",
        "targets": [
            {"id": t.id, "value": round(t.value, 3), "limit": t.limit, "reached": t.reached}
            for t in promises
        ],
        "rows": [
            {
                "id": row.case.report.id, "model": row.case.subject.model_id,
                "mode": row.case.subject.mode_id, "device": row.case.device,
                "reported": row.reported, "low": round(row.low, 3),
                "mid": round(row.miss.mid, 3), "high": round(row.high, 3),
                "ratio": round(row.ratio, 3), "inside": row.inside,
            }
            for row in rows
        ],
    }  # fmt: skip


def target_table(promises: Sequence[Target]) -> str:
    """The promises as Markdown."""
    lines = ["| | Target | Today | |", "|---|---|---|---|"]
    for each in promises:
        share = each.id in ("fit", "inside")
        value, limit = (
            (f"{each.value:.1%}", f"{each.limit:.0%}") if share
            else (f"{each.value:.2f}", f"{each.limit:g}")
        )  # fmt: skip
        sign = "≥" if each.least else "≤"
        state = "reached" if each.reached else "**missed**"
        lines.append(f"| {each.text} | {sign} {limit} | {value} | {state} |")
    return "\n".join(lines)


def confusion(found: Sequence[Fit]) -> str:
    """What was reported against what vcf says, as Markdown."""
    counts = Counter((each.case.report.outcome, each.told) for each in found)
    heads = ("runs", "tight", "fails", "not told")
    lines = [f"| Reported | {' | '.join(heads)} |", "|---|---|---|---|---|"]
    for outcome in ("works", "works-slow", "oom", "fails"):
        cells = [str(counts[outcome, head] or "") for head in heads]
        lines.append(f"| {outcome} | {' | '.join(cells)} |")
    right = sum(each.right for each in found)
    lines += [
        "",
        f"{len(found)} reports, {right} right"
        + (f" ({right / len(found):.1%})." if found else "."),
    ]
    wrong = [each for each in found if not each.right]
    if wrong:
        lines += ["", "Not right:", ""]
        lines += [
            f"- {link(each.case)}: {each.case.subject.name} on {hardware(each.case)}, reported "
            f"{each.case.report.outcome}, vcf says {each.verdict.verdict}. {each.case.report.note}"
            for each in wrong
        ]
    return "\n".join(lines)


def spread_table(rows: Sequence[Row], key: Callable[[Row], str], head: str) -> str:
    """Ratios by a property, as Markdown."""
    groups: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        groups[key(row)].append(row)
    lines = [
        f"| {head} | Reports | p10 | Median | p90 | Inside | Width |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, own in [*sorted(groups.items()), ("all", list(rows))]:
        ratios = sorted(row.ratio for row in own)
        lines.append(
            f"| {name} | {len(own)} | {quantile(ratios, 0.1):.2f} | {quantile(ratios, 0.5):.2f} "
            f"| {quantile(ratios, 0.9):.2f} | {sum(r.inside for r in own)} of {len(own)} "
            f"| {statistics.median(r.width for r in own):.1f} |"
        )
    return "\n".join(lines)


def vendor(row: Row) -> str:
    """Class of the device."""
    return row.miss.family.partition(".")[2]


def row_table(rows: Sequence[Row], *, reasons: bool = False) -> str:
    """Reports and forecasts, a line each."""
    last = " Likely reason |" if reasons else ""
    lines = [
        f"| Report | Mode | Device | Reported | Forecast | ÷ | Inside |{last}",
        "|---|---|---|---|---|---|---|" + ("---|" if reasons else ""),
    ]
    for row in rows:
        cells = [
            link(row.case), row.case.subject.name, hardware(row.case), number(row.reported),
            f"{number(row.low)} – {number(row.miss.mid)} – {number(row.high)}",
            f"{row.ratio:.2f}", "yes" if row.inside else "**no**",
        ]  # fmt: skip
        if reasons:
            cells.append(reason(row))
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def reason(row: Row) -> str:
    """What the report itself gives for its distance from the forecast."""
    report, said = row.case.report, []
    conditions = report.conditions
    if row.ratio > 1 and "README" in report.source:
        said.append("makers' own figure, on a computer of their choice")
    if conditions.short_clip:
        said.append("very short clip, its length taken as 2.5 s")
    if report.os == "windows":
        said.append("Windows")
    if report.mode in ("gpu", "cpu"):
        said.append("precision not stated, the program's default taken")
    if conditions.compiled is None and row.case.subject.runtime.compiled_gib and report.gpu:
        said.append("compiled or not is not stated")
    if report.cpu is None and report.gpu is not None:
        said.append("computer around the card not stated")
    said.append(report.note.rstrip("."))
    return ("; ".join(said) + ".").replace("|", "/")


def link(case: Case) -> str:
    """The report's name, leading to its page where it has one."""
    report = case.report
    return f"[{report.id}]({report.url})" if report.url else report.id


def hardware(case: Case) -> str:
    """What it ran on."""
    return case.device + (f" ({case.report.vram_gb:g} GB)" if case.report.vram_gb else "")


def memory_table(found: Sequence[Peak]) -> str:
    """Needs beside measured peaks, as Markdown."""
    lines = [
        "| Report | Mode | Device | Of | Measured | Need judged | ÷ |",
        "|---|---|---|---|---|---|---|",
    ]
    for peak in found:
        lines.append(
            f"| {link(peak.case)} | {peak.case.subject.name} | {hardware(peak.case)} | {peak.what} "
            f"| {peak.measured:g} | {peak.need:.1f} GiB | {peak.ratio:.2f} |"
        )
    ratios = sorted(peak.ratio for peak in found)
    lines += [
        "",
        f"{len(found)} figures: need ÷ measured p10 {quantile(ratios, 0.1):.2f}, median "
        f"{quantile(ratios, 0.5):.2f}, p90 {quantile(ratios, 0.9):.2f}.",
    ]
    return "\n".join(lines)


def left_out(reports: Sequence[Report]) -> str:
    """Every report that does not take part, with the reason, as Markdown."""
    lines = ["| Report | Speed | Fit |", "|---|---|---|"]
    for report in reports:
        reasons = report.not_used
        if "rtf" not in reasons and "fit" not in reasons:
            continue
        name = f"[{report.id}]({report.url})" if report.url else report.id
        cells = [reasons.get("rtf", "used"), reasons.get("fit", "used")]
        lines.append(f"| {name} | {' | '.join(cell.replace('|', '/') for cell in cells)} |")
    return "\n".join(lines)


def blocks(reports: Sequence[Report]) -> tuple[dict[str, str], dict[str, Any]]:
    """The parts of the page by name, and the data beside it."""
    cases = usable(reports)
    rows = speed_rows(cases)
    shipped()
    found = fits(reports)
    promises = targets(rows, found)
    own = shipped_rows(cases)
    worst = sorted(rows, key=lambda row: -abs(row.miss.log))[:WORST]
    parts = {
        "targets": target_table(promises),
        "fit": confusion(found),
        "by-model": spread_table(rows, lambda r: r.case.subject.model_id, "Model"),
        "by-runtime": spread_table(rows, lambda r: r.case.subject.mode.runtime, "Runtime"),
        "by-vendor": spread_table(rows, vendor, "Device"),
        "worst": row_table(worst, reasons=True),
        "rows": row_table(rows),
        "shipped": shipped_line(own),
        "memory": memory_table(peaks(reports)),
        "left-out": left_out(reports),
    }  # fmt: skip
    return parts, document(rows, promises)


def shipped_line(rows: Sequence[Row]) -> str:
    """How the constants do on the reports that they were fitted to."""
    inside = sum(row.inside for row in rows) / len(rows)
    ratios = sorted(row.ratio for row in rows)
    return (
        f"With the constants that are shipped, fitted to all reports: {inside:.1%} of {len(rows)} "
        f"inside, forecast ÷ report p10 {quantile(ratios, 0.1):.2f}, "
        f"p90 {quantile(ratios, 0.9):.2f}."
    )


def shipped() -> None:
    """Back to the constants that vcf ships, after a fit tried others."""
    forecast.constants = device.constants = constants  # type: ignore[attr-defined]


def regressions(before: dict[str, Any], now: dict[str, Any]) -> list[str]:
    """Targets that were reached and are missed now."""
    reached = {each["id"] for each in before["targets"] if each["reached"]}
    return [
        f"{each['id']}: {each['value']} misses {each['limit']}"
        for each in now["targets"]
        if each["id"] in reached and not each["reached"]
    ]


def other_reports(path: Path) -> int:
    """The comparison over reports that the constants were not fitted to."""
    reports = load_reports(path)
    rows, found = shipped_rows(usable(reports)), fits(reports)
    print(target_table(targets(rows, found)), confusion(found), row_table(rows), sep="\n\n")
    return 0


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="fail on a regression")
    parser.add_argument("--reports", type=Path, metavar="FILE", help="other reports, printed")
    arguments = parser.parse_args()
    if arguments.reports is not None:
        return other_reports(arguments.reports)
    parts, data = blocks(load_reports())
    old = PAGE.read_text(encoding="utf-8")
    new = old
    for name, text in parts.items():
        new = replace_block(new, name, text)
    encoded = json.dumps(data, indent=1, ensure_ascii=False) + "\n"
    if arguments.check:
        before = json.loads(DATA.read_text(encoding="utf-8"))
        worse = regressions(before, data)
        for line in worse:
            print(f"target missed that was reached: {line}", file=sys.stderr)
        changed = differences(old, new, PAGE, "python scripts/accuracy.py")
        return 1 if worse or changed else 0
    PAGE.write_text(new, encoding="utf-8", newline="\n")
    DATA.write_text(encoded, encoding="utf-8", newline="\n")
    print(parts["targets"])
    return 0


if __name__ == "__main__":
    sys.exit(main())
