"""A program that stands in for VoxCPM.cpp's ``voxcpm_tts``.

It imitates commit 9b54b80 (2026-03-18), as recorded in ``transcripts/voxcpm-cpp-*.txt``: the usage
text; what is printed while it loads, speaks, streams and encodes a clip, all on standard error,
progress with the carriage return before it; exit 0, or 1 with ``Error: …``; WAV files of 16 bits;
the two variables that force a length. It does not imitate the model: it sleeps a little for each
patch, takes no memory to speak of, and makes a tone.

``put(folder)`` makes an executable of it. Settings are in the environment:

PROGRAM_FAULT  ``KIND@N``: in the Nth call that is not for help (the first); without N in each.
               Kinds: ``SIGSEGV`` or another signal; error, bad_alloc (as C++ ends), memory (as the
               program says it), assert (as GGML ends); hang; backend (another one than asked);
               longer (a patch too many); float (another kind of WAV), no-file, no-chunks;
               clock (its own figures are far off); without=LINE (leaves out what begins so);
               usage (``--help`` knows no --threads), help-hangs.
PROGRAM_STREAMS  ``--stream`` works; the real one crashes at its second chunk.
PROGRAM_LOG    A file to which each call is added as a line of JSON: arguments and variables.
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

RATE, PATCH = 16_000, 1280
"""Hz, and samples in a patch: of VoxCPM-0.5B."""
NATURAL = 30
"""Patches where no length is forced."""
NOISE_STOPS = 3
"""Step at which random weights would stop, if they might."""
PATCH_S, LOAD_S, DECODE_S, ENCODE_S = 0.004, 0.02, 0.01, 0.02
USAGE = """Usage:
  {program} --text TEXT --output OUTPUT --model-path MODEL.gguf [options]

Options:
  --text, -t TEXT
  --output, -o OUTPUT
  --prompt-audio, -pa PROMPT_AUDIO
  --prompt-text, -pt PROMPT_TEXT
  --cfg-value FLOAT (default: 2.0)
  --inference-timesteps INT (default: 10)
  --backend {{cpu|cuda|vulkan|auto}} (default: cpu)
  --threads INT (default: 4)
  --stream
  --stream-dir DIR
  --normalize
  --model-path GGUF
"""
BUILT = ("cpu", "auto")
"""Backends of a build without CUDA and Vulkan."""


def put(folder: Path, name: str = "voxcpm_tts") -> Path:
    """An executable in a folder."""
    program = folder / name
    program.write_text(f"#!{sys.executable}\n{Path(__file__).read_text('utf-8')}", "utf-8")
    program.chmod(0o755)
    return program


class Program:
    """One call."""

    def __init__(self, arguments: list[str], call: int) -> None:
        self.told = dict(zip(arguments, [*arguments[1:], ""], strict=True))
        self.kind = ""
        kind, _, number = os.environ.get("PROGRAM_FAULT", "").partition("@")
        if not number or int(number) == call:
            self.kind = kind
        self.steps = int(os.environ.get("VOXCPM_BENCHMARK_DECODE_STEPS", "0"))
        self.width = 0

    def say(self, text: str, end: str = "\n") -> None:
        """Print, unless it is to be left out."""
        left_out = self.kind.partition("=")[2] if self.kind.startswith("without=") else None
        if left_out and text.strip().startswith(left_out):
            return
        sys.stderr.write(text + end)
        sys.stderr.flush()

    def run(self) -> int:
        """As its main; the exit status."""
        model, backend = self.told["--model-path"], self.told["--backend"]
        if not Path(model).is_file():
            raise RuntimeError("--model-path must point to an existing GGUF file")
        clip = self.told.get("--prompt-audio")
        if clip and not Path(clip).is_file():
            raise RuntimeError(f"Prompt audio file does not exist: {clip}")
        self.backend(backend)
        self.say(f"Loading GGUF from {model} with {self.told['--threads']} threads...")
        if self.kind == "error":
            raise RuntimeError(f"Failed to load GGUF: {model}")
        time.sleep(LOAD_S)
        self.say("Tokenizer loaded from GGUF metadata.")
        encode = self.encode(clip)
        begin = time.monotonic()
        self.say(f"Running prefill, seq_len={44}...")
        self.fail()
        patches = self.decode()
        model_s, begin = time.monotonic() - begin, time.monotonic()
        self.say(f"Decoding waveform from {2 * patches} latent patches...")
        time.sleep(DECODE_S)
        if self.kind != "no-file":
            self.write(Path(self.told["--output"]), patches + (self.kind == "longer"))
        self.report(patches, encode, model_s, time.monotonic() - begin)
        return 0

    def backend(self, asked: str) -> None:
        """Where it computes."""
        if asked not in BUILT:
            name = {"cuda": "CUDA", "vulkan": "Vulkan"}[asked]
            self.say("register_backend: registered backend CPU (1 devices)")
            raise RuntimeError(
                f"Failed to initialize {name} backend. Check that VoxCPM was built with "
                f"VOXCPM_{name.upper()}=ON and that {name} drivers are working."
            )
        found = "cuda (CUDA0 | a card)" if self.kind == "backend" else "cpu (CPU | CPU backend)"
        self.say(f"Using backend: {found}")

    def encode(self, clip: str | None) -> float:
        """Seconds that a clip takes."""
        if not clip:
            return 0.0
        begin = time.monotonic()
        self.say("Encoding prompt audio...")
        time.sleep(ENCODE_S)
        return time.monotonic() - begin

    def fail(self) -> None:
        """What ends it here."""
        if self.kind == "hang":
            time.sleep(600)
        if self.kind == "memory":
            raise RuntimeError("Failed to allocate buffer")
        if self.kind == "bad_alloc":
            self.say("terminate called after throwing an instance of 'std::bad_alloc'")
            self.say("  what():  std::bad_alloc")
            os.kill(os.getpid(), signal.SIGABRT)
        if self.kind == "assert":
            self.say("/ggml/src/gguf.cpp:194: GGML_ASSERT(type == other) failed")
            os.kill(os.getpid(), signal.SIGABRT)
        if self.kind.startswith("SIG"):
            os.kill(os.getpid(), getattr(signal, self.kind))

    def decode(self) -> int:
        """The patches, with their progress; how many."""
        most = self.steps or 208
        forced = f" (benchmark_steps={self.steps}, ignore_stop=1)" if self.steps else ""
        self.say(f"Running decode loop, max_len={most}{forced}...")
        begin, patches = time.monotonic(), self.steps or NATURAL
        for step in range(1, patches + 1):
            time.sleep(PATCH_S)
            if step == 2 and "--stream" in self.told and "PROGRAM_STREAMS" not in os.environ:
                self.say("double free or corruption (!prev)")
                os.kill(os.getpid(), signal.SIGABRT)
            self.progress(step, most, begin)
            if "--stream" in self.told:
                self.chunk(step)
            if self.steps and step == NOISE_STOPS + 1:
                self.clear()
                self.say(f"Stop token observed at step {NOISE_STOPS} (continuing due to "
                         "benchmark mode).")  # fmt: skip
                self.progress(step, most, begin)
        if not self.steps:
            self.clear()
            self.say(f"Stop token triggered at step {patches - 1}.")
        self.progress(patches, most, begin)
        self.say("")
        if self.steps > NOISE_STOPS:
            self.say(f"First stop token was observed at step {NOISE_STOPS}.")
        return patches

    def chunk(self, step: int) -> None:
        """One patch as a file."""
        self.say("Decoding waveform from 2 latent patches...")
        if self.kind != "no-chunks":
            chunks = Path(self.told["--stream-dir"])
            chunks.mkdir(exist_ok=True)
            self.write(chunks / f"chunk_{step - 1:04}.wav", 1)

    def clear(self) -> None:
        """The line of progress."""
        self.say("\r" + " " * self.width + "\r", end="")
        self.width = 0

    def progress(self, step: int, most: int, begin: float) -> None:
        """The carriage return first, then the line, and no end of it."""
        seconds = max(1e-9, time.monotonic() - begin)
        line = (
            f"[decode] {step}/{most} | elapsed {int(seconds) // 60}:{int(seconds) % 60:02} | "
            f"{step / seconds:.2f} it/s | {seconds / step:.3f} s/it"
        )
        self.width = max(self.width, len(line))
        self.say("\r", end="")
        self.say(line.ljust(self.width), end="")

    def write(self, file: Path, patches: int) -> None:
        """A tone."""
        if self.kind == "float":
            file.write_bytes(
                b"RIFF" + struct.pack("<I", 40) + b"WAVEfmt "
                + struct.pack("<IHHIIHH", 16, 3, 1, RATE, 4 * RATE, 4, 32)
                + b"data" + struct.pack("<If", 4, 0.5)
            )  # fmt: skip
            return
        tone = (int(9000 * math.sin(at / 7)) for at in range(patches * PATCH))
        with wave.open(str(file), "wb") as out:
            out.setnchannels(1)
            out.setsampwidth(2)
            out.setframerate(RATE)
            out.writeframes(struct.pack(f"<{patches * PATCH}h", *tone))

    def report(self, patches: int, encode: float, model: float, vae: float) -> None:
        """Its own figures."""
        if self.kind == "clock":
            model += 100
        audio, total = patches * PATCH / RATE, encode + model + vae
        self.say(f"Saved audio to {self.told['--output']} ({audio:.3f}s)")
        for line in (
            "", "=== Timing Breakdown ===",
            f"  AudioVAE encode:   {encode:.3f}s",
            f"  Model inference:   {model:.3f}s  (prefill + decode loop)",
            f"  AudioVAE decode:   {vae:.3f}s",
            "  -------------------------",
            f"  Total:             {total:.3f}s",
            "", "=== RTF (Real-Time Factor) ===",
            f"  Without AudioVAE:        {model / audio:.3f}",
            f"  Without AudioVAE Encode: {(model + vae) / audio:.3f}  (model + decode)",
            f"  Full pipeline:           {total / audio:.3f}",
        ):  # fmt: skip
            self.say(line)


def main() -> int:
    """The program; its exit status."""
    arguments, kind = sys.argv[1:], os.environ.get("PROGRAM_FAULT", "")
    if "--help" in arguments:
        if kind == "help-hangs":
            time.sleep(600)
        text = USAGE.format(program=sys.argv[0])
        sys.stderr.write(text.replace("--threads", "--cores") if kind == "usage" else text)
        return 0
    log = os.environ.get("PROGRAM_LOG")
    call = 1
    if log:
        own = {name: value for name, value in os.environ.items() if name.startswith("VOXCPM_")}
        with open(log, "a+", encoding="utf-8") as file:
            file.write(json.dumps({"arguments": arguments, "environment": own}) + "\n")
            file.seek(0)
            call = len(file.readlines())
    try:
        return Program(arguments, call).run()
    except RuntimeError as error:
        sys.stderr.write(f"Error: {error}\n")
        return 1


if __name__ == "__main__":
    sys.exit(main())
