"""``vcf compare``: the machines it takes, the rows it makes, and that it judges as check does."""

from __future__ import annotations

import html
import json
import os
import sys
import types
from pathlib import Path

import msgspec
import pytest

from vcf.bench import evidence as evidence_module
from vcf.catalogue.load import load_catalogue
from vcf.cli import compare as command
from vcf.cli.completion import complete_compared
from vcf.errors import UsageError
from vcf.judge.model import Evidence, Rtf
from vcf.machine.load import profile_names
from vcf.views.words import label

BIG, MIDDLE, SMALL = "desktop-rtx-4090-24gb", "laptop-gtx-1650-4gb", "raspberry-pi-4b-2gb"
PROFILES = Path(__file__).parents[2] / "profiles"


def compared(vcf, *arguments) -> dict:
    done = vcf("compare", *arguments, "--json")
    assert done.err == ""
    return done.json


def checked(vcf, machine, *arguments) -> dict:
    """What check says: by (model, mode)."""
    result = vcf("check", "--machine", machine, "--json", *arguments).json["results"][0]
    return {(a["model"], a["mode"]): a for a in result["assessments"]}


@pytest.mark.parametrize(
    ("compare", "check"),
    [
        ([], []),
        (["-v"], []),
        (["-m", "gpu", "-m", "cpu-fp32"], ["-m", "gpu", "-m", "cpu-fp32"]),
        (["-m", "online"], ["-m", "online"]),
        (["--model", "voxcpm-2:gguf", "--model", "indextts-2"], ["voxcpm-2:gguf", "indextts-2"]),
        (
            ["--text-seconds", "60", "--steps", "20", "-v", "--model", "voxcpm"],
            ["--text-seconds", "60", "--steps", "20", "voxcpm"],
        ),
    ],
)
def test_cells_are_those_of_check(compare, check, vcf, desk, valid) -> None:
    machines = [BIG, MIDDLE, SMALL, str(desk), "mac-mini-m4-16gb"]
    document = compared(vcf, *machines, *compare)
    valid("compare", document)
    assert document["rows"]
    for index, machine in enumerate(machines):
        given = checked(vcf, machine, *check)
        seen = set()
        for row in document["rows"]:
            cell = row["cells"][index]
            assert cell["machine"] == index
            assessment = given[row["model"], cell["mode"]]
            for key in ("verdict", "score", "stars", "confidence", "rtf", "limit"):
                assert cell[key] == assessment[key]
            seen.add((row["model"], cell["mode"]))
        if compare and compare[0] != "--model":
            local = {key for key in given if key[1] != "online" or "online" in compare}
            assert seen == local
        alone = vcf("check", "--machine", machine, "--json", *check).json["results"][0]
        recommended = document["machines"][index]["recommendation"]
        assert recommended == {
            key: alone["recommendation"][key] for key in ("model", "mode", "why")
        }


def test_one_row_for_a_model_holds_its_best_way(vcf) -> None:
    document = compared(vcf, BIG, MIDDLE)
    known = list(vcf("models", "list", "--json").json["models"])
    assert [(row["model"], row["mode"]) for row in document["rows"]] == [(m, None) for m in known]
    for index, machine in enumerate((BIG, MIDDLE)):
        given = checked(vcf, machine)
        for row in document["rows"]:
            local = [a for (m, mode), a in given.items() if m == row["model"] and mode != "online"]
            assert row["cells"][index]["score"] == max(a["score"] for a in local)


def test_modes_make_rows(vcf) -> None:
    rows = compared(vcf, BIG, MIDDLE, "--model", "voxcpm-2", "-m", "gpu", "-m", "mlx")["rows"]
    assert [(row["model"], row["mode"]) for row in rows] == [
        ("voxcpm-2", "gpu"), ("voxcpm-2", "mlx"),
    ]  # fmt: skip
    assert {cell["mode"] for cell in rows[0]["cells"]} <= {"gpu-bf16", "gpu-fp16", "gpu-fp32"}
    rows = compared(vcf, BIG, MIDDLE, "--model", "voxcpm-2:GPU", "--model", "indextts-2")["rows"]
    assert [(row["model"], row["mode"]) for row in rows] == [
        ("voxcpm-2", "gpu"), ("indextts-2", None),
    ]  # fmt: skip
    rows = compared(vcf, BIG, MIDDLE, "--model", "voxcpm", "-m", "vllm")["rows"]
    assert [(row["model"], row["mode"]) for row in rows] == [("voxcpm-2", "vllm")]


def test_the_best_has_most_good(vcf) -> None:
    document = compared(vcf, SMALL, BIG, MIDDLE)
    assert document["best"]["machines"] == [1]
    assert document["best"]["why"].startswith(f"Best of these: {BIG} (6 models: 6 good). Next: ")
    for machine in document["machines"]:
        assert sum(machine["counts"].values()) == 6
        assert 0 <= machine["score"] <= 600
    assert compared(vcf, BIG, MIDDLE, SMALL)["best"]["machines"] == [0]


def test_scores_decide_among_equals(vcf) -> None:
    best = compared(vcf, BIG, "gcp-a3-highgpu-1g-h100-80gb")["best"]
    assert best["machines"] == [1]
    assert "their scores added up decide" in best["why"]


def test_even_machines(vcf, desk, tmp_path) -> None:
    names = [str(desk)]
    for at in range(4):
        (tmp_path / f"{at}.yaml").write_text(desk.read_text())
        names.append(str(tmp_path / f"{at}.yaml"))
        document = compared(vcf, *names)
        assert document["best"]["machines"] == list(range(at + 2))
        assert all(row["same"] for row in document["rows"])
    assert document["best"]["why"].startswith("Equally good: all 5 machines (6 models: ")
    told = compared(vcf, *names, SMALL)["best"]["why"]
    assert told.startswith("Equally good: desk, 0, 1 and 2 more (")
    told = compared(vcf, *names, SMALL, "--lang", "zh")["best"]["why"]
    assert told.startswith("desk、0、1 等 5 台不分高下（6 个模型：")


def test_only_one_runs(vcf, tmp_path) -> None:
    told = ("--model", "voxcpm-2:gpu")
    document = compared(vcf, SMALL, BIG, *told)
    assert document["best"]["why"] == f"Only {BIG} runs any of it (1 model: good)."
    (tmp_path / "little.yaml").write_text("cpu: {model: Intel Core i5-12600K}\n")
    document = compared(vcf, BIG, tmp_path / "little.yaml", *told)
    assert document["best"]["why"].startswith(f"Best of these: {BIG}")
    [note] = document["notes"]
    assert note.startswith("little: 1 of 1 models can't be judged")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        ([BIG, SMALL], 0),
        ([SMALL, "cloud-vm-2-core-4gb", "-m", "gpu"], 1),
        ([SMALL, MIDDLE, "-m", "gpu"], 0),
        ([SMALL, "cloud-vm-2-core-4gb", "-m", "online"], 0),
        ([BIG], 2),
        ([BIG, "no-such-machine"], 2),
        ([BIG, SMALL, "--model", "gpt-sovits"], 2),
        ([BIG, SMALL, "-m", "gpuu"], 2),
        ([BIG, SMALL, "--steps", "0"], 2),
    ],
)
def test_codes(arguments, code, vcf) -> None:
    for flags in ([], ["--json"], ["--format", "markdown"]):
        assert vcf("compare", *arguments, *flags).code == code


def test_could_not_tell(vcf, tmp_path) -> None:
    for name in ("a", "b"):
        (tmp_path / f"{name}.yaml").write_text("cpu: {model: Intel Core i5-12600K}\n")
    done = vcf("compare", tmp_path)
    assert done.code == 3
    assert done.out.startswith("It can't be told which is best")
    (tmp_path / "b.yaml").write_text("memory: {total: 1GiB}\ngpus: []\n")
    assert vcf("compare", tmp_path).code == 3


def test_facts_that_are_missing_are_named(vcf, tmp_path) -> None:
    """Whether they make a verdict unknown or not, with the field and the flag that give them."""
    (tmp_path / "empty.yaml").write_text("name: empty\n")
    (tmp_path / "mini.yaml").write_text("name: mini\ncpu: {model: Intel Core i5-12600K}\n")
    best = compared(vcf, tmp_path)["best"]
    assert best["machines"] == []
    assert best["why"] == (
        "It can't be told which is best: facts about empty, mini are missing "
        "(system, processor, RAM, GPU)."
    )
    assert compared(vcf, tmp_path, "--lang", "zh")["best"]["why"] == (
        "缺少 empty、mini 的信息（系统、处理器、内存、显卡），无法判断哪台更合适。"
    )


def test_a_card_of_several_sizes_gets_a_hint(vcf, tmp_path, valid) -> None:
    common = "cpu: {model: Intel Core i5-12600K}\nmemory: {total: 32GiB}\n"
    (tmp_path / "r.yaml").write_text(common + "os: windows\ngpus: [{name: RTX 3060}]\n")
    document = compared(vcf, tmp_path / "r.yaml", BIG)
    valid("compare", document)
    assert document["machines"][0]["counts"]["unknown"] == 0
    assert document["machines"][0]["missing"] == [
        {"field": "gpus[0].vram", "flag": "--vram 8GiB", "text": "VRAM of RTX 3060 (8 or 12 GiB)"}
    ]
    assert document["machines"][1]["missing"] == []
    assert document["notes"] == [
        "r: not known: VRAM of RTX 3060 (8 or 12 GiB). Say so in the machine file "
        "(gpus[0].vram), or try values: vcf check --machine MACHINE --vram 8GiB."
    ]
    told = vcf("check", "--machine", tmp_path / "r.yaml", "--vram", "8GiB", "--json")
    assert told.json["results"][0]["machine"]["gpus"][0]["vram_total_bytes"] == 8 * 2**30
    assert compared(vcf, tmp_path / "r.yaml", BIG, "--lang", "zh")["notes"] == [
        "r：RTX 3060 的显存（8 或 12 GiB）未知，请在机器文件中写明 gpus[0].vram，"
        "或用 vcf check --machine 机器 --vram 8GiB 试算。"
    ]


def test_the_day_stands_on_what_is_kept(vcf, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1790000000")
    document = compared(vcf, BIG, SMALL)
    assert document["date"] == "2026-09-21"
    assert document["data"] == load_catalogue().updated
    told = f"Made 2026-09-21 by vcf {document['vcf']} with data of {document['data']}."
    for format in ("markdown", "html"):
        assert told in vcf("compare", BIG, SMALL, "--format", format).out.replace("\\", "")
    assert "2026-09-21" not in vcf("compare", BIG, SMALL).out
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    vcf("compare", BIG, SMALL, "--format", "html").refused("SOURCE_DATE_EPOCH: 'soon' is no time")


def test_the_page_says_what_the_table_says(vcf) -> None:
    for lang in ("en", "zh"):
        page = vcf("compare", BIG, SMALL, "--format", "html", "--lang", lang).out
        for key in ("cells", "each-means", "rtf", "rule"):
            assert html.escape(label(f"compare-{key}", lang)).replace("&#x27;", "&#39;") in page
        assert f'<td data-label="{BIG}">' in page
        colon = "：" if lang == "zh" else ": "
        assert f"<bdi>{BIG}</bdi></strong>{colon}<bdi>" in page


def test_nothing_runs(vcf) -> None:
    done = vcf("compare", SMALL, "cloud-vm-2-core-4gb", "-m", "gpu")
    assert done.out.startswith("None of these machines runs any of it.\n")
    assert "No on all of them: voxcpm-0.5b:gpu, voxcpm-1.5:gpu, " in done.out.replace("\n", " ")
    assert compared(vcf, SMALL, "cloud-vm-2-core-4gb", "-m", "gpu")["best"]["machines"] == []


# what a machine may be


def test_a_folder_and_a_file(vcf, tmp_path, desk) -> None:
    folder = tmp_path / "office"
    folder.mkdir()
    (folder / "b.yaml").write_text("{name: second, memory: {total: 8GiB}, gpus: []}")
    (folder / "a.json").write_text('{"name": "first", "memory": {"total": "8GiB"}, "gpus": []}')
    machines = compared(vcf, desk, folder)["machines"]
    assert [machine["name"] for machine in machines] == ["desk", "first", "second"]


def test_every_profile(vcf, valid) -> None:
    document = compared(vcf, PROFILES)
    valid("compare", document)
    assert [machine["name"] for machine in document["machines"]] == profile_names()


def test_standard_input(vcf) -> None:
    text = b"memory: {total: 8GiB}\ngpus: []\n"
    done = vcf("compare", "-", BIG, "--json", stdin=text)
    assert [machine["name"] for machine in done.json["machines"]] == ["stdin", BIG]
    vcf("compare", "-", "-", stdin=text).refused("- twice is one machine")


def test_this_computer(vcf, probed, monkeypatch) -> None:
    asked = []
    rtf = Rtf(low=0.2, mid=0.25, high=0.3, basis="bench")

    def evidence_for(machine, note=None):
        asked.append(machine)
        return Evidence(rtf={("voxcpm-2", "gpu-bf16"): rtf})

    monkeypatch.setattr(evidence_module, "evidence_for", evidence_for)
    done = vcf("compare", "here", BIG, "--json", "-v", "--model", "voxcpm-2")
    assert asked == [probed]
    assert done.code == 0
    row = next(row for row in done.json["rows"] if row["mode"] == "gpu-bf16")
    here, other = row["cells"]
    assert here["rtf"] == {"low": 0.2, "mid": 0.25, "high": 0.3, "basis": "bench"}
    assert "measured here" in here["reason"]
    assert other["rtf"]["basis"] == "roofline"
    [note] = done.json["notes"]
    assert note.startswith(f"{probed.name}: 1 of the RTF here rest on what was measured on it")
    own = vcf("check", "voxcpm-2:gpu-bf16", "--json").json["results"][0]["assessments"][0]
    assert own["rtf"] == here["rtf"]


def test_the_probe_talks_when_verbose(vcf, probed, monkeypatch) -> None:
    monkeypatch.setattr(evidence_module, "evidence_for", lambda machine, note=None: Evidence())
    assert vcf("compare", "here", BIG).err == ""
    assert vcf("compare", "here", BIG, "-v").err == "vcf: cpu probe: no answer in 3 s\n"


def test_the_word_here_is_no_file(vcf, probed, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(evidence_module, "evidence_for", lambda machine, note=None: Evidence())
    monkeypatch.chdir(tmp_path)
    (tmp_path / "here").mkdir()
    for name in ("x", "y"):
        (tmp_path / "here" / f"{name}.yaml").write_text("memory: {total: 8GiB}\n")
    names = [machine["name"] for machine in compared(vcf, "here", "./here")["machines"]]
    assert names == [probed.name, "x", "y"]


def test_one_machine_is_too_few(vcf, desk, tmp_path) -> None:
    vcf("compare", desk).refused("one machine: nothing to compare it with", hint="or here")
    vcf("compare", desk, desk).refused("twice is one machine")
    alone = tmp_path / "alone"
    alone.mkdir()
    vcf("compare", alone).refused("holds no machine file")
    (alone / "a.yaml").write_text("memory: {total: 8GiB}\n")
    vcf("compare", alone).refused("one machine: nothing to compare it with")
    vcf("compare", "", BIG).refused("an empty name is no machine")
    done = vcf("compare")
    assert done.code == 2
    assert "MACHINE" in done.err


def test_the_same_machine_twice_is_folded(vcf, desk, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    document = compared(vcf, "desk.yaml", BIG, desk, "./desk.yaml")
    assert [machine["name"] for machine in document["machines"]] == ["desk", BIG]
    assert len(document["notes"]) == 2
    assert document["notes"][0].startswith(str(desk)[:20])
    assert document["notes"][1] == "./desk.yaml: named more than once, compared once."
    document = compared(vcf, BIG, tmp_path, tmp_path)
    assert document["notes"] == ["desk.yaml: named more than once, compared once."]
    document = compared(vcf, BIG, MIDDLE, PROFILES / f"{BIG}.yaml")
    assert len(document["machines"]) == 2


@pytest.mark.skipif(os.name == "nt", reason="links need rights there")
def test_a_link_is_the_machine_it_leads_to(vcf, desk, tmp_path) -> None:
    (tmp_path / "link.yaml").symlink_to(desk)
    assert len(compared(vcf, desk, tmp_path / "link.yaml", BIG)["machines"]) == 2


def test_equal_names_are_told_apart(vcf, tmp_path) -> None:
    for folder, name in (("x", "a"), ("x", "b"), ("y", "a")):
        (tmp_path / folder).mkdir(exist_ok=True)
        (tmp_path / folder / f"{name}.yaml").write_text("{name: desktop, memory: {total: 8GiB}}")
    document = compared(vcf, tmp_path / "x" / "a.yaml", tmp_path / "x" / "b.yaml")
    names = [machine["name"] for machine in document["machines"]]
    assert names == ["desktop (a.yaml)", "desktop (b.yaml)"]
    assert document["machines"][1]["line"].startswith("desktop (b.yaml): ")
    document = compared(vcf, tmp_path / "x", tmp_path / "y")
    names = [machine["name"] for machine in document["machines"]]
    assert names == ["desktop (x/a.yaml)", "desktop (b.yaml)", "desktop (y/a.yaml)"]


def test_broken_files(vcf, desk, tmp_path, valid) -> None:
    broken = tmp_path / "broken.yaml"
    broken.write_text("memory: {total: 8 apples}\n")
    vcf("compare", desk, broken).refused("broken.yaml: memory.total")
    error = vcf("compare", desk, broken, "--json").error
    assert error["kind"] == "machine"
    vcf("compare", tmp_path).refused("broken.yaml: memory.total")
    done = vcf("compare", BIG, tmp_path)
    assert done.code == 2
    assert done.out.startswith("Best of these: ")
    [line] = done.err.splitlines()
    assert "broken.yaml: memory.total" in line
    done = vcf("compare", BIG, tmp_path, "--json")
    assert done.code == 2
    valid("compare", done.json)
    [error] = done.json["errors"]
    assert "broken.yaml: memory.total" in error["message"]


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_undecodable_names_of_broken_files(vcf, desk, tmp_path) -> None:
    (tmp_path / "\udcff.yaml").write_text("memory: 3\n")
    done = vcf("compare", BIG, tmp_path, "--json")
    assert done.code == 2
    assert "?.yaml: " in done.json["errors"][0]["message"]


def test_a_name_too_long(vcf) -> None:
    done = vcf("compare", BIG, "x/" * 4000)
    assert done.code == 2
    assert len(done.err.splitlines()) == 1


# models that only run online


@pytest.fixture
def hosted(monkeypatch) -> str:
    """A model that is a service and nothing else."""
    shipped = load_catalogue()
    model = shipped.models["voxcpm-2"]
    only = msgspec.structs.replace(model, modes={"online": model.modes["online"]})
    changed = msgspec.structs.replace(shipped, models={**shipped.models, "voxcpm-2": only})
    monkeypatch.setattr(command, "load_catalogue", lambda path: changed)
    return "voxcpm-2"


def test_a_model_that_only_runs_online_is_left_out_and_named(vcf, hosted) -> None:
    for flags in ([], ["-v"]):
        document = compared(vcf, BIG, MIDDLE, *flags)
        assert hosted not in {row["model"] for row in document["rows"]}
        [note] = document["notes"]
        assert note.startswith("Left out, ") and hosted in note
        assert sum(document["machines"][0]["counts"].values()) == 5
    alone = vcf("compare", BIG, MIDDLE, "--model", hosted)
    alone.refused(f"{hosted}: online only", hint="--mode online")
    [row] = compared(vcf, BIG, MIDDLE, "--model", hosted, "-m", "online")["rows"]
    assert (row["model"], row["mode"]) == (hosted, "online")


def test_online_stands_aside_until_asked_for(vcf) -> None:
    for flags in ([], ["-v"]):
        modes = {c["mode"] for r in compared(vcf, BIG, SMALL, *flags)["rows"] for c in r["cells"]}
        assert "online" not in modes
    rows = compared(vcf, BIG, SMALL, "--model", "voxcpm-2:online")["rows"]
    assert [row["mode"] for row in rows] == ["online"]
    assert rows[0]["same"] is True


# how it is shown


def test_output_and_formats(vcf, tmp_path) -> None:
    for flags in ([], ["--format", "markdown"], ["--json"], ["--lang", "zh"]):
        file = tmp_path / "answer"
        told = vcf("compare", BIG, SMALL, *flags)
        written = vcf("compare", BIG, SMALL, *flags, "--output", file)
        assert (written.code, written.out, written.err) == (0, "", "")
        assert file.read_text(encoding="utf-8") == told.out
        assert told.out == vcf("compare", BIG, SMALL, *flags).out


def test_contradictions(vcf) -> None:
    done = vcf("compare", BIG, SMALL, "--json", "--format", "html")
    assert done.code == 2
    assert "--json contradicts --format html" in done.error["message"]


def test_html_comes_from_the_same_document(vcf, monkeypatch, tmp_path) -> None:
    seen = []

    def compare_page(document, lang):
        seen.append((document, lang))
        return "<p>页</p>\n"

    module = types.ModuleType("vcf.views.page")
    module.compare_page = compare_page  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vcf.views.page", module)
    done = vcf("compare", BIG, SMALL, "--format", "html", "--lang", "zh")
    assert (done.code, done.out) == (0, "<p>页</p>\n")
    [(document, lang)] = seen
    assert lang == "zh"
    assert [machine.name for machine in document.machines] == [BIG, SMALL]
    assert document.best.why.startswith("其中最合适的是")


@pytest.mark.parametrize(("missing", "code"), [("jinja2", 2), ("markupsafe", 4)])
def test_html_without_its_packages(missing, code, vcf, monkeypatch) -> None:
    def compare_page(document, lang):
        raise ModuleNotFoundError(f"No module named {missing!r}", name=missing)

    module = types.ModuleType("vcf.views.page")
    module.compare_page = compare_page  # type: ignore[attr-defined]
    monkeypatch.setitem(sys.modules, "vcf.views.page", module)
    done = vcf("compare", BIG, SMALL, "--format", "html")
    assert done.code == code
    if code == 2:
        done.refused("--format html needs jinja2", hint="pip install jinja2")


def test_language_changes_words_only(vcf) -> None:
    def bare(lang: str) -> list:
        document = compared(vcf, BIG, MIDDLE, SMALL, "--lang", lang)
        cells = [[(c["mode"], c["score"]) for c in row["cells"]] for row in document["rows"]]
        return [document["best"]["machines"], cells, [m["score"] for m in document["machines"]]]

    assert bare("en") == bare("zh")


def test_own_work_is_told(vcf, valid) -> None:
    document = compared(vcf, BIG, SMALL, "--text-seconds", "60", "--emotion")
    valid("compare", document)
    assert document["workload"]["speech_seconds"] == 60
    assert "workload" not in compared(vcf, BIG, SMALL)
    assert "60 s of speech" in vcf("compare", BIG, SMALL, "--text-seconds", "60").out


def test_schema(vcf, valid) -> None:
    schema = vcf("schema", "compare").json
    assert schema["$id"] == "vcf.compare/1"
    document = compared(vcf, BIG, SMALL)
    assert document["schema"] == "vcf.compare/1"
    valid("compare", document)
    with pytest.raises(Exception, match="'best' is a required property"):
        valid("compare", {key: value for key, value in document.items() if key != "best"})


def test_completion() -> None:
    assert complete_compared("") == ["here", *profile_names()]
    assert complete_compared("he") == ["here"]
    assert complete_compared("asus") == ["asus-gl552vw"]


@pytest.mark.parametrize("arguments", [["--help"], ["-h"]])
def test_help(arguments, vcf) -> None:
    done = vcf("compare", *arguments)
    assert done.code == 0
    for word in ("MACHINE", "--model", "--mode", "--steps", "--format", "html", "Exit codes"):
        assert word in done.out


def test_errors_are_vcf_errors(vcf) -> None:
    error = vcf("compare", BIG, "--json").error
    assert error["kind"] == UsageError.kind
    assert json.dumps(error)
