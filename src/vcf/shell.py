"""Command lines to paste: quoted so that no shell finds more in them than words."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Sequence

_BARE = re.compile(r"[\w@%+=:,./-]+")
_SPACED = re.compile(r"[\w@+=:,./() -]+")
"""Within double quotes these mean themselves in sh, PowerShell and cmd alike."""


def command(words: Sequence[str], *, windows: bool = os.name == "nt") -> str:
    """A command line for the shells of a system; undecodable bytes of file names are replaced."""
    return " ".join(_quoted(word, windows) for word in words)


def _quoted(word: str, windows: bool) -> str:
    word = word.encode("utf-8", "replace").decode()
    plain = word.replace("\\", "/") if windows else word  # a backslash is no more than a letter
    if _BARE.fullmatch(plain):
        return word
    if _SPACED.fullmatch(plain):
        return f'"{word}"'
    # PowerShell; cmd knows no quotes in which a percent sign rests.
    return "'" + word.replace("'", "''") + "'" if windows else shlex.quote(word)
