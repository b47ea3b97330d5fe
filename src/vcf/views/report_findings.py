"""The key findings: what is enough, what limits, and what limits most; and the overview."""

from __future__ import annotations

from collections import Counter

from ..judge.assess import best
from ..judge.change import Change
from ..judge.model import Assessment
from ..units import gb, gib
from .report_document import Finding, Status
from .report_environment import computer_name
from .report_gpus import gpu_limits
from .report_missing import missing, nothing_known
from .report_parts import (
    Fit,
    cpu_modes,
    cpu_status,
    disk_fit,
    fastest,
    gpu_modes,
    gpu_status,
    ram_fit,
    stopped_by_installed,
    to_clear,
)
from .report_scope import Scope, able, bare

ORDER: dict[Status, int] = {"good": 0, "none": 1, "unknown": 2, "limit": 3, "bad": 4}
PRIORITY = ("gpu", "ram", "software", "disk", "cpu")
"""Which of several equally bad parts is named as the main limit."""


class Found(Finding, frozen=True, kw_only=True):
    """A finding with the part that it is about."""

    part: str
    short: str | None = None
    """The same without what software stops, where that is part of it."""
    limits: bool = True
    """Whether it keeps something from running, where its status says that it is not ample."""


def findings(scope: Scope) -> list[Finding]:
    """What is enough first, then what limits; the main limit is marked and comes first of those."""
    found = _all(scope)
    main = main_limit(scope, found)
    kept = [each for each in found if main is None or each.part != main.part]
    good = [each for each in kept if ORDER[each.status] < ORDER["unknown"]]
    rest = sorted((each for each in kept if each not in good), key=lambda e: -ORDER[e.status])
    marked = [] if main is None else [_finding(scope.told("main-limit", text=main.text), main)]
    return [
        *(_finding(each.text, each) for each in good),
        *marked,
        *(_finding(each.text, each) for each in rest),
    ]


def _finding(text: str, found: Found) -> Finding:
    return Finding(status=found.status, text=text)


def _all(scope: Scope) -> list[Found]:
    made = (_ram(scope), _cpu(scope), _gpu(scope), _disk(scope), _software(scope))
    return [each for each in made if each is not None]


def main_limit(scope: Scope, found: list[Found] | None = None) -> Found | None:
    """What keeps models from being faster than real time here: the part whose change would lift
    most of them, else the one that is worst off; None where nothing does."""
    tops = {model: best(given) for model, given in _locals(scope).items()}
    behind = [model for model, top in tops.items() if top.verdict not in ("good", "unknown")]
    if not behind:
        return None
    found = found or _all(scope)
    wanted = next((each for each in found if each.part == _wanted(scope)), None)
    paced = all(tops[model].verdict == "slow" for model in behind)
    names = scope.listed([scope.name(model) for model in behind])
    if paced and all(_on_card(scope, model) for model in behind):
        card = _card(scope, gpu_modes(scope, scope.local))
        text = scope.told("find-gpu-pace", gpu=card, models=names, count=len(behind))
        return Found(part="gpu", status="limit", text=text)
    if wanted is not None and _limiting(wanted):
        return _for(scope, wanted, names, len(behind))
    bad = [each for each in found if _limiting(each)]
    if bad:
        return min(bad, key=lambda each: (-ORDER[each.status], PRIORITY.index(each.part)))
    if paced:
        text = scope.told("find-pace", models=names, count=len(behind))
        return Found(part="speed", status="limit", text=text)
    return None


def _for(scope: Scope, found: Found, names: str, count: int) -> Found:
    """The same; of a card that runs something well, what it is not enough for."""
    modes = gpu_modes(scope, scope.local)
    if found.part != "gpu" or not any(a.verdict in ("good", "slow") for a in modes):
        return found
    told = scope.told("find-gpu-behind", gpu=_card(scope, modes), models=names, count=count)
    limits = list(gpu_limits(scope, modes))
    return Found(
        part="gpu", status=found.status, text=scope.sentences(told, *limits),
        short=scope.sentences(told, *limits[:1]),
    )  # fmt: skip


def _limiting(found: Found) -> bool:
    return found.limits and ORDER[found.status] >= ORDER["limit"]


def _on_card(scope: Scope, model: str) -> bool:
    """Whether it runs on the GPU with memory to spare, and only its speed is wanting."""
    return any(a.verdict == "slow" for a in gpu_modes(scope, _locals(scope)[model]))


def _wanted(scope: Scope) -> str | None:
    """The part whose change the plans of most models ask for."""
    counts: Counter[str] = Counter()
    for plans in scope.plans.values():
        asked = {
            part
            for plan in plans
            for option in plan.options
            for change in option.changes
            if (part := _part(change)) is not None
        }
        counts.update(asked)
    if not counts:
        return None
    return min(counts, key=lambda part: (-counts[part], PRIORITY.index(part)))


def _part(change: Change) -> str | None:
    """Of the machine: what a change is about."""
    if change.kind == "computer":
        return "gpu" if "--gpu" in change.flags else "ram"
    return {
        "card": "gpu", "driver": "software", "software": "software", "ram": "ram",
        "free-memory": "ram", "free-disk": "disk",
    }.get(change.kind)  # fmt: skip


def _locals(scope: Scope) -> dict[str, list[Assessment]]:
    made = {
        model: [a for a in given if a.mode != "online"] for model, given in scope.by_model.items()
    }
    return {model: given for model, given in made.items() if given}


def _ram(scope: Scope) -> Found | None:
    fit = ram_fit(scope.local)
    if fit is None:
        return None
    memory = scope.machine.memory
    have = gib(memory.total_bytes) if memory.total_bytes is not None else "?"
    if memory.available_bytes is not None:
        free = scope.word("available").format(size=gib(memory.available_bytes))
        have = scope.joined([have, free])
    return _amount(scope, "ram", fit, have, gib(fit.low), gib(fit.high))


def _disk(scope: Scope) -> Found | None:
    fit = disk_fit(scope.local)
    if fit is None:
        return None
    disk = scope.machine.disk
    size = disk.free_bytes if disk.free_bytes is not None else disk.total_bytes
    have = gb(size) if size is not None else "?"
    if fit.status == "unknown" and disk.total_bytes is not None:
        text = scope.told(
            "find-disk-size", have=have, low=gb(fit.low), high=gb(fit.high), count=fit.count
        )
        return Found(part="disk", status="unknown", text=text)
    if disk.free_bytes is not None:
        have = scope.word("free").format(size=have)
    return _amount(scope, "disk", fit, have, gb(fit.low), gb(fit.high))


def _amount(scope: Scope, part: str, fit: Fit, have: str, low: str, high: str) -> Found:
    kind: str = fit.status if fit.fits or fit.status != "limit" else "tight"
    if fit.tight and fit.blocked == fit.tight:
        kind = "blocked"
    if part == "disk" and fit.tight:
        kind = "clear" if fit.fits else "clear-all"
    text = scope.told(
        f"find-{part}-{kind}", have=have, low=low, high=high, fits=fit.fits, count=fit.count,
        tight=fit.tight, gap=to_clear(scope, fit),
        range=low if low == high else scope.told("range", low=low, high=high),
    )  # fmt: skip
    return Found(part=part, status=fit.status, text=text)


def _cpu(scope: Scope) -> Found | None:
    """What the processor can do alone; of interest where no GPU makes speech in real time."""
    modes = cpu_modes(scope, scope.local)
    quick = any(a.verdict == "good" for a in gpu_modes(scope, scope.local))
    if not modes or quick:
        return None
    running = [a for a in modes if able(a)]
    if not running:
        status = cpu_status(modes, quick=False)
        text = scope.told(f"find-cpu-{status}", count=len(modes))
        return Found(part="cpu", status=status, text=text)
    verdict = best(running).verdict
    top = fastest(a for a in running if a.verdict == verdict) or best(running)
    whole = "-all" if len(running) == len(modes) and verdict == "slow" else ""
    text = scope.told(
        f"find-cpu-{verdict}{whole}",
        fits=len(running), count=len(modes), model=scope.name(top), mode=top.mode,
        time=scope.time(top.rtf) or "–",
    )  # fmt: skip
    return Found(part="cpu", status="good" if verdict == "good" else "limit", text=text)


def _gpu(scope: Scope) -> Found | None:
    modes = gpu_modes(scope, scope.local)
    if not modes:
        return None
    gpus = scope.machine.gpus
    if not gpus:
        key = "find-gpu-unknown" if gpus is None else "find-gpu-none"
        status: Status = "unknown" if gpus is None else "bad"
        return Found(part="gpu", status=status, text=scope.told(key, count=len(modes)))
    status = gpu_status(modes)
    card = _card(scope, modes)
    running = [a for a in modes if able(a)]
    told = []
    if running:
        top = fastest(running) or best(running)
        key = "find-gpu-tight" if best(running).verdict == "tight" else "find-gpu-runs"
        if key == "find-gpu-runs" and len(running) == len(modes):
            key += "-all"
        told.append(
            scope.told(
                key, gpu=card, fits=len(running), count=len(modes),
                model=scope.name(top), mode=top.mode, time=scope.time(top.rtf) or "–",
            )
        )  # fmt: skip
    else:
        told.append(scope.told(f"find-gpu-card-{status}", gpu=card, count=len(modes)))
    limits = list(gpu_limits(scope, modes))
    short = scope.sentences(*told, *limits[:1])
    return Found(
        part="gpu", status=status, text=scope.sentences(*told, *limits), short=short,
        limits=len(running) < len(modes) or best(running).verdict == "tight",
    )  # fmt: skip


def _card(scope: Scope, modes: list[Assessment]) -> str:
    """The card on which most modes are judged."""
    cards = scope.context.cards or []
    index, _ = Counter(a.gpu for a in modes).most_common(1)[0]
    return next((card.label for card in cards if card.index == index), scope.told("part-gpu"))


def _software(scope: Scope) -> Found | None:
    stopped = stopped_by_installed(scope.local)
    if not stopped:
        return None
    text = Counter(bare(scope.say(gate.text)) for _, gate in stopped).most_common(1)[0][0]
    told = scope.told("software-stops", count=len(stopped), text=text)
    status: Status = "bad" if len(stopped) == len(scope.local) else "limit"
    return Found(part="software", status=status, text=told)


def overview(scope: Scope) -> list[str]:
    """What was judged, what came out, what limits."""
    names = scope.listed([scope.name(model) for model in scope.by_model])
    local = len(scope.local)
    first = scope.told(
        "over-what" if len(scope.by_model) > 1 else "over-what-one",
        models=names, machine=computer_name(scope), modes=local, count=len(scope.by_model),
    )  # fmt: skip
    told = [first if local else scope.told("over-online", models=names)]
    if local:
        facts = missing(scope)
        why = facts or scope.say(scope.result.recommendation.why)
        dark = facts is not None and nothing_known(scope)
        told.append(why if dark else scope.sentences(_counted(scope), why))
    else:
        told.append(scope.say(scope.result.recommendation.why))
    main = main_limit(scope)
    if main is not None:
        told.append(scope.told("main-limit", text=main.short or main.text))
    return told


def _counted(scope: Scope) -> str:
    """How many of the models run, and how well."""
    tops = [best(given) for given in _locals(scope).values()]
    by_verdict = Counter(a.verdict for a in tops)
    if len(tops) == 1:
        return ""
    if len(by_verdict) == 1:
        return scope.told(f"end-{tops[0].verdict}-all", count=len(tops))
    parts = [
        scope.told(f"count-{verdict}", count=by_verdict[verdict])
        for verdict in ("good", "slow", "tight", "no", "unknown")
        if by_verdict[verdict]
    ]
    return scope.told("over-count", count=len(tops), parts=scope.joined(parts))
