"""Q_M: how exactly the fused image keeps the Haar wavelet details of its sources, level by level."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.haar import HaarLevel, haar
from fusion_metrics.features.windows import weighted_mean
from fusion_metrics.image import Array
from fusion_metrics.sources import none_of


@metric(
    "qm",
    title="Q_M",
    family="edges",
    higher_is_better=True,
    bounds=(0.0, 1.0),
    ideal=1.0,
    cites="wang2008pww",
    min_size=4,
    variants={
        "paper": Variant(
            "Wang and Liu 2008 as reviewed by Liu et al. 2012: the mean of the three bands, so at most 1."
        ),
        "liu2012": Variant(
            "Liu's toolbox: the sum of the three bands instead of their mean, so 3 times the value; no value where "
            "both sources lack detail at a level.",
            {"bands": "sum"},
            bounds=(0.0, 3.0),
            ideal=3.0,
            cites="liu2012",
        ),
    },
)
def qm(
    sources: Sequence[Image],
    fused: Image,
    *,
    exponents: tuple[float, ...] = (2 / 3, 1 / 3),
    bands: Literal["mean", "sum"] = "mean",
) -> float:
    """Preservation of wavelet details, weighted by the sources' detail energy.

    At each level s of the Haar wavelet transform, with details H, V and D on the scale 0..255,

        EP^AF = (exp(-|H_A - H_F|) + exp(-|V_A - V_F|) + exp(-|D_A - D_F|)) / 3,   w_A = H_A^2 + V_A^2 + D_A^2,
        Q_s = sum(EP^AF w_A + EP^BF w_B) / sum(w_A + w_B),
        Q_M = product over s of Q_s^alpha_s.

    Of k sources, both sums in Q_s go over all of them (inferred: the publication has two). A detail that is off by 1
    counts for no more than exp(-1) = 0.37, so Q_M rewards copied details and little else.

    Parameters
    ----------
    sources : sequence of Image
    fused : Image
    exponents : tuple of float
        alpha_s, finest level first; their number is the number of levels. Two levels with 2/3 and 1/3 are those of
        Liu's toolbox.
    bands : {"mean", "sum"}
        What EP makes of the three bands; ``"sum"`` as in Liu's toolbox.

    Returns
    -------
    float
        In [0, 1] (0..3 for ``"sum"``); the upper bound when the three images are equal.

    Raises
    ------
    UndefinedScore
        No source has any detail at a level, and the fused image has some: there is no weight to weigh it with. If
        the fused image has none either, Q_s is 1 under every weighting. The script divides zero by zero in both cases,
        and ``"sum"`` has no value in either.

    References
    ----------
    wang2008pww, liu2012

    Examples
    --------
    >>> import numpy as np
    >>> from fusion_metrics import create
    >>> ramp = np.arange(0, 256, dtype=np.uint8).reshape(16, 16)
    >>> create("qm")(fused=ramp, a=ramp, b=ramp)
    1.0
    """
    levels = [haar(image, levels=len(exponents)) for image in (*sources, fused)]
    q_m = 1.0
    for alpha, *S, F in zip(exponents, *levels, strict=True):
        w = np.stack([S_i.energy for S_i in S])
        if bands == "sum" and not w.any():
            raise UndefinedScore(f"{none_of(sources)} has any detail at a level: the script divides zero by zero there")
        q_s = weighted_mean(np.stack([_preserved(S_i, F) for S_i in S]), w)
        q_m *= q_s**alpha
    return q_m if bands == "mean" else q_m * 3 ** sum(exponents)


def _preserved(source: HaarLevel, fused: HaarLevel) -> Array:
    """EP: mean of exp(-|difference|) over the three bands."""
    h, v, d = (np.exp(-np.abs(x - y)) for x, y in zip(source, fused, strict=True))
    return (h + v + d) / 3
