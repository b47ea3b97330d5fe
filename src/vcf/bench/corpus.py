"""The texts that are spoken: three lengths in two languages, written for vcf."""

from __future__ import annotations

import hashlib
from typing import Literal, get_args

import msgspec

Length = Literal["short", "medium", "long"]
TextLang = Literal["en", "zh"]

CHARACTERS_S: dict[TextLang, float] = {"en": 14.0, "zh": 4.5}
"""Characters that are spoken in a second, about; blanks and punctuation counted."""
LONGEST = 5000
"""Characters of a text of one's own: some six minutes."""

_TEXTS: dict[tuple[TextLang, Length], str] = {
    ("en", "short"): "The kettle is on, so please take a seat.",
    ("en", "medium"): (
        "When the ferry leaves the harbour at half past six, the lights of the old town grow "
        "small behind us, and the wind smells of salt and rain."
    ),
    ("en", "long"): (
        "When the ferry leaves the harbour at half past six, the lights of the old town grow "
        "small behind us, and the wind smells of salt and rain. A boy in a yellow coat counts "
        "the gulls aloud, loses his place at fourteen, and begins again. His grandmother pours "
        "tea from a steel flask and tells him that nobody has ever finished counting them, "
        "which he takes as a promise that he will be the first."
    ),
    ("zh", "short"): "水已经烧好，请先坐下吧。",
    ("zh", "medium"): "六点半渡轮驶离港口，老城的灯火在身后渐渐变小，海风里带着盐和雨的气味。",
    ("zh", "long"): (
        "六点半渡轮驶离港口，老城的灯火在身后渐渐变小，海风里带着盐和雨的气味。一个穿黄色雨衣的"
        "男孩大声数着海鸥，数到十四就乱了，只好从头再来。奶奶从保温壶里倒出热茶，对他说，从来没有人"
        "数得完它们。男孩听了很高兴，他觉得这就是说，他会成为第一个数完的人。"
    ),
}
SECONDS: dict[Length, float] = {"short": 2.0, "medium": 8.0, "long": 25.0}
"""Of speech: what is forced where a length is forced, and about what a voice takes."""


class Script(msgspec.Struct, frozen=True, kw_only=True):
    """What is spoken."""

    name: Literal["short", "medium", "long", "own"]
    lang: TextLang
    text: str
    seconds: float
    """That a voice would take, about."""

    @property
    def sha256(self) -> str:
        """Of its UTF-8."""
        return hashlib.sha256(self.text.encode()).hexdigest()


def packaged(length: Length, lang: TextLang) -> Script:
    """One of the texts that come with vcf."""
    return Script(name=length, lang=lang, text=_TEXTS[lang, length], seconds=SECONDS[length])


def own(text: str) -> Script:
    """A text of somebody's own; Chinese where most of its letters are."""
    chinese = sum("\u4e00" <= letter <= "\u9fff" for letter in text)
    lang: TextLang = "zh" if 2 * chinese > len("".join(text.split())) else "en"
    return Script(name="own", lang=lang, text=text, seconds=len(text) / CHARACTERS_S[lang])


def long_enough(seconds: float, lang: TextLang) -> Script:
    """The shortest packaged text that is spoken in about so long, or the longest there is,
    repeated: the package allows only so much sound for a token of text."""
    for length in get_args(Length):
        if SECONDS[length] >= seconds:
            return packaged(length, lang)
    longest = packaged("long", lang)
    times = int(seconds // SECONDS["long"]) + 1
    text = " ".join([longest.text] * times)
    return msgspec.structs.replace(longest, text=text, seconds=longest.seconds * times)
