"""Environment variables that hide GPUs from the programs of this process."""

from __future__ import annotations

from .. import variables
from ..host import Host
from .found import GpuFound

NVIDIA = variables.NVIDIA
AMD = variables.AMD


def hides_all(host: Host, names: tuple[str, ...]) -> str | None:
    """The setting that hides every GPU from programs started here."""
    return variables.hides_all(host.env, names)


def mark(host: Host, founds: list[GpuFound], names: tuple[str, ...]) -> list[GpuFound]:
    """The same GPUs, with the setting that hides them all, if there is one."""
    if founds:
        hidden = hides_all(host, names)
        for found in founds:
            found.hidden_by = hidden
    return founds
