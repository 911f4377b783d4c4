"""One line of the table of metrics against opinion scores, as it is written to ``correlations.csv``."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.analysis.measure import Measured
from benchmark.scoring.rows import label


@dataclass(frozen=True)
class Correlation:
    """Agreement of one metric with the scores of one database; the fields are columns of ``correlations.csv``.

    Intervals are at 95 %, from source pairs drawn again; the other statistics have theirs in ``estimates.csv``.

    Attributes
    ----------
    variant : str
        Of a metric that learns with its protocol, such as ``paper@pair``; the numbers are means over its repeats.
    n : int
        Fused images that the metric is judged on.
    plcc, srcc, krcc : float or None
        Pearson's, Spearman's and Kendall's (tau-b) correlation of the score, turned by `MetricSpec.orient` so that
        more is better, with the opinion score. A negative value means that the metric disagrees.
    rmse : float or None
        Root mean square error on q = (MOS - min) / (max - min), of scores on the scale of q without a fitted curve;
        see `benchmark.analysis.measure.on_scale`.
    scores : {"human", "simulated"}
        Where the opinions come from.
    reason : str
        Why there are no values: a metric without a score for each image is not compared on the images it happens to
        have.
    srcc_low, srcc_high : float or None
    mapped_plcc, mapped_rmse : float or None
        After a logistic fitted to the same images; it turns a metric that disagrees around.
    mapping : str
        ``increasing``, ``decreasing`` or ``not monotone``, or why the fit failed.
    pair_srcc, pair_srcc_low, pair_srcc_high : float or None
        Mean over source pairs of the correlation over a pair's fused images.
    pairs : int
    algorithm_srcc, algorithm_srcc_low, algorithm_srcc_high : float or None
        Correlation of the algorithms' means.
    algorithms : int
    auc_different, auc_better : float or None
        Krasula's areas under the curve, where there are enough votes.
    cluster, algorithm_cluster : int or None
        Rank cluster by SRCC, 1 is best: for new source pairs, and at the level of algorithms.
    note : str
        What to know before leaning on the numbers.
    signature : str
        What was computed, on one line; see `fusion_metrics.signature`.
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
    srcc_low: float | None = None
    srcc_high: float | None = None
    mapped_plcc: float | None = None
    mapped_rmse: float | None = None
    mapping: str = ""
    pair_srcc: float | None = None
    pair_srcc_low: float | None = None
    pair_srcc_high: float | None = None
    pairs: int = 0
    algorithm_srcc: float | None = None
    algorithm_srcc_low: float | None = None
    algorithm_srcc_high: float | None = None
    algorithms: int = 0
    auc_different: float | None = None
    auc_better: float | None = None
    cluster: int | None = None
    algorithm_cluster: int | None = None
    note: str = ""
    signature: str = ""

    @property
    def label(self) -> str:
        """Name of the line: ``qabf``, ``te:nava``, ``bmpri@pair``."""
        return label(self.metric, self.variant)

    @classmethod
    def of(cls, database: str, scores: str, metric: str, variant: str, n: int, measured: Measured) -> Correlation:
        """Pick the numbers of a line."""
        srcc, pair, algorithm = (measured.find("srcc", level) for level in ("global", "pair", "algorithm"))
        return cls(
            database,
            metric,
            variant,
            n,
            measured.find("plcc").value,
            srcc.value,
            measured.find("krcc").value,
            measured.find("rmse").value,
            scores,
            "" if srcc.value is not None else srcc.note,
            srcc.low,
            srcc.high,
            measured.find("mapped_plcc").value,
            measured.find("mapped_rmse").value,
            measured.curve.direction or measured.curve.reason,
            pair.value,
            pair.low,
            pair.high,
            pair.n if pair.value is not None else 0,
            algorithm.value,
            algorithm.low,
            algorithm.high,
            algorithm.n if algorithm.value is not None else 0,
            measured.find("auc_different").value,
            measured.find("auc_better").value,
            note=srcc.note if srcc.value is not None else "",
        )
