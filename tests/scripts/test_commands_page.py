"""docs/commands.md has every command, with the help that the program prints."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("commands_page")


@pytest.fixture
def small(script: ModuleType, monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    """The script with two commands, whose help costs nothing."""
    words = {"check": ("check",), "bench-list": ("bench", "list")}
    monkeypatch.setattr(script, "commands", lambda root: words)
    monkeypatch.setattr(script, "help_text", lambda *command: lambda: f"help of {command}")
    return script


def block(name: str, body: str = "") -> str:
    return f"## {name}\n\n<!-- help:{name} -->\n{body}\n<!-- /help:{name} -->\n"


def page(folder: Path, *blocks: str) -> Path:
    file = folder / "commands.md"
    file.write_text("# Commands\n\n" + "\n".join(blocks), "utf-8")
    return file


def test_every_command_is_found(script: ModuleType) -> None:
    found = script.commands(script.command_line(script.app))
    assert found["vcf"] == () and found["check"] == ("check",)
    assert found["bench"] == ("bench",) and found["bench-voxcpm"] == ("bench", "voxcpm")
    assert found["models-show"] == ("models", "show")


def test_the_page_has_every_command(script: ModuleType) -> None:
    known = script.commands(script.command_line(script.app))
    assert script.complaints(script.PAGE.read_text("utf-8"), known) == []


def test_written_page_passes(
    small: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = page(tmp_path, block("check"), "By hand.\n", block("bench-list"))
    assert small.main(["--check", "--page", str(file)]) == 1
    assert small.main(["--page", str(file)]) == 0
    written = file.read_text("utf-8")
    assert "help of ('bench', 'list')" in written and "By hand." in written
    capsys.readouterr()
    assert small.main(["--check", "--page", str(file)]) == 0
    assert small.main(["--page", str(file)]) == 0 and file.read_text("utf-8") == written
    assert capsys.readouterr() == ("", "")


def test_stale_block(small: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = page(tmp_path, block("check", "help of ('check',)"), block("bench-list", "old"))
    before = file.read_text("utf-8")
    assert small.main(["--check", "--page", str(file)]) == 1
    told = capsys.readouterr()
    assert "-old" in told.out and "+help of ('bench', 'list')" in told.out
    assert "commands.md is out of date: run `python scripts/commands_page.py`" in told.err
    assert file.read_text("utf-8") == before


@pytest.mark.parametrize("flags", [[], ["--check"]])
def test_missing_block(
    small: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: list[str]
) -> None:
    file = page(tmp_path, block("check", "help of ('check',)"))
    before = file.read_text("utf-8")
    assert small.main([*flags, "--page", str(file)]) == 1
    told = capsys.readouterr().err
    assert "`vcf bench list` has no block" in told and "<!-- help:bench-list -->" in told
    assert file.read_text("utf-8") == before


def test_unknown_block(
    small: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = page(tmp_path, block("check"), block("bench-list"), block("fleet"))
    assert small.main(["--page", str(file)]) == 1
    assert "help:fleet is the block of no command" in capsys.readouterr().err


def test_block_that_stands_twice(
    small: ModuleType, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = page(tmp_path, block("check"), block("bench-list"), block("check"))
    assert small.main(["--page", str(file)]) == 1
    assert "help:check stands 2 times" in capsys.readouterr().err


def test_help_is_that_of_the_program(script: ModuleType) -> None:
    assert "Usage: vcf models show" in script.help_text("models", "show")()


def test_unclosed_block(small: ModuleType, tmp_path: Path) -> None:
    file = page(tmp_path, block("check"), "<!-- help:bench-list -->\n")
    with pytest.raises(SystemExit, match="help:bench-list"):
        small.main(["--page", str(file)])
