"""GGUF files, their table only: which model one holds, in which precision, and whether it is whole.

The weights themselves are not read. Everything in the table is data of strangers: counts, lengths
and offsets are checked before anything is allocated or passed over.
"""

from __future__ import annotations

import codecs
import math
import struct
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO

import msgspec

from ..errors import UsageError
from ..plain import shown
from .snapshot_files import POINTER, file_size, named, sizes, unreadable

MAGIC = b"GGUF"
VERSIONS = (2, 3)
LARGEST_TABLE = 64 << 20
"""Bytes; a tokenizer of 150 000 pieces has about 5 million."""
MOST_KEYS, MOST_TENSORS, MOST_DIMENSIONS = 10_000, 100_000, 4
LONGEST_TEXT, LONGEST_NAME = 4 << 20, 1024
MOST_ITEMS = 2_000_000
"""Of an array."""
NUMBERS = {
    0: "B",
    1: "b",
    2: "H",
    3: "h",
    4: "I",
    5: "i",
    6: "f",
    7: "?",
    10: "Q",
    11: "q",
    12: "d",
}
"""Types of values as struct calls them."""
TEXT, ARRAY = 8, 9
TYPES = {
    0: ("F32", 1, 4), 1: ("F16", 1, 2), 2: ("Q4_0", 32, 18), 3: ("Q4_1", 32, 20),
    6: ("Q5_0", 32, 22), 7: ("Q5_1", 32, 24), 8: ("Q8_0", 32, 34), 9: ("Q8_1", 32, 36),
    10: ("Q2_K", 256, 84), 11: ("Q3_K", 256, 110), 12: ("Q4_K", 256, 144),
    13: ("Q5_K", 256, 176), 14: ("Q6_K", 256, 210), 15: ("Q8_K", 256, 292),
    16: ("IQ2_XXS", 256, 66), 17: ("IQ2_XS", 256, 74), 18: ("IQ3_XXS", 256, 98),
    19: ("IQ1_S", 256, 50), 20: ("IQ4_NL", 32, 18), 21: ("IQ3_S", 256, 110),
    22: ("IQ2_S", 256, 82), 23: ("IQ4_XS", 256, 136), 24: ("I8", 1, 1), 25: ("I16", 1, 2),
    26: ("I32", 1, 4), 27: ("I64", 1, 8), 28: ("F64", 1, 8), 29: ("IQ1_M", 256, 56),
    30: ("BF16", 1, 2), 34: ("TQ1_0", 256, 54), 35: ("TQ2_0", 256, 66), 39: ("MXFP4", 32, 17),
}  # fmt: skip
"""Types of tensors: name, numbers in a block, bytes of a block."""
AGAIN = "fetch or convert the file again"
START = 1024
"""Bytes by which another kind of file is known."""
OTHERS = {
    (b"<!doctype html", b"<html", b"<head"): "a web page",
    (b"<?xml", b"<!doctype", b"<error"): "an XML page, as servers send for an error",
    (b"{", b"["): "a JSON text, as servers send for an error",
}
"""What is saved in place of weights where a download went wrong, by its beginning."""
LARGE = 10**15
"""Numbers above are shown as no more than that."""


class Tensor(msgspec.Struct, frozen=True, kw_only=True):
    """One tensor as the table has it."""

    shape: tuple[int, ...]
    """In the order of the file: the innermost dimension first."""
    type: str
    """``F32``, ``Q4_K`` …"""
    offset: int
    """From the beginning of the data."""
    bytes: int

    @property
    def count(self) -> int:
        """Numbers in it."""
        return math.prod(self.shape)


class Gguf(msgspec.Struct, frozen=True, kw_only=True):
    """A file that is whole."""

    path: Path
    version: int
    size_bytes: int
    metadata: dict[str, Any]
    """Numbers, texts, truth values, and lists of these, by key."""
    tensors: dict[str, Tensor]

    @property
    def architecture(self) -> str:
        """As the file calls it; empty where it does not."""
        return self.text("general.architecture")

    @property
    def name(self) -> str:
        """As the file calls it; empty where it does not."""
        return self.text("general.name")

    def text(self, key: str) -> str:
        """A text of the metadata; empty where there is none."""
        found = self.metadata.get(key)
        return found if isinstance(found, str) else ""

    @property
    def quantisation(self) -> str:
        """The type that holds most of the numbers."""
        return self.types().most_common(1)[0][0]

    def types(self, without: str = "\0") -> Counter[str]:
        """Numbers by type, of the tensors whose name does not begin so."""
        found: Counter[str] = Counter()
        for name, tensor in self.tensors.items():
            if not name.startswith(without):
                found[tensor.type] += tensor.count
        return found


def read_gguf(path: Path) -> Gguf:
    """The table of a file. Raises UsageError: missing, cut short, damaged, or something else."""
    size = file_size(path, f"check the path, or {AGAIN}")
    try:
        with path.open("rb") as stream:
            _check_kind(path, stream.read(START))
            stream.seek(0)
            return _read(path, size, _Table(stream, min(size, LARGEST_TABLE)))
    except OSError as error:
        raise unreadable(path, error) from None
    except _CutShort:
        if size > LARGEST_TABLE:
            raise UsageError(f"{named(path)}: its table is too long", AGAIN) from None
        what = f"is cut short within its table, at {size:,} bytes"
        raise UsageError(f"{named(path)} {what}", AGAIN) from None
    except _Nonsense as error:
        raise UsageError(f"{named(path)}: its table is damaged: {error}", AGAIN) from None


def _check_kind(path: Path, start: bytes) -> None:
    if start.startswith(POINTER[: len(start)]) and start:
        raise UsageError(f"{named(path)} only points to the weights", "run: git lfs pull")
    if not start:
        raise UsageError(f"{named(path)} is empty", AGAIN)
    text = start.removeprefix(codecs.BOM_UTF8).lstrip().lower()
    for begins, what in OTHERS.items():
        if text.startswith(begins):
            raise UsageError(f"{named(path)} is {what}, not weights", "take the download link")
    if not start.startswith(MAGIC):
        hint = AGAIN if path.suffix.lower() == ".gguf" else "name a file that ends in .gguf"
        raise UsageError(f"{named(path)} is no GGUF file", hint)
    if len(start) >= 8:
        version = struct.unpack("<I", start[4:8])[0]
        if version not in VERSIONS:
            swapped = struct.unpack(">I", start[4:8])[0]
            what = f"is a GGUF file of version {version}, vcf reads 2 and 3"
            if swapped in VERSIONS:
                what = "is a GGUF file for big-endian machines"
            raise UsageError(f"{named(path)} {what}", "convert it again")


def _short(number: int) -> str:
    return f"{number:,}" if number <= LARGE else "> 1e15"


def _key(key: str) -> str:
    """A name as messages show it; one that can't be seen in quotes."""
    return shown(key) if key.strip() else f"'{shown(key)}'"


class _CutShort(Exception):
    """The table goes on behind the end."""


class _Nonsense(Exception):
    """What the table says can't be."""


class _Table:
    """Reads one value after the other, never more than there is."""

    def __init__(self, stream: BinaryIO, limit: int) -> None:
        self._stream, self._left, self.at = stream, limit, 0

    def take(self, count: int) -> bytes:
        """So many bytes."""
        if count > self._left:
            raise _CutShort
        found = self._stream.read(count)
        if len(found) < count:
            raise _CutShort
        self._left -= count
        self.at += count
        return found

    def number(self, kind: str) -> Any:
        """A number of a type of struct."""
        return struct.unpack("<" + kind, self.take(struct.calcsize("<" + kind)))[0]

    def count(self, most: int, what: str) -> int:
        """A count that may be so high."""
        found = int(self.number("Q"))
        if found > most:
            raise _Nonsense(f"{_short(found)} {what}")
        return found

    def text(self, longest: int = LONGEST_TEXT) -> str:
        """A text; what is no UTF-8 is replaced."""
        return self.take(self.count(longest, "bytes of text")).decode("utf-8", "replace")

    def value(self, kind: int, depth: int = 0) -> Any:
        """A value of a type of GGUF."""
        if kind in NUMBERS:
            return self.number("B") != 0 if NUMBERS[kind] == "?" else self.number(NUMBERS[kind])
        if kind == TEXT:
            return self.text()
        if kind != ARRAY or depth:
            raise _Nonsense(f"a value of type {kind}")
        item = self.number("I")
        small = item in NUMBERS and struct.calcsize(NUMBERS[item]) == 1  # a file within the file
        count = self.count(LARGEST_TABLE if small else MOST_ITEMS, "items of an array")
        if item in NUMBERS:
            each = NUMBERS[item]
            return list(struct.unpack(f"<{count}{each}", self.take(count * struct.calcsize(each))))
        return [self.value(item, 1) for _ in range(count)]


def _read(path: Path, size: int, table: _Table) -> Gguf:
    table.take(len(MAGIC))
    version = table.number("I")
    tensor_count = table.count(MOST_TENSORS, "tensors")
    key_count = table.count(MOST_KEYS, "keys")
    metadata = _pairs(lambda: table.text(LONGEST_NAME), lambda: table.value(table.number("I")),
                      key_count, "key")  # fmt: skip
    tensors = _pairs(lambda: table.text(LONGEST_NAME), lambda: _tensor(table),
                     tensor_count, "tensor")  # fmt: skip
    if not tensors:
        raise _Nonsense("no tensors")
    alignment = metadata.get("general.alignment", 32)
    if type(alignment) is not int or not 1 <= alignment <= 1 << 20:
        raise _Nonsense("alignment")
    begin = -(-table.at // alignment) * alignment
    _check_places(path, size, begin, alignment, tensors)
    return Gguf(path=path, version=version, size_bytes=size, metadata=metadata, tensors=tensors)


def _pairs(
    name: Callable[[], str], value: Callable[[], Any], count: int, what: str
) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for _ in range(count):
        key = name()
        if key in found:
            raise _Nonsense(f"{what} {_key(key)} twice")
        found[key] = value()
    return found


def _tensor(table: _Table) -> Tensor:
    dimensions = table.number("I")
    if not 0 < dimensions <= MOST_DIMENSIONS:
        raise _Nonsense(f"a tensor of {dimensions} dimensions")
    shape = tuple(table.number("Q") for _ in range(dimensions))
    kind, offset = table.number("I"), table.number("Q")
    if kind not in TYPES:
        raise _Nonsense(f"a tensor of type {kind}")
    name, block, each = TYPES[kind]
    if not all(shape) or max(shape) >= 1 << 40 or shape[0] % block:
        raise _Nonsense(f"a tensor of shape {'x'.join(map(_short, shape))} in {name}")
    return Tensor(shape=shape, type=name, offset=offset, bytes=math.prod(shape) // block * each)


def _check_places(
    path: Path, size: int, begin: int, alignment: int, tensors: dict[str, Tensor]
) -> None:
    """The tensors follow each other, and the file is as long as they are."""
    last = 0
    for tensor in sorted(tensors.values(), key=lambda tensor: tensor.offset):
        if tensor.offset < last or tensor.offset % alignment:
            raise _Nonsense("tensors that overlap or lie askew")
        last = tensor.offset + tensor.bytes
    wanted = begin + last
    if size < wanted:
        found, all_of_it = sizes(size, wanted)
        raise UsageError(f"{named(path)} is cut short: {found} of {all_of_it} are there", AGAIN)
    if size > wanted + max(alignment, 4096):
        found, all_of_it = sizes(size, wanted)
        raise UsageError(f"{named(path)} is too long: {found}, its table says {all_of_it}", AGAIN)
