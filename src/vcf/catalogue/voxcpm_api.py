"""What each release of the voxcpm package accepts: arguments, flags, files, devices.

Read from the wheels on PyPI by ``scripts/voxcpm_api.py``. A version that the table does not list is
not known: its arguments are never guessed from those of its neighbours.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Literal, TypeAlias

import msgspec

Value: TypeAlias = str | int | float | bool | None
FUNCTIONS = ("__init__", "from_pretrained", "generate", "generate_streaming")
"""Methods of ``voxcpm.VoxCPM`` that the table describes."""

_FINAL = re.compile(r"\d+(\.\d+)*")


class Parameter(msgspec.Struct, frozen=True, kw_only=True):
    """One parameter of a method."""

    name: str
    default: Value | msgspec.UnsetType = msgspec.UNSET
    """Unset: it must be given."""

    @property
    def required(self) -> bool:
        """Whether a call without it fails."""
        return self.default is msgspec.UNSET


class Function(msgspec.Struct, frozen=True, kw_only=True):
    """One method as its callers see it."""

    parameters: tuple[Parameter, ...]
    """In order, without self. Where a method only hands on what it gets, those of the other one."""
    rest_to: str | None = None
    """The method that gets the other keywords (``**kwargs``); None: others are a TypeError."""
    given: tuple[str, ...] = ()
    """Parameters of ``rest_to`` that the method fills itself: giving them too is a TypeError."""
    source: str
    """File in the wheel and line."""

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the parameters, in order."""
        return tuple(parameter.name for parameter in self.parameters)


class Flag(msgspec.Struct, frozen=True, kw_only=True):
    """One option of the command line."""

    names: tuple[str, ...]
    """Spellings, the long one first."""
    switch: bool = False
    """Takes no value."""
    required: bool = False
    """argparse insists on it."""


class DeviceRules(msgspec.Struct, frozen=True, kw_only=True):
    """What a release does with device, precision and torch.compile."""

    automatic: tuple[str, ...]
    """Tried in this order where no device is given and config.json says ``cuda``."""
    exact: tuple[str, ...] = ()
    """What ``device=`` may be, letter case aside; empty where there is no such argument. Other
    strings raise ValueError, as does a device that the machine lacks."""
    prefixes: tuple[str, ...] = ()
    """What ``device=`` may start with, as in ``cuda:1``."""
    dtypes: tuple[str, ...]
    """What ``dtype`` in config.json may be."""
    default_dtype: str
    """Where config.json names none. It counts on every device; ``mps_dtype`` is the exception."""
    dtype_fixed: bool = False
    """Casts its input to bfloat16 whatever config.json says: another ``dtype`` there fails."""
    mps_dtype: str | None = None
    """Taken on Apple GPUs instead of a 16-bit type; None: no exception is made."""
    mps_dtype_env: str | None = None
    """Environment variable that overrides ``mps_dtype``."""
    cloning_needs_cuda: bool = False
    """Puts the reference clip on a CUDA device even where the model runs on the CPU."""
    compile_device: str
    """torch.compile works only where the device is exactly this: ``cuda:0`` is not ``cuda``."""
    compile_needs: tuple[str, ...] = ()
    """Modules without which nothing is compiled."""
    compile_messages: tuple[str, ...] = ()
    """Printed where nothing is compiled."""
    warm_up: Literal["always", "optimize"]
    """A sentence is spoken while loading: always, or only with ``optimize=True``."""
    readers: dict[str, str]
    """Architecture to the function that reads reference clips."""


class ApiRelease(msgspec.Struct, frozen=True, kw_only=True):
    """One release on PyPI."""

    version: str
    wheel: str
    """File that all the rest was read from."""
    sha256: str
    """Of that file."""
    python: str
    """Requires-Python."""
    requires: dict[str, str]
    """Package to its bounds; an empty text where any version will do."""
    functions: dict[str, Function]
    """Those of `FUNCTIONS` that the release has."""
    commands: dict[str, tuple[Flag, ...]]
    """Subcommand to its options; those without a subcommand under an empty text."""
    architectures: tuple[str, ...]
    """Values of ``architecture`` in config.json that it can build."""
    reads_architecture: bool
    """False: the field is ignored, and a wrong model fails only when its weights do not fit."""
    weights: tuple[str, ...]
    """Weight files that it reads, the preferred one first."""
    vae_weights: tuple[str, ...]
    """Weight files of the AudioVAE, the preferred one first."""
    vae_config: bool
    """Builds the AudioVAE that config.json describes, not always the 16 kHz one."""
    device: DeviceRules
    sources: dict[str, str]
    """Field to file in the wheel and line."""


class KnownModel(msgspec.Struct, frozen=True, kw_only=True):
    """What a model needs of a release."""

    architecture: str
    weights: tuple[str, ...]
    """Its weights come as one of these."""
    vae_weights: tuple[str, ...]
    vae_config: bool
    """Its AudioVAE is described in config.json."""
    source: str


class ApiTable(msgspec.Struct, frozen=True, kw_only=True):
    """All of ``voxcpm_api.json``."""

    schema: Literal["vcf.voxcpm-api/1"]
    collected: str
    """Day the wheels were read."""
    models: dict[str, KnownModel]
    """By the model's key in models.yaml."""
    releases: tuple[ApiRelease, ...]
    """Oldest first."""


@cache
def table() -> ApiTable:
    """The packaged table, read once."""
    path = Path(__file__).with_name("voxcpm_api.json")
    return msgspec.json.decode(path.read_bytes(), type=ApiTable)


def releases() -> tuple[ApiRelease, ...]:
    """Every release in the table, oldest first."""
    return table().releases


def numbers(version: str) -> tuple[int, ...] | None:
    """``"2.0.0"`` as ``(2,)``, which compares; None for all but plain final versions."""
    text = version.strip()
    if not _FINAL.fullmatch(text):
        return None
    parts = [int(part) for part in text.split(".")]
    while parts and parts[-1] == 0:
        parts.pop()
    return tuple(parts)


def release(version: str) -> ApiRelease | None:
    """One release; None for versions that the table does not list, newer ones among them."""
    wanted = numbers(version)
    if wanted is None:
        return None
    return next((row for row in releases() if numbers(row.version) == wanted), None)


def accepts(version: str, function: str, argument: str) -> bool | None:
    """Whether a method takes a keyword, itself or by handing it on; None where not known."""
    row = release(version)
    if row is None or function not in FUNCTIONS:
        return None
    return _accepts(row, function, argument)


def first_with(function: str, argument: str) -> str | None:
    """The first release whose method takes a keyword; None where no listed one does."""
    return next((r.version for r in releases() if _accepts(r, function, argument)), None)


def accepts_device(version: str, device: str) -> bool | None:
    """Whether ``device=`` may be this text; whether the machine has it is another question."""
    row = release(version)
    if row is None:
        return None
    text = device.strip().lower()
    rules = row.device
    return text in rules.exact or any(
        re.fullmatch(rf"{re.escape(prefix)}(:\d+)?", text) for prefix in rules.prefixes
    )


def loads(version: str, model_id: str) -> bool | None:
    """Whether a release can load a model, named by its key in models.yaml; None where not known."""
    row, model = release(version), table().models.get(model_id)
    if row is None or model is None:
        return None
    return (
        model.architecture in row.architectures
        and not set(model.weights).isdisjoint(row.weights)
        and not set(model.vae_weights).isdisjoint(row.vae_weights)
        and (row.vae_config or not model.vae_config)
    )


def _accepts(row: ApiRelease, function: str, argument: str) -> bool:
    method = row.functions.get(function)
    if method is None:
        return False
    if argument in method.names:
        return True
    if method.rest_to is None or argument in method.given:
        return False
    return argument in row.functions[method.rest_to].names
