"""Names from hardware and files are data: nothing in them may act on a terminal or a page."""

from __future__ import annotations

import unicodedata

LONGEST = 60
"""Characters of a name that are shown; real ones have up to 50."""


def shown(name: str, longest: int = LONGEST) -> str:
    """A name safe to print: control, escape and direction characters replaced, length capped."""
    if name.isascii() and name.isprintable() and len(name) <= longest:
        return name
    cut = name[: longest + 1]
    safe = "".join(
        "\N{REPLACEMENT CHARACTER}" if unicodedata.category(c)[0] in "CZ" and c != " " else c
        for c in cut
    )
    return safe if len(safe) <= longest else safe[: longest - 1] + "…"
