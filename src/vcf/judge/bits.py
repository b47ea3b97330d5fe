"""Sizes of numbers."""

from __future__ import annotations

from ..catalogue.model import Precision

BITS: dict[Precision, float] = {
    "fp32": 32, "fp16": 16, "bf16": 16, "q8": 8.5, "int8": 8.5, "q4": 4.5,
}  # fmt: skip
"""Bits a weight takes. Q8_0 and Q4_K blocks carry their scales:
https://github.com/ggml-org/llama.cpp/blob/master/ggml/src/ggml-common.h"""
