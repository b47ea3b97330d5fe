"""Folders: chunks, processes, one document."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from vcf.cli import check, folder
from vcf.cli.asked import asked_for
from vcf.cli.check import CheckArguments, Outcome
from vcf.cli.options import Format
from vcf.errors import MachineError
from vcf.views.document import Failure


@pytest.fixture
def machines(tmp_path) -> Path:
    place = tmp_path / "machines"
    place.mkdir()
    for index in range(40):
        (place / f"m{index:02}.yaml").write_text(
            f"memory: {{total: {4 + index}GiB}}\ngpus: []\ncpu: {{cores: {1 + index % 8}}}\n"
        )
    (place / "m17.yaml").write_text("memory: {total: many}\n")
    return place


@pytest.mark.parametrize("what", [[], ["voxcpm-2:cpu", "indextts-2"], ["voxcpm-2:gpu"]])
def test_parallel_is_sequential(what, vcf, machines, monkeypatch) -> None:
    arguments = ("check", "--json", "--machine", machines, *what)
    monkeypatch.setattr(folder, "CHUNK", 3)
    monkeypatch.setattr(folder, "_cores", lambda: 1)
    monkeypatch.setattr(folder, "PARALLEL_FROM", 1)
    alone = vcf(*arguments)
    monkeypatch.setattr(folder, "_cores", lambda: 2)
    spread = vcf(*arguments)
    assert spread.out == alone.out
    assert spread.code == alone.code == 2
    names = [result["machine"]["name"] for result in alone.json["results"]]
    assert names == [f"m{index:02}" for index in range(40) if index != 17]
    assert len(alone.json["errors"]) == 1


def test_chunks_do_not_show(vcf, machines, monkeypatch) -> None:
    arguments = ("check", "--json", "--machine", machines, "voxcpm-2")
    told = set()
    for size in (1, 7, 100):
        monkeypatch.setattr(folder, "CHUNK", size)
        told.add(vcf(*arguments).out)
    assert len(told) == 1


def test_nothing_but_broken_files(vcf, tmp_path) -> None:
    (tmp_path / "a.yaml").write_text("[")
    (tmp_path / "b.json").write_text("{")
    done = vcf("check", "--json", "--machine", tmp_path)
    assert done.code == 2
    assert done.json["results"] == []
    assert [error["kind"] for error in done.json["errors"]] == ["machine", "machine"]


def test_text_formats_of_a_folder(vcf, machines) -> None:
    (machines / "m17.yaml").unlink()
    arguments = ("check", "voxcpm-2:cpu", "--machine", machines)
    assert vcf(*arguments, "-f", "markdown").out.count("\n## ") == 38
    assert vcf(*arguments, "-f", "csv").out.count("\r\n") == 40
    assert vcf(*arguments, "-f", "junit").out.count("<testsuite ") == 39
    table = vcf(*arguments).out
    assert [line for line in table.splitlines() if line.startswith("m20: ")]
    assert "\n\n" in table


def test_output_of_a_folder(vcf, machines, tmp_path) -> None:
    for form in ("json", "table", "csv"):
        file = tmp_path / form
        done = vcf("check", "--machine", machines, "-f", form, "-o", file, "voxcpm-2:cpu")
        assert done.out == ""
        assert file.read_bytes().count(b"m20")
    assert json.loads((tmp_path / "json").read_bytes())["errors"]


def test_empty(tmp_path) -> None:
    arguments = CheckArguments(machine=str(tmp_path), format=Format.json)
    with pytest.raises(MachineError):
        next(folder.judge_folder(arguments))


def test_cores(monkeypatch) -> None:
    assert folder._cores() >= 1
    monkeypatch.delattr(os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert folder._cores() == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert folder._cores() == 1


def test_outcomes_add_up() -> None:
    def chunk(can: bool, unsure: bool, *failures: Failure) -> folder.Chunk:
        return folder.Chunk(text=b"", can=can, unsure=unsure, able=can, failures=list(failures))

    outcome = Outcome(CheckArguments(), online_asked=False)
    assert outcome.code == 1
    outcome.add(chunk(False, True))
    assert outcome.code == 3
    outcome.add(chunk(True, False))
    assert outcome.code == 0
    outcome.add(chunk(False, False, Failure(kind="machine", message="x", hint="")))
    assert outcome.code == 2


def test_arguments_reach_every_process(vcf, machines, monkeypatch) -> None:
    (machines / "m17.yaml").unlink()
    monkeypatch.setattr(folder, "PARALLEL_FROM", 1)
    monkeypatch.setattr(folder, "_cores", lambda: 2)
    done = vcf(
        "check", "voxcpm-2", "-m", "cpu", "--json", "--machine", machines, "--lang", "zh",
        "--max-rtf", "0.0001",
    )  # fmt: skip
    assert done.code == 1
    assert all(len(result["assessments"]) == 1 for result in done.json["results"])
    assert "慢于实时" in done.out


def test_same_words_as_one_machine(machines) -> None:
    """Every file of a chunk is judged as check_machine judges it."""
    from vcf.catalogue.load import load_catalogue
    from vcf.judge.subject import subjects
    from vcf.machine.load import load_machine

    arguments = CheckArguments(what=("voxcpm-0.5b",))
    files = sorted(machines.iterdir())[:3]
    told = json.loads(b"[" + folder.judge_files(arguments, files).text + b"]")
    asks, _ = asked_for(arguments.what, (), subjects(load_catalogue()))
    for result, file in zip(told, files, strict=True):
        found = check.check_machine(load_machine(file), asks)
        assert [a["score"] for a in result["assessments"]] == [a.score for a in found.assessments]
