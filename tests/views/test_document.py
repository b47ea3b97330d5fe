"""The JSON views: what is encoded piece by piece equals what is encoded whole."""

from __future__ import annotations

import json

import msgspec
import pytest

from vcf.cli.asked import asked_for
from vcf.cli.check import check_machine
from vcf.judge.model import Amounts
from vcf.judge.subject import subjects
from vcf.machine.load import load_machine, profile_names
from vcf.units import GB
from vcf.views import document
from vcf.views.document import AssessmentView, CheckDocument, Result, Wording

LANGS = ("en", "zh")
DISKS: tuple[dict, ...] = (
    {"free_bytes": 900 * GB, "total_bytes": 1000 * GB},
    {"free_bytes": 900 * GB, "total_bytes": None},
    {"free_bytes": 13 * GB, "total_bytes": 1000 * GB},
    {"free_bytes": 1 * GB, "total_bytes": 1000 * GB},
    {"free_bytes": 1 * GB, "total_bytes": 2 * GB},
    {"free_bytes": None, "total_bytes": 1000 * GB},
    {"free_bytes": None, "total_bytes": 2 * GB},
    {"free_bytes": None, "total_bytes": None},
)
encode = msgspec.json.Encoder().encode


def with_disk(name: str, disk: dict):
    machine = load_machine(name)
    changed = msgspec.structs.replace(machine.disk, **disk)
    return msgspec.structs.replace(machine, disk=changed)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("name", profile_names())
def test_pieces_equal_the_whole(name, lang, shipped) -> None:
    asks, _ = asked_for((), (), subjects(shipped))
    kept, fresh = Wording(shipped, lang), Wording(shipped, lang)
    seen = set()
    for _ in range(2):  # made, then found again
        for disk in DISKS:
            for assessment in check_machine(with_disk(name, disk), asks).assessments:
                whole = encode(fresh.assessment(assessment))
                assert encode(kept.encoded(assessment)) == whole
                seen |= {gate.text.id for gate in assessment.gates if gate.gate == "disk"}
    if any("cpu-fp32" in m.modes for m in shipped.models.values()):
        assert {"disk-fits", "disk-unknown", "disk-short", "disk-free-unknown"} <= seen


@pytest.mark.parametrize("lang", LANGS)
def test_every_machine(lang, every_result, shipped) -> None:
    kept, fresh = Wording(shipped, lang), Wording(shipped, lang)
    for result in every_result[::2]:
        view = fresh.result(result)
        whole = msgspec.structs.replace(
            view, assessments=[fresh.assessment(a) for a in result.assessments]
        )
        assert encode(kept.result(result)) == encode(whole)


def test_little_is_kept(every_result, shipped, monkeypatch) -> None:
    """Nothing but speed depends on what is kept."""
    monkeypatch.setattr(document, "MOST_KEPT", 3)
    short, fresh = Wording(shipped, "en"), Wording(shipped, "en")
    for result in every_result[:20]:
        for assessment in result.assessments:
            assert encode(short.encoded(assessment)) == encode(fresh.assessment(assessment))
            assert len(short._kept) <= 3


def test_gates_that_come_again_are_found_by_identity(every_result, shipped) -> None:
    """An equal gate of another machine is not mistaken for the kept one."""
    wording = Wording(shipped, "en")
    assessment = next(a for a in every_result[0].assessments if a.memory.disk is not None)
    first = json.loads(encode(wording.encoded(assessment)))
    gates = tuple(
        msgspec.structs.replace(gate, have="1 GB") if gate.gate == "disk" else gate
        for gate in assessment.gates
    )
    memory = msgspec.structs.replace(assessment.memory, disk=Amounts(need_bytes=1, have_bytes=2))
    other = msgspec.structs.replace(assessment, gates=gates, memory=memory)
    second = json.loads(encode(wording.encoded(other)))
    assert second["memory"]["disk"] == {"need_bytes": 1, "have_bytes": 2, "total_bytes": None}
    assert first["memory"]["disk"]["need_bytes"] != 1
    assert [g["have"] for g in second["gates"] if g["gate"] == "disk"] == ["1 GB"]


def test_sources_are_told(every_result, shipped) -> None:
    wording = Wording(shipped, "en")
    told = [(gate, wording.gate(gate)) for a in every_result[0].assessments for gate in a.gates]
    assert any(view.source and "http" in view.source for _, view in told)
    for gate, view in told:
        assert (gate.source is None) == (view.source is None)
        assert (gate.remedy is None) == (view.remedy is None)
        assert view.source not in shipped.sources
        assert (view.have, view.need, view.status) == (gate.have, gate.need, gate.status)


def test_document_reads_back(judged, shipped) -> None:
    result = judged("asus-gl552vw", "voxcpm-2")
    told = msgspec.json.encode(CheckDocument(results=[Wording(shipped, "zh").result(result)]))
    read = msgspec.json.decode(told, type=CheckDocument)
    assert read.schema == "vcf.check/1"
    assert read.errors is msgspec.UNSET
    [view] = read.results
    assert view.machine == result.machine
    assert all(isinstance(a, AssessmentView) for a in view.assessments)
    assert [a.mode for a in view.assessments] == [a.mode for a in result.assessments]  # type: ignore[union-attr]


def test_recommendation(judged, shipped) -> None:
    result: Result = judged("desktop-rtx-3060-12gb", "voxcpm-2")
    view = Wording(shipped, "en").recommendation(result.recommendation)
    assert view.model == "voxcpm-2"
    assert view.why.startswith("VoxCPM2 in ")
    [install] = [action for action in view.actions if action.kind == "install"]
    assert install.command is not None
    assert "pip install" in install.command


def test_names() -> None:
    assert sorted(document.__all__) == document.__all__
    for name in document.__all__:
        assert hasattr(document, name)
