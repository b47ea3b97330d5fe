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
from threading import Thread
from typing import Any
from urllib.parse import unquote, urlsplit

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
    times: int = 1
    """How many downloads of it go wrong; the next ones are right."""


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

    def __enter__(self) -> HubServer:
        hub = self

        class Handler(_Handler):
            """Knows its hub."""

            served = hub

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
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
        try:
            if found := FILE.fullmatch(path):
                self._known_revision(found["repo"], found["revision"])
                self._file(found["repo"], found["name"], body)
            elif found := TREE.fullmatch(path):
                self._known_revision(found["repo"], found["revision"])
                self._json([_entry(file) for file in self.served.files(found["repo"]).values()])
            elif found := INFO.fullmatch(path):
                self._known_revision(found["repo"], found["revision"] or "main")
                self._json(self._info(found["repo"]))
            else:
                self._refuse("EntryNotFound")
        except KeyError as missing:
            self._refuse(missing.args[0] if missing.args[0] in CODES else "RepoNotFound")

    def _known_revision(self, repo: str, revision: str) -> None:
        if revision not in ("main", self.served.commit(repo)):
            raise KeyError("RevisionNotFound")

    def _info(self, repo: str) -> dict[str, Any]:
        files = self.served.files(repo)
        return {
            "_id": "0" * 24,
            "id": repo,
            "modelId": repo,
            "sha": self.served.commit(repo),
            "private": False,
            "tags": [],
            "downloads": 0,
            "likes": 0,
            "siblings": [{"rfilename": name} for name in files],
        }

    def _file(self, repo: str, name: str, body: bool) -> None:
        file = self.served.files(repo).get(name)
        if file is None:
            raise KeyError("EntryNotFound")
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
            self.send_header("X-Linked-Size", str(file.size))
        self.end_headers()
        if body:
            self._send(file, start)

    def _range(self, file: Stored) -> int:
        """Where the client wants to go on; 0 where it wants all."""
        wanted = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        if wanted is None or self.headers.get("If-Range", f'"{file.etag}"') != f'"{file.etag}"':
            return 0
        start = int(wanted[1])
        return start if start < file.size else 0

    def _send(self, file: Stored, start: int) -> None:
        fault = self.served.faults.get(file.name)
        left = file.size
        if fault is not None and fault.times > 0 and fault.cut_after is not None:
            fault.times -= 1
            left = fault.cut_after
            self.close_connection = True
        with file.path.open("rb") as stream:
            stream.seek(start)
            while left > 0 and (block := stream.read(min(left, 1 << 20))):
                self.wfile.write(block)
                left -= len(block)

    def _json(self, document: Any) -> None:
        content = json.dumps(document).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(content)

    def _refuse(self, code: str) -> None:
        """404 the way the hub says it."""
        self.send_response(404)
        self.send_header("X-Error-Code", code)
        self.send_header("X-Error-Message", CODES[code])
        self.send_header("Content-Length", "0")
        self.end_headers()


CODES = {
    "RepoNotFound": "Repository not found",
    "RevisionNotFound": "Invalid rev id",
    "EntryNotFound": "Entry not found",
}


def _entry(file: Stored) -> dict[str, Any]:
    """One line of a repository's list of files."""
    entry: dict[str, Any] = {
        "type": "file",
        "oid": file.git,
        "size": file.size,
        "path": file.name,
    }
    if file.sha256 is not None:
        entry["lfs"] = {"oid": file.sha256, "size": file.size, "pointerSize": 134}
    return entry
