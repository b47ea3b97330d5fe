"""Whether all of IndexTTS's weights were loaded, and nothing was fetched for it."""

from __future__ import annotations

import contextlib
import importlib
import logging
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

CODEC = "indextts.codec.models"
"""Where the codec of 2.5 is loaded, which fills up what its file lacks and only logs it."""
LACKS = "is not in the checkpoint"
W2V = "transformers.modeling_utils"
"""Where w2v-BERT is loaded, likewise."""
NEW = re.compile(r"newly initialized: (\[[^\]]*\])")
IDLE = ("masked_spec_embed",)
"""Tensors that only training uses."""
OTHERS = ("deepspeed.", "transformers.", "accelerate.", "indextts.accel.")
"""Modules made of a model that is loaded already, and loaders that bring one tensor at a time:
what those lack is theirs by design."""
FETCHERS = ("_download_single_file", "snapshot_download")


def lacked(module: Any, names: list[str], caller: str) -> list[str]:
    """Parameters that stay at random numbers. Buffers are made by the code itself (positions,
    masks) and need not stand in a file."""
    if f"{type(module).__module__}.".startswith(OTHERS) or f"{caller}.".startswith(OTHERS):
        return []
    trained = {name for name, _ in module.named_parameters()}
    return [name for name in names if name in trained]


@contextlib.contextmanager
def logged_noticed() -> Iterator[list[str]]:
    """Tensors that are only logged as missing meanwhile."""
    lost: list[str] = []

    class Ear(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            lost.extend(lost_of(record.name, record.getMessage()))

    ear = Ear(logging.WARNING)
    loggers = [logging.getLogger(name) for name in (CODEC, W2V)]
    for logger in loggers:
        logger.addHandler(ear)
    try:
        yield lost
    finally:
        for logger in loggers:
            logger.removeHandler(ear)


def lost_of(logger: str, text: str) -> list[str]:
    """Tensors that a line of a log calls missing."""
    if logger == CODEC:
        return ["codec: " + text.split()[0]] if LACKS in text else []
    found = NEW.search(text)
    names = re.findall(r"'([^']+)'", found[1]) if found else []
    return [f"w2v-bert: {name}" for name in names if not name.endswith(IDLE)]


def unloaded(tts: Any, said: str) -> list[str]:
    """Parts of S2Mel that its file does not hold at all: passed over without a word."""
    lines = said.splitlines()
    return [f"s2mel: {name}" for name in tts.s2mel.models if f"{name} loaded" not in lines]


def forbid_downloads() -> None:
    """The files were looked at before; whatever would still be fetched is an error."""
    try:
        found: Any = importlib.import_module("indextts.utils.model_download")
    except ModuleNotFoundError:  # older checkouts fetch through the hub, which is offline
        return

    def refuse(*what: Any, **more: Any) -> Any:
        asked = " ".join(str(each) for each in (*what, *more.values()))
        raise FileNotFoundError(f"index-tts wants to fetch a file that is not there: {asked}")

    for name in FETCHERS:
        if hasattr(found, name):
            setattr(found, name, refuse)


def build_rules() -> None:
    """At its first start under Linux the code compiles rules for numbers and dates and keeps them
    beside itself: that takes half a minute, and is no part of loading."""
    front: Any = importlib.import_module("indextts.utils.front")
    kept = Path(front.__file__).parent / "tagger_cache"
    if sys.platform.startswith("linux") and not any(kept.glob("*.fst")):
        front.TextNormalizer().load()
