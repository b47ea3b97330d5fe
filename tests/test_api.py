"""The public Python functions."""

from __future__ import annotations

from pathlib import Path

import pytest

import vcf
from vcf.catalogue.model import Catalogue
from vcf.judge.model import Evidence, Rtf
from vcf.machine.model import Machine


@pytest.fixture(scope="module")
def laptop() -> Machine:
    return vcf.load_machine("asus-gl552vw")


def test_the_example_of_the_package_works(laptop: Machine) -> None:
    verdict = vcf.assess(laptop, "voxcpm-0.5b", "cpu-fp32")
    assert verdict.verdict == "slow"
    assert verdict.rtf.low > 1


@pytest.mark.parametrize("model", ["VoxCPM2", "voxcpm 2", "openbmb/VoxCPM2"])
def test_models_go_by_any_usual_name(laptop: Machine, model: str) -> None:
    assert vcf.assess(laptop, model, "CPU-fp32").model == "voxcpm-2"


def test_a_group_of_modes_is_the_best_of_them(laptop: Machine) -> None:
    best = vcf.assess(laptop, "voxcpm-0.5b", "cpu")
    each = [vcf.assess(laptop, "voxcpm-0.5b", mode) for mode in ("cpu-fp32", "cpu-bf16")]
    assert best in each
    assert best.score == max(a.score for a in each)
    assert vcf.assess(laptop, "indextts-2", "cpu").mode == "cpu-fp32"


def test_a_family_is_not_one_model(laptop: Machine) -> None:
    with pytest.raises(vcf.UsageError, match="'voxcpm' means several models") as caught:
        vcf.assess(laptop, "voxcpm", "cpu")
    assert caught.value.hint == "choose one of: voxcpm-0.5b, voxcpm-1.5, voxcpm-2"


def test_a_mode_that_the_model_lacks_is_told_with_those_it_has(laptop: Machine) -> None:
    with pytest.raises(vcf.UsageError, match="indextts-2 has no mode 'gpu-bf16'") as caught:
        vcf.assess(laptop, "indextts-2", "gpu-bf16")
    assert caught.value.hint.startswith("it has: cpu-fp32, ")
    with pytest.raises(vcf.UsageError, match="unknown mode 'zzz'"):
        vcf.assess(laptop, "indextts-2", "zzz")
    with pytest.raises(vcf.UsageError, match="unknown model 'zzz'"):
        vcf.assess(laptop, "zzz", "cpu")


def test_a_catalogue_may_be_loaded_a_path_or_left_out(
    laptop: Machine, catalogue: Catalogue, tmp_path: Path
) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("models: {voxcpm-2: {name: Mine}}", encoding="utf-8")
    for given in (None, catalogue, path, str(path), vcf.load_catalogue(path)):
        judged = vcf.assess(laptop, "voxcpm-2", "cpu-fp32", catalogue=given)
        assert judged.model == "voxcpm-2"
    with pytest.raises(vcf.CatalogueError):
        vcf.assess(laptop, "voxcpm-2", "cpu-fp32", catalogue=tmp_path / "none.yaml")


def test_evidence_outranks_the_forecast(laptop: Machine) -> None:
    rtf = Rtf(low=0.5, mid=0.6, high=0.7, basis="bench")
    evidence = Evidence(rtf={("voxcpm-0.5b", "cpu-fp32"): rtf})
    judged = vcf.assess(laptop, "voxcpm-0.5b", "cpu-fp32", evidence=evidence)
    assert (judged.verdict, judged.rtf) == ("good", rtf)


def test_the_machine_at_hand_can_be_probed_and_judged() -> None:
    machine = vcf.probe()
    assert isinstance(machine, Machine)
    assert machine.os in ("linux", "windows", "macos")
    assert vcf.assess(machine, "voxcpm-0.5b", "online").verdict == "good"


def test_public_names_are_there_and_others_are_not() -> None:
    assert set(dir(vcf)) == set(vcf.__all__)
    for name in vcf.__all__:
        assert getattr(vcf, name) is not None
    with pytest.raises(AttributeError, match="has no attribute 'zzz'"):
        vcf.zzz  # noqa: B018
    with pytest.raises(AttributeError):
        vcf.ZzzError  # noqa: B018


@pytest.mark.parametrize(
    ("kind", "name"),
    [
        ("UsageError", "usage"),
        ("MachineError", "machine"),
        ("CatalogueError", "models"),
        ("OutputError", "output"),
        ("VcfError", "error"),
    ],
)
def test_every_error_can_be_caught_as_one(kind: str, name: str) -> None:
    error = getattr(vcf, kind)("what is wrong", "how to mend it")
    assert isinstance(error, vcf.VcfError)
    assert (str(error), error.hint, error.kind, error.exit_code) == (
        "what is wrong", "how to mend it", name, 2,
    )  # fmt: skip


def test_plan() -> None:
    machine = vcf.load_machine("desktop-gtx-1060-6gb")
    plan = vcf.plan(machine, "VoxCPM2", "gpu")
    assert plan.model == "voxcpm-2" and not plan.reached
    for option in plan.options:
        assert option.after.verdict == "good"
        assert option.check[0] == f"{option.after.model}:{option.after.mode}"
    every = vcf.plan(machine, "voxcpm-2", target="slow")
    assert every.reached and every.options == ()
    poor = vcf.plan(machine, "voxcpm-2", "gpu", budget=0)
    assert not any(option.buys for option in poor.options)


def test_plan_of_a_hosted_service_is_an_error() -> None:
    machine = vcf.load_machine("asus-gl552vw")
    with pytest.raises(vcf.UsageError, match="other people"):
        vcf.plan(machine, "voxcpm-2", "online")
    with pytest.raises(vcf.UsageError, match="several"):
        vcf.plan(machine, "voxcpm")
