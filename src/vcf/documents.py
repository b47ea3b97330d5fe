"""YAML and JSON documents from people: read with limits, parsed strictly, errors with a place.

Anchors and aliases are refused (a few lines of them can stand for gigabytes), so are duplicate
keys (YAML would silently keep the last) and files beyond a size that no honest one reaches.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from .errors import MachineError, VcfError

T = TypeVar("T")

DEEPEST = 100
"""Levels of nesting at most, where they are counted; honest files have about ten."""

_MANY_BLOCKS = re.compile(r"^[ \-?:]{200}", re.MULTILINE)
_EXPECTED = re.compile(
    r"^(?P<what>.*?)(?: - at (?P<key>`key` in )?`(?P<path>\$[^`]*)`)?$", re.DOTALL
)


def read_text(path: str, limit: int, error: type[VcfError]) -> str:
    """Text of a file (``-``: standard input) of at most ``limit`` bytes.

    Byte order marks are honoured: PowerShell redirects as UTF-16. Raises ``error``.
    """
    try:
        if path == "-":
            data = sys.stdin.buffer.read(limit + 1)
        else:
            with open(path, "rb") as file:
                data = file.read(limit + 1)
    except IsADirectoryError:
        raise error(f"{path}: is a folder, not a file") from None
    except OSError as problem:
        shipped = error is MachineError and path != "-"
        hint = "see `vcf profiles list` for the machines shipped with vcf" if shipped else ""
        raise error(f"{path}: {problem.strerror}", hint) from None
    except ValueError as problem:  # a null byte in the name
        raise error(f"{path!r}: {problem}") from None
    if len(data) > limit:
        raise error(f"{path}: larger than {limit >> 20} MiB", "is this the right file?")
    try:
        if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
            return data.decode("utf-16")
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise error(
            f"{path}: is not text: {problem.reason} at byte {problem.start}",
            "save it as UTF-8",
        ) from None


def parse(text: str, path: str, error: type[VcfError]) -> dict[str, Any]:
    """The mapping that a YAML or JSON document holds. Raises ``error``."""
    data = _parsed(text, path, error)
    if "\\u" in text or "\\U" in text:
        refuse_halves(data, path, error)
    return data


def _parsed(text: str, path: str, error: type[VcfError]) -> dict[str, Any]:
    if text.lstrip()[:1] == "{":
        import json

        try:
            data = json.loads(text, object_pairs_hook=_once, parse_constant=_refuse_constant)
        except ValueError as problem:
            if not path.endswith(".json"):
                return _mapping(_parse_yaml(text, path, error), path, error)  # {flow: yaml}
            raise error(f"{path}: broken JSON: {problem}") from None
        except RecursionError:
            raise error(f"{path}: nested too deeply") from None
        return _mapping(data, path, error)
    return _mapping(_parse_yaml(text, path, error), path, error)


def refuse_halves(data: Any, path: str, error: type[VcfError]) -> None:
    """Halves of characters, which JSON and YAML can write (``\\ud800``) and nobody can print."""
    if isinstance(data, str):
        if not data.isascii() and any("\ud800" <= c <= "\udfff" for c in data):
            raise error(f"{path}: holds half a character (\\ud800 to \\udfff)", "write it whole")
    elif isinstance(data, dict):
        for key, value in data.items():
            refuse_halves(key, path, error)
            refuse_halves(value, path, error)
    elif isinstance(data, list):
        for value in data:
            refuse_halves(value, path, error)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    mapping: dict[str, Any] = {}
    for key, value in pairs:
        if key in mapping:
            raise ValueError(f"the key {key!r} stands twice")
        mapping[key] = value
    return mapping


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON")


def _mapping(data: Any, path: str, error: type[VcfError]) -> dict[str, Any]:
    if data is None:
        raise error(f"{path}: is empty")
    if not isinstance(data, dict):
        found = type(data).__name__
        raise error(f"{path}: holds a {found} where a mapping (key: value) is expected")
    return data


_loader: Any = None


def _yaml_loader() -> Any:
    """The strict loader class, made once: importing yaml costs 15 ms."""
    global _loader
    if _loader is not None:
        return _loader
    import yaml

    base: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

    class Strict(base):  # type: ignore[misc]
        def construct_mapping(self, node: Any, deep: bool = False) -> dict[Any, Any]:
            if not isinstance(node, yaml.MappingNode):  # a scalar tagged !!map
                raise yaml.constructor.ConstructorError(
                    None, None, "a mapping is expected", node.start_mark
                )
            mapping: dict[Any, Any] = {}
            for key_node, value_node in node.value:
                key = self.construct_object(key_node, deep=True)
                if not isinstance(key, str):
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} is not text", key_node.start_mark
                    )
                if key in mapping:
                    raise yaml.constructor.ConstructorError(
                        None, None, f"the key {key!r} stands twice", key_node.start_mark
                    )
                mapping[key] = self.construct_object(value_node, deep=deep)
            return mapping

    # Dates stay text; 12:30 and 1_000 would be numbers by YAML 1.1.
    resolvers = {
        first: [(tag, pattern) for tag, pattern in rows if not tag.endswith(":timestamp")]
        for first, rows in base.yaml_implicit_resolvers.items()
    }
    Strict.yaml_implicit_resolvers = resolvers
    _loader = Strict
    return Strict


def _parse_yaml(text: str, path: str, error: type[VcfError]) -> Any:
    import yaml

    loader = _yaml_loader()
    try:
        if "*" in text or "&" in text or _may_be_deep(text):
            _refuse_tricks(text, path, error)
        return yaml.load(text, Loader=loader)  # noqa: S506 (a subclass of the safe loader)
    except yaml.MarkedYAMLError as problem:
        mark: Any = problem.problem_mark or problem.context_mark
        place = f"{path}:{mark.line + 1}:{mark.column + 1}" if mark else path
        raise error(f"{place}: broken YAML: {problem.problem or problem.context}") from None
    except yaml.YAMLError as problem:
        first = str(problem).splitlines()[0]
        raise error(f"{path}: broken YAML: {first}") from None
    except RecursionError:
        raise error(f"{path}: nested too deeply") from None
    except ValueError as problem:  # an impossible number, such as 0b (YAML 1.1 binary)
        raise error(f"{path}: broken YAML: {problem}") from None
    except (LookupError, AttributeError):  # PyYAML on !!bool xyz, !!int '', !!timestamp x
        raise error(f"{path}: broken YAML: a value does not fit its tag") from None


def _may_be_deep(text: str) -> bool:
    """Whether collections may nest so deeply that libyaml's recursion ends the process: by many
    brackets, or by a line that begins with many blocks."""
    return text.count("[") + text.count("{") > 2000 or _MANY_BLOCKS.search(text) is not None


def _refuse_tricks(text: str, path: str, error: type[VcfError]) -> None:
    """Anchors, aliases and bottomless nesting."""
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    depth = 0
    for event in yaml.parse(text, Loader=loader):
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise error(f"{path}: nested too deeply")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
            mark: Any = event.start_mark
            line = mark.line + 1
            raise error(
                f"{path}:{line}: anchors and aliases (& and *) are not accepted",
                "write the values out",
            )


def convert(data: Any, kind: type[T], place: str, error: type[VcfError]) -> T:
    """``data`` as ``kind``; what does not fit is an error that names the place in the document.

    ``place`` is the file, and the path in it where ``data`` stands (``desk.yaml: gpus[0]``).
    """
    try:
        return msgspec.convert(data, kind)
    except msgspec.ValidationError as problem:
        message, hint = explain(str(problem), kind)
        raise error(f"{place}{message}", hint) from None


def explain(problem: str, kind: Any) -> tuple[str, str]:
    """msgspec's message as ``: path: what`` and a hint."""
    match = _EXPECTED.match(problem)
    assert match is not None
    what, path = match["what"], (match["path"] or "").removeprefix("$").removeprefix(".")
    hint = ""
    unknown = re.search(r"unknown field `(.*)`", what)
    if unknown:
        what = f"unknown field {unknown[1]!r}"
        known = [field.encode_name for at in _at(kind, path) for field in getattr(at, "fields", ())]
        hint = nearest(unknown[1], known) or "known fields: " + ", ".join(known)
    if what.startswith("Invalid enum value"):
        options = _at(kind, path)
        if match["key"]:
            options = [key for at in options for key in _options(getattr(at, "key_type", None))]
        hint = "one of: " + ", ".join(
            str(value) for at in options for value in getattr(at, "values", ())
        )
    what = what.replace("Object ", "").replace("`", "'")
    where = f": {path}" if path else ""
    return f"{where}: {what[0].lower()}{what[1:]}", hint


def _at(kind: Any, path: str) -> list[Any]:
    """The types that may stand at a path of a document."""
    found = _options(msgspec.inspect.type_info(kind))
    for step in re.findall(r"\[[^\]]*\]|[^.\[\]]+", path):
        found = [below for at in found for below in _below(at, step)]
    return found


def _options(kind: Any) -> list[Any]:
    """The members of a union, or the type itself."""
    return list(getattr(kind, "types", (kind,)))


def _below(at: Any, step: str) -> list[Any]:
    """What stands under a step of a path: an element, a value of a mapping, or a field."""
    if step.startswith("["):
        return _options(getattr(at, "item_type", None) or getattr(at, "value_type", None))
    fields = getattr(at, "fields", ())
    return [
        below for field in fields if field.encode_name == step for below in _options(field.type)
    ]


def nearest(word: str, known: Iterable[str]) -> str:
    """``did you mean 'x'?`` or nothing."""
    import difflib  # 3 ms, for those who mistype

    close = difflib.get_close_matches(word, list(known), n=1, cutoff=0.6)
    return f"did you mean {close[0]!r}?" if close else ""


def package_path(name: str) -> Path:
    """A file that the wheel carries: in the package, or in the checkout it is developed in."""
    inside = Path(__file__).parent / "data" / name
    return inside if inside.exists() else Path(__file__).parents[2] / name
