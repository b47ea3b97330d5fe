"""audio.cpp's command-line program as an engine, for VoxCPM2 (https://github.com/0xShug0/audio.cpp).

The program loads its weights anew in each call and takes a list of requests: ``--request-sequence``
with a JSON file. So the first ``speak`` is one request, and each later one comes second, after a
short request that warms up what the first run builds and keeps in memory (graphs, kernels, the
clip). ``--log`` makes it tell the seconds of each request and of its parts; what a request took is
what the program says, and when it was over is when that line came.

A length is forced through ``min_tokens`` and ``max_tokens``, both the number of patches; the bound
that it puts on the length by that of the text is lifted. Its second tries at bad sound are off.

Settings beside those of ``engine``: ``program``, ``gguf``: paths; ``backends``: ``cpu``, or those
to be tried in turn, ``cuda``, ``vulkan``, ``metal``; ``threads``: always passed; ``patches_s``:
steps of the LM in a second of sound; ``precision``, ``parameters``: of the file, as the parent read
them; ``versions``: of the program; ``place``: an empty folder for what it writes.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from .engine import NotAsAsked, Settings, Times, WrongLength, WrongVersion
from .program import LAST, Ending, out_of_memory
from .program_engine import ProgramEngine
from .wav import read_wav, whole

NAME = "audiocpp_cli"
FAMILY = "voxcpm2"
TIMING = re.compile(r"\[TIMING ts=[^\]]*\] (\S+) (\S+)")
TOTAL = "session.wall_ms"
"""The last that is told of a request: all of it, in milliseconds."""
CLIP = ("voxcpm2.prompt_encode_ms", "voxcpm2.prompt_audio_embedding_ms")
"""Reading the clip, which comes first; 0 where it is in memory already."""
STAGES = {"voxcpm2.generator_ms": "model", "voxcpm2.audiovae_decoder_ms": "vae"}
USED = frozenset({TOTAL, *CLIP, *STAGES})
MOST_MS = 1e9
"""Eleven days."""
FAILED = f"{NAME} failed: "
NO_DEVICE = re.compile(r"\w+ backend requested but no \w+ device found")
OTHER_VERSION = ("unsupported model family hint", "requires text input", "missing required --")
"""How a version says that it does not know the family, or this way of giving requests."""
WARM_UP = 2
"""Patches of a request that only warms up."""
LONGEST = 200
"""Characters of a line that is named."""
LIST_S = 60.0
"""For the list of models: from a cold disk behind a virus scanner it takes seconds."""
POLL_S = 0.004
"""Between two looks for a chunk."""
ALL_OF_IT = 1_000_000
"""Characters: the text is not cut, so that a length is forced once."""
UNBOUND = "10000"
"""Patches for each token of text that the program allows."""


@dataclass
class Request:
    """What the program told of one request."""

    ended: float
    """When the line with its total came, by ``time.perf_counter``."""
    ms: dict[str, float] = field(default_factory=dict)

    @property
    def clip_s(self) -> float:
        """Seconds spent on the clip."""
        return sum(self.ms.get(name, 0.0) for name in CLIP) / 1000

    @property
    def began(self) -> float:
        """When the synthesis began, the clip read."""
        return self.ended - self.ms[TOTAL] / 1000 + self.clip_s

    @property
    def times(self) -> Times:
        """For the answer."""
        stages = {STAGES[name]: ms / 1000 for name, ms in self.ms.items() if name in STAGES}
        if "model" in stages:  # turning the clip into embeddings is counted in it
            stages["model"] = max(0.0, stages["model"] - self.ms.get(CLIP[1], 0.0) / 1000)
        return Times(self.began, self.ended, stages)


class Log:
    """Hears what the program prints."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self._ms: dict[str, float] = {}

    def hear(self, text: str, at: float) -> None:
        """One line and when it came. Raises WrongVersion: a time that can't be."""
        found = TIMING.match(text)
        if found is None:
            return
        name, value = found.groups()
        try:
            number = float(value)
        except ValueError:
            return
        if not 0 <= number <= MOST_MS or (name == TOTAL and number == 0):
            if name in USED:
                raise WrongVersion(f"{NAME} says what can't be: {text[:LONGEST]!r}")
            if not math.isfinite(number):
                return
        self._ms[name] = self._ms.get(name, 0.0) + number
        if name == TOTAL:
            self._end(text, at)

    def _end(self, text: str, at: float) -> None:
        request = Request(at, self._ms)
        if request.ended <= request.began:
            raise WrongVersion(f"{NAME} says that the clip alone took longer: {text[:LONGEST]!r}")
        self.requests.append(request)
        self._ms = {}


class AudioCppEngine(ProgramEngine):
    """VoxCPM2 in audio.cpp."""

    can = frozenset({"encode", "stream", "fixed-length", "seed"})

    def __init__(self) -> None:
        super().__init__()
        self._place = Path()
        self._backend = "cpu"
        self._spoken = False

    def prepare(self, settings: Settings) -> dict[str, Any]:
        """Ask the program which models it knows."""
        self._settings, self._place = settings, Path(settings["place"])
        said: list[str] = []
        try:
            ending = self._runner.run(
                [settings["program"], "--list-loaders"], environment=os.environ,
                cwd=settings["place"], on_line=lambda text, _: said.append(text),
                limit_s=LIST_S, name=NAME, check=False,
            )  # fmt: skip
        except TimeoutError:
            raise WrongVersion(f"{NAME} --list-loaders does not end") from None
        except OSError as error:
            raise RuntimeError(f"{NAME} can't be started: {error.strerror or error}") from None
        if ending.status < 0:
            ending.check(NAME)
        if not any(text.startswith("registered_loaders=") for text in said):
            raise WrongVersion(f"{NAME} lists no models: another version, or another program")
        if not any(text.split(":")[0] == FAMILY for text in said):
            raise WrongVersion(f"this {NAME} does not know {FAMILY}")
        return {"versions": settings.get("versions") or {}, "findings": ["loads-each-time"]}

    def load(self) -> dict[str, Any]:
        """A short request: what comes before it is the loading. Of several backends the first
        that finds a device is taken."""
        settings, why = self._settings, "it was given no backend"
        for self._backend in settings["backends"]:
            try:
                began, requests = self._run([self._request("load", WARM_UP, 0, clip=False)])
            except _NoDevice as error:
                why = str(error)
                continue
            return {
                "seconds": max(0.0, requests[0].began - began),
                "device": self._backend,
                "precision": settings.get("precision"),
                "threads": settings["threads"],
                "parameters": settings.get("parameters"),
                "sample_rate_hz": read_wav(self._file("load")).rate,
            }
        raise NotAsAsked(f"{NAME} computes on no GPU: {why}")

    def encode(self) -> dict[str, Any]:
        """A short request with the clip: the program says what reading it took."""
        _, requests = self._run([self._request("clip", WARM_UP, 0)])
        if CLIP[0] not in requests[0].ms:
            raise _silent(CLIP[0])
        return {"seconds": requests[0].clip_s}

    def speak(self, seconds: float | None, seed: int) -> Path:
        """One request, the first time alone, later after a short one; its file."""
        asked = [self._request("speech", self._patches(seconds), seed)]
        if self._spoken:
            asked.insert(0, self._request("warm-up", WARM_UP, seed))
        _, requests = self._run(asked)
        self._spoken = True
        self._times = requests[-1].times
        return self._file("speech")

    def stream(self, seconds: float | None, seed: int) -> Iterator[Path]:
        """``--mode streaming``: a file for each patch, each when it is whole. The program streams
        one request a call, so nothing is warmed up."""
        log, folder = Log(), self._place / "chunks"
        shutil.rmtree(folder, ignore_errors=True)
        request = self._request("speech", self._patches(seconds), seed)
        command = [*self._command(), "--mode", "streaming", "--out-dir", str(folder)]
        running = self._runner.start(
            [*command, *_arguments(request)], environment=os.environ, cwd=str(self._place)
        )
        count, came = 0, 0.0
        try:
            while True:
                over = running.over
                while whole(chunk := folder / f"chunk_{count}.wav"):
                    count += 1
                    yield chunk
                    came = time.perf_counter()
                if over:
                    break
                found = running.next(POLL_S)
                if found is not None:
                    log.hear(*found)
        except BaseException:
            self._runner.stop(running)
            raise
        _check(self._runner.finish(running, NAME, check=False))
        if not count:
            raise WrongVersion(f"{NAME} wrote no chunk_0.wav")
        _expect(log.requests, 1)
        told = log.requests[0]
        # the last chunk is a part of it, even if it was seen just after the line with the total
        self._times = replace(told.times, ended=max(told.ended, came))

    def _request(
        self, name: str, patches: int | None, seed: int, clip: bool = True
    ) -> dict[str, Any]:
        settings = self._settings
        asked: dict[str, Any] = {"id": name, "text": settings["text"], "seed": seed}
        options: dict[str, str] = {"retry_badcase": "false"}
        if patches is not None:
            asked |= {"max_tokens": patches, "text_chunk_size": ALL_OF_IT}
            options |= {"min_tokens": str(patches), "retry_badcase_ratio_threshold": UNBOUND}
        if settings.get("steps"):
            asked["num_inference_steps"] = settings["steps"]
        if clip and settings.get("clip"):
            words = settings.get("clip_text")
            asked["audio" if words else "voice_ref"] = str(Path(settings["clip"]).absolute())
            if words:
                asked["reference_text"] = words
        return {**asked, "options": options}

    def _command(self) -> list[str]:
        settings = self._settings
        return [
            settings["program"], "--task", "tts", "--family", FAMILY,
            "--model", settings["gguf"], "--backend", self._backend,
            "--threads", str(settings["threads"]), "--log",
        ]  # fmt: skip

    def _run(self, asked: list[dict[str, Any]]) -> tuple[float, list[Request]]:
        """Have requests worked off; when the program was started, and what it told of each."""
        log, order = Log(), self._place / "requests.json"
        order.write_text(json.dumps(asked), "utf-8")
        for request in asked:
            self._file(request["id"]).unlink(missing_ok=True)
        ending = self._runner.run(
            [*self._command(), "--request-sequence", str(order), "--out-dir", str(self._place)],
            environment=os.environ, cwd=str(self._place), on_line=log.hear, name=NAME, check=False,
        )  # fmt: skip
        _check(ending)
        _expect(log.requests, len(asked))
        return ending.began, log.requests

    def _file(self, request: str) -> Path:
        return self._place / f"{request}.wav"

    def _patches(self, seconds: float | None) -> int | None:
        if seconds is None:
            return None
        return max(WARM_UP, round(seconds * float(self._settings["patches_s"])))

    def check(self, made: float, seconds: float | None) -> None:
        """A length that was forced must be there to the patch."""
        patches, patch = self._patches(seconds), 1 / float(self._settings["patches_s"])
        if patches is not None and abs(made - patches * patch) > 0.5 * patch:
            raise WrongLength(
                f"{made:.3f} s of sound came where {patches * patch:.3f} s were forced: "
                f"this {NAME} does not heed min_tokens and max_tokens"
            )


class _NoDevice(Exception):
    """The backend is not built in, or finds no device."""


def _check(ending: Ending) -> None:
    """Raises what a failure means, by the line that the program itself ends with."""
    said = next((text for text in reversed(ending.said) if text.startswith(FAILED)), None)
    if ending.status <= 0 or said is None or ending.signal is not None:
        ending.check(NAME)
        return
    if NO_DEVICE.search(said):
        raise _NoDevice(said.removeprefix(FAILED))
    if any(words in said for words in OTHER_VERSION):
        raise WrongVersion(said)
    short = out_of_memory(ending.said[-LAST:])
    if short is not None:
        raise MemoryError(short)
    raise RuntimeError(said)


def _expect(requests: Sequence[Request], count: int) -> None:
    if len(requests) != count:
        raise _silent(TOTAL)
    for name in STAGES:
        if name not in requests[-1].ms:
            raise _silent(name)


def _silent(line: str) -> WrongVersion:
    return WrongVersion(
        f"{NAME} did not say '[TIMING …] {line} …' for each request: another version than this "
        "was written for (f8fb0c1)"
    )


def _arguments(request: dict[str, Any]) -> list[str]:
    """A request as options of the command line."""
    found: list[str] = []
    for name, value in request.items():
        if name == "options":
            for key, each in value.items():
                found += ["--request-option", f"{key}={each}"]
        elif name != "id":
            found += [f"--{name.replace('_', '-')}", str(value)]
    return found


def engine() -> AudioCppEngine:
    """A new engine."""
    return AudioCppEngine()
