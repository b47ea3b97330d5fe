"""Paths as people name them, in and beyond a home folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcf.drafts import left_behind
from vcf.errors import UsageError
from vcf.paths import expanded, home_based, resolved


def test_home_is_put_in_its_place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    assert expanded("~/a", "--x") == tmp_path / "a"
    assert expanded("b", "--x") == Path("b")
    assert resolved("~/a", "--x") == (tmp_path / "a").resolve()


def test_homes_of_nobody() -> None:
    with pytest.raises(UsageError, match="--x ~nosuchuser/x: no such home folder"):
        expanded("~nosuchuser/x", "--x")
    with pytest.raises(UsageError, match="no such home folder"):
        resolved("~nosuchuser/x", "--x")

    def none() -> str:
        raise RuntimeError("could not determine")

    with pytest.raises(UsageError) as caught:
        home_based(none, "VCF_DATA_DIR")
    assert caught.value.hint == "VCF_DATA_DIR=FOLDER names a folder"
    assert home_based(lambda: "/a", "VCF_DATA_DIR") == Path("/a")


def test_names_that_can_not_be() -> None:
    with pytest.raises(UsageError, match="--x"):
        resolved("a\0b", "--x")


def test_what_has_no_owner() -> None:
    import os

    assert not left_behind(str(os.getpid()))
    assert left_behind("odd")
    assert left_behind("999999999")
