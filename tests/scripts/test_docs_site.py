"""The site of docs/: links out of it, its navigation, and what its pages claim of vcf."""

from __future__ import annotations

import importlib
import logging
import re
from pathlib import Path
from types import ModuleType

import pytest

from vcf.judge.gather import EFFECTS
from vcf.views.texts import TEXTS

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
PAGES = sorted(page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md"))
SIBLINGS = ("index", "quick-start", "reading-a-verdict")


@pytest.fixture
def hooks(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("docs_hooks")


@pytest.fixture
def docs(tmp_path: Path) -> Path:
    folder = tmp_path / "docs"
    (folder / "zh").mkdir(parents=True)
    (tmp_path / "README.md").write_text("# Readme\n", "utf-8")
    (folder / "page.md").write_text("# Page\n", "utf-8")
    return folder


@pytest.mark.parametrize(
    ("page", "text", "becomes"),
    [
        ("page.md", "[the README](../README.md#in-ci).", "`README.md`."),
        ("page.md", "[`read me`](../README.md)", "`README.md`"),
        ("zh/page.md", "看[说明](../../README.md)。", "看`README.md`。"),
    ],
)
def test_links_out_become_code(
    hooks: ModuleType, docs: Path, page: str, text: str, becomes: str
) -> None:
    assert hooks.outside_as_code(text, docs / page, docs) == becomes


@pytest.mark.parametrize(
    "text",
    [
        "[there](page.md#here)",
        "[here](#here)",
        "[web](https://example.org/../README.md)",
        "`[code](../README.md)`",
        "```text\n[fence](../README.md)\n```",
    ],
)
def test_other_links_stay(
    hooks: ModuleType, docs: Path, text: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert hooks.outside_as_code(text, docs / "page.md", docs) == text
    assert not caplog.records


@pytest.mark.parametrize("target", ["../GONE.md", "../../elsewhere.md"])
def test_links_to_nothing_are_told(
    hooks: ModuleType, docs: Path, target: str, caplog: pytest.LogCaptureFixture
) -> None:
    (docs.parent.parent / "elsewhere.md").write_text("outside of the repository", "utf-8")
    with caplog.at_level(logging.WARNING):
        assert hooks.outside_as_code(f"[a]({target})", docs / "page.md", docs) == f"[a]({target})"
    assert f"page.md links to {target}, which is not in the repository" in caplog.text


def test_every_page_is_in_the_navigation() -> None:
    listed = re.findall(r": (\S+\.md)$", (ROOT / "mkdocs.yml").read_text("utf-8"), re.MULTILINE)
    assert sorted(listed) == PAGES


@pytest.mark.parametrize("name", SIBLINGS)
def test_pages_link_their_other_language(name: str) -> None:
    for page, link in ((f"{name}.md", f"(zh/{name}.md)"), (f"zh/{name}.md", f"(../{name}.md)")):
        head = (DOCS / page).read_text("utf-8").splitlines()[:4]
        assert any(link in line for line in head), page


def test_nothing_comes_from_other_hosts() -> None:
    settings = (ROOT / "mkdocs.yml").read_text("utf-8")
    assert "font: false" in settings and "http" not in settings
    for file in (DOCS / "assets").iterdir():
        assert "http" not in file.read_text("utf-8"), file.name


def test_findings_of_troubleshooting_exist() -> None:
    """Every id that the page tells to look for, doctor can find."""
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    asked = re.findall(r"vcf doctor[^`|]*`: ((?:[^|.;]*?`[\w-]+`)+)", page)
    ids = {name for part in asked for name in re.findall(r"`([a-z][a-z-]+)`", part)}
    known = set(re.findall(r"^\| `([\w-]+)` \|", (DOCS / "doctor.md").read_text("utf-8"), re.M))
    assert {"torch-cpu-build", "page-file", "mirror-broken", "offline"} <= ids
    assert ids <= known | EFFECTS.keys(), ids - known


def test_words_quoted_from_vcf_exist() -> None:
    """What the page says that vcf says: the parts between dots stand in one text of vcf."""
    page = (DOCS / "troubleshooting.md").read_text("utf-8")
    texts = [re.sub(r"\{\w+\}", "…", english) for english, _ in TEXTS.values()]
    for quoted in (
        "On Apple GPUs gpu-bf16 is silently run as gpu-fp32: judged as that.",
        "within a tenth. Expect swapping.",
        "it will swap, slowly.",
        "fits when it is freed.",
        "No official PyTorch wheel of the versions needed has kernels for",
        "This program has no code for",
        "The project pins PyTorch",
        "No wheel on the usual PyTorch index for",
        "torch.compile stays off until triton-windows is installed",
        "A bad take is made anew, up to",
        "the first run compiles for a minute or two",
        "One call makes",
    ):
        assert quoted in page, quoted
        looked_for = quoted.replace("Apple", "…").replace("gpu-bf16", "…").replace("gpu-fp32", "…")
        assert any(looked_for in text for text in texts), quoted
