"""Tokenizer files for random weights of IndexTTS: made-up vocabularies of the true sizes.

Words of English fall into pieces of about three letters, a Chinese character is one token, so a
text makes somewhat more tokens than with the true files: enough like it that a sentence stays one
segment. Nothing but the standard library is needed.
"""

from __future__ import annotations

import base64
import itertools
import string
import struct
from collections.abc import Iterator

TIKTOKEN = "multilingual_zh_ja_yue_char_del.tiktoken"
"""The one name that the loader of 2.5 opens."""
RANKS = 58836
"""Tokens in that file; special ones follow."""
PIECES = 12000
"""Of bpe.model."""
SPACE = "\u2581"
"""How sentencepiece writes a blank."""
LETTERS = "etaoinshrdlucmfwygpbvkxqjz"
"""From the frequent to the rare."""
MARKS = ".,!?'-:;\"()" + string.digits + "，。！？、；："


def tiktoken_file() -> bytes:
    """Lines of a token in base64 and its rank."""
    seen = dict.fromkeys(itertools.islice(_tokens(), RANKS * 2))  # some come twice
    chosen = list(seen)[:RANKS]
    lines = (b"%s %d\n" % (base64.b64encode(token), rank) for rank, token in enumerate(chosen))
    return b"".join(lines)


def _tokens() -> Iterator[bytes]:
    """Bytes, then longer ones; each can be joined from two that come before it."""
    yield from (bytes([value]) for value in range(256))
    han = [chr(code).encode() for code in range(0x4E00, 0xA000)]
    yield from dict.fromkeys(one[:2] for one in han)
    yield from han
    for one, other in itertools.product(LETTERS, repeat=2):
        yield (one + other).encode()
    yield from (f" {one}".encode() for one in LETTERS)
    for three in itertools.product(LETTERS, repeat=3):
        yield f" {''.join(three)}".encode()  # a blank with a letter, and a pair
    for four in itertools.product(LETTERS, repeat=4):
        yield "".join(four).encode()


def bpe_model() -> bytes:
    """A model of sentencepiece, as protobuf."""
    pieces = [("<s>", 3), ("</s>", 3), ("<unk>", 2)]
    chosen = list(dict.fromkeys(itertools.islice(_pieces(), PIECES * 2)))
    pieces += [(piece, 1) for piece in chosen[: PIECES - len(pieces)]]
    made = b"".join(
        _field(1, _field(1, text.encode()) + _float(2, -float(rank)) + _number(3, kind))
        for rank, (text, kind) in enumerate(pieces)
    )
    # model_type BPE, vocab_size, ids of <unk>, <s>, </s>; no <pad> (-1)
    trainer = _number(3, 2) + _number(4, PIECES) + _number(40, 2) + _number(41, 0)
    trainer += _number(42, 1) + _number(43, (1 << 64) - 1)
    normalizer = _field(1, b"identity") + _number(3, 1) + _number(4, 1) + _number(5, 1)
    return made + _field(2, trainer) + _field(3, normalizer)


def _pieces() -> Iterator[str]:
    """Letters are capitals: the loader turns all of them into such."""
    letters = LETTERS.upper()
    yield from (SPACE, *letters, *MARKS)
    yield from _common_han()
    for one, other in itertools.product(letters, repeat=2):
        yield one + other
    yield from (SPACE + one for one in letters)
    for pair in itertools.product(letters, repeat=2):
        yield SPACE + "".join(pair)
    for three in itertools.product(letters, repeat=3):
        yield SPACE + "".join(three)


def _common_han() -> Iterator[str]:
    """The 3755 characters of the first level of GB 2312."""
    for row in range(0xB0, 0xD8):
        for place in range(0xA1, 0xFF if row < 0xD7 else 0xFA):
            yield bytes((row, place)).decode("gb2312")


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _float(field: int, value: float) -> bytes:
    return _varint(field << 3 | 5) + struct.pack("<f", value)


def _field(field: int, content: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(content)) + content


def _varint(value: int) -> bytes:
    """Seven bits in a byte, the lowest first."""
    made: list[int] = []
    while value > 127:
        made.append(value & 127 | 128)
        value >>= 7
    return bytes([*made, value])
