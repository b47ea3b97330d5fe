"""Cards put into a machine in thought: what a mode would do on each."""

from __future__ import annotations

import vcf
from vcf.judge.cards import CARDS, on_cards
from vcf.judge.context import Context
from vcf.judge.subject import subjects
from vcf.judge.workload import Workload


def test_only_cards_on_which_it_would_run() -> None:
    known = subjects(vcf.load_catalogue()).by_key
    context = Context(vcf.load_machine("asus-gl552vw"), Workload(speech_seconds=8.0))
    small = on_cards(context, known["voxcpm-0.5b", "gpu-bf16"])
    assert [offer for offer, _ in small] == list(CARDS)
    large = [offer for offer, _ in on_cards(context, known["voxcpm-2", "gpu-fp32"])]
    assert large and {offer.gib for offer in large}.isdisjoint({8})
    assert len(large) < len(small), "8 GB are too small for it"
