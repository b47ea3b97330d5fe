"""vcf tells whether a computer can run local voice-cloning models, how fast, and what to do next.

import vcf

machine = vcf.load_machine("asus-gl552vw")
verdict = vcf.assess(machine, "voxcpm-0.5b", "cpu-fp32")
print(verdict.verdict, verdict.rtf)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from .api import Workload, assess, load_catalogue, load_machine, plan, probe
    from .errors import CatalogueError, MachineError, OutputError, UsageError, VcfError

__all__ = [
    "CatalogueError",
    "MachineError",
    "OutputError",
    "UsageError",
    "VcfError",
    "Workload",
    "__version__",
    "assess",
    "load_catalogue",
    "load_machine",
    "plan",
    "probe",
]


def __getattr__(name: str) -> Any:
    """Public names are imported when first used: ``vcf --version`` must not pay for them."""
    if name.endswith("Error") and name in __all__:
        from . import errors

        return getattr(errors, name)
    if name in __all__:
        from . import api

        return getattr(api, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return __all__
