"""The voxcpm package as an engine, written against 2.0.3.

What is called is public: ``VoxCPM.from_pretrained``, ``generate``, ``generate_streaming``; with a
clip the calls that these consist of, so that its encoding is timed apart: ``build_prompt_cache``,
``generate_with_prompt_cache`` and its streaming twin. The denoiser and the second tries at bad
sound stay off.

A length is forced through ``min_len`` and ``max_len``: the loop makes exactly ``max_len`` patches
where ``min_len`` is one less. The package allows no more than 6 patches for a token of text and
ten besides.
"""

from __future__ import annotations

import importlib
import inspect
import json
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ..torchaudio_shim import is_spared, soundfile_stood_in, spare_torchaudio
from . import torch_common
from .engine import BrokenWeights, Settings, Sound, Times, WrongLength

PACKAGES = ("voxcpm", "torch", "torchaudio", "torchcodec", "transformers", "triton", "numpy",
            "librosa", "soundfile")  # fmt: skip
"""Whose versions are told."""
NEEDED = ("min_len", "max_len", "retry_badcase", "inference_timesteps")
"""Arguments of ``generate``; older releases lack some."""


class VoxcpmEngine:
    """One VoxCPM model."""

    can = frozenset({"encode", "stream", "fixed-length", "seed"})

    def __init__(self) -> None:
        self._settings: Settings = {}
        self._torch: Any = None
        self._class: Any = None
        self._model: Any = None
        self._prompt: Any = None
        self._device = "cpu"

    def prepare(self, settings: Settings) -> dict[str, Any]:
        """Import voxcpm, with torchaudio's compiled part if it loads and without it if not."""
        self._settings = settings
        spare_torchaudio(soundfile=True)
        self._torch = importlib.import_module("torch")
        self._class = importlib.import_module("voxcpm").VoxCPM
        self._device = self._place()
        if settings.get("clip"):
            self._wake_librosa()
        versions = torch_common.versions_of(PACKAGES, self._torch)
        return {"versions": versions, "findings": ["torchaudio-spared"] if is_spared() else []}

    def _place(self) -> str:
        torch = self._torch
        if self._settings["device"] == "cpu":
            return "cpu"
        if torch.cuda.is_available():
            return "cuda"  # by that name alone the package compiles; the parent hides other cards
        if torch.backends.mps.is_available():
            return "mps"
        raise RuntimeError("torch sees no GPU here: torch.cuda and MPS are not available")

    def _wake_librosa(self) -> None:
        """VoxCPM2 reads clips with it, the others don't."""
        config = json.loads((Path(self._settings["folder"]) / "config.json").read_text("utf-8"))
        if config.get("architecture") == "voxcpm2":
            torch_common.wake_librosa()

    def load(self) -> dict[str, Any]:
        """``VoxCPM.from_pretrained`` on a folder."""
        settings, gpu = self._settings, self._device != "cpu"
        asked = settings.get("compile")
        optimize = gpu if asked is None else asked
        known = inspect.signature(self._class.from_pretrained).parameters
        arguments: dict[str, Any] = {"load_denoiser": False, "optimize": optimize}
        if "device" not in known:
            raise RuntimeError("this voxcpm does not take a device: 2.0.3 or newer is needed")
        lacking = [name for name in NEEDED if name not in self._accepted()]
        if lacking:
            raise RuntimeError(f"this voxcpm's generate() takes no {', '.join(lacking)}")
        with torch_common.missing_noticed(self._torch) as missing:
            self._model = self._class.from_pretrained(
                settings["folder"], device=self._device, **arguments
            )
        if missing:
            raise BrokenWeights(
                f"the files lack {len(missing)} tensors of the model, {missing[0]} for one; the "
                "package would put random numbers in their place"
            )
        return self._told()

    def _accepted(self) -> set[str]:
        return set(inspect.signature(self._class._generate).parameters)

    def _told(self) -> dict[str, Any]:
        torch, inner = self._torch, self._model.tts_model
        weights = [p for n, p in inner.named_parameters() if not n.startswith("audio_vae.")]
        names = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}
        estimator = inner.feat_decoder.estimator
        return {
            "device": str(inner.device),
            "precision": names.get(weights[0].dtype),
            "compiled": type(estimator).__name__ == "OptimizedModule",
            "threads": int(torch.get_num_threads()),
            "parameters": sum(p.numel() for p in weights),
            "sample_rate_hz": int(inner.sample_rate),
        }

    def encode(self) -> dict[str, Any]:
        """``build_prompt_cache``: VoxCPM2 takes a clip without its words, the others don't."""
        clip, words = self._settings["clip"], self._settings.get("clip_text")
        asked = (
            {"prompt_text": words, "prompt_wav_path": clip}
            if words
            else {"reference_wav_path": clip}
        )
        try:
            self._prompt = self._model.tts_model.build_prompt_cache(**asked)
        except Exception as error:  # of any reader of sound; some say nothing
            why = f"{type(error).__name__}: {error}".removesuffix(": ")
            raise RuntimeError(f"the clip {Path(clip).name} can't be encoded: {why}") from error
        patches = sum(
            value.shape[0] for name, value in self._prompt.items() if name.endswith("audio_feat")
        )
        return {
            "clip_s": patches / self._patches_s(),
            "findings": ["soundfile-reads-clips"] if soundfile_stood_in() else [],
        }

    def speak(self, seconds: float | None, seed: int) -> Any:
        """The whole sound at once."""
        self._torch.manual_seed(seed)
        text, limits = self._settings["text"], self._limits(seconds)
        if self._prompt is None:
            return self._model.generate(text=text, **limits)
        call = self._model.tts_model.generate_with_prompt_cache
        made, _, _ = call(target_text=text, prompt_cache=self._prompt, **limits)
        return made.squeeze(0).cpu().numpy()

    def stream(self, seconds: float | None, seed: int) -> Iterator[Any]:
        """Piece by piece: one for each patch."""
        self._torch.manual_seed(seed)
        text, limits = self._settings["text"], self._limits(seconds)
        if self._prompt is None:
            yield from self._model.generate_streaming(text=text, **limits)
            return
        call = self._model.tts_model.generate_with_prompt_cache_streaming
        for made, _, _ in call(target_text=text, prompt_cache=self._prompt, **limits):
            yield made.squeeze(0).cpu().numpy()

    def _limits(self, seconds: float | None) -> dict[str, Any]:
        limits: dict[str, Any] = {"retry_badcase": False}
        if self._settings.get("steps"):
            limits["inference_timesteps"] = self._settings["steps"]
        if seconds is None:
            return limits
        patches = self._patches(seconds)
        return {**limits, "min_len": patches - 1, "max_len": patches}

    def _patches(self, seconds: float) -> int:
        return max(2, round(seconds * self._patches_s()))

    def _patches_s(self) -> float:
        inner = self._model.tts_model
        vae = inner.audio_vae
        return float(vae.sample_rate / (inner.patch_size * inner.chunk_size))

    def sound(self, piece: Any) -> Sound:
        """Samples of a numpy array of one channel."""
        flat = piece.reshape(-1).astype("float32", copy=False)
        return Sound(array("f", flat.tobytes()), int(self._model.tts_model.sample_rate))

    def check(self, made: float, seconds: float | None) -> None:
        """A length that was forced must be there to the patch."""
        if seconds is None:
            return
        wanted = self._patches(seconds) / self._patches_s()
        if abs(made - wanted) > 0.5 / self._patches_s():
            raise WrongLength(
                f"{made:.3f} s of sound came where {wanted:.3f} s were forced: the text "
                "is too short for it, or this voxcpm counts otherwise"
            )

    def times(self) -> Times:
        """The call is the synthesis, and the package tells of no stages."""
        return Times()

    def settle(self) -> None:
        """CUDA and MPS compute behind the program's back."""
        torch_common.settle(self._torch, self._device)

    def memory(self) -> dict[str, int | None]:
        """Peaks of torch's own allocator; MPS tells what the driver has given it now."""
        return torch_common.memory(self._torch, self._device)

    def close(self) -> None:
        """The process ends right after: nothing need be unloaded."""
        self._prompt = self._model = None

    def abandon(self) -> None:
        """Nothing was started beside this program."""


def engine() -> VoxcpmEngine:
    """A new engine."""
    return VoxcpmEngine()
