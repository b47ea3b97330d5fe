"""Machine files: what they may say, what is refused and how it is put."""

from __future__ import annotations

import io
import math
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.errors import MachineError, VcfError
from vcf.machine.file import MOST_GPUS
from vcf.machine.load import (
    FILE_LIMIT,
    load_machine,
    machine_files,
    profile_names,
    read_machine,
    resolve,
)
from vcf.machine.model import Machine

GIB = 1 << 30
GB = 10**9


def refusal(text: str, path: str = "desk.yaml") -> MachineError:
    with pytest.raises(MachineError) as caught:
        read_machine(text, path)
    error = caught.value
    assert "\n" not in error.message + error.hint
    return error


WRONG = [
    # text, message after "desk.yaml", hint (or what it begins with)
    ("memory: {total: 16}", ": memory.total: has no unit", "write it with its unit: total: 16GiB"),
    ("memory: {swap: 1.5}", ": memory.swap: has no unit", "write it with its unit: swap: 1.5GiB"),
    ("gpus: [{vram: 12}]", ": gpus[0].vram: has no unit", "write it with its unit: vram: 12GiB"),
    ("disk: {free: 200}", ": disk.free: has no unit", "write it with its unit: free: 200GiB"),
    ('memory: {total: "16"}',
     ": memory.total: '16' is not a size: write a number and a unit, such as 16GiB", ""),
    ("memory: {total: -4GiB}",
     ": memory.total: '-4GiB' is not a size: write a number and a unit, such as 16GiB", ""),
    ("memory: {total: 4 gigs}",
     ": memory.total: '4 gigs' has an unknown unit 'gigs': use GiB or GB", ""),
    ("memory: {total: 4 pages}",
     ": memory.total: '4 pages' has an unknown unit 'pages': "
     "use B, kB, MB, GB, TB, KiB, MiB, GiB or TiB", ""),
    ("memory: {total: 9000TiB}", ": memory.total: '9000TiB' is beyond 8 PiB", ""),
    (f"memory: {{total: {'9' * 400}GiB}}",
     f": memory.total: '{'9' * 400}GiB' is beyond 8 PiB", ""),
    ("memory: {total: 0GiB}", ": memory.total: is zero", ""),
    ("memory: {total_bytes: -1}", ": memory.total_bytes: expected 'int' >= 0", ""),
    ("cpu: {cores: 0}", ": cpu.cores: expected 'int' >= 1", ""),
    ("cpu: {cores: -2}", ": cpu.cores: expected 'int' >= 1", ""),
    ("cpu: {cores: 1.5}", ": cpu.cores: expected 'int | null', got 'float'", ""),
    ("memory: {total: 8GiB, available: 9GiB}",
     ": memory: more is available than there is in total", ""),
    ("disk: {total: 8GB, free: 9GB}", ": disk: more is free than there is in total", ""),
    ("gpus: [{vram: 8GiB, vram_free: 9GiB}]",
     ": gpus[0]: more VRAM is free than there is in total", ""),
    ("cpu: {cores: 8, threads: 4}", ": cpu: 8 cores but only 4 threads",
     "threads counts hardware threads: as many as cores, or twice as many"),
    ("memroy: {}", ": unknown field 'memroy'", "did you mean 'memory'?"),
    ("zzz: 1", ": unknown field 'zzz'", "known fields: schema, name, description, "),
    ("gpus: [{vramm: 8GiB}]", ": gpus[0]: unknown field 'vramm'", "did you mean 'vram'?"),
    ("memory: {totl: 8GiB}", ": memory: unknown field 'totl'", "did you mean 'total'?"),
    ("cpu: {isa: [avx3]}", ": cpu.isa: 'avx3' is no instruction set that vcf knows",
     "did you mean 'avx"),
    ("cpu: {isa: [zzz]}", ": cpu.isa: 'zzz' is no instruction set that vcf knows", "known: amx_"),
    ("os: Linux", ": os: invalid enum value 'Linux'", "one of: linux, macos, windows"),
    ("gpus: [{vendor: nvidea}]", ": gpus[0].vendor: invalid enum value 'nvidea'",
     "one of: amd, apple, intel, nvidia"),
    ("disk: {kind: tape}", ": disk.kind: invalid enum value 'tape'",
     "one of: flash, hdd, network, nvme, ssd"),
    ("schema: vcf.machine/9", ": schema: invalid enum value 'vcf.machine/9'",
     "one of: vcf.machine/1"),
    ("software: {python: 3.10}", ": software.python: the version is read as a number",
     'put it in quotes: python: "3.1" (or "3.10")'),
    ("software: {python: 3.12}", ": software.python: the version is read as a number",
     'put it in quotes: python: "3.12"'),
    ("software: {torch: 2}", ": software.torch: the version is read as a number",
     'put it in quotes: torch: "2"'),
    ("software: {torch: no}", ": software.torch: a version is expected, not yes or no",
     "write the version in quotes, or null where it is not installed"),
    ("software: {torch: [1]}", ": software[...]: expected 'str | null', got 'array'", ""),
    ("gpus: [{driver: 572.16}]", ": gpus[0].driver: the version is read as a number",
     'put it in quotes: driver: "572.16"'),
    ("gpus: [{compute_capability: 8.6}]",
     ": gpus[0].compute_capability: the version is read as a number",
     'put it in quotes: compute_capability: "8.6"'),
    ("gpus: [{name: 5}]", ": gpus[0].name: expected 'str | null', got 'int'", ""),
    ("gpus: [5]", ": gpus[0]: expected 'object', got 'int'", ""),
    ("gpus: 5", ": gpus: expected 'array | null', got 'int'", ""),
    ("gpus: {name: x}", ": gpus: expected 'array | null', got 'object'", ""),
    ("memory: 16GiB", ": memory: expected 'object', got 'str'", ""),
    ("software: [torch]", ": software: expected 'object | null', got 'array'", ""),
    ("memory: {total: 8GiB, total_bytes: 5}", ": memory.total: is given twice",
     "keep one of the two"),
    ("gpus: [{vram: 8GiB, vram_total_bytes: 5}]", ": gpus[0].vram: is given twice",
     "keep one of the two"),
    (f"gpus: [{', '.join(['{}'] * 65)}]", ": gpus: expected 'array' of length <= 64", ""),
    ("os: linux\nos: windows", ":2:1: broken YAML: the key 'os' stands twice", ""),
    ("cpu: &c {cores: 4}\nmemory: *c", ":1: anchors and aliases (& and *) are not accepted",
     "write the values out"),
    ("os: linux\n  cpu: [", ":2:6: broken YAML: mapping values are not allowed in this context",
     ""),
    ("os: [linux", ":2:1: broken YAML: did not find expected ',' or ']'", ""),
    ("a\0b: 1", ": broken YAML: unacceptable character #x0000: control characters are not allowed",
     ""),
    ("", ": is empty", ""),
    ("# nothing\n", ": is empty", ""),
    ("- os: linux", ": holds a list where a mapping (key: value) is expected", ""),
    ("linux", ": holds a str where a mapping (key: value) is expected", ""),
]  # fmt: skip


@pytest.mark.parametrize(("text", "message", "hint"), WRONG, ids=lambda value: str(value)[:50])
def test_what_is_wrong_is_named_with_its_place_and_its_cure(
    text: str, message: str, hint: str
) -> None:
    error = refusal(text)
    assert error.message == f"desk.yaml{message}"
    assert error.hint == hint or (hint and error.hint.startswith(hint))
    assert (error.kind, error.exit_code) == ("machine", 2)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{"os": "linux",}', "desk.json: broken JSON: "),
        ('{"os": "linux"', "desk.json: broken JSON: Expecting ',' delimiter: line 1"),
        ('{"os": "linux", "os": "windows"}', "desk.json: broken JSON: the key 'os' stands twice"),
        ('{"memory": {"total_bytes": NaN}}', "desk.json: broken JSON: NaN is no JSON"),
        ('{"a\0": 1}', "desk.json: broken JSON: Invalid control character"),
        ("[1]", "desk.json: holds a list where a mapping"),
    ],
)
def test_broken_json(text: str, message: str) -> None:
    assert refusal(text, "desk.json").message.startswith(message)


# ---- files ------------------------------------------------------------------------------------


def test_a_file_beyond_a_mebibyte_is_refused(tmp_path: Path) -> None:
    large = tmp_path / "large.yaml"
    large.write_text("#" * (2 << 20))
    with pytest.raises(MachineError, match="larger than 1 MiB") as caught:
        load_machine(large)
    assert caught.value.hint == "is this the right file?"
    full = tmp_path / "full.yaml"
    full.write_text("os: linux\n#".ljust(FILE_LIMIT, "-"))
    assert load_machine(full).os == "linux"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="is a folder, not a file"):
        load_machine(tmp_path)


def test_a_missing_file_points_to_the_shipped_machines(tmp_path: Path) -> None:
    with pytest.raises(MachineError, match="No such file or directory") as caught:
        load_machine(tmp_path / "none.yaml")
    assert caught.value.hint == "see `vcf profiles list` for the machines shipped with vcf"


@pytest.mark.parametrize("name", ["a" * 300, "a/" * 3000, "nul\0.yaml", "nul\0", "."])
def test_a_name_that_can_be_no_file_is_an_ordinary_error(name: str) -> None:
    with pytest.raises(MachineError) as caught:
        load_machine(name)
    assert caught.value.exit_code == 2


def test_a_binary_file_is_no_text(tmp_path: Path) -> None:
    path = tmp_path / "image.yaml"
    path.write_bytes(b"\x89PNG\r\n\x1a\n")
    with pytest.raises(MachineError, match="is not text: invalid start byte at byte 0") as caught:
        load_machine(path)
    assert caught.value.hint == "save it as UTF-8"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_files_of_windows_editors_are_read(tmp_path: Path, encoding: str) -> None:
    path = tmp_path / "desk.yaml"
    path.write_bytes("name: 工作站\r\nos: windows\r\n".encode(encoding))
    assert (load_machine(path).name, load_machine(path).os) == ("工作站", "windows")


def test_standard_input_is_read_and_named(monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(b"memory: {total: 8GiB}"))
    monkeypatch.setattr("sys.stdin", stdin)
    machine = load_machine("-")
    assert (machine.name, machine.sources["memory.total_bytes"]) == ("stdin", "file")
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(b"zzz: 1")))
    with pytest.raises(MachineError, match=r"^-: unknown field 'zzz'"):
        load_machine("-")


def test_every_profile_loads_under_its_name() -> None:
    names = profile_names()
    assert len(names) > 30 and names == sorted(names)
    for name in names:
        assert load_machine(name).name == name


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("asus-gl552v", "did you mean 'asus-gl552vw'?"),
        ("rtx-4090", "did you mean 'desktop-rtx-4090-24gb'?"),
        ("RTX_5090", "did you mean 'desktop-rtx-5090-32gb'?"),
        ("zzzz", "`vcf profiles list` shows the machines shipped with vcf"),
    ],
)
def test_an_unknown_profile_gets_a_suggestion(typed: str, hint: str) -> None:
    with pytest.raises(MachineError) as caught:
        resolve(typed)
    assert caught.value.message == f"{typed}: no such file and no profile of this name"
    assert caught.value.hint == hint


def test_a_file_of_a_profile_s_name_comes_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("asus-gl552vw").write_text("os: linux")
    assert load_machine("asus-gl552vw").os == "linux"
    assert resolve("other.yml") == "other.yml"


def test_the_machine_files_of_a_folder_come_by_name(tmp_path: Path) -> None:
    for name in ("b.yaml", "a.json", "c.yml", "notes.txt", "d.yaml.bak"):
        (tmp_path / name).write_text("os: linux")
    assert [file.name for file in machine_files(tmp_path)] == ["a.json", "b.yaml", "c.yml"]
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(MachineError, match="holds no machine file") as caught:
        list(machine_files(empty))
    assert caught.value.hint == "expected *.yaml, *.yml or *.json in it"


# ---- what a file says -------------------------------------------------------------------------

FULL = """
name: my-desktop
description: for people
source: measured
os: windows
os_version: Windows 11
arch: AMD64
container: docker
wsl: "2"
cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [AVX2, fma]}
memory:
  {total: 32GiB, available: 20 GiB, swap: 2048MiB, limit: 30GiB, speed: DDR4-3200, channels: 2}
gpus:
  - {name: NVIDIA GeForce RTX 3060, vram: 12GiB, vram_free: 11GiB}
disk: {path: ~/models, total: 1TB, free: 200GB, temp_free: 5GB, kind: nvme}
software: {Python: "3.11", torch: 2.8.0+cu128, Flash_Attn: "2.7", driver: "572.16", ffmpeg: null}
"""


def test_a_full_file_is_read_whole(machine_of: Callable[[str], Machine]) -> None:
    machine = machine_of(FULL)
    assert (machine.name, machine.os, machine.os_version) == ("my-desktop", "windows", "Windows 11")
    assert (machine.arch, machine.container, machine.wsl) == ("x86_64", "docker", "2")
    cpu = machine.cpu
    assert (cpu.physical_cores, cpu.logical_cores, cpu.usable_cores) == (10, 16, 16)
    assert cpu.isa == ["avx2", "fma"]
    memory = machine.memory
    assert (memory.total_bytes, memory.available_bytes) == (32 * GIB, 20 * GIB)
    assert (memory.limit_bytes, memory.swap_bytes) == (30 * GIB, 2 * GIB)
    (gpu,) = machine.gpus
    assert (gpu.vram_total_bytes, gpu.vram_free_bytes) == (12 * GIB, 11 * GIB)
    assert (gpu.vendor, gpu.compute_capability, gpu.driver) == ("nvidia", "8.6", "572.16")
    disk = machine.disk
    assert (disk.total_bytes, disk.free_bytes, disk.temp_free_bytes) == (
        1000 * GB, 200 * GB, 5 * GB,
    )  # fmt: skip
    assert machine.software == {
        "python": "3.11", "torch": "2.8.0+cu128", "flash-attn": "2.7", "ffmpeg": None,
    }  # fmt: skip


def test_a_file_in_bytes_says_the_same(machine_of: Callable[[str], Machine]) -> None:
    written = machine_of("memory: {total: 8GiB}\ngpus: [{name: RTX 3060, vram: 12GiB}]")
    counted = machine_of(
        f"memory: {{total_bytes: {8 * GIB}}}\n"
        f"gpus: [{{name: RTX 3060, vram_total_bytes: {12 * GIB}}}]"
    )
    assert written == counted


def test_a_file_that_says_nothing_of_gpus_leaves_them_unknown(
    machine_of: Callable[[str], Machine],
) -> None:
    assert machine_of("os: linux").gpus is None
    assert machine_of("gpus: []").gpus == []
    assert machine_of("gpus: null").gpus is None
    assert machine_of("os: linux").software is None


@pytest.mark.parametrize("key", ["driver", "Driver", "DRIVER"])
def test_the_driver_of_the_software_goes_to_nvidia_cards_without_one(
    machine_of: Callable[[str], Machine], key: str
) -> None:
    machine = machine_of(
        "gpus: [{vendor: nvidia}, {}, {vendor: amd}, {vendor: nvidia, driver: '550.1'}]\n"
        f"software: {{{key}: '572.16'}}"
    )
    assert [gpu.driver for gpu in machine.gpus] == ["572.16", "572.16", None, "550.1"]
    assert machine.software == {}


def test_cores_that_are_not_told_follow_from_what_is(machine_of: Callable[[str], Machine]) -> None:
    def cores(text: str) -> tuple[int | None, ...]:
        cpu = machine_of(f"cpu: {{{text}}}").cpu
        return cpu.physical_cores, cpu.logical_cores, cpu.usable_cores

    assert cores("cores: 4") == (4, None, 4)
    assert cores("threads: 8") == (None, 8, 8)
    assert cores("cores: 4, threads: 8, usable_cores: 2") == (4, 8, 2)
    assert cores("physical_cores: 4, logical_cores: 8") == (4, 8, 8)
    assert cores("") == (None, None, None)


def test_a_saved_probe_is_taken_at_its_word(machine_of: Callable[[str], Machine]) -> None:
    machine = machine_of(
        "schema: vcf.machine/1\ncpu: {logical_cores: 8}\n"
        "sources: {os: probe}\nunknown: {cpu.usable_cores: no source tells it}"
    )
    assert machine.cpu.usable_cores is None
    assert machine.unknown == {"cpu.usable_cores": "no source tells it"}
    assert machine.sources == {"os": "probe"}


@pytest.mark.parametrize("driver", ["amdgpu", "i915", "xe", "32.0.12019.1028"])
def test_drivers_of_every_maker_are_read_back(
    machine_of: Callable[[str], Machine], driver: str
) -> None:
    machine = machine_of(f"schema: vcf.machine/1\ngpus: [{{vendor: amd, driver: {driver}}}]")
    assert machine.gpus[0].driver == driver


def test_the_newline_at_the_end_of_a_block_is_no_part_of_a_version(
    machine_of: Callable[[str], Machine],
) -> None:
    text = "gpus:\n- vendor: nvidia\n  compute_capability: |\n    8.6\n  gfx: null\n"
    assert machine_of(text).gpus[0].compute_capability == "8.6"


@pytest.mark.parametrize(
    ("written", "read"), [("AMD64", "x86_64"), ("aarch64", "arm64"), ("RISCV64", "riscv64")]
)
def test_architectures_have_one_name(
    machine_of: Callable[[str], Machine], written: str, read: str
) -> None:
    assert machine_of(f"arch: {written}").arch == read


def test_flow_style_yaml_is_no_json(machine_of: Callable[[str], Machine]) -> None:
    machine = machine_of("{os: linux, memory: {total: 8GiB}}")
    assert (machine.os, machine.memory.total_bytes) == ("linux", 8 * GIB)


YAML_BITS = st.lists(
    st.sampled_from(
        ["os", ": ", "linux", "\n", "- ", "[", "]", "{", "}", "gpus", "memory", "total", "!!bool ",
         "!!int ", "!!float ", "!!set ", "!!map ", "!!timestamp ", "!!binary ", "? ", "'", '"',
         "|", ">", "&a ", "*a", "8GiB", "-1", "0b", ".nan", "1e400", "~", "<<", "#", "%", "\t",
         "schema", "vcf.machine/1", "software", "driver", "null", "name", "1:2:3", "12:30", ",",
         "  ", "cpu", "isa", "unknown", "sources", "\0", "é", "---\n", "...", "0x1f", "2026-01-01"]
    ),
    max_size=30,
).map("".join)  # fmt: skip


@given(YAML_BITS | st.text(max_size=60))
def test_no_text_raises_anything_but_a_refusal(text: str) -> None:
    for path in ("x.yaml", "x.json"):
        try:
            machine = read_machine(text, path)
        except VcfError as error:
            assert error.message.startswith(("x.", "'x."))
        else:
            assert isinstance(machine, Machine)


def test_the_limits_are_honest() -> None:
    assert MOST_GPUS == 64
    assert math.log2(FILE_LIMIT) == 20


def test_a_file_name_that_is_no_text_still_names_its_machine() -> None:
    machine = read_machine("os: linux", "caf\udce9.yaml")
    assert machine.name == "caf?"
    assert machine.sources["os"] == "file caf?.yaml"
