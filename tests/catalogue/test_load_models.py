"""A models file: what is wrong is named by file and place; what is right is joined and judged."""

from __future__ import annotations

import importlib.util
import json
import sys
import types
from pathlib import Path

import msgspec
import pytest

from vcf.api import assess
from vcf.catalogue import load as loading
from vcf.catalogue.load import build, digest, load_catalogue
from vcf.catalogue.model import Catalogue
from vcf.catalogue.names import find_models
from vcf.errors import CatalogueError
from vcf.judge.context import Context
from vcf.judge.subject import subjects
from vcf.machine.load import load_machine

ROOT = Path(__file__).parents[2]


@pytest.fixture
def refused(tmp_path: Path):
    """The error of loading a text (or bytes) as a models file, its folder cut off."""

    def load(content: str | bytes, name: str = "mine.yaml") -> CatalogueError:
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        with pytest.raises(CatalogueError) as caught:
            load_catalogue(path)
        error = caught.value
        error.message = error.message.replace(f"{tmp_path}/", "")
        assert "\n" not in error.message + error.hint
        return error

    return load


MODE = "models: {voxcpm-2: {modes: {cpu-fp32: %s}}}"

WRONG = [
    # text, message after "mine.yaml", hint (or what it begins with)
    (MODE % "{memroy: {}}",
     ": models.voxcpm-2.modes.cpu-fp32: unknown field 'memroy'", "did you mean 'memory'?"),
    (MODE % "{memory: {host_run: {need_gib: lots}}}",
     ": models.voxcpm-2.modes.cpu-fp32: memory.host_run.need_gib: expected 'float', got 'str'", ""),
    (MODE % "{memory: {host_run: {nead_gib: 3}}}",
     ": models.voxcpm-2.modes.cpu-fp32: memory.host_run: unknown field 'nead_gib'",
     "did you mean 'need_gib'?"),
    (MODE % "{memory: {host_run: {need_gib: -1}}}",
     ": models.voxcpm-2.modes.cpu-fp32: memory.host_run.need_gib: expected 'float' >= 0.0", ""),
    (MODE % "{memory: {device: {need_gib: 1, low_gib: 1, high_gib: 1, basis: official}}}",
     ": models.voxcpm-2.modes.cpu-fp32: memory.device: missing required field 'sources'", ""),
    (MODE % "{memory: {host_run: {sources: [nowhere]}}}",
     ": models.voxcpm-2.modes.cpu-fp32.sources: no source is called 'nowhere'",
     "define it under sources"),
    (MODE % "{disk: {sources: []}}",
     ": models.voxcpm-2.modes.cpu-fp32: disk.sources: expected 'array' of length >= 1", ""),
    (MODE % "{runtime: voxcpm-pytorc}",
     ": models.voxcpm-2.modes.cpu-fp32.runtime: no runtime is called 'voxcpm-pytorc'",
     "did you mean 'voxcpm-pytorch'?"),
    (MODE % "{runtime: zzz}",
     ": models.voxcpm-2.modes.cpu-fp32.runtime: no runtime is called 'zzz'",
     "define it under runtimes"),
    (MODE % "{recipe: zzz}",
     ": models.voxcpm-2.modes.cpu-fp32.recipe: no recipe is called 'zzz'",
     "define it under recipes"),
    (MODE % "7", ": models.voxcpm-2.modes.cpu-fp32: expected 'object', got 'int'", ""),
    ("models: {voxcpm-1.5: {modes: {cpu-fp32: {runs_as: {apple: vllm}}}}}",
     ": models.voxcpm-1.5.modes.cpu-fp32.runs_as: no mode is called 'vllm'",
     "did you mean 'nano-vllm'?"),
    ("models: {voxcpm-2: {modes: {cpu-int3: {runtime: online}}}}",
     ": models.voxcpm-2: modes: invalid enum value 'cpu-int3'", "one of: cpu-bf16, cpu-fp32, "),
    ("models: {voxcpm-2: {modes: 7}}",
     ": models.voxcpm-2: modes: expected 'object', got 'int'", ""),
    ("models: {voxcpm-2: {licence: {source: nowhere}}}",
     ": models.voxcpm-2.licence: no source is called 'nowhere'", "define it under sources"),
    ("models: {voxcpm-2: {sample_rate_hz: 5}}",
     ": models.voxcpm-2: sample_rate_hz: expected 'int' >= 8000", ""),
    ("models: {mine: {name: Mine}}", ": models.mine: missing required field 'family'", ""),
    ("models: {voxcpm-2: 7}", ": models.voxcpm-2: expected 'object', got 'int'", ""),
    ("models: [1]", ": models: expected 'object', got 'array'", ""),
    ("sources: {mine: {title: x}}", ": sources.mine: missing required field 'date'", ""),
    ("recipes: {r: {install: {bsd: [x]}}}",
     ": recipes.r: install: invalid enum value 'bsd'", "one of: any, linux, macos, windows"),
    ("recipes: {r: {instal: {}}}",
     ": recipes.r: unknown field 'instal'", "did you mean 'install'?"),
    ("runtimes: {voxcpm-pytorch: {effort: 7}}",
     ": runtimes.voxcpm-pytorch: effort: expected 'int' <= 3", ""),
    ("runtimes: {voxcpm-pytorch: {needs: {systems: [beos]}}}",
     ": runtimes.voxcpm-pytorch: needs.systems[0]: invalid enum value 'beos'",
     "one of: linux, macos, windows"),
    ("runtimes: {voxcpm-pytorch: {speed: {tpu: {}}}}",
     ": runtimes.voxcpm-pytorch: speed: invalid enum value 'tpu'",
     "one of: amd, apple, cpu, intel, nvidia"),
    ("modells: {}", ": unknown field 'modells'", "did you mean 'models'?"),
    ("zzz: {}", ": unknown field 'zzz'", "known fields: schema, updated, sources, "),
    ("schema: vcf.models/2",
     ": schema: invalid enum value 'vcf.models/2'", "one of: vcf.models/1"),
    ("", ": is empty", ""),
    ("- a\n- b", ": holds a list where a mapping (key: value) is expected", ""),
    ("just words", ": holds a str where a mapping (key: value) is expected", ""),
    ("a: &x [1]\nb: *x", ":1: anchors and aliases (& and *) are not accepted",
     "write the values out"),
    ("models: {}\nmodels: {}", ":2:1: broken YAML: the key 'models' stands twice", ""),
    ("models: {\n", ":2:1: broken YAML: did not find expected node content", ""),
    (f"x: '{'a' * 5_000_000}'", ": larger than 4 MiB", "is this the right file?"),
    (b"\x89PNG\r\n\x1a\n\0\0", ": is not text: invalid start byte at byte 0", "save it as UTF-8"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "hint"), WRONG, ids=lambda value: str(value)[:60])
def test_what_is_wrong_is_named_with_its_place(refused, text, message: str, hint: str) -> None:
    error = refused(text)
    assert error.message == f"mine.yaml{message}"
    assert error.hint == hint or (hint and error.hint.startswith(hint))
    assert error.exit_code == 2


def test_a_bomb_of_aliases_is_refused_at_its_first_anchor(refused) -> None:
    lines = ["a: &a [x, x, x, x, x, x, x, x, x]"]
    for old, new in zip("abcdefghi", "bcdefghij", strict=True):
        lines.append(f"{new}: &{new} [{', '.join([f'*{old}'] * 9)}]")
    assert refused("\n".join(lines)).message.startswith("mine.yaml:1: anchors and aliases")


def test_broken_json_names_its_line(refused) -> None:
    error = refused('{"models": \n', "mine.json")
    assert error.message.startswith("mine.json: broken JSON: Expecting value: line 2")


def test_a_missing_file_does_not_send_people_to_machine_profiles(tmp_path: Path) -> None:
    with pytest.raises(CatalogueError, match="No such file") as caught:
        load_catalogue(tmp_path / "none.yaml")
    assert caught.value.hint == ""
    with pytest.raises(CatalogueError, match="is a folder, not a file"):
        load_catalogue(tmp_path)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le"])
def test_what_editors_and_powershell_write_is_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "mine.yaml"
    text = 'models: {voxcpm-2: {summary: {en: "x", zh: "克隆"}}}'
    mark = b"\xff\xfe" if encoding == "utf-16-le" else b""
    path.write_bytes(mark + text.encode(encoding))
    assert load_catalogue(path).models["voxcpm-2"].summary.zh == "克隆"


# ---- adding and overriding --------------------------------------------------------------------

NEW = """
sources:
  mine: {title: measured on my desk, date: 2026-11-01, kind: measured}
models:
  tiny-voice:
    name: Tiny Voice
    family: tiny
    hf_id: me/Tiny-Voice
    aliases: [小声]
    released: 2026-11-01
    summary: {en: A small model, zh: 小模型}
    parameters: [{id: lm, millions: 120, source: mine}]
    sample_rate_hz: 24000
    steps_s: 12.5
    work: [{id: lm, reads_gparam_s: 1.5, work_gflop_s: 8, source: mine}]
    languages: [en, zh]
    emotion: {en: none, zh: 无}
    cloning: {transcript: optional, text: {en: five seconds, zh: 五秒}, source: mine}
    licence: {code: MIT, weights: MIT, commercial: "yes", source: mine}
    links: {code: https://example.com/tiny}
    modes:
      cpu-fp32:
        runtime: voxcpm-pytorch
        memory:
          host_run: {need_gib: 1.2, low_gib: 1, high_gib: 1.5, basis: measured, sources: [mine]}
        disk: {weights_gb: 0.3, environment_gb: 4, sources: [mine]}
"""


def test_a_model_is_added_by_a_file_alone(tmp_path: Path) -> None:
    assert len(NEW.strip().splitlines()) <= 26
    path = tmp_path / "mine.yaml"
    path.write_text(NEW, encoding="utf-8")
    catalogue = load_catalogue(path)
    assert list(catalogue.models)[-1] == "tiny-voice"
    assert set(load_catalogue().models) == set(catalogue.models) - {"tiny-voice"}
    for spelling in ("tiny-voice", "Tiny Voice", "TINYVOICE", "me/tiny-voice", "小声", "tiny"):
        assert find_models(spelling, catalogue) == ["tiny-voice"]
    assert ("tiny-voice", "cpu-fp32") in subjects(catalogue).by_key
    machine = load_machine("office-pc-i5-4590")
    judged = assess(machine, "Tiny Voice", "cpu", catalogue=path)
    assert (judged.verdict, judged.mode) == ("good", "cpu-fp32")
    assert judged.rtf.mid < 1
    assert judged.memory.disk.need_bytes == 4_300_000_000
    short = Context(load_machine("raspberry-pi-4b-2gb"))
    assert short.host_have < 2 << 30


def test_one_field_of_a_shipped_model_is_overridden_and_the_rest_stays(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("models: {voxcpm-2: {modes: {cpu-fp32: {memory: {host_load: {need_gib: 9}}}}}}")
    shipped, mine = load_catalogue(), load_catalogue(path)
    old = shipped.models["voxcpm-2"].modes["cpu-fp32"]
    new = mine.models["voxcpm-2"].modes["cpu-fp32"]
    assert (old.memory.host_load.need_gib, new.memory.host_load.need_gib) == (14.1, 9)
    assert new.memory.host_load.sources == old.memory.host_load.sources
    assert new.memory.host_run == old.memory.host_run
    assert {k: v for k, v in mine.models.items() if k != "voxcpm-2"} == {
        k: v for k, v in shipped.models.items() if k != "voxcpm-2"
    }


def test_lists_are_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "mine.yaml"
    path.write_text("models: {voxcpm-2: {aliases: [two], languages: [en]}}")
    model = load_catalogue(str(path)).models["voxcpm-2"]
    assert (model.aliases, model.languages) == (["two"], ["en"])


def test_a_mistake_that_no_entry_explains_is_named_at_the_top() -> None:
    with pytest.raises(CatalogueError, match=r"^x\.yaml: missing required field 'updated'$"):
        build({"sources": {}, "runtimes": {}, "models": {}}, "x.yaml")
    with pytest.raises(CatalogueError, match=r"^x\.yaml: models\.\.\.\.: |^x\.yaml: models"):
        build({"updated": "2026-01", "sources": {}, "runtimes": {}, "models": 3}, "x.yaml")


# ---- the compiled copy ------------------------------------------------------------------------


@pytest.fixture(scope="module")
def hook():
    """The build hook's module, without the build tool."""
    monkeypatch = pytest.MonkeyPatch()
    interface = types.ModuleType("hatchling.builders.hooks.plugin.interface")
    interface.BuildHookInterface = type("BuildHookInterface", (), {})
    for name in ("", ".builders", ".builders.hooks", ".builders.hooks.plugin"):
        monkeypatch.setitem(sys.modules, f"hatchling{name}", types.ModuleType(f"hatchling{name}"))
    monkeypatch.setitem(sys.modules, interface.__name__, interface)
    spec = importlib.util.spec_from_file_location("hatch_build", ROOT / "hatch_build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    yield module
    monkeypatch.undo()


@pytest.fixture(scope="module")
def made_copy(hook) -> bytes:
    """What the build hook adds to the wheel."""
    made = hook.CompileModels()
    made.root = str(ROOT)
    build_data: dict[str, dict[str, str]] = {"force_include": {}}
    made.initialize("standard", build_data)
    ((source, target),) = build_data["force_include"].items()
    assert target == "vcf/data/models.compiled.json"
    return Path(source).read_bytes()


@pytest.fixture
def compiled(made_copy: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The compiled copy of the shipped models.yaml, where the package would carry it."""
    copy = tmp_path / "vcf" / "data" / loading.COMPILED
    copy.parent.mkdir(parents=True)
    copy.write_bytes(made_copy)
    monkeypatch.setattr(loading, "__file__", str(tmp_path / "vcf" / "catalogue" / "load.py"))
    return copy


def test_the_compiled_copy_says_what_the_yaml_says(compiled: Path) -> None:
    stamp, _, body = compiled.read_bytes().partition(b"\n")
    assert stamp.decode() == digest((ROOT / "models.yaml").read_bytes())
    assert msgspec.convert(json.loads(body), Catalogue) == loading._shipped_catalogue()
    assert loading._compiled() == loading._shipped_catalogue()


def test_the_compiled_copy_is_read_instead_of_the_yaml(
    compiled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "_shipped_catalogue", lambda: pytest.fail("the YAML was read"))
    assert "voxcpm-2" in load_catalogue().models


@pytest.mark.parametrize("damage", ["stale", "cut", "rubbish", "gone"])
def test_a_compiled_copy_that_does_not_fit_is_passed_over(compiled: Path, damage: str) -> None:
    data = compiled.read_bytes()
    if damage == "gone":
        compiled.unlink()
    else:
        stale = b"0" * 32 + data[32:]
        compiled.write_bytes({"stale": stale, "cut": data[:5000], "rubbish": b"\xff"}[damage])
    assert loading._compiled() is None
    assert "voxcpm-2" in load_catalogue().models


def test_an_editable_install_carries_no_copy(hook) -> None:
    made = hook.CompileModels()
    build_data: dict[str, dict[str, str]] = {"force_include": {}}
    made.initialize("editable", build_data)
    assert build_data == {"force_include": {}}
