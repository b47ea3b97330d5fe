"""Benchmark records for tests: a full one, the least one, and one for each way to fail."""

from __future__ import annotations

from typing import Any

import msgspec

from vcf.bench.record import (
    BenchRecord,
    Conditions,
    Engine,
    MemoryPeaks,
    Phases,
    Power,
    Predicted,
    Protocol,
    Quality,
    Reason,
    Run,
    Status,
    Streaming,
    Weights,
)
from vcf.bench.summary import summarise
from vcf.judge.calibrated import facts_of, key_of
from vcf.judge.workload import Workload
from vcf.machine.load import read_machine
from vcf.machine.model import Machine
from vcf.units import GIB

DESK = """
os: linux
cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [avx2]}
memory: {total: 32GiB}
gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: "570.133"}]
disk: {free: 200GB}
"""
SHA = "3f2a9c01" * 8
RTFS = (12.3, 12.5, 12.9)
FAILURES: dict[str, tuple[Status, Reason]] = {
    "oom": ("oom", Reason(id="out-of-memory", detail="CUDA out of memory. Tried 20.00 MiB.")),
    "killed": ("killed", Reason(id="killed", signal="SIGKILL")),
    "interrupted": ("killed", Reason(id="interrupted", signal="SIGINT")),
    "timeout": ("timeout", Reason(id="time-limit", detail="not done in 600 s")),
    "error": ("error", Reason(id="engine-error", detail="RuntimeError: shape '[1, 2]' is invalid")),
    "crash": ("error", Reason(id="signal", signal="SIGSEGV")),
    "skipped": ("skipped", Reason(id="no-gpu")),
    "odd": ("error", Reason(id="never-heard-of", detail="…")),
    "silent": ("error", Reason(id="engine-error")),
}
"""By name: a status and its reason."""


def machine(text: str = DESK) -> Machine:
    """A machine from the text of its file."""
    return read_machine(text, "desk.yaml")


def runs(*rtfs: float, audio_s: float = 10.0, **changes: Any) -> list[Run]:
    """Undisturbed runs of so many seconds of speech with these RTFs."""
    return [
        Run(synthesis_s=rtf * audio_s, audio_s=audio_s, rtf=rtf, foreign_share=0.01, **changes)
        for rtf in rtfs
    ]


def record(rtfs: tuple[float, ...] = RTFS, **changes: Any) -> BenchRecord:
    """A record with all that a run on the processor leaves behind. ``rtfs`` are its runs, from
    which the summary follows; ``changes`` replace fields of the record."""
    made = runs(*rtfs)
    found = changes.get("machine") or machine()
    full = BenchRecord(
        id="20261123T101112-voxcpm-0.5b-cpu-fp32",
        created="2026-11-23T10:11:12Z",
        status="ok",
        machine=found,
        machine_key=key_of(facts_of(found)),
        model="voxcpm-0.5b",
        mode="cpu-fp32",
        engine=Engine(
            name="voxcpm", device="cpu", precision="fp32", compiled=False, threads=10,
            parameters=640_000_000, sample_rate_hz=16_000,
        ),
        versions={"python": "3.11.7", "torch": "2.13.0+cpu", "voxcpm": "2.0.3"},
        weights=Weights(
            kind="hub", repo="openbmb/VoxCPM-0.5B", revision="bd4b1b9c", sha256=SHA,
            size_bytes=1_600_000_000,
        ),
        workload=Workload(speech_seconds=10.0, reference_seconds=10.0, steps=10),
        protocol=Protocol(
            text="medium", text_sha256="ab" * 32, text_characters=150, lang="en", seed=1,
            fixed_seconds=10.0, warmups=1, runs_min=3, seconds_min=30.0, max_seconds=600.0,
            quick=False, streaming=True,
        ),
        phases=Phases(import_s=4.2, load_s=8.1, reference_s=1.4, cold=runs(13.6)[0]),
        runs=made,
        streaming=Streaming(
            first_audio_s=3.2, first_audio_runs=[3.1, 3.2, 3.4], rtf=12.6, chunks=62,
            underruns=60, buffer_s=116.0,
        ),
        summary=summarise(made),
        memory=MemoryPeaks(
            rss_peak_bytes=round(4.4 * GIB), rss_high_water_bytes=round(4.5 * GIB),
        ),
        power=Power(
            energy_j=15_000.0, energy_source="rapl", energy_per_audio_j=500.0,
            cpu_clock_mhz_before=4500, cpu_clock_mhz_after=4100, cpu_celsius_before=41.0,
            cpu_celsius_after=78.5,
        ),
        conditions=Conditions(
            load_average=0.4, governor="performance", on_battery=False, foreign_gpu_processes=0,
            foreign_share=0.01,
        ),
        quality=Quality(
            status="pass", finite=True, rms=0.08, clipped_share=0.0, silence_s=0.4,
            length_ratio=1.02,
        ),
        predicted=Predicted(
            low=9.0, mid=12.0, high=30.0, basis="calibrated", verdict="tight",
            host_bytes=round(4.2 * GIB),
        ),
    )  # fmt: skip
    return msgspec.structs.replace(full, **changes)


def on_gpu(rtfs: tuple[float, ...] = (0.31, 0.32, 0.33), **changes: Any) -> BenchRecord:
    """A record of the graphics card."""
    given: dict[str, Any] = {
        "id": "20261123T104455-voxcpm-0.5b-gpu-bf16",
        "mode": "gpu-bf16",
        "gpu": "NVIDIA GeForce RTX 3060",
        "engine": Engine(
            name="voxcpm", device="cuda:0", precision="bf16", compiled=True, threads=10
        ),
        "versions": {"python": "3.11.7", "torch": "2.13.0+cu128", "voxcpm": "2.0.3"},
        "phases": Phases(import_s=4.4, load_s=35.0, reference_s=0.1, cold=runs(1.9)[0]),
        "streaming": Streaming(
            first_audio_s=0.21, first_audio_runs=[0.2, 0.21, 0.25], rtf=0.34, chunks=62,
            underruns=0, buffer_s=0.0,
        ),
        "memory": MemoryPeaks(
            rss_peak_bytes=round(3.1 * GIB), vram_peak_bytes=round(4.9 * GIB),
            vram_source="process", torch_reserved_bytes=round(4.4 * GIB),
            torch_allocated_bytes=round(3.9 * GIB),
        ),
        "power": Power(
            energy_j=2_000.0, energy_source="nvml", energy_per_audio_j=66.0, throttle=[],
            gpu_clock_mhz_min=1700, gpu_clock_mhz_median=1800, gpu_celsius_before=44.0,
            gpu_celsius_after=67.0,
        ),
        "predicted": Predicted(
            low=0.1, mid=0.2, high=0.28, basis="roofline", verdict="good",
            device_bytes=5 * GIB, host_bytes=3 * GIB,
        ),
        **changes,
    }  # fmt: skip
    return record(rtfs, **given)


def failure(name: str, **changes: Any) -> BenchRecord:
    """A record of a cell that did not end ok: see FAILURES."""
    status, reason = FAILURES[name]
    given = {
        "status": status, "reason": reason, "mode": "cpu-bf16",
        "weights": record().weights, **changes,
    }  # fmt: skip
    return least(**given)


def least(**changes: Any) -> BenchRecord:
    """A record in which everything that may be unknown is."""
    full = record()
    kept: dict[str, Any] = {
        name: getattr(full, name)
        for name in ("id", "created", "machine", "machine_key", "model", "mode", "protocol")
    }
    kept |= {
        "status": "error",
        "engine": Engine(name="voxcpm", device="cpu"),
        "weights": Weights(kind="path"),
        "workload": Workload(),
        **changes,
    }
    return BenchRecord(**kept)
