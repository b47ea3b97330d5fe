"""``vcf calibrate`` through the command line: what it shows, stores, refuses and returns."""

from __future__ import annotations

import io
import json
import re
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from rich.cells import cell_len

from vcf import __version__
from vcf.bench import calibrate as measuring
from vcf.bench import calibrate_child
from vcf.bench.foreign import LIMIT
from vcf.bench.store import calibration_folder, store
from vcf.judge.calibrated import (
    CalibrationDocument,
    GpuFacts,
    LeftOut,
    MachineFacts,
    ThreadRate,
    facts_of,
    key_of,
)
from vcf.judge.calibration import CacheRate, Calibration, DeviceCalibration, LinearRate
from vcf.machine import interpreter as interpreter_module
from vcf.machine import probe as probe_module
from vcf.machine.interpreter import running
from vcf.machine.model import Machine
from vcf.views.calibrate import Place, bytes_s, flops, percent, screen

TORCH = "2.13.0+cpu"
FACTS: dict[str, Any] = {"software": {"python": "3.11.7", "torch": TORCH}}
DEVICE = DeviceCalibration(
    device="cpu", name="Intel Core i5-12600K", threads=10,
    linear=[
        LinearRate(precision="fp32", rows=1, gparam_s=5.0),
        LinearRate(precision="fp32", rows=10, gparam_s=4.0),
        LinearRate(precision="fp32", rows=256, gparam_s=0.5),
        LinearRate(precision="fp16", rows=10, gparam_s=100.0),
    ],
    cache=[CacheRate(precision="fp32", positions=4096, gelement_s=1.5)],
    conv_gflop_s=34.0, copy_gb_s=32.0, launch_us=9.5,
)  # fmt: skip
CARD = msgspec.structs.replace(DEVICE, device="gpu", name="NVIDIA GeForce RTX 3060", copy_gb_s=1e4)


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nothing is written into the data folder of the person who runs the tests."""
    monkeypatch.setenv("VCF_DATA_DIR", str(tmp_path / "data"))
    return tmp_path / "data"


def document(machine: Machine, **more: Any) -> CalibrationDocument:
    facts = facts_of(machine)
    given: dict[str, Any] = {
        "date": "2026-11-23T05:00:00+00:00", "key": key_of(facts, TORCH), "machine": facts,
        "torch": TORCH, "python": "3.11.7", "foreign_share": 0.004, "disturbed": False,
        "threads": [ThreadRate(threads=1, gparam_s=2.0), ThreadRate(threads=10, gparam_s=4.0)],
        "left_out": [], "calibration": Calibration(devices=[DEVICE]),
    }  # fmt: skip
    return CalibrationDocument(**{**given, **more})


@pytest.fixture
def here(probed: Machine, monkeypatch: pytest.MonkeyPatch) -> Machine:
    """The machine of the tests, with torch."""
    machine = msgspec.structs.replace(probed, **FACTS)
    monkeypatch.setattr(probe_module, "probe", lambda *_, **__: machine)
    return machine


@pytest.fixture
def measured(here: Machine, monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """What the next measurement finds: ``more``; and the command that it was called with."""
    kept: dict[str, Any] = {"more": {}}

    def calibrate(machine: Machine, started: list[str], *, progress: Any) -> CalibrationDocument:
        kept["command"] = started
        if progress is not None:
            progress("CPU: copy", 1, 25)
            progress("CPU: a part with a much longer name", 2, 25)
            progress("CPU: x", 3, 25)
        if isinstance(kept["more"], Exception):
            raise kept["more"]
        return document(machine, **kept["more"])

    monkeypatch.setattr(measuring, "calibrate", calibrate)
    return kept


# ---- measure, store, show ---------------------------------------------------------------------


def test_it_measures_stores_and_shows(vcf: Any, measured: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = vcf("calibrate")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0] == f"Intel Core i5-12600K · threads: 10 · torch {TORCH}"
    assert lines[1].split() == ["Precision", "1", "row", "10", "rows", "256", "rows", "Attention"]
    cells = {line.split()[0]: line.split()[1:] for line in lines[2:4]}
    assert cells["fp32"] == ["20", "GB/s", "80", "GFLOPS", "256", "GFLOPS", "6.0", "GB/s"]
    assert cells["fp16"] == ["–", "2.0", "TFLOPS", "–", "–"]
    assert lines[4] == "AudioVAE 34 GFLOPS · copying 32 GB/s · 9.5 µs an operation"
    assert "Threads: torch's own choice, 10, is as quick as any tried (1, 10)." in done.out
    assert "Other programs took <1 % of the processor at the most." in done.out
    (path,) = calibration_folder().iterdir()
    assert f"Stored: {path}" in done.out
    assert lines[-1] == "`vcf check` now uses it."
    assert measured["command"][0] == sys.executable


def test_check_uses_it(vcf: Any, measured: Any) -> None:
    before = vcf("check", "voxcpm-0.5b:cpu-fp32", "--json").json["results"][0]["assessments"][0]
    assert vcf("calibrate").code == 0
    after = vcf("check", "voxcpm-0.5b:cpu-fp32", "--json").json["results"][0]["assessments"][0]
    assert (before["rtf"]["basis"], after["rtf"]["basis"]) == ("roofline", "calibrated")
    assert before["rtf"] != after["rtf"]


def test_json(vcf: Any, measured: Any, valid: Any) -> None:
    done = vcf("calibrate", "--json")
    assert (done.code, done.err) == (0, "")
    valid("calibration", done.json)
    assert done.json["schema"] == "vcf.calibration/1"
    assert done.json["vcf"] == __version__
    (path,) = calibration_folder().iterdir()
    assert json.loads(path.read_text("utf-8")) == done.json


def test_disturbed(vcf: Any, measured: Any) -> None:
    """Shown, but not stored."""
    measured["more"] = {"disturbed": True, "foreign_share": 0.23}
    done = vcf("calibrate")
    assert done.code == 1
    assert "Not stored: other programs took 23 % of the processor at times" in done.out
    assert "80 GFLOPS" in done.out and "Stored" not in done.out and "now uses" not in done.out
    assert not calibration_folder().exists()
    done = vcf("calibrate", "--json")
    assert (done.code, done.json["disturbed"]) == (1, True)
    assert vcf("calibrate", "--show").code == 1


def test_into_a_file(vcf: Any, measured: Any, tmp_path: Path) -> None:
    for flags, begin in (([], "Intel Core"), (["--json"], '{\n  "schema"')):
        file = tmp_path / "answer"
        done = vcf("calibrate", "-o", file, *flags)
        assert (done.code, done.out) == (0, "")
        assert file.read_text("utf-8").startswith(begin)
    vcf("calibrate", "-o", tmp_path).refused("is a folder")


def test_where_it_can_not_be_stored(vcf: Any, measured: Any, folder: Path) -> None:
    folder.write_text("a file")
    vcf("calibrate").refused("calibration", hint="VCF_DATA_DIR")


def test_progress_on_a_terminal(vcf: Any, measured: Any, monkeypatch: Any) -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    screen_ = Terminal()
    monkeypatch.setattr(sys, "stderr", screen_)
    assert vcf("calibrate").code == 0
    lines = screen_.getvalue().split("\r")
    assert lines[1] == "importing torch …"
    assert lines[2].strip() == "measuring 1/25: CPU: copy"
    assert len(lines[4]) == len(lines[3]), "what stood there is written over"
    assert lines[-2].strip() == lines[-1] == ""


def test_another_python(vcf: Any, measured: Any, here: Machine, monkeypatch: Any) -> None:
    other = msgspec.structs.replace(running(), executable="/opt/voice/bin/python")
    monkeypatch.setattr(interpreter_module, "interpreter", lambda path: other)
    assert vcf("calibrate", "--python", "voice").code == 0
    assert measured["command"][0] == "/opt/voice/bin/python"


def test_no_such_python(vcf: Any, tmp_path: Path) -> None:
    vcf("calibrate", "--python", tmp_path / "none").refused("no such interpreter")


# ---- no torch, failures -----------------------------------------------------------------------


def test_without_torch(vcf: Any, here: Machine, monkeypatch: Any) -> None:
    """Said before anything is started."""
    software = {"python": "3.11.7", "torch": None}
    machine = msgspec.structs.replace(here, software=software)
    monkeypatch.setattr(probe_module, "probe", lambda *_, **__: machine)
    done = vcf("calibrate")
    done.refused("this Python has no torch", hint="pip install torch")
    assert "--python PATH" in done.err
    assert vcf("calibrate", "--json").error["kind"] == "usage"


def test_without_torch_that_anyone_knew_of(vcf: Any, measured: Any) -> None:
    measured["more"] = measuring.NoTorch("this Python has no torch")
    vcf("calibrate").refused("this Python has no torch", hint="pip install torch")
    measured["more"] = measuring.NoTorch("torch can't be imported: x", "look into it")
    vcf("calibrate").refused("torch can't be imported: x", hint="look into it")


def test_a_computer_that_no_wheel_is_for(
    vcf: Any, measured: Any, here: Machine, monkeypatch: Any
) -> None:
    machine = msgspec.structs.replace(here, os="windows", arch="riscv64", gpus=[])
    monkeypatch.setattr(probe_module, "probe", lambda *_, **__: machine)
    measured["more"] = measuring.NoTorch("this Python has no torch")
    vcf("calibrate").refused("no torch", hint="pip install torch")


def test_a_failure(vcf: Any, measured: Any) -> None:
    measured["more"] = measuring.MeasureError("the measurement broke off: killed", "try it")
    done = vcf("calibrate")
    assert done.code == 4
    assert done.err.splitlines() == ["vcf: the measurement broke off: killed", "     try it"]
    done = vcf("calibrate", "--json")
    assert (done.code, done.error["kind"]) == (4, "measure")
    assert not calibration_folder().exists()


# ---- --show -----------------------------------------------------------------------------------


def test_nothing_is_stored(vcf: Any, here: Machine) -> None:
    done = vcf("calibrate", "--show")
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines()[0] == "vcf: no calibration of this machine is stored"
    done = vcf("calibrate", "--show", "--json")
    assert (done.code, done.error["kind"]) == (1, "nothing-stored")


def test_what_is_stored(vcf: Any, here: Machine, valid: Any) -> None:
    path = store(document(here))
    done = vcf("calibrate", "--show")
    assert (done.code, done.err) == (0, "")
    assert f"Measured 2026-11-23T05:00:00+00:00 by vcf {__version__}, Python 3.11.7." in done.out
    assert f"Stored: {path}" in done.out
    assert done.out.splitlines()[-1] == "`vcf check` uses it."
    assert "It was made with torch" not in done.out
    done = vcf("calibrate", "--show", "--json")
    valid("calibration", done.json)
    assert done.json == json.loads(path.read_text("utf-8"))


def test_what_was_made_with_another_torch(vcf: Any, here: Machine) -> None:
    store(document(here, torch="2.9.0"))
    done = vcf("calibrate", "--show")
    assert done.code == 0
    assert f"It was made with torch 2.9.0; installed is {TORCH}." in done.out


def test_broken_files_are_told_when_asked(vcf: Any, here: Machine) -> None:
    store(document(here))
    (calibration_folder() / "broken.json").write_text("{")
    assert vcf("calibrate", "--show").err == ""
    (line,) = vcf("calibrate", "--show", "-v").err.splitlines()
    assert line.startswith("vcf: broken.json: passed over: ")


# ---- the view ---------------------------------------------------------------------------------

HOSTILE = "\x1b[31m\u202e" + "x" * 300


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("stored", [True, False])
def test_nothing_is_wider_than_the_terminal(lang: str, stored: bool, here: Machine) -> None:
    from rich.console import Console

    left = [LeftOut(part=f"CPU: {HOSTILE}", reason=HOSTILE) for _ in range(5)]
    given = document(
        here,
        threads=[ThreadRate(threads=1, gparam_s=8.0), ThreadRate(threads=10, gparam_s=4.0)],
        left_out=left, torch=HOSTILE[:8], python=HOSTILE, disturbed=not stored, foreign_share=1.0,
        calibration=Calibration(devices=[
            DEVICE, CARD, msgspec.structs.replace(CARD, name=HOSTILE, linear=[], cache=[]),
        ]),
    )  # fmt: skip
    place = Place(path="~/" + "x" * 100, fresh=False, installed=HOSTILE)
    out = Console(file=io.StringIO(), width=80, color_system=None)
    out.print(screen(given, place if stored else None, lang))  # type: ignore[arg-type]
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert "\x1b" not in text and "\u202e" not in text
    for line in text.splitlines():
        assert cell_len(line) <= 80 or "~/" in line
    words = "".join(text.split())
    assert ("OMP_NUM_THREADS=1" in words) is stored  # not where others disturbed it
    assert "100%" in words and "10TB/s" in words and "--json" in words


def test_figures() -> None:
    assert [percent(share) for share in (0.0, 0.001, 0.014, 0.3, 1.0)] == [
        "0", "<1", "1", "30", "100",
    ]  # fmt: skip
    assert (flops(5.25), flops(999.0), flops(1500.0)) == ("5.2 GFLOPS", "999 GFLOPS", "1.5 TFLOPS")
    assert (bytes_s(0.5), bytes_s(3350.0)) == ("0.50 GB/s", "3.4 TB/s")


def test_only_the_processor_has_threads(here: Machine) -> None:
    from rich.console import Console

    out = Console(file=io.StringIO(), width=80)
    given = document(here, calibration=Calibration(devices=[CARD]))
    out.print(screen(given, None, "en"))
    text = out.file.getvalue()  # type: ignore[attr-defined]
    assert "hreads" not in text


def test_the_schema_says_what_is_written(vcf: Any) -> None:
    schema = vcf("schema", "calibration").json
    assert schema["$id"] == "vcf.calibration/1"
    document_ = schema["$defs"]["CalibrationDocument"]
    assert set(document_["required"]) == set(document_["properties"])


def test_fields_and_limits_are_described() -> None:
    page = (Path(__file__).parents[2] / "docs" / "calibrate.md").read_text("utf-8")
    json_ = page.partition("## JSON")[2]
    kinds = (CalibrationDocument, MachineFacts, GpuFacts, ThreadRate, LeftOut, DeviceCalibration,
             LinearRate, CacheRate, Calibration)  # fmt: skip
    for kind in kinds:
        names = {field.name for field in msgspec.structs.fields(kind)} - {"calibration"}
        for name in names:
            assert re.search(rf"`(calibration\.)?{name}(\[\])?`", json_), name
    rows = ", ".join(str(rows) for rows in calibrate_child.ROWS)
    assert f"| {rows} rows |" in page
    speech = " and ".join(f"{seconds:g}" for seconds in calibrate_child.SPEECH_SECONDS)
    assert f"for {speech} seconds of speech" in page
    assert f"after {calibrate_child.ALL_SECONDS:g} seconds nothing new is begun" in page
    assert f"after {measuring.MEASURE_SECONDS:g} the child is ended" in page
    assert f"above {100 * LIMIT:g} % of the capacity" in page
