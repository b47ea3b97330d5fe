"""The recommendation: what to run, what to do next, what to buy."""

from __future__ import annotations

import pytest
from judging import CATALOGUE, GIB, SUBJECTS, desktop, everything, machine_of, verdict_on
from msgspec.structs import replace

from vcf.catalogue.model import Text
from vcf.judge.advise import COMFORTABLE, recommend
from vcf.judge.assess import best, judge
from vcf.judge.cards import CARDS, Offer, card_flags
from vcf.judge.context import Context
from vcf.judge.model import Recommendation
from vcf.judge.score import RANK
from vcf.judge.subject import Subject
from vcf.judge.words import number, span
from vcf.judge.workload import Workload
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Machine
from vcf.machine.whatif import WhatIf, apply


def advice(machine: Machine, *keys: tuple[str, str]) -> Recommendation:
    """The recommendation over some (model, mode), or over everything."""
    wanted = [s for s in SUBJECTS if not keys or s.key in keys]
    context = Context(machine)
    return recommend(context, wanted, [judge(context, subject) for subject in wanted])


def subject(model: str, mode: str) -> Subject:
    return next(s for s in SUBJECTS if s.key == (model, mode))


RTX_4090 = "name: NVIDIA GeForce RTX 4090, vram: 24GiB"


def test_a_fast_card_gets_the_largest_comfortable_model_and_only_its_install() -> None:
    machine = desktop(RTX_4090)
    found = advice(machine)
    judged = verdict_on(machine, found.model, found.mode)
    assert judged.verdict == "good" and judged.rtf.mid <= COMFORTABLE
    assert found.why.id in ("why-good", "why-likely")
    assert [action.kind for action in found.actions] == ["install"]
    size = subject(found.model, found.mode).parameters_m
    easy = [a for a in everything(machine) if a.verdict == "good" and a.rtf is not None]
    assert size == max(subject(a.model, a.mode).parameters_m for a in easy if a.rtf.mid <= 0.7)


def test_memory_in_use_is_to_be_freed_first() -> None:
    found = advice(desktop(f"{RTX_4090}, vram_free: 3GiB"), ("voxcpm-2", "gpu-bf16"))
    assert (found.model, found.mode, found.why.id) == ("voxcpm-2", "gpu-bf16", "why-tight-vram")
    assert found.actions[0].kind == "free"
    assert found.actions[0].text.id == "remedy-free-vram-nvidia"


def test_a_missing_fact_is_to_be_found_first() -> None:
    found = advice(machine_of("os: linux\nmemory: {total: 32GiB}"), ("voxcpm-2", "gpu-bf16"))
    assert (found.model, found.mode, found.why.id) == (None, None, "why-unknown")
    assert found.actions[0].kind == "check"
    assert found.actions[0].text.id == "gpus-unknown"
    assert found.actions[1].text.values == {"flag": '--gpu "RTX 3060"'}


SMALL = "os: linux\narch: arm64\ncpu: {cores: 2}\nmemory: {total: 1GiB}\ngpus: []\n"


def test_a_machine_on_which_nothing_runs_is_sent_online() -> None:
    found = advice(machine_of(SMALL))
    assert (found.mode, found.why.id) == ("online", "why-online")
    assert CATALOGUE.models[found.model].released == max(
        model.released for model in CATALOGUE.models.values()
    )
    assert found.actions[0].kind == "online"


def test_only_the_hosted_service_was_asked_for() -> None:
    found = advice(machine_of(SMALL), ("voxcpm-2", "online"))
    assert (found.model, found.mode, found.why.id) == ("voxcpm-2", "online", "why-only-online")


def test_where_no_service_exists_nothing_is_recommended() -> None:
    alone = replace(subject("voxcpm-2", "cpu-fp32"), others={})
    context = Context(machine_of(SMALL))
    found = recommend(context, [alone], [judge(context, alone)])
    assert (found.model, found.mode, found.why.id, found.actions) == (None, None, "why-none", ())


def test_a_service_without_an_official_page_is_not_linked() -> None:
    hosted = subject("voxcpm-2", "online")
    links = replace(hosted.model.links, demos=[])
    unlinked = replace(hosted, model=replace(hosted.model, links=links))
    local = replace(
        subject("voxcpm-2", "cpu-fp32"), others={("voxcpm-2", "online"): unlinked}, memo={}
    )
    context = Context(machine_of(SMALL))
    found = recommend(context, [local], [judge(context, local)])
    assert found.mode == "online"
    assert "online" not in [action.kind for action in found.actions]


def with_card(machine: Machine, offer: Offer, model: str, mode: str) -> bool:
    """Whether a model would be faster than real time with that card in it, as `check --gpu` has
    it."""
    what_if = WhatIf(gpu=offer.card, vram=f"{offer.gib}GiB")
    return verdict_on(apply(what_if, machine), model, mode).verdict == "good"


def test_the_smallest_card_that_is_enough_is_proposed() -> None:
    found = advice(load_machine("office-pc-i5-4590"))
    (buy,) = [action for action in found.actions if action.kind == "buy"]
    assert buy.text.id in ("action-buy", "action-buy-all")
    assert "GB" in buy.text.values["card"]
    assert 0 < buy.text.values["count"] <= buy.text.values["of"]
    every = buy.text.values["count"] == buy.text.values["of"]
    assert every == (buy.text.id == "action-buy-all")
    machine, key = load_machine("office-pc-i5-4590"), ("voxcpm-0.5b", "gpu-bf16")
    light = advice(machine, key)
    (small,) = [action for action in light.actions if action.kind == "buy"]
    proposed = [offer.name for offer in CARDS]
    place = proposed.index(small.text.values["card"])
    assert [with_card(machine, offer, *key) for offer in CARDS[: place + 1]] == [
        *[False] * place, True,
    ]  # fmt: skip


def test_a_model_that_any_card_speaks_fast_enough_gets_the_cheapest() -> None:
    machine, key = load_machine("office-pc-i5-4590"), ("indextts-1.5", "gpu-fp16")
    assert with_card(machine, CARDS[0], *key)
    (buy,) = [action for action in advice(machine, key).actions if action.kind == "buy"]
    assert buy.text.values["card"] == "GeForce RTX 3050 8 GB"


def test_no_card_is_proposed_where_none_would_help() -> None:
    crumb = machine_of("os: linux\ncpu: {cores: 2}\nmemory: {total: 1GiB}\ngpus: []")
    assert "buy" not in [action.kind for action in advice(crumb).actions]


def test_no_card_is_proposed_where_the_ram_is_not_known() -> None:
    silent = machine_of("os: linux\ncpu: {cores: 8}\ngpus: []")
    found = advice(silent)
    assert found.why.id == "why-unknown"
    assert found.actions[1].text.values == {"flag": "--ram 16GiB"}
    assert "buy" not in [action.kind for action in found.actions]


def test_no_card_is_proposed_where_no_gpu_mode_was_asked_for() -> None:
    found = advice(load_machine("office-pc-i5-4590"), ("voxcpm-0.5b", "cpu-fp32"))
    assert "buy" not in [action.kind for action in found.actions]


def test_a_mac_is_told_of_another_machine_with_the_card() -> None:
    found = advice(load_machine("macbook-pro-m3-pro-18gb"), ("voxcpm-2", "gpu-bf16"))
    (buy,) = [action for action in found.actions if action.kind == "buy"]
    assert buy.text.id == "action-buy-other-one"


def test_commands_stand_one_a_line() -> None:
    commands = {}
    for system in ("linux", "windows"):
        found = advice(desktop(os=system), ("voxcpm-0.5b", "cpu-fp32"))
        (step,) = [action for action in found.actions if action.kind == "install"]
        commands[system] = step.command
    for command in commands.values():
        assert "&&" not in command  # PowerShell 5.1 knows none
        assert len(command.split("\n")) > 1


def test_a_torch_that_works_is_not_installed_again() -> None:
    fresh, working = (
        verdict_on(desktop(RTX_4090, software=installed), "voxcpm-0.5b", "gpu-bf16")
        for installed in ("", 'python: "3.11", torch: 2.8.0+cu128')
    )
    assert any(line.startswith("pip install torch==") for line in fresh.recipe.install)
    assert not any("torch" in line for line in working.recipe.install)
    assert len(working.recipe.install) == len(fresh.recipe.install) - 1


@pytest.mark.parametrize(
    ("machine", "mode", "backend"),
    [
        (desktop(RTX_4090), "gguf-gpu-q8", "cuda"),
        (desktop("name: AMD Radeon RX 7900 XTX"), "gguf-gpu-q8", "vulkan"),
        (desktop(), "gguf-cpu-q8", None),
    ],
)
def test_programs_are_built_for_the_maker_s_backend(
    machine: Machine, mode: str, backend: str | None
) -> None:
    lines = " ".join(verdict_on(machine, "voxcpm-0.5b", mode).recipe.install).lower()
    assert "{" not in lines
    assert [name for name in ("cuda", "vulkan", "metal") if f"{name}=on" in lines] == (
        [backend] if backend else []
    )


def test_a_mode_without_a_recipe_has_no_install_step() -> None:
    bare = replace(subject("voxcpm-0.5b", "cpu-fp32"), recipe=None, memo={})
    context = Context(desktop())
    judged = judge(context, bare)
    assert judged.recipe.install == ()
    assert "install" not in [a.kind for a in recommend(context, [bare], [judged]).actions]
    silent = replace(bare, mode=replace(bare.mode, notes=[]), memo={})
    assert judge(context, silent).recipe.notes == ()


def test_tight_memory_of_a_mode_without_forecast_is_not_recommended() -> None:
    bare = replace(
        subject("voxcpm-0.5b", "cpu-fp32"),
        model=replace(subject("voxcpm-0.5b", "cpu-fp32").model, work=[]),
        memo={},
    )
    context = Context(desktop())
    judged = judge(context, bare)
    assert (judged.verdict, judged.limit) == ("unknown", "speed")
    assert recommend(context, [bare], [judged]).actions[0].text.id == "speed-unknown"


def test_the_best_of_several_is_the_most_precise_of_equals() -> None:
    judged = everything(desktop(RTX_4090))
    top = best(judged)
    assert all((RANK[top.verdict], top.score) >= (RANK[a.verdict], a.score) for a in judged)
    one = verdict_on(desktop(RTX_4090), "voxcpm-0.5b", "gguf-gpu-q8")
    half = replace(one, mode="gguf-gpu-f16")
    assert best([one, half]) is half is best([half, one])


def test_of_modes_that_do_not_run_the_one_that_needs_least_is_shown() -> None:
    small = machine_of(SMALL + "disk: {free: 100GB}")
    judged = [verdict_on(small, "voxcpm-2", mode) for mode in ("cpu-fp32", "cpu-bf16")]
    assert {a.verdict for a in judged} == {"no"}
    assert best(judged).memory.host.need_bytes == min(a.memory.host.need_bytes for a in judged)
    assert best(judged).memory.host.need_bytes < 16 * GIB


def test_numbers_are_short() -> None:
    assert [number(v) for v in (0.123, 0.999, 4.24, 9.94, 9.96, 123.4)] == [
        "0.12", "1.0", "4.2", "9.9", "10", "123",
    ]  # fmt: skip
    assert span(9, 30.2) == Text(en="9.0–30 s", zh="9.0–30 秒")
    assert span(16, 102) == Text(en="16 s – 1.7 min", zh="16 秒至 1.7 分钟")
    assert span(120, 360) == Text(en="2.0–6.0 min", zh="2.0–6.0 分钟")


# ---- software that stands in the way ----------------------------------------------------------


def told_about(software: str, *names: str) -> Recommendation:
    machine = desktop(
        "name: NVIDIA GeForce RTX 3060, vram: 12GiB, driver: '590.48'", software=software
    )
    wanted = [s for s in SUBJECTS if f"{s.model_id}:{s.mode_id}" in names]
    context = Context(machine)
    return recommend(context, wanted, [judge(context, s) for s in wanted])


def test_where_only_software_stops_it_the_cure_is_told_and_no_card_to_buy() -> None:
    """pip takes torch 2.15 for voxcpm, for whose CUDA no torchaudio exists."""
    given = told_about(
        'python: "3.11", torch: 2.15.0, torchaudio: 2.11.0+cu130, voxcpm: 2.0.3',
        "voxcpm-2:gpu-bf16", "voxcpm-0.5b:gpu-bf16",
    )  # fmt: skip
    assert given.why.id == "why-mend"
    assert (given.model, given.mode) == (given.model, "gpu-bf16")
    assert [action.kind for action in given.actions][:2] == ["install", "check"]
    assert given.actions[0].text.id == "audio-cuda"
    assert given.actions[0].command == "pip install torch==2.14.1 torchaudio==2.11.0"
    assert given.actions[1].text.values["mode"] == f"{given.model}:gpu-bf16"
    assert "buy" not in [action.kind for action in given.actions]


def test_a_cure_that_is_no_command_is_told_too() -> None:
    given = told_about(
        'python: "3.13", torch: 2.14.1, torchaudio: 2.11.0+cu130', "voxcpm-0.5b:gpu-bf16"
    )
    assert given.why.id == "why-mend"
    assert (given.actions[0].kind, given.actions[0].command) == ("install", None)


def test_nothing_is_promised_where_mending_would_not_help() -> None:
    machine = desktop(
        "name: NVIDIA GeForce GTX 750, vram: 1GiB", software='python: "3.11", torch: 2.14.1+cpu'
    )
    context = Context(machine)
    wanted = [s for s in SUBJECTS if s.key == ("voxcpm-2", "gpu-bf16")]
    given = recommend(context, wanted, [judge(context, s) for s in wanted])
    assert given.why.id == "why-online"


PROFILES = {name: load_machine(name) for name in profile_names()}
MODELS = (None, *CATALOGUE.models)


@pytest.mark.parametrize("name", PROFILES)
@pytest.mark.parametrize("model", MODELS)
def test_every_action_changes_something_here(name: str, model: str | None) -> None:
    """From → to: another verdict, or another range; only what finds out has no effect."""
    keys = [s.key for s in SUBJECTS if model in (None, s.model_id)]
    for action in advice(PROFILES[name], *keys).actions:
        effect = action.effect
        if effect is None:
            assert action.kind in ("check", "online")
            continue
        assert action.kind != "check"
        if effect.before is None:
            assert action.kind == "install"
            continue
        assert (effect.before.verdict, effect.before.rtf) != (
            effect.after.verdict,
            effect.after.rtf,
        )
        assert RANK[effect.after.verdict] >= RANK[effect.before.verdict]


@pytest.mark.parametrize("name", PROFILES)
def test_what_a_card_promises_is_what_check_says_with_it(name: str) -> None:
    machine = PROFILES[name]
    for model in CATALOGUE.models:
        keys = [s.key for s in SUBJECTS if s.model_id == model]
        for action in advice(machine, *keys).actions:
            if action.kind != "buy":
                continue
            assert action.effect is not None
            offer = next(o for o in CARDS if o.name == action.text.values["card"])
            context = Context(machine)
            told = judge(
                Context(apply(card_flags(context, offer), machine)),
                subject(model, action.effect.after.mode),
            )
            assert told.verdict == action.effect.after.verdict == "good"
            assert told.rtf == action.effect.after.rtf


def test_what_is_to_be_freed_has_its_effect() -> None:
    found = advice(desktop(f"{RTX_4090}, vram_free: 3GiB"), ("voxcpm-2", "gpu-bf16"))
    effect = found.actions[0].effect
    assert effect is not None and effect.before is not None
    assert (effect.before.verdict, effect.after.verdict) == ("tight", "good")
    assert found.actions[0].why is not None
    assert found.actions[0].why.id == "vram-blocked"


def test_disk_is_to_be_cleared() -> None:
    short = machine_of(
        "os: linux\ncpu: {model: Intel Core i7-12700K, cores: 8, isa: [avx2]}\n"
        f"memory: {{total: 32GiB}}\ngpus: [{{{RTX_4090}}}]\ndisk: {{total: 500GB, free: 15GB}}\n"
    )
    found = advice(short, ("voxcpm-2", "gpu-bf16"))
    first = found.actions[0]
    assert (first.kind, first.text.id) == ("free", "remedy-free-disk")
    assert first.effect is not None and first.effect.before is not None
    assert (first.effect.before.verdict, first.effect.after.verdict) == ("tight", "good")


def test_what_cannot_be_freed_is_not_advised() -> None:
    """The card is too small by a little: closing programs changes nothing."""
    machine = desktop("name: NVIDIA GeForce RTX 2060, vram: 6GiB")
    assert verdict_on(machine, "voxcpm-2", "gpu-bf16").verdict == "tight"
    found = advice(machine, ("voxcpm-2", "gpu-bf16"))
    assert "free" not in [action.kind for action in found.actions]


def test_fewer_steps_where_they_bring_real_time() -> None:
    machine = load_machine("desktop-gtx-1060-6gb")
    found = advice(machine, ("voxcpm-0.5b", "gguf-gpu-q4"))
    (fewer,) = [action for action in found.actions if action.text.id == "action-steps"]
    steps = int(fewer.text.values["steps"])
    assert fewer.effect is not None and fewer.effect.after.verdict == "good"
    local = subject("voxcpm-0.5b", "gguf-gpu-q4")
    for count, verdict in ((steps, "good"), (steps + 1, "slow")):
        work = Workload(steps=count)
        assert judge(Context(machine, work), local).verdict == verdict
    assert str(fewer.command).endswith(f"--steps {steps} -v")


def test_what_is_installed_is_not_installed_again() -> None:
    installed = desktop(
        f'{RTX_4090}, driver: "580.65.06"',
        software='python: "3.11", torch: 2.8.0+cu128, torchaudio: 2.8.0+cu128, voxcpm: 2.0.3, '
        'triton: 3.4.0, ffmpeg: "7.1", torchcodec: 0.7.0',
    )
    judged = verdict_on(installed, "voxcpm-2", "gpu-bf16")
    assert {g.status for g in judged.gates if g.gate == "software"} == {"pass"}
    found = advice(installed, ("voxcpm-2", "gpu-bf16"))
    assert "install" not in [action.kind for action in found.actions]
    bare = advice(desktop(RTX_4090), ("voxcpm-2", "gpu-bf16"))
    assert "install" in [action.kind for action in bare.actions]


def test_another_python_is_part_of_the_install() -> None:
    machine = desktop(f'{RTX_4090}, driver: "580.65.06"', software='python: "3.13"')
    found = advice(machine, ("indextts-2.5", "gpu-bf16"))
    first, second = found.actions[:2]
    assert (first.kind, first.text.id) == ("install", "remedy-python")
    assert first.why is not None and first.why.id == "software-python-other"
    assert first.effect is not None and first.effect.before is None
    assert second.text.id == "action-install"


@pytest.mark.parametrize(
    ("machine", "limit", "why"),
    [
        (desktop(f"{RTX_4090}, vram_free: 3GiB"), "memory", "why-tight-vram"),
        (desktop("name: NVIDIA GeForce RTX 2060, vram: 6GiB"), "memory", "why-tight-vram-near"),
        (desktop(RTX_4090, ram="total: 32GiB, available: 6GiB"), "memory", "why-tight-ram"),
        (desktop(RTX_4090, ram="total: 11.5GiB"), "memory", "why-tight-ram-near"),
    ],
)
def test_what_is_tight_is_named(machine: Machine, limit: str, why: str) -> None:
    judged = verdict_on(machine, "voxcpm-2", "gpu-bf16")
    assert (judged.verdict, judged.limit) == ("tight", limit)
    assert advice(machine, ("voxcpm-2", "gpu-bf16")).why.id == why


def test_a_full_disk_is_named() -> None:
    short = machine_of(
        "os: linux\ncpu: {model: Intel Core i7-12700K, cores: 8, isa: [avx2]}\n"
        f"memory: {{total: 32GiB}}\ngpus: [{{{RTX_4090}}}]\ndisk: {{total: 500GB, free: 15GB}}\n"
    )
    assert advice(short, ("voxcpm-2", "gpu-bf16")).why.id == "why-tight-disk"


def test_what_cannot_be_told_is_not_called_impossible() -> None:
    found = advice(machine_of("name: empty"))
    whys = {action.why.id for action in found.actions if action.why is not None}
    assert "why-no-local" not in whys
    assert "why-not-told" in whys


def test_a_processor_that_is_not_known_is_asked_for() -> None:
    machine = machine_of("os: linux\nmemory: {total: 16GiB}\ngpus: []\ndisk: {free: 99GB}")
    found = advice(machine, ("voxcpm-2", "gguf-cpu-q4"))
    assert found.actions[0].text.id == "speed-unknown-cpu"
    assert found.actions[1].text.values == {"flag": "--cores 8"}


def test_torch_for_gpus_that_pypi_does_not_serve() -> None:
    arc = verdict_on(load_machine("desktop-arc-a770-16gb"), "indextts-1.5", "gpu-fp16")
    assert any("whl/xpu" in line for line in arc.recipe.install)
    for name in ("jetson-orin-nano-8gb", "jetson-agx-orin-64gb"):
        jetson = verdict_on(load_machine(name), "voxcpm-0.5b", "gpu-bf16")
        assert "pip install torch" not in jetson.recipe.install
