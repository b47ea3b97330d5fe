"""Loading IndexTTS as it is asked for, and what then is there.

It goes on otherwise without an error: without DeepSpeed where that does not import, without accel
and DeepSpeed where there is no CUDA, without the CUDA kernel where that can't be built, in fp32 on
a processor. Each of these is an error here.
"""

from __future__ import annotations

import importlib
import inspect
from pathlib import Path
from typing import Any

from .engine import BrokenWeights, NotAsAsked, Settings, WrongVersion
from .indextts_checks import forbid_downloads, lacked, logged_noticed, unloaded
from .indextts_length import is_split, rate
from .indextts_output import heard, refuse_fallbacks
from .torch_common import missing_noticed

MODULES = {"2": "indextts.infer_v2", "2.5": "indextts.infer_v2_5"}
HALF = {"2": ("use_fp16", "fp16"), "2.5": ("use_bf16", "bf16")}
"""The argument that asks for half precision, and which that is."""
OPTIONS = {
    "accel": "use_accel", "cuda-kernel": "use_cuda_kernel", "compile": "use_torch_compile",
    "deepspeed": "use_deepspeed",
}  # fmt: skip
PARTS = ("gpt", "semantic_model", "semantic_codec", "s2mel", "campplus_model", "bigvgan")
"""Whose parameters are counted: all that is loaded."""


def imported(repo: str, version: str) -> Any:
    """The class. Raises WrongVersion: the code is another than this was written for."""
    try:
        module = importlib.import_module(MODULES[version])
    except ModuleNotFoundError as error:
        if error.name is None or error.name.split(".")[0] != "indextts":
            raise
        raise WrongVersion(f"this checkout has no {MODULES[version]}: {error}") from error
    place = Path(module.__file__ or "").resolve()
    if Path(repo).resolve() not in place.parents:
        raise WrongVersion(f"{MODULES[version]} is imported from {place}, not the checkout")
    forbid_downloads()
    known = getattr(module, "IndexTTS2", None)
    if known is None:
        raise WrongVersion(f"{MODULES[version]} has no IndexTTS2")
    _check_arguments(known, version)
    return known


def _check_arguments(known: Any, version: str) -> None:
    half, _ = HALF[version]
    infer = ["spk_audio_prompt", "text", "output_path", "interval_silence", "verbose"]
    needed = {
        "__init__": ["cfg_path", "model_dir", "device", "use_qwen_emo", half, *OPTIONS.values()],
        "infer": [*infer, "generation_kwargs", *(["lang"] if version == "2.5" else [])],
    }
    for name, arguments in needed.items():
        method = getattr(known, name, None)
        there = inspect.signature(method).parameters if method is not None else {}
        lacking = [argument for argument in arguments if argument not in there]
        if lacking:
            raise WrongVersion(f"IndexTTS2.{name} of this checkout takes no {lacking[0]}")


def place(torch: Any, device: str) -> str:
    """``cpu`` or ``gpu`` as torch calls it. Raises RuntimeError: no GPU."""
    if device == "cpu":
        return "cpu"
    if torch.cuda.is_available():
        return "cuda:0"  # the parent hides other cards
    if hasattr(torch, "xpu") and torch.xpu.is_available():
        return "xpu"
    if torch.backends.mps.is_available():
        return "mps"
    raise RuntimeError("torch sees no GPU here: torch.cuda, XPU and MPS are not available")


def wanted_of(settings: Settings) -> set[str]:
    """What is to be used beside the plain way."""
    more = {name for name in ("compile", "deepspeed") if settings.get(name)}
    return set(settings.get("options") or ()) | more


def loaded(known: Any, torch: Any, device: str, settings: Settings) -> Any:
    """The model: all but the Qwen one, which only reads emotions out of words.

    Raises NotAsAsked, BrokenWeights (files lack tensors), and what the code raises.
    """
    wanted, version, folder = wanted_of(settings), settings["version"], settings["folder"]
    half, precision = HALF[version]
    asked = settings["precision"] != "fp32"
    if asked and settings["precision"] != precision and "deepspeed" not in wanted:
        raise NotAsAsked(f"version {version} knows {precision}, not {settings['precision']}")
    arguments = {name: option in wanted for option, name in OPTIONS.items()}
    arguments[half] = asked
    with (
        heard() as ear,
        missing_noticed(torch, lacked) as missing,
        logged_noticed() as lost,
    ):
        tts = known(
            cfg_path=str(Path(folder) / "config.yaml"), model_dir=folder, device=device,
            use_qwen_emo=False, **arguments,
        )  # fmt: skip
    refuse_fallbacks(ear.text)
    missing += lost + unloaded(tts, ear.text)
    if missing:
        raise BrokenWeights(
            f"the files lack {len(missing)} tensors of the model, {missing[0]} for one; "
            "index-tts would put random numbers in their place"
        )
    _check_as_asked(tts, device, wanted, half, asked)
    return tts


def _check_as_asked(tts: Any, device: str, wanted: set[str], half: str, asked: bool) -> None:
    """Raises NotAsAsked: some of what was asked for is passed over without a word."""
    if str(tts.device) != device:
        raise NotAsAsked(f"asked was {device}, it computes on {tts.device}")
    if bool(getattr(tts, half)) != asked:
        raise NotAsAsked(f"{half} is {getattr(tts, half)} on {tts.device}")
    there = {
        "cuda-kernel": bool(tts.use_cuda_kernel),
        "accel": getattr(tts.gpt, "accel_engine", None) is not None,
        "deepspeed": getattr(tts.gpt, "ds_engine", None) is not None,
        "compile": _compiled(tts),
    }
    for option, is_there in there.items():
        if option in wanted and not is_there:
            raise NotAsAsked(f"{option} was asked for and is not used on {tts.device}")


def _compiled(tts: Any) -> bool:
    return type(tts.s2mel.models["cfm"].estimator).__name__ == "OptimizedModule"


def told(tts: Any, torch: Any, settings: Settings) -> dict[str, Any]:
    """What is loaded, for the record. ``parameters``: of everything loaded."""
    names = {torch.float32: "fp32", torch.float16: "fp16", torch.bfloat16: "bf16"}
    parts = (getattr(tts, part) for part in PARTS)
    return {
        "device": str(tts.device),
        "precision": names.get(_dtype(tts.gpt)),
        # by itself nothing is compiled: that is no finding
        "compiled": _compiled(tts) if "compile" in wanted_of(settings) else None,
        "threads": int(torch.get_num_threads()),
        "parameters": sum(one.numel() for part in parts for one in part.parameters()),
        "sample_rate_hz": rate(tts),
        "findings": ["low-vram-split"] if is_split(tts, settings["text"]) else [],
    }


def _dtype(gpt: Any) -> Any:
    """Of most numbers of what speaks: the GPT, or what DeepSpeed and accel made of it."""
    engine = getattr(gpt, "ds_engine", None)
    accel = getattr(getattr(gpt, "accel_engine", None), "model", None)
    speaking = next((one for one in (engine, accel) if one is not None), gpt)
    counts: dict[Any, int] = {}
    for one in speaking.parameters():
        counts[one.dtype] = counts.get(one.dtype, 0) + one.numel()
    return max(counts, key=lambda kind: counts[kind], default=None)
