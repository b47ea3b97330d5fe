"""Starts the measuring program in any Python: ``python run.py ENGINE``.

The folder above is made a package of its own, so that modules beside this one are found while
none of them stands in the way of the packages that are measured.
"""

from __future__ import annotations

import importlib
import importlib.util
import sys
from importlib.machinery import ModuleSpec
from pathlib import Path

PACKAGE = "vcf_bench"


def main() -> None:
    """Serve until standard input ends."""
    here = Path(__file__).resolve().parent
    sys.path[:] = [place for place in sys.path if Path(place or ".").resolve() != here]
    spec = ModuleSpec(PACKAGE, None, is_package=True)
    spec.submodule_search_locations = [str(here.parent)]
    sys.modules[PACKAGE] = importlib.util.module_from_spec(spec)
    importlib.import_module(f"{PACKAGE}.child.serve").main(sys.argv[1:])


if __name__ == "__main__":
    main()
