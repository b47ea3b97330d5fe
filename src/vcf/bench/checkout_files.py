"""Files that IndexTTS opens, their sizes and where they come from; as of index-tts ee40fa7.

Sizes are those of the hubs' file lists where one was found (exact), else what the shapes make
(about). Of the published s2mel.pth of version 2, which also holds the state of training, no more
than its weights are needed.
"""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from .indextts_config import Version
from .indextts_vocabulary import TIKTOKEN

HUB = "https://huggingface.co/"
MODELS: Mapping[Version, str] = {"2": "IndexTeam/IndexTTS-2", "2.5": "IndexTeam/IndexTTS-2.5"}
"""Repositories of the models themselves."""
W2V, BIGVGAN = "facebook/w2v-bert-2.0", "nvidia/bigvgan_v2_22khz_80band_256x"
CAMPPLUS, MASKGCT = "funasr/campplus", "amphion/MaskGCT"


HALF = 2
"""Bytes of a number in half precision: a file that was converted to it is loaded as well."""


class Expected(msgspec.Struct, frozen=True, kw_only=True):
    """One file."""

    path: str
    """In the models' folder, with slashes."""
    repo: str
    """On the hub: ``IndexTeam/IndexTTS-2.5``."""
    remote: str
    """Its path there."""
    size: int
    """Bytes; 0: a small text of no fixed size."""
    least: int
    """Bytes that it has at the least: fewer, and it is cut short or no such file at all."""
    weights: bool = False
    """Whether it holds tensors."""

    @property
    def source(self) -> str:
        """Where to look for it."""
        return f"{HUB}{self.repo}"


def _weights(path: str, repo: str, size: int, parameters: int, remote: str = "") -> Expected:
    return Expected(
        path=path, repo=repo, remote=remote or path.rpartition("/")[2], size=size,
        least=HALF * parameters, weights=True,
    )  # fmt: skip


def _text(path: str, repo: str, least: int = 2, size: int = 0) -> Expected:
    return Expected(path=path, repo=repo, remote=path.rpartition("/")[2], size=size, least=least)


def expected(version: Version, names: Mapping[str, str]) -> list[Expected]:
    """All of them. ``names``: files that the config.yaml of the models' folder names."""
    own = MODELS[version]
    files = [_text("config.yaml", own, 100)]
    if version == "2.5":
        files += [
            _weights(names["gpt_checkpoint"], own, 3_259_599_833, 812_289_460),
            _weights(names["s2mel_checkpoint"], own, 414_908_601, 103_175_760),
            _weights("codec.pth", own, 607_290_935, 50_583_312),
            _text(TIKTOKEN, own, 100_000, 907_395),
        ]
    else:
        files += [
            _weights(names["gpt_checkpoint"], own, 3_480_000_000, 865_980_639),
            _weights(names["s2mel_checkpoint"], own, 1_200_000_000, 103_668_688),
            _text(names["bpe_model"], own, 10_000),
            _weights(
                "hf_cache/semantic_codec_model.safetensors", MASKGCT, 177_000_000, 44_289_808,
                "semantic_codec/model.safetensors",
            ),
        ]  # fmt: skip
    return [
        *files,
        _weights(names["spk_matrix"], own, 57_170, 73 * 192),
        _weights(names["emo_matrix"], own, 374_866, 73 * 1280),
        _weights(names["w2v_stat"], own, 9_343, 2 * 1024),
        _text("hf_cache/w2v-bert-2.0/config.json", W2V),
        _text("hf_cache/w2v-bert-2.0/preprocessor_config.json", W2V),
        _weights("hf_cache/w2v-bert-2.0/model.safetensors", W2V, 2_322_063_736, 580_493_120),
        _text("hf_cache/bigvgan/config.json", BIGVGAN),
        _weights("hf_cache/bigvgan/bigvgan_generator.pt", BIGVGAN, 449_215_283, 112_231_249),
        _weights("hf_cache/campplus_cn_common.bin", CAMPPLUS, 28_000_000, 6_848_544),
    ]  # fmt: skip
