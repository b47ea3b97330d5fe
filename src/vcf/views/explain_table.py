"""An explanation for the terminal."""

from __future__ import annotations

from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

from ..catalogue.model import Catalogue
from ..judge.explain import Explanation
from .explain_page import Block, Grid, Heading, Item, Place, Words, page
from .table import Command
from .words import Lang

FULL = 100
"""Columns from which on every column of the tables has room."""


def explained(given: Explanation, catalogue: Catalogue, lang: Lang, width: int) -> RenderableType:
    """The whole sum for a terminal of so many columns; only addresses may be longer."""
    parts: list[RenderableType] = []
    before: Block | None = None
    for block in page(given, catalogue, lang, full=width >= FULL):
        if before is not None and _apart(before, block):
            parts.append(Line())
        parts.extend(_drawn(block))
        before = block
    return Group(*parts)


def _apart(before: Block, block: Block) -> bool:
    """Whether an empty line stands between two blocks."""
    if isinstance(block, Heading):
        return True
    if isinstance(before, Words) and isinstance(block, Words):
        return before.dim and not block.dim
    return isinstance(block, Grid) and not isinstance(before, Heading)


def _drawn(block: Block) -> list[RenderableType]:
    if isinstance(block, Heading):
        return [Line(block.text, style="bold" if block.level == 1 else "bold cyan")]
    if isinstance(block, Words):
        return [Line(block.text, style="dim" if block.dim else "bold" if block.strong else "")]
    if isinstance(block, Grid):
        return [_table(block)]
    if isinstance(block, Item):
        note = [Padding(Line(block.note, style="dim"), (0, 0, 0, 4))] if block.note else []
        return [Padding(Line(block.text), (0, 0, 0, 2)), *note]
    return _place(block)


def _place(block: Place) -> list[RenderableType]:
    indent = len(block.mark) + 1
    if not block.title:
        return [Command(f"{block.mark} {block.url}", 0, "dim")]
    title = Table.grid(padding=(0, 1, 0, 0))
    title.add_row(Line(block.mark, style="dim"), Line(block.title, style="dim"))
    lines: list[RenderableType] = [title]
    if block.url is not None:  # to be copied: never broken
        lines.append(Command(block.url, indent, "dim"))
    return lines


def _table(block: Grid) -> Table:
    table = Table(box=None, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for index, head in enumerate(block.heads):
        words = index in block.left
        table.add_column(Line(head), justify="left" if words else "right", overflow="fold")
    for row in block.rows:
        table.add_row(*(Line(cell) for cell in row))
    if block.total is not None:
        table.add_row(*(Line(cell) for cell in block.total), style="bold")
    return table
