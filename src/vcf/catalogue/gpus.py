"""The GPU table: what a card can do, found by name, PCI id or compute capability.

The table is gpus.json; docs/gpu-table.md tells how its figures come about. Names are matched
whole, because parts of them collide: "A100" is inside "RTX A1000".
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal

import msgspec

from vcf.units import GIB

_TOLERANCE = 0.10  # drivers keep some memory back: a 16 GiB T4 reports 15.0 GiB
_LARGEST = 1 << 20  # GiB: stands for the memory of the whole machine
_MARKS = re.compile(r"\((?:tm|r|c)\)|[™®©]", re.IGNORECASE)
_VENDOR_WORDS = {"nvidia", "amd", "ati", "intel", "corporation"}
_SIZE_WORD = re.compile(r"\s\(?(\d{1,4}) ?gi?b\)?(?=\s|$)")
_TRAILING_SIZE = re.compile(r"(.*?\S)[\s(\[/,]+(\d{1,4})\s?g(?:i?b)?[)\]]?\s*", re.IGNORECASE)
_MOBILE = re.compile(r"(?:[\s/(]+(?:laptop gpu|laptop|mobile|notebook|max-q)\)?)+$")
_CORES = re.compile(r"[\s(]+(\d{1,3})[\s-]cores?(?: gpu)?\)?$")
_FAMILY = re.compile(r"\b(rtx|gtx|gt|rx)[\s-]?(?=\d)")
_SUFFIX = re.compile(r"(?<=\d)(ti|xtx|xt|gre|super)(?= |$|super)")
_BRANDS = (
    "", "geforce ", "radeon ", "geforce rtx ", "geforce gtx ", "radeon rx ", "apple ", "tesla ",
    "quadro ", "arc ", "instinct ", "jetson ",
)  # fmt: skip


class Rates(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Peak figures at boost clock."""

    bandwidth_gb_s: float
    """Memory bandwidth in GB/s (10^9), with the slowest memory sold under the name."""
    fp32_tflops: float
    """fp32 rate in TFLOPS."""
    fp16_tflops: float | None = None
    """fp16 rate of the ordinary units in TFLOPS, None without fp16 arithmetic."""
    matrix_tflops: float | None = None
    """Dense fp16 rate of the matrix units in TFLOPS, fp32 sums; None: no units or no figure."""


class Variant(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """One of several cards that share a name."""

    vram_gib: int | None = None
    """Memory size in GiB that tells this card from the others."""
    gpu_cores: int | None = None
    """Apple: GPU cores that tell this chip from the others."""


class GpuSpec(Rates, frozen=True, kw_only=True, omit_defaults=True):
    """What the vendor's figures say about the cards of one name."""

    name: str
    """The driver's spelling without the vendor; laptop twins get "Laptop GPU" added."""
    vendor: Literal["nvidia", "amd", "intel", "apple"]
    """Who makes it."""
    aliases: tuple[str, ...] = ()
    """Other whole names of it, from drivers, systems and people."""
    laptop: bool = False
    """Made for laptops only."""
    integrated: bool = False
    """Part of a processor or module."""
    unified: bool = False
    """Shares the memory of the system."""
    year: int
    """Year of release."""
    chip: str = ""
    """Code name of the silicon."""
    vram_gib: tuple[int, ...] = ()
    """Memory sizes that exist, in GiB; empty when the memory is shared."""
    cc: str | None = None
    """NVIDIA compute capability, None when chips of several share the name."""
    cc_variants: tuple[str, ...] = ()
    """The compute capabilities that share the name, where there are several."""
    gfx: str | None = None
    """AMD instruction set, such as gfx1100."""
    arch: str | None = None
    """Intel graphics architecture."""
    bandwidth_gb_s_max: float | None = None
    """Bandwidth with the fastest memory in GB/s, where it differs."""
    bf16: bool = False
    """Has bfloat16 arithmetic."""
    pci: tuple[str, ...] = ()
    """PCI device ids: four hex digits, lower case."""
    variants: tuple[Variant, ...] = ()
    """The cards that share the name; the figures above are the lowest of them."""
    source: str
    """Where the vendor publishes the figures."""
    note: str = ""
    """What one should know to read the figures right."""


def normalise(name: str) -> str:
    """The form in which names are compared: no vendor, no marks, single blanks, lower case."""
    words = _MARKS.sub(" ", name).casefold().split()
    while len(words) > 1 and words[0] in _VENDOR_WORDS:
        del words[0]
    while len(words) > 1 and words[-1] == "graphics" and words != ["radeon", "graphics"]:
        del words[-1]
    return " ".join(words)


@cache
def gpus() -> tuple[GpuSpec, ...]:
    """Every row of the table."""
    table = Path(__file__).with_name("gpus.json").read_bytes()
    return msgspec.json.decode(table, type=tuple[GpuSpec, ...])


@cache
def _index() -> dict[str, GpuSpec]:
    """Rows by normalised name and alias."""
    return {normalise(name): spec for spec in gpus() for name in (spec.name, *spec.aliases)}


@cache
def _by_device() -> dict[tuple[str, str], list[GpuSpec]]:
    """Rows by vendor and PCI device id."""
    found: dict[tuple[str, str], list[GpuSpec]] = {}
    for spec in gpus():
        for device in spec.pci:
            found.setdefault((spec.vendor, device), []).append(spec)
    return found


def find(
    name: str,
    *,
    vram_bytes: int | None = None,
    laptop: bool | None = None,
    gpu_cores: int | None = None,
) -> GpuSpec | None:
    """The row of a name as a driver or system prints it; in a laptop rather the mobile card.

    Memory size or Apple's core count choose among cards that share a name; else the lowest figures.
    """
    key = normalise(name)
    spec = _row(key, laptop)
    if spec is None and (size := _SIZE_WORD.search(key)):
        spec = _row(" ".join(_SIZE_WORD.sub("", key, count=1).split()), laptop)
        vram_bytes = vram_bytes or int(size[1]) * GIB
    return spec and _fitted(spec, vram_bytes, gpu_cores)


def _row(key: str, laptop: bool | None) -> GpuSpec | None:
    """The row of a normalised name; the mobile row first in a laptop, else last."""
    desktop, mobile = _index().get(key), _index().get(f"{key} laptop gpu")
    return (mobile or desktop) if laptop else (desktop or mobile)


def _near(size_gib: int, vram_bytes: int) -> bool:
    """Whether a reported memory size can be that of a card sold with `size_gib`."""
    return abs(vram_bytes / GIB - size_gib) <= _TOLERANCE * size_gib


def _fitted(spec: GpuSpec, vram_bytes: int | None, gpu_cores: int | None = None) -> GpuSpec:
    """The row with the figures of the variant that is meant, or as it is."""
    fits = [
        (abs(variant.vram_gib * GIB - vram_bytes), variant)
        for variant in spec.variants
        if variant.vram_gib and vram_bytes and _near(variant.vram_gib, vram_bytes)
    ]
    fits += [(0, v) for v in spec.variants if v.gpu_cores and v.gpu_cores == gpu_cores]
    if not fits:
        sizes = tuple(size for size in spec.vram_gib if vram_bytes and _near(size, vram_bytes))
        return msgspec.structs.replace(spec, vram_gib=sizes) if len(sizes) == 1 else spec
    _, best = min(fits, key=lambda fit: fit[0])
    return msgspec.structs.replace(
        spec,
        vram_gib=(best.vram_gib,) if best.vram_gib and not spec.unified else (),
        bandwidth_gb_s=best.bandwidth_gb_s,
        bandwidth_gb_s_max=None,
        fp32_tflops=best.fp32_tflops,
        fp16_tflops=best.fp16_tflops,
        matrix_tflops=best.matrix_tflops,
        variants=(),
    )


def split_size(text: str) -> tuple[str, int | None]:
    """A typed name and the size in bytes at its end; a name listed with its size stays whole."""
    match = _TRAILING_SIZE.fullmatch(text)
    if match is None or normalise(text) in _index():
        return text, None
    return match[1], int(match[2]) * GIB


def find_typed(text: str) -> GpuSpec | None:
    """The row of a name as people type it: "rtx3060", "4060 Ti 16GB", "M3 Max 40-core"."""
    key = _spaced(text)
    if not _SIZE_WORD.sub("", f" {key}").strip():  # else a brand alone would be found
        return None
    if spec := _branded(key):
        return spec
    cores = _CORES.search(key)
    full, size = split_size(_CORES.sub("", key))
    key = _MOBILE.sub("", full)
    mobile = key != full
    key, inner = split_size(key)
    size = size or inner
    if mobile and (spec := _branded(key + "m", size)):
        return spec
    if key.endswith("m") and (spec := _branded(key[:-1], size, True)) and spec.laptop:
        return spec
    return _branded(key, size, mobile, int(cores[1]) if cores else None)


def _spaced(text: str) -> str:
    """Normalised, with the blanks that people leave out: "rtx3070ti" becomes "rtx 3070 ti"."""
    key = _FAMILY.sub(r"\1 ", normalise(text))
    return " ".join(_SUFFIX.sub(r" \1 ", key).split())


def _branded(
    key: str, size: int | None = None, laptop: bool | None = None, gpu_cores: int | None = None
) -> GpuSpec | None:
    """The row of a name that may lack its brand; one that is listed with its size comes first."""
    names = [f"{key} {size // GIB}gb", key] if size else [key]
    for brand in _BRANDS:
        for name in names:
            if spec := find(brand + name, vram_bytes=size, laptop=laptop, gpu_cores=gpu_cores):
                return spec
    return None


def suggest(text: str, limit: int = 3) -> list[str]:
    """Names of the table that look like a mistyped one, the likeliest first."""
    from difflib import get_close_matches  # 3 ms, needed only after a mistake

    names: dict[str, str] = {}
    for key, spec in _index().items():
        for brand in _BRANDS:
            if key.startswith(brand):
                names.setdefault(key.removeprefix(brand), spec.name)
    near = get_close_matches(_spaced(split_size(text)[0]), names, n=limit * 4)
    return list(dict.fromkeys(names[key] for key in near))[:limit]


def _slowest(specs: Iterable[GpuSpec]) -> GpuSpec:
    """The row that promises least: speech models wait for memory first."""
    return min(specs, key=lambda spec: (spec.bandwidth_gb_s, spec.fp32_tflops))


def by_pci(vendor: str, device_id: str) -> GpuSpec | None:
    """The row of a PCI device id; if cards share it, all their names and the slowest's figures."""
    specs = _by_device().get((vendor, device_id.lower().removeprefix("0x")), [])
    if len(specs) < 2:
        return specs[0] if specs else None
    return msgspec.structs.replace(
        _slowest(specs),
        name=" / ".join(spec.name for spec in specs),
        aliases=(),
        laptop=all(spec.laptop for spec in specs),
        vram_gib=tuple(sorted({size for spec in specs for size in spec.vram_gib})),
        variants=(),
        note="cards that share a PCI id: figures of the slowest",
    )


def floor_for(
    vendor: str, cc: str | None, gfx: str | None, vram_bytes: int | None
) -> GpuSpec | None:
    """The lowest figures among the cards of a compute capability or gfx target that have at least
    that much memory: what an unknown card can do at least. More memory never lowers them."""

    def of_kind(spec: GpuSpec) -> bool:
        known = {spec.cc, *spec.cc_variants, spec.gfx} - {None}
        return spec.vendor == vendor and not known.isdisjoint((cc, gfx))

    same = [
        (size, _fitted(spec, size * GIB))
        for spec in gpus()
        if of_kind(spec)
        for size in spec.vram_gib or (_LARGEST,)
    ]
    if not same:
        return None
    least = min((vram_bytes or 0) / GIB / (1 + _TOLERANCE), max(size for size, _ in same))
    specs = [spec for size, spec in same if size >= least]
    return msgspec.structs.replace(
        _slowest(specs),
        fp32_tflops=min(spec.fp32_tflops for spec in specs),
        fp16_tflops=min(spec.fp16_tflops or 0.0 for spec in specs) or None,
        matrix_tflops=min(spec.matrix_tflops or 0.0 for spec in specs) or None,
        bf16=all(spec.bf16 for spec in specs),
    )


def bf16_native(cc: str) -> bool:
    """Whether a compute capability has bfloat16 arithmetic: 8.0 and later.

    https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#arithmetic-instructions
    """
    return int(cc.split(".")[0]) >= 8


def fp16_native(cc: str) -> bool:
    """Whether a compute capability computes in fp16 as fast as in fp32: 5.3 on, but not 6.1 (1/64).

    https://docs.nvidia.com/cuda/cuda-c-programming-guide/index.html#arithmetic-instructions
    """
    major, _, minor = cc.partition(".")
    version = (int(major), int(minor or 0))
    return version >= (5, 3) and version != (6, 1)
