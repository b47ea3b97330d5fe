"""Recipes run as they stand: every release that they permit takes what they hand it."""

from __future__ import annotations

import ast
import re
import shlex

import pytest
from voxcpm_calls import permitted, problems, uses_voxcpm

from vcf.catalogue.load import load_catalogue
from vcf.catalogue.model import Package
from vcf.catalogue.voxcpm_api import loads, release
from vcf.judge.context import Context
from vcf.judge.model import ResolvedRecipe
from vcf.judge.recipe import recipe_for
from vcf.judge.subject import Subject, subjects
from vcf.judge.workload import Workload
from vcf.machine.load import read_machine

CATALOGUE = load_catalogue()
SUBJECTS = {
    f"{s.model_id} {s.mode_id}": s
    for s in subjects(CATALOGUE).by_key.values()
    if s.recipe is not None
}
GPUS = {
    "linux": ["NVIDIA GeForce RTX 4090", "AMD Radeon RX 7900 XTX"],
    "windows": ["NVIDIA GeForce RTX 3060", "Intel Arc A770"],
    "macos": ["Apple M2"],
}
ARCH = {"linux": "x86_64", "windows": "x86_64", "macos": "arm64"}
BLANK = re.compile(r"\{[A-Za-z_]+\}")


def machine(system: str, gpu: str) -> Context:
    text = f"""
        os: {system}
        arch: {ARCH[system]}
        cpu: {{cores: 8, threads: 16}}
        memory: {{total: 32GiB}}
        gpus: [{{name: {gpu}}}]
        disk: {{total: 1000GB, free: 500GB}}
    """
    return Context(read_machine(text, "desk.yaml"))


CONTEXTS = {f"{s} {gpu}": machine(s, gpu) for s, names in GPUS.items() for gpu in names}


def resolved(subject: Subject) -> dict[str, ResolvedRecipe]:
    """The recipe as it is shown on every machine that the mode's code has support for."""
    found: dict[str, ResolvedRecipe] = {}
    for name, context in CONTEXTS.items():
        assert context.cards is not None
        card = context.cards[0] if subject.device == "gpu" else None
        vendors = subject.needs.vendors
        if card is None or vendors is None or card.gpu.vendor in vendors:
            found[name] = recipe_for(subject, context, card)
    assert found
    return found


VOXCPM = {k: s for k, s in SUBJECTS.items() if s.recipe and uses_voxcpm(s.recipe.code)}


def test_the_recipes_of_voxcpm_are_found() -> None:
    """Were the pattern wrong, the tests below would pass on nothing."""
    assert {s.mode.runtime for s in VOXCPM.values()} == {"voxcpm-pytorch"}
    assert {s.model_id for s in VOXCPM.values()} == {"voxcpm-0.5b", "voxcpm-1.5", "voxcpm-2"}
    assert len(VOXCPM) >= 15


@pytest.mark.parametrize("key", VOXCPM)
def test_every_permitted_release_takes_the_arguments(key: str) -> None:
    subject = VOXCPM[key]
    for place, recipe in resolved(subject).items():
        versions = permitted(recipe.install, subject.needs.packages or ())
        assert "2.0.3" in versions, place
        assert problems(recipe.code, versions, subject.model_id) == [], place


@pytest.mark.parametrize("key", [key for key in VOXCPM if key.startswith("voxcpm-2 gpu")])
@pytest.mark.parametrize("steps", [1, 4, 100])
def test_every_permitted_release_takes_the_steps_that_are_asked_for(key: str, steps: int) -> None:
    subject = VOXCPM[key]
    context = Context(CONTEXTS["linux NVIDIA GeForce RTX 4090"].machine, Workload(steps=steps))
    recipe = recipe_for(subject, context, context.cards[0] if context.cards else None)
    assert f"inference_timesteps={steps}" in recipe.code
    versions = permitted(recipe.install, subject.needs.packages or ())
    assert versions and problems(recipe.code, versions, subject.model_id) == []


@pytest.mark.parametrize("key", VOXCPM)
def test_the_device_is_one_that_the_machine_has(key: str) -> None:
    """An explicit device that is missing raises ValueError."""
    subject = VOXCPM[key]
    for place, recipe in resolved(subject).items():
        asked = set(re.findall(r'device="([\w:]+)"', recipe.code))
        here = "mps" if place.startswith("macos") else "cuda"
        assert asked == {here if subject.device == "gpu" else "cpu"}, place


@pytest.mark.parametrize("key", VOXCPM)
def test_the_oldest_release_of_a_mode_loads_its_model(key: str) -> None:
    subject = VOXCPM[key]
    (package,) = [p for p in subject.needs.packages or () if p.name == "voxcpm"]
    assert package.min is not None and release(package.min) is not None
    assert loads(package.min, subject.model_id)


@pytest.mark.parametrize("key", SUBJECTS)
def test_nothing_is_left_blank(key: str) -> None:
    """On every system; Python must be Python then, and shell lines must close their quotes."""
    for place, recipe in resolved(SUBJECTS[key]).items():
        for line in recipe.install:
            assert line.strip() and not BLANK.search(line), place
            assert shlex.split(line.replace("\\", "/")), place
        if re.search(r"^(from|import) ", recipe.code, re.MULTILINE):
            tree = ast.parse(recipe.code)
            texts = [n.value for n in ast.walk(tree) if isinstance(n, ast.Constant)]
            assert not any(BLANK.search(text) for text in texts if isinstance(text, str)), place
        else:
            assert not BLANK.search(recipe.code), place
            shlex.split(recipe.code, comments=True)


LOAD = 'from voxcpm import VoxCPM\nmodel = VoxCPM.from_pretrained("openbmb/VoxCPM2"{})\n'
SPEAK = LOAD.format("") + "wav = model.generate({})\n"


@pytest.mark.parametrize(
    ("code", "version", "problem"),
    [
        (LOAD.format(", dtype=torch.float16"), "2.0.3", "from_pretrained: does not take dtype="),
        (LOAD.format(', device="cuda"'), "1.5.0", "from_pretrained: does not take device="),
        (LOAD.format(', device="cuda"'), "2.0.2", "does not take device="),
        (LOAD.format(", optimize=False"), "1.0.3", "does not take optimize="),
        (LOAD.format(', device="xpu"'), "2.0.3", "device='xpu' is refused"),
        (LOAD.format(', device="cuda:0"'), "2.0.3", "leaves torch.compile out"),
        (LOAD.format(', hf_model_id="x"'), "2.0.3", "hf_model_id= is given twice"),
        ("import voxcpm\nvoxcpm.VoxCPM()", "2.0.3", "__init__: voxcpm_model_path= is missing"),
        ("import voxcpm as v\nm = v.VoxCPM(*[0] * 3, 1, 2, 3, 4, 5, 6, 7, 8)", "2.0.3", "takes 7"),
        (SPEAK.format(""), "2.0.3", "generate: text= is missing"),
        (SPEAK.format('"x", reference_wav_path="a.wav"'), "1.5.0", "reference_wav_path="),
        (SPEAK.format('"x", max_length=9'), "1.5.0", "does not take max_length="),
        (SPEAK.format('"x", prompt_wav_path="a.wav"'), "2.0.3", "go together"),
        (SPEAK.format('"x", inference_timesteps=0'), "2.0.3", "not from 1 to 100"),
        (SPEAK.format('"x", inference_timesteps=101'), "2.0.3", "not from 1 to 100"),
        (SPEAK.format('"x", cfg_value=20'), "2.0.3", "cfg_value=20 is not from 0.1 to 10"),
        (SPEAK.format('"x", streaming=True'), "2.0.3", "does not take streaming="),
        (
            "from voxcpm.core import VoxCPM as V\nV.from_pretrained().generate_streaming('x')",
            "1.0.3",
            "generate_streaming: no such method",
        ),
        ("voxcpm sing --text x", "2.0.3", "no subcommand sing"),
        ("voxcpm design --text x", "2.0.3", "--output is missing"),
        ("voxcpm clone -t x -o y.wav --device xpu", "2.0.3", "--device xpu is refused"),
        ("voxcpm --text x --output y.wav --device cpu", "1.5.0", "no option --device"),
        ("voxcpm -t x -o y.wav \\\n --inference-timesteps=200", "1.5.0", "not from 1 to 100"),
        ("voxcpm -t x -o", "1.5.0", "-o needs a value"),
        ("voxcpm --version", "2.0.4", "voxcpm 2.0.4 is not known"),
    ],
)
def test_what_is_wrong_is_found(code: str, version: str, problem: str) -> None:
    assert uses_voxcpm(code)
    assert any(problem in found for found in problems(code, [version])), problems(code, [version])


@pytest.mark.parametrize(
    ("code", "version"),
    [
        (LOAD.format(", optimize=False"), "1.0.4"),
        (LOAD.format(', device="cuda:1", optimize=False'), "2.0.3"),
        (LOAD.format(", device=name, **more"), "2.0.3"),
        (SPEAK.format("**spoken"), "2.0.3"),
        (SPEAK.format('"x", "a.wav", "words", cfg_value=2'), "1.0.0"),
        ("from other import VoxCPM\nVoxCPM.from_pretrained(model=1, dtype=2)", "2.0.3"),
        ("voxcpm clone -t 'a b' -ra me.wav --denoise -o y.wav --device=cuda:1", "2.0.3"),
        ("# voxcpm design\nls -l", "2.0.3"),
    ],
)
def test_what_is_right_passes(code: str, version: str) -> None:
    assert problems(code, [version]) == []


def test_the_model_counts() -> None:
    clip = SPEAK.format('"x", reference_wav_path="a.wav"')
    assert problems(clip, ["2.0.3"], "voxcpm-2") == []
    (alone,) = problems(clip, ["2.0.3"], "voxcpm-1.5")
    assert "for VoxCPM2 alone" in alone
    assert problems(SPEAK.format('"x"'), ["1.5.0"], "voxcpm-2") == [
        "voxcpm 1.5.0 does not load voxcpm-2"
    ]


@pytest.mark.parametrize(
    ("line", "versions"),
    [
        ('pip install "voxcpm>=2.0.3" soundfile', ["2.0.3"]),
        ("pip install voxcpm==1.5.0", ["1.5.0"]),
        ('uv pip install vllm-omni "voxcpm>=1.0.5,<2"', ["1.0.5", "1.5.0"]),
        ("pip install 'voxcpm~=2.0.1'", ["2.0.1", "2.0.2", "2.0.3"]),
        ("pip install 'voxcpm>2,!=2.0.2'", ["2.0.1", "2.0.3"]),
        ("pip install 'voxcpm<=1.0.1'", ["1.0.0", "1.0.1"]),
        ("pip install 'voxcpm>=9'", []),
    ],
)
def test_releases_that_a_line_permits(line: str, versions: list[str]) -> None:
    assert permitted([line]) == versions


def test_all_are_permitted_where_nothing_is_said() -> None:
    assert len(permitted(["pip install nano-vllm-voxcpm", "echo voxcpm==1.0.0"])) == 11
    packages = [Package(name="voxcpm", min="1.5.0", below="2.0.1"), Package(name="x", min="9")]
    assert permitted([], packages) == ["1.5.0", "2.0.0"]
    assert problems("import voxcpm", []) == ["no release is permitted"]
