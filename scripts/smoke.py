"""Does the installed wheel work on its own? Run outside the checkout by `nox -s wheel`."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import vcf
from vcf.catalogue.load import COMPILED, _compiled


def run(*arguments: str, codes: tuple[int, ...] = (0,)) -> str:
    """Standard output of one vcf command; ends the check when its exit code is not expected."""
    command = [str(Path(sys.executable).with_name("vcf")), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    print(f"{done.returncode}  vcf {' '.join(arguments)}")
    if done.returncode not in codes or "Traceback" in done.stderr:
        sys.exit(done.stdout + done.stderr)
    return done.stdout


def main() -> None:
    """Every command once."""
    package = Path(vcf.__file__).parent
    assert "site-packages" in str(package), package
    assert (package / "data" / COMPILED).is_file()
    assert _compiled() is not None, "the compiled catalogue does not match models.yaml"
    run("--version")
    run("check", codes=(0, 1))
    assert json.loads(run("check", "--json", codes=(0, 1)))["results"]
    assert "voxcpm-0.5b" in run("check", "--machine", "asus-gl552vw")
    assert json.loads(run("probe", "--json"))["schema"] == "vcf.machine/1"
    run("models", "show", "voxcpm-2", "--lang", "zh")
    assert "asus-gl552vw" in run("profiles", "list")
    for name in ("check", "probe", "machine", "models"):
        json.loads(run("schema", name))
    run("check", "no-such-model", codes=(2,))
    print("the wheel works on its own")


if __name__ == "__main__":
    main()
