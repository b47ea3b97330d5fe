"""Benchmarks on the screen: what was measured, what is stored, and two of them side by side."""

from __future__ import annotations

import re
from io import StringIO
from typing import Any, get_args

import msgspec
import pytest
from bench_records import FAILURES, GIB, failure, least, machine, on_gpu, record, runs
from rich.cells import cell_len
from rich.console import Console, RenderableType

from vcf.bench.compare import ASKED, FOUND, Difference, MetricId, compare
from vcf.bench.record import BenchRecord, Predicted, Reason, Status, Weights, WeightsKind
from vcf.views.bench import CELLS, advice, best_of, list_screen, result_screen, show_screen
from vcf.views.bench_compare import change, comparison_screen, refusal
from vcf.views.bench_fields import PARTS
from vcf.views.bench_sheet import Column, Dotted, Sheet, one_line
from vcf.views.bench_words import NOTHING, duration, ending, figure, outcome, seconds
from vcf.views.labels import LABELS
from vcf.views.texts_bench import BENCH

LANGS = ("en", "zh")
WIDTHS = (100, 80, 60, 40)
HOSTILE = "\x1b[31mred\r\n\u202eevil\x07[bold]{need}"
WHOLE = Weights(kind="synthetic", size_bytes=9)
replace = msgspec.structs.replace


def drawn(what: RenderableType, width: int = 80) -> str:
    """As on a terminal of that width, without colours and the blanks at line ends."""
    file = StringIO()
    console = Console(
        file=file, width=width, no_color=True, highlight=False, markup=False, emoji=False
    )
    console.print(what, crop=False)
    return "".join(line.rstrip() + "\n" for line in file.getvalue().splitlines())


def many() -> list[BenchRecord]:
    """A computer's evening: quick and slow, real and random, done and not."""
    state = record().conditions
    slow = record(
        (19.8, 20.1, 25.0), mode="cpu-bf16", findings=["torchaudio-spared", "bf16-emulated"],
        conditions=replace(state, disturbed=True, foreign_share=0.12, warnings=["on-battery"]),
    )  # fmt: skip
    power = replace(on_gpu().power, throttle=["power-cap", "thermal"])
    return [
        record(),
        slow,
        on_gpu(power=power, findings=["torchaudio-spared"]),
        *(failure(name, mode="gpu-fp16-deepspeed") for name in FAILURES),
        on_gpu((0.21, 0.22), model="voxcpm-2", weights=WHOLE),
        record((0.01,), model="indextts-2", weights=Weights(kind="tiny")),
    ]


def screens(records: list[BenchRecord], lang: Any) -> list[RenderableType]:
    """Every view of these records."""
    made: list[RenderableType] = [result_screen(records, lang), list_screen(records, lang)]
    made += [show_screen(each, lang) for each in records]
    for one in records:
        made += [comparison_screen(compare(one, other), one, other, lang) for other in records]
    told = advice(records, lang)
    return [*made, told] if told is not None else made


# ---- every view ---------------------------------------------------------------------------------


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("width", WIDTHS)
def test_nothing_is_wider_than_the_screen(lang: str, width: int) -> None:
    for screen in screens(many(), lang):
        for line in drawn(screen, width).splitlines():
            assert cell_len(line) <= width


@pytest.mark.parametrize("lang", LANGS)
def test_all_is_in_words(lang: str) -> None:
    for screen in screens([*many(), least(), least(status="ok")], lang):
        text = drawn(screen, 200)
        assert text.strip()
        assert not re.search(r"[{}]|None|bench-|inf|nan\b", text)
        if lang == "en":
            assert not re.search("[\u4e00-\u9fff]", text)


@pytest.mark.parametrize("lang", LANGS)
def test_nothing_in_a_record_acts(lang: str) -> None:
    bad = on_gpu(
        id="x", model=HOSTILE, mode=HOSTILE, gpu=HOSTILE,
        versions={HOSTILE: HOSTILE, "torch": HOSTILE},
        machine=machine().__class__(name=HOSTILE, os_version=HOSTILE),
        engine=replace(record().engine, device=HOSTILE, precision=HOSTILE),
        weights=Weights(kind="hub", repo=HOSTILE, revision=HOSTILE),
        conditions=replace(record().conditions, governor=HOSTILE, warnings=["governor"]),
        findings=["precision-changed"], vcf=HOSTILE,
    )  # fmt: skip
    worse = failure("odd", model=HOSTILE, mode=HOSTILE)
    worse = replace(worse, reason=Reason(id="signal", detail=HOSTILE * 999, signal=HOSTILE))
    for screen in screens([bad, worse, record()], lang):
        text = drawn(screen, 120)
        assert not re.search("[\x00-\x09\x0b-\x1f\x7f\u202e]", text)
        assert len(text) < 20_000


@pytest.mark.parametrize("lang", LANGS)
@pytest.mark.parametrize("status", get_args(Status))
def test_each_status(status: Any, lang: Any) -> None:
    one = least(status=status)
    word = LABELS[f"bench-status-{status}"][lang == "zh"]
    assert word in drawn(list_screen([one], lang))
    assert word in drawn(show_screen(one, lang))
    if status != "ok":
        assert word in drawn(result_screen([one], lang))
    assert LABELS["bench-nothing"][lang == "zh"] in drawn(result_screen([one], lang))


def test_no_records() -> None:
    assert drawn(result_screen([], "en")) == "Nothing was measured.\n"
    assert drawn(list_screen([], "zh")) == "没有保存这台机器的基准测试记录。\n"
    assert advice([], "en") is None


# ---- what was measured --------------------------------------------------------------------------


def test_one_cell() -> None:
    assert (
        drawn(result_screen([record()], "en"))
        == """\
30 s of speech take about 6 min 15 s here.
Streaming: the first sound comes after 3.2 s, but over 10 s of speech a player
would stall 60× unless it starts 1 min 55 s later.
desk: Intel Core i5-12600K · RAM 32.0 GiB · NVIDIA GeForce RTX 3060 12.0 GiB
· Linux

voxcpm-0.5b · real weights · 10 steps · 10 s of speech · threads: 10
· torch 2.13.0+cpu
                           × real  First            Peak            Measured/
Mode       RTF      Range    time  audio   Load      RAM  Forecast  forecast
cpu-fp32  12.5  12.3–12.9   0.08×  3.2 s  8.1 s  4.4 GiB    9.0–30  inside 1.1×
"""
    )


def test_one_cell_in_chinese() -> None:
    assert (
        drawn(result_screen([record()], "zh"))
        == """\
在这台机器上合成 30 秒语音约需 6 分 15 秒。
流式合成：3.2 秒后出声；10 秒语音边放边算会卡顿 60 次，推迟 1 分 55
秒播放可避免。
desk：Intel Core i5-12600K · 内存 32.0 GiB · NVIDIA GeForce RTX 3060 12.0 GiB
· Linux

voxcpm-0.5b · 真实权重 · 10 步 · 语音 10 秒 · 线程数 10 · torch 2.13.0+cpu
                                     首段             峰值          实测/
运行方式   RTF       范围  × 实时    音频    加载     内存    预测  预测
cpu-fp32  12.5  12.3–12.9   0.08×  3.2 秒  8.1 秒  4.4 GiB  9.0–30  区间内 1.1×
"""
    )


def test_two_tables_where_one_has_no_room() -> None:
    text = drawn(result_screen([record(), on_gpu()], "en"))
    assert "With gpu-bf16, 30 s of speech take about 9.7 s here." in text
    assert "a player never has to wait" in text
    assert re.search(r"gpu-bf16 +0\.320 +0\.310–0\.330 +3\.1× +0\.21 s +35 s +3\.1 GiB", text)
    assert re.search(r"(?m)^gpu-bf16  0\.10–0\.28  slower 1\.6×$", text)
    wide = drawn(result_screen([record(), on_gpu()], "en"), 110)
    assert re.search(r"(?m)^gpu-bf16 .* 4\.9 GiB +0\.10–0\.28  slower 1\.6×$", wide)


def test_what_nobody_has_is_left_out() -> None:
    text = drawn(result_screen([record(streaming=None, predicted=None)], "en"), 100)
    for head in ("VRAM", "audio", "Forecast", "Streaming"):
        assert head not in text
    assert "Peak" in text


def test_one_run_has_no_range() -> None:
    assert "Range" not in drawn(result_screen([record((12.5,))], "en"), 100)


def test_several_models() -> None:
    text = drawn(result_screen([record(), on_gpu(model="voxcpm-2")], "en"), 100)
    assert "With voxcpm-2:gpu-bf16, 30 s of speech" in text
    assert text.count("real weights") == 2


def test_random_weights_say_so() -> None:
    text = drawn(result_screen([record(weights=WHOLE)], "en"), 200)
    assert "random weights" in text
    assert "speed and memory are real, the sound is noise; correctness: not applicable" in text
    assert "30 s of speech take about" in text


def test_tiny_weights_say_nothing_of_the_model() -> None:
    tiny = record(weights=Weights(kind="tiny"))
    text = drawn(result_screen([tiny], "en"), 200)
    assert "nothing here says anything about the model's speed" in text
    assert "30 s of speech" not in text
    assert "Forecast" not in text
    assert outcome(tiny) is None
    assert best_of([tiny]) is None
    assert "12.5" in drawn(result_screen([tiny], "zh"))


def test_best() -> None:
    calm, quick = record(), on_gpu()
    loud = record((1.0,), conditions=replace(calm.conditions, disturbed=True))
    void = on_gpu((0.1,), quality=replace(quick.quality, status="fail", failed=["silent"]))
    assert best_of([calm, loud]) is calm
    assert best_of([calm, quick, void]) is quick
    assert best_of([loud, failure("oom")]) is loud
    assert best_of([void]) is None
    assert "the sound can't be speech (silent): its speed says nothing" in drawn(
        result_screen([void], "en")
    )


@pytest.mark.parametrize("name", FAILURES)
def test_failures_say_why(name: str) -> None:
    one = failure(name)
    told = drawn(result_screen([record(), one], "en"), 200)
    assert ending(one, "en") in told
    assert one.reason is not None
    assert one.reason.detail in told


def test_endings() -> None:
    assert {name: ending(failure(name), "en") for name in FAILURES} == {
        "oom": "out of memory: CUDA out of memory. Tried 20.00 MiB.",
        "killed": "stopped: from outside (SIGKILL)",
        "interrupted": "stopped: by Ctrl-C",
        "timeout": "timed out: not done in 600 s",
        "error": "failed: the program reported an error: RuntimeError: shape '[1, 2]' is invalid",
        "crash": "failed: ended by SIGSEGV",
        "skipped": "skipped: no GPU that torch can use",
        "odd": "failed: never-heard-of: …",
        "silent": "failed: the program reported an error",
    }
    unnamed = replace(failure("crash"), reason=Reason(id="signal"))
    assert ending(unnamed, "en") == "failed: ended by a signal"
    assert ending(least(), "zh") == "失败"


def test_a_first_synthesis_is_not_lost() -> None:
    late = failure("timeout", phases=replace(record().phases, cold=runs(44.0)[0]))
    assert "(the first synthesis had RTF 44.0)" in drawn(result_screen([late], "en"), 200)


@pytest.mark.parametrize(
    ("rtfs", "found", "text"),
    [
        ((12.0,), "inside", "inside 1.0×"),
        ((30.0,), "slower", "slower 2.5×"),
        ((4.0,), "faster", "faster 0.34×"),
        ((29.8,), "inside", "inside 2.5×"),
    ],
)
def test_who_was_right(rtfs: tuple[float, ...], found: str, text: str) -> None:
    """The encoding of the clip counts: the forecast has it in it."""
    one = record(rtfs)
    told = outcome(one)
    assert told is not None
    assert told[0] == found
    assert text in drawn(result_screen([one], "en"), 100)


def test_nobody_was_right() -> None:
    loud = record(runs=runs(12.5, disturbed=True))
    assert outcome(loud) is None
    assert outcome(record(predicted=None)) is None
    assert outcome(failure("oom", predicted=record().predicted)) is None
    zero = Predicted(low=0, mid=0, high=0, basis="reported", verdict="unknown")
    assert outcome(record(predicted=zero)) is None


def test_warnings() -> None:
    text = drawn(result_screen(many(), "en"), 200)
    for line in (
        "! cpu-bf16: other programs took 12 % of the processor: not used for verdicts",
        "! cpu-bf16: unstable: the quartiles of the runs are 13 % of the median apart",
        "! cpu-bf16: the computer ran on battery",
        "! gpu-bf16: the GPU lowered its clock: power limit, heat",
        "· cpu-bf16, gpu-bf16: torchaudio can't be loaded here; it was done without",
        "· cpu-bf16: the hardware has no bf16 of its own: it was emulated",
    ):
        assert line in text.splitlines()


def test_warnings_of_one_cell_name_no_mode() -> None:
    one = record(
        conditions=replace(record().conditions, disturbed=True, foreign_share=None),
        quality=replace(record().quality, silence_s=1.4),
        findings=["strange-one"],
    )
    lines = drawn(result_screen([one], "en")).splitlines()
    assert lines[-3:] == [
        "! other programs took too much of the computer: not used for verdicts",
        "! 1.4 s of silence at the ends of the sound flatter the RTF",
        "· strange-one",
    ]


# ---- fp32 or bf16 -------------------------------------------------------------------------------


def test_advice() -> None:
    slow = record((19.8, 20.1, 20.2), mode="cpu-bf16")
    for pair in ([record(), slow], [slow, record()]):
        told = advice(pair, "en")
        assert told is not None
        assert drawn(told, 200) == (
            "fp32 is 1.6 times as quick as bf16 here: `vcf check voxcpm-0.5b:cpu-fp32 -v` "
            "shows how to run it.\n"
        )
    told = advice([record(), slow], "zh")
    assert told is not None
    assert "fp32 的速度是 bf16 的 1.6 倍" in drawn(told, 200)


def test_advice_without_a_difference() -> None:
    near = record((12.0, 12.6, 13.0), mode="cpu-bf16")
    told = advice([record(), near], "en")
    assert told is not None
    assert drawn(told, 200) == "No difference in speed shown between fp32 and bf16 here.\n"
    small = replace(near, memory=replace(near.memory, rss_peak_bytes=2 * GIB))
    told = advice([record(), small], "en")
    assert told is not None
    assert "bf16 takes less memory (2.0 GiB instead of 4.4 GiB)" in drawn(told, 200)


@pytest.mark.parametrize(
    "changes",
    [
        {"mode": "gpu-bf16"},
        {"model": "voxcpm-2"},
        {"status": "error"},
        {"summary": None},
        {"weights": Weights(kind="tiny")},
        {"conditions": replace(record().conditions, disturbed=True)},
        {"quality": replace(record().quality, status="fail")},
        {"workload": replace(record().workload, steps=20)},
    ],
)
def test_no_advice(changes: dict[str, Any]) -> None:
    slow = record((19.8, 20.1, 20.2), **{"mode": "cpu-bf16", **changes})
    assert advice([record(), slow], "en") is None


# ---- what is stored -----------------------------------------------------------------------------


def test_the_list() -> None:
    stored = [record(), failure("oom", id="b")]
    assert drawn(list_screen(stored, "en"), 120) == (
        "Record                                Date        Model:mode            Weights  "
        "Result         Forecast\n"
        "20261123T101112-voxcpm-0.5b-cpu-fp32  2026-11-23  voxcpm-0.5b:cpu-fp32  real     "
        "RTF 12.5             12\n"
        "b                                     2026-11-23  voxcpm-0.5b:cpu-bf16  real     "
        "out of memory         –\n"
    )
    assert (
        drawn(list_screen(stored, "en"), 80)
        == """\
  Date        Model:mode            Weights  Result         Forecast
20261123T101112-voxcpm-0.5b-cpu-fp32
  2026-11-23  voxcpm-0.5b:cpu-fp32  real     RTF 12.5             12
b
  2026-11-23  voxcpm-0.5b:cpu-bf16  real     out of memory         –
"""
    )
    assert "\n  Model:mode  voxcpm-0.5b:cpu-fp32\n" in drawn(list_screen(stored, "en"), 60)


def test_names_are_whole_to_be_copied() -> None:
    long = "x" * 100
    assert long in drawn(list_screen([record(id=long)], "en"), 100)
    assert long in drawn(show_screen(record(id=long), "en"), 100)


@pytest.mark.parametrize("lang", LANGS)
def test_a_record_shows_all_parts(lang: Any) -> None:
    text = drawn(show_screen(on_gpu(), lang), 100)
    for part in (*PARTS, "runs"):
        assert f"\n{LABELS[f'bench-part-{part}'][lang == 'zh']}\n" in text
    assert LABELS["bench-not-measured"][lang == "zh"] not in text
    for value in ("openbmb/VoxCPM-0.5B", "3f2a9c01" * 8, "0.320", "2.13.0+cu128", "66.0 J",
                  "NVIDIA GeForce RTX 3060", "1800 MHz", "44 → 67 °C", "4.9 GiB"):  # fmt: skip
        assert value in text


def test_what_is_not_known_says_so() -> None:
    text = drawn(show_screen(least(status="ok"), "en"))
    assert text.count("not measured") == 5
    assert re.search(r"Peak RAM +unknown", text)
    assert re.search(r"On battery +unknown", text)
    assert "VRAM" not in text
    card = drawn(show_screen(least(gpu="RTX"), "en"))
    assert re.search(r"Peak VRAM +unknown", card)
    assert re.search(r"GPU held back by +unknown", card)
    assert re.search(r"GPU held back by +nothing", drawn(show_screen(on_gpu(), "en")))


def test_many_runs_are_cut() -> None:
    text = drawn(show_screen(record(tuple(range(1, 60))), "en"))
    assert "… and 19 more, see --json" in text
    assert re.search(r"(?m)^ +40 +400 s", text)
    assert not re.search(r"(?m)^ +41 ", text)


def test_disturbed_runs_do_not_count() -> None:
    text = drawn(show_screen(record(runs=runs(12.5, disturbed=True, repeats=2)), "en"))
    assert re.search(r"(?m)^ +1 +125 s +10 s +12\.5 +1 % +2 +no$", text)


# ---- two side by side ---------------------------------------------------------------------------


def compared(a: BenchRecord, b: BenchRecord, lang: Any = "en", width: int = 80) -> str:
    return drawn(comparison_screen(compare(a, b), a, b, lang), width)


def test_comparison() -> None:
    a = record()
    b = record(
        (15.0, 15.1, 15.2), id="b", versions={**a.versions, "torch": "2.14.0"}, streaming=None,
        memory=replace(a.memory, rss_peak_bytes=2 * GIB),
        power=replace(a.power, energy_source="nvml"),
    )  # fmt: skip
    assert (
        compared(a, b)
        == """\
B is slower: RTF 15.1 instead of 12.5 (+21 %).
A  20261123T101112-voxcpm-0.5b-cpu-fp32 · voxcpm-0.5b:cpu-fp32
· 2026-11-23 10:11:12 UTC
B  b · voxcpm-0.5b:cpu-fp32 · 2026-11-23 10:11:12 UTC

Metric                A        B  Change
RTF                12.5     15.1  +21 %, worse
First audio       3.2 s        –  not measured in B
Loading           8.1 s    8.1 s  same
Importing         4.2 s    4.2 s  same
Peak RAM        4.4 GiB  2.0 GiB  −55 %, better
Energy for 1 s    500 J    500 J  measured in different ways

What changed
  torch  2.13.0+cpu → 2.14.0
"""
    )
    assert "B 更慢：RTF 从 12.5 变为 15.1（+21 %）。" in compared(a, b, "zh")
    assert compared(b, a).startswith("B is faster: RTF 12.5 instead of 15.1 (−17 %).\n")


def test_no_difference() -> None:
    a = record()
    text = compared(a, record((12.4, 12.8, 13.1)))
    assert text.startswith("No difference in speed shown: RTF 12.5 and 12.8.\n")
    assert re.search(r"RTF +12\.5 +12\.8  no difference shown", text)
    assert "What changed" not in text


def test_doubts_about_a_comparison() -> None:
    a = record()
    loud = record((12.0,), conditions=replace(a.conditions, disturbed=True))
    text = compared(a, loud)
    assert "! B was disturbed by other programs: don't trust the difference." in text
    assert "! One run each tells no spread" in text


def test_refused() -> None:
    text = compared(record(), on_gpu())
    assert text.startswith("They were not measured alike; compared because of --force.\n")
    assert "Mode  cpu-fp32 → gpu-bf16" in text
    assert "GPU   the processor → NVIDIA GeForce RTX 3060" in text
    assert re.search(r"(?m)^RTF +12\.5 +0\.320  −97 %, better$", text)
    free = record(protocol=replace(record().protocol, fixed_seconds=None, threads_asked=4))
    text = compared(record(), free)
    assert re.search(r"Forced length +10\.0 → none: the model stops by itself", text)
    assert re.search(r"Threads asked for +torch's own choice → 4", text)
    assert re.search(r"Result +ok → out of memory", compared(record(), failure("oom")))


def test_refusal_in_one_line() -> None:
    found = compare(record(), on_gpu())
    assert refusal(found, "en") == (
        "the two records can't be compared, they differ in Mode: cpu-fp32 → gpu-bf16, "
        "GPU: the processor → NVIDIA GeForce RTX 3060"
    )
    assert refusal(found, "zh") == (
        "两条记录无法比较，不同之处为运行方式：cpu-fp32 → gpu-bf16、"
        "显卡：处理器 → NVIDIA GeForce RTX 3060"
    )


@pytest.mark.parametrize(
    ("ratio", "text"),
    [(1.2, "+20 %"), (0.976, "−2.4 %"), (1.0, "±0.0 %"), (4.21, "4.21×"), (0.1, "−90 %")],
)
def test_changes(ratio: float, text: str) -> None:
    assert change(ratio) == text


# ---- words --------------------------------------------------------------------------------------


def test_durations() -> None:
    told = [duration(each, "en") for each in (0.5, 4.2, 38.4, 99.4, 100, 240, 375, 3598, 4800)]
    assert told == ["0.50 s", "4.2 s", "38 s", "99 s", "1 min 40 s", "4 min", "6 min 15 s",
                    "1 h 0 min", "1 h 20 min"]  # fmt: skip
    assert duration(375, "zh") == "6 分 15 秒"
    assert [seconds(each, "en") for each in (None, 0, 0.004, 3.21, 130, 7200)] == [
        NOTHING, "0 s", "0.004 s", "3.2 s", "130 s", "120 min",
    ]  # fmt: skip


def test_figures() -> None:
    told = [figure(each) for each in (0.00123, 0.0999, 0.32, 0.9999, 12.46, 99.96, 1234.5)]
    assert told == ["0.00123", "0.0999", "0.320", "1.00", "12.5", "100", "1234"]


def test_every_id_has_words() -> None:
    """Those that records of today hold; others are shown as they are."""
    ids = [f"status-{each}" for each in get_args(Status)]
    ids += [f"{kind}-{each}" for each in get_args(WeightsKind) for kind in ("weights", "kind")]
    ids += [f"metric-{each}" for each in get_args(MetricId)]
    ids += [f"differs-{each}" for each in (*ASKED, *FOUND, "status", "runs", "quality", "machine")]
    ids += [f"part-{each}" for each in (*PARTS, "runs")]
    assert {f"bench-{each}" for each in ids} <= set(BENCH)
    assert {each.name for each in msgspec.structs.fields(Difference)} == {"id", "name", "a", "b"}


def test_headings_are_short() -> None:
    """Else the table has no room at 80 columns."""
    for key in ("mode", *(each for each, _, _ in CELLS)):
        for text in BENCH[f"bench-{key}"]:
            assert max(cell_len(line) for line in text.split("\n")) <= 9


# ---- the table ----------------------------------------------------------------------------------


def test_a_table_stands_on_end_where_it_must() -> None:
    columns = [
        Column(head="Mode", cells=["a", "b"], right=False),
        Column(head="First\nsound", cells=["1", "22"]),
        Column(head="实测/\n预测", cells=["3", "4"], beside=True),
    ]
    assert drawn(Sheet(columns), 20) == (
        "      First  实测/\nMode  sound   预测\na         1      3\nb        22      4\n"
    )
    assert drawn(Sheet(columns), 12) == (
        "      First\nMode  sound\na         1\nb        22\n\n"
        "      实测/\nMode   预测\na         3\nb         4\n"
    )
    assert one_line("First\nsound") == "First sound"
    assert one_line("实测/\n预测") == "实测/预测"
    wide = [columns[0], Column(head="x" * 30, cells=["1", "2"])]
    assert drawn(Sheet(wide), 20).startswith("a\n")


def test_lines_break_between_parts() -> None:
    assert drawn(Dotted(["torch 2.13", "10 steps", "x"]), 14) == "torch 2.13\n· 10 steps · x\n"
    assert drawn(Dotted(["a b c d e f g h"]), 8) == "a b c d\ne f g h\n"
