"""The part of the software gate about packages: their versions, and what reads clips."""

from __future__ import annotations

from collections.abc import Iterator

from ..catalogue.installed import build_of
from ..catalogue.model import Package
from ..catalogue.stack import stack, torchcodec_for, torchcodec_pairs, triton_for
from ..catalogue.wheel_table import release_of
from ..catalogue.wheels import INDEX, WheelChoice, parse_version, split_local
from .context import Card, Context
from .model import Gate, Message
from .subject import Subject
from .versions import numbers_in, software

CODEC_SINCE = "2.9"
"""From this release on torchaudio.load reads through torchcodec
(torchaudio/_torchcodec.py of 2.9.0)."""
CODEC = "https://github.com/meta-pytorch/torchcodec#installing-torchcodec"


def package_gates(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """Versions of the packages that the mode runs on."""
    for package in subject.needs.packages or ():
        have = context.software.get(package.name)
        numbers = numbers_in(have) if have is not None else None
        if have is None or numbers is None:
            continue
        yield from _version_gates(package, have, numbers, subject)
        yield from _metal_gates(package.name, have, numbers, card)


METAL_SINCE = {"voxcpm": "2.0.3"}
"""Releases from which packages widen bf16 to fp32 on Metal; before, VoxCPM gave noise there."""
METAL_NOISE = "https://github.com/OpenBMB/VoxCPM/issues/301"


def _metal_gates(
    name: str, have: str, numbers: tuple[int, ...], card: Card | None
) -> Iterator[Gate]:
    since = METAL_SINCE.get(name)
    if since is None or card is None or card.gpu.vendor != "apple":
        return
    if numbers < parse_version(since):
        yield software(
            "fail", Message("package-metal", {"name": name, "have": have, "need": since}),
            have=have, need=f"≥ {since}", source=METAL_NOISE,
            remedy=Message("remedy-command", {"command": f"pip install -U {name}"}),
        )  # fmt: skip


def _version_gates(
    package: Package, have: str, numbers: tuple[int, ...], subject: Subject
) -> Iterator[Gate]:
    values = {"name": package.name, "have": have}
    if package.min is not None and numbers < parse_version(package.min):
        need, command = f"≥ {package.min}", f"pip install -U {package.name}"
    elif package.below is not None and numbers >= parse_version(package.below):
        need, command = f"< {package.below}", f'pip install "{package.name}<{package.below}"'
    elif package.advised is not None and numbers < parse_version(package.advised):
        yield software(
            "warn", Message("package-advised", values | {"need": package.advised}),
            have=have, need=f"≥ {package.advised}", source=subject.needs.source,
            remedy=Message("remedy-command", {"command": f"pip install -U {package.name}"}),
        )  # fmt: skip
        return
    else:
        return
    yield software(
        "fail", Message("package-version", values | {"need": need}),
        have=have, need=need, source=subject.needs.source,
        remedy=Message("remedy-command", {"command": command}),
    )  # fmt: skip


def is_cuda(tag: str) -> bool:
    """Whether a build is for CUDA."""
    return tag.startswith("cu")


def codec_gates(subject: Subject, context: Context, card: Card | None) -> Iterator[Gate]:
    """Reading a reference clip: torchaudio from 2.9 on leaves it to torchcodec, and that loads
    FFmpeg's libraries. Said as a warning: everything but cloning works without."""
    torch, audio = context.software.get("torch"), context.software.get("torchaudio")
    if not reads_with_codec(subject) or torch is None or audio is None:
        return
    numbers = numbers_in(audio)
    if numbers is None or numbers < parse_version(CODEC_SINCE):
        return
    codec = context.software.get("torchcodec")
    cure = codec_command(torch, context.platform)
    remedy = Message("remedy-command", {"command": cure})
    if codec is None:
        yield software(
            "warn", Message("codec-missing", {"audio": audio}), source=CODEC, remedy=remedy
        )
        return
    build, tag = build_of(torch, context.platform), split_local(codec)[1]
    values: dict[str, str] = {"codec": codec, "torch": torch}
    text = None
    if _pairs(codec, torch) is False:
        text = "codec-torch"
    elif tag is not None and build is not None and is_cuda(tag) and tag != build:
        text = "codec-build"
    if text is not None:
        yield software(
            "warn", Message(text, values),
            have=f"torchcodec {codec}", need=f"torch {torch}", source=CODEC, remedy=remedy,
        )  # fmt: skip
    yield from _ffmpeg_gates(codec, context)


def reads_with_codec(subject: Subject) -> bool:
    """Whether the mode reads reference clips in a way that needs FFmpeg."""
    return "ffmpeg" in (subject.needs.tools or ())


def _pairs(codec: str, torch: str) -> bool | None:
    try:
        return torchcodec_pairs(split_local(codec)[0], split_local(torch)[0])
    except ValueError:
        return None


def _ffmpeg_gates(codec: str, context: Context) -> Iterator[Gate]:
    """FFmpeg that is not there, or too new for this torchcodec."""
    known = context.machine.software or {}
    remedy = Message("remedy-command", {"command": FFMPEG[context.os]})
    if "ffmpeg" in known and known["ffmpeg"] is None:
        if "software.ffmpeg" not in context.machine.unknown:
            yield software(
                "warn", Message("codec-ffmpeg", {"codec": codec}), source=CODEC, remedy=remedy
            )
        return
    have = numbers_in(known.get("ffmpeg") or "")
    row = next((r for r in stack().torchcodec if codec.startswith(f"{r.release}.")), None)
    if have is None or row is None or row.ffmpeg_min <= have[0] <= row.ffmpeg_max:
        return
    values = {"codec": codec, "have": known["ffmpeg"] or "",
              "need": f"{row.ffmpeg_min}–{row.ffmpeg_max}"}  # fmt: skip
    yield software(
        "warn", Message("codec-ffmpeg-version", values),
        have=f"FFmpeg {values['have']}", need=f"FFmpeg {values['need']}", source=CODEC,
    )  # fmt: skip


def codec_requirement(torch: str, platform: str) -> str:
    """The torchcodec for a torch, for pip's command line."""
    row = torchcodec_for(torch, platform)
    return f'"torchcodec=={row.release}.*"' if row is not None else "torchcodec"


def codec_command(torch: str, platform: str) -> str:
    """The command that puts the fitting torchcodec in place. Only Linux has builds by CUDA."""
    public = split_local(torch)[0]
    wanted = codec_requirement(public, platform)
    build = build_of(torch, platform)
    release = release_of(public)
    usual = release is not None and release.default.get(platform) == build
    command = f"pip install --force-reinstall --no-deps {wanted}"
    if build is None or usual or not platform.startswith("linux"):
        return command
    # none is built for ROCm; that for the CPU reads clips as well
    return f"{command} --index-url {INDEX}/{build if is_cuda(build) else 'cpu'}"


def install_line(choice: WheelChoice, subject: Subject, context: Context) -> str:
    """The command that installs a torch with what must be of the same build.

    PyPI's torchcodec for Linux is built for the CUDA of PyPI's torch and loads beside no other.
    """
    if choice.index_url is None or context.os != "linux" or not reads_with_codec(subject):
        return choice.install
    if not (is_cuda(choice.variant) or choice.variant == "cpu"):
        return choice.install
    codec = codec_requirement(choice.torch, context.platform)
    return choice.install.replace(" --index-url", f" {codec} --index-url")


def triton_command(torch: str, platform: str) -> str:
    """The command that installs triton-windows, of the series that goes with a torch where one
    is stated."""
    public, build = split_local(torch)
    part = triton_for(public, build or "", platform)
    return f'pip install "{part.requirement}"' if part is not None else "pip install triton-windows"


FFMPEG = {
    "linux": "sudo apt install ffmpeg",
    "windows": "winget install --id Gyan.FFmpeg.Shared",
    "macos": "brew install ffmpeg",
}
"""On Windows the build with DLLs: torchcodec loads libraries, not the program."""
