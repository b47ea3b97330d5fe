"""IndexTTS2 and IndexTTS-2.5 from a checkout of index-tts, written against ee40fa7.

What is called is what its README calls: ``IndexTTS2(…)`` of ``indextts.infer_v2`` or
``infer_v2_5`` and ``infer``. Beside the settings of every engine it is told ``repo`` (the
checkout), ``folder`` (with config.yaml and the weights), ``version`` (``2`` or ``2.5``),
``checkout`` (its version and commit), ``precision``, ``deepspeed`` and ``options``: of ``accel``,
``cuda-kernel``, ``compile``.

**Reference.** ``infer`` keeps what it made of the clip. For the cold reference its memory is
emptied and the call broken off where the GPT would begin. All other calls find it there.

**Stages** are what the code prints. On a card it does not wait for the device before it reads its
clock, so here the ends of the stages are waited for.
"""

from __future__ import annotations

import importlib
import os
import sys
from array import array
from collections.abc import Callable, Iterator
from typing import Any

from ..torchaudio_shim import is_spared, spare_torchaudio
from . import indextts_loading as loading
from . import torch_common
from .engine import Settings, Sound, Times, WrongVersion
from .indextts_checks import build_rules
from .indextts_length import Length, hop, rate
from .indextts_output import UNKNOWN, heard, segments_of, stages_of

PACKAGES = ("torch", "torchaudio", "transformers", "tokenizers", "triton", "deepspeed",
            "flash-attn", "numpy", "librosa")  # fmt: skip
"""Whose versions are told."""
MEMORY = ("cache_spk_cond", "cache_spk_audio_prompt", "cache_emo_cond", "cache_emo_audio_prompt")
"""Where it keeps what it made of a clip."""
LONGEST_CLIP = 15.0
"""Seconds that it takes of a clip; a number of the code."""


class Enough(Exception):
    """The reference is processed: go no further."""


class IndexttsEngine:
    """One model of IndexTTS."""

    can = frozenset({"encode", "fixed-length", "seed"})

    def __init__(self) -> None:
        self._settings: Settings = {}
        self._torch: Any = None
        self._class: Any = None
        self._tts: Any = None
        self._device = "cpu"
        self._reference: Any = None
        self._length: Length | None = None
        self._stages: dict[str, float] = {}

    def prepare(self, settings: Settings) -> dict[str, Any]:
        """Import the checkout's code, from its folder: paths in it are relative to that."""
        self._settings = settings
        repo = settings["repo"]
        os.chdir(repo)
        sys.path.insert(0, repo)
        spare_torchaudio()
        self._torch = importlib.import_module("torch")
        self._class = loading.imported(repo, settings["version"])
        self._device = loading.place(self._torch, settings["device"])
        torch_common.wake_librosa()
        build_rules()
        versions = torch_common.versions_of(PACKAGES, self._torch)
        versions["indextts"] = settings["checkout"]
        findings = ["torchaudio-spared"] if is_spared() else []
        seconds = importlib.import_module("librosa").get_duration(path=settings["clip"])
        if seconds > LONGEST_CLIP:
            findings.append("clip-cut")
        return {"versions": versions, "findings": findings}

    def load(self) -> dict[str, Any]:
        """``IndexTTS2(…)``, see ``indextts_loading``."""
        self._tts = loading.loaded(self._class, self._torch, self._device, self._settings)
        if self._device != "cpu":
            self._wait_for_stages()
        return loading.told(self._tts, self._torch, self._settings)

    def _wait_for_stages(self) -> None:
        gpt, cfm, bigvgan = self._tts.gpt, self._tts.s2mel.models["cfm"], self._tts.bigvgan
        gpt.inference_speech = self._waiting(gpt.inference_speech)
        cfm.inference = self._waiting(cfm.inference)
        for module in (gpt, bigvgan):
            module.register_forward_hook(lambda *_: self.settle())

    def _waiting(self, real: Callable[..., Any]) -> Callable[..., Any]:
        def waiting(*args: Any, **kwargs: Any) -> Any:
            made = real(*args, **kwargs)
            self.settle()
            return made

        return waiting

    def encode(self) -> dict[str, Any]:
        """The clip processed anew, and nothing else but the text. Seconds of it that are used."""
        tts = self._tts
        lacking = [name for name in (*MEMORY, "cache_mel") if not hasattr(tts, name)]
        if lacking:
            raise WrongVersion(f"IndexTTS2 of this checkout has no {lacking[0]}")
        for name in MEMORY:
            setattr(tts, name, None)
        with heard() as ear:
            self._break_off()
        if tts.cache_spk_cond is None or tts.cache_emo_cond is None:
            raise WrongVersion("this index-tts does not keep what it made of the clip")
        self._reference = tts.cache_spk_cond
        settings = self._settings
        self._length = Length(tts, settings["version"], settings["text"], segments_of(ear.text))
        seconds = tts.cache_mel.shape[-1] * hop(tts) / rate(tts)
        return {
            "clip_s": min(LONGEST_CLIP, seconds),
            "findings": ["text-not-in-vocabulary"] if UNKNOWN in ear.text else [],
        }

    def _break_off(self) -> None:
        """``infer`` up to where the GPT would begin. Raises WrongVersion: it never does."""
        gpt = self._tts.gpt
        if getattr(gpt, "merge_emovec", None) is None:
            raise WrongVersion("the GPT of this checkout has no merge_emovec")

        def enough(*_: Any, **__: Any) -> Any:
            raise Enough

        gpt.merge_emovec = enough
        try:
            self._infer(verbose=True)
        except Enough:
            return
        finally:
            del gpt.merge_emovec  # the method of its class is there again
        raise WrongVersion("infer() of this checkout speaks without merge_emovec")

    def _infer(self, **more: Any) -> Any:
        settings = self._settings
        if settings["version"] == "2.5":
            more["lang"] = settings["lang"].upper()
        return self._tts.infer(
            spk_audio_prompt=settings["clip"], text=settings["text"], output_path=None, **more
        )

    def speak(self, seconds: float | None, seed: int) -> Any:
        """The whole sound; the reference is in memory."""
        if self._length is None:
            self.encode()
        assert self._length is not None
        self._torch.manual_seed(seed)
        with heard() as ear, self._length.forced(seconds) as limits:
            made = self._infer(**limits)
        if made is None:
            raise RuntimeError("infer() gave no sound: it swallows every IndexError")
        if not (isinstance(made, tuple) and len(made) == 2 and made[0] == rate(self._tts)):
            raise WrongVersion("infer() of this checkout does not give its rate and samples")
        if self._tts.cache_spk_cond is not self._reference:
            raise WrongVersion("this index-tts processed the same clip anew")
        self._stages = stages_of(ear.text, self._settings["version"])
        return made[1]

    def stream(self, seconds: float | None, seed: int) -> Iterator[Any]:
        """It yields whole segments only: not measured."""
        raise NotImplementedError

    def sound(self, piece: Any) -> Sound:
        """Samples of an array of int16, n × 1."""
        flat = piece.reshape(-1).tolist()
        return Sound(array("f", [value / 32767 for value in flat]), rate(self._tts))

    def check(self, made: float, seconds: float | None) -> None:
        """A length that was forced must be there to the token."""
        if seconds is not None and self._length is not None:
            self._length.check(made, seconds)

    def times(self) -> Times:
        """Seconds of the stages, as it printed them."""
        return Times(stages=self._stages)

    def settle(self) -> None:
        """Wait for the device."""
        torch_common.settle(self._torch, self._device)

    def memory(self) -> dict[str, int | None]:
        """Peaks of torch's own allocator."""
        return torch_common.memory(self._torch, self._device)

    def close(self) -> None:
        """The process ends right after: nothing need be unloaded."""
        self._tts = self._reference = self._length = None

    def abandon(self) -> None:
        """Nothing was started beside this program."""


def engine() -> IndexttsEngine:
    """A new engine."""
    return IndexttsEngine()
