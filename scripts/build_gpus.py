"""Build src/vcf/catalogue/gpus.json from the vendor figures in scripts/gpu_specs.csv.

    python scripts/build_gpus.py            write the table
    python scripts/build_gpus.py --check    fail when the table is not what the figures give

Peak rates are computed, never copied: bandwidth = bus bits / 8 x data rate per pin,
fp32 = lanes x operations per lane and clock x boost clock. The other rates follow from fp32 by the
rules of each architecture below.
"""

from __future__ import annotations

import csv
import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from vcf.catalogue.gpus import GpuSpec, normalise

ROOT = Path(__file__).resolve().parents[1]
SPECS = ROOT / "scripts" / "gpu_specs.csv"
TABLE = ROOT / "src" / "vcf" / "catalogue" / "gpus.json"

Row = dict[str, str]
Spec = dict[str, Any]

# fp16 operations of the ordinary units as a multiple of fp32; None: no fp16 arithmetic.
# "Throughput of native arithmetic instructions" in
# https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#arithmetic-instructions
NVIDIA_FP16: dict[str, float | None] = {
    "2.1": None, "3.0": None, "3.5": None, "3.7": None, "5.0": None, "5.2": None,
    "5.3": 2, "6.0": 2, "6.1": 1 / 64, "6.2": 2, "7.0": 2, "7.2": 2, "7.5": 2, "8.0": 4,
    "8.6": 1, "8.7": 2, "8.9": 1, "9.0": 2, "10.0": 2, "11.0": 2, "12.0": 1, "12.1": 1,
}  # fmt: skip

# Dense fp16 matrix operations with fp32 accumulation, as a multiple of fp32: (GeForce, others).
# GeForce cards accumulate in fp32 at half rate from Turing on.
# 7.x: https://images.nvidia.com/content/volta-architecture/pdf/volta-architecture-whitepaper.pdf
# 7.5: https://images.nvidia.com/aem-dam/en-zz/Solutions/design-visualization/technologies/turing-architecture/NVIDIA-Turing-Architecture-Whitepaper.pdf
# 8.0: https://www.nvidia.com/en-us/data-center/a100/
# 8.6 to 12.x: https://images.nvidia.com/aem-dam/Solutions/geforce/blackwell/nvidia-rtx-blackwell-gpu-architecture.pdf
# 8.7: https://developer.nvidia.com/embedded/jetson-modules
# From 9.0 the data-centre parts carry NVIDIA's own figure in the CSV.
NVIDIA_MATRIX: dict[str, tuple[float, float]] = {
    "7.0": (8, 8), "7.2": (8, 8), "7.5": (4, 8), "8.0": (16, 16), "8.6": (2, 4), "8.7": (8, 8),
    "8.9": (2, 4), "12.0": (2, 4), "12.1": (2, 4),
}  # fmt: skip
# Turing without tensor cores; chip letters from the Turing white paper and the GTX 16 pages.
NO_TENSOR = ("TU116", "TU117")
MATRIX_FROM_CSV = ("9.0", "10.0", "11.0", "gfx908", "gfx90a", "gfx942", "gfx950")

# AMD: prefix of the ISA target -> (fp16 multiple, matrix multiple or None, bf16).
# Instructions: https://llvm.org/docs/AMDGPUUsage.html#processors
# Rates: https://www.amd.com/en/products/specifications/graphics.html (peak half precision) and
# https://www.amd.com/en/products/accelerators/instinct.html. RDNA 3 and 4 count dual issue in fp32.
AMD: dict[str, tuple[float, float | None, bool]] = {
    "gfx803": (1, None, False),
    "gfx908": (2, None, True), "gfx90a": (2, None, True),
    "gfx942": (1, None, True), "gfx950": (1, None, True),
    "gfx90": (2, None, False),
    "gfx10": (2, None, False),
    "gfx11": (2, 2, True),
    "gfx12": (2, 4, True),
}  # fmt: skip

# Intel: (fp16 multiple, XMX multiple or None, bf16).
# https://www.intel.com/content/www/us/en/products/details/discrete-gpus/arc.html
INTEL: dict[str, tuple[float | None, float | None, bool]] = {
    "Gen7": (None, None, False), "Gen7.5": (None, None, False), "Gen8": (2, None, False),
    "Gen9": (2, None, False), "Xe-LP": (2, None, False), "Xe-LPG": (2, None, False),
    "Xe-HPG": (2, 8, True), "Xe-LPG+": (2, 8, True), "Xe2": (2, 8, True), "Xe3": (2, 8, True),
}  # fmt: skip

RANGES = {"bandwidth_gb_s": (5, 9000), "fp32_tflops": (0.05, 250), "year": (2010, 2035)}
FIGURES = ("bandwidth_gb_s", "fp32_tflops", "fp16_tflops", "matrix_tflops")


def short(value: float) -> float:
    """Four significant digits: more would pretend to a precision that clocks do not have."""
    return float(f"{value:.4g}")


def factors(row: Row) -> tuple[float | None, float | None, bool]:
    """Multiples of fp32 for fp16 and matrix work, and whether bfloat16 is native."""
    arch, vendor = row["arch"], row["vendor"]
    if vendor == "apple":
        # No matrix unit of its own below M5: https://github.com/philipturner/metal-benchmarks
        return 1, None, "bf16" in row["flags"]
    if not arch:  # a generic name: only what all its chips have
        return None, None, False
    if vendor == "intel":
        return INTEL[arch]
    if vendor == "amd":
        return AMD[max((p for p in AMD if arch.startswith(p)), key=len)]
    ccs = arch.split("/")
    alu = [NVIDIA_FP16[cc] for cc in ccs]
    matrix = NVIDIA_MATRIX.get(ccs[0])
    multiple = matrix[0 if row["name"].startswith("GeForce") else 1] if matrix else None
    if row["chip"].startswith(NO_TENSOR):
        multiple = None
    # bfloat16 came with Ampere: https://www.nvidia.com/en-us/data-center/a100/
    return min(alu, key=lambda f: f or 0), multiple, all(float(cc) >= 8 for cc in ccs)


def figures(row: Row, first: Row) -> Spec:
    """Derived rates of one line; `first` carries what the lines of one name share."""
    fp32 = int(row["lanes"]) * int(row["flops_per_lane"]) * float(row["boost_mhz"]) / 1e6
    fp16, matrix, _ = factors(first)
    out: Spec = {
        "bandwidth_gb_s": short(int(row["bus_bits"]) / 8 * float(row["gbps"])),
        "fp32_tflops": short(fp32),
    }
    if fp16:
        out["fp16_tflops"] = short(fp32 * fp16)
    if row["matrix_tflops"]:
        out["matrix_tflops"] = float(row["matrix_tflops"])
    elif matrix:
        out["matrix_tflops"] = short(fp32 * matrix)
    elif first["arch"] in MATRIX_FROM_CSV:
        raise ValueError(f"{row['name']}: {first['arch']} needs matrix_tflops in the CSV")
    return out


def variant(row: Row, first: Row) -> Spec:
    """One line of a name that has several."""
    key = "gpu_cores" if row["gpu_cores"] else "vram_gib"
    return {key: int(row[key]), **figures(row, first)}


def top_bandwidth(rows: list[Row]) -> float:
    """Highest bandwidth that any card of this name has."""
    low = [int(r["bus_bits"]) / 8 * float(r["gbps"]) for r in rows]
    high = [int(r["bus_bits_max"]) / 8 * float(r["gbps_max"]) for r in rows if r["gbps_max"]]
    return short(max(low + high))


def chip_fields(row: Row) -> Spec:
    """Compute capability, ISA target or architecture, by vendor."""
    if row["vendor"] == "nvidia":
        ccs = row["arch"].split("/")
        return {"cc": ccs[0]} if len(ccs) == 1 else {"cc_variants": ccs}
    return {"gfx" if row["vendor"] == "amd" else "arch": row["arch"]}


def build_spec(rows: list[Row]) -> Spec:
    """One row of the table from the CSV lines of one name."""
    first = rows[0]
    flags = first["flags"].split()
    sized = [variant(row, first) for row in rows] if len(rows) > 1 else []
    rates = figures(first, first)
    if sized:  # without a size, the weakest of the name
        rates = {key: min(v[key] for v in sized) for key in FIGURES if key in sized[0]}
    top = top_bandwidth(rows)
    spec: Spec = {
        "name": first["name"],
        "vendor": first["vendor"],
        "aliases": [a for a in first["aliases"].split("|") if a],
        **{flag: flag in flags for flag in ("laptop", "integrated", "unified")},
        "year": int(first["year"]),
        "chip": first["chip"],
        "vram_gib": sorted({int(s) for row in rows for s in row["vram_gib"].split()}),
        **chip_fields(first),
        **rates,
        "bf16": factors(first)[2],
        "pci": first["pci"].split(),
        "variants": sized,
        "source": first["source"],
        "note": first["note"],
    }
    if top > rates["bandwidth_gb_s"]:
        spec["bandwidth_gb_s_max"] = top
    return {key: value for key, value in spec.items() if value not in (None, "", False, [])}


def problems(specs: list[Spec]) -> list[str]:
    """What is wrong with the table: clashing names, implausible figures."""
    found: list[str] = []
    seen: dict[str, str] = {}
    for spec in specs:
        name = spec["name"]
        for key in {normalise(n) for n in (name, *spec.get("aliases", ()))}:
            if key in seen:
                found.append(f"{name}: {key!r} already stands for {seen[key]}")
            seen[key] = name
        if spec["vendor"] not in ("nvidia", "amd", "intel", "apple"):
            found.append(f"{name}: unknown vendor {spec['vendor']}")
        found += [
            f"{name}: {k} = {spec[k]}" for k, (a, b) in RANGES.items() if not a <= spec[k] <= b
        ]
        found += [f"{name}: PCI id {i}" for i in spec.get("pci", ()) if len(i) != 4]
        if not spec["source"].startswith("https://"):
            found.append(f"{name}: no source")
    return found


def render(lines: list[Row]) -> str:
    """The whole file: one row per line, sorted by vendor and name."""
    names: dict[str, list[Row]] = {}
    for line in lines:
        names.setdefault(line["name"], []).append(line)
    specs = sorted(
        (build_spec(rows) for rows in names.values()), key=lambda s: (s["vendor"], s["name"])
    )
    if found := problems(specs):
        raise ValueError("\n".join(found))
    msgspec.convert(specs, tuple[GpuSpec, ...])
    return "[\n" + ",\n".join(json.dumps(s, ensure_ascii=False) for s in specs) + "\n]\n"


def main(argv: list[str]) -> int:
    """Write or check the table; the exit status."""
    with SPECS.open(encoding="utf-8", newline="") as handle:
        text = render(list(csv.DictReader(handle)))
    if "--check" not in argv:
        TABLE.write_text(text, encoding="utf-8", newline="\n")
        return 0
    if TABLE.read_text(encoding="utf-8") == text:
        return 0
    print("gpus.json is out of date: run python scripts/build_gpus.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
