"""The protocol of one cell, with a child and a processor that are only made up."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

from vcf.bench import session as module
from vcf.bench.child_talk import Failed
from vcf.bench.corpus import packaged
from vcf.bench.record import Reason, WeightsKind
from vcf.bench.rules import MOST_RUNS, Rules, rules_for
from vcf.bench.session import Session, streamed

CORES = 4
SOUND: dict[str, Any] = {
    "audio_s": 2.0, "samples": 32_000, "rate": 16_000, "finite": True, "rms": 0.08,
    "clipped_share": 0.0, "silence_s": 0.25,
}  # fmt: skip
STREAM = {"seconds": 1.0, "chunks": [[0.5, 1.0], [1.0, 1.0]]}


class World:
    """The clock, the processor's books, and a child. Every synthesis takes ``takes`` seconds in
    turn, the last for all that follow; others take ``foreign`` of the processor meanwhile."""

    def __init__(self, *takes: float, foreign: tuple[float, ...] = (0.0,)) -> None:
        self.now = 1000.0
        self.total = 50.0
        self.takes, self.foreign = list(takes) or [1.0], list(foreign)
        self.answers: dict[str, list[dict[str, Any]]] = {}
        """More that is told for an order, in turn."""
        self.fails: dict[tuple[str, int], BaseException] = {}
        """Order and number of the call that fails."""
        self.orders: list[tuple[str, float, dict[str, Any]]] = []
        self.can = ["encode", "stream"]
        self.told: list[Any] = []
        self._given: Counter[str] = Counter()

    # the clock that session reads
    def monotonic(self) -> float:
        return self.now

    def process_time(self) -> float:
        return 0.0

    def busy(self) -> tuple[float, int]:
        return self.total, CORES

    # the child
    def begin(self) -> None:
        self._fail("begin")

    def order(self, name: str, seconds: float, **more: Any) -> dict[str, Any]:
        self.orders.append((name, seconds, more))
        self._fail(name)
        told = {"event": "done", "do": name, "seconds": 0.5, "cpu_s": 0.0, **self._does(name)}
        more_told = self.answers.get(name, [])
        if more_told:
            told |= more_told.pop(0) if len(more_told) > 1 else more_told[0]
        return told

    def _fail(self, name: str) -> None:
        self._given[name] += 1
        failure = self.fails.get((name, self._given[name]))
        if failure is not None:
            raise failure

    def _does(self, name: str) -> dict[str, Any]:
        if name == "prepare":
            return {"versions": {"torch": "2"}, "can": self.can, "seconds": 3.0}
        if name == "load":
            self.now += 100.0  # does not count for --max-seconds
            return {"precision": "fp32", "seconds": 100.0}
        if name == "encode":
            self.now += 0.5
            return {"clip_s": 3.2}
        if name in ("speak", "stream"):
            seconds = self.takes.pop(0) if len(self.takes) > 1 else self.takes[0]
            foreign = self.foreign.pop(0) if len(self.foreign) > 1 else self.foreign[0]
            self.now += seconds
            self.total += seconds * CORES * foreign + seconds * 2
            did = {"sound": SOUND} if name == "speak" else STREAM
            return {**did, "seconds": seconds, "cpu_s": seconds * 2}
        return {}

    # the observer
    def tell(self, phase: str, run: int, of: int, rtf: float | None, left_s: float | None) -> None:
        self.told.append((phase, run, of, rtf, left_s))

    def warm_begin(self) -> None:
        self.told.append("begin")

    def warm_end(self, audio_s: float) -> None:
        self.told.append(("end", audio_s))

    @property
    def names(self) -> list[str]:
        return [name for name, _, _ in self.orders]


@pytest.fixture
def session(monkeypatch: pytest.MonkeyPatch) -> Any:
    """A session in a world; ``more`` changes how it is asked for."""

    def call(
        world: World, rules: Rules | None = None, kind: WeightsKind = "hub", **more: Any
    ) -> Session:
        monkeypatch.setattr(module, "time", world)
        given = {"length": 2.0, "seed": 7, "observer": world, "busy": world.busy, **more}
        rules = rules or cpu()
        return Session(world, rules, packaged("short", "en"), kind=kind, **given)

    return call


def cpu(**more: Any) -> Rules:
    given: dict[str, Any] = {"quick": False, "streaming": True, "runs": None, "most": None}
    return rules_for(gpu=False, **{**given, **more})


def failed(id: str = "engine-error") -> Failed:
    return Failed("error", Reason(id=id))


SETTINGS = {"clip": None}


# ---- the order of things ----------------------------------------------------------------------


def test_without_a_clip(session: Any) -> None:
    world = World()
    one = session(world)
    one.measure(SETTINGS)
    assert world.names == ["prepare", "load", *["speak"] * 4, "stream", "close"]
    assert world.orders[0][2] == {"settings": SETTINGS}
    for _, _, more in world.orders[2:7]:
        assert more == {"length": 2.0, "seed": 7}
    draft = one.draft
    assert (draft.versions, draft.engine["precision"]) == ({"torch": "2"}, "fp32")
    assert (draft.findings, draft.disturbed, draft.clip_s) == ([], False, None)
    phases = draft.phases_told()
    assert (phases.import_s, phases.load_s, phases.reference_s) == (3.0, 100.0, None)


def test_with_a_clip_and_saved_sound(session: Any) -> None:
    world = World()
    one = session(world)
    one.measure({"clip": "/a.wav"}, save="/tmp/a.wav")
    assert world.names == [
        "prepare", "load", "encode", *["speak"] * 4, "save", "stream", "close"
    ]  # fmt: skip
    assert world.orders[7][2] == {"path": "/tmp/a.wav"}
    assert (one.draft.phases["reference_s"], one.draft.clip_s) == (0.5, 3.2)


def test_an_engine_that_can_do_less(session: Any) -> None:
    world = World()
    world.can = []
    one = session(world)
    one.measure({"clip": "/a.wav"})
    assert world.names == ["prepare", "load", *["speak"] * 4, "close"]
    assert one.draft.streaming is None and one.draft.clip_s is None


def test_no_streaming_is_wanted(session: Any) -> None:
    world = World()
    session(world, cpu(streaming=False)).measure(SETTINGS)
    assert "stream" not in world.names


def test_the_cold_run_counts_for_nothing(session: Any) -> None:
    world = World(8.0, 1.0, 1.5, 2.0)
    one = session(world)
    one.measure(SETTINGS)
    assert [run.synthesis_s for run in one.draft.runs] == [1.0, 1.5, 2.0]
    assert [run.rtf for run in one.draft.runs] == [0.5, 0.75, 1.0]
    cold = one.draft.phases_told().cold
    assert cold is not None and (cold.synthesis_s, cold.rtf) == (8.0, 4.0)


def test_what_is_told_while_it_goes_on(session: Any) -> None:
    world = World(4.0, 2.0)
    session(world, expected_rtf=3.0).measure({"clip": "/a.wav"})
    told = world.told
    assert [each if isinstance(each, str) else each[0] for each in told] == [
        "import", "load", "reference", "cold", "begin", "warm", "warm", "warm", "end", "stream"
    ]  # fmt: skip
    assert told[0] == (
        "import",
        1,
        1,
        None,
        6.0 * 5.5,
    )  # 3 warm ones, the first, 1.5 for the stream
    assert told[5] == ("warm", 1, 3, None, 4.0 * 4.5)
    assert told[6] == ("warm", 2, 3, 1.0, 2.0 * 3.5)
    assert told[8] == ("end", 6.0)
    assert told[9] == ("stream", 1, 1, 1.0, 3.0)


def test_nothing_is_expected(session: Any) -> None:
    world = World()
    session(world).measure(SETTINGS)
    assert world.told[0] == ("import", 1, 1, None, None)


def test_no_forced_length(session: Any) -> None:
    """What is expected of the text takes its place."""
    world = World()
    one = session(world, length=None, expected_rtf=3.0)
    one.measure(SETTINGS)
    assert world.orders[2][2] == {"length": None, "seed": 7}
    assert world.told[0][4] == 3.0 * packaged("short", "en").seconds * 5.5
    assert one.draft.quality.length_ratio == 2.0 / packaged("short", "en").seconds


@pytest.mark.parametrize(
    ("kind", "status"),
    [
        ("hub", "pass"),
        ("path", "pass"),
        ("tiny", "not-applicable"),
        ("synthetic", "not-applicable"),
    ],
)
def test_quality(session: Any, kind: WeightsKind, status: str) -> None:
    one = session(World(), kind=kind)
    one.measure(SETTINGS)
    assert one.draft.quality.status == status


def test_silence(session: Any) -> None:
    world = World()
    world.answers["speak"] = [{"sound": {**SOUND, "rms": 0.0}}]
    one = session(world)
    one.measure(SETTINGS)
    assert (one.draft.quality.status, one.draft.quality.failed) == ("fail", ["silent"])


def test_no_sound_at_all(session: Any) -> None:
    """A model that stops at once; the measurement fails, vcf does not."""
    world = World()
    world.answers["speak"] = [{"sound": {**SOUND, "audio_s": 0.0, "samples": 0, "rms": None}}]
    with pytest.raises(Failed) as caught:
        session(world).measure(SETTINGS)
    assert caught.value.status == "error"


# ---- when it is enough ------------------------------------------------------------------------


@pytest.mark.parametrize(("rules", "runs"), [(cpu(), 3), (cpu(quick=True), 2), (cpu(runs=7), 7)])
def test_so_many_warm_runs(session: Any, rules: Rules, runs: int) -> None:
    one = session(World(), rules)
    one.measure(SETTINGS)
    assert len(one.draft.runs) == runs


def test_a_card_runs_for_twenty_seconds(session: Any) -> None:
    rules = rules_for(gpu=True, quick=False, streaming=True, runs=None, most=None)
    world = World(5.0, 1.75)
    one = session(world, rules)
    one.measure(SETTINGS)
    assert len(one.draft.runs) == 12  # 21 s
    assert world.names.count("stream") == 3
    slow = session(World(9.0), rules)
    slow.measure(SETTINGS)
    assert len(slow.draft.runs) == 5


def test_very_short_runs_come_to_an_end(session: Any) -> None:
    rules = rules_for(gpu=True, quick=False, streaming=False, runs=None, most=None)
    one = session(World(0.001), rules)
    one.measure(SETTINGS)
    assert len(one.draft.runs) == MOST_RUNS


# ---- foreign load -----------------------------------------------------------------------------


def test_a_disturbed_run_is_repeated(session: Any) -> None:
    """Once is enough where the load goes away."""
    world = World(1.0, foreign=(0.0, 0.5, 0.0, 0.0, 0.0))
    one = session(world)
    one.measure(SETTINGS)
    assert world.names.count("speak") == 5
    first = one.draft.runs[0]
    assert (first.repeats, first.disturbed, first.foreign_share) == (1, False, 0.0)
    assert not one.draft.disturbed


def test_a_load_that_stays(session: Any) -> None:
    """Three times each, until it is clear that it does not go away."""
    world = World(1.0, foreign=(0.5,))
    one = session(world, cpu(runs=5, streaming=False))
    one.measure(SETTINGS)
    assert [run.repeats for run in one.draft.runs] == [2, 2, 2, 0, 0]
    assert all(run.disturbed for run in one.draft.runs)
    assert one.draft.disturbed
    assert one.draft.foreign_share == pytest.approx(0.4925)  # the books err by 0.03 s
    assert world.names.count("speak") == 1 + 3 * 3 + 2


def test_the_cold_run_is_never_repeated(session: Any) -> None:
    world = World(1.0, foreign=(0.5, 0.0))
    one = session(world)
    one.measure(SETTINGS)
    cold = one.draft.phases["cold"]
    assert (cold.disturbed, cold.repeats) == (True, 0)
    assert not one.draft.disturbed
    assert world.names.count("speak") == 4


def test_a_little_load_is_nothing(session: Any) -> None:
    world = World(1.0, foreign=(0.05,))
    one = session(world)
    one.measure(SETTINGS)
    assert world.names.count("speak") == 4
    assert one.draft.foreign_share == pytest.approx(0.0425)
    assert not one.draft.disturbed


def test_one_disturbed_run_marks_the_whole(session: Any) -> None:
    world = World(1.0, foreign=(0.0, 0.0, 0.5, 0.5, 0.5, 0.0))
    one = session(world)
    one.measure(SETTINGS)
    assert [run.disturbed for run in one.draft.runs] == [False, True, False]
    assert one.draft.disturbed


def test_what_the_measurement_uses_itself_is_no_foreign_load(session: Any) -> None:
    world = World(10.0)  # 2 of 4 cores, all the time
    one = session(world)
    one.measure(SETTINGS)
    assert one.draft.foreign_share == 0.0


def test_nothing_is_repeated_where_time_is_short(session: Any) -> None:
    """10 s each; 45 s are allowed: cold and three warm ones fit, no repetition."""
    world = World(10.0, foreign=(0.0, 0.5))
    one = session(world, cpu(most=45.0, streaming=False))
    one.measure(SETTINGS)
    assert [run.repeats for run in one.draft.runs] == [1, 0]
    assert one.draft.disturbed
    assert one.draft.findings == ["runs-cut"]


# ---- time is over -----------------------------------------------------------------------------


def test_not_all_runs_fit(session: Any) -> None:
    world = World(10.0)
    one = session(world, cpu(most=31.0, streaming=False))
    one.measure(SETTINGS)
    assert len(one.draft.runs) == 2  # the third would be over after 40 s
    assert one.draft.findings == ["runs-cut"]
    assert world.told[-1] == ("end", 4.0)


def test_no_warm_run_fits(session: Any) -> None:
    world = World(10.0)
    one = session(world, cpu(most=20.0))
    with pytest.raises(Failed) as caught:
        one.measure(SETTINGS)
    assert (caught.value.status, caught.value.reason.id) == ("timeout", "time-limit")
    assert "the first synthesis took 10.0 s" in caught.value.reason.detail
    assert "--max-seconds 20" in caught.value.reason.detail
    assert one.draft.phases["cold"].synthesis_s == 10.0
    assert world.told[-1] == ("end", 0)


def test_streaming_does_not_fit(session: Any) -> None:
    world = World(10.0)
    one = session(world, cpu(most=54.9))
    one.measure(SETTINGS)
    assert len(one.draft.runs) == 3
    assert "stream" not in world.names
    assert one.draft.findings == ["streaming-cut"]
    assert world.names[-1] == "close"


def test_not_all_streams_fit(session: Any) -> None:
    rules = Rules(runs_min=1, seconds_min=0.0, max_seconds=44.0, streams=3)
    world = World(10.0)
    one = session(world, rules)
    one.measure(SETTINGS)
    assert world.names.count("stream") == 1
    assert one.draft.streaming is not None
    assert one.draft.findings == ["streaming-cut"]


def test_nothing_is_left_for_the_first_one(session: Any) -> None:
    world = World()
    one = session(world, cpu(most=0.4))
    with pytest.raises(Failed) as caught:
        one.measure({"clip": "/a.wav"})
    assert caught.value.reason.detail == "no time was left"
    assert "speak" not in world.names and one.draft.clip_s == 3.2


def test_each_order_gets_what_is_left(session: Any) -> None:
    world = World(10.0)
    session(world, cpu(most=100.0)).measure(SETTINGS)
    assert [seconds for name, seconds, _ in world.orders if name == "speak"] == [100, 90, 80, 70]
    assert [seconds for name, seconds, _ in world.orders if name == "stream"] == [60]
    assert world.orders[0][1] == module.IMPORT_SECONDS
    assert world.orders[1][1] == module.LOAD_SECONDS


def test_a_stream_that_does_not_end_in_time(session: Any) -> None:
    """The runs are measured; only the streaming is not."""
    world = World()
    world.fails["stream", 1] = Failed("timeout", Reason(id="time-limit"))
    one = session(world)
    one.measure(SETTINGS)
    assert len(one.draft.runs) == 3
    assert one.draft.findings == ["streaming-cut"]


# ---- failures ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "number", "phases", "runs"),
    [
        ("begin", 1, set(), 0),
        ("prepare", 1, set(), 0),
        ("load", 1, {"import_s"}, 0),
        ("encode", 1, {"import_s", "load_s"}, 0),
        ("speak", 1, {"import_s", "load_s", "reference_s"}, 0),
        ("speak", 2, {"import_s", "load_s", "reference_s", "cold"}, 0),
        ("speak", 4, {"import_s", "load_s", "reference_s", "cold"}, 2),
        ("stream", 1, {"import_s", "load_s", "reference_s", "cold"}, 3),
    ],
)
@pytest.mark.parametrize("error", [failed(), KeyboardInterrupt()], ids=lambda e: type(e).__name__)
def test_what_was_found_before_is_kept(
    session: Any, order: str, number: int, phases: set[str], runs: int, error: BaseException
) -> None:
    world = World()
    world.fails[order, number] = error
    one = session(world)
    with pytest.raises(type(error)) as caught:
        one.measure({"clip": "/a.wav"}, save="/tmp/a.wav")
    assert caught.value is error
    assert set(one.draft.phases) == phases
    assert len(one.draft.runs) == runs
    ends = [each for each in world.told if each[0] == "end"]
    assert ends == ([("end", 2.0 * runs)] if "cold" in phases else [])


def test_a_sound_that_can_not_be_kept(session: Any) -> None:
    """The measurement is good nevertheless."""
    world = World()
    world.fails["save", 1] = failed()
    one = session(world)
    one.measure(SETTINGS, save="/full/a.wav")
    assert one.draft.findings == ["sound-not-saved"]
    assert world.names[-2:] == ["stream", "close"]


@pytest.mark.parametrize(
    "error",
    [
        Failed("killed", Reason(id="killed", signal="SIGKILL")),
        Failed("timeout", Reason(id="time-limit")),
        Failed("error", Reason(id="engine-error", signal="SIGFPE")),
    ],
)
def test_it_ends_while_the_sound_is_kept(session: Any, error: Failed) -> None:
    world = World()
    world.fails["save", 1] = error
    one = session(world)
    with pytest.raises(Failed) as caught:
        one.measure(SETTINGS, save="/full/a.wav")
    assert caught.value is error and len(one.draft.runs) == 3


# ---- what answers tell besides ----------------------------------------------------------------


def test_memory_and_findings(session: Any) -> None:
    world = World()
    world.answers |= {
        "prepare": [{"findings": ["a"], "memory": {"rss": 5, "vram": None}}],
        "load": [{"memory": {"rss": 90, "vram": 7}, "findings": ["a", "b"]}],
        "encode": [{"findings": ["c"]}],
        "speak": [{"memory": {"rss": 60}}, {"memory": None}, {"memory": {"rss": 95}}, {}],
        "stream": [{"memory": {"rss": 99}}],
        "close": [{"memory": {"rss": 100, "vram": 3}}],
    }
    one = session(world)
    one.measure({"clip": "/a.wav"})
    assert one.draft.memory == {"rss": 100, "vram": 7}
    assert one.draft.findings == ["a", "b", "c"]


# ---- streaming --------------------------------------------------------------------------------


def told(seconds: float, *chunks: tuple[float, float]) -> dict[str, Any]:
    return {"seconds": seconds, "chunks": [list(chunk) for chunk in chunks]}


def test_figures_of_streams() -> None:
    """The player's are those of the one in the middle."""
    quick = told(1.0, (0.25, 1.0), (0.5, 1.0))
    middle = told(3.0, (0.5, 1.0), (3.0, 1.0))
    slow = told(9.0, (0.75, 1.0), (9.0, 1.0), (9.0, 1.0))
    found = streamed([slow, quick, middle])
    assert (found.first_audio_s, found.first_audio_runs) == (0.5, [0.25, 0.5, 0.75])
    assert found.rtf == 1.5
    assert (found.chunks, found.underruns) == (2, 1)
    assert found.buffer_s == 1.5


def test_one_stream(session: Any) -> None:
    one = session(World())
    one.measure(SETTINGS)
    found = one.draft.streaming
    assert (found.first_audio_s, found.chunks, found.rtf) == (0.5, 2, 0.5)
    assert (found.underruns, found.buffer_s) == (0, 0.0)


def test_streams_without_a_chunk(session: Any) -> None:
    world = World()
    world.answers["stream"] = [{"chunks": []}]
    one = session(world)
    one.measure(SETTINGS)
    assert one.draft.streaming is None


def test_a_disturbed_stream_is_repeated(session: Any) -> None:
    world = World(1.0, foreign=(0.0, 0.0, 0.0, 0.0, 0.5, 0.0))
    one = session(world)
    one.measure(SETTINGS)
    assert world.names.count("stream") == 2
    assert not one.draft.disturbed


def test_a_failure_at_the_end_takes_nothing_away(session: Any) -> None:
    """All that was asked is measured by then."""
    world = World()
    world.fails["close", 1] = failed()
    one = session(world)
    one.measure(SETTINGS)
    assert len(one.draft.runs) == 3
    assert world.names[-1] == "close"
