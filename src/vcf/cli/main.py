"""The entry point: the fast path, the command table, and the one place that exits."""

from __future__ import annotations

import errno
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

from .._version import __version__
from ..errors import VcfError

EXIT_USAGE = 2
EXIT_FAILED = 4


def main() -> NoReturn:
    """Run the command line and exit."""
    try:
        _mend_streams()
        code = _flushed(run(sys.argv[1:]))
    except KeyboardInterrupt:  # between one thing and the next
        code = 130
    sys.exit(code)


def _mend_streams() -> None:
    """A stream that was closed before the start (``>&-``) is None, and print would take another:
    what would go there goes nowhere."""
    import os

    if sys.stdin is None:
        sys.stdin = open(os.devnull, encoding="utf-8")  # noqa: SIM115
    if sys.stdout is None:
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115
    if sys.stderr is None:
        sys.stderr = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115


def _flushed(code: int) -> int:
    """What could not be written is no answer: 2, whatever was found."""
    try:
        sys.stdout.flush()
    except BrokenPipeError:
        return _broken_pipe()
    except OSError as error:
        return _unwritten(error)
    return code


def _unwritten(error: OSError) -> int:
    import os

    print(f"vcf: standard output: {error.strerror}", file=sys.stderr)
    # What is still in the buffer must not fail once more at the end.
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return EXIT_USAGE


def run(arguments: Sequence[str]) -> int:
    """Run one command line and return its exit code.

    0 something asked for can run · 1 nothing can · 2 usage or bad input · 3 could not tell ·
    4 failure of vcf itself.
    """
    as_json = _wants_json(arguments)
    try:
        return _dispatch(list(arguments))
    except VcfError as error:
        return _report(error.kind, error.message, error.hint, error.exit_code, as_json)
    except BrokenPipeError:
        return _broken_pipe()
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EIO, errno.EBADF) or error.filename:
            return _bug(error, arguments, as_json)
        return _unwritten(error)
    except KeyboardInterrupt:
        print("vcf: interrupted", file=sys.stderr)
        return 130
    except Exception as error:
        return _bug(error, arguments, as_json)


def _bug(error: Exception, arguments: Sequence[str], as_json: bool) -> int:
    if "--traceback" in arguments:
        raise error
    return _report(
        "internal",
        f"vcf failed: {type(error).__name__}: {' '.join(str(error).split())}",
        "this is a bug in vcf: run again with --traceback and report it with `vcf probe --raw`",
        EXIT_FAILED,
        as_json,
    )


def _dispatch(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        print(f"vcf {__version__}", flush=True)  # before typer is imported: 0.07 s of 0.10
        return 0
    from .app import app, command_line

    command = command_line(app)
    try:
        code = command.main(args=arguments, prog_name="vcf", standalone_mode=False)
    except SystemExit as end:
        # typer and rich exit with 1 when the reader is gone; that is "nothing can run" here.
        if isinstance(end.__context__, BrokenPipeError):
            return _broken_pipe()
        raise
    except Exception as error:
        # typer carries its own click: recognised by shape, never imported.
        if not hasattr(error, "format_message"):
            raise
        context: Any = getattr(error, "ctx", None)
        path = context.command_path if context is not None else "vcf"
        kind = "usage"
        message = " ".join(str(error.format_message()).split())
        return _report(kind, message, f"see `{path} --help`", EXIT_USAGE, _wants_json(arguments))
    return code if isinstance(code, int) else 0


def _wants_json(arguments: Sequence[str]) -> bool:
    """Errors are JSON too where data would have been."""
    options = list(arguments)
    if not {"--json", "--format=json", "-fjson"}.isdisjoint(options):
        return True
    return any(
        option in ("--format", "-f") and options[index + 1 : index + 2] == ["json"]
        for index, option in enumerate(options)
    )


def _report(kind: str, message: str, hint: str, code: int, as_json: bool) -> int:
    if as_json:
        import json

        error = {"kind": kind, "message": _unicode(message), "hint": _unicode(hint)}
        print(json.dumps({"error": error}))
    else:
        from .output import talk

        talk(message)
        for line in hint.splitlines():
            talk(line, "     ")
    return code


def _unicode(text: str) -> str:
    """Without the lone surrogates that stand for undecodable bytes of a file name."""
    return text.encode("utf-8", "replace").decode()


def _broken_pipe() -> int:
    """``vcf check | head``: the reader has had enough."""
    import os

    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 0
