"""Compare the wheel matrix (src/vcf/catalogue/wheels.json) with a torch that is installed.

    python scripts/check_wheels.py                  the torch of this environment
    python scripts/check_wheels.py --python PATH    the torch of another one, by its interpreter
    python scripts/check_wheels.py --site FOLDER    a site-packages folder; nothing of it is run
    python scripts/check_wheels.py --pypi           also: has PyPI releases the table lacks?

Metadata and `torch/version.py` are read as text. Only the list of architectures starts the other
interpreter, with a time limit; no GPU is needed for it.
Ends with 0: nothing differs; 1: something does; 2: no torch there; 3: it can't be told.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import urllib.request
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import Distribution, distributions
from pathlib import Path
from typing import Literal

from vcf.catalogue.stack import cudnn_for, newest_release, triton_for
from vcf.catalogue.wheel_table import (
    Release,
    Wheel,
    cuda_rows,
    cuda_version,
    parse_version,
    release_of,
    split_local,
)
from vcf.catalogue.wheels import torchaudio_for
from vcf.errors import UsageError
from vcf.machine.interpreter import locate

State = Literal["same", "differs", "not checked"]
INDEX = "https://pypi.org/simple/torch/"
LIMIT_S = 180
"""Importing a CUDA torch from a cold disk takes a minute."""

# torch.cuda.get_arch_list() of older releases answers [] without a GPU; what it reads is there
# all the same.
ASK_ARCHS = """
import json, torch
print(json.dumps(torch._C._cuda_getArchFlags()))
"""
FLAGS = re.compile(rb"sm_\d+[af]?(?: (?:sm|compute)_\d+[af]?)+")
LIBRARIES = ("libtorch_python.so", "torch_python.dll")

SYSTEMS = (
    ("linux-x86_64", r"(?:many|musl)?linux\w*_x86_64"),
    ("linux-arm64", r"(?:many|musl)?linux\w*_aarch64"),
    ("windows-x86_64", r"win_amd64"),
    ("macos-arm64", r"macosx_\w+_arm64"),
    ("macos-x86_64", r"macosx_\w+_x86_64"),
)


@dataclass(frozen=True)
class Row:
    """One comparison."""

    what: str
    state: State
    table: str
    found: str
    """What is installed, or why nothing was compared."""


@dataclass(frozen=True)
class Installed:
    """A torch as its files describe it."""

    public: str
    tag: str | None
    """Of the package: none when it came from plain PyPI."""
    built: str | None
    """Of `torch/version.py`, which has it for PyPI's CUDA builds too."""
    cuda: str | None
    hip: str | None
    platform: str | None
    python: str | None
    requires_python: str | None
    requires: tuple[str, ...]
    lib: Path
    audio: str | None
    """torchaudio with the tag of its version.py."""

    @property
    def variant(self) -> str:
        """Build tag as the table writes it."""
        if self.tag or self.built:
            return str(self.tag or self.built)
        if self.cuda:
            return "cu" + self.cuda.replace(".", "")
        return "mps" if self.platform == "macos-arm64" else "cpu"


# --- what is installed ----------------------------------------------------------------------------


def site_folders(python: str) -> list[str]:
    """Where an interpreter looks for packages."""
    code = "import json, sys; print(json.dumps(sys.path))"
    done = subprocess.run(
        [python, "-c", code], capture_output=True, text=True, check=True, timeout=LIMIT_S
    )
    return [folder for folder in json.loads(done.stdout) if folder]


def installed(folders: Sequence[str]) -> Installed | None:
    """The torch in some folders; None when there is none."""
    torch = _package(folders, "torch")
    if torch is None:
        return None
    public, tag = split_local(torch.version)
    version = _version_file(torch, "torch")
    python, platform = _wheel_tag(torch)
    audio = _package(folders, "torchaudio")
    return Installed(
        public=public,
        tag=tag,
        built=split_local(_field(version, "__version__") or "")[1],
        cuda=_field(version, "cuda"),
        hip=_field(version, "hip"),
        platform=platform,
        python=python,
        requires_python=torch.metadata["Requires-Python"],
        requires=tuple(torch.requires or ()),
        lib=Path(str(torch.locate_file("torch/lib"))),
        audio=(_field(_version_file(audio, "torchaudio"), "__version__") or audio.version)
        if audio is not None
        else None,
    )


def _package(folders: Sequence[str], name: str) -> Distribution | None:
    return next(iter(distributions(name=name, path=list(folders))), None)


def _version_file(package: Distribution, name: str) -> str:
    file = Path(str(package.locate_file(f"{name}/version.py")))
    return file.read_text("utf-8") if file.is_file() else ""


def _field(text: str, name: str) -> str | None:
    """A string that version.py sets: `cuda: Optional[str] = '13.0'`."""
    match = re.search(rf"^{name}\b[^=\n]*=\s*['\"]([^'\"]*)['\"]", text, re.MULTILINE)
    return match[1] if match else None


def _wheel_tag(package: Distribution) -> tuple[str | None, str | None]:
    """Python and platform that a wheel was made for: `cp312`, `manylinux_2_28_x86_64`."""
    match = re.search(r"^Tag: cp3(\d+)-\w+-(\S+)$", package.read_text("WHEEL") or "", re.MULTILINE)
    if not match:
        return None, None
    found = (name for name, pattern in SYSTEMS if re.fullmatch(pattern, match[2]))
    return f"3.{match[1]}", next(found, None)


def pinned(requires: Sequence[str], name: str) -> str | None:
    """The version asked for of a package whose name matches: `==3.6.0`; None when it is not."""
    for line in requires:
        match = re.match(rf"(?:{name})(?:\[[^\]]*\])?\s*\(?\s*([=~]=\s*[\w.]+)", line)
        if match and "extra" not in line:
            return match[1].replace(" ", "")
    return None


# --- comparisons ----------------------------------------------------------------------------------


def _row(what: str, expected: str, found: str) -> Row:
    return Row(what, "same" if expected == found else "differs", expected, found)


def compare(torch: Installed, release: Release, platform: str, python: str | None) -> list[Row]:
    """All comparisons of a torch with the rows of its release."""
    rows = [Row("release", "same", release.release, torch.public)]
    rows += [_tag_row(torch, release, platform), _python_row(torch, release)]
    wheel = next((w for w in cuda_rows(release, platform) if w.variant == torch.variant), None)
    rows += _pin_rows(torch, release, platform)
    rows.append(_runtime_row(torch))
    rows += _arch_rows(torch, wheel, python)
    rows.append(_audio_row(torch, platform))
    return rows


def _tag_row(torch: Installed, release: Release, platform: str) -> Row:
    """A package without a tag must be the build that plain PyPI gives."""
    if torch.tag is None:
        return _row("build of plain PyPI", release.default.get(platform) or "none", torch.variant)
    known = {wheel.variant for wheel in cuda_rows(release, platform)} | {"cpu"}
    if platform == "linux-x86_64":
        known |= {f"rocm{version}" for version in release.rocm}
    state: State = "same" if torch.tag in known else "differs"
    return Row("build tag", state, " ".join(sorted(known)), torch.tag)


def _python_row(torch: Installed, release: Release) -> Row:
    span = f"{release.python_min} to {release.python_max}"
    if torch.python is None:
        return Row("Python", "not checked", span, "the wheel names no Python")
    inside = (
        parse_version(release.python_min)
        <= parse_version(torch.python)
        <= parse_version(release.python_max)
    )
    asks = re.search(r">=\s*([\d.]+)", torch.requires_python or "")
    if asks and parse_version(asks[1])[:2] > parse_version(release.python_min):
        inside = False
    found = f"{torch.python}, requires {torch.requires_python or 'nothing'}"
    return Row("Python", "same" if inside else "differs", span, found)


def _pin_rows(torch: Installed, release: Release, platform: str) -> Iterator[Row]:
    """triton, cuDNN and CUDA that the wheel asks pip for."""
    expected = {"triton": "", "cuDNN": "", "CUDA runtime": ""}
    if platform.startswith("linux") and torch.variant.startswith("cu"):
        triton = triton_for(torch.public, torch.variant, platform)
        cudnn = cudnn_for(torch.public, torch.variant, platform)
        expected["triton"] = triton.requirement.removeprefix("triton") if triton else ""
        expected["cuDNN"] = "==" + cudnn.requirement.partition("==")[2] if cudnn else ""
        if release.default.get(platform) == torch.variant:
            expected["CUDA runtime"] = f"=={release.cuda}"
    names = {
        "triton": "triton",
        "cuDNN": r"nvidia-cudnn-cu\d+",
        "CUDA runtime": r"nvidia-cuda-runtime-cu\d+|cuda-toolkit",
    }
    for what, want in expected.items():
        found = pinned(torch.requires, names[what])
        if want:
            yield _row(what, want, found or "not pinned")
        else:
            yield Row(what, "not checked", "-", f"nothing stated for {torch.variant} on {platform}")


def _runtime_row(torch: Installed) -> Row:
    """`torch.version.cuda` or `.hip` against the build tag."""
    if torch.variant.startswith("cu"):
        return _row("torch.version.cuda", cuda_version(torch.variant), torch.cuda or "None")
    if torch.variant.startswith("rocm"):
        want, found = torch.variant.removeprefix("rocm"), torch.hip or "None"
        # hip says 7.2.53211-e1a6bc5663: its first two numbers are ROCm's.
        state: State = "same" if found.startswith(f"{want}.") or found == want else "differs"
        return Row("torch.version.hip", state, want, found)
    return _row("torch.version.cuda", "None", torch.cuda or "None")


def _arch_rows(torch: Installed, wheel: Wheel | None, python: str | None) -> Iterator[Row]:
    """Machine code and PTX against the row of the build."""
    if not torch.variant.startswith("cu"):
        yield Row("architectures", "not checked", "-", f"{torch.variant} has no CUDA code")
        return
    if wheel is None:
        yield Row("architectures", "not checked", "-", f"no row for {torch.variant}")
        return
    flags, why = arch_flags(torch, python)
    for what, kind, want in (("architectures", "sm_", wheel.archs), ("PTX", "compute_", wheel.ptx)):
        expected = " ".join(want) or "none"
        if flags is None:
            yield Row(what, "not checked", expected, why)
        else:
            got = [_dotted(f.removeprefix(kind)) for f in flags if f.startswith(kind)]
            yield _row(what, expected, " ".join(got) or "none")


def arch_flags(torch: Installed, python: str | None) -> tuple[list[str] | None, str]:
    """`sm_86`, `compute_120` ...: asked of torch, else found in its library; or why not."""
    why = "no library to read"
    if python is not None:
        try:
            done = subprocess.run(
                [python, "-c", ASK_ARCHS],
                capture_output=True,
                text=True,
                check=True,
                timeout=LIMIT_S,
            )
            flags = json.loads(done.stdout.splitlines()[-1])
            if flags:
                return str(flags).split(), ""
            why = "torch names none"
        except subprocess.TimeoutExpired:
            why = f"importing torch took longer than {LIMIT_S} s"
        except (OSError, subprocess.CalledProcessError, ValueError, IndexError) as error:
            why = f"importing torch failed ({type(error).__name__})"
    for name in LIBRARIES:
        file = torch.lib / name
        found = FLAGS.search(file.read_bytes()) if file.is_file() else None
        if found:
            return found[0].decode("ascii").split(), ""
    return None, why


def _dotted(number: str) -> str:
    """`120` as 12.0, `90a` as 9.0."""
    digits = number.rstrip("af")
    return f"{digits[:-1]}.{digits[-1]}"


def _audio_row(torch: Installed, platform: str) -> Row:
    """torchaudio must have the version of the rule and be the same build as torch."""
    want = torchaudio_for(torch.public, torch.variant, platform)
    if torch.audio is None:
        return Row("torchaudio", "not checked", want or "none fits", "not installed")
    public, tag = split_local(torch.audio)
    if tag is None or torch.variant == "mps":
        return _row("torchaudio", want or "none fits", public)
    return _row("torchaudio", f"{want}+{torch.variant}" if want else "none fits", torch.audio)


# --- PyPI -----------------------------------------------------------------------------------------


def pypi_releases(index: str = INDEX) -> list[str]:
    """Every final torch on PyPI from 2.0 on, oldest first."""
    request = urllib.request.Request(
        index, headers={"Accept": "application/vnd.pypi.simple.v1+json"}
    )
    with urllib.request.urlopen(request, timeout=30) as answer:
        versions = json.load(answer)["versions"]
    final = [version for version in versions if re.fullmatch(r"[2-9]\d*(\.\d+)+", version)]
    return sorted(final, key=parse_version)


def pypi_row(index: str = INDEX) -> Row:
    """Whether the table lists every torch of PyPI."""
    newest = newest_release().newest
    try:
        missing = [version for version in pypi_releases(index) if release_of(version) is None]
    except (OSError, ValueError, KeyError) as error:
        return Row("releases on PyPI", "not checked", f"newest {newest}", f"PyPI: {error}")
    if not missing:
        return Row("releases on PyPI", "same", f"newest {newest}", "none newer, none missing")
    newer = [v for v in missing if parse_version(v) > parse_version(newest)]
    told = f"stale table, newer: {' '.join(newer)}" if newer else f"missing: {' '.join(missing)}"
    return Row("releases on PyPI", "differs", f"newest {newest}", told)


# --- command --------------------------------------------------------------------------------------


def shown(rows: Sequence[Row]) -> str:
    """The rows in columns."""
    lines = [("what", "", "table", "installed")]
    lines += [(row.what, row.state, row.table, row.found) for row in rows]
    widths = [max(len(line[column]) for line in lines) for column in range(3)]
    return "\n".join(
        "  ".join(
            [*(text.ljust(width) for text, width in zip(line, widths, strict=False)), line[3]]
        )
        for line in lines
    )


def _judge(torch: Installed, python: str | None) -> tuple[list[Row], int]:
    """Comparisons and exit code."""
    name = f"torch {torch.public}+{torch.variant}"
    newest = newest_release()
    release = release_of(torch.public)
    if release is None or torch.platform is None:
        why = "the wheel names no platform that the table has"
        if release is None:
            newer = parse_version(torch.public) > parse_version(newest.newest)
            why = "newer than the table" if newer else "not in the table"
        return [Row("release", "not checked", f"newest {newest.newest}", f"{name}: {why}")], 3
    rows = compare(torch, release, torch.platform, python)
    return rows, int(any(row.state == "differs" for row in rows))


def main(arguments: Sequence[str] | None = None) -> int:
    """The comparison as a table on standard output."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    where = parser.add_mutually_exclusive_group()
    where.add_argument(
        "--python", metavar="PATH", default=sys.executable, help="interpreter or environment"
    )
    where.add_argument("--site", metavar="FOLDER", help="site-packages folder, only read")
    parser.add_argument("--pypi", action="store_true", help="ask PyPI for newer releases")
    options = parser.parse_args(arguments)
    try:
        options.python = locate(options.python)
        folders = [options.site] if options.site else site_folders(options.python)
    except (OSError, UsageError, subprocess.SubprocessError) as error:
        print(f"{options.python} can't be asked: {error}", file=sys.stderr)
        return 3
    torch = installed(folders)
    index = [pypi_row()] if options.pypi else []
    if torch is None:
        print(f"no torch installed in {options.site or options.python}")
        rows, code = [], 2
    else:
        print(f"torch {torch.public}+{torch.variant} for {torch.platform}, Python {torch.python}")
        rows, code = _judge(torch, None if options.site else options.python)
    if rows or index:
        print(shown([*rows, *index]))
    stale = any(row.state == "differs" for row in index)
    return 1 if stale else code


if __name__ == "__main__":
    sys.exit(main())
