"""Compare the calibrated forecast with real synthesis on this computer.

    python scripts/check_calibration.py --python PATH            print the table
    python scripts/check_calibration.py --python PATH --write    and put it into docs/calibrate.md

PATH is a Python with torch and voxcpm. Generated checkpoints of the true size are written to a
folder of their own (3.6 GB, --folder), loaded by the real package and made to speak a fixed length:
random weights take the time of real ones. Calibration runs before and after; nothing else should
run meanwhile. Takes about ten minutes on two cores.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import wave
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import msgspec
from check_readme import replace_block

from vcf.api import load_catalogue, probe
from vcf.bench.checkpoint import write_checkpoint
from vcf.judge.calibration import Calibration
from vcf.judge.context import Context
from vcf.judge.forecast import time_sum
from vcf.judge.model import Evidence
from vcf.judge.subject import subjects
from vcf.judge.words import number
from vcf.judge.workload import Workload

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "calibrate.md"
RUNS = 3
ALLOWED = 0.25
TEXT = "The quick brown fox jumps over the lazy dog near the river while the sun goes down."
DTYPES = {"cpu-fp32": "float32", "cpu-bf16": "bfloat16"}


@dataclass(frozen=True)
class Cell:
    """One thing to measure: about two seconds of speech."""

    model: str
    mode: str
    steps: int
    reference: float = 0.0
    """Seconds of the clip before it."""


CELLS = (
    Cell("voxcpm-0.5b", "cpu-fp32", 10),
    Cell("voxcpm-0.5b", "cpu-fp32", 4),
    Cell("voxcpm-0.5b", "cpu-fp32", 10, 4.0),
    Cell("voxcpm-0.5b", "cpu-bf16", 10),
    Cell("voxcpm-0.5b", "cpu-bf16", 4),
    Cell("voxcpm-1.5", "cpu-fp32", 10),
    Cell("voxcpm-1.5", "cpu-bf16", 10),
)

CHILD = """
import json, sys, time, warnings
warnings.filterwarnings("ignore")
job = json.loads(sys.argv[1])
from vcf.bench.torchaudio_shim import spare_torchaudio
spare_torchaudio(soundfile=True)
import torch
from voxcpm import VoxCPM
model = VoxCPM.from_pretrained(
    job["folder"], load_denoiser=False, optimize=False, device="cpu")
rate = model.tts_model.sample_rate
prompt = {"prompt_wav_path": job["clip"], "prompt_text": "A voice."} if job["clip"] else {}

def speak(patches, steps):
    torch.manual_seed(0)
    start = time.perf_counter()
    sound = model.generate(text=job["text"], min_len=patches - 1, max_len=patches,
                           retry_badcase=False, inference_timesteps=steps, **prompt)
    return time.perf_counter() - start, len(sound) / rate

speak(4, job["steps"])
for _ in range(job["runs"]):
    print(json.dumps(speak(job["patches"], job["steps"])), flush=True)
"""


def measure(cell: Cell, python: str, folder: Path) -> tuple[list[float], float]:
    """RTF of each run and seconds of speech."""
    place = folder / cell.model
    write_checkpoint(place, cell.model, "full")
    config = place / "config.json"
    stated = json.loads(config.read_text(encoding="utf-8"))
    config.write_text(json.dumps(stated | {"dtype": DTYPES[cell.mode]}), encoding="utf-8")
    clip = _clip(folder, cell.reference) if cell.reference else ""
    steps_s = load_catalogue().models[cell.model].steps_s
    job = {
        "folder": str(place), "clip": clip, "text": TEXT, "steps": cell.steps,
        "patches": round(2 * steps_s), "runs": RUNS,
    }  # fmt: skip
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src"), "TOKENIZERS_PARALLELISM": "false"}
    done = subprocess.run(
        [python, "-c", CHILD, json.dumps(job)],
        capture_output=True, text=True, env=environment, check=False,
    )  # fmt: skip
    if done.returncode:
        sys.exit(f"{cell}: {done.stderr[-2000:]}")
    runs = [json.loads(line) for line in done.stdout.splitlines() if line.startswith("[")]
    return [seconds / speech for seconds, speech in runs], runs[0][1]


def _clip(folder: Path, seconds: float) -> str:
    """Noise of so many seconds as a WAV file."""
    file = folder / f"clip-{seconds:g}.wav"
    with wave.open(str(file), "wb") as stream:
        stream.setnchannels(1)
        stream.setsampwidth(2)
        stream.setframerate(16000)
        stream.writeframes(os.urandom(int(seconds * 16000) * 2))
    return str(file)


def calibrate(python: str) -> dict[str, Any]:
    """What ``vcf calibrate`` measures now; nothing is stored where it would count."""
    with tempfile.TemporaryDirectory() as data:
        done = subprocess.run(
            [sys.executable, "-m", "vcf", "calibrate", "--python", python, "--json"],
            capture_output=True, text=True, check=False, env={**os.environ, "VCF_DATA_DIR": data},
        )  # fmt: skip
    document = json.loads(done.stdout)
    if "calibration" not in document:
        sys.exit(f"vcf calibrate: {done.stdout}{done.stderr}")
    return document  # type: ignore[no-any-return]


def compare(cell: Cell, runs: list[float], speech: float, found: list[Calibration]) -> list[str]:
    """A line of the table: measured, calibrated forecasts, and without calibration."""
    workload = Workload(speech_seconds=speech, reference_seconds=cell.reference, steps=cell.steps)
    context = Context(probe(), workload)
    subject = subjects(load_catalogue()).by_key[cell.model, cell.mode]
    sums = [time_sum(subject, context, None, Evidence(calibration=each)) for each in (*found, None)]
    rtfs = [total.rtf for total in sums if total is not None]
    measured = statistics.median(runs)
    cells = [
        cell.model, cell.mode, str(cell.steps), f"{cell.reference:g} s",
        f"{number(measured)} ({number(min(runs))} – {number(max(runs))})",
        *(f"{number(rtf)} ({rtf / measured - 1:+.0%})" for rtf in rtfs),
    ]  # fmt: skip
    inside = all(abs(rtf / measured - 1) <= ALLOWED for rtf in rtfs[: len(found)])
    return [*cells, "yes" if inside else "**no**"]


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--python", required=True, metavar="PATH", help="with torch and voxcpm")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "vcf-check")
    parser.add_argument("--write", action="store_true", help="put the table into the page")
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    documents = [calibrate(arguments.python)]
    measured = []
    for cell in CELLS:
        measured.append((cell, *measure(cell, arguments.python, arguments.folder)))
        print(*measured[-1], file=sys.stderr)
    documents.append(calibrate(arguments.python))
    found = [msgspec.convert(each["calibration"], Calibration) for each in documents]
    heads = [
        "Model", "Mode", "Steps", "Clip", "Measured RTF", "Calibrated", "once more",
        "Not calibrated", "Within 25 %",
    ]  # fmt: skip
    lines = [f"| {' | '.join(heads)} |", "|---" * len(heads) + "|"]
    rows = [compare(cell, runs, speech, found) for cell, runs, speech in measured]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    table = "\n".join(lines)
    print(table)
    if arguments.write:
        page = replace_block(PAGE.read_text(encoding="utf-8"), "comparison", table)
        PAGE.write_text(page, encoding="utf-8", newline="\n")
    return 0 if all(row[-1] == "yes" for row in rows) else 1


if __name__ == "__main__":
    sys.exit(main())
