"""Which official PyTorch wheel has code for which GPU, and which driver it needs.

Pure look-ups in `wheels.json`. torchaudio: releases to 2.10 want exactly one torch; 2.11.0, the
newest on PyPI, wants none by its metadata and works with every later torch, but on import it
refuses a torch of another CUDA version. It exists for 12.6, 12.8 and 13.0, not for 13.2, so a
cu132 torch (the 2.15 default) has no torchaudio (https://github.com/pytorch/pytorch/issues/193651).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypeAlias

import msgspec

from vcf.catalogue.drivers import driver_floor, first_driver, knows_card
from vcf.catalogue.installed import InstalledVerdict, judge_installed
from vcf.catalogue.wheel_table import (
    Fit,
    Release,
    Vendor,
    Wheel,
    cuda_fit,
    cuda_rows,
    cuda_version,
    driver_system,
    expand,
    has_kernels,
    parse_version,
    release_of,
    rocm_fit,
    rocm_row,
    runs_on_driver,
    split_local,
    table,
)

__all__ = [
    "INDEX",
    "InstalledVerdict",
    "NoWheel",
    "WheelChoice",
    "has_kernels",
    "judge_installed",
    "newest_wheel",
    "parse_version",
    "split_local",
    "table",
    "torchaudio_for",
    "wheels_for",
]

NoWheelReason: TypeAlias = Literal[
    "unknown_gpu", "platform", "torch", "python", "macos",
    "no_kernels", "unconfirmed", "torchaudio", "driver_too_old",
]  # fmt: skip

INDEX = "https://download.pytorch.org/whl"


class WheelChoice(msgspec.Struct, frozen=True, kw_only=True):
    """The wheel to install."""

    torch: str
    """Version, as in `"2.14.1"`."""
    variant: str
    """Build tag: `cu126`, `rocm7.2`, `cpu`, `mps`."""
    index_url: str | None
    """Index to install from; None when plain PyPI gives this build."""
    install: str
    """The pip command."""
    torchaudio: str | None
    """The torchaudio that fits; None when no stable one is known to."""
    driver_min: str | None
    """Oldest NVIDIA driver on this system; None for other vendors."""
    python: tuple[str, str]
    """Oldest and newest Python with wheels."""
    sources: tuple[str, ...]
    """Addresses or descriptions."""


class NoWheel(msgspec.Struct, frozen=True, kw_only=True):
    """Why no official wheel serves."""

    reason: NoWheelReason
    """The first condition that nothing met."""
    params: dict[str, str]
    """What was asked (`gpu`, `platform`, `driver` ...) and what would help (`newest`, `floor`,
    `python_min`, `python_max`, `macos_min`, `elsewhere`); only keys that have a value."""


class _Offer(msgspec.Struct, frozen=True, kw_only=True):
    """A wheel that exists for the vendor and platform, whether it fits or not."""

    release: Release
    version: str | None
    variant: str
    fit: Fit
    sources: tuple[str, ...]


def wheels_for(*, cc: str, platform: str, python: str | None = None) -> list[Wheel]:
    """The CUDA builds known to have machine code for a GPU, newest release first.

    Within a release the build that PyPI has on Linux comes first, then the newest CUDA.
    """
    return [
        row
        for release in table().releases
        if _python_ok(release, python)
        for row in cuda_rows(release, platform)
        if cuda_fit(row, cc) == "yes"
    ]


def torchaudio_for(torch: str, variant: str, platform: str) -> str | None:
    """The torchaudio version for a torch build; None when no stable one is known to fit."""
    rules = table().torchaudio
    release = release_of(torch)
    pypi = release is not None and release.default.get(platform) == variant
    if platform == "linux-arm64" and variant.startswith("cu") and not pypi:
        return None  # no arm64 CUDA build of torchaudio was seen outside PyPI
    if parse_version(torch) <= parse_version(rules.last):
        return rules.odd.get(torch, torch)
    return rules.last if variant in rules.last_variants else None


def newest_wheel(
    *,
    vendor: Vendor,
    platform: str,
    cc: str | None = None,
    gfx: str | None = None,
    python: str | None = None,
    driver: str | None = None,
    macos: str | None = None,
    torch_min: str | None = None,
    torch_below: str | None = None,
    only_variant: str | None = None,
    torchaudio: bool = False,
) -> WheelChoice | NoWheel:
    """The newest official wheel for a machine, or why there is none.

    A driver too old for the newest build leads to an older one that it can run. An unknown driver,
    Python or macOS is not held against a wheel. `torchaudio=True` asks for a torch that has one.
    """
    gpu = {"nvidia": cc, "amd": gfx, "intel": None}.get(vendor, "")
    asked = {
        "vendor": vendor, "gpu": gpu, "platform": platform, "python": python, "driver": driver,
        "macos": macos, "torch_min": torch_min, "torch_below": torch_below, "variant": only_variant,
    }  # fmt: skip
    params = {key: value for key, value in asked.items() if value}
    if gpu is None:
        return NoWheel(reason="unknown_gpu", params=params)
    offers = _offers(vendor, gpu, platform, torch_min, torch_below)
    card = cc if vendor == "nvidia" else None
    for reason, keep in _checks(platform, python, macos, only_variant, torchaudio, driver, card):
        kept = [offer for offer in offers if keep(offer)]
        if not kept:
            free = _offers(vendor, gpu, platform, None, None)
            return NoWheel(reason=reason, params=params | _help(reason, params, offers, free))
        offers = kept
    return _choice(offers[0], platform, card)


def _checks(
    platform: str,
    python: str | None,
    macos: str | None,
    only_variant: str | None,
    torchaudio: bool,
    driver: str | None,
    cc: str | None,
) -> list[tuple[NoWheelReason, Callable[[_Offer], bool]]]:
    """The conditions of `newest_wheel` in the order in which they are reported."""
    return [
        ("platform", lambda offer: True),
        ("torch", lambda offer: bool(offer.version) and only_variant in (None, offer.variant)),
        ("python", lambda offer: _python_ok(offer.release, python)),
        ("macos", lambda offer: _macos_ok(offer.release, platform, macos)),
        ("no_kernels", lambda offer: offer.fit != "no"),
        ("unconfirmed", lambda offer: offer.fit == "yes"),
        ("torchaudio", lambda offer: not torchaudio or _torchaudio(offer, platform) is not None),
        (
            "driver_too_old",
            lambda offer: (
                runs_on_driver(offer.variant, driver, platform) and knows_card(driver, cc)
            ),
        ),
    ]


def _help(
    reason: NoWheelReason, asked: dict[str, str], offers: list[_Offer], free: list[_Offer]
) -> dict[str, str]:
    """What would help; `offers` met all before `reason`, `free` ignores the torch bounds."""
    help_: dict[str, str] = {}
    platform, driver = asked["platform"], asked.get("driver")
    known = knows_card(driver, asked.get("gpu"))
    best = [o for o in free if o.fit == "yes" and runs_on_driver(o.variant, driver, platform)]
    best = best if known else []
    if best:
        help_["newest"] = f"{best[0].version}+{best[0].variant}"
    if reason == "python":
        help_["python_min"] = min((o.release.python_min for o in offers), key=parse_version)
        help_["python_max"] = max((o.release.python_max for o in offers), key=parse_version)
    if reason == "macos":
        help_["macos_min"] = min((o.release.macos_min for o in offers), key=parse_version)
    if reason == "driver_too_old":
        floors = (_driver_min(o.variant, platform, asked["gpu"]) for o in offers)
        help_["floor"] = min(floors, key=parse_version)
    gpu = asked.get("gpu", "")
    ways = [way.what for way in table().elsewhere if way.platform == platform and gpu in way.gfx]
    if ways:
        help_["elsewhere"] = "; ".join(ways)
    return help_


def _offers(
    vendor: Vendor, gpu: str, platform: str, torch_min: str | None, torch_below: str | None
) -> list[_Offer]:
    """Every wheel of the table for a vendor on a platform, the one to prefer first."""
    low = parse_version(torch_min) if torch_min else ()
    found = []
    for release in table().releases:
        inside = [
            version
            for version in release.versions
            if parse_version(version) >= low
            and not (torch_below and parse_version(version) >= parse_version(torch_below))
        ]
        version = inside[-1] if inside else None
        for variant, fit, sources in _builds(release, vendor, gpu, platform):
            found.append(
                _Offer(
                    release=release,
                    version=version,
                    variant=variant,
                    fit=fit,
                    sources=expand(sources),
                )
            )
    return found


def _builds(
    release: Release, vendor: Vendor, gpu: str, platform: str
) -> list[tuple[str, Fit, tuple[str, ...]]]:
    """Variant, fit and source keys of a release's builds for a vendor."""
    if vendor == "nvidia":
        rows = cuda_rows(release, platform)
        return [(row.variant, cuda_fit(row, gpu), row.sources) for row in rows]
    if vendor == "amd":
        if platform != "linux-x86_64":
            return []
        pairs = [(f"rocm{rocm}", rocm_row(release, rocm)) for rocm in release.rocm]
        return [(name, rocm_fit(row, gpu), row.sources) for name, row in pairs]
    default = release.default.get(platform)
    if default is None or (vendor == "apple" and default != "mps"):
        return []
    return [("mps" if default == "mps" else "cpu", "yes", release.sources)]


def _driver_min(variant: str, platform: str, cc: str) -> str:
    """The oldest driver for a build on a card: the CUDA's floor, or the first that knows it."""
    floor = driver_floor(cuda_version(variant), driver_system(platform))
    return max(floor, first_driver(cc) or floor, key=parse_version)


def _choice(offer: _Offer, platform: str, cc: str | None) -> WheelChoice:
    """The offer with everything needed to install it."""
    version = str(offer.version)
    url = (
        None if offer.release.default.get(platform) == offer.variant else f"{INDEX}/{offer.variant}"
    )
    audio = _torchaudio(offer, platform)
    command = f"pip install torch=={version}"
    command += f" torchaudio=={audio}" if audio else ""
    command += f" --index-url {url}" if url else ""
    cuda = offer.variant.startswith("cu")
    return WheelChoice(
        torch=version,
        variant=offer.variant,
        index_url=url,
        install=command,
        torchaudio=audio,
        driver_min=_driver_min(offer.variant, platform, cc or "") if cuda else None,
        python=(offer.release.python_min, offer.release.python_max),
        sources=offer.sources,
    )


def _torchaudio(offer: _Offer, platform: str) -> str | None:
    """The torchaudio of an offer that has a version."""
    return torchaudio_for(str(offer.version), offer.variant, platform)


def _python_ok(release: Release, python: str | None) -> bool:
    """Whether a release has wheels for a Python version; unknown counts as yes."""
    if python is None:
        return True
    low, high = parse_version(release.python_min), parse_version(release.python_max)
    return low <= parse_version(python)[:2] <= high


def _macos_ok(release: Release, platform: str, macos: str | None) -> bool:
    """Whether a release installs on a macOS version; the bound is known for arm64 only."""
    if macos is None or platform != "macos-arm64":
        return True
    return parse_version(macos) >= parse_version(release.macos_min)[:1]
