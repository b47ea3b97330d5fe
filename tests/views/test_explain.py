"""Explanations in words: sums that add up, nothing wider than the terminal, nothing that acts."""

from __future__ import annotations

import ast
import io
import re
import unicodedata
from functools import lru_cache
from pathlib import Path

import msgspec
import pytest
from rich.cells import cell_len
from rich.console import Console

import vcf.views
from vcf.catalogue.load import load_catalogue
from vcf.catalogue.reports import reports
from vcf.judge.assess import judge
from vcf.judge.calibration import CacheRate, Calibration, DeviceCalibration, LinearRate
from vcf.judge.context import Context
from vcf.judge.explain import Explanation, explain
from vcf.judge.model import Evidence, Measured
from vcf.judge.subject import subjects
from vcf.judge.workload import STANDARD, Workload
from vcf.machine.load import load_machine
from vcf.machine.model import Cpu, Gpu, Machine, Memory
from vcf.units import GIB
from vcf.views.explain import ORIGINS, ExplanationView, explanation_view
from vcf.views.explain_markdown import explained_markdown
from vcf.views.explain_page import Grid, figure, page, places
from vcf.views.explain_table import explained
from vcf.views.labels import LABELS
from vcf.views.texts_constants import CONSTANTS, STAGES
from vcf.views.texts_explain import EXPLAIN

LANGS = ("en", "zh")
CATALOGUE = load_catalogue()
LAPTOP, DESKTOP, MAC = "asus-gl552vw", "desktop-rtx-4090-24gb", "mac-mini-m4-16gb"
LONGER = Workload(speech_seconds=75, reference_seconds=40, steps=25, emotion=True)
CPU_MODE = ("voxcpm-0.5b", "cpu-fp32")
RECORD = Measured(low=5.1, mid=5.6, high=6.2, source="desk 2026-11-23", date="2026-11-23")
CALIBRATED = Evidence(
    calibration=Calibration(
        devices=[
            DeviceCalibration(
                device="cpu", name="Intel Core i7-6700HQ", threads=4,
                linear=[LinearRate(precision="fp32", rows=n, gparam_s=6 / n) for n in (1, 8, 256)],
                cache=[CacheRate(precision="fp32", positions=4096, gelement_s=1.2)],
                conv_gflop_s=25, copy_gb_s=20, launch_us=9,
            )
        ]
    )
)  # fmt: skip


def made(
    machine: str | Machine,
    model: str,
    mode: str,
    evidence: Evidence | None = None,
    work: Workload = STANDARD,
) -> Explanation:
    found = load_machine(machine) if isinstance(machine, str) else machine
    context = Context(found, work)
    subject = subjects(CATALOGUE).by_key[model, mode]
    known = evidence or Evidence()
    return explain(subject, context, judge(context, subject, known), known, reports())


def recorded(work: Workload = STANDARD) -> Evidence:
    return Evidence(records={CPU_MODE: (msgspec.structs.replace(RECORD, workload=work),)})


@lru_cache(maxsize=1)
def cases() -> dict[str, Explanation]:
    return {
        "laptop": made(LAPTOP, *CPU_MODE),
        "laptop-gpu": made(LAPTOP, "voxcpm-2", "gpu-fp16"),
        "desktop": made(DESKTOP, "voxcpm-2", "gpu-bf16"),
        "mac": made(MAC, "indextts-2", "gpu-fp16"),
        "mlx": made(MAC, "voxcpm-2", "mlx"),
        "onnx": made(LAPTOP, "voxcpm-1.5", "onnx-cpu"),
        "gguf": made(LAPTOP, "voxcpm-0.5b", "gguf-cpu-q4"),
        "longer": made(DESKTOP, "indextts-2", "gpu-fp16", work=LONGER),
        "no-clip": made(DESKTOP, "voxcpm-2", "nano-vllm", work=Workload(reference_seconds=0)),
        "record": made(LAPTOP, *CPU_MODE, evidence=recorded()),
        "record-other": made(LAPTOP, *CPU_MODE, evidence=recorded(LONGER)),
        "calibrated": made(LAPTOP, *CPU_MODE, evidence=CALIBRATED),
        "online": made(LAPTOP, "voxcpm-2", "online"),
        "no-gpu": made("cloud-vm-2-core-4gb", "voxcpm-2", "gpu-bf16"),
        "nothing-known": made(Machine(name="x"), *CPU_MODE),
    }


CASES = sorted(cases())


@pytest.fixture(params=CASES)
def given(request) -> Explanation:
    return cases()[request.param]


def drawn(given: Explanation, lang="en", width=80, *, colour=False) -> str:
    screen = Console(
        file=io.StringIO(), width=width, highlight=False, markup=False, emoji=False,
        force_terminal=colour, color_system="truecolor" if colour else None,
        legacy_windows=False,
    )  # fmt: skip
    screen.print(explained(given, CATALOGUE, lang, width), crop=False)
    return screen.file.getvalue()


def flat(text: str) -> str:
    return " ".join(text.split())


@pytest.mark.parametrize("lang", LANGS)
def test_json_round_trip(given, lang) -> None:
    view = explanation_view(given, CATALOGUE, lang)
    encoded = msgspec.json.encode(view)
    assert msgspec.json.decode(encoded, type=ExplanationView) == view
    assert not re.search(r"[{}]|None", " ".join(words_of(view)))


def words_of(view: ExplanationView) -> list[str]:
    found = [view.replaced_text, view.time_unknown]
    for part in view.memory:
        found += [term.text for term in part.terms]
    found += [term.text for term in view.time.terms] if view.time is not None else []
    found += [each.text for each in (*view.constants, *view.neighbours)]
    return [text for text in found if text is not None]


def test_the_sums_add_up(given) -> None:
    view = explanation_view(given, CATALOGUE, "en")
    for part in view.memory:
        assert sum(term.bytes for term in part.terms) == part.need_bytes
    if view.time is not None:
        total = sum(term.seconds for term in view.time.terms) + view.time.request_s
        assert total * view.time.factor == pytest.approx(view.time.seconds)
        assert view.time.rtf_mid == pytest.approx(view.time.seconds / view.time.speech_seconds)
        assert all(term.launch_seconds <= term.seconds for term in view.time.terms)


@pytest.mark.parametrize("lang", LANGS)
def test_figures_shown_add_up(given, lang) -> None:
    """With the decimals on the screen too: each is off by half a last digit at most."""
    for block in page(given, CATALOGUE, lang, full=True):
        if not isinstance(block, Grid) or block.total is None:
            continue
        column = 1 if len(block.heads) == 3 else 7
        factor, figures = 1.0, []
        for row in block.rows:
            if row[column].startswith("×"):
                factor = float(row[column][2:])
            else:
                figures.append(row[column].replace("−", "-"))
        digit = 10.0 ** -len(figures[0].partition(".")[2])
        total = float(block.total[column])
        off = abs(sum(map(float, figures)) * factor - total)
        assert off <= digit * len(figures) * factor / 2 + total * 0.01 * (factor != 1)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", [40, 80, 100, 200])
def test_width(given, lang, width) -> None:
    for line in drawn(given, lang, width).splitlines():
        address = re.fullmatch(r" *(\[\d+\] )?https?://\S+", line)  # never broken: to be copied
        assert address or cell_len(line) <= width, line


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", ["laptop", "desktop", "mac", "longer", "calibrated"])
def test_tables_have_room_at_80(name, lang) -> None:
    """No row of a table is broken over two lines."""
    told = [flat(line) for line in drawn(cases()[name], lang).splitlines()]
    for block in page(cases()[name], CATALOGUE, lang, full=False):
        if isinstance(block, Grid):
            for row in (block.heads, *block.rows, block.total or ("",)):
                assert flat(" ".join(row)) in told


@pytest.mark.parametrize("width", [20, 33])
def test_strange_widths(width) -> None:
    assert drawn(cases()["desktop"], width=width)


def test_colour_only_on_terminals() -> None:
    assert "\x1b[" in drawn(cases()["laptop"], colour=True)
    assert "\x1b" not in drawn(cases()["laptop"])


@pytest.mark.parametrize("lang", LANGS)
def test_every_source_is_numbered_and_listed(given, lang) -> None:
    told = drawn(given, lang, 100)
    body, _, listed = told.partition(LABELS["explain-sources"][lang == "zh"] + "\n")
    used = {int(n) for n in re.findall(r"\[(\d+)\]", body)}
    stated = [int(n) for n in re.findall(r"^\[(\d+)\] ", listed, re.MULTILINE)]
    assert stated == sorted(used) == list(range(1, len(used) + 1))
    view = explanation_view(given, CATALOGUE, lang)
    for each in view.neighbours:
        assert each.url is None or each.url in listed


def test_sources_in_json_are_resolved() -> None:
    view = explanation_view(cases()["laptop"], CATALOGUE, "en")
    texts = [term.source for part in view.memory for term in part.terms]
    assert view.time is not None
    texts += [term.source for term in view.time.terms]
    known = {source.title for source in CATALOGUE.sources.values()}
    for text in texts:
        assert text is not None
        assert any(text.startswith(title) for title in known), text
    for each in view.constants:
        fitted = each.origin in ("fitted", "cross-validation")
        assert (each.source is not None) == (fitted or each.origin not in ORIGINS)


def test_heading_and_work() -> None:
    told = drawn(cases()["laptop"])
    assert told.startswith("voxcpm-0.5b:cpu-fp32 on Intel Core i7-6700HQ")
    assert "Work: 10 s of speech after a 10 s clip, 10 diffusion steps." in told
    assert "任务：10 秒参考音频，合成 10 秒语音，扩散 10 步。" in drawn(cases()["laptop"], "zh")
    longer = flat(drawn(cases()["longer"]))
    assert "75 s of speech after a 40 s clip, 15 s of it used, 25 diffusion steps" in longer
    assert "with the emotion model" in longer
    assert "without a clip" in drawn(cases()["no-clip"])
    assert "really runs gpu-fp32" in drawn(cases()["mac"])


def test_work_in_json() -> None:
    view = explanation_view(cases()["longer"], CATALOGUE, "en").workload
    assert (view.speech_seconds, view.reference_seconds, view.steps) == (75, 40, 25)
    assert view.reference_used_seconds == 15
    assert view.emotion is True


def test_memory_terms() -> None:
    told = drawn(cases()["longer"])
    assert "emotion model beside it" in told
    assert "as a whole, not split up" in told
    other = explanation_view(cases()["onnx"], CATALOGUE, "en").memory  # its file has other bits
    assert {term.id for part in other for term in part.terms} == {"rest"}
    assert all(term.bytes > 0 for part in other for term in part.terms)
    assert "added by torch.compile" in drawn(cases()["desktop"])


def test_time_lines() -> None:
    given = cases()["desktop"]
    assert given.time is not None
    told = flat(drawn(given))
    assert "torch.compile is reckoned with." in told
    assert f"rests on {given.time.spread.reports} public reports" in told
    assert f"× {given.time.spread.high:.3g} = RTF" in told
    assert "torch.compile is reckoned with." not in drawn(cases()["laptop"])


@pytest.mark.parametrize("count", [0, 1, 7])
@pytest.mark.parametrize("lang", LANGS)
def test_reports_behind_the_range(count, lang) -> None:
    given = cases()["desktop"]
    assert given.time is not None
    spread = msgspec.structs.replace(given.time.spread, reports=count)
    time = msgspec.structs.replace(given.time, spread=spread, factor=1.3)
    told = flat(drawn(msgspec.structs.replace(given, time=time), lang, 200))
    key = {0: "report-none", 1: "report-one"}.get(count, "reports")
    assert LABELS[f"explain-{key}"][lang == "zh"].format(count=count) in told
    assert LABELS["explain-factor"][lang == "zh"] + " × 1.3" in told


def test_a_record_outranks_the_sum() -> None:
    view = explanation_view(cases()["record"], CATALOGUE, "en")
    assert view.replaced == "bench"
    assert view.record is not None
    assert (view.record.low, view.record.mid, view.record.high) == (5.1, 5.6, 6.2)
    assert view.record.same_work
    assert view.time is not None
    assert view.time.basis == "bench"
    told = flat(drawn(cases()["record"]))
    assert "RTF 5.6 (5.1 to 6.2; desk 2026-11-23, 2026-11-23)" in told
    assert "Time, for comparison" in told
    other = explanation_view(cases()["record-other"], CATALOGUE, "en")
    assert other.record is not None
    assert not other.record.same_work
    assert other.replaced_text is not None
    assert "75 s of speech after a 40 s clip" in other.replaced_text


def test_a_calibration_replaces_constants() -> None:
    view = explanation_view(cases()["calibrated"], CATALOGUE, "en")
    assert view.replaced == "calibrated"
    assert view.record is None
    assert view.time is not None
    assert view.time.basis == "calibrated"
    assert {term.bound for term in view.time.terms} == {"measured"}
    told = flat(drawn(cases()["calibrated"]))
    assert "`vcf calibrate` measured this device" in told
    assert "calibrated forecasts set beside measured synthesis" in told


def test_nothing_replaced() -> None:
    view = explanation_view(cases()["laptop"], CATALOGUE, "zh")
    assert (view.replaced, view.replaced_text, view.record) == (None, None, None)


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("online", "somebody else's computer"),
        ("no-gpu", "the computer has no GPU"),
        ("nothing-known", "are missing"),
    ],
)
def test_unknown_speed_says_why(name, why) -> None:
    view = explanation_view(cases()[name], CATALOGUE, "en")
    assert view.time is None
    assert view.time_unknown is not None
    assert why in view.time_unknown
    assert flat(view.time_unknown) in flat(drawn(cases()[name]))
    assert "无法得知速度：" in drawn(cases()[name], "zh")


def test_a_model_without_work_says_so() -> None:
    voxcpm = CATALOGUE.models["voxcpm-0.5b"]
    bare = msgspec.structs.replace(
        CATALOGUE, models={"voxcpm-0.5b": msgspec.structs.replace(voxcpm, work=[])}
    )
    given = msgspec.structs.replace(cases()["laptop"], time=None, constants=())
    view = explanation_view(given, bare, "en")
    assert view.time_unknown is not None
    assert "has not been worked out" in view.time_unknown


def test_others() -> None:
    told = drawn(cases()["desktop"])
    assert "Others with this card saw\n" in told
    assert "Nearest reports\n" in told
    assert "RTX 4090, gpu-bf16: RTF 0.30, 8.0 GiB of VRAM (2026-07-08) [" in told
    bare = msgspec.structs.replace(cases()["desktop"], neighbours=())
    assert "No public report" in drawn(bare)
    processor = [msgspec.structs.replace(n, same_device=True) for n in cases()["laptop"].neighbours]
    same = msgspec.structs.replace(cases()["laptop"], neighbours=tuple(processor))
    assert "Others with this processor saw" in drawn(same)


@pytest.mark.parametrize("lang", LANGS)
def test_every_report_can_be_told(lang) -> None:
    near = cases()["desktop"].neighbours[0]
    for report in reports():
        each = msgspec.structs.replace(near, report=report)
        given = msgspec.structs.replace(cases()["desktop"], neighbours=(each,))
        text = explanation_view(given, CATALOGUE, lang).neighbours[0].text
        assert not re.search(r"None|[{}]|explain-", text)
        if report.rtf is None:
            assert LABELS[f"explain-outcome-{report.outcome}"][lang == "zh"] in text


def test_ids_have_names(given) -> None:
    view = explanation_view(given, CATALOGUE, "zh")
    for part in view.memory:
        assert f"explain-part-{part.part}" in LABELS
        assert f"explain-basis-{part.basis}" in LABELS
        for term in part.terms:
            assert f"explain-term-{term.id}" in LABELS
    for stage in view.time.terms if view.time is not None else ():
        assert f"explain-stage-{stage.id}" in LABELS
        assert f"explain-bound-{stage.bound}" in LABELS
        assert f"explain-shape-{stage.shape}" in LABELS
    for each in view.constants:
        assert f"explain-constant-{each.id}" in LABELS
        known = each.origin in CATALOGUE.sources or f"explain-origin-{each.origin}" in LABELS
        assert known, each.origin


def test_stages_and_components_of_the_catalogue_have_names() -> None:
    for model in CATALOGUE.models.values():
        for stage in model.work:
            assert f"explain-stage-{stage.id}" in LABELS
        for part in model.parameters:
            names = {f"explain-{kind}-{part.id}" for kind in ("component", "stage")}
            assert names & set(LABELS), part.id


def test_ids_of_a_user_are_shown_as_they_are() -> None:
    given = cases()["laptop"]
    assert given.time is not None
    terms = (msgspec.structs.replace(given.time.terms[0], id="my-stage", source="my-notes"),)
    time = msgspec.structs.replace(given.time, terms=terms)
    constant = msgspec.structs.replace(given.constants[0], id="my-figure", origin="voxcpm-docs")
    own = msgspec.structs.replace(given, time=time, constants=(constant,))
    told = drawn(own)
    assert "my-stage [" in told
    assert "my-figure" in told
    assert "stated in the source [" in told
    assert re.search(r"^\[\d+\] my-notes$", told, re.MULTILINE)
    view = explanation_view(own, CATALOGUE, "en")
    assert view.constants[0].source is not None
    assert view.constants[0].source.startswith(CATALOGUE.sources["voxcpm-docs"].title)


@pytest.mark.parametrize("lang", LANGS)
def test_markdown(given, lang) -> None:
    told = explained_markdown(given, CATALOGUE, lang)
    bare = re.sub(r"\\.", "", re.sub(r"<https?://[^\s<>]+>", "", told))
    assert not re.search(r"[<`]", bare)
    tables = re.findall(r"(?:^\|.*\n?)+", bare, re.MULTILINE)
    grids = [b for b in page(given, CATALOGUE, lang, full=True) if isinstance(b, Grid)]
    assert len(tables) == len(grids)
    for table, grid in zip(tables, grids, strict=True):
        counts = {line.count("|") for line in table.strip().splitlines()}
        assert counts == {len(grid.heads) + 1}
    assert told.startswith("## ")
    assert len(re.findall("^## ", told, re.MULTILINE)) == 1


HOSTILE = (
    "[bold red]x[/] [link=https://evil.example]y[/link] :smile:",
    "\x1b[31mred\x1b]0;title\x07\x9b2J",
    "one\n## two\n| a | b |",
    "abc\u202ddlrow\u2066\u200f\ufeff",
    "x" * 10_000,
    "<script>alert(1)</script> &amp;",
    "a | b || c \\| `code` *b*",
    "{need} {0} %s",
    "RTX \U0001f999 4090",
    "a\u2028b\x85d\x00",
)


def machine(name: str) -> Machine:
    card = Gpu(name=name, vendor="nvidia", vram_total_bytes=12 * GIB, compute_capability="8.6")
    return Machine(
        name=name, os="linux", arch="x86_64",
        cpu=Cpu(model=name, physical_cores=8, logical_cores=8, usable_cores=8, isa=["avx2"]),
        memory=Memory(total_bytes=32 * GIB), gpus=[card],
    )  # fmt: skip


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("mode", ["gpu-bf16", "cpu-fp32"])
def test_hostile_names(name, mode) -> None:
    work = Workload(speech_seconds=5)
    record = msgspec.structs.replace(
        RECORD, source=name, gpu=name if mode == "gpu-bf16" else None, workload=work
    )
    evidence = Evidence(records={("voxcpm-0.5b", mode): (record,)})
    given = made(machine(name), "voxcpm-0.5b", mode, evidence)
    near = given.neighbours[0] if given.neighbours else cases()["laptop"].neighbours[0]
    report = msgspec.structs.replace(
        near.report, gpu=name, cpu=name, note=name, source=name, url=f"https://{name}", reason=name
    )
    given = msgspec.structs.replace(
        given, neighbours=(msgspec.structs.replace(near, report=report),)
    )
    for lang in LANGS:
        for told in (drawn(given, lang), explained_markdown(given, CATALOGUE, lang)):
            harmless(told)
        markdown = explained_markdown(given, CATALOGUE, lang)
        bare = re.sub(r"\\.", "", re.sub(r"<https?://[^\s<>]+>", "", markdown))
        assert not re.search(r"[<`]", bare)
        assert len([line for line in markdown.splitlines() if line.startswith("## ")]) == 1
    told = drawn(given)
    assert name[:8] != "[bold re" or "[bold red]x[/]" in told  # shown, not obeyed
    assert max(len(line) for line in told.splitlines() if "://" not in line) <= 80
    msgspec.json.encode(explanation_view(given, CATALOGUE, "en"))


def harmless(told: str) -> None:
    bad = {c for c in told if c != "\n" and unicodedata.category(c) in ("Cc", "Cf", "Zl", "Zp")}
    assert not bad, [hex(ord(c)) for c in bad]


def test_figures() -> None:
    values = {0: "–", 0.03: "0.03", 0.12: "0.12", 2: "2", 2.36: "2.36", 9.999: "10.0",
              22.4: "22.4", 99.96: "100", 139380: "139380", 2.9e9: "2.9e+09"}  # fmt: skip
    assert {value: figure(value) for value in values} == values
    assert [places(total) for total in (0, 0.05, 1.7, 35, 350, 99999)] == [3, 5, 3, 2, 1, 0]


def test_names_are_in_both_languages() -> None:
    for key, (en, zh) in (EXPLAIN | STAGES | CONSTANTS).items():
        assert key.startswith("explain-")
        assert LABELS[key] == (en, zh)
        assert not re.search("[\u4e00-\u9fff]", en)
    assert len(EXPLAIN | STAGES | CONSTANTS) == len(EXPLAIN) + len(STAGES) + len(CONSTANTS)


def test_every_sentence_is_used() -> None:
    folder = Path(vcf.views.__file__).parent
    literals = {
        node.value
        for file in folder.glob("explain*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    kinds = ("part", "term", "basis", "component", "bound", "shape", "outcome", "mode", "legend")
    made = tuple(f"explain-{kind}-" for kind in (*kinds, "stage", "constant", "origin"))
    for key in EXPLAIN | STAGES | CONSTANTS:
        assert key.startswith(made) or {key, key.removeprefix("explain-")} & literals, key
