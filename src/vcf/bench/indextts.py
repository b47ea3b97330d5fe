"""IndexTTS in a checkout of index-tts, as the parent starts it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from ..machine.model import Machine
from .cells import Cell
from .checkout import Checkout
from .child_talk import command
from .engines import Work, for_torch
from .record import Weights

DEEPSPEED = "gpu-fp16-deepspeed"
"""The mode that runs the GPT in it."""


class Indextts:
    """One model, run by the checkout's interpreter."""

    name = "indextts"

    def __init__(self, checkout: Checkout, folder: Path, weights: Weights) -> None:
        """``folder``: with config.yaml and the weights."""
        self._checkout, self._folder, self.weights = checkout, folder, weights

    def command(self) -> list[str]:
        """The measuring program in that Python."""
        return command(self._checkout.python, self.name)

    def environment(self, cell: Cell, work: Work, machine: Machine) -> dict[str, str]:
        """Threads, and the one card that is to be seen."""
        return for_torch(cell, work, machine)

    @contextmanager
    def settings(self, cell: Cell, work: Work) -> Iterator[dict[str, Any]]:
        """Where code and weights lie, and the work. The files are not touched: the code itself
        takes them in the precision that is asked for."""
        subject = cell.subject
        options = set(work.options) | ({cell.option} if cell.option is not None else set())
        yield {
            "repo": str(self._checkout.repo), "folder": _whole(str(self._folder)),
            "version": self._checkout.version, "checkout": self._checkout.told,
            "device": subject.device, "precision": subject.precision,
            "deepspeed": subject.mode_id == DEEPSPEED, "options": sorted(options),
            "compile": work.compile, "text": work.text, "lang": work.lang, "steps": None,
            "clip": None if work.clip is None else _whole(work.clip), "clip_text": None,
        }  # fmt: skip


def _whole(path: str) -> str:
    """The child goes to the checkout's folder."""
    return os.path.abspath(path)  # noqa: PTH100  (links stay as they were named)
