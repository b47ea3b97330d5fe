"""What a mode needs of memory for the work asked: parts, growth, and verdicts that follow."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from judging import GIB, LOCAL, desktop, first_card, gate_with, machine_of
from msgspec.structs import replace

from vcf.catalogue.model import Growth
from vcf.judge.assess import judge
from vcf.judge.context import Context
from vcf.judge.growth import activations
from vcf.judge.model import Assessment, Part
from vcf.judge.need import MemorySum, extras, memory_sum
from vcf.judge.score import RANK
from vcf.judge.workload import STANDARD, Workload
from vcf.machine.load import load_machine, profile_names
from vcf.machine.model import Machine

MIB = 1 << 20
PARTS: tuple[Part, ...] = ("device", "host-load", "host-run")
PROFILES = {name: load_machine(name) for name in profile_names()}
RTX = "name: NVIDIA GeForce RTX 4090, vram: 24GiB"
OFF = {"TORCHDYNAMO_DISABLE": "1"}
WORK = {
    "standard": STANDARD,
    "long": Workload(speech_seconds=300, reference_seconds=60, emotion=True),
    "book": Workload(speech_seconds=3600, reference_seconds=180),
    "bare": Workload(speech_seconds=1, reference_seconds=0),
}


def asked(machine: Machine, name: str, **work: Any) -> Assessment:
    return judge(Context(machine, Workload(**work)), LOCAL[name])


def sums(machine: Machine, name: str, workload: Workload = STANDARD) -> dict[Part, MemorySum]:
    """The needs of a subject on the machine's first card, or on its processor."""
    subject, context = LOCAL[name], Context(machine, workload)
    card = first_card(subject, context)
    made = {part: memory_sum(subject, part, context, card) for part in PARTS}
    return {part: each for part, each in made.items() if each is not None}


def need(machine: Machine, name: str, **work: Any) -> float:
    """GiB that are judged: on the device, or in RAM where none is used."""
    memory = asked(machine, name, **work).memory
    amounts = memory.device or memory.host
    assert amounts.need_bytes is not None
    return amounts.need_bytes / GIB


# ---- parts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("profile", PROFILES)
def test_the_parts_add_up_to_what_is_judged(profile: str) -> None:
    """Modes that run as another are left to test_explanation.py."""
    for name, subject in LOCAL.items():
        for workload in WORK.values():
            context = Context(PROFILES[profile], workload)
            card = first_card(subject, context)
            if (subject.device == "gpu" and card is None) or subject.mode.runs_as:
                continue
            judged = judge(context, subject).memory
            found = sums(PROFILES[profile], name, workload)
            assert found
            for part, each in found.items():
                assert each.part == part
                assert sum(term.bytes for term in each.terms) == each.need_bytes
                ids = [term.id for term in each.terms]
                assert ids.count("rest") == 1
                assert all(term.source for term in each.terms if term.id != "shared")
            if judged.device is not None:
                assert found["device"].need_bytes == judged.device.need_bytes
            hosts = [each.need_bytes for part, each in found.items() if part != "device"]
            assert max(hosts, default=None) == judged.host.need_bytes


@pytest.mark.parametrize("name", LOCAL)
def test_no_part_is_below_nought(name: str) -> None:
    mac = LOCAL[name].mode_id == "mlx"
    machine = PROFILES["macbook-pro-m4-max-64gb"] if mac else desktop(RTX)
    for workload in WORK.values():
        for each in sums(machine, name, workload).values():
            assert all(term.bytes >= 0 for term in each.terms)


def test_weights_stand_where_they_are_while_it_speaks() -> None:
    on_card, on_cpu = sums(desktop(RTX), "voxcpm-2:gpu-bf16"), sums(desktop(), "voxcpm-2:cpu-bf16")
    assert set(on_card) == set(PARTS) and set(on_cpu) == {"host-load", "host-run"}
    for where, found in (("device", on_card), ("host-run", on_cpu)):
        terms = found[where].terms  # type: ignore[index]
        weights = [term for term in terms if term.id == "weights"]
        assert len(weights) == len(LOCAL["voxcpm-2:gpu-bf16"].model.parameters)
        # 2.29 G parameters in two bytes, the AudioVAE in four
        size = sum(term.bytes for term in weights) / GIB
        assert 4.2 < size < 4.8
        assert any(term.detail.endswith("fp32") for term in weights)
        assert [term.id for term in terms if term.id not in ("weights", "rest", "compiled")] == [
            "kv-cache", "activations",
        ]  # fmt: skip
    others = [on_card["host-load"], on_card["host-run"], on_cpu["host-load"]]
    assert all([term.id for term in each.terms] == ["rest"] for each in others)


def test_the_emotion_model_is_no_part_of_the_usual_need() -> None:
    terms = sums(desktop(RTX), "indextts-2:gpu-fp16")["device"].terms
    beside = LOCAL["indextts-2:gpu-fp16"].model.emotion_model
    assert beside is not None
    assert not any(term.detail.startswith(beside.component) for term in terms)


def test_files_of_other_programs_are_in_one_precision() -> None:
    terms = sums(desktop(RTX), "voxcpm-2:gguf-gpu-q4")["device"].terms
    details = [term.detail for term in terms if term.id == "weights"]
    assert details and all(detail.endswith("q4") for detail in details)
    assert not {"kv-cache", "activations"} & {term.id for term in terms}


def test_what_the_catalogue_does_not_state_has_no_sum() -> None:
    subject, context = LOCAL["indextts-2:mlx"], Context(PROFILES["mac-mini-m4-16gb"])
    assert subject.mode.memory.host_run is None
    assert memory_sum(subject, "host-run", context, context.cards[0]) is None
    # a GPU's memory without a GPU
    assert memory_sum(subject, "device", context, None) is None


def test_a_gpu_without_memory_of_its_own_takes_it_of_the_ram() -> None:
    found = sums(PROFILES["mini-pc-radeon-8060s-128gb"], "voxcpm-2:gguf-gpu-q8")
    for part in ("host-load", "host-run"):
        shared = [term for term in found[part].terms if term.id == "shared"]
        assert len(shared) == 1 and shared[0].bytes > 0
        assert found[part].need_bytes == found["device"].need_bytes + GIB
    discrete = sums(desktop(RTX), "voxcpm-2:gguf-gpu-q8")
    assert not any(term.id == "shared" for each in discrete.values() for term in each.terms)


# ---- longer clips -----------------------------------------------------------------------------


def test_voxcpm2_with_a_clip_of_three_minutes_needs_what_was_reported() -> None:
    """OpenBMB/VoxCPM issue 344: 13 to 14 GB on the card."""
    assert 13 <= need(desktop(RTX), "voxcpm-2:gpu-bf16", reference_seconds=180) <= 15
    off = replace(desktop(RTX), settings=OFF)
    assert 13 <= need(off, "voxcpm-2:gpu-bf16", reference_seconds=180) <= 14
    small = desktop("name: NVIDIA GeForce RTX 3060, vram: 12GiB")
    assert asked(small, "voxcpm-2:gpu-bf16").verdict in ("good", "slow")
    judged = asked(small, "voxcpm-2:gpu-bf16", reference_seconds=180)
    assert (judged.verdict, judged.limit) == ("no", "memory")
    assert gate_with(judged, "vram-short").status == "fail"


GROWTH = Growth(reference_mib_s=50, speech_mib_s=20, source="here")


@pytest.mark.parametrize(
    ("clip", "speech", "mib"),
    [(10, 10, 500), (10, 24, 500), (10, 26, 520), (0, 1, 20), (60, 10, 3000), (60, 600, 12_000)],
)
def test_the_clip_is_given_back_before_speech_is_decoded(
    clip: float, speech: float, mib: float
) -> None:
    work = Workload(reference_seconds=clip, speech_seconds=speech)
    subject = LOCAL["voxcpm-2:gpu-bf16"]
    assert activations(subject, GROWTH, work) == mib * MIB
    cut = replace(GROWTH, reference_seconds_max=30.0, speech_seconds_max=25.0)
    assert activations(subject, cut, work) == max(min(clip, 30) * 50, min(speech, 25) * 20) * MIB


def test_pieces_of_a_long_text_are_decoded_one_by_one() -> None:
    subject = LOCAL["indextts-2:gpu-fp16"]
    growth = subject.model.growth
    assert growth is not None
    sizes = [activations(subject, growth, Workload(speech_seconds=s)) for s in (25, 50, 600)]
    assert sizes[0] == sizes[1] == sizes[2] == int(25 * growth.speech_mib_s * MIB)
    assert activations(subject, growth, Workload(speech_seconds=26)) < sizes[0]


def test_standard_work_adds_nothing() -> None:
    for name, subject in LOCAL.items():
        context = Context(replace(desktop(RTX), settings=OFF))
        assert extras(subject, context, first_card(subject, context)) == (0, 0), name
        shorter = Context(context.machine, Workload(speech_seconds=1, reference_seconds=0))
        assert extras(subject, shorter, first_card(subject, shorter)) == (0, 0), name


def test_a_model_of_which_nothing_is_known_grows_by_nothing() -> None:
    subject = LOCAL["voxcpm-2:cpu-fp32"]
    bare = replace(subject, model=replace(subject.model, growth=None))
    context = Context(desktop(), WORK["book"])
    assert extras(bare, context, None) == (0, 0)
    found = memory_sum(bare, "host-run", context, None)
    assert found is not None
    assert not {"longer", "activations"} & {term.id for term in found.terms}


@settings(max_examples=150)
@given(
    st.sampled_from(sorted(LOCAL)), st.floats(0.1, 900), st.floats(0, 300), st.floats(0, 300),
    st.booleans(),
)  # fmt: skip
def test_longer_clips_never_need_less(
    name: str, speech: float, clip: float, more: float, emotion: bool
) -> None:
    subject = LOCAL[name]
    machine = desktop(f"{RTX}") if subject.device == "gpu" else desktop()
    context = Context(machine)
    card = first_card(subject, context)

    def added(**work: Any) -> tuple[int, int]:
        return extras(subject, Context(machine, Workload(**work)), card)

    base = {"speech_seconds": speech, "reference_seconds": clip, "emotion": emotion}
    one = added(**base)
    grown = [base | {"reference_seconds": clip + more}, base | {"emotion": True}]
    if subject.model.segment_seconds is None:  # cut texts are decoded in equal pieces
        grown.append(base | {"speech_seconds": speech + more})
    for larger in grown:
        assert all(a <= b for a, b in zip(one, added(**larger), strict=True))
    assert one[1 if subject.device == "gpu" else 0] == 0


# ---- emotion, compilation ---------------------------------------------------------------------

INDEX = [name for name in LOCAL if name.startswith(("indextts-2:", "indextts-2.5:"))]


@pytest.mark.parametrize("name", INDEX)
def test_emotion_from_words_takes_a_gib_of_pytorch_modes(name: str) -> None:
    subject = LOCAL[name]
    mac = subject.mode_id == "mlx"
    machine = PROFILES["macbook-pro-m4-max-64gb"] if mac else desktop(RTX)
    plain, felt = (need(machine, name, emotion=on) for on in (False, True))
    torch = subject.runtime.kernels == "torch"
    assert felt - plain == pytest.approx(1.11 if torch else 0, abs=1e-6)
    where: Part = "device" if subject.device == "gpu" else "host-run"
    terms = sums(machine, name, Workload(emotion=True))[where].terms
    assert ("emotion" in [term.id for term in terms]) == torch


@pytest.mark.parametrize("name", ["indextts-1.5:gpu-fp16", "voxcpm-2:gpu-bf16"])
def test_models_without_such_a_model_need_no_more(name: str) -> None:
    assert LOCAL[name].model.emotion_model is None
    assert need(desktop(RTX), name, emotion=True) == need(desktop(RTX), name)


@pytest.mark.parametrize("name", LOCAL)
def test_compilation_takes_more_of_the_card(name: str) -> None:
    subject = LOCAL[name]
    if subject.device == "cpu" or subject.mode_id == "mlx":
        return
    on, off = (need(replace(desktop(RTX), settings=s), name) for s in (None, OFF))
    compiles = subject.mode.runtime == "voxcpm-pytorch"
    assert on - off == pytest.approx(0.62 if compiles else 0, abs=1e-6)
    terms = sums(desktop(RTX), name)["device"].terms
    assert ("compiled" in [term.id for term in terms]) == compiles
    old = desktop("name: NVIDIA GeForce GTX 1080 Ti, vram: 11GiB")
    assert need(old, name) == off  # cannot compile


# ---- more memory is never worse ---------------------------------------------------------------

work = st.builds(
    Workload, speech_seconds=st.floats(0.1, 600), reference_seconds=st.floats(0, 300),
    steps=st.none() | st.integers(1, 50), emotion=st.booleans(),
)  # fmt: skip
gibs = st.floats(0.5, 40)


def never_worse(before: Machine, after: Machine, name: str, workload: Workload) -> None:
    was, now = (judge(Context(each, workload), LOCAL[name]) for each in (before, after))
    assert RANK[now.verdict] >= RANK[was.verdict], (was.verdict, now.verdict)
    assert now.score >= was.score


@settings(max_examples=150)
@given(st.sampled_from(sorted(LOCAL)), work, gibs, gibs)
def test_more_memory_is_never_worse_whatever_is_asked(
    name: str, workload: Workload, gib: float, more: float
) -> None:
    """Without compilation; see below."""

    def machine(vram: float, ram: float) -> Machine:
        made = desktop(f"name: NVIDIA GeForce RTX 4090, vram: {vram:.4f}GiB",
                       ram=f"total: {ram:.4f}GiB")  # fmt: skip
        return replace(made, settings=OFF)

    never_worse(machine(gib, 64), machine(gib + more, 64), name, workload)
    never_worse(machine(24, gib), machine(24, gib + more), name, workload)


@settings(max_examples=60)
@given(st.sampled_from(sorted(LOCAL)), work, gibs, gibs)
def test_more_shared_memory_is_never_worse_whatever_is_asked(
    name: str, workload: Workload, gib: float, more: float
) -> None:
    text = (
        "os: linux\ncpu: {{cores: 16, isa: [avx2]}}\nmemory: {{total: {:.4f}GiB}}\n"
        "gpus: [{{name: AMD Radeon 8060S Graphics, vendor: amd, unified: true}}]\n"
        "disk: {{free: 500GB}}"
    )
    one, other = (replace(machine_of(text.format(g)), settings=OFF) for g in (gib, gib + more))
    never_worse(one, other, name, workload)


@settings(max_examples=150)
@given(st.sampled_from(sorted(n for n in LOCAL if n.endswith("16"))), gibs, st.floats(0, 4))
def test_more_memory_to_compile_in_is_never_worse(name: str, gib: float, more: float) -> None:
    one, other = (desktop(f"name: RTX 4090, vram: {g:.4f}GiB") for g in (gib, gib + more))
    never_worse(one, other, name, STANDARD)


@pytest.mark.parametrize("clip", [52, 58])
def test_more_memory_to_compile_in_is_never_worse_with_a_long_clip(clip: float) -> None:
    workload = Workload(reference_seconds=clip)
    for step in range(500, 1000, 5):
        one, other = (desktop(f"name: RTX 4090, vram: {(step + s) / 100}GiB") for s in (0, 5))
        never_worse(one, other, "voxcpm-2:gpu-bf16", workload)


def test_what_does_not_fit_with_a_long_clip_is_not_compiled() -> None:
    """It would fit uncompiled, so the recipe ought to leave compilation off."""
    workload = Workload(reference_seconds=60)
    plain = need(replace(desktop(RTX), settings=OFF), "voxcpm-2:gpu-bf16", reference_seconds=60)
    machine = desktop(f"name: NVIDIA GeForce RTX 4090, vram: {plain * 1.01:.3f}GiB")
    judged = judge(Context(machine, workload), LOCAL["voxcpm-2:gpu-bf16"])
    assert "optimize=False" in judged.recipe.code
    assert judged.verdict != "no"
