"""Score rows: one line per fused image, metric and variant, its name in tables, and the CSV file that holds them."""

from __future__ import annotations

from dataclasses import dataclass

from fusion_metrics.spec import DEFAULT_VARIANT

#: Status of an image on which a metric was fitted: it takes no part in that metric's agreement.
TRAINING = "training"


@dataclass(frozen=True)
class ScoreRow:
    """What one metric said about one fused image; the fields are the columns of ``scores.csv``.

    Attributes
    ----------
    value : float or None
        None unless `status` is ``ok``.
    status : {"ok", "undefined", "error"}
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


def label(metric: str, variant: str) -> str:
    """Name a line of a table: the variant is left out where it is the published definition."""
    base, at, protocol = variant.partition("@")
    return metric + (f":{base}" if base != DEFAULT_VARIANT else "") + at + protocol


def qualified(label: str, qualifier: str) -> str:
    """Add to the name of a line in what its network departs from the published one, if it does.

    Examples
    --------
    >>> qualified("ms_aan@pair", "quick"), qualified("qabf", "")
    ('ms_aan@pair (quick)', 'qabf')
    """
    return f"{label} ({qualifier})" if qualifier else label


def definition_of(metric: str, variant: str) -> str:
    """Name the metric behind a line as `create` understands it, without the protocol under which it was fitted."""
    base = variant.partition("@")[0]
    return metric if base == DEFAULT_VARIANT else f"{metric}:{base}"
