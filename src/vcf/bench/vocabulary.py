"""A tokenizer for the synthetic checkpoints: BPE with bytes to fall back on, made offline.

The package loads ``LlamaTokenizerFast`` and asks it for pieces and their numbers; 101 to 104
are the marks around audio, which it puts in by number. Pieces here are single characters and
merges of two to five Latin letters: in full size English comes to about two and a half
characters a piece, and Chinese to one, as in the package, which splits longer pieces of it.
"""

from __future__ import annotations

import string
from collections.abc import Iterator
from typing import Any

SPACE = "▁"
MARKS = {101: "<|audio_start|>", 102: "<|audio_end|>", 103: "<|ref_start|>", 104: "<|ref_end|>"}

# Frequent pairs of English letters, the most frequent first.
_PAIRS = [
    "th",
    "he",
    "in",
    "er",
    "an",
    "re",
    "on",
    "at",
    "en",
    "nd",
    "ti",
    "es",
    "or",
    "te",
    "of",
    "ed",
    "is",
    "it",
    "al",
    "ar",
    "st",
    "to",
    "nt",
    "ng",
    "se",
    "ha",
    "as",
    "ou",
    "io",
    "le",
    "ve",
    "co",
    "me",
    "de",
    "hi",
    "ri",
    "ro",
    "ic",
    "ne",
    "ea",
    "ra",
    "ce",
    "li",
    "ch",
    "ll",
    "be",
    "ma",
    "si",
    "om",
    "ur",
    "pe",
    "el",
    "la",
    "ca",
    "us",
    "ot",
    "tr",
    "di",
    "sp",
    "ee",
    "ly",
    "wh",
    "ev",
    "ui",
    "ki",
    "ec",
    "no",
    "lo",
    "gy",
    "oi",
    "ai",
    "qu",
]

_OTHERS = (
    "，。！？：；、“”‘’（）《》【】…—·￥"
    "àâäáãåæçèéêëìíîïñòóôöõøœùúûüýÿßÀÂÄÁÃÅÆÇÈÉÊËÌÍÎÏÑÒÓÔÖÕØŒÙÚÛÜÝ"
)


def tokenizer_files(size: int) -> dict[str, Any]:
    """File name → JSON of a tokenizer with exactly ``size`` pieces, at least 5 000."""
    vocabulary, merges = _pieces(size)
    special = {0: "<unk>", 1: "<s>", 2: "</s>", **MARKS}
    model = {
        "type": "BPE",
        "dropout": None,
        "unk_token": "<unk>",
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": True,
        "byte_fallback": True,
        "vocab": vocabulary,
        "merges": merges,
    }
    tokenizer = {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [_added(number, text) for number, text in special.items()],
        "normalizer": {
            "type": "Sequence",
            "normalizers": [
                {"type": "Prepend", "prepend": SPACE},
                {"type": "Replace", "pattern": {"String": " "}, "content": SPACE},
            ],
        },
        "pre_tokenizer": None,
        "post_processor": None,
        "decoder": {
            "type": "Sequence",
            "decoders": [
                {"type": "Replace", "pattern": {"String": SPACE}, "content": " "},
                {"type": "ByteFallback"},
                {"type": "Fuse"},
                {"type": "Strip", "content": " ", "start": 1, "stop": 0},
            ],
        },
        "model": model,
    }
    names = {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"}
    config = {**names, "tokenizer_class": "LlamaTokenizerFast", "model_max_length": 32768}
    return {"tokenizer.json": tokenizer, "tokenizer_config.json": config}


def _added(number: int, text: str) -> dict[str, Any]:
    flags = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": number, "content": text, **flags, "special": True}


def _pieces(size: int) -> tuple[dict[str, int], list[str]]:
    """Piece → number, and the merges in the order of their rank."""
    pieces = ["<unk>", "<s>", "</s>"]
    pieces += [MARKS.get(number, f"<|reserved_{number}|>") for number in range(3, 105)]
    pieces += [f"<0x{byte:02X}>" for byte in range(256)]
    pieces += [SPACE, *string.printable[:94], *_OTHERS]
    pieces += _common_chinese()
    known = set(pieces)
    merges: list[str] = []
    for left, right in _merges():
        piece = left + right
        if piece not in known and len(pieces) < size:
            known.add(piece)
            pieces.append(piece)
            merges.append(f"{left} {right}")
    for code in range(0x4E00, 0xA000):
        if chr(code) not in known and len(pieces) < size:
            pieces.append(chr(code))
    pieces += [f"<|reserved_{number}|>" for number in range(len(pieces), size)]
    return {piece: number for number, piece in enumerate(pieces)}, merges


def _common_chinese() -> list[str]:
    """The 3 755 characters of the first level of GB 2312."""
    rows = range(0xB0, 0xD8)
    codes = (bytes((row, cell)) for row in rows for cell in range(0xA1, 0xFF))
    # the last row of the level is not full
    return [code.decode("gb2312") for code in codes if code < b"\xd7\xfa"]


def _merges() -> Iterator[tuple[str, str]]:
    letters = string.ascii_lowercase
    yield from ((pair[0], pair[1]) for pair in _PAIRS)
    yield from ((SPACE, letter) for letter in letters)
    yield from ((SPACE, pair) for pair in _PAIRS)
    yield from ((first, second) for first in letters for second in letters)
    yield from ((left, right) for left in _PAIRS for right in _PAIRS)
    yield from ((SPACE + left, right) for left in _PAIRS for right in _PAIRS)
    yield from ((pair, letter) for pair in _PAIRS for letter in letters)
