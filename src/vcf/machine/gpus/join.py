"""Puts together what several probes found about the same GPUs."""

from __future__ import annotations

from collections.abc import Iterable

from ..findings import Findings
from .found import GpuFound, Unseen


def _same(known: GpuFound, found: GpuFound) -> bool:
    """Do these two describe one device?"""
    if known.bus and found.bus:
        return known.bus == found.bus
    for field in ("pci_id", "name"):
        if field in known.facts and field in found.facts:
            return bool(known.value(field) == found.value(field))
    return False


def _add(gpus: list[GpuFound], founds: list[GpuFound]) -> None:
    """Join one probe's GPUs to those of more trusted ones.

    All slices of a partitioned card have its bus address; two equal cards without an address
    are told apart by taking each known GPU once.
    """
    earlier = list(gpus)
    for found in founds:
        matches = [known for known in earlier if _same(known, found)]
        if not matches:
            gpus.append(found)
            continue
        by_bus = [known for known in matches if known.bus and known.bus == found.bus]
        for known in by_bus or matches[:1]:
            known.absorb(found)
            earlier.remove(known)


def join(founds: Iterable[list[GpuFound]]) -> Findings:
    """One entry a GPU out of the answers of the probes, the most trusted first.

    Facts that no probe gave are filled where another fact implies them; every other fact that
    a GPU of its kind has gets a reason for being unknown.
    """
    findings = Findings()
    gpus: list[GpuFound] = []
    unseen: list[str] = []
    for answers in founds:
        findings.gpus_known = True
        unseen += [found.reason for found in answers if isinstance(found, Unseen)]
        _add(gpus, [found for found in answers if not isinstance(found, Unseen)])
    if unseen and not gpus:
        findings.miss(unseen[0], "gpus")
        findings.gpus_known = False
    if gpus:
        from . import fill

    for index, gpu in enumerate(gpus):
        fill.fill(gpu)
        for field, (value, source) in gpu.facts.items():
            findings.know(value, source, "gpus", index, field)
        for field, reason in gpu.unknown.items():
            findings.miss(reason, "gpus", index, field)
    return findings
