"""What was found as DataFrames, over all data sets: what is printed comes from here, with all digits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd

from benchmark.comparison.tested import MetricTest, Tested
from benchmark.comparison.values import Values
from fusion_metrics.image import Array


def images_frame(parts: Iterable[Values]) -> pd.DataFrame:
    """One row a data set, metric, image and method; NaN where there is no value."""
    frames = []
    for part in parts:
        k, n, m = part.scores.shape
        frames.append(
            pd.DataFrame(
                {
                    "dataset": part.name,
                    "metric": np.repeat([column.label for column in part.columns], n * m),
                    "image": np.tile(np.repeat(part.images, m), k),
                    "method": np.tile(part.methods, k * n),
                    "value": part.scores.ravel(),
                }
            )
        )
    return pd.concat(frames, ignore_index=True)


def cells_frame(parts: Iterable[Tested]) -> pd.DataFrame:
    """One row a data set, method and metric: mean, standard deviation, median, rank, and whether it may be the best.

    A method without a value for some image has NaN: a mean over the others would compare unlike things. Ranks are those
    of the means turned so that more is better; ``near_best`` says that the method is not significantly worse than the
    best, and ``p_best`` is the adjusted p value behind it. ``algorithm`` is what the images of a method are called,
    ``reading`` says how pictures were read, and ``signature`` what was computed: several lines where that is not one.
    """
    lines = []
    for part in parts:
        values = part.values
        signed = values.signatures or ((),) * len(values.columns)
        for test, scores, lines_signed in zip(part.metrics, values.scores, signed, strict=True):
            ranks = _ranks(test)
            for m, method in enumerate(values.methods):
                own = scores[:, m]
                missing = int(np.isnan(own).sum())
                place = np.flatnonzero(test.methods == m)
                near = test.near if len(place) else None
                lines.append(
                    {
                        "dataset": values.name,
                        "method": method,
                        "metric": test.column.label,
                        "images": len(own) - missing,
                        "missing": missing,
                        "mean": np.nan if missing else own.mean(),
                        "sd": np.nan if missing or len(own) < 2 or not np.isfinite(own).all() else own.std(ddof=1),
                        "median": np.nan if missing else np.median(own),
                        "rank": ranks[place[0]] if len(place) else np.nan,
                        "near_best": None if near is None else bool(near.near_best[place[0]]),
                        "p_best": np.nan if near is None else near.p[place[0]],
                        "algorithm": values.algorithms[m] if values.algorithms else method,
                        "reading": values.reading,
                        "signature": "\n".join(lines_signed),
                    }
                )
    return pd.DataFrame(lines)


def tests_frame(parts: Iterable[Tested]) -> pd.DataFrame:
    """One row a data set and metric: Friedman's test, the critical difference, and why there is none."""
    lines = []
    for part in parts:
        for test in part.metrics:
            ranks, near = test.friedman, test.near
            lines.append(
                {
                    "dataset": part.values.name,
                    "metric": test.column.label,
                    "methods": len(test.methods),
                    "images": len(test.values),
                    "blocks": 0 if near is None else near.blocks,
                    "friedman_chi2": np.nan if ranks is None else ranks.chi2,
                    "friedman_p": np.nan if ranks is None else ranks.p,
                    "iman_davenport_f": np.nan if ranks is None else ranks.f,
                    "iman_davenport_p": np.nan if ranks is None else ranks.f_p,
                    "critical_difference": np.nan if ranks is None else ranks.critical_difference,
                    "reason": test.reason,
                    "warning": "" if near is None else near.warning,
                }
            )
    return pd.DataFrame(lines)


def pairs_frame(parts: Iterable[Tested]) -> pd.DataFrame:
    """One row a data set, metric and pair of methods: difference, effect, wins, ties, losses, p alone and adjusted.

    Differences are turned so that a positive one speaks for the first method.
    """
    frames = [
        test.pairwise.to_frame([part.values.methods[m] for m in test.methods]).assign(
            dataset=part.values.name, metric=test.column.label
        )
        for part in parts
        for test in part.metrics
        if test.pairwise is not None
    ]
    columns = ["dataset", "metric", "first", "second", "difference", "effect", "wins", "ties", "losses", "p"]
    columns.append("p_adjusted")
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def overall_frame(parts: Iterable[Tested]) -> pd.DataFrame:
    """One row a data set and method: mean rank and Borda points over the metrics, with intervals."""
    frames = [
        part.overall.to_frame(part.values.methods).assign(dataset=part.values.name, metrics=len(part.used))
        for part in parts
        if part.overall is not None
    ]
    if not frames:
        return pd.DataFrame(columns=["dataset", "method", "mean_rank", "borda"])
    found = pd.concat(frames, ignore_index=True)
    return found[["dataset", *(name for name in found.columns if name != "dataset")]]


def stability_frame(parts: Iterable[Tested]) -> pd.DataFrame:
    """One row a data set and what was left out, a metric or an image: the ranking without it against the full one."""
    frames = []
    for part in parts:
        if part.stability is None:
            continue
        images = sorted(set(part.values.groups))
        for what, found, names in (
            ("metric", part.stability.metrics, list(part.labels)),
            ("image", part.stability.images, images),
        ):
            if found is not None:
                frame = found.to_frame(names, part.values.methods)
                frames.append(frame.assign(dataset=part.values.name, kind=what))
    columns = ["dataset", "kind", "left_out", "tau", "swaps", "leader_changes"]
    return pd.concat(frames, ignore_index=True)[columns] if frames else pd.DataFrame(columns=columns)


def redundancy_frame(parts: Iterable[Tested]) -> pd.DataFrame:
    """One row a data set and metric: its group of alike metrics, and its rank correlation with every other."""
    frames = [
        part.redundancy.to_frame(part.labels).reset_index().assign(dataset=part.values.name)
        for part in parts
        if part.redundancy is not None
    ]
    if not frames:
        return pd.DataFrame(columns=["dataset", "metric", "group"])
    found = pd.concat(frames, ignore_index=True)
    return found[["dataset", *(name for name in found.columns if name != "dataset")]]


def _ranks(test: MetricTest) -> Array:
    """Rank the methods of a test by their mean, 1 for the best, equal means at their least rank."""
    from scipy.stats import rankdata

    found: Array = rankdata(-test.values.mean(axis=0), method="min")
    return found


def sheet(values: Values, k: int) -> pd.DataFrame:
    """Images as rows and methods as columns: one metric as the field's own scripts write it."""
    return pd.DataFrame(values.scores[k], index=pd.Index(values.images, name="image"), columns=list(values.methods))


def pivoted(cells: pd.DataFrame, dataset: str, statistic: str, order: Sequence[str]) -> pd.DataFrame:
    """Methods as rows and metrics as columns, of one statistic on one data set."""
    mine = cells[cells["dataset"] == dataset]
    methods = list(dict.fromkeys(mine["method"]))
    return mine.pivot(index="method", columns="metric", values=statistic).loc[methods, list(order)]
