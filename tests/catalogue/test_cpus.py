"""The CPU table and its lookup: spellings, whole words, families, plausible rows."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.catalogue import cpus as table
from vcf.catalogue.cpus import CpuSpec, cpus, find_cpu, normalise
from vcf.catalogue.gpus import find
from vcf.machine.file import ISA
from vcf.machine.load import load_machine, profile_names


def known(name: str) -> CpuSpec:
    spec = find_cpu(name)
    assert spec is not None, name
    return spec


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("Intel(R) Core(TM) i7-6700HQ CPU @ 2.60GHz", "Intel Core i7-6700HQ"),
        ("Intel® Core™ i7-6700HQ Processor", "Intel Core i7-6700HQ"),
        ("i7 6700HQ", "Intel Core i7-6700HQ"),
        ("INTEL CORE I7-6700HQ 2.6 GHz", "Intel Core i7-6700HQ"),
        ("13th Gen Intel(R) Core(TM) i7-13700H", "Intel Core i7-13700H"),
        ("Intel(R) Core(TM) Ultra 7 155H", "Intel Core Ultra 7 155H"),
        ("Core Ultra 7 Processor 155H", "Intel Core Ultra 7 155H"),
        ("Intel(R) Core(TM) 7 150U", "Intel Core 7 150U"),
        ("Intel(R) N100", "Intel N100"),
        ("Intel(R) Xeon(R) CPU E5-2680 v4 @ 2.40GHz", "Intel Xeon E5-2680 v4"),
        ("e5 2680v4", "Intel Xeon E5-2680 v4"),
        ("Intel(R) Xeon(R) Gold 6248 CPU @ 2.50GHz", "Intel Xeon Gold 6248"),
        ("Intel(R) Xeon(R) Platinum 8480+", "Intel Xeon Platinum 8480+"),
        ("AMD Ryzen 9 5900X 12-Core Processor", "AMD Ryzen 9 5900X"),
        ("AMD Ryzen 7 1700 Eight-Core Processor", "AMD Ryzen 7 1700"),
        ("AMD Ryzen 7 7840HS w/ Radeon 780M Graphics", "AMD Ryzen 7 7840HS"),
        ("AMD Ryzen 7 PRO 7840U with Radeon Graphics", "AMD Ryzen 7 7840U"),
        ("AMD Ryzen AI 9 HX PRO 370 w/ Radeon 890M", "AMD Ryzen AI 9 HX 370"),
        ("AMD RYZEN AI MAX+ 395 w/ Radeon 8060S", "AMD Ryzen AI Max+ 395"),
        ("AMD Ryzen Threadripper PRO 5975WX 32-Cores", "AMD Ryzen Threadripper PRO 5975WX"),
        ("Threadripper 3970X", "AMD Ryzen Threadripper 3970X"),
        ("R7-5800H", "AMD Ryzen 7 5800H"),
        ("ryzen7 5800h", "AMD Ryzen 7 5800H"),
        ("锐龙7 5800H", "AMD Ryzen 7 5800H"),
        ("英特尔 酷睿 i5-12600K", "Intel Core i5-12600K"),
        ("至强E5-2680 v4", "Intel Xeon E5-2680 v4"),
        ("AMD EPYC 7763 64-Core Processor", "AMD EPYC 7763"),
        ("apple m3 pro", "Apple M3 Pro"),
        ("Apple M3 Pro (11-core CPU)", "Apple M3 Pro"),
        ("ARM Cortex-A76 (Raspberry Pi 5 Model B Rev 1.0)", "Raspberry Pi 5"),
        ("Raspberry Pi 4B", "Raspberry Pi 4"),
        ("树莓派5", "Raspberry Pi 5"),
        ("Snapdragon(R) X Elite - X1E78100 - Qualcomm(R) Oryon(TM) CPU",
         "Qualcomm Snapdragon X Elite"),
        ("RK3588S", "Rockchip RK3588"),
        ("Steam Deck", "AMD Custom APU 0405"),
    ],
)  # fmt: skip
def test_names_as_systems_print_and_people_write_them(written: str, name: str) -> None:
    assert known(written).name == name


@pytest.mark.parametrize(
    "name",
    [
        "", "x", " ", "Intel", "Core i5", "i7", "AMD EPYC", "AMD Ryzen 7", "5900X",
        "Intel(R) Xeon(R) CPU @ 2.20GHz", "Intel Xeon Processor (Cascadelake)",
        "VirtualApple @ 2.50GHz", "ARM Neoverse-V1", "Intel(R) Atom(TM) x5-Z8350 CPU @ 1.44GHz",
        "i7-6700 x 2", "i7-6700 双路", "2x Intel Xeon E5-2680 v4", "Apple M9",
        "Raspberry Pi 1", "i7-6700 " * 20,
    ],
)  # fmt: skip
def test_what_names_no_part_is_not_found(name: str) -> None:
    assert find_cpu(name) is None


def test_letters_at_the_end_tell_parts_apart() -> None:
    assert (known("i7-6700").name, known("i7-6700HQ").name) == (
        "Intel Core i7-6700", "Intel Core i7-6700HQ",
    )  # fmt: skip
    assert known("i7-6700HK").cores is None
    assert known("i5-12600").cores != known("i5-12600K").cores
    assert known("E5-2680 v3").cores != known("E5-2680 v4").cores
    assert known("Apple M4").cores != known("Apple M4 Pro").cores


def test_a_name_that_speaks_of_other_cores_is_not_looked_up() -> None:
    assert find_cpu("AMD Ryzen 9 5900X 8-Core Processor") is None
    assert find_cpu("Apple M3 Pro 12-core") is None
    assert find_cpu("Intel Core i7-6700 with 2 cores") is None


def test_hybrids_tell_their_large_cores() -> None:
    spec = known("i5-12600K")
    assert (spec.cores, spec.threads, spec.performance_cores) == (10, 16, 6)
    assert known("i5-12400").performance_cores is None
    assert known("Apple M3 Pro").cores_max == 12


AVX512 = {"avx512f", "avx512_bf16"}


@pytest.mark.parametrize(
    ("name", "has"),
    [
        ("i7-6700HQ", set()),
        ("i9-7900X", {"avx512f"}),
        ("i7-1165G7", {"avx512f"}),
        ("i7-11700K", {"avx512f"}),
        ("i9-14900K", set()),
        ("Core Ultra 9 285K", set()),
        ("Ryzen 9 5950X", set()),
        ("Ryzen 7 7735HS", set()),
        ("Ryzen 7 7840HS", AVX512),
        ("Ryzen 7 9800X3D", AVX512),
        ("Xeon Gold 6248", {"avx512f"}),
        ("Xeon Gold 6338", {"avx512f"}),
        ("Xeon Gold 6348H", AVX512),
        ("Xeon Platinum 8480+", AVX512 | {"amx_bf16"}),
        ("Apple M1", {"neon"}),
        ("Apple M2", {"neon", "bf16"}),
        ("Raspberry Pi 4", {"neon"}),
    ],
)
def test_instruction_sets_that_matter(name: str, has: set[str]) -> None:
    matter = {"avx512f", "avx512_bf16", "amx_bf16", "bf16", "neon"}
    assert set(known(name).isa) & matter == has


@pytest.mark.parametrize(
    ("name", "has"),
    [
        ("i7-6770HQ", {"avx2"}),
        ("i5-10500T", {"avx2"}),
        ("i5-1030G7", {"avx512f"}),
        ("i5-11500T", {"avx512f"}),
        ("i7-12700T", {"avx_vnni"}),
        ("Intel Core Ultra 5 245T", {"avx_vnni"}),
        ("Xeon E3-1245 v5", {"avx2"}),
        ("Intel(R) Xeon(R) Platinum 8175M CPU @ 2.50GHz", {"avx512f"}),
        ("Intel(R) Xeon(R) Platinum 8259CL CPU @ 2.50GHz", {"avx512_vnni"}),
        ("Intel(R) Xeon(R) Platinum 8321HC", {"avx512_bf16"}),
        ("Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz", {"avx512_vnni"}),
        ("Intel(R) Xeon(R) Platinum 8481C", {"amx_bf16"}),
        ("AMD Ryzen 5 3500C", {"avx2"}),
        ("AMD Ryzen 5 7430U", {"avx2"}),
        ("AMD Ryzen 7 7735HX", {"avx2"}),
        ("AMD Ryzen 9 7940HX", {"avx512_bf16"}),
        ("AMD Ryzen 7 PRO 8700GE", {"avx512_bf16"}),
        ("AMD Ryzen 5 9500F", {"avx_vnni"}),
        ("AMD Ryzen AI 5 330", {"avx_vnni"}),
        ("AMD EPYC 7R32", {"avx2"}),
        ("AMD EPYC 7B13", {"avx2"}),
        ("AMD EPYC 9R14", {"avx512_bf16"}),
        ("AMD EPYC 9B45", {"avx_vnni"}),
        ("AWS Graviton2", {"dotprod"}),
        ("AWS Graviton 3", {"sve"}),
        ("Graviton4", {"sve2"}),
    ],
)
def test_a_part_that_is_not_listed_has_what_its_family_has(name: str, has: set[str]) -> None:
    spec = known(name)
    assert (spec.cores, spec.threads, spec.performance_cores) == (None, None, None)
    assert has <= set(spec.isa)
    base = {"neon"} if spec.arch == "arm64" else {"avx", "avx2", "f16c", "fma"}
    assert base <= set(spec.isa) <= ISA
    if has == {"avx2"}:
        assert set(spec.isa) == base


@pytest.mark.parametrize(
    "name",
    ["i7-7740X", "i7-4930K", "i3-8121U", "E5-2680", "E5-2680 v2", "Ryzen 7 7999Q", "Celeron N4000"],
)
def test_a_number_that_does_not_tell_the_generation_says_nothing(name: str) -> None:
    assert find_cpu(name) is None


def test_families_agree_with_the_rows() -> None:
    for spec in cpus():
        family = table._family(normalise(spec.name))
        assert family is None or family.isa == spec.isa, spec.name


def test_rows_are_plausible() -> None:
    assert len(cpus()) > 200
    for spec in cpus():
        assert spec.cores is not None and spec.threads is not None, spec.name
        assert spec.cores <= spec.threads <= 2 * spec.cores, spec.name
        assert set(spec.isa) <= ISA and list(spec.isa) == sorted(spec.isa), spec.name
        large = spec.performance_cores
        assert large is None or 0 < large < spec.cores, spec.name
        if large is not None and spec.arch == "x86_64":  # only the large cores have two threads
            assert spec.threads in (spec.cores, spec.cores + large), spec.name
        assert spec.cores_max is None or spec.cores_max > spec.cores, spec.name
        if spec.name.startswith("Apple "):
            assert find(spec.name) is not None, spec.name


def test_every_name_stands_once_and_is_found() -> None:
    names = [normalise(name) for spec in cpus() for name in (spec.name, *spec.aliases)]
    assert len(set(names)) == len(names)
    for spec in cpus():
        for name in (spec.name, *spec.aliases):
            assert find_cpu(name) is spec


def test_one_row_stands_in_one_line() -> None:
    text = Path(table.__file__).with_name("cpus.json").read_text(encoding="utf-8")
    lines = text.splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("[", "]", len(cpus()) + 2)


@pytest.mark.parametrize("name", profile_names())
def test_shipped_profiles_agree_with_the_table(name: str) -> None:
    cpu = load_machine(name).cpu
    assert cpu.model is not None and cpu.isa is not None
    spec = find_cpu(cpu.model)
    if spec is None:
        return
    assert set(spec.isa) <= set(cpu.isa)
    if spec.cores is not None and not cpu.model.startswith("AMD EPYC"):  # rented by the core
        assert cpu.physical_cores in (spec.cores, spec.cores_max)


@given(st.text(max_size=140))
def test_no_name_breaks_the_lookup(name: str) -> None:
    find_cpu.__wrapped__(name)


def test_a_name_as_long_as_a_file_costs_nothing() -> None:
    assert find_cpu("9" * 1_000_000) is None


def test_a_machine_that_says_its_cores_never_loads_the_table() -> None:
    code = (
        "import sys; from vcf.machine.load import load_machine;"
        "load_machine('asus-gl552vw'); assert 'vcf.catalogue.cpus' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
