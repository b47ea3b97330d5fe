"""The GPU table and its lookup: names, sizes, laptops, PCI ids, floors."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.catalogue import gpus as table
from vcf.catalogue.gpus import (
    GpuSpec,
    bf16_native,
    by_pci,
    find,
    find_typed,
    floor_for,
    fp16_native,
    gpus,
    normalise,
    split_size,
    suggest,
)
from vcf.units import GIB

ROOT = Path(__file__).resolve().parents[2]


def known(spec: GpuSpec | None) -> GpuSpec:
    assert spec is not None
    return spec


@pytest.fixture(scope="module")
def build() -> ModuleType:
    location = importlib.util.spec_from_file_location(
        "build_gpus", ROOT / "scripts" / "build_gpus.py"
    )
    assert location is not None and location.loader is not None
    module = importlib.util.module_from_spec(location)
    location.loader.exec_module(module)
    return module


class TestTable:
    def test_figures_give_the_table_byte_for_byte(self, build: ModuleType) -> None:
        assert build.main(["--check"]) == 0

    def test_stale_table_is_noticed(
        self,
        build: ModuleType,
        tmp_path: Path,
        monkeypatch: pytest.MonkeyPatch,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        text = build.TABLE.read_text(encoding="utf-8")
        monkeypatch.setattr(build, "TABLE", tmp_path / "gpus.json")
        build.TABLE.write_text("[]", encoding="utf-8")
        assert build.main(["--check"]) == 1
        assert "out of date" in capsys.readouterr().err
        assert build.main([]) == 0
        assert build.TABLE.read_bytes() == text.encode()

    def test_problems_are_named(self, build: ModuleType) -> None:
        good = {"name": "A", "vendor": "amd", "year": 2020, "source": "https://amd.com"}
        good |= {"bandwidth_gb_s": 100.0, "fp32_tflops": 1.0}
        bad = good | {"name": "AMD a", "vendor": "s3", "year": 1999, "pci": ["1"], "source": ""}
        assert build.problems([good]) == []
        assert len(build.problems([good, bad])) == 5

    def test_enough_cards(self) -> None:
        assert len(gpus()) >= 240
        assert {spec.vendor for spec in gpus()} == {"nvidia", "amd", "intel", "apple"}

    def test_one_row_a_line_in_order(self) -> None:
        text = Path(table.__file__).with_name("gpus.json").read_text(encoding="utf-8")
        lines = text.splitlines()
        assert len(lines) == len(gpus()) + 2
        assert list(gpus()) == sorted(gpus(), key=lambda spec: (spec.vendor, spec.name))

    def test_names_are_unique(self) -> None:
        keys = [k for s in gpus() for k in {normalise(n) for n in (s.name, *s.aliases)}]
        assert len(keys) == len(set(keys))

    @pytest.mark.parametrize("spec", gpus(), ids=lambda spec: spec.name)
    def test_row(self, spec: GpuSpec) -> None:
        assert find(spec.name) == spec
        assert all(find(alias) == spec for alias in spec.aliases)
        assert spec.source.startswith("https://")
        assert all(re.fullmatch("[0-9a-f]{4}", device) for device in spec.pci)
        assert (spec.bandwidth_gb_s_max or 1e9) > spec.bandwidth_gb_s
        assert (
            bool(spec.vram_gib) != spec.unified or spec.name == "Instinct MI300A" or spec.variants
        )
        assert spec.vendor != "nvidia" or bool(spec.cc) != bool(spec.cc_variants)
        for variant in spec.variants:
            assert bool(variant.vram_gib) != bool(variant.gpu_cores)
            assert variant.bandwidth_gb_s >= spec.bandwidth_gb_s
            assert variant.fp32_tflops >= spec.fp32_tflops
        if spec.cc:
            assert spec.bf16 == bf16_native(spec.cc)
            assert ((spec.fp16_tflops or 0) >= spec.fp32_tflops) == fp16_native(spec.cc)


class TestFacts:
    def test_the_reference_laptop(self) -> None:
        spec = known(find("NVIDIA GeForce GTX 960M"))
        assert (spec.cc, spec.vram_gib, spec.laptop) == ("5.0", (2, 4), True)
        assert spec.pci == ("139b",)
        assert spec.bandwidth_gb_s == pytest.approx(80, rel=0.01)
        assert spec.fp32_tflops == pytest.approx(1.5, rel=0.01)
        assert (spec.fp16_tflops, spec.matrix_tflops, spec.bf16) == (None, None, False)

    def test_generations(self) -> None:
        fifty = [s for s in gpus() if s.name.startswith("GeForce RTX 50")]
        assert len(fifty) >= 13 and {s.cc for s in fifty} == {"12.0"}
        p100 = [s for s in gpus() if s.name.startswith("Tesla P100")]
        assert len(p100) == 3 and {s.cc for s in p100} == {"6.0"}
        assert known(find("GeForce RTX 2050")).cc == "8.6"
        assert known(find("Quadro K620")).cc == "5.0"
        assert known(find("GeForce GTX 860M")).cc_variants == ("3.0", "5.0")

    @pytest.mark.parametrize(
        ("name", "matrix"),
        [
            ("GeForce RTX 3090", 71.2),
            ("GeForce RTX 4090", 165.2),
            ("GeForce RTX 5090", 209.5),
            ("GeForce RTX 2080 Ti", 53.8),
            ("RTX A6000", 154.8),
            ("RTX 6000 Ada Generation", 364.2),
            ("Tesla T4", 65.1),
            ("A100-SXM4-40GB", 312),
            ("H100 80GB HBM3", 989),
            ("Tesla V100-SXM2-16GB", 125),
            ("Radeon RX 9070 XT", 194.6),
            ("Radeon RX 7900 XTX", 122.9),
        ],
    )
    def test_matrix_rates_are_those_of_the_vendor(self, name: str, matrix: float) -> None:
        assert known(find(name)).matrix_tflops == pytest.approx(matrix, rel=0.01)

    def test_no_matrix_units(self) -> None:
        for name in ("GeForce GTX 1660 Ti", "T1000", "GeForce GTX 1080", "Apple M2", "Radeon VII"):
            assert known(find(name)).matrix_tflops is None

    def test_pascal_fp16_is_there_but_useless(self) -> None:
        spec = known(find("GeForce GTX 1080 Ti"))
        assert known(spec).fp16_tflops == pytest.approx(spec.fp32_tflops / 64, rel=0.01)


class TestNormalise:
    @given(st.text())
    def test_twice_is_once(self, text: str) -> None:
        assert normalise(normalise(text)) == normalise(text)

    words = st.sampled_from(
        ["NVIDIA", "AMD", "ATI", "Intel(R)", "(TM)", "Graphics", "Radeon", "Arc(TM)", "(", "R)"]
    )

    @given(st.lists(words).map(" ".join))
    def test_twice_is_once_for_the_words_it_knows(self, text: str) -> None:
        assert normalise(normalise(text)) == normalise(text)

    @pytest.mark.parametrize(
        ("name", "key"),
        [
            ("NVIDIA GeForce GTX 960M", "geforce gtx 960m"),
            ("NVIDIA Corporation  GeForce  GTX 960M ", "geforce gtx 960m"),
            ("Intel(R) Arc(TM) A770 Graphics", "arc a770"),
            ("Intel® Iris® Xe Graphics", "iris xe"),
            ("AMD Radeon(TM) Graphics", "radeon graphics"),
            ("AMD Radeon 780M Graphics", "radeon 780m"),
            ("AMD", "amd"),
            ("Graphics", "graphics"),
            ("", ""),
        ],
    )
    def test_names(self, name: str, key: str) -> None:
        assert normalise(name) == key


class TestFind:
    @pytest.mark.parametrize(
        ("name", "found"),
        [
            ("NVIDIA RTX A1000", "RTX A1000"),
            ("NVIDIA T400 4GB", "T400"),
            ("Quadro M1000M", "Quadro M1000M"),
            ("NVIDIA A100-SXM4-40GB", "A100-SXM4-40GB"),
            ("NVIDIA A10", "A10"),
            ("NVIDIA L4", "L4"),
            ("NVIDIA L40S", "L40S"),
            ("Apple M1", "Apple M1"),
            ("AMD Radeon(TM) Graphics", "Radeon Graphics"),
            ("Intel(R) Arc(TM) 140V GPU (16GB)", "Arc 140V"),
            ("NVIDIA Thor", "Jetson AGX Thor"),
            ("NVIDIA Tegra X1", "Jetson Nano"),
        ],
    )
    def test_whole_names_only(self, name: str, found: str) -> None:
        assert known(find(name)).name == found

    @pytest.mark.parametrize(
        "name",
        ["100", "M1000", "GeForce", "RTX", "A1", "GRID A100X-8C", "NVIDIA A10-8Q", "", "GPU 8GB"],
    )
    def test_parts_of_names_are_not_names(self, name: str) -> None:
        assert find(name) is None

    @pytest.mark.parametrize(
        ("name", "vram", "bandwidth", "fp32"),
        [
            ("GeForce RTX 3050", 6, 168, 6.77),
            ("GeForce RTX 3050", 8, 224, 9.1),
            ("GeForce RTX 3060", 8, 240, 12.7),
            ("GeForce RTX 3060", 11.75, 360, 12.7),
            ("GeForce RTX 3080", 10, 760, 29.8),
            ("GeForce RTX 3080", 12, 912, 30.6),
            ("GeForce GTX 1060", 3, 192, 3.94),
            ("Arc A770", 16, 560, 17.2),
            ("Orin (nvgpu)", 61.4, 204.8, 5.3),
        ],
    )
    def test_size_chooses_the_card(
        self, name: str, vram: float, bandwidth: float, fp32: float
    ) -> None:
        spec = known(find(name, vram_bytes=int(vram * GIB)))
        assert spec.bandwidth_gb_s == pytest.approx(bandwidth, rel=0.01)
        assert spec.fp32_tflops == pytest.approx(fp32, rel=0.01)
        assert not spec.variants and spec.bandwidth_gb_s_max is None

    def test_size_in_the_name(self) -> None:
        assert known(find("NVIDIA GeForce GTX 1060 6GB")).vram_gib == (6,)
        assert known(find("NVIDIA T1000 8GB")).vram_gib == (8,)
        spec = known(find("NVIDIA GeForce RTX 3050 6GB Laptop GPU"))
        assert (spec.laptop, spec.bandwidth_gb_s) == (True, 168)

    def test_unknown_size_gives_the_lowest(self) -> None:
        spec = known(find("GeForce RTX 3060", vram_bytes=24 * GIB))
        assert spec == find("GeForce RTX 3060")
        assert (spec.bandwidth_gb_s, spec.bandwidth_gb_s_max) == (240, 360)

    def test_cores_choose_the_apple_chip(self) -> None:
        low, high = known(find("Apple M3 Max")), known(find("Apple M3 Max", gpu_cores=40))
        assert low == find("Apple M3 Max", gpu_cores=99)
        assert high.bandwidth_gb_s == pytest.approx(410, rel=0.01)
        assert low.bandwidth_gb_s == pytest.approx(307, rel=0.01)

    def test_laptop_twins(self) -> None:
        desktop = known(find("NVIDIA GeForce GTX 1650"))
        laptop = known(find("NVIDIA GeForce GTX 1650", laptop=True))
        assert (desktop.laptop, laptop.laptop) == (False, True)
        assert find("NVIDIA GeForce GTX 1650", laptop=False) == desktop
        assert known(find("GeForce RTX 4050")).name == "GeForce RTX 4050 Laptop GPU"

    def test_laptop_and_desktop_4070(self) -> None:
        desktop = known(find("NVIDIA GeForce RTX 4070"))
        laptop = known(find("NVIDIA GeForce RTX 4070 Laptop GPU"))
        assert (desktop.vram_gib, laptop.vram_gib) == ((12,), (8,))
        assert desktop.bandwidth_gb_s > 1.5 * laptop.bandwidth_gb_s


class TestTyped:
    @pytest.mark.parametrize(
        ("text", "name"),
        [
            ("RTX 3060", "GeForce RTX 3060"),
            ("rtx3060", "GeForce RTX 3060"),
            ("3060", "GeForce RTX 3060"),
            ("GTX 960M", "GeForce GTX 960M"),
            ("gtx 960 laptop", "GeForce GTX 960M"),
            ("RTX 4060 laptop", "GeForce RTX 4060 Laptop GPU"),
            ("RTX 4060 Mobile", "GeForce RTX 4060 Laptop GPU"),
            ("GeForce RTX 4060 Max-Q / Mobile", "GeForce RTX 4060 Laptop GPU"),
            ("gtx 1060m", "GeForce GTX 1060 Laptop GPU"),
            ("rtx4070tisuper", "GeForce RTX 4070 Ti SUPER"),
            ("rtx-3070ti", "GeForce RTX 3070 Ti"),
            ("rx7900xtx", "Radeon RX 7900 XTX"),
            ("RX 6600 laptop", "Radeon RX 6600M"),
            ("T4", "Tesla T4"),
            ("a100", "A100-PCIE-40GB"),
            ("A100 80GB", "A100 80GB PCIe"),
            ("v100 32g", "Tesla V100-PCIE-32GB"),
            ("h100 80GB", "H100 PCIe"),
            ("m1", "Apple M1"),
            ("780M", "Radeon 780M"),
            ("orin nano 8gb", "Jetson Orin Nano"),
        ],
    )
    def test_spellings(self, text: str, name: str) -> None:
        assert known(find_typed(text)).name == name

    @pytest.mark.parametrize(
        "text", ["", " ", "8GB", "laptop", "rtx 3600", "9999m", "rx 9999 mobile"]
    )
    def test_no_card(self, text: str) -> None:
        assert find_typed(text) is None

    def test_sizes_and_cores(self) -> None:
        assert known(find_typed("4060 Ti 16GB")).vram_gib == (16,)
        assert known(find_typed("RTX 3060 12GB")).bandwidth_gb_s == 360
        assert known(find_typed("RTX 3050 6GB laptop")).bandwidth_gb_s == 168
        assert known(find_typed("RTX 3050 laptop 4gb")).bandwidth_gb_s == 192
        assert known(find_typed("M4 Max (40-core GPU)")).bandwidth_gb_s > 500

    @pytest.mark.parametrize(
        ("text", "parts"),
        [
            ("RTX 3060 12GB", ("RTX 3060", 12 * GIB)),
            ("RTX 3060 (12 GiB)", ("RTX 3060", 12 * GIB)),
            ("4060 Ti 16g ", ("4060 Ti", 16 * GIB)),
            ("RTX 3060", ("RTX 3060", None)),
            ("A100 80GB", ("A100 80GB", None)),
            ("GH200 480GB", ("GH200 480GB", None)),
            ("12GB", ("12GB", None)),
        ],
    )
    def test_split_size(self, text: str, parts: tuple[str, int | None]) -> None:
        assert split_size(text) == parts

    @given(st.text())
    def test_never_fails(self, text: str) -> None:
        spec = find_typed(text)
        assert spec is None or spec.source

    def test_suggestions(self) -> None:
        assert suggest("raden 780m")[0] == "Radeon 780M"
        assert "GeForce RTX 3060" in suggest("rtx 3o60 12GB")
        assert len(suggest("geforce rtx 4600", limit=2)) == 2
        assert suggest("!!!") == []


class TestOtherWays:
    @pytest.mark.parametrize(
        ("vendor", "device", "name"),
        [
            ("nvidia", "139b", "GeForce GTX 960M"),
            ("nvidia", "0x139B", "GeForce GTX 960M"),
            ("nvidia", "1f95", "GeForce GTX 1650 Ti"),
            ("nvidia", "28e0", "GeForce RTX 4060 Laptop GPU"),
            ("nvidia", "2882", "GeForce RTX 4060"),
            ("nvidia", "2b85", "GeForce RTX 5090"),
            ("amd", "73a5", "Radeon RX 6950 XT"),
            ("intel", "56a0", "Arc A770"),
        ],
    )
    def test_pci(self, vendor: str, device: str, name: str) -> None:
        assert known(by_pci(vendor, device)).name == name

    def test_pci_of_nobody(self) -> None:
        assert by_pci("amd", "139b") is None

    def test_shared_pci_id(self) -> None:
        spec = known(by_pci("amd", "744c"))
        assert "Radeon RX 7900 XTX" in spec.name and "Radeon RX 7900M" in spec.name
        assert (spec.bandwidth_gb_s, spec.vram_gib) == (576, (16, 20, 24))
        assert not spec.laptop and "share" in spec.note

    def test_floor(self) -> None:
        low = known(floor_for("nvidia", "8.6", None, None))
        assert all(low.bandwidth_gb_s <= s.bandwidth_gb_s for s in gpus() if s.cc == "8.6")
        assert 24 in known(floor_for("nvidia", "8.6", None, int(23.6 * GIB))).vram_gib
        middle = known(floor_for("nvidia", "8.6", None, 7 * GIB))
        assert low.bandwidth_gb_s < middle.bandwidth_gb_s < 250  # of those with at least 7 GiB
        assert known(floor_for("nvidia", "3.0", None, None)).vendor == "nvidia"
        assert known(floor_for("amd", None, "gfx1100", None)).gfx == "gfx1100"
        assert floor_for("nvidia", "99.0", None, None) is None
        assert floor_for("amd", "8.6", None, None) is None
        assert floor_for("intel", None, None, GIB) is None

    def test_native_formats(self) -> None:
        assert [bf16_native(cc) for cc in ("5.0", "7.5", "8.0", "12.0")] == [
            False,
            False,
            True,
            True,
        ]
        native = {cc: fp16_native(cc) for cc in ("5.2", "5.3", "6.0", "6.1", "6.2", "7.5", "10.3")}
        assert [cc for cc, yes in native.items() if not yes] == ["5.2", "6.1"]
