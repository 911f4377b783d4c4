"""Where what was built, downloaded, computed or learnt is kept."""

from __future__ import annotations

import os
from pathlib import Path

import platformdirs


def cache_folder() -> Path:
    """Return the user's cache folder, or ``$FMBENCH_CACHE``."""
    return Path(os.environ.get("FMBENCH_CACHE") or platformdirs.user_cache_dir("fmbench"))
