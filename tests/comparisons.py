"""Scores of three methods whose differences are known, and what a comparison finds in them."""

from __future__ import annotations

import numpy as np
import pandas as pd

from benchmark.comparison.asked import Asked
from benchmark.runs.compare import compare_scores
from benchmark.runs.comparison import Comparison
from benchmark.scoring.rows import ScoreRow

RNG = np.random.default_rng(7)
IMAGES = 20
#: Of each image, what it is worth to all methods.
WORTH = RNG.normal(size=IMAGES)
#: By metric, how far each method is from the others; `qcv` is better where it is less, `rsfe` where it is nearer to 0.
MEANS = {
    "qabf": {"good": 0.9, "near": 0.899, "bad": 0.1},
    "qcv": {"good": 10.0, "near": 10.05, "bad": 500.0},
    "rsfe": {"good": 0.01, "near": 0.0102, "bad": -0.9},
}


def rows(database: str = "small", *, without: tuple[tuple[str, int], ...] = (), pairs: int = IMAGES) -> list[ScoreRow]:
    """Three methods of which two are hardly different, on all images but those left out."""
    noise = np.random.default_rng(len(database))
    found = []
    for metric, means in MEANS.items():
        for method, mean in means.items():
            for n in range(IMAGES):
                value = mean + 0.05 * abs(mean) * (WORTH[n] + noise.normal())
                there = (method, n) not in without
                about = (database, f"p{n % pairs}", method, f"{method}/{n}.png", metric, "paper")
                status = ("ok", "") if there else ("error", "no such file")
                found.append(ScoreRow(*about, value if there else None, *status, 0.0))
    return found


def compared(asked: Asked | None = None, *, scores: list[ScoreRow] | None = None) -> Comparison:
    frame = pd.DataFrame([vars(row) for row in (scores or rows())])
    return compare_scores(frame, asked=asked or Asked(permutations=999))
