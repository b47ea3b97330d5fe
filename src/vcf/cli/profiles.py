"""``vcf profiles``: machines to check without owning them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import msgspec

from ..errors import MachineError
from ..machine.load import FILE_LIMIT, load_machine, profile_names, resolve
from ..views.words import label
from .output import console, emit, language, write_text

if TYPE_CHECKING:
    from .options import LangChoice


def description(name: str) -> str:
    """The first line of a profile's description."""
    from ..documents import parse, read_text

    path = resolve(name)
    said = parse(read_text(path, FILE_LIMIT, MachineError), path, MachineError)
    return str(said.get("description", "")).strip().split("\n")[0]


def run_list(*, as_json: bool, lang: LangChoice | None) -> int:
    """Every profile with its description."""
    names = profile_names()
    if as_json:
        rows = [{"name": name, "description": description(name)} for name in names]
        write_text(msgspec.json.format(msgspec.json.encode(rows), indent=2).decode() + "\n", None)
        return 0
    from rich.table import Table
    from rich.text import Text

    words = language(lang)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(label("profile", words), no_wrap=True)
    table.add_column(label("description", words), overflow="fold", ratio=1)
    for name in names:
        table.add_row(Text(name, style="cyan"), Text(description(name)))
    emit(console(), table)
    return 0


def run_show(name: str, *, as_json: bool, lang: LangChoice | None) -> int:
    """One machine's facts."""
    machine = load_machine(name)
    if as_json:
        text = msgspec.json.format(msgspec.json.encode(machine), indent=2).decode()
        write_text(text + "\n", None)
        return 0
    from .probe import show

    show(machine, language(lang))
    return 0
