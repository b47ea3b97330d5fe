"""What went wrong, out of an exception: whether memory was used up, and one line for people."""

from __future__ import annotations

import errno
import signal

MEMORY = (
    "out of memory",
    "can't allocate memory",
    "cannot allocate memory",
    "not enough memory",
    "unable to allocate",
    "alloc_failed",
    "failed to map segment",
    "can't start new thread",  # the stack of a thread is memory too
    "bad_alloc",
    "os error 12",
    "paging file is too small",
    "memory allocation still failed",  # OpenBLAS
)
"""How torch, CUDA, safetensors, the loader and Windows say it."""
LONGEST = 500
OWN = {
    "WrongLength": "wrong-length", "BrokenWeights": "broken-weights",
    "WrongVersion": "wrong-version", "NotAsAsked": "not-as-asked",
    "ProgramKilled": "killed", "ProgramCrashed": "crashed",
}  # fmt: skip
"""Exceptions of ``engine``, by name."""
SENTENCES = frozenset({*OWN, "RuntimeError"})
"""What these say is for people: their name would add nothing."""


def kind_of(error: BaseException) -> str:
    """``oom``, ``killed``, ``crashed``, ``wrong-length``, ``broken-weights``, ``wrong-version``,
    ``not-as-asked``, ``missing`` (a package) or ``error``."""
    if type(error).__name__ in OWN:
        return OWN[type(error).__name__]
    for one in chain(error):
        if isinstance(one, MemoryError) or type(one).__name__ == "OutOfMemoryError":
            return "oom"
        if isinstance(one, OSError) and one.errno == errno.ENOMEM:
            return "oom"
        text = str(one).lower()
        if any(words in text for words in MEMORY):
            return "oom"
    return "missing" if isinstance(error, ModuleNotFoundError) else "error"


def chain(error: BaseException | None) -> list[BaseException]:
    """An exception and those that it came from."""
    found: list[BaseException] = []
    while error is not None and error not in found:
        found.append(error)
        error = error.__cause__ or error.__context__
    return found


def line_of(error: BaseException) -> str:
    """One line for people: of what is at the bottom of it, where that is memory. The name of the
    exception stands before it, unless what it says is a sentence (``SENTENCES``)."""
    short = (one for one in chain(error) if any(word in str(one).lower() for word in MEMORY))
    error = next(short, error)
    name, text = type(error).__name__, " ".join(str(error).split())
    if not text:
        return name
    return (text if name in SENTENCES else f"{name}: {text}")[:LONGEST]


FROM_OUTSIDE = ("SIGKILL", "SIGTERM", "SIGHUP", "SIGINT", "SIGQUIT", "SIGXCPU")
"""Nothing ends itself by these."""
WINDOWS = {0xC000001D: "SIGILL", 0xC0000005: "SIGSEGV", 0xC0000409: "SIGABRT"}
"""How Windows says the same as signals."""


def signal_of(status: int) -> str | None:
    """The signal that an exit status tells of, or the crash of Windows by the like name."""
    name = WINDOWS.get(status & 0xFFFFFFFF)
    if status >= 0 or name is not None:
        return name
    known = next((one.name for one in signal.Signals if one == -status), "")
    return known or f"signal {-status}"
