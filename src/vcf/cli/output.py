"""Where answers go: standard output, or a file that is replaced whole or not at all."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import msgspec

from ..drafts import draft_of
from ..errors import OutputError, UsageError
from ..plain import shown
from ..views.words import Lang, default_lang

if TYPE_CHECKING:
    from rich.console import Console

    from .options import LangChoice

PIPED_WIDTH = 100
"""Columns where the output is no terminal: wide enough for the reasons, narrow enough to read."""


@contextlib.contextmanager
def sink(path: str | None) -> Iterator[BinaryIO]:
    """A binary stream: standard output, or a temporary file put in the place of ``path`` at the
    end. Raises OutputError; what stood at ``path`` before is then untouched. Links stay links;
    a device or a pipe is written to, not replaced."""
    if path is None or path == "-":
        sys.stdout.flush()
        yield sys.stdout.buffer
        sys.stdout.buffer.flush()
        return
    if not path or "\0" in path:
        raise OutputError(f"{path!r} is no file name", "name a file, or - for standard output")
    try:
        target = Path(path)
        if target.is_dir():
            raise OutputError(f"{path}: is a folder", "name a file in it")
        if target.exists() and not target.is_file():
            with open(path, "wb") as file:
                yield file
        else:
            with draft_of(target.resolve()) as file:
                yield file
    except (OSError, RuntimeError) as error:  # RuntimeError: a link to itself, before 3.13
        why = getattr(error, "strerror", None) or "a link that leads to itself"
        raise OutputError(
            f"{path}: {why}", "nothing was written there; choose another place"
        ) from None


SUFFIXES = {
    ".html": "html", ".htm": "html", ".md": "markdown", ".markdown": "markdown", ".json": "json",
}  # fmt: skip
"""What a file's name says of what is to stand in it."""


def by_suffix(path: str | None) -> str | None:
    """The format that a file's name asks for; None where it asks for none."""
    return SUFFIXES.get(Path(path or "").suffix.lower())


def refuse_page_on_screen(path: str | None, example: str) -> None:
    """Raises UsageError where a page would be poured onto a terminal."""
    if path in (None, "-") and sys.stdout.isatty():
        raise UsageError(
            "--format html: a page is nothing for a terminal", f"name a file: -o {example}"
        )


def write_text(text: str, path: str | None) -> None:
    """Write one text as UTF-8."""
    with sink(path) as file:
        file.write(text.encode())


def talk(line: str, start: str = "vcf: ") -> None:
    """One line on standard error; nothing in a hostile name acts on the terminal."""
    with contextlib.suppress(OSError):  # where nobody listens, the answer still counts
        print(start + shown(line, 4000), file=sys.stderr, flush=True)


def language(choice: LangChoice | str | None) -> Lang:
    """The language asked for, else the environment's."""
    if choice is None:
        return default_lang()
    return "zh" if str(getattr(choice, "value", choice)) == "zh" else "en"


NARROWEST = 20
"""Columns below which nothing can be read."""


def console(path: str | None = None) -> Console:
    """A rich console on standard output, or one that only records for a file."""
    from io import StringIO

    from rich.console import Console

    if path is not None:
        return Console(file=StringIO(), width=PIPED_WIDTH, no_color=True, force_terminal=False)
    _utf8()
    width = None if sys.stdout.isatty() or os.environ.get("COLUMNS") else PIPED_WIDTH
    screen = Console(width=width, highlight=False, markup=False, emoji=False)
    if screen.width < NARROWEST:  # COLUMNS=0 would print nothing at all
        screen.width = NARROWEST
    return screen


def emit(screen: Console, shown: object) -> None:
    """Print; where nobody looks at a terminal, without the blanks that fill lines."""
    if screen.is_terminal:
        screen.print(shown, crop=False)
        return
    with screen.capture() as captured:
        screen.print(shown, crop=False)
    text = "".join(line.rstrip() + "\n" for line in captured.get().splitlines())
    screen.file.write(text)


def show(path: str | None, *shown: object) -> None:
    """Renderables on the screen, or as plain text in a file. Raises OutputError."""
    screen = console(path)
    for each in shown:
        emit(screen, each)
    if path is not None:
        with sink(path) as file:
            file.write(screen.file.getvalue().encode())  # type: ignore[attr-defined]


def show_json(path: str | None, document: object) -> None:
    """A document on standard output or in a file. Raises OutputError."""
    text = msgspec.json.format(msgspec.json.encode(document), indent=2)
    with sink(path) as file:
        file.write(text + b"\n")


def _utf8() -> None:
    """Stars and Chinese on a Windows console or under LC_ALL=C."""
    reconfigure = getattr(sys.stdout, "reconfigure", None)
    if reconfigure is not None and (sys.stdout.encoding or "").lower() not in ("utf-8", "utf8"):
        reconfigure(encoding="utf-8", errors="replace")
