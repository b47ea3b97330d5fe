"""Random weights written as a safetensors file, a few million numbers at a time.

Only numpy is needed, and only once numbers are drawn: bfloat16, which it does not know, is the
upper half of a float32. A process that writes takes about 115 MB, whatever the file's size.
"""

from __future__ import annotations

import importlib
import json
import struct
import zlib
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from .architectures import Dtype
from .tensors import Tensor

CHUNK = 1 << 22
"""Numbers drawn at once."""

_CODES = {"bfloat16": "BF16", "float16": "F16", "float32": "F32", "int32": "I32"}
_BYTES = {"bfloat16": 2, "float16": 2, "float32": 4, "int32": 4}


def file_bytes(tensors: Iterable[Tensor], dtype: Dtype) -> int:
    """The size of the file that write_weights makes of them."""
    known = list(tensors)
    return len(_header(known, dtype)) + sum(_size(tensor, dtype) for tensor in known)


def write_weights(
    file: Path,
    tensors: Iterable[Tensor],
    *,
    dtype: Dtype,
    seed: int,
    bins: tuple[int, ...] = (),
    written: Callable[[int], None],
) -> None:
    """Write the tensors in their order. ``written`` is told the bytes of each piece.

    A tensor's numbers depend on the seed and its name alone. ``bins`` fill the one that asks
    for them. Raises OSError as the disk does; ImportError: no numpy.
    """
    known = list(tensors)
    with file.open("wb") as stream:
        header = _header(known, dtype)
        stream.write(header)
        written(len(header))
        for tensor in known:
            for values in _values(tensor, seed, bins):
                data = _encode(values, _type(tensor, dtype))
                stream.write(data)
                written(len(data))


def _header(tensors: list[Tensor], dtype: Dtype) -> bytes:
    """The length of the table in 8 bytes, then the table: JSON, padded to whole 8 bytes."""
    table: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    start = 0
    for tensor in tensors:
        end = start + _size(tensor, dtype)
        table[tensor.name] = {
            "dtype": _CODES[_type(tensor, dtype)],
            "shape": list(tensor.shape),
            "data_offsets": [start, end],
        }
        start = end
    text = json.dumps(table, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    return struct.pack("<Q", len(text)) + text


def _type(tensor: Tensor, dtype: Dtype) -> str:
    return "int32" if tensor.fill == "bins" else dtype


def _size(tensor: Tensor, dtype: Dtype) -> int:
    return tensor.count * _BYTES[_type(tensor, dtype)]


def _values(tensor: Tensor, seed: int, bins: tuple[int, ...]) -> Iterator[Any]:
    """The numbers in pieces of at most CHUNK: float32, or int32 for the bins."""
    np: Any = importlib.import_module("numpy")

    if tensor.fill == "bins":
        yield np.array(bins, dtype=np.int32)
        return
    if tensor.fill == "stop":
        half = tensor.count // 2
        yield np.repeat(np.array([-tensor.value, tensor.value], dtype=np.float32), half)
        return
    spring = np.random.SeedSequence([seed, zlib.crc32(tensor.name.encode())])
    draw = np.random.Generator(np.random.SFC64(spring))
    for start in range(0, tensor.count, CHUNK):
        count = min(CHUNK, tensor.count - start)
        if tensor.fill == "normal":
            values = draw.standard_normal(count, dtype=np.float32)
            values *= np.float32(tensor.value)
            yield values
        else:
            yield np.full(count, tensor.value, dtype=np.float32)


def _encode(values: Any, kind: str) -> bytes:
    """Little-endian bytes of float32 (or int32) numbers in the type of the file."""
    np: Any = importlib.import_module("numpy")

    if kind == "bfloat16":
        bits = values.view(np.uint32)
        # to the nearest, ties to even
        rounded = bits + (np.uint32(0x7FFF) + ((bits >> np.uint32(16)) & np.uint32(1)))
        return bytes((rounded >> np.uint32(16)).astype("<u2").tobytes())
    code = {"float16": "<f2", "float32": "<f4", "int32": "<i4"}[kind]
    return bytes(values.astype(code).tobytes())
