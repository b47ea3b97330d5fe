"""What the table of GPUs says about a card, loaded only when there is a card to look up."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from ...units import GIB
from .found import vendor_of

if TYPE_CHECKING:
    from ...catalogue.gpus import GpuSpec

_SEPARATOR = " / "
_LAPTOP_NAME = re.compile(
    r"Laptop GPU|Max-Q|\bMobile\b|\b[A-Z]?\d{3,4}MX?\b|\bMX\d{3}\b|\bRX \d{4}S\b"
)
_SHARED_NAME = re.compile(r"\b(?:GTX 980|GTX 10\d0|GTX 16\d0|RTX 20\d0)\b")
_PLAIN_DESKTOP = re.compile(r"\bGeForce RTX [3-9]0\d0\b")


def by_pci(pci_id: str | None) -> GpuSpec | None:
    """The row of a PCI id such as ``10de:139b``."""
    if not pci_id or ":" not in pci_id:
        return None
    from ...catalogue import gpus

    return gpus.by_pci(vendor_of(pci_id) or "", pci_id.partition(":")[2])


def by_name(name: str | None, vram_bytes: int | None, laptop: bool | None) -> GpuSpec | None:
    """The row of a name, of several with one name the one with this memory size."""
    if not name:
        return None
    from ...catalogue import gpus

    return gpus.find(name, vram_bytes=vram_bytes, laptop=laptop)


def laptop_by_row(spec: GpuSpec) -> bool | None:
    """None for a PCI id that a desktop card and a mobile part share."""
    if spec.laptop or not several(spec.name):
        return spec.laptop
    return None if any(row.laptop for row in _rows(spec)) else False


def narrowed(spec: GpuSpec, vram_bytes: int | None, laptop: bool | None) -> GpuSpec:
    """The one card of a shared PCI id that has this memory size and belongs into this kind of
    computer; the row of them all when several do."""
    if not several(spec.name):
        return spec
    rows = _rows(spec)
    if vram_bytes:
        rows = [row for row in rows if any(_near(size, vram_bytes) for size in row.vram_gib)]
    if laptop is not None:
        rows = [row for row in rows if row.laptop == laptop]
    return rows[0] if len(rows) == 1 else spec


def _rows(spec: GpuSpec) -> list[GpuSpec]:
    from ...catalogue import gpus

    found = (gpus.find(name) for name in spec.name.split(_SEPARATOR))
    return [row for row in found if row is not None]


def _near(size_gib: float, vram_bytes: int) -> bool:
    return abs(vram_bytes / GIB - size_gib) <= 0.1 * size_gib


def laptop_by_name(name: str) -> bool | None:
    """True for names of mobile parts, False for names that only desktop cards have, or None.

    Since the RTX 30 series mobile parts end in "Laptop GPU"; GTX 10, GTX 16 and RTX 20 mobile
    parts mostly print the name of the desktop card.
    """
    if several(name):
        return None
    if _LAPTOP_NAME.search(name):
        return True
    return False if _PLAIN_DESKTOP.search(name) else None


def several(name: str) -> bool:
    """Is this the list of the cards that share a PCI id?"""
    return _SEPARATOR in name


def name_shared(name: str) -> bool:
    """Is this name printed by a desktop card and by its mobile sister alike?"""
    shared = bool(_SHARED_NAME.search(name)) and laptop_by_name(name) is None
    return shared or several(name)
