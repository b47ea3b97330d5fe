"""Keep what the README and the pages of docs/ show equal to what vcf prints and finds.

    python scripts/check_readme.py            write the marked blocks again
    python scripts/check_readme.py --check    fail, with the difference, when one is out of date
    python scripts/check_readme.py docs/quick-start.md    only this page

A block stands between `<!-- name -->` and `<!-- /name -->`. Output is taken at 80 columns,
without colour, in the language of the page.
"""

from __future__ import annotations

import argparse
import ast
import difflib
import io
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

import msgspec
from rich.console import Console, RenderableType

from vcf.bench.record import BenchDocument, BenchRecord
from vcf.catalogue.load import load_catalogue
from vcf.judge.cards import CARDS
from vcf.judge.gather import EFFECTS
from vcf.views.bench import advice, result_screen
from vcf.views.bench_rank import rank_screen
from vcf.views.texts import TEXTS
from vcf.views.texts_gates import GATES
from vcf.views.words import Lang

ROOT = Path(__file__).resolve().parents[1]
JUDGE = ROOT / "src" / "vcf" / "judge"

SAMPLE = ("check", "voxcpm-0.5b:cpu", "voxcpm-0.5b:gpu", "--machine", "asus-gl552vw")
LAPTOP = ("--machine", "laptop-rtx-4060-8gb")
"""The computer of the quick start."""
STARTED = ("check", "voxcpm-2:gpu", "voxcpm-1.5:gpu", "voxcpm-1.5:cpu", *LAPTOP)
LONG_CLIP = ("check", "voxcpm-2:gpu-bf16", *LAPTOP, "--reference-seconds", "120")
READ = ("check", "voxcpm-2:gpu", *LAPTOP)
RECORDS = ROOT / "docs" / "bench"
GUIDE = ROOT / "CONTRIBUTING.md"
START_PAGE, START_PAGE_ZH = (
    ROOT / "docs" / "quick-start.md",
    ROOT / "docs" / "zh" / "quick-start.md",
)
DOCTOR_PAGE = ROOT / "docs" / "doctor.md"


def output_of(*arguments: str, lang: str = "en", expected: Sequence[int] = (0,)) -> str:
    """Standard output of vcf, blanks at line ends removed."""
    environment = {
        **{key: value for key, value in os.environ.items() if not key.startswith("VCF_")},
        "COLUMNS": "80",
        "NO_COLOR": "1",
        "VCF_LANG": lang,
        "PYTHONIOENCODING": "utf-8",
        "PYTHONUTF8": "1",
    }
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE", "TERMINAL_WIDTH"):
        environment.pop(name, None)
    done = subprocess.run(
        [sys.executable, "-m", "vcf", *arguments],
        capture_output=True,
        encoding="utf-8",
        env=environment,
        check=False,
    )
    if done.returncode not in expected:
        sys.exit(f"vcf {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def fenced(text: str) -> str:
    """Text as a block of code."""
    return f"```text\n{text}\n```"


def help_text(*command: str) -> Callable[[], str]:
    """What `vcf COMMAND --help` says."""
    return lambda: fenced(output_of(*command, "--help").strip("\n"))


def kept_records(pattern: str) -> list[BenchRecord]:
    """Those in docs/bench, by the names of their files, backwards."""
    files = sorted(RECORDS.glob(pattern), key=lambda file: file.name, reverse=True)
    return [
        record
        for file in files
        for record in msgspec.json.decode(file.read_bytes(), type=BenchDocument).results
    ]


def printed(*parts: RenderableType | None) -> str:
    """As on a terminal of 80 columns."""
    screen = Console(width=80, file=io.StringIO(), highlight=False, markup=False, emoji=False)
    for part in filter(None, parts):
        screen.print(part)
    text = screen.file.getvalue()  # type: ignore[attr-defined]
    return fenced("\n".join(line.rstrip() for line in text.strip("\n").splitlines()))


def measured(lang: Lang, pattern: str) -> Callable[[], str]:
    """The answer of `vcf bench` to some of the records that are kept in docs/bench."""

    def made() -> str:
        records = kept_records(pattern)
        return printed(result_screen(records, lang), advice(records, lang))

    return made


SOME = ("0.5b-gguf-cpu-q8", "0.5b-cpu-bf16", "1.5-cpu-bf16", "2-gguf-cpu-q8")
"""Ways to run VoxCPM that README shows, beside IndexTTS: the quickest of each model, and the
package."""


def ranking(lang: Lang, *, some: bool = False) -> Callable[[], str]:
    """The answer of `vcf bench matrix` to all of them, or to as many as README has room for."""
    names = [f"voxcpm-{name}.json" for name in SOME] + ["indextts-*.json"] if some else ["*.json"]
    return lambda: printed(
        rank_screen([record for name in names for record in kept_records(name)], lang)
    )


def sample(lang: str, asked: Sequence[str] = SAMPLE) -> Callable[[], str]:
    """The head of a real answer: what comes before the gates, and what to do."""

    def made() -> str:
        paragraphs = answer(lang, asked).split("\n\n")
        gates = [p for p in paragraphs[1:] if re.match(r"[\w.-]+:[\w.-]+  ", p)]
        actions = paragraphs[1 + len(gates)]
        shown = [paragraphs[0], "…", actions]
        return fenced("\n\n".join(shown))

    return made


def answer(lang: str, asked: Sequence[str]) -> str:
    """What vcf answers, whatever the verdict."""
    return output_of(*asked, lang=lang, expected=(0, 1)).strip("\n")


def whole(lang: str, asked: Sequence[str]) -> Callable[[], str]:
    """A real answer in full."""
    return lambda: fenced(answer(lang, asked))


def in_page(page: Path, asked: Sequence[str], lang: str = "en") -> Callable[[], str]:
    """What vcf says of the first machine file on a page, which is asked with `--machine`."""

    def made() -> str:
        text = page.read_text(encoding="utf-8")
        example = re.search(r"^```yaml\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
        if example is None:
            sys.exit(f"{page.name} has no machine file")
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "machine.yaml"
            file.write_text(example[1], encoding="utf-8")
            told = output_of(*asked, "--machine", str(file), lang=lang, expected=(0, 1))
        return fenced(told.strip("\n"))

    return made


VRAM_MODES = ("gpu-fp32", "gpu-fp16", "gpu-bf16", "gguf-gpu-q8", "gguf-gpu-q4", "mlx")


def vram_table() -> str:
    """What the usual GPU modes of every shipped model need, in GiB."""
    lines = ["| Model | " + " | ".join(f"`{mode}`" for mode in VRAM_MODES) + " |"]
    lines.append("|---" * (len(VRAM_MODES) + 1) + "|")
    for name, model in load_catalogue().models.items():
        cells = []
        for mode in VRAM_MODES:
            device = model.modes[mode].memory.device if mode in model.modes else None
            cells.append(f"{device.need_gib:.1f}" if device else "–")
        lines.append(f"| `{name}` | " + " | ".join(cells) + " |")
    return "\n".join(lines)


def guide(name: str) -> Callable[[], str]:
    """A block of CONTRIBUTING.md, which is written there."""

    def made() -> str:
        text = GUIDE.read_text(encoding="utf-8")
        found = re.search(rf"<!-- {name} -->\n(.*?)\n<!-- /{name} -->", text, re.DOTALL)
        if found is None:
            sys.exit(f"CONTRIBUTING.md has no block <!-- {name} -->")
        return found[1]

    return made


def doctor(lang: str) -> Callable[[], str]:
    """What `vcf doctor` says of the machine file on its page."""
    return in_page(DOCTOR_PAGE, ("doctor", "voxcpm-2:cpu"), lang)


# The findings of `vcf doctor`. Ids, words and levels come from the code. Cures are made there for
# the machine at hand, so what they are like stands here.

LEVELS = ("stops", "unknown", "risk", "notice", "ok")
STATUS = {"fail": "stops", "unknown": "unknown", "warn": "risk", "pass": "ok"}
"""What a condition of the software gate becomes at its gravest."""
GATE_MODULES = ("software", "torch", "packages", "audio", "precision")
GATE_MAKERS = ("software", "Gate")

TEXT_OF = {
    "disk": ("disk-blocked", "disk-short"),
}
"""Findings whose sentence is chosen while vcf runs."""

CURES = {
    # software gate
    "software-python": "A new environment with a Python of that range.",
    "software-python-other": "A new environment with a Python of that range.",
    "torch-old": "The `pip install torch==…` of the recipe.",
    "torch-new": "The `pip install torch==…` of the recipe.",
    "torch-pinned": "None needed while it works; else the torch that the recipe installs.",
    "torch-strange": "Install a released torch, or try with `--deep`.",
    "torch-no-kernels": "The newest torch with kernels for the card, with its index.",
    "torch-cpu-build": "The same torch, or a newer one, from the index of a CUDA build.",
    "torch-driver": "A driver of that version or newer, or a torch for an older CUDA.",
    "torch-wrong-vendor": "The torch for this maker, from its index.",
    "torch-unknown": "`--deep` on the computer itself.",
    "package-version": "`pip install -U` of the package, or the bound that it needs.",
    "package-metal": "`pip install -U voxcpm`.",
    "package-advised": "`pip install -U voxcpm`, or leave the argument out.",
    "audio-torch": "The torchaudio that fits torch, by force and without its requirements.",
    "audio-cuda-cpu": "The same torchaudio from the CPU index "
    "([in detail](#a-cpu-torch-beside-pypis-torchaudio)).",
    "audio-cuda": "The same torchaudio from the index of torch's own CUDA version.",
    "codec-missing": "`pip install` of the torchcodec that fits torch.",
    "codec-torch": "`pip install` of the torchcodec that fits torch.",
    "codec-build": "The same torchcodec from the index of torch's own build.",
    "codec-ffmpeg": "FFmpeg by the system's package manager; under Windows the build with DLLs "
    "(`Gyan.FFmpeg.Shared`).",
    "codec-ffmpeg-version": "An FFmpeg of one of those versions, or a newer torchcodec.",
    "gpu-hidden": "Unset the variable.",
    # checkup
    "nothing": "`--python PATH`, or a model's name.",
    "hardware": "`vcf check` tells what is short.",
    "missing": "The commands that `vcf check MODEL:MODE -v` prints.",
    "disk": "Clear the disk, or set `HF_HOME` to a folder on another one.",
    # surroundings
    "driver-mismatch": "Restart the computer.",
    "wsl-driver": "Remove the Linux driver inside WSL, then `wsl.exe --shutdown`.",
    "devices-chosen": "None needed if it is meant.",
    "gfx-override": "None needed if it is meant; unset it when the output is wrong.",
    "pynvml": "Uninstall pynvml, then install nvidia-ml-py again.",
    "triton-windows": "`pip install triton-windows`, of the series that fits torch.",
    "compile-off": "Unset the variable.",
    "threads": "Unset `OMP_NUM_THREADS`.",
    "mps-dtype": "Unset `VOXCPM_MPS_DTYPE`.",
    "mirror-none": "None needed.",
    "mirror": "None needed if it is meant.",
    "mirror-broken": "Unset `HF_ENDPOINT`, or write the address in full.",
    "offline": "Unset the variable for the first run.",
    "long-paths": "The `reg add` command that it prints, as administrator.",
    "page-file": "Let Windows manage the page file, or set the size that it names.",
    "requirement": "`pip install` of the requirement, in quotes.",
    "requirements-missing": "`pip install` of the package asked about, which brings the rest.",
    "gpu-driver": "A newer NVIDIA driver.",
    "audio-missing": "The torchaudio that fits torch, by force.",
    "software-python-tried": "An environment with a Python that is supported.",
    # deep
    "import-PACKAGE": "That of the finding on the same package; the error names the library "
    "otherwise.",
    "torch-blind": "Driver or container: `nvidia-smi` must work where torch runs.",
    "torch-answers": "None needed.",
    "torch-no-kernels-deep": "That of `torch-no-kernels`.",
}


def plain(text_id: str) -> str:
    """A sentence for a table: what is filled in while vcf runs as dots."""
    return re.sub(r"\{\w+\}", "…", TEXTS[text_id][0]).replace("|", "\\|")


def row(finding: str, levels: Iterable[str], texts: Iterable[str], effects: Iterable[str]) -> str:
    """A line of a table of findings."""
    words = [", ".join(levels)]
    words += [" / ".join(dict.fromkeys(plain(i) for i in ids)) for ids in (texts, effects)]
    cure = CURES.get(finding, "The command that it prints.")
    return " | ".join((f"| `{finding}`", *words, f"{cure} |"))


HEAD = "| Id | Level | What is wrong | Effect | Cure |\n|---|---|---|---|---|"


def software_findings() -> str:
    """The findings that are conditions of the software gate."""
    levels: dict[str, str] = {}
    for module in GATE_MODULES:
        levels |= gate_levels(parsed(module))
    rows = [
        row(name, (levels.get(name, "–"),), (name,), (effect,)) for name, effect in EFFECTS.items()
    ]
    return "\n".join((HEAD, *rows))


def gate_levels(tree: ast.Module) -> dict[str, str]:
    """Of every `software(status, Message(id))`, and of tables of such pairs: level by id."""
    found: dict[str, str] = {}
    for scope in ast.walk(tree):
        if isinstance(scope, ast.Tuple):
            status, *texts = strings_in(scope) or [""]
            found |= {text: STATUS[status] for text in texts if status in STATUS}
        elif isinstance(scope, ast.FunctionDef):
            for status, text in conditions_in(scope):
                found[text] = STATUS[status]
    return found


def conditions_in(function: ast.FunctionDef) -> Iterator[tuple[str, str]]:
    """Status and id of every condition that a function makes."""
    names: dict[str, list[str]] = {}
    for node in ast.walk(function):
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            names.setdefault(node.targets[0].id, []).extend(strings_in(node.value))
    for node in ast.walk(function):
        if not isinstance(node, ast.Call) or getattr(node.func, "id", "") not in GATE_MAKERS:
            continue
        given: dict[str | None, ast.expr] = dict(zip(("status", "text"), node.args, strict=False))
        given |= {keyword.arg: keyword.value for keyword in node.keywords}
        statuses = [s for s in strings_in(given["status"]) if s in STATUS]
        message = given["text"]
        if not statuses or not isinstance(message, ast.Call):
            continue
        word = message.args[0]
        texts = names.get(word.id, []) if isinstance(word, ast.Name) else strings_in(word)
        for place, text in enumerate(texts):
            yield statuses[min(place, len(statuses) - 1)], text


def other_ids() -> str:
    """What the software gate says besides: wheels to install, what is in order."""
    strings = [s for module in ("torch", "packages", "audio") for s in strings_in(parsed(module))]
    ids = dict.fromkeys(s for s in strings if s in GATES and s not in EFFECTS)
    return ", ".join(f"`{name}`" for name in sorted(ids)) + "."


def own_findings(*modules: str) -> Callable[[], str]:
    """The findings that modules of `vcf.judge` make themselves."""

    def made() -> str:
        by_id: dict[str, tuple[list[str], list[str], list[str]]] = {}
        for name, call in (found for module in modules for found in findings_in(module)):
            parts = {keyword.arg: strings_in(keyword.value) for keyword in call.keywords}
            levels, texts, effects = by_id.setdefault(name, ([], [], []))
            levels += [s for s in parts.get("level", ()) if s in LEVELS]
            texts += [s for s in parts.get("text", ()) if s in TEXTS] or TEXT_OF.get(name, ())
            effects += [s for s in parts.get("effect", ()) if s in TEXTS]
        rows = [
            row(name, sorted(set(levels), key=LEVELS.index), texts, effects)
            for name, (levels, texts, effects) in by_id.items()
        ]
        return "\n".join((HEAD, *rows))

    return made


def findings_in(module: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of `Finding(id=…)`, by the id; `import-PACKAGE` for f"import-{package}"."""
    calls = [node for node in ast.walk(parsed(module)) if isinstance(node, ast.Call)]
    for node in sorted(calls, key=lambda call: call.lineno):
        if getattr(node.func, "id", None) != "Finding":
            continue
        (value,) = (keyword.value for keyword in node.keywords if keyword.arg == "id")
        if isinstance(value, ast.JoinedStr):
            yield ast.unparse(value)[2:-1].replace("{package}", "PACKAGE"), node
        elif isinstance(value, ast.Constant):
            yield str(value.value), node


def parsed(module: str) -> ast.Module:
    """A module of `vcf.judge`."""
    return ast.parse((JUDGE / f"{module}.py").read_text(encoding="utf-8"))


def strings_in(node: ast.AST) -> list[str]:
    """Every string in a piece of code, in order."""
    found = [n for n in ast.walk(node) if isinstance(n, ast.Constant) and isinstance(n.value, str)]
    return [str(n.value) for n in sorted(found, key=lambda n: (n.lineno, n.col_offset))]


PLANNED = ("plan", "voxcpm-2", "--machine", "desktop-gtx-1060-6gb")
COMPARED = (
    "compare", "asus-gl552vw", "desktop-rtx-3060-12gb", "--model", "voxcpm-2", "--model",
    "indextts-2.5",
)  # fmt: skip


def shown(*words: str) -> Callable[[], str]:
    """A command and what it prints."""
    return lambda: f"`vcf {' '.join(words)}`\n\n{fenced(output_of(*words).strip(chr(10)))}"


def cards() -> str:
    """The cards that a plan may propose."""
    return "| Card | VRAM | Launch price |\n|---|---|---|\n" + "\n".join(
        f"| {offer.card} | {offer.gib} GB | [{offer.price.usd} USD, {offer.price.date}]"
        f"({offer.price.source}) |"
        for offer in CARDS
    )


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"sample": sample("en"), "bench": ranking("en", some=True)},
    "README.zh.md": {
        "sample": sample("zh"),
        "doctor": doctor("zh"),
        "bench": ranking("zh", some=True),
    },
    "docs/index.md": {"sample": sample("en")},
    "docs/zh/index.md": {"sample": sample("zh")},
    "docs/quick-start.md": {
        "check": sample("en", STARTED),
        "clip": sample("en", LONG_CLIP),
        "doctor": in_page(START_PAGE, ("doctor", "voxcpm-2:gpu")),
    },
    "docs/zh/quick-start.md": {
        "check": sample("zh", STARTED),
        "clip": sample("zh", LONG_CLIP),
        "doctor": in_page(
            ROOT / "docs" / "zh" / "quick-start.md", ("doctor", "voxcpm-2:gpu"), "zh"
        ),
    },
    "docs/reading-a-verdict.md": {"answer": whole("en", READ)},
    "docs/zh/reading-a-verdict.md": {"answer": whole("zh", READ)},
    "docs/troubleshooting.md": {"vram": vram_table},
    "docs/adding-a-model.md": {"example model": guide("example model")},
    "docs/plan.md": {"plan": shown(*PLANNED), "cards": cards},
    "docs/compare.md": {"compare": shown(*COMPARED)},
    "docs/bench.md": {"help": help_text("bench", "voxcpm")},
    "docs/bench-full-size.md": {
        "matrix": ranking("en"),
        "bench": measured("en", "voxcpm-0.5b-cpu-*.json"),
        "indextts": measured("en", "indextts-*.json"),
    },
    "docs/doctor.md": {
        "help": help_text("doctor"),
        "doctor": doctor("en"),
        "software": software_findings,
        "other": other_ids,
        "checkup": own_findings("checkup", "gather", "surroundings"),
        "deep": own_findings("deep"),
    },
}
"""File, block, what makes it."""


def replace_block(text: str, name: str, body: str) -> str:
    """The page with a block's content replaced."""
    pattern = re.compile(rf"(<!-- {name} -->\n).*?(\n?<!-- /{name} -->)", re.DOTALL)
    if len(pattern.findall(text)) != 1:
        sys.exit(f"the page needs one block <!-- {name} --> … <!-- /{name} -->")
    return pattern.sub(lambda found: f"{found[1]}{body}\n<!-- /{name} -->", text)


def differences(old: str, new: str, page: Path, remedy: str) -> int:
    """Print how a page differs; the exit code."""
    if old == new:
        return 0
    name = page.relative_to(ROOT).as_posix() if page.is_relative_to(ROOT) else page.name
    lines = difflib.unified_diff(
        old.splitlines(), new.splitlines(), name, f"{name}, as it should be", lineterm=""
    )
    print("\n".join(lines))
    print(f"{name} is out of date: run `{remedy}`", file=sys.stderr)
    return 1


def main() -> int:
    """Run as a script."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--check", action="store_true", help="only compare")
    parser.add_argument("pages", nargs="*", help="only these (all)", metavar="PAGE")
    asked = parser.parse_args()
    check = asked.check
    strange = [name for name in asked.pages if name not in BLOCKS]
    if strange:
        parser.error(f"no blocks are known for {', '.join(strange)}; there are {', '.join(BLOCKS)}")
    code = 0
    for name in asked.pages or BLOCKS:
        blocks = BLOCKS[name]
        page = ROOT / name
        old = page.read_text(encoding="utf-8")
        new = old
        for block, make in blocks.items():
            new = replace_block(new, block, make())
        if check:
            code |= differences(old, new, page, "python scripts/check_readme.py")
        elif new != old:
            page.write_text(new, encoding="utf-8", newline="\n")
    return code


if __name__ == "__main__":
    sys.exit(main())
