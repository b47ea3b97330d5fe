"""From verdicts to what to do: the best choice here, the next steps, the smallest card to buy."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from msgspec.structs import replace

from ..catalogue.model import Text
from ..machine.model import Os
from .assess import judge
from .cards import CARDS, card_name, whole_gib, with_card
from .context import Context
from .model import Action, Assessment, Gate, Message, Recommendation, command_in
from .score import RANK
from .subject import PRECISION, Subject
from .words import number, pace, span

COMFORTABLE = 0.7
"""RTF up to which a larger model is preferred to a faster one: it leaves room for a busy
machine and the forecast's own error."""

EFFORT = 8
"""Score that a step of effort must pay for: about twice the speed, where all is slower than real
time."""

DEFAULT = "gpu-bf16"
"""Of equals the precision that the packages use by themselves."""


def recommend(
    context: Context, wanted: Sequence[Subject], assessments: Sequence[Assessment]
) -> Recommendation:
    """The answer for one machine over what was asked for."""
    subjects = {subject.key: subject for subject in wanted}
    local = [a for a in assessments if a.mode != "online"]
    able = [a for a in local if RANK[a.verdict] >= RANK["tight"]]
    online = _online_of(wanted)
    chosen = _choose(able, subjects)
    actions: list[Action] = []
    if chosen is not None:
        actions.extend(_remedies(chosen))
        actions.extend(_install(chosen))
        actions.extend(_faster(chosen, able))
    mended = _mended(context, local, subjects) if chosen is None else None
    best = chosen or mended
    quick = best is not None and best.verdict == "good"
    if not quick and online is not None:
        actions.extend(_online(online))
    if not quick:
        actions.extend(_upgrade(context, subjects.values()))
    if chosen is not None:
        why = _why(chosen, subjects[chosen.model, chosen.mode])
        return Recommendation(model=chosen.model, mode=chosen.mode, why=why, actions=tuple(actions))
    if mended is not None:
        values: dict[str, str | int | float | Text] = {
            "model": subjects[mended.model, mended.mode].model.name, "mode": mended.mode,
        }  # fmt: skip
        return Recommendation(
            model=mended.model, mode=mended.mode, why=Message("why-mend", values),
            actions=(*_mend(mended, local), *actions),
        )  # fmt: skip
    unknown = next((a for a in local if a.verdict == "unknown"), None)
    if unknown is not None:
        gate = next(g for g in unknown.gates if g.status == "unknown")
        return Recommendation(
            model=None, mode=None, why=Message("why-unknown"), actions=(*_tell(gate), *actions)
        )
    if online is not None:
        why = Message("why-online" if local else "why-only-online", {"model": online.model.name})
        return Recommendation(
            model=online.model_id, mode=online.mode_id, why=why, actions=tuple(actions)
        )
    return Recommendation(model=None, mode=None, why=Message("why-none"), actions=tuple(actions))


def _mended(
    context: Context, local: Sequence[Assessment], subjects: dict[tuple[str, str], Subject]
) -> Assessment | None:
    """What would be chosen with nothing installed, where it is the software that says no."""
    stopped = [a for a in local if a.verdict == "no" and a.limit == "software"]
    if not stopped or not context.software:
        return None
    bare = Context(replace(context.machine, software=None))
    could = [judge(bare, subjects[a.model, a.mode]) for a in stopped]
    return _choose([a for a in could if RANK[a.verdict] >= RANK["tight"]], subjects)


def _mend(mended: Assessment, local: Sequence[Assessment]) -> list[Action]:
    """What is wrong with the software of a mode, and the command that puts it right."""
    now = next(a for a in local if (a.model, a.mode) == (mended.model, mended.mode))
    gate = next(g for g in now.gates if g.gate == "software" and g.status == "fail")
    told = f"{mended.model}:{mended.mode}"
    return [
        Action(kind="install", text=gate.text, command=command_in(gate.remedy)),
        Action(kind="check", text=Message("action-doctor", {"mode": told})),
    ]


HOW_TO_TELL = {
    "ram-unknown": "--ram 16GiB",
    "vram-unknown": "--vram 12GiB",
    "vram-depends": "--vram 12GiB",
    "gpus-unknown": '--gpu "RTX 3060"',
}
"""Flags that supply a fact, by the text that misses it."""


def _tell(gate: Gate) -> list[Action]:
    """What is missing, and how to say it."""
    flag = HOW_TO_TELL.get(gate.text.id)
    actions = [Action(kind="check", text=gate.text)]
    if flag is not None:
        actions.append(Action(kind="check", text=Message("action-tell", {"flag": flag})))
    return actions


def _online_of(wanted: Sequence[Subject]) -> Subject | None:
    """The hosted service of the newest model asked about, whether asked for itself or not."""
    models = sorted(wanted, key=lambda s: s.model.released, reverse=True)
    for subject in models:
        hosted = subject.others.get((subject.model_id, "online"))
        if hosted is not None:
            return hosted
    return None


def _choose(
    able: Sequence[Assessment], subjects: dict[tuple[str, str], Subject]
) -> Assessment | None:
    """Where something is comfortably faster than real time: the largest such model, in the way
    that takes the least effort of those that are fast enough, then the fastest. Otherwise the
    fastest that fits, a little effort weighed in."""
    if not able:
        return None
    easy = [
        a for a in able if a.verdict == "good" and a.rtf is not None and a.rtf.mid <= COMFORTABLE
    ]
    if easy:
        largest = max(easy, key=lambda a: subjects[a.model, a.mode].parameters_m).model
        return max(
            (a for a in able if a.model == largest and a.verdict == "good"),
            key=lambda a: (
                -subjects[a.model, a.mode].runtime.effort,
                PRECISION[a.mode] != "q4",  # four bits are for those who must
                a.score,
                a.mode == DEFAULT,
            ),
        )
    return max(
        able,
        key=lambda a: (
            RANK[a.verdict],
            a.score - EFFORT * subjects[a.model, a.mode].runtime.effort,
        ),
    )


def _why(chosen: Assessment, subject: Subject) -> Message:
    rtf = chosen.rtf
    values: dict[str, str | Text] = {"model": subject.model.name, "mode": chosen.mode}
    assert rtf is not None  # what runs here has a forecast
    values |= {
        "low": number(rtf.low),
        "high": number(rtf.high),
        "minutes": span(30 * rtf.low, 30 * rtf.high),
    }
    manner = pace(rtf) if chosen.verdict in ("good", "slow") else chosen.verdict
    return Message(f"why-{manner}", values)


def _remedies(chosen: Assessment) -> list[Action]:
    return [
        Action(kind="free", text=gate.remedy)
        for gate in chosen.gates
        if gate.remedy is not None
        and gate.status == "warn"
        and (gate.gate in ("memory", "disk") or gate.text.id == "software-python-other")
    ][:2]


def _faster(chosen: Assessment, able: Sequence[Assessment]) -> list[Action]:
    """The quickest way to run the same model, where the recommended one is not."""
    if chosen.verdict == "good":
        return []
    same = [a for a in able if a.model == chosen.model and a.rtf is not None]
    quickest = max(same, key=lambda a: (RANK[a.verdict], a.score), default=chosen)
    if quickest.score <= chosen.score or quickest.rtf is None:
        return []
    rtf = f"{number(quickest.rtf.low)}–{number(quickest.rtf.high)}"
    return [Action(kind="run", text=Message("action-faster", {"mode": quickest.mode, "rtf": rtf}))]


def _install(chosen: Assessment) -> list[Action]:
    lines = [line for line in chosen.recipe.install if not line.startswith("#")]
    if not lines:
        return []
    text = Message("action-install", {"mode": chosen.mode})
    # A line each: PowerShell 5.1, which Windows brings, knows no &&.
    return [Action(kind="install", text=text, command="\n".join(lines))]


def _online(subject: Subject) -> list[Action]:
    demo = next((link for link in subject.model.links.demos if link.official), None)
    if demo is None:
        return []
    text = Message("action-online", {"model": subject.model.name, "url": demo.url})
    return [Action(kind="online", text=text)]


def _upgrade(context: Context, subjects: Iterable[Subject]) -> list[Action]:
    """The smallest card with which most of the models asked for are faster than real time."""
    gpu_modes = tuple(s for s in subjects if s.mode_id in ("gpu-bf16", "gpu-fp16", "gpu-fp32"))
    models = {s.model_id for s in gpu_modes}
    if not models:
        return []
    card, count = _smallest_card(context, gpu_modes)
    if not count:
        return []
    values: dict[str, str | int | float | Text] = {"card": card, "count": count, "of": len(models)}
    machine = context.machine
    built_in = any(g.laptop or g.vendor == "apple" for g in machine.gpus or ())
    other = built_in or context.arch != "x86_64"
    return [Action(kind="buy", text=Message("action-buy-other" if other else "action-buy", values))]


def _smallest_card(context: Context, gpu_modes: tuple[Subject, ...]) -> tuple[str, int]:
    """Name and number of models; kept for machines of the same system and RAM."""
    memo = gpu_modes[0].memo
    system: Os = "windows" if context.os == "windows" else "linux"
    memory = whole_gib(context)
    key = ("card", system, memory, tuple(s.key for s in gpu_modes))
    best: tuple[str, int] | None = memo.get(key)
    if best is None:
        best = ("", 0)
        for name, size in CARDS:
            machine = with_card(context, memory, name, size, system)
            count = _quick_models(machine, gpu_modes)
            if count > best[1]:
                best = (card_name(name, size), count)
        memo[key] = best
    return best


def _quick_models(context: Context, subjects: Iterable[Subject]) -> int:
    return len({s.model_id for s in subjects if judge(context, s).verdict == "good"})
