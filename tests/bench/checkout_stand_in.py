"""A checkout of index-tts that computes nothing: a folder with packages of the same names.

It imitates index-tts at ee40fa7, as far as the engine touches it: the class ``IndexTTS2`` of
``indextts.infer_v2`` and ``infer_v2_5`` with the arguments of its ``__init__`` and ``infer``; the
lines that these print (see transcripts/); what it keeps of a clip; the length that
``max_mel_tokens`` and ``suppress_tokens`` force, and (22050, int16 n × 1); how it goes on without
DeepSpeed, accel or the CUDA kernel; how its loader passes over tensors that a file lacks. Beside
it stand a ``torch`` and a ``librosa`` with the few names that are asked for. All of it was written
for vcf; nothing is copied but what the program prints.

What is to go wrong stands in CHECKOUT_FAULT, ``KIND@PLACE``, places being ``import``, ``load``,
``reference``, ``speak``: abort, oom, hang; renamed, quiet (lines of times), uncounted (segments);
old (an argument less); deepspeed, kernel, cpu (it goes on otherwise); lost, unloaded, logged
(tensors); short, none, anew (the clip is processed each time), never (speaks without the GPT step
that the engine looks for); split (a small card); outside (imported from elsewhere).
"""

from __future__ import annotations

import struct
import wave
from pathlib import Path
from typing import Any

COMMIT = "0123456789abcdef0123456789abcdef01234567"
FILES = {
    "pyproject.toml": '[build]\nversion = "9"\n[project]\nname = "indextts"\nversion = "2.0.0"\n',
    ".git/HEAD": "ref: refs/heads/main\n",
    ".git/refs/heads/main": COMMIT + "\n",
    "indextts/__init__.py": "",
    "indextts/utils/__init__.py": "",
    "indextts/utils/front.py": """
class TextNormalizer:
    def load(self):
        print(">> built")
""",
    "indextts/utils/model_download.py": """
def _download_single_file(repo_id, filename, local_path):
    raise SystemExit("a download was begun")
""",
    "torch/__init__.py": '''
"""Stands in for torch."""
from types import SimpleNamespace

__version__ = "2.99.0+stand.in"
float32, float16, bfloat16 = "float32", "float16", "bfloat16"
cuda = SimpleNamespace(is_available=lambda: False)
backends = SimpleNamespace(mps=SimpleNamespace(is_available=lambda: False))
seeds = []


def manual_seed(seed):
    seeds.append(seed)


def get_num_threads():
    return 2


class Parameter:
    dtype = float32

    def __init__(self, count):
        self.count = count

    def numel(self):
        return self.count


class Module:
    def __init__(self, *counts):
        self.own = {f"layer{i}": Parameter(count) for i, count in enumerate(counts)}

    def named_parameters(self):
        return iter(self.own.items())

    def parameters(self):
        return iter(self.own.values())

    def load_state_dict(self, state, strict=True):
        lost = [name for name in [*self.own, "positions"] if name not in state]
        return SimpleNamespace(missing_keys=lost, unexpected_keys=[])


nn = SimpleNamespace(Module=Module)
''',
    "librosa/__init__.py": '''
"""Stands in for librosa."""
import wave


def load(file, sr, mono):
    return [], sr


def get_duration(path):
    with wave.open(path) as sound:
        return sound.getnframes() / sound.getframerate()
''',
    "indextts/s2mel.py": """
from types import SimpleNamespace

import torch


class OptimizedModule:
    pass


class Parts(torch.nn.Module):
    def __init__(self, names):
        super().__init__(103)
        self.models = {name: SimpleNamespace(estimator=None) for name in names}
""",
}
"""Path → text of all that is the same in both versions."""

CODE = '''
"""Stands in for the code of version @VERSION@."""
import importlib
import logging
import os
import time
from array import array
from types import SimpleNamespace

import torch

from indextts.s2mel import OptimizedModule, Parts

VERSION = "@VERSION@"
TIMES = {"gpt_gen_time": 1.5, "gpt_forward_time": 0.25, "s2mel_time": 0.75, "bigvgan_time": 0.5}


def fault(place):
    kind, _, where = os.environ.get("CHECKOUT_FAULT", "").partition("@")
    if where != place:
        return ""
    if kind == "abort":
        os.abort()
    if kind == "hang":
        time.sleep(600)
    if kind == "oom":
        raise RuntimeError("DefaultCPUAllocator: can't allocate memory")
    return kind


fault("import")


class Samples:
    def __init__(self, count):
        self.values = array("h", [1000, -1000] * (count // 2))

    def reshape(self, _):
        return self

    def tolist(self):
        return self.values.tolist()


class Voice(torch.nn.Module):
    def __init__(self, *counts):
        super().__init__(*counts)
        self.calls = 0

    def merge_emovec(self):
        self.calls += 1


class IndexTTS2:
    def __init__(self, cfg_path="checkpoints/config.yaml", model_dir="checkpoints", @HALF@=False,
                 device=None, use_cuda_kernel=None, use_deepspeed=False, @ACCEL@=False,
                 use_torch_compile=False, use_qwen_emo=False):
        wrong = fault("load")
        self.device = "cpu:0" if wrong == "cpu" else device
        self.@HALF@ = False if device == "cpu" else @HALF@
        self.use_cuda_kernel = bool(use_cuda_kernel)
        self.low_vram = wrong == "split"
        self.stop_mel_token = 8193
        spect = {"hop_length": 256}
        self.cfg = SimpleNamespace(
            gpt=SimpleNamespace(max_mel_tokens=1815),
            s2mel={"preprocess_params": {"sr": 22050, "spect_params": spect}},
        )
        with open(cfg_path, encoding="utf-8") as file:
            file.read()
        @START_LINES@
        print(">> QwenEmotion not loaded (use_qwen_emo=False)")
        self.gpt = Voice(812, 1)
        state = {"layer0": 1} if wrong == "lost" else {"layer0": 1, "layer1": 1}
        self.gpt.load_state_dict(state, strict=False)
        print(">> GPT weights restored from:", os.path.join(model_dir, "gpt.pth"))
        if use_deepspeed and wrong == "deepspeed":
            print(">> Failed to load DeepSpeed. Falling back to normal inference. Error: no module")
        if use_cuda_kernel and wrong == "kernel":
            print(">> Failed to load custom CUDA kernel for BigVGAN. Falling back to torch.")
        self.semantic_model = torch.nn.Module(580)
        self.semantic_codec = torch.nn.Module(50)
        self.semantic_codec.downsample_scale = 2
        if wrong == "logged":
            log = logging.getLogger("indextts.codec.models")
            log.warning("%s is not in the checkpoint or shape mismatch", "up.weight")
        @CODEC_LINES@
        names = ["cfm", "length_regulator"@GPT_LAYER@]
        self.s2mel = Parts(names)
        for name in names[: 1 if wrong == "unloaded" else None]:
            print("%s loaded" % name)
        if use_torch_compile:
            print(">> Enabling torch.compile optimization")
            if wrong != "eager":
                self.s2mel.models["cfm"].estimator = OptimizedModule()
            print(">> torch.compile optimization enabled successfully")
        print(">> s2mel weights restored from:", os.path.join(model_dir, "s2mel.pth"))
        self.campplus_model = torch.nn.Module(7)
        campplus = os.path.join(model_dir, "hf_cache", "campplus_cn_common.bin")
        print(">> campplus_model weights restored from:", campplus)
        self.bigvgan = torch.nn.Module(112)
        print("Loading config.json from local directory")
        print("Loading weights from local directory")
        print("Removing weight norm...")
        print(">> bigvgan weights restored from:", os.path.join(model_dir, "hf_cache", "bigvgan"))
        @BPE_LINES@
        for name in ("spk_cond", "spk_audio_prompt", "emo_cond", "emo_audio_prompt", "mel"):
            setattr(self, "cache_" + name, None)

    def split_text_by_punctuation(self, text, max_chars):
        return [text[:max_chars], text[max_chars:]]

    def infer(self, spk_audio_prompt, text, output_path, @LANG@interval_silence=200, verbose=False,
              **generation_kwargs):
        if self.low_vram and len(text) > 40:
            parts = self.split_text_by_punctuation(text, 40)
            made = [self._one(spk_audio_prompt, part, verbose, dict(generation_kwargs))
                    for part in parts]
            return 22050, Samples(sum(len(each[1].values) for each in made))
        try:
            return self._one(spk_audio_prompt, text, verbose, generation_kwargs)
        except IndexError:
            return None

    def _one(self, clip, text, verbose, kwargs):
        print(">> starting inference...")
        if verbose:
            print(f"origin text:{text}, spk_audio_prompt:{clip}, emo_audio_prompt:None, "
                  "emo_alpha:1.0, emo_vector:None, use_emo_text:False, emo_text:None")
        wrong = fault("reference") if verbose else fault("speak")
        if wrong == "fetch":
            importlib.import_module("indextts.utils.model_download")._download_single_file(
                "facebook/w2v-bert-2.0", "model.safetensors", "/")
        if self.cache_spk_cond is None or self.cache_spk_audio_prompt != clip or wrong == "anew":
            self.cache_spk_cond = self.cache_emo_cond = None
            if wrong != "forgets":
                self.cache_spk_cond, self.cache_emo_cond = object(), object()
            self.cache_spk_audio_prompt = self.cache_emo_audio_prompt = clip
            self.cache_mel = SimpleNamespace(shape=(1, 80, 430))
        @TEXT_LINES@
        if verbose and wrong != "uncounted":
            print("segments count:", 1)
        if verbose:
            print("max_text_tokens_per_segment:", 120)
        if wrong != "never":
            self.gpt.merge_emovec()
        print("Use the specified emotion vector")
        tokens = kwargs.pop("max_mel_tokens", 1500)
        if kwargs.pop("suppress_tokens", None) != [8193]:
            tokens = 100
        assert not kwargs, kwargs
        if wrong == "short":
            tokens = tokens // 2
        if wrong == "none":
            raise IndexError
        samples = int(tokens * @CODES@ * 1.72) * 256
        print(f"torch.Size([1, {samples}])")
        for name, seconds in TIMES.items():
            if name == "gpt_forward_time" and VERSION == "2.5" or wrong == "quiet":
                continue
            if wrong == "renamed":
                name = name.replace("s2mel", "flow")
            print(f">> {name}: {seconds:.2f} seconds")
        print(f">> Total inference time: {3.0:.2f} seconds")
        print(f">> Generated audio length: {samples / 22050:.2f} seconds")
        print(f">> RTF: {3.0 / (samples / 22050):.4f}")
        return (22050, Samples(samples)) if wrong != "other" else "gen.wav"
'''

DIFFERENCES = {
    "2": {
        "VERSION": "2", "HALF": "use_fp16", "LANG": "", "CODES": "1",
        "GPT_LAYER": ', "gpt_layer"', "TEXT_LINES": "pass",
        "START_LINES": 'print(">> All auxiliary models ready.")',
        "CODEC_LINES": 'codec = os.path.join(model_dir, "hf_cache", '
        '"semantic_codec_model.safetensors")\n'
        '        print(">> semantic_codec weights restored from: {}".format(codec))',
        "BPE_LINES": 'print(">> TextNormalizer loaded")\n'
        '        print(">> bpe model loaded from:", os.path.join(model_dir, "bpe.model"))',
    },
    "2.5": {
        "VERSION": "2.5", "HALF": "use_bf16", "LANG": "lang, ", "CODES": "2", "GPT_LAYER": "",
        "TEXT_LINES": 'print(f"text after normalization: {text}")',
        "CODEC_LINES": 'codec = os.path.join(model_dir, "codec.pth")\n'
        '        print(">> semantic_codec weights restored from:", codec)\n'
        '        print(">> semantic_codec weights restored cost: ", 4.5)',
        "BPE_LINES": "pass", "START_LINES": "pass",
    },
}  # fmt: skip
MODULES = {"2": "infer_v2", "2.5": "infer_v2_5"}


def code(version: str, *, old: bool = False) -> str:
    """The module of a version; ``old``: it knows no accel yet."""
    text = CODE
    changes = {**DIFFERENCES[version], "ACCEL": "use_speed" if old else "use_accel"}
    for name, instead in changes.items():
        text = text.replace(f"@{name}@", instead)
    return text


def checkout(folder: Path, *versions: str, old: bool = False) -> Path:
    """Make one in ``folder``, with the code of these versions (both)."""
    texts = {f"indextts/{MODULES[v]}.py": code(v, old=old) for v in versions or ("2", "2.5")}
    for name, text in {**FILES, **texts}.items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return folder


def clip(file: Path, seconds: float = 5.0) -> Path:
    """A silent clip."""
    with wave.open(str(file), "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(bytes(2 * int(8000 * seconds)))
    return file


def models(folder: Path, files: Any) -> Path:
    """A models' folder with ``files`` as they should be (``checkout_files.expected``): of their
    true sizes and with nothing in them, so that they take no room."""
    for expected in files:
        file = folder / expected.path
        file.parent.mkdir(parents=True, exist_ok=True)
        with file.open("wb") as stream:
            size = max(expected.size, expected.least)
            if file.suffix == ".safetensors":
                stream.write(table(size))
            elif expected.weights:
                stream.write(b"\x80\x02")
            else:
                size = max(size, 2)
            stream.truncate(size)
    return folder


def table(size: int) -> bytes:
    """The head of a safetensors file of ``size`` bytes."""
    text = b""
    for _ in range(3):  # its length depends on the figure in it
        data = size - 8 - len(text)
        text = b'{"a":{"dtype":"U8","shape":[%d],"data_offsets":[0,%d]}}' % (data, data)
        text += b" " * (-len(text) % 64)
    return struct.pack("<Q", len(text)) + text
