"""The gates: `nox` runs them all, `nox -s tests` one. CI runs the same command."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import nox

nox.options.sessions = [
    "lint", "types", "tests", "accuracy", "wheel", "docs", "pages", "bench",
]  # fmt: skip
nox.options.error_on_missing_interpreters = False
# uv is quicker where it is installed; nothing needs it.
nox.options.default_venv_backend = "venv"

CPU_WHEELS = "https://download.pytorch.org/whl/cpu"
TORCH, VOXCPM = "torch==2.13.0", "voxcpm==2.0.3"
"""What the bench tests run with: the newest voxcpm, and a torch that it was tried with."""
LIGHT_MB = 40
"""What the core may add to a bare environment."""


@nox.session
def lint(session: nox.Session) -> None:
    """Style, formatting, arrows between packages, README and GPU table up to date."""
    session.install("ruff==0.17.*", "import-linter>=2.1", "-e", ".")
    session.run("ruff", "check", ".")
    session.run("ruff", "format", "--check", ".")
    session.run("lint-imports")
    session.run("python", "scripts/build_gpus.py", "--check")
    session.run("python", "scripts/check_readme.py", "--check")


@nox.session
def types(session: nox.Session) -> None:
    """mypy, strict."""
    session.install("mypy>=1.15", "types-PyYAML", "types-psutil", "-e", ".")
    session.run("mypy")


@nox.session
def tests(session: nox.Session) -> None:
    """All tests with coverage: 95 % overall, 100 % of the judgement and the parsers."""
    session.install("pytest>=8", "hypothesis>=6.100", "coverage>=7.6", "jsonschema>=4.20")
    # numpy: what writes checkpoints is tested here too; report: pages are
    session.install("numpy", "-e", ".[report]")
    session.run("coverage", "erase")
    session.run("coverage", "run", "-m", "pytest", *session.posargs)
    if session.posargs:
        return
    session.run("coverage", "report", "--fail-under=95")
    # An asterisk stops at a slash: folders need one of their own.
    exact = ["judge/*", "catalogue/*", "machine/*", "machine/gpus/*", "documents.py"]
    include = ",".join(f"src/vcf/{name}" for name in exact)
    session.run("coverage", "report", f"--include={include}", "--fail-under=100")


@nox.session
def accuracy(session: nox.Session) -> None:
    """The forecast against public reports: no target that was reached may be missed."""
    session.install("scipy>=1.11", "pytest>=8", "hypothesis>=6.100", "-e", ".")
    session.run("python", "scripts/fit_forecast.py", "--check")
    session.run("python", "scripts/accuracy.py", "--check")
    session.run("python", "scripts/bench_ledger.py", "--check")
    session.run("pytest", "tests/scripts")


@nox.session
def bench(session: nox.Session) -> None:
    """The real voxcpm on a CPU torch: generated checkpoints, and every recipe executed."""
    # The CPU build is a small download; where its index can't be reached PyPI's will do.
    session.run(
        "python", "-m", "pip", "install", "--isolated", "--retries", "0", "--timeout", "10",
        "--index-url", CPU_WHEELS, TORCH, success_codes=[0, 1], silent=True,
    )  # fmt: skip
    session.install(TORCH, VOXCPM, "numpy", "pytest>=8", "hypothesis>=6.100", "-e", ".")
    session.run("python", "scripts/check_wheels.py", success_codes=[0, 1])
    session.run("pytest", "tests/bench", *session.posargs)


@nox.session
def pages(session: nox.Session) -> None:
    """The HTML pages in Chromium: phone, desk, paper, light, dark, English, Chinese, hostile.

    Screenshots and the printed pages lie in build/screenshots afterwards.
    """
    chromium = _chromium(session)
    if chromium is None:
        session.warn("#" * 70)
        session.warn("no Chromium here: the pages are NOT tested in a browser. Put `chromium` on")
        session.warn("the path or name a Chromium, Chrome or Edge in VCF_CHROMIUM")
        session.warn("#" * 70)
        session.skip("no Chromium: install it, or name one in VCF_CHROMIUM")
    session.install("playwright>=1.49", "pytest>=8", "hypothesis>=6.100", "-e", ".[report]")
    session.run("pytest", "tests/pages", *session.posargs, env={"VCF_CHROMIUM": chromium})
    session.log(f"screenshots: {Path(__file__).parent / 'build' / 'screenshots'}")


def _chromium(session: nox.Session) -> str | None:
    """A browser that is there; as root under Debian one is fetched where there is none."""
    found = os.environ.get("VCF_CHROMIUM") or shutil.which("chromium")
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    if found or not root or not Path("/etc/debian_version").exists():
        return found
    fonts = "fonts-noto-cjk"  # the pages are Chinese too
    for command in (["update"], ["install", "-y", "--no-install-recommends", "chromium", fonts]):
        session.run("apt-get", *command, external=True, success_codes=[0, 100], silent=True)
    return shutil.which("chromium")


@nox.session
def docs(session: nox.Session) -> None:
    """The site, strictly: links, anchors, navigation; and the page of commands up to date."""
    # mkdocs 2 is another program; material says so at every start unless told not to.
    session.install("mkdocs>=1.6,<2", "mkdocs-material>=9.5,<10", "-e", ".")
    session.run("python", "scripts/commands_page.py", "--check")
    site = Path(session.create_tmp()) / "site"
    session.run(
        "mkdocs", "build", "--strict", "--clean", "--site-dir", str(site),
        env={"NO_MKDOCS_2_WARNING": "1"},
    )  # fmt: skip


@nox.session
def wheel(session: nox.Session) -> None:
    """The built wheel alone, in an empty environment, outside the checkout."""
    folder = Path(session.create_tmp())
    before = _size(Path(session.virtualenv.location))
    dist = folder / "dist"
    shutil.rmtree(dist, ignore_errors=True)
    session.run("python", "-m", "pip", "wheel", "-q", "--no-deps", "-w", str(dist), ".")
    built = next(dist.glob("vcf-*.whl"))
    session.install(str(built))
    added = (_size(Path(session.virtualenv.location)) - before) / 1e6
    session.log(f"light install: {added:.1f} MB on top of a bare environment")
    if added > LIGHT_MB:
        session.error(f"the core adds {added:.1f} MB, more than {LIGHT_MB}")
    session.chdir(folder)
    session.run("python", str(Path(__file__).parent / "scripts" / "smoke.py"))


def _size(folder: Path) -> int:
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file())
