"""JSON on standard output fits the schemas that vcf prints, errors included."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from vcf import __version__
from vcf.cli.schema import schema_of
from vcf.machine.load import profile_names

NAMES = ("check", "probe", "machine", "models")


@pytest.mark.parametrize("name", NAMES)
def test_schemas_are_valid(name, vcf) -> None:
    done = vcf("schema", name)
    assert done.code == 0
    schema = done.json
    assert schema == schema_of(name)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["$id"] == {"probe": "vcf.machine/1"}.get(name, f"vcf.{name}/1")
    jsonschema.Draft202012Validator.check_schema(schema)


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_every_profile(lang, vcf, valid) -> None:
    folder = Path(__file__).parents[2] / "profiles"
    done = vcf("check", "--json", "--machine", folder, "--lang", lang)
    assert done.code == 0
    document = done.json
    valid("check", document)
    assert [result["machine"]["name"] for result in document["results"]] == profile_names()
    assert "errors" not in document


def test_shape(vcf, desk, valid) -> None:
    done = vcf("check", "--json", "--machine", desk)
    assert done.code == 0
    assert done.err == ""
    valid("check", done.json)
    assert list(done.json) == ["schema", "vcf", "results"]
    assert done.json["schema"] == "vcf.check/1"
    assert done.json["vcf"] == __version__
    [result] = done.json["results"]
    assert list(result) == ["machine", "recommendation", "assessments"]
    assert result["machine"]["name"] == "desk"
    assert list(result["recommendation"]) == ["model", "mode", "why", "actions"]
    one = result["assessments"][0]
    assert list(one)[:9] == [
        "model", "mode", "verdict", "score", "stars", "confidence", "rtf", "memory", "gates",
    ]  # fmt: skip
    assert list(one["memory"]) == ["device", "host", "disk"]
    assert {"gate", "status", "have", "need", "text", "source", "remedy"} <= set(one["gates"][0])
    assert list(one["recipe"]) == ["install", "code", "notes", "happens"]
    assert 0 <= one["score"] <= 100
    assert 1 <= one["stars"] <= 5


def test_what_if_and_probe(vcf, probed, valid) -> None:
    done = vcf("check", "--json", "--gpu", "RTX 4090", "--ram", "8GiB", "--cores", "2")
    valid("check", done.json)
    machine = done.json["results"][0]["machine"]
    assert machine["gpus"][0]["name"] == "NVIDIA GeForce RTX 4090"
    assert machine["memory"]["total_bytes"] == 8 << 30


def test_json_is_the_format_json(vcf, desk) -> None:
    told = [
        vcf("check", "voxcpm-2:cpu", "--machine", desk, *flags).out
        for flags in (["--json"], ["--format", "json"], ["-f", "json"], ["--format=json"])
    ]
    assert len(set(told)) == 1
    assert json.loads(told[0])["results"]


def test_language_changes_words_only(vcf, desk) -> None:
    def bare(lang: str) -> list[tuple[str, str, int]]:
        document = vcf("check", "--json", "--machine", desk, "--lang", lang).json
        return [(a["model"], a["mode"], a["score"]) for a in document["results"][0]["assessments"]]

    assert bare("en") == bare("zh")
    assert "快于实时" in vcf("check", "--json", "--machine", desk, "--lang", "zh").out


def test_folder_equals_single_calls(vcf, tmp_path, desk, valid) -> None:
    (tmp_path / "a-laptop.json").write_text('{"memory": {"total": "8 GiB"}, "gpus": []}')
    (tmp_path / "broken.yaml").write_text("memory: {total: 8 apples}\n")
    (tmp_path / "notes.txt").write_text("not a machine")
    done = vcf("check", "--json", "--machine", tmp_path, "voxcpm-2")
    assert done.code == 2
    valid("check", done.json)
    names = [result["machine"]["name"] for result in done.json["results"]]
    assert names == ["a-laptop", "desk"]
    [error] = done.json["errors"]
    assert error["kind"] == "machine"
    assert "broken.yaml: memory.total" in error["message"]
    for result, file in zip(done.json["results"], ("a-laptop.json", "desk.yaml"), strict=True):
        alone = vcf("check", "--json", "--machine", tmp_path / file, "voxcpm-2").json
        assert alone["results"] == [result]


def test_probe(vcf, valid) -> None:
    done = vcf("probe", "--json")
    assert done.code == 0
    valid("probe", done.json)


MACHINES = Path(__file__).parents[1] / "machines"
RECORDED = sorted(file.parent.name for file in MACHINES.glob("*/raw.yaml"))


@pytest.mark.parametrize("case", RECORDED)
def test_recorded_machines(case, vcf, valid, monkeypatch, tmp_path) -> None:
    """What is found on recorded machines fits, saved and read again too."""
    import yaml

    from vcf.machine import probe as module
    from vcf.machine.host import ReplayHost

    record = yaml.load((MACHINES / case / "raw.yaml").read_text(encoding="utf-8"), yaml.CSafeLoader)
    machine = module.probe(ReplayHost(record["answers"]))
    monkeypatch.setattr(module, "probe", lambda note=None: machine)
    document = vcf("probe", "--json").json
    valid("probe", document)
    saved = tmp_path / "saved.yaml"
    assert vcf("probe", "--save", saved).code == 0
    valid("machine", yaml.safe_load(saved.read_text(encoding="utf-8")))
    live = vcf("check", "--json", "voxcpm-0.5b", "indextts-2").json["results"][0]
    read = vcf("check", "--json", "voxcpm-0.5b", "indextts-2", "--machine", saved)
    assert read.json["results"][0]["machine"] == live["machine"]
    assert read.json["results"][0]["assessments"] == live["assessments"]


@pytest.mark.parametrize("name", profile_names())
def test_profiles_show(name, vcf, valid) -> None:
    done = vcf("profiles", "show", name, "--json")
    assert done.code == 0
    valid("probe", done.json)
    assert done.json["name"] == name
    source = (Path(__file__).parents[2] / "profiles" / f"{name}.yaml").read_text(encoding="utf-8")
    import yaml

    valid("machine", yaml.safe_load(source))


def test_models(vcf, valid) -> None:
    listed = vcf("models", "list", "--json").json
    valid("models", listed)
    assert list(listed["models"]) == [
        "voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2", "indextts-1.5", "indextts-2", "indextts-2.5",
    ]  # fmt: skip
    shown = vcf("models", "show", "VoxCPM2", "--json").json
    valid("models", shown)
    assert shown["models"] == {"voxcpm-2": listed["models"]["voxcpm-2"]}
    family = vcf("models", "show", "indextts", "--json").json
    assert list(family["models"]) == ["indextts-1.5", "indextts-2", "indextts-2.5"]


def test_profiles_list(vcf) -> None:
    rows = vcf("profiles", "list", "--json").json
    assert [row["name"] for row in rows] == profile_names()
    assert all(row["description"] and "\n" not in row["description"] for row in rows)


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["chekc", "--json"], "chekc"),
        (["check", "--json", "--nonsense"], "--nonsense"),
        (["check", "--json", "--cores", "many"], "many"),
        (["check", "--json", "--lang", "fr"], "fr"),
        (["check", "--json", "--machine"], "--machine"),
        (["check", "--format", "json", "--max-rtf", "x"], "x"),
        (["check", "--format=json", "--os", "beos"], "beos"),
        (["check", "-f", "json", "--os", "beos"], "beos"),
        (["check", "-fjson", "--os", "beos"], "beos"),
        (["check", "--json", "--format", "csv"], "--json contradicts --format csv"),
        (["probe", "--json", "--nonsense"], "--nonsense"),
        (["models", "show", "--json"], "model"),
        (["models", "--json"], "--json"),
        (["profiles", "nothing", "--json"], "nothing"),
        (["--json"], "--json"),
    ],
)
def test_usage_errors_are_json(arguments, word, vcf) -> None:
    done = vcf(*arguments)
    assert done.code == 2
    assert done.error["kind"] == "usage"
    assert word in done.error["message"]
    assert done.error["hint"].startswith("see `vcf")


@pytest.mark.parametrize(
    ("arguments", "kind", "word", "hint"),
    [
        (["check", "--json", "gpt-sovits"], "usage", "gpt-sovits", "known: voxcpm-0.5b"),
        (["check", "--json", "indextts3"], "usage", "indextts3", "did you mean 'indextts"),
        (["check", "--json", "--mode", "gpuu"], "usage", "gpuu", "did you mean 'gpu'"),
        (["check", "--json", "voxcpm-0.5b:vllm"], "usage", "vllm", "it has: "),
        (["check", "--json", "--machine", "/no/file.yaml"], "machine", "/no/file.yaml", "profiles"),
        (["check", "--json", "--models", "/no/file.yaml"], "models", "/no/file.yaml", ""),
        (["profiles", "show", "rtx-3060", "--json"], "machine", "rtx-3060", "did you mean"),
        (["models", "show", "voxcmp", "--json"], "usage", "voxcmp", "did you mean 'voxcpm'"),
    ],
)
def test_errors_are_json(arguments, kind, word, hint, vcf) -> None:
    done = vcf(*arguments)
    assert done.code == 2
    assert done.error["kind"] == kind
    assert word in done.error["message"]
    assert hint in done.error["hint"]


def test_output_error_is_json(vcf, desk, tmp_path) -> None:
    done = vcf("check", "--json", "--machine", desk, "--output", tmp_path)
    assert done.code == 2
    assert done.error["kind"] == "output"


def test_undecodable_file_name(vcf) -> None:
    done = vcf("check", "--json", "--machine", "\udcff.yaml")
    assert done.code == 2
    assert done.error["message"] == "?.yaml: No such file or directory"


def test_plain_ascii_console(vcf) -> None:
    """Errors quote what was typed; consoles without its characters must not fail."""
    done = vcf("check", "--json", "模型")
    assert done.out.isascii()
    assert "模型" in done.error["message"]


def test_output_file(vcf, desk, tmp_path, valid) -> None:
    file = tmp_path / "answer.json"
    done = vcf("check", "--json", "--machine", desk, "--output", file)
    assert (done.code, done.out, done.err) == (0, "", "")
    document = json.loads(file.read_text(encoding="utf-8"))
    valid("check", document)
    assert document == vcf("check", "--json", "--machine", desk).json
