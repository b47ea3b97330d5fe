"""A small Hugging Face hub on this computer: its file API over folders, for the real client.

with HubServer({"openbmb/VoxCPM2": folder}) as hub:
    subprocess.run(…, env={**os.environ, **hub.environment(cache)})

It answers what ``huggingface_hub`` asks when it downloads: the model's info, its list of files,
and the files with ETag, X-Repo-Commit, Range and If-Range as the hub gives them. Weights are
marked as large files, so the client gets their SHA-256. Xet, which the hub offers beside HTTP,
it does not: the client then takes plain HTTP.

``faults`` bends single answers, by the name of the file: see Fault.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Event, Thread
from typing import Any
from urllib.parse import parse_qs, unquote, urlsplit

LARGE = (".safetensors", ".bin", ".pth", ".gguf")
"""Kept as large files (LFS) on the hub."""

INFO = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)(/revision/(?P<revision>[^/]+))?")
TREE = re.compile(r"/api/models/(?P<repo>[^/]+/[^/]+)/tree/(?P<revision>[^/]+)(/.*)?")
FILE = re.compile(r"/(?P<repo>[^/]+/[^/]+)/resolve/(?P<revision>[^/]+)/(?P<name>.+)")


@dataclass
class Fault:
    """How the answers for one file go wrong."""

    cut_after: int | None = None
    """Close the connection after so many bytes of the content."""
    hold_after: int | None = None
    """Send nothing more after so many bytes, and keep the connection until the hub closes."""
    status: int | None = None
    """Answer with this HTTP status instead of the content."""
    alter: bool = False
    """One bit of the content is another; its size is right."""
    claim: int = 0
    """Bytes by which the size that lists and headers name is wrong, as long as this is here."""
    times: int = 1
    """How many downloads of it go wrong; the next ones are right."""
    then: Fault | None = None
    """What goes wrong with the next ones."""


@dataclass(frozen=True)
class Stored:
    """A file as the hub knows it."""

    name: str
    path: Path
    size: int
    git: str
    """SHA-1 as git has it."""
    sha256: str | None
    """Of large files only."""

    @property
    def etag(self) -> str:
        """What tells one content from another."""
        return self.sha256 or self.git


@dataclass
class HubServer:
    """Serves folders as model repositories on a port of this computer, until closed."""

    repos: Mapping[str, Path]
    """Model id → folder. The files are read anew at each request, hashed once."""
    faults: dict[str, Fault] = field(default_factory=dict)
    """File name → what goes wrong with it."""
    requests: list[tuple[str, str]] = field(default_factory=list)
    """Method and path of what was asked, in its order."""
    ranges: list[tuple[str, str]] = field(default_factory=list)
    """File name and Range of what was asked for in part."""
    refuse: tuple[int, str | None] | None = None
    """HTTP status and error code of every answer, where nothing is given."""

    def __enter__(self) -> HubServer:
        hub, self.closing = self, Event()

        class Handler(_Handler):
            """Knows its hub."""

            served = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def url(self) -> str:
        """For HF_ENDPOINT."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def environment(self, home: Path) -> dict[str, str]:
        """What sends a child's huggingface_hub here, with its cache under ``home``."""
        return {
            "HF_ENDPOINT": self.url,
            "HF_HOME": str(home),
            "HF_HUB_DISABLE_TELEMETRY": "1",
            "HF_HUB_DISABLE_PROGRESS_BARS": "1",
            "HF_HUB_OFFLINE": "0",
            "HF_TOKEN": "",
            "NO_PROXY": "127.0.0.1",
        }

    def files(self, repo: str) -> dict[str, Stored]:
        """Name → file of a repository. Raises KeyError: no such one."""
        folder = self.repos[repo]
        paths = sorted(path for path in folder.rglob("*") if path.is_file())
        return {
            (name := path.relative_to(folder).as_posix()): _stored(
                name, path, path.stat().st_size, path.stat().st_mtime_ns
            )
            for path in paths
        }

    def size(self, file: Stored) -> int:
        """As lists and headers name it."""
        fault = self.faults.get(file.name)
        return file.size + (fault.claim if fault is not None else 0)

    def commit(self, repo: str) -> str:
        """Forty hex digits that change with any file."""
        known = "".join(f"{file.name} {file.git}\n" for file in self.files(repo).values())
        return hashlib.sha1(known.encode()).hexdigest()


@lru_cache
def _stored(name: str, path: Path, size: int, _changed: int) -> Stored:
    git, sha = hashlib.sha1(f"blob {size}\0".encode()), hashlib.sha256()
    with path.open("rb") as stream:
        while block := stream.read(1 << 20):
            git.update(block)
            sha.update(block)
    large = name.endswith(LARGE)
    return Stored(name, path, size, git.hexdigest(), sha.hexdigest() if large else None)


class _Handler(BaseHTTPRequestHandler):
    """One connection of a client."""

    protocol_version = "HTTP/1.1"
    served: HubServer

    def do_HEAD(self) -> None:
        """As GET, without the content."""
        self._answer(body=False)

    def do_GET(self) -> None:
        """Info, list or file."""
        self._answer(body=True)

    def log_message(self, format: str, *args: Any) -> None:
        """Keeps quiet: the requests are kept in a list."""

    def _answer(self, body: bool) -> None:
        path = unquote(urlsplit(self.path).path)
        self.served.requests.append((self.command, path))
        if self.served.refuse is not None:
            status, code = self.served.refuse
            self._refuse(code, status)
            return
        try:
            if found := FILE.fullmatch(path):
                self._known_revision(found["repo"], found["revision"])
                self._file(found["repo"], found["name"], body)
            elif found := TREE.fullmatch(path):
                self._known_revision(found["repo"], found["revision"])
                files = self.served.files(found["repo"]).values()
                self._json([_entry(file, self.served.size(file)) for file in files])
            elif found := INFO.fullmatch(path):
                self._known_revision(found["repo"], found["revision"] or "main")
                blobs = "blobs" in parse_qs(urlsplit(self.path).query)
                self._json(self._info(found["repo"], blobs))
            else:
                self._refuse("EntryNotFound")
        except KeyError as missing:
            self._refuse(missing.args[0] if missing.args[0] in CODES else "RepoNotFound")

    def _known_revision(self, repo: str, revision: str) -> None:
        if revision not in ("main", self.served.commit(repo)):
            raise KeyError("RevisionNotFound")

    def _info(self, repo: str, blobs: bool) -> dict[str, Any]:
        files = self.served.files(repo).values()
        brief = [{"rfilename": file.name} for file in files]
        return {
            "_id": "0" * 24,
            "id": repo,
            "modelId": repo,
            "sha": self.served.commit(repo),
            "private": False,
            "tags": [],
            "downloads": 0,
            "likes": 0,
            "siblings": [_sibling(file, self.served.size(file)) for file in files]
            if blobs
            else brief,
        }

    def _file(self, repo: str, name: str, body: bool) -> None:
        file = self.served.files(repo).get(name)
        if file is None:
            raise KeyError("EntryNotFound")
        fault = self._fault(file) if body else None
        if fault is not None and fault.status is not None:
            self._refuse(None, fault.status)
            return
        start = self._range(file)
        self.send_response(206 if start else 200)
        self.send_header("Content-Length", str(file.size - start))
        if start:
            self.send_header("Content-Range", f"bytes {start}-{file.size - 1}/{file.size}")
        self.send_header("Content-Type", "application/octet-stream")
        self.send_header("Accept-Ranges", "bytes")
        self.send_header("X-Repo-Commit", self.served.commit(repo))
        self.send_header("ETag", f'"{file.etag}"')
        if file.sha256 is not None:
            self.send_header("X-Linked-Etag", f'"{file.etag}"')
            self.send_header("X-Linked-Size", str(self.served.size(file)))
        self.end_headers()
        if body:
            self._send(file, start, fault)

    def _fault(self, file: Stored) -> Fault | None:
        """What goes wrong with this download."""
        fault = self.served.faults.get(file.name)
        if fault is None or fault.times <= 0:
            return None
        fault.times -= 1
        if fault.times == 0 and fault.then is not None:
            self.served.faults[file.name] = fault.then
        return fault

    def _range(self, file: Stored) -> int:
        """Where the client wants to go on; 0 where it wants all."""
        if self.headers.get("Range"):
            self.served.ranges.append((file.name, self.headers["Range"]))
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted is None or self.headers.get("If-Range", f'"{file.etag}"') != f'"{file.etag}"':
            return 0
        start = int(wanted[1])
        return start if start < file.size else 0

    def _send(self, file: Stored, start: int, fault: Fault | None) -> None:
        left = file.size
        if fault is not None:
            stops = fault.cut_after if fault.hold_after is None else fault.hold_after
            if stops is not None:
                left, self.close_connection = stops, True
        with file.path.open("rb") as stream:
            stream.seek(start)
            while left > 0 and (block := stream.read(min(left, 1 << 20))):
                if fault is not None and fault.alter and left == file.size:
                    block = block[:-1] + bytes([block[-1] ^ 1])
                self.wfile.write(block)
                left -= len(block)
        if fault is not None and fault.hold_after is not None:
            self.wfile.flush()
            self.served.closing.wait(60)

    def _json(self, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _refuse(self, code: str | None, status: int = 404) -> None:
        """No, the way the hub says it."""
        self.send_response(status)
        if code is not None:
            self.send_header("X-Error-Code", code)
            self.send_header("X-Error-Message", CODES[code])
        self.send_header("Content-Length", "0")
        self.end_headers()


CODES = {
    "RepoNotFound": "Repository not found",
    "GatedRepo": "Access to model is restricted",
    "RevisionNotFound": "Invalid rev id",
    "EntryNotFound": "Entry not found",
}


def _entry(file: Stored, size: int) -> dict[str, Any]:
    """One line of a repository's list of files."""
    entry: dict[str, Any] = {"type": "file", "oid": file.git, "size": size, "path": file.name}
    if file.sha256 is not None:
        entry["lfs"] = {"oid": file.sha256, "size": size, "pointerSize": 134}
    return entry


def _sibling(file: Stored, size: int) -> dict[str, Any]:
    """The same in the model's info."""
    sibling: dict[str, Any] = {"rfilename": file.name, "size": size, "blobId": file.git}
    if file.sha256 is not None:
        sibling["lfs"] = {"sha256": file.sha256, "size": size, "pointerSize": 134}
    return sibling
