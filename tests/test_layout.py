"""What is imported when, what is public, what is documented."""

from __future__ import annotations

import ast
import hashlib
import importlib
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

import vcf
from vcf import api
from vcf.catalogue.load import load_catalogue
from vcf.documents import package_path

PACKAGE = Path(vcf.__file__).parent
MODULES = sorted(
    ".".join(file.relative_to(PACKAGE.parent).with_suffix("").parts)
    for file in PACKAGE.rglob("*.py")
    if file.name not in ("__init__.py", "__main__.py")
)
HEAVY = {"torch", "numpy", "soundfile", "ray", "cpuinfo", "pydantic", "click"}
DUMP = """
import json, sys
from vcf.cli.main import run
{before}
try:
    code = run({arguments!r})
finally:
    sys.stdout.flush()
    sys.stderr.write("\\n" + json.dumps(sorted({{name.partition(".")[0] for name in sys.modules}})))
sys.exit(code)
"""


def imported(*arguments: str, before: str = "") -> set[str]:
    """Top-level modules in memory after a command, in a process of its own."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("VCF_", "_VCF", "COV"))}
    done = subprocess.run(
        [sys.executable, "-c", DUMP.format(arguments=list(arguments), before=before)],
        capture_output=True, text=True, check=False, env=environment,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stderr.splitlines()[-1]))


def has_nvidia() -> bool:
    return any(Path(p).exists() for p in ("/dev/nvidiactl", "/proc/driver/nvidia/version"))


@pytest.fixture(scope="module")
def installed(tmp_path_factory) -> str:
    """As in the wheel, where models.yaml lies as JSON too: reading YAML imports yaml."""
    file = tmp_path_factory.mktemp("wheel") / "models.compiled.json"
    stamp = hashlib.blake2b(package_path("models.yaml").read_bytes(), digest_size=16).hexdigest()
    file.write_bytes(stamp.encode() + b"\n" + msgspec.json.encode(load_catalogue()))
    return f"from vcf.catalogue import load; load.COMPILED = {str(file)!r}"


def test_check_imports_little(installed) -> None:
    found = imported("check", before=installed)
    assert not found & HEAVY
    if not has_nvidia():
        assert "pynvml" not in found
    if sys.platform == "linux":
        assert "psutil" not in found


def test_json_imports_less(installed) -> None:
    found = imported("check", "--json", before=installed)
    assert not found & (HEAVY | {"rich", "yaml", "csv", "xml", "markdown_it", "pygments"})


def test_probe_imports_little(installed) -> None:
    assert not imported("probe", "--json", before=installed) & (HEAVY | {"rich", "yaml"})


def test_version_imports_next_to_nothing() -> None:
    found = imported("--version")
    assert not found & (HEAVY | {"typer", "rich", "yaml", "msgspec", "psutil"})


def test_vcf_itself_imports_nothing() -> None:
    code = "import sys; before = set(sys.modules); import vcf; print(set(sys.modules) - before)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    found = ast.literal_eval(done.stdout)
    assert {name for name in found if name.startswith("vcf")} == {"vcf", "vcf._version"}
    assert {name.partition(".")[0] for name in found} <= {"vcf", *sys.stdlib_module_names}


def test_public_names() -> None:
    assert vcf.__all__ == sorted(vcf.__all__)
    assert len(set(vcf.__all__)) == len(vcf.__all__)
    assert dir(vcf) == vcf.__all__
    for name in vcf.__all__:
        assert getattr(vcf, name) is not None
    space: dict[str, object] = {}
    exec("from vcf import *", space)
    assert set(space) - {"__builtins__"} == set(vcf.__all__)


def test_nothing_leaks() -> None:
    for name in ("api", "Path", "subprocess", "nothing", "find_models", "Machine"):
        code = f"import vcf; vcf.{name}"
        done = subprocess.run(
            [sys.executable, "-c", code], capture_output=True, text=True, check=False
        )
        assert f"AttributeError: module 'vcf' has no attribute '{name}'" in done.stderr
    with pytest.raises(AttributeError, match="no attribute 'missing'"):
        vcf.missing  # noqa: B018
    with pytest.raises(AttributeError, match="no attribute 'SomeError'"):
        vcf.SomeError  # noqa: B018


def test_public_names_come_from_one_place() -> None:
    assert set(api.__all__) <= set(vcf.__all__)
    for name in api.__all__:
        assert getattr(vcf, name) is getattr(api, name)
    errors = importlib.import_module("vcf.errors")
    for name in set(vcf.__all__) - set(api.__all__) - {"__version__"}:
        assert getattr(vcf, name) is getattr(errors, name)
        assert issubclass(getattr(vcf, name), vcf.VcfError)


def test_version_is_one() -> None:
    assert vcf.__version__.count(".") == 2
    assert all(part.isdecimal() for part in vcf.__version__.split("."))


def test_typed() -> None:
    assert (PACKAGE / "py.typed").exists()


def test_public_functions_are_documented() -> None:
    for name in vcf.__all__:
        if name != "__version__":
            assert (getattr(vcf, name).__doc__ or "").strip(), name
    for made in (getattr(api, name) for name in api.__all__):
        if not inspect.isclass(made):
            assert inspect.signature(made).return_annotation is not inspect.Signature.empty


@pytest.mark.parametrize("module", MODULES)
def test_modules_are_documented(module) -> None:
    tree = ast.parse(
        (PACKAGE.parent / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
    )
    assert len((ast.get_docstring(tree) or "").split()) >= 3


@pytest.mark.parametrize("module", [m for m in MODULES if ".cli." in m or ".views." in m])
def test_public_names_of_a_module_are_documented(module) -> None:
    """In the command line and the views too."""
    tree = ast.parse(
        (PACKAGE.parent / Path(*module.split("."))).with_suffix(".py").read_text("utf-8")
    )
    kinds = (ast.FunctionDef, ast.ClassDef)
    public = [n for n in tree.body if isinstance(n, kinds) and not n.name.startswith("_")]
    missing = [n.name for n in public if not ast.get_docstring(n)]
    if module.endswith("cli.options"):
        missing = []  # the names of the choices say it
    assert not missing


def test_the_api_works() -> None:
    machine = vcf.load_machine("desktop-rtx-4090-24gb")
    assessment = vcf.assess(machine, "VoxCPM2", "gpu")
    assert assessment.verdict == "good"
    assert vcf.load_catalogue().models
    with pytest.raises(vcf.UsageError):
        vcf.assess(machine, "voxcpm", "gpu")


def test_errors_tell_how_to_mend_them() -> None:
    error = vcf.MachineError("desk.yaml: broken", "mend it")
    assert (str(error), error.message, error.hint) == ("desk.yaml: broken",) * 2 + ("mend it",)
    assert error.kind == "machine"
    kinds = [getattr(vcf, n).kind for n in vcf.__all__ if n.endswith("Error")]
    assert sorted(kinds) == ["error", "machine", "models", "output", "usage"]
    assert vcf.VcfError("x").hint == ""
