"""Where vcf keeps weights that it wrote itself: the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

from ..paths import expanded, home_based

VARIABLE = "VCF_CACHE_DIR"
"""Environment variable that names another folder."""


def cache_folder() -> Path:
    """It need not exist."""
    own = os.environ.get(VARIABLE)
    if own:
        return expanded(own, VARIABLE)
    import platformdirs

    return home_based(lambda: platformdirs.user_cache_dir("vcf", appauthor=False), VARIABLE)
