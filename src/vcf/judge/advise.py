"""From verdicts to what to do: the best choice here, the next steps, the smallest card to buy."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from ..catalogue.model import Text
from ..machine.model import Machine
from ..machine.whatif import WhatIf, apply
from ..shell import command
from ..units import GB
from .assess import judge
from .changes import FEWEST_STEPS
from .context import Context
from .model import Action, Assessment, Effect, Gate, Message, Recommendation, command_in
from .score import RANK
from .subject import PRECISION, Subject
from .upgrade import upgrade
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
    context: Context,
    wanted: Sequence[Subject],
    assessments: Sequence[Assessment],
    flags: Sequence[str] = (),
) -> Recommendation:
    """The answer for one machine over what was asked for. ``flags``: those that name the machine
    and the work to other commands of vcf."""
    subjects = {subject.key: subject for subject in wanted}
    local = [a for a in assessments if a.mode != "online"]
    able = [a for a in local if RANK[a.verdict] >= RANK["tight"]]
    online = _online_of(wanted)
    chosen = _choose(able, subjects)
    actions: list[Action] = []
    if chosen is not None:
        subject = subjects[chosen.model, chosen.mode]
        actions.extend(_remedies(context, chosen, subject))
        actions.extend(_install(context, chosen, subject))
        actions.extend(_faster(chosen, able, flags))
        actions.extend(_fewer_steps(context, chosen, subject, flags))
    mended = _mended(context, local, subjects) if chosen is None else None
    runs = chosen or mended
    quick = runs is not None and runs.verdict == "good"
    if not quick and online is not None:
        actions.extend(_online(online, chosen, local))
    if not quick:
        actions.extend(upgrade(context, subjects.values(), local))
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
        missing = [gate for gate in unknown.gates if gate.status == "unknown"]
        gate = next((g for g in missing if g.gate == unknown.limit), missing[0])
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
    "speed-unknown-cpu": "--cores 8",
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
    if chosen.verdict == "tight":
        return Message(_what_is_tight(chosen), values)
    return Message(f"why-{pace(rtf)}", values)


def _what_is_tight(chosen: Assessment) -> str:
    """Whether memory or disk must be freed, or the need is so near that nobody can tell."""
    if chosen.limit == "disk":
        return "why-tight-disk"
    gate = next(g for g in chosen.gates if g.gate == "memory" and g.status == "warn")
    freed = gate.text.id.partition("-")[2].startswith("blocked")
    if gate.part == "device":
        return "why-tight-vram" if freed else "why-tight-vram-near"
    return "why-tight-ram" if freed else "why-tight-ram-near"


def _remedies(context: Context, chosen: Assessment, subject: Subject) -> list[Action]:
    """What is to be freed, or otherwise prepared; only what changes the verdict."""
    found = []
    for gate in chosen.gates:
        if gate.remedy is None or gate.status != "warn":
            continue
        if gate.text.id == "software-python-other":
            effect = Effect(before=None, after=chosen)
            found.append(Action(kind="install", text=gate.remedy, why=gate.text, effect=effect))
        elif gate.gate in ("memory", "disk"):
            after = judge(Context(_freed(context, chosen, gate), context.workload), subject)
            if after.verdict != chosen.verdict:
                effect = Effect(before=chosen, after=after)
                found.append(Action(kind="free", text=gate.remedy, why=gate.text, effect=effect))
    return found[:2]


def _freed(context: Context, chosen: Assessment, gate: Gate) -> Machine:
    """The machine as the remedy of a gate asks for it, as far as that can be reached."""
    if gate.gate == "memory":
        return apply(WhatIf(idle=True), context.machine)
    need = chosen.memory.disk.need_bytes or 0
    return apply(WhatIf(disk=f"{-(-need * 11 // 10) // GB + 1}GB"), context.machine)


def _install(context: Context, chosen: Assessment, subject: Subject) -> list[Action]:
    lines = [line for line in chosen.recipe.install if not line.startswith("#")]
    if not lines or _installed(context, chosen, subject):
        return []
    text = Message("action-install", {"mode": chosen.mode})
    # A line each: PowerShell 5.1, which Windows brings, knows no &&.
    effect = Effect(before=None, after=chosen)
    return [Action(kind="install", text=text, command="\n".join(lines), effect=effect)]


def _installed(context: Context, chosen: Assessment, subject: Subject) -> bool:
    """Whether all that the mode runs on is there already, and nothing is said against it."""
    packages = subject.needs.packages or ()
    fine = all(gate.status == "pass" for gate in chosen.gates if gate.gate == "software")
    return bool(packages) and fine and all(p.name in context.software for p in packages)


def _faster(chosen: Assessment, able: Sequence[Assessment], flags: Sequence[str]) -> list[Action]:
    """The quickest way to run the same model, where the recommended one is not."""
    if chosen.verdict == "good":
        return []
    same = [a for a in able if a.model == chosen.model and a.rtf is not None]
    quickest = max(same, key=lambda a: (RANK[a.verdict], a.score), default=chosen)
    if quickest.score <= chosen.score or quickest.rtf is None:
        return []
    rtf = f"{number(quickest.rtf.low)}–{number(quickest.rtf.high)}"
    text = Message("action-faster", {"mode": quickest.mode, "rtf": rtf})
    told = command(("vcf", "check", f"{quickest.model}:{quickest.mode}", *flags, "-v"))
    effect = Effect(before=chosen, after=quickest)
    return [Action(kind="run", text=text, command=told, effect=effect)]


NEAR = 2.0
"""Middle of the forecast up to which fewer steps may bring real time: the other stages stay."""


def _fewer_steps(
    context: Context, chosen: Assessment, subject: Subject, flags: Sequence[str]
) -> list[Action]:
    """The most steps with which it is faster than real time."""
    steps = subject.model.steps
    near = chosen.verdict == "slow" and chosen.rtf is not None and chosen.rtf.mid <= NEAR
    if not near or steps is None or not (subject.takes_steps and steps.adjustable):
        return []
    usual = context.workload.steps or steps.default
    for count in range(usual - 1, FEWEST_STEPS - 1, -1):
        fewer = replace(context.workload, steps=count)
        after = judge(Context(context.machine, fewer), subject)
        if after.verdict == "good":
            return [
                Action(
                    kind="run",
                    text=Message("action-steps", {"steps": count, "usual": usual}),
                    command=command(
                        ("vcf", "check", subject.name, *flags, "--steps", str(count), "-v")
                    ),
                    effect=Effect(before=chosen, after=after),
                )
            ]
    return []


def online_of(subject: Subject) -> str | None:
    """The address of the maker's hosted demonstration of a model."""
    links = subject.model.links.demos
    return next((link.url for link in links if link.official), None)


def _online(
    subject: Subject, chosen: Assessment | None, local: Sequence[Assessment]
) -> list[Action]:
    url = online_of(subject)
    if url is None:
        return []
    text = Message("action-online", {"model": subject.model.name, "url": url})
    after = judge(Context(Machine()), subject)
    unsure = any(given.verdict == "unknown" for given in local)
    if chosen is not None:
        why = Message("why-hosted")
    elif local:
        why = Message("why-not-told" if unsure else "why-no-local")
    else:
        why = None
    return [
        Action(
            kind="online", text=text, link=url, why=why,
            effect=Effect(before=chosen, after=after) if chosen is not None else None,
        )
    ]  # fmt: skip
