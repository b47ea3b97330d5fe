"""Records of `vcf bench` beside the forecast: each is a row of the accuracy ledger.

    python scripts/bench_ledger.py              rewrite the table of docs/bench-full-size.md
    python scripts/bench_ledger.py --check      fail where it is out of date
    python scripts/bench_ledger.py FILE...      print a table of other records: what `vcf bench
                                                --json` or `vcf bench export` wrote

"Then" is the forecast in the record, made before the run; "now" is today's for the same machine
and work, without calibration, and without what is installed where that alone says no. Both are
compared with the median of the runs, the encoding of a clip included, as the forecast counts.
"""

from __future__ import annotations

import argparse
import statistics
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

import msgspec
from check_readme import differences, replace_block

from vcf.api import load_catalogue
from vcf.bench.cells import judged_here
from vcf.bench.record import BenchDocument, BenchRecord
from vcf.judge.context import Context
from vcf.judge.model import Rtf
from vcf.judge.subject import Subjects, subjects
from vcf.judge.verdict import NO_EVIDENCE

ROOT = Path(__file__).resolve().parents[1]
RECORDS = ROOT / "docs" / "bench"
PAGE = ROOT / "docs" / "bench-full-size.md"
HEAD = ("Record", "Device", "Work", "Measured", "Then", "Measured ÷ then", "Now", "Measured ÷ now")


@dataclass(frozen=True)
class Row:
    """One record that counts, with its forecasts."""

    record: BenchRecord
    measured: float
    now: Rtf | None

    def cells(self) -> list[str]:
        """The row in words."""
        record, then = self.record, self.record.predicted
        work = record.workload
        steps = "own steps" if work.steps is None else f"{work.steps} steps"
        return [
            f"{record.model}:{record.mode}",
            record.gpu or record.machine.cpu.model or "processor",
            f"{work.speech_seconds:.3g} s, {steps}, {record.weights.kind}",
            f"{self.measured:.2f}",
            *_forecast(self.measured, then and (then.low, then.mid, then.high, then.basis)),
            *_forecast(
                self.measured,
                self.now and (self.now.low, self.now.mid, self.now.high, self.now.basis),
            ),
        ]


def _forecast(measured: float, found: tuple[float, float, float, str] | None) -> tuple[str, str]:
    if not found:
        return "–", "–"
    low, mid, high, basis = found
    where = "inside" if low <= measured <= high else "outside"
    return f"{low:.2f}–{mid:.2f}–{high:.2f} ({basis})", f"{measured / mid:.2f}, {where}"


def read(files: Iterable[Path]) -> list[BenchRecord]:
    """The records of files: documents, or a record a line. Raises msgspec.MsgspecError."""
    found: list[BenchRecord] = []
    for file in files:
        text = file.read_bytes()
        try:
            found += msgspec.json.decode(text, type=BenchDocument).results
        except msgspec.DecodeError:
            lines = [line for line in text.splitlines() if line.strip()]
            found += [msgspec.json.decode(line, type=BenchRecord) for line in lines]
    return found


def rows(records: Sequence[BenchRecord], known: Subjects) -> list[Row]:
    """Those that count, of models and modes that vcf knows."""
    made = []
    for record in records:
        subject = known.by_key.get((record.model, record.mode))
        rtfs = record.call_rtfs()
        if subject is None or not record.counts or not rtfs:
            continue
        judged = judged_here(Context(record.machine, record.workload), subject, NO_EVIDENCE)
        made.append(Row(record, statistics.median(rtfs), judged.rtf))
    return made


def table(found: Sequence[Row]) -> str:
    """In Markdown."""
    lines = [HEAD, ("---",) * len(HEAD), *(tuple(row.cells()) for row in found)]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail where the page is out of date")
    parser.add_argument("files", nargs="*", type=Path, metavar="FILE", help="other records")
    arguments = parser.parse_args()
    known = subjects(load_catalogue())
    files = arguments.files or sorted(RECORDS.glob("*.json"), reverse=True)
    try:
        found = rows(read(files), known)
    except (OSError, msgspec.MsgspecError) as error:
        sys.exit(f"bench_ledger: {error}")
    if arguments.files:
        print(table(found) if found else "no record that counts")
        return 0 if found else 1
    old = PAGE.read_text(encoding="utf-8")
    new = replace_block(old, "ledger", table(found))
    if arguments.check:
        return 1 if differences(old, new, PAGE, "python scripts/bench_ledger.py") else 0
    PAGE.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
