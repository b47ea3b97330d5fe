"""Branches of single probes that no recorded machine takes."""

from __future__ import annotations

import ntpath
import posixpath
from typing import Any

import pytest

from vcf.machine import ask, blocks, cpu, disk, macos, memory, software, system, windows
from vcf.machine.findings import Findings
from vcf.machine.host import ReplayHost, Unanswered
from vcf.machine.owner import Owner, owner_of


def host(_platform: Any = "linux", _machine: Any = "x86_64", **answers: Any) -> ReplayHost:
    facts = {"platform": _platform, "machine": _machine, "version": "3.11.9", "bits": "64"}
    record = {"call python": {"ok": facts}}
    record.update({key: {"ok": value} for key, value in answers.items()})
    return ReplayHost(record)


def test_whole() -> None:
    assert [ask.whole(x) for x in (True, 3, " 4\n", "x", 2.0, None)] == [
        None,
        3,
        4,
        None,
        None,
        None,
    ]


def test_python_facts_that_are_rubbish() -> None:
    for rubbish in ("text", {"platform": 5}):
        with pytest.raises(Unanswered):
            ask.platform_of(ReplayHost({"call python": {"ok": rubbish}}))


def test_owner() -> None:
    owner = Owner("/home/alice/", ("alice", "", "root"))
    assert owner.hide("/home/alice/x, /home/alice: y /data/Alice/z") == "~/x, ~: y /data/<user>/z"
    assert owner.hide("/home/alicesmith") == "/home/alicesmith"
    assert Owner("/").hide_home("/etc") == "/etc" and Owner(None).home is None
    assert Owner("/root").hide("/root/root") == "~/root"
    assert Owner(r"C:\Users\Bob").hide(r"c:\users\bob\x") == r"~\x"
    assert owner_of(host(**{"call home": "/var/lib/svc"})).home == "/var/lib/svc"
    assert owner_of(host()).home is None
    assert owner_of(host(**{"env HOME": 5, "env USER": 7})).home == "5"


def test_cpu_without_cpuinfo_or_affinity() -> None:
    found = cpu.probe_cpu(host(**{"call affinity": 3}))
    assert found.values[("cpu", "usable_cores")] == 3 and ("cpu", "isa") in found.unknown
    found = cpu.probe_cpu(host(**{"call affinity": "rubbish"}))
    assert found.unknown[("cpu", "usable_cores")] == "affinity: not a number of cores"
    found = cpu.probe_cpu(host(**{"read /proc/cpuinfo": "rubbish"}))
    assert found.unknown[("cpu", "model")] == "/proc/cpuinfo: no model name"
    assert found.unknown[("cpu", "logical_cores")] == "/proc/cpuinfo: lists no processor"
    assert found.unknown[("cpu", "isa")] == "/proc/cpuinfo: no line of flags or features"


def test_arm_core_that_is_not_in_the_table() -> None:
    text = "processor: 0\nCPU implementer: 0x41\nCPU part: 0x999\n"
    found = cpu.probe_cpu(host(**{"read /proc/cpuinfo": text}))
    assert "0x41/0x999 not known" in found.unknown[("cpu", "model")]
    found = cpu.probe_cpu(
        host(**{"read /proc/cpuinfo": text, "read /proc/device-tree/model": "Board\0"})
    )
    assert found.values[("cpu", "model")] == "Board"


def test_modules_that_are_no_list() -> None:
    found = memory.probe_memory(host(**{"call memory_modules": "rubbish"}))
    assert found.unknown[("memory", "speed")] == "SMBIOS: not a list of modules"


def test_memory_limit_without_meminfo_and_above() -> None:
    cgroups = {
        "read /proc/self/cgroup": "0::/a\n",
        "read /proc/self/mountinfo": "1 0 0:1 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw\n",
        "read /sys/fs/cgroup/a/memory.max": "1000000\n",
    }
    found = memory.probe_memory(host(**cgroups))
    assert found.values[("memory", "total_bytes")] == 1_000_000
    assert ("memory", "available_bytes") in found.unknown
    text = "MemTotal: 10 kB\nMemAvailable: 99 kB\n"
    found = memory.probe_memory(host(**cgroups, **{"read /proc/meminfo": text}))
    assert found.values[("memory", "limit_bytes")] is None
    assert (
        found.unknown[("memory", "available_bytes")]
        == "/proc/meminfo: more available than there is"
    )


def test_v1_limit_of_an_ancestor_that_is_out_of_sight() -> None:
    found = memory.probe_memory(host(**{
        "read /proc/self/cgroup": "4:memory:/\n",
        "read /proc/self/mountinfo": "1 0 0:1 / /cg rw - cgroup cgroup rw,memory\n",
        "read /proc/meminfo": "MemTotal: 1000000 kB\nMemAvailable: 500000 kB\n",
        "read /cg/memory.stat": "hierarchical_memory_limit 524288000\n",
    }))  # fmt: skip
    assert found.values[("memory", "limit_bytes")] == 524_288_000
    assert "hierarchical_memory_limit" in found.sources[("memory", "limit_bytes")]


@pytest.mark.parametrize(
    ("env", "path", "source"),
    [
        ({"env HF_HUB_CACHE": "/a", "env HF_HOME": "/b"}, "/a", "HF_HUB_CACHE"),
        ({"env HF_HOME": "~/b"}, "/home/u/b/hub", "HF_HOME"),
        ({"env HF_HOME": "/b", "env MODELSCOPE_CACHE": "/m"}, "/b/hub", "HF_HOME"),
        ({"env XDG_CACHE_HOME": "/x", "env MODELSCOPE_CACHE": "/m"}, "/m", "MODELSCOPE_CACHE"),
        ({"env XDG_CACHE_HOME": "/x"}, "/x/huggingface/hub", "XDG_CACHE_HOME"),
        ({"env HF_HOME": ""}, "/home/u/.cache/huggingface/hub", "default of Hugging Face"),
    ],
)
def test_cache_place(env: dict[str, str], path: str, source: str) -> None:
    assert disk.cache_place(host(**env), "/home/u", posixpath) == (path, source)


def test_no_place_at_all() -> None:
    assert disk.cache_place(host(), None, ntpath) is None
    assert disk.cache_place(host(**{"env HF_HOME": "~/x"}), None, posixpath) == (
        "~/x/hub",
        "HF_HOME",
    )
    found = disk.probe_disk(host())
    assert found.unknown[("disk", "kind")] == "no home folder and no HF_HOME"
    assert disk.temp_place(host(), True, None) is None
    assert disk.temp_place(host(), True, r"C:\Users\u") == r"C:\Users\u\AppData\Local\Temp"


def test_measure() -> None:
    sizes = {"total": 5, "free": 3}
    assert disk.measure(host(**{"call disk_usage /": sizes}), "/a/b", posixpath) == ("/", 5, 3)
    assert disk.measure(host(**{"call disk_usage .": sizes}), "a/b", posixpath) == (".", 5, 3)
    assert isinstance(disk.measure(host(), "a/b", posixpath), Unanswered)
    assert isinstance(disk.measure(host(), "D:\\a", ntpath), Unanswered)
    for rubbish in ("text", {"total": "x", "free": 3}):
        answer = disk.measure(host(**{"call disk_usage /": rubbish}), "/", posixpath)
        assert str(answer) == "disk_usage: not two sizes"


def test_disk_that_does_not_answer() -> None:
    found = disk.probe_disk(host(**{"env HF_HOME": "/home/user/x", "env HOME": "/home/user"}))
    assert found.values[("disk", "path")] == "~/x/hub"
    assert found.unknown[("disk", "free_bytes")] == "call disk_usage /: not in the record"


def test_temp_folder_in_doubt() -> None:
    sizes = {"total": 5, "free": 3}
    found = disk.probe_disk(host(**{"env HF_HOME": "/d", "call disk_usage /d/hub": sizes}))
    assert found.unknown[("disk", "temp_free_bytes")].startswith("call disk_usage /")
    found = disk.probe_disk(
        host("win32", **{"env HF_HOME": "D:\\d", "call disk_usage D:\\d\\hub": sizes})
    )
    assert found.unknown[("disk", "temp_free_bytes")] == "no temp folder is set"
    found = disk.probe_disk(
        host("sunos5", **{"env HF_HOME": "/d", "call disk_usage /d/hub": sizes})
    )
    assert found.unknown[("disk", "kind")] == "vcf does not know how to ask sunos5"


def kind_of(**answers: Any) -> blocks.Kind:
    return blocks.disk_kind(host(**{"call device_of /d": "8:1", **answers}), "/d")


def test_disk_kinds_in_doubt() -> None:
    link, drive = "readlink /sys/dev/block/8:1", "/sys/devices/block/"
    assert blocks.disk_kind(host(), "/d").kind is None
    assert kind_of().kind is None
    assert kind_of(**{link: drive + "nbd0"}).kind == "network"
    assert "not a drive" in kind_of(**{link: drive + "loop0"}).reason
    assert "can't be read" in kind_of(**{link: drive + "sda"}).reason
    spins = {link: drive + "sda", f"read {drive}sda/queue/rotational": "1"}
    virtual = {"read /proc/cpuinfo": "flags: fpu hypervisor"}
    assert "virtual machine" in kind_of(**spins, **virtual).reason
    endless = {link: drive + "dm-0", f"listdir {drive}dm-0/slaves": ["dm-0"],
               "readlink /sys/class/block/dm-0": drive + "dm-0"}  # fmt: skip
    assert kind_of(**endless).kind is None


@pytest.mark.parametrize(
    ("mount", "words"),
    [
        ("tmpfs tmpfs", "memory"), ("zfs pool/x", "does not tell"),
        ("fuse.sshfs me:/x", "fuse.sshfs"), ("ext4 /dev/root", "/sys/class/block/root"),
        ("virtiofs share", "host"),
    ],
)  # fmt: skip
def test_file_systems_without_a_device(mount: str, words: str) -> None:
    line = f"1 0 0:9 / / rw - {mount} rw\n"
    kind = kind_of(**{"call device_of /d": "0:9", "read /proc/self/mountinfo": line})
    assert words in kind.reason


def test_mountinfo_in_doubt() -> None:
    assert "not in the record" in kind_of(**{"call device_of /d": "0:9"}).reason
    kind = kind_of(**{"call device_of /d": "0:9", "read /proc/self/mountinfo": "rubbish"})
    assert "nothing is mounted" in kind.reason


@pytest.mark.parametrize(
    ("answers", "container"),
    [
        ({"read /run/.containerenv": ""}, "podman"),
        ({"read /run/systemd/container": "systemd-nspawn"}, "systemd-nspawn"),
        ({"read /proc/self/cgroup": "4:memory:/docker/0\n"}, "docker"),
        ({"env container": "oci", "read /.dockerenv": ""}, "docker"),
        ({}, None),
    ],
)
def test_container(answers: dict[str, str], container: str | None) -> None:
    assert system.probe_system(host(**answers)).values[("container",)] == container


def test_jetson() -> None:
    tree = {"read /proc/device-tree/compatible": "nvidia,tegra210\0"}
    found = system.probe_system(host("linux", "aarch64", **tree))
    assert found.unknown[("jetson",)].startswith("a Jetson that does not tell")
    found = system.probe_system(host("linux", "aarch64", **{"env JETSON_JETPACK": "6.2"}))
    assert found.values[("jetson",)] == "JetPack 6.2"
    found = system.probe_system(host("linux", ""))
    assert found.unknown[("arch",)] == "Python does not know its machine"


def test_software_that_does_not_answer() -> None:
    found = software.probe_software(host(**{"call metadata": "rubbish", "call which ffmpeg": None}))
    assert found.unknown[("software", "torch")] == "metadata: not a list of versions"
    assert found.values[("software", "ffmpeg")] is None


def test_torch_whose_file_says_something_else() -> None:
    answers: dict[str, Any] = {
        "call metadata": {"torch": "2.8.0"},
        "call torch_version_file": "__version__ = '1.0'",
    }
    assert software.probe_software(host(**answers)).values[("software", "torch")] == "2.8.0"
    answers = {"call metadata": {"torch": "2.8.0"}, "call torch_version_file": 5}
    assert software.probe_software(host(**answers)).values[("software", "torch")] == "2.8.0"


def test_ffmpeg_without_libraries() -> None:
    for path in ("/usr/bin/ffmpeg", "ffmpeg"):
        found = software.probe_software(host(**{"call which ffmpeg": path}))
        assert found.values[("software", "ffmpeg")] == "installed"


def test_windows_that_does_not_answer() -> None:
    found = Findings()
    windows.find_cpu(host("win32"), found)
    assert all(
        "not in the record" in found.unknown[("cpu", f)] for f in ("model", "isa", "usable_cores")
    )
    found = Findings()
    rubbish: dict[str, Any] = {
        rf"call registry {windows.CPU_KEY} ProcessorNameString": 5,
        "call affinity": "x",
        **dict.fromkeys(("call cores", "call processor_features", "call psutil_memory"), 5),
    }
    windows.find_cpu(host("win32", **rubbish), found)
    windows.find_memory(host("win32", **rubbish), found)
    assert found.unknown[("cpu", "model")] == "registry: ProcessorNameString is no text"
    assert found.unknown[("memory", "total_bytes")] == "psutil does not tell"
    assert (
        system.probe_system(host("win32")).unknown[("os_version",)] == "registry: no CurrentBuild"
    )


@pytest.mark.parametrize(
    ("answer", "kind", "words"),
    [
        ({"bus": 11, "seek_penalty": False}, "ssd", "no seek"),
        ({"bus": 11, "seek_penalty": None}, None, "does not tell"),
        ({"bus": 15, "seek_penalty": True}, None, "virtual"),
        ({"bus": 7, "seek_penalty": True}, None, "USB"),
        ("rubbish", None, "no properties"),
    ],
)
def test_windows_disks(answer: Any, kind: str | None, words: str) -> None:
    found = windows.disk_kind(host("win32", **{"call storage D:": answer}), "D:\\x")
    assert found.kind == kind and words in found.reason


def test_windows_network_and_missing_drive() -> None:
    assert windows.disk_kind(host("win32"), r"\\server\share\x").kind == "network"
    assert "not in the record" in windows.disk_kind(host("win32"), "D:\\x").reason


def test_macos_that_does_not_answer() -> None:
    found = Findings()
    macos.find_cpu(host("darwin"), found)
    assert ("cpu", "isa") in found.unknown
    found = Findings()
    macos.find_cpu(host("darwin", "arm64", **{"call sysctl hw.optional.arm.FEAT_BF16": 0}), found)
    assert found.values[("cpu", "isa")] == ["neon"] and ("cpu", "isa", "i8mm") in found.unknown
    found = Findings()
    macos.find_version(host("darwin", **{"call sysctl kern.osproductversion": 5}), found)
    assert found.unknown[("os_version",)] == "sysctl: no version"
    macos.find_memory(host("darwin"), found)
    assert ("memory", "available_bytes") in found.unknown
    assert "not in the record" in macos.disk_kind(host("darwin"), "/").reason
