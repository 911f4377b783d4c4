"""The generated databases, on a few of their pairs: the whole takes minutes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from benchmark.databases import EMBEDDED
from benchmark.databases.check import check_database
from benchmark.databases.embedded import Embedded
from benchmark.databases.folder import load_folder
from benchmark.databases.phantom import database as simulated

pytest.importorskip("nibabel")

FAST = ("laplacian", "dwt", "average")


def build(folder: Path, monkeypatch: pytest.MonkeyPatch, database: str = "phantom") -> Path:
    """Build the first two pairs only, with three algorithms, in this process."""
    monkeypatch.setattr(
        simulated, "run_tasks", lambda function, tasks, jobs: [function(t) for t in tasks if t.index in (0, 1)]
    )
    monkeypatch.setattr("benchmark.databases.phantom.COMPOSITIONS", {database: range(2)})
    made: Embedded = simulated._builder(database, "A few pairs", FAST, version=1)
    folder.mkdir()
    made.build(folder, lambda done, total: None)
    return folder


def test_it_is_a_sound_database_with_simulated_votes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    database = load_folder(build(tmp_path / "db", monkeypatch))
    assert list(check_database(database)) == []
    assert database.scores == "simulated"
    assert "SIMULATED" in database.note
    assert len(database.fused) == 2 * len(FAST)
    assert all(image.mos is not None and 1 <= image.mos <= 5 and image.n_votes in (2, 3) for image in database.fused)
    for pair in database.pairs.values():
        with np.load(database.root / "truth" / f"{pair.name}.npz", allow_pickle=False) as truth:
            assert truth["a"].shape == (128, 128)
            assert np.isfinite(truth["a"]).all()
            assert (pair.mask is not None) == bool(truth["mask"].any())


def test_the_same_bytes_each_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (build(tmp_path / name, monkeypatch) for name in ("one", "two"))
    files = {path.relative_to(one): path.read_bytes() for path in one.rglob("*") if path.is_file()}
    assert files == {path.relative_to(two): path.read_bytes() for path in two.rglob("*") if path.is_file()}
    assert len(files) > 10


def test_the_external_database_differs_in_readers_and_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (load_folder(build(tmp_path / name, monkeypatch, name)) for name in ("phantom", "phantom-external"))
    pictures = [{path.read_bytes() for path in (db.root / "sources").glob("*_a.png")} for db in (one, two)]
    assert pictures[0].isdisjoint(pictures[1])
    assert set(EMBEDDED) == {"phantom", "phantom-external"}


def test_the_databases_have_no_algorithm_in_common() -> None:
    assert len(simulated.PHANTOM_ALGORITHMS) == 10
    assert set(simulated.PHANTOM_ALGORITHMS).isdisjoint(simulated.EXTERNAL_ALGORITHMS)
    assert len(simulated.EXTERNAL_ALGORITHMS) >= 4
