"""Pure parsers on texts: what the recorded machines do not show, and rubbish."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.machine import arm, cgroup, cpu, macos, memory, metadata, modules, mounts, software, system
from vcf.machine import windows as win


def test_cpuinfo_of_x86() -> None:
    text = (
        "processor\t: 0\nvendor_id\t: GenuineIntel\nmodel name\t: Intel  Xeon\n"
        "physical id\t: 0\ncore id\t\t: 0\nflags\t\t: avx avx512f amx_bf16 hypervisor\n\n"
        "processor\t: 1\nphysical id\t: 1\ncore id\t\t: 0\nflags\t\t: avx\n"
    )
    info = cpu.parse_cpuinfo(text)
    assert info.model == "Intel Xeon" and info.vendor == "GenuineIntel"
    assert (info.logical, info.physical, info.hypervisor) == (2, 2, True)
    assert info.isa == ["amx_bf16", "avx", "avx512f"] and info.chips == []


def test_cpuinfo_of_other_processors() -> None:
    power = cpu.parse_cpuinfo("processor\t: 0\ncpu\t\t: POWER9, altivec supported\n")
    assert power.model == "POWER9, altivec supported" and power.isa is None
    assert power.physical is None
    riscv = cpu.parse_cpuinfo("processor\t: 0\nhart\t: 1\nisa\t: rv64imafdc\nuarch\t: sifive,u74\n")
    assert riscv.model == "sifive,u74"
    # Old ARM kernels write a number after "CPU part" that is none, and "processor: 0" as a name.
    old = cpu.parse_cpuinfo("Processor\t: ARMv7 rev 4\nprocessor\t: 0\nCPU implementer\t: x\n")
    assert old.model is None and old.chips == [] and not old.hypervisor


@given(st.text())
def test_cpuinfo_survives_rubbish(text: str) -> None:
    info = cpu.parse_cpuinfo(text)
    assert info.logical >= 0 and (info.model is None or info.model)


def test_arm_names() -> None:
    assert arm.core_name(0x41, 0xD0B) == "ARM Cortex-A76"
    assert arm.core_name(0x41, 0x123) is None
    assert all(arm.core_name(*chip) for chip in arm._CORES)


def test_proc_cgroup() -> None:
    text = (
        "12:cpu,cpuacct:/a\n1:name=systemd:/b\n0::/c:d\nrubbish\n3:memory\nx:y:/z\n4:m:relative\n"
    )
    assert cgroup.parse_proc_cgroup(text) == [
        (("cpu", "cpuacct"), "/a"),
        (("name=systemd",), "/b"),
        ((), "/c:d"),
    ]


def test_cgroup_numbers() -> None:
    assert cgroup.parse_limit("123") == 123
    for none in (None, "max", "-1", "9223372036854771712", "rubbish", ""):
        assert cgroup.parse_limit(none) is None
    assert cgroup.parse_stat("a 1\nb x\nc\nd 2 3\n") == {"a": 1}
    assert cgroup.parse_stat(None) == {}


@pytest.mark.parametrize(
    ("quota", "period", "cores"),
    [
        ("100000", "100000", 1),
        ("150000", "100000", 2),
        ("1000", "100000", 1),
        ("max", "100000", None),
        ("-1", "100000", None),
        (None, "100000", None),
        ("100000", None, None),
        ("100000", "rubbish", None),
        ("100000", "0", None),
        ("0", "100000", None),
    ],
)
def test_quota(quota: str | None, period: str | None, cores: int | None) -> None:
    assert cgroup.cores_of(quota, period) == cores


def test_levels() -> None:
    assert cgroup.levels("/a/b", "/") == ["/a/b", "/a", ""]
    assert cgroup.levels("/", "/") == [""]
    assert cgroup.levels("/docker/1/x", "/docker/1") == ["/x", ""]
    assert cgroup.levels("/docker/1", "/docker/1") == [""]
    assert cgroup.levels("/docker/12", "/docker/1") == ["/docker/12", "/docker", ""]
    assert cgroup.levels("/../other", "/") == [""]


def test_mountinfo() -> None:
    line = r"36 35 98:0 /mnt1 /with\040blank rw,noatime master:1 - ext3 /dev/root rw,errors=c"
    (mount,) = mounts.parse_mountinfo(line + "\nrubbish\n1 2 3 - x\n1 2 0:1 / /x rw - ext4\n")
    assert mount.point == "/with blank" and mount.device == "98:0" and mount.kind == "ext3"
    assert mount.options == ("rw", "errors=c")
    assert mounts.parse_mountinfo("1 2 0:1 / /x rw - tmpfs none")[0].options == ()


def test_mount_of() -> None:
    text = (
        "1 0 8:1 / / rw - ext4 /dev/sda1 rw\n2 1 0:5 / /home rw - btrfs /dev/sdb rw\n"
        "3 1 0:6 / /home rw - nfs4 server:/x rw\n4 1 0:9 / /other rw - tmpfs t rw\n"
    )
    table = mounts.parse_mountinfo(text)

    def kind(device: str, path: str) -> str | None:
        mount = mounts.mount_of(table, device, path)
        return None if mount is None else mount.kind

    assert kind("8:1", "/home/x") == "ext4"
    assert kind("0:77", "/home/x") == "nfs4"  # the later mount hides the earlier
    assert kind("0:77", "/homework") == "ext4"
    assert kind("0:9", "/link") == "tmpfs"  # reached through a symbolic link
    assert mounts.mount_of([], "0:1", "/") is None


def test_meminfo() -> None:
    text = "MemTotal:   16 kB\nHugePages_Total:  3\nrubbish\nMemFree: x kB\n"
    assert memory.parse_meminfo(text) == {"MemTotal": 16384, "HugePages_Total": 3}
    assert memory.available({"MemTotal": 10, "MemAvailable": 10}) == (
        10,
        "/proc/meminfo: MemAvailable",
    )
    assert memory.available({"MemTotal": 10, "MemAvailable": 11}) is None
    old = memory.available({"MemTotal": 10, "MemFree": 2, "Cached": 3, "Shmem": 1})
    assert old is not None and old[0] == 4
    assert memory.available({"MemTotal": 10, "MemFree": 11}) is None
    assert memory.available({}) is None


def test_arcstats() -> None:
    assert memory.parse_arcstats("name type data\nsize 4 100\nc_min 4 30\nrubbish\n") == 70
    assert memory.parse_arcstats("size 4 10\nc_min 4 30\n") == 0
    assert memory.parse_arcstats("") == 0


def smbios(*structures: tuple[int, bytes, list[bytes]]) -> bytes:
    table = b""
    for kind, body, strings in structures:
        table += bytes([kind, len(body) + 4, 0, 0]) + body
        table += (b"\0".join(strings) if strings else b"") + b"\0\0"
    return table


def module(kind: int, speed: int, configured: int | None, size: int = 8192) -> bytes:
    body = bytearray(0x22 - 4 if configured is not None else 0x17 - 4)
    body[0x0C - 4 : 0x0E - 4] = size.to_bytes(2, "little")
    body[0x10 - 4 : 0x13 - 4] = bytes([1, 2, kind])
    body[0x15 - 4 : 0x17 - 4] = speed.to_bytes(2, "little")
    if configured is not None:
        body[0x20 - 4 : 0x22 - 4] = configured.to_bytes(2, "little")
    return bytes(body)


def test_smbios() -> None:
    table = smbios(
        (0, bytes(20), [b"Vendor"]),
        (17, module(0x1A, 2400, 2133), [b"ChannelA-DIMM0", b"BANK 0", b"SERIAL1"]),
        (17, module(0x1A, 2400, None), [b"ChannelB-DIMM0"]),
        (17, module(0x1A, 2400, 2133, size=0), [b"ChannelB-DIMM1", b"BANK 3"]),
        (17, bytes(4), [b"too short"]),
        (127, b"", []),
    )
    found = modules.parse_smbios(table)
    assert found == [
        {"kind": "DDR4", "speed": 2133, "locator": "ChannelA-DIMM0", "bank": "BANK 0"},
        {"kind": "DDR4", "speed": 2400, "locator": "ChannelB-DIMM0", "bank": ""},
    ]
    assert modules.speed_of(found) == "DDR4-2133" and modules.channels_of(found) == 2
    assert modules.parse_smbios(table[:30]) == [] and modules.parse_smbios(b"") == []


@given(st.binary())
def test_smbios_survives_rubbish(table: bytes) -> None:
    modules.parse_smbios(table)


def test_modules_that_tell_too_little() -> None:
    ddr = {"kind": "DDR4", "speed": 3200, "locator": "DIMM 0", "bank": "BANK 0"}
    assert modules.channels_of([ddr]) is None and modules.speed_of([ddr]) == "DDR4-3200"
    assert modules.speed_of([ddr, {**ddr, "kind": "DDR5"}]) is None
    assert modules.speed_of([{**ddr, "speed": 0}]) is None
    assert modules.speed_of([]) is None and modules.channels_of([]) is None
    assert modules.speed_of(["rubbish"]) is None and modules.channels_of(["rubbish"]) is None
    assert modules.channels_of([{**ddr, "kind": "LPDDR5", "locator": "ChannelA"}]) is None
    server = [{**ddr, "locator": f"P{p} CHANNEL {c}"} for p in (0, 1) for c in "ABCD"]
    assert modules.channels_of(server) == 8
    slots = [{**ddr, "locator": slot} for slot in ("DIMM_A1", "DIMM_A2", "DIMM_B1")]
    assert modules.channels_of(slots) == 2


def test_os_release() -> None:
    assert (
        system.parse_os_release("PRETTY_NAME='openSUSE Tumbleweed'\nID=x\n# x\n")
        == "openSUSE Tumbleweed"
    )
    assert system.parse_os_release("NAME=Void\n") == "Void"
    assert system.parse_os_release("NAME='Alpine Linux'\nVERSION_ID=3.20.3\n") == "Alpine 3.20.3"
    assert system.parse_os_release("rubbish") is None


def test_container_and_tegra() -> None:
    assert system.parse_container("0::/docker/1") == "docker"
    assert system.parse_container("0::/user.slice") is None
    assert system.parse_tegra("# R32 (release), REVISION: 7.1, GCID") == "L4T 32.7.1"
    assert system.parse_tegra("rubbish") is None
    assert system.parse_wsl("6.1.0-28-amd64") is None


@pytest.mark.parametrize(
    ("machine", "bits", "arch"),
    [
        ("AMD64", "64", "x86_64"), ("x86_64", "32", "x86"), ("i686", "32", "x86"),
        ("ARM64", "64", "arm64"), ("aarch64", "32", "arm"), ("armv7l", "32", "arm"),
        ("riscv64", "64", "riscv64"),
    ],
)  # fmt: skip
def test_arch(machine: str, bits: str, arch: str) -> None:
    assert system.normal_arch(machine, bits) == arch


def test_torch_version() -> None:
    parse = software.parse_torch_version
    assert parse("__version__ = '2.8.0+cu128'\ncuda = '12.8'\n") == "2.8.0+cu128"
    assert (
        parse("__version__ = '2.5.1'\ncuda: Optional[str] = '12.4'\nhip = None\n") == "2.5.1+cu124"
    )
    assert (
        parse("__version__ = '2.5.1'\ncuda = None\nhip = '6.2.41133-dd7f95766'\n")
        == "2.5.1+rocm6.2"
    )
    assert parse("__version__ = '2.5.1'\ncuda = None\n") == "2.5.1"
    assert parse("rubbish") is None


def test_ffmpeg() -> None:
    assert software.parse_avcodec(["libavcodec.so.61", "libavcodec.so.61.19.101"]) == "7.1"
    assert software.parse_avcodec(["libavcodec.so.58.18.100"]) == "4.0"
    assert software.parse_avcodec(["libavcodec.60.31.102.dylib"]) == "6.1"
    assert software.parse_avcodec(["libavcodec.so.57.107.100"]) is None
    assert software.parse_avcodec(["libavcodec.so.58.1.0"]) is None
    assert software.parse_avcodec(["libavcodec.so.99.1.0", "README"]) is None
    assert software.parse_avcodec([]) is None
    assert software.parse_ffmpeg_path("/opt/homebrew/Cellar/ffmpeg@6/6.1.2_8/bin/ffmpeg") == "6.1.2"
    assert software.parse_ffmpeg_path(r"C:\tools\ffmpeg-7.1-full_build\bin\ffmpeg.exe") == "7.1"
    assert software.parse_ffmpeg_path("/usr/bin/ffmpeg") is None


def test_metadata_names() -> None:
    assert metadata.parse_entry("flash_attn-2.7.4.post1.dist-info") == ("flash-attn", "2.7.4.post1")
    assert metadata.parse_entry("Torch-2.8.0+cu128.dist-info") == ("torch", "2.8.0+cu128")
    assert metadata.parse_entry("x.y-1.0-py3.11.egg-info") == ("x-y", "1.0")
    assert metadata.parse_entry("indextts.egg-info") == ("indextts", "")
    assert metadata.parse_entry("torch") is None and metadata.parse_entry(".egg-info") is None
    assert metadata.parse_version("Metadata-Version: 2.1\nName: x\nVersion: 1.2+cpu\n") == "1.2+cpu"
    assert metadata.parse_version("Name: x") is None


def test_macos_releases() -> None:
    assert [macos.release_of(d) for d in ("20.6.0", "24.1.0", "25.0.0", "19.6.0", "")] == [
        "11", "15", "26", None, None,
    ]  # fmt: skip
    assert macos.parse_diskutil("rubbish").kind is None
    assert macos.parse_diskutil("<key>SolidState</key>\n<true/>").kind == "ssd"


def test_windows_names() -> None:
    assert win.version_text(20348, "Windows Server 2022 Standard", "21H2") == (
        "Windows Server 2022 Standard 21H2 (build 20348)"
    )
    assert win.version_text(9600, "Windows 8.1 Pro", "") == "Windows 8.1 (build 9600)"
    assert win.version_text(19045, "", "22H2") == "Windows 10 22H2 (build 19045)"
