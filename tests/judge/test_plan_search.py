"""The planner: smallest changes, ordered, and never at odds with what `check` says."""

from __future__ import annotations

from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from judging import CATALOGUE, machine_of
from msgspec.structs import replace

from vcf.errors import UsageError
from vcf.judge.assess import best, judge
from vcf.judge.at_best import at_best
from vcf.judge.cards import CARDS
from vcf.judge.change import Option, Plan, meets
from vcf.judge.changes import FEWEST_STEPS
from vcf.judge.context import Context
from vcf.judge.model import Assessment, Evidence, Rtf
from vcf.judge.plan import MOST_MODELS, MOST_SETS, Planner
from vcf.judge.score import RANK
from vcf.judge.subject import Subject, subjects
from vcf.judge.workload import STANDARD, Workload
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Machine
from vcf.machine.whatif import WhatIf, apply
from vcf.units import GIB

KNOWN = subjects(CATALOGUE)
PROFILES = {name: load_machine(name) for name in profile_names()}
FIELDS = {"--gpu", "--vram", "--ram", "--os", "--disk", "--driver", "--arch"}


def by_flags(machine: Machine, words: tuple[str, ...], workload: Workload = STANDARD) -> Assessment:
    """What `vcf check` says of these arguments, written out once more."""
    what, flags = words[0], list(words[1:])
    facts: dict[str, object] = {}
    while flags:
        flag = flags.pop(0)
        if flag in ("--idle", "--fresh"):
            facts[flag[2:]] = True
        elif flag == "--steps":
            workload = replace(workload, steps=int(flags.pop(0)))
        else:
            assert flag in FIELDS, flag
            facts[flag[2:]] = flags.pop(0)
    model, _, mode = what.partition(":")
    changed = apply(WhatIf(**facts), machine)
    return judge(Context(changed, workload), KNOWN.by_key[model, mode])


def plan_of(machine: Machine, model: str, *modes: str, target: str = "good", **more) -> Plan:
    planner = Planner(machine, KNOWN)
    asked = [s for s in planner.local(model) if not modes or s.mode_id in modes]
    return planner.plan(asked, target, **more)


def options_of(plan: Plan) -> list[Option]:
    return [*plan.options, *([plan.best] if plan.best is not None else [])]


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("target", ["good", "slow"])
def test_what_it_promises_is_what_check_says(name: str, target: str) -> None:
    machine = PROFILES[name]
    planner = Planner(machine, KNOWN)
    for model in CATALOGUE.models:
        local = planner.local(model)
        for asked in (local, *([subject] for subject in local)):
            plan = planner.plan(asked, target)
            now = best(judge(Context(machine), subject) for subject in asked)
            assert plan.now == now
            assert plan.reached == meets(now, target)
            assert not (plan.reached and options_of(plan))
            for option in options_of(plan):
                assert by_flags(machine, option.check) == option.after
                assert option.before == now
            for option in plan.options:
                assert meets(option.after, target)
            if plan.best is not None:
                assert not plan.options
                assert not meets(plan.best.after, target)
                key = (RANK[plan.best.after.verdict], plan.best.after.score)
                assert key > (RANK[now.verdict], now.score)


@pytest.mark.parametrize("name", PROFILES)
def test_what_it_unlocks_is_what_check_says(name: str) -> None:
    machine = PROFILES[name]
    planner = Planner(machine, KNOWN)
    for model in CATALOGUE.models:
        for option in planner.plan(planner.local(model), "good").options:
            for unlock in option.unlocks:
                assert unlock.model != option.after.model
                flags = [flag for change in option.changes for flag in change.flags]
                if "--steps" in flags:
                    del flags[flags.index("--steps") : flags.index("--steps") + 2]
                what = f"{unlock.after.model}:{unlock.after.mode}"
                assert by_flags(machine, (what, *flags)) == unlock.after
                assert RANK[unlock.after.verdict] > RANK[unlock.before.verdict]


@pytest.mark.parametrize("name", PROFILES)
def test_no_set_of_changes_holds_one_too_many(name: str) -> None:
    """Without any one of its changes the target is missed."""
    machine = PROFILES[name]
    planner = Planner(machine, KNOWN)
    for model in CATALOGUE.models:
        for subject in planner.local(model):
            for option in planner.plan([subject], "good").options:
                kinds = [change.kind for change in option.changes]
                if len(kinds) < 2:
                    continue
                other = {"mode", "model"} & set(kinds)
                for left in range(len(option.changes)):
                    rest = [c for at, c in enumerate(option.changes) if at != left]
                    gone = option.changes[left].kind
                    what = subject.name if gone in other else option.check[0]
                    flags = [flag for change in rest for flag in change.flags]
                    assert not meets(by_flags(machine, (what, *flags)), "good")


@pytest.mark.parametrize("name", PROFILES)
def test_ordered_by_cost_then_effort(name: str) -> None:
    planner = Planner(PROFILES[name], KNOWN)
    for model in CATALOGUE.models:
        options = planner.plan(planner.local(model), "good").options
        keys = [(o.buys, o.usd if o.usd is not None else float("inf")) for o in options]
        assert keys == sorted(keys)
        assert sum(len(o.changes) > 1 for o in options) <= MOST_SETS
        assert sum(o.changes[0].kind == "model" for o in options) <= MOST_MODELS
        for one, other in combinations(options, 2):
            same = {c.kind for c in one.changes} == {c.kind for c in other.changes}
            assert not same or one.changes[0].kind in ("mode", "model")


def test_the_cheapest_card_that_is_enough_and_dearer_ones_as_examples() -> None:
    machine = PROFILES["office-pc-i5-4590"]
    plan = plan_of(machine, "voxcpm-0.5b", "gpu-bf16")
    (card,) = [o for o in plan.options if [c.kind for c in o.changes] == ["card"]]
    place = next(at for at, o in enumerate(CARDS) if o.name == card.changes[0].text.values["card"])
    verdicts = [
        by_flags(machine, ("voxcpm-0.5b:gpu-bf16", "--gpu", o.card, "--vram", f"{o.gib}GiB"))
        for o in CARDS
    ]
    reaching = [at for at, given in enumerate(verdicts) if given.verdict == "good"]
    assert place == reaching[0]
    assert card.changes[0].examples == tuple(CARDS[at].name for at in reaching[1:3])
    assert card.usd == CARDS[place].price.usd
    assert card.buys and card.effort == 3


def test_a_budget_leaves_out_what_is_dearer_and_what_has_no_price() -> None:
    machine = PROFILES["desktop-gtx-1060-6gb"]
    dear = plan_of(machine, "voxcpm-2", "gpu-bf16")
    assert any(o.usd and o.usd > 500 for o in dear.options)
    poor = plan_of(machine, "voxcpm-2", "gpu-bf16", budget=500)
    assert all(o.usd is not None and o.usd <= 500 for o in poor.options)
    nothing = plan_of(machine, "voxcpm-2", "gpu-bf16", budget=0)
    assert not any(o.buys for o in nothing.options)
    laptop = plan_of(PROFILES["asus-gl552vw"], "voxcpm-2", budget=5000)
    assert not laptop.options, "what another computer costs is not known"


def test_the_most_steps_that_reach_it() -> None:
    machine = PROFILES["desktop-gtx-1060-6gb"]
    plan = plan_of(machine, "voxcpm-0.5b")
    (option,) = [o for o in plan.options if [c.kind for c in o.changes] == ["steps"]]
    steps = int(option.check[-1])
    usual = CATALOGUE.models["voxcpm-0.5b"].steps.default
    assert FEWEST_STEPS <= steps < usual
    more = Planner(machine, KNOWN, Workload(steps=steps + 1))
    heeding = [s for s in more.local("voxcpm-0.5b") if s.takes_steps]
    assert all(more.now([s]).verdict != "good" for s in heeding)


DESK = """
os: linux
cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [avx2]}
memory: {total: 32GiB, available: %s}
gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, vram_free: %s, driver: "%s"}]
disk: {free: %s}
software: {%s}
"""


def desk(
    ram: str = "28GiB",
    vram: str = "11.5GiB",
    driver: str = "580.65.06",
    disk: str = "200GB",
    software: str = "",
) -> Machine:
    return machine_of(DESK % (ram, vram, driver, disk, software))  # fmt: skip


def kinds_of(plan: Plan) -> list[list[str]]:
    return [[change.kind for change in option.changes] for option in plan.options]


def test_memory_that_others_hold_is_to_be_freed_first() -> None:
    card = plan_of(desk(vram="1GiB"), "voxcpm-2", "gpu-bf16", target="slow")
    assert card.now.verdict == "tight"
    assert kinds_of(card)[0] == ["free-memory"]
    assert card.options[0].check == ("voxcpm-2:gpu-bf16", "--idle")
    assert card.options[0].changes[0].text.id == "change-free-both"
    assert card.options[0].usd == 0
    ram = plan_of(desk(ram="2GiB", vram="12GiB"), "voxcpm-2", "gpu-bf16", target="slow")
    assert ram.options[0].changes[0].text.id == "change-free-ram"
    assert (
        plan_of(desk(ram="31.5GiB", vram="1GiB"), "voxcpm-2", "gpu-bf16", target="slow")
        .options[0]
        .changes[0]
        .text.id
        == "change-free-vram"
    )


def test_disk_is_cleared_as_far_as_is_needed() -> None:
    machine = desk(disk="6GB")
    plan = plan_of(machine, "voxcpm-2", "gpu-bf16", target="slow")
    (option,) = [o for o in plan.options if [c.kind for c in o.changes] == ["free-disk"]]
    size = int(option.check[-1].removesuffix("GB"))
    assert size >= 10
    below = by_flags(machine, ("voxcpm-2:gpu-bf16", "--disk", f"{size - 5}GB"))
    assert not meets(below, "slow")


def test_broken_software_is_made_anew_and_an_old_driver_updated() -> None:
    broken = desk(software='python: "3.11", torch: 2.8.0+cpu, voxcpm: 2.0.3')
    plan = plan_of(broken, "voxcpm-2", "gpu-bf16", target="slow")
    assert plan.now.limit == "software"
    assert plan.options[0].check == ("voxcpm-2:gpu-bf16", "--fresh")
    old = desk(driver="450.80.02")
    plan = plan_of(old, "voxcpm-2", "gpu-bf16", target="slow")
    assert plan.now.limit == "software"
    (driver,) = [o for o in plan.options if [c.kind for c in o.changes] == ["driver"]]
    assert driver.check[1] == "--driver" and driver.effort == 2


def test_a_driver_of_no_version_is_no_reason_to_fail() -> None:
    plan = plan_of(desk(driver="nouveau"), "voxcpm-2", "gpu-bf16", target="slow")
    assert ["driver"] not in kinds_of(plan)


def test_the_card_that_has_a_version_tells_which_driver_is_newer() -> None:
    both = machine_of(
        "os: linux\nmemory: {total: 32GiB}\ndisk: {free: 200GB}\n"
        "gpus:\n"
        "  - {name: NVIDIA GeForce GT 1030, vram: 2GiB, driver: nouveau}\n"
        "  - {name: NVIDIA GeForce RTX 5070, vram: 12GiB, driver: '470.82'}\n"
    )
    plan = plan_of(both, "voxcpm-2", "gpu-bf16", target="slow")
    assert not plan.reached
    assert ["driver"] in kinds_of(plan)


def test_a_driver_that_is_not_loaded_is_installed_on_windows_too() -> None:
    machine = machine_of(
        "os: windows\nmemory: {total: 32GiB}\ndisk: {free: 200GB}\n"
        "gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: '452.39'}]\n"
    )
    plan = plan_of(machine, "voxcpm-2", "gpu-bf16", target="slow")
    assert ["driver"] in kinds_of(plan)


def test_ram_of_containers_laptops_and_soldered_computers() -> None:
    small = "os: linux\ncpu: {model: Intel Core i7-12700, cores: 12}\nmemory: {total: 3GiB}\n"
    plan = plan_of(
        machine_of(small + "gpus: []\ndisk: {free: 99GB}\n"), "indextts-2", target="slow"
    )
    assert ["ram"] in kinds_of(plan)
    (ram,) = [o for o in plan.options if [c.kind for c in o.changes] == ["ram"]]
    assert ram.usd is None and ram.buys and ram.changes[0].text.id == "change-ram"
    limited = machine_of(small + "gpus: []\n")
    limited = replace(limited, memory=replace(limited.memory, limit_bytes=3 * GIB))
    plan = plan_of(limited, "indextts-2", target="slow")
    (ram,) = [o for o in plan.options if o.changes[0].text.id == "change-ram-limit"]
    assert ram.usd == 0 and not ram.buys
    apple = PROFILES["macbook-air-m1-8gb"]
    plan = plan_of(apple, "voxcpm-2", "cpu-fp32", target="slow")
    ids = {change.text.id for option in plan.options for change in option.changes}
    assert "change-ram" not in ids and "change-card" not in ids
    assert "change-ram-computer" in ids


def test_ram_is_part_of_the_other_computer_that_a_card_asks_for() -> None:
    plan = plan_of(PROFILES["raspberry-pi-4b-2gb"], "voxcpm-2")
    (option,) = plan.options
    (change,) = option.changes
    assert change.text.id == "change-computer-ram"
    assert change.kind == "computer" and change.price is None and option.usd is None
    assert {"--ram", "--gpu", "--arch"} <= set(change.flags)


def test_what_comes_nearest_where_nothing_is_enough() -> None:
    plan = plan_of(PROFILES["asus-gl552vw"], "voxcpm-2", "cpu-fp32", budget=0)
    assert not plan.reached
    crumb = machine_of("os: linux\ncpu: {cores: 2}\nmemory: {total: 1GiB}\ngpus: []\n")
    plan = plan_of(crumb, "voxcpm-2", budget=0)
    assert not plan.options and plan.best is None
    slow = plan_of(PROFILES["office-pc-i5-4590"], "indextts-2", budget=0)
    assert not slow.options
    assert slow.best is None or slow.best.after.verdict == "slow"


def test_evidence_counts_while_the_devices_stay() -> None:
    machine = desk(vram="1GiB")
    rtf = Rtf(low=0.1, mid=0.11, high=0.12, basis="bench")
    planner = Planner(machine, KNOWN, evidence=Evidence(rtf={("voxcpm-2", "gpu-bf16"): rtf}))
    subject = KNOWN.by_key["voxcpm-2", "gpu-bf16"]
    assert planner.judge([subject], WhatIf(idle=True)).rtf == rtf
    other = planner.judge([subject], WhatIf(gpu="RTX 4090"))
    assert other.rtf is not None and other.rtf.basis == "roofline"


def test_hosted_services_are_never_planned() -> None:
    planner = Planner(PROFILES["office-pc-i5-4590"], KNOWN)
    both = [KNOWN.by_key["voxcpm-2", "online"], KNOWN.by_key["voxcpm-2", "gpu-bf16"]]
    plan = planner.plan(both, "good")
    assert plan.modes == ("gpu-bf16",)
    assert all(option.after.mode != "online" for option in plan.options)


@given(st.integers(1, 200))
def test_at_best_takes_the_largest_size_within_reach(size: int) -> None:
    planner = Planner(PROFILES["asus-gl552vw"], KNOWN)
    found = at_best(planner, size * GIB, ("voxcpm-2", "indextts-2"))
    assert 1 <= len(found) <= 2
    assert all(each.gib <= size for each in found)
    assert len({each.gib for each in found}) == 1
    for each in found:
        for given_ in each.verdicts:
            told = by_flags(planner.machine, (f"{given_.model}:{given_.mode}", *each.flags))
            assert told == given_
    slow, fast = found[0].verdicts[0], found[-1].verdicts[0]
    assert (RANK[fast.verdict], fast.score) >= (RANK[slow.verdict], slow.score)


def test_at_best_on_other_computers_and_below_any_card() -> None:
    planner = Planner(PROFILES["macbook-air-m1-8gb"], KNOWN)
    (one, *_) = at_best(planner, 12 * GIB, ("voxcpm-2",))
    assert one.flags[-4:] == ("--os", "linux", "--arch", "x86_64")
    assert at_best(planner, GIB // 2, ("voxcpm-2",)) == ()
    with pytest.raises(UsageError):
        apply(WhatIf(gpu="none", vram="1GiB"), planner.machine)


def test_two_plans_of_one_planner_are_those_of_two() -> None:
    machine = PROFILES["desktop-gtx-1060-6gb"]
    shared = Planner(machine, KNOWN)
    for model in CATALOGUE.models:
        subjects_: list[Subject] = shared.local(model)
        assert shared.plan(subjects_, "good") == plan_of(machine, model)
