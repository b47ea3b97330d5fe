"""`vcf plan`: the answer on the screen and as JSON, exit codes, and commands that say the same."""

from __future__ import annotations

import os
import shlex
import subprocess

import pytest
from rich.cells import cell_len

from vcf.cli.flags import what_if_flags
from vcf.machine.load import profile_names
from vcf.machine.whatif import WhatIf
from vcf.shell import command


def check_of(vcf, command: str) -> dict:
    """The assessment that a printed command gives."""
    program, *words = shlex.split(command)
    assert program == "vcf"
    done = vcf(*words, "--json")
    [assessment] = done.json["results"][0]["assessments"]
    return assessment


@pytest.mark.parametrize("name", ["asus-gl552vw", "desktop-gtx-1060-6gb", "macbook-air-m1-8gb"])
@pytest.mark.parametrize("what", ["voxcpm-2", "indextts-2:gpu"])
def test_each_command_gives_the_verdict_that_is_promised(vcf, valid, name: str, what: str) -> None:
    done = vcf("plan", what, "--machine", name, "--json")
    document = done.json
    valid("plan", document)
    [plan] = document["plans"]
    assert done.code == (0 if plan["reached"] or plan["options"] else 1)
    options = [*plan["options"], *([plan["nearest"]] if plan["nearest"] else [])]
    for option in options:
        told = check_of(vcf, option["check"])
        after = option["after"]
        for field in ("model", "mode", "verdict", "score", "stars", "rtf"):
            assert told[field] == after[field]


def test_work_and_what_ifs_go_into_the_commands(vcf, tmp_path) -> None:
    folder = tmp_path / "my machines"
    folder.mkdir()
    file = folder / "desk one.yaml"
    file.write_text("os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 8GiB}\ngpus: []\n")
    done = vcf(
        "plan", "voxcpm-2:gpu-bf16", "--machine", file, "--ram", "24GiB", "--text-seconds", "20",
        "--reference-seconds", "5", "--json",
    )  # fmt: skip
    [plan] = done.json["plans"]
    assert done.json["workload"]["speech_seconds"] == 20
    for option in plan["options"]:
        assert check_of(vcf, option["check"])["verdict"] == option["after"]["verdict"] == "good"
    words = shlex.split(plan["options"][-1]["check"])
    for expected in (str(file), "--ram", "24GiB", "--text-seconds", "20", "--reference-seconds"):
        assert expected in words
    full = vcf(
        "plan", "indextts-2", "--machine", file, "--steps", "12", "--emotion", "--target", "slow",
        "--json",
    )  # fmt: skip
    [plan] = full.json["plans"]
    assert all({"--steps", "--emotion"} <= set(shlex.split(o["check"])) for o in plan["options"])


def test_flags_of_what_ifs() -> None:
    assert what_if_flags(WhatIf()) == []
    given = WhatIf(gpu="RTX 3060", cores=4, idle=True, fresh=True)
    assert what_if_flags(given) == ["--gpu", "RTX 3060", "--cores", "4", "--idle", "--fresh"]


@pytest.mark.parametrize("name", sorted(profile_names()))
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_on_the_screen(vcf, monkeypatch, name: str, lang: str) -> None:
    monkeypatch.setenv("COLUMNS", "80")
    done = vcf("plan", "--machine", name, "--lang", lang)
    assert done.code in (0, 1)
    lines = done.out.splitlines()
    commands = [line for line in lines if line.strip().startswith("vcf check")]
    for line in lines:
        assert cell_len(line) <= 80 or line in commands, line
    assert ("vcf check" in done.out) == bool(commands)
    assert done.err == ""


def test_every_model_where_none_is_named_and_families(vcf) -> None:
    every = vcf("plan", "--machine", "asus-gl552vw", "--json").json["plans"]
    assert len(every) == 6
    family = vcf("plan", "indextts", "--machine", "asus-gl552vw", "--json").json["plans"]
    assert [plan["model"] for plan in family] == ["indextts-1.5", "indextts-2", "indextts-2.5"]
    joined = vcf(
        "plan", "voxcpm-2:cpu", "voxcpm-2:gpu", "--machine", "asus-gl552vw", "--json"
    ).json["plans"]
    assert len(joined) == 1
    assert {mode.partition("-")[0] for mode in joined[0]["modes"]} == {"cpu", "gpu"}


def test_reached_already(vcf) -> None:
    done = vcf("plan", "voxcpm-2", "--machine", "desktop-rtx-4090-24gb")
    assert done.code == 0
    assert "needs no change" in done.out and "vcf check" not in done.out
    zh = vcf("plan", "voxcpm-2", "--machine", "desktop-rtx-4090-24gb", "--lang", "zh")
    assert "无需改动" in zh.out


def test_a_budget(vcf) -> None:
    done = vcf("plan", "voxcpm-2:gpu-bf16", "--machine", "desktop-gtx-1060-6gb", "--budget", "0")
    assert "launch price" not in done.out and "prices of RAM" in done.out
    rich = vcf(
        "plan", "voxcpm-2:gpu-bf16", "--machine", "desktop-gtx-1060-6gb", "--budget", "600",
        "--json",
    ).json  # fmt: skip
    assert rich["budget_usd"] == 600
    assert any(o["usd"] == 549 for o in rich["plans"][0]["options"])
    none = vcf("plan", "indextts-2", "--machine", "asus-gl552vw", "--budget", "100")
    assert none.code == 1, (
        "nothing free makes it faster than real time, and the laptop takes no card"
    )
    assert "Nothing for 100 USD or less" in none.out
    vcf("plan", "voxcpm-2", "--budget", "-1").refused("--budget")


def test_nothing_leads_there(vcf, tmp_path) -> None:
    file = tmp_path / "crumb.yaml"
    file.write_text("os: linux\ncpu: {cores: 2}\nmemory: {total: 1GiB}\ngpus: []\n")
    done = vcf("plan", "voxcpm-2", "--machine", file, "--budget", "0")
    assert done.code == 1
    assert "Nothing for 0 USD or less" in done.out
    assert "Nor does anything get better" in done.out
    assert "https://" in done.out, "it can be tried online"


def test_what_comes_nearest(vcf) -> None:
    done = vcf("plan", "voxcpm-2:cpu-fp32", "--machine", "raspberry-pi-4b-2gb", "--budget", "0")
    assert done.code in (0, 1)
    one = vcf("plan", "indextts-2", "--machine", "office-pc-i5-4590", "--budget", "0", "--json")
    [plan] = one.json["plans"]
    assert (plan["nearest"] is None) or not plan["options"]


def test_a_missing_fact_is_named_with_its_flag(vcf, tmp_path) -> None:
    file = tmp_path / "little.yaml"
    file.write_text("os: linux\ncpu: {cores: 8}\nmemory: {total: 16GiB}\n")
    done = vcf("plan", "voxcpm-2:gpu-bf16", "--machine", file)
    assert '--gpu "RTX 3060"' in done.out
    empty = tmp_path / "empty.yaml"
    empty.write_text("name: nothing-known\n")
    done = vcf("plan", "voxcpm-2:cpu-bf16", "--machine", empty, "--budget", "0")
    assert done.code == 3
    assert "--ram 16GiB" in done.out


def test_at_best(vcf, valid) -> None:
    done = vcf("plan", "--at-best", "12GiB", "--machine", "asus-gl552vw", "--json")
    document = done.json
    valid("plan", document)
    assert document["plans"] == [] and done.code == 0
    assert [each["card"][-5:] for each in document["at_best"]] == ["12 GB", "12 GB"]
    for each in document["at_best"]:
        words = shlex.split(each["check"])
        told = vcf(*words[1:], "--json").json["results"][0]["assessments"]
        for stand in each["verdicts"]:
            same = [a for a in told if (a["model"], a["mode"]) == (stand["model"], stand["mode"])]
            assert same[0]["verdict"] == stand["verdict"] and same[0]["rtf"] == stand["rtf"]
    shown = vcf("plan", "voxcpm", "--at-best", "8 GB", "--machine", "asus-gl552vw", "--lang", "zh")
    assert "显存" in shown.out and "voxcpm-2" in shown.out and "indextts" not in shown.out


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["voxcpm-2:online"], "nothing to plan"),
        (["voxcpm-9"], "voxcpm-9"),
        (["voxcpm-2", "--at-best", "twelve"], "--at-best"),
        (["voxcpm-2", "--at-best", "1MB"], "--at-best"),
        (["voxcpm-2:gpu", "--at-best", "8GiB"], "--at-best"),
        (["voxcpm-2", "--at-best", "8GiB", "--budget", "5"], "--at-best contradicts"),
        (["voxcpm-2", "--machine", "no-such-file.yaml"], "no-such-file.yaml"),
        (["voxcpm-2", "--vram", "12GiB", "--machine", "office-pc-i5-4590"], "--vram"),
        (["voxcpm-2", "--steps", "0"], "--steps"),
    ],
)
def test_bad_input(vcf, words: list[str], told: str) -> None:
    vcf("plan", *words).refused(told)


def test_here_is_what_no_machine_means(vcf) -> None:
    vcf("plan", "voxcpm-2", "--machine", "here").refused("here", hint="leave --machine out")


def test_a_folder_is_refused_with_a_hint(vcf, tmp_path) -> None:
    vcf("plan", "voxcpm-2", "--machine", tmp_path).refused("folder", hint="vcf check --machine")


def test_this_computer(vcf, probed) -> None:
    done = vcf("plan", "voxcpm-2:gpu-bf16", "--json")
    for option in done.json["plans"][0]["options"]:
        assert "--machine" not in option["check"]
    fresh = vcf("plan", "voxcpm-2:gpu-bf16", "--cores", "4", "--json")
    assert fresh.code == 0


def test_into_a_file(vcf, tmp_path) -> None:
    file = tmp_path / "plan.txt"
    assert vcf("plan", "voxcpm-2", "--machine", "asus-gl552vw", "-o", file).out == ""
    assert "vcf check voxcpm-2" in file.read_text(encoding="utf-8")


def test_hostile_names(vcf, tmp_path) -> None:
    file = tmp_path / "evil.yaml"
    file.write_text(
        'name: "\\e[31mred\\u202e"\nos: linux\nmemory: {total: 16GiB}\n'
        'cpu: {model: "<script>\\a", cores: 4}\n'
        'gpus: [{name: "\\e]0;title\\a' + "x" * 9000 + '", vram: 4GiB, vendor: nvidia}]\n',
        encoding="utf-8",
    )
    done = vcf("plan", "--machine", file)
    assert done.code in (0, 1, 3)
    assert "\x1b" not in done.out and "\x07" not in done.out and "\u202e" not in done.out
    assert all(len(line) < 1000 for line in done.out.splitlines())


@pytest.mark.parametrize(
    "flags",
    [
        ["--driver", "450.10"],
        ["--gpu", "GTX 1060", "--vram", "6GiB", "--driver", "450.10"],
        ["--vram", "3GiB"],
        ["--ram", "6GiB", "--cores", "2", "--os", "linux"],
        ["--disk", "3GB", "--idle", "--fresh"],
        ["--steps", "12"],
    ],
)
def test_what_ifs_of_the_question_never_contradict_the_answer(vcf, flags: list[str]) -> None:
    for model in ("voxcpm-0.5b", "voxcpm-2:gpu-bf16", "indextts-2.5"):
        done = vcf("plan", model, "--machine", "desktop-gtx-1060-6gb", *flags, "--json")
        [plan] = done.json["plans"]
        for option in [*plan["options"], *([plan["nearest"]] if plan["nearest"] else [])]:
            told = check_of(vcf, option["check"])
            for field in ("verdict", "stars", "rtf"):
                assert told[field] == option["after"][field], option["check"]


def test_at_best_where_no_card_fits(vcf) -> None:
    mac = vcf("plan", "voxcpm-2", "--at-best", "8GiB", "--machine", "mac-mini-m4-16gb")
    assert "in another computer" in mac.out
    desk = vcf("plan", "voxcpm-2", "--at-best", "8GiB", "--machine", "office-pc-i5-4590")
    assert "another computer" not in desk.out


NAMES = [
    "plain.yaml", "with space.yaml", "d$HOME.yaml", "a$(touch PWNED)x.yaml", "b`touch PWNED`.yaml",
    "q'uote.yaml", 'q"uote.yaml', "back\\slash.yaml", "bang!x.yaml", "semi;touch PWNED.yaml",
    "中文 文件.yaml", "star*.yaml", "(paren) & more.yaml", "-dash.yaml", "new\nline.yaml",
]  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.skipif(os.name == "nt", reason="not names there")
def test_what_is_printed_can_be_pasted(vcf, tmp_path, name: str) -> None:
    """sh finds the same words in it, and does nothing else."""
    file = tmp_path / name
    file.write_text("os: linux\ncpu: {cores: 8, isa: [avx2]}\nmemory: {total: 32GiB}\ngpus: []\n")
    done = vcf("plan", "voxcpm-2:gpu-bf16", "--machine", file, "--json")
    for option in done.json["plans"][0]["options"]:
        show = f"vcf() {{ printf '%s\\0' \"$@\"; }}; {option['check']}"
        ran = subprocess.run(["sh", "-c", show], capture_output=True, check=True, cwd=tmp_path)
        words = ran.stdout.decode().split("\0")
        assert str(file) in words
        assert check_of(vcf, option["check"])["verdict"] == option["after"]["verdict"]
    assert not (tmp_path / "PWNED").exists()


@pytest.mark.parametrize(
    ("word", "written"),
    [
        ("GeForce RTX 3060", '"GeForce RTX 3060"'),
        (r"C:\Users\a b\x.yaml", r'"C:\Users\a b\x.yaml"'),
        (r"C:\x.yaml", r"C:\x.yaml"), ("$env:x", "'$env:x'"), ("it's", "'it''s'"), ("100%", "100%"),
    ],
)  # fmt: skip
def test_quotes_of_windows(word: str, written: str) -> None:
    assert command((word,), windows=True) == written


def test_undecodable_file_names_are_no_failure(vcf, tmp_path) -> None:
    file = tmp_path / os.fsdecode(b"s\xffx.yaml")
    try:
        file.write_text("os: linux\nmemory: {total: 32GiB}\ngpus: []\n")
    except OSError:
        pytest.skip("the file system takes no such name")
    assert vcf("plan", "voxcpm-2:gpu-bf16", "--machine", file, "--json").code == 0
    assert vcf("check", "voxcpm-2", "--machine", file, "--json").code in (0, 1, 3)
