"""What people reported in public of running the models: ``reports.yaml`` (``vcf.reports/1``)."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from ..documents import parse
from ..errors import CatalogueError
from .model import ModeId, OsName

PATH = Path(__file__).with_name("reports.yaml")
Purpose = Literal["rtf", "fit", "memory"]
Figure = Annotated[float, msgspec.Meta(gt=0, le=100_000)]


class Conditions(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How it was run, as far as the report says."""

    steps: int | None = None
    speech_seconds: Figure | None = None
    reference_seconds: Figure | None = None
    compiled: bool | None = None
    emotion: bool | None = None
    """With the model beside the model that takes emotion from words."""
    streams: int | None = None
    """Requests at once."""
    cold: bool | None = None
    """Start of the program, load or first compilation inside the time."""
    streaming: bool | None = None
    deepspeed: bool | None = None
    beams: int | None = None
    short_clip: bool | None = None
    """A very short clip of a length that is not stated."""
    spilled: bool | None = None
    long_running: bool | None = None


class Report(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One public report. None: the report does not say."""

    id: str
    model: str
    """A model's id, or that of a version that vcf does not know."""
    mode: ModeId | Literal["gpu", "cpu"] | None = None
    """The mode it stands for; ``gpu`` or ``cpu`` where the precision is not stated."""
    program: str | None = None
    gpu: str | None = None
    vram_gb: Figure | None = None
    """GiB as cards are sold, whatever the name of the field: 8 for an 8 GB card."""
    cpu: str | None = None
    cores: int | None = None
    ram_gb: Figure | None = None
    os: OsName | None = None
    software: dict[str, str | None] = {}
    outcome: Literal["works", "works-slow", "oom", "fails"]
    reason: str | None = None
    rtf: Figure | None = None
    rtf_stated: bool = True
    """False where it was computed from other figures of the report."""
    peak_vram_gb: Figure | None = None
    peak_ram_gb: Figure | None = None
    conditions: Conditions = Conditions()
    note: str = ""
    url: str | None = None
    source: str = ""
    date: str | None = None
    confidence: Literal["high", "low"]
    not_used: dict[Purpose, str] = {}
    """Why it does not take part in a comparison."""

    def serves(self, purpose: Purpose) -> bool:
        """Whether it takes part in a comparison."""
        return purpose not in self.not_used


class Reports(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The whole of a reports file."""

    schema: Literal["vcf.reports/1"]
    updated: str
    reports: list[Report]


def load_reports(path: Path = PATH) -> list[Report]:
    """The reports of a file. Raises CatalogueError: unreadable or not of this shape."""
    try:
        text = path.read_text(encoding="utf-8")
        document = parse(text, str(path), CatalogueError)
        return msgspec.convert(document, Reports).reports
    except OSError as problem:
        raise CatalogueError(f"{path}: {problem.strerror}") from None
    except msgspec.ValidationError as problem:
        raise CatalogueError(f"{path}: {problem}") from None


@lru_cache(maxsize=1)
def reports() -> tuple[Report, ...]:
    """The reports that vcf ships."""
    return tuple(load_reports())
