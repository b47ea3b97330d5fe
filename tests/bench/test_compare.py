"""Two records side by side: what is refused, what got worse, and by how much it may."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from bench_records import DESK, failure, least, machine, on_gpu, record
from hypothesis import given
from hypothesis import strategies as st

from vcf.bench.compare import (
    Comparison,
    Limit,
    Metric,
    compare,
    failed,
    overlap,
    parse_limit,
    quartiles,
)
from vcf.bench.record import BenchRecord
from vcf.errors import UsageError
from vcf.units import GIB

replace = msgspec.structs.replace
A = record()
RTF = Limit(metric="rtf", share=0.1)


def quantile(ordered: list[float], share: float) -> float:
    """By its definition: of sorted numbers, between two neighbours in proportion (type 7)."""
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (place - below)


def within(part: str, **changes: Any) -> BenchRecord:
    """The usual record with changes in one of its parts."""
    return record(**{part: replace(getattr(A, part), **changes)})


def ids(comparison: Comparison) -> list[str]:
    return [each.id for each in comparison.differences]


def metric(comparison: Comparison, ident: str) -> Metric:
    return next(each for each in comparison.metrics if each.id == ident)


# ---- what is refused ----------------------------------------------------------------------------


def test_equal_records() -> None:
    found = compare(A, A)
    assert (found.differences, found.changes, found.comparable) == ([], [], True)
    assert [each.id for each in found.metrics] == [
        "rtf", "first-audio", "load", "import", "ram", "energy",
    ]  # fmt: skip
    assert {each.ratio for each in found.metrics} == {1.0}
    assert {each.outcome for each in found.metrics} == {"same"}
    assert [each.overlap for each in found.metrics] == [True, True, None, None, None, None]


OTHER = {
    "machine": {"machine": machine(DESK.replace("12600K", "12700K"))},
    "model": {"model": "voxcpm-2"},
    "mode": {"mode": "cpu-bf16"},
    "gpu": {"gpu": "NVIDIA GeForce RTX 3060"},
}


@pytest.mark.parametrize("ident", OTHER)
def test_another_thing_was_measured(ident: str) -> None:
    found = compare(A, record(**OTHER[ident]))
    assert ids(found) == [ident]
    assert found.differences[0].a != found.differences[0].b
    assert failed(found, RTF) is None


@pytest.mark.parametrize(
    ("part", "field", "value", "ident"),
    [
        ("protocol", "text_sha256", "cd" * 32, "text"),
        ("protocol", "seed", 2, "seed"),
        ("protocol", "fixed_seconds", None, "fixed-seconds"),
        ("protocol", "threads_asked", 4, "threads-asked"),
        ("protocol", "compile_asked", False, "compile-asked"),
        ("workload", "steps", 25, "steps"),
        ("workload", "steps", None, "steps"),
        ("workload", "reference_seconds", 0.0, "reference-seconds"),
        ("workload", "emotion", True, "emotion"),
        ("weights", "sha256", "0" * 64, "weights"),
        ("weights", "sha256", None, "weights"),
        ("weights", "kind", "synthetic", "weights"),
        ("quality", "status", "fail", "quality"),
    ],
)
def test_measured_otherwise(part: str, field: str, value: object, ident: str) -> None:
    for pair in ((A, within(part, **{field: value})), (within(part, **{field: value}), A)):
        found = compare(*pair)
        assert ids(found) == [ident]
        assert not found.comparable
        assert failed(found, RTF) is None


@pytest.mark.parametrize(
    ("field", "value"),
    [("streaming", False), ("quick", True), ("runs_min", 9), ("max_seconds", 99.0)],
)
def test_how_long_it_was_measured_is_free(field: str, value: object) -> None:
    assert compare(A, within("protocol", **{field: value})).comparable


def test_weights_are_known_by_their_sum() -> None:
    """A folder that holds what the hub has; without a sum, all else must agree."""
    assert compare(A, within("weights", kind="path", repo=None, revision=None)).comparable
    synthetic = within("weights", kind="synthetic", sha256=None)
    assert compare(synthetic, synthetic).comparable
    larger = within("weights", kind="synthetic", sha256=None, size_bytes=1)
    assert ids(compare(synthetic, larger)) == ["weights"]
    same_sum = within("weights", kind="tiny")
    assert ids(compare(A, same_sum)) == ["weights"]


@pytest.mark.parametrize("name", ["oom", "timeout", "skipped"])
def test_nothing_was_measured(name: str) -> None:
    bad = failure(name, mode=A.mode, workload=A.workload)
    found = compare(A, bad)
    assert ids(found) == ["status"]
    assert (found.differences[0].a, found.differences[0].b) == ("ok", bad.status)
    assert ids(compare(bad, bad)) == ["status"]
    assert failed(found, RTF) is None
    assert ids(compare(A, record(summary=None))) == ["runs"]


def test_the_machine_says_what_it_is() -> None:
    other = machine("{cpu: {model: Other}, memory: {total: 8GiB}, gpus: []}")
    found = compare(A, record(machine=other)).differences[0]
    assert found.a == "Intel Core i5-12600K · 16 threads · 32 GiB · NVIDIA GeForce RTX 3060"
    assert found.b == "Other · ? · 8 GiB"


# ---- what changed -------------------------------------------------------------------------------


def test_versions_are_what_one_compares() -> None:
    newer = machine(DESK.replace("570.133", "580.65"))
    versions = {**A.versions, "torch": "2.14.0", "numpy": "2.3.0"}
    b = record(machine=newer, versions=versions, vcf="9.9.9")
    found = compare(A, b)
    assert found.comparable
    assert [(each.id, each.name, each.a, each.b) for each in found.changes] == [
        ("package", "numpy", None, "2.3.0"),
        ("package", "torch", "2.13.0+cpu", "2.14.0"),
        ("driver", "", "570.133", "580.65"),
        ("vcf", "", A.vcf, "9.9.9"),
    ]


def test_what_the_computer_did_is_a_change() -> None:
    b = record(
        engine=replace(A.engine, precision="bf16", compiled=True, threads=4),
        conditions=replace(A.conditions, governor="powersave", on_battery=None),
    )
    found = {each.id: (each.a, each.b) for each in compare(A, b).changes}
    assert found == {
        "precision": ("fp32", "bf16"),
        "compiled": ("false", "true"),
        "threads": ("10", "4"),
        "governor": ("performance", "powersave"),
        "on-battery": ("false", None),
    }


# ---- figures ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rtfs", "outcome", "over"),
    [
        ((15.0, 15.1, 15.2), "worse", True),
        ((13.0, 13.1, 13.2), "worse", False),
        ((12.4, 12.8, 13.1), "same", False),
        ((12.0, 15.0, 30.0), "worse", True),
        ((12.0, 15.0, 15.1, 12.3), "same", False),
        ((9.0, 9.1, 9.2), "better", False),
        ((99.0,), "worse", True),
    ],
)
def test_speed(rtfs: tuple[float, ...], outcome: str, over: bool) -> None:
    found = compare(A, record(rtfs))
    assert metric(found, "rtf").outcome == outcome
    assert metric(found, "rtf").ratio == pytest.approx(sorted(rtfs)[len(rtfs) // 2] / 12.5, rel=0.1)
    assert failed(found, RTF) is over


def test_disturbed_runs_do_not_count() -> None:
    slow = [replace(run, disturbed=True) for run in record((40.0, 41.0)).runs]
    found = compare(A, record(runs=[*A.runs, *slow]))
    assert metric(found, "rtf").overlap is True


def test_other_metrics() -> None:
    b = record(
        phases=replace(A.phases, load_s=8.15, import_s=5.0),
        memory=replace(A.memory, rss_peak_bytes=2 * GIB, vram_peak_bytes=GIB),
        streaming=None,
        power=replace(A.power, energy_source="nvml"),
    )
    found = compare(A, b)
    outcomes = {each.id: each.outcome for each in found.metrics}
    assert outcomes == {
        "rtf": "same", "first-audio": None, "load": "same", "import": "worse", "ram": "better",
        "vram": None, "energy": None,
    }  # fmt: skip
    assert metric(found, "vram").a is None
    assert metric(found, "energy").b == 500
    assert failed(found, parse_limit("import:10%")) is True
    assert failed(found, parse_limit("import:20%")) is False
    assert failed(found, parse_limit("ram:5%")) is False
    for name in ("first-audio", "vram", "energy"):
        assert failed(found, parse_limit(f"{name}:5%")) is None


def test_first_audio_has_runs_too() -> None:
    assert A.streaming is not None
    near = replace(A.streaming, first_audio_s=3.6, first_audio_runs=[3.3, 3.6, 3.7])
    far = replace(A.streaming, first_audio_s=4.6, first_audio_runs=[4.5, 4.6, 4.7])
    limit = parse_limit("first-audio:10%")
    assert failed(compare(A, record(streaming=near)), limit) is True
    assert failed(compare(A, record(streaming=far)), limit) is True
    wide = replace(near, first_audio_runs=[3.1, 3.6, 3.7, 3.1])
    assert failed(compare(A, record(streaming=wide)), limit) is False


def test_vram_by_another_gauge() -> None:
    card = on_gpu()
    other = on_gpu(memory=replace(card.memory, vram_source="device"))
    assert metric(compare(card, card), "vram").ratio == 1
    assert metric(compare(card, other), "vram").ratio is None


def test_nothing_but_zeros() -> None:
    none = record(phases=replace(A.phases, load_s=0.0))
    assert metric(compare(none, none), "load").ratio == 1
    assert metric(compare(none, A), "load").ratio is None


def test_least_records_have_nothing_to_compare() -> None:
    found = compare(least(), least())
    assert found.metrics == []
    assert ids(found) == ["status"]


# ---- limits -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "name", "share"),
    [
        ("rtf:10%", "rtf", 0.1), ("ram:5%", "ram", 0.05), ("load:2.5%", "load", 0.025),
        (" RTF : 1000 % ", "rtf", 10.0), ("energy:0.1%", "energy", 0.001),
    ],
)  # fmt: skip
def test_limits(text: str, name: str, share: float) -> None:
    limit = parse_limit(text)
    assert limit.metric == name
    assert limit.share == pytest.approx(share)


@pytest.mark.parametrize(
    "text",
    ["", "rtf", "rtf:", "rtf:10", "rtf:ten%", "rtf:-5%", "rtf:0%", "rtf:0.0%", "rtf:1001%", "10%",
     "speed:10%", "rtf=10%", "rtf:10%%", "rtf:1e3%", "rtf:nan%", "rtf:10%,ram:5%",
     "rtf:" + "9" * 400 + "%"],
)  # fmt: skip
def test_no_limits(text: str) -> None:
    with pytest.raises(UsageError) as caught:
        parse_limit(text)
    assert caught.value.message
    assert caught.value.hint
    assert "rtf" in caught.value.hint or "1000 %" in caught.value.hint


def test_an_unknown_metric_names_the_known_ones() -> None:
    with pytest.raises(UsageError, match="no metric is called 'speed'") as caught:
        parse_limit("speed:10%")
    assert caught.value.hint == "metrics: rtf, first-audio, load, import, ram, vram, energy"


# ---- properties ---------------------------------------------------------------------------------

RTFS = st.lists(
    st.floats(min_value=0.01, max_value=500, allow_nan=False), min_size=1, max_size=12
).map(tuple)


@given(RTFS, st.sampled_from(["rtf", "load", "ram", "import", "first-audio", "energy"]))
def test_a_record_is_no_worse_than_itself(rtfs: tuple[float, ...], name: str) -> None:
    one = record(rtfs)
    found = compare(one, one)
    assert found.comparable
    assert {each.outcome for each in found.metrics} == {"same"}
    assert failed(found, parse_limit(f"{name}:0.001%")) is False


@given(RTFS, RTFS)
def test_turned_round(first: tuple[float, ...], second: tuple[float, ...]) -> None:
    turned = {"better": "worse", "worse": "better", "same": "same"}
    there = metric(compare(record(first), record(second)), "rtf")
    back = metric(compare(record(second), record(first)), "rtf")
    assert there.overlap is back.overlap
    assert there.outcome is not None
    assert turned[there.outcome] == back.outcome


@given(RTFS, RTFS, st.floats(min_value=0.001, max_value=9))
def test_a_wider_limit_fails_less(
    first: tuple[float, ...], second: tuple[float, ...], share: float
) -> None:
    found = compare(record(first), record(second))
    wide, narrow = (Limit(metric="rtf", share=each) for each in (share + 0.5, share))
    assert not failed(found, wide) or failed(found, narrow)


@given(RTFS)
def test_quartiles_as_in_the_summary(rtfs: tuple[float, ...]) -> None:
    ordered = sorted(rtfs)
    expected = (quantile(ordered, 0.25), quantile(ordered, 0.75))
    assert quartiles(list(rtfs)) == pytest.approx(expected)


def test_no_quartiles() -> None:
    assert quartiles([]) is None
    assert overlap([], [1.0]) is None
    assert overlap([1.0], [1.0]) is True
    assert overlap([1.0], [1.1]) is False
