"""Markdown, CSV and JUnit."""

from __future__ import annotations

import csv
import io
import xml.etree.ElementTree as ElementTree

import pytest

from vcf.views.text import CSV_COLUMNS, can_run, csv_rows, junit, markdown, md
from vcf.views.words import say


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_markdown(lang, judged) -> None:
    result = judged("asus-gl552vw", "voxcpm")
    told = markdown(result, lang)
    lines = told.splitlines()
    colon = "：" if lang == "zh" else ": "
    assert lines[0].startswith(f"## asus-gl552vw{colon}Intel Core i7-6700HQ")
    assert lines[2].startswith("**")
    heads = "| Model | Mode | Verdict | RTF | Stars | Reason |"
    assert lines[4] == ("| 模型 | 运行方式 | 结论 | RTF | 评分 | 理由 |" if lang == "zh" else heads)
    assert lines[5] == "|---|---|---|---|---|---|"
    for model in ("voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"):
        assert f"| {model} | " in told
    assert "```sh" in told
    assert told.endswith("\n")


def test_markdown_has_both_speeds(judged) -> None:
    told = markdown(judged("desktop-rtx-4090-24gb", "voxcpm-2:gpu", "voxcpm-2:mlx"), "en")
    assert "×) | " in told
    assert "| – | " in told


def test_markdown_without_steps(judged) -> None:
    told = markdown(judged("cloud-vm-2-core-4gb", "indextts-2:vllm"), "en")
    assert "```" not in told


def test_csv(every_result) -> None:
    every_result = every_result[::3]
    told = csv_rows(every_result, "en")
    rows = list(csv.DictReader(io.StringIO(told, newline="")))
    assert tuple(rows[0]) == CSV_COLUMNS
    judged = [(r, a) for r in every_result for a in r.assessments]
    assert len(rows) == len(judged)
    for row, (result, given) in zip(rows, judged, strict=True):
        assert row["machine"] == result.machine.name
        assert (row["model"], row["mode"]) == (given.model, given.mode)
        assert (row["verdict"], row["score"]) == (given.verdict, str(given.score))
        assert row["limit"] == (given.limit or "")
        assert row["rtf_mid"] == (str(round(given.rtf.mid, 4)) if given.rtf else "")
        assert row["rtf_basis"] == (given.rtf.basis if given.rtf else "")
        need = given.memory.device.need_bytes if given.memory.device else None
        assert row["vram_need_bytes"] == ("" if need is None else str(need))
        assert row["reason"]


def test_csv_of_nothing() -> None:
    assert csv_rows([], "en") == ",".join(CSV_COLUMNS) + "\r\n"
    assert csv_rows([], "en", header=False) == ""


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_junit(lang, every_result) -> None:
    every_result = every_result[::3]
    tree = ElementTree.fromstring(junit(every_result, lang).encode())
    assert (tree.tag, tree.attrib["name"]) == ("testsuites", "vcf check")
    suites = tree.findall("testsuite")
    for suite, result in zip(suites, every_result, strict=True):
        assert suite.attrib["name"] == result.machine.name
        assert suite.attrib["tests"] == str(len(result.assessments))
        for case, given in zip(suite.findall("testcase"), result.assessments, strict=True):
            assert (case.attrib["classname"], case.attrib["name"]) == (given.model, given.mode)
            some = any(can_run(other) for other in result.assessments)
            red = {"no": "failure", "unknown": "error"}.get(given.verdict, "system-out")
            tag = "skipped" if some and not can_run(given) else red
            assert [child.tag for child in case] == [tag]
            told = case[0].text if tag == "system-out" else case[0].attrib["message"]
            assert told
        bad = {v: sum(a.verdict == v for a in result.assessments) for v in ("no", "unknown")}
        counted = (suite.attrib["failures"], suite.attrib["errors"], suite.attrib["skipped"])
        if some:
            assert counted == ("0", "0", str(bad["no"] + bad["unknown"]))
        else:
            assert counted == (str(bad["no"]), str(bad["unknown"]), "0")


def test_junit_is_red_where_the_exit_code_is(judged) -> None:
    result = judged("laptop-rtx-4060-8gb", "voxcpm-2:gpu")
    assert "<failure" not in junit([result], "en")
    limited = junit([result], "en", lambda given: False, ["m.yaml: is empty"])
    assert limited.count("<failure") == 1
    assert limited.count("<error") == 1 and "m.yaml: is empty" in limited


def test_verdicts_are_said_in_words(judged) -> None:
    result = judged("cloud-vm-2-core-4gb", "voxcpm-2:gpu")
    gate = result.assessments[0].gates[0]
    assert say(gate.text, "en") in junit([result], "en")
    assert say(gate.text, "zh") in junit([result], "zh")
    assert say(gate.text, "zh") in markdown(result, "zh")
    assert say(gate.text, "zh") in csv_rows([result], "zh")


def test_no_address_in_a_name_becomes_a_link() -> None:
    told = md("https://evil.example/x WWW.evil.example [3](http://a)")
    assert "://" not in told and "www." not in told.lower()
    assert told.endswith(r"\[3\](http:&#47;&#47;a)")
