"""What the tests of the command line share: a clean environment, one call, its answer."""

from __future__ import annotations

import gc
import io
import json
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from vcf.catalogue import load as catalogue_load
from vcf.cli import folder
from vcf.cli.main import run
from vcf.cli.schema import schema_of
from vcf.machine import probe as probe_module
from vcf.machine.load import load_machine
from vcf.machine.model import Machine

VARIABLES = (
    "VCF_LANG", "VCF_MODELS", "LC_ALL", "LC_MESSAGES", "LANGUAGE", "COLUMNS", "NO_COLOR",
    "FORCE_COLOR", "CLICOLOR_FORCE", "TTY_COMPATIBLE", "_VCF_COMPLETE",
)  # fmt: skip
shipped_document = lru_cache(maxsize=1)(catalogue_load._shipped_document)
shipped_catalogue = lru_cache(maxsize=1)(catalogue_load._shipped_catalogue)


@lru_cache
def validator(name: str) -> jsonschema.Draft202012Validator:
    """Of the documents that ``vcf schema NAME`` describes."""
    schema = schema_of(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


@pytest.fixture(autouse=True)
def clean_environment(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """English, no colour, no width; models.yaml is read once for all tests."""
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("LANG", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(catalogue_load, "_shipped_document", shipped_document)
    monkeypatch.setattr(catalogue_load, "_shipped_catalogue", shipped_catalogue)
    folder._catalogue.cache_clear()
    folder._wordings.clear()
    yield
    gc.enable()  # judging a folder switches it off for the rest of the process


class Done:
    """What a call of vcf left."""

    def __init__(self, code: int, out: bytes, err: bytes) -> None:
        self.code = code
        self.out = out.decode()
        self.err = err.decode()

    @property
    def json(self) -> Any:
        """Standard output as JSON."""
        return json.loads(self.out)

    @property
    def error(self) -> dict[str, str]:
        """The error in JSON; nothing else was said."""
        document = self.json
        assert list(document) == ["error"]
        assert list(document["error"]) == ["kind", "message", "hint"]
        assert self.err == ""
        error: dict[str, str] = document["error"]
        assert all(isinstance(value, str) for value in error.values())
        return error

    def refused(self, *words: str, hint: str = "") -> None:
        """Exit 2, one line that says what is wrong and perhaps one more with the hint."""
        assert self.code == 2, (self.code, self.err)
        assert self.out == ""
        lines = self.err.splitlines()
        assert 1 <= len(lines) <= 2, self.err
        assert lines[0].startswith("vcf: ")
        assert "Traceback" not in self.err
        for word in words:
            assert word in lines[0]
        if hint:
            assert hint in lines[1]
            assert lines[1].startswith("     ")


@pytest.fixture
def vcf(
    capsysbinary: pytest.CaptureFixture[bytes], monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Done]:
    """Calls the command line in this process."""

    def call(*arguments: object, stdin: bytes | None = None) -> Done:
        if stdin is not None:
            monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsysbinary.readouterr()
        code = run([str(argument) for argument in arguments])
        captured = capsysbinary.readouterr()
        return Done(code, captured.out, captured.err)

    return call


@pytest.fixture
def desk(tmp_path: Path) -> Path:
    """A machine file with the facts that matter."""
    file = tmp_path / "desk.yaml"
    file.write_text(
        "os: windows\n"
        "cpu: {model: Intel Core i5-12600K, cores: 10, threads: 16, isa: [avx2]}\n"
        "memory: {total: 32GiB}\n"
        "gpus: [{name: NVIDIA GeForce RTX 3060, vram: 12GiB}]\n"
        "disk: {free: 200GB}\n",
        encoding="utf-8",
    )
    return file


@pytest.fixture
def probed(monkeypatch: pytest.MonkeyPatch) -> Machine:
    """A fixed machine in the place of the one that the tests run on."""
    machine = load_machine("desktop-rtx-3060-12gb")

    def probe(host: object = None, *, note: Any = None, seconds: float = 0) -> Machine:
        if note is not None:
            note("cpu probe: no answer in 3 s")
        return machine

    monkeypatch.setattr(probe_module, "probe", probe)
    return machine


@pytest.fixture(scope="session")
def valid() -> Callable[[str, Any], None]:
    """Checks a document against ``vcf schema NAME``."""

    return lambda name, document: validator(name).validate(document)
