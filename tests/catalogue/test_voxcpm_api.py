"""Which release of the voxcpm package takes which argument and loads which model."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from vcf.catalogue import voxcpm_api
from vcf.catalogue.load import load_catalogue
from vcf.catalogue.voxcpm_api import (
    FUNCTIONS,
    accepts,
    accepts_device,
    first_with,
    loads,
    numbers,
    release,
    releases,
    table,
)

VERSIONS = [row.version for row in releases()]
OLD = ["1.0.0", "1.0.1", "1.0.2", "1.0.3", "1.0.4", "1.0.5"]


def test_every_release_is_there_in_order() -> None:
    assert list(VERSIONS) == [*OLD, "1.5.0", "2.0.0", "2.0.1", "2.0.2", "2.0.3"]


@pytest.mark.parametrize("row", releases(), ids=VERSIONS)
def test_every_row_names_its_wheel(row: voxcpm_api.ApiRelease) -> None:
    assert row.wheel == f"voxcpm-{row.version}-py3-none-any.whl"
    assert re.fullmatch(r"[0-9a-f]{64}", row.sha256)
    places = [*row.sources.values(), *(function.source for function in row.functions.values())]
    assert places and all(re.fullmatch(r"voxcpm/[\w/]+\.py:\d+", place) for place in places)
    assert {"automatic", "compile_device", "dtypes", "warm_up", "commands"} <= set(row.sources)
    assert ("exact" in row.sources) == bool(row.device.exact)


def test_no_field_of_the_file_is_left_unread() -> None:
    """msgspec skips what it does not know: a misspelt field would be lost in silence."""
    path = Path(voxcpm_api.__file__).with_name("voxcpm_api.json")
    rows = json.loads(path.read_text(encoding="utf-8"))["releases"]
    assert set().union(*rows) == set(voxcpm_api.ApiRelease.__struct_fields__)
    rules = set().union(*(row["device"] for row in rows))
    assert rules == set(voxcpm_api.DeviceRules.__struct_fields__)


@pytest.mark.parametrize(
    ("function", "argument", "first"),
    [
        ("from_pretrained", "device", "2.0.3"),
        ("__init__", "device", "2.0.3"),
        ("from_pretrained", "optimize", "1.0.4"),
        ("__init__", "optimize", "1.0.4"),
        ("from_pretrained", "dtype", None),
        ("__init__", "dtype", None),
        ("from_pretrained", "load_denoiser", "1.0.0"),
        ("from_pretrained", "lora_weights_path", "1.5.0"),
        ("from_pretrained", "voxcpm_model_path", None),
        ("generate", "reference_wav_path", "2.0.0"),
        ("generate", "max_len", "1.5.0"),
        ("generate", "max_length", "1.0.0"),
        ("generate", "min_len", "1.5.0"),
        ("generate", "streaming", None),
        ("generate", "seed", None),
        ("generate_streaming", "text", "1.0.4"),
        ("nothing", "text", None),
    ],
)
def test_first_release_with_an_argument(function: str, argument: str, first: str | None) -> None:
    assert first_with(function, argument) == first


def test_a_renamed_argument_is_gone() -> None:
    assert accepts("1.0.5", "generate", "max_length")
    assert accepts("1.5.0", "generate", "max_length") is False
    assert accepts("1.0.5", "generate", "max_len") is False
    assert accepts("1.5.0", "generate", "max_len")


def test_other_keywords_go_on_to_the_constructor() -> None:
    assert "optimize" not in release("1.0.4").functions["from_pretrained"].names
    assert accepts("1.0.4", "from_pretrained", "optimize")
    assert accepts("1.0.3", "from_pretrained", "optimize") is False
    assert accepts("1.0.4", "from_pretrained", "enable_denoiser") is False  # given twice


def test_what_is_not_known_is_not_guessed() -> None:
    for version in ("2.0.4", "3.0", "0.9", "1.4.0", "2.0.3.post1", "2.0.3rc1", "", "main"):
        assert release(version) is None
        assert accepts(version, "generate", "text") is None
        assert loads(version, "voxcpm-2") is None
        assert accepts_device(version, "cpu") is None
    assert accepts("2.0.3", "train", "text") is None
    assert loads("2.0.3", "indextts-2") is None


def test_a_version_may_be_written_short() -> None:
    assert release("2.0") is release("2.0.0") is not None
    assert release(" 1.5 ") is release("1.5.0")
    assert numbers("0") == ()
    assert numbers("10.0") == (10,) > (9, 9)
    assert numbers("1.x") is None


@pytest.mark.parametrize(
    ("model", "yes"),
    [
        ("voxcpm-0.5b", VERSIONS),
        ("voxcpm-1.5", ["1.5.0", "2.0.0", "2.0.1", "2.0.2", "2.0.3"]),
        ("voxcpm-2", ["2.0.0", "2.0.1", "2.0.2", "2.0.3"]),
    ],
)
def test_which_release_loads_which_model(model: str, yes: list[str]) -> None:
    assert [version for version in VERSIONS if loads(version, model)] == yes


def test_the_models_are_those_of_the_catalogue() -> None:
    models = load_catalogue().models
    assert set(table().models) == {key for key, m in models.items() if m.family == "voxcpm"}
    for row in releases():
        default = row.functions["from_pretrained"].parameters[0].default
        (key,) = [key for key, model in models.items() if model.hf_id == default]
        assert loads(row.version, key), "a release loads its own default"


@pytest.mark.parametrize(
    ("device", "fine"),
    [
        ("auto", True), ("cpu", True), ("mps", True), ("cuda", True), ("cuda:0", True),
        ("cuda:12", True), (" CUDA ", True), ("cuda:", False), ("cuda0", False), ("xpu", False),
        ("hip", False), ("gpu", False), ("", False),
    ],
)  # fmt: skip
def test_device_strings(device: str, fine: bool) -> None:
    assert accepts_device("2.0.3", device) is fine
    assert accepts_device("2.0.2", device) is False


def test_device_rules_of_the_releases() -> None:
    rules = {row.version: row.device for row in releases()}
    for version, rule in rules.items():
        new = version == "2.0.3"
        apple = version not in OLD[:5]
        assert rule.automatic == (("cuda", "mps", "cpu") if apple else ("cuda", "cpu"))
        assert rule.default_dtype == "bfloat16"
        assert rule.mps_dtype == ("float32" if new else None)
        assert rule.mps_dtype_env == ("VOXCPM_MPS_DTYPE" if new else None)
        assert rule.compile_device == "cuda"
        assert rule.compile_needs == (() if version in OLD[:3] else ("triton",))
        assert rule.warm_up == ("optimize" if version.startswith("2.") else "always")
        assert rule.dtype_fixed == (version in OLD[:5])
        assert rule.cloning_needs_cuda == (version in OLD[:3])
        assert rule.readers["voxcpm"] == "torchaudio.load"
        assert rule.readers.get("voxcpm2") == ("librosa.load" if version[0] == "2" else None)
    assert any("torch.compile disabled" in text for text in rules["2.0.3"].compile_messages)


def test_packages_of_the_releases() -> None:
    requires = {row.version: row.requires for row in releases()}
    assert {row["torch"] for row in requires.values()} == {">=2.5.0"}
    assert {row["torchaudio"] for row in requires.values()} == {">=2.5.0"}
    assert [v for v in VERSIONS if "torchcodec" in requires[v]] == VERSIONS[7:]
    assert [requires[v]["gradio"] for v in ("1.0.5", "1.5.0", "2.0.3")] == ["", "<6", "<7,>=6"]
    assert not any("pytest" in row for row in requires.values()), "extras are left out"
    assert [row.python for row in releases()] == [">=3.8"] * 4 + [">=3.10"] * 7


def test_the_command_line() -> None:
    newest, middle = release("2.0.3"), release("1.5.0")
    assert set(newest.commands) == {"", "design", "clone", "batch", "validate"}
    assert set(middle.commands) == {""}
    clone = {name: flag for flag in newest.commands["clone"] for name in flag.names}
    assert {"--device", "--no-optimize", "-ra", "--lora-enable-proj"} <= set(clone)
    assert clone["--output"].required and clone["--output"] is clone["-o"]
    assert clone["--denoise"].switch and not clone["--device"].switch
    assert not {"--device", "--no-optimize"} & {n for f in middle.commands[""] for n in f.names}


def test_required_parameters() -> None:
    for row in releases():
        for name, function in row.functions.items():
            required = [parameter.name for parameter in function.parameters if parameter.required]
            expected = {"__init__": ["voxcpm_model_path"], "from_pretrained": []}
            assert name in FUNCTIONS and required == expected.get(name, ["text"])
