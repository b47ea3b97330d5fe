"""Names come from hardware and from files of strangers: in no view does any of them take effect."""

from __future__ import annotations

import csv
import io
import json
import os
import re
import unicodedata
import xml.etree.ElementTree as ElementTree

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vcf.catalogue.load import load_catalogue
from vcf.cli.asked import asked_for
from vcf.cli.check import check_machine
from vcf.cli.output import console, emit
from vcf.judge.subject import subjects
from vcf.machine import probe as probe_module
from vcf.machine.model import Cpu, Disk, Gpu, Machine, Memory
from vcf.units import GIB
from vcf.views import text
from vcf.views.document import CheckDocument, Wording
from vcf.views.table import answer

HOSTILE = {
    "markup": "[bold red]x[/] [link=https://evil.example]y[/link] :smile:",
    "ansi": "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "return": "harmless\rRTX 9090\x08\x08",
    "newline": "one\n## two\n| a | b |\n::error::x",
    "bidi": "abc\u202edlrow\u2066\u200f\ufeff",
    "long": "x" * 10_000,
    "html": "<script>alert(1)</script> &amp; ]]> <!--",
    "pipe": "a | b || c \\| `code` *b* _i_ ~s~ #h",
    "formula": "=cmd|' /C calc'!A0",
    "at": "@SUM(1+9)*cmd",
    "minus": "-2+3",
    "quotes": "it's \"quoted\", 'twice'",
    "emoji": "RTX 🦙👩‍🔬 4090",
    "surrogate": "broken \udcff\ud800 name",
    "nul": "a\x00b\ufffe\uffff",
    "braces": "{need} {0} %s ${HOME} $(id)",
    "chinese": "英伟达 显卡，“好”",
    "blank": "",
    "separators": "a\u2028b\u2029c\x85d",
}
LANGS = ("en", "zh")


def machine(name: str) -> Machine:
    return Machine(
        name=name,
        os="linux",
        os_version=name,
        arch="x86_64",
        container=name,
        cpu=Cpu(model=name, physical_cores=8, logical_cores=8, usable_cores=8, isa=["avx2"]),
        memory=Memory(total_bytes=32 * GIB),
        gpus=[
            Gpu(name=name, vendor="nvidia", vram_total_bytes=12 * GIB, compute_capability="8.6"),
            Gpu(name=name, pci_id=name, driver=name, gfx=name, vendor="amd", hidden_by=name),
        ],
        disk=Disk(path=name, free_bytes=10**12),
        software={"python": name, "torch": name, name: name, "voxcpm": name},
        sources={"cpu.model": name},
        unknown={"disk.total_bytes": name, "gpus[1].vram_total_bytes": name},
    )


CATALOGUE = load_catalogue()


def results(name: str):
    asks, _ = asked_for(("voxcpm-2", "indextts-2"), (), subjects(CATALOGUE))
    return check_machine(machine(name), asks)


def harmless(told: str) -> None:
    """Nothing but printable characters and line ends."""
    bad = {
        c for c in told if c != "\n" and (unicodedata.category(c)[0] == "C" or c in "\u2028\u2029")
    }
    assert not bad, [hex(ord(c)) for c in bad]
    told.encode()


@pytest.fixture(params=HOSTILE)
def name(request) -> str:
    return HOSTILE[request.param]


@pytest.mark.parametrize("lang", LANGS)
def test_table(name, lang) -> None:
    screen = console("record")
    emit(screen, answer(results(name), CATALOGUE, lang, 100, asked=True, verbose=True))
    told = screen.file.getvalue()
    harmless(told)
    assert "x" * 100 not in told
    if name.startswith("[bold red]"):
        assert "[bold red]x[/]" in told  # shown, not obeyed
        assert ":smile:" in told


def test_table_on_a_colour_terminal(name) -> None:
    """Only vcf's own styles; a name adds none, and neither links nor commands."""
    from rich.console import Console
    from rich.text import Text

    from vcf.views.table import COLOURS, SIGNS

    def terminal() -> Console:
        return Console(
            file=io.StringIO(), force_terminal=True, color_system="truecolor", width=100,
            highlight=False, markup=False, emoji=False, legacy_windows=False,
        )  # fmt: skip

    def escapes(screen: Console) -> set[str]:
        return set(re.findall(r"\x1b.[^a-zA-Z]*.", screen.file.getvalue()))  # type: ignore[attr-defined]

    own = terminal()
    styles = [*COLOURS.values(), *(colour for _, colour in SIGNS.values())]
    for style in (*styles, "bold", "dim", "cyan", "bold cyan", "not bold default"):
        own.print(Text("x", style=style))
    screen = terminal()
    emit(screen, answer(results(name), CATALOGUE, "en", 100, asked=True, verbose=True))
    assert len(escapes(screen)) > 3
    assert escapes(screen) <= escapes(own)


@pytest.mark.parametrize("lang", LANGS)
def test_markdown(name, lang) -> None:
    told = text.markdown(results(name), lang)
    harmless(told)
    prose = re.sub(r"```sh.*?```", "", told, flags=re.DOTALL)
    bare = re.sub(r"\\.", "", prose)
    assert "<" not in bare
    assert "`" not in bare
    rows = [line for line in bare.splitlines() if line.startswith("|")]
    assert len(rows) > 2
    assert {line.count("|") for line in rows} == {7}
    assert [line[:3] for line in told.splitlines() if line.startswith("#")] == ["## "]


@pytest.mark.parametrize("lang", LANGS)
def test_csv(name, lang) -> None:
    told = text.csv_rows([results(name)], lang)
    told.encode()
    acts = {"Cc", "Cf", "Cs", "Zl", "Zp"}
    assert not [c for c in told if unicodedata.category(c) in acts and c not in "\r\n"]
    rows = list(csv.reader(io.StringIO(told, newline="")))
    assert tuple(rows[0]) == text.CSV_COLUMNS
    assert len(rows) == 1 + len(results(name).assessments)
    assert {len(row) for row in rows} == {len(text.CSV_COLUMNS)}
    for row in rows[1:]:
        assert row[0][:1] not in set("=+-@\t\r")
        assert row[0].lstrip("'").startswith(("x" * 100,)) or len(row[0]) < 200


@pytest.mark.parametrize("lang", LANGS)
def test_junit(name, lang) -> None:
    told = text.junit([results(name), results(name)], lang)
    tree = ElementTree.fromstring(told.encode())
    suites = tree.findall("testsuite")
    assert len(suites) == 2
    for suite in suites:
        cases = suite.findall("testcase")
        assert len(cases) == int(suite.attrib["tests"]) == len(results(name).assessments)
        assert len(suite.findall("testcase/failure")) == int(suite.attrib["failures"])
        assert len(suite.findall("testcase/error")) == int(suite.attrib["errors"])
        assert all(len(case) == 1 for case in cases)
    kept = re.sub(r"[^\t\n\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]", "", name)
    assert suites[0].attrib["name"] == kept


@pytest.mark.parametrize("lang", LANGS)
def test_json(name, lang) -> None:
    if "surrogate" in HOSTILE and name == HOSTILE["surrogate"]:
        pytest.skip("no text of a file holds one: loading refuses it")
    document = CheckDocument(results=[Wording(CATALOGUE, lang).result(results(name))])
    told = msgspec.json.encode(document)
    assert json.loads(told)["results"][0]["machine"]["name"] == name
    assert not re.search(rb"[\x00-\x1f]", told)


def test_probe_table(name, vcf, monkeypatch) -> None:
    found = machine(name)
    monkeypatch.setattr(probe_module, "probe", lambda note=None: found)
    done = vcf("probe")
    assert done.code == 0
    harmless(done.out)
    assert max(len(line) for line in done.out.splitlines()) <= 100


def test_files_of_strangers(name, vcf, tmp_path) -> None:
    """As files: saved by vcf, read again, shown in every way."""
    if name == HOSTILE["surrogate"]:
        pytest.skip("can't be written")
    file = tmp_path / "m.json"
    data = {
        "name": name,
        "cpu": {"model": name, "cores": 8},
        "gpus": [{"name": name}],
        "memory": {"total": "32GiB"},
        "software": {name: name, "torch": name},
        "arch": name,
    }
    file.write_bytes(json.dumps(data).encode())
    for form in ("table", "markdown", "csv", "junit"):
        done = vcf("check", "voxcpm-2", "--machine", file, "--format", form)
        assert done.code in (0, 1, 3)
        told = done.out.replace("\r\n", "\n") if form == "csv" else done.out
        if form != "junit":  # XML may carry any character that it allows
            harmless(told.replace("\ufffe", "").replace("\uffff", ""))
        assert done.err == ""
    shown = vcf("profiles", "show", file)
    assert shown.code == 0
    harmless(shown.out)


@pytest.mark.skipif(os.name == "nt", reason="no file can be called so")
@pytest.mark.parametrize("form", ["table", "markdown", "csv", "junit"])
def test_file_names(form, vcf, tmp_path) -> None:
    (tmp_path / "\x1b[31mevil\u202e.yaml").write_text("gpus: [{vram: 7}]\n")
    (tmp_path / "\x1b[32m|=good\n.yaml").write_text("memory: {total: 8GiB}\n")
    done = vcf("check", "voxcpm-0.5b", "--machine", tmp_path, "--format", form)
    assert done.code == 2
    harmless(done.err)
    assert len(done.err.splitlines()) == 1
    harmless(done.out.replace("\r\n", "\n"))


@pytest.mark.parametrize("name", [key for key in HOSTILE if key not in ("nul", "newline")])
def test_what_is_typed(name, vcf) -> None:
    typed = HOSTILE[name]
    for arguments in (
        ["check", typed or "-"],
        ["check", f"--mode={typed}"],
        ["check", f"--gpu={typed}"],
        ["check", f"--ram={typed}"],
        ["check", f"--machine={typed}.yaml"],
        ["check", f"--lang={typed}"],
        ["models", "show", typed or "-"],
    ):
        done = vcf(*arguments)
        assert done.code == 2
        harmless(done.err)
        assert len(done.err.splitlines()) <= 2
        error = vcf(*arguments, "--json") if "--" not in arguments[-1] else None
        if error is not None:
            assert error.code == 2
            assert error.error["message"]


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(max_size=80))
def test_any_name(name) -> None:
    result = results(name)
    screen = console("record")
    emit(screen, answer(result, CATALOGUE, "en", 100, asked=True, verbose=False))
    harmless(screen.file.getvalue())
    harmless(text.markdown(result, "en"))
    ElementTree.fromstring(text.junit([result], "zh").encode())
    rows = list(csv.reader(io.StringIO(text.csv_rows([result], "en"), newline="")))
    assert len(rows) == 1 + len(result.assessments)
    if not any(0xD800 <= ord(c) < 0xE000 for c in name):
        encoded = msgspec.json.encode(Wording(CATALOGUE, "en").result(result))
        assert json.loads(encoded)["machine"]["name"] == name
