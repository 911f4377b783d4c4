"""Score rows: one line per fused image, metric and variant."""

from __future__ import annotations

from dataclasses import dataclass

from benchmark.scoring.identity import Identity

#: Status of an image on which a metric was fitted: it takes no part in that metric's agreement.
TRAINING = "training"


@dataclass(frozen=True)
class ScoreRow:
    """What one metric said about one fused image; the fields are the columns of ``scores.csv``.

    Attributes
    ----------
    value : float or None
        None unless `status` is ``ok``.
    status : {"ok", "undefined", "error", "training"}
    reason : str
        Why there is no value.
    seconds : float
        Time of the computation (of the stored one, where a stored score is used).
    signature : str
        What was computed, on one line; see `fusion_metrics.signature`.
    """

    database: str
    pair: str
    algorithm: str
    image: str
    metric: str
    variant: str
    value: float | None
    status: str
    reason: str
    seconds: float
    signature: str = ""

    @property
    def identity(self) -> Identity:
        """The metric, variant, protocol and repeat."""
        return Identity.parse(self.metric, self.variant)
