"""What any page of vcf must fulfil, read from its HTML: for tests with and without a browser."""

from __future__ import annotations

from html.parser import HTMLParser
from itertools import pairwise

VOID = {"meta", "link", "br", "img", "hr", "input", "wbr"}


class Page(HTMLParser):
    """Elements in order; notes what is wrong while reading."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.faults: list[str] = []
        self.open: list[str] = []
        self.words: list[str] = []
        self.tables: list[set[str]] = []
        self.feed(text)
        self.close()
        if self.open:
            self.faults.append(f"never closed: {self.open}")

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append(set())
        if self.tables and "table" in self.open:
            self.tables[-1].add(tag)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open[-1] != tag:
            self.faults.append(f"</{tag}> inside {self.open[-3:]}")
        else:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "title"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def faults(page: Page) -> list[str]:
    """What is wrong with a page: structure, names for those who don't see it, links, scripts."""
    found = list(page.faults)
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    found += [f"id twice: {each}" for each in set(ids) if ids.count(each) > 1]
    found += _headings(page)
    if len(page.all("main")) != 1:
        found.append("not one main")
    for tag, attrs in page.elements:
        found += _element(tag, attrs, set(ids))
    found += [f"a table without {part}" for parts in page.tables
              for part in {"caption", "th", "thead"} - parts]  # fmt: skip
    return found


def _headings(page: Page) -> list[str]:
    levels = [int(tag[1]) for tag, _ in page.elements if tag in ("h1", "h2", "h3", "h4", "h5")]
    found = [] if levels.count(1) == 1 else [f"{levels.count(1)} h1"]
    for before, after in pairwise(levels):
        if after > before + 1:
            found.append(f"h{before} is followed by h{after}")
    return found


def _element(tag: str, attrs: dict[str, str | None], ids: set[str | None]) -> list[str]:
    found = []
    if tag in ("script", "iframe", "object", "embed", "form", "img", "base"):
        found.append(f"<{tag}>")
    found += [f"<{tag} {name}>" for name in attrs if name.startswith("on") or name == "style"]
    if tag == "th" and attrs.get("scope") not in ("row", "col"):
        found.append("th without scope")
    if tag == "svg" and attrs.get("aria-hidden") != "true" and not attrs.get("aria-label"):
        found.append("svg without a name")
    if tag == "nav" and not attrs.get("aria-label"):
        found.append("nav without a name")
    if attrs.get("tabindex") and not (attrs.get("role") and attrs.get("aria-label")):
        found.append(f"<{tag}> takes the focus without a name")
    if "aria-labelledby" in attrs and attrs["aria-labelledby"] not in ids:
        found.append(f"labelled by {attrs['aria-labelledby']}, which is not there")
    if tag == "a":
        found += _link(attrs, ids)
    return found


def _link(attrs: dict[str, str | None], ids: set[str | None]) -> list[str]:
    address = attrs.get("href") or ""
    if address.startswith("#"):
        return [] if address[1:] in ids else [f"{address} leads nowhere"]
    if not address.startswith(("http://", "https://")):
        return [f"link to {address[:60]!r}"]
    return [] if attrs.get("rel") == "noreferrer noopener" else [f"rel of {address}"]
