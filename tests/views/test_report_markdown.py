"""The Markdown of a report: links lead somewhere, tables hold, nothing hostile takes effect."""

from __future__ import annotations

import re
from datetime import date
from functools import lru_cache

import msgspec
import pytest

from vcf.catalogue.load import load_catalogue
from vcf.cli.asked import asked_for
from vcf.cli.check import check_machine
from vcf.cli.report import plans_of
from vcf.judge.plan import Planner
from vcf.judge.subject import subjects
from vcf.machine.load import load_machine
from vcf.views.report import build_report
from vcf.views.report_document import Line, Measurement, RecipeBlock, ReportDocument, Speed
from vcf.views.report_markdown import report_markdown
from vcf.views.report_marks import fence, line, rich, sideways, span, table
from vcf.views.words import Lang

LAPTOP = "asus-gl552vw"


@lru_cache(maxsize=2)
def made(lang: Lang) -> ReportDocument:
    catalogue = load_catalogue()
    known = subjects(catalogue)
    result = check_machine(load_machine(LAPTOP), asked_for((), (), known)[0])
    plans = plans_of(result, Planner(result.machine, known))
    return build_report(result, plans, catalogue, lang, date=date(2026, 11, 23))


def outside(text: str) -> list[str]:
    """The lines that are not code. Every block of code is closed."""
    kept, mark = [], None
    for each in text.split("\n"):
        found = re.match(r"\s*(`{3,})(.*)$", each)
        if mark is None and found:
            mark = found[1]
        elif mark is not None:
            if each.strip() == mark:
                mark = None
        else:
            kept.append(each)
    assert mark is None
    return kept


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_links_lead_somewhere(lang: Lang) -> None:
    text = report_markdown(made(lang))
    places = re.findall(r'<a id="([^"]+)"></a>', text)
    assert len(places) == len(set(places))
    wanted = set(re.findall(r"\]\(#([^)]+)\)", text))
    assert wanted <= set(places)
    assert {"overview", "machine", "model-1", "model-6", "compare", "advice"} <= wanted


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_tables_hold(lang: Lang) -> None:
    width = None
    for each in outside(report_markdown(made(lang))):
        if not each.startswith("|"):
            width = None
            continue
        cells = len(re.findall(r"(?<!\\)\|", each)) - 1
        assert width in (None, cells), each
        width = cells
        assert cells <= 7
    assert "\n\n\n" not in report_markdown(made(lang))


def test_each_section_stands_once() -> None:
    heads = [each for each in outside(report_markdown(made("zh"))) if each.startswith("## ")]
    assert heads == [
        "## 目录", "## 概述", "## 运行环境", "## VoxCPM-0.5B", "## VoxCPM1.5", "## VoxCPM2",
        "## IndexTTS-1.5", "## IndexTTS-2", "## IndexTTS-2.5", "## 模型对比", "## 建议",
        "## 关于本报告", "## 资料来源",
    ]  # fmt: skip


def test_every_text_of_the_document_is_there() -> None:
    document = made("en")
    text = report_markdown(document)
    for model in document.models:
        said = [*model.advantages, *model.challenges, model.headline, model.summary]
        said += [each.text for each in (*model.remedies, *model.problems, *model.gaps)]
        for each in said:
            assert line(each) in text or rich(each) in text
        for recipe in model.recipes:
            assert recipe.code.split("\n")[0] in text
    for upgrade in document.upgrades:
        assert rich(upgrade.text) in text


def test_measurements() -> None:
    one = Measurement(
        date="2026-11-20", model="voxcpm-2", mode="cpu-fp32", source="bench-1",
        rtf=Speed(low=3.0, mid=4.0, high=5.0, basis="bench"),
    )  # fmt: skip
    text = report_markdown(msgspec.structs.replace(made("en"), measurements=[one]))
    assert "| 2026-11-20 | voxcpm-2 | cpu-fp32 | 4.00 (3.00–5.00) | bench-1 |" in text
    assert "](#measurements)" in text


def test_nothing_hostile_takes_effect() -> None:
    bad = "<script>x</script> | [a](javascript:x) ![i](x) *b* # h &lt;i&gt; ``` `"
    document = msgspec.structs.replace(
        made("en"), title=bad, machine_line=bad, overview=[bad, f"- {bad}", f"1. {bad}"],
        environment=[Line(name=bad, value=bad, note=bad)],
    )  # fmt: skip
    for each in outside(report_markdown(document)):
        assert "<script" not in each.replace("\\<script", "")
        assert "](javascript" not in each.replace("\\](javascript", "")
    assert "&amp;lt;i" in report_markdown(document)
    assert "\n1\\. \\<script" in report_markdown(document)
    assert "\n\\- \\<script" in report_markdown(document)


def test_code_with_backticks() -> None:
    block = RecipeBlock(
        mode="x", title="x", install=("echo ```",), code="print('````')", language="python",
        good=[], bad=[], notes=[],
    )  # fmt: skip
    model = msgspec.structs.replace(made("en").models[0], recipes=[block])
    text = report_markdown(msgspec.structs.replace(made("en"), models=[model], criteria=[]))
    assert "`````python\nprint('````')\n`````" in text
    assert "````powershell\necho ```\n````" in text
    outside(text)


def test_pieces() -> None:
    assert rich("see https://a.b/c_d, [3] and `rm|x`") == (
        "see <https://a.b/c_d>, [\\[3\\]](#source-3) and `rm\\|x`"
    )
    assert rich(" a\n b_c ") == "a b\\_c"
    assert line("--x") == "\\--x"
    assert line("3 x") == "3 x"
    assert span("a `b` | c") == "`` a `b` \\| c ``"
    assert table(["a"], []) == []
    assert fence("a\n", "sh") == ["```sh", "a", "```", ""]


def test_sideways_cuts_wide_tables() -> None:
    short = [(f"c{n}", ["1", "2"]) for n in range(8)]
    long = [(f"l{n}", ["x" * 90, "y"]) for n in range(3)]
    lines = sideways("model", ["m", "n"], [*short, *long])
    assert [each.count("|") - 1 for each in lines if each.startswith("| model")] == [7, 3, 3, 2]
