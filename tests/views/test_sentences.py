"""Every sentence exists in both languages, with the same blanks, and each is used."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from string import Formatter

import pytest

import vcf
from vcf.judge.model import Message, Verdict
from vcf.views.document import Result
from vcf.views.labels import LABELS
from vcf.views.texts import TEXTS
from vcf.views.texts_advice import ADVICE
from vcf.views.texts_doctor import DOCTOR
from vcf.views.texts_gates import GATES
from vcf.views.texts_plan import CHANGES
from vcf.views.words import label, say

SOURCE = Path(vcf.__file__).parent
RAM = ("fits", "blocked", "tight", "swap", "short")
MADE = {
    *(f"ram-{how}-{when}" for how in RAM for when in ("load", "run")),
    *(f"shared-{how}" for how in ("blocked", "tight", "short")),
    *(f"{precision}-gpu-emulated" for precision in ("bf16", "fp16")),
    *(f"why-{verdict}" for verdict in ("good", "slow")),
}
"""Ids that the judge puts together."""


def blanks(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def trees(folder: str) -> Iterator[ast.Module]:
    for file in sorted((SOURCE / folder).glob("*.py")):
        yield ast.parse(file.read_text(encoding="utf-8"))


def calls(folder: str, name: str) -> Iterator[ast.Call]:
    for tree in trees(folder):
        for node in ast.walk(tree):
            named = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
            if named and node.func.id == name:
                yield node


def literals(folder: str) -> set[str]:
    return {
        node.value
        for tree in trees(folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def first_literals(folder: str, name: str) -> set[str]:
    found = set()
    for call in calls(folder, name):
        for node in ast.walk(call.args[0]):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                found.add(node.value)
    return found


def messages(result: Result) -> Iterator[Message]:
    yield result.recommendation.why
    for action in result.recommendation.actions:
        yield action.text
        if action.why is not None:
            yield action.why
    for assessment in result.assessments:
        yield from assessment.doubts
        for gate in assessment.gates:
            yield gate.text
            if gate.remedy is not None:
                yield gate.remedy


def test_no_id_stands_twice() -> None:
    assert len(TEXTS) == len(GATES) + len(ADVICE) + len(DOCTOR) + len(CHANGES)


@pytest.mark.parametrize("key", TEXTS)
def test_sentences(key) -> None:
    en, zh = TEXTS[key]
    assert en.strip() == en != ""
    assert zh.strip() == zh != ""
    assert blanks(en) == blanks(zh)
    assert "" not in blanks(en)
    if not re.fullmatch(r"\{\w+\}", en):
        assert re.search("[\u4e00-\u9fff]", zh)
        assert not re.search("[\u4e00-\u9fff]", en)


@pytest.mark.parametrize("key", LABELS)
def test_labels(key) -> None:
    en, zh = LABELS[key]
    assert en.strip() == en != ""
    assert zh.strip() == zh != ""
    assert blanks(en) == blanks(zh)


@pytest.mark.parametrize("text", [zh for _, zh in (*TEXTS.values(), *LABELS.values())])
def test_chinese_punctuation(text) -> None:
    assert not re.search("[\u4e00-\u9fff}][,.;:!?()][\u4e00-\u9fff]", text)
    assert not re.search("[\u4e00-\u9fff][,.;:!?]($|[ {])", text)
    assert not re.search("[。，；：！？（）] ", text)


def test_written_ids_exist() -> None:
    written = first_literals("judge", "Message")
    parts = {text for text in written if not text.startswith(("why-", "-")) or text in TEXTS}
    found = {text for text in parts if re.fullmatch(r"[a-z]+(-[a-z0-9]+)+", text)}
    assert len(found) > 40
    assert found <= set(TEXTS), found - set(TEXTS)


def test_made_ids_exist() -> None:
    assert set(TEXTS) >= MADE
    assert {"good", "slow", "tight"} < set(Verdict.__args__)  # type: ignore[attr-defined]


def test_written_values_fill_the_blanks() -> None:
    """Where a call writes id and values out, the sentence asks for no other."""
    checked = 0
    for call in calls("judge", "Message"):
        ident, values = call.args[0], call.args[1] if len(call.args) > 1 else None
        if not (
            isinstance(ident, ast.Constant) and (values is None or isinstance(values, ast.Dict))
        ):
            continue
        keys = values.keys if isinstance(values, ast.Dict) else []
        given = {key.value for key in keys if isinstance(key, ast.Constant)}
        assert blanks(TEXTS[ident.value][0]) <= given, ident.value
        checked += 1
    assert checked > 20


def test_every_sentence_is_used(every_result) -> None:
    used = literals("judge") | MADE
    used |= {message.id for result in every_result for message in messages(result)}
    assert set(TEXTS) <= used, set(TEXTS) - used


def distinct(results: Iterable[Result]) -> dict[tuple[str, frozenset[str]], Message]:
    return {(m.id, frozenset(m.values)): m for result in results for m in messages(result)}


def test_said_sentences(every_result) -> None:
    """All that is said about many machines, in both languages."""
    found = distinct(every_result)
    assert len({key for key, _ in found}) > 60
    for message in found.values():
        for lang in ("en", "zh"):
            told = say(message, lang)
            assert told
            assert not re.search(r"[{}]|None", told), message


def test_written_labels_exist() -> None:
    for folder in ("cli", "views"):
        written = first_literals(folder, "label")
        assert written
        whole = {
            text
            for call in calls(folder, "label")
            if isinstance(call.args[0], ast.Constant)
            for text in [call.args[0].value]
        }
        assert whole <= set(LABELS), whole - set(LABELS)


def test_labels_of_what_is_judged(every_result, shipped) -> None:
    for result in every_result:
        for assessment in result.assessments:
            for key in (assessment.verdict, assessment.confidence):
                assert label(key, "zh") != label(key, "en")
            for gate in assessment.gates:
                assert label(gate.part or f"{gate.gate}-gate", "en")
    for model in shipped.models.values():
        for requirement in model.requirements:
            assert label(requirement.level, "zh") != label(requirement.level, "en")
            assert label(f"of-{requirement.of}", "zh")
