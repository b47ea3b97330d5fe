"""The store of bench records: what goes in stays, whatever happens to program, disk and file."""

from __future__ import annotations

import json
import os
import random
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from bench_records import failure, least, machine, on_gpu, record, runs

from vcf.bench import database as database_module
from vcf.bench import database_file
from vcf.bench.database import add, all_records, database, find
from vcf.bench.database_file import NewerStore
from vcf.bench.record import BenchRecord, Conditions, Weights
from vcf.bench.records import load_records, machine_key, reduced
from vcf.errors import NothingStored, OutputError, UsageError
from vcf.judge.calibrated import facts_of
from vcf.machine.load import read_machine
from vcf.machine.model import Disk, Gpu, Machine


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder is none of the tests' business."""
    monkeypatch.setenv("VCF_DATA_DIR", str(tmp_path / "da ta#?%41"))
    return tmp_path / "da ta#?%41"


def ids(records: list[BenchRecord]) -> list[str]:
    return [each.id for each in records]


def on(day: int, name: str = "", **more: Any) -> BenchRecord:
    name = name or f"d{day:02}"
    return record(id=name, created=f"2026-03-{day:02}T00:00:00Z", **more)


def check(path: Path) -> str:
    with closing(sqlite3.connect(path)) as connection:
        return str(connection.execute("PRAGMA quick_check").fetchone()[0])


def sql(*statements: str) -> None:
    with closing(sqlite3.connect(database())) as connection:
        for statement in statements:
            connection.execute(statement)
        connection.commit()


# ---- keeping ----------------------------------------------------------------------------------


def test_round_trip(folder: Path) -> None:
    given = [record(), on_gpu(), failure("oom", id="c"), least(id="d")]
    for each in given:
        assert add(each) == database() == folder / "bench.sqlite3"
    assert sorted(ids(all_records())) == sorted(ids(given))
    assert {each.id: each for each in all_records()} == {each.id: each for each in given}
    assert [each.name for each in folder.iterdir()] == ["bench.sqlite3"]
    assert check(database()) == "ok"


def test_the_columns_are_for_searching() -> None:
    add(on_gpu())
    with closing(sqlite3.connect(database())) as connection:
        (row,) = connection.execute("SELECT * FROM records").fetchall()
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    given = on_gpu()
    assert row[:6] == (
        given.id, given.created, given.machine_key, given.model, given.mode, "ok",
    )  # fmt: skip
    assert json.loads(row[6])["schema"] == "vcf.bench/1"


def test_oldest_first_and_by_insertion_within_a_moment() -> None:
    for each in (on(5), on(2), on(9), on(5, "a"), on(1)):
        add(each)
    assert ids(all_records()) == ["d01", "d02", "d05", "a", "d09"]


def test_reading_makes_no_file(folder: Path) -> None:
    notes: list[str] = []
    assert all_records(notes.append) == []
    assert load_records(machine(), notes.append) == {}
    assert (notes, folder.exists()) == ([], False)
    folder.mkdir()
    assert all_records(notes.append) == []
    assert list(folder.iterdir()) == []


def test_a_name_is_given_once() -> None:
    add(on(1))
    with pytest.raises(OutputError, match="holds a record d01 already"):
        add(on(1, status="killed"))
    assert [each.status for each in all_records()] == ["ok"]


def test_what_could_not_be_read_again_is_not_kept() -> None:
    for broken in (on(1, "../x"), on(1, gpu="\ud800"), on(1, runs=runs(-1.0))):
        with pytest.raises(OutputError, match="not a record"):
            add(broken)
    assert not database().exists()


# ---- finding ----------------------------------------------------------------------------------


def test_find() -> None:
    for each in (on(2, "20260302-a"), on(1, "20260301-a"), on(3, "20260301"), on(4, "x")):
        add(each)
    assert find("latest").id == "x"
    assert find("20260302").id == "20260302-a"
    assert find("20260301").id == "20260301", "a whole name is no beginning"
    assert find("20260301-").id == "20260301-a"


def test_a_record_named_latest_is_found_by_its_name() -> None:
    add(on(1, "latest"))
    add(on(2))
    assert find("latest").id == "latest"


def test_find_what_is_not_there() -> None:
    with pytest.raises(NothingStored, match="no benchmark is stored") as nothing:
        find("latest")
    assert "vcf bench" in nothing.value.hint and nothing.value.exit_code == 1
    for day in range(1, 13):
        add(on(day))
    with pytest.raises(UsageError, match="'d' is the beginning of 12 records") as many:
        find("d")
    assert many.value.hint.startswith("one of: d12, d11, ")
    assert many.value.hint.endswith("d03, and 2 more")
    for text in ("e", "", "D01", "d011", "\x1b[31m"):
        with pytest.raises(UsageError, match="no record is named") as none:
            find(text)
        assert "d12" in none.value.hint and "\x1b" not in none.value.message


# ---- for verdicts -----------------------------------------------------------------------------


def test_load_records() -> None:
    add(on(3, "b"))
    add(on(1, "c", runs=runs(4.0, 3.0, 3.5, 9.0)))
    add(on(2, "f", mode="gpu-bf16", gpu="NVIDIA GeForce RTX 3060"))
    add(on(4, "other", machine=machine("cpu: {model: Intel Core i7-12700K}")))
    add(on(5, "busy", conditions=Conditions(disturbed=True)))
    add(on(6, "tiny", weights=Weights(kind="tiny")))
    add(on(7, "each-run-busy", runs=runs(1.0, disturbed=True)))
    add(on(8, "no-sound", runs=[msgspec.structs.replace(runs(1.0)[0], audio_s=0.0)]))
    add(failure("oom", id="oom"))
    notes: list[str] = []
    found = load_records(machine(), notes.append)
    assert list(found) == [("voxcpm-0.5b", "cpu-fp32"), ("voxcpm-0.5b", "gpu-bf16")]
    assert [each.source for each in found["voxcpm-0.5b", "cpu-fp32"]] == ["c", "b"]
    first = found["voxcpm-0.5b", "cpu-fp32"][0]
    # the encoding of the clip, 1.4 s, belongs to a call of 10 s of speech
    assert (first.low, first.high, first.gpu) == pytest.approx((3.14, 9.14, None))
    assert first.mid == pytest.approx(3.89)
    assert first.date == "2026-03-01T00:00:00Z"
    assert found["voxcpm-0.5b", "gpu-bf16"][0].gpu == "NVIDIA GeForce RTX 3060"
    assert notes == []


def test_sqlite_is_not_imported_where_nothing_is_stored() -> None:
    code = (
        "import sys\nfrom vcf.bench.records import load_records\n"
        "from vcf.machine.model import Machine\nassert load_records(Machine()) == {}\n"
        "print('sqlite3' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_a_verdict_changes_nothing_of_a_damaged_store() -> None:
    database().parent.mkdir()
    database().write_bytes(b"rubbish" * 1000)
    notes: list[str] = []
    assert load_records(machine(), notes.append) == {}
    assert load_records(machine()) == {}
    assert notes == ["bench.sqlite3: passed over: damaged: file is not a database"]
    assert [each.name for each in database().parent.iterdir()] == ["bench.sqlite3"]


# ---- killed, and several at once --------------------------------------------------------------

WRITER = """
import sys, msgspec
from vcf.bench.database import add
from vcf.bench.record import BenchRecord
with open(sys.argv[1], "rb") as file:
    given = msgspec.json.decode(file.read(), type=BenchRecord)
print("ready", flush=True)
for number in range(int(sys.argv[3])):
    name = f"{sys.argv[2]}-{number}"
    add(msgspec.structs.replace(given, id=name))
    print(name, flush=True)
"""


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Any]:
    template = tmp_path / "record.json"
    template.write_bytes(msgspec.json.encode(least()))
    started: list[subprocess.Popen[str]] = []

    def begin(name: str, count: int) -> subprocess.Popen[str]:
        command = [sys.executable, "-c", WRITER, str(template), name, str(count)]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield begin
    for process in started:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def test_killed_at_any_time_it_holds_what_was_acknowledged(start: Any) -> None:
    kills, moment = 50, random.Random(7)
    acknowledged: set[str] = set()
    for number in range(kills):
        process = start(f"k{number}", 1_000_000)
        time.sleep(moment.uniform(0.0, 0.12))
        process.kill()
        said, _ = process.communicate()
        # a last line without its end was not yet acknowledged
        acknowledged |= {line.strip() for line in said.splitlines(keepends=True) if "\n" in line}
        notes: list[str] = []
        found = all_records(notes.append)
        assert notes == []
        assert acknowledged <= set(ids(found))
        assert len(found) <= len(acknowledged) + number + 1, "at most one more for each kill"
        if found:  # the first may be killed before its first record
            assert check(database()) == "ok"
    assert len(acknowledged) > kills
    assert [each.name for each in database().parent.iterdir() if "damaged" in each.name] == []


def test_two_programs_write_at_once(start: Any) -> None:
    for process in [start(name, 50) for name in ("one", "two")]:
        said, _ = process.communicate(timeout=60)
        assert (process.returncode, len(said.splitlines())) == (0, 50)
    expected = {f"{name}-{number}" for name in ("one", "two") for number in range(50)}
    assert set(ids(all_records())) == expected


def test_two_programs_find_the_same_damage(start: Any) -> None:
    database().parent.mkdir()
    database().write_bytes(b"rubbish" * 1000)
    for process in [start(name, 20) for name in ("one", "two", "three")]:
        process.communicate(timeout=60)
        assert process.returncode == 0
    assert len(all_records()) == 60
    assert len(list(database().parent.glob("*.damaged-*"))) == 1


def test_the_second_to_find_damage_leaves_the_new_database_alone() -> None:
    database().parent.mkdir()
    database().write_bytes(b"rubbish" * 1000)
    seen = database_file._identity(database())
    add(on(1))
    notes: list[str] = []
    for old in (seen, None):
        database_file._set_aside(database(), old, "damaged", notes.append)
    assert (notes, ids(all_records())) == ([], ["d01"])


def test_what_a_killed_program_left_half_written_is_undone_by_reading() -> None:
    add(on(1))
    before = database().read_bytes()
    crash = (
        "import os, sqlite3, sys\n"
        "c = sqlite3.connect(sys.argv[1], isolation_level=None)\n"
        "c.execute('PRAGMA cache_size = 1')\n"  # spills half a transaction into the file
        "c.execute('BEGIN IMMEDIATE')\n"
        "c.execute('DELETE FROM records')\n"
        "c.executemany('INSERT INTO records(id, document) VALUES (?, ?)',"
        " [(str(n), 'x' * 5000) for n in range(200)])\n"
        "os._exit(9)\n"
    )
    subprocess.run([sys.executable, "-c", crash, str(database())], check=False)
    journal = Path(f"{database()}-journal")
    assert journal.exists() and database().read_bytes() != before
    ((measured,),) = load_records(machine()).values()
    assert measured.source == "d01"
    assert not journal.exists() and check(database()) == "ok"


def test_another_program_writes_for_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    assert database_file.PATIENCE_S == 10.0
    monkeypatch.setattr(database_file, "PATIENCE_S", 0.05)
    add(on(1))
    with closing(sqlite3.connect(database(), isolation_level=None)) as other:
        other.execute("BEGIN EXCLUSIVE")
        with pytest.raises(OutputError, match="database is locked") as locked:
            add(on(2))
        assert "other vcf" in locked.value.hint
        notes: list[str] = []
        assert load_records(machine(), notes.append) == {}
        assert notes == ["bench.sqlite3: passed over: database is locked"]
    add(on(2))
    assert ids(all_records()) == ["d01", "d02"]


# ---- damage -----------------------------------------------------------------------------------


def spoil(kind: str, path: Path) -> None:
    """Do that to a database that holds records."""
    data = path.read_bytes()
    if kind == "folder":
        path.unlink()
        path.mkdir()
        (path / "inside").write_text("kept")
    elif kind == "pipe":
        path.unlink()
        os.mkfifo(path)
    elif kind == "other tables":
        sql("DROP TABLE records", "CREATE TABLE records(x)")
    elif kind == "other layout":
        sql("PRAGMA user_version = 0")
    else:
        changed = {
            "garbage": os.urandom(9000), "short garbage": b"hello", "zeros": bytes(8192),
            "truncated": data[: len(data) // 2], "one page": data[:4096],
            "header only": data[:100],
            "middle": data[:4096] + b"\xa5" * 8192 + data[12288:],
            "format": data[:44] + b"\0\0\0\x99" + data[48:],
        }  # fmt: skip
        path.write_bytes(changed[kind])


KINDS = [
    "garbage", "short garbage", "zeros", "truncated", "one page", "header only", "middle", "format",
    "folder", "other tables", "other layout",
    pytest.param("pipe", marks=pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes")),
]  # fmt: skip


@pytest.mark.parametrize("reading", [True, False])
@pytest.mark.parametrize("kind", KINDS)
def test_damaged(kind: str, reading: bool) -> None:
    for day in range(1, 10):
        add(on(day))
    spoil(kind, database())
    Path(f"{database()}-journal").write_bytes(b"left")
    notes: list[str] = []
    if reading:
        assert all_records(notes.append) == []
        assert not database().exists()
    add(on(11), notes.append)
    (aside,) = (p for p in database().parent.glob("*.damaged-*") if p.name[-1] == "Z")
    (note,) = notes
    assert str(aside) in note and note.startswith("bench.sqlite3: damaged: ")
    assert ids(all_records()) == ["d11"]
    assert check(database()) == "ok"
    if kind == "folder":
        assert (aside / "inside").read_text() == "kept"


def test_damaged_so_that_only_writing_fails() -> None:
    add(on(1))
    data = database().read_bytes()
    database().write_bytes(data[:18] + b"\x03\x01" + data[20:])
    assert ids(all_records()) == ["d01"]
    notes: list[str] = []
    add(on(2), notes.append)
    assert ids(all_records()) == ["d02"]
    assert len(notes) == 1 and "readonly" in notes[0]


@pytest.mark.parametrize("kind", ["garbage", "truncated", "folder"])
def test_damaged_again_and_again(kind: str) -> None:
    for _ in range(3):
        for day in range(1, 10):
            add(on(day))
        spoil(kind, database())
        assert all_records() == []
    assert len(list(database().parent.glob("*.damaged-*"))) == 3


def test_an_empty_file_is_an_empty_store() -> None:
    """A program killed as it made the database leaves that."""
    database().parent.mkdir()
    database().touch()
    notes: list[str] = []
    assert all_records(notes.append) == []
    add(on(1), notes.append)
    assert (ids(all_records()), notes) == (["d01"], [])


def test_written_by_a_newer_vcf() -> None:
    add(on(1))
    sql("PRAGMA user_version = 2", "ALTER TABLE records ADD COLUMN more TEXT")
    before = database().read_bytes()
    for act in (all_records, lambda: add(on(2)), lambda: find("latest")):
        with pytest.raises(NewerStore, match=r"newer vcf \(layout 2, this one knows 1\)") as newer:
            act()
        assert "update vcf" in newer.value.hint
    notes: list[str] = []
    assert load_records(machine(), notes.append) == {}
    assert len(notes) == 1 and "newer vcf" in notes[0]
    assert database().read_bytes() == before
    assert not list(database().parent.glob("*.damaged-*"))


def test_rows_that_can_not_be_read() -> None:
    for day in range(1, 8):
        add(on(day))
    sql(
        "UPDATE records SET document = '{\"schema\": ' WHERE id = 'd01'",
        "UPDATE records SET document = '{\"schema\": \"vcf.bench/1\"}' WHERE id = 'd02'",
        "UPDATE records SET document = CAST(x'fffe00' AS TEXT) WHERE id = 'd03'",
        "UPDATE records SET document = NULL WHERE id = 'd04'",
        "UPDATE records SET document = 7, id = CAST(x'1bff' AS TEXT) WHERE id = 'd05'",
        'UPDATE records SET document = replace(document, \'"schema":"vcf.bench/1"\','
        " '\"schema\":\"vcf.bench/9\"') WHERE id = 'd06'",
    )
    for read in (all_records, lambda note: load_records(machine(), note)):
        notes: list[str] = []
        assert len(read(notes.append)) == 1
        assert len(notes) == 6
        assert [note.split(": ")[1] for note in notes[:3]] == ["d01", "d02", "d03"]
        assert all(": passed over: " in note for note in notes)
        assert not any(c in note for note in notes for c in "\n\x1b")
    assert ids(all_records()) == ["d07"], "without a note they are passed over in silence"
    add(on(9))
    assert ids(all_records()) == ["d07", "d09"]


def test_bytes_turned_over_never_break_it() -> None:
    """Whatever was damaged, reading answers, and a record goes in and comes out."""
    for day in range(1, 10):
        add(on(day))
    good, chance = database().read_bytes(), random.Random(3)
    for number in range(150):
        data = bytearray(good)
        for _ in range(chance.choice((1, 4, 64))):
            end = chance.choice((100, 4096, len(data)))
            data[chance.randrange(end)] = chance.randrange(256)
        database().write_bytes(data)
        load_records(machine())
        name = f"new{number}"
        try:
            add(on(28, name))
        except NewerStore:  # the version was hit
            continue
        assert name in ids(all_records())


# ---- what can't be written --------------------------------------------------------------------


def test_disk_full(monkeypatch: pytest.MonkeyPatch) -> None:
    add(on(1))
    opened = database_module.opened

    @contextmanager
    def full(path: Path, mode: str) -> Iterator[sqlite3.Connection]:
        with opened(path, mode) as connection:
            connection.execute("PRAGMA max_page_count = 1")
            yield connection

    monkeypatch.setattr(database_module, "opened", full)
    with pytest.raises(OutputError, match="full") as caught:
        for day in range(2, 9):
            add(on(day))
    assert "VCF_DATA_DIR" in caught.value.hint
    monkeypatch.undo()


def test_a_folder_that_can_not_be(folder: Path) -> None:
    folder.write_text("a file")
    with pytest.raises(OutputError) as caught:
        add(on(1))
    assert "VCF_DATA_DIR" in caught.value.hint
    assert all_records() == []
    assert load_records(machine()) == {}


@contextmanager
def as_reader(folder: Path) -> Iterator[None]:
    """As somebody who may read a folder and not write it."""
    if sys.platform == "win32":
        pytest.skip("a folder can't be made read-only there")
    for path in (folder, *folder.iterdir()):
        path.chmod(0o555 if path.is_dir() else 0o444)
    root = os.geteuid() == 0
    if root:
        os.seteuid(65534)
    try:
        yield
    finally:
        if root:
            os.seteuid(0)
        folder.chmod(0o755)


def test_a_folder_that_may_only_be_read(monkeypatch: pytest.MonkeyPatch) -> None:
    with tempfile.TemporaryDirectory() as name:  # pytest's own are closed to others
        Path(name).chmod(0o755)
        data = Path(name) / "data"
        monkeypatch.setenv("VCF_DATA_DIR", str(data))
        add(on(1))
        with as_reader(data):
            assert ids(all_records()) == ["d01"]
            assert len(load_records(machine())) == 1
            with pytest.raises(OutputError, match="readonly"):
                add(on(2))
        assert ids(all_records()) == ["d01"]
        database().chmod(0o644)
        database().write_bytes(b"rubbish" * 1000)
        with as_reader(data):
            with pytest.raises(OutputError):
                all_records()
            assert load_records(machine()) == {}
        assert [each.name for each in data.iterdir()] == ["bench.sqlite3"]


def test_a_python_without_sqlite(monkeypatch: pytest.MonkeyPatch) -> None:
    add(on(1))
    monkeypatch.setitem(sys.modules, "sqlite3", None)
    with pytest.raises(OutputError, match="without SQLite"):
        all_records()
    notes: list[str] = []
    assert load_records(machine(), notes.append) == {}
    assert "without SQLite" in notes[0]


@pytest.mark.parametrize(
    ("path", "address"),
    [
        ("/a b/c%41?#.x", b"file:///a%20b/c%2541%3F%23.x?mode=rw"),
        ("/\udcff", b"file:///%FF?mode=rw"),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="paths of POSIX")
def test_addresses(path: str, address: bytes) -> None:
    assert database_file._address(Path(path), "rw").encode() == address


# ---- the machine in a record ------------------------------------------------------------------


def test_reduced() -> None:
    full = read_machine(
        """
        name: alices-pc
        os: linux
        cpu: {model: Intel Core i5-12600K, threads: 16}
        memory: {total: 32GiB}
        gpus: [{name: NVIDIA GeForce RTX 3060, driver: "570.133"}]
        disk: {free: 200GB, path: /home/alice/models}
        software: {python: "3.11.7", torch: 2.13.0+cpu, voxcpm: null, vllm: "1.0", own-tool: "3"}
        settings: {HF_HOME: /home/alice/hf}
        """,
        "desk.yaml",
    )
    full = msgspec.structs.replace(
        full,
        gpus=[
            Gpu(
                name="NVIDIA GeForce RTX 3060",
                driver="570.133",
                hidden_by="CUDA_VISIBLE_DEVICES=GPU-12ab",
            ),
            Gpu(name="second"),
        ],
        sources={
            "cpu.model": "/proc/cpuinfo", "disk.path": "HF_HOME", "disk.free_bytes": "~/.cache",
            "name": "x", "settings.HF_HOME": "environment", "software.torch": "metadata",
            "software.own-tool": "metadata", "os": "/home/alice/desk.yaml", "software": "asked",
            "memory.total_bytes": str(Path.home() / "x"), "gpus[0].hidden_by": "environment",
            "gpus[0].name": "NVML; hidden by CUDA_VISIBLE_DEVICES=GPU-12ab for this process",
        },
        unknown={"settings": "not said", "memory.speed": "SMBIOS", "arch": r"C:\Users\alice"},
    )  # fmt: skip
    kept = reduced(full)
    assert facts_of(kept) == facts_of(full)
    assert machine_key(kept) == machine_key(full)
    assert (kept.name, kept.disk.path, kept.settings) == ("this-machine", None, None)
    assert kept.disk.free_bytes == full.disk.free_bytes
    assert kept.software == {"python": "3.11.7", "torch": "2.13.0+cpu", "voxcpm": None}
    assert kept.sources == {
        "cpu.model": "/proc/cpuinfo", "software.torch": "metadata", "software": "asked",
    }  # fmt: skip
    assert kept.unknown == {"memory.speed": "SMBIOS"}
    text = msgspec.json.encode(kept).decode()
    assert "alice" not in text and "12ab" not in text and "CUDA_VISIBLE_DEVICES" in text
    assert reduced(kept) == kept


def test_reduced_where_nothing_is_known() -> None:
    assert reduced(Machine()) == Machine()
    assert reduced(Machine(gpus=[], software={}, disk=Disk(path="x"))) == Machine(
        gpus=[], software={}
    )
