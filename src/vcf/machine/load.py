"""Machine files: what ``vcf probe --save`` wrote, or a few facts written by hand."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import msgspec

from ..documents import convert, nearest, package_path, parse, read_text
from ..errors import MachineError
from ..units import parse_size
from .complete import complete
from .file import ISA, CpuFile, DiskFile, GpuFile, MachineFile, MemoryFile
from .model import Cpu, Disk, Gpu, Machine, Memory
from .variables import AMD, NVIDIA, clean, hides_all

FILE_LIMIT = 1 << 20
"""Bytes of a machine file at most; an honest one has 1 to 10 kB."""
SUFFIXES = (".yaml", ".yml", ".json")


def load_machine(path: str | Path) -> Machine:
    """The machine that a file, a profile's name or ``-`` (standard input) describes.

    Raises MachineError: no such file or profile, not YAML or JSON, unknown field, wrong unit,
    impossible value; the message names file and place, the hint how to mend it.
    """
    where = resolve(str(path))
    return read_machine(read_text(where, FILE_LIMIT, MachineError), where)


def resolve(path: str) -> str:
    """A path as it is, a profile's name as the path of its file."""
    if path == "-" or "/" in path or path.endswith(SUFFIXES) or _is_there(path):
        return path
    names = profile_names()
    if path in names:
        return str(package_path("profiles") / f"{path}.yaml")
    words = set(path.lower().replace("_", "-").split("-"))
    like = max(names, key=lambda name: len(words & set(name.split("-"))))
    hint = nearest(path, names) or (
        f"did you mean {like!r}?" if words & set(like.split("-")) else ""
    )
    if path == "here":
        hint = "leave --machine out: this computer is what is looked at"
    hint = hint or "`vcf profiles list` shows the machines shipped with vcf"
    raise MachineError(f"{path}: no such file and no profile of this name", hint)


def _is_there(path: str) -> bool:
    try:
        return Path(path).exists()
    except OSError:  # too long for a name
        return False


def profile_names() -> list[str]:
    """Names of the machines shipped with vcf, sorted."""
    return sorted(file.stem for file in package_path("profiles").glob("*.yaml"))


def load_listed(file: Path) -> Machine:
    """The machine that a file of a folder describes.

    Raises MachineError, also for what is no regular file: a pipe would be waited for.
    """
    if not file.is_file():
        raise MachineError(f"{file}: is no regular file")
    return load_machine(file)


def machine_files(folder: Path) -> Iterator[Path]:
    """The machine files in a folder, by name. Raises MachineError when there is none."""
    files = sorted(file for file in folder.iterdir() if file.suffix in SUFFIXES)
    if not files:
        raise MachineError(
            f"{folder}: holds no machine file", "expected *.yaml, *.yml or *.json in it"
        )
    yield from files


def read_machine(text: str, path: str) -> Machine:
    """The machine that a document describes; ``path`` stands in errors and names it."""
    document = parse(text, path, MachineError)
    _check_quotes(document, path)
    _check_units(document, path)
    said = convert(document, MachineFile, path, MachineError)
    name = path.encode("utf-8", "replace").decode()  # a name that is no text still names
    stem = "stdin" if path == "-" else Path(name).stem
    source = "file" if path == "-" else f"file {Path(name).name}"
    filled = said.schema is not None
    settings = _settings(said.settings)
    gpus = None if said.gpus is None else _gpus(said, path)
    if gpus is not None and settings is not None:
        gpus = [_hidden(gpu, settings) for gpu in gpus]
    machine = Machine(
        name=said.name or stem,
        os=said.os,
        os_version=said.os_version,
        arch=_arch(said.arch),
        container=said.container,
        wsl=None if said.wsl is None else str(said.wsl),
        jetson=said.jetson,
        rosetta=said.rosetta,
        cpu=_cpu(said.cpu, path, filled),
        memory=_memory(said.memory, path),
        gpus=gpus,
        disk=_disk(said.disk, path),
        software=_software(said.software),
        settings=settings,
        sources=dict(said.sources),
        unknown=dict(said.unknown),
    )
    return complete(machine, source, filled=filled)


def _check_quotes(document: dict[str, Any], path: str) -> None:
    """YAML reads ``python: 3.10`` as the number 3.1; only quotes keep what was meant."""
    software = document.get("software")
    if isinstance(software, dict):
        for name, version in software.items():
            if isinstance(version, bool):
                raise MachineError(
                    f"{path}: software.{name}: a version is expected, not yes or no",
                    "write the version in quotes, or null where it is not installed",
                )
            if isinstance(version, int | float):
                raise MachineError(
                    f"{path}: software.{name}: the version is read as a number",
                    f"put it in quotes: {name}: {_quoted(version)}",
                )
    gpus = document.get("gpus")
    for index, gpu in enumerate(gpus if isinstance(gpus, list) else ()):
        if not isinstance(gpu, dict):
            continue
        for field in ("compute_capability", "driver", "cuda_ceiling"):
            if isinstance(gpu.get(field), int | float):
                raise MachineError(
                    f"{path}: gpus[{index}].{field}: the version is read as a number",
                    f"put it in quotes: {field}: {_quoted(gpu[field])}",
                )


def _quoted(version: float) -> str:
    """The version in quotes; 3.1 may have been 3.10."""
    tens = isinstance(version, float) and len(str(version).partition(".")[2]) == 1
    return f'"{version}"' + (f' (or "{version}0")' if tens else "")


_SIZES = ("total", "available", "limit", "swap", "vram", "vram_free", "free", "temp_free")


def _check_units(document: dict[str, Any], path: str) -> None:
    """A bare number may be GiB, GB or bytes: only a unit tells."""
    gpus = document.get("gpus")
    places: list[tuple[str, Any]] = [(name, document.get(name)) for name in ("memory", "disk")]
    places += [(f"gpus[{i}]", gpu) for i, gpu in enumerate(gpus if isinstance(gpus, list) else ())]
    for place, said in places:
        for field in _SIZES if isinstance(said, dict) else ():
            if isinstance(said.get(field), int | float):
                hint = f"write it with its unit: {field}: {said[field]}GiB"
                raise MachineError(f"{path}: {place}.{field}: has no unit", hint)


def _size(written: str | None, given: int | None, place: str) -> int | None:
    if written is None:
        return given
    if given is not None:
        raise MachineError(f"{place}: is given twice", "keep one of the two")
    try:
        return parse_size(written)
    except ValueError as problem:
        raise MachineError(f"{place}: {problem}") from None


def _arch(arch: str | None) -> str | None:
    names = {"amd64": "x86_64", "x64": "x86_64", "aarch64": "arm64"}
    return None if arch is None else names.get(arch.lower(), arch.lower())


def _cpu(said: CpuFile, path: str, filled: bool) -> Cpu:
    physical, logical = said.physical_cores or said.cores, said.logical_cores or said.threads
    if physical and logical and physical > logical:
        raise MachineError(
            f"{path}: cpu: {physical} cores but only {logical} threads",
            "threads counts hardware threads: as many as cores, or twice as many",
        )
    for name in said.isa or ():
        if name.lower() not in ISA:
            raise MachineError(
                f"{path}: cpu.isa: {name!r} is no instruction set that vcf knows",
                nearest(name.lower(), ISA) or "known: " + " ".join(sorted(ISA)),
            )
    return Cpu(
        model=said.model,
        physical_cores=physical,
        logical_cores=logical,
        usable_cores=said.usable_cores or (None if filled else logical or physical),
        isa=None if said.isa is None else sorted({name.lower() for name in said.isa}),
    )


def _memory(said: MemoryFile, path: str) -> Memory:
    def size(field: str) -> int | None:
        place = f"{path}: memory.{field}"
        return _size(getattr(said, field), getattr(said, f"{field}_bytes"), place)

    total, available = size("total"), size("available")
    if total == 0:
        raise MachineError(f"{path}: memory.total: is zero")
    if total is not None and available is not None and available > total:
        raise MachineError(f"{path}: memory: more is available than there is in total")
    return Memory(
        total_bytes=total,
        available_bytes=available,
        limit_bytes=size("limit"),
        swap_bytes=size("swap"),
        speed=said.speed,
        channels=said.channels,
    )


def _gpus(said: MachineFile, path: str) -> list[Gpu]:
    driver = _packages(said.software or {}).get("driver")
    return [_gpu(gpu, driver, f"{path}: gpus[{i}]") for i, gpu in enumerate(said.gpus or ())]


def _gpu(said: GpuFile, driver: str | None, place: str) -> Gpu:
    facts = msgspec.structs.asdict(said)
    written, written_free = facts.pop("vram"), facts.pop("vram_free")
    total = _size(written, said.vram_total_bytes, f"{place}.vram")
    free = _size(written_free, said.vram_free_bytes, f"{place}.vram_free")
    if total is not None and free is not None and free > total:
        raise MachineError(f"{place}: more VRAM is free than there is in total")
    facts.update(vram_total_bytes=total, vram_free_bytes=free)
    for field in ("compute_capability", "gfx", "cuda_ceiling"):
        facts[field] = facts[field] and facts[field].strip()  # a YAML block ends with a newline
    if driver and said.driver is None and said.vendor in (None, "nvidia"):
        facts["driver"] = driver
    return Gpu(**facts)


def _disk(said: DiskFile, path: str) -> Disk:
    def size(field: str) -> int | None:
        place = f"{path}: disk.{field}"
        return _size(getattr(said, field), getattr(said, f"{field}_bytes"), place)

    total, free = size("total"), size("free")
    if total is not None and free is not None and free > total:
        raise MachineError(f"{path}: disk: more is free than there is in total")
    return Disk(
        path=said.path,
        total_bytes=total,
        free_bytes=free,
        kind=said.kind,
        temp_free_bytes=size("temp_free"),
    )


def _software(said: dict[str, str | None] | None) -> dict[str, str | None] | None:
    if said is None:
        return None
    names = _packages(said)
    names.pop("driver", None)  # moved to the GPUs
    return names


def _settings(said: dict[str, str | int] | None) -> dict[str, str] | None:
    return None if said is None else {name: clean(str(value)) for name, value in said.items()}


def _hidden(gpu: Gpu, settings: dict[str, str]) -> Gpu:
    if gpu.hidden_by is not None:
        return gpu
    names = {"nvidia": NVIDIA, "amd": AMD}.get(gpu.vendor or "nvidia", ())
    return msgspec.structs.replace(gpu, hidden_by=hides_all(settings.get, names))


def _packages(said: dict[str, str | None]) -> dict[str, str | None]:
    """By names as PyPI compares them: flash_attn is flash-attn."""
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in said.items()}
