"""Print what choosing comparisons is worth: ``python -m benchmarks.checks.comparisons [STUDIES]``.

Studies are simulated: six scenes of ten images whose strengths are normal with a deviation of 1.5, and comparisons with
ties after Davidson's model. They are either chosen as `benchmark.study.pairing` does, or drawn at random. Printed are
the root mean squared error of the shares of comparisons that images win, and the rank correlation of the strengths with
the true ones within scenes, each with its standard error over studies. It takes some minutes.
"""

from __future__ import annotations

import sys
from itertools import combinations

import numpy as np
from scipy import stats

from benchmark.statistics.preference import Comparisons, Strengths, fit_strengths

IMAGES, SCENES, TIE, SPREAD = 10, 6, 0.5, 1.5
COMPARISONS = (150, 300, 600)


def study(seed: int, comparisons: int, chosen: bool) -> tuple[float, float]:
    """Return error and rank correlation of one study."""
    rng = np.random.default_rng(seed)
    pairs = np.array(list(combinations(range(IMAGES), 2)))
    errors, ranks = [], []
    for _ in range(SCENES):
        truth = Strengths(rng.normal(0, SPREAD, IMAGES), np.eye(IMAGES), TIE)
        rows: list[tuple[int, int, float]] = []
        for _ in range(comparisons // SCENES):
            model = fit_strengths(IMAGES, Comparisons.of(rows))
            told = model.information(pairs[:, 0], pairs[:, 1]) if chosen else np.zeros(len(pairs))
            left, right = (int(k) for k in pairs[np.argmax(told + 1e-9 * rng.random(len(pairs)))])
            first, second, _ = truth.chances(left, right)
            draw = rng.random()
            rows.append((left, right, 1.0 if draw < first else 0.0 if draw < first + second else 0.5))
        model = fit_strengths(IMAGES, Comparisons.of(rows))
        errors.append(np.mean((model.share(range(IMAGES))[0] - truth.share(range(IMAGES))[0]) ** 2))
        ranks.append(stats.spearmanr(model.theta, truth.theta).statistic)
    return float(np.sqrt(np.mean(errors))), float(np.mean(ranks))


def main(studies: int) -> None:
    """Print a line for each number of comparisons and way of choosing them."""
    for comparisons in COMPARISONS:
        for chosen in (True, False):
            found = np.array([study(seed, comparisons, chosen) for seed in range(studies)])
            mean, error = found.mean(axis=0), found.std(axis=0, ddof=1) / np.sqrt(studies)
            how = "chosen" if chosen else "random"
            print(
                f"{comparisons} comparisons, {how}: error {mean[0]:.3f} ± {error[0]:.3f}, "
                f"rank correlation {mean[1]:.3f} ± {error[1]:.3f}"
            )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 30)
