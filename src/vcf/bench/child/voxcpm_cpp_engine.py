"""VoxCPM.cpp's program ``voxcpm_tts`` as an engine, written against commit 9b54b80 (2026-03-18).

One process speaks one text and loads its file anew for it. Where the synthesis begins and ends is
told by the arrival of what it prints (all of it on standard error); the loading is no part of it.

Settings beside those of ``engine``: ``program``, ``gguf``: paths; ``backend``: ``cpu``, ``cuda`` or
``vulkan``; ``threads``: always passed, since the program's own 4 spin where there are fewer cores;
``patches_s``: steps of the LM in a second of sound; ``precision``, ``parameters``: of the file, as
the parent read them; ``versions``: of the program; ``place``: an empty folder for what it writes.

A length is forced by two variables that the program has for its own benchmark. Its noise can't be
seeded.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from .engine import NotAsAsked, ProgramCrashed, Settings, Times, WrongLength, WrongVersion
from .program import Ending
from .program_engine import ProgramEngine
from .voxcpm_cpp_lines import LOADED, NAME, SAVED, Heard
from .wav import read_wav, whole

HELP_S = 60.0
"""For the usage: from a cold disk behind a virus scanner it takes seconds."""
STEPS, IGNORE = "VOXCPM_BENCHMARK_DECODE_STEPS", "VOXCPM_BENCHMARK_IGNORE_STOP"
OPTIONS = (
    "--model-path", "--text", "--output", "--backend", "--threads", "--cfg-value",
    "--inference-timesteps", "--prompt-audio", "--prompt-text", "--stream", "--stream-dir",
)  # fmt: skip
"""That it must take."""
TRIED = 3
"""Patches."""
POLL_S = 0.004
"""Between two looks for a chunk."""
NO_BACKEND = re.compile(r"Failed to initialize \w+ backend")
"""How it says that it was not built for a backend, or finds no card."""


class VoxcpmCppEngine(ProgramEngine):
    """One file in one program."""

    def __init__(self) -> None:
        super().__init__()
        self.can = frozenset({"fixed-length"})
        self._place = ""

    def prepare(self, settings: Settings) -> dict[str, Any]:
        """See that the program takes what it will be given, and whether it can stream here."""
        begin = time.perf_counter()
        self._settings = settings
        self._place = settings["place"]
        said: list[str] = []
        try:
            self._runner.run(
                [settings["program"], "--help"], environment=os.environ, cwd=self._place,
                on_line=lambda text, _: said.append(text), limit_s=HELP_S, name=NAME, check=False,
            )  # fmt: skip
        except TimeoutError:
            raise WrongVersion(f"{NAME} --help does not end") from None
        except OSError as error:
            raise RuntimeError(f"{NAME} can't be started: {error.strerror or error}") from None
        known = set(re.findall(r"--[a-z][a-z-]*", "\n".join(said)))
        for option in OPTIONS:
            if option not in known:
                raise WrongVersion(f"{NAME} takes no {option}: another version, or another program")
        seconds = time.perf_counter() - begin
        findings = ["loads-each-time", "no-seed"]
        if settings.get("clip"):
            findings.append("clip-in-each-call")
        if settings.get("streams", True):
            findings += self._try_streaming()
        return {
            "seconds": seconds,
            "versions": settings.get("versions") or {},
            "findings": findings,
        }

    def _try_streaming(self) -> list[str]:
        """At 9b54b80 it often crashes at the second chunk on a processor, which says nothing of
        speaking at once. Any other failure will come again, and is told then."""
        asked = self._settings
        self._settings = {**asked, "text": "Hi.", "clip": None}
        try:
            for _ in self.stream(TRIED / float(asked["patches_s"]), 0):
                pass
        except ProgramCrashed:
            return ["streaming-crashes"]
        except Exception:
            return []
        finally:
            self._settings = asked
        self.can |= {"stream"}
        return []

    def _command(self, output: Path, stream: str | None = None) -> list[str]:
        settings = self._settings
        command = [
            settings["program"], "--model-path", settings["gguf"], "--text", settings["text"],
            "--output", str(output), "--backend", settings["backend"],
            "--threads", str(settings["threads"]), "--cfg-value", "2.0",
        ]  # fmt: skip
        command += ["--inference-timesteps", str(settings.get("steps") or 10)]
        if settings.get("clip"):
            words = settings.get("clip_text") or ""
            command += ["--prompt-audio", settings["clip"], "--prompt-text", words]
        if stream is not None:
            command += ["--stream", "--stream-dir", stream]
        return command

    def _environment(self, patches: int | None) -> dict[str, str]:
        chosen = {name: value for name, value in os.environ.items() if name not in (STEPS, IGNORE)}
        chosen["GGML_NO_BACKTRACE"] = "1"  # GGML would start a debugger on itself
        if patches is not None:
            chosen |= {STEPS: str(patches), IGNORE: "1"}
        return chosen

    def _patches(self, seconds: float) -> int:
        return max(1, round(seconds * float(self._settings["patches_s"])))

    def load(self) -> dict[str, Any]:
        """A call that speaks one patch: the program can't load without speaking."""
        settings, heard = self._settings, Heard(self._settings["backend"])
        output = Path(self._place, "load.wav")
        self._run(output, 1, heard.hear)
        heard.complete()
        rate = read_wav(output).rate
        return {
            "seconds": heard.load_s,
            "device": settings["backend"],
            "precision": settings.get("precision"),
            "threads": settings["threads"],
            "parameters": settings.get("parameters"),
            "sample_rate_hz": rate,
            "findings": ["program-clock-differs"] if heard.clock_differs() else [],
        }

    def _run(self, output: Path, patches: int | None, hear: Callable[[str, float], None]) -> Ending:
        output.unlink(missing_ok=True)
        try:
            return self._runner.run(
                self._command(output), environment=self._environment(patches), cwd=self._place,
                on_line=hear, name=NAME,
            )  # fmt: skip
        except RuntimeError as error:
            if NO_BACKEND.search(str(error)):
                raise NotAsAsked(str(error)) from None
            raise

    def encode(self) -> dict[str, Any]:
        """The program keeps no clip: it encodes it in each call."""
        raise RuntimeError(f"{NAME} encodes the clip in each call")

    def speak(self, seconds: float | None, seed: int) -> Path:
        """One process; the file that it wrote. ``seed`` can't be handed over."""
        heard, output = Heard(self._settings["backend"]), Path(self._place, "spoken.wav")
        self._run(output, None if seconds is None else self._patches(seconds), heard.hear)
        self._take(heard, heard.at.get(SAVED, 0.0))
        if not output.exists():
            raise WrongVersion(f"{NAME} says that it saved the sound, but there is no file")
        return output

    def _take(self, heard: Heard, ended: float) -> None:
        """The synthesis begins when everything is loaded: a clip is encoded in it."""
        heard.complete()
        if ended <= heard.at[LOADED]:
            raise WrongVersion(f"{NAME} wrote its last chunk before it said '{LOADED} …'")
        other = ("program-clock-differs",) if heard.clock_differs() else ()
        self._times = Times(heard.at[LOADED], ended, heard.stages(), other)

    def stream(self, seconds: float | None, seed: int) -> Iterator[Path]:
        """The chunks in their order, each when its file is whole. It is over with the last of
        them; afterwards the program decodes everything once more, for its other file."""
        heard, chunks = Heard(self._settings["backend"]), Path(self._place, "chunks")
        shutil.rmtree(chunks, ignore_errors=True)
        patches = None if seconds is None else self._patches(seconds)
        output = Path(self._place, "streamed.wav")
        running = self._runner.start(
            self._command(output, str(chunks)),
            environment=self._environment(patches), cwd=self._place,
        )  # fmt: skip
        count, came = 0, 0.0
        try:
            while True:
                over = running.over
                while whole(chunk := chunks / f"chunk_{count:04}.wav"):
                    count, came = count + 1, time.perf_counter()
                    yield chunk
                if over:
                    break
                found = running.next(POLL_S)
                if found is not None:
                    heard.hear(*found)
        except BaseException:
            self._runner.stop(running)
            raise
        self._runner.finish(running, NAME)
        if not count:
            raise WrongVersion(f"{NAME} wrote no chunk_0000.wav")
        self._take(heard, came)

    def check(self, made: float, seconds: float | None) -> None:
        """A length that was forced must be there to the patch."""
        if seconds is None:
            return
        patch = 1 / float(self._settings["patches_s"])
        wanted = self._patches(seconds) * patch
        if abs(made - wanted) > 0.5 * patch:
            raise WrongLength(
                f"{made:.3f} s of sound came where {wanted:.3f} s were forced: this {NAME} "
                f"does not heed {STEPS}"
            )


def engine() -> VoxcpmCppEngine:
    """A new engine."""
    return VoxcpmCppEngine()
