"""Keep what the README shows equal to what vcf prints.

    python scripts/check_readme.py            write the marked blocks again
    python scripts/check_readme.py --check    fail, with the difference, when one is out of date

A block stands between `<!-- name -->` and `<!-- /name -->`. Output is taken at 80 columns,
without colour, in the language of the page.
"""

from __future__ import annotations

import argparse
import difflib
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]

SAMPLE = ("check", "voxcpm-0.5b:cpu", "voxcpm-0.5b:gpu", "--machine", "asus-gl552vw")


def output_of(*arguments: str, lang: str = "en") -> str:
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
    if done.returncode != 0:
        sys.exit(f"vcf {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
    return "\n".join(line.rstrip() for line in done.stdout.splitlines())


def fenced(text: str) -> str:
    """Text as a block of code."""
    return f"```text\n{text}\n```"


def help_text() -> str:
    """What `vcf check --help` says."""
    return fenced(output_of("check", "--help").strip("\n"))


def sample(lang: str) -> Callable[[], str]:
    """The head of a real answer: what comes before the gates, and what to do."""

    def made() -> str:
        paragraphs = output_of(*SAMPLE, lang=lang).split("\n\n")
        gates = [p for p in paragraphs[1:] if p.startswith("voxcpm-0.5b:")]
        actions = paragraphs[1 + len(gates)]
        shown = [paragraphs[0], "…", actions]
        return fenced("\n\n".join(shown))

    return made


BLOCKS: dict[str, dict[str, Callable[[], str]]] = {
    "README.md": {"sample": sample("en"), "help": help_text},
    "README.zh.md": {"sample": sample("zh")},
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
    name = page.relative_to(ROOT).as_posix()
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
    check = parser.parse_args().check
    code = 0
    for name, blocks in BLOCKS.items():
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
