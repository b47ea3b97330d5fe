"""The software gate: system, architecture, Python, torch wheel against GPU and driver, packages.

What is installed is judged as it is; where nothing is installed, the best stack that could be.
"""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue.drivers import first_driver, knows_card
from ..catalogue.model import Text
from ..catalogue.wheels import parse_version
from .audio import audio_gates
from .context import Card, Context
from .model import Gate, Message, Status
from .packages import package_gates
from .subject import Subject, own_package
from .torch import nvidia_driver, torch_gates
from .versions import before, numbers_in, python_fits, software
from .words import listed

NAMES = {
    "windows": "Windows", "linux": "Linux", "macos": "macOS",
    "nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple",
}  # fmt: skip
"""Systems and makers as they write themselves."""

_WORST: dict[Status, int] = {"fail": 3, "unknown": 2, "warn": 1, "pass": 0}


def software_gate(subject: Subject, context: Context, card: Card | None) -> Gate:
    """The worst of the software conditions, or the pass that names the stack to install."""
    worst = None
    for check in (_system, _instructions, _gpu_generation, environment_gates, _length):
        for gate in check(subject, context, card):
            if worst is None or _WORST[gate.status] > _WORST[worst.status]:
                worst = gate
        if worst is not None and worst.status == "fail":
            break
    return worst or software("pass", Message("software-fits"), source=subject.needs.source)


def _length(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """Speech and clip that are longer than the cache of one call holds."""
    most, asked = subject.model.call_seconds_max, context.workload
    together = asked.speech_seconds + asked.reference_seconds
    if most is None or together <= most or subject.runtime.kernels != "torch":
        return
    values = {"most": f"{most:g}", "asked": f"{together:g}"}
    yield software(
        "fail", Message("call-too-long", values), have=f"{most:g} s", need=f"{together:g} s",
        source=subject.needs.source, remedy=Message("remedy-cut-text"),
    )  # fmt: skip


def environment_gates(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """What is, or would be, installed: Python, torch, packages. All of it can be mended."""
    for check in (_python, _driver, torch_gates, package_gates, audio_gates):
        yield from check(subject, context, card)


def _system(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    needs, machine = subject.needs, context.machine
    source = needs.source
    if needs.systems is not None and context.os not in needs.systems:
        named = ", ".join(NAMES[system] for system in needs.systems)
        values: dict[str, str | Text] = {"os": NAMES[context.os], "needs": listed(named)}
        remedy = None
        if context.os == "windows" and "linux" in needs.systems:
            remedy = Message("remedy-wsl")
        yield software(
            "fail", Message("software-os", values),
            have=NAMES[context.os], need=named, source=source, remedy=remedy,
        )  # fmt: skip
    if needs.arch is not None and context.arch not in needs.arch:
        remedy = Message("remedy-rosetta") if machine.rosetta else None
        need = ", ".join(needs.arch)
        yield software(
            "fail", Message("software-arch", {"arch": context.arch, "needs": listed(need)}),
            have=context.arch, need=need, source=source, remedy=remedy,
        )  # fmt: skip
    version = machine.os_version
    if context.os == "macos" and needs.macos_min and version:
        have = numbers_in(version)
        if have is not None and have < parse_version(needs.macos_min):
            yield software(
                "fail", Message("software-macos", {"have": version, "need": needs.macos_min}),
                have=version, need=needs.macos_min, source=source,
                remedy=Message("remedy-macos", {"need": needs.macos_min}),
            )  # fmt: skip


def _instructions(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    wanted, isa = subject.needs.isa, context.machine.cpu.isa
    if not wanted or subject.device != "cpu" or context.arch != "x86_64":
        return
    need = ", ".join(wanted)
    if isa is None:
        return  # every x86 CPU since 2013 has AVX2; a doubt of the forecast says so
    missing = [name for name in wanted if name not in isa]
    if missing:
        yield software(
            "fail", Message("software-isa", {"missing": listed(", ".join(missing))}),
            have=" ".join(isa) or "-", need=need, source=subject.needs.source,
        )  # fmt: skip


def _gpu_generation(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """Maker and compute capability that the runtime has code for."""
    if card is None:
        return
    needs, gpu = subject.needs, card.gpu
    if gpu.vendor is None:
        yield software("unknown", Message("software-vendor-unknown", {"gpu": card.label}))
        return
    if needs.vendors is not None and gpu.vendor not in needs.vendors:
        need = ", ".join(NAMES[vendor] for vendor in needs.vendors)
        yield software(
            "fail", Message("software-vendor", {"gpu": card.label, "needs": listed(need)}),
            have=NAMES[gpu.vendor], need=need, source=needs.source,
        )  # fmt: skip
        return
    if gpu.vendor != "nvidia" or needs.min_compute_capability is None:
        return
    cc, need = gpu.compute_capability, needs.min_compute_capability
    if cc is None:
        yield software("unknown", Message("software-cc-unknown", {"gpu": card.label}), need=need)
    elif parse_version(cc) < parse_version(need):
        yield software(
            "fail", Message("software-cc", {"gpu": card.label, "cc": cc, "need": need}),
            have=cc, need=need, source=needs.source,
        )  # fmt: skip


def _driver(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """A driver older than the card: nothing that computes on it runs, whatever is installed."""
    if card is None:
        return
    driver, cc = nvidia_driver(card.gpu), card.gpu.compute_capability
    if driver is None or cc is None or knows_card(driver, cc):
        return
    first = first_driver(cc) or "?"
    values: dict[str, str] = {"driver": driver, "gpu": card.label, "need": first}
    yield software(
        "fail", Message("gpu-driver", values), have=f"driver {driver}", need=f"driver ≥ {first}",
        source="https://docs.nvidia.com/cuda/cuda-toolkit-release-notes/index.html",
        remedy=Message("remedy-driver", {"driver": first}),
    )  # fmt: skip


def _python(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    have, span = context.software.get("python"), subject.needs.python
    if have is None or span is None or python_fits(subject.needs, have):
        return
    need = f"{span.min or ''}–{before(span.below)}" if span.below else f"≥ {span.min}"
    # An environment with torch or the model's package in it is the one that would be used;
    # otherwise this Python only runs vcf, and another one is a command away. What is installed
    # on a newer Python than is promised has been built there and may run.
    there = own_package(subject) in context.software
    used = there or "torch" in context.software
    if subject.needs.torch is not None and subject.needs.torch.variant is not None:
        used = False  # the project brings its own environment
    numbers = numbers_in(have) or ()
    newer = span.below is not None and numbers >= parse_version(span.below)
    text = "software-python-tried" if there and newer else "software-python-other"
    values: dict[str, str] = {"have": have, "need": need}
    remedy = Message("remedy-python", {"need": before(span.below) if span.below else need})
    source = subject.needs.source
    if used and not (there and newer):
        yield software("fail", Message("software-python", values), have=have, need=need,
                       source=source, remedy=remedy)  # fmt: skip
    else:
        yield software("warn", Message(text, values), have=have, need=need,
                       source=source, remedy=remedy)  # fmt: skip
