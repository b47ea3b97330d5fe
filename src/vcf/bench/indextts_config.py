"""What config.yaml of IndexTTS-2 and -2.5 says: numbers of the published models, for random
weights where no checkpoint with a config of its own is there.

Version 2: checkpoints/config.yaml of index-tts before commit 0d200c0. Version 2.5 differs in what
its loader and its repository on the hub tell: the text vocabulary, and a codec at half the rate.
"""

from __future__ import annotations

from typing import Any, Literal

Version = Literal["2", "2.5"]


def config(version: Version) -> dict[str, Any]:
    """As it stands in the file."""
    half = version == "2.5"
    codec = {
        "codebook_size": 8192, "hidden_size": 1024, "codebook_dim": 8, "vocos_dim": 384,
        "vocos_intermediate_dim": 2048, "vocos_num_layers": 12,
    }  # fmt: skip
    if half:
        codec["downsample_scale"] = 2
    return {
        "dataset": {"bpe_model": "bpe.model", "sample_rate": 24000},
        "gpt": _gpt(60509 if half else 12000),
        "semantic_codec": codec,
        "s2mel": _s2mel(),
        "gpt_checkpoint": "gpt.pth",
        "w2v_stat": "wav2vec2bert_stats.pt",
        "s2mel_checkpoint": "s2mel.pth",
        "emo_matrix": "feat2.pt",
        "spk_matrix": "feat1.pt",
        "emo_num": [3, 17, 2, 8, 4, 5, 10, 24],
        "qwen_emo_path": "qwen0.6bemo4-merge/",
        "vocoder": {"type": "bigvgan", "name": "nvidia/bigvgan_v2_22khz_80band_256x"},
        "version": float(version),
    }


def _gpt(text_tokens: int) -> dict[str, Any]:
    def conditioner(units: int, heads: int, blocks: int) -> dict[str, Any]:
        return {
            "output_size": 512, "linear_units": units, "attention_heads": heads,
            "num_blocks": blocks, "input_layer": "conv2d2", "perceiver_mult": 2,
        }  # fmt: skip

    return {
        "model_dim": 1280, "max_mel_tokens": 1815, "max_text_tokens": 600, "heads": 20,
        "use_mel_codes_as_input": True, "mel_length_compression": 1024, "layers": 24,
        "number_text_tokens": text_tokens, "number_mel_codes": 8194, "start_mel_token": 8192,
        "stop_mel_token": 8193, "start_text_token": 0, "stop_text_token": 1,
        "train_solo_embeddings": False, "condition_type": "conformer_perceiver",
        "condition_module": conditioner(2048, 8, 6),
        "emo_condition_module": conditioner(1024, 4, 4),
    }  # fmt: skip


def _s2mel() -> dict[str, Any]:
    spectrum = {
        "n_fft": 1024, "win_length": 1024, "hop_length": 256, "n_mels": 80, "fmin": 0,
        "fmax": "None",
    }  # fmt: skip
    return {
        "preprocess_params": {"sr": 22050, "spect_params": spectrum},
        "dit_type": "DiT",
        "reg_loss_type": "l1",
        "style_encoder": {"dim": 192},
        "length_regulator": {
            "channels": 512, "is_discrete": False, "in_channels": 1024,
            "content_codebook_size": 2048, "sampling_ratios": [1, 1, 1, 1],
            "vector_quantize": False, "n_codebooks": 1, "quantizer_dropout": 0.0,
            "f0_condition": False, "n_f0_bins": 512,
        },
        "DiT": {
            "hidden_dim": 512, "num_heads": 8, "depth": 13, "class_dropout_prob": 0.1,
            "block_size": 8192, "in_channels": 80, "style_condition": True,
            "final_layer_type": "wavenet", "target": "mel", "content_dim": 512,
            "content_codebook_size": 1024, "content_type": "discrete", "f0_condition": False,
            "n_f0_bins": 512, "content_codebooks": 1, "is_causal": False,
            "long_skip_connection": True, "zero_prompt_speech_token": False,
            "time_as_token": False, "style_as_token": False, "uvit_skip_connection": True,
            "add_resblock_in_transformer": False,
        },
        "wavenet": {
            "hidden_dim": 512, "num_layers": 8, "kernel_size": 5, "dilation_rate": 1,
            "p_dropout": 0.2, "style_condition": True,
        },
    }  # fmt: skip
