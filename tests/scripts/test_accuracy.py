"""scripts/accuracy.py: the ledger over a few reports that nobody made."""

from __future__ import annotations

import json
import math
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec
import pytest
import yaml
from made_up import known, load, report

from vcf.catalogue.constants import Spread, constants
from vcf.catalogue.reports import Conditions, Report

pytest.importorskip("scipy")
CARDS = ("RTX 3060", "RTX 4090", "RTX 3090")


@pytest.fixture
def accuracy(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("accuracy", monkeypatch)


@pytest.fixture
def quick(accuracy: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """Nothing is fitted: each report is compared with the shipped constants."""

    def cross_validate(cases: Any) -> list[Any]:
        return [
            accuracy.Miss(case, accuracy.middle(case, constants()), accuracy.family_of(case))
            for case in cases
        ]

    monkeypatch.setattr(accuracy, "cross_validate", cross_validate)
    return accuracy


def row(
    accuracy: ModuleType, ratio: float, low: float = 0.5, high: float = 2.0, **more: Any
) -> Any:
    """A report of RTF 1 and a forecast that many times as large."""
    case = accuracy.case_of(report(more.pop("name", "one"), **({"rtf": 1.0} | more)), known())
    miss = accuracy.Miss(case, ratio, accuracy.family_of(case))
    return accuracy.Row(miss, Spread(low=low, high=high))


def cpu_row(accuracy: ModuleType, ratio: float, **more: Any) -> Any:
    return row(accuracy, ratio, cores=4, mode="cpu-fp32", **more)


# ---- rows -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ratio", "inside"), [(1.0, True), (0.5, True), (2.0, True), (0.49, False), (2.01, False)]
)
def test_a_row_is_a_report_beside_its_range(
    accuracy: ModuleType, ratio: float, inside: bool
) -> None:
    made = row(accuracy, ratio)
    assert (made.reported, made.ratio) == (1.0, ratio)
    assert (made.low, made.high, made.width) == (ratio / 2, ratio * 2, 4)
    assert made.inside is inside


@pytest.mark.parametrize(
    ("share", "value"), [(0, 1), (0.25, 2), (0.5, 3), (0.1, 1.4), (0.9, 4.6), (1, 5)]
)
def test_quantiles_are_linear_between_neighbours(
    accuracy: ModuleType, share: float, value: float
) -> None:
    assert accuracy.quantile([1, 2, 3, 4, 5], share) == pytest.approx(value)
    assert accuracy.quantile([7], share) == 7


def test_rows_are_held_out(quick: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(quick, "measured_cases", lambda _: [])
    cases = quick.usable([
        report(f"{card}-{n}", gpu=card, rtf=0.1 * (n + 1) if card == "RTX 3060" else 0.5)
        for card in CARDS for n in range(2)
    ])  # fmt: skip
    rows = quick.speed_rows(cases)
    assert [r.case.report.id for r in rows] == [case.report.id for case in cases]
    held = quick.held_out_spreads([r.miss for r in rows])
    for each in rows:
        assert each.spread == held[each.case.device]["torch.nvidia"]
    # of a class that is on one device alone, the range of the device's kind is taken
    alone = quick.usable([report("a", rtf=0.5), report("c", rtf=9.0, cores=4, mode="cpu-fp32")])
    spreads = {r.miss.family: r.spread for r in quick.speed_rows(alone)}
    assert spreads["torch.cpu"].reports == spreads["torch.nvidia"].reports == 0


def test_rows_with_the_shipped_constants(accuracy: ModuleType) -> None:
    cases = accuracy.usable([report("a", rtf=0.5), report("b", rtf=9.0, cores=4, mode="cpu-fp32"),
                             report("c", rtf=1.0, gpu="Mystery 9000")])  # fmt: skip
    rows = accuracy.shipped_rows(cases)
    assert [r.case.report.id for r in rows] == ["a", "b"]  # of the third nothing can be told
    for each in rows:
        judged = each.case.judged()
        assert judged.rtf.mid == pytest.approx(each.miss.mid, abs=1e-4)
        assert judged.rtf.low == pytest.approx(each.low, abs=1e-3)
        assert judged.rtf.high == pytest.approx(each.high, abs=1e-3)


# ---- targets ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "least", "reached"),
    [(0.9, True, True), (0.89, True, False), (0.9, False, True), (0.91, False, False)],
)
def test_a_target_is_kept_or_not(
    accuracy: ModuleType, value: float, least: bool, reached: bool
) -> None:
    assert accuracy.Target("t", "", value, 0.9, least).reached is reached


def test_targets_say_what_holds(accuracy: ModuleType) -> None:
    rows = [row(accuracy, n / 10, high=2 if n % 2 else 1.5) for n in range(5, 16)]
    rows += [cpu_row(accuracy, 3.0, low=0.2)]
    found = {each.id: each for each in accuracy.targets(rows, [])}
    assert set(found) == {"fit", "p10", "p90", "inside", "width-gpu", "width-cpu"}
    ratios = sorted(r.ratio for r in rows)
    assert found["p10"].value == accuracy.quantile(ratios, 0.1)
    assert found["p90"].value == accuracy.quantile(ratios, 0.9)
    assert found["inside"].value == sum(r.inside for r in rows) / 12
    assert (found["width-gpu"].value, found["width-cpu"].value) == pytest.approx((4, 10))
    assert not found["width-cpu"].reached
    assert math.isnan(found["fit"].value) and not found["fit"].reached


@pytest.mark.parametrize("kind", ["gpu", "cpu"])
def test_targets_of_one_class_of_devices(accuracy: ModuleType, kind: str) -> None:
    rows = [row(accuracy, 1.0) if kind == "gpu" else cpu_row(accuracy, 1.0)]
    assert accuracy.targets(rows, [])


def test_a_target_that_was_reached_must_not_be_missed(accuracy: ModuleType) -> None:
    def page(**reached: bool) -> dict[str, Any]:
        return {"targets": [{"id": name, "value": 0.5, "limit": 0.6, "reached": kept}
                            for name, kept in reached.items()]}  # fmt: skip

    before = page(p10=True, p90=False, fit=True)
    assert accuracy.regressions(before, before) == []
    assert accuracy.regressions(before, page(p10=True, p90=False, fit=False)) == [
        "fit: 0.5 misses 0.6"
    ]
    assert accuracy.regressions(before, page(p10=True, p90=True, fit=True)) == []
    assert accuracy.regressions(page(p90=False), page(p90=False)) == []
    assert accuracy.regressions(before, page(new=False)) == []


def test_the_table_of_targets(accuracy: ModuleType) -> None:
    lines = accuracy.target_table([
        accuracy.Target("fit", "right", 0.9512, 0.95, True),
        accuracy.Target("p90", "careful", 1.752, 1.6, False),
    ]).splitlines()  # fmt: skip
    assert lines[2:] == [
        "| right | ≥ 95% | 95.1% | reached |", "| careful | ≤ 1.6 | 1.75 | **missed** |",
    ]  # fmt: skip


# ---- running or not ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "told", "ran", "failed"),
    [
        ("good", "runs", True, False),
        ("slow", "runs", True, False),
        ("tight", "tight", True, True),
        ("no", "fails", False, True),
        ("unknown", "not told", False, False),
    ],
)
def test_what_is_right_of_a_verdict(
    accuracy: ModuleType, verdict: str, told: str, ran: bool, failed: bool
) -> None:
    for outcome, right in (("works", ran), ("works-slow", ran), ("oom", failed), ("fails", failed)):
        case = accuracy.case_of(report("one", outcome=outcome), known())
        judged = msgspec.structs.replace(case.judged(), verdict=verdict)
        found = accuracy.Fit(case, judged)
        assert (found.told, found.right) == (told, right)


def test_who_ran_out_of_memory_is_told_so(accuracy: ModuleType) -> None:
    found = accuracy.fits([
        report("fits", gpu="RTX 4090", vram_gb=24),
        report("not", gpu="GTX 1650", vram_gb=4, outcome="oom", note="CUDA out of memory"),
        report("wrong", gpu="GTX 1650", vram_gb=4, note="works for me", url="https://example.com"),
        report("left-out", gpu="GTX 1650", vram_gb=4, not_used={"fit": "a fork"}),
        report("unknown", model="indextts-1.0"),
    ])  # fmt: skip
    assert [(f.case.report.id, f.told, f.right) for f in found] == [
        ("fits", "runs", True), ("not", "fails", True), ("wrong", "fails", False),
    ]  # fmt: skip
    text = accuracy.confusion(found)
    assert "| works | 1 |  | 1 |  |" in text and "| oom |  |  | 1 |  |" in text
    assert "3 reports, 2 right (66.7%)." in text
    assert "- [wrong](https://example.com): voxcpm-2:gpu-bf16 on GTX 1650 (4 GB)" in text
    assert "works for me" in text
    assert "Not right" not in accuracy.confusion(found[:2])


def test_no_report_of_running_or_not(accuracy: ModuleType) -> None:
    assert "0 reports" in accuracy.confusion([])


# ---- memory -----------------------------------------------------------------------------------


def test_peaks_stand_beside_needs(accuracy: ModuleType) -> None:
    found = accuracy.peaks([
        report("both", peak_vram_gb=6, peak_ram_gb=3, vram_gb=12),
        report("none", vram_gb=12),
        report("off", peak_vram_gb=6, vram_gb=12, not_used={"memory": "with other programs"}),
        report("cpu", cores=4, mode="cpu-fp32", peak_ram_gb=11),
    ])  # fmt: skip
    assert [(p.case.report.id, p.what) for p in found] == [
        ("both", "VRAM"), ("both", "RAM"), ("cpu", "RAM"),
    ]  # fmt: skip
    assert found[0].ratio == pytest.approx(found[0].need / 6)
    assert 5 < found[0].need < 8
    assert "3 figures: need ÷ measured" in accuracy.memory_table(found)


def test_no_report_of_memory(accuracy: ModuleType) -> None:
    assert "0 figures" in accuracy.memory_table([])


# ---- tables -----------------------------------------------------------------------------------


def test_rows_as_a_table(accuracy: ModuleType) -> None:
    rows = [row(accuracy, 1.0, url="https://example.com", vram_gb=12), row(accuracy, 3.0)]
    lines = accuracy.row_table(rows).splitlines()
    assert lines[2] == (
        "| [one](https://example.com) | voxcpm-2:gpu-bf16 | RTX 3060 (12 GB) | 1.0 "
        "| 0.50 – 1.0 – 2.0 | 1.00 | yes |"
    )
    assert lines[3].endswith("| 3.00 | **no** |")
    with_reasons = accuracy.row_table(rows, reasons=True).splitlines()
    assert with_reasons[0].endswith("| Likely reason |")
    assert all(line.count("|") == with_reasons[0].count("|") for line in with_reasons)


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"source": "VoxCPM README"}, "makers' own figure"),
        ({"conditions": Conditions(short_clip=True)}, "very short clip"),
        ({"os": "windows"}, "Windows"),
        ({"mode": "gpu"}, "precision not stated"),
        ({}, "compiled or not is not stated"),
        ({}, "computer around the card not stated"),
        ({"note": "with | a bar."}, "with / a bar."),
    ],
)
def test_reasons(accuracy: ModuleType, more: dict[str, Any], said: str) -> None:
    assert said in accuracy.reason(row(accuracy, 1.5, **more))


def test_a_figure_of_the_makers_explains_only_too_careful_a_forecast(accuracy: ModuleType) -> None:
    assert "makers" not in accuracy.reason(row(accuracy, 0.5, source="VoxCPM README"))
    stated = row(accuracy, 1.5, conditions=Conditions(compiled=True), cpu="i5", gpu="RTX 3060")
    assert "stated" not in accuracy.reason(stated)


def test_ratios_by_a_property(accuracy: ModuleType) -> None:
    rows = [row(accuracy, 1.0), row(accuracy, 3.0), cpu_row(accuracy, 0.5)]
    lines = accuracy.spread_table(rows, accuracy.vendor, "Device").splitlines()
    assert [line.split(" | ")[0] for line in lines[2:]] == ["| cpu", "| nvidia", "| all"]
    assert "| nvidia | 2 | 1.20 | 2.00 | 2.80 | 1 of 2 | 4.0 |" in lines
    assert "| 2 of 3 |" in lines[-1]


def test_what_is_left_out_has_its_reason(accuracy: ModuleType) -> None:
    text = accuracy.left_out([
        report("a", not_used={"rtf": "no | speed"}, url="https://example.com"),
        report("b", not_used={"memory": "with others"}),
        report("c", not_used={"fit": "a fork", "rtf": "cold"}),
    ])  # fmt: skip
    assert text.splitlines()[2:] == [
        "| [a](https://example.com) | no / speed | used |", "| c | cold | a fork |",
    ]  # fmt: skip


def test_the_line_about_the_shipped_constants(accuracy: ModuleType) -> None:
    line = accuracy.shipped_line([row(accuracy, 1.0), row(accuracy, 5.0)])
    assert "50.0% of 2 inside" in line and "p10 1.40, p90 4.60." in line


# ---- the whole page ---------------------------------------------------------------------------

FEW = [
    *(report(f"g{n}", gpu=card, rtf=0.4 + n / 10, peak_vram_gb=6, vram_gb=24)
      for n, card in enumerate(CARDS)),
    report("c1", cores=8, mode="cpu-fp32", rtf=8.0),
    report("c2", cores=2, mode="cpu-fp32", rtf=30.0, not_used={"fit": "killed"}),
    report("oom", gpu="GTX 1650", vram_gb=4, outcome="oom", not_used={"rtf": "failed"}),
]  # fmt: skip


def test_the_page_over_few_reports(quick: ModuleType) -> None:
    parts, data = quick.blocks(FEW)
    assert set(parts) == {
        "targets", "fit", "by-model", "by-runtime", "by-vendor", "worst", "rows", "shipped",
        "memory", "left-out",
    }  # fmt: skip
    page = quick.PAGE.read_text(encoding="utf-8")
    assert all(f"<!-- {name} -->" in page for name in parts)
    assert data["schema"] == "vcf.accuracy/1"
    assert [each["id"] for each in data["rows"]] == ["g0", "g1", "g2", "c1", "c2"]
    assert {each["id"] for each in data["targets"]} == {
        "fit", "p10", "p90", "inside", "width-gpu", "width-cpu",
    }  # fmt: skip
    for each in data["rows"]:
        assert each["low"] < each["mid"] < each["high"]
        assert each["inside"] == (each["low"] <= each["reported"] <= each["high"])
    assert json.loads(json.dumps(data)) == data
    assert "5 reports, 5 right" in parts["fit"]
    assert len(parts["rows"].splitlines()) == 7
    assert "| c2 |" in parts["left-out"] and "| oom |" in parts["left-out"]


def test_the_page_is_made_with_the_shipped_constants_again(quick: ModuleType) -> None:
    quick.blocks(FEW)
    assert quick.forecast.constants() == quick.device.constants() == constants()


def written(tmp_path: Path, reports: list[Report]) -> Path:
    path = tmp_path / "mine.yaml"
    rows = [msgspec.to_builtins(each) for each in reports]
    document = {"schema": "vcf.reports/1", "updated": "2026-11-23", "reports": rows}
    path.write_text(yaml.safe_dump(document), encoding="utf-8")
    return path


def test_other_reports_are_compared_and_printed(
    accuracy: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    page, data = accuracy.PAGE.read_bytes(), accuracy.DATA.read_bytes()
    path = written(tmp_path, FEW)
    monkeypatch.setattr("sys.argv", ["accuracy.py", "--reports", str(path)])
    assert accuracy.main() == 0
    told = capsys.readouterr().out
    assert "| | Target | Today | |" in told and "5 reports, 5 right" in told
    for name in ("g0", "g1", "g2", "c1", "c2"):
        assert f"| {name} | voxcpm-2:" in told
    assert (accuracy.PAGE.read_bytes(), accuracy.DATA.read_bytes()) == (page, data)


def test_other_reports_may_be_of_cards_alone(
    accuracy: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert accuracy.other_reports(written(tmp_path, FEW[:3])) == 0
    assert "| g0 |" in capsys.readouterr().out


@pytest.mark.parametrize("worse", [False, True])
def test_a_check_fails_on_a_regression(
    quick: ModuleType,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    worse: bool,
) -> None:
    page, data = tmp_path / "accuracy.md", tmp_path / "accuracy.json"
    page.write_text(quick.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    for name, path in (("PAGE", page), ("DATA", data)):
        monkeypatch.setattr(quick, name, path)
    monkeypatch.setattr(load("check_readme", monkeypatch), "ROOT", tmp_path)
    monkeypatch.setattr(quick, "load_reports", lambda: FEW)
    monkeypatch.setattr("sys.argv", ["accuracy.py"])
    assert quick.main() == 0
    assert "| | Target | Today | |" in capsys.readouterr().out
    assert "<!-- rows -->\n| Report |" in page.read_text(encoding="utf-8")
    if worse:
        bad = msgspec.structs.replace(FEW[-1], id="bad", outcome="works", not_used={"rtf": "no"})
        monkeypatch.setattr(quick, "load_reports", lambda: [*FEW, bad])
    monkeypatch.setattr("sys.argv", ["accuracy.py", "--check"])
    assert quick.main() == int(worse)
    said = capsys.readouterr().err
    assert ("target missed that was reached: fit" in said) == worse
