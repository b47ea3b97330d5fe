"""What must hold of reports.yaml, and what is said of a file that can't be read."""

from __future__ import annotations

import re
from collections import Counter
from pathlib import Path

import pytest

from vcf.catalogue.gpus import find_typed
from vcf.catalogue.load import load_catalogue
from vcf.catalogue.reports import PATH, Report, load_reports, reports
from vcf.errors import CatalogueError

ALL = reports()
MODELS = load_catalogue().models
OLDER = {"indextts-1.0"}
"""Versions that vcf does not know: reports of them stand for themselves."""
EARLY = {"iss-282-pro6000", "cpp-adreno830-vk", "hyu-pro6000", "omni-l20x"}
"""Of cards that the table lacks."""


def test_the_shipped_file_is_read_once() -> None:
    assert reports() is ALL
    assert list(ALL) == load_reports(PATH)
    assert len(ALL) > 200


def test_no_report_stands_there_twice() -> None:
    assert [name for name, count in Counter(r.id for r in ALL).items() if count > 1] == []
    assert all(re.fullmatch(r"[a-z0-9][A-Za-z0-9._-]*", report.id) for report in ALL)


def test_models_are_known_or_known_to_be_older() -> None:
    unknown = {report.model for report in ALL} - set(MODELS)
    assert unknown == OLDER
    for report in ALL:
        if report.model in MODELS and report.mode not in (None, "gpu", "cpu"):
            runs = {mode for model in MODELS.values() for mode in model.modes}
            assert report.mode in runs, report.id


def test_every_page_is_a_page() -> None:
    for report in ALL:
        assert report.url is None or report.url.startswith("https://"), report.id
        assert report.url is not None or report.source.strip(), report.id
        assert report.date is None or re.fullmatch(r"20\d\d-\d\d(-\d\d)?", report.date), report.id


def test_what_takes_no_part_has_a_reason() -> None:
    for report in ALL:
        assert set(report.not_used) <= {"rtf", "fit", "memory"}
        assert all(reason.strip() for reason in report.not_used.values()), report.id
        for purpose in ("rtf", "fit", "memory"):
            assert report.serves(purpose) == (purpose not in report.not_used)  # type: ignore[arg-type]


def test_speeds_that_are_compared_are_stated_and_sure() -> None:
    used = [report for report in ALL if report.serves("rtf")]
    assert len(used) > 40
    for report in used:
        assert report.rtf is not None and report.rtf_stated, report.id
        assert report.confidence == "high", report.id
        assert report.model in MODELS and report.mode is not None, report.id
        assert report.gpu or report.cpu or report.cores, report.id
        assert report.outcome in ("works", "works-slow"), report.id
        conditions = report.conditions
        assert not conditions.cold and (conditions.streams or 1) == 1, report.id


def test_what_is_compared_with_verdicts_names_a_mode_and_hardware() -> None:
    used = [report for report in ALL if report.serves("fit")]
    assert len(used) > 60
    for report in used:
        assert report.model in MODELS and report.mode is not None, report.id
        assert report.gpu or report.cpu or report.cores or report.ram_gb, report.id


def test_memory_that_is_compared_is_stated() -> None:
    for report in ALL:
        if report.serves("memory"):
            assert report.peak_vram_gb is not None or report.peak_ram_gb is not None, report.id


def test_failures_are_explained() -> None:
    for report in ALL:
        if report.outcome in ("oom", "fails"):
            assert report.reason or report.note, report.id


def test_figures_are_of_this_world() -> None:
    for report in ALL:
        assert report.rtf is None or 0.005 < report.rtf < 500, report.id
        assert report.vram_gb is None or 1 <= report.vram_gb <= 200, report.id
        assert report.peak_vram_gb is None or report.peak_vram_gb <= 200, report.id
        assert report.cores is None or 1 <= report.cores <= 256, report.id


def test_cards_are_of_the_table() -> None:
    unknown = {r.id for r in ALL if r.gpu is not None and find_typed(r.gpu) is None}
    assert unknown <= EARLY


# ---- files ------------------------------------------------------------------------------------

ROW = "{id: one, model: voxcpm-2, outcome: works, confidence: high}"


def written(tmp_path: Path, rows: str, head: str = "schema: vcf.reports/1") -> Path:
    path = tmp_path / "mine.yaml"
    path.write_text(f'{head}\nupdated: "2026-11-23"\nreports: [{rows}]\n', encoding="utf-8")
    return path


def test_other_reports_can_be_read(tmp_path: Path) -> None:
    (report,) = load_reports(written(tmp_path, ROW))
    assert report == Report(id="one", model="voxcpm-2", outcome="works", confidence="high")
    assert report.serves("rtf") and report.mode is None
    assert load_reports(written(tmp_path, "")) == []


@pytest.mark.parametrize(
    ("rows", "head", "said"),
    [
        (ROW.replace("works", "runs"), "schema: vcf.reports/1", "outcome"),
        (ROW.replace("model", "modell"), "schema: vcf.reports/1", "model"),
        (ROW.replace("high}", "high, rtf: -1}"), "schema: vcf.reports/1", "rtf"),
        (ROW.replace("high}", "high, conditions: {speed: 1}}"), "schema: vcf.reports/1", "speed"),
        (ROW.replace("high}", "high, mode: gpu-int3}"), "schema: vcf.reports/1", "mode"),
        (ROW, "schema: vcf.reports/2", "schema"),
        ("{", "schema: vcf.reports/1", "mine.yaml"),
    ],
)
def test_what_is_wrong_is_named(tmp_path: Path, rows: str, head: str, said: str) -> None:
    with pytest.raises(CatalogueError) as caught:
        load_reports(written(tmp_path, rows, head))
    assert said in str(caught.value.message)
    assert "mine.yaml" in caught.value.message


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match=r"none\.yaml: No such file"):
        load_reports(tmp_path / "none.yaml")
