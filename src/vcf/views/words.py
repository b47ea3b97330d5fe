"""Messages and catalogue texts put into words of one language."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Literal

from ..catalogue.model import Catalogue, Text
from ..judge.model import Message
from ..plain import shown
from .labels import LABELS
from .texts import TEXTS

Lang = Literal["en", "zh"]
LONGEST = 2000
"""Characters of a value in a sentence: no command is longer, but a machine file may be hostile."""


def say(message: Message, lang: Lang) -> str:
    """A message in words."""
    template = TEXTS[message.id][lang == "zh"]
    if not message.values:
        return template
    return template.format_map({key: _safe(v, lang) for key, v in message.values.items()})


def _safe(value: str | int | float | Text, lang: Lang) -> str:
    if isinstance(value, str):
        plain = value.isascii() and value.isprintable() and len(value) <= LONGEST
        return value if plain else shown(value, LONGEST)
    return tell(value, lang) if isinstance(value, Text) else str(value)


def tell(text: Text, lang: Lang) -> str:
    """A catalogue text in one language."""
    return text.zh if lang == "zh" else text.en


def label(key: str, lang: Lang) -> str:
    """A word of the user interface."""
    return LABELS[key][lang == "zh"]


def listed(parts: Iterable[str], lang: Lang) -> str:
    """Names one after the other: ``a, b, c``, in Chinese ``a、b、c``."""
    return ("、" if lang == "zh" else ", ").join(parts)


def joined(parts: Iterable[str], lang: Lang) -> str:
    """Clauses one after the other: ``a, b``, in Chinese ``a，b``."""
    return ("，" if lang == "zh" else ", ").join(parts)


def colon(name: str, value: str, lang: Lang) -> str:
    """``name: value``, in Chinese with its own colon."""
    return f"{name}：{value}" if lang == "zh" else f"{name}: {value}"


def default_lang() -> Lang:
    """The language of the environment: Chinese for any zh locale, else English."""
    for name in ("VCF_LANG", "LC_ALL", "LC_MESSAGES", "LANG"):
        value = os.environ.get(name)
        if value:
            return "zh" if value.lower().startswith("zh") else "en"
    return _system_lang()


def _system_lang() -> Lang:
    """Windows and macOS start programs without LANG."""
    if os.name != "nt":
        return "en"
    import ctypes

    windll = getattr(ctypes, "windll", None)
    if windll is None:
        return "en"
    primary = int(windll.kernel32.GetUserDefaultUILanguage()) & 0x3FF
    return "zh" if primary == 0x04 else "en"  # LANG_CHINESE


def source_text(key: str | None, catalogue: Catalogue) -> str | None:
    """A source as people can follow it: title, date, address."""
    if key is None:
        return None
    source = catalogue.sources.get(key)
    if source is None:
        return key
    told = f"{source.title}, {source.date}"
    return f"{told}: {source.url}" if source.url else told
