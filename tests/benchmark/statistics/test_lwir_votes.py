"""Votes of 27 people for 750 fused infrared images, where they are at hand; they may not be redistributed.

Moreno-Villamarin, Benitez-Restrepo, Bovik, Predicting the quality of fused long wave infrared and visible light images,
IEEE Transactions on Image Processing 26(7), 2017. The authors rejected raters 4, 8, 10, 12 and 25 (counted from 0) and
printed a differential score of each of 675 distorted images from the other 22. Split halves correlate at .910.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from benchmark.statistics.ceiling import noise_ceiling
from benchmark.statistics.judged import Judged
from benchmark.statistics.screening import screen_raters

FOLDER = Path(__file__).parents[4] / "shared" / "golden" / "lwir-votes"
REJECTED = [4, 8, 10, 12, 25]
SESSIONS = 5


@dataclass(frozen=True)
class Study:
    """The votes, and what is known of each image; `dmos` is NaN for undistorted ones."""

    votes: np.ndarray
    pairs: list[str]
    algorithms: list[str]
    dmos: np.ndarray
    sessions: np.ndarray


def read(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def study() -> Study:
    if not FOLDER.is_dir():
        pytest.skip("no ../shared/golden/lwir-votes beside the project")
    fused, printed = read("fused.csv"), {row["image"]: row for row in read("dmos.csv")}
    place = {row["image"]: i for i, row in enumerate(fused)}
    votes = np.full((len(fused), 27), np.nan)
    for row in read("votes.csv"):
        votes[place[row["image"]], int(row["rater"])] = float(row["score"])
    return Study(
        votes,
        [row["pair"] for row in fused],
        [row["algorithm"] for row in fused],
        np.array([float(printed[row["image"]]["dmos"] or "nan") for row in fused]),
        np.array([int(printed[row["image"]]["session"]) for row in fused]),
    )


def standardised_differences(study: Study) -> np.ndarray:
    """How much worse than the undistorted image of its scene and algorithm; z within each rater and session."""
    undistorted = {
        (pair, algorithm): i
        for i, (pair, algorithm) in enumerate(zip(study.pairs, study.algorithms, strict=True))
        if "+" not in algorithm
    }
    names = zip(study.pairs, study.algorithms, strict=True)
    worse = study.votes[[undistorted[pair, name.split("+")[0]] for pair, name in names]] - study.votes
    found = np.full_like(worse, np.nan)
    for session in range(SESSIONS):
        here = (study.sessions == session) & np.isfinite(study.dmos)
        found[here] = (worse[here] - worse[here].mean(axis=0)) / worse[here].std(axis=0, ddof=1)
    return found


def test_nobody_is_erratic_in_raw_votes(study: Study) -> None:
    """Three raters vote far off the others, but to one side: one of them for 35 % of the images."""
    found = screen_raters(study.votes)
    assert not found.rejected.any()
    np.testing.assert_array_equal(np.flatnonzero(found.share > 0.05), [8, 9, 17])
    assert found.share[8] == pytest.approx(0.351, abs=0.0005)
    assert found.asymmetry[[8, 9, 17]].min() > 0.98


def test_in_standardised_differences_those_are_erratic_whom_the_authors_rejected(study: Study) -> None:
    """Standardised, nobody is strict or lenient any more, and the wide use of the scale by some is not seen either."""
    found = screen_raters(standardised_differences(study)[np.isfinite(study.dmos)])
    np.testing.assert_array_equal(np.flatnonzero(found.rejected), REJECTED)


def test_the_printed_scores_are_means_over_the_others(study: Study) -> None:
    """Up to a scale, to the four digits that are printed; of all raters, they are not."""
    distorted = np.isfinite(study.dmos)
    scores, dmos = standardised_differences(study)[distorted], study.dmos[distorted]
    kept = np.delete(scores, REJECTED, axis=1).mean(axis=1)
    np.testing.assert_allclose(np.polyval(np.polyfit(kept, dmos, 1), kept), dmos, atol=6e-5)
    everybody = scores.mean(axis=1)
    assert np.abs(np.polyval(np.polyfit(everybody, dmos, 1), everybody) - dmos).max() > 1


def test_split_halves_and_ceiling(study: Study) -> None:
    judged = Judged.of(study.votes.mean(axis=1) / 100, study.pairs, study.algorithms)
    found = noise_ceiling(study.votes, judged)
    assert found.half == pytest.approx(0.910, abs=0.003)
    assert found.reliability == pytest.approx(0.953, abs=0.003)
    assert found.ceiling == pytest.approx(0.977, abs=0.002)
    within = noise_ceiling(study.votes, judged, level="pair", splits=40)
    assert within.ceiling == pytest.approx(0.947, abs=0.005)
