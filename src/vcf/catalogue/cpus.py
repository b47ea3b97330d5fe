"""The CPU table: cores, threads and instruction sets of a processor, found by its name.

The table is cpus.json, from the vendors' product pages. Names are matched by whole words: an
i7-6700 is not an i7-6700HQ. For parts that are not listed, their number may still tell the
generation and with it the instruction sets, but never how many cores they have.
"""

from __future__ import annotations

import re
from functools import cache, lru_cache
from pathlib import Path

import msgspec

_AVX2 = ("avx", "avx2", "f16c", "fma")
_AVX2_VNNI = ("avx", "avx2", "avx_vnni", "f16c", "fma")
_SKYLAKE = ("avx", "avx2", "avx512f", "f16c", "fma")
_ICE_LAKE = ("avx", "avx2", "avx512_vnni", "avx512f", "f16c", "fma")
_ZEN4 = ("avx", "avx2", "avx512_bf16", "avx512_vnni", "avx512f", "f16c", "fma")
_ZEN5 = ("avx", "avx2", "avx512_bf16", "avx512_vnni", "avx512f", "avx_vnni", "f16c", "fma")
_SAPPHIRE = (
    "amx_bf16", "amx_int8", "avx", "avx2", "avx512_bf16", "avx512_vnni", "avx512f", "avx_vnni",
    "f16c", "fma",
)  # fmt: skip
_NEOVERSE_V1 = ("bf16", "dotprod", "i8mm", "neon", "sve")
_XEON = "(?:bronze|silver|gold|platinum) [3-9]"

# Left out where a number does not tell: Intel's X parts (i7-7740X is Kaby Lake, i7-7800X Skylake
# with AVX-512), i7-4820K and i7-4930K (Ivy Bridge), i3-8121U (Cannon Lake), AMD's 7000 and 8000
# mobile parts, where only the third digit tells Zen 2 from Zen 4.
_FAMILIES: tuple[tuple[str, str, tuple[str, ...]], ...] = (
    (r"i[3579] (?!4820k|4930k|8121)[4-9]\d{3}(?!xe?$)[a-z]*\d?",
     "Intel Core, 4th to 9th generation", _AVX2),
    (r"i[3579] 10\d{3}(?!xe?$)[a-z]*", "Intel Core, 10th generation", _AVX2),
    (r"i[357] 10\d\dn?g[1-7]", "Intel Core, 10th generation with G", _ICE_LAKE),
    (r"i[3579] 11(?:\d\dg[1-7]|\d{3}[a-z]*)", "Intel Core, 11th generation", _ICE_LAKE),
    (r"i[3579] 1[234]\d{2,3}[a-z]*", "Intel Core, 12th to 14th generation", _AVX2_VNNI),
    (r"ultra [579] [12]\d\d[a-z]*", "Intel Core Ultra, series 1 and 2", _AVX2_VNNI),
    (r"e[357] \d{4}[a-z]* v[3-6]", "Intel Xeon E, v3 to v6", _AVX2),
    (_XEON + r"1\d\d[a-z]*", "Intel Xeon Scalable, 1st generation", _SKYLAKE),
    (_XEON + r"2\d\d[a-z]*", "Intel Xeon Scalable, 2nd generation", _ICE_LAKE),
    (_XEON + r"3\d\dh[a-z]*", "Intel Xeon Scalable, 3rd generation with H", _ZEN4),
    (_XEON + r"3\d\d[a-z]*", "Intel Xeon Scalable, 3rd generation", _ICE_LAKE),
    (_XEON + r"[45]\d\d[a-z]*", "Intel Xeon Scalable, 4th and 5th generation", _SAPPHIRE),
    (r"ryzen [3579] [1-6]\d{3}[a-z]*(?:3d)?", "AMD Ryzen, 1000 to 6000", _AVX2),
    (r"ryzen [3579] 7\d[23]\d[a-z]*", "AMD Ryzen, 7020 to 7035", _AVX2),
    (r"ryzen [3579] [78]\d4\d[a-z]*(?:3d)?", "AMD Ryzen, 7040 to 8045", _ZEN4),
    (r"ryzen [3579] 7\d[05]0(?:x|x3d|f)?", "AMD Ryzen, 7000 desktop", _ZEN4),
    (r"ryzen [3579] 8\d00[gf]e?", "AMD Ryzen, 8000 desktop", _ZEN4),
    (r"ryzen [3579] 9\d[05]\d(?:x|x3d|f|hx|hx3d)?", "AMD Ryzen, 9000", _ZEN5),
    (r"ryzen ai (?:max|[579](?: hx)?) 3\d\d", "AMD Ryzen AI, 300", _ZEN5),
    (r"threadripper [1-5]\d{3}w?x", "AMD Ryzen Threadripper, 1000 to 5000", _AVX2),
    (r"threadripper 7\d{3}w?x", "AMD Ryzen Threadripper, 7000", _ZEN4),
    (r"threadripper 9\d{3}w?x", "AMD Ryzen Threadripper, 9000", _ZEN5),
    (r"epyc 7[0-9a-z]{2}[123][a-z]*", "AMD EPYC, 1st to 3rd generation", _AVX2),
    (r"epyc (?:4\d\d|8\d\d|9[0-9a-z]{2})4[a-z]*", "AMD EPYC, 4th generation", _ZEN4),
    (r"epyc (?:4\d\d|9[0-9a-z]{2})5[a-z]*", "AMD EPYC, 5th generation", _ZEN5),
    (r"graviton ?2", "AWS Graviton2", ("dotprod", "neon")),
    (r"graviton ?3e?", "AWS Graviton3", _NEOVERSE_V1),
    (r"graviton ?4", "AWS Graviton4", (*_NEOVERSE_V1, "sve2")),
)  # fmt: skip

_FORMS: tuple[tuple[str, str], ...] = (
    (r"\((?:tm|r|c)\)|[™®©]", " "),
    (r"(?:@|\bwith\b|\bw/).*", ""),  # the clock, the graphics beside it
    (r".*(?:raspberry pi|树莓派) ?(\d+).*", r"raspberry pi \1"),  # model and revision follow
    ("锐龙", " ryzen "), ("酷睿", " core "), ("霄龙", " epyc "), ("英特尔|至强|苹果", " "),
    (r"\b\d{1,2}(?:st|nd|rd|th) gen\b|\b[\d.]+ ?ghz\b", " "),
    (r"\b(?:\d+|two|dual|quad|four|six|eight|twelve|sixteen)[- ]cores?\b", " "),
    (r"\b(?:intel|amd|apple|qualcomm|nvidia|rockchip|arm|aws|xeon|genuine|cpu|processor)\b", " "),
    (r"[^\w]+", " "),
    (r"^ r(?=[3579] )", " ryzen "), (r" (ryzen|ultra)(?=[3579] )", r" \1 "),
    (r"^ ryzen threadripper ", " threadripper "),
    (r"^( threadripper| ryzen)( .*)? pro ", r"\1\2 "),  # the same parts with remote management
    (r"^ core (?=i[3579] |ultra )", " "),
    (r"(?<=\d)v(?=[2-6] $)", " v"),
)  # fmt: skip
_CORES = re.compile(r"\b(\d+)[- ]cores?\b")
_LONGEST = 128  # characters: a name that fills a whole file would be searched for minutes


class CpuSpec(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the vendor says about the processors of one name."""

    name: str
    """The vendor's spelling; of a family what its parts have in common."""
    cores: int | None = None
    """Cores, the fewest sold under the name; None for a family."""
    cores_max: int | None = None
    """The most sold under the name, where it differs."""
    threads: int | None = None
    """Hardware threads of a part with ``cores``."""
    performance_cores: int | None = None
    """How many of ``cores`` are the large ones; None where all are alike, or nearly (Zen 5c)."""
    isa: tuple[str, ...]
    """Instruction sets as ``vcf probe`` names them, sorted."""
    aliases: tuple[str, ...] = ()
    """Other whole names of it."""

    @property
    def arch(self) -> str:
        """``arm64`` or ``x86_64``."""
        return "arm64" if "neon" in self.isa else "x86_64"


def normalise(name: str) -> str:
    """The form in which names are compared: the words that tell one part from another."""
    key = f" {name.casefold()} "
    for pattern, instead in _FORMS:
        key = re.sub(pattern, instead, f" {key.strip()} ")
    return " ".join(key.split())


@cache
def cpus() -> tuple[CpuSpec, ...]:
    """Every row of the table."""
    table = Path(__file__).with_name("cpus.json").read_bytes()
    return msgspec.json.decode(table, type=tuple[CpuSpec, ...])


def _row(key: str) -> CpuSpec | None:
    """The row of a normalised name. Only names that hold all its words are normalised to be
    compared: all of them would take 25 ms."""
    words = key.split()
    for spec in cpus():
        for name in (spec.name, *spec.aliases):
            folded = name.casefold()
            if all(word in folded for word in words) and normalise(name) == key:
                return spec
    return None


@lru_cache(maxsize=1024)
def find_cpu(name: str) -> CpuSpec | None:
    """The row of a name as a system prints it or people write it, else what its family has.

    None too where the name speaks of another number of cores than the part has.
    """
    if len(name) > _LONGEST:
        return None
    key = normalise(name)
    spec = _row(key) if key else None
    if spec is None:
        return _family(key)
    said = _CORES.search(name.casefold())
    return spec if said is None or int(said[1]) == spec.cores else None


def _family(key: str) -> CpuSpec | None:
    """The instruction sets that every part of a numbering has."""
    for pattern, name, isa in _FAMILIES:
        if re.fullmatch(pattern, key):
            return CpuSpec(name=name, isa=isa)
    return None
