"""Names that no two machines share, facts in short, rows that say the same, the best machine."""

from __future__ import annotations

import itertools

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from vcf.judge.assess import best
from vcf.judge.score import RANK
from vcf.machine.model import Cpu, Disk, Gpu, Machine, Memory
from vcf.units import GIB
from vcf.views.compare import (
    CompareCounts,
    CompareMachine,
    CompareRecommendation,
    Wanted,
    compare_document,
    folded,
    made_line,
    work_of,
)
from vcf.views.compare_best import best_of
from vcf.views.compare_missing import CompareMissing, missing_note, missing_of
from vcf.views.compare_words import LONGEST, facts_of, names_for
from vcf.views.document import Failure
from vcf.views.words import label, say

LANGS = ("en", "zh")


def wanted(result, *, by_mode: bool = False) -> list[Wanted]:
    """A row for each model, or for each mode."""
    rows: dict[tuple[str, str | None], list[int]] = {}
    for index, each in enumerate(result.assessments):
        if each.mode != "online":
            rows.setdefault((each.model, each.mode if by_mode else None), []).append(index)
    return [Wanted(model=key[0], mode=key[1], places=tuple(at)) for key, at in rows.items()]


def document(results, lang="en", *, by_mode: bool = False, **more):
    named = [(f"m{index}", result) for index, result in enumerate(results)]
    return compare_document(named, wanted(results[0], by_mode=by_mode), lang, **more)


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("by_mode", [False, True])
def test_cells_are_assessments(every_result, lang, by_mode) -> None:
    results = every_result[::7]
    made = document(results, lang, by_mode=by_mode)
    for row, asked in zip(made.rows, wanted(results[0], by_mode=by_mode), strict=True):
        assert row.name == (asked.model if asked.mode is None else f"{asked.model}:{asked.mode}")
        for cell, result in zip(row.cells, results, strict=True):
            source = best(result.assessments[place] for place in asked.places)
            for key in ("mode", "verdict", "score", "stars", "confidence", "rtf", "limit"):
                assert getattr(cell, key) == getattr(source, key)
            assert (cell.limit_name is None) == (source.limit is None)
        assert row.same == (len({(cell.verdict, cell.reason) for cell in row.cells}) == 1)
    for machine, result in zip(made.machines, results, strict=True):
        assert machine.recommendation.why == say(result.recommendation.why, lang)


def test_the_best_follows_from_verdicts_and_scores(every_result) -> None:
    pairs = list(itertools.combinations(every_result[::9], 2))
    seen = set()
    for one, other in pairs:
        made = document([one, other])
        keys = []
        for machine, result in zip(made.machines, (one, other), strict=True):
            ways = [
                best(result.assessments[place] for place in each.places) for each in wanted(one)
            ]
            good = sum(way.verdict == "good" for way in ways)
            keys.append((good, sum(way.score for way in ways)))
            assert (machine.counts.good, machine.score) == keys[-1]
            runs = any(RANK[way.verdict] >= RANK["tight"] for way in ways)
            assert runs == (machine.score > 0)
        unknown = [machine.counts.unknown for machine in made.machines]
        ahead = max(keys)
        rivals = [i for i in (0, 1) if keys[i] != ahead or keys[0] == keys[1]]
        if not ahead[1] or any(keys[i][0] + unknown[i] > ahead[0] for i in rivals):
            assert made.best.machines == []
        else:
            assert made.best.machines == [i for i in (0, 1) if keys[i] == max(keys)]
        seen.add(len(made.best.machines))
        swapped = document([other, one]).best.machines
        assert sorted(1 - i for i in swapped) == made.best.machines
    assert seen == {0, 1, 2}


@pytest.mark.parametrize("lang", LANGS)
def test_rows_refused_everywhere_are_folded(judged, lang) -> None:
    results = [judged("office-pc-i5-4590", "voxcpm-2"), judged("cloud-vm-2-core-4gb", "voxcpm-2")]
    made = document(results, lang, by_mode=True)
    kept, sentences = folded(made, lang)
    assert kept
    assert all(not row.same or row.cells[0].verdict == "slow" for row in kept)
    gone = {row.name for row in made.rows} - {row.name for row in kept}
    assert {"voxcpm-2:mlx", "voxcpm-2:gpu-bf16"} <= gone
    assert len(sentences) == 1
    assert all(name in sentences[0] for name in gone)
    assert folded(made, lang, whole=True) == (made.rows, [])


def test_what_runs_is_never_folded(judged) -> None:
    result = judged("desktop-rtx-4090-24gb")
    made = document([result, result])
    assert all(row.same for row in made.rows)
    assert folded(made, "en") == (made.rows, [])


def test_failures_and_notes(judged) -> None:
    failure = Failure(kind="machine", message="x", hint="")
    result = judged("office-pc-i5-4590", "voxcpm-2")
    made = document([result, result], notes=["first"], failures=[failure])
    assert made.notes == ["first"]
    assert made.errors == [failure]
    assert work_of(made, "en") is None
    assert made_line(made, "en") is None
    assert document([result, result]).errors is msgspec.UNSET


# the best


def column(name: str, score: int, *, missing=(), **counts: int) -> CompareMachine:
    lacking = [CompareMissing(field=text, flag=None, text=text) for text in missing]
    return CompareMachine(
        name=name, line=name, facts=[], counts=CompareCounts(**counts), score=score,
        summary=f"{counts}", missing=lacking,
        recommendation=CompareRecommendation(model=None, mode=None, why=""),
    )  # fmt: skip


def test_none_good_is_not_called_good() -> None:
    first, why = best_of([column("a", 60, slow=2), column("b", 30, slow=1, no=1)], "en")
    assert first == [0]
    assert why.endswith("None is good on any model; their scores added up decide, 60 against 30.")
    assert "Both are good" in best_of([column("a", 99, good=1), column("b", 60, good=1)], "en")[1]


def test_a_machine_that_may_be_better_leaves_it_open() -> None:
    ahead = column("a", 90, good=1, slow=2)
    first, why = best_of([ahead, column("b", 0, unknown=3, missing=["RAM"] * 2)], "en")
    assert first == []
    assert why == (
        "It can't be told which is best: facts about b are missing (RAM). "
        "By what is known, a is ahead ({'good': 1, 'slow': 2})."
    )
    assert best_of([ahead, column("b", 0, no=2, unknown=1)], "en")[0] == [0]
    equal = column("b", 90, good=1, slow=1, unknown=1)
    first, why = best_of([ahead, equal], "en")
    assert (first, why) == ([], label("compare-unknown", "en"))
    assert "领先" not in best_of([column("a", 0, unknown=1), column("b", 0, no=1)], "zh")[1]


def test_long_lists_of_missing_facts_are_cut() -> None:
    many = [column(f"m{at}", 0, unknown=1, missing=[f"f{at}", f"g{at}"]) for at in range(9)]
    why = best_of(many, "zh")[1]
    assert why == "缺少这 9 台机器的信息（f0、g0、f1、g1、f2、g2、…），无法判断哪台更合适。"


# facts that are missing


def lacking(lang="en", **parts) -> dict[str, tuple[str, str | None]]:
    machine = Machine(**{"os": "linux", "memory": Memory(total_bytes=GIB), "gpus": [], **parts})
    return {each.field: (each.text, each.flag) for each in missing_of(machine, lang)}


def test_missing_facts() -> None:
    cpu = Cpu(physical_cores=4)
    assert lacking(cpu=cpu) == {}
    assert lacking() == {"cpu.model": ("processor", "--cores 8")}
    assert lacking(cpu=Cpu(model="Z80")) == {"cpu.cores": ("processor cores", "--cores 8")}
    assert lacking(cpu=cpu, os=None) == {"os": ("system", "--os windows")}
    assert lacking(cpu=cpu, memory=Memory(), gpus=None, unknown={"gpus": "lspci: no answer"}) == {
        "memory.total": ("RAM", "--ram 16GiB"),
        "gpus": ("GPU (lspci: no answer)", '--gpu "RTX 3060"'),
    }
    card = Gpu(name="RTX 3060", vendor="nvidia")
    assert lacking(cpu=cpu, gpus=[card]) == {
        "gpus[0].vram": ("VRAM of RTX 3060 (8 or 12 GiB)", "--vram 8GiB")
    }
    slice_of = msgspec.structs.replace(card, mig=True)
    assert lacking(cpu=cpu, gpus=[slice_of]) == {
        "gpus[0].vram": ("VRAM of RTX 3060", "--vram 12GiB")
    }
    assert lacking("zh", cpu=cpu, gpus=[Gpu(name="X")]) == {
        "gpus[0].vendor": ("X 的厂商", None), "gpus[0].vram": ("X 的显存", "--vram 12GiB"),
    }  # fmt: skip
    assert lacking(cpu=cpu, gpus=[Gpu(vendor="intel", integrated=True)]) == {}
    assert len(lacking(cpu=cpu, gpus=[card] * 9)) == 2


def test_the_note_names_flags_where_there_are_any() -> None:
    vendor = CompareMissing(field="gpus[0].vendor", flag=None, text="maker of X")
    memory = CompareMissing(field="memory.total", flag="--ram 16GiB", text="RAM")
    assert missing_note([vendor], "en") == (
        "not known: maker of X. Say so in the machine file: gpus[0].vendor."
    )
    assert missing_note([vendor, memory], "zh").endswith("--machine 机器 --ram 16GiB 试算。")


# names


def named(*pairs: tuple[str, str]) -> list[str]:
    return names_for([(Machine(name=name), path) for name, path in pairs], "en")


def test_names() -> None:
    assert named(("a", "/x/a.yaml"), ("b", "")) == ["a", "b"]
    assert named(("pc", "/x/a.yaml"), ("pc", "/x/b.yaml")) == ["pc (a.yaml)", "pc (b.yaml)"]
    assert named(("pc", "/x/a.yaml"), ("PC", "/x/b.yaml")) == ["pc (a.yaml)", "PC (b.yaml)"]
    assert named(("pc", "/x/a.yaml"), ("pc", "/y/a.yaml")) == ["pc (x/a.yaml)", "pc (y/a.yaml)"]
    assert named(("pc", "/1/x/a.yaml"), ("pc", "/2/x/a.yaml")) == [
        "pc (x/a.yaml) #1", "pc (x/a.yaml) #2",
    ]  # fmt: skip
    assert named(("pc", ""), ("pc", "/x/a.yaml")) == ["pc", "pc (a.yaml)"]
    assert named((" ", "/x/a.yaml"), ("", "")) == ["a.yaml", "?"]
    assert named(("pc", ""), ("pc", ""), ("pc #1", "")) == ["pc #2", "pc #3", "pc #1"]


def test_long_names_stay_unlike() -> None:
    one, other = named(("n" * 99, "/x/" + "f" * 90 + "1.yaml"), ("n" * 99, "/x/2.yaml"))
    assert one != other
    assert other.endswith("(2.yaml)")
    assert one.endswith("1.yaml)")
    assert max(len(one), len(other)) <= LONGEST


@settings(max_examples=200, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.one_of(st.sampled_from(["pc", "PC", "pc #1", " ", "pc (a)"]), st.text(max_size=60)),
            st.one_of(st.sampled_from(["", "/x/a", "/y/a", "b"]), st.text(max_size=60)),
        ),
        min_size=2,
        max_size=9,
    )
)
def test_no_two_machines_share_a_name(pairs) -> None:
    for lang in LANGS:
        names = names_for([(Machine(name=name), path) for name, path in pairs], lang)
        assert len(names) == len(pairs)
        assert len({name.casefold() for name in names}) == len(pairs)
        for name in names:
            assert name.strip()
            assert len(name) <= LONGEST
            assert name.isprintable() or " " in name or "\ufffd" in name


# facts


def facts(lang="en", **parts) -> dict[str, str]:
    return dict(facts_of(Machine(**parts), lang))


def test_facts() -> None:
    card = Gpu(name="RTX 3060", vram_total_bytes=12 * GIB)
    told = facts(
        os="linux",
        os_version="Debian 12",
        cpu=Cpu(model="Ryzen 5", physical_cores=6),
        memory=Memory(total_bytes=16 * GIB),
        gpus=[card],
        disk=Disk(free_bytes=400 * 10**9),
    )
    assert told == {
        "os": "Debian 12",
        "cpu": "Ryzen 5, 6 cores",
        "memory": "16.0 GiB",
        "gpu": "RTX 3060 12.0 GiB",
        "disk": "400 GB free",
    }
    assert [facts(os=os)["os"] for os in ("macos", "windows")] == ["macOS", "Windows"]
    assert facts(cpu=Cpu(model="One", physical_cores=1))["cpu"] == "One, 1 core"
    assert facts(cpu=Cpu(model="One"))["cpu"] == "One"
    assert facts(cpu=Cpu(physical_cores=2))["cpu"] == "unknown, 2 cores"
    assert facts(gpus=[])["gpu"] == "none"
    assert facts(gpus=[card] * 4)["gpu"] == "RTX 3060 12.0 GiB · RTX 3060 12.0 GiB · +2"
    assert facts(gpus=[Gpu(pci_id="10de:139b")])["gpu"] == "10de:139b, VRAM unknown"
    assert facts("zh", gpus=[Gpu(name="RTX 3060")])["gpu"] == "RTX 3060（显存未知）"


@pytest.mark.parametrize("lang", LANGS)
def test_what_is_not_known_is_said(lang) -> None:
    assert set(facts(lang).values()) == {label("unknown", lang)}
