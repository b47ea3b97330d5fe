"""Chinese sample text for the recipes of a Chinese report."""

from __future__ import annotations

import re

SAMPLES = {
    "AI speech technology is developing quickly.": "AI 语音技术正在快速发展。",
    "The exact words of reference.wav": "reference.wav 的逐字文本",
    "This is my cloned voice.": "这是我克隆的声音。",
}
"""What the recipes say and which words they want, by the English of the catalogue."""
_LANG = (
    (re.compile(r'\blang="EN"'), 'lang="ZH"'),
    (re.compile(r"--lang EN\b"), "--lang ZH"),
    (re.compile(r"--(lang|language) en\b"), r"--\1 zh"),
)


def in_chinese(code: str) -> str:
    """A recipe with Chinese to speak, and told so where it names the language of the text. Code
    without a sample text that is known stays as it is."""
    made = code
    for english, chinese in SAMPLES.items():
        made = made.replace(english, chinese)
    if made == code:
        return code
    for pattern, chinese in _LANG:
        made = pattern.sub(chinese, made)
    return made
