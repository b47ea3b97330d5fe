"""Whether a torch that is already installed can use the GPU."""

from __future__ import annotations

import re
from typing import Literal, TypeAlias

import msgspec

from vcf.catalogue.drivers import driver_floor, first_driver, knows_card
from vcf.catalogue.wheel_table import (
    Release,
    Vendor,
    cuda_fit,
    cuda_rows,
    cuda_version,
    driver_system,
    expand,
    parse_version,
    release_of,
    rocm_row,
    runs_on_driver,
    split_local,
)

InstalledStatus: TypeAlias = Literal[
    "ok", "no_kernels", "cpu_build", "driver_too_old", "macos_too_old", "wrong_vendor", "unknown"
]

_TAG = re.compile(r"(cu\d{3}|rocm\d+(?:\.\d+)+|cpu|xpu)(?:\.with\.pypi\.cudnn)?")
_OWNER: dict[str, Vendor] = {"cu": "nvidia", "rocm": "amd", "xpu": "intel", "mps": "apple"}


class InstalledVerdict(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an installed torch can use the GPU."""

    status: InstalledStatus
    """The answer; `ok` only on evidence."""
    reason: str = ""
    """For `unknown`: not_in_table, custom_build, unknown_gpu, unconfirmed or ptx_only."""
    variant: str | None = None
    """Build tag, where it could be told."""
    archs: tuple[str, ...] = ()
    """Compute capabilities, or gfx targets, that the build has code for."""
    driver_min: str | None = None
    """Oldest NVIDIA driver for this build on this system."""
    macos_min: str | None = None
    """Oldest macOS of this wheel, where it is too old."""
    sources: tuple[str, ...] = ()
    """Addresses or descriptions."""


def judge_installed(
    *,
    torch: str,
    platform: str,
    vendor: Vendor = "nvidia",
    cc: str | None = None,
    gfx: str | None = None,
    driver: str | None = None,
    macos: str | None = None,
) -> InstalledVerdict:
    """Whether an installed torch (its `__version__` or package version) can use the GPU.

    A tag of the wrong vendor, or `cpu`, is told from the tag alone. Everything else needs a row of
    the table: a release, patch or build outside it is `unknown`, never `ok`.
    """
    public, local = split_local(torch)
    release = release_of(public)
    variant = build_of(torch, platform)
    if variant is None:
        reason = "custom_build" if local else "not_in_table"
        return InstalledVerdict(status="unknown", reason=reason)
    if variant == "cpu":
        return InstalledVerdict(status="cpu_build", variant=variant)
    if _OWNER[re.sub(r"[\d.]+", "", variant)] != vendor:
        return InstalledVerdict(status="wrong_vendor", variant=variant)
    if release is None:
        return InstalledVerdict(status="unknown", reason="not_in_table", variant=variant)
    if vendor == "nvidia":
        return _judge_cuda(release, variant, platform, cc, driver)
    if vendor == "amd":
        return _judge_rocm(release, variant, platform, gfx)
    if vendor == "apple":
        return _judge_apple(release, variant, platform, macos)
    return InstalledVerdict(status="unknown", reason="not_in_table", variant=variant)


def _judge_cuda(
    release: Release, variant: str, platform: str, cc: str | None, driver: str | None
) -> InstalledVerdict:
    """The verdict on a CUDA build beside an NVIDIA GPU."""
    row = next((row for row in cuda_rows(release, platform) if row.variant == variant), None)
    if row is None:
        return InstalledVerdict(status="unknown", reason="not_in_table", variant=variant)
    status: InstalledStatus = "ok"
    reason = ""
    fit = "unsure" if cc is None else cuda_fit(row, cc)
    if fit == "no":
        status = "no_kernels"
    elif not (runs_on_driver(variant, driver, platform) and knows_card(driver, cc)):
        status = "driver_too_old"
    elif fit == "unsure":
        status = "unknown"
        reason = "unknown_gpu" if cc is None else "ptx_only"
        reason = "unconfirmed" if row.cert == "unconfirmed" else reason
    floor = driver_floor(cuda_version(variant), driver_system(platform))
    return InstalledVerdict(
        status=status,
        reason=reason,
        variant=variant,
        archs=row.archs,
        driver_min=max(floor, first_driver(cc or "") or floor, key=parse_version),
        sources=expand(row.sources),
    )


def _judge_rocm(release: Release, variant: str, platform: str, gfx: str | None) -> InstalledVerdict:
    """The verdict on a ROCm build beside an AMD GPU."""
    if platform != "linux-x86_64" or variant.removeprefix("rocm") not in release.rocm:
        return InstalledVerdict(status="unknown", reason="not_in_table", variant=variant)
    row = rocm_row(release, variant)
    status: InstalledStatus = "ok"
    reason = ""
    if gfx is None:
        status, reason = "unknown", "unknown_gpu"
    elif gfx not in row.gfx:
        status = "no_kernels"
    elif row.cert == "unconfirmed":
        status, reason = "unknown", "unconfirmed"
    return InstalledVerdict(
        status=status, reason=reason, variant=variant, archs=row.gfx, sources=expand(row.sources)
    )


def _judge_apple(
    release: Release, variant: str, platform: str, macos: str | None
) -> InstalledVerdict:
    """The verdict on a Mac's build; an unknown macOS is not held against it."""
    sources = expand(release.sources)
    need = release.macos_min
    # 14.0 stands for every 14: pip compares no more of a macOS from 11 on.
    old = macos is not None and parse_version(macos)[:1] < parse_version(need)[:1]
    if old and platform == "macos-arm64":
        return InstalledVerdict(
            status="macos_too_old", variant=variant, macos_min=need, sources=sources
        )
    return InstalledVerdict(status="ok", variant=variant, sources=sources)


def build_of(torch: str, platform: str) -> str | None:
    """The build tag (`cu130`, `cpu`) of an installed torch; without a tag it is what PyPI gives.

    None for a tag of no official build: it goes into commands that people paste.
    """
    public, local = split_local(torch)
    if local is None:
        release = release_of(public)
        return release.default.get(platform) if release else None
    match = _TAG.fullmatch(local)
    return match[1] if match else None
