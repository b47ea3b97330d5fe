"""Build src/vcf/catalogue/voxcpm_api.json from the voxcpm wheels on PyPI.

    python scripts/voxcpm_api.py                    download every release, write the table
    python scripts/voxcpm_api.py --check            download, fail when the table differs
    python scripts/voxcpm_api.py [--check] WHEEL …  take these files; other rows stay as they are

Wheels are read as text with ast and never imported: neither torch nor voxcpm need be installed.
What is not found where it is looked for is an error, so that a new release is read by a person.
Status of --check: 0 the same, 1 different, 2 the wheels could not be had.
"""

from __future__ import annotations

import argparse
import ast
import datetime
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zipfile
from collections.abc import Iterator
from email.parser import Parser
from pathlib import Path
from typing import Any

import msgspec

from vcf.catalogue.voxcpm_api import FUNCTIONS, ApiTable, numbers

TABLE = Path(__file__).resolve().parents[1] / "src" / "vcf" / "catalogue" / "voxcpm_api.json"
Row = dict[str, Any]
Function = ast.FunctionDef

CORE, CLI, UTILS = "voxcpm/core.py", "voxcpm/cli.py", "voxcpm/model/utils.py"
MODELS = {"voxcpm": "voxcpm/model/voxcpm.py", "voxcpm2": "voxcpm/model/voxcpm2.py"}
WEIGHTS = ("model.safetensors", "pytorch_model.bin")
VAE_WEIGHTS = ("audiovae.safetensors", "audiovae.pth")

# What the published models are. The rest follows from the wheels.
KNOWN: dict[str, Row] = {
    "voxcpm-0.5b": {
        "architecture": "voxcpm", "weights": ["pytorch_model.bin"],
        "vae_weights": ["audiovae.pth"], "vae_config": False,
        "source": "default of voxcpm 1.0.0 to 1.0.5, which read no other files",
    },
    "voxcpm-1.5": {
        "architecture": "voxcpm", "weights": list(WEIGHTS),
        "vae_weights": ["audiovae.pth"], "vae_config": True,
        "source": "default of voxcpm 1.5.0, which reads no other files; the AudioVAE without a "
        "description is the 16 kHz one (voxcpm/modules/audiovae/audio_vae.py:270), that of 1.5 "
        "makes 44.1 kHz",
    },
    "voxcpm-2": {
        "architecture": "voxcpm2", "weights": ["model.safetensors"],
        "vae_weights": ["audiovae.pth"], "vae_config": True,
        "source": "file names as printed while loading, "
        "https://github.com/vllm-project/vllm-omni/issues/3212; default of voxcpm 2.0.0 and later",
    },
}  # fmt: skip


class Wheel:
    """The files of one wheel, parsed when first asked for."""

    def __init__(self, path: Path) -> None:
        self.name, self.data = path.name, path.read_bytes()
        with zipfile.ZipFile(path) as archive:
            self.texts = {
                name: archive.read(name).decode("utf-8")
                for name in archive.namelist()
                if name.endswith((".py", "/METADATA"))
            }
        (metadata,) = [t for n, t in self.texts.items() if n.endswith(".dist-info/METADATA")]
        self.metadata = Parser().parsestr(metadata)
        self.version = str(self.metadata["Version"])

    def functions(self, file: str, owner: str | None = None) -> dict[str, Function]:
        """Functions of a file, or of the class in it whose name ends so."""
        body = ast.parse(self.texts[file]).body
        if owner is not None:
            body = next(n for n in body if isinstance(n, ast.ClassDef) and n.name == owner).body
        return {node.name: node for node in body if isinstance(node, Function)}


def literals(node: ast.AST) -> Iterator[str]:
    """Every text in a piece of code, in order."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    for constant in sorted(found, key=lambda n: (n.lineno, n.col_offset)):
        yield str(constant.value)


def calls(node: ast.AST, name: str) -> list[ast.Call]:
    """Calls of a dotted name."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Call)]
    return [n for n in found if ast.unparse(n.func) == name]


def compared(node: ast.AST, name: str) -> list[tuple[str, int]]:
    """Texts that a name is compared with, and the lines, in order."""
    found = [
        (str(n.comparators[0].value), n.lineno)
        for n in ast.walk(node)
        if isinstance(n, ast.Compare) and ast.unparse(n.left) == name
        and isinstance(n.comparators[0], ast.Constant) and n.comparators[0].value is not None
    ]  # fmt: skip
    return sorted(found, key=lambda pair: pair[1])


def parameters(function: Function) -> list[Row]:
    """Parameters without self or cls."""
    spec = function.args
    if spec.posonlyargs or spec.kwonlyargs:
        raise ValueError(f"{function.name}: a kind of parameter that this script does not know")
    rows: list[Row] = [{"name": arg.arg} for arg in spec.args]
    for row, default in zip(reversed(rows), reversed(spec.defaults), strict=False):
        row["default"] = ast.literal_eval(default)
    return rows[1:]


def method(methods: dict[str, Function], name: str) -> Row:
    """One method as its callers see it."""
    function = methods[name]
    rest = function.args.kwarg
    if rest is None:
        return {"parameters": parameters(function), "source": f"{CORE}:{function.lineno}"}
    (call,) = [
        node for node in ast.walk(function)
        if isinstance(node, ast.Call) and any(word.arg is None for word in node.keywords)
    ]  # fmt: skip
    given = [word.arg for word in call.keywords if word.arg is not None]
    if function.args.vararg is None:
        row = {"parameters": parameters(function), "rest_to": "__init__", "given": given}
        if ast.unparse(call.func) != "cls":
            raise ValueError(f"{name}: its keywords go to {ast.unparse(call.func)}")
        return {**row, "source": f"{CORE}:{function.lineno}"}
    target = methods[ast.unparse(call.func).removeprefix("self.")]
    kept = [row for row in parameters(target) if row["name"] not in given]
    return {"parameters": kept, "source": f"{CORE}:{target.lineno}"}


def commands(wheel: Wheel) -> tuple[dict[str, list[Row]], str]:
    """Options of every subcommand, and where the parser is built."""
    functions = wheel.functions(CLI)
    (builder,) = [f for f in functions.values() if calls(f, "argparse.ArgumentParser")]
    found: dict[str, list[Row]] = {"": []}

    def read(function: Function, names: dict[str, str]) -> None:
        for statement in function.body:
            call = getattr(statement, "value", None)
            if not isinstance(call, ast.Call):
                continue
            owner, _, verb = ast.unparse(call.func).rpartition(".")
            if verb == "add_parser" and isinstance(statement, ast.Assign):
                names[ast.unparse(statement.targets[0])] = command = next(literals(call.args[0]))
                found[command] = []
            elif verb == "add_argument":
                found[names[owner]].append(flag(call))
            elif verb in functions:  # a helper that adds options to the parser it is given
                helper = functions[verb]
                read(helper, {helper.args.args[0].arg: names[ast.unparse(call.args[0])]})

    read(builder, {"parser": ""})
    return found, f"{CLI}:{builder.lineno}"


def flag(call: ast.Call) -> Row:
    """One add_argument."""
    words = {word.arg: word.value for word in call.keywords}
    row: Row = {"names": [ast.literal_eval(arg) for arg in call.args]}
    if "action" in words:
        row["switch"] = ast.literal_eval(words["action"]) == "store_true"
    if "required" in words:
        row["required"] = ast.literal_eval(words["required"])
    return row


def device_rules(wheel: Wheel, sources: dict[str, str]) -> Row:
    """Devices, precision, torch.compile, warm-up; the lines go into sources."""
    file = MODELS["voxcpm"]
    methods, tools = wheel.functions(file, "VoxCPMModel"), wheel.functions(UTILS)
    optimize, names = methods["optimize"], tools["get_dtype"]
    (target, line), *_ = compared(optimize, "self.device")
    sources["compile_device"] = f"{file}:{line}"
    sources["dtypes"] = f"{UTILS}:{names.lineno}"
    config = next(
        n for n in ast.parse(wheel.texts[file]).body
        if isinstance(n, ast.ClassDef) and n.name == "VoxCPMConfig"
    )  # fmt: skip
    (default,) = [
        n for n in config.body if isinstance(n, ast.AnnAssign) and ast.unparse(n.target) == "dtype"
    ]
    sources["default_dtype"] = f"{file}:{default.lineno}"
    tree = ast.parse(wheel.texts[file])
    for field, name, *first in (
        ("dtype_fixed", "audio_feat.unsqueeze(0).to(self.device).to", "torch.bfloat16"),
        ("cloning_needs_cuda", "audio.cuda"),
    ):
        for call in calls(tree, name):
            if [ast.unparse(arg) for arg in call.args] == first:
                sources.setdefault(field, f"{file}:{call.lineno}")
    return {
        **chosen(methods["__init__"], tools, sources),
        "dtypes": [text for text, _ in compared(names, "dtype")],
        "default_dtype": ast.literal_eval(default.value or ast.Constant(None)),
        "dtype_fixed": "dtype_fixed" in sources,
        "cloning_needs_cuda": "cloning_needs_cuda" in sources,
        "compile_device": target,
        "compile_needs": [a.name for n in ast.walk(optimize) if isinstance(n, ast.Import)
                          for a in n.names],
        "compile_messages": ["".join(literals(c.args[0])).strip()
                             for c in calls(optimize, "print")],
        "warm_up": warm_up(wheel, sources),
        "readers": readers(wheel, sources),
    }  # fmt: skip


def chosen(init: Function, tools: dict[str, Function], sources: dict[str, str]) -> Row:
    """How the device is chosen: by functions of their own from 2.0.3, in __init__ before."""
    if "resolve_runtime_device" not in tools:
        order = [
            str(n.value.value)
            for n in ast.walk(init)
            if isinstance(n, ast.Assign) and ast.unparse(n.targets[0]) == "self.device"
            and isinstance(n.value, ast.Constant)
        ]  # fmt: skip
        (test,) = calls(init, "torch.cuda.is_available")
        sources["automatic"] = f"{MODELS['voxcpm']}:{test.lineno}"
        return {"automatic": ["cuda", *sorted(order, reverse=True)]}
    resolve, auto = tools["resolve_runtime_device"], tools["auto_select_device"]
    pick = tools["pick_runtime_dtype"]
    sources["automatic"] = f"{UTILS}:{auto.lineno}"
    sources["exact"] = f"{UTILS}:{resolve.lineno}"
    sources["mps_dtype"] = f"{UTILS}:{pick.lineno}"
    returned = [n.value.value for n in ast.walk(auto)
                if isinstance(n, ast.Return) and isinstance(n.value, ast.Constant)]  # fmt: skip
    last = [t for i, t in enumerate(returned) if t not in returned[i + 1 :]]
    (mps,) = [n.value.value for n in ast.walk(pick)
              if isinstance(n, ast.Return) and isinstance(n.value, ast.Constant)]  # fmt: skip
    (env,) = calls(pick, "os.environ.get")
    prefixes = [next(literals(c.args[0])) for c in calls(resolve, "explicit.startswith")]
    return {
        "automatic": sorted(last, key=["cuda", "mps", "cpu"].index),
        "exact": [*(text for text, _ in compared(resolve, "explicit")), *prefixes],
        "prefixes": prefixes,
        "mps_dtype": mps,
        "mps_dtype_env": next(literals(env.args[0])),
    }


def warm_up(wheel: Wheel, sources: dict[str, str]) -> str:
    """Whether the sentence spoken while loading depends on optimize."""
    init = wheel.functions(CORE, "VoxCPM")["__init__"]
    (call,) = calls(init, "self.tts_model.generate")
    sources["warm_up"] = f"{CORE}:{call.lineno}"
    tests = [n for n in ast.walk(init) if isinstance(n, ast.If) and call in ast.walk(n)]
    if not tests:
        return "always"
    if [ast.unparse(test.test) for test in tests] != ["optimize"]:
        raise ValueError(f"{wheel.version}: the warm-up depends on something new")
    return "optimize"


def readers(wheel: Wheel, sources: dict[str, str]) -> dict[str, str]:
    """Architecture to what reads reference clips."""
    found: dict[str, str] = {}
    for architecture, file in MODELS.items():
        tree = ast.parse(wheel.texts.get(file, ""))
        for name in ("torchaudio.load", "librosa.load"):
            for call in calls(tree, name):
                if found.setdefault(architecture, name) != name:
                    raise ValueError(f"{file}: two ways to read audio")
                sources[f"readers.{architecture}"] = f"{file}:{call.lineno}"
    return found


def files(wheel: Wheel, sources: dict[str, str]) -> Row:
    """Weight files and architectures."""
    init = wheel.functions(CORE, "VoxCPM")["__init__"]
    known = compared(init, "arch")
    per_model: list[list[str]] = []
    for file, owner in zip(MODELS.values(), ("VoxCPMModel", "VoxCPM2Model"), strict=True):
        if file in wheel.texts:
            loader = wheel.functions(file, owner)["from_local"]
            per_model.append(list(literals(loader)))
            sources[f"weights.{Path(file).stem}"] = f"{file}:{loader.lineno}"
    texts = per_model[0]
    if any(
        [t for t in other if t in WEIGHTS + VAE_WEIGHTS]
        != [t for t in texts if t in WEIGHTS + VAE_WEIGHTS]
        for other in per_model
    ):
        raise ValueError(f"{wheel.version}: the architectures read different files")
    (first,) = calls(init, "VoxCPMModel.from_local")
    sources["architectures"] = f"{CORE}:{known[0][1] if known else first.lineno}"
    return {
        "architectures": sorted(text for text, _ in known) or ["voxcpm"],
        "reads_architecture": bool(known),
        "weights": [t for t in texts if t in WEIGHTS],
        "vae_weights": [t for t in texts if t in VAE_WEIGHTS],
        "vae_config": "audio_vae_config" in texts,
    }


def requirements(wheel: Wheel) -> dict[str, str]:
    """Required packages with their bounds, extras left out."""
    found: dict[str, str] = {}
    for line in wheel.metadata.get_all("Requires-Dist", []):
        match = re.fullmatch(r"([\w.-]+)\s*([^;]*?)\s*(;.*)?", line)
        if match is None:
            raise ValueError(f"{wheel.version}: {line!r}")
        if "extra ==" not in (match[3] or ""):
            found[match[1]] = match[2]
    return found


def release(path: Path) -> Row:
    """One row of the table."""
    wheel = Wheel(path)
    methods = wheel.functions(CORE, "VoxCPM")
    options, builder = commands(wheel)
    sources = {"commands": builder}
    return {
        "version": wheel.version,
        "wheel": wheel.name,
        "sha256": hashlib.sha256(wheel.data).hexdigest(),
        "python": wheel.metadata["Requires-Python"],
        "requires": requirements(wheel),
        "functions": {name: method(methods, name) for name in FUNCTIONS if name in methods},
        "commands": options,
        **files(wheel, sources),
        "device": device_rules(wheel, sources),
        "sources": dict(sorted(sources.items())),
    }


def pip(*arguments: str) -> str:
    """What pip prints; CalledProcessError where it fails."""
    command = [sys.executable, "-m", "pip", *arguments]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def download(folder: Path) -> list[Path]:
    """The wheels of all releases."""
    (line,) = re.findall(r"Available versions: (.*)", pip("index", "versions", "voxcpm"))
    for version in line.split(", "):
        pip("download", "-q", "--no-deps", "-d", str(folder), f"voxcpm=={version.strip()}")
    return sorted(folder.glob("voxcpm-*.whl"))


def layout(value: Any, indent: int = 0) -> str:
    """JSON that a diff can show: what fits on a line stands on one."""
    flat = json.dumps(value, ensure_ascii=False)
    if len(flat) + indent <= 110 or not isinstance(value, dict | list):
        return flat
    inner = " " * (indent + 1)
    if isinstance(value, dict):
        parts = [f"{inner}{json.dumps(k)}: {layout(v, indent + 1)}" for k, v in value.items()]
    else:
        parts = [inner + layout(v, indent + 1) for v in value]
    start, end = "{}" if isinstance(value, dict) else "[]"
    return f"{start}\n" + ",\n".join(parts) + f"\n{' ' * indent}{end}"


def build(wheels: list[Path], old: Row) -> Row:
    """The table with the rows of these wheels renewed."""
    rows = {row["version"]: row for row in old.get("releases", [])}
    rows.update({row["version"]: row for row in map(release, wheels)})
    today = datetime.datetime.now(datetime.timezone.utc).date().isoformat()
    new = {
        "schema": "vcf.voxcpm-api/1",
        "collected": today,
        "models": KNOWN,
        "releases": sorted(rows.values(), key=lambda row: numbers(row["version"]) or ()),
    }
    kept = {**new, "collected": old.get("collected")}
    new = kept if kept == old else new  # nothing changed: the day stays too
    msgspec.convert(new, ApiTable)
    return new


def main(argv: list[str]) -> int:
    """Write or check the table; the exit status."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare only, write nothing")
    parser.add_argument("wheels", nargs="*", type=Path, help="wheels (default: all, by pip)")
    options = parser.parse_args(argv)
    old = json.loads(TABLE.read_text(encoding="utf-8")) if TABLE.exists() else {}
    given = options.wheels
    with tempfile.TemporaryDirectory() as folder:
        try:
            new = build(given or download(Path(folder)), old)
        except (OSError, subprocess.CalledProcessError) as problem:
            print(f"nothing was checked or written: no wheels ({problem})", file=sys.stderr)
            return 2
    looked = {path.name for path in given}
    for row in new["releases"] if given else ():
        if row["wheel"] not in looked:
            print(f"not looked at: {row['version']}", file=sys.stderr)
    if not options.check:
        TABLE.write_text(layout(new) + "\n", encoding="utf-8", newline="\n")
        return 0
    if new == old:
        return 0
    print("voxcpm_api.json is out of date: run python scripts/voxcpm_api.py", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
