"""The table of official PyTorch wheels: its shape, and the rules for reading a row."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

from vcf.catalogue.drivers import System, driver_ok

Vendor: TypeAlias = Literal["nvidia", "amd", "apple", "intel", "cpu"]
Cert: TypeAlias = Literal["measured", "script", "stated", "derived", "unconfirmed"]
Fit: TypeAlias = Literal["yes", "no", "unsure"]

_PUBLIC = re.compile(r"(\d+(?:\.\d+)*)(?:(?:a|b|rc|\.dev|\.post)\d+)*")
_CC = re.compile(r"(\d+)\.(\d+)")
_TEGRA = {(5, 3), (6, 2), (7, 2), (8, 7), (11, 0)}


class Release(msgspec.Struct, frozen=True, kw_only=True):
    """One torch release line."""

    release: str
    """Line, as in `"2.14"`."""
    newest: str
    """Newest patch release."""
    versions: tuple[str, ...]
    """Every patch release on PyPI, oldest first."""
    date: str
    """Month or day of the first one."""
    python_min: str
    """Oldest Python with wheels."""
    python_max: str
    """Newest Python with wheels on every platform."""
    default: dict[str, str | None]
    """Platform to the variant that plain PyPI gives; None where PyPI has no wheel."""
    rocm: tuple[str, ...]
    """ROCm versions with wheels (Linux x86_64 only), the main one first."""
    macos_min: str
    """Oldest macOS of the arm64 wheels."""
    cuda: str
    """CUDA runtime that the Linux wheel of plain PyPI pins."""
    cudnn: str
    """cuDNN that the same wheel pins."""
    triton: dict[str, str]
    """Patch release to the triton that its Linux CUDA wheels ask for, as in `"==3.6.0"`."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""
    note: str = ""
    """What the figures hide."""


class Wheel(msgspec.Struct, frozen=True, kw_only=True):
    """One CUDA build of one release on one platform."""

    release: str
    """Release line."""
    variant: str
    """Build tag, as in `"cu126"`."""
    platform: str
    """`linux-x86_64`, `linux-arm64` or `windows-x86_64`."""
    archs: tuple[str, ...]
    """Compute capabilities with machine code (cubin)."""
    ptx: tuple[str, ...]
    """Compute capabilities with PTX, compiled at run time for newer GPUs."""
    cert: Cert
    """How the list is known; `unconfirmed` never counts as a yes."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""
    cudnn: str | None = None
    """cuDNN pinned or bundled, where it is known and not the one of the release."""
    note: str = ""
    """What the figures hide."""


class RocmRow(msgspec.Struct, frozen=True, kw_only=True):
    """The AMD GPUs of the ROCm wheels, from one release on."""

    since: str
    """First release line of the list."""
    gfx: tuple[str, ...]
    """Every supported target."""
    cert: Cert
    """How the list is known."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""
    rocm: str | None = None
    """Only the wheels of this ROCm version; None for all."""
    note: str = ""
    """What the figures hide."""


class Elsewhere(msgspec.Struct, frozen=True, kw_only=True):
    """A way for AMD GPUs outside the official wheels."""

    platform: str
    """Where it applies."""
    what: str
    """The way, in words."""
    gfx: tuple[str, ...]
    """Targets it serves; empty where that is not known."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""


class Torchaudio(msgspec.Struct, frozen=True, kw_only=True):
    """How torchaudio versions follow torch versions."""

    last: str
    """Newest release; it serves its own and every later torch."""
    last_variants: tuple[str, ...]
    """Builds of `last`; a torch of another CUDA version refuses to import with them."""
    odd: dict[str, str]
    """Torch versions whose torchaudio has another number."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""


class WheelTable(msgspec.Struct, frozen=True, kw_only=True):
    """All of `wheels.json`."""

    schema: Literal["vcf.wheels/1"]
    """Shape of the file."""
    collected: str
    """Day the figures were gathered."""
    sources: dict[str, str]
    """Address or description behind each source key."""
    torchaudio: Torchaudio
    """torchaudio's own rules."""
    releases: tuple[Release, ...]
    """Newest first."""
    wheels: tuple[Wheel, ...]
    """CUDA builds, newest release first."""
    rocm: tuple[RocmRow, ...]
    """Oldest first; the last row that applies counts."""
    elsewhere: tuple[Elsewhere, ...]
    """Ways for AMD GPUs outside the official wheels."""


@cache
def table() -> WheelTable:
    """The packaged wheel table, read once."""
    path = Path(__file__).with_name("wheels.json")
    return msgspec.json.decode(path.read_bytes(), type=WheelTable)


def split_local(text: str) -> tuple[str, str | None]:
    """Split `"2.8.0+cu128"` into `("2.8.0", "cu128")`; no tag gives None."""
    public, _, local = text.strip().partition("+")
    return public, local or None


def parse_version(text: str) -> tuple[int, ...]:
    """The numbers of a version: `"2.13.0a0+git1"` gives `(2, 13, 0)`; ValueError on rubbish."""
    match = _PUBLIC.fullmatch(split_local(text)[0])
    if not match:
        raise ValueError(f"not a version: {text!r}")
    return tuple(int(part) for part in match[1].split("."))


def has_kernels(archs: Iterable[str], ptx: Iterable[str], cc: str) -> bool:
    """Whether a build with these lists runs on a GPU of this compute capability.

    Machine code for X.y runs on X.z with z >= y and on no other major. Jetson parts run only code
    made for them, and nothing else runs that code. PTX runs on anything newer, never on older.
    """
    return _has_cubin(archs, cc) or any(_parse_cc(low) <= _parse_cc(cc) for low in ptx)


def cuda_rows(release: Release, platform: str) -> list[Wheel]:
    """A release's CUDA builds on a platform: the PyPI build of Linux first, then newest CUDA."""
    rows = [
        row for row in table().wheels if row.release == release.release and row.platform == platform
    ]
    main = release.default["linux-x86_64"]
    return sorted(rows, key=lambda row: (row.variant != main, -int(row.variant[2:])))


def rocm_row(release: Release, rocm: str) -> RocmRow:
    """The GPU list of a release's wheels for one ROCm version."""
    line = parse_version(release.release)
    rows = [
        row
        for row in table().rocm
        if parse_version(row.since) <= line and row.rocm in (None, rocm.removeprefix("rocm"))
    ]
    return rows[-1]


def cuda_fit(row: Wheel, cc: str) -> Fit:
    """Whether a CUDA build serves a GPU.

    PTX alone is no yes: cuBLAS and cuDNN of the same wheel may have nothing for the newer GPU.
    """
    if not has_kernels(row.archs, row.ptx, cc):
        return "no"
    sure = row.cert != "unconfirmed" and _has_cubin(row.archs, cc)
    return "yes" if sure else "unsure"


def rocm_fit(row: RocmRow, gfx: str) -> Fit:
    """Whether a ROCm build serves a GPU."""
    if gfx not in row.gfx:
        return "no"
    return "unsure" if row.cert == "unconfirmed" else "yes"


def _has_cubin(archs: Iterable[str], cc: str) -> bool:
    """The machine-code half of `has_kernels`."""
    card = _parse_cc(cc)
    for built in map(_parse_cc, archs):
        if card == built:
            return True
        if not _TEGRA & {card, built} and card[0] == built[0] and card[1] >= built[1]:
            return True
    return False


def _parse_cc(text: str) -> tuple[int, int]:
    """`"8.6"` as numbers; 10.1 is the first name of the chip that became 11.0."""
    match = _CC.fullmatch(text)
    if not match:
        raise ValueError(f"not a compute capability: {text!r}")
    cc = (int(match[1]), int(match[2]))
    return (11, 0) if cc == (10, 1) else cc


def release_of(public: str) -> Release | None:
    """The release of a final version that the table lists; None for any other."""
    full = f"{public}.0" if public.count(".") == 1 else public
    return next((release for release in table().releases if full in release.versions), None)


def runs_on_driver(variant: str, driver: str | None, platform: str) -> bool:
    """Whether a driver runs a build; unknown counts as yes, as does a build without CUDA."""
    if driver is None or not variant.startswith("cu"):
        return True
    return driver_ok(driver, cuda_version(variant), driver_system(platform))


def cuda_version(variant: str) -> str:
    """The CUDA version of a tag: `"cu126"` is `"12.6"`."""
    return f"{variant[2:-1]}.{variant[-1]}"


def driver_system(platform: str) -> System:
    """Whose driver numbers count on a platform with CUDA wheels."""
    return "windows" if platform.startswith("windows") else "linux"


def expand(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses or descriptions behind source keys."""
    return tuple(table().sources[key] for key in keys)
