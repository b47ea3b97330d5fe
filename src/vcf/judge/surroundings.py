"""Findings about what surrounds a model: drivers, settings, mirrors, page file, other packages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from ..catalogue.installed import build_of
from ..machine.metadata import normal
from ..machine.model import Unmet
from ..machine.variables import AMD, LONG_PATHS, MODULE, NVIDIA, WSL_DRIVER
from ..plain import shown
from ..units import GIB
from .context import Context
from .finding import Finding
from .happens import OFF, compiles_on
from .model import Message
from .packages import triton_command
from .subject import Subject, own_package

MISMATCH = "LibRmVersionMismatch"
"""NVML's name for it; it stands in the reason of every fact that could not be asked."""
HUB = "https://huggingface.co"
MIRROR = "https://hf-mirror.com"
COMMIT_SPARE = 2 * GIB
"""What Windows itself has committed at least, over what a model asks for."""


def surroundings(
    context: Context, subjects: Sequence[Subject], conflicts: Sequence[Unmet]
) -> Iterator[Finding]:
    """In the order of the list below."""
    for rule in RULES:
        yield from rule(context, subjects)
    yield from _conflicts(context, subjects, conflicts)


def _mismatch(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    module = (context.machine.settings or {}).get(MODULE)
    drivers = {card.gpu.driver for card in context.cards or () if card.gpu.vendor == "nvidia"}
    other = module is not None and drivers.isdisjoint({module, None}) and bool(drivers)
    if other or any(MISMATCH in why for why in context.machine.unknown.values()):
        modes = tuple(s.name for s in subjects if s.device == "gpu")
        yield Finding(
            id="driver-mismatch",
            level="stops" if modes else "risk",
            text=Message("doctor-mismatch"),
            effect=Message("effect-mismatch"),
            command="sudo reboot",
            source="https://docs.nvidia.com/deploy/nvml-api/group__nvmlDeviceEnumvs.html",
            modes=modes,
        )


def _wsl(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    library = (context.machine.settings or {}).get(WSL_DRIVER)
    if library is not None:
        yield Finding(
            id="wsl-driver",
            level="risk",
            text=Message("doctor-wsl", {"library": shown(library, 60)}),
            effect=Message("effect-wsl"),
            command="sudo apt purge 'nvidia-driver-*' 'libnvidia-compute-*' 'libnvidia-gl-*'",
            source="https://docs.nvidia.com/cuda/wsl-user-guide/index.html",
        )


def _devices(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    """Variables that choose among several GPUs, or pretend that one is another."""
    settings = context.machine.settings or {}
    hiding = {gpu.hidden_by for gpu in context.machine.gpus or ()}
    makers = {card.gpu.vendor for card in context.cards or ()}
    unknown = context.cards is None
    names = (
        *(NVIDIA if unknown or "nvidia" in makers else ()),
        *(AMD if unknown or "amd" in makers else ()),
    )
    for name in dict.fromkeys(names):
        value = settings.get(name)
        if value and not any(by is not None and by.startswith(name) for by in hiding):
            setting = f"{name}={shown(value, 60)}"
            yield Finding(
                id="devices-chosen", level="notice",
                text=Message("doctor-devices", {"setting": setting}),
                effect=Message("effect-devices"),
                source="https://docs.nvidia.com/cuda/cuda-c-programming-guide/#cuda-environment-variables",
            )  # fmt: skip
    override = settings.get("HSA_OVERRIDE_GFX_VERSION")
    if override and any(card.gpu.vendor == "amd" for card in context.cards or ()):
        yield Finding(
            id="gfx-override", level="risk",
            text=Message("doctor-gfx", {"value": shown(override, 20)}),
            effect=Message("effect-gfx"),
            source="https://github.com/unslothai/unsloth/pull/9829",
        )  # fmt: skip


def _nvml(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    old = context.software.get("pynvml")
    if old is not None:
        yield Finding(
            id="pynvml", level="notice",
            text=Message("doctor-pynvml", {"version": shown(old, 20)}),
            effect=Message("effect-pynvml"),
            command="pip uninstall -y pynvml && pip install --force-reinstall nvidia-ml-py",
            source="https://pypi.org/project/pynvml/",
        )  # fmt: skip


def _compile(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    """torch.compile that could work here and will not."""
    settings = context.machine.settings or {}
    habits = [s.runtime.habits for s in subjects if s.device == "gpu"]
    able = [card for card in context.cards or () if compiles_on(card)]
    if not able or not any(habit is not None and habit.compiles for habit in habits):
        return
    torch = context.software.get("torch")
    lacking = (context.machine.software or {"triton": ""}).get("triton", "") is None
    nvidia = any(card.gpu.vendor == "nvidia" for card in able)
    cuda = torch is not None and (build_of(torch, context.platform) or "").startswith("cu")
    if torch is not None and cuda and nvidia and lacking and context.os == "windows":
        yield Finding(
            id="triton-windows", level="risk",
            text=Message("doctor-triton"), effect=Message("effect-triton"),
            command=triton_command(torch, context.platform),
            source="https://github.com/triton-lang/triton-windows",
        )  # fmt: skip
    for name in OFF:
        if settings.get(name) == "1":  # torch takes nothing else for yes
            yield Finding(
                id="compile-off", level="risk",
                text=Message("doctor-compile-off", {"setting": f"{name}=1"}),
                effect=Message("effect-triton"), remedy=Message("remedy-unset", {"name": name}),
                source="https://docs.pytorch.org/docs/stable/torch.compiler_config.html",
            )  # fmt: skip


def _threads(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    value = (context.machine.settings or {}).get("OMP_NUM_THREADS", "")
    cores = context.machine.cpu.usable_cores
    few = re.fullmatch(r"[1-9][0-9]?", value)
    if few and cores is not None and int(value) < min(cores, 4):
        yield Finding(
            id="threads", level="risk",
            text=Message("doctor-threads", {"value": value, "cores": cores}),
            effect=Message("effect-threads"),
            remedy=Message("remedy-unset", {"name": "OMP_NUM_THREADS"}),
            source="https://docs.pytorch.org/docs/stable/threading_environment_variables.html",
        )  # fmt: skip


def _mps(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    value = (context.machine.settings or {}).get("VOXCPM_MPS_DTYPE", "")
    apple = any(card.gpu.vendor == "apple" for card in context.cards or ())
    if apple and value.lower() in ("bfloat16", "bf16", "float16", "fp16"):
        yield Finding(
            id="mps-dtype", level="risk",
            text=Message("doctor-mps", {"value": value}), effect=Message("effect-mps"),
            remedy=Message("remedy-unset", {"name": "VOXCPM_MPS_DTYPE"}),
            source="https://github.com/OpenBMB/VoxCPM/issues/301",
        )  # fmt: skip


def _mirror(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    settings = context.machine.settings
    if settings is None:
        return
    source = "https://huggingface.co/docs/huggingface_hub/package_reference/environment_variables"
    endpoint = settings.get("HF_ENDPOINT", "")
    if endpoint and not re.match(r"https?://[^\s/]+", endpoint):
        yield Finding(
            id="mirror-broken", level="risk",
            text=Message("doctor-mirror-broken", {"url": shown(endpoint, 80)}),
            effect=Message("effect-mirror-broken"),
            remedy=Message("remedy-mirror", {"url": MIRROR}), source=source,
        )  # fmt: skip
    elif endpoint and endpoint.rstrip("/") != HUB:
        yield Finding(
            id="mirror", level="notice",
            text=Message("doctor-mirror", {"url": shown(endpoint, 80)}),
            effect=Message("effect-mirror"), source=source,
        )  # fmt: skip
    else:
        yield Finding(id="mirror-none", level="ok",
                      text=Message("doctor-hub", {"mirror": MIRROR}), source=source)  # fmt: skip
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if settings.get(name, "0").lower() in ("1", "on", "yes", "true"):
            yield Finding(
                id="offline", level="risk",
                text=Message("doctor-offline", {"setting": f"{name}={settings[name]}"}),
                effect=Message("effect-offline"),
                remedy=Message("remedy-unset", {"name": name}), source=source,
            )  # fmt: skip


def _long_paths(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    if (context.machine.settings or {}).get(LONG_PATHS) == "off":
        yield Finding(
            id="long-paths", level="risk",
            text=Message("doctor-long-paths"), effect=Message("effect-long-paths"),
            command='reg add "HKLM\\SYSTEM\\CurrentControlSet\\Control\\FileSystem" '
            "/v LongPathsEnabled /t REG_DWORD /d 1 /f",
            source="https://learn.microsoft.com/windows/win32/fileio/maximum-file-path-limitation",
        )  # fmt: skip


def _page_file(context: Context, subjects: Sequence[Subject]) -> Iterator[Finding]:
    """Windows promises memory before it is used: RAM and page file together bound the promises."""
    memory = context.machine.memory
    if context.os != "windows" or memory.swap_bytes is None or memory.total_bytes is None:
        return
    loads = [s.mode.memory.host_load for s in subjects]
    need = max((load.need_gib for load in loads if load is not None), default=0.0)
    limit = memory.total_bytes + memory.swap_bytes
    if need and limit < need * GIB + COMMIT_SPARE:
        yield Finding(
            id="page-file", level="risk",
            text=Message("doctor-page-file", {
                "swap": f"{memory.swap_bytes / GIB:.1f} GiB", "limit": f"{limit / GIB:.1f} GiB",
            }),
            effect=Message("effect-page-file", {"need": f"{need:.1f} GiB"}),
            remedy=Message("remedy-page-file", {"size": f"{need + 4:.0f} GiB"}),
            source="https://learn.microsoft.com/troubleshoot/windows-client/performance/"
            "introduction-to-the-page-file",
        )  # fmt: skip


IMPORTED = {
    "voxcpm": ("transformers", "einops", "librosa", "huggingface-hub", "tqdm", "pydantic"),
}
"""Requirements that a package imports when it is imported itself (voxcpm 2.0.3, its core.py and
model/): without one nothing of it runs."""
GATED = ("torch", "torchaudio", "torchcodec")
"""Judged by gates, which know from which index they must come."""
_SAFE = re.compile(r"[\w.\-\[\],<>=!~*]+")


def _conflicts(
    context: Context, subjects: Sequence[Subject], conflicts: Sequence[Unmet]
) -> Iterator[Finding]:
    """Wrong versions one by one; what is missing once for each package asked about."""
    missing: dict[str, list[Unmet]] = {}
    for conflict in conflicts:
        if normal(_name(conflict)) in GATED:
            continue
        if conflict.have is None:
            missing.setdefault(conflict.root, []).append(conflict)
        else:
            yield _unmet(conflict)
    for root, lost in missing.items():
        yield _lost(root, lost, context, subjects)


def _name(conflict: Unmet) -> str:
    """The package that a requirement asks for."""
    return re.split(r"[<>=!~\[]", conflict.requirement)[0]


def _unmet(conflict: Unmet) -> Finding:
    values: dict[str, str] = {
        "package": shown(conflict.package, 60), "version": shown(conflict.version, 40),
        "requirement": shown(conflict.requirement, 80), "have": shown(conflict.have or "", 40),
        "root": conflict.root,
    }  # fmt: skip
    safe = _SAFE.fullmatch(conflict.requirement)
    return Finding(
        id="requirement", level="risk",
        text=Message("doctor-conflict", values), effect=Message("effect-conflict", values),
        command=f'pip install "{conflict.requirement}"' if safe else None,
        source=f"https://pypi.org/project/{values['package']}/",
    )  # fmt: skip


def _lost(
    root: str, lost: Sequence[Unmet], context: Context, subjects: Sequence[Subject]
) -> Finding:
    names = sorted({_name(conflict) for conflict in lost})
    vital = any(normal(name) in IMPORTED.get(root, ()) for name in names)
    modes = tuple(s.name for s in subjects if own_package(s) == root) if vital else ()
    have = context.software.get(root, "")
    values: dict[str, str | int] = {
        "root": root, "version": shown(have, 40) or "?", "count": len(names),
        "names": shown(", ".join(names), 300),
    }  # fmt: skip
    exact = f"{root}=={have}" if _SAFE.fullmatch(have) else root
    return Finding(
        id="requirements-missing", level="stops" if modes else "risk",
        text=Message("doctor-lacks", values), effect=Message("effect-conflict", values),
        command=f'pip install "{exact}"', source=f"https://pypi.org/project/{root}/", modes=modes,
    )  # fmt: skip


RULES: tuple[Callable[[Context, Sequence[Subject]], Iterator[Finding]], ...] = (
    _mismatch, _wsl, _devices, _nvml, _compile, _threads, _mps, _mirror, _long_paths, _page_file,
)  # fmt: skip
