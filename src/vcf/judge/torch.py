"""The part of the software gate that is about PyTorch: the wheel to install, or the one there."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache

from ..catalogue.drivers import last_branch, parse_driver
from ..catalogue.installed import InstalledVerdict, judge_installed
from ..catalogue.stack import newest_release
from ..catalogue.wheels import NoWheel, WheelChoice, newest_wheel, parse_version, split_local
from ..machine.model import Gpu
from .context import Card, Context
from .model import Gate, Message, Status, command_in
from .packages import install_line
from .subject import Subject, own_package
from .versions import before, minor, numbers_in, python_fits, software

LOCALLY = "https://pytorch.org/get-started/locally/"
"""Which builds there are, and that Windows gets a CPU build from PyPI."""
_find_wheel = lru_cache(maxsize=4096)(newest_wheel)
_judge_torch = lru_cache(maxsize=4096)(judge_installed)


def wheel_for(
    subject: Subject, context: Context, card: Card | None, *, any_driver: bool = False
) -> WheelChoice | NoWheel:
    """The torch to install for a mode on this machine, whatever is installed now.

    ``any_driver``: as if the driver were up to date.
    """
    torch = subject.needs.torch
    python = context.software.get("python")
    if python is not None and not python_fits(subject.needs, python):
        below = subject.needs.python.below if subject.needs.python is not None else None
        python = before(below) if below is not None else None  # the one that is advised
    gpu = card.gpu if card is not None else None
    return _find_wheel(
        vendor=(gpu.vendor or "nvidia") if gpu is not None else "cpu",
        platform=context.platform,
        cc=gpu.compute_capability if gpu is not None else None,
        gfx=gpu.gfx if gpu is not None else None,
        python=minor(python),
        driver=nvidia_driver(gpu) if gpu is not None and not any_driver else None,
        macos=macos_version(context),
        torch_min=torch.min if torch else None,
        torch_below=torch.below if torch else None,
        only_variant=torch.variant if torch and gpu and gpu.vendor == "nvidia" else None,
        torchaudio=bool(torch and torch.audio),
    )


def nvidia_driver(gpu: Gpu) -> str | None:
    """The driver's version; None for other makers and for what is no version: not held against
    a wheel."""
    if gpu.vendor != "nvidia" or gpu.driver is None:
        return None
    try:
        parse_driver(gpu.driver)
    except ValueError:
        return None
    return gpu.driver


def macos_version(context: Context) -> str | None:
    """``14.5`` of ``macOS 14.5``."""
    if context.os != "macos" or not context.machine.os_version:
        return None
    numbers = numbers_in(context.machine.os_version)
    return ".".join(str(n) for n in numbers) if numbers else None


def torch_gates(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """What stands in the way of PyTorch on this machine, or the wheel to install."""
    torch = subject.needs.torch
    if torch is None:
        return
    if card is not None and card.gpu.vendor == "intel":
        yield _xpu(card)
        return
    choice = wheel_for(subject, context, card)
    installed = context.software.get("torch")
    # A project that pins its torch brings its own environment, which this may be.
    own = torch.variant is None or own_package(subject) in context.software
    if installed is not None and own:
        yield from _installed_torch(installed, choice, subject, context, card)
    else:
        yield _installable_torch(choice, subject, context, card)


XPU = "pip install torch --index-url https://download.pytorch.org/whl/xpu"
"""The build for Intel's GPUs."""


def _xpu(card: Card) -> Gate:
    """Intel: the xpu wheels serve Arc and newer, those with matrix engines."""
    source = "https://docs.pytorch.org/docs/stable/notes/get_start_xpu.html"
    if card.spec is None:
        return software("unknown", Message("wheel-gpu-unknown", {"gpu": card.label}), source=source)
    if not card.spec.bf16:
        return software("fail", Message("wheel-xpu-old", {"gpu": card.label}), source=source)
    return software(
        "warn", Message("wheel-xpu", {"gpu": card.label}),
        source=source, remedy=Message("remedy-torch", {"command": XPU}),
    )  # fmt: skip


def _installed_torch(
    installed: str,
    choice: WheelChoice | NoWheel,
    subject: Subject,
    context: Context,
    card: Card | None,
) -> Iterator[Gate]:
    torch, cure = subject.needs.torch, cure_of(choice, subject, context, card)
    assert torch is not None
    try:
        version = parse_version(installed)
    except ValueError:
        yield software("unknown", Message("torch-strange", {"torch": installed}), have=installed)
        return
    low, below = torch.min, torch.below
    if low is not None and version < parse_version(low):
        yield software(
            "fail", Message("torch-old", {"torch": installed, "need": f"≥ {low}"}),
            have=installed, need=f"≥ {low}", source=subject.needs.source, remedy=cure,
        )  # fmt: skip
        return
    if below is not None and version >= parse_version(below):
        values: dict[str, str] = {"torch": installed, "need": f"< {below}"}
        if not torch.newer_works:
            yield software(
                "fail", Message("torch-new", values),
                have=installed, need=values["need"], source=subject.needs.source, remedy=cure,
            )  # fmt: skip
            return
        yield software(
            "warn", Message("torch-pinned", values),
            have=installed, need=values["need"], source=subject.needs.source,
        )  # fmt: skip
    if card is None:
        yield _on_cpu(installed, choice, context, cure)
        return
    gpu = card.gpu
    found = _judge_torch(
        torch=installed,
        platform=context.platform,
        vendor=gpu.vendor or "nvidia",
        cc=gpu.compute_capability,
        gfx=gpu.gfx,
        driver=nvidia_driver(gpu),
        macos=macos_version(context),
    )
    fits = isinstance(choice, WheelChoice)  # a wheel that runs on the driver there is
    yield _installed_gate(found, installed, card, cure, fits=fits)


def _on_cpu(
    installed: str, choice: WheelChoice | NoWheel, context: Context, cure: Message | None
) -> Gate:
    """The CPU needs no kernels of its own; the wheel may still be too new for the macOS."""
    if context.platform == "macos-arm64":
        found = _judge_torch(
            torch=installed, platform=context.platform, vendor="apple", macos=macos_version(context)
        )
        if found.status == "macos_too_old":
            need = found.macos_min or "?"
            return software(
                "fail", Message("torch-macos", {"torch": installed, "macos_min": need}),
                have=context.machine.os_version, need=f"macOS {need}",
                source=found.sources[0] if found.sources else LOCALLY,
                remedy=cure or Message("remedy-macos", {"need": need}),
            )  # fmt: skip
    return software("pass", Message("torch-installed", {"torch": installed}), have=installed)


_INSTALLED: dict[str, tuple[Status, str]] = {
    "ok": ("pass", "torch-runs"),
    "no_kernels": ("fail", "torch-no-kernels"),
    "cpu_build": ("fail", "torch-cpu-build"),
    "driver_too_old": ("fail", "torch-driver"),
    "macos_too_old": ("fail", "torch-macos"),
    "wrong_vendor": ("fail", "torch-wrong-vendor"),
    "unknown": ("unknown", "torch-unknown"),
}


def _installed_gate(
    found: InstalledVerdict, installed: str, card: Card, cure: Message | None, *, fits: bool
) -> Gate:
    status, text = _INSTALLED[found.status]
    gpu = card.gpu
    values: dict[str, str] = {
        "torch": installed,
        "gpu": card.label,
        "target": gpu.compute_capability or gpu.gfx or "?",
        "driver": gpu.driver or "?",
        "driver_min": found.driver_min or "?",
        "macos_min": found.macos_min or "?",
        "newest": newest_release().newest,
    }
    if found.status == "driver_too_old":
        need = found.driver_min or "?"
        older = command_in(cure) if fits else None
        if older is not None:
            cure = Message("remedy-driver-or", {"driver": need, "command": older})
        else:
            cure = Message("remedy-driver", {"driver": need})
    elif found.status == "macos_too_old":
        cure = cure or Message("remedy-macos", {"need": values["macos_min"]})
    elif found.status == "ok" and gpu.vendor == "apple":
        text = "torch-runs-mac"
    return software(
        status,
        Message(text, values),
        have=f"torch {installed}",
        need=f"{gpu.vendor} {gpu.compute_capability or gpu.gfx or ''}".strip(),
        source=found.sources[0] if found.sources else LOCALLY,
        remedy=None if status == "pass" else cure,
    )


def cure_of(
    choice: WheelChoice | NoWheel, subject: Subject, context: Context, card: Card | None
) -> Message | None:
    """The command that replaces an installed torch; where the driver is too old for any, the
    one for after its update. pip takes 2.14.1+cpu for 2.14.1 and would leave it, torchaudio
    alike: where the number is the same, it is forced."""
    if isinstance(choice, NoWheel) and choice.reason == "driver_too_old":
        choice = wheel_for(subject, context, card, any_driver=True)
    if isinstance(choice, NoWheel):
        where = choice.params.get("elsewhere")
        return Message("remedy-elsewhere", {"where": where}) if where is not None else None
    command = install_line(choice, subject, context)
    for package, version in (("torch", choice.torch), ("torchaudio", choice.torchaudio)):
        public, build = split_local(context.software.get(package, ""))
        if public == version and build != choice.variant:
            command = command.replace("pip install ", "pip install --force-reinstall ", 1)
            break
    return Message("remedy-torch", {"command": command})


def _installable_torch(
    choice: WheelChoice | NoWheel, subject: Subject, context: Context, card: Card | None
) -> Gate:
    if isinstance(choice, NoWheel):
        return _no_wheel(choice, subject, context, card)
    build = f"{choice.torch}+{choice.variant}"
    source = choice.sources[0] if choice.sources else None
    if card is None or card.gpu.vendor != "nvidia":
        return software("pass", Message("torch-to-install", {"build": build}), source=source)
    gpu = card.gpu
    branch = last_branch(gpu.compute_capability or "")
    values: dict[str, str] = {
        "build": build,
        "cc": gpu.compute_capability or "?",
        "driver": choice.driver_min or "?",
        "branch": branch or "",
    }
    torch = subject.needs.torch
    bound = torch is not None and (torch.below is not None or torch.variant is not None)
    best = wheel_for(subject, context, card, any_driver=True)
    remedy = None
    if isinstance(best, WheelChoice) and best.torch != choice.torch:
        text = "torch-old-driver"
        values |= {"newest": f"{best.torch}+{best.variant}", "newer": best.driver_min or "?"}
        remedy = Message("remedy-driver", {"driver": best.driver_min or "?"})
    else:
        text = "torch-last-for-card" if branch and not bound else "torch-for-card"
    if card.no_driver and not gpu.asleep:
        remedy = Message("remedy-driver", {"driver": choice.driver_min or "?"})
    return software(
        "pass",
        Message(text, values),
        have=f"driver {gpu.driver}" if gpu.driver else None,
        need=f"driver ≥ {choice.driver_min}" if choice.driver_min else None,
        source=source,
        remedy=remedy,
    )


def _no_wheel(choice: NoWheel, subject: Subject, context: Context, card: Card | None) -> Gate:
    """No official wheel serves: fail, or unknown where the table can't tell."""
    values: dict[str, str] = {
        "gpu": card.label if card is not None else "CPU",
        "platform": context.platform,
    }
    values["target"] = choice.params.get("gpu", "?")
    values["newest"] = choice.params.get("newest", "")
    values["variant"] = choice.params.get("variant", "")
    values["driver"] = choice.params.get("driver", "?")
    values["floor"] = choice.params.get("floor", "?")
    values["macos_min"] = choice.params.get("macos_min", "?")
    if choice.reason == "unknown_gpu":
        return software("unknown", Message("wheel-gpu-unknown", values))
    if choice.reason == "unconfirmed":
        return software("unknown", Message("wheel-unconfirmed", values))
    remedy = None
    if choice.reason == "driver_too_old":
        remedy = Message("remedy-driver", {"driver": values["floor"]})
    elif choice.reason == "macos":
        remedy = Message("remedy-macos", {"need": values["macos_min"]})
    elif "elsewhere" in choice.params and not values["variant"]:
        # Vendors' own builds exist; whether the model's package runs on them nobody has shown.
        return software(
            "warn", Message("wheel-elsewhere", values | {"where": choice.params["elsewhere"]})
        )
    text = {
        "driver_too_old": "wheel-driver",
        "macos": "wheel-macos",
        "platform": "wheel-platform",
        "python": "wheel-platform",
    }.get(
        choice.reason,
        "wheel-none-pinned" if values["variant"] and values["newest"] else "wheel-none",
    )
    if card is None and text == "wheel-none":
        text = "wheel-platform"  # a processor has no kernels to lack
    return software("fail", Message(text, values), source=subject.needs.source, remedy=remedy)
