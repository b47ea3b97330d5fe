"""How a model stands to the machine: what speaks for it, what against it, what is missing."""

from __future__ import annotations

from collections.abc import Iterator

from ..judge.assess import best
from ..judge.model import Assessment, Gate
from ..judge.model import Status as GateStatus
from ..judge.subject import PRECISION
from ..judge.words import number
from ..plain import shown
from ..units import gib
from .report_document import GapRow, Status
from .report_headline import headline
from .report_parts import (
    cpu_modes,
    fastest,
    fit_text,
    gpu_modes,
    offered,
    ram_fit,
    stopped_by_installed,
    stopped_on_card,
    vram_fit,
)
from .report_scope import (
    Scope,
    able,
    bare,
    device_gate,
    disk_gate,
    foreign,
    host_gate,
    software_gates,
)

AMPLE = 1.5
"""How many times the need must be there to be called ample."""
ENDING = ("torch-last-for-card", "torch-old-driver")
"""Software that still serves the card, but newer versions don't: worth telling where it fits."""
MOST_TEXTS = 2
"""Reasons of one kind that are told."""
STATUS: dict[GateStatus, Status] = {
    "pass": "good", "warn": "limit", "fail": "bad", "unknown": "unknown",
}  # fmt: skip


def advantages(scope: Scope, model: str) -> list[str]:
    """What speaks for the model on this machine."""
    given = [a for a in scope.by_model[model] if a.mode != "online"]
    return [
        *_quick(scope, given),
        *_ample(scope, given),
        *_small(scope, given),
        *_terms(scope, model),
    ]


def _quick(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    quick = [a for a in given if a.verdict == "good"]
    running = [a for a in given if able(a)]
    if quick:
        top = fastest(quick) or quick[0]
        if len(quick) == 1:
            yield headline(scope, top)
        else:
            time = scope.time(top.rtf) or "–"
            yield scope.told("adv-quick", count=len(quick), mode=top.mode, time=time)
    alone = [a for a in running if scope.subject(a).device == "cpu"]
    well = [a for a in running if a.verdict != "tight" and scope.subject(a).device == "gpu"]
    if alone and not well:
        yield scope.told("adv-cpu", count=len(alone))
    easy = [a for a in running if scope.subject(a).runtime.effort == 1]
    if easy:
        yield scope.told("adv-easy", mode=best(easy).mode)


def _ample(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    """Memory with much to spare, for the mode that would be taken."""
    running = [a for a in given if able(a)]
    if not running:
        return
    top = best(running)
    device, host = top.memory.device, top.memory.host
    for key, amounts in (("vram", device), ("ram", host)):
        if amounts is None or not amounts.need_bytes or amounts.have_bytes is None:
            continue
        ratio = amounts.have_bytes / amounts.need_bytes
        if ratio >= AMPLE:
            yield scope.told(
                f"adv-{key}", mode=top.mode, need=gib(amounts.need_bytes),
                have=gib(amounts.have_bytes), ratio=f"{ratio:.{int(ratio < 3)}f}",
            )  # fmt: skip


def _small(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    """Four bits instead of the full precision on the processor."""
    modes = {a.mode: a for a in given}
    little = modes.get("gguf-cpu-q4") or modes.get("gguf-cpu-q8")
    full = modes.get("cpu-fp32")
    if little is None or full is None or not able(little):
        return
    less, more = little.memory.host.need_bytes, full.memory.host.need_bytes
    if less is not None and more is not None and less < more:
        bits = PRECISION[little.mode][1:]
        yield scope.told("adv-bits", bits=bits, mode=little.mode, less=gib(less), more=gib(more))


def _terms(scope: Scope, model: str) -> Iterator[str]:
    licence = scope.catalogue.models[model].licence
    if licence.commercial == "yes":
        yield scope.told("adv-licence", licence=licence.code)


def challenges(scope: Scope, model: str) -> list[str]:
    """What speaks against it."""
    given = [a for a in scope.by_model[model] if a.mode != "online"]
    found = [
        *_gpu(scope, given),
        *_memory(scope, given),
        *_notices(scope, given),
        *_pace(scope, given),
        *_others(scope, given),
    ]
    commercial = scope.catalogue.models[model].licence.commercial
    if commercial != "yes":
        found.append(scope.told(f"ch-licence-{commercial}"))
    return list(dict.fromkeys(found))


def _gpu(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    modes = gpu_modes(scope, given)
    if modes and scope.machine.gpus == []:
        yield scope.told("ch-no-gpu", count=len(modes))
        return
    fit = vram_fit(modes)
    if fit is not None and fit.status != "good":
        have = {a.memory.device.have_bytes for a in modes if a.memory.device is not None}
        known = [size for size in have if size is not None]
        told = fit_text(scope, fit, "vram")
        usable = scope.told("ch-vram", have=gib(max(known)), text=told) if known else None
        yield usable or scope.told("ch-vram-unknown", text=told)
    yield from _reasons(scope, stopped_on_card(modes), "ch-card")


def _reasons(scope: Scope, stopped: list[tuple[Assessment, Gate]], key: str) -> Iterator[str]:
    by_text: dict[str, list[str]] = {}
    for given, gate in stopped:
        by_text.setdefault(bare(scope.say(gate.text)), []).append(given.mode)
    for text, modes in list(by_text.items())[:MOST_TEXTS]:
        yield scope.told(key, modes=scope.listed(modes), text=text)


def _memory(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    fit = ram_fit(given)
    if fit is not None and fit.status != "good":
        yield scope.told("ch-ram", text=fit_text(scope, fit, "ram"))
    gates = [disk_gate(a) for a in offered(given) if disk_gate(a) is not None]
    worst = next(
        (g for status in ("fail", "warn") for g in gates if g is not None and g.status == status),
        None,
    )
    if worst is not None:
        yield scope.told("ch-disk", text=scope.say(worst.text))


def _notices(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    """What slows modes down that run, and what is installed that stops some."""
    for mode in offered(given):
        for gate in software_gates(mode, "warn"):
            if able(mode) and gate.text.id.endswith("-emulated"):
                yield scope.say(gate.text)
    yield from _reasons(scope, stopped_by_installed(given), "ch-installed")


def _pace(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    running = [a for a in given if able(a) and a.rtf is not None]
    if not running or any(a.verdict == "good" for a in running):
        return
    ample = [a for a in running if a.verdict == "slow"]
    top = fastest(ample)
    if top is not None and top.rtf is not None:
        surely = all(a.rtf is not None and a.rtf.low > 1 for a in ample)
        key = "ch-slow" if surely else "ch-nearly"
        yield scope.told(
            key if len(ample) == len(running) else f"{key}-ample",
            mode=top.mode, low=number(top.rtf.low), high=number(top.rtf.high), count=len(given),
        )  # fmt: skip


def _others(scope: Scope, given: list[Assessment]) -> Iterator[str]:
    out = [a.mode for a in given if foreign(a)]
    if out:
        yield scope.told("ch-foreign", modes=scope.listed(out))


def gaps(scope: Scope, model: str) -> list[GapRow]:
    """Need against what is there, for the easiest ways on the GPU and on the processor."""
    given = [a for a in scope.by_model[model] if a.mode != "online"]
    ways = _ways(scope, given)
    rows = [row for top in ways for row in _gap_rows(scope, top)]
    disks = [(gate, top) for top in ways if (gate := disk_gate(top)) is not None]
    if disks:
        order = {"fail": 0, "warn": 1, "unknown": 2, "pass": 3}
        gate, top = min(disks, key=lambda each: (order[each[0].status], -_disk_need(each[1])))
        rows.append(_gap(scope, top, gate, "disk"))
    return rows


def _disk_need(given: Assessment) -> int:
    return given.memory.disk.need_bytes or 0


def _ways(scope: Scope, given: list[Assessment]) -> list[Assessment]:
    """The best of the package's GPU modes, of other GPU modes, of the processor's."""
    on_gpu, on_cpu = gpu_modes(scope, given), cpu_modes(scope, given)
    if scope.machine.gpus == []:
        on_gpu = on_gpu[:1]
    official = [a for a in on_gpu if scope.subject(a).runtime.kernels == "torch"]
    others = [a for a in on_gpu if a not in official]
    return [best(group) for group in (official, others, on_cpu) if group]


def _gap_rows(scope: Scope, top: Assessment) -> Iterator[GapRow]:
    """What decides: software that stops it or soon will, VRAM where there is a GPU, else RAM."""
    software = software_gates(top, "fail", "unknown")
    ending = [g for g in software_gates(top, "pass", "warn") if g.text.id in ENDING]
    for gate in [*software, *ending][:1]:
        yield _gap(scope, top, gate, "software")
    device, host = device_gate(top), host_gate(top)
    if device is not None:
        yield _gap(scope, top, device, "vram")
    if host is not None and (device is None or host.status != "pass"):
        yield _gap(scope, top, host, "ram-load" if host.part == "host-load" else "ram-run")


def _gap(scope: Scope, top: Assessment, gate: Gate, part: str) -> GapRow:
    name = scope.told("gap-part", part=scope.told(f"gap-{part}"), mode=top.mode)
    amounts = {
        "vram": top.memory.device, "ram-load": top.memory.host, "ram-run": top.memory.host,
        "disk": top.memory.disk,
    }.get(part)  # fmt: skip
    missing = None
    if amounts is not None and gate.status in ("fail", "warn"):
        need, have = amounts.need_bytes, amounts.have_bytes
        if need is not None and have is not None and need > have:
            missing = gib(need - have) if part != "disk" else f"{(need - have) / 1e9:.1f} GB"
    there, status = _have(scope, gate, part)
    return GapRow(
        part=name,
        need=_worded(scope, gate.need or "–"),
        have=there,
        missing=missing,
        status=status,
        text=scope.say(gate.text),
    )


def _have(scope: Scope, gate: Gate, part: str) -> tuple[str, Status]:
    """What is there; a driver that is still to be installed is not fine."""
    status = STATUS[gate.status]
    if gate.have is not None:
        return _worded(scope, shown(gate.have)), status
    if part != "software":
        return scope.word("unknown"), status
    if gate.status != "pass" or gate.need is None:
        return "–", status
    gone = any(
        gate.need.startswith("driver") and card.no_driver for card in scope.context.cards or ()
    )
    return (scope.told("to-install"), "none") if gone else (scope.word("unknown"), "unknown")


def _worded(scope: Scope, text: str) -> str:
    """``driver ≥ 528.33`` in the words of the report."""
    head, _, rest = text.partition(" ")
    return f"{scope.told('driver-word')} {rest}" if head == "driver" else text
