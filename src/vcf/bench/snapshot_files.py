"""Whether single files of a model's folder are whole, as far as can be told without reading the
weights: UsageError names the file, what is wrong with it and how to mend it."""

from __future__ import annotations

import json
import math
import stat
import struct
import zipfile
from pathlib import Path
from typing import Any

from ..errors import UsageError
from ..plain import shown
from ..units import gb

LARGEST_JSON = 64 << 20
"""Bytes; a tokenizer has up to 20 million."""
LARGEST_HEADER = 100_000_000
"""Bytes that safetensors takes for the table of a file."""
POINTER = b"version https://git-lfs"
"""How a file begins that stands for one that git has not fetched."""
AGAIN = "fetch the file again, or leave the download to vcf: --weights hub"

_BYTES = {
    "BOOL": 1, "U8": 1, "I8": 1, "F8_E4M3": 1, "F8_E5M2": 1, "I16": 2, "U16": 2, "F16": 2,
    "BF16": 2, "I32": 4, "U32": 4, "F32": 4, "I64": 8, "U64": 8, "F64": 8,
}  # fmt: skip

Shapes = dict[str, tuple[int, ...]]
"""Of the tensors in a file, by name."""


def named(path: Path) -> str:
    """A path as messages show it."""
    return shown(str(path), 300)


def sizes(found: int, wanted: int) -> tuple[str, str]:
    """Two sizes in words that differ where the sizes do. What a damaged table says may have any
    number of digits."""
    if wanted >= 10**18:
        return gb(found) if found >= 10**8 else f"{found:,} bytes", "> 1 EB"
    words = gb(found), gb(wanted)
    if words[0] != words[1] and found >= 10**8:
        return words
    return f"{found:,} bytes", f"{wanted:,} bytes"


def file_size(path: Path, hint: str = AGAIN) -> int:
    """Bytes of a regular file. ``hint``: how to mend it where it is no file of a snapshot.

    Raises UsageError: there is none, or it can't be reached.
    """
    try:
        known = path.stat()
    except FileNotFoundError:
        if path.is_symlink():
            raise UsageError(f"{named(path)} is a link to a file that is gone", hint) from None
        raise UsageError(f"{named(path)} is missing", hint) from None
    except (OSError, ValueError) as error:
        raise unreadable(path, error) from None
    if not stat.S_ISREG(known.st_mode):
        raise UsageError(f"{named(path)} is not a file", hint)
    return known.st_size


def unreadable(path: Path, error: Exception) -> UsageError:
    """What is said of a file that the system does not give."""
    why = getattr(error, "strerror", None) or str(error)
    return UsageError(f"{named(path)} can't be read: {why}", "check the path and its rights")


def read_object(path: Path) -> dict[str, Any]:
    """The object in a JSON file. Raises UsageError: missing, too long, no JSON, no object."""
    size = file_size(path)
    if size > LARGEST_JSON:
        raise UsageError(f"{named(path)} is too long: {size:,} bytes", AGAIN)
    try:
        found = json.loads(path.read_bytes().decode("utf-8"))
    except OSError as error:
        raise unreadable(path, error) from None
    except UnicodeDecodeError:
        raise UsageError(f"{named(path)} is not UTF-8", "save it as UTF-8, or " + AGAIN) from None
    except (ValueError, RecursionError) as error:
        where = f" in line {error.lineno}" if isinstance(error, json.JSONDecodeError) else ""
        raise UsageError(f"{named(path)} is no valid JSON{where}", AGAIN) from None
    if not isinstance(found, dict):
        raise UsageError(f"{named(path)} holds no JSON object", AGAIN)
    return found


def check_weights(path: Path) -> Shapes | None:
    """Look at a file of weights, its table only. None: a pickle, whose tensors are not looked at.

    Raises UsageError: it is cut short, too long, or something else than weights.
    """
    size = file_size(path)
    try:
        with path.open("rb") as stream:
            start = stream.read(len(POINTER))
        if start == POINTER:
            raise UsageError(f"{named(path)} only points to the weights", "run: git lfs pull")
        if not start:
            raise UsageError(f"{named(path)} is empty", AGAIN)
        if path.suffix == ".safetensors":
            return _safetensors(path, size)
        _pickle(path, start)
    except OSError as error:
        raise unreadable(path, error) from None
    return None


def _pickle(path: Path, start: bytes) -> None:
    """torch writes a ZIP archive, whose list stands at its end; long ago it wrote bare pickles."""
    if start.startswith(b"PK"):
        try:
            zipfile.ZipFile(path).close()
        except (zipfile.BadZipFile, ValueError, EOFError, NotImplementedError):
            what = "is cut short or damaged: the list at the end of the archive is missing"
            raise UsageError(f"{named(path)} {what}", AGAIN) from None
    elif not start.startswith(b"\x80"):
        raise UsageError(f"{named(path)} holds no weights of torch", AGAIN)


def _safetensors(path: Path, size: int) -> Shapes:
    """Its tensors. The table tells how long the file has to be."""
    with path.open("rb") as stream:
        first = stream.read(8)
        length = struct.unpack("<Q", first)[0] if len(first) == 8 else 0
        if not 2 <= length <= LARGEST_HEADER:
            raise UsageError(f"{named(path)} is no safetensors file", AGAIN)
        text = stream.read(length)
    if len(text) < length:
        raise UsageError(f"{named(path)} is cut short within its table, at {size:,} bytes", AGAIN)
    try:
        shapes, last = _table(json.loads(text.decode("utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError, RecursionError):
        raise UsageError(f"{named(path)}: its table of tensors is damaged", AGAIN) from None
    wanted = 8 + length + last
    if size != wanted:
        found, all_of_it = sizes(size, wanted)
        what = f"cut short: {found} of {all_of_it} are there"
        if size > wanted:
            what = f"too long: {found}, its table says {all_of_it}"
        raise UsageError(f"{named(path)} is {what}", AGAIN)
    return shapes


MOST_DIMENSIONS = 16
"""Of a tensor."""


def _table(table: dict[str, Any]) -> tuple[Shapes, int]:
    """Shapes, and the bytes of all tensors. Raises ValueError and its like for nonsense."""
    shapes: Shapes = {}
    spans: list[tuple[int, int]] = []
    for name, entry in table.items():
        if name == "__metadata__":
            continue
        shape, (start, end) = entry["shape"], entry["data_offsets"]
        numbers = (*shape, start, end)
        if not all(type(number) is int and 0 <= number < 1 << 63 for number in numbers):
            raise ValueError(name)
        if end < start or len(shape) > MOST_DIMENSIONS:
            raise ValueError(name)
        each = _BYTES.get(entry["dtype"])
        if each is not None and end - start != each * math.prod(shape):
            raise ValueError(name)
        shapes[name] = tuple(shape)
        spans.append((start, end))
    last = 0
    for start, end in sorted(spans):
        if start != last:  # neither gaps nor overlaps, as safetensors itself wants it
            raise ValueError("offsets")
        last = end
    if not shapes:
        raise ValueError("no tensors")
    return shapes, last
