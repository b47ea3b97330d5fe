"""How far a benchmark is: phase, run, RTF so far, time that is left."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING

from .progress import Line, left, overwritten

if TYPE_CHECKING:
    from ..bench.cells import Cell
    from ..views.words import Lang


class Progress:
    """A line on a terminal; elsewhere a line for each phase, on standard error."""

    def __init__(self, lang: Lang) -> None:
        self._lang, self._name = lang, ""
        self._stack = ExitStack()
        self._line: Line | None = None
        self._last = ""

    def __enter__(self) -> Progress:
        self._line = self._stack.enter_context(overwritten(plainly=True))
        return self

    def __exit__(self, *_: object) -> None:
        self._stack.close()

    def cell(self, cell: Cell) -> None:
        """The next cell begins."""
        self._name, self._last = cell.name, ""

    def weights(self, what: str, done: int, total: int) -> None:
        """Weights are written, downloaded or read."""
        from ..views.bench_plan import weights_line

        self._say(weights_line(what, done, total, self._lang), what)

    def tell(self, phase: str, run: int, of: int, rtf: float | None, left_s: float | None) -> None:
        """A phase of the cell begins."""
        from ..views.bench_plan import phase_line

        if self._line is None:
            return
        clock = None if left_s is None else left(left_s)

        def text() -> str:
            rest = None if clock is None else clock()
            return phase_line(self._name, phase, run, of, rtf, rest, self._lang)

        self._line(text)

    def _say(self, text: str, key: str) -> None:
        """On a terminal each text; elsewhere the first of its kind."""
        import sys

        if self._line is not None and (sys.stderr.isatty() or key != self._last):
            self._line(f"{self._name}: {text}")
        self._last = key
