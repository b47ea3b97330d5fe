"""``vcf bench voxcpm`` with the real package on tiny checkpoints: what it measures, and how it
fails. Each run is a process of its own, as a user starts it."""

from __future__ import annotations

import os
import signal
import sys
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Protocol

import msgspec
import pytest
from bench_runs import (
    Done,
    Running,
    bench,
    copied,
    edit_config,
    fill_tensors,
    rename_tensors,
    temporary,
)
from voxcpm_child import needs_voxcpm

from vcf.bench.architectures import architecture
from vcf.bench.checkpoint import MARKER, count_parameters, write_checkpoint
from vcf.bench.child_talk import Child, Failed, command, failure
from vcf.bench.conversation import Ended
from vcf.bench.record import BenchRecord
from vcf.bench.sources import choose
from vcf.catalogue.load import load_catalogue

pytestmark = needs_voxcpm

MODELS = ("voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2")
MODES = ("cpu-fp32", "cpu-bf16")
SECONDS = 1.6
"""A whole number of patches for all models: 20, 10 and 10."""
CLIP_S = 3.0
WORDS = "The quick brown fox jumps over the lazy dog."
TEXT = "Nothing in this sentence is longer than it needs to be."
ONCE = ("--mode", "cpu-fp32", "--runs", "1", "--no-streaming")
"""The shortest measurement there is."""
TINY = (*ONCE, "--weights", "tiny")
ENDLESS = (*TINY, "--text-seconds", "60", "--steps", "100")
"""Minutes in one synthesis."""

posix = pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
linux = pytest.mark.skipif(sys.platform != "linux", reason="RLIMIT_AS counts under Linux alone")


class Bench(Protocol):
    """Runs ``vcf bench voxcpm`` to its end."""

    def __call__(self, *arguments: str, memory: int | None = None, **more: str) -> Done: ...


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """VCF_CACHE_DIR of all runs: tiny weights are written once."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def vcf_bench(cache: Path, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    """Each run has a store of its own."""

    def run(*arguments: str, memory: int | None = None, **more: str) -> Done:
        data = tmp_path_factory.mktemp("data")
        return bench(*arguments, cache=cache, data=data, memory=memory, **more)

    return run


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """For checkpoints that are named by their folder."""
    return tmp_path_factory.mktemp("folders")


@pytest.fixture(scope="module")
def checkpoint(folders: Path) -> Path:
    """A tiny voxcpm-0.5b; not to be changed. Without vcf's marker it passes for real weights."""
    folder = write_checkpoint(folders / "sound", "voxcpm-0.5b", "tiny").folder
    (folder / MARKER).unlink()
    return folder


@pytest.fixture
def broken(checkpoint: Path, tmp_path: Path) -> Path:
    """A copy of it, to be broken."""
    return copied(checkpoint, tmp_path / "broken")


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A WAV as soundfile writes it, at a rate that no model has."""
    import numpy
    import soundfile

    times = numpy.arange(int(CLIP_S * 22050)) / 22050
    samples = 0.3 * numpy.sin(2 * numpy.pi * (180 * times + 8 * numpy.sin(6 * numpy.pi * times)))
    file = tmp_path_factory.mktemp("clip") / "voice.wav"
    soundfile.write(file, samples.astype("float32"), 22050)
    return file


# --- every model in every mode ------------------------------------------------------------


@pytest.fixture(scope="module")
def everything(vcf_bench: Bench) -> Done:
    """All models in all modes of a processor, with the usual protocol."""
    models = [word for model in MODELS for word in ("--model", model.removeprefix("voxcpm-"))]
    modes = [word for mode in MODES for word in ("--mode", mode)]
    return vcf_bench(*models, *modes, "--weights", "tiny", "--text-seconds", str(SECONDS))


@pytest.fixture(scope="module", params=[f"{model}:{mode}" for model in MODELS for mode in MODES])
def cell(request: pytest.FixtureRequest, everything: Done) -> BenchRecord:
    """One of them."""
    model, mode = request.param.split(":")
    [found] = [one for one in everything.records if (one.model, one.mode) == (model, mode)]
    return found


def patches(model: str, seconds: float) -> float:
    return seconds * architecture(model, "tiny").patches_s


def test_all_cells_are_measured_and_kept(everything: Done) -> None:
    assert everything.code == 0
    assert [(one.model, one.mode) for one in everything.records] == [
        (model, mode) for model in MODELS for mode in MODES
    ]
    assert len({one.id for one in everything.records}) == 6
    assert everything.stored() == everything.records
    for model in MODELS:
        for mode in MODES:
            assert f"vcf: {model}:{mode}: importing" in everything.err


def test_it_ends_ok_in_the_precision_asked_for(cell: BenchRecord) -> None:
    assert cell.status == "ok"
    assert cell.reason is None
    assert cell.gpu is None
    assert cell.engine.name == "voxcpm"
    assert cell.engine.device == "cpu"
    assert cell.engine.precision == cell.mode.removeprefix("cpu-")
    assert cell.engine.compiled is False
    assert cell.engine.threads == 1
    assert "precision-changed" not in cell.findings


def test_the_model_is_the_one_that_was_written(cell: BenchRecord) -> None:
    tiny = architecture(cell.model, "tiny")
    assert cell.engine.parameters == count_parameters(cell.model, "tiny").model
    assert cell.engine.sample_rate_hz == tiny.vae.out_hz
    assert cell.weights.kind == "tiny"
    assert cell.weights.repo is None
    assert cell.weights.sha256 is not None
    assert cell.weights.size_bytes is not None
    assert cell.weights.size_bytes > 2 * cell.engine.parameters
    assert cell.predicted is None
    assert not cell.counts


def test_both_modes_measure_the_same_weights(everything: Done) -> None:
    hashes = {(one.model, one.weights.sha256) for one in everything.records}
    assert len(hashes) == 3


def test_the_sound_has_the_forced_length(cell: BenchRecord) -> None:
    assert cell.phases.cold is not None
    assert len(cell.runs) == 3
    for run in [cell.phases.cold, *cell.runs]:
        assert run.audio_s == pytest.approx(SECONDS, abs=1e-9)
        assert run.rtf == pytest.approx(run.synthesis_s / SECONDS)
    assert cell.workload.speech_seconds == SECONDS
    assert cell.protocol.fixed_seconds == SECONDS
    assert cell.protocol.text == "short"


def test_cold_and_warm_are_told_apart(cell: BenchRecord) -> None:
    assert cell.phases.import_s is not None and cell.phases.import_s > 0
    assert cell.phases.load_s is not None and cell.phases.load_s > 0
    assert cell.phases.reference_s is None
    assert cell.phases.cold is not None and cell.phases.cold.repeats == 0
    assert cell.protocol.warmups == 1
    assert cell.summary is not None
    rtfs = sorted(run.rtf for run in cell.runs)
    assert rtfs[0] <= cell.summary.rtf <= rtfs[-1]
    assert cell.summary.rtfx == pytest.approx(1 / cell.summary.rtf)


def test_streaming_hands_over_each_patch(cell: BenchRecord) -> None:
    streaming = cell.streaming
    assert streaming is not None
    assert streaming.chunks == round(patches(cell.model, SECONDS)) > 1
    assert streaming.first_audio_runs == [streaming.first_audio_s]
    assert 0 < streaming.first_audio_s < streaming.rtf * SECONDS
    assert (streaming.underruns > 0) <= (streaming.buffer_s > 0.1)


def test_noise_is_no_speech_but_it_is_sound(cell: BenchRecord) -> None:
    assert cell.quality is not None
    assert cell.quality.status == "not-applicable"
    assert cell.quality.failed == []
    assert cell.quality.finite
    assert cell.quality.rms is not None and cell.quality.rms > 0.01
    assert cell.quality.length_ratio == pytest.approx(1)


def test_memory_is_seen_from_outside_and_inside(cell: BenchRecord) -> None:
    memory = cell.memory
    assert memory.rss_peak_bytes is not None and memory.rss_peak_bytes > 100e6
    assert memory.rss_high_water_bytes is not None and memory.rss_high_water_bytes > 100e6
    assert memory.vram_peak_bytes is None
    assert memory.torch_reserved_bytes is None


def test_versions_and_findings_tell_what_ran(cell: BenchRecord) -> None:
    import importlib.metadata
    import platform

    assert cell.versions["voxcpm"] == importlib.metadata.version("voxcpm")
    assert cell.versions["torch"].startswith(importlib.metadata.version("torch").split("+")[0])
    assert cell.versions["python"] == platform.python_version()
    assert set(cell.findings) <= {"torchaudio-spared", "runs-cut", "streaming-cut"}


def test_the_spared_torchaudio_is_a_finding(everything: Done, tmp_path: Path) -> None:
    from voxcpm_child import run_script

    loads = run_script("import torchaudio", tmp_path, spared=False).returncode == 0
    for record in everything.records:
        assert ("torchaudio-spared" in record.findings) != loads


# --- clips --------------------------------------------------------------------------------


def test_the_older_models_continue_a_clip(vcf_bench: Bench, clip: Path) -> None:
    record = vcf_bench(
        *TINY, "--text-seconds", str(SECONDS), "--reference", str(clip), "--reference-text", WORDS
    ).record
    assert record.status == "ok"
    assert record.workload.reference_seconds == pytest.approx(CLIP_S, abs=1 / 12.5)
    assert record.phases.reference_s is not None and record.phases.reference_s > 0
    assert record.runs[0].audio_s == pytest.approx(SECONDS, abs=1e-9)
    undisturbed = msgspec.structs.replace(record.runs[0], disturbed=False)
    [rtf] = msgspec.structs.replace(record, runs=[undisturbed]).call_rtfs()
    assert rtf == pytest.approx(undisturbed.rtf + record.phases.reference_s / SECONDS)


def test_voxcpm2_takes_a_clip_without_its_words(vcf_bench: Bench, clip: Path) -> None:
    done = vcf_bench(
        "--mode", "cpu-bf16", "--model", "2", "--weights", "tiny", "--runs", "1",
        "--text-seconds", str(SECONDS), "--reference", str(clip),
    )  # fmt: skip
    record = done.record
    assert record.status == "ok"
    assert record.engine.precision == "bf16"
    assert record.workload.reference_seconds == pytest.approx(CLIP_S, abs=1 / 6.25)
    assert record.phases.reference_s is not None
    assert record.runs[0].audio_s == pytest.approx(SECONDS, abs=1e-9)
    assert record.streaming is not None
    assert record.streaming.chunks == 10
    assert done.stored() == [record]


@pytest.fixture(scope="module")
def with_options(vcf_bench: Bench, clip: Path, tmp_path_factory) -> tuple[BenchRecord, Path]:
    """VoxCPM2 that continues a clip, with most of the options."""
    folder = tmp_path_factory.mktemp("sounds") / "new"
    done = vcf_bench(
        *TINY, "--model", "2", "--reference", str(clip), "--reference-text", WORDS,
        "--text", TEXT, "--text-seconds", str(SECONDS), "--steps", "4", "--threads", "1",
        "--no-compile", "--save-audio", str(folder), OMP_NUM_THREADS="2", MKL_NUM_THREADS="2",
    )  # fmt: skip
    assert done.code == 0, done.err
    return done.record, folder


def test_voxcpm2_continues_a_clip(with_options) -> None:
    record, _ = with_options
    assert record.status == "ok"
    assert record.workload.reference_seconds == pytest.approx(CLIP_S, abs=1 / 6.25)
    assert record.phases.reference_s is not None


def test_options_reach_the_engine(with_options) -> None:
    record, _ = with_options
    assert record.engine.threads == 1  # the environment said 2
    assert record.protocol.threads_asked == 1
    assert record.protocol.compile_asked is False
    assert record.workload.steps == 4
    assert record.protocol.streaming is False
    assert record.streaming is None
    assert record.protocol.text == "own"
    assert record.protocol.text_characters == len(TEXT)
    assert record.protocol.fixed_seconds == SECONDS
    assert record.runs[0].audio_s == pytest.approx(SECONDS, abs=1e-9)
    assert len(record.runs) == record.protocol.runs_min == 1


def test_the_sound_can_be_kept(with_options) -> None:
    record, folder = with_options
    [file] = folder.iterdir()
    assert file.suffix == ".wav"
    assert record.model in file.name and record.mode in file.name
    with wave.open(str(file), "rb") as sound:
        assert sound.getframerate() == record.engine.sample_rate_hz == 48000
        assert sound.getnchannels() == 1
        assert sound.getnframes() / 48000 == pytest.approx(SECONDS, abs=1e-9)
        assert any(sound.readframes(48000))


def test_a_broken_clip_is_an_error_in_one_line(vcf_bench: Bench, tmp_path: Path) -> None:
    file = tmp_path / "broken.wav"
    file.write_bytes(b"RIFF\x24\x00\x01\x00WAVEfmt " + bytes(range(7, 250)) * 30)
    done = vcf_bench(
        *TINY, "--model", "0.5b", "--model", "2", "--reference", str(file),
        "--reference-text", WORDS,
    )  # fmt: skip
    assert done.code == 1
    for record in done.records:
        assert record.status == "error"
        assert record.reason is not None
        assert record.reason.id == "engine-error"
        assert record.reason.detail and "\n" not in record.reason.detail
        assert record.phases.load_s is not None
        assert record.phases.reference_s is None
        assert record.runs == []
    assert done.stored() == done.records


def test_what_is_no_clip_is_refused_before(vcf_bench: Bench, clip: Path, tmp_path: Path) -> None:
    noise = tmp_path / "noise.wav"
    noise.write_bytes(b"\x07" * 5000)
    for wrong in (noise, tmp_path / "missing.wav"):
        done = vcf_bench(*TINY, "--model", "2", "--reference", str(wrong))
        assert done.code == 2
        assert wrong.name in done.error["message"]
    done = vcf_bench(*TINY, "--reference", str(clip))
    assert done.code == 2
    assert "only together with its words" in done.error["message"]


# --- texts, lengths, folders --------------------------------------------------------------


def test_quick_is_two_runs_of_an_own_text(vcf_bench: Bench) -> None:
    done = vcf_bench("--mode", "cpu-fp32", "--weights", "tiny", "--quick", "--text", WORDS)
    record = done.record
    assert done.code == 0
    assert record.protocol.quick
    assert len(record.runs) == 2
    assert record.streaming is None
    # random weights never stop by themselves: as long as a voice would take
    assert record.protocol.fixed_seconds == pytest.approx(len(WORDS) / 14)
    assert record.runs[0].audio_s == pytest.approx(len(WORDS) / 14, abs=0.5 / 12.5)
    assert record.quality is not None
    assert record.quality.status == "not-applicable"


def test_a_text_too_short_for_its_length_is_told(vcf_bench: Bench) -> None:
    done = vcf_bench(*TINY, "--text", "Hi", "--text-seconds", "60")
    assert done.code == 1
    reason = done.record.reason
    assert done.record.status == "error"
    assert reason is not None
    assert reason.id == "wrong-length"
    assert "60.000 s were forced" in reason.detail
    assert "the text is too short" in reason.detail
    assert done.record.summary is None


@pytest.fixture(scope="module")
def of_folder(vcf_bench: Bench, checkpoint: Path) -> BenchRecord:
    """A folder that is named, in another precision than it states, at a forced length."""
    before = contents(checkpoint)
    done = vcf_bench(*ONCE, "--weights", str(checkpoint), "--text-seconds", str(SECONDS))
    assert done.code == 0
    assert contents(checkpoint) == before
    return done.record


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_folder_is_measured_and_left_as_it_is(of_folder: BenchRecord) -> None:
    assert of_folder.status == "ok"
    assert of_folder.engine.precision == "fp32"
    assert of_folder.weights.kind == "path"
    assert of_folder.weights.repo is None
    assert of_folder.weights.sha256 is not None
    assert of_folder.runs[0].audio_s == pytest.approx(SECONDS, abs=1e-9)


@pytest.mark.parametrize("edited", [False, True])
def test_a_folder_of_random_weights_never_counts(tmp_path: Path, edited: bool) -> None:
    folder = write_checkpoint(tmp_path / "random", "voxcpm-0.5b", "tiny").folder
    if edited:
        edit_config(folder, lambda config: config.update(dtype="float32"))
    model = load_catalogue(None).models["voxcpm-0.5b"]
    assert choose(str(folder), "voxcpm-0.5b", model).kind == "tiny"


def test_a_folder_at_its_own_length(vcf_bench: Bench, checkpoint: Path) -> None:
    done = vcf_bench(
        "--mode", "cpu-bf16", "--runs", "2", "--no-streaming", "--weights", str(checkpoint)
    )
    record = done.record
    assert done.code == 0
    assert record.status == "ok"
    assert record.engine.precision == "bf16"
    assert record.protocol.fixed_seconds is None
    # its stop predictor wants to stop at once, which min_len 2 allows after four patches
    assert [run.audio_s for run in record.runs] == pytest.approx([4 / 12.5] * 2)
    assert record.workload.speech_seconds == pytest.approx(4 / 12.5)
    assert record.quality is not None
    assert (record.quality.status, record.quality.failed) == ("fail", ["too-short"])
    assert not record.counts


# --- broken folders -----------------------------------------------------------------------


def test_broken_folders_are_refused_before(vcf_bench: Bench, checkpoint, tmp_path) -> None:
    def refused(name: str, breaks: Callable[[Path], object], *words: str) -> None:
        folder = copied(checkpoint, tmp_path / name)
        breaks(folder)
        done = vcf_bench(*ONCE, "--weights", str(folder))
        assert done.code == 2, name
        assert done.error["kind"] == "usage"
        assert done.error["hint"]
        for word in words:
            assert word in done.error["message"]
        assert not (done.data / "bench.sqlite").exists()

    weights = "model.safetensors"
    refused("cut", lambda at: cut(at / weights), weights, "cut short")
    refused("no-vae", lambda at: (at / "audiovae.safetensors").unlink(), "no audiovae.safetensors")
    refused("no-tokens", lambda at: (at / "tokenizer.json").unlink(), "no tokenizer.json")
    refused(
        "other-model",
        lambda at: edit_config(at, lambda known: known.update(architecture="voxcpm2")),
        "config.json", "voxcpm2",
    )  # fmt: skip
    refused(
        "no-field",
        lambda at: edit_config(at, lambda known: known["lm_config"].pop("hidden_size")),
        "no lm_config.hidden_size",
    )
    refused(
        "no-part",
        lambda at: edit_config(at, lambda known: known["dit_config"].pop("cfm_config")),
        "no dit_config.cfm_config",
    )
    two = write_checkpoint(tmp_path / "two", "voxcpm-2", "tiny").folder
    done = vcf_bench(*ONCE, "--weights", str(two))
    assert done.code == 2
    assert "holds voxcpm-2, asked was voxcpm-0.5b" in done.error["message"]
    done = vcf_bench(*ONCE, "--weights", str(tmp_path / "nowhere"))
    assert done.code == 2
    assert "does not exist" in done.error["message"]


def cut(file: Path) -> None:
    file.write_bytes(file.read_bytes()[:-1000])


def test_other_widths_than_stated_are_an_error_in_one_line(vcf_bench: Bench, broken) -> None:
    edit_config(broken, lambda known: known["lm_config"].update(intermediate_size=256))
    done = vcf_bench(*ONCE, "--weights", str(broken))
    assert done.code == 1
    record = done.record
    assert record.status == "error"
    assert record.reason is not None
    assert record.reason.id == "engine-error"
    assert "size mismatch" in record.reason.detail
    assert "\n" not in record.reason.detail
    assert record.phases.import_s is not None
    assert record.phases.load_s is None
    assert record.engine.precision is None
    assert done.stored() == [record]


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("model.safetensors", b"feat_decoder.", b"seat_decoder."),
        ("audiovae.safetensors", b"decoder.", b"recoder."),
    ],
)
def test_weights_under_wrong_names_are_not_measured(
    vcf_bench: Bench, broken, file, old, new
) -> None:
    rename_tensors(broken / file, old, new)
    done = vcf_bench(*ONCE, "--weights", str(broken), "--text-seconds", "0.4")
    assert done.code != 0


def test_weights_of_nan_fail_the_check_of_the_sound(vcf_bench: Bench, broken) -> None:
    fill_tensors(broken / "model.safetensors", 0xFF)
    record = vcf_bench(*ONCE, "--weights", str(broken), "--text-seconds", "0.4").record
    assert record.quality is not None
    assert record.quality.status == "fail"
    assert "not-finite" in record.quality.failed
    assert record.quality.finite is False
    assert record.quality.rms is None
    assert not record.counts


# --- memory, time, signals ----------------------------------------------------------------


@linux
def test_memory_used_up_while_torch_is_imported(vcf_bench: Bench) -> None:
    done = vcf_bench(*TINY, memory=300 << 20)
    assert done.code == 1
    record = done.record
    assert record.status == "oom"
    assert record.reason is not None
    assert record.reason.id == "out-of-memory"
    assert record.reason.detail
    assert record.phases.import_s is None
    assert record.summary is None
    assert done.stored() == [record]


@linux
def test_memory_used_up_while_the_model_is_loaded(vcf_bench: Bench, broken) -> None:
    edit_config(broken, lambda known: known.update(max_length=10**9))  # a KV cache of 768 GB
    done = vcf_bench(*ONCE, "--weights", str(broken), memory=64 << 30)
    assert done.code == 1
    record = done.record
    assert record.status == "oom"
    assert record.reason is not None
    assert record.reason.id == "out-of-memory"
    assert "768000000000 bytes" in record.reason.detail
    assert record.phases.import_s is not None
    assert record.phases.load_s is None
    assert record.memory.rss_peak_bytes is not None


def test_memory_used_up_as_openblas_says_it() -> None:
    said = ["OpenBLAS error: Memory allocation still failed after 10 retries, giving up."]
    assert failure(Ended(status=1, said=said), memory=False).status == "oom"


@pytest.mark.parametrize("most", ["0.05", "2"])
def test_time_that_is_over(vcf_bench: Bench, most: str) -> None:
    done = vcf_bench(*ENDLESS, "--max-seconds", most)
    assert done.code == 1
    record = done.record
    assert record.status == "timeout"
    assert record.reason is not None
    assert record.reason.id == "time-limit"
    assert record.protocol.max_seconds == float(most)
    assert record.phases.load_s is not None
    assert record.phases.cold is None
    assert record.runs == []
    assert record.memory.rss_peak_bytes is not None
    assert done.stored() == [record]


@pytest.fixture
def running(cache: Path, tmp_path: Path) -> Iterator[Running]:
    """A run amid its first synthesis, which takes minutes."""
    found = Running(*ENDLESS, cache=cache, data=tmp_path / "data")
    try:
        found.wait_for("first synthesis")
        found.wait_for_work()
        yield found
    finally:
        found.process.kill()
        found.process.communicate()
        found.end_leftovers()
        for name in temporary(cache):
            drop(cache / name)


def drop(folder: Path) -> None:
    import shutil

    shutil.rmtree(folder)


@posix
def test_a_child_that_is_killed(running: Running, cache: Path) -> None:
    [child] = running.children()
    child.kill()
    done = running.finished()
    assert done.code == 1
    assert running.end_leftovers() == []
    assert temporary(cache) == []
    record = done.record
    assert record.status == "killed"
    assert record.reason is not None
    assert (record.reason.id, record.reason.signal) == ("killed", "SIGKILL")
    assert record.engine.precision == "fp32"
    assert record.phases.load_s is not None
    assert record.runs == []
    assert record.memory.rss_peak_bytes is not None
    assert "Traceback" not in done.err
    assert done.stored() == [record]


@posix
def test_ctrl_c_is_kept(running: Running, cache: Path) -> None:
    running.process.send_signal(signal.SIGINT)
    done = running.finished()
    assert done.code == 130
    assert running.end_leftovers() == []
    assert temporary(cache) == []
    record = done.record
    assert record.status == "killed"
    assert record.reason is not None
    assert (record.reason.id, record.reason.signal) == ("interrupted", "SIGINT")
    assert "interrupted" in done.err
    assert done.stored() == [record]


@posix
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_who_ends_vcf_ends_its_child(running: Running, name: str) -> None:
    running.process.send_signal(getattr(signal, name))
    running.process.wait(30)
    assert running.end_leftovers(patience=5) == []


@posix
def test_who_ends_vcf_leaves_no_folder_of_links(running: Running, cache: Path) -> None:
    running.process.terminate()
    running.process.wait(30)
    assert temporary(cache) == []


# --- the child itself ---------------------------------------------------------------------


class Orders(Protocol):
    """Gives one order to the child, within two minutes."""

    def __call__(self, name: str, **more: Any) -> dict[str, Any]: ...


@pytest.fixture(scope="module")
def child() -> Iterator[Orders]:
    """One measuring child for all that follows: it can be prepared anew."""
    with Child(command(sys.executable, "voxcpm"), {"OMP_NUM_THREADS": "1"}) as found:
        found.begin()
        yield lambda name, **more: found.order(name, 120, **more)


@pytest.fixture(scope="module", params=MODELS)
def speaker(request: pytest.FixtureRequest, child: Orders, folders: Path) -> tuple[Orders, str]:
    """It has loaded a model and no clip."""
    prepare(child, request.param, folders)
    return child, request.param


def prepare(child: Orders, model: str, folders: Path, **more: Any) -> dict[str, Any]:
    folder = write_checkpoint(folders / model, model, "tiny").folder
    settings = {
        "folder": str(folder), "device": "cpu", "compile": None, "text": WORDS, "steps": 3,
        "clip": None, "clip_text": None, **more,
    }  # fmt: skip
    told = child("prepare", settings=settings)
    assert set(told["can"]) == {"encode", "stream", "fixed-length", "seed"}
    return child("load")


def test_streamed_pieces_are_as_long_as_the_whole(speaker) -> None:
    order, model = speaker
    whole = order("speak", length=SECONDS, seed=1)["sound"]
    told = order("stream", length=SECONDS, seed=1)
    lengths = [length for _, length in told["chunks"]]
    came = [at for at, _ in told["chunks"]]
    assert whole["audio_s"] == pytest.approx(SECONDS, abs=1e-9)
    assert sum(lengths) == pytest.approx(SECONDS, abs=1e-9)
    assert lengths == pytest.approx([1 / architecture(model, "tiny").patches_s] * len(lengths))
    assert came == sorted(came)
    assert 0 < came[0] < came[-1] <= told["seconds"]


def test_the_seed_makes_the_sound(speaker, tmp_path: Path) -> None:
    order, _ = speaker
    sounds = []
    for index, seed in enumerate((1, 1, 2)):
        order("speak", length=0.48, seed=seed)
        order("save", path=str(tmp_path / f"{index}.wav"))
        sounds.append((tmp_path / f"{index}.wav").read_bytes())
    assert sounds[0] == sounds[1]
    assert sounds[0] != sounds[2]
    assert len(sounds[0]) == len(sounds[2])


def test_any_length_is_met_to_the_patch(speaker) -> None:
    order, model = speaker
    each = architecture(model, "tiny").patches_s
    for seconds in (0.1, 0.33, 0.5, 2.0):
        made = order("speak", length=seconds, seed=1)["sound"]["audio_s"]
        assert made == pytest.approx(max(2, round(seconds * each)) / each)
        assert abs(made - seconds) <= 0.5 / each + 1e-9 or made == pytest.approx(2 / each)


def test_what_fails_does_not_end_the_child(speaker, tmp_path: Path) -> None:
    order, model = speaker
    with pytest.raises(Failed) as failed:
        order("speak", length=60.0, seed=1)
    assert failed.value.reason.id == "wrong-length"
    with pytest.raises(Failed) as failed:
        order("save", path=str(tmp_path / "nowhere" / "sound.wav"))
    assert failed.value.status == "error"
    assert "No such file or directory" in failed.value.reason.detail
    told = order("speak", length=None, seed=1)
    assert told["sound"]["audio_s"] == pytest.approx(4 / architecture(model, "tiny").patches_s)
    assert told["memory"]["rss_high_water_bytes"] > 100e6
    assert told["cpu_s"] > 0


@pytest.fixture(scope="module")
def encodings(folders: Path, clip: Path) -> list[dict[str, Any]]:
    """A clip of VoxCPM2 encoded twice in a fresh child."""
    with Child(command(sys.executable, "voxcpm"), {"OMP_NUM_THREADS": "1"}) as found:
        found.begin()
        prepare(lambda name, **more: found.order(name, 120, **more), "voxcpm-2", folders,
                clip=str(clip))  # fmt: skip
        return [found.order("encode", 120) for _ in range(2)]


def test_a_clip_is_as_long_each_time(encodings) -> None:
    lengths = [told["clip_s"] for told in encodings]
    assert lengths == pytest.approx([CLIP_S] * 2, abs=1 / 6.25)


def test_a_clip_is_timed_without_the_import_of_what_reads_it(encodings) -> None:
    first, second = (told["seconds"] for told in encodings)
    assert first < 10 * second + 0.5
