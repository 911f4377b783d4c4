"""The result of a comparison in one sentence."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
import pytest

from benchmark.comparison.asked import Asked
from benchmark.comparison.headline import headline, lead_of
from benchmark.runs.compare import compare_scores
from benchmark.runs.comparison import Comparison


def comparison(means: Mapping[str, tuple[float, ...]], images: int = 12) -> Comparison:
    """Metrics whose methods have these means, with noise of standard deviation 1 that is the same for all metrics."""
    rng = np.random.default_rng(0)
    lines = []
    for metric, levels in means.items():
        for m, level in enumerate(levels):
            for n, noise in enumerate(rng.normal(size=images)):
                line = {"database": "d", "pair": f"p{n}", "algorithm": "ABCD"[m], "image": f"{m}/{n}"}
                lines.append({**line, "metric": metric, "variant": "paper", "value": level + noise})
    return compare_scores(pd.DataFrame(lines), asked=Asked(permutations=999))


def test_the_method_that_may_be_the_best_by_most_metrics_leads() -> None:
    [tested] = comparison({"en": (9, 0, 0), "sd": (9, 0, 9), "sf": (0, 9, 0)}).parts
    assert lead_of(tested).metrics[0] == 2
    assert headline(tested) == (
        "A leads: best, or not significantly worse than the best, by 2 of 3 metrics (B by 1 and C by 1); "
        "3 of 3 metrics can tell methods apart, on 12 source pairs."
    )


def test_methods_that_lead_together_are_all_named() -> None:
    [tested] = comparison({"en": (9, 0, 0), "sf": (0, 9, 0)}).parts
    assert headline(tested).startswith("A and B lead, each best, or not significantly worse than the best, by 1 of 2")


def test_a_metric_for_which_fewer_is_better_counts_the_right_way() -> None:
    [tested] = comparison({"qcv": (9, 0, 9)}).parts
    assert headline(tested) == (
        "B leads: best, or not significantly worse than the best, by the only metric, which tells methods apart, on 12 "
        "source pairs."
    )


def test_methods_that_no_metric_tells_apart_are_not_ranked() -> None:
    [tested] = comparison({"en": (0, 0, 0), "sd": (0, 0, 0)}, images=5).parts
    assert headline(tested) == "None of 2 metrics tells the 3 methods apart on 5 source pairs."


@pytest.mark.parametrize("images", [1])
def test_what_cannot_be_tested_leads_nowhere(images: int) -> None:
    [tested] = comparison({"en": (9, 0, 0)}, images=images).parts
    assert "no method can be said to lead" in headline(tested)
    assert "1 source pair " in headline(tested)
