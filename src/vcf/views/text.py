"""Markdown, CSV and JUnit: for issues, spreadsheets and CI."""

from __future__ import annotations

import csv
import io
import re
import unicodedata
from collections.abc import Callable, Iterable, Sequence
from xml.sax.saxutils import escape, quoteattr

import msgspec

from ..judge.model import Assessment
from ..judge.workload import STANDARD
from ..plain import shown
from .document import Result
from .effects import effect_text
from .explain_words import asked_for
from .facts import machine_line
from .rows import ranked, reason, rows, rtf_text, rtfx_text
from .words import Lang, label, say

CSV_COLUMNS = (
    "machine", "model", "mode", "verdict", "score", "stars", "confidence",
    "rtf_low", "rtf_mid", "rtf_high", "rtf_basis",
    "vram_need_bytes", "vram_have_bytes", "ram_need_bytes", "ram_have_bytes",
    "disk_need_bytes", "disk_have_bytes", "limit", "reason",
)  # fmt: skip


def markdown(result: Result, lang: Lang) -> str:
    """A heading, the answer and the table of one machine."""
    lines = [
        f"## {md(machine_line(result.machine, lang))}",
        "",
        f"**{md(say(result.recommendation.why, lang))}**",
        "",
    ]
    if result.workload != STANDARD:
        lines += [md(asked_for(result.workload, lang)), ""]
    heads = [label(k, lang) for k in ("model", "mode", "verdict", "rtf", "stars", "reason")]
    lines += [f"| {' | '.join(heads)} |", "|---|---|---|---|---|---|"]
    ordered = msgspec.structs.replace(result, assessments=ranked(result.assessments))
    for row in rows(ordered, lang, merge=True):
        cells = [
            row.model,
            ", ".join(row.modes),
            label(row.verdict, lang),
            row.rtf if row.rtf == "–" else f"{row.rtf} ({row.rtfx})",
            row.stars,
            md(row.reason),
        ]
        lines.append(f"| {' | '.join(cells)} |")
    for number, action in enumerate(result.recommendation.actions, 1):
        text = md(say(action.text, lang))
        if action.link is not None:
            text = text.replace(md(action.link), action.link)  # ours: it may become one
        lines += ["", f"{number}. {text}"]
        if action.why is not None:
            lines.append(f"   {md(say(action.why, lang))}")
        if action.effect is not None:
            told = effect_text(action.effect, lang, named=action.kind == "buy")
            lines.append(f"   → {md(told)}")
        if action.command:
            commands = [f"   {command}" for command in action.command.split("\n")]
            lines += ["", "   ```sh", *commands, "   ```"]
    lines += ["", md(label("rtf-note", lang)), ""]
    return "\n".join(lines)


def md(text: str) -> str:
    """Text in which no Markdown or HTML takes effect, no table breaks, and what looks like an
    address becomes no link."""
    plain = re.sub(r"([\\`*_\[\]<>|#~])", r"\\\1", " ".join(text.split()))
    plain = plain.replace("://", ":&#47;&#47;")
    return re.sub(r"(?i)\b(www)\.", r"\1&#46;", plain)


def csv_rows(results: Iterable[Result], lang: Lang, *, header: bool = True) -> str:
    """One line per verdict (RFC 4180)."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    if header:
        writer.writerow(CSV_COLUMNS)
    for result in results:
        for assessment in result.assessments:
            writer.writerow([_cell(v) for v in _csv_values(result, assessment, lang)])
    return out.getvalue()


def _csv_values(result: Result, given: Assessment, lang: Lang) -> list[object]:
    rtf, memory = given.rtf, given.memory
    values: list[object] = [
        result.machine.name,
        given.model,
        given.mode,
        given.verdict,
        given.score,
        given.stars,
        given.confidence,
    ]
    values += [round(v, 4) for v in (rtf.low, rtf.mid, rtf.high)] if rtf else [None] * 3
    values.append(rtf.basis if rtf else None)
    for amounts in (memory.device, memory.host, memory.disk):
        values += [amounts.need_bytes, amounts.have_bytes] if amounts else [None, None]
    values += [given.limit, reason(given, lang)]
    return values


_ACTING = ("Cc", "Cf", "Cs", "Zl", "Zp")
"""Control, direction, half and line-ending characters."""


def _cell(value: object) -> object:
    """A cell that no spreadsheet takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, str):
        value = "".join(c for c in value if unicodedata.category(c) not in _ACTING)
        if value[:1] in ("=", "+", "-", "@", "\t", "\r"):
            return "'" + value
    return value


def can_run(given: Assessment) -> bool:
    """Good, slow or tight."""
    return given.verdict in ("good", "slow", "tight")


def junit(
    results: Iterable[Result],
    lang: Lang,
    counts: Callable[[Assessment], bool] = can_run,
    broken: Sequence[str] = (),
) -> str:
    """A test suite per machine, red where the exit code is.

    ``counts`` tells whether a verdict is what was asked for. Where one is, what won't run is
    skipped: it was only one of several ways. Where none is, each is a failure, or an error where
    nothing could be told. ``broken``: machine files that could not be read, an error each.
    """
    suites = [_suite(result, lang, counts) for result in results]
    if broken:
        cases = [
            f'    <testcase classname="machine file" name={_attr(told)}>\n'
            f"      <error message={_attr(told)}/>\n    </testcase>\n"
            for told in (shown(message, 4000) for message in broken)
        ]
        suites.append(_wrap("machine files", cases, failures=0, errors=len(cases), skipped=0))
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="vcf check">\n'
        + "".join(suites)
        + "</testsuites>\n"
    )


def _suite(result: Result, lang: Lang, counts: Callable[[Assessment], bool]) -> str:
    passed = [counts(assessment) for assessment in result.assessments]
    kinds = [
        _kind(assessment, ok, any(passed))
        for assessment, ok in zip(result.assessments, passed, strict=True)
    ]
    cases = [
        _case(assessment, kind, lang)
        for assessment, kind in zip(result.assessments, kinds, strict=True)
    ]
    return _wrap(
        result.machine.name,
        cases,
        failures=kinds.count("failure"),
        errors=kinds.count("error"),
        skipped=kinds.count("skipped"),
    )


def _kind(given: Assessment, ok: bool, others: bool) -> str:
    if ok:
        return "passed"
    if others:
        return "skipped"
    return "error" if given.verdict == "unknown" else "failure"


def _wrap(name: str, cases: list[str], *, failures: int, errors: int, skipped: int) -> str:
    return (
        f'  <testsuite name={_attr(name)} tests="{len(cases)}" failures="{failures}" '
        f'errors="{errors}" skipped="{skipped}">\n' + "".join(cases) + "  </testsuite>\n"
    )


def _case(given: Assessment, kind: str, lang: Lang) -> str:
    head = f"    <testcase classname={_attr(given.model)} name={_attr(given.mode)}"
    told = _xml(reason(given, lang))
    words = f"{given.verdict}; RTF {rtf_text(given.rtf)} ({rtfx_text(given.rtf)}); {told}"
    if kind == "passed":
        return f"{head}>\n      <system-out>{escape(words)}</system-out>\n    </testcase>\n"
    return f"{head}>\n      <{kind} message={_attr(words)}/>\n    </testcase>\n"


def _xml(text: str) -> str:
    """Without the characters that XML 1.0 forbids."""
    return re.sub(r"[^\t\n\x20-\uD7FF\uE000-\uFFFD\U00010000-\U0010FFFF]", "", text)


def _attr(text: str) -> str:
    return quoteattr(_xml(text))
