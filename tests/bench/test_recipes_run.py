"""Every Python recipe of the voxcpm package, run as vcf prints it, with the package itself.

The weights are synthetic and tiny; the model id, the download from a hub, the loading, the
generation and the file written are the real ones. Two things differ from a user's computer:

- Without a CUDA device ``device="cuda"`` is replaced by ``device="cpu"``, exactly that text;
  the package then leaves torch.compile out by itself. With one the recipe runs as it is.
- Where torchaudio's or torchcodec's compiled part can't load beside the torch of the tests,
  vcf.bench.torchaudio_shim stands in; what happens without it is tested too.
"""

from __future__ import annotations

import json
import math
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hub_server import Fault, HubServer
from voxcpm_child import answer, environment, needs_voxcpm, run_script, write_tone

import vcf
from vcf.bench.checkpoint import MARKER, Checkpoint, write_checkpoint
from vcf.catalogue.load import load_catalogue
from vcf.judge.subject import subjects

pytestmark = needs_voxcpm

CATALOGUE = load_catalogue()
TYPES = {"fp32": "torch.float32", "fp16": "torch.float16", "bf16": "torch.bfloat16"}
MACHINE = "desktop-rtx-4090-24gb"
"""Has every mode of the package."""

REPORT = """
import json as _json, torch as _torch
_lm = [p for n, p in model.tts_model.named_parameters() if not n.startswith("audio_vae.")]
_vae = list(model.tts_model.audio_vae.parameters())
print(_json.dumps({
    "types": sorted({str(p.dtype) for p in _lm}),
    "vae": sorted({str(p.dtype) for p in _vae}),
    "devices": sorted({p.device.type for p in [*_lm, *_vae]}),
    "rate": model.tts_model.sample_rate,
    "denoiser": model.denoiser is not None,
}))
"""

RUNS = [
    (subject.model_id, subject.mode_id)
    for subject in subjects(CATALOGUE).by_key.values()
    if subject.recipe is not None and "from voxcpm import" in subject.recipe.code
]


def code_for(model: str, mode: str) -> str:
    """The code that vcf prints."""
    return vcf.assess(vcf.load_machine(MACHINE), model, mode, catalogue=CATALOGUE).recipe.code


@pytest.fixture(scope="session")
def checkpoint(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Checkpoint]:
    """A tiny checkpoint of a model, written once."""
    folder = tmp_path_factory.mktemp("checkpoints")
    return lambda model: write_checkpoint(folder / model, model, "tiny")


@pytest.fixture(scope="session")
def hub(checkpoint: Callable[[str], Checkpoint]) -> Iterator[HubServer]:
    """A hub with all of them under their real ids."""
    models = sorted({model for model, _ in RUNS})
    repos = {CATALOGUE.models[model].hf_id: checkpoint(model).folder for model in models}
    with HubServer(repos) as server:
        yield server


@pytest.fixture(scope="session")
def cuda() -> bool:
    """Whether torch has a CUDA device here."""
    code = "import torch; print(torch.cuda.is_available())"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return done.stdout.strip() == "True"


def test_all_models_and_precisions_are_run() -> None:
    assert {model for model, _ in RUNS} == {"voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"}
    modes = {mode for _, mode in RUNS}
    assert modes >= {"cpu-fp32", "cpu-bf16", "gpu-fp32", "gpu-fp16", "gpu-bf16"}
    known = {
        name for name, recipe in CATALOGUE.recipes.items() if "from voxcpm import" in recipe.code
    }
    used = {CATALOGUE.models[model].modes[mode].recipe for model, mode in RUNS}
    assert used == known


@pytest.mark.parametrize(("model", "mode"), RUNS)
def test_the_recipe_runs(model, mode, hub, checkpoint, cuda, tmp_path) -> None:
    code = code_for(model, mode)
    if not cuda:
        assert ('device="cuda"' in code) == mode.startswith("gpu")
        code = code.replace('device="cuda"', 'device="cpu"')
    write_tone(tmp_path / "reference.wav")
    said = answer(code + REPORT, tmp_path, soundfile=True, **hub.environment(tmp_path / "hf"))

    precision = subjects(CATALOGUE).by_key[model, mode].precision
    assert said["types"] == [TYPES[precision]]
    assert said["vae"] == ["torch.float32"]  # at any precision
    assert said["devices"] == ["cuda" if cuda and mode.startswith("gpu") else "cpu"]
    assert said["denoiser"] is False

    made = checkpoint(model)
    assert said["rate"] == made.sample_rate_hz
    samples, rate = sound(tmp_path / "out.wav")
    assert rate == made.sample_rate_hz
    assert len(samples) / rate * made.patches_s == pytest.approx(4)  # min_len is 2
    assert all(math.isfinite(sample) for sample in samples)
    assert max(map(abs, samples)) > 0.01

    copy = tmp_path / "models"
    if "snapshot_download" not in code:
        assert not copy.exists()
        return
    edited = json.loads(next(copy.glob("*/config.json")).read_text(encoding="utf-8"))
    original = json.loads((made.folder / "config.json").read_text(encoding="utf-8"))
    assert edited["dtype"] == TYPES[precision].removeprefix("torch.")
    assert original["dtype"] == "bfloat16"
    assert {**edited, "dtype": ""} == {**original, "dtype": ""}
    for name in made.files.keys() - {"config.json"}:
        file = next(copy.glob(f"*/{name}"))
        assert file.read_bytes() == (made.folder / name).read_bytes()


def sound(file: Path) -> tuple[list[float], int]:
    """The samples of a mono file, and their rate in Hz."""
    import soundfile

    samples, rate = soundfile.read(file, dtype="float32")
    assert samples.ndim == 1
    return samples.tolist(), rate


def test_a_second_run_downloads_nothing_but_the_edited_config(hub, cuda, tmp_path) -> None:
    code = code_for("voxcpm-2", "cpu-fp32")
    write_tone(tmp_path / "reference.wav")
    for _ in range(2):
        before = len(hub.requests)
        answer(code + REPORT, tmp_path, **hub.environment(tmp_path / "hf"))
    got = [
        path for method, path in hub.requests[before:] if method == "GET" and "/resolve/" in path
    ]
    assert [path.rsplit("/")[-1] for path in got if not path.endswith("config.json")] == []


def test_a_download_that_breaks_is_taken_up_again(hub, checkpoint, tmp_path) -> None:
    code = (
        "import json\nfrom huggingface_hub import snapshot_download\n"
        'print(json.dumps(snapshot_download("openbmb/VoxCPM2", local_dir="copy")))'
    )
    made = checkpoint("voxcpm-2")
    fault = hub.faults["model.safetensors"] = Fault(cut_after=500_000)
    try:
        answer(code, tmp_path, **hub.environment(tmp_path / "hf"))
    finally:
        hub.faults.clear()
    assert fault.times == 0
    for name in [*made.files, MARKER]:
        assert (tmp_path / "copy" / name).read_bytes() == (made.folder / name).read_bytes()


def test_an_unknown_model_is_refused_as_the_hub_does(hub, tmp_path) -> None:
    code = 'from huggingface_hub import snapshot_download\nsnapshot_download("openbmb/VoxCPM9")'
    done = run_script(code, tmp_path, **hub.environment(tmp_path / "hf"))
    assert done.returncode != 0
    assert "RepositoryNotFoundError" in done.stderr


# --- what happens to a user without the shim ----------------------------------------------


def test_a_torchaudio_built_for_cuda_kills_the_import(tmp_path) -> None:
    code = "import torchaudio"
    if run_script(code, tmp_path, spared=False).returncode == 0:
        pytest.skip("torchaudio's compiled part loads here")
    done = run_script("import voxcpm", tmp_path, spared=False)
    assert done.returncode != 0
    assert "OSError: Could not load this library" in done.stderr
    assert "_torchaudio" in done.stderr
    said = answer(
        "import json, torchaudio\n"
        "from torchaudio._extension import _IS_TORCHAUDIO_EXT_AVAILABLE as compiled\n"
        "import torch\n"
        "half = torchaudio.functional.resample(torch.zeros(1, 1000), 2, 1)\n"
        "print(json.dumps([compiled, list(half.shape)]))",
        tmp_path,
    )
    assert said == [False, [1, 500]]


def test_where_torchaudio_loads_the_shim_changes_nothing(tmp_path) -> None:
    if run_script("import torchaudio", tmp_path, spared=False).returncode != 0:
        pytest.skip("torchaudio's compiled part does not load here")
    code = (
        "import json, torchaudio\n"
        "from torchaudio._extension import _IS_TORCHAUDIO_EXT_AVAILABLE as compiled\n"
        "print(json.dumps(compiled))"
    )
    assert answer(code, tmp_path) is True


def test_after_a_failed_import_it_can_still_be_spared(tmp_path) -> None:
    code = (
        "import json\n"
        "from vcf.bench.torchaudio_shim import is_spared, spare_torchaudio\n"
        "try:\n    import torchaudio\n    failed = False\n"
        "except OSError:\n    failed = True\n"
        "spare_torchaudio()\nspare_torchaudio()\n"
        "import torchaudio\n"
        "print(json.dumps([failed, is_spared()]))"
    )
    (tmp_path / "script.py").write_text(code, encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=environment(),
        capture_output=True,
        text=True,
        check=True,
    )
    failed, spared = json.loads(done.stdout)
    assert failed == spared


def test_the_clip_of_the_older_models_needs_torchcodec(hub, tmp_path) -> None:
    """VoxCPM-0.5B and 1.5 read it with torchaudio.load, VoxCPM2 with librosa."""
    write_tone(tmp_path / "reference.wav")
    code = 'import torchaudio; torchaudio.load("reference.wav")'
    if run_script(code, tmp_path).returncode == 0:
        pytest.skip("torchcodec and FFmpeg load here")
    old = code_for("voxcpm-0.5b", "cpu-bf16")
    done = run_script(old, tmp_path, **hub.environment(tmp_path / "hf"))
    assert done.returncode != 0
    assert "torchaudio.load(prompt_wav_path)" in done.stderr
    assert "Could not load" in done.stderr
    assert not (tmp_path / "out.wav").exists()
    new = code_for("voxcpm-2", "cpu-bf16")
    answer(new + REPORT, tmp_path, **hub.environment(tmp_path / "hf"))
    assert (tmp_path / "out.wav").exists()
