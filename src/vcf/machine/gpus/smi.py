"""nvidia-smi, asked where NVML's library can't be loaded."""

from __future__ import annotations

import re
from collections.abc import Sequence

from ..host import Host, Unanswered
from .found import GpuFound

FIELDS = ("name", "pci.bus_id", "pci.device_id", "memory.total", "memory.free", "driver_version")
NEWER_FIELDS = (*FIELDS, "compute_cap", "mig.mode.current")
"""compute_cap came with driver 510; older tools refuse the whole question for it."""
_NOTHING = ("[n/a]", "n/a", "[not supported]", "not supported", "[unknown error]", "[gpu requires")
_CUDA = re.compile(r"CUDA(?: UMD)? Version\s*:\s*(\d+\.\d+)")
_CC = re.compile(r"\d+\.\d")
_DEVICE_ID = re.compile(r"0x([0-9a-f]{4})([0-9a-f]{4})")
_MIB = re.compile(r"(\d+)(?: MiB)?")


def _size(found: GpuFound, field: str, text: str) -> None:
    match = _MIB.fullmatch(text)
    if match and int(match[1]) > 0:
        found.know(field, int(match[1]) << 20, "nvidia-smi")
    else:
        found.miss(field, f"nvidia-smi: answered {text!r}"[:80])


def _row(values: dict[str, str]) -> GpuFound:
    found = GpuFound(values["pci.bus_id"])
    found.know("vendor", "nvidia", "nvidia-smi")
    for field, key in (("name", "name"), ("driver", "driver_version")):
        text = values[key]
        if text and not text.lower().startswith(_NOTHING):
            found.know(field, text, "nvidia-smi")
        else:
            found.miss(field, f"nvidia-smi: answered {text!r}"[:80])
    device = _DEVICE_ID.fullmatch(values["pci.device_id"].lower())
    if device:
        found.know("pci_id", f"{device[2]}:{device[1]}", "nvidia-smi")
    mig = values.get("mig.mode.current", "").lower() == "enabled"
    if mig:
        found.know("mig", True, "nvidia-smi")
        for field in ("vram_total_bytes", "vram_free_bytes"):
            found.miss(field, "the card is in MIG mode; nvidia-smi tells of the whole card only")
    else:
        if "mig.mode.current" in values:
            found.know("mig", False, "nvidia-smi")
        _size(found, "vram_total_bytes", values["memory.total"])
        _size(found, "vram_free_bytes", values["memory.free"])
    cc = values.get("compute_cap")
    if cc is None:
        found.miss("compute_capability", "this nvidia-smi is too old to tell it")
    elif _CC.fullmatch(cc):
        found.know("compute_capability", cc, "nvidia-smi")
    else:
        found.miss("compute_capability", f"nvidia-smi: answered {cc!r}"[:80])
    found.miss("bandwidth_bytes_s", "nvidia-smi does not tell bus width")
    found.know("asleep", False, "nvidia-smi answered")
    return found


def parse(text: str, fields: Sequence[str]) -> list[GpuFound]:
    """The GPUs in ``--format=csv,noheader,nounits`` lines; lines of another shape are skipped.

    Raises Unanswered when no line has the shape.
    """
    rows = ([part.strip() for part in line.split(",")] for line in text.splitlines())
    founds = [_row(dict(zip(fields, row, strict=True))) for row in rows if len(row) == len(fields)]
    if not founds:
        raise Unanswered(f"nvidia-smi: output not understood: {text.strip()!r}"[:120])
    return founds


def parse_cuda(text: str) -> str | None:
    """The CUDA ceiling in the output of ``nvidia-smi --version``."""
    match = _CUDA.search(text)
    return match[1] if match else None


def _query(host: Host, program: str) -> list[GpuFound]:
    fields: tuple[str, ...] = NEWER_FIELDS
    try:
        text = host.run(program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits")
    except Unanswered as error:
        if "exit status" not in str(error):
            raise
        fields = FIELDS
        text = host.run(program, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits")
    return parse(text, fields)


def probe(host: Host, programs: Sequence[str]) -> list[GpuFound]:
    """Ask the first of the programs that answers. Raises Unanswered when none does."""
    failed = Unanswered("nvidia-smi: not found")
    for program in programs:
        try:
            founds = _query(host, program)
        except Unanswered as error:
            failed = error
            continue
        try:
            cuda = parse_cuda(host.run(program, "--version"))
        except Unanswered:
            cuda = None
        for found in founds:
            if cuda:
                found.know("cuda_ceiling", cuda, "nvidia-smi --version")
            else:
                found.miss("cuda_ceiling", "this nvidia-smi does not tell it")
        return founds
    raise failed
