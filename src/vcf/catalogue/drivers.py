"""What an NVIDIA driver can run: CUDA floors, ceilings and the last branch of an architecture."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

System: TypeAlias = Literal["linux", "windows"]

_DRIVER = re.compile(r"\d+(\.\d+)*")
_CUDA = re.compile(r"(\d+)(\.\d+)?")


class Floor(msgspec.Struct, frozen=True, kw_only=True):
    """The oldest driver that runs programs of one CUDA major (minor-version compatibility).

    This is the row that counts for pip wheels: they carry their own CUDA runtime.
    """

    cuda: str
    """CUDA major, as in `"12"`."""

    linux: str
    """Oldest driver on Linux, WSL included."""

    windows: str
    """Oldest driver on Windows."""

    sources: tuple[str, ...]
    """Keys of `DriverTable.sources`."""

    note: str = ""
    """What the figure hides."""


class Toolkit(msgspec.Struct, frozen=True, kw_only=True):
    """The driver that one CUDA toolkit release names for its full set of features."""

    cuda: str
    """CUDA version, as in `"12.8"`."""

    update: int
    """Update number: 0 is the first release, 1 is `U1`."""

    linux: str
    """Oldest driver on Linux."""

    windows: str | None
    """Oldest driver on Windows; None where the release notes give no figure (13.x)."""

    sources: tuple[str, ...]
    """Keys of `DriverTable.sources`."""


class Branch(msgspec.Struct, frozen=True, kw_only=True):
    """One driver branch."""

    branch: str
    """Name, as in `"R580"`."""

    cuda: str
    """Highest CUDA version of the driver API, the one nvidia-smi prints."""

    last_for: tuple[str, ...]
    """Compute capabilities of desktop parts that no later branch supports."""

    sources: tuple[str, ...]
    """Keys of `DriverTable.sources`."""

    kind: str = ""
    """LTSB, production, new feature; empty where unknown."""

    eol: str = ""
    """End of support; empty where unknown."""

    note: str = ""
    """What people misread."""


class First(msgspec.Struct, frozen=True, kw_only=True):
    """The branch with which drivers began to know an architecture; older ones do not see it."""

    cc: tuple[str, ...]
    """Compute capabilities of desktop parts."""

    driver: str
    """Number of the branch."""

    sources: tuple[str, ...]
    """Keys of `DriverTable.sources`."""

    note: str = ""
    """How it is known."""


class DriverTable(msgspec.Struct, frozen=True, kw_only=True):
    """All of `drivers.json`."""

    schema: Literal["vcf.drivers/1"]
    """Shape of the file."""

    collected: str
    """Day the figures were gathered."""

    sources: dict[str, str]
    """Address or description behind each source key."""

    floors: tuple[Floor, ...]
    """One row per CUDA major, newest first."""

    toolkits: tuple[Toolkit, ...]
    """One row per toolkit release, newest first."""

    firsts: tuple[First, ...]
    """Newest architecture first; those without a row are older than any driver in use."""

    branches: tuple[Branch, ...]
    """One row per driver branch, oldest first."""


@cache
def table() -> DriverTable:
    """The packaged driver table, read once."""
    path = Path(__file__).with_name("drivers.json")
    return msgspec.json.decode(path.read_bytes(), type=DriverTable)


def parse_driver(text: str) -> tuple[int, ...]:
    """Turn `"572.16"` into `(572, 16)`, which compares; ValueError on anything else."""
    if not _DRIVER.fullmatch(text.strip()):
        raise ValueError(f"not a driver version: {text!r}")
    return tuple(int(part) for part in text.strip().split("."))


def driver_floor(cuda: str, os: System) -> str:
    """The oldest driver that runs wheels built with this CUDA version on this system.

    Majors before 11 have no minor-version compatibility: there the toolkit's own row counts.
    ValueError when the table knows no floor.
    """
    match = _CUDA.fullmatch(cuda)
    if match:
        for floor in table().floors:
            if floor.cuda == match[1]:
                return floor.linux if os == "linux" else floor.windows
        needs = _toolkit_needs(os)
        if cuda in needs:
            return needs[cuda]
    raise ValueError(f"no driver floor known for CUDA {cuda!r}")


def driver_ok(driver: str, cuda: str, os: System) -> bool:
    """Whether this driver runs wheels built with this CUDA version on this system."""
    return parse_driver(driver) >= parse_driver(driver_floor(cuda, os))


def cuda_ceiling(driver: str, os: System) -> str | None:
    """The newest CUDA version whose full set of features this driver offers.

    None when the driver is older than every row. Close to what nvidia-smi prints, but taken from
    the toolkit table, so that a CUDA version without a toolkit (12.7) is never named.
    """
    have = parse_driver(driver)
    fits = [cuda for cuda, need in _toolkit_needs(os).items() if have >= parse_driver(need)]
    return max(fits, key=parse_driver, default=None)


def last_branch(cc: str) -> str | None:
    """The last driver branch for a compute capability; None while new branches support it."""
    return next((row.branch for row in table().branches if cc in row.last_for), None)


def first_driver(cc: str) -> str | None:
    """The oldest branch that knows a compute capability; None where the table does not say."""
    return next((row.driver for row in table().firsts if cc in row.cc), None)


def knows_card(driver: str | None, cc: str | None) -> bool:
    """Whether a driver is new enough for the card itself; unknown counts as yes."""
    first = first_driver(cc) if cc is not None else None
    return driver is None or first is None or parse_driver(driver) >= parse_driver(first)


@cache
def _toolkit_needs(os: System) -> dict[str, str]:
    """Lowest driver per CUDA version; a branch speaks only where no toolkit row does.

    The release notes give no Windows drivers for 13.x; there the branch number stands in.
    """
    needs: dict[str, str] = {}
    for row in table().toolkits:
        version = row.linux if os == "linux" else row.windows
        if version is not None:
            needs[row.cuda] = min(needs.get(row.cuda, version), version, key=parse_driver)
    for branch in table().branches:
        needs.setdefault(branch.cuda, branch.branch.removeprefix("R"))
    return needs


def newer_drivers(driver: str | None, cc: str | None, os: System) -> list[str]:
    """Driver versions to which one could update, oldest first, up to the last branch that
    supports a card; those at which something changes. None: no driver is loaded."""
    last = last_branch(cc) if cc is not None else None
    end = (int(last.removeprefix("R")) + 1,) if last is not None else None
    found = {*_toolkit_needs(os).values()} | {
        row.linux if os == "linux" else row.windows for row in table().floors
    }
    have = parse_driver(driver) if driver is not None else ()
    fit = [d for d in found if parse_driver(d) > have and (end is None or parse_driver(d) < end)]
    return sorted(fit, key=parse_driver)
