"""Reads code that uses the voxcpm package and says what a release would refuse in it.

Pure: text in, problems out. Nothing of the code is run, voxcpm need not be installed.
"""

from __future__ import annotations

import ast
import re
import shlex
from collections.abc import Iterable, Iterator

from vcf.catalogue.model import Package
from vcf.catalogue.voxcpm_api import (
    ApiRelease,
    Flag,
    accepts,
    accepts_device,
    loads,
    numbers,
    release,
    releases,
    table,
)

REQUIREMENT = re.compile(r"voxcpm(?:\[[\w,-]*\])?((?:[<>=!~]=?=?[\d.]+,?)*)")
BOUND = re.compile(r"(>=|<=|==|!=|~=|<|>)([\d.]+)")
STEPS = range(1, 101)  # what the voxcpm command takes
CFG = (0.1, 10.0)


def permitted(install: Iterable[str], packages: Iterable[Package] = ()) -> list[str]:
    """Listed releases that install lines and a mode's packages leave."""
    bounds = [bound for line in install for bound in _bounds(line)]
    for package in packages:
        if package.name == "voxcpm":
            bounds += [(">=", package.min)] if package.min else []
            bounds += [("<", package.below)] if package.below else []
    return [
        row.version
        for row in releases()
        if all(_within(row.version, sign, limit) for sign, limit in bounds)
    ]


def _bounds(line: str) -> Iterator[tuple[str, str]]:
    words = shlex.split(line)
    if "install" in words:
        for word in words:
            if match := REQUIREMENT.fullmatch(word.replace(" ", "")):
                yield from BOUND.findall(match[1])


def _within(version: str, sign: str, limit: str) -> bool:
    have, bound = numbers(version), numbers(limit)
    assert have is not None and bound is not None
    if sign == "~=":  # ~=2.0.1 is >=2.0.1, ==2.0.*
        parts = [int(part) for part in limit.split(".")][:-1]
        return have >= bound and [*have, 0, 0, 0][: len(parts)] == parts
    return {
        ">=": have >= bound, "<=": have <= bound, "==": have == bound,
        "!=": have != bound, "<": have < bound, ">": have > bound,
    }[sign]  # fmt: skip


def uses_voxcpm(code: str) -> bool:
    """Whether this is Python that imports the package, or a shell text that runs its command."""
    return bool(re.search(r"^\s*(from|import) voxcpm\b|^voxcpm\s", code, re.MULTILINE))


def problems(code: str, versions: Iterable[str], model_id: str | None = None) -> list[str]:
    """What would fail with any of these releases; empty where all is well."""
    versions = list(versions)
    if not versions:
        return ["no release is permitted"]
    found: list[str] = []
    python = re.search(r"^\s*(from|import) ", code, re.MULTILINE) is not None
    for version in versions:
        row = release(version)
        if row is None:
            found.append(f"voxcpm {version} is not known")
            continue
        if model_id is not None and loads(version, model_id) is False:
            found.append(f"voxcpm {version} does not load {model_id}")
        lines = _python(code, row, model_id) if python else _shell(code, row)
        found += [f"{line} (voxcpm {version})" for line in lines]
    return found


class _Names(ast.NodeVisitor):
    """Finds what the class and its instances are called, and the calls of their methods."""

    def __init__(self) -> None:
        self.modules: set[str] = set()
        self.classes: set[str] = set()
        self.models: set[str] = set()
        self.calls: list[tuple[str, ast.Call]] = []

    def visit_Import(self, node: ast.Import) -> None:
        for alias in node.names:
            if alias.name == "voxcpm":
                self.modules.add(alias.asname or alias.name)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        if node.module in ("voxcpm", "voxcpm.core"):
            self.classes |= {a.asname or a.name for a in node.names if a.name == "VoxCPM"}

    def visit_Assign(self, node: ast.Assign) -> None:
        if self._makes_model(node.value):
            self.models |= {ast.unparse(target) for target in node.targets}
        self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        if (function := self._function(node)) is not None:
            self.calls.append((function, node))
        self.generic_visit(node)

    def _is_class(self, node: ast.expr) -> bool:
        text = ast.unparse(node)
        return text in self.classes or text in {f"{name}.VoxCPM" for name in self.modules}

    def _makes_model(self, node: ast.expr) -> bool:
        return isinstance(node, ast.Call) and self._function(node) in (
            "__init__",
            "from_pretrained",
        )

    def _function(self, node: ast.Call) -> str | None:
        if self._is_class(node.func):
            return "__init__"
        if not isinstance(node.func, ast.Attribute):
            return None
        name, owner = node.func.attr, node.func.value
        if name == "from_pretrained" and self._is_class(owner):
            return name
        speaks = ast.unparse(owner) in self.models or self._makes_model(owner)
        return name if speaks and name in ("generate", "generate_streaming") else None


def _python(code: str, row: ApiRelease, model_id: str | None) -> Iterator[str]:
    names = _Names()
    names.visit(ast.parse(code))
    for function, call in names.calls:
        for problem in _call(function, call, row, model_id):
            yield f"line {call.lineno}: {function}: {problem}"


def _call(function: str, call: ast.Call, row: ApiRelease, model_id: str | None) -> Iterator[str]:
    method = row.functions.get(function)
    if method is None:
        yield "no such method"
        return
    words = {word.arg: word.value for word in call.keywords if word.arg is not None}
    spread = len(words) < len(call.keywords)
    positions = [arg for arg in call.args if not isinstance(arg, ast.Starred)]
    starred = len(positions) < len(call.args)
    if len(positions) > len(method.names):
        yield f"takes {len(method.names)} arguments by position"
    given = dict(zip(method.names, positions, strict=False))
    for name in words:
        if not accepts(row.version, function, name):
            yield f"does not take {name}="
        if name in given:
            yield f"{name}= is given twice"
    given |= words
    if not spread and not starred:
        missing = [p.name for p in method.parameters if p.required and p.name not in given]
        yield from (f"{name}= is missing" for name in missing)
        if ("prompt_wav_path" in given) != ("prompt_text" in given):
            yield "prompt_wav_path= and prompt_text= go together"
    if "reference_wav_path" in given and _architecture(model_id) not in (None, "voxcpm2"):
        yield "reference_wav_path= is for VoxCPM2 alone"
    yield from _values(given, row)


def _architecture(model_id: str | None) -> str | None:
    model = table().models.get(model_id or "")
    return None if model is None else model.architecture


def _values(given: dict[str, ast.expr], row: ApiRelease) -> Iterator[str]:
    """Literal values that make no sense; what is computed is left alone."""
    literal = {k: v.value for k, v in given.items() if isinstance(v, ast.Constant)}
    device, optimize = literal.get("device"), literal.get("optimize", True)
    if isinstance(device, str):
        if not accepts_device(row.version, device):
            yield f"device={device!r} is refused"
        elif ":" in device and optimize is not False:
            yield f"device={device!r} leaves torch.compile out"
    steps = literal.get("inference_timesteps")
    if steps is not None and (not isinstance(steps, int) or steps not in STEPS):
        yield f"inference_timesteps={steps!r} is not from 1 to 100"
    cfg = literal.get("cfg_value")
    if cfg is not None and not (isinstance(cfg, int | float) and CFG[0] <= cfg <= CFG[1]):
        yield f"cfg_value={cfg!r} is not from 0.1 to 10"


def _shell(code: str, row: ApiRelease) -> Iterator[str]:
    for line in code.replace("\\\n", " ").splitlines():
        words = shlex.split(line, comments=True)
        if words[:1] == ["voxcpm"]:
            yield from (f"{line.strip()[:40]}: {problem}" for problem in _command(words[1:], row))


def _command(words: list[str], row: ApiRelease) -> Iterator[str]:
    command = words.pop(0) if words and not words[0].startswith("-") else ""
    if command not in row.commands:
        yield f"no subcommand {command}"
        return
    flags = {name: flag for flag in row.commands[command] for name in flag.names}
    seen: dict[str, str] = {}
    rest = iter(words)
    for word in rest:
        name, equals, value = word.partition("=")
        flag: Flag | None = flags.get(name)
        if flag is None:
            yield f"no option {name}"
            continue
        if not flag.switch and not equals:
            value = next(rest, "")
            if not value:
                yield f"{name} needs a value"
        seen[flag.names[0]] = value
    missing = [f.names[0] for f in row.commands[command] if f.required and f.names[0] not in seen]
    yield from (f"{name} is missing" for name in missing)
    if (device := seen.get("--device")) is not None and not accepts_device(row.version, device):
        yield f"--device {device} is refused"
    steps = seen.get("--inference-timesteps", "10")
    if not steps.isdecimal() or int(steps) not in STEPS:
        yield f"--inference-timesteps {steps} is not from 1 to 100"
