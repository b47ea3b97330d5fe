"""Another Python than the running one: found, asked for its search path, its packages read.

The interpreter is started once, to print what it knows about itself; none of its packages is
imported.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec

from ..errors import UsageError
from ..plain import shown
from .host import python_facts
from .metadata import find_file, installed
from .software import DISTRIBUTIONS

SECONDS = 20.0
"""A cold Python on a slow disk behind a virus scanner takes seconds to start."""

MOST = 1 << 20
"""Bytes of its answer that are read."""
LONGEST = 100
"""Characters of a version."""

_ASK = """
import json, os, sys
name = sys.implementation.name
machine = os.uname().machine if hasattr(os, "uname") else ""
print("\\nvcf-python:" + json.dumps({
    "platform": sys.platform, "machine": machine, "version": sys.version.split()[0],
    "implementation": {"cpython": "CPython", "pypy": "PyPy"}.get(name, name),
    "bits": "64" if sys.maxsize > 1 << 32 else "32",
    "build": sys.version, "executable": sys.executable, "prefix": sys.prefix,
    "path": [os.path.abspath(p) for p in sys.path if p],
}))
"""
_MARK = "vcf-python:"


class Interpreter(msgspec.Struct, frozen=True, kw_only=True):
    """A Python and where it looks for packages."""

    executable: str
    version: str
    platform: str
    """``linux``, ``win32``, ``darwin``."""
    machine: str
    """What it was built for: x86_64, AMD64, arm64 …"""
    implementation: str = "CPython"
    bits: str = "64"
    prefix: str = ""
    """The folder of its environment."""
    path: tuple[str, ...] = ()
    """``sys.path``."""

    def facts(self) -> dict[str, str]:
        """What the call ``python`` answers for the running one."""
        return {
            "platform": self.platform,
            "machine": self.machine,
            "version": self.version,
            "implementation": self.implementation,
            "bits": self.bits,
            "origin": "the Python asked about",
        }


def running() -> Interpreter:
    """The Python that runs vcf."""
    return Interpreter(
        executable=sys.executable, prefix=sys.prefix, path=tuple(sys.path), **python_facts()
    )


def locate(path: str) -> str:
    """The interpreter at a path: itself, or the one of an environment's folder.

    Raises UsageError when there is none.
    """
    try:
        place = Path(path).expanduser().absolute()
        folder, file = place.is_dir() and path.strip() != "", place.is_file()
    except (OSError, RuntimeError, ValueError):  # too long a name, no such user, a NUL
        folder = file = False
    if folder:
        names = ("bin/python", "bin/python3", "Scripts/python.exe", "python.exe", "python")
        for base in (place, place / ".venv", place / "venv"):
            for name in names:
                if (base / name).is_file():
                    return str(base / name)
        raise UsageError(
            f"{shown(path, 200)}: holds no Python",
            "name an interpreter, or the folder of an environment",
        )
    if file:
        return str(place)
    if path and os.sep not in path and "/" not in path:
        import shutil

        found = shutil.which(path)
        if found is not None:
            return found
    raise UsageError(
        f"{shown(path, 200)}: no such interpreter",
        "name one such as .venv/bin/python, or its environment",
    )


def interpreter(path: str, seconds: float = SECONDS) -> Interpreter:
    """The Python at a path, asked for its version and search path.

    Raises UsageError where there is none, or where it does not answer as a Python does.
    """
    from .child import first_output

    executable = locate(path)
    try:
        told = first_output([executable, "-W", "ignore", "-c", _ASK], seconds, MOST)
    except OSError as error:
        raise UsageError(f"{executable}: {error.strerror}", "is it an interpreter?") from None
    if told is None:
        raise UsageError(
            f"{executable}: no answer in {seconds:g} s", "is it an interpreter? Try it by hand"
        )
    return parse(executable, told[0].decode("utf-8", "replace"), told[1])


def parse(executable: str, out: str, status: int) -> Interpreter:
    """What the interpreter printed. Raises UsageError when that is no answer."""
    lines = [line for line in out.splitlines() if line.startswith(_MARK)]
    try:
        if "\\u0000" in out:
            raise ValueError("a NUL in a path")
        answer: Any = json.loads(lines[-1][len(_MARK) :]) if lines else None
        if isinstance(answer, dict):
            if not answer["machine"]:  # Windows: "[MSC v.1938 64 bit (AMD64)]"
                names = ("AMD64", "ARM64")
                build = str(answer["build"])
                answer["machine"] = next((w for w in names if f"({w})" in build), "x86")
            found = msgspec.convert({**answer, "executable": executable}, Interpreter)
            if len(found.version) <= LONGEST:
                return found
    except (ValueError, KeyError, RecursionError):  # msgspec.ValidationError is a ValueError
        pass
    raise UsageError(
        f"{executable}: does not answer like a Python 3 (exit status {status})",
        "name an interpreter such as .venv/bin/python",
    )


def calls_of(python: Interpreter) -> Mapping[str, Callable[..., Any]]:
    """The calls that ask about an environment, answered for this Python instead."""
    return {
        "python": python.facts,
        "metadata": lambda: installed(python.path, DISTRIBUTIONS),
        "torch_version_file": lambda: find_file(python.path, "torch", "version.py"),
        "version_file": lambda package: find_file(python.path, str(package), "version.py"),
    }
