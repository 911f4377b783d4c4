"""Databases that tests of several commands use."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmark.databases import EMBEDDED
from benchmark.databases.embedded import Embedded
from tests.databases import write_database


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return write_database(tmp_path / "db")


@pytest.fixture
def one_embedded_database(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Take the place of the embedded databases, which take minutes to build."""
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))
    small = Embedded("small", "Small", 1, lambda folder, progress: write_database(folder, scores="simulated") and None)
    for name in reversed(list(EMBEDDED)):  # put back last removed first, so that their order stays
        monkeypatch.delitem(EMBEDDED, name)
    monkeypatch.setitem(EMBEDDED, "small", small)
