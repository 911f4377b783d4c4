"""Votes of 33 people for 160 pan-sharpened images, where the database is at hand; it may not be redistributed."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from benchmark.statistics.bootstrap import interval
from benchmark.statistics.ceiling import noise_ceiling
from benchmark.statistics.judged import Judged
from benchmark.statistics.screening import screen_raters

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "pansharp"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    if not FOLDER.is_dir():
        pytest.skip("no ../shared/data/pansharp beside the project")
    with (FOLDER / "fused.csv").open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def votes(rows: list[dict[str, str]]) -> np.ndarray:
    place = {row["image"]: i for i, row in enumerate(rows)}
    found = np.full((len(rows), 33), np.nan)
    with (FOLDER / "votes.csv").open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            found[place[row["image"]], int(row["rater"])] = float(row["score"])
    return found


def test_reliability_as_cronbachs_alpha(rows: list[dict[str, str]], votes: np.ndarray) -> None:
    """Alpha is the mean of all split halves if raters vary alike; here they do not quite."""
    raters = votes.shape[1]
    alpha = raters / (raters - 1) * (1 - votes.var(axis=0, ddof=1).sum() / votes.sum(axis=1).var(ddof=1))
    found = noise_ceiling(
        votes,
        Judged.of(votes.mean(axis=1), [row["pair"] for row in rows], [row["algorithm"] for row in rows]),
        statistic="plcc",
    )
    assert alpha == pytest.approx(0.9676, abs=1e-4)
    assert found.reliability == pytest.approx(alpha, abs=0.005)
    assert found.raters == raters


def test_four_scenes_warn(rows: list[dict[str, str]], votes: np.ndarray) -> None:
    pairs, algorithms = [row["pair"] for row in rows], [row["algorithm"] for row in rows]
    q = np.array([float(row["mos"]) for row in rows]) / 100
    np.testing.assert_allclose(votes.mean(axis=1) / 100, q, atol=6e-6)
    one = interval(votes[:, 0], Judged.of(q, pairs, algorithms), level="algorithm")
    assert one.n == 37
    assert one.note == "4 algorithms without an image for every pair left out"
    assert one.warning.startswith("4 source pairs")


def test_nobody_is_erratic(votes: np.ndarray) -> None:
    """Some raters are strict or lenient throughout, which BT.500 does not reject."""
    found = screen_raters(votes)
    assert not found.rejected.any()
    assert (found.share > 0.05).sum() == 9
