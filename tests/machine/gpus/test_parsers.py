"""The pure parsers, on the forms that tools print and on rubbish."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.machine.gpus import amd, apple, intel, jetson, nvml, pci, rocm, smi, table, windows
from vcf.machine.gpus.found import GpuFound, normal_bus, vendor_of
from vcf.machine.host import ReplayHost, Unanswered
from vcf.units import GIB

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=12,
)


@pytest.mark.parametrize(
    ("bus", "normal"),
    [
        ("00000000:01:00.0", "0000:01:00.0"),
        ("0000000F:01:00.0", "000f:01:00.0"),
        ("00010000:01:00.0", "10000:01:00.0"),
        (" 0a:1E.7 ", "0000:0a:1e.7"),
        ("1:0.8", None),
        ("[N/A]", None),
        (None, None),
    ],
)
def test_normal_bus(bus: str | None, normal: str | None) -> None:
    assert normal_bus(bus) == normal


def test_vendor_of() -> None:
    assert [vendor_of(f"{vendor}:0001") for vendor in ("10de", "1002", "8086", "1af4")] == [
        "nvidia", "amd", "intel", None,
    ]  # fmt: skip


def test_found_keeps_the_first_source() -> None:
    found = GpuFound()
    found.miss("name", "why")
    found.miss("name", "later")
    assert found.unknown == {"name": "why"}
    found.know("name", "A", "first")
    found.know("name", "B", "second")
    found.miss("name", "too late")
    assert found.value("name") == "A"
    assert not found.unknown


# ---- NVIDIA


@pytest.mark.parametrize("answer", [None, [], {"devices": None}, "rubbish", {"driver": "1"}])
def test_nvml_no_answer(answer: object) -> None:
    with pytest.raises(Unanswered, match="answered"):
        nvml.parse(answer)


@pytest.mark.parametrize(
    ("memory", "total", "free"),
    [
        ({"total": 8, "free": 5, "reserved": 2}, 6, 5),
        ({"total": 8, "free": 8, "reserved": 2}, 6, 6),
        ({"total": 8, "free": 9}, 8, None),
        ({"total": 8, "free": "5"}, 8, None),
        ({"total": "8"}, None, None),
        ({"total": 2, "reserved": 2}, None, None),
        ({"error": "NoPermission"}, None, None),
        ("rubbish", None, None),
        (None, None, None),
    ],
)
def test_nvml_memory(memory: object, total: int | None, free: int | None) -> None:
    (found,) = nvml.parse({"devices": [{"name": "GeForce", "memory": memory}]})
    assert found.value("vram_total_bytes") == total
    assert found.value("vram_free_bytes") == free
    assert found.value("unified") is None


@pytest.mark.parametrize(
    ("width", "clock", "reason"),
    [(0, 5, "no memory clock"), (1, {"error": "X"}, "NVML: X"), ({}, {}, "no memory clock")],
)
def test_nvml_bandwidth(width: object, clock: object, reason: str) -> None:
    device = {"bus_width": width, "mem_clock_mhz": clock}
    (found,) = nvml.parse({"devices": [device, "rubbish"]})
    assert reason in found.unknown["bandwidth_bytes_s"]


def test_cuda_text() -> None:
    assert [nvml.cuda_text(number) for number in (11040, 12080, 13000)] == ["11.4", "12.8", "13.0"]


def test_smi_not_supported() -> None:
    row = "[Not Supported], [Unknown Error], x, [Not Supported], 0, [N/A], [N/A], Disabled"
    (found,) = smi.parse(row, smi.NEWER_FIELDS)
    assert set(found.unknown) >= {
        "name", "driver", "vram_total_bytes", "vram_free_bytes", "compute_capability",
    }  # fmt: skip
    assert found.bus is None
    assert found.value("mig") is False
    assert "pci_id" not in found.facts


def test_smi_lines_of_another_shape() -> None:
    text = (
        "GPU 0: NVIDIA A100-SXM4-40GB\n  MIG 3g.20gb     Device  0:\n"
        "Tesla T4, 00000000:00:1E.0, 0x1EB810DE, 15360 MiB, 15101 MiB, 450.51.05\n"
    )
    (found,) = smi.parse(text, smi.FIELDS)
    assert found.value("vram_total_bytes") == 15360 << 20
    assert "too old" in found.unknown["compute_capability"]
    with pytest.raises(Unanswered, match="not understood"):
        smi.parse("No devices were found\n", smi.FIELDS)


@pytest.mark.parametrize(
    ("text", "version"),
    [
        ("CUDA Version        : 12.8\n", "12.8"),
        ("CUDA UMD Version : 13.0", "13.0"),
        ("| NVIDIA-SMI 470.256.02   Driver Version: 470.256.02   CUDA Version: 11.4     |", "11.4"),
        ("CUDA Version : N/A", None),
    ],
)
def test_smi_cuda(text: str, version: str | None) -> None:
    assert smi.parse_cuda(text) == version


def test_smi_takes_the_next_program_after_a_hang() -> None:
    row = "Tesla T4, 00000000:00:1E.0, 0x1EB810DE, 15360, 15101, 535.1, 7.5, [N/A]"
    query = f"--query-gpu={','.join(smi.NEWER_FIELDS)} --format=csv,noheader,nounits"
    host = ReplayHost(
        {
            f"run hangs {query}": {"error": "hangs: no answer in 3 s"},
            f"run works {query}": {"ok": row},
        }
    )
    (found,) = smi.probe(host, ["hangs", "works"])
    assert found.value("name") == "Tesla T4"
    assert "does not tell" in found.unknown["cuda_ceiling"]
    with pytest.raises(Unanswered, match="no answer in 3 s"):
        smi.probe(host, ["hangs"])


def test_board_name() -> None:
    assert jetson.board_name("NVIDIA Jetson AGX Orin Developer Kit\0") == "NVIDIA Jetson AGX Orin"
    assert jetson.board_name("Super board") == "Super board"


# ---- AMD


@pytest.mark.parametrize(
    ("version", "name"),
    [
        (90010, "gfx90a"),
        (90402, "gfx942"),
        (100300, "gfx1030"),
        (110501, "gfx1151"),
        (120001, "gfx1201"),
        (80003, "gfx803"),
        (0, None),
    ],
)
def test_gfx_name(version: int, name: str | None) -> None:
    assert amd.gfx_name(version) == name


@pytest.mark.parametrize(
    ("vram", "gtt", "shared"),
    [
        (GIB // 2, 64 * GIB, True),
        (4 * GIB, 16 * GIB, True),
        (4 * GIB, 15 * GIB, False),
        (GIB // 2, 7 * GIB, False),
        (8 * GIB, 64 * GIB, False),
    ],
)
def test_shares_ram(vram: int, gtt: int, shared: bool) -> None:
    assert amd.shares_ram(vram, gtt) is shared


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (
            'WARNING: AMD GPU device(s) is/are in a low-power state\n{"card0": {"Card Series": '
            '"AMD Radeon RX 7900 XTX", "PCI Bus": "0000:03:00.0"}, "system": "x"}',
            {"0000:03:00.0": "AMD Radeon RX 7900 XTX"},
        ),
        (
            '{"card0": {"Card series": "N/A", "Card model": "0x744c", "Device Name": '
            '"Navi 31 [Radeon RX 7900 XT]", "PCI Bus": "0000:C4:00.0"}}',
            {"0000:c4:00.0": "Radeon RX 7900 XT"},
        ),
        ('{"card0": {"Card Series": "N/A", "Card Model": "0x7fff", "PCI Bus": "03:00.0"}}', {}),
        ('{"card0": {"Card Series": "Radeon VII", "PCI Bus": "N/A"}}', {}),
        ('{"card0": {"Card Series": }', {}),
        (
            "GPU[0]\t\t: Card Series: \t\tRadeon VII\nGPU[0]\t\t: PCI Bus: 0000:03:00.0\n",
            {"0000:03:00.0": "Radeon VII"},
        ),
        ("", {}),
        ("}{", {}),
    ],
)
def test_rocm_smi(text: str, named: dict[str, str]) -> None:
    assert rocm.parse(text) == named


# ---- PCI


@pytest.mark.parametrize(
    ("line", "name"),
    [
        ('00:02.0 "VGA" "Intel" "Raptor Lake-S GT1 [UHD Graphics 770]"', "UHD Graphics 770"),
        ('00:02.0 "VGA" "Intel Corporation" "HD Graphics 530" -r06', "HD Graphics 530"),
        ('03:00.0 "VGA" "AMD" "Device 7fff"', None),
        ('03:00.0 "VGA" "AMD" ""', None),
        ("", None),
    ],
)  # fmt: skip
def test_lspci_name(line: str, name: str | None) -> None:
    assert pci.lspci_name(line) == name


@pytest.mark.parametrize(
    ("name", "laptop"),
    [
        ("NVIDIA GeForce RTX 4060 Laptop GPU", True),
        ("GeForce GTX 1060 with Max-Q Design", True),
        ("GeForce GTX 960M", True),
        ("GeForce 940MX", True),
        ("NVIDIA GeForce MX150", True),
        ("Quadro M1000M", True),
        ("AMD Radeon RX 6800S", True),
        ("AMD Radeon RX 7600M XT", True),
        ("Intel Arc A770M", True),
        ("NVIDIA GeForce RTX 3050", False),
        ("NVIDIA GeForce RTX 5090", False),
        ("NVIDIA GeForce GTX 1650", None),
        ("Tesla M60", None),
        ("Radeon RX 6650 XT / Radeon RX 6800S", None),
    ],
)
def test_laptop_by_name(name: str, laptop: bool | None) -> None:
    assert table.laptop_by_name(name) is laptop


def test_names_that_laptops_share() -> None:
    assert table.name_shared("NVIDIA GeForce GTX 1650")
    assert table.name_shared("NVIDIA GeForce RTX 2060")
    assert not table.name_shared("GeForce GTX 1650 with Max-Q Design")
    assert not table.name_shared("NVIDIA GeForce RTX 3060")


def test_table_without_a_key() -> None:
    assert table.by_pci(None) is None
    assert table.by_pci("rubbish") is None
    assert table.by_pci("1af4:1050") is None
    assert table.by_name("", None, None) is None


# ---- Intel, Windows


@pytest.mark.parametrize(
    ("name", "discrete"),
    [
        ("Intel(R) Arc(TM) A770 Graphics", True),
        ("Intel(R) Arc(TM) Pro B60 Graphics", True),
        ("Intel(R) Iris(R) Xe MAX Graphics", True),
        ("Intel(R) Data Center GPU Flex 170", True),
        ("Intel(R) Arc(TM) Graphics", False),
        ("Intel(R) Arc(TM) 140V GPU (16GB)", False),
        ("Intel(R) HD Graphics 4000", False),
    ],
)
def test_discrete_by_name(name: str, discrete: bool) -> None:
    assert intel.discrete_by_name(name) is discrete


@pytest.mark.parametrize(
    ("version", "plain"),
    [
        ("32.0.15.7216", "572.16"),
        ("31.0.15.3623", "536.23"),
        ("27.21.14.5671", "456.71"),
        ("10.18.13.0", "300.00"),
        ("1.2.3", None),
        ("a.b.c.d", None),
        ("", None),
    ],
)
def test_nvidia_version(version: str, plain: str | None) -> None:
    assert windows.nvidia_version(version) == plain


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (4293918720, None),
        (-1048576, None),
        (2147479552, None),
        ([0, 240, 255, 127], None),
        (0, None),
        (None, None),
        (True, None),
        ("rubbish", None),
        ([300], None),
        ("2147483648", 2 * GIB),
        (2147483648, 2 * GIB),
        (-2147483648, 2 * GIB),
        ([0, 0, 0, 128], 2 * GIB),
        (1073741824, GIB),
    ],
)
def test_sensible_size(value: Any, size: int | None) -> None:
    assert windows.sensible_size(value) == size


@pytest.mark.parametrize("adapters", [None, "rubbish", {}])
def test_adapters_that_are_no_list(adapters: object) -> None:
    with pytest.raises(Unanswered, match="not understood"):
        windows.parse(adapters)


def windows_gpu(**values: Any) -> GpuFound:
    (found,) = windows.parse([values, "rubbish"])
    return found


def test_adapter_that_says_little() -> None:
    found = windows_gpu(MatchingDeviceId="PCI\\VEN_10DE&DEV_139B", bus=7)
    assert "does not tell" in found.unknown["driver"]
    assert "no memory size" in found.unknown["vram_total_bytes"]
    assert "name" not in found.facts


def test_nvidia_version_of_another_shape_is_kept() -> None:
    found = windows_gpu(MatchingDeviceId="PCI\\VEN_10DE&DEV_139B", DriverVersion="new style")
    assert found.value("driver") == "new style"


@pytest.mark.parametrize(
    ("name", "shared"),
    [
        ("AMD Radeon(TM) Graphics", True),
        ("AMD Radeon RX Vega 11 Graphics", True),
        ("AMD Radeon 780M", True),
        ("AMD Radeon RX 9999 XT", False),
    ],
)
def test_amd_by_name_where_the_table_has_no_id(name: str, shared: bool) -> None:
    found = windows_gpu(MatchingDeviceId="PCI\\VEN_1002&DEV_FFF0", DriverDesc=name)
    assert found.value("integrated") is shared
    assert found.facts["integrated"][1] == "its name"


def test_cim_gives_a_single_adapter_without_a_list() -> None:
    text = '\ufeff{"Name":"GT 1030","AdapterRAM":2147483648,"Device":"VEN_10DE&DEV_1D01"}'
    (found,) = windows.parse_cim(text)
    assert found.value("vram_total_bytes") == 2 * GIB
    with pytest.raises(Unanswered, match="PowerShell"):
        windows.parse_cim("Get-CimInstance : Access denied")


# ---- Mac


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"SPDisplaysDataType": 5}', '{"SPDisplaysDataType": ["x"]}']
)
def test_profile_rubbish(text: str) -> None:
    with pytest.raises(Unanswered, match="not understood"):
        apple.parse_profile(text)


def test_profile_that_says_little() -> None:
    text = """{"SPDisplaysDataType": [{"spdisplays_vendor": "sppci_vendor_amd"},
        {"spdisplays_vendor": "NVIDIA (0x10de)", "_spdisplays_vram": "2048 MB", "_name": "GT 750M"},
        {"spdisplays_vendor": "Parallels"}]}"""
    amd_card, nvidia_card = apple.parse_profile(text)
    assert set(amd_card.unknown) >= {"name", "vram_total_bytes"}
    assert nvidia_card.value("vram_total_bytes") == 2 * GIB
    assert nvidia_card.value("vendor") == "nvidia"


# ---- rubbish never ends in anything but Unanswered


def answered(parse: Callable[[Any], list[GpuFound]], value: Any) -> None:
    try:
        founds = parse(value)
    except Unanswered:
        return
    assert all(not set(found.facts) & set(found.unknown) for found in founds)


@given(JSON | st.fixed_dictionaries({"devices": st.lists(JSON)}))
def test_nvml_rubbish(value: Any) -> None:
    answered(nvml.parse, value)


DEVICE_KEYS = ("name", "memory", "bus", "cc", "mig", "bus_width", "mem_clock_mhz", "error")


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(DEVICE_KEYS, JSON)))
def test_nvml_rubbish_device(device: Any) -> None:
    answered(nvml.parse, {"driver": 5, "cuda": "x", "devices": [device]})


@given(JSON, JSON, JSON)
def test_windows_rubbish(size: Any, old_size: Any, name: Any) -> None:
    adapter = {
        "Device": "VEN_1002&DEV_1586",
        "DriverDesc": name,
        windows.QWORD: size,
        windows.DWORD: old_size,
        "DriverVersion": old_size,
    }
    answered(windows.parse, [adapter, size])


@given(st.text())
def test_text_rubbish(text: str) -> None:
    answered(lambda value: smi.parse(value, smi.FIELDS), text)
    answered(windows.parse_cim, text)
    answered(apple.parse_profile, text)
    rocm.parse(text)
    pci.lspci_name(text)
    normal_bus(text)
    windows.nvidia_version(text)


@given(JSON)
def test_profile_json_rubbish(value: Any) -> None:
    import json

    answered(apple.parse_profile, json.dumps({"SPDisplaysDataType": value}))
    rocm.parse(json.dumps(value))
