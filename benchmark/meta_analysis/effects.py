"""How well a metric agrees with one database: the number that is pooled over databases, with its standard error.

It is the mean over source pairs of the SRCC within a pair. Unlike the SRCC over all images it does not ask whether
scenes are scored alike, which differs from database to database for reasons that are none of the metric's, and source
pairs are independent, so that their spread gives a standard error whatever its distribution.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from benchmark.analysis.outcome import Outcome
from benchmark.analysis.summary import Correlation
from benchmark.statistics.per_pair import PairMean, pair_mean

ALL_ALIKE = "all source pairs have the same correlation, so it has no standard error"


@dataclass(frozen=True)
class Effect:
    """Agreement of one metric with the opinion scores of one database.

    Attributes
    ----------
    database, metric, variant : str
    label : str
        Name of the line: ``qabf``, ``te:nava``, ``bmpri@pair``.
    printed_label : str
        The same with the direction in which the metric is better.
    found : PairMean or None
        Mean SRCC within source pairs; of a metric that learns, averaged over its repeats.
    reason : str
        Why there is none.
    signature : str
        What was computed, on one line.
    """

    database: str
    metric: str
    variant: str
    label: str
    printed_label: str
    found: PairMean | None
    reason: str
    signature: str

    @property
    def z(self) -> tuple[float, float]:
        """Fisher's z of the mean, and its standard error by the delta method.

        Raises
        ------
        ValueError
            There is no effect.
        """
        if self.found is None:
            raise ValueError(self.reason)
        value, error = self.found.value, self.found.standard_error
        return math.atanh(value), error / (1 - value**2)


def effects_of(outcome: Outcome) -> Iterator[Effect]:
    """Compute the effect of every metric on a database."""
    for item in outcome.analysis.correlations:
        found, reason = _measure(outcome, item)
        identity = item.entry.identity
        yield Effect(
            outcome.database.name,
            identity.metric,
            str(identity),
            item.label,
            item.entry.printed_label,
            found,
            reason,
            item.entry.signature,
        )


def _measure(outcome: Outcome, item: Correlation) -> tuple[PairMean | None, str]:
    analysis = outcome.analysis
    if not item.entry.repeats:
        return None, item.reason
    try:
        found = [
            pair_mean(scores.x, analysis.opinions.part(scores.used).judged, confidence=analysis.options.confidence)
            for scores in item.entry.repeats
        ]
    except ValueError as error:
        return None, str(error)
    # Repeats deal out the same images again: their mean is no surer than one of them.
    value, standard_error, low, high = np.mean(
        [(one.value, one.standard_error, one.low, one.high) for one in found], axis=0
    ).tolist()
    mean = PairMean(value, standard_error, low, high, found[0].pairs)
    if mean.standard_error <= 0 or abs(mean.value) >= 1:
        return None, ALL_ALIKE
    return mean, ""
