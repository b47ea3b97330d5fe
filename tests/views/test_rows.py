"""Rows that the table, Markdown, CSV and JUnit share."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest

from vcf.judge.model import Rtf
from vcf.views.rows import deciding, ranked, reason, rows, rtf_text, rtfx_text, stars_text

RTF = Rtf(low=0.35, mid=0.6, high=1.2, basis="roofline")


def test_short_texts() -> None:
    assert [stars_text(n) for n in (1, 3, 5)] == ["★☆☆☆☆", "★★★☆☆", "★★★★★"]
    assert rtf_text(RTF) == "0.35–1.2"
    assert rtfx_text(RTF) == "0.83–2.9×"
    assert rtf_text(None) == rtfx_text(None) == "–"


@pytest.mark.parametrize(
    ("machine", "what", "gate", "words"),
    [
        ("asus-gl552vw", "voxcpm-2:gpu", "memory", "VRAM: needs "),
        ("cloud-vm-2-core-4gb", "voxcpm-2:gpu", "memory", "This machine has no GPU."),
        ("desktop-rtx-4090-24gb", "voxcpm-2:gpu", "speed", "30 s of speech in "),
        ("desktop-rtx-4090-24gb", "voxcpm-2:mlx", "software", "Runs on "),
        ("desktop-rtx-4090-24gb", "voxcpm-2:online", "speed", "provider's hardware"),
        ("name: x", "voxcpm-2:cpu", "memory", "nothing says how much this machine has"),
        ("{memory: {total: 64GiB}, gpus: []}", "voxcpm-2:cpu", "speed", ""),
    ],
)
def test_reasons(machine, what, gate, words, judged) -> None:
    [assessment] = judged(machine, what).assessments
    found = deciding(assessment)
    assert found is not None
    assert found.gate == gate
    assert words in reason(assessment, "en")
    assert reason(assessment, "zh") != reason(assessment, "en")


def test_no_gate_no_reason(judged) -> None:
    [assessment] = judged("asus-gl552vw", "voxcpm-2:cpu-fp32").assessments
    bare = msgspec.structs.replace(assessment, gates=())
    assert deciding(bare) is None
    assert reason(bare, "en") == ""


def test_the_limiting_gate_decides(every_result) -> None:
    """Not another that is as bad."""
    for result in every_result:
        for assessment in result.assessments:
            gate = deciding(assessment)
            assert gate is not None
            if assessment.limit is not None:
                assert gate.gate == assessment.limit
            assert reason(assessment, "en")


def test_equal_refusals_share_a_row(judged) -> None:
    result = judged("cloud-vm-2-core-4gb", "voxcpm-2")
    alone, merged = rows(result, "en", merge=False), rows(result, "en", merge=True)
    assert len(alone) == len(result.assessments)
    assert all(len(row.modes) == 1 for row in alone)
    assert len(merged) < len(alone)
    assert sorted(m for row in merged for m in row.modes) == sorted(
        a.mode for a in result.assessments
    )
    for row in merged:
        assert len(row.modes) == 1 or row.verdict in ("no", "unknown")


def test_models_do_not_share_rows(judged) -> None:
    merged = rows(judged("cloud-vm-2-core-4gb", "voxcpm"), "en", merge=True)
    refused = [row.model for row in merged if "no GPU" in row.reason]
    assert refused == ["voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"]


def test_ranking(every_result, shipped) -> None:
    for result in every_result[:40]:
        order = ranked(result.assessments)
        assert sorted(map(id, order)) == sorted(map(id, result.assessments))
        assert list(dict.fromkeys(a.model for a in order)) == list(shipped.models)
        for one, other in pairwise(order):
            if one.model == other.model and "online" not in (one.mode, other.mode):
                assert one.score >= other.score
        for model in shipped.models:
            modes = [a.mode for a in order if a.model == model]
            assert "online" not in modes[:-1]
