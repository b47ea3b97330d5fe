"""The protocol: in which order one cell is measured, what is repeated, and when it is over.

It knows no engine and no clock of its own for what it reports: the child times each synthesis
around the call; here only the processor's books are read meanwhile.
"""

from __future__ import annotations

import contextlib
import statistics
import time
from collections.abc import Callable
from typing import Any, Protocol

from .child_talk import Failed
from .corpus import Script
from .foreign import LIMIT, Watch, Window, busy_seconds
from .record import Phases, Quality, Reason, Run, Streaming, WeightsKind
from .rules import STREAM_FACTOR, Rules, enough, play, quality, runs_ahead

IMPORT_SECONDS = 300.0
"""For importing the package: gigabytes of libraries, perhaps from a hard disk."""
LOAD_SECONDS = 900.0
"""For loading: from a hard disk, and torch.compile's warm-up with it."""
CLOSE_SECONDS = 20.0
LONGEST_S = 1e6
"""No synthesis takes longer."""
SPARE = 1.05
"""A run may take that much longer than the last ones."""

Busy = Callable[[], tuple[float, int]]


class Talk(Protocol):
    """What gives orders to the child."""

    def begin(self) -> None:
        """Wait until it listens. Raises Failed."""
        ...

    def order(self, name: str, seconds: float, **more: Any) -> dict[str, Any]:
        """Have something done within so many seconds. Raises Failed."""
        ...


class Observer(Protocol):
    """Who watches, and who is told."""

    def tell(self, phase: str, run: int, of: int, rtf: float | None, left_s: float | None) -> None:
        """A phase begins: ``import``, ``load``, ``reference``, ``cold``, ``warm``, ``stream``;
        its number and how many there are; RTF so far; seconds that are left, about."""
        ...

    def warm_begin(self) -> None:
        """The runs that count begin."""
        ...

    def warm_end(self, audio_s: float) -> None:
        """They are over, after so much sound."""
        ...


class Draft:
    """What is known of a cell so far; it survives the child."""

    def __init__(self) -> None:
        self.engine: dict[str, Any] = {}
        self.versions: dict[str, str] = {}
        self.findings: list[str] = []
        self.phases: dict[str, Any] = {}
        self.runs: list[Run] = []
        self.streaming: Streaming | None = None
        self.quality: Quality | None = None
        self.memory: dict[str, int] = {}
        """The highest figure that the child told, by name."""
        self.foreign_share: float | None = None
        self.disturbed = False
        self.clip_s: float | None = None
        """Length of the clip as the engine counts it."""

    def hear(self, answer: dict[str, Any]) -> dict[str, Any]:
        """Keep what every answer tells."""
        for name, value in (answer.get("memory") or {}).items():
            if isinstance(value, int):
                self.memory[name] = max(value, self.memory.get(name, 0))
        for finding in answer.get("findings") or []:
            if finding not in self.findings:
                self.findings.append(finding)
        return answer

    def phases_told(self) -> Phases:
        """As the record has them."""
        return Phases(**self.phases)


class Session:
    """One cell, measured in a child that is there already."""

    def __init__(
        self,
        talk: Talk,
        rules: Rules,
        script: Script,
        *,
        length: float | None,
        seed: int,
        kind: WeightsKind,
        expected_rtf: float | None = None,
        observer: Observer,
        busy: Busy = busy_seconds,
    ) -> None:
        self._talk, self._rules, self._script = talk, rules, script
        self._length, self._seed, self._kind = length, seed, kind
        self._observer, self._busy = observer, busy
        self._guess = None if expected_rtf is None else expected_rtf * (length or script.seconds)
        """Seconds that a synthesis is expected to take."""
        self._start = 0.0
        self._busy_child = False
        """It works on something that nobody waits for any more."""
        self.draft = Draft()

    def measure(self, settings: dict[str, Any], save: str | None = None) -> None:
        """All of it; what is found stands in ``draft``, also where it raises Failed."""
        draft = self.draft
        self._tell("import")
        self._talk.begin()
        told = draft.hear(self._talk.order("prepare", IMPORT_SECONDS, settings=settings))
        draft.phases["import_s"] = told["seconds"]
        draft.versions = told["versions"]
        can = told["can"]
        self._tell("load")
        told = draft.hear(self._talk.order("load", LOAD_SECONDS))
        draft.phases["load_s"] = told["seconds"]
        draft.engine = told
        self._start = time.monotonic()
        if settings.get("clip") and "encode" in can:
            self._tell("reference")
            told = draft.hear(self._talk.order("encode", self._left()))
            draft.phases["reference_s"] = told["seconds"]
            draft.clip_s = told.get("clip_s")
        self._synthesise()
        if save is not None:
            self._save(save)
        if "stream" in can and self._rules.streams:
            self._stream()
        if not self._busy_child:
            with contextlib.suppress(Failed):  # all that was asked is measured
                draft.hear(self._talk.order("close", CLOSE_SECONDS))

    def _save(self, path: str) -> None:
        """A sound that can't be kept is no ground to throw the measurement away."""
        try:
            self._talk.order("save", CLOSE_SECONDS, path=path)
        except Failed as failed:
            if failed.reason.id != "engine-error" or failed.reason.signal is not None:
                raise
            self.draft.findings.append("sound-not-saved")

    def _left(self) -> float:
        return self._rules.max_seconds - (time.monotonic() - self._start)

    def _tell(self, phase: str, run: int = 1, of: int = 1) -> None:
        runs = self.draft.runs
        rtf = statistics.median(run.rtf for run in runs) if runs else None
        times = [run.synthesis_s for run in runs]
        one = statistics.median(times) if times else self._guess
        left = None
        if one is not None:
            streams = self._rules.streams - (run - 1 if phase == "stream" else 0)
            warm = 0 if phase == "stream" else runs_ahead(self._rules, times, one)
            first = phase in ("import", "load", "reference", "cold")
            left = one * (warm + first + STREAM_FACTOR * streams)
        self._observer.tell(phase, run, of, rtf, left)

    def _synthesise(self) -> None:
        """The cold run, then the warm ones."""
        draft, rules = self.draft, self._rules
        self._tell("cold")
        cold, _ = self._speak(None)
        draft.phases["cold"] = cold
        self._guess = cold.synthesis_s
        self._observer.warm_begin()
        watch, times = Watch(), list[float]()
        try:
            while not enough(rules, times):
                last = statistics.median(times) if times else cold.synthesis_s
                if self._left() < last * SPARE:
                    if times:
                        draft.findings.append("runs-cut")
                        break
                    raise Failed("timeout", self._no_time(cold))
                ahead = runs_ahead(rules, times, last)
                self._tell("warm", len(times) + 1, len(times) + ahead)
                run, facts = self._speak(watch)
                draft.runs.append(run)
                times.append(run.synthesis_s)
                draft.quality = quality(facts, self._kind, self._length or self._script.seconds)
                draft.foreign_share = max(draft.foreign_share or 0.0, run.foreign_share or 0.0)
                draft.disturbed = draft.disturbed or run.disturbed
        finally:
            self._observer.warm_end(sum(run.audio_s for run in draft.runs))

    def _no_time(self, cold: Run) -> Reason:
        return Reason(
            id="time-limit",
            detail=f"the first synthesis took {cold.synthesis_s:.1f} s; a second one does not fit "
            f"into --max-seconds {self._rules.max_seconds:g}",
        )

    def _speak(self, watch: Watch | None) -> tuple[Run, dict[str, Any]]:
        """One synthesis, repeated where others took too much of the processor; without a watch
        it is taken as it is. Raises Failed."""
        answer, window, repeats = self._quietly("speak", watch)
        facts = answer["sound"]
        seconds, audio = answer["seconds"], facts["audio_s"]
        if not audio:
            raise Failed("error", Reason(id="no-sound"))
        if not 0 < seconds < LONGEST_S:  # its clock is not to be believed
            raise Failed("error", Reason(id="rubbish", detail=f"a synthesis of {seconds:.3g} s"))
        run = Run(
            synthesis_s=seconds,
            audio_s=audio,
            rtf=seconds / audio,
            foreign_share=round(window.share, 4),
            disturbed=window.share > LIMIT,
            repeats=repeats,
            stages=answer.get("stages") or {},
        )
        return run, facts

    def _quietly(self, order: str, watch: Watch | None) -> tuple[dict[str, Any], Window, int]:
        repeats = 0
        while True:
            limit = self._left()
            if limit <= 0:
                raise Failed("timeout", Reason(id="time-limit", detail="no time was left"))
            start, busy, own = time.monotonic(), self._busy()[0], time.process_time()
            told = self._talk.order(order, limit, length=self._length, seed=self._seed)
            now, cores = self._busy()
            window = Window(
                seconds=time.monotonic() - start,
                busy_s=now - busy,
                own_s=float(told["cpu_s"]) + time.process_time() - own,
                cores=cores,
            )
            self.draft.hear(told)
            late = self._left() < window.seconds * (SPARE + 1)
            if watch is None or not watch.again(window, late=late):
                return told, window, repeats
            repeats += 1

    def _stream(self) -> None:
        """Streamed syntheses: when the first chunk comes, and whether a player would wait."""
        draft, count = self.draft, self._rules.streams
        last = statistics.median(run.synthesis_s for run in draft.runs)
        watch, found = Watch(), list[dict[str, Any]]()
        for number in range(count):
            if self._left() < last * STREAM_FACTOR:
                draft.findings.append("streaming-cut")
                break
            self._tell("stream", number + 1, count)
            try:
                told, _, _ = self._quietly("stream", watch)
            except Failed as failed:  # the runs are measured nevertheless
                if failed.status == "timeout":
                    draft.findings.append("streaming-cut")
                    self._busy_child = True
                elif failed.told:
                    draft.findings.append("streaming-failed")
                else:
                    raise
                break
            if told["chunks"]:
                found.append(told)
        if found:
            draft.streaming = streamed(found)


def streamed(found: list[dict[str, Any]]) -> Streaming:
    """Figures of streamed syntheses; those of the player are of the one in the middle."""
    found = sorted(found, key=lambda told: float(told["seconds"]))
    middle = found[len(found) // 2]
    chunks = [(float(came), float(length)) for came, length in middle["chunks"]]
    first = [float(told["chunks"][0][0]) for told in found]
    rates = [told["seconds"] / sum(length for _, length in told["chunks"]) for told in found]
    played = play(chunks)
    return Streaming(
        first_audio_s=statistics.median(first),
        first_audio_runs=first,
        rtf=statistics.median(rates),
        chunks=len(chunks),
        underruns=played.underruns,
        buffer_s=played.buffer_s,
    )
