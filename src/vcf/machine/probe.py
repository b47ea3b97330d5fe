"""``probe()``: ask every part of the running system, or of a recorded one, and join the answers."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from . import cpu, disk, memory, settings, software, system
from .ask import python_fact
from .assemble import assemble, clean
from .calls import CALLS
from .findings import Findings, Path
from .guard import Failure, attempt, run_all
from .host import Host, LiveHost
from .model import Machine
from .owner import Owner, owner_of
from .plausible import sift

PROBE_SECONDS = 3.0
"""All probes together; what has not answered by then is unknown."""

PROBES: tuple[tuple[str, Callable[[Host], Findings], tuple[Path, ...]], ...] = (
    ("system", system.probe_system, system.PATHS),
    ("cpu", cpu.probe_cpu, cpu.PATHS),
    ("memory", memory.probe_memory, memory.PATHS),
    ("disk", disk.probe_disk, disk.PATHS),
    ("software", software.probe_software, software.PATHS),
    ("settings", settings.probe_settings, (("settings",),)),
)
"""Name, probe, and the facts that become unknown when it fails."""

Note = Callable[[str], None]


def live_host(more: Mapping[str, Callable[..., Any]] | None = None) -> LiveHost:
    """The running system with the calls of every probe; ``more`` replaces some of them."""
    from .gpus.calls import GPU_CALLS

    return LiveHost({**CALLS, **GPU_CALLS, **(more or {})})


def probe(
    host: Host | None = None, *, note: Note | None = None, seconds: float = PROBE_SECONDS
) -> Machine:
    """What the machine is. Never raises: what can't be learnt is unknown, with the reason.

    ``note`` is told, a line each, of probes that failed and of answers that were rubbish.
    """
    from .gpus import gpu_probes

    host = live_host() if host is None else host
    platform, owner = attempt(partial(_platform, host)), attempt(partial(owner_of, host))
    owner = owner if isinstance(owner, Owner) else Owner(None)
    gpus = gpu_probes(platform if isinstance(platform, str) else "")
    jobs: list[Callable[[], Any]] = [partial(ask_one, host) for _, ask_one, _ in PROBES]
    jobs += [partial(ask_gpu, host) for _, ask_gpu in gpus]
    answers = run_all(jobs, seconds)
    lines: list[str] = []
    found = _join(answers[: len(PROBES)], lines)
    _join_gpus([name for name, _ in gpus], answers[len(PROBES) :], found, lines)
    lines += sift(found)
    if note is not None:
        for line in lines:
            note(clean(owner.hide_home(line)))
    return assemble(found, owner)


def _platform(host: Host) -> str:
    return python_fact(host, "platform")


def _join(answers: Sequence[Any], lines: list[str]) -> Findings:
    """What the probes found; a failed one makes its facts unknown, unless another knows them."""
    found = Findings()
    failed: list[tuple[str, tuple[Path, ...]]] = []
    for (name, _, paths), answer in zip(PROBES, answers, strict=True):
        if isinstance(answer, Findings):
            found.merge(answer)
        else:
            reason = f"{name} probe: {_why(answer)}"
            lines.append(reason)
            failed.append((reason, paths))
    for reason, paths in failed:
        for path in paths:
            found.miss(reason, *path)
    return found


def _join_gpus(
    names: Sequence[str], answers: Sequence[Any], found: Findings, lines: list[str]
) -> None:
    """The GPUs. Without any, a source that failed leaves it open whether there is one."""
    from .gpus import join

    good = [answer for answer in answers if isinstance(answer, list)]
    failures = [
        f"{name} GPU probe: {_why(answer)}"
        for name, answer in zip(names, answers, strict=True)
        if not isinstance(answer, list)
    ]
    lines += failures
    try:
        joined = join(good)
    except Exception as error:
        joined = Findings()
        failures = [f"joining the GPUs: {type(error).__name__}: {error}"]
        lines += failures
    if failures and not any(path[0] == "gpus" for path in joined.values):
        joined.gpus_known = False
        joined.miss(failures[0], "gpus")
    found.merge(joined)


def _why(answer: Any) -> str:
    if isinstance(answer, Failure):
        return answer.reason
    return f"answered with {type(answer).__name__}"
