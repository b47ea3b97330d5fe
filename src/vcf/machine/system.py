"""The operating system and what may stand between it and the hardware."""

from __future__ import annotations

import re

from . import macos, windows
from .ask import ask, exists, not_asked, platform_of, python_fact, text_of
from .blocks import OSRELEASE
from .cgroup import OWN
from .findings import Findings
from .host import Host, Unanswered

TEGRA = "/etc/nv_tegra_release"
PATHS = (
    ("os",),
    ("os_version",),
    ("arch",),
    ("container",),
    ("wsl",),
    ("jetson",),
    ("rosetta",),
)

_TEGRA = re.compile(r"R(\d+)\s*\(release\),\s*REVISION:\s*([\d.]+)")
_CONTAINER_PATHS = (
    ("kubepods", "kubernetes"),
    ("/docker", "docker"),
    ("libpod", "podman"),
    ("/lxc", "lxc"),
    ("containerd", "containerd"),
)


def parse_os_release(text: str) -> str | None:
    """``Debian 12``, or the pretty name of a distribution without releases."""
    fields = {}
    for line in text.splitlines():
        key, equals, value = line.partition("=")
        if equals:
            fields[key.strip()] = value.strip().strip("\"'")
    name, release = fields.get("NAME", ""), fields.get("VERSION_ID", "")
    if name and release:
        return re.sub(r"(?: GNU)?/?(?: ?Linux)$", "", name) + f" {release}"
    return fields.get("PRETTY_NAME") or name or None


def parse_wsl(osrelease: str) -> str | None:
    """``1`` or ``2`` for a kernel of the Windows Subsystem for Linux."""
    lower = osrelease.lower()
    if "microsoft" not in lower:
        return None
    # WSL1: 4.4.0-19041-Microsoft; WSL2: 5.15.153.1-microsoft-standard-WSL2
    return "1" if lower.startswith("4.4.0-") else "2"


def parse_tegra(text: str) -> str | None:
    """``L4T 36.4.3`` from /etc/nv_tegra_release."""
    match = _TEGRA.search(text)
    return None if match is None else f"L4T {match[1]}.{match[2]}"


def parse_container(text: str) -> str | None:
    """The kind of container that the paths in /proc/self/cgroup betray."""
    for word, kind in _CONTAINER_PATHS:
        if word in text:
            return kind
    return None


def normal_arch(machine: str, bits: str) -> str:
    """``x86_64``, ``arm64``, ``x86`` or ``arm`` of the running Python; others as they are.

    The kernel's word is not enough: Raspberry Pi OS runs 32-bit programs on a 64-bit kernel.
    """
    lower = machine.lower()
    if lower in ("x86_64", "amd64", "x64"):
        return "x86_64" if bits == "64" else "x86"
    if lower in ("aarch64", "arm64"):
        return "arm64" if bits == "64" else "arm"
    if re.fullmatch(r"i[3-6]86|x86", lower):
        return "x86"
    return "arm" if lower.startswith("armv") else lower


def probe_system(host: Host) -> Findings:
    """Operating system, architecture, container, WSL, Jetson, Rosetta."""
    system = platform_of(host)
    found = Findings()
    machine, bits = python_fact(host, "machine"), python_fact(host, "bits")
    if machine:
        found.know(normal_arch(machine, bits), "running Python", "arch")
    found.miss("Python does not know its machine", "arch")
    if system not in ("linux", "windows", "macos"):
        for path in PATHS:
            found.miss(not_asked(system), *path)
        return found
    found.know(system, "running Python", "os")
    if system == "linux":
        _find_linux(host, found, machine)
        return found
    for field in ("container", "wsl", "jetson"):
        found.know(None, f"running Python: {system}", field)
    if system == "windows":
        windows.find_version(host, found)
        found.know(False, f"running Python: {system}", "rosetta")
    else:
        macos.find_version(host, found)
        macos.find_rosetta(host, found)
    return found


def _find_linux(host: Host, found: Findings, machine: str) -> None:
    for path in ("/etc/os-release", "/usr/lib/os-release"):
        text = text_of(host, path)
        version = parse_os_release(text) if text else None
        if version is not None:
            found.know(version, path, "os_version")
            break
    found.miss("/etc/os-release: missing or without a name", "os_version")
    release = ask(host.read, OSRELEASE)
    if isinstance(release, Unanswered):
        found.miss(release, "wsl")
    else:
        found.know(parse_wsl(release), OSRELEASE, "wsl")
    _find_container(host, found)
    _find_jetson(host, found, machine)


def _find_container(host: Host, found: Findings) -> None:
    kind, source = None, "no sign of a container"
    said = host.env("container") or text_of(host, "/run/systemd/container") or ""
    if host.env("KUBERNETES_SERVICE_HOST"):
        kind, source = "kubernetes", "environment: KUBERNETES_SERVICE_HOST"
    elif exists(host, "/.dockerenv"):
        kind, source = "docker", "/.dockerenv"
    elif exists(host, "/run/.containerenv"):
        kind, source = "podman", "/run/.containerenv"
    elif said and said != "wsl":
        kind, source = said, "environment or systemd: container"
    else:
        betrayed = parse_container(text_of(host, OWN) or "")
        kind, source = (betrayed, OWN) if betrayed else (kind, source)
    found.know(kind, source, "container")


def _find_jetson(host: Host, found: Findings, machine: str) -> None:
    if not machine.lower().startswith(("aarch64", "arm")):
        found.know(None, f"running Python: {machine}", "jetson")
        return
    jetpack = host.env("JETSON_JETPACK")
    release = parse_tegra(text_of(host, TEGRA) or "")
    if release is not None:
        found.know(release, TEGRA, "jetson")
    elif jetpack:
        found.know(f"JetPack {jetpack}", "environment: JETSON_JETPACK", "jetson")
    elif "nvidia,tegra" in (text_of(host, "/proc/device-tree/compatible") or ""):
        found.miss("a Jetson that does not tell its release (no " + TEGRA + ")", "jetson")
    else:
        found.know(None, "no sign of a Jetson", "jetson")
