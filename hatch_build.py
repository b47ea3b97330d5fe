"""Build hook: the wheel carries models.yaml as JSON too, tied to it by a digest."""

from __future__ import annotations

import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any

import yaml
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileModels(BuildHookInterface):  # type: ignore[type-arg]
    """Adds vcf/data/models.compiled.json: the digest of models.yaml, a newline, its JSON."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Runs before the wheel is packed; an editable install reads models.yaml itself."""
        if version == "editable":
            return
        text = (Path(self.root) / "models.yaml").read_bytes()
        stamp = hashlib.blake2b(text, digest_size=16).hexdigest()
        body = json.dumps(_plain(yaml.safe_load(text)), ensure_ascii=False, separators=(",", ":"))
        compiled = Path(tempfile.mkdtemp()) / "models.compiled.json"
        compiled.write_text(f"{stamp}\n{body}", encoding="utf-8")
        build_data["force_include"][str(compiled)] = "vcf/data/models.compiled.json"


def _plain(data: Any) -> Any:
    """Dates as text, as vcf reads them."""
    if isinstance(data, dict):
        return {key: _plain(value) for key, value in data.items()}
    if isinstance(data, list):
        return [_plain(item) for item in data]
    return data if isinstance(data, str | int | float | bool | None) else str(data)
