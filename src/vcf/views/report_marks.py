"""Pieces of Markdown: escaped text, links, tables, code."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from ..plain import shown
from .text import md

_ADDRESS = re.compile(r"https?://[A-Za-z0-9._~:/?#@!$&+=%-]*[A-Za-z0-9/_=-]")
_CODE = re.compile(r"`([^`]+)`")
_BLOCK = re.compile(r"^(\d*)((?<!\d)[-+=]|(?<=\d)[.)](?=\s))")
_CITED = re.compile(r"\\\[(\d{1,4})\\\]")
LONG = 4000
"""Characters of a line of code that are shown where it holds control characters."""
WIDE = 40
"""Characters from which a cell is long."""
ACROSS = 6
"""Short columns of a table at most."""


@lru_cache(maxsize=4096)  # most cells are words that stand in many of them
def rich(text: str) -> str:
    """Text in which nothing takes effect but addresses and numbers of sources, which become
    links, and `commands`."""
    parts = _CODE.split(" ".join(text.split()))
    return "".join(
        span(part) if index % 2 else _linked(part) for index, part in enumerate(parts)
    ).strip()


def _linked(text: str) -> str:
    parts: list[str] = []
    at = 0
    for match in _ADDRESS.finditer(text):
        parts.append(_plain(text[at : match.start()]))
        parts.append(f"<{match[0]}>")
        at = match.end()
    parts.append(_plain(text[at:]))
    return "".join(parts)


def _plain(text: str) -> str:
    """``md`` with the blanks at the ends kept: they stand beside links."""
    kept = md(text).replace("&", "&amp;")
    head = " " if text[:1].isspace() else ""
    tail = " " if text[-1:].isspace() and kept else ""
    return _CITED.sub(r"[\[\1\]](#source-\1)", head + kept + tail)


def line(text: str) -> str:
    """Text at the beginning of a line: it does not become a list or a heading."""
    return _BLOCK.sub(r"\1\\\2", rich(text), count=1)


def bullets(texts: Iterable[str]) -> list[str]:
    """A list with an empty line after it; nothing where there is nothing."""
    lines = [f"- {line(text)}" for text in texts]
    return [*lines, ""] if lines else []


def table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Cells are Markdown already. Nothing where there are no rows."""
    lines = [f"| {' | '.join(row)} |" for row in rows]
    if not lines:
        return []
    return [f"| {' | '.join(heads)} |", "|" + "---|" * len(heads), *lines, ""]


def fence(code: str, language: str) -> list[str]:
    """A code block that no backticks inside can end; nothing in it acts on a terminal."""
    code = code.strip("\n")
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    marks = "`" * max(3, longest + 1)
    lines = [each if each.isprintable() else shown(each, LONG) for each in code.split("\n")]
    return [f"{marks}{language}", *lines, marks, ""]


def span(code: str) -> str:
    """A command within a line or a cell."""
    longest = max((len(run) for run in re.findall(r"`+", code)), default=0)
    marks = "`" * (longest + 1)
    blank = " " if longest else ""
    told = " ".join(code.split()).replace("|", "\\|")
    return f"{marks}{blank}{told}{blank}{marks}"


def heading(level: int, text: str, anchor: str | None = None) -> list[str]:
    """A heading, with a place that the contents can lead to."""
    place = [f'<a id="{anchor}"></a>', ""] if anchor is not None else []
    return [*place, f"{'#' * level} {rich(text)}", ""]


def sideways(
    corner: str, names: Sequence[str], columns: Sequence[tuple[str, Sequence[str]]]
) -> list[str]:
    """A table with a row for each name, cut into several that are no wider than people read:
    short columns together, long ones two by two. Cells are plain text."""
    short = [c for c in columns if max(map(len, c[1]), default=0) < WIDE]
    long = [c for c in columns if c not in short]
    groups = [short[at : at + ACROSS] for at in range(0, len(short), ACROSS)]
    groups += [long[at : at + 2] for at in range(0, len(long), 2)]
    lines: list[str] = []
    for group in groups:
        heads = [rich(corner), *(rich(head) for head, _ in group)]
        rows = [
            [f"**{rich(name)}**", *(rich(cells[index]) for _, cells in group)]
            for index, name in enumerate(names)
        ]
        lines += table(heads, rows)
    return lines
