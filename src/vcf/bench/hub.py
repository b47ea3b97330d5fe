"""Downloads a model's files from the Hugging Face hub, with the huggingface_hub of the Python that
will load them: what is missing only, checked, and with an end to every wait."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Callable, Mapping, Sequence
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

import msgspec

from ..errors import UsageError, VcfError
from ..plain import shown
from ..units import GB, gb
from .architectures import architecture
from .conversation import Conversation, Event, TimeOver
from .snapshots import CONFIG, MODEL_FILES, TOKENIZER_FILES, VAE_FILES, Snapshot, examine

CHILD = Path(__file__).with_name("child") / "download.py"
START_SECONDS = 120.0
"""For importing the client and for the hub's list of files."""
PATIENCE_SECONDS = 120.0
"""Without a byte arriving; the client itself gives up and tries again after 10."""
SPARE_BYTES = 2 * GB
"""Must stay free on the disk."""
SMALL_FILES = (CONFIG, "tokenizer*.json", "tokenizer.model", "special_tokens_map.json",
               "added_tokens.json", "vocab.json", "merges.txt")  # fmt: skip
"""Everything but weights that the package may read."""
ON = ("1", "ON", "YES", "TRUE")
AGAIN = (
    "run it again: it goes on where it stopped; HF_ENDPOINT=https://hf-mirror.com names a mirror"
)

Progress = Callable[[int, int], None]
"""Told the bytes that are there, and all bytes."""


class DownloadError(VcfError):
    """The weights could not be downloaded; what has arrived is kept."""

    kind = "download"


class Remote(msgspec.Struct, frozen=True, kw_only=True):
    """A file in a repository."""

    name: str
    size: int
    sha256: str | None = None
    """Of large files."""
    have: int = 0
    """Bytes of it in the cache."""


class Listing(msgspec.Struct, frozen=True, kw_only=True):
    """What the hub offers."""

    commit: str
    folder: Path
    """Of the repository, in the cache."""
    files: list[Remote]


def download(
    python: str,
    repo: str,
    model: str,
    *,
    progress: Progress | None = None,
    environ: Mapping[str, str] | None = None,
    patience: float = PATIENCE_SECONDS,
) -> Snapshot:
    """Bring ``repo`` (``openbmb/VoxCPM2``) into the cache of the huggingface_hub of ``python``.

    What is there already stays, and what had been begun is gone on with. Each large file is
    checked against the SHA-256 that the hub names; a wrong one is removed. ``environ``: the
    variables of the download; None: those of this process. ``patience``: seconds without a byte.

    Raises DownloadError: no connection, no such model, damaged, no huggingface_hub …; UsageError:
    no such model or Python, the disk is too small, the repository holds another model.
    """
    architecture(model, "full")
    _refuse_offline(environ)
    known = os.environ if environ is None else environ
    asked = urlsplit(known.get("HF_ENDPOINT") or "https://huggingface.co").hostname or "the hub"
    command = [python, "-W", "ignore", str(CHILD), repo]
    with Conversation(command, seconds=START_SECONDS, environment=environ) as talk:
        return _Download(talk, repo, model, asked, progress, patience).follow()


class _Download:
    """Follows the child from the list of files to the snapshot."""

    def __init__(
        self,
        talk: Conversation,
        repo: str,
        model: str,
        asked: str,
        progress: Progress | None,
        patience: float,
    ) -> None:
        self._talk, self._repo, self._model, self._asked = talk, repo, model, asked
        self._progress, self._patience = progress, patience
        self._listing: Listing | None = None
        self._done, self._total = 0, 0
        self._last: tuple[Any, ...] = ()

    def follow(self) -> Snapshot:
        """Until the files are there."""
        try:
            for event in self._talk:
                name = event["event"]
                if name == "files":
                    self._choose(event)
                elif name == "progress":
                    self._note(event)
                elif name == "error":
                    self._fail(event)
                elif name == "done" and self._listing is not None:
                    return self._snapshot(Path(str(event.get("folder"))), self._listing.commit)
        except TimeOver:
            seconds = START_SECONDS if self._listing is None else self._patience
            self._give_up(f"nothing came for {seconds:g} s")
        self._give_up(self._talk.how_it_ended())

    def _choose(self, event: Event) -> None:
        try:
            self._listing = listing = msgspec.convert(event, Listing, dec_hook=_path)
        except msgspec.ValidationError as error:
            raise DownloadError(f"{self._repo}: the list of files can't be used: {error}") from None
        taken = needed(listing.files, self._repo)
        self._total = sum(file.size for file in taken)
        self._done = sum(file.have for file in taken)
        check_space(self._repo, self._total - self._done, listing.folder)
        self._talk.limit(self._patience)
        self._talk.answer(json.dumps({"take": [file.name for file in taken]}))
        self._show()

    def _note(self, event: Event) -> None:
        """Only what moves on renews the time limit."""
        now = (event.get("done"), event.get("checked"))
        if now != self._last:
            self._last = now
            self._talk.limit(self._patience)
        if isinstance(now[0], int):
            self._done = min(now[0], self._total)
            self._show()

    def _show(self) -> None:
        if self._progress is not None:
            self._progress(self._done, self._total)

    def _snapshot(self, folder: Path, commit: str) -> Snapshot:
        found = examine(folder, self._model)
        return msgspec.structs.replace(
            found, origin="huggingface", repo=self._repo, revision=commit
        )

    def _give_up(self, why: str) -> NoReturn:
        self._fail({"kind": "network", "text": why})

    def _fail(self, event: Event) -> NoReturn:
        file, text = shown(str(event.get("file") or ""), 100), shown(str(event.get("text")), 300)
        what = f"{self._repo}: {file}" if file else self._repo
        kind = str(event.get("kind"))
        if kind in FAILURES:
            message, hint = FAILURES[kind]
        elif self._listing is None:
            message, hint = "{hub} does not answer: {text}", AGAIN
        else:
            message, hint = "{what}: the download broke off after {arrived}: {text}", AGAIN
        known = {
            "what": what, "text": text, "repo": self._repo, "hub": shown(self._asked, 100),
            "arrived": f"{_size(self._done)} of {_size(self._total)}",
        }  # fmt: skip
        raise DownloadError(message.format(**known), hint.format(**known)) from None


FAILURES: Mapping[str, tuple[str, str]] = {
    "no-client": (
        "this Python has no huggingface_hub that works",
        "install voxcpm in it, or name a folder: --weights PATH",
    ),
    "not-found": ("{repo} is not on the hub, or it is private: {text}", "check HF_ENDPOINT"),
    "gated": (
        "{repo} is given only to those who accept its terms",
        "accept them on its page, then `hf auth login`",
    ),
    "refused": ("{what}: the hub refused it after {arrived}: {text}", AGAIN),
    "short": (
        "{what}: what arrived has not the size that the hub says ({arrived})", AGAIN,
    ),
    "damaged": (
        "{what}: it arrived damaged, its SHA-256 is not the one that the hub names; it was removed",
        "run it again: that file is fetched anew",
    ),
    "disk": (
        "{what}: it can't be written: {text}",
        "free some space, or set HF_HOME to a folder that you may write to",
    ),
    "changed": ("{repo} was changed on the hub during the download", "run it again"),
    "failed": ("{what}: the download failed: {text}", "try it by hand: hf download {repo}"),
}  # fmt: skip
"""Kind of the child's error → message and hint."""


def needed(files: Sequence[Remote], repo: str) -> list[Remote]:
    """Those that the package loads: no pictures, no second format of the same weights.

    Raises DownloadError: the repository lacks some.
    """
    by_name = {file.name: file for file in files}
    taken = [
        file
        for file in files
        if "/" not in file.name and any(fnmatchcase(file.name, name) for name in SMALL_FILES)
    ]
    for names in ((CONFIG,), TOKENIZER_FILES, MODEL_FILES, VAE_FILES):
        first = next((by_name[name] for name in names if name in by_name), None)
        if first is None:
            raise DownloadError(
                f"{repo} has no {' and no '.join(names)}", "is it a repository of VoxCPM?"
            )
        if first not in taken:
            taken.append(first)
    return taken


def check_space(repo: str, missing: int, folder: Path) -> None:
    """Raises UsageError where what is missing, and some space to spare, would not fit."""
    if not missing:
        return
    free = free_bytes(folder)
    if free < missing + SPARE_BYTES:
        raise UsageError(
            f"the download of {repo} needs {_size(missing)} and {gb(SPARE_BYTES)} to spare; "
            f"{gb(free)} are free for {shown(str(folder), 300)}",
            "free some space, or set HF_HOME to a folder on another disk",
        )


def free_bytes(folder: Path) -> int:
    """Free space on the disk where the folder is or will be."""
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent
    return shutil.disk_usage(folder).free


def _refuse_offline(environ: Mapping[str, str] | None) -> None:
    known = os.environ if environ is None else environ
    for name in ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"):
        if known.get(name, "").upper() in ON:
            raise DownloadError(
                f"{name} is set: nothing may be downloaded",
                f"unset {name}, or name a folder: --weights PATH",
            )
        if known.get(name):
            return  # as the client reads them: the second counts where the first is not set


def _size(size: int) -> str:
    return gb(size) if size >= GB // 10 else f"{size / 1e6:.1f} MB"


def _path(kind: type, value: Any) -> Any:
    return kind(value)
