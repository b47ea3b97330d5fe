"""Whose computer this is, so that no output names them."""

from __future__ import annotations

import re

from .ask import ask
from .host import Host

NOBODY = frozenset({"", "root", "users", "home", "admin", "administrator", "default"})
"""Names that many computers share: hiding them would hide nothing."""


class Owner:
    """Home folder and names of the user, as the environment tells them."""

    def __init__(self, home: str | None, names: tuple[str, ...] = ()) -> None:
        self.home = (home or "").rstrip("/\\") or None
        """None where there is none, or where it is the root of the file system."""
        last = re.split(r"[/\\]", self.home or "")[-1]
        self.names = {name for name in (*names, last) if name.lower() not in NOBODY}

    def hide_home(self, text: str) -> str:
        """A message with ``~`` for the home folder."""
        if self.home is None:
            return text
        end = r"(?=[/\\:;,\s'\")\]]|$)"
        return re.sub(r"(?<![\w.~-])" + re.escape(self.home) + end, "~", text, flags=re.IGNORECASE)

    def hide(self, text: str) -> str:
        """A path or message with ``~`` for the home folder and ``<user>`` for the user."""
        text = self.hide_home(text)
        for name in self.names:
            word = rf"(?<![^\W_]){re.escape(name)}(?![^\W_])"
            text = re.sub(word, "<user>", text, flags=re.IGNORECASE)
        return text


def owner_of(host: Host) -> Owner:
    """The user who runs vcf."""
    home = host.env("HOME") or host.env("USERPROFILE")
    if not home:
        answer = ask(host.call, "home")
        home = answer if isinstance(answer, str) else None
    names = tuple(
        str(host.env(name) or "") for name in ("USER", "LOGNAME", "USERNAME", "SUDO_USER")
    )
    return Owner(None if home is None else str(home), names)
