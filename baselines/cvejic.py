"""Q_C: how similar the fused image is, block by block, to the source with which it varies more."""

from __future__ import annotations

from typing import Literal

import numpy as np

from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.windows import (
    GAUSSIAN_7,
    Unvalued,
    Window,
    local_covariance,
    mean_of_valued,
    share,
    ssim_map,
)

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
            {"window": GAUSSIAN_7, "clamped": "result", "cancelled": "undefined"},
            cites="liu2012",
            symmetric=False,
            min_size=11,
        ),
        "mefb": Variant(
            "MEFB's Qc: as `liu2012`, but windows without a value are left out of the mean; the mean of red, green and "
            "blue.",
            {"window": GAUSSIAN_7, "clamped": "result", "cancelled": "left out"},
            channels="each",
            cites="zhang2021mefb",
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
    cancelled: Unvalued = "halved",
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
    cancelled : {"halved", "undefined", "left out"}
        What sim is where the covariances add to zero: 1/2, or nothing, and then either Q_C has no value or the mean
        goes over the other windows.

    Returns
    -------
    float
        In [-1, 1]; 1 when the three images are equal.

    Raises
    ------
    UndefinedScore
        With ``"undefined"`` where the covariances of a window add to zero, with ``"left out"`` where those of every
        window do. For flat windows that are not black the scripts may give whatever their rounding errors happen to.

    References
    ----------
    cvejic2005, wang2002uqi; for the scripts liu2012, zhang2021mefb

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
    sim = np.clip(ratio, 0.0, 1.0)
    q = sim * q_a + (1 - sim) * q_b
    if clamped == "result":
        q[ratio < 0], q[ratio > 1] = 0.0, 1.0
    why = "the fused image is flat or its covariances with the sources cancel"
    return mean_of_valued(q, sigma_af + sigma_bf != 0, cancelled, why)
