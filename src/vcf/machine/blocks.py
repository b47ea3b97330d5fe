"""The kind of a disk on Linux: from the device number through sysfs to the drive."""

from __future__ import annotations

import posixpath
from typing import NamedTuple

from .ask import ask, text_of
from .cgroup import MOUNTS
from .host import Host, Unanswered
from .model import DiskKind
from .mounts import Mount, mount_of, parse_mountinfo

OSRELEASE = "/proc/sys/kernel/osrelease"

_NETWORK = frozenset((
    "nfs", "nfs4", "cifs", "smb3", "smbfs", "ceph", "glusterfs", "lustre", "beegfs", "gpfs",
    "afs", "davfs", "fuse.sshfs", "fuse.ceph", "fuse.glusterfs", "fuse.rclone", "fuse.gcsfuse",
    "fuse.s3fs", "fuse.juicefs",
))  # fmt: skip
_HOST_FOLDERS = frozenset((
    "9p", "drvfs", "virtiofs", "vboxsf", "prl_fs", "fuse.vmhgfs-fuse",
))  # fmt: skip
_VIRTUAL = ("msft", "vmware", "qemu", "vbox", "virtio", "xen", "google", "virtual disk")
_SLOWNESS: tuple[DiskKind, ...] = ("nvme", "ssd", "flash", "hdd", "network")


class Kind(NamedTuple):
    """A kind with its source, or None with the reason."""

    kind: DiskKind | None
    reason: str


def disk_kind(host: Host, folder: str) -> Kind:
    """The kind of the drive below a folder that exists."""
    device = ask(host.call, "device_of", folder)
    if isinstance(device, Unanswered):
        return Kind(None, str(device))
    if not str(device).startswith("0:"):
        return _block_kind(host, f"/sys/dev/block/{device}")
    text = ask(host.read, MOUNTS)
    if isinstance(text, Unanswered):
        return Kind(None, str(text))
    mount = mount_of(parse_mountinfo(text), str(device), folder)
    if mount is None:
        return Kind(None, f"{MOUNTS}: nothing is mounted there")
    return _mount_kind(host, mount)


def _mount_kind(host: Host, mount: Mount) -> Kind:
    """The kind of a file system that has no device number of its own."""
    if mount.kind in _NETWORK:
        return Kind("network", f"{MOUNTS}: {mount.kind}")
    if mount.kind in _HOST_FOLDERS:
        return Kind(None, f"{mount.kind}: a folder of the host; its disk can't be seen from here")
    if mount.kind == "overlay":
        return Kind(None, "overlay: the disk below the container can't be seen from inside")
    if mount.kind in ("tmpfs", "ramfs"):
        return Kind(None, f"{mount.kind}: lies in memory, not on a disk")
    if not mount.source.startswith("/dev/"):
        return Kind(None, f"{mount.kind}: does not tell its disks")
    device = ask(host.readlink, mount.source)
    name = posixpath.basename(mount.source if isinstance(device, Unanswered) else device)
    return _block_kind(host, f"/sys/class/block/{name}")


def _block_kind(host: Host, link: str, depth: int = 0) -> Kind:
    """The kind of a drive, a partition of it, or what LVM, LUKS and RAID make of drives."""
    folder = ask(host.readlink, link)
    if isinstance(folder, Unanswered):
        return Kind(None, str(folder))
    slaves = ask(host.listdir, f"{folder}/slaves")
    if not isinstance(slaves, Unanswered) and slaves and depth < 4:
        kinds = [_block_kind(host, f"/sys/class/block/{slave}", depth + 1) for slave in slaves]
        unknown = [kind for kind in kinds if kind.kind is None]
        return unknown[0] if unknown else max(kinds, key=_slowness)
    rotational = text_of(host, f"{folder}/queue/rotational")
    if rotational is None:  # a partition has no queue: its parent folder is the drive
        drive = posixpath.dirname(folder)
        rotational = text_of(host, f"{drive}/queue/rotational")
        folder = folder if rotational is None else drive
    return _drive_kind(host, folder, rotational)


def _slowness(kind: Kind) -> int:
    return -1 if kind.kind is None else _SLOWNESS.index(kind.kind)


def _drive_kind(host: Host, folder: str, rotational: str | None) -> Kind:
    name = posixpath.basename(folder)
    if name.startswith("nvme"):
        return Kind("nvme", f"name of the device: {name}")
    if name.startswith("mmcblk"):
        return Kind("flash", f"name of the device: {name}")
    if name.startswith(("nbd", "rbd")):
        return Kind("network", f"name of the device: {name}")
    if name.startswith(("loop", "zram", "ram")):
        return Kind(None, f"{name}: not a drive of its own")
    source = f"/sys/block/{name}/queue/rotational"
    if rotational == "0":
        return Kind("ssd", source)
    if rotational != "1":
        return Kind(None, f"{source}: can't be read")
    doubt = _doubt(host, folder, name)
    return Kind("hdd", source) if doubt is None else Kind(None, f"{source}: 1, but {doubt}")


def _doubt(host: Host, folder: str, name: str) -> str | None:
    """Why a drive that says that it rotates may not do so.

    https://github.com/microsoft/WSL/issues/4790, https://github.com/monero-project/monero/issues/8104
    """
    if "microsoft" in (text_of(host, OSRELEASE) or "").lower():
        return "every disk says so inside WSL"
    maker = f"{text_of(host, f'{folder}/device/vendor')} {text_of(host, f'{folder}/device/model')}"
    virtual = any(word in maker.lower() for word in _VIRTUAL)
    if name.startswith(("vd", "xvd")) or virtual:
        return "a virtual disk always says so"
    if "/usb" in folder:
        return "USB sticks say so too"
    if " hypervisor" in (text_of(host, "/proc/cpuinfo") or ""):
        return "inside a virtual machine"
    return None
