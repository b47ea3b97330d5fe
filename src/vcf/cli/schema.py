"""``vcf schema``: JSON Schemas of the documents."""

from __future__ import annotations

from typing import Any

import msgspec

from .output import write_text


def schema_of(name: str) -> dict[str, Any]:
    """The JSON Schema (2020-12) of a document: ``check``, ``probe``, ``doctor`` …"""
    made = _bench() if name == "bench" else msgspec.json.schema(_type(name))
    if name in ("check", "probe", "doctor", "calibration", "compare", "plan", "report"):
        _require_all(made)
    head = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"vcf.{'machine' if name == 'probe' else name}/1",
    }
    return {**head, **made}


OPTIONAL = ("errors", "explanation", "workload")


def _bench() -> dict[str, Any]:
    """An answer of ``vcf bench``, or one record of it as ``vcf bench export`` writes them."""
    from ..bench.record import BenchDocument, BenchRecord

    kinds, parts = msgspec.json.schema_components(
        [BenchDocument, BenchRecord], ref_template="#/$defs/{name}"
    )
    return {"anyOf": list(kinds), "$defs": parts}


def _require_all(schema: dict[str, Any]) -> None:
    """What vcf writes has every field; a default is only for what people write."""
    for definition in schema["$defs"].values():
        properties = definition["properties"]
        definition["required"] = [key for key in properties if key not in OPTIONAL]


def _type(name: str) -> Any:
    if name == "check":
        from ..views.document import CheckDocument

        return CheckDocument
    if name == "probe":
        from ..machine.model import Machine

        return Machine
    if name == "doctor":
        from ..views.doctor import DoctorDocument

        return DoctorDocument
    if name == "plan":
        from ..views.plan import PlanDocument

        return PlanDocument
    if name == "compare":
        from ..views.compare import CompareDocument

        return CompareDocument
    if name == "report":
        from ..views.report_document import ReportDocument

        return ReportDocument
    if name == "bench-plan":
        from ..bench.planned import BenchPlan

        return BenchPlan
    if name == "calibration":
        from ..judge.calibrated import CalibrationDocument

        return CalibrationDocument
    if name == "machine":
        from ..machine.file import MachineFile

        return MachineFile
    from ..catalogue.model import Catalogue

    return Catalogue


def run(name: str) -> int:
    """Print one schema."""
    text = msgspec.json.format(msgspec.json.encode(schema_of(name)), indent=2)
    write_text(text.decode() + "\n", None)
    return 0
