"""Runs of ``vcf bench voxcpm`` as a user starts them: their records, and what they leave behind."""

from __future__ import annotations

import json
import secrets
import shutil
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import msgspec
import psutil
from voxcpm_child import environment

from vcf.bench.record import BenchDocument, BenchRecord

MARK = "VCF_TEST_RUN"
"""Environment variable by which all processes of one run are known, whoever their parent is."""
LONGEST_S = 240.0
"""After which a run that hangs is ended."""


class Done(NamedTuple):
    """A run that is over."""

    code: int
    out: str
    err: str
    data: Path
    """Its VCF_DATA_DIR."""

    @property
    def records(self) -> list[BenchRecord]:
        """The answer, held against the schema."""
        return msgspec.json.decode(self.out, type=BenchDocument).results

    @property
    def record(self) -> BenchRecord:
        """The only one."""
        [record] = self.records
        return record

    @property
    def error(self) -> dict[str, str]:
        """Of a usage error, as ``--json`` tells it."""
        found = json.loads(self.out)["error"]
        assert found.keys() == {"kind", "message", "hint"}
        return found

    def stored(self) -> list[BenchRecord]:
        """What ``vcf bench list`` knows."""
        listed = subprocess.run(
            [sys.executable, "-m", "vcf", "bench", "list", "--json"],
            env=environment(VCF_DATA_DIR=str(self.data), VCF_LANG="en"),
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=60,
            check=True,
        )
        return msgspec.json.decode(listed.stdout, type=BenchDocument).results


class Running:
    """``vcf bench voxcpm … --json`` at work."""

    def __init__(
        self, *arguments: str, cache: Path, data: Path, memory: int | None = None, **more: str
    ) -> None:
        """``memory``: bytes of address space that it and its children may have each (Linux)."""
        self.data, self._mark = data, secrets.token_hex(8)
        command = [sys.executable, "-m", "vcf", "bench", "voxcpm", *arguments, "--json"]
        if memory is not None:
            limited = f'ulimit -v {memory // 1024} && exec "$@"'
            command = ["sh", "-c", limited, "sh", *command]
        places = {"VCF_CACHE_DIR": str(cache), "VCF_DATA_DIR": str(data)}
        own = {MARK: self._mark, "VCF_LANG": "en", **places}
        self.process = subprocess.Popen(
            command,
            env={**environment(), **own, **more},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            encoding="utf-8",
        )
        self._said = ""
        self._guard = threading.Timer(LONGEST_S, self.process.kill)
        self._guard.daemon = True
        self._guard.start()

    def wait_for(self, phase: str) -> None:
        """Until the line of progress that has these words."""
        assert self.process.stderr is not None
        for line in self.process.stderr:
            self._said += line
            if phase in line:
                return
        raise AssertionError(f"it never came to {phase!r}: {self._said}")

    def children(self) -> list[psutil.Process]:
        """The processes of this run other than vcf itself, whoever their parent is now."""
        found = []
        for process in psutil.process_iter():
            try:
                mine = process.environ().get(MARK) == self._mark
            except (psutil.Error, OSError):
                continue
            if mine and process.pid != self.process.pid:
                found.append(process)
        return found

    def wait_for_work(self, seconds: float = 0.3) -> None:
        """Until the child has computed for so long: orders come only after they are told of."""
        [child] = self.children()
        before = sum(child.cpu_times()[:2])
        while sum(child.cpu_times()[:2]) < before + seconds:
            assert self.process.poll() is None
            time.sleep(0.05)

    def finished(self) -> Done:
        """Wait for its end. Says nothing of what it left: ``end_leftovers`` does."""
        try:
            out, err = self.process.communicate()
        finally:
            self._guard.cancel()
        return Done(self.process.returncode, out, self._said + err, self.data)

    def end_leftovers(self, patience: float = 0.0) -> list[str]:
        """Command lines of processes that lived on for so many seconds after vcf; ended now."""
        until = time.monotonic() + patience
        while (left := self.children()) and time.monotonic() < until:
            time.sleep(0.1)
        told = [" ".join(process.cmdline()) for process in left]
        for process in left:
            process.kill()
        psutil.wait_procs(left, 30)
        return told


def bench(*arguments: str, cache: Path, data: Path, memory: int | None = None, **more: str) -> Done:
    """One run from its start to its end. It must leave no process and no temporary folder, and
    show no traceback."""
    running = Running(*arguments, cache=cache, data=data, memory=memory, **more)
    done = running.finished()
    assert running.end_leftovers() == []
    assert temporary(cache) == []
    assert "Traceback" not in done.out + done.err, done.err
    return done


def temporary(cache: Path) -> list[str]:
    """Names in the cache folder that a run must clear away."""
    return [entry.name for entry in cache.iterdir() if entry.name != "weights"]


def copied(checkpoint: Path, place: Path) -> Path:
    """A checkpoint of one's own, to be changed."""
    shutil.copytree(checkpoint, place)
    return place


def edit_config(folder: Path, change: Callable[[dict[str, Any]], object]) -> None:
    """Change config.json in place."""
    file = folder / "config.json"
    config = json.loads(file.read_text(encoding="utf-8"))
    change(config)
    file.write_text(json.dumps(config), encoding="utf-8")


def rename_tensors(file: Path, old: bytes, new: bytes) -> None:
    """Give the tensors whose names begin with ``old`` other names of the same length."""
    assert len(old) == len(new)
    header, tensors = _split(file)
    assert b'"' + old in header
    header = header.replace(b'"' + old, b'"' + new)
    file.write_bytes(struct.pack("<Q", len(header)) + header + tensors)


def fill_tensors(file: Path, byte: int) -> None:
    """Overwrite every number with this byte, again and again: 0xff makes NaN of any float."""
    header, tensors = _split(file)
    filled = bytes([byte]) * len(tensors)
    file.write_bytes(struct.pack("<Q", len(header)) + header + filled)


def _split(file: Path) -> tuple[bytes, bytes]:
    """The table of a safetensors file, and what follows it."""
    content = file.read_bytes()
    end = 8 + struct.unpack("<Q", content[:8])[0]
    return content[8:end], content[end:]
