"""Takes out of a text what tells whose computer it came from.

What goes: user and host name as whole words, components of the home folder, serial numbers,
UUIDs, long hexadecimal ids (containers), MAC and IP addresses, e-mail addresses. A user called
``max`` costs a ``memory.max`` too: privacy comes before the use of the record.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from .owner import NOBODY

GENERIC_HOSTS = frozenset((
    "localhost", "localhost.localdomain", "debian", "ubuntu", "fedora", "arch", "archlinux",
    "alpine", "raspberrypi", "linux", "host", "vm", "buildkitsandbox",
))  # fmt: skip
_GENERIC_FOLDERS = NOBODY | frozenset(("var", "lib", "export", "mnt", "data", "usr", "c:", "d:"))

_EMAIL = re.compile(r"[\w.+-]+@(?!\d+\.service)[\w-]+(?:\.[\w-]+)+")
"""Not user@1000.service, a cgroup of systemd."""
_UUID = re.compile(
    r"[0-9a-f]{8}([-_])[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{4}\1[0-9a-f]{12}(?![0-9a-f])",
    re.IGNORECASE,
)
_LONG_HEX = re.compile(r"(?<![0-9a-zA-Z])[0-9a-fA-F]{24,}(?![0-9a-zA-Z])")
_MAC = re.compile(
    r"(?<![0-9a-f:-])[0-9a-f]{2}([:-])(?:[0-9a-f]{2}\1){4}[0-9a-f]{2}(?![0-9a-f:-])", re.IGNORECASE
)
_OCTET = r"(?:25[0-5]|2[0-4]\d|1?\d?\d)"
_IPV4 = re.compile(rf"(?<![\w.])(?:{_OCTET}\.){{3}}{_OCTET}(?![\w.]|-microsoft)")
"""Not 5.15.153.1-microsoft, the kernel of WSL2."""
_IPV6 = re.compile(
    r"(?<![\w:.])(?:(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}"
    r"|(?:[0-9a-f]{1,4}:){1,6}(?::[0-9a-f]{1,4}){1,6}|(?:[0-9a-f]{1,4}:){2,7}:"
    r"|::[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*|[0-9a-f]{1,4}::(?!/))(?![\w:.])",
    re.IGNORECASE,
)
_SERIAL = re.compile(
    r"(\bserial[^:=\n]{0,24}[:=][ \t]*[\"']?)[^\s\"',]+", re.IGNORECASE
)  # fmt: skip


def _word(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(name)}(?![^\W_])", re.IGNORECASE)


def _folders(home: str) -> Iterator[tuple[str, str]]:
    """The home folder as it is written, and with the parts that tell something replaced."""
    parts = re.split(r"([/\\]+)", home.rstrip("/\\"))
    plain = "".join(
        part if i % 2 or part.lower() in _GENERIC_FOLDERS else "user"
        for i, part in enumerate(parts)
    )
    whole = "".join(parts)
    if plain != whole:
        yield whole, plain
        yield whole.replace("\\", "/"), plain.replace("\\", "/")


def _names(user: str, host: str, home: str) -> Iterator[tuple[re.Pattern[str], str]]:
    # The host first: its name often holds that of the user.
    for name in (host, host.partition(".")[0]):
        if name.lower() not in GENERIC_HOSTS | NOBODY:
            yield _word(name), "host"
    last = re.split(r"[/\\]", home.rstrip("/\\"))[-1]
    for name in (user, last):
        if name.lower() not in NOBODY:
            yield _word(name), "user"
            short = re.sub(r"[ .]", "", name)[:6]  # C:\Users\ALICEW~1
            yield re.compile(rf"(?<![^\W_]){re.escape(short)}~\d", re.IGNORECASE), "user"


def scrub(text: str, *, user: str, host: str, home: str) -> str:
    """The text without what tells whose it is; paths keep their depth, so a record replays."""
    for whole, plain in _folders(home):
        end = r"(?![^\W_])"
        written = plain.replace("\\", "\\\\")
        text = re.sub(re.escape(whole) + end, written, text, flags=re.IGNORECASE)
    for pattern, word in _names(user, host, home):
        text = pattern.sub(word, text)
    text = _EMAIL.sub("mail", text)
    text = _UUID.sub(lambda match: re.sub(r"[0-9a-fA-F]", "0", match[0]), text)
    text = _LONG_HEX.sub(lambda match: "0" * len(match[0]), text)
    text = _MAC.sub("00:00:00:00:00:00", text)
    text = _IPV4.sub("ip-address", text)
    text = _IPV6.sub("::", text)
    return _SERIAL.sub(r"\g<1>0", text)
