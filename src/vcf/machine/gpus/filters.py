"""Environment variables that hide GPUs from the programs of this process."""

from __future__ import annotations

from ..host import Host
from .found import GpuFound

NVIDIA = ("CUDA_VISIBLE_DEVICES",)
AMD = ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")
NOTHING = ("", "-1", "none", "void", "nodevfiles")
"""Values that name no GPU."""


def hides_all(host: Host, variables: tuple[str, ...]) -> str | None:
    """The setting that hides every GPU, such as ``CUDA_VISIBLE_DEVICES=-1``.

    A list that leaves some GPU visible is not looked into: its numbers follow the order of the
    program that reads it.
    """
    for variable in variables:
        value = host.env(variable)
        if value is not None and value.partition(",")[0].strip().lower() in NOTHING:
            return f"{variable}={value.partition(',')[0].strip()}"
    return None


def mark(host: Host, founds: list[GpuFound], variables: tuple[str, ...]) -> list[GpuFound]:
    """The same GPUs, with the setting that hides them all, if there is one."""
    if founds:
        hidden = hides_all(host, variables)
        for found in founds:
            found.hidden_by = hidden
    return founds
