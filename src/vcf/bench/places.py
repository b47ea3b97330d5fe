"""Where vcf keeps weights that it wrote itself: the user's cache folder."""

from __future__ import annotations

import os
from pathlib import Path

VARIABLE = "VCF_CACHE_DIR"
"""Environment variable that names another folder."""


def cache_folder() -> Path:
    """It need not exist."""
    own = os.environ.get(VARIABLE)
    if own:
        return Path(own).expanduser()
    import platformdirs

    return Path(platformdirs.user_cache_dir("vcf", appauthor=False))
