"""Time and memory of whole vcf processes, as a table beside their targets.

    python scripts/benchmark.py [--vcf PATH] [--llmfit PATH] [--runs N]
    python scripts/benchmark.py --fleet 10000

Measure an ordinary install (`pip install .`), not an editable one: that one reads models.yaml
itself, which costs more than all the rest. Nothing here is a test: times depend on the machine.
"""

from __future__ import annotations

import argparse
import os
import platform
import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import yaml

Command = list[str]

COMMANDS: tuple[tuple[str, tuple[str, ...], float], ...] = (
    ("vcf --version", ("--version",), 0.10),
    ("vcf check --json", ("check", "--json"), 0.20),
    ("vcf check", ("check",), 0.30),
    ("vcf plan voxcpm-2", ("plan", "voxcpm-2"), 0.60),
    ("vcf plan", ("plan",), 0.60),
    ("vcf report --format md", ("report", "--format", "md"), 0.40),
    ("vcf report --format html", ("report", "--format", "html"), 2.00),
)
"""Name, arguments, target in seconds."""
TARGET_MB = 60.0
LLMFIT = ("fit", "-n", "5", "--json")
LLMFIT_SHARE = 0.6
"""`vcf check --json` should take at most this share of llmfit's time."""
FLEET_TARGET_S = 20.0
FLEET_OF = 10_000


@dataclass(frozen=True)
class Run:
    """One finished process."""

    seconds: float
    peak_mb: float
    """Peak resident memory of the process, without children that it has not waited for."""
    code: int


def run(command: Command) -> Run:
    """Run a command to its end, output thrown away."""
    begin = time.perf_counter()
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - begin
    process.returncode = os.waitstatus_to_exitcode(status)
    unit = 1 if sys.platform == "darwin" else 1024
    return Run(seconds, usage.ru_maxrss * unit / 1e6, process.returncode)


def several(command: Command, runs: int) -> tuple[float, float, float, float]:
    """Median, smallest and largest seconds, and the highest peak, after one run to warm up."""
    if run(command).code not in (0, 1):
        sys.exit(f"{' '.join(command)} failed")
    done = [run(command) for _ in range(runs)]
    seconds = [each.seconds for each in done]
    peak = max(each.peak_mb for each in done)
    return statistics.median(seconds), min(seconds), max(seconds), peak


def single(vcf: str, llmfit: str | None, runs: int) -> None:
    """The table of single commands."""
    print(f"{runs} processes each; median (smallest – largest); peak RSS in MB (10^6 bytes)\n")
    print("| Command | Seconds | Target | ÷ target | Peak RSS | Target | ÷ target |")
    print("|---|---|---|---|---|---|---|")
    json_seconds = 0.0
    for name, arguments, target in COMMANDS:
        median, low, high, peak = several([vcf, *arguments], runs)
        json_seconds = median if name == "vcf check --json" else json_seconds
        print(
            f"| `{name}` | {median:.3f} ({low:.3f} – {high:.3f}) | {target:.2f} "
            f"| {median / target:.2f} | {peak:.0f} MB | {TARGET_MB:.0f} MB "
            f"| {peak / TARGET_MB:.2f} |"
        )
    if llmfit is None:
        print("\nllmfit not measured: name its program with --llmfit.")
        return
    median, low, high, peak = several([llmfit, *LLMFIT], runs)
    print(
        f"| `llmfit {' '.join(LLMFIT)}` | {median:.3f} ({low:.3f} – {high:.3f}) | – | – "
        f"| {peak:.0f} MB | – | – |"
    )
    ratio = json_seconds / median
    print(f"\nvcf check --json ÷ llmfit: {ratio:.2f} of its time (target {LLMFIT_SHARE}).")


GPUS: tuple[tuple[str, str], ...] = (
    ("NVIDIA GeForce GTX 1060 6GB", "6GiB"), ("NVIDIA GeForce RTX 2060", "6GiB"),
    ("NVIDIA GeForce RTX 3060", "12GiB"), ("NVIDIA GeForce RTX 3090", "24GiB"),
    ("NVIDIA GeForce RTX 4060", "8GiB"), ("NVIDIA GeForce RTX 4090", "24GiB"),
    ("NVIDIA GeForce RTX 5070", "12GiB"), ("NVIDIA L4", "24GiB"),
    ("AMD Radeon RX 7900 XTX", "24GiB"),
)  # fmt: skip


def machine(index: int, chance: random.Random, probed: bool) -> dict[str, object]:
    """A machine that nobody owns, as a person would write it, or with the free memory that a
    probe adds: then no two have the same, and little can be judged once for several."""
    cores = chance.choice((2, 4, 6, 8, 10, 12, 16, 24))
    gpus = []
    if chance.random() < 0.8:
        name, vram = chance.choice(GPUS)
        gpus.append({"name": name, "vram": vram})
    total = chance.choice((8, 16, 24, 32, 64, 128))
    disk = chance.randrange(100, 4000)
    memory = {"total": f"{total}GiB"}
    if probed:
        memory["available"] = f"{chance.randrange(total << 18, total * 1000 << 10)}KiB"
    return {
        "name": f"machine-{index}",
        "os": chance.choice(("linux", "windows")),
        "cpu": {"model": "CPU", "cores": cores, "threads": 2 * cores, "isa": ["avx2", "fma"]},
        "memory": memory,
        "gpus": gpus,
        "disk": {"total": f"{disk}GB", "free": f"{chance.randrange(5, disk)}GB"},
    }


def fleet(vcf: str, largest: int, seed: int, probed: bool) -> None:
    """The table of folders: a tenth, a third, the whole."""
    target = FLEET_TARGET_S * largest / FLEET_OF
    kind = "as probed, no two with the same free memory" if probed else "as written by hand"
    print(f"Folders of random machines, {kind} (seed {seed}).")
    print("All models and modes, JSON to /dev/null.")
    print(f"Target: {target:.3g} s for {largest}; time linear, memory flat\n")
    print("| Machines | Seconds | ms per machine | ÷ first | Peak RSS | ÷ first |")
    print("|---|---|---|---|---|---|")
    first: tuple[float, float] | None = None
    seconds = 0.0
    for count in (max(1, largest // 10), max(1, largest // 3), largest):
        folder = Path(tempfile.mkdtemp(prefix="vcf-fleet-"))
        chance = random.Random(seed)
        try:
            for index in range(count):
                text = yaml.safe_dump(machine(index, chance, probed), sort_keys=False)
                (folder / f"{index:06}.yaml").write_text(text, encoding="utf-8")
            done = run([vcf, "check", "--machine", str(folder), "--json"])
        finally:
            shutil.rmtree(folder)
        if done.code not in (0, 1):
            sys.exit(f"vcf ended with {done.code}")
        seconds = done.seconds
        each = 1000 * seconds / count
        first = first or (each, done.peak_mb)
        print(
            f"| {count} | {seconds:.2f} | {each:.2f} | {each / first[0]:.2f} "
            f"| {done.peak_mb:.0f} MB | {done.peak_mb / first[1]:.2f} |"
        )
    print(f"\n{seconds:.2f} s ÷ target: {seconds / target:.2f}.")
    print("Peak RSS is that of the first process or its largest worker, not their sum.")


def main() -> None:
    """Run as a script."""
    beside = Path(sys.executable).with_name("vcf")
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--vcf", default=str(beside), help="vcf to measure (this Python's)")
    parser.add_argument("--llmfit", help="llmfit to measure beside it, in its own environment")
    parser.add_argument("--runs", type=int, default=10, help="processes a command (10)")
    parser.add_argument("--fleet", type=int, metavar="N", help="N machine files instead")
    parser.add_argument("--probed", action="store_true", help="each with its own free memory")
    parser.add_argument("--seed", type=int, default=1, help="of the random machines")
    arguments = parser.parse_args()
    if os.name == "nt":
        sys.exit("peak memory is read with wait4, which Windows does not have")
    load = ", ".join(f"{value:.2f}" for value in os.getloadavg())
    print(f"{platform.platform()}, Python {platform.python_version()}, {os.cpu_count()} CPUs")
    print(f"Load average before: {load}\n")
    if arguments.fleet:
        fleet(arguments.vcf, arguments.fleet, arguments.seed, arguments.probed)
    else:
        single(arguments.vcf, arguments.llmfit, arguments.runs)


if __name__ == "__main__":
    main()
