"""What could be done so that a model runs, or runs faster: other ways to run it, and changes."""

from __future__ import annotations

from collections.abc import Iterator
from functools import reduce

from ..judge.assess import best
from ..judge.change import Option
from ..judge.model import Assessment, Verdict
from .effects import changed
from .report_document import Grade, Remedy
from .report_scope import Scope, foreign, software_gates

FAMILIES: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("gpu-full", ("gpu-fp32",)),
    ("gpu-half", ("gpu-fp16", "gpu-bf16")),
    ("deepspeed", ("gpu-fp16-deepspeed",)),
    ("gguf-gpu", ("gguf-gpu-q4", "gguf-gpu-q8", "gguf-gpu-f16", "gguf-gpu-f32")),
    ("server", ("nano-vllm", "vllm")),
    ("mlx", ("mlx",)),
    ("cpu", ("cpu-fp32", "cpu-bf16")),
    ("gguf-cpu", ("gguf-cpu-q4", "gguf-cpu-q8", "gguf-cpu-f16", "gguf-cpu-f32")),
    ("onnx", ("onnx-cpu",)),
    ("online", ("online",)),
)
"""Ways that people think of as one remedy: precisions, programs, somebody else's computer."""
FEASIBLE: dict[Verdict, Grade] = {
    "good": "high", "slow": "medium", "tight": "low", "no": "none", "unknown": "unknown",
}  # fmt: skip
MOST_OPTIONS = 5


def effort_grade(effort: int) -> Grade:
    """A flag or one install · an afternoon · more."""
    return "low" if effort <= 1 else "medium" if effort == 2 else "high"


def grade_word(scope: Scope, grade: Grade) -> str:
    """In words."""
    return scope.told(f"grade-{grade}")


def remedies(scope: Scope, model: str) -> list[Remedy]:
    """Other ways to run the model, then changes to the machine and the work."""
    return [*_families(scope, model), *_options(scope, model)]


def _families(scope: Scope, model: str) -> Iterator[Remedy]:
    given = {a.mode: a for a in scope.by_model[model]}
    for family, modes in FAMILIES:
        found = [given[mode] for mode in modes if mode in given]
        if not found:
            continue
        top = best(found)
        if foreign(top) and not _mendable(top):
            continue
        yield _family(scope, family, top)


def _mendable(given: Assessment) -> bool:
    """Whether all that stops it can be mended, such as by WSL2."""
    return all(gate.remedy is not None for gate in given.gates if gate.status == "fail")


def _family(scope: Scope, family: str, top: Assessment) -> Remedy:
    feasible = FEASIBLE[top.verdict]
    complexity = effort_grade(scope.subject(top).runtime.effort if family != "online" else 1)
    why = next((gate for gate in software_gates(top, "fail") if gate.remedy is not None), None)
    text = scope.told(f"family-{family}", mode=top.mode)
    if why is not None and why.remedy is not None:
        text = scope.sentences(text + scope.told("stop"), scope.say(why.remedy))
    return Remedy(
        text=text,
        feasibility=feasible,
        feasibility_word=grade_word(scope, feasible),
        complexity=complexity,
        complexity_word=grade_word(scope, complexity),
        stars=top.stars,
        effect=scope.state(top),
        command=scope.command(f"{top.model}:{top.mode}"),
    )


def option_text(scope: Scope, option: Option) -> str:
    """All its changes."""
    texts = [scope.say(change.text) for change in option.changes]
    if scope.lang == "en":  # one sentence
        texts[1:] = [text[:1].lower() + text[1:] for text in texts[1:]]
    return reduce(lambda first, second: scope.told("and", first=first, second=second), texts)


def option_command(scope: Scope, option: Option) -> str:
    """The check that gives the verdict promised: its flags come last, so they count."""
    return scope.command(*option.check)


def _options(scope: Scope, model: str) -> Iterator[Remedy]:
    seen: set[str] = set()
    options = [
        option
        for plan in scope.plans.get(model, ())
        for option in (plan.options or ((plan.best,) if plan.best is not None else ()))
        if not any(change.kind in ("model", "mode") for change in option.changes)
    ]
    for option in options[:MOST_OPTIONS]:
        text = option_text(scope, option)
        if text in seen:
            continue
        seen.add(text)
        feasible, complexity = FEASIBLE[option.after.verdict], effort_grade(option.effort)
        yield Remedy(
            text=text,
            feasibility=feasible,
            feasibility_word=grade_word(scope, feasible),
            complexity=complexity,
            complexity_word=grade_word(scope, complexity),
            stars=option.after.stars,
            effect=changed(option.before, option.after, scope.lang),
            command=option_command(scope, option),
        )
