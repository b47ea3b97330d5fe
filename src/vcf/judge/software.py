"""The software gate: system, architecture, Python, torch wheel against GPU and driver, packages.

What is installed is judged as it is; where nothing is installed, the best stack that could be.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import lru_cache

from ..catalogue.drivers import last_branch
from ..catalogue.model import Needs
from ..catalogue.wheels import (
    InstalledVerdict,
    NoWheel,
    WheelChoice,
    judge_installed,
    newest_wheel,
    parse_version,
)
from .context import Card, Context
from .model import Gate, Message, Status
from .subject import Subject

_find_wheel = lru_cache(maxsize=4096)(newest_wheel)
_judge_torch = lru_cache(maxsize=4096)(judge_installed)

NAMES = {
    "windows": "Windows", "linux": "Linux", "macos": "macOS",
    "nvidia": "NVIDIA", "amd": "AMD", "intel": "Intel", "apple": "Apple",
}  # fmt: skip
"""Systems and makers as they write themselves."""

_WORST: dict[Status, int] = {"fail": 3, "unknown": 2, "warn": 1, "pass": 0}


def software_gate(subject: Subject, context: Context, card: Card | None) -> Gate:
    """The worst of the software conditions, or the pass that names the stack to install."""
    return _worst(subject, context, card)


def wheel_for(subject: Subject, context: Context, card: Card | None) -> WheelChoice | NoWheel:
    """The torch to install for a mode on this machine, whatever is installed now."""
    torch = subject.needs.torch
    python = context.software.get("python")
    if python is not None and not _python_fits(subject.needs, python):
        python = None  # another Python must be installed anyway
    gpu = card.gpu if card is not None else None
    return _find_wheel(
        vendor=(gpu.vendor or "nvidia") if gpu is not None else "cpu",
        platform=context.platform,
        cc=gpu.compute_capability if gpu is not None else None,
        gfx=gpu.gfx if gpu is not None else None,
        python=_minor(python),
        driver=gpu.driver if gpu is not None else None,
        macos=_macos_version(context),
        torch_min=torch.min if torch else None,
        torch_below=torch.below if torch else None,
        only_variant=torch.variant if torch and gpu and gpu.vendor == "nvidia" else None,
        torchaudio=bool(torch and torch.audio),
    )


def _macos_version(context: Context) -> str | None:
    """``14.5`` of ``macOS 14.5``."""
    if context.os != "macos" or not context.machine.os_version:
        return None
    numbers = _numbers(context.machine.os_version)
    return ".".join(str(n) for n in numbers) if numbers else None


def _worst(subject: Subject, context: Context, card: Card | None) -> Gate:
    checks: tuple[Callable[[Subject, Context, Card | None], Iterator[Gate]], ...] = (
        _system,
        _instructions,
        _gpu_generation,
        _python,
        _torch,
        _packages,
    )
    worst = None
    for check in checks:
        for gate in check(subject, context, card):
            if worst is None or _WORST[gate.status] > _WORST[worst.status]:
                worst = gate
        if worst is not None and worst.status == "fail":
            break
    return worst or _gate("pass", Message("software-fits"), source=subject.needs.source)


def _gate(
    status: Status,
    text: Message,
    *,
    have: str | None = None,
    need: str | None = None,
    source: str | None = None,
    remedy: Message | None = None,
) -> Gate:
    return Gate(
        gate="software",
        status=status,
        text=text,
        have=have,
        need=need,
        source=source,
        remedy=remedy,
    )


def _system(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    needs, machine = subject.needs, context.machine
    source = needs.source
    if needs.systems is not None and context.os not in needs.systems:
        named = ", ".join(NAMES[system] for system in needs.systems)
        values: dict[str, str] = {"os": NAMES[context.os], "needs": named}
        remedy = None
        if context.os == "windows" and "linux" in needs.systems:
            remedy = Message("remedy-wsl")
        yield _gate(
            "fail", Message("software-os", values),
            have=values["os"], need=named, source=source, remedy=remedy,
        )  # fmt: skip
    if needs.arch is not None and context.arch not in needs.arch:
        remedy = Message("remedy-rosetta") if machine.rosetta else None
        need = ", ".join(needs.arch)
        yield _gate(
            "fail", Message("software-arch", {"arch": context.arch, "needs": need}),
            have=context.arch, need=need, source=source, remedy=remedy,
        )  # fmt: skip
    version = machine.os_version
    if context.os == "macos" and needs.macos_min and version:
        have = _numbers(version)
        if have is not None and have < parse_version(needs.macos_min):
            yield _gate(
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
        yield _gate(
            "fail", Message("software-isa", {"missing": ", ".join(missing)}),
            have=" ".join(isa) or "-", need=need, source=subject.needs.source,
        )  # fmt: skip


def _gpu_generation(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """Maker and compute capability that the runtime has code for."""
    if card is None:
        return
    needs, gpu = subject.needs, card.gpu
    if gpu.vendor is None:
        yield _gate("unknown", Message("software-vendor-unknown", {"gpu": card.label}))
        return
    if needs.vendors is not None and gpu.vendor not in needs.vendors:
        need = ", ".join(NAMES[vendor] for vendor in needs.vendors)
        yield _gate(
            "fail", Message("software-vendor", {"gpu": card.label, "needs": need}),
            have=NAMES[gpu.vendor], need=need, source=needs.source,
        )  # fmt: skip
        return
    if gpu.vendor != "nvidia" or needs.min_compute_capability is None:
        return
    cc, need = gpu.compute_capability, needs.min_compute_capability
    if cc is None:
        yield _gate("unknown", Message("software-cc-unknown", {"gpu": card.label}), need=need)
    elif parse_version(cc) < parse_version(need):
        yield _gate(
            "fail", Message("software-cc", {"gpu": card.label, "cc": cc, "need": need}),
            have=cc, need=need, source=needs.source,
        )  # fmt: skip


def _python(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    have, span = context.software.get("python"), subject.needs.python
    if have is None or span is None or _python_fits(subject.needs, have):
        return
    need = f"{span.min or ''}–{_before(span.below)}" if span.below else f"≥ {span.min}"
    # An environment with torch or the model's package in it is the one that would be used;
    # otherwise this Python only runs vcf, and another one is a command away.
    package = next((p.name for p in subject.needs.packages or ()), "")
    used = bool(package and package in context.software) or "torch" in context.software
    if subject.needs.torch is not None and subject.needs.torch.variant is not None:
        used = False  # the project brings its own environment
    yield _gate(
        "fail" if used else "warn",
        Message("software-python" if used else "software-python-other",
                {"have": have, "need": need}),
        have=have, need=need, source=subject.needs.source,
        remedy=Message("remedy-python", {"need": _before(span.below) if span.below else need}),
    )  # fmt: skip


def _torch(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    torch = subject.needs.torch
    if torch is None:
        return
    if card is not None and card.gpu.vendor == "intel":
        yield _xpu(card)
        return
    choice = wheel_for(subject, context, card)
    installed = context.software.get("torch")
    if installed is not None and torch.variant is None:
        yield from _installed_torch(installed, choice, subject, context, card)
    else:
        yield _installable_torch(choice, subject, context, card)


def _xpu(card: Card) -> Gate:
    """Intel: the xpu wheels serve Arc and newer, those with matrix engines."""
    source = "https://docs.pytorch.org/docs/stable/notes/get_start_xpu.html"
    if card.spec is None:
        return _gate("unknown", Message("wheel-gpu-unknown", {"gpu": card.label}), source=source)
    if not card.spec.bf16:
        return _gate("fail", Message("wheel-xpu-old", {"gpu": card.label}), source=source)
    command = "pip install torch --index-url https://download.pytorch.org/whl/xpu"
    return _gate(
        "warn", Message("wheel-xpu", {"gpu": card.label}),
        source=source, remedy=Message("remedy-torch", {"command": command}),
    )  # fmt: skip


def _installed_torch(
    installed: str,
    choice: WheelChoice | NoWheel,
    subject: Subject,
    context: Context,
    card: Card | None,
) -> Iterator[Gate]:
    torch, cure = subject.needs.torch, _cure(choice)
    assert torch is not None
    try:
        version = parse_version(installed)
    except ValueError:
        yield _gate("unknown", Message("torch-strange", {"torch": installed}), have=installed)
        return
    low, below = torch.min, torch.below
    if low is not None and version < parse_version(low):
        yield _gate(
            "fail", Message("torch-old", {"torch": installed, "need": f"≥ {low}"}),
            have=installed, need=f"≥ {low}", source=subject.needs.source, remedy=cure,
        )  # fmt: skip
        return
    if below is not None and version >= parse_version(below):
        yield _gate(
            "fail", Message("torch-new", {"torch": installed, "need": f"< {below}"}),
            have=installed, need=f"< {below}", source=subject.needs.source, remedy=cure,
        )  # fmt: skip
        return
    if card is None:
        yield _gate("pass", Message("torch-installed", {"torch": installed}), have=installed)
        return
    gpu = card.gpu
    found = _judge_torch(
        torch=installed,
        platform=context.platform,
        vendor=gpu.vendor or "nvidia",
        cc=gpu.compute_capability,
        gfx=gpu.gfx,
        driver=gpu.driver,
    )
    yield _installed_gate(found, installed, card, cure)


_INSTALLED: dict[str, tuple[Status, str]] = {
    "ok": ("pass", "torch-runs"),
    "no_kernels": ("fail", "torch-no-kernels"),
    "cpu_build": ("fail", "torch-cpu-build"),
    "driver_too_old": ("fail", "torch-driver"),
    "wrong_vendor": ("fail", "torch-wrong-vendor"),
    "unknown": ("unknown", "torch-unknown"),
}


def _installed_gate(
    found: InstalledVerdict, installed: str, card: Card, cure: Message | None
) -> Gate:
    status, text = _INSTALLED[found.status]
    gpu = card.gpu
    values: dict[str, str] = {
        "torch": installed,
        "gpu": card.label,
        "target": gpu.compute_capability or gpu.gfx or "?",
        "driver": gpu.driver or "?",
        "driver_min": found.driver_min or "?",
    }
    if found.status == "driver_too_old":
        cure = Message("remedy-driver", {"driver": found.driver_min or "?"})
    return _gate(
        status,
        Message(text, values),
        have=f"torch {installed}",
        need=f"{gpu.vendor} {gpu.compute_capability or gpu.gfx or ''}".strip(),
        source=found.sources[0] if found.sources else None,
        remedy=None if status == "pass" else cure,
    )


def _cure(choice: WheelChoice | NoWheel) -> Message | None:
    if isinstance(choice, NoWheel):
        return None
    return Message("remedy-torch", {"command": choice.install})


def _installable_torch(
    choice: WheelChoice | NoWheel, subject: Subject, context: Context, card: Card | None
) -> Gate:
    if isinstance(choice, NoWheel):
        return _no_wheel(choice, subject, context, card)
    build = f"{choice.torch}+{choice.variant}"
    source = choice.sources[0] if choice.sources else None
    if card is None or card.gpu.vendor != "nvidia":
        return _gate("pass", Message("torch-to-install", {"build": build}), source=source)
    gpu = card.gpu
    branch = last_branch(gpu.compute_capability or "")
    values: dict[str, str] = {
        "build": build,
        "cc": gpu.compute_capability or "?",
        "driver": choice.driver_min or "?",
        "branch": branch or "",
    }
    text = "torch-last-for-card" if branch else "torch-for-card"
    return _gate(
        "pass",
        Message(text, values),
        have=f"driver {gpu.driver}" if gpu.driver else None,
        need=f"driver ≥ {choice.driver_min}" if choice.driver_min else None,
        source=source,
        remedy=Message("remedy-driver", {"driver": choice.driver_min or "?"})
        if card.no_driver and not gpu.asleep
        else None,
    )


def _no_wheel(
    choice: NoWheel, subject: Subject, context: Context, card: Card | None
) -> Gate:
    """No official wheel serves: fail, or unknown where the table can't tell."""
    label = card.label if card is not None else context.machine.cpu.model or "CPU"
    values: dict[str, str] = {"gpu": label, "platform": context.platform}
    values["target"] = choice.params.get("gpu", "?")
    values["newest"] = choice.params.get("newest", "-")
    values["variant"] = choice.params.get("variant", "")
    values["driver"] = choice.params.get("driver", "?")
    values["floor"] = choice.params.get("floor", "?")
    values["macos_min"] = choice.params.get("macos_min", "?")
    if choice.reason == "unknown_gpu":
        return _gate("unknown", Message("wheel-gpu-unknown", values))
    if choice.reason == "unconfirmed":
        return _gate("unknown", Message("wheel-unconfirmed", values))
    remedy = None
    if choice.reason == "driver_too_old":
        remedy = Message("remedy-driver", {"driver": values["floor"]})
    elif choice.reason == "macos":
        remedy = Message("remedy-macos", {"need": values["macos_min"]})
    elif "elsewhere" in choice.params:
        # Vendors' own builds exist; whether the model's package runs on them nobody has shown.
        return _gate(
            "warn", Message("wheel-elsewhere", values | {"where": choice.params["elsewhere"]})
        )
    text = {
        "driver_too_old": "wheel-driver",
        "macos": "wheel-macos",
        "platform": "wheel-platform",
        "python": "wheel-platform",
    }.get(choice.reason, "wheel-none-pinned" if values["variant"] else "wheel-none")
    return _gate("fail", Message(text, values), source=subject.needs.source, remedy=remedy)


def _packages(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    for package in subject.needs.packages or ():
        have = context.software.get(package.name)
        if have is None:
            continue
        numbers = _numbers(have)
        if numbers is None:
            continue
        if package.min is not None and numbers < parse_version(package.min):
            need, command = f"≥ {package.min}", f"pip install -U {package.name}"
        elif package.below is not None and numbers >= parse_version(package.below):
            need, command = f"< {package.below}", f'pip install "{package.name}<{package.below}"'
        else:
            continue
        yield _gate(
            "fail", Message("package-version", {"name": package.name, "have": have, "need": need}),
            have=have, need=need, source=subject.needs.source,
            remedy=Message("remedy-command", {"command": command}),
        )  # fmt: skip


def _python_fits(needs: Needs, python: str) -> bool:
    span, have = needs.python, _numbers(python)
    if span is None or have is None:
        return True
    above = span.min is None or have >= parse_version(span.min)
    return above and (span.below is None or have < parse_version(span.below))


def _before(version: str | None) -> str:
    """``3.12`` for a bound below 3.13."""
    if version is None:
        return ""
    numbers = parse_version(version)
    return ".".join(str(n) for n in (*numbers[:-1], numbers[-1] - 1))


def _minor(python: str | None) -> str | None:
    numbers = _numbers(python) if python else None
    return None if numbers is None else ".".join(str(n) for n in numbers[:2])


def _numbers(text: str) -> tuple[int, ...] | None:
    """The version in a text such as ``macOS 14.5``; None when there is none."""
    for word in text.replace("+", " ").split():
        try:
            return parse_version(word)
        except ValueError:
            continue
    return None
