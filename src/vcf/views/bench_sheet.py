"""A table that never breaks a word: where the terminal is too narrow, it is cut or stood on end."""

from __future__ import annotations

import re
from collections.abc import Sequence

import msgspec
from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Line

GAP = 2
"""Blanks between two columns."""


class Column(msgspec.Struct, frozen=True, kw_only=True):
    """A heading and what stands below it."""

    head: str
    """Line breaks in it are kept."""
    cells: list[str]
    right: bool = True
    """Numbers stand to the right."""
    beside: bool = False
    """Goes into a table of its own where one has no room for all."""

    @property
    def width(self) -> int:
        """Terminal columns of the widest line."""
        lines = [line for cell in (self.head, *self.cells) for line in cell.split("\n")]
        return max(cell_len(line) for line in lines)


class Sheet:
    """Columns, the first of which names the rows. One table where it fits; else two, those
    ``beside`` in the second; else a block of lines for each row."""

    def __init__(self, columns: Sequence[Column]) -> None:
        self._columns = list(columns)

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        name, *rest = self._columns
        apart = [
            [name, *(column for column in rest if column.beside is beside)]
            for beside in (False, True)
        ]
        parts = [columns for columns in apart if len(columns) > 1]
        if width_of(self._columns) <= options.max_width:
            yield table_of(self._columns)
        elif all(width_of(columns) <= options.max_width for columns in parts):
            for index, columns in enumerate(parts):
                if index:
                    yield Line()
                yield table_of(columns)
        else:
            yield from stacked(self._columns)


def width_of(columns: Sequence[Column]) -> int:
    """Terminal columns of the table that they make."""
    return sum(column.width for column in columns) + GAP * (len(columns) - 1)


def table_of(columns: Sequence[Column]) -> Table:
    """A table without lines."""
    table = Table(box=None, pad_edge=False, padding=(0, GAP, 0, 0), header_style="bold")
    for column in columns:
        table.add_column(
            column.head,
            justify="right" if column.right else "left",
            width=column.width,
            overflow="fold",
        )
    for row in zip(*(column.cells for column in columns), strict=True):
        table.add_row(*(Line(cell) for cell in row))
    return table


def stacked(columns: Sequence[Column]) -> list[RenderableType]:
    """For each row its name and a line for each value."""
    name, *rest = columns
    made: list[RenderableType] = []
    for index, row in enumerate(name.cells):
        values = [(one_line(column.head), column.cells[index]) for column in rest]
        made += [Line(row, style="bold"), pairs(values)]
    return made


def one_line(head: str) -> str:
    """A heading without its line break; only English words keep a blank there."""
    return re.sub(r"(?<=[A-Za-z])\n", " ", head).replace("\n", "")


def pairs(values: Sequence[tuple[str, str]], indent: int = 2) -> RenderableType:
    """Names and values, a line each; a long value goes on below itself."""
    grid = Table.grid(padding=(0, GAP, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in values:
        grid.add_row(Line(name), Line(value))
    return Padding(grid, (0, 0, 0, indent), expand=False)


def items(lines: Sequence[tuple[str, str, str]]) -> RenderableType:
    """Signs with their colours, and sentences that go on below themselves."""
    grid = Table.grid(padding=(0, 1, 0, 0))
    grid.add_column(no_wrap=True)
    grid.add_column(overflow="fold")
    for sign, colour, text in lines:
        grid.add_row(Line(sign, style=colour), Line(text))
    return grid


class Dotted:
    """``a · b · c``: broken between parts only, unless one is too long by itself."""

    def __init__(self, parts: Sequence[str], style: str = "", first: str = "") -> None:
        """``first``: the style of the first part, where it has one of its own."""
        self._parts = list(parts)
        self._style, self._first = style, first or style

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        line, room = Line(), options.max_width
        for index, part in enumerate(self._parts):
            dot = " · " if index else ""
            if line.cell_len + cell_len(dot + part) > room and line.cell_len:
                yield line
                line, dot = Line(), "· "
            line.append(dot, style=self._style)
            line.append(part, style=self._style if index else self._first)
        yield line
