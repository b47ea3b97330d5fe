"""scripts/fit_forecast.py: reports made from known constants lead back to them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import ModuleType
from typing import Any

import msgspec
import pytest
from made_up import known, load, report

from vcf.catalogue.constants import Constants, Spread, constants
from vcf.catalogue.reports import Conditions, Report

pytest.importorskip("scipy")
CARDS = ("RTX 3060", "RTX 4090", "RTX 3090", "RTX 4070")


@pytest.fixture
def fit(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    return load("fit_forecast", monkeypatch)


def cases_of(fit: ModuleType, reports: Sequence[Report]) -> list[Any]:
    found = [fit.case_of(each, known()) for each in reports]
    assert None not in found
    return found


def truth(fit: ModuleType, **changed: float) -> dict[str, float]:
    """What is suggested, with some of it changed; two underscores for a dot."""
    values = {name: prior.value for name, prior in fit.PRIORS.items()}
    return values | {name.replace("__", "."): value for name, value in changed.items()}


def stated(
    fit: ModuleType, reports: Sequence[Report], values: Mapping[str, float], off: float = 1.0
) -> list[Any]:
    """Cases whose reports say what these constants do."""
    table = fit.constants_from(values, {})
    return cases_of(fit, [
        msgspec.structs.replace(case.report, rtf=fit.middle(case, table) * off)
        for case in cases_of(fit, reports)
    ])  # fmt: skip


def only(fit: ModuleType, *names: str, doubt: float = 3.0) -> dict[str, Any]:
    """All parameters, but these alone in doubt."""
    return {
        name: fit.Prior(prior.value, doubt if name in names else 0, prior.why)
        for name, prior in fit.PRIORS.items()
    }


GPU = [report(f"{card}-{mode}", gpu=card, mode=mode)
       for card in CARDS for mode in ("gpu-fp32", "gpu-bf16")]  # fmt: skip
CPU = [report(f"cpu-{cores}-{mode}", cores=cores, mode=mode)
       for cores in (2, 8, 16) for mode in ("cpu-fp32", "cpu-bf16")]  # fmt: skip


# ---- constants --------------------------------------------------------------------------------


def test_the_suggested_constants_are_whole(fit: ModuleType) -> None:
    table = fit.constants_from(truth(fit), {})
    assert set(table.kernels) == set(constants().kernels)
    for name, kinds in constants().kernels.items():
        assert set(table.kernels[name]) == set(kinds)
    assert table.kernels["torch"]["nvidia"].bandwidth == fit.PRIORS["bandwidth.nvidia"].value
    assert table.factors == {}
    named = fit.constants_from(truth(fit) | {"runtime.voxcpm-cpp": 1.23456}, {})
    assert named.factors == {"voxcpm-cpp": 1.235}


def test_makers_without_reports_are_shares_of_nvidia(fit: ModuleType) -> None:
    table = fit.constants_from(truth(fit), {})
    for name in ("torch", "ggml", "graph"):
        like = table.kernels[name]["nvidia"]
        for vendor, (bandwidth, arithmetic, launches) in fit.OTHER_VENDORS.items():
            other = table.kernels[name][vendor]
            assert other.bandwidth == pytest.approx(like.bandwidth * bandwidth, abs=1e-4)
            assert other.conv == pytest.approx(like.conv * arithmetic, abs=1e-4)
            assert other.launch_us == pytest.approx(like.launch_us * launches, abs=1e-3)


def test_the_shipped_file_holds_what_can_be_fitted(fit: ModuleType) -> None:
    shipped = constants()
    assert shipped.fitted == fit.FITTED_ON
    assert shipped.windows_launch > 1
    assert len(fit.usable(fit.load_reports())) == shipped.reports


def test_nothing_is_left_changed(fit: ModuleType) -> None:
    """The script lets vcf forecast with other constants; the fixture takes them back."""
    fit.with_table(fit.constants_from(truth(fit, windows=3.5), {}))
    assert fit.forecast.constants().windows_launch == fit.device.constants().windows_launch == 3.5
    assert constants().windows_launch != 3.5


def test_and_the_next_test_sees_the_shipped_ones(fit: ModuleType) -> None:
    assert fit.forecast.constants() is fit.device.constants() is constants()


# ---- the fit ----------------------------------------------------------------------------------


EAGER = [report(each.id, gpu=each.gpu, mode=each.mode, conditions=Conditions(compiled=False))
         for each in GPU]  # fmt: skip
INDEX = [report(f"index-{card}", gpu=card, model="indextts-2", mode="gpu-fp32") for card in CARDS]


@pytest.mark.parametrize(
    ("reports", "name", "value"),
    [(EAGER, "launch.torch.nvidia", 20.0), (EAGER, "cache.gpu", 30_000.0),
     (INDEX, "arithmetic.torch.nvidia", 0.1), (CPU, "arithmetic.torch.cpu", 0.15)],
    ids=lambda given: given if isinstance(given, str) else "",
)  # fmt: skip
def test_constants_are_recovered_from_what_they_make(
    fit: ModuleType, reports: list[Report], name: str, value: float
) -> None:
    cases = stated(fit, reports, truth(fit) | {name: value})
    found = fit.Fit(cases, only(fit, name)).run()
    assert found[name] == pytest.approx(value, rel=0.05)
    assert {k: v for k, v in found.items() if k != name} == pytest.approx(
        {k: v for k, v in truth(fit).items() if k != name}
    )


def test_two_at_a_time(fit: ModuleType) -> None:
    values = truth(fit, arithmetic__torch__nvidia=0.1, launch__torch__nvidia=25.0)
    cases = stated(fit, [*EAGER, *INDEX], values)
    names = ("arithmetic.torch.nvidia", "launch.torch.nvidia")
    found = fit.Fit(cases, only(fit, *names)).run()
    assert {name: found[name] for name in names} == pytest.approx(
        {name: values[name] for name in names}, rel=0.1
    )


def test_reports_that_agree_with_what_was_suggested_move_nothing(fit: ModuleType) -> None:
    cases = stated(fit, GPU[:4], truth(fit))
    found = fit.Fit(cases, only(fit, "launch.torch.nvidia", "bandwidth.nvidia", doubt=0.4)).run()
    assert found == pytest.approx(truth(fit), rel=1e-3)


def test_a_doubt_bounds_how_far_reports_pull(fit: ModuleType) -> None:
    cases = stated(fit, GPU, truth(fit, launch__torch__nvidia=40.0))
    sure, unsure = (
        fit.Fit(cases, only(fit, "launch.torch.nvidia", doubt=doubt)).run()["launch.torch.nvidia"]
        for doubt in (0.1, 1.0)
    )
    assert 9 < sure < unsure <= 40


def test_a_report_far_off_pulls_little(fit: ModuleType) -> None:
    names = only(fit, "launch.torch.nvidia", doubt=1.0)
    cases = stated(fit, GPU, truth(fit))
    odd = stated(fit, [report("odd", gpu="RTX 3080")], truth(fit), off=50)
    found = fit.Fit([*cases, *odd], names).run()["launch.torch.nvidia"]
    assert found == pytest.approx(truth(fit)["launch.torch.nvidia"], rel=0.25)
    assert [fit._soft(miss) for miss in (0, 1, -1)] == pytest.approx([0, 0.9092, -0.9092], abs=1e-3)
    assert fit._soft(100) < 5


def test_reports_of_one_device_share_their_vote(fit: ModuleType) -> None:
    cases = cases_of(fit, [*GPU[:2], report("one", gpu="RTX 4070"), *(
        report(f"more-{n}", gpu="RTX 3060") for n in range(14))])  # fmt: skip
    weights = fit.Fit(cases, fit.PRIORS).weights
    # squared: sixteen reports of one card count as four
    assert sum(w * w for w, c in zip(weights, cases, strict=True) if c.device == "RTX 3060") == 4
    assert weights[2] == 1


def test_distances_are_counted_in_doubts(fit: ModuleType) -> None:
    made = fit.Fit([], only(fit, "windows", doubt=0.5))
    assert made.names == ["windows"]
    assert made.values([0.0]) == truth(fit)
    assert made.values([2.0])["windows"] == pytest.approx(truth(fit)["windows"] * math.e)
    assert made.residuals([1.5]) == [1.5]


def test_what_really_runs_is_compared(fit: ModuleType) -> None:
    table = fit.constants_from(truth(fit), {})
    half, full = cases_of(fit, [
        report(mode, gpu="Apple M4", os="macos", mode=mode) for mode in ("gpu-bf16", "gpu-fp32")
    ])  # fmt: skip
    assert fit.middle(half, table) == fit.middle(full, table)
    assert fit.family_of(half) == "torch.apple"


def test_a_card_of_which_nothing_is_known_has_no_middle(fit: ModuleType) -> None:
    (case,) = cases_of(fit, [report("one", gpu="Mystery 9000")])
    assert fit.middle(case, fit.constants_from(truth(fit), {})) is None


def test_programs_have_a_factor_each(fit: ModuleType) -> None:
    found = fit.priors(cases_of(fit, [GPU[0], report("two", mode="nano-vllm")]))
    own = {name for name in found if name.startswith("runtime.")}
    assert own == {"runtime.voxcpm-pytorch", "runtime.nano-vllm-voxcpm"}
    assert all(found[name].value == 1 for name in own)


# ---- cross-validation -------------------------------------------------------------------------


@pytest.fixture
def few(fit: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """With two parameters in doubt: quick, and all that matters here."""
    monkeypatch.setattr(
        fit, "priors", lambda cases: only(fit, "launch.torch.nvidia", "arithmetic.torch.nvidia",
                                          doubt=0.5),
    )  # fmt: skip
    return fit


def test_a_device_has_no_part_in_its_own_forecast(few: ModuleType) -> None:
    honest = stated(few, EAGER, truth(few))
    absurd = [
        *(case for case in honest if case.device != "RTX 3090"),
        *stated(few, [r for r in EAGER if r.gpu == "RTX 3090"], truth(few), off=2.0),
    ]
    one, other = (
        {miss.case.report.id: miss.mid for miss in few.cross_validate(cases)}
        for cases in (honest, absurd)
    )
    for name, mid in one.items():
        if name.startswith("RTX 3090"):
            assert other[name] == pytest.approx(mid, rel=1e-6)
        else:  # the absurd ones pull at everybody else's
            assert other[name] > mid * 1.005


def test_reports_come_back_in_their_order(few: ModuleType) -> None:
    cases = stated(few, GPU[::-1], truth(few), off=1.1)
    misses = few.cross_validate(cases)
    assert [miss.case.report.id for miss in misses] == [each.id for each in GPU[::-1]]
    assert {miss.family for miss in misses} == {"torch.nvidia"}
    assert all(abs(miss.log) < 0.2 for miss in misses)


def missed(fit: ModuleType, name: str, log: float, mode: str = "gpu-bf16", **more: Any) -> Any:
    """A report that the forecast misses by so much."""
    (case,) = cases_of(fit, [report(name, rtf=1.0, mode=mode, **more)])
    return fit.Miss(case, math.exp(log), fit.family_of(case))


def test_misses(fit: ModuleType) -> None:
    assert missed(fit, "one", 0.5).log == pytest.approx(0.5)
    assert missed(fit, "one", -0.5, mode="cpu-fp32", cores=4).family == "torch.cpu"
    # a GPU mode of which no card is told is counted with the processors
    assert missed(fit, "one", 0.1, gpu=None).family == "torch.cpu"


# ---- ranges -----------------------------------------------------------------------------------


def test_a_range_holds_what_it_should(fit: ModuleType) -> None:
    misses = [missed(fit, f"r{n}", n / 10, gpu=gpu)
              for n, gpu in enumerate(("RTX 3060", "RTX 3070", "RTX 3080", "RTX 3090", "RTX 4060",
                                       "RTX 4070", "RTX 4080", "RTX 4090", "RTX 5070",
                                       "RTX 5090"))]  # fmt: skip
    assert fit._quantile(misses) == pytest.approx(0.8)
    found = fit.spreads_of(misses)
    own = found["torch.nvidia"]
    inside = [miss for miss in misses if own.low <= 1 / math.exp(miss.log) <= own.high]
    assert len(inside) >= 9
    assert (own.reports, found["nvidia"].reports) == (10, 0)
    for spread in found.values():
        assert spread.low < 1 < spread.high
        assert spread.low == pytest.approx(1 / spread.high, rel=0.01)


def test_a_class_is_never_narrower_than_the_pool(fit: ModuleType) -> None:
    lucky = [missed(fit, f"l{n}", 0.001, cores=n + 1, mode="cpu-fp32") for n in range(5)]
    wild = [missed(fit, f"w{n}", 0.9, gpu=card) for n, card in enumerate(CARDS)]
    found = fit.spreads_of([*lucky, *wild])
    pool = fit._quantile([*lucky, *wild])
    assert found["torch.cpu"].high == pytest.approx(math.exp(pool), abs=2e-3)
    assert found["torch.nvidia"].high > found["torch.cpu"].high


def test_few_devices_and_none_make_it_wider(fit: ModuleType) -> None:
    misses = [missed(fit, f"r{n}", 0.3, gpu=card) for n, card in enumerate(CARDS)]
    misses += [missed(fit, "c", 0.3, cores=4, mode="cpu-fp32")]
    found = fit.spreads_of(misses)
    assert found["torch.cpu"].high > math.exp(0.3)
    for kind in ("amd", "intel", "unlisted"):
        assert found[kind].high > found["nvidia"].high
    assert set(found) == {"torch.nvidia", "torch.cpu", *fit.DEVICES, "unlisted"}


def test_reports_of_one_device_count_as_the_square_root_of_their_number(fit: ModuleType) -> None:
    same = [missed(fit, f"s{n}", 2.0, gpu="RTX 3060") for n in range(4)]
    others = [missed(fit, f"o{n}", 0.1, cores=n + 1, mode="cpu-fp32") for n in range(20)]
    assert fit._quantile([*same, *others]) == pytest.approx(0.1)  # 2 of 22, not 4 of 24
    few = [missed(fit, f"f{n}", 2.0, gpu=card) for n, card in enumerate(CARDS)]
    assert fit._quantile([*few, *others]) == pytest.approx(2.0)


def test_a_range_for_a_device_is_made_without_its_own_misses(fit: ModuleType) -> None:
    quiet = [missed(fit, f"q{n}", 0.1, gpu=card) for n, card in enumerate(CARDS)]
    loud = [missed(fit, "loud", 3.0, gpu="RTX 5090")]
    held = fit.held_out_spreads([*quiet, *loud])
    assert set(held) == {*CARDS, "RTX 5090"}
    assert held["RTX 5090"] == fit.spreads_of(quiet)
    assert held["RTX 3060"]["torch.nvidia"].high > held["RTX 5090"]["torch.nvidia"].high


# ---- what is written and compared -------------------------------------------------------------


def test_the_whole_fit_of_a_few_reports(few: ModuleType) -> None:
    cases = stated(few, [*GPU[:4], *CPU[:2]], truth(few), off=1.2)
    table, made = few.fitted(cases, few.cross_validate(cases))
    assert table.reports == 6 and made.cases == cases
    assert {"torch.nvidia", "torch.cpu", "unlisted"} <= set(table.spreads)
    assert table.origins["torch.cpu.cache_ops"] == "measured"
    assert table.origins["torch.amd.bandwidth"] == "set"
    assert table.origins["ggml.nvidia.launch_us"] == "fitted"
    again = msgspec.json.decode(msgspec.json.encode(table), type=Constants)
    assert again == table and few.differences(again, table) == []
    lines = few.told(made).splitlines()
    assert len(lines) == 1 + len(few.PRIORS)
    assert any(line.startswith("launch.torch.nvidia") and "doubts" in line for line in lines)
    page = few.constants_page(made)
    assert page.startswith("| Constant |") and "Fitted to 6 public reports and 0 [" in page
    assert page.count("\n| `") == len(few.PRIORS)


def test_differences_of_more_than_a_hundredth_are_named(fit: ModuleType) -> None:
    table = constants()
    assert fit.differences(table, table) == []
    close = msgspec.structs.replace(table, windows_launch=table.windows_launch * 1.005)
    assert fit.differences(table, close) == []
    far = msgspec.structs.replace(
        table, windows_launch=table.windows_launch * 1.02, fitted="2020-01-01",
        spreads=table.spreads | {"cpu": Spread(low=0.1, high=9)},
        factors={name: f for name, f in table.factors.items() if name != "indextts"},
    )  # fmt: skip
    named = [line.partition(":")[0] for line in fit.differences(table, far)]
    assert named == ["factors.indextts", "fitted", "spreads.cpu.high", "spreads.cpu.low",
                     "windows_launch"]  # fmt: skip
    assert "None from this fit" in fit.differences(table, far)[0]


def test_the_command_line(
    fit: ModuleType, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    cases = stated(fit, GPU[:2], truth(fit))
    monkeypatch.setattr(fit, "usable", lambda reports: cases)
    monkeypatch.setattr(fit, "priors", lambda cases: only(fit, "windows"))
    monkeypatch.setattr("sys.argv", ["fit_forecast.py", "--print"])
    assert fit.main() == 0
    assert "windows" in capsys.readouterr().out
    monkeypatch.setattr(fit, "cross_validate", lambda cases: [])
    for same, code in ((True, 0), (False, 1)):
        table = constants() if same else msgspec.structs.replace(constants(), windows_launch=9.0)
        monkeypatch.setattr(fit, "fitted", lambda *_, table=table: (table, fit.Fit([], {})))
        monkeypatch.setattr(fit, "constants_page", lambda _: "")
        monkeypatch.setattr(fit, "page_differs", lambda *_: False)
        monkeypatch.setattr("sys.argv", ["fit_forecast.py", "--check"])
        assert fit.main() == code
        said = capsys.readouterr().err
        assert ("windows_launch" in said and "run: python" in said) == (not same)
