"""When a measurement is over, and whether its sound can be speech. Pure."""

from __future__ import annotations

from typing import Any

import msgspec

from .record import Quality, WeightsKind

CPU_RUNS, GPU_RUNS, QUICK_RUNS = 3, 5, 2
GPU_SECONDS = 20.0
"""Warm runs of a GPU go on for so long at the least: its clocks take seconds to settle."""
CPU_MOST, GPU_MOST = 600.0, 120.0
"""Seconds of a cell's syntheses, where nothing else is asked."""
MOST_RUNS = 1000
STREAMS_CPU, STREAMS_GPU = 1, 3
STREAM_FACTOR = 1.5
"""How much longer a streamed synthesis may take than one at once."""
STALL_S = 0.1
"""A shorter wait of the player is not heard."""

SILENCE_RMS = 1e-3
"""-60 dB of full scale."""
CLIPPED_SHARE = 0.01
SHORTEST, LONGEST = 0.3, 3.0
"""Of the seconds expected of a text."""


class Rules(msgspec.Struct, frozen=True, kw_only=True):
    """How many runs make a measurement."""

    runs_min: int
    seconds_min: float
    """Both are to be reached."""
    max_seconds: float
    """From the start of the first synthesis; nothing is begun that would last longer."""
    streams: int
    """Streamed syntheses, if there are any."""
    warmups: int = 1


def rules_for(
    *, gpu: bool, quick: bool, streaming: bool, runs: int | None, most: float | None
) -> Rules:
    """The rules of a cell. ``runs``: exactly so many; ``most``: seconds at the most."""
    if runs is not None:
        least, seconds = runs, 0.0
    elif quick:
        least, seconds = QUICK_RUNS, 0.0
    else:
        least, seconds = (GPU_RUNS, GPU_SECONDS) if gpu else (CPU_RUNS, 0.0)
    return Rules(
        runs_min=least,
        seconds_min=seconds,
        max_seconds=most or (GPU_MOST if gpu else CPU_MOST),
        streams=0 if not streaming else STREAMS_GPU if gpu and not quick else STREAMS_CPU,
    )


def enough(rules: Rules, times: list[float]) -> bool:
    """Whether so many warm runs of so many seconds are enough."""
    done = len(times) >= rules.runs_min and sum(times) >= rules.seconds_min
    return done or len(times) >= MOST_RUNS


def runs_ahead(rules: Rules, times: list[float], expected: float) -> int:
    """How many warm runs are still to come, about."""
    if enough(rules, times):
        return 0
    short = (rules.seconds_min - sum(times)) / expected if expected > 0 else 0
    return max(rules.runs_min - len(times), -int(-short // 1), 1)


class Played(msgspec.Struct, frozen=True, kw_only=True):
    """How a player fared that started with the first chunk."""

    underruns: int
    buffer_s: float
    """Its waits in all: so much later it would have to start to play without one."""


def play(chunks: list[tuple[float, float]]) -> Played:
    """A simulated player over chunks (seconds after the call at which it came, its length)."""
    underruns, waits, ends = 0, 0.0, chunks[0][0]
    for came, length in chunks:
        wait = came - ends
        underruns += wait > STALL_S
        waits += max(0.0, wait)
        ends = max(ends, came) + length
    return Played(underruns=underruns, buffer_s=waits)


def quality(facts: dict[str, Any], kind: WeightsKind, expected_s: float) -> Quality:
    """What the facts of a sound say. ``expected_s``: what a voice would take for the text."""
    finite, rms = bool(facts["finite"]), facts["rms"]
    ratio = facts["audio_s"] / expected_s
    failed = []
    if not finite:
        failed.append("not-finite")
    if rms is not None and rms < SILENCE_RMS:
        failed.append("silent")
    if (facts["clipped_share"] or 0) > CLIPPED_SHARE:
        failed.append("clipped")
    if ratio < SHORTEST:
        failed.append("too-short")
    if ratio > LONGEST:
        failed.append("too-long")
    noise = kind in ("synthetic", "tiny")
    return Quality(
        status="not-applicable" if noise else "fail" if failed else "pass",
        failed=[] if noise else failed,
        finite=finite,
        rms=rms,
        clipped_share=facts["clipped_share"],
        silence_s=facts["silence_s"],
        length_ratio=ratio,
    )
