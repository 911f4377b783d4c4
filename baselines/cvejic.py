"""Q_C: how similar the fused image is, block by block, to the source with which it varies more."""

from __future__ import annotations

from typing import Literal

import numpy as np

from fusion_metrics import Image, UndefinedScore, Variant, metric
from fusion_metrics.features.windows import GAUSSIAN_7, Window, local_covariance, share, ssim_map

#: Blocks that do not overlap.
BLOCK_4 = Window(4, step=4)


@metric(
    "cvejic",
    title="Q_C",
    family="structure",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    ideal=1.0,
    cites="cvejic2005",
    min_size=4,
    variants={
        "paper": Variant("Cvejic et al. 2005, in the 4x4 blocks of the first author's own program."),
        "liu2012": Variant(
            "Liu's toolbox: a sliding Gaussian 7x7 window; where the weight leaves [0, 1], not the weight but the "
            "window's result becomes 0 or 1; no value where covariances cancel, as they do in flat windows.",
            {"window": GAUSSIAN_7, "clamped": "result"},
            cites="liu2012",
            symmetric=False,
            min_size=11,
        ),
    },
)
def cvejic(
    a: Image,
    b: Image,
    fused: Image,
    *,
    window: Window = BLOCK_4,
    clamped: Literal["weight", "result"] = "weight",
) -> float:
    """Universal quality index against both sources, weighted by their covariance with the fused image.

    In each block w, with the universal quality index Q and covariances sigma,

        sim(w) = sigma_af / (sigma_af + sigma_bf), set to 0 below 0 and to 1 above 1,
        Q_C = mean over w of sim(w) Q(a, f|w) + (1 - sim(w)) Q(b, f|w).

    The blocks do not overlap; up to three rows and columns that complete none are not looked at. Where the covariances
    add to zero, as in every block in which the fused image is flat, sim = 1/2, the one choice that prefers neither
    source. Q of two flat blocks compares their means (see `ssim_map`), so equal images score 1 even where flat.

    Parameters
    ----------
    a, b, fused : Image
    window : Window
        The size and the lack of overlap are not taken from the paper's text but from the program of its first author
        (University of Bristol, 2005), as carried in
        https://github.com/pui-nantheera/Image-Fusion-via-Sparse-Regularization.
    clamped : {"weight", "result"}
        What becomes 0 or 1 where the ratio leaves [0, 1]: sim, or with ``"result"``, as in Liu's toolbox, the window's
        whole contribution.

    Returns
    -------
    float
        In [-1, 1]; 1 when the three images are equal.

    Raises
    ------
    UndefinedScore
        With ``"result"``, where the covariances of a window add to zero: the script then gives NaN, or for flat windows
        that are not black whatever its rounding errors happen to give.

    References
    ----------
    cvejic2005, wang2002uqi; for the toolbox liu2012

    Examples
    --------
    >>> import numpy as np
    >>> from fusion_metrics import create
    >>> ramp = np.arange(0, 256, dtype=np.uint8).reshape(16, 16)
    >>> create("cvejic")(fused=ramp, a=ramp, b=ramp[::-1])
    1.0
    """
    sigma_af = local_covariance(a, fused, window=window)
    sigma_bf = local_covariance(b, fused, window=window)
    q_a = ssim_map(a, fused, window=window)
    q_b = ssim_map(b, fused, window=window)
    ratio = share(sigma_af, sigma_bf)
    if clamped == "weight":
        sim = np.clip(ratio, 0.0, 1.0)
        return float((sim * q_a + (1 - sim) * q_b).mean())
    if undefined := np.count_nonzero(sigma_af + sigma_bf == 0):
        raise UndefinedScore(
            f"in {undefined} of {ratio.size} windows the fused image is flat or its covariances with the sources "
            "cancel: the script divides zero by zero there"
        )
    inside = ratio * q_a + (1 - ratio) * q_b
    return float(np.where(ratio < 0, 0.0, np.where(ratio > 1, 1.0, inside)).mean())
