"""``vcf bench list``, ``show``, ``compare`` and ``export`` through the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bench_records
import msgspec
import pytest

from vcf.bench.database import add, database
from vcf.bench.record import BenchDocument, BenchRecord
from vcf.cli import bench_records as module

DAY = "20261123T1011"


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Records of nobody."""
    monkeypatch.setenv("VCF_DATA_DIR", str(tmp_path / "data"))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def made(number: int, rtfs: tuple[float, ...] = (12.3, 12.5, 12.9), **more: Any) -> BenchRecord:
    """A record of its own id and time."""
    return bench_records.record(
        rtfs, id=f"{DAY}{number:02}-voxcpm-0.5b-cpu-fp32", **more,
        created=f"2026-11-23T10:11:{number:02}Z",
    )  # fmt: skip


@pytest.fixture
def kept() -> list[BenchRecord]:
    """Three records: usual, twice as slow, failed."""
    records = [
        made(1),
        made(2, (24.0, 25.0, 26.0)),
        bench_records.failure("oom", id=f"{DAY}03-x", created="2026-11-23T10:11:03Z"),
    ]
    for record in records:
        add(record)
    return records


def document(text: str) -> list[BenchRecord]:
    return msgspec.json.decode(text, type=BenchDocument).results


# ---- list -------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", [["list"], ["show", "latest"], ["export"]])
def test_nothing_is_kept(vcf: Any, folder: Path, command: list[str]) -> None:
    done = vcf("bench", *command)
    assert (done.code, done.out) == (1, "")
    assert done.err.startswith("vcf: no") and "vcf bench voxcpm" in done.err.splitlines()[1]
    assert not (folder / "data").exists()
    if command[0] != "export":
        done = vcf("bench", *command, "--json")
        assert (done.code, done.error["kind"]) == (1, "nothing-stored")


def test_list(vcf: Any, kept: list[BenchRecord], valid: Any) -> None:
    done = vcf("bench", "list")
    assert (done.code, done.err) == (0, "")
    places = [done.out.index(record.id) for record in kept]
    assert places == sorted(places), "oldest first"
    zh = vcf("bench", "list", "--lang", "zh")
    assert all(record.id in zh.out for record in kept) and zh.out != done.out
    done = vcf("bench", "list", "--json")
    valid("bench", done.json)
    assert document(done.out) == kept


def test_list_into_a_file(vcf: Any, kept: list[BenchRecord], folder: Path) -> None:
    done = vcf("bench", "list", "-o", "answer")
    assert (done.code, done.out) == (0, "")
    assert kept[0].id in (folder / "answer").read_text("utf-8")
    assert vcf("bench", "list", "--json", "-o", "answer").out == ""
    assert document((folder / "answer").read_text("utf-8")) == kept
    vcf("bench", "list", "-o", folder).refused("is a folder")


# ---- which record -----------------------------------------------------------------------------


def test_show(vcf: Any, kept: list[BenchRecord], valid: Any) -> None:
    done = vcf("bench", "show", kept[0].id)
    assert (done.code, done.err) == (0, "")
    assert kept[0].id in done.out and "12.5" in done.out
    done = vcf("bench", "show", kept[0].id, "--json")
    valid("bench", done.json)
    assert document(done.out) == [kept[0]]
    assert vcf("bench", "show", kept[0].id, "--lang", "zh").code == 0


@pytest.mark.parametrize(
    ("name", "number"), [("latest", 2), (f"{DAY}01", 0), (f"{DAY}02-vox", 1), (f"{DAY}03-x", 2)]
)
def test_names(vcf: Any, kept: list[BenchRecord], name: str, number: int) -> None:
    assert document(vcf("bench", "show", name, "--json").out) == [kept[number]]


def test_names_that_mean_none_or_several(vcf: Any, kept: list[BenchRecord]) -> None:
    vcf("bench", "show", DAY).refused("is the beginning of 3 records", hint=kept[0].id)
    vcf("bench", "show", "x").refused("no record is named 'x'", hint=kept[2].id)
    vcf("bench", "show", "").refused("no record is named ''")
    vcf("bench", "show", "a\0b").refused("no record is named")
    vcf("bench", "show", "x" * 5000).refused("no record is named")
    vcf("bench", "show").refused("ID")
    assert vcf("bench", "show", "x", "--json").error["kind"] == "usage"


def test_hostile_names(vcf: Any, kept: list[BenchRecord]) -> None:
    done = vcf("bench", "show", "\x1b[31mx")
    done.refused("no record is named")
    assert "\x1b" not in done.err


# ---- files ------------------------------------------------------------------------------------


def written(vcf: Any, name: str, *command: str) -> None:
    assert vcf("bench", *command, "-o", name).code == 0


def test_a_file_of_one_record(vcf: Any, kept: list[BenchRecord], folder: Path) -> None:
    written(vcf, "answer.json", "show", kept[0].id, "--json")
    assert document(vcf("bench", "show", "answer.json", "--json").out) == [kept[0]]
    written(vcf, "line.jsonl", "export", kept[0].id)
    assert document(vcf("bench", "show", "line.jsonl", "--json").out)[0].model == kept[0].model
    for name, text in (
        ("compact", msgspec.json.encode(BenchDocument(results=[kept[1]]))),
        ("record", msgspec.json.encode(kept[1])),
        ("pretty", msgspec.json.format(msgspec.json.encode(kept[1]), indent=2)),
        ("blank", b"\n\n" + msgspec.json.encode(kept[1]) + b"\n\n"),
    ):
        (folder / name).write_bytes(text)
        assert document(vcf("bench", "show", name, "--json").out) == [kept[1]]


def test_a_file_needs_no_database(vcf: Any, folder: Path) -> None:
    (folder / "record").write_bytes(msgspec.json.encode(made(1)))
    assert vcf("bench", "show", "./record").code == 0
    assert not (folder / "data").exists()


def test_a_file_in_the_home_folder(vcf: Any, folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setenv("HOME", str(folder))
    (folder / "record").write_bytes(msgspec.json.encode(made(1)))
    assert vcf("bench", "show", "~/record").code == 0


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"{", "broken: is no record: "),
        (b"", "broken: is no record: "),
        (b"\xff\xfe", "broken: is no record: "),
        (b"[" * 100_000, "broken: is no record: "),
        (b"[]", "broken: is no record: "),
        (b"{}", "broken: is no record: "),
        (b'{\n "schema": "vcf.bench/1"\n}', "broken: is no record: "),
        (b'{"schema": "vcf.bench/1", "results": []}', "broken: holds 0 records"),
        (b'{"schema": "vcf.bench/2", "results": []}', "broken: is no record: "),
        (b'{"schema": "vcf.machine/1"}', "broken: is no record: "),
    ],
)
def test_broken_files(
    vcf: Any, kept: list[BenchRecord], folder: Path, content: bytes, words: str
) -> None:
    (folder / "broken").write_bytes(content)
    vcf("bench", "show", "broken").refused(words)
    vcf("bench", "compare", kept[0].id, "broken").refused(words)
    vcf("bench", "export", "broken").refused(words)


def test_a_document_with_a_broken_record_names_what_is_broken(
    vcf: Any, kept: list[BenchRecord], folder: Path
) -> None:
    text = json.loads(msgspec.json.encode(BenchDocument(results=[kept[0]])))
    text["results"][0]["status"] = "great"
    (folder / "broken").write_text(json.dumps(text))
    vcf("bench", "show", "broken").refused("broken: is no record: ")


def test_and_names_the_field(vcf: Any, kept: list[BenchRecord], folder: Path) -> None:
    text = json.loads(msgspec.json.encode(BenchDocument(results=[kept[0]])))
    text["results"][0]["status"] = "great"
    (folder / "broken").write_text(json.dumps(text))
    vcf("bench", "show", "broken").refused("great")


def test_files_of_several_records(vcf: Any, kept: list[BenchRecord]) -> None:
    written(vcf, "several", "list", "--json")
    vcf("bench", "show", "several").refused("holds 3 records, one is wanted", hint="show ID")
    written(vcf, "lines", "export")
    vcf("bench", "show", "lines").refused("holds 3 records")


def test_files_that_are_too_long(vcf: Any, folder: Path, monkeypatch: Any) -> None:
    monkeypatch.setattr(module, "LARGEST", 100)
    (folder / "long").write_bytes(msgspec.json.encode(made(1)))
    vcf("bench", "show", "long").refused("is too long for a record")


def test_a_file_that_can_not_be_read(vcf: Any, folder: Path, monkeypatch: Any) -> None:
    (folder / "file").write_text("{}")

    def refused(self: Path) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "read_bytes", refused)
    vcf("bench", "show", "file").refused("file: Permission denied")


# ---- compare ----------------------------------------------------------------------------------


def compared(vcf: Any, *arguments: object) -> Any:
    return vcf("bench", "compare", *arguments)


def test_compare(vcf: Any, kept: list[BenchRecord]) -> None:
    done = compared(vcf, kept[0].id, kept[1].id)
    assert (done.code, done.err) == (0, "")
    assert "12.5" in done.out and "25" in done.out
    assert compared(vcf, kept[0].id, kept[1].id, "--lang", "zh").out != done.out
    told = compared(vcf, kept[0].id, kept[1].id, "--json").json
    assert (told["a"], told["b"], told["differences"]) == (kept[0].id, kept[1].id, [])
    rtf = told["metrics"][0]
    assert (rtf["id"], rtf["ratio"], rtf["overlap"]) == ("rtf", 2.0, False)


@pytest.mark.parametrize(
    ("limits", "code", "told"),
    [
        (["rtf:10%"], 1, ["--fail-over rtf:10%: beyond it"]),
        (["rtf:150%"], 0, []),
        (["rtf:99.5%"], 1, ["--fail-over rtf:99.5%: beyond it"]),
        (["ram:5%"], 0, []),
        (["vram:5%"], 3, ["--fail-over vram:5%: could not tell"]),
        (["ram:5%", "rtf:10%"], 1, ["--fail-over rtf:10%: beyond it"]),
        (
            ["vram:5%", "rtf:10%"], 1,
            ["--fail-over vram:5%: could not tell", "--fail-over rtf:10%: beyond it"],
        ),
    ],
)  # fmt: skip
def test_limits(
    vcf: Any, kept: list[BenchRecord], limits: list[str], code: int, told: list[str]
) -> None:
    options = [part for limit in limits for part in ("--fail-over", limit)]
    done = compared(vcf, kept[0].id, kept[1].id, *options)
    assert (done.code, done.err.splitlines()) == (code, [f"vcf: {line}" for line in told])
    assert "25" in done.out, "the comparison is shown whatever comes of it"
    done = compared(vcf, kept[0].id, kept[1].id, *options, "--json")
    assert done.code == code and done.json["a"] == kept[0].id


def test_it_got_better(vcf: Any, kept: list[BenchRecord]) -> None:
    assert compared(vcf, kept[1].id, kept[0].id, "--fail-over", "rtf:1%").code == 0


@pytest.mark.parametrize("limit", ["rtf", "rtf:", "rtf:0%", "rtf:-1%", "rtf:nan%", "speed:5%", ""])
def test_limits_that_can_not_be(vcf: Any, kept: list[BenchRecord], limit: str) -> None:
    compared(vcf, kept[0].id, kept[1].id, "--fail-over", limit).refused(repr(limit))


def test_limits_are_looked_at_first(vcf: Any) -> None:
    compared(vcf, "none", "none", "--fail-over", "x").refused("'x' is no limit")


def test_what_can_not_be_compared(vcf: Any, kept: list[BenchRecord]) -> None:
    done = compared(vcf, kept[0].id, kept[2].id)
    done.refused(hint="--force compares them nevertheless")
    assert compared(vcf, kept[0].id, kept[2].id, "--json").error["kind"] == "usage"
    done = compared(vcf, kept[0].id, kept[2].id, "--force", "--fail-over", "rtf:10%")
    assert done.code == 3
    assert done.err == "vcf: --fail-over rtf:10%: could not tell\n"
    told = compared(vcf, kept[0].id, kept[2].id, "--force", "--json").json
    assert {each["id"] for each in told["differences"]} >= {"status", "mode"}
    zh = compared(vcf, kept[0].id, kept[2].id, "--lang", "zh")
    zh.refused()


def test_the_same_record_twice(vcf: Any, kept: list[BenchRecord]) -> None:
    done = compared(vcf, "latest", kept[2].id, "--force")
    assert done.code == 0
    assert compared(vcf, kept[0].id, kept[0].id, "--fail-over", "rtf:1%").code == 0


def test_compare_files_with_records(vcf: Any, kept: list[BenchRecord], folder: Path) -> None:
    written(vcf, "a.json", "show", kept[0].id, "--json")
    assert compared(vcf, "a.json", kept[1].id, "--fail-over", "rtf:10%").code == 1
    assert compared(vcf, "a.json", "a.json", "-o", "answer").out == ""
    assert (folder / "answer").read_text("utf-8").strip()
    assert compared(vcf, "a.json", kept[1].id, "--json", "-o", "answer").out == ""
    assert json.loads((folder / "answer").read_text("utf-8"))["b"] == kept[1].id


def test_compare_needs_two(vcf: Any, kept: list[BenchRecord]) -> None:
    compared(vcf, "latest").refused("B")
    compared(vcf, "latest", "none").refused("no record is named 'none'")


# ---- export -----------------------------------------------------------------------------------


def test_export(vcf: Any, kept: list[BenchRecord], folder: Path, valid: Any) -> None:
    done = vcf("bench", "export")
    assert (done.code, done.err) == (0, "")
    lines = [json.loads(line) for line in done.out.splitlines()]
    assert len(lines) == 3
    assert [line["status"] for line in lines] == ["ok", "ok", "oom"]
    for line in lines:
        valid("bench", line)
    assert vcf("bench", "export", "-o", "all.jsonl").out == ""
    assert (folder / "all.jsonl").read_text("utf-8") == done.out


def test_export_some(vcf: Any, kept: list[BenchRecord]) -> None:
    one = vcf("bench", "export", "latest")
    assert [json.loads(line)["status"] for line in one.out.splitlines()] == ["oom"]
    two = vcf("bench", "export", f"{DAY}02", f"{DAY}01")
    rtfs = [json.loads(line)["summary"]["rtf"] for line in two.out.splitlines()]
    assert rtfs == [25.0, 12.5]
    vcf("bench", "export", "latest", "none").refused("no record is named 'none'")


def test_export_as_a_table(vcf: Any, kept: list[BenchRecord], folder: Path) -> None:
    done = vcf("bench", "export", "--markdown")
    rows = [line for line in done.out.splitlines() if line.startswith("|")]
    assert len(rows) >= 2 + 3
    vcf("bench", "export", "--markdown", "-o", "table.md")
    assert (folder / "table.md").read_text("utf-8") == done.out


# ---- a broken database ------------------------------------------------------------------------


def test_a_damaged_database(vcf: Any, kept: list[BenchRecord], folder: Path) -> None:
    database().write_bytes(b"not a database at all" * 100)
    done = vcf("bench", "list")
    assert done.code == 1
    assert "Traceback" not in done.err and len(done.err.splitlines()) >= 2
    names = [file.name for file in (folder / "data").iterdir()]
    assert any(".damaged-" in name for name in names), "set aside, not thrown away"


def test_one_row_that_can_not_be_read(vcf: Any, kept: list[BenchRecord]) -> None:
    import sqlite3

    with sqlite3.connect(database()) as connection:
        connection.execute("UPDATE records SET document = '{' WHERE id = ?", [kept[0].id])
    connection.close()
    done = vcf("bench", "list")
    assert done.code == 0
    assert kept[0].id not in done.out and kept[1].id in done.out
    (line,) = done.err.splitlines()
    assert kept[0].id in line and "passed over" in line
