"""Names of languages, terms of licences, sizes of models in a word."""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec.structs import replace

from ..catalogue.model import Licence
from ..machine.model import Machine
from ..plain import shown
from .words import Lang, label

LANGUAGES: dict[str, tuple[str, str]] = {
    "zh": ("Chinese", "中文"), "en": ("English", "英语"), "ja": ("Japanese", "日语"),
    "ko": ("Korean", "韩语"), "es": ("Spanish", "西班牙语"), "ar": ("Arabic", "阿拉伯语"),
    "my": ("Burmese", "缅甸语"), "da": ("Danish", "丹麦语"), "nl": ("Dutch", "荷兰语"),
    "fi": ("Finnish", "芬兰语"), "fr": ("French", "法语"), "de": ("German", "德语"),
    "el": ("Greek", "希腊语"), "he": ("Hebrew", "希伯来语"), "hi": ("Hindi", "印地语"),
    "id": ("Indonesian", "印尼语"), "it": ("Italian", "意大利语"), "km": ("Khmer", "高棉语"),
    "lo": ("Lao", "老挝语"), "ms": ("Malay", "马来语"), "no": ("Norwegian", "挪威语"),
    "pl": ("Polish", "波兰语"), "pt": ("Portuguese", "葡萄牙语"), "ru": ("Russian", "俄语"),
    "sw": ("Swahili", "斯瓦希里语"), "sv": ("Swedish", "瑞典语"), "tl": ("Tagalog", "他加禄语"),
    "th": ("Thai", "泰语"), "tr": ("Turkish", "土耳其语"), "vi": ("Vietnamese", "越南语"),
}  # fmt: skip
"""By ISO 639-1 code, those that most readers look for first."""
SEVERAL = 6
"""Languages from which their number is told too."""


def languages(codes: Sequence[str], lang: Lang, most: int | None = None) -> str:
    """``Chinese, English``; ``30 languages: …`` where they are many. ``most``: how many are named;
    an unknown code stands for itself."""
    order = {code: index for index, code in enumerate(LANGUAGES)}
    sorted_codes = sorted(codes, key=lambda code: order.get(code, len(order)))
    names = [
        LANGUAGES[code][lang == "zh"] if code in LANGUAGES else shown(code, 20)
        for code in sorted_codes
    ]
    kept = names if most is None else names[:most]
    told = ("、" if lang == "zh" else ", ").join(kept)
    if len(kept) < len(names):
        told += " …" if lang == "en" else "等"
    if len(names) < SEVERAL:
        return told
    return label("report-languages", lang).format(count=len(names), names=told)


def commercial(licence: Licence, lang: Lang) -> str:
    """Whether it may be used for business."""
    return label(f"report-commercial-{licence.commercial}", lang)


def parameters(millions: float, lang: Lang) -> str:
    """``2.38 B``; in Chinese ``23.8 亿``."""
    return f"{millions / 100:.1f} 亿" if lang == "zh" else f"{millions / 1000:.2f} B"


def tame(machine: Machine) -> Machine:
    """The machine with names that can't pass for marks of a report: what looks like a number of a
    source, a command or an address in them would become a link."""

    def plain(text: str | None) -> str | None:
        return None if text is None else _MARKS.sub(lambda found: _TAMED[found[0]], text)

    return replace(
        machine,
        name=plain(machine.name) or "",
        os_version=plain(machine.os_version),
        cpu=replace(machine.cpu, model=plain(machine.cpu.model)),
        gpus=None
        if machine.gpus is None
        else [replace(gpu, name=plain(gpu.name)) for gpu in machine.gpus],
    )


_TAMED = {"[": "(", "]": ")", "`": "'", "://": ":/", "www.": "www·"}
_MARKS = re.compile(r"\[(?=\d+\])|(?<=\d)\]|`|://|www\.")
