"""Findings from what torch itself said, in a child process: it outranks package metadata."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import msgspec

from ..catalogue.wheels import has_kernels
from ..plain import shown
from .context import Context
from .finding import Finding
from .gather import FFMPEG
from .model import Message, command_in
from .subject import Subject
from .torch import cure_of, wheel_for

FORETOLD = {"torchaudio": "audio-", "torchcodec": "codec-"}
"""Findings by metadata that a successful import refutes."""
ROOTS = ("voxcpm", "indextts")
"""Packages whose own import decides."""
LONGEST = 200


def deep_findings(
    deep: Mapping[str, Any], found: Sequence[Finding], subjects: Sequence[Subject], context: Context
) -> list[Finding]:
    """``found`` with what the child process refutes taken back and what it saw added."""
    torch_users = [s for s in subjects if s.needs.torch is not None]
    if "error" in deep:
        if "torch" not in context.software and "No module named 'torch'" in str(deep["error"]):
            return list(found)
        return [*found, _error("torch", str(deep["error"]), torch_users)]
    imports = deep.get("imports")
    imports = imports if isinstance(imports, Mapping) else {}
    runs = _has_kernels(deep)
    kept = [_answered(_tried(finding, imports), runs) for finding in found]
    seen = _imports(imports, subjects, found)
    return [*kept, *seen, *_devices(deep, torch_users, context)]


def _foretold(package: str, found: Sequence[Finding]) -> bool:
    """Whether metadata have told already that a package can't be imported."""
    start = FORETOLD.get(package)
    return start is not None and any(f.id.startswith(start) and f.id not in FFMPEG for f in found)


def _tried(finding: Finding, imports: Mapping[str, Any]) -> Finding:
    """A finding by metadata with what the import has shown: confirmed, or taken back."""
    for package, start in FORETOLD.items():
        answer = imports.get(package)
        if not isinstance(answer, Mapping) or not finding.id.startswith(start):
            continue
        if finding.id in FFMPEG:
            continue
        values = {"package": package, "error": shown(str(answer.get("error")), LONGEST)}
        if "error" in answer:
            return msgspec.structs.replace(finding, effect=Message("effect-confirmed", values))
        return msgspec.structs.replace(
            finding, level="notice", modes=(), effect=Message("effect-refuted", values)
        )
    return finding


def _answered(finding: Finding, runs: bool | None) -> Finding:
    """Whether torch has kernels for the GPU, where metadata could not tell: it knows itself."""
    if finding.id not in ("torch-unknown", "torch-strange"):
        return finding
    if runs is None:
        return msgspec.structs.replace(finding, effect=Message("effect-unseen"))
    effect = Message("effect-kernels" if runs else "effect-no-kernels")
    return msgspec.structs.replace(finding, level="notice", effect=effect)


def _has_kernels(deep: Mapping[str, Any]) -> bool | None:
    """Whether torch has code for every GPU that it sees; None where it sees none."""
    devices = deep.get("devices")
    told = (
        [_runs_on(d, deep.get("arch_list")) for d in devices] if isinstance(devices, list) else []
    )
    return None if not told or None in told else all(told)


def _runs_on(device: Any, archs: Any) -> bool | None:
    """Whether there is code for a device among ``sm_86 compute_90 …``; None: can't be told."""
    cc = device.get("cc") if isinstance(device, Mapping) else None
    if not isinstance(cc, str) or not isinstance(archs, list) or device.get("gfx"):
        return None
    cubins, ptx = [_dotted(a) for a in archs], [_dotted(a, "compute_") for a in archs]
    known = [a for a in cubins if a], [a for a in ptx if a]
    try:
        return has_kernels(*known, cc) if any(known) else None
    except ValueError:
        return None


def _names(subjects: Sequence[Subject]) -> tuple[str, ...]:
    return tuple(s.name for s in subjects)


def _error(package: str, error: str, subjects: Sequence[Subject], stops: bool = True) -> Finding:
    values = {"package": package, "error": shown(error, LONGEST)}
    modes = _names(subjects) if stops else ()
    return Finding(
        id=f"import-{package}",
        level="stops" if modes else "risk",
        text=Message("deep-import", values),
        effect=Message("effect-codec" if package == "torchcodec" else "effect-import-of", values),
        source="python -c 'import " + package + "'",
        modes=modes,
        remedy=Message("remedy-reinstall", {"package": package}),
    )


def _imports(
    imports: Mapping[str, Any], subjects: Sequence[Subject], found: Sequence[Finding]
) -> Iterator[Finding]:
    for package, answer in imports.items():
        if not isinstance(answer, Mapping):
            continue
        # what imports torchaudio meets its fault one import further on
        through = package in ROOTS and "torchaudio" in str(answer.get("error"))
        cause = "torchaudio" if through else str(package)
        if "error" in answer and _foretold(cause, found):
            continue
        users = [s for s in subjects if package in s.packages]
        if "error" in answer:
            yield _error(str(package), str(answer["error"]), users, package in ROOTS)
        else:
            version = str(answer.get("version") or "?")
            yield Finding(
                id=f"import-{package}", level="ok",
                text=Message("deep-imports", {"package": package, "version": shown(version, 40)}),
            )  # fmt: skip


def _devices(
    deep: Mapping[str, Any], subjects: Sequence[Subject], context: Context
) -> Iterator[Finding]:
    """Whether torch sees the GPUs, and has code for them."""
    wanted = [s for s in subjects if s.device == "gpu"]
    nvidia = [c for c in context.cards or () if c.gpu.vendor == "nvidia" and not c.no_driver]
    torch = str(deep.get("torch") or "?")
    values = {"torch": shown(torch, 40)}
    if deep.get("cuda") and nvidia and deep.get("available") is False:
        yield Finding(
            id="torch-blind", level="stops" if wanted else "risk",
            text=Message("deep-blind", values | {"gpu": nvidia[0].label}),
            effect=Message("effect-on-cpu", values | {"gpu": nvidia[0].label}),
            source="torch.cuda.is_available()", modes=_names(wanted),
            remedy=Message("remedy-blind"),
        )  # fmt: skip
    archs = deep.get("arch_list")
    devices = deep.get("devices")
    for device in devices if isinstance(devices, list) else ():
        yield from _kernels(device, archs, values, wanted, context)
    if isinstance(archs, list):
        seen = len(devices) if isinstance(devices, list) else 0
        yield Finding(
            id="torch-answers", level="ok",
            text=Message("deep-torch", values | {
                "devices": seen, "capability": str(deep.get("cpu_capability") or "?"),
            }),
        )  # fmt: skip


def _kernels(
    device: Any, archs: Any, values: dict[str, str], wanted: Sequence[Subject], context: Context
) -> Iterator[Finding]:
    if _runs_on(device, archs) is not False:
        return
    told = values | {
        "gpu": shown(str(device.get("name")), 60),
        "cc": str(device["cc"]),
        "archs": shown(" ".join(map(str, archs)), LONGEST),
    }
    cards = [card for card in context.cards or () if card.gpu.vendor == "nvidia"]
    cure = None
    if wanted and cards:
        choice = wheel_for(wanted[0], context, cards[0])
        cure = cure_of(choice, wanted[0], context, cards[0])
    command = command_in(cure)
    yield Finding(
        id="torch-no-kernels-deep",
        level="stops" if wanted else "risk",
        text=Message("deep-no-kernels", told),
        effect=Message("effect-no-kernels", told),
        source="torch.cuda.get_arch_list()",
        modes=_names(wanted),
        command=command,
        remedy=None if command is not None else cure or Message("remedy-blind"),
    )


def _dotted(arch: Any, start: str = "sm_") -> str | None:
    """``8.6`` of ``sm_86``, ``12.0`` of ``sm_120``; None for what does not begin so."""
    digits = str(arch).removeprefix(start).rstrip("af")
    if not str(arch).startswith(start) or not digits.isdigit() or len(digits) < 2:
        return None
    return f"{digits[:-1]}.{digits[-1]}"
