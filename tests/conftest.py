"""What all tests share: an own cache folder, and the folder of reference data."""

from __future__ import annotations

import os
import tempfile
from pathlib import Path

# Tests run in as many processes as there are cores: more threads than one each would only wait for each other.
os.environ.setdefault("OMP_NUM_THREADS", "1")

import pytest
from hypothesis import settings

from tests.browser import browser as browser
from tests.browser import faults as faults
from tests.browser import page as page

ROOT = Path(__file__).parent.parent
#: What is made for several tests at once is made before `own_cache` can say where, and must not find the user's cache.
_CACHE = tempfile.TemporaryDirectory(prefix="fmbench-tests-", ignore_cleanup_errors=True)
os.environ["FMBENCH_CACHE"] = _CACHE.name
# What numba compiles is the same for all tests, in every process and cache folder.
os.environ.setdefault("NUMBA_CACHE_DIR", str(ROOT / ".pytest_cache" / "compiled"))
# Metrics look for weights as they are declared: before any test.
if (_weights := ROOT.parent / "shared" / "weights").is_dir():
    os.environ.setdefault("FMBENCH_WEIGHTS", str(_weights))

# How long an example takes says nothing on a busy machine.
settings.register_profile("fmbench", deadline=None)
settings.load_profile("fmbench")


@pytest.fixture(autouse=True)
def own_cache(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Keep tests away from the user's stored scores and databases."""
    folder = tmp_path_factory.getbasetemp() / "cache"
    monkeypatch.setenv("FMBENCH_CACHE", str(folder))
    return folder


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of reference images and golden values, which is not part of the project."""
    folder = ROOT.parent / "shared"
    if not (folder / "golden" / "values.csv").is_file():
        pytest.skip("needs the reference data beside the project (../shared/golden)")
    return folder
