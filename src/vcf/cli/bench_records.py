"""``vcf bench list``, ``show``, ``compare`` and ``export``: what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from ..errors import NothingStored, UsageError
from ..judge.calibrated import facts_of
from ..paths import expanded
from ..plain import shown
from .options import LangChoice
from .output import language, show, show_json, talk, write_text

if TYPE_CHECKING:
    from ..bench.record import BenchRecord

LARGEST = 1 << 24
"""Bytes of a file of records."""
NEWEST = 40
"""Records that are listed unless all are asked for."""
EXIT_BEYOND, EXIT_UNSURE = 1, 3


def run_list(*, every: bool, as_json: bool, output: str | None, lang: LangChoice | None) -> int:
    """The records; on screen the newest, unless ``every``. Raises NothingStored."""
    records = _all()
    if as_json:
        _write_document(records, output)
        return 0
    from ..views.bench_record import list_screen

    older = 0 if every else max(0, len(records) - NEWEST)
    show(output, list_screen(records[older:], language(lang)))
    if older:
        talk(f"{older} older ones are left out: --all shows them")
    return 0


def run_show(name: str, *, as_json: bool, output: str | None, lang: LangChoice | None) -> int:
    """One record. Raises UsageError, NothingStored."""
    record = _find(name)
    if as_json:
        _write_document([record], output)
    else:
        from ..views.bench_record import show_screen

        show(output, show_screen(record, language(lang)))
    return 0


def run_compare(
    first: str,
    second: str,
    *,
    limits: Sequence[str],
    force: bool,
    as_json: bool,
    output: str | None,
    lang: LangChoice | None,
) -> int:
    """Two records. 1: beyond a limit; 3: a limit could not be told.

    Raises UsageError: they can't be compared, no such record, no such limit.
    """
    from ..bench.compare import compare, failed, parse_limit
    from ..views.bench_compare import comparison_screen, refusal

    wanted = [parse_limit(text) for text in limits]
    a, b = _find(first), _find(second)
    told = compare(a, b)
    tongue = language(lang)
    if told.differences and not force:
        raise UsageError(refusal(told, tongue), "--force compares them nevertheless")
    if as_json:
        show_json(output, told)
    else:
        show(output, comparison_screen(told, a, b, tongue))
    verdicts = [failed(told, limit) for limit in wanted]
    for limit, verdict in zip(limits, verdicts, strict=True):
        if verdict is not False:
            talk(f"--fail-over {limit}: " + ("could not tell" if verdict is None else "beyond it"))
    return EXIT_BEYOND if True in verdicts else EXIT_UNSURE if None in verdicts else 0


def run_export(names: Sequence[str], *, as_markdown: bool, output: str | None) -> int:
    """Records without what tells who measured. Raises UsageError, NothingStored."""
    from ..bench.export import lines, markdown

    records = [_find(name) for name in names] if names else _all()
    text = markdown(records) if as_markdown else "".join(f"{line}\n" for line in lines(records))
    write_text(text, output)
    return 0


def _all() -> list[BenchRecord]:
    from ..bench.database import all_records

    records = all_records(talk)
    if not records:
        raise NothingStored("nothing was measured yet", "`vcf bench voxcpm --mode cpu` does")
    return records


def _find(name: str) -> BenchRecord:
    """By id, the start of one, ``latest``, or out of a file."""
    from ..bench.database import find

    file = expanded(name, "file")
    try:
        is_file = file.is_file()
    except (OSError, ValueError):
        is_file = False
    return _of_file(file) if is_file else find(name, talk)


def _of_file(file: Path) -> BenchRecord:
    from ..bench.record import BenchDocument, BenchRecord

    name = shown(str(file), 200)
    try:
        if file.stat().st_size > LARGEST:
            raise UsageError(f"{name}: is too long for a record", "name the file of one record")
        text = file.read_bytes()
    except OSError as error:
        raise UsageError(f"{name}: {error.strerror}", "") from None
    found: list[BenchRecord] = []
    try:
        for piece in _pieces(text):
            if "results" in msgspec.json.decode(piece, type=dict[str, msgspec.Raw]):
                found += msgspec.json.decode(piece, type=BenchDocument).results
            else:
                found.append(msgspec.json.decode(piece, type=BenchRecord))
    except (msgspec.MsgspecError, ValueError, RecursionError) as error:
        why = shown(" ".join(str(error).split()), 200)
        raise UsageError(f"{name}: is no record: {why}", "what `vcf bench --json` writes") from None
    try:
        for record in found:
            facts_of(record.machine)
    except OverflowError:
        raise UsageError(f"{name}: holds a number that no machine has", "") from None
    if len(found) != 1:
        raise UsageError(
            f"{name}: holds {len(found)} records, one is wanted",
            "`vcf bench show ID --json -o FILE` writes one",
        )
    return found[0]


def _pieces(text: bytes) -> list[bytes]:
    """One document, or a record a line."""
    lines = [line for line in text.splitlines() if line.strip()]
    one = len(lines) < 2 or not lines[0].rstrip().endswith(b"}")
    return [text] if one else lines


def _write_document(records: list[BenchRecord], output: str | None) -> None:
    from ..bench.record import BenchDocument

    show_json(output, BenchDocument(results=records))
