"""Downloads files of a model into the cache of Hugging Face: a program of its own for any Python
that has huggingface_hub.

    python download.py openbmb/VoxCPM2

It talks in JSON, a line for each event:

    ← {"event": "files", "commit": …, "folder": …,      have: bytes in the cache
       "files": [{"name": …, "size": …, "sha256": …, "have": …}, …]}
    → {"take": ["config.json", …]}
    ← {"event": "progress", "done": …, "checked": …}    twice a second; bytes of the files taken
    ← {"event": "done", "folder": …}                    of the snapshot
    ← {"event": "error", "kind": …, "file": …, "text": …}

Kinds: no-client, not-found, gated, refused, network, short, damaged, disk, changed, failed.

Large files are fetched here with the client's ``http_get``, because newer clients throw away what
came before a connection broke, and no client looks at a SHA-256. They then lie where the client
itself keeps them, and it does the rest.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import importlib
import json
import os
import re
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

BLOCK = 4 << 20
CHUNK = 1 << 18
"""Bytes that the client gathers before it writes them; its own 10 MB would be lost each time."""
RETRIES, PAUSE_S = 2, 1.0
"""Attempts in vain after the first one, and the wait before each. Newer clients make their own."""
EVERY_S = 0.5
"""Between two reports."""
SHA256 = re.compile(r"[0-9a-f]{64}")
GIT = re.compile(r"[0-9a-f]{40}")
FALSE = ("", "0", "OFF", "NO", "FALSE")
FULL = {getattr(errno, name, None) for name in ("ENOSPC", "EDQUOT", "EACCES", "EPERM", "EROFS")}
CONNECTIONS = ("httpx", "httpx2", "httpcore", "requests", "urllib3")
"""Packages whose errors are those of the network."""

File = dict[str, Any]


class Broken(Exception):
    """The download can't go on."""

    def __init__(self, kind: str, text: str = "") -> None:
        super().__init__(text)
        self.kind = kind


def main() -> NoReturn:
    """Does one download."""
    folder = Path(__file__).resolve().parent
    # the modules beside this one are none of the client's business
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != folder]
    xet = os.environ.get("HF_HUB_DISABLE_XET", "1").upper() in FALSE
    for name in ("HF_HUB_DISABLE_XET", "HF_HUB_DISABLE_PROGRESS_BARS", "HF_HUB_DISABLE_TELEMETRY"):
        os.environ.setdefault(name, "1")
    os.environ.setdefault("HF_HUB_ENABLE_HF_TRANSFER", "0")
    work: Download | None = None
    try:
        work = Download(sys.argv[1], client=_client())
        work.ask()
        tell("done", folder=str(work.run(resume=not xet)))
    except Exception as error:
        kind, text = described(error)
        tell("error", kind=kind, file=work.current if work else "", text=text)
        sys.exit(1)
    sys.exit(0)


def _client() -> Any:
    try:
        client = importlib.import_module("huggingface_hub")
        importlib.import_module("huggingface_hub.file_download")
        importlib.import_module("huggingface_hub.utils")
    except ImportError as error:
        missing = isinstance(error, ModuleNotFoundError) and error.name == "huggingface_hub"
        raise Broken("no-client", "" if missing else str(error)) from None
    for module in (client.constants, client.file_download):
        if hasattr(module, "DOWNLOAD_CHUNK_SIZE"):
            module.DOWNLOAD_CHUNK_SIZE = CHUNK
    return client


class Download:
    """The files of one repository, and how far they have come."""

    def __init__(self, repo: str, client: Any) -> None:
        self._repo, self._client = repo, client
        self._cache = Path(client.constants.HF_HUB_CACHE).expanduser()
        self._folder = self._cache / ("models--" + repo.replace("/", "--"))
        self._files: list[File] = []
        self._checked = 0
        self._good: set[str] = set()
        self.commit = ""
        self.current = ""
        """The file that is being fetched."""

    def ask(self) -> None:
        """Asks the hub what there is, and whoever started this what to take."""
        info = self._client.HfApi().model_info(self._repo, files_metadata=True)
        self.commit = str(info.sha)
        if not GIT.fullmatch(self.commit):
            raise Broken("failed", "it named no commit")
        files = []
        for each in info.siblings or []:
            lfs = each.lfs or {}
            sha = lfs.get("sha256") if isinstance(lfs, dict) else getattr(lfs, "sha256", None)
            large = SHA256.fullmatch(sha or "") is not None
            small = GIT.fullmatch(each.blob_id or "") is not None
            file = {
                "name": each.rfilename, "size": each.size or 0, "sha256": sha if large else None,
                "blob": sha if large else each.blob_id if small else None,
            }  # fmt: skip
            files.append({**file, "have": self._have(file)})
        answer = ask("files", commit=self.commit, folder=str(self._folder), files=files)
        self._files = [file for file in files if file["name"] in answer["take"]]

    def run(self, resume: bool) -> Path:
        """Fetches what was asked for; the folder that holds it then."""
        ended = threading.Event()
        reporter = threading.Thread(target=self._report, args=(ended,), daemon=True)
        reporter.start()
        try:
            for file in self._files:
                self.current = file["name"]
                self._drop_misfit(file)
                if resume and file["sha256"]:
                    with self._locked(file):
                        self._obtain(file)
            self.current = ""
            return self._finish()
        finally:
            ended.set()
            reporter.join()
            self._tell_progress()

    def _finish(self) -> Path:
        """The client fetches the small files and makes the links; then everything is looked at."""
        folder = Path(
            self._client.snapshot_download(
                self._repo, allow_patterns=[file["name"] for file in self._files]
            )
        )
        if folder.name != self.commit:
            raise Broken("changed")
        for file in self._files:
            self.current = file["name"]
            place = folder / file["name"]
            if not place.exists() or place.stat().st_size != file["size"]:
                self._remove(file)
                raise Broken("short")
            if file["sha256"] and file["name"] not in self._good and not self._matches(place, file):
                self._remove(file)
                raise Broken("damaged")
        return folder

    def _obtain(self, file: File) -> None:
        """One large file, whole and with the right content. What was there before is used if it
        is right; else the file is fetched anew."""
        whole = next((place for place in self._places(file) if place.exists()), None)
        if whole is not None:
            if self._matches(whole, file):
                return
            self._remove(file)
        partial = self._partial(file)
        earlier = _size(partial) > 0
        while True:
            self._fetch(file, partial)
            if self._matches(partial, file):
                self._put(partial, file)
                return
            partial.unlink()
            if not earlier:
                raise Broken("damaged")
            earlier = False

    def _fetch(self, file: File, partial: Path) -> None:
        """As often as the connection breaks, unless nothing more comes at all."""
        useless = 0
        while True:
            before = _size(partial)
            try:
                self._go_on(file, partial)
                return
            except Exception as error:
                useless = 0 if _size(partial) > before else useless + 1
                if described(error)[0] != "network" or useless > RETRIES:
                    raise
                time.sleep(PAUSE_S)

    def _go_on(self, file: File, partial: Path) -> None:
        """Goes on with what is there."""
        partial.parent.mkdir(parents=True, exist_ok=True)
        if _size(partial) == file["size"]:
            return  # older clients would ask for what comes after it
        if _size(partial) > file["size"]:
            partial.unlink()
        client = self._client
        url = client.hf_hub_url(self._repo, file["name"], revision=self.commit)
        try:
            with partial.open("ab") as stream:
                client.file_download.http_get(
                    url, stream, resume_size=_size(partial), expected_size=file["size"],
                    headers=client.utils.build_hf_headers(),
                )  # fmt: skip
        except Exception as error:
            if _status(error) == 416:  # the hub has no more: nothing to go on with
                partial.unlink(missing_ok=True)
            if _size(partial) > file["size"]:
                partial.unlink()
                raise Broken("damaged", "it is longer than the hub says") from error
            raise

    def _put(self, partial: Path, file: File) -> None:
        pointer, blob = self._places(file)
        linked = getattr(self._client.file_download, "are_symlinks_supported", lambda _: True)
        place = blob if linked(str(self._cache)) else pointer
        place.parent.mkdir(parents=True, exist_ok=True)
        partial.replace(place)

    @contextlib.contextmanager
    def _locked(self, file: File) -> Iterator[None]:
        """Nobody else fetches this file meanwhile, if the client has locks."""
        make = getattr(self._client.utils, "WeakFileLock", None)
        if make is None:
            yield
            return
        place = self._cache / ".locks" / self._folder.name / f"{file['blob']}.lock"
        place.parent.mkdir(parents=True, exist_ok=True)
        with make(str(place)):
            yield

    def _places(self, file: File) -> list[Path]:
        """Where a complete file lies: in the snapshot, and as a blob that is linked to there."""
        pointer = self._folder / "snapshots" / self.commit / file["name"]
        return [pointer, *([self._folder / "blobs" / file["blob"]] if file["blob"] else [])]

    def _partial(self, file: File) -> Path:
        return self._folder / "blobs" / f"{file['blob']}.incomplete"

    def _have(self, file: File) -> int:
        """Bytes of it in the cache. Newer clients put letters of their own into the name of what
        is incomplete."""
        for place in self._places(file):
            if place.is_file():
                return min(_size(place), int(file["size"]))
        if not file["blob"]:
            return 0
        partial = list((self._folder / "blobs").glob(f"{file['blob']}*.incomplete"))
        return min(max(map(_size, partial), default=0), int(file["size"]))

    def _drop_misfit(self, file: File) -> None:
        """A file of another size would count as present for the client."""
        for place in self._places(file):
            if place.is_file() and _size(place) != file["size"]:
                self._remove(file)

    def _remove(self, file: File) -> None:
        for place in self._places(file):
            with contextlib.suppress(FileNotFoundError):
                place.unlink()

    def _matches(self, place: Path, file: File) -> bool:
        hashed = hashlib.sha256()
        with place.open("rb") as stream:
            while block := stream.read(BLOCK):
                hashed.update(block)
                self._checked += len(block)
        if hashed.hexdigest() == file["sha256"]:
            self._good.add(file["name"])
            return True
        return False

    def _report(self, ended: threading.Event) -> None:
        while not ended.wait(EVERY_S):
            try:
                self._tell_progress()
            except OSError:  # nobody listens any more
                os._exit(1)

    def _tell_progress(self) -> None:
        tell("progress", done=sum(map(self._have, self._files)), checked=self._checked)


def described(error: Exception) -> tuple[str, str]:
    """Kind and text of what went wrong; the classes are known by their names, as they moved
    from module to module."""
    text = " ".join(re.sub(r"(https?://[^\s?]+)\?\S+", r"\1", str(error)).split())[:300]
    text = text.partition(" For more information")[0]
    if isinstance(error, Broken):
        return error.kind, text
    names = {each.__name__ for each in type(error).__mro__}
    full = f"{type(error).__name__}: {text}" if text else type(error).__name__
    if "GatedRepoError" in names:
        return "gated", full
    if names & {"RepositoryNotFoundError", "RevisionNotFoundError"}:
        return "not-found", full
    if _status(error) is not None:
        return "refused", full.partition(" for url")[0]
    if "Consistency check failed" in text:
        return "short", ""
    if isinstance(error, OSError):
        return "disk" if error.errno in FULL - {None} else "network", full
    package = type(error).__module__.partition(".")[0]
    return "network" if package in CONNECTIONS else "failed", full


def _status(error: Exception) -> int | None:
    """Of HTTP, where the hub refused something."""
    response = getattr(error, "response", None)
    status = getattr(response, "status_code", None)
    return status if isinstance(status, int) else None


def _size(place: Path) -> int:
    try:
        return place.stat().st_size
    except OSError:
        return 0


_one_at_a_time = threading.Lock()


def tell(event: str, **more: Any) -> None:
    """One line on standard output."""
    with _one_at_a_time:
        print(json.dumps({"event": event, **more}), flush=True)


def ask(event: str, **more: Any) -> Any:
    """One line, and the answer to it."""
    tell(event, **more)
    return listen()


def listen() -> Any:
    """What whoever started this says; when it is gone, this ends."""
    line = sys.stdin.buffer.readline()
    if not line:
        sys.exit(1)
    return json.loads(line)


if __name__ == "__main__":
    main()
