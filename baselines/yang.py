"""Q_Y: similarity to both sources where they agree, and to the better kept one where they do not."""

from __future__ import annotations

import math

import numpy as np

from baselines.ivif_zoo import repeated_row_similarity
from fusion_metrics import Image, Variant, metric
from fusion_metrics.features.windows import (
    GAUSSIAN_7,
    Unvalued,
    Window,
    local_variance,
    mean_of_valued,
    ssim_map,
    variance_share,
)


@metric(
    "yang",
    title="Q_Y",
    family="structure",
    higher_is_better=True,
    bounds=(-1.0, 1.0),
    ideal=1.0,
    cites="yang2008",
    min_size=7,
    variants={
        "paper": Variant("Yang et al. 2008: 7x7 windows, sources agree from a similarity of 0.75 on."),
        "liu2012": Variant(
            "Liu's toolbox: agrees with paper, but has no value where both sources are flat in a window.",
            {"flat_windows": "undefined"},
            cites="liu2012",
            min_size=11,
        ),
        "mefb": Variant(
            "MEFB's Qy: agrees with paper, but leaves out of the mean what is flat in both sources; the mean of red, "
            "green and blue.",
            {"flat_windows": "left out"},
            channels="each",
            cites="zhang2021mefb",
            min_size=11,
        ),
        "ivif-zoo": Variant(
            "IVIF_ZOO: a window of seven equal rows whose weights sum to 7, and constants for pixels 0..1, so that "
            "values above 1 occur.",
            function=repeated_row_similarity,
            exceptions={
                "prefers blur": "what it takes for variances are none",
                "prefers noise": "what it takes for variances are none",
            },
            bounds=(-math.inf, math.inf),
            ideal=1.0,
            grey="pillow",
            cites="liu2025",
        ),
    },
)
def yang(
    a: Image,
    b: Image,
    fused: Image,
    *,
    window: Window = GAUSSIAN_7,
    threshold: float = 0.75,
    flat_windows: Unvalued = "halved",
) -> float:
    """Structural similarity that tells redundant windows of the sources from complementary ones.

    With the local variance s and lambda(w) = s(a|w) / (s(a|w) + s(b|w)) in each window w,

        Q_Y(w) = lambda(w) SSIM(a, f|w) + (1 - lambda(w)) SSIM(b, f|w)   where SSIM(a, b|w) >= threshold,
        Q_Y(w) = max(SSIM(a, f|w), SSIM(b, f|w))                         elsewhere,

    and Q_Y is the mean over the windows. The constants of SSIM, 2e-16, only keep its quotients from being 0/0: they are
    taken as zero, with their limit in flat windows (see `ssim_map`). Where both sources are flat, lambda = 1/2, the one
    choice that prefers neither.

    Parameters
    ----------
    a, b, fused : Image
    window : Window
        7x7 pixels. That their weights are Gaussian (sigma 1.5) is inferred: SSIM has such weights, and so have the
        public programs.
    threshold : float
        Similarity of the sources from which a window counts as redundant.
    flat_windows : {"halved", "undefined", "left out"}
        What lambda is where both sources are flat: 1/2, or nothing, and then either Q_Y has no value, as in Liu's
        toolbox, or the mean goes over the other windows.

    Returns
    -------
    float
        In [-1, 1]; 1 when the three images are equal.

    Raises
    ------
    UndefinedScore
        With ``"undefined"`` where both sources are flat in a window, with ``"left out"`` where they are in every
        window. For windows that are not black the scripts may give whatever their rounding errors happen to.

    References
    ----------
    yang2008, wang2004ssim; for the scripts liu2012, zhang2021mefb, liu2025

    Examples
    --------
    >>> import numpy as np
    >>> from fusion_metrics import create
    >>> ramp = np.arange(0, 256, dtype=np.uint8).reshape(16, 16)
    >>> create("yang")(fused=ramp, a=ramp, b=ramp[::-1])
    1.0
    """
    lam = variance_share(a, b, window=window)
    q_a = ssim_map(a, fused, window=window)
    q_b = ssim_map(b, fused, window=window)
    redundant = ssim_map(a, b, window=window) >= threshold
    q = np.where(redundant, lam * q_a + (1 - lam) * q_b, np.maximum(q_a, q_b))
    textured = local_variance(a, window=window) + local_variance(b, window=window) > 0
    return mean_of_valued(q, textured, flat_windows, "both sources are flat")
