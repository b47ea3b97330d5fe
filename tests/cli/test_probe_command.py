"""``vcf probe``: shown, saved, raw, deep; what is saved replays to the same verdicts."""

from __future__ import annotations

import getpass
import json
import os
import socket
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from vcf.cli.probe import write_machine
from vcf.machine import deep, raw
from vcf.machine import probe as probe_module
from vcf.machine.host import ReplayHost
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Cpu, Gpu, Machine


@pytest.mark.parametrize("suffix", [".yaml", ".yml", ".json", ""])
@pytest.mark.parametrize("name", ["desktop-rtx-3060-12gb", "macbook-air-m1-8gb", "asus-gl552vw"])
def test_saved_machines_replay(name, suffix, vcf, tmp_path, monkeypatch) -> None:
    found = load_machine(name)
    monkeypatch.setattr(probe_module, "probe", lambda note=None: found)
    file = tmp_path / f"saved{suffix}"
    done = vcf("probe", "--save", file)
    assert (done.code, done.out) == (0, "")
    assert done.err == f"Saved to {file}.\n"
    assert load_machine(file) == found
    live = vcf("check", "--json", "--lang", "zh")
    read = vcf("check", "--json", "--lang", "zh", "--machine", file)
    assert live.code == read.code
    assert live.out == read.out.replace(f" --machine {file}", "")
    text = file.read_text(encoding="utf-8")
    assert text.startswith("{") == (suffix == ".json")


def test_this_machine_replays(vcf, tmp_path) -> None:
    file = tmp_path / "saved.yaml"
    assert vcf("probe", "--save", file).code == 0
    saved = vcf("check", "--json", "--machine", file).json["results"][0]
    live = vcf("check", "--json").json["results"][0]
    keys = ("model", "mode", "verdict", "stars", "confidence")

    def short(result: dict) -> list[tuple]:
        return [tuple(a[key] for key in keys) for a in result["assessments"]]

    assert short(saved) == short(live)
    for fact in ("os", "arch", "cpu", "gpus", "software"):
        assert saved["machine"][fact] == live["machine"][fact]


names = st.text(st.characters(exclude_categories=("Cs", "Cc", "Cn")), max_size=40)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(name=names, other=names, suffix=st.sampled_from([".yaml", ".json"]))
def test_any_name_is_saved_as_it_is(name, other, suffix, tmp_path) -> None:
    machine = Machine(
        name=name or "x",
        os_version=other,
        cpu=Cpu(model=name),
        gpus=[Gpu(name=other, vendor="intel")],
        software={"python": name, "torch": None},
        sources={"cpu.model": other},
        unknown={"disk.free_bytes": name},
    )
    file = tmp_path / f"m{suffix}"
    write_machine(machine, str(file))
    assert load_machine(file) == machine


@pytest.mark.parametrize(
    "text", ["3.10", "yes", "null", "12:30", "1_000", "0x10", "~", "2020-01-01"]
)
def test_words_that_yaml_would_read_as_something_else(text, tmp_path) -> None:
    machine = Machine(name=text, gpus=[], software={"python": text})
    write_machine(machine, str(tmp_path / "m.yaml"))
    assert load_machine(tmp_path / "m.yaml") == machine


def test_table(vcf, probed) -> None:
    done = vcf("probe")
    assert (done.code, done.err) == (0, "")
    lines = done.out.splitlines()
    assert lines[0].split() == ["Fact", "Value", "Source"]
    assert any(line.startswith("memory.total_bytes") and "GiB" in line for line in lines)
    assert any(line.startswith("gpus[0].name") and "RTX 3060" in line for line in lines)
    assert "unknown: not said in the file" in done.out
    assert vcf("probe", "--lang", "zh").out.startswith("项目")


def test_save_and_json(vcf, probed, tmp_path, valid) -> None:
    file = tmp_path / "m.yaml"
    done = vcf("probe", "--json", "--save", file, "--lang", "zh")
    valid("probe", done.json)
    assert done.err == f"已保存到 {file}。\n"
    assert done.json == yaml.safe_load(file.read_text(encoding="utf-8"))


def test_save_to_standard_output(vcf, probed) -> None:
    done = vcf("probe", "--save", "-")
    assert yaml.safe_load(done.out)["name"] == probed.name


def test_notes(vcf, probed) -> None:
    for command in ("probe", "check"):
        done = vcf(command, "-v")
        assert done.err == "vcf: cpu probe: no answer in 3 s\n"
        assert done.code == 0
        assert vcf(command).err == ""


def test_a_real_probe_fails(vcf, monkeypatch) -> None:
    def broken(host: object) -> None:
        raise RuntimeError("\x1b[31mno luck")

    probes = [(n, broken if n == "memory" else p, paths) for n, p, paths in probe_module.PROBES]
    monkeypatch.setattr(probe_module, "PROBES", tuple(probes))
    done = vcf("probe", "-v", "--json")
    assert done.code == 0
    assert done.err.startswith("vcf: memory probe: ")
    assert "no luck" in done.err
    assert "\x1b" not in done.err
    assert done.json["memory"]["total_bytes"] is None
    assert "no luck" in done.json["unknown"]["memory.total_bytes"]


ANSWER = {"torch": "2.8.0+cu128", "available": True, "devices": [{"name": "\x1b[31mGPU"}]}


def test_deep(vcf, probed, monkeypatch, valid) -> None:
    monkeypatch.setattr(deep, "ask_torch", lambda: ANSWER)
    done = vcf("probe", "--deep")
    assert done.code == 0
    assert "torch.torch" in done.out
    assert "2.8.0+cu128" in done.out
    assert "\x1b" not in done.out
    document = vcf("probe", "--deep", "--json").json
    assert document["deep"] == ANSWER
    valid("probe", document)
    assert "torch.torch" not in vcf("probe").out
    assert "deep" not in vcf("probe", "--json").json


def test_deep_and_save(vcf, probed, monkeypatch, tmp_path) -> None:
    monkeypatch.setattr(deep, "ask_torch", lambda: {"error": "No module named 'torch'"})
    done = vcf("probe", "--deep", "--save", tmp_path / "m.yaml")
    assert "No module named 'torch'" in done.out
    assert load_machine(tmp_path / "m.yaml") == probed


def test_raw(vcf) -> None:
    done = vcf("probe", "--raw")
    assert (done.code, done.err) == (0, "")
    document = done.json
    assert document["schema"] == "vcf.raw/1"
    assert document["answers"]
    assert all(set(answer) <= {"ok", "error"} for answer in document["answers"].values())
    replayed = probe_module.probe(ReplayHost(document["answers"]))
    live = vcf("probe", "--json").json
    assert replayed.cpu.model == live["cpu"]["model"]
    assert replayed.os == live["os"]
    assert vcf("probe", "--raw", "--json").json["schema"] == "vcf.raw/1"


def test_raw_names_nobody(tmp_path) -> None:
    """With a user, home and host of their own, so that the words can't be there by chance."""
    home = tmp_path / "home" / "mnemosyne"
    home.mkdir(parents=True)
    environment = dict(os.environ, HOME=str(home), USER="mnemosyne", LOGNAME="mnemosyne",
                       HF_HOME=str(home / "models"), HOSTNAME="tartarus-7")  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "vcf", "probe", "--raw"],
        capture_output=True, env=environment, check=True, text=True,
    )  # fmt: skip
    told = json.loads(done.stdout)
    assert told["answers"]
    for word in ("mnemosyne", "tartarus-7", str(home)):
        assert word not in done.stdout


def test_raw_names_not_this_computer(vcf) -> None:
    told = vcf("probe", "--raw").out
    words = {str(Path.home()), socket.gethostname(), getpass.getuser()}
    # 'root', 'vm' and the like are parts of ordinary words
    for word in (w for w in words if len(w) > 5):
        assert word not in told


def test_raw_asks_the_live_host(vcf, monkeypatch) -> None:
    asked = []
    collect = raw.collect_raw
    monkeypatch.setattr(raw, "collect_raw", lambda host: asked.append(host) or collect(host))
    assert vcf("probe", "--raw").code == 0
    assert [type(host).__name__ for host in asked] == ["LiveHost"]


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_can_be_saved(name, tmp_path) -> None:
    machine = load_machine(name)
    for suffix in (".yaml", ".json"):
        write_machine(machine, str(tmp_path / f"m{suffix}"))
        assert load_machine(tmp_path / f"m{suffix}") == machine
    assert msgspec.json.decode((tmp_path / "m.json").read_bytes())["name"] == name
