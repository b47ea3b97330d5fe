"""Nothing that tells whose computer it is survives the scrubber, and the record still replays."""

from __future__ import annotations

import json
import re
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from vcf.machine import raw
from vcf.machine.host import Recording, ReplayHost
from vcf.machine.model import Machine
from vcf.machine.owner import NOBODY
from vcf.machine.probe import live_host, probe
from vcf.machine.raw import Scrubber, clean_answers, collect_raw, trim_mounts
from vcf.machine.scrub import GENERIC_HOSTS, scrub

WHO = {"user": "alice", "host": "alice-laptop.corp.example", "home": "/home/alice"}


@pytest.mark.parametrize(
    ("text", "scrubbed"),
    [
        ("/home/alice/.cache", "/home/user/.cache"),
        ("/data/alice-models, ALICE", "/data/user-models, user"),
        ("malice alice2", "malice alice2"),
        ("alice-laptop.corp.example: up", "host: up"),
        ("on alice-laptop", "on host"),
        ("GPU-1234abcd-12ab-34cd-56ef-1234567890ab", "GPU-00000000-0000-0000-0000-000000000000"),
        (
            "/pod1234abcd_12ab_34cd_56ef_1234567890ab/x",
            "/pod00000000_0000_0000_0000_000000000000/x",
        ),
        ("/docker/0123456789abcdef0123456789abcdef", "/docker/" + "0" * 32),
        ("link/ether aa:bb:cc:dd:ee:ff", "link/ether 00:00:00:00:00:00"),
        ("AA-BB-CC-DD-EE-FF", "00:00:00:00:00:00"),
        ("192.168.1.17:/export", "ip-address:/export"),
        ("fe80::1ff:fe23:4567:890a and ::1", ":: and ::"),
        ("2001:db8:0:0:1:2:3:4", "::"),
        ("me@corp.example", "mail"),
        ("Serial\t\t: 10000000abcdef01", "Serial\t\t: 0"),
        ('"Serial Number (system)": "C02ABC"', '"Serial Number (system)": "0"'),
        ("serial=XYZ-1 next", "serial=0 next"),
    ],
)
def test_scrub(text: str, scrubbed: str) -> None:
    assert scrub(text, **WHO) == scrubbed


@pytest.mark.parametrize(
    "text",
    [
        "0000:01:00.0", "00000000:01:00.0", "0::/user.slice", "10de:139b", "10.0.26100.1742",
        "MAJ:MIN 8:2", "570.133.07", "2.8.0+cu128", "4:cpu,cpuacct:/", "0x0300", "memory.max",
        "model name\t: Intel(R) Core(TM) i7-6700HQ CPU @ 2.60GHz", "5.15.153.1-microsoft",
        "ID=debian", "0::/user.slice/user@1000.service", "/root/.cache", "6.8.0-49-generic",
    ],
)  # fmt: skip
def test_what_probes_need_stays(text: str) -> None:
    assert scrub(text, **WHO) == text
    assert scrub(text, user="root", host="debian", home="/root") == text


def test_windows_homes() -> None:
    who = {"user": "Alice Wonder", "host": "DESKTOP-1ABC", "home": r"C:\Users\Alice Wonder"}
    assert scrub(r"C:\Users\Alice Wonder\x c:/users/alice wonder/y", **who) == (
        r"C:\Users\user\x C:/Users/user/y"
    )
    assert scrub(r"C:\Users\ALICEW~1\Temp desktop-1abc", **who) == r"C:\Users\user\Temp host"
    assert scrub("/home/corp/al/x", user="al", host="", home="/home/corp/al") == "/home/user/user/x"


names = st.text(st.characters(categories=("L", "Nd")), min_size=1, max_size=20)


@given(names, names, st.text(), st.text())
def test_names_never_survive(user: str, host: str, before: str, after: str) -> None:
    text = f"{before} {user} /home/{user}/x {host} {user}@{host} {after}"
    cleaned = scrub(text, user=user, host=host, home=f"/home/{user}")
    words = [word.lower() for word in re.findall(r"[^\W_]+", cleaned)]
    for name in (user, host):
        if name.lower() not in NOBODY | GENERIC_HOSTS | {"mail", "host", "user"}:
            # Some letters change their length in lower case; compare as the scrubber does.
            assert not any(re.fullmatch(re.escape(name), word, re.IGNORECASE) for word in words)


emails = st.from_regex(r"[a-z0-9._+-]+@[a-z][a-z0-9-]*\.[a-z]{2,9}", fullmatch=True)


@given(st.uuids(), st.ip_addresses(), st.binary(min_size=6, max_size=6), emails)
def test_addresses_never_survive(uuid: Any, ip: Any, mac: bytes, email: str) -> None:
    ether = ":".join(f"{byte:02x}" for byte in mac)
    cleaned = scrub(f"a {uuid} b {ip} c {ether} d {email} e", user="", host="", home="")
    assert f" {email} " not in cleaned
    for secret in (str(uuid), ether):
        assert secret not in cleaned or set(secret) <= set("0:-")
    assert str(ip) == "::" or f" {ip} " not in cleaned


def test_data() -> None:
    scrubber = Scrubber({**WHO, "other": "bob"})
    answer = {
        "uuid": "GPU-1", "serialNumber": 123, "names": ("alice", "bob"), "total": 5, "x": None,
        "uuids": ["0123456789abcdef0123456789abcdef"],
    }  # fmt: skip
    assert scrubber.data(answer) == {
        "uuid": "0", "serialNumber": "0", "names": ["user", "user"], "total": 5, "x": None,
        "uuids": ["0" * 32],
    }  # fmt: skip
    assert Scrubber({}).data("alice") == "alice"


def test_only_needed_mounts_are_kept() -> None:
    text = (
        "1 0 8:2 / / rw - ext4 /dev/sda2 rw,errors=x\n2 1 0:9 / /secret rw - nfs4 nas:/private rw\n"
        "3 1 0:7 / /cg rw - cgroup cgroup rw,memory\nrubbish\n"
        "4 1 0:8 /@home /home rw - nfs4 nas:/private rw,x\n"
        "5 1 8:9 / /media/Disk rw - ext4 /dev/sdb rw\n"
    )
    assert trim_mounts(text, {"/home/user": "0:8"}) == (
        "1 0 8:2 / / rw - ext4 /dev/sda2 rw\n3 1 0:7 / /cg rw - cgroup cgroup rw,memory\n"
        "4 1 0:8 /@home /home rw - nfs4 nfs4 rw\n"
    )


def test_answers() -> None:
    record: dict[str, dict[str, Any]] = {
        "env HF_HOME": {"ok": "/home/alice/hf"},
        "env HF_TOKEN": {"ok": "hf_secret"},
        "env NOT_SET": {"ok": None},
        "call device_of /home/alice": {"ok": "8:2"},
        "read /home/alice/x": {"error": "/home/alice/x: No such file"},
        "read /proc/self/mountinfo": {"ok": "1 0 8:2 / / rw - ext4 /dev/sda2 rw\n"},
    }
    cleaned = clean_answers(record, Scrubber(WHO))
    assert cleaned["env HF_HOME"] == {"ok": "/home/user/hf"}
    assert cleaned["env HF_TOKEN"] == {"ok": "set"} and cleaned["env NOT_SET"] == {"ok": None}
    assert cleaned["read /home/user/x"] == {"error": "/home/user/x: No such file"}
    assert "alice" not in json.dumps(cleaned) and "secret" not in json.dumps(cleaned)


ACTIVE = {"memory.available_bytes", "disk.free_bytes"}
"""Facts that change between two looks."""


def steady(machine: Machine) -> dict[str, Any]:
    built: dict[str, Any] = msgspec.to_builtins(machine)
    for path in ACTIVE:
        section, field = path.split(".")
        built[section][field] = None
    return built


def test_the_record_of_this_machine_replays() -> None:
    live = probe(Recording(live_host()))
    record = collect_raw()
    assert record["schema"] == raw.SCHEMA
    text = json.dumps(record)
    replayed = probe(ReplayHost(json.loads(text)["answers"]))
    assert steady(replayed) == steady(live)


def test_the_record_names_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    """A host with names everywhere, whose record is scrubbed and finds the same facts."""
    home = "/home/zaphod"
    sizes = {"total": 10**12, "free": 10**11}
    python = {"platform": "linux", "machine": "x86_64", "version": "3.11.9", "bits": "64"}
    answers: dict[str, dict[str, Any]] = {
        "call python": {"ok": python},
        "call identity": {"ok": {"user": "zaphod", "host": "heart-of-gold", "home": home}},
        "env HOME": {"ok": home},
        "env USER": {"ok": "zaphod"},
        "env HF_HOME": {"ok": "/big/zaphod/hf"},
        "call disk_usage /big/zaphod/hf/hub": {"error": "disk_usage: /big/zaphod/hf/hub"},
        "call disk_usage /big/zaphod/hf": {"ok": sizes},
        "call device_of /big/zaphod/hf": {"ok": "0:44"},
        "read /proc/self/mountinfo": {"ok": "7 1 0:44 / /big rw - nfs4 heart-of-gold:/zaphod rw\n"},
        "read /proc/cpuinfo": {"ok": "processor: 0\nmodel name: CPU\n\nSerial\t: 00ff12\n"},
        "call which ffmpeg": {"ok": f"{home}/ffmpeg-7.1-static/ffmpeg"},
    }
    host = ReplayHost(answers)
    record = collect_raw(host)
    assert not re.search("zaphod|heart|gold|00ff12", json.dumps(record))
    machine, again = probe(host), probe(ReplayHost(record["answers"]))
    assert again == machine
    assert machine.disk.path == "/big/<user>/hf/hub" and machine.disk.kind == "network"
    assert "zaphod" not in str(machine)
