"""rocm-smi, asked only for the names of AMD cards that nothing else names.

amd-smi is not asked: its only listings with names carry serial numbers as well.
"""

from __future__ import annotations

import json
import re

from ..host import Host, Unanswered
from .found import GpuFound, normal_bus

COMMAND = ("rocm-smi", "--showproductname", "--showbus", "--json")
_LINE = re.compile(r"GPU\[(\d+)\]\s*:\s*([^:]+?)\s*:\s*(.*\S)")
_NAME_KEYS = ("card series", "card model", "device name")
_BRACKETS = re.compile(r"\[([^\[\]]+)\]\s*$")


def _from_json(text: str) -> dict[str, dict[str, str]]:
    start, end = text.find("{"), text.rfind("}")
    try:
        cards = json.loads(text[start : end + 1]) if start >= 0 else {}
    except ValueError:
        return {}
    return {
        card: {str(key).lower(): str(value) for key, value in facts.items()}
        for card, facts in cards.items()
        if isinstance(facts, dict)
    }


def _from_lines(text: str) -> dict[str, dict[str, str]]:
    cards: dict[str, dict[str, str]] = {}
    for index, key, value in _LINE.findall(text):
        cards.setdefault(index, {})[key.lower()] = value.strip()
    return cards


def _name(facts: dict[str, str]) -> str | None:
    for key in _NAME_KEYS:
        value = facts.get(key, "").strip()
        bracket = _BRACKETS.search(value)
        value = bracket[1].strip() if bracket else value
        if value and not value.upper().startswith(("N/A", "0X")):
            return value
    return None


def parse(text: str) -> dict[str, str]:
    """Names by PCI address, from JSON or ``GPU[0] : key : value`` lines; "N/A" is no name."""
    named = {}
    for facts in (_from_json(text) or _from_lines(text)).values():
        bus, name = normal_bus(facts.get("pci bus")), _name(facts)
        if bus and name:
            named[bus] = name
    return named


def fill_names(host: Host, founds: list[GpuFound]) -> None:
    """Name the cards that have no name yet."""
    try:
        named = parse(host.run(*COMMAND))
    except Unanswered as error:
        for found in founds:
            found.miss("name", error)
        return
    for found in founds:
        if found.bus in named:
            found.know("name", named[found.bus], "rocm-smi")
        else:
            found.miss("name", "rocm-smi does not tell it")
