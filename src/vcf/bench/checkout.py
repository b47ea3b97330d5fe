"""A checkout of index-tts: what it is, what runs it, and whether its models' folder is complete.

Nothing of it is executed, and git is not asked.
"""

from __future__ import annotations

import os
import re
import stat
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..documents import parse
from ..errors import UsageError
from ..machine.interpreter import interpreter
from ..units import gb
from .checkout_files import MODELS, Expected, expected
from .git_commit import commit_in
from .indextts_config import Version, config
from .snapshot_files import check_weights, file_size, named

CODE = {"2": "indextts/infer_v2.py", "2.5": "indextts/infer_v2_5.py"}
"""What runs a version."""
FOLDERS: Mapping[Version, tuple[str, ...]] = {
    "2": ("checkpoints_2", "checkpoints"), "2.5": ("checkpoints", "checkpoints_25"),
}  # fmt: skip
"""Where its README and tests keep the models, the first before the second."""
NAMES = ("gpt_checkpoint", "s2mel_checkpoint", "w2v_stat", "emo_matrix", "spk_matrix")
"""Files that config.yaml names."""
SYNTHETIC = "or --weights synthetic: random numbers in the true shapes"
LONGEST = 100_000
"""Bytes of a config.yaml; the published ones have 3,000."""
PROJECT = re.compile(r"^\[project\]\s*$(.*?)(?=^\[|\Z)", re.MULTILINE | re.DOTALL)
VERSION = re.compile(r"^version\s*=\s*[\"']([0-9A-Za-z.+!-]{1,40})[\"']", re.MULTILINE)


class Checkout(msgspec.Struct, frozen=True, kw_only=True):
    """A folder with the code of index-tts."""

    repo: Path
    version: Version
    """Of the model that is asked for."""
    project: str | None
    """Version of the code, by its pyproject.toml."""
    commit: str | None
    """None: it is no clone, or git's files are not understood."""
    python: str
    """What runs it."""

    @property
    def told(self) -> str:
        """Its version for the record: ``2.0.0+ee40fa7d6c6b``."""
        return f"{self.project or '0'}+{self.commit[:12] if self.commit else 'unknown'}"


def version_of(model: str) -> Version:
    """``2.5`` of ``indextts-2.5``. Raises UsageError: a checkout does not run it."""
    word = model.removeprefix("indextts-")
    if word == "2":
        return "2"
    if word == "2.5":
        return "2.5"
    raise UsageError(f"a checkout of index-tts does not run {model}", "indextts-2.5 or indextts-2")


def examine(repo: Path, model: str, python: str | None) -> Checkout:
    """Look at the code. ``python``: the interpreter, or its environment's folder, that the user
    names.

    Raises UsageError: it is no checkout, has no code for the model, or nothing runs it.
    """
    version = version_of(model)
    if not repo.is_dir():
        what = "is no folder" if os.path.lexists(repo) else "does not exist"
        raise UsageError(f"--repo {named(repo)} {what}", "name the folder of your checkout")
    there = [known for known, code in CODE.items() if (repo / code).is_file()]
    if not there:
        raise UsageError(
            f"{named(repo)} is no checkout of index-tts: it has neither "
            + " nor ".join(reversed(CODE.values())),
            "git clone https://github.com/index-tts/index-tts",
        )
    if version not in there:
        raise UsageError(
            f"this checkout of index-tts has no {CODE[version]}: it is too old for {model}",
            f"git -C {named(repo)} pull, then uv sync; or measure indextts-{there[-1]}",
        )
    place = Path(os.path.abspath(repo))  # noqa: PTH100  (links stay as they were named)
    return Checkout(
        repo=place, version=version, project=_project(place), commit=commit_of(place),
        python=_python(place, python),
    )  # fmt: skip


def _python(repo: Path, asked: str | None) -> str:
    if asked is not None:
        return interpreter(asked).executable
    inside = "Scripts/python.exe" if sys.platform == "win32" else "bin/python"
    own = repo / ".venv" / inside
    if own.is_file():
        return str(own)
    raise UsageError(
        f"{named(repo)} has no environment of its own (.venv)",
        "run `uv sync` there; or name a Python that has what it needs: --python PATH",
    )


def _project(repo: Path) -> str | None:
    found = PROJECT.search(_read(repo / "pyproject.toml", LONGEST) or "")
    version = VERSION.search(found[1]) if found else None
    return version[1] if version else None


def _read(file: Path, most: int) -> str | None:
    """A small text; None where there is none, or something else."""
    try:
        known = file.stat()
        if not stat.S_ISREG(known.st_mode) or known.st_size > most:
            return None
        return file.read_text(encoding="utf-8", errors="replace")
    except (OSError, ValueError):
        return None


def commit_of(repo: Path) -> str | None:
    """The commit that is checked out; None: it is no clone, or git's files are not understood."""
    return commit_in(repo)


def held(folder: Path) -> Version | None:
    """Which version's models a folder holds; None: neither's."""
    if (folder / "codec.pth").exists() or any(folder.glob("*.tiktoken")):
        return "2.5"
    both = (folder / "bpe.model").exists() and (folder / "s2mel.pth").exists()
    return "2" if both else None


def models_folder(checkout: Checkout) -> Path:
    """Where the models of the version lie or, as far as they are there at all, should lie. Raises
    UsageError: those of the other version lie there."""
    version = checkout.version
    places = [checkout.repo / name for name in FOLDERS[version]]
    found = {place: held(place) for place in places if place.is_dir()}
    for place in places:
        if found.get(place) == version:
            return place
    others = [place for place, other in found.items() if other is not None]
    command = fetch(checkout, places[0] if places[0] not in others else places[-1])
    if others:
        raise other_version(others[0], found[others[0]] or "", version, command)
    begun = (place for place in found if (place / "config.yaml").is_file())
    return next(begun, places[0])  # the check of the files tells what is not there


def other_version(place: Path, found: str, asked: Version, command: str) -> UsageError:
    """What is said of a folder with the other models."""
    return UsageError(
        f"{named(place)} holds IndexTTS-{found}, asked was {asked}",
        f"`vcf bench indextts-{found}` measures it; or {command}; {SYNTHETIC}",
    )


def fetch(checkout: Checkout, folder: Path) -> str:
    """The command that brings the models."""
    name = folder.name if folder.parent == checkout.repo else named(folder)
    return f"`hf download {MODELS[checkout.version]} --local-dir {name}` in {named(checkout.repo)}"


def read_config(folder: Path) -> dict[str, Any]:
    """config.yaml. Raises UsageError: missing, too long, no mapping."""
    file = folder / "config.yaml"
    size = file_size(file, "fetch it again")
    if size > LONGEST:
        raise UsageError(f"{named(file)} is too long: {size:,} bytes", "fetch it again")
    text = _read(file, LONGEST)
    if text is None:
        raise UsageError(f"{named(file)} can't be read", "check its rights")
    return parse(text, named(file), UsageError)


def file_names(folder: Path, said: Mapping[str, Any], version: Version) -> dict[str, str]:
    """Files that config.yaml names, inside its folder. Raises UsageError: one lies elsewhere."""
    dataset = said.get("dataset")
    found = {name: said.get(name) for name in NAMES}
    if version == "2":
        found["bpe_model"] = dataset.get("bpe_model") if isinstance(dataset, dict) else None
    for name, value in found.items():
        if not isinstance(value, str) or not _inside(value):
            raise UsageError(
                f"{named(folder / 'config.yaml')}: {name} names no file in this folder",
                "fetch config.yaml again",
            )
    return {name: str(value) for name, value in found.items()}


def _inside(name: str) -> bool:
    parts = name.split("/")
    return (
        0 < len(name) <= 200
        and name.isprintable()
        and not any(part in ("", ".", "..") for part in parts)
        and "\\" not in name
        and ":" not in name
    )


def check_files(checkout: Checkout, folder: Path) -> list[Expected]:
    """All files that the loader opens. Raises UsageError: some are missing or damaged; all are
    named at once."""
    if os.path.lexists(folder / "config.yaml"):
        names = file_names(folder, read_config(folder), checkout.version)
    else:  # the rest is looked at by the published names
        names = file_names(folder, config(checkout.version), checkout.version)
    files = expected(checkout.version, names)
    faults = [(file, _fault(folder, file)) for file in files]
    wrong = [(file, what) for file, what in faults if what is not None]
    if not wrong:
        return files
    by_source: dict[str, list[str]] = {}
    for file, what in wrong:
        by_source.setdefault(file.source, []).append(what)
    told = [f"from {source}: {', '.join(whats)}" for source, whats in by_source.items()]
    mend = (
        f"{fetch(checkout, folder)}; what belongs in hf_cache index-tts fetches itself when it is "
        f"started once with a network; {SYNTHETIC}"
    )
    raise UsageError(
        f"{named(folder)}: {len(wrong)} of the {len(files)} files of IndexTTS-{checkout.version} "
        "are missing or damaged",
        "\n".join([*told, mend]),
    )


def _fault(folder: Path, file: Expected) -> str | None:
    """What is wrong with a file, and its size; None: nothing that can be seen."""
    path = folder / file.path
    of = f" ({_words(file.size)})" if file.size else ""
    if not os.path.lexists(path):
        return f"{file.path}{of} is missing"
    try:
        size = file_size(path)
        if file.weights:
            check_weights(path)
    except UsageError as error:
        return error.message.replace(named(path), file.path) + of
    if size >= file.least:
        return None
    return f"{file.path} has only {_words(size)}" + (of and f" of {_words(file.size)}")


def _words(size: int) -> str:
    return gb(size) if size >= 10**8 else f"{size:,} bytes"
