"""Settings by name, and what their values mean. Nothing is asked here: machine files hold them
too, and reading one must not import the probes."""

from __future__ import annotations

import re
from collections.abc import Callable

VARIABLES = (
    # which devices programs see
    "CUDA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES",
    "HSA_OVERRIDE_GFX_VERSION",
    # where weights come from
    "HF_ENDPOINT", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE",
    # how torch and the models run
    "VOXCPM_MPS_DTYPE", "TORCHDYNAMO_DISABLE", "TORCH_COMPILE_DISABLE", "OMP_NUM_THREADS",
)  # fmt: skip
"""Environment variables by the names that their programs read."""

WSL_DRIVER = "wsl_driver"
"""NVIDIA's Linux driver inside WSL, where Windows lends its own: a library's file name."""
LONG_PATHS = "long_paths"
"""Windows: ``on`` or ``off``, whether programs may use paths longer than 260 characters."""
MODULE = "nvidia_module"
"""Version of the NVIDIA kernel driver that is loaded."""

NVIDIA = ("CUDA_VISIBLE_DEVICES",)
AMD = ("ROCR_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "CUDA_VISIBLE_DEVICES")
_NOTHING = ("", "-1", "none", "void", "nodevfiles")
"""Values that name no GPU."""
_USER = re.compile(r"(?:(?<=://)|^(?![^/]*://))[^/]*@")
LONGEST = 200


def clean(value: str) -> str:
    """A setting without a user's name, password or token in an address."""
    value = value.strip()
    if "://" in value or "@" in value:
        value = _USER.sub("", value.partition("?")[0].partition("#")[0])
    return value[:LONGEST]


def hides_all(value_of: Callable[[str], str | None], variables: tuple[str, ...]) -> str | None:
    """The setting that hides every GPU, such as ``CUDA_VISIBLE_DEVICES=-1``.

    A list that leaves some GPU visible is not looked into: its numbers follow the order of the
    program that reads it.
    """
    for variable in variables:
        value = value_of(variable)
        first = value.partition(",")[0].strip() if value is not None else None
        if first is not None and first.lower() in _NOTHING:
            return f"{variable}={first}"
    return None
