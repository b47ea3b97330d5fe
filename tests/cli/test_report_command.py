"""``vcf report``: formats, files, what it refuses, exit codes."""

from __future__ import annotations

import json
import sys

import msgspec
import pytest

from vcf.errors import UsageError
from vcf.machine.load import profile_names
from vcf.views import page

LAPTOP = ("--machine", "asus-gl552vw")


@pytest.fixture(autouse=True)
def fixed_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1795000000")


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("name", profile_names()[::6])
def test_json_fits_the_schema(name, lang, vcf, valid) -> None:
    done = vcf("report", "--json", "--machine", name, "--lang", lang)
    assert (done.code, done.err) == (0, "")
    valid("report", done.json)
    assert done.json["lang"] == lang
    assert done.json["schema"] == "vcf.report/1"
    assert done.json["date"] == "2026-11-18"


def test_markdown_is_what_comes_without_asking(vcf) -> None:
    done = vcf("report", "voxcpm-2", *LAPTOP)
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith("# Local voice cloning on asus-gl552vw")
    for flags in (["-f", "md"], ["--format", "markdown"]):
        assert vcf("report", "voxcpm-2", *LAPTOP, *flags).out == done.out


def test_the_suffix_chooses_the_format(vcf, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(page, "report_page", lambda document: f"<p>{document.title}</p>")
    wanted = {"r.md": "# ", "r.json": "{", "r.html": "<p>", "r.HTM": "<p>", "r.txt": "# "}
    for name, start in wanted.items():
        done = vcf("report", "voxcpm-2", *LAPTOP, "-o", tmp_path / name)
        assert (done.code, done.out, done.err) == (0, "", "")
        assert (tmp_path / name).read_text(encoding="utf-8").startswith(start), name
    done = vcf("report", "voxcpm-2", *LAPTOP, "-f", "json", "-o", tmp_path / "r.md")
    assert json.loads((tmp_path / "r.md").read_text(encoding="utf-8"))["models"]


def test_html_is_nothing_for_a_terminal(vcf, monkeypatch) -> None:
    monkeypatch.setattr(page, "report_page", lambda document: "<p>piped</p>")
    assert vcf("report", "voxcpm-2", *LAPTOP, "-f", "html").out == "<p>piped</p>"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    vcf("report", "voxcpm-2", *LAPTOP, "-f", "html").refused("terminal", hint="-o report.html")


def test_a_page_that_cannot_be_made_leaves_no_file(vcf, monkeypatch, tmp_path) -> None:
    def missing(document: object) -> str:
        raise UsageError("HTML needs a package", 'pip install "vcf[report]"')

    monkeypatch.setattr(page, "report_page", missing)
    done = vcf("report", "voxcpm-2", *LAPTOP, "-o", tmp_path / "r.html")
    done.refused("HTML needs", hint="vcf[report]")
    assert list(tmp_path.iterdir()) == []


def test_one_machine_only(vcf, tmp_path) -> None:
    vcf("report", "--machine", tmp_path).refused("one machine", hint="vcf compare")
    vcf("report", "--machine", " ").refused("--machine is empty")
    vcf("report", "--machine", "nope-nope").refused("nope-nope")
    vcf("report", "--machine", "x" * 5000).refused()


def test_contradictions(vcf) -> None:
    assert vcf("report", *LAPTOP, "--json", "--format", "md").code == 2
    vcf("report", "voxcpm-9", *LAPTOP).refused("voxcpm-9")
    vcf("report", *LAPTOP, "--steps", "0").refused("--steps")


def test_exit_codes(vcf, tmp_path) -> None:
    assert vcf("report", "voxcpm-2:mlx", *LAPTOP).code == 1
    (tmp_path / "m.yaml").write_text("name: nothing\n", encoding="utf-8")
    assert vcf("report", "voxcpm-2", "--machine", tmp_path / "m.yaml").code == 3
    assert vcf("report", "indextts-2:online", *LAPTOP).code == 0


def test_models_may_be_named_with_the_option(vcf) -> None:
    named = vcf("report", *LAPTOP, "--models", "voxcpm, indextts-2", "--json").json
    asked = vcf("report", "voxcpm", "indextts-2", *LAPTOP, "--json").json
    assert named == asked
    assert [m["model"] for m in named["models"]] == [
        "voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2", "indextts-2",
    ]  # fmt: skip
    twice = vcf("report", "voxcpm-2", *LAPTOP, "--models", "indextts-2")
    twice.refused("named twice", hint="once")


def test_a_models_file(vcf, tmp_path) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text("models: {voxcpm-2: {name: Renamed}}\n", encoding="utf-8")
    made = vcf("report", "voxcpm-2", *LAPTOP, "--models", file, "--json").json
    assert made["models"][0]["name"] == "Renamed"
    assert f"--models {file}" in made["models"][0]["remedies"][0]["command"]
    vcf("report", *LAPTOP, "--models", "nope.yaml").refused("nope.yaml")
    vcf("report", *LAPTOP, "--models", "x" * 5000).refused()
    vcf("report", *LAPTOP, "--models", "").refused()
    vcf("report", *LAPTOP, "--models", "voxcpm-2,nope").refused("voxcpm-2,nope")


def test_what_if_and_work_stand_in_the_report(vcf) -> None:
    made = vcf(
        "report", "voxcpm-2", *LAPTOP, "--gpu", "RTX 4090", "--steps", "6", "--json",
        "--reference-seconds", "20",
    ).json  # fmt: skip
    assert made["machine"]["gpus"][0]["name"] == "NVIDIA GeForce RTX 4090"
    assert made["workload"]["steps"] == 6
    assert "imagined" in made["environment"][0]["note"]
    command = made["models"][0]["remedies"][0]["command"]
    for flag in ("--machine asus-gl552vw", '--gpu "RTX 4090"', "--steps 6"):
        assert flag in command


def test_commands_of_the_report_give_what_it_promises(vcf) -> None:
    made = vcf("report", "voxcpm-2", *LAPTOP, "--json").json
    upgrade = made["upgrades"][0]
    words = [w.strip('"') for w in _words(upgrade["command"])][1:]
    judged = vcf(*words, "--json").json["results"][0]["assessments"][0]
    assert judged["verdict"] == "good"
    assert f"good in {judged['mode']}" in upgrade["unlocks"][0]


def _words(command: str) -> list[str]:
    import shlex

    return shlex.split(command)


def test_this_computer(vcf, probed) -> None:
    done = vcf("report", "voxcpm-2", "--json")
    assert done.json["machine"] == msgspec.to_builtins(probed)
    assert "--machine" not in done.json["models"][0]["remedies"][0]["command"]


def test_the_day(vcf, monkeypatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "soon")
    vcf("report", "voxcpm-2", *LAPTOP).refused("SOURCE_DATE_EPOCH", hint="whole number")
    monkeypatch.delenv("SOURCE_DATE_EPOCH")
    assert len(vcf("report", "voxcpm-2", *LAPTOP, "--json").json["date"]) == 10


def test_the_same_again(vcf) -> None:
    first, second = (vcf("report", *LAPTOP, "--lang", "zh").out for _ in range(2))
    assert first == second


def test_schema(vcf) -> None:
    assert vcf("schema", "report").json["$id"] == "vcf.report/1"


def test_short(vcf, valid) -> None:
    full = vcf("report", *LAPTOP, "--json").json
    short = vcf("report", *LAPTOP, "--json", "--short").json
    valid("report", short)
    assert len(short["sources"]) < len(full["sources"]) / 2
    assert "gpu-fp16" in short["models"][0]["refused"]
    assert "refused" not in full["models"][0] or full["models"][0]["refused"] is None
    text = vcf("report", *LAPTOP, "--short").out
    assert "Modes that do not run here: " in text
    assert text.count("\n") < 0.6 * vcf("report", *LAPTOP).out.count("\n")


def test_names_make_no_links_citations_or_lists(vcf, tmp_path) -> None:
    file = tmp_path / "evil.yaml"
    file.write_text(
        'name: "- https://evil.example/x [3] `code`"\nos: linux\n'
        'cpu: {model: "1. www.evil.example", cores: 4}\nmemory: {total: 16GiB}\n'
        'gpus: [{name: "RTX 3060 [3]", vram: 12GiB, vendor: nvidia}]\n'
        'software: {python: "3.11", torch: "\\e[31mX\\u202e", voxcpm: "\\x07 2.0.3"}\n'
    )
    done = vcf("report", "voxcpm", "--machine", file, "--format", "md")
    text = done.out
    assert not {"\x1b", "\x07", "\u202e"} & set(text)
    assert "<https://evil" not in text and "://evil" not in text and "www.evil" not in text
    told = [line for line in text.splitlines() if "evil.example" in line or "RTX 3060" in line]
    assert told and not any("source-3" in line and "evil" in line for line in told)
    assert not any(line.startswith(("- :/", "- http")) for line in text.splitlines())


def test_models_that_are_neither_names_nor_a_file(vcf) -> None:
    vcf("report", "--models", "voxcpm-2,nope").refused("nope", hint="voxcpm-2")
    vcf("report", "--models", "").refused("--models is empty")
    vcf("report", "--models", " , ").refused("--models is empty")
    one = vcf("report", "--models", "voxcpm-0.5b,", "--machine", "asus-gl552vw", "--json")
    assert [model["model"] for model in one.json["models"]] == ["voxcpm-0.5b"]
