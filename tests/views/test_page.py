"""The HTML of reports and comparisons, read without a browser."""

from __future__ import annotations

import re
import sys
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace
from page_checks import Page, faults
from report_samples import HOSTILE, hostile_report, sample_report

import vcf
from vcf.cli.main import run
from vcf.errors import UsageError
from vcf.views import page
from vcf.views.compare import CompareDocument
from vcf.views.report_document import ReportDocument
from vcf.views.words import label

CSS = (Path(vcf.__file__).parent / "views" / "templates" / "page.css").read_text(encoding="utf-8")
MADE: dict[str, str] = {}


@pytest.fixture(autouse=True)
def extra() -> None:
    pytest.importorskip("jinja2")
    pytest.importorskip("vl_convert")


def html(kind: str) -> str:
    """The page of a kind, drawn once."""
    if kind not in MADE:
        known = {
            "en": lambda: sample_report("en"),
            "zh": lambda: sample_report("zh"),
            "hostile": hostile_report,
            "bare": bare,
        }
        MADE[kind] = page.report_page(known[kind]())
    return MADE[kind]


def bare() -> ReportDocument:
    """A report of which every list is empty."""
    full = sample_report("en", 1)
    empty = {name: [] for name in full.__struct_fields__ if isinstance(getattr(full, name), list)}
    return replace(full, first=None, second=None, **empty)


def test_a_machine_of_which_nothing_is_known_is_not_refused() -> None:
    """The page says what is missing, not that nothing can be recommended."""
    models = [replace(m, verdict="unknown", modes=[]) for m in sample_report("en", 2).models]
    told = "Missing: RAM (`--ram 16GiB`)."
    unknown = replace(
        sample_report("en", 2), models=models, first=None, second=None, conclusion=[told]
    )
    text = Page(page.report_page(unknown)).text
    assert label("page-no-choice", "en") not in text
    assert "--ram 16GiB" in text
    assert label("page-none-local", "en") not in text
    refused = [replace(m, verdict="no") for m in models]
    text = Page(page.report_page(replace(unknown, models=refused))).text
    assert label("page-no-choice", "en") in text


def read(kind: str) -> Page:
    return Page(html(kind))


@pytest.mark.parametrize("kind", ["en", "zh", "hostile", "bare"])
def test_a_page_is_well_made(kind: str) -> None:
    assert faults(read(kind)) == []


@pytest.mark.parametrize(("kind", "lang"), [("en", "en"), ("zh", "zh-CN")])
def test_a_page_says_its_language_and_closes_itself_off(kind: str, lang: str) -> None:
    made = read(kind)
    assert made.all("html") == [{"lang": lang}]
    metas = {m.get("http-equiv") or m.get("name"): m.get("content") or "" for m in made.all("meta")}
    assert "default-src 'none'" in metas["Content-Security-Policy"]
    assert "script-src" not in metas["Content-Security-Policy"]
    assert metas["referrer"] == "no-referrer"
    assert "width=device-width" in metas["viewport"]
    assert not re.search(r"url\((?!#)|@import", html(kind))


def test_the_answer_comes_before_everything_else() -> None:
    text = read("en").text
    answer = text.index("54 s – 3.1 min")
    assert text.index("VoxCPM-0.5B · gguf-cpu-q4") < answer < text.index("Contents")
    assert text.index("Runs here, slower than real time.") < answer


@pytest.mark.parametrize("kind", ["en", "zh"])
def test_all_of_the_document_stands_in_the_page(kind: str) -> None:
    made = read(kind)
    spaceless = re.sub(r"\s|`", "", made.text)
    missing = [
        text for text in texts(sample_report(kind)) if re.sub(r"\s|`", "", text) not in spaceless
    ]
    assert missing == []


def texts(document: ReportDocument) -> list[str]:
    """Every sentence that a reader must find; ids and words of code are told otherwise."""
    skipped = {"machine", "workload", "schema", "lang", "status", "verdict", "basis", "confidence",
               "feasibility", "complexity", "difficulty", "part", "language", "model"}  # fmt: skip
    found: list[str] = []

    def walk(value: object, name: str = "") -> None:
        if isinstance(value, dict):
            # a good or slow mode says its time, not the sentence made of it
            told = value.get("time") and value.get("verdict") in ("good", "slow")
            for key, each in value.items():
                if key not in skipped and not (key == "reason" and told):
                    walk(each, key)
        elif isinstance(value, list):
            for each in value:
                walk(each, name)
        elif isinstance(value, str) and not (name == "link" and value.startswith("http")):
            found.append(value)

    walk(msgspec.to_builtins(document))
    return found


def test_the_same_document_gives_the_same_page() -> None:
    assert page.report_page(sample_report("en")) == html("en")


def test_a_hostile_name_stays_text() -> None:
    text = html("hostile")
    assert "<script" not in text
    assert "<img" not in text
    assert "&lt;script&gt;alert(1)" in text
    assert "\N{RIGHT-TO-LEFT OVERRIDE}" not in text
    assert max(len(run) for run in re.findall("W+", text)) <= page.LONGEST
    assert "javascript:" not in re.sub(r"<bdi>javascript:[^<]*</bdi>", "", text)


@pytest.mark.parametrize(
    "text",
    ["a\x00b", "a\x1b[31mb", "\u202eab", "a\u2066b", "\ud800", "a\x85b", "\u200bab", "\ufeffab"],
)
def test_characters_that_act_are_taken_out(text: str) -> None:
    cleaned = page.clean(text)
    assert "\N{REPLACEMENT CHARACTER}" in cleaned
    assert "a" not in text or "a" in cleaned
    cleaned.encode("utf-8")


def test_spaces_lines_and_what_is_no_text_stay() -> None:
    assert page.clean("a\u3000b\u00a0c") == "a b c"
    assert page.clean("x\r\n\ty") == "x\n    y"
    assert page.clean(7) == 7
    assert len(page.clean("W" * 9999)) == page.LONGEST
    assert page.short("中" * 200, 20) == "中" * 19 + "…"


@pytest.mark.parametrize(
    ("url", "safe"),
    [
        ("https://example.org/a?b=c#d", True),
        ("HTTP://example.org", True),
        ("javascript:alert(1)", False),
        ("data:text/html,x", False),
        ("//example.org", False),
        ("https:example.org", False),
        ("https://", False),
        ("https:///path", False),
        ("https://[broken", False),
        ("https://exa mple.org", False),
        ('https://example.org/"onclick', False),
        ("https://example.org/\u202e", False),
        ("file:///etc/passwd", False),
        ("https://" + "a" * 5000, False),
        ("", False),
        (None, False),
    ],
)
def test_only_web_addresses_are_links(url: str | None, safe: bool) -> None:
    assert (page.web(url) == url and url is not None) is safe


def test_prose_marks_commands_and_its_own_link() -> None:
    made = str(page.prose("Run `vcf <x>` & see https://a.example/x.", "https://a.example/x"))
    assert "<code>vcf &lt;x&gt;</code> &amp; see <a href=" in made
    assert made.endswith("</a>.")
    assert "<a" not in page.prose("see https://a.example", None)
    assert "<a" not in page.prose("see javascript:x", "javascript:x")


@pytest.mark.parametrize("package", ["jinja2", "vl_convert"])
def test_without_the_extra_the_error_says_what_to_install(
    package: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    with pytest.raises(UsageError, match=package) as caught:
        page.report_page(sample_report("en", 1))
    assert "pip install jinja2" in caught.value.hint


def blocks() -> dict[str, dict[str, str]]:
    """The colours of light and of dark."""
    found = re.findall(r":root \{(.*?)\}", CSS, re.DOTALL)
    light, dark = (dict(re.findall(r"--([\w-]+): (#\w+)", each)) for each in found[:2])
    return {"light": light, "dark": light | dark}


def contrast(one: str, other: str) -> float:
    """As the WCAG define it."""

    def luminance(colour: str) -> float:
        digits = colour[1:] if len(colour) == 7 else "".join(c * 2 for c in colour[1:])
        parts = [int(digits[i : i + 2], 16) / 255 for i in (0, 2, 4)]
        linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    high, low = sorted((luminance(one), luminance(other)), reverse=True)
    return (high + 0.05) / (low + 0.05)


VERDICTS = ("good", "slow", "tight", "no", "unknown")
WORDS = [
    *[(front, back) for front in ("ink", "soft", "link") for back in ("paper", "panel", "code-bg")],
    *[(verdict, f"{verdict}-bg") for verdict in VERDICTS],
    ("no", "paper"), ("good", "paper"), ("ink", "slow-bg"), ("link", "slow-bg"),
]  # fmt: skip
SHAPES = [
    *[(f"{verdict}-mark", "paper") for verdict in VERDICTS],
    ("slow-mark", "panel"), ("need", "paper"), ("no-mark", "no-bg"), ("focus", "paper"),
    *[(f"series-{i}", "paper") for i in range(3)],
]  # fmt: skip


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_words_and_shapes_stand_out(scheme: str) -> None:
    colours = blocks()[scheme]
    weak = [p for p in WORDS if contrast(colours[p[0]], colours[p[1]]) < 4.5]
    weak += [p for p in SHAPES if contrast(colours[p[0]], colours[p[1]]) < 3]
    assert weak == []


def test_every_colour_that_is_used_is_there_in_light_dark_and_print() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", CSS + html("en")))
    printed = set(re.findall(r"--([\w-]+):", CSS[CSS.index("@media print") :]))
    assert used <= set(blocks()["dark"])
    assert used - printed <= {"focus"}


def compared(folder: Path, lang: str, *machines: str) -> Page:
    """The page of ``vcf compare``."""
    file = folder / "compared.html"
    asked = ["compare", *machines, "--lang", lang, "--format", "html", "-o", str(file)]
    assert run(asked) in (0, 1, 2)  # 2: a file could not be read; the others are compared
    return Page(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_a_comparison_is_well_made_and_whole(lang: str, tmp_path: Path) -> None:
    names = ("asus-gl552vw", "laptop-rtx-4060-8gb", "cloud-vm-2-core-4gb")
    made = compared(tmp_path, lang, *names)
    assert faults(made) == []
    assert made.all("html") == [{"lang": "zh-CN" if lang == "zh" else "en"}]
    assert all(made.text.count(name) >= 3 for name in names)
    assert label("compare-title", lang) in made.text
    for word in ("good", "slow", "no"):
        assert label(word, lang) in made.text
    assert "voxcpm-2" in made.text
    assert len([row for row in made.all("tr") if row.get("class") == "best"]) == 1


def test_a_comparison_bears_hostile_names_and_files(tmp_path: Path) -> None:
    bad = msgspec.json.encode({"name": HOSTILE, "gpus": [{"name": HOSTILE}]})
    (tmp_path / "bad.json").write_bytes(bad)
    (tmp_path / "worse.yaml").write_text("memory: [<script>alert(2)</script>]")
    made = compared(tmp_path, "en", str(tmp_path), "asus-gl552vw")
    assert faults(made) == []
    assert "<script>alert(1)" in made.text
    assert "worse.yaml" in made.text


def test_a_comparison_without_jinja2_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "jinja2", None)
    document = msgspec.convert({"best": {"machines": [], "why": ""}, "machines": [], "rows": [],
                                "notes": []}, CompareDocument)  # fmt: skip
    with pytest.raises(UsageError, match="jinja2"):
        page.compare_page(document, "en")
