"""Comparisons drawn: readable at any width, in both languages, whatever machines are called."""

from __future__ import annotations

import io
import re
import unicodedata

import pytest
from rich.cells import cell_len
from rich.console import Console

from vcf.catalogue.load import load_catalogue
from vcf.cli.asked import asked_for
from vcf.cli.check import check_machine
from vcf.judge.subject import subjects
from vcf.machine.model import Cpu, Gpu, Machine, Memory
from vcf.units import GIB
from vcf.views.compare import Wanted, compare_document
from vcf.views.compare_markdown import compare_markdown
from vcf.views.compare_table import Comparison
from vcf.views.compare_words import names_for
from vcf.views.words import label

LANGS = ("en", "zh")
NAMES = (
    "desktop-rtx-3060-12gb", "laptop-gtx-1650-4gb", "macbook-air-m2-16gb",
    "gcp-a3-highgpu-1g-h100-80gb", "raspberry-pi-4b-2gb", "asus-gl552vw", "office-pc-i5-4590",
    "cloud-vm-2-core-4gb", "mac-mini-m4-16gb", "desktop-rtx-4090-24gb",
    "mini-pc-radeon-8060s-128gb", "github-ci-runner",
)  # fmt: skip
HOSTILE = (
    "[bold red]x[/] [link=https://evil.example]y[/link] :smile:",
    "\x1b[31mred\x1b]0;title\x07",
    "one\n## two\n| a | b |",
    "abc\u202edlrow\u2066\u200f\ufeff",
    "x" * 10_000,
    "<script>alert(1)</script> &amp;",
    "a | b || c \\| `code` *b* _i_ ~s~ #h",
    "{need} {0} %s",
    "英伟达显卡" * 30,
    "broken \udcff name",
    " ",
)
KNOWN = subjects(load_catalogue())


def document(results, lang="en", *, by_mode=False):
    names = names_for([(result.machine, "") for result in results], lang)
    rows: dict[tuple[str, str | None], list[int]] = {}
    for index, each in enumerate(results[0].assessments):
        if each.mode != "online":
            rows.setdefault((each.model, each.mode if by_mode else None), []).append(index)
    wanted = [Wanted(model=key[0], mode=key[1], places=tuple(at)) for key, at in rows.items()]
    return compare_document(list(zip(names, results, strict=True)), wanted, lang)


def drawn(made, lang="en", *, width=80, verbose=False, colour=False) -> str:
    screen = Console(
        file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False,
        force_terminal=colour, color_system="truecolor" if colour else None, legacy_windows=False,
    )  # fmt: skip
    screen.print(Comparison(made, lang, verbose=verbose), crop=False)
    told = screen.file.getvalue()
    return "".join(line.rstrip() + "\n" for line in told.splitlines())


def hostile_result(name: str):
    machine = Machine(
        name=name, os="linux", os_version=name,
        cpu=Cpu(model=name, physical_cores=8), memory=Memory(total_bytes=32 * GIB),
        gpus=[Gpu(name=name, vendor="nvidia", vram_total_bytes=12 * GIB)],
    )  # fmt: skip
    return check_machine(machine, asked_for(("voxcpm-2",), (), KNOWN)[0])


def harmless(told: str) -> None:
    bad = {c for c in told if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Cs", "Zl")}
    assert not bad
    told.encode()


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [20, 40, 60, 80, 100, 150, 400])
@pytest.mark.parametrize("count", [2, 3, 6, 12])
@pytest.mark.parametrize("by_mode", [False, True])
def test_width(count, width, lang, by_mode, judged) -> None:
    what = ("voxcpm-2", "indextts-2") if by_mode else ()
    made = document([judged(name, *what) for name in NAMES[:count]], lang, by_mode=by_mode)
    for verbose in (False, True):
        lines = drawn(made, lang, width=width, verbose=verbose).splitlines()
        assert max(map(cell_len, lines)) <= width
        assert lines[0].split()[0] == made.best.why.split()[0]


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("count", [2, 3, 6, 12])
def test_everything_is_there_whole(count, lang, judged) -> None:
    """At 80 columns no verdict, RTF, mode or name is broken."""
    made = document([judged(name) for name in NAMES[:count]], lang)
    told = drawn(made, lang)
    for machine in made.machines:
        assert f"\n{machine.name}" in told
    for row in made.rows:
        assert re.search(rf"^{re.escape(row.name)}( |$)", told, re.MULTILINE)
        for cell in row.cells:
            if cell.rtf is not None:
                assert cell.mode in told
    columns = count <= 3
    assert (" RTF 0" in told) == columns
    assert not re.search(r"[★☆]{6}", told)
    assert len(re.findall(r"[★☆]{5}", told)) >= sum(
        cell.rtf is not None for row in made.rows for cell in row.cells
    )


def test_columns_carry_the_facts(judged) -> None:
    told = drawn(document([judged(name) for name in NAMES[:3]]))
    lines = told.splitlines()
    system = next(line for line in lines if line.startswith("System"))
    assert re.split(r"  +", system.strip()) == ["System", "Windows 11", "Windows 10", "macOS 15"]
    memory = next(line for line in lines if line.startswith("RAM"))
    assert re.split(r"  +", memory.strip()) == ["RAM", "16.0 GiB", "8.0 GiB", "16.0 GiB"]
    for line in lines:
        assert not line.endswith("Ge")


def test_one_line_a_model_where_there_is_room(judged) -> None:
    made = document([judged(name) for name in NAMES[:2]])
    told = drawn(made, width=120).splitlines()
    [line] = [line for line in told if line.startswith("voxcpm-2 ")]
    for cell in next(row for row in made.rows if row.model == "voxcpm-2").cells:
        assert cell.mode in line


def test_modes_stand_below_their_model(judged) -> None:
    made = document([judged(n, "voxcpm-2") for n in NAMES[:2]], by_mode=True)
    lines = [line.rstrip() for line in drawn(made, verbose=True).splitlines()]
    assert lines.count("voxcpm-2") == 1
    assert any(line.startswith("  gpu-bf16 ") for line in lines)
    assert any("no: software" in line for line in lines)


@pytest.mark.parametrize("lang", LANGS)
def test_the_same_refusal_everywhere_is_one_sentence(lang, judged) -> None:
    pair = [judged(name, "voxcpm-2") for name in ("office-pc-i5-4590", "cloud-vm-2-core-4gb")]
    made = document(pair, lang, by_mode=True)
    start = "No on all of them: " if lang == "en" else "所有机器均为“不可行”："
    short, whole = (drawn(made, lang, width=300, verbose=verbose) for verbose in (False, True))
    assert short.count(start) == 1
    assert start not in whole
    assert not re.search(r"^  mlx", short, re.MULTILINE)
    assert re.search(r"^  mlx", whole, re.MULTILINE)
    told = compare_markdown(made, lang)
    assert told.count(start) == 1
    assert "voxcpm-2:mlx\\*\\*" not in told and "| **voxcpm-2:mlx**" not in told
    assert "| **voxcpm-2:mlx**" in compare_markdown(made, lang, verbose=True)


def test_nothing_but_refusals(judged) -> None:
    pair = [judged(n, "voxcpm-2:mlx") for n in ("office-pc-i5-4590", "cloud-vm-2-core-4gb")]
    made = document(pair, by_mode=True)
    for width in (40, 80, 200):
        told = " ".join(drawn(made, width=width).split())
        assert told.startswith("None of these machines runs any of it.")
        assert "No on all of them: voxcpm-2:mlx – This machine has no GPU." in told


def test_reasons_stand_where_there_is_room(judged) -> None:
    made = document([judged(name, "voxcpm-2") for name in NAMES[:8]], by_mode=True)
    assert "This machine has no GPU." in drawn(made, width=110, verbose=True)
    assert "This machine has no GPU." not in drawn(made, width=79)


def test_colours_only_on_a_terminal(judged) -> None:
    made = document([judged(name) for name in NAMES[:3]])
    assert "\x1b" not in drawn(made)
    assert "\x1b[1;32m" in drawn(made, colour=True)


@pytest.mark.parametrize("lang", LANGS)
def test_work_and_notes_are_told(lang) -> None:
    from vcf.judge.workload import Workload

    asks = asked_for(("voxcpm-2",), (), KNOWN)[0]
    machines = [Machine(name="a"), Machine(name="b", memory=Memory(total_bytes=8 * GIB), gpus=[])]
    made = document([check_machine(m, asks, Workload(speech_seconds=77)) for m in machines], lang)
    assert [note.startswith("a") for note in made.notes] == [True, False]
    note = made.notes[0]
    for told in (drawn(made, lang, width=600), compare_markdown(made, lang)):
        assert "77" in told
        assert note in told.replace("\\", "")


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("lang", LANGS)
def test_hostile_names(name, lang, judged) -> None:
    results = [hostile_result(name), judged("office-pc-i5-4590", "voxcpm-2"), hostile_result(name)]
    made = document(results, lang)
    assert len({machine.name for machine in made.machines}) == 3
    for width in (40, 80, 160):
        told = drawn(made, lang, width=width, verbose=True)
        harmless(told)
        assert max(map(cell_len, told.splitlines())) <= width
        assert "x" * 61 not in told
    told = compare_markdown(made, lang)
    harmless(told)
    bare = re.sub(r"\\.", "", told)
    assert "<" not in bare and "`" not in bare
    rows = [line for line in bare.splitlines() if line.startswith("|")]
    assert {line.count("|") for line in rows} == {5}
    assert [line[:3] for line in told.splitlines() if line.startswith("#")] == ["## ", "###"]


@pytest.mark.parametrize("lang", LANGS)
def test_markdown(lang, judged) -> None:
    made = document([judged(name) for name in NAMES], lang)
    told = compare_markdown(made, lang)
    lines = told.splitlines()
    assert lines[0] == ("## Machines compared" if lang == "en" else "## 机器对比")
    assert lines[2].startswith("**")
    rows = [line for line in lines if line.startswith("|")]
    assert {line.count("|") for line in rows} == {len(NAMES) + 2}
    assert len(rows) == 2 + 5 + 2 + len(made.rows)
    assert told.endswith("\n")
    assert told == compare_markdown(made, lang)


@pytest.mark.parametrize("lang", LANGS)
def test_best_results_and_recommendations_say_what_they_are(lang, judged) -> None:
    """A mode in the table need not be the one that is recommended: both say what counts."""
    pair = [judged(name) for name in NAMES[:2]]
    made = document(pair, lang)
    recommended = {machine.recommendation.mode for machine in made.machines}
    assert any(cell.mode not in recommended for row in made.rows for cell in row.cells)
    cells, modes, means = (label(f"compare-{key}", lang) for key in (
        "cells", "cells-mode", "each-means",
    ))  # fmt: skip
    for told in (*(drawn(made, lang, width=w) for w in (200, 110)), compare_markdown(made, lang)):
        assert told.index(cells) < told.index(made.rows[0].model)
        assert means in told
        assert modes not in told
    by_mode = document(pair, lang, by_mode=True)
    for told in (drawn(by_mode, lang, width=200), compare_markdown(by_mode, lang)):
        assert modes in told
        assert cells not in told


@pytest.mark.parametrize("lang", LANGS)
def test_a_name_stands_once_above_its_facts(lang, judged) -> None:
    made = document([judged(name) for name in NAMES[:6]], lang)
    lines = drawn(made, lang).splitlines()
    at = lines.index(NAMES[0])
    assert NAMES[0] not in lines[at + 1]
