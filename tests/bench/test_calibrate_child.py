"""The measuring child with a stand-in for torch, and once with torch itself."""

from __future__ import annotations

import importlib.util
import io
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from calibration_child import desk
from torch_stand_in import Cards, Torch

from vcf.bench import calibrate_child, calibrate_devices, calibrate_work
from vcf.bench.calibrate import CHILD, calibrate, command
from vcf.bench.calibrate_devices import Device
from vcf.judge.calibrated import CalibrationDocument

ROWS, CACHES = calibrate_child.ROWS, [positions for _, positions, _ in calibrate_child.CACHES]
needs_torch = pytest.mark.skipif(
    importlib.util.find_spec("torch") is None, reason="needs torch: nox -s bench"
)


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Time matters where torch is real."""
    monkeypatch.setattr(calibrate_devices, "CPU_SECONDS", 0.0)
    monkeypatch.setattr(calibrate_devices, "GPU_SECONDS", 0.0)
    monkeypatch.setattr(calibrate_child, "THREADS_SECONDS", 0.0)


Run = Callable[..., list[dict[str, Any]]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    """Calls the child's main with a torch, and gives its events."""

    def call(torch: Torch, *arguments: str, stdin: str | None = None, code: int = 0) -> list[Any]:
        def load() -> Torch:
            torch._check("import")
            calibrate_work.torch = torch
            return torch

        monkeypatch.setattr(calibrate_work, "load", load)
        alone = ["--alone"] if stdin is None else []
        monkeypatch.setattr(sys, "argv", ["calibrate_child.py", *alone, *arguments])
        monkeypatch.setattr(sys, "stdin", io.StringIO(stdin or ""))
        with pytest.raises(SystemExit) as ended:
            calibrate_child.main()
        assert ended.value.code == code
        return [json.loads(line) for line in capsys.readouterr().out.splitlines()]

    yield call  # type: ignore[misc]
    calibrate_work.torch = None


def test_everything_on_the_processor(run: Run) -> None:
    torch = Torch()
    events = run(torch, "--threads", "1,2,8")
    hello, result = events[0], events[-1]
    assert hello["event"] == "hello"
    assert (hello["torch"], hello["threads"]) == (torch.__version__, 4)
    ready = [event["part"] for event in events if event["event"] == "ready"]
    done = [event["part"] for event in events if event["event"] == "done"]
    assert ready == done
    assert hello["parts"] == len(ready)
    (device,) = result["devices"]
    assert (device["device"], device["place"]) == ("cpu", "cpu")
    measured = [(each["precision"], each["rows"]) for each in device["linear"]]
    assert measured == [
        *(("fp32", rows) for rows in ROWS), *(("bf16", rows) for rows in ROWS), ("fp16", 10),
    ]  # fmt: skip
    cached = [(each["precision"], each["positions"]) for each in device["cache"]]
    assert cached == [(precision, n) for precision in ("fp32", "bf16") for n in CACHES]
    rates = [device[key] for key in ("copy_gb_s", "launch_us", "conv_gflop_s")]
    rates += [each["gparam_s"] for each in device["linear"] + result["threads"]]
    assert all(rate > 0 for rate in rates)
    assert [each["threads"] for each in result["threads"]] == [1, 2, 4, 8]
    assert torch.threads == 4, "left as it was"
    assert result["left_out"] == []


def test_cards(run: Run) -> None:
    """Distinct ones, at most two; the clock is read when all work is done."""
    torch = Torch()
    torch.cuda = cards = Cards("RTX 3060", "RTX 3060", "RTX 4090", "GTX 1650")  # type: ignore[assignment]
    result = run(torch)[-1]
    devices = [(each["place"], each["name"]) for each in result["devices"]]
    assert devices == [("cpu", ""), ("cuda:0", "RTX 3060"), ("cuda:2", "RTX 4090")]
    card = result["devices"][1]
    assert len(card["linear"]) == 3 * len(ROWS)
    assert len(card["cache"]) == 3 * len(CACHES)
    assert set(cards.waits) == {("cuda:0",), ("cuda:2",)}
    assert cards.emptied > 10


def test_apple_and_intel(run: Run) -> None:
    torch = Torch()
    torch.xpu = Cards("Intel(R) Arc(TM) A770")  # type: ignore[assignment]
    torch.mps = apple = Cards("no name")  # type: ignore[attr-defined]
    torch.backends.mps = apple
    result = run(torch)[-1]
    assert [each["place"] for each in result["devices"]] == ["cpu", "xpu:0", "mps"]
    assert set(apple.waits) == {()}


def test_what_fails_is_left_out_with_the_reason(run: Run) -> None:
    torch = Torch(
        bfloat16=RuntimeError("no kernel image\n is available"), float16=NotImplementedError(),
        jit=RuntimeError("gone"), gqa=TypeError("enable_gqa"),
        **{"64 rows": RuntimeError("CUDA out of memory"), "cache of 8192": MemoryError()},
    )  # fmt: skip
    result = run(torch)[-1]
    left = {each["part"]: each["reason"] for each in result["left_out"]}
    assert left["CPU: bf16, 1 row"] == "no kernel image is available"
    assert left["CPU: fp16, 10 rows"] == "NotImplementedError"
    assert left["CPU: fp32, 64 rows"] == "CUDA out of memory"
    assert left["CPU: fp32, cache of 8192"] == "MemoryError"
    (device,) = result["devices"]
    assert [each["rows"] for each in device["linear"]] == [1, 3, 10, 18, 22]
    assert {each["positions"] for each in device["cache"]} == {4096}


def test_a_device_that_lacks_what_a_forecast_needs_is_left_out(run: Run) -> None:
    torch = Torch(**{"randn cuda:0": RuntimeError("CUDA error: no kernel image")})
    torch.cuda = Cards("GTX 750")  # type: ignore[assignment]
    result = run(torch)[-1]
    assert [each["device"] for each in result["devices"]] == ["cpu"]
    assert "GTX 750: small operations" in [each["part"] for each in result["left_out"]]
    result = run(Torch(conv=RuntimeError("no convolution")))[-1]
    assert result["devices"] == []
    result = run(Torch(**{"randn cpu": MemoryError("all gone")}))[-1]
    assert {"part": "CPU: threads", "reason": "all gone"} in result["left_out"]
    assert result["threads"] == []


def test_slow_devices_take_less_work(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate_child, "LONG_DECODE", 0.0)
    monkeypatch.setattr(calibrate_child, "SLOW_SECONDS", 0.0)
    events = run(Torch())
    parts = [event["part"] for event in events if event["event"] == "ready"]
    assert [part for part in parts if "AudioVAE" in part] == ["CPU: AudioVAE, 1 s of speech"]
    monkeypatch.setattr(calibrate_child, "TOO_SLOW_SECONDS", 0.0)
    result = run(Torch())[-1]
    assert result["devices"][0]["linear"] == []
    assert result["left_out"][0]["reason"] == "0.0 s for one layer"


def test_when_the_time_is_over_nothing_begins(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(calibrate_child, "ALL_SECONDS", -1.0)
    result = run(Torch())[-1]
    assert result["devices"] == []
    assert result["left_out"][0] == {"part": "CPU: fp32, weights", "reason": "the time is over"}


def test_asked_to_it_measures_again(run: Run) -> None:
    events = run(Torch(), stdin="go\nagain\ngo\nkeep\n" + "go\nkeep\n" * 99)
    parts = [event["part"] for event in events if event["event"] == "ready"]
    assert parts[:3] == ["CPU: fp32, 1 row", "CPU: fp32, 1 row", "CPU: fp32, 3 rows"]


def test_when_nobody_answers_it_ends(run: Run) -> None:
    assert [event["event"] for event in run(Torch(), stdin="go\n", code=1)] == [
        "hello", "ready", "done",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (ModuleNotFoundError("No module named 'torch'", name="torch"), "no-torch"),
        (ModuleNotFoundError("No module named 'sympy'", name="sympy"), "torch-fails"),
        (OSError("libcudart.so.12: cannot\nopen"), "torch-fails"),
    ],
)
def test_without_torch(run: Run, error: Exception, kind: str) -> None:
    (event,) = run(Torch(**{"import": error}), code=1)
    assert (event["event"], event["kind"]) == ("error", kind)
    assert "\n" not in event["text"]


def test_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "torch", Torch())  # type: ignore[arg-type]
    monkeypatch.setattr(calibrate_work, "torch", None)
    assert calibrate_work.load() is sys.modules["torch"] is calibrate_work.torch


def test_parameters_of_a_layer() -> None:
    assert calibrate_work.PARAMETERS == 14_942_208


@pytest.mark.skipif(importlib.util.find_spec("torch") is not None, reason="torch is there")
def test_any_python_runs_it_as_a_file(tmp_path: Path) -> None:
    """Nothing of vcf, not even its folder, is on the path."""
    done = subprocess.run(
        [sys.executable, "-I", "-S", str(CHILD), "--alone"],
        capture_output=True, text=True, check=False, cwd=tmp_path,
    )  # fmt: skip
    assert done.stderr == ""
    assert json.loads(done.stdout)["kind"] == "no-torch"


# ---- with torch -------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> CalibrationDocument:
    """What torch reaches on the computer that the tests run on."""
    start = time.perf_counter()
    found = calibrate(desk(), command(sys.executable, desk()))
    print(f"{time.perf_counter() - start:.1f} s")
    return found


@needs_torch
def test_the_real_torch(real: CalibrationDocument) -> None:
    cpu = real.calibration.of("cpu", None)
    assert cpu is not None, real.left_out
    for precision in ("fp32", "bf16"):
        rows = [each.rows for each in cpu.linear if each.precision == precision]
        assert rows == list(ROWS[: len(rows)]) and len(rows) >= 4
        assert sum(each.precision == precision for each in cpu.cache) == len(CACHES)
    assert 0.05 < cpu.linear_rate("fp32", 1) < 1000  # type: ignore[operator]
    assert 0.1 < cpu.copy_gb_s < 10_000
    assert 0.1 < cpu.conv_gflop_s < 100_000
    assert 0.1 < cpu.launch_us < 10_000
    assert real.threads


@needs_torch
def test_the_decoder_has_the_length_and_size_of_the_real_one() -> None:
    """A second is 16000 samples; AudioVAE's own decoder has 26.92 M parameters with the norms
    and slopes that are left out here."""
    code = (
        "import sys; sys.path.insert(0, sys.argv[1])\nimport calibrate_work as work\n"
        "torch = work.load()\nsizes = []\nreal = work._random\n"
        "work._random = lambda *a: (sizes.append(torch.Size(a[2]).numel()), real(*a))[1]\n"
        "with torch.inference_mode():\n    decoder = work.Decoder('cpu')\n"
        "    weights = sum(sizes)\n    print(weights, *decoder.decode(1.0)().shape)"
    )
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code, str(CHILD.parent)],
        capture_output=True, text=True, check=True, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    weights, *shape = (int(word) for word in done.stdout.split())
    assert shape == [1, 1, 16000]
    assert 26.7e6 < weights < 26.92e6


def test_a_place_without_a_backend_is_never_waited_for() -> None:
    assert Device("cpu", "cpu", "").once(lambda: None) < 1
