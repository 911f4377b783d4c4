"""How far a metric agrees with opinion scores: PLCC, SRCC, KRCC and RMSE, signed so that positive means agreement."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from benchmark.databases import Database
from benchmark.scores import ScoreRow
from fusion_metrics import MetricSpec
from fusion_metrics.image import Array


@dataclass(frozen=True)
class Correlation:
    """Agreement of one metric with the scores of one database; the fields are columns of ``correlations.csv``.

    Attributes
    ----------
    variant : str
        Of a metric that learns with its protocol, such as ``paper@pair``; the numbers are means over its repeats.
    n : int
        Fused images that have an opinion score.
    plcc, srcc, krcc : float or None
        Pearson's, Spearman's and Kendall's (tau-b) correlation of the score, turned by `MetricSpec.orient` so that
        more is better, with the opinion score. A negative value means that the metric disagrees.
    rmse : float or None
        Root mean square error on q = (MOS - min) / (max - min), after the oriented score was stretched to 0..1 over
        the images; a metric that learns predicts q and is not stretched. No curve is fitted.
    scores : {"human", "simulated"}
        Where the opinions come from.
    reason : str
        Why there are no values: a metric without a score for each image is not compared on the images it happens to
        have.
    """

    database: str
    metric: str
    variant: str
    n: int
    plcc: float | None
    srcc: float | None
    krcc: float | None
    rmse: float | None
    scores: str
    reason: str


def correlate(database: Database, rows: Iterable[ScoreRow], specs: Sequence[MetricSpec]) -> list[Correlation]:
    """Hold every metric against the opinion scores of a database.

    Parameters
    ----------
    database : Database
        With human or simulated scores.
    rows : iterable of ScoreRow
        Scores of this database.
    specs : sequence of MetricSpec
        The metrics, for their direction.

    Returns
    -------
    list of Correlation
        In the order of `specs`; metrics that learn once per protocol.
    """
    opinions = {image.image: database.q(image.mos) for image in database.fused if image.mos is not None}
    q = np.array(list(opinions.values()))
    columns: dict[tuple[str, str], dict[str, ScoreRow]] = {}
    for row in rows:
        columns.setdefault((row.metric, row.variant), {})[row.image] = row
    found = []
    for spec in specs:
        for variant, repeats in _variants(spec, columns).items():
            cells = [columns.get((spec.name, repeat), {}) for repeat in repeats]
            agreement = _mean([_agreement(spec, column, list(opinions), q) for column in cells])
            numbers = (agreement.plcc, agreement.srcc, agreement.krcc, agreement.rmse)
            found.append(
                Correlation(database.name, spec.name, variant, len(q), *numbers, database.scores, agreement.reason)
            )
    return found


def _variants(spec: MetricSpec, columns: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    """Name the columns of a metric: one, or for a metric that learns one per protocol, with its repeats."""
    if not spec.learns:
        return {spec.variant: [spec.variant]}
    found: dict[str, list[str]] = {}
    for metric, variant in columns:
        if metric == spec.name and variant.startswith(f"{spec.variant}@"):
            found.setdefault(variant.partition("#")[0], []).append(variant)
    return found


def _agreement(spec: MetricSpec, column: dict[str, ScoreRow], images: Sequence[str], q: Array) -> Agreement:
    lacking = [image for image in images if image not in column or column[image].value is None]
    if lacking:
        reason = column[lacking[0]].reason if lacking[0] in column else "not scored"
        return Agreement(reason=f"no score for {len(lacking)} of {len(images)} images: {reason}")
    values = [column[image].value for image in images]
    oriented = np.array([spec.orient(value) for value in values if value is not None])
    return agree(oriented, q, on_scale=spec.learns)


def _mean(agreements: Sequence[Agreement]) -> Agreement:
    """Average over repeated splits; one repeat without numbers leaves none."""
    for agreement in agreements:
        if agreement.reason:
            return agreement
    plcc, srcc, krcc, rmse = np.array([agreement[:4] for agreement in agreements], dtype=np.float64).mean(axis=0)
    return Agreement(float(plcc), float(srcc), float(krcc), float(rmse))


class Agreement(NamedTuple):
    """The four numbers, or the reason why there are none."""

    plcc: float | None = None
    srcc: float | None = None
    krcc: float | None = None
    rmse: float | None = None
    reason: str = ""


def agree(x: Array, q: Array, *, on_scale: bool = False) -> Agreement:
    """Compute PLCC, SRCC, KRCC (tau-b) and RMSE of oriented scores `x` with opinion scores `q` in 0..1.

    Parameters
    ----------
    x, q : ndarray, shape (n,)
    on_scale : bool
        `x` predicts q as it stands; otherwise it is stretched to 0..1 for the RMSE.

    Returns
    -------
    Agreement
        Without numbers, and with the reason, for fewer than three images and for values that do not vary.
    """
    from scipy import stats  # slow to import, and not needed to print a table

    if len(x) < 3:
        return Agreement(reason=f"{len(x)} scored images are too few")
    if np.ptp(q) == 0:
        return Agreement(reason="all opinion scores are equal")
    if np.ptp(x) == 0:
        return Agreement(reason="the metric gives all images the same value")
    stretched = (x - x.min()) / np.ptp(x)
    error = (x if on_scale else stretched) - q
    return Agreement(
        float(stats.pearsonr(stretched, q).statistic),
        float(stats.spearmanr(x, q).statistic),
        float(stats.kendalltau(x, q).statistic),
        math.sqrt(float(np.mean(error**2))),
    )
