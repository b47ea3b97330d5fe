"""``vcf probe``: the facts about this machine."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from ..errors import UsageError
from ..machine.model import Machine
from ..views.words import Lang, label
from .output import console, emit, language, sink, talk, write_text

if TYPE_CHECKING:
    from .options import LangChoice


def run(
    *,
    save: str | None,
    raw: bool,
    deep: bool,
    as_json: bool,
    lang: LangChoice | None,
    verbose: bool,
) -> int:
    """Probe and show, save, or dump the raw answers."""
    words = language(lang)
    if raw and (save or deep):
        raise UsageError("--raw stands alone", "run it without --save and --deep")
    if raw:
        from ..machine.probe import live_host
        from ..machine.raw import collect_raw

        write_text(_json(collect_raw(live_host())), None)
        return 0
    from ..machine.probe import probe

    machine = probe(note=talk if verbose else None)
    asked = _deep() if deep else None
    if save is not None:
        write_machine(machine, save)
        talk(label("saved", words).format(path=save), "")
    if as_json:
        data = msgspec.to_builtins(machine)
        write_text(_json(data if asked is None else {**data, "deep": asked}), None)
    elif save is None or deep:
        show(machine, words, asked)
    return 0


def _deep() -> dict[str, Any]:
    from ..machine.deep import ask_torch

    return ask_torch()


def _json(data: Any) -> str:
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode() + "\n"


def write_machine(machine: Machine, path: str) -> None:
    """Write a machine file that ``check --machine`` replays; YAML unless it ends in .json."""
    data = msgspec.to_builtins(machine)
    if path.endswith(".json"):
        text = _json(data)
    else:
        import yaml

        text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
    with sink(path) as file:
        file.write(text.encode())


def show(machine: Machine, lang: Lang, deep: dict[str, Any] | None = None) -> None:
    """A table of facts: path, value, source or the reason that it is unknown."""
    from rich.table import Table
    from rich.text import Text

    from ..plain import shown
    from ..views.facts import facts

    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column(label("fact", lang), no_wrap=True, overflow="ellipsis", max_width=28)
    table.add_column(label("value", lang), overflow="fold", ratio=3)
    table.add_column(label("source", lang), overflow="fold", ratio=2, style="dim")
    for fact in facts(machine):
        path = Text(shown(fact.path))
        if fact.known:
            table.add_row(path, Text(fact.value or ""), Text(shown(fact.source, 80)))
        else:
            why = label("unknown-fact", lang).format(why=shown(fact.source, 120))
            table.add_row(path, Text(why, style="magenta"), Text(""))
    for key, value in (deep or {}).items():
        table.add_row(Text(f"torch.{key}"), Text(shown(str(value), 300)), Text("torch"))
    emit(console(), table)
