"""Stands in for torch where the measuring child is tested without it: shapes and no numbers."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any


class Tensor:
    """Knows its shape, type and place. What it is not asked for by shape it answers with itself."""

    def __init__(self, shape: tuple[int, ...], dtype: str = "float32", device: Any = "cpu") -> None:
        self.shape, self.dtype, self.device = shape, dtype, device

    def of(self, *shape: int) -> Tensor:
        """Another of its kind."""
        return Tensor(shape, self.dtype, self.device)

    def to(self, dtype: str) -> Tensor:
        """Of another type."""
        return Tensor(self.shape, dtype, self.device)

    def view(self, *shape: Any) -> Tensor:
        """Another shape with as many numbers; one size may be left open."""
        shape = shape[0] if isinstance(shape[0], tuple) else shape
        size, known = math.prod(self.shape), math.prod(n for n in shape if n != -1)
        assert size % known == 0 and (-1 in shape or size == known), (self.shape, shape)
        return self.of(*(size // known if n == -1 else n for n in shape))

    reshape = view

    def transpose(self, one: int, other: int) -> Tensor:
        """Two axes exchanged."""
        shape = list(self.shape)
        shape[one], shape[other] = shape[other], shape[one]
        return self.of(*shape)

    def chunk(self, count: int, dim: int) -> list[Tensor]:
        """Parts of the last axis."""
        return [self.of(*self.shape[:dim], self.shape[dim] // count) for _ in range(count)]

    def repeat_interleave(self, times: int, dim: int) -> Tensor:
        """One axis repeated."""
        return self.of(*(n * times if i == dim else n for i, n in enumerate(self.shape)))

    def copy_(self, other: Tensor) -> None:
        """Numbers into their place."""
        assert other.shape == self.shape

    def __getitem__(self, key: Any) -> Tensor:
        if key == (slice(None), 0):
            return self.of(self.shape[0])
        assert key[0] is Ellipsis and key[1].stop < 0
        return self.of(*self.shape[:-1], self.shape[-1] + key[1].stop)

    def __setitem__(self, key: Any, value: Tensor) -> None:
        assert (value.shape[1], value.shape[3]) == (self.shape[1], self.shape[3])

    def _same(self, *_: Any, **__: Any) -> Tensor:
        return self

    clone = contiguous = pow = reciprocal = _same
    __neg__ = __lt__ = __le__ = _same

    def _wider(self, other: Any) -> Tensor:
        small = not isinstance(other, Tensor) or math.prod(other.shape) <= math.prod(self.shape)
        return self if small else self.of(*other.shape)

    __rmul__ = __add__ = __mul__ = _wider

    def mean(self, dim: int, keepdim: bool) -> Tensor:
        """Over the last axis."""
        return self


class Torch:
    """The module. ``fails`` maps the name of a type, or of a part, to what is raised."""

    float32, bfloat16, float16 = "float32", "bfloat16", "float16"
    __version__ = "2.99.0+stand.in"

    def __init__(self, **fails: Exception) -> None:
        self.fails = fails
        self.threads = 4
        self.calls: list[str] = []
        self.cuda = self.xpu = None
        self.backends = SimpleNamespace(mps=None)
        self.jit = SimpleNamespace(script=self._script)
        functional = SimpleNamespace(
            linear=self._linear, scaled_dot_product_attention=self._attend, pad=self._pad,
            conv1d=self._conv, conv_transpose1d=self._up, silu=lambda x: x,
        )  # fmt: skip
        self.nn = SimpleNamespace(functional=functional)

    def _check(self, name: str) -> None:
        if name in self.fails:
            raise self.fails[name]

    def _script(self, function: Callable[..., Any]) -> Callable[..., Any]:
        self._check("jit")
        return function

    def randn(self, shape: tuple[int, ...], device: Any) -> Tensor:
        """Random numbers."""
        self._check(f"randn {device}")
        return Tensor(shape, device=device)

    def ones(self, *shape: int, device: Any, dtype: str = "float32") -> Tensor:
        """Ones."""
        return Tensor(shape[0] if isinstance(shape[0], tuple) else shape, dtype, device)  # type: ignore[arg-type]

    zeros = ones

    def arange(self, count: int, device: Any) -> Tensor:
        """Numbers from 0."""
        return Tensor((count,), "int64", device)

    def tensor(self, values: list[int], device: Any) -> Tensor:
        """These numbers."""
        return Tensor((len(values),), "int64", device)

    @staticmethod
    def cat(parts: tuple[Tensor, ...], dim: int) -> Tensor:
        """Joined at the last axis."""
        return parts[0].of(*parts[0].shape[:-1], sum(part.shape[dim] for part in parts))

    @staticmethod
    def sin(x: Tensor) -> Tensor:
        """Of the same shape, as are the others."""
        return x

    rsqrt = tanh = sin

    def _linear(self, x: Tensor, weight: Tensor) -> Tensor:
        assert x.shape[-1] == weight.shape[1]
        self._check(weight.dtype)
        self._check(f"{x.shape[0]} rows")
        time.sleep(1e-6)
        return x.of(*x.shape[:-1], weight.shape[0])

    def _attend(self, q: Tensor, k: Tensor, v: Tensor, attn_mask: Any, **more: Any) -> Tensor:
        if more:
            self._check("gqa")
        else:
            assert q.shape[1] == k.shape[1]
        self._check(f"cache of {k.shape[2]}")
        return q

    @staticmethod
    def _pad(x: Tensor, sides: tuple[int, int]) -> Tensor:
        return x.of(*x.shape[:-1], x.shape[-1] + sum(sides))

    def _conv(self, x: Tensor, kernel: Tensor, bias: Any, dilation: int, groups: int) -> Tensor:
        self._check("conv")
        assert x.shape[1] == kernel.shape[1] * groups
        return x.of(1, kernel.shape[0], x.shape[2] - (kernel.shape[2] - 1) * dilation)

    @staticmethod
    def _up(x: Tensor, kernel: Tensor, bias: Any, stride: int) -> Tensor:
        assert x.shape[1] == kernel.shape[0]
        return x.of(1, kernel.shape[1], (x.shape[2] - 1) * stride + kernel.shape[2])

    class inference_mode:
        """Does nothing."""

        def __enter__(self) -> None: ...

        def __exit__(self, *_: object) -> None: ...

    def get_num_threads(self) -> int:
        """Threads in use."""
        return self.threads

    def set_num_threads(self, count: int) -> None:
        """Threads to use."""
        self.calls.append(f"threads {count}")
        self.threads = count


class Cards:
    """``torch.cuda`` of a machine with these cards."""

    def __init__(self, *names: str) -> None:
        self.names = names
        self.waits: list[tuple[Any, ...]] = []
        self.emptied = 0

    def is_available(self) -> bool:
        """Whether there are any."""
        return bool(self.names)

    def device_count(self) -> int:
        """How many."""
        return len(self.names)

    def get_device_name(self, index: int) -> str:
        """The name of one."""
        return self.names[index]

    def synchronize(self, *place: Any) -> None:
        """Waits for all that was begun."""
        self.waits.append(place)

    def empty_cache(self) -> None:
        """Gives memory back."""
        self.emptied += 1
