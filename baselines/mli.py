"""MLI: how far the mean brightness of the fused image lies from that of its sources."""

from __future__ import annotations

from collections.abc import Sequence

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.sources import all_of, mean_over


@metric(
    "mli",
    title="MLI",
    family="difference",
    higher_is_better=False,
    bounds=(0.0, float("inf")),
    ideal=0.0,
    cites="newdungdz2026",
    exceptions={"prefers blur": "blur keeps the mean brightness"},
    variants={"paper": Variant("As printed beside Tang's metrics; where it was first published is not known.")},
)
def mli(sources: Sequence[Image], fused: Image) -> float:
    """Departure of the mean intensity from that of the sources, as a share of it.

        MLI = |mean F - m| / m,     m = (mean A + mean B) / 2,

    and of k sources m is the mean of k means (inferred).

    No publication of the name was found; the formula is the one that reproduces all digits of a printed table
    (inferred). A fused image that keeps the brighter source everywhere is worse here than the plain average, which is
    ideal.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image

    Returns
    -------
    float
        0 if the mean brightness is kept; at most 255 / m.

    Raises
    ------
    UndefinedScore
        All sources are black.

    References
    ----------
    newdungdz2026

    Examples
    --------
    >>> import numpy as np
    >>> a, b, f = (Image(np.full((4, 4), level, dtype=np.uint8)) for level in (100, 60, 100))
    >>> mli([a, b], f)
    0.25
    """
    m = mean_over(sources, lambda source: float(source.luminance.mean()))
    if m == 0.0:
        raise UndefinedScore(f"{all_of(sources)} are black, so there is no brightness to keep")
    return float(abs(fused.luminance.mean() - m) / m)
