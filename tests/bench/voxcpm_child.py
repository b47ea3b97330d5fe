"""What the tests that run the real voxcpm package share: child processes and their answers.

A child, not this process: voxcpm and torch stay imported for ever, and pytest turns their
warnings into errors.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import wave
from array import array
from math import pi, sin
from pathlib import Path
from typing import Any

import pytest

from vcf.bench.torchaudio_shim import command

PACKAGES = ("torch", "torchaudio", "transformers", "librosa", "soundfile", "voxcpm")

needs_voxcpm = pytest.mark.skipif(
    any(importlib.util.find_spec(name) is None for name in PACKAGES),
    reason="needs the voxcpm package: nox -s voxcpm",
)


def environment(**extra: str) -> dict[str, str]:
    """For a child: quiet, and one thread."""
    return {
        **os.environ,
        "PYTHONUTF8": "1",
        "TOKENIZERS_PARALLELISM": "false",
        "OMP_NUM_THREADS": "1",  # two wait for each other where others work too
        **extra,
    }


def run_script(
    code: str, folder: Path, *, spared: bool = True, soundfile: bool = False, **extra: str
) -> subprocess.CompletedProcess[str]:
    """Run a script in a folder with the Python of the tests; torchaudio spared or as it is."""
    script = folder / "recipe.py"
    script.write_text(code, encoding="utf-8")
    return subprocess.run(
        command(script, soundfile=soundfile) if spared else [sys.executable, str(script)],
        cwd=folder,
        env=environment(**extra),
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
    )


def answer(code: str, folder: Path, *, soundfile: bool = False, **extra: str) -> Any:
    """The JSON that a script's last line on stdout holds; its errors fail the test."""
    done = run_script(code, folder, soundfile=soundfile, **extra)
    assert done.returncode == 0, done.stderr[-3000:]
    return json.loads(done.stdout.strip().splitlines()[-1])


def write_tone(file: Path, seconds: float = 3.0, rate: int = 22050) -> None:
    """A mono WAV of 16 bits with a tone that wavers: a voice for who does not listen."""
    samples = array(
        "h",
        (
            int(9000 * sin(2 * pi * (180 * t + 8 * sin(2 * pi * 3 * t))))
            for t in (n / rate for n in range(int(seconds * rate)))
        ),
    )
    if sys.byteorder == "big":
        samples.byteswap()
    with wave.open(str(file), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(rate)
        stream.writeframes(samples.tobytes())
