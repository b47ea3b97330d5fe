"""The report says what the verdicts say, of any machine, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date
from functools import lru_cache
from typing import Any

import msgspec
import pytest

from vcf.catalogue.load import build, load_catalogue
from vcf.catalogue.model import Catalogue
from vcf.cli.asked import asked_for
from vcf.cli.check import check_machine
from vcf.cli.report import plans_of
from vcf.judge.assess import best
from vcf.judge.change import Change, Option, Plan
from vcf.judge.model import Evidence, Measured, Message
from vcf.judge.plan import Planner
from vcf.judge.subject import subjects
from vcf.machine.load import load_machine, read_machine
from vcf.machine.model import Gpu, Machine
from vcf.units import GIB
from vcf.views.document import Result
from vcf.views.report import build_report
from vcf.views.report_document import ReportDocument
from vcf.views.report_samples import in_chinese
from vcf.views.words import Lang

DAY = date(2026, 11, 23)
LAPTOP = "asus-gl552vw"
HOSTILE = "<b>\x1b[31m|`*_[x](http://e.x)\u202e\n# " + "W" * 10_000


def judged(machine: Machine, *what: str, catalogue: Catalogue | None = None) -> Result:
    known = subjects(catalogue or load())
    return check_machine(machine, asked_for(what, (), known)[0])


@lru_cache(maxsize=1)
def load() -> Catalogue:
    return load_catalogue()


def report(
    machine: str | Machine,
    *what: str,
    lang: Lang = "en",
    catalogue: Catalogue | None = None,
    **more: Any,
) -> ReportDocument:
    """The whole report on a profile, a machine, or a machine file's text."""
    if isinstance(machine, str):
        text = ":" in machine
        machine = read_machine(machine, "desk.yaml") if text else load_machine(machine)
    known = catalogue or load()
    result = judged(machine, *what, catalogue=known)
    plans = plans_of(result, Planner(result.machine, subjects(known), result.workload))
    return build_report(result, plans, known, lang, date=DAY, **more)


def texts(value: object) -> Iterator[str]:
    """Every text of a document."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for item in value.values():
            yield from texts(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)


@pytest.fixture(scope="module")
def laptop() -> ReportDocument:
    return report(LAPTOP, flags=["--machine", LAPTOP])


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_any_machine(lang: Lang, every_result: list[Result]) -> None:
    """Nothing breaks, no blank stays unfilled, every source cited is listed."""
    known = subjects(load())
    for result in every_result[lang == "zh" :: 7]:
        plans = plans_of(result, Planner(result.machine, known, result.workload))
        made = build_report(result, plans, load(), lang, date=DAY)
        data = msgspec.to_builtins(made)
        data.pop("machine")
        for model in data["models"]:
            model.pop("recipes")  # code has braces
        assert not [text for text in texts(data) if re.search(r"\{\w+\}", text)]
        assert [row.number for row in made.sources] == list(range(1, len(made.sources) + 1))
        cited = {claim.source for m in made.models for row in m.requirements
                 for claim in (*row.minimum, *row.recommended, *row.measured)}  # fmt: skip
        cited |= {int(each.source) for m in made.models for each in m.profile if each.source}
        cited |= {p.source for m in made.models for p in m.problems if p.source is not None}
        assert cited <= {row.number for row in made.sources}
        _agrees(made, result)


def _agrees(made: ReportDocument, result: Result) -> None:
    for model in made.models:
        given = {a.mode: a for a in result.assessments if a.model == model.model}
        local = [a for mode, a in given.items() if mode != "online"]
        assert (model.verdict, model.mode) == (best(local).verdict, best(local).mode)
        assert {row.mode: row.verdict for row in model.modes} == {
            mode: a.verdict for mode, a in given.items()
        }
        shown = [row.score for row in model.modes if row.mode != "online"]
        assert shown == sorted(shown, reverse=True)
        for recipe in model.recipes:
            assert given[recipe.mode].verdict in ("good", "slow", "tight")
        running = any(a.verdict in ("good", "slow", "tight") for a in local)
        assert bool([r for r in model.recipes if r.mode != "online"]) <= running
    advice = result.recommendation
    asked = {(a.model, a.mode) for a in result.assessments}
    if (advice.model, advice.mode) in asked:
        assert made.first is not None
        assert (made.first.model, made.first.mode) == (advice.model, advice.mode)
    else:
        assert made.first is None
    assert 1 <= len(made.findings) <= 6
    assert sum("Main limit" in f.text or "主要瓶颈" in f.text for f in made.findings) <= 1


def test_the_laptop(laptop: ReportDocument) -> None:
    """What its owner must learn: RAM is ample, the card is the limit, what to do."""
    assert laptop.findings[0].status == "good"
    assert laptop.findings[0].text.startswith("RAM is ample: 24.0 GiB")
    assert laptop.findings[1].text.startswith("Main limit: NVIDIA GeForce GTX 960M")
    parts = {line.name: line for line in laptop.environment}
    assert parts["RAM"].status == "good"
    assert parts["Graphics card"].status == "limit"
    assert "compute capability 5.0" in parts["Graphics card"].value
    assert "no bf16" in (parts["Processor"].note or "")
    assert parts["Disk"].status == "unknown"
    assert laptop.first is not None and laptop.first.mode == "gguf-cpu-q4"
    assert laptop.first.difficulty == "medium", "it must be built"
    assert laptop.second is not None and laptop.second.mode == "online"
    assert laptop.second.model.startswith("indextts")
    assert laptop.second.link is not None
    assert [u.part for u in laptop.upgrades] == ["computer", "computer", "ram", "disk"]
    assert [u.worth for u in laptop.upgrades] == [True, True, False, False]
    assert "24.0 GiB are enough" in laptop.upgrades[2].text
    assert len(laptop.upgrades[1].unlocks) == 6
    assert 2 <= len(laptop.conclusion) <= 4


def test_a_model_of_the_laptop(laptop: ReportDocument) -> None:
    [model] = [m for m in laptop.models if m.model == "indextts-2"]
    gaps = {row.part: row for row in model.gaps}
    assert gaps["VRAM (gpu-fp16)"].status == "bad"
    assert gaps["VRAM (gpu-fp16)"].missing == "4.4 GiB"
    assert "cu128" in gaps["Software (gpu-fp16)"].text
    assert any("cu128" in text for text in model.challenges)
    assert any("not allowed" in text for text in model.challenges)
    found = {each.text: each for each in model.remedies}
    assert found["With DeepSpeed (gpu-fp16-deepspeed)"].feasibility == "none"
    assert found["With DeepSpeed (gpu-fp16-deepspeed)"].effect.startswith("no (The project")
    online = found["Online demo (online)"]
    assert (online.feasibility, online.complexity) == ("high", "low")
    assert [row.of for row in model.requirements][:3] == ["GPU", "VRAM", "RAM"]
    assert model.recipes[-1].mode == "online"
    assert model.recipes[-1].language == "text"


def test_commands_say_which_machine(laptop: ReportDocument) -> None:
    commands = [r.command for m in laptop.models for r in m.remedies]
    commands += [u.command for u in laptop.upgrades if u.command]
    assert all(f"--machine {LAPTOP}" in (command or "") for command in commands)
    assert '--gpu "GeForce RTX 5060 Ti"' in (laptop.upgrades[1].command or "")


def test_recipes_are_quicker_or_easier_one_than_the_other() -> None:
    made = report(LAPTOP, "voxcpm-0.5b")
    assert [r.mode for r in made.models[0].recipes] == ["gguf-cpu-q4", "cpu-fp32", "online"]
    other, python = made.models[0].recipes[:2]
    assert python.language == "python"
    assert "Needs no GPU." in python.good
    assert any("build" in text for text in other.bad)


def test_everything_is_well() -> None:
    made = report("desktop-rtx-4090-24gb")
    assert {f.status for f in made.findings} == {"good"}
    assert made.first is not None and made.second is not None
    assert made.second.mode != "online"
    assert [u.worth for u in made.upgrades] == [False, False]
    assert not any(m.mode == "online" for model in made.models for m in model.recipes)
    assert made.software == []


def test_memory_fits_but_speed_does_not() -> None:
    made = report("desktop-rtx-3060-12gb", "indextts-2")
    [main] = [f for f in made.findings if f.text.startswith("Main limit")]
    assert "not the speed for IndexTTS-2" in main.text
    assert [u.part for u in made.upgrades][:1] == ["gpu"]
    assert "Launch price" in made.upgrades[0].text
    number = re.search(r"\[(\d+)\]", made.upgrades[0].text)
    assert number is not None
    assert (made.sources[int(number[1]) - 1].url or "").startswith("https://")
    assert made.criteria == []


def test_what_is_installed_or_in_use_stops() -> None:
    made = report(
        "{os: windows, memory: {total: 64GiB, available: 3GiB}, cpu: {cores: 8},"
        " gpus: [{name: RTX 4090, vram: 24GiB, vram_free: 2GiB}], disk: {free: 4GB, total: 500GB},"
        " software: {python: '3.9', torch: 1.9.0}}",
        "voxcpm-2",
    )
    told = [f.text for f in made.findings]
    assert any("Much of the RAM is in use: 64.0 GiB, 3.0 GiB available" in text for text in told)
    assert any("What is installed stops" in text for text in told)
    parts = {line.name: line for line in made.environment}
    assert parts["Software"].value == "python 3.9, torch 1.9.0"
    assert parts["Software"].status == "limit"
    assert "once some is freed" in (parts["RAM"].note or "")
    assert made.software
    assert "Close other programs" in made.software[0].text
    assert made.software[0].command is not None


def test_nothing_is_known() -> None:
    made = report("name: nothing", lang="zh")
    assert {f.status for f in made.findings} == {"unknown"}
    assert made.first is None and made.second is None
    assert [line.status for line in made.environment[1:6]] == ["unknown"] * 5
    assert made.upgrades == []
    assert all(model.verdict == "unknown" for model in made.models)
    [told] = made.conclusion
    assert told == made.overview[1]
    assert told.startswith("对这台机器所知太少")
    assert all(flag in told for flag in ("--ram", "--gpu", "--vram", "--cores"))
    reasons = {line.value for line in made.environment[1:4]}
    assert reasons == {"未知（文件中未写明）"}


def test_no_gpu() -> None:
    made = report("office-pc-i5-4590", "voxcpm")
    [main] = [f for f in made.findings if f.text.startswith("Main limit")]
    assert "There is no GPU" in main.text
    assert any("Without a GPU" in text for text in made.models[0].challenges)
    assert any("gets by without a GPU" in text for text in made.models[0].advantages)


def test_online_only() -> None:
    made = report(LAPTOP, "indextts-2:online")
    [model] = made.models
    assert (model.mode, model.verdict) == (None, "unknown")
    assert made.findings == []
    assert made.first is not None and made.first.mode == "online"
    assert made.upgrades == []


def test_only_what_was_asked() -> None:
    made = report(LAPTOP, "voxcpm-0.5b:gguf-cpu-q4", "voxcpm-1.5:cpu")
    assert [[row.mode for row in m.modes] for m in made.models] == [["gguf-cpu-q4"], ["cpu-fp32"]]
    named = {line.split(":")[0] for upgrade in made.upgrades for line in upgrade.unlocks}
    assert named <= {"VoxCPM-0.5B", "VoxCPM1.5"}
    assert not [r for r in made.models[0].requirements if r.of == "CUDA"]


def test_many_cards() -> None:
    machine = load_machine("desktop-rtx-4090-24gb")
    first = (machine.gpus or [Gpu()])[0]
    others = [
        msgspec.structs.replace(first, name=f"NVIDIA Card {n}", vram_total_bytes=2 * GIB)
        for n in range(30)
    ]
    made = report(msgspec.structs.replace(machine, gpus=[*others, first, first]), "voxcpm-2")
    lines = [line for line in made.environment if line.name == "Graphics card"]
    assert len(lines) == 5
    assert lines[0].value.startswith("2 × NVIDIA GeForce RTX 4090")
    assert "memory of several is not added up" in (lines[0].note or "")
    assert "Another card serves as well or better" in (lines[1].note or "")
    assert lines[-1].value == "and 27 other kinds"


def test_hostile_names() -> None:
    machine = load_machine(LAPTOP)
    bad = msgspec.structs.replace(
        machine,
        name=HOSTILE,
        cpu=msgspec.structs.replace(machine.cpu, model=HOSTILE, isa=[HOSTILE]),
        gpus=[msgspec.structs.replace((machine.gpus or [Gpu()])[0], name=HOSTILE)],
        os_version=HOSTILE,
        software={"python": HOSTILE},
        unknown={"disk.free_bytes": HOSTILE},
    )
    made = report(bad, "indextts-2", lang="zh")
    data = msgspec.to_builtins(made)
    data.pop("machine")
    for text in texts(data):
        assert len(text) < 5000
        if "\n" not in text:  # recipes have lines
            assert text.isprintable()


def test_a_model_of_the_users(tmp_path: Any) -> None:
    mine = msgspec.to_builtins(load())
    one = mine["models"]["voxcpm-0.5b"]
    mine["models"] = {
        "my-model": {
            **one, "name": HOSTILE, "family": "mine", "languages": ["xx", "zh"],
            "emotion": {"en": HOSTILE, "zh": HOSTILE}, "requirements": [],
            "modes": {"cpu-fp32": one["modes"]["cpu-fp32"]},
        }
    }  # fmt: skip
    made = report(LAPTOP, catalogue=build(mine, "mine.yaml"))
    [model] = made.models
    assert model.requirements == []
    assert [row.mode for row in model.modes] == ["cpu-fp32"]
    assert {line.name: line.value for line in model.profile}["Languages"] == "Chinese, xx"
    assert made.first is not None
    assert all(text.isprintable() for text in (model.name, model.headline, *made.overview))


def test_measurements_from_old_to_new() -> None:
    def measured(day: str) -> Measured:
        return Measured(low=3.0, mid=4.0, high=5.0, source=f"bench-{day}", date=day)

    key = ("voxcpm-0.5b", "cpu-fp32")
    records = {key: (measured("2026-11-20"), measured("2026-11-02")),
               ("voxcpm-2", "cpu-fp32"): (measured("2026-11-01"),)}  # fmt: skip
    evidence = Evidence(records=records)
    known = subjects(load())
    asks = asked_for(["voxcpm-0.5b"], (), known)[0]
    result = check_machine(load_machine(LAPTOP), asks, evidence=evidence)
    made = build_report(result, {}, load(), "en", date=DAY, evidence=evidence)
    assert [each.date for each in made.measurements] == ["2026-11-02", "2026-11-20"]
    assert made.measurements[0].rtf.basis == "bench"
    assert any("the measurement counts" in text for text in made.limits)
    assert not any("No measurement" in text for text in made.limits)


def test_without_plans() -> None:
    made = report(LAPTOP)
    result = judged(load_machine(LAPTOP))
    bare = build_report(result, {}, load(), "en", date=DAY)
    assert [u.part for u in bare.upgrades] == ["ram", "disk"]
    assert len(bare.conclusion) == len(made.conclusion) - 1


@pytest.mark.parametrize(
    ("lang", "wanted"),
    [
        ("en", "Put in RAM, 32 GiB in all; and put in a GeForce RTX 3050 8 GB or better"),
        ("zh", "内存加到 32 GiB，并且换装 GeForce RTX 3050 8 GB 或更好的显卡"),
    ],
)
def test_several_changes_are_one_sentence(lang: Lang, wanted: str) -> None:
    result = judged(load_machine(LAPTOP), "voxcpm-0.5b")
    before = best(a for a in result.assessments if a.mode != "online")
    changes = (
        Change(kind="ram", text=Message("change-ram", {"size": "32 GiB"}), effort=3, buys=True),
        Change(
            kind="card", text=Message("change-card", {"card": "GeForce RTX 3050 8 GB"}),
            effort=3, buys=True,
        ),
    )  # fmt: skip
    option = Option(changes=changes, before=before, after=before, check=("voxcpm-0.5b:mlx",))
    plan = Plan(
        model="voxcpm-0.5b", modes=("mlx",), target="good", now=before, options=(option, option)
    )
    made = build_report(result, {"voxcpm-0.5b": [plan]}, load(), lang, date=DAY)
    assert [r.text for r in made.models[0].remedies if r.text == wanted] == [wanted]
    assert any(wanted in upgrade.text for upgrade in made.upgrades)


def test_pure(judged: Callable[..., Result]) -> None:
    result = judged(LAPTOP, "voxcpm-0.5b")
    one, other = (build_report(result, {}, load(), "zh", date=DAY) for _ in range(2))
    assert msgspec.json.encode(one) == msgspec.json.encode(other)
    assert one.date == "2026-11-23"


def test_what_is_called_the_fastest_is(every_result: list[Result]) -> None:
    """No mode that is meant has a smaller RTF than the one named."""
    for result in every_result[::5]:
        made = build_report(result, {}, load(), "en", date=DAY)
        for model in made.models:
            kinds = {
                r"modes; the fastest of them, (\S+), takes": ("good",),
                r"Slower than real time in every mode.* at best \((\S+)\)": ("slow",),
            }
            for pattern, verdicts in kinds.items():
                for text in [*model.advantages, *model.challenges]:
                    named = re.search(pattern, text, re.IGNORECASE)
                    if named is None:
                        continue
                    speeds = {
                        row.mode: (row.rtf.mid, row.rtf.low)
                        for row in model.modes
                        if row.rtf is not None and row.verdict in verdicts
                    }
                    assert speeds[named[1]] == min(speeds.values()), text


def test_the_laptop_names_the_fastest(laptop: ReportDocument) -> None:
    [model] = [m for m in laptop.models if m.model == "voxcpm-1.5"]
    assert any("RTF 2.6–8.9 at best (gguf-cpu-q4)" in text for text in model.challenges)


def test_disk_that_must_be_cleared_is_not_barely_enough() -> None:
    made = report("github-ci-runner")
    [line] = [each for each in made.environment if each.name == "Disk"]
    assert line.note is not None and "barely" not in line.note
    assert "for 28 more up to 15.4 GB must be cleared first" in line.note
    assert any("up to 15.4 GB must be cleared first" in f.text for f in made.findings)


def test_less_disk_than_any_mode_needs() -> None:
    made = report("{os: linux, memory: {total: 32GiB}, cpu: {cores: 8}, gpus: [],"
                  " disk: {free: 1GB, total: 100GB}}")  # fmt: skip
    [line] = [each for each in made.environment if each.name == "Disk"]
    assert "enough is free for none" in (line.note or "")
    assert any("so some must be cleared first, up to 28.4 GB" in f.text for f in made.findings)
    [disk] = [each for each in made.upgrades if each.part == "disk"]
    assert disk.worth and "too little for each mode" in disk.text


@pytest.mark.parametrize("name", ["mac-mini-m4-16gb", "jetson-orin-nano-8gb"])
def test_the_main_limit_limits(name: str) -> None:
    made = report(name)
    slow = [model.name for model in made.models if model.verdict == "slow"]
    [main] = [f.text for f in made.findings if f.text.startswith("Main limit")]
    assert "runs all" not in main
    assert all(each in main for each in slow)
    assert "speed" in main or "too slow" in main
    assert any("Main limit" in text for text in made.overview)


def test_a_way_to_run_is_told_without_a_beginning(laptop: ReportDocument) -> None:
    [model] = [m for m in laptop.models if m.model == "voxcpm-0.5b"]
    effects = {each.text: each.effect for each in model.remedies}
    told = effects["The official code on the processor (cpu-fp32)"]
    assert told.startswith("slow (30 s of speech in")
    assert "→" not in effects["Online demo (online)"]
    assert any("→" in effect for text, effect in effects.items() if text.startswith("Take a"))


def test_a_driver_that_nobody_named_is_not_fine(laptop: ReportDocument) -> None:
    gaps = {row.part: row for model in laptop.models for row in model.gaps}
    row = gaps["Software (gpu-fp16)"]
    assert row.need.startswith("driver ≥") or row.status == "bad"
    made = report(LAPTOP, "voxcpm-0.5b", lang="zh")
    [row] = [row for row in made.models[0].gaps if row.part == "软件（gpu-fp16）"]
    assert (row.need, row.have, row.status) == ("驱动 ≥ 528.33", "未知", "unknown")


def test_a_driver_that_is_there() -> None:
    made = report(
        "{os: linux, arch: x86_64, memory: {total: 32GiB}, cpu: {cores: 8},"
        " gpus: [{name: RTX 3060, vram: 12GiB, driver: '580.95'}], disk: {free: 99GB}}",
        "indextts-2.5", lang="zh",
    )  # fmt: skip
    drivers = [row for row in made.models[0].gaps if "驱动" in row.need]
    assert all(row.have == "驱动 580.95" and row.status == "good" for row in drivers)


ONE_MODE = [LAPTOP, "mac-mini-m4-16gb", "office-pc-i5-4590", "desktop-rtx-4090-24gb", "name: x",
            "{os: linux, memory: {total: 16GiB, available: 1GiB}, cpu: {cores: 4}, gpus: [],"
            " disk: {free: 5GB, total: 100GB}}"]  # fmt: skip


@pytest.mark.parametrize("machine", ONE_MODE)
@pytest.mark.parametrize("mode", ["gpu-fp16", "cpu-fp32"])
def test_one_mode_is_not_told_in_the_plural(machine: str, mode: str) -> None:
    made = report(machine, f"voxcpm-0.5b:{mode}")
    told = [*made.overview, *made.conclusion, *made.limits, *made.models[0].advantages,
            *made.models[0].challenges, *(f.text for f in made.findings),
            *(line.note or "" for line in made.environment), *(u.text for u in made.upgrades),
            *(made.first.why if made.first else [])]  # fmt: skip
    for text in told:
        assert not re.search(r"\b(1|all|the) (GPU |CPU )?modes\b|\b1 ways|there is is", text), text
        assert not re.search(r"every mode|most demanding|least demanding", text), text


def test_the_upgrade_within_the_conclusion(laptop: ReportDocument) -> None:
    assert laptop.conclusion[-1].startswith("If you upgrade, take a computer with a GeForce")
    assert laptop.conclusion[-1].endswith("that lifts the verdicts on all 6 models.")


def test_facts_that_are_missing() -> None:
    some = report(
        "{memory: {total: 16GiB}, gpus: [{name: RTX 3050}], os: linux}", "voxcpm-2:nano-vllm"
    )
    told = " ".join(some.overview)
    assert "VRAM (`--vram 12GiB`)" in told
    assert "--ram" not in told
    other = report("{memory: {total: 16GiB}, gpus: []}", "voxcpm-0.5b")
    assert "Missing: processor cores (`--cores 8`)." in " ".join(other.conclusion)
    assert other.conclusion[0].startswith("Whether VoxCPM-0.5B runs here")


def test_chinese_recipes_speak_chinese() -> None:
    made = report("desktop-rtx-3060-12gb", "voxcpm-0.5b", "indextts-2.5", lang="zh")
    code = "\n".join(recipe.code for model in made.models for recipe in model.recipes)
    assert "AI 语音技术正在快速发展。" in code
    assert "reference.wav 的逐字文本" in code
    assert "这是我克隆的声音。" in code
    assert "AI speech technology" not in code and "cloned voice" not in code
    assert 'lang="EN"' not in code and "--language en" not in code
    english = report("desktop-rtx-3060-12gb", "voxcpm-0.5b")
    assert "AI speech technology" in english.models[0].recipes[0].code


def test_samples() -> None:
    assert in_chinese('f(lang="EN")  # ZH, EN') == 'f(lang="EN")  # ZH, EN'
    changed = in_chinese('f(text="This is my cloned voice.", lang="EN")  # ZH, EN')
    assert changed == 'f(text="这是我克隆的声音。", lang="ZH")  # ZH, EN'
    assert in_chinese('--lang en --text "This is my cloned voice."').startswith("--lang zh ")
    assert in_chinese('--language en --text "This is my cloned voice."').startswith("--language zh")


def test_prices_in_chinese() -> None:
    made = report("desktop-rtx-3060-12gb", "indextts-2", lang="zh")
    assert re.search(r"首发价 [\d,]+ 美元（\d{4}-\d\d-\d\d）\[\d+\]。", made.upgrades[0].text)
