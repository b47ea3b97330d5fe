"""What is kept of measurements, and what of it counts."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import msgspec
import platformdirs
import pytest
from bench_records import record
from calibration_child import desk, document

from vcf.bench import store as store_module
from vcf.bench.database import add
from vcf.bench.evidence import evidence_for
from vcf.bench.store import (
    calibration_folder,
    data_folder,
    find_calibration,
    load_calibration,
    store,
)
from vcf.errors import OutputError
from vcf.judge.calibrated import GpuFacts, MachineFacts, facts_of, key_of, same_machine
from vcf.judge.verdict import NO_EVIDENCE
from vcf.machine.model import Machine


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The user's data folder is none of the tests' business."""
    monkeypatch.setenv("VCF_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


# ---- folder and key ---------------------------------------------------------------------------


def test_the_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    assert data_folder() == tmp_path / "data"
    monkeypatch.setenv("VCF_DATA_DIR", "~/x")
    assert data_folder() == Path.home() / "x"
    monkeypatch.delenv("VCF_DATA_DIR")
    assert data_folder() == Path(platformdirs.user_data_dir("vcf", appauthor=False))


def test_what_a_machine_is_known_by() -> None:
    facts = facts_of(desk())
    assert facts == MachineFacts(
        cpu="Intel Core i5-12600K", usable_cores=16, memory_gib=32,
        gpus=[GpuFacts(name="NVIDIA GeForce RTX 3060", driver="570.133")],
    )  # fmt: skip
    assert facts_of(Machine()) == MachineFacts(
        cpu=None, usable_cores=None, memory_gib=None, gpus=[]
    )
    key = key_of(facts, "2.13.0")
    assert len(key) == 16 and int(key, 16) >= 0
    others = [
        key_of(facts),
        key_of(facts, "2.12.0"),
        *(
            key_of(facts_of(desk(**{old: new})), "2.13.0")
            for old, new in (("12600K", "12700K"), ("threads: 16", "threads: 12"),
                             ("32GiB", "16GiB"), ("RTX 3060", "RTX 4060"), ("570", "580"))
        ),
    ]  # fmt: skip
    assert len({key, *others}) == 8


@pytest.mark.parametrize(
    ("old", "new", "same"),
    [
        ("disk: {free: 200GB}", "disk: {free: 1GB}", True),
        ("2.13.0+cpu", "2.9.0", True),
        ('driver: "570.133"', "laptop: false", True),
        ("32GiB", "31GiB", True),
        ("32GiB", "30GiB", False),
        ("memory: {total: 32GiB}", "memory: {}", False),
        ("570.133", "580.9", False),
        ("3060", "3060 Ti", False),
        ("12600K", "12600", False),
        ("threads: 16", "threads: 12", False),
    ],
)
def test_which_machines_are_the_same(old: str, new: str, same: bool) -> None:
    one, other = facts_of(desk()), facts_of(desk(**{old: new}))
    assert same_machine(one, other) is same
    assert same_machine(other, one) is same


def test_unknown_memory_is_the_same_as_unknown_memory() -> None:
    facts = facts_of(Machine())
    assert same_machine(facts, facts)


# ---- calibrations -----------------------------------------------------------------------------


def test_round_trip() -> None:
    given = document()
    path = store(given)
    assert path == calibration_folder() / f"{given.key}.json"
    found = find_calibration(desk())
    assert found is not None
    assert (found.document, found.path, found.same_torch) == (given, path, True)
    assert load_calibration(desk()) == given.calibration
    assert json.loads(path.read_text("utf-8"))["schema"] == "vcf.calibration/1"
    assert [each.name for each in path.parent.iterdir()] == [path.name], "no draft is left"


def test_the_last_of_a_key_stays() -> None:
    store(document(date="2026-01-01T00:00:00+00:00"))
    store(document(date="2026-02-01T00:00:00+00:00"))
    assert len(list(calibration_folder().iterdir())) == 1
    found = find_calibration(desk())
    assert found is not None and found.document.date.startswith("2026-02")


def test_the_torch_installed_comes_first() -> None:
    store(document(torch="2.9.0", date="2027-01-01T00:00:00+00:00"))
    other = find_calibration(desk())
    assert other is not None and not other.same_torch
    assert other.document.torch == "2.9.0"
    store(document(torch="2.8.0"))
    other = find_calibration(desk())
    assert other is not None and other.document.torch == "2.9.0", "the newest of the others"
    store(document())
    own = find_calibration(desk())
    assert own is not None and own.same_torch and own.document.torch == "2.13.0+cpu"


def test_where_no_torch_is_known_the_newest_counts() -> None:
    store(document(torch="2.9.0", date="2027-01-01T00:00:00+00:00"))
    store(document())
    for old, new in ((", torch: 2.13.0+cpu", ""), (", torch: 2.13.0+cpu", ", torch: null")):
        found = find_calibration(desk(**{old: new}))
        assert found is not None and found.same_torch and found.document.torch == "2.9.0"


def test_other_machines_and_disturbed_ones_do_not_count() -> None:
    store(document(desk(**{"12600K": "12700K"})))
    store(document(disturbed=True))
    assert find_calibration(desk()) is None
    assert load_calibration(desk()) is None


def test_broken_and_foreign_files() -> None:
    path = store(document())
    text = path.read_bytes()
    folder = path.parent
    rubbish = {
        "a.json": b"", "b.json": text[:300], "c.json": b"[" * 100_000, "d.json": b"\xff\xfe",
        "e.json": text.replace(b"calibration/1", b"calibration/9"), "f.json": b"x" * (1 << 21),
        "g.txt": b"not looked at",
    }  # fmt: skip
    for name, data in rubbish.items():
        (folder / name).write_bytes(data)
    (folder / "h.json").mkdir()
    if hasattr(os, "mkfifo"):
        os.mkfifo(folder / "i.json")  # must not be waited for
    notes: list[str] = []
    assert load_calibration(desk(), notes.append) is not None
    names = sorted(note.partition(":")[0] for note in notes)
    assert names[:7] == ["a.json", "b.json", "c.json", "d.json", "e.json", "f.json", "h.json"]
    assert not any("\n" in note for note in notes)
    assert load_calibration(desk()) is not None, "without a note they are passed over in silence"


def test_a_broken_file_is_replaced_by_the_next_run() -> None:
    path = store(document())
    path.write_bytes(b"{")
    assert load_calibration(desk()) is None
    store(document())
    assert load_calibration(desk()) is not None


def test_atomic(monkeypatch: pytest.MonkeyPatch) -> None:
    path = store(document())
    before = path.read_bytes()

    def full(number: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(store_module.os, "fsync", full)
    with pytest.raises(OutputError, match="No space left") as caught:
        store(document(date="2027-01-01T00:00:00+00:00"))
    assert "VCF_DATA_DIR" in caught.value.hint
    assert path.read_bytes() == before
    assert [each.name for each in path.parent.iterdir()] == [path.name]


def test_a_folder_that_can_not_be(folder: Path) -> None:
    folder.parent.mkdir(exist_ok=True)
    folder.write_text("a file")
    with pytest.raises(OutputError):
        store(document())
    assert load_calibration(desk()) is None


def test_reading_is_quick() -> None:
    for number in range(20):
        store(document(torch=f"2.{number}.0"))
    load_calibration(desk())
    times = []
    for _ in range(5):
        start = time.perf_counter()
        load_calibration(desk())
        times.append(time.perf_counter() - start)
    assert min(times) < 0.005 * 4  # 20 files, on a computer that others use


# ---- evidence ---------------------------------------------------------------------------------


def test_no_evidence_is_the_same_object() -> None:
    assert evidence_for(desk()) is NO_EVIDENCE
    store(document(desk(**{"12600K": "12700K"})))
    assert evidence_for(desk()) is NO_EVIDENCE


def test_evidence() -> None:
    store(document())
    add(record(machine=desk()))
    found = evidence_for(desk())
    assert found.calibration == document().calibration
    key = ("voxcpm-0.5b", "cpu-fp32")
    assert found.records[key][0].source == record().id
    assert found.record_of(key, None) is not None
    calibration_folder().joinpath(f"{document().key}.json").unlink()
    assert evidence_for(desk()).calibration is None
    assert evidence_for(desk()).records


def test_evidence_imports_little() -> None:
    code = (
        "import sys\nfrom vcf.bench.evidence import evidence_for\n"
        "from vcf.machine.model import Machine\nevidence_for(Machine())\n"
        "heavy = {'psutil', 'subprocess', 'platformdirs', 'rich', 'sqlite3'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_documents_are_what_they_are_read_as() -> None:
    given = document()
    assert msgspec.json.decode(msgspec.json.encode(given), type=type(given)) == given
