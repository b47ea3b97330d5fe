"""What goes with a torch: the triton, cuDNN and torchcodec that pair with a build.

Pure look-ups in `wheels.json`. A pair that nobody states is None, also where a newer version would
probably do: triton-windows names no pair after torch 2.10, and the README of torchcodec 0.17 does
not name 0.17.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path

import msgspec

from vcf.catalogue.wheel_table import Release, parse_version, release_of, table


class CudnnRule(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest GPU that a range of cuDNN versions serves."""

    since: str
    """First cuDNN of the range."""
    min_cc: str
    """Oldest compute capability."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""
    note: str = ""
    """What the figures hide."""


class TritonWindows(msgspec.Struct, frozen=True, kw_only=True):
    """The triton-windows that goes with a torch release line."""

    torch: str
    """Release line of torch."""
    triton: str
    """Release line of triton-windows."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""


class Codec(msgspec.Struct, frozen=True, kw_only=True):
    """One release line of torchcodec."""

    release: str
    """Line, as in `"0.16"`."""
    torch_min: str
    """Oldest torch that it was built for."""
    torch_below: str | None
    """First torch that it does not load beside; None for every later one."""
    python_min: str
    """Oldest Python with wheels."""
    python_max: str
    """Newest Python with wheels."""
    ffmpeg_min: int
    """Oldest FFmpeg major whose libraries it can use."""
    ffmpeg_max: int
    """Newest one."""
    platforms: tuple[str, ...]
    """Platforms with wheels on PyPI."""
    sources: tuple[str, ...]
    """Keys of `WheelTable.sources`."""
    note: str = ""
    """What the figures hide."""


class StackTable(msgspec.Struct, frozen=True, kw_only=True):
    """The part of `wheels.json` about what goes with torch."""

    sources: dict[str, str]
    """Sources of this part alone; the others stand in `WheelTable.sources`."""
    cudnn: tuple[CudnnRule, ...]
    """Newest first."""
    triton_windows: tuple[TritonWindows, ...]
    """Newest first."""
    torchcodec: tuple[Codec, ...]
    """Newest first."""


class _File(msgspec.Struct):
    """`wheels.json`; `wheel_table` reads all the rest of it."""

    stack: StackTable


class Part(msgspec.Struct, frozen=True, kw_only=True):
    """What goes with a torch, and who says so."""

    requirement: str
    """For pip, as in `"triton==3.6.0"`."""
    sources: tuple[str, ...]
    """Addresses or descriptions."""


@cache
def stack() -> StackTable:
    """The packaged table, read once."""
    path = Path(__file__).with_name("wheels.json")
    return msgspec.json.decode(path.read_bytes(), type=_File).stack


def triton_for(torch: str, variant: str, platform: str) -> Part | None:
    """The triton for a torch build; None where there is none or the pair is not known.

    On Linux the wheel asks for it by itself, on Windows the separate triton-windows must be
    installed. Builds for the CPU, for Macs and for ROCm (which has a triton of its own) have none
    here, nor has a CUDA wheel for arm64 before 2.11.
    """
    release = release_of(torch)
    if release is None or not variant.startswith("cu"):
        return None
    if platform == "windows-x86_64":
        row = next((row for row in stack().triton_windows if row.torch == release.release), None)
        if row is None:
            return None
        line = f"triton-windows>={row.triton},<{_next_minor(row.triton)}"
        return Part(requirement=line, sources=_expand(row.sources))
    asks = platform == "linux-x86_64" or (
        platform == "linux-arm64" and release.default[platform] != "cpu"
    )
    if not asks:
        return None
    pin = release.triton[_full(torch)]
    return Part(requirement=f"triton{pin}", sources=_expand(release.sources))


def cudnn_for(torch: str, variant: str, platform: str = "linux-x86_64") -> Part | None:
    """The cuDNN that a CUDA build pins (Linux) or carries (Windows); None where it is not known."""
    release = release_of(torch)
    if release is None:
        return None
    for row in table().wheels:
        if (row.release, row.variant, row.platform) == (release.release, variant, platform):
            if row.cudnn is not None:
                return _cudnn(row.cudnn, variant, row.sources)
            if platform.startswith("linux") and release.default[platform] == variant:
                return _cudnn(release.cudnn, variant, release.sources)
    return None


def cudnn_floor(cudnn: str) -> Part | None:
    """The oldest compute capability that a cuDNN serves, as `requirement`; None when unknown.

    9.11 dropped everything before 7.5: beside a wheel for older cards it must not be updated.
    """
    have = parse_version(cudnn)
    for rule in stack().cudnn:
        if have >= parse_version(rule.since):
            return Part(requirement=rule.min_cc, sources=_expand(rule.sources))
    return None


def torchcodec_for(torch: str, platform: str = "linux-x86_64") -> Codec | None:
    """The newest torchcodec stated to go with a torch and with wheels for the platform.

    None for a torch that the table does not list: a later one may have broken the pair.
    """
    if release_of(torch) is None:
        return None
    return next(
        (row for row in stack().torchcodec if platform in row.platforms and _pairs(row, torch)),
        None,
    )


def torchcodec_pairs(codec: str, torch: str) -> bool | None:
    """Whether an installed torchcodec was made for an installed torch; None when nobody says."""
    rows = [row for row in stack().torchcodec if _inside(row.release, codec)]
    if not rows or release_of(torch) is None:
        return None
    return _pairs(rows[0], torch)


def newest_release() -> Release:
    """The newest torch that the table knows: what is named where a torch is too new for it."""
    return table().releases[0]


def _pairs(row: Codec, torch: str) -> bool:
    """Whether a torch lies in the bounds of a torchcodec row."""
    have = parse_version(torch)
    return have >= parse_version(row.torch_min) and (
        row.torch_below is None or have < parse_version(row.torch_below)
    )


def _inside(line: str, version: str) -> bool:
    """Whether a version belongs to a release line: 0.16.1 to 0.16, 0.0.3 to 0.0.3."""
    parts = parse_version(line)
    return parse_version(version)[: len(parts)] == parts


def _full(torch: str) -> str:
    """`"2.8"` as the patch release it means."""
    return f"{torch}.0" if torch.count(".") == 1 else torch


def _next_minor(line: str) -> str:
    major, minor = parse_version(line)
    return f"{major}.{minor + 1}"


def _expand(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Addresses or descriptions behind source keys."""
    known = table().sources | stack().sources
    return tuple(known[key] for key in keys)


def _cudnn(version: str, variant: str, sources: tuple[str, ...]) -> Part:
    """The pip package of a cuDNN, which is named after the CUDA major."""
    return Part(
        requirement=f"nvidia-cudnn-{variant[:4]}=={version}",
        sources=_expand(sources),
    )
