"""MLI: how far the mean brightness of the fused image lies from that of its sources."""

from __future__ import annotations

from fusion_metrics import Image, UndefinedScore, Variant, metric


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
def mli(a: Image, b: Image, fused: Image) -> float:
    """Departure of the mean intensity from that of the sources, as a share of it.

        MLI = |mean F - m| / m,     m = (mean A + mean B) / 2.

    No publication of the name was found; the formula is the one that reproduces all digits of a printed table
    (inferred). A fused image that keeps the brighter source everywhere is worse here than the plain average, which is
    ideal.

    Parameters
    ----------
    a, b, fused : Image

    Returns
    -------
    float
        0 if the mean brightness is kept; at most 255 / m.

    Raises
    ------
    UndefinedScore
        Both sources are black.

    References
    ----------
    newdungdz2026

    Examples
    --------
    >>> import numpy as np
    >>> a, b, f = (Image(np.full((4, 4), level, dtype=np.uint8)) for level in (100, 60, 100))
    >>> mli(a, b, f)
    0.25
    """
    m = (a.luminance.mean() + b.luminance.mean()) / 2.0
    if m == 0.0:
        raise UndefinedScore("both sources are black, so there is no brightness to keep")
    return float(abs(fused.luminance.mean() - m) / m)
