"""The engine of IndexTTS order by order, in this process: the checkout, torch and librosa are
stand-ins."""

from __future__ import annotations

import importlib
import logging
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from checkout_stand_in import checkout, clip

from vcf.bench.child import indextts_checks, indextts_engine, indextts_loading
from vcf.bench.child.engine import WrongVersion
from vcf.bench.child.serve import Server

OURS = ("torch", "librosa", "indextts")
"""Packages of the stand-in."""


class Inside:
    """The engine and who gives it orders."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self._folder, self._patch = folder, monkeypatch
        self.engine = indextts_engine.engine()
        self.server = Server(self.engine)

    def settings(self, version: str, **more: Any) -> dict[str, Any]:
        """As the parent tells them."""
        given = {
            "repo": str(self._folder / "repo"), "folder": str(self._folder), "version": version,
            "checkout": "2.0.0+abc", "device": "cpu", "precision": "fp32", "deepspeed": False,
            "options": [], "compile": None, "text": "A word.", "lang": "en",
            "clip": str(clip(self._folder / "voice.wav")), "clip_text": None, "steps": None,
        }  # fmt: skip
        return {**given, **more}

    def until(
        self, last: str, version: str = "2.5", fault: str = "", length: float | None = 1.0,
        **more: Any,
    ) -> dict[str, Any]:  # fmt: skip
        """The answer to the last of the orders, or of the first that fails."""
        self._patch.setenv("CHECKOUT_FAULT", fault)
        told: dict[str, Any] = {}
        for name in ("prepare", "load", "encode", "speak", "close"):
            order: dict[str, Any] = {"do": name, "length": length, "seed": 7}
            if name == "prepare":
                order["settings"] = self.settings(version, **more)
            told = self.server.answer(order)
            if told["event"] == "failed" or name == last:
                return told
        return told


@pytest.fixture
def inside(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Inside]:
    kept = {name: sys.modules.pop(name) for name in list(sys.modules) if _ours(name)}
    checkout(tmp_path / "repo")
    (tmp_path / "config.yaml").write_text("version: 2.5\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    monkeypatch.setattr(indextts_engine, "spare_torchaudio", lambda: None)
    monkeypatch.setattr(indextts_engine, "is_spared", lambda: True)
    try:
        yield Inside(tmp_path, monkeypatch)
    finally:
        for name in [name for name in sys.modules if _ours(name)]:
            del sys.modules[name]
        sys.modules.update(kept)


def _ours(name: str) -> bool:
    return name.split(".")[0] in OURS


@pytest.mark.parametrize(("version", "gpt"), [("2", 1.75), ("2.5", 1.5)])
def test_order_by_order(inside: Inside, version: str, gpt: float) -> None:
    told = inside.until("prepare", version)
    assert told["can"] == ["encode", "fixed-length", "seed"]
    assert told["versions"]["indextts"] == "2.0.0+abc"
    assert told["findings"] == ["torchaudio-spared"]
    load = inside.server.answer({"do": "load"})
    assert (load["device"], load["precision"], load["compiled"]) == ("cpu", "fp32", None)
    encode = inside.server.answer({"do": "encode"})
    assert encode["clip_s"] == pytest.approx(430 * 256 / 22050) and encode["findings"] == []
    speak = inside.server.answer({"do": "speak", "length": 1.0, "seed": 7})
    assert speak["stages"] == {"gpt": gpt, "s2mel": 0.75, "vocoder": 0.5}
    assert speak["sound"]["audio_s"] == pytest.approx(86 * 256 / 22050, abs=1e-3)
    assert speak["sound"]["rms"] == pytest.approx(1000 / 32767, abs=1e-4)
    assert sys.modules["torch"].seeds == [7]
    natural = inside.server.answer({"do": "speak", "length": None, "seed": 8})
    assert natural["event"] == "done"
    streamed = inside.server.answer({"do": "stream", "length": None, "seed": 8})
    assert streamed["kind"] == "error"
    inside.engine.abandon()
    assert inside.server.answer({"do": "close"})["event"] == "done"


def test_the_clip_is_processed_once(inside: Inside) -> None:
    inside.until("speak")
    tts = inside.engine._tts
    first, calls = tts.cache_spk_cond, tts.gpt.calls
    assert calls == 1  # of the synthesis: the reference ended before
    inside.server.answer({"do": "speak", "length": 1.0, "seed": 7})
    assert tts.cache_spk_cond is first and tts.gpt.calls == 2
    inside.server.answer({"do": "encode"})
    assert tts.cache_spk_cond is not first and tts.gpt.calls == 2


def test_speaking_without_the_order_before(inside: Inside) -> None:
    inside.until("load")
    assert inside.server.answer({"do": "speak", "length": 1.0, "seed": 7})["event"] == "done"


KINDS = [
    ("oom@load", {}, "oom"), ("oom@speak", {}, "oom"), ("lost@load", {}, "broken-weights"),
    ("unloaded@load", {}, "broken-weights"), ("logged@load", {}, "broken-weights"),
    ("cpu@load", {}, "not-as-asked"), ("kernel@load", {"options": ["cuda-kernel"]}, "not-as-asked"),
    ("deepspeed@load", {"deepspeed": True}, "not-as-asked"),
    ("", {"deepspeed": True}, "not-as-asked"), ("", {"options": ["accel"]}, "not-as-asked"),
    ("eager@load", {"compile": True}, "not-as-asked"),
    ("", {"precision": "bf16"}, "not-as-asked"), ("", {"precision": "fp16"}, "not-as-asked"),
    ("never@reference", {}, "wrong-version"), ("forgets@reference", {}, "wrong-version"),
    ("uncounted@reference", {}, "wrong-version"), ("anew@speak", {}, "wrong-version"),
    ("renamed@speak", {}, "wrong-version"), ("other@speak", {}, "wrong-version"),
    ("none@speak", {}, "error"), ("short@speak", {}, "wrong-length"),
    ("fetch@reference", {}, "error"), ("", {"length": 1000.0}, "wrong-length"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "more", "kind"), KINDS, ids=lambda value: str(value))
def test_failures(inside: Inside, fault: str, more: dict[str, Any], kind: str) -> None:
    told = inside.until("speak", fault=fault, **more)
    assert (told["event"], told.get("kind")) == ("failed", kind)


def test_findings(inside: Inside, tmp_path: Path) -> None:
    long = clip(tmp_path / "long.wav", 16.0)
    told = inside.until("prepare", clip=str(long))
    assert told["findings"] == ["torchaudio-spared", "clip-cut"]


def test_a_text_in_pieces(inside: Inside) -> None:
    told = inside.until("load", fault="split@load", text="Word " * 10)
    assert told["findings"] == ["low-vram-split"]
    inside.server.answer({"do": "encode"})
    spoken = inside.server.answer({"do": "speak", "length": 2.0, "seed": 1})
    assert spoken["sound"]["audio_s"] == pytest.approx(2 * 86 * 256 / 22050, abs=1e-3)


def test_compiled(inside: Inside) -> None:
    assert inside.until("load", options=["compile"])["compiled"] is True


def test_what_is_not_there(inside: Inside, tmp_path: Path) -> None:
    repo = tmp_path / "repo"
    for name, text, words in (
        ("infer_v2_5.py", "IndexTTS = 1\n", "has no IndexTTS2"),
        ("infer_v2_5.py", "import indextts.other\n", "No module named 'indextts.other'"),
    ):
        (repo / "indextts" / name).write_text(text)
        told = inside.until("prepare")
        assert told["kind"] == "wrong-version" and words in told["text"]
        for known in [known for known in sys.modules if known.startswith("indextts")]:
            del sys.modules[known]
        importlib.invalidate_caches()
    (repo / "indextts" / "infer_v2_5.py").write_text("import nowhere_at_all\n")
    assert inside.until("prepare")["kind"] == "missing"


def test_imported_from_elsewhere(inside: Inside, tmp_path: Path) -> None:
    other = checkout(tmp_path / "other")
    sys.path.insert(0, str(other))
    assert inside.until("prepare", repo=str(other))["event"] == "done"
    told = inside.until("prepare")
    assert told["kind"] == "wrong-version" and "not the checkout" in told["text"]


def test_no_card(inside: Inside) -> None:
    told = inside.until("load", device="gpu")
    assert told["kind"] == "error" and "sees no GPU" in told["text"]


@pytest.mark.parametrize(
    ("name", "words"), [("cache_mel", "no cache_mel"), ("merge_emovec", "no merge_emovec")]
)
def test_parts_that_the_engine_leans_on(inside: Inside, name: str, words: str) -> None:
    inside.until("load")
    tts = inside.engine._tts
    if name == "cache_mel":
        del tts.cache_mel
    else:
        tts.gpt.merge_emovec = None
    told = inside.server.answer({"do": "encode"})
    assert told["kind"] == "wrong-version" and words in told["text"]


def test_on_a_card_the_ends_of_the_stages_are_waited_for(
    inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    engine, waits, hooks = inside.engine, list[str](), list[Any]()
    cfm = SimpleNamespace(inference=lambda x, steps: x + steps)
    gpt = SimpleNamespace(inference_speech=lambda: "codes", register_forward_hook=hooks.append)
    bigvgan = SimpleNamespace(register_forward_hook=hooks.append)
    s2mel = SimpleNamespace(models={"cfm": cfm})
    engine._tts = SimpleNamespace(gpt=gpt, s2mel=s2mel, bigvgan=bigvgan)
    monkeypatch.setattr(engine, "settle", lambda: waits.append("waited"))
    engine._wait_for_stages()
    assert cfm.inference(1, steps=2) == 3 and gpt.inference_speech() == "codes"
    assert len(waits) == 2
    for hook in hooks:
        hook(None, (), None)
    assert len(waits) == 4


def test_a_card(inside: Inside, monkeypatch: pytest.MonkeyPatch) -> None:
    """Half precision is asked for where it is to be had."""
    inside.until("prepare")
    torch: Any = sys.modules["torch"]
    torch.cuda = SimpleNamespace(is_available=lambda: True, synchronize=lambda: None)
    seen: list[str] = []
    monkeypatch.setattr(
        indextts_engine.IndexttsEngine, "_wait_for_stages", lambda _: seen.append("")
    )
    settings = inside.settings("2.5", device="gpu", precision="bf16")
    assert inside.server.answer({"do": "prepare", "settings": settings})["event"] == "done"
    told = inside.server.answer({"do": "load"})
    assert told["event"] == "done" and told["device"] == "cuda:0" and seen == [""]
    assert inside.engine._tts.use_bf16 is True


def test_precision_of_what_speaks() -> None:
    def model(**counts: int) -> Any:
        found = [SimpleNamespace(dtype=kind, numel=lambda n=n: n) for kind, n in counts.items()]
        return SimpleNamespace(parameters=lambda: found)

    gpt = model(fp32=1, bf16=9)
    assert indextts_loading._dtype(gpt) == "bf16"
    gpt.accel_engine = SimpleNamespace(model=model(fp16=1))
    assert indextts_loading._dtype(gpt) == "fp16"
    gpt.accel_engine, gpt.ds_engine = None, model(fp16=2, fp32=1)
    assert indextts_loading._dtype(gpt) == "fp16"


def test_rules_are_compiled_once(inside: Inside, tmp_path: Path, capsys: Any) -> None:
    inside.until("prepare")
    kept = tmp_path / "repo" / "indextts" / "utils" / "tagger_cache"
    kept.mkdir()
    (kept / "zh.fst").write_text("")
    capsys.readouterr()
    indextts_checks.build_rules()
    assert capsys.readouterr().out == ""
    (kept / "zh.fst").unlink()
    indextts_checks.build_rules()
    said = capsys.readouterr().out
    assert said == (">> built\n" if sys.platform.startswith("linux") else "")


def test_checkouts_that_fetch_through_the_hub_alone(inside: Inside) -> None:
    inside.until("prepare")
    sys.modules["indextts.utils.model_download"] = None  # type: ignore[assignment]
    indextts_checks.forbid_downloads()
    assert sys.modules["indextts.utils.model_download"] is None


def test_logs_of_others_are_left_alone() -> None:
    with indextts_checks.logged_noticed() as lost:
        logging.getLogger("transformers.modeling_utils").warning("newly initialized: ['a.b']")
        logging.getLogger("another").warning("x is not in the checkpoint")
    logging.getLogger("transformers.modeling_utils").warning("newly initialized: ['c']")
    assert lost == ["w2v-bert: a.b"]


def test_a_class_without_a_method() -> None:
    known = type("IndexTTS2", (), {})
    with pytest.raises(WrongVersion, match="__init__ of this checkout takes no cfg_path"):
        indextts_loading._check_arguments(known, "2")
