"""What installed packages require of each other and do not get, by fake metadata."""

from __future__ import annotations

from pathlib import Path

import pytest

from vcf.machine.interpreter import Interpreter
from vcf.machine.requirements import Unmet, unmet


def install(folder: Path, name: str, version: str, *requires: str, info: str = "") -> Path:
    """A package that is only metadata."""
    place = folder / (info or f"{name}-{version}.dist-info")
    place.mkdir(parents=True)
    lines = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n"]
    lines += [f"Requires-Dist: {requirement}\n" for requirement in requires]
    text = "".join(lines) + "\nRequires-Dist: of-the-description\n"
    (place / ("PKG-INFO" if place.suffix == ".egg-info" else "METADATA")).write_text(text)
    return place


def python(*folders: Path, **facts: str) -> Interpreter:
    """A Python that looks for packages in these folders."""
    given = {"version": "3.11.9", "platform": "linux", "machine": "x86_64", **facts}
    return Interpreter(executable="python", path=tuple(map(str, folders)), **given)


def faults(*folders: Path, roots: tuple[str, ...] = ("voxcpm",), **facts: str) -> list[tuple]:
    """(package, requirement, have, root) of what is not met."""
    found = unmet(python(*folders, **facts), roots)
    return [(u.package, u.requirement, u.have, u.root) for u in found]


def test_missing_and_out_of_range(tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "2.0.3", "numpy<2.4", "Sound.File >= 0.12", "torch>=2.5")
    install(tmp_path, "numpy", "2.4.1")
    install(tmp_path, "torch", "2.13.0")
    assert unmet(python(tmp_path), ["voxcpm"]) == [
        Unmet(package="voxcpm", version="2.0.3", requirement="numpy<2.4", have="2.4.1",
              root="voxcpm"),
        Unmet(package="voxcpm", version="2.0.3", requirement="Sound.File>=0.12", have=None,
              root="voxcpm"),
    ]  # fmt: skip


def test_what_is_pulled_in_is_looked_into_too(tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "2.0.3", "transformers")
    install(tmp_path, "transformers", "4.56.1", "huggingface-hub (<1.0,>=0.34)")
    install(tmp_path, "huggingface_hub", "1.2.0", "hf-xet")
    install(tmp_path, "unrelated", "1.0", "nothing-of-this-name")
    (range_, lacks) = faults(tmp_path)
    assert range_ == ("transformers", "huggingface-hub<1.0,>=0.34", "1.2.0", "voxcpm")
    assert lacks == ("huggingface-hub", "hf-xet", None, "voxcpm")


@pytest.mark.parametrize(
    ("marker", "applies"),
    [
        ('sys_platform == "linux"', True),
        ('sys_platform == "win32"', False),
        ('platform_system == "Linux" and platform_machine == "x86_64"', True),
        ('platform_machine == "aarch64"', False),
        ('python_version < "3.11"', False),
        ('python_version >= "3.11"', True),
        ('python_full_version < "3.11.10"', True),
        ('implementation_name == "cpython"', True),
        ('platform_python_implementation == "PyPy"', False),
        ('os_name == "posix"', True),
        ('extra == "train"', False),
    ],
)
def test_markers(marker: str, applies: bool, tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "2.0.3", f"datasets>=3 ; {marker}")
    assert faults(tmp_path) == ([("voxcpm", "datasets>=3", None, "voxcpm")] if applies else [])


def test_markers_are_those_of_the_other_python(tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "2.0.3", 'colorama; platform_system == "Windows"',
            'pyobjc; sys_platform == "darwin"', 'evdev; os_name == "posix"',
            'greenlet; platform_system == "sunos5"')  # fmt: skip

    def lacking(system: str) -> list[str]:
        return [requirement for _, requirement, _, _ in faults(tmp_path, platform=system)]

    assert lacking("win32") == ["colorama"]
    assert lacking("darwin") == ["pyobjc", "evdev"]
    assert lacking("linux") == ["evdev"]
    assert lacking("sunos5") == ["evdev", "greenlet"]


@pytest.mark.parametrize(
    ("requirement", "have", "met"),
    [
        ("torch>=2.5", "2.13.0", True),
        ("torch>=2.5", "2.14.0.dev20260101", True),  # installed on purpose: within
        ("torch>=2.5", "2.5.0rc1", False),
        ("torch==2.13.0", "2.13.0+cpu", True),
        ("torch>=2.5", "no_version_at_all", True),  # can't be told
        ("torch", "0.1", True),
        ("torch @ https://example.org/torch.whl", "0.1", True),
        ("torch[opt]>=3", "2.0", False),
        ("torch===2.0", "2.0", True),
        ("torch!=2.0", "2.0", False),
    ],
)
def test_versions(requirement: str, have: str, met: bool, tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "2.0.3", requirement)
    install(tmp_path, "torch", have)
    assert bool(faults(tmp_path)) != met


@pytest.mark.parametrize(
    "line", ["", ">=3", "numpy >< 3", "numpy ; no_such_name == 'x'", "<script>", "numpy;;;"]
)
def test_invalid_lines_are_no_fault(line: str, tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "2.0.3", line, "lost")
    assert faults(tmp_path) == [("voxcpm", "lost", None, "voxcpm")]


def test_markers_that_can_not_be_compared_are_no_fault(tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "2.0.3", 'numpy; sys_platform ~= "linux"', "lost")
    assert faults(tmp_path) == [("voxcpm", "lost", None, "voxcpm")]


def test_circles_end(tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "1.0", "torch>=9", "voxcpm")
    install(tmp_path, "torch", "2.0", "triton")
    install(tmp_path, "triton", "3.0", "torch", "voxcpm>=5")
    assert faults(tmp_path, roots=("voxcpm", "torch", "triton", "VoxCPM")) == [
        ("voxcpm", "torch>=9", "2.0", "voxcpm"),
        ("triton", "voxcpm>=5", "1.0", "voxcpm"),
    ]


def test_the_root_that_pulls_it_in_is_named(tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "1.0")
    install(tmp_path, "torchaudio", "2.11.0", "torch>=9")
    install(tmp_path, "torch", "2.0")
    roots = ("indextts", "voxcpm", "torchaudio")
    assert faults(tmp_path, roots=roots) == [("torchaudio", "torch>=9", "2.0", "torchaudio")]


def test_no_root_no_fault(tmp_path: Path) -> None:
    install(tmp_path, "unrelated", "1.0", "lost")
    assert faults(tmp_path, roots=("voxcpm", "torch")) == []
    assert faults(tmp_path / "missing") == []
    assert faults() == []


def test_the_first_folder_wins(tmp_path: Path) -> None:
    old, new = tmp_path / "old", tmp_path / "new"
    install(old, "voxcpm", "1.0", "numpy<2")
    install(new, "voxcpm", "2.0", "numpy<3")
    install(new, "numpy", "2.4")
    assert faults(new, old) == []
    assert faults(old, new) == [("voxcpm", "numpy<2", "2.4", "voxcpm")]


def test_the_working_folder_is_an_empty_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    install(tmp_path, "voxcpm", "1.0", "lost")
    monkeypatch.chdir(tmp_path)
    found = unmet(Interpreter(executable="p", version="3.11", platform="linux", machine="",
                              path=("",)), ["voxcpm"])  # fmt: skip
    assert [u.requirement for u in found] == ["lost"]


def test_eggs(tmp_path: Path) -> None:
    install(tmp_path, "voxcpm", "1.0", "lost", "old-egg", info="voxcpm.egg-info")
    install(tmp_path, "old_egg", "3.0", info="old_egg-3.0-py3.11.egg-info")
    assert faults(tmp_path) == [("voxcpm", "lost", None, "voxcpm")]


def test_unreadable_metadata_requires_nothing(tmp_path: Path) -> None:
    (tmp_path / "voxcpm-1.0.dist-info").mkdir()
    (tmp_path / "torch-1.0.dist-info").mkdir()
    (tmp_path / "torch-1.0.dist-info" / "METADATA").write_bytes(b"\xff\xfe\0rubbish")
    (tmp_path / "-.dist-info").mkdir()
    (tmp_path / "notes.txt").write_text("Requires-Dist: lost")
    assert faults(tmp_path, roots=("voxcpm", "torch")) == []


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    place = install(tmp_path, "voxcpm", "1.0", "lost")
    (place / "METADATA").write_bytes(b"Author: \xff\xfe\nVersion: 1.0\nRequires-Dist: lost\n")
    assert faults(tmp_path) == [("voxcpm", "lost", None, "voxcpm")]


@pytest.mark.parametrize("form", ["file", "empty folder"])
def test_a_package_without_readable_metadata_is_there_all_the_same(
    form: str, tmp_path: Path
) -> None:
    """distutils wrote one file; Debian still ships some."""
    install(tmp_path, "voxcpm", "1.0", "six")
    if form == "file":
        (tmp_path / "six-1.16.0.egg-info").write_text("Name: six\nVersion: 1.16.0\n")
    else:
        (tmp_path / "six-1.16.0.dist-info").mkdir()
    assert faults(tmp_path) == []
