"""An explanation in Markdown, for issues and notes."""

from __future__ import annotations

import re

from ..catalogue.model import Catalogue
from ..judge.explain import Explanation
from .explain_page import Block, Grid, Heading, Item, Place, Words, page
from .text import md
from .words import Lang

_ADDRESS = re.compile(r"https?://[^\s<>\\^`{|}\"]+")


def explained_markdown(given: Explanation, catalogue: Catalogue, lang: Lang) -> str:
    """The whole sum with every column."""
    parts = [_written(block) for block in page(given, catalogue, lang, full=True)]
    return "\n\n".join(parts) + "\n"


def _written(block: Block) -> str:
    if isinstance(block, Heading):
        return f"{'#' * (block.level + 1)} {md(block.text)}"
    if isinstance(block, Words):
        return f"**{md(block.text)}**" if block.strong else md(block.text)
    if isinstance(block, Grid):
        return _table(block)
    if isinstance(block, Item):
        return f"- {md(block.text)}" + (f"  \n  {md(block.note)}" if block.note else "")
    return _place(block)


def _place(block: Place) -> str:
    parts = [md(block.mark), md(block.title)]
    if block.url is not None:
        plain = _ADDRESS.fullmatch(block.url) is not None
        parts.append(f"<{block.url}>" if plain else md(block.url))
    return " ".join(part for part in parts if part)


def _table(block: Grid) -> str:
    sides = ("---" if i in block.left else "---:" for i in range(len(block.heads)))
    lines = [_row(block.heads), f"|{'|'.join(sides)}|"]
    lines += [_row(row) for row in block.rows]
    if block.total is not None:
        lines.append(_row(block.total, strong=True))
    return "\n".join(lines)


def _row(cells: tuple[str, ...], *, strong: bool = False) -> str:
    texts = (md(cell) for cell in cells)
    return f"| {' | '.join(f'**{t}**' if strong and t else t for t in texts)} |"
