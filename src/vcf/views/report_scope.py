"""What every section of a report draws on: verdicts, catalogue, plans, language, and the sources
cited so far."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from ..catalogue.model import Catalogue, Model, Text
from ..judge.change import Plan
from ..judge.context import Context
from ..judge.model import Assessment, Evidence, Gate, Message, Rtf
from ..judge.subject import Subject, subjects
from ..judge.words import span
from ..plain import shown
from ..shell import command
from .labels import LABELS
from .report_document import SourceRow
from .rows import reason
from .words import Lang, joined, label, listed, say, tell

if TYPE_CHECKING:
    from .document import Result

LONG = 600
"""Characters that are shown of a sentence in a sentence."""
SYSTEM_GATES = ("software-os", "software-arch", "software-macos")
"""A program that is not made for this system: nothing that the machine lacks."""


class Scope:
    """One result with all that is needed to put it into the words of one language."""

    def __init__(
        self,
        result: Result,
        plans: Mapping[str, Sequence[Plan]],
        catalogue: Catalogue,
        lang: Lang,
        *,
        evidence: Evidence,
        flags: Sequence[str] = (),
    ) -> None:
        self.result = result
        self.machine = result.machine
        self.plans = plans
        """By model."""
        self.catalogue = catalogue
        self.lang = lang
        self.evidence = evidence
        self.flags = tuple(flags)
        """Of the command line: which machine, which work; commands in the report need them too."""
        self.known = subjects(catalogue)
        self.context = Context(result.machine, result.workload)
        self.by_model: dict[str, list[Assessment]] = {}
        for given in result.assessments:
            self.by_model.setdefault(given.model, []).append(given)
        self.local = [given for given in result.assessments if given.mode != "online"]
        self._cited: dict[str, SourceRow] = {}

    def told(self, key: str, **values: str | int) -> str:
        """A sentence of ``texts_report`` with its blanks filled; nothing in the values acts.

        Where ``count`` is 1, the words for one are taken if there are any.
        """
        name = f"report-{key}"
        if values.get("count") == 1 and f"{name}-one" in LABELS:
            name = f"{name}-one"
        return label(name, self.lang).format_map(
            {name: shown(str(value), LONG) for name, value in values.items()}
        )

    def say(self, message: Message) -> str:
        """A message of the judgement in words."""
        return say(message, self.lang)

    def tell(self, text: Text) -> str:
        """A text of the catalogue; it may come from a user's file."""
        return shown(tell(text, self.lang), 4 * LONG)

    def word(self, key: str) -> str:
        """A word of the user interface."""
        return label(key, self.lang)

    def listed(self, parts: Sequence[str]) -> str:
        """Names one after the other."""
        return listed(parts, self.lang)

    def joined(self, parts: Sequence[str]) -> str:
        """Clauses one after the other."""
        return joined(parts, self.lang)

    def sentences(self, *parts: str | None) -> str:
        """Sentences one after the other."""
        return ("" if self.lang == "zh" else " ").join(part for part in parts if part)

    def model(self, given: Assessment | str) -> Model:
        """The catalogue's entry."""
        return self.catalogue.models[given if isinstance(given, str) else given.model]

    def name(self, given: Assessment | str) -> str:
        """A model's name as its makers write it."""
        return shown(self.model(given).name)

    def subject(self, given: Assessment) -> Subject:
        """What an assessment is of."""
        return self.known.by_key[given.model, given.mode]

    def cite(self, key: str | None, date: str | None = None) -> int | None:
        """The number of a source: of a key of the catalogue, or of an address."""
        if key is None:
            return None
        row = self._cited.get(key)
        if row is None:
            row = self._cited[key] = self._source(key, date, len(self._cited) + 1)
        return row.number

    def _source(self, key: str, date: str | None, number: int) -> SourceRow:
        source = self.catalogue.sources.get(key)
        if source is not None:
            return SourceRow(
                number=number,
                title=shown(source.title, LONG),
                url=source.url,
                date=date or source.date,
                kind=self.told(f"kind-{source.kind}"),
            )
        return SourceRow(
            number=number,
            title=shown(key, LONG),
            url=key if key.startswith(("https://", "http://")) else None,
            date=date or "–",
            kind=self.told("kind-page"),
        )

    @property
    def sources(self) -> list[SourceRow]:
        """Those cited so far, by number."""
        return list(self._cited.values())

    def time(self, rtf: Rtf | None, seconds: float = 30) -> str | None:
        """How long so much speech takes; None where nobody knows."""
        return tell(span(seconds * rtf.low, seconds * rtf.high), self.lang) if rtf else None

    def state(self, given: Assessment, *, mode: bool = False) -> str:
        """A verdict with its time or its reason: ``slow (30 s of speech in 2.0–6.9 min)``."""
        why = bare(reason(given, self.lang))
        values = {"verdict": self.word(given.verdict), "mode": given.mode, "why": why}
        key = "state" if why else "state-bare"
        return self.told(f"{key}-mode" if mode else key, **values)

    def command(self, first: str, *changes: str) -> str:
        """A ``vcf check`` about this machine, ready to paste: of what, with which changes."""
        told = command(("vcf", "check", first, *self.flags, *changes))
        return shown(told, 4 * LONG)


def bare(text: str) -> str:
    """A sentence without its full stop, for use inside another."""
    return text.strip().rstrip(".。").strip()


def foreign(given: Assessment) -> bool:
    """Whether the program is made for other systems only."""
    return any(g.status == "fail" and g.text.id in SYSTEM_GATES for g in given.gates)


def unsupported(given: Assessment) -> bool:
    """Whether the program has no code for this maker's GPUs, or none for this system."""
    return foreign(given) or any(
        g.status == "fail" and g.text.id == "software-vendor" for g in given.gates
    )


def able(given: Assessment) -> bool:
    """Whether it runs, however badly."""
    return given.verdict in ("good", "slow", "tight")


def device_gate(given: Assessment) -> Gate | None:
    """The gate that speaks of the GPU's memory."""
    return next((gate for gate in given.gates if gate.part == "device"), None)


def host_gate(given: Assessment) -> Gate | None:
    """The worse of the gates that speak of the RAM; of equals the one that needs more."""
    gates = [gate for gate in given.gates if gate.part in ("host-load", "host-run")]
    order = {"fail": 3, "unknown": 2, "warn": 1, "pass": 0}
    return max(gates, key=lambda g: (order[g.status], _size(g.need)), default=None)


def _size(text: str | None) -> float:
    head = (text or "").split(" ")[0]
    return float(head) if head.replace(".", "", 1).isdigit() else 0.0


def disk_gate(given: Assessment) -> Gate | None:
    """The gate that speaks of the disk."""
    return next((gate for gate in given.gates if gate.gate == "disk"), None)


def software_gates(given: Assessment, *statuses: str) -> list[Gate]:
    """Gates of software with one of the statuses."""
    return [gate for gate in given.gates if gate.gate == "software" and gate.status in statuses]
