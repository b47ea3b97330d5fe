"""The pages in a real browser: nothing leaves them, they fit a phone and paper, names do no harm.

Needs playwright and a Chromium: ``VCF_CHROMIUM`` or ``chromium`` on the path; ``nox -s pages``
brings both. Screenshots lie in ``build/screenshots`` afterwards.
"""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from page_checks import Page, faults
from report_samples import hostile_report, sample_report

from vcf.cli.main import run

playwright = pytest.importorskip("playwright.sync_api")
pytest.importorskip("jinja2")
pytest.importorskip("vl_convert")
CHROMIUM = os.environ.get("VCF_CHROMIUM") or shutil.which("chromium")
if not CHROMIUM:
    pytest.skip("no chromium: set VCF_CHROMIUM", allow_module_level=True)

SHOTS = Path(__file__).parents[2] / "build" / "screenshots"
PHONE, DESK = {"width": 360, "height": 740}, {"width": 1280, "height": 900}
LONGEST_SHOT = 8_000
"""Pixels of a page in a screenshot."""
KINDS = ("report-en", "report-zh", "sample-en", "sample-zh", "hostile", "compare-en", "compare-zh")
OUTSIDE = """() => [...document.querySelectorAll('main *, header *')].filter(e => {
  const box = e.getBoundingClientRect();
  return box.width > 1 && box.right > innerWidth + 1 && !e.closest('pre, .scroll, thead');
}).map(e => e.tagName + ' ' + e.textContent.slice(0, 40))"""
SMALL = """() => [...document.querySelectorAll('svg.chart text')].map(e =>
  e.getBoundingClientRect().height).filter(h => h > 0 && h < 10)"""
CLIPPED = """() => [...document.querySelectorAll('svg.chart text')].filter(e => {
  const box = e.getBoundingClientRect(), whole = e.closest('svg').getBoundingClientRect();
  return e.textContent && (box.left < whole.left - 1 || box.right > whole.right + 1 ||
    box.top < whole.top - 1 || box.bottom > whole.bottom + 1);
}).map(e => e.textContent)"""
FAINT = """() => {
  const parse = c => c.match(/[\\d.]+/g).map(Number);
  const light = ([r, g, b]) => [r, g, b].map(v => v / 255).map(v =>
    v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = e => {
    for (; e; e = e.parentElement) {
      const c = parse(getComputedStyle(e).backgroundColor);
      if (c.length < 4 || c[3] > 0) return c;
    }
    return [255, 255, 255];
  };
  const found = [];
  for (const e of document.querySelectorAll('body *')) {
    const words = [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim());
    if (!words || e.closest('svg, .stars, .skip')) continue;
    const [a, b] = [light(parse(getComputedStyle(e).color)), light(behind(e))];
    const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
    if (ratio < 4.5) found.push(e.tagName + ' ' + e.className + ' ' + ratio.toFixed(2));
  }
  return found;
}"""


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The pages as files: of the commands, of full samples, of hostile names."""
    from vcf.views.page import report_page

    folder = tmp_path_factory.mktemp("pages")
    made = {kind: folder / f"{kind}.html" for kind in KINDS}
    for lang in ("en", "zh"):
        made[f"sample-{lang}"].write_text(report_page(sample_report(lang)), encoding="utf-8")
        report, compare = made[f"report-{lang}"], made[f"compare-{lang}"]
        machine = ["--machine", "asus-gl552vw"]
        assert run(["report", *machine, "--lang", lang, "-o", str(report)]) in (0, 1)
        machines = ["asus-gl552vw", "laptop-rtx-4060-8gb", "cloud-vm-2-core-4gb"]
        asked = ["--lang", lang, "--format", "html", "-o", str(compare)]
        assert run(["compare", *machines, *asked]) in (0, 1)
    made["hostile"].write_text(report_page(hostile_report()), encoding="utf-8")
    return made


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    with playwright.sync_playwright() as tools:
        started = tools.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield started
        started.close()


class Visit:
    """A page opened; notes what it asks for and complains of."""

    def __init__(self, browser: Any, file: Path, size: dict[str, int], scheme: str) -> None:
        self.address = file.as_uri()
        self.errors: list[str] = []
        self.requests: list[str] = []
        self.context = browser.new_context(viewport=size, color_scheme=scheme)
        self.page = self.context.new_page()
        self.page.on("console", lambda m: self.errors.append(m.text) if m.type == "error" else None)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))
        self.page.on("dialog", self._dialog)
        self.page.on("request", lambda request: self.requests.append(request.url))
        self.page.goto(self.address)

    def _dialog(self, dialog: Any) -> None:
        self.errors.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def unfold(self) -> None:
        """Opens everything that can be opened, as a reader would."""
        self.page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true })")

    def shoot(self, name: str) -> None:
        """A screenshot of the whole page, or of its beginning where it is very long."""
        SHOTS.mkdir(parents=True, exist_ok=True)
        size = self.page.viewport_size
        height = self.page.evaluate("document.documentElement.scrollHeight")
        clip = {"x": 0, "y": 0, "width": size["width"], "height": min(height, LONGEST_SHOT)}
        self.page.screenshot(path=SHOTS / f"{name}.png", full_page=True, clip=clip)
        self.page.screenshot(path=SHOTS / f"{name}-first.png")


@pytest.fixture
def visit(browser: Any, files: dict[str, Path]) -> Iterator[Any]:
    opened: list[Visit] = []

    def go(kind: str, size: dict[str, int] = DESK, scheme: str = "light") -> Visit:
        opened.append(Visit(browser, files[kind], size, scheme))
        return opened[-1]

    yield go
    for each in opened:
        each.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_phone_shows_all_of_it_without_scrolling_sideways(
    visit: Any, kind: str, scheme: str
) -> None:
    seen = visit(kind, PHONE, scheme)
    if kind != "hostile":
        seen.shoot(f"{kind}-phone-{scheme}")
    for _ in range(2):
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= 360
        assert seen.page.evaluate(OUTSIDE) == []
        assert seen.page.evaluate(SMALL) == []
        seen.unfold()
    assert seen.errors == []
    assert set(seen.requests) == {seen.address, *(r for r in seen.requests if r[:5] == "data:")}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_desk_shows_all_of_it_in_colours_that_can_be_read(
    visit: Any, kind: str, scheme: str
) -> None:
    seen = visit(kind, DESK, scheme)
    if kind != "hostile":
        seen.shoot(f"{kind}-desk-{scheme}")
    seen.unfold()
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= DESK["width"]
    assert seen.page.evaluate(OUTSIDE) == []
    assert seen.page.evaluate(CLIPPED) == []
    assert seen.page.evaluate(FAINT) == []
    widths = seen.page.evaluate(
        "() => [...document.querySelectorAll('svg.chart')].map(e => e.clientWidth)"
    )
    assert all(width <= 450 for width in widths)
    assert bool(widths) is not kind.startswith("compare")
    assert seen.errors == []


@pytest.mark.parametrize("width", [320, 480, 760, 900, 1160])
def test_no_width_in_between_scrolls_sideways(visit: Any, width: int) -> None:
    for kind in ("report-en", "report-zh", "hostile", "compare-en"):
        seen = visit(kind, {"width": width, "height": 700})
        seen.unfold()
        assert seen.page.evaluate("document.documentElement.scrollWidth") <= width, kind


@pytest.mark.parametrize("kind", KINDS)
def test_what_the_browser_makes_of_it_is_well_made(visit: Any, kind: str) -> None:
    seen = visit(kind)
    assert faults(Page(seen.page.evaluate("document.documentElement.outerHTML"))) == []


def test_the_first_screen_of_a_phone_answers(visit: Any) -> None:
    for lang, words in (
        ("en", ("VoxCPM-0.5B", "slow", "min")),
        ("zh", ("VoxCPM-0.5B", "慢", "分钟")),
    ):
        card = visit(f"report-{lang}", PHONE).page.query_selector(".card.first")
        told = card.inner_text()
        assert all(word in told for word in words)
        box = card.bounding_box()
        assert box["y"] + box["height"] <= PHONE["height"]


def test_hostile_names_run_nothing_and_are_shown(visit: Any) -> None:
    seen = visit("hostile", PHONE)
    assert seen.page.query_selector("script, img, iframe") is None
    assert seen.errors == []
    assert len(seen.requests) <= 2
    assert "<script>alert(1)</script>" in seen.page.inner_text("h1")
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in seen.page.content()
    links = seen.page.eval_on_selector_all("a[href]", "all => all.map(a => a.protocol)")
    assert set(links) <= {"http:", "https:", "file:"}


def test_keys_reach_what_scrolls_and_are_seen(visit: Any) -> None:
    seen = visit("report-en", PHONE)
    seen.page.keyboard.press("Tab")
    assert seen.page.evaluate("document.activeElement.className") == "skip"
    assert seen.page.evaluate("document.activeElement.getBoundingClientRect().top") >= 0
    seen.page.keyboard.press("Enter")
    assert seen.page.url.endswith("#main")
    seen.unfold()
    unreachable = seen.page.evaluate("""() => [...document.querySelectorAll('*')].filter(e =>
      e.scrollWidth > e.clientWidth + 1 && /auto|scroll/.test(getComputedStyle(e).overflowX)
      && e.tabIndex !== 0).map(e => e.tagName + ' ' + e.className)""")
    assert unreachable == []
    seen.page.focus("pre")
    seen.page.keyboard.press("Tab")
    focused = "getComputedStyle(document.activeElement).outlineStyle"
    assert seen.page.evaluate(focused) == "solid"


@pytest.mark.parametrize("kind", ["report-en", "report-zh", "sample-en", "hostile", "compare-en"])
def test_paper_holds_everything(visit: Any, kind: str) -> None:
    seen = visit(kind, {"width": 688, "height": 1000}, "dark")  # A4 less its margins
    SHOTS.mkdir(parents=True, exist_ok=True)
    printed = seen.page.pdf(path=SHOTS / f"{kind}.pdf", prefer_css_page_size=True)
    assert len(re.findall(rb"/Type\s*/Page\b", printed)) >= 1
    seen.page.emulate_media(media="print", color_scheme="dark")
    assert seen.page.evaluate("document.documentElement.scrollWidth") <= 688
    outside = """() => [...document.querySelectorAll('main *')].filter(e =>
      e.getBoundingClientRect().right > innerWidth + 1).map(e => e.tagName + e.className)"""
    assert seen.page.evaluate(outside) == []
    folded = """() => [...document.querySelectorAll('details > :not(summary)')].filter(e =>
      !e.checkVisibility({contentVisibilityAuto: true}) || !e.getBoundingClientRect().height)
      .map(e => e.tagName + e.className)"""
    assert seen.page.evaluate(folded) == []
    background = seen.page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert background == "rgb(255, 255, 255)"
