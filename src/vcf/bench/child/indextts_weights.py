"""Writes random weights of IndexTTS in the true shapes: builds the modules of the user's own
checkout, which torch fills with random numbers, and saves what they hold under the names that the
loader expects.

Runs in the checkout's interpreter, as a plain script::

    python indextts_weights.py '{"repo": …, "folder": …, "version": "2.5", "config": {…}}'

A line of JSON on standard output for each file: ``{"event": "written", "file": …, "bytes": …,
"parameters": …}``, at the end ``{"event": "done"}``; ``{"event": "failed", "text": …}`` where it
fails. The folder is there and empty, or holds what the parent wrote; nothing else is touched.

Written against index-tts at ee40fa7. The numbers that torch's own modules begin with are small
enough that nothing overflows.
"""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import stat
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

BIGVGAN = {
    "resblock": "1", "num_gpus": 0, "batch_size": 4, "learning_rate": 1e-4, "seed": 1234,
    "upsample_rates": [4, 4, 2, 2, 2, 2], "upsample_kernel_sizes": [8, 8, 4, 4, 4, 4],
    "upsample_initial_channel": 1536, "resblock_kernel_sizes": [3, 7, 11],
    "resblock_dilation_sizes": [[1, 3, 5], [1, 3, 5], [1, 3, 5]],
    "use_tanh_at_final": False, "use_bias_at_final": False,
    "activation": "snakebeta", "snake_logscale": True,
    "num_mels": 80, "n_fft": 1024, "hop_size": 256, "win_size": 1024,
    "sampling_rate": 22050, "fmin": 0, "fmax": None,
}  # fmt: skip
"""Shapes of nvidia/bigvgan_v2_22khz_80band_256x: 112.2 M parameters."""
W2V_BERT = {
    "hidden_size": 1024, "num_hidden_layers": 24, "num_attention_heads": 16,
    "intermediate_size": 4096, "feature_projection_input_dim": 160, "hidden_act": "swish",
    "position_embeddings_type": "relative_key", "left_max_position_embeddings": 64,
    "right_max_position_embeddings": 8, "conv_depthwise_kernel_size": 31, "add_adapter": False,
}  # fmt: skip
"""Shapes of facebook/w2v-bert-2.0: 580.5 M parameters."""
FEATURES = {
    "feature_size": 80, "num_mel_bins": 80, "sampling_rate": 16000, "stride": 2,
    "padding_value": 1.0,
}  # fmt: skip
"""How it wants to hear sound."""
STYLE, WIDTH, HIDDEN = 192, 1280, 1024
"""Width of a CAMPPlus vector, of the GPT, of w2v-BERT."""

DISK = ("inline_container", "PytorchStreamWriter", "No space left", "File too large", "quota",
        "SafetensorError: Error while serializing: I/O error")  # fmt: skip
"""How torch, safetensors and the system say that a file can't be written to its end."""
Made = tuple[str, Any, int]
"""File, what stands in it, parameters."""


def main() -> None:
    """Write all of them."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)  # what the modules print is no answer
    sys.stdout = sys.stderr

    def tell(**event: Any) -> None:
        print(json.dumps(event), file=answers, flush=True)

    def gone() -> None:
        sys.stdin.read()  # ends when whoever started this is no more
        os._exit(1)

    if stat.S_ISFIFO(os.fstat(0).st_mode):  # else nobody holds the other end
        threading.Thread(target=gone, daemon=True).start()
    try:
        asked = json.loads(sys.argv[1])
        _prepare(asked["repo"])
        write(Path(asked["folder"]), asked["version"], asked["config"], tell)
    except Exception as error:
        text = f"{type(error).__name__}: {error}"
        tell(event="failed", text=text[:500], disk=any(words in text for words in DISK))
        raise
    tell(event="done")


def _prepare(repo: str) -> None:
    """The checkout's modules, not those beside this file; torchaudio without its compiled part
    where that does not load."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != here]
    sys.path.insert(0, repo)
    spec = importlib.util.spec_from_file_location("shim", here.parent / "torchaudio_shim.py")
    assert spec is not None and spec.loader is not None
    shim = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(shim)
    shim.spare_torchaudio()


def write(folder: Path, version: str, config: Any, tell: Callable[..., None]) -> None:
    """The files, one after the other; each is gone from memory before the next is made.

    ``config``: what config.yaml says. Raises what torch, the disk and the modules raise."""
    torch: Any = importlib.import_module("torch")
    torch.manual_seed(0)
    cfg: Any = importlib.import_module("omegaconf").OmegaConf.create(config)
    cache = folder / "hf_cache"
    for made in (
        _gpt(cfg, version), _s2mel(cfg, version), _codec(cfg, version), _matrices(cfg, torch),
        _bigvgan(cache), _campplus(),
    ):  # fmt: skip
        for name, content, parameters in made:
            file = folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            if name.endswith(".safetensors"):
                importlib.import_module("safetensors.torch").save_model(content, str(file))
            else:
                torch.save(content, file)
            del content
            tell(event="written", file=name, bytes=file.stat().st_size, parameters=parameters)
    for name, parameters in _w2v(cache / "w2v-bert-2.0"):
        size = (folder / name).stat().st_size
        tell(event="written", file=name, bytes=size, parameters=parameters)


def _count(module: Any) -> int:
    return sum(each.numel() for each in module.parameters())


def _gpt(cfg: Any, version: str) -> Iterator[Made]:
    voice: Any = importlib.import_module("indextts.gpt.model_v2").UnifiedVoice
    more = {"spk_cond_mode": "campplus"} if version == "2.5" else {}
    module = voice(**cfg.gpt, **more)
    yield cfg.gpt_checkpoint, module.state_dict(), _count(module)


def _s2mel(cfg: Any, version: str) -> Iterator[Made]:
    """Without the state of training that the published file of version 2 holds."""
    kind: Any = importlib.import_module("indextts.s2mel.modules.commons").MyModel
    module = kind(cfg.s2mel, use_gpt_latent=version == "2")
    net = {name: part.state_dict() for name, part in module.models.items()}
    yield cfg.s2mel_checkpoint, {"net": net}, _count(module)


def _codec(cfg: Any, version: str) -> Iterator[Made]:
    if version == "2.5":
        kind: Any = importlib.import_module("indextts.codec.models").EnhancedCodec
        module = kind(**cfg.semantic_codec, cfg=cfg.semantic_codec)
        yield "codec.pth", {"model": module.state_dict()}, _count(module)
        return
    build: Any = importlib.import_module("indextts.codec.maskgct_codec").build_semantic_codec
    module = build(cfg.semantic_codec)
    yield "hf_cache/semantic_codec_model.safetensors", module, _count(module)


def _matrices(cfg: Any, torch: Any) -> Iterator[Made]:
    """Voices and emotions by vector, and how w2v-BERT's numbers are spread."""
    rows = sum(cfg.emo_num)
    yield cfg.spk_matrix, torch.randn(rows, STYLE), 0
    yield cfg.emo_matrix, torch.randn(rows, WIDTH) * 0.02, 0
    yield cfg.w2v_stat, {"mean": torch.zeros(HIDDEN), "var": torch.ones(HIDDEN)}, 0


def _bigvgan(cache: Path) -> Iterator[Made]:
    found: Any = importlib.import_module("indextts.s2mel.modules.bigvgan.bigvgan")
    place = cache / "bigvgan"
    place.mkdir(parents=True, exist_ok=True)
    text = json.dumps(BIGVGAN, indent=2) + "\n"
    (place / "config.json").write_text(text, encoding="utf-8", newline="\n")
    module = found.BigVGAN(found.load_hparams_from_json(str(place / "config.json")))
    parameters = _count(module)
    state = module.state_dict()
    yield "hf_cache/bigvgan/bigvgan_generator.pt", {"generator": state}, parameters


def _campplus() -> Iterator[Made]:
    kind: Any = importlib.import_module("indextts.s2mel.modules.campplus.DTDNN").CAMPPlus
    module = kind(feat_dim=80, embedding_size=STYLE)
    yield "hf_cache/campplus_cn_common.bin", module.state_dict(), _count(module)


def _w2v(place: Path) -> Iterator[tuple[str, int]]:
    found: Any = importlib.import_module("transformers")
    found.SeamlessM4TFeatureExtractor(**FEATURES).save_pretrained(place)
    module = found.Wav2Vec2BertModel(found.Wav2Vec2BertConfig(**W2V_BERT))
    module.save_pretrained(place, max_shard_size="10GB")
    yield "hf_cache/w2v-bert-2.0/model.safetensors", _count(module)


if __name__ == "__main__":
    main()
