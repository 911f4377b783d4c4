"""`--fresh` fits networks again and stores again what they give; without it nothing is fitted twice."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest

pytest.importorskip("torch")

from benchmark.databases.folder import load_folder
from benchmark.scoring.folds import Learning
from benchmark.scoring.rows import ScoreRow
from benchmark.scoring.score import score_database
from benchmark.scoring.store import ScoreStore
from fusion_metrics import create
from fusion_metrics.cache import cache_folder
from fusion_metrics.execution import Execution, executing
from learned.training.kept import Task, fitted
from learned.training.regression import PlainRegression
from tests.databases import write_database

if TYPE_CHECKING:
    from torch import nn


@pytest.fixture(autouse=True)
def own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FMBENCH_CACHE", str(tmp_path / "cache"))


@pytest.fixture
def fits(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Digests of the fits that are made, in their order."""
    made: list[str] = []
    train = PlainRegression.train

    def counting(self: PlainRegression[Any], task: Task, checkpoint: Path) -> nn.Module:
        made.append(task.digest)
        return train(self, task, checkpoint)

    monkeypatch.setattr(PlainRegression, "train", counting)
    return made


def run(folder: Path, *, fresh: bool = False) -> list[ScoreRow]:
    with ScoreStore(cache_folder() / "scores.sqlite") as store:
        return score_database(
            load_folder(folder),
            [create("pnqc_like", preset="quick")],
            store=store,
            fresh=fresh,
            learning=Learning(("image",), folds=2),
        ).rows


def values(rows: list[ScoreRow]) -> list[float | None]:
    return [row.value for row in rows]


def test_a_fresh_run_fits_again_and_stores_again(tmp_path: Path, fits: list[str]) -> None:
    folder = write_database(tmp_path / "small", pairs=2, steps=3)
    first = run(folder)
    assert len(fits) == len(set(fits)) == 2
    run(folder)
    assert len(fits) == 2
    again = run(folder, fresh=True)
    assert fits[2:] == fits[:2]
    assert values(again) == values(first)
    (cache_folder() / "scores.sqlite").unlink()
    for side in ("-wal", "-shm"):
        (cache_folder() / f"scores.sqlite{side}").unlink(missing_ok=True)
    fresh_in_empty_store = run(folder, fresh=True)
    assert len(fits) == 6
    assert values(run(folder)) == values(fresh_in_empty_store)
    assert len(fits) == 6


def test_what_was_fitted_since_the_run_began_is_not_fitted_again() -> None:
    calls: list[Path] = []

    def fit(checkpoint: Path) -> dict[str, np.ndarray]:
        calls.append(checkpoint)
        return {"weight": np.ones(3)}

    fitted("abc", fit)
    time.sleep(0.05)
    with executing(Execution(since=time.time())):
        time.sleep(0.05)
        for _ in range(3):
            fitted("abc", fit)
    fitted("abc", fit)
    assert len(calls) == 2


def test_a_fresh_fit_does_not_resume_and_a_usual_one_does() -> None:
    checkpoint = cache_folder() / "fitted" / "abc.training"
    found: list[bool] = []

    def fit(path: Path) -> dict[str, np.ndarray]:
        found.append(path.exists())
        return {"weight": np.ones(3)}

    from learned.training.checkpoints import Checkpoint, save_checkpoint

    for since in (None, time.time() + 1):
        save_checkpoint(checkpoint, "abc", Checkpoint({}, {}, [], 0, {}))
        with executing(Execution(since=since)):
            fitted("abc", fit)
    assert found == [True, False]
