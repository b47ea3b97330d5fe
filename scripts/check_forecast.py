"""Compare vcf's forecast with public measurements of speed.

    python scripts/check_forecast.py            write the tables into docs/forecast.md
    python scripts/check_forecast.py --check    fail when the page does not hold today's tables
    python scripts/check_forecast.py --print    the comparison on standard output

The measurements stand in scripts/reports.csv, one a line, each with the page that states it.
"""

from __future__ import annotations

import argparse
import csv
import statistics
import sys
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from check_readme import differences, replace_block

from vcf.api import load_catalogue
from vcf.catalogue.model import Catalogue
from vcf.judge.context import Context
from vcf.judge.forecast import forecast
from vcf.judge.model import Evidence, Rtf
from vcf.judge.subject import Subjects, subjects
from vcf.judge.words import number
from vcf.machine.complete import complete
from vcf.machine.model import Cpu, Gpu, Machine

ROOT = Path(__file__).resolve().parents[1]
REPORTS = ROOT / "scripts" / "reports.csv"
PAGE = ROOT / "docs" / "forecast.md"

Row = dict[str, str]


@dataclass(frozen=True)
class Comparison:
    """One measurement beside its forecast."""

    row: Row
    rtf: Rtf

    @property
    def reported(self) -> float:
        """RTF that the page states."""
        return float(self.row["rtf"])

    @property
    def inside(self) -> bool:
        """Whether the forecast's range holds it."""
        return self.rtf.low <= self.reported <= self.rtf.high

    @property
    def ratio(self) -> float:
        """Middle of the forecast over the measurement: below 1 where vcf is too hopeful."""
        return self.rtf.mid / self.reported


def reports() -> list[Row]:
    """The lines of reports.csv."""
    with REPORTS.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def machine_of(row: Row) -> Machine:
    """The machine of a report: its card, or its processor and the threads used."""
    if row["gpu"]:
        return complete(Machine(gpus=[Gpu(name=row["gpu"])]), "report")
    cores = int(row["cores"])
    apple = row["cpu"].startswith("Apple ")
    cpu = Cpu(
        model=row["cpu"],
        physical_cores=cores,
        logical_cores=cores,
        usable_cores=cores,
        isa=["neon"] if apple else ["avx2", "fma"],
    )
    return complete(Machine(cpu=cpu), "report")


def compare(row: Row, known: Subjects) -> Comparison:
    """Forecast as vcf makes it for this card or processor, whether or not the model fits it."""
    subject = known.by_key[row["model"], row["mode"]]
    context = Context(machine_of(row))
    rates = context.cpu
    if row["gpu"]:
        assert context.cards, row
        card = context.cards[0]
        rates = card.rates
        other = subject.mode.runs_as.get(card.gpu.vendor) if card.gpu.vendor else None
        subject = known.by_key[row["model"], other] if other else subject
    rtf = forecast(subject, rates, Evidence())
    if rtf is None:
        sys.exit(f"no forecast for {row}")
    return Comparison(row, rtf)


def table(found: list[Comparison]) -> str:
    """The comparison as Markdown, and its sum."""
    lines = [
        "| Model, mode | Device | Reported | Forecast low – mid – high | Inside | Mid ÷ reported "
        "| Source, conditions |",
        "|---|---|---|---|---|---|---|",
    ]
    for each in found:
        row, rtf = each.row, each.rtf
        device = row["gpu"] or f"{row['cpu']}, {row['cores']} threads"
        host, path = urlsplit(row["url"])[1:3]
        title = path.strip("/").replace("/blob/", " ").split(" ")[0]
        source = f"[{title or host}]({row['url']}), {row['date'] or 'no date'}: {row['conditions']}"
        lines.append(
            f"| {row['model']} {row['mode']} | {device} | {number(each.reported)} "
            f"| {number(rtf.low)} – {number(rtf.mid)} – {number(rtf.high)} "
            f"| {'yes' if each.inside else '**no**'} | {each.ratio:.2f} | {source} |"
        )
    inside = sum(each.inside for each in found)
    ratios = sorted(each.ratio for each in found)
    tenths = statistics.quantiles(ratios, n=10, method="inclusive")
    width = statistics.median(each.rtf.high / each.rtf.low for each in found)
    lines += [
        "",
        f"{len(found)} reports; {inside} inside the range ({inside / len(found):.0%}). "
        f"Middle of the forecast ÷ reported: p10 {tenths[0]:.2f}, "
        f"median {statistics.median(ratios):.2f}, p90 {tenths[-1]:.2f}. "
        f"The high end of a range is in the median {number(width)} times its low end.",
    ]
    return "\n".join(lines)


def constants(catalogue: Catalogue) -> str:
    """What each runtime is taken to reach, as Markdown."""
    lines = [
        "| Runtime | Device | Bandwidth | Arithmetic | µs a launch | Range |",
        "|---|---|---|---|---|---|",
    ]
    for key, runtime in catalogue.runtimes.items():
        for device, speed in runtime.speed.items():
            lines.append(
                f"| {key} | {device} | {speed.bandwidth_share:.0%} | {speed.arithmetic_share:.1%} "
                f"| {speed.launch_us:g} | × {speed.low:g} to × {speed.high:g} |"
            )
    return "\n".join(lines)


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    group = parser.add_mutually_exclusive_group()
    group.add_argument("--check", action="store_true", help="fail when the page differs")
    group.add_argument("--print", action="store_true", help="print instead of writing")
    arguments = parser.parse_args()
    catalogue = load_catalogue()
    known = subjects(catalogue)
    text = table([compare(row, known) for row in reports()])
    if arguments.print:
        print(text)
        return 0
    old = PAGE.read_text(encoding="utf-8")
    new = replace_block(old, "reports", text)
    new = replace_block(new, "constants", constants(catalogue))
    if arguments.check:
        return differences(old, new, PAGE, "python scripts/check_forecast.py")
    PAGE.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
