"""Which official PyTorch builds serve a machine's GPUs: the matrix seen from one machine."""

from __future__ import annotations

import msgspec

from ..catalogue.drivers import last_branch
from ..catalogue.stack import Part, cudnn_for, torchcodec_for, triton_for
from ..catalogue.wheels import NoWheel, newest_wheel, wheels_for
from .context import Card, Context
from .torch import macos_version, nvidia_driver
from .versions import minor


class CardWheels(msgspec.Struct, frozen=True, kw_only=True):
    """The builds for one GPU, or for the CPU."""

    gpu: str | None
    """Its name; None: no GPU."""
    target: str | None
    """Compute capability or gfx target."""
    torch: str | None
    """The build to install, such as ``2.14.1+cu126``; None where no official one serves."""
    install: str | None
    index_url: str | None
    """None: plain PyPI gives this build."""
    torchaudio: str | None
    """The one that fits; None: no stable one is known to."""
    torchcodec: str | None
    """Release line that goes with it; None: nobody states one."""
    triton: str | None
    """What pip must find for torch.compile: on Linux the wheel asks for it by itself."""
    cudnn: str | None
    """NVIDIA: the cuDNN package that the build pins; a newer one may lack code for old cards."""
    driver_min: str | None
    """NVIDIA: oldest driver for this build."""
    driver_last: str | None
    """NVIDIA: last driver branch for this GPU, where newer ones have dropped it."""
    python_min: str | None
    python_max: str | None
    why_not: str | None
    """Why no official build serves: unknown_gpu, platform, no_kernels, driver_too_old …"""
    builds: tuple[str, ...]
    """NVIDIA: every release line and build known to have kernels, newest first:
    ``2.14+cu126``."""
    sources: tuple[str, ...]


def card_wheels(context: Context) -> tuple[CardWheels, ...]:
    """For each distinct GPU; for the CPU where there is none."""
    return tuple(_wheels(context, card) for card in context.cards or (None,))


def _wheels(context: Context, card: Card | None) -> CardWheels:
    gpu = card.gpu if card is not None else None
    python = minor(context.software.get("python"))
    choice = newest_wheel(
        vendor=(gpu.vendor or "nvidia") if gpu is not None else "cpu",
        platform=context.platform,
        cc=gpu.compute_capability if gpu is not None else None,
        gfx=gpu.gfx if gpu is not None else None,
        python=python,
        driver=nvidia_driver(gpu) if gpu is not None else None,
        macos=macos_version(context),
        torchaudio=True,  # every model here imports it
    )
    cc = gpu.compute_capability if gpu is not None else None
    rows = wheels_for(cc=cc, platform=context.platform, python=python) if cc is not None else []
    head = {
        "gpu": card.label if card is not None else None,
        "target": (cc or gpu.gfx) if gpu is not None else None,
        "driver_last": last_branch(cc) if cc is not None else None,
    }
    builds = tuple(f"{row.release}+{row.variant}" for row in rows)
    if isinstance(choice, NoWheel):
        return CardWheels(
            **head, torch=None, install=None, index_url=None, torchaudio=None, torchcodec=None,
            triton=None, cudnn=None, driver_min=None,
            python_min=None, python_max=None, why_not=choice.reason, builds=builds, sources=(),
        )  # fmt: skip
    codec = torchcodec_for(choice.torch, context.platform)
    return CardWheels(
        **head, torch=f"{choice.torch}+{choice.variant}", install=choice.install,
        index_url=choice.index_url, torchaudio=choice.torchaudio,
        torchcodec=codec.release if codec is not None else None,
        triton=_named(triton_for(choice.torch, choice.variant, context.platform)),
        cudnn=_named(cudnn_for(choice.torch, choice.variant, context.platform)),
        driver_min=choice.driver_min,
        python_min=choice.python[0], python_max=choice.python[1], why_not=None, builds=builds,
        sources=choice.sources,
    )  # fmt: skip


def _named(part: Part | None) -> str | None:
    return part.requirement if part is not None else None
