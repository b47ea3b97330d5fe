"""The HTML of ``vcf report`` and ``vcf compare``: one file without scripts and without requests.

Jinja2 escapes every value; control and direction characters are taken out of all of them before.
What is marked as HTML here is drawn by us: charts, and ``<code>`` around commands.
"""

from __future__ import annotations

import re
import unicodedata
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import msgspec

from ..errors import UsageError
from ..judge.words import number
from ..plain import shown
from ..units import gb, gib
from .compare import CompareDocument, folded, work_of
from .report_document import Choice, ModelReport, ModeRow, ReportDocument
from .words import Lang, colon, label

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

LONGEST = 4000
"""Characters of a line; a name from a machine file that is longer is cut."""
_CODE = re.compile(r"`([^`\n]+)`")
_SAFE_URL = re.compile(r"https?://[^\s<>\"'`\\^{}|]+", re.IGNORECASE)
OUTLINES = {
    "circle": "M6 1a5 5 0 1 1 0 10A5 5 0 0 1 6 1z",
    "diamond": "M6 .5 11 6 6 11.5 1 6z",
    "triangle-up": "M6 1 11.5 11H.5z",
    "square": "M1.5 1.5h9v9h-9z",
    "cross": "M4 1h4v3h3v4H8v3H4V8H1V4h3z",
    "triangle-down": "M.5 1h11L6 11z",
}
"""The shapes of measured modes as in the chart, for its legend."""


class Charts(msgspec.Struct, frozen=True, kw_only=True):
    """The charts of one model; None where there is nothing to draw."""

    speed: Any
    memory: Any


def report_page(document: ReportDocument) -> str:
    """The report as one HTML file, UTF-8. The same document gives the same text.

    Raises UsageError where Jinja2 or vl-convert is not installed.
    """
    lang = document.lang
    needs_extra("jinja2", "vl_convert")
    history, series = _history(document)
    return _render(
        "report.html.j2",
        lang,
        doc=document,
        title=document.title,
        vcf=document.vcf,
        choices=_choices(document),
        best=[(model, _mode_row(model, model.mode)) for model in document.models],
        charts=_charts(document.models, lang),
        history=history,
        series=series,
        contents=_contents(document, lang),
    )


def compare_page(document: CompareDocument, lang: Lang) -> str:
    """The comparison as one HTML file, UTF-8. The same document gives the same text.

    Raises UsageError where Jinja2 is not installed.
    """
    needs_extra("jinja2")
    rows, sentences = folded(document, lang)
    return _render(
        "compare.html.j2",
        lang,
        doc=document,
        title=label("compare-title", lang),
        vcf=document.vcf,
        work=work_of(document, lang),
        rows=rows,
        folded=sentences,
        failures=[] if document.errors is msgspec.UNSET else document.errors,
    )


def _render(template: str, lang: Lang, **values: Any) -> str:
    made: str = environment(lang).get_template(template).render(values)
    return made


def needs_extra(*packages: str) -> None:
    """Raises UsageError, with what to install, where one of them can't be imported."""
    for package in packages:
        try:
            import_module(package)
        except ImportError as error:
            raise UsageError(
                f"--format html needs {error.name or package}, which is not installed",
                "pip install jinja2 vl-convert-python",
            ) from error


def environment(lang: Lang) -> Environment:
    """Templates that escape everything and refuse names they don't know."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    made = Environment(
        loader=PackageLoader("vcf.views", "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        finalize=clean,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    made.filters.update(prose=prose, web=web, short=short)
    made.globals.update(
        t=partial(label, lang=lang), colon=partial(colon, lang=lang), lang=lang, number=number,
        gib=gib, gb=gb,
    )  # fmt: skip
    return made


def clean(value: Any) -> Any:
    """Text without characters that act on a page: control, direction, lone surrogates. Spaces
    of all kinds become plain ones, lines stay. Anything else as it is."""
    if not isinstance(value, str) or hasattr(value, "__html__"):
        return value
    if value.isascii() and value.isprintable():
        return value if len(value) <= LONGEST else shown(value, LONGEST)
    lines = value.replace("\r\n", "\n").replace("\t", "    ").split("\n")
    return "\n".join(shown(_spaced(line), LONGEST) for line in lines)


def short(value: str, longest: int) -> str:
    """A name cut to a number of characters."""
    return shown(_spaced(value), longest)


def prose(text: str, url: str | None = None) -> Markup:
    """Text with its `commands` marked as code and ``url`` made a link, all of it escaped."""
    from markupsafe import Markup, escape

    if url and web(url) and url in text:
        before, _, after = text.partition(url)
        link = '<a href="{0}" rel="noreferrer noopener">{0}</a>'
        return prose(before) + Markup(link).format(url) + prose(after)  # noqa: S704
    made = escape("")
    for index, part in enumerate(_CODE.split(clean(text))):
        made += Markup("<code>{}</code>").format(part) if index % 2 else escape(part)
    return made


def web(url: str | None) -> str | None:
    """The address if it may be followed: http or https with a host; None otherwise."""
    if not url or len(url) > 2000 or clean(url) != url or not _SAFE_URL.fullmatch(url):
        return None
    try:
        host = urlsplit(url).hostname
    except ValueError:
        return None
    return url if host else None


def _spaced(text: str) -> str:
    if text.isascii():
        return text
    return "".join(" " if unicodedata.category(c) == "Zs" else c for c in text[: LONGEST + 1])


def _mode_row(model: ModelReport, mode: str | None) -> ModeRow | None:
    return next((row for row in model.modes if row.mode == mode), None)


def _choices(
    document: ReportDocument,
) -> list[tuple[str, Choice, ModeRow | None, ModelReport | None]]:
    """The choices there are, each with its row of the modes."""
    made = []
    for key, choice in (("page-first", document.first), ("page-second", document.second)):
        if choice is not None:
            model = next((each for each in document.models if each.model == choice.model), None)
            made.append((key, choice, _mode_row(model, choice.mode) if model else None, model))
    return made


def _contents(document: ReportDocument, lang: Lang) -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Anchor, title and sub-entries of every section that the page has."""
    models = [(f"model-{model.model}", model.name) for model in document.models]
    sections: list[tuple[str, str, Any]] = [
        ("answer", "page-answer", True),
        ("machine", "report-h-machine", True),
        ("models", "page-models", True),
        ("comparison", "report-h-compare", document.criteria and len(models) > 1),
        (
            "recommendation",
            "page-recommendation",
            document.first or document.second or document.conclusion,
        ),
        ("now", "page-now", document.now),
        ("upgrades", "report-h-upgrades", document.upgrades),
        ("software", "report-h-software", document.software),
        ("measurements", "report-h-measurements", document.measurements),
        ("sources", "report-h-sources", document.sources),
        ("limits", "report-h-limits", document.limits),
    ]
    return [
        (anchor, label(title, lang), models if anchor == "models" else [])
        for anchor, title, there in sections
        if there
    ]


def _charts(models: list[ModelReport], lang: Lang) -> list[Charts]:
    from markupsafe import Markup

    from . import chart_frame, chart_words, charts

    domain = charts.speed_domain(models)
    made = []
    for index, model in enumerate(models):
        speed = charts.speed_spec(model, domain, lang)
        memory = charts.memory_spec(model, lang)
        drawn = [
            None
            if spec is None
            else Markup(chart_frame.svg(spec, name=f"{kind}{index}", title=told))  # noqa: S704
            for kind, spec, told in (
                ("speed", speed, chart_words.speed(model, lang)),
                ("memory", memory, chart_words.memory(model, lang)),
            )
        ]
        made.append(Charts(speed=drawn[0], memory=drawn[1]))
    return made


def _history(document: ReportDocument) -> tuple[Any, list[tuple[str, str, int]]]:
    """The chart of the measurements, and its legend: outline, name and colour of each series."""
    from markupsafe import Markup

    from . import chart_frame, chart_words, charts

    spec = charts.history_spec(document.measurements)
    if spec is None:
        return None, []
    title = chart_words.history(document.measurements, document.lang)
    cells = charts.history_cells(document.measurements)
    series = [
        (OUTLINES[charts.SERIES[i % len(charts.SERIES)]], cell, i % 3)
        for i, cell in enumerate(cells)
    ]
    return Markup(chart_frame.svg(spec, name="history", title=title)), series  # noqa: S704
