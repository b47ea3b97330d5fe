"""The documentation does what it says: samples, examples, links."""

from __future__ import annotations

import importlib
import re
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import msgspec
import pytest
import yaml

import vcf
from vcf.cli.doctor import IMPORT_SECONDS
from vcf.judge.gather import EFFECTS
from vcf.judge.wheels import CardWheels
from vcf.machine.file import CpuFile, DiskFile, GpuFile, MachineFile, MemoryFile
from vcf.machine.interpreter import SECONDS
from vcf.machine.software import NAMES
from vcf.machine.variables import LONG_PATHS, MODULE, VARIABLES, WSL_DRIVER
from vcf.views.doctor import DoctorDocument, FindingView, PythonView

ROOT = Path(__file__).resolve().parents[1]
DOCTOR = ROOT / "docs" / "doctor.md"
MAKERS = ("checkup", "gather", "surroundings", "deep")
"""The modules of vcf.judge that make findings."""
PAGES = [
    *(ROOT / name for name in ("README.md", "README.zh.md", "CONTRIBUTING.md", "CHANGELOG.md")),
    *sorted((ROOT / "docs").rglob("*.md")),
]
LINK = re.compile(r"\]\(([^)\s]+)\)|^\[[^\]]+\]:\s*(\S+)", re.MULTILINE)
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: Path, language: str) -> list[str]:
    return [body for kind, body in BLOCK.findall(page.read_text("utf-8")) if kind == language]


def anchors(page: Path) -> set[str]:
    """Names that a forge gives to the headings of a page."""
    text = BLOCK.sub("", page.read_text("utf-8"))
    heads = re.findall(r"^#+ (.+)$", text, re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, *arguments]
    return subprocess.run(command, capture_output=True, encoding="utf-8", check=False, cwd=ROOT)


@pytest.mark.parametrize("script", ["check_readme.py"])
def test_pages_are_up_to_date(script: str) -> None:
    done = run(f"scripts/{script}", "--check")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.fixture
def script(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    return importlib.import_module("check_readme")


def test_a_page_out_of_date_is_told(script: ModuleType, capsys: pytest.CaptureFixture[str]) -> None:
    differences, replace_block = script.differences, script.replace_block
    new = replace_block("a\n<!-- x -->\nold\n<!-- /x -->\nb\n", "x", "new")
    assert new == "a\n<!-- x -->\nnew\n<!-- /x -->\nb\n"
    assert replace_block(new, "x", "new") == new
    assert differences(new, new, ROOT / "README.md", "remedy") == 0
    assert differences(new, "other", ROOT / "README.md", "remedy") == 1
    told = capsys.readouterr()
    assert "+other" in told.out and "remedy" in told.err
    with pytest.raises(SystemExit):
        replace_block("no block", "x", "new")


def test_first_screen() -> None:
    """One sentence, then two commands of one line each."""
    text = (ROOT / "README.md").read_text("utf-8")
    commands = re.findall(r"^    (python -m pip .+)$", text, re.MULTILINE)
    assert commands == ["python -m pip install . && vcf check", "python -m pip install nox && nox"]
    assert len(text.splitlines()) < 240


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links(page: Path) -> None:
    text = BLOCK.sub("", page.read_text("utf-8"))
    for links in LINK.findall(text):
        target, _, anchor = (links[0] or links[1]).partition("#")
        if "://" in target:
            continue
        file = (page.parent / target).resolve() if target else page
        assert file.is_relative_to(ROOT), target
        assert file.exists(), f"{page.name}: {target} does not exist"
        if anchor:
            assert anchor in anchors(file), f"{page.name}: {target}#{anchor}"


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "python-api.md"])
def test_python_examples(page: Path, capsys: pytest.CaptureFixture[str]) -> None:
    examples = blocks(page, "python")
    assert examples
    for example in examples:
        exec(compile(example, page.name, "exec"), {})
        assert capsys.readouterr().out


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "README.zh.md"])
def test_machine_example(page: Path, tmp_path: Path) -> None:
    (example,) = blocks(page, "yaml")
    file = tmp_path / "desktop.yaml"
    file.write_text(example, "utf-8")
    machine = vcf.load_machine(file)
    assert machine.name == "my-desktop"
    assert vcf.assess(machine, "voxcpm-2", "gpu").verdict in ("good", "slow")


def test_smallest_machine_example(tmp_path: Path) -> None:
    text = (ROOT / "docs" / "machine-files.md").read_text("utf-8")
    lines = [line[4:] for line in text.splitlines() if line.startswith("    ")]
    file = tmp_path / "mine.yaml"
    file.write_text("\n".join(lines[:2]), "utf-8")
    assert vcf.assess(vcf.load_machine(file), "indextts-2", "gpu").verdict != "unknown"


def test_machine_fields_are_described() -> None:
    page = (ROOT / "docs" / "machine-files.md").read_text("utf-8")
    for kind in (MachineFile, CpuFile, MemoryFile, GpuFile, DiskFile):
        for field in msgspec.structs.fields(kind):
            name = field.name.removesuffix("_bytes").replace("vram_total", "vram")
            assert re.search(rf"[`.]{name}[`\[.]", page), field.name


def test_software_and_settings_are_described() -> None:
    page = (ROOT / "docs" / "machine-files.md").read_text("utf-8")
    for name in (*NAMES, *VARIABLES, LONG_PATHS, MODULE, WSL_DRIVER):
        assert f"`{name}`" in page, name
    privacy = DOCTOR.read_text("utf-8").partition("## Privacy")[2]
    for name in VARIABLES:
        assert f"`{name}`" in privacy, name


def test_findings_are_described(script: ModuleType) -> None:
    """Every finding that the code can make has its line, and every cure a finding."""
    page = DOCTOR.read_text("utf-8")
    lines = set(
        re.findall(r"^\| `([\w-]+)` \| (?:stops|unknown|risk|notice|ok)", page, re.MULTILINE)
    )
    made = {name for module in MAKERS for name, _ in script.findings_in(module)}
    assert {"nothing", "driver-mismatch", "requirement", "import-PACKAGE"} <= made
    assert lines == made | EFFECTS.keys()
    assert script.CURES.keys() <= lines
    other = page.partition("<!-- other -->")[2].partition("<!-- /other -->")[0]
    assert "`torch-installed`" in other and "`wheel-none`" in other
    judge = "".join(p.read_text("utf-8") for p in (ROOT / "src/vcf/judge").glob("*.py"))
    assert (
        judge.count("Finding(") - judge.count("class Finding(")
        == sum(1 for module in MAKERS for _ in script.findings_in(module)) + 1
    ), "a module makes findings that docs/doctor.md does not list"  # + the gates' own


def test_levels_of_conditions(script: ModuleType) -> None:
    page = DOCTOR.read_text("utf-8")
    for finding, level in (
        ("software-python", "stops"), ("software-python-other", "risk"), ("torch-old", "stops"),
        ("torch-no-kernels", "stops"), ("torch-unknown", "unknown"), ("audio-cuda", "stops"),
        ("codec-missing", "risk"), ("gpu-hidden", "risk"), ("package-advised", "risk"),
    ):  # fmt: skip
        assert f"| `{finding}` | {level} |" in page, finding


def test_doctor_fields_are_described() -> None:
    page = DOCTOR.read_text("utf-8").partition("## JSON")[2].partition("## Findings")[0]
    for kind in (DoctorDocument, FindingView, PythonView, CardWheels):
        for field in msgspec.structs.fields(kind):
            assert f"`{field.name}`" in page or f"`{field.name}[]`" in page, field.name


def test_time_limits_are_told() -> None:
    page = DOCTOR.read_text("utf-8")
    assert f"{IMPORT_SECONDS:g} seconds" in page and f"{SECONDS:g} seconds" in page


def test_doctor_example(tmp_path: Path) -> None:
    """The environment of the page is broken, and whole again with the torchaudio it advises."""
    (example,) = blocks(DOCTOR, "yaml")
    file = tmp_path / "broken.yaml"
    codes = []
    for text in (example, example.replace("2.11.0+cu130", "2.11.0+cpu")):
        file.write_text(text, "utf-8")
        done = run("-m", "vcf", "doctor", "voxcpm-2:cpu", "--machine", str(file), "--json")
        told = msgspec.json.decode(done.stdout, type=DoctorDocument)
        codes.append((done.returncode, [f.id for f in told.findings if f.level == "stops"]))
    assert codes == [(1, ["audio-cuda-cpu"]), (0, [])]


def test_model_of_contributing(tmp_path: Path) -> None:
    """The example of a new model is complete: it is judged like the shipped ones."""
    example = blocks(ROOT / "CONTRIBUTING.md", "yaml")[0]
    file = tmp_path / "my-models.yaml"
    file.write_text(example, "utf-8")
    catalogue = vcf.load_catalogue(file)
    machine = vcf.load_machine("desktop-rtx-3060-12gb")
    answer = vcf.assess(machine, "My-Model-0.3B", "gpu", catalogue=catalogue)
    assert (answer.model, answer.mode, answer.verdict) == ("my-model", "gpu-fp16", "good")
    assert answer.rtf is not None and answer.rtf.mid < 1
    done = run("-m", "vcf", "check", "my-model", "--models", str(file), "--machine", machine.name)
    assert done.returncode == 0, done.stderr
    assert "my-model" in done.stdout


def test_parts_of_models_file(tmp_path: Path) -> None:
    """The fragments of docs/models-file.md are accepted when put together."""
    first, *parts = blocks(ROOT / "docs" / "models-file.md", "yaml")
    file = tmp_path / "my-models.yaml"
    file.write_text(first, "utf-8")
    mode = vcf.load_catalogue(file).models["voxcpm-2"].modes["gpu-bf16"]
    assert mode.memory.device is not None and mode.memory.device.need_gib == 6.5
    joined: dict[str, object] = {}
    for part in parts:
        joined |= yaml.safe_load(part)
    joined["models"] = {"voxcpm-2": {"modes": joined.pop("modes")}}
    file.write_text(yaml.safe_dump(joined, allow_unicode=True), "utf-8")
    catalogue = vcf.load_catalogue(file)
    assert catalogue.models["voxcpm-2"].modes["gpu-bf16"].runtime == "my-runtime"
