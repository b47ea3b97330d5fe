"""What holds for every machine: it can be judged, saved and read back; unknown never lies."""

from __future__ import annotations

import msgspec
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import (
    CATALOGUE,
    GIB,
    SUBJECTS,
    TABLE,
    everything,
    machine_of,
    machines,
    verdict_on,
)
from msgspec.structs import replace

from vcf.catalogue.gpus import GpuSpec
from vcf.judge import memory
from vcf.judge.advise import recommend
from vcf.judge.assess import judge
from vcf.judge.context import Context
from vcf.judge.model import Assessment
from vcf.judge.score import RANK
from vcf.machine.complete import complete
from vcf.machine.load import read_machine
from vcf.machine.model import Gpu, Machine


def sound(given_: Assessment) -> None:
    """What every assessment must satisfy on its own."""
    assert given_.verdict in RANK
    assert 0 <= given_.score <= 100 and 1 <= given_.stars <= 5
    failing = [gate.gate for gate in given_.gates if gate.status == "fail"]
    assert (given_.verdict == "no") == bool(failing), given_
    assert given_.limit is None or given_.limit in {gate.gate for gate in given_.gates}
    assert (given_.limit is None) == (given_.verdict == "good")
    assert all(gate.text.id for gate in given_.gates)
    if given_.rtf is not None:
        assert 0 < given_.rtf.low <= given_.rtf.mid <= given_.rtf.high
        assert given_.verdict in ("good", "slow", "tight")
    if given_.verdict == "unknown":
        assert any(gate.status == "unknown" for gate in given_.gates)
        assert given_.score == 0
    if given_.verdict == "no":
        assert given_.recipe.install == ()
    if given_.mode != "online":
        order = [gate.gate for gate in given_.gates]
        kinds = ["software", "memory", "disk", "speed", "licence"]
        assert order == sorted(order, key=kinds.index)


@settings(max_examples=100)
@given(machines())
def test_every_machine_can_be_judged_and_advised(machine: Machine) -> None:
    context = Context(machine)
    assessments = [judge(context, subject) for subject in SUBJECTS]
    for assessment in assessments:
        sound(assessment)
    advice = recommend(context, SUBJECTS, assessments)
    if advice.model is not None and advice.mode != "online":
        chosen = next(a for a in assessments if (a.model, a.mode) == (advice.model, advice.mode))
        assert chosen.verdict in ("good", "slow", "tight")
    else:
        assert not any(a.verdict in ("slow", "tight") for a in assessments)


@settings(max_examples=60)
@given(machines())
def test_a_saved_machine_reads_back_equal_and_is_judged_the_same(machine: Machine) -> None:
    text = yaml.safe_dump(msgspec.to_builtins(machine), allow_unicode=True, sort_keys=False)
    again = read_machine(text, "saved.yaml")
    assert again == machine
    assert read_machine(msgspec.json.encode(machine).decode(), "saved.json") == machine
    for was, now in zip(everything(machine), everything(again), strict=True):
        assert was == now


@settings(max_examples=40)
@given(machines())
def test_what_is_kept_between_calls_never_changes_an_answer(machine: Machine) -> None:
    kept = everything(machine)
    forget()
    for was, now in zip(kept, everything(machine), strict=True):
        assert was == now


def forget() -> None:
    for subject in SUBJECTS:
        subject.memo.clear()
        subject.fits.clear()
    memory._kept.clear()


def test_needs_that_look_alike_keep_their_own_remedies() -> None:
    """5.94 and 5.86 GiB are both 5.9; a tenth more is 6.5 and 6.4, the card free that it is."""
    subject = next(s for s in SUBJECTS if s.key == ("voxcpm-2", "gpu-bf16"))
    context = Context(
        machine_of("os: linux\ngpus: [{name: RTX 3060, vram: 6.49GiB, vram_free: 6GiB}]")
    )
    told = []
    for need in (5.94, 5.86):
        device = replace(subject.mode.memory.device, need_gib=need)
        mode = replace(subject.mode, memory=replace(subject.mode.memory, device=device))
        judged = judge(context, replace(subject, mode=mode, memo={}, fits={}))
        (gate,) = [gate for gate in judged.gates if gate.part == "device"]
        told.append((gate.need, gate.remedy.values["need"]))
    assert told == [("5.9 GiB", "6.5 GiB"), ("5.9 GiB", "6.4 GiB")]


def test_names_of_another_machine_never_show_up() -> None:
    """Two Intel Macs share every fact of a judgement but the processor's name."""
    texts = []
    for name in ("Intel Core i5-8210Y", "Intel Core i9-9880H"):
        mac = machine_of(
            f"os: macos\ncpu: {{model: {name}, cores: 4, isa: [avx2]}}\n"
            "memory: {total: 16GiB}\ngpus: []"
        )
        texts.append(str(verdict_on(mac, "voxcpm-0.5b", "cpu-fp32")))
    assert "i5-8210Y" not in texts[1]
    assert "i9-9880H" not in texts[0]


SEVERAL_SIZES = [spec for spec in TABLE if len(spec.vram_gib) > 1 and not spec.unified]


def agrees(less: Assessment, more: Assessment) -> None:
    """``less`` is judged with a fact of ``more`` missing: it says the same or cannot tell.

    Only a forecast that spans real time may fall on its other side.
    """
    place = f"{less.model} {less.mode}: {more.verdict} known, {less.verdict} without the fact"
    if (more.verdict, less.verdict) == ("good", "slow"):  # the slowest of the name is reckoned with
        assert less.rtf is not None and more.rtf is not None, place
        assert less.rtf.low < 1 and less.rtf.mid > more.rtf.mid, place
        return
    assert less.verdict in (more.verdict, "unknown"), place


@pytest.mark.parametrize("spec", SEVERAL_SIZES, ids=lambda spec: spec.name)
@pytest.mark.parametrize("system", ["linux", "windows"])
def test_a_card_of_unknown_size_never_contradicts_one_of_its_sizes(
    spec: GpuSpec, system: str
) -> None:
    host = machine_of(
        f"os: {system}\narch: x86_64\nmemory: {{total: 64GiB}}\ndisk: {{free: 500GB}}"
    )

    def judged(size: int | None) -> list[Assessment]:
        vram = None if size is None else size * GIB
        card = Gpu(name=spec.name, vendor=spec.vendor, vram_total_bytes=vram)
        return everything(complete(replace(host, gpus=[card]), "file desk.yaml"))

    unsized = judged(None)
    for size in spec.vram_gib:
        for less, more in zip(unsized, judged(size), strict=True):
            agrees(less, more)


@pytest.mark.parametrize("cc", ["3.5", "5.0", "6.1", "7.0", "7.5", "8.0", "8.6", "9.0", "12.0"])
def test_an_unnamed_card_of_unknown_generation_never_contradicts_a_known_one(cc: str) -> None:
    text = "os: linux\nmemory: {{total: 64GiB}}\ngpus: [{{vendor: nvidia, vram: 24GiB{}}}]"
    known = everything(machine_of(text.format(f', compute_capability: "{cc}"')))
    for less, more in zip(everything(machine_of(text.format(""))), known, strict=True):
        agrees(less, more)


@settings(max_examples=80)
@given(machines())
def test_an_unknown_amount_of_ram_never_contradicts_a_known_one(machine: Machine) -> None:
    silent = replace(machine.memory, total_bytes=None, available_bytes=None)
    without = everything(replace(machine, memory=silent))
    for less, more in zip(without, everything(machine), strict=True):
        agrees(less, more)


@settings(max_examples=60)
@given(machines(), st.sampled_from(["gpus", "software", "isa"]))
def test_a_missing_section_leaves_every_verdict_sound(machine: Machine, section: str) -> None:
    if section == "isa":
        machine = replace(machine, cpu=replace(machine.cpu, isa=None))
    else:
        machine = replace(machine, **{section: None})
    for assessment in everything(machine):
        sound(assessment)
        if section == "gpus" and assessment.mode.startswith("gpu"):
            assert assessment.verdict == ("no" if assessment.limit == "disk" else "unknown")


def test_an_empty_machine_is_unknown_but_online() -> None:
    for assessment in everything(Machine()):
        sound(assessment)
        assert assessment.verdict == ("good" if assessment.mode == "online" else "unknown")


def test_the_catalogue_has_every_model_of_the_report() -> None:
    assert {"voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2", "indextts-1.5", "indextts-2"} <= set(
        CATALOGUE.models
    )


def test_a_full_store_of_memory_judgements_is_cleared_and_filled_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("vcf.judge.assess.MOST_KEPT", 2)
    machines = [machine_of(f"memory: {{total: {size}GiB}}") for size in (2, 4, 8, 16, 32)]
    forget()
    first = [everything(machine) for machine in machines]
    assert [everything(machine) for machine in machines] == first
    assert all(len(subject.fits) <= 2 for subject in SUBJECTS)
