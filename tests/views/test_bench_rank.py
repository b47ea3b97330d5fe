"""The ranking of all that was measured in one call."""

from __future__ import annotations

import bench_records
import msgspec
import pytest
from rich.console import Console

from vcf.bench.record import BenchRecord, Conditions, Quality, Weights
from vcf.judge.workload import Workload
from vcf.views.bench import result_screen
from vcf.views.bench_rank import rank_screen, ranked
from vcf.views.words import Lang

replace = msgspec.structs.replace


def text(records: list[BenchRecord], lang: Lang = "en", width: int = 80) -> str:
    console = Console(width=width, force_terminal=False)
    with console.capture() as caught:
        console.print(rank_screen(records, lang))
    return caught.get()


def of(mode: str, *rtfs: float, **changes: object) -> BenchRecord:
    return bench_records.record(rtfs, mode=mode, id=f"20261123T101112-{mode}", **changes)


def test_the_quickest_is_the_answer() -> None:
    told = text([of("cpu-fp32", 8.0), of("gguf-cpu-q8", 2.0, 2.1, 2.0), of("cpu-bf16", 4.0)])
    assert (
        told.splitlines()[0] == "With voxcpm-0.5b:gguf-cpu-q8, 30 s of speech take about 61 s here."
    )
    rows = [line.split()[:3] for line in told.splitlines() if line[:1].isdigit()][:3]
    assert [row[1] for row in rows] == [
        "voxcpm-0.5b:gguf-cpu-q8", "voxcpm-0.5b:cpu-bf16", "voxcpm-0.5b:cpu-fp32"
    ]  # fmt: skip
    assert [row[2] for row in rows] == ["2.00", "4.00", "8.00"]
    assert "`vcf check voxcpm-0.5b:gguf-cpu-q8 -v`" in told


def test_what_can_not_be_relied_on_comes_last() -> None:
    disturbed = of("cpu-fp32", 1.0, conditions=Conditions(disturbed=True, foreign_share=0.5))
    noise = of("cpu-bf16", 2.0, quality=Quality(status="fail", failed=["silent"], finite=True))
    tiny = of("gpu-fp16", 0.1, weights=Weights(kind="tiny"))
    good = of("gguf-cpu-q4", 9.0)
    found = ranked([disturbed, noise, tiny, good])
    assert found[0] == good and len(found) == 4
    told = text([disturbed, noise, tiny, good])
    assert "With voxcpm-0.5b:gguf-cpu-q4" in told
    assert "other programs took 50 %" in told and "can't be speech (silent)" in told
    assert "speed of no meaning: voxcpm-0.5b:gpu-fp16" in " ".join(told.split())


def test_nothing_to_rely_on() -> None:
    told = text([of("cpu-fp32", 1.0, conditions=Conditions(disturbed=True, foreign_share=0.5))])
    assert told.startswith("No figure to rely on") and "vcf check" not in told
    told = text([of("cpu-fp32", 1.0, weights=Weights(kind="tiny"))])
    assert told.startswith("Nothing measured here says how quick a model is")


def test_failures_have_a_line_each() -> None:
    told = text(
        [bench_records.failure("oom"), bench_records.failure("skipped"), of("cpu-bf16", 4.0)]
    )
    assert "✗ voxcpm-0.5b:cpu-bf16: out of memory: CUDA out of memory." in told
    assert "– voxcpm-0.5b:cpu-bf16: skipped: no GPU that torch can use" in told
    assert text([bench_records.failure("oom")]).startswith("Nothing was measured.")
    assert text([]) == "Nothing was measured.\n"


def test_options_are_part_of_the_name() -> None:
    plain = of("gpu-bf16", 0.8)
    protocol = replace(plain.protocol, options=["accel"])
    told = text([plain, of("gpu-bf16", 0.5, protocol=protocol)])
    assert "1  voxcpm-0.5b:gpu-bf16+accel" in told and "2  voxcpm-0.5b:gpu-bf16 " in told
    assert "`vcf check voxcpm-0.5b:gpu-bf16 -v`" in told, "check knows no options"


def test_some_cloned_a_voice_and_some_did_not() -> None:
    alone = of("cpu-fp32", 8.0, workload=Workload(speech_seconds=2.0, reference_seconds=0.0))
    cloned = of("cpu-bf16", 4.0, workload=Workload(speech_seconds=2.0, reference_seconds=5.0))
    told = " ".join(text([alone, cloned]).split())
    assert "these cloned a voice: voxcpm-0.5b:cpu-bf16; 30 s of speech hold" in told
    assert "cloned a voice" not in text([cloned]) and "cloned a voice" not in text([alone])


def test_random_weights_are_named() -> None:
    random = of("cpu-fp32", 8.0, weights=Weights(kind="synthetic"))
    told = " ".join(text([random, of("cpu-bf16", 4.0)]).split())
    assert "random weights of the true shape, real speed: voxcpm-0.5b:cpu-fp32" in told
    assert "true shape, real speed: all of them" in text([random])


def test_ranks_stand_below_each_other() -> None:
    told = text([of("cpu-fp32", float(number)) for number in range(1, 12)]).splitlines()
    rows = [line[:5] for line in told if "voxcpm-0.5b:cpu-fp32 " in line]
    assert " 1  v" in rows and "11  v" in rows


@pytest.mark.parametrize("width", [40, 80, 120])
@pytest.mark.parametrize("lang", ["en", "zh"])
def test_it_fits(width: int, lang: Lang) -> None:
    from rich.cells import cell_len

    records = [bench_records.on_gpu(), of("gguf-cpu-q8", 2.0), bench_records.failure("oom")]
    told = text(records, lang, width)
    assert all(cell_len(line) <= width for line in told.splitlines())
    assert "voxcpm-0.5b:gguf-cpu-q8" in told


def test_in_chinese() -> None:
    told = text([of("cpu-fp32", 8.0), of("gguf-cpu-q8", 2.0)], "zh")
    assert told.startswith("在这台机器上用 voxcpm-0.5b:gguf-cpu-q8 合成 30 秒语音约需 61 秒。")
    assert "第一名的运行方法见" in told


# ---- stages -----------------------------------------------------------------------------------


def with_stages(**changes: float) -> BenchRecord:
    plain = of("cpu-fp32", 8.0, 8.2, 8.4)
    runs = [
        replace(run, stages={"gpt": 10.0 + number, "s2mel": 30.0, "vocoder": 4.0, **changes})
        for number, run in enumerate(plain.runs)
    ]
    return replace(plain, runs=runs)


def screen(records: list[BenchRecord], lang: Lang = "en") -> str:
    console = Console(width=80, force_terminal=False)
    with console.capture() as caught:
        console.print(result_screen(records, lang))
    return " ".join(caught.get().split())


def test_stages_of_a_run_are_told() -> None:
    told = screen([with_stages()])
    assert (
        "of a run: GPT 11 s, S2Mel 30 s, vocoder 4.0 s; a new clip takes 1.4 s more, once" in told
    )
    assert "unheard-of 1.0 s" in screen([with_stages(**{"unheard-of": 1.0})])
    zh = screen([with_stages()], "zh")
    assert (
        "每次合成：GPT 11 秒、S2Mel 30 秒、声码器 4.0 秒；换新的参考音频另需 1.4 秒，仅一次" in zh
    )


def test_no_stages_no_line() -> None:
    assert "of a run" not in screen([of("cpu-fp32", 8.0)])


def test_disturbed_runs_tell_no_stages() -> None:
    plain = with_stages()
    runs = [replace(plain.runs[0], disturbed=True, stages={"gpt": 99.0}), *plain.runs[1:]]
    told = screen([replace(plain, runs=runs)])
    assert "GPT 12 s" in told and "GPT 99" not in told


def test_a_stage_without_time_is_not_told() -> None:
    assert "clip" not in screen([of("cpu-fp32", 8.0)]).split("new clip")[0]
    told = screen([with_stages(encode=0.0)])
    assert "GPT 11 s, S2Mel 30 s, vocoder 4.0 s;" in told


def test_a_clip_is_paid_for_once() -> None:
    """However short the speech was that was measured."""
    plain = of("cpu-fp32", 2.0, workload=Workload(speech_seconds=2.0, reference_seconds=5.0))
    record = replace(plain, phases=replace(plain.phases, reference_s=30.0))
    assert text([record]).startswith(
        "With voxcpm-0.5b:cpu-fp32, 30 s of speech take about 90 s here."
    )


def test_runs_before_an_end_are_not_lost() -> None:
    stopped = bench_records.failure("interrupted")
    kept = of("cpu-fp32", 8.0, 8.2)
    record = replace(kept, status=stopped.status, reason=stopped.reason)
    told = " ".join(text([record]).split())
    assert "runs done: 2, RTF 8.1" in told and "Nothing was measured" not in told
