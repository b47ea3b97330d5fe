"""schema, models, profiles; language; models files; completion; ``vcf`` alone."""

from __future__ import annotations

import io
import os
import subprocess
import sys

import pytest

from vcf import __version__
from vcf.catalogue import load as catalogue_load
from vcf.cli import app, check
from vcf.cli.main import run
from vcf.cli.output import PIPED_WIDTH, console, language
from vcf.cli.profiles import description
from vcf.machine.load import profile_names

MODELS = ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2", "indextts-1.5", "indextts-2", "indextts-2.5"]


def chinese(text: str) -> bool:
    return any("\u4e00" <= c <= "\u9fff" for c in text)


def test_version(vcf) -> None:
    assert vcf("--version").out == f"vcf {__version__}\n"
    assert vcf("--traceback", "--version").out == f"vcf {__version__}\n"


def test_help(vcf) -> None:
    for flag in ("--help", "-h"):
        done = vcf(flag)
        assert done.code == 0
        for command in ("check", "probe", "schema", "models", "profiles"):
            assert command in done.out
    told = vcf("check", "--help").out
    for flag in (
        "--mode", "--machine", "--gpu", "--vram", "--ram", "--cores", "--os", "--disk", "--driver",
        "--max-rtf", "--strict", "--format", "--json", "--output", "--models", "--lang",
        "--verbose",
    ):  # fmt: skip
        assert flag in told
    assert "Exit codes: 0" in told
    assert "--traceback" not in told


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_models_list(lang, vcf) -> None:
    done = vcf("models", "list", "--lang", lang)
    assert (done.code, done.err) == (0, "")
    for model in MODELS:
        assert model in done.out
    assert chinese(done.out) == (lang == "zh")
    assert done.out.splitlines()[0].split()[0] == {"en": "Model", "zh": "模型"}[lang]


@pytest.mark.parametrize("lang", ["en", "zh"])
@pytest.mark.parametrize("model", MODELS)
def test_models_show(model, lang, vcf) -> None:
    done = vcf("models", "show", model, "--lang", lang)
    assert (done.code, done.err) == (0, "")
    assert f"({model})" in done.out.splitlines()[0]
    assert ("各来源给出的要求" if lang == "zh" else "Requirements by source") in done.out
    assert "huggingface.co" in done.out.replace("\n", "")


def test_models_show_family(vcf) -> None:
    done = vcf("models", "show", "indextts")
    for model in MODELS[3:]:
        assert f"({model})" in done.out
    assert "(voxcpm-2)" not in done.out


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_profiles(lang, vcf) -> None:
    done = vcf("profiles", "list", "--lang", lang)
    for name in profile_names():
        assert name in done.out
    assert done.out.split()[0] == {"en": "Profile", "zh": "配置"}[lang]
    shown = vcf("profiles", "show", "asus-gl552vw", "--lang", lang)
    assert shown.code == 0
    assert "GTX 960M" in shown.out
    assert ("未知" if lang == "zh" else "unknown") in shown.out


def test_profiles_show_takes_files(vcf, desk) -> None:
    assert "RTX 3060" in vcf("profiles", "show", desk).out


@pytest.mark.parametrize("name", profile_names())
def test_descriptions(name) -> None:
    said = description(name)
    assert 10 < len(said) < 120
    assert "\n" not in said


def test_description_may_be_missing(tmp_path) -> None:
    file = tmp_path / "m.yaml"
    file.write_text("os: linux\n")
    assert description(str(file)) == ""
    file.write_text("description: |\n  first\n  second\n")
    assert description(str(file)) == "first"


@pytest.mark.parametrize(
    ("variables", "lang"),
    [
        ({}, "en"),
        ({"LANG": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_TW.Big5"}, "zh"),
        ({"LANG": "ZH"}, "zh"),
        ({"LANG": "de_DE.UTF-8"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "LC_ALL": "C"}, "en"),
        ({"LANG": "en_US.UTF-8", "LC_MESSAGES": "zh_CN.UTF-8"}, "zh"),
        ({"LANG": "en_US.UTF-8", "LC_ALL": ""}, "en"),
        ({"LANG": "en_US.UTF-8", "VCF_LANG": "zh"}, "zh"),
        ({"LANG": "zh_CN.UTF-8", "VCF_LANG": "en"}, "en"),
    ],
)
def test_language_of_the_environment(variables, lang, vcf, monkeypatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    assert language(None) == lang
    for arguments in (
        ["check", "voxcpm-2", "--machine", "asus-gl552vw"],
        ["profiles", "list"],
        ["models", "list"],
        ["profiles", "show", "asus-gl552vw"],
    ):
        first = vcf(*arguments).out.splitlines()[0]
        assert chinese(first) == (lang == "zh")


def test_lang_beats_the_environment(vcf, monkeypatch) -> None:
    monkeypatch.setenv("VCF_LANG", "zh")
    assert not chinese(vcf("models", "list", "--lang", "en").out)
    monkeypatch.setenv("VCF_LANG", "fr")
    vcf("models", "list").refused("VCF_LANG", "fr")
    vcf().refused("VCF_LANG", "fr")


MINE = """
sources: {mine: {title: My own, date: 2026-11-01, kind: measured}}
models:
  voxcpm-2: {name: VoxCPM2 of mine}
"""


def test_models_file(vcf, tmp_path, monkeypatch, probed) -> None:
    file = tmp_path / "mine.yaml"
    file.write_text(MINE)
    assert "VoxCPM2 of mine" in vcf("models", "show", "voxcpm-2", "--models", file).out
    assert "VoxCPM2 of mine" in vcf("models", "list", "--models", file, "--json").out
    assert "of mine" not in vcf("models", "show", "voxcpm-2").out
    given = vcf("check", "voxcpm-2:online", "--models", file).out
    assert given.splitlines()[0] == "VoxCPM2 of mine can be used online."
    monkeypatch.setenv("VCF_MODELS", str(file))
    assert vcf("check", "voxcpm-2:online").out == given
    assert "VoxCPM2 of mine" in vcf("models", "list", "--json").out
    assert vcf("check").out == vcf().out


def test_models_file_of_a_folder(vcf, tmp_path) -> None:
    (tmp_path / "mine.yaml").write_text(MINE)
    (tmp_path / "machines").mkdir()
    (tmp_path / "machines" / "a.yaml").write_text("memory: {total: 16GiB}\n")
    done = vcf(
        "check", "voxcpm-2:online", "--json", "--models", tmp_path / "mine.yaml",
        "--machine", tmp_path / "machines",
    )  # fmt: skip
    assert "VoxCPM2 of mine" in done.out


@pytest.mark.parametrize("variables", [{}, {"VCF_LANG": "zh"}, {"VCF_MODELS": "/no/such.yaml"}])
def test_vcf_alone_is_vcf_check(variables, vcf, probed, monkeypatch) -> None:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    alone, check = vcf(), vcf("check")
    assert (alone.code, alone.out, alone.err) == (check.code, check.out, check.err)
    assert alone.code == (2 if "VCF_MODELS" in variables else 0)
    assert vcf("--traceback", *[]).out == check.out or "VCF_MODELS" in variables


def test_everything_reaches_check(monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(check, "run", lambda arguments: seen.append(arguments) or 0)
    assert run(["check", "a:b", "c", "-m", "cpu", "-m", "gpu", "--max-rtf", "2", "--strict", "-v",
                "-f", "csv", "-o", "x", "--models", "y", "--lang", "zh"]) == 0  # fmt: skip
    [arguments] = seen
    assert arguments.what == ("a:b", "c")
    assert arguments.modes == ("cpu", "gpu")
    assert arguments.max_rtf == 2
    assert arguments.strict
    assert arguments.verbose
    assert (arguments.format.value, arguments.output, arguments.models) == ("csv", "x", "y")
    assert arguments.lang == "zh"
    assert not arguments.what_if.given


def environment(**more: str) -> dict[str, str]:
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("VCF_", "_VCF"))}
    return {**kept, **more}


def test_completion() -> None:
    done = subprocess.run(
        [sys.executable, "-c", "import sys; from vcf.cli.main import run; sys.exit(run([]))"],
        env=environment(
            _VCF_COMPLETE="complete_bash", COMP_WORDS="vcf check --format ", COMP_CWORD="3"
        ),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert set(done.stdout.split()) == {"table", "json", "markdown", "csv", "junit"}
    done = subprocess.run(
        [sys.executable, "-m", "vcf"],
        env=environment(_VCF_COMPLETE="complete_bash", COMP_WORDS="vcf ", COMP_CWORD="1"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert {"check", "probe", "schema", "models", "profiles"} <= set(done.stdout.split())


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_script(shell) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "vcf"], env=environment(_VCF_COMPLETE=f"source_{shell}"),
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert "_VCF_COMPLETE" in done.stdout
    assert done.returncode == 0


def test_completion_is_offered(vcf) -> None:
    assert "--show-completion" in vcf("--help").out
    assert "--install-completion" in vcf("--help").out


def test_every_command_has_help() -> None:
    def walk(command, path):
        assert command.help, path
        for name, below in getattr(command, "commands", {}).items():
            walk(below, f"{path} {name}")
        for option in command.params:
            if not getattr(option, "hidden", False):
                assert getattr(option, "help", ""), f"{path}: {option.name}"

    walk(app.command_line(app.app), "vcf")


def test_console_width(monkeypatch) -> None:
    assert console().width == PIPED_WIDTH
    monkeypatch.setenv("COLUMNS", "57")
    assert console().width == 57
    assert console("a file").width == PIPED_WIDTH
    assert console("a file").no_color


class Stream(io.TextIOWrapper):
    """Standard output as a terminal, or in another encoding."""

    terminal = True

    def isatty(self) -> bool:
        return self.terminal


def test_terminal(monkeypatch) -> None:
    """On a terminal its own width counts."""
    monkeypatch.setattr(sys, "stdout", Stream(io.BytesIO(), encoding="utf-8"))
    monkeypatch.setattr(os, "get_terminal_size", lambda *_: os.terminal_size((63, 20)))
    assert console().width == 63


def test_other_encodings(monkeypatch) -> None:
    stream = Stream(io.BytesIO(), encoding="cp1252")
    stream.terminal = False
    monkeypatch.setattr(sys, "stdout", stream)
    console().print("★ 结论")
    stream.flush()
    assert stream.buffer.getvalue().decode() == "★ 结论\n"  # type: ignore[attr-defined]


def test_plain_consoles() -> None:
    """A console that is not UTF-8 gets UTF-8 instead of an error."""
    done = subprocess.run(
        [sys.executable, "-m", "vcf", "check", "--lang", "zh", "--machine", "asus-gl552vw"],
        env=environment(PYTHONIOENCODING="ascii", PYTHONUTF8="0"), capture_output=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0
    assert "★" in done.stdout.decode("utf-8")
    assert done.stderr == b""


def test_catalogue_of_the_tests_is_the_shipped_one() -> None:
    assert list(catalogue_load.load_catalogue().models) == MODELS
