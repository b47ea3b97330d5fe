"""What is handed on of a record: what was measured, and nothing of whose it is."""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Iterator
from typing import Any

import msgspec
import pytest
from bench_records import FAILURES, failure, least, machine, on_gpu, record

from vcf.bench.compare import compare
from vcf.bench.export import UNTOLD, lines, markdown, told
from vcf.bench.record import BenchRecord, Reason
from vcf.bench.records import reduced
from vcf.judge.calibrated import facts_of

FREE = {
    ("machine", "cpu", "model"), ("machine", "gpus", 0, "name"), ("machine", "os_version"),
    ("gpu",),
}  # fmt: skip
"""Texts that are told as they are."""
SLUGS = {("id",), ("model",), ("mode",)}
"""Names that vcf gives; they are told where they look like it."""
WORDS = {("reason", "id"), ("engine", "name"), ("findings", 0)}
"""Single lower-case words, which vcf alone chooses."""


def full() -> BenchRecord:
    """A record with every part in it."""
    given = on_gpu(
        status="error",
        reason=Reason(id="signal", detail="died at /home/alice", signal="SIGSEGV"),
        machine=msgspec.structs.replace(
            machine(), software={"torch": "2.13.0", "own-tool": "1.0"}, settings={"HF_HOME": "/x"},
            sources={"cpu.model": "/proc/cpuinfo"}, unknown={"memory.speed": "SMBIOS"},
        ),
        findings=["torchaudio-spared"],
    )  # fmt: skip
    return msgspec.structs.replace(given, quality=record().quality)


def read(line: str) -> BenchRecord:
    return msgspec.json.decode(line, type=BenchRecord)


def exported(given: BenchRecord) -> str:
    (line,) = lines([given])
    return line + markdown([given])


EVERY = [record(), on_gpu(), least(), full(), *(failure(name) for name in FAILURES)]


@pytest.mark.parametrize("given", EVERY, ids=lambda each: f"{each.mode}-{each.status}")
def test_a_line_is_a_record_again(given: BenchRecord) -> None:
    (line,) = lines([given])
    assert "\n" not in line
    again = read(line)
    assert facts_of(again.machine) == facts_of(given.machine)
    reason = given.reason and msgspec.structs.replace(given.reason, detail="")
    expected = msgspec.structs.replace(given, reason=reason, machine=again.machine)
    assert again == expected, "all else is told"
    assert list(lines([again])) == [line]


def test_lines_can_be_compared() -> None:
    one, other = (read(line) for line in lines([record(), record(rtfs=(6.0, 6.1, 6.2))]))
    assert compare(one, other) == compare(record(), record(rtfs=(6.0, 6.1, 6.2)))


def test_a_machine_tells_no_more_than_its_record() -> None:
    given = record(machine=reduced(machine()))
    kept = json.loads(next(lines([given])))["machine"]
    assert set(kept) == {"os", "cpu", "memory", "gpus"}


def leaves(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """The paths of all texts and of all that is not known."""
    if isinstance(value, dict):
        for key, each in value.items():
            yield from leaves(each, (*path, key))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from leaves(each, (*path, index))
    elif value is None or isinstance(value, str):
        yield path


def with_text(document: Any, path: tuple[Any, ...], text: str) -> BenchRecord | None:
    """A record with that text in that place; None: the schema does not allow it."""
    changed = copy.deepcopy(document)
    part = changed
    for step in path[:-1]:
        part = part[step]
    part[path[-1]] = text
    try:
        return msgspec.convert(changed, BenchRecord)
    except msgspec.ValidationError:
        return None


HOSTILE = [
    "/home/alice/Alice's PC", "alice", "alice@example.org", "GPU-0a1b2c3d-aaaa-4444-alice",
    "C:\\Users\\alice", "alice/VoxCPM-0.5B", "alice\n| alice |",
]  # fmt: skip


@pytest.mark.parametrize("text", HOSTILE)
def test_no_free_text_is_told(text: str) -> None:
    """Each place of a record that takes any text, one after the other."""
    document = msgspec.to_builtins(full())
    document["machine"]["sources"]["os"] = document["machine"]["unknown"]["arch"] = "x"
    taken = set()
    for path in leaves(document):
        hostile = with_text(document, path, text)
        if hostile is None or path in FREE:
            continue
        taken.add(path)
        (line,) = lines([hostile])
        read(line)
        page = markdown([hostile])
        if path not in SLUGS | WORDS:
            assert "alice" not in (line + page).lower(), path
        else:
            assert "/home" not in line + page
    assert {
        ("reason", "detail"), ("machine", "name"), ("machine", "disk", "path"), ("model",),
        ("machine", "settings", "HF_HOME"), ("machine", "sources", "cpu.model"), ("mode",),
        ("machine", "unknown", "memory.speed"), ("machine", "software", "own-tool"),
        ("machine", "software", "torch"), ("machine", "gpus", 0, "driver"), ("vcf",),
        ("machine", "gpus", 0, "hidden_by"), ("weights", "repo"), ("weights", "revision"),
        ("engine", "device"), ("conditions", "governor"), ("reason", "signal"),
        ("machine", "jetson"), ("machine", "container"), ("versions", "torch"),
    } <= taken  # fmt: skip


def test_where_a_word_is_told() -> None:
    document = msgspec.to_builtins(full())
    words = {
        path
        for path in leaves(document)
        if (hostile := with_text(document, path, "alice")) is not None
        and "alice" in exported(hostile)
    }
    assert words == FREE | SLUGS | WORDS


def test_keys_of_tables_are_chosen() -> None:
    table = {"alice-tool": "1.0", "torch": "2.13.0+cu128", "ffmpeg": "n7.1-dev", "numpy": "alice"}
    given = record(versions=table, machine=machine())
    given = msgspec.structs.replace(
        given, machine=msgspec.structs.replace(given.machine, software=dict(table))
    )
    document = told(given)
    kept = {"torch": "2.13.0+cu128", "ffmpeg": "n7.1-dev"}
    assert document["versions"] == kept
    assert document["machine"]["software"] == kept


def test_a_new_field_is_not_told() -> None:
    class Later(BenchRecord, frozen=True, kw_only=True):
        """As a later vcf may have it."""

        owner: str = "alice"

    later = Later(**{name: getattr(record(), name) for name in BenchRecord.__struct_fields__})
    assert "alice" not in exported(later)


def test_the_sum_over_an_own_text_is_not_told() -> None:
    own = msgspec.structs.replace(record().protocol, text="own")
    assert read(next(lines([record(protocol=own)]))).protocol.text_sha256 == UNTOLD
    assert read(next(lines([record()]))).protocol.text_sha256 == "ab" * 32


def test_no_acting_character_leaves() -> None:
    name = "RTX\x1b[31m \u202e3060\x9b\u2028"
    given = on_gpu(gpu=name)
    assert not re.search("[\x1b\u202e\x9b\u2028]", exported(given))
    assert not re.search(r"\\u00|\\u20", next(lines([given])))


# ---- Markdown ---------------------------------------------------------------------------------


def table(text: str) -> list[list[str]]:
    rows = text.splitlines()
    assert all(row.startswith("| ") and row.endswith(" |") for row in (rows[0], *rows[2:]))
    return [[cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]] for row in rows]


def test_markdown() -> None:
    heads, rules, processor, card, none = table(markdown([record(), on_gpu(), least()]))
    assert heads == [
        "date", "model", "mode", "device", "steps", "weights", "RTF", "× real time",
        "first audio", "load", "peak RAM", "peak VRAM", "forecast RTF", "status",
    ]  # fmt: skip
    assert rules == ["---"] * 6 + ["---:"] * 7 + ["---"]
    assert processor == [
        "2026-11-23", "voxcpm-0.5b", "cpu-fp32", "Intel Core i5-12600K", "10", "hub",
        "12.5 (12.3–12.9)", "0.080×", "3.20 s", "8.10 s", "4.4 GiB", "–", "9.00–12.0–30.0", "ok",
    ]  # fmt: skip
    assert card[3] == "NVIDIA GeForce RTX 3060"
    assert card[6:8] == ["0.320 (0.310–0.330)", "3.12×"]
    assert card[11] == "4.9 GiB"
    assert none[4:] == ["default", "path", *["–"] * 7, "error"]


def test_a_table_without_records() -> None:
    assert len(table(markdown([]))) == 2


@pytest.mark.parametrize(
    "name",
    ["RTX | 3060", "RTX\n| x | 3060", "`RTX`\r\n\n# 3060", "<script>*_[x](y)_*</script>", "\\|"],
)
def test_hostile_names_stay_in_their_cell(name: str) -> None:
    for given in (on_gpu(gpu=name), record(machine=with_cpu(name))):
        rows = table(markdown([given]))
        assert len(rows) == 3 and {len(row) for row in rows} == {14}
        assert not re.search(r"(?<!\\)[<>`*\[\]#]", rows[2][3])


def with_cpu(name: str) -> Any:
    plain = machine()
    return msgspec.structs.replace(plain, cpu=msgspec.structs.replace(plain.cpu, model=name))


def test_a_processor_that_is_not_known() -> None:
    (_, _, row) = table(markdown([record(machine=machine("os: linux"))]))
    assert row[3] == "cpu"
