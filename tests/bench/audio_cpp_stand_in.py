"""A program that speaks as audio.cpp's ``audiocpp_cli`` does, without any model.

It imitates, as recorded in ``transcripts/audio-cpp-*.txt`` (commit f8fb0c1): ``--help`` as far as
vcf reads it, ``--list-loaders``; lists of requests and streaming; what ``--log`` prints, with the
real program's buffering (results come out with the next line of the log); ``NAME.wav`` for each
request and ``chunk_N.wav`` for each patch; the line on standard error and status 1 where it gives
up. It takes as many patches as ``max_tokens`` says, or stops after 12 where ``min_tokens`` allows
it. A tone in place of speech; seconds are those below, not waited for but when it streams.

    python audio_cpp_stand_in.py --task tts --family voxcpm2 …

AUDIO_CPP_FAULT   What goes wrong, and from which start of the program on that is given requests:
                  ``KIND`` or ``KIND:3``. Kinds: ``SIGSEGV`` or another signal; hang; oom (as C++
                  says it), oom-cuda (as the sources have it: not recorded); damaged (another
                  complaint); quiet (no line with times); renamed (another name for the total);
                  no-sound (no file); short (a patch too few); stereo; old (knows no lists of
                  requests); other (knows no VoxCPM2); no-help (another program).
AUDIO_CPP_DEVICES Backends that find a device: cpu
AUDIO_CPP_LOG     A file to which the options and requests of each start are added, as JSON.
"""

from __future__ import annotations

import json
import math
import os
import signal
import struct
import sys
import time
import wave
from pathlib import Path
from typing import Any, NoReturn

RATE, PATCH = 48_000, 7680
NATURAL = 12
MODEL_MS, VAE_MS, CLIP_MS, EMBED_MS = 2.0, 1.0, 4.0, 0.5
"""For a patch; for a clip."""
ONCE_MS = 10.0
"""What only the first request of a process takes."""
STAMP = "ts=20261123-141451"
NAMES = {"cuda": "CUDA", "vulkan": "Vulkan", "metal": "Metal"}


def fails(why: str) -> NoReturn:
    """As the program gives up: what it had not written out comes after its complaint."""
    print(f"audiocpp_cli failed: {why}", file=sys.stderr, flush=True)
    sys.exit(1)


class Program:
    """One start of it."""

    def __init__(self, given: list[str]) -> None:
        self.given = given
        self.fault, self.folder = "", Path(self.option("--out-dir") or ".")
        self.runs, self.clips = 0, set[str]()

    def option(self, name: str) -> str | None:
        """Of several the first counts."""
        return self.given[self.given.index(name) + 1] if name in self.given else None

    def requests(self) -> list[dict[str, Any]]:
        """Those of the file, or the one of the command line."""
        order = self.option("--request-sequence")
        if order is not None:
            found = json.loads(Path(order).read_text("utf-8"))
            return [{**one, **one.pop("options")} for one in found]
        pairs = [
            text.partition("=")
            for name, text in zip(self.given, self.given[1:], strict=False)
            if name == "--request-option"
        ]
        known = {
            name[2:].replace("-", "_"): text
            for name, text in zip(self.given, self.given[1:], strict=False)
            if name.startswith("--")
        }
        return [{"id": "result", **known, **{key: text for key, _, text in pairs}}]

    def note(self, requests: list[dict[str, Any]]) -> int:
        """Remember this start; its number."""
        log = os.environ.get("AUDIO_CPP_LOG")
        if log is None:
            return 1
        with open(log, "a", encoding="utf-8") as file:
            print(json.dumps({"given": self.given, "requests": requests}), file=file)
        return len(Path(log).read_text("utf-8").splitlines())

    def main(self) -> None:
        """All of it."""
        kind, _, since = os.environ.get("AUDIO_CPP_FAULT", "").partition(":")
        if "--help" in self.given:
            options = "--family --threads --log --request-sequence --list-loaders"
            print("audiocpp_cli --task <task>\n    " + ("" if kind == "no-help" else options))
            return
        if "--list-loaders" in self.given:
            families = ["silero_vad: vad (offline|streaming)", "voxcpm2: tts (offline|streaming)"]
            families = families[:1] if kind == "other" else families
            print(f"registered_loaders={len(families)}", *families, sep="\n", end="\n")
            return
        requests = self.requests()
        self.fault = kind if self.note(requests) >= int(since or 1) else ""
        self.load()
        if self.option("--mode") == "streaming":
            self.stream(requests[0])
            return
        if self.fault == "old":
            fails("VoxCPM2 requires text input")
        print("family=voxcpm2", "task=tts", "mode=offline", sep="\n")
        for index, request in enumerate(requests):
            self.speak(index, request)

    def load(self) -> None:
        """Up to the session."""
        model, backend = self.option("--model") or "", self.option("--backend") or "cpu"
        if not Path(model).exists():
            fails(f"model path does not exist: {model}")
        for name, value in (("family", "voxcpm2"), ("variant", "voxcpm2"), ("root", "x")):
            print(f"[TRACE {STAMP}] runtime.model.{name} {value}", flush=True)
        if backend not in os.environ.get("AUDIO_CPP_DEVICES", "cpu").split():
            name = NAMES[backend]
            fails(f"{name} backend requested but no {name} device found")
        if self.fault == "oom":
            fails("std::bad_alloc")
        if self.fault == "oom-cuda":
            print(
                "ggml_backend_cuda_buffer_type_alloc_buffer: allocating 2817.16 MiB on device 0: "
                "cudaMalloc failed: out of memory",
                file=sys.stderr, flush=True,
            )  # fmt: skip
            fails("failed to allocate VoxCPM2 MiniCPM step graph")
        if self.fault == "damaged":
            fails("GGUF tensor data is out of range: weights/base_lm.norm.weight")

    def tell(self, name: str, value: float) -> None:
        """A line of the log."""
        if self.fault == "quiet" or "--log" not in self.given:
            return
        if self.fault == "renamed":
            name = name.replace("session.wall_ms", "session.total_ms")
        print(f"[TIMING {STAMP}] {name} {value}", flush=True)

    def patches(self, request: dict[str, Any]) -> int:
        """How many are made."""
        most = int(request.get("max_tokens", 4096))
        made = most if int(request.get("min_tokens", 0)) >= NATURAL else min(most, NATURAL)
        if int(request.get("min_tokens", 0)) == most:
            made = most
        return made - 1 if self.fault == "short" else made

    def clip(self, request: dict[str, Any]) -> float:
        """What the clip takes, which is kept."""
        name = request.get("audio") or request.get("voice_ref")
        if name is None:
            return 0.0
        if not Path(name).exists():
            fails(f"could not open WAV file: {name}")
        known = name in self.clips
        self.clips.add(name)
        self.tell("voxcpm2.prompt_encode_ms", 0.0 if known else CLIP_MS)
        self.tell("voxcpm2.prompt_audio_embedding_ms", 0.0 if known else EMBED_MS)
        return 0.0 if known else CLIP_MS + EMBED_MS

    def breaks(self) -> None:
        """In the midst of it."""
        if self.fault.startswith("SIG"):
            os.kill(os.getpid(), signal.Signals[self.fault])
        if self.fault == "hang":
            time.sleep(600)

    def times(self, patches: int, clip_ms: float, wall_ms: float | None = None) -> None:
        """What it tells at the end of a request. ``wall_ms``: what it really took."""
        self.runs += 1
        model = MODEL_MS * patches + (ONCE_MS if self.runs == 1 else 0.0)
        model += EMBED_MS if clip_ms else 0.0
        self.tell("voxcpm2.generator_ms", model)
        self.tell("voxcpm2.audiovae_decoder_ms", VAE_MS * patches)
        made = model + VAE_MS * patches + (CLIP_MS if clip_ms else 0.0)
        self.tell("session.wall_ms", made if wall_ms is None else wall_ms)

    def speak(self, index: int, request: dict[str, Any]) -> None:
        """One request of a list."""
        clip_ms, patches = self.clip(request), self.patches(request)
        self.breaks()
        self.tell("voxcpm2.audiovae.decoder.graph.build_ms", 0.868965)
        self.times(patches, clip_ms)
        print(f"request_index={index}\nrequest_id={request['id']}")
        print(f"[TIMING] request.{request['id']}.wall_ms 12508.3")
        if self.fault != "no-sound":
            self.write(f"{request['id']}.wav", patches)

    def stream(self, request: dict[str, Any]) -> None:
        """One request, a file for each patch."""
        begin = time.perf_counter()
        clip_ms, patches = self.clip(request), self.patches(request)
        self.breaks()
        for number in range(patches):
            time.sleep(MODEL_MS / 1000)
            self.tell("voxcpm2.audiovae.decoder.graph.reused", 1)
            if self.fault != "no-sound":
                self.write(f"chunk_{number}.wav", 1)
        self.tell("voxcpm2.streaming_chunks", patches)
        self.times(patches, clip_ms, clip_ms + (time.perf_counter() - begin) * 1000)
        print("family=voxcpm2", "task=tts", "mode=streaming", sep="\n")

    def write(self, name: str, patches: int) -> None:
        """A file, whole when it has its name."""
        self.folder.mkdir(exist_ok=True, parents=True)
        draft = self.folder / f"{name}.tmp"
        tone = [int(9000 * math.sin(n / 20)) for n in range(PATCH)] * patches
        channels = 2 if self.fault == "stereo" else 1
        with draft.open("wb") as stream, wave.open(stream, "wb") as file:
            file.setnchannels(channels)
            file.setsampwidth(2)
            file.setframerate(RATE)
            file.writeframes(struct.pack(f"<{len(tone)}h", *tone) * channels)
        draft.replace(self.folder / name)
        print(f"audio_out={self.folder / name}")


if __name__ == "__main__":
    Program(sys.argv[1:]).main()
