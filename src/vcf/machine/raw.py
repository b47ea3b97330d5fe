"""``probe --raw``: every question of the probes with its answer, fit for a public bug report.

The record replays: ``probe(ReplayHost(raw["answers"]))`` finds the same facts.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from .ask import ask
from .cgroup import MOUNTS
from .host import Host, Recording
from .mounts import parse_mountinfo
from .probe import live_host, probe
from .scrub import scrub
from .variables import VARIABLES, clean

SCHEMA = "vcf.raw/1"

KEPT_VARIABLES = frozenset((
    "HOME", "USERPROFILE", "USER", "LOGNAME", "USERNAME", "XDG_CACHE_HOME", "HF_HOME",
    "HF_HUB_CACHE", "HUGGINGFACE_HUB_CACHE", "MODELSCOPE_CACHE", "TMPDIR", "TEMP", "TMP",
    "SystemRoot", "ProgramFiles", "CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER",
    "NVIDIA_VISIBLE_DEVICES", "HIP_VISIBLE_DEVICES", "ROCR_VISIBLE_DEVICES", "GPU_DEVICE_ORDINAL",
    "GGML_VK_VISIBLE_DEVICES", "ZE_AFFINITY_MASK", "HSA_OVERRIDE_GFX_VERSION",
    "ONEAPI_DEVICE_SELECTOR", "JETSON_JETPACK", "container", *VARIABLES,
))  # fmt: skip
"""Environment variables whose values are kept; of others only that they are set."""
SET = "set"


class Scrubber:
    """Scrubs answers of any form with the names of one computer."""

    def __init__(self, identity: Mapping[str, Any]) -> None:
        self._names = {key: str(identity.get(key) or "") for key in ("user", "host", "home")}
        self._other = str(identity.get("other") or "")

    def text(self, text: str) -> str:
        """A text without user, host, serial and network names."""
        text = scrub(text, **self._names)
        return scrub(text, user=self._other, host="", home="") if self._other else text

    def data(self, answer: Any) -> Any:
        """A JSON value; what stands under a key such as ``serial`` or ``uuid`` goes whole."""
        if isinstance(answer, str):
            return self.text(answer)
        if isinstance(answer, Mapping):
            return {
                self.text(str(key)): "0" if _names_one(str(key), value) else self.data(value)
                for key, value in answer.items()
            }
        if isinstance(answer, (list, tuple)):
            return [self.data(item) for item in answer]
        return answer


def _names_one(key: str, value: Any) -> bool:
    return isinstance(value, (str, int)) and any(
        word in key.lower() for word in ("serial", "uuid", "guid")
    )


def trim_mounts(text: str, folders: Mapping[str, str]) -> str:
    """The lines of mountinfo that probes use: cgroups, and where these folders lie.

    ``folders`` gives the device of each. Shares, options and other mounts are left out.
    """
    kept = []
    devices = set(folders.values())
    for line, mount in zip(text.splitlines(), _mounts(text), strict=True):
        before, _, after = line.partition(" - ")
        if mount is None:
            continue
        point = mount.point.rstrip("/") + "/"
        if mount.kind in ("cgroup", "cgroup2"):
            kept.append(line)
        elif mount.device in devices or any((f + "/").startswith(point) for f in folders):
            source = mount.source if mount.source.startswith("/dev/") else mount.kind
            kept.append(f"{before} - {after.split()[0]} {source} rw")
    return "\n".join(kept) + "\n"


def _mounts(text: str) -> list[Any]:
    """The parsed mount of each line, None for a line that is none."""
    return [next(iter(parse_mountinfo(line)), None) for line in text.splitlines()]


def _ok(answers: Mapping[str, Mapping[str, Any]], start: str) -> dict[str, str]:
    """Texts answered to questions that begin with some words, by the rest of the question."""
    return {
        key[len(start) :]: str(answer["ok"])
        for key, answer in answers.items()
        if key.startswith(start) and "ok" in answer
    }


def clean_answers(
    answers: Mapping[str, Mapping[str, Any]], scrubber: Scrubber
) -> dict[str, dict[str, Any]]:
    """The answers of a Recording without anything that tells whose computer it is."""
    folders = _ok(answers, "call device_of ")
    cleaned: dict[str, dict[str, Any]] = {}
    for key, answer in answers.items():
        kept = dict(answer)
        if key == f"read {MOUNTS}" and "ok" in kept:
            kept["ok"] = trim_mounts(str(kept["ok"]), folders)
        if key.startswith("env ") and kept.get("ok") and key[4:] not in KEPT_VARIABLES:
            kept["ok"] = SET
        elif key.startswith("env ") and key[4:] in VARIABLES and kept.get("ok"):
            kept["ok"] = clean(str(kept["ok"]))
        cleaned[scrubber.text(key)] = scrubber.data(kept)
    return cleaned


def collect_raw(host: Host | None = None) -> dict[str, Any]:
    """Probe over a recording and return ``{"schema": "vcf.raw/1", "answers": …}``."""
    host = live_host() if host is None else host
    told = ask(host.call, "identity")
    recording = Recording(host)
    probe(recording)
    identity = told if isinstance(told, dict) else {}
    return {
        "schema": SCHEMA,
        "answers": clean_answers(dict(recording.answers), Scrubber(identity)),
    }
