"""Keep docs/commands.md equal to what `vcf COMMAND --help` says, for every command there is.

    python scripts/commands_page.py            write the blocks of help again
    python scripts/commands_page.py --check    fail, with the difference, when one is out of date

A block stands between `<!-- help:NAME -->` and `<!-- /help:NAME -->`; NAME is the command with
dashes for blanks (`bench-voxcpm`), `vcf` for the program itself. What stands around the blocks is
written by hand. A command without a block, and a block without a command, fail both ways of
running: a new command wants a heading, a sentence or two, an example and an empty block.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from check_readme import ROOT, differences, help_text, replace_block

from vcf.cli.app import app, command_line

PAGE = ROOT / "docs" / "commands.md"
PROGRAM = "vcf"
MARKER = re.compile(r"^<!-- help:([\w.-]+) -->$", re.MULTILINE)
REMEDY = "python scripts/commands_page.py"


def commands(root: Any) -> dict[str, tuple[str, ...]]:
    """Every command that is not hidden, groups too: its words by the name of its block.

    `root` is the click command of the program; the order is that of its help.
    """
    return {"-".join(words) or PROGRAM: words for words in _walk(root, ())}


def _walk(command: Any, words: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    yield words
    for name, below in getattr(command, "commands", {}).items():
        if not below.hidden:
            yield from _walk(below, (*words, name))


def complaints(text: str, known: Mapping[str, object]) -> list[str]:
    """What is wrong with the page's set of blocks, a line each; empty where all is well."""
    found = MARKER.findall(text)
    told = [
        f"{_spoken(name)} has no block: add a heading, a sentence, an example, and below them\n"
        f"    <!-- help:{name} -->\n    <!-- /help:{name} -->\n  then run `{REMEDY}`"
        for name in known
        if name not in found
    ]
    told += [
        f"help:{name} is the block of no command: remove it, or rename it to the command's name"
        for name in dict.fromkeys(found)
        if name not in known
    ]
    told += [f"help:{name} stands {found.count(name)} times" for name in dict.fromkeys(found)
             if found.count(name) > 1]  # fmt: skip
    return told


def _spoken(name: str) -> str:
    return f"`{PROGRAM}`" if name == PROGRAM else f"`{PROGRAM} {name.replace('-', ' ')}`"


def filled(text: str, help_of: Mapping[str, Callable[[], str]]) -> str:
    """The page with the help of every command put into its block."""
    for name, make in help_of.items():
        text = replace_block(text, f"help:{name}", make())
    return text


def main(arguments: Sequence[str] | None = None) -> int:
    """Run as a script: 0 up to date or written, 1 out of date or not the right blocks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("--page", type=Path, default=PAGE, help="another page than docs/commands")
    asked = parser.parse_args(arguments)
    known = commands(command_line(app))
    old = asked.page.read_text(encoding="utf-8")
    wrong = complaints(old, known)
    if wrong:
        print("\n".join(f"{asked.page.name}: {line}" for line in wrong), file=sys.stderr)
        return 1
    new = filled(old, {name: help_text(*words) for name, words in known.items()})
    if asked.check:
        return differences(old, new, asked.page, REMEDY)
    if new != old:
        asked.page.write_text(new, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
