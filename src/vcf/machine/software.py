"""What is installed in the environment of the running Python, without importing any of it."""

from __future__ import annotations

import re
from typing import Any

from .ask import ask, platform_of, python_fact, python_origin
from .findings import Findings
from .host import Host, Unanswered

WANTED: dict[str, tuple[str, ...]] = {
    "torch": ("torch",),
    "torchaudio": ("torchaudio",),
    "torchcodec": ("torchcodec",),
    "triton": (
        "triton", "triton-windows", "pytorch-triton", "pytorch-triton-rocm", "triton-rocm",
        "pytorch-triton-xpu", "triton-xpu",
    ),
    "voxcpm": ("voxcpm",),
    "indextts": ("indextts",),
    "transformers": ("transformers",),
    "numpy": ("numpy",),
    "soundfile": ("soundfile",),
    "mlx": ("mlx",),
    "mlx-audio": ("mlx-audio",),
    "vllm": ("vllm",),
    "nano-vllm-voxcpm": ("nano-vllm-voxcpm", "nanovllm-voxcpm"),
    "deepspeed": ("deepspeed",),
    "flash-attn": ("flash-attn",),
    "onnxruntime": ("onnxruntime", "onnxruntime-gpu", "onnxruntime-directml"),
    "modelscope": ("modelscope",),
    "huggingface-hub": ("huggingface-hub",),
    "nvidia-ml-py": ("nvidia-ml-py",),
    "pynvml": ("pynvml",),
}  # fmt: skip
"""Packages by the name they have here, with the distributions that provide them."""

BUILDS = ("torchaudio", "torchcodec")
"""Packages whose compiled parts are built for one CUDA version, like torch's; their version.py
tells which."""
DISTRIBUTIONS = frozenset(name for names in WANTED.values() for name in names)
"""Everything that is looked for."""
NAMES = ("python", *WANTED, "ffmpeg")
PATHS = tuple(("software", name) for name in NAMES)
INSTALLED = "installed"
"""Said of FFmpeg when its version could only be learnt by running it."""

_FFMPEG = (
    ((62, 11), "8.0"), ((61, 19), "7.1"), ((61, 3), "7.0"), ((60, 31), "6.1"), ((60, 3), "6.0"),
    ((59, 37), "5.1"), ((59, 18), "5.0"), ((58, 134), "4.4"), ((58, 91), "4.3"),
    ((58, 54), "4.2"), ((58, 35), "4.1"), ((58, 18), "4.0"),
)  # fmt: skip
"""First libavcodec of each FFmpeg release (its doc/APIchanges)."""

_LIBRARY = re.compile(r"(?:lib)?avcodec[.-](?:so\.)?(\d+)(?:\.(\d+))?(?:\.\d+)?(?:\.dylib|\.dll)?")
_IN_PATH = re.compile(r"[/\\]ffmpeg(?:@\d+)?[/\\-](\d+\.\d+(?:\.\d+)?)", re.IGNORECASE)
_LINE = re.compile(r"^(__version__|cuda|hip)\b[^=\n]*=\s*['\"]([^'\"\n]+)['\"]", re.MULTILINE)


def parse_torch_version(text: str) -> str | None:
    """``2.8.0+cu128`` from torch/version.py; PyPI's metadata leave the part after + out."""
    fields = {match[1]: match[2] for match in _LINE.finditer(text)}
    version = fields.get("__version__")
    if version is None or "+" in version:
        return version
    if "cuda" in fields:
        return f"{version}+cu{fields['cuda'].replace('.', '')}"
    if "hip" in fields:
        return f"{version}+rocm{'.'.join(fields['hip'].split('.')[:2])}"
    return version


def parse_avcodec(names: list[str]) -> str | None:
    """FFmpeg's release by the file names of its libavcodec, such as libavcodec.so.59.37.100."""
    best: tuple[int, int] | None = None
    for name in names:
        match = _LIBRARY.fullmatch(name)
        if match is not None and match[2] is not None:
            best = max(best or (0, 0), (int(match[1]), int(match[2])))
    for first, release in _FFMPEG:
        if best is not None and first[0] == best[0] and first <= best:
            return release
    return None


def parse_ffmpeg_path(path: str) -> str | None:
    """The version in a path such as /opt/homebrew/Cellar/ffmpeg/7.1_3/bin/ffmpeg."""
    match = _IN_PATH.search(path)
    return None if match is None else match[1]


def probe_software(host: Host) -> Findings:
    """Versions of Python, of the wanted packages and of FFmpeg."""
    found = Findings()
    version = python_fact(host, "version")
    found.know(version, python_origin(host), "software", "python")
    _find_ffmpeg(host, found)
    answer: Any = ask(host.call, "metadata")
    if isinstance(answer, Unanswered) or not isinstance(answer, dict):
        reason = answer if isinstance(answer, Unanswered) else "metadata: not a list of versions"
        for name in WANTED:
            found.miss(reason, "software", name)
        return found
    for name, distributions in WANTED.items():
        versions = [answer[dist] for dist in distributions if answer.get(dist)]
        if not versions:
            found.know(None, "not among the packages of this Python", "software", name)
        elif name == "torch":
            _find_build(host, found, name, versions[0], "torch_version_file")
        elif name in BUILDS:
            _find_build(host, found, name, versions[0], "version_file", name)
        else:
            found.know(versions[0], "package metadata", "software", name)
    return found


def _find_build(host: Host, found: Findings, name: str, version: Any, *question: str) -> None:
    """The version with the build, which tells the CUDA or ROCm version of the wheel."""
    text = ask(host.call, *question)
    full = parse_torch_version(text) if isinstance(text, str) else None
    if full is not None and "+" not in str(version) and full.startswith(str(version)):
        found.know(full, f"package metadata, {name}/version.py", "software", name)
    else:
        found.know(version, "package metadata", "software", name)


def _find_ffmpeg(host: Host, found: Findings) -> None:
    path = ask(host.call, "which", "ffmpeg")
    if isinstance(path, Unanswered):
        found.miss(path, "software", "ffmpeg")
        return
    if not path:
        found.know(None, "not on PATH", "software", "ffmpeg")
        return
    real = ask(host.readlink, str(path))
    target = str(path) if isinstance(real, Unanswered) else real
    version = parse_ffmpeg_path(target)
    if version is not None:
        found.know(version, "its folder", "software", "ffmpeg")
        return
    for folder in _library_folders(host, target):
        names = ask(host.call, "names", folder, "libavcodec.")
        version = parse_avcodec(names) if isinstance(names, list) else None
        if version is not None:
            found.know(version, "libavcodec beside it", "software", "ffmpeg")
            return
    found.know(INSTALLED, "on PATH; its version was not asked", "software", "ffmpeg")


def _library_folders(host: Host, program: str) -> list[str]:
    """Where the libraries of a program in …/bin lie; none on Windows, where names tell less."""
    if platform_of(host) == "windows" or program.count("/") < 2:
        return []
    prefix = program.rsplit("/", 2)[0]
    machine = python_fact(host, "machine")
    return [f"{prefix}/lib/{machine}-linux-gnu", f"{prefix}/lib64", f"{prefix}/lib"]
