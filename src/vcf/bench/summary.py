"""The warm runs of a cell in figures."""

from __future__ import annotations

import statistics

from .record import Run, Summary, counting, quartiles

UNSTABLE = 0.10
"""Share of the median that the quartiles may be apart."""


def summarise(runs: list[Run]) -> Summary | None:
    """The warm runs in figures; disturbed ones only where there are no others. None: no run."""
    good = counting(runs)
    rtfs = sorted(run.rtf for run in good)
    ends = quartiles(rtfs)
    if ends is None:
        return None
    middle, spread = statistics.median(rtfs), ends[1] - ends[0]
    return Summary(
        rtf=middle,
        rtfx=1 / middle,
        rtf_p90=_p90(rtfs),
        rtf_min=rtfs[0],
        rtf_max=rtfs[-1],
        rtf_iqr=spread,
        rtf_total=sum(run.synthesis_s for run in good) / sum(run.audio_s for run in good),
        unstable=spread > UNSTABLE * middle,
    )


def _p90(values: list[float]) -> float:
    return (
        values[0]
        if len(values) == 1
        else statistics.quantiles(values, n=10, method="inclusive")[-1]
    )
