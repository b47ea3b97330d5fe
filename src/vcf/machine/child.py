"""Starting a program that may hang, flood or leave others behind: it leads a group of its own."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import threading
from collections.abc import Mapping, Sequence
from typing import IO


def start(
    command: Sequence[str],
    stderr: int | IO[bytes] = subprocess.PIPE,
    stdin: int = subprocess.DEVNULL,
    environment: Mapping[str, str] | None = None,
) -> subprocess.Popen[bytes]:
    """The child leads a group of its own, so that what it starts ends with it."""
    return subprocess.Popen(
        list(command),
        stdin=stdin,
        stdout=subprocess.PIPE,
        stderr=stderr,
        start_new_session=True,
        env=environment,
    )


def end(child: subprocess.Popen[bytes]) -> None:
    """End the child and what it started, and do not wait for pipes that a stray one holds."""
    if hasattr(os, "killpg"):
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.pid, signal.SIGKILL)
    else:
        subprocess.run(
            ["taskkill", "/F", "/T", "/PID", str(child.pid)], capture_output=True, check=False
        )
    child.kill()
    child.wait()
    for pipe in filter(None, (child.stdin, child.stdout, child.stderr)):
        with contextlib.suppress(OSError):  # what was still to be written to it
            pipe.close()


def first_output(command: Sequence[str], seconds: float, limit: int) -> tuple[bytes, int] | None:
    """What a program prints first, at most ``limit`` bytes, and its exit status; None where it
    has not ended its output in time. It is ended then, with all that it started.

    Raises OSError where it can't be started.
    """
    child = start(command, stderr=subprocess.DEVNULL)
    try:  # whatever comes, Ctrl-C too: it is not left running
        said: list[bytes] = []
        out = child.stdout
        assert out is not None
        reader = threading.Thread(target=lambda: said.append(out.read(limit)), daemon=True)
        reader.start()
        reader.join(seconds)
        late = reader.is_alive()
        status = 0
        if not late and len(said[0]) < limit:
            with contextlib.suppress(subprocess.TimeoutExpired):
                status = child.wait(1)
    finally:
        end(child)
    return None if late else (said[0], status)
