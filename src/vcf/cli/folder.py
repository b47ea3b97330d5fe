"""A folder of machine files: judged in chunks, streamed, on every core where that pays."""

from __future__ import annotations

import gc
import os
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..catalogue.load import load_catalogue
from ..errors import VcfError
from ..judge.subject import subjects
from ..machine.load import load_listed, machine_files
from ..views.document import Failure, Wording
from ..views.words import Lang
from .flags import base_flags
from .output import language

if TYPE_CHECKING:
    from .check import CheckArguments

CHUNK = 16
"""Files a task: about 4 MB of JSON, so that memory stays flat whatever the folder's size."""
PARALLEL_FROM = 400
"""Files from which further processes pay for their start."""


class Chunk(msgspec.Struct, frozen=True, kw_only=True):
    """What a few files gave."""

    text: bytes
    """Results as JSON, separated by commas."""
    can: bool
    unsure: bool
    able: bool
    failures: list[Failure]


def judge_folder(arguments: CheckArguments) -> Iterator[Chunk]:
    """The folder's files in order, a chunk at a time.

    Raises MachineError when the folder holds none; a broken file is a Failure of its chunk.
    """
    assert arguments.machine is not None
    files = list(machine_files(Path(arguments.machine)))
    chunks = [files[at : at + CHUNK] for at in range(0, len(files), CHUNK)]
    workers = _cores()
    if len(files) < PARALLEL_FROM or workers < 2:
        for chunk in chunks:
            yield judge_files(arguments, chunk)
        return
    yield from _spread(arguments, chunks, workers)


def _cores() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _spread(
    arguments: CheckArguments, chunks: Sequence[list[Path]], workers: int
) -> Iterator[Chunk]:
    """Chunks in order, a few ahead of the reader."""
    from collections import deque
    from concurrent.futures import Future, ProcessPoolExecutor

    with ProcessPoolExecutor(max_workers=min(workers, 8)) as pool:
        waiting: deque[Future[Chunk]] = deque()
        rest = iter(chunks)
        for chunk in islice(rest, 2 * workers):
            waiting.append(pool.submit(judge_files, arguments, chunk))
        while waiting:
            done = waiting.popleft().result()
            for chunk in islice(rest, 1):
                waiting.append(pool.submit(judge_files, arguments, chunk))
            yield done


_catalogue = lru_cache(maxsize=2)(load_catalogue)
_wordings: dict[tuple[str | None, Lang], Wording] = {}


def judge_files(arguments: CheckArguments, files: Sequence[Path]) -> Chunk:
    """Verdicts on some machine files, as JSON."""
    from .asked import asked_for
    from .check import Outcome, check_machine

    # Judgements hold no cycles; looking for some takes a fifth of the time.
    gc.disable()
    catalogue = _catalogue(arguments.models)
    asks, online = asked_for(arguments.what, arguments.modes, subjects(catalogue))
    lang = language(arguments.lang)
    wording = _wordings.setdefault((arguments.models, lang), Wording(catalogue, lang))
    outcome = Outcome(arguments, online)
    encode = msgspec.json.Encoder().encode
    texts = []
    for file in files:
        try:
            machine = load_listed(file)
        except VcfError as error:
            outcome.fail(error)
            continue
        flags = base_flags(str(file), arguments.what_if, arguments.workload, arguments.models)
        result = check_machine(machine, asks, arguments.workload, flags=flags)
        outcome.note(result.assessments)
        texts.append(encode(wording.result(result)))
    return Chunk(
        text=b",\n".join(texts),
        can=outcome.can,
        unsure=outcome.unsure,
        able=outcome.able,
        failures=outcome.failures,
    )
